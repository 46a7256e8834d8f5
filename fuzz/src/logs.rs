//! Access logs: rows add up, threads do not matter, and no text of a person comes through.

use std::io::Cursor;
use std::sync::{LazyLock, Mutex};

use audit::log::row::{Common, Hasher};
use audit::log::{Cases, FileTotals, How, Key, Layouts, Names, Row, read_log};
use audit::reason::Rules;
use jiff::tz::TimeZone;

static LAYOUTS: LazyLock<Layouts> = LazyLock::new(|| Layouts::published().expect("published"));

/// Reads bytes as a log; what was made, by row.
fn read(data: &[u8], threads: usize) -> Result<(FileTotals, Vec<Row>), String> {
    let (key, names, hasher) = (Key::new([1; 16]), Names::default(), Hasher::default());
    let common = Common {
        cases: &Cases::default(),
        key: &key,
        rules: Rules::published(),
        names: &names,
        hasher: &hasher,
        zone: &TimeZone::UTC,
        own: "Own PD",
    };
    let rows = Mutex::new(Vec::new());
    let sink = |batch: &[Row], _: u64| rows.lock().expect("no panic").extend_from_slice(batch);
    let how = How { layouts: &LAYOUTS, common, threads };
    let totals = read_log(0, Cursor::new(data), how, &sink).map_err(|error| error.to_string())?;
    let mut rows = rows.into_inner().expect("no panic");
    rows.sort_by_key(|row| row.row);
    Ok((totals, rows))
}

/// Any bytes as an access log, CSV, a workbook or Parquet.
pub fn access_log(data: &[u8]) {
    match (read(data, 1), read(data, 2)) {
        (Ok((one, rows)), Ok((two, again))) => {
            assert_eq!(one, two, "threads make other totals");
            assert_eq!(one.rows, one.made + one.rejected_rows, "rows do not add up");
            assert_eq!(one.made, rows.len() as u64);
            assert_eq!(one.bytes, data.len() as u64);
            let place = |row: &Row| (row.row, row.line, row.time, row.day, row.account, row.case);
            let places = |rows: &[Row]| rows.iter().map(place).collect::<Vec<_>>();
            assert_eq!(places(&rows), places(&again), "threads make other rows");
            assert!(rows.iter().all(|row| row.row > 1), "the header was made a row");
        }
        (Err(one), Err(two)) => assert_eq!(one, two),
        (one, two) => panic!("one thread {one:?}, two {two:?}"),
    }
}
