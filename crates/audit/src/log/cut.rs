//! A block as cells.
//!
//! - In: whole, well-formed records.
//! - Out: where each of their cells starts and ends.
//! - Absent: what a cell means.

use std::ops::Range;

use fearless_simd::{
    Level, Simd, SimdBase as _, SimdFrom as _, SimdMask as _, SimdSplit as _, dispatch, mask8x64,
    u8x64,
};

use super::blocks::Block;
use super::marks::Bits;

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
        bytes.get(self.within(bytes)).unwrap_or_default()
    }

    /// Where that is in the block.
    #[inline]
    pub(super) fn within(self, bytes: &[u8]) -> Range<usize> {
        let (start, end) = (self.start as usize, self.end as usize);
        let quoted = matches!(self.raw(bytes), [b'"', .., b'"']);
        start.wrapping_add(usize::from(quoted))..end.wrapping_sub(usize::from(quoted))
    }
}

/// The cells of a block, record by record.
#[derive(Debug, Default)]
pub struct Cells {
    /// Where each delimiter stands, and first where one would before the block; after those of the
    /// block is what was there before.
    stops: Vec<u32>,
    /// By record: how many delimiters there were with its last, and how many line feeds.
    ends: Vec<(u32, u32)>,
    /// How many records there are.
    count: usize,
}

/// How far a block was cut: bytes, delimiters, records and line feeds.
#[derive(Default)]
struct At {
    byte: u32,
    stops: usize,
    ends: usize,
    lines: u32,
}

/// One record of a block.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// The line it starts on, counted from that of the block.
    pub lines: u32,
    /// Where the delimiter before each of its cells stands, and that after the last.
    stops: &'a [u32],
}

/// Where a delimiter would stand before the first byte.
const BEFORE: u32 = u32::MAX;

impl Cut<'_> {
    /// How many cells it has.
    #[inline]
    pub fn count(&self) -> usize {
        self.stops.len().saturating_sub(1)
    }

    /// A cell, counted from 0.
    #[inline]
    pub fn cell(&self, bytes: &[u8], at: usize) -> Option<Span> {
        let [before, mut end] = *self.stops.get(at..)?.first_chunk()?;
        let start = before.wrapping_add(1);
        if at.wrapping_add(1) == self.count() && end > start {
            let last = bytes.get((end as usize).wrapping_sub(1));
            end = end.wrapping_sub(u32::from(last == Some(&b'\r')));
        }
        Some(Span { start, end })
    }

    /// Where it starts in its block.
    #[inline]
    pub fn start(&self) -> usize {
        self.stops.first().map_or(0, |before| before.wrapping_add(1)) as usize
    }

    /// Where its last cell ends.
    pub fn end(&self) -> usize {
        self.stops.last().map_or(0, |stop| *stop) as usize
    }

    /// Whether there is nothing in it at all.
    pub fn is_blank(&self, bytes: &[u8]) -> bool {
        self.count() == 1 && self.cell(bytes, 0).is_none_or(|cell| cell.raw(bytes).is_empty())
    }
}

/// Places that are written at once, whether or not so many delimiters are there: how many there
/// are in 64 bytes cannot be foreseen, and waiting to know takes longer.
const AT_ONCE: usize = 16;

/// Whether the processor picks bytes out of a register in one step; where it does not, one place
/// after the other is quicker.
#[inline(always)]
fn picks(level: Level) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return matches!(level, Level::Avx512(_));
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    {
        let _ = level;
        false
    }
}

/// The numbers of bytes.
const NUMBERS: [u8; 64] = {
    let mut numbers = [0; 64];
    let (mut rest, mut number) = (numbers.as_mut_slice(), 0);
    while let Some((first, others)) = rest.split_first_mut() {
        (*first, rest) = (number, others);
        number += 1;
    }
    numbers
};

/// Where the bits are that are set, if they are not too many; counted from `start`.
#[inline(always)]
fn places<S: Simd>(simd: S, start: u32, bits: u64) -> [u32; AT_ONCE] {
    let mask = mask8x64::from_bitmask(simd, bits);
    let (places, _) = u8x64::simd_from(simd, NUMBERS).compress(mask).split();
    let (places, _) = places.split();
    let mut all = [0; AT_ONCE];
    for (to, place) in all.iter_mut().zip(<[u8; AT_ONCE]>::from(places)) {
        *to = start.wrapping_add(u32::from(place));
    }
    all
}

/// Writes down the delimiters of so many bytes, and for each record what [`Cells`] keeps of it.
#[inline(always)]
fn find<S: Simd>(
    simd: S,
    bits: &Bits,
    bytes: usize,
    stops: &mut [u32],
    ends: &mut [(u32, u32)],
) -> At {
    let mut at = At::default();
    let (whole, rest) = (bytes / 64, bytes % 64);
    for (found, feeds) in bits.stops.iter().zip(&bits.feeds).take(whole) {
        at.add(simd, (*found, *feeds), stops, ends);
    }
    if let Some((found, feeds)) = bits.stops.get(whole).zip(bits.feeds.get(whole)) {
        // What follows the last record is not of the block.
        let there = (1_u64 << rest).wrapping_sub(1);
        at.add(simd, (found & there, feeds & there), stops, ends);
    }
    at
}

impl At {
    /// Adds the delimiters of 64 bytes.
    #[inline(always)]
    fn add<S: Simd>(
        &mut self,
        simd: S,
        (found, feeds): (u64, u64),
        stops: &mut [u32],
        ends: &mut [(u32, u32)],
    ) {
        let count = found.count_ones() as usize;
        let to = stops.get_mut(self.stops..).unwrap_or_default();
        match to.first_chunk_mut::<AT_ONCE>() {
            Some(to) if picks(simd.level()) && count <= AT_ONCE => {
                *to = places(simd, self.byte, found);
            }
            _ => {
                let mut left = found;
                for to in to.iter_mut().take(count) {
                    *to = self.byte.wrapping_add(left.trailing_zeros());
                    left &= left.wrapping_sub(1);
                }
            }
        }
        // Mostly one record ends here, or none.
        let mut last = found & feeds;
        loop {
            let up_to = last ^ last.wrapping_sub(1);
            if let Some(end) = ends.get_mut(self.ends) {
                let stops = (self.stops as u32).wrapping_add((found & up_to).count_ones());
                *end = (stops, self.lines.wrapping_add((feeds & up_to).count_ones()));
            }
            self.ends = self.ends.wrapping_add(usize::from(last != 0));
            last &= last.wrapping_sub(1);
            if last == 0 {
                break;
            }
        }
        self.stops = self.stops.wrapping_add(count);
        self.lines = self.lines.wrapping_add(feeds.count_ones());
        self.byte = self.byte.wrapping_add(64);
    }
}

impl Cells {
    /// Cuts a block.
    pub fn cut(&mut self, block: &Block) {
        let bytes = block.bytes.as_slice();
        // Each byte may be a delimiter.
        let room = bytes.len().saturating_add(1).saturating_add(AT_ONCE);
        if self.stops.len() < room {
            self.stops = vec![0; room];
            self.ends = vec![(0, 0); room];
        }
        let Some((before, stops)) = self.stops.split_first_mut() else { return };
        *before = BEFORE;
        let (ends, bits) = (self.ends.as_mut_slice(), &block.bits);
        let mut at = dispatch!(Level::new(), simd => find(simd, bits, bytes.len(), stops, ends));
        // The last record of a file may end without a line.
        if bytes.last().is_some_and(|last| *last != b'\n') {
            stops.get_mut(at.stops).into_iter().for_each(|stop| *stop = bytes.len() as u32);
            at.stops = at.stops.wrapping_add(1);
            let end = (at.stops as u32, at.lines);
            ends.get_mut(at.ends).into_iter().for_each(|to| *to = end);
            at.ends = at.ends.wrapping_add(1);
        }
        self.count = at.ends;
    }

    /// Each record, in the order of the block.
    pub fn records(&self) -> impl Iterator<Item = Cut<'_>> {
        let mut before = (0_u32, 0_u32);
        self.ends.iter().take(self.count).map(move |(stops, lines)| {
            let of_it = before.0 as usize..=*stops as usize;
            let cut = Cut { lines: before.1, stops: self.stops.get(of_it).unwrap_or_default() };
            before = (*stops, *lines);
            cut
        })
    }
}
