//! Logs that agencies released; they are no part of the project.

use std::path::Path;

use audit::run::Input;

use super::Given;
use super::common::library;

#[test]
fn released_logs_add_up() {
    let folder =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/access-logs"));
    if !folder.exists() {
        eprintln!("skipped: no released logs beside the project");
        return;
    }
    let library = library();
    let mut given = Given::new(&library);
    given.own = vec!["Champaign IL PD".to_owned()];
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.to_string_lossy().contains("Audit"));
    names.sort();
    let open = |path: &std::path::PathBuf| -> (&'static str, Box<dyn Input>) {
        ("log", Box::new(std::fs::File::open(path).unwrap()))
    };
    let made = given.audit(names.iter().map(open).collect());
    // Rows by an independent count: records of the CSV files without their header, and rows of
    // the first sheets, with Python's own modules.
    let rows: Vec<u64> = made.files.iter().map(|file| file.rows).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows.iter().sum::<u64>(), 3_348 + 3_547 + 3_285 + 2_570 + 2_097 + 2_273);
    assert!(made.files.iter().all(|file| file.rejected_rows == 0));
    let asks = |file: &audit::log::FileTotals| {
        file.notes.iter().any(|note| note.contains("another agency"))
    };
    assert!(!made.files.iter().any(asks));
    given.own = vec!["Another IL PD".to_owned()];
    let made = given.audit(names.iter().map(open).collect());
    // The layouts of early 2025 name no agency, so that nobody can tell of those files.
    let told: Vec<bool> = made.files.iter().map(asks).collect();
    assert_eq!(told, [false, false, false, true, true, true]);
    // The four rows of homeland security that are published of this agency are of March and of
    // September 2025, months that are not among these files.
    let names_immigration = |finding: &audit::finding::Finding| {
        ["purpose", "federal_agency"].contains(&finding.test.as_str())
    };
    assert!(!made.findings.iter().any(names_immigration));
}
