//! Columns that are no texts: each as the CSV of the same table has it.

use audit::log::Row;
use parquet::basic::{Compression, Encoding, LogicalType, TimeUnit};
use parquet::file::properties::{WriterProperties, WriterVersion};

use crate::table::{Cells, Column, Reading, bare, csv, parquet, plain};

/// 2025-01-09 12:32:31 UTC, by `date -u -d`.
const THEN: i64 = 1_736_425_951;

fn default() -> WriterProperties {
    WriterProperties::default()
}

fn one(reading: &Reading, columns: &[Column]) -> Row {
    let (totals, rows) = reading.read(&parquet(columns, 10, default()), 1).unwrap();
    assert_eq!(totals.rejected, []);
    rows[0]
}

#[test]
fn timestamps_of_every_unit() {
    for (unit, parts) in
        [(TimeUnit::MILLIS, 1_000), (TimeUnit::MICROS, 1_000_000), (TimeUnit::NANOS, 1_000_000_000)]
    {
        // A part of a second is left out, as it is in a text.
        let cells = Cells::Longs(vec![Some(THEN * parts + parts / 2)]);
        let means = Some(LogicalType::timestamp(true, unit));
        let row = one(&Reading::default(), &[Column::new("Search Time", cells, means)]);
        assert_eq!(i64::from(row.time), THEN, "{unit:?}");
    }
}

#[test]
fn a_time_of_a_clock_needs_a_zone() {
    let local = Some(LogicalType::timestamp(false, TimeUnit::MICROS));
    let cells = Cells::Longs(vec![Some(THEN * 1_000_000)]);
    let bytes = parquet(&[Column::new("Search Time", cells.clone(), local.clone())], 1, default());
    let told = Reading::default().read(&bytes, 1).unwrap_err().to_string();
    assert_eq!(
        told,
        "the times of the column `Search Time` are of a clock and name no zone; say in a layout \
         which it is (`zone = …`)"
    );
    // In January Chicago is six hours behind, by the tz database.
    let reading = Reading::with(
        "version = 1\n[[layout]]\nname = \"own\"\nsays = \"own\"\ninformation = \"plate_reader\"\n\
         zone = \"America/Chicago\"\nneeds = [\"When\"]\ncolumns = [[\"When\", \"time\"]]\n",
    );
    let row = one(&reading, &[Column::new("When", cells.clone(), local.clone())]);
    assert_eq!(i64::from(row.time), THEN + 6 * 3_600);
    // On 9 March 2025 no clock of Chicago showed 2:30.
    let left_out = Cells::Longs(vec![Some((20_156 * 86_400 + 9_000) * 1_000_000)]);
    let bytes = parquet(&[Column::new("When", left_out, local.clone())], 1, default());
    let (totals, rows) = reading.read(&bytes, 1).unwrap();
    assert_eq!(rows.len(), 0);
    assert!(totals.rejected[0].why.contains("no clock of its zone"), "{:?}", totals.rejected);
    // What is of UTC needs no zone, and a layout's does not change it.
    let utc = Some(LogicalType::timestamp(true, TimeUnit::MICROS));
    let row = one(&reading, &[Column::new("When", cells.clone(), utc)]);
    assert_eq!(i64::from(row.time), THEN);
    // The portals' layout names UTC.
    let row = one(&Reading::default(), &[Column::new("searchDate", cells, local)]);
    assert_eq!(i64::from(row.time), THEN);
}

#[test]
fn a_day_needs_a_zone() {
    // 9 March 2025, as days since 1970 by `date -u -d` divided by 86,400. On that day Chicago
    // started six hours after UTC, by the tz database.
    let cells = Cells::Ints(vec![Some(20_156), None]);
    let days = |name: &str| Column::new(name, cells.clone(), Some(LogicalType::Date));
    let told = Reading::default().read(&parquet(&[days("Search Time")], 2, default()), 1);
    assert_eq!(
        told.unwrap_err().to_string(),
        "the times of the column `Search Time` are of a clock and name no zone; say in a layout \
         which it is (`zone = …`)"
    );
    let reading = Reading::with(
        "version = 1\n[[layout]]\nname = \"own\"\nsays = \"own\"\n\
         information = \"plate_reader\"\nzone = \"America/Chicago\"\nneeds = [\"When\"]\n\
         columns = [[\"When\", \"time\"]]\n",
    );
    let (totals, rows) = reading.read(&parquet(&[days("When")], 2, default()), 1).unwrap();
    let times: Vec<u32> = rows.iter().map(|row| row.time).collect();
    assert_eq!((times, totals.rejected_rows), (vec![20_156 * 86_400 + 6 * 3_600], 1));
}

#[test]
fn a_time_that_no_clock_showed_is_rejected() {
    let means = Some(LogicalType::timestamp(true, TimeUnit::MILLIS));
    // The last second of 1969, the first after 2105 by `date -u -d`, and none.
    let cells = vec![Some(-1_000), Some(THEN * 1_000), Some(4_291_747_200_000), None];
    let bytes = parquet(&[Column::new("Search Time", Cells::Longs(cells), means)], 3, default());
    let (totals, rows) = Reading::default().read(&bytes, 1).unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [3]);
    let told: Vec<_> = totals.rejected.iter().map(|it| (it.row, it.line, &*it.why)).collect();
    assert_eq!(
        told,
        [
            (
                2,
                2,
                "the time in the column `Search Time` is no time of a clock between 1970 and 2105"
            ),
            (
                4,
                4,
                "the time in the column `Search Time` is no time of a clock between 1970 and 2105"
            ),
            (
                5,
                5,
                "the time in the column `Search Time` is no time \
                 `M/D/YYYY, hh:mm:ss AM UTC` or `YYYY-MM-DDThh:mm:ssZ`"
            ),
        ]
    );
}

/// The same numbers, days and times as texts in a CSV.
#[test]
fn numbers_days_and_clocks() {
    let headings =
        ["Search Date", "Search Time", "Total Networks Searched", "Case #", "ID", "Name", "other"];
    let uuid = "00112233-4455-6677-8899-aabbccddeeff";
    let text = |row: [&str; 7]| row.map(|it| Some(it.to_owned())).to_vec();
    let rows = [
        text(["2025-01-09", "12:32:31", "572", "2406415", uuid, "1", "true"]),
        text(["2025-02-28", "00:00:00", "", "-3", "", "", "false"]),
    ];
    let layout = "version = 1\n[[layout]]\nname = \"own\"\nsays = \"own\"\n\
                  information = \"plate_reader\"\nzone = \"UTC\"\nneeds = [\"Search Date\"]\n\
                  columns = [[\"Search Date\", \"date\"], [\"Search Time\", \"time\"], \
                  [\"Total Networks Searched\", \"networks\"], [\"Case #\", \"case\"], \
                  [\"ID\", \"id\"], [\"Name\", \"account\"], [\"other\", \"filters\"]]\n";
    let reading = Reading::with(layout);
    let (_, expected) = reading.read(&csv(&headings, &rows), 1).unwrap();
    assert_eq!(expected[0].networks, Some(572));
    assert_eq!(i64::from(expected[0].time), THEN);
    let id: [u8; 16] = std::array::from_fn(|at| 0x11 * at as u8);
    // Days from 1970 to 2025-01-09 and to 2025-02-28, by `date -u -d` divided by 86,400.
    let columns = |networks: Cells, unit: TimeUnit, clocks: Cells| {
        vec![
            Column::new(
                headings[0],
                Cells::Ints(vec![Some(20_097), Some(20_147)]),
                Some(LogicalType::Date),
            ),
            Column::new(headings[1], clocks, Some(LogicalType::time(false, unit))),
            Column::new(headings[2], networks, None),
            Column::new(headings[3], Cells::Longs(vec![Some(2_406_415), Some(-3)]), None),
            Column::new(headings[4], Cells::Fixed(vec![Some(id), None]), Some(LogicalType::Uuid)),
            Column::new(headings[5], Cells::Ints(vec![Some(1), None]), None),
            Column::new(headings[6], Cells::Bools(vec![Some(true), Some(false)]), None),
        ]
    };
    let second = 12 * 3_600 + 32 * 60 + 31;
    let tables = [
        columns(
            Cells::Ints(vec![Some(572), None]),
            TimeUnit::MILLIS,
            Cells::Ints(vec![Some(second * 1_000), Some(0)]),
        ),
        columns(
            Cells::Longs(vec![Some(572), None]),
            TimeUnit::MICROS,
            Cells::Longs(vec![Some(i64::from(second) * 1_000_000), Some(0)]),
        ),
        // What a table of another program has where a whole number is missing.
        columns(
            Cells::Doubles(vec![Some(572.0), Some(f64::NAN)]),
            TimeUnit::NANOS,
            Cells::Longs(vec![Some(i64::from(second) * 1_000_000_000), Some(0)]),
        ),
    ];
    let second_version =
        WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0).build();
    for table in tables {
        for properties in [default(), plain(), second_version.clone()] {
            let (_, found) = reading.read(&parquet(&table, 1, properties), 1).unwrap();
            assert_eq!(bare(&found), bare(&expected));
            assert_ne!(found[0].content, found[1].content);
        }
    }
}

/// A search on each of many seconds, its numbers in each encoding that there is for them.
#[test]
fn encodings_of_numbers() {
    let seconds = 0..5_000_i64;
    let means = Some(LogicalType::timestamp(true, TimeUnit::MILLIS));
    let times = seconds.clone().map(|second| Some((THEN + second * 7) * 1_000)).collect();
    let networks = |second: i64| (second % 3 > 0).then_some((second % 1_000) as i32);
    let columns = [
        Column::new("Search Time", Cells::Longs(times), means),
        Column::new(
            "Total Networks Searched",
            Cells::Ints(seconds.clone().map(networks).collect()),
            None,
        ),
    ];
    for encoding in [Encoding::PLAIN, Encoding::DELTA_BINARY_PACKED, Encoding::BYTE_STREAM_SPLIT] {
        for dictionary in [false, true] {
            let properties = WriterProperties::builder()
                .set_encoding(encoding)
                .set_dictionary_enabled(dictionary)
                .set_dictionary_page_size_limit(8_000)
                .set_data_page_row_count_limit(700)
                .set_compression(Compression::SNAPPY)
                .build();
            let bytes = parquet(&columns, 3_000, properties);
            let (_, rows) = Reading::default().read(&bytes, 2).unwrap();
            assert_eq!(rows.len(), 5_000, "{encoding}");
            for (row, second) in rows.iter().zip(seconds.clone()) {
                assert_eq!(i64::from(row.time), THEN + second * 7, "{encoding}");
                assert_eq!(row.networks, networks(second).map(i32::unsigned_abs), "{encoding}");
            }
        }
    }
}

/// Texts that are no UTF-8 reject their rows, wherever they stand.
#[test]
fn text_that_is_not_utf8() {
    let time = Some("1/9/2025, 12:32:31 PM UTC".to_owned());
    let bad = Cells::Bytes(vec![Some(b"\xe9".to_vec()), Some(b"\xc3\xa9".to_vec()), None]);
    let columns = [
        Column::new("Search Time", Cells::Texts(vec![time; 3]), Some(LogicalType::String)),
        Column::new("anything", bad, None),
    ];
    for properties in [default(), plain()] {
        let (totals, rows) = Reading::default().read(&parquet(&columns, 9, properties), 1).unwrap();
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [3, 4]);
        assert_eq!((totals.rejected[0].row, totals.rejected[0].line), (2, 2));
        assert!(totals.rejected[0].why.contains("not UTF-8"));
        assert_eq!(totals.unread, ["anything"]);
    }
}

/// A column that is null throughout, and one in which the nulls come first.
#[test]
fn nothing_in_a_column() {
    let time = Some("1/9/2025, 12:32:31 PM UTC".to_owned());
    let late = (0..2_000).map(|row| (row > 1_900).then(|| format!("reason {row}")));
    let columns = [
        Column::new("Search Time", Cells::Texts(vec![time; 2_000]), Some(LogicalType::String)),
        Column::new("Name", Cells::Texts(vec![None; 2_000]), Some(LogicalType::String)),
        Column::new("Reason", Cells::Texts(late.collect()), Some(LogicalType::String)),
        Column::new("Total Networks Searched", Cells::Longs(vec![None; 2_000]), None),
    ];
    for properties in [default(), plain()] {
        let (_, rows) = Reading::default().read(&parquet(&columns, 5_000, properties), 1).unwrap();
        assert_eq!(rows.len(), 2_000);
        assert!(rows.iter().all(|row| row.account == 0 && row.networks.is_none()));
        // The reasons are all different, and what is not there is one more.
        let mut reasons: Vec<u32> = rows.iter().map(|row| row.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), 99 + 1);
    }
}
