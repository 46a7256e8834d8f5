//! A row in as few bytes as it takes, while it waits to be joined.
//!
//! - In: a [`Row`].
//! - Out: 64 bytes, the same row from them, and what such rows are put in order by.
//! - Absent: the local day, which the time tells.

use super::cell::State;
use super::row::Row;
use super::time::Days;
use crate::reason::{Class, Plain};

/// A row in as few bytes as it takes.
pub(super) type Packed = [u64; 8];

/// When a row was.
#[inline]
pub(super) fn time(row: &Packed) -> u32 {
    row[0] as u32
}

/// In which file a row is, and its row there.
#[inline]
pub(super) fn place(row: &Packed) -> (u16, u32) {
    let [_, place, .., rest] = *row;
    (rest as u16, place as u32)
}

/// Its file.
pub(super) fn file_of(row: &Packed) -> u16 {
    place(row).0
}

/// The hash of the vendor's id; 0 where there is none.
pub(super) fn id_of(row: &Packed) -> u64 {
    row[2]
}

/// The hash of every cell.
pub(super) fn cells_of(row: &Packed) -> u64 {
    row[3]
}

/// The agency and the number of networks, as one number.
pub(super) fn pair_of(row: &Packed) -> u64 {
    let [times, .., names, _] = *row;
    names << 32 | times >> 32
}

/// The most hours that are told apart: seven years and more are one.
const MOST_HOURS: u32 = u16::MAX as u32 - 1;

#[inline]
pub(super) fn pack(row: &Row) -> Packed {
    let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let hours = row.hours.map_or(u32::from(u16::MAX), |hours| hours.min(MOST_HOURS));
    // How plain it is and the state of the cell share a byte.
    let plain = (row.plain as u8) << 4 | row.reason_state as u8;
    let small = u32::from_le_bytes([row.class as u8, plain, row.information, row.marks]);
    [
        two(row.time, row.networks.unwrap_or(u32::MAX)),
        two(row.row, row.line),
        row.id,
        row.content,
        row.account,
        row.case,
        two(row.agency, row.reason),
        two(u32::from(row.file) | hours << 16, small),
    ]
}

#[inline]
pub(super) fn unpack(row: &Packed, days: &mut Days) -> Row {
    let low = |word: u64| word as u32;
    let high = |word: u64| (word >> 32) as u32;
    let [times, place, id, content, account, case, names, rest] = *row;
    let [class, plain, information, marks] = high(rest).to_le_bytes();
    let hours = low(rest) >> 16;
    Row {
        time: low(times),
        day: days.day(low(times)),
        file: low(rest) as u16,
        row: low(place),
        line: high(place),
        id,
        content,
        agency: low(names),
        account,
        case,
        networks: Some(high(times)).filter(|networks| *networks != u32::MAX),
        hours: Some(hours).filter(|hours| *hours <= MOST_HOURS),
        reason: high(names),
        class: Class::ALL.get(usize::from(class)).copied().unwrap_or_default(),
        plain: Plain::ALL.get(usize::from(plain >> 4)).copied().unwrap_or_default(),
        reason_state: State::ALL.get(usize::from(plain & 15)).copied().unwrap_or_default(),
        marks,
        information,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What was packed comes back.
        #[test]
        fn rows_come_back(
            (time, row, line, agency, reason) in any::<(u32, u32, u32, u32, u32)>(),
            (id, content, account, case) in any::<(u64, u64, u64, u64)>(),
            (file, marks, information) in any::<(u16, u8, u8)>(),
            (networks, hours) in (prop::option::of(0..u32::MAX), prop::option::of(0..=MOST_HOURS)),
            class in prop::sample::select(Class::ALL.to_vec()),
            plain in prop::sample::select(Plain::ALL.to_vec()),
            reason_state in prop::sample::select(State::ALL.to_vec()),
        ) {
            let mut days = Days::of(jiff::tz::TimeZone::UTC);
            let day = (time / 86_400).cast_signed();
            let row = Row {
                time,
                day,
                file,
                row,
                line,
                id,
                content,
                agency,
                account,
                case,
                networks,
                hours,
                reason,
                class,
                plain,
                reason_state,
                marks,
                information,
            };
            prop_assert_eq!(unpack(&pack(&row), &mut days), row);
        }
    }
}
