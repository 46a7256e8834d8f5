//! The numbers a law orders, in the order of the law.

use std::collections::{BTreeMap, BTreeSet};

use law::report::{Breakdown, Item, Measure};
use register::entry::What;

use crate::about::About;
use crate::table::{Cell, Count, Row, Sums, Table, Unit, column, row, total};
use crate::year::{Case, Year};

/// The boxes of the form in the order of the form; they are rows even where nobody ticked them.
const BOXES: [&str; 5] =
    ["final_order", "pending_proceedings", "biometric_match", "statements", "resume_custody"];

/// The row for what is not stated.
const NONE: &str = "none";

/// Something an item counts: one request, with the entries that say so.
struct Hit<'a> {
    case: &'a Case,
    n: u64,
    entries: Vec<u64>,
    /// The papers that supported it; for a request, the paper it came with.
    bases: BTreeSet<String>,
}

/// The table of one item.
pub(crate) fn item(year: &Year<'_>, number: usize, item: &Item) -> Table {
    let hits = hits(year, item.count);
    let about = year.about;
    let (unit, label) = match item.count {
        Measure::DetainersLodged => (Unit::Requests, "Requests"),
        Measure::Held | Measure::Transferred => (Unit::People, "People"),
        Measure::Reimbursed => (Unit::Cents, "US dollars"),
    };
    let mut all = Count::default();
    for hit in &hits {
        all.add(hit.n, &hit.entries);
    }
    let (of, rows) = match item.by {
        None => ("", Vec::new()),
        Some(Breakdown::Reason) => ("Reason given", by_reason(about, &hits)),
        Some(Breakdown::Basis) => ("Paper relied on", by_basis(about, &hits)),
        Some(Breakdown::Case) => ("Case", by_case(about, &hits)),
    };
    // An empty table is said to be empty: nothing there could also be something forgotten.
    let none = (item.by.is_some() && rows.is_empty()).then(|| "None in the year.".to_owned());
    Table {
        id: item.id.clone(),
        title: format!("{number}. {}", item.says),
        says: says(item),
        ordered: true,
        of: of.to_owned(),
        columns: vec![column("n", label, unit)],
        rows,
        total: total(vec![Cell::Count(all)]),
        sums: Sums::Down,
        drawn: false,
        notes: none.into_iter().collect(),
    }
}

/// How an item is counted, in words.
fn says(item: &Item) -> String {
    let counted = match item.count {
        Measure::DetainersLodged => {
            "Requests whose basis is a detainer, by the day they were received."
        }
        Measure::Held => "People held past the moment they could go, by the day they were held.",
        Measure::Transferred => "People handed over, by the day they were handed over.",
        Measure::Reimbursed => {
            "Money paid back by the federal government, by the day it was recorded as paid."
        }
    };
    let broken = match item.by {
        None => "",
        Some(Breakdown::Reason) => {
            " The reasons are the boxes ticked on the form, not its printed heading. Several \
             boxes may be ticked on one form, so the rows may add up to more than the total."
        }
        Some(Breakdown::Basis) => {
            " Where several papers supported it, it is in the row of each, so the rows may add \
             up to more than the total."
        }
        Some(Breakdown::Case) => " One row for each request concerned.",
    };
    format!("{counted}{broken}")
}

fn hits<'a>(year: &'a Year<'_>, measure: Measure) -> Vec<Hit<'a>> {
    let what = match measure {
        Measure::DetainersLodged => {
            let lodged = year.cases().filter(|case| case.request.basis == "detainer");
            return lodged
                .map(|case| Hit {
                    case,
                    n: 1,
                    entries: vec![case.index],
                    bases: [case.request.basis.clone()].into(),
                })
                .collect();
        }
        Measure::Held => What::Held,
        Measure::Transferred => What::Transferred,
        Measure::Reimbursed => What::Reimbursed,
    };
    let hit = |(case, deeds): (&'a Case, Vec<(u64, &register::entry::Done)>)| Hit {
        case,
        n: if what == What::Reimbursed {
            deeds.iter().filter_map(|(_, done)| done.cents).fold(0, u64::saturating_add)
        } else {
            // Two entries about one request are one person.
            1
        },
        entries: deeds.iter().map(|(index, _)| *index).collect(),
        bases: deeds.iter().filter_map(|(_, done)| done.basis.clone()).collect(),
    };
    year.deeds(what).map(hit).collect()
}

fn by_reason(about: &About, hits: &[Hit<'_>]) -> Vec<Row> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for hit in hits {
        let reasons = &hit.case.request.reasons;
        for reason in reasons {
            counts.entry(reason).or_default().add(hit.n, &hit.entries);
        }
        if reasons.is_empty() {
            counts.entry(NONE).or_default().add(hit.n, &hit.entries);
        }
    }
    let none = counts.remove(NONE).unwrap_or_default();
    let mut rows: Vec<Row> = BOXES
        .iter()
        .map(|word| {
            let count = counts.remove(word).unwrap_or_default();
            row(*word, about.label(word), vec![Cell::Count(count)])
        })
        .collect();
    rows.extend(
        counts
            .into_iter()
            .map(|(word, count)| row(word, about.label(word), vec![Cell::Count(count)])),
    );
    rows.push(row(NONE, "no box ticked, or not stated", vec![Cell::Count(none)]));
    rows
}

fn by_basis(about: &About, hits: &[Hit<'_>]) -> Vec<Row> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for hit in hits {
        for basis in &hit.bases {
            counts.entry(basis).or_default().add(hit.n, &hit.entries);
        }
        if hit.bases.is_empty() {
            counts.entry("not_stated").or_default().add(hit.n, &hit.entries);
        }
    }
    counts
        .into_iter()
        .map(|(word, count)| row(word, about.label(word), vec![Cell::Count(count)]))
        .collect()
}

fn by_case(about: &About, hits: &[Hit<'_>]) -> Vec<Row> {
    hits.iter()
        .map(|hit| {
            let request = &hit.case.request;
            let channel = about.label(&request.channel);
            let label = format!("{channel}, number {}, received {}", request.seq, request.day);
            let count = Count { n: hit.n, entries: hit.entries.clone() };
            row(format!("entry-{}", hit.case.index), label, vec![Cell::Count(count)])
        })
        .collect()
}
