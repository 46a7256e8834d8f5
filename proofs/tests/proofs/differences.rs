//! `law::diff`: where it tells no difference there is none, and its scenarios are all of them.

use law::Difference;
use proofs::told;
use proofs::words::{Condition, all, any, not};

use crate::{Both, decision, shipped};

/// Pairs of agencies under quite different laws, on one day.
const NEIGHBOURS: [(&str, &str); 4] = [
    ("us-ma-boston-pd", "us-wa-seattle-pd"),
    ("us-tx-county-sheriff", "us-or-portland-pb"),
    ("us-ny-nyc-pd", "us-ny-nyc-doc"),
    ("us-ca-county-sheriff", "us-ca-san-francisco-pd"),
];
const DAY: &str = "2025-03-01";

/// An agency on a day.
pub type Place = (String, String);

#[test]
fn differences_of_editions_are_all_and_only_those() {
    let mut both = Both::new(&shipped());
    let places = both.packs();
    let (mut alike, mut different) = (0, 0);
    for pair in places.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        for action in both.texts.words.actions.clone() {
            match compare(&mut both, &pair[0], &pair[1], &action) {
                0 => alike += 1,
                _ => different += 1,
            }
        }
    }
    assert!(alike > 100 && different > 50, "{alike} alike, {different} different");
    both.done("differences of editions");
}

#[test]
fn differences_of_agencies_are_all_and_only_those() {
    let mut both = Both::new(&shipped());
    let mut different = 0;
    for (one, two) in NEIGHBOURS {
        let [one, two] = [one, two].map(|it| (it.to_owned(), DAY.to_owned()));
        for action in both.texts.words.actions.clone() {
            different += usize::from(compare(&mut both, &one, &two, &action) > 0);
        }
    }
    assert!(different > 20, "{different}");
    both.done("differences of agencies");
}

/// Holds the scenarios of one action against the specification, and gives how many there are.
pub fn compare(both: &mut Both, before: &Place, after: &Place, action: &str) -> usize {
    let [old, new] = [before, after].map(|(agency, day)| both.pack(agency, day));
    let found = law::diff(&old, &new, action).unwrap();
    let [was, is] = [before, after].map(|(agency, day)| both.outcomes(agency, day, action));
    let place = format!("{before:?} against {after:?}, {action}");
    let differs = any(was.iter().map(|(outcome, was)| all([was.clone(), not(&is[outcome])])));
    let Some(case) = both.prover.find(action, &differs).unwrap() else {
        assert!(found.is_empty(), "{place}: told {found:?}");
        return 0;
    };

    // The case that the solver made up is one of ours, in words and when it is decided.
    let [was_so, is_so] = [&was, &is].map(|outcomes| both.evaluated(action, outcomes, &case));
    assert_ne!(was_so, is_so, "{place}: {case:?}");
    let lies_in = |it: &&Difference| {
        let fits = it.facts.iter().all(|(fact, values)| values.contains(&case[fact]));
        fits && (it.before.word(), it.after.word()) == (was_so, is_so)
    };
    assert!(found.iter().any(|it| lies_in(&it)), "{place}: not told: {case:?}");
    for (pack, outcome) in [(&old, was_so), (&new, is_so)] {
        assert_eq!(decision(pack, action, &case).outcome.word(), outcome, "{place}: {case:?}");
    }

    // The scenarios of two outcomes are where the specification has the one before and the other
    // after, and no others.
    let mut told_of: Vec<Condition> = Vec::new();
    for (old_outcome, was) in &was {
        for (new_outcome, is) in is.iter().filter(|(it, _)| *it != old_outcome) {
            let these = |it: &&Difference| {
                (it.before.word(), it.after.word()) == (*old_outcome, *new_outcome)
            };
            if !found.iter().any(|it| these(&it)) {
                continue;
            }
            let told = told::scenarios(found.iter().filter(these), &both.texts.words).unwrap();
            let changes = all([was.clone(), is.clone()]);
            let wrong = both.prover.same(action, &told, &changes).unwrap();
            assert_eq!(wrong, None, "{place}: {old_outcome} to {new_outcome}");
            told_of.push(told);
        }
    }
    let untold = both.prover.find(action, &all([differs, not(&any(told_of))])).unwrap();
    assert_eq!(untold, None, "{place}: a difference that is not told");
    found.iter().for_each(|it| example(both, action, it, &was, &is));
    found.len()
}

/// The example of a scenario is one, whatever the facts are that it does not name.
fn example(
    both: &mut Both,
    action: &str,
    told: &Difference,
    was: &crate::Outcomes,
    is: &crate::Outcomes,
) {
    let here = both.texts.words.at(&told.example).unwrap();
    let change = all([was[told.before.word()].clone(), is[told.after.word()].clone()]);
    assert_eq!(both.prover.implies(action, &here, &change).unwrap(), None, "{told:?}");
    let case = both.prover.find(action, &here).unwrap();
    let case = case.unwrap_or_else(|| panic!("no case is like the example: {told:?}"));
    assert_eq!(both.evaluated(action, was, &case), told.before.word(), "{told:?}");
    assert_eq!(both.evaluated(action, is, &case), told.after.word(), "{told:?}");
}
