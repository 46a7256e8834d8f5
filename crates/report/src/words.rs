//! Numbers and facts in words, the same in every output.

use crate::table::{Cell, Unit};
use crate::{About, Report};

/// A cell as people read it.
pub(crate) fn cell(cell: &Cell, unit: Unit) -> String {
    match cell {
        Cell::Count(count) => match unit {
            Unit::Cents => dollars(count.n),
            Unit::Ordinal => count.n.to_string(),
            _ => thousands(count.n),
        },
        Cell::Text(text) => text.clone(),
        Cell::Blank => "–".to_owned(),
        Cell::Withheld(Some(most)) => format!("withheld (1–{most})"),
        Cell::Withheld(None) => "withheld".to_owned(),
    }
}

/// `32757` as `32,757`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn dollars(cents: u64) -> String {
    format!("${}.{:02}", thousands(cents / 100), cents % 100)
}

/// `3, 4, 5, 9` as `3–5, 9`.
pub(crate) fn ranges(sorted: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &index in sorted {
        match runs.last_mut() {
            Some((_, last)) if index == last.saturating_add(1) => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let run = |(first, last)| {
        if first == last { format!("{first}") } else { format!("{first}–{last}") }
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

/// The document's one title.
pub(crate) fn title(about: &About) -> String {
    format!("{}: {}, {}", about.agency.name, about.definition.title, about.year)
}

/// Who owes what to whom, and what it was counted from; each with its name.
pub(crate) fn facts(about: &About) -> Vec<(&'static str, String)> {
    let definition = &about.definition;
    let mut facts = vec![
        ("Agency", format!("{} ({})", about.agency.name, about.agency.id)),
        ("Period", format!("1 January to 31 December {0}", about.year)),
        ("Ordered by", format!("{} ({})", definition.cite, definition.grade.says())),
        ("Owed by", definition.who.clone()),
        ("Owed to", definition.to.clone()),
        ("Due", definition.due.says()),
    ];
    for it in &about.instruments {
        let law = format!(
            "{} ({}), in force from {}; its least evidenced provision: {} ({})",
            it.title,
            it.citation,
            it.edition,
            it.grade.word(),
            it.grade.says()
        );
        facts.push(("Law", law));
    }
    let at = &about.checkpoint;
    let counted =
        format!("the first {} entries of {}, root {}", thousands(at.size), at.origin, at.root);
    facts.push(("Counted from", counted));
    facts
}

/// The few numbers a reader looks for first, taken from the finished tables.
pub(crate) fn glance(report: &Report) -> Vec<(String, String)> {
    let mut glance = Vec::new();
    let mut take = |label: &str, table: &str, row: &str| {
        let Some(table) = report.table(table) else {
            return;
        };
        let Some(first) = table.columns.first() else {
            return;
        };
        let text = table.cell(row, &first.id).map(|it| cell(it, first.unit));
        glance.push((
            label.to_owned(),
            text.unwrap_or_else(|| cell(&Cell::Withheld(None), first.unit)),
        ));
    };
    take("Requests received", "by_month", "total");
    for item in &report.about.definition.items {
        take(&item.says, &item.id, "total");
    }
    take("Requests declined", "answers", "declined");
    take("Requests honoured, wholly or in part", "answers", "honoured");
    glance
}

/// Whether nothing at all was received, which some laws want said.
pub(crate) fn is_nil(report: &Report) -> bool {
    let total = report.table("by_month").and_then(|table| table.cell("total", "n"));
    matches!(total, Some(Cell::Count(count)) if count.n == 0)
}

/// What a reader must know of an empty year.
pub(crate) const NIL: &str =
    "This is a nil return: no request was received in the year by any channel.";

/// How the numbers were made, one sentence each.
pub(crate) const METHOD: [&str; 6] = [
    "Requests are counted in the year in which they were received; what was done is counted by \
     the day it was done, where a table does not say otherwise.",
    "Corrections are applied first; voided entries are counted nowhere.",
    "The reasons are the boxes ticked on the form, not its printed heading.",
    "Every number carries the entries it was counted from; they are listed below and in the \
     data file.",
    "Anyone with the register's public files and the data file can count every number again.",
    "The numbers are what the agency received and recorded; what a sender says it sent may \
     differ, and the running numbers of each channel are there to compare the two.",
];

/// A column's label in a stable order of rows: the number's place and its entries.
pub(crate) fn traces(table: &crate::Table) -> Vec<(String, String)> {
    let mut traces = Vec::new();
    for row in table.all_rows() {
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            let Cell::Count(count) = cell else { continue };
            if count.entries.is_empty() || column.unit == Unit::Ordinal {
                continue;
            }
            let label = if table.columns.iter().filter(|it| it.unit.is_number()).count() > 1 {
                format!("{}, {}", row.label, column.label)
            } else {
                row.label.clone()
            };
            traces.push((label, ranges(&count.entries)));
        }
    }
    traces
}
