//! The decision: what the law in force makes of one request.
//!
//! In: a pack, an action, facts, a day (the pack's) and perhaps a time of day. Out: [`Decision`].
//! This is the clear definition: it asks what the outcome would be for every way the unknown facts
//! could turn out, and is settled when that is one outcome. Absent: a clock, and any default.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;

use crate::decision::{Change, Decision, Ground, Missing, Outcome, Owed, Rest};
use crate::duty::Duty;
use crate::pack::Pack;
use crate::rule::{Modality, Truth};
use crate::vocabulary::value_sets;
use crate::{Facts, Rule};

/// Completions of unknown facts that are tried before the answer is left open. A rule set that
/// reaches this is far larger than any law we know; the answer is then "need facts", never a guess.
const MOST_COMPLETIONS: usize = 1 << 18;

/// Decides one action.
///
/// The order in which facts were stated does not matter, a fact not stated is never taken for
/// "no", and the same input gives the same bytes.
///
/// # Errors
/// An action the vocabulary does not have.
///
/// ```
/// use std::collections::BTreeMap;
/// use law::{Facts, Library, Outcome, Statement, decide};
///
/// let files = BTreeMap::from([
///     ("vocabulary.toml".into(), r#"
///         action = [{ name = "hold", says = "keep someone who may go" }]
///         [[fact]]
///         name = "judge"
///         question = "Has a judge signed it?"
///     "#.into()),
///     ("agencies/town.md".into(), "# Town\n~~~agency\nname = 'Town'\ntimezone = 'UTC'\n\
///         principal = 'town'\nstack = ['town']\n~~~\n".into()),
///     ("town/2025-01-01.md".into(), r##"# Ordinance 12
/// ~~~instrument
/// id = "ord-12"
/// citation = "Town Code 12"
/// kind = "ordinance"
/// maker = "Town"
/// day_grade = "text"
/// ~~~
/// ### 12-3
/// Nobody is held unless a judge signed it.
/// ~~~cedar
/// @id("3") @cite("Town Code 12-3") @grade("text") @modality("must_not")
/// forbid (principal, action == Action::"hold", resource) unless { context.judge };
/// ~~~
/// "##.into()),
/// ]);
/// let library = Library::read(&files).unwrap();
/// let pack = library.pack("town", "2025-03-01".parse().unwrap()).unwrap();
/// let nothing = Facts::none(&pack.vocabulary);
/// assert_eq!(decide(&pack, "hold", &nothing, None).unwrap().outcome, Outcome::NeedFacts);
/// let facts: Vec<Statement> = vec!["judge=no".parse().unwrap()];
/// let facts = Facts::read(&pack.vocabulary, &facts).unwrap();
/// assert_eq!(decide(&pack, "hold", &facts, None).unwrap().outcome, Outcome::MustNot);
/// ```
pub fn decide(
    pack: &Pack,
    action: &str,
    facts: &Facts,
    at: Option<Time>,
) -> Result<Decision, String> {
    let case = Case::new(pack, action)?;
    let answer = case.answer(facts);
    let changes = case.changes(facts, answer.outcome);
    let mut decision = case.describe(&answer, facts);
    decision.changes = changes;
    decision.duties = case.duties(&answer, facts, at);
    Ok(decision)
}

/// One action under one pack: the rules that speak about it.
struct Case<'a> {
    pack: &'a Pack,
    action: &'a str,
    rules: Vec<Bound<'a>>,
}

/// A rule with the position of its edition in the stack and of its exceptions among the rules.
struct Bound<'a> {
    layer: usize,
    rule: &'a Rule,
    exceptions: Vec<usize>,
}

/// What the rules come to, before words are put to it.
struct Answer {
    outcome: Outcome,
    why: Option<String>,
    grounds: Vec<usize>,
    lifted: Vec<usize>,
    missing: Vec<usize>,
}

/// The outcome for facts that are all known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settled {
    outcome: Outcome,
    why: Option<String>,
    grounds: BTreeSet<usize>,
    lifted: BTreeSet<usize>,
}

impl<'a> Case<'a> {
    fn new(pack: &'a Pack, action: &'a str) -> Result<Self, String> {
        let position = pack.vocabulary.action(action).ok_or_else(|| {
            let known: Vec<_> = pack.vocabulary.actions.iter().map(|a| a.name.as_str()).collect();
            format!("there is no action `{action}`; the actions are: {}", known.join(", "))
        })?;
        let mut rules: Vec<Bound<'a>> = pack
            .rules()
            .filter(|(_, rule)| rule.actions.contains(&position))
            .map(|(layer, rule)| Bound { layer, rule, exceptions: Vec::new() })
            .collect();
        let exceptions: Vec<Vec<usize>> = rules
            .iter()
            .map(|bound| {
                let takes =
                    |other: &Bound<'_>| other.rule.overrides.as_ref() == Some(&bound.rule.id);
                rules.iter().enumerate().filter(|(_, r)| takes(r)).map(|(at, _)| at).collect()
            })
            .collect();
        for (bound, found) in rules.iter_mut().zip(exceptions) {
            bound.exceptions = found;
        }
        Ok(Self { pack, action, rules })
    }

    /// Whether a rule applies, its exceptions taken away, depth first: an exception to an
    /// exception restores.
    fn truth(&self, at: usize, facts: &Facts) -> Truth {
        let Some(bound) = self.rules.get(at) else {
            return Truth::No;
        };
        let own = bound.rule.cond.truth(facts);
        if own == Truth::No {
            return Truth::No;
        }
        bound.exceptions.iter().fold(own, |truth, exception| {
            match (truth, self.truth(*exception, facts).not()) {
                (Truth::No, _) | (_, Truth::No) => Truth::No,
                (Truth::Yes, Truth::Yes) => Truth::Yes,
                _ => Truth::Open,
            }
        })
    }

    /// The unknown facts that rules still depend on, in the order of the vocabulary.
    fn open_facts(&self, facts: &Facts) -> Vec<usize> {
        let mut open = Vec::new();
        for (at, bound) in self.rules.iter().enumerate() {
            if self.truth(at, facts) == Truth::Open {
                bound.rule.cond.facts(&mut open);
            }
        }
        open.retain(|fact| facts.value(*fact).is_none());
        open.sort_unstable();
        open.dedup();
        open
    }

    /// The outcome for every completion of the open facts; `None` where there are too many.
    fn completions(&self, facts: &Facts, open: &[usize]) -> Option<Vec<(Vec<u32>, Settled)>> {
        let mut ways = 1_usize;
        for fact in open {
            ways = ways.checked_mul(facts.domain(*fact).count_ones() as usize)?;
        }
        if ways > MOST_COMPLETIONS {
            return None;
        }
        let mut all = Vec::new();
        let mut complete = facts.clone();
        self.complete(&mut complete, facts, open, &mut Vec::new(), &mut all);
        Some(all)
    }

    fn complete(
        &self,
        complete: &mut Facts,
        facts: &Facts,
        open: &[usize],
        chosen: &mut Vec<u32>,
        all: &mut Vec<(Vec<u32>, Settled)>,
    ) {
        let Some((fact, rest)) = open.split_first() else {
            if complete.consistent(&self.pack.vocabulary) {
                all.push((chosen.clone(), self.settle(complete)));
            }
            return;
        };
        let mut left = facts.domain(*fact);
        while left != 0 {
            let value = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            complete.set(*fact, 1_u64.checked_shl(value).unwrap_or(0));
            chosen.push(value);
            self.complete(complete, facts, rest, chosen, all);
            chosen.pop();
        }
        complete.set(*fact, facts.domain(*fact));
    }

    /// Combines the layers, for facts that leave no rule open.
    fn settle(&self, facts: &Facts) -> Settled {
        let firing: Vec<usize> =
            (0..self.rules.len()).filter(|at| self.truth(*at, facts) == Truth::Yes).collect();
        let of = |modality: Modality| -> BTreeSet<usize> {
            firing.iter().copied().filter(|at| self.modality(*at) == Some(modality)).collect()
        };
        let (must, may, refer) = (of(Modality::Must), of(Modality::May), of(Modality::Refer));
        let shields = of(Modality::Shields);
        let highest = shields.iter().filter_map(|at| self.layer(*at)).min();
        let (shielded, must_not): (BTreeSet<usize>, BTreeSet<usize>) =
            of(Modality::MustNot).into_iter().partition(|at| {
                highest.is_some_and(|shield| self.layer(*at).is_some_and(|layer| layer > shield))
            });
        let mut lifted = shielded;
        lifted.extend((0..self.rules.len()).filter(|at| self.is_lifted(*at, facts)));
        let (outcome, why, grounds) = if !must_not.is_empty() && !must.is_empty() {
            let why = "one provision orders it and another forbids it, and no provision in this \
                       pack says which prevails";
            (Outcome::Refer, Some(why.to_owned()), must.into_iter().chain(must_not).collect())
        } else if !must_not.is_empty() {
            (Outcome::MustNot, None, must_not)
        } else if let Some(first) = refer.first() {
            let why = self.rules.get(*first).map(|bound| bound.rule.says.clone());
            (Outcome::Refer, why, refer)
        } else if !must.is_empty() {
            (Outcome::Must, None, must)
        } else if !may.is_empty() || !shields.is_empty() {
            (Outcome::May, None, may.into_iter().chain(shields).collect())
        } else {
            (Outcome::Silent, None, BTreeSet::new())
        };
        Settled { outcome, why, grounds, lifted }
    }

    /// A prohibition whose own words apply, but which an exception takes away.
    fn is_lifted(&self, at: usize, facts: &Facts) -> bool {
        self.modality(at) == Some(Modality::MustNot)
            && self.truth(at, facts) == Truth::No
            && self.rules.get(at).is_some_and(|b| b.rule.cond.truth(facts) == Truth::Yes)
    }

    fn modality(&self, at: usize) -> Option<Modality> {
        self.rules.get(at).map(|bound| bound.rule.modality)
    }

    fn layer(&self, at: usize) -> Option<usize> {
        self.rules.get(at).map(|bound| bound.layer)
    }

    fn answer(&self, facts: &Facts) -> Answer {
        let open = self.open_facts(facts);
        let Some(completions) = self.completions(facts, &open) else {
            return Answer::need(open);
        };
        let outcomes: BTreeSet<Outcome> = completions.iter().map(|(_, s)| s.outcome).collect();
        let (Some(first), 1) = (completions.first(), outcomes.len()) else {
            let missing = relevant(&open, &completions);
            return Answer::need(if missing.is_empty() { open } else { missing });
        };
        let common = |pick: fn(&Settled) -> &BTreeSet<usize>| -> Vec<usize> {
            let in_all = |at: &usize| completions.iter().all(|(_, s)| pick(s).contains(at));
            let shared: Vec<usize> = pick(&first.1).iter().copied().filter(in_all).collect();
            if !shared.is_empty() {
                return shared;
            }
            // No ground is common to all completions: each of them determines some.
            let any: BTreeSet<usize> =
                completions.iter().flat_map(|(_, s)| pick(s).iter().copied()).collect();
            any.into_iter().collect()
        };
        Answer {
            outcome: first.1.outcome,
            why: first.1.why.clone(),
            grounds: common(|settled| &settled.grounds),
            lifted: common(|settled| &settled.lifted),
            missing: Vec::new(),
        }
    }

    fn describe(&self, answer: &Answer, facts: &Facts) -> Decision {
        let ground = |at: &usize| -> Option<Ground> {
            let rule = self.rules.get(*at)?.rule;
            Some(Ground {
                id: rule.id.clone(),
                citation: rule.cite.clone(),
                grade: rule.grade,
                modality: rule.modality,
                says: rule.says.clone(),
            })
        };
        let grounds: Vec<Ground> = answer.grounds.iter().filter_map(ground).collect();
        let missing = answer.missing.iter().filter_map(|at| self.missing(*at, facts)).collect();
        Decision {
            action: self.action.to_owned(),
            outcome: answer.outcome,
            why: answer.why.clone(),
            grade: grounds.iter().map(|ground| ground.grade).min(),
            grounds,
            lifted: answer.lifted.iter().filter_map(ground).collect(),
            rests_on: self.rests_on(answer, facts),
            missing,
            duties: Vec::new(),
            changes: Vec::new(),
            pack: self.pack.name(),
        }
    }

    fn missing(&self, at: usize, facts: &Facts) -> Option<Missing> {
        let fact = self.pack.vocabulary.facts.get(at)?;
        let still = |position: &usize| {
            facts.domain(at) & 1_u64.checked_shl(*position as u32).unwrap_or(0) != 0
        };
        let values = (0..fact.values.len()).filter(still);
        Some(Missing {
            name: fact.name.clone(),
            question: fact.question.clone(),
            values: values.filter_map(|v| fact.value(v)).map(|v| v.name.clone()).collect(),
        })
    }

    /// The known facts that the grounds, and what was lifted, speak about.
    fn rests_on(&self, answer: &Answer, facts: &Facts) -> Vec<Rest> {
        // The rules that spoke, their exceptions, and the exceptions of those.
        let mut rules: Vec<usize> = answer.grounds.iter().chain(&answer.lifted).copied().collect();
        let mut spoken = Vec::new();
        while let Some(bound) = rules.pop().and_then(|at| self.rules.get(at)) {
            bound.rule.cond.facts(&mut spoken);
            rules.extend(&bound.exceptions);
        }
        spoken.sort_unstable();
        spoken.dedup();
        spoken
            .into_iter()
            .filter_map(|at| {
                let fact = self.pack.vocabulary.facts.get(at)?;
                let value = fact.value(facts.value(at)?)?;
                Some(Rest {
                    name: fact.name.clone(),
                    value: value.name.clone(),
                    source: facts.source(at)?,
                    question: fact.question.clone(),
                    says: value.says.clone(),
                })
            })
            .collect()
    }

    fn duties(&self, answer: &Answer, facts: &Facts, at: Option<Time>) -> Vec<Owed> {
        let calendar = self.pack.calendar();
        let mut owed = Vec::new();
        for duty in self.pack.editions.iter().flat_map(|edition| &edition.duties) {
            if self.owes(duty, answer.outcome, facts) {
                let by = duty.due.as_ref().and_then(|due| due.by(self.pack.on, at, &calendar));
                owed.push(Owed {
                    id: duty.id.clone(),
                    who: duty.who.clone(),
                    says: duty.says.clone(),
                    due: duty.due.as_ref().map(crate::Due::says),
                    by: by.map(|by| by.strftime("%Y-%m-%dT%H:%M").to_string()),
                    citation: duty.cite.clone(),
                    grade: duty.grade,
                });
            }
        }
        owed
    }

    /// Whether a duty follows. A fact that is not known does not free anyone from a duty.
    fn owes(&self, duty: &Duty, outcome: Outcome, facts: &Facts) -> bool {
        let listed = |outcome: Outcome| match duty.outcome.as_slice() {
            [] => outcome != Outcome::NeedFacts,
            some => some.contains(&outcome),
        };
        !duty.standing
            && listed(outcome)
            && (duty.action.is_empty() || duty.action.iter().any(|name| name == self.action))
            && value_sets(&duty.when, &self.pack.vocabulary)
                .is_ok_and(|sets| sets.iter().all(|(at, set)| facts.domain(*at) & set != 0))
    }

    /// The single facts that may still change and would settle the case otherwise.
    fn changes(&self, facts: &Facts, outcome: Outcome) -> Vec<Change> {
        if outcome == Outcome::NeedFacts {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for (at, fact) in self.pack.vocabulary.facts.iter().enumerate() {
            let (Some(says), Some(now)) = (&fact.if_changed, facts.value(at)) else {
                continue;
            };
            for (position, value) in fact.values.iter().enumerate().filter(|(p, _)| *p != now) {
                let mut other = facts.clone();
                other.set(at, 1_u64.checked_shl(position as u32).unwrap_or(0));
                if !other.consistent(&self.pack.vocabulary) {
                    continue;
                }
                let then = self.answer(&other).outcome;
                if then != outcome && then != Outcome::NeedFacts {
                    let says = says.replace("{}", &value.says);
                    let (fact, value) = (fact.name.clone(), value.name.clone());
                    changes.push(Change { fact, value, says, outcome: then });
                }
            }
        }
        changes
    }
}

impl Answer {
    fn need(missing: Vec<usize>) -> Self {
        let (grounds, lifted) = (Vec::new(), Vec::new());
        Self { outcome: Outcome::NeedFacts, why: None, grounds, lifted, missing }
    }
}

/// The facts that matter: with all the others fixed in some way, this one can change the outcome.
fn relevant(open: &[usize], completions: &[(Vec<u32>, Settled)]) -> Vec<usize> {
    let matters = |position: usize| {
        let mut seen: BTreeMap<Vec<u32>, Outcome> = BTreeMap::new();
        completions.iter().any(|(values, settled)| {
            let mut others = values.clone();
            if position < others.len() {
                others.remove(position);
            }
            *seen.entry(others).or_insert(settled.outcome) != settled.outcome
        })
    };
    open.iter().enumerate().filter(|(at, _)| matters(*at)).map(|(_, fact)| *fact).collect()
}
