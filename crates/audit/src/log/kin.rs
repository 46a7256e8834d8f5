//! By what rows of one second can be told apart that cannot show the same search.
//!
//! - In: rows that wait, all of one second.
//! - Out: a number of each; rows of one search have the same.
//! - Absent: whether rows with the same number are of one search.

use super::packed::{Packed, cells_of, file_of, id_of, pair_of};

/// What rows of a second that show one search have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// The vendor's id, for all have one; or else every cell, for all are of one file.
    Cells,
    /// The agency and the number of networks, for none has an id.
    Pair,
}

/// What was seen of the rows of a second.
#[derive(Clone, Copy, Default)]
pub(super) struct Kinship {
    file: Option<u16>,
    several: bool,
    with_id: bool,
    without_id: bool,
}

impl Kinship {
    pub(super) fn add(&mut self, row: &Packed) {
        let file = file_of(row);
        self.several |= self.file.is_some_and(|first| first != file);
        self.file = Some(file);
        let has_id = id_of(row) != 0;
        self.with_id |= has_id;
        self.without_id |= !has_id;
    }

    /// What tells them apart. Rows of several files of which only some have an id may be of one
    /// search by what a third row has in common with both.
    pub(super) fn kin(self) -> Option<Kin> {
        if !self.several || !self.without_id {
            return Some(Kin::Cells);
        }
        (!self.with_id).then_some(Kin::Pair)
    }
}

impl Kin {
    /// The number of a row, evenly spread.
    pub(super) fn number(self, row: &Packed) -> u64 {
        let number = match (self, id_of(row)) {
            (Self::Cells, 0) => cells_of(row),
            (Self::Cells, id) => id,
            (Self::Pair, _) => pair_of(row),
        };
        let mixed = (number ^ number >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed::pack;
    use super::super::row::Row;
    use super::{Kin, Kinship};

    fn kin(rows: &[Row]) -> Option<Kin> {
        let mut kinship = Kinship::default();
        rows.iter().for_each(|row| kinship.add(&pack(row)));
        kinship.kin()
    }

    #[test]
    fn what_tells_rows_apart() {
        let row = |file, id| Row { file, id, ..Row::default() };
        assert_eq!(kin(&[]), Some(Kin::Cells));
        assert_eq!(kin(&[row(1, 0), row(1, 7)]), Some(Kin::Cells));
        assert_eq!(kin(&[row(1, 0), row(0, 0), row(1, 0)]), Some(Kin::Pair));
        assert_eq!(kin(&[row(1, 0), row(0, 0), row(0, 7)]), None);
        assert_eq!(kin(&[row(1, 7), row(1, 0), row(0, 0)]), None);
        assert_eq!(kin(&[row(1, 7), row(0, 7), row(2, 8)]), Some(Kin::Cells));
    }

    #[test]
    fn rows_of_one_search_have_one_number() {
        let row = Row { id: 3, content: 4, agency: 5, networks: Some(6), ..Row::default() };
        let number = |kin: Kin, row: Row| kin.number(&pack(&row));
        // The same id, whatever else; without one the same cells.
        let other = Row { content: 9, agency: 9, networks: None, ..row };
        assert_eq!(number(Kin::Cells, row), number(Kin::Cells, other));
        let (none, other) = (Row { id: 0, ..row }, Row { id: 0, ..other });
        assert_ne!(number(Kin::Cells, none), number(Kin::Cells, other));
        let same_cells = Row { content: none.content, ..other };
        assert_eq!(number(Kin::Cells, none), number(Kin::Cells, same_cells));
        let other = Row { content: 9, row: 8, ..none };
        assert_eq!(number(Kin::Pair, none), number(Kin::Pair, other));
        for other in [Row { agency: 6, ..none }, Row { networks: None, ..none }] {
            assert_ne!(number(Kin::Pair, none), number(Kin::Pair, other));
        }
    }

    /// Numbers that follow one another, as those of agencies do, go everywhere, and round ones too.
    #[test]
    fn numbers_are_spread() {
        let agencies = |n| Row { agency: n, networks: Some(1), ..Row::default() };
        let networks = |n| Row { networks: Some(n * 4_096), ..Row::default() };
        for row in [agencies, networks] {
            for shift in [0, 6, 52, 58] {
                let mut counts = [0_u32; 64];
                for n in 0..6_400 {
                    let place = Kin::Pair.number(&pack(&row(n))) >> shift & 63;
                    counts[place as usize] += 1;
                }
                assert!(counts.iter().all(|it| (40..250).contains(it)), "{shift}: {counts:?}");
            }
        }
    }
}
