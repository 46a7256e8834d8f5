//! The leads of an audit, in their order: a few bytes of each in memory, the rest in the scratch
//! file.
//!
//! - In: groups that a test calls leads, from any thread.
//! - Out: [`Leads`], told one after the other, as often as they are asked for.
//! - Absent: a limit on how many there are. A log of a hundred million rows may have some hundred
//!   thousand, and each tells of up to [`SHOWN`] rows.

use std::io;
use std::sync::Arc;

use law::Outcome;

use crate::checks::{Context, Group, GroupKey, Hit, Place, SHOWN, TESTS, Test, Told};
use crate::decided::{Action, Searcher};
use crate::finding::{Finding, Findings};
use crate::reason::{Class, Plain};
use crate::run::CannotAudit;
use crate::scratch::{PIECE, Scratch};

/// The leads of an audit: the plainest first, then by test, time and place.
pub struct Leads<'c> {
    context: &'c Context<'c>,
    /// The SHA-256 of each file.
    files: Vec<Arc<str>>,
    scratch: Scratch,
    order: Vec<Waiting>,
}

/// A lead that waits: what it is sorted by, and where the rest of it is.
#[derive(Clone, Copy)]
struct Waiting {
    plain: Plain,
    /// The place of its test among all.
    test: u8,
    /// When its first row was, and where that is.
    time: u32,
    file: u16,
    row: u32,
    /// A piece of the scratch file, the first card in it, and how many there are.
    piece: u32,
    card: u16,
    cards: u16,
}

/// A part of a lead that waits: its group, or one of its rows.
type Card = [u8; CARD];

const CARD: usize = 32;

/// Leads that one thread found.
#[derive(Default)]
pub(crate) struct Shelf {
    order: Vec<Waiting>,
    /// Cards that are not written yet, and the piece they are for.
    cards: Vec<Card>,
    piece: u32,
}

impl Shelf {
    /// Takes a group that the test at a place among [`TESTS`] calls a lead. One that has no hit to
    /// show is none.
    pub(crate) fn put(
        &mut self,
        scratch: &Scratch,
        (test, plain): (usize, Plain),
        key: &GroupKey,
        group: &Group,
    ) -> io::Result<()> {
        let Some(first) = group.first.first() else { return Ok(()) };
        let cards = group.first.len().saturating_add(1);
        if self.cards.is_empty() || self.cards.len().saturating_add(cards) > PIECE / CARD {
            self.write(scratch)?;
            self.piece = scratch.piece();
        }
        let Place { time, file, row, .. } = first.place;
        let (piece, card, cards) = (self.piece, self.cards.len() as u16, cards as u16);
        let test = test as u8;
        self.order.push(Waiting { plain, test, time, file, row, piece, card, cards });
        self.cards.push(head(key, group));
        self.cards.extend(group.first.iter().map(card_of));
        Ok(())
    }

    fn write(&mut self, scratch: &Scratch) -> io::Result<()> {
        scratch.write(self.cards.as_flattened(), self.piece, 0)?;
        self.cards.clear();
        Ok(())
    }
}

impl<'c> Leads<'c> {
    /// Those that all threads found in files with these hashes.
    pub(crate) fn new(
        context: &'c Context<'c>,
        files: &[String],
        scratch: Scratch,
        shelves: Vec<Shelf>,
    ) -> io::Result<Self> {
        let mut order = Vec::new();
        for mut shelf in shelves {
            shelf.write(&scratch)?;
            order.append(&mut shelf.order);
        }
        let name = |test: u8| TESTS.get(usize::from(test)).map(|test| test.about().id);
        order.sort_unstable_by_key(|it: &Waiting| {
            (it.plain, name(it.test), it.time, it.file, it.row)
        });
        let files = files.iter().map(|file| file.as_str().into()).collect();
        Ok(Self { context, files, scratch, order })
    }

    /// The test of each, by its place among [`TESTS`].
    pub(crate) fn tests(&self) -> impl Iterator<Item = usize> {
        self.order.iter().map(|lead| lead.test.into())
    }

    /// Tells them, in their order.
    ///
    /// # Errors
    /// A scratch file that fails, a law that cannot be asked; then nothing that was told before may
    /// be used.
    pub fn iter(&self) -> impl Iterator<Item = Result<Finding, CannotAudit>> {
        let mut findings = Findings::new(self.context, &self.files);
        self.order.iter().map(move |waiting| self.told(waiting, &mut findings))
    }

    fn told(&self, waiting: &Waiting, findings: &mut Findings<'_>) -> Result<Finding, CannotAudit> {
        let (mut all, from) = ([[0; CARD]; SHOWN + 1], usize::from(waiting.card));
        let cards = all.get_mut(..usize::from(waiting.cards)).unwrap_or_default();
        self.scratch.read(cards.as_flattened_mut(), waiting.piece, from.saturating_mul(CARD))?;
        let (key, group) = group(cards);
        let first = group.first.first().map(|hit| (hit.place.time, hit.place.file, hit.place.row));
        let is_same = first == Some((waiting.time, waiting.file, waiting.row));
        // A test says the same of a group whenever it is asked.
        let test = TESTS.get(usize::from(waiting.test)).filter(|_| is_same);
        let lead = |test: &&dyn Test| Some((test.about(), test.lead(&group, self.context)?));
        let Some((about, lead)) = test.and_then(lead) else {
            return Err(io::Error::other("it does not give back what was written").into());
        };
        findings.finding(about, &key, &group, lead).map_err(CannotAudit::Law)
    }
}

fn head(key: &GroupKey, group: &Group) -> Card {
    written([group.of, group.hits, key.account, key.agency.into()])
}

fn card_of(hit: &Hit) -> Card {
    let Hit { place, told } = hit;
    let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let outcome = |outcome: Option<Outcome>| outcome.map_or(0, |it| (it as u8).saturating_add(1));
    let read = [told.class as u8, told.plain as u8, told.searcher as u8, told.information];
    let law = [told.action as u8, outcome(told.outcome), outcome(told.own_law), 0];
    let [a, b] = place.file.to_le_bytes();
    written([
        two(place.time, place.row),
        two(place.line, place.reason),
        two(told.day.cast_unsigned(), u32::from_le_bytes([a, b, 0, 0])),
        two(u32::from_le_bytes(read), u32::from_le_bytes(law)),
    ])
}

fn written(words: [u64; CARD / 8]) -> Card {
    let mut card = [0; CARD];
    for (bytes, word) in card.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    card
}

fn words(card: &Card) -> [u64; CARD / 8] {
    let mut words = [0; CARD / 8];
    for (word, bytes) in words.iter_mut().zip(card.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// What [`head`] and [`card_of`] wrote.
fn group(cards: &[Card]) -> (GroupKey, Group) {
    let head = cards.first().map(words).unwrap_or_default();
    let first = cards.iter().skip(1).map(hit_of).collect();
    let [of, hits, account, agency] = head;
    (GroupKey { agency: agency as u32, account, other: 0 }, Group { of, hits, first })
}

fn hit_of(card: &Card) -> Hit {
    let high = |word: u64| (word >> 32) as u32;
    let [when, line, day, told] = words(card);
    let place = Place {
        time: when as u32,
        file: high(day) as u16,
        row: high(when),
        line: line as u32,
        reason: high(line),
    };
    let [class, plain, searcher, information, action, outcome, own_law, _] = told.to_le_bytes();
    let place_of = |byte: u8| usize::from(byte);
    let law = |byte: u8| Outcome::ALL.get(usize::from(byte.checked_sub(1)?)).copied();
    let told = Told {
        class: Class::ALL.get(place_of(class)).copied().unwrap_or_default(),
        plain: Plain::ALL.get(place_of(plain)).copied().unwrap_or_default(),
        searcher: Searcher::ALL.get(place_of(searcher)).copied().unwrap_or(Searcher::Elsewhere),
        day: (day as u32).cast_signed(),
        information,
        action: Action::ALL.get(place_of(action)).copied().unwrap_or_default(),
        outcome: law(outcome),
        own_law: law(own_law),
    };
    Hit { place, told }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn hit() -> impl Strategy<Value = Hit> {
        let place = any::<(u32, u16, u32, u32, u32)>()
            .prop_map(|(time, file, row, line, reason)| Place { time, file, row, line, reason });
        let law = || prop::option::of(select(Outcome::ALL.to_vec()));
        let read = (select(Class::ALL.to_vec()), select(Plain::ALL.to_vec()), any::<u8>());
        let who = (select(Searcher::ALL.to_vec()), select(Action::ALL.to_vec()), any::<i32>());
        (place, read, who, law(), law()).prop_map(|(place, read, who, outcome, own_law)| {
            let ((class, plain, information), (searcher, action, day)) = (read, who);
            let told = Told { class, plain, searcher, day, information, action, outcome, own_law };
            Hit { place, told }
        })
    }

    proptest! {
        /// What waits comes back as it was.
        #[test]
        fn groups_come_back(
            (of, hits, account, agency) in any::<(u64, u64, u64, u32)>(),
            first in prop::collection::vec(hit(), 1..=SHOWN),
        ) {
            let (key, whole) = (GroupKey { agency, account, other: 0 }, Group { of, hits, first });
            let rows = whole.first.iter().map(card_of);
            let cards: Vec<Card> = std::iter::once(head(&key, &whole)).chain(rows).collect();
            prop_assert_eq!(group(&cards), (key, whole));
        }
    }
}
