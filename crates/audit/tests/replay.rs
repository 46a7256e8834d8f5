//! The other side's detainers under our law.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use audit::detainers::{self, Detainer};
use audit::replay::{CannotReplay, replay};
use law::{Library, Outcome, Pack, Statement};

/// The law shipped with the project.
fn library() -> Library {
    fn read(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let mut files = BTreeMap::new();
    read(&root, &root, &mut files);
    Library::read(&files).unwrap()
}

/// The law in Boston under the edition of 2014, and under that of 2019.
fn packs() -> [Pack; 2] {
    let library = library();
    ["2016-06-01", "2025-06-01"]
        .map(|day| library.pack("us-ma-boston-pd", day.parse().unwrap()).unwrap())
}

fn rows(forms: &[&str]) -> Vec<Detainer> {
    let mut table = "date,lift_reason,det_facility,city,state,detainer_type\n".to_owned();
    for form in forms {
        table.push_str(&format!("2014-01-02,,A JAIL,A TOWN,A STATE,{form}\n"));
    }
    detainers::read(table.as_bytes()).unwrap().rows
}

fn statements(facts: &[&str]) -> Vec<Statement> {
    facts.iter().map(|fact| fact.parse().unwrap()).collect()
}

/// What is assumed of a person who may go, wanted for civil enforcement alone.
fn free_to_go() -> Vec<Statement> {
    statements(&[
        "purpose=civil_immigration",
        "eligible_for_release=true",
        "criminal_warrant=false",
        "requester=ero",
    ])
}

#[test]
fn each_form_asks_for_its_actions_and_equal_rows_are_decided_once() {
    let [_, pack] = packs();
    let table = rows(&["I247", "I247A", "I247A", "I247D", "I247N", "I247X", "", ""]);
    let replay = replay(&pack, &table, &[]).unwrap();
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for it in &replay.decisions {
        let [first] = it.stated.as_slice() else { panic!("nothing is assumed") };
        *counts.entry((it.decision.action.clone(), first.value.clone())).or_default() += it.rows;
    }
    let expected = [
        (("hold", "detainer"), 2),
        (("hold", "i_247"), 1),
        (("hold", "i_247a"), 2),
        (("hold", "i_247d"), 1),
        (("notify", "detainer"), 2),
        (("notify", "i_247"), 1),
        (("notify", "i_247a"), 2),
        (("notify", "i_247d"), 1),
        (("notify", "i_247n"), 1),
        (("transfer", "i_247x"), 1),
    ];
    let expected =
        expected.map(|((action, form), rows)| ((action.to_owned(), form.to_owned()), rows));
    assert_eq!(counts, expected.into());
    assert_eq!((replay.rows, replay.decisions.len()), (8, 10));
}

#[test]
fn what_the_table_does_not_say_is_asked_and_never_permitted() {
    for pack in packs() {
        let replay = replay(&pack, &rows(&["I247A"]), &[]).unwrap();
        let hold = &replay.decisions[0].decision;
        assert_eq!((hold.action.as_str(), hold.outcome), ("hold", Outcome::NeedFacts));
        let missing: Vec<&str> = hold.missing.iter().map(|it| it.name.as_str()).collect();
        assert!(missing.contains(&"eligible_for_release") && missing.contains(&"criminal_warrant"));
    }
}

/// Between the two editions the law on telling a release date changed, and the one on detainers
/// did not.
#[test]
fn rows_that_change_from_one_law_to_the_next_are_counted() {
    let [old, new] = packs();
    let assumed = statements(&[
        "eligible_for_release=true",
        "criminal_warrant=false",
        "purpose=civil_immigration",
    ]);
    let table = rows(&["I247A", "I247A", "I247N", ""]);
    let before = replay(&old, &table, &assumed).unwrap();
    let after = replay(&new, &table, &assumed).unwrap();
    let notify = ("notify", Outcome::Silent, Outcome::MustNot);
    assert_eq!(before.changed(&after), [(notify, 4)].into());
    assert!(before.changed(&before).is_empty());
}

#[test]
fn an_assumption_that_contradicts_a_row_is_named_with_its_line() {
    let [_, pack] = packs();
    let table = rows(&["", "I247A"]);
    let told = replay(&pack, &table, &statements(&["basis=administrative_warrant"])).unwrap_err();
    assert!(matches!(told, CannotReplay::Facts { line: 2, .. }), "{told}");
    let told = replay(&pack, &table[1..], &statements(&["basis=none"])).unwrap_err();
    assert!(told.to_string().starts_with("line 3: contradictory facts"), "{told}");
    let told = replay(&pack, &table, &statements(&["colour=blue"])).unwrap_err();
    assert!(told.to_string().contains("there is no fact `colour`"), "{told}");
}

/// The real table of 32,757 rows, of which ten are on the form that asks only to be told of a
/// release (counted with Python: `sum(row[5].startswith("I247N") for row in rows)`).
///
/// The outcomes are the ordinance's: both editions forbid to hold on a detainer somebody who may
/// go where there is no criminal warrant; the edition of 2019 forbids to tell a release date for
/// a civil purpose, and that of 2014 has no rule on it.
#[test]
fn the_real_table_under_each_edition() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BAILIWICK_SHARED").map_or_else(beside, PathBuf::from);
    let Ok(bytes) = std::fs::read(folder.join("detainers/pa_detainers_2007_2015.csv")) else {
        // Not by a macro: those are captured where a test passes, and this is to be seen.
        let line =
            "skipped: the real table is not in the data folder; set BAILIWICK_SHARED to it\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let table = detainers::read(bytes.as_slice()).unwrap().rows;
    let [old, new] = packs();
    let under = |pack, assumed: &[Statement]| {
        let replay = replay(pack, &table, assumed).unwrap();
        assert_eq!(replay.rows, 32_757);
        replay
            .outcomes()
            .into_iter()
            .map(|((it, out), n)| (it.to_owned(), out, n))
            .collect::<Vec<_>>()
    };
    let hold = |outcome| ("hold".to_owned(), outcome, 32_747);
    let notify = |outcome| ("notify".to_owned(), outcome, 32_757);
    let assumed = free_to_go();
    assert_eq!(under(&new, &assumed), [hold(Outcome::MustNot), notify(Outcome::MustNot)]);
    assert_eq!(under(&new, &[])[0], hold(Outcome::NeedFacts));
    assert_eq!(under(&old, &assumed)[0], hold(Outcome::MustNot));
    assert_eq!(under(&old, &assumed)[1], notify(Outcome::Silent));
}
