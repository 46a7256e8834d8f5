//! Tables of cases, decided as if they had been lodged with an agency of ours.
//!
//! - In: [`Cases`], a pack, and facts assumed of every row.
//! - Out: for each action the outcome of every row; how many rows come to which, and how many
//!   come to another under another law.
//! - Absent: the register. Nothing was asked of the agency, so nothing is recorded; the outcome
//!   is what the law would have said, not what anybody did.
//!
//! A federal detainer states its form, or that it is a detainer, and no more: whether the person
//! could go and whether there is a warrant are not in the table, and stay unknown unless assumed.

use std::collections::BTreeMap;

use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Outcome, Pack, PackRef, Source, Statement};
use thiserror::Error;

use crate::cases::{Cases, Column};
use crate::detainers::Detainer;
use crate::table::Problems;

/// What stands for a row that does not ask for an action.
const NOT_ASKED: u8 = u8::MAX;

/// Rows from which on it pays to use several processors.
const MANY: usize = 1 << 18;

/// What became of a table under one pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The law it was decided by.
    pub pack: PackRef,
    /// How many rows were decided.
    pub rows: u64,
    /// By action, the outcome of each row.
    actions: BTreeMap<String, Vec<u8>>,
}

/// Why a table could not be decided.
#[derive(Debug, Error)]
pub enum CannotReplay {
    /// What rows say does not fit the law's words, or what they and the assumptions say does not
    /// fit together.
    #[error(transparent)]
    Rows(#[from] Problems),
    /// What was asked or assumed cannot be.
    #[error("{0}")]
    Asked(String),
}

impl Replay {
    /// How many rows come to each outcome, by action; outcomes that none has are left out.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<(&str, Outcome), u64> {
        let mut outcomes = BTreeMap::new();
        for (action, codes) in &self.actions {
            let mut rows = [0_u64; 256];
            for code in codes {
                if let Some(count) = rows.get_mut(usize::from(*code)) {
                    *count = count.saturating_add(1);
                }
            }
            for outcome in Outcome::ALL {
                let code = RowOutcome::Settled(outcome).code();
                let count = rows.get(usize::from(code)).copied().unwrap_or_default();
                if count > 0 {
                    outcomes.insert((action.as_str(), outcome), count);
                }
            }
        }
        outcomes
    }

    /// How many rows come to another outcome under `after`, by action, outcome here and outcome
    /// there. Both are replays of the same table with the same assumptions.
    #[must_use]
    pub fn changed<'a>(&'a self, after: &Self) -> BTreeMap<(&'a str, Outcome, Outcome), u64> {
        let mut changed: BTreeMap<_, u64> = BTreeMap::new();
        for (action, before) in &self.actions {
            let Some(after) = after.actions.get(action) else { continue };
            for (before, after) in before.iter().zip(after).filter(|(a, b)| a != b) {
                if let (Some(RowOutcome::Settled(before)), Some(RowOutcome::Settled(after))) =
                    (RowOutcome::from_code(*before), RowOutcome::from_code(*after))
                {
                    let rows = changed.entry((action.as_str(), before, after)).or_default();
                    *rows = rows.saturating_add(1);
                }
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

/// What a row says: its form, from which its basis follows; without one, that it is a detainer,
/// since the table is one of detainers.
#[must_use]
pub fn stated(row: &Detainer) -> Statement {
    match &row.form {
        Some(form) => Statement::new("form", form, Source::Document),
        None => Statement::new("basis", "detainer", Source::Document),
    }
}

/// Decides every row under a pack, with `assumed` stated of each: the actions the table asks for,
/// or where it does not say, those `asked`.
///
/// # Errors
///
/// [`CannotReplay`]: words the law does not have, by line and column; rows whose facts contradict
/// each other or what is assumed; nothing asked.
pub fn replay(
    pack: &Pack,
    cases: &Cases,
    asked: &[String],
    assumed: &[Statement],
) -> Result<Replay, CannotReplay> {
    let mut actions: Vec<&str> = cases.actions().collect();
    if actions.is_empty() {
        actions = asked.iter().map(String::as_str).collect();
    } else if let Some(stray) = asked.iter().find(|action| !actions.contains(&action.as_str())) {
        return Err(CannotReplay::Asked(format!("no row of the table asks for `{stray}`")));
    }
    if actions.is_empty() && cases.rows() > 0 {
        let how = "the table does not say what is asked; name it with `--action`";
        return Err(CannotReplay::Asked(how.to_owned()));
    }
    let columns = columns(pack, cases, assumed)?;
    let mut decided = BTreeMap::new();
    for action in actions {
        let mut codes = vec![NOT_ASKED; cases.rows()];
        decide_all(pack, action, &columns, &mut codes).map_err(CannotReplay::Asked)?;
        if let Some(asking) = cases.asking(action) {
            let cells = codes.iter_mut().zip(asking).filter(|(_, asking)| !**asking);
            cells.for_each(|(code, _)| *code = NOT_ASKED);
        }
        let contradiction = RowOutcome::Contradiction.code();
        if let Some(row) = codes.iter().position(|code| *code == contradiction) {
            return Err(contradicts(pack, cases, assumed, row).into());
        }
        decided.insert(action.to_owned(), codes);
    }
    let rows = u64::try_from(cases.rows()).unwrap_or(u64::MAX);
    Ok(Replay { pack: pack.name(), rows, actions: decided })
}

/// A column of bytes for each fact that is stated or assumed.
type Bytes<'a> = BTreeMap<&'a str, Vec<u8>>;

fn columns<'a>(
    pack: &Pack,
    cases: &'a Cases,
    assumed: &'a [Statement],
) -> Result<Bytes<'a>, CannotReplay> {
    let mut columns = Bytes::new();
    let mut problems = Problems::default();
    for (fact, column) in cases.facts() {
        if let Some(bytes) = bytes(pack, fact, column, &mut problems) {
            columns.insert(fact, bytes);
        }
    }
    if problems.total() > 0 {
        return Err(problems.into());
    }
    // What is assumed has to be possible at all, before it is held against any row.
    pack.facts(assumed).map_err(|errors| CannotReplay::Asked(errors.join("; ")))?;
    for statement in assumed {
        let value = byte(pack, &statement.fact, &statement.value).map_err(CannotReplay::Asked)?;
        let unknown = || vec![UNKNOWN; cases.rows()];
        let column = columns.entry(statement.fact.as_str()).or_insert_with(unknown);
        if let Some(row) = column.iter().position(|byte| ![UNKNOWN, value].contains(byte)) {
            return Err(contradicts(pack, cases, assumed, row).into());
        }
        column.fill(value);
    }
    Ok(columns)
}

/// The bytes of a column; nothing where a word of it is no value of the fact.
fn bytes(pack: &Pack, fact: &str, column: &Column, problems: &mut Problems) -> Option<Vec<u8>> {
    let mut values = vec![UNKNOWN];
    for word in &column.words {
        match byte(pack, fact, &word.text) {
            Ok(value) => values.push(value),
            Err(why) => problems.add(word.line, Some(fact), why),
        }
    }
    if values.len() <= column.words.len() {
        return None;
    }
    let value = |code: &u32| values.get(*code as usize).copied().unwrap_or(UNKNOWN);
    Some(column.codes.iter().map(value).collect())
}

/// The place of a value in the vocabulary; days and numbers are measured from the pack's day.
pub(crate) fn byte(pack: &Pack, fact: &str, written: &str) -> Result<u8, String> {
    let vocabulary = &pack.vocabulary;
    let said = Statement::new(fact, written, Source::Officer);
    let said = vocabulary.measured(&[said], pack.on).map_err(|errors| errors.join("; "))?;
    let known = vocabulary.fact(fact).and_then(|at| vocabulary.facts.get(at));
    let known = known.ok_or_else(|| format!("there is no fact `{fact}`"))?;
    let value = known.read(said.first().map_or(written, |said| said.value.as_str()))?;
    u8::try_from(value).map_err(|error| error.to_string())
}

/// Decides all rows, on every processor where there are many.
fn decide_all(
    pack: &Pack,
    action: &str,
    columns: &Bytes<'_>,
    codes: &mut [u8],
) -> Result<(), String> {
    let rows = codes.len();
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let each = if rows < MANY { rows } else { rows.div_ceil(processors) };
    let part = |start: usize, codes: &mut [u8]| -> Result<(), String> {
        let mut given = Columns::new(pack, codes.len());
        for (fact, column) in columns {
            let end = start.saturating_add(codes.len());
            given.give(pack, fact, column.get(start..end).unwrap_or_default())?;
        }
        decide_rows(pack, action, &given, codes).map_err(|error| error.to_string())
    };
    let starts = (0..).map(|at: usize| at.saturating_mul(each));
    std::thread::scope(|scope| {
        let parts = starts.zip(codes.chunks_mut(each.max(1)));
        let running: Vec<_> =
            parts.map(|(start, codes)| scope.spawn(move || part(start, codes))).collect();
        let failed = || Err("a thread that decides rows came to an end".to_owned());
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| failed()))
    })
}

/// What is wrong with a row whose facts no one case can have, in the words of the law room.
fn contradicts(pack: &Pack, cases: &Cases, assumed: &[Statement], row: usize) -> Problems {
    let mut stated: Vec<Statement> = cases
        .facts()
        .filter_map(|(fact, column)| {
            let code = column.codes.get(row)?.checked_sub(1)?;
            let word = column.words.get(code as usize)?;
            Some(Statement::new(fact, &word.text, Source::Officer))
        })
        .collect();
    stated.extend(assumed.iter().cloned());
    let why = match pack.facts(&stated) {
        Err(errors) => errors.join("; "),
        Ok(_) => "contradictory facts: nobody's case can have all of them together".to_owned(),
    };
    let mut problems = Problems::default();
    problems.add(cases.line(row), None, why);
    problems
}
