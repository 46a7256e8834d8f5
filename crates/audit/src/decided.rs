//! Searches under the law: what the law in force that day for an agency makes of each.
//!
//! - In: searches, the library of laws, and whose log it is.
//! - Out: [`Seen`], a search with who searched and what the law says of it.
//! - Absent: what an officer meant. A reason gives the purpose it names and nothing else; what it
//!   does not name stays unknown, and the law then asks for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use foldhash::fast::RandomState;
use jiff::civil::Date;
use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Library, Outcome, Pack, Source, Statement};

use crate::locked;
use crate::log::{Mark, Names, Row, Search, date};
use crate::reason::Class;
use crate::replay::byte;

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
}

/// The laws of one agency, by day.
pub struct Laws<'a> {
    library: &'a Library,
    agency: String,
    /// The days on which they change.
    changes: Vec<Date>,
    /// By how many changes there were.
    packs: Mutex<BTreeMap<usize, Option<Arc<Pack>>>>,
}

impl<'a> Laws<'a> {
    /// The laws of an agency of the library.
    pub fn new(library: &'a Library, agency: &str) -> Self {
        // Of an agency that is not known there is no day, and no law.
        let changes = library.change_days(agency).unwrap_or_default();
        Self { library, agency: agency.to_owned(), changes, packs: Mutex::default() }
    }

    /// The pack in force on a day, counted from the start of 1970; nothing before the first. Days
    /// of the same editions share one, which is compiled once.
    pub fn on(&self, day: i32) -> Option<Arc<Pack>> {
        let on = date(day);
        let changes = self.changes.partition_point(|change| *change <= on);
        let mut packs = locked(&self.packs);
        let pack = || self.library.pack(&self.agency, on).ok().map(Arc::new);
        packs.entry(changes).or_insert_with(pack).clone()
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

/// Who searched, and the place of the law of that agency, if we have it.
type Who = (Searcher, Option<usize>);

/// The states and territories, as names of agencies end with them.
const STATES: &str = " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS \
                      MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI \
                      WY PR GU ";

impl Whose<'_> {
    /// Who an agency of this name is. Names end with the state, or have it before the kind of
    /// agency: "Champaign IL PD", "Conway AR PD", "Example County SO TX".
    pub fn searcher(&self, name: &str, federal: bool) -> Searcher {
        if self.own.iter().any(|own| own == name) {
            return Searcher::Own;
        }
        if federal {
            return Searcher::Federal;
        }
        let is_state = |word: &&str| word.len() == 2 && STATES.contains(&format!(" {word} "));
        match name.split_ascii_whitespace().rev().find(is_state) {
            Some(state) if state == self.state => Searcher::InState,
            Some(_) if !self.state.is_empty() => Searcher::OutOfState,
            _ => Searcher::Elsewhere,
        }
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
        (searcher, place.map(|place| place.saturating_add(1)))
    }

    /// What a search states.
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
            // Which federal agency it is decides in no law we have between those of immigration,
            // and is in the name of the account; a person reads it.
            Searcher::Own | Searcher::Federal | Searcher::Elsewhere => {}
        }
        facts
    }

    /// The same, as it is stated to the law room one by one.
    pub fn statements(&self, seen: &Seen<'_>) -> Vec<Statement> {
        let facts = self.facts(seen);
        facts.iter().map(|(fact, value)| Statement::new(fact, value, Source::System)).collect()
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
    /// By the number of the agency and two marks.
    searchers: Vec<[Option<Who>; 4]>,
    /// By law and day.
    packs: HashMap<(usize, i32), Option<Arc<Pack>>, RandomState>,
    kinds: Vec<Kinds>,
    /// By law and action, where the kinds of the last search are.
    last: Vec<Option<Last>>,
}

/// What decides a search beside its kind: the address of the pack, the action, what was looked up.
type Which = (usize, Action, u8);

/// The day of a search, what was looked up, and the place of its kinds; none without a law.
type Last = (i32, u8, Option<usize>);

/// What one law says of searches, by class and searcher.
struct Kinds {
    which: Which,
    outcomes: Vec<Result<Outcome, String>>,
}

/// Agencies that have a place by their number in tables; those that have a larger one, have none.
pub(crate) const AGENCIES: usize = 1 << 16;

impl<'a> Decider<'a> {
    /// For searches in a log of whose it is.
    pub fn new(whose: &'a Whose<'a>) -> Self {
        let laws: Vec<&Laws<'_>> =
            std::iter::once(whose.laws).chain(whose.searching.values()).collect();
        let last = vec![None; laws.len().saturating_mul(Action::ALL.len())];
        let (searchers, packs) = (Vec::new(), HashMap::default());
        Self { whose, laws, searchers, packs, kinds: Vec::new(), last }
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
            let (searcher, law) = self.who(row);
            let action = Action::default();
            let mut seen = Seen { search, searcher, outcome: None, action, own_law: None };
            if !row.has(Mark::Event) && asks(row.class, searcher) {
                self.ask(&mut seen, law)?;
            }
            each(seen);
        }
        Ok(())
    }

    fn who(&mut self, row: &Row) -> Who {
        let marks =
            usize::from(row.has(Mark::Federal)) | usize::from(row.has(Mark::Elsewhere)) << 1;
        let known = self.searchers.get(row.agency as usize).and_then(|of| of.get(marks));
        match known {
            Some(Some(who)) => *who,
            _ => self.new_who(row, marks),
        }
    }

    #[cold]
    fn new_who(&mut self, row: &Row, marks: usize) -> Who {
        let (who, place) = (self.whose.who(row), row.agency as usize);
        if place < AGENCIES {
            let length = self.searchers.len().max(place.saturating_add(1));
            self.searchers.resize(length, [None; 4]);
            let known = self.searchers.get_mut(place).and_then(|of| of.get_mut(marks));
            known.into_iter().for_each(|known| *known = Some(who));
        }
        who
    }

    fn ask(&mut self, seen: &mut Seen<'_>, law: Option<usize>) -> Result<(), String> {
        // What an agency does in a system of its own is for its own law alone.
        let own = (!seen.search.row.has(Mark::Elsewhere)).then_some(0);
        let shared = (seen.searcher != Searcher::Own).then_some(1);
        for place in own.into_iter().chain(shared) {
            let Some(outcome) = self.outcome(0, place, seen)? else { continue };
            if seen.outcome.is_none_or(|before| permits(outcome) < permits(before)) {
                seen.outcome = Some(outcome);
                seen.action = Action::ALL.get(place).copied().unwrap_or_default();
            }
        }
        if let Some(law) = law {
            seen.own_law = self.outcome(law, 0, seen)?;
        }
        Ok(())
    }

    /// What a law says of a search; nothing on a day before the law.
    fn outcome(
        &mut self,
        law: usize,
        action: usize,
        seen: &Seen<'_>,
    ) -> Result<Option<Outcome>, String> {
        let row = &seen.search.row;
        let slot = law.saturating_mul(Action::ALL.len()).saturating_add(action);
        let last = self.last.get(slot).copied().flatten();
        let place = match last {
            Some((day, information, place)) if (day, information) == (row.day, row.information) => {
                place
            }
            _ => {
                let place = self.place(law, action, row);
                if let Some(last) = self.last.get_mut(slot) {
                    *last = Some((row.day, row.information, place));
                }
                place
            }
        };
        let Some(kinds) = place.and_then(|place| self.kinds.get(place)) else { return Ok(None) };
        let kind = kind(row.class, seen.searcher);
        match kinds.outcomes.get(kind) {
            Some(Ok(outcome)) => Ok(Some(*outcome)),
            Some(Err(why)) => Err(why.clone()),
            None => Ok(None),
        }
    }

    /// Where the kinds are that a row is of.
    fn place(&mut self, law: usize, action: usize, row: &Row) -> Option<usize> {
        let laws = self.laws.get(law);
        let pack =
            self.packs.entry((law, row.day)).or_insert_with(|| laws?.on(row.day)).as_ref()?;
        let action = Action::ALL.get(action).copied().unwrap_or_default();
        let which = (Arc::as_ptr(pack).addr(), action, row.information);
        if let Some(place) = self.kinds.iter().position(|kinds| kinds.which == which) {
            return Some(place);
        }
        let outcomes = self.whose.outcomes(pack, action.word(), row.information);
        self.kinds.push(Kinds { which, outcomes });
        Some(self.kinds.len().saturating_sub(1))
    }
}

/// The place of a kind among those of one law.
fn kind(class: Class, searcher: Searcher) -> usize {
    (class as usize).saturating_mul(Searcher::ALL.len()).saturating_add(searcher as usize)
}

impl Whose<'_> {
    /// What a pack says of searches of every kind.
    fn outcomes(&self, pack: &Pack, action: &str, information: u8) -> Vec<Result<Outcome, String>> {
        let mut stated = Vec::new();
        for class in Class::ALL {
            for searcher in Searcher::ALL {
                let row = Row { class, information, ..Row::default() };
                let search = Search { row, copies: Vec::new() };
                let action = Action::default();
                let seen = Seen { search: &search, searcher, outcome: None, action, own_law: None };
                let facts = self.facts(&seen).into_iter();
                let facts = facts.map(|(fact, value)| Ok((fact, byte(pack, fact, value)?)));
                stated.push(facts.collect::<Result<Vec<(&str, u8)>, String>>());
            }
        }
        match by_column(pack, action, &stated) {
            Ok(outcomes) => {
                let both = stated.into_iter().zip(outcomes);
                both.map(|(stated, outcome)| stated.map(|_| outcome)).collect()
            }
            Err(why) => stated.into_iter().map(|_| Err(why.clone())).collect(),
        }
    }
}

/// Decides searches by what each states.
fn by_column(
    pack: &Pack,
    action: &str,
    stated: &[Result<Vec<(&str, u8)>, String>],
) -> Result<Vec<Outcome>, String> {
    let mut bytes: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (place, facts) in stated.iter().enumerate() {
        for (fact, byte) in facts.iter().flatten() {
            let column = bytes.entry(fact).or_insert_with(|| vec![UNKNOWN; stated.len()]);
            if let Some(cell) = column.get_mut(place) {
                *cell = *byte;
            }
        }
    }
    let mut columns = Columns::new(pack, stated.len());
    for (fact, column) in &bytes {
        columns.give(pack, fact, column)?;
    }
    let mut codes = vec![0_u8; stated.len()];
    decide_rows(pack, action, &columns, &mut codes).map_err(|error| error.to_string())?;
    // Facts that contradict one another are for a person, as everywhere.
    let outcome = |code: u8| match RowOutcome::from_code(code) {
        Some(RowOutcome::Settled(outcome)) => outcome,
        _ => Outcome::Refer,
    };
    Ok(codes.into_iter().map(outcome).collect())
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
