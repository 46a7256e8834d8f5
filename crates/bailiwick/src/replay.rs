//! Replay: a table decided under several laws, as a table of outcomes.
//!
//! In: a file. Out: counts by action and outcome, a column for each law, and the rows that change.
//! Absent: the register; nothing is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use audit::cases::Cases;
use audit::replay::{Replay, replay};
use audit::{detainers, requests};
use jiff::civil::Date;
use law::{Outcome, Pack, Statement, Vocabulary};
use serde_json::{Value, json};

use crate::answer::{Answer, table};
use crate::error::{Error, Result};

/// Reads a table of cases, told by its header: the federal table of detainers, our table of
/// requests, or one whose columns are facts of the vocabulary, which may be a Parquet file too.
///
/// # Errors
/// Every problem, by line and column.
pub fn read(file: &Path, vocabulary: &Vocabulary) -> Result<Cases> {
    let bytes = std::fs::read(file).map_err(Error::file(file))?;
    if bytes.starts_with(b"PAR1") {
        let cases = Cases::read_parquet(vocabulary, bytes);
        return cases.map_err(|error| Error::Input(format!("`{}`: {error}", file.display())));
    }
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let has = |column: &str| first.split(',').any(|name| name.trim_matches(NO_NAME) == column);
    let cases = if has("received") && has("actions") {
        requests::read(bytes.as_slice()).and_then(|table| Cases::of_requests(&table.rows))
    } else if vocabulary.facts.iter().any(|fact| has(&fact.name)) {
        Cases::read(vocabulary, bytes.as_slice())
    } else {
        detainers::read(bytes.as_slice()).map(|table| Cases::of_detainers(&table.rows))
    };
    cases.map_err(|error| Error::Input(format!("`{}`: {error}", file.display())))
}

/// What may stand around a column's name.
const NO_NAME: [char; 6] = [' ', '\t', '\r', '"', '\u{feff}', '\''];

/// Decides every row under a pack.
///
/// # Errors
/// Words the law does not have, what is assumed contradicts a row, or nothing is asked.
pub fn under(
    file: &Path,
    cases: &Cases,
    pack: &Pack,
    asked: &[String],
    assumed: &[Statement],
) -> Result<Replay> {
    replay(pack, cases, asked, assumed).map_err(|error| {
        let (file, agency) = (file.display(), &pack.agency.id);
        Error::Input(format!("`{file}`, under the law of {agency} on {}: {error}", pack.on))
    })
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
pub fn answer(rows: usize, columns: &[Column], assumed: &[Statement]) -> Answer {
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
        "{rows} rows decided as if lodged with each agency under its law of the day; \
         {assumption}.\n\n{}\nA row can ask several things, so that a column can add up to more \
         than the rows. Nothing was recorded.\n{}",
        table(&lines),
        changes(columns)
    );
    let laws: Vec<Value> = columns.iter().map(law_json).collect();
    Answer::new(text, json!({ "rows": rows, "assumed": said, "laws": laws }))
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
        text.push_str(&format!(
            "\nFrom {} {} to {} {}:\n{}",
            before.agency,
            before.on,
            after.agency,
            after.on,
            changed(&before.replay, &after.replay)
        ));
    }
    text
}

/// The rows that one law decides otherwise than another, a line for each way.
pub fn changed(before: &Replay, after: &Replay) -> String {
    let changed = before.changed(after);
    if changed.is_empty() {
        return "- no row comes to another outcome\n".to_owned();
    }
    let share = |rows: u64| rows as f64 * 100.0 / before.rows.max(1) as f64;
    let line = |((action, from, to), rows): ((&str, Outcome, Outcome), u64)| {
        let (from, to, share) = (from.word(), to.word(), share(rows));
        format!("- {action}: {rows} rows ({share:.2} %) from {from} to {to}\n")
    };
    changed.into_iter().map(line).collect()
}

/// The same, as data.
pub fn changed_json(before: &Replay, after: &Replay) -> Value {
    let changed = before.changed(after).into_iter().map(|((action, from, to), rows)| {
        json!({ "action": action, "before": from, "after": to, "rows": rows })
    });
    json!({ "rows": before.rows, "changed": changed.collect::<Vec<_>>() })
}
