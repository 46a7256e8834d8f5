//! What is refused, and damaged files: an error that says what to do, or the truth, never a panic.

use std::sync::Arc;

use audit::log::Row;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int96, Int96Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use proptest::prelude::*;

use crate::table::{Cells, Column, Reading, parquet, plain};
use crate::written::file;

fn told(bytes: &[u8]) -> String {
    match Reading::default().read(bytes, 2) {
        Err(error) => error.to_string(),
        Ok((totals, _)) => panic!("it was read: {totals:?}"),
    }
}

/// A table of 300 rows with a column of each kind, in row groups of 128.
fn table(properties: WriterProperties) -> Vec<u8> {
    let rows = 0..300_i64;
    let texts =
        |text: &dyn Fn(i64) -> Option<String>| Cells::Texts(rows.clone().map(text).collect());
    let columns = [
        Column::new(
            "Search Time",
            Cells::Longs(rows.clone().map(|row| Some((1_736_425_951 + row) * 1_000)).collect()),
            Some(LogicalType::timestamp(true, TimeUnit::MILLIS)),
        ),
        Column::new(
            "Name",
            texts(&|row| (row % 5 > 0).then(|| format!("USER{}", row % 7))),
            Some(LogicalType::String),
        ),
        Column::new("Reason", texts(&|row| Some(format!("reason {}", row * row % 59))), None),
        Column::new(
            "Total Networks Searched",
            Cells::Ints(rows.clone().map(|row| (row % 3 > 0).then_some(row as i32)).collect()),
            None,
        ),
        Column::new(
            "other",
            Cells::Bools(rows.clone().map(|row| Some(row % 2 > 0)).collect()),
            None,
        ),
        Column::new("more", Cells::Doubles(rows.map(|row| Some(row as f64)).collect()), None),
    ];
    parquet(&columns, 128, properties)
}

fn writers() -> Vec<WriterProperties> {
    let small = || WriterProperties::builder().set_data_page_row_count_limit(50);
    vec![
        WriterProperties::default(),
        plain(),
        small().set_compression(Compression::SNAPPY).set_dictionary_page_size_limit(60).build(),
        small().set_writer_version(WriterVersion::PARQUET_2_0).build(),
        small()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_dictionary_enabled(false)
            .set_column_encoding("Reason".into(), Encoding::DELTA_BYTE_ARRAY)
            .set_column_encoding("more".into(), Encoding::BYTE_STREAM_SPLIT)
            .build(),
    ]
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    for properties in writers() {
        let bytes = table(properties);
        for cut in (4..bytes.len()).step_by(17).chain(bytes.len() - 30..bytes.len()) {
            let told = told(&bytes[..cut]);
            assert!(told.ends_with("does not end as one; was it cut off?"), "at {cut}: {told}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A changed byte is noticed, or it changed a cell: rows still balance, in their places.
    #[test]
    fn changed_bytes(
        writer in 0..5_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = table(writers().swap_remove(writer));
        for (at, byte) in changes {
            let at = at.index(bytes.len() - 4) + 4;
            bytes[at] = byte;
        }
        if let Ok((totals, rows)) = Reading::default().read(&bytes, 1) {
            prop_assert!(totals.rows <= 300);
            let fits = |row: &Row| (2..=301).contains(&row.row) && row.row == row.line;
            prop_assert!(rows.iter().all(fits));
        }
    }
}

/// A table with a column that has to be written by hand.
fn with(column: Type, write: impl Fn(&mut SerializedFileWriter<Vec<u8>>)) -> Vec<u8> {
    let schema = Type::group_type_builder("log").with_fields(vec![Arc::new(column)]).build();
    let mut file =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema.unwrap()), Arc::default()).unwrap();
    write(&mut file);
    file.into_inner().unwrap()
}

#[test]
fn columns_that_no_log_has() {
    let text = || Type::primitive_type_builder("part", Physical::BYTE_ARRAY);
    let nested = Type::group_type_builder("Reason")
        .with_repetition(Repetition::OPTIONAL)
        .with_fields(vec![Arc::new(text().with_repetition(Repetition::OPTIONAL).build().unwrap())])
        .build();
    let repeated = text().with_repetition(Repetition::REPEATED).build();
    let decimal = Type::primitive_type_builder("price", Physical::INT32)
        .with_logical_type(Some(LogicalType::decimal(2, 9)))
        .with_precision(9)
        .with_scale(2)
        .with_repetition(Repetition::REQUIRED)
        .build();
    let old = Type::primitive_type_builder("Search Time", Physical::INT96)
        .with_repetition(Repetition::REQUIRED)
        .build();
    type File = SerializedFileWriter<Vec<u8>>;
    let bytes = |file: &mut File| {
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let cells = [ByteArray::from("a")];
        column.typed::<ByteArrayType>().write_batch(&cells, Some(&[1]), Some(&[0])).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    };
    let ints = |file: &mut File| {
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[150], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    };
    let olds = |file: &mut File| {
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int96Type>().write_batch(&[Int96::new()], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    };
    let advice = "is nested or of another type; write text, numbers, yes/no, days or timestamps";
    for (name, bytes) in [
        ("Reason.part", with(nested.unwrap(), bytes)),
        ("part", with(repeated.unwrap(), bytes)),
        ("price", with(decimal.unwrap(), ints)),
        ("Search Time", with(old.unwrap(), olds)),
    ] {
        assert_eq!(told(&bytes), format!("the column `{name}` {advice}"));
    }
}

#[test]
fn what_is_no_log_or_cannot_be_unpacked() {
    let other = parquet(&[Column::texts("a", &[Some("b")])], 1, WriterProperties::default());
    assert!(told(&other).starts_with("the header is of no layout known here"));
    let time = || Column::texts("Search Time", &[Some("1/9/2025, 12:32:31 PM UTC")]);
    let twice = parquet(&[time(), time()], 1, WriterProperties::default());
    assert_eq!(told(&twice), "the heading `Search Time` is there twice; keep one");
    let many: Vec<Column> =
        (0..65).map(|at| Column::texts(&format!("column {at}"), &[Some("")])).collect();
    assert_eq!(
        told(&parquet(&many, 1, WriterProperties::default())),
        "it has 65 columns; a log has fewer"
    );
    assert_eq!(
        told(&file("gzip.parquet")),
        "the Parquet file cannot be read: row group 1, column `Search Time`: it is compressed with \
         GZIP; write it with Snappy or Zstandard, or without"
    );
    assert_eq!(told(b"PARE"), "it is an encrypted Parquet file; write it without encryption");
    assert!(told(b"PAR1").ends_with("does not end as one; was it cut off?"));
    assert!(told(b"PAR1\xff\xff\xff\xffPAR1").contains("too long"));
}

#[test]
fn no_rows_at_all() {
    let empty = parquet(&[Column::texts("Search Time", &[])], 1, WriterProperties::default());
    let (totals, rows) = Reading::default().read(&empty, 2).unwrap();
    assert_eq!((totals.rows, rows.len(), &*totals.layout), (0, 0, "plate reader audit"));
}

/// A few kilobytes that would become a page of 300 MiB are refused before they do.
#[test]
fn a_page_that_would_fill_memory() {
    let text = "x".repeat(1 << 20);
    let mut columns = vec![
        Column::texts("Search Time", &[Some("1/9/2025, 12:32:31 PM UTC"); 300]),
        Column::texts("Reason", &vec![Some(text.as_str()); 300]),
    ];
    let bytes = |columns: &[Column]| {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(Default::default()))
            .set_dictionary_enabled(false)
            .set_data_page_size_limit(1 << 30)
            .set_write_batch_size(1 << 10)
            .build();
        parquet(columns, 300, properties)
    };
    let packed = bytes(&columns);
    assert!(packed.len() < 200_000, "{}", packed.len());
    let told = told(&packed);
    assert!(
        told.contains("row group 1, column `Reason`: pages of the Parquet file take"),
        "{told}"
    );
    columns[1] = Column::texts("Reason", &vec![Some(&text[..1000]); 300]);
    assert_eq!(Reading::default().read(&bytes(&columns), 1).unwrap().1.len(), 300);
}
