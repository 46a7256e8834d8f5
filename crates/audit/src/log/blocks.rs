//! A file as blocks of whole records, and a block as cells.
//!
//! - In: any reader of bytes, read once from front to back in constant memory.
//! - Out: [`Block`]s of whole, well-formed records, which can be cut into cells on several
//!   processors; or the one line that is no record, to be counted and listed.
//! - Absent: what a cell means. What is no table of RFC 4180 is not repaired: a line with a quote
//!   in the wrong place is set apart, and reading goes on with the next, so that one bad line does
//!   not swallow the rest of the file.

use std::io::{self, Read};
use std::sync::Arc;

use fearless_simd::{Level, Simd, dispatch};

pub use super::cut::{Cells, Cut, Span};
use super::digest::Digest;
use super::marks::{Marks, RUN, Strays};

/// Bytes read at a time: so few that what is found in them is found in the processor's memory.
const STEP: usize = 1 << 18;

/// The longest record, in bytes. A longer one is a quote that was never closed, or no table.
pub const RECORD_LIMIT: usize = 1 << 20;

/// Whole records, end to end.
#[derive(Debug, Default)]
pub struct Block {
    /// The records, each with its line end; the last of a file may lack it.
    pub bytes: Arc<Vec<u8>>,
    /// The line on which the first of them starts, counted from 1.
    pub line: u64,
    /// The row it is, as a spreadsheet counts: the header is row 1.
    pub row: u64,
}

/// What comes next of a file.
#[derive(Debug)]
pub enum Next {
    /// Some records.
    Block(Block),
    /// A line that is no record.
    Bad {
        /// The line, counted from 1.
        line: u64,
        /// The row it would be.
        row: u64,
        /// What is wrong and what to do.
        why: &'static str,
    },
    /// The end.
    End,
}

/// Reads a file from front to back.
pub struct Blocks<R> {
    input: R,
    digest: Arc<Digest>,
    /// What was read and not handed out; it starts with a record.
    left: Vec<u8>,
    line: u64,
    row: u64,
    ended: bool,
    read: u64,
    /// Whether what comes next belongs to a line that was set apart.
    skipping: bool,
}

/// What a look at some bytes found.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// Where the last whole record ends, and how many rows and lines end before it.
    end: usize,
    rows: u64,
    lines: u64,
    /// Whether the record after it has a quote where none may be, or a byte that no text has.
    bad: Option<&'static str>,
}

impl<R: Read> Blocks<R> {
    /// Starts to read; drops a byte-order mark.
    ///
    /// # Errors
    /// If the reader fails.
    pub fn new(input: R) -> io::Result<Self> {
        Self::with(input, Digest::new(true))
    }

    /// The same for who needs no hash of the file.
    ///
    /// # Errors
    /// If the reader fails.
    pub fn unhashed(input: R) -> io::Result<Self> {
        Self::with(input, Digest::new(false))
    }

    fn with(input: R, digest: Digest) -> io::Result<Self> {
        let mut blocks = Self {
            input,
            digest: Arc::new(digest),
            left: Vec::new(),
            line: 1,
            row: 1,
            ended: false,
            read: 0,
            skipping: false,
        };
        blocks.fill()?;
        if blocks.left.starts_with(&[0xEF, 0xBB, 0xBF]) {
            blocks.pass(3);
        }
        Ok(blocks)
    }

    /// The first bytes of the file, to see what it is.
    pub fn head(&self) -> &[u8] {
        &self.left
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.read
    }

    /// The SHA-256 of the file, once its end was met, in lower-case hexadecimal.
    pub fn sha256(self) -> String {
        self.digest.hexadecimal()
    }

    /// What takes the hash, for threads that have nothing better to do; it also takes back the
    /// memory of blocks.
    pub fn digest(&self) -> Arc<Digest> {
        Arc::clone(&self.digest)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut filled = self.left.len();
        let wanted = filled.saturating_add(STEP);
        self.left.resize(wanted, 0);
        while filled < wanted {
            let got = match self.input.read(self.left.get_mut(filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got?,
            };
            filled = filled.saturating_add(got);
            self.read = self.read.saturating_add(got as u64);
            if got == 0 {
                self.ended = true;
                break;
            }
        }
        self.left.truncate(filled);
        Ok(())
    }

    /// Goes past bytes that are in no block.
    fn pass(&mut self, count: usize) {
        self.digest.push(Arc::new(self.left.drain(..count).collect()));
    }

    /// What comes next.
    ///
    /// # Errors
    /// If the reader fails.
    pub fn pull(&mut self) -> io::Result<Next> {
        loop {
            if self.skipping {
                // The rest of a line that is too long to be a record.
                match self.left.iter().position(|byte| *byte == b'\n') {
                    Some(end) => {
                        self.pass(end.saturating_add(1));
                        self.line = self.line.saturating_add(1);
                        self.skipping = false;
                    }
                    None => self.pass(self.left.len()),
                }
            }
            if !self.skipping {
                let bytes = self.left.as_slice();
                let found = dispatch!(Level::new(), simd => look(simd, bytes));
                if found.end > 0 {
                    return Ok(Next::Block(self.hand_out(found)));
                }
                if let Some(why) = found.bad {
                    return Ok(self.set_apart(why));
                }
                if self.left.len() > RECORD_LIMIT {
                    return Ok(self.set_apart(
                        "the record is longer than 1 MiB; is a quote opened here never closed?",
                    ));
                }
                if self.ended {
                    return Ok(self.last());
                }
            } else if self.ended {
                return Ok(Next::End);
            }
            self.fill()?;
        }
    }

    fn hand_out(&mut self, found: Found) -> Block {
        let rest = self.left.get(found.end..).unwrap_or_default();
        // The rest is short but before a line that is set apart, and a block is never copied.
        let mut next = self.digest.room();
        next.extend_from_slice(rest);
        let mut bytes = std::mem::replace(&mut self.left, next);
        bytes.truncate(found.end);
        let block = self.block(bytes);
        self.line = self.line.saturating_add(found.lines);
        self.row = self.row.saturating_add(found.rows);
        block
    }

    fn block(&self, bytes: Vec<u8>) -> Block {
        let bytes = Arc::new(bytes);
        self.digest.push(Arc::clone(&bytes));
        Block { bytes, line: self.line, row: self.row }
    }

    /// Sets the first line apart.
    fn set_apart(&mut self, why: &'static str) -> Next {
        let bad = Next::Bad { line: self.line, row: self.row, why };
        self.row = self.row.saturating_add(1);
        match self.left.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                self.pass(end.saturating_add(1));
                self.line = self.line.saturating_add(1);
            }
            None => {
                self.pass(self.left.len());
                self.skipping = !self.ended;
            }
        }
        bad
    }

    /// What is left at the end of a file that does not end with a line.
    fn last(&mut self) -> Next {
        if self.left.is_empty() {
            return Next::End;
        }
        let open = self.left.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        if open {
            let why = "the file ends inside quotes opened in this record; was it cut off?";
            return self.set_apart(why);
        }
        let bytes = std::mem::take(&mut self.left);
        Next::Block(self.block(bytes))
    }
}

/// Looks for the last whole record, and stops before one that is none.
#[inline(always)]
fn look<S: Simd>(simd: S, bytes: &[u8]) -> Found {
    let mut marks = Marks::new(simd);
    let (mut found, mut lines) = (Found::default(), 0_u64);
    for (start, run) in (0..).step_by(RUN).zip(bytes.chunks(RUN)) {
        let strays = marks.check(run);
        let (ends, feeds) = (marks.ends(), marks.feeds());
        let (ends, last) = match &strays {
            None => (ends, u64::MAX),
            // What stands after the first that is astray may be anything.
            Some(Strays { word, all, .. }) => {
                let last = (all & all.wrapping_neg()).wrapping_sub(1);
                (ends.get(..=*word).unwrap_or_default(), last)
            }
        };
        found.add(start, lines, ends, last, feeds);
        lines = lines.wrapping_add(sum(feeds));
        if let Some(strays) = strays {
            found.bad = Some(why(&strays));
            break;
        }
    }
    found
}

impl Found {
    /// Adds a run, from the line ends of its records, of which in the last word only some count,
    /// and all line feeds.
    #[inline(always)]
    fn add(&mut self, start: usize, lines: u64, ends: &[u64], last: u64, feeds: &[u64]) {
        let Some((at_last, whole)) = ends.split_last() else { return };
        let at_last = at_last & last;
        self.rows =
            self.rows.wrapping_add(sum(whole)).wrapping_add(u64::from(at_last.count_ones()));
        let (word, ends) = match whole.iter().rposition(|word| *word != 0) {
            _ if at_last != 0 => (whole.len(), at_last),
            Some(word) => (word, whole.get(word).copied().unwrap_or(0)),
            None => return,
        };
        let bit = ends.ilog2();
        self.end = start.wrapping_add(word.wrapping_mul(64)).wrapping_add(bit as usize + 1);
        let up_to = feeds.get(word).map_or(0, |feeds| feeds & u64::MAX >> 63_u32.wrapping_sub(bit));
        let before = sum(feeds.get(..word).unwrap_or_default());
        self.lines = lines.wrapping_add(before).wrapping_add(u64::from(up_to.count_ones()));
    }
}

/// How many bits are set.
#[inline(always)]
fn sum(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, word| sum.wrapping_add(u64::from(word.count_ones())))
}

/// Why the first byte that is astray is.
fn why(strays: &Strays) -> &'static str {
    let first = strays.all & strays.all.wrapping_neg();
    if strays.nuls & first != 0 {
        "the line has a NUL byte; is the file really text?"
    } else if strays.after_returns & first != 0 {
        "a carriage return stands on its own in the line"
    } else {
        "a quote stands in the middle of a cell; cells with quotes double them"
    }
}
