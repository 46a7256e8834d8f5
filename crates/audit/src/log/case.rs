//! Case numbers, as tokens; those that the register knows are found wherever they are written.
//!
//! - In: the agency's key, a cell for a case number, a reason.
//! - Out: the token of a number; the first one in a text that the register knows.
//! - Absent: the numbers. A token tells one from another, and nobody without the key what it is.
//!
//! People type a number with its signs or without them: `C24-06415`, `c24 06415`, `C2406415`. So
//! letters and digits alone are hashed, and beside the hash stands where they are parted. Two
//! numbers are one if they have the same letters and digits, and neither is parted where the other,
//! which is parted too, is not: `25-11801` is not `2511-801`.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::cell::Key;

/// The bits of a token that say where a number is parted: after how many letters and digits.
const PARTED: u32 = 16;

/// A number has so many digits at least, and so many letters and digits: what is shorter is a
/// placeholder, or may stand for anything.
const DIGITS: usize = 3;
const SIGNS: usize = 4;

/// The kind of tokens of cases.
const KIND: u8 = b'c';

impl Key {
    /// The token of a case number; 0 for what is too short to be one.
    ///
    /// ```
    /// use audit::log::{Key, is_same_case};
    ///
    /// let key = Key::new([7; 16]);
    /// let is_same = |one: &[u8], other: &[u8]| is_same_case(key.case(one), key.case(other));
    /// assert!(is_same(b"C24-06415", b"c2406415"));
    /// assert!(!is_same(b"25-11801", b"2511-801"));
    /// assert_eq!(key.case(b"n/a"), 0);
    /// ```
    pub fn case(&self, text: &[u8]) -> u64 {
        let (mut signs, mut digits, mut parted, mut apart) = (0_usize, 0_usize, 0_u64, false);
        for byte in text {
            if !byte.is_ascii_alphanumeric() && *byte < 0x80 {
                apart = true;
                continue;
            }
            if apart && (1..=PARTED as usize).contains(&signs) {
                parted |= 1_u64 << (signs.saturating_sub(1));
            }
            apart = false;
            signs = signs.saturating_add(1);
            digits = digits.saturating_add(usize::from(byte.is_ascii_digit()));
        }
        if digits < DIGITS || signs < SIGNS {
            return 0;
        }
        // The hash is not 0, so that no number has the token of none.
        (self.token(KIND, text) >> PARTED).max(1) << PARTED | parted
    }
}

/// Whether two tokens are of one case.
pub fn is_same_case(one: u64, other: u64) -> bool {
    let common = one & other;
    one != 0 && (one ^ other) >> PARTED == 0 && (common == one || common == other)
}

/// What tokens of one case have in common, and hardly any others.
pub(crate) fn in_common(token: u64) -> u64 {
    token >> PARTED
}

/// The cases of requests that the register knows.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// By the hash, where it is parted.
    by_hash: HashMap<u64, Vec<u64>, RandomState>,
    /// By some bits of the hash whether there may be one: hardly a search has one, and this is in
    /// the processor's own memory.
    may_have: Vec<bool>,
}

/// How many cases are told apart by those bits.
const LAST_BITS: usize = 1 << 14;

impl Cases {
    /// Of some tokens, of which those that are 0 are none.
    pub fn new(tokens: impl IntoIterator<Item = u64>) -> Self {
        let mut cases = Self::default();
        for token in tokens.into_iter().filter(|token| *token != 0) {
            cases.may_have.resize(LAST_BITS, false);
            let place = cases.may_have.get_mut(place(token));
            place.into_iter().for_each(|it| *it = true);
            cases.by_hash.entry(in_common(token)).or_default().push(token);
        }
        cases
    }

    /// Whether there is none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.may_have.is_empty()
    }

    /// Whether a case is one of them.
    #[inline]
    pub fn has(&self, token: u64) -> bool {
        self.may_have.get(place(token)) == Some(&true) && self.knows(token)
    }

    #[cold]
    fn knows(&self, token: u64) -> bool {
        let same = self.by_hash.get(&in_common(token));
        same.is_some_and(|same| same.iter().any(|it| is_same_case(*it, token)))
    }

    /// The first of them whose number stands in a text.
    pub(super) fn first_in(&self, key: &Key, text: &[u8]) -> Option<u64> {
        let words: Vec<&[u8]> = text
            .split(|byte| byte.is_ascii_whitespace() || b",;&+()|\"".contains(byte))
            .map(|word| word.trim_ascii())
            .filter(|word| !word.is_empty())
            .collect();
        let has = |text: &[u8]| Some(key.case(text)).filter(|token| self.has(*token));
        let pairs = words.windows(2).map(|pair| pair.join(&b' '));
        let parts = words.iter().flat_map(|word| word.split(|byte| b"/:#=_".contains(byte)));
        let alone = words.iter().copied().chain(parts).find_map(has);
        alone.or_else(|| pairs.into_iter().find_map(|pair| has(&pair)))
    }
}

fn place(token: u64) -> usize {
    in_common(token) as usize % LAST_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new([9; 16])
    }

    #[test]
    fn numbers_are_the_same_however_they_are_typed() {
        let same = [
            ["C24-06415", "c24 06415"],
            ["C24-06415", "C2406415"],
            ["C24-06415", "C-24-06415"],
            ["25-11801", " 25-11801 "],
            ["#25-11801", "25/11801"],
        ];
        for [one, other] in same {
            assert!(
                is_same_case(key().case(one.as_bytes()), key().case(other.as_bytes())),
                "{one}"
            );
        }
        let others = [
            ["25-11801", "2511-801"],
            ["251-1801", "25-11801"],
            ["C25-300", "D25-300"],
            ["C25-300", "C25-301"],
            ["n/a", "N/A"],
            ["", ""],
            ["604", "604"],
        ];
        for [one, other] in others {
            assert!(
                !is_same_case(key().case(one.as_bytes()), key().case(other.as_bytes())),
                "{one}"
            );
        }
    }

    #[test]
    fn a_known_number_is_found_wherever_it_stands() {
        let cases = Cases::new(["C25-300", "2025-1180", "n/a"].map(|it| key().case(it.as_bytes())));
        let found = |text: &str| cases.first_in(&key(), text.as_bytes());
        let texts = [
            "C25-300",
            "robbery C25-300",
            "Case C25-300",
            "case #C25-300, stolen",
            "C25-299, C25-300",
            "C25-299/C25-300",
            "ref:c25300",
            "robbery c25 300",
            "(C25-300)",
        ];
        for text in texts {
            let token = found(text).unwrap_or_else(|| panic!("{text}"));
            assert!(is_same_case(token, key().case(b"C25-300")), "{text}");
        }
        for text in ["", "n/a", "robbery", "C25-3001", "25-300", "20251-180", "é"] {
            assert_eq!(found(text), None, "{text}");
        }
        assert!(Cases::default().is_empty() && !Cases::default().has(key().case(b"C25-300")));
    }
}
