//! Many cases at once: columns of facts to a column of outcomes.
//!
//! In: a pack, an action, one column of bytes for each fact. Out: one [`RowOutcome`] a row, the
//! same that [`crate::decide()`] has for it. Absent: grounds and words; rows that matter are
//! decided again one by one.
//!
//! The compiled law is walked once for a block of rows, not once for a row: every node has a mask
//! with a byte for each row, and an edge adds the rows that take it to the mask of its child. What
//! is done to a byte is the same for all, so that the compiler does it to many at a time.

use crate::CannotAnalyse;
use crate::case::Case;
use crate::decision::Outcome;
use crate::diagram::Program;
use crate::pack::Pack;

/// Rows that are taken together: their masks stay in the nearest cache.
const BLOCK: usize = 4096;

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
        let at = pack.vocabulary.fact(fact).ok_or_else(|| format!("there is no fact `{fact}`"))?;
        if column.len() != self.rows {
            return Err(format!(
                "the column of `{fact}` has {} rows, and the table {}",
                column.len(),
                self.rows
            ));
        }
        let values = pack.vocabulary.facts.get(at).map_or(0, |fact| fact.values.len());
        let stray = |byte: &u8| *byte != UNKNOWN && usize::from(*byte) >= values;
        if let Some(row) = column.iter().position(stray) {
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
    let mut masks = Masks::new(program);
    for (block, out) in into.chunks_mut(BLOCK).enumerate() {
        let (start, end) = (block * BLOCK, block * BLOCK + out.len());
        let column = |fact: usize| {
            let column = columns.columns.get(fact).copied().flatten()?;
            column.get(start..end)
        };
        masks.run(program, &column, out);
    }
    Ok(())
}

/// The masks of a block: a byte a row for every node, and for every outcome.
struct Masks {
    nodes: Vec<Vec<u8>>,
    outcomes: Vec<Vec<u8>>,
    /// The rows that take an edge.
    taken: Vec<u8>,
    /// The rows that take some edge already looked at.
    some: Vec<u8>,
}

impl Masks {
    fn new(program: &Program) -> Self {
        let masks = |count: usize| vec![vec![0; BLOCK]; count];
        Self {
            nodes: masks(program.nodes.len()),
            outcomes: masks(Outcome::ALL.len() + 1),
            taken: vec![0; BLOCK],
            some: vec![0; BLOCK],
        }
    }

    /// Walks the nodes from the root on; every node stands after all that lead to it.
    fn run<'c>(
        &mut self,
        program: &Program,
        column: &dyn Fn(usize) -> Option<&'c [u8]>,
        out: &mut [u8],
    ) {
        let rows = out.len();
        self.nodes.iter_mut().chain(&mut self.outcomes).for_each(|mask| mask.fill(0));
        self.mask(program.root).fill(u8::MAX);
        for (at, node) in program.nodes.iter().enumerate() {
            let mine = std::mem::take(self.nodes.get_mut(at).unwrap_or(&mut Vec::new()));
            let mut taken = std::mem::take(&mut self.taken);
            let mut some = std::mem::take(&mut self.some);
            match column(node.fact) {
                // Nobody knows it: every row takes every edge.
                None => {
                    for edge in &node.edges {
                        add(self.mask(edge.to), &mine, rows);
                    }
                }
                Some(values) => {
                    some.fill(0);
                    for (place, edge) in node.edges.iter().enumerate() {
                        if place + 1 == node.edges.len() {
                            rest(&mut taken, &mine, &some);
                        } else {
                            take(&mut taken, &mut some, &mine, values, &edge.values);
                        }
                        add(self.mask(edge.to), &taken, rows);
                    }
                }
            }
            (self.taken, self.some) = (taken, some);
            if let Some(slot) = self.nodes.get_mut(at) {
                *slot = mine;
            }
        }
        self.tell(out);
    }

    fn mask(&mut self, at: Target) -> &mut [u8] {
        match at {
            Target::Node(node) => self.nodes.get_mut(node).map_or(&mut [], Vec::as_mut_slice),
            Target::Outcome(code) => self.outcomes.get_mut(code).map_or(&mut [], Vec::as_mut_slice),
        }
    }

    /// One outcome reached is the row's; several need facts; none but the impossible is a
    /// contradiction.
    fn tell(&self, out: &mut [u8]) {
        let contradiction = RowOutcome::Contradiction.code();
        out.fill(contradiction);
        for (code, mask) in (0_u8..).zip(&self.outcomes).take(Outcome::ALL.len()) {
            for (out, reached) in out.iter_mut().zip(mask) {
                let first = u8::from(*out == contradiction).wrapping_neg();
                let word = (code & first) | (Outcome::NeedFacts as u8 & !first);
                *out = (word & reached) | (*out & !reached);
            }
        }
    }
}

/// The node or the outcome that an edge leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Node(usize),
    /// A [`RowOutcome::code`].
    Outcome(usize),
}

fn add(into: &mut [u8], taken: &[u8], rows: usize) {
    into.iter_mut().zip(taken).take(rows).for_each(|(into, taken)| *into |= taken);
}

/// The rows of a node that take an edge: those with one of its values, and those not known.
fn take(taken: &mut [u8], some: &mut [u8], mine: &[u8], column: &[u8], values: &[u8]) {
    let hit = |byte: u8, value: u8| u8::from(byte == value).wrapping_neg();
    let cells = taken.iter_mut().zip(some.iter_mut()).zip(mine).zip(column);
    match values {
        [one] => cells.for_each(|(((taken, some), mine), byte)| {
            let known = hit(*byte, *one);
            *some |= known;
            *taken = mine & (known | hit(*byte, UNKNOWN));
        }),
        [one, two] => cells.for_each(|(((taken, some), mine), byte)| {
            let known = hit(*byte, *one) | hit(*byte, *two);
            *some |= known;
            *taken = mine & (known | hit(*byte, UNKNOWN));
        }),
        many => {
            taken.fill(0);
            for value in many {
                taken.iter_mut().zip(column).for_each(|(it, byte)| *it |= hit(*byte, *value));
            }
            let cells = taken.iter_mut().zip(some.iter_mut()).zip(mine).zip(column);
            cells.for_each(|(((taken, some), mine), byte)| {
                *some |= *taken;
                *taken = mine & (*taken | hit(*byte, UNKNOWN));
            });
        }
    }
}

/// The rows of a node that take the last edge: those that took no other, and those not known.
fn rest(taken: &mut [u8], mine: &[u8], some: &[u8]) {
    // A row not known has hit no value, so that it is among those left.
    taken.iter_mut().zip(mine).zip(some).for_each(|((taken, mine), some)| *taken = mine & !some);
}
