//! What is no workbook, or not a sound one: each is told what it is and what to do.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use audit::sheet::{SheetError, read};

use crate::book::{Book, Part, SMALL, book, part, rows, text, zip};

fn told(bytes: &[u8]) -> String {
    rows(bytes).1.expect_err("it is to be refused").to_string()
}

#[test]
fn other_files_are_named() {
    for (bytes, says) in [
        (b"".as_slice(), "the file is empty; get it again"),
        (b"Name,Reason\r\n", "the file is text; read it as CSV"),
        (b"\xEF\xBB\xBFName,Reason\r\n", "the file is text; read it as CSV"),
        (b"%PDF-1.7\n", "the file is a PDF; ask for the table as XLSX or CSV"),
        (b"<html><table>", "the file is a page or an XML file; save the sheet as XLSX or CSV"),
        (b"\x89PNG\r\n\x1a\n", "the file is no workbook (XLSX); save the sheet as XLSX or CSV"),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more",
            "the file is a workbook of the old kind (XLS); save it as XLSX or CSV",
        ),
    ] {
        assert_eq!(told(bytes), says);
    }
}

#[test]
fn other_archives_are_named() {
    let package = |target: &str, part_of: Part| {
        let relations = format!(
            r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="{target}"/>
            </Relationships>"#
        );
        zip(&[
            part("_rels/.rels", &relations),
            part("word/_rels/document.xml.rels", "<Relationships/>"),
            part_of,
        ])
    };
    for (bytes, says) in [
        (
            zip(&[part("a.csv", "Name")]),
            "the file is an archive of other files; unpack it and give its files one by one",
        ),
        (
            zip(&[part("content.xml", "<a/>")]),
            "the file is an OpenDocument file; save the sheet as XLSX or CSV",
        ),
        (
            package("xl/workbook.bin", part("xl/workbook.bin", "")),
            "the file is a binary workbook (XLSB); save it as XLSX or CSV",
        ),
        (
            package("word/document.xml", part("word/document.xml", "<document/>")),
            "the file is a document that is no workbook; save the sheet as XLSX or CSV",
        ),
        (
            zip(&[part("_rels/.rels", "<Relationships/>")]),
            "the file is a package without a workbook; save the sheet as XLSX or CSV",
        ),
    ] {
        assert_eq!(told(&bytes), says);
    }
}

/// A locked workbook is one stream in a file of the old kind; a locked part has a flag.
#[test]
fn locked_workbooks_are_told() {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for gap in [600, 65_520, 65_536, 200_000] {
        let start = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        let bytes = [start, vec![0; gap], name.clone(), vec![0; 600]].concat();
        assert!(matches!(rows(&bytes).1, Err(SheetError::Encrypted)), "{gap}");
    }
    let mut parts = book(SMALL).parts();
    parts.iter_mut().for_each(|it| it.flags = 1);
    assert_eq!(
        told(&zip(&parts)),
        "the workbook is locked with a password; open it, take the password off and save it"
    );
}

#[test]
fn a_workbook_without_a_header_names_its_sheets() {
    let numbers: String =
        (1..30).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
    let header = format!(r#"<row r="40">{}{}</row>"#, text("A40", "Name"), text("B40", "Reason"));
    let late = numbers.clone() + &header;
    for rows in ["", &numbers, &late] {
        let book = Book::default().sheet("one", "", rows).sheet("two", "", "");
        assert_eq!(
            told(&book.bytes()),
            "no sheet has a header in its first 20 rows: `one`, `two`; put a row with the \
             columns' names above the table"
        );
    }
    assert!(told(&Book::default().bytes()).contains("there is no sheet of cells"));
}

/// What is put in place of the one row of a sheet, and what is said of it.
#[test]
fn sheets_that_are_not_sound_are_told_where() {
    let at = |what: &str| {
        format!(
            "the workbook is damaged at `xl/worksheets/s1.xml`: {what}; get the file again, or \
             open it in a spreadsheet program and save it anew"
        )
    };
    for (after, what) in [
        (r#"<row r="2"/>"#, "the row after row 3 has no number that can follow"),
        (r#"<row r="3"/>"#, "the row after row 3 has no number that can follow"),
        (r#"<row r="1048577"/>"#, "the row after row 3 has no number that can follow"),
        (r#"<row r="x"/>"#, "the row after row 3 has no number that can follow"),
        (r#"<row r="4"><c r="A5"/></row>"#, "the cell of column A is out of place in row 4"),
        (r#"<row r="4"><c r="?"/></row>"#, "a cell without a place in row 4"),
        (r#"<row r="4"><c r="XFE4"/></row>"#, "more columns than a sheet may have in row 4"),
        (r#"<row r="4"><c t="s"><v>0</v></c></row>"#, "a shared text that is not there in row 4"),
        (r#"<row r="4"><c><v>1,5</v></c></row>"#, "a number that is none in row 4"),
        (r#"<row r="4"><c t="b"><v>2</v></c></row>"#, "a yes or no that is neither in row 4"),
        (r#"<row r="4"><c t="?"><v>2</v></c></row>"#, "a cell of an unknown type in row 4"),
        ("<cell/>", "something else stands where its rows do"),
        (r#"<row r="4"><c><v>&own;</v></c></row>"#, "it has an entity that XML does not know"),
        (r#"<row r="4"><c><v><v/></v></c></row>"#, "an element stands where only text may"),
        (
            r#"<row r="4"><c r="B4"><v>1</v></c><c r="A4"><v>1</v></c></row>"#,
            "the cell of column A is out of place in row 4",
        ),
    ] {
        assert_eq!(told(&book(&format!("{SMALL}{after}")).bytes()), at(what), "{after}");
    }
}

/// A workbook of which one part was replaced.
fn with(name: &str, text: &str) -> Vec<u8> {
    let mut parts = book(SMALL).parts();
    let at = parts.iter().position(|it| it.name == name).unwrap();
    parts[at] = part(name, text);
    zip(&parts)
}

#[test]
fn parts_that_are_not_sound_are_told() {
    let sheet = "xl/worksheets/s1.xml";
    let deep = format!("<worksheet>{}{}</worksheet>", "<a>".repeat(100), "</a>".repeat(100));
    for (bytes, what) in [
        (with(sheet, "<worksheet><sheetData>"), "it ends before its last element closes"),
        (with(sheet, "<worksheet></worksheet>"), "it has no place for rows"),
        (with(sheet, "<chartsheet/>"), "it is no sheet of cells"),
        (with(sheet, &deep), "its elements stand too deep"),
        (
            with(sheet, "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>"),
            "it has a document type, and a workbook has none",
        ),
    ] {
        let told = told(&bytes);
        assert!(told.contains(&format!("at `{sheet}`: {what};")), "{told}");
    }
    let mut parts = book(SMALL).parts();
    parts.retain(|it| it.name != "xl/styles.xml");
    let told = told(&zip(&parts));
    assert!(told.contains("at `xl/styles.xml`: it is named in the workbook and not there"));
}

#[test]
fn parts_that_two_readers_could_read_in_two_ways_are_refused() {
    let mut parts = book(SMALL).parts();
    let mut again = parts[0].clone();
    again.name = again.name.to_uppercase();
    parts.push(again);
    assert!(told(&zip(&parts)).contains("at `the archive`: it has two parts of one name"));

    // The last part's place in the directory is made that of the first.
    let mut bytes = zip(&book(SMALL).parts());
    let last = bytes.windows(4).rposition(|it| it == b"PK\x01\x02").unwrap();
    bytes[last + 42..last + 46].fill(0);
    assert!(told(&bytes).contains("at `the archive`: its parts overlap"));
}

/// A file that can be read for so many bytes.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.position() >= self.1 {
            return Err(io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_disk_that_fails_is_no_damage() {
    let bytes = Cursor::new(book(SMALL).bytes());
    let told = read(Failing(bytes, 0), &mut |_| {}).unwrap_err();
    assert_eq!(told.to_string(), "the file could not be read: the disk is gone");
}
