//! The whole way on real tables, which lie outside the project; where they are absent these tests
//! pass over and say so.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::run::{run, shell};

/// A real table, in the data folder `$BAILIWICK_SHARED` or in the one beside the project.
fn table(name: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let data = std::env::var_os("BAILIWICK_SHARED").unwrap_or_else(|| beside.into());
    let path = PathBuf::from(data).join("detainers").join(name);
    if !path.exists() {
        // Not by a macro: those are captured where a test passes, and this is to be seen.
        let line =
            format!("skipped: `{name}` is not in the data folder; set BAILIWICK_SHARED to it\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    }
    path.to_str().map(str::to_owned)
}

/// 22 rows, 21 of them detainers of 2026 from Minnesota, as if lodged in Boston.
#[test]
fn the_federal_rows_go_the_whole_way() {
    let Some(file) = table("ddp_detainers_full_schema_sample_22rows_MN.csv") else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let done = run(&format!("demo --json {file} --data {}", data.display()), &[]).ok().json();
    assert_eq!((done["requests"].as_u64(), done["again"].as_u64()), (Some(22), Some(0)));
    // Nothing in the table says whether the person could go, or whether a judge has signed.
    for outcome in done["outcomes"].as_array().unwrap() {
        assert_eq!(outcome["outcome"], "need_facts", "{outcome}");
    }
    let data = data.to_str().unwrap();
    let found =
        shell(folder.path(), &format!("grep -raicE 'mexico|guatemala' {data} | grep -v ':0$'"));
    assert_eq!(found.out, "", "the register has no country in it: nationality is never read");
}

/// Every row of Pennsylvania, decided as if lodged in Boston under each edition.
#[test]
fn pennsylvania_replayed_under_each_edition() {
    let Some(file) = table("pa_detainers_2007_2015.csv") else { return };
    let replayed = run("--json replay", &[&file]).ok().json();
    assert_eq!(replayed["rows"], 32_757);
    let laws = replayed["laws"].as_array().unwrap().clone();
    let days: Vec<&Value> = laws.iter().map(|law| &law["pack"]["day"]).collect();
    assert_eq!(days, ["2014-08-20", "2017-07-24", "2019-12-19"]);
    let sum = |day: &Value, action: &str| -> u64 {
        let outcomes = day["outcomes"].as_object().unwrap().iter();
        let of_action = outcomes.filter(|(key, _)| key.starts_with(action));
        of_action.map(|(_, n)| n.as_u64().unwrap()).sum()
    };
    for (day, found) in days.iter().zip(&laws) {
        // Ten rows are Forms I-247N and I-247X, which ask nobody to be held.
        assert_eq!(sum(found, "hold"), 32_747, "{day}");
        assert_eq!(found["outcomes"]["hold need_facts"], 32_747, "{day}");
        assert!(found["outcomes"].get("hold may").is_none(), "{day}");
    }
    let assumed = ["--assume", "eligible_for_release=true", "--assume", "criminal_warrant=false"];
    let replayed = run(&format!("--json replay {file}"), &assumed).ok().json();
    for (day, found) in days.iter().zip(replayed["laws"].as_array().unwrap()) {
        assert_eq!(found["outcomes"]["hold must_not"], 32_747, "{day}");
    }
}
