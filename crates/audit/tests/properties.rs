//! The door under random bytes, and against a second reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use audit::table::{self, Layout};
use audit::{detainers, requests};
use proptest::prelude::*;

static THREE: Layout<'_> = Layout {
    name: "the table of three",
    required: &["one", "two", "three"],
    optional: &[],
    not_stated: None,
};

/// What our reader makes of a table of three columns: the cells, trimmed as it trims them.
fn ours(bytes: &[u8]) -> Option<Vec<Vec<String>>> {
    let table = table::read(bytes, &[&THREE], |row, _| {
        Some(row.cells().map(|(_, cell)| cell.stated().unwrap_or("").to_owned()).collect())
    });
    table.ok().map(|table| table.rows)
}

/// What the `csv` crate makes of it.
fn theirs(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let cells = |record: csv::StringRecord| record.iter().map(|it| it.trim().to_owned()).collect();
    reader.records().map(|record| cells(record.unwrap())).collect()
}

/// Bytes that look like a table often enough to get past its header.
fn tableish() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just("id,received,channel,actions,basis,reasons,note\n"),
        Just("date,lift_reason,det_facility,city,state,detainer_type\r\n"),
        Just(""),
    ];
    let piece = prop_oneof![
        Just(",".to_owned()),
        Just("\"".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("A12345678".to_owned()),
        Just("2025-03-01".to_owned()),
        Just("2025-03-01 00:00:00".to_owned()),
        "\\PC{0,8}",
    ];
    let bytes = prop_oneof![
        proptest::collection::vec(piece, 0..40).prop_map(|it| it.concat().into_bytes()),
        proptest::collection::vec(any::<u8>(), 0..200),
    ];
    (header, bytes).prop_map(|(header, rest)| [header.as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_make_it_panic(bytes in tableish()) {
        for told in [
            requests::read(bytes.as_slice()).err(),
            detainers::read(bytes.as_slice()).err(),
        ].into_iter().flatten() {
            prop_assert!(told.total() > 0);
            prop_assert!(!told.to_string().is_empty());
        }
    }

    #[test]
    fn a_well_formed_table_reads_as_another_reader_reads_it(
        rows in proptest::collection::vec(
            proptest::array::uniform3("[ a,\"\n\r\u{e9}]{0,6}"),
            0..9,
        ),
        windows in any::<bool>(),
    ) {
        let end = if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(end).from_writer(Vec::new());
        writer.write_record(["one", "two", "three"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        prop_assert_eq!(ours(&bytes), Some(theirs(&bytes)));
    }

    #[test]
    fn a_file_number_never_passes(
        digits in "[0-9]{7,9}",
        cuts in proptest::collection::vec(any::<bool>(), 9),
        between in prop_oneof![Just(""), Just("-"), Just(" ")],
        letter in prop_oneof![Just("A"), Just("a"), Just("A-"), Just("see A ")],
    ) {
        let mut number = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && cuts[at] {
                number.push_str(between);
            }
            number.push(digit);
        }
        let looks_like_a_day = number.split(between).map(str::len).take(3).eq([4, 2, 2]);
        prop_assume!(between.is_empty() || !looks_like_a_day);
        let csv = format!(
            "id,received,channel,actions,basis,reasons,note\n\
             1,2025-01-01,desk,hold,detainer,,{letter}{number}\n"
        );
        let told = requests::read(csv.as_bytes()).expect_err("it has a file number");
        prop_assert!(told.to_string().contains("column `note`: looks like"));
    }
}
