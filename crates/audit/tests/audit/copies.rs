//! Rows that several files show are one search, counted once, and dropped nowhere.

use proptest::prelude::*;

use super::common::library;
use super::year::{HEADER, clock};
use super::{Given, text};

/// A search: which second, by which of three agencies, over how many networks.
type Search = (u64, usize, u32);

fn line(id: Option<u64>, (second, agency, networks): Search, reason: &str) -> String {
    let time = clock(1_748_736_000 + second);
    let agency = ["Example IL PD", "Town A IL PD", "Town B IL PD"][agency];
    let id = id.map_or(String::new(), |id| format!("{id:032x}"));
    format!("{id},USER1,{agency},{networks},0,,PLT1,{reason},,,\"{time} UTC\",lookup,,\r\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Ids tell searches apart whatever else is the same, in one file or in three.
    #[test]
    fn joined_by_id(
        searches in prop::collection::vec((0_u64..20, 0_usize..3, 0_u32..2), 1..40),
        shown in prop::collection::vec(prop::collection::vec(0_usize..40, 0..60), 1..4),
        threads in 1_usize..3,
    ) {
        let library = library();
        let mut given = Given::new(&library);
        given.threads = threads;
        let mut distinct = std::collections::BTreeSet::new();
        let mut files = Vec::new();
        let mut rows = 0;
        for file in &shown {
            let mut body = HEADER.to_owned();
            for at in file {
                let at = at % searches.len();
                distinct.insert(at);
                rows += 1;
                body.push_str(&line(Some(at as u64 + 1), searches[at], "theft"));
            }
            files.push(("file.csv", text(body)));
        }
        let made = given.audit(files);
        prop_assert_eq!(made.searches, distinct.len() as u64);
        prop_assert_eq!(made.copies.within + made.copies.across, rows - made.searches);
    }

    /// Without ids, a file and its copy in any order are as many searches as the file has
    /// different rows; the same second, agency and networks with another reason is another.
    #[test]
    fn a_copy_adds_nothing(
        searches in prop::collection::vec((0_u64..5, 0_usize..3, 0_u32..2, 0_usize..3), 1..40),
    ) {
        let library = library();
        let given = Given::new(&library);
        let reasons = ["theft", "robbery", "arson"];
        let lines: Vec<String> =
            searches.iter().map(|(s, a, n, r)| line(None, (*s, *a, *n), reasons[*r])).collect();
        let distinct: std::collections::BTreeSet<&String> = lines.iter().collect();
        let one = format!("{HEADER}{}", lines.concat());
        let mut turned = lines.clone();
        turned.reverse();
        let two = format!("{HEADER}{}", turned.concat());
        let made = given.audit(vec![("one.csv", text(&*one))]);
        prop_assert_eq!(made.searches, distinct.len() as u64);
        let both = given.audit(vec![("one.csv", text(one)), ("two.csv", text(two))]);
        prop_assert_eq!(both.searches, distinct.len() as u64);
    }
}

/// The same input gives the same bytes, on one processor and on two.
#[test]
fn two_runs_are_the_same() {
    let library = library();
    let mut body = HEADER.to_owned();
    for n in 0..5_000_u64 {
        let reason = ["ICE WARRANT", "theft", "inv", "HSI", ""][n as usize % 5];
        body.push_str(&line(Some(n), (n * 7 % 900, n as usize % 3, 1), reason));
    }
    let mut given = Given::new(&library);
    given.sample = Some(audit::run::Sample { size: 50, seed: [9; 16] });
    let run = |threads: usize| {
        let again = Given { threads, ..Given::new(&library) };
        let again = Given { sample: given.sample, ..again };
        again.audit(vec![("one.csv", text(&*body))])
    };
    let (one, two) = (run(1), run(2));
    assert!(one.findings.len() > 1_000);
    assert_eq!(one.findings, two.findings);
    assert_eq!(one.sample, two.sample);
    assert_eq!(one.sample.len(), 50);
    assert_eq!(one.classes, two.classes);
}

/// Whoever names the files cannot choose what is drawn by the order they are named in.
#[test]
fn the_order_of_files_draws_the_same_rows() {
    let library = library();
    let mut given = Given::new(&library);
    given.sample = Some(audit::run::Sample { size: 20, seed: [4; 16] });
    let file = |from: u64| {
        let rows = (from..from + 300).map(|n| line(Some(n), (n * 7 % 900, 0, 1), "theft"));
        format!("{HEADER}{}", rows.collect::<String>())
    };
    let (one, two) = (file(1), file(1_000));
    let drawn = |files: [&str; 2]| {
        let made = given.audit(files.map(|file| ("file.csv", text(file))).into());
        let place = |row: &audit::run::Drawn| (made.files[row.file - 1].sha256.clone(), row.row);
        made.sample.iter().map(place).collect::<std::collections::BTreeSet<_>>()
    };
    let there = drawn([&one, &two]);
    assert_eq!(there.len(), 20);
    assert_eq!(there, drawn([&two, &one]));
}

/// Whoever writes another word over a reason in one export does not take it out of another,
/// whichever is read first; the lead names the row where it stands.
#[test]
fn a_reason_stays_that_one_copy_has() {
    let library = library();
    let given = Given::new(&library);
    let file = |id: Option<u64>, reason: &str| {
        let rows = (1..=3).map(|n| line(id.map(|id| id + n), (7 * n, 0, 2), reason));
        format!("{HEADER}{}", rows.collect::<String>())
    };
    for id in [None, Some(40)] {
        let (stated, over) = (file(id, "ICE detainer"), file(id, "Investigation"));
        for (files, at) in [([&stated, &over], 1), ([&over, &stated], 2)] {
            let made = given.audit(files.map(|it| ("file.csv", text(&**it))).into());
            assert_eq!((made.searches, made.copies.across), (3, 3));
            assert_eq!(made.classes.get("immigration_civil"), Some(&3));
            let of =
                |test: &str| made.findings.iter().filter(|it| it.test == test).collect::<Vec<_>>();
            let rows: Vec<_> =
                of("purpose").iter().map(|it| (it.rows[0].file, it.rows[0].row)).collect();
            assert_eq!(rows, [(at, 2), (at, 3), (at, 4)]);
            assert_eq!(of("overwritten").iter().map(|it| it.searches).sum::<u64>(), 3);
        }
    }
}

/// Two systems may be searched in one second, and of a log that counts no networks little else is
/// known: only what is the same in every cell is one.
#[test]
fn other_systems_are_other_searches() {
    let library = library();
    let given = Given::new(&library);
    let event = "Timestamp,Event Type,Entity Details\n2025-06-01T00:00:00Z,added,ICE\n";
    let search = |networks: &str, reason: &str| {
        let head = "Search Time,Org Name,Total Networks Searched,Reason\n";
        format!("{head}\"06/01/2025, 12:00:00 AM UTC\",Example IL PD,{networks},{reason}\n")
    };
    let cases = [
        (search("", "robbery"), search("", "ICE detainer"), (2, 0, 0)),
        (search("", "robbery"), search("", "robbery"), (1, 0, 1)),
        (search("4", "robbery"), search("4", "ICE detainer"), (1, 0, 1)),
        (search("4", "robbery"), search("5", "robbery"), (2, 0, 0)),
        (search("", "ICE detainer"), event.to_owned(), (1, 1, 0)),
    ];
    for (one, other, expected) in cases {
        for files in [[&one, &other], [&other, &one]] {
            let made = given.audit(files.map(|it| ("file.csv", text(&**it))).into());
            assert_eq!((made.searches, made.events, made.copies.across), expected, "{one}{other}");
        }
    }
}
