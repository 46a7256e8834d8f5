//! Why: the fewest facts that settle a case, whatever else is so.
//!
//! In: a pack, an action, what is known. Out: names of facts. Absent: words about provisions,
//! which the decision has.

use crate::case::Case;
use crate::engine::Engine;
use crate::pack::Pack;
use crate::{CannotAnalyse, Facts};

/// Known facts that are tried together, at the most; with more the answer is one that cannot be
/// shortened, though perhaps not the shortest.
const MOST_TRIED: usize = 20_000;

/// The smallest set of known facts that settles the outcome by itself, in the order of the
/// vocabulary; nothing where the outcome is not settled. Of equally small sets the first.
///
/// # Errors
/// As [`crate::ask()`].
pub fn why(pack: &Pack, action: &str, facts: &Facts) -> Result<Vec<String>, CannotAnalyse> {
    let case = Case::new(pack, action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    if engine.reach(facts).is_empty() {
        return Err(CannotAnalyse::contradiction());
    }
    let known: Vec<usize> =
        (0..pack.vocabulary.facts.len()).filter(|fact| facts.value(*fact).is_some()).collect();
    let enough = |some: &[usize]| suffices(engine, pack, facts, some);
    if !enough(&known) {
        return Ok(Vec::new());
    }
    let mut needed = known;
    // From the last on, so that of two that say the same the earlier stays.
    for fact in needed.clone().into_iter().rev() {
        let without: Vec<usize> = needed.iter().copied().filter(|it| *it != fact).collect();
        if enough(&without) {
            needed = without;
        }
    }
    let all: Vec<usize> =
        (0..pack.vocabulary.facts.len()).filter(|fact| facts.value(*fact).is_some()).collect();
    let mut tried = 0_usize;
    for size in 0..needed.len() {
        if let Some(found) = first_of(&all, size, &mut tried, &enough) {
            needed = found;
            break;
        }
    }
    let name = |at: usize| pack.vocabulary.facts.get(at).map(|fact| fact.name.clone());
    Ok(needed.into_iter().filter_map(name).collect())
}

fn suffices(engine: &Engine, pack: &Pack, facts: &Facts, some: &[usize]) -> bool {
    let mut less = Facts::none(&pack.vocabulary);
    some.iter().for_each(|fact| less.set(*fact, facts.domain(*fact)));
    engine.only(&less).is_some()
}

/// The first choice of `size` facts, in their order, that is enough.
fn first_of(
    all: &[usize],
    size: usize,
    tried: &mut usize,
    enough: &dyn Fn(&[usize]) -> bool,
) -> Option<Vec<usize>> {
    fn choose(
        all: &[usize],
        from: usize,
        chosen: &mut Vec<usize>,
        size: usize,
        tried: &mut usize,
        enough: &dyn Fn(&[usize]) -> bool,
    ) -> bool {
        if chosen.len() == size {
            *tried = tried.saturating_add(1);
            return *tried <= MOST_TRIED && enough(chosen);
        }
        for (at, fact) in all.iter().enumerate().skip(from) {
            chosen.push(*fact);
            if choose(all, at.saturating_add(1), chosen, size, tried, enough) {
                return true;
            }
            chosen.pop();
        }
        false
    }
    let mut chosen = Vec::new();
    choose(all, 0, &mut chosen, size, tried, enough).then_some(chosen)
}
