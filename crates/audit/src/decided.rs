//! Searches under the law: what the law in force that day for an agency makes of each.
//!
//! - In: searches, the library of laws, and whose log it is.
//! - Out: [`Seen`], a search with who searched and what the law says of it.
//! - Absent: what an officer meant. A reason gives the purpose it names and nothing else; what it
//!   does not name stays unknown, and the law then asks for it.

mod kinds;
mod laws;
mod names;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
pub use kinds::agreed;
use kinds::kind;
use law::Outcome;
pub use laws::Laws;

use crate::log::{Mark, Names, Row, Search, date};
use crate::reason::Class;

/// Who searched, seen from the agency whose system it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Searcher {
    /// An account of its own.
    Own,
    /// An agency of its own state.
    InState,
    /// An agency of another state.
    OutOfState,
    /// A federal agency.
    Federal,
    /// An agency whose name does not tell where it is.
    Elsewhere,
}

impl Searcher {
    /// Every one, in order.
    pub const ALL: [Self; 5] =
        [Self::Own, Self::InState, Self::OutOfState, Self::Federal, Self::Elsewhere];

    /// As a finding writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "this agency",
            Self::InState => "an agency of this state",
            Self::OutOfState => "an agency of another state",
            Self::Federal => "a federal agency",
            Self::Elsewhere => "an agency that is not known here",
        }
    }
}

/// What is asked of the law about a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Action {
    /// That the agency searches.
    #[default]
    Search,
    /// That it shares what another finds in its system.
    Share,
}

impl Action {
    /// Every one, in order.
    pub const ALL: [Self; 2] = [Self::Search, Self::Share];

    /// What the vocabulary calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Share => "share",
        }
    }
}

/// A search, and what the law says of it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The search.
    pub search: &'a Search,
    /// Who searched.
    pub searcher: Searcher,
    /// The outcome for the agency whose system it is, if federal immigration authorities or
    /// another agency were helped by it: of both that are asked the one that permits least.
    pub outcome: Option<Outcome>,
    /// Which of the two that is.
    pub action: Action,
    /// The outcome for the agency that searched, where we have its law.
    pub own_law: Option<Outcome>,
    /// Whether a law that it is for was not asked, because what is here does not reach back to
    /// its day.
    pub no_law: bool,
}

impl<'a> Seen<'a> {
    /// A search of which no law was asked.
    pub(crate) fn undecided(search: &'a Search, searcher: Searcher) -> Self {
        let (outcome, action, own_law) = (None, Action::default(), None);
        Self { search, searcher, outcome, action, own_law, no_law: false }
    }
}

/// What is known of whose log it is.
pub struct Whose<'a> {
    /// Its names, as the log writes them.
    pub own: &'a [String],
    /// The two letters of its state, as names of agencies have them; empty for none.
    pub state: &'a str,
    /// The laws of the agency whose system it is.
    pub laws: &'a Laws<'a>,
    /// The laws of agencies that search, by their names in the log.
    pub searching: &'a BTreeMap<String, Laws<'a>>,
    /// The texts that rows are numbered by.
    pub names: &'a Names,
}

/// Who searched, as far as the laws ask about it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Who {
    searcher: Searcher,
    /// The place of the law of that agency, if we have it.
    law: Option<usize>,
    /// Whether that was in a system of its own.
    elsewhere: bool,
}

impl Whose<'_> {
    /// Who an agency of this name is, and whether the vendor says that it is federal.
    pub fn searcher(&self, name: &str, federal: bool) -> Searcher {
        if self.own.iter().any(|own| own == name) {
            return Searcher::Own;
        }
        if federal { Searcher::Federal } else { names::told(name, self.state) }
    }

    /// Decides searches by column.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub fn decide<'s>(&self, searches: &'s [Search]) -> Result<Vec<Seen<'s>>, String> {
        let mut seen = Vec::new();
        Decider::new(self).decide(searches, |one| seen.push(one))?;
        Ok(seen)
    }

    fn who(&self, row: &Row) -> Who {
        let name = self.names.text(row.agency).unwrap_or_default();
        let searcher = match row.has(Mark::Elsewhere) {
            true => Searcher::Own,
            false => self.searcher(&name, row.has(Mark::Federal)),
        };
        let place = self.searching.keys().position(|known| **known == *name);
        let law = place.map(|place| place.saturating_add(1));
        Who { searcher, law, elsewhere: row.has(Mark::Elsewhere) }
    }

    /// What a search states; of a federal agency see [`Whose::statements`].
    pub fn facts(&self, seen: &Seen<'_>) -> Vec<(&'static str, &'static str)> {
        let mut facts = vec![("information_is_public", "false")];
        let looked_up = INFORMATION.get(usize::from(seen.search.row.information));
        facts.extend(looked_up.map(|information| ("information", *information)));
        facts.extend(purpose(seen.search.row.class).map(|purpose| ("purpose", purpose)));
        match seen.searcher {
            Searcher::InState => {
                facts.extend([("requester", "state_local"), ("requester_out_of_state", "false")])
            }
            Searcher::OutOfState => {
                facts.extend([("requester", "state_local"), ("requester_out_of_state", "true")])
            }
            Searcher::Federal => facts.push(("requester_out_of_state", "false")),
            Searcher::Own | Searcher::Elsewhere => {}
        }
        facts
    }
}

/// The values of the vocabulary's `information` that a log can be of.
pub const INFORMATION: [&str; 5] =
    ["plate_reader", "criminal_history", "personal", "immigration_status", "other"];

/// Whether the law of requests has anything to say of a search: its reason speaks of immigration
/// or of a federal agency, or somebody else than the agency itself searched.
fn asks(class: Class, searcher: Searcher) -> bool {
    speaks(class) || !matches!(searcher, Searcher::Own | Searcher::InState)
}

/// Whether a reason speaks of immigration, or of a federal agency and not of what it is for.
pub fn speaks(class: Class) -> bool {
    class.is_of_immigration() || class == Class::FederalAgencyUnclear
}

/// The purpose that a reason names.
fn purpose(class: Class) -> Option<&'static str> {
    match class {
        Class::ImmigrationCivil => Some("civil_immigration"),
        Class::ImmigrationCriminal => Some("immigration_crime"),
        Class::MixedCriminalAndImmigration => Some("mixed"),
        Class::CriminalNonImmigration | Class::FederalAgencyCriminal | Class::PenalCode => {
            Some("other_crime")
        }
        _ => None,
    }
}

/// Decides searches, and remembers what the law says of each kind of them.
///
/// All that a search states is what it is for, who searched and what was looked up. So there are
/// few kinds, and those of one law are decided together, by column, when the first is met.
pub struct Decider<'a> {
    whose: &'a Whose<'a>,
    /// The laws of the agency whose system it is, and of those that search.
    laws: Vec<&'a Laws<'a>>,
    /// The days on which any of them changes: how many there were by a day is its period.
    changes: Vec<Date>,
    /// The last day that was asked for, and its period.
    last: Option<(i32, usize)>,
    /// All who searched, each once as far as it matters here.
    known: Vec<Who>,
    /// By the number of the agency and two marks the place among these.
    searchers: Vec<[Option<u16>; 4]>,
    kinds: Vec<Kinds>,
    /// By period and what was looked up; then by who searched and class.
    verdicts: Vec<Vec<Option<Verdict>>>,
}

/// What decides a search beside its kind: the address of the pack, the action, what was looked up.
type Which = (usize, Action, u8);

/// What one law says of searches, by class and searcher.
struct Kinds {
    which: Which,
    outcomes: Vec<Result<Outcome, String>>,
}

/// What the laws of a period say of a search.
#[derive(Clone, Copy)]
struct Verdict {
    searcher: Searcher,
    outcome: Option<Outcome>,
    action: Action,
    own_law: Option<Outcome>,
    no_law: bool,
}

/// Agencies that have a place by their number in tables; those that have a larger one, have none.
pub(crate) const AGENCIES: usize = 1 << 16;

impl<'a> Decider<'a> {
    /// For searches in a log of whose it is.
    pub fn new(whose: &'a Whose<'a>) -> Self {
        let laws: Vec<&Laws<'_>> =
            std::iter::once(whose.laws).chain(whose.searching.values()).collect();
        let mut changes: Vec<Date> = laws.iter().flat_map(|law| &law.changes).copied().collect();
        changes.sort();
        changes.dedup();
        let (known, searchers, kinds, verdicts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { whose, laws, changes, last: None, known, searchers, kinds, verdicts }
    }

    /// Decides searches, and hands each on.
    ///
    /// # Errors
    /// A fact that the law's vocabulary does not have, a law too large to compile.
    pub fn decide<'s>(
        &mut self,
        searches: &'s [Search],
        mut each: impl FnMut(Seen<'s>),
    ) -> Result<(), String> {
        for search in searches {
            let row = &search.row;
            let (who, period) = (self.who(row), self.period(row.day));
            // What was looked up is a byte.
            let which = period.saturating_mul(1 << 8).saturating_add(row.information.into());
            let place = who.saturating_mul(Class::ALL.len()).saturating_add(row.class as usize);
            let known = self.verdicts.get(which).and_then(|it| it.get(place)).copied().flatten();
            let verdict = match known {
                Some(verdict) if !row.has(Mark::Event) => verdict,
                _ => self.verdict(row, who, (which, place))?,
            };
            let Verdict { searcher, outcome, action, own_law, no_law } = verdict;
            each(Seen { search, searcher, outcome, action, own_law, no_law });
        }
        Ok(())
    }

    /// How many changes of the laws there were by a day.
    fn period(&mut self, day: i32) -> usize {
        match self.last {
            Some((last, period)) if last == day => period,
            _ => {
                let on = date(day);
                let period = self.changes.partition_point(|change| *change <= on);
                self.last = Some((day, period));
                period
            }
        }
    }

    /// The place of who searched among those who are known.
    fn who(&mut self, row: &Row) -> usize {
        let marks =
            usize::from(row.has(Mark::Federal)) | usize::from(row.has(Mark::Elsewhere)) << 1;
        let known = self.searchers.get(row.agency as usize).and_then(|of| of.get(marks));
        match known {
            Some(Some(who)) => usize::from(*who),
            _ => self.new_who(row, marks),
        }
    }

    #[cold]
    fn new_who(&mut self, row: &Row, marks: usize) -> usize {
        let (new, place) = (self.whose.who(row), row.agency as usize);
        let known = self.known.iter().position(|who| *who == new);
        let who = known.unwrap_or(self.known.len());
        if known.is_none() {
            self.known.push(new);
        }
        if place < AGENCIES {
            let length = self.searchers.len().max(place.saturating_add(1));
            self.searchers.resize(length, [None; 4]);
            let slot = self.searchers.get_mut(place).and_then(|of| of.get_mut(marks));
            slot.into_iter().for_each(|slot| *slot = u16::try_from(who).ok());
        }
        who
    }

    /// Asks the laws, and remembers what they say of searches at a place.
    #[cold]
    fn verdict(
        &mut self,
        row: &Row,
        who: usize,
        (which, place): (usize, usize),
    ) -> Result<Verdict, String> {
        let Some(&Who { searcher, law, elsewhere }) = self.known.get(who) else {
            return Err("who searched was forgotten; please report this".to_owned());
        };
        let action = Action::default();
        let (outcome, own_law, no_law) = (None, None, false);
        let mut verdict = Verdict { searcher, outcome, action, own_law, no_law };
        if row.has(Mark::Event) {
            return Ok(verdict);
        }
        if asks(row.class, searcher) {
            // What an agency does in a system of its own is for its own law alone.
            let own = (!elsewhere).then_some(Action::Search);
            let shared = (searcher != Searcher::Own).then_some(Action::Share);
            for action in own.into_iter().chain(shared) {
                let Some(outcome) = self.outcome(0, action, row, searcher)? else {
                    verdict.no_law = true;
                    continue;
                };
                if verdict.outcome.is_none_or(|before| permits(outcome) < permits(before)) {
                    (verdict.outcome, verdict.action) = (Some(outcome), action);
                }
            }
            if let Some(law) = law {
                // To its own law whoever searches is nobody else.
                verdict.own_law = self.outcome(law, Action::Search, row, Searcher::Own)?;
                verdict.no_law |= verdict.own_law.is_none();
            }
        }
        if which >= self.verdicts.len() {
            self.verdicts.resize(which.saturating_add(1), Vec::new());
        }
        if let Some(verdicts) = self.verdicts.get_mut(which) {
            verdicts.resize(verdicts.len().max(place.saturating_add(1)), None);
            verdicts.get_mut(place).into_iter().for_each(|slot| *slot = Some(verdict));
        }
        Ok(verdict)
    }

    /// What a law says of a search; nothing on a day before the law.
    fn outcome(
        &mut self,
        law: usize,
        action: Action,
        row: &Row,
        searcher: Searcher,
    ) -> Result<Option<Outcome>, String> {
        let Some(laws) = self.laws.get(law) else { return Ok(None) };
        let Some(pack) = laws.on(row.day)? else { return Ok(None) };
        let which = (Arc::as_ptr(&pack).addr(), action, row.information);
        let place = match self.kinds.iter().position(|kinds| kinds.which == which) {
            Some(place) => place,
            None => {
                let outcomes = self.whose.outcomes(&pack, action.word(), row.information);
                self.kinds.push(Kinds { which, outcomes });
                self.kinds.len().saturating_sub(1)
            }
        };
        let kinds = self.kinds.get(place);
        kinds.and_then(|it| it.outcomes.get(kind(row.class, searcher))).cloned().transpose()
    }
}

/// Less for outcomes that permit less.
fn permits(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::MustNot => 0,
        Outcome::Refer => 1,
        Outcome::NeedFacts => 2,
        Outcome::Silent => 3,
        Outcome::May => 4,
        Outcome::Must => 5,
    }
}
