//! What would grow without end is refused, before or while it grows.

use std::io::Cursor;

use audit::sheet::{RATIO_FREE, RATIO_LIMIT, ROW_LIMIT, SheetError, read};

use crate::book::{Part, SMALL, book, rows, text, zip};

/// A workbook whose sheet is changed.
fn with(change: impl Fn(&mut Part)) -> Vec<u8> {
    let mut parts = book(SMALL).parts();
    change(parts.iter_mut().find(|it| it.name == "xl/worksheets/s1.xml").unwrap());
    zip(&parts)
}

fn told(bytes: &[u8]) -> String {
    rows(bytes).1.expect_err("it is to be refused").to_string()
}

#[test]
fn a_stated_size_past_the_limits_is_refused_before_anything_is_inflated() {
    let (handed, told) = rows(&with(|it| it.size = Some(RATIO_FREE as u32 + 1)));
    assert!(handed.is_empty());
    let told = told.unwrap_err();
    assert!(matches!(told, SheetError::TooLarge { .. }));
    assert!(told.to_string().contains("bytes would become 1048577; ask for the table as CSV"));
}

#[test]
fn a_part_that_grows_too_many_times_is_refused() {
    let blanks = "<!---->\n".repeat(1 << 20);
    let bytes = with(|it| it.bytes = [it.bytes.as_slice(), blanks.as_bytes()].concat());
    let told = rows(&bytes).1.unwrap_err();
    assert!(matches!(told, SheetError::TooLarge { .. }), "{told}");
    // It is refused for how much it grows, not for its size.
    assert!(8 << 20 > (bytes.len() as u64) * RATIO_LIMIT);
    let stored = with(|it| {
        it.bytes = [it.bytes.as_slice(), blanks.as_bytes()].concat();
        it.method = 0;
    });
    assert_eq!(rows(&stored).1.unwrap().rows, 2);
}

/// The true size is larger than the one stated, which is within the limits.
#[test]
fn no_more_is_inflated_than_stated() {
    for size in [0, 10, 300] {
        let told = told(&with(|it| it.size = Some(size)));
        assert!(told.contains("it is longer than stated"), "{told}");
    }
    let told_of = told(&with(|it| it.size = Some(60_000)));
    assert!(told_of.contains("it is shorter than stated"), "{told_of}");
    let told_of = told(&with(|it| it.crc = Some(7)));
    assert!(told_of.contains("its checksum is not the one stated"), "{told_of}");
    let told_of = told(&with(|it| it.method = 9));
    assert!(told_of.contains("packed in a way that spreadsheet programs do not use"));
}

/// Each cell asks for the same long text: a small file, a row without end.
#[test]
fn a_row_is_not_made_longer_than_its_limit() {
    let mut book =
        book(&format!(r#"{SMALL}<row r="4">{}</row>"#, r#"<c t="s"><v>0</v></c>"#.repeat(16_384)));
    let long: String = (0..4_000).map(|it| format!("{it:x} ")).collect();
    book.shared = format!("<si><t>{long}</t></si>");
    let bytes = book.bytes();
    assert!(bytes.len() < 1 << 20 && long.len() * 16_384 > ROW_LIMIT);
    let told = told(&bytes);
    assert!(
        told.contains("row 4 has more than 16777216 bytes; ask for the table as CSV"),
        "{told}"
    );
}

#[test]
fn a_cell_and_a_tag_have_their_limits() {
    let long: String = (0..300_000).map(|it| format!("{it:x} ")).collect();
    let told_of = told(&book(&format!(r#"{SMALL}<row r="4">{}</row>"#, text("A4", &long))).bytes());
    assert!(told_of.contains("a cell has more than 1048576 bytes"), "{told_of}");
    let tag = format!(r#"{SMALL}<row r="4" a="{long}{long}"/>"#);
    let told_of = told(&book(&tag).bytes());
    assert!(told_of.contains("a tag or a text in it is longer than any cell may be"), "{told_of}");
}

/// With the numbers that do not fit in their fields, and the larger records they are then in.
#[test]
fn an_archive_with_wide_numbers_is_read() {
    let bytes = book(SMALL).bytes();
    let end = bytes.len() - 22;
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let (size, start) = (word(end + 12), word(end + 16));
    // The sheet is the first part; its numbers go into a wide field.
    let mut directory = bytes[start as usize..end].to_vec();
    let name = u16::from_le_bytes(directory[28..30].try_into().unwrap()) as usize;
    let [packed, full] = [20, 24].map(|at| word(start as usize + at));
    let mut wide = vec![9, 9, 1, 0, 5, 1, 0, 24, 0];
    wide.extend([u64::from(full), u64::from(packed), 0].iter().flat_map(|it| it.to_le_bytes()));
    directory[20..28].fill(0xFF);
    directory[42..46].fill(0xFF);
    directory[30..32].copy_from_slice(&(wide.len() as u16).to_le_bytes());
    directory.splice(46 + name..46 + name, wide.iter().copied());
    let mut file = [&bytes[..start as usize], &directory].concat();
    let record = file.len() as u64;
    file.extend(b"PK\x06\x06");
    file.extend(44_u64.to_le_bytes());
    file.extend([0; 28]);
    file.extend((directory.len() as u64).to_le_bytes());
    file.extend(u64::from(start).to_le_bytes());
    file.extend(b"PK\x06\x07\0\0\0\0");
    file.extend(record.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    let mut tail = bytes[end..].to_vec();
    tail[8..20].fill(0xFF);
    file.extend(tail);
    assert!(size > 0);
    assert_eq!(read(Cursor::new(file), &mut |_| {}).unwrap().rows, 2);
}
