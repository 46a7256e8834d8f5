//! Tables of cases in Parquet files.
//!
//! - In: the bytes of a file with flat columns of text, yes/no, whole numbers or days.
//! - Out: each cell as the word that a CSV would have, by row.
//! - Absent: nested columns and other types, which are refused by name.

use bytes::Bytes;
use jiff::Span;
use jiff::civil::Date;
use parquet::basic::{LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

/// The day from which Parquet counts.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Rows that are decoded together.
const BATCH: usize = 1 << 14;

/// A flat Parquet file, its columns by name.
pub(crate) struct Flat {
    file: SerializedFileReader<Bytes>,
    names: Vec<String>,
}

/// What a cell of one column is handed to: its row, counted from 0, and its word.
pub(crate) type Put<'a> = dyn FnMut(usize, &str) + 'a;

impl Flat {
    /// # Errors
    /// What is wrong with the file, or with which column.
    pub(crate) fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let file = SerializedFileReader::new(Bytes::from(bytes)).map_err(damaged)?;
        let columns = file.metadata().file_metadata().schema_descr().columns();
        let names = columns
            .iter()
            .map(|column| match column.path().parts() {
                [name] if column.max_rep_level() == 0 && is_word(column) => Ok(name.clone()),
                _ => Err(format!(
                    "the column `{}` is nested or of another type; write text, yes/no, whole \
                     numbers or days",
                    column.path().string()
                )),
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Self { file, names })
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.file.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Hands out the cells of a column that are not null.
    ///
    /// # Errors
    /// A damaged file.
    pub(crate) fn column(&self, at: usize, put: &mut Put<'_>) -> Result<(), String> {
        let mut row = 0_usize;
        for group in 0..self.file.num_row_groups() {
            let group = self.file.get_row_group(group).map_err(damaged)?;
            row = part(&*group, at, row, put)?;
        }
        Ok(())
    }
}

/// The cells of a column in one row group; gives the first row of the next.
fn part(
    group: &dyn RowGroupReader,
    at: usize,
    start: usize,
    put: &mut Put<'_>,
) -> Result<usize, String> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let about = group.metadata().column(at).column_descr_ptr();
    let is_day = is_day(&about);
    match group.get_column_reader(at).map_err(damaged)? {
        ColumnReader::ByteArrayColumnReader(cells) => {
            cells_of(cells, &about, rows, start, &mut |row, it| {
                let text = std::str::from_utf8(it.data()).map_err(|_| {
                    format!(
                        "row {}, column `{}`: the text is not UTF-8",
                        row.saturating_add(1),
                        about.name()
                    )
                })?;
                put(row, text);
                Ok(())
            })
        }
        ColumnReader::BoolColumnReader(cells) => {
            cells_of(cells, &about, rows, start, &mut |row, it| {
                put(row, if *it { "true" } else { "false" });
                Ok(())
            })
        }
        ColumnReader::Int32ColumnReader(cells) => {
            cells_of(cells, &about, rows, start, &mut |row, it| {
                put(row, &if is_day { day(*it) } else { it.to_string() });
                Ok(())
            })
        }
        ColumnReader::Int64ColumnReader(cells) => {
            cells_of(cells, &about, rows, start, &mut |row, it| {
                put(row, &it.to_string());
                Ok(())
            })
        }
        _ => Err(format!("the column `{}` is of another type", about.name())),
    }?;
    Ok(start.saturating_add(rows))
}

type Each<'a, T> = dyn FnMut(usize, &T) -> Result<(), String> + 'a;

/// Decodes a column in batches; a cell is there where its definition level is the highest.
fn cells_of<T: DataType>(
    mut cells: ColumnReaderImpl<T>,
    about: &ColumnDescriptor,
    rows: usize,
    start: usize,
    each: &mut Each<'_, T::T>,
) -> Result<(), String> {
    let there = about.max_def_level();
    let mut done = 0_usize;
    while done < rows {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (read, _, _) =
            cells.read_records(BATCH, Some(&mut levels), None, &mut values).map_err(damaged)?;
        if read == 0 {
            return Err(format!("the column `{}` ends before the table does", about.name()));
        }
        let mut values = values.iter();
        for row in 0..read {
            if there == 0 || levels.get(row) == Some(&there) {
                let value = values.next().ok_or("a column has fewer values than it says")?;
                each(start.saturating_add(done).saturating_add(row), value)?;
            }
        }
        done = done.saturating_add(read);
    }
    Ok(())
}

fn is_word(column: &ColumnDescriptor) -> bool {
    matches!(column.physical_type(), Type::BYTE_ARRAY | Type::BOOLEAN | Type::INT32 | Type::INT64)
        && !matches!(
            column.logical_type_ref(),
            Some(
                LogicalType::Decimal { .. }
                    | LogicalType::Timestamp { .. }
                    | LogicalType::Time { .. }
            )
        )
}

fn is_day(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Date))
}

/// A day as ISO 8601 writes it.
pub(crate) fn day(days: i32) -> String {
    let day = Span::new().try_days(days).ok().and_then(|span| EPOCH.checked_add(span).ok());
    day.map_or_else(|| format!("day {days} of no calendar"), |day| day.to_string())
}

fn damaged(error: ParquetError) -> String {
    format!("the Parquet file cannot be read: {error}")
}
