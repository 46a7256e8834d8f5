//! The groups of a test while searches pass: one look-up a search for all tests together.
//!
//! - In: searches, and how each test puts them together ([`By`]).
//! - Out: groups by their key.
//! - Absent: what makes a group a lead.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::checks::{By, Context, Group, GroupKey, Test};
use crate::decided::Seen;
use crate::log::Row;

/// Accounts of agencies, numbered in the order they come.
#[derive(Default)]
pub(crate) struct Accounts {
    numbers: HashMap<(u32, u64), u32, RandomState>,
    keys: Vec<(u32, u64)>,
}

impl Accounts {
    pub(crate) fn number(&mut self, row: &Row) -> u32 {
        let key = (row.agency, row.account);
        let new = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(new);
        if number == new {
            self.keys.push(key);
        }
        number
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

/// The groups of one test.
#[derive(Default)]
pub(crate) struct Groups {
    /// By the number of the account: what is counted, and the first hits.
    tallies: Vec<Tally>,
    accounts: Vec<Group>,
    others: ByKey,
    /// Hits of each account within one hour; all zero between hours.
    counts: Vec<u64>,
}

/// Seconds of an hour.
const HOUR: u32 = 3_600;

impl Groups {
    /// Takes searches, by time, with the numbers of their accounts; all of a clock hour at once.
    pub(crate) fn take(
        &mut self,
        test: &dyn Test,
        context: &Context<'_>,
        searches: &[(Seen<'_>, u32)],
    ) {
        match test.within_an_hour(context) {
            None => {
                for (one, account) in searches {
                    if let Some((by, hit)) = test.look(one, context) {
                        self.add(by, *account, one, hit);
                    }
                }
            }
            Some(least) => {
                let hour = |(seen, _): &(Seen<'_>, u32)| seen.search.row.time / HOUR;
                for whole in searches.chunk_by(|a, b| hour(a) == hour(b)) {
                    self.take_hour(test, context, whole, least);
                }
            }
        }
    }

    fn add(&mut self, by: By, account: u32, seen: &Seen<'_>, hit: bool) {
        let row = &seen.search.row;
        let key = |account: u64, other: u64| GroupKey { agency: row.agency, account, other };
        let group = match by {
            By::Account => return self.tally(account, seen, hit),
            By::Agency => Some(self.others.entry(key(0, 0)).or_default()),
            By::Search => {
                let place = u64::from(row.file) << 32 | u64::from(row.row);
                Some(self.others.entry(key(row.account, place)).or_default())
            }
            By::Files(files) => Some(self.others.entry(key(0, files)).or_default()),
        };
        if let Some(group) = group {
            group.add(seen, hit);
        }
    }

    fn tally(&mut self, account: u32, seen: &Seen<'_>, hit: bool) {
        let place = account as usize;
        if place >= self.tallies.len() {
            let none = Tally { of: 0, hits: 0, until: u32::MAX };
            self.tallies.resize(place.saturating_add(1), none);
        }
        let Some(tally) = self.tallies.get_mut(place) else { return };
        tally.of = tally.of.saturating_add(1);
        tally.hits = tally.hits.saturating_add(u32::from(hit));
        if hit && seen.search.row.time <= tally.until {
            if place >= self.accounts.len() {
                self.accounts.resize_with(place.saturating_add(1), Group::default);
            }
            let Some(group) = self.accounts.get_mut(place) else { return };
            group.add(seen, true);
            tally.until = group.until();
        }
    }

    /// Groups of an hour with fewer hits than make a lead are not kept: there will be no more.
    fn take_hour(
        &mut self,
        test: &dyn Test,
        context: &Context<'_>,
        hour: &[(Seen<'_>, u32)],
        least: u64,
    ) {
        let looked = || {
            hour.iter().filter_map(|(one, account)| {
                test.look(one, context).map(|(_, hit)| (one, *account as usize, hit))
            })
        };
        let mut enough = false;
        for (_, account, hit) in looked() {
            if account >= self.counts.len() {
                self.counts.resize(account.saturating_add(1), 0);
            }
            if let Some(count) = self.counts.get_mut(account) {
                *count = count.saturating_add(u64::from(hit));
                enough |= *count >= least;
            }
        }
        if enough {
            for (one, account, hit) in looked() {
                if self.counts.get(account).is_some_and(|count| *count >= least) {
                    let row = &one.search.row;
                    let other = u64::from(row.time / HOUR);
                    let key = GroupKey { agency: row.agency, account: row.account, other };
                    self.others.entry(key).or_default().add(one, hit);
                }
            }
        }
        for (_, account, _) in looked() {
            if let Some(count) = self.counts.get_mut(account) {
                *count = 0;
            }
        }
    }

    /// Adds all groups to those by key.
    pub(crate) fn into(self, accounts: &Accounts, all: &mut ByKey) {
        let groups = self.accounts.into_iter().chain(std::iter::repeat_with(Group::default));
        let by_account = self.tallies.iter().zip(groups).enumerate().map(|(number, it)| {
            let (tally, group) = it;
            let (of, hits) = (u64::from(tally.of), u64::from(tally.hits));
            (accounts.key(number), Group { of, hits, ..group })
        });
        for (key, group) in by_account.chain(self.others) {
            if group.of > 0 {
                all.entry(key).or_default().merge(group);
            }
        }
    }
}
