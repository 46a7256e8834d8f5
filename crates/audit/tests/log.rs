//! Access logs: any bytes to rows and rejections that add up, the same as a strict reader has it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Mutex;

use audit::log::blocks::{Blocks, Cells, Next};
use audit::log::row::{Common, Hasher};
use audit::log::{
    Cases, FileTotals, How, Key, Layouts, LogError, Look, Names, Row, classes, read_log, seconds,
};
use audit::reason::{Class, Rules};
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// Reads a log that is in memory.
fn log(text: &[u8], threads: usize) -> Result<(FileTotals, Vec<Row>), LogError> {
    let layouts = Layouts::published().unwrap();
    let (key, names, hasher) = (Key::new([3; 16]), Names::default(), Hasher::default());
    let common = Common {
        cases: &Cases::default(),
        key: &key,
        rules: Rules::published(),
        names: &names,
        hasher: &hasher,
        zone: &TimeZone::UTC,
        own: "Example PD",
    };
    let taken = Mutex::new((Vec::new(), 0));
    let sink = |batch: &[Row], bytes: u64| {
        let mut taken = taken.lock().unwrap();
        taken.0.extend_from_slice(batch);
        taken.1 += bytes;
    };
    let totals =
        read_log(0, std::io::Cursor::new(text), How { layouts: &layouts, common, threads }, &sink)?;
    let (mut rows, bytes) = taken.into_inner().unwrap();
    assert_eq!((bytes, bytes), (text.len() as u64, totals.bytes), "every byte is told");
    rows.sort_by_key(|row| row.row);
    assert_eq!(totals.rows, totals.made + totals.rejected_rows, "rows balance");
    assert_eq!(totals.made, rows.len() as u64);
    Ok((totals, rows))
}

/// What a first look makes of it: the totals, and rows by class.
fn glance(text: &[u8], threads: usize) -> (FileTotals, BTreeMap<Class, u64>) {
    let layouts = Layouts::published().unwrap();
    let look = Look { layouts: &layouts, rules: Rules::published(), own: "Example PD", threads };
    let seen = classes(std::io::Cursor::new(text), look).unwrap();
    let mut counts = BTreeMap::new();
    for (class, count) in seen.counts.values().flatten() {
        *counts.entry(*class).or_default() += count;
    }
    (seen.totals, counts)
}

const HEADER: &str = "Name,Total Networks Searched,Time Frame,License Plate,Case #,Filters,Reason,\
                      Search Time\r\n";

fn search(reason: &str, second: u32) -> String {
    format!(
        "USER001,572,\"12/2/2024, 11:00:04 AM UTC\n1/9/2025, 01:00:04 PM UTC\",PLT00001,,,{reason},\
         \"1/9/2025, 12:32:{second:02} PM UTC\"\r\n"
    )
}

/// Every record of a text, as the `csv` crate reads it.
fn strict(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let records = reader.byte_records().map(Result::unwrap);
    records.map(|record| record.iter().map(<[u8]>::to_vec).collect()).collect()
}

/// Every record of a text, as we cut it.
fn ours(text: &[u8]) -> Result<Vec<Vec<Vec<u8>>>, (u64, &'static str)> {
    let mut blocks = Blocks::new(text).unwrap();
    let (mut cells, mut all) = (Cells::default(), Vec::new());
    loop {
        match blocks.pull().unwrap() {
            Next::Block(block) => {
                cells.cut(&block);
                for cut in cells.records().filter(|cut| !cut.is_blank(&block.bytes)) {
                    let cell = |at| cut.cell(&block.bytes, at).unwrap().inner(&block.bytes);
                    let plain = |cell: &[u8]| {
                        String::from_utf8_lossy(cell).replace("\"\"", "\"").into_bytes()
                    };
                    all.push((0..cut.count()).map(|at| plain(cell(at))).collect());
                }
            }
            Next::Bad { line, why, .. } => return Err((line, why)),
            Next::End => return Ok(all),
        }
    }
}

/// A well-formed table: cells with delimiters, quotes and line feeds in them.
fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof![
        "[a-z ]{0,12}",
        "[a-z,\n\"]{0,40}",
        "[a-z]{50,140}",
        Just("12/2/2024, 11:00:04 AM UTC\n1/9/2025, 01:00:04 PM UTC".to_owned()),
    ];
    prop::collection::vec(prop::collection::vec(cell, 1..9), 1..40)
}

fn written(table: &[Vec<String>], end: &str) -> String {
    let mut text = String::new();
    for record in table {
        let quoted = |cell: &String| {
            if cell.contains([',', '"', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let cells: Vec<String> = record.iter().map(quoted).collect();
        text.push_str(&cells.join(","));
        text.push_str(end);
    }
    text
}

proptest! {
    /// Well-formed tables are cut as another reader of the same grammar cuts them.
    #[test]
    fn cut_as_another_reader_cuts(table in tables(), crlf: bool, last: bool) {
        let mut text = written(&table, if crlf { "\r\n" } else { "\n" });
        if !last {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        // A single empty cell is a blank line to both.
        prop_assert_eq!(ours(text.as_bytes()).unwrap(), strict(text.as_bytes()));
    }

    /// Any bytes after a header: rows balance, lines are those of the file, threads do not matter.
    #[test]
    fn rows_balance(
        parts in prop::collection::vec(
            prop_oneof![
                (0_u32..60).prop_map(|second| search("stolen", second)),
                "[a-z,\"\r\n]{0,30}".prop_map(String::from),
                Just("\n".to_owned()),
                Just(HEADER.to_owned()),
            ],
            0..30,
        ),
    ) {
        let text = format!("{HEADER}{}", parts.concat());
        let (one, rows) = log(text.as_bytes(), 1).unwrap();
        let (two, again) = log(text.as_bytes(), 2).unwrap();
        prop_assert_eq!(&one, &two);
        let place = |rows: &[Row]| -> Vec<_> {
            rows.iter().map(|row| (row.row, row.line, row.time, row.account)).collect()
        };
        prop_assert_eq!(place(&rows), place(&again));
        let lines: Vec<&str> = text.split('\n').collect();
        for row in &rows {
            prop_assert!(lines[row.line as usize - 1].contains("USER001"));
        }
        for rejected in &one.rejected {
            prop_assert!(rejected.line as usize <= lines.len());
        }
        let (seen, counts) = glance(text.as_bytes(), 1);
        prop_assert_eq!(&(seen.clone(), counts.clone()), &glance(text.as_bytes(), 2));
        prop_assert_eq!(seen.rows, one.rows);
        // A first look reads no time; where none was wrong it counts the rows that were made.
        if seen.rejected == one.rejected {
            let mut classes: BTreeMap<Class, u64> = BTreeMap::new();
            rows.iter().for_each(|row| *classes.entry(row.class).or_default() += 1);
            prop_assert_eq!(counts, classes);
        }
    }

    /// The form that nearly all times have is read as any other.
    #[test]
    fn padded_times(
        time in "[01][0-9]/[0-3][0-9]/20[0-9]{2}, [01][0-9]:[0-6][0-9]:[0-6][0-9] [AP]M UTC",
        at in 0_usize..60,
        byte: u8,
    ) {
        let mut time = time.into_bytes();
        if let Some(place) = time.get_mut(at) {
            *place = byte;
        }
        let longer = [time.as_slice(), b" "].concat();
        prop_assert_eq!(seconds(&time, None), seconds(&longer, None));
    }
}

#[test]
fn a_search_becomes_a_row() {
    let (totals, rows) =
        log(format!("{HEADER}{}", search("hit and run", 31)).as_bytes(), 1).unwrap();
    assert_eq!(totals.layout, "plate reader audit");
    assert_eq!(totals.information, "plate_reader");
    // 2025-01-09 12:32:31 UTC, by `date -u -d`; it looked back from 2 December, 11:00:04:
    // 38 days, 1 hour, 32 minutes and 27 seconds, of which the hour that has begun counts.
    assert_eq!(rows[0].time, 1_736_425_951);
    assert_eq!(rows[0].hours, Some(914));
    assert_eq!(rows[0].networks, Some(572));
    assert_eq!((rows[0].row, rows[0].line), (2, 2));
    assert_ne!(rows[0].account, 0);
}

#[test]
fn one_bad_line_does_not_swallow_the_rest() {
    let good = search("theft", 1);
    let cases = [
        ("a stray quote", "x,1,a\"b,,,,r,\"1/9/2025, 12:32:31 PM UTC\"\r\n", "quote"),
        ("text after a quote", "x,1,\"ab\"c,,,,r,t\r\n", "quote"),
        ("a NUL", "x,1,\0,,,,r,t\r\n", "NUL"),
        ("a carriage return", "x,1,a\rb,,,,r,t\r\n", "carriage"),
        ("too few cells", "x,1,2\r\n", "3 cells where the header has 8"),
        ("too many cells", "x,1,2,3,4,5,6,7,8\r\n", "9 cells where the header has 8"),
        ("another time", "x,1,,,,,r,yesterday\r\n", "the time in the column `Search Time`"),
        ("no zone", "x,1,,,,,r,2025-01-09 12:32:31\r\n", "names no zone"),
        ("no such day", "x,1,,,,,r,\"2/30/2025, 12:32:31 PM UTC\"\r\n", "between 1970 and 2105"),
        ("the header again", HEADER, "the header again"),
    ];
    for (name, bad, expected) in cases {
        let text = format!("{HEADER}{good}{bad}{good}");
        let (totals, rows) = log(text.as_bytes(), 1).unwrap();
        assert_eq!(rows.len(), 2, "{name}");
        assert_eq!(totals.rejected_rows, 1, "{name}: {:?}", totals.rejected);
        let rejected = &totals.rejected[0];
        assert!(rejected.why.contains(expected), "{name}: {}", rejected.why);
        assert_eq!((rejected.row, rejected.line), (3, 4), "{name}");
    }
    let mut bytes = format!("{HEADER}{good}").into_bytes();
    bytes.extend_from_slice(b"x,1,,,,,r\xe9,\"1/9/2025, 12:32:31 PM UTC\"\r\n");
    let (totals, _) = log(&bytes, 1).unwrap();
    assert!(totals.rejected[0].why.contains("not UTF-8"));
}

#[test]
fn the_header_again_is_told_however_it_is_written() {
    let quoted = HEADER.replacen("Name", "\"Name\"", 1);
    // Tables that a program wrote with the numbers of rows have no heading over them.
    for (before, again) in [("", quoted.as_str()), ("", &format!(" {HEADER}")), (",", HEADER)] {
        let good = format!("{before}{}", search("theft", 1));
        let text = format!("{before}{HEADER}{good}{before}{again}{good}");
        let (totals, rows) = log(text.as_bytes(), 1).unwrap();
        assert_eq!((rows.len(), totals.rejected_rows), (2, 1), "{again}: {:?}", totals.rejected);
        assert!(totals.rejected[0].why.contains("the header again"), "{again}");
    }
}

#[test]
fn a_file_that_was_cut_off_says_so() {
    let whole = format!("{HEADER}{}{}", search("theft", 1), search("theft", 2));
    let cut = &whole[..whole.len() - 75];
    let (totals, rows) = log(cut.as_bytes(), 1).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(totals.rejected[0].why.contains("was it cut off"), "{:?}", totals.rejected);
    // Within quotes that opened on the second line of a record it is one row still.
    let cut = &whole[..whole.len() - 10];
    let (totals, rows) = log(cut.as_bytes(), 1).unwrap();
    assert_eq!((rows.len(), totals.rows), (1, 2), "{:?}", totals.rejected);
    assert_eq!((totals.rejected[0].row, totals.rejected[0].line), (3, 4));
}

/// A record of two lines that is none is one row, so that those after it have the number that a
/// spreadsheet shows.
#[test]
fn a_bad_record_of_two_lines_is_one_row() {
    let good = search("theft", 1);
    for bad in [good.replace("theft", "the\0ft"), good.replace("theft", "a\"b")] {
        let (totals, rows) = log(format!("{HEADER}{good}{bad}{good}").as_bytes(), 1).unwrap();
        assert_eq!((totals.rows, totals.rejected_rows), (3, 1), "{:?}", totals.rejected);
        assert_eq!((totals.rejected[0].row, totals.rejected[0].line), (3, 4));
        assert_eq!(
            rows.iter().map(|row| (row.row, row.line)).collect::<Vec<_>>(),
            [(2, 2), (4, 6)]
        );
    }
}

const DEVICES: &str = "Name, Org Name, Total Networks Searched, Total Devices Searched, \
                       Time Frame, License Plate, Reason, Case #, Filters, Search Time, \
                       Search Type, Text Prompt, Moderation\r\n";
const IDS: &str = "ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, \
                   Case #, Filters, Search Time, Search Type, Text Prompt, Moderation\r\n";

/// Two exports with as many columns, and others: rows of the one are none of the other.
#[test]
fn exports_that_were_joined_are_told() {
    let time = "\"06/01/2025, 12:00:00 AM UTC\"";
    let of_devices = format!("J. Officer,Town PD,572,4000,,PLT1,theft,,,{time},lookup,,\r\n");
    let of_ids = format!("a1b2,J. Officer,Town PD,572,,PLT1,theft,,,{time},lookup,,\r\n");
    for (header, own, other, again) in
        [(DEVICES, &of_devices, &of_ids, IDS), (IDS, &of_ids, &of_devices, DEVICES)]
    {
        let text = format!("{header}{own}{}", other.repeat(70));
        let (totals, rows) = log(text.as_bytes(), 2).unwrap();
        assert_eq!((rows.len(), totals.rejected_rows), (1, 70));
        for rejected in &totals.rejected {
            assert!(rejected.why.contains("are cells shifted"), "{}", rejected.why);
            assert!(!rejected.why.contains("Officer"), "{}", rejected.why);
        }
        // A first look does not read these cells of each row.
        let (seen, _) = glance(text.as_bytes(), 2);
        assert_eq!(seen.notes.len(), 1);
        assert!(seen.notes[0].starts_with("row 66, line 66: "), "{:?}", seen.notes);
        let text = format!("{header}{own}{again}{other}");
        let why = log(text.as_bytes(), 2).unwrap_err().to_string();
        assert!(why.contains("row 3, line 3: another header"), "{why}");
    }
}

/// The number of networks is read as spreadsheets write it, and what is none is told.
#[test]
fn networks_are_a_number() {
    let row = |cell: &str| search("theft", 1).replace(",572,", &format!(",{cell},"));
    let read = |cell: &str| log(format!("{HEADER}{}", row(cell)).as_bytes(), 1).unwrap();
    for (cell, networks) in [
        ("572", Some(572)),
        (" 7 ", Some(7)),
        ("\"1,234\"", Some(1_234)),
        ("\"1,234,567\"", Some(1_234_567)),
        ("3.0", Some(3)),
        ("", None),
        ("***", None),
        ("-", None),
        ("REDACTED", None),
    ] {
        assert_eq!(read(cell).1[0].networks, networks, "{cell}");
    }
    for cell in ["-5", "abc", "\"1,23\"", "3.5", "\"12,\"", "9999999999", ".0"] {
        let (totals, rows) = read(cell);
        assert!(rows.is_empty(), "{cell}");
        assert!(totals.rejected[0].why.contains("number of networks"), "{cell}");
    }
}

#[test]
fn a_line_without_end_is_set_apart_in_constant_memory() {
    let mut text = format!("{HEADER}{}", search("theft", 1)).into_bytes();
    text.push(b'"');
    text.resize(text.len() + (100 << 20), b'x');
    text.extend_from_slice(format!("\r\n{}", search("theft", 2)).as_bytes());
    let (totals, rows) = log(&text, 2).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(totals.rejected_rows, 1);
    assert!(totals.rejected[0].why.contains("longer than 1 MiB"));
}

#[test]
fn what_is_no_log_is_refused_with_what_to_do() {
    for (bytes, expected) in [
        (&b""[..], "empty"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"a\0b\0", "UTF-16"),
        (b"a,b,c\n1,2,3\n", "describe it in a file"),
        (b"Name;Reason;Search Time\n", "separated by semicolons; save it as comma-separated"),
        (b"\"Name\";\"Reason\"\n", "separated by semicolons"),
        (b"Name\tReason\tSearch Time\n", "separated by tabs; save it as comma-separated"),
        (b"Name,Search Time\rA,\"1\n2\"\r", "carriage return alone; save it as CSV with LF"),
        (b"<html><table>", "a page or an XML file, whatever its name says"),
        (b"\xef\xbb\xbf\n <?xml", "a page or an XML file"),
        (b"[{\"Name\": 1}]", "JSON"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 ", "a workbook of the old kind (XLS); save it as XLSX"),
        (b"A report\n\nof,May\nName,Search Time\n", "its header stands on line 4; remove what"),
        (b"Search Time,Search Time\n", "there twice"),
        (b"\n\n\n", "blank lines"),
    ] {
        let Err(error) = log(bytes, 1) else { panic!("{expected}: read") };
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
}

/// A workbook with a password is a file of the old kind with a stream of this name.
#[test]
fn a_workbook_with_a_password_is_told() {
    let name = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".iter().copied().chain(name).collect();
    let error = log(&bytes, 1).unwrap_err().to_string();
    assert!(error.contains("locked with a password; open it, take the password off"), "{error}");
}

/// Bytes that come once, as through a pipe.
struct Pipe(&'static [u8]);

impl std::io::Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(into)
    }
}

impl std::io::Seek for Pipe {
    fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
        Err(std::io::ErrorKind::NotSeekable.into())
    }
}

#[test]
fn a_pipe_is_told() {
    let (layouts, rules) = (Layouts::published().unwrap(), Rules::published());
    let look = Look { layouts: &layouts, rules, own: "Example PD", threads: 1 };
    let error = classes(Pipe(HEADER.as_bytes()), look).unwrap_err().to_string();
    assert!(error.contains("it is a pipe and no file; write it to a file first"), "{error}");
}

/// Where the header is missing, the first row is one of persons.
#[test]
fn what_is_said_of_a_header_repeats_no_cell() {
    let row = "Jane Roe,3,,AB-123,,,theft,\"1/9/2025, 12:32:31 PM UTC\"\r\n";
    let error = log(row.as_bytes(), 1).unwrap_err().to_string();
    assert!(error.contains("none is a heading that is known"), "{error}");
    assert!(!["Jane", "AB-123", "theft"].iter().any(|cell| error.contains(cell)), "{error}");
    let error = log(b"Name,secret,Reason\r\n", 1).unwrap_err().to_string();
    assert!(error.contains("(3) headings that are known are `Name`, `Reason`;"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn a_file_of_layouts_has_a_version_that_is_known() {
    for version in [0, 2, 99] {
        let text = format!("version = {version}\nlayout = []\n");
        assert_eq!(
            Layouts::read(&text).unwrap_err(),
            format!("`version = {version}` is not known here; this program reads version 1")
        );
    }
}

/// A quoted line feed may stand at any place of a block of 64 bytes and of a step of a mebibyte.
#[test]
fn a_quoted_line_feed_at_every_edge() {
    for pad in 0..130 {
        let text = format!("{HEADER}{}{}", search(&"r".repeat(pad), 1), search("theft", 2));
        assert_eq!(log(text.as_bytes(), 1).unwrap().1.len(), 2, "{pad}");
    }
    let one = search("theft", 1);
    let mut text = HEADER.to_owned();
    while text.len() < (1 << 20) - 400 {
        text.push_str(&one);
    }
    let before = text.matches("USER001").count();
    for pad in 0..400 {
        let text = format!("{text}{}{one}", search(&"r".repeat(pad), 1));
        assert_eq!(log(text.as_bytes(), 1).unwrap().1.len(), before + 2, "{pad}");
    }
}

/// The files that agencies released, by the totals their notes state; not part of the project.
#[test]
fn released_logs_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/access-logs");
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: no released logs beside the project");
        return;
    };
    let mut seen = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_log = name.contains("Audit") && name.ends_with(".csv") || name.starts_with("portal");
        if !is_log {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let (totals, rows) = log(&bytes, 2).unwrap();
        assert_eq!(rows.len() + 1, strict(&bytes).len(), "{name}");
        assert_eq!(totals.rejected, [], "{name}");
        if name.starts_with("portal") {
            assert_eq!(rows.len(), 26_700);
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}
