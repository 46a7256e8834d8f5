//! What is known about one request: for each fact the values it may still have, and who says so.
//!
//! A fact nobody stated keeps all its values; it is never taken for "no".

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Vocabulary;

/// Who says that a fact is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The paper itself.
    Document,
    /// A person at the desk.
    Officer,
    /// A computer system.
    System,
    /// It follows from what was stated, by a definition of the vocabulary.
    Definition,
}

impl Source {
    /// Reads `document`, `officer` or `system`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "document" => Some(Self::Document),
            "officer" => Some(Self::Officer),
            "system" => Some(Self::System),
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Document => "document",
            Self::Officer => "officer",
            Self::System => "system",
            Self::Definition => "by definition",
        })
    }
}

/// A fact stated: `basis=detainer@document`. Without `@`, an officer says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Statement {
    /// The fact's name.
    pub fact: String,
    /// The value, as written.
    pub value: String,
    /// Who says so.
    pub source: Source,
}

impl Statement {
    /// A statement by `source`.
    pub fn new(fact: &str, value: &str, source: Source) -> Self {
        Self { fact: fact.to_owned(), value: value.to_owned(), source }
    }
}

impl std::str::FromStr for Statement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (fact, rest) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is no fact; write it as `name=value`"))?;
        let (value, source) = match rest.split_once('@') {
            None => (rest, Source::Officer),
            Some((value, who)) => {
                let source = Source::parse(who).ok_or_else(|| {
                    format!(
                        "`{who}` is nobody who can state a fact; write document, officer or system"
                    )
                })?;
                (value, source)
            }
        };
        Ok(Self::new(fact.trim(), value.trim(), source))
    }
}

/// What is known: one set of possible values a fact, in the order of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    domains: Vec<u64>,
    sources: Vec<Option<Source>>,
}

impl Facts {
    /// Nothing known.
    pub fn none(vocabulary: &Vocabulary) -> Self {
        Self {
            domains: vocabulary.facts.iter().map(crate::Fact::all).collect(),
            sources: vec![None; vocabulary.facts.len()],
        }
    }

    /// Reads statements and draws what follows from the definitions. The order of the
    /// statements does not matter.
    ///
    /// # Errors
    /// Unknown facts and values, a judgment stated by a system or a document, a fact stated
    /// twice with different values, and statements that contradict a definition; every error
    /// says what to do.
    pub fn read(vocabulary: &Vocabulary, statements: &[Statement]) -> Result<Self, Vec<String>> {
        let mut facts = Self::none(vocabulary);
        let mut errors = Vec::new();
        let mut sorted: Vec<_> = statements.iter().collect();
        sorted.sort();
        for statement in sorted {
            if let Err(error) = facts.state(vocabulary, statement) {
                errors.push(error);
            }
        }
        if errors.is_empty()
            && let Err(error) = facts.close(vocabulary)
        {
            errors.push(error);
        }
        if errors.is_empty() { Ok(facts) } else { Err(errors) }
    }

    fn state(&mut self, vocabulary: &Vocabulary, statement: &Statement) -> Result<(), String> {
        let name = &statement.fact;
        let position = vocabulary.known_fact(name)?;
        let fact = vocabulary.facts.get(position).ok_or("no such fact")?;
        let value = fact.read(&statement.value)?;
        if fact.judgment && statement.source != Source::Officer {
            return Err(format!(
                "`{name}` is a judgment: a person must state it, not a {}",
                statement.source
            ));
        }
        if let (Some(before), Some(_)) = (self.value(position), self.source(position)) {
            if before != value {
                let before = fact.value(before).map_or("", |v| v.name.as_str());
                return Err(format!(
                    "contradictory facts: `{name}` is stated both as `{before}` and as `{}`; \
                     keep one",
                    statement.value
                ));
            }
            return Ok(());
        }
        self.set(position, 1_u64.checked_shl(value as u32).unwrap_or(0));
        if let Some(source) = self.sources.get_mut(position) {
            *source = Some(statement.source);
        }
        Ok(())
    }

    /// Draws what follows until nothing new does. A definition works both ways: if what follows
    /// cannot be and all but one of its conditions hold, that one condition cannot hold.
    fn close(&mut self, vocabulary: &Vocabulary) -> Result<(), String> {
        loop {
            let before = self.domains.clone();
            for definition in &vocabulary.definitions {
                for follows in &definition.then {
                    self.draw(vocabulary, definition, *follows)?;
                }
            }
            if self.domains == before {
                return Ok(());
            }
        }
    }

    fn draw(
        &mut self,
        vocabulary: &Vocabulary,
        definition: &crate::Definition,
        (position, set): (usize, u64),
    ) -> Result<(), String> {
        let open: Vec<_> =
            definition.when.iter().filter(|(at, values)| self.domain(*at) & !values != 0).collect();
        let (at, keep) = match (open.as_slice(), self.domain(position) & set) {
            ([], _) => (position, set),
            ([(at, values)], 0) => (*at, !*values),
            _ => return Ok(()),
        };
        let domain = self.domain(at) & keep;
        if domain == 0 {
            let involved = definition
                .when
                .iter()
                .chain([&(position, set)])
                .map(|(at, _)| self.describe(vocabulary, *at))
                .collect::<Vec<_>>();
            return Err(format!(
                "contradictory facts: {} cannot be together: {}; check the paper and state one of \
                 them anew",
                involved.join(" and "),
                definition.because
            ));
        }
        if domain != self.domain(at) {
            self.set(at, domain);
            if let Some(source) = self.sources.get_mut(at)
                && source.is_none()
                && domain.is_power_of_two()
            {
                *source = Some(Source::Definition);
            }
        }
        Ok(())
    }

    fn describe(&self, vocabulary: &Vocabulary, position: usize) -> String {
        let Some(fact) = vocabulary.facts.get(position) else {
            return String::new();
        };
        match self.value(position).and_then(|value| fact.value(value)) {
            Some(value) => format!("`{}={}`", fact.name, value.name),
            None => format!("`{}` (not stated)", fact.name),
        }
    }

    /// The set of values a fact may still have.
    pub fn domain(&self, position: usize) -> u64 {
        self.domains.get(position).copied().unwrap_or(0)
    }

    /// The value of a fact that can have only one.
    pub fn value(&self, position: usize) -> Option<usize> {
        let domain = self.domain(position);
        domain.is_power_of_two().then(|| domain.trailing_zeros() as usize)
    }

    /// Who says so, for a fact that was stated or drawn.
    pub fn source(&self, position: usize) -> Option<Source> {
        self.sources.get(position).copied().flatten()
    }

    /// Takes one fact as known, without drawing what follows: for columns of facts that were
    /// read and checked before, and for tests.
    pub fn know(&mut self, position: usize, value: usize, source: Source) {
        self.set(position, 1_u64.checked_shl(value as u32).unwrap_or(0));
        if let Some(slot) = self.sources.get_mut(position) {
            *slot = Some(source);
        }
    }

    /// Narrows a fact to a set of values, without drawing what follows.
    pub(crate) fn set(&mut self, position: usize, domain: u64) {
        if let Some(slot) = self.domains.get_mut(position) {
            *slot = domain;
        }
    }

    /// Whether no definition is broken, looking only at facts with one value.
    pub(crate) fn consistent(&self, vocabulary: &Vocabulary) -> bool {
        vocabulary.definitions.iter().all(|definition| {
            definition.when.iter().any(|(at, set)| self.domain(*at) & !set != 0)
                || definition.then.iter().all(|(at, set)| self.domain(*at) & set != 0)
        })
    }
}
