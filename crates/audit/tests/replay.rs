//! The other side's detainers under our law.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use audit::cases::Cases;
use audit::detainers;
use audit::replay::replay;
use common::library;
use law::{Outcome, Pack, Statement};

/// The law in Boston under the edition of 2014, and under that of 2019.
fn packs() -> [Pack; 2] {
    let library = library();
    ["2016-06-01", "2025-06-01"]
        .map(|day| library.pack("us-ma-boston-pd", day.parse().unwrap()).unwrap())
}

fn rows(forms: &[&str]) -> Cases {
    let mut table = "date,lift_reason,det_facility,city,state,detainer_type\n".to_owned();
    for form in forms {
        table.push_str(&format!("2014-01-02,,A JAIL,A TOWN,A STATE,{form}\n"));
    }
    Cases::of_detainers(&detainers::read(table.as_bytes()).unwrap().rows)
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
fn each_form_asks_for_its_actions() {
    let [_, pack] = packs();
    let table = rows(&["I247", "I247A", "I247A", "I247D", "I247N", "I247X", "", ""]);
    let replay = replay(&pack, &table, &[], &[]).unwrap();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for ((action, _), rows) in replay.outcomes() {
        *counts.entry(action).or_default() += rows;
    }
    assert_eq!(counts, [("hold", 6), ("notify", 7), ("transfer", 1)].into());
    assert_eq!(replay.rows, 8);
}

#[test]
fn what_the_table_does_not_say_is_asked_and_never_permitted() {
    for pack in packs() {
        let replay = replay(&pack, &rows(&["I247A"]), &[], &[]).unwrap();
        assert_eq!(replay.outcomes()[&("hold", Outcome::NeedFacts)], 1);
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
    let before = replay(&old, &table, &[], &assumed).unwrap();
    let after = replay(&new, &table, &[], &assumed).unwrap();
    let notify = ("notify", Outcome::Silent, Outcome::MustNot);
    assert_eq!(before.changed(&after), [(notify, 4)].into());
    assert!(before.changed(&before).is_empty());
}

#[test]
fn an_assumption_that_contradicts_a_row_is_named_with_its_line() {
    let [_, pack] = packs();
    let table = rows(&["", "I247A"]);
    let told = |table: &Cases, assumed: &str| {
        replay(&pack, table, &[], &statements(&[assumed])).unwrap_err().to_string()
    };
    let said = told(&table, "basis=administrative_warrant");
    assert!(said.starts_with("line 2: contradictory facts: `basis` is stated both as"), "{said}");
    // By definition the form is a detainer's, so that the basis is known and another.
    let said = told(&rows(&["I247A"]), "basis=none");
    assert!(said.starts_with("line 2: contradictory facts"), "{said}");
    assert!(told(&table, "colour=blue").contains("there is no fact `colour`"));
    let stray = replay(&pack, &table, &["transfer".to_owned()], &[]).unwrap_err();
    assert_eq!(stray.to_string(), "no row of the table asks for `transfer`");
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
    let table = Cases::of_detainers(&detainers::read(bytes.as_slice()).unwrap().rows);
    let [old, new] = packs();
    let under = |pack, assumed: &[Statement]| {
        let replay = replay(pack, &table, &[], assumed).unwrap();
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
