//! The compiled form of one action under one pack: every case there is, as two diagrams.
//!
//! In: [`Case`], the clear definition. Out: [`Engine`], which has the same answers in fewer steps,
//! and knows every case at once. Absent: words.
//!
//! Each rule becomes a diagram, its exceptions taken away; the diagrams of all rules are combined
//! into one whose terminals are sets of rules that apply; and each such set is an outcome. Cases
//! that contradict a definition of the vocabulary lead to a terminal of their own.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, Settled};
use crate::columns::{CODES, RowOutcome};
use crate::diagram::{Builder, Diagram, Program, Ref, TooLarge};
use crate::rule::Modality;
use crate::vocabulary::Vocabulary;
use crate::{Facts, Outcome};

/// The terminal of cases that no facts of one person can be.
pub(crate) const IMPOSSIBLE: u32 = 0;

/// Rules an action may have: one bit each in a set.
const MOST_RULES: usize = 64;

/// One action under one pack, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// Every combination of facts, contradictory ones among them: the shortest way to an answer
    /// where the facts are known, which have been read and so do not contradict one another.
    pub(crate) plain: Diagram,
    /// The same, with contradictory cases set apart: the exact answer where facts are unknown.
    pub(crate) exact: Diagram,
    /// What terminal `n + 1` stands for.
    settled: Vec<Settled>,
    /// The exact diagram with outcomes for terminals, to be walked for many rows.
    program: Program,
}

/// The rules that apply and the prohibitions that were lifted, a bit each.
type Sets = (u64, u64);

impl Engine {
    /// # Errors
    /// The law of this action needs a larger diagram than we build.
    pub(crate) fn compile(case: &Case<'_>) -> Result<Self, TooLarge> {
        let vocabulary = &case.pack.vocabulary;
        let mut builder = Builder::new(vocabulary);
        let (plain, settled) = outcomes(case, &mut builder)?;
        let every = vec![true; vocabulary.facts.len()];
        let possible = possible(vocabulary, &every, &mut builder)?;
        let exact =
            builder.apply(plain, possible, &mut |n, ok| if ok == 1 { n } else { IMPOSSIBLE })?;
        let code = |number: u32| match settled.get((number as usize).wrapping_sub(1)) {
            Some(settled) => RowOutcome::Settled(settled.outcome).code(),
            None => RowOutcome::Contradiction.code(),
        };
        let codes = builder.apply(exact, Ref::YES, &mut |number, _| u32::from(code(number)))?;
        let program = builder.finish(codes).program(CODES);
        Ok(Self { plain: builder.finish(plain), exact: builder.finish(exact), settled, program })
    }

    /// The compiled law as it is walked for many rows.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// What a terminal stands for; nothing for contradictory cases.
    pub(crate) fn settled(&self, terminal: u32) -> Option<&Settled> {
        self.settled.get((terminal as usize).checked_sub(1)?)
    }

    /// The outcome of a terminal.
    pub(crate) fn outcome(&self, terminal: u32) -> Option<Outcome> {
        self.settled(terminal).map(|settled| settled.outcome)
    }

    /// How many terminals there are.
    pub(crate) fn terminals(&self) -> usize {
        self.settled.len().saturating_add(1)
    }

    /// How many nodes the two diagrams have.
    pub(crate) fn len(&self) -> usize {
        self.plain.len().saturating_add(self.exact.len())
    }

    /// What the facts settle to, where every fact on the way is known.
    pub(crate) fn follow(&self, facts: &Facts) -> Option<&Settled> {
        self.settled(self.plain.follow(facts)?)
    }

    /// Everything that the facts, as far as they are known, can still come to. Empty if they
    /// contradict one another.
    pub(crate) fn reach(&self, facts: &Facts) -> Vec<u32> {
        match self.plain.follow(facts) {
            Some(terminal) => vec![terminal],
            None => {
                let mut found = self.exact.reach(facts);
                found.retain(|terminal| *terminal != IMPOSSIBLE);
                found
            }
        }
    }

    /// The only outcome the facts can still come to, if there is only one.
    pub(crate) fn only(&self, facts: &Facts) -> Option<Outcome> {
        let found = self.reach(facts);
        let first = self.outcome(*found.first()?)?;
        found.iter().all(|terminal| self.outcome(*terminal) == Some(first)).then_some(first)
    }

    /// The unknown facts that can still change the outcome, in the order of the vocabulary.
    pub(crate) fn matter(&self, vocabulary: &Vocabulary, facts: &Facts) -> Vec<usize> {
        let differ = |a: u32, b: u32| match (self.outcome(a), self.outcome(b)) {
            (Some(a), Some(b)) => a != b,
            _ => false,
        };
        (0..vocabulary.facts.len())
            .filter(|fact| facts.value(*fact).is_none())
            .filter(|fact| self.exact.matters(*fact, facts, &differ))
            .collect()
    }
}

/// The function from cases to numbers of what they settle to, counted from 1.
fn outcomes(case: &Case<'_>, builder: &mut Builder) -> Result<(Ref, Vec<Settled>), TooLarge> {
    if case.rules.len() > MOST_RULES {
        return Err(TooLarge);
    }
    let mut applies: Vec<Option<Ref>> = vec![None; case.rules.len()];
    let mut sets: Vec<Sets> = vec![(0, 0)];
    let mut places: BTreeMap<Sets, u32> = BTreeMap::from([((0, 0), 0)]);
    let mut all = Ref::terminal(0);
    for (at, bound) in case.rules.iter().enumerate() {
        let bit = 1_u64.checked_shl(at as u32).unwrap_or(0);
        let own = builder.condition(&bound.rule.cond)?;
        let fires = applied(case, at, builder, &mut applies)?;
        // 0: the rule has nothing to say; 1: it applies; 2: an exception takes it away.
        let spoken = builder.apply(own, fires, &mut |own, fires| match (own, fires) {
            (_, 1) => 1,
            (1, _) if bound.rule.modality == Modality::MustNot => 2,
            _ => 0,
        })?;
        all = builder.apply(all, spoken, &mut |before, spoken| {
            let (firing, lifted) = sets.get(before as usize).copied().unwrap_or_default();
            let now = match spoken {
                1 => (firing | bit, lifted),
                2 => (firing, lifted | bit),
                _ => return before,
            };
            *places.entry(now).or_insert_with(|| {
                sets.push(now);
                (sets.len() as u32).saturating_sub(1)
            })
        })?;
    }
    let mut settled: Vec<Settled> = Vec::new();
    let numbers: Vec<u32> = sets
        .iter()
        .map(|(firing, lifted)| {
            let found = case.combine(&members(*firing), members(*lifted));
            let place = settled.iter().position(|it| *it == found).unwrap_or_else(|| {
                settled.push(found);
                settled.len().saturating_sub(1)
            });
            (place as u32).saturating_add(1)
        })
        .collect();
    let number = |set: u32| numbers.get(set as usize).copied().unwrap_or(IMPOSSIBLE);
    let plain = builder.apply(all, Ref::YES, &mut |set, _| number(set))?;
    Ok((plain, settled))
}

fn members(set: u64) -> BTreeSet<usize> {
    (0..MOST_RULES).filter(|at| set.checked_shr(*at as u32).unwrap_or(0) & 1 == 1).collect()
}

/// Where a rule applies: its condition, and none of its exceptions.
fn applied(
    case: &Case<'_>,
    at: usize,
    builder: &mut Builder,
    done: &mut Vec<Option<Ref>>,
) -> Result<Ref, TooLarge> {
    if let Some(found) = done.get(at).copied().flatten() {
        return Ok(found);
    }
    let Some(bound) = case.rules.get(at) else { return Ok(Ref::NO) };
    let mut applies = builder.condition(&bound.rule.cond)?;
    for exception in &bound.exceptions {
        let taken = applied(case, *exception, builder, done)?;
        let taken = builder.not(taken)?;
        applies = builder.and(applies, taken)?;
    }
    if let Some(slot) = done.get_mut(at) {
        *slot = Some(applies);
    }
    Ok(applies)
}

/// Where no definition of the vocabulary is broken that speaks about some of these facts.
pub(crate) fn possible(
    vocabulary: &Vocabulary,
    about: &[bool],
    builder: &mut Builder,
) -> Result<Ref, TooLarge> {
    let mut possible = Ref::YES;
    let is_about = |(fact, _): &(usize, u64)| about.get(*fact) == Some(&true);
    for definition in &vocabulary.definitions {
        if !definition.when.iter().chain(&definition.then).any(is_about) {
            continue;
        }
        let mut sides = [Ref::YES, Ref::YES];
        for (side, sets) in sides.iter_mut().zip([&definition.when, &definition.then]) {
            for (fact, set) in sets {
                let part = builder.is(*fact, *set)?;
                *side = builder.and(*side, part)?;
            }
        }
        let [when, then] = sides;
        let not = builder.not(when)?;
        let holds = builder.or(not, then)?;
        possible = builder.and(possible, holds)?;
    }
    Ok(possible)
}
