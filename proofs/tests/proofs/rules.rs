//! Each rule alone: its lowering to plain Cedar is what `law` compiled, and it never errs.

use std::collections::BTreeSet;

use proofs::meaning::lowered;
use proofs::told;

use crate::{Both, shipped};

pub fn modality(rule: &law::Rule) -> &'static str {
    match rule.modality {
        law::Modality::Must => "must",
        law::Modality::MustNot => "must_not",
        law::Modality::May => "may",
        law::Modality::Shields => "shields",
        law::Modality::Refer => "refer",
    }
}

#[test]
fn every_rule_means_what_was_compiled() {
    let mut both = Both::new(&shipped());
    let editions: Vec<_> = both.law.editions().cloned().collect();
    let mut pairs = 0;
    for edition in &editions {
        let again = &both.texts.editions[&edition.path][&edition.from.to_string()];
        let ids = |ids: &mut dyn Iterator<Item = String>| ids.collect::<Vec<_>>();
        assert_eq!(
            ids(&mut edition.rules.iter().map(|it| it.id.clone())),
            ids(&mut again.rules.iter().map(|it| it.id.clone())),
        );
        for (ours, rule) in edition.rules.iter().zip(&again.rules) {
            assert_eq!(modality(ours), rule.modality, "{}", rule.id);
            let lowered = lowered(again, rule);
            for action in &both.texts.words.actions {
                let (known, words) = (both.law.vocabulary(), &both.texts.words);
                let compiled = told::applies(&edition.rules, ours, action, known, words).unwrap();
                let found = both.prover.same_anywhere(action, &compiled, &lowered).unwrap();
                assert_eq!(found, None, "{} for {action}: {compiled}\n{lowered}", rule.id);
                pairs += 1;
            }
        }
    }
    assert!(pairs > 2_000);
    both.done("rules");
}

#[test]
fn no_rule_errs() {
    let mut both = Both::new(&shipped());
    let mut seen = BTreeSet::new();
    for edition in both.texts.editions.values().flat_map(|dated| dated.values()) {
        for rule in &edition.rules {
            let lowered = format!(
                "permit (principal, action, resource) when {{ {} }};",
                lowered(edition, rule)
            );
            for action in &rule.actions {
                for policy in [&rule.cedar, &lowered] {
                    assert!(both.prover.never_errs(action, policy).unwrap(), "{policy}");
                }
            }
            seen.insert((&edition.file, &rule.id));
        }
    }
    assert!(seen.len() > 250);

    // What the legal profile refuses, because it errs where there is a warrant, is noticed.
    let errs = "permit (principal, action, resource) when { context.criminal_warrant && \
                9223372036854775807 + 1 > 0 };";
    assert!(!both.prover.never_errs("hold", errs).unwrap());
    both.done("errors");
}
