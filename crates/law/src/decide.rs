//! The decision: what the law in force makes of one request.
//!
//! In: a pack, an action, facts, a day (the pack's) and perhaps a time of day. Out: [`Decision`].
//! It is settled exactly when every way in which the unknown facts could turn out comes to one
//! outcome; the compiled law ([`crate::engine`]) knows them all. Absent: a clock, and any default.

use std::collections::BTreeSet;

use jiff::civil::Time;

use crate::Facts;
use crate::case::{Case, Settled};
use crate::decision::{Change, Decision, Ground, Missing, Outcome, Owed, Rest};
use crate::duty::Duty;
use crate::engine::Engine;
use crate::pack::Pack;
use crate::rule::Truth;
use crate::vocabulary::value_sets;

/// Decides one action.
///
/// The order in which facts were stated does not matter, a fact not stated is never taken for
/// "no", and the same input gives the same bytes.
///
/// # Errors
/// An action the vocabulary does not have, and facts that no one case can have together.
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
    let deciding = Deciding::new(pack, action)?;
    let answer = deciding.answer(facts)?;
    let changes = deciding.changes(facts, answer.outcome);
    let mut decision = deciding.describe(&answer, facts);
    decision.changes = changes;
    decision.duties = owed(pack, action, answer.outcome, facts, at);
    Ok(decision)
}

/// What an outcome brings with it, as far as these facts tell: a fact that is not known does not
/// free anyone from a duty.
#[must_use]
pub fn owed(
    pack: &Pack,
    action: &str,
    outcome: Outcome,
    facts: &Facts,
    at: Option<Time>,
) -> Vec<Owed> {
    let calendar = pack.calendar();
    let duties = pack.editions.iter().flat_map(|edition| &edition.duties);
    let owed = duties.filter(|duty| owes(duty, pack, action, outcome, facts));
    let told = owed.map(|duty| {
        let by = duty.due.as_ref().and_then(|due| due.by(pack.on, at, &calendar));
        Owed {
            id: duty.id.clone(),
            who: duty.who.clone(),
            says: duty.says.clone(),
            due: duty.due.as_ref().map(crate::Due::says),
            by: by.map(|by| by.strftime("%Y-%m-%dT%H:%M").to_string()),
            citation: duty.cite.clone(),
            grade: duty.grade,
        }
    });
    told.collect()
}

fn owes(duty: &Duty, pack: &Pack, action: &str, outcome: Outcome, facts: &Facts) -> bool {
    let listed = match duty.outcome.as_slice() {
        [] => outcome != Outcome::NeedFacts,
        some => some.contains(&outcome),
    };
    !duty.standing
        && listed
        && (duty.action.is_empty() || duty.action.iter().any(|name| name == action))
        && value_sets(&duty.when, &pack.vocabulary)
            .is_ok_and(|sets| sets.iter().all(|(at, set)| facts.domain(*at) & set != 0))
}

/// One action under one pack, with its compiled form where the law allows one.
struct Deciding<'a> {
    case: Case<'a>,
    engine: Option<&'a Engine>,
}

/// What the rules come to, before words are put to it.
struct Answer {
    outcome: Outcome,
    why: Option<String>,
    grounds: Vec<usize>,
    lifted: Vec<usize>,
    missing: Vec<usize>,
}

impl<'a> Deciding<'a> {
    fn new(pack: &'a Pack, action: &'a str) -> Result<Self, String> {
        let case = Case::new(pack, action)?;
        let engine = pack.engine(&case);
        Ok(Self { case, engine })
    }

    fn answer(&self, facts: &Facts) -> Result<Answer, String> {
        let Some(engine) = self.engine else { return Ok(self.without_engine(facts)) };
        let found = engine.reach(facts);
        let settled: Vec<&Settled> = found.iter().filter_map(|it| engine.settled(*it)).collect();
        let first = settled.first().ok_or(
            "contradictory facts: nobody's case can have all of them together; check the papers \
             and state one of them anew",
        )?;
        if settled.iter().any(|other| other.outcome != first.outcome) {
            return Ok(Answer::need(engine.matter(&self.case.pack.vocabulary, facts)));
        }
        Ok(Answer {
            outcome: first.outcome,
            why: first.why.clone(),
            grounds: common(&settled, |settled| &settled.grounds),
            lifted: common(&settled, |settled| &settled.lifted),
            missing: Vec::new(),
        })
    }

    /// For a law too large to compile: settled where the known facts leave no rule open, and else
    /// every fact is asked that an open rule speaks about. More is asked than need be, and nothing
    /// is guessed.
    fn without_engine(&self, facts: &Facts) -> Answer {
        let mut open = Vec::new();
        for (at, bound) in self.case.rules.iter().enumerate() {
            if self.case.truth(at, facts) == Truth::Open {
                bound.rule.cond.facts(&mut open);
                for exception in bound.exceptions.iter().filter_map(|e| self.case.rules.get(*e)) {
                    exception.rule.cond.facts(&mut open);
                }
            }
        }
        if open.is_empty() {
            let Settled { outcome, why, grounds, lifted } = self.case.settle(facts);
            let (grounds, lifted) = (grounds.into_iter().collect(), lifted.into_iter().collect());
            return Answer { outcome, why, grounds, lifted, missing: Vec::new() };
        }
        open.retain(|fact| facts.value(*fact).is_none());
        open.sort_unstable();
        open.dedup();
        Answer::need(open)
    }

    fn describe(&self, answer: &Answer, facts: &Facts) -> Decision {
        let ground = |at: &usize| -> Option<Ground> {
            let rule = self.case.rules.get(*at)?.rule;
            Some(Ground {
                id: rule.id.clone(),
                citation: rule.cite.clone(),
                grade: rule.grade,
                checked: self.case.pack.checked(&rule.id).cloned(),
                modality: rule.modality,
                says: rule.says.clone(),
            })
        };
        let grounds: Vec<Ground> = answer.grounds.iter().filter_map(ground).collect();
        let missing = answer.missing.iter().filter_map(|at| self.missing(*at, facts)).collect();
        Decision {
            action: self.case.action.to_owned(),
            outcome: answer.outcome,
            why: answer.why.clone(),
            grade: grounds.iter().map(Ground::standing).min(),
            grounds,
            lifted: answer.lifted.iter().filter_map(ground).collect(),
            rests_on: self.rests_on(answer, facts),
            missing,
            duties: Vec::new(),
            changes: Vec::new(),
            pack: self.case.pack.name(),
        }
    }

    fn missing(&self, at: usize, facts: &Facts) -> Option<Missing> {
        let fact = self.case.pack.vocabulary.facts.get(at)?;
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
        while let Some(bound) = rules.pop().and_then(|at| self.case.rules.get(at)) {
            bound.rule.cond.facts(&mut spoken);
            rules.extend(&bound.exceptions);
        }
        spoken.sort_unstable();
        spoken.dedup();
        spoken
            .into_iter()
            .filter_map(|at| {
                let fact = self.case.pack.vocabulary.facts.get(at)?;
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

    /// The single facts that may still change and would settle the case otherwise.
    fn changes(&self, facts: &Facts, outcome: Outcome) -> Vec<Change> {
        if outcome == Outcome::NeedFacts {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for (at, fact) in self.case.pack.vocabulary.facts.iter().enumerate() {
            let (Some(says), Some(now)) = (&fact.if_changed, facts.value(at)) else {
                continue;
            };
            for (position, value) in fact.values.iter().enumerate().filter(|(p, _)| *p != now) {
                let mut other = facts.clone();
                other.set(at, 1_u64.checked_shl(position as u32).unwrap_or(0));
                if !other.consistent(&self.case.pack.vocabulary) {
                    continue;
                }
                let Ok(Answer { outcome: then, .. }) = self.answer(&other) else { continue };
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

/// The rules that are there in every case still possible; where there is none such, those of any.
fn common(settled: &[&Settled], pick: fn(&Settled) -> &BTreeSet<usize>) -> Vec<usize> {
    let mut sets = settled.iter().map(|settled| pick(settled));
    let first = sets.next().cloned().unwrap_or_default();
    let shared: BTreeSet<usize> = sets.fold(first, |all, set| &all & set);
    if !shared.is_empty() {
        return shared.into_iter().collect();
    }
    let any: BTreeSet<usize> = settled.iter().flat_map(|it| pick(it).iter().copied()).collect();
    any.into_iter().collect()
}
