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

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};
use sha2::{Digest, Sha256};

use super::layout::{Field, Header};
use super::pages::{Chunk, Room, Shared, Take, caught};
use super::read::{FileTotals, How, LogError, MOST_COLUMNS, Sink, zone_of};
use super::row::{Maker, Row, Said};
use super::shape::Shape;

/// Rows that are made together.
const BATCH: usize = 1 << 10;

/// Rows that are handed on together.
const HANDED: usize = 1 << 13;

/// Bytes that are hashed together.
const STEP: usize = 1 << 20;

/// The longest list of parts, in bytes, at the end of a file.
const LIST: u64 = 32 << 20;

/// What every complaint about the file itself starts with.
const UNREADABLE: &str = "the Parquet file cannot be read";

/// Reads a Parquet file.
pub(super) fn read_columns<R: Read + Seek + Send>(
    file: u16,
    mut input: R,
    how: How<'_>,
    sink: Sink<'_>,
) -> Result<FileTotals, LogError> {
    let length = input.seek(SeekFrom::End(0))?;
    let input = Mutex::new(input);
    let shared = Shared::new(&input, length);
    let metadata = open(shared, length)?;
    let table = Table::new(&metadata, how).map_err(LogError::NotALog)?;
    let zone = zone_of(&table.header)?;
    table.check_zone().map_err(LogError::NotALog)?;
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<(FileTotals, Option<LogError>)> = Mutex::default();
    let groups = metadata.num_row_groups();
    let worker = || {
        let maker = Maker::new(how.common, &table.header, zone.clone()).plain();
        let mut part = Part::new(file, &table, maker, sink);
        let mut work = || -> Result<(), LogError> {
            // The hash of the whole file is the first piece of work, and each row group one.
            while !stop.load(Ordering::Relaxed) {
                match next.fetch_add(1, Ordering::Relaxed) {
                    0 => part.totals.sha256 = digest(shared, &stop)?,
                    group if group <= groups => {
                        part.group(shared, group.saturating_sub(1)).map_err(LogError::NotALog)?;
                    }
                    _ => break,
                }
            }
            Ok(())
        };
        let ended = work();
        part.hand_on();
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        if !part.totals.sha256.is_empty() {
            done.0.sha256.clone_from(&part.totals.sha256);
        }
        done.0.add(part.totals);
        if let Err(error) = ended {
            stop.store(true, Ordering::Relaxed);
            done.1.get_or_insert(error);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..how.threads.clamp(1, groups.saturating_add(1)) {
            scope.spawn(&worker);
        }
        worker();
    });
    let (mut totals, failed) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = failed {
        return Err(error);
    }
    totals.listed();
    totals.layout.clone_from(&table.header.layout.name);
    totals.information.clone_from(&table.header.layout.information);
    totals.unread.clone_from(&table.header.unread);
    totals.bytes = length;
    let told: u64 = metadata.row_groups().iter().map(bytes_of).fold(0, u64::saturating_add);
    sink(&[], length.saturating_sub(told));
    Ok(totals)
}

/// Reads what the end of the file says of the rest.
fn open<R: Read + Seek + Send>(
    shared: Shared<'_, R>,
    length: u64,
) -> Result<ParquetMetaData, LogError> {
    let mut end = Vec::new();
    shared.read_into(length.saturating_sub(8), 8, &mut end)?;
    let list = match end.as_slice() {
        [a, b, c, d, b'P', b'A', b'R', b'1'] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        [.., b'P', b'A', b'R', b'E'] => {
            let what = "it is an encrypted Parquet file; write it without encryption";
            return Err(LogError::NotALog(what.to_owned()));
        }
        _ => {
            let what = "it starts as a Parquet file and does not end as one; was it cut off?";
            return Err(LogError::NotALog(what.to_owned()));
        }
    };
    if list > LIST {
        let what = "its list of row groups is too long; write it with longer row groups";
        return Err(LogError::NotALog(what.to_owned()));
    }
    let mut options = ParquetMetaDataOptions::default();
    options.set_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
    options.set_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let reader = ParquetMetaDataReader::new().with_metadata_options(Some(options));
    let metadata = caught(|| reader.parse_and_finish(&shared));
    let metadata = metadata.map_err(|why| LogError::NotALog(format!("{UNREADABLE}: {why}")))?;
    let rows: i64 =
        metadata.row_groups().iter().map(RowGroupMetaData::num_rows).fold(0, i64::saturating_add);
    if rows != metadata.file_metadata().num_rows() {
        let what = "the Parquet file is damaged: its parts have not as many rows as it says";
        return Err(LogError::NotALog(what.to_owned()));
    }
    Ok(metadata)
}

/// How many bytes a row group has.
fn bytes_of(group: &RowGroupMetaData) -> u64 {
    let sizes = group.columns().iter().map(|column| u64::try_from(column.compressed_size()));
    sizes.fold(0, |sum, size| sum.saturating_add(size.unwrap_or(0)))
}

/// So many bytes as there are rows of all rows.
fn share(bytes: u64, rows: usize, all: usize) -> u64 {
    let share = u128::from(bytes).saturating_mul(rows as u128).checked_div(all as u128);
    u64::try_from(share.unwrap_or(0)).unwrap_or(u64::MAX)
}

/// The SHA-256 of every byte, in lower-case hexadecimal.
fn digest<R: Read + Seek>(shared: Shared<'_, R>, stop: &AtomicBool) -> Result<String, LogError> {
    let (mut hash, mut piece, mut at) = (Sha256::new(), Vec::with_capacity(STEP), 0_u64);
    while !stop.load(Ordering::Relaxed) {
        piece.clear();
        shared.read_into(at, STEP, &mut piece)?;
        if piece.is_empty() {
            break;
        }
        hash.update(&piece);
        at = at.saturating_add(piece.len() as u64);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What is done with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Each of its values says something by itself.
    Says(Field),
    /// Its texts are kept, because they say something together with those of another column.
    Kept(Field),
    /// Its cells only tell rows apart.
    Past,
}

/// A column, as the file and the layout describe it.
struct Column {
    name: String,
    shape: Shape,
    role: Role,
}

/// The table, as the file and the layout describe it.
struct Table<'a> {
    metadata: &'a ParquetMetaData,
    header: Header,
    columns: Vec<Column>,
    /// The number of the first row of each row group.
    starts: Vec<u64>,
}

impl<'a> Table<'a> {
    fn new(metadata: &'a ParquetMetaData, how: How<'_>) -> Result<Self, String> {
        let described = metadata.file_metadata().schema_descr().columns();
        if described.len() > MOST_COLUMNS {
            let count = described.len();
            return Err(format!("it has {count} columns; a log has fewer"));
        }
        let shapes = described.iter().map(|column| Shape::of(column));
        let shapes = shapes.collect::<Result<Vec<Shape>, String>>()?;
        let names: Vec<String> = described.iter().map(|it| it.name().to_owned()).collect();
        let header = how.layouts.header(&names)?;
        let mut columns = Vec::new();
        for (at, shape) in shapes.into_iter().enumerate() {
            let field = Field::ALL.into_iter().find(|field| header.place(*field) == Some(at));
            let name = header.headings.get(at).cloned().unwrap_or_default();
            let role = field.map_or(Role::Past, |field| role(field, &header));
            columns.push(Column { name, shape, role });
        }
        let mut starts = Vec::new();
        let mut start = 2_u64;
        for group in metadata.row_groups() {
            starts.push(start);
            start = start.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
        }
        Ok(Self { metadata, header, columns, starts })
    }

    /// A time of a clock needs a zone.
    fn check_zone(&self) -> Result<(), String> {
        let is_lost = |column: &&Column| {
            column.role == Role::Says(Field::Time)
                && matches!(column.shape, Shape::Instant { local: true, .. })
                && self.header.layout.zone.is_none()
        };
        match self.columns.iter().find(is_lost) {
            None => Ok(()),
            Some(column) => Err(format!(
                "the times of the column `{}` are of a clock and name no zone; say in a layout \
                 which it is (`zone = …`)",
                column.name
            )),
        }
    }
}

/// Whether a field says something by itself depends on what other columns there are.
fn role(field: Field, header: &Header) -> Role {
    let has = |field: Field| header.place(field).is_some();
    match field {
        Field::Date => Role::Kept(field),
        Field::Time if has(Field::Date) => Role::Kept(field),
        Field::Event => Role::Kept(field),
        Field::Entity | Field::Details if has(Field::Event) => Role::Kept(field),
        Field::Reason | Field::Category if has(Field::Event) => Role::Past,
        Field::Category => Role::Kept(field),
        Field::Reason if has(Field::Category) => Role::Kept(field),
        Field::Agency if has(Field::Host) => Role::Past,
        Field::Time
        | Field::Id
        | Field::Host
        | Field::Agency
        | Field::Account
        | Field::Networks
        | Field::Window
        | Field::Case
        | Field::Reason
        | Field::Moderation => Role::Says(field),
        _ => Role::Past,
    }
}

/// Marks of an entry, which a row has if any of its cells has it.
const NOT_HEADING: u8 = 1;
const NOT_UTF8: u8 = 2;
const WRONG: u8 = 4;

/// A value, and what it comes to.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    said: Said,
    marks: u8,
    /// Where its text is, where texts are kept.
    text: (usize, usize),
}

/// Cells of a column.
struct Cells<'a> {
    at: usize,
    column: &'a Column,
    /// Nothing; then the values of the dictionary; then those of the rows at hand.
    entries: Vec<Entry>,
    texts: Vec<u8>,
    /// What is wrong with entries, by their place.
    wrong: Vec<(usize, String)>,
    /// How much of the three stays for the next rows.
    stays: (usize, usize, usize),
    /// By row the place of its entry.
    places: Vec<u32>,
    written: String,
}

impl<'a> Cells<'a> {
    fn new(at: usize, column: &'a Column) -> Self {
        Self {
            at,
            column,
            entries: Vec::new(),
            texts: Vec::new(),
            wrong: Vec::new(),
            stays: (0, 0, 0),
            places: Vec::new(),
            written: String::new(),
        }
    }

    /// Starts with a part of the column, which has a dictionary of its own.
    fn start(&mut self, maker: &mut Maker<'_>) {
        self.stays = (0, 0, 0);
        self.forget();
        self.push(None, maker);
        self.stay();
    }

    fn forget(&mut self) {
        let (entries, texts, wrong) = self.stays;
        self.entries.truncate(entries);
        self.texts.truncate(texts);
        self.wrong.truncate(wrong);
        self.places.clear();
    }

    fn stay(&mut self) {
        self.stays = (self.entries.len(), self.texts.len(), self.wrong.len());
    }

    /// Works out what a value says.
    fn push(&mut self, value: Option<&[u8]>, maker: &mut Maker<'_>) {
        let Column { name, shape, role } = self.column;
        let instant = match role {
            Role::Says(Field::Time) => value.and_then(|value| shape.seconds(value)),
            _ => None,
        };
        let is_text = *shape == Shape::Text;
        let text = match value {
            Some(value) if is_text || *role != Role::Past && instant.is_none() => {
                shape.text(value, &mut self.written)
            }
            _ => &[],
        };
        let mut marks = 0;
        if !is_text || text.trim_ascii() != name.as_bytes() {
            marks |= NOT_HEADING;
        }
        if is_text && std::str::from_utf8(text).is_err() {
            marks |= NOT_UTF8;
        }
        let start = self.texts.len();
        let said = match (role, instant) {
            (_, Some(seconds)) => {
                maker.say_instant(seconds, matches!(shape, Shape::Instant { local: true, .. }))
            }
            (Role::Says(field), None) => maker.say(*field, text),
            (Role::Kept(_), None) => {
                self.texts.extend_from_slice(text);
                Ok(Said::Nothing)
            }
            (Role::Past, None) => Ok(Said::Nothing),
        };
        let said = said.unwrap_or_else(|why| {
            marks |= WRONG;
            self.wrong.push((self.entries.len(), why));
            Said::Nothing
        });
        let hash = maker.hash_at(self.at, value.unwrap_or_default());
        self.entries.push(Entry { hash, said, marks, text: (start, self.texts.len()) });
    }

    /// The text of a row's cell.
    fn text(&self, row: usize) -> &[u8] {
        let place = self.places.get(row).and_then(|place| self.entries.get(*place as usize));
        place.and_then(|entry| self.texts.get(entry.text.0..entry.text.1)).unwrap_or_default()
    }

    /// What is wrong with a row's cell.
    fn wrong(&self, row: usize) -> Option<&str> {
        let place = *self.places.get(row)? as usize;
        let at = self.wrong.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        self.wrong.get(at).map(|(_, why)| why.as_str())
    }
}

/// Cells on their way into a column.
struct Filled<'c, 'a, 'm> {
    cells: &'c mut Cells<'a>,
    maker: &'c mut Maker<'m>,
}

impl Take for Filled<'_, '_, '_> {
    fn dictionary(&mut self, value: &[u8]) {
        self.cells.push(Some(value), self.maker);
        self.cells.stay();
    }

    fn codes(&mut self, codes: &[i32]) {
        self.cells.places.extend(codes.iter().map(|code| code.cast_unsigned()));
    }

    fn value(&mut self, value: &[u8]) {
        self.cells.places.push(u32::try_from(self.cells.entries.len()).unwrap_or(0));
        self.cells.push(Some(value), self.maker);
    }

    fn null(&mut self) {
        self.cells.places.push(0);
    }
}

/// What one thread does.
struct Part<'a> {
    file: u16,
    table: &'a Table<'a>,
    maker: Maker<'a>,
    blank: Row,
    cells: Vec<Cells<'a>>,
    /// Rows at hand, and the marks of each.
    rows: Vec<Row>,
    marks: Vec<u8>,
    /// Rows to be handed on, and the bytes they took.
    ready: Vec<Row>,
    bytes: u64,
    sink: Sink<'a>,
    totals: FileTotals,
}

impl<'a> Part<'a> {
    fn new(file: u16, table: &'a Table<'a>, mut maker: Maker<'a>, sink: Sink<'a>) -> Self {
        let columns = table.columns.iter().enumerate();
        Self {
            file,
            table,
            blank: maker.blank(),
            maker,
            cells: columns.map(|(at, column)| Cells::new(at, column)).collect(),
            rows: Vec::new(),
            marks: Vec::new(),
            ready: Vec::new(),
            bytes: 0,
            sink,
            totals: FileTotals::default(),
        }
    }

    fn hand_on(&mut self) {
        (self.sink)(&self.ready, std::mem::take(&mut self.bytes));
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
            format!("{UNREADABLE}: row group {group}, column `{name}`: {why}")
        };
        let count =
            usize::try_from(group.num_rows()).map_err(|error| lost(0, error.to_string()))?;
        let room = Room::new();
        let mut chunks = Vec::new();
        for (column, chunk) in group.columns().iter().enumerate() {
            let chunk = Chunk::open(shared, chunk, count, &room);
            chunks.push(chunk.map_err(|why| lost(column, why))?);
        }
        self.cells.iter_mut().for_each(|cells| cells.start(&mut self.maker));
        let mut done = 0_usize;
        while done < count {
            let most = BATCH.min(count.saturating_sub(done));
            for (column, (chunk, cells)) in chunks.iter_mut().zip(&mut self.cells).enumerate() {
                fill(chunk, cells, &mut self.maker, most).map_err(|why| lost(column, why))?;
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
            let mut more = Filled { cells, maker: &mut self.maker };
            if chunk.read(1, &mut more).map_err(|why| lost(column, why))? > 0 {
                return Err(lost(column, "it has more cells than rows".to_owned()));
            }
        }
        Ok(())
    }

    /// The cells of a field, where there are.
    fn of(&self, field: Field) -> Option<&Cells<'a>> {
        self.cells.get(self.table.header.place(field)?)
    }

    /// Makes rows of the cells at hand; the first of them is the row `start` of the file.
    fn batch(&mut self, count: usize, start: u64) {
        self.rows.clear();
        self.rows.resize(count, self.blank);
        self.marks.clear();
        self.marks.resize(count, 0);
        let mut wrong = Vec::new();
        if let Some(dates) = self.of(Field::Date) {
            let times = self.of(Field::Time);
            let mut found = Vec::with_capacity(count);
            for row in 0..count {
                let time = times.map(|times| times.text(row));
                found.push(self.maker.time(time, Some(dates.text(row))));
            }
            let rows = self.rows.iter_mut().zip(&mut self.marks);
            for (at, ((row, marks), time)) in rows.zip(found).enumerate() {
                match time {
                    Ok(time) => row.time = time,
                    Err(why) => {
                        *marks |= WRONG;
                        wrong.push((at, why));
                    }
                }
            }
        }
        // What else is said of a search may rest on its time.
        let is_time = |cells: &&Cells<'_>| cells.column.role == Role::Says(Field::Time);
        for cells in self.cells.iter().filter(is_time) {
            put(cells, &mut self.rows, &mut self.marks);
        }
        for cells in self.cells.iter().filter(|cells| !is_time(cells)) {
            put(cells, &mut self.rows, &mut self.marks);
        }
        self.reasons();
        self.sort_out(start, &wrong);
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
        let before = self.ready.len();
        for (at, (row, marks)) in self.rows.iter().zip(&self.marks).enumerate() {
            let number = start.saturating_add(at as u64);
            let why = if marks & NOT_HEADING == 0 {
                "the header again; were two exports joined?"
            } else if marks & NOT_UTF8 != 0 {
                "the row is not UTF-8; was the file saved in another encoding?"
            } else if marks & WRONG != 0 {
                let joined = wrong.iter().find(|(row, _)| *row == at).map(|(_, why)| why.as_str());
                let alone = || self.of(Field::Time).and_then(|cells| cells.wrong(at));
                joined.or_else(alone).unwrap_or("it has no time")
            } else {
                let mut row = *row;
                let line = u32::try_from(number).unwrap_or(u32::MAX);
                (row.file, row.row, row.line) = (self.file, line, line);
                row.day = self.maker.day(row.time);
                self.ready.push(row);
                continue;
            };
            let why = why.to_owned();
            self.totals.reject(number, number, why);
        }
        let made = self.ready.len().saturating_sub(before);
        self.totals.made = self.totals.made.saturating_add(made as u64);
        self.totals.rows = self.totals.rows.saturating_add(self.rows.len() as u64);
    }
}

/// Fills a column with so many cells.
fn fill<R: Read + Seek + Send>(
    chunk: &mut Chunk<'_, R>,
    cells: &mut Cells<'_>,
    maker: &mut Maker<'_>,
    count: usize,
) -> Result<(), String> {
    cells.forget();
    while cells.places.len() < count {
        let left = count.saturating_sub(cells.places.len());
        if chunk.read(left, &mut Filled { cells, maker })? == 0 {
            return Err("it has fewer cells than rows".to_owned());
        }
    }
    Ok(())
}

/// Writes what the cells of a column say into their rows.
fn put(cells: &Cells<'_>, rows: &mut [Row], marks: &mut [u8]) {
    for ((row, marks), place) in rows.iter_mut().zip(marks).zip(&cells.places) {
        let Some(entry) = cells.entries.get(*place as usize) else {
            *marks |= NOT_HEADING | WRONG;
            continue;
        };
        row.content = row.content.wrapping_add(entry.hash);
        *marks |= entry.marks;
        entry.said.put(row);
    }
}
