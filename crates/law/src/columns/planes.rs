//! A block of rows as planes of bits, and the walk of a compiled law over them.
//!
//! In: bytes, and a [`Program`]. Out: bytes. Absent: what a value or an outcome means.
//!
//! Every function here is small, without branches in its inner loop, and always inlined, so that
//! it becomes part of what is compiled for each width of word that a processor may have.

use super::{RowOutcome, UNKNOWN};
use crate::decision::Outcome;
use crate::diagram::{Program, Set, Target};

/// Words of a plane, and so the rows that are taken together: 4,096, whose planes stay in the
/// nearer caches.
const WORDS: usize = 64;
pub(super) const BLOCK: usize = WORDS * 64;

/// Bytes of a block that give one bit to each word of a plane.
const EIGHTH: usize = BLOCK / 8;

/// A bit for each row of a block.
type Plane = [u64; WORDS];

/// A byte of each eight set to one.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The most bits that a fact's values take.
const MOST_BITS: usize = 6;

/// The bit that only the byte of a fact not known has.
const UNKNOWN_BIT: u32 = 7;

/// The planes of a block, and the steps that fill them.
pub(super) struct Planes {
    facts: Vec<FactPlanes>,
    matches: Vec<Match>,
    steps: Vec<Step>,
    nodes: Vec<Plane>,
    outcomes: [Plane; Outcome::ALL.len() + 1],
}

/// Some values of a fact, and the rows that have one of them.
struct Match {
    fact: usize,
    values: Vec<u8>,
    rows: Plane,
}

/// An edge: the rows that come to a node go on to another, if a value of theirs is among some.
struct Step {
    from: usize,
    to: Target,
    /// Whether it is the first that leads there, so that nothing has to be there before it.
    first: bool,
    fact: usize,
    /// The place of the values among the matches; none where the plane of a yes/no fact does.
    values: Option<usize>,
    /// Whether it is the rows with none of the values.
    turned: bool,
}

impl Planes {
    pub(super) fn new(program: &Program) -> Self {
        let size = |fact: usize| program.sets.iter().find(|set| set.fact == fact).map(|it| it.size);
        let fact = |at: usize| FactPlanes {
            bits: vec![[0; WORDS]; bits(size(at).unwrap_or(0))],
            unknown: [0; WORDS],
            any_unknown: false,
        };
        let mut planes = Self {
            facts: (0..program.facts.len()).map(fact).collect(),
            matches: Vec::new(),
            steps: Vec::new(),
            nodes: vec![[0; WORDS]; program.nodes.len()],
            outcomes: [[0; WORDS]; Outcome::ALL.len() + 1],
        };
        for (from, node) in program.nodes.iter().enumerate() {
            for edge in &node.edges {
                if let Some(set) = program.sets.get(edge.set) {
                    planes.step(from, edge.to, set);
                }
            }
        }
        match program.root {
            Target::Node(_) => planes.nodes.first_mut(),
            Target::Outcome(code) => planes.outcomes.get_mut(code),
        }
        .into_iter()
        .for_each(|root| root.fill(u64::MAX));
        planes
    }

    fn step(&mut self, from: usize, to: Target, set: &Set) {
        // Of a set and its complement the smaller is looked for; of two halves, the one without
        // the first value, so that both find the same.
        let fewer = set.values.len().saturating_mul(2);
        let turned = fewer > set.size || fewer == set.size && set.values.contains(&0);
        let is_wanted = |value: &u8| set.values.contains(value) != turned;
        let values: Vec<u8> = (0_u8..).take(set.size).filter(is_wanted).collect();
        let values = (set.size > 2).then(|| {
            let same = |it: &Match| it.fact == set.fact && it.values == values;
            self.matches.iter().position(same).unwrap_or_else(|| {
                self.matches.push(Match { fact: set.fact, values, rows: [0; WORDS] });
                self.matches.len().saturating_sub(1)
            })
        });
        let first = self.steps.iter().all(|step| step.to != to);
        self.steps.push(Step { from, to, first, fact: set.fact, values, turned });
    }

    /// Decides the rows of a block, whose columns are looked up by fact.
    #[inline(always)]
    pub(super) fn decide<'a>(
        &mut self,
        program: &Program,
        column: &impl Fn(usize) -> Option<&'a [u8]>,
        out: &mut [u8],
    ) {
        for (fact, sliced) in program.facts.iter().zip(&mut self.facts) {
            sliced.read(column(*fact));
        }
        for wanted in &mut self.matches {
            if let Some(fact) = self.facts.get(wanted.fact) {
                fact.within(&wanted.values, &mut wanted.rows);
            }
        }
        self.walk();
        self.tell(out);
    }

    /// Walks the nodes from the root on; every node stands after all that lead to it.
    #[inline(always)]
    fn walk(&mut self) {
        let Self { facts, matches, steps, nodes, outcomes } = self;
        for step in steps {
            let Some(fact) = facts.get(step.fact) else { continue };
            let rows = match step.values {
                Some(at) => matches.get(at).map(|found| &found.rows),
                None => fact.bits.first(),
            };
            let Some((mine, later)) = nodes.get_mut(step.from..).and_then(<[_]>::split_first_mut)
            else {
                continue;
            };
            let to = match step.to {
                Target::Node(to) => later.get_mut(to.wrapping_sub(step.from).wrapping_sub(1)),
                Target::Outcome(code) => outcomes.get_mut(code),
            };
            let (Some(rows), Some(to)) = (rows, to) else { continue };
            let turn = if step.turned { u64::MAX } else { 0 };
            match (step.first, fact.any_unknown) {
                (true, false) => go::<true, false>(mine, rows, turn, &fact.unknown, to),
                (true, true) => go::<true, true>(mine, rows, turn, &fact.unknown, to),
                (false, false) => go::<false, false>(mine, rows, turn, &fact.unknown, to),
                (false, true) => go::<false, true>(mine, rows, turn, &fact.unknown, to),
            }
        }
    }

    /// One outcome reached is the row's; several need facts; none but the impossible is a
    /// contradiction.
    #[inline(always)]
    fn tell(&self, out: &mut [u8]) {
        let mut codes = [[0_u64; WORDS]; 3];
        let (mut seen, mut several) = ([0_u64; WORDS], [0_u64; WORDS]);
        for plane in self.outcomes.iter().take(Outcome::ALL.len()) {
            let cells = several.iter_mut().zip(&mut seen).zip(plane);
            cells.for_each(|((several, seen), reached)| {
                *several |= *seen & reached;
                *seen |= reached;
            });
        }
        for (bit, code) in codes.iter_mut().enumerate() {
            let has = |code: u8| if code >> bit & 1 == 1 { u64::MAX } else { 0 };
            for (number, plane) in (0_u8..).zip(&self.outcomes).take(Outcome::ALL.len()) {
                let turn = has(number);
                code.iter_mut().zip(plane).for_each(|(code, reached)| *code |= reached & turn);
            }
            let (none, more) =
                (has(RowOutcome::Contradiction.code()), has(Outcome::NeedFacts as u8));
            let cells = code.iter_mut().zip(&several).zip(&seen);
            cells.for_each(|((code, several), seen)| {
                *code = *code & !several | several & more | !seen & none;
            });
        }
        if out.len() == BLOCK {
            unslice(&codes, out);
        } else {
            let mut whole = [0_u8; BLOCK];
            unslice(&codes, &mut whole);
            out.iter_mut().zip(whole).for_each(|(out, byte)| *out = byte);
        }
    }
}

/// The bits of a fact's values, and where it is not known.
struct FactPlanes {
    bits: Vec<Plane>,
    unknown: Plane,
    any_unknown: bool,
}

impl FactPlanes {
    /// Slices a column into planes; what is missing is not known.
    #[inline(always)]
    fn read(&mut self, column: Option<&[u8]>) {
        let Some(column) = column else {
            self.bits.iter_mut().for_each(|plane| plane.fill(0));
            self.unknown.fill(u64::MAX);
            self.any_unknown = true;
            return;
        };
        if column.len() == BLOCK {
            self.slice(column);
        } else {
            let mut padded = [UNKNOWN; BLOCK];
            padded.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
            self.slice(&padded);
        }
    }

    #[inline(always)]
    fn slice(&mut self, bytes: &[u8]) {
        for (bit, plane) in (0_u32..).zip(&mut self.bits) {
            match bit {
                0 => slice::<0>(bytes, plane),
                1 => slice::<1>(bytes, plane),
                2 => slice::<2>(bytes, plane),
                3 => slice::<3>(bytes, plane),
                4 => slice::<4>(bytes, plane),
                _ => slice::<5>(bytes, plane),
            }
        }
        self.any_unknown = bytes.iter().fold(0, |any, byte| any | byte) >> UNKNOWN_BIT == 1;
        if self.any_unknown {
            slice::<UNKNOWN_BIT>(bytes, &mut self.unknown);
        }
    }

    /// The rows whose value is one of some.
    #[inline(always)]
    fn within(&self, values: &[u8], found: &mut Plane) {
        found.fill(0);
        for value in values {
            match self.bits.as_slice() {
                [a, b] => same([a, b], *value, found),
                [a, b, c] => same([a, b, c], *value, found),
                [a, b, c, d] => same([a, b, c, d], *value, found),
                [a, b, c, d, e] => same([a, b, c, d, e], *value, found),
                [a, b, c, d, e, f] => same([a, b, c, d, e, f], *value, found),
                _ => {}
            }
        }
    }
}

/// Adds the rows whose bits are those of a value.
#[inline(always)]
fn same<const BITS: usize>(bits: [&Plane; BITS], value: u8, found: &mut Plane) {
    for (word, found) in found.iter_mut().enumerate() {
        let mut rows = u64::MAX;
        for (bit, plane) in (0_u32..).zip(bits) {
            let turn = u64::from(value >> bit & 1).wrapping_sub(1);
            rows &= plane.get(word).copied().unwrap_or(0) ^ turn;
        }
        *found |= rows;
    }
}

/// Rows that are here go on, if their value is among some or is not known.
#[inline(always)]
fn go<const FIRST: bool, const UNKNOWN: bool>(
    here: &Plane,
    rows: &Plane,
    turn: u64,
    unknown: &Plane,
    to: &mut Plane,
) {
    for (((to, here), rows), unknown) in to.iter_mut().zip(here).zip(rows).zip(unknown) {
        let open = if UNKNOWN { *unknown } else { 0 };
        let before = if FIRST { 0 } else { *to };
        *to = before | here & (rows ^ turn | open);
    }
}

/// Bits that the values of a fact take.
fn bits(size: usize) -> usize {
    let bits = usize::BITS.saturating_sub(size.saturating_sub(1).leading_zeros()) as usize;
    bits.min(MOST_BITS)
}

/// One bit of every byte, as a plane. Bit `8 b + p` of word `w` is that of byte `b` of the eight
/// at `w` in eighth `p` of the block: any order of rows will do that is the same for all planes,
/// and in this one neighbours in memory are neighbours in a register, and no bit has to cross.
#[inline(always)]
fn slice<const BIT: u32>(bytes: &[u8], plane: &mut Plane) {
    let mut eighths = bytes.chunks_exact(EIGHTH);
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|_| {
        eighths.next().and_then(|eighth| eighth.as_chunks::<8>().0.first_chunk::<WORDS>())
    });
    let (Some(a), Some(b), Some(c), Some(d)) = (a, b, c, d) else { return };
    let (Some(e), Some(f), Some(g), Some(h)) = (e, f, g, h) else { return };
    let bit = |eight: &[u8; 8]| (u64::from_le_bytes(*eight) >> BIT) & ONES;
    let low = a.iter().zip(b).zip(c.iter().zip(d));
    let high = e.iter().zip(f).zip(g.iter().zip(h));
    for ((word, ((a, b), (c, d))), ((e, f), (g, h))) in plane.iter_mut().zip(low).zip(high) {
        *word = bit(a) | bit(b) << 1 | bit(c) << 2 | bit(d) << 3;
        *word |= bit(e) << 4 | bit(f) << 5 | bit(g) << 6 | bit(h) << 7;
    }
}

/// The reverse: three planes to the bytes that have their bits.
#[inline(always)]
fn unslice(codes: &[Plane; 3], out: &mut [u8]) {
    let [one, two, four] = codes;
    for (place, eighth) in (0_u32..8).zip(out.chunks_exact_mut(EIGHTH)) {
        for (((eight, one), two), four) in eighth.chunks_exact_mut(8).zip(one).zip(two).zip(four) {
            let bit = |plane: &u64| (plane >> place) & ONES;
            let bytes = bit(one) | bit(two) << 1 | bit(four) << 2;
            eight.copy_from_slice(&bytes.to_le_bytes());
        }
    }
}
