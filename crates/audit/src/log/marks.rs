//! Where in some bytes the quotes, delimiters and line ends of a table are.
//!
//! - In: bytes, in runs that follow one another.
//! - Out: a bit for each byte; bytes inside quotes are told from the others by adding up quotes
//!   from left to right without carry (Langdale and Lemire, "Parsing Gigabytes of JSON per
//!   Second", 2019, section 3.1).
//! - Absent: what a record is.
//!
//! First all bytes of a run become bits, then the bits of 512 bytes at a time are worked with, and
//! only then each word of them is looked at alone: what goes from one kind of register to another
//! goes through memory, which is the quickest way.
//!
//! Every function is always inlined, so that it becomes part of what is compiled for each width of
//! register.

use fearless_simd::{Simd, SimdBase as _, SimdFrom as _, SimdMask as _, u8x64, u64x8};

/// Bytes whose bits fill the widest register.
pub(super) const GROUP: usize = 512;

/// Words of them.
pub(super) const WORDS: usize = GROUP / 64;

/// Groups that are looked at together.
const GROUPS: usize = 32;

/// Bytes of a run.
pub(super) const RUN: usize = GROUP * GROUPS;

/// A bit for each byte of a group; that of the first is the lowest of the first word.
type Words = [u64; WORDS];

/// What was found in some bytes, 64 of them a word. A byte that has a bit in both ends a record.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// Commas between cells, and line ends of records.
    pub(super) stops: Vec<u64>,
    /// Line feeds, of records or inside quotes.
    pub(super) feeds: Vec<u64>,
    /// Bytes that are not ASCII.
    pub(super) others: Vec<u64>,
}

impl Bits {
    /// Room for those of so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        let words = bytes.div_ceil(GROUP).saturating_mul(WORDS);
        let [stops, feeds, others] = [(); 3].map(|()| Vec::with_capacity(words));
        Self { stops, feeds, others }
    }
}

/// What was found in a run.
pub(super) struct Marks<S: Simd> {
    simd: S,
    quotes: [Words; GROUPS],
    /// Commas, and of groups that were worked with, stops.
    stops: [Words; GROUPS],
    feeds: [Words; GROUPS],
    /// All ones for a word that starts inside quotes.
    starts: [Words; GROUPS],
    returns: [Words; GROUPS],
    nuls: [Words; GROUPS],
    others: [Words; GROUPS],
    /// How many groups there are.
    count: usize,
    /// All ones if what comes next is inside quotes.
    inside: u64,
    before: Before<S>,
}

/// Of the group before: delimiters, quotes that close, carriage returns outside quotes.
struct Before<S: Simd> {
    stops: u64x8<S>,
    closes: u64x8<S>,
    returns: u64x8<S>,
}

/// Bytes of a group that stand where they may not.
pub(super) struct Strays {
    /// Where the first word is in which one is, and they.
    pub(super) word: usize,
    pub(super) all: u64,
    /// Those that are NUL.
    pub(super) nuls: u64,
    /// Those that come after a carriage return.
    pub(super) after_returns: u64,
}

impl<S: Simd> Marks<S> {
    /// Before the first run is the start of a record, as after a delimiter.
    #[inline(always)]
    pub(super) fn new(simd: S) -> Self {
        let (none, zero) = ([Words::default(); GROUPS], u64x8::splat(simd, 0));
        Self {
            simd,
            quotes: none,
            stops: none,
            feeds: none,
            starts: none,
            returns: none,
            nuls: none,
            others: none,
            count: 0,
            inside: 0,
            before: Before { stops: !zero, closes: zero, returns: zero },
        }
    }

    /// Finds delimiters and line ends in the next run, and adds them to `bits`; or the first byte
    /// that stands where it may not, and what comes after it is not looked at. Only the last run
    /// may be shorter than [`RUN`].
    #[inline(always)]
    pub(super) fn check(&mut self, run: &[u8], bits: &mut Bits) -> Option<Strays> {
        self.read(run);
        let (mut there, mut strays) = (run.len(), None);
        for at in 0..self.count {
            strays = self.group(at, there);
            if strays.is_some() {
                self.count = at.wrapping_add(1);
                break;
            }
            there = there.wrapping_sub(GROUP);
        }
        let words = self.count.wrapping_mul(WORDS);
        for (all, found) in [
            (&mut bits.stops, &self.stops),
            (&mut bits.feeds, &self.feeds),
            (&mut bits.others, &self.others),
        ] {
            all.extend_from_slice(found.as_flattened().get(..words).unwrap_or_default());
        }
        strays
    }

    /// Bytes to bits. The last group is filled up with blanks.
    #[inline(always)]
    fn read(&mut self, run: &[u8]) {
        let (whole, rest) = run.as_chunks::<GROUP>();
        for (at, group) in whole.iter().enumerate() {
            self.bits(at, group);
        }
        self.count = whole.len();
        if !rest.is_empty() {
            let mut last = [b' '; GROUP];
            if let Some(there) = last.get_mut(..rest.len()) {
                there.copy_from_slice(rest);
            }
            self.bits(whole.len(), &last);
            self.count = whole.len().wrapping_add(1);
        }
        let mut inside = self.inside;
        for (word, quotes) in
            self.starts.as_flattened_mut().iter_mut().zip(self.quotes.as_flattened())
        {
            *word = inside;
            inside ^= u64::from(quotes.count_ones() & 1).wrapping_neg();
        }
        self.inside = inside;
    }

    #[inline(always)]
    fn bits(&mut self, at: usize, group: &[u8; GROUP]) {
        let Self { simd, quotes, stops, feeds, returns, nuls, others, .. } = self;
        let (Some(quotes), Some(stops), Some(feeds), Some(returns), Some(nuls), Some(others)) = (
            quotes.get_mut(at),
            stops.get_mut(at),
            feeds.get_mut(at),
            returns.get_mut(at),
            nuls.get_mut(at),
            others.get_mut(at),
        ) else {
            return;
        };
        let words = quotes.iter_mut().zip(stops).zip(feeds).zip(returns).zip(nuls).zip(others);
        for (chunk, word) in group.as_chunks::<64>().0.iter().zip(words) {
            let chunk = u8x64::simd_from(*simd, *chunk);
            let (((((quotes, stops), feeds), returns), nuls), others) = word;
            *quotes = chunk.simd_eq(b'"').to_bitmask();
            *stops = chunk.simd_eq(b',').to_bitmask();
            *feeds = chunk.simd_eq(b'\n').to_bitmask();
            *returns = chunk.simd_eq(b'\r').to_bitmask();
            *nuls = chunk.simd_eq(0).to_bitmask();
            *others = chunk.simd_gt(0x7F).to_bitmask();
        }
    }

    /// Tells what is inside quotes in a group, and so what its stops are; what is astray in it, of
    /// which so many bytes are there: mostly nothing.
    #[inline(always)]
    fn group(&mut self, at: usize, there: usize) -> Option<Strays> {
        let simd = self.simd;
        let quotes = u64x8::simd_from(simd, *self.quotes.get(at)?);
        let feeds = u64x8::simd_from(simd, *self.feeds.get(at)?);
        let returns = u64x8::simd_from(simd, *self.returns.get(at)?);
        let nuls = u64x8::simd_from(simd, *self.nuls.get(at)?);
        // For each bit whether an odd number of bits up to it is set: so the quote that opens is
        // inside, and the one that closes is not.
        let mut within = quotes ^ quotes << 1;
        within ^= within << 2;
        within ^= within << 4;
        within ^= within << 8;
        within ^= within << 16;
        within ^= within << 32;
        within ^= u64x8::simd_from(simd, *self.starts.get(at)?);
        let stops = self.stops.get_mut(at)?;
        let outside = (u64x8::simd_from(simd, *stops) | feeds) & !within;
        *stops = outside.into();

        let (stops, ends, returns) = (outside, outside & feeds, returns & !within);
        let (opens, closes) = (quotes & within, quotes & !within);
        // A quote that opens stands at the start of a cell, or right after one that closed; what
        // comes after a quote that closes is a delimiter, a quote, or the end.
        let after_stops = stops << 1 | self.before.stops.slide::<7>(stops) >> 63;
        let after_closes = closes << 1 | self.before.closes.slide::<7>(closes) >> 63;
        let after_returns = returns << 1 | self.before.returns.slide::<7>(returns) >> 63;
        self.before = Before { stops, closes, returns };
        let known = u64x8::simd_from(simd, first(there));
        let all = opens & !(after_stops | after_closes)
            | after_closes & !(stops | returns | quotes) & known
            | after_returns & !ends & known
            | nuls;
        if all.simd_eq(0_u64).all_true() {
            return None;
        }
        Strays::first(at, all.into(), nuls.into(), after_returns.into())
    }
}

impl Strays {
    /// Those in the first word of a group that has any.
    #[cold]
    fn first(group: usize, all: Words, nuls: Words, after_returns: Words) -> Option<Self> {
        let at = all.iter().position(|word| *word != 0)?;
        Some(Self {
            word: group.wrapping_mul(WORDS).wrapping_add(at),
            all: *all.get(at)?,
            nuls: *nuls.get(at)?,
            after_returns: *after_returns.get(at)?,
        })
    }
}

/// The bits of the first bytes of a group.
#[inline(always)]
fn first(count: usize) -> Words {
    let mut words = [u64::MAX; WORDS];
    if count < GROUP {
        for (at, word) in (0..GROUP).step_by(64).zip(&mut words) {
            let left = count.saturating_sub(at);
            *word = if left < 64 { (1_u64 << left).wrapping_sub(1) } else { u64::MAX };
        }
    }
    words
}
