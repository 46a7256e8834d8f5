//! What texts that repeat were read as, looked up for many records together.

use fearless_simd::{Level, Simd, dispatch};

use super::super::cut::Cut;
use super::super::layout::Field;
use super::super::memo::{Asked, hashed_within};
use super::super::read::Wanted;
use super::super::row::Hasher;
use super::super::said::Known;
use super::{Maker, chosen};

/// What was looked up for some rows before they are made.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) agencies: Asked<u64>,
    pub(super) accounts: Asked<(u64, u8)>,
    pub(super) reasons: Asked<u64>,
}

impl Maker<'_> {
    /// Looks up what is known of some records of a CSV file, before rows are made of them.
    #[inline]
    pub(in crate::log) fn look_up(&mut self, bytes: &[u8], cuts: &[Cut<'_>]) {
        let mut looked = std::mem::take(&mut self.looked);
        dispatch!(Level::new(), simd => self.look(simd, bytes, cuts, &mut looked));
        self.looked = looked;
    }

    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, bytes: &[u8], cuts: &[Cut<'_>], looked: &mut Looked) {
        let place = |field: Field| self.places.of(field);
        let hasher = self.common.hasher;
        if let Some(at) = place(Field::Host).or(place(Field::Agency)) {
            let hashes = cuts.iter().map(|cut| hash_of(hasher, bytes, *cut, at));
            looked.agencies.ask(simd, &self.agencies, hashes);
        }
        if let Some(at) = place(Field::Account).filter(|_| self.wanted == Wanted::Rows) {
            let hashes = cuts.iter().map(|cut| hash_of(hasher, bytes, *cut, at));
            looked.accounts.ask(simd, &self.accounts, hashes);
        }
        match (place(Field::Event), place(Field::Category), place(Field::Reason)) {
            (None, None, Some(at)) => {
                let hash = |cut: &Cut<'_>| self.told_apart(hash_of(hasher, bytes, *cut, at));
                looked.reasons.ask(simd, &self.reasons, cuts.iter().map(hash));
            }
            (None, category, reason) => {
                let hashes = cuts.iter().map(|cut| {
                    let cell = |at: usize| cut.cell(bytes, at).map(|cell| cell.inner(bytes));
                    self.hash_of_reason(chosen(category.and_then(cell)), reason.and_then(cell))
                });
                looked.reasons.ask(simd, &self.reasons, hashes);
            }
            // What an event says is written down before it is hashed.
            _ => {}
        }
    }

    /// What reasons that stand alone were read as. They stand end to end, and each ends somewhere.
    pub(in crate::log) fn readings(
        &mut self,
        texts: &[u8],
        ends: &[usize],
        mut each: impl FnMut(usize, Known),
    ) {
        let mut asked = std::mem::take(&mut self.looked.reasons);
        let text = |at: usize| {
            let start = at.checked_sub(1).and_then(|before| ends.get(before));
            start.copied().unwrap_or(0)..ends.get(at).copied().unwrap_or(0)
        };
        let hashed = |at| self.told_apart(hashed_within(self.common.hasher, texts, text(at)));
        let reasons = &self.reasons;
        dispatch!(Level::new(), simd => asked.ask(simd, reasons, (0..ends.len()).map(hashed)));
        for at in 0..ends.len() {
            let known = asked.value(at, &self.reasons).map(Known::unpacked);
            each(at, known.unwrap_or_else(|| self.reason(None, texts.get(text(at)))));
        }
        self.looked.reasons = asked;
    }
}

/// The hash of what a cell has in it.
#[inline(always)]
fn hash_of(hasher: &Hasher, bytes: &[u8], cut: Cut<'_>, at: usize) -> u64 {
    let cell = cut.cell(bytes, at).map(|cell| cell.within(bytes));
    hashed_within(hasher, bytes, cell.unwrap_or_default())
}
