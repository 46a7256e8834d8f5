//! What is published, and what a stranger finds when something in it was changed.

use std::fs;
use std::path::{Path, PathBuf};

use super::run::{Town, run};

fn published() -> (Town, PathBuf) {
    let town = Town::new();
    for day in 1..=9 {
        let line = format!(
            "--channel fax-d4 --on 2025-03-0{day} --action hold --fact basis=detainer \
             --fact eligible_for_release=true --fact criminal_warrant=false --reason statements"
        );
        town.run("request", &line).ok();
    }
    town.run("done", "1 declined --on 2025-03-02").ok();
    let said = town.run("report --json", "--year 2025 --publish").ok().json();
    let folder = said["published"]["folder"].as_str().unwrap().into();
    (town, folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[test]
fn a_report_is_counted_again_by_a_stranger() {
    let (town, folder) = published();
    let names: Vec<_> = files(&folder);
    let names: Vec<_> = names.iter().map(|it| it.file_name().unwrap().to_str().unwrap()).collect();
    let expected = ["datapackage.json", "report.csv", "report.html", "report.json", "report.md"];
    assert_eq!(names, expected);
    let public = format!("{}/public", town.data());
    let found = run(&format!("verify --json {public}"), &[]).ok().json();
    assert_eq!(found["reports"][0], "2025");
    assert_eq!(found["size"], 21);
    let key = fs::read_to_string(format!("{public}/vkey")).unwrap();
    run(&format!("verify {public} --key"), &[key.trim()]).ok();
}

/// Whatever byte a stranger's copy has wrong, the check does not pass: in the checkpoint, in the
/// tiles of the size signed, in the report's data.
#[test]
fn no_altered_file_passes() {
    let (town, folder) = published();
    let public = PathBuf::from(format!("{}/public", town.data()));
    let of_size = |path: &PathBuf| path.to_string_lossy().ends_with(".p/21");
    let data = folder.join("report.json");
    let mut checked = 0;
    for path in files(&public) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !(of_size(&path) || path == data || name == "checkpoint" || name == "vkey") {
            continue;
        }
        let good = fs::read(&path).unwrap();
        for at in [0, good.len() / 3, good.len() / 2, good.len() - 2] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let ran = run(&format!("verify {}", public.display()), &[]);
            assert!(matches!(ran.code, 2 | 4), "{} at {at}: {ran:#?}", path.display());
            assert!(!ran.out.contains("VERIFIED"), "{ran:#?}");
        }
        fs::remove_file(&path).unwrap();
        let ran = run(&format!("verify {}", public.display()), &[]);
        assert!(matches!(ran.code, 4 | 6), "{} missing: {ran:#?}", path.display());
        fs::write(&path, &good).unwrap();
        checked += 1;
    }
    assert!(checked >= 5, "checkpoint, key, tiles, entries and report: {checked}");
    run(&format!("verify {}", public.display()), &[]).ok();
}

#[test]
fn another_registers_key_or_receipt_does_not_verify() {
    let (town, _) = published();
    let (other, _) = published();
    let key = format!("{}/public/vkey", other.data());
    run(&format!("verify {}/public --key {key}", town.data()), &[]).refused(4, &["key"]);
    let receipt = town.path("receipt");
    town.run("receipt", &format!("1 --out {receipt}")).ok();
    let line = format!("verify --key {key} --receipt {receipt}");
    run(&line, &[]).refused(4, &["receipt"]);
    run("verify", &[]).refused(2, &["<DIR>"]);
    run("verify --receipt", &[&receipt]).refused(2, &["--key"]);
    run("verify --key nonsense+x --receipt", &[&receipt]).refused(2, &["key"]);
}

#[test]
fn a_report_needs_a_year_whose_law_orders_one() {
    let town = Town::new();
    town.run("report", "--year 2018").refused(2, &["2018", "no coded report"]);
    town.run("report", "--year 2013").refused(2, &["2013-12-31", "2014-08-20"]);
    town.run("report", "--year twenty").refused(2, &["--year"]);
    let nil = town.run("report", "--year 2025").ok().out;
    assert!(nil.contains("None in the period."), "{nil}");
    let again = town.run("report", "--year 2025").ok().out;
    assert_eq!(nil, again, "the same register has the same report, byte for byte");
}
