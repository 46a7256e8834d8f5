//! Why: the fewest facts that settle a case, whatever else is so; and the fewest that would have
//! to be otherwise for another answer.
//!
//! In: a pack, an action, what is known. Out: names of facts, and values. Absent: words about
//! provisions, which the decision has.

use crate::case::Case;
use crate::decision::{Change, Outcome};
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

/// The smallest changes of what may still change (facts with `if_changed` in the vocabulary) after
/// which the case is settled otherwise: each a list of as few facts as can be, in the order of the
/// vocabulary. Nothing where the case is not settled, or nothing that may change would do.
///
/// # Errors
/// As [`crate::ask()`].
pub fn flips(pack: &Pack, action: &str, facts: &Facts) -> Result<Vec<Vec<Change>>, CannotAnalyse> {
    let case = Case::new(pack, action)?;
    let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
    let Some(now) = engine.only(facts) else { return Ok(Vec::new()) };
    let all = pack.vocabulary.facts.iter().enumerate();
    let may_change = all.filter(|(_, fact)| fact.if_changed.is_some()).map(|(at, _)| at).collect();
    let mut search = Search { pack, engine, now, may_change, tried: 0, found: Vec::new() };
    for size in 1..=search.may_change.len() {
        search.go(facts, 0, size, &mut Vec::new());
        if !search.found.is_empty() {
            break;
        }
    }
    Ok(search.found)
}

/// The search for changes that settle a case otherwise.
struct Search<'a> {
    pack: &'a Pack,
    engine: &'a Engine,
    now: Outcome,
    may_change: Vec<usize>,
    tried: usize,
    found: Vec<Vec<Change>>,
}

impl Search<'_> {
    /// Changes `size` more facts, of those from a place on.
    fn go(&mut self, facts: &Facts, from: usize, size: usize, made: &mut Vec<(usize, usize)>) {
        if size == 0 {
            self.tried = self.tried.saturating_add(1);
            if !facts.consistent(&self.pack.vocabulary) {
                return;
            }
            let then = self.engine.only(facts).filter(|then| *then != self.now);
            self.found.extend(then.map(|then| self.told(made, then)));
            return;
        }
        for place in from..self.may_change.len() {
            let Some(at) = self.may_change.get(place).copied() else { continue };
            let values = self.pack.vocabulary.facts.get(at).map_or(0, |fact| fact.values.len());
            for value in (0..values).filter(|value| facts.value(at) != Some(*value)) {
                if self.tried > MOST_TRIED {
                    return;
                }
                let mut other = facts.clone();
                other.set(at, 1_u64.checked_shl(value as u32).unwrap_or(0));
                made.push((at, value));
                self.go(&other, place.saturating_add(1), size.saturating_sub(1), made);
                made.pop();
            }
        }
    }

    fn told(&self, made: &[(usize, usize)], outcome: Outcome) -> Vec<Change> {
        let change = |(at, value): &(usize, usize)| {
            let fact = self.pack.vocabulary.facts.get(*at)?;
            let value = fact.value(*value)?;
            let says = fact.if_changed.as_ref()?.replace("{}", &value.says);
            Some(Change { fact: fact.name.clone(), value: value.name.clone(), says, outcome })
        };
        made.iter().filter_map(change).collect()
    }
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
