//! A request's way through the desk: decided, recorded, settled, answered, corrected, forgotten.

use serde_json::json;

use super::run::{Town, run};

const HOLD: &str = "--channel fax-d4 --on 2025-03-01 --at 09:30 --action hold --fact \
                    form=i_247a@document --fact eligible_for_release=true --reason final_order";

#[test]
fn a_request_is_decided_recorded_and_has_a_receipt() {
    let town = Town::new();
    let receipt = town.path("one.tlog-proof");
    let taken = town.run("request --json", &format!("{HOLD} --station D-4 --receipt {receipt}"));
    let taken = taken.ok().json();
    assert_eq!((&taken["entry"], &taken["seq"]), (&json!(1), &json!(1)));
    assert_eq!(taken["outcome"], "need_facts");
    let key = format!("{}/public/vkey", town.data());
    let line = format!("verify --json --key {key} --receipt {receipt}");
    let proven = run(&line, &[]).ok().json();
    assert_eq!(
        proven["entry"]["public"],
        json!({
            "kind": "request", "channel": "fax-d4", "seq": 1, "day": "2025-03-01",
            "actions": ["hold"], "basis": "detainer", "form": "i_247a",
            "reasons": ["final_order"], "station": "D-4",
        })
    );
    let second = town.run("request --json", HOLD).ok().json();
    assert_eq!((&second["entry"], &second["seq"]), (&json!(3), &json!(2)));
    assert_eq!(town.size(), 5);
}

#[test]
fn more_facts_settle_a_request_and_the_last_decision_counts() {
    let town = Town::new();
    town.run("request", HOLD).ok();
    let settled = town.run("settle --json", "1 --fact criminal_warrant=false --by counsel");
    let settled = settled.ok().json();
    assert_eq!(settled["outcome"], "must_not");
    assert_eq!(settled["entries"], json!([3]));
    // A fact that was wrong is stated again; nothing else has to be.
    let again = town.run("settle --json", "1 --fact criminal_warrant=true").ok().json();
    assert_eq!(again["outcome"], "may");
    let report = town.run("report --json", "--year 2025").ok().json();
    let tables = report["report"]["tables"].as_array().unwrap();
    let outcomes = tables.iter().find(|table| table["id"] == "outcomes").unwrap();
    let columns = outcomes["columns"].as_array().unwrap();
    let may = columns.iter().position(|column| column["id"] == "may").unwrap();
    assert_eq!(outcomes["rows"][0]["cells"][may]["count"], json!({ "n": 1, "entries": [4] }));
    town.run("settle", "2 --fact criminal_warrant=true").refused(2, &["entry 2 is no request"]);
    town.run("settle", "99 --fact criminal_warrant=true").refused(2, &["entry 99"]);
    town.run("settle", "1 --fact basis=judicial_warrant").refused(2, &["contradictory"]);
    assert_eq!(town.size(), 5);
}

#[test]
fn a_paper_that_becomes_known_corrects_the_request() {
    let town = Town::new();
    town.run("request", "--channel mailbox --on 2025-03-01 --action hold").ok();
    let settled = town.run("settle --json", "1 --fact form=i_200@document").ok().json();
    assert_eq!(settled["entries"], json!([3, 4]), "a correction and a decision");
    let report = town.run("report --json", "--year 2025").ok().json();
    let tables = report["report"]["tables"].as_array().unwrap();
    let basis = tables.iter().find(|table| table["id"] == "by_basis").unwrap();
    assert_eq!(basis["rows"][0]["id"], "administrative_warrant");
}

#[test]
fn what_was_done_is_recorded_with_its_paper() {
    let town = Town::new();
    town.run("request", HOLD).ok();
    town.run("done", "1 declined --on 2025-03-01").ok();
    town.run("done", "1 held --on 2025-03-01 --basis i_200").ok();
    town.run("done", "1 reimbursed --on 2025-03-01 --cents 1250").ok();
    town.run("done", "1 held --basis warrant").refused(2, &["look at the signature"]);
    town.run("done", "1 freed").refused(2, &["held, released"]);
    town.run("done", "0 declined --on 2025-03-01").refused(2, &["refers to a request"]);
    town.run("done", "1 declined --cents 5 --on 2025-03-01").refused(2, &["cents"]);
    town.run("done", "1 held --action detain").refused(2, &["does not ask for `detain`", "hold"]);
    assert_eq!(town.size(), 6);
    let receipt = town.path("r");
    town.run("receipt", &format!("4 --out {receipt}")).ok();
    let proven = run(&format!("verify --json {}/public --receipt {receipt}", town.data()), &[]);
    assert_eq!(proven.ok().json()["entry"]["public"]["basis"], "administrative_warrant");
}

#[test]
fn a_correction_points_back_and_the_entry_stays() {
    let town = Town::new();
    town.run("request", HOLD).ok();
    town.run("correct", "1 --set station=B-3 --why misread").ok();
    town.run("correct", "1 --why nothing").refused(2, &["--set", "--void"]);
    town.run("correct", "1 --set channel=mailbox --why x").refused(2, &["channel"]);
    town.run("correct", "1 --void --why twice").refused(2, &["decisions or deeds refer to"]);
    town.run("correct", "2 --void --why twice").ok();
    town.run("correct", "1 --void --why twice").ok();
    let report = town.run("report --json", "--year 2025").ok().json();
    assert_eq!(report["report"]["tables"][0]["total"]["cells"][0]["count"]["n"], 0);
    assert_eq!(town.size(), 6);
}

#[test]
fn a_nil_return_and_a_request_of_one_day_do_not_stand_together() {
    let town = Town::new();
    town.run("nil", "--channel mailbox --on 2025-03-01").ok();
    town.run("nil", "--channel attic --on 2025-03-01").refused(2, &["`attic`", "`fax-d4`"]);
    let request = "--channel mailbox --on 2025-03-01 --action hold";
    town.run("request", request).refused(2, &["nil return", "void"]);
    assert_eq!(town.size(), 2);
}

#[test]
fn a_destroyed_key_leaves_nothing_to_read_and_every_proof_whole() {
    let town = Town::new();
    town.run("request", &format!("{HOLD} --note confidential-words")).ok();
    let (receipt, opening) = (town.path("receipt"), town.path("opening"));
    town.run("receipt", &format!("1 --out {receipt} --opening {opening}")).ok();
    let line =
        format!("verify --json {}/public --receipt {receipt} --opening {opening}", town.data());
    let private = run(&line, &[]).ok().json()["entry"]["private"].clone();
    assert_eq!(
        (&private["note"], &private["time"]),
        (&json!("confidential-words"), &json!("09:30"))
    );
    let forgotten = town.run("forget", "1 --on 2025-08-01 --order docket-7").ok().out;
    assert!(forgotten.contains("Backups"), "{forgotten}");
    town.run("receipt", &format!("1 --opening {opening}")).refused(2, &["destroyed"]);
    town.run("forget", "1 --on 2025-08-01 --order docket-7").refused(2, &["already"]);
    // What was handed out before still opens: the register cannot call it back.
    run(&line, &[]).ok();
    assert_eq!(town.size(), 4);
    // What nobody can read any more is not known to the desk either.
    let settled = town.run("settle --json", "1 --fact criminal_warrant=false").ok().json();
    assert_eq!(settled["outcome"], "need_facts");
}

/// The register keeps no federal file number, not even in private, and does not repeat one.
#[test]
fn a_federal_file_number_is_refused_everywhere() {
    let town = Town::new();
    town.run("request", HOLD).ok();
    for (command, more) in [
        ("request", format!("{HOLD} --note A012345678")),
        ("request", format!("{HOLD} --reference A-012-345-678")),
        ("correct", "1 --set station=B-3 --why A012345678".to_owned()),
        ("forget", "1 --order A012345678".to_owned()),
    ] {
        let ran = town.run(command, &more);
        assert!(!ran.err.contains("345"), "{}", ran.err);
        ran.refused(2, &["file number", "local reference"]);
    }
    assert_eq!(town.size(), 3);
}

#[test]
fn a_request_for_two_actions_has_two_decisions() {
    let town = Town::new();
    let two = "--channel mailbox --on 2025-03-01 --action hold --action notify";
    let taken = town.run("request --json", two).ok().json();
    let actions: Vec<_> =
        taken["decisions"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["hold", "notify"]);
}

/// A register is one agency's: whoever names another has the wrong folder.
#[test]
fn another_agencys_register_is_refused() {
    let town = Town::new();
    let nil = "--channel mailbox --on 2025-03-01";
    let other = format!("{nil} --agency us-wa-seattle-pd");
    town.run("nil", &other).refused(2, &["us-ma-boston-pd", "not of `us-wa-seattle-pd`"]);
    town.run("nil", &format!("{nil} --agency us-ma-boston-pd")).ok();
    assert_eq!(town.size(), 2);
    // The folder of the register is enough to check what it has published.
    let checked = town.run("verify --json", "").ok().json();
    assert_eq!(checked["size"], 2);
}

#[test]
fn what_the_desk_refuses_is_not_recorded() {
    let town = Town::new();
    for (more, says) in [
        ("--channel attic --on 2025-03-01 --action hold", vec!["`attic`", "`mailbox`"]),
        // No desk in this register, and no channel given.
        ("--on 2025-03-01 --action hold", vec!["`desk`", "`mailbox`"]),
        ("--channel mailbox --on 2013-03-01 --action hold", vec!["2014-08-20"]),
        ("--channel mailbox --on 2025-03-01 --action detain", vec!["no action"]),
        ("--channel mailbox --on 9025-03-01 --action hold", vec!["still to come"]),
        ("--channel mailbox --on 2025-03-01 --action hold --action hold", vec!["`hold`", "twice"]),
        ("--channel mailbox --on 2025-03-01 --action hold --fact basis=x", vec!["basis"]),
        ("--channel mailbox --on 2025-03-01 --action hold --reason box9", vec!["`box9`"]),
    ] {
        town.run("request", more).refused(2, &says);
    }
    assert_eq!(town.size(), 1);
}
