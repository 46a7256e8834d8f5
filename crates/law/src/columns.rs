//! Many cases at once: columns of facts to a column of outcomes.
//!
//! In: a pack, an action, one column of bytes for each fact. Out: one [`RowOutcome`] a row, the
//! same that [`crate::decide()`] has for it. Absent: grounds and words; rows that matter are
//! decided again one by one.
//!
//! The compiled law is walked once for a block of rows, not once for a row. The bytes of a column
//! are turned into planes of bits, a word for 64 rows; a set of values is a plane, every node of
//! the diagram is a plane (the rows that can come to it), and an edge is an `and` and an `or`
//! (bit-slicing, as in Knuth, *The Art of Computer Programming* 7.1.3).

mod planes;

use fearless_simd::{Level, dispatch};

use crate::CannotAnalyse;
use crate::case::Case;
use crate::decision::Outcome;
use crate::pack::Pack;
pub(crate) use planes::CODES;
use planes::{BLOCK, Planes};

/// The byte of a fact that is not known.
pub const UNKNOWN: u8 = u8::MAX;

/// Facts by column. A column has for each row the position of the fact's value in the vocabulary,
/// or [`UNKNOWN`]; a fact without a column is not known in any row.
#[derive(Clone, Debug, Default)]
pub struct Columns<'a> {
    rows: usize,
    columns: Vec<Option<&'a [u8]>>,
}

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowOutcome {
    /// What the law comes to; [`Outcome::NeedFacts`] where what is not known could change it.
    Settled(Outcome),
    /// The facts of the row contradict one another.
    Contradiction,
}

impl RowOutcome {
    /// How it is written in a column of bytes: the place in [`Outcome::ALL`], or one past it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Settled(outcome) => outcome as u8,
            Self::Contradiction => Outcome::ALL.len() as u8,
        }
    }

    /// Reads what [`RowOutcome::code`] writes.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match Outcome::ALL.get(usize::from(code)) {
            Some(outcome) => Some(Self::Settled(*outcome)),
            None => (usize::from(code) == Outcome::ALL.len()).then_some(Self::Contradiction),
        }
    }
}

impl<'a> Columns<'a> {
    /// Columns of so many rows, none given yet, for the facts of a pack's vocabulary.
    #[must_use]
    pub fn new(pack: &Pack, rows: usize) -> Self {
        Self { rows, columns: vec![None; pack.vocabulary.facts.len()] }
    }

    /// Gives the column of a fact.
    ///
    /// # Errors
    /// An unknown fact, a column of another length, a byte that is no value: with its row.
    pub fn give(&mut self, pack: &Pack, fact: &str, column: &'a [u8]) -> Result<(), String> {
        let at = pack.vocabulary.known_fact(fact)?;
        if column.len() != self.rows {
            return Err(format!(
                "the column of `{fact}` has {} rows, and the table {}",
                column.len(),
                self.rows
            ));
        }
        let values = pack.vocabulary.facts.get(at).map_or(0, |fact| fact.values.len());
        let values = u8::try_from(values).unwrap_or(UNKNOWN);
        // One past the position, so that what is not known is 0 and stands below all values.
        let past = |byte: &u8| byte.wrapping_add(1);
        let most = dispatch!(Level::new(), _ => column.iter().map(past).fold(0, u8::max));
        if most > values {
            let row = column.iter().position(|byte| past(byte) > values).unwrap_or_default();
            return Err(format!(
                "row {row} of the column of `{fact}`: there are {values} values, from 0 on"
            ));
        }
        if let Some(slot) = self.columns.get_mut(at) {
            *slot = Some(column);
        }
        Ok(())
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Decides every row: writes [`RowOutcome::code`] of each into `into`.
///
/// # Errors
/// An unknown action, a law too large to compile, or a place for another number of rows.
pub fn decide_rows(
    pack: &Pack,
    action: &str,
    columns: &Columns<'_>,
    into: &mut [u8],
) -> Result<(), CannotAnalyse> {
    if into.len() != columns.rows {
        let (given, rows) = (into.len(), columns.rows);
        return Err(format!("there is place for {given} outcomes of {rows} rows").into());
    }
    let case = Case::new(pack, action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    let program = engine.program();
    let mut planes = Planes::new(program);
    let level = Level::new();
    for (block, out) in into.chunks_mut(BLOCK).enumerate() {
        let start = block.saturating_mul(BLOCK);
        let column = |fact: usize| columns.columns.get(fact).copied().flatten()?.get(start..);
        // The same steps, compiled for the widest words that this processor has.
        dispatch!(level, simd => planes.decide(simd, program, &column, out));
    }
    Ok(())
}
