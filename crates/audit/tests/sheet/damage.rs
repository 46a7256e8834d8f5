//! Damaged files: cut short anywhere, with bytes changed; an error or the truth, never a panic.

use proptest::prelude::*;

use crate::book::{Book, Part, SMALL, rows, text, zip};

/// A workbook with something of everything.
fn parts() -> Vec<Part> {
    let many: String = (4..400)
        .map(|row| {
            let one = text(&format!("A{row}"), &format!("reason {}", row * 7919 % 1000));
            format!(r#"<row r="{row}">{one}<c r="B{row}" t="s"><v>{}</v></c></row>"#, row % 3)
        })
        .collect();
    let mut book = Book::default().sheet("cover", "", "<row r=\"1\"/>").sheet(
        "log",
        "",
        &format!("{SMALL}{many}"),
    );
    book.shared = "<si><t>a</t></si><si><r><t>b</t></r></si><si><t>_x000D_</t></si>".into();
    book.formats = r#"<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>"#.into();
    book.parts()
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let bytes = zip(&parts());
    let whole = rows(&bytes).1.unwrap().rows;
    assert_eq!(whole, 398);
    let step = bytes.len() / 50;
    let cuts = (0..bytes.len()).step_by(step).chain(bytes.len() - 200..bytes.len());
    for cut in cuts {
        let (handed, told) = rows(&bytes[..cut]);
        let told = told.expect_err("it was cut short").to_string();
        assert!(handed.is_empty() && !told.is_empty(), "at {cut}");
        let damaged = told.contains("its directory is missing or cut short");
        assert!(cut < 4 || damaged, "at {cut}: {told}");
    }
}

#[test]
fn a_file_padded_or_joined_to_another_is_refused_or_read_whole() {
    let bytes = zip(&parts());
    for other in [[vec![0; 7], bytes.clone()].concat(), [bytes.clone(), vec![0; 7]].concat()] {
        assert!(rows(&other).1.is_err());
    }
    // Of two archives end to end the last one's directory is where the file ends, and its places
    // are those of the first.
    let (handed, told) = rows(&[bytes.clone(), bytes].concat());
    assert!(told.is_err() || handed.len() == 399);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A changed byte is noticed, or was in a part that is not read, or in what no reader needs
    /// (a time stamp, a version): then every row is as it was.
    #[test]
    fn changed_bytes_never_panic_and_never_change_a_row(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
    ) {
        let bytes = zip(&parts());
        let expected = rows(&bytes).0;
        let mut damaged = bytes;
        for (at, by) in changes {
            let at = at.index(damaged.len());
            damaged[at] ^= by;
        }
        if let (handed, Ok(_)) = rows(&damaged) {
            prop_assert_eq!(handed, expected);
        }
    }

    /// Behind a sound archive: XML that is changed before it is packed.
    #[test]
    fn changed_xml_never_panics(
        part in 0_usize..7,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut parts = parts();
        let bytes = &mut parts[part].bytes;
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let (_, Err(told)) = rows(&zip(&parts)) {
            prop_assert!(!told.to_string().is_empty());
        }
    }

    #[test]
    fn other_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let archive = [b"PK\x03\x04".as_slice(), &bytes, b"PK\x05\x06", &bytes].concat();
        prop_assert!(rows(&bytes).1.is_err() && rows(&archive).1.is_err());
    }
}
