//! The other side's count against ours: which federal rows were received, and which of our
//! requests no federal row tells of.
//!
//! - In: rows of a federal table ([`crate::detainers`]), requests that a register has recorded,
//!   and [`Terms`]: which facilities are ours, the days the register covers, and how many days
//!   may lie between the day a detainer was prepared and the day it came in.
//! - Out: [`Reconciled`]: for every row [`Outcome`], for every request [`Side`], and both numbers
//!   by month and facility. The order of what is given changes nothing.
//! - Absent: people. Neither side tells whom a detainer is about, so a row is matched by facility
//!   and day alone, each request once. That a number of detainers did not come in is then
//!   certain; *which* of several rows within a few days did not is the order of the days, then of
//!   the facilities' names.
//!
//! Nothing is called missing that could have come in on a day nobody recorded: where the days in
//! question are not all within the register's, it cannot be told. The other way round likewise.
//! Forms are not compared: whoever records one can take an I-247A for an I-247D.
//!
//! ```
//! use audit::reconcile::{Lodged, Outcome, Recorded, Terms, reconcile};
//! use jiff::civil::date;
//!
//! let lodged = |line, day| Lodged { line, day, ..Lodged::at("A JAIL") };
//! let rows = [lodged(2, Some(date(2025, 3, 3))), lodged(3, Some(date(2025, 3, 9)))];
//! let came_in = Recorded { entry: 7, day: date(2025, 3, 4), basis: "detainer", form: None };
//! let terms = Terms {
//!     ours: &["A Jail"],
//!     first: date(2025, 1, 1),
//!     last: date(2025, 12, 31),
//!     before: 0,
//!     after: 2,
//! };
//! let told = reconcile(&rows, &[came_in], &terms)?;
//! assert_eq!(told.rows[0].outcome, Outcome::Received { entry: 7 });
//! assert_eq!(told.rows[1].outcome, Outcome::NotReceived);
//! # Ok::<(), audit::reconcile::CannotReconcile>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;
use thiserror::Error;

use crate::detainers::Detainer;

/// A row of a federal table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lodged<'a> {
    /// The day it was prepared, where it is stated.
    pub day: Option<Date>,
    /// The facility, as the table spells it, where it is stated.
    pub facility: Option<&'a str>,
    /// Whether the table itself takes the row for a repetition.
    pub duplicate_likely: bool,
    /// The line of the table.
    pub line: u64,
}

impl<'a> Lodged<'a> {
    /// A row that states no more than its facility.
    #[must_use]
    pub fn at(facility: &'a str) -> Self {
        Self { day: None, facility: Some(facility), duplicate_likely: false, line: 0 }
    }
}

impl<'a> From<&'a Detainer> for Lodged<'a> {
    fn from(row: &'a Detainer) -> Self {
        Self {
            day: Some(row.day),
            facility: row.facility.as_deref(),
            duplicate_likely: row.duplicate_likely,
            line: row.line,
        }
    }
}

/// A request that a register has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recorded<'a> {
    /// The day it was received.
    pub day: Date,
    /// The index of its entry.
    pub entry: u64,
    /// The paper relied on, as a word of the law's vocabulary.
    pub basis: &'a str,
    /// The form, as such a word.
    pub form: Option<&'a str>,
}

impl Recorded<'_> {
    /// Whether it is what a federal table counts: a detainer, or another form of that family.
    fn counts(&self) -> bool {
        self.basis == "detainer" || self.form.is_some_and(|form| form.starts_with("i_247"))
    }
}

/// By what rows and requests are matched.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The names of our facilities, as the table spells them; the size of letters aside. Any
    /// other facility is not ours.
    pub ours: &'a [&'a str],
    /// The first day on which the register recorded what came in.
    pub first: Date,
    /// The last such day.
    pub last: Date,
    /// How many days before it was prepared a detainer may be recorded.
    pub before: u16,
    /// How many days after.
    pub after: u16,
}

/// Why two counts cannot be compared, and what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CannotReconcile {
    /// No facility is ours.
    #[error("no facility is named as ours; name them as the federal table spells them")]
    NoFacility,
    /// The period ends before it starts.
    #[error("the register's last day {last} is before its first day {first}; exchange them")]
    Backwards {
        /// The first day given.
        first: Date,
        /// The last day given.
        last: Date,
    },
    /// An entry is there more than once.
    #[error("entry {entry} is given twice; give every request once")]
    Twice {
        /// Its index.
        entry: u64,
    },
}

/// What became of a federal row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The register has a request for it.
    Received {
        /// That request's entry.
        entry: u64,
    },
    /// The register has none, on any day on which it could have come in.
    NotReceived,
    /// It cannot be told.
    CannotTell(Why),
    /// Its facility is not ours.
    NotOurs,
}

/// Why it cannot be told whether a row was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The row states no facility.
    NoFacility,
    /// The row states no day.
    NoDay,
    /// It could have come in on a day that the register does not cover.
    OutsidePeriod,
}

/// A row, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The row.
    pub row: Lodged<'a>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What the federal table says of a request of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It has a row for it.
    Lodged {
        /// That row's line.
        line: u64,
    },
    /// It has none, though it has rows of days before and after.
    NotLodged,
    /// It cannot be told: the day is at the edge of the table's days, or beyond.
    OutsideTable,
    /// Not a form that such a table counts, or of a day outside the register's period.
    NotCompared,
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
}

impl From<Date> for Month {
    fn from(day: Date) -> Self {
        Self { year: day.year(), month: day.month() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// How many rows came to which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// All of them: the sum of the next four.
    pub rows: u64,
    /// The register has a request for them.
    pub received: u64,
    /// The register has none.
    pub not_received: u64,
    /// It cannot be told.
    pub cannot_tell: u64,
    /// Lodged with others.
    pub not_ours: u64,
    /// Of those not received, how many the table itself takes for repetitions.
    pub repeated: u64,
}

impl Rows {
    fn note(&mut self, told: &Told<'_>) {
        self.rows += 1;
        match told.outcome {
            Outcome::Received { .. } => self.received += 1,
            Outcome::NotReceived => {
                self.not_received += 1;
                self.repeated += u64::from(told.row.duplicate_likely);
            }
            Outcome::CannotTell(_) => self.cannot_tell += 1,
            Outcome::NotOurs => self.not_ours += 1,
        }
    }
}

/// How many of our requests the table tells of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// All that are compared: the sum of the next three.
    pub requests: u64,
    /// The table has a row for them.
    pub lodged: u64,
    /// The table has none.
    pub not_lodged: u64,
    /// It cannot be told.
    pub cannot_tell: u64,
    /// Beside those: not compared.
    pub not_compared: u64,
}

impl Requests {
    fn note(&mut self, side: Side) {
        match side {
            Side::NotCompared => {
                self.not_compared += 1;
                return;
            }
            Side::Lodged { .. } => self.lodged += 1,
            Side::NotLodged => self.not_lodged += 1,
            Side::OutsideTable => self.cannot_tell += 1,
        }
        self.requests += 1;
    }
}

/// Both counts, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled<'a> {
    /// Every row, by its line.
    pub rows: Vec<Told<'a>>,
    /// Every request, by its entry.
    pub requests: Vec<(Recorded<'a>, Side)>,
    /// All rows together.
    pub lodged: Rows,
    /// All requests together.
    pub recorded: Requests,
    /// Rows by the month they were prepared in and by facility; none where it is not stated.
    /// A name that is spelled in several ways is shown in the first of them.
    pub places: BTreeMap<(Option<Month>, Option<&'a str>), Rows>,
    /// Requests by the month they were received in. A register does not know the facility.
    pub months: BTreeMap<Month, Requests>,
    /// The first and the last day that the table has.
    pub table: Option<(Date, Date)>,
}

/// Compares what a federal table says was lodged with what a register says came in.
///
/// Rows that the table itself takes for repetitions have what the others leave: no other way of
/// matching gives a request to more of the others, and none that does as much for them gives one to
/// more repetitions. Rows go by day, then by facility and line, and take the earliest request.
///
/// # Errors
///
/// [`CannotReconcile`], where the terms or the requests cannot be used.
pub fn reconcile<'a>(
    rows: &[Lodged<'a>],
    recorded: &[Recorded<'a>],
    terms: &Terms<'_>,
) -> Result<Reconciled<'a>, CannotReconcile> {
    let Terms { first, last, .. } = *terms;
    if terms.ours.is_empty() {
        return Err(CannotReconcile::NoFacility);
    }
    if last < first {
        return Err(CannotReconcile::Backwards { first, last });
    }
    let mut sides: BTreeMap<u64, (Recorded<'a>, Side)> = BTreeMap::new();
    for request in recorded {
        if sides.insert(request.entry, (*request, Side::NotCompared)).is_some() {
            return Err(CannotReconcile::Twice { entry: request.entry });
        }
    }
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| (row.day, row.duplicate_likely, row.facility, row.line));
    let days: Vec<Date> = rows.iter().filter_map(|row| row.day).collect();
    let table = days.first().copied().zip(days.last().copied());
    let mut compared: Vec<Recorded<'a>> = recorded.to_vec();
    compared.retain(|it| it.counts() && (first..=last).contains(&it.day));
    compared.sort_unstable();
    for request in &compared {
        let side = if within_table(request.day, table, terms) {
            Side::NotLodged
        } else {
            Side::OutsideTable
        };
        sides.insert(request.entry, (*request, side));
    }
    let mut told = matched(&rows, &compared, terms);
    for it in &told {
        if let Outcome::Received { entry } = it.outcome
            && let Some((_, side)) = sides.get_mut(&entry)
        {
            *side = Side::Lodged { line: it.row.line };
        }
    }
    told.sort_by_key(|it| (it.row.line, it.row));
    Ok(counted(told, sides.into_values().collect(), table))
}

/// The days on which a detainer that was prepared on `day` could have come in.
fn could_come(day: Date, terms: &Terms<'_>) -> (Date, Date) {
    let (before, after) = (i32::from(terms.before).days(), i32::from(terms.after).days());
    (day.saturating_sub(before), day.saturating_add(after))
}

/// Whether the table has all days on which what came in on `day` could have been prepared.
fn within_table(day: Date, table: Option<(Date, Date)>, terms: &Terms<'_>) -> bool {
    let (before, after) = (i32::from(terms.before).days(), i32::from(terms.after).days());
    let (from, to) = (day.saturating_sub(after), day.saturating_add(before));
    table.is_some_and(|(first, last)| first <= from && to <= last)
}

/// What became of each row. Rows and requests come by day, and of a day first the rows that the
/// table does not take for repetitions.
fn matched<'a>(rows: &[Lodged<'a>], requests: &[Recorded<'_>], terms: &Terms<'_>) -> Vec<Told<'a>> {
    let ours: BTreeSet<String> = terms.ours.iter().map(|name| name.to_lowercase()).collect();
    let days: Vec<Result<Days, Outcome>> = rows
        .iter()
        .map(|row| match row.facility {
            None => Err(Outcome::CannotTell(Why::NoFacility)),
            Some(name) if !ours.contains(&name.to_lowercase()) => Err(Outcome::NotOurs),
            Some(_) => {
                let day = row.day.ok_or(Outcome::CannotTell(Why::NoDay))?;
                let (from, to) = could_come(day, terms);
                Ok(Days { from, to, again: row.duplicate_likely })
            }
        })
        .collect();
    let compared: Vec<Days> = days.iter().copied().filter_map(Result::ok).collect();
    let mut taken = paired(&compared, requests).into_iter();
    let outcome = |days: Result<Days, Outcome>| match days {
        Err(outcome) => outcome,
        Ok(Days { from, to, .. }) => match taken.next().flatten() {
            Some(request) => Outcome::Received { entry: request.entry },
            None if from < terms.first || terms.last < to => {
                Outcome::CannotTell(Why::OutsidePeriod)
            }
            None => Outcome::NotReceived,
        },
    };
    let outcomes = days.into_iter().map(outcome);
    rows.iter().zip(outcomes).map(|(row, outcome)| Told { row: *row, outcome }).collect()
}

/// The days on which a row could have come in, and whether the table takes it for a repetition.
#[derive(Clone, Copy)]
struct Days {
    from: Date,
    to: Date,
    again: bool,
}

/// The request of each row, if it has one.
///
/// All rows have as many days, so whoever goes through them by day and takes the earliest request
/// that is left finds as many pairs as there can be. That is done for the genuine rows alone, to
/// see which of them have a request; then each of these is given the latest that it may have, from
/// the last on. In the end all rows take the earliest one, and a repetition only if the next
/// genuine row does not need it: that needs what is later only as late as it can be.
fn paired<'r, 'a>(rows: &[Days], requests: &'r [Recorded<'a>]) -> Vec<Option<&'r Recorded<'a>>> {
    let mut left = requests.iter().peekable();
    let mut earliest = |row: &Days| {
        // A request before this row's days is before those of every later row as well.
        while left.next_if(|it| it.day < row.from).is_some() {}
        left.next_if(|it| it.day <= row.to)
    };
    let has = |row: &Days| !row.again && earliest(row).is_some();
    let has: Vec<bool> = rows.iter().map(has).collect();
    let mut left = requests.iter().enumerate().rev().peekable();
    let mut latest: Vec<(usize, usize)> = Vec::new();
    for (row, _) in has.iter().enumerate().rev().filter(|(_, has)| **has) {
        let to = rows.get(row).map(|row| row.to);
        while left.next_if(|(_, it)| to < Some(it.day)).is_some() {}
        latest.extend(left.next().map(|(request, _)| (row, request)));
    }
    let mut left = requests.iter().enumerate().peekable();
    let one = |(at, (row, has)): (usize, (&Days, bool))| {
        while latest.pop_if(|(of, _)| *of < at).is_some() {}
        let needed = latest.last().map_or(usize::MAX, |(_, request)| *request);
        if !has && !row.again {
            return None;
        }
        while left.next_if(|(_, it)| it.day < row.from).is_some() {}
        let free = left.next_if(|(place, it)| it.day <= row.to && (has || *place < needed));
        free.map(|(_, request)| request)
    };
    rows.iter().zip(has).enumerate().map(one).collect()
}

/// The sums, by month and facility.
fn counted<'a>(
    rows: Vec<Told<'a>>,
    requests: Vec<(Recorded<'a>, Side)>,
    table: Option<(Date, Date)>,
) -> Reconciled<'a> {
    let mut spelled: BTreeMap<String, &'a str> = BTreeMap::new();
    for name in rows.iter().filter_map(|it| it.row.facility) {
        let shown = spelled.entry(name.to_lowercase()).or_insert(name);
        *shown = (*shown).min(name);
    }
    let (mut lodged, mut recorded) = (Rows::default(), Requests::default());
    let mut places: BTreeMap<_, Rows> = BTreeMap::new();
    let mut months: BTreeMap<_, Requests> = BTreeMap::new();
    for told in &rows {
        let name = told.row.facility.and_then(|it| spelled.get(&it.to_lowercase()).copied());
        lodged.note(told);
        places.entry((told.row.day.map(Month::from), name)).or_default().note(told);
    }
    for (request, side) in &requests {
        recorded.note(*side);
        months.entry(Month::from(request.day)).or_default().note(*side);
    }
    Reconciled { rows, requests, lodged, recorded, places, months, table }
}
