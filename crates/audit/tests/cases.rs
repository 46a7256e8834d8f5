//! Tables whose columns are facts: decided by column as each row is decided alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;

use audit::cases::Cases;
use audit::replay::replay;
use common::library;
use law::{Library, Outcome, Pack, Source, Statement, decide};

fn pack(library: &Library, agency: &str, on: &str) -> Pack {
    library.pack(agency, on.parse().unwrap()).unwrap()
}

fn asked(actions: &[&str]) -> Vec<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

/// Draws numbers from a fixed seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % below
    }
}

/// The law of San Francisco has days and a number; half of the cells are empty.
#[test]
fn a_row_of_a_table_is_decided_as_it_is_alone() {
    let library = library();
    let pack = pack(&library, "us-ca-san-francisco-pd", "2024-03-01");
    let names = [
        "form",
        "conviction_opening_notice",
        "last_violent_felony",
        "last_serious_felony",
        "felony_incidents",
        "held_to_answer",
        "on_offence_registry",
    ];
    let words: [&[&str]; 7] = [
        &["i_247n", "I-247A"],
        &["state_prison_felony", "other", "none"],
        &["2017-03-01", "2017-02-28", "never"],
        &["2019-03-01", "2010-01-01", "up_to_5_years"],
        &["0", "2", "3", "99"],
        &["serious_felony", "none"],
        &["yes", "no", "true"],
    ];
    let mut chance = Chance(12);
    let mut csv = names.join(",");
    let mut rows: Vec<Vec<Statement>> = Vec::new();
    while rows.len() < 500 {
        let cells: Vec<&str> = words
            .iter()
            .map(|words| if chance.below(2) == 0 { "" } else { words[chance.below(words.len())] })
            .collect();
        let stated: Vec<Statement> = names
            .iter()
            .zip(&cells)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| Statement::new(name, cell, Source::Officer))
            .collect();
        // Rows that contradict themselves are refused, which is another test's matter.
        if !stated.is_empty() && pack.facts(&stated).is_ok() {
            csv.push_str(&format!("\n{}", cells.join(",")));
            rows.push(stated);
        }
    }
    let cases = Cases::read(&pack.vocabulary, csv.as_bytes()).unwrap();
    let replayed = replay(&pack, &cases, &asked(&["notify", "transfer"]), &[]).unwrap();
    for action in ["notify", "transfer"] {
        let mut alone: BTreeMap<(&str, Outcome), u64> = BTreeMap::new();
        for stated in &rows {
            let facts = pack.facts(stated).unwrap();
            let outcome = decide(&pack, action, &facts, None).unwrap().outcome;
            *alone.entry((action, outcome)).or_default() += 1;
        }
        let mut found = replayed.outcomes();
        found.retain(|(of, _), _| *of == action);
        assert_eq!(found, alone);
    }
    assert!(replayed.outcomes().len() > 4, "{:?}", replayed.outcomes());
}

#[test]
fn a_column_of_actions_says_what_each_row_asks() {
    let library = library();
    let pack = pack(&library, "us-ma-boston-pd", "2025-03-01");
    let csv = "actions,basis,judicial_order\nhold transfer,,yes\ntransfer,,no\n,detainer,\n";
    let cases = Cases::read(&pack.vocabulary, csv.as_bytes()).unwrap();
    assert_eq!(cases.actions().collect::<Vec<_>>(), ["hold", "transfer"]);
    let found = replay(&pack, &cases, &[], &[]).unwrap();
    let expected = [
        (("hold", Outcome::NeedFacts), 1),
        (("transfer", Outcome::May), 1),
        (("transfer", Outcome::MustNot), 1),
    ];
    assert_eq!(found.outcomes(), expected.into());
}

#[test]
fn what_is_wrong_is_named_by_line_and_column() {
    let library = library();
    let pack = pack(&library, "us-ca-san-francisco-pd", "2024-03-01");
    let told = |csv: &str| -> String {
        let notify = asked(&["notify"]);
        match Cases::read(&pack.vocabulary, csv.as_bytes()) {
            Err(problems) => problems.to_string(),
            Ok(cases) => replay(&pack, &cases, &notify, &[]).unwrap_err().to_string(),
        }
    };
    for (csv, says) in [
        ("", "line 1: the file is empty"),
        ("colour,shape\nred,round\n", "line 1: not a header known here; expected the columns of"),
        ("form,colour\ni_247n,red\n", "line 1, column `colour`: not a column of a table of cases"),
        ("form,form\ni_247n,i_247n\n", "line 1, column `form`: this column is there twice"),
        ("form\ni_247n\ni_248\n", "line 3, column `form`: `i_248` is no value of fact `form`"),
        ("basis\n\nwarrant\n", "line 3, column `basis`: `basis=warrant` says too little"),
        ("last_violent_felony\n2024-03-02\n", "is after 2024-03-01, the day asked about"),
        ("last_violent_felony\n1/2/2003\n", "line 2, column `last_violent_felony`: "),
        ("felony_incidents\n100\n", "`100` is more than 99"),
        ("form,basis\ni_200,judicial_warrant\n", "line 2: contradictory facts: "),
        ("form,basis\ni_247n\n", "line 2: 1 cells where the header has 2"),
    ] {
        let told = told(csv);
        assert!(told.contains(says), "{csv}: {told}");
    }
    let cases = Cases::read(&pack.vocabulary, "form\ni_247n\n".as_bytes()).unwrap();
    let nothing = replay(&pack, &cases, &[], &[]).unwrap_err().to_string();
    assert_eq!(nothing, "the table does not say what is asked; name it with `--action`");
    let stray = replay(&pack, &cases, &asked(&["detain"]), &[]).unwrap_err().to_string();
    assert!(stray.starts_with("there is no action `detain`; the actions are: hold"), "{stray}");
}

/// Past the size from which on several processors share the rows, nothing changes.
#[test]
fn a_long_table_is_decided_in_parts_as_in_one() {
    let library = library();
    let pack = pack(&library, "us-ma-boston-pd", "2025-03-01");
    let rows = (1 << 18) + 4097;
    let mut csv = String::from("judicial_order\n");
    (0..rows).for_each(|row| csv.push_str(if row % 3 == 0 { "yes\n" } else { "no\n" }));
    let cases = Cases::read(&pack.vocabulary, csv.as_bytes()).unwrap();
    let found = replay(&pack, &cases, &asked(&["transfer"]), &[]).unwrap();
    let yes = (rows as u64).div_ceil(3);
    let expected =
        [(("transfer", Outcome::May), yes), (("transfer", Outcome::MustNot), rows as u64 - yes)];
    assert_eq!(found.outcomes(), expected.into());
}

/// The same table from two other writers, and as CSV: days, numbers, yes/no, nulls, row groups.
#[test]
fn a_parquet_file_is_the_table_that_a_csv_is() {
    let library = library();
    let pack = pack(&library, "us-ca-san-francisco-pd", "2024-03-01");
    let csv = "actions,form,judicial_order,last_violent_felony,felony_incidents\n\
               transfer,i_247n,true,2017-03-01,\n\
               hold transfer,,false,,0\n\
               ,i_247a,,2017-02-28,3\n\
               notify,i_247n,true,,99\n";
    let expected = Cases::read(&pack.vocabulary, csv.as_bytes()).unwrap();
    let expected = replay(&pack, &expected, &[], &[]).unwrap();
    let file = |name: &str| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/");
        std::fs::read(format!("{path}{name}")).unwrap()
    };
    for name in ["arrow.parquet", "plain.parquet", "polars.parquet"] {
        let cases = Cases::read_parquet(&pack.vocabulary, file(name)).unwrap();
        assert_eq!(replay(&pack, &cases, &[], &[]).unwrap(), expected, "{name}");
    }
    let refused = |bytes: Vec<u8>, says: &str| {
        let told = Cases::read_parquet(&pack.vocabulary, bytes).unwrap_err().to_string();
        assert!(told.contains(says), "{told}");
    };
    refused(file("float.parquet"), "the column `price` is nested or of another type; write text");
    let mut cut = file("arrow.parquet");
    cut.truncate(cut.len() - 9);
    refused(cut, "the Parquet file cannot be read: ");
    let mut flipped = file("plain.parquet");
    flipped[8] ^= 0xff;
    refused(flipped, "line 1, column `actions`: ");
    refused(b"PAR1".to_vec(), "the Parquet file cannot be read: ");
}
