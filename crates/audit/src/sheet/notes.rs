//! What a sheet does to a table: told while its rows pass.
//!
//! - In: one row after the other.
//! - Out: whether it belongs to the table, and at the end [`SheetNotes`].
//! - Absent: repair. Nothing is filled in; what is dropped is counted and named.

use std::collections::BTreeMap;

use super::cells::{Held, RowBuffer};
use super::{HEADER_SEARCHED, Kind, ROW_MOST, column_name};
use crate::field::brief;

/// Counts of rows at which exports are known to stop.
const CAPS: [u64; 3] = [20_000, 55_000, 1_000_000];

/// A sheet of the workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Whether a spreadsheet program hides it.
    pub hidden: bool,
    /// Whether it has cells; a sheet can be a chart alone.
    pub cells: bool,
}

/// A column that a spreadsheet left without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its place, counted from 0.
    pub at: usize,
    /// Its letters, such as `AB`.
    pub letters: String,
    /// The start of its first formula, where it has one.
    pub formula: Option<String>,
    /// How many cells it has.
    pub cells: u64,
    /// The row of the first.
    pub first: u32,
}

/// Why a sheet may have been cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It has as many rows as a sheet can have.
    Full,
    /// It has a round number of rows at which exports are known to stop.
    Round,
}

/// What was found in a workbook beside the rows of one sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetNotes {
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Every sheet, in the order of the workbook.
    pub sheets: Vec<Found>,
    /// The name of the sheet that was read, of which the rest is said.
    pub read: String,
    /// The row of the header.
    pub header: u32,
    /// How many rows above the header are not empty.
    pub above: u32,
    /// How many rows were handed out, the header not counted.
    pub rows: u64,
    /// Columns without a name whose cells are formulas: dropped.
    pub dropped: Vec<Column>,
    /// Columns without a name whose cells are not: handed out.
    pub unnamed: Vec<Column>,
    /// Empty rows between rows that were handed out.
    pub empty_between: u64,
    /// Empty rows after the last that was handed out.
    pub empty_after: u64,
    /// Whether the sheet may have been cut off.
    pub cut: Option<Cut>,
}

/// What is counted while rows pass.
#[derive(Debug, Default)]
pub(super) struct Counts {
    header: Option<u32>,
    /// The columns that the header names, in order.
    named: Vec<usize>,
    above: u32,
    rows: u64,
    /// The last row that was handed out, and the last that the sheet has.
    last: u32,
    seen: u32,
    dropped: BTreeMap<usize, Column>,
    unnamed: BTreeMap<usize, Column>,
}

impl Counts {
    /// Whether the row belongs to the table. What does not is taken out of it.
    pub(super) fn take(&mut self, row: &mut RowBuffer) -> bool {
        self.seen = row.number;
        if self.header.is_none() {
            return self.is_header(row);
        }
        let mut cells = std::mem::take(&mut row.cells);
        cells.retain(|held| self.keeps(row, held));
        row.cells = cells;
        let stated = row.cells.iter().any(|held| is_stated(row, held));
        if stated {
            self.rows += 1;
            self.last = row.number;
        }
        stated
    }

    fn is_header(&mut self, row: &mut RowBuffer) -> bool {
        let stated: Vec<&Held> = row.cells.iter().filter(|held| is_stated(row, held)).collect();
        let texts = stated.iter().filter(|held| held.value == Kind::Text).count();
        if texts < 2 || texts * 2 <= stated.len() {
            self.above += u32::from(!stated.is_empty());
            return false;
        }
        // A number that is computed is no name: an auditor's formula reaches up to the header.
        let names = |held: &&Held| held.value == Kind::Text || held.formula.is_none();
        self.named = stated.into_iter().filter(names).map(|held| held.column).collect();
        self.header = Some(row.number);
        self.last = row.number;
        let named = &self.named;
        row.cells.retain(|held| named.binary_search(&held.column).is_ok());
        true
    }

    /// A row that was taken for the header is none: it stands above it.
    pub(super) fn pass_over(&mut self) {
        self.header = None;
        self.named.clear();
        self.above += 1;
    }

    /// Whether a cell belongs to the table; a cell without a name is noted.
    fn keeps(&mut self, row: &RowBuffer, held: &Held) -> bool {
        if self.named.binary_search(&held.column).is_ok() {
            return true;
        }
        let (notes, kept) = match held.formula {
            Some(_) => (&mut self.dropped, false),
            None => (&mut self.unnamed, true),
        };
        if kept && !is_stated(row, held) {
            return true;
        }
        let new = || Column {
            at: held.column,
            letters: column_name(held.column),
            formula: None,
            cells: 0,
            first: row.number,
        };
        let column = notes.entry(held.column).or_insert_with(new);
        column.cells += 1;
        // A formula that is shared down a column is written once.
        if column.formula.is_none() {
            let formula = held.formula.as_ref().map(|place| row.text(place));
            column.formula = formula.filter(|it| !it.is_empty()).map(brief);
        }
        kept
    }

    /// Whether so many rows passed without a header that none is to be expected.
    pub(super) fn gives_up(&self) -> bool {
        self.header.is_none() && self.above >= HEADER_SEARCHED
    }

    pub(super) fn has_header(&self) -> bool {
        self.header.is_some()
    }

    /// What was found, once the sheet has ended.
    pub(super) fn notes(self, sha256: String, sheets: Vec<Found>, read: String) -> SheetNotes {
        let header = self.header.unwrap_or(0);
        let between = u64::from(self.last.saturating_sub(header));
        let full = self.last == ROW_MOST || self.rows >= u64::from(ROW_MOST) - 1;
        let cut =
            if full { Some(Cut::Full) } else { CAPS.contains(&self.rows).then_some(Cut::Round) };
        SheetNotes {
            sha256,
            sheets,
            read,
            header,
            above: self.above,
            rows: self.rows,
            dropped: self.dropped.into_values().collect(),
            unnamed: self.unnamed.into_values().collect(),
            empty_between: between.saturating_sub(self.rows),
            empty_after: u64::from(self.seen.saturating_sub(self.last)),
            cut,
        }
    }
}

/// Whether a cell has anything but blanks in it.
fn is_stated(row: &RowBuffer, held: &Held) -> bool {
    !row.text(&held.text).trim().is_empty()
}
