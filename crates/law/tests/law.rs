#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The shipped law: every example holds, every rule is load-bearing, every lint is quiet.

mod common;

use law::{Library, check};

/// What is read for one agency alone is that agency's law, to the digest.
#[test]
fn the_law_of_one_agency_is_the_same_without_the_others() {
    let files = common::files(&common::root());
    let all = common::shipped();
    for agency in all.agencies() {
        let one = Library::read_for(&files, &agency.id).unwrap();
        for day in all.change_days(&agency.id).unwrap() {
            let (all, one) =
                (all.pack(&agency.id, day).unwrap(), one.pack(&agency.id, day).unwrap());
            assert_eq!((&all.digest, all.editions.len()), (&one.digest, one.editions.len()));
        }
    }
    let nobody = Library::read_for(&files, "us-xx-nowhere").unwrap();
    let error = nobody.pack("us-xx-nowhere", law::parse_day("2025-01-01").unwrap()).unwrap_err();
    assert!(error.to_string().contains("us-ma-boston-pd"), "{error}");
}

#[test]
fn the_shipped_law_passes_its_own_examples_and_lints() {
    let checked = check::check(&common::shipped());
    let said: Vec<_> = checked.problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    assert_eq!(checked.load_bearing, checked.rules);
    assert!(checked.examples > 40, "only {} examples", checked.examples);
}
