//! Cells to a row.
//!
//! - In: the cells of a record, by column, and which column is what.
//! - Out: a [`Row`], or why there is none; what texts that repeat were read as is looked up for
//!   many records together.
//! - Absent: files.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hasher as _};

use fearless_simd::{Level, Simd, dispatch};
use jiff::tz::TimeZone;

use super::cell::{State, inactive, unquoted, whole_number};
use super::cut::Cut;
use super::layout::{Field, Header};
use super::memo::{Asked, Memo, hashed, hashed_within};
use super::names::Names;
use super::read::Wanted;
use super::row::{Common, Hasher, Mark, Row, hours};
use super::said::{Known, Said};
use super::time::{Dated, Days, NoTime, instant, joined};
use crate::reason::Class;

/// Distinct reasons and agencies that one reader remembers; past it, it starts anew.
const REMEMBERED: usize = 1 << 16;

/// What was looked up for some rows before they are made.
#[derive(Debug, Default)]
struct Looked {
    agencies: Asked<u64>,
    accounts: Asked<(u64, u8)>,
    reasons: Asked<u64>,
}

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

    /// Looks up what is known of some records of a CSV file, before rows are made of them.
    #[inline]
    pub(super) fn look_up(&mut self, bytes: &[u8], cuts: &[Cut<'_>]) {
        let mut looked = std::mem::take(&mut self.looked);
        dispatch!(Level::new(), simd => self.look(simd, bytes, cuts, &mut looked));
        self.looked = looked;
    }

    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, bytes: &[u8], cuts: &[Cut<'_>], looked: &mut Looked) {
        let place = |field: Field| self.places.of(field);
        let hasher = self.common.hasher;
        if let Some(at) = place(Field::Host).or(place(Field::Agency)) {
            let hashes = cuts.iter().map(|cut| hash_of(hasher, bytes, *cut, at));
            looked.agencies.ask(simd, &self.agencies, hashes);
        }
        if let Some(at) = place(Field::Account).filter(|_| self.wanted == Wanted::Rows) {
            let hashes = cuts.iter().map(|cut| hash_of(hasher, bytes, *cut, at));
            looked.accounts.ask(simd, &self.accounts, hashes);
        }
        match (place(Field::Event), place(Field::Category), place(Field::Reason)) {
            (None, None, Some(at)) => {
                let hash = |cut: &Cut<'_>| self.told_apart(hash_of(hasher, bytes, *cut, at));
                looked.reasons.ask(simd, &self.reasons, cuts.iter().map(hash));
            }
            (None, category, reason) => {
                let hashes = cuts.iter().map(|cut| {
                    let cell = |at: usize| cut.cell(bytes, at).map(|cell| cell.inner(bytes));
                    self.hash_of_reason(chosen(category.and_then(cell)), reason.and_then(cell))
                });
                looked.reasons.ask(simd, &self.reasons, hashes);
            }
            // What an event says is written down before it is hashed.
            _ => {}
        }
    }

    /// What reasons that stand alone were read as. They stand end to end, and each ends somewhere.
    pub(super) fn readings(
        &mut self,
        texts: &[u8],
        ends: &[usize],
        mut each: impl FnMut(usize, Known),
    ) {
        let mut asked = std::mem::take(&mut self.looked.reasons);
        let text = |at: usize| {
            let start = at.checked_sub(1).and_then(|before| ends.get(before));
            start.copied().unwrap_or(0)..ends.get(at).copied().unwrap_or(0)
        };
        let hashed = |at| self.told_apart(hashed_within(self.common.hasher, texts, text(at)));
        let reasons = &self.reasons;
        dispatch!(Level::new(), simd => asked.ask(simd, reasons, (0..ends.len()).map(hashed)));
        for at in 0..ends.len() {
            let known = asked.value(at, &self.reasons).map(Known::unpacked);
            each(at, known.unwrap_or_else(|| self.reason(None, texts.get(text(at)))));
        }
        self.looked.reasons = asked;
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
        if self.wanted == Wanted::Rows {
            let known = looked.and_then(|at| self.looked.accounts.value(at, &self.accounts));
            let (account, inactive) = known.unwrap_or_else(|| self.account(get(Field::Account)));
            row.account = account;
            row.networks = whole_number(get(Field::Networks));
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
        Ok(())
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
            Field::Host => Said::marked(self.host(cell, None)),
            Field::Agency => Said::marked(self.agency(Some(cell), None)),
            Field::Account => Said::marked(self.account(Some(cell))),
            Field::Networks => Said::maybe(whole_number(Some(cell))),
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
        read.map(Said::number).map_err(|why| format!("the time `{seconds}` {}", why.says()))
    }

    /// A row of cells that say nothing.
    pub(super) fn blank(&mut self) -> Row {
        let mut row = Row { information: self.information, ..Row::default() };
        let places = self.places;
        let has = |field: Field| places.of(field).is_some();
        if !has(Field::Host) && !has(Field::Agency) {
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
        (self.common.key.token(b'c', cell), if is_number { Mark::Case as u8 } else { 0 })
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
            Some(date) if !date.contains(&b':') => joined(date, time, self.zone.as_ref()),
            _ => of_time.seconds(time, self.zone.as_ref()),
        };
        read.map_err(|why| {
            let shown = String::from_utf8_lossy(time.get(..40.min(time.len())).unwrap_or_default());
            format!("the time `{}` {}", shown.trim(), why.says())
        })
    }

    /// The number of the agency, and what its name says of it. A cell that is not there says what
    /// an empty one does.
    #[inline]
    fn agency(&mut self, cell: Option<&[u8]>, known: Option<u64>) -> (u32, u8) {
        let cell = cell.unwrap_or_default();
        let known = known.or_else(|| self.agencies.get(self.hash_of_text(cell)));
        match known {
            Some(known) => agency_of(known),
            None => self.new_agency(cell),
        }
    }

    #[cold]
    fn new_agency(&mut self, cell: &[u8]) -> (u32, u8) {
        let hash = self.hash_of_text(cell);
        let is_value = State::of(cell) == State::Value;
        let cell = if is_value { cell.trim_ascii() } else { self.common.own.as_bytes() };
        let name = self.unquoted(cell);
        let name = String::from_utf8_lossy(&name);
        let federal = if name.starts_with("[Federal]") { Mark::Federal as u8 } else { 0 };
        let (number, marks) =
            (self.common.names.number(&name), federal | inactive(name.as_bytes()));
        self.agencies.put(hash, u64::from(number) | u64::from(marks) << 32, REMEMBERED);
        (number, marks)
    }

    fn account(&mut self, cell: Option<&[u8]>) -> (u64, u8) {
        let cell = cell.unwrap_or_default();
        let hash = self.hash_of_text(cell);
        match self.accounts.get(hash) {
            Some(known) => known,
            None => self.new_account(hash, cell),
        }
    }

    #[cold]
    fn new_account(&mut self, hash: u64, cell: &[u8]) -> (u64, u8) {
        let known = match State::of(cell) {
            State::Value => (self.common.key.token(b'a', cell), inactive(cell)),
            _ => (0, 0),
        };
        self.accounts.put(hash, known, REMEMBERED);
        known
    }

    fn hash_of_text(&self, text: &[u8]) -> u64 {
        hashed(self.common.hasher, text)
    }

    fn hash_of_reason(&self, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> u64 {
        // A reason that is not there is remembered apart from one that is empty.
        let mut hash = reason.map_or(0, |reason| self.hash_of_text(reason));
        if let Some(category) = chosen {
            hash = hash.rotate_left(1) ^ self.hash_of_text(category);
        }
        self.told_apart(hash)
    }

    /// The same bytes are another text where quotes are doubled, and readings are shared.
    #[inline]
    fn told_apart(&self, hash: u64) -> u64 {
        if self.doubled { !hash } else { hash }
    }

    pub(super) fn reason(&mut self, category: Option<&[u8]>, reason: Option<&[u8]>) -> Known {
        let chosen = chosen(category);
        let hash = self.hash_of_reason(chosen, reason);
        match self.reasons.get(hash) {
            Some(known) => Known::unpacked(known),
            None => self.new_reason(hash, chosen, reason),
        }
    }

    #[cold]
    fn new_reason(&mut self, hash: u64, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> Known {
        let names = self.common.names;
        let known = names.reading(hash).unwrap_or_else(|| {
            let known = self.read(chosen, reason);
            names.remember(hash, known);
            known
        });
        self.reasons.put(hash, known.packed(), REMEMBERED);
        known
    }

    fn read(&self, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> Known {
        let cell = reason.unwrap_or_default();
        let (text, state) = match chosen {
            None => (self.unquoted(cell), reason.map_or(State::NotExported, State::of)),
            Some(category) => {
                let text = [category, b" - ", cell].concat();
                let is_blank = cell.trim_ascii().is_empty();
                let state = if is_blank { State::Value } else { State::of(cell) };
                (self.unquoted(&text).into_owned().into(), state)
            }
        };
        let text = String::from_utf8_lossy(&text);
        let reading = self.common.rules.reading(&text);
        let number = match self.wanted {
            Wanted::Rows => self.common.names.number(&text),
            Wanted::Reasons => Names::NOT_KEPT,
        };
        let case = reading.has_case_number;
        Known { number, class: reading.class, plain: reading.plain, state, case }
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

/// The hash of what a cell has in it.
#[inline(always)]
fn hash_of(hasher: &Hasher, bytes: &[u8], cut: Cut<'_>, at: usize) -> u64 {
    let cell = cut.cell(bytes, at).map(|cell| cell.within(bytes));
    hashed_within(hasher, bytes, cell.unwrap_or_default())
}

/// The number of an agency, and its marks, as they are remembered.
#[inline]
fn agency_of(known: u64) -> (u32, u8) {
    (known as u32, (known >> 32) as u8)
}

/// The label that was chosen, if one was.
fn chosen(category: Option<&[u8]>) -> Option<&[u8]> {
    category.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty())
}
