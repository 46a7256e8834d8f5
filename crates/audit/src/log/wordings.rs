//! What reasons say, word by word, each known by a number.
//!
//! - In: texts, from any thread.
//! - Out: a number of each, and the text of a number.
//! - Absent: a limit on how many there are. Those that memory has no place for go to a file, where
//!   one may stand twice: finding it again would take a table of all of them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::sync::{Arc, Mutex};

use super::row::Hasher;
use crate::locked;
use crate::scratch::{ScratchFile, changed};

/// What texts in memory may take.
const MOST_BYTES: usize = 24 << 20;

/// Bytes of what goes to the file together.
const TOGETHER: usize = 1 << 16;

/// Texts in the file start at multiples of so many bytes, so that a number tells the place.
const STEP: u64 = 16;

/// Bytes before each text there.
const HEAD: usize = 8;

/// The bit of a number that tells a place in the file.
const IN_FILE: u32 = 1 << 31;

/// Texts and their numbers. The numbers depend on who was first; only the texts may be shown or
/// sorted by.
#[derive(Default)]
pub(super) struct Wordings {
    held: Mutex<Held>,
    file: Option<ScratchFile>,
    hasher: Hasher,
    most: Option<usize>,
}

#[derive(Default)]
struct Held {
    numbers: HashMap<Arc<str>, u32, Hasher>,
    texts: Vec<Arc<str>>,
    bytes: usize,
    /// Bytes that are in the file, and those that are to follow them.
    written: u64,
    next: Vec<u8>,
    failed: Option<io::Error>,
}

impl Wordings {
    /// With a file for those that memory has no place for.
    pub(super) fn over(file: ScratchFile) -> Self {
        Self { file: Some(file), ..Self::default() }
    }

    /// The number of a text, which comes back by it unless the file fails.
    pub(super) fn number(&self, text: &str) -> u32 {
        let mut held = locked(&self.held);
        if let Some(number) = held.numbers.get(text) {
            return *number;
        }
        if held.bytes >= self.most.unwrap_or(MOST_BYTES) {
            return self.put_away(&mut held, text).unwrap_or_else(|error| {
                held.failed.get_or_insert(error);
                u32::MAX
            });
        }
        // The text, and what the two tables take beside it.
        held.bytes = held.bytes.saturating_add(text.len()).saturating_add(96);
        let number = u32::try_from(held.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        held.texts.push(Arc::clone(&text));
        held.numbers.insert(text, number);
        number
    }

    fn put_away(&self, held: &mut Held, text: &str) -> io::Result<u32> {
        let file = self.file.as_ref().ok_or_else(|| {
            io::Error::other("there is no file for reasons that memory has no place for")
        })?;
        let place = held.written.saturating_add(held.next.len() as u64) / STEP;
        let number = u32::try_from(place).ok().filter(|place| *place < IN_FILE - 1);
        let number = number.ok_or_else(|| {
            io::Error::other("there are more different reasons than it has place for (32 GB)")
        })?;
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        held.next.extend_from_slice(&length.to_le_bytes());
        held.next.extend_from_slice(&self.mark(number, text.as_bytes()).to_le_bytes());
        held.next.extend_from_slice(text.as_bytes());
        let whole = held.next.len().next_multiple_of(STEP as usize);
        held.next.resize(whole, 0);
        if whole >= TOGETHER {
            file.write_all_at(&held.next, held.written)?;
            held.written = held.written.saturating_add(whole as u64);
            held.next.clear();
        }
        Ok(number | IN_FILE)
    }

    /// The text of a number.
    ///
    /// # Errors
    /// If the file fails, or has something else there.
    pub(super) fn text(&self, number: u32) -> io::Result<Arc<str>> {
        let held = locked(&self.held);
        if number & IN_FILE == 0 {
            return held.texts.get(number as usize).cloned().ok_or_else(changed);
        }
        let place = u64::from(number & !IN_FILE).saturating_mul(STEP);
        if let Some(from) = place.checked_sub(held.written) {
            let from = usize::try_from(from).ok().and_then(|from| held.next.get(from..));
            let (head, rest) = from.and_then(<[u8]>::split_first_chunk).ok_or_else(changed)?;
            let (length, mark) = of_head(*head);
            let text = rest.get(..length as usize).ok_or_else(changed)?;
            return self.said(number, mark, text);
        }
        let written = held.written;
        drop(held);
        let file = self.file.as_ref().ok_or_else(changed)?;
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, place)?;
        let ((length, mark), place) = (of_head(head), place.saturating_add(HEAD as u64));
        // A file that gives back other bytes must not ask for any amount of memory.
        if place.saturating_add(length.into()) > written {
            return Err(changed());
        }
        let mut text = vec![0; length as usize];
        file.read_exact_at(&mut text, place)?;
        self.said(number, mark, &text)
    }

    /// By what it is seen whether a text is the one that was put there.
    fn mark(&self, place: u32, text: &[u8]) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(place & !IN_FILE);
        hasher.write(text);
        hasher.finish() as u32
    }

    fn said(&self, place: u32, mark: u32, text: &[u8]) -> io::Result<Arc<str>> {
        let text = Some(text).filter(|text| self.mark(place, text) == mark);
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        text.map(Arc::from).ok_or_else(changed)
    }

    /// A number that is the same for two numbers of one text, and else another. If the file fails
    /// it may be wrong, and [`Self::check`] says so.
    pub(super) fn same(&self, number: u32) -> u64 {
        if number & IN_FILE == 0 {
            return number.into();
        }
        match self.text(number) {
            Ok(text) => {
                let mut hasher = self.hasher.build_hasher();
                hasher.write(text.as_bytes());
                hasher.finish() | 1 << 63
            }
            Err(error) => {
                locked(&self.held).failed.get_or_insert(error);
                number.into()
            }
        }
    }

    /// Whether two numbers are of one text.
    pub(super) fn are_same(&self, one: u32, other: u32) -> bool {
        one == other || one & other & IN_FILE != 0 && self.same(one) == self.same(other)
    }

    /// Says what failed so far.
    ///
    /// # Errors
    /// If the file did.
    pub(super) fn check(&self) -> io::Result<()> {
        locked(&self.held).failed.take().map_or(Ok(()), Err)
    }
}

/// The length of a text, and its mark.
fn of_head(head: [u8; HEAD]) -> (u32, u32) {
    let head = u64::from_le_bytes(head);
    (head as u32, (head >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every text comes back by its number, wherever it waits; and two numbers are of one text
        /// if the texts are the same.
        #[test]
        fn texts_come_back(
            texts in prop::collection::vec("[a-c]{0,3}|é{9000,12000}", 0..60),
            most in prop_oneof![Just(0_usize), Just(500), Just(1 << 20)],
        ) {
            let file: ScratchFile = Box::new(tempfile::tempfile().unwrap());
            let wordings = Wordings { most: Some(most), ..Wordings::over(file) };
            let numbers: Vec<u32> = texts.iter().map(|text| wordings.number(text)).collect();
            for (text, number) in texts.iter().zip(&numbers) {
                prop_assert_eq!(&*wordings.text(*number).unwrap(), text.as_str());
                for (other, its) in texts.iter().zip(&numbers) {
                    prop_assert_eq!(wordings.are_same(*number, *its), text == other);
                    prop_assert_eq!(wordings.same(*number) == wordings.same(*its), text == other);
                }
            }
            prop_assert!(wordings.check().is_ok());
            let (mut kept, mut bytes) = (std::collections::BTreeSet::new(), 0);
            for (text, number) in texts.iter().zip(&numbers) {
                let away = bytes >= most && !kept.contains(text);
                if !away && kept.insert(text) {
                    bytes += text.len() + 96;
                }
                prop_assert_eq!(number & IN_FILE != 0, away);
            }
        }
    }

    #[test]
    fn without_a_file_it_is_said() {
        let wordings = Wordings { most: Some(1), ..Wordings::default() };
        let (kept, lost) = (wordings.number("theft"), wordings.number("arson"));
        assert_eq!(&*wordings.text(kept).unwrap(), "theft");
        assert!(wordings.text(lost).is_err());
        assert!(wordings.check().unwrap_err().to_string().contains("no file"));
    }
}
