#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Tables decided by column: over the borders of blocks, under the shipped law, and what is
//! refused.

mod common;

use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Facts, Source, Statement, decide, parse_day};

/// Two full blocks and a part of one; every fact of the law is drawn, a third of them not known.
#[test]
fn every_row_is_decided_as_it_is_alone() {
    let library = common::shipped();
    let rows = 2 * 4096 + 77;
    for (agency, day, action) in [
        ("us-ma-boston-pd", "2025-03-01", "hold"),
        ("us-ca-los-angeles-pd", "2025-03-01", "notify"),
    ] {
        let pack = library.pack(agency, parse_day(day).unwrap()).unwrap();
        let facts = &pack.vocabulary.facts;
        let mut seed = 82_877_u64;
        let mut draw = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        let columns: Vec<Vec<u8>> = facts
            .iter()
            .map(|fact| {
                let mut byte = || match draw(3) {
                    0 => UNKNOWN,
                    _ => draw(fact.values.len()) as u8,
                };
                (0..rows).map(|_| byte()).collect()
            })
            .collect();
        let mut given = Columns::new(&pack, rows);
        for (fact, column) in facts.iter().zip(&columns) {
            given.give(&pack, &fact.name, column).unwrap();
        }
        let mut codes = vec![0; rows];
        decide_rows(&pack, action, &given, &mut codes).unwrap();
        // Every row at the borders, and some between.
        let near = |row: usize| row % 4096 < 70 || row % 4096 > 4020 || row.is_multiple_of(50);
        for row in (0..rows).filter(|row| near(*row)) {
            let said: Vec<Statement> = facts
                .iter()
                .zip(&columns)
                .filter_map(|(fact, column)| {
                    let value = fact.value(usize::from(column[row]))?;
                    Some(Statement::new(&fact.name, &value.name, Source::Officer))
                })
                .collect();
            let alone = Facts::read(&pack.vocabulary, &said)
                .ok()
                .and_then(|facts| decide(&pack, action, &facts, None).ok())
                .map_or(RowOutcome::Contradiction, |it| RowOutcome::Settled(it.outcome));
            assert_eq!(RowOutcome::from_code(codes[row]), Some(alone), "{agency}, row {row}");
        }
    }
}

#[test]
fn columns_that_cannot_be_are_refused() {
    let library = common::shipped();
    let pack = library.pack("us-ma-boston-pd", parse_day("2025-03-01").unwrap()).unwrap();
    let mut columns = Columns::new(&pack, 3);
    let refused = |error: Result<(), String>, says: &str| {
        let error = error.unwrap_err();
        assert!(error.contains(says), "{error}");
    };
    refused(columns.give(&pack, "bases", &[0, 0, 0]), "no fact `bases`");
    refused(columns.give(&pack, "basis", &[0, 0]), "has 2 rows, and the table 3");
    refused(columns.give(&pack, "basis", &[0, UNKNOWN, 77]), "row 2 of the column of `basis`");
    columns.give(&pack, "basis", &[0, UNKNOWN, 1]).unwrap();
    let error = decide_rows(&pack, "hold", &columns, &mut [0; 2]).unwrap_err().to_string();
    assert!(error.contains("place for 2 outcomes of 3 rows"), "{error}");
    let error = decide_rows(&pack, "detain", &columns, &mut [0; 3]).unwrap_err().to_string();
    assert!(error.contains("no action `detain`"), "{error}");
    assert_eq!(RowOutcome::from_code(99), None);
}
