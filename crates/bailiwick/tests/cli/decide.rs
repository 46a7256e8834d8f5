//! Decisions at the command line. What is expected comes from the facts of the law: the acts and
//! the decision of the court, restated in `law/` with their citations.

use serde_json::{Value, json};

use super::run::{Ran, run};

fn decide(line: &str) -> Ran {
    run(&format!("decide --agency us-ma-boston-pd {line}"), &[])
}

fn ids(decision: &Value) -> Vec<&str> {
    let grounds = decision["grounds"].as_array().unwrap();
    grounds.iter().map(|ground| ground["id"].as_str().unwrap()).collect()
}

fn missing(decision: &Value) -> Vec<&str> {
    let missing = decision["missing"].as_array().unwrap();
    missing.iter().map(|fact| fact["name"].as_str().unwrap()).collect()
}

const DETAINER: &str = "--fact basis=detainer --fact eligible_for_release=true";

#[test]
fn decisions_that_anyone_can_check_against_the_law() {
    let no_warrant = format!("--action hold {DETAINER} --fact criminal_warrant=false");
    let before_release = "--action transfer --fact basis=detainer --fact judicial_order=false \
                          --fact eligible_for_release=false";
    for (on, asked, outcome, grounds, asks) in [
        // Boston 2014: no one who could go is held on a detainer alone; Lunn came in 2017.
        ("2014-08-20", &*no_warrant, "must_not", vec!["boston-trust-act/hold"], vec![]),
        (
            "2025-03-01",
            &no_warrant,
            "must_not",
            vec!["lunn/civil-detainer", "boston-trust-act/hold"],
            vec![],
        ),
        // A judge's criminal warrant lifts it.
        (
            "2025-03-01",
            &format!("--action hold {DETAINER} --fact criminal_warrant=true"),
            "may",
            vec!["lunn/criminal-authority", "boston-trust-act/hold-criminal-warrant"],
            vec![],
        ),
        // Not stated is not "no", and not "yes" either.
        (
            "2025-03-01",
            &format!("--action hold {DETAINER}"),
            "need_facts",
            vec![],
            vec!["criminal_warrant"],
        ),
        // A Form I-200 is signed by an immigration officer, whatever it is called.
        (
            "2025-03-01",
            "--action hold --fact form=i_200 --fact eligible_for_release=true \
             --fact criminal_warrant=false",
            "must_not",
            vec!["boston-trust-act/hold"],
            vec![],
        ),
        // The gate for handing over is wider than the one for holding.
        (
            "2025-03-01",
            "--action transfer --fact judicial_order=true --fact criminal_warrant=false",
            "may",
            vec!["boston-trust-act/transfer-judicial-order"],
            vec![],
        ),
        (
            "2025-03-01",
            &format!(
                "--action hold {DETAINER} --fact judicial_order=true --fact criminal_warrant=false"
            ),
            "must_not",
            vec!["lunn/civil-detainer", "boston-trust-act/hold"],
            vec![],
        ),
        // The timing gap of 2014, closed in 2019.
        ("2014-08-20", before_release, "silent", vec![], vec![]),
        ("2019-12-18", before_release, "silent", vec![], vec![]),
        ("2019-12-19", before_release, "must_not", vec!["boston-trust-act/transfer"], vec![]),
        ("2025-03-01", before_release, "must_not", vec!["boston-trust-act/transfer"], vec![]),
        // Release dates: not for a civil purpose; permitted in a trafficking case.
        (
            "2025-03-01",
            "--action notify --fact purpose=civil_immigration --fact requester=ero",
            "must_not",
            vec!["boston-trust-act/release-date"],
            vec![],
        ),
        (
            "2025-03-01",
            "--action notify --fact purpose=human_trafficking --fact requester=hsi",
            "may",
            vec!["boston-trust-act/investigators"],
            vec![],
        ),
        // Federal law protects telling the status, and nothing else.
        (
            "2025-03-01",
            "--action share --fact information=immigration_status",
            "may",
            vec!["8-usc-1373/a", "8-usc-1644/a"],
            vec![],
        ),
    ] {
        let decision = decide(&format!("--json --on {on} {asked}")).ok().json();
        assert_eq!(decision["outcome"], outcome, "{on} {asked}");
        assert_eq!(ids(&decision), grounds, "{on} {asked}");
        assert_eq!(missing(&decision), asks, "{on} {asked}");
        assert_eq!(decision["pack"]["day"], on);
    }
}

/// Places whose laws pull apart. What is expected comes from the facts of each law: where a state
/// voids a city's rule it does so, and where nothing says which prevails a person decides.
#[test]
fn laws_that_pull_apart() {
    let papers = "--fact form=i_247a --fact grave_charge=false \
                  --fact detainer_on_its_face=sufficient --fact duties_done_before_transfer=false";
    for (agency, on, asked, outcome, grounds) in [
        // Louisiana orders what a federal consent judgment of 2013 forbids its sheriff.
        (
            "us-la-orleans-sheriff",
            "2025-03-01",
            &*format!("--action hold {papers}"),
            "refer",
            vec!["cacho/hold", "la-33-81/84-B"],
        ),
        (
            "us-la-orleans-sheriff",
            "2024-05-27",
            &format!("--action hold {papers}"),
            "must_not",
            vec!["cacho/hold"],
        ),
        // Texas orders it and voids a city's prohibition; before its law the city's counted.
        (
            "us-tx-example-pd",
            "2025-03-03",
            "--action hold --fact form=i_247a --fact lawful_status_proved=false",
            "must",
            vec!["tx-ccp/detainer"],
        ),
        (
            "us-tx-example-pd",
            "2017-08-31",
            "--action hold --fact form=i_247a --fact lawful_status_proved=false",
            "must_not",
            vec!["example-city/cooperation"],
        ),
        // Washington forbids to hold on a civil detainer alone.
        (
            "us-wa-seattle-pd",
            "2025-03-01",
            "--action hold --fact form=i_247a --fact judicial_order=false --fact \
             criminal_charge=false --fact status_is_only_reason=false",
            "must_not",
            vec!["kww/8"],
        ),
    ] {
        let line = format!("decide --json --agency {agency} --on {on} {asked}");
        let decision = run(&line, &[]).ok().json();
        assert_eq!(decision["outcome"], outcome, "{line}: {decision:#}");
        assert_eq!(ids(&decision), grounds, "{line}");
    }
}

#[test]
fn what_cannot_be_decided_says_what_to_do() {
    let hold = format!("--action hold {DETAINER}");
    for (line, says) in [
        (format!("{hold} --on 2013-06-01"), vec!["2013-06-01", "first begins on 2014-08-20"]),
        ("--action detain --on 2025-03-01".into(), vec!["no action `detain`", "hold, arrest"]),
        (
            "--action hold --on 2025-03-01 --fact bases=detainer".into(),
            vec!["no fact `bases`", "basis, form"],
        ),
        (
            "--action hold --on 2025-03-01 --fact basis=detainerr".into(),
            vec!["detainerr", "administrative_warrant"],
        ),
        (
            "--action hold --on 2025-03-01 --fact basis=warrant".into(),
            vec!["says too little", "look at the signature", "judicial_warrant"],
        ),
        (
            "--action hold --on 2025-03-01 --fact form=i_200 --fact basis=judicial_warrant".into(),
            vec!["contradictory", "administrative warrants", "check the paper"],
        ),
        (
            "--action hold --on 2025-03-01 --fact signer=judge --fact form=i_205".into(),
            vec!["contradictory", "signer"],
        ),
        (
            "--action hold --on 2025-03-01 --fact basis=detainer --fact basis=none".into(),
            vec!["basis"],
        ),
        ("--action hold --on 2025-03-01 --fact basis".into(), vec!["name=value"]),
        ("--action hold --on 2025-03-01 --fact basis=detainer@mayor".into(), vec!["mayor"]),
        ("--action hold --on 01/03/2025".into(), vec!["--on", "YYYY-MM-DD"]),
        ("--action hold --on 2025-02-29".into(), vec!["--on", "2025-02-29"]),
        ("--action hold --on 2025-03-01 --at 25:00".into(), vec!["--at"]),
        ("--on 2025-03-01".into(), vec!["--action"]),
    ] {
        decide(&line).refused(2, &says);
    }
    run("decide --action hold --agency us-ma-bostn-pd --on 2025-03-01", &[])
        .refused(2, &["us-ma-bostn-pd", "us-ma-boston-pd"]);
}

#[test]
fn scripts_get_errors_as_data_too() {
    let ran = run("--json decide --action detain --on 2025-03-01", &[]);
    assert_eq!((ran.code, &ran.json()["code"]), (2, &json!(2)));
    assert!(ran.json()["error"].as_str().unwrap().contains("detain"));
}

/// `docs/spec/answers.md` promises these fields; a script must not break at the next release.
#[test]
fn the_promised_fields_are_there() {
    let line = "--json --on 2025-03-01 --fact purpose=civil_immigration --fact requester=ero \
                --action share --fact information=personal";
    let decision = decide(line).ok().json();
    assert_eq!(decision["outcome"], "need_facts");
    let asked = &decision["missing"][0];
    assert_eq!(asked["name"], "serious_violent_crime");
    assert!(asked["question"].as_str().unwrap().ends_with('.'), "{asked}");
    let line =
        format!("--json --on 2025-03-01 --action hold {DETAINER} --fact criminal_warrant=no");
    let decision = decide(&line).ok().json();
    for ground in decision["grounds"].as_array().unwrap() {
        for field in ["id", "citation", "grade"] {
            assert!(ground[field].as_str().is_some_and(|text| !text.is_empty()), "{ground}");
        }
    }
    let duty = &decision["duties"][0];
    assert_eq!(
        (&duty["id"], &duty["by"]),
        (&json!("boston-trust-act/yearly-report"), &json!("2025-12-31T23:59"))
    );
    assert_eq!(decision["pack"]["digest"].as_str().unwrap().len(), 64);
    assert!(decision.get("why").is_none());
    let several =
        decide(&format!("--json --on 2025-03-01 --action hold --action notify {DETAINER}"));
    let several = several.ok().json();
    let actions: Vec<_> = several.as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["hold", "notify"]);
}

/// Two federal provisions and the city's act disagree where status is asked for together with
/// nothing else said; a person decides, and the answer says why.
#[test]
fn a_conflict_goes_to_a_person_with_a_reason() {
    let law = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = law.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        "vocabulary.toml",
        "action = [{ name = \"hold\", says = \"keep someone\" }]\n\
         [[fact]]\nname = \"judge\"\nquestion = \"Has a judge signed?\"\n",
    );
    put(
        "agencies/town.md",
        "# Town\n~~~agency\nname = 'Town'\ntimezone = 'UTC'\nprincipal = 'town'\n\
         stack = ['state', 'town']\n~~~\n",
    );
    let edition = |id: &str, rule: &str| {
        format!(
            "# {id}\n~~~instrument\nid = \"{id}\"\ncitation = \"{id}\"\nkind = \"statute\"\n\
             maker = \"{id}\"\nday_grade = \"text\"\n~~~\n\n## s. 1\nIt says so.\n~~~cedar\n\
             @id(\"1\") @cite(\"{id} 1\") @grade(\"text\") {rule}\n~~~\n"
        )
    };
    put(
        "state/2020-01-01.md",
        &edition(
            "state",
            "@modality(\"must\") permit (principal, action == Action::\"hold\", resource);",
        ),
    );
    put(
        "town/2020-01-01.md",
        &edition(
            "town",
            "@modality(\"must_not\") forbid (principal, action == Action::\"hold\", resource);",
        ),
    );
    let law = law.path().to_str().unwrap();
    let line = "--json decide --action hold --agency town --on 2025-03-01 --law";
    let decision = run(line, &[law]).ok().json();
    assert_eq!(decision["outcome"], "refer");
    assert!(
        decision["why"].as_str().unwrap().contains("orders it and another forbids"),
        "{decision:#}"
    );
    assert_eq!(ids(&decision), ["state/1", "town/1"]);
    let text = run("decide --action hold --agency town --on 2025-03-01 --law", &[law]).ok().out;
    assert!(text.starts_with("REFER: "), "{text}");
}

#[test]
fn people_get_every_part_of_the_answer_in_words() {
    let line = format!("--on 2025-03-01 --action hold {DETAINER} --fact criminal_warrant=false");
    let said = decide(&line).ok().out;
    for part in [
        "MUST NOT: the law forbids you to keep holding someone past the moment they could go.",
        "Lunn v. Commonwealth, 477 Mass. 517",
        "the law's own text was read",
        "eligible_for_release=true (officer): yes",
        "yearly report to the City Clerk",
        "MAY, if a criminal warrant for this person",
        "pack ",
        "not legal advice",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert_eq!(decide(&line).out, said, "the same question has the same answer, byte for byte");
    let asked = decide("--on 2025-03-01 --action hold --fact basis=detainer").ok().out;
    assert!(asked.starts_with("FACTS ARE MISSING"), "{asked}");
    assert!(asked.contains("Could the person otherwise walk out now"), "{asked}");
    for word in ["allow", "deny", "denied", "violation"] {
        assert!(!said.to_lowercase().contains(word) && !asked.to_lowercase().contains(word));
    }
}

#[test]
fn help_teaches_each_command() {
    let help = run("--help", &[]).ok().out;
    assert!(help.contains("Exit codes:"));
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && *word != "help")
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let said = run(&format!("{command} --help"), &[]).ok().out;
        assert!(said.contains("Usage: bailiwick") && said.len() > 300, "{said}");
        assert!(said.contains("For example:"), "`{command} --help` shows no example:\n{said}");
    }
}
