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
