//! Requests that the register knows: which of them explain a search on their case, and upon which
//! a search is a lead.

use audit::checks::Recorded;
use law::Outcome::{self, May, Must, MustNot, NeedFacts, Refer, Silent};

use super::common::library;
use super::year::HEADER;
use super::{Given, Made, key, text};

/// 2025-06-02, by `date -u -d 2025-06-02 +%s` through 86,400.
const DAY: i32 = 20_241;

/// A federal request on case C25-100, with what was decided of searching and of sharing.
fn request(search: Option<Outcome>, share: Option<Outcome>) -> Recorded {
    let case = key().case(b"C25-100");
    let declined = [search, share].contains(&Some(MustNot));
    Recorded { entry: 1, day: DAY, case, federal: true, search, share, declined }
}

/// Searches on that case the day after: one for immigration and one for theft.
fn audited(recorded: &[Recorded], agency: &str) -> Made {
    let library = library();
    let row = |id: u32, reason: &str| {
        format!(
            "{id},USER1,{agency},12,40,,***,{reason},C25-100,,\"06/03/2025, 01:0{id}:00 PM UTC\",\
             lookup,,\r\n"
        )
    };
    let log = format!("{HEADER}{}{}", row(1, "ICE WARRANT"), row(2, "theft"));
    let given = Given { recorded: recorded.to_vec(), ..Given::new(&library) };
    given.audit(vec![("log.csv", text(log))])
}

/// Searches that are explained, and leads: for their purpose, and upon what was declined.
fn counts(recorded: &[Recorded], agency: &str) -> (u64, u64, u64) {
    let made = audited(recorded, agency);
    (made.explained, made.leads["purpose"], made.leads["after_declined"])
}

const OWN: &str = "Example IL PD";
const OTHER: &str = "Town IL PD";

/// What the agency itself looks up is a search, and what another looks up in its system is shared:
/// a permission of the one is none of the other.
#[test]
fn a_search_is_explained_by_what_was_asked_for() {
    for (search, share, own, other) in [
        (Some(May), None, (1, 0, 0), (0, 1, 0)),
        (None, Some(May), (0, 1, 0), (1, 0, 0)),
        (Some(Must), Some(Must), (1, 0, 0), (1, 0, 0)),
        // May for `share` and must not for `search`, and the other way round.
        (Some(MustNot), Some(May), (0, 1, 2), (0, 1, 2)),
        (Some(May), Some(MustNot), (1, 0, 0), (0, 1, 2)),
        (Some(NeedFacts), Some(May), (0, 1, 0), (0, 1, 0)),
        (None, None, (0, 1, 0), (0, 1, 0)),
    ] {
        let asked = [request(search, share)];
        assert_eq!(counts(&asked, OWN), own, "own, {search:?} {share:?}");
        assert_eq!(counts(&asked, OTHER), other, "other, {search:?} {share:?}");
    }
}

/// What is not decided, or left to a person, was not declined; and what a town asks for is no
/// federal request.
#[test]
fn only_a_federal_request_that_the_law_does_not_permit_was_declined() {
    for outcome in [NeedFacts, Refer, Silent] {
        assert_eq!(counts(&[request(Some(outcome), Some(outcome))], OWN), (0, 1, 0), "{outcome:?}");
    }
    let declined = request(Some(MustNot), None);
    assert_eq!(counts(std::slice::from_ref(&declined), OWN), (0, 1, 2));
    let of_a_town = Recorded { federal: false, ..declined.clone() };
    assert_eq!(counts(&[of_a_town], OWN), (0, 1, 0));
    // A detainer asks for neither, and declining it counts all the same.
    let detainer = Recorded { declined: true, ..request(None, None) };
    assert_eq!(counts(std::slice::from_ref(&detainer), OWN), (0, 1, 2));
    let says = "this agency searched on the case of a federal request that the law did not permit, \
                within 14 days of it";
    let made = audited(std::slice::from_ref(&detainer), OWN);
    let lead = made.findings.iter().find(|lead| lead.test == "after_declined").unwrap();
    assert_eq!(lead.says, says);
    // Whoever was permitted to search upon another request on the case, or upon the same, did.
    let permitted = Recorded { entry: 2, ..request(Some(May), None) };
    assert_eq!(counts(&[detainer.clone(), permitted.clone()], OWN), (1, 0, 0));
    assert_eq!(counts(&[Recorded { declined: true, ..permitted }], OWN), (1, 0, 0));
    // One that is not declined, and permits nothing, beside it changes nothing.
    let open = Recorded { entry: 2, ..request(Some(NeedFacts), None) };
    assert_eq!(counts(&[detainer.clone(), open], OWN), (0, 1, 2));
    let late = Recorded { day: DAY + 16, ..detainer };
    assert_eq!(counts(&[late], OWN), (0, 1, 0));
}

/// The number of a case stands in its column or in the reason, alone or among words, and with its
/// signs or without; another number, and one that is parted elsewhere, is another case.
#[test]
fn a_case_is_found_wherever_it_is_written() {
    let library = library();
    let of = |case: &[u8]| Recorded { case: key().case(case), ..request(Some(MustNot), None) };
    let recorded = vec![of(b"C25-100"), of(b"n/a"), of(b"2511-801")];
    let found = [
        ("theft", "C25-100"),
        ("theft", "\"C25-099, c25-100\""),
        ("theft", "case C25 100"),
        ("robbery C25-100", ""),
        ("C25-100", ""),
        ("Case #C25100", "***"),
        ("robbery c25-100", "C25-099"),
        ("theft", "2511801"),
    ];
    let not = [("theft", "C25-1001"), ("theft 25-100", ""), ("n/a", "N/A"), ("theft", "25-11801")];
    let rows = found.into_iter().chain(not).zip(10..).map(|((reason, case), n)| {
        format!(
            "{n},USER1,{OWN},12,40,,***,{reason},{case},,\"06/03/2025, 01:00:{n} PM UTC\",\
             lookup,,\r\n"
        )
    });
    let log = format!("{HEADER}{}", rows.collect::<String>());
    let given = Given { recorded, ..Given::new(&library) };
    let made = given.audit(vec![("log.csv", text(log))]);
    let declined = made.findings.iter().filter(|it| it.test == "after_declined");
    let mut rows: Vec<u32> = declined.flat_map(|it| it.rows.iter().map(|row| row.row)).collect();
    rows.sort_unstable();
    assert_eq!(rows, (2..2 + found.len() as u32).collect::<Vec<_>>());
}

/// A permitted request on a case that stands in the reason explains the search.
#[test]
fn a_reason_may_name_the_case_that_explains_it() {
    let library = library();
    let row =
        "1,USER1,Example IL PD,12,40,,***,HSI C25-100,,,\"06/03/2025, 01:00:00 PM UTC\",,,\r\n";
    for (outcome, leads) in [(Some(May), 0), (None, 1)] {
        let given = Given { recorded: vec![request(outcome, None)], ..Given::new(&library) };
        let made = given.audit(vec![("log.csv", text(format!("{HEADER}{row}")))]);
        assert_eq!((made.explained, made.leads["federal_agency"]), (1 - leads, leads));
    }
}
