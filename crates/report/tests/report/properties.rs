//! What holds for every register: sums, voids, order, and small counts that stay hidden.

use std::collections::{BTreeMap, BTreeSet};

use crate::fixture::Book;
use proptest::prelude::*;
use register::entry::What;
use report::{Cell, Report, Sums, Table, Unit, count, recount};

/// One request and what becomes of it.
#[derive(Clone, Debug)]
struct Case {
    channel: &'static str,
    day: String,
    basis: &'static str,
    reasons: Vec<&'static str>,
    station: Option<&'static str>,
    outcome: Option<&'static str>,
    done: Option<What>,
    void: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let boxes = ["biometric_match", "final_order", "statements"];
    (
        prop_oneof![4 => Just("fax-a"), 2 => Just("fax-b"), 1 => Just("desk")],
        (1..=12_u8, 1..=28_u8, prop_oneof![9 => Just(2025), 1 => Just(2024)]),
        prop_oneof![5 => Just("detainer"), 1 => Just("court_order")],
        proptest::sample::subsequence(boxes.to_vec(), 0..=3),
        prop_oneof![Just(None), Just(Some("S1")), Just(Some("S2"))],
        prop_oneof![Just(None), Just(Some("must_not")), Just(Some("need_facts"))],
        prop_oneof![Just(None), Just(Some(What::Declined)), Just(Some(What::Held))],
        proptest::bool::weighted(0.1),
    )
        .prop_map(
            |(channel, (month, day, year), basis, reasons, station, outcome, done, void)| {
                let day = format!("{year}-{month:02}-{day:02}");
                Case { channel, day, basis, reasons, station, outcome, done, void }
            },
        )
}

/// A register of these, and the entries of those that were voided.
fn book(cases: &[Case]) -> (Book, BTreeSet<u64>) {
    let mut book = Book::new();
    let mut voided = BTreeSet::new();
    for case in cases {
        let at = (case.channel, case.day.as_str());
        let request = book.ticked(at, &["hold"], case.basis, &case.reasons, case.station);
        if case.void {
            book.void(request);
            voided.insert(request);
            continue;
        }
        if let Some(outcome) = case.outcome {
            book.decision(request, "hold", outcome, Some("quoted"));
        }
        if let Some(what) = case.done {
            book.done(request, what, &case.day);
        }
    }
    (book, voided)
}

fn reported(book: &Book, below: Option<u64>) -> Report {
    let mut about = book.about();
    about.definition.withhold_below = below;
    count(&about, &book.entries).unwrap()
}

fn number(cell: &Cell) -> u64 {
    match cell {
        Cell::Count(count) => count.n,
        _ => 0,
    }
}

/// Every number that counts, by table, row and column.
fn numbers(report: &Report) -> BTreeMap<(String, String, String), u64> {
    let mut numbers = BTreeMap::new();
    for table in &report.tables {
        for row in table.rows.iter().chain(&table.total) {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                // Indices and running numbers tell of order, and a correction's row is its index.
                if column.unit != Unit::Ordinal && table.id != "corrections" {
                    let key = (table.id.clone(), row.id.clone(), column.id.clone());
                    numbers.insert(key, number(cell));
                }
            }
        }
    }
    numbers
}

/// The sums of a table as (parts, total), of columns that count requests or people.
fn sums(table: &Table) -> Vec<(Vec<&Cell>, &Cell)> {
    let counts = |at: usize| {
        matches!(table.columns[at].unit, Unit::Requests | Unit::People | Unit::Decisions)
    };
    match (table.sums, &table.total) {
        (Sums::Down, Some(total)) => (0..table.columns.len())
            .filter(|at| counts(*at))
            .map(|at| (table.rows.iter().map(|row| &row.cells[at]).collect(), &total.cells[at]))
            .collect(),
        (Sums::Across, _) => table
            .rows
            .iter()
            .map(|row| {
                (row.cells[..row.cells.len() - 1].iter().collect(), row.cells.last().unwrap())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Every number that a withheld cell could have, from what is shown, by trying them all.
///
/// Zeros are shown, and a reader knows that, except where no part of a sum is: `least` is 0 then.
fn possible(cell: &Cell, others: &[&Cell], rest: u64, least: u64) -> BTreeSet<u64> {
    let range = |cell: &Cell| match cell {
        Cell::Withheld(Some(most)) => 1..=*most,
        _ => least..=rest,
    };
    let mut reachable = BTreeSet::from([0]);
    for other in others {
        reachable = reachable
            .iter()
            .flat_map(|sum| range(other).map(move |n| sum + n))
            .filter(|sum| *sum <= rest)
            .collect();
    }
    range(cell).filter(|n| rest >= *n && reachable.contains(&(rest - n))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn parts_add_up_and_voided_entries_count_nowhere(
        cases in proptest::collection::vec(case(), 0..30),
    ) {
        let (book, voided) = book(&cases);
        let report = reported(&book, None);
        for table in &report.tables {
            for (parts, total) in sums(table) {
                let sum: u64 = parts.iter().map(|it| number(it)).sum();
                let overlaps = table.id == "lodged" || (table.ordered && table.rows.is_empty());
                prop_assert!(overlaps || sum == number(total), "{}", table.id);
            }
            for row in table.rows.iter().chain(&table.total) {
                for (column, cell) in table.columns.iter().zip(&row.cells) {
                    let names_voids = table.id == "corrections" || column.id == "void"
                        || column.unit == Unit::Ordinal;
                    if let Cell::Count(count) = cell && !names_voids {
                        let entries: BTreeSet<u64> = count.entries.iter().copied().collect();
                        prop_assert!(entries.is_disjoint(&voided), "{}", table.id);
                        prop_assert!(count.n == 0 || !entries.is_empty());
                    }
                }
            }
        }
        let expected = cases.iter().filter(|it| !it.void && it.day.starts_with("2025")).count();
        let total = report.table("by_month").unwrap().cell("total", "n").unwrap();
        prop_assert_eq!(number(total), expected as u64);
        recount(report.json().unwrap().as_bytes(), &book.entries).unwrap();
    }

    /// Whatever the register, what the months have adds up to what the year has, and so do the
    /// quarters and the halves: no day is in two of them, and none in none.
    #[test]
    fn shorter_periods_add_up_to_the_year(
        cases in proptest::collection::vec(case(), 0..30),
    ) {
        let (book, _) = book(&cases);
        let totals = |period: &str| {
            let mut about = book.about();
            about.period = period.parse().unwrap();
            about.definition.period = about.period.period();
            let report = count(&about, &book.entries).unwrap();
            ["lodged", "held", "by_month", "answers"]
                .map(|table| number(report.table(table).unwrap().cell("total", "n").unwrap()))
        };
        let year = totals("2025");
        prop_assert_eq!(totals("2025-01--2025-12"), year);
        for parts in [
            (1..=12).map(|month| format!("2025-{month:02}")).collect::<Vec<_>>(),
            (1..=4).map(|quarter| format!("2025-Q{quarter}")).collect(),
            (1..=2).map(|half| format!("2025-H{half}")).collect(),
        ] {
            let mut sum = [0; 4];
            for part in &parts {
                for (sum, n) in sum.iter_mut().zip(totals(part)) {
                    *sum += n;
                }
            }
            prop_assert_eq!(sum, year, "{:?}", parts);
        }
    }

    #[test]
    fn the_order_in_which_requests_were_entered_changes_no_count(
        cases in proptest::collection::vec(case(), 0..20),
    ) {
        let mut backwards = cases.clone();
        backwards.reverse();
        let [one, other] = [&cases, &backwards].map(|it| numbers(&reported(&book(it).0, None)));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_withheld_number_cannot_be_got_from_its_table(
        cases in proptest::collection::vec(case(), 0..30),
        below in 3..8_u64,
    ) {
        let (book, _) = book(&cases);
        let full = reported(&book, None);
        let report = reported(&book, Some(below));
        for (table, full) in report.tables.iter().zip(&full.tables) {
            for (parts, total) in sums(table) {
                for cell in parts.iter().chain([&total]) {
                    prop_assert!(!(1..below).contains(&number(cell)), "{} shows it", table.id);
                }
                let Cell::Count(all) = total else { continue };
                let shown: u64 = parts.iter().map(|it| number(it)).sum();
                let rest = all.n.saturating_sub(shown);
                let all_parts = parts.len();
                let hidden: Vec<&Cell> =
                    parts.into_iter().filter(|it| matches!(it, Cell::Withheld(_))).collect();
                // With forms that tick several boxes the rest is no sum: nothing can be got.
                let true_sum: u64 = sums(full)[0].0.iter().map(|it| number(it)).sum();
                if full.id == "lodged" && true_sum != all.n {
                    continue;
                }
                let nothing_shown = table.sums == Sums::Across && hidden.len() == all_parts;
                let least = u64::from(!nothing_shown);
                for at in 0..hidden.len() {
                    let mut others = hidden.clone();
                    let cell = others.remove(at);
                    let possible = possible(cell, &others, rest, least);
                    prop_assert!(possible.len() > 1, "{}: {possible:?} of {rest}", table.id);
                }
            }
            // First and last number would tell how many came between.
            if table.id == "by_channel" {
                for row in &table.rows {
                    let hidden = matches!(row.cells[0], Cell::Withheld(_));
                    prop_assert!(!hidden || !matches!(row.cells[2], Cell::Count(_)));
                }
            }
        }
    }
}
