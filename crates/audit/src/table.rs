//! The door of every table: a header known by its names, rows that keep their line.
//!
//! - In: bytes of a CSV file, and the [`Layout`]s it may have.
//! - Out: a [`Table`] of what the caller made of each row, with the SHA-256 of the bytes; or
//!   [`Problems`], every one named by line and column. It is all or nothing: one bad row, and
//!   no row is handed out.
//! - Absent: guesses. The layout is told by the header, never by the file's name; a column that
//!   is missing, unknown or there twice is named.
//!
//! Accepted: UTF-8 with or without a byte-order mark, line feeds with or without carriage
//! returns, quoted cells with line feeds in them, blank lines. Blanks around a cell are dropped.
//! A cell may have 1 MiB, a row 4,096 cells.

use std::fmt;
use std::io::{self, Read};

use thiserror::Error;

use crate::records::{CELL_LIMIT, CELLS_LIMIT, Record, Records, Stop};

/// How many problems are listed; the others are counted.
pub const LISTED: usize = 50;

/// How many lines below the first are searched for the header, to say where it stands.
const SEARCHED: usize = 20;

/// A table's header, and how it writes "not stated".
#[derive(Debug)]
pub struct Layout<'a> {
    /// The name shown in messages.
    pub name: &'static str,
    /// Columns that must be there, in any order.
    pub required: &'a [&'a str],
    /// Columns that may be there.
    pub optional: &'a [&'a str],
    /// The word that stands for "not stated", where the table has one.
    pub not_stated: Option<&'a str>,
}

impl Layout<'_> {
    fn knows(&self, column: &str) -> bool {
        self.required.contains(&column) || self.optional.contains(&column)
    }
}

/// What a cell says, its state kept apart from its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// It has this text.
    Stated(&'a str),
    /// It is there and has nothing in it.
    Empty,
    /// It has the table's word for "not stated".
    NotStated,
    /// The table has no such column.
    NoColumn,
}

impl<'a> Cell<'a> {
    /// The text, where there is one.
    pub fn stated(self) -> Option<&'a str> {
        match self {
            Self::Stated(text) => Some(text),
            Self::Empty | Self::NotStated | Self::NoColumn => None,
        }
    }
}

/// One row, as the caller sees it while the table is read.
#[derive(Debug)]
pub struct Row<'a> {
    line: u64,
    header: &'a [String],
    cells: &'a [&'a str],
    not_stated: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// The line of the file on which the row starts, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The cell in the column of that name.
    pub fn cell(&self, column: &str) -> Cell<'a> {
        let at = self.header.iter().position(|name| name == column);
        let Some(text) = at.and_then(|at| self.cells.get(at)) else {
            return Cell::NoColumn;
        };
        match text.trim() {
            "" => Cell::Empty,
            text if Some(text) == self.not_stated => Cell::NotStated,
            text => Cell::Stated(text),
        }
    }

    /// Every column's name with its cell, in the order of the file.
    pub fn cells(&self) -> impl Iterator<Item = (&'a str, Cell<'a>)> {
        self.header.iter().map(|name| (name.as_str(), self.cell(name)))
    }
}

/// A table read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T> {
    /// The name of the layout its header has.
    pub layout: &'static str,
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// What the caller made of each row, in the order of the file.
    pub rows: Vec<T>,
}

/// One thing wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The column's name, or its number where it has none.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Everything wrong with a table; the first [`LISTED`] in the order of the file.
#[derive(Debug, Default, Error)]
pub struct Problems {
    /// The problems listed.
    pub listed: Vec<Problem>,
    /// How many more there are.
    pub more: u64,
    /// The reader's own failure, where the bytes could not be had.
    #[source]
    pub io: Option<io::Error>,
}

impl Problems {
    /// Notes one more.
    pub fn add(&mut self, line: u64, column: Option<&str>, what: impl Into<String>) {
        if self.listed.len() < LISTED {
            let column = column.map(str::to_owned);
            self.listed.push(Problem { line, column, what: what.into() });
        } else {
            self.more += 1;
        }
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.more.saturating_add(u64::try_from(self.listed.len()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.listed.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more problems", self.more)?;
        }
        Ok(())
    }
}

/// Reads a table that has one of `layouts`, handing each row to `make`.
///
/// `make` notes what is wrong with a row in the [`Problems`] it is given, naming line and
/// column, and answers `None`; reading goes on, so that one run shows every bad row.
///
/// # Errors
///
/// [`Problems`], where the bytes are no such table or any row is bad.
///
/// ```
/// use audit::table::{Layout, read};
/// static GREETINGS: Layout<'_> = Layout {
///     name: "greetings",
///     required: &["who"],
///     optional: &["when"],
///     not_stated: Some("NA"),
/// };
/// let table = read("who\nAda\n".as_bytes(), &[&GREETINGS], |row, problems| {
///     let who = row.cell("who").stated().map(str::to_owned);
///     if who.is_none() {
///         problems.add(row.line(), Some("who"), "empty; name somebody");
///     }
///     who
/// })?;
/// assert_eq!(table.rows, ["Ada"]);
/// # Ok::<(), audit::table::Problems>(())
/// ```
pub fn read<T>(
    input: impl Read,
    layouts: &[&Layout<'_>],
    mut make: impl FnMut(&Row<'_>, &mut Problems) -> Option<T>,
) -> Result<Table<T>, Problems> {
    let mut records = Records::new(input).map_err(|stop| stopped(stop, &[]))?;
    let mut record = Record::default();
    let (layout, header) = header(&mut records, &mut record, layouts)?;
    let mut problems = Problems::default();
    let mut rows = Vec::new();
    loop {
        match records.read(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(stop) => {
                stop_into(&mut problems, stop, &header);
                break;
            }
        }
        let Some(cells) = cells(&record, &header, &mut problems) else {
            continue;
        };
        if cells.iter().zip(&header).all(|(cell, name)| cell.trim() == name) {
            let what = "the header again; were two files joined? remove this line";
            problems.add(record.line, None, what);
            continue;
        }
        let row = Row {
            line: record.line,
            header: &header,
            cells: &cells,
            not_stated: layout.not_stated,
        };
        rows.extend(make(&row, &mut problems));
    }
    if problems.total() > 0 {
        return Err(problems);
    }
    Ok(Table { layout: layout.name, sha256: records.sha256(), rows })
}

/// The cells of a record as text, where it has as many as the header and all are UTF-8.
fn cells<'a>(
    record: &'a Record,
    header: &[String],
    problems: &mut Problems,
) -> Option<Vec<&'a str>> {
    if record.len() != header.len() {
        let why = if record.len() > header.len() {
            "is a cell with a comma in it not quoted?"
        } else {
            "is a comma missing?"
        };
        let what = format!("{} cells where the header has {}; {why}", record.len(), header.len());
        problems.add(record.line, None, what);
        return None;
    }
    let before = problems.total();
    let mut cells = Vec::with_capacity(header.len());
    for (at, name) in header.iter().enumerate() {
        match std::str::from_utf8(record.cell(at).unwrap_or_default()) {
            Ok(text) => cells.push(text),
            Err(error) => {
                let byte = error.valid_up_to() + 1;
                let what = format!("byte {byte} of the cell is not UTF-8; save the file as UTF-8");
                problems.add(record.line, Some(shown(name, at + 1).as_str()), what);
            }
        }
    }
    (problems.total() == before).then_some(cells)
}

/// Reads the header and finds the layout it belongs to.
fn header<'a, R: Read>(
    records: &mut Records<R>,
    record: &mut Record,
    layouts: &[&'a Layout<'a>],
) -> Result<(&'a Layout<'a>, Vec<String>), Problems> {
    if !records.read(record).map_err(|stop| stopped(stop, &[]))? {
        return Err(one(1, "the file is empty; a header and rows are expected"));
    }
    let line = record.line;
    let names = names(record)
        .map_err(|column| one(line, format!("column {column} of the header is not UTF-8")))?;
    let known = |layout: &&Layout<'_>| names.iter().filter(|name| layout.knows(name)).count();
    let Some(layout) = layouts.iter().copied().max_by_key(known).filter(|it| known(it) > 0) else {
        return Err(one(line, lost(records, record, layouts)));
    };
    let mut problems = Problems::default();
    for name in layout.required.iter().filter(|name| !names.iter().any(|it| it == *name)) {
        let what = format!("the column `{name}` of {} is missing", layout.name);
        problems.add(line, None, what);
    }
    for (at, name) in names.iter().enumerate() {
        let name = shown(name, at + 1);
        if !layout.knows(names.get(at).map_or("", String::as_str)) {
            let what = format!("not a column of {}; remove or rename it", layout.name);
            problems.add(line, Some(&name), what);
        } else if names.iter().take(at).any(|before| Some(before) == names.get(at)) {
            problems.add(line, Some(&name), "this column is there twice; keep one");
        }
    }
    if problems.total() > 0 { Err(problems) } else { Ok((layout, names)) }
}

/// The header's cells; the number of the first that is not UTF-8.
fn names(record: &Record) -> Result<Vec<String>, usize> {
    let name = |at: usize| {
        let text = std::str::from_utf8(record.cell(at).unwrap_or_default());
        text.map(|text| text.trim().to_owned()).map_err(|_| at + 1)
    };
    (0..record.len()).map(name).collect()
}

/// What to say of a first line that is no header: where the header is, if it comes later.
fn lost<R: Read>(records: &mut Records<R>, record: &mut Record, layouts: &[&Layout<'_>]) -> String {
    for _ in 0..SEARCHED {
        if !matches!(records.read(record), Ok(true)) {
            break;
        }
        let names = names(record).unwrap_or_default();
        let there = |it: &&str| names.iter().any(|name| name == it);
        let is =
            |layout: &&Layout<'_>| !layout.required.is_empty() && layout.required.iter().all(there);
        if let Some(layout) = layouts.iter().copied().find(is) {
            let line = record.line;
            let name = layout.name;
            return format!("the header of {name} stands on line {line}; remove what is above it");
        }
    }
    let expected: Vec<String> = layouts
        .iter()
        .map(|layout| format!("{}: `{}`", layout.name, layout.required.join(",")))
        .collect();
    format!("not a header known here; expected the columns of {}", expected.join(", or of "))
}

/// A column's name, or its number where the header leaves it empty.
fn shown(name: &str, number: usize) -> String {
    if name.is_empty() { number.to_string() } else { name.to_owned() }
}

fn one(line: u64, what: impl Into<String>) -> Problems {
    let mut problems = Problems::default();
    problems.add(line, None, what);
    problems
}

fn stopped(stop: Stop, header: &[String]) -> Problems {
    let mut problems = Problems::default();
    stop_into(&mut problems, stop, header);
    problems
}

/// Notes why reading stopped. It is listed even where the list is full: it hides what follows.
fn stop_into(problems: &mut Problems, stop: Stop, header: &[String]) {
    let (line, column, what) = match stop {
        Stop::Io { line, error } => {
            let what = format!("the file could not be read further: {error}");
            problems.io = Some(error);
            (line, None, what)
        }
        Stop::Utf16 => (1, None, "the file is UTF-16; save it as UTF-8".to_owned()),
        Stop::Zip => {
            (1, None, "the file is a spreadsheet or an archive; save the sheet as CSV".to_owned())
        }
        Stop::TooLong { line, column } => {
            let what = format!(
                "the cell is longer than {CELL_LIMIT} bytes; is a quote opened here never closed?"
            );
            (line, Some(column), what)
        }
        Stop::TooMany { line } => {
            (line, None, format!("the row has more than {CELLS_LIMIT} cells"))
        }
        Stop::StrayQuote { line, column } => {
            let what = "a quote inside a cell that does not start with one; \
                        quote the whole cell and double the quotes in it";
            (line, Some(column), what.to_owned())
        }
        Stop::AfterQuote { line, column } => {
            let what = "text after the closing quote; double the quotes inside a quoted cell";
            (line, Some(column), what.to_owned())
        }
        Stop::Unclosed { line, column } => {
            (line, Some(column), "the quote opened here is never closed".to_owned())
        }
        Stop::BareReturn { line } => {
            let what = "a carriage return without a line feed; save with ordinary line ends";
            (line, None, what.to_owned())
        }
        Stop::Nul { line, column } => {
            (line, Some(column), "a zero byte; the file is not text".to_owned())
        }
    };
    let column = column.map(|number| {
        let name = number.checked_sub(1).and_then(|at| header.get(at));
        shown(name.map_or("", String::as_str), number)
    });
    let what = format!("{what}; nothing after this was looked at");
    if problems.listed.len() >= LISTED {
        problems.listed.pop();
        problems.more += 1;
    }
    problems.add(line, column.as_deref(), what);
}
