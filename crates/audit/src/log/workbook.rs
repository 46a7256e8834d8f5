//! A log that was released as a workbook.
//!
//! - In: a workbook (XLSX).
//! - Out: the same as of a CSV file, and what a spreadsheet may have done to it.
//! - Absent: repair. Leading zeros that a spreadsheet took away do not come back; it is said how
//!   many cells are numbers where text is expected.

use std::io::{Read, Seek, SeekFrom};

use super::layout::{Field, Header};
use super::maker::Maker;
use super::read::{FileTotals, LogError, Task};
use super::row::Row;
use crate::sheet::{self, Cut, Kind, SheetNotes, SheetRow};

/// Rows that are handed on together.
const BATCH: usize = 4_096;

/// Fields that a spreadsheet may take for a number and change.
const TEXTS: [Field; 4] = [Field::Plate, Field::Reason, Field::Case, Field::Filters];

/// Reads a workbook.
pub(super) fn read_workbook<R: Read + Seek>(
    mut input: R,
    task: Task<'_>,
) -> Result<FileTotals, LogError> {
    let bytes = input.seek(SeekFrom::End(0))?;
    let mut book =
        Book { task, totals: FileTotals::default(), state: Ok(None), rows: Vec::new(), numbers: 0 };
    let notes = sheet::read(input, &mut |row| book.take(row))?;
    (book.task.sink)(&book.rows, bytes);
    book.state.map_err(LogError::NotALog)?;
    let mut totals = book.totals;
    totals.sha256.clone_from(&notes.sha256);
    totals.bytes = bytes;
    totals.notes = said(&notes, book.numbers);
    totals.listed();
    Ok(totals)
}

/// What is done with the rows of a workbook.
struct Book<'a> {
    task: Task<'a>,
    totals: FileTotals,
    /// The header, once it was met; or what is wrong with it.
    state: Result<Option<(Header, Maker<'a>)>, String>,
    rows: Vec<Row>,
    /// Cells that are numbers where text is expected.
    numbers: u64,
}

impl Book<'_> {
    fn take(&mut self, row: &SheetRow<'_>) {
        let Ok(state) = &mut self.state else { return };
        let Some((header, maker)) = state else {
            self.state = self.header(row).map(Some);
            return;
        };
        self.totals.rows = self.totals.rows.saturating_add(1);
        let number = u64::from(row.number);
        let whole: Vec<&str> = row.cells().map(|(_, cell)| cell.text).collect();
        let same = header.headings.iter().map(String::as_str).filter(|name| !name.is_empty());
        if whole.iter().map(|cell| cell.trim()).eq(same) {
            let why = "the header again; were two exports joined?".to_owned();
            self.totals.reject(number, number, why);
            return;
        }
        let cell = |at: usize| Some(row.cell(at).text.as_bytes());
        let at = row.number;
        let mut made = Row { file: self.task.file, row: at, line: at, ..Row::default() };
        match maker.make(cell, whole.join("\u{1f}").as_bytes(), None, &mut made) {
            Ok(()) => {
                self.rows.push(made);
                self.totals.made = self.totals.made.saturating_add(1);
            }
            Err(why) => self.totals.reject(number, number, why),
        }
        let is_number = |field: &&Field| {
            header.place(**field).is_some_and(|at| {
                matches!(row.cell(at).kind, Kind::Integer | Kind::Number | Kind::DateTime)
            })
        };
        let numbers = TEXTS.iter().filter(is_number).count() as u64;
        self.numbers = self.numbers.saturating_add(numbers);
        if self.rows.len() >= BATCH {
            (self.task.sink)(&self.rows, 0);
            self.rows.clear();
        }
    }
}

impl<'a> Book<'a> {
    fn header(&mut self, row: &SheetRow<'_>) -> Result<(Header, Maker<'a>), String> {
        let mut headings = Vec::new();
        for (at, cell) in row.cells() {
            headings.resize(at, String::new());
            headings.push(cell.text.to_owned());
        }
        let header = self.task.how.layouts.header(&headings)?;
        let zone = header.zone()?;
        self.totals.layout.clone_from(&header.layout.name);
        self.totals.information.clone_from(&header.layout.information);
        self.totals.unread.clone_from(&header.unread);
        let maker = Maker::new(self.task.how.common, &header, zone, self.task.wanted).plain();
        Ok((header, maker))
    }
}

/// What is to be known of a workbook as a whole.
fn said(notes: &SheetNotes, numbers: u64) -> Vec<String> {
    let mut said = Vec::new();
    if notes.sheets.len() > 1 {
        let others: Vec<&str> = notes
            .sheets
            .iter()
            .map(|sheet| sheet.name.as_str())
            .filter(|name| *name != notes.read)
            .collect();
        said.push(format!("read is the sheet `{}`, not: {}", notes.read, others.join(", ")));
    }
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
        said.push(format!("column {letters} has no heading and {cells} cells; read past"));
    }
    if notes.empty_between + notes.empty_after > 0 {
        let (between, after) = (notes.empty_between, notes.empty_after);
        said.push(format!("empty rows: {between} between others, {after} after the last"));
    }
    if numbers > 0 {
        said.push(format!(
            "{numbers} cells of plates, reasons, filters and case numbers are numbers to the \
             spreadsheet; zeros in front of them may be gone"
        ));
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
