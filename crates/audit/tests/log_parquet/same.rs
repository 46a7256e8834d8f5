//! The same table as CSV and as Parquet.

use std::collections::BTreeMap;

use audit::log::Row;
use parquet::basic::{Compression, Encoding, LogicalType, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::*;

use crate::table::{Cells, Column, Reading, bare, csv, parquet};

const SEARCHES: [&str; 15] = [
    "ID",
    " Name",
    " Org Name",
    " Total Networks Searched",
    " Total Devices Searched",
    " Time Frame",
    " License Plate",
    " Reason",
    " Case #",
    " Filters",
    " Search Time",
    " Search Type",
    " Text Prompt",
    " Moderation",
    "notes",
];

const SPLIT: [&str; 4] = ["Search Date", "Search Time", "Reason", "Name"];

const PORTALS: [&str; 6] =
    ["agency_slug", "searchDate_utc", "reason", "offenseType", "id", "networkCount"];

const EVENTS: [&str; 5] = ["Timestamp", "User", "Event Type", "Entity Type", "Entity Details"];

fn some(texts: &'static [&'static str]) -> BoxedStrategy<Option<String>> {
    prop::sample::select(texts).prop_map(|text| Some(text.to_owned())).boxed()
}

fn time() -> BoxedStrategy<Option<String>> {
    let good = (1..13_u32, 1..29_u32, 1..13_u32, 0..60_u32, prop::bool::ANY).prop_map(
        |(month, day, hour, second, half)| {
            let half = if half { "PM" } else { "AM" };
            Some(format!("{month}/{day}/2025, {hour}:07:{second:02} {half} UTC"))
        },
    );
    let iso = (1..29_u32, 0..24_u32)
        .prop_map(|(day, hour)| Some(format!("2025-06-{day:02}T{hour:02}:00:04.789Z")));
    let bad = some(&["", "yesterday", "2025-01-09 12:32:31", "2/30/2025, 12:32:31 PM UTC"]);
    prop_oneof![12 => good, 2 => iso, 1 => bad, 1 => Just(None)].boxed()
}

/// What may be in a column.
fn cell(heading: &str) -> BoxedStrategy<Option<String>> {
    let free = prop_oneof![
        "[a-c \"]{0,4}".prop_map(Some),
        "[a-zé,\n\" ]{0,20}".prop_map(Some),
        Just(None),
    ];
    match heading.trim() {
        "Search Time" | "searchDate_utc" | "Timestamp" => time(),
        "Search Date" => some(&["2025-01-09", "1/9/2025", "", "2025-01-09 10:00:00"]),
        "ID" | "id" => prop_oneof!["[a-f0-9]{1,2}".prop_map(Some), Just(None)].boxed(),
        "Time Frame" => some(&[
            "12/2/2024, 11:00:04 AM UTC\n1/9/2025, 01:00:04 PM UTC",
            "12/2/2024, 11:00:04 AM UTC to 1/9/2025, 01:00:04 PM UTC",
            "",
            "always",
        ]),
        "Total Networks Searched" | "networkCount" => {
            some(&["0", "17", "3000", "——", "", "1234567890"])
        }
        "Moderation" => some(&["allow", "", "warn"]),
        "Case #" => prop_oneof![some(&["C24-06415", "***", "7923.600 GC", ""]), free].boxed(),
        "Name" | "User" => {
            prop_oneof![some(&["USER1", "***", "USER2 [Inactive]", "REDACTED"]), free].boxed()
        }
        "Org Name" | "agency_slug" => {
            prop_oneof![some(&["Example PD", "[Federal] A \"b\" c", "Other PD"]), free].boxed()
        }
        "Reason" | "reason" => {
            prop_oneof![some(&["stolen", "ICE WARRANT", "***", "inv", "C24-06415"]), free].boxed()
        }
        _ => free.boxed(),
    }
}

type Rows = Vec<Vec<Option<String>>>;

/// Rows under some headings; now and then the headings again.
fn tables() -> impl Strategy<Value = (Vec<&'static str>, Rows)> {
    let headings = prop_oneof![
        4 => Just(SEARCHES.to_vec()),
        1 => Just(SPLIT.to_vec()),
        1 => Just(PORTALS.to_vec()),
        1 => Just(EVENTS.to_vec()),
    ];
    headings.prop_flat_map(|headings| {
        let again: Vec<Option<String>> = headings.iter().map(|it| Some((*it).to_owned())).collect();
        let row: Vec<_> = headings.iter().map(|heading| cell(heading)).collect();
        let row = prop_oneof![20 => row, 1 => Just(again)];
        (Just(headings), prop::collection::vec(row, 0..60))
    })
}

/// How a writer may write it.
fn writers() -> impl Strategy<Value = WriterProperties> {
    let packed = prop::sample::select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
    ]);
    let encoding = prop::sample::select(vec![
        Encoding::PLAIN,
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Encoding::DELTA_BYTE_ARRAY,
    ]);
    (packed, encoding, any::<[bool; 2]>(), 1..30_usize, 1..200_usize).prop_map(
        |(packed, encoding, [second, dictionary], rows, bytes)| {
            let version =
                if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            WriterProperties::builder()
                .set_compression(packed)
                .set_writer_version(version)
                .set_encoding(encoding)
                .set_dictionary_enabled(dictionary)
                // Past so many bytes a writer goes on without its dictionary.
                .set_dictionary_page_size_limit(bytes)
                .set_data_page_row_count_limit(rows)
                .set_write_batch_size(rows)
                .build()
        },
    )
}

fn columns(headings: &[&str], rows: &Rows) -> Vec<Column> {
    let column = |(at, heading): (usize, &&str)| {
        let cells: Vec<_> = rows.iter().map(|row| row[at].clone()).collect();
        let required = cells.iter().all(Option::is_some);
        let means = Some(LogicalType::String);
        Column { name: (*heading).to_owned(), cells: Cells::Texts(cells), means, required }
    };
    headings.iter().enumerate().map(column).collect()
}

/// Whether rows are told apart in the one as they are in the other.
fn same_contents(one: &[Row], two: &[Row]) -> bool {
    let pairs: Vec<(u64, u64)> =
        one.iter().zip(two).map(|(one, two)| (one.content, two.content)).collect();
    let there: BTreeMap<u64, u64> = pairs.iter().copied().collect();
    let back: BTreeMap<u64, u64> = pairs.iter().map(|(one, two)| (*two, *one)).collect();
    pairs.iter().all(|(one, two)| there[one] == *two && back[two] == *one)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn as_csv_and_as_parquet(
        (headings, rows) in tables(),
        properties in writers(),
        group in 1..40_usize,
        threads in 1..4_usize,
    ) {
        let reading = Reading::default();
        let (expected, csv_rows) = reading.read(&csv(&headings, &rows), 1).unwrap();
        let bytes = parquet(&columns(&headings, &rows), group, properties);
        let (totals, found) = reading.read(&bytes, threads).unwrap();
        prop_assert_eq!(bare(&found), bare(&csv_rows));
        prop_assert!(same_contents(&found, &csv_rows));
        prop_assert!(found.iter().all(|row| row.row == row.line));
        prop_assert_eq!(totals.layout, expected.layout);
        prop_assert_eq!(totals.information, expected.information);
        prop_assert_eq!(totals.unread, expected.unread);
        prop_assert_eq!(totals.rejected_rows, expected.rejected_rows);
        let told: Vec<_> = totals.rejected.iter().map(|it| (it.row, &it.why)).collect();
        let of_csv: Vec<_> = expected.rejected.iter().map(|it| (it.row, &it.why)).collect();
        prop_assert_eq!(told, of_csv);
        prop_assert!(totals.rejected.iter().all(|it| it.row == it.line));
    }
}

/// The same rows, each with a time and a number of networks that can be read; headings that stand
/// there again stay.
fn timed(headings: &[&str], rows: &Rows) -> Rows {
    let is_again = |row: &[Option<String>]| {
        headings.iter().zip(row).all(|(heading, cell)| cell.as_deref() == Some(heading))
    };
    let mut rows = rows.clone();
    for row in rows.iter_mut().filter(|row| !is_again(row)) {
        for (heading, cell) in headings.iter().zip(row) {
            let time = match *heading {
                "Search Date" => "2025-06-18",
                "Search Time" if headings.contains(&"Search Date") => "00:02:04Z",
                " Search Time" | "searchDate_utc" | "Timestamp" => "2025-06-18T00:02:04Z",
                " Total Networks Searched" | "networkCount" => "17",
                _ => continue,
            };
            *cell = Some(time.to_owned());
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// A first look counts the rows that are read whole, and those whose times or numbers cannot
    /// be read.
    #[test]
    fn a_first_look_counts_the_same(
        (headings, rows) in tables(),
        properties in writers(),
        group in 1..40_usize,
        threads in 1..4_usize,
    ) {
        let is_number = |cell: &str| !cell.is_empty() && cell.bytes().all(|it| it.is_ascii_digit());
        let of_agency = ["Org Name", "agency_slug"];
        let agency = headings.iter().position(|it| of_agency.contains(&it.trim()));
        let mut agencies = rows.iter().filter_map(|row| row[agency?].as_deref());
        prop_assume!(!agencies.any(|agency| is_number(agency.trim())));
        let reading = Reading::default();
        let (totals, made) = reading.read(&csv(&headings, &timed(&headings, &rows)), 1).unwrap();
        let mut expected: BTreeMap<String, BTreeMap<_, u64>> = BTreeMap::new();
        for row in made {
            let counts = expected.entry(reading.text(row.agency)).or_default();
            *counts.entry(row.class).or_default() += 1;
        }
        let columns = columns(&headings, &rows);
        for bytes in [csv(&headings, &rows), parquet(&columns, group, properties)] {
            let seen = reading.look(&bytes, threads);
            prop_assert_eq!(&seen.counts, &expected);
            prop_assert_eq!(seen.totals.rows, totals.rows);
            prop_assert_eq!(seen.totals.rejected_rows, totals.rejected_rows);
        }
    }
}

/// Enough rows for several batches of every kind, and for dictionaries of more than a byte.
#[test]
fn a_long_table() {
    let rows: Rows = (0..40_000_u32)
        .map(|row| {
            let time =
                format!("1/{}/2025, {}:07:{:02} PM UTC", row % 28 + 1, row % 12 + 1, row % 60);
            let reason = (row % 7 > 0).then(|| format!("reason {}", row * row % 1009));
            vec![Some(time), Some(format!("USER{}", row % 3001)), reason, Some(row.to_string())]
        })
        .collect();
    let headings = ["Search Time", "Name", "Reason", "License Plate"];
    let reading = Reading::default();
    let (_, expected) = reading.read(&csv(&headings, &rows), 2).unwrap();
    assert_eq!(expected.len(), 40_000);
    let columns = columns(&headings, &rows);
    for (group, limit, threads) in [(40_000, 20_000, 1), (7_000, 1_000, 2), (1_000, 333, 3)] {
        let properties = WriterProperties::builder()
            .set_data_page_row_count_limit(limit)
            .set_dictionary_page_size_limit(100_000)
            .build();
        let (_, found) = reading.read(&parquet(&columns, group, properties), threads).unwrap();
        assert_eq!(bare(&found), bare(&expected), "{group}");
        assert!(same_contents(&found, &expected), "{group}");
    }
}
