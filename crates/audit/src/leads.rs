//! The leads of an audit, in their order: as good as nothing of them in memory, the rest in the
//! scratch file.
//!
//! - In: groups that a test calls leads, from any thread.
//! - Out: [`Leads`], told one after the other, as often as they are asked for.
//! - Absent: a limit on how many there are. A log of a hundred million rows may have some hundred
//!   thousand, and each tells of up to [`SHOWN`] rows.

mod card;
mod waiting;

use std::io;
use std::sync::Arc;

use card::{Card, HEADS, card_of, group, heads};
use waiting::{InOrder, Run, Waiting, by_name};

use crate::checks::{Context, Group, GroupKey, Place, SHOWN, TESTS, Test};
use crate::finding::{Finding, Findings};
use crate::log::Key;
use crate::reason::Plain;
use crate::run::CannotAudit;
use crate::scratch::{GivenBack, PIECE, Scratch, changed};

/// The leads of an audit: the plainest first, then by test, time and place.
pub struct Leads<'c> {
    context: &'c Context<'c>,
    /// What they are named under.
    key: Key,
    /// The SHA-256 of each file.
    files: Vec<Arc<str>>,
    scratch: Scratch,
    /// That of rows, which nobody needs any more.
    _given_back: GivenBack,
    runs: Vec<Run>,
    counts: [u64; TESTS.len()],
}

/// Leads that one thread found.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Those that are in order already, run by run, and the others.
    runs: Vec<Run>,
    waiting: Vec<Waiting>,
    /// How many there are of each test.
    counts: [u64; TESTS.len()],
    /// Cards that are not written yet, and the piece they are for.
    cards: Vec<Card>,
    piece: u32,
}

/// Leads of a thread that are put in order together.
const RUN: usize = 1 << 15;

/// Cards of a piece.
const CARDS: usize = PIECE / size_of::<Card>();

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
        let cards = group.first.len().saturating_add(HEADS);
        if self.cards.is_empty() || self.cards.len().saturating_add(cards) > CARDS {
            self.write(scratch)?;
            self.piece = scratch.piece();
        }
        let Place { time, file, row, .. } = first.place;
        let (piece, card, cards) = (self.piece, self.cards.len() as u16, cards as u16);
        let name = by_name(test);
        let test = test as u8;
        self.waiting.push(Waiting { plain, name, time, file, row, piece, card, cards, test });
        if let Some(count) = self.counts.get_mut(usize::from(test)) {
            *count = count.saturating_add(1);
        }
        self.cards.extend(heads(key, group));
        self.cards.extend(group.first.iter().map(card_of));
        if self.waiting.len() >= RUN {
            self.end_run(scratch)?;
        }
        Ok(())
    }

    fn end_run(&mut self, scratch: &Scratch) -> io::Result<()> {
        self.runs.push(Run::new(scratch, std::mem::take(&mut self.waiting))?);
        Ok(())
    }

    fn write(&mut self, scratch: &Scratch) -> io::Result<()> {
        scratch.write(self.cards.as_flattened(), self.piece)?;
        self.cards.clear();
        Ok(())
    }
}

impl<'c> Leads<'c> {
    /// Those that all threads found in files with these hashes, named under a key.
    pub(crate) fn new(
        (context, key): (&'c Context<'c>, &Key),
        files: &[String],
        (scratch, _given_back): (Scratch, GivenBack),
        shelves: Vec<Shelf>,
    ) -> io::Result<Self> {
        let (mut runs, mut counts) = (Vec::new(), [0_u64; TESTS.len()]);
        for mut shelf in shelves {
            shelf.write(&scratch)?;
            shelf.end_run(&scratch)?;
            runs.append(&mut shelf.runs);
            for (count, of_shelf) in counts.iter_mut().zip(shelf.counts) {
                *count = count.saturating_add(of_shelf);
            }
        }
        let files = files.iter().map(|file| file.as_str().into()).collect();
        let key = key.clone();
        Ok(Self { context, key, files, scratch, _given_back, runs, counts })
    }

    /// How many there are of each of [`TESTS`].
    pub(crate) fn counts(&self) -> [u64; TESTS.len()] {
        self.counts
    }

    /// Tells them, in their order.
    ///
    /// # Errors
    /// A scratch file that fails, a law that cannot be asked; then nothing that was told before may
    /// be used.
    pub fn iter(&self) -> impl Iterator<Item = Result<Finding, CannotAudit>> {
        let mut findings = Findings::new(self.context, &self.key, &self.files);
        let waiting = InOrder::new(&self.scratch, &self.runs);
        waiting.map(move |waiting| self.told(&waiting?, &mut findings))
    }

    fn told(&self, waiting: &Waiting, findings: &mut Findings<'_>) -> Result<Finding, CannotAudit> {
        let (mut all, from) = ([Card::default(); SHOWN + HEADS], usize::from(waiting.card));
        let cards = all.get_mut(..usize::from(waiting.cards)).unwrap_or_default();
        self.scratch.read(
            cards.as_flattened_mut(),
            waiting.piece,
            from.saturating_mul(size_of::<Card>()),
        )?;
        let (key, group) = group(cards);
        let first = group.first.first().map(|hit| (hit.place.time, hit.place.file, hit.place.row));
        let is_same = first == Some((waiting.time, waiting.file, waiting.row));
        // A test says the same of a group whenever it is asked.
        let test = TESTS.get(usize::from(waiting.test)).filter(|_| is_same);
        let lead = |test: &&dyn Test| Some((test.about(), test.lead(&group, self.context)?));
        let Some((about, lead)) = test.and_then(lead) else {
            return Err(changed().into());
        };
        findings.finding(about, &key, &group, lead)
    }
}
