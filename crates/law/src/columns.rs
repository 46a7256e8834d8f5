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

use crate::CannotAnalyse;
use crate::case::Case;
use crate::decision::Outcome;
use crate::diagram::{Program, Set, Target};
use crate::pack::Pack;

/// Words of a plane, and so the rows that are taken together: 4,096, whose planes stay in the
/// nearest cache.
const WORDS: usize = 64;
const BLOCK: usize = WORDS * 64;

/// A bit for each row of a block.
type Plane = [u64; WORDS];

/// A byte of each eight set to one.
const ONES: u64 = 0x0101_0101_0101_0101;

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
        let values = u8::try_from(values).unwrap_or(UNKNOWN);
        let stray = |byte: u8| u8::from(byte != UNKNOWN) & u8::from(byte >= values);
        // All are looked at first, without stopping at one: that is done to many at a time.
        if column.iter().fold(0, |any, byte| any | stray(*byte)) == 1 {
            let row = column.iter().position(|byte| stray(*byte) == 1).unwrap_or_default();
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
    for (block, out) in into.chunks_mut(BLOCK).enumerate() {
        let (start, end) = (block * BLOCK, block * BLOCK + out.len());
        for (fact, sliced) in program.facts.iter().zip(&mut planes.facts) {
            let column = columns.columns.get(*fact).copied().flatten();
            let size = pack.vocabulary.facts.get(*fact).map_or(0, |fact| fact.values.len());
            sliced.read(column.and_then(|column| column.get(start..end)), size);
        }
        planes.walk(program);
        planes.tell(out);
    }
    Ok(())
}

/// The planes of a block.
struct Planes {
    facts: Vec<FactPlanes>,
    wanted: Vec<Wanted>,
    sets: Vec<Plane>,
    nodes: Vec<Plane>,
    outcomes: [Plane; Outcome::ALL.len() + 1],
}

/// The bits of a fact's values, and where it is not known.
struct FactPlanes {
    bits: [Plane; 6],
    unknown: Plane,
}

impl FactPlanes {
    /// Slices a column into planes; what is missing is not known.
    fn read(&mut self, column: Option<&[u8]>, size: usize) {
        let Some(column) = column else {
            self.bits.iter_mut().for_each(|plane| plane.fill(0));
            self.unknown.fill(u64::MAX);
            return;
        };
        let mut padded = [UNKNOWN; BLOCK];
        let bytes = if column.len() == BLOCK {
            column
        } else {
            padded.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
            &padded
        };
        for (bit, plane) in (0_u32..).zip(self.bits.iter_mut().take(bits(size))) {
            slice(bytes, bit, plane);
        }
        // The top bit is that of a fact not known, and of no value.
        slice(bytes, 7, &mut self.unknown);
    }

    /// The rows whose value is in a set, and those that are not known.
    fn within(&self, wanted: &Wanted, found: &mut Plane) {
        found.fill(0);
        for value in &wanted.values {
            let mut same = [u64::MAX; WORDS];
            for (bit, plane) in self.bits.iter().enumerate().take(wanted.bits) {
                let turn = if value >> bit & 1 == 1 { 0 } else { u64::MAX };
                same.iter_mut().zip(plane).for_each(|(same, plane)| *same &= plane ^ turn);
            }
            found.iter_mut().zip(&same).for_each(|(found, same)| *found |= same);
        }
        let turn = if wanted.turned { u64::MAX } else { 0 };
        let cells = found.iter_mut().zip(&self.unknown);
        cells.for_each(|(found, unknown)| *found = (*found ^ turn) | unknown);
    }
}

/// A set of values as it is looked for: of the set and its complement the smaller.
struct Wanted {
    fact: usize,
    values: Vec<u8>,
    /// Whether it is the complement.
    turned: bool,
    bits: usize,
}

impl Wanted {
    fn new(set: &Set) -> Self {
        let turned = set.values.len().saturating_mul(2) > set.size;
        let is_wanted = |value: &u8| set.values.contains(value) != turned;
        let values = (0_u8..).take(set.size).filter(is_wanted).collect();
        Self { fact: set.fact, values, turned, bits: bits(set.size) }
    }
}

/// Bits that the values of a fact take.
fn bits(size: usize) -> usize {
    usize::BITS.saturating_sub(size.saturating_sub(1).leading_zeros()) as usize
}

/// One bit of every byte, as a plane. Of 64 rows, taken as eight words of eight bytes, byte `b` of
/// word `w` is bit `8 b + w`: any order will do that is the same for all planes, and this one needs
/// no more than a shift for eight rows.
fn slice(bytes: &[u8], bit: u32, plane: &mut Plane) {
    for (rows, word) in bytes.chunks_exact(64).zip(plane) {
        let eights = rows.chunks_exact(8).zip(0_u32..);
        *word = eights.fold(0, |word, (eight, place)| {
            let eight = <[u8; 8]>::try_from(eight).map_or(0, u64::from_le_bytes);
            word | ((eight >> bit) & ONES) << place
        });
    }
}

impl Planes {
    fn new(program: &Program) -> Self {
        let fact = |_: &usize| FactPlanes { bits: [[0; WORDS]; 6], unknown: [0; WORDS] };
        Self {
            facts: program.facts.iter().map(fact).collect(),
            wanted: program.sets.iter().map(Wanted::new).collect(),
            sets: vec![[0; WORDS]; program.sets.len()],
            nodes: vec![[0; WORDS]; program.nodes.len()],
            outcomes: [[0; WORDS]; Outcome::ALL.len() + 1],
        }
    }

    /// Walks the nodes from the root on; every node stands after all that lead to it.
    fn walk(&mut self, program: &Program) {
        self.nodes.iter_mut().chain(&mut self.outcomes).for_each(|plane| plane.fill(0));
        for (wanted, found) in self.wanted.iter().zip(&mut self.sets) {
            if let Some(fact) = self.facts.get(wanted.fact) {
                fact.within(wanted, found);
            }
        }
        if let Some(root) = self.plane(program.root) {
            root.fill(u64::MAX);
        }
        let sets = std::mem::take(&mut self.sets);
        for (at, node) in program.nodes.iter().enumerate() {
            let Some(mine) = self.nodes.get(at).copied() else { continue };
            for edge in &node.edges {
                if let (Some(set), Some(to)) = (sets.get(edge.set), self.plane(edge.to)) {
                    let cells = to.iter_mut().zip(&mine).zip(set);
                    cells.for_each(|((to, mine), set)| *to |= mine & set);
                }
            }
        }
        self.sets = sets;
    }

    fn plane(&mut self, at: Target) -> Option<&mut Plane> {
        match at {
            Target::Node(node) => self.nodes.get_mut(node),
            Target::Outcome(code) => self.outcomes.get_mut(code),
        }
    }

    /// One outcome reached is the row's; several need facts; none but the impossible is a
    /// contradiction.
    fn tell(&self, out: &mut [u8]) {
        let mut code = [[0_u64; WORDS]; 3];
        for word in 0..WORDS {
            let (mut seen, mut several) = (0_u64, 0_u64);
            for plane in self.outcomes.iter().take(Outcome::ALL.len()) {
                let reached = plane.get(word).copied().unwrap_or(0);
                several |= seen & reached;
                seen |= reached;
            }
            let contradiction = RowOutcome::Contradiction.code();
            for (bit, plane) in code.iter_mut().enumerate() {
                let has = |code: u8| if code >> bit & 1 == 1 { u64::MAX } else { 0 };
                let mut set = !seen & has(contradiction);
                set |= several & has(Outcome::NeedFacts as u8);
                for (code, plane) in (0_u8..).zip(&self.outcomes).take(Outcome::ALL.len()) {
                    set |= plane.get(word).copied().unwrap_or(0) & has(code) & !several;
                }
                if let Some(slot) = plane.get_mut(word) {
                    *slot = set;
                }
            }
        }
        for (word, rows) in out.chunks_mut(64).enumerate() {
            for (place, eight) in rows.chunks_mut(8).enumerate() {
                let bytes = code.iter().enumerate().fold(0_u64, |bytes, (bit, plane)| {
                    bytes | ((plane.get(word).copied().unwrap_or(0) >> place) & ONES) << bit
                });
                eight.iter_mut().zip(bytes.to_le_bytes()).for_each(|(row, byte)| *row = byte);
            }
        }
    }
}
