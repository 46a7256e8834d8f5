//! Import: tables of requests into the register, all of a file or nothing of it.
//!
//! In: a file that is our requests table or the federal table of detainers, told apart by their
//! headers. Out: how many rows were recorded and what the law made of them. A row that was
//! imported before, from this file or another, is not recorded again.

use std::collections::{BTreeMap, BTreeSet};

use audit::detainers::{self, Detainer};
use audit::replay;
use audit::requests::{self, RequestRow};
use audit::table::Problems;
use law::{Library, Outcome, Source, Statement};
use register::entry::What;

use crate::desk::{Desk, Intake, Record, Taken};
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

impl Imported {
    /// The years of the rows, for a sentence.
    pub fn span(&self) -> String {
        match (self.years.first_key_value(), self.years.last_key_value()) {
            (Some((first, _)), Some((last, _))) if first == last => first.to_string(),
            (Some((first, _)), Some((last, _))) => format!("{first} to {last}"),
            _ => "no year".to_owned(),
        }
    }

    fn note(&mut self, taken: &Taken) {
        self.recorded = self.recorded.saturating_add(1);
        for decision in &taken.decisions {
            let count = self.outcomes.entry((decision.action.clone(), decision.outcome));
            let count = count.or_default();
            *count = count.saturating_add(1);
        }
    }
}

/// A table as it was handed in.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// What messages call it.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where the requests of a federal table are said to have come in: the table does not say it.
    pub channel: Option<&'a str>,
}

/// Reads a table and records its requests in one batch.
///
/// `progress` is told how many rows of how many are decided.
///
/// # Errors
/// Every bad row, by line and column; nothing is recorded then.
pub fn import(
    store: &mut Store,
    library: &Library,
    given: &Given<'_>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Imported> {
    let refused = |what: String| {
        Error::Input(format!("`{}` was not imported, nothing was recorded:\n{what}", given.name))
    };
    let Rows { layout, rows } = rows(given).map_err(refused)?;
    let mut imported = Imported { layout, rows: rows.len() as u64, ..Imported::default() };
    let mut desk = Desk::of(library, store);
    let known: BTreeSet<String> =
        store.settings().channels.iter().map(|channel| channel.id.clone()).collect();
    let mut unknown = BTreeSet::new();
    let mut problems = Problems::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, (record, intake)) in (1_u64..).zip(&rows) {
        let count = imported.years.entry(intake.day.year()).or_default();
        *count = count.saturating_add(1);
        if store.imported(&record.identifier)? {
            imported.before = imported.before.saturating_add(1);
        } else {
            if !known.contains(&intake.channel) {
                // Said once a channel: a hundred rows of one would hide what else is wrong.
                if unknown.insert(&intake.channel) {
                    problems.add(record.line, Some("channel"), no_channel(store, &intake.channel));
                }
                continue;
            }
            match desk.take(intake) {
                Ok(mut taken) => {
                    imported.note(&taken);
                    drafts.append(&mut taken.drafts);
                }
                Err(Error::Input(what)) => {
                    problems.add(record.line, None, what.replace('\n', "; "));
                }
                Err(other) => return Err(other),
            }
        }
        progress(at, imported.rows);
    }
    if problems.total() > 0 {
        return Err(refused(problems.to_string()));
    }
    imported.entries = drafts.len() as u64;
    store.append(drafts)?;
    Ok(imported)
}

fn no_channel(store: &Store, channel: &str) -> String {
    let known = store.settings().channels.iter().map(|known| known.id.as_str());
    format!(
        "there is no channel `{channel}`, in this row and perhaps others; the channels are: {}; \
         add it to `bailiwick.toml` of the register if it is one",
        known.collect::<Vec<_>>().join(", ")
    )
}

struct Rows {
    layout: String,
    rows: Vec<(Record, Intake)>,
}

/// Reads either kind of table. Ours is told by two columns that the federal one does not have.
fn rows(given: &Given<'_>) -> std::result::Result<Rows, String> {
    let first = given.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has = |column: &str| first.windows(column.len()).any(|part| part == column.as_bytes());
    if has("received") && has("actions") {
        let table = requests::read(given.bytes).map_err(|error| error.to_string())?;
        let file = table.sha256;
        let rows = table.rows.into_iter().map(|row| of_request(row, &file)).collect();
        return Ok(Rows { layout: table.layout.to_owned(), rows });
    }
    let table = detainers::read(given.bytes).map_err(|error| error.to_string())?;
    let channel = given.channel.ok_or(
        "the federal table does not say on which channel its requests came in; name one with \
         `--channel`",
    )?;
    let file = table.sha256;
    let rows = table.rows.into_iter().map(|row| of_detainer(row, channel, &file)).collect();
    Ok(Rows { layout: table.layout.to_owned(), rows })
}

fn of_request(row: RequestRow, file: &str) -> (Record, Intake) {
    let record = Record {
        identifier: format!("requests:{}", row.id),
        file: file.to_owned(),
        line: row.line,
    };
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
    let intake = Intake {
        channel: row.channel,
        day: row.received,
        time: row.time,
        station: row.station,
        actions: row.actions,
        statements,
        reasons: row.reasons,
        done: row.done.map(|done| (what(done), row.done_on.unwrap_or(row.received))),
        import: Some(record.clone()),
        reference: Some(row.id),
        note: row.note,
        ..Intake::default()
    };
    (record, intake)
}

/// What the federal table knows: the form, and so the paper and what it asks; nothing about the
/// person is read. Whether the agency declined is the federal side's word and is not recorded as
/// the agency's own deed.
fn of_detainer(row: Detainer, channel: &str, file: &str) -> (Record, Intake) {
    let identifier = match &row.id {
        Some(id) => format!("federal:{id}"),
        None => format!("federal:{file}:{}", row.line),
    };
    let record = Record { identifier, file: file.to_owned(), line: row.line };
    let asked = replay::actions(row.form.as_deref());
    let intake = Intake {
        channel: channel.to_owned(),
        day: row.day,
        station: row.facility.clone(),
        actions: asked.iter().map(|action| (*action).to_owned()).collect(),
        statements: vec![replay::stated(&row)],
        reasons: row.reasons,
        import: Some(record.clone()),
        ..Intake::default()
    };
    (record, intake)
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
