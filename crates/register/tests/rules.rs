//! The rules between entries, one history a test: all steps but the last are admitted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use register::entry::{Entry, Public};
use register::history::{Effective, History, effective};
use serde_json::json;

/// A step in short: the kind, then fields as JSON, for example `nil {"channel":"fax"}`; fields
/// that every entry of the kind needs are filled in.
fn step(text: &str) -> Public {
    let (kind, fields) = text.split_once(' ').unwrap_or((text, "{}"));
    let digest = "ab".repeat(32);
    let day = "2025-03-03";
    let mut value = match kind {
        "pack" => json!({"agency": "town", "digest": digest, "day": day}),
        "request" => json!({
            "channel": "fax", "seq": 1, "day": day, "actions": ["hold"], "basis": "detainer",
            "reasons": [],
        }),
        "decision" => json!({
            "refers": 1, "action": "hold", "outcome": "must_not", "grounds": ["12-3(a)"],
            "grade": "text", "pack": digest, "on": day,
        }),
        "done" => json!({"refers": 1, "what": "declined", "day": day}),
        "nil" => json!({"channel": "fax", "day": day}),
        "report" => json!({"period": "2025", "sha256": digest, "counted_at": 1}),
        "key_destroyed" => json!({"quarter": "2025-Q1"}),
        "seed" => json!({"bits": "ab".repeat(16)}),
        "view" => json!({"day": day}),
        "audit" => json!({"sha256": digest, "rows": 9, "leads": 1}),
        "heard" => json!({"refers": 1, "finding": "0123456789ab"}),
        "disposition" => {
            json!({"refers": 1, "finding": "0123456789ab", "result": "unfounded"})
        }
        _ => json!({"refers": 1}),
    };
    let fields: serde_json::Value = serde_json::from_str(fields).unwrap();
    let object = value.as_object_mut().unwrap();
    object.insert("kind".to_owned(), kind.into());
    object.extend(fields.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn history(steps: &[&str]) -> Vec<Effective> {
    let entries: Vec<_> = (0..).zip(steps.iter().map(|text| step(text))).collect();
    effective(&entries).unwrap()
}

/// The last step is refused in these words, and the history is as it was before it.
fn refused(steps: &[&str], words: &str) {
    let mut history = History::new();
    let (last, before) = steps.split_last().unwrap();
    for text in before {
        history.admit(&step(text)).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let entries = history.entries().to_vec();
    let error = history.admit(&step(last)).expect_err(last).to_string();
    assert!(error.contains(words), "`{error}` does not say `{words}`");
    assert_eq!(history.entries(), entries);
    let again = history.admit(&step(last)).expect_err("refused once, admitted twice");
    assert_eq!(again.to_string(), error);
}

#[test]
fn starts_with_a_pack() {
    refused(&["nil"], "a register starts with a `pack`, not with a `nil`");
}

#[test]
fn numbers_run_without_gap_or_repeat() {
    history(&["pack", "request", r#"request {"channel":"desk"}"#, r#"request {"seq":2}"#]);
    refused(&["pack", "request", "request"], "`1` of channel `fax` stands where number `2`");
    refused(&["pack", r#"request {"seq":2}"#], "`2` of channel `fax` stands where number `1`");
    refused(&["pack", r#"request {"seq":0}"#], "`seq` starts at 1");
}

#[test]
fn a_void_request_keeps_its_number() {
    let steps = ["pack", "request", r#"correction {"void":true}"#];
    refused(&[&steps[..], &["request"]].concat(), "stands where number `2`");
    history(&[&steps[..], &[r#"request {"seq":2}"#]].concat());
}

#[test]
fn refers_back_to_a_request() {
    history(&["pack", "request", "decision", "done"]);
    refused(&["pack", "decision"], "refers to entry `1`, which does not come before it");
    refused(&["pack", r#"done {"refers":0}"#], "entry `0` is a `pack`");
    refused(&["pack", r#"decision {"refers":18446744073709551615}"#], "does not come before");
    refused(&["pack", r#"correction {"void":true}"#], "does not come before it");
    refused(&["pack", "request", r#"correction {"void":true}"#, "done"], "request `1` is void");
}

#[test]
fn an_audit_is_heard_and_closed_and_its_seed_came_before() {
    history(&["pack", "audit", "heard", "disposition", "seed", r#"audit {"seed":4}"#]);
    refused(&["pack", "request", "heard"], "a `heard` refers to a `audit`, and entry `1`");
    refused(&["pack", "seed", "disposition"], "entry `1` is a `seed`");
    refused(&["pack", "disposition"], "it refers to entry `1`, which does not come before it");
    refused(&["pack", "request", r#"audit {"seed":1}"#], "refers to a `seed`, and entry `1`");
    refused(&["pack", r#"audit {"seed":1}"#], "which does not come before it");
    let void = r#"correction {"void":true}"#;
    refused(&["pack", "audit", void], "a `audit` cannot be corrected");
    refused(&["pack", r#"seed {"bits":"ab"}"#], "`bits` must be 32 hex digits");
    refused(&["pack", "audit", r#"heard {"finding":"A. Person"}"#], "12 hex digits");
}

#[test]
fn a_view_says_the_day_and_stands() {
    let seen = history(&["pack", "view", "request", "view"]);
    assert!(seen.iter().all(|entry| !entry.void && entry.corrections.is_empty()));
    refused(&["pack", "view", r#"correction {"void":true}"#], "a `view` cannot be corrected");
    let set = r#"correction {"set":{"day":"2025-03-04"}}"#;
    refused(&["pack", "view", set], "a `view` cannot be corrected");
    refused(&["pack", r#"view {"day":"soon"}"#], "`soon` is not a day");
    refused(&["pack", "view", "done"], "entry `1` is a `view`");
    // Whose parts were looked at must not be said in public.
    for more in [r#","refers":1"#, r#","entries":[1]"#, r#","by":"clerk""#] {
        let commit = "ab".repeat(32);
        let bytes = format!(r#"{{"commit":"{commit}","day":"2025-03-03","kind":"view","v":1}}"#);
        assert!(Entry::parse(bytes.as_bytes()).is_ok());
        let mut value: serde_json::Value = serde_json::from_str(&bytes).unwrap();
        let more: serde_json::Value =
            serde_json::from_str(&format!("{{{}}}", more.trim_start_matches(','))).unwrap();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let sorted: std::collections::BTreeMap<String, serde_json::Value> =
            serde_json::from_value(value).unwrap();
        let bytes = serde_json::to_vec(&sorted).unwrap();
        assert!(Entry::parse(&bytes).is_err(), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn what_counts_of_a_channel_and_day_can_be_asked() {
    let mut history = History::new();
    let said = |history: &History| {
        let day = history.day("fax", "2025-03-03");
        (day.requests, day.nils)
    };
    for (text, requests, nils) in [
        ("pack", 0, 0),
        ("request", 1, 0),
        (r#"request {"channel":"desk"}"#, 1, 0),
        (r#"request {"seq":2}"#, 2, 0),
        (r#"correction {"void":true}"#, 1, 0),
        (r#"correction {"refers":3,"set":{"day":"2025-03-04"}}"#, 0, 0),
        ("nil", 0, 1),
        (r#"correction {"refers":6,"void":true}"#, 0, 0),
    ] {
        history.admit(&step(text)).unwrap();
        assert_eq!(said(&history), (requests, nils), "{text}");
    }
}

#[test]
fn nil_and_request_exclude_each_other() {
    refused(&["pack", "request", "nil"], "channel `fax` has both a nil return and a request");
    refused(&["pack", "nil", "request"], "void the wrong one first");
    history(&["pack", "nil", r#"request {"day":"2025-03-04"}"#]);
    history(&["pack", "nil", r#"request {"channel":"desk"}"#]);
    history(&["pack", "nil", r#"correction {"void":true}"#, "request"]);
    history(&["pack", "request", r#"correction {"void":true}"#, "nil"]);
    refused(
        &[
            "pack",
            "nil",
            r#"correction {"void":true}"#,
            "request",
            r#"correction {"set":{"day":"2025-03-03"}}"#,
        ],
        "both a nil return and a request",
    );
    refused(
        &[
            "pack",
            "nil",
            r#"request {"day":"2025-03-04"}"#,
            r#"correction {"refers":2,"set":{"day":"2025-03-03"}}"#,
        ],
        "both a nil return and a request",
    );
}

#[test]
fn corrections_add_up_and_the_last_wins() {
    let now = history(&[
        "pack",
        "request",
        r#"correction {"set":{"station":"d4","basis":"none"}}"#,
        r#"correction {"set":{"station":"d5"}}"#,
        r#"correction {"void":true}"#,
        r#"correction {"set":{"form":"i-247a"}}"#,
    ]);
    assert_eq!(now[1].corrections, [2, 3, 4, 5]);
    assert!(!now[1].void);
    let Public::Request(request) = &now[1].public else { panic!("{:?}", now[1]) };
    let seen = (request.station.as_deref(), request.form.as_deref(), request.basis.as_str());
    assert_eq!(seen, (Some("d5"), Some("i-247a"), "none"));
    assert!(history(&["pack", "request", r#"correction {"void":true}"#])[1].void);
}

#[test]
fn what_a_correction_may_not_do() {
    let after = |steps: &[&str], words| refused(&[&["pack", "request"], steps].concat(), words);
    after(
        &[r#"correction {"void":true}"#, r#"correction {"refers":2,"void":true}"#],
        "entry `2` is itself a correction: correct entry `1` again",
    );
    for field in ["kind", "refers", "channel", "seq"] {
        let text = format!(r#"correction {{"set":{{"{field}":1}}}}"#);
        after(&[text.as_str()], "cannot be changed: void the entry and record it anew");
    }
    after(&[r#"correction {"set":{"outcome":"may"}}"#], "a `request` has no such field");
    after(&[r#"correction {"set":{"commit":"00"}}"#], "a `request` has no such field");
    after(&[r#"correction {"set":{"day":"2025-02-29"}}"#], "`2025-02-29` is not a day");
    after(&[r#"correction {"set":{"day":3}}"#], "a corrected field does not fit");
    after(&[r#"correction {"set":{"form":null}}"#], "a `request` has no such field");
    after(&["correction"], "either `set` with new values or `void`");
    after(&[r#"correction {"set":{"form":"x"},"void":true}"#], "either `set`");
    after(&[r#"correction {"refers":0,"void":true}"#], "a `pack` cannot be corrected");
    after(&["key_destroyed", r#"correction {"refers":2,"void":true}"#], "cannot be corrected");
}

#[test]
fn a_request_is_voided_after_what_refers_to_it() {
    let steps = ["pack", "request", "decision"];
    let void = r#"correction {"void":true}"#;
    refused(&[&steps[..], &[void]].concat(), "refer to request `1`: void them first");
    let both = [&steps[..], &[r#"correction {"refers":2,"void":true}"#, void]].concat();
    assert!(history(&both)[1].void && history(&both)[2].void);
    let revived = r#"correction {"refers":2,"set":{"outcome":"may"}}"#;
    refused(&[&both[..], &[revived]].concat(), "request `1` is void");
}

#[test]
fn a_report_counts_what_is_there() {
    history(&["pack", "report"]);
    refused(&["pack", r#"report {"counted_at":2}"#], "counts `2` entries where there are `1`");
    refused(
        &["pack", "report", r#"correction {"set":{"counted_at":2}}"#],
        "would count entries that came after it",
    );
}

#[test]
fn entries_out_of_order() {
    let entries = [(0, step("pack")), (2, step("nil"))];
    let error = effective(&entries).unwrap_err().to_string();
    assert_eq!(error, "entry 2: the entries are not complete and in order");
}

/// One field of a step is malformed.
#[test]
fn fields() {
    let long = format!(r#"request {{"basis":"{}"}}"#, "x".repeat(201));
    for (text, words) in [
        (r#"request {"day":"2025-13-01"}"#, "`day`: `2025-13-01` is not a day"),
        (r#"request {"day":"2025-04-31"}"#, "is not a day"),
        (r#"request {"day":"1900-02-29"}"#, "is not a day"),
        (r#"request {"day":"2025-3-3"}"#, "is not a day"),
        (r#"request {"day":"+025-03-03"}"#, "is not a day"),
        (r#"request {"day":"２025-03-3"}"#, "is not a day"),
        (r#"request {"actions":[]}"#, "`actions` is empty"),
        (r#"request {"actions":["hold","hold"]}"#, "`actions` names something twice"),
        (r#"request {"reasons":["b","a"]}"#, "`reasons` must be sorted"),
        (r#"request {"basis":""}"#, "`basis` must have 1 to 200 bytes on one line"),
        (r#"request {"requester":"a\nb"}"#, "`requester` must have 1 to 200 bytes"),
        (long.as_str(), "`basis` must have 1 to 200 bytes"),
        (r#"decision {"grade":null}"#, "`grade` is missing"),
        (r#"decision {"pack":"AB"}"#, "`pack`: `AB` is not a digest"),
        (r#"done {"what":"reimbursed"}"#, "`cents` goes with `reimbursed`"),
        (r#"done {"cents":5}"#, "`cents` goes with `reimbursed`"),
        (r#"key_destroyed {"quarter":"2025-Q5"}"#, "is not a quarter such as `2025-Q1`"),
    ] {
        let error = step(text).check().expect_err(text).to_string();
        assert!(error.contains(words), "{text}: `{error}` does not say `{words}`");
    }
    for text in [r#"request {"day":"2024-02-29"}"#, r#"request {"day":"2000-02-29"}"#] {
        step(text).check().unwrap();
    }
}

#[test]
fn an_entry_has_a_largest_size() {
    let grounds: Vec<_> = (0..400).map(|n| format!("{n:0200}")).collect();
    let text = format!(r#"decision {{"grounds":{}}}"#, json!(grounds));
    let error = Entry { commit: [0; 32], public: step(&text) }.to_bytes().unwrap_err();
    assert!(error.to_string().contains("may have 65535"), "{error}");
}

#[test]
fn a_number_that_json_may_lose_is_refused() {
    let text = r#"done {"what":"reimbursed","cents":9007199254740992}"#;
    let error = Entry { commit: [0; 32], public: step(text) }.to_bytes().unwrap_err();
    assert!(error.to_string().contains("use a whole number below 2^53"), "{error}");
}
