//! What leads say of the law: the law that made them, of each search what it is, and of a federal
//! agency what the law says of all of them.

use audit::finding::Finding;
use audit::run::{CannotAudit, ScratchFile};

use super::common::library;
use super::year::HEADER;
use super::{Given, Made, text};

/// A log of searches on 2025-06-03, each an agency and a reason.
fn log(rows: &[(&str, &str)]) -> String {
    log_of("06/03/2025", rows)
}

/// The same on another day.
fn log_of(day: &str, rows: &[(&str, &str)]) -> String {
    let row = |(n, (agency, reason)): (usize, &(&str, &str))| {
        format!(
            "{n},USER{n},{agency},12,40,,***,{reason},,,\"{day}, 01:{n:02}:00 PM UTC\",\
             lookup,,\r\n"
        )
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!("{HEADER}{rows}")
}

fn audited(given: &Given<'_>, rows: &[(&str, &str)]) -> Made {
    given.audit(vec![("log.csv", text(log(rows)))])
}

fn of<'a>(made: &'a Made, test: &str) -> Vec<&'a Finding> {
    made.findings.iter().filter(|finding| finding.test == test).collect()
}

const CIVIL: &str = "Immigration (civil/administrative) - ";

/// Texas orders cooperation, so the department from Los Angeles may search there by Texas law; its
/// own law is what asks, and so what is shown.
#[test]
fn the_law_that_made_a_lead_is_shown() {
    let library = library();
    let searching = vec![("Los Angeles CA PD", "us-ca-los-angeles-pd")];
    let mut given = Given {
        agency: "us-tx-county-sheriff",
        state: "TX",
        own: vec!["Example County TX SO".to_owned()],
        searching,
        ..Given::new(&library)
    };
    let rows = [("Los Angeles CA PD", CIVIL)];
    let made = audited(&given, &rows);
    let [lead] = of(&made, "purpose")[..] else { panic!("{:#?}", made.findings) };
    assert_eq!(
        lead.says,
        "an agency of another state searched with a reason that reads as immigration civil; the \
         law of the agency that searched, in force that day, turns on what the log does not say"
    );
    assert_eq!(lead.law, None);
    let own = lead.own_law.as_ref().unwrap();
    assert_eq!((&*own.agency, &*own.outcome), ("us-ca-los-angeles-pd", "need_facts"));
    // To the law of its own state it is no agency of another state, so that stays to be asked.
    assert!(own.missing.contains(&"requester".to_owned()), "{own:?}");
    assert_eq!(lead.laws().count(), 1);
    // Without its law there is nothing against it.
    given.searching.clear();
    assert_eq!(of(&audited(&given, &rows), "purpose").len(), 0);
    // Where neither permits it plainly, both are shown.
    let given = Given {
        agency: "us-il-county-sheriff",
        state: "IL",
        own: vec!["Example IL PD".to_owned()],
        searching: vec![("Los Angeles CA PD", "us-ca-los-angeles-pd")],
        ..Given::new(&library)
    };
    let made = audited(&given, &rows);
    let [lead] = of(&made, "purpose")[..] else { panic!("{:#?}", made.findings) };
    assert!(lead.says.ends_with(
        "the law in force that day does not permit it, and that of the agency that searched turns \
         on what the log does not say"
    ));
    let [host, own] = lead.laws().collect::<Vec<_>>()[..] else { panic!("{lead:#?}") };
    assert_eq!((host.0, &*host.1.agency), ("the law of that day", "us-il-county-sheriff"));
    assert_eq!(host.1.outcome, "must_not");
    assert!(host.1.grounds.iter().all(|ground| !ground.grade.is_empty()));
    assert_eq!(
        (own.0, &*own.1.agency),
        ("the law of the agency that searched", "us-ca-los-angeles-pd")
    );
}

/// 625 ILCS 5/2-130 forbids plate data for immigration, and asks for a declaration otherwise.
#[test]
fn each_search_of_an_agency_is_counted_as_what_it_is() {
    let library = library();
    let given = Given::new(&library);
    let far = "Far Town TX PD";
    let mut rows = vec![(far, CIVIL)];
    rows.extend([(far, "burglary"); 10]);
    let says = |rows: &[(&str, &str)]| {
        let made = audited(&given, rows);
        let [lead] = of(&made, "other_state")[..] else { panic!("{:#?}", made.findings) };
        lead.says.clone()
    };
    let both = "an agency of another state searched 11 times, 1 of them where the law in force \
                that day does not permit it and 10 where it turns on what the log does not say";
    assert_eq!(says(&rows), both);
    rows.rotate_left(1);
    assert_eq!(says(&rows), both, "whichever comes first");
    let one = "an agency of another state searched 10 times, 10 of them where the law in force \
               that day turns on what the log does not say";
    assert_eq!(says(&rows[..10]), one);
}

/// Cal. Civ. Code 1798.90.55(b): plate data goes to no federal agency, whichever it is.
#[test]
fn what_is_so_of_every_federal_agency_is_said() {
    let library = library();
    let given = Given {
        agency: "us-ca-county-sheriff",
        state: "CA",
        own: vec!["Example CA SO".to_owned()],
        ..Given::new(&library)
    };
    let made = audited(&given, &[("[Federal] US Border Patrol", "burglary")]);
    assert_eq!(made.outcomes.get("must_not"), Some(&1), "{:?}", made.outcomes);
    let [lead] = of(&made, "other_state")[..] else { panic!("{:#?}", made.findings) };
    let law = lead.law.as_ref().unwrap();
    assert_eq!((&*law.outcome, &law.missing[..]), ("must_not", &[][..]));
    let grounds: Vec<_> = law.grounds.iter().map(|ground| ground.id.as_str()).collect();
    assert_eq!(grounds, ["ca-alpr/55-b"]);
    assert_eq!(law.grounds[0].grade, "quoted");
    // Of an agency that nobody knows it is still asked.
    let made = audited(&given, &[("Nowhere", "burglary")]);
    assert_eq!(made.outcomes.get("need_facts"), Some(&1), "{:?}", made.outcomes);
}

/// The law of Illinois begins here on 2017-08-28. What was searched before is not held against it,
/// and that is said, day and number; what no law is asked about is not counted among it.
#[test]
fn searches_before_the_law_are_counted() {
    let library = library();
    let given = Given::new(&library);
    let rows = [
        ("Example IL PD", CIVIL),
        ("Example IL PD", "theft"),
        ("Far Town TX PD", "theft"),
        ("Near Town IL PD", "burglary"),
    ];
    let log = |days: &[&str]| {
        let one = |day: &&str| log_of(day, &rows).replace(HEADER, "");
        format!("{HEADER}{}", days.iter().map(one).collect::<String>())
    };
    let made = given.audit(vec![
        ("one.csv", text(log(&["08/27/2017", "01/02/2016"]))),
        ("two.csv", text(log(&["08/28/2017", "06/03/2016"]))),
    ]);
    let no_law = made.no_law.as_ref().unwrap();
    let told = (no_law.searches, &*no_law.from, &*no_law.to);
    assert_eq!(told, (6, "2016-01-02", "2017-08-27"));
    let note = |days: &str, searches: u64| {
        format!(
            "the law that is here does not reach back to the days of {searches} searches, {days}; \
             it was not asked about them"
        )
    };
    assert_eq!(made.files[0].notes, [note("2016-01-02 to 2017-08-27", 4)]);
    assert_eq!(made.files[1].notes, [note("2016-06-03 to 2016-06-03", 2)]);
    assert_eq!(made.outcomes.values().sum::<u64>(), 2, "those of the first day of the law");
    let made = given.audit(vec![("two.csv", text(log(&["08/28/2017"])))]);
    assert_eq!((&made.no_law, &made.files[0].notes[..]), (&None, &[][..]));
    // The law of another agency that searched may not reach back either: California's begins here
    // in 2018.
    let searching = vec![("Los Angeles CA SO", "us-ca-county-sheriff")];
    let given = Given { searching, ..Given::new(&library) };
    let log = log_of("12/31/2017", &[("Los Angeles CA SO", "theft")]);
    let made = given.audit(vec![("one.csv", text(log))]);
    assert_eq!(made.no_law.as_ref().map(|it| it.searches), Some(1));
}

/// An agency that the library does not know is an error, and not one without a law.
#[test]
fn a_law_that_cannot_be_asked_fails_the_audit() {
    let library = library();
    let scratch = || -> ScratchFile { Box::new(tempfile::tempfile().unwrap()) };
    let given = Given { agency: "us-zz-nowhere-pd", ..Given::new(&library) };
    let files = vec![("log.csv", text(log(&[("Example IL PD", CIVIL)])))];
    let Err(error) = given.audit_over(files, [scratch(), scratch(), scratch()]) else {
        panic!("it was made")
    };
    assert!(matches!(error, CannotAudit::Law(_)), "{error:?}");
    assert!(error.to_string().contains("us-zz-nowhere-pd"), "{error}");
}
