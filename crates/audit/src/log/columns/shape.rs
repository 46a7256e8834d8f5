//! The types of a Parquet file, and each value as the text that a CSV would have.
//!
//! - In: what the file says of a column, and the bytes of a value.
//! - Out: text; of an instant, its seconds.
//! - Absent: nested columns, decimals and the old INT96, which are refused by name.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

use crate::flat::day;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    YesNo,
    Whole,
    /// A whole number without a sign.
    Count,
    Single,
    Double,
    /// Days since the start of 1970.
    Day,
    /// A time of some day, in parts of a second.
    Clock(i64),
    /// A time, in parts of a second since the start of 1970: of UTC, or of a clock.
    Instant {
        parts: i64,
        local: bool,
    },
    Uuid,
}

fn parts(unit: &TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

impl Shape {
    /// What the file says of a column.
    ///
    /// # Errors
    /// That it is nested or of a type that no log needs, and what to do.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Self, String> {
        let flat = column.path().parts().len() == 1 && column.max_rep_level() == 0;
        let shape = if flat { Self::of_flat(column) } else { None };
        shape.ok_or_else(|| {
            format!(
                "the column `{}` is nested or of another type; write text, numbers, yes/no, days \
                 or timestamps",
                column.path().string()
            )
        })
    }

    fn of_flat(column: &ColumnDescriptor) -> Option<Self> {
        let physical = column.physical_type();
        let is_whole = matches!(physical, Type::INT32 | Type::INT64);
        match column.logical_type_ref() {
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json)
                if physical == Type::BYTE_ARRAY =>
            {
                Some(Self::Text)
            }
            Some(LogicalType::Integer(it)) if is_whole => {
                Some(if it.is_signed { Self::Whole } else { Self::Count })
            }
            Some(LogicalType::Date) if physical == Type::INT32 => Some(Self::Day),
            Some(LogicalType::Time(it)) if is_whole => Some(Self::Clock(parts(&it.unit))),
            Some(LogicalType::Timestamp(it)) if physical == Type::INT64 => {
                Some(Self::Instant { parts: parts(&it.unit), local: !it.is_adjusted_to_u_t_c })
            }
            Some(LogicalType::Uuid) if column.type_length() == 16 => Some(Self::Uuid),
            // A column that is null in every row may have any type.
            None | Some(LogicalType::Unknown) => Self::of_old(column),
            Some(_) => None,
        }
    }

    /// Older writers know fewer types, and call them otherwise.
    fn of_old(column: &ColumnDescriptor) -> Option<Self> {
        use ConvertedType as Old;
        Some(match (column.physical_type(), column.converted_type()) {
            (Type::BYTE_ARRAY, Old::NONE | Old::UTF8 | Old::ENUM | Old::JSON) => Self::Text,
            (Type::BOOLEAN, Old::NONE) => Self::YesNo,
            (Type::INT32, Old::DATE) => Self::Day,
            (Type::INT32, Old::TIME_MILLIS) => Self::Clock(1_000),
            (Type::INT64, Old::TIME_MICROS) => Self::Clock(1_000_000),
            // The specification says that these are of UTC.
            (Type::INT64, Old::TIMESTAMP_MILLIS) => Self::Instant { parts: 1_000, local: false },
            (Type::INT64, Old::TIMESTAMP_MICROS) => {
                Self::Instant { parts: 1_000_000, local: false }
            }
            (
                Type::INT32 | Type::INT64,
                Old::UINT_8 | Old::UINT_16 | Old::UINT_32 | Old::UINT_64,
            ) => Self::Count,
            (
                Type::INT32 | Type::INT64,
                Old::NONE | Old::INT_8 | Old::INT_16 | Old::INT_32 | Old::INT_64,
            ) => Self::Whole,
            (Type::FLOAT, Old::NONE) => Self::Single,
            (Type::DOUBLE, Old::NONE) => Self::Double,
            _ => return None,
        })
    }

    /// The whole seconds of an instant.
    pub(super) fn seconds(self, value: &[u8]) -> Option<i64> {
        match self {
            Self::Instant { parts, .. } => Some(whole(value)?.div_euclid(parts)),
            _ => None,
        }
    }

    /// The text of a value. A value that is no number has none.
    pub(super) fn text<'t>(self, value: &'t [u8], written: &'t mut String) -> &'t [u8] {
        if self == Self::Text {
            return value;
        }
        written.clear();
        match self.write(value, written) {
            Some(()) => written.as_bytes(),
            // It has not the bytes of its type, which no page that was checked gives.
            None => b"",
        }
    }

    fn write(self, value: &[u8], to: &mut String) -> Option<()> {
        match self {
            Self::Text => return None,
            Self::YesNo => to.push_str(if value == [0] { "false" } else { "true" }),
            Self::Whole => write!(to, "{}", whole(value)?).ok()?,
            Self::Count => write!(to, "{}", count(value)?).ok()?,
            Self::Single => {
                let value = f32::from_le_bytes(value.try_into().ok()?);
                // What is not there is no number to some writers.
                if !value.is_nan() {
                    write!(to, "{value}").ok()?;
                }
            }
            Self::Double => {
                let value = f64::from_le_bytes(value.try_into().ok()?);
                if !value.is_nan() {
                    write!(to, "{value}").ok()?;
                }
            }
            Self::Day => to.push_str(&day(i32::try_from(whole(value)?).ok()?)),
            Self::Clock(parts) => {
                let seconds = whole(value)?.div_euclid(parts);
                let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
                write!(to, "{hour:02}:{minute:02}:{:02}", seconds % 60).ok()?;
            }
            Self::Instant { local, .. } => {
                let seconds = self.seconds(value)?;
                match (Timestamp::from_second(seconds), local) {
                    (Ok(it), false) => write!(to, "{it}").ok()?,
                    (Ok(it), true) => {
                        write!(to, "{}", it.to_zoned(TimeZone::UTC).datetime()).ok()?;
                    }
                    (Err(_), _) => write!(to, "second {seconds} of no calendar").ok()?,
                }
            }
            Self::Uuid => {
                for (at, byte) in value.iter().enumerate() {
                    if matches!(at, 4 | 6 | 8 | 10) {
                        to.push('-');
                    }
                    write!(to, "{byte:02x}").ok()?;
                }
            }
        }
        Some(())
    }
}

fn whole(value: &[u8]) -> Option<i64> {
    match value.len() {
        4 => Some(i64::from(i32::from_le_bytes(value.try_into().ok()?))),
        _ => Some(i64::from_le_bytes(value.try_into().ok()?)),
    }
}

fn count(value: &[u8]) -> Option<u64> {
    match value.len() {
        4 => Some(u64::from(u32::from_le_bytes(value.try_into().ok()?))),
        _ => Some(u64::from_le_bytes(value.try_into().ok()?)),
    }
}
