//! The next question: which unknown fact, asked now, is expected to settle most.
//!
//! In: a pack, an action, what is known, and which facts nobody can tell. Out: [`Next`]. No state
//! is kept: whoever asks hands in all that is known each time, so that a page, a telephone and a
//! terminal use the same call.

use serde::Serialize;

use crate::case::Case;
use crate::decision::Outcome;
use crate::engine::Engine;
use crate::measure::Measure;
use crate::pack::Pack;
use crate::{CannotAnalyse, Facts};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Ask this.
    Ask(Question),
    /// Nothing more to ask: this is the outcome, whatever is not known.
    Settled(Outcome),
    /// Everything that could still settle it is not known to anyone: these facts.
    Open(Vec<String>),
}

/// A question, and why it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The fact.
    pub fact: String,
    /// The question that asks it.
    pub question: String,
    /// Whether only a person can answer it.
    pub judgment: bool,
    /// What may be answered instead of a value: a `day`, a `number`, or nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<&'static str>,
    /// The answers still possible.
    pub answers: Vec<Answer>,
}

/// A possible answer, and what it would settle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The value.
    pub value: String,
    /// In plain words.
    pub says: String,
    /// The outcome it would settle; nothing where more would have to be asked.
    pub settles: Option<Outcome>,
}

/// The question to ask next.
///
/// Of the facts that can still change the outcome, it is the one after whose answer the outcomes
/// still possible are expected to be spread least (the Gini impurity, every completion of the
/// unknown facts counted alike); of equals the first in the vocabulary.
///
/// # Errors
/// An action the vocabulary does not have, facts that contradict one another, or a law too large
/// to compile.
pub fn ask(
    pack: &Pack,
    action: &str,
    facts: &Facts,
    nobody: &[usize],
) -> Result<Next, CannotAnalyse> {
    let case = Case::new(pack, action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    if let Some(outcome) = engine.only(facts) {
        return Ok(Next::Settled(outcome));
    }
    if engine.reach(facts).is_empty() {
        return Err(CannotAnalyse::contradiction());
    }
    let matter = engine.matter(&pack.vocabulary, facts);
    let mut best: Option<(f64, usize)> = None;
    for fact in matter.iter().copied().filter(|fact| !nobody.contains(fact)) {
        let spread = spread_after(engine, facts, fact);
        if best.is_none_or(|(least, _)| spread < least) {
            best = Some((spread, fact));
        }
    }
    Ok(match best {
        Some((_, fact)) => Next::Ask(question(pack, engine, facts, fact)),
        None => {
            let name = |at: &usize| pack.vocabulary.facts.get(*at).map(|fact| fact.name.clone());
            Next::Open(matter.iter().filter_map(name).collect())
        }
    })
}

/// The values a fact may still have.
fn values(facts: &Facts, fact: usize) -> impl Iterator<Item = usize> {
    let domain = facts.domain(fact);
    (0..64).filter(move |value| domain.checked_shr(*value as u32).unwrap_or(0) & 1 == 1)
}

fn with(facts: &Facts, fact: usize, value: usize) -> Facts {
    let mut known = facts.clone();
    known.set(fact, 1_u64.checked_shl(value as u32).unwrap_or(0));
    known
}

/// How widely the outcomes would still be spread, expected over the answers to a question.
fn spread_after(engine: &Engine, facts: &Facts, fact: usize) -> f64 {
    let (mut weights, mut spread) = (0.0, 0.0);
    for value in values(facts, fact) {
        let (weight, after) = spread_of(engine, &with(facts, fact, value));
        weights += weight;
        spread += weight * after;
    }
    if weights > 0.0 { spread / weights } else { 0.0 }
}

/// The share of cases that are possible, and the Gini impurity of their outcomes.
fn spread_of(engine: &Engine, facts: &Facts) -> (f64, f64) {
    let mut by_outcome = [0.0_f64; Outcome::ALL.len()];
    let mut possible = 0.0;
    for (terminal, share) in (0_u32..).zip(engine.exact.shares(facts, engine.terminals())) {
        if let Some(outcome) = engine.outcome(terminal) {
            possible += share;
            if let Some(slot) = by_outcome.get_mut(outcome as usize) {
                *slot += share;
            }
        }
    }
    if possible <= 0.0 {
        return (0.0, 0.0);
    }
    let same: f64 = by_outcome.iter().map(|share| (share / possible) * (share / possible)).sum();
    (possible, 1.0 - same)
}

fn question(pack: &Pack, engine: &Engine, facts: &Facts, at: usize) -> Question {
    let fact = pack.vocabulary.facts.get(at);
    let answer = |value: usize| {
        let known = with(facts, at, value);
        if engine.reach(&known).is_empty() {
            return None;
        }
        let word = fact?.value(value)?;
        let (value, says) = (word.name.clone(), word.says.clone());
        Some(Answer { value, says, settles: engine.only(&known) })
    };
    Question {
        fact: fact.map_or_else(String::new, |fact| fact.name.clone()),
        question: fact.map_or_else(String::new, |fact| fact.question.clone()),
        judgment: fact.is_some_and(|fact| fact.judgment),
        takes: fact.and_then(|fact| fact.measure.as_ref()).map(Measure::word),
        answers: values(facts, at).filter_map(answer).collect(),
    }
}
