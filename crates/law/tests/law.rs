#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The shipped law: every example holds, every rule is load-bearing, every lint is quiet.

mod common;

use law::check;

#[test]
fn the_shipped_law_passes_its_own_examples_and_lints() {
    let checked = check::check(&common::shipped());
    let said: Vec<_> = checked.problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    assert_eq!(checked.load_bearing, checked.rules);
    assert!(checked.examples > 40, "only {} examples", checked.examples);
}
