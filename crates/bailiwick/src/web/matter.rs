//! A matter: a request, and everything that points to it.
//!
//! In: the register. Out: which entries belong together, how a matter stands, and what is owed.
//! Absent: words, pages, private parts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::report::NOT_STATED;
use law::{Facts, Library, Outcome, Owed, Pack, Source, Statement};
use register::entry::{Decision, Public, Request, What};

use crate::store::Store;

/// How a matter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was recorded as done yet, or facts are missing.
    Open,
    /// Something was done, or declined, and no facts are missing.
    Done,
    /// It does not count.
    Void,
}

impl State {
    /// Every state, with its word and what people read.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Open, "open", "Open"), (Self::Done, "done", "Done"), (Self::Void, "void", "Void")];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }

    /// What people read.
    pub fn says(self) -> &'static str {
        Self::ALL.iter().find(|it| it.0 == self).map_or("", |it| it.2)
    }
}

/// The request an entry belongs to; the entry itself where it belongs to none.
pub fn root(store: &Store, index: u64) -> u64 {
    let refers = |at: u64| store.entry(at).and_then(|entry| entry.public.refers());
    // A correction points to a decision, which points to a request: two steps at most.
    let first = refers(index).unwrap_or(index);
    refers(first).unwrap_or(first)
}

/// Every entry of a matter, in the order of the register.
pub fn entries(store: &Store, root: u64) -> Vec<u64> {
    let history = store.history();
    let mut all = vec![root];
    for at in history.pointing(root) {
        all.push(*at);
        all.extend_from_slice(history.pointing(*at));
    }
    all.sort_unstable();
    all
}

/// A matter, as it counts.
pub struct Matter<'a> {
    /// The entry of the request.
    pub index: u64,
    /// The request.
    pub request: &'a Request,
    /// Whether it does not count.
    pub void: bool,
    /// The last decision on each action, with its entry, in the order asked.
    pub decisions: Vec<(u64, &'a Decision)>,
    /// What was done, with the day.
    pub deeds: Vec<(What, &'a str)>,
}

impl<'a> Matter<'a> {
    /// The matter of a request; nothing of any other entry.
    pub fn of(store: &'a Store, index: u64) -> Option<Self> {
        let entry = store.entry(index)?;
        let Public::Request(request) = &entry.public else { return None };
        let counting = || {
            let pointing = store.history().pointing(index).iter();
            pointing.filter_map(|at| store.entry(*at)).filter(|entry| !entry.void)
        };
        let decided: Vec<_> = counting()
            .filter_map(|entry| match &entry.public {
                Public::Decision(decision) => Some((entry.index, decision)),
                _ => None,
            })
            .collect();
        let last = |action: &String| decided.iter().rev().find(|it| it.1.action == *action);
        let deeds = counting().filter_map(|entry| match &entry.public {
            Public::Done(done) => Some((done.what, done.day.as_str())),
            _ => None,
        });
        Some(Self {
            index,
            request,
            void: entry.void,
            decisions: request.actions.iter().filter_map(last).copied().collect(),
            deeds: deeds.collect(),
        })
    }

    /// How it stands.
    pub fn state(&self) -> State {
        let missing = Outcome::NeedFacts.word();
        if self.void {
            State::Void
        } else if self.deeds.is_empty() || self.decisions.iter().any(|it| it.1.outcome == missing) {
            State::Open
        } else {
            State::Done
        }
    }
}

/// The law of days that were asked about, put together once each.
pub struct Packs<'a> {
    library: &'a Library,
    agency: &'a str,
    known: BTreeMap<String, Option<Pack>>,
}

impl<'a> Packs<'a> {
    /// The law of an agency.
    pub fn new(library: &'a Library, agency: &'a str) -> Self {
        Self { library, agency, known: BTreeMap::new() }
    }

    /// The law a decision was made by; nothing where the program has another law of that day now.
    pub fn of(&mut self, decision: &Decision) -> Option<&Pack> {
        let pack = self.on(&decision.on)?;
        (pack.digest == decision.pack).then_some(pack)
    }

    /// The law of a day.
    pub fn on(&mut self, day: &str) -> Option<&Pack> {
        let (library, agency) = (self.library, self.agency);
        let put = || library.pack(agency, law::parse_day(day).ok()?).ok();
        self.known.entry(day.to_owned()).or_insert_with(put).as_ref()
    }

    /// What a decision brings with it, as far as the public fields tell: private facts are not
    /// looked at, and what is not known frees nobody.
    pub fn owed(&mut self, request: &Request, decision: &Decision) -> Vec<Owed> {
        let Some(pack) = self.of(decision) else { return Vec::new() };
        let outcome = Outcome::ALL.into_iter().find(|it| it.word() == decision.outcome);
        let stated = [
            ("basis", Some(&request.basis)),
            ("form", request.form.as_ref()),
            ("requester", request.requester.as_ref()),
        ];
        let stated: Vec<Statement> = stated
            .into_iter()
            .filter_map(|(fact, value)| Some((fact, value.filter(|it| *it != NOT_STATED)?)))
            .map(|(fact, value)| Statement::new(fact, value, Source::Document))
            .collect();
        let facts = pack.facts(&stated).unwrap_or_else(|_| Facts::none(&pack.vocabulary));
        match outcome {
            Some(outcome) => law::owed(pack, &decision.action, outcome, &facts, None),
            None => Vec::new(),
        }
    }
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// The day.
    pub by: String,
    /// The entry of the request it follows from; nothing for what is owed anyway.
    pub entry: Option<u64>,
    /// The duty's id.
    pub id: String,
    /// What.
    pub says: String,
    /// Who owes it.
    pub who: String,
    /// The provision.
    pub citation: String,
    /// The day it follows from.
    pub since: String,
}

/// What a matter's decisions bring with it by a day, and that is not before `from`.
pub fn deadlines(matter: &Matter<'_>, packs: &mut Packs<'_>, from: Date) -> Vec<Deadline> {
    let mut due: Vec<Deadline> = Vec::new();
    for (_, decision) in &matter.decisions {
        for owed in packs.owed(matter.request, decision) {
            let Some(by) = owed.by.as_deref().and_then(|by| by.get(..10)) else { continue };
            let twice = due.iter().any(|before| before.id == owed.id && before.by == by);
            if !twice && *by >= *from.to_string() {
                due.push(Deadline {
                    by: by.to_owned(),
                    entry: Some(matter.index),
                    id: owed.id,
                    says: owed.says,
                    who: owed.who,
                    citation: owed.citation,
                    since: decision.on.clone(),
                });
            }
        }
    }
    due
}
