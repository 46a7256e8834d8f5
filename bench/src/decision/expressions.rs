//! The same rules and cases for engines of expressions.
//!
//! Such an engine evaluates one expression and knows no rules, so whoever embeds it keeps an
//! expression for each action and picks it. Here it is a list, with the condition of each rule that
//! speaks about the action; which rules decide is then read off the list, as a bit each. A second
//! expression says no more than allowed or not, and may stop early.

use law::{Cond, Modality, Pack};

use super::languages::Language;
use super::{Answer, Case, Peer, stated};
use crate::Result;
use crate::syntax::{Applying, applying, spoken, write};

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Which rules apply.
    Grounds,
    /// Allowed or not.
    Allowed,
}

/// A language, with an expression for each action, and facts for each case.
pub struct Expressions<L: Language> {
    language: L,
    wanted: Wanted,
    forms: Vec<Form<L::Program>>,
    cases: Vec<(usize, L::Facts)>,
}

/// The law of one action.
struct Form<P> {
    program: P,
    ids: Vec<String>,
    /// The rules that forbid, a bit each.
    forbid: u64,
}

impl<L: Language> Expressions<L> {
    /// Writes the expressions and takes the facts.
    ///
    /// # Errors
    /// If the language refuses an expression or a fact.
    pub fn new(language: L, wanted: Wanted, pack: &Pack, cases: &[Case]) -> Result<Self> {
        let mut forms = Vec::new();
        let mut facts = Vec::new();
        for action in &pack.vocabulary.actions {
            let rules = applying(pack, &action.name)?;
            let text = match wanted {
                Wanted::Grounds => list(&language, pack, &rules)?,
                Wanted::Allowed => write(&allowed(&rules), &pack.vocabulary, language.syntax())?,
            };
            let forbids = rules.iter().zip(0..).filter(|(rule, _)| forbids(rule));
            forms.push(Form {
                program: language.program(&text)?,
                ids: rules.iter().map(|it| it.rule.id.clone()).collect(),
                forbid: forbids.fold(0, |bits, (_, at)| bits | 1 << at),
            });
            facts.extend(spoken(&rules));
        }
        // Facts no rule speaks about would only make the others harder to find.
        let known = |fact: usize| facts.contains(&fact);
        let cases = cases.iter().map(|case| {
            let action = pack.vocabulary.action(&case.action).ok_or("an action that is gone")?;
            Ok((action, language.facts(stated(pack, case, &known))?))
        });
        let cases = cases.collect::<Result<_>>()?;
        Ok(Self { language, wanted, forms, cases })
    }

    /// Whether a case is allowed, and the rules that determine it.
    fn decide(&mut self, at: usize) -> Result<(bool, u64, &Form<L::Program>)> {
        let (action, facts) = self.cases.get(at).ok_or("no such case")?;
        let form = self.forms.get(*action).ok_or("no such action")?;
        let bits = self.language.bits(&form.program, facts)?;
        if self.wanted == Wanted::Allowed {
            return Ok((bits == 1, 0, form));
        }
        let forbidden = bits & form.forbid;
        Ok(if forbidden == 0 { (bits != 0, bits, form) } else { (false, forbidden, form) })
    }
}

impl<L: Language> Peer for Expressions<L> {
    fn answer(&mut self, at: usize) -> Result<Answer> {
        let wanted = self.wanted;
        let (allow, bits, form) = self.decide(at)?;
        let ids = form.ids.iter().zip(0..).filter(|(_, at)| bits >> at & 1 == 1);
        let grounds = ids.map(|(id, _)| id.clone()).collect();
        Ok(Answer { allow, grounds: (wanted == Wanted::Grounds).then_some(grounds) })
    }

    fn all(&mut self) -> Result<()> {
        for at in 0..self.cases.len() {
            let (allow, bits, _) = self.decide(at)?;
            std::hint::black_box((allow, bits));
        }
        Ok(())
    }
}

/// Cedar's effect of a rule, by which all peers are compared.
fn forbids(it: &Applying<'_>) -> bool {
    matches!(it.rule.modality, Modality::MustNot | Modality::Refer)
}

fn list(language: &impl Language, pack: &Pack, rules: &[Applying<'_>]) -> Result<String> {
    let one = |it: &Applying<'_>| write(&it.cond, &pack.vocabulary, language.syntax());
    let parts = rules.iter().map(one).collect::<Result<Vec<_>>>()?;
    Ok(format!("[{}]", parts.join(", ")))
}

fn allowed(rules: &[Applying<'_>]) -> Cond {
    let any = |wanted: bool| {
        let conds = rules.iter().filter(|it| forbids(it) == wanted).map(|it| it.cond.clone());
        let conds: Vec<Cond> = conds.collect();
        if conds.is_empty() { Cond::Const(false) } else { Cond::Any(conds) }
    };
    Cond::All(vec![Cond::Not(Box::new(any(true))), any(false)])
}
