//! One action under one pack: the rules that speak about it, and what they come to.
//!
//! In: a pack and an action. Out: for facts that leave no rule open, the outcome and the rules
//! that determined it. This is the clear definition; [`crate::engine`] compiles it, and the tests
//! hold the two together.

use std::collections::BTreeSet;

use crate::pack::Pack;
use crate::rule::{Modality, Truth};
use crate::{Facts, Outcome, Rule};

/// One action under one pack.
pub(crate) struct Case<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) action: &'a str,
    /// The action's place in the vocabulary.
    pub(crate) position: usize,
    pub(crate) rules: Vec<Bound<'a>>,
}

/// A rule with the position of its edition in the stack and of its exceptions among the rules.
pub(crate) struct Bound<'a> {
    pub(crate) layer: usize,
    pub(crate) rule: &'a Rule,
    pub(crate) exceptions: Vec<usize>,
}

/// The outcome for facts that are all known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Settled {
    pub(crate) outcome: Outcome,
    pub(crate) why: Option<String>,
    /// The rules that determined it.
    pub(crate) grounds: BTreeSet<usize>,
    /// The prohibitions that would have spoken.
    pub(crate) lifted: BTreeSet<usize>,
}

impl<'a> Case<'a> {
    /// # Errors
    /// An action the vocabulary does not have.
    pub(crate) fn new(pack: &'a Pack, action: &'a str) -> Result<Self, String> {
        let position = pack.vocabulary.known_action(action)?;
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
        Ok(Self { pack, action, position, rules })
    }

    /// Whether a rule applies, its exceptions taken away, depth first: an exception to an
    /// exception restores.
    pub(crate) fn truth(&self, at: usize, facts: &Facts) -> Truth {
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

    /// The outcome for facts that leave no rule open.
    pub(crate) fn settle(&self, facts: &Facts) -> Settled {
        let all = 0..self.rules.len();
        let firing = all.clone().filter(|at| self.truth(*at, facts) == Truth::Yes).collect();
        let lifted = all.filter(|at| {
            self.modality(*at) == Some(Modality::MustNot)
                && self.truth(*at, facts) == Truth::No
                && self.rules.get(*at).is_some_and(|b| b.rule.cond.truth(facts) == Truth::Yes)
        });
        self.combine(&firing, lifted.collect())
    }

    /// Combines the layers: which outcome the rules that apply come to. `lifted` are prohibitions
    /// whose own words apply, but which an exception takes away.
    pub(crate) fn combine(&self, firing: &BTreeSet<usize>, lifted: BTreeSet<usize>) -> Settled {
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
        let lifted = lifted.union(&shielded).copied().collect();
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

    /// The facts that its rules speak about, in the order of the vocabulary.
    pub(crate) fn spoken(&self) -> Vec<usize> {
        let mut spoken = Vec::new();
        self.rules.iter().for_each(|bound| bound.rule.cond.facts(&mut spoken));
        spoken.sort_unstable();
        spoken.dedup();
        spoken
    }

    pub(crate) fn modality(&self, at: usize) -> Option<Modality> {
        self.rules.get(at).map(|bound| bound.rule.modality)
    }

    fn layer(&self, at: usize) -> Option<usize> {
        self.rules.get(at).map(|bound| bound.layer)
    }
}
