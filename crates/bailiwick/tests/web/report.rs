//! Report: what is counted, what is missing, and publishing by two people. The register is written
//! entry by entry here, and everything about it was counted by hand.

use std::collections::BTreeMap;

use bailiwick::desk::draft;
use bailiwick::missing::{Missing, missing};
use bailiwick::store::{Draft, Store};
use bailiwick::web::{Role, Roles};
use bailiwick::{publish, texts};
use jiff::civil::{Date, date};
use register::entry::{Correction, Decision, Done, Nil, Pack, Public, Request, What};
use register::history::effective;
use register::seal;

use super::house::House;

const REPORT: &str = "report=boston-trust-act/yearly";

fn request(channel: &str, day: &str, actions: &[&str], basis: &str) -> Public {
    Public::Request(Request {
        channel: channel.to_owned(),
        seq: 0,
        day: day.to_owned(),
        actions: actions.iter().map(|it| (*it).to_owned()).collect(),
        basis: basis.to_owned(),
        form: None,
        reasons: vec!["statements".to_owned()],
        station: None,
        requester: None,
    })
}

fn decision(refers: u64, action: &str, outcome: &str) -> Public {
    Public::Decision(Decision {
        refers,
        action: action.to_owned(),
        outcome: outcome.to_owned(),
        grounds: Vec::new(),
        grade: None,
        pack: "a".repeat(64),
        on: "2025-02-20".to_owned(),
    })
}

fn done(refers: u64, what: What, day: &str) -> Public {
    let day = day.to_owned();
    Public::Done(Done { refers, what, day, basis: None, action: None, cents: None })
}

fn nil(channel: &str, day: &str) -> Public {
    Public::Nil(Nil { channel: channel.to_owned(), day: day.to_owned() })
}

fn void(refers: u64) -> Public {
    Public::Correction(Correction { refers, set: BTreeMap::new(), void: true })
}

/// Twenty-one entries, those of 2024 after those of 2025.
pub fn book() -> Vec<Public> {
    let (agency, digest) = ("us-ma-boston-pd".to_owned(), "a".repeat(64));
    vec![
        Public::Pack(Pack { agency, digest, day: "2025-02-20".to_owned() }),
        // 1: one of its two actions needs facts; declined.
        request("desk", "2025-02-20", &["hold", "notify"], "detainer"),
        decision(1, "hold", "must_not"),
        decision(1, "notify", "need_facts"),
        done(1, What::Declined, "2025-02-21"),
        // 5: needed facts, and does not any more; its deed is void.
        request("fax", "2025-02-22", &["hold"], "detainer"),
        decision(5, "hold", "need_facts"),
        decision(5, "hold", "must_not"),
        // 8: nothing at all upon it.
        request("desk", "2025-02-25", &["transfer"], "court_order"),
        // 9: void, and so it lacks nothing.
        request("desk", "2025-02-27", &["hold"], "detainer"),
        void(9),
        nil("fax", "2025-02-24"),
        // 12: a nil return that does not count.
        nil("desk", "2025-02-26"),
        void(12),
        done(5, What::Declined, "2025-02-23"),
        void(14),
        // 16: of the year before, done in this year.
        request("fax", "2024-12-31", &["hold"], "detainer"),
        decision(16, "hold", "must_not"),
        done(16, What::Held, "2025-01-01"),
        nil("desk", "2024-12-31"),
        nil("desk", "2024-12-29"),
    ]
}

pub fn with(book: Vec<Public>) -> House {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::init(&folder.path().join("register"), House::settings()).unwrap();
    let drafts: Vec<Draft> = book.into_iter().map(|it| draft(it, seal::nothing())).collect();
    store.append(drafts).unwrap();
    House::on(store, folder)
}

/// The same entries, numbered as the register does it.
fn entries(book: Vec<Public>) -> Vec<register::history::Effective> {
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let numbered = book.into_iter().map(|mut public| {
        if let Public::Request(request) = &mut public {
            let seq = numbers.entry(request.channel.clone()).or_default();
            *seq += 1;
            request.seq = *seq;
        }
        public
    });
    effective(&(0..).zip(numbered).collect::<Vec<_>>()).unwrap()
}

fn found(book: Vec<Public>, period: &str, today: Date) -> Missing {
    let library = texts::library(None, Some("us-ma-boston-pd")).unwrap();
    let ordered = publish::ordered(&library, "us-ma-boston-pd", None, date(2025, 12, 31)).unwrap();
    let channels = ["desk", "fax"];
    let period = period.parse().unwrap();
    missing(&entries(book), channels, &ordered.definition, period, today)
}

/// Days of February and March, counted on a calendar.
#[test]
fn what_is_missing_is_what_a_person_counts() {
    let february = |day| date(2025, 2, day);
    let march = |day| date(2025, 3, day);
    // Without the entries of 2024 the register begins on 20 February.
    let mut of_2025 = book();
    of_2025.truncate(16);
    let all = Missing {
        facts: vec![1],
        undecided: vec![8],
        deeds: vec![5, 8],
        silent: vec![
            ("desk".to_owned(), vec![(february(21), february(24)), (february(26), march(2))]),
            (
                "fax".to_owned(),
                vec![
                    (february(20), february(21)),
                    (february(23), february(23)),
                    (february(25), march(2)),
                ],
            ),
        ],
        since: Some(february(20)),
        filled_in: Vec::new(),
    };
    // Today is not over, so nobody has to have said anything of it.
    assert_eq!(found(of_2025.clone(), "2025", march(3)), all);
    let silent = |today| found(of_2025.clone(), "2025", today).silent;
    assert_eq!(silent(february(20)), []);
    assert_eq!(silent(february(21)), [("fax".to_owned(), vec![(february(20), february(20))])]);

    // An entry of 2024 says that the register knows of all days since.
    let whole = found(book(), "2025", march(3));
    assert_eq!((whole.since, whole.facts, whole.deeds), (None, vec![1], vec![5, 8]));
    assert_eq!(whole.silent[0].1[0], (date(2025, 1, 1), february(19)));
    let before = found(book(), "2024", march(3));
    assert_eq!(before.since, Some(date(2024, 12, 29)));
    assert_eq!((before.facts, before.undecided, before.deeds), (vec![], vec![], vec![]));
    let day = |day| (date(2024, 12, day), date(2024, 12, day));
    assert_eq!(
        before.silent,
        [
            ("desk".to_owned(), vec![day(30)]),
            ("fax".to_owned(), vec![(date(2024, 12, 29), date(2024, 12, 30))]),
        ]
    );
    // A register without entries has said nothing of any day.
    let empty = found(Vec::new(), "2025", date(2025, 1, 4));
    assert_eq!(empty.silent[0], ("desk".to_owned(), vec![(date(2025, 1, 1), date(2025, 1, 3))]));
    assert_eq!(bailiwick::missing::length(&(february(26), march(2))), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_so_far_and_what_is_missing() {
    let house = with(book());
    let page = house.look(Role::Clerk, "/report").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = &page.text;
    for said in [
        "Yearly report under the Boston Trust Act",
        "31 December 2025",
        "The period is not over: what comes in until 31 December 2025",
        "the first 21 entries",
        "City Clerk",
        "Requests for whose decision facts are missing: 1",
        "on which no decision is recorded: 1",
        "recorded as done or declined: 2",
        "The desk: 59 days without a request or a nil return",
        "26 February 2025 to 2 March 2025",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let part = text.split("id=\"missing\"").nth(1).unwrap().split("</ul>").next().unwrap();
    for entry in [1, 5, 8] {
        assert!(part.contains(&format!("href=\"/register/{entry}\"")), "{entry}: {part}");
    }
    // Two detainers of 2025 count, one box ticked on each; one person was held in 2025.
    let cell = |label: &str| {
        let row = text.split(&format!(">{label}</th><td")).nth(1);
        let row = row.unwrap_or_else(|| panic!("{label}: {text}"));
        row.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
    };
    assert_eq!(cell("Statements to an immigration officer or other reliable evidence"), "2");
    assert!(text.contains("People held under the provision on detainers"));
    let none = house.look(Role::Clerk, &format!("/report?{REPORT}&period=2023")).await.text;
    assert!(none.contains("There is nothing to count, and a report that says so is owed."));
    assert!(none.contains("31 December 2023 (that day is past)"), "{none}");
    assert!(!text.contains("Propose this report"), "a clerk proposes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_counted_is_said_with_what_was_written() {
    let house = with(book());
    for (query, why) in [
        ("period=2026", "2026 has not begun"),
        ("period=2025-03", "is a month, and this report is for each calendar year"),
        ("period=soon", "`soon` is no period"),
        ("period=2013", "2014-08-20"),
        ("period=2018", "no coded report"),
        ("report=nothing&period=2025", "no report `nothing`"),
        ("period=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "alert(1)"),
        ("report=%3Cscript%3Ealert(1)%3C%2Fscript%3E&period=2025", "alert(1)"),
    ] {
        let page = house.look(Role::Auditor, &format!("/report?{query}")).await;
        assert_eq!(page.status, 422, "{query}");
        assert!(page.text.contains("role=\"alert\"") && page.text.contains(why), "{query}");
        assert!(super::law::escaped(&page.text), "{query}");
    }
    let kept = house.look(Role::Auditor, "/report?period=soon").await.text;
    assert!(kept.contains("aria-describedby=\"period-hint\" value=\"soon\""));
    let fields = [("report", "<script>alert(1)</script>"), ("period", "<script>alert(1)</script>")];
    let page = house.send(Role::Publisher, "/report/propose", &fields).await;
    assert!(page.status == 422 && super::law::escaped(&page.text), "{}", page.text);
    assert_eq!(house.send(Role::Publisher, "/report/propose", &[]).await.status, 422);
    let path = "/report/preview/report.csv?period=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let page = house.look(Role::Publisher, path).await;
    assert!(page.status == 422 && super::law::escaped(&page.text), "{}", page.text);
    // The form takes no files.
    let files: [(&str, &str, &[u8]); 1] = [("file", "x", b"x")];
    let page = house.send_files(Role::Publisher, "/report/propose", &fields, &files).await;
    assert!(page.status == 422 && page.text.contains("no form of ours"));
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_are_the_files_that_would_be_published() {
    let house = with(book());
    let library = texts::library(None, Some("us-ma-boston-pd")).unwrap();
    let ordered = publish::ordered(&library, "us-ma-boston-pd", None, date(2025, 12, 31)).unwrap();
    let period = "2025".parse().unwrap();
    let report = house.app.read(|store| publish::count(store, &ordered, period)).unwrap();
    for (name, text) in publish::files(&report).unwrap() {
        let path = format!("/report/preview/{name}?{REPORT}&period=2025");
        let page = house.look(Role::Counsel, &path).await;
        assert_eq!((page.status, page.text), (200, text), "{name}");
        let kept = page.headers["content-disposition"].to_str().unwrap();
        assert_eq!(kept, format!("attachment; filename=\"preview-2025-{name}\""));
    }
    for path in ["nothing", "..%2F..%2Fsigning.key", "report.html.part"] {
        let page = house.look(Role::Counsel, &format!("/report/preview/{path}")).await;
        assert_eq!(page.status, 404, "{path}");
    }
}

fn size(house: &House) -> u64 {
    house.app.read(|store| Ok(store.size())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_publish_and_one_alone_does_not() {
    let house = with(book());
    let fields = [("report", "boston-trust-act/yearly"), ("period", "2024")];
    let page = house.send(Role::Publisher, "/report/propose", &fields).await;
    let to = "/report?report=boston-trust-act%2Fyearly&period=2024&said=proposed";
    assert_eq!(page.to.as_deref(), Some(to), "{}", page.text);
    assert_eq!(size(&house), 21, "a proposal is no entry");

    // Who proposed it sees no button and gets nowhere without one.
    let own = house.look(Role::Publisher, to).await.text;
    assert!(own.contains("Proposed. Another person has to approve it."));
    assert!(!own.contains("/report/1/approve") && own.contains("/report/1/withdraw"));
    let refused = house.send(Role::Publisher, "/report/1/approve", &[]).await;
    assert!(refused.status == 422 && refused.text.contains("another person has to"));
    // Nor do others who may only look.
    let clerk = house.look(Role::Clerk, to).await.text;
    assert!(!clerk.contains("/report/1/approve") && !clerk.contains("/report/1/withdraw"));
    assert_eq!(size(&house), 21);

    let seen = house.look(Role::Supervisor, "/report").await.text;
    assert!(seen.contains("/report/1/approve") && seen.contains("publisher, 2025-03-03 12:00"));
    let page = house.send(Role::Supervisor, "/report/1/approve", &[]).await;
    assert!(page.to.unwrap().ends_with("&said=published"), "{}", page.text);
    assert_eq!(size(&house), 22);
    let private = house.app.read(|store| Ok(store.private(21)?)).unwrap().unwrap();
    assert_eq!(private["by"], "proposed by publisher, approved by supervisor");
    let public = house.app.read(|store| Ok((store.public_dir(), store.vkey()))).unwrap();
    assert_eq!(publish::check(&public.0, &public.1).unwrap().reports, ["2024"]);
    // A proposal is approved once.
    assert_eq!(house.send(Role::Supervisor, "/report/1/approve", &[]).await.status, 404);
    let page = house.look(Role::Clerk, &format!("/report?{REPORT}&period=2024")).await.text;
    assert!(page.contains("Entry 21</a>") && !page.contains("Waiting for a second person"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_since_is_said_and_not_published() {
    let house = with(book());
    let fields = [("report", "boston-trust-act/yearly"), ("period", "2025")];
    house.send(Role::Publisher, "/report/propose", &fields).await;
    // Another nil return changes one number beside the law's; another detainer changes the law's.
    let record = |public: Public| {
        let draft = draft(public, seal::nothing());
        house.app.recorder.alone(|store| Ok(store.append(vec![draft])?)).unwrap();
    };
    record(nil("fax", "2025-03-01"));
    record(request("fax", "2025-03-02", &["hold"], "detainer"));
    let before = size(&house);
    let page = house.send(Role::Supervisor, "/report/1/approve", &[]).await;
    assert_eq!((page.status, size(&house)), (422, before));
    let told = page.text.split("role=\"alert\"").nth(1).unwrap().split("</div>").next().unwrap();
    for said in [
        "propose them anew",
        "Recorded since: nil 1, request 1.",
        "Nil returns, The fax, Nil returns: 1 then, 2 now.",
        "Requests by month, March, Requests: 0 then, 1 now.",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    // Proposed anew it has another number; the old one leads nowhere.
    let again = house.send(Role::Publisher, "/report/propose", &fields).await;
    assert_eq!(again.status, 303);
    assert_eq!(house.send(Role::Supervisor, "/report/1/approve", &[]).await.status, 404);
    let waits = house.look(Role::Supervisor, "/report").await.text;
    assert!(waits.contains("2025 (not over)") && waits.contains("23 entries"), "{waits}");
    // An entry that no number counts does not stand in the way, such as that somebody looked.
    record(Public::Seed(register::entry::Seed { bits: "0".repeat(32) }));
    assert_eq!(house.send(Role::Supervisor, "/report/2/approve", &[]).await.status, 303);
    assert_eq!(house.send(Role::Supervisor, "/report/2/approve", &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_withdrawn_and_numbers_are_not_given_twice() {
    let house = with(book());
    let fields = [("report", "boston-trust-act/yearly"), ("period", "2024")];
    house.send(Role::Publisher, "/report/propose", &fields).await;
    let page = house.send(Role::Publisher, "/report/1/withdraw", &[]).await;
    assert!(page.to.unwrap().ends_with("&said=withdrawn"));
    for action in ["approve", "withdraw"] {
        let page = house.send(Role::Supervisor, &format!("/report/1/{action}"), &[]).await;
        assert_eq!(page.status, 404, "{action}");
    }
    house.send(Role::Publisher, "/report/propose", &fields).await;
    let all = house.app.database.proposals().unwrap();
    assert_eq!((all.len(), all[0].id, all[0].login.as_str()), (1, 2, "publisher"));
    assert_eq!(all[0].counted_at, 21);
    assert_eq!(size(&house), 21);
}

/// The roles are not what keeps them apart: one person with both cannot do both.
#[tokio::test(flavor = "multi_thread")]
async fn one_person_with_both_roles_is_one_person() {
    let house = with(book());
    let publisher = house.app.people.all().unwrap();
    let publisher = publisher.iter().find(|it| it.login == "publisher").unwrap();
    let both = Roles::of(&[Role::Publisher, Role::Supervisor]);
    house.app.people.set_roles(publisher.id, both).unwrap();
    let fields = [("report", "boston-trust-act/yearly"), ("period", "2024")];
    house.send(Role::Publisher, "/report/propose", &fields).await;
    assert_eq!(house.send(Role::Publisher, "/report/1/approve", &[]).await.status, 422);
    assert_eq!(size(&house), 21);
}

/// Illinois certifies that there was nothing, and only when the year is over: the command's rule.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_certified_waits_for_the_end_of_the_period() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = House::settings();
    settings.agency = "us-il-county-sheriff".to_owned();
    let mut store = Store::init(&folder.path().join("register"), settings).unwrap();
    let pack = Public::Pack(Pack {
        agency: "us-il-county-sheriff".to_owned(),
        digest: "a".repeat(64),
        day: "2024-01-01".to_owned(),
    });
    store.append(vec![draft(pack, seal::nothing())]).unwrap();
    let house = House::on(store, folder);
    let orders = house.look(Role::Publisher, "/report").await;
    assert!(orders.text.contains("that has to be certified"), "{}", orders.text);
    let report = orders.text.split("<option value=\"").nth(1).unwrap();
    let report = report.split('"').next().unwrap();
    let propose = |period| [("report", report), ("period", period)];
    let page = house.send(Role::Publisher, "/report/propose", &propose("2025")).await;
    assert!(page.status == 422 && page.text.contains("can be certified after 2025-12-31"));
    let page = house.send(Role::Publisher, "/report/propose", &propose("2024")).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// Which twelve months New York's law means was not found; its quarters are those of the calendar.
#[tokio::test(flavor = "multi_thread")]
async fn several_reports_are_chosen_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = House::settings();
    settings.agency = "us-ny-nyc-doc".to_owned();
    let store = Store::init(&folder.path().join("register"), settings).unwrap();
    let house = House::on(store, folder);
    let page = house.look(Role::Counsel, "/report?report=nyc-9-131%2Fyearly").await;
    assert!(page.status == 200 && page.text.contains("Which twelve months the law means"));
    let twelve = "/report?report=nyc-9-131%2Fyearly&period=2023-10--2024-09";
    let page = house.look(Role::Counsel, twelve).await.text;
    assert!(page.contains("1 October 2023 to 30 September 2024"), "{page}");
    let page = house.look(Role::Counsel, "/report?report=nyc-10-178%2Fquarterly").await.text;
    assert!(page.contains("<h2>2025-Q1</h2>") && page.contains("1 January to 31 March 2025"));
    let page = house.look(Role::Counsel, "/report?report=nyc-10-178%2Fquarterly&period=2025").await;
    assert!(page.status == 422 && page.text.contains("this report is for each quarter"));
    // An agency whose law orders no report that is coded.
    let folder = tempfile::tempdir().unwrap();
    let mut settings = House::settings();
    settings.agency = "us-wa-seattle-pd".to_owned();
    let store = Store::init(&folder.path().join("register"), settings).unwrap();
    let page = House::on(store, folder).look(Role::Counsel, "/report").await;
    assert!(page.status == 200 && page.text.contains("has no coded report"), "{}", page.text);
}

/// Oregon asks for no report of a month without requests; to publish one all the same is a choice.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_owed_is_published_only_if_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = House::settings();
    settings.agency = "us-or-portland-pb".to_owned();
    let store = Store::init(&folder.path().join("register"), settings).unwrap();
    let house = House::on(store, folder);
    let page = house.look(Role::Publisher, "/report").await.text;
    assert!(page.contains("then the law asks for no report") && page.contains("name=\"nil\""));
    let fields = [("report", "or-181a/monthly"), ("period", "2025-02")];
    let page = house.send(Role::Publisher, "/report/propose", &fields).await;
    assert!(page.status == 422 && page.text.contains("tick the box"), "{}", page.text);
    let fields = [fields[0], fields[1], ("nil", "yes")];
    assert_eq!(house.send(Role::Publisher, "/report/propose", &fields).await.status, 303);
}
