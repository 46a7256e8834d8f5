//! What one cell says by itself, and what texts were read as.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

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

/// What texts were read as, by their hash. It is of 64 bits and differs in every run, so that two
/// texts of a million have the same once in many millions of runs, and nobody can choose them.
pub(super) type Remembered<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// A hash that is one already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsItIs(u64);

impl std::hash::Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Known {
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
