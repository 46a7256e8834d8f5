//! What one cell says by itself, and what texts were read as.

use super::cell::State;
use super::layout::Field;
use super::row::{Row, hours};
use crate::reason::{Class, Plain};

/// A reason that was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) class: Class,
    pub(super) plain: Plain,
    pub(super) state: State,
    /// [`super::row::Mark::Case`] and [`super::row::Mark::Known`], as they hold.
    pub(super) marks: u8,
}

impl Known {
    /// As one number, to be kept in a [`super::memo::Memo`].
    pub(super) fn packed(self) -> u64 {
        let said = [self.class as u8, self.plain as u8, self.state as u8, self.marks];
        u64::from(self.number) | u64::from(u32::from_le_bytes(said)) << 32
    }

    #[inline]
    pub(super) fn unpacked(number: u64) -> Self {
        let [class, plain, state, marks] = ((number >> 32) as u32).to_le_bytes();
        Self {
            number: number as u32,
            class: Class::ALL.get(usize::from(class)).copied().unwrap_or_default(),
            plain: Plain::ALL.get(usize::from(plain)).copied().unwrap_or_default(),
            state: State::ALL.get(usize::from(state)).copied().unwrap_or_default(),
            marks,
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
        row.marks |= self.marks;
    }
}

/// What the cell of one field says by itself, so that it can be worked out once for all rows that
/// have it: a number, which means what the field says, and marks. All fields say it in one form,
/// because what has several is moved by way of memory, and waits there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    number: u64,
    marks: u8,
}

/// What a field says that may be there or not, where it is not.
const NONE: u64 = u64::MAX;

impl Said {
    /// A number and marks.
    pub(super) fn marked((number, marks): (impl Into<u64>, u8)) -> Self {
        Self { number: number.into(), marks }
    }

    /// A number and no marks.
    pub(super) fn number(number: impl Into<u64>) -> Self {
        Self::marked((number, 0))
    }

    /// A number that may not be there.
    pub(super) fn maybe(number: Option<u32>) -> Self {
        Self::number(number.map_or(NONE, u64::from))
    }

    /// A reason that was read.
    pub(super) fn reason(known: Known) -> Self {
        Self::number(known.packed())
    }

    /// Writes what a cell of a field says into a row, which must have its time before the period
    /// asked for comes.
    #[inline]
    pub(super) fn put(self, field: Field, row: &mut Row) {
        let Self { number, marks } = self;
        let maybe = (number != NONE).then_some(number as u32);
        match field {
            Field::Time => row.time = number as u32,
            Field::Id => row.id = number,
            Field::Host | Field::Agency => row.agency = self.agency(),
            Field::Account => row.account = number,
            Field::Networks => row.networks = maybe,
            Field::Window => row.hours = maybe.map(|start| hours(start, row.time)),
            Field::Case => row.case = number,
            Field::Reason => Known::unpacked(number).put(row),
            // It is a field that a row does not keep.
            _ => {}
        }
        row.marks |= marks;
    }

    /// The number of an agency, of a cell that says one.
    #[inline]
    pub(super) fn agency(self) -> u32 {
        self.number as u32
    }

    /// The class of a reason, of a cell that says one.
    #[inline]
    pub(super) fn class(self) -> Class {
        Known::class_of(self.number)
    }
}
