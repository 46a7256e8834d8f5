//! Two laws compared: every difference as a scenario, in the words that the command and the desk
//! both say.
//!
//! In: two packs. Out: differences, and their words. Absent: how they are found, which is the law
//! room's.

use std::fmt::Write as _;

use law::{Difference, Outcome, Pack, diff};

use crate::error::{Error, Result};

/// Every difference between two packs, for one action or for all.
///
/// # Errors
/// An action that is none, and laws that cannot be compared.
pub fn differences(before: &Pack, after: &Pack, action: Option<&str>) -> Result<Vec<Difference>> {
    let actions = match action {
        Some(action) => vec![action],
        None => before.vocabulary.actions.iter().map(|action| action.name.as_str()).collect(),
    };
    let mut found = Vec::new();
    for action in actions {
        let differs = diff(before, after, action);
        found.extend(differs.map_err(|error| Error::Input(error.to_string()))?);
    }
    Ok(found)
}

/// An outcome as a heading says it.
pub fn word(outcome: Outcome) -> String {
    outcome.word().replace('_', " ").to_uppercase()
}

/// What changes, and for how many cases.
pub fn heading(found: &Difference) -> String {
    format!(
        "{}: {} before, {} after ({:.2} % of all cases)",
        found.action,
        word(found.before),
        word(found.after),
        found.share * 100.0
    )
}

/// The facts that make it so, a line for each.
pub fn facts(found: &Difference) -> Vec<String> {
    if found.facts.is_empty() {
        return vec!["in every case".to_owned()];
    }
    found.facts.iter().map(|(fact, values)| format!("{fact} = {}", values.join(" | "))).collect()
}

/// One concrete case, where there are facts to tell it by.
pub fn example(found: &Difference) -> Option<String> {
    let facts: Vec<String> = found.example.iter().map(|(f, v)| format!("{f}={v}")).collect();
    (!facts.is_empty()).then(|| format!("for example: {}", facts.join(" ")))
}

/// A difference as a paragraph.
pub fn scenario(text: &mut String, found: &Difference) {
    let _ = writeln!(text, "\n{}", heading(found));
    for line in facts(found).into_iter().chain(example(found)) {
        let _ = writeln!(text, "  {line}");
    }
}
