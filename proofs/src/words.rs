//! Conditions as Cedar text: the few forms that everything here is put together from.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A condition over `action` and `context`, as Cedar text that stands in parentheses or needs none.
pub type Condition = String;

/// One case: a value for each fact named.
pub type Case = BTreeMap<String, String>;

/// Facts with the values that each may have; a fact not named may have any.
pub type Values = BTreeMap<String, Vec<String>>;

/// The words of `vocabulary.toml`, as far as they have a meaning for Cedar.
#[derive(Clone, Debug)]
pub struct Words {
    /// What may be asked.
    pub actions: Vec<String>,
    /// What may be stated: the listed values of each fact, and none for a yes/no fact.
    pub facts: BTreeMap<String, Option<Vec<String>>>,
    /// What one fact says about another.
    pub definitions: Vec<Definition>,
}

/// Where every fact of the first table has one of its values, so has every fact of the second.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The facts it starts from.
    #[serde(rename = "if")]
    pub when: Values,
    /// What follows.
    pub then: Values,
    /// Why; not used here.
    pub because: String,
}

impl Words {
    /// The Cedar schema of `docs/spec/law-pack.md`: a closed type for each listed fact, and every
    /// fact a required attribute of the context.
    pub fn schema(&self) -> String {
        let mut schema = String::from("entity Agency, Person;\n");
        let mut context = Vec::new();
        for (fact, values) in &self.facts {
            let held = match values {
                None => "Bool".to_owned(),
                Some(values) => {
                    let kind = camel(fact);
                    let values: Vec<String> = values.iter().map(|it| format!("{it:?}")).collect();
                    schema.push_str(&format!("entity {kind} enum [{}];\n", values.join(", ")));
                    kind
                }
            };
            context.push(format!("{fact}: {held}"));
        }
        for action in &self.actions {
            schema.push_str(&format!(
                "action {action:?} appliesTo {{ principal: Agency, resource: Person, context: \
                 {{ {} }} }};\n",
                context.join(", ")
            ));
        }
        schema
    }

    /// Where a fact has one of some values.
    ///
    /// # Errors
    /// A fact or a value that the vocabulary does not have.
    pub fn is(&self, fact: &str, values: &[String]) -> Result<Condition, String> {
        let known = self.facts.get(fact).ok_or_else(|| format!("there is no fact `{fact}`"))?;
        let stray = |list: &[String]| values.iter().find(|it| !list.contains(it)).cloned();
        let yes_no = ["false".to_owned(), "true".to_owned()];
        if let Some(value) = stray(known.as_deref().unwrap_or(&yes_no)) {
            return Err(format!("`{value}` is no value of fact `{fact}`"));
        }
        let has = |word: &str| values.iter().any(|it| it == word);
        Ok(match known {
            None => match (has("true"), has("false")) {
                (true, true) => "true".to_owned(),
                (true, false) => format!("context.{fact}"),
                (false, true) => not(&format!("context.{fact}")),
                (false, false) => "false".to_owned(),
            },
            Some(_) => {
                let kind = camel(fact);
                any(values.iter().map(|it| format!("context.{fact} == {kind}::{it:?}")))
            }
        })
    }

    /// Where every fact named has one of its values.
    ///
    /// # Errors
    /// As [`Words::is`].
    pub fn are(&self, facts: &Values) -> Result<Condition, String> {
        let parts: Result<Vec<_>, _> =
            facts.iter().map(|(fact, values)| self.is(fact, values)).collect();
        Ok(all(parts?))
    }

    /// Where a case is: every fact named has its value.
    ///
    /// # Errors
    /// As [`Words::is`].
    pub fn at(&self, case: &Case) -> Result<Condition, String> {
        self.are(&case.iter().map(|(fact, value)| (fact.clone(), vec![value.clone()])).collect())
    }

    /// Where no definition is broken.
    ///
    /// # Errors
    /// As [`Words::is`].
    pub fn possible(&self) -> Result<Condition, String> {
        let parts: Result<Vec<_>, String> = self
            .definitions
            .iter()
            .map(|it| Ok(any([not(&self.are(&it.when)?), self.are(&it.then)?])))
            .collect();
        Ok(all(parts?))
    }
}

/// The Cedar type of a listed fact: `lift_reason` is `LiftReason`.
pub fn camel(fact: &str) -> String {
    let mut camel = String::new();
    for part in fact.split('_') {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters);
    }
    camel
}

/// Not.
pub fn not(condition: &str) -> Condition {
    format!("!({condition})")
}

/// All of them.
pub fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
    joined(&parts.into_iter().collect::<Vec<_>>(), "&&", "true")
}

/// Any of them.
pub fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
    joined(&parts.into_iter().collect::<Vec<_>>(), "||", "false")
}

/// Joins by halves, because a parser walks a long chain by recursion.
fn joined(parts: &[Condition], operator: &str, none: &str) -> Condition {
    match parts {
        [] => none.to_owned(),
        [one] => one.clone(),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let (left, right) = (joined(left, operator, none), joined(right, operator, none));
            format!("({left} {operator} {right})")
        }
    }
}
