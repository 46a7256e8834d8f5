//! Tables, written as CSV and as Parquet, and both read as logs.

use std::sync::{Arc, Mutex};

use audit::log::row::{Common, Hasher};
use audit::log::{
    Cases, Classes, FileTotals, How, Key, Layouts, LogError, Look, Names, Row, classes, read_log,
};
use audit::reason::Rules;
use jiff::tz::TimeZone;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// What several readings have in common, so that their rows can be compared.
pub struct Reading {
    layouts: Layouts,
    key: Key,
    names: Names,
    hasher: Hasher,
}

impl Default for Reading {
    fn default() -> Self {
        let layouts = Layouts::published().unwrap();
        Self { layouts, key: Key::new([3; 16]), names: Names::default(), hasher: Hasher::default() }
    }
}

impl Reading {
    /// With layouts of one's own.
    pub fn with(layouts: &str) -> Self {
        let zone = |name: &str| TimeZone::get(name).map_err(|error| error.to_string());
        let own = Layouts::read(layouts).unwrap().in_zones(zone).unwrap();
        let reading = Self::default();
        Self { layouts: reading.layouts.clone().with(own), ..reading }
    }

    /// Reads a log; its rows come in their order.
    pub fn read(&self, bytes: &[u8], threads: usize) -> Result<(FileTotals, Vec<Row>), LogError> {
        let common = Common {
            cases: &Cases::default(),
            key: &self.key,
            rules: Rules::published(),
            names: &self.names,
            hasher: &self.hasher,
            zone: &TimeZone::UTC,
            own: "Example PD",
        };
        let how = How { layouts: &self.layouts, common, threads };
        let all = Mutex::new((Vec::new(), 0));
        let sink = |batch: &[Row], bytes: u64| {
            let mut all = all.lock().unwrap();
            all.0.extend_from_slice(batch);
            all.1 += bytes;
        };
        let totals = read_log(0, std::io::Cursor::new(bytes), how, &sink)?;
        let (mut rows, told) = all.into_inner().unwrap();
        rows.sort_by_key(|row| row.row);
        assert_eq!(totals.rows, totals.made + totals.rejected_rows, "rows balance");
        assert_eq!(totals.made, rows.len() as u64);
        assert_eq!(totals.bytes, bytes.len() as u64);
        if bytes.starts_with(b"PAR1") {
            assert_eq!(told, totals.bytes, "progress comes to its end");
        }
        Ok((totals, rows))
    }

    /// Looks at a log.
    pub fn look(&self, bytes: &[u8], threads: usize) -> Classes {
        let (layouts, rules, own) = (&self.layouts, Rules::published(), "Example PD");
        let look = Look { layouts, rules, own, threads };
        let seen = classes(std::io::Cursor::new(bytes), look).unwrap();
        assert_eq!(seen.totals.rows, seen.totals.made + seen.totals.rejected_rows);
        assert_eq!(seen.totals.bytes, bytes.len() as u64);
        seen
    }

    /// The agency of a number.
    pub fn text(&self, number: u32) -> String {
        self.names.text(number).unwrap().to_string()
    }

    /// The reason of a number.
    pub fn reason(&self, number: u32) -> String {
        self.names.reason(number).unwrap().to_string()
    }
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum Cells {
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Longs(Vec<Option<i64>>),
    Ints(Vec<Option<i32>>),
    Doubles(Vec<Option<f64>>),
    Bools(Vec<Option<bool>>),
    /// Of 16 bytes each.
    Fixed(Vec<Option<[u8; 16]>>),
}

/// A column, with what its values mean.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub cells: Cells,
    pub means: Option<LogicalType>,
    /// No cell may be null.
    pub required: bool,
}

impl Column {
    pub fn new(name: &str, cells: Cells, means: Option<LogicalType>) -> Self {
        Self { name: name.to_owned(), cells, means, required: false }
    }

    pub fn texts(name: &str, cells: &[Option<&str>]) -> Self {
        let cells = cells.iter().map(|cell| cell.map(str::to_owned)).collect();
        Self::new(name, Cells::Texts(cells), Some(LogicalType::String))
    }

    fn described(&self) -> Arc<Type> {
        let physical = match self.cells {
            Cells::Texts(_) | Cells::Bytes(_) => Physical::BYTE_ARRAY,
            Cells::Longs(_) => Physical::INT64,
            Cells::Ints(_) => Physical::INT32,
            Cells::Doubles(_) => Physical::DOUBLE,
            Cells::Bools(_) => Physical::BOOLEAN,
            Cells::Fixed(_) => Physical::FIXED_LEN_BYTE_ARRAY,
        };
        let repetition = if self.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let length = if physical == Physical::FIXED_LEN_BYTE_ARRAY { 16 } else { -1 };
        let built = Type::primitive_type_builder(&self.name, physical)
            .with_logical_type(self.means.clone())
            .with_repetition(repetition)
            .with_length(length)
            .build();
        Arc::new(built.unwrap())
    }

    fn rows(&self) -> usize {
        match &self.cells {
            Cells::Texts(cells) => cells.len(),
            Cells::Bytes(cells) => cells.len(),
            Cells::Longs(cells) => cells.len(),
            Cells::Ints(cells) => cells.len(),
            Cells::Doubles(cells) => cells.len(),
            Cells::Bools(cells) => cells.len(),
            Cells::Fixed(cells) => cells.len(),
        }
    }
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn put<T: DataType, V>(
    group: &mut Group<'_>,
    required: bool,
    cells: &[Option<V>],
    value: impl Fn(&V) -> T::T,
) {
    let values: Vec<T::T> = cells.iter().flatten().map(value).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let mut writer = group.next_column().unwrap().unwrap();
    let levels = (!required).then_some(levels.as_slice());
    writer.typed::<T>().write_batch(&values, levels, None).unwrap();
    writer.close().unwrap();
}

/// Writes a table, so many rows to a row group.
pub fn parquet(columns: &[Column], rows: usize, properties: WriterProperties) -> Vec<u8> {
    let fields = columns.iter().map(Column::described).collect();
    let schema = Type::group_type_builder("log").with_fields(fields).build().unwrap();
    let mut file =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).unwrap();
    let count = columns[0].rows();
    for start in (0..count).step_by(rows.max(1)) {
        let of = start..count.min(start + rows);
        let mut group = file.next_row_group().unwrap();
        for Column { cells, required, .. } in columns {
            let (group, required) = (&mut group, *required);
            let bytes = |cell: &[u8]| ByteArray::from(cell.to_vec());
            match cells {
                Cells::Texts(cells) => {
                    put::<ByteArrayType, _>(group, required, &cells[of.clone()], |it| {
                        bytes(it.as_bytes())
                    });
                }
                Cells::Bytes(cells) => {
                    put::<ByteArrayType, _>(group, required, &cells[of.clone()], |it| bytes(it));
                }
                Cells::Longs(cells) => {
                    put::<Int64Type, _>(group, required, &cells[of.clone()], |it| *it);
                }
                Cells::Ints(cells) => {
                    put::<Int32Type, _>(group, required, &cells[of.clone()], |it| *it);
                }
                Cells::Doubles(cells) => {
                    put::<DoubleType, _>(group, required, &cells[of.clone()], |it| *it);
                }
                Cells::Bools(cells) => {
                    put::<BoolType, _>(group, required, &cells[of.clone()], |it| *it);
                }
                Cells::Fixed(cells) => {
                    put::<FixedLenByteArrayType, _>(group, required, &cells[of.clone()], |it| {
                        bytes(it).into()
                    });
                }
            }
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// Writes a table of texts as CSV; a null is an empty cell.
pub fn csv(headings: &[&str], rows: &[Vec<Option<String>>]) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(headings).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or(""))).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Rows without what depends on how a table was written: the line, and the hash of every cell.
pub fn bare(rows: &[Row]) -> Vec<Row> {
    rows.iter().map(|row| Row { line: 0, content: 0, ..*row }).collect()
}

/// The default, but with no dictionaries.
pub fn plain() -> WriterProperties {
    WriterProperties::builder().set_dictionary_enabled(false).build()
}
