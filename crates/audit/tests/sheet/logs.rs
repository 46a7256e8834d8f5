//! Workbooks read as logs.

use std::io::Cursor;
use std::sync::Mutex;

use audit::log::row::{Common, Hasher};
use audit::log::{Cases, FileTotals, How, Key, Layouts, LogError, Names, Row, read_log};
use audit::reason::Rules;
use jiff::tz::TimeZone;

use crate::book::{Book, book, text};

/// Cells of a day, of a day and a time, and of a time.
const FORMATS: &str = r#"<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>
    <xf numFmtId="18"/></cellXfs>"#;

/// A layout of a log on a clock of Chicago.
const OWN: &str = "version = 1\n[[layout]]\nname = \"own\"\nsays = \"own\"\n\
                   information = \"plate_reader\"\nzone = \"America/Chicago\"\n\
                   needs = [\"When\"]\ncolumns = [[\"Day\", \"date\"], [\"When\", \"time\"], \
                   [\"Reason\", \"reason\"]]\n";

/// The start of 9 March 2025, UTC, by `date -u -d 2025-03-09 +%s`: day 45,725 of a spreadsheet.
const MARCH_9: u32 = 1_741_478_400;

/// Reads a workbook as a log.
pub fn log(book: &Book) -> Result<(FileTotals, Vec<Row>), LogError> {
    let zone = |name: &str| TimeZone::get(name).map_err(|error| error.to_string());
    let own = Layouts::read(OWN).unwrap().in_zones(zone).unwrap();
    let layouts = Layouts::published().unwrap().with(own);
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
    let all = Mutex::new(Vec::new());
    let sink = |batch: &[Row], _: u64| all.lock().unwrap().extend_from_slice(batch);
    let how = How { layouts: &layouts, common, threads: 1 };
    let totals = read_log(0, Cursor::new(book.bytes()), how, &sink)?;
    let rows = all.into_inner().unwrap();
    assert_eq!(totals.rows, totals.made + totals.rejected_rows, "rows balance");
    assert_eq!(totals.made, rows.len() as u64);
    Ok((totals, rows))
}

/// A workbook in which cells can be days and times.
fn dated(rows: &str) -> Book {
    Book { formats: FORMATS.to_owned(), ..book(rows) }
}

fn header(first: &str, second: &str) -> String {
    format!(r#"<row r="1">{}{}</row>"#, text("A1", first), text("B1", second))
}

#[test]
fn cells_that_are_days_are_read_on_the_clock_of_the_layout() {
    let rows = r#"<row r="2"><c r="A2" s="1"><v>45725</v></c></row>
        <row r="3"><c r="A3" s="2"><v>45725.4375</v></c></row>
        <row r="4"><c r="A4" s="2"><v>45725</v></c></row>"#;
    let (totals, made) = log(&dated(&format!("{}{rows}", header("When", "Reason")))).unwrap();
    assert_eq!(totals.rejected, []);
    // The day starts six hours after that of UTC; at half past ten it is five hours behind.
    let times: Vec<u32> = made.iter().map(|row| row.time - MARCH_9).collect();
    assert_eq!(times, [21_600, 55_800, 21_600]);
    // Where nobody says which clock it was, there is no time.
    let (totals, made) =
        log(&dated(&format!("{}{rows}", header("Search Time", "Reason")))).unwrap();
    assert_eq!((made.len(), totals.rejected_rows), (0, 3));
    assert!(totals.rejected.iter().all(|it| it.why.contains("names no zone")));
}

#[test]
fn a_day_and_a_time_in_cells_of_their_own() {
    // A cell of a day, one of a day and a time at midnight, each with a time as text.
    let rows = format!(
        r#"{}<row r="2"><c r="A2" s="1"><v>45725</v></c>{}</row>
        <row r="3"><c r="A3" s="2"><v>45725</v></c>{}</row>
        <row r="4"><c r="A4" s="2"><v>45725</v></c><c r="B4" s="3"><v>0.5</v></c></row>
        <row r="5"><c r="A5" s="2"><v>45725</v></c>{}</row>"#,
        header("Search Date", "Search Time"),
        text("B2", "01:02:05 PM UTC"),
        text("B3", "01:02:06 PM UTC"),
        text("B5", "Jane Roe"),
    );
    let (totals, made) = log(&dated(&rows)).unwrap();
    let times: Vec<u32> = made.iter().map(|row| row.time - MARCH_9).collect();
    assert_eq!(times, [13 * 3_600 + 125, 13 * 3_600 + 126]);
    let told: Vec<_> = totals.rejected.iter().map(|it| (it.row, it.why.as_str())).collect();
    let columns = "the time in the columns `Search Date` and `Search Time`";
    assert_eq!(
        told,
        [
            (4, &*format!("{columns} names no zone; say in a layout which it is (`zone = …`)")),
            (
                5,
                &format!(
                    "{columns} is no time `M/D/YYYY, hh:mm:ss AM UTC` or `YYYY-MM-DDThh:mm:ssZ`"
                )
            ),
        ]
    );
}

/// A sheet with a header of the published layout in this row, and so many searches below it.
fn searches(header: u32, rows: u32, minute: u32) -> String {
    let mut xml = format!(
        r#"<row r="{header}">{}{}</row>"#,
        text(&format!("A{header}"), "Name"),
        text(&format!("B{header}"), "Search Time")
    );
    for row in 1..=rows {
        let at = header + row;
        let time = format!("03/09/2025, 10:{:02}:00 AM UTC", minute + row);
        let (name, time) = (text(&format!("A{at}"), "x"), text(&format!("B{at}"), &time));
        xml += &format!(r#"<row r="{at}">{name}{time}</row>"#);
    }
    xml
}

/// The row, the line and the minute after ten of each row.
fn places(rows: &[Row]) -> Vec<(u32, u32, u32)> {
    rows.iter().map(|row| (row.row, row.line, (row.time - MARCH_9 - 36_000) / 60)).collect()
}

#[test]
fn the_header_is_found_below_titles_and_behind_other_sheets() {
    let title = format!(
        r#"<row r="1">{}</row><row r="2">{}{}</row>{}"#,
        text("A1", "Searches of May"),
        text("A2", "Exported"),
        text("B2", "today"),
        searches(4, 2, 0)
    );
    let about = format!(r#"<row r="1">{}{}</row>"#, text("A1", "Field"), text("B1", "Meaning"));
    let book = Book::default().sheet("Read me", "", &about).sheet("May", "", &title);
    let (totals, rows) = log(&book).unwrap();
    assert_eq!(totals.rejected, []);
    assert_eq!(places(&rows), [(5, 5, 1), (6, 6, 2)]);
    assert_eq!(
        totals.notes,
        [
            "sheets read: `May`; not read: `Read me`; what is to be read must be shown and \
             have the header of a layout in its first 20 rows",
            "2 rows stand above the header",
        ]
    );
    // Where none fits, it is said what was looked at: the longest row that could be one.
    let cells = [text("A2", "Jane Roe"), text("B2", "AB-123"), text("C2", "x")].concat();
    let book =
        book_of(&[("Read me", "", &about), ("May", "", &format!(r#"<row r="2">{cells}</row>"#))]);
    let error = log(&book).unwrap_err().to_string();
    assert!(error.starts_with("the sheet `May`, row 2: the header is of no layout"), "{error}");
    assert!(!error.contains("Jane") && !error.contains("AB-123"), "{error}");
}

fn book_of(sheets: &[(&str, &str, &str)]) -> Book {
    sheets
        .iter()
        .fold(Book::default(), |book, (name, attributes, rows)| book.sheet(name, attributes, rows))
}

#[test]
fn every_sheet_that_is_shown_and_fits_is_read() {
    let bad = format!(r#"{}<row r="4">{}</row>"#, searches(1, 2, 10), text("A4", "x"));
    let (jan, feb) = (searches(1, 2, 0), searches(3, 1, 20));
    let hidden = r#"state="hidden""#;
    let (totals, rows) = log(&book_of(&[
        ("old", hidden, &searches(1, 9, 30)),
        ("Jan", "", &jan),
        ("Feb", "", &bad),
        ("Mar", "", &feb),
    ]))
    .unwrap();
    // A sheet has at most 1,048,576 rows; those of the next count on from there.
    let (of_feb, of_mar) = (1_048_576, 2_097_152);
    let expected =
        [(2, 2, 1), (3, 3, 2), (of_feb + 2, 2, 11), (of_feb + 3, 3, 12), (of_mar + 4, 4, 21)];
    assert_eq!(places(&rows), expected);
    assert_eq!((totals.rows, totals.made, totals.rejected_rows), (6, 5, 1));
    let rejected = &totals.rejected[0];
    assert_eq!((rejected.row, rejected.line), (u64::from(of_feb) + 4, 4));
    assert!(rejected.why.starts_with("the sheet `Feb`: the time in the column"), "{rejected:?}");
    assert_eq!(totals.layout, "plate reader audit");
    assert_eq!(
        totals.notes,
        [
            "sheets read: `Jan`, `Feb`, `Mar`; not read: `old` (hidden); what is to be read \
             must be shown and have the header of a layout in its first 20 rows",
            "the sheet `Feb`: 3 rows, numbered from 1048576 on: its row 2 is row 1048578, line 2",
            "the sheet `Mar`: 1 rows, numbered from 2097152 on: its row 2 is row 2097154, line 2",
        ]
    );
    // A hidden one is read where no other fits.
    let (totals, rows) = log(&book_of(&[("old", hidden, &jan), ("note", "", "")])).unwrap();
    assert_eq!((rows.len(), totals.rejected_rows), (2, 0));
}

/// A search in row `row`, with what is beside it.
fn search(row: u32, beside: &str) -> String {
    let time = format!("03/09/2025, 10:{row:02}:00 AM UTC");
    let (name, time) = (text(&format!("A{row}"), "x"), text(&format!("C{row}"), &time));
    format!(r#"<row r="{row}">{name}{time}{beside}</row>"#)
}

/// A table put below another has other columns, and its rows are rejected; what an auditor computes
/// beside a table is not of it.
#[test]
fn what_stands_beyond_the_header_is_told_apart() {
    let header = |blank: &str| {
        let cells = [text("A1", "Name"), text("B1", blank), text("C1", "Search Time")].concat();
        format!(r#"<row r="1">{cells}<c r="D1"/></row>"#)
    };
    let shared = r#"<c r="E2"><f t="shared" ref="E2:E4" si="0">MOD(ROW(),100)</f><v>2</v></c>"#;
    let rows = [
        header("Case #"),
        search(2, shared),
        search(3, r#"<c r="E3"><f t="shared" si="0"/><v>3</v></c>"#),
        // Blanks are nothing.
        search(4, &text("D4", " ")),
        search(5, &text("D5", "lookup")),
        search(6, r#"<c r="D6"><v>7</v></c><c r="E6"><f>MOD(ROW(),100)</f><v>6</v></c>"#),
    ];
    let (totals, made) = log(&book(&rows.concat())).unwrap();
    assert_eq!(made.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3, 4]);
    let why = "a cell in column D, where the header has 3 columns; does another table start here? \
               a column of one's own needs a heading";
    let told: Vec<_> = totals.rejected.iter().map(|it| (it.row, it.line, &*it.why)).collect();
    assert_eq!(told, [(5, 5, why), (6, 6, why)]);
    assert_eq!(
        totals.notes,
        [
            "column E has no heading and 3 cells of `MOD(ROW(),100)`; read past",
            "column D has no heading and 2 cells; the rows of these are rejected",
        ]
    );
    // A column between others that lost its heading is read past.
    let row = search(2, "").replace(r#"<c r="C2""#, &(text("B2", "theft") + r#"<c r="C2""#));
    let (totals, made) = log(&book(&(header(" ") + &row))).unwrap();
    assert_eq!((made.len(), totals.rejected_rows), (1, 0));
    assert_eq!(totals.notes, ["column B has no heading and 1 cells; read past"]);
}

/// Rows of text, the first of them row 1.
fn table(rows: &[[&str; 3]]) -> String {
    let row = |(at, cells): (usize, &[&str; 3])| {
        let cell = |(name, cell): (char, &&str)| text(&format!("{name}{}", at + 1), cell);
        let cells: String = ('A'..).zip(cells).map(cell).collect();
        format!(r#"<row r="{}">{cells}</row>"#, at + 1)
    };
    rows.iter().enumerate().map(row).collect()
}

#[test]
fn exports_that_were_pasted_below_each_other_are_told() {
    const NETWORKS: [&str; 3] = ["Org Name", "Total Networks Searched", "Search Time"];
    const ID: [&str; 3] = ["ID", "Org Name", "Search Time"];
    const TIME: &str = "03/09/2025, 10:30:00 AM UTC";
    const OF_NETWORKS: [&str; 3] = ["Town A IL PD", "572", TIME];
    const OF_ID: [&str; 3] = ["5f2c", "Town A IL PD", TIME];
    // A header of other columns ends what can be read, whichever came first.
    for rows in [[NETWORKS, OF_NETWORKS, ID, OF_ID], [ID, OF_ID, NETWORKS, OF_NETWORKS]] {
        let error = log(&book(&table(&rows))).unwrap_err().to_string();
        assert!(error.contains("row 3: another header, of other columns"), "{error}");
    }
    // The same header again does not.
    let (totals, rows) =
        log(&book(&table(&[NETWORKS, OF_NETWORKS, NETWORKS, OF_NETWORKS]))).unwrap();
    assert_eq!((rows.len(), totals.rejected_rows), (2, 1));
    // Without a header, cells that are not what their column is are told row by row.
    let (totals, rows) = log(&book(&table(&[NETWORKS, OF_NETWORKS, OF_ID]))).unwrap();
    assert_eq!((rows.len(), totals.rejected.len()), (1, 1));
    assert_eq!(totals.rejected[0].row, 3);
    assert!(totals.rejected[0].why.contains("are cells shifted"), "{totals:?}");
}
