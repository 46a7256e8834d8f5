//! The rules of an action in the syntax of other engines: printed from the compiled law, so that no
//! rule is copied by hand. Whether they mean the same is checked on cases, not believed.

use law::{Cond, Fact, Pack, Rule, Vocabulary};

use crate::Result;

/// How conditions over facts are written in a language.
pub trait Syntax {
    /// The fact has one of these values, of which there are some, but not all.
    fn is(&self, fact: &Fact, values: &[usize]) -> String;
    /// Not.
    fn not(&self, part: &str) -> String;
    /// All of them, of which there are some.
    fn all(&self, parts: &[String]) -> String;
    /// Any of them, of which there are some.
    fn any(&self, parts: &[String]) -> String;
    /// Always or never.
    fn always(&self, holds: bool) -> String {
        holds.to_string()
    }
}

/// A rule with the cases in which it applies, its exceptions taken away.
pub struct Applying<'a> {
    /// The position of its edition in the stack.
    pub layer: usize,
    /// The rule.
    pub rule: &'a Rule,
    /// When it applies.
    pub cond: Cond,
}

/// The rules that speak about an action, in the order of the stack.
///
/// # Errors
/// An action the vocabulary does not have.
pub fn applying<'a>(pack: &'a Pack, action: &str) -> Result<Vec<Applying<'a>>> {
    let action = pack.vocabulary.action(action).ok_or("an action that is gone")?;
    let rules: Vec<(usize, &Rule)> =
        pack.rules().filter(|(_, rule)| rule.actions.contains(&action)).collect();
    let found = rules.iter().map(|(layer, rule)| Applying {
        layer: *layer,
        rule,
        cond: simple(&with_exceptions(rule, &rules), &pack.vocabulary),
    });
    Ok(found.collect())
}

/// An exception to an exception restores.
fn with_exceptions(rule: &Rule, rules: &[(usize, &Rule)]) -> Cond {
    let takes = |other: &&(usize, &Rule)| other.1.overrides.as_ref() == Some(&rule.id);
    let taken = rules.iter().filter(takes);
    let not = taken.map(|(_, taken)| Cond::Not(Box::new(with_exceptions(taken, rules))));
    Cond::All(std::iter::once(rule.cond.clone()).chain(not).collect())
}

/// The facts that the rules of an action speak about, in the order of the vocabulary.
pub fn spoken(rules: &[Applying<'_>]) -> Vec<usize> {
    let mut facts = Vec::new();
    rules.iter().for_each(|it| it.cond.facts(&mut facts));
    facts.sort_unstable();
    facts.dedup();
    facts
}

/// The same condition without layers that say nothing, so that no engine has to evaluate them.
fn simple(cond: &Cond, vocabulary: &Vocabulary) -> Cond {
    let all = |fact: &usize| vocabulary.facts.get(*fact).map_or(u64::MAX, Fact::all);
    match cond {
        Cond::Const(holds) => Cond::Const(*holds),
        Cond::Is(fact, set) if set & all(fact) == 0 => Cond::Const(false),
        Cond::Is(fact, set) if set & all(fact) == all(fact) => Cond::Const(true),
        Cond::Is(fact, set) => Cond::Is(*fact, *set),
        Cond::Not(part) => match simple(part, vocabulary) {
            Cond::Const(holds) => Cond::Const(!holds),
            Cond::Not(part) => *part,
            other => Cond::Not(Box::new(other)),
        },
        Cond::All(parts) => joined(parts, vocabulary, true),
        Cond::Any(parts) => joined(parts, vocabulary, false),
    }
}

/// All or any of some parts; `neutral` is what a part may always be without changing anything.
fn joined(parts: &[Cond], vocabulary: &Vocabulary, neutral: bool) -> Cond {
    let mut kept = Vec::new();
    for part in parts {
        match simple(part, vocabulary) {
            Cond::Const(holds) if holds == neutral => {}
            Cond::Const(holds) => return Cond::Const(holds),
            Cond::All(inner) if neutral => kept.extend(inner),
            Cond::Any(inner) if !neutral => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match (kept.len(), neutral) {
        (0, _) => Cond::Const(neutral),
        (1, _) => kept.swap_remove(0),
        (_, true) => Cond::All(kept),
        (_, false) => Cond::Any(kept),
    }
}

/// Writes a condition.
///
/// # Errors
/// A condition over a fact the vocabulary does not have.
pub fn write(cond: &Cond, vocabulary: &Vocabulary, syntax: &dyn Syntax) -> Result<String> {
    let several = |parts: &[Cond]| -> Result<Vec<String>> {
        parts.iter().map(|part| write(part, vocabulary, syntax)).collect()
    };
    Ok(match cond {
        Cond::Const(holds) => syntax.always(*holds),
        Cond::Is(fact, set) => {
            let fact = vocabulary.facts.get(*fact).ok_or("a fact that is gone")?;
            let values: Vec<usize> =
                (0..fact.values.len()).filter(|value| set >> value & 1 == 1).collect();
            syntax.is(fact, &values)
        }
        Cond::Not(part) => syntax.not(&write(part, vocabulary, syntax)?),
        Cond::All(parts) => syntax.all(&several(parts)?),
        Cond::Any(parts) => syntax.any(&several(parts)?),
    })
}

/// Languages whose conditions are written between their parts: `a && (b || !c)`.
pub struct Infix {
    /// And.
    pub and: &'static str,
    /// Or.
    pub or: &'static str,
    /// What stands before what is not.
    pub not: &'static str,
    /// A fact that has one of these values.
    pub is: fn(&Fact, &[usize]) -> String,
}

impl Syntax for Infix {
    fn is(&self, fact: &Fact, values: &[usize]) -> String {
        match (fact.boolean, values) {
            (true, [1]) => fact.name.clone(),
            (true, _) => self.not(&fact.name),
            (false, _) => format!("({})", (self.is)(fact, values)),
        }
    }

    fn not(&self, part: &str) -> String {
        format!("({}{part})", self.not)
    }

    fn all(&self, parts: &[String]) -> String {
        format!("({})", parts.join(self.and))
    }

    fn any(&self, parts: &[String]) -> String {
        format!("({})", parts.join(self.or))
    }
}

/// The words of some values, in quotes.
pub fn words(fact: &Fact, values: &[usize]) -> Vec<String> {
    let value = |at: &usize| fact.value(*at).map(|value| format!("{:?}", value.name));
    values.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_say_nothing_are_left_out() {
        let text = "action = [{ name = 'hold', says = 'hold' }]\n\
                    [[fact]]\nname = 'judge'\nquestion = 'Has a judge signed?'\n\
                    [[fact]]\nname = 'paper'\nquestion = 'Which paper?'\n\
                    values = [['none', 'none'], ['warrant', 'a warrant'], ['other', 'other']]";
        let vocabulary = Vocabulary::read("vocabulary.toml", text);
        let Ok(vocabulary) = vocabulary else { unreachable!("it reads") };
        let infix = Infix {
            and: " && ",
            or: " || ",
            not: "!",
            is: |fact, values| format!("{} in {values:?}", fact.name),
        };
        let judge = || Cond::Is(0, 0b10);
        let paper = || Cond::Is(1, 0b011);
        let not = |part| Cond::Not(Box::new(part));
        for (cond, wanted) in [
            (Cond::All(vec![Cond::All(vec![judge()])]), "judge"),
            (Cond::All(vec![]), "true"),
            (not(Cond::Any(vec![])), "true"),
            (not(not(judge())), "judge"),
            (Cond::Is(0, 0b11), "true"),
            (Cond::All(vec![judge(), Cond::Any(vec![paper()])]), "(judge && (paper in [0, 1]))"),
            (Cond::Any(vec![Cond::Is(0, 0b01), Cond::Const(true)]), "true"),
            (Cond::Any(vec![Cond::Is(0, 0b01), paper()]), "((!judge) || (paper in [0, 1]))"),
        ] {
            let written = write(&simple(&cond, &vocabulary), &vocabulary, &infix);
            assert!(written.is_ok_and(|text| text == wanted), "{cond:?}");
        }
    }
}
