//! What a pack means, as conditions in Cedar: each step of "How a pack decides" in
//! `docs/spec/law-pack.md`, written out. Nothing of the crate `law` is used.
//!
//! In: the editions in force and an action. Out: [`Meaning`]. Absent: any evaluation.

use std::collections::BTreeMap;

use crate::texts::{Edition, Rule};
use crate::words::{Condition, all, any, not};

/// The outcomes that facts which are all known can come to, as the specification spells them.
pub const OUTCOMES: [&str; 5] = ["must", "may", "must_not", "silent", "refer"];

/// The law of one action.
pub struct Meaning<'a> {
    /// The rules that name the action, in the order of the stack.
    pub rules: Vec<Placed<'a>>,
}

/// A rule, how low its instrument stands, and what it means.
pub struct Placed<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The place of its edition: 0 is the highest maker's.
    pub layer: usize,
    /// Where it holds: lowered to plain Cedar.
    pub holds: Condition,
}

/// A row of the table of outcomes: what holds, the outcome, and the modalities of its grounds.
struct Row {
    holds: Condition,
    outcome: &'static str,
    grounds: &'static [&'static str],
}

/// Where a rule holds: its own words do, and of the rules that override it none holds. Each
/// exception is an `unless`, with its action and conditions and its own exceptions first.
pub fn lowered(edition: &Edition, rule: &Rule) -> Condition {
    let exceptions = edition.rules.iter().filter(|it| it.overrides.as_ref() == Some(&rule.id));
    let unless = exceptions.map(|exception| not(&lowered(edition, exception)));
    all(std::iter::once(rule.own()).chain(unless))
}

impl<'a> Meaning<'a> {
    /// The law of an action, from the editions in force, the highest maker's first.
    pub fn new(in_force: &[&'a Edition], action: &str) -> Self {
        let mut rules = Vec::new();
        for (layer, edition) in in_force.iter().enumerate() {
            for rule in edition.rules.iter().filter(|it| it.actions.iter().any(|it| it == action)) {
                rules.push(Placed { rule, layer, holds: lowered(edition, rule) });
            }
        }
        Self { rules }
    }

    /// Where each outcome is.
    pub fn outcomes(&self) -> BTreeMap<&'static str, Condition> {
        let rows = self.first_rows();
        let outcome = |outcome: &'static str| {
            let rows = rows.iter().filter(|(row, _)| row.outcome == outcome);
            (outcome, any(rows.map(|(_, first)| first.clone())))
        };
        OUTCOMES.into_iter().map(outcome).collect()
    }

    /// Where each rule is a ground of the outcome.
    pub fn grounds(&self) -> Vec<(&'a Rule, Condition)> {
        let rows = self.first_rows();
        let grounds = |placed: &Placed<'a>| {
            let modality = placed.rule.modality.as_str();
            let rows = rows.iter().filter(|(row, _)| row.grounds.contains(&modality));
            let decides = any(rows.map(|(_, first)| first.clone()));
            (placed.rule, all([self.left(placed), decides]))
        };
        self.rules.iter().map(grounds).collect()
    }

    /// Where a rule holds and no shield has taken it away: "A `must_not` that holds falls away if
    /// a `shields` holds in an instrument that stands higher in the stack".
    fn left(&self, placed: &Placed<'_>) -> Condition {
        if placed.rule.modality != "must_not" {
            return placed.holds.clone();
        }
        let higher = self.rules.iter().filter(|it| it.layer < placed.layer);
        let shields = higher.filter(|it| it.rule.modality == "shields");
        let shielded = any(shields.map(|shield| shield.holds.clone()));
        all([placed.holds.clone(), not(&shielded)])
    }

    /// The table of outcomes, in its order.
    fn rows(&self) -> [Row; 6] {
        let some = |modalities: &[&str]| {
            let these = self.rules.iter().filter(|it| modalities.contains(&&*it.rule.modality));
            any(these.map(|placed| self.left(placed)))
        };
        let row = |holds, outcome, grounds| Row { holds, outcome, grounds };
        [
            row(all([some(&["must_not"]), some(&["must"])]), "refer", &["must_not", "must"]),
            row(some(&["must_not"]), "must_not", &["must_not"]),
            row(some(&["refer"]), "refer", &["refer"]),
            row(some(&["must"]), "must", &["must"]),
            row(some(&["may", "shields"]), "may", &["may", "shields"]),
            row("true".to_owned(), "silent", &[]),
        ]
    }

    /// Each row with where it is the first that fits.
    fn first_rows(&self) -> Vec<(Row, Condition)> {
        let mut found: Vec<(Row, Condition)> = Vec::new();
        for row in self.rows() {
            let before = found.iter().map(|(row, _)| not(&row.holds));
            let first = all(before.chain([row.holds.clone()]));
            found.push((row, first));
        }
        found
    }
}
