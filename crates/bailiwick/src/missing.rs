//! What is missing before a report can be filed.
//!
//! In: the entries as they count, the channels, a period, the day it is. Out: [`Missing`], with
//! the entries and days that somebody has to see to. Absent: what the report counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use law::Outcome;
use law::report::{Definition, Measure, Stretch};
use register::entry::Public;
use register::history::Effective;

/// What somebody has to see to before a report of a period is filed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Requests of the period of which facts are missing for a decision.
    pub facts: Vec<u64>,
    /// Requests of the period that ask for something on which no decision is recorded.
    pub undecided: Vec<u64>,
    /// Requests of the period upon which nothing is recorded as done or declined.
    pub deeds: Vec<u64>,
    /// By channel, the days of the period that are over and of which there is neither a request nor
    /// a nil return, as stretches from one day to another.
    pub silent: Vec<(String, Vec<(Date, Date)>)>,
    /// The first day that was looked at for silence, where that is after the period's first.
    pub since: Option<Date>,
    /// What the law orders and the register does not know: the agency fills it in.
    pub filled_in: Vec<String>,
}

/// How many days a stretch has, its first and last included.
#[must_use]
pub fn length((first, last): &(Date, Date)) -> usize {
    let days = last.since(*first).map_or(0, |span| span.get_days());
    usize::try_from(days).unwrap_or(0).saturating_add(1)
}

/// What is missing for a period, on a day.
///
/// A day that is not over has no silence yet; nor has one before the first day of which the
/// register says anything.
#[must_use]
pub fn missing<'a>(
    entries: &[Effective],
    channels: impl IntoIterator<Item = &'a str>,
    definition: &Definition,
    period: Stretch,
    today: Date,
) -> Missing {
    let mut missing = Missing { filled_in: filled_in(definition), ..Missing::default() };
    let upon = upon(entries);
    for entry in entries.iter().filter(|entry| !entry.void) {
        let Public::Request(request) = &entry.public else { continue };
        if !law::parse_day(&request.day).is_ok_and(|day| period.covers(day)) {
            continue;
        }
        let nothing = Upon::default();
        let upon = upon.get(&entry.index).unwrap_or(&nothing);
        let outcomes = || request.actions.iter().map(|action| upon.outcomes.get(action.as_str()));
        if outcomes().flatten().any(|outcome| *outcome == Outcome::NeedFacts.word()) {
            missing.facts.push(entry.index);
        }
        if outcomes().any(|outcome| outcome.is_none()) {
            missing.undecided.push(entry.index);
        }
        if !upon.done {
            missing.deeds.push(entry.index);
        }
    }
    let spoken = spoken(entries);
    let first = spoken.values().flatten().chain(&packs(entries)).min().copied();
    let from = first.map_or(period.first(), |first| first.max(period.first()));
    missing.since = (from > period.first()).then_some(from);
    let until = today.yesterday().map_or(today, |it| it.min(period.last()));
    for channel in channels {
        let silent = silent(spoken.get(channel), from, until);
        if !silent.is_empty() {
            missing.silent.push((channel.to_owned(), silent));
        }
    }
    missing
}

/// What points to a request and counts.
#[derive(Default)]
struct Upon<'a> {
    /// The outcome of the last decision, by action.
    outcomes: BTreeMap<&'a str, &'a str>,
    done: bool,
}

fn upon(entries: &[Effective]) -> BTreeMap<u64, Upon<'_>> {
    let mut all: BTreeMap<u64, Upon<'_>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.void) {
        match &entry.public {
            Public::Decision(it) => {
                let upon = all.entry(it.refers).or_default();
                upon.outcomes.insert(&it.action, &it.outcome);
            }
            Public::Done(it) => all.entry(it.refers).or_default().done = true,
            _ => {}
        }
    }
    all
}

/// By channel, the days of which there is a request or a nil return.
fn spoken(entries: &[Effective]) -> BTreeMap<&str, BTreeSet<Date>> {
    let mut spoken: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.void) {
        let (channel, day) = match &entry.public {
            Public::Request(it) => (&it.channel, &it.day),
            Public::Nil(it) => (&it.channel, &it.day),
            _ => continue,
        };
        if let Ok(day) = law::parse_day(day) {
            spoken.entry(channel).or_default().insert(day);
        }
    }
    spoken
}

fn packs(entries: &[Effective]) -> Vec<Date> {
    let day = |entry: &Effective| match &entry.public {
        Public::Pack(pack) => law::parse_day(&pack.day).ok(),
        _ => None,
    };
    entries.iter().filter_map(day).collect()
}

/// The stretches of days on which a channel said nothing.
fn silent(spoken: Option<&BTreeSet<Date>>, from: Date, until: Date) -> Vec<(Date, Date)> {
    let mut stretches: Vec<(Date, Date)> = Vec::new();
    for day in from.series(jiff::Span::new().days(1)).take_while(|day| *day <= until) {
        if spoken.is_some_and(|spoken| spoken.contains(&day)) {
            continue;
        }
        match stretches.last_mut() {
            Some((_, last)) if last.tomorrow().is_ok_and(|next| next == day) => *last = day,
            _ => stretches.push((day, day)),
        }
    }
    stretches
}

fn filled_in(definition: &Definition) -> Vec<String> {
    let mut all = Vec::new();
    for item in &definition.items {
        if item.count == Measure::FilledIn {
            all.push(item.says.clone());
        }
        all.extend(item.fill.iter().map(|fill| format!("{}: {fill}", item.says)));
    }
    all
}
