//! Workbooks (XLSX) that agencies release: the rows of their sheets, as text, one by one.
//!
//! - In: bytes that can be sought, and who is handed each row.
//! - Out: [`SheetNotes`]: which sheets there are and which was read, and what a spreadsheet does
//!   to a table: formulas under no name, columns that lost theirs, empty rows, a sheet that may
//!   have been cut off. Or a [`SheetError`] that says what to do; rows handed out before it are
//!   then worth nothing.
//! - Absent: guesses at what a cell once was. A whole number where a text is expected may have
//!   lost leading zeros, so each cell has its [`Kind`]; macros, links and drawings are never
//!   opened.
//!
//! Only the texts that cells share are kept in memory, at most [`SHARED_LIMIT`]; a row is
//! forgotten when the next is read. What a small file may grow to is bounded before and while it
//! is inflated: [`PART_LIMIT`], [`RATIO_LIMIT`], [`ROW_LIMIT`], [`TEXT_LIMIT`].
//!
//! ```
//! let told = audit::sheet::read(std::io::Cursor::new(b"name,reason\n"), &mut |_| {});
//! assert_eq!(
//!     told.map(|notes| notes.rows).map_err(|error| error.to_string()),
//!     Err("the file is text; read it as CSV".to_owned())
//! );
//! ```

mod archive;
mod cells;
mod notes;
mod parts;
mod serial;
mod xml;

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};
use thiserror::Error;

use archive::Archive;
pub use archive::{PART_LIMIT, RATIO_FREE, RATIO_LIMIT};
use cells::{Held, RowBuffer, Rows};
pub use cells::{ROW_LIMIT, TEXT_LIMIT};
use notes::Counts;
pub use notes::{Column, Cut, Found, SheetNotes};
use parts::Workbook;
pub use parts::{SHARED_LIMIT, SHARED_MOST};
use xml::Xml;

use crate::field::brief;

/// The last row that a sheet can have.
pub const ROW_MOST: u32 = 1_048_576;
/// How many columns a sheet can have.
pub const COLUMN_MOST: usize = 16_384;
/// How many rows that are not empty are searched for the header.
pub const HEADER_SEARCHED: u32 = 20;

/// What a cell is, to the spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is nothing in it.
    Empty,
    /// Text.
    Text,
    /// A whole number; where a text is expected, leading zeros may be gone.
    Integer,
    /// Any other number, as the sheet writes it.
    Number,
    /// A day, a time or both, as ISO 8601.
    DateTime,
    /// Computed from other cells; the text is the value that the sheet last had for it.
    Formula,
    /// `TRUE` or `FALSE`.
    Bool,
    /// An error of the spreadsheet, such as `#REF!`.
    Error,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetCell<'a> {
    /// What it is to the spreadsheet.
    pub kind: Kind,
    /// Its text; blanks around it are kept.
    pub text: &'a str,
}

/// One row that is not empty.
#[derive(Clone, Copy, Debug)]
pub struct SheetRow<'a> {
    /// The name of its sheet.
    pub sheet: &'a str,
    /// Its number in the sheet, counted from 1.
    pub number: u32,
    row: &'a RowBuffer,
}

impl<'a> SheetRow<'a> {
    /// The cell in a column counted from 0.
    pub fn cell(&self, column: usize) -> SheetCell<'a> {
        let found = self.row.cells.binary_search_by_key(&column, |held| held.column);
        let held = found.ok().and_then(|at| self.row.cells.get(at));
        held.map_or(SheetCell { kind: Kind::Empty, text: "" }, |held| self.shown(held))
    }

    /// The cells that are there, each with its column counted from 0.
    pub fn cells(&self) -> impl Iterator<Item = (usize, SheetCell<'a>)> {
        self.row.cells.iter().map(|held| (held.column, self.shown(held)))
    }

    fn shown(&self, held: &Held) -> SheetCell<'a> {
        let kind = if held.formula.is_some() { Kind::Formula } else { held.value };
        SheetCell { kind, text: self.row.text(&held.text) }
    }
}

/// Why a workbook could not be read, and what to do.
#[derive(Debug, Error)]
pub enum SheetError {
    /// It is something else.
    #[error("the file is {found}; {remedy}")]
    NotWorkbook {
        /// What it is.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// It has a password.
    #[error("the workbook is locked with a password; open it, take the password off and save it")]
    Encrypted,
    /// It is not whole.
    #[error(
        "the workbook is damaged at `{}`: {what}; \
         get the file again, or open it in a spreadsheet program and save it anew",
        brief(part)
    )]
    Damaged {
        /// The part of the workbook.
        part: String,
        /// What is wrong with it.
        what: String,
    },
    /// It would grow past a limit.
    #[error("the workbook is too large at `{}`: {what}; ask for the table as CSV", brief(part))]
    TooLarge {
        /// The part of the workbook.
        part: String,
        /// What it would grow to.
        what: String,
    },
    /// No sheet has a row that names columns.
    #[error(
        "no sheet has a header in its first {HEADER_SEARCHED} rows: {}; \
         put a row with the columns' names above the table",
        shown(sheets)
    )]
    NoHeader {
        /// The sheets that were looked at.
        sheets: Vec<String>,
    },
    /// The bytes could not be had.
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
}

/// The first names, short enough for a message.
fn shown(sheets: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<String> =
        sheets.iter().take(SHOWN).map(|it| format!("`{}`", brief(it))).collect();
    if sheets.len() > SHOWN {
        names.push(format!("and {} more", sheets.len() - SHOWN));
    }
    if names.is_empty() { "there is no sheet of cells".to_owned() } else { names.join(", ") }
}

/// Takes what sheets have in them, one sheet after the other.
pub trait Take {
    /// Takes a row that could be a header; whether it is one. If not, the next such row is asked
    /// for, down to the first [`HEADER_SEARCHED`] that are not empty.
    fn header(&mut self, row: &SheetRow<'_>) -> bool;

    /// Takes a row below the header that is not empty.
    fn row(&mut self, row: &SheetRow<'_>);

    /// Whether the sheets after one that was read are read as well.
    fn more(&self) -> bool;
}

/// Takes the first row that could be a header, and the rest of its sheet.
struct First<'a>(&'a mut dyn FnMut(&SheetRow<'_>));

impl Take for First<'_> {
    fn header(&mut self, row: &SheetRow<'_>) -> bool {
        (self.0)(row);
        true
    }

    fn row(&mut self, row: &SheetRow<'_>) {
        (self.0)(row);
    }

    fn more(&self) -> bool {
        false
    }
}

/// Reads the first sheet that has a header, handing its rows to `each`: the header first, then
/// every row below it that is not empty.
///
/// A header is the first row in which two cells or more, and more than half, are texts; above it
/// there may be a title. Sheets that are shown come before hidden ones. A formula in a column
/// without a name is no part of the table: it is dropped, and reported.
///
/// # Errors
///
/// [`SheetError`], which says what to do. It can come after rows were handed out: that a part is
/// whole is known only at its end. What was handed out is then to be thrown away.
pub fn read(
    input: impl Read + Seek,
    each: &mut dyn FnMut(&SheetRow<'_>),
) -> Result<SheetNotes, SheetError> {
    let read = read_all(input, &mut First(each))?;
    // One is read, or it is an error that there is none.
    read.into_iter().next().ok_or(SheetError::NoHeader { sheets: Vec::new() })
}

/// Reads every sheet of which `take` takes a row for the header, as [`read`] reads the first that
/// has one. Hidden sheets are read only where no other was.
///
/// # Errors
///
/// As [`read`].
pub fn read_all(
    mut input: impl Read + Seek,
    take: &mut impl Take,
) -> Result<Vec<SheetNotes>, SheetError> {
    let sha256 = kind_of_file(&mut input)?;
    let mut archive = Archive::new(input)?;
    let workbook = Workbook::read(&mut archive)?;
    let mut order: Vec<_> = workbook.sheets.iter().collect();
    order.sort_by_key(|(found, _)| found.hidden);
    let (mut read, mut looked, mut parts) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (found, part) in order {
        // Two names of one part are one sheet.
        let Some(part) = part.as_ref().filter(|part| parts.insert(part.as_str())) else { continue };
        if !read.is_empty() && (found.hidden || !take.more()) {
            break;
        }
        let xml = Xml::new(part, archive.open(part)?);
        let mut rows = Rows::new(xml, &workbook);
        let Some(counts) = sheet(&mut rows, &found.name, take)? else {
            looked.push(found.name.clone());
            continue;
        };
        let sheets = workbook.sheets.iter().map(|(found, _)| found.clone()).collect();
        read.push(counts.notes(sha256.clone(), sheets, found.name.clone()));
    }
    if read.is_empty() { Err(SheetError::NoHeader { sheets: looked }) } else { Ok(read) }
}

/// Reads one sheet to its end; none where it has no header, and then nothing was handed out.
fn sheet<R: Read>(
    rows: &mut Rows<'_, '_, R>,
    name: &str,
    take: &mut impl Take,
) -> Result<Option<Counts>, SheetError> {
    let mut counts = Counts::default();
    while rows.next()? {
        let is_below = counts.has_header();
        if counts.take(&mut rows.row) {
            let row = SheetRow { sheet: name, number: rows.row.number, row: &rows.row };
            if is_below {
                take.row(&row);
            } else if !take.header(&row) {
                counts.pass_over();
            }
        }
        if counts.gives_up() {
            break;
        }
    }
    Ok(counts.has_header().then_some(counts))
}

/// Looks at what the file is by its first bytes, and hashes all of them.
fn kind_of_file(input: &mut (impl Read + Seek)) -> Result<String, SheetError> {
    input.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut head = Vec::new();
    // A locked workbook is a file of another kind, with a stream of this name in it.
    let locked: Vec<u8> = "EncryptedPackage".bytes().flat_map(|it| [it, 0]).collect();
    let (mut is_locked, mut before) = (false, Vec::new());
    loop {
        let got = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = buffer.get(..got).unwrap_or_default();
        hash.update(bytes);
        if head.len() < 8 {
            head.extend(bytes.iter().take(8 - head.len()));
        }
        if head.starts_with(&COMPOUND) && !is_locked {
            before.extend_from_slice(bytes);
            is_locked = before.windows(locked.len()).any(|it| it == locked);
            before.drain(..before.len().saturating_sub(locked.len()));
        }
    }
    let other = |found, remedy| Err(SheetError::NotWorkbook { found, remedy });
    match head.as_slice() {
        [] => other("empty", "get it again"),
        [b'P', b'K', 3, 4, ..] => Ok(crate::hex(&hash.finalize())),
        _ if is_locked => Err(SheetError::Encrypted),
        _ if head.starts_with(&COMPOUND) => {
            other("a workbook of the old kind (XLS)", "save it as XLSX or CSV")
        }
        [b'%', b'P', b'D', b'F', ..] => other("a PDF", "ask for the table as XLSX or CSV"),
        [b'<', ..] => other("a page or an XML file", "save the sheet as XLSX or CSV"),
        [0xEF, 0xBB, 0xBF, ..] => other("text", "read it as CSV"),
        text if text.is_ascii() && !text.contains(&0) => other("text", "read it as CSV"),
        _ => other("no workbook (XLSX)", "save the sheet as XLSX or CSV"),
    }
}

/// How files of the old office programs start, and locked ones of the new.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
///
/// ```
/// assert_eq!(audit::sheet::column_name(27), "AB");
/// ```
pub fn column_name(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}
