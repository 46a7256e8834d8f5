#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! What the compiled law says, against every case tried one by one: random laws, small enough to
//! try them all, with Cedar's own evaluator as the judge of each rule.

#[path = "common/cedar.rs"]
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{
    Facts, Library, Next, Outcome, Pack, Property, Source, Statement, ask, decide, diff, flips,
    prove, why,
};
use proptest::prelude::*;

const VOCABULARY: &str = r#"action = [{ name = "hold", says = "keep someone" }]
[[fact]]
name = "form"
question = "Which form?"
values = [["i", "i"], ["ii", "ii"], ["none", "none"]]
[[fact]]
name = "paper"
question = "Which paper?"
if_changed = "if the paper were: {}"
values = [["detainer", "a detainer"], ["order", "an order"], ["none", "none"]]
[[fact]]
name = "judge"
question = "Has a judge signed?"
if_changed = "if a judge signed: {}"
[[fact]]
name = "free"
question = "Could the person go?"
[[fact]]
name = "charge"
question = "Is there a charge?"
if_changed = "if a charge: {}"
[[definition]]
if = { form = ["i"] }
then = { paper = ["detainer"] }
because = "form i is a detainer"
[[definition]]
if = { paper = ["order"] }
then = { judge = ["true"] }
because = "a judge signs an order"
"#;

/// A condition, as Cedar text.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "context.judge",
        "context.free",
        "context.charge",
        r#"context.paper == Paper::"detainer""#,
        r#"context.paper != Paper::"none""#,
        r#"[Paper::"order", Paper::"none"].contains(context.paper)"#,
        r#"context.form == Form::"ii""#,
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} || {b})")),
        ]
    })
}

/// A rule: its condition, its modality, whether it is the city's, and which earlier rule of the
/// same maker it takes away from.
type RawRule = (String, &'static str, bool, Option<usize>);

fn rules() -> impl Strategy<Value = Vec<RawRule>> {
    let modality = prop::sample::select(vec!["must", "must_not", "may", "shields", "refer"]);
    let rule = (condition(), modality, any::<bool>(), prop::option::of(0_usize..5));
    prop::collection::vec(rule, 1..6)
}

/// A state's law and a city's, in force on one day.
fn pack(rules: &[RawRule]) -> (Library, Pack) {
    let agency = "# Town\n~~~agency\nname = 'Town'\ntimezone = 'UTC'\nprincipal = 'city'\n\
                  stack = ['state', 'city']\n~~~\n";
    let head = |id: &str| {
        format!(
            "# {id}\n~~~instrument\nid = '{id}'\ncitation = '{id}'\nkind = 'statute'\n\
             maker = '{id}'\nday_grade = 'text'\n~~~\n"
        )
    };
    let mut texts = [head("state"), head("city")];
    for (at, (condition, modality, city, overrides)) in rules.iter().enumerate() {
        let effect = if ["must_not", "refer"].contains(modality) { "forbid" } else { "permit" };
        let target = overrides.filter(|target| *target < at && rules[*target].2 == *city);
        let overrides = target.map_or(String::new(), |it| format!("@overrides(\"r{it}\") "));
        texts[usize::from(*city)].push_str(&format!(
            "\n## {at}\nIt says so.\n~~~cedar\n@id(\"r{at}\") @cite(\"s. {at}\") @grade(\"text\") \
             @modality(\"{modality}\") {overrides}\n{effect} (principal, action == \
             Action::\"hold\", resource) when {{ {condition} }};\n~~~\n"
        ));
    }
    let [state, city] = texts;
    let files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), VOCABULARY.to_owned()),
        ("agencies/town.md".to_owned(), agency.to_owned()),
        ("state/2020-01-01.md".to_owned(), state),
        ("city/2020-01-01.md".to_owned(), city),
    ]);
    let library = Library::read(&files).unwrap_or_else(|problems| panic!("{problems:?}"));
    let pack = library.pack("town", "2020-01-01".parse().unwrap()).unwrap();
    (library, pack)
}

/// One value for every fact, and what the law comes to.
type EveryCase = Vec<(Vec<usize>, Outcome)>;

/// Every case that can be, decided by Cedar rule by rule and combined by the specification.
fn every_case(library: &Library, pack: &Pack) -> EveryCase {
    let facts = &pack.vocabulary.facts;
    let lowered: Vec<_> =
        pack.rules().map(|(layer, rule)| (layer, rule, reference::lowered(pack, rule))).collect();
    let mut cases = Vec::new();
    for mut number in 0..facts.iter().map(|fact| fact.values.len()).product() {
        let values: Vec<usize> = facts
            .iter()
            .map(|fact| {
                let value = number % fact.values.len();
                number /= fact.values.len();
                value
            })
            .collect();
        // The two definitions, in words of their own.
        let says = |fact: usize, value: &str| facts[fact].values[values[fact]].name == value;
        if (says(0, "i") && !says(1, "detainer")) || (says(1, "order") && !says(2, "true")) {
            continue;
        }
        let request = reference::request(&pack.vocabulary, library.schema(), "hold", &values);
        let firing: Vec<_> = lowered
            .iter()
            .filter(|(_, _, policy)| reference::fires(policy.clone(), &request))
            .map(|(layer, rule, _)| (*layer, *rule))
            .collect();
        cases.push((values, reference::combine(&firing).0));
    }
    cases
}

fn statements(pack: &Pack, values: &[usize], keep: &[bool]) -> Vec<Statement> {
    let facts = pack.vocabulary.facts.iter().zip(values).zip(keep);
    let kept = facts.filter(|(_, keep)| **keep);
    kept.map(|((fact, value), _)| {
        Statement::new(&fact.name, &fact.values[*value].name, Source::Officer)
    })
    .collect()
}

/// The cases that agree with one on the facts kept.
fn alike<'a>(
    cases: &'a EveryCase,
    values: &'a [usize],
    keep: &'a [bool],
) -> Vec<&'a (Vec<usize>, Outcome)> {
    let agrees = |case: &&(Vec<usize>, Outcome)| {
        case.0.iter().zip(values).zip(keep).all(|((a, b), keep)| !keep || a == b)
    };
    cases.iter().filter(agrees).collect()
}

fn only(cases: &[&(Vec<usize>, Outcome)]) -> Option<Outcome> {
    cases.iter().all(|case| case.1 == cases[0].1).then(|| cases[0].1)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Settled exactly when every case left agrees, and asked exactly what can change it.
    #[test]
    fn an_answer_is_exact(
        rules in rules(),
        pick in any::<prop::sample::Index>(),
        keep in prop::array::uniform5(any::<bool>()),
    ) {
        let (library, pack) = pack(&rules);
        let cases = every_case(&library, &pack);
        let (values, outcome) = pick.get(&cases);
        let left = alike(&cases, values, &keep);
        let facts = Facts::read(&pack.vocabulary, &statements(&pack, values, &keep)).unwrap();
        let decision = decide(&pack, "hold", &facts, None).unwrap();
        let expected = only(&left).unwrap_or(Outcome::NeedFacts);
        prop_assert_eq!(decision.outcome, expected);
        let matters = |fact: usize| left.iter().any(|one| left.iter().any(|other| {
            one.1 != other.1 && (0..5).all(|at| at == fact || one.0[at] == other.0[at])
        }));
        let asked: Vec<&str> = decision.missing.iter().map(|it| it.name.as_str()).collect();
        let expected: Vec<&str> = (0..5)
            .filter(|fact| only(&left).is_none() && matters(*fact))
            .map(|fact| pack.vocabulary.facts[fact].name.as_str())
            .collect();
        prop_assert_eq!(asked, expected);

        // An interview that is answered truly ends with the outcome of the whole case.
        let mut said = statements(&pack, values, &keep);
        let mut questions = 0;
        let ended = loop {
            let facts = Facts::read(&pack.vocabulary, &said).unwrap();
            match ask(&pack, "hold", &facts, &[]).unwrap() {
                Next::Ask(question) => {
                    let at = pack.vocabulary.fact(&question.fact).unwrap();
                    let value = &pack.vocabulary.facts[at].values[values[at]].name;
                    prop_assert!(question.answers.iter().any(|answer| answer.value == *value));
                    said.push(Statement::new(&question.fact, value, Source::Officer));
                    questions += 1;
                }
                Next::Settled(outcome) => break outcome,
                Next::Open(facts) => panic!("nothing was unknown: {facts:?}"),
            }
        };
        prop_assert_eq!(ended, *outcome);
        prop_assert!(questions <= 5);
    }

    /// The facts that suffice do, and no fewer would.
    #[test]
    fn why_is_the_smallest_reason(rules in rules(), pick in any::<prop::sample::Index>()) {
        let (library, pack) = pack(&rules);
        let cases = every_case(&library, &pack);
        let (values, outcome) = pick.get(&cases);
        let facts = Facts::read(&pack.vocabulary, &statements(&pack, values, &[true; 5])).unwrap();
        let enough = why(&pack, "hold", &facts).unwrap();
        let settles = |set: u32| {
            let keep: Vec<bool> = (0..5).map(|fact| set >> fact & 1 == 1).collect();
            only(&alike(&cases, values, &keep)) == Some(*outcome)
        };
        let set = enough.iter().fold(0, |set, it| set | 1 << pack.vocabulary.fact(it).unwrap());
        prop_assert!(settles(set), "{enough:?}");
        let smallest = (0..32_u32).filter(|set| settles(*set)).map(u32::count_ones).min();
        prop_assert_eq!(Some(set.count_ones()), smallest);
    }

    /// Of all possible cases that differ in nothing but paper, judge and charge and are settled
    /// otherwise, the nearest ones, and no other.
    #[test]
    fn flips_are_the_smallest_changes(rules in rules(), pick in any::<prop::sample::Index>()) {
        let (library, pack) = pack(&rules);
        let cases = every_case(&library, &pack);
        let (values, outcome) = pick.get(&cases);
        let facts = Facts::read(&pack.vocabulary, &statements(&pack, values, &[true; 5])).unwrap();
        let mut found = BTreeSet::new();
        for flip in flips(&pack, "hold", &facts).unwrap() {
            let mut other = values.clone();
            for change in &flip {
                let at = pack.vocabulary.fact(&change.fact).unwrap();
                other[at] = pack.vocabulary.facts[at].position(&change.value).unwrap();
            }
            found.insert((other, flip[0].outcome));
        }
        let others = cases.iter().filter(|(other, then)| {
            then != outcome && other[0] == values[0] && other[3] == values[3]
        });
        let distance = |other: &[usize]| other.iter().zip(values).filter(|(a, b)| a != b).count();
        let others: Vec<_> = others.cloned().collect();
        let nearest = others.iter().map(|(other, _)| distance(other)).min();
        let nearest: BTreeSet<_> =
            others.into_iter().filter(|(other, _)| Some(distance(other)) == nearest).collect();
        prop_assert_eq!(found, nearest);
    }

    /// The differences of two laws cover every case that differs, and no other.
    #[test]
    fn differences_are_all_and_only_those(one in rules(), two in rules()) {
        let ((library, one), (other_library, two)) = (pack(&one), pack(&two));
        let (before, after) = (every_case(&library, &one), every_case(&other_library, &two));
        let found = diff(&one, &two, "hold").unwrap();
        let facts = &one.vocabulary.facts;
        let covers = |difference: &law::Difference, values: &[usize]| {
            facts.iter().zip(values).all(|(fact, value)| {
                let allowed = difference.facts.get(&fact.name);
                allowed.is_none_or(|allowed| allowed.contains(&fact.values[*value].name))
            })
        };
        for ((values, old), (_, new)) in before.iter().zip(&after) {
            let covering: BTreeSet<_> = found
                .iter()
                .filter(|difference| covers(difference, values))
                .map(|difference| (difference.before, difference.after))
                .collect();
            let expected: BTreeSet<_> = (old != new).then_some((*old, *new)).into_iter().collect();
            prop_assert_eq!(covering, expected, "{:?}", values);
        }
        for difference in &found {
            prop_assert!(difference.share > 0.0 && difference.share <= 1.0 + 1e-9);
            for (fact, value) in &difference.example {
                prop_assert!(difference.facts[fact].contains(value));
            }
        }
    }

    /// Rows decided by column are decided as they are one by one, whatever is not known in them,
    /// and a row that contradicts itself is told.
    #[test]
    fn columns_decide_as_rows_do(
        rules in rules(),
        rows in prop::collection::vec(prop::array::uniform5(0_u8..8), 1..40),
    ) {
        let (_, pack) = pack(&rules);
        let facts = &pack.vocabulary.facts;
        // What is past the values of a fact stands for a fact not known.
        let known = |fact: usize, seed: u8| usize::from(seed) < facts[fact].values.len();
        let columns: Vec<Vec<u8>> = (0..5)
            .map(|fact| {
                let byte = |row: &[u8; 5]| if known(fact, row[fact]) { row[fact] } else { UNKNOWN };
                rows.iter().map(byte).collect()
            })
            .collect();
        let mut given = Columns::new(&pack, rows.len());
        for (fact, column) in facts.iter().zip(&columns) {
            given.give(&pack, &fact.name, column).unwrap();
        }
        let mut codes = vec![0; rows.len()];
        decide_rows(&pack, "hold", &given, &mut codes).unwrap();
        for (row, code) in rows.iter().zip(codes) {
            let keep: Vec<bool> = (0..5).map(|fact| known(fact, row[fact])).collect();
            let values: Vec<usize> = row.iter().map(|seed| usize::from(*seed)).collect();
            let said: Vec<Statement> = (0..5)
                .filter(|fact| keep[*fact])
                .map(|fact| {
                    let value = &facts[fact].values[values[fact]].name;
                    Statement::new(&facts[fact].name, value, Source::Officer)
                })
                .collect();
            let alone = Facts::read(&pack.vocabulary, &said)
                .ok()
                .and_then(|facts| decide(&pack, "hold", &facts, None).ok())
                .map_or(RowOutcome::Contradiction, |it| RowOutcome::Settled(it.outcome));
            prop_assert_eq!(RowOutcome::from_code(code), Some(alone), "{:?}", row);
        }
    }

    /// A property is proved exactly when no case breaks it, and a counterexample does.
    #[test]
    fn proofs_hold_and_counterexamples_break(
        rules in rules(),
        judge in prop::option::of(any::<bool>()),
        never in prop::sample::select(Outcome::ALL.to_vec()),
    ) {
        let (library, pack) = pack(&rules);
        let cases = every_case(&library, &pack);
        let when = judge.map(|judge| ("judge".to_owned(), vec![judge.to_string()]));
        let property = Property {
            say: "never".into(),
            action: "hold".into(),
            when: when.into_iter().collect(),
            always: vec![],
            never: vec![never],
            file: String::new(),
            line: 0,
            heading: String::new(),
        };
        let about = |values: &[usize]| judge.is_none_or(|judge| values[2] == usize::from(judge));
        let broken: Vec<_> =
            cases.iter().filter(|(values, outcome)| about(values) && *outcome == never).collect();
        match prove(&pack, &property).unwrap() {
            None => prop_assert!(broken.is_empty()),
            Some(found) => {
                prop_assert_eq!(found.outcome, never);
                let fits = |values: &[usize]| {
                    pack.vocabulary.facts.iter().zip(values).all(|(fact, value)| {
                        let wanted = found.facts.get(&fact.name);
                        wanted.is_none_or(|wanted| *wanted == fact.values[*value].name)
                    })
                };
                prop_assert!(broken.iter().any(|(values, _)| fits(values)), "{:?}", found);
            }
        }
    }
}
