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
    /// Where each delimiter stands; after those of the block is what was there before.
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

impl Cells {
    /// Cuts a block.
    pub fn cut(&mut self, block: &Block) {
        let bytes = block.bytes.as_slice();
        // Each byte may be a delimiter.
        let room = bytes.len().saturating_add(AT_ONCE);
        if self.stops.len() < room {
            self.stops = vec![0; room];
            self.ends = vec![(0, 0); room];
        }
        let (mut stops, mut ends, lines) = {
            let bits = &block.bits;
            dispatch!(Level::new(), simd => self.find(simd, bits, bytes.len()))
        };
        // The last record of a file may end without a line.
        if bytes.last().is_some_and(|last| *last != b'\n') {
            if let Some(stop) = self.stops.get_mut(stops) {
                *stop = bytes.len() as u32;
            }
            stops = stops.wrapping_add(1);
            if let Some(end) = self.ends.get_mut(ends) {
                *end = (stops as u32, lines);
            }
            ends = ends.wrapping_add(1);
        }
        self.count = ends;
    }

    /// Writes down the delimiters of so many bytes; how many there are, how many records they end,
    /// and how many lines.
    #[inline(always)]
    fn find<S: Simd>(&mut self, simd: S, bits: &Bits, bytes: usize) -> (usize, usize, u32) {
        let mut at = At::default();
        let words = bits.stops.iter().zip(&bits.feeds);
        for ((stops, feeds), left) in words.zip((1..=bytes).rev().step_by(64)) {
            // What follows the last record is not of the block.
            let there = if left < 64 { (1_u64 << left).wrapping_sub(1) } else { u64::MAX };
            self.add(simd, &mut at, stops & there, feeds & there);
        }
        (at.stops, at.ends, at.lines)
    }

    /// Adds the delimiters of 64 bytes.
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, at: &mut At, stops: u64, feeds: u64) {
        let mut ends = stops & feeds;
        let count = stops.count_ones() as usize;
        let to = self.stops.get_mut(at.stops..).unwrap_or_default();
        match to.first_chunk_mut::<AT_ONCE>() {
            Some(to) if picks(simd.level()) && count <= AT_ONCE => {
                *to = places(simd, at.byte, stops);
            }
            _ => {
                let mut left = stops;
                for to in to.iter_mut().take(count) {
                    *to = at.byte.wrapping_add(left.trailing_zeros());
                    left &= left.wrapping_sub(1);
                }
            }
        }
        // Mostly one record ends here, or none.
        loop {
            let up_to = ends ^ ends.wrapping_sub(1);
            if let Some(end) = self.ends.get_mut(at.ends) {
                let stops = (at.stops as u32).wrapping_add((stops & up_to).count_ones());
                *end = (stops, at.lines.wrapping_add((feeds & up_to).count_ones()));
            }
            at.ends = at.ends.wrapping_add(usize::from(ends != 0));
            ends &= ends.wrapping_sub(1);
            if ends == 0 {
                break;
            }
        }
        at.stops = at.stops.wrapping_add(count);
        at.lines = at.lines.wrapping_add(feeds.count_ones());
        at.byte = at.byte.wrapping_add(64);
    }

    /// Each record, in the order of the block.
    pub fn records(&self) -> impl Iterator<Item = Cut<'_>> {
        let mut before = (0_u32, 0_u32);
        self.ends.iter().take(self.count).map(move |(stops, lines)| {
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
