//! Forms that are sent twice: a second click, a page that is sent again. What was recorded from
//! one is not recorded once more.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, PoisonError};

use super::held;
use crate::error::{Error, Result};

/// How many forms are remembered.
const MOST: usize = 4_096;

/// The most letters of a mark; what is longer is none of ours.
const LONGEST: usize = 64;

/// The marks of forms.
#[derive(Default)]
pub struct Once {
    /// Each with the entry that was recorded from it; the oldest first.
    recorded: Mutex<VecDeque<(String, u64)>>,
    /// Those that are being recorded.
    held: Mutex<BTreeSet<String>>,
    let_go: Condvar,
}

/// A form that is being recorded: the same form, sent again meanwhile, waits until it is let go.
pub struct Held<'a> {
    once: &'a Once,
    mark: String,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        held(&self.once.held).remove(&self.mark);
        self.once.let_go.notify_all();
    }
}

impl Once {
    /// The mark of a new form.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn mark() -> Result<String> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)
            .map_err(|error| Error::File(format!("no random bits: {error}")))?;
        Ok(register::hex(&bits))
    }

    /// Holds a form while it is recorded; whoever sends another one does not wait. A form without
    /// a mark is not held.
    pub fn hold(&self, mark: &str) -> Option<Held<'_>> {
        if mark.is_empty() || mark.len() > LONGEST {
            return None;
        }
        let mut all = held(&self.held);
        while !all.insert(mark.to_owned()) {
            all = self.let_go.wait(all).unwrap_or_else(PoisonError::into_inner);
        }
        Some(Held { once: self, mark: mark.to_owned() })
    }

    /// The entry that was recorded from a form.
    pub fn recorded(&self, mark: &str) -> Option<u64> {
        held(&self.recorded).iter().find(|it| it.0 == mark).map(|it| it.1)
    }

    /// Notes that an entry was recorded from a form.
    pub fn note(&self, mark: &str, entry: u64) {
        if mark.is_empty() || mark.len() > LONGEST {
            return;
        }
        let mut all = held(&self.recorded);
        all.push_back((mark.to_owned(), entry));
        while all.len() > MOST {
            all.pop_front();
        }
    }
}
