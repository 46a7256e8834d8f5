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

/// The outcomes as a table, a column for each day.
pub fn answer(
    rows: &[Detainer],
    agency: &str,
    columns: &BTreeMap<Date, Replay>,
    assumed: &[Statement],
) -> Answer {
    let by_day: Vec<BTreeMap<(&str, Outcome), u64>> =
        columns.values().map(Replay::outcomes).collect();
    let keys: BTreeSet<(&str, Outcome)> = by_day.iter().flat_map(|c| c.keys().copied()).collect();
    let mut lines = vec![vec!["action outcome".to_owned()]];
    if let Some(head) = lines.first_mut() {
        head.extend(columns.keys().map(|day| format!("law of {day}")));
    }
    for (action, outcome) in keys {
        let mut line = vec![format!("{action} {}", outcome.word())];
        let count = |column: &BTreeMap<(&str, Outcome), u64>| {
            column.get(&(action, outcome)).copied().unwrap_or(0).to_string()
        };
        line.extend(by_day.iter().map(count));
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
        "{} rows decided as if lodged with {agency}; {assumption}.\n\n{}\nA row can ask two \
         things (to hold, and to be told of a release), so a column adds up to more than the \
         rows. Nothing was recorded.\n",
        rows.len(),
        table(&lines)
    );
    let days: BTreeMap<String, Value> = columns
        .iter()
        .map(|(day, replay)| {
            let outcomes: BTreeMap<String, u64> = replay
                .outcomes()
                .into_iter()
                .map(|((action, outcome), n)| (format!("{action} {}", outcome.word()), n))
                .collect();
            (day.to_string(), json!({ "pack": replay.pack, "outcomes": outcomes }))
        })
        .collect();
    Answer::new(
        text,
        json!({ "rows": rows.len(), "agency": agency, "assumed": said, "days": days }),
    )
}
