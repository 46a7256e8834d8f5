//! One action under one pack, ready to be asked again and again: the outcome and its grounds, and
//! nothing that costs more.
//!
//! In: facts. Out: [`Settlement`]. Absent: words, duties and what would change it, which
//! [`crate::decide()`] has.

use crate::case::{Case, Settled};
use crate::decision::Outcome;
use crate::engine::Engine;
use crate::pack::Pack;
use crate::{CannotAnalyse, Facts, Rule};

/// The law of one action, compiled.
pub struct Compiled<'a> {
    case: Case<'a>,
    engine: &'a Engine,
}

/// What facts come to: the outcome, and the provisions that determine it.
#[derive(Clone, Copy)]
pub struct Settlement<'a> {
    case: &'a Case<'a>,
    settled: &'a Settled,
}

impl<'a> Compiled<'a> {
    /// The law of an action.
    ///
    /// # Errors
    /// An action the vocabulary does not have, or a law too large to compile.
    pub fn new(pack: &'a Pack, action: &'a str) -> Result<Self, CannotAnalyse> {
        let case = Case::new(pack, action)?;
        let engine = pack.engine(&case).ok_or(crate::TooLarge)?;
        Ok(Self { case, engine })
    }

    /// What the facts come to, where every fact that matters is known; else nothing, and
    /// [`crate::decide()`] says what is missing.
    ///
    /// The facts are as [`Facts::read`] gives them, and so do not contradict one another.
    pub fn settle(&self, facts: &Facts) -> Option<Settlement<'_>> {
        let settled = self.engine.follow(facts)?;
        Some(Settlement { case: &self.case, settled })
    }
}

impl<'a> Settlement<'a> {
    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.settled.outcome
    }

    /// The provisions that determine it, in the order of the stack.
    pub fn grounds(&self) -> impl Iterator<Item = &'a Rule> {
        let case = self.case;
        self.settled.grounds.iter().filter_map(|at| case.rules.get(*at).map(|bound| bound.rule))
    }
}
