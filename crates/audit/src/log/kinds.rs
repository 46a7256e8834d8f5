//! Files that are no log in a form that is read: what they are, and what to do.
//!
//! - In: the first bytes of a file, or why it could not be read.
//! - Out: an error that says what to do, in which no cell is repeated.
//! - Absent: names of files, which lie; workbooks, of which [`crate::sheet`] says what they are.

use std::io;

use super::layout::Layouts;
use super::read::LogError;

/// Lines in which a header is looked for, to say where it is.
pub(super) const SEARCHED: usize = 10;

/// What is no table of commas is refused with what to do.
///
/// # Errors
/// What it is.
pub(super) fn refuse(head: &[u8]) -> Result<(), LogError> {
    let why = match head {
        [] => "it is empty; a header and rows are expected",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it is UTF-16; save it as UTF-8",
        // Letters of a header, of two bytes each.
        [0, 1..=255, ..] | [1..=255, 0, ..] => "it is UTF-16, or no text; save it as UTF-8",
        [b'%', b'P', b'D', b'F', ..] => {
            "it is a PDF; ask for the table as CSV or XLSX, in which rows can be counted"
        }
        [b'P', b'A', b'R', b'E', ..] => {
            "it is an encrypted Parquet file; write it without encryption"
        }
        [0x1F, 0x8B, ..] => "it is compressed (gzip); unpack it first",
        _ => match head.trim_ascii_start() {
            [b'<', ..] => {
                "it is a page or an XML file, whatever its name says; open it in a spreadsheet \
                 program and save the sheet as XLSX or CSV"
            }
            [b'{' | b'[', ..] => "it is JSON; ask for the table as CSV, XLSX or Parquet",
            text => return first_line(text),
        },
    };
    Err(LogError::NotALog(why.to_owned()))
}

/// How cells are separated, and how lines end, is seen in the first line.
fn first_line(text: &[u8]) -> Result<(), LogError> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    let has = |mark: u8| line.contains(&mark);
    let why = match rest {
        [b'\r', next, ..] if !matches!(next, b'\r' | b'\n') => {
            "its lines end with a carriage return alone; save it as CSV with LF or CRLF line ends"
        }
        _ if has(b',') => return Ok(()),
        _ if has(b';') => "its cells are separated by semicolons; save it as comma-separated CSV",
        _ if has(b'\t') => "its cells are separated by tabs; save it as comma-separated CSV",
        _ => return Ok(()),
    };
    Err(LogError::NotALog(why.to_owned()))
}

/// What to say of a file that could not be read from its start again.
pub(super) fn sought(error: io::Error) -> LogError {
    match error.kind() {
        io::ErrorKind::NotSeekable => LogError::NotALog(
            "it is a pipe and no file; write it to a file first, for a log is read in several \
             places"
                .to_owned(),
        ),
        _ => error.into(),
    }
}

/// Why the first line is no header; and on which line it stands, where it is one of the next.
pub(super) fn no_header(
    why: String,
    layouts: &Layouts,
    mut next: impl Iterator<Item = (u64, Vec<String>)>,
) -> LogError {
    let found = next.find(|(_, headings)| layouts.header(headings).is_ok());
    LogError::NotALog(found.map_or(why, |(line, _)| {
        format!("its header stands on line {line}; remove what is above it")
    }))
}
