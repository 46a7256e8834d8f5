//! The sample year shipped with the program has the totals its README states.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use audit::requests::{Done, read};

#[test]
fn the_sample_year_has_the_published_totals() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bailiwick/sample/2025.csv");
    let rows = read(std::fs::File::open(path).unwrap()).unwrap().rows;
    let on = |channel: &str| rows.iter().filter(|row| row.channel == channel).count();
    assert_eq!(rows.len(), 57);
    assert_eq!(on("fax-dedicated"), 16);
    let faxes = ["fax-a1", "fax-b2", "fax-b3", "fax-c11", "fax-d4", "fax-e13"];
    assert_eq!(faxes.map(on), [3, 3, 6, 12, 4, 5]);
    assert_eq!(["mailbox", "desk", "phone"].map(on), [3, 2, 3]);
    assert!(rows.iter().all(|row| row.done == Some(Done::Declined)));
    assert!(rows.iter().all(|row| row.received.year() == 2025));
    assert!(rows.iter().all(|row| row.basis.as_deref() == Some("detainer")));
    assert_eq!(rows.iter().filter(|row| row.reasons.is_empty()).count(), 6);
    let asked = rows.iter().filter(|row| !row.facts.contains_key("criminal_warrant")).count();
    assert_eq!(asked, 7);
    let warrants = rows.iter().filter_map(|row| row.note.as_deref());
    assert_eq!(warrants.filter(|note| note.contains("I-200")).count(), 5);
}
