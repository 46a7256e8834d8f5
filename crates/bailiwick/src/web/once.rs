//! Forms that are sent twice: a second click, a page that is sent again. What was recorded from
//! one is not recorded once more.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// How many forms are remembered.
const MOST: usize = 4_096;

/// The marks of forms, each with the entry that was recorded from it; the oldest first.
#[derive(Default)]
pub struct Once(Mutex<VecDeque<(String, u64)>>);

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

    /// The entry that was recorded from a form.
    pub fn recorded(&self, mark: &str) -> Option<u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|it| it.0 == mark).map(|it| it.1)
    }

    /// Notes that an entry was recorded from a form.
    pub fn note(&self, mark: &str, entry: u64) {
        if mark.is_empty() || mark.len() > 64 {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back((mark.to_owned(), entry));
        while all.len() > MOST {
            all.pop_front();
        }
    }
}
