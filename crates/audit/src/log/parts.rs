//! Rows that wait by the hour, and come back in the order of time.
//!
//! - In: rows, in any order, from any thread.
//! - Out: [`Part`]s of them; and through [`Ordered`] the rows of a part by time, many at once.
//! - Absent: a limit on how many rows there are, in all, in an hour or in a second. A part that
//!   memory has no place for is put into smaller ones by time, and these likewise; of a second, by
//!   what rows of one search have in common ([`Kin`]). What has to fit is what nothing tells apart.

use std::borrow::Cow;
use std::io;
use std::slice;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::kin::{Kin, Kinship};
use super::packed::{self, Packed, pack, time};
use super::pressed::{WORDS, expand, press};
use super::row::Row;
use crate::locked;
use crate::scratch::{Scratch, Word, changed};

/// Seconds of the hour, by which rows are put into parts: those of one second come together.
pub(super) const HOUR: u32 = 3_600;

/// Parts that rows are put into: so many that one of a log of a hundred million rows is some ten
/// megabytes.
const PARTS: usize = 512;

/// Parts that one is put into which memory has no place for.
const SMALLER: u32 = 64;

/// How often rows of one second are parted: four thousand parts of it are all that may be wanted,
/// and rows that have everything in common would be parted for ever.
const TIMES: u32 = 2;

/// Rows of a part that are held in memory before they go to the scratch file: about as many as a
/// piece of it has place for.
const HELD: usize = 384;

/// Rows on their way, each with others of its hour.
pub(super) struct Parts<'s> {
    parts: Vec<Mutex<Part>>,
    next: AtomicUsize,
    /// Where rows wait that memory has no place for.
    scratch: &'s Scratch,
    failed: Mutex<Option<io::Error>>,
}

/// Rows of some hours.
pub(super) struct Part {
    /// From when to when there may be some, both seconds included.
    from: u32,
    until: u32,
    /// How often rows of this second were parted.
    parted: u32,
    /// Those in memory.
    held: Vec<Packed>,
    /// How many were put away, and the last piece of them.
    away: usize,
    last: u32,
}

impl<'s> Parts<'s> {
    pub(super) fn new(scratch: &'s Scratch) -> Self {
        let parts = std::iter::repeat_with(|| Mutex::new(Part::new(u32::MAX, 0)));
        let (parts, next) = (parts.take(PARTS).collect(), AtomicUsize::new(0));
        Self { parts, next, scratch, failed: Mutex::new(None) }
    }

    /// Takes rows.
    pub(super) fn add(&self, rows: &[Row]) {
        // Exports are in the order of time, or in runs that are: rows on end go to one part.
        for same in rows.chunk_by(|a, b| a.time / HOUR == b.time / HOUR) {
            let hour = same.first().map_or(0, |row| row.time / HOUR);
            let Some(slot) = self.parts.get(place(hour)) else { continue };
            let mut rows = same;
            loop {
                let mut part = locked(slot);
                part.of_hour(hour);
                let full = part.fill(&mut rows, pack, || self.scratch.piece());
                drop(part);
                // Other threads go on with the part while this one writes.
                let Some((piece, full)) = full else { break };
                if let Err(error) = self.scratch.write(&full, piece) {
                    *locked(&self.failed) = Some(error);
                }
            }
        }
    }

    /// What puts parts in order, with memory for so many rows.
    pub(super) fn ordered(&self, most: usize) -> Ordered<'s> {
        Ordered { scratch: self.scratch, most, packed: Vec::new(), order: Vec::new() }
    }

    /// Takes out a part that nobody has taken yet.
    ///
    /// # Errors
    /// If the scratch file failed when rows were put away.
    pub(super) fn take(&self) -> io::Result<Option<Part>> {
        if let Some(error) = locked(&self.failed).take() {
            return Err(error);
        }
        let part = self.parts.get(self.next.fetch_add(1, Ordering::Relaxed));
        Ok(part.map(|part| std::mem::replace(&mut *locked(part), Part::new(u32::MAX, 0))))
    }
}

/// The place of the part of an hour.
fn place(hour: u32) -> usize {
    // Hours that follow one another go to parts far apart, so that busy days are spread.
    (hour.wrapping_mul(0x9E37_79B1) >> 23) as usize
}

impl Part {
    fn new(from: u32, until: u32) -> Self {
        Self { from, until, parted: 0, held: Vec::new(), away: 0, last: 0 }
    }

    /// From now on there may be rows of an hour.
    fn of_hour(&mut self, hour: u32) {
        let first = hour.saturating_mul(HOUR);
        self.from = self.from.min(first);
        self.until = self.until.max(first.saturating_add(HOUR - 1));
    }

    fn len(&self) -> usize {
        self.away.saturating_add(self.held.len())
    }

    /// Takes rows, until they end or so many are held that they have to be put away: then into
    /// which piece, and what.
    fn fill<R>(
        &mut self,
        rows: &mut &[R],
        packed: impl Fn(&R) -> Packed,
        piece: impl FnOnce() -> u32,
    ) -> Option<(u32, Vec<Word>)> {
        let room = HELD.saturating_sub(self.held.len());
        self.held.reserve_exact(room);
        let (some, others) = rows.split_at(room.min(rows.len()));
        self.held.extend(some.iter().map(packed));
        *rows = others;
        if self.held.len() < HELD {
            return None;
        }
        let piece = piece();
        let (full, count) = press(&self.held, piece, self.last);
        self.held.drain(..count);
        (self.last, self.away) = (piece, self.away.saturating_add(count));
        Some((piece, full))
    }

    /// Its rows that were put away.
    fn put_away<'s>(&self, scratch: &'s Scratch) -> PutAway<'s> {
        PutAway { scratch, piece: self.last, rest: self.away, words: [Word::default(); WORDS] }
    }

    /// Puts its rows into smaller parts, if anything tells them apart.
    fn smaller(&self, scratch: &Scratch) -> io::Result<Option<Vec<Self>>> {
        if self.from < self.until {
            return self.by_time(scratch).map(Some);
        }
        let kin = if self.parted < TIMES { self.kin(scratch)? } else { None };
        kin.map(|kin| self.by_kin(kin, scratch)).transpose()
    }

    /// Puts its rows into shorter parts by time, as many seconds each.
    fn by_time(&self, scratch: &Scratch) -> io::Result<Vec<Self>> {
        let from = self.from;
        let width = self.until.saturating_sub(from) / SMALLER + 1;
        let start = |at: u32| from.saturating_add(at.saturating_mul(width));
        let parts =
            (0..SMALLER).map(|at| Self::new(start(at), start(at).saturating_add(width - 1)));
        self.put_into(parts.collect(), scratch, |row| {
            time(row).checked_sub(from).map(|after| (after / width) as usize)
        })
    }

    /// Puts its rows, all of one second, into parts that have no search in common.
    fn by_kin(&self, kin: Kin, scratch: &Scratch) -> io::Result<Vec<Self>> {
        let (second, parted) = (self.from, self.parted.saturating_add(1));
        let parts = (0..SMALLER).map(|_| Self { parted, ..Self::new(second, second) });
        // The first bits, and then those after them.
        let bits = SMALLER.ilog2();
        let shift = 64_u32.saturating_sub(parted.saturating_mul(bits));
        self.put_into(parts.collect(), scratch, |row| {
            Some((kin.number(row) >> shift) as usize % SMALLER as usize)
        })
    }

    /// What rows of one search have in common, of all its rows.
    fn kin(&self, scratch: &Scratch) -> io::Result<Option<Kin>> {
        let mut kinship = Kinship::default();
        self.held.iter().for_each(|row| kinship.add(row));
        let (mut away, mut rows) = (self.put_away(scratch), Vec::new());
        while away.read(&mut rows)?.is_some() {
            rows.drain(..).for_each(|row| kinship.add(&row));
        }
        Ok(kinship.kin())
    }

    /// Puts its rows into parts.
    fn put_into(
        &self,
        mut parts: Vec<Self>,
        scratch: &Scratch,
        place: impl Fn(&Packed) -> Option<usize>,
    ) -> io::Result<Vec<Self>> {
        // What was read makes place for what is written.
        let mut free = Vec::new();
        let mut put = |rows: &[Packed], free: &mut Vec<u32>| -> io::Result<()> {
            for row in rows {
                let part = place(row).and_then(|place| parts.get_mut(place));
                let part = part.ok_or_else(changed)?;
                let piece = || free.pop().unwrap_or_else(|| scratch.piece());
                if let Some((piece, full)) = part.fill(&mut slice::from_ref(row), |row| *row, piece)
                {
                    scratch.write(&full, piece)?;
                }
            }
            Ok(())
        };
        let (mut away, mut rows) = (self.put_away(scratch), Vec::new());
        while let Some(piece) = away.read(&mut rows)? {
            free.push(piece);
            put(&rows, &mut free)?;
            rows.clear();
        }
        put(&self.held, &mut free)?;
        Ok(parts)
    }
}

/// Rows of a part that were put away: the last piece first, which says which came before it.
struct PutAway<'s> {
    scratch: &'s Scratch,
    piece: u32,
    /// How many are still to be read.
    rest: usize,
    words: [Word; WORDS],
}

impl PutAway<'_> {
    /// Adds the rows of a piece to others, and says which piece that was; nothing at the end.
    fn read(&mut self, rows: &mut Vec<Packed>) -> io::Result<Option<u32>> {
        if self.rest == 0 {
            return Ok(None);
        }
        let piece = self.piece;
        self.scratch.read(&mut self.words, piece, 0)?;
        let (before, count) = expand(&self.words, piece, self.rest, rows).ok_or_else(changed)?;
        (self.piece, self.rest) = (before, self.rest.saturating_sub(count));
        Ok(Some(piece))
    }
}

/// When a row was, and its place among those gathered: one number, so that one comparison puts two
/// in order.
pub(super) type Order = u64;

/// When the row of an order was.
#[inline]
pub(super) fn time_of(order: Order) -> u32 {
    (order >> 32) as u32
}

/// Puts the rows of parts in order, of one part after the other.
pub(super) struct Ordered<'s> {
    scratch: &'s Scratch,
    /// Rows that memory has place for.
    most: usize,
    packed: Vec<Packed>,
    order: Vec<Order>,
}

/// Rows in the order of time.
pub(super) struct Sorted<'a> {
    packed: &'a [Packed],
    order: &'a [Order],
}

impl Ordered<'_> {
    /// Hands on the rows of a part by time, those of a second together.
    ///
    /// # Errors
    /// If the scratch file failed.
    pub(super) fn part(&mut self, part: Part, each: &mut dyn FnMut(&Sorted<'_>)) -> io::Result<()> {
        if part.len() > self.most
            && let Some(parts) = part.smaller(self.scratch)?
        {
            drop(part);
            return parts.into_iter().try_for_each(|part| self.part(part, each));
        }
        self.gather(&part)?;
        drop(part);
        each(&Sorted { packed: &self.packed, order: &self.order });
        Ok(())
    }

    /// Takes all rows of a part, those put away and those held, and puts them in order.
    fn gather(&mut self, part: &Part) -> io::Result<()> {
        self.packed.clear();
        self.packed.reserve_exact(part.len());
        let mut away = part.put_away(self.scratch);
        while away.read(&mut self.packed)?.is_some() {}
        self.packed.extend_from_slice(&part.held);
        self.order.clear();
        let order = |(at, row)| u64::from(time(row)) << 32 | u64::from(at);
        self.order.extend((0_u32..).zip(&self.packed).map(order));
        self.order.sort_unstable();
        // Few are of the same second, and those are put in order by where they stand.
        let place = |order: &Order| self.packed.get(*order as u32 as usize).map(packed::place);
        for second in self.order.chunk_by_mut(|a, b| time_of(*a) == time_of(*b)) {
            if second.len() > 1 {
                second.sort_unstable_by_key(place);
            }
        }
        // What stood in a piece before, or nothing, is of another time, and then first or last.
        let is_own = |row: &Order| (part.from..=part.until).contains(&time_of(*row));
        let ends = [self.order.first(), self.order.last()];
        if ends.into_iter().flatten().all(is_own) { Ok(()) } else { Err(changed()) }
    }
}

impl<'a> Sorted<'a> {
    /// The rows of some seconds of an hour, and of others of it: about so many together, and those
    /// of a second always.
    pub(super) fn seconds_together(&self, about: usize) -> impl Iterator<Item = &'a [Order]> {
        let hours = self.order.chunk_by(|a, b| time_of(*a) / HOUR == time_of(*b) / HOUR);
        hours.flat_map(move |mut rest| {
            std::iter::from_fn(move || {
                let last = rest.get(about).or(rest.last()).map(|row| time_of(*row))?;
                let (some, others) =
                    rest.split_at(rest.partition_point(|row| time_of(*row) <= last));
                rest = others;
                Some(some)
            })
        })
    }

    /// Rows of one second in parts that have no search in common, of about so many each where
    /// something tells them apart; each in the order it had.
    pub(super) fn parted(&self, order: &'a [Order], about: usize) -> Vec<Cow<'a, [Order]>> {
        let mut kinship = Kinship::default();
        self.rows(order).for_each(|row| kinship.add(row));
        let count = order.len().checked_div(about).unwrap_or(1).next_power_of_two();
        let Some(kin) = kinship.kin().filter(|_| count > 1) else {
            return vec![order.into()];
        };
        let mut parts = vec![Vec::new(); count];
        for (place, row) in order.iter().zip(self.rows(order)) {
            // The last bits: the first ones may have parted these rows from others.
            let part = kin.number(row) as usize % count;
            parts.get_mut(part).into_iter().for_each(|part| part.push(*place));
        }
        parts.into_iter().map(Cow::from).collect()
    }

    /// Some rows.
    pub(super) fn rows<'o>(
        &self,
        order: &'o [Order],
    ) -> impl Iterator<Item = &'a Packed> + use<'a, 'o> {
        let packed = self.packed;
        order.iter().filter_map(move |row| packed.get(*row as u32 as usize))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::time::Days;
    use super::*;

    /// A row of so many agencies that some are of one, with so much of its own that no piece has
    /// place for all that are held.
    fn row((time, file, row): (u32, u16, u32)) -> Row {
        let mixed = |n: u32| u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        let (day, agency, account) = ((time / 86_400).cast_signed(), row % 40, mixed(row));
        let (case, line, reason, content) = (mixed(!row), !row, account as u32, mixed(agency));
        let row = Row { time, day, file, row, line, agency, account, case, ..Row::default() };
        Row { reason, content, hours: Some(u32::from(case as u8)), marks: line as u8, ..row }
    }

    fn place(row: &Row) -> (u32, u16, u32) {
        (row.time, row.file, row.row)
    }

    /// What was read of a part makes place for what is written of smaller ones.
    #[test]
    fn the_file_does_not_grow() {
        let scratch = Scratch::new(Box::new(tempfile::tempfile().unwrap()));
        let parts = Parts::new(&scratch);
        let rows: Vec<Row> = (0..40_000).map(|n| row((n * 7_919 % HOUR, 0, n))).collect();
        rows.chunks(64).for_each(|some| parts.add(some));
        let (written, mut all, mut smaller) = (scratch.piece(), 0, 0);
        let mut ordered = parts.ordered(1_000);
        while let Some(part) = parts.take().unwrap() {
            let mut each = |sorted: &Sorted<'_>| {
                all += sorted.order.len();
                smaller += usize::from(!sorted.order.is_empty());
            };
            ordered.part(part, &mut each).unwrap();
        }
        assert_eq!((all, smaller), (40_000, 64));
        assert_eq!(scratch.piece(), written + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every row comes back once, those of a part by time; of a second and an agency by file,
        /// then row; and no more at once than there is place for, but for those of one second that
        /// nothing tells apart.
        #[test]
        fn rows_come_back_in_order(
            places in prop::collection::vec(
                (
                    prop_oneof![1 => Just(9_u32), 4 => 3_000_u32..9_000, 1 => any::<u32>()],
                    0_u16..3,
                    prop_oneof![0_u32..50, any::<u32>()],
                ),
                0..3_000,
            ),
            most in prop_oneof![1_usize..9, 200_usize..999],
        ) {
            let rows: Vec<Row> = places.into_iter().map(row).collect();
            let scratch = Scratch::new(Box::new(tempfile::tempfile().unwrap()));
            let parts = Parts::new(&scratch);
            rows.chunks(64).for_each(|some| parts.add(some));
            let (mut ordered, mut all) = (parts.ordered(most), Vec::new());
            while let Some(part) = parts.take().unwrap() {
                let mut of_part = Vec::new();
                let mut each = |sorted: &Sorted<'_>| {
                    let orders: Vec<Order> =
                        sorted.seconds_together(5).flatten().copied().collect();
                    let mut days = Days::of(jiff::tz::TimeZone::UTC);
                    let rows: Vec<Row> =
                        sorted.rows(&orders).map(|row| packed::unpack(row, &mut days)).collect();
                    let kin = rows.iter().map(|row| (row.time, row.agency));
                    let kinds = kin.collect::<std::collections::BTreeSet<_>>().len();
                    assert!(rows.len() <= most || kinds == 1);
                    of_part.extend(rows);
                };
                ordered.part(part, &mut each).unwrap();
                prop_assert!(of_part.is_sorted_by_key(|row| row.time));
                for agency in 0..40 {
                    let same = of_part.iter().filter(|row| row.agency == agency);
                    prop_assert!(same.map(place).is_sorted());
                }
                all.append(&mut of_part);
            }
            let mut expected = rows;
            expected.sort_by_key(place);
            all.sort_by_key(place);
            prop_assert_eq!(all, expected);
        }
    }
}
