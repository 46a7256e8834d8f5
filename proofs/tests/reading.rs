#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! What the proofs stand on and that needs no solver: the texts read a second time, and the
//! specification's table of outcomes against cases worked out by hand.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{Policy, Schema, SchemaFragment};
use law::Library;
use proofs::meaning::Meaning;
use proofs::prover::Prover;
use proofs::texts::{Clause, Texts, clauses};
use proofs::words::{Case, not};
use proofs::{evaluator, told};

/// The vocabulary means the same to both readings: the same facts, values, actions, all required.
#[test]
fn the_schema_is_that_of_the_law() {
    let files = proofs::shipped().unwrap();
    let (law, texts) = (Library::read(&files).unwrap(), Texts::read(&files).unwrap());
    let json =
        |text: &str| SchemaFragment::from_cedarschema_str(text).unwrap().0.to_json_value().unwrap();
    assert_eq!(json(&law.vocabulary().cedar_schema()), json(&texts.words.schema()));
    assert!(texts.words.facts.len() > 40 && texts.words.definitions.len() > 10);
}

/// The same days, and on each the same rules in the same order.
#[test]
fn the_same_law_is_in_force() {
    let files = proofs::shipped().unwrap();
    let (law, texts) = (Library::read(&files).unwrap(), Texts::read(&files).unwrap());
    let mut packs = 0;
    assert_eq!(law.agencies().count(), texts.agencies.len());
    for agency in texts.agencies.keys() {
        let days: Vec<String> =
            law.change_days(agency).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(days, texts.days(agency).unwrap(), "{agency}");
        for day in days {
            let pack = told::pack(&law, agency, &day).unwrap();
            let ours: Vec<&String> = pack.rules().map(|(_, rule)| &rule.id).collect();
            let again = texts.in_force(agency, &day).unwrap();
            let again: Vec<_> = again.iter().flat_map(|it| &it.rules).map(|it| &it.id).collect();
            assert_eq!(ours, again, "{agency} on {day}");
            packs += 1;
        }
    }
    assert!(packs > 40, "{packs}");
}

/// The clauses cut out of a rule's text, put back, are the rule.
#[test]
fn clauses_are_cut_where_cedar_has_them() {
    let texts = Texts::read(&proofs::shipped().unwrap()).unwrap();
    let rules = texts.editions.values().flat_map(BTreeMap::values).flat_map(|it| &it.rules);
    let conditions =
        |text: &str| Policy::parse(None, text).unwrap().to_json().unwrap()["conditions"].clone();
    let mut cut = 0;
    for rule in rules {
        let mut again = "permit (principal, action, resource)".to_owned();
        for (kind, text) in &rule.clauses {
            let word = if *kind == Clause::When { "when" } else { "unless" };
            again.push_str(&format!("\n{word} {{ {text} }}"));
        }
        assert_eq!(conditions(&format!("{again};")), conditions(&rule.cedar), "{}", rule.cedar);
        cut += rule.clauses.len();
    }
    assert!(cut > 200, "{cut}");

    let text = "@cite(\"when { a\") permit (principal, action, resource) // when { b\nwhen \
                { context.c == C::\"}\\\"\" // }\n}unless{d};";
    let found =
        [(Clause::When, "context.c == C::\"}\\\"\"".to_owned()), (Clause::Unless, "d".to_owned())];
    assert_eq!(clauses(text).unwrap(), found);
    for broken in ["when { a", "when a }", "where { a }", "when { { a } }"] {
        assert!(clauses(broken).is_err(), "{broken}");
    }
}

const VOCABULARY: &str = r#"
action = [{ name = "hold", says = "keep someone" }, { name = "tell", says = "tell of someone" }]
fact = [
  { name = "a", question = "A?" },
  { name = "b", question = "B?" },
  { name = "c", question = "C?" },
  { name = "d_e", question = "Which?", values = [["one", "one"], ["two", "two"]] },
]
definition = [{ if = { a = ["true"], b = ["true"] }, then = { d_e = ["two"] }, because = "so" }]
"#;

/// A state's law and a city's: for each rule who made it, its modality, the rule it overrides, its
/// action and its condition.
fn texts(rules: &[[&str; 5]]) -> Texts {
    let head = |id: &str| format!("# {id}\n\n```instrument\nid = \"{id}\"\n```\n");
    let mut files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), VOCABULARY.to_owned()),
        (
            "agencies/town.md".to_owned(),
            "# Town\n\n```agency\nprincipal = \"city\"\nstack = [\"state\", \"city\"]\n```\n"
                .to_owned(),
        ),
        ("state/2020-01-01.md".to_owned(), head("state")),
        ("city/2020-01-01.md".to_owned(), head("city")),
    ]);
    for (at, [maker, modality, overrides, action, condition]) in rules.iter().enumerate() {
        let text = files.get_mut(&format!("{maker}/2020-01-01.md")).unwrap();
        let overrides = match *overrides {
            "" => String::new(),
            id => format!("@overrides({id:?})"),
        };
        text.push_str(&format!(
            "\n```cedar\n@id(\"{at}\") @modality({modality:?}) {overrides}\npermit (principal, \
             action == Action::{action:?}, resource) when {{ {condition} }};\n```\n"
        ));
    }
    Texts::read(&files).unwrap()
}

/// The outcome where exactly the facts named are true, and its grounds, by Cedar's evaluator.
fn come_to(texts: &Texts, action: &str, facts: &str) -> (String, String) {
    let (schema, _) = Schema::from_cedarschema_str(&texts.words.schema()).unwrap();
    let mut case = Case::from([("d_e".to_owned(), "one".to_owned())]);
    for fact in ["a", "b", "c"] {
        case.insert(fact.to_owned(), facts.contains(fact).to_string());
    }
    let editions = texts.in_force("town", "2020-06-01").unwrap();
    let meaning = Meaning::new(&editions, action);
    let holds = |it: &str| evaluator::holds(&texts.words, &schema, action, it, &case).unwrap();
    let outcomes = meaning.outcomes().into_iter().filter(|(_, it)| holds(it));
    let outcomes: Vec<&str> = outcomes.map(|(outcome, _)| outcome).collect();
    let grounds = meaning.grounds().into_iter().filter(|(_, it)| holds(it));
    let grounds: BTreeSet<String> = grounds.map(|(rule, _)| rule.id.clone()).collect();
    (outcomes.join(" "), grounds.into_iter().collect::<Vec<_>>().join(" "))
}

/// The table of `docs/spec/law-pack.md`, row by row.
#[test]
fn the_first_row_that_fits_is_the_outcome() {
    let rule = |modality, condition| ["city", modality, "", "hold", condition];
    let law = [
        rule("must_not", "context.a"),
        rule("must", "context.b"),
        rule("refer", "context.c"),
        rule("may", "context.b || context.c"),
        rule("shields", "context.d_e == DE::\"one\""),
    ];
    let texts = texts(&law);
    for (facts, outcome, grounds) in [
        ("ab", "refer", "city/0 city/1"),
        ("abc", "refer", "city/0 city/1"),
        ("a", "must_not", "city/0"),
        ("ac", "must_not", "city/0"),
        ("bc", "refer", "city/2"),
        ("b", "must", "city/1"),
        ("", "may", "city/4"),
    ] {
        let expected = (outcome.to_owned(), grounds.to_owned());
        assert_eq!(come_to(&texts, "hold", facts), expected, "{facts}");
        assert_eq!(come_to(&texts, "tell", facts), ("silent".to_owned(), String::new()));
    }
}

#[test]
fn exceptions_take_away_and_their_exceptions_restore() {
    let law = [
        ["city", "must_not", "", "hold", "true"],
        ["city", "may", "0", "hold", "context.a"],
        ["city", "refer", "1", "hold", "context.b"],
        ["city", "may", "0", "tell", "context.c"],
    ];
    let texts = texts(&law);
    for (facts, outcome, grounds) in [
        ("", "must_not", "city/0"),
        ("a", "may", "city/1"),
        ("ab", "must_not", "city/0"),
        ("b", "must_not", "city/0"),
        // An exception for another action takes nothing away from this one.
        ("c", "must_not", "city/0"),
    ] {
        let expected = (outcome.to_owned(), grounds.to_owned());
        assert_eq!(come_to(&texts, "hold", facts), expected, "{facts}");
    }
}

#[test]
fn a_shield_protects_from_below_only() {
    for (shields, forbids, outcome, grounds) in [
        ("state", "city", "may", "state/0"),
        ("city", "state", "must_not", "state/1"),
        ("city", "city", "must_not", "city/1"),
    ] {
        let law = [
            [shields, "shields", "", "hold", "context.a"],
            [forbids, "must_not", "", "hold", "true"],
        ];
        let expected = (outcome.to_owned(), grounds.to_owned());
        assert_eq!(come_to(&texts(&law), "hold", "a"), expected);
        let expected = ("must_not".to_owned(), format!("{forbids}/1"));
        assert_eq!(come_to(&texts(&law), "hold", ""), expected);
    }
}

/// A definition rules out a case in which all of its first facts are so and its last is not.
#[test]
fn definitions_rule_cases_out() {
    let texts = texts(&[]);
    let (schema, _) = Schema::from_cedarschema_str(&texts.words.schema()).unwrap();
    let possible = texts.words.possible().unwrap();
    for (a, b, which, expected) in [
        ("true", "true", "one", false),
        ("true", "true", "two", true),
        ("true", "false", "one", true),
        ("false", "false", "one", true),
    ] {
        let facts = [("a", a), ("b", b), ("c", "true"), ("d_e", which)];
        let case = facts.map(|(fact, value)| (fact.to_owned(), value.to_owned()));
        let case = Case::from(case);
        let holds = |it: &str| evaluator::holds(&texts.words, &schema, "hold", it, &case).unwrap();
        assert_eq!(holds(&possible), expected, "{case:?}");
        assert_eq!(holds(&not(&possible)), !expected, "{case:?}");
        assert!(holds(&texts.words.at(&case).unwrap()));
    }
}

#[test]
fn a_solver_that_is_not_there_is_named_with_its_package() {
    let words = texts(&[]).words;
    let Err(error) = Prover::with(&words, "no-such-solver") else { panic!("it starts") };
    let said = error.to_string();
    assert!(said.contains("`no-such-solver` does not start"), "{said}");
    assert!(said.contains("the Debian package cvc5 or run scripts/proofs.sh"), "{said}");
}
