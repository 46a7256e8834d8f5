//! Replay: a federal table decided under the law of several days, as a table of outcomes.
//!
//! In: a file. Out: counts by action and outcome, a column for each day. Absent: the register;
//! nothing is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use audit::detainers::{self, Detainer};
use audit::replay::{Replay, replay};
use jiff::civil::Date;
use law::{Outcome, Pack, Statement};
use serde_json::{Value, json};

use crate::answer::{Answer, table};
use crate::error::{Error, Result};

/// Reads a federal table of detainers.
///
/// # Errors
/// Every problem, by line and column.
pub fn read(file: &Path) -> Result<Vec<Detainer>> {
    let input = std::fs::File::open(file).map_err(Error::file(file))?;
    let wrong = |error| Error::Input(format!("`{}`: {error}", file.display()));
    Ok(detainers::read(std::io::BufReader::new(input)).map_err(wrong)?.rows)
}

/// Decides every row under a pack.
///
/// # Errors
/// What is assumed contradicts a row, or is unknown.
pub fn under(rows: &[Detainer], pack: &Pack, assumed: &[Statement]) -> Result<Replay> {
    replay(pack, rows, assumed).map_err(|error| Error::Input(error.to_string()))
}

/// A law that a table was decided under.
pub struct Column {
    /// The agency.
    pub agency: String,
    /// The day.
    pub on: Date,
    /// What became of the rows.
    pub replay: Replay,
}

/// The outcomes as a table, a column for each law, and the rows that change from one to the next.
pub fn answer(rows: &[Detainer], columns: &[Column], assumed: &[Statement]) -> Answer {
    let by_law: Vec<BTreeMap<(&str, Outcome), u64>> =
        columns.iter().map(|column| column.replay.outcomes()).collect();
    let keys: BTreeSet<(&str, Outcome)> = by_law.iter().flat_map(|c| c.keys().copied()).collect();
    let mut lines = vec![vec!["action outcome".to_owned()]];
    if let Some(head) = lines.first_mut() {
        head.extend(columns.iter().map(|it| format!("{} {}", it.agency, it.on)));
    }
    for (action, outcome) in keys {
        let mut line = vec![format!("{action} {}", outcome.word())];
        let count = |column: &BTreeMap<(&str, Outcome), u64>| {
            column.get(&(action, outcome)).copied().unwrap_or(0).to_string()
        };
        line.extend(by_law.iter().map(count));
        lines.push(line);
    }
    let said: Vec<String> =
        assumed.iter().map(|fact| format!("{}={}", fact.fact, fact.value)).collect();
    let assumption = match said.as_slice() {
        [] => "nothing is assumed that the table does not say".to_owned(),
        some => {
            format!("assumed of every row, because the table does not say it: {}", some.join(", "))
        }
    };
    let text = format!(
        "{} rows decided as if lodged with each agency under its law of the day; {assumption}.\n\n\
         {}\nA row can ask two things (to hold, and to be told of a release), so a column adds up \
         to more than the rows. Nothing was recorded.\n{}",
        rows.len(),
        table(&lines),
        changes(columns)
    );
    let laws: Vec<Value> = columns.iter().map(law_json).collect();
    Answer::new(text, json!({ "rows": rows.len(), "assumed": said, "laws": laws }))
}

fn law_json(column: &Column) -> Value {
    let outcomes: BTreeMap<String, u64> = column
        .replay
        .outcomes()
        .into_iter()
        .map(|((action, outcome), n)| (format!("{action} {}", outcome.word()), n))
        .collect();
    json!({ "pack": column.replay.pack, "outcomes": outcomes })
}

/// The rows that come to another outcome, from each law to the next.
fn changes(columns: &[Column]) -> String {
    let mut text = String::new();
    for (before, after) in columns.iter().zip(columns.iter().skip(1)) {
        let changed = before.replay.changed(&after.replay);
        text.push_str(&format!(
            "\nFrom {} {} to {} {}:\n",
            before.agency, before.on, after.agency, after.on
        ));
        if changed.is_empty() {
            text.push_str("- no row comes to another outcome\n");
        }
        for ((action, from, to), rows) in changed {
            let (from, to) = (from.word(), to.word());
            text.push_str(&format!("- {action}: {rows} rows from {from} to {to}\n"));
        }
    }
    text
}
