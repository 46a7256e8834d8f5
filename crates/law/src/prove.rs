//! Proofs over every case there is: properties written beside the law, gaps, conflicts, and rules
//! that can never decide.
//!
//! In: a pack. Out: for each property, proved or a case that breaks it; for each action what it
//! can come to. Absent: opinions: a gap is shown, not called a mistake.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::decision::Outcome;
use crate::diagram::rounded;
use crate::engine::Engine;
use crate::pack::Pack;
use crate::vocabulary::value_sets;
use crate::{CannotAnalyse, Facts};

/// Something that has to be so in every case: a `property` fence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// What must be so, in words.
    pub say: String,
    /// What is asked.
    pub action: String,
    /// The cases it is about: each fact with the values it may have; all others may be anything.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// The outcomes it must be one of; none named means any.
    #[serde(default)]
    pub always: Vec<Outcome>,
    /// The outcomes it must not be.
    #[serde(default)]
    pub never: Vec<Outcome>,
    /// The file.
    #[serde(skip)]
    pub file: String,
    /// The line of its fence.
    #[serde(skip)]
    pub line: usize,
    /// The legal heading it stands under.
    #[serde(skip)]
    pub heading: String,
}

/// A case, named by the facts that make it so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counterexample {
    /// What the law comes to in it.
    pub outcome: Outcome,
    /// The facts that lead there; all others may be anything.
    pub facts: BTreeMap<String, String>,
    /// The provisions that determine it.
    pub grounds: Vec<String>,
}

/// What the law of one action can come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survey {
    /// The action.
    pub action: String,
    /// Each outcome there is, with the share of all possible cases and a case of it.
    pub outcomes: Vec<(Outcome, f64, Counterexample)>,
    /// Rules that determine the outcome of no case at all.
    pub never: Vec<String>,
    /// Nodes of the compiled law.
    pub nodes: usize,
}

/// Whether a property holds in every case: nothing if it does, else a case in which it does not.
///
/// # Errors
/// An unknown action, fact or value; a law too large to compile.
pub fn prove(pack: &Pack, property: &Property) -> Result<Option<Counterexample>, CannotAnalyse> {
    let case = Case::new(pack, &property.action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    let mut facts = Facts::none(&pack.vocabulary);
    for (fact, set) in value_sets(&property.when, &pack.vocabulary)? {
        facts.set(fact, set);
    }
    let breaks = |outcome: Outcome| {
        property.never.contains(&outcome)
            || (!property.always.is_empty() && !property.always.contains(&outcome))
    };
    Ok(find(&case, engine, &facts, &breaks))
}

/// What the law of every action can come to, in the order of the vocabulary.
///
/// # Errors
/// A law too large to compile.
pub fn survey(pack: &Pack) -> Result<Vec<Survey>, CannotAnalyse> {
    pack.vocabulary.actions.iter().map(|action| survey_of(pack, &action.name)).collect()
}

fn survey_of(pack: &Pack, action: &str) -> Result<Survey, CannotAnalyse> {
    let case = Case::new(pack, action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    let all = Facts::none(&pack.vocabulary);
    let shares = engine.exact.shares(&all, engine.terminals());
    let mut by_outcome: BTreeMap<Outcome, f64> = BTreeMap::new();
    let mut possible = 0.0;
    let mut deciding = std::collections::BTreeSet::new();
    for (terminal, share) in (0_u32..).zip(shares) {
        if let Some(settled) = engine.settled(terminal)
            && share > 0.0
        {
            *by_outcome.entry(settled.outcome).or_default() += share;
            possible += share;
            deciding.extend(settled.grounds.iter().copied());
        }
    }
    let outcomes = by_outcome
        .into_iter()
        .filter_map(|(outcome, share)| {
            let case = find(&case, engine, &all, &|found| found == outcome)?;
            Some((outcome, rounded(share / possible), case))
        })
        .collect();
    // An exception decides by taking away, where it is no ground itself.
    let takes_away = |at: usize| case.rules.iter().any(|bound| bound.exceptions.contains(&at));
    let never = case
        .rules
        .iter()
        .enumerate()
        .filter(|(at, _)| !deciding.contains(at) && !takes_away(*at))
        .map(|(_, bound)| bound.rule.id.clone())
        .collect();
    Ok(Survey { action: action.to_owned(), outcomes, never, nodes: engine.len() })
}

/// A case with an outcome wanted, among those the facts leave open.
fn find(
    case: &Case<'_>,
    engine: &Engine,
    facts: &Facts,
    wanted: &dyn Fn(Outcome) -> bool,
) -> Option<Counterexample> {
    let is_wanted = |terminal: u32| engine.outcome(terminal).is_some_and(wanted);
    let way = engine.exact.way(facts, &is_wanted)?;
    let vocabulary = &case.pack.vocabulary;
    let mut narrowed = facts.clone();
    // Any of the values leads there; the first stands for them.
    way.iter().for_each(|(at, set)| narrowed.set(*at, set & set.wrapping_neg()));
    let terminal = engine.exact.reach(&narrowed).into_iter().find(|it| is_wanted(*it))?;
    let settled = engine.settled(terminal)?;
    // Facts without which it is the same outcome are left out, first those no rule speaks about.
    let spoken = case.spoken();
    let mut order: Vec<usize> = way.iter().map(|(at, _)| *at).collect();
    order.sort_by_key(|at| (spoken.contains(at), std::cmp::Reverse(*at)));
    for at in order {
        let before = narrowed.domain(at);
        narrowed.set(at, facts.domain(at));
        if engine.only(&narrowed) != Some(settled.outcome) {
            narrowed.set(at, before);
        }
    }
    let mut named = BTreeMap::new();
    for (at, fact) in vocabulary.facts.iter().enumerate() {
        if let Some(value) = narrowed.value(at).and_then(|value| fact.value(value)) {
            named.insert(fact.name.clone(), value.name.clone());
        }
    }
    let ground = |at: &usize| case.rules.get(*at).map(|bound| bound.rule.id.clone());
    Some(Counterexample {
        outcome: settled.outcome,
        facts: named,
        grounds: settled.grounds.iter().filter_map(ground).collect(),
    })
}
