//! Answers as data: what a case comes to, in the fields that `docs/spec/answers.md` promises.
//!
//! In: a pack, actions and statements. Out: what [`serde_json`] writes for scripts, the same from
//! the program and in a browser. Absent: words for people, and where a question came from.

use jiff::civil::Time;
use serde::Serialize;
use serde_json::{Value, json};

use crate::pack::Pack;
use crate::{CannotAnalyse, Change, Decision, Facts, Next, Statement};

/// A decision, the fewest facts that settle it, and the fewest that would settle it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The decision.
    pub decision: Decision,
    /// The names of those facts, as [`crate::why()`] gives them.
    pub sufficient: Vec<String>,
    /// The smallest changes, as [`crate::flips()`] gives them.
    pub flips: Vec<Vec<Change>>,
}

/// One decision an action, in the order asked.
///
/// # Errors
/// Everything wrong with what was stated, one a line, and as [`crate::decide()`].
pub fn decisions(
    pack: &Pack,
    actions: &[String],
    statements: &[Statement],
    at: Option<Time>,
) -> Result<Vec<Decision>, String> {
    let facts = read(pack, statements)?;
    actions.iter().map(|action| crate::decide(pack, action, &facts, at)).collect()
}

/// Decisions as data: an object where it is one, else an array in the order asked.
pub fn as_data(decisions: &[Decision]) -> Value {
    match decisions {
        [one] => json!(one),
        many => json!(many),
    }
}

/// What to ask next; `nobody` names the facts that nobody can tell.
///
/// # Errors
/// Everything wrong with what was stated, and as [`crate::ask()`].
pub fn next(
    pack: &Pack,
    action: &str,
    statements: &[Statement],
    nobody: &[String],
) -> Result<Next, CannotAnalyse> {
    let facts = read(pack, statements)?;
    let at = |name: &String| {
        pack.vocabulary.fact(name).ok_or_else(|| format!("there is no fact `{name}`"))
    };
    let nobody: Vec<usize> = nobody.iter().map(at).collect::<Result<_, _>>()?;
    crate::ask(pack, action, &facts, &nobody)
}

/// One decision an action, each with its reasons.
///
/// # Errors
/// As [`decisions`], [`crate::why()`] and [`crate::flips()`].
pub fn explained(
    pack: &Pack,
    actions: &[String],
    statements: &[Statement],
) -> Result<Vec<Explained>, CannotAnalyse> {
    let facts = read(pack, statements)?;
    let explain = |decision: Decision| {
        let sufficient = crate::why(pack, &decision.action, &facts)?;
        let flips = crate::flips(pack, &decision.action, &facts)?;
        Ok(Explained { decision, sufficient, flips })
    };
    decisions(pack, actions, statements, None)?.into_iter().map(explain).collect()
}

fn read(pack: &Pack, statements: &[Statement]) -> Result<Facts, String> {
    pack.facts(statements).map_err(|errors| errors.join("\n"))
}
