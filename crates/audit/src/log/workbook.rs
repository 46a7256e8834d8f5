//! A log that was released as a workbook.
//!
//! - In: a workbook (XLSX).
//! - Out: the same as of a CSV file, of every sheet that is shown and has the header of a layout;
//!   and what a spreadsheet may have done to it. Rows of sheets after the first count on, so that
//!   each row of the file has one number; its line is the row in its sheet.
//! - Absent: repair. Leading zeros that a spreadsheet took away do not come back; it is said how
//!   many cells are numbers where text is expected.

use std::io::{Read, Seek, SeekFrom};

use super::layout::{Field, Header};
use super::maker::Maker;
use super::read::{LogError, OTHER_HEADER, Task};
use super::row::Row;
use super::totals::FileTotals;
use crate::field::brief;
use crate::sheet::{
    self, Cut, HEADER_SEARCHED, Kind, ROW_MOST, SheetCell, SheetError, SheetNotes, SheetRow, Take,
    column_name,
};

/// Rows that are handed on together.
const BATCH: usize = 4_096;

/// Fields that a spreadsheet may take for a number and change.
const TEXTS: [Field; 4] = [Field::Plate, Field::Reason, Field::Case, Field::Filters];

/// Sheets of one file whose rows can be numbered.
const MOST_SHEETS: usize = (u32::MAX / ROW_MOST) as usize;

/// Reads a workbook.
pub(super) fn read_workbook<R: Read + Seek>(
    mut input: R,
    task: Task<'_>,
) -> Result<FileTotals, LogError> {
    let bytes = input.seek(SeekFrom::End(0))?;
    let mut book = Book {
        task,
        totals: FileTotals::default(),
        widths: Vec::new(),
        at: None,
        lost: None,
        ends: None,
        rows: Vec::new(),
        numbers: 0,
    };
    let read = sheet::read_all(input, &mut book);
    (book.task.sink)(&book.rows, bytes);
    let read = match (read, book.lost) {
        (Err(SheetError::NoHeader { .. }), Some((_, why))) => return Err(LogError::NotALog(why)),
        (read, _) => read?,
    };
    if let Some(why) = book.ends {
        return Err(LogError::NotALog(why));
    }
    let mut totals = book.totals;
    totals.sha256 = read.first().map(|notes| notes.sha256.clone()).unwrap_or_default();
    totals.bytes = bytes;
    totals.notes = said(&read, &book.widths, book.numbers);
    totals.listed();
    Ok(totals)
}

/// What is done with the rows of a workbook.
struct Book<'a> {
    task: Task<'a>,
    totals: FileTotals,
    /// The columns of each sheet that is read, as far as its header names them.
    widths: Vec<usize>,
    /// The header of the sheet at hand.
    at: Option<(Header, Maker<'a>)>,
    /// Of rows that could be headers and are of no layout, the longest: its cells, and why.
    lost: Option<(usize, String)>,
    /// Where another table starts that nothing tells from the one above it.
    ends: Option<String>,
    rows: Vec<Row>,
    /// Cells that are numbers where text is expected.
    numbers: u64,
}

impl Take for Book<'_> {
    fn header(&mut self, row: &SheetRow<'_>) -> bool {
        let mut headings = Vec::new();
        for (at, cell) in row.cells() {
            headings.resize(at, String::new());
            headings.push(cell.text.to_owned());
        }
        let layouts = self.task.how.layouts;
        let read = layouts.header(&headings).and_then(|header| Ok((header.zone()?, header)));
        match read {
            Ok((zone, header)) => {
                let common = self.task.how.common;
                let maker = Maker::new(common, &header, zone, self.task.wanted).plain();
                self.begin(header, maker);
            }
            Err(why) => {
                let (sheet, number) = (brief(row.sheet), row.number);
                if self.lost.as_ref().is_none_or(|(cells, _)| *cells < headings.len()) {
                    let why = format!("the sheet `{sheet}`, row {number}: {why}");
                    self.lost = Some((headings.len(), why));
                }
                return false;
            }
        }
        true
    }

    fn row(&mut self, row: &SheetRow<'_>) {
        self.take(row);
    }

    fn more(&self) -> bool {
        self.widths.len() < MOST_SHEETS
    }
}

impl<'a> Book<'a> {
    /// Starts with a sheet of a log.
    fn begin(&mut self, header: Header, maker: Maker<'a>) {
        let totals = &mut self.totals;
        if self.widths.is_empty() {
            totals.information.clone_from(&header.layout.information);
        }
        if !totals.layout.split(", ").any(|name| name == header.layout.name) {
            let between = if totals.layout.is_empty() { "" } else { ", " };
            totals.layout = [&totals.layout, between, &header.layout.name].concat();
        }
        let new = header.unread.iter().filter(|name| !totals.unread.contains(name));
        let new: Vec<String> = new.cloned().collect();
        totals.unread.extend(new);
        self.widths.push(header.headings.len());
        self.at = Some((header, maker));
    }

    fn take(&mut self, row: &SheetRow<'_>) {
        self.totals.rows = self.totals.rows.saturating_add(1);
        let mut made = Row { file: self.task.file, line: row.number, ..Row::default() };
        made.row = before(self.widths.len()).saturating_add(row.number);
        match self.make(row, &mut made) {
            Ok(()) => {
                self.rows.push(made);
                self.totals.made = self.totals.made.saturating_add(1);
            }
            Err(why) => {
                if self.ends.is_none() && self.is_other_header(row) {
                    let (sheet, number) = (brief(row.sheet), row.number);
                    self.ends = Some(format!("the sheet `{sheet}`, row {number}: {OTHER_HEADER}"));
                }
                let why = match self.widths.len() {
                    0 | 1 => why,
                    _ => format!("the sheet `{}`: {why}", brief(row.sheet)),
                };
                self.totals.reject(made.row.into(), made.line.into(), why);
            }
        }
        if self.rows.len() >= BATCH {
            (self.task.sink)(&self.rows, 0);
            self.rows.clear();
        }
    }

    /// Whether a row is the header of another table that has as many columns.
    fn is_other_header(&self, row: &SheetRow<'_>) -> bool {
        let headings: Vec<String> = row.cells().map(|(_, cell)| cell.text.to_owned()).collect();
        self.at
            .as_ref()
            .is_some_and(|(header, _)| header.is_other(&headings, self.task.how.layouts))
    }

    fn make(&mut self, row: &SheetRow<'_>, made: &mut Row) -> Result<(), String> {
        let Some((header, maker)) = &mut self.at else { return Err("it has no header".to_owned()) };
        let whole: Vec<&str> = row.cells().map(|(_, cell)| cell.text).collect();
        let same = header.headings.iter().map(String::as_str).filter(|name| !name.is_empty());
        if whole.iter().map(|cell| cell.trim()).eq(same) {
            return Err("the header again; were two exports joined?".to_owned());
        }
        beyond(row, header.headings.len())?;
        let cell = |at: usize| Some(row.cell(at).text.as_bytes());
        maker.make(cell, whole.join("\u{1f}").as_bytes(), None, made)?;
        let is_number = |field: &&Field| {
            header.place(**field).is_some_and(|at| {
                matches!(row.cell(at).kind, Kind::Integer | Kind::Number | Kind::DateTime)
            })
        };
        let numbers = TEXTS.iter().filter(is_number).count() as u64;
        self.numbers = self.numbers.saturating_add(numbers);
        Ok(())
    }
}

/// Makes sure that no value stands where the header has ended: an export that was put below another
/// has other columns. What is computed there was dropped before, because auditors compute there.
fn beyond(row: &SheetRow<'_>, columns: usize) -> Result<(), String> {
    let is_beyond =
        |(at, cell): &(usize, SheetCell<'_>)| *at >= columns && !cell.text.trim().is_empty();
    match row.cells().find(is_beyond) {
        None => Ok(()),
        Some((at, _)) => Err(format!(
            "a cell in column {}, where the header has {columns} columns; does another table start \
             here? a column of one's own needs a heading",
            column_name(at)
        )),
    }
}

/// The number of the last row before those of a sheet, which count on from those before it as if
/// each had as many as it can.
fn before(sheets: usize) -> u32 {
    let before = u32::try_from(sheets.saturating_sub(1)).unwrap_or(u32::MAX);
    before.saturating_mul(ROW_MOST)
}

/// What is to be known of a workbook as a whole.
fn said(read: &[SheetNotes], widths: &[usize], numbers: u64) -> Vec<String> {
    let mut said = Vec::new();
    let is_read = |name: &str| read.iter().any(|notes| notes.read == name);
    if let Some(first) = read.first().filter(|first| first.sheets.len() > 1) {
        let name = |name: &str| format!("`{}`", brief(name));
        let others = first.sheets.iter().filter(|sheet| !is_read(&sheet.name));
        let hidden = |hidden| if hidden { " (hidden)" } else { "" };
        let others: Vec<String> =
            others.map(|it| format!("{}{}", name(&it.name), hidden(it.hidden))).collect();
        let read: Vec<String> = read.iter().map(|it| name(&it.read)).collect();
        let not = if others.is_empty() {
            "all of them".to_owned()
        } else {
            format!(
                "not read: {}; what is to be read must be shown and have the header of a layout in \
                 its first {HEADER_SEARCHED} rows",
                others.join(", ")
            )
        };
        said.push(format!("sheets read: {}; {not}", read.join(", ")));
    }
    for (at, (notes, columns)) in (1..).zip(read.iter().zip(widths)) {
        let of = if read.len() > 1 {
            format!("the sheet `{}`: ", brief(&notes.read))
        } else {
            String::new()
        };
        if at > 1 {
            let (rows, before) = (notes.rows, before(at));
            said.push(format!(
                "{of}{rows} rows, numbered from {before} on: its row 2 is row {}, line 2",
                before.saturating_add(2)
            ));
        }
        said.extend(of_sheet(notes, *columns).into_iter().map(|note| format!("{of}{note}")));
    }
    if numbers > 0 {
        said.push(format!(
            "{numbers} cells of plates, reasons, filters and case numbers are numbers to the \
             spreadsheet; zeros in front of them may be gone"
        ));
    }
    said
}

/// What is to be known of one sheet.
fn of_sheet(notes: &SheetNotes, columns: usize) -> Vec<String> {
    let mut said = Vec::new();
    if notes.above > 0 {
        said.push(format!("{} rows stand above the header", notes.above));
    }
    for column in &notes.dropped {
        let formula = column.formula.as_deref().unwrap_or("a formula");
        let (letters, cells) = (&column.letters, column.cells);
        said.push(format!(
            "column {letters} has no heading and {cells} cells of `{formula}`; read past"
        ));
    }
    for column in &notes.unnamed {
        let (letters, cells) = (&column.letters, column.cells);
        let became =
            if column.at < columns { "read past" } else { "the rows of these are rejected" };
        said.push(format!("column {letters} has no heading and {cells} cells; {became}"));
    }
    if notes.empty_between + notes.empty_after > 0 {
        let (between, after) = (notes.empty_between, notes.empty_after);
        said.push(format!("empty rows: {between} between others, {after} after the last"));
    }
    match notes.cut {
        Some(Cut::Full) => {
            said.push("it has as many rows as a sheet can; more may be missing".into())
        }
        Some(Cut::Round) => said.push(format!(
            "it has exactly {} rows, at which exports are known to stop; more may be missing",
            notes.rows
        )),
        None => {}
    }
    said
}
