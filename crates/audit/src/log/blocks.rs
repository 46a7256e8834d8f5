//! A file as blocks of whole records, and a block as cells.
//!
//! - In: any reader of bytes, read once from front to back in constant memory.
//! - Out: [`Block`]s of whole, well-formed records, which can be cut into cells on several
//!   processors; or the one line that is no record, to be counted and listed.
//! - Absent: what a cell means. What is no table of RFC 4180 is not repaired: a line with a quote
//!   in the wrong place is set apart, and reading goes on with the next, so that one bad line does
//!   not swallow the rest of the file.
//!
//! Quotes, commas and line ends are found 64 bytes at a time, and told from those inside quotes by
//! adding up quotes from left to right without carry (Langdale and Lemire, "Parsing Gigabytes of
//! JSON per Second", 2019, section 3.1).

use std::io::{self, Read};
use std::sync::Arc;

use fearless_simd::{Level, Simd, SimdBase as _, SimdFrom as _, SimdMask as _, dispatch, u8x64};

use super::digest::Digest;

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

/// The bits of 64 bytes that matter.
struct Marks {
    quotes: u64,
    commas: u64,
    feeds: u64,
    returns: u64,
    nuls: u64,
}

#[inline(always)]
fn marks<S: Simd>(simd: S, bytes: &[u8; 64]) -> Marks {
    let bytes = u8x64::simd_from(simd, *bytes);
    let is = |byte: u8| bytes.simd_eq(byte).to_bitmask();
    Marks { quotes: is(b'"'), commas: is(b','), feeds: is(b'\n'), returns: is(b'\r'), nuls: is(0) }
}

/// For each bit whether an odd number of bits up to it is set.
#[inline(always)]
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The bytes as 64 at a time, each with its place; the last are filled up with blanks. (No closure
/// is handed on here: what it does would not be compiled for the wider registers.)
#[inline(always)]
fn by_64(bytes: &[u8]) -> impl Iterator<Item = (usize, [u8; 64])> {
    let (whole, rest) = bytes.as_chunks::<64>();
    let mut last = [b' '; 64];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let last = (!rest.is_empty()).then_some(last);
    (0..).step_by(64).zip(whole.iter().copied().chain(last))
}

/// Looks for the last whole record, and stops before one that is none.
#[inline(always)]
fn look<S: Simd>(simd: S, bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let (mut inside, mut lines) = (0_u64, 0_u64);
    // What the byte before these was: a delimiter (or nothing), a quote, a carriage return.
    let (mut delimiter, mut quote, mut carriage) = (1_u64, 0_u64, 0_u64);
    for (at, chunk) in by_64(bytes) {
        let marks = marks(simd, &chunk);
        let within = if marks.quotes == 0 { inside } else { parity(marks.quotes) ^ inside };
        inside = if within >> 63 == 1 { u64::MAX } else { 0 };
        let ends = marks.feeds & !within;
        // A quote that opens stands at the start of a cell, or right after one that closed; what
        // comes after a quote that closes is a delimiter, a quote, or the end.
        let delimiters = (marks.commas | marks.feeds) & !within;
        let after = delimiters << 1 | delimiter;
        let opens = marks.quotes & within;
        let closes = marks.quotes & !within;
        let after_close = closes << 1 | quote;
        let returns = marks.returns & !within;
        let fine = delimiters | returns | marks.quotes;
        let length = bytes.len().saturating_sub(at);
        let known = if length < 64 { (1_u64 << length).wrapping_sub(1) } else { u64::MAX };
        let before_returns = returns << 1 | carriage;
        let stray = opens & !(after | after_close)
            | after_close & !fine & known
            | before_returns & !ends & known
            | marks.nuls;
        delimiter = delimiters >> 63;
        quote = closes >> 63;
        carriage = returns >> 63;
        let good = if stray == 0 { u64::MAX } else { (1 << stray.trailing_zeros()) - 1 };
        let whole = ends & good;
        if whole != 0 {
            let last = 63 - whole.leading_zeros();
            found.end = at.wrapping_add(last as usize).wrapping_add(1);
            found.rows = found.rows.wrapping_add(u64::from(whole.count_ones()));
            let up_to = u64::MAX >> (63 - last);
            found.lines = lines.wrapping_add(u64::from((marks.feeds & up_to).count_ones()));
        }
        lines = lines.wrapping_add(u64::from(marks.feeds.count_ones()));
        if stray != 0 {
            // The first one decides: what stands after it may be anything.
            found.bad = Some(why(stray, &marks, before_returns));
            break;
        }
    }
    found
}

fn why(stray: u64, marks: &Marks, returns: u64) -> &'static str {
    let first = stray & stray.wrapping_neg();
    if marks.nuls & first != 0 {
        "the line has a NUL byte; is the file really text?"
    } else if returns & first != 0 {
        "a carriage return stands on its own in the line"
    } else {
        "a quote stands in the middle of a cell; cells with quotes double them"
    }
}

/// A cell of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// What is between the delimiters, its quotes among it.
    #[inline]
    pub fn raw(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// What the cell has in it: without its quotes; doubled ones remain doubled.
    #[inline]
    pub fn inner(self, bytes: &[u8]) -> &[u8] {
        let raw = self.raw(bytes);
        match raw {
            [b'"', inner @ .., b'"'] => inner,
            _ => raw,
        }
    }
}

/// The cells of a block, record by record.
#[derive(Debug, Default)]
pub struct Cells {
    /// Where each delimiter stands.
    stops: Vec<u32>,
    /// By record: how many delimiters there were with its last, and how many line feeds.
    ends: Vec<(u32, u32)>,
}

/// One record of a block.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// The line it starts on, counted from that of the block.
    pub lines: u32,
    start: u32,
    stops: &'a [u32],
}

impl Cut<'_> {
    /// How many cells it has.
    #[inline]
    pub fn count(&self) -> usize {
        self.stops.len()
    }

    /// A cell, counted from 0.
    #[inline]
    pub fn cell(&self, bytes: &[u8], at: usize) -> Option<Span> {
        let mut end = *self.stops.get(at)?;
        let start = match at.checked_sub(1) {
            None => self.start,
            Some(before) => self.stops.get(before)?.wrapping_add(1),
        };
        if at.wrapping_add(1) == self.stops.len() && end > start {
            let last = bytes.get((end as usize).wrapping_sub(1));
            end = end.wrapping_sub(u32::from(last == Some(&b'\r')));
        }
        Some(Span { start, end })
    }

    /// Where it starts in its block.
    pub fn start(&self) -> usize {
        self.start as usize
    }

    /// Where its last cell ends.
    pub fn end(&self) -> usize {
        self.stops.last().map_or(self.start, |stop| *stop) as usize
    }

    /// Whether there is nothing in it at all.
    pub fn is_blank(&self, bytes: &[u8]) -> bool {
        self.count() == 1 && self.cell(bytes, 0).is_none_or(|cell| cell.raw(bytes).is_empty())
    }
}

impl Cells {
    /// Cuts a block.
    pub fn cut(&mut self, block: &Block) {
        self.stops.clear();
        self.ends.clear();
        let bytes = block.bytes.as_slice();
        dispatch!(Level::new(), simd => self.find(simd, bytes));
        // The last record of a file may end without a line.
        if !bytes.is_empty() && bytes.last() != Some(&b'\n') {
            let lines = self.ends.last().map_or(0, |(_, lines)| *lines);
            self.stops.push(bytes.len() as u32);
            self.ends.push((self.stops.len() as u32, lines));
        }
    }

    #[inline(always)]
    fn find<S: Simd>(&mut self, simd: S, bytes: &[u8]) {
        let (mut inside, mut lines) = (0_u64, 0_u32);
        for (at, chunk) in by_64(bytes) {
            let marks = marks(simd, &chunk);
            let within = if marks.quotes == 0 { inside } else { parity(marks.quotes) ^ inside };
            inside = if within >> 63 == 1 { u64::MAX } else { 0 };
            let ends = marks.feeds & !within;
            let mut stops = marks.commas & !within | ends;
            if ends == 0 {
                while stops != 0 {
                    self.stops.push((at as u32).wrapping_add(stops.trailing_zeros()));
                    stops &= stops.wrapping_sub(1);
                }
                lines = lines.wrapping_add(marks.feeds.count_ones());
                continue;
            }
            let mut feeds = marks.feeds;
            while stops != 0 {
                let bit = stops.trailing_zeros();
                self.stops.push((at as u32).wrapping_add(bit));
                if ends >> bit & 1 == 1 {
                    let up_to = u64::MAX >> 63_u32.wrapping_sub(bit);
                    lines = lines.wrapping_add((feeds & up_to).count_ones());
                    feeds &= !up_to;
                    self.ends.push((self.stops.len() as u32, lines));
                }
                stops &= stops.wrapping_sub(1);
            }
            lines = lines.wrapping_add(feeds.count_ones());
        }
    }

    /// Each record, in the order of the block.
    pub fn records(&self) -> impl Iterator<Item = Cut<'_>> {
        let mut before = (0_u32, 0_u32);
        self.ends.iter().map(move |(stops, lines)| {
            let first = before.0 as usize;
            let start = match first.checked_sub(1) {
                None => 0,
                Some(last) => self.stops.get(last).map_or(0, |stop| stop.wrapping_add(1)),
            };
            let cut = Cut {
                lines: before.1,
                start,
                stops: self.stops.get(first..*stops as usize).unwrap_or_default(),
            };
            before = (*stops, *lines);
            cut
        })
    }
}
