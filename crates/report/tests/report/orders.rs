//! Every kind of period, count and breakdown that a law can order, on a register small enough to
//! count by hand.

use law::report::{Definition, Feature, Item, Measure, Nil, Stretch, Which};
use register::entry::What;
use report::{Error, Report, count, recount};

use crate::fixture::{Book, item};
use crate::small::numbers;

/// | index | entry |
/// |---|---|
/// | 0 | pack of 2023 |
/// | 1, 2 | 29 February 2024, ero, hold, detainer; declined on 1 March |
/// | 3, 4, 5 | 31 March, hsi, transfer, Form I-247X; may by a-1; handed over on 1 April |
/// | 6, 7, 8 | 1 April, cbp, share, a court's subpoena; may by s; information given on 30 June |
/// | 9, 10, 11 | 30 June, ero, transfer, detainer; may by a-1 and a-4; handed over on 31 December |
/// | 12, 13 | 1 July, nobody named, notify and transfer, Form I-200; transfer must not by x |
/// | 14, 15 | upon 12: handed over on 1 July, told of a release on 2 July |
/// | 16, 17 | 31 December, ero, transfer, a court's subpoena; handed over on 1 January 2025 |
/// | 18 | 1 January 2025, ero, join, no paper |
/// | 19, 20 | 2 July 2024, ero, hold, detainer; voided |
fn book() -> Book {
    let mut book = Book::default();
    book.pack('a', "2023-01-01");
    let lent = book.asked("2024-02-29", &["hold"], "detainer", Some("i_247a"), Some("ero"));
    book.done(lent, What::Declined, "2024-03-01");
    let march = book.asked("2024-03-31", &["transfer"], "none", Some("i_247x"), Some("hsi"));
    book.decided(march, "transfer", "may", &["v/a-1"]);
    book.done(march, What::Transferred, "2024-04-01");
    let april = book.asked("2024-04-01", &["share"], "judicial_subpoena", None, Some("cbp"));
    book.decided(april, "share", "may", &["v/s"]);
    book.done(april, What::Shared, "2024-06-30");
    let june = book.asked("2024-06-30", &["transfer"], "detainer", Some("i_247a"), Some("ero"));
    book.decided(june, "transfer", "may", &["v/a-1", "v/a-4"]);
    book.done(june, What::Transferred, "2024-12-31");
    let asked = ["notify", "transfer"];
    let july = book.asked("2024-07-01", &asked, "administrative_warrant", Some("i_200"), None);
    book.decided(july, "transfer", "must_not", &["v/x"]);
    book.done(july, What::Transferred, "2024-07-01");
    book.done(july, What::Notified, "2024-07-02");
    let last = book.asked("2024-12-31", &["transfer"], "judicial_subpoena", None, Some("ero"));
    book.done(last, What::Transferred, "2025-01-01");
    book.asked("2025-01-01", &["join"], "none", None, Some("ero"));
    let wrong = book.asked("2024-07-02", &["hold"], "detainer", None, Some("ero"));
    book.void(wrong);
    book
}

/// The definition of a report on these items, for the kind of period that is asked.
fn ordered(period: Stretch, items: Vec<Item>) -> Definition {
    let mut definition = book().about().definition;
    (definition.period, definition.items) = (period.period(), items);
    definition
}

fn counted(period: &str, items: Vec<Item>) -> Report {
    let period = period.parse().unwrap();
    reported(period, ordered(period, items))
}

/// The report, counted twice and again from its data file.
fn reported(period: Stretch, definition: Definition) -> Report {
    let book = book();
    let mut about = book.about();
    (about.period, about.definition) = (period, definition);
    for (ground, cite) in [("v/a-1", "Code (a)(1)"), ("v/a-4", "Code (a)(4)")] {
        about.labels.insert(format!("ground={ground}"), cite.into());
    }
    about.labels.insert("basis=none".into(), "no paper".into());
    let [one, two] = [0, 1].map(|_| count(&about, &book.entries).unwrap());
    assert_eq!(one.json(), two.json());
    assert_eq!((one.html(), one.markdown(), one.csv()), (two.html(), two.markdown(), two.csv()));
    let again = recount(one.json().unwrap().as_bytes(), &book.entries).unwrap();
    assert_eq!(again, one);
    one
}

fn by(measure: Measure, feature: Feature) -> Vec<Item> {
    vec![item("x", "X", measure, Some(feature))]
}

fn which(pairs: &[(Feature, &[&str])]) -> Which {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    pairs.iter().map(|(feature, of)| (*feature, words(of))).collect()
}

/// Requests by the day they were received, hand-overs by the day they were done: the first and
/// the last day of each period are in it, the days beside them are not.
#[test]
fn each_period_has_what_came_between_its_edges() {
    for (period, requests, transfers) in [
        ("2024-01", vec![], vec![]),
        ("2024-02", vec![1], vec![]),
        ("2024-03", vec![3], vec![]),
        ("2024-04", vec![6], vec![5]),
        ("2024-06", vec![9], vec![]),
        ("2024-07", vec![12], vec![14]),
        ("2024-12", vec![16], vec![11]),
        ("2025-01", vec![18], vec![17]),
        ("2024-Q1", vec![1, 3], vec![]),
        ("2024-Q2", vec![6, 9], vec![5]),
        ("2024-Q3", vec![12], vec![14]),
        ("2024-Q4", vec![16], vec![11]),
        ("2024-H1", vec![1, 3, 6, 9], vec![5]),
        ("2024-H2", vec![12, 16], vec![11, 14]),
        ("2024", vec![1, 3, 6, 9, 12, 16], vec![5, 11, 14]),
        ("2025", vec![18], vec![17]),
        ("2023-03--2024-02", vec![1], vec![]),
        ("2024-03--2025-02", vec![3, 6, 9, 12, 16, 18], vec![5, 11, 14, 17]),
    ] {
        let items = vec![
            item("all", "Requests", Measure::Requests, None),
            item("over", "Handed over", Measure::Transferred, None),
        ];
        let report = counted(period, items);
        for (table, entries) in [("all", &requests), ("over", &transfers), ("by_month", &requests)]
        {
            let table = report.table(table).unwrap();
            let Some(report::Cell::Count(total)) = table.cell("total", "n") else { panic!() };
            assert_eq!((total.n, &total.entries), (entries.len() as u64, entries), "{period}");
        }
        assert_eq!(report.is_nil(), requests.is_empty() && transfers.is_empty(), "{period}");
        let months = report.table("by_month").unwrap().rows.len();
        assert_eq!(months, report.about.period.months().count(), "{period}");
    }
}

#[test]
fn requests_are_broken_down_by_whatever_is_known_of_them() {
    let month = |number: u8, n: u8, entry: u64| format!("{number:02} n {n} [{entry}]");
    for (feature, expected) in [
        (
            Feature::Requester,
            vec!["cbp n 1 [6]", "ero n 3 [1, 9, 16]", "hsi n 1 [3]", "not_stated n 1 [12]"],
        ),
        (
            Feature::Action,
            vec!["hold n 1 [1]", "notify n 1 [12]", "share n 1 [6]", "transfer n 4 [3, 9, 12, 16]"],
        ),
        (
            Feature::Basis,
            vec![
                "administrative_warrant n 1 [12]",
                "detainer n 2 [1, 9]",
                "judicial_subpoena n 2 [6, 16]",
                "none n 1 [3]",
            ],
        ),
        (
            Feature::Form,
            vec!["i_200 n 1 [12]", "i_247a n 2 [1, 9]", "i_247x n 1 [3]", "not_stated n 2 [6, 16]"],
        ),
        (Feature::Answer, vec!["declined n 1 [1]", "honoured n 5 [3, 6, 9, 12, 16]"]),
        (
            Feature::Outcome,
            vec![
                "may n 3 [3, 4, 6, 7, 9, 10]",
                "must_not n 1 [12, 13]",
                "undecided n 3 [1, 12, 16]",
            ],
        ),
        (
            Feature::Ground,
            vec![
                "none n 2 [1, 16]",
                "v/a-1 n 2 [3, 4, 9, 10]",
                "v/a-4 n 1 [9, 10]",
                "v/s n 1 [6, 7]",
                "v/x n 1 [12, 13]",
            ],
        ),
        (Feature::Reason, vec!["none n 6 [1, 3, 6, 9, 12, 16]"]),
    ] {
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.push("total n 6 [1, 3, 6, 9, 12, 16]".to_owned());
        assert_eq!(numbers(&counted("2024", by(Measure::Requests, feature)), "x"), expected);
    }
    let half = counted("2024-H2", by(Measure::Requests, Feature::Month));
    assert_eq!(
        numbers(&half, "x"),
        [month(7, 1, 12), month(12, 1, 16), "total n 2 [12, 16]".to_owned()]
    );
    let ids = |report: &Report| -> Vec<String> {
        report.table("x").unwrap().rows.iter().map(|row| row.id.clone()).collect()
    };
    assert_eq!(ids(&half), ["07", "08", "09", "10", "11", "12"], "months without any are rows");
    let twelve = counted("2023-11--2024-10", by(Measure::Requests, Feature::Month));
    assert_eq!(ids(&twelve)[..3], ["11", "12", "01"], "in their order");
}

#[test]
fn deeds_are_broken_down_by_their_own_day_paper_and_permission() {
    let over = |period, feature| numbers(&counted(period, by(Measure::Transferred, feature)), "x");
    assert_eq!(
        over("2024", Feature::Ground),
        [
            "outcome=must_not n 1 [13, 14]",
            "v/a-1 n 2 [4, 5, 10, 11]",
            "v/a-4 n 1 [10, 11]",
            "total n 3 [5, 11, 14]"
        ]
    );
    assert_eq!(over("2025-01", Feature::Ground), ["undecided n 1 [17]", "total n 1 [17]"]);
    assert_eq!(
        over("2024-H2", Feature::Month),
        ["07 n 1 [14]", "12 n 1 [11]", "total n 2 [11, 14]"]
    );
    assert_eq!(over("2025", Feature::Requester), ["ero n 1 [17]", "total n 1 [17]"]);
    assert_eq!(over("2025", Feature::Basis), ["not_stated n 1 [17]", "total n 1 [17]"]);
    let labels = counted("2024", by(Measure::Transferred, Feature::Ground));
    let labels: Vec<String> =
        labels.table("x").unwrap().rows.iter().map(|row| row.label.clone()).collect();
    assert_eq!(labels, ["the last decision on it is “must not”", "Code (a)(1)", "Code (a)(4)"],);
    for (measure, entry) in [(Measure::Notified, 15), (Measure::Shared, 8), (Measure::Declined, 2)]
    {
        let report = counted("2024", vec![item("x", "X", measure, None)]);
        assert_eq!(numbers(&report, "x"), [format!("total n 1 [{entry}]")], "{measure:?}");
    }
    for measure in [Measure::Held, Measure::Released] {
        let report = counted("2024", vec![item("x", "X", measure, None)]);
        assert_eq!(numbers(&report, "x"), Vec::<String>::new(), "{measure:?}");
    }
}

#[test]
fn an_item_counts_only_those_it_names() {
    let detainer = || which(&[(Feature::Basis, &["detainer"])]);
    let x = || which(&[(Feature::Form, &["i_247x"])]);
    let permitted =
        || which(&[(Feature::Basis, &["judicial_subpoena"]), (Feature::Outcome, &["may", "must"])]);
    let notify = || which(&[(Feature::Action, &["notify"])]);
    for (of, but, expected) in [
        (vec![detainer()], vec![], "[1, 9]"),
        (vec![detainer(), x()], vec![], "[1, 3, 9]"),
        (vec![], vec![detainer(), x()], "[6, 12, 16]"),
        // A subpoena that permits all that is asked is left out; one not decided on is not.
        (vec![], vec![permitted()], "[1, 3, 9, 12, 16]"),
        (vec![notify()], vec![], "[12]"),
        // It asks for more than to be told, so it is not left out.
        (vec![], vec![notify()], "[1, 3, 6, 9, 12, 16]"),
        (vec![which(&[(Feature::Requester, &["not_stated", "hsi"])])], vec![], "[3, 12]"),
        (
            vec![which(&[(Feature::Requester, &["ero"]), (Feature::Answer, &["declined"])])],
            vec![],
            "[1]",
        ),
        (vec![which(&[(Feature::Answer, &["open"])])], vec![], ""),
    ] {
        let one = Item { of, but, ..item("x", "X", Measure::Requests, None) };
        let numbers = numbers(&counted("2024", vec![one.clone()]), "x").concat();
        assert!(numbers.ends_with(expected), "{one:?}: {numbers}");
    }
    let over = Item { of: vec![detainer()], ..item("x", "X", Measure::Transferred, None) };
    assert_eq!(numbers(&counted("2024", vec![over]), "x"), ["total n 1 [11]"]);
}

#[test]
fn a_list_tells_what_is_known_and_leaves_room_for_what_is_not() {
    let list = Item {
        of: vec![which(&[(Feature::Action, &["transfer"])])],
        show: vec![
            Feature::Day,
            Feature::Requester,
            Feature::Action,
            Feature::Basis,
            Feature::Outcome,
            Feature::Done,
            Feature::Answer,
        ],
        fill: vec!["Hour of the hand-over".into()],
        ..item("x", "List", Measure::Requests, Some(Feature::Case))
    };
    let report = counted("2024-H2", vec![list]);
    let markdown = report.markdown();
    for line in [
        "| Case | Requests | Received | Asked by | Asked | Paper relied on | What the law says | \
         What was done | What became of it | Hour of the hand-over |",
        "| fax-a, number 5, received 2024-07-01 | 1 | 2024-07-01 | not stated | \
         notify; transfer | administrative warrant | notify: not decided; transfer: must not | \
         person handed over, 2024-07-01; release date told, 2024-07-02 | \
         honoured, wholly or in part | to be filled in |",
        "| fax-a, number 6, received 2024-12-31 | 1 | 2024-12-31 | ero | transfer | \
         judicial subpoena | transfer: not decided | person handed over, 2025-01-01 | \
         honoured, wholly or in part | to be filled in |",
        "| Total | 2 | – | – | – | – | – | – | – | – |",
    ] {
        assert!(markdown.contains(line), "{line}\n{markdown}");
    }
    // What a row tells comes from these entries.
    assert_eq!(
        numbers(&report, "x"),
        ["entry-12 n 1 [12, 13, 14, 15]", "entry-16 n 1 [16, 17]", "total n 2 [12, 16]"]
    );
    let csv = report.csv();
    assert!(csv.contains("x,entry-12,done,\"person handed over, 2024-07-01; release"), "{csv}");
    assert!(csv.contains("x,entry-16,fill_1,to be filled in,\n"));
    assert!(report.html().unwrap().contains("<td>to be filled in</td>"));
}

#[test]
fn what_the_register_does_not_know_is_said_to_be_filled_in() {
    let unknown = item("calls", "Calls", Measure::FilledIn, None);
    let some = Item {
        fill: vec!["the offence".into()],
        ..item("x", "X", Measure::Transferred, Some(Feature::Ground))
    };
    let says = "To be filled in by the agency, since the register does not know it: the offence.";
    let report = counted("2024", vec![unknown.clone(), some.clone()]);
    let markdown = report.markdown();
    assert!(markdown.contains("| Total | to be filled in |"), "{markdown}");
    assert!(markdown.contains("| Calls | to be filled in |"), "at a glance: {markdown}");
    assert!(markdown.contains(says), "{markdown}");
    let none = counted("2024-01", vec![unknown, some]).markdown();
    assert!(!none.contains(says), "there is no offence to fill in");
    assert!(none.contains("What is to be filled in is not counted here."), "{none}");
}

/// January 2024 has nothing; February one request and no hand-over.
#[test]
fn a_period_without_any_says_what_the_law_wants_then() {
    let certified = |mut it: Item, says: &str| {
        it.certify = Some(says.into());
        it
    };
    let items = |certify: bool| {
        let all = item("all", "Requests", Measure::Requests, None);
        let over = item("over", "Handed over", Measure::Transferred, None);
        if certify {
            vec![certified(all, "it received none"), certified(over, "it handed nobody over")]
        } else {
            vec![all, over]
        }
    };
    let report = |period: &str, nil: Option<Nil>| {
        let period = period.parse().unwrap();
        let items = items(nil == Some(Nil::Certified));
        reported(period, Definition { nil, ..ordered(period, items) })
    };
    for (nil, says) in [
        (Some(Nil::Owed), "This is a nil return: there is nothing to count in the period. No"),
        (Some(Nil::Certified), "It is certified below. No request was received by any channel."),
        (Some(Nil::NotOwed), "the law asks for no report then: nothing is owed."),
        (None, "Whether a report is owed all the same is not coded"),
    ] {
        let none = report("2024-01", nil);
        assert!(none.is_nil());
        for text in [none.markdown(), none.html().unwrap()] {
            assert!(text.contains(says), "{nil:?}: {text}");
            let signed = text.contains("Signature");
            assert_eq!(signed, nil == Some(Nil::Certified), "{nil:?}");
        }
        let some = report("2024-02", nil);
        assert!(!some.is_nil() && !some.markdown().contains(says), "{nil:?}");
    }
    let all = report("2024-01", Some(Nil::Certified)).markdown();
    for certificate in [
        "1. Requests: Police of a Town certifies that from 1 January to 31 January 2024 it \
         received none.",
        "2. Handed over: Police of a Town certifies that from 1 January to 31 January 2024 it \
         handed nobody over.",
    ] {
        assert!(all.contains(certificate), "{all}");
    }
    let one = report("2024-02", Some(Nil::Certified)).markdown();
    assert!(!one.contains("it received none."), "{one}");
    assert!(one.contains("from 1 February to 29 February 2024 it handed nobody over."), "{one}");
    assert!(one.contains("| Signature | |"));
}

/// Whoever certifies reads how far the register reaches back.
#[test]
fn a_register_that_began_later_says_so() {
    let period: Stretch = "2022".parse().unwrap();
    let note = "The register begins with the law of 1 January 2023: of the days before that, it \
                has only what was entered later.";
    let one = item("all", "Requests", Measure::Requests, None);
    let certified = Item { certify: Some("it received none".into()), ..one.clone() };
    for (nil, item) in [(Nil::Owed, one), (Nil::Certified, certified)] {
        let definition = Definition { nil: Some(nil), ..ordered(period, vec![item.clone()]) };
        let text = reported(period, definition.clone()).markdown();
        assert_eq!(text.matches(note).count(), 2, "under the certificate, and by month: {text}");
        let covered = "2023".parse().unwrap();
        assert!(!reported(covered, definition).markdown().contains(note));
    }
}

#[test]
fn documents_name_their_period_and_when_they_are_due() {
    for (period, due, title, span, by) in [
        (
            "2024-02",
            r#"{"days": {"days": 1, "from": "its end"}}"#,
            "February 2024",
            "1 February to 29 February 2024",
            "the day after its end; for this period 1 March 2024",
        ),
        (
            "2024-H2",
            r#"{"days": {"days": 30, "from": "its end"}}"#,
            "second half of 2024",
            "1 July to 31 December 2024",
            "30 days after its end; for this period 30 January 2025",
        ),
        (
            "2024-Q1",
            "null",
            "first quarter of 2024",
            "1 January to 31 March 2024",
            "the day is not coded: it was not found or not read",
        ),
        (
            "2024",
            r#"{"yearly": {"month": 3, "day": 1}}"#,
            "2024",
            "1 January to 31 December 2024",
            "every year by 1 March; for this period 1 March 2025",
        ),
        (
            "2023-10--2024-09",
            "null",
            "October 2023 to September 2024",
            "1 October 2023 to 30 September 2024",
            "not coded",
        ),
    ] {
        let stretch = period.parse().unwrap();
        let items = vec![item("all", "Requests", Measure::Requests, None)];
        let due = serde_json::from_str(due).unwrap();
        let report = reported(stretch, Definition { due, ..ordered(stretch, items) });
        let markdown = report.markdown();
        assert!(markdown.starts_with(&format!("# Police of a Town: Yearly report, {title}\n")));
        assert!(markdown.contains(&format!("- **Period:** {span}\n")), "{markdown}");
        assert!(markdown.contains(by), "{markdown}");
        assert!(report.json().unwrap().contains(&format!("\"period\": \"{period}\"")));
    }
}

/// The law's reader refuses this; a data file that a stranger is handed has not gone through it.
#[test]
fn a_definition_that_cannot_be_followed_is_refused_here_too() {
    let book = book();
    let mut about = book.about();
    about.period = "2024".parse().unwrap();
    about.definition.items = by(Measure::Requests, Feature::Done);
    assert!(matches!(count(&about, &book.entries), Err(Error::Definition(_))));
    about.definition.items = by(Measure::Requests, Feature::Case);
    about.period = "2024-Q1".parse().unwrap();
    let told = count(&about, &book.entries).unwrap_err().to_string();
    assert_eq!(told, "`2024-Q1` is no calendar year");
    about.period = "2024".parse().unwrap();
    assert!(count(&about, &book.entries).is_ok());
    about.definition.withhold_below = Some(5);
    let told = count(&about, &book.entries).unwrap_err().to_string();
    assert!(told.contains("a list of cases hides nothing"), "{told}");
}
