//! Searches decided by column are decided as each is alone, by the room that decides requests.

use std::collections::BTreeMap;

use audit::decided::{Laws, Searcher, Whose};
use audit::log::{Names, Row, Search, date};
use audit::reason::Class;
use law::{Facts, Outcome, Source, Statement, decide};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::common::library;

/// The requesters of the vocabulary that are federal agencies.
const FEDERAL: [&str; 5] = ["ero", "hsi", "cbp", "uscis", "other_federal"];

/// Less for what permits less, as the audit takes the one of two outcomes that permits least.
fn order(outcome: Outcome) -> usize {
    use Outcome::{May, Must, MustNot, NeedFacts, Refer, Silent};
    [MustNot, Refer, NeedFacts, Silent, May, Must].iter().position(|it| *it == outcome).unwrap()
}

#[test]
fn as_each_alone() {
    let library = library();
    let places = [
        ("us-il-county-sheriff", "IL"),
        ("us-ca-county-sheriff", "CA"),
        ("us-ma-boston-pd", "MA"),
        ("us-tx-county-sheriff", "TX"),
    ];
    let names = Names::default();
    let agencies = ["Own PD", "Town IL PD", "Town CA PD", "Town MA PD", "[Federal] HSI", "Nowhere"];
    let numbers: Vec<u32> = agencies.iter().map(|name| names.number(name)).collect();
    let row = (18_000_i32..20_600, 0_usize..19, 0_usize..6, 0_u8..5).prop_map(
        move |(day, class, agency, information)| Row {
            day,
            time: u32::try_from(day).unwrap() * 86_400,
            class: Class::ALL[class],
            agency: numbers[agency],
            marks: if agency == 4 { 4 } else { 0 },
            information,
            ..Row::default()
        },
    );
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (agency, state) in places {
        let laws = Laws::new(&library, agency);
        let (own, searching) = (vec!["Own PD".to_owned()], BTreeMap::new());
        let whose = Whose { own: &own, state, laws: &laws, searching: &searching, names: &names };
        let strategy = prop::collection::vec(row.clone(), 400);
        let rows = strategy.new_tree(&mut runner).unwrap().current();
        let searches: Vec<Search> = rows.into_iter().map(Search::from).collect();
        let mut decided = 0;
        let mut federal_settled = 0;
        for seen in whose.decide(&searches).unwrap() {
            let Some(outcome) = seen.outcome else { continue };
            decided += 1;
            let pack = library.pack(agency, date(seen.search.row.day)).unwrap();
            let mut alone = |action: &str| {
                let decided = |requester: Option<&str>| {
                    let mut facts = whose.facts(&seen);
                    facts.extend(requester.map(|which| ("requester", which)));
                    let facts = facts.iter();
                    let stated: Vec<_> =
                        facts.map(|it| Statement::new(it.0, it.1, Source::System)).collect();
                    let facts = Facts::read(&pack.vocabulary, &stated).unwrap();
                    decide(&pack, action, &facts, None).unwrap().outcome
                };
                if seen.searcher != Searcher::Federal {
                    return decided(None);
                }
                // Which federal agency it is, nobody knows: what is so of all of them is so.
                let [first, others @ ..] = FEDERAL.map(|which| decided(Some(which)));
                federal_settled += usize::from(others.iter().all(|it| *it == first));
                if others.iter().all(|it| *it == first) { first } else { Outcome::NeedFacts }
            };
            let asked = match seen.searcher {
                Searcher::Own => &["search"][..],
                _ => &["search", "share"],
            };
            let expected = asked.iter().map(|it| alone(it)).min_by_key(|it| order(*it)).unwrap();
            assert_eq!(outcome, expected, "{agency} {:?}", seen);
            assert_eq!(outcome, alone(seen.action.word()));
            let cases = whose.statements(&pack.vocabulary, &seen);
            assert_eq!(cases.len(), if seen.searcher == Searcher::Federal { 5 } else { 1 });
        }
        assert!(decided > 50 && federal_settled > 0, "{agency}: {decided} {federal_settled}");
    }
}
