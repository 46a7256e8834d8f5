//! Law: what is in force, its text, two laws compared, a year replayed. What is expected is read
//! from the texts under `law/` and the days in their names.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bailiwick::desk::{Desk, Intake};
use bailiwick::store::Store;
use bailiwick::web::Role;
use bailiwick::{texts, year};
use law::{Library, Outcome, Source, Statement};

use super::house::House;

const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";

/// Whether a page has what somebody else wrote as text, and not as a script.
pub fn escaped(page: &str) -> bool {
    !page.contains("<script>alert") && !page.contains("onclick=\"x()\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_of_a_day_is_that_of_the_files() {
    let house = House::new();
    for (day, ordinance, other, instruments) in [
        ("2025-03-01", "2019-12-19", "2014-08-20", 6),
        ("2019-12-19", "2019-12-19", "2014-08-20", 6),
        ("2019-12-18", "2014-08-20", "2019-12-19", 6),
        ("2017-07-24", "2014-08-20", "2019-12-19", 6),
        // Lunn was decided on 24 July 2017.
        ("2017-07-23", "2014-08-20", "2019-12-19", 5),
    ] {
        let page = house.look(Role::Officer, &format!("/law?day={day}")).await;
        assert_eq!(page.status, 200, "{day}: {}", page.text);
        let table = page.text.split("</table>").next().unwrap();
        assert_eq!(table.matches("<th scope=\"row\"").count(), instruments, "{day}");
        assert!(table.contains(&format!("/law/text/boston-trust-act/{ordinance}\"")), "{day}");
        assert!(!table.contains(&format!("/law/text/boston-trust-act/{other}\"")), "{day}");
        let later = page.text.contains("Not in force yet") && page.text.contains("2017-07-24)");
        assert_eq!(later, instruments == 5, "{day}");
        for text in ["City of Boston Code, Ordinances, 11-1.9", "Boston City Council"] {
            assert!(table.contains(text), "{day} {text}");
        }
    }
    // Today, and the days on which it changed, the newest first.
    let page = house.look(Role::Administrator, "/law").await.text;
    assert!(page.contains("value=\"2025-03-03\""));
    let changes = page.split("Days on which the law changed").nth(1).unwrap();
    let days: Vec<&str> =
        changes.split("/law?day=").skip(1).map(|rest| rest.get(..10).unwrap()).collect();
    assert_eq!(days, ["2019-12-19", "2017-07-24", "2014-08-20"]);
    assert!(changes.contains("/law/compare?before=2019-12-18&amp;after=2019-12-19"));
    assert!(page.contains("nobody has signed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_said_with_what_was_written() {
    let house = House::new();
    for (path, why) in [
        ("/law?day=2014-08-19", "2014-08-20"),
        ("/law?day=soon", "soon"),
        ("/law?day=2025-02-30", "2025-02-30"),
        ("/law/compare?before=soon", "soon"),
        ("/law/compare?before=2010-01-01&after=2025-01-01", "2010-01-01"),
        ("/law/compare?action=dance", "dance"),
        ("/law/replay?year=25", "`25`"),
        ("/law/replay?year=%2B025", "no year"),
        ("/law/replay?day=soon", "soon"),
        ("/law/replay?day=1999-01-01", "1999-01-01"),
    ] {
        let page = house.look(Role::Counsel, path).await;
        assert_eq!(page.status, 422, "{path}: {}", page.text);
        let alert = page.text.split("role=\"alert\"").nth(1).unwrap_or_else(|| panic!("{path}"));
        assert!(alert.split("</div>").next().unwrap().contains(why), "{path}: {alert}");
    }
    for path in ["/law?day=", "/law/compare?before=", "/law/compare?after=", "/law/compare?action="]
        .into_iter()
        .chain(["/law/replay?year=", "/law/replay?day="])
    {
        let page = house.look(Role::Counsel, &format!("{path}{SCRIPT}")).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(escaped(&page.text) && page.text.contains("alert(1)"), "{path}");
    }
}

/// An address that names no edition of the library leads nowhere, whatever is on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn only_editions_of_the_library_can_be_read() {
    let house = House::new();
    for path in [
        "/law/text/boston-trust-act/2019-12-18",
        "/law/text/boston-trust-act/soon",
        "/law/text/nothing/2019-12-19",
        "/law/text/..%2F..%2Fvocabulary/2019-12-19",
        "/law/text/us%2Fma%2Fboston%2Ftrust-act/2019-12-19",
        "/law/text/boston-trust-act/2019-12-19.md",
        "/law/text/boston-trust-act/..%2F2014-08-20",
        // Another agency's law is not here.
        "/law/text/il-trust-act/2017-08-28",
    ] {
        assert_eq!(house.look(Role::Officer, path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_has_its_rules_grades_and_examples() {
    let house = House::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/us/ma/boston/trust-act");
    for edition in ["2014-08-20", "2019-12-19"] {
        let written = std::fs::read_to_string(folder.join(format!("{edition}.md"))).unwrap();
        let fences = |kind: &str| written.matches(&format!("```{kind}\n")).count();
        let path = format!("/law/text/boston-trust-act/{edition}");
        let page = house.look(Role::Clerk, &path).await;
        assert_eq!(page.status, 200);
        let shown = |text: &str| page.text.matches(text).count();
        assert_eq!(shown("class=\"desk-rule\""), fences("cedar"), "{edition}");
        assert_eq!(shown("as the machine reads it"), fences("cedar"), "{edition}");
        // Each example was run; the shipped law's examples hold.
        assert_eq!(shown("<strong>Holds."), fences("example"), "{edition}");
        assert_eq!(shown("DOES NOT HOLD"), 0, "{edition}");
        let proved = "<strong>Proved in every case.";
        assert_eq!(shown(proved), fences("property"), "{edition}");
        let not_coded = written.lines().filter(|line| line.starts_with("Not coded")).count();
        assert_eq!(shown("class=\"desk-not-coded\""), not_coded, "{edition}");
        assert_eq!(shown("its operative words are quoted by others") > 0, edition == "2019-12-19");
        assert!(shown("reported by others, the text itself not read") > 0, "{edition}");
        assert!(page.text.contains("forbid (principal, action == Action::&#34;hold&#34;"));
        assert!(page.text.contains("These are our words"));
    }
    let page = house.look(Role::Clerk, "/law/text/boston-trust-act/2019-12-19").await.text;
    assert!(page.contains("<em>Eligible for release</em> is any of"), "{page}");
    assert!(page.contains("href=\"/law/text/boston-trust-act/2014-08-20\""));
    assert!(page.contains("UNVERIFIED: nobody has read this provision"));
    assert!(page.contains("takes away from <a class=\"usa-link\" href=\"#boston-trust-act/hold\""));
    // A federal edition is older than the agency's law; what its examples ask of others is not run.
    let page = house.look(Role::Clerk, "/law/text/8-usc-1373/1996-09-30").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains("DOES NOT HOLD"));
}

/// Texts of a folder of one's own are shown as text, whatever they hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_text_stays_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let mut files = texts::read(&root).unwrap();
    let file = files.get_mut("us/ma/boston/trust-act/2019-12-19.md").unwrap();
    let bad = "<script>alert(1)</script>";
    *file = file
        .replace("# Boston Trust Act, edition", &format!("# Boston {bad} Act, edition"))
        .replace(
            "The first day is the day the mayor",
            &format!(
                "{bad}\n\n<b onclick=\"x()\">x</b> [y](javascript:alert(1))\n\n- {bad}\n\nThe"
            ),
        )
        .replace("## s. 2 Handing over", &format!("## s. 2 {bad}"))
        .replace("A detainer on a person who could go", bad)
        .replace("(2019); City of Boston Code 11-1.9(B)\")", &format!("{bad}\")"))
        .replace("expect  = \"silent\"", "expect  = \"may\"");
    let library = Library::read_for(&files, "us-ma-boston-pd").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::init(&folder.path().join("register"), House::settings()).unwrap();
    let house = House::under(store, folder, library);
    for path in ["/law", "/law/text/boston-trust-act/2019-12-19", "/law/compare", "/law/replay"] {
        let page = house.look(Role::Counsel, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(escaped(&page.text), "{path}: {}", page.text);
        assert!(!page.text.contains("href=\"javascript"), "{path}");
    }
    let page = house.look(Role::Counsel, "/law/text/boston-trust-act/2019-12-19").await.text;
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{page}");
    // What was altered is not what the law says, and the page says so.
    assert!(page.contains("DOES NOT HOLD"), "{page}");
    assert!(page.contains("expected `may`"));
}

/// The program's own command, on the same two days.
fn told(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick")).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// As a page has it.
fn html(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('\'', "&#39;")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_laws_are_told_apart_in_the_words_of_the_command() {
    let house = House::new();
    let command = told(&["diff", "2019-12-18", "2019-12-19"]);
    let page =
        house.look(Role::Officer, "/law/compare?before=2019-12-18&after=2019-12-19").await.text;
    let scenarios = command.split("\n\n").skip(1).count();
    assert!(scenarios > 5, "{command}");
    assert_eq!(page.matches("<li class=\"desk-scenario\">").count(), scenarios);
    for line in command.lines().skip(2).filter(|line| !line.is_empty()) {
        assert!(page.contains(&html(line.trim())), "{line}");
    }
    // The ordinance of 2019: nobody is handed over, unless a judge has ordered it.
    let transfer = house
        .look(Role::Officer, "/law/compare?before=2019-12-18&after=2019-12-19&action=transfer")
        .await
        .text;
    assert!(transfer.contains("<strong>SILENT</strong> before, <strong>MUST NOT</strong> after"));
    assert!(!transfer.contains("desk-code\"><summary>hold:"));
    assert!(transfer.contains("judicial_order = false"));
    // By default the last two laws: that of 2017 and that of 2019.
    let page = house.look(Role::Officer, "/law/compare").await.text;
    assert!(page.contains("name=\"before\" type=\"date\" value=\"2017-07-24\""));
    assert!(page.contains("name=\"after\" type=\"date\" value=\"2019-12-19\""));
    let same = house.look(Role::Officer, "/law/compare?before=2025-01-01&after=2025-02-01").await;
    assert!(same.text.contains("No case comes to another outcome."));
}

/// A request as the desk takes it in.
fn intake(day: &str, actions: &[&str], facts: &[(&str, &str)]) -> Intake {
    Intake {
        channel: "fax".to_owned(),
        day: law::parse_day(day).unwrap(),
        actions: actions.iter().map(|it| (*it).to_owned()).collect(),
        statements: facts.iter().map(|(f, v)| Statement::new(f, v, Source::Officer)).collect(),
        by: Some("clerk".to_owned()),
        ..Intake::default()
    }
}

/// Some requests of 2025, and one of the year before. Facts beside basis, form and requester are
/// private.
fn requests() -> Vec<Intake> {
    let detainer = ("basis", "detainer");
    vec![
        intake("2024-12-31", &["hold"], &[detainer]),
        // By law of 2019 whether a hold is forbidden depends on facts that are private here.
        intake(
            "2025-01-01",
            &["hold", "notify"],
            &[detainer, ("eligible_for_release", "true"), ("criminal_warrant", "false")],
        ),
        intake("2025-01-02", &["hold"], &[("form", "i_200")]),
        intake("2025-01-02", &["hold"], &[("form", "i_200")]),
        intake("2025-01-03", &["transfer"], &[detainer, ("judicial_order", "false")]),
        // Since 2019 nobody performs the functions of an immigration officer.
        intake("2025-02-01", &["deputize"], &[]),
        intake("2025-02-02", &["certify"], &[("requester", "hsi")]),
    ]
}

pub fn with_requests() -> House {
    let house = House::new();
    for intake in requests() {
        let drafting = move |desk: &mut Desk<'_>, _: &Store| Ok((desk.take(&intake)?.drafts, ()));
        house.app.recorder.record(drafting).unwrap();
    }
    house
}

/// The rows of the tables of a page: action, outcome, and the three numbers.
pub fn rows(page: &str) -> BTreeMap<(String, String), [u64; 3]> {
    let mut rows = BTreeMap::new();
    for table in page.split("<caption>What ").skip(1) {
        let (action, rest) = table.split_once(" comes to").unwrap();
        let body = rest.split("<tbody role=\"rowgroup\">").nth(1).unwrap();
        let body = body.split("</tbody>").next().unwrap();
        for row in body.split("<tr role=\"row\">").skip(1) {
            let cells: Vec<&str> = row
                .split("data-label=")
                .skip(1)
                .map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap())
                .collect();
            let numbers = [1, 2, 3].map(|at: usize| cells[at].parse().unwrap());
            rows.insert((action.to_owned(), cells[0].to_owned()), numbers);
        }
    }
    rows
}

/// The numbers were worked out by hand from the texts of 2014 and 2019.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_decided_by_another_law() {
    let house = with_requests();
    let size = house.app.read(|store| Ok(store.size())).unwrap();
    let page = house.look(Role::Counsel, "/law/replay?year=2025&day=2015-01-01").await;
    assert_eq!(page.status, 200);
    let found = rows(&page.text);
    let expected = [
        // Of three that ask for a hold one had its facts. In both editions a criminal warrant, of
        // which no public field speaks, permits a hold.
        (("hold", "MUST NOT"), [1, 0, 0]),
        (("hold", "NEED FACTS"), [2, 3, 3]),
        (("notify", "NEED FACTS"), [1, 1, 0]),
        (("notify", "SILENT"), [0, 0, 1]),
        (("transfer", "MUST NOT"), [1, 0, 0]),
        (("transfer", "NEED FACTS"), [0, 1, 0]),
        (("transfer", "SILENT"), [0, 0, 1]),
        (("deputize", "MUST NOT"), [1, 1, 0]),
        // 8 USC 1357(g)(1): with a written agreement, of which nothing is stated.
        (("deputize", "NEED FACTS"), [0, 0, 1]),
        (("certify", "MAY"), [1, 1, 0]),
        (("certify", "SILENT"), [0, 0, 1]),
    ];
    for ((action, outcome), numbers) in expected {
        let key = (action.to_owned(), outcome.to_owned());
        assert_eq!(found.get(&key), Some(&numbers), "{key:?} in {found:?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(page.text.contains("6 requests of 2025 were decided"));
    assert!(page.text.contains("Facts that are not public are treated as not stated"));
    // The picture has a title, a description with every number, and no style of its own.
    let picture = page.text.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(picture.contains("role=\"img\"") && picture.contains("<title id="));
    assert!(picture.contains("deputize: MUST NOT: 1 before, 0 after"), "{picture}");
    assert!(picture.contains("hold: NEED FACTS: 3 before, 3 after"));
    assert!(!picture.contains("hold: MUST NOT"), "it was recorded, and came out under neither law");
    // The longest bar fills its room of 380; a third as many, a third of it.
    assert!(picture.contains("width=\"380\"") && picture.contains("width=\"126\""));
    assert_eq!(house.app.read(|store| Ok(store.size())).unwrap(), size, "nothing is recorded");

    // By the law of the same year nothing changes.
    let same = house.look(Role::Auditor, "/law/replay?year=2025&day=2025-06-01").await.text;
    assert_eq!(same.matches("0 come to another outcome").count(), 5, "{same}");
    let before = house.look(Role::Supervisor, "/law/replay?year=2024&day=2015-01-01").await.text;
    assert!(before.contains("1 request of 2024 was decided"));
    let none = house.look(Role::Supervisor, "/law/replay?year=2020").await.text;
    assert!(none.contains("The register has no request of 2020"));
}

/// The column kernels of the audit room, asked by the command, come to the same numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_agrees_with_that_of_a_table() {
    let house = with_requests();
    let mut table = "actions,basis,form,requester\n".to_owned();
    for intake in requests().iter().filter(|it| it.day.year() == 2025) {
        let said = |name: &str| {
            let found = intake.statements.iter().find(|it| it.fact == name);
            found.map_or_else(String::new, |it| it.value.clone())
        };
        let facts = ["basis", "form", "requester"].map(said).join(",");
        table.push_str(&format!("{},{facts}\n", intake.actions.join(" ")));
    }
    let file = house.folder.path().join("table.csv");
    std::fs::write(&file, table).unwrap();
    let on = |day: &str| {
        let file = file.to_str().unwrap();
        let said = told(&["replay", "--json", "--on", day, file]);
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let outcomes = said["laws"][0]["outcomes"].as_object().unwrap().clone();
        outcomes.into_iter().map(|(key, n)| (key, n.as_u64().unwrap())).collect()
    };
    let [before, after]: [BTreeMap<String, u64>; 2] = ["2025-06-01", "2015-01-01"].map(on);
    let cases = house.app.read(|store| Ok(year::public(store.history(), 2025))).unwrap();
    let day = law::parse_day("2015-01-01").unwrap();
    let replayed = year::replay(house.app.library(), "us-ma-boston-pd", &cases, day).unwrap();
    assert!(replayed.left_out.is_empty());
    let counts = |count: &dyn Fn(&year::Outcomes, Outcome) -> u64| -> BTreeMap<String, u64> {
        let all = replayed.actions.iter().flat_map(|(action, outcomes)| {
            Outcome::ALL.map(|it| (format!("{action} {}", it.word()), count(outcomes, it)))
        });
        all.filter(|(_, n)| *n > 0).collect()
    };
    assert_eq!(counts(&|outcomes, outcome| outcomes.before(outcome)), before);
    assert_eq!(counts(&|outcomes, outcome| outcomes.after(outcome)), after);
}

/// What an entry says may contradict itself after a correction; the others are decided.
#[test]
fn what_contradicts_itself_is_set_apart() {
    let library = texts::library(None, Some("us-ma-boston-pd")).unwrap();
    let case = |entry, day: &str, facts: &[(&str, &str)]| year::Case {
        entry,
        day: law::parse_day(day).unwrap(),
        actions: vec!["hold".to_owned()],
        facts: facts.iter().map(|(f, v)| Statement::new(f, v, Source::Document)).collect(),
        recorded: BTreeMap::new(),
    };
    let cases = [
        case(1, "2025-01-01", &[("basis", "detainer")]),
        case(2, "2025-01-01", &[("basis", "judicial_warrant"), ("form", "i_200")]),
        case(3, "2025-01-01", &[("basis", "parchment")]),
        case(4, "2014-08-19", &[("basis", "detainer")]),
    ];
    let day = law::parse_day("2025-01-01").unwrap();
    let replayed = year::replay(&library, "us-ma-boston-pd", &cases, day).unwrap();
    assert_eq!(replayed.requests, 1);
    let left: Vec<(u64, bool)> = replayed
        .left_out
        .iter()
        .map(|(entry, why)| {
            let word = ["contradictory", "parchment", "2014-08-19"][*entry as usize - 2];
            (*entry, why.contains(word))
        })
        .collect();
    assert_eq!(left, [(2, true), (3, true), (4, true)], "{:?}", replayed.left_out);
}
