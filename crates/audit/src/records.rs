//! Bytes to records: a strict reader of RFC 4180 tables.
//!
//! - In: any reader of bytes.
//! - Out: one record after the other, each with the line it starts on; the SHA-256 of all
//!   bytes, those of a byte-order mark included.
//! - Absent: repair. A quote in the wrong place, a quote never closed, a carriage return on its
//!   own or an endless cell is an error that names its line, because a lenient reader would
//!   swallow the rest of the file into one cell and call it read.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// The longest cell accepted, in bytes.
pub(crate) const CELL_LIMIT: usize = 1 << 20;
/// The most cells accepted in one record.
pub(crate) const CELLS_LIMIT: usize = 4096;

/// Why reading stopped. `column` counts from 1.
#[derive(Debug)]
pub(crate) enum Stop {
    Io { line: u64, error: io::Error },
    Utf16,
    Zip,
    TooLong { line: u64, column: usize },
    TooMany { line: u64 },
    StrayQuote { line: u64, column: usize },
    AfterQuote { line: u64, column: usize },
    Unclosed { line: u64, column: usize },
    BareReturn { line: u64 },
    Nul { line: u64, column: usize },
}

/// One record: its cells end to end, and where each ends.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The line the record starts on, counted from 1.
    pub(crate) line: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of cell `at`, counted from 0.
    pub(crate) fn cell(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.bytes.get(start..end)
    }

    fn clear(&mut self, line: u64) {
        self.line = line;
        self.bytes.clear();
        self.ends.clear();
    }

    /// The number of the cell being read, counted from 1.
    fn column(&self) -> usize {
        self.ends.len() + 1
    }

    fn push(&mut self, byte: u8, line: u64) -> Result<(), Stop> {
        let start = self.ends.last().copied().unwrap_or(0);
        if self.bytes.len() - start >= CELL_LIMIT {
            return Err(Stop::TooLong { line, column: self.column() });
        }
        if byte == 0 {
            return Err(Stop::Nul { line, column: self.column() });
        }
        self.bytes.push(byte);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        if self.ends.len() >= CELLS_LIMIT {
            return Err(Stop::TooMany { line: self.line });
        }
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn is_blank(&self) -> bool {
        self.ends.len() <= 1 && self.bytes.is_empty()
    }
}

/// Where in the grammar the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first byte of a cell.
    Start,
    /// Inside a cell without quotes.
    Bare,
    /// Inside a cell with quotes, opened on this line.
    Quoted { opened: u64 },
    /// After a quote inside a quoted cell: its end, or the first half of a doubled quote.
    Quote { opened: u64 },
    /// After a carriage return that must be followed by a line feed.
    Return,
}

/// Reads records one by one.
pub(crate) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    next: usize,
    hash: Sha256,
    line: u64,
}

impl<R: Read> Records<R> {
    /// Looks at the first bytes: drops a UTF-8 byte-order mark, refuses what is no text.
    pub(crate) fn new(input: R) -> Result<Self, Stop> {
        let mut records = Self { input, buffer: Vec::new(), next: 0, hash: Sha256::new(), line: 1 };
        records.fill()?;
        while records.buffer.len() < 4 {
            let head = records.buffer.clone();
            records.fill()?;
            if records.buffer.is_empty() {
                records.buffer = head;
                break;
            }
            records.buffer.splice(0..0, head);
        }
        match records.buffer.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => records.next = 3,
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(Stop::Utf16),
            [b'P', b'K', 3, 4, ..] => return Err(Stop::Zip),
            _ => {}
        }
        Ok(records)
    }

    /// The SHA-256 of every byte read, in lower-case hexadecimal.
    pub(crate) fn sha256(self) -> String {
        crate::hex(&self.hash.finalize())
    }

    /// Replaces the buffer by the next bytes; leaves it empty at the end of the input.
    fn fill(&mut self) -> Result<(), Stop> {
        self.next = 0;
        self.buffer.resize(1 << 16, 0);
        let got = loop {
            match self.input.read(&mut self.buffer) {
                Ok(got) => break got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(Stop::Io { line: self.line, error });
                }
            }
        };
        self.buffer.truncate(got);
        self.hash.update(&self.buffer);
        Ok(())
    }

    fn byte(&mut self) -> Result<Option<u8>, Stop> {
        if self.next >= self.buffer.len() {
            self.fill()?;
        }
        let byte = self.buffer.get(self.next).copied();
        self.next += 1;
        Ok(byte)
    }

    /// Reads the next record that is not a blank line; false at the end of the input.
    pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool, Stop> {
        loop {
            record.clear(self.line);
            if !self.read_line(record)? {
                return Ok(false);
            }
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    /// Reads one record, blank or not; false when there was nothing left to read.
    fn read_line(&mut self, record: &mut Record) -> Result<bool, Stop> {
        let mut at = At::Start;
        let mut any = false;
        loop {
            let Some(byte) = self.byte()? else {
                return self.end(record, at, any);
            };
            any = true;
            at = match (at, byte) {
                (At::Start | At::Bare | At::Quote { .. } | At::Return, b'\n') => {
                    record.end_cell()?;
                    self.line += 1;
                    return Ok(true);
                }
                (At::Return, _) => return Err(Stop::BareReturn { line: self.line }),
                (At::Start | At::Bare | At::Quote { .. }, b'\r') => At::Return,
                (At::Start | At::Bare | At::Quote { .. }, b',') => {
                    record.end_cell()?;
                    At::Start
                }
                (At::Start, b'"') => At::Quoted { opened: self.line },
                (At::Bare, b'"') => {
                    return Err(Stop::StrayQuote { line: self.line, column: record.column() });
                }
                (At::Quoted { opened }, b'"') => At::Quote { opened },
                (At::Quote { opened }, b'"') => {
                    record.push(b'"', self.line)?;
                    At::Quoted { opened }
                }
                (At::Quote { .. }, _) => {
                    return Err(Stop::AfterQuote { line: self.line, column: record.column() });
                }
                (At::Quoted { opened }, _) => {
                    // A quote that is never closed swallows the rest of the file: it then hits
                    // the limit, and the line where it was opened is the line to look at.
                    record.push(byte, opened)?;
                    self.line += u64::from(byte == b'\n');
                    At::Quoted { opened }
                }
                (At::Start | At::Bare, _) => {
                    record.push(byte, self.line)?;
                    At::Bare
                }
            };
        }
    }

    /// The end of the input, met in the middle of a record or before one.
    fn end(&self, record: &mut Record, at: At, any: bool) -> Result<bool, Stop> {
        match at {
            At::Quoted { opened } => Err(Stop::Unclosed { line: opened, column: record.column() }),
            At::Return => Err(Stop::BareReturn { line: self.line }),
            At::Start | At::Bare | At::Quote { .. } if any => {
                record.end_cell()?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
