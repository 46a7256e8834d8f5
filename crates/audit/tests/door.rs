//! Tables at the door: what is accepted, and what each bad table is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use audit::requests::{self, Done, RequestRow};
use audit::table::{LISTED, Problems, Table};
use jiff::civil::{Date, Time};

const HEADER: &str = "id,received,time,channel,station,requester,actions,form,basis,reasons,\
                      facts,done,done_on,note";
const ROW: &str = "F-1,2025-03-01,09:30,fax-c11,C-11,ero,hold notify,i_247a,detainer,\
                   statements final_order,purpose=civil_immigration,declined,2025-03-01,";

fn read(bytes: impl AsRef<[u8]>) -> Result<Table<RequestRow>, Problems> {
    requests::read(bytes.as_ref())
}

/// The messages a bad table gets, one a line.
fn told(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).expect_err("the table is bad").to_string()
}

/// The messages a table gets whose one row has `cell` in `column`.
fn told_of(column: &str, cell: &str) -> String {
    let at = HEADER.split(',').position(|name| name == column).unwrap();
    let mut cells: Vec<&str> = ROW.split(',').collect();
    cells[at] = cell;
    told(format!("{HEADER}\n{}\n", cells.join(",")))
}

#[test]
fn a_full_row_is_read_cell_by_cell() {
    let table = read(format!("{HEADER}\n{ROW}\n")).unwrap();
    assert_eq!(
        table.rows,
        [RequestRow {
            line: 2,
            id: "F-1".into(),
            received: Date::constant(2025, 3, 1),
            time: Some(Time::constant(9, 30, 0, 0)),
            channel: "fax-c11".into(),
            station: Some("C-11".into()),
            requester: Some("ero".into()),
            actions: vec!["hold".into(), "notify".into()],
            form: Some("i_247a".into()),
            basis: Some("detainer".into()),
            reasons: vec!["final_order".into(), "statements".into()],
            facts: [("purpose".to_owned(), "civil_immigration".to_owned())].into(),
            done: Some(Done::Declined),
            done_on: Some(Date::constant(2025, 3, 1)),
            note: None,
        }]
    );
}

#[test]
fn a_mark_and_carriage_returns_change_nothing_but_the_digest() {
    let plain = read(format!("{HEADER}\n{ROW}\n")).unwrap();
    let windows = read(format!("\u{feff}{HEADER}\r\n{ROW}\r\n")).unwrap();
    assert_eq!(plain.rows, windows.rows);
    assert_ne!(plain.sha256, windows.sha256);
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    // printf 'id,received,channel,actions,basis,reasons\n' | sha256sum
    let table = read("id,received,channel,actions,basis,reasons\n").unwrap();
    assert_eq!(table.sha256, "29374bbc611550bd1df1efa5a47a1bb5b26aa74b2e65aed0d884daedf596923e");
    assert_eq!(table.rows, []);
}

#[test]
fn lines_are_counted_through_quoted_line_feeds_and_blank_lines() {
    let text = "id,received,channel,actions,basis,reasons,note\r\n\
                A,2025-01-01,desk,\"hold\r\n  notify\",detainer,,\r\n\
                \r\n\
                B,2025-01-02,desk,hold,detainer,,\"says \"\"x\"\", twice\"";
    let rows = read(text).unwrap().rows;
    assert_eq!([rows[0].line, rows[1].line], [2, 5]);
    assert_eq!(rows[0].actions, ["hold", "notify"]);
    assert_eq!(rows[1].note.as_deref(), Some("says \"x\", twice"));
}

#[test]
fn columns_may_come_in_any_order() {
    let text = "reasons,basis,actions,channel,received,id\n,detainer,hold,desk,2025-01-01,A\n";
    assert_eq!(read(text).unwrap().rows[0].id, "A");
}

#[test]
fn what_is_no_table_is_told_so() {
    assert!(told("").contains("line 1: the file is empty"));
    assert!(told("\u{feff}\r\n\r\n").contains("the file is empty"));
    assert!(told([0xFF, 0xFE, b'i', 0]).contains("UTF-16"));
    assert!(told(b"PK\x03\x04rest").contains("spreadsheet"));
    assert!(told("name,plate\n").contains("not a header known here"));
    assert!(told("id\0").contains("zero byte"));
}

#[test]
fn a_header_further_down_is_found() {
    let text = format!("Requests of the year\n\nmade by hand\n{HEADER}\n{ROW}\n");
    assert!(told(text).contains("stands on line 4; remove what is above it"));
}

#[test]
fn columns_missing_unknown_and_doubled_are_named() {
    let told = told("id,id,received,actions,basis,reasons,country\n");
    assert_eq!(
        told,
        "line 1: the column `channel` of the requests table is missing\n\
         line 1, column `id`: this column is there twice; keep one\n\
         line 1, column `country`: not a column of the requests table; remove or rename it"
    );
}

#[test]
fn a_header_in_the_middle_is_named() {
    let text = format!("{HEADER}\n{ROW}\n{HEADER}\n");
    assert!(told(text).starts_with("line 3: the header again"));
}

#[test]
fn a_shifted_row_is_named_by_its_count_or_by_its_fields() {
    let shifted = ROW.replacen("09:30,", "", 1);
    let text = format!("{HEADER}\n{shifted}\n{ROW},\n");
    assert_eq!(
        told(text),
        "line 2: 13 cells where the header has 14; is a comma missing?\n\
         line 3: 15 cells where the header has 14; is a cell with a comma in it not quoted?"
    );
    let kept_count = told(format!("{HEADER}\n{shifted},\n"));
    assert!(kept_count.contains("line 2, column `time`: `fax-c11` is no time `HH:MM`"));
}

#[test]
fn a_cell_of_ten_megabytes_is_named() {
    let cell = "x".repeat(10_000_000);
    let plain = told(format!("{HEADER}\n{ROW}{cell}\n"));
    assert!(plain.starts_with("line 2, column `note`: the cell is longer than 1048576 bytes"));
    // A quote never closed in a long file: the line where it opens is named, not a later one.
    let rows = format!("{ROW}\n").repeat(10_000);
    let open = told(format!("{HEADER}\n{ROW}\"\n{rows}"));
    assert!(open.starts_with("line 2, column `note`: the cell is longer"), "{open}");
}

#[test]
fn quotes_in_the_wrong_place_are_named() {
    let text = |row: &str| told(format!("id,received,channel,actions,basis,reasons\n{row}"));
    assert!(text("A\"B,2025").starts_with("line 2, column `id`: a quote inside a cell"));
    assert!(text("\"A\"B,2025").starts_with("line 2, column `id`: text after the closing quote"));
    let open = text("A,\"2025\n\n\n");
    assert!(open.starts_with("line 2, column `received`: the quote opened here is never closed"));
    assert!(text("A\rB").starts_with("line 2: a carriage return without a line feed"));
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line_and_byte() {
    let mut bytes = format!("{HEADER}\n{ROW}caf").into_bytes();
    bytes.extend_from_slice(b"\xE9\n");
    let told = told(bytes);
    assert_eq!(
        told,
        "line 2, column `note`: byte 4 of the cell is not UTF-8; save the file as UTF-8"
    );
}

#[test]
fn every_bad_row_is_listed_up_to_a_limit() {
    let rows: String = (0..LISTED + 7).map(|at| format!("{at},,desk,hold,detainer,\n")).collect();
    let problems =
        read(format!("id,received,channel,actions,basis,reasons\n{rows}")).expect_err("bad");
    assert_eq!(problems.listed.len(), LISTED);
    assert_eq!(problems.more, 7);
    let last = problems.listed.last().unwrap();
    assert_eq!((last.line, last.column.as_deref()), (LISTED as u64 + 1, Some("received")));
    assert!(problems.to_string().ends_with("and 7 more problems"));
}

#[test]
fn bad_fields_are_named() {
    for (column, cell, expected) in [
        ("received", "03/01/2025", "`03/01/2025` is no day `YYYY-MM-DD`"),
        ("received", "2025-02-30", "is no day"),
        ("received", "", "nothing is stated"),
        ("channel", "Fax C11", "`Fax C11` is no word"),
        ("station", "C-11; D-4", "has more than letters"),
        ("actions", "", "name one action at least"),
        ("actions", "hold hold", "`hold` is there twice"),
        ("actions", "Hold", "`Hold` is no word"),
        ("reasons", "removable", "`removable` is none of `biometric_match`"),
        ("facts", "purpose", "`purpose` is no `name=value`"),
        ("facts", "basis=none", "`basis` has a column of its own"),
        ("facts", "x=1 x=2", "`x` is stated twice"),
        ("facts", "x=", "is no value"),
        ("done", "honoured", "`honoured` is none of `declined`"),
        ("done", "", "a day without what was done"),
        ("done_on", "2025-02-28", "`2025-02-28` is before it was received"),
        ("note", "\"two\nlines\"", "keep one line"),
    ] {
        let told = told_of(column, cell);
        assert!(told.contains(expected), "{column} {cell}: {told}");
        assert!(told.starts_with("line 2, column `"), "{column} {cell}: {told}");
    }
}

#[test]
fn a_file_number_is_refused_in_any_cell_and_not_repeated() {
    for column in ["id", "note", "station", "facts", "time", "channel"] {
        let told = told_of(column, "A 012-345-678");
        let line = format!("line 2, column `{column}`: looks like a person's federal file number");
        assert!(told.contains(&line), "{told}");
        assert!(!told.contains("345"), "{told}");
    }
}

#[test]
fn an_id_comes_once() {
    let told = told(format!("{HEADER}\n{ROW}\n{ROW}\n"));
    assert_eq!(told, "line 3, column `id`: `F-1` is on line 2 already");
}

#[test]
fn a_reader_that_fails_is_told_so() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let problems = requests::read(Broken).expect_err("bad");
    assert!(problems.to_string().contains("the disk is gone"));
    assert!(problems.io.is_some());
}
