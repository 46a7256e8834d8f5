//! A log that was written as a Parquet file.
//!
//! - In: a Parquet file of flat columns.
//! - Out: the same as of a CSV file of the same table; rows are counted as a spreadsheet would,
//!   the first is row 2.
//! - Absent: whole columns in memory. All columns are read side by side, some rows at a time; the
//!   parts that the file has (its row groups) are read on every processor.
//!
//! What a cell says is worked out once for each value of a dictionary, and a row is made by
//! writing what its cells say into it, column by column.

mod ahead;
mod cells;
mod pages;
mod schema;
mod shape;

use std::io::{Read, Seek, SeekFrom};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::classes::Counts;
use super::layout::Field;
use super::maker::Maker;
use super::read::{LogError, Task, Wanted};
use super::row::Row;
use super::totals::FileTotals;
use crate::reason::Class;
use crate::{locked, on_threads, unlocked};
use ahead::{Room, Shared};
use cells::{Cells, NOT_HEADING, NOT_UTF8, WRONG};
use pages::Chunk;
use schema::{Role, Table, bytes_of};

/// Rows that are made together.
const BATCH: usize = 1 << 9;

/// Rows that are handed on together.
const HANDED: usize = 1 << 13;

/// Bytes that are hashed together.
const STEP: usize = 1 << 20;

/// Reads a Parquet file.
pub(super) fn read_columns<R: Read + Seek + Send>(
    mut input: R,
    task: Task<'_>,
) -> Result<FileTotals, LogError> {
    let length = input.seek(SeekFrom::End(0))?;
    let input = Mutex::new(input);
    let shared = Shared::new(&input, length);
    let metadata = schema::open(shared, length)?;
    let table = Table::new(&metadata, task).map_err(LogError::NotALog)?;
    let zone = table.header.zone().map_err(LogError::NotALog)?;
    table.check_zone().map_err(LogError::NotALog)?;
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let pieces = Pieces { shared, groups: metadata.num_row_groups(), next, stop };
    let done: Mutex<(FileTotals, Option<(usize, LogError)>)> = Mutex::default();
    let worker = || {
        let maker = Maker::new(task.how.common, &table.header, zone.clone(), task.wanted);
        let mut part = Part::new(task, &table, maker.plain());
        let failed = pieces.work(&mut part);
        part.hand_on();
        if let Some(counts) = task.counts {
            locked(counts).add(&part.counts);
        }
        let mut done = locked(&done);
        let (totals, first) = &mut *done;
        if !part.totals.sha256.is_empty() {
            totals.sha256.clone_from(&part.totals.sha256);
        }
        totals.add(part.totals);
        // Of several errors the first in the file is told, whichever was met first.
        let is_first = |(at, _): &(usize, LogError)| first.as_ref().is_none_or(|it| *at < it.0);
        if failed.as_ref().is_some_and(is_first) {
            *first = failed;
        }
    };
    on_threads(task.how.threads.clamp(1, pieces.groups.saturating_add(1)), worker);
    let (mut totals, failed) = unlocked(done);
    if let Some((_, error)) = failed {
        return Err(error);
    }
    totals.listed();
    totals.layout.clone_from(&table.header.layout.name);
    totals.information.clone_from(&table.header.layout.information);
    totals.unread.clone_from(&table.header.unread);
    totals.bytes = length;
    let told: u64 = metadata.row_groups().iter().map(bytes_of).fold(0, u64::saturating_add);
    (task.sink)(&[], length.saturating_sub(told));
    Ok(totals)
}

/// The work there is: the hash of the whole file, and each row group.
struct Pieces<'a, R> {
    shared: Shared<'a, R>,
    groups: usize,
    next: AtomicUsize,
    stop: AtomicBool,
}

impl<R: Read + Seek + Send> Pieces<'_, R> {
    /// Does what nobody else does, until there is no more; or says what failed where.
    fn work(&self, part: &mut Part<'_>) -> Option<(usize, LogError)> {
        // Whoever has taken a piece does it, so that all before one that fails are done.
        while !self.stop.load(Ordering::Relaxed) {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            let ended = match piece.checked_sub(1) {
                None if part.task.wanted == Wanted::Reasons => Ok(()),
                None => digest(self.shared).map(|hash| part.totals.sha256 = hash),
                Some(group) if group < self.groups => {
                    part.group(self.shared, group).map_err(LogError::NotALog)
                }
                Some(_) => break,
            };
            if let Err(error) = ended {
                self.stop.store(true, Ordering::Relaxed);
                return Some((piece, error));
            }
        }
        None
    }
}

/// So many bytes as there are rows of all rows.
fn share(bytes: u64, rows: usize, all: usize) -> u64 {
    let share = u128::from(bytes).saturating_mul(rows as u128).checked_div(all as u128);
    u64::try_from(share.unwrap_or(0)).unwrap_or(u64::MAX)
}

/// The SHA-256 of every byte, in lower-case hexadecimal.
fn digest<R: Read + Seek>(shared: Shared<'_, R>) -> Result<String, LogError> {
    let (mut hash, mut piece, mut at) = (Sha256::new(), Vec::with_capacity(STEP), 0_u64);
    loop {
        piece.clear();
        shared.read_into(at, STEP, &mut piece)?;
        if piece.is_empty() {
            break;
        }
        hash.update(&piece);
        at = at.saturating_add(piece.len() as u64);
    }
    Ok(crate::hex(&hash.finalize()))
}

/// What one thread does.
struct Part<'a> {
    task: Task<'a>,
    table: &'a Table<'a>,
    maker: Maker<'a>,
    blank: Row,
    cells: Vec<Cells<'a>>,
    /// Rows at hand, and the marks of each.
    rows: Vec<Row>,
    marks: Vec<u8>,
    /// The agency and the class of each, where no more is wanted.
    glanced: Vec<(u32, Class)>,
    /// Rows to be handed on, and the bytes they took.
    ready: Vec<Row>,
    bytes: u64,
    counts: Counts,
    totals: FileTotals,
}

impl<'a> Part<'a> {
    fn new(task: Task<'a>, table: &'a Table<'a>, mut maker: Maker<'a>) -> Self {
        let columns = table.columns.iter().enumerate();
        Self {
            task,
            table,
            blank: maker.blank(),
            maker,
            cells: columns.map(|(at, column)| Cells::new(at, column)).collect(),
            rows: Vec::new(),
            marks: Vec::new(),
            glanced: Vec::new(),
            ready: Vec::new(),
            bytes: 0,
            counts: Counts::default(),
            totals: FileTotals::default(),
        }
    }

    fn hand_on(&mut self) {
        (self.task.sink)(&self.ready, std::mem::take(&mut self.bytes));
        self.ready.clear();
    }

    /// Reads a row group.
    fn group<R: Read + Seek + Send>(
        &mut self,
        shared: Shared<'_, R>,
        at: usize,
    ) -> Result<(), String> {
        let (Some(group), Some(start)) =
            (self.table.metadata.row_groups().get(at), self.table.starts.get(at))
        else {
            return Ok(());
        };
        let table = self.table;
        let lost = |column: usize, why: String| {
            let name = table.columns.get(column).map_or("", |column| column.name.as_str());
            let group = at.saturating_add(1);
            format!("{}: row group {group}, column `{name}`: {why}", schema::UNREADABLE)
        };
        let count =
            usize::try_from(group.num_rows()).map_err(|error| lost(0, error.to_string()))?;
        let room = Room::new();
        let mut chunks = Vec::new();
        for (column, chunk) in group.columns().iter().enumerate() {
            let is_read = table.columns.get(column).is_some_and(|it| it.role != Role::Unread);
            let chunk = is_read.then(|| Chunk::open(shared, chunk, count, &room)).transpose();
            chunks.push(chunk.map_err(|why| lost(column, why))?);
        }
        self.cells.iter_mut().for_each(|cells| cells.start(&mut self.maker));
        let mut done = 0_usize;
        while done < count {
            let most = BATCH.min(count.saturating_sub(done));
            for (column, (chunk, cells)) in chunks.iter_mut().zip(&mut self.cells).enumerate() {
                let Some(chunk) = chunk else { continue };
                let filled = cells.fill(chunk, &mut self.maker, most);
                filled.map_err(|why| lost(column, why))?;
            }
            self.batch(most, start.saturating_add(done as u64));
            let before = share(bytes_of(group), done, count);
            done = done.saturating_add(most);
            let bytes = share(bytes_of(group), done, count).saturating_sub(before);
            self.bytes = self.bytes.saturating_add(bytes);
            if self.ready.len() >= HANDED {
                self.hand_on();
            }
        }
        for (column, (chunk, cells)) in chunks.iter_mut().zip(&mut self.cells).enumerate() {
            let Some(chunk) = chunk else { continue };
            cells.end(chunk, &mut self.maker).map_err(|why| lost(column, why))?;
        }
        Ok(())
    }

    /// Makes rows of the cells at hand; the first of them is the row `start` of the file.
    fn batch(&mut self, count: usize, start: u64) {
        if self.glance(count) {
            return;
        }
        self.rows.clear();
        self.rows.resize(count, self.blank);
        self.marks.clear();
        self.marks.resize(count, 0);
        let wrong = self.joined_times();
        // What else is said of a search may rest on its time.
        let is_time = |cells: &&Cells<'_>| cells.column.role == Role::Says(Field::Time);
        for cells in self.cells.iter().filter(is_time) {
            cells.put(&mut self.rows, &mut self.marks);
        }
        for cells in self.cells.iter().filter(|cells| !is_time(cells)) {
            cells.put(&mut self.rows, &mut self.marks);
        }
        self.reasons();
        self.sort_out(start, &wrong);
    }

    /// Counts the rows of the cells at hand, if each is one, and what is said of it is said by one
    /// column.
    fn glance(&mut self, count: usize) -> bool {
        let has = |field: Field| self.table.header.place(field).is_some();
        if self.task.counts.is_none() || has(Field::Event) || has(Field::Category) {
            return false;
        }
        self.glanced.clear();
        self.glanced.resize(count, (self.blank.agency, self.blank.class));
        self.marks.clear();
        self.marks.resize(count, 0);
        for cells in &self.cells {
            cells.glance(&mut self.glanced, &mut self.marks);
        }
        // Each has a cell that is no heading, and none that is wrong.
        if self.marks.iter().any(|marks| *marks != NOT_HEADING) {
            return false;
        }
        self.glanced.iter().for_each(|row| self.counts.add_row(*row));
        self.totals.rows = self.totals.rows.saturating_add(count as u64);
        self.totals.made = self.totals.made.saturating_add(count as u64);
        true
    }

    /// Times whose day stands in a column of its own; and what is wrong with which row.
    fn joined_times(&mut self) -> Vec<(usize, String)> {
        let Self { cells, rows, marks, maker, table, .. } = self;
        let of = |field: Field| table.header.place(field).and_then(|at| cells.get(at));
        let (Some(dates), times) = (of(Field::Date), of(Field::Time)) else { return Vec::new() };
        if dates.column.role != Role::Kept(Field::Date) {
            return Vec::new();
        }
        let mut wrong = Vec::new();
        for (at, (row, marks)) in rows.iter_mut().zip(marks).enumerate() {
            match maker.time(times.map(|times| times.text(at)), Some(dates.text(at))) {
                Ok(time) => row.time = time,
                Err(why) => {
                    *marks |= WRONG;
                    wrong.push((at, why));
                }
            }
        }
        wrong
    }

    /// Reasons that several columns say together.
    fn reasons(&mut self) {
        let Self { cells, rows, maker, table, .. } = self;
        let of = |field: Field| table.header.place(field).and_then(|at| cells.get(at));
        let (event, category, reason) = (of(Field::Event), of(Field::Category), of(Field::Reason));
        if event.is_none() && category.is_none() {
            return;
        }
        for (at, row) in rows.iter_mut().enumerate() {
            let known = match event {
                Some(event) => {
                    let text = |field: Field| of(field).map(|it| it.text(at)).unwrap_or_default();
                    maker.event(event.text(at), text(Field::Entity), text(Field::Details))
                }
                None => maker.reason(category.map(|it| it.text(at)), reason.map(|it| it.text(at))),
            };
            known.put(row);
        }
    }

    /// Rows that are made, and rows that are not.
    fn sort_out(&mut self, start: u64, wrong: &[(usize, String)]) {
        let (mut made, table) = (0_u64, self.table);
        for (at, (row, marks)) in self.rows.iter().zip(&self.marks).enumerate() {
            let number = start.saturating_add(at as u64);
            if let (Some(doubt), 0) = (self.task.doubt, marks & NOT_HEADING) {
                doubt.store(true, Ordering::Relaxed);
            }
            let why = if marks & NOT_HEADING == 0 {
                "the header again; were two exports joined?"
            } else if marks & NOT_UTF8 != 0 {
                "the row is not UTF-8; was the file saved in another encoding?"
            } else if marks & WRONG != 0 {
                let joined = wrong.binary_search_by_key(&at, |(row, _)| *row).ok();
                let joined = joined.and_then(|at| wrong.get(at)).map(|(_, why)| why.as_str());
                // In the order in which they are read of a row of text.
                let fields = [Field::Time, Field::Host, Field::Agency, Field::Networks];
                let places = fields.into_iter().filter_map(|field| table.header.place(field));
                let mut cells = places.filter_map(|place| self.cells.get(place));
                let alone = cells.find_map(|cells| cells.wrong(at));
                joined.or(alone).unwrap_or("a cell is none that is known here")
            } else {
                made = made.saturating_add(1);
                if self.task.counts.is_some() {
                    self.counts.add_row((row.agency, row.class));
                    continue;
                }
                let mut row = *row;
                let line = u32::try_from(number).unwrap_or(u32::MAX);
                (row.file, row.row, row.line) = (self.task.file, line, line);
                row.day = self.maker.day(row.time);
                self.maker.name_case(&mut row);
                self.ready.push(row);
                continue;
            };
            let why = why.to_owned();
            self.totals.reject(number, number, why);
        }
        self.totals.made = self.totals.made.saturating_add(made);
        self.totals.rows = self.totals.rows.saturating_add(self.rows.len() as u64);
    }
}
