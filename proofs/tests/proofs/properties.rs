//! `law::prove`: the shipped properties, planted ones that are false, and many that are drawn.

use std::collections::{BTreeMap, BTreeSet};

use law::{Outcome, Pack, Property};
use proofs::texts;
use proofs::words::{Case, Values, all, any};

use crate::{Both, decision, shipped};

/// Whether a property is proved. Both have to say the same, and a case that breaks it for one has
/// to break it for the other.
fn proved(both: &mut Both, pack: &Pack, property: &texts::Property) -> bool {
    let (agency, day) = (pack.agency.id.clone(), pack.on.to_string());
    let outcomes = both.outcomes(&agency, &day, &property.action);
    let is_good = |outcome: &str| {
        let named = |list: &[String]| list.iter().any(|it| it == outcome);
        !named(&property.never) && (property.always.is_empty() || named(&property.always))
    };
    let bad = outcomes.iter().filter(|(outcome, _)| !is_good(outcome));
    let bad = any(bad.map(|(_, holds)| holds.clone()));
    let (action, place) = (property.action.as_str(), format!("{agency} on {day}: {property:?}"));
    let when = both.texts.words.are(&property.when).unwrap();
    let theirs = both.prover.disjoint(action, &when, &bad).unwrap();
    let (case, ours) = match (theirs, law::prove(pack, &asked(property)).unwrap()) {
        (None, None) => return true,
        (Some(case), Some(ours)) => (case, ours),
        (theirs, ours) => panic!("{place}: `law` says {ours:?}, the solver {theirs:?}"),
    };
    let decided = decision(pack, action, &case).outcome;
    assert!(!is_good(decided.word()), "{place}: {decided:?} in {case:?}");
    assert_eq!(both.evaluated(action, &outcomes, &case), decided.word(), "{place}");
    // Ours breaks it, whatever the facts are that it does not name; and there is such a case.
    assert!(!is_good(ours.outcome.word()), "{place}: {ours:?}");
    let here = all([both.texts.words.at(&ours.facts).unwrap(), when]);
    let broken = &outcomes[ours.outcome.word()];
    assert_eq!(both.prover.implies(action, &here, broken).unwrap(), None, "{place}: {ours:?}");
    assert_ne!(both.prover.find(action, &here).unwrap(), None, "{place}: {ours:?}");
    false
}

fn asked(property: &texts::Property) -> Property {
    let outcomes = |words: &[String]| -> Vec<Outcome> {
        let of = |word: &String| Outcome::ALL.into_iter().find(|it| it.word() == word).unwrap();
        words.iter().map(of).collect()
    };
    Property {
        say: property.say.clone(),
        action: property.action.clone(),
        when: property.when.clone(),
        always: outcomes(&property.always),
        never: outcomes(&property.never),
        file: String::new(),
        line: 0,
        heading: String::new(),
    }
}

#[test]
fn shipped_properties_are_proved_by_both() {
    let mut both = Both::new(&shipped());
    let mut shown = 0;
    for (agency, day) in both.packs() {
        let pack = both.pack(&agency, &day);
        let editions = both.texts.in_force(&agency, &day).unwrap();
        let written: Vec<_> = editions.iter().flat_map(|it| it.properties.clone()).collect();
        let read: Vec<_> = pack.editions.iter().flat_map(|it| &it.properties).collect();
        assert_eq!(written.len(), read.len(), "{agency} on {day}");
        for (written, read) in written.iter().zip(read) {
            let here = (read.file.clone(), read.line, read.heading.clone());
            let same = Property { file: here.0, line: here.1, heading: here.2, ..asked(written) };
            assert_eq!(same, *read);
            assert!(proved(&mut both, &pack, written), "{agency} on {day}: {written:?}");
            shown += 1;
        }
    }
    assert!(shown >= 20, "{shown}");
    both.done("shipped properties");
}

/// What is not so, by the words of the Boston Trust Act: a criminal warrant lifts the prohibition
/// to hold, a judge's order opens the hand-over, criminal history may be given and an address for
/// civil enforcement may not, and before 2019 nothing was said of handing over.
#[test]
fn planted_properties_are_refuted_by_both() {
    let mut both = Both::new(&shipped());
    let all = Values::new();
    let when = |fact: &str, value: &str| Values::from([(fact.to_owned(), vec![value.to_owned()])]);
    let always = |outcome: &str| (vec![outcome.to_owned()], Vec::new());
    let never = |outcome: &str| (Vec::new(), vec![outcome.to_owned()]);
    let (before, now) = ("2014-09-01", "2025-03-01");
    let planted = [
        (now, "no warrant helps", "hold", when("basis", "detainer"), always("must_not")),
        (now, "nobody is handed over", "transfer", all.clone(), always("must_not")),
        (now, "nothing may be given", "share", all.clone(), never("may")),
        (now, "anything may be given", "share", all.clone(), never("must_not")),
        (before, "a judge", "transfer", when("judicial_order", "false"), always("must_not")),
        (before, "nobody is held", "hold", all, never("may")),
    ];
    for (day, say, action, when, (always, never)) in planted {
        let pack = both.pack("us-ma-boston-pd", day);
        let (say, action) = (say.to_owned(), action.to_owned());
        let property = texts::Property { say, action, when, always, never };
        assert!(!proved(&mut both, &pack, &property), "{property:?}");
    }
    both.done("planted properties");
}

/// Properties by the hundred: in the pack of each agency's last day, for each action, that an
/// outcome it can come to is not come to where one fact has its last value. And an answer with
/// only that fact known is settled just where one outcome is left.
#[test]
fn drawn_properties_are_proved_or_refuted_by_both() {
    let mut both = Both::new(&shipped());
    let (mut yes, mut no) = (0, 0);
    let last: BTreeMap<String, String> = both.packs().into_iter().collect();
    for (agency, day) in last {
        let pack = both.pack(&agency, &day);
        for (position, survey) in law::survey(&pack).unwrap().iter().enumerate() {
            let rules = pack.rules().map(|(_, rule)| rule);
            let mut spoken = Vec::new();
            rules
                .filter(|rule| rule.actions.contains(&position))
                .for_each(|rule| rule.cond.facts(&mut spoken));
            let spoken: BTreeSet<usize> = spoken.into_iter().collect();
            for fact in spoken.iter().map(|at| &pack.vocabulary.facts[*at]) {
                let value = fact.values.last().unwrap().name.clone();
                let mut left = Vec::new();
                for (outcome, _, _) in &survey.outcomes {
                    let property = texts::Property {
                        say: "not here".to_owned(),
                        action: survey.action.clone(),
                        when: Values::from([(fact.name.clone(), vec![value.clone()])]),
                        always: Vec::new(),
                        never: vec![outcome.word().to_owned()],
                    };
                    match proved(&mut both, &pack, &property) {
                        true => yes += 1,
                        false => {
                            no += 1;
                            left.push(*outcome);
                        }
                    }
                }
                // With nothing but that known, the answer is settled if one outcome is left.
                let expected = if left.len() == 1 { left[0] } else { Outcome::NeedFacts };
                let known = Case::from([(fact.name.clone(), value)]);
                let decided = decision(&pack, &survey.action, &known);
                assert_eq!(decided.outcome, expected, "{agency}, {}: {known:?}", survey.action);
            }
        }
    }
    assert!(yes > 100 && no > 500, "{yes} proved, {no} refuted");
    both.done(&format!("drawn properties ({yes} proved, {no} refuted)"));
}
