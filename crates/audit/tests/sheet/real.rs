//! The workbooks of one agency, where they are at hand.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use audit::sheet::{Kind, column_name, read};
use sha2::{Digest, Sha256};

/// The bytes of a real file, where the data folder is at hand.
fn real(name: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BAILIWICK_SHARED").map_or_else(beside, PathBuf::from);
    let bytes = std::fs::read(folder.join("access-logs").join(name)).ok();
    if bytes.is_none() {
        // Not by a macro: those are captured where a test passes, and this is to be seen.
        let line =
            format!("skipped: `{name}` is not in the data folder; set BAILIWICK_SHARED to it\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    bytes
}

/// What a workbook has, counted by another program.
struct Count {
    name: &'static str,
    rows: u64,
    texts: usize,
    integers: usize,
    columns: usize,
    cells: &'static str,
}

// Counted with Python's zipfile and xml.etree, not with this reader: for each `row` of the sheet
// that is not blank, its `c` elements with a text; `cells` is the SHA-256 of all of them, the
// header's too, each as row, column's letters, kind and text with U+001F between and U+001E after.
const COUNTS: [Count; 3] = [
    Count {
        name: "Champaign IL PD_Organization_Audit_2025-06-01_2025-07-01.xlsx",
        rows: 3_285,
        texts: 21_177,
        integers: 3_285,
        columns: 9,
        cells: "076e3bbb0a4f0fb0e3dee1d29607ff0bb13685efded2b1c4fb92e171c7389964",
    },
    Count {
        name: "Champaign IL PD_Organization_Audit_2025-10-01_2025-10-31.csv.xlsx",
        rows: 2_097,
        texts: 15_333,
        integers: 4_194,
        columns: 13,
        cells: "55c3888b4571a9aaecdf6974560f36cf66ae30652ffc05adae4e16d45dba8b97",
    },
    Count {
        name: "Champaign IL PD_Organization_Audit_2026-01-01_2026-01-31.csv.xlsx",
        rows: 2_273,
        texts: 20_151,
        integers: 4_546,
        columns: 14,
        cells: "60070e5ef9e0999eebcaf8cb1e9ec753bf3165ff47aa369d873fcf2406b05982",
    },
];

#[test]
fn the_real_workbooks_have_every_cell_that_another_reader_finds() {
    for count in &COUNTS {
        let Some(bytes) = real(count.name) else {
            continue;
        };
        let mut hash = Sha256::new();
        let (mut texts, mut integers, mut columns) = (0, 0, 0);
        let notes = read(Cursor::new(bytes), &mut |row| {
            if columns == 0 {
                columns = row.cells().count();
                texts -= columns as isize;
            }
            for (column, cell) in row.cells() {
                let kind = match cell.kind {
                    Kind::Text => "text",
                    Kind::Integer => "integer",
                    _ => "other",
                };
                texts += isize::from(kind == "text");
                integers += usize::from(kind == "integer");
                let (row, column, text) = (row.number, column_name(column), cell.text);
                hash.update(format!("{row}\u{1f}{column}\u{1f}{kind}\u{1f}{text}\u{1e}"));
            }
        })
        .unwrap();
        assert_eq!((notes.header, notes.rows, columns), (1, count.rows, count.columns));
        assert_eq!((texts, integers), (count.texts as isize, count.integers), "{}", count.name);
        let cells: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(cells, count.cells, "{}", count.name);
        assert_eq!((notes.empty_between, notes.empty_after, notes.cut), (0, 0, None));
        assert_eq!((notes.sheets.len(), notes.dropped.len(), notes.unnamed.len()), (1, 0, 0));
    }
}
