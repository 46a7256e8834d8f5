//! Patterns that are looked for together.

use regex::bytes::{RegexSet, RegexSetBuilder};

/// Room for the automaton that is built while reading, in bytes; what does not fit is built
/// anew, so that more room is only faster.
const ROOM: usize = 8 << 20;

/// Words of bits in which it is kept which patterns were found.
const WORDS: usize = 8;

/// Patterns there may be.
pub(super) const MOST: usize = WORDS * 64;

/// Which patterns were found, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found([u64; WORDS]);

impl Found {
    /// These patterns.
    pub(super) fn of(patterns: impl IntoIterator<Item = usize>) -> Self {
        let mut found = Self::default();
        patterns.into_iter().for_each(|at| found.add(at));
        found
    }

    fn add(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Whether one is among others.
    pub(super) fn has_any(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).any(|(a, b)| a & b != 0)
    }
}

/// Patterns, in sets of a kind.
///
/// While a text is read, a set is in a state for each combination of what its patterns have seen
/// of it. Those of numbers and those of words have little to do with one another, and in one set
/// each state of the ones would be there for each of the others; states take far longer to make
/// than to read through.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns(Vec<(RegexSet, Vec<usize>)>);

impl Patterns {
    /// # Errors
    /// That patterns cannot be read, or are too many together.
    pub(super) fn new(written: &[&str]) -> Result<Self, regex::Error> {
        let mut sets = Vec::new();
        for kind in [Kind::Whole, Kind::Number, Kind::Word] {
            let of = written.iter().enumerate().filter(|(_, pattern)| Kind::of(pattern) == kind);
            let (numbers, patterns): (Vec<usize>, Vec<&str>) = of.unzip();
            if patterns.is_empty() {
                continue;
            }
            let set = RegexSetBuilder::new(patterns)
                .unicode(false)
                .case_insensitive(true)
                .dfa_size_limit(ROOM)
                .build()?;
            sets.push((set, numbers));
        }
        Ok(Self(sets))
    }

    /// Which patterns are in a text.
    pub(super) fn find(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        for (set, numbers) in &self.0 {
            let matches = set.matches(text);
            if matches.matched_any() {
                let at = matches.iter().filter_map(|at| numbers.get(at).copied());
                at.for_each(|at| found.add(at));
            }
        }
        found
    }
}

/// What patterns look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A whole text, from its start.
    Whole,
    /// Numbers anywhere.
    Number,
    /// Words anywhere.
    Word,
}

impl Kind {
    fn of(pattern: &&&str) -> Self {
        if pattern.starts_with('^') {
            Self::Whole
        } else if pattern.contains("\\d") {
            Self::Number
        } else {
            Self::Word
        }
    }
}
