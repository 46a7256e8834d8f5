//! What texts were read as, by their hash.

use std::hash::{BuildHasher as _, Hasher as _};
use std::ops::Range;

use super::row::Hasher;

/// The slots of a memo that nothing was put into yet.
const FIRST: usize = 1 << 10;

/// What texts were read as, by their hash. That is of 64 bits and differs in every run, so that two
/// texts of a million have the same once in many millions of runs, and nobody can choose them.
///
/// A look-up is made for each cell of a log, and mostly waits for memory: so a hash stands beside
/// its value, at the place that the hash says or right after it.
#[derive(Debug, Default)]
pub(super) struct Memo<V> {
    /// Hashes with their values; a hash of 0 is a free slot. At most half of them are taken.
    slots: Vec<(u64, V)>,
    held: usize,
}

/// Hashes that are looked up together, and what a memo has first where their values may be: each
/// look-up waits for memory, and many on end wait no longer than a few.
#[derive(Debug, Default)]
pub(super) struct Asked<V> {
    hashes: Vec<u64>,
    first: Vec<(u64, V)>,
}

impl<V: Copy + Default> Asked<V> {
    /// Looks up hashes, in the place of those before.
    #[inline]
    pub(super) fn ask(&mut self, memo: &Memo<V>, hashes: impl Iterator<Item = u64>) {
        self.hashes.clear();
        self.hashes.extend(hashes.map(|hash| hash.max(1)));
        self.first.clear();
        self.first.extend(self.hashes.iter().map(|hash| memo.first(*hash)));
    }

    /// The value of the one at a place.
    #[inline]
    pub(super) fn value(&self, at: usize, memo: &Memo<V>) -> Option<V> {
        let hash = *self.hashes.get(at)?;
        match *self.first.get(at)? {
            (known, value) if known == hash => Some(value),
            (0, _) => None,
            // Another has its place.
            _ => memo.get(hash),
        }
    }
}

impl<V: Copy + Default> Memo<V> {
    /// The value of a hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<V> {
        let (hash, last) = (hash.max(1), self.slots.len().wrapping_sub(1));
        let mut at = hash as usize & last;
        loop {
            let (known, value) = *self.slots.get(at)?;
            if known == hash {
                return Some(value);
            }
            if known == 0 {
                return None;
            }
            at = at.wrapping_add(1) & last;
        }
    }

    /// What stands at the first place where a hash may be: a hash, and its value.
    #[inline]
    fn first(&self, hash: u64) -> (u64, V) {
        let last = self.slots.len().wrapping_sub(1);
        self.slots.get(hash as usize & last).copied().unwrap_or_default()
    }

    /// Remembers a value; past `most` of them it starts anew.
    pub(super) fn put(&mut self, hash: u64, value: V, most: usize) {
        if self.held >= most {
            self.slots.fill((0, V::default()));
            self.held = 0;
        }
        if self.held.saturating_mul(2) >= self.slots.len() {
            let more = self.slots.len().saturating_mul(2).max(FIRST);
            let old = std::mem::replace(&mut self.slots, vec![(0, V::default()); more]);
            self.held = 0;
            old.into_iter().filter(|(hash, _)| *hash != 0).for_each(|it| self.set(it.0, it.1));
        }
        self.set(hash.max(1), value);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.held
    }

    fn set(&mut self, hash: u64, value: V) {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & last;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.0 == 0 || slot.0 == hash {
                self.held = self.held.saturating_add(usize::from(slot.0 == 0));
                *slot = (hash, value);
                break;
            }
            at = at.wrapping_add(1) & last;
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
#[inline]
pub(super) fn hashed_within(hasher: &Hasher, bytes: &[u8], text: Range<usize>) -> u64 {
    let from = bytes.get(text.start..).unwrap_or_default();
    match from.first_chunk::<SHORT>() {
        Some(window) if text.len() <= SHORT => {
            let (mut filled, from) = (*window, SHORT.wrapping_sub(text.len()));
            let kept = KEPT.get(from..).and_then(|kept| kept.first_chunk()).unwrap_or(&[0; SHORT]);
            filled.iter_mut().zip(kept).for_each(|(byte, kept)| *byte &= kept);
            hashed_filled(hasher, &filled, text.len())
        }
        _ => hashed(hasher, bytes.get(text).unwrap_or_default()),
    }
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
        asked.ask(&memo, [5, 0].into_iter());
        assert_eq!((asked.value(0, &memo), asked.value(1, &memo)), (None, None));
        // Every hash has the same first place.
        (0..40).for_each(|at| memo.put(at << 32, at, 100));
        asked.ask(&memo, (0..50).map(|at| at << 32));
        for at in 0..50 {
            assert_eq!(asked.value(at, &memo), memo.get((at as u64) << 32));
        }
        assert_eq!((asked.value(39, &memo), asked.value(40, &memo)), (Some(39), None));
        assert_eq!(asked.value(50, &memo), None);
    }
}
