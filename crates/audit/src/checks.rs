//! Audit tests: what is looked for in access logs, one file a test.
//!
//! - In: searches under the law ([`Seen`]), what the register knows, thresholds of the agency.
//! - Out: [`Group`]s of searches that belong together, and of each whether it is a lead.
//! - Absent: a verdict. A lead is for a person to review; what may explain it innocently is said
//!   with it.
//!
//! A test puts every search into a group or none, and says whether it is a hit. What is kept of a
//! group is how many there are, how many are hits, and the first of these; so a test of any log
//! takes no more memory than it has groups.

mod after_declined;
mod bulk;
mod federal_agency;
mod inactive;
mod other_state;
mod overwritten;
mod purpose;
mod register;
mod settings;
mod sharing_off;
mod undocumented;
mod window;

use law::Outcome;
use serde::{Deserialize, Serialize};

use crate::decided::{Action, Searcher, Seen, Whose};
use crate::log::{Row, State};
use crate::reason::{Class, Plain};
pub use register::{Recorded, Register};

/// What a test is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct About {
    /// Its name.
    pub id: &'static str,
    /// What it looks for, in a sentence.
    pub looks_for: &'static str,
    /// Which rule makes that matter.
    pub rule: &'static str,
    /// What may explain it innocently.
    pub innocent: &'static [&'static str],
    /// A row that it would show.
    pub example: &'static str,
}

/// Thresholds of the agency's own rule. What is not set is as here.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// The share of searches with a blank or vague reason from which on an account is shown.
    pub undocumented_share: f64,
    /// Searches an account must have before its share counts.
    pub undocumented_searches: u64,
    /// Days that a search may look back without being shown.
    pub look_back_days: u32,
    /// Searches of one account within a clock hour from which on they are shown.
    pub bulk_an_hour: u64,
    /// Days between a federal request and a search on the same case that count as near.
    pub near_days: i32,
    /// Days from which on no search of some agency should be there any more.
    pub sharing_off: Vec<SharingOff>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            undocumented_share: 0.5,
            undocumented_searches: 20,
            look_back_days: 30,
            bulk_an_hour: 120,
            near_days: 14,
            sharing_off: Vec::new(),
        }
    }
}

impl Thresholds {
    /// Checks that every one of them means something.
    ///
    /// # Errors
    /// The first that does not, and what to write.
    pub fn check(&self) -> Result<(), String> {
        let share = self.undocumented_share;
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("undocumented_share: `{share}` is no share; write 0 to 1"));
        }
        if self.near_days < 0 {
            return Err(format!("near_days: `{}` is negative; write 0 or more", self.near_days));
        }
        for SharingOff { with, from } in &self.sharing_off {
            law::parse_day(from).map_err(|why| format!("sharing_off: {why}"))?;
            if with.is_empty() || with.trim() != with {
                let words = SharingOff::WORDS.join(", ");
                return Err(format!(
                    "sharing_off: `{with}`: write one of {words}, or the name of an agency, \
                     without blanks around it"
                ));
            }
        }
        Ok(())
    }
}

impl SharingOff {
    /// The words for many agencies.
    pub const WORDS: [&str; 3] = ["federal", "other_state", "all_outside"];

    /// The agency it is about, where it is about one.
    #[must_use]
    pub fn agency(&self) -> Option<&str> {
        (!Self::WORDS.contains(&self.with.as_str())).then_some(&self.with)
    }
}

/// A day on which sharing ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SharingOff {
    /// With whom: `federal`, `other_state`, `all_outside`, or the name of an agency.
    pub with: String,
    /// From which day on, `YYYY-MM-DD`.
    pub from: String,
}

/// What a test may look at beside a search.
pub struct Context<'a> {
    /// Whose log it is.
    pub whose: &'a Whose<'a>,
    /// The agency's thresholds.
    pub thresholds: &'a Thresholds,
    /// The register.
    pub register: &'a Register,
}

impl Context<'_> {
    /// The recorded and permitted request that explains a search, if there is one.
    pub fn explained(&self, seen: &Seen<'_>) -> Option<u64> {
        let mut near = self.register.near(&seen.search.row, self.thresholds.near_days);
        near.find(|request| request.explains(seen.searcher)).map(|request| request.entry)
    }
}

/// With which others a search belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// With none.
    Search,
    /// With those of the same account.
    Account,
    /// With those of the same agency.
    Agency,
    /// With those of the same agency in the same two files, which this number tells.
    Files(u64),
}

/// What searches of a group have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// The agency that searched, as a number.
    pub agency: u32,
    /// The account, a token.
    pub account: u64,
    /// What else.
    pub other: u64,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it was.
    pub time: u32,
    /// The file.
    pub file: u16,
    /// The row.
    pub row: u32,
    /// The line.
    pub line: u32,
    /// The reason, as a number.
    pub reason: u32,
}

/// What of a search a lead tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What its reason says.
    pub class: Class,
    /// How plainly.
    pub plain: Plain,
    /// Who searched.
    pub searcher: Searcher,
    /// The local day.
    pub day: i32,
    /// What was looked up.
    pub information: u8,
    /// What was decided.
    pub action: Action,
    /// To what.
    pub outcome: Option<Outcome>,
    /// To what for the agency that searched.
    pub own_law: Option<Outcome>,
}

/// A search that is a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where it stands.
    pub place: Place,
    /// What it tells.
    pub told: Told,
}

impl Hit {
    /// A search that is one.
    pub(crate) fn of(seen: &Seen<'_>) -> Self {
        let row = &seen.search.row;
        let (Row { time, reason, .. }, (file, number, line)) = (*row, seen.search.stated_at());
        let told = Told {
            class: row.class,
            plain: row.plain,
            searcher: seen.searcher,
            day: row.day,
            information: row.information,
            action: seen.action,
            outcome: seen.outcome,
            own_law: seen.own_law,
        };
        Self { place: Place { time, file, row: number, line, reason }, told }
    }
}

/// Searches that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many there are.
    pub of: u64,
    /// How many are hits.
    pub hits: u64,
    /// Of the hits, those that the law of the agency whose system it is does not permit; not
    /// counted of accounts, of which there are many.
    pub must_not: u64,
    /// Of the hits, those that it leaves to a person; counted like the others.
    pub refer: u64,
    /// The first hits, by time; at most [`SHOWN`].
    pub first: Vec<Hit>,
}

/// The outcome of which hits are counted first.
pub(crate) const MUST_NOT: Option<Outcome> = Some(Outcome::MustNot);
/// The outcome of which they are counted beside.
pub(crate) const REFER: Option<Outcome> = Some(Outcome::Refer);

/// Hits that are kept of a group.
pub const SHOWN: usize = 20;

impl Group {
    /// Counts a search.
    pub fn add(&mut self, seen: &Seen<'_>, hit: bool) {
        self.of = self.of.saturating_add(1);
        if hit {
            self.hits = self.hits.saturating_add(1);
            self.must_not = self.must_not.saturating_add((seen.outcome == MUST_NOT).into());
            self.refer = self.refer.saturating_add((seen.outcome == REFER).into());
            self.keep(Hit::of(seen));
        }
    }

    /// Adds another group of the same key.
    pub fn merge(&mut self, other: Self) {
        self.of = self.of.saturating_add(other.of);
        self.hits = self.hits.saturating_add(other.hits);
        self.must_not = self.must_not.saturating_add(other.must_not);
        self.refer = self.refer.saturating_add(other.refer);
        if self.first.is_empty() {
            self.first = other.first;
        } else {
            other.first.into_iter().for_each(|hit| self.keep(hit));
        }
    }

    /// What the first hit tells.
    #[must_use]
    pub fn told(&self) -> Option<Told> {
        self.first.first().map(|hit| hit.told)
    }

    /// Whether so many are kept that come before a place, that it need not be.
    fn is_after(&self, place: &Place) -> bool {
        self.first.len() == SHOWN && self.first.last().is_some_and(|it| it.place < *place)
    }

    /// The last second of which a hit may still be kept.
    pub(crate) fn until(&self) -> u32 {
        let last = self.first.last().filter(|_| self.first.len() == SHOWN);
        last.map_or(u32::MAX, |hit| hit.place.time)
    }

    /// Keeps a hit, if it is one of the first.
    pub(crate) fn keep(&mut self, hit: Hit) {
        if self.is_after(&hit.place) {
            return;
        }
        if self.first.len() == SHOWN {
            self.first.pop();
        }
        // There are groups of every account: none has room for more than it may have.
        if self.first.len() == self.first.capacity() && self.first.len() >= SHOWN / 2 {
            self.first.reserve_exact(SHOWN.saturating_sub(self.first.len()));
        }
        let before = self.first.iter().rposition(|it| it.place < hit.place);
        self.first.insert(before.map_or(0, |at| at.saturating_add(1)), hit);
    }
}

/// Why a group is a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// How plain it is.
    pub plain: Plain,
    /// What was found, in a sentence, with its numbers.
    pub says: String,
}

/// An audit test.
pub trait Test: Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// With which others a search belongs together, and whether it is a hit.
    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)>;

    /// Looks at many, and hands on those that belong into a group, each with the number of its
    /// account: so which test it is need not be found out for every search.
    fn look_all<'s>(
        &self,
        searches: &'s [(Seen<'s>, u32)],
        context: &Context<'_>,
        each: &mut dyn FnMut(&'s Seen<'s>, u32, By, bool),
    ) {
        for (seen, account) in searches {
            if let Some((by, hit)) = self.look(seen, context) {
                each(seen, *account, by, hit);
            }
        }
    }

    /// For a test whose groups are of an account within one clock hour of UTC each, and so whole
    /// as soon as that hour was looked at: how many hits a group needs to be a lead. Groups with
    /// fewer are not kept.
    fn within_an_hour(&self, _: &Context<'_>) -> Option<u64> {
        None
    }

    /// Whether a group is a lead.
    fn lead(&self, group: &Group, context: &Context<'_>) -> Option<Lead>;
}

/// Every test, in the order they are told.
pub const TESTS: [&dyn Test; 11] = [
    &purpose::Purpose,
    &federal_agency::FederalAgency,
    &after_declined::AfterDeclined,
    &other_state::OtherState,
    &sharing_off::SharedAfter,
    &inactive::Inactive,
    &undocumented::Undocumented,
    &overwritten::Overwritten,
    &window::Window,
    &bulk::Bulk,
    &settings::Settings,
];

/// Whether the law does not plainly permit: it forbids, leaves it to a person, or asks for more.
pub(crate) fn is_open(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::MustNot | Outcome::Refer | Outcome::NeedFacts))
}

/// What the law says of a search, in the words of a lead: that of the agency whose system it is,
/// and where it matters that of the agency that searched.
fn law_says(told: &Told) -> String {
    let host = does(told.outcome);
    match told.own_law.filter(|own| is_open(Some(*own))) {
        None => format!("the law in force that day {host}"),
        own if is_open(told.outcome) => format!(
            "the law in force that day {host}, and that of the agency that searched {}",
            does(own)
        ),
        own => format!("the law of the agency that searched, in force that day, {}", does(own)),
    }
}

/// What a law does about a search.
fn does(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::MustNot) => "does not permit it",
        Some(Outcome::Refer) => "leaves it to a person",
        Some(Outcome::NeedFacts) => "turns on what the log does not say",
        _ => "says nothing against it",
    }
}

/// Whether a reason's cell has something in it that was not taken out.
fn is_stated(state: State) -> bool {
    state == State::Value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Action, Class, Group, Hit, Place, Plain, SHOWN, Searcher, Told};

    fn hit((time, row): (u32, u32)) -> Hit {
        let place = Place { time, file: 0, row, line: row, reason: 0 };
        let (class, plain, searcher) = (Class::Other, Plain::Plain, Searcher::Own);
        let (outcome, own_law, action) = (None, None, Action::Search);
        let (day, information) = (0, 0);
        let told = Told { class, plain, searcher, day, information, action, outcome, own_law };
        Hit { place, told }
    }

    proptest! {
        /// Those that are kept are the first by time and place, in whatever order they come and
        /// however they are parted.
        #[test]
        fn the_first_hits_are_kept(
            times in prop::collection::vec((0_u32..9, any::<bool>()), 0..90),
            order in any::<prop::sample::Index>(),
        ) {
            let mut hits: Vec<_> = times.iter().map(|it| it.0).zip(1..).map(hit).collect();
            let parted = times.iter().map(|it| it.1);
            let turn = if hits.is_empty() { 0 } else { order.index(hits.len()) };
            let mut groups = [Group::default(), Group::default()];
            let mut all: Vec<_> = hits.iter().copied().zip(parted).collect();
            all.rotate_left(turn);
            for (hit, second) in all {
                groups[usize::from(second)].keep(hit);
            }
            let [mut one, other] = groups;
            one.merge(other);
            hits.sort_by_key(|hit| hit.place);
            hits.truncate(SHOWN);
            prop_assert_eq!(one.first, hits);
        }
    }
}
