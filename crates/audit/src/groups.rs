//! The groups of a test while searches pass: one look-up a search for all tests together.
//!
//! - In: searches, and how each test puts them together ([`By`]).
//! - Out: groups by their key.
//! - Absent: what makes a group a lead.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use law::Outcome;

use crate::checks::{By, Context, Group, GroupKey, Hit, MUST_NOT, REFER, Test};
use crate::decided::{AGENCIES, Seen};
use crate::log::{Row, Search};

/// Accounts of agencies, numbered in the order they come.
///
/// One is looked up for every search: so a key stands beside its number, at the place that it says
/// or right after it. A token is a hash already, and nobody without the agency's key can choose it.
#[derive(Default)]
pub(crate) struct Accounts {
    slots: Vec<Slot>,
    keys: Vec<(u32, u64)>,
}

/// An account, the agency, and the number plus one; 0 for a free slot. At most half are taken.
type Slot = (u64, u32, u32);

/// The slots there are at first.
const FIRST: usize = 1 << 10;

impl Accounts {
    /// The numbers of the accounts of searches. All first places are looked at before any other:
    /// each look waits for memory, and all of them wait no longer than a few alone.
    pub(crate) fn numbers(&mut self, searches: &[Search]) -> Vec<u32> {
        let key = |search: &Search| (search.row.agency, search.row.account);
        let first = |search: &Search| {
            let slot = self.slots.get(self.first(key(search))).copied().unwrap_or_default();
            if (slot.1, slot.0) == key(search) { slot.2 } else { 0 }
        };
        let mut numbers: Vec<u32> = searches.iter().map(first).collect();
        for (number, search) in numbers.iter_mut().zip(searches) {
            *number = match number.checked_sub(1) {
                Some(number) => number,
                None => self.number(&search.row),
            };
        }
        numbers
    }

    /// The first place where a key may be.
    fn first(&self, (agency, account): (u32, u64)) -> usize {
        let mixed = account ^ u64::from(agency).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 32) as usize & self.slots.len().wrapping_sub(1)
    }

    fn number(&mut self, row: &Row) -> u32 {
        if self.keys.len().saturating_mul(2) >= self.slots.len() {
            self.grow();
        }
        let new = u32::try_from(self.keys.len()).unwrap_or(u32::MAX).saturating_add(1);
        let number = self.place((row.agency, row.account), new);
        if number == new {
            self.keys.push((row.agency, row.account));
        }
        number.wrapping_sub(1)
    }

    /// The number of a key, plus one; a key that is not there gets a new one.
    fn place(&mut self, (agency, account): (u32, u64), new: u32) -> u32 {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = self.first((agency, account));
        loop {
            let Some(slot) = self.slots.get_mut(at) else { return new };
            if slot.2 == 0 {
                *slot = (account, agency, new);
            }
            if (slot.0, slot.1) == (account, agency) {
                return slot.2;
            }
            at = at.wrapping_add(1) & last;
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = vec![(0, 0, 0); self.slots.len().saturating_mul(2).max(FIRST)];
        let keys = std::mem::take(&mut self.keys);
        for (key, number) in keys.iter().zip(1_u32..) {
            self.place(*key, number);
        }
        self.keys = keys;
    }

    fn key(&self, number: usize) -> GroupKey {
        let (agency, account) = self.keys.get(number).copied().unwrap_or_default();
        GroupKey { agency, account, other: 0 }
    }
}

/// Groups by their key.
pub(crate) type ByKey = HashMap<GroupKey, Group, RandomState>;

/// What is counted of every search: few bytes, for they are looked up once for each.
#[derive(Clone, Copy)]
struct Tally {
    of: u32,
    hits: u32,
    /// From which second on a hit need not be kept any more.
    until: u32,
}

/// Groups by a number.
#[derive(Default)]
struct Numbered {
    /// What is counted, and the first hits.
    tallies: Vec<Tally>,
    groups: Vec<Group>,
}

/// Takes a group to which nothing more will be added, and that nobody keeps.
pub(crate) type Whole<'a> = &'a mut dyn FnMut(GroupKey, &Group);

/// The groups of one test.
#[derive(Default)]
pub(crate) struct Groups {
    accounts: Numbered,
    agencies: Numbered,
    /// Of each agency, hits that the law does not permit and hits that it leaves to a person.
    outcomes: Vec<(u32, u32)>,
    others: ByKey,
    /// Of each account the last clock hour in which it was seen, and its hits in that.
    counts: Vec<(u32, u32)>,
    /// An hour of which more searches follow, and the accounts in it so far.
    long: (Option<u32>, ByKey),
}

/// Seconds of an hour.
const HOUR: u32 = 3_600;

/// The clock hour of a search, counted from the start of 1970.
fn hour((seen, _): &(Seen<'_>, u32)) -> u32 {
    seen.search.row.time / HOUR
}

/// The account of a search.
fn key_of(seen: &Seen<'_>) -> GroupKey {
    let Row { agency, account, .. } = seen.search.row;
    GroupKey { agency, account, other: 0 }
}

impl Numbered {
    fn add(&mut self, number: u32, seen: &Seen<'_>, hit: bool) {
        let place = number as usize;
        if place >= self.tallies.len() {
            let none = Tally { of: 0, hits: 0, until: u32::MAX };
            self.tallies.resize(place.saturating_add(1), none);
        }
        let Some(tally) = self.tallies.get_mut(place) else { return };
        tally.of = tally.of.saturating_add(1);
        tally.hits = tally.hits.saturating_add(u32::from(hit));
        if hit && seen.search.row.time <= tally.until {
            if place >= self.groups.len() {
                self.groups.resize_with(place.saturating_add(1), Group::default);
            }
            let Some(group) = self.groups.get_mut(place) else { return };
            group.keep(Hit::of(seen));
            tally.until = group.until();
        }
    }

    /// Every group with its number.
    fn all(self) -> impl Iterator<Item = (usize, Group)> {
        let groups = self.groups.into_iter().chain(std::iter::repeat_with(Group::default));
        self.tallies.into_iter().zip(groups).enumerate().map(|(number, (tally, group))| {
            let (of, hits) = (u64::from(tally.of), u64::from(tally.hits));
            (number, Group { of, hits, ..group })
        })
    }
}

impl Groups {
    /// Takes searches, by time, with the numbers of their accounts; those of a test that looks at
    /// whole hours are left to [`Groups::take_hours`].
    pub(crate) fn take(
        &mut self,
        test: &dyn Test,
        context: &Context<'_>,
        searches: &[(Seen<'_>, u32)],
        whole: Whole<'_>,
    ) {
        if test.within_an_hour(context).is_none() {
            test.look_all(searches, context, &mut |one, account, by, hit| {
                self.add(by, account, one, hit, whole);
            });
        }
    }

    /// The same for a test that looks at whole hours; with it, whether more searches of the last
    /// hour follow.
    pub(crate) fn take_hours(
        &mut self,
        test: &dyn Test,
        context: &Context<'_>,
        (searches, more): (&[(Seen<'_>, u32)], bool),
        whole: Whole<'_>,
    ) {
        let Some(least) = test.within_an_hour(context) else { return };
        let open = searches.last().map(hour).filter(|_| more);
        for same in searches.chunk_by(|a, b| hour(a) == hour(b)) {
            let this = same.first().map(hour);
            if self.long.0 != this {
                self.end_long(least, whole);
            }
            if this == open || this == self.long.0 {
                self.long.0 = this;
                test.look_all(same, context, &mut |one, _, _, hit| {
                    self.long.1.entry(key_of(one)).or_default().add(one, hit);
                });
            } else {
                self.take_hour(test, context, same, least, whole);
            }
        }
        if !more {
            self.end_long(least, whole);
        }
    }

    fn end_long(&mut self, least: u64, whole: Whole<'_>) {
        let (_, groups) = std::mem::take(&mut self.long);
        let enough = groups.iter().filter(|(_, group)| group.hits >= least);
        enough.for_each(|(key, group)| whole(*key, group));
    }

    fn add(&mut self, by: By, account: u32, seen: &Seen<'_>, hit: bool, whole: Whole<'_>) {
        let row = &seen.search.row;
        let key = |account: u64, other: u64| GroupKey { agency: row.agency, account, other };
        match by {
            By::Search => {
                let mut group = Group::default();
                group.add(seen, hit);
                whole(key(row.account, 0), &group);
            }
            By::Account => self.accounts.add(account, seen, hit),
            By::Agency if (row.agency as usize) < AGENCIES => {
                self.agencies.add(row.agency, seen, hit);
                if hit {
                    self.count_outcome(row.agency as usize, seen.outcome);
                }
            }
            By::Agency => self.others.entry(key(0, 0)).or_default().add(seen, hit),
            By::Files(files) => self.others.entry(key(0, files)).or_default().add(seen, hit),
        }
    }

    fn count_outcome(&mut self, agency: usize, outcome: Option<Outcome>) {
        if agency >= self.outcomes.len() {
            self.outcomes.resize(agency.saturating_add(1), (0, 0));
        }
        if let Some((must_not, refer)) = self.outcomes.get_mut(agency) {
            *must_not = must_not.saturating_add((outcome == MUST_NOT).into());
            *refer = refer.saturating_add((outcome == REFER).into());
        }
    }

    /// Groups of an hour with fewer hits than make a lead are not put together.
    fn take_hour(
        &mut self,
        test: &dyn Test,
        context: &Context<'_>,
        searches: &[(Seen<'_>, u32)],
        least: u64,
        whole: Whole<'_>,
    ) {
        let (counts, mut enough) = (&mut self.counts, false);
        let this = searches.first().map_or(0, hour);
        test.look_all(searches, context, &mut |_, account, _, hit| {
            let account = account as usize;
            if account >= counts.len() {
                counts.resize(account.saturating_add(1), (0, 0));
            }
            if let Some((last, count)) = counts.get_mut(account) {
                let before = if *last == this { *count } else { 0 };
                (*last, *count) = (this, before.saturating_add(u32::from(hit)));
                enough |= u64::from(*count) >= least;
            }
        });
        if !enough {
            return;
        }
        let mut groups = ByKey::default();
        test.look_all(searches, context, &mut |one, account, _, hit| {
            let count = counts.get(account as usize).map_or(0, |(_, count)| *count);
            if u64::from(count) >= least {
                groups.entry(key_of(one)).or_default().add(one, hit);
            }
        });
        groups.iter().for_each(|(key, group)| whole(*key, group));
    }

    /// Adds all groups to those by key.
    pub(crate) fn into(self, accounts: &Accounts, all: &mut ByKey) {
        let by_account = self.accounts.all().map(|(number, it)| (accounts.key(number), it));
        let outcomes = self.outcomes;
        let by_agency = self.agencies.all().map(|(number, group)| {
            let agency = u32::try_from(number).unwrap_or(u32::MAX);
            let (must_not, refer) = outcomes.get(number).copied().unwrap_or_default();
            let (must_not, refer) = (must_not.into(), refer.into());
            (GroupKey { agency, account: 0, other: 0 }, Group { must_not, refer, ..group })
        });
        for (key, group) in by_account.chain(by_agency).chain(self.others) {
            if group.of > 0 {
                all.entry(key).or_default().merge(group);
            }
        }
    }
}
