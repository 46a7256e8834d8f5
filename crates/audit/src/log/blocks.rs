//! A file as blocks of whole records, and a block as cells.
//!
//! - In: any reader of bytes, read once from front to back in constant memory.
//! - Out: [`Block`]s of whole, well-formed records, which can be cut into cells on several
//!   processors; or the one line that is no record, to be counted and listed.
//! - Absent: what a cell means. What is no table of RFC 4180 is not repaired: a line with a quote
//!   in the wrong place is set apart, and reading goes on with the next, so that one bad line does
//!   not swallow the rest of the file.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use fearless_simd::{Level, Simd, dispatch};

pub use super::cut::{Cells, Cut, Span};
use super::digest::Digest;
use super::marks::{Bits, GROUP, Marks, RUN, Strays, WORDS};

/// Bytes read at a time: so few that what is found in them is found in the processor's memory.
const STEP: usize = 1 << 17;

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
    /// How many of them were looked at before: blank lines, and the header.
    pub before: usize,
    /// Where their cells end.
    pub(super) bits: Bits,
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

impl Block {
    /// Whether all of it is UTF-8. ASCII is, so that only what stands between it is looked at.
    pub(super) fn is_utf8(&self) -> bool {
        // From the first byte that is not ASCII to the last: no letter is longer than a word.
        let mut between: Option<Range<usize>> = None;
        for (group, words) in self.bits.others.as_chunks::<WORDS>().0.iter().enumerate() {
            // Hardly a group has any, and to see that is quick for all its words together.
            if between.is_none() && words.iter().fold(0, |all, word| all | word) == 0 {
                continue;
            }
            let first = group.saturating_mul(GROUP);
            for (at, others) in (first..self.bytes.len()).step_by(64).zip(words) {
                // What follows the last record is not of the block.
                let left = self.bytes.len().saturating_sub(at);
                let there = if left < 64 { (1_u64 << left).wrapping_sub(1) } else { u64::MAX };
                let others = others & there;
                if others != 0 {
                    let first = at.saturating_add(others.trailing_zeros() as usize);
                    let end = at.saturating_add(64).saturating_sub(others.leading_zeros() as usize);
                    between.get_or_insert(first..end).end = end;
                } else if between.take().is_some_and(|between| !self.says(between)) {
                    return false;
                }
            }
        }
        between.is_none_or(|between| self.says(between))
    }

    fn says(&self, bytes: Range<usize>) -> bool {
        self.bytes.get(bytes).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok())
    }
}

/// Reads a file from front to back.
pub struct Blocks<R> {
    input: R,
    digest: Arc<Digest>,
    /// What was read and not handed out, which starts with a record; and bytes of before, which the
    /// next ones take the place of.
    left: Vec<u8>,
    /// How many of them were read.
    filled: usize,
    line: u64,
    row: u64,
    ended: bool,
    read: u64,
    /// Whether what comes next belongs to a line that was set apart.
    skipping: bool,
    /// Whether a line was just set apart that ends within quotes: then what comes next, if that is
    /// no record either, is the rest of the same one.
    open: bool,
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
            filled: 0,
            line: 1,
            row: 1,
            ended: false,
            read: 0,
            skipping: false,
            open: false,
        };
        blocks.fill()?;
        if blocks.head().starts_with(&[0xEF, 0xBB, 0xBF]) {
            blocks.pass(3);
        }
        Ok(blocks)
    }

    /// The first bytes of the file, to see what it is.
    pub fn head(&self) -> &[u8] {
        self.left.get(..self.filled).unwrap_or_default()
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
        let wanted = self.filled.saturating_add(STEP);
        self.left.resize(wanted, 0);
        while self.filled < wanted {
            let got = match self.input.read(self.left.get_mut(self.filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got?,
            };
            self.filled = self.filled.saturating_add(got);
            self.read = self.read.saturating_add(got as u64);
            if got == 0 {
                self.ended = true;
                break;
            }
        }
        Ok(())
    }

    /// Goes past bytes that are in no block.
    fn pass(&mut self, count: usize) {
        self.digest.push(Arc::new(self.left.drain(..count).collect()));
        self.filled = self.filled.saturating_sub(count);
    }

    /// Goes past a line, or all there is of one.
    fn pass_line(&mut self) -> bool {
        let end = self.head().iter().position(|byte| *byte == b'\n');
        let line = self.head().get(..end.unwrap_or(self.filled)).unwrap_or_default();
        self.open ^= line.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        self.pass(end.map_or(self.filled, |end| end.saturating_add(1)));
        self.line = self.line.saturating_add(u64::from(end.is_some()));
        end.is_some()
    }

    /// What comes next.
    ///
    /// # Errors
    /// If the reader fails.
    pub fn pull(&mut self) -> io::Result<Next> {
        loop {
            if self.skipping {
                // The rest of a line that is too long to be a record.
                self.skipping = !self.pass_line();
            }
            if !self.skipping {
                let (bytes, mut bits) = (self.head(), Bits::of(self.filled));
                let found = dispatch!(Level::new(), simd => look(simd, bytes, &mut bits));
                if found.end > 0 {
                    return Ok(Next::Block(self.hand_out(found, bits)));
                }
                let too_long = self.filled > RECORD_LIMIT;
                if let Some(why) = found.bad.or_else(|| too_long.then_some(TOO_LONG)) {
                    match self.set_apart(why) {
                        Some(next) => return Ok(next),
                        None => continue,
                    }
                }
                if self.ended {
                    match self.last(bits) {
                        Some(next) => return Ok(next),
                        None => continue,
                    }
                }
            } else if self.ended {
                return Ok(Next::End);
            }
            self.fill()?;
        }
    }

    fn hand_out(&mut self, found: Found, bits: Bits) -> Block {
        let rest = self.head().get(found.end..).unwrap_or_default();
        // The rest is short but before a line that is set apart, and a block is never copied.
        let (mut next, length) = (self.digest.room(), rest.len());
        if next.len() < length {
            next.resize(length, 0);
        }
        next.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        self.filled = length;
        let mut bytes = std::mem::replace(&mut self.left, next);
        bytes.truncate(found.end);
        let block = self.block(bytes, bits);
        self.line = self.line.saturating_add(found.lines);
        self.row = self.row.saturating_add(found.rows);
        self.open = false;
        block
    }

    fn block(&self, bytes: Vec<u8>, bits: Bits) -> Block {
        let bytes = Arc::new(bytes);
        self.digest.push(Arc::clone(&bytes));
        Block { bytes, line: self.line, row: self.row, before: 0, bits }
    }

    /// Sets the first line apart; nothing is told of one that is the rest of a record that was.
    fn set_apart(&mut self, why: &'static str) -> Option<Next> {
        let is_rest = self.open;
        let bad = Next::Bad { line: self.line, row: self.row, why };
        self.skipping = !self.pass_line() && !self.ended;
        if is_rest {
            return None;
        }
        self.row = self.row.saturating_add(1);
        Some(bad)
    }

    /// What is left at the end of a file that does not end with a line.
    fn last(&mut self, bits: Bits) -> Option<Next> {
        if self.filled == 0 {
            return Some(Next::End);
        }
        let open = self.head().iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        if open {
            let why = "the file ends inside quotes opened in this record; was it cut off?";
            return self.set_apart(why);
        }
        let mut bytes = std::mem::take(&mut self.left);
        bytes.truncate(self.filled);
        self.filled = 0;
        Some(Next::Block(self.block(bytes, bits)))
    }
}

/// Why a record of more than [`RECORD_LIMIT`] bytes is none.
const TOO_LONG: &str = "the record is longer than 1 MiB; is a quote opened here never closed?";

/// Looks for the last whole record, and stops before one that is none.
#[inline(always)]
fn look<S: Simd>(simd: S, bytes: &[u8], bits: &mut Bits) -> Found {
    let mut marks = Marks::new(simd);
    let (mut before, mut bad) = (0, None);
    for run in bytes.chunks(RUN) {
        if let Some(strays) = marks.check(run, bits) {
            bad = Some((before, strays));
            break;
        }
        before = bits.stops.len();
    }
    match bad {
        None => found(bits, bits.stops.len(), u64::MAX, None),
        // What stands after the first that is astray may be anything.
        Some((before, strays)) => {
            let first = strays.all & strays.all.wrapping_neg();
            let words = before.wrapping_add(strays.word).wrapping_add(1);
            found(bits, words, first.wrapping_sub(1), Some(why(&strays, first)))
        }
    }
}

/// The last whole record of some words, of the last of which only some bits count.
#[inline(always)]
fn found(bits: &Bits, words: usize, last: u64, bad: Option<&'static str>) -> Found {
    let whole = words.wrapping_sub(1);
    let counts = |word: usize| if word == whole { last } else { u64::MAX };
    let ends = |word: usize| {
        let (stops, feeds) = (bits.stops.get(word), bits.feeds.get(word));
        stops.copied().unwrap_or(0) & feeds.copied().unwrap_or(0) & counts(word)
    };
    let Some(word) = (0..words).rev().find(|word| ends(*word) != 0) else {
        return Found { bad, ..Found::default() };
    };
    let bit = ends(word).ilog2();
    let up_to = u64::MAX >> 63_u32.wrapping_sub(bit);
    let feeds = bits.feeds.get(..word).unwrap_or_default();
    let stops = bits.stops.get(..word).unwrap_or_default();
    let (rows, lines) = feeds.iter().zip(stops).fold((0_u64, 0_u64), |(rows, lines), (a, b)| {
        (rows.wrapping_add(ones(a & b)), lines.wrapping_add(ones(*a)))
    });
    let feeds = bits.feeds.get(word).copied().unwrap_or(0) & up_to;
    Found {
        end: word.wrapping_mul(64).wrapping_add(bit as usize + 1),
        rows: rows.wrapping_add(ones(ends(word))),
        lines: lines.wrapping_add(ones(feeds)),
        bad,
    }
}

/// How many bits are set.
#[inline(always)]
fn ones(word: u64) -> u64 {
    u64::from(word.count_ones())
}

/// Why the first byte that is astray is.
fn why(strays: &Strays, first: u64) -> &'static str {
    if strays.nuls & first != 0 {
        "the line has a NUL byte; is the file really text?"
    } else if strays.after_returns & first != 0 {
        "a carriage return stands on its own in the line"
    } else {
        "a quote stands in the middle of a cell; cells with quotes double them"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Block, Blocks, Next};

    fn blocks(text: &[u8]) -> Vec<Block> {
        let mut blocks = Blocks::unhashed(text).unwrap();
        std::iter::from_fn(|| match blocks.pull().unwrap() {
            Next::Block(block) => Some(block),
            Next::Bad { why, .. } => panic!("{why}"),
            Next::End => None,
        })
        .collect()
    }

    proptest! {
        /// What is UTF-8 is so for the standard library as well, wherever letters stand.
        #[test]
        fn utf8_is_told(
            parts in
                prop::collection::vec((0_usize..140, "[aé€😀\u{7ff}\u{ffff}]", 0..40_u8), 0..60),
        ) {
            let mut text = Vec::new();
            for (before, letter, broken) in parts {
                text.extend(std::iter::repeat_n(b'x', before));
                match broken {
                    // A byte that starts nothing, a letter that is cut short.
                    0 => text.push(0x80),
                    1 => text.extend(letter.bytes().take(letter.len() - 1)),
                    _ => text.extend(letter.bytes()),
                }
                text.extend((broken > 30).then_some(b'\n'));
            }
            let found = blocks(&text);
            let all: Vec<u8> = found.iter().flat_map(|it| it.bytes.iter().copied()).collect();
            prop_assert_eq!(&all, &text);
            for block in found {
                prop_assert_eq!(block.is_utf8(), std::str::from_utf8(&block.bytes).is_ok());
            }
        }
    }
}
