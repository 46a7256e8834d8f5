//! One rule: a Cedar policy inside the legal profile, compiled to a condition over facts.
//!
//! In: a Cedar policy from a fence. Out: [`Rule`], or what the profile refuses. Absent: Cedar's
//! Allow and Deny. The profile keeps to what cannot err: yes/no facts, listed facts compared with
//! their own values, and the connectives.

use std::collections::BTreeMap;

use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, Effect, Expr, Literal, Policy, PrincipalConstraint,
    ResourceConstraint, Template, UnaryOp, Var,
};
use serde::Serialize;

use crate::edition::parse_day;
use crate::vocabulary::entity_type;
use crate::{Facts, Grade, Vocabulary};

/// What a rule does when its condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Orders the action.
    Must,
    /// Forbids the action.
    MustNot,
    /// Permits the action.
    May,
    /// Protects the action from prohibitions of instruments below: a saving clause.
    Shields,
    /// Leaves the case to a person, because the text or our reading of it does not settle it.
    Refer,
}

impl Modality {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "must" => Some(Self::Must),
            "must_not" => Some(Self::MustNot),
            "may" => Some(Self::May),
            "shields" => Some(Self::Shields),
            "refer" => Some(Self::Refer),
            _ => None,
        }
    }

    fn effect(self) -> Effect {
        match self {
            Self::Must | Self::May | Self::Shields => Effect::Permit,
            Self::MustNot | Self::Refer => Effect::Forbid,
        }
    }
}

/// Three-valued truth: what unknown facts leave open is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Holds whatever the unknown facts are.
    Yes,
    /// Fails whatever the unknown facts are.
    No,
    /// Depends on facts not known, as far as this evaluation can tell.
    Open,
}

impl Truth {
    /// Negation.
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Open => Self::Open,
        }
    }
}

/// A condition over facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cond {
    /// Always or never.
    Const(bool),
    /// The fact's value is in the set.
    Is(usize, u64),
    /// Not.
    Not(Box<Cond>),
    /// All of them.
    All(Vec<Cond>),
    /// Any of them.
    Any(Vec<Cond>),
}

impl Cond {
    /// Evaluates in three values; the order of parts does not matter.
    pub fn truth(&self, facts: &Facts) -> Truth {
        match self {
            Self::Const(true) => Truth::Yes,
            Self::Const(false) => Truth::No,
            Self::Is(fact, set) => {
                let domain = facts.domain(*fact);
                if domain & !set == 0 {
                    Truth::Yes
                } else if domain & set == 0 {
                    Truth::No
                } else {
                    Truth::Open
                }
            }
            Self::Not(part) => part.truth(facts).not(),
            Self::All(parts) => all(parts.iter().map(|part| part.truth(facts))),
            Self::Any(parts) => all(parts.iter().map(|part| part.truth(facts).not())).not(),
        }
    }

    /// Adds the facts it speaks about.
    pub fn facts(&self, into: &mut Vec<usize>) {
        match self {
            Self::Const(_) => {}
            Self::Is(fact, _) => into.push(*fact),
            Self::Not(part) => part.facts(into),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.facts(into)),
        }
    }
}

fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut result = Truth::Yes;
    for part in parts {
        match part {
            Truth::No => return Truth::No,
            Truth::Open => result = Truth::Open,
            Truth::Yes => {}
        }
    }
    result
}

/// One provision as a rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `instrument/provision`, unique in a pack.
    pub id: String,
    /// The citation of the provision.
    pub cite: String,
    /// How well its reading is evidenced.
    pub grade: Grade,
    /// The day somebody checked it against the text, and nothing where nobody did.
    pub checked: Option<String>,
    /// What it does.
    pub modality: Modality,
    /// The provision of the same edition it takes away from, by its full id.
    pub overrides: Option<String>,
    /// The provision in our words.
    pub says: String,
    /// Where it stands.
    pub file: String,
    /// The line of its fence.
    pub line: usize,
    /// The legal heading it stands under.
    pub heading: String,
    /// Actions it speaks about, by position in the vocabulary.
    pub actions: Vec<usize>,
    /// When it applies.
    pub cond: Cond,
    /// The Cedar policy as it was read.
    pub cedar: cedar_policy::Policy,
}

/// What the reader of editions knows about the place of a rule.
pub(crate) struct Place<'a> {
    pub instrument: &'a str,
    pub file: &'a str,
    pub line: usize,
    pub heading: &'a str,
    pub says: &'a str,
}

impl Rule {
    /// Reads one policy, already validated against the schema, into a rule.
    pub(crate) fn read(
        cedar: cedar_policy::Policy,
        vocabulary: &Vocabulary,
        place: &Place<'_>,
    ) -> Result<Self, String> {
        let pst = cedar.to_pst().map_err(|error| format!("outside the legal profile: {error}"))?;
        let Policy::Static(policy) = &pst else {
            return Err(refused("a rule with slots"));
        };
        let template = policy.body();
        let notes = Notes::read(template)?;
        if template.effect != notes.modality.effect() {
            let word = if notes.modality.effect() == Effect::Permit { "permit" } else { "forbid" };
            return Err(format!("this `@modality` is written as `{word}`"));
        }
        if !matches!(template.principal, PrincipalConstraint::Any)
            || !matches!(template.resource, ResourceConstraint::Any)
        {
            return Err(
                "principal and resource stay open in the legal profile; use facts instead".into()
            );
        }
        let says = place.says.trim();
        if says.is_empty() {
            return Err("say what the provision means, in our own words, above the rule".into());
        }
        Ok(Self {
            id: format!("{}/{}", place.instrument, notes.id),
            cite: notes.cite,
            grade: notes.grade,
            checked: notes.checked,
            modality: notes.modality,
            overrides: notes.overrides.map(|id| format!("{}/{id}", place.instrument)),
            says: says.to_owned(),
            file: place.file.to_owned(),
            line: place.line,
            heading: place.heading.to_owned(),
            actions: actions(&template.action, vocabulary)?,
            cond: condition(template, vocabulary)?,
            cedar,
        })
    }
}

/// The annotations of a rule.
struct Notes {
    id: String,
    cite: String,
    grade: Grade,
    checked: Option<String>,
    modality: Modality,
    overrides: Option<String>,
}

const ANNOTATIONS: [&str; 6] = ["id", "cite", "grade", "checked", "modality", "overrides"];

impl Notes {
    fn read(template: &Template) -> Result<Self, String> {
        let mut notes: BTreeMap<&str, &str> = template
            .annotations
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        if let Some(stray) = notes.keys().find(|key| !ANNOTATIONS.contains(key)) {
            let known = ANNOTATIONS.join(", @");
            return Err(format!("`@{stray}` is no annotation; the annotations are @{known}"));
        }
        if let Some((key, _)) = notes.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(format!("`@{key}` is empty; fill it in or take it out"));
        }
        let mut take = |key: &str| notes.remove(key);
        let mut need =
            |key: &str| take(key).ok_or_else(|| format!("the rule has no `@{key}(\"…\")`"));
        let id = need("id")?.to_owned();
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || "-.()".contains(c)) {
            return Err(format!(
                "`@id(\"{id}\")` may have letters, digits, `-`, `.` and parentheses"
            ));
        }
        let grade = need("grade")?;
        let grade = Grade::parse(grade).ok_or_else(|| {
            format!("`{grade}` is no grade; write text, quoted, secondary or unverified")
        })?;
        let modality = need("modality")?;
        let modality = Modality::parse(modality).ok_or_else(|| {
            format!("`{modality}` is no modality; write must, must_not, may, shields or refer")
        })?;
        let cite = need("cite")?.to_owned();
        let checked = take("checked").map(str::to_owned);
        if let Some(day) = &checked {
            parse_day(day).map_err(|why| format!("`@checked`: {why}"))?;
        }
        let overrides = take("overrides").map(str::to_owned);
        Ok(Self { id, cite, grade, checked, modality, overrides })
    }
}

fn actions(constraint: &ActionConstraint, vocabulary: &Vocabulary) -> Result<Vec<usize>, String> {
    let uids = match constraint {
        ActionConstraint::Eq(uid) => std::slice::from_ref(uid),
        ActionConstraint::In(uids) => uids.as_slice(),
        _ => {
            return Err("name the actions the rule speaks about: `action == Action::\"…\"`".into());
        }
    };
    uids.iter().map(|uid| vocabulary.known_action(&uid.eid)).collect()
}

fn condition(template: &Template, vocabulary: &Vocabulary) -> Result<Cond, String> {
    let parts = template
        .clauses()
        .iter()
        .map(|clause| match clause {
            Clause::When(expr) => compile(expr, vocabulary),
            Clause::Unless(expr) => Ok(Cond::Not(Box::new(compile(expr, vocabulary)?))),
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Cond::All(parts))
}

fn refused(what: &str) -> String {
    format!(
        "{what} is outside the legal profile; use yes/no facts, listed facts compared with their \
         own values, `[…].contains(context.fact)`, `&&`, `||`, `!` and `if`, which cannot err"
    )
}

fn compile(expr: &Expr, vocabulary: &Vocabulary) -> Result<Cond, String> {
    match expr {
        Expr::Literal(Literal::Bool(value)) => Ok(Cond::Const(*value)),
        Expr::UnaryOp { op: UnaryOp::Not, expr } => {
            Ok(Cond::Not(Box::new(compile(expr, vocabulary)?)))
        }
        Expr::BinaryOp { op, left, right } => binary(op, left, right, vocabulary),
        Expr::GetAttr { .. } => {
            let fact = fact(expr, vocabulary)?;
            match vocabulary.facts.get(fact) {
                Some(known) if known.boolean => Ok(Cond::Is(fact, 0b10)),
                _ => Err(refused("a listed fact used as yes/no")),
            }
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            let cond = compile(cond, vocabulary)?;
            let then = compile(then_expr, vocabulary)?;
            let other = compile(else_expr, vocabulary)?;
            Ok(Cond::Any(vec![
                Cond::All(vec![cond.clone(), then]),
                Cond::All(vec![Cond::Not(Box::new(cond)), other]),
            ]))
        }
        _ => Err(refused("this expression")),
    }
}

fn binary(
    op: &BinaryOp,
    left: &Expr,
    right: &Expr,
    vocabulary: &Vocabulary,
) -> Result<Cond, String> {
    match op {
        BinaryOp::And => {
            Ok(Cond::All(vec![compile(left, vocabulary)?, compile(right, vocabulary)?]))
        }
        BinaryOp::Or => {
            Ok(Cond::Any(vec![compile(left, vocabulary)?, compile(right, vocabulary)?]))
        }
        BinaryOp::Eq => match left {
            Expr::GetAttr { .. } => is(left, std::slice::from_ref(right), vocabulary),
            _ => is(right, std::slice::from_ref(left), vocabulary),
        },
        BinaryOp::NotEq => Ok(Cond::Not(Box::new(binary(&BinaryOp::Eq, left, right, vocabulary)?))),
        BinaryOp::Contains => match left {
            Expr::Set(values) => {
                let values: Vec<_> = values.iter().map(|value| value.as_ref().clone()).collect();
                is(right, &values, vocabulary)
            }
            _ => Err(refused("`contains` on anything but a written list")),
        },
        _ => Err(refused("this operator")),
    }
}

/// `context.fact` is one of the literal values.
fn is(subject: &Expr, values: &[Expr], vocabulary: &Vocabulary) -> Result<Cond, String> {
    let position = fact(subject, vocabulary)?;
    let fact = vocabulary.facts.get(position).ok_or_else(|| refused("this fact"))?;
    let mut set = 0_u64;
    for value in values {
        let at = match value {
            Expr::Literal(Literal::Bool(value)) if fact.boolean => usize::from(*value),
            Expr::Literal(Literal::EntityUID(uid))
                if uid.ty.to_string() == entity_type(&fact.name) =>
            {
                fact.position(&uid.eid).ok_or_else(|| fact.no_value(&uid.eid))?
            }
            _ => return Err(refused("comparing a fact with anything but its own values")),
        };
        set |= 1_u64.checked_shl(at as u32).unwrap_or(0);
    }
    Ok(Cond::Is(position, set))
}

fn fact(expr: &Expr, vocabulary: &Vocabulary) -> Result<usize, String> {
    match expr {
        Expr::GetAttr { expr, attr } if matches!(**expr, Expr::Var(Var::Context)) => {
            vocabulary.known_fact(attr)
        }
        _ => Err(refused("this expression")),
    }
}
