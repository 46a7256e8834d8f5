//! Rows of all files, joined to searches: a search that several exports show is one.
//!
//! - In: rows, in any order, from any thread.
//! - Out: [`Search`]es by time, each once, with the places where it stands; and which rows were
//!   copies of others.
//! - Absent: a limit on how many rows there are; those that memory has no place for wait on disk.
//!
//! Two rows of systems of one kind are one search if they have the vendor's id in common; else
//! within a file if every cell is the same, and between files if the agency, the second and the
//! number of networks are: measured on public logs that is right 99.4 times in 100. Where no number
//! of networks is told, so little is left that every cell has to be the same there too. Each row of
//! a file is joined with at most one of another.

use std::io;

use super::cell::State;
use super::crowd::Crowd;
use super::names::Names;
use super::packed::{Packed, time, unpack};
use super::parts::{HOUR, Parts, Sorted, time_of};
use super::row::{Mark, Row};
use super::time::Days;
use crate::on_threads;
use crate::reason::Class;
use crate::scratch::Scratch;

/// How many rows are dealt with together.
#[derive(Clone, Copy)]
struct Limits {
    /// Rows that all threads together put in order at once, of 72 bytes.
    at_once: usize,
    /// Searches from which on those of whole hours are handed on: not so many that they leave the
    /// processor's own memory before they were looked at.
    together: usize,
    /// The same of an hour that is not whole yet.
    most: usize,
    /// Rows of one second from which on searches are found by what a row has in common with them:
    /// in a log that knows no hours, all rows of a day are of one second.
    crowd: usize,
    /// Rows of one second that are joined together, where something tells them from the others.
    joined: usize,
}

const LIMITS: Limits =
    Limits { at_once: 1 << 19, together: 2_048, most: 1 << 15, crowd: 64, joined: 1 << 14 };

/// One search, however many rows show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The first row that shows it, with what the reason says of the row that says most.
    pub row: Row,
    /// What the reason of the first row itself says.
    pub first: Class,
    /// The other rows that show it.
    pub copies: Vec<Sighting>,
    /// Which of these has the reason that is kept, counted from 1; 0 stands for the first row.
    stated: u32,
}

/// Another row that shows a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its file.
    pub file: u16,
    /// Its row in the file.
    pub row: u32,
    /// Its line in the file.
    pub line: u32,
    /// The state of the reason there.
    pub reason_state: State,
    /// What the reason says there.
    pub class: Class,
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
    parts: Parts<'s>,
    names: &'s Names,
    limits: Limits,
}

/// What takes searches by time: those of some hours, and whether more of the last hour may follow;
/// then there is another call.
pub(crate) type Each<'a, T> = &'a (dyn Fn(&mut T, &[Search], bool) + Sync);

impl<'s> Joiner<'s> {
    /// A joiner with a scratch file, of rows whose reasons these are.
    pub(crate) fn new(scratch: &'s Scratch, names: &'s Names) -> Self {
        Self { parts: Parts::new(scratch), names, limits: LIMITS }
    }

    /// Takes rows.
    pub(crate) fn add(&self, rows: &[Row]) {
        self.parts.add(rows);
    }

    /// Joins the rows and hands on the searches, on several threads. Each thread has hours of its
    /// own, and `each` adds their searches to what it has so far; what all threads have comes
    /// back, in no order.
    ///
    /// # Errors
    /// If the scratch file failed.
    pub(crate) fn finish<T: Default + Send>(
        self,
        days: &Days,
        threads: usize,
        each: Each<'_, T>,
    ) -> io::Result<(Vec<T>, Copies)> {
        let at_once = self.limits.at_once / threads.max(1);
        let worker = || -> io::Result<(T, Copies)> {
            let (mut own, mut joined) = (T::default(), Joined::new(days, self.names, self.limits));
            let mut ordered = self.parts.ordered(at_once);
            while let Some(part) = self.parts.take()? {
                let mut each = |searches: &[Search], more| each(&mut own, searches, more);
                ordered.part(part, &mut |rows| joined.take(rows, &mut each))?;
                joined.hand_on(false, &mut each);
            }
            Ok((own, joined.copies))
        };
        let (mut own, mut copies) = (Vec::new(), Copies::default());
        for done in on_threads(threads, worker) {
            let (of_thread, found) = done?;
            own.push(of_thread);
            copies.add(found);
        }
        Ok((own, copies))
    }
}

impl Copies {
    fn add(&mut self, other: Self) {
        self.within = self.within.saturating_add(other.within);
        self.across = self.across.saturating_add(other.across);
    }
}

/// Rows that are joined one after the other, but for those of a second.
const ROWS: usize = 512;

/// Searches of one thread that are not handed on yet.
struct Joined<'s> {
    days: Days,
    names: &'s Names,
    limits: Limits,
    rows: Vec<Row>,
    searches: Vec<Search>,
    /// The hour of the last of them.
    hour: u32,
    copies: Copies,
}

impl<'s> Joined<'s> {
    fn new(days: &Days, names: &'s Names, limits: Limits) -> Self {
        let (rows, searches, copies) = (Vec::new(), Vec::new(), Copies::default());
        Self { days: days.clone(), names, limits, rows, searches, hour: 0, copies }
    }

    /// Takes rows that come after those before, and hands on searches when there are enough.
    fn take(&mut self, rows: &Sorted<'_>, each: &mut dyn FnMut(&[Search], bool)) {
        for some in rows.seconds_together(ROWS) {
            let most = self.limits.joined;
            if some.len() <= most {
                self.join(rows.rows(some), each);
                continue;
            }
            for second in some.chunk_by(|a, b| time_of(*a) == time_of(*b)) {
                for part in rows.parted(second, most) {
                    self.join(rows.rows(&part), each);
                }
            }
        }
    }

    /// Joins rows of some seconds, or of part of one, to searches; those before are handed on, if
    /// there are enough.
    fn join<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r Packed>,
        each: &mut dyn FnMut(&[Search], bool),
    ) {
        let mut rows = rows.peekable();
        let hour = rows.peek().map_or(self.hour, |row| time(row) / HOUR);
        let more = hour == self.hour;
        let enough = if more { self.limits.most } else { self.limits.together };
        if self.searches.len() >= enough {
            self.hand_on(more, each);
        }
        self.hour = hour;
        self.rows.clear();
        self.rows.extend(rows.map(|row| unpack(row, &mut self.days)));
        let crowd = self.limits.crowd;
        join(&self.rows, self.names, &mut self.searches, &mut self.copies, crowd);
    }

    /// Hands on all searches.
    fn hand_on(&mut self, more: bool, each: &mut dyn FnMut(&[Search], bool)) {
        // A single second may have more than is wanted together.
        let mut rest = self.searches.chunks(self.limits.most).peekable();
        while let Some(some) = rest.next() {
            each(some, more || rest.peek().is_some());
        }
        self.searches.clear();
    }
}

/// Joins rows, which are in order, and adds their searches to those before, of other seconds.
fn join(
    rows: &[Row],
    names: &Names,
    searches: &mut Vec<Search>,
    copies: &mut Copies,
    crowd: usize,
) {
    for second in rows.chunk_by(|a, b| a.time == b.time) {
        let first = searches.len();
        let mut seen = (second.len() >= crowd).then(|| Crowd::new(names));
        for row in second {
            let so_far = searches.get(first..).unwrap_or_default();
            let found = match &mut seen {
                Some(seen) => shown(row, names, so_far, seen.may_show(row, so_far).into_iter()),
                None => shown(row, names, so_far, 0..so_far.len()),
            };
            if let Some(seen) = &mut seen {
                seen.take(row, found.unwrap_or(so_far.len()));
            }
            match found.and_then(|at| searches.get_mut(first.saturating_add(at))) {
                Some(search) => {
                    if search.row.file == row.file {
                        copies.within = copies.within.saturating_add(1);
                    } else {
                        copies.across = copies.across.saturating_add(1);
                    }
                    search.take(row);
                }
                None => searches.push(Search::from(*row)),
            }
        }
    }
}

/// The search that a row shows, among those of its second at some places; of several that it may
/// be, the first with the same reason.
fn shown(
    row: &Row,
    names: &Names,
    searches: &[Search],
    places: impl Iterator<Item = usize>,
) -> Option<usize> {
    let mut of = places.filter_map(|at| Some((at, searches.get(at).filter(|it| is_of(row, it))?)));
    // Mostly there is but one, and what its reason says does not matter.
    let first = of.next()?;
    let Some(second) = of.next() else { return Some(first.0) };
    let other = |search: &Search| !names.are_same(search.row.reason, row.reason);
    let all = [first, second].into_iter().chain(of);
    all.min_by_key(|(at, search)| (other(search), *at)).map(|(at, _)| at)
}

/// Whether a row of the same second shows a search.
fn is_of(row: &Row, search: &Search) -> bool {
    let kept = &search.row;
    if row.kind() != kept.kind() {
        return false;
    }
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
    row.alike() == kept.alike() && own.next().is_none()
}

impl From<Row> for Search {
    /// A search that one row shows.
    fn from(row: Row) -> Self {
        Self { row, first: row.class, copies: Vec::new(), stated: 0 }
    }
}

impl Search {
    /// Where the reason that is kept stands: the file, the row and the line.
    pub fn stated_at(&self) -> (u16, u32, u32) {
        let copy = (self.stated as usize).checked_sub(1).and_then(|at| self.copies.get(at));
        let Row { file, row, line, .. } = self.row;
        copy.map_or((file, row, line), |copy| (copy.file, copy.row, copy.line))
    }

    fn take(&mut self, row: &Row) {
        let Row { file, row: number, line, reason_state, class, content, .. } = *row;
        self.copies.push(Sighting { file, row: number, line, reason_state, class, content });
        let kept = &mut self.row;
        // Whoever writes another word over a reason in one export does not take it out of the
        // others, whichever of them is read first.
        let says = |row: &Row| (row.class.says(), row.plain, row.class);
        if says(row) < says(kept) {
            (kept.reason, kept.class, kept.plain) = (row.reason, row.class, row.plain);
            self.stated = u32::try_from(self.copies.len()).unwrap_or(0);
        }
        if kept.account == 0 {
            kept.account = row.account;
        }
        let known = row.has(Mark::Known) && !kept.has(Mark::Known);
        if kept.case == 0 || known {
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

    use super::{Class, Copies, Days, HOUR, Joiner, Limits, Names, Row, Search, State, join};
    use crate::scratch::Scratch;

    fn row(time: impl Strategy<Value = u32>) -> impl Strategy<Value = Row> {
        let (few, id) = (0_u64..6, prop_oneof![2 => Just(0_u64), 1 => 1_u64..9]);
        let state = prop_oneof![3 => Just(State::Value), 1 => Just(State::Empty)];
        let rest = (0_u32..3, prop::option::of(0_u32..3), 0_u32..4, state);
        let first = (0_u16..4, time, few, id, 0_u64..3);
        let class = prop::sample::select(Class::ALL.to_vec());
        let kind = (
            prop_oneof![4 => Just(0_u8), 1 => Just(1)],
            prop_oneof![4 => Just(0_u8), 1 => Just(8)],
        );
        (first, rest, class, kind).prop_map(|(first, rest, class, (information, marks))| {
            let (file, time, content, id, account) = first;
            let (agency, networks, reason, reason_state) = rest;
            let row = Row { file, time, content, id, account, class, ..Row::default() };
            Row { agency, networks, reason, reason_state, information, marks, ..row }
        })
    }

    /// Rows by time, then file, then row, joined all together.
    fn plainly(mut rows: Vec<Row>, crowd: usize) -> (Vec<Search>, Copies) {
        rows.sort_by_key(|row| (row.time, row.file, row.row));
        let (mut searches, mut copies) = (Vec::new(), Copies::default());
        join(&rows, &Names::default(), &mut searches, &mut copies, crowd);
        (searches, copies)
    }

    fn numbered(mut rows: Vec<Row>) -> Vec<Row> {
        for (row, number) in rows.iter_mut().zip(2..) {
            (row.row, row.day) = (number, (row.time / 86_400).cast_signed());
        }
        rows
    }

    /// A hash of every cell: where it is the same, each of them is.
    fn of_cells(row: &Row) -> u64 {
        let Row { content, id, agency, networks, account, reason, class, .. } = *row;
        let networks = networks.map_or(0, |it| u64::from(it) + 1);
        let said = u64::from(reason) << 8 | class as u64;
        let small = [content, u64::from(agency), networks, account, said];
        small.into_iter().fold(id, |all, cell| all << 12 | cell)
    }

    /// Of two searches that differ in no other way, another file's row shows the one with its own
    /// reason; a row with neither shows the first, and no row of a file shows one that another of
    /// it has shown.
    #[test]
    fn the_same_reason_is_the_same_search() {
        let one = Row { networks: Some(1), ..Row::default() };
        let row = |file, reason| Row { file, reason, content: reason.into(), ..one };
        let rows = [row(0, 1), row(0, 2), row(1, 2), row(2, 3), row(2, 2), row(3, 1), row(3, 4)];
        let (searches, copies) = plainly(numbered(rows.to_vec()), usize::MAX);
        let shown = |search: &Search| search.copies.iter().map(|it| it.row).collect::<Vec<_>>();
        assert_eq!(searches.iter().map(shown).collect::<Vec<_>>(), [vec![5, 7], vec![4, 6, 8]]);
        assert_eq!(copies, Copies { within: 0, across: 5 });
    }

    fn joined(rows: &[Row], limits: Limits) -> (HandedOn, Copies) {
        let scratch = Scratch::new(Box::new(tempfile::tempfile().unwrap()));
        let names = Names::default();
        let mut joiner = Joiner::new(&scratch, &names);
        joiner.limits = limits;
        rows.chunks(100).for_each(|some| joiner.add(some));
        let each = |all: &mut HandedOn, some: &[Search], more| all.push((some.to_vec(), more));
        let days = Days::of(jiff::tz::TimeZone::UTC);
        let (mut all, copies) = joiner.finish(&days, 1, &each).unwrap();
        (all.pop().unwrap(), copies)
    }

    /// Rows of a second that wait on disk count for what tells its rows apart.
    #[test]
    fn a_second_is_parted_by_all_its_rows() {
        // The first 384 rows go to the scratch file; those held are not like them.
        let row = |file: u32, agency, id| {
            let content = u64::from(file) << 32 | u64::from(agency) << 16 | id;
            Row { file: file as u16, agency, id, content, networks: Some(1), ..Row::default() }
        };
        let of_one_file = (0..384).map(|n| row(0, n, 0)).chain((0..40).map(|n| row(1, n, 0)));
        let with_id = |n: u32| row(n % 2, n, u64::from(n / 2) + 1);
        let without = |n: u32| row(n % 2, n / 2, 0);
        let ids_first = (0..384).map(with_id).chain((900..940).map(|n| row(n % 2, n, 0)));
        let ids_last = (0..384).map(without).chain((900..940).map(with_id));
        let all_ids = (0..424).map(with_id);
        let cases: [(Vec<Row>, u64); 4] = [
            (of_one_file.collect(), 40),
            (ids_first.collect(), 192),
            (ids_last.collect(), 212),
            (all_ids.collect(), 212),
        ];
        for (rows, across) in cases {
            let rows = numbered(rows);
            let limits = Limits { at_once: 1, together: 1, most: 99, crowd: 64, joined: 1 };
            assert_eq!(joined(&rows, limits).1, Copies { within: 0, across });
        }
    }

    /// What is handed on: searches, and whether more of the last hour follow.
    type HandedOn = Vec<(Vec<Search>, bool)>;

    proptest! {
        /// In a crowd searches are found otherwise; that changes nothing.
        #[test]
        fn as_in_a_crowd(rows in prop::collection::vec(row(0_u32..3), 0..120)) {
            let rows = numbered(rows);
            prop_assert_eq!(plainly(rows.clone(), 0), plainly(rows, usize::MAX));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// Searches are the same however few rows memory has place for, and an hour that is handed
        /// on in parts is said to be one.
        #[test]
        fn however_little_memory_there_is(
            rows in prop::collection::vec(
                row(prop_oneof![4 => Just(7_000_u32), 8 => 3_500_u32..11_000, 1 => any::<u32>()]),
                0..2_000,
            ),
            at_once in prop_oneof![Just(1_usize), Just(300), Just(1 << 19)],
            (together, most) in (1_usize..50, prop_oneof![1_usize..50, Just(1 << 15)]),
            (joined_together, ids, files) in (1_usize..50, 0_usize..3, any::<bool>()),
        ) {
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|row| Row { id: [0, row.id, row.id + 1][ids], ..row })
                .map(|row| Row { file: if files { row.file } else { 0 }, ..row })
                .map(|row| Row { content: of_cells(&row), ..row })
                .collect();
            let rows = numbered(rows);
            let limits = Limits { at_once, together, most, crowd: 64, joined: joined_together };
            let (all, copies) = joined(&rows, limits);
            let mut over = std::collections::HashSet::new();
            for (at, (some, more)) in all.iter().enumerate() {
                prop_assert!(some.len() <= most.max(together));
                let (last, next) = (some.last(), all.get(at + 1));
                prop_assert!(some.iter().all(|it| !over.contains(&(it.row.time / HOUR))));
                over.extend(some.iter().map(|it| it.row.time / HOUR));
                if *more {
                    prop_assert!(next.is_some());
                    last.map(|last| over.remove(&(last.row.time / HOUR)));
                }
            }
            let mut searches: Vec<Search> = all.into_iter().flat_map(|it| it.0).collect();
            searches.sort_by_key(|it| (it.row.time, it.row.file, it.row.row));
            let (expected, expected_copies) = plainly(rows, usize::MAX);
            prop_assert_eq!(copies, expected_copies);
            prop_assert_eq!(searches, expected);
        }
    }
}
