//! Import: tables of requests into the register, all of a file or nothing of it.
//!
//! In: a file that is our requests table or the federal table of detainers, told apart by their
//! headers. Out: how many rows were recorded and what the law made of them. A row that was
//! imported before, from this file or another, is not recorded again.

use std::collections::BTreeMap;
use std::path::Path;

use audit::detainers::{self, Detainer};
use audit::replay;
use audit::requests::{self, RequestRow};
use audit::table::Problems;
use jiff::civil::Date;
use law::{Library, Outcome, Source, Statement};
use register::entry::What;

use crate::desk::{Desk, Intake};
use crate::error::{Error, Result};
use crate::store::{Draft, Store};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The layout that was recognised.
    pub layout: String,
    /// Rows in the file.
    pub rows: u64,
    /// Rows that were imported before.
    pub before: u64,
    /// Requests recorded now.
    pub recorded: u64,
    /// Entries added to the register.
    pub entries: u64,
    /// Decisions by action and outcome.
    pub outcomes: BTreeMap<(String, Outcome), u64>,
    /// The years of the rows, with how many rows each has.
    pub years: BTreeMap<i16, u64>,
}

/// Reads a table and records its requests in one batch.
///
/// `channel` is where the requests of a federal table are said to have come in; that table does
/// not say it. `progress` is told how many rows of how many are decided.
///
/// # Errors
/// Every bad row, by line and column; nothing is recorded then.
pub fn import(
    store: &mut Store,
    library: &Library,
    file: &Path,
    channel: Option<&str>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Imported> {
    let bytes = std::fs::read(file).map_err(Error::file(file))?;
    let Rows { layout, rows } = rows(&bytes, channel).map_err(|error| match error {
        Error::Input(text) => Error::Input(format!("`{}`: {text}", file.display())),
        other => other,
    })?;
    let mut imported = Imported { layout, rows: rows.len() as u64, ..Imported::default() };
    let mut desk = Desk::of(library, store)?;
    let mut problems = Problems::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, (line, intake)) in rows.iter().enumerate() {
        let identifier = intake.import.as_deref().unwrap_or_default();
        let count = imported.years.entry(intake.day.year()).or_default();
        *count = count.saturating_add(1);
        if store.imported(identifier)? {
            imported.before = imported.before.saturating_add(1);
        } else {
            match check_channel(store, &intake.channel).and_then(|()| desk.take(intake)) {
                Ok(mut taken) => {
                    imported.recorded = imported.recorded.saturating_add(1);
                    for decision in &taken.decisions {
                        let key = (decision.action.clone(), decision.outcome);
                        let count = imported.outcomes.entry(key).or_default();
                        *count = count.saturating_add(1);
                    }
                    drafts.append(&mut taken.drafts);
                }
                Err(Error::Input(what)) => problems.add(*line, None, what.replace('\n', "; ")),
                Err(other) => return Err(other),
            }
        }
        progress((at as u64).saturating_add(1), imported.rows);
    }
    if problems.total() > 0 {
        return Err(Error::Input(format!(
            "`{}` was not imported, nothing was recorded:\n{problems}",
            file.display()
        )));
    }
    imported.entries = drafts.len() as u64;
    store.append(drafts)?;
    Ok(imported)
}

fn check_channel(store: &Store, channel: &str) -> Result<()> {
    let channels = &store.settings().channels;
    if channels.iter().any(|known| known.id == channel) {
        return Ok(());
    }
    let known: Vec<_> = channels.iter().map(|known| known.id.as_str()).collect();
    Err(Error::Input(format!(
        "there is no channel `{channel}`; the channels of this register are: {}",
        known.join(", ")
    )))
}

struct Rows {
    layout: String,
    /// Line and request.
    rows: Vec<(u64, Intake)>,
}

/// Reads either kind of table. Our own is tried by its header first.
fn rows(bytes: &[u8], channel: Option<&str>) -> Result<Rows> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let ours = ["received", "actions"].iter().all(|column| {
        first.windows(column.len()).any(|window| window == column.as_bytes())
    });
    if ours {
        let table = requests::read(bytes).map_err(|error| Error::Input(error.to_string()))?;
        let rows = table.rows.into_iter().map(|row| (row.line, of_request(row))).collect();
        return Ok(Rows { layout: table.layout.to_owned(), rows });
    }
    let table = detainers::read(bytes).map_err(|error| Error::Input(error.to_string()))?;
    let channel = channel.ok_or_else(|| {
        Error::Input(
            "the federal table does not say on which channel its requests came in; name one with \
             `--channel`"
                .to_owned(),
        )
    })?;
    let file = table.sha256;
    let rows = table.rows.into_iter().map(|row| (row.line, of_detainer(row, channel, &file)));
    Ok(Rows { layout: table.layout.to_owned(), rows: rows.collect() })
}

fn of_request(row: RequestRow) -> Intake {
    let document = |fact: &str, value: &Option<String>| {
        value.as_ref().map(|value| Statement::new(fact, value, Source::Document))
    };
    let mut statements: Vec<Statement> = [
        document("form", &row.form),
        document("basis", &row.basis),
        document("requester", &row.requester),
    ]
    .into_iter()
    .flatten()
    .collect();
    statements.extend(row.facts.iter().map(|(f, v)| Statement::new(f, v, Source::Officer)));
    Intake {
        channel: row.channel,
        day: row.received,
        time: row.time,
        station: row.station,
        actions: row.actions,
        statements,
        reasons: row.reasons,
        done: row.done.map(|done| (what(done), row.done_on.unwrap_or(row.received))),
        import: Some(format!("requests:{}", row.id)),
        reference: Some(row.id),
        note: row.note,
        by: None,
    }
}

/// What the federal table knows: the form, and so the paper and what it asks; nothing about the
/// person is read. Whether the agency declined is the federal side's word and is not recorded as
/// the agency's own deed.
fn of_detainer(row: Detainer, channel: &str, file: &str) -> Intake {
    let identifier = match &row.id {
        Some(id) => format!("federal:{id}"),
        None => format!("federal:{file}:{}", row.line),
    };
    Intake {
        channel: channel.to_owned(),
        day: row.day,
        station: row.facility.clone(),
        actions: replay::actions(row.form.as_deref()).iter().map(|action| (*action).to_owned()).collect(),
        statements: vec![replay::stated(&row)],
        reasons: row.reasons,
        import: Some(identifier),
        ..Intake::default()
    }
}

fn what(done: requests::Done) -> What {
    match done {
        requests::Done::Declined => What::Declined,
        requests::Done::Held => What::Held,
        requests::Done::Released => What::Released,
        requests::Done::Notified => What::Notified,
        requests::Done::Transferred => What::Transferred,
        requests::Done::Shared => What::Shared,
    }
}

/// The first and the last day of rows that were imported, for a sentence.
pub fn span(years: &BTreeMap<i16, u64>) -> String {
    match (years.first_key_value(), years.last_key_value()) {
        (Some((first, _)), Some((last, _))) if first == last => first.to_string(),
        (Some((first, _)), Some((last, _))) => format!("{first} to {last}"),
        _ => "no year".to_owned(),
    }
}

/// The last day of a year, on which its report's law is looked up.
///
/// # Errors
/// A year no calendar has.
pub fn last_day(year: i16) -> Result<Date> {
    Date::new(year, 12, 31).map_err(|error| Error::Input(format!("year `{year}`: {error}")))
}
