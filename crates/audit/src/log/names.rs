//! Texts that repeat, each kept once and known by a number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::memo::Memo;
use super::row::Hasher;
use super::said::Known;
use crate::locked;

/// Texts and their numbers, shared by all who read. The numbers depend on who was first; only the
/// texts may be shown or sorted by.
#[derive(Debug, Default)]
pub struct Names {
    held: Mutex<Held>,
    readings: Mutex<Memo<u64>>,
}

#[derive(Debug, Default)]
struct Held {
    numbers: HashMap<Arc<str>, u32, Hasher>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

/// What all texts together may take; from then on a new text has no number, so that a log of any
/// length is read in the same memory.
const MOST_BYTES: usize = 24 << 20;

/// Readings that are shared; others are made by each thread for itself.
const MOST_READINGS: usize = 1 << 18;

impl Names {
    /// The number of a text that could not be kept.
    pub const NOT_KEPT: u32 = u32::MAX;

    /// The number of a text.
    pub fn number(&self, text: &str) -> u32 {
        let mut held = locked(&self.held);
        if let Some(number) = held.numbers.get(text) {
            return *number;
        }
        if held.bytes >= MOST_BYTES {
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

    /// The text of a number, where it was kept.
    pub fn text(&self, number: u32) -> Option<Arc<str>> {
        locked(&self.held).texts.get(number as usize).cloned()
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

    /// How many texts there are.
    pub fn len(&self) -> usize {
        locked(&self.held).texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
