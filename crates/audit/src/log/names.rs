//! Texts that repeat, each kept once and known by a number: agencies, and what reasons say.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use super::memo::Memo;
use super::row::Hasher;
use super::said::Known;
use super::wordings::Wordings;
use crate::locked;
use crate::scratch::ScratchFile;

/// Agencies and reasons and their numbers, shared by all who read. The numbers depend on who was
/// first; only the texts may be shown or sorted by.
#[derive(Default)]
pub struct Names {
    held: Mutex<Held>,
    wordings: Wordings,
    readings: Mutex<Memo<u64>>,
    /// Cases that the register knows, of reasons that have the number of one.
    cases: Mutex<HashMap<u32, u64>>,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names(…)")
    }
}

#[derive(Debug, Default)]
struct Held {
    numbers: HashMap<Arc<str>, u32, Hasher>,
    texts: Vec<Arc<str>>,
    bytes: usize,
    too_many: bool,
}

/// What all names of agencies may take together: some hundred thousand of them, where there are
/// some eighteen thousand police agencies in the country.
const MOST_BYTES: usize = 16 << 20;

/// Readings that are shared; others are made by each thread for itself.
const MOST_READINGS: usize = 1 << 18;

impl Names {
    /// The number of an agency that could not be kept, or of a reason that nobody wants to know.
    pub const NOT_KEPT: u32 = u32::MAX;

    /// With a file in which reasons wait that memory has no place for; without one there is an
    /// error as soon as there are too many.
    pub fn over(file: ScratchFile) -> Self {
        Self { wordings: Wordings::over(file), ..Self::default() }
    }

    /// The number of an agency.
    pub fn number(&self, text: &str) -> u32 {
        let mut held = locked(&self.held);
        if let Some(number) = held.numbers.get(text) {
            return *number;
        }
        if held.bytes >= MOST_BYTES {
            held.too_many = true;
            return Self::NOT_KEPT;
        }
        // The text, and what the two tables take beside it.
        held.bytes = held.bytes.saturating_add(text.len()).saturating_add(96);
        let number = u32::try_from(held.texts.len()).unwrap_or(Self::NOT_KEPT);
        let text: Arc<str> = text.into();
        held.texts.push(Arc::clone(&text));
        held.numbers.insert(text, number);
        number
    }

    /// The agency of a number.
    pub fn text(&self, number: u32) -> Option<Arc<str>> {
        locked(&self.held).texts.get(number as usize).cloned()
    }

    /// The number of what a reason says. A text may have several.
    pub fn reason_number(&self, text: &str) -> u32 {
        self.wordings.number(text)
    }

    /// What the reason of a number says.
    ///
    /// # Errors
    /// If the file of reasons fails.
    pub fn reason(&self, number: u32) -> io::Result<Arc<str>> {
        self.wordings.text(number)
    }

    /// A number that two reasons have in common only if they say the same.
    pub(super) fn same_reason(&self, number: u32) -> u64 {
        self.wordings.same(number)
    }

    /// The case in a reason that the register knows.
    pub(super) fn case_of(&self, reason: u32) -> Option<u64> {
        locked(&self.cases).get(&reason).copied()
    }

    /// Remembers it.
    pub(super) fn put_case(&self, reason: u32, case: u64) {
        locked(&self.cases).insert(reason, case);
    }

    /// Whether two reasons say the same.
    pub(super) fn are_same(&self, one: u32, other: u32) -> bool {
        self.wordings.are_same(one, other)
    }

    /// Says whether the file of reasons failed so far.
    ///
    /// # Errors
    /// If it did; what was read by these names is then not to be used.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.wordings.check()
    }

    /// Whether there are more agencies than could be kept; what was read is then not to be used.
    pub(super) fn too_many(&self) -> Option<usize> {
        let held = locked(&self.held);
        held.too_many.then_some(held.texts.len())
    }

    /// How a reason was read by whichever thread met it first, by its hash.
    pub(super) fn reading(&self, hash: u64) -> Option<Known> {
        let readings = locked(&self.readings);
        readings.get(hash).map(Known::unpacked)
    }

    /// Remembers how a reason was read.
    pub(super) fn remember(&self, hash: u64, known: Known) {
        let mut readings = locked(&self.readings);
        if readings.len() < MOST_READINGS {
            readings.put(hash, known.packed(), MOST_READINGS);
        }
    }
}
