//! One rule under a small vocabulary, small enough to try every case against Cedar itself.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
};
use law::{Facts, Library, Outcome, Pack, Source, Truth, decide};

/// Three facts and one definition: twelve cases, eight of them consistent.
pub const VOCABULARY: &str = r#"action = [{ name = "hold", says = "h" }, { name = "tell", says = "t" }]
[[fact]]
name = "judge"
question = "?"
if_changed = "if {}"
[[fact]]
name = "free"
question = "?"
[[fact]]
name = "basis"
question = "?"
values = [["none", "n"], ["detainer", "d"], ["warrant", "w"]]
[[definition]]
if = { basis = ["warrant"] }
then = { judge = ["true"] }
because = "a judge signs warrants"
"#;

const AGENCY: &str = "# T\n```agency\nname = \"T\"\ntimezone = \"UTC\"\nprincipal = \"t\"\n\
                      stack = [\"t\"]\n```\n";

const HEAD: &str = "# T\n```instrument\nid = \"t\"\ncitation = \"T\"\nkind = \"statute\"\n\
                    maker = \"T\"\nday_grade = \"text\"\n```\n## 1\nWords.\n\n```cedar\n";

/// Every way all three facts can be: positions of values, and the same as Cedar's requests.
static CASES: LazyLock<Vec<([usize; 3], [Request; 2])>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for judge in 0..2 {
        for free in 0..2 {
            for (basis, name) in ["none", "detainer", "warrant"].iter().enumerate() {
                let pairs = || {
                    let entity = uid(&format!("Basis::{name:?}"));
                    [
                        ("judge".to_owned(), RestrictedExpression::new_bool(judge == 1)),
                        ("free".to_owned(), RestrictedExpression::new_bool(free == 1)),
                        ("basis".to_owned(), RestrictedExpression::new_entity_uid(entity)),
                    ]
                };
                let request = |action: &str| {
                    let (agency, person) = (uid("Agency::\"a\""), uid("Person::\"p\""));
                    let action = uid(&format!("Action::{action:?}"));
                    let context = Context::from_pairs(pairs()).expect("a context");
                    Request::new(agency, action, person, context, None).expect("a request")
                };
                cases.push(([judge, free, basis], ["hold", "tell"].map(request)));
            }
        }
    }
    cases
});

fn uid(text: &str) -> EntityUid {
    EntityUid::from_str(text).expect("a name")
}

/// Any text as one rule. If it is accepted, then in every case Cedar evaluates it without error
/// and to what we make of it; and a decision is settled on part of the facts exactly if every
/// consistent way the others could be leads to that outcome.
pub fn law_rule(data: &[u8]) {
    let Ok(rule) = std::str::from_utf8(data) else { return };
    let files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), VOCABULARY.to_owned()),
        ("agencies/t.md".to_owned(), AGENCY.to_owned()),
        ("t/2025-01-01.md".to_owned(), format!("{HEAD}{rule}\n```\n")),
    ]);
    let Ok(library) = Library::read(&files) else { return };
    let day = law::parse_day("2025-01-01").expect("a day");
    let pack = library.pack("t", day).expect("the edition is in force");
    for (_, rule) in pack.rules() {
        let policies = PolicySet::from_policies([rule.cedar.clone()]).expect("one policy");
        for (values, requests) in CASES.iter() {
            for (action, request) in requests.iter().enumerate() {
                let response =
                    Authorizer::new().is_authorized(request, &policies, &Entities::empty());
                let errors: Vec<_> = response.diagnostics().errors().collect();
                assert!(errors.is_empty(), "a rule inside the profile erred: {errors:?}");
                let theirs = response.diagnostics().reason().next().is_some();
                let ours = rule.actions.contains(&action)
                    && rule.cond.truth(&facts(&pack, *values)) == Truth::Yes;
                assert_eq!(ours, theirs, "{} on {values:?}", rule.id);
            }
        }
    }
    for action in ["hold", "tell"] {
        exactly_settled(&pack, action);
    }
}

/// The facts of a case, all known; the definition is not looked at.
fn facts(pack: &Pack, values: [usize; 3]) -> Facts {
    let mut facts = Facts::none(&pack.vocabulary);
    for (at, value) in values.into_iter().enumerate() {
        facts.know(at, value, Source::Officer);
    }
    facts
}

/// Leaves out every subset of the facts and compares with all consistent completions.
fn exactly_settled(pack: &Pack, action: &str) {
    let outcome = |facts: &Facts| decide(pack, action, facts, None).expect("known").outcome;
    // A warrant that no judge signed contradicts the definition.
    let consistent: Vec<_> =
        CASES.iter().map(|(values, _)| *values).filter(|it| it[2] != 2 || it[0] == 1).collect();
    for known in &consistent {
        for kept in 0..8_usize {
            let stated = |at: &usize| kept >> at & 1 == 1;
            let statements: Vec<_> = (0..3)
                .filter(stated)
                .map(|at| {
                    let fact = &pack.vocabulary.facts[at];
                    let value = &fact.values[known[at]].name;
                    law::Statement::new(&fact.name, value, Source::Officer)
                })
                .collect();
            let part = Facts::read(&pack.vocabulary, &statements).expect("consistent");
            let outcomes: BTreeSet<Outcome> = consistent
                .iter()
                .filter(|other| (0..3).filter(stated).all(|at| other[at] == known[at]))
                .map(|values| outcome(&facts(pack, *values)))
                .collect();
            let expected = match outcomes.first() {
                Some(only) if outcomes.len() == 1 => *only,
                _ => Outcome::NeedFacts,
            };
            assert_eq!(outcome(&part), expected, "{action} on {statements:?}");
        }
    }
}
