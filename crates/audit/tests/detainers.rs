//! The federal tables: both layouts, and the real files where they are at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use audit::detainers::{Detainer, read};
use jiff::civil::Date;

/// A release row of the columns that are read, and one that is not.
const COLUMNS: &str = ",birth_country,detainer_prepare_date,detention_facility,facility_city,\
    deportation_ordered_yes_no,order_show_cause_served_yes_no,biometric_match_yes_no,\
    statements_made_yes_no,resume_custody_yes_no,detainer_lift_reason,detainer_type,\
    unique_identifier,duplicate_likely";

fn release(row: &str) -> Result<Vec<Detainer>, String> {
    let table = read(format!("{COLUMNS}\n{row}\n").as_bytes());
    table.map(|table| table.rows).map_err(|problems| problems.to_string())
}

#[test]
fn boxes_come_from_their_columns_and_nothing_else_of_the_person() {
    let row = "1,NARNIA,2025-05-01,A JAIL,A TOWN,YES,YES,NO,NA,YES,Died,\
               I247A - Immigration Detainer,abc,TRUE";
    assert_eq!(
        release(row).unwrap(),
        [Detainer {
            line: 2,
            day: Date::constant(2025, 5, 1),
            facility: Some("A JAIL".into()),
            city: Some("A TOWN".into()),
            form: Some("i_247a".into()),
            reasons: ["final_order", "pending_proceedings", "resume_custody"]
                .map(str::to_owned)
                .to_vec(),
            lift_reason: Some("died".into()),
            id: Some("abc".into()),
            duplicate_likely: true,
        }]
    );
}

#[test]
fn not_stated_is_not_no() {
    let row = "1,NA,2025-05-01,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA";
    let found = release(row).unwrap().remove(0);
    assert_eq!((found.facility, found.form, found.lift_reason, found.id), (None, None, None, None));
    assert_eq!((found.reasons.len(), found.duplicate_likely), (0, false));
}

#[test]
fn a_label_that_tells_of_a_person_is_not_kept() {
    for label in ["United States Citizen Interviewed", "Alien Not Subject to Deportation"] {
        let row = format!("1,NA,2025-05-01,NA,NA,NA,NA,NA,NA,NA,{label},NA,NA,NA");
        assert_eq!(release(&row).unwrap()[0].lift_reason.as_deref(), Some("other"));
    }
}

#[test]
fn forms_are_told_by_their_letter() {
    for (label, form) in [
        ("I247 - Immigration Detainer - Notice of Action (prior to March 2013)", "i_247"),
        ("I-247A", "i_247a"),
        ("I247D - Immigration Detainer - Request for Action", "i_247d"),
        ("I247N - Immigration Advisal - Request for Notification", "i_247n"),
        ("I247X - Request for Transfer", "i_247x"),
    ] {
        let row = format!("1,NA,2025-05-01,NA,NA,NA,NA,NA,NA,NA,NA,{label},NA,NA");
        assert_eq!(release(&row).unwrap()[0].form.as_deref(), Some(form));
    }
}

#[test]
fn bad_cells_are_named_by_line_and_column() {
    let row = "1,NA,05/01/2025,A123456789,NA,yes,NA,NA,NA,NA,NA,I200,NA,FALSE";
    assert_eq!(
        release(row).unwrap_err(),
        "line 2, column `deportation_ordered_yes_no`: `yes` is neither `YES` nor `NO`\n\
         line 2, column `detention_facility`: looks like a person's federal file number (`A` \
         and 7 to 9 digits); remove it, numbers that name a person are not kept\n\
         line 2, column `detainer_type`: `I200` is no form known here; it starts with `I247` or \
         `I247A`, `D`, `N` or `X`\n\
         line 2, column `detainer_prepare_date`: `05/01/2025` is no day `YYYY-MM-DD`"
    );
}

#[test]
fn a_table_between_the_two_layouts_is_refused_by_name() {
    let told = read("date,lift_reason,det_facility,city,state,gender\n".as_bytes()).unwrap_err();
    assert_eq!(
        told.to_string(),
        "line 1: the column `detainer_type` of the six-column detainer table is missing\n\
         line 1, column `gender`: not a column of the six-column detainer table; remove or \
         rename it"
    );
}

/// The bytes of a real file, where the data folder is at hand.
fn real(name: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BAILIWICK_SHARED").map_or_else(beside, PathBuf::from);
    let bytes = std::fs::read(folder.join("detainers").join(name)).ok();
    if bytes.is_none() {
        // Not by a macro: those are captured where a test passes, and this is to be seen.
        let line =
            format!("skipped: `{name}` is not in the data folder; set BAILIWICK_SHARED to it\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    bytes
}

/// How often each value comes, `-` where none is stated.
fn tally<'a>(values: impl Iterator<Item = Option<&'a str>>) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    for value in values {
        *tally.entry(value.unwrap_or("-")).or_default() += 1;
    }
    tally
}

// The totals below were counted with Python's csv module, not with this reader:
// `collections.Counter(row[i] for row in rows[1:])` for each column read, and for the boxes the
// number of `YES` in its column.

#[test]
fn the_real_release_has_its_totals() {
    let Some(bytes) = real("ddp_detainers_full_schema_sample_22rows_MN.csv") else {
        return;
    };
    let table = read(bytes.as_slice()).unwrap();
    let rows = &table.rows;
    assert_eq!(table.layout, "the federal detainer release");
    assert_eq!((rows.len(), rows[0].line, rows[21].line), (22, 2, 23));
    let boxes = tally(rows.iter().flat_map(|row| row.reasons.iter().map(|it| Some(it.as_str()))));
    let expected = [
        ("biometric_match", 13),
        ("final_order", 3),
        ("pending_proceedings", 2),
        ("statements", 21),
    ];
    assert_eq!(boxes, expected.into());
    assert_eq!(tally(rows.iter().map(|row| row.form.as_deref())), [("i_247a", 22)].into());
    assert_eq!(tally(rows.iter().map(|row| row.lift_reason.as_deref())), [("declined", 22)].into());
    let days = rows.iter().filter(|row| row.day == Date::constant(2026, 2, 11)).count();
    assert_eq!(days, 21);
}

#[test]
fn the_real_table_of_pennsylvania_has_its_totals() {
    let Some(bytes) = real("pa_detainers_2007_2015.csv") else {
        return;
    };
    let table = read(bytes.as_slice()).unwrap();
    let rows = &table.rows;
    assert_eq!((table.layout, rows.len()), ("the six-column detainer table", 32_757));
    let forms = [("-", 30_958), ("i_247", 1_737 + 14), ("i_247d", 38), ("i_247n", 10)];
    assert_eq!(tally(rows.iter().map(|row| row.form.as_deref())), forms.into());
    let lifted = [
        ("-", 11_229),
        ("booked", 18_143),
        ("case_closed", 1_457),
        ("declined", 225),
        ("died", 22),
        ("discretion", 36),
        ("early_release", 33),
        ("lifted", 1_220),
        ("lifted_no_funds", 8),
        ("lifted_no_space", 4),
        ("other", 86 + 61),
        ("transferred", 233),
    ];
    assert_eq!(tally(rows.iter().map(|row| row.lift_reason.as_deref())), lifted.into());
    let years = [546, 5_326, 4_897, 4_829, 4_842, 4_181, 4_171, 2_751, 1_214];
    for (year, count) in (2007..).zip(years) {
        assert_eq!(rows.iter().filter(|row| row.day.year() == year).count(), count, "{year}");
    }
    let first = rows.iter().map(|row| row.day).min();
    let last = rows.iter().map(|row| row.day).max();
    assert_eq!(first, Some(Date::constant(2007, 10, 2)));
    assert_eq!(last, Some(Date::constant(2015, 7, 18)));
    assert!(rows.iter().all(|row| row.reasons.is_empty() && row.id.is_none()));
}
