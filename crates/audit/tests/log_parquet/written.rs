//! Files that other programs wrote.

use crate::table::{Reading, bare};

/// A file that another program wrote.
pub fn file(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/");
    std::fs::read(format!("{path}{name}")).unwrap()
}

/// The same searches, by two writers and as CSV.
#[test]
fn as_others_write_them() {
    let reading = Reading::default();
    let (_, expected) = reading.read(&file("searches.csv"), 1).unwrap();
    assert_eq!(expected.len(), 600);
    for name in ["searches-duckdb.parquet", "searches-polars.parquet"] {
        let bytes = file(name);
        let (totals, found) = reading.read(&bytes, 2).unwrap();
        assert_eq!(bare(&found), bare(&expected), "{name}");
        assert_eq!(totals.rejected, []);
        assert_eq!(totals.sha256, sha256(&bytes), "{name}");
        // By a look at the table: of its first row.
        assert_eq!(reading.text(found[0].agency), "Other PD");
        assert_eq!(reading.reason(found[0].reason), "a \"\"b\"\"");
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
