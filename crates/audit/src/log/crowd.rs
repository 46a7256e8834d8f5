//! Searches of a second by what a row that shows one has in common with it, so that a row need not
//! be held against all of them.
//!
//! - In: rows of a second, file by file, and of which search each was found to be.
//! - Out: the few searches that a row may show.
//! - Absent: which of them it shows.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::joined::Search;
use super::names::Names;
use super::row::{Alike, Row};

/// Searches of a second.
pub(super) struct Crowd<'s> {
    names: &'s Names,
    ids: Index<u64>,
    contents: Index<(u16, u64)>,
    /// The file whose rows come.
    file: u16,
    /// Searches of files before.
    before: Before,
}

impl<'s> Crowd<'s> {
    /// Of rows whose reasons these are.
    pub(super) fn new(names: &'s Names) -> Self {
        let (ids, contents) = (Index::default(), Index::default());
        Self { names, ids, contents, file: 0, before: Before::default() }
    }

    /// The places of all searches that a row shows if it shows any: of those that no id
    /// and no cell of the same file tells, the first of its reason and the first of all.
    pub(super) fn may_show(&mut self, row: &Row, searches: &[Search]) -> Vec<usize> {
        if row.file != self.file {
            self.file = row.file;
            self.before = Before::new(searches, self.names);
        }
        let by_content = self.contents.of((row.file, row.content));
        let mut places: Vec<usize> = self.ids.of(row.id).chain(by_content).collect();
        self.before.may_show(row, self.names, searches, &mut places);
        places
    }

    /// Takes a row of the search at a place.
    pub(super) fn take(&mut self, row: &Row, at: usize) {
        if row.id != 0 {
            self.ids.put_once(row.id, at);
        }
        self.contents.put_once((row.file, row.content), at);
    }
}

/// Searches of files before, by what a row of another file has in common with them.
#[derive(Default)]
struct Before {
    /// Whether there is an id, and what else they have in common; with the reason or without.
    by_reason: Lists<(bool, Alike, u64)>,
    by_alike: Lists<(bool, Alike)>,
}

impl Before {
    fn new(searches: &[Search], names: &Names) -> Self {
        let all = || searches.iter().map(|search| &search.row).zip(0_u32..);
        let key = |row: &Row| (row.id != 0, row.alike());
        let by_alike = Lists::new(all().map(|(row, at)| (key(row), at)).collect());
        let by_reason = all().map(|(row, at)| {
            let (has_id, alike) = key(row);
            ((has_id, alike, names.same_reason(row.reason)), at)
        });
        Self { by_reason: Lists::new(by_reason.collect()), by_alike }
    }

    /// Adds the places of those that a row may show. At most one row of each file shows one, and
    /// while rows of one file come, what was written of the others does not change.
    fn may_show(&mut self, row: &Row, names: &Names, searches: &[Search], places: &mut Vec<usize>) {
        let free = |at: u32| {
            let last = searches.get(at as usize).and_then(|search| search.copies.last());
            last.is_none_or(|copy| copy.file != row.file)
        };
        let (alike, reason) = (row.alike(), names.same_reason(row.reason));
        for has_id in [false, true] {
            // Of two that have an id it alone counts.
            if row.id == 0 || !has_id {
                places.extend(self.by_reason.first((has_id, alike, reason), free));
                places.extend(self.by_alike.first((has_id, alike), free));
            }
        }
    }
}

/// Places by a key, in their order. One that was passed by once is not looked at again.
struct Lists<K> {
    all: Vec<(K, u32)>,
    /// Where the first of a key is in `all`, for each key at the place of the first it ever had.
    next: Vec<u32>,
}

impl<K> Default for Lists<K> {
    fn default() -> Self {
        Self { all: Vec::new(), next: Vec::new() }
    }
}

impl<K: Copy + Ord> Lists<K> {
    fn new(mut all: Vec<(K, u32)>) -> Self {
        all.sort_unstable();
        let next = (0_u32..).take(all.len()).collect();
        Self { all, next }
    }

    /// The first place of a key that is free; what is not free now never will be.
    fn first(&mut self, key: K, free: impl Fn(u32) -> bool) -> Option<usize> {
        let first = self.all.partition_point(|(other, _)| *other < key);
        let next = self.next.get_mut(first)?;
        let from = self.all.get(*next as usize..).unwrap_or_default();
        let same = from.iter().take_while(|(other, _)| *other == key);
        let passed = same.clone().take_while(|(_, at)| !free(*at)).count();
        *next = next.saturating_add(passed as u32);
        same.map(|(_, at)| *at as usize).nth(passed)
    }
}

/// Places by a key, of which each may have several.
struct Index<K> {
    last: HashMap<K, usize, RandomState>,
    /// Each place, and where the one before it with the same key is.
    places: Vec<(usize, Option<usize>)>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { last: HashMap::default(), places: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash> Index<K> {
    /// The places of a key, the last first.
    fn of(&self, key: K) -> impl Iterator<Item = usize> + use<'_, K> {
        let mut next = self.last.get(&key).copied();
        std::iter::from_fn(move || {
            let (place, before) = *self.places.get(next?)?;
            next = before;
            Some(place)
        })
    }

    /// Puts a place there, if it is not there yet.
    fn put_once(&mut self, key: K, place: usize) {
        if self.of(key).all(|it| it != place) {
            let before = self.last.insert(key, self.places.len());
            self.places.push((place, before));
        }
    }
}
