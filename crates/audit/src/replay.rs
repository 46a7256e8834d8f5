//! The other side's detainers, decided as if they had been lodged with an agency of ours.
//!
//! - In: [`Detainer`]s, a pack, and facts assumed of every row.
//! - Out: how many rows come to which outcome, by action, and each distinct decision with the
//!   number of rows it stands for.
//! - Absent: the register. Nothing was asked of the agency, so nothing is recorded; the outcome
//!   is what the law would have said, not what anybody did.
//!
//! A row states its form, or that it is a detainer, and no more: whether the person could go and
//! whether there is a warrant are not in the table, and stay unknown unless assumed.

use std::collections::BTreeMap;

use law::{Decision, Outcome, Pack, PackRef, Source, Statement, decide};
use thiserror::Error;

use crate::detainers::Detainer;

/// What became of a table of detainers under one pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The law they were decided by.
    pub pack: PackRef,
    /// How many rows were decided.
    pub rows: u64,
    /// Each distinct decision, by action and then by the facts it was made on, with the number
    /// of rows it stands for.
    pub decisions: Vec<Replayed>,
}

/// One decision and the rows it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The decision.
    pub decision: Decision,
    /// What was stated for it: of the row first, then what was assumed.
    pub stated: Vec<Statement>,
    /// How many rows come to it.
    pub rows: u64,
}

/// Why a row could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CannotReplay {
    /// What the row says and what is assumed do not fit the law's words or each other.
    #[error("line {line}: {}", .why.join("; "))]
    Facts {
        /// The first such line of the table.
        line: u64,
        /// What is wrong.
        why: Vec<String>,
    },
    /// The law's vocabulary lacks an action the forms ask for.
    #[error("line {line}: {why}")]
    Action {
        /// The first such line of the table.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

impl Replay {
    /// How many rows come to each outcome, by action; outcomes that none has are left out.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<(&str, Outcome), u64> {
        let mut outcomes: BTreeMap<_, u64> = BTreeMap::new();
        for it in &self.decisions {
            let key = (it.decision.action.as_str(), it.decision.outcome);
            let rows = outcomes.entry(key).or_default();
            *rows = rows.saturating_add(it.rows);
        }
        outcomes
    }

    /// How many rows come to another outcome under `after`, by action, outcome here and outcome
    /// there. Both are replays of the same table with the same assumptions.
    #[must_use]
    pub fn changed<'a>(&'a self, after: &'a Self) -> BTreeMap<(&'a str, Outcome, Outcome), u64> {
        let mut changed: BTreeMap<_, u64> = BTreeMap::new();
        for before in &self.decisions {
            let action = before.decision.action.as_str();
            let same = |it: &&Replayed| it.decision.action == action && it.stated == before.stated;
            let Some(now) = after.decisions.iter().find(same) else { continue };
            if now.decision.outcome != before.decision.outcome {
                let key = (action, before.decision.outcome, now.decision.outcome);
                let rows = changed.entry(key).or_default();
                *rows = rows.saturating_add(before.rows);
            }
        }
        changed
    }
}

/// The actions a form asks for: `i_247n` to be told of a release, `i_247x` to be handed the
/// person, any other and an unknown one to hold the person and to be told.
#[must_use]
pub fn actions(form: Option<&str>) -> &'static [&'static str] {
    match form {
        Some("i_247n") => &["notify"],
        Some("i_247x") => &["transfer"],
        _ => &["hold", "notify"],
    }
}

/// Decides every row under a pack, with `assumed` stated of each.
///
/// Rows with the same facts are decided once.
///
/// # Errors
///
/// [`CannotReplay`], where what is assumed contradicts a row or is unknown to the law.
pub fn replay(
    pack: &Pack,
    rows: &[Detainer],
    assumed: &[Statement],
) -> Result<Replay, CannotReplay> {
    // By action and what is stated: the first line that has it, and how many do.
    let mut distinct: BTreeMap<(&str, Vec<Statement>), (u64, u64)> = BTreeMap::new();
    for row in rows {
        let stated: Vec<Statement> =
            [stated(row)].into_iter().chain(assumed.iter().cloned()).collect();
        for action in actions(row.form.as_deref()) {
            let (_, count) = distinct.entry((action, stated.clone())).or_insert((row.line, 0));
            *count = count.saturating_add(1);
        }
    }
    let mut decisions = Vec::with_capacity(distinct.len());
    for ((action, stated), (line, rows)) in distinct {
        let facts = pack.facts(&stated).map_err(|why| CannotReplay::Facts { line, why })?;
        let decision =
            decide(pack, action, &facts, None).map_err(|why| CannotReplay::Action { line, why })?;
        decisions.push(Replayed { decision, stated, rows });
    }
    let rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok(Replay { pack: pack.name(), rows, decisions })
}

/// What a row says: its form, from which its basis follows; without one, that it is a detainer,
/// since the table is one of detainers.
#[must_use]
pub fn stated(row: &Detainer) -> Statement {
    match &row.form {
        Some(form) => Statement::new("form", form, Source::Document),
        None => Statement::new("basis", "detainer", Source::Document),
    }
}
