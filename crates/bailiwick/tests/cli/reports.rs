//! The reports of several places, each from a register made for one of its agencies. The numbers
//! beside the commands were counted by hand.

use std::fs;

use bailiwick::store::Store;
use register::entry::{self, Public};
use serde_json::Value;

use super::run::{Ran, Town, run};

/// A register of an agency, begun on the first day of 2025.
fn of(agency: &str) -> Town {
    let town = Town { folder: tempfile::tempdir().unwrap() };
    let channel = ["--channel", "desk=desk:Desk"];
    run(&format!("init --agency {agency} --on 2025-01-01 --data {}", town.data()), &channel).ok();
    town
}

/// Records a request and, where told, what was done; gives the entry of the request.
fn request(town: &Town, on: &str, rest: &str, done: &[&str]) -> u64 {
    let said = town.run("request --json", &format!("--on {on} {rest}")).ok().json();
    let entry = said["entry"].as_u64().unwrap();
    for done in done {
        town.run("done", &format!("{entry} {done}")).ok();
    }
    entry
}

/// The first column of a table of the report, by row; rows without any are left out.
fn rows(said: &Value, table: &str) -> Vec<(String, u64)> {
    let tables = said["report"]["tables"].as_array().unwrap();
    let table = tables.iter().find(|it| it["id"] == table).unwrap();
    let rows = table["rows"].as_array().unwrap().iter().chain([&table["total"]]);
    rows.map(|row| {
        let n = row["cells"][0]["count"]["n"].as_u64().unwrap();
        (row["id"].as_str().unwrap().to_owned(), n)
    })
    .filter(|(_, n)| *n > 0)
    .collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect()
}

/// What a stranger finds; every check holds.
fn verified(town: &Town) -> Vec<String> {
    let public = format!("{}/public", town.data());
    let found = run(&format!("verify --json {public}"), &[]).ok().json();
    serde_json::from_value(found["reports"].clone()).unwrap()
}

fn report(town: &Town, rest: &str) -> Ran {
    town.run("report --json", rest)
}

/// Every month in which there was something, and no other.
#[test]
fn oregon_by_month_and_nothing_for_a_month_without_any() {
    let town = of("us-or-portland-pb");
    let civil = "--fact purpose=civil_immigration --fact required_by=none";
    let hold = format!("--action hold --fact form=i_247a@document --fact requester=ero {civil}");
    request(&town, "2025-02-01", &hold, &["declined --on 2025-02-01"]);
    let share = format!("--action share --fact information=personal --fact requester=hsi {civil}");
    request(
        &town,
        "2025-02-28",
        &format!("{share} --fact basis=administrative_subpoena --fact custody=free"),
        &["declined --on 2025-03-03"],
    );
    // A court's subpoena that qualifies is left out.
    let court = "--action notify --fact basis=judicial_subpoena --fact custody=in_custody";
    request(&town, "2025-02-15", &format!("{court} --fact requester=ero {civil}"), &[]);
    request(&town, "2025-03-01", &hold, &[]);
    let february = report(&town, "--period 2025-02 --publish").ok().json();
    assert_eq!(february["order"], "or-181a/monthly");
    assert_eq!((&february["nil"], &february["due"]), (&Value::Null, &Value::Null));
    assert_eq!(rows(&february, "requests"), pairs(&[("ero", 1), ("hsi", 1), ("total", 2)]));
    assert_eq!(rows(&february, "asked"), pairs(&[("hold", 1), ("share", 1), ("total", 2)]));
    assert_eq!(rows(&february, "response"), pairs(&[("declined", 2), ("total", 2)]));
    let march = report(&town, "--period 2025-03").ok().json();
    assert_eq!(rows(&march, "response"), pairs(&[("open", 1), ("total", 1)]));

    let size = town.size();
    let none = town.run("report", "--period 2025-01 --publish").ok().out;
    assert!(none.starts_with("Nothing is owed for January 2025"), "{none}");
    let none = report(&town, "--period 2025-01 --publish").ok().json();
    assert_eq!((&none["nil"], &none["published"]), (&"not_owed".into(), &Value::Null));
    assert_eq!((town.size(), verified(&town)), (size, vec!["2025-02".to_owned()]));
    let asked = report(&town, "--period 2025-01 --publish --nil").ok().json();
    assert_eq!(asked["published"]["entry"], size);
    assert_eq!(verified(&town), ["2025-02", "2025-01"]);
    report(&town, "--period 2025-01 --nil").refused_in_json("--publish");
    town.run("report", "--year 2025").refused(2, &["`2025` is a calendar year", "each month"]);
    town.run("report", "--period 2025-02-01").refused(2, &["is no period", "`2025-Q1`"]);
    town.run("report", "--period 9999-01").refused(2, &["9999-01 has not begun"]);
}

/// A certificate for each list of which there was none, with a place to sign.
#[test]
fn illinois_certifies_each_list_that_is_empty() {
    let town = of("us-il-county-sheriff");
    let page = |said: &Value| {
        let folder = said["published"]["folder"].as_str().unwrap();
        fs::read_to_string(format!("{folder}/report.html")).unwrap()
    };
    let none = report(&town, "--period 2025 --publish").ok().json();
    assert_eq!((&none["nil"], &none["due"]), (&"certified".into(), &"2026-03-01".into()));
    let requests = "from 1 January to 31 December 2025 it received no such requests.";
    let detainers = "from 1 January to 31 December 2025 it received no such detainers or warrants.";
    let html = page(&none);
    for text in [requests, detainers, "<dt>Signature</dt>"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let facts = "--fact requester=ero --fact criminal_charge=false";
    let detainer = format!("--action hold --fact form=i_247a@document {facts}");
    request(&town, "2025-12-31", &detainer, &["transferred --on 2026-01-02"]);
    // Only to be told of a release: a detainer in Illinois.
    let told = "--action notify --fact form=i_247n --fact basis=none --fact requester=ero";
    request(&town, "2025-01-01", told, &["released --on 2025-01-05"]);
    request(&town, "2026-01-01", &detainer, &[]);
    let some = report(&town, "--year 2025 --publish").ok().json();
    assert_eq!(rows(&some, "requests"), pairs(&[]));
    assert_eq!(rows(&some, "detainers"), pairs(&[("entry-2", 1), ("entry-5", 1), ("total", 2)]));
    let html = page(&some);
    assert!(html.contains(requests) && !html.contains(detainers), "{html}");
    for text in ["person handed over, 2026-01-02", "person let go, 2025-01-05", "to be filled in"] {
        assert!(html.contains(&format!("<td>{text}</td>")), "{text}");
    }
    // A call without any paper is no detainer: it stands in the first list.
    let call = "--action notify --fact basis=none --fact form=none --fact requester=ero";
    request(&town, "2025-05-05", call, &["declined --on 2025-05-05"]);
    let both = report(&town, "--year 2025 --publish").ok().json();
    assert_eq!(rows(&both, "requests").last(), Some(&("total".to_owned(), 1)));
    assert!(!page(&both).contains("Signature"));
    assert_eq!(verified(&town), ["2025"; 3], "each report stays");
    // What is not over cannot be certified.
    let year = 1970 + std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 31_556_952;
    of("us-il-county-sheriff")
        .run("report", &format!("--period {year} --publish"))
        .refused(2, &["(today is "]);
}

#[test]
fn new_york_city_by_quarter_and_by_who_asked() {
    let town = of("us-ny-nyc-doc");
    let hold = "--action hold --fact form=i_247a@document";
    let ero = format!("{hold} --fact requester=ero");
    request(&town, "2025-03-31", &ero, &["declined --on 2025-04-01"]);
    request(&town, "2025-04-01", &ero, &["declined --on 2025-04-01"]);
    request(&town, "2025-06-30", &ero, &["held --on 2025-07-01", "transferred --on 2025-07-02"]);
    let share = "--action share --fact information=personal --fact requester=hsi";
    request(&town, "2025-05-05", share, &["declined --on 2025-05-06"]);
    request(&town, "2025-05-06", hold, &["released --on 2025-05-07"]);
    request(&town, "2025-07-01", &ero, &[]);
    town.run("report", "--period 2025-Q2").refused(
        2,
        &["name one with `--report`", "`nyc-10-178/quarterly` (each quarter, as 2025-Q1)"],
    );
    town.run("report", "--period 2025-Q2 --report monthly")
        .refused(2, &["has no report `monthly`", "`nyc-9-131/yearly`"]);
    let quarter = report(&town, "--report quarterly --period 2025-Q2 --publish").ok().json();
    assert_eq!(quarter["order"], "nyc-10-178/quarterly");
    for (table, expected) in [
        ("requests", pairs(&[("ero", 2), ("hsi", 1), ("not_stated", 1), ("total", 4)])),
        ("declined", pairs(&[("ero", 1), ("hsi", 1), ("total", 2)])),
        ("honoured", pairs(&[("ero", 1), ("total", 1)])),
        ("other", pairs(&[("not_stated", 1), ("total", 1)])),
    ] {
        assert_eq!(rows(&quarter, table), expected, "{table}");
    }
    let first = report(&town, "--report nyc-10-178/quarterly --period 2025-Q1").ok().json();
    assert_eq!(rows(&first, "requests"), pairs(&[("ero", 1), ("total", 1)]));

    // The yearly one names its own twelve months, since the law's were not found.
    let yearly = |period: &str| report(&town, &format!("--report yearly {period}"));
    yearly("").refused_in_json("2024-10--2025-09");
    let twelve = yearly("--period 2024-07--2025-06 --publish").ok().json();
    assert_eq!(rows(&twelve, "detainers"), pairs(&[("total", 4)]));
    assert_eq!(rows(&twelve, "held"), pairs(&[]), "held on 1 July");
    assert_eq!(rows(&twelve, "not_honoured"), pairs(&[("total", 3)]));
    let later = yearly("--period 2024-08--2025-07").ok().json();
    assert_eq!(rows(&later, "held"), pairs(&[("total", 1)]));
    assert_eq!(rows(&later, "transferred"), pairs(&[("total", 1)]));
    assert_eq!(verified(&town), ["2025-Q2", "2024-07--2025-06"]);
}

#[test]
fn california_counts_hand_overs_by_the_provision_that_allowed_them() {
    let town = of("us-ca-county-sheriff");
    let transfer = |convictions: &str, registry: bool| {
        format!(
            "--action transfer --fact basis=detainer --fact requester=ero \
             --fact federal_felony_warrant=false --fact criminal_immigration_cause=false \
             --fact conviction_opening_notice={convictions} --fact on_offence_registry={registry}"
        )
    };
    let over = "transferred --action transfer --on 2025";
    let felony = transfer("state_prison_felony", false);
    request(&town, "2024-12-30", &felony, &[&format!("{over}-01-01")]);
    request(&town, "2025-03-03", &felony, &[&format!("{over}-12-31")]);
    let both = transfer("state_prison_felony", true);
    request(&town, "2025-04-04", &both, &[&format!("{over}-04-05")]);
    let nothing = transfer("none", false);
    request(&town, "2025-05-05", &nothing, &[&format!("{over}-05-05")]);
    request(&town, "2025-06-06", &nothing, &["declined --on 2025-06-06"]);
    let hold = "--action hold --fact form=i_247a --fact requester=ero";
    request(&town, "2025-07-07", hold, &["transferred --on 2025-07-08"]);
    let said = report(&town, "--year 2025 --publish").ok().json();
    assert_eq!(
        (said["order"].as_str(), &said["due"]),
        (Some("ca-values-act/transfers"), &Value::Null)
    );
    assert_eq!(
        rows(&said, "transfers"),
        pairs(&[
            ("ca-values-act/7282.5-a-1", 3),
            ("ca-values-act/7282.5-a-4", 1),
            ("outcome=must_not", 1),
            ("undecided", 1),
            ("total", 5),
        ])
    );
    let folder = said["published"]["folder"].as_str().unwrap();
    let page = fs::read_to_string(format!("{folder}/report.md")).unwrap();
    for text in [
        "| Cal. Gov. Code 7282.5(a)(1), (2) | 3 |",
        "| the last decision on it is “must not” | 1 |",
        "| no decision on it is recorded | 1 |",
        "To be filled in by the agency, since the register does not know it: the offence",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(verified(&town), ["2025"]);
}

/// Two halves and a day on which each is due; two lists and a list to fill in; help by deed.
#[test]
fn the_others_have_their_periods_and_days() {
    let town = of("us-ca-san-francisco-pd");
    let half = |period: &str| {
        report(&town, &format!("--report semiannual --period {period} --publish")).ok().json()
    };
    let told = "--action notify --fact basis=none --fact form=i_247n --fact requester=ero";
    request(&town, "2025-06-30", told, &["declined --on 2025-06-30"]);
    request(&town, "2025-07-01", "--action hold --fact form=i_247a --fact requester=ero", &[]);
    let (first, second) = (half("2025-H1"), half("2025-H2"));
    assert_eq!((&first["due"], &second["due"]), (&"2025-07-01".into(), &"2026-01-01".into()));
    assert_eq!(rows(&first, "notices"), pairs(&[("declined", 1), ("total", 1)]));
    assert_eq!(rows(&first, "detainers"), pairs(&[]));
    assert_eq!(rows(&second, "detainers"), pairs(&[("open", 1), ("total", 1)]));
    assert_eq!(rows(&second, "others"), pairs(&[]));
    assert_eq!(verified(&town), ["2025-H1", "2025-H2"]);

    let town = of("us-il-chicago-pd");
    request(&town, "2025-01-01", "--action hold --fact form=i_200 --fact requester=cbp", &[]);
    let quarter = report(&town, "--report chicago-wco/quarterly --period 2025-Q1").ok().json();
    assert_eq!(rows(&quarter, "detainers"), pairs(&[("entry-1", 1), ("total", 1)]));
    let nothing = report(&town, "--report quarterly --period 2025-Q2 --publish").ok().json();
    assert_eq!(nothing["nil"], "not_known");
    assert_eq!(verified(&town), ["2025-Q2"]);

    let town = of("us-nj-local-pd");
    let told = "--action notify --fact basis=detainer --fact requester=ero";
    request(&town, "2025-12-31", told, &["notified --on 2025-12-31"]);
    request(&town, "2025-12-30", told, &["notified --on 2026-01-01"]);
    let year = report(&town, "--year 2025 --publish").ok().json();
    assert_eq!(rows(&year, "notified"), pairs(&[("entry-1", 1), ("total", 1)]));
    assert_eq!(verified(&town), ["2025"]);

    of("us-wa-seattle-pd").run("report", "--year 2025").refused(2, &["has no coded report"]);
}

/// The same register, the same bytes, whoever counts.
#[test]
fn two_runs_of_a_quarter_are_equal() {
    let town = of("us-ny-nyc-pd");
    let share = "--action share --fact information=other --fact requester=other_federal";
    request(&town, "2025-02-02", share, &["shared --on 2025-02-03"]);
    for name in ["one", "two"] {
        let line = format!("--report quarterly --period 2025-Q1 --out {}", town.path(name));
        town.run("report", &line).ok();
    }
    for file in ["report.json", "report.csv", "report.md", "report.html", "datapackage.json"] {
        let read = |name: &str| fs::read(format!("{}/{file}", town.path(name))).unwrap();
        assert_eq!(read("one"), read("two"), "{file}");
    }
}

/// A keeper who records the report of one period as that of another is found out.
#[test]
fn a_report_recorded_under_another_period_does_not_verify() {
    let town = of("us-ny-nyc-doc");
    let published = report(&town, "--report quarterly --period 2025-Q2 --publish").ok().json();
    let folder = published["published"]["folder"].as_str().unwrap().to_owned();
    fs::rename(&folder, folder.replace("2025-Q2", "2025-Q3")).unwrap();
    let mut store = Store::open(std::path::Path::new(&town.data())).unwrap();
    let recorded = store.effective().iter().find_map(|entry| match &entry.public {
        Public::Report(report) => Some(report.clone()),
        _ => None,
    });
    let other = entry::Report { period: "2025-Q3".to_owned(), ..recorded.unwrap() };
    fs::create_dir_all(&folder).unwrap();
    let data = format!("{}/report.json", folder.replace("2025-Q2", "2025-Q3"));
    fs::copy(data, format!("{folder}/report.json")).unwrap();
    let draft = bailiwick::desk::draft(Public::Report(other), register::seal::nothing());
    store.append(vec![draft]).unwrap();
    drop(store);
    let public = format!("{}/public", town.data());
    run(&format!("verify {public}"), &[])
        .refused(4, &["report of 2025-Q3", "it is that of 2025-Q2"]);
}
