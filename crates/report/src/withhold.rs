//! Small counts withheld, where a law orders it.
//!
//! - In: a finished table, and the number below which a count is withheld.
//! - Out: the same table, where each count from one up to below that number shows only that it
//!   is withheld, and neither its number nor its entries.
//! - Absent: protection from whoever holds the register's entries, who can count for himself;
//!   and from subtracting one table's numbers from another's. Each table is made safe by itself.
//!
//! A cell withheld alone can be got by subtracting the shown ones from the total. So where what
//! is shown would leave a withheld cell only one possible number, the next smallest number of
//! the same sum is withheld too, the first of equals, and no cell of the sum says how small it
//! is. Where there is none to take, the parts are not shown at all, only their total. Elsewhere a
//! zero is always shown: it tells of nobody.
//!
//! [`of_sum`] does the same for numbers that are in no table: those of an audit that anybody may
//! read.

use serde_json::{Value, json};

use crate::table::{Cell, Sums, Table};

/// Where a cell stands: its row, the total's row being one past the last, and its column.
type Place = (usize, usize);

/// Withholds every count of a table that is at least one and below `below`.
pub(crate) fn withhold(table: &mut Table, below: u64) {
    let small = |n: u64| (1..below).contains(&n);
    let places: Vec<Place> = all_places(table)
        .into_iter()
        .filter(|place| counted(table, *place).is_some_and(small))
        .collect();
    if places.is_empty() {
        return;
    }
    let mut ranged = places.clone();
    let mut bare: Vec<Place> = Vec::new();
    let mut dropped = false;
    for (parts, total) in groups(table) {
        let hidden: Vec<Place> =
            parts.iter().copied().filter(|part| places.contains(part)).collect();
        let all = counted(table, total).filter(|_| !places.contains(&total));
        let Some(all) = all.filter(|_| !hidden.is_empty()) else {
            continue;
        };
        let shown: Vec<(u64, Place)> = parts
            .iter()
            .filter(|part| !places.contains(part))
            .filter_map(|part| Some((counted(table, *part)?, *part)))
            .collect();
        let rest = shown.iter().fold(all, |rest, (n, _)| rest.saturating_sub(*n));
        if has_room(rest, hidden.len(), below) {
            continue;
        }
        ranged.retain(|place| !hidden.contains(place));
        bare.extend(hidden);
        match shown.iter().filter(|(n, _)| *n > 0).min() {
            Some((_, place)) => bare.push(*place),
            None if table.sums == Sums::Down => dropped = true,
            None => bare.extend(parts),
        }
    }
    apply(table, below, &ranged, &bare, dropped);
}

/// What is shown of a number that is a part of a known sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// Itself.
    Number(u64),
    /// That it is at least one, and below this.
    Below(u64),
    /// Nothing.
    Withheld,
}

impl Shown {
    /// As a document for everyone has it.
    pub(crate) fn json(self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Below(below) => json!(format!("fewer than {below}")),
            Self::Withheld => json!("withheld"),
        }
    }
}

/// What is shown of the parts of a sum that anybody may know, so that no part from 1 to below
/// `below` can be found out, not even by who knows how it is done here. For that, all of the next
/// smallest that are equal are withheld: which of them was chosen would tell where they stand.
pub(crate) fn of_sum(parts: &[u64], below: u64) -> Vec<Shown> {
    let small = |n: u64| (1..below).contains(&n);
    let (few, rest) = parts
        .iter()
        .filter(|n| small(**n))
        .fold((0_usize, 0_u64), |(few, rest), n| (few.saturating_add(1), rest.saturating_add(*n)));
    let next = parts.iter().copied().filter(|n| *n >= below).min();
    // Where every part is one there is nothing that differs, so whatever has that sum looks alike.
    let is_even = next.is_none() && rest == parts.len() as u64;
    let is_sure = few == 0 || has_room(rest, few, below) && !is_even;
    let shown = |n: u64| match (is_sure, next) {
        (true, _) if small(n) => Shown::Below(below),
        (true, _) => Shown::Number(n),
        (false, Some(next)) if !small(n) && n != next => Shown::Number(n),
        (false, _) => Shown::Withheld,
    };
    parts.iter().map(|n| shown(*n)).collect()
}

/// Whether cells of 1 up to below `below` that add up to `rest` each leave two numbers possible.
fn has_room(rest: u64, cells: usize, below: u64) -> bool {
    let others = u64::try_from(cells).unwrap_or(u64::MAX).saturating_sub(1);
    let most = below.saturating_sub(1);
    let low = rest.saturating_sub(others.saturating_mul(most)).max(1);
    let high = rest.saturating_sub(others).min(most);
    high > low
}

/// The number in a cell whose column counts people or what stands for them.
fn counted(table: &Table, (row, column): Place) -> Option<u64> {
    if !table.columns.get(column)?.unit.is_counted() {
        return None;
    }
    match table.all_rows().nth(row)?.cells.get(column)? {
        Cell::Count(count) => Some(count.n),
        Cell::Text(_) | Cell::Blank | Cell::Withheld(_) => None,
    }
}

fn all_places(table: &Table) -> Vec<Place> {
    let rows = table.all_rows().count();
    let columns = table.columns.len();
    (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).collect()
}

/// The sums of a table: the places of the parts, and the place of their total.
fn groups(table: &Table) -> Vec<(Vec<Place>, Place)> {
    let rows = table.rows.len();
    let columns = table.columns.len();
    match table.sums {
        Sums::Down => (0..columns)
            .map(|column| ((0..rows).map(|row| (row, column)).collect(), (rows, column)))
            .collect(),
        Sums::Across => (0..rows)
            .map(|row| {
                let last = columns.saturating_sub(1);
                ((0..last).map(|column| (row, column)).collect(), (row, last))
            })
            .collect(),
        Sums::Nothing => Vec::new(),
    }
}

fn apply(table: &mut Table, below: u64, ranged: &[Place], bare: &[Place], dropped: bool) {
    let most = below.saturating_sub(1);
    let units: Vec<bool> = table.columns.iter().map(|column| column.unit.is_counted()).collect();
    for (at, row) in table.rows.iter_mut().chain(&mut table.total).enumerate() {
        let mut hidden = false;
        for (column, cell) in row.cells.iter_mut().enumerate() {
            if bare.contains(&(at, column)) {
                *cell = Cell::Withheld(None);
                hidden = true;
            } else if ranged.contains(&(at, column)) {
                *cell = Cell::Withheld(Some(most));
                hidden = true;
            }
        }
        // First and last running number would tell how many came between.
        for (cell, counts) in row.cells.iter_mut().zip(&units) {
            if hidden && !counts && matches!(cell, Cell::Count(_)) {
                *cell = Cell::Withheld(None);
            }
        }
    }
    table.notes.push(format!("Counts from 1 to {most} are withheld, as the law orders."));
    if !bare.is_empty() && !dropped {
        table.notes.push(
            "More is withheld than that, so that no number withheld can be got by subtracting."
                .to_owned(),
        );
    }
    if dropped {
        table.rows.clear();
        table.notes.push(
            "The rows are left out: beside the total they would tell a number withheld.".to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use proptest::prelude::*;

    use super::{Shown, of_sum};

    const BELOW: u64 = 5;

    /// The numbers that each withheld part can have, for whoever knows the sum and what is shown.
    fn possible(shown: &[Shown], sum: u64) -> Vec<BTreeSet<u64>> {
        let range = |shown: &Shown| match shown {
            Shown::Number(n) => *n..=*n,
            Shown::Below(below) => 1..=below - 1,
            Shown::Withheld => 0..=sum,
        };
        let reached = |others: Vec<&Shown>| {
            others.into_iter().fold(BTreeSet::from([0]), |sums, other| {
                let more = sums.iter().flat_map(|it| range(other).map(move |n| it + n));
                more.filter(|it| *it <= sum).collect()
            })
        };
        let of = |at: usize| {
            let others = shown.iter().enumerate().filter(|it| it.0 != at).map(|it| it.1).collect();
            let others = reached(others);
            range(&shown[at]).filter(|n| *n <= sum && others.contains(&(sum - n))).collect()
        };
        (0..shown.len()).map(of).collect()
    }

    /// Every way in which so many parts make a sum.
    fn all(parts: usize, sum: u64) -> Vec<Vec<u64>> {
        let Some(others) = parts.checked_sub(1) else {
            return if sum == 0 { vec![vec![]] } else { vec![] };
        };
        let first = |n: u64| {
            let rest = all(others, sum - n).into_iter();
            rest.map(move |rest| [&[n], &rest[..]].concat())
        };
        (0..=sum).flat_map(first).collect()
    }

    /// By hand: what the rest of the sum leaves open is shown as small, and what it does not takes
    /// the next smallest with it, or everything.
    #[test]
    fn parts_are_withheld_as_the_sum_allows() {
        use Shown::{Below, Number, Withheld};
        for (parts, shown) in [
            (vec![498, 2], vec![Withheld, Withheld]),
            (vec![2, 0, 7, 9], vec![Withheld, Number(0), Withheld, Number(9)]),
            (vec![2, 7, 7, 9], vec![Withheld, Withheld, Withheld, Number(9)]),
            (vec![2, 3, 9], vec![Below(5), Below(5), Number(9)]),
            (vec![1, 1, 9], vec![Withheld; 3]),
            (vec![4, 4, 0], vec![Withheld; 3]),
            (vec![3, 0, 0], vec![Withheld; 3]),
            (vec![1; 11], vec![Withheld; 11]),
            (vec![2, 1, 0], vec![Withheld; 3]),
            (vec![2, 2, 0], vec![Below(5), Below(5), Number(0)]),
            (vec![5, 0, 6], vec![Number(5), Number(0), Number(6)]),
        ] {
            assert_eq!(of_sum(&parts, BELOW), shown, "{parts:?}");
        }
    }

    /// Every sum of few parts: two that are shown alike differ wherever something is withheld, so
    /// that not even who knows how it is done can tell.
    #[test]
    fn no_withheld_part_is_known_to_who_knows_the_rule() {
        for (parts, sum) in (2..=7).flat_map(|parts| (0..=13).map(move |sum| (parts, sum))) {
            let mut alike: HashMap<Vec<Shown>, Vec<Vec<u64>>> = HashMap::new();
            for one in all(parts, sum) {
                alike.entry(of_sum(&one, BELOW)).or_default().push(one);
            }
            for (shown, all) in alike {
                for (at, it) in shown.iter().enumerate() {
                    let numbers: BTreeSet<u64> = all.iter().map(|one| one[at]).collect();
                    let is_open = matches!(it, Shown::Number(_)) || numbers.len() > 1;
                    assert!(is_open, "{shown:?} of {sum} is {numbers:?} at {at}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_withheld_part_is_got_by_subtracting(
            parts in prop::collection::vec(prop_oneof![0..3_u64, 0..8_u64, 0..60_u64], 2..12),
        ) {
            let shown = of_sum(&parts, BELOW);
            for (at, of) in possible(&shown, parts.iter().sum()).into_iter().enumerate() {
                prop_assert!(of.contains(&parts[at]));
                let small = (1..BELOW).contains(&parts[at]);
                prop_assert!(!small || of.len() > 1, "{:?} is {:?} at {}", shown, of, at);
                prop_assert!(matches!(shown[at], Shown::Number(_)) || of.len() > 1);
            }
        }
    }
}
