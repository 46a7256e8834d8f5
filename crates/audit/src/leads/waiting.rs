//! Leads that wait to be told: what they are sorted by, and where the rest of each is.
//!
//! They are sorted some at a time, each such run is written down, and all runs are read side by
//! side, a piece of each in memory.

use std::io;
use std::vec;

use crate::checks::TESTS;
use crate::reason::Plain;
use crate::scratch::{PIECE, Scratch, Word};

/// A lead that waits. The order is that of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    pub(super) plain: Plain,
    /// The place of its test by name.
    pub(super) name: u8,
    /// When its first row was, and where that is.
    pub(super) time: u32,
    pub(super) file: u16,
    pub(super) row: u32,
    /// A piece of the scratch file, the first card in it, and how many there are.
    pub(super) piece: u32,
    pub(super) card: u16,
    pub(super) cards: u16,
    /// The place of its test among all.
    pub(super) test: u8,
}

/// The place by name of the test that is at a place among all.
pub(super) fn by_name(test: usize) -> u8 {
    let name = TESTS.get(test).map(|test| test.about().id);
    TESTS.iter().filter(|test| Some(test.about().id) < name).count() as u8
}

type Written = [Word; 3];

/// Leads of a piece.
const TOGETHER: usize = PIECE / size_of::<Written>();

impl Waiting {
    fn written(&self) -> Written {
        let [a, b] = self.file.to_le_bytes();
        let [c, d] = self.card.to_le_bytes();
        let [e, f] = self.cards.to_le_bytes();
        let words = [
            u64::from(self.time) | u64::from(self.row) << 32,
            u64::from(self.piece) | u64::from(u32::from_le_bytes([a, b, c, d])) << 32,
            u64::from_le_bytes([e, f, self.plain as u8, self.name, self.test, 0, 0, 0]),
        ];
        words.map(u64::to_le_bytes)
    }

    fn read(written: &Written) -> Self {
        let [when, place, rest] = written.map(u64::from_le_bytes);
        let [_, _, _, _, a, b, c, d] = place.to_le_bytes();
        let [e, f, plain, name, test, ..] = rest.to_le_bytes();
        Self {
            plain: Plain::ALL.get(usize::from(plain)).copied().unwrap_or_default(),
            name,
            time: when as u32,
            file: u16::from_le_bytes([a, b]),
            row: (when >> 32) as u32,
            piece: place as u32,
            card: u16::from_le_bytes([c, d]),
            cards: u16::from_le_bytes([e, f]),
            test,
        }
    }
}

/// Leads in their order, written down.
pub(super) struct Run {
    pieces: Vec<u32>,
    length: usize,
}

impl Run {
    /// Puts leads in order, and writes them down.
    pub(super) fn new(scratch: &Scratch, mut leads: Vec<Waiting>) -> io::Result<Self> {
        leads.sort_unstable();
        let write = |some: &[Waiting]| {
            let written: Vec<Written> = some.iter().map(Waiting::written).collect();
            let piece = scratch.piece();
            scratch.write(written.as_flattened(), piece)?;
            Ok(piece)
        };
        let pieces = leads.chunks(TOGETHER).map(write).collect::<io::Result<Vec<u32>>>()?;
        Ok(Self { pieces, length: leads.len() })
    }
}

/// The leads of some runs, in their order.
pub(super) struct InOrder<'a> {
    scratch: &'a Scratch,
    runs: Vec<Rest<'a>>,
}

/// What of a run is still to come.
struct Rest<'a> {
    pieces: &'a [u32],
    length: usize,
    at_hand: vec::IntoIter<Waiting>,
}

impl<'a> InOrder<'a> {
    pub(super) fn new(scratch: &'a Scratch, runs: &'a [Run]) -> Self {
        let rest = |run: &'a Run| Rest {
            pieces: &run.pieces,
            length: run.length,
            at_hand: Vec::new().into_iter(),
        };
        Self { scratch, runs: runs.iter().map(rest).collect() }
    }
}

impl Iterator for InOrder<'_> {
    type Item = io::Result<Waiting>;

    fn next(&mut self) -> Option<Self::Item> {
        for run in &mut self.runs {
            if let Err(error) = run.fill(self.scratch) {
                self.runs.clear();
                return Some(Err(error));
            }
        }
        let first = |run: &Rest<'_>| run.at_hand.as_slice().first().copied();
        let runs = self.runs.iter_mut().filter(|run| first(run).is_some());
        runs.min_by_key(|run| first(run))?.at_hand.next().map(Ok)
    }
}

impl Rest<'_> {
    /// Reads the next piece, if nothing is at hand.
    fn fill(&mut self, scratch: &Scratch) -> io::Result<()> {
        if !self.at_hand.as_slice().is_empty() {
            return Ok(());
        }
        let Some((piece, others)) = self.pieces.split_first() else { return Ok(()) };
        let mut written = vec![Written::default(); self.length.min(TOGETHER)];
        scratch.read(written.as_flattened_mut(), *piece, 0)?;
        (self.pieces, self.length) = (others, self.length.saturating_sub(TOGETHER));
        self.at_hand = written.iter().map(Waiting::read).collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn waiting() -> impl Strategy<Value = Waiting> {
        let plain = || select(Plain::ALL.to_vec());
        let few = (plain(), 0_u8..3, 0_u32..3, 0_u16..3, 0_u32..3);
        let all = (plain(), any::<u8>(), any::<u32>(), any::<u16>(), any::<u32>());
        let rest = any::<(u32, u16, u16, u8)>();
        (prop_oneof![few, all], rest).prop_map(
            |((plain, name, time, file, row), (piece, card, cards, test))| Waiting {
                plain,
                name,
                time,
                file,
                row,
                piece,
                card,
                cards,
                test,
            },
        )
    }

    #[test]
    fn a_failing_file_is_told_once() {
        let scratch = Scratch::new(Box::new(tempfile::tempfile().unwrap()));
        let runs = [Run { pieces: vec![0], length: 3 }];
        let told: Vec<_> = InOrder::new(&scratch, &runs).take(2).collect();
        assert!(matches!(told.as_slice(), [Err(_)]), "nothing was written there");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Leads come in their order, however they were parted.
        #[test]
        fn runs_are_one(
            parts in prop::collection::vec(prop::collection::vec(waiting(), 0..1_500), 0..4),
        ) {
            let scratch = Scratch::new(Box::new(tempfile::tempfile().unwrap()));
            let runs: Vec<Run> =
                parts.iter().map(|part| Run::new(&scratch, part.clone()).unwrap()).collect();
            let told: Vec<_> = InOrder::new(&scratch, &runs).map(Result::unwrap).collect();
            let mut expected = parts.concat();
            expected.sort_by_key(|it| (it.plain, it.name, it.time, it.file, it.row));
            let key = |it: &Waiting| (it.plain, it.name, it.time, it.file, it.row);
            prop_assert!(told.iter().map(key).eq(expected.iter().map(key)));
            let (mut told, mut expected) = (told, expected);
            told.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(told, expected);
        }
    }
}
