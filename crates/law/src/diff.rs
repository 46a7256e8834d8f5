//! The difference of two laws: every case in which they come to another outcome, as few scenarios.
//!
//! In: two packs with the same vocabulary (two days, two agencies, an amendment in preparation).
//! Out: [`Difference`]s. Absent: what the rules say; only outcomes are compared.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::case::Case;
use crate::decision::Outcome;
use crate::diagram::{Builder, Diagram, Ref, TooLarge, rounded};
use crate::engine::{IMPOSSIBLE, possible};
use crate::pack::Pack;
use crate::{CannotAnalyse, Facts, Vocabulary};

/// Ways through a diagram that are looked at; past it the difference is said to be too large.
const MOST_WAYS: usize = 100_000;

/// Cases that one law settles otherwise than another, described by the fewest facts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// What is asked.
    pub action: String,
    /// The outcome under the first law.
    pub before: Outcome,
    /// The outcome under the second.
    pub after: Outcome,
    /// The facts that make it so, each with the values that do; all others may be anything.
    pub facts: BTreeMap<String, Vec<String>>,
    /// One concrete case: a value for each of those facts.
    pub example: BTreeMap<String, String>,
    /// The share of all possible cases of this action, every one counted alike.
    pub share: f64,
}

/// Every difference between two packs for one action. Differences may overlap; together they
/// cover every case that differs, and no other.
///
/// # Errors
/// Packs of different vocabularies, an action they do not have, a law too large to compile.
pub fn diff(before: &Pack, after: &Pack, action: &str) -> Result<Vec<Difference>, CannotAnalyse> {
    let vocabulary = &before.vocabulary;
    if vocabulary.facts != after.vocabulary.facts
        || vocabulary.definitions != after.vocabulary.definitions
    {
        return Err(CannotAnalyse::words());
    }
    let (old_case, new_case) = (Case::new(before, action)?, Case::new(after, action)?);
    let old = before.engine(&old_case).ok_or(TooLarge)?;
    let new = after.engine(&new_case).ok_or(TooLarge)?;
    let mut builder = Builder::new(vocabulary);
    let (from, to) = (builder.import(&old.plain)?, builder.import(&new.plain)?);
    // Terminal 0 is a case that cannot be, 1 one in which the laws agree, the others are pairs.
    let mut pairs: Vec<(Outcome, Outcome)> = Vec::new();
    let differs =
        builder.apply(from, to, &mut |from, to| match (old.outcome(from), new.outcome(to)) {
            (Some(from), Some(to)) if from != to => {
                let place = pairs.iter().position(|it| *it == (from, to)).unwrap_or_else(|| {
                    pairs.push((from, to));
                    pairs.len().saturating_sub(1)
                });
                (place as u32).saturating_add(2)
            }
            _ => 1,
        })?;
    let mut asked = vec![false; vocabulary.facts.len()];
    for fact in old_case.spoken().into_iter().chain(new_case.spoken()) {
        if let Some(asked) = asked.get_mut(fact) {
            *asked = true;
        }
    }
    let mut found = Vec::new();
    if !pairs.is_empty() {
        let tells = Tells::new(builder, differs, vocabulary, &asked)?;
        for (number, pair) in (2_u32..).zip(&pairs) {
            for cube in cubes(&tells.short, &asked, vocabulary, number)? {
                found.push(tells.describe(vocabulary, action, *pair, number, &cube));
            }
        }
    }
    found.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.facts.cmp(&b.facts)));
    Ok(found)
}

/// What a difference is told from.
struct Tells {
    /// The difference by the facts that the rules speak about.
    short: Diagram,
    /// By all facts that the definitions tie to these, too, by which cases are counted.
    whole: Diagram,
    /// The share of all cases that can be.
    possible: f64,
}

impl Tells {
    fn new(
        mut builder: Builder,
        differs: Ref,
        vocabulary: &Vocabulary,
        asked: &[bool],
    ) -> Result<Self, TooLarge> {
        let possible = possible(vocabulary, &tied(vocabulary, asked), &mut builder)?;
        let spoken = builder.forget(possible, &|fact| asked.get(fact) == Some(&false))?;
        let cut = &mut |pair, ok| if ok == 1 { pair } else { IMPOSSIBLE };
        let short = builder.apply(differs, spoken, cut)?;
        let whole = builder.apply(differs, possible, cut)?;
        let (short, whole) = (builder.finish(short), builder.finish(whole));
        let impossible = whole.shares(&Facts::none(vocabulary), 2);
        let possible = 1.0 - impossible.first().copied().unwrap_or(0.0);
        Ok(Self { short, whole, possible })
    }
}

/// The facts that are asked, and those that definitions tie to them, directly or through others.
fn tied(vocabulary: &Vocabulary, asked: &[bool]) -> Vec<bool> {
    let mut tied = asked.to_vec();
    loop {
        let before = tied.clone();
        for definition in &vocabulary.definitions {
            let facts = || definition.when.iter().chain(&definition.then).map(|(fact, _)| *fact);
            if facts().any(|fact| before.get(fact) == Some(&true)) {
                facts().for_each(|fact| {
                    if let Some(tied) = tied.get_mut(fact) {
                        *tied = true;
                    }
                });
            }
        }
        if tied == before {
            return tied;
        }
    }
}

/// Sets of cases, each given by what facts may be, that together are all that lead to a terminal.
/// Cases that cannot be are let in where that makes a set shorter to say.
fn cubes(
    diagram: &Diagram,
    asked: &[bool],
    vocabulary: &Vocabulary,
    wanted: u32,
) -> Result<Vec<Facts>, TooLarge> {
    let mut cubes: Vec<Facts> = Vec::new();
    let mut ways = 0_usize;
    diagram.ways(&mut |terminal, way| {
        if terminal != wanted {
            return true;
        }
        ways = ways.saturating_add(1);
        let mut cube = Facts::none(vocabulary);
        way.iter().for_each(|(fact, set)| cube.set(*fact, *set));
        if !cubes.iter().any(|larger| within(&cube, larger, vocabulary)) {
            widen(diagram, asked, vocabulary, wanted, &mut cube);
            cubes.retain(|smaller| !within(smaller, &cube, vocabulary));
            cubes.push(cube);
        }
        ways < MOST_WAYS
    });
    if ways >= MOST_WAYS { Err(TooLarge) } else { Ok(cubes) }
}

fn within(small: &Facts, large: &Facts, vocabulary: &Vocabulary) -> bool {
    (0..vocabulary.facts.len()).all(|fact| small.domain(fact) & !large.domain(fact) == 0)
}

/// Lets facts be anything, or at least more, as long as nothing else than the terminal wanted is
/// reached: first those that no rule speaks about and that only follow from others, so that a case
/// is told by what the law asks. What remains loses the values that no possible case has.
fn widen(
    diagram: &Diagram,
    asked: &[bool],
    vocabulary: &Vocabulary,
    wanted: u32,
    cube: &mut Facts,
) {
    let only = |cube: &Facts| {
        diagram.reach(cube).iter().all(|terminal| [IMPOSSIBLE, wanted].contains(terminal))
    };
    let is_asked = |at: usize| asked.get(at).copied().unwrap_or(false);
    let (mut order, later): (Vec<usize>, Vec<usize>) =
        (0..vocabulary.facts.len()).partition(|at| !is_asked(*at));
    order.extend(later);
    for at in &order {
        let before = cube.domain(*at);
        cube.set(*at, vocabulary.facts.get(*at).map_or(before, crate::Fact::all));
        if !only(cube) {
            cube.set(*at, before);
        }
    }
    for (at, fact) in vocabulary.facts.iter().enumerate() {
        let mut kept = cube.domain(at);
        if kept == fact.all() {
            continue;
        }
        for value in 0..fact.values.len() {
            let one = 1_u64.checked_shl(value as u32).unwrap_or(0);
            cube.set(at, one);
            let possible = diagram.reach(cube).contains(&wanted);
            cube.set(at, kept | one);
            kept = match (possible, only(cube)) {
                (true, true) => kept | one,
                (false, _) => kept & !one,
                (true, false) => kept,
            };
        }
        cube.set(at, kept);
    }
}

impl Tells {
    fn describe(
        &self,
        vocabulary: &Vocabulary,
        action: &str,
        (before, after): (Outcome, Outcome),
        wanted: u32,
        cube: &Facts,
    ) -> Difference {
        let words = |fact: &crate::Fact, set: u64| -> Vec<String> {
            let in_set = |value: &usize| set.checked_shr(*value as u32).unwrap_or(0) & 1 == 1;
            let values = (0..fact.values.len()).filter(in_set);
            values.filter_map(|value| fact.value(value)).map(|value| value.name.clone()).collect()
        };
        let way = self.whole.way(cube, &|terminal| terminal == wanted).unwrap_or_default();
        let (mut facts, mut example) = (BTreeMap::new(), BTreeMap::new());
        for (at, fact) in vocabulary.facts.iter().enumerate() {
            let set = cube.domain(at);
            if set == fact.all() {
                continue;
            }
            facts.insert(fact.name.clone(), words(fact, set));
            let set =
                way.iter().find(|(fact, _)| *fact == at).map_or(set, |(_, narrower)| *narrower);
            if let Some(value) = words(fact, set).into_iter().next() {
                example.insert(fact.name.clone(), value);
            }
        }
        let inside = self.whole.shares(cube, (wanted as usize).saturating_add(1));
        let inside = inside.get(wanted as usize).copied().unwrap_or(0.0);
        let size: f64 = vocabulary
            .facts
            .iter()
            .enumerate()
            .map(|(at, fact)| f64::from(cube.domain(at).count_ones()) / fact.values.len() as f64)
            .product();
        let share = if self.possible > 0.0 { rounded(inside * size / self.possible) } else { 0.0 };
        let action = action.to_owned();
        Difference { action, before, after, facts, example, share }
    }
}
