//! Entries of a register, put together by request, with corrections applied and voids left out.

use std::collections::{BTreeMap, BTreeSet};

use register::entry::{Correction, Decision, Done, Pack, Public, Request, What};
use register::history::{Effective, effective};

use crate::{About, Error};

/// One request that counts, and what refers to it.
pub(crate) struct Case {
    pub(crate) index: u64,
    pub(crate) request: Request,
    /// The last decision on each action, by the action.
    pub(crate) decisions: BTreeMap<String, (u64, Decision)>,
    /// In the order of the register.
    pub(crate) deeds: Vec<(u64, Done)>,
}

/// A correction of something that belongs to the period.
pub(crate) struct Corrected {
    pub(crate) index: u64,
    pub(crate) correction: Correction,
    /// The kind of entry corrected.
    pub(crate) kind: &'static str,
}

/// What counts for one period.
pub(crate) struct Period<'a> {
    pub(crate) about: &'a About,
    /// Every request that counts, of any period, by index.
    pub(crate) all: BTreeMap<u64, Case>,
    /// Requests received in the period that were voided: index, channel, running number.
    pub(crate) voided: Vec<(u64, Request)>,
    /// Nil returns for days of the period.
    pub(crate) nils: Vec<(u64, String)>,
    /// Packs activated at any time.
    pub(crate) packs: Vec<(u64, Pack)>,
    /// Corrections that touch the period.
    pub(crate) corrections: Vec<Corrected>,
}

impl<'a> Period<'a> {
    pub(crate) fn new(about: &'a About, entries: &[(u64, Public)]) -> Result<Self, Error> {
        let given = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if given != about.checkpoint.size {
            return Err(Error::Size { given, size: about.checkpoint.size });
        }
        let now = effective(entries).map_err(|error| Error::Entries(error.to_string()))?;
        let mut period = Self {
            about,
            all: BTreeMap::new(),
            voided: Vec::new(),
            nils: Vec::new(),
            packs: Vec::new(),
            corrections: Vec::new(),
        };
        for entry in &now {
            period.take(entry);
        }
        period.note_corrections(entries, &now);
        Ok(period)
    }

    fn take(&mut self, entry: &Effective) {
        let index = entry.index;
        match &entry.public {
            Public::Request(request) if entry.void => {
                if self.about.covers(&request.day) {
                    self.voided.push((index, request.clone()));
                }
            }
            _ if entry.void => {}
            Public::Request(request) => {
                let case = Case {
                    index,
                    request: request.clone(),
                    decisions: BTreeMap::new(),
                    deeds: Vec::new(),
                };
                self.all.insert(index, case);
            }
            Public::Decision(decision) => {
                if let Some(case) = self.all.get_mut(&decision.refers) {
                    let action = decision.action.clone();
                    case.decisions.insert(action, (index, decision.clone()));
                }
            }
            Public::Done(done) => {
                if let Some(case) = self.all.get_mut(&done.refers) {
                    case.deeds.push((index, done.clone()));
                }
            }
            Public::Nil(nil) if self.about.covers(&nil.day) => {
                self.nils.push((index, nil.channel.clone()));
            }
            Public::Pack(pack) => self.packs.push((index, pack.clone())),
            Public::Nil(_)
            | Public::Correction(_)
            | Public::Report(_)
            | Public::KeyDestroyed(_)
            | Public::Seed(_)
            | Public::Audit(_)
            | Public::Heard(_)
            | Public::Disposition(_)
            | Public::View(_) => {}
        }
    }

    /// A correction belongs to the period where the entry did, or does now.
    fn note_corrections(&mut self, entries: &[(u64, Public)], now: &[Effective]) {
        let original = |index: u64| entries.get(usize::try_from(index).ok()?).map(|it| &it.1);
        let corrected = |index: u64| now.get(usize::try_from(index).ok()?).map(|it| &it.public);
        let touches = |public: Option<&Public>| match public {
            Some(Public::Request(request)) => self.about.covers(&request.day),
            Some(Public::Nil(nil)) => self.about.covers(&nil.day),
            Some(Public::Done(done)) => self.about.covers(&done.day),
            _ => false,
        };
        let mut found = Vec::new();
        for (index, public) in entries {
            let Public::Correction(correction) = public else {
                continue;
            };
            let Some(target) = original(correction.refers) else {
                continue;
            };
            let request = target.refers();
            let concerned = [
                Some(target),
                corrected(correction.refers),
                request.and_then(original),
                request.and_then(corrected),
            ];
            if concerned.into_iter().any(touches) {
                let (index, correction) = (*index, correction.clone());
                found.push(Corrected { index, correction, kind: target.kind() });
            }
        }
        self.corrections = found;
    }

    /// The day of the law that the register begins with, in words, where that is after the first
    /// day of the period.
    pub(crate) fn begins(&self) -> Option<String> {
        let (_, first) = self.packs.first()?;
        let day = law::parse_day(&first.day).ok()?;
        (day > self.about.period.first()).then(|| law::report::long_day(day))
    }

    /// The requests received in the period, in the order of the register.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.all.values().filter(|case| self.about.covers(&case.request.day))
    }

    /// The deeds of one kind done in the period, upon requests of any period, by request.
    pub(crate) fn deeds(&self, what: What) -> impl Iterator<Item = (&Case, Vec<(u64, &Done)>)> {
        self.all.values().filter_map(move |case| {
            let deeds: Vec<_> = case
                .deeds
                .iter()
                .filter(|(_, done)| done.what == what && self.about.covers(&done.day))
                .map(|(index, done)| (*index, done))
                .collect();
            (!deeds.is_empty()).then_some((case, deeds))
        })
    }

    /// Every channel of the register, and any other that received a request or made a nil return.
    pub(crate) fn channels(&self) -> BTreeSet<&str> {
        let requests = self.cases().map(|case| case.request.channel.as_str());
        let voided = self.voided.iter().map(|(_, request)| request.channel.as_str());
        let nils = self.nils.iter().map(|(_, channel)| channel.as_str());
        let known = self.about.channels.keys().map(String::as_str);
        known.chain(requests).chain(voided).chain(nils).collect()
    }
}
