//! The proofs can fail: laws with one thing changed, told by `law`, against the specification of
//! the law unchanged.

use law::Library;
use proofs::meaning::{Meaning, OUTCOMES, lowered};
use proofs::texts::{Edition, Rule, Texts};
use proofs::told;

use crate::rules::modality;
use crate::{Both, shipped};

/// Whose law is changed, and on which day: few and many exceptions, shields, orders, referrals.
const PLACES: [(&str, &str); 3] = [
    ("us-ma-boston-pd", "2025-03-01"),
    ("us-la-orleans-sheriff", "2025-03-01"),
    ("us-nj-local-pd", "2025-03-01"),
];

/// The text of an edition with one thing changed in a rule, where there is such a thing.
type Change = (&'static str, fn(&str, &Rule) -> Option<String>);

const CHANGES: [Change; 4] = [
    ("the rule taken out", |text, rule| {
        let fence = format!("```cedar\n{}```\n", rule.cedar);
        Some(text.replace(&fence, "").replace(&overrides(&rule.id), ""))
    }),
    ("what it overrides left out", |text, rule| {
        let cedar = rule.cedar.replace(&overrides(rule.overrides.as_ref()?), "");
        Some(text.replace(&rule.cedar, &cedar))
    }),
    ("another modality", |text, rule| {
        let other = if rule.modality == "must_not" { "may" } else { "must_not" };
        let cedar = rule
            .cedar
            .replace(&format!("@modality({:?})", rule.modality), &format!("@modality({other:?})"));
        let cedar = match other {
            "may" => cedar.replace("\nforbid", "\npermit"),
            _ => cedar.replace("\npermit", "\nforbid"),
        };
        Some(text.replace(&rule.cedar, &cedar))
    }),
    ("a condition turned round", |text, rule| {
        let (before, after) = rule.cedar.split_once("\nwhen")?;
        Some(text.replace(&rule.cedar, &format!("{before}\nunless{after}")))
    }),
];

fn overrides(id: &str) -> String {
    format!("@overrides({:?})", id.split_once('/').unwrap().1)
}

#[test]
fn a_law_with_one_thing_changed_is_noticed() {
    let files = told::with_nobody(&shipped());
    let mut both = Both::new(&shipped());
    let texts = both.texts.clone();
    let (mut by_outcome, mut by_rule) = (0, 0);
    for (agency, day) in PLACES {
        let editions = texts.in_force(agency, day).unwrap();
        for (edition, rule) in editions.iter().flat_map(|it| it.rules.iter().map(|r| (*it, r))) {
            for (what, change) in CHANGES {
                let Some(text) = change(&files[&edition.file], rule) else { continue };
                assert_ne!(text, files[&edition.file], "{}: {what}", rule.id);
                let mut changed = files.clone();
                changed.insert(edition.file.clone(), text);
                let law = Library::read_for(&changed, agency)
                    .unwrap_or_else(|error| panic!("{}: {what}: {error:?}", rule.id));
                let pack = told::pack(&law, agency, day).unwrap();
                let again = Texts::read(&changed).unwrap();
                let differs = |action: &String| {
                    outcomes_differ(&mut both, &pack, &again, (agency, day), action)
                };
                if rule.actions.iter().map(differs).filter(|it| *it).count() > 0 {
                    by_outcome += 1;
                } else {
                    assert!(rules_differ(&mut both, &law, edition), "{}: {what}", rule.id);
                    by_rule += 1;
                }
            }
        }
    }
    assert!(by_outcome > 100, "{by_outcome}");
    both.done(&format!("mutants ({by_outcome} noticed by an outcome, {by_rule} by a rule)"));
}

/// Whether the proof of outcomes fails for an action: `law` on the changed text, the specification
/// on the text as it was. It has to fail just where the specification itself says otherwise now.
fn outcomes_differ(
    both: &mut Both,
    pack: &law::Pack,
    again: &Texts,
    (agency, day): (&str, &str),
    action: &str,
) -> bool {
    let was = both.outcomes(agency, day, action);
    let is = Meaning::new(&again.in_force(agency, day).unwrap(), action).outcomes();
    let told = told::outcomes(&both.nothing, pack, action, &both.texts.words).unwrap();
    let mut noticed = false;
    for outcome in OUTCOMES {
        let found = both.prover.same(action, &told[outcome], &was[outcome]).unwrap();
        let expected = both.prover.same(action, &is[outcome], &was[outcome]).unwrap();
        assert_eq!(found.is_some(), expected.is_some(), "{agency}, {action}, {outcome}");
        noticed |= found.is_some();
    }
    noticed
}

/// Whether the proof of rules fails for an edition.
fn rules_differ(both: &mut Both, law: &Library, before: &Edition) -> bool {
    let changed = law.editions().find(|it| it.file == before.file).unwrap();
    if changed.rules.len() != before.rules.len() {
        return true;
    }
    let words = both.texts.words.clone();
    changed.rules.iter().zip(&before.rules).any(|(ours, rule)| {
        let lowered = lowered(before, rule);
        let differs = |action: &String| {
            let known = law.vocabulary();
            let compiled = told::applies(&changed.rules, ours, action, known, &words).unwrap();
            both.prover.same_anywhere(action, &compiled, &lowered).unwrap().is_some()
        };
        modality(ours) != rule.modality || rule.actions.iter().any(differs)
    })
}
