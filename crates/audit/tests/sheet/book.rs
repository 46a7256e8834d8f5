//! Workbooks made by hand, part by part, and archives made byte by byte.

use std::io::{Cursor, Write as _};

use audit::sheet::{Kind, SheetError, SheetNotes, read};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One part of an archive; what its directory states can be another thing than what is there.
#[derive(Clone)]
pub struct Part {
    pub name: String,
    pub bytes: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    /// The size that is stated; the true one where none is.
    pub size: Option<u32>,
    pub crc: Option<u32>,
}

/// A part of text, packed as spreadsheet programs pack it.
pub fn part(name: &str, text: &str) -> Part {
    let bytes = text.as_bytes().to_vec();
    Part { name: name.to_owned(), bytes, flags: 0, method: 8, size: None, crc: None }
}

fn numbers(into: &mut Vec<u8>, shorts: &[u16], words: &[u32]) {
    shorts.iter().for_each(|it| into.extend(it.to_le_bytes()));
    words.iter().for_each(|it| into.extend(it.to_le_bytes()));
}

/// An archive of these parts.
pub fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let packed = match part.method {
            0 => part.bytes.clone(),
            _ => {
                let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
                packer.write_all(&part.bytes).unwrap();
                packer.finish().unwrap()
            }
        };
        let mut crc = flate2::Crc::new();
        crc.update(&part.bytes);
        let crc = part.crc.unwrap_or(crc.sum());
        let size = part.size.unwrap_or(part.bytes.len() as u32);
        let (start, length) = (file.len() as u32, part.name.len() as u16);
        let shorts = [20, part.flags, part.method, 0, 0];
        file.extend(b"PK\x03\x04");
        numbers(&mut file, &shorts, &[crc, packed.len() as u32, size]);
        numbers(&mut file, &[length, 0], &[]);
        file.extend(part.name.as_bytes());
        file.extend(&packed);
        directory.extend(b"PK\x01\x02");
        numbers(&mut directory, &[20], &[]);
        numbers(&mut directory, &shorts, &[crc, packed.len() as u32, size]);
        numbers(&mut directory, &[length, 0, 0, 0, 0, 0, 0], &[start]);
        directory.extend(part.name.as_bytes());
    }
    let (start, size, count) = (file.len() as u32, directory.len() as u32, parts.len() as u16);
    file.extend(directory);
    file.extend(b"PK\x05\x06");
    numbers(&mut file, &[0, 0, count, count], &[size, start]);
    numbers(&mut file, &[0], &[]);
    file
}

/// A workbook: its sheets (name, attributes, the XML of its rows) and its shared texts.
#[derive(Clone, Default)]
pub struct Book {
    pub sheets: Vec<(String, String, String)>,
    pub shared: String,
    pub formats: String,
    pub properties: String,
}

/// A workbook of one sheet with these rows.
pub fn book(rows: &str) -> Book {
    Book::default().sheet("Sheet1", "", rows)
}

impl Book {
    pub fn sheet(mut self, name: &str, attributes: &str, rows: &str) -> Self {
        self.sheets.push((name.to_owned(), attributes.to_owned(), rows.to_owned()));
        self
    }

    pub fn parts(&self) -> Vec<Part> {
        let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let relation = |id: &str, kind: &str, target: &str| {
            format!(r#"<Relationship Id="{id}" Type="{types}/{kind}" Target="{target}"/>"#)
        };
        let relations = |inside: &str| format!("<Relationships>{inside}</Relationships>");
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let mut names = String::new();
        let mut inside = relation("s", "styles", "styles.xml");
        inside += &relation("t", "sharedStrings", "/xl/sharedStrings.xml");
        let mut parts = Vec::new();
        for (at, (name, attributes, rows)) in (1..).zip(&self.sheets) {
            names += &format!(r#"<sheet name="{name}" sheetId="{at}" r:id="r{at}" {attributes}/>"#);
            inside += &relation(&format!("r{at}"), "worksheet", &format!("worksheets/s{at}.xml"));
            let sheet = format!(
                r#"<?xml version="1.0" encoding="UTF-8"?>
                <worksheet xmlns="{main}"><cols><col/></cols>
                <sheetData>{rows}</sheetData><pageMargins left="1"/></worksheet>"#
            );
            parts.push(part(&format!("xl/worksheets/s{at}.xml"), &sheet));
        }
        let properties = &self.properties;
        let workbook = format!(
            r#"<workbook xmlns="{main}" xmlns:r="{types}"><workbookPr {properties}/>
            <sheets>{names}</sheets></workbook>"#
        );
        let package = relations(&relation("w", "officeDocument", "xl/workbook.xml"));
        parts.push(part("_rels/.rels", &package));
        parts.push(part("xl/workbook.xml", &workbook));
        parts.push(part("xl/_rels/workbook.xml.rels", &relations(&inside)));
        parts.push(part("xl/sharedStrings.xml", &format!("<sst>{}</sst>", self.shared)));
        parts.push(part("xl/styles.xml", &format!("<styleSheet>{}</styleSheet>", self.formats)));
        parts
    }

    pub fn bytes(&self) -> Vec<u8> {
        zip(&self.parts())
    }
}

/// What was handed out: each row's number with its cells by column.
pub type Rows = Vec<(u32, Vec<(usize, Kind, String)>)>;

/// Reads a workbook; what was handed out is told even where it ends in an error.
pub fn rows(bytes: &[u8]) -> (Rows, Result<SheetNotes, SheetError>) {
    let mut rows = Rows::new();
    let told = read(Cursor::new(bytes), &mut |row| {
        let cells = row.cells().map(|(at, cell)| (at, cell.kind, cell.text.to_owned()));
        rows.push((row.number, cells.collect()));
    });
    (rows, told)
}

/// Reads a workbook that is sound: its rows as text, cells between bars, and the notes.
pub fn sound(bytes: &[u8]) -> (Vec<String>, SheetNotes) {
    let (rows, told) = rows(bytes);
    let line = |(number, cells): &(u32, Vec<(usize, Kind, String)>)| {
        let mut line = number.to_string();
        let width = cells.last().map_or(0, |(at, ..)| at + 1);
        for column in 0..width {
            let cell = cells.iter().find(|(at, ..)| *at == column);
            line.push('|');
            line.push_str(cell.map_or("", |(_, _, text)| text.as_str()));
        }
        line
    };
    (rows.iter().map(line).collect(), told.unwrap())
}

/// A cell of text.
pub fn text(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// The usual header and two rows, of a name and a reason.
pub const SMALL: &str = concat!(
    r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c>"#,
    r#"<c r="B1" t="inlineStr"><is><t>Reason</t></is></c></row>"#,
    r#"<row r="2"><c r="A2" t="inlineStr"><is><t>one</t></is></c><c r="B2"><v>7</v></c></row>"#,
    r#"<row r="3"><c r="A3" t="inlineStr"><is><t>two</t></is></c></row>"#,
);
