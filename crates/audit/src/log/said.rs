//! What one cell says by itself, and what texts were read as.

use super::cell::State;
use super::row::{Mark, Row, hours};
use crate::reason::{Class, Plain};

/// A reason that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) class: Class,
    pub(super) plain: Plain,
    pub(super) state: State,
    pub(super) case: bool,
}

impl Known {
    /// As one number, to be kept in a [`super::memo::Memo`].
    pub(super) fn packed(self) -> u64 {
        let said = [self.class as u8, self.plain as u8, self.state as u8, u8::from(self.case)];
        u64::from(self.number) | u64::from(u32::from_le_bytes(said)) << 32
    }

    #[inline]
    pub(super) fn unpacked(number: u64) -> Self {
        let [class, plain, state, case] = ((number >> 32) as u32).to_le_bytes();
        Self {
            number: number as u32,
            class: Class::ALL.get(usize::from(class)).copied().unwrap_or_default(),
            plain: Plain::ALL.get(usize::from(plain)).copied().unwrap_or_default(),
            state: State::ALL.get(usize::from(state)).copied().unwrap_or_default(),
            case: case != 0,
        }
    }

    /// The class of one that is packed.
    #[inline]
    pub(super) fn class_of(number: u64) -> Class {
        let place = usize::from((number >> 32) as u8);
        Class::ALL.get(place).copied().unwrap_or_default()
    }

    pub(super) fn put(self, row: &mut Row) {
        (row.reason, row.class, row.plain) = (self.number, self.class, self.plain);
        row.reason_state = self.state;
        if self.case {
            row.marks |= Mark::Case as u8;
        }
    }
}

/// What the cell of one field says by itself, so that it can be worked out once for all rows that
/// have it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said {
    /// It is a field that a row does not keep.
    Nothing,
    Time(u32),
    Id(u64),
    /// A number, and marks.
    Agency(u32, u8),
    Account(u64, u8),
    Networks(Option<u32>),
    /// When the period asked for starts.
    Since(Option<u32>),
    Case(u64, u8),
    Reason(Known),
}

impl Said {
    /// Writes it into a row, which must have its time before the period asked for comes.
    #[inline]
    pub(super) fn put(self, row: &mut Row) {
        match self {
            Self::Nothing => {}
            Self::Time(time) => row.time = time,
            Self::Id(id) => row.id = id,
            Self::Agency(agency, marks) => {
                row.agency = agency;
                row.marks |= marks;
            }
            Self::Account(account, marks) => {
                row.account = account;
                row.marks |= marks;
            }
            Self::Networks(networks) => row.networks = networks,
            Self::Since(start) => row.hours = start.map(|start| hours(start, row.time)),
            Self::Case(case, marks) => {
                row.case = case;
                row.marks |= marks;
            }
            Self::Reason(known) => known.put(row),
        }
    }
}
