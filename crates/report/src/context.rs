//! What readers need beside the numbers the law orders, to judge them.

use std::collections::{BTreeMap, BTreeSet};

use law::report::Feature;

use crate::about::About;
use crate::features::{self, DEEDS};
use crate::period::{Case, Period};
use crate::table::{Cell, Column, Count, Sums, Table, Unit, column, row, total};

/// The outcomes a decision can have, from the firmest on; others found follow by name.
const OUTCOMES: [&str; 6] = ["must", "may", "must_not", "silent", "need_facts", "refer"];

/// The grades, from the best on.
const GRADES: [&str; 4] = ["text", "quoted", "secondary", "unverified"];

/// A register cannot know of what came before it.
pub(crate) const BEGINS: &str = "The register begins with the law of";

/// Every such table, in the order of the report.
pub(crate) fn tables(period: &Period<'_>) -> Vec<Table> {
    vec![
        by_channel(period),
        by_station(period),
        by_month(period),
        by_basis(period),
        outcomes(period),
        answers(period),
        deeds(period),
        packs(period),
        grades(period),
        nils(period),
        corrections(period),
    ]
}

fn table(id: &str, title: &str, says: &str) -> Table {
    Table {
        id: id.to_owned(),
        title: title.to_owned(),
        says: says.to_owned(),
        ordered: false,
        of: String::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        total: None,
        sums: Sums::Down,
        drawn: false,
        notes: Vec::new(),
    }
}

fn requests() -> Column {
    column("n", "Requests", Unit::Requests)
}

/// A table of one column that counts requests by a word, with the total of the period.
fn by_word(
    period: &Period<'_>,
    mut table: Table,
    words: &[&str],
    word: impl Fn(&Case) -> String,
    label: impl Fn(&About, &str) -> String,
) -> Table {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for case in period.cases() {
        counts.entry(word(case)).or_default().add(1, &[case.index]);
    }
    let all = Count::of(period.cases().map(|case| case.index));
    for word in words {
        let count = counts.remove(*word).unwrap_or_default();
        table.rows.push(row(*word, label(period.about, word), vec![Cell::Count(count)]));
    }
    for (word, count) in counts {
        let label = label(period.about, &word);
        table.rows.push(row(word, label, vec![Cell::Count(count)]));
    }
    table.columns.push(requests());
    table.total = total(vec![Cell::Count(all)]);
    table
}

fn by_channel(period: &Period<'_>) -> Table {
    let mut table = table(
        "by_channel",
        "Requests by channel",
        "Every request has a running number of its channel. First and last number, voided \
         requests included, let the sender compare its own list.",
    );
    table.of = "Channel".to_owned();
    table.drawn = true;
    table.columns = vec![
        requests(),
        column("first", "First number", Unit::Ordinal),
        column("last", "Last number", Unit::Ordinal),
        column("void", "Voided", Unit::Requests),
    ];
    for channel in period.channels() {
        let counted = period.cases().filter(|case| case.request.channel == channel);
        let counted = Count::of(counted.map(|case| case.index));
        let voided = || period.voided.iter().filter(|(_, it)| it.channel == channel);
        let numbers = || {
            let counted = period.cases().filter(|case| case.request.channel == channel);
            let counted = counted.map(|case| (case.request.seq, case.index));
            counted.chain(voided().map(|(index, it)| (it.seq, *index)))
        };
        let number = |found: Option<(u64, u64)>| match found {
            Some((n, index)) => Cell::Count(Count { n, entries: vec![index] }),
            None => Cell::Blank,
        };
        let cells = vec![
            Cell::Count(counted),
            number(numbers().min()),
            number(numbers().max()),
            Cell::Count(Count::of(voided().map(|(index, _)| *index))),
        ];
        table.rows.push(row(channel, period.about.channel(channel), cells));
    }
    let voided = Count::of(period.voided.iter().map(|(index, _)| *index));
    table.total = total(vec![
        Cell::Count(Count::of(period.cases().map(|case| case.index))),
        Cell::Blank,
        Cell::Blank,
        Cell::Count(voided),
    ]);
    table
}

fn by_station(period: &Period<'_>) -> Table {
    let mut table = table("by_station", "Requests by station", "The station that received it.");
    table.of = "Station".to_owned();
    let none = "not_stated";
    let station = |case: &Case| case.request.station.clone().unwrap_or(none.to_owned());
    let label = |_: &About, word: &str| {
        if word == none { "no station, or not stated" } else { word }.to_owned()
    };
    by_word(period, table, &[], station, label)
}

fn by_month(period: &Period<'_>) -> Table {
    let says = "By the day the request was received.";
    let mut table = table("by_month", "Requests by month", says);
    table.of = "Month".to_owned();
    table.drawn = true;
    let months: Vec<String> = period.about.period.months().map(|it| format!("{it:02}")).collect();
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    table.notes.extend(period.begins().map(|day| {
        format!("{BEGINS} {day}: of the days before that, it has only what was entered later.")
    }));
    let month = |case: &Case| case.request.day.get(5..7).unwrap_or_default().to_owned();
    let label = |about: &About, word: &str| features::label(about, Feature::Month, word);
    by_word(period, table, &months, month, label)
}

fn by_basis(period: &Period<'_>) -> Table {
    let mut table = table(
        "by_basis",
        "Requests by the paper relied on",
        "All requests received, those that are no detainers among them.",
    );
    table.of = "Paper".to_owned();
    let label = |about: &About, word: &str| features::label(about, Feature::Basis, word);
    by_word(period, table, &[], |case| case.request.basis.clone(), label)
}

fn outcomes(period: &Period<'_>) -> Table {
    let mut table = table(
        "outcomes",
        "What was asked, and what the law says",
        "One request may ask for several actions; each is decided by itself. Where an action \
         was decided again, the last decision counts.",
    );
    table.of = "Action asked".to_owned();
    table.sums = Sums::Across;
    let decided = || period.cases().flat_map(|case| case.decisions.values());
    let found: BTreeSet<&str> = decided().map(|(_, it)| it.outcome.as_str()).collect();
    let others = found.iter().copied().filter(|word| !OUTCOMES.contains(word));
    let words: Vec<&str> = OUTCOMES.into_iter().chain(others).collect();
    for word in &words {
        table.columns.push(column(word, &period.about.label(word), Unit::Requests));
    }
    table.columns.push(column("undecided", "not decided", Unit::Requests));
    table.columns.push(column("asked", "Asked", Unit::Requests));
    let actions: BTreeSet<&str> =
        period.cases().flat_map(|case| case.request.actions.iter().map(String::as_str)).collect();
    for action in actions {
        let mut counts = vec![Count::default(); words.len() + 2];
        let asked = period.cases().filter(|it| it.request.actions.iter().any(|a| a == action));
        for case in asked {
            let (at, entry) = match case.decisions.get(action) {
                Some((index, decision)) => {
                    (words.iter().position(|word| *word == decision.outcome), *index)
                }
                None => (Some(words.len()), case.index),
            };
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                count.add(1, &[entry]);
            }
            if let Some(asked) = counts.last_mut() {
                asked.add(1, &[case.index]);
            }
        }
        let cells = counts.into_iter().map(Cell::Count).collect();
        table.rows.push(row(action, period.about.label(action), cells));
    }
    table
}

fn answers(period: &Period<'_>) -> Table {
    let mut table = table(
        "answers",
        "Declined and honoured",
        "Requests received in the period, by what was done upon them up to the checkpoint.",
    );
    table.of = "What became of it".to_owned();
    let label = |about: &About, word: &str| features::label(about, Feature::Answer, word);
    let answer = |case: &Case| features::answer(case).to_owned();
    by_word(period, table, &Feature::ANSWERS, answer, label)
}

fn deeds(period: &Period<'_>) -> Table {
    let mut table = table(
        "deeds",
        "What was done",
        "Requests received in the period upon which it was done. Several things may be done upon \
         one request.",
    );
    table.of = "What".to_owned();
    table.sums = Sums::Nothing;
    table.columns.push(requests());
    for (what, id, label) in DEEDS {
        let mut count = Count::default();
        for case in period.cases() {
            let deeds = case.deeds.iter().filter(|(_, done)| done.what == what);
            let entries: Vec<u64> = deeds.map(|(index, _)| *index).collect();
            if !entries.is_empty() {
                count.add(1, &entries);
            }
        }
        table.rows.push(row(id, label, vec![Cell::Count(count)]));
    }
    table
}

/// Counts the decisions on the period's requests, by a word of each.
fn decisions<'a>(
    period: &'a Period<'_>,
    word: impl Fn(&'a register::entry::Decision) -> &'a str,
) -> (BTreeMap<&'a str, Count>, Count) {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut all = Count::default();
    for (index, decision) in period.cases().flat_map(|case| case.decisions.values()) {
        counts.entry(word(decision)).or_default().add(1, &[*index]);
        all.add(1, &[*index]);
    }
    (counts, all)
}

fn packs(period: &Period<'_>) -> Table {
    let mut table = table(
        "packs",
        "The law applied",
        "Decisions on the period's requests, by the pack they were made under: the texts in \
         force, named by their digest.",
    );
    table.of = "Pack".to_owned();
    table.columns = vec![
        column("n", "Decisions", Unit::Decisions),
        column("day", "For the day", Unit::Text),
        column("entry", "Activated by entry", Unit::Ordinal),
    ];
    let (counts, all) = decisions(period, |decision| &decision.pack);
    for (digest, count) in counts {
        let first = period.packs.iter().find(|(_, pack)| pack.digest == digest);
        let day = first.map_or(Cell::Blank, |(_, pack)| Cell::Text(pack.day.clone()));
        let entry = first.map_or(Cell::Blank, |(index, _)| {
            Cell::Count(Count { n: *index, entries: vec![*index] })
        });
        let label = digest.get(..16).unwrap_or(digest);
        table.rows.push(row(digest, label, vec![Cell::Count(count), day, entry]));
    }
    table.total = total(vec![Cell::Count(all), Cell::Blank, Cell::Blank]);
    table
}

fn grades(period: &Period<'_>) -> Table {
    let mut table = table(
        "grades",
        "How well the law applied was read",
        "Decisions on the period's requests, by the lowest grade among the provisions that \
         determined them.",
    );
    table.of = "Lowest grade".to_owned();
    table.columns.push(column("n", "Decisions", Unit::Decisions));
    let (mut counts, all) =
        decisions(period, |decision| decision.grade.as_deref().unwrap_or_default());
    let none = counts.remove("").unwrap_or_default();
    for word in GRADES {
        let count = counts.remove(word).unwrap_or_default();
        let says = law::Grade::parse(word).map_or("", law::Grade::says);
        table.rows.push(row(word, format!("{word}: {says}"), vec![Cell::Count(count)]));
    }
    for (word, count) in counts {
        table.rows.push(row(word, word, vec![Cell::Count(count)]));
    }
    table.rows.push(row("none", "no provision determined it", vec![Cell::Count(none)]));
    table.total = total(vec![Cell::Count(all)]);
    table
}

fn nils(period: &Period<'_>) -> Table {
    let mut table = table(
        "nils",
        "Nil returns",
        "Days on which a channel was looked at and had received nothing.",
    );
    table.of = "Channel".to_owned();
    table.columns.push(column("n", "Nil returns", Unit::Days));
    for channel in period.channels() {
        let nils = period.nils.iter().filter(|(_, it)| it == channel);
        let count = Count::of(nils.map(|(index, _)| *index));
        table.rows.push(row(channel, period.about.channel(channel), vec![Cell::Count(count)]));
    }
    let all = Count::of(period.nils.iter().map(|(index, _)| *index));
    table.total = total(vec![Cell::Count(all)]);
    table
}

fn corrections(period: &Period<'_>) -> Table {
    let mut table = table(
        "corrections",
        "Corrections",
        "The register is never changed: a correction is an entry that points back, and the \
         numbers above are counted with all of them applied. Voided entries are counted nowhere.",
    );
    table.of = "Correction".to_owned();
    table.sums = Sums::Nothing;
    table.columns = vec![
        column("n", "Corrections", Unit::Entries),
        column("entry", "Of entry", Unit::Ordinal),
        column("what", "What", Unit::Text),
    ];
    for found in &period.corrections {
        let correction = &found.correction;
        let what = if correction.void {
            format!("{} voided", found.kind)
        } else {
            let fields: Vec<&str> = correction.set.keys().map(String::as_str).collect();
            format!("{}: new {}", found.kind, fields.join(", "))
        };
        let cells = vec![
            Cell::Count(Count::of([found.index])),
            Cell::Count(Count { n: correction.refers, entries: vec![correction.refers] }),
            Cell::Text(what),
        ];
        let id = format!("entry-{}", found.index);
        table.rows.push(row(id, format!("entry {}", found.index), cells));
    }
    let all = Count::of(period.corrections.iter().map(|found| found.index));
    table.total = total(vec![Cell::Count(all), Cell::Blank, Cell::Blank]);
    table
}
