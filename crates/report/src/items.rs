//! The numbers a law orders, in the order of the law.

use std::collections::BTreeMap;

use law::report::{Feature, Item, Measure, Which};
use register::entry::{Done, What};

use crate::about::About;
use crate::features::{self, BOXES, NONE, Words};
use crate::period::{Case, Period};
use crate::table::{Cell, Column, Count, Row, Sums, Table, Unit, column, row, total};

/// What stands where the register does not know.
const FILL: &str = "to be filled in";

/// Something an item counts: one request, with the entries that say so.
struct Hit<'a> {
    case: &'a Case,
    n: u64,
    entries: Vec<u64>,
    /// The deeds counted; none where the request itself is.
    deeds: Vec<(u64, &'a Done)>,
}

impl Hit<'_> {
    fn words(&self, feature: Feature) -> Words {
        if self.deeds.is_empty() {
            features::of_request(self.case, feature)
        } else {
            features::of_deeds(self.case, &self.deeds, feature)
        }
    }
}

/// The table of one item.
pub(crate) fn item(period: &Period<'_>, number: usize, item: &Item) -> Table {
    let about = period.about;
    let (unit, label) = unit(item.count);
    let hits = hits(period, item);
    let mut all = Count::default();
    for hit in &hits {
        all.add(hit.n, &hit.entries);
    }
    let mut columns = vec![column("n", label, unit)];
    let rows = match item.by {
        None => Vec::new(),
        Some(Feature::Case) => {
            columns.extend(more_columns(item));
            by_case(about, item, &hits)
        }
        Some(feature) => by_words(about, feature, &hits),
    };
    let mut notes = Vec::new();
    // An empty table is said to be empty: nothing there could also be something forgotten.
    if item.by.is_some() && rows.is_empty() {
        notes.push("None in the period.".to_owned());
    }
    if item.by != Some(Feature::Case) && !(hits.is_empty() && item.count != Measure::FilledIn) {
        notes.extend(item.fill.iter().map(|what| {
            format!("To be filled in by the agency, since the register does not know it: {what}.")
        }));
    }
    let mut cells = vec![match item.count {
        Measure::FilledIn => Cell::Text(FILL.to_owned()),
        _ => Cell::Count(all),
    }];
    cells.resize(columns.len(), Cell::Blank);
    Table {
        id: item.id.clone(),
        title: format!("{number}. {}", item.says),
        says: says(about, item),
        ordered: true,
        of: item.by.map_or("", features::name).to_owned(),
        columns,
        rows,
        total: total(cells),
        sums: Sums::Down,
        drawn: false,
        notes,
    }
}

fn unit(measure: Measure) -> (Unit, &'static str) {
    match measure {
        Measure::Requests | Measure::Shared | Measure::Declined => (Unit::Requests, "Requests"),
        Measure::Held | Measure::Released | Measure::Notified | Measure::Transferred => {
            (Unit::People, "People")
        }
        Measure::Reimbursed => (Unit::Cents, "US dollars"),
        Measure::FilledIn => (Unit::Text, "Number"),
    }
}

/// How an item is counted, in words.
fn says(about: &About, item: &Item) -> String {
    let counted = match item.count {
        Measure::Requests => "Requests, by the day they were received.",
        Measure::Held => "People held past the moment they could go, by the day they were held.",
        Measure::Released => "People let go, by the day they were let go.",
        Measure::Notified => "People whose release date was told, by the day it was told.",
        Measure::Transferred => "People handed over, by the day they were handed over.",
        Measure::Shared => "Requests upon which information was given, by the day it was given.",
        Measure::Declined => "Requests declined, by the day they were declined.",
        Measure::Reimbursed => {
            "Money paid back by the federal government, by the day it was recorded as paid."
        }
        Measure::FilledIn => "The register does not know this; the agency fills it in.",
    };
    let mut says = counted.to_owned();
    if !item.of.is_empty() {
        says.push_str(&format!(" Only requests where {}.", picked(about, &item.of, "is")));
    }
    if !item.but.is_empty() {
        let but = picked(about, &item.but, "is nothing but");
        says.push_str(&format!(" Left out are those where {but}."));
    }
    says.push_str(match item.by {
        None | Some(Feature::Day | Feature::Done | Feature::Answer) => "",
        Some(Feature::Reason) => {
            " The reasons are the boxes ticked on the form, not its printed heading. Several \
             boxes may be ticked on one form, so the rows may add up to more than the total."
        }
        Some(Feature::Basis) if item.count != Measure::Requests => {
            " Where several papers supported it, it is in the row of each, so the rows may add \
             up to more than the total."
        }
        Some(Feature::Basis | Feature::Form | Feature::Requester) => "",
        Some(Feature::Ground) => {
            " The provisions are those that the last decision on it rests on. Where there are \
             several, it is in the row of each, so the rows may add up to more than the total."
        }
        Some(Feature::Month | Feature::Action | Feature::Outcome) => {
            " Where several fit, it is in the row of each, so the rows may add up to more than \
             the total."
        }
        Some(Feature::Case) => " One row for each request concerned.",
    });
    if let Some(grade) = item.grade {
        says.push_str(&format!(" That the law orders this: {}.", grade.says()));
    }
    says
}

/// Which requests, in words: those that one of these fits.
fn picked(about: &About, which: &[Which], is: &str) -> String {
    let one = |(feature, words): (&Feature, &Vec<String>)| {
        let words: Vec<_> =
            words.iter().map(|word| features::label(about, *feature, word)).collect();
        format!("“{}” {is} {}", features::name(*feature).to_lowercase(), words.join(" or "))
    };
    let all = |which: &Which| which.iter().map(one).collect::<Vec<_>>().join(" and ");
    which.iter().map(all).collect::<Vec<_>>().join(", or where ")
}

fn hits<'a>(period: &'a Period<'_>, item: &Item) -> Vec<Hit<'a>> {
    let what = match item.count {
        Measure::FilledIn => return Vec::new(),
        Measure::Requests => {
            let counted = period.cases().filter(|case| features::fits(case, &item.of, &item.but));
            return counted
                .map(|case| Hit { case, n: 1, entries: vec![case.index], deeds: Vec::new() })
                .collect();
        }
        Measure::Held => What::Held,
        Measure::Released => What::Released,
        Measure::Notified => What::Notified,
        Measure::Transferred => What::Transferred,
        Measure::Shared => What::Shared,
        Measure::Declined => What::Declined,
        Measure::Reimbursed => What::Reimbursed,
    };
    let hit = |(case, deeds): (&'a Case, Vec<(u64, &'a Done)>)| Hit {
        case,
        n: if what == What::Reimbursed {
            deeds.iter().filter_map(|(_, done)| done.cents).fold(0, u64::saturating_add)
        } else {
            // Two entries about one request are one person.
            1
        },
        entries: deeds.iter().map(|(index, _)| *index).collect(),
        deeds,
    };
    let upon = |(case, _): &(&Case, _)| features::fits(case, &item.of, &item.but);
    period.deeds(what).filter(upon).map(hit).collect()
}

/// A row for each word of a feature: first those that are rows even where there is none.
fn by_words(about: &About, feature: Feature, hits: &[Hit<'_>]) -> Vec<Row> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for hit in hits {
        for (word, entries) in hit.words(feature) {
            let count = counts.entry(word).or_default();
            count.add(hit.n, &hit.entries);
            count.add(0, &entries);
        }
    }
    let always: Vec<String> = match feature {
        Feature::Reason => BOXES.map(str::to_owned).to_vec(),
        Feature::Answer => Feature::ANSWERS.map(str::to_owned).to_vec(),
        Feature::Month => about.period.months().map(|month| format!("{month:02}")).collect(),
        _ => Vec::new(),
    };
    let none = (feature == Feature::Reason).then(|| counts.remove(NONE).unwrap_or_default());
    let mut found: Vec<(String, Count)> = Vec::new();
    for word in always {
        let count = counts.remove(&word).unwrap_or_default();
        found.push((word, count));
    }
    found.extend(counts);
    found.extend(none.map(|count| (NONE.to_owned(), count)));
    let one = |(word, count): (String, Count)| {
        let label = features::label(about, feature, &word);
        row(word, label, vec![Cell::Count(count)])
    };
    found.into_iter().map(one).collect()
}

/// What is told of each case beside the number, then what is filled in.
fn more_columns(item: &Item) -> Vec<Column> {
    let shown = item.show.iter().map(|it| column(it.word(), features::name(*it), Unit::Text));
    let filled = (1..)
        .zip(&item.fill)
        .map(|(number, what)| column(&format!("fill_{number}"), what, Unit::Text));
    shown.chain(filled).collect()
}

fn by_case(about: &About, item: &Item, hits: &[Hit<'_>]) -> Vec<Row> {
    hits.iter()
        .map(|hit| {
            let request = &hit.case.request;
            let channel = about.channel(&request.channel);
            let label = format!("{channel}, number {}, received {}", request.seq, request.day);
            let mut count = Count { n: hit.n, entries: hit.entries.clone() };
            let mut texts = Vec::new();
            for feature in &item.show {
                let (text, entries) = features::told(about, hit.case, *feature);
                count.add(0, &entries);
                texts.push(Cell::Text(text));
            }
            texts.extend(item.fill.iter().map(|_| Cell::Text(FILL.to_owned())));
            let cells = std::iter::once(Cell::Count(count)).chain(texts).collect();
            row(format!("entry-{}", hit.case.index), label, cells)
        })
        .collect()
}
