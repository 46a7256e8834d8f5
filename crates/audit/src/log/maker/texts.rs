//! What texts that repeat are read as, each once: agencies, accounts, reasons.

use std::borrow::Cow;

use super::super::cell::{State, inactive};
use super::super::layout::Field;
use super::super::memo::hashed;
use super::super::names::Names;
use super::super::read::Wanted;
use super::super::row::{Common, Mark};
use super::super::said::Known;
use super::{Maker, agency_of, chosen};

/// Distinct reasons and agencies that one reader remembers; past it, it starts anew.
const REMEMBERED: usize = 1 << 16;

impl Maker<'_> {
    /// The number of the agency, and what its name says of it. A cell that is not there says what
    /// an empty one does.
    #[inline]
    pub(super) fn agency(&mut self, cell: Option<&[u8]>, known: Option<u64>) -> (u32, u8) {
        let cell = cell.unwrap_or_default();
        let known = known.or_else(|| self.agencies.get(self.hash_of_text(cell)));
        match known {
            Some(known) => agency_of(known),
            None => self.new_agency(cell),
        }
    }

    #[cold]
    fn new_agency(&mut self, cell: &[u8]) -> (u32, u8) {
        let (hash, state) = (self.hash_of_text(cell), State::of(cell));
        // A log without the column is of the agency itself; where it is there and says nothing,
        // nobody knows who searched.
        let name: Cow<'_, [u8]> = match state {
            State::Value => self.unquoted(cell.trim_ascii()),
            _ if !self.names_agencies() => self.common.own.as_bytes().into(),
            state => format!("(agency: {})", state.word()).into_bytes().into(),
        };
        let name = String::from_utf8_lossy(&name);
        let federal = if name.starts_with("[Federal]") { Mark::Federal as u8 } else { 0 };
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let no_agency = if is_number { Mark::NoAgency as u8 } else { 0 };
        let number = self.common.names.number(&name);
        let marks = federal | no_agency | inactive(name.as_bytes());
        self.agencies.put(hash, u64::from(number) | u64::from(marks) << 32, REMEMBERED);
        (number, marks)
    }

    /// Whether there is a column for the agency that searched.
    pub(super) fn names_agencies(&self) -> bool {
        [Field::Host, Field::Agency].into_iter().any(|field| self.places.of(field).is_some())
    }

    pub(super) fn account(&mut self, cell: Option<&[u8]>) -> (u64, u8) {
        let cell = cell.unwrap_or_default();
        let hash = self.hash_of_text(cell);
        match self.accounts.get(hash) {
            Some(known) => known,
            None => self.new_account(hash, cell),
        }
    }

    #[cold]
    fn new_account(&mut self, hash: u64, cell: &[u8]) -> (u64, u8) {
        let known = match State::of(cell) {
            State::Value => (self.common.key.token(b'a', cell), inactive(cell)),
            _ => (0, 0),
        };
        self.accounts.put(hash, known, REMEMBERED);
        known
    }

    fn hash_of_text(&self, text: &[u8]) -> u64 {
        hashed(self.common.hasher, text)
    }

    pub(super) fn hash_of_reason(&self, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> u64 {
        // A reason that is not there is remembered apart from one that is empty.
        let mut hash = reason.map_or(0, |reason| self.hash_of_text(reason));
        if let Some(category) = chosen {
            hash = hash.rotate_left(1) ^ self.hash_of_text(category);
        }
        self.told_apart(hash)
    }

    /// The same bytes are another text where quotes are doubled, and readings are shared.
    #[inline]
    pub(super) fn told_apart(&self, hash: u64) -> u64 {
        if self.doubled { !hash } else { hash }
    }

    pub(in crate::log) fn reason(
        &mut self,
        category: Option<&[u8]>,
        reason: Option<&[u8]>,
    ) -> Known {
        let chosen = chosen(category);
        let hash = self.hash_of_reason(chosen, reason);
        match self.reasons.get(hash) {
            Some(known) => Known::unpacked(known),
            None => self.new_reason(hash, chosen, reason),
        }
    }

    #[cold]
    fn new_reason(&mut self, hash: u64, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> Known {
        let names = self.common.names;
        let known = names.reading(hash).unwrap_or_else(|| {
            let known = self.read(chosen, reason);
            names.remember(hash, known);
            known
        });
        self.reasons.put(hash, known.packed(), REMEMBERED);
        known
    }

    fn read(&self, chosen: Option<&[u8]>, reason: Option<&[u8]>) -> Known {
        let cell = reason.unwrap_or_default();
        let (text, state) = match chosen {
            None => (self.unquoted(cell), reason.map_or(State::NotExported, State::of)),
            Some(category) => {
                let text = [category, b" - ", cell].concat();
                let is_blank = cell.trim_ascii().is_empty();
                let state = if is_blank { State::Value } else { State::of(cell) };
                (self.unquoted(&text).into_owned().into(), state)
            }
        };
        let text = String::from_utf8_lossy(&text);
        let reading = self.common.rules.reading(&text);
        let number = match self.wanted {
            Wanted::Rows => self.common.names.reason_number(&text),
            Wanted::Reasons => Names::NOT_KEPT,
        };
        let mut marks = if reading.has_case_number { Mark::Case as u8 } else { 0 };
        let Common { key, cases, names, .. } = self.common;
        if self.wanted == Wanted::Rows
            && !cases.is_empty()
            && let Some(case) = cases.first_in(key, text.as_bytes())
        {
            names.put_case(number, case);
            marks |= Mark::Known as u8;
        }
        Known { number, class: reading.class, plain: reading.plain, state, marks }
    }
}
