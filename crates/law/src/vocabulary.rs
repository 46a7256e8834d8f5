//! The closed list of actions and typed facts that rules may speak about.
//!
//! In: the text of `vocabulary.toml`. Out: [`Vocabulary`]. Absent: any rule of law. A fact is a
//! closed list of values (yes/no is the shortest such list), because then no evaluation can err.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::measure::{Count, Measure, Since};
use crate::problem::line_at;
use crate::{Problem, Statement};

/// The most values a fact may have: one bit of a domain each.
const MOST_VALUES: usize = 64;

/// Actions, facts and definitions, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    /// What may be asked for.
    pub actions: Vec<Action>,
    /// What may be stated.
    pub facts: Vec<Fact>,
    /// What one fact says about another.
    pub definitions: Vec<Definition>,
}

/// Something an agency could be asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The word used in rules and on the command line.
    pub name: String,
    /// What it is, as the object of "may we …".
    pub says: String,
}

/// Something a person, a document or a system can state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The word used in rules and on the command line.
    pub name: String,
    /// The question that asks for it.
    pub question: String,
    /// The values it can have, each with plain words.
    pub values: Vec<Value>,
    /// Whether it is a yes/no fact.
    pub boolean: bool,
    /// How its values are measured, for a day or a number.
    pub measure: Option<Measure>,
    /// Whether only a person can state it: an open word of the law.
    pub judgment: bool,
    /// For a fact that can still change (a paper that may yet be shown): how that is said.
    pub if_changed: Option<String>,
    /// Other spellings, and the value each stands for.
    pub aliases: BTreeMap<String, String>,
    /// Spellings that say too little, and what to write instead.
    pub refused: BTreeMap<String, String>,
}

/// One value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The word used in rules and on the command line.
    pub name: String,
    /// Plain words.
    pub says: String,
}

/// What facts mean for each other, whatever the law says: if every fact on the left has one of
/// the values given, every fact on the right has one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Fact index and the set of its values, all of which must hold.
    pub when: Vec<(usize, u64)>,
    /// Fact index and the set of values that follow.
    pub then: Vec<(usize, u64)>,
    /// Why, in a sentence that can stand in an error.
    pub because: String,
}

impl Fact {
    /// The set with every value of this fact.
    pub fn all(&self) -> u64 {
        u64::MAX.checked_shr(64_u32.saturating_sub(self.values.len() as u32)).unwrap_or(0)
    }

    /// The position of a value by its name.
    pub fn position(&self, value: &str) -> Option<usize> {
        self.values.iter().position(|v| v.name == value)
    }

    /// The plain words of the value at a position.
    pub fn value(&self, position: usize) -> Option<&Value> {
        self.values.get(position)
    }

    /// Reads a value as a person may have written it: case, blanks and hyphens are forgiven,
    /// known other spellings are understood, and a spelling that says too little is refused.
    ///
    /// # Errors
    /// What to write instead.
    pub fn read(&self, written: &str) -> Result<usize, String> {
        let word = written.trim().to_lowercase().replace([' ', '-'], "_");
        if let Some(why) = self.refused.get(&word) {
            return Err(format!("`{}={written}` says too little: {why}", self.name));
        }
        let name = self.aliases.get(&word).unwrap_or(&word);
        self.position(name).ok_or_else(|| self.no_value(written))
    }

    /// That something is no value of it, and which there are.
    pub(crate) fn no_value(&self, written: &str) -> String {
        let known: Vec<_> = self.values.iter().map(|v| v.name.as_str()).collect();
        let known = known.join(", ");
        format!("`{written}` is no value of fact `{}`; write one of: {known}", self.name)
    }
}

impl Vocabulary {
    /// The position of a fact by its name.
    pub fn fact(&self, name: &str) -> Option<usize> {
        self.facts.iter().position(|fact| fact.name == name)
    }

    /// The position of an action by its name.
    pub fn action(&self, name: &str) -> Option<usize> {
        self.actions.iter().position(|action| action.name == name)
    }

    /// The position of a fact, or which facts there are.
    pub(crate) fn known_fact(&self, name: &str) -> Result<usize, String> {
        self.fact(name).ok_or_else(|| {
            let known: Vec<_> = self.facts.iter().map(|fact| fact.name.as_str()).collect();
            format!("there is no fact `{name}`; the facts are: {}", known.join(", "))
        })
    }

    /// The position of an action, or which actions there are.
    pub(crate) fn known_action(&self, name: &str) -> Result<usize, String> {
        self.action(name).ok_or_else(|| {
            let known: Vec<_> = self.actions.iter().map(|action| action.name.as_str()).collect();
            format!("there is no action `{name}`; the actions are: {}", known.join(", "))
        })
    }

    /// Reads `vocabulary.toml`.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        Self::read_with_lines(file, text).map(|(vocabulary, _)| vocabulary)
    }

    /// As [`Vocabulary::read`], with the line at which each fact begins: where a fact stands is
    /// no part of what it is.
    pub(crate) fn read_with_lines(
        file: &str,
        text: &str,
    ) -> Result<(Self, Vec<usize>), Vec<Problem>> {
        let raw: RawVocabulary = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            vec![Problem::new(file, line, error.message())]
        })?;
        let mut problems = Vec::new();
        let mut vocabulary = Self { actions: vec![], facts: vec![], definitions: vec![] };
        if raw.action.is_empty() {
            problems.push(Problem::new(file, 0, "`action` is empty; write what may be asked for"));
        }
        for raw in raw.action {
            let line = line_at(text, raw.span().start);
            match vocabulary.can_add_action(raw.get_ref()) {
                Ok(()) => vocabulary.actions.push(raw.into_inner()),
                Err(message) => problems.push(Problem::new(file, line, message)),
            }
        }
        let mut lines = Vec::new();
        for raw in raw.fact {
            let line = line_at(text, raw.span().start);
            let fact = raw.into_inner().read();
            match fact.and_then(|fact| vocabulary.can_add_fact(&fact).map(|()| fact)) {
                Ok(fact) => {
                    vocabulary.facts.push(fact);
                    lines.push(line);
                }
                Err(message) => problems.push(Problem::new(file, line, message)),
            }
        }
        for raw in raw.definition {
            let line = line_at(text, raw.span().start);
            match raw.into_inner().read(&vocabulary) {
                Ok(definition) => vocabulary.definitions.push(definition),
                Err(message) => problems.push(Problem::new(file, line, message)),
            }
        }
        if problems.is_empty() { Ok((vocabulary, lines)) } else { Err(problems) }
    }

    fn can_add_action(&self, action: &Action) -> Result<(), String> {
        let name = &action.name;
        if self.action(name).is_some() {
            return Err(format!("action `{name}` is listed twice; keep one"));
        }
        if is_name(name) { Ok(()) } else { Err(format!("action `{name}`: {NAMES}")) }
    }

    fn can_add_fact(&self, fact: &Fact) -> Result<(), String> {
        let name = &fact.name;
        if self.fact(name).is_some() {
            return Err(format!("fact `{name}` is listed twice; keep one"));
        }
        if !is_name(name) {
            return Err(format!("fact `{name}`: {NAMES}"));
        }
        if name.parse::<cedar_policy::EntityTypeName>().is_err() {
            return Err(format!("fact `{name}`: Cedar keeps this word; write another name"));
        }
        let entity = entity_type(name);
        let mut listed = self.facts.iter().filter(|before| !before.boolean);
        let taken = OURS.contains(&entity.as_str())
            || entity == "Action"
            || listed.any(|before| entity_type(&before.name) == entity);
        if taken && !fact.boolean {
            return Err(format!(
                "fact `{name}`: rules would write its values `{entity}::\"…\"`, which is taken; \
                 write another name"
            ));
        }
        Ok(())
    }

    /// Puts the value of a measured fact in the place of the day or the number that was stated,
    /// seen from the day asked about; all else stays. What is kept of a statement is this: the
    /// stretch, and not the day.
    ///
    /// # Errors
    /// As [`Measure::word_of`], each with the fact's name.
    pub fn measured(
        &self,
        statements: &[Statement],
        on: Date,
    ) -> Result<Vec<Statement>, Vec<String>> {
        let mut errors = Vec::new();
        let mut measured = statements.to_vec();
        for statement in &mut measured {
            let fact = self.fact(&statement.fact).and_then(|at| self.facts.get(at));
            let Some(measure) = fact.and_then(|fact| fact.measure.as_ref()) else { continue };
            match measure.word_of(statement.value.trim(), on) {
                Ok(Some(word)) => statement.value = word,
                Ok(None) => {}
                Err(why) => errors.push(format!("`{}`: {why}", statement.fact)),
            }
        }
        if errors.is_empty() { Ok(measured) } else { Err(errors) }
    }

    /// The Cedar schema that rules are validated against: one closed entity type a listed fact,
    /// one context attribute a fact, all of them required, so that a rule never meets an absence.
    pub fn cedar_schema(&self) -> String {
        let mut schema: String = OURS.iter().map(|name| format!("entity {name};\n")).collect();
        let mut context = Vec::new();
        for fact in &self.facts {
            if fact.boolean {
                context.push(format!("{}: Bool", fact.name));
            } else {
                let values: Vec<_> = fact.values.iter().map(|v| format!("{:?}", v.name)).collect();
                let entity = entity_type(&fact.name);
                schema.push_str(&format!("entity {entity} enum [{}];\n", values.join(", ")));
                context.push(format!("{}: {entity}", fact.name));
            }
        }
        let actions: Vec<_> = self.actions.iter().map(|a| format!("{:?}", a.name)).collect();
        schema.push_str(&format!(
            "action {} appliesTo {{ principal: [Agency], resource: [Person], \
             context: {{ {} }} }};\n",
            actions.join(", "),
            context.join(", ")
        ));
        schema
    }
}

/// The Cedar entity types that are no facts: who acts, and whom it is about.
const OURS: [&str; 2] = ["Agency", "Person"];

const NAMES: &str = "a name has small letters, digits and `_`, and begins with a letter";

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase()) && is_plain(word)
}

/// Whether a word is written as statements are read.
fn is_plain(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !word.is_empty() && word.bytes().all(plain)
}

/// The Cedar entity type of a listed fact: `lift_reason` is `LiftReason`.
pub(crate) fn entity_type(fact: &str) -> String {
    fact.split('_')
        .flat_map(|part| {
            let mut letters = part.chars();
            letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVocabulary {
    action: Vec<toml::Spanned<Action>>,
    fact: Vec<toml::Spanned<RawFact>>,
    #[serde(default)]
    definition: Vec<toml::Spanned<RawDefinition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFact {
    name: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    values: Option<Vec<(String, String)>>,
    day: Option<Since>,
    number: Option<Count>,
    #[serde(default)]
    judgment: bool,
    #[serde(default)]
    if_changed: Option<String>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    #[serde(default)]
    refused: BTreeMap<String, String>,
}

impl RawFact {
    fn read(self) -> Result<Fact, String> {
        let Self { name, question, values, day, number, .. } = self;
        let Self { judgment, if_changed, aliases, refused, .. } = self;
        if question.trim().is_empty() {
            return Err(format!(
                "fact `{name}` has no question; write the question that asks for it"
            ));
        }
        let measure = match (&values, day, number) {
            (None, Some(day), None) => Some(Measure::Day(day)),
            (None, None, Some(number)) => Some(Measure::Number(number)),
            (_, None, None) => None,
            _ => {
                return Err(format!(
                    "fact `{name}`: write one of `values`, `day` and `number`, or none"
                ));
            }
        };
        let boolean = values.is_none() && measure.is_none();
        let listed = values
            .unwrap_or_else(|| vec![("false".into(), "no".into()), ("true".into(), "yes".into())]);
        let values = match &measure {
            Some(measure) => measure.values().map_err(|why| format!("fact `{name}`: {why}"))?,
            None => listed.into_iter().map(|(name, says)| Value { name, says }).collect(),
        };
        if values.len() < 2 || values.len() > MOST_VALUES {
            return Err(format!(
                "fact `{name}` has {} values; give 2 to {MOST_VALUES}",
                values.len()
            ));
        }
        let mut aliases = aliases;
        if boolean {
            aliases.extend([("yes".into(), "true".into()), ("no".into(), "false".into())]);
        }
        let fact = Fact {
            name,
            question,
            values,
            boolean,
            measure,
            judgment,
            if_changed,
            aliases,
            refused,
        };
        spelled(&fact)?;
        Ok(fact)
    }
}

/// Whether the words of a fact can be written, and told apart.
fn spelled(fact: &Fact) -> Result<(), String> {
    for (position, value) in fact.values.iter().enumerate() {
        if fact.position(&value.name) != Some(position) {
            return Err(format!(
                "fact `{}` lists value `{}` twice; keep one",
                fact.name, value.name
            ));
        }
    }
    let values = fact.values.iter().map(|value| &value.name);
    let others = fact.aliases.keys().chain(fact.refused.keys());
    if let Some(word) = values.chain(others.clone()).find(|word| !is_plain(word)) {
        return Err(format!(
            "fact `{}` has the word `{word}`; write small letters, digits and `_`",
            fact.name
        ));
    }
    if let Some(word) = others.into_iter().find(|word| fact.position(word).is_some()) {
        return Err(format!(
            "fact `{}` has `{word}` both as a value and as another spelling; take out the spelling",
            fact.name
        ));
    }
    if let Some((alias, to)) = fact.aliases.iter().find(|(_, to)| fact.position(to).is_none()) {
        return Err(format!("alias `{alias}`: {}", fact.no_value(to)));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefinition {
    #[serde(rename = "if")]
    when: BTreeMap<String, Vec<String>>,
    then: BTreeMap<String, Vec<String>>,
    because: String,
}

impl RawDefinition {
    fn read(self, vocabulary: &Vocabulary) -> Result<Definition, String> {
        Ok(Definition {
            when: value_sets(&self.when, vocabulary)?,
            then: value_sets(&self.then, vocabulary)?,
            because: self.because,
        })
    }
}

/// Reads `{ fact = ["value", …] }` into fact positions and sets of values.
pub(crate) fn value_sets(
    raw: &BTreeMap<String, Vec<String>>,
    vocabulary: &Vocabulary,
) -> Result<Vec<(usize, u64)>, String> {
    raw.iter()
        .map(|(name, values)| {
            let position = vocabulary.known_fact(name)?;
            let fact = vocabulary.facts.get(position).ok_or("no such fact")?;
            if values.is_empty() {
                return Err(format!("fact `{name}` is given no value; write at least one"));
            }
            let mut set = 0_u64;
            for value in values {
                let at = fact.position(value).ok_or_else(|| fact.no_value(value))?;
                set |= 1_u64.checked_shl(at as u32).unwrap_or(0);
            }
            Ok((position, set))
        })
        .collect()
}
