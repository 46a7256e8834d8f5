//! The rows of one sheet, one after the other, each cell as text with its kind.
//!
//! - In: the XML of a sheet, and what the workbook says of its texts and formats.
//! - Out: one row at a time, in a buffer that the next row uses again.
//! - Absent: what a sheet shows beside its cells; it is passed over.

use std::io::Read;
use std::ops::Range;

use super::parts::{Workbook, item, unescape};
use super::serial::{self, Format};
use super::xml::{Step, Xml};
use super::{COLUMN_MOST, Kind, ROW_MOST, SheetError, column_name};

/// The most bytes of text in one row. Cells can share a text, so that a small file could ask for
/// rows without end.
pub const ROW_LIMIT: usize = 16 << 20;
/// The most bytes of text in all rows of a sheet.
pub const TEXT_LIMIT: u64 = 4 << 30;

/// One cell that is there: its column from 0, and where its texts stand in the row.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) column: usize,
    /// What its value is, computed or not.
    pub(super) value: Kind,
    pub(super) text: Range<usize>,
    pub(super) formula: Option<Range<usize>>,
}

/// One row: its cells by column, and their texts end to end.
#[derive(Debug, Default)]
pub(super) struct RowBuffer {
    pub(super) number: u32,
    pub(super) cells: Vec<Held>,
    pub(super) text: String,
}

impl RowBuffer {
    pub(super) fn text(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// Appends a text and says where it stands.
    fn push(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }
}

/// What the tag of a cell says.
#[derive(Default)]
struct Tag {
    place: Option<(usize, u32)>,
    bad_place: bool,
    style: usize,
    kind: Written,
}

/// How a cell's value is written.
#[derive(Clone, Copy, Default)]
enum Written {
    #[default]
    Number,
    Shared,
    Inline,
    Text,
    Bool,
    Error,
    Day,
}

/// Reads rows until the sheet ends.
pub(super) struct Rows<'a, 'b, R: Read> {
    xml: Xml<'a, R>,
    workbook: &'b Workbook,
    started: bool,
    pub(super) row: RowBuffer,
    handed: u64,
    value: String,
    formula: String,
}

impl<'a, 'b, R: Read> Rows<'a, 'b, R> {
    pub(super) fn new(xml: Xml<'a, R>, workbook: &'b Workbook) -> Self {
        let row = RowBuffer::default();
        let (value, formula) = (String::new(), String::new());
        Self { xml, workbook, started: false, row, handed: 0, value, formula }
    }

    /// Reads the next row that the sheet has, empty or not; false at the end of the part, which
    /// is then known to be whole.
    pub(super) fn next(&mut self) -> Result<bool, SheetError> {
        if !self.started {
            self.start()?;
        }
        match self.xml.step()? {
            Step::Open if self.xml.is("row") => {
                self.begin()?;
                while self.xml.step()? == Step::Open {
                    if self.xml.is("c") {
                        self.cell()?;
                    } else {
                        self.xml.skip()?;
                    }
                }
                self.handed += self.row.text.len() as u64;
                if self.handed > TEXT_LIMIT {
                    let what = format!("its cells have more than {TEXT_LIMIT} bytes of text");
                    return Err(self.xml.too_large(what));
                }
                Ok(true)
            }
            Step::Open => Err(self.xml.damaged("something else stands where its rows do")),
            Step::Close | Step::End => {
                while self.xml.step()? != Step::End {}
                Ok(false)
            }
        }
    }

    /// Passes over what stands before the rows.
    fn start(&mut self) -> Result<(), SheetError> {
        self.started = true;
        if self.xml.step()? != Step::Open || !self.xml.is("worksheet") {
            return Err(self.xml.damaged("it is no sheet of cells"));
        }
        while self.xml.step()? == Step::Open {
            if self.xml.is("sheetData") {
                return Ok(());
            }
            self.xml.skip()?;
        }
        Err(self.xml.damaged("it has no place for rows"))
    }

    /// A row starts: its number is told, or is the next.
    fn begin(&mut self) -> Result<(), SheetError> {
        let told = self.xml.attribute("r")?;
        let number = match &told {
            Some(told) => told.parse::<u32>().ok(),
            None => self.row.number.checked_add(1),
        };
        let after = |it: &u32| *it > self.row.number && *it <= ROW_MOST;
        let Some(number) = number.filter(after) else {
            let before = self.row.number;
            let what = format!("the row after row {before} has no number that can follow");
            return Err(self.xml.damaged(what));
        };
        self.row.number = number;
        self.row.cells.clear();
        self.row.text.clear();
        Ok(())
    }

    fn tag(&self) -> Result<Tag, SheetError> {
        let mut tag = Tag::default();
        let mut unknown = false;
        self.xml.attributes(|name, value| match name {
            "r" => {
                tag.place = place(value);
                tag.bad_place = tag.place.is_none();
            }
            "s" => tag.style = value.parse().unwrap_or(usize::MAX),
            "t" => {
                tag.kind = match value {
                    "n" => Written::Number,
                    "s" => Written::Shared,
                    "inlineStr" => Written::Inline,
                    "str" => Written::Text,
                    "b" => Written::Bool,
                    "e" => Written::Error,
                    "d" => Written::Day,
                    _ => {
                        unknown = true;
                        Written::Text
                    }
                }
            }
            _ => {}
        })?;
        if unknown { Err(self.wrong("a cell of an unknown type")) } else { Ok(tag) }
    }

    /// The error that says what is wrong in this row.
    fn wrong(&self, what: &str) -> SheetError {
        self.xml.damaged(format!("{what} in row {}", self.row.number))
    }

    /// Reads one cell and keeps it where there is anything in it.
    fn cell(&mut self) -> Result<(), SheetError> {
        let tag = self.tag()?;
        let next = self.row.cells.last().map_or(0, |before| before.column + 1);
        let column = match tag.place {
            _ if tag.bad_place => return Err(self.wrong("a cell without a place")),
            Some((column, row)) if row == self.row.number && column >= next => column,
            Some((column, _)) => {
                let what = format!("the cell of column {} is out of place", column_name(column));
                return Err(self.wrong(&what));
            }
            None => next,
        };
        if column >= COLUMN_MOST {
            return Err(self.wrong("more columns than a sheet may have"));
        }
        self.value.clear();
        self.formula.clear();
        let mut computed = false;
        while self.xml.step()? == Step::Open {
            if self.xml.is("v") {
                self.value.clear();
                self.xml.text(&mut self.value)?;
            } else if self.xml.is("is") {
                self.value.clear();
                item(&mut self.xml, &mut self.value)?;
            } else if self.xml.is("f") {
                computed = true;
                self.xml.text(&mut self.formula)?;
            } else {
                self.xml.skip()?;
            }
        }
        self.keep(column, &tag, computed)
    }

    fn keep(&mut self, column: usize, tag: &Tag, computed: bool) -> Result<(), SheetError> {
        let (value, text) = match tag.kind {
            Written::Number if self.value.trim().is_empty() => (Kind::Empty, self.row.push("")),
            Written::Number => {
                let format = self.workbook.formats.get(tag.style).copied();
                let format = format.unwrap_or(Format::Plain);
                let told = serial::number(&self.value, format, self.workbook.from_1904);
                let (kind, text) = told.ok_or_else(|| self.wrong("a number that is none"))?;
                (kind, self.row.push(&text))
            }
            Written::Shared => {
                let at = self.value.trim().parse::<usize>().ok();
                let text = at.and_then(|at| self.workbook.shared.get(at));
                let text = text.ok_or_else(|| self.wrong("a shared text that is not there"))?;
                (Kind::Text, self.row.push(text))
            }
            Written::Bool => match self.value.trim() {
                "1" | "true" => (Kind::Bool, self.row.push("TRUE")),
                "0" | "false" => (Kind::Bool, self.row.push("FALSE")),
                _ => return Err(self.wrong("a yes or no that is neither")),
            },
            Written::Inline => (Kind::Text, self.row.push(&self.value)),
            Written::Text => {
                unescape(&mut self.value);
                (Kind::Text, self.row.push(&self.value))
            }
            Written::Error => (Kind::Error, self.row.push(&self.value)),
            Written::Day => (Kind::DateTime, self.row.push(self.value.trim())),
        };
        let value = if text.is_empty() { Kind::Empty } else { value };
        let formula = computed.then(|| self.row.push(&self.formula));
        if value != Kind::Empty || computed {
            self.row.cells.push(Held { column, value, text, formula });
        }
        if self.row.text.len() > ROW_LIMIT {
            let (row, most) = (self.row.number, ROW_LIMIT);
            return Err(self.xml.too_large(format!("row {row} has more than {most} bytes")));
        }
        Ok(())
    }
}

/// A place such as `AB12` as a column from 0 and a row from 1.
fn place(text: &str) -> Option<(usize, u32)> {
    let end = text.find(|it: char| !it.is_ascii_uppercase())?;
    let (letters, digits) = text.split_at_checked(end)?;
    if letters.is_empty() || letters.len() > 3 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let column = letters.bytes().fold(0, |sum, it| sum * 26 + usize::from(it - b'A') + 1);
    Some((column - 1, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_names_of_columns_are_each_others_reverse() {
        assert_eq!(place("A1"), Some((0, 1)));
        assert_eq!(place("XFD1048576"), Some((16_383, 1_048_576)));
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_name(column), name);
        }
        for column in 0..COLUMN_MOST {
            assert_eq!(place(&format!("{}7", column_name(column))), Some((column, 7)));
        }
        for none in ["", "A", "1", "a1", "A1B", "$A$1", "ABCD1", "A99999999999", "A-1"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
