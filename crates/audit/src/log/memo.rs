//! What texts were read as, by their hash.

use std::hash::{BuildHasher as _, Hasher as _};
use std::ops::Range;

use fearless_simd::{Simd, SimdBase as _, SimdFrom as _, SimdMask as _, u64x4};

use super::row::Hasher;

/// Hashes that come out of memory together.
const LINE: usize = 4;

/// The lines of a memo that nothing was put into yet.
const FIRST: usize = 1 << 8;

/// What texts were read as, by their hash. That is of 64 bits and differs in every run, so that two
/// texts of a million have the same once in many millions of runs, and nobody can choose them.
///
/// A look-up is made for each cell of a log, and mostly waits for memory: so a hash stands in the
/// line that it says, or in one after it where that is full, and a line is looked at as a whole.
#[derive(Debug, Default)]
pub(super) struct Memo<V> {
    /// At most three in four places are taken.
    lines: Vec<Line<V>>,
    held: usize,
}

/// Hashes and their values; a hash of 0 is a free place, after all that are taken. Where a value is
/// as long as a hash, that is what a processor fetches at once.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Line<V> {
    hashes: [u64; LINE],
    values: [V; LINE],
}

/// Hashes that are looked up together, and the values of those that stand where they are looked for
/// first: each look-up waits for memory, and many on end wait no longer than a few.
#[derive(Debug, Default)]
pub(super) struct Asked<V> {
    hashes: Vec<u64>,
    values: Vec<Option<V>>,
}

impl<V: Copy + Default> Asked<V> {
    /// Looks up hashes, in the place of those before.
    #[inline(always)]
    pub(super) fn ask<S: Simd>(
        &mut self,
        simd: S,
        memo: &Memo<V>,
        hashes: impl Iterator<Item = u64>,
    ) {
        self.hashes.clear();
        self.hashes.extend(hashes.map(|hash| hash.max(1)));
        self.values.clear();
        memo.look(simd, &self.hashes, &mut self.values);
    }

    /// The value of the one at a place.
    #[inline]
    pub(super) fn value(&self, at: usize, memo: &Memo<V>) -> Option<V> {
        // It may stand further on, or have come to stand there since.
        self.values.get(at)?.or_else(|| memo.get(*self.hashes.get(at)?))
    }
}

impl<V: Copy + Default> Memo<V> {
    /// The value of a hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<V> {
        let (at, place) = self.find(hash.max(1))?;
        let line = self.lines.get(at)?;
        let is_there = line.hashes.get(place)? == &hash.max(1);
        line.values.get(place).filter(|_| is_there).copied()
    }

    /// Where a hash stands, or else would: its line, and the place in that.
    fn find(&self, hash: u64) -> Option<(usize, usize)> {
        let last = self.lines.len().wrapping_sub(1);
        let mut at = hash as usize & last;
        loop {
            let hashes = &self.lines.get(at)?.hashes;
            if let Some(place) = hashes.iter().position(|known| *known == hash || *known == 0) {
                return Some((at, place));
            }
            at = at.wrapping_add(1) & last;
        }
    }

    /// The values of hashes that stand in the line that they say.
    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, hashes: &[u64], values: &mut Vec<Option<V>>) {
        let last = self.lines.len().wrapping_sub(1);
        values.extend(hashes.iter().map(|hash| {
            let line = self.lines.get(*hash as usize & last)?;
            let same = u64x4::simd_from(simd, line.hashes).simd_eq(*hash).to_bitmask();
            let value = line.values.get(same.trailing_zeros() as usize % LINE)?;
            (same != 0).then_some(*value)
        }));
    }

    /// Remembers a value; past `most` of them it starts anew.
    pub(super) fn put(&mut self, hash: u64, value: V, most: usize) {
        if self.held >= most {
            self.lines.fill(Line::default());
            self.held = 0;
        }
        let room = self.lines.len().saturating_mul(LINE);
        if self.held.saturating_mul(4) >= room.saturating_mul(3) {
            let more = self.lines.len().saturating_mul(2).max(FIRST);
            let old = std::mem::replace(&mut self.lines, vec![Line::default(); more]);
            self.held = 0;
            let old = old.iter().flat_map(|line| line.hashes.into_iter().zip(line.values));
            old.filter(|(hash, _)| *hash != 0).for_each(|(hash, value)| self.set(hash, value));
        }
        self.set(hash.max(1), value);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.held
    }

    fn set(&mut self, hash: u64, value: V) {
        let Some((at, place)) = self.find(hash) else { return };
        let Some(line) = self.lines.get_mut(at) else { return };
        if let (Some(known), Some(to)) = (line.hashes.get_mut(place), line.values.get_mut(place)) {
            self.held = self.held.saturating_add(usize::from(*known == 0));
            (*known, *to) = (hash, value);
        }
    }
}

/// Texts up to this many bytes are hashed filled up with zeros, all in the same steps: cells are of
/// every length, and a processor that has guessed a length wrong loses more time than that takes.
const SHORT: usize = 64;

/// What bytes of a text are kept by, and those after it cleared.
static KEPT: [u8; 2 * SHORT] = {
    let mut kept = [0; 2 * SHORT];
    let (text, _) = kept.split_at_mut(SHORT);
    let mut rest = text;
    while let Some((first, others)) = rest.split_first_mut() {
        (*first, rest) = (u8::MAX, others);
    }
    kept
};

/// The hash of a text.
#[inline]
pub(super) fn hashed(hasher: &Hasher, text: &[u8]) -> u64 {
    let mut filled = [0; SHORT];
    match filled.get_mut(..text.len()) {
        Some(start) => {
            start.copy_from_slice(text);
            hashed_filled(hasher, &filled, text.len())
        }
        None => hashed_long(hasher, text),
    }
}

/// The hash of a text that stands among others.
#[inline(always)]
pub(super) fn hashed_within(hasher: &Hasher, bytes: &[u8], text: Range<usize>) -> u64 {
    let from = bytes.get(text.start..).unwrap_or_default();
    match from.first_chunk::<SHORT>() {
        Some(window) if text.len() <= SHORT => {
            let (mut filled, from) = (*window, SHORT.wrapping_sub(text.len()));
            let kept = KEPT.get(from..).and_then(|kept| kept.first_chunk()).unwrap_or(&[0; SHORT]);
            filled.iter_mut().zip(kept).for_each(|(byte, kept)| *byte &= kept);
            hashed_filled(hasher, &filled, text.len())
        }
        _ => hashed_alone(hasher, bytes.get(text).unwrap_or_default()),
    }
}

#[cold]
fn hashed_alone(hasher: &Hasher, text: &[u8]) -> u64 {
    hashed(hasher, text)
}

#[inline]
fn hashed_filled(hasher: &Hasher, filled: &[u8; SHORT], length: usize) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write_usize(length);
    for words in filled.as_chunks::<16>().0 {
        hasher.write_u128(u128::from_le_bytes(*words));
    }
    hasher.finish()
}

#[cold]
fn hashed_long(hasher: &Hasher, text: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::{Asked, Hasher, Memo, SHORT, hashed, hashed_within};

    #[test]
    fn values_are_found_by_their_hash() {
        let mut memo = Memo::default();
        assert_eq!(memo.get(7), None);
        // All hashes of one place, the one that stands for a free slot among them.
        let hashes: Vec<u64> = (0..5_000).map(|at| at << 32).collect();
        for (at, hash) in hashes.iter().enumerate() {
            memo.put(*hash, at as u64, 10_000);
        }
        assert_eq!(memo.len(), 5_000);
        for (at, hash) in hashes.iter().enumerate() {
            assert_eq!(memo.get(*hash), Some(at as u64));
        }
        assert_eq!(memo.get(3), None);
        memo.put(0, 9, 10_000);
        assert_eq!((memo.get(0), memo.len()), (Some(9), 5_000));
        // A full one forgets.
        memo.put(3, 4, 5_000);
        assert_eq!((memo.get(3), memo.get(1 << 32), memo.len()), (Some(4), None, 1));
    }
    #[test]
    fn a_text_has_one_hash_wherever_it_stands() {
        let hasher = Hasher::default();
        let bytes: Vec<u8> = (0..250).map(|at: u8| at.wrapping_mul(37)).collect();
        let mut seen = std::collections::BTreeSet::new();
        for start in [0, 1, 63, 120] {
            for length in 0..=2 * SHORT {
                let text = bytes.get(start..start + length).unwrap_or_default();
                let alone = hashed(&hasher, text);
                assert_eq!(hashed_within(&hasher, &bytes, start..start + length), alone);
                seen.insert((alone, text.to_vec()));
            }
        }
        let hashes: std::collections::BTreeSet<u64> = seen.iter().map(|(hash, _)| *hash).collect();
        assert_eq!(hashes.len(), seen.len());
        // What a text is filled up with is not of the text.
        assert_ne!(hashed(&hasher, b"a"), hashed(&hasher, b"a\0"));
    }

    #[test]
    fn what_is_asked_together_is_what_is_found_alone() {
        let (mut memo, mut asked) = (Memo::default(), Asked::default());
        dispatch!(Level::new(), simd => asked.ask(simd, &memo, [5, 0].into_iter()));
        assert_eq!((asked.value(0, &memo), asked.value(1, &memo)), (None, None));
        // Every hash has the same first place.
        (0..40).for_each(|at| memo.put(at << 32, at, 100));
        let hashes = (0..50).map(|at| at << 32);
        dispatch!(Level::new(), simd => asked.ask(simd, &memo, hashes));
        for at in 0..50 {
            assert_eq!(asked.value(at, &memo), memo.get((at as u64) << 32));
        }
        assert_eq!((asked.value(39, &memo), asked.value(40, &memo)), (Some(39), None));
        assert_eq!(asked.value(50, &memo), None);
    }
}
