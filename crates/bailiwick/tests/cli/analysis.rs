//! Every case at once: the interview, the reasons, the difference of two laws, proofs.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use super::run::{PROGRAM, Ran, run};

/// Runs an interview; the answers are typed one a line.
pub fn interview(line: &str, answers: &str) -> Ran {
    let mut command = Command::new(PROGRAM);
    command.args(line.split_whitespace()).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may stop listening once the case is settled.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn an_interview_asks_until_the_case_is_settled_and_no_longer() {
    let ran = interview("ask --action transfer --on 2025-03-01", "yes\n").ok();
    assert!(ran.err.contains("1. Is there a judge's warrant or other court order"), "{}", ran.err);
    assert!(ran.err.contains("2  yes (true): MAY"), "{}", ran.err);
    assert!(!ran.err.contains("\n2. "), "one question is enough: {}", ran.err);
    assert!(ran.out.contains("After 1 questions") && ran.out.contains("MAY: the law permits"));
    let hold = "ask --action hold --on 2025-03-01 --fact form=i_247a@document --fact \
                eligible_for_release=true";
    let ran = interview(hold, "no\n").ok();
    assert!(ran.out.contains("MUST NOT"), "{}", ran.out);
}

#[test]
fn what_nobody_knows_is_asked_once_and_stays_open() {
    let ran = interview("ask --action transfer --on 2025-03-01", "?\n").ok();
    assert!(ran.out.contains("FACTS ARE MISSING"), "{}", ran.out);
    let ran = interview("ask --action transfer --on 2025-03-01", "").ok();
    assert!(ran.out.contains("FACTS ARE MISSING"), "nobody answers: {}", ran.out);
}

#[test]
fn nonsense_is_asked_again() {
    let line = "ask --action hold --on 2025-03-01 --fact criminal_warrant=false";
    let ran = interview(line, "perhaps\n99\nwarrant\ndetainer\n2\n").ok();
    assert!(
        ran.err.contains("`perhaps` is no answer here: write a number from 1 to"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("`99` is no answer here"), "{}", ran.err);
    assert!(ran.err.contains("look at the signature"), "{}", ran.err);
    assert!(ran.out.contains("MUST NOT"), "{}", ran.out);
    run("ask --action hold --unknown warrent --on 2025-03-01", &[]).refused(2, &["`warrent`"]);
    run("ask --action detain --on 2025-03-01", &[]).refused(2, &["no action `detain`"]);
}

/// A page asks one question at a time, and comes back with all that is known.
#[test]
fn a_page_gets_one_question_and_keeps_the_state_itself() {
    let line = "ask --json --action transfer --on 2025-03-01";
    let first = run(line, &[]).ok().json();
    assert_eq!(first["ask"]["fact"], "judicial_order");
    assert_eq!(first["ask"]["answers"][1]["settles"], "may");
    let then = run(line, &["--fact", "judicial_order=no"]).ok().json();
    assert_eq!(then, json!({ "settled": "must_not" }));
    let open = run(line, &["--unknown", "judicial_order"]).ok().json();
    assert_eq!(open, json!({ "open": ["judicial_order"] }));
}

#[test]
fn why_names_the_few_facts_that_suffice() {
    let line = "why --json --on 2025-03-01 --action transfer --fact basis=court_order \
                --fact requester=ero --fact purpose=civil_immigration";
    let why = run(line, &[]).ok().json();
    assert_eq!(why[0]["sufficient"], json!(["basis"]));
    assert_eq!(why[0]["decision"]["outcome"], "may");
}

/// What changed in Boston between 2014 and 2019, as the two acts and the decision of 2017 have it.
#[test]
fn the_two_editions_of_boston_differ_as_the_law_does() {
    let diff = run("diff --json 2014-09-01 2025-03-01", &[]).ok().json();
    let of = |action: &str| -> Vec<serde_json::Value> {
        let all = diff["differences"].as_array().unwrap().iter();
        all.filter(|difference| difference["action"] == action).cloned().collect()
    };
    let holds = of("hold");
    let warrant = json!({
        "basis": ["administrative_warrant"], "criminal_warrant": ["false"],
        "eligible_for_release": ["true"],
    });
    let found = holds.iter().find(|difference| difference["facts"] == warrant);
    let found = found.expect("an administrative warrant is not enough any more");
    assert_eq!((&found["before"], &found["after"]), (&json!("silent"), &json!("must_not")));
    // The timing gap: a hand-over was not covered, and now is whatever the moment.
    let transfers: Vec<_> =
        of("transfer").iter().map(|it| (it["after"].clone(), it["facts"].clone())).collect();
    assert_eq!(
        transfers,
        [
            (json!("may"), json!({ "judicial_order": ["true"] })),
            (json!("must_not"), json!({ "judicial_order": ["false"] })),
        ]
    );
    let inquiry = &of("inquire")[0];
    assert_eq!((&inquiry["facts"], &inquiry["share"]), (&json!({}), &json!(1.0)));
    let same = run("diff 2025-03-01 2025-04-01", &[]).ok().out;
    assert!(same.contains("No case comes to another outcome."), "{same}");
}

#[test]
fn properties_are_proved_and_gaps_shown() {
    let said = run("prove --on 2025-03-01", &[]).ok().out;
    assert!(said.contains("- PROVED: Every hand-over needs a judge"), "{said}");
    assert!(!said.contains("BROKEN"), "{said}");
    assert!(said.contains("- interview ") && said.contains("silent 100.0 %"), "{said}");
    // In 2014 nothing was said about handing over: what holds now did not hold then.
    let then = run("prove --json --on 2014-09-01", &[]).ok().json();
    let transfer = then["actions"].as_array().unwrap().iter().find(|it| it["action"] == "transfer");
    assert_eq!(transfer.unwrap()["outcomes"][0][0], "silent");
}

/// The sample year of 57 requests, all for civil enforcement: in 2014 nothing was said about
/// telling a release date, and since 2019 it is forbidden.
#[test]
fn a_table_shows_how_much_an_amendment_would_change() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/2025.csv");
    let line = format!("diff --json 2015-01-01 2025-12-31 --table {sample}");
    let told = run(&line, &[]).ok().json();
    assert_eq!(told["table"]["rows"], 57);
    let notify = json!({ "action": "notify", "before": "silent", "after": "must_not", "rows": 57 });
    assert!(told["table"]["changed"].as_array().unwrap().contains(&notify), "{}", told["table"]);
    let told = run(&line.replace("--json ", ""), &[]).ok().out;
    assert!(told.contains("- notify: 57 rows (100.00 %) from silent to must_not"), "{told}");
}

#[test]
fn a_table_of_facts_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.csv");
    let file = file.to_str().unwrap();
    std::fs::write(file, "judicial_order,requester\nyes,ero\nno,ero\n,ero\nno,hsi\n").unwrap();
    let line = format!("replay {file} --on 2025-03-01 --agency us-ma-boston-pd");
    let told = run(&format!("--json {line}"), &["--action", "transfer"]).ok().json();
    let outcomes = json!({ "transfer may": 1, "transfer must_not": 2, "transfer need_facts": 1 });
    assert_eq!(told["laws"][0]["outcomes"], outcomes);
    run(&line, &[]).refused(2, &["the table does not say what is asked", "--action"]);
    std::fs::write(file, "judicial_order\nmaybe\n").unwrap();
    let says = ["cases.csv", "us-ma-boston-pd on 2025-03-01: line 2, column `judicial_order`"];
    run(&line, &["--action", "transfer"]).refused(2, &says);
}
