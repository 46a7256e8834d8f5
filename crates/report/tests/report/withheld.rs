//! Small counts withheld: what a reader sees, and what no document lets slip.

use crate::fixture::Book;
use report::{Cell, Report, Table, count};

/// A report of so many requests by channel, counts below three withheld.
fn channels(numbers: &[(&str, usize)]) -> Report {
    let mut book = Book::new();
    for (channel, number) in numbers {
        for _ in 0..*number {
            book.request((channel, "2025-05-05"), &["hold"], "detainer");
        }
    }
    let mut about = book.about();
    about.definition.withhold_below = Some(3);
    count(&about, &book.entries).unwrap()
}

fn first_cells(table: &Table) -> Vec<String> {
    let shown = |cell: &Cell| match cell {
        Cell::Count(count) => count.n.to_string(),
        Cell::Withheld(Some(most)) => format!("1–{most}"),
        Cell::Withheld(None) => "withheld".to_owned(),
        Cell::Text(_) | Cell::Blank => panic!("a number"),
    };
    table.rows.iter().chain(&table.total).map(|row| shown(&row.cells[0])).collect()
}

#[test]
fn cells_are_withheld_as_the_sums_allow() {
    for (numbers, expected) in [
        // None is small.
        (vec![("a", 3), ("b", 4)], vec!["3", "4", "7"]),
        // One alone could be got from the total: the next smallest goes with it.
        (vec![("a", 2), ("b", 4), ("c", 5)], vec!["withheld", "withheld", "5", "11"]),
        // Of equals the first.
        (vec![("a", 1), ("b", 4), ("c", 4)], vec!["withheld", "withheld", "4", "9"]),
        // Two small ones that add up to three hide each other: one is 1 and one is 2.
        (vec![("a", 1), ("b", 2), ("c", 9)], vec!["1–2", "1–2", "9", "12"]),
        // Two that add up to two are one each: they hide nothing without a third.
        (vec![("a", 1), ("b", 1), ("c", 9)], vec!["withheld", "withheld", "withheld", "11"]),
        // Two that add up to four are two each; there is no other, so no row is shown.
        (vec![("a", 2), ("b", 2)], vec!["4"]),
        // A small total hides itself, and with it its parts.
        (vec![("a", 1), ("b", 1)], vec!["1–2", "1–2", "1–2"]),
    ] {
        let report = channels(&numbers);
        assert_eq!(first_cells(report.table("by_channel").unwrap()), expected, "{numbers:?}");
    }
}

#[test]
fn a_withheld_channel_shows_neither_number_nor_entries_nor_running_numbers() {
    let report = channels(&[("few", 2), ("some", 4), ("many", 5)]);
    let row = report.table("by_channel").unwrap().row("few").unwrap();
    // Requests, first and last number; that none was voided tells of nobody.
    assert_eq!(row.cells[..3], [const { Cell::Withheld(None) }; 3]);
    let csv = report.csv();
    assert!(csv.contains("by_channel,few,n,withheld,\n"));
    assert!(csv.contains("by_channel,few,last,withheld,\n"));
    let html = report.html().unwrap();
    let bars = html.split("<svg ").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(bars.contains("few: withheld;"), "{bars}");
    let label = bars.find(">few</text>").unwrap();
    assert!(bars[label..].split("</text>").nth(1).unwrap().contains("width=\"0\""));
    assert!(report.markdown().contains("| few | withheld | withheld | withheld | 0 |"));
}

#[test]
fn documents_say_how_far_a_number_may_go_and_why_others_are_missing() {
    let report = channels(&[("a", 1), ("b", 2), ("c", 9)]);
    let markdown = report.markdown();
    assert!(markdown.contains("| a | withheld (1–2) |"));
    assert!(markdown.contains("Counts from 1 to 2 are withheld, as the law orders."));
    let report = channels(&[("a", 2), ("b", 4), ("c", 5)]);
    assert!(report.html().unwrap().contains("More is withheld than that"));
    assert!(report.json().unwrap().contains("\"withheld\": null"));
}
