//! Rows that wait, as they are written to the scratch file: what all rows of a piece have in common
//! once, and of each row only the bytes in which they differ.
//!
//! - In: packed rows.
//! - Out: the words of a piece, and the rows from them.
//! - Absent: what the bytes mean. Rows of the same hours that were read one after the other have
//!   most of their time and place in common, and all of what their log does not have.

use super::packed::Packed;
use crate::scratch::{PIECE, Word};

/// Bytes of a word.
const WORD: usize = size_of::<Word>();

/// Words of a piece.
pub(super) const WORDS: usize = PIECE / WORD;

/// Words before the bytes in which rows differ: which piece it is and which came before, how many
/// rows, what they have in common, and where they differ.
const HEAD: usize = 2 + 2 * size_of::<Packed>() / WORD;

/// Bytes for those in which rows differ; a word is written at once, however much of it counts.
const ROOM: usize = (WORDS - HEAD - 1) * WORD;

/// Bytes next to one another, of one word of a row.
struct Run {
    word: usize,
    shift: u32,
    width: usize,
}

/// As many of some rows as a piece has place for, and how many these are.
pub(super) fn press(rows: &[Packed], piece: u32, before: u32) -> (Vec<Word>, usize) {
    let first = rows.first().copied().unwrap_or_default();
    let mut differ = Packed::default();
    for row in rows {
        for ((differ, word), first) in differ.iter_mut().zip(row).zip(&first) {
            *differ |= word ^ first;
        }
    }
    let runs = runs(&differ);
    let width: usize = runs.iter().map(|run| run.width).sum();
    let most = ROOM.checked_div(width).unwrap_or(rows.len());
    let rows = rows.get(..most).unwrap_or(rows);
    let common = first.into_iter().zip(differ).map(|(word, differ)| word & !differ);
    let head = [u64::from(piece) | u64::from(before) << 32, rows.len() as u64];
    let head = head.into_iter().chain(common).chain(differ);
    let mut words: Vec<Word> = head.map(u64::to_le_bytes).collect();
    words.resize(WORDS, Word::default());
    let mut rest = words.get_mut(HEAD..).unwrap_or_default().as_flattened_mut();
    for run in &runs {
        for row in rows {
            let word = row.get(run.word).copied().unwrap_or_default() >> run.shift;
            if let Some(into) = rest.first_chunk_mut() {
                *into = word.to_le_bytes();
            }
            rest = rest.get_mut(run.width..).unwrap_or_default();
        }
    }
    (words, rows.len())
}

/// Adds the rows of a piece, of which there are at most so many; gives the piece that came before
/// it, and how many they are. Nothing if these are not words of that piece.
pub(super) fn expand(
    words: &[Word; WORDS],
    piece: u32,
    most: usize,
    rows: &mut Vec<Packed>,
) -> Option<(u32, usize)> {
    let (head, rest) = words.split_first_chunk::<HEAD>()?;
    let [link, count, packed @ ..] = head.map(u64::from_le_bytes);
    let (common, differ) = packed.split_first_chunk()?;
    let runs = runs(differ.first_chunk()?);
    let count = usize::try_from(count).ok().filter(|count| (1..=most).contains(count))?;
    let width: usize = runs.iter().map(|run| run.width).sum();
    if link as u32 != piece || width.saturating_mul(count) > ROOM {
        return None;
    }
    let from = rows.len();
    rows.resize(from.saturating_add(count), *common);
    let rows = rows.get_mut(from..)?;
    let mut rest = rest.as_flattened();
    for run in &runs {
        let bytes = u64::MAX >> (u64::BITS - u8::BITS * run.width as u32);
        for row in &mut *rows {
            let (own, others) = (rest.first_chunk()?, rest.get(run.width..)?);
            *row.get_mut(run.word)? |= (u64::from_le_bytes(*own) & bytes) << run.shift;
            rest = others;
        }
    }
    Some(((link >> 32) as u32, count))
}

/// Where bytes are set.
fn runs(differ: &Packed) -> Vec<Run> {
    let mut all = Vec::new();
    for (word, differ) in differ.iter().enumerate() {
        let mut shift = 0;
        for same in differ.to_le_bytes().chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            if same.first() != Some(&0) {
                all.push(Run { word, shift, width: same.len() });
            }
            shift += same.len() as u32 * u8::BITS;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows that differ in some bits alone, and in how many bytes they do.
    fn rows() -> impl Strategy<Value = (Vec<Packed>, usize)> {
        let bits =
            prop_oneof![3 => Just(0), 2 => any::<u64>(), 1 => (0..64_u32).prop_map(|n| 1 << n)];
        let some = (1..500_usize, any::<Packed>(), prop::array::uniform8(bits));
        some.prop_flat_map(|(count, first, bits)| {
            let row = any::<Packed>().prop_map(move |other| {
                std::array::from_fn(|at| first[at] & !bits[at] | other[at] & bits[at])
            });
            prop::collection::vec(row, count)
        })
        .prop_map(|rows| {
            let byte = |row: &Packed, at: usize| row[at / 8].to_le_bytes()[at % 8];
            let differs = |at: &usize| rows.iter().any(|row| byte(row, *at) != byte(&rows[0], *at));
            let width = (0..64).filter(differs).count();
            (rows, width)
        })
    }

    fn piece(rows: &[Packed]) -> ([Word; WORDS], usize) {
        let (words, count) = press(rows, 7, 5);
        (words.try_into().unwrap(), count)
    }

    /// A piece has 16,384 bytes, and 152 of them are for what is there once.
    #[test]
    fn pieces_are_full() {
        for width in 1..=64 {
            let byte = |at, row: u64| if at < width { row as u8 ^ at as u8 } else { 9 };
            let word = |at, row| u64::from_le_bytes(std::array::from_fn(|n| byte(8 * at + n, row)));
            let rows: Vec<Packed> =
                (0..16_384).map(|row| std::array::from_fn(|at| word(at, row))).collect();
            let (words, count) = piece(&rows);
            assert_eq!(count, (16_384 - 152) / width);
            let mut all = Vec::new();
            assert_eq!(expand(&words, 7, count, &mut all), Some((5, count)));
            assert!(all == rows[..count], "{width}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// As many as have place come back, behind those that were there.
        #[test]
        fn rows_come_back((rows, width) in rows()) {
            let (words, count) = piece(&rows);
            prop_assert_eq!(count, rows.len().min(ROOM.checked_div(width).unwrap_or(500)));
            let mut all = vec![Packed::default()];
            prop_assert_eq!(expand(&words, 7, count, &mut all), Some((5, count)));
            prop_assert_eq!(&all[1..], &rows[..count]);
        }

        /// Of another piece, or more rows than there can be, there are none.
        #[test]
        fn other_words_are_told((rows, _) in rows()) {
            let (words, count) = piece(&rows);
            let mut none = Vec::new();
            prop_assert_eq!(expand(&words, 6, count, &mut none), None);
            prop_assert_eq!(expand(&words, 7, count - 1, &mut none), None);
            prop_assert!(none.is_empty());
        }

        /// Whatever the disk gives back, there are no more rows than there can be.
        #[test]
        fn any_words_do_no_harm(
            head in prop::array::uniform16(any::<u64>()),
            count in 0..3_000_u64,
        ) {
            let mut words = [Word::default(); WORDS];
            let head = [7, count].into_iter().chain(head).map(u64::to_le_bytes);
            words.iter_mut().zip(head).for_each(|(word, head)| *word = head);
            let mut rows = Vec::new();
            let found = expand(&words, 7, 2_000, &mut rows);
            prop_assert_eq!(found.map_or(0, |(_, count)| count), rows.len());
            prop_assert!(rows.len() <= 2_000);
        }
    }
}
