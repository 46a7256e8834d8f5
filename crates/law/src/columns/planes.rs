//! A block of rows as planes of bits, and the walk of a compiled law over them.
//!
//! In: bytes, and a [`Program`]. Out: bytes. Absent: what a value or an outcome means.
//!
//! Every function here is small, without branches in its inner loop, and always inlined, so that
//! it becomes part of what is compiled for each width of register that a processor may have.

use fearless_simd::{Bytes as _, Simd, SimdBase as _, SimdFrom as _, u8x64, u64x8};

use super::{RowOutcome, UNKNOWN};
use crate::decision::Outcome;
use crate::diagram::{Asked, Move, Program, Way};

/// Lines of a plane. Longer planes are longer runs of each column, which memory gives faster, and
/// fewer steps a row; shorter ones stay nearer. This was the fastest of 16 to 128.
const LINES: usize = 96;

/// Bytes of a column that become one line of a plane.
const RUN: usize = 512;

/// The rows that are taken together: 49,152.
pub(super) const BLOCK: usize = LINES * RUN;

/// Bits for 512 rows, as wide as the widest register. It starts where a line of the cache does: a
/// register that lies across two lines takes twice as long to read.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u64; 8]);

/// A bit for each row of a block.
type Plane = [Line; LINES];

const NONE: Plane = [Line([0; 8]); LINES];
const ALL: Plane = [Line([u64::MAX; 8]); LINES];

/// A byte of each eight set to one.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The most bits that a fact's values take.
const MOST_BITS: usize = 6;

/// The bit that only the byte of a fact not known has.
const UNKNOWN_BIT: u32 = 7;

/// Codes of outcomes, contradictions among them, and the bits they take.
pub(crate) const CODES: usize = Outcome::ALL.len() + 1;
const CODE_BITS: usize = 3;

/// The planes of a block.
pub(super) struct Planes {
    /// Those of the program: the rows that come to each outcome, and to each node.
    rows: Vec<Plane>,
    /// Of the fact that is asked: the bits of its values, where it is not known, and the rows with
    /// a value in each set.
    bits: [Plane; MOST_BITS],
    unknown: Plane,
    sets: Vec<Plane>,
}

impl Planes {
    pub(super) fn new(program: &Program) -> Self {
        let sets = program.asked.iter().map(|asked| asked.sets.len()).max().unwrap_or(0);
        Self {
            rows: vec![NONE; program.planes],
            bits: [NONE; MOST_BITS],
            unknown: NONE,
            sets: vec![NONE; sets],
        }
    }

    /// Decides the rows of a block. The columns are looked up by fact, and start with the block.
    #[inline(always)]
    pub(super) fn decide<'a, S: Simd>(
        &mut self,
        simd: S,
        program: &Program,
        column: &impl Fn(usize) -> Option<&'a [u8]>,
        out: &mut [u8],
    ) {
        if let Some(root) = self.rows.get_mut(program.root) {
            *root = ALL;
        }
        let mut columns = program.asked.iter().map(|asked| column(asked.fact)).peekable();
        let first = columns.peek().copied().flatten();
        for asked in &program.asked {
            let read = columns.next().flatten();
            // After the last column of this block comes the first of the next one.
            let ahead = match columns.peek() {
                Some(column) => column.unwrap_or_default(),
                None => first.and_then(|first| first.get(BLOCK..)).unwrap_or_default(),
            };
            let open = self.read(simd, asked, read, ahead);
            // Of a fact with two values the only bit is the only set.
            if asked.size > 2 {
                for (values, rows) in asked.sets.iter().zip(&mut self.sets) {
                    within(simd, asked, values, &self.bits, rows);
                }
            }
            for step in &asked.moves {
                if open {
                    self.step::<S, true>(simd, step, asked.size <= 2);
                } else {
                    self.step::<S, false>(simd, step, asked.size <= 2);
                }
            }
        }
        self.tell(simd, out);
    }

    /// Slices a column into planes, and tells whether some row is not known; what is missing is
    /// not known. Meanwhile the bytes that will be read after it are asked for.
    #[inline(always)]
    fn read<S: Simd>(
        &mut self,
        simd: S,
        asked: &Asked,
        column: Option<&[u8]>,
        ahead: &[u8],
    ) -> bool {
        let ahead = ahead.as_chunks().0;
        let Some(column) = column else {
            self.bits = [NONE; MOST_BITS];
            self.unknown = ALL;
            return true;
        };
        if let Some(column) = column.first_chunk() {
            return self.slice_all(simd, asked, column, ahead);
        }
        let mut padded = [UNKNOWN; BLOCK];
        padded.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
        self.slice_all(simd, asked, &padded, ahead)
    }

    #[inline(always)]
    fn slice_all<S: Simd>(
        &mut self,
        simd: S,
        asked: &Asked,
        bytes: &[u8; BLOCK],
        ahead: &[[u8; RUN]],
    ) -> bool {
        let [a, b, c, d, e, f] = &mut self.bits;
        let any = match bits(asked.size) {
            0 | 1 => slice(simd, bytes, ahead, 0, [a]),
            2 => slice(simd, bytes, ahead, 0, [a, b]),
            3 => slice(simd, bytes, ahead, 0, [a, b, c]),
            4 => slice(simd, bytes, ahead, 0, [a, b, c, d]),
            5 => slice(simd, bytes, ahead, 0, [a, b, c, d, e]),
            _ => slice(simd, bytes, ahead, 0, [a, b, c, d, e, f]),
        };
        let open = any >> UNKNOWN_BIT & 1 == 1;
        if open {
            slice(simd, bytes, &[], UNKNOWN_BIT, [&mut self.unknown]);
        }
        open
    }

    #[inline(always)]
    fn step<S: Simd, const OPEN: bool>(&mut self, simd: S, step: &Move, two: bool) {
        let set = if two { self.bits.first() } else { self.sets.get(step.set) };
        let (Some(set), unknown) = (set, &self.unknown) else { return };
        // The planes of a step are different ones, or the program were wrong.
        match step.no {
            Some(no) => {
                let planes = self.rows.get_disjoint_mut([step.from, step.yes.to, no.to]);
                let Ok([from, yes, other]) = planes else { return };
                let values = [&*from, set, unknown];
                match (step.yes, no) {
                    (Way { first: false, .. }, Way { first: false, .. }) => {
                        fork::<S, OPEN, false, false>(simd, values, yes, other);
                    }
                    (Way { first: false, .. }, _) => {
                        fork::<S, OPEN, false, true>(simd, values, yes, other);
                    }
                    (_, Way { first: false, .. }) => {
                        fork::<S, OPEN, true, false>(simd, values, yes, other);
                    }
                    _ => fork::<S, OPEN, true, true>(simd, values, yes, other),
                }
            }
            None => {
                let Ok([from, yes]) = self.rows.get_disjoint_mut([step.from, step.yes.to]) else {
                    return;
                };
                let values = [&*from, set, unknown];
                if step.yes.first {
                    go::<S, OPEN, true>(simd, values, yes);
                } else {
                    go::<S, OPEN, false>(simd, values, yes);
                }
            }
        }
    }

    /// One outcome reached is the row's; several need facts; none but the impossible is a
    /// contradiction.
    #[inline(always)]
    fn tell<S: Simd>(&self, simd: S, out: &mut [u8]) {
        let Some(reached) = self.rows.first_chunk::<{ CODES - 1 }>() else { return };
        let mut runs = out.chunks_mut(RUN);
        for line in 0..LINES {
            let Some(run) = runs.next() else { return };
            let mut codes = [u64x8::splat(simd, 0); CODE_BITS];
            let (mut seen, mut several) = (u64x8::splat(simd, 0), u64x8::splat(simd, 0));
            for (number, plane) in (0_u8..).zip(reached) {
                let Some(rows) = plane.get(line).map(|line| load(simd, line)) else { return };
                several |= seen & rows;
                seen |= rows;
                for (bit, code) in codes.iter_mut().enumerate() {
                    if number >> bit & 1 == 1 {
                        *code |= rows;
                    }
                }
            }
            for (bit, code) in codes.iter_mut().enumerate() {
                let mask = |code: u8| u64::from(code >> bit & 1).wrapping_neg();
                let none = mask(RowOutcome::Contradiction.code());
                let more = mask(Outcome::NeedFacts as u8);
                *code = *code & !several | several & more | !seen & none;
            }
            unslice(simd, codes, run);
        }
    }
}

/// Bits that the values of a fact take.
fn bits(size: usize) -> usize {
    let bits = usize::BITS.saturating_sub(size.saturating_sub(1).leading_zeros()) as usize;
    bits.min(MOST_BITS)
}

#[inline(always)]
fn load<S: Simd>(simd: S, line: &Line) -> u64x8<S> {
    u64x8::simd_from(simd, line.0)
}

/// The rows whose value is one of some.
#[inline(always)]
fn within<S: Simd>(
    simd: S,
    asked: &Asked,
    values: &[u8],
    all: &[Plane; MOST_BITS],
    found: &mut Plane,
) {
    let [a, b, c, d, e, f] = all;
    match bits(asked.size) {
        0 | 1 => same(simd, [a], values, found),
        2 => same(simd, [a, b], values, found),
        3 => same(simd, [a, b, c], values, found),
        4 => same(simd, [a, b, c, d], values, found),
        5 => same(simd, [a, b, c, d, e], values, found),
        _ => same(simd, [a, b, c, d, e, f], values, found),
    }
}

/// The rows whose bits are those of some value.
#[inline(always)]
fn same<S: Simd, const BITS: usize>(
    simd: S,
    bits: [&Plane; BITS],
    values: &[u8],
    found: &mut Plane,
) {
    for (at, value) in values.iter().enumerate() {
        let turns: [u64; BITS] =
            std::array::from_fn(|bit| u64::from(value >> bit & 1).wrapping_sub(1));
        for (line, found) in found.iter_mut().enumerate() {
            let mut rows = u64x8::splat(simd, u64::MAX);
            for (plane, turn) in bits.iter().zip(turns) {
                if let Some(line) = plane.get(line) {
                    rows &= load(simd, line) ^ turn;
                }
            }
            if at > 0 {
                rows |= load(simd, found);
            }
            found.0 = rows.into();
        }
    }
}

/// Rows that are here go on one way, if their value is in a set or is not known.
#[inline(always)]
fn go<S: Simd, const OPEN: bool, const FIRST: bool>(
    simd: S,
    [here, set, unknown]: [&Plane; 3],
    yes: &mut Plane,
) {
    for (((here, set), unknown), yes) in here.iter().zip(set).zip(unknown).zip(yes) {
        let mut set = load(simd, set);
        if OPEN {
            set |= load(simd, unknown);
        }
        come::<S, FIRST>(simd, load(simd, here) & set, yes);
    }
}

/// Rows that are here go on one way or the other; both, if their value is not known.
#[inline(always)]
fn fork<S: Simd, const OPEN: bool, const YES_FIRST: bool, const NO_FIRST: bool>(
    simd: S,
    [here, set, unknown]: [&Plane; 3],
    yes: &mut Plane,
    no: &mut Plane,
) {
    let planes = here.iter().zip(set).zip(unknown).zip(yes.iter_mut().zip(no));
    for (((here, set), unknown), (yes, no)) in planes {
        let (here, set) = (load(simd, here), load(simd, set));
        let (mut to, mut other) = (here & set, here & !set);
        if OPEN {
            let both = here & load(simd, unknown);
            to |= both;
            other |= both;
        }
        come::<S, YES_FIRST>(simd, to, yes);
        come::<S, NO_FIRST>(simd, other, no);
    }
}

#[inline(always)]
fn come<S: Simd, const FIRST: bool>(simd: S, rows: u64x8<S>, to: &mut Line) {
    to.0 = if FIRST { rows } else { load(simd, to) | rows }.into();
}

/// Some bits of every byte, from one on, as planes; comes back with the bits that any byte has.
/// Bit `8 b + p` of a line is that of byte `b` in the eighth `p` of its 512 bytes: any order of
/// rows will do that is the same for all planes, and in this one no bit has to cross a register.
#[inline(always)]
fn slice<S: Simd, const BITS: usize>(
    simd: S,
    bytes: &[u8; BLOCK],
    ahead: &[[u8; RUN]],
    from: u32,
    mut planes: [&mut Plane; BITS],
) -> u8 {
    let mut any = u64x8::splat(simd, 0);
    for (at, run) in bytes.as_chunks::<RUN>().0.iter().enumerate() {
        if let Some(run) = ahead.get(at) {
            fetch(simd, run);
        }
        let mut lines = [u64x8::splat(simd, 0); BITS];
        for (place, eighth) in (0_u32..).zip(run.as_chunks::<64>().0) {
            let eighth: u64x8<S> = u8x64::simd_from(simd, *eighth).bitcast();
            any |= eighth;
            for (bit, line) in (from..).zip(&mut lines) {
                // The bit of each byte goes to its place, and what came along is cut off.
                let moved = match place.checked_sub(bit) {
                    Some(up) => eighth << up,
                    None => eighth >> bit.saturating_sub(place),
                };
                *line |= moved & (ONES << place);
            }
        }
        for (plane, line) in planes.iter_mut().zip(lines) {
            if let Some(to) = plane.get_mut(at) {
                to.0 = line.into();
            }
        }
    }
    let any: [u64; 8] = any.into();
    any.into_iter()
        .fold(0, |all, it| all | it)
        .to_le_bytes()
        .into_iter()
        .fold(0, |all, it| all | it)
}

/// Asks the memory for bytes that will be read soon, without waiting for them. A processor finds
/// out by itself that a column is read on and on, but the next column it cannot guess, and its
/// first bytes would be waited for.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch<S: Simd>(simd: S, run: &[u8; RUN]) {
    if let Some(sse2) = simd.level().as_sse2() {
        run.as_chunks().0.iter().for_each(|line| fetch_line(sse2, line));
    }
}

/// Elsewhere nothing is asked for: there is no stable instruction that does it.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn fetch<S: Simd>(_: S, _: &[u8; RUN]) {}

#[cfg(target_arch = "x86_64")]
fearless_simd::kernel!(
    #[inline(always)]
    fn fetch_line(sse2: Sse2, line: &[u8; 64]) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
    }
);

/// The reverse: three planes to the bytes that have their bits.
#[inline(always)]
fn unslice<S: Simd>(simd: S, codes: [u64x8<S>; CODE_BITS], out: &mut [u8]) {
    for (place, eighth) in (0_u32..8).zip(out.chunks_mut(64)) {
        let mut bytes = u64x8::splat(simd, 0);
        for (bit, code) in (0_u32..).zip(codes) {
            bytes |= ((code >> place) & ONES) << bit;
        }
        let bytes: [u8; 64] = bytes.bitcast::<u8x64<S>>().into();
        match eighth.first_chunk_mut() {
            Some(whole) => *whole = bytes,
            None => eighth.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte),
        }
    }
}
