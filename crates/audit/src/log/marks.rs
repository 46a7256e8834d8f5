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
const GROUP: usize = 512;

/// Groups that are looked at together.
const GROUPS: usize = 32;

/// Bytes of a run.
pub(super) const RUN: usize = GROUP * GROUPS;

/// A bit for each byte of a group; that of the first is the lowest of the first word.
type Words = [u64; GROUP / 64];

/// What was found in a run.
pub(super) struct Marks<S: Simd> {
    simd: S,
    quotes: [Words; GROUPS],
    /// Commas between cells, and line ends of records.
    stops: [Words; GROUPS],
    /// Line ends of records.
    ends: [Words; GROUPS],
    /// Line feeds, of records or inside quotes.
    feeds: [Words; GROUPS],
    returns: [Words; GROUPS],
    nuls: [Words; GROUPS],
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
            ends: none,
            feeds: none,
            returns: none,
            nuls: none,
            count: 0,
            inside: 0,
            before: Before { stops: !zero, closes: zero, returns: zero },
        }
    }

    /// Line feeds, of records or inside quotes, 64 bytes a word.
    #[inline(always)]
    pub(super) fn feeds(&self) -> &[u64] {
        self.feeds.as_flattened().get(..self.words()).unwrap_or_default()
    }

    /// Line ends of records.
    #[inline(always)]
    pub(super) fn ends(&self) -> &[u64] {
        self.ends.as_flattened().get(..self.words()).unwrap_or_default()
    }

    /// Commas between cells, and line ends of records.
    #[inline(always)]
    pub(super) fn stops(&self) -> &[u64] {
        self.stops.as_flattened().get(..self.words()).unwrap_or_default()
    }

    #[inline(always)]
    fn words(&self) -> usize {
        self.count.wrapping_mul(GROUP / 64)
    }

    /// Finds delimiters and line ends in the next run, which is well-formed. Only the last may be
    /// shorter than [`RUN`].
    #[inline(always)]
    pub(super) fn find(&mut self, run: &[u8]) {
        self.read::<false>(run);
        for at in 0..self.count {
            self.group(at);
        }
    }

    /// The same, and finds the first byte that stands where it may not; what comes after it is not
    /// looked at.
    #[inline(always)]
    pub(super) fn check(&mut self, run: &[u8]) -> Option<Strays> {
        self.read::<true>(run);
        let mut there = run.len();
        for at in 0..self.count {
            let strays = self.group(at).and_then(|(quotes, within)| {
                self.strays(at, quotes, within, there).map(|strays| strays.after(at))
            });
            if strays.is_some() {
                self.count = at.wrapping_add(1);
                return strays;
            }
            there = there.wrapping_sub(GROUP);
        }
        None
    }

    /// Bytes to bits. The last group is filled up with blanks.
    #[inline(always)]
    fn read<const CHECK: bool>(&mut self, run: &[u8]) {
        let (whole, rest) = run.as_chunks::<GROUP>();
        for (at, group) in whole.iter().enumerate() {
            self.bits::<CHECK>(at, group);
        }
        self.count = whole.len();
        if !rest.is_empty() {
            let mut last = [b' '; GROUP];
            if let Some(there) = last.get_mut(..rest.len()) {
                there.copy_from_slice(rest);
            }
            self.bits::<CHECK>(whole.len(), &last);
            self.count = whole.len().wrapping_add(1);
        }
        // Whether each word starts inside quotes; that is where its line ends will be.
        let inside = &mut self.inside;
        for (word, quotes) in
            self.ends.as_flattened_mut().iter_mut().zip(self.quotes.as_flattened())
        {
            *word = *inside;
            *inside ^= u64::from(quotes.count_ones() & 1).wrapping_neg();
        }
    }

    #[inline(always)]
    fn bits<const CHECK: bool>(&mut self, at: usize, group: &[u8; GROUP]) {
        let Self { simd, quotes, stops, feeds, returns, nuls, .. } = self;
        let (Some(quotes), Some(stops), Some(feeds), Some(returns), Some(nuls)) = (
            quotes.get_mut(at),
            stops.get_mut(at),
            feeds.get_mut(at),
            returns.get_mut(at),
            nuls.get_mut(at),
        ) else {
            return;
        };
        for (word, chunk) in group.as_chunks::<64>().0.iter().enumerate() {
            let chunk = u8x64::simd_from(*simd, *chunk);
            let put = |words: &mut Words, byte: u8| {
                if let Some(word) = words.get_mut(word) {
                    *word = chunk.simd_eq(byte).to_bitmask();
                }
            };
            put(quotes, b'"');
            put(stops, b',');
            put(feeds, b'\n');
            if CHECK {
                put(returns, b'\r');
                put(nuls, 0);
            }
        }
    }

    /// Tells what is inside quotes in a group; its quotes, and what is between them.
    #[inline(always)]
    fn group(&mut self, at: usize) -> Option<(u64x8<S>, u64x8<S>)> {
        let simd = self.simd;
        let quotes = u64x8::simd_from(simd, *self.quotes.get(at)?);
        let ends = self.ends.get_mut(at)?;
        let stops = self.stops.get_mut(at)?;
        // For each bit whether an odd number of bits up to it is set: so the quote that opens is
        // inside, and the one that closes is not.
        let mut within = quotes ^ quotes << 1;
        within ^= within << 2;
        within ^= within << 4;
        within ^= within << 8;
        within ^= within << 16;
        within ^= within << 32;
        within ^= u64x8::simd_from(simd, *ends);
        let feeds = u64x8::simd_from(simd, *self.feeds.get(at)?);
        *ends = (feeds & !within).into();
        *stops = ((u64x8::simd_from(simd, *stops) | feeds) & !within).into();
        Some((quotes, within))
    }

    /// What is astray in a group, of which so many bytes are there; mostly nothing.
    #[inline(always)]
    fn strays(
        &mut self,
        at: usize,
        quotes: u64x8<S>,
        within: u64x8<S>,
        there: usize,
    ) -> Option<Strays> {
        let simd = self.simd;
        let words = |all: &[Words; GROUPS]| Some(u64x8::simd_from(simd, *all.get(at)?));
        let (stops, ends, nuls) = (words(&self.stops)?, words(&self.ends)?, words(&self.nuls)?);
        let returns = words(&self.returns)? & !within;
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
        let (all, nuls, after): (Words, Words, Words) =
            (all.into(), nuls.into(), after_returns.into());
        let word = all.iter().position(|word| *word != 0)?;
        let of = |words: Words| words.get(word).copied().unwrap_or(0);
        Some(Strays { word, all: of(all), nuls: of(nuls), after_returns: of(after) })
    }
}

impl Strays {
    /// The same, their word counted from the start of the run.
    fn after(self, groups: usize) -> Self {
        Self { word: self.word.wrapping_add(groups.wrapping_mul(GROUP / 64)), ..self }
    }
}

/// The bits of the first bytes of a group.
#[inline(always)]
fn first(count: usize) -> Words {
    let mut words = [u64::MAX; GROUP / 64];
    if count < GROUP {
        for (at, word) in (0..GROUP).step_by(64).zip(&mut words) {
            let left = count.saturating_sub(at);
            *word = if left < 64 { (1_u64 << left).wrapping_sub(1) } else { u64::MAX };
        }
    }
    words
}
