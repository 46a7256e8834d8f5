//! `law::survey`: rules that can never decide, and definitions that leave nothing.

use std::collections::{BTreeMap, BTreeSet};

use law::{Outcome, Pack, Property};
use proofs::meaning::Meaning;

use crate::invented::{ORDER, town};
use crate::{Both, decision, shipped};

/// What the specification makes of an action: the outcomes that some case has, and the rules that
/// are a ground in none and that take nothing away from another rule.
fn surveyed(
    both: &mut Both,
    pack: &Pack,
    action: &str,
) -> (BTreeSet<&'static str>, BTreeSet<String>) {
    let (agency, day) = (pack.agency.id.clone(), pack.on.to_string());
    let texts = both.texts.clone();
    let meaning = Meaning::new(&texts.in_force(&agency, &day).unwrap(), action);
    let mut reached = BTreeSet::new();
    for (outcome, holds) in meaning.outcomes() {
        if both.prover.find(action, &holds).unwrap().is_some() {
            reached.insert(outcome);
        }
    }
    let mut never = BTreeSet::new();
    for (rule, decides) in meaning.grounds() {
        let takes_away = |it: &&str| meaning.rules.iter().any(|other| other.rule.id == **it);
        match both.prover.find(action, &decides).unwrap() {
            None if rule.overrides.as_deref().is_some_and(|it| takes_away(&it)) => {}
            None => drop(never.insert(rule.id.clone())),
            Some(case) => grounds(both, pack, action, &meaning, &case),
        }
    }
    (reached, never)
}

/// In a case that the solver made up, `law` names the grounds that Cedar's evaluator finds.
fn grounds(
    both: &Both,
    pack: &Pack,
    action: &str,
    meaning: &Meaning<'_>,
    case: &proofs::words::Case,
) {
    let expected: BTreeSet<String> = meaning
        .grounds()
        .into_iter()
        .filter(|(_, decides)| both.prover.holds(action, decides, case).unwrap())
        .map(|(rule, _)| rule.id.clone())
        .collect();
    let decided = decision(pack, action, case);
    let found: BTreeSet<String> = decided.grounds.iter().map(|it| it.id.clone()).collect();
    assert_eq!(found, expected, "{} on {}, {action}: {case:?}", pack.agency.id, pack.on);
    assert!(!found.is_empty());
}

/// Requires that both find the same outcomes and the same idle rules, and gives them for all
/// actions together.
pub fn agree(both: &mut Both, pack: &Pack) -> (BTreeSet<&'static str>, BTreeSet<String>) {
    let (mut outcomes, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for survey in law::survey(pack).unwrap() {
        let place = format!("{} on {}, {}", pack.agency.id, pack.on, survey.action);
        let (reached, never) = surveyed(both, pack, &survey.action);
        let told: BTreeSet<&str> = survey.outcomes.iter().map(|it| it.0.word()).collect();
        assert_eq!(told, reached, "{place}");
        assert_eq!(survey.never.into_iter().collect::<BTreeSet<_>>(), never, "{place}");
        outcomes.extend(reached);
        idle.extend(never);
    }
    (outcomes, idle)
}

#[test]
fn rules_that_never_decide_are_the_same_for_both() {
    let mut both = Both::new(&shipped());
    let (mut rules, mut idle) = (0, BTreeSet::new());
    for (agency, day) in both.packs() {
        let pack = both.pack(&agency, &day);
        idle.extend(agree(&mut both, &pack).1);
        rules += pack.rules().count();
    }
    assert!(rules > 700, "{rules}");
    both.done(&format!("survey (never a ground in some pack: {idle:?})"));
}

/// Every value of every fact is left possible by the definitions, for both.
#[test]
fn definitions_leave_every_value() {
    let mut both = Both::new(&shipped());
    let pack = both.pack("us-ma-boston-pd", "2025-03-01");
    let mut values = 0;
    for fact in &both.law.vocabulary().facts.clone() {
        for value in &fact.values {
            let when = BTreeMap::from([(fact.name.clone(), vec![value.name.clone()])]);
            let here = both.texts.words.are(&when).unwrap();
            let case = both.prover.find("hold", &here).unwrap();
            assert_eq!(case.unwrap()[&fact.name], value.name);
            let never = Outcome::ALL.to_vec();
            let none = Property {
                say: "there is no such case".to_owned(),
                action: "hold".to_owned(),
                when,
                always: Vec::new(),
                never,
                file: String::new(),
                line: 0,
                heading: String::new(),
            };
            assert!(law::prove(&pack, &none).unwrap().is_some(), "{}={}", fact.name, value.name);
            values += 1;
        }
    }
    assert!(values > 150, "{values}");
    both.done("values");
}

/// Together with the first: nothing is an order, and then nothing is anything else either.
const NOTHING: &str = r#"
[[definition]]
if = { judge = ["false", "true"] }
then = { paper = ["order"] }
because = "every paper is an order"
[[definition]]
if = { paper = ["order"] }
then = { judge = ["false"] }
because = "a judge signs no order"
"#;

/// Requires that both find these rules idle, and these outcomes.
fn requires(mut both: Both, idle: &[&str], outcomes: &[&str]) {
    let pack = both.pack("town", "2020-01-01");
    let (reached, never) = agree(&mut both, &pack);
    assert_eq!(never.iter().map(String::as_str).collect::<Vec<_>>(), idle);
    assert_eq!(reached, outcomes.iter().copied().collect());
}

const UNSIGNED: &str = r#"context.paper == Paper::"order" && !context.judge"#;

#[test]
fn a_planted_rule_that_cannot_decide_is_found_by_both() {
    let shield = ["shields", "", "context.free"];
    let law = [["must_not", "", "context.free"], ["may", "", UNSIGNED]];
    // Its facts contradict the definition; without the definition it decides.
    requires(town(ORDER, &[], &law), &["city/1"], &["must_not", "silent"]);
    requires(town("", &[], &law), &[], &["may", "must_not", "silent"]);
    // A shield from above takes the prohibition away wherever it holds; from below it does not.
    requires(town("", &[shield], &law), &["city/0"], &["may", "silent"]);
    requires(town("", &law, &[shield]), &["city/0"], &["may", "must_not", "silent"]);
    // An exception decides by taking away, though it is a ground nowhere.
    let except = ["may", "0", "context.free && context.judge"];
    let refer = ["refer", "", "context.judge"];
    let law = [["must_not", "", "context.free"], except, refer];
    requires(town("", &[], &law), &[], &["must_not", "refer", "silent"]);
}

#[test]
fn definitions_that_contradict_leave_no_case_for_either() {
    let law = [["must_not", "", "context.free"]];
    let definitions = format!("{ORDER}{NOTHING}");
    requires(town(&definitions, &[], &law), &["city/0"], &[]);
}
