//! Cells to a row.
//!
//! - In: the cells of a record, by column, and which column is what.
//! - Out: a [`Row`], or why there is none; what texts that repeat were read as is looked up for
//!   many records together.
//! - Absent: files.

mod looked;
mod texts;

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hasher as _};

use jiff::tz::TimeZone;

use super::cell::{State, networks, unquoted};
use super::layout::{Field, Header};
use super::memo::Memo;
use super::read::Wanted;
use super::row::{Common, Mark, Row, hours};
use super::said::{Known, Said};
use super::time::{Dated, Days, NoTime, instant, joined};
use crate::reason::Class;
use looked::Looked;

/// For each field the column it is in; no table that is read has more than 65,535.
#[derive(Clone, Copy, Debug)]
struct Places([Option<u16>; Field::COUNT]);

impl Places {
    #[inline]
    fn of(self, field: Field) -> Option<usize> {
        self.0.get(field as usize).copied().flatten().map(usize::from)
    }
}

/// Makes rows of cells; one for each thread.
pub struct Maker<'a> {
    common: Common<'a>,
    /// For each field the column it is in; so small that it is copied for each row.
    places: Places,
    zone: Option<TimeZone>,
    /// What a time is called in messages.
    when: String,
    wanted: Wanted,
    information: u8,
    own: u32,
    /// Whether a quote in a cell is written twice, as in CSV.
    doubled: bool,
    days: Days,
    /// Of times, and of the periods asked for.
    clocks: [Dated; 2],
    reasons: Memo<u64>,
    agencies: Memo<u64>,
    /// Tokens, and marks.
    accounts: Memo<(u64, u8)>,
    looked: Looked,
}

impl<'a> Maker<'a> {
    /// For the rows of a file with this header.
    pub(super) fn new(
        common: Common<'a>,
        header: &Header,
        zone: Option<TimeZone>,
        wanted: Wanted,
    ) -> Self {
        Self {
            common,
            places: Places(
                Field::ALL.map(|field| header.place(field).and_then(|at| at.try_into().ok())),
            ),
            zone,
            when: header.when(),
            wanted,
            information: header.layout.information_number(),
            own: common.names.number(common.own),
            doubled: true,
            days: Days::of(common.zone.clone()),
            clocks: Default::default(),
            reasons: Memo::default(),
            agencies: Memo::default(),
            accounts: Memo::default(),
            looked: Looked::default(),
        }
    }

    /// For cells in which a quote is one quote, as they are everywhere but in CSV.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.doubled = false;
        self
    }

    /// Makes a row in the place of a new one; where it stands in a file is the caller's to say, and
    /// after an error nothing in it is of use. `cell` gives what a column has in it, `whole`
    /// everything that tells one row from another, and `looked` its place among those that were
    /// looked up, if they were.
    ///
    /// # Errors
    /// What is wrong, and in which column.
    pub(super) fn make<'c>(
        &mut self,
        cell: impl Fn(usize) -> Option<&'c [u8]>,
        whole: &[u8],
        looked: Option<usize>,
        row: &mut Row,
    ) -> Result<(), String> {
        let places = self.places;
        let get = |field: Field| places.of(field).and_then(&cell);
        row.information = self.information;
        if self.wanted == Wanted::Rows {
            row.time = self.time(get(Field::Time), get(Field::Date))?;
            row.day = self.days.day(row.time);
            row.content = self.hash(whole);
            row.id = get(Field::Id).map_or(0, |id| self.id(id));
        }
        let known = looked.and_then(|at| self.looked.agencies.value(at, &self.agencies));
        (row.agency, row.marks) = match (places.of(Field::Host), known) {
            (None, Some(known)) => agency_of(known),
            (Some(at), _) => self.host(cell(at).unwrap_or_default(), known),
            (None, None) => self.agency(get(Field::Agency), None),
        };
        if row.has(Mark::NoAgency) && self.wanted == Wanted::Rows {
            return Err(NO_AGENCY.to_owned());
        }
        if self.wanted == Wanted::Rows {
            let known = looked.and_then(|at| self.looked.accounts.value(at, &self.accounts));
            let (account, inactive) = known.unwrap_or_else(|| self.account(get(Field::Account)));
            row.account = account;
            row.networks = networks(get(Field::Networks))?;
            let since = get(Field::Window).and_then(|window| self.since(window));
            row.hours = since.map(|start| hours(start, row.time));
            let (case, is_case) = self.case(get(Field::Case).unwrap_or_default());
            row.case = case;
            row.marks |= inactive | is_case;
        }
        let known = looked.and_then(|at| self.looked.reasons.value(at, &self.reasons));
        let known = match (known, get(Field::Event)) {
            (Some(known), None) => Known::unpacked(known),
            (None, None) => self.reason(get(Field::Category), get(Field::Reason)),
            (_, Some(event)) => {
                row.marks |= Mark::Event as u8;
                let (entity, details) = (get(Field::Entity), get(Field::Details));
                self.event(event, entity.unwrap_or_default(), details.unwrap_or_default())
            }
        };
        known.put(row);
        self.name_case(row);
        Ok(())
    }

    /// Where the reason has a number that the register knows, and the column for it has none, it is
    /// the case of the row.
    #[inline]
    pub(super) fn name_case(&self, row: &mut Row) {
        if row.has(Mark::Known) && !self.common.cases.has(row.case) {
            row.case = self.common.names.case_of(row.reason).unwrap_or(row.case);
        }
    }

    /// The agency and the class of a row, which is all that a first look counts.
    #[inline]
    pub(super) fn glance<'c>(
        &mut self,
        cell: impl Fn(usize) -> Option<&'c [u8]>,
        looked: usize,
    ) -> (u32, Class) {
        let agency = self.looked.agencies.value(looked, &self.agencies);
        match (agency, self.looked.reasons.value(looked, &self.reasons)) {
            (Some(agency), Some(known)) => (agency as u32, Known::class_of(known)),
            _ => self.first_glance(cell),
        }
    }

    /// Looks at the cells that a first look does not count by, to see whether they are shifted.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn check<'c>(
        &mut self,
        cell: impl Fn(usize) -> Option<&'c [u8]>,
    ) -> Result<(), String> {
        let places = self.places;
        let get = |field: Field| places.of(field).and_then(&cell);
        networks(get(Field::Networks))?;
        let agency = get(Field::Host).or_else(|| get(Field::Agency));
        let (_, marks) = self.agency(agency, None);
        if marks & Mark::NoAgency as u8 == 0 { Ok(()) } else { Err(NO_AGENCY.to_owned()) }
    }

    #[cold]
    fn first_glance<'c>(&mut self, cell: impl Fn(usize) -> Option<&'c [u8]>) -> (u32, Class) {
        let places = self.places;
        let get = |field: Field| places.of(field).and_then(&cell);
        let known = match get(Field::Event) {
            None => self.reason(get(Field::Category), get(Field::Reason)),
            Some(event) => {
                let (entity, details) = (get(Field::Entity), get(Field::Details));
                self.event(event, entity.unwrap_or_default(), details.unwrap_or_default())
            }
        };
        let agency = get(Field::Host).or_else(|| get(Field::Agency));
        (self.agency(agency, None).0, known.class)
    }

    /// What a cell says by itself.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn say(&mut self, field: Field, cell: &[u8]) -> Result<Said, String> {
        Ok(match field {
            Field::Time => Said::number(self.time(Some(cell), None)?),
            Field::Id => Said::number(self.id(cell)),
            Field::Host | Field::Agency => {
                let (agency, marks) = match field {
                    Field::Host => self.host(cell, None),
                    _ => self.agency(Some(cell), None),
                };
                if marks & Mark::NoAgency as u8 != 0 && self.wanted == Wanted::Rows {
                    return Err(NO_AGENCY.to_owned());
                }
                Said::marked((agency, marks))
            }
            Field::Account => Said::marked(self.account(Some(cell))),
            Field::Networks => Said::maybe(networks(Some(cell))?),
            Field::Window => Said::maybe(self.since(cell)),
            Field::Case => Said::marked(self.case(cell)),
            Field::Reason => Said::reason(self.reason(None, Some(cell))),
            _ => Said::default(),
        })
    }

    /// What a time says that is a number: seconds since the start of 1970, of UTC or of a clock.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn say_instant(&self, seconds: i64, local: bool) -> Result<Said, String> {
        let read = match (local, self.zone.as_ref()) {
            (true, None) => Err(NoTime::Zone),
            (true, zone) => instant(seconds, zone),
            (false, _) => instant(seconds, None),
        };
        read.map(Said::number).map_err(|why| format!("{} {}", self.when, why.says()))
    }

    /// A row of cells that say nothing.
    pub(super) fn blank(&mut self) -> Row {
        let mut row = Row { information: self.information, ..Row::default() };
        let places = self.places;
        let has = |field: Field| places.of(field).is_some();
        if !self.names_agencies() {
            (row.agency, row.marks) = self.agency(None, None);
        }
        if has(Field::Event) {
            row.marks |= Mark::Event as u8;
        } else if !has(Field::Category) && !has(Field::Reason) {
            self.reason(None, None).put(&mut row);
        }
        row
    }

    /// The local day of a time.
    pub(super) fn day(&mut self, time: u32) -> i32 {
        self.days.day(time)
    }

    fn id(&self, cell: &[u8]) -> u64 {
        let is_value = State::of(cell) == State::Value;
        if is_value { self.hash(cell.trim_ascii()).max(1) } else { 0 }
    }

    fn host(&mut self, cell: &[u8], known: Option<u64>) -> (u32, u8) {
        let (agency, marks) = self.agency(Some(cell), known);
        let elsewhere = if agency == self.own { 0 } else { Mark::Elsewhere as u8 };
        (agency, marks | elsewhere)
    }

    fn case(&self, cell: &[u8]) -> (u64, u8) {
        if State::of(cell) != State::Value {
            return (0, 0);
        }
        let is_number = cell.iter().any(u8::is_ascii_digit);
        let marks = if is_number { Mark::Case as u8 } else { 0 };
        let Common { key, cases, .. } = self.common;
        let token = key.case(cell);
        if cases.is_empty() {
            return (token, marks);
        }
        match cases.has(token).then_some(token).or_else(|| self.case_among(cell)) {
            Some(known) => (known, marks | Mark::Known as u8),
            None => (token, marks),
        }
    }

    /// The number that the register knows, of a cell with several words.
    fn case_among(&self, cell: &[u8]) -> Option<u64> {
        let is_one = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        let several = !cell.trim_ascii().iter().all(is_one);
        several.then(|| self.common.cases.first_in(self.common.key, cell)).flatten()
    }

    /// What an event says is in three columns.
    pub(super) fn event(&mut self, event: &[u8], entity: &[u8], details: &[u8]) -> Known {
        self.reason(None, Some(&[event, entity, details].join(&b' ')))
    }

    /// A hash of what a column has in it.
    pub(super) fn hash_at(&self, column: usize, bytes: &[u8]) -> u64 {
        let mut hasher = self.common.hasher.build_hasher();
        hasher.write_usize(column);
        hasher.write(bytes);
        hasher.finish()
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.common.hasher.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    pub(super) fn time(&mut self, time: Option<&[u8]>, date: Option<&[u8]>) -> Result<u32, String> {
        let (time, [of_time, _]) = (time.unwrap_or_default(), &mut self.clocks);
        let read = match date {
            Some(date) => joined(date, time, self.zone.as_ref()),
            None => of_time.seconds(time, self.zone.as_ref()),
        };
        // Of a row whose cells were moved, a name may stand there: no cell is repeated.
        read.map_err(|why| format!("{} {}", self.when, why.says()))
    }

    /// When the period asked for starts.
    fn since(&mut self, window: &[u8]) -> Option<u32> {
        // A padded time ends where the line does.
        let at_once = matches!(window.get(27), Some(b'\n' | b'\r')).then_some(27);
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let stop = at_once.or_else(|| window.iter().position(is_end));
        let start = match stop {
            Some(stop) => window.get(..stop)?,
            None => {
                window.windows(4).position(|it| it == b" to ").and_then(|at| window.get(..at))?
            }
        };
        let [_, of_start] = &mut self.clocks;
        of_start.seconds(start, self.zone.as_ref()).ok()
    }

    /// A cell's text with its doubled quotes single.
    fn unquoted<'c>(&self, cell: &'c [u8]) -> Cow<'c, [u8]> {
        if self.doubled { unquoted(cell) } else { Cow::Borrowed(cell) }
    }
}

/// What is wrong where a number stands in the place of the agency.
const NO_AGENCY: &str =
    "the agency is a number; are cells shifted, or does another export start here?";

/// The number of an agency, and its marks, as they are remembered.
#[inline]
fn agency_of(known: u64) -> (u32, u8) {
    (known as u32, (known >> 32) as u8)
}

/// The label that was chosen, if one was.
fn chosen(category: Option<&[u8]>) -> Option<&[u8]> {
    category.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty())
}
