//! Numbers and facts in words, the same in every output.

use law::report::{Measure, Nil, long_day};

use crate::context::BEGINS;
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
    format!("{}: {}, {}", about.agency.name, about.definition.title, about.period.says())
}

/// Who owes what to whom, and what it was counted from; each with its name.
pub(crate) fn facts(about: &About) -> Vec<(&'static str, String)> {
    let definition = &about.definition;
    let mut facts = vec![
        ("Agency", format!("{} ({})", about.agency.name, about.agency.id)),
        ("Period", about.period.span()),
        ("Ordered by", format!("{} ({})", definition.cite, definition.grade.says())),
        ("Owed by", definition.who.clone()),
        ("Owed to", definition.to.clone()),
        ("Due", due(about)),
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

/// By when it is owed.
fn due(about: &About) -> String {
    let definition = &about.definition;
    let rule = definition.due.as_ref().map(law::Due::says);
    match (rule, definition.due_on(about.period)) {
        (Some(rule), Some(by)) => format!("{rule}; for this period {}", long_day(by)),
        (Some(rule), None) => rule,
        (None, _) => "the day is not coded: it was not found or not read".to_owned(),
    }
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

/// The total of a table, where it is shown.
fn total(report: &Report, table: &str) -> Option<u64> {
    match report.table(table)?.cell("total", "n")? {
        Cell::Count(count) => Some(count.n),
        Cell::Text(_) | Cell::Blank | Cell::Withheld(_) => None,
    }
}

/// Whether every item that is counted is zero.
pub(crate) fn is_nil(report: &Report) -> bool {
    let mut items = report.about.definition.items.iter();
    items.all(|it| it.count == Measure::FilledIn || total(report, &it.id) == Some(0))
}

/// What a reader must know of a period in which there was nothing to count.
pub(crate) fn nil(report: &Report) -> Option<String> {
    if !is_nil(report) {
        return None;
    }
    let definition = &report.about.definition;
    let mut says = match definition.nil {
        Some(Nil::Owed) => "This is a nil return: there is nothing to count in the period.",
        Some(Nil::Certified) => {
            "This is a nil return: there is nothing to count in the period. It is certified below."
        }
        Some(Nil::NotOwed) => {
            "There is nothing to count in the period, and the law asks for no report then: \
             nothing is owed."
        }
        None => {
            "There is nothing to count in the period. Whether a report is owed all the same is \
             not coded: it was not found or not read."
        }
    }
    .to_owned();
    if total(report, "by_month") == Some(0) {
        says.push_str(" No request was received by any channel.");
    }
    if definition.items.iter().any(|it| it.count == Measure::FilledIn) {
        says.push_str(" What is to be filled in is not counted here.");
    }
    if definition.nil != Some(Nil::Certified) {
        says.extend(begins(report).map(|note| format!(" {note}")));
    }
    Some(says)
}

/// That the register begins within the period or after it, where it does.
fn begins(report: &Report) -> Option<&String> {
    report.table("by_month")?.notes.iter().find(|note| note.starts_with(BEGINS))
}

/// What is certified: one sentence for each item of which there was none, where the law wants it.
pub(crate) fn certificates(report: &Report) -> Vec<String> {
    let about = &report.about;
    let certified = (1..).zip(&about.definition.items).filter_map(|(number, item)| {
        let none = item.certify.as_ref()?;
        (total(report, &item.id) == Some(0)).then(|| {
            format!(
                "{number}. {}: {} certifies that from {} {none}.",
                item.says,
                about.agency.name,
                about.period.span()
            )
        })
    });
    let mut certificates: Vec<String> = certified.collect();
    if !certificates.is_empty() {
        certificates.extend(begins(report).cloned());
    }
    certificates
}

/// What is filled in under a certificate, by hand, on the copy that is sent.
pub(crate) const SIGNED: [&str; 3] = ["Name and office", "Day", "Signature"];

/// How the numbers were made, one sentence each.
pub(crate) const METHOD: [&str; 6] = [
    "Requests are counted in the period in which they were received; what was done is counted by \
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
