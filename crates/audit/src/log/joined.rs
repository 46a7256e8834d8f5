//! Rows of all files, joined to searches: a search that several exports show is one.
//!
//! - In: rows, in any order, from any thread.
//! - Out: [`Search`]es by time, each once, with the places where it stands; and which rows were
//!   copies of others.
//! - Absent: a limit on how many rows there are. Rows are put by the hour they are of into parts,
//!   which go to a scratch file when memory has enough of them, and come back part by part.
//!
//! Two rows are one search if they have the vendor's id in common; else within a file if every
//! cell is the same, and between files if the agency, the second and the number of networks are:
//! measured on public logs that is right 99.4 times in 100. Each row of a file is joined with at
//! most one of another.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::cell::State;
use super::row::Row;
use super::time::Days;
use crate::locked;
use crate::reason::{Class, Plain};
use crate::scratch::{PIECE, Scratch};

/// Parts that rows are put into: so many that one of a log of a hundred million rows is some ten
/// megabytes.
const PARTS: usize = 512;

/// Rows of a part that are held in memory before they go to the scratch file: a piece of it.
const HELD: usize = PIECE / PACKED;

/// Rows from which on those of whole hours are joined and handed on: not so many that they leave
/// the processor's own memory before they were looked at.
const TOGETHER: usize = 2_048;

/// Bytes that a row takes.
const PACKED: usize = 64;

/// Seconds of the hour, by which rows are put into parts: those of one second come together.
const HOUR: u32 = 3_600;

/// One search, however many rows show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The first row that shows it, with the plainest reason that any of them has.
    pub row: Row,
    /// The other rows that show it.
    pub copies: Vec<Sighting>,
}

/// Another row that shows a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its file.
    pub file: u16,
    /// Its row in the file.
    pub row: u32,
    /// The state of the reason there.
    pub reason_state: State,
    /// A hash of every cell there.
    pub content: u64,
}

/// How many rows were copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// Of a row in the same file.
    pub within: u64,
    /// Of a row in another.
    pub across: u64,
}

/// Rows on their way to searches.
pub(crate) struct Joiner<'s> {
    parts: Vec<Mutex<Part>>,
    /// Where rows wait that memory has no place for.
    scratch: &'s Scratch,
    failed: Mutex<Option<io::Error>>,
}

/// What there is of a part.
#[derive(Default)]
struct Part {
    held: Vec<Packed>,
    /// The places of its pieces.
    pieces: Vec<u32>,
}

/// A row in as few bytes as it takes.
type Packed = [u8; PACKED];

impl<'s> Joiner<'s> {
    /// A joiner with a scratch file.
    pub(crate) fn new(scratch: &'s Scratch) -> Self {
        let parts = (0..PARTS).map(|_| Mutex::default()).collect();
        Self { parts, scratch, failed: Mutex::new(None) }
    }

    /// Takes rows.
    pub(crate) fn add(&self, rows: &[Row]) {
        // Exports are in the order of time, or in runs that are: rows on end go to one part.
        for same in rows.chunk_by(|a, b| a.time / HOUR == b.time / HOUR) {
            let slot = same.first().and_then(|row| self.parts.get(part(row.time)));
            let (Some(slot), mut rows) = (slot, same.iter()) else { continue };
            loop {
                let full = locked(slot).fill(&mut rows);
                let Some(full) = full else { break };
                // Other threads go on with the part while this one writes.
                let piece = self.scratch.piece();
                match self.scratch.write(full.as_flattened(), piece, 0) {
                    Ok(()) => locked(slot).pieces.push(piece),
                    Err(error) => *locked(&self.failed) = Some(error),
                }
            }
        }
    }

    /// Joins the rows of each part and hands on its searches by time, on several threads. `each`
    /// adds the searches of a part to what its thread has so far; what all threads have comes
    /// back, in no order.
    ///
    /// # Errors
    /// If the scratch file failed.
    pub(crate) fn finish<T: Default + Send>(
        self,
        days: &Days,
        threads: usize,
        each: &(dyn Fn(&mut T, &[Search]) + Sync),
    ) -> io::Result<(Vec<T>, Copies)> {
        if let Some(error) = locked(&self.failed).take() {
            return Err(error);
        }
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<T>> = Mutex::new(Vec::new());
        let copies = Mutex::new(Copies::default());
        let failed = Mutex::new(None);
        let worker = || {
            let mut own = T::default();
            let mut gathered = Gathered::new(days);
            let mut found = Copies::default();
            while let Some(slot) = self.parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let part = std::mem::take(&mut *locked(slot));
                if let Err(error) = gathered.gather(self.scratch, &part) {
                    *locked(&failed) = Some(error);
                    break;
                }
                drop(part);
                gathered.hand_on(&mut found, &mut |searches| each(&mut own, searches));
            }
            locked(&copies).add(found);
            locked(&done).push(own);
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(worker);
            }
            worker();
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let copies = copies.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((done, copies))
    }
}

impl Part {
    /// Takes rows, until they end or so many are held that they have to be put away.
    fn fill(&mut self, rows: &mut std::slice::Iter<'_, Row>) -> Option<Vec<Packed>> {
        let room = HELD.saturating_sub(self.held.len());
        self.held.extend(rows.take(room).map(pack));
        (self.held.len() >= HELD)
            .then(|| std::mem::replace(&mut self.held, Vec::with_capacity(HELD)))
    }
}

impl Copies {
    fn add(&mut self, other: Self) {
        self.within = self.within.saturating_add(other.within);
        self.across = self.across.saturating_add(other.across);
    }
}

fn part(time: u32) -> usize {
    // Hours that follow one another go to parts far apart, so that busy days are spread.
    ((time / HOUR).wrapping_mul(0x9E37_79B1) >> 23) as usize
}

/// When a row was, in which file, its row there, and its place among those gathered: one number, so
/// that one comparison puts two in order.
type Order = u128;

/// The rows of a part, and what they are joined in, which serves one part after the other.
struct Gathered {
    days: Days,
    packed: Vec<Packed>,
    order: Vec<Order>,
    rows: Vec<Row>,
    searches: Vec<Search>,
}

impl Gathered {
    fn new(days: &Days) -> Self {
        Self {
            days: days.clone(),
            packed: Vec::new(),
            order: Vec::new(),
            rows: Vec::new(),
            searches: Vec::new(),
        }
    }

    /// Takes all rows of a part, those put away and those held, and puts them in order.
    fn gather(&mut self, scratch: &Scratch, part: &Part) -> io::Result<()> {
        let away = part.pieces.len().saturating_mul(HELD);
        self.packed.resize(away, [0; PACKED]);
        for (piece, rows) in part.pieces.iter().zip(self.packed.chunks_mut(HELD)) {
            scratch.read(rows.as_flattened_mut(), *piece, 0)?;
        }
        self.packed.extend_from_slice(&part.held);
        self.order.clear();
        self.order.extend((0_u32..).zip(&self.packed).map(|(at, row)| order(row, at)));
        self.order.sort_unstable();
        Ok(())
    }

    /// Joins the rows of some hours at a time, and hands on their searches.
    fn hand_on(&mut self, copies: &mut Copies, each: &mut dyn FnMut(&[Search])) {
        let Self { days, packed, order, rows, searches, .. } = self;
        let hour = |row: &Order| (row >> 80) as u32 / HOUR;
        rows.clear();
        for same in order.chunk_by(|a, b| hour(a) == hour(b)) {
            let same = same.iter().filter_map(|row| packed.get(*row as u32 as usize));
            rows.extend(same.map(|row| unpack(row, days)));
            if rows.len() >= TOGETHER {
                join(rows, searches, copies, CROWD);
                each(searches);
                rows.clear();
            }
        }
        join(rows, searches, copies, CROWD);
        each(searches);
    }
}

fn order(row: &Packed, at: u32) -> Order {
    let [times, place, .., rest] = words(row);
    let (time, file, number) = (times as u32, rest as u16, place as u32);
    u128::from(time) << 80 | u128::from(file) << 64 | u128::from(number) << 32 | u128::from(at)
}

fn words(row: &Packed) -> [u64; PACKED / 8] {
    let mut words = [0; PACKED / 8];
    for (word, bytes) in words.iter_mut().zip(row.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// The most hours that are told apart: seven years and more are one.
const MOST_HOURS: u32 = u16::MAX as u32 - 1;

fn pack(row: &Row) -> Packed {
    let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let hours = row.hours.map_or(u32::from(u16::MAX), |hours| hours.min(MOST_HOURS));
    // How plain it is and the state of the cell share a byte.
    let plain = (row.plain as u8) << 4 | row.reason_state as u8;
    let small = u32::from_le_bytes([row.class as u8, plain, row.information, row.marks]);
    let words = [
        two(row.time, row.networks.unwrap_or(u32::MAX)),
        two(row.row, row.line),
        row.id,
        row.content,
        row.account,
        row.case,
        two(row.agency, row.reason),
        two(u32::from(row.file) | hours << 16, small),
    ];
    let mut packed = [0; PACKED];
    for (bytes, word) in packed.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    packed
}

fn unpack(row: &Packed, days: &mut Days) -> Row {
    let low = |word: u64| word as u32;
    let high = |word: u64| (word >> 32) as u32;
    let [times, place, id, content, account, case, names, rest] = words(row);
    let [class, plain, information, marks] = high(rest).to_le_bytes();
    let hours = low(rest) >> 16;
    Row {
        time: low(times),
        day: days.day(low(times)),
        file: low(rest) as u16,
        row: low(place),
        line: high(place),
        id,
        content,
        agency: low(names),
        account,
        case,
        networks: Some(high(times)).filter(|networks| *networks != u32::MAX),
        hours: Some(hours).filter(|hours| *hours <= MOST_HOURS),
        reason: high(names),
        class: Class::ALL.get(usize::from(class)).copied().unwrap_or_default(),
        plain: Plain::ALL.get(usize::from(plain >> 4)).copied().unwrap_or_default(),
        reason_state: State::ALL.get(usize::from(plain & 15)).copied().unwrap_or_default(),
        marks,
        information,
    }
}

/// Rows of one second from which on it is found out first whether a row may be joined at all: in a
/// log that knows no hours, all rows of a day are of one second.
const CROWD: usize = 64;

/// Joins rows, which are in order.
fn join(rows: &[Row], searches: &mut Vec<Search>, copies: &mut Copies, crowd: usize) {
    searches.clear();
    for second in rows.chunk_by(|a, b| a.time == b.time) {
        let first = searches.len();
        let mut seen = (second.len() >= crowd).then(Crowd::default);
        for row in second {
            let found = match seen.as_mut().is_none_or(|seen| seen.may_have(row)) {
                true => find(row, searches.get(first..).unwrap_or_default()),
                false => None,
            };
            match found.and_then(|at| searches.get_mut(first.saturating_add(at))) {
                Some(search) => {
                    if search.row.file == row.file {
                        copies.within = copies.within.saturating_add(1);
                    } else {
                        copies.across = copies.across.saturating_add(1);
                    }
                    search.take(row);
                }
                None => searches.push(Search { row: *row, copies: Vec::new() }),
            }
        }
    }
}

/// The search of this second that a row shows; of several that it may be, the one with the same
/// reason.
fn find(row: &Row, searches: &[Search]) -> Option<usize> {
    let mut same = searches.iter().enumerate().filter(|it| is_of(row, it.1));
    let any = same.clone().next();
    same.find(|it| it.1.row.reason == row.reason).or(any).map(|it| it.0)
}

/// What rows of a second had so far: a row that has nothing in common with any of them is of no
/// search yet.
#[derive(Default)]
struct Crowd {
    ids: HashSet<u64, RandomState>,
    contents: HashSet<(u16, u64), RandomState>,
    /// Agencies and networks, in files before.
    pairs: HashSet<(u32, Option<u32>), RandomState>,
    file: u16,
    /// The same in this file.
    of_file: Vec<(u32, Option<u32>)>,
}

impl Crowd {
    /// Whether there may be a search that a row shows. Rows come file by file.
    fn may_have(&mut self, row: &Row) -> bool {
        if row.file != self.file {
            self.pairs.extend(self.of_file.drain(..));
            self.file = row.file;
        }
        let pair = (row.agency, row.networks);
        self.of_file.push(pair);
        let known = !self.contents.insert((row.file, row.content))
            | (row.id != 0 && !self.ids.insert(row.id));
        known | self.pairs.contains(&pair)
    }
}

/// Whether a row of the same second shows a search.
fn is_of(row: &Row, search: &Search) -> bool {
    let kept = &search.row;
    if row.id != 0 && kept.id != 0 {
        return row.id == kept.id;
    }
    if row.file == kept.file {
        return row.content == kept.content;
    }
    // Rows come file by file, so that those of this one are the last.
    let mut own = search.copies.iter().rev().take_while(|copy| copy.file == row.file);
    if own.clone().any(|copy| copy.content == row.content) {
        return true;
    }
    // At most one row of each file.
    row.agency == kept.agency && row.networks == kept.networks && own.next().is_none()
}

impl Search {
    fn take(&mut self, row: &Row) {
        let Row { file, row: number, reason_state, content, .. } = *row;
        let copy = Sighting { file, row: number, reason_state, content };
        self.copies.push(copy);
        let kept = &mut self.row;
        if row.reason_state == State::Value && kept.reason_state != State::Value {
            (kept.reason, kept.class, kept.plain) = (row.reason, row.class, row.plain);
        }
        if kept.account == 0 {
            kept.account = row.account;
        }
        if kept.case == 0 {
            kept.case = row.case;
        }
        if kept.id == 0 {
            kept.id = row.id;
        }
        kept.hours = kept.hours.or(row.hours);
        kept.marks |= row.marks;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Copies, Row, State, join, order, pack};

    fn row() -> impl Strategy<Value = Row> {
        let (few, id) = (0_u64..6, prop_oneof![2 => Just(0_u64), 1 => 1_u64..9]);
        let state = prop_oneof![3 => Just(State::Value), 1 => Just(State::Empty)];
        let rest = (0_u32..3, prop::option::of(0_u32..3), 0_u32..4, state);
        let first = (0_u16..4, 0_u32..3, few, id, 0_u64..3);
        (first, rest).prop_map(|((file, time, content, id, account), rest)| {
            let (agency, networks, reason, reason_state) = rest;
            let row = Row { file, time, content, id, account, ..Row::default() };
            Row { agency, networks, reason, reason_state, ..row }
        })
    }

    proptest! {
        /// Rows are put in order by time, then file, then row, in whatever order they come.
        #[test]
        fn rows_come_by_time_and_place(
            places in prop::collection::vec((0_u32..3, 0_u16..3, 0_u32..3), 0..60),
            all in prop::collection::vec(any::<(u32, u16, u32)>(), 0..60),
        ) {
            let mut places = [places, all].concat();
            let rows = places.iter().map(|&(time, file, row)| {
                pack(&Row { time, file, row, networks: Some(7), ..Row::default() })
            });
            let mut orders: Vec<_> = rows.zip(0..).map(|(row, at)| order(&row, at)).collect();
            orders.sort_unstable();
            let sorted: Vec<_> = orders.iter().map(|it| places[*it as u32 as usize]).collect();
            places.sort_unstable();
            prop_assert_eq!(sorted, places);
        }

        /// In a crowd it is found out first whether a row may be joined; that changes nothing.
        #[test]
        fn as_in_a_crowd(mut rows in prop::collection::vec(row(), 0..120)) {
            rows.sort_by_key(|row| (row.time, row.file));
            for (row, number) in rows.iter_mut().zip(2..) {
                row.row = number;
            }
            let [(one, a), (other, b)] = [0, usize::MAX].map(|crowd| {
                let (mut searches, mut copies) = (Vec::new(), Copies::default());
                join(&rows, &mut searches, &mut copies, crowd);
                (searches, copies)
            });
            prop_assert_eq!(one, other);
            prop_assert_eq!(a, b);
        }
    }
}
