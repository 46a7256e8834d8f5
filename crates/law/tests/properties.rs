#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Properties of decisions on random facts, with Cedar's own evaluator as the reference.

mod common;
#[path = "common/cedar.rs"]
mod reference;

use std::collections::BTreeSet;

use law::{Facts, Library, Next, Outcome, Pack, Source, Statement, Truth, ask, decide};
use proptest::prelude::*;

/// The days the shipped law is tried on: one in each stretch of Boston's law.
const DAYS: [&str; 3] = ["2015-06-01", "2018-01-02", "2025-03-01"];

fn library() -> &'static Library {
    static LIBRARY: std::sync::OnceLock<Library> = std::sync::OnceLock::new();
    LIBRARY.get_or_init(common::shipped)
}

fn pack(day: &str) -> Pack {
    library().pack("us-ma-boston-pd", day.parse().unwrap()).unwrap()
}

/// One random position for each fact, to be taken modulo the number of its values.
fn seeds() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..5040, library().vocabulary().facts.len())
}

fn values(seeds: &[usize]) -> Vec<usize> {
    let facts = &library().vocabulary().facts;
    facts.iter().zip(seeds).map(|(fact, seed)| seed % fact.values.len()).collect()
}

/// The values nearest to the seeds that do not contradict one another, taken fact by fact.
fn consistent(seeds: &[usize]) -> Vec<usize> {
    let vocabulary = library().vocabulary();
    let mut said: Vec<Statement> = Vec::new();
    let mut values = Vec::new();
    for (fact, seed) in vocabulary.facts.iter().zip(seeds) {
        let count = fact.values.len();
        let value = (0..count).map(|more| (seed + more) % count).find(|value| {
            let mut tried = said.clone();
            tried.push(Statement::new(&fact.name, &fact.values[*value].name, Source::Officer));
            Facts::read(vocabulary, &tried).is_ok()
        });
        let value = value.expect("definitions always leave a value");
        said.push(Statement::new(&fact.name, &fact.values[value].name, Source::Officer));
        values.push(value);
    }
    values
}

fn statements(values: &[usize], keep: &[bool]) -> Vec<Statement> {
    let facts = &library().vocabulary().facts;
    facts
        .iter()
        .zip(values)
        .zip(keep)
        .filter(|(_, keep)| **keep)
        .map(|((f, value), _)| Statement::new(&f.name, &f.values[*value].name, Source::Officer))
        .collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Invariant 4: our evaluation of each rule is Cedar's, on any facts at all.
    #[test]
    fn every_rule_evaluates_as_cedar_does(seeds in seeds(), day in 0_usize..3) {
        let pack = pack(DAYS[day]);
        let values = values(&seeds);
        let mut facts = Facts::none(&pack.vocabulary);
        for (at, value) in values.iter().enumerate() {
            facts.know(at, *value, Source::Officer);
        }
        for (_, rule) in pack.rules() {
            for action in &rule.actions {
                let action = &pack.vocabulary.actions[*action].name;
                let request =
                    reference::request(&pack.vocabulary, library().schema(), action, &values);
                let cedar = reference::fires(rule.cedar.clone(), &request);
                let ours = rule.cond.truth(&facts);
                prop_assert_eq!(ours, if cedar { Truth::Yes } else { Truth::No }, "{}", rule.id);
            }
        }
    }

    /// The layered law means what its lowering to plain Cedar means: exceptions become `unless`,
    /// Cedar says which rules fire, and the layers are combined a second time here.
    #[test]
    fn decisions_are_those_of_the_lowered_law(seeds in seeds(), day in 0_usize..3) {
        let pack = pack(DAYS[day]);
        let values = consistent(&seeds);
        let all = vec![true; values.len()];
        let facts = Facts::read(&pack.vocabulary, &statements(&values, &all)).unwrap();
        for action in &pack.vocabulary.actions {
            let request =
                reference::request(&pack.vocabulary, library().schema(), &action.name, &values);
            let firing: Vec<_> = pack
                .rules()
                .filter(|(_, rule)| reference::fires(reference::lowered(&pack, rule), &request))
                .collect();
            let (outcome, grounds) = reference::combine(&firing);
            let decision = decide(&pack, &action.name, &facts, None).unwrap();
            let ours: BTreeSet<_> = decision.grounds.iter().map(|g| g.id.clone()).collect();
            prop_assert_eq!((decision.outcome, ours), (outcome, grounds), "{}", action.name);
        }
    }

    /// Invariant 2, in the large: what is settled with some facts stays so when more are stated.
    /// So nothing missing was ever taken for a permission, or for anything else.
    #[test]
    fn more_facts_never_change_a_settled_answer(
        seeds in seeds(),
        keep in prop::collection::vec(any::<bool>(), library().vocabulary().facts.len()),
        day in 0_usize..3,
    ) {
        let pack = pack(DAYS[day]);
        let values = consistent(&seeds);
        let all = vec![true; values.len()];
        let full = Facts::read(&pack.vocabulary, &statements(&values, &all)).unwrap();
        let part = Facts::read(&pack.vocabulary, &statements(&values, &keep)).unwrap();
        for action in &pack.vocabulary.actions {
            let partly = decide(&pack, &action.name, &part, None).unwrap();
            let fully = decide(&pack, &action.name, &full, None).unwrap();
            prop_assert_ne!(fully.outcome, Outcome::NeedFacts);
            if partly.outcome == Outcome::NeedFacts {
                prop_assert!(!partly.missing.is_empty());
                prop_assert!(partly.grounds.is_empty());
            } else {
                prop_assert_eq!(partly.outcome, fully.outcome, "{}", action.name);
            }
        }
    }

    /// Facts are a set: the order they are stated in does not matter, to the byte.
    #[test]
    fn the_order_of_facts_does_not_matter(
        seeds in seeds(),
        order in Just((0..library().vocabulary().facts.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let pack = pack(DAYS[2]);
        let values = values(&seeds);
        let said = statements(&values, &vec![true; values.len()]);
        let shuffled: Vec<_> = order.iter().map(|at| said[*at].clone()).collect();
        let (one, two) =
            (Facts::read(&pack.vocabulary, &said), Facts::read(&pack.vocabulary, &shuffled));
        prop_assert_eq!(&one, &two);
        if let (Ok(one), Ok(two)) = (one, two) {
            let json = |facts| {
                serde_json::to_string(&decide(&pack, "hold", facts, None).unwrap()).unwrap()
            };
            prop_assert_eq!(json(&one), json(&two));
        }
    }
}

/// The interview is short: over cases drawn from a fixed seed it asks at most a third of what the
/// form asks when its questions are put in their order until the case is settled. Cases are drawn
/// as the form has them, every value alike; actions that are settled without a question are left
/// out on both sides.
#[test]
fn an_interview_asks_at_most_a_third_of_the_form() {
    let pack = pack(DAYS[2]);
    let facts = &pack.vocabulary.facts;
    let mut seed = 20_141_219_u64;
    let mut draw = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let (mut asked, mut form) = (0_u32, 0_u32);
    for _ in 0..300 {
        let seeds: Vec<usize> = facts.iter().map(|_| draw()).collect();
        let values = consistent(&seeds);
        let value = |at: usize| {
            Statement::new(&facts[at].name, &facts[at].values[values[at]].name, Source::Officer)
        };
        for action in &pack.vocabulary.actions {
            let mut said = Vec::new();
            while let Next::Ask(question) = {
                let known = Facts::read(&pack.vocabulary, &said).unwrap();
                ask(&pack, &action.name, &known, &[]).unwrap()
            } {
                said.push(value(pack.vocabulary.fact(&question.fact).unwrap()));
                asked += 1;
            }
            let mut said = Vec::new();
            for at in 0..facts.len() {
                let known = Facts::read(&pack.vocabulary, &said).unwrap();
                if decide(&pack, &action.name, &known, None).unwrap().outcome != Outcome::NeedFacts
                {
                    break;
                }
                said.push(value(at));
                form += 1;
            }
        }
    }
    assert!(asked * 3 <= form, "{asked} questions against {form} of the form");
}

/// Exactly settled, by brute force: with every fact the action's rules speak about tried in every
/// consistent way, the answer is settled if and only if one outcome is left, and a fact is asked
/// only if it can matter.
#[test]
fn an_answer_is_settled_exactly_when_no_completion_changes_it() {
    let pack = pack(DAYS[2]);
    let vocabulary = &pack.vocabulary;
    let known: [(&str, &[&str]); 7] = [
        ("hold", &["basis=detainer"]),
        ("hold", &["eligible_for_release=yes"]),
        ("hold", &["purpose=civil_immigration", "criminal_charge=no"]),
        ("transfer", &[]),
        ("notify", &["requester=hsi"]),
        ("share", &["information=personal"]),
        ("arrest", &["basis=administrative_warrant"]),
    ];
    for (action, stated) in known {
        let statements: Vec<Statement> = stated.iter().map(|s| s.parse().unwrap()).collect();
        let facts = Facts::read(vocabulary, &statements).unwrap();
        let mut spoken = Vec::new();
        let position = vocabulary.action(action).unwrap();
        for (_, rule) in pack.rules().filter(|(_, rule)| rule.actions.contains(&position)) {
            rule.cond.facts(&mut spoken);
        }
        spoken.sort_unstable();
        spoken.dedup();
        let mut outcomes = BTreeSet::new();
        let ways: usize = spoken.iter().map(|at| vocabulary.facts[*at].values.len()).product();
        for mut way in 0..ways {
            let mut all = statements.clone();
            for at in &spoken {
                let fact = &vocabulary.facts[*at];
                let value = &fact.values[way % fact.values.len()].name;
                way /= fact.values.len();
                all.push(Statement::new(&fact.name, value, Source::Officer));
            }
            if let Ok(complete) = Facts::read(vocabulary, &all) {
                outcomes.insert(decide(&pack, action, &complete, None).unwrap().outcome);
            }
        }
        let decision = decide(&pack, action, &facts, None).unwrap();
        let said = format!("{action} {stated:?}: {outcomes:?}");
        assert!(!outcomes.contains(&Outcome::NeedFacts), "{said}");
        match outcomes.len() {
            1 => assert_eq!(Some(&decision.outcome), outcomes.first(), "{said}"),
            _ => assert_eq!(decision.outcome, Outcome::NeedFacts, "{said}"),
        }
    }
}
