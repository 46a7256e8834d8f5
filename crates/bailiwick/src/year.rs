//! A year of the register, decided anew: what its requests come to by the law of their own day, and
//! by that of another.
//!
//! In: [`Case`]s, which say of each request what is known, and a day. Out: outcomes before and
//! after, by action. Absent: the register itself, in which nothing is recorded; and whose facts
//! may be looked at, which whoever makes the cases has to know.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::report::NOT_STATED;
use law::{Library, Outcome, Pack, Source, Statement, decide};
use register::entry::{Public, Request};
use register::history::History;

use crate::desk;
use crate::error::{Error, Result};

/// A request, as far as it is known for the purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its entry.
    pub entry: u64,
    /// The day it was received.
    pub day: Date,
    /// What it asks for.
    pub actions: Vec<String>,
    /// What is stated.
    pub facts: Vec<Statement>,
    /// By action, the outcome of the last decision that is recorded.
    pub recorded: BTreeMap<String, Outcome>,
}

/// The requests of a calendar year, with nothing but what their public fields state.
#[must_use]
pub fn public(history: &History, year: i16) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in history.entries().iter().filter(|entry| !entry.void) {
        let Public::Request(request) = &entry.public else { continue };
        let Some(day) = law::parse_day(&request.day).ok().filter(|day| day.year() == year) else {
            continue;
        };
        cases.push(Case {
            entry: entry.index,
            day,
            actions: request.actions.clone(),
            facts: stated(request),
            recorded: recorded(history, entry.index),
        });
    }
    cases
}

/// The entries whose private parts say more about the requests of a year: each request, and each
/// decision upon it that counts.
#[must_use]
pub fn sources(history: &History, year: i16) -> Vec<u64> {
    let entry = |at: &u64| usize::try_from(*at).ok().and_then(|at| history.entries().get(at));
    let decides = |at: &&u64| {
        let found = entry(at).filter(|it| !it.void);
        found.is_some_and(|it| matches!(it.public, Public::Decision(_)))
    };
    let mut sources = Vec::new();
    for case in public(history, year) {
        sources.push(case.entry);
        sources.extend(history.pointing(case.entry).iter().filter(decides));
    }
    sources.sort_unstable();
    sources
}

impl Case {
    /// The request, with what is stated in private beside what its public fields state. Those count
    /// where both speak of a fact: they may have been put right since.
    #[must_use]
    pub fn with(self, mut private: Vec<Statement>) -> Self {
        desk::replace(&mut private, &self.facts);
        Self { facts: private, ..self }
    }
}

/// What the public fields of a request state.
fn stated(request: &Request) -> Vec<Statement> {
    let basis = Some(&request.basis).filter(|basis| *basis != NOT_STATED);
    [("basis", basis), ("form", request.form.as_ref()), ("requester", request.requester.as_ref())]
        .into_iter()
        .filter_map(|(fact, value)| Some(Statement::new(fact, value?, Source::Document)))
        .collect()
}

fn recorded(history: &History, request: u64) -> BTreeMap<String, Outcome> {
    let entry = |at: &u64| usize::try_from(*at).ok().and_then(|at| history.entries().get(at));
    let counts = history.pointing(request).iter().filter_map(entry).filter(|it| !it.void);
    let decided = counts.filter_map(|entry| match &entry.public {
        Public::Decision(it) => {
            let outcome = Outcome::ALL.into_iter().find(|known| known.word() == it.outcome)?;
            Some((it.action.clone(), outcome))
        }
        _ => None,
    });
    decided.collect()
}

/// What became of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many requests were decided.
    pub requests: u64,
    /// By action.
    pub actions: BTreeMap<String, Outcomes>,
    /// Requests that could not be decided, and why: their words are not the law's, or contradict
    /// each other, or their day has no law.
    pub left_out: Vec<(u64, String)>,
}

/// How often each outcome came out for one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// As it was recorded, with all facts known then.
    pub recorded: BTreeMap<Outcome, u64>,
    /// By the law of each request's own day and by the other, with the requests that came to both.
    pub pairs: BTreeMap<(Outcome, Outcome), Vec<u64>>,
}

impl Outcomes {
    /// How many came to an outcome by the law of their own day.
    #[must_use]
    pub fn before(&self, outcome: Outcome) -> u64 {
        self.count(|(before, _)| before == outcome)
    }

    /// How many come to an outcome by the other law.
    #[must_use]
    pub fn after(&self, outcome: Outcome) -> u64 {
        self.count(|(_, after)| after == outcome)
    }

    /// How many come to another outcome than before.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.count(|(before, after)| before != after)
    }

    /// How many could not be settled for want of facts, by the law of their own day and by the
    /// other.
    #[must_use]
    pub fn open(&self) -> (u64, u64) {
        (self.before(Outcome::NeedFacts), self.after(Outcome::NeedFacts))
    }

    /// How many were decided.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.count(|_| true)
    }

    fn count(&self, which: impl Fn((Outcome, Outcome)) -> bool) -> u64 {
        self.pairs.iter().filter(|(pair, _)| which(**pair)).map(|(_, them)| them.len() as u64).sum()
    }
}

/// Decides requests by the law of their own day and by that of another day.
///
/// # Errors
/// An agency or a day without law.
pub fn replay(library: &Library, agency: &str, cases: &[Case], other: Date) -> Result<Replayed> {
    let days = library.change_days(agency).map_err(|error| Error::Input(error.to_string()))?;
    let mut laws: BTreeMap<Date, Law> = BTreeMap::new();
    let mut after = Law::of(desk::pack(library, agency, other)?);
    let mut replayed = Replayed::default();
    for case in cases {
        // Between two days on which the law changes it is the same.
        let Some(since) = days.iter().rev().find(|day| **day <= case.day) else {
            let why = format!("there is no law of the agency on {}", case.day);
            replayed.left_out.push((case.entry, why));
            continue;
        };
        if !laws.contains_key(since) {
            laws.insert(*since, Law::of(desk::pack(library, agency, *since)?));
        }
        let Some(before) = laws.get_mut(since) else { continue };
        let mut decided = Vec::new();
        for action in &case.actions {
            let pair = before
                .outcome(action, &case.facts)
                .and_then(|before| Ok((before, after.outcome(action, &case.facts)?)));
            decided.push(pair.map(|pair| (action, pair)));
        }
        match decided.into_iter().collect::<std::result::Result<Vec<_>, String>>() {
            Err(why) => replayed.left_out.push((case.entry, why)),
            Ok(decided) => {
                replayed.requests = replayed.requests.saturating_add(1);
                for (action, pair) in decided {
                    let outcomes = replayed.actions.entry(action.clone()).or_default();
                    outcomes.pairs.entry(pair).or_default().push(case.entry);
                    if let Some(outcome) = case.recorded.get(action) {
                        let count = outcomes.recorded.entry(*outcome).or_default();
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
    }
    Ok(replayed)
}

/// A law, and what it made of the cases asked so far: many requests state the same.
struct Law {
    pack: Pack,
    known: BTreeMap<(String, Vec<Statement>), std::result::Result<Outcome, String>>,
}

impl Law {
    fn of(pack: Pack) -> Self {
        Self { pack, known: BTreeMap::new() }
    }

    fn outcome(
        &mut self,
        action: &str,
        facts: &[Statement],
    ) -> std::result::Result<Outcome, String> {
        let key = (action.to_owned(), facts.to_vec());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let read = self.pack.facts(facts).map_err(|errors| errors.join("; "));
        let decided = read.and_then(|facts| decide(&self.pack, action, &facts, None));
        let outcome = decided.map(|decision| decision.outcome);
        self.known.insert(key, outcome.clone());
        outcome
    }
}
