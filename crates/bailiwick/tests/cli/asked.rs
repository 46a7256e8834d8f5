//! Which requests of a register explain searches on their cases, and which were declined: by the
//! last decision on each of their actions.

use super::run::Town;

const HEADER: &str = "Name,Org Name,Total Networks Searched,Reason,Case #,Search Time\r\n";

/// What the agency itself looks up for a civil purpose, which the Illinois act forbids.
const CIVIL: &str = "--fact purpose=civil_immigration --fact information_is_public=false \
                     --fact federal_warrant=none --fact required_by=none";

/// Records a request on a case; the entries of its decisions, and their outcomes.
fn request(town: &Town, case: &str, line: &str) -> (u64, Vec<String>) {
    let line = format!("--channel mailbox --on 2025-06-02 --reference {case} {line}");
    let told = town.run("request --json", &line).ok().json();
    let one = std::slice::from_ref(&told);
    let all = told["decisions"].as_array().map_or(one, Vec::as_slice);
    let outcome = |of: &serde_json::Value| of["outcome"].as_str().unwrap().to_owned();
    (told["entry"].as_u64().unwrap(), all.iter().map(outcome).collect())
}

/// Searches of the agency for immigration on one case: how many are explained, and how many are
/// leads upon a declined request.
fn audited(town: &Town, case: &str) -> (u64, u64) {
    let log = format!(
        "{HEADER}A,Example IL PD,12,ICE WARRANT,{case},\"06/03/2025, 01:15:00 PM UTC\"\r\n"
    );
    let (file, own) = (town.file("log.csv", log), town.file("own.toml", OWN));
    let into = tempfile::tempdir_in(town.folder.path()).unwrap();
    let into = into.path().to_str().unwrap();
    let line = format!("{file} --agency us-il-county-sheriff --own {own} --into {into}");
    town.run("audit", &line).ok();
    let data = std::fs::read(format!("{into}/audit.json")).unwrap();
    let data: serde_json::Value = serde_json::from_slice(&data).unwrap();
    let of = |test: &str| {
        data["findings"].as_array().unwrap().iter().filter(|it| it["test"] == test).count()
    };
    let explained = data["explained"].as_u64().unwrap();
    assert_eq!(explained, 1 - of("purpose") as u64, "{data:#}");
    (explained, of("after_declined") as u64)
}

const OWN: &str = "names = [\"Example IL PD\"]\n";

#[test]
fn what_was_decided_of_another_action_explains_no_search() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let both = format!(
        "--action search --action share {CIVIL} --fact requester=ero \
         --fact information=immigration_status"
    );
    // 8 USC 1373 protects giving the status; looking it up is not for the state's officers.
    assert_eq!(request(&town, "25-101", &both).1, ["must_not", "may"]);
    assert_eq!(audited(&town, "25-101"), (0, 1));
}

#[test]
fn a_decision_that_was_superseded_explains_no_search() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let drugs = "--action search --fact purpose=drug_trafficking --fact requester=hsi";
    let (entry, outcomes) = request(&town, "25-102", drugs);
    assert_eq!(outcomes, ["may"]);
    assert_eq!(audited(&town, "25-102"), (1, 0));
    let settled = town.run("settle --json", &format!("{entry} {CIVIL}")).ok().json();
    assert_eq!(settled["outcome"], "must_not", "{settled:#}");
    assert_eq!(audited(&town, "25-102"), (0, 1));
    // Where that decision was entered by mistake, the one before it is the last that counts.
    let decision = settled["entries"].as_array().unwrap().last().unwrap();
    town.run("correct", &format!("{decision} --void --why mistake")).ok();
    assert_eq!(audited(&town, "25-102"), (1, 0));
}

#[test]
fn what_is_open_or_asked_by_a_town_was_not_declined() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let open = request(&town, "25-103", "--action hold --fact basis=detainer");
    assert_eq!(open.1, ["need_facts"]);
    assert_eq!(audited(&town, "25-103"), (0, 0));
    let of_a_town = format!(
        "--action share {CIVIL} --fact requester=state_local --fact information=plate_reader"
    );
    assert_eq!(request(&town, "25-104", &of_a_town).1, ["must_not"]);
    assert_eq!(audited(&town, "25-104"), (0, 0));
    // Nobody says who asks with a detainer; only federal agencies have that form.
    let detainer = "--action hold --fact basis=detainer --fact eligible_for_release=true \
                    --fact criminal_warrant=false --fact judicial_order=false \
                    --fact criminal_charge=false";
    assert_eq!(request(&town, "25-105", detainer).1, ["must_not"]);
    assert_eq!(audited(&town, "25-105"), (0, 1));
}

/// Audits one search of a department from Los Angeles in a system of Texas, whose law begins here
/// on 2017-09-01: the text, and the documents by name.
fn in_texas(day: &str) -> (String, impl Fn(&str) -> String) {
    let town = Town::of("us-tx-county-sheriff", "2025-01-02");
    let row = "A,Los Angeles CA PD,12,Immigration (civil/administrative) - ,,";
    let file = town.file("log.csv", format!("{HEADER}{row}\"{day}, 01:15:00 PM UTC\"\r\n"));
    let own = "names = [\"Example County TX SO\"]\n[searching]\n\
               \"Los Angeles CA PD\" = \"us-ca-los-angeles-pd\"\n";
    let (own, into) = (town.file("own.toml", own), town.path("audit"));
    let line = format!("{file} --agency us-tx-county-sheriff --own {own} --into {into}");
    let out = town.run("audit", &line).ok().out;
    let read = move |name: &str| {
        std::fs::read_to_string(town.folder.path().join("audit").join(name)).unwrap()
    };
    (out, read)
}

#[test]
fn every_document_cites_the_law_of_the_agency_that_searched() {
    let (_, read) = in_texas("06/03/2025");
    let data: serde_json::Value = serde_json::from_str(&read("audit.json")).unwrap();
    let lead = data["findings"].as_array().unwrap().iter().find(|it| it["test"] == "purpose");
    let lead = lead.unwrap();
    assert!(lead["law"].is_null(), "{lead:#}");
    assert_eq!(lead["own_law"]["agency"], "us-ca-los-angeles-pd");
    assert_eq!(lead["own_law"]["outcome"], "need_facts");
    let says = "By the law of the agency that searched, search: need_facts";
    assert!(read("review.html").contains(says));
    assert!(read("findings.csv").contains(",search,need_facts,"));
}

#[test]
fn every_document_says_what_no_law_was_asked_about() {
    let (out, read) = in_texas("08/31/2017");
    let says = "the law that is here does not reach back to the days of 1 searches, 2017-08-31 to \
                2017-08-31; it was not asked about them";
    assert!(out.contains(says), "{out}");
    assert!(read("review.html").contains(says));
    let data: serde_json::Value = serde_json::from_str(&read("audit.json")).unwrap();
    let expected = serde_json::json!({
        "searches": 1, "from": "2017-08-31", "to": "2017-08-31",
    });
    assert_eq!(data["no_law"], expected);
}
