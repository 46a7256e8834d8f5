//! Days and numbers at every door: counted by the calendar, kept as a stretch.

use serde_json::json;

use super::analysis::interview;
use super::run::{Town, run};

const NOTICE: &str = "decide --json --agency us-ca-county-sheriff --action notify --fact \
                      form=i_247n@document --fact conviction_opening_notice=other --fact \
                      on_offence_registry=no --fact federal_felony_warrant=no --fact \
                      held_to_answer=none --fact information_is_public=no --fact \
                      reclassified_misdemeanor=no";

/// Cal. Gov. Code 7282.5(a)(3): a felony within 15 years, a misdemeanor within 5.
#[test]
fn a_conviction_is_counted_back_from_the_day_asked() {
    for (on, felony, misdemeanor, outcome) in [
        ("2025-03-01", "never", "2020-03-01", "may"),
        ("2025-03-01", "never", "2020-02-29", "must_not"),
        ("2025-03-02", "never", "2020-03-01", "must_not"),
        ("2025-03-01", "2010-03-01", "never", "may"),
        ("2025-03-01", "2010-02-28", "never", "must_not"),
    ] {
        let felony = format!("last_listed_felony={felony}");
        let misdemeanor = format!("last_listed_misdemeanor={misdemeanor}");
        let said = ["--on", on, "--fact", &felony, "--fact", &misdemeanor];
        let found = run(NOTICE, &said).ok().json();
        assert_eq!(found["outcome"], outcome, "{said:?}");
    }
    let late = ["--on", "2025-03-01", "--fact", "last_listed_felony=2025-03-02"];
    run(&NOTICE.replace("--json ", ""), &late)
        .refused(2, &["`last_listed_felony`: `2025-03-02` is after 2025-03-01"]);
}

#[test]
fn an_interview_takes_a_day_or_a_number() {
    let line = "ask --agency us-ca-san-francisco-pd --on 2018-01-01 --action notify --fact \
                form=i_247n --fact conviction_opening_notice=state_prison_felony --fact \
                held_to_answer=serious_felony --fact last_violent_felony=never --fact \
                last_serious_felony=2012-12-31";
    let ran = interview(line, "100\nthree\n3\n").ok();
    assert!(ran.err.contains("-  3 or more (3_or_more): MAY"), "{}", ran.err);
    assert!(ran.err.contains("or the number itself"), "{}", ran.err);
    assert!(ran.err.contains("`100` is more than 99"), "{}", ran.err);
    assert!(ran.out.contains("After 1 questions") && ran.out.contains("MAY"), "{}", ran.out);
    let line = line.replace("2012-12-31", "2012-12-31 --fact felony_incidents=2");
    let line = line.replace(" --fact last_violent_felony=never", "");
    let ran = interview(&line, "2018-01-02\n2011-01-01\n").ok();
    assert!(ran.err.contains("or the day, as in 2015-03-04"), "{}", ran.err);
    assert!(ran.err.contains("is after 2018-01-01, the day asked about"), "{}", ran.err);
    assert!(ran.out.contains("After 1 questions") && ran.out.contains("MAY"), "{}", ran.out);
}

/// What the law needs to know of a conviction is how long ago it is; its day is nowhere.
#[test]
fn the_register_keeps_the_stretch_and_not_the_day() {
    let town = Town::of("us-ca-county-sheriff", "2025-01-02");
    let line = NOTICE.split_once("--action").unwrap().1;
    let line = format!(
        "--channel mailbox --on 2025-03-01 --action {line} --fact last_listed_felony=never"
    );
    let line = format!("{line} --fact last_listed_misdemeanor=2021-05-17");
    assert_eq!(town.run("request --json", &line).ok().json()["outcome"], "may");
    let again = town.run("settle --json", "1 --fact last_listed_misdemeanor=2019-05-17");
    assert_eq!(again.ok().json()["outcome"], "must_not");
    let [receipt, opening] = ["one.tlog-proof", "one.opening"].map(|name| town.path(name));
    town.run("receipt", &format!("1 --out {receipt} --opening {opening}")).ok();
    let opened = std::fs::read_to_string(&opening).unwrap();
    let key = format!("{}/public/vkey", town.data());
    let line = format!("verify --json --key {key} --receipt {receipt} --opening {opening}");
    let found = run(&line, &[]);
    let facts = found.ok().json()["entry"]["private"]["facts"].as_array().unwrap().clone();
    let kept = json!({
        "fact": "last_listed_misdemeanor", "value": "up_to_5_years", "source": "officer",
    });
    assert!(facts.contains(&kept), "{facts:?}");
    assert!(!opened.contains("2021-05-17"));
}

/// New York City leaves days in custody out; a table of requests can say them too.
#[test]
fn a_table_states_days_with_the_clock_stopped() {
    let town = Town::of("us-ny-nyc-doc", "2014-12-20");
    let row = |custody: &str| {
        format!(
            "received,id,channel,actions,basis,reasons,facts\n2015-01-05,R{custody},mailbox,hold,\
             detainer,,federal_warrant=criminal terrorist_database_match=no \
             last_violent_or_serious_crime=2008-12-14{custody}\n"
        )
    };
    for (custody, outcome) in [("+500", "may"), ("+300", "must_not"), ("", "must_not")] {
        let file = town.file("table.csv", row(custody));
        let told = town.run("import --json", &file).ok().json();
        assert_eq!(told["outcomes"], json!({ format!("hold {outcome}"): 1 }), "{custody}");
    }
}
