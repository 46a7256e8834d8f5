//! What a Parquet file says of itself, and what a layout makes of it.
//!
//! - In: the end of a file, and the layouts there are.
//! - Out: its row groups, and for each column what is done with it.
//! - Absent: cells.

use std::io::{Read, Seek};

use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};

use super::ahead::Shared;
use super::pages::caught;
use super::shape::Shape;
use crate::log::layout::{Field, Header};
use crate::log::read::{LogError, MOST_COLUMNS, Task, Wanted};

/// The longest list of parts, in bytes, at the end of a file.
const LIST: u64 = 32 << 20;

/// What every complaint about the file itself starts with.
pub(super) const UNREADABLE: &str = "the Parquet file cannot be read";

/// Reads what the end of the file says of the rest.
///
/// # Errors
/// That it is cut off or damaged, or that it has too many parts.
pub(super) fn open<R: Read + Seek + Send>(
    shared: Shared<'_, R>,
    length: u64,
) -> Result<ParquetMetaData, LogError> {
    let mut end = Vec::new();
    shared.read_into(length.saturating_sub(8), 8, &mut end)?;
    let list = match end.as_slice() {
        [a, b, c, d, b'P', b'A', b'R', b'1'] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        [.., b'P', b'A', b'R', b'E'] => {
            let what = "it is an encrypted Parquet file; write it without encryption";
            return Err(LogError::NotALog(what.to_owned()));
        }
        _ => {
            let what = "it starts as a Parquet file and does not end as one; was it cut off?";
            return Err(LogError::NotALog(what.to_owned()));
        }
    };
    if list > LIST {
        let what = "its list of row groups is too long; write it with longer row groups";
        return Err(LogError::NotALog(what.to_owned()));
    }
    let mut options = ParquetMetaDataOptions::default();
    options.set_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
    options.set_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let reader = ParquetMetaDataReader::new().with_metadata_options(Some(options));
    let metadata = caught(|| reader.parse_and_finish(&shared));
    let metadata = metadata.map_err(|why| LogError::NotALog(format!("{UNREADABLE}: {why}")))?;
    let rows: i64 =
        metadata.row_groups().iter().map(RowGroupMetaData::num_rows).fold(0, i64::saturating_add);
    if rows != metadata.file_metadata().num_rows() {
        let what = "the Parquet file is damaged: its parts have not as many rows as it says";
        return Err(LogError::NotALog(what.to_owned()));
    }
    Ok(metadata)
}

/// How many bytes a row group has.
pub(super) fn bytes_of(group: &RowGroupMetaData) -> u64 {
    let sizes = group.columns().iter().map(|column| u64::try_from(column.compressed_size()));
    sizes.fold(0, |sum, size| sum.saturating_add(size.unwrap_or(0)))
}

/// What is done with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Each of its values says something by itself.
    Says(Field),
    /// Its texts are kept, because they say something together with those of another column.
    Kept(Field),
    /// Its cells only tell rows apart.
    Past,
    /// Its cells are not looked at.
    Unread,
}

/// A column, as the file and the layout describe it.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) role: Role,
}

/// The table, as the file and the layout describe it.
pub(super) struct Table<'a> {
    pub(super) metadata: &'a ParquetMetaData,
    pub(super) header: Header,
    pub(super) columns: Vec<Column>,
    /// The number of the first row of each row group.
    pub(super) starts: Vec<u64>,
}

impl<'a> Table<'a> {
    /// # Errors
    /// Which column no log has, or that no layout fits.
    pub(super) fn new(metadata: &'a ParquetMetaData, task: Task<'_>) -> Result<Self, String> {
        let described = metadata.file_metadata().schema_descr().columns();
        if described.len() > MOST_COLUMNS {
            let count = described.len();
            return Err(format!("it has {count} columns; a log has fewer"));
        }
        let shapes = described.iter().map(|column| Shape::of(column));
        let shapes = shapes.collect::<Result<Vec<Shape>, String>>()?;
        let names: Vec<String> = described.iter().map(|it| it.name().to_owned()).collect();
        let header = task.how.layouts.header(&names)?;
        let mut columns = Vec::new();
        for (at, shape) in shapes.into_iter().enumerate() {
            let field = Field::ALL.into_iter().find(|field| header.place(*field) == Some(at));
            let name = header.headings.get(at).cloned().unwrap_or_default();
            let role = field.map_or(Role::Past, |field| role(field, &header));
            let role = match task.wanted {
                Wanted::Rows => role,
                Wanted::Reasons if is_of_reason(role) => role,
                Wanted::Reasons if task.doubt.is_some() => Role::Unread,
                Wanted::Reasons => Role::Past,
            };
            columns.push(Column { name, shape, role });
        }
        let mut starts = Vec::new();
        let mut start = 2_u64;
        for group in metadata.row_groups() {
            starts.push(start);
            start = start.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
        }
        Ok(Self { metadata, header, columns, starts })
    }

    /// A time of a clock needs a zone, and so does a day.
    ///
    /// # Errors
    /// That the layout names none.
    pub(super) fn check_zone(&self) -> Result<(), String> {
        let is_lost = |column: &&Column| {
            column.role == Role::Says(Field::Time)
                && matches!(column.shape, Shape::Day | Shape::Instant { local: true, .. })
                && self.header.layout.zone.is_none()
        };
        match self.columns.iter().find(is_lost) {
            None => Ok(()),
            Some(column) => Err(format!(
                "the times of the column `{}` are of a clock and name no zone; say in a layout \
                 which it is (`zone = …`)",
                column.name
            )),
        }
    }
}

/// Whether a column says who searched, or what for.
fn is_of_reason(role: Role) -> bool {
    use Field::{Agency, Category, Details, Entity, Event, Host, Reason};
    match role {
        Role::Says(field) | Role::Kept(field) => {
            [Agency, Host, Category, Reason, Event, Entity, Details].contains(&field)
        }
        Role::Past | Role::Unread => false,
    }
}

/// Whether a field says something by itself depends on what other columns there are.
fn role(field: Field, header: &Header) -> Role {
    let has = |field: Field| header.place(field).is_some();
    match field {
        Field::Date => Role::Kept(field),
        Field::Time if has(Field::Date) => Role::Kept(field),
        Field::Event => Role::Kept(field),
        Field::Entity | Field::Details if has(Field::Event) => Role::Kept(field),
        Field::Reason | Field::Category if has(Field::Event) => Role::Past,
        Field::Category => Role::Kept(field),
        Field::Reason if has(Field::Category) => Role::Kept(field),
        Field::Agency if has(Field::Host) => Role::Past,
        Field::Time
        | Field::Id
        | Field::Host
        | Field::Agency
        | Field::Account
        | Field::Networks
        | Field::Window
        | Field::Case
        | Field::Reason
        | Field::Moderation => Role::Says(field),
        _ => Role::Past,
    }
}
