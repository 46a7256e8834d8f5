//! Commands of an auditor and of whoever reviews what an audit found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ::register::entry::{self, Closed, Public};
use audit::checks::TESTS;
use audit::finding::{Finding, FoundRow, Said, SaidGround};
use audit::log::Key;
use audit::run::Sample;
use clap::{Args, Subcommand};
use law::Library;
use report::findings;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Data;
use super::reasons::{Reasons, reasons};
use super::register::open;
use crate::answer::{Answer, table};
use crate::audit_logs::{Asked, Made, Own, recorded, run};
use crate::desk::{draft, refuse_file_number};
use crate::error::{Error, Result};
use crate::store::Store;

/// `audit`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Audit {
    /// What else than to audit.
    #[command(subcommand)]
    pub other: Option<Other>,
    /// Whose logs, and how.
    #[command(flatten)]
    pub logs: Option<Logs>,
}

/// What else there is about audits.
#[derive(Debug, Subcommand)]
pub enum Other {
    /// Say what the tests look for, by which rule, and what may explain it innocently.
    Tests,
    /// Count the rows of logs by agency and by what their reasons say; a first look.
    Reasons(Reasons),
    /// Show a finding: its rows, the law of that day, what may explain it.
    Explain(Explain),
    /// Record the seed of the next sample, before anybody knows the rows.
    Seed(Data),
    /// Record that somebody whom a finding concerns was heard.
    Heard(Heard),
}

/// The logs to audit.
#[derive(Debug, Args)]
pub struct Logs {
    /// The logs: exports as CSV, XLSX or Parquet.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The agency whose system the logs are of.
    #[arg(long, value_name = "ID", required = true)]
    pub agency: String,
    /// Where to write the documents: a folder that is new or empty.
    #[arg(long, value_name = "DIR", required = true)]
    pub into: PathBuf,
    /// What the agency says of itself: its names in logs, its thresholds, when sharing ended.
    #[arg(long, value_name = "FILE")]
    pub own: Option<PathBuf>,
    /// Layouts of logs of other systems.
    #[arg(long, value_name = "FILE")]
    pub layout: Option<PathBuf>,
    /// The register: its requests explain searches, its key makes the tokens, and the audit is
    /// recorded in it.
    #[arg(long = "data", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The agency's key for tokens, where there is no register: a file, made if it is not there.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub key: Option<PathBuf>,
    /// Who audits; kept in the private part of the entry.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// How many rows are drawn for a person to read, by the last seed that was recorded.
    #[arg(long, value_name = "N", requires = "data")]
    pub sample: Option<usize>,
}

/// `audit explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The finding, by its name.
    #[arg(value_name = "FINDING")]
    pub finding: String,
    /// The folder of the audit.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
}

/// `audit heard`
#[derive(Debug, Args)]
pub struct Heard {
    /// The finding, by its name.
    #[arg(value_name = "FINDING")]
    pub finding: String,
    /// The folder of the audit.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The register that the audit is recorded in.
    #[command(flatten)]
    pub data: Data,
    /// What was said; private.
    #[arg(long, value_name = "TEXT")]
    pub said: String,
}

/// `disposition`
#[derive(Debug, Args)]
pub struct Disposition {
    /// The finding, by its name.
    #[arg(value_name = "FINDING")]
    pub finding: String,
    /// sustained, not_sustained, unfounded or exonerated.
    #[arg(value_name = "RESULT", value_parser = closed)]
    pub result: Closed,
    /// The folder of the audit.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The register that the audit is recorded in.
    #[command(flatten)]
    pub data: Data,
    /// Why; private.
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

fn closed(text: &str) -> std::result::Result<Closed, String> {
    serde_json::from_value(text.into())
        .map_err(|_| "write sustained, not_sustained, unfounded or exonerated".to_owned())
}

pub(super) fn audit(library: &Library, asked: &Audit) -> Result<Answer> {
    match (&asked.other, &asked.logs) {
        (Some(Other::Tests), _) => Ok(tests()),
        (Some(Other::Reasons(asked)), _) => reasons(asked),
        (Some(Other::Explain(asked)), _) => explain(asked),
        (Some(Other::Seed(data)), _) => seed(data),
        (Some(Other::Heard(asked)), _) => heard(asked),
        (None, Some(logs)) => of_logs(library, logs),
        (None, None) => Err(Error::Input("name the logs to audit".to_owned())),
    }
}

fn of_logs(library: &Library, logs: &Logs) -> Result<Answer> {
    let mut store = match &logs.data {
        Some(folder) => {
            let agency = Some(logs.agency.clone());
            Some(open(&Data { folder: folder.clone(), agency, by: None })?)
        }
        None => None,
    };
    let key = match (&store, &logs.key) {
        (Some(store), _) => Key::new(store.token_key()),
        (None, Some(path)) => key_of(path)?,
        (None, None) => {
            let how = "give the register (`--data DIR`) or a file for the key (`--key FILE`)";
            return Err(Error::Input(format!("tokens need the agency's key: {how}")));
        }
    };
    let register =
        store.as_ref().map_or_else(|| Ok(Default::default()), |it| recorded(it, &key))?;
    let drawn = match (&store, logs.sample) {
        (Some(store), Some(size)) => Some(last_seed(store, size)?),
        _ => None,
    };
    let asked = Asked {
        agency: logs.agency.clone(),
        files: logs.files.clone(),
        own: logs.own.as_deref().map_or_else(|| Ok(Own::default()), Own::read)?,
        layouts: logs.layout.clone(),
        key,
        sample: drawn.map(|(_, sample)| sample),
        into: logs.into.clone(),
    };
    let made = run(library, &asked, &register)?;
    let mut text = said(&made, &asked);
    let mut recorded = Value::Null;
    if let Some(store) = &mut store {
        let entry = entry::Audit {
            sha256: made.sha256.clone(),
            rows: made.audit.files.iter().map(|file| file.rows).sum(),
            leads: made.audit.findings.len() as u64,
            seed: drawn.map(|(entry, _)| entry),
        };
        let hashes: Vec<&str> = made.audit.files.iter().map(|file| file.sha256.as_str()).collect();
        let mut private = who(logs.by.as_deref());
        private.insert("files".to_owned(), json!(hashes));
        let indices = store.append(vec![draft(Public::Audit(entry), private.into())])?;
        let index = indices.first().copied().unwrap_or_default();
        let _ = writeln!(text, "Recorded as entry {index}.");
        recorded = json!(index);
    }
    let data = json!({
        "into": logs.into, "sha256": made.sha256, "entry": recorded,
        "totals": findings::totals(&made.audit), "leads": made.audit.findings.len(),
        "seconds": made.seconds, "memory": made.memory,
    });
    Ok(Answer::new(text, data))
}

fn said(made: &Made, asked: &Asked) -> String {
    let audit = &made.audit;
    let rows: u64 = audit.files.iter().map(|file| file.rows).sum();
    let mut lines = vec![["file", "layout", "rows", "used", "rejected"].map(String::from).to_vec()];
    for (file, path) in audit.files.iter().zip(&asked.files) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let numbers = [file.rows, file.made, file.rejected_rows].map(|number| number.to_string());
        lines.push([vec![name, file.layout.clone()], numbers.to_vec()].concat());
    }
    let mut text = table(&lines);
    let copies = audit.copies;
    let rejected: u64 = audit.files.iter().map(|file| file.rejected_rows).sum();
    let _ = writeln!(
        text,
        "\n{rows} rows = {} searches + {} events + {} copies in the same file + {} copies in \
         another + {rejected} rejected.",
        audit.searches, audit.events, copies.within, copies.across,
    );
    if let Some((from, to)) = &audit.days {
        let _ = writeln!(text, "From {from} to {to}, local days.");
    }
    for (file, path) in audit.files.iter().zip(&asked.files) {
        for note in &file.notes {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let _ = writeln!(text, "{name}: {note}.");
        }
        if let Some(first) = file.rejected.first() {
            let _ = writeln!(
                text,
                "First rejected: row {}, line {}: {}",
                first.row, first.line, first.why
            );
        }
    }
    text.push_str("\nLeads for review:\n");
    for test in TESTS {
        let about = test.about();
        let leads = audit.findings.iter().filter(|finding| finding.test == about.id).count();
        let _ = writeln!(text, "{leads:>7}  {}: {}", about.id, about.looks_for);
    }
    let per_second = if made.seconds > 0.0 { rows as f64 / made.seconds } else { 0.0 };
    let memory = made.memory.map_or_else(String::new, |bytes| format!(", {} MB", bytes >> 20));
    let _ = writeln!(
        text,
        "\nWritten to `{}`: review.html, findings.csv and audit.json (private), public.json (for \
         everyone). SHA-256 of audit.json: {}\n{:.2} s, {per_second:.0} rows a second{memory}.",
        asked.into.display(),
        made.sha256,
        made.seconds,
    );
    text
}

/// The agency's key from a file of 32 hex digits; a new one where there is none.
fn key_of(path: &Path) -> Result<Key> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let bits = random()?;
            let text = ::register::hex(&bits);
            crate::signed::write_secret(path, &format!("{text}\n"))?;
            text
        }
        Err(error) => return Err(Error::file(path)(error)),
    };
    let wrong = || {
        let how = "32 hex digits are expected; name another file to have a new key made";
        Error::Input(format!("`{}` is no key: {how}", path.display()))
    };
    Ok(Key::new(unhex(text.trim()).ok_or_else(wrong)?))
}

fn random() -> Result<[u8; 16]> {
    let mut bits = [0_u8; 16];
    getrandom::fill(&mut bits).map_err(|error| Error::File(error.to_string()))?;
    Ok(bits)
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut bits = [0_u8; 16];
    if text.len() != 32 {
        return None;
    }
    for (at, byte) in bits.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bits)
}

fn seed(data: &Data) -> Result<Answer> {
    let mut store = open(data)?;
    let bits = ::register::hex(&random()?);
    let public = Public::Seed(entry::Seed { bits: bits.clone() });
    let indices = store.append(vec![draft(public, who(data.by.as_deref()).into())])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Seed {bits} recorded as entry {index}; the next sample is drawn by it.\n");
    Ok(Answer::new(text, json!({ "entry": index, "seed": bits })))
}

/// Who does it, for the private part of an entry; nothing where nobody is named.
fn who(by: Option<&str>) -> Map<String, Value> {
    by.map(|by| ("by".to_owned(), by.into())).into_iter().collect()
}

/// The last seed that was recorded and by which nothing was drawn yet.
fn last_seed(store: &Store, size: usize) -> Result<(u64, Sample)> {
    let used = |index: u64| {
        store
            .effective()
            .iter()
            .any(|entry| matches!(&entry.public, Public::Audit(audit) if audit.seed == Some(index)))
    };
    let found = store.effective().iter().rev().find_map(|entry| match &entry.public {
        Public::Seed(seed) if !used(entry.index) => Some((entry.index, unhex(&seed.bits)?)),
        _ => None,
    });
    let (index, seed) = found.ok_or_else(|| {
        let how = "record one first, before anybody knows the rows: `bailiwick audit seed`";
        Error::Input(format!("there is no seed by which nothing was drawn yet; {how}"))
    })?;
    Ok((index, Sample { size, seed }))
}

fn tests() -> Answer {
    let mut text = String::new();
    let mut all = Vec::new();
    for test in TESTS {
        let about = test.about();
        let _ = writeln!(text, "{}: {}.", about.id, about.looks_for);
        let _ = writeln!(text, "  It matters by: {}.", about.rule);
        for innocent in about.innocent {
            let _ = writeln!(text, "  Innocent: {innocent}.");
        }
        let _ = writeln!(text, "  Example: {}\n", about.example);
        all.push(json!(about));
    }
    Answer::new(text, json!(all))
}

/// What is read again of the data file.
#[derive(Deserialize)]
struct DataFile {
    findings: Vec<Finding>,
}

/// The data file of an audit, and a finding of it.
fn found(from: &Path, name: &str) -> Result<(Vec<u8>, Finding)> {
    let path = from.join("audit.json");
    let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
    let data: DataFile = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Input(format!("`{}`: {error}", path.display())))?;
    let finding = data.findings.into_iter().find(|finding| finding.id == name);
    let finding = finding.ok_or_else(|| {
        Error::Input(format!("`{}` has no finding `{name}`; see findings.csv", path.display()))
    })?;
    Ok((bytes, finding))
}

fn explain(asked: &Explain) -> Result<Answer> {
    let (_, finding) = found(&asked.from, &asked.finding)?;
    let Finding { id, test, plain, says, agency, day, searches, .. } = &finding;
    let mut out = format!(
        "Finding {id} ({test}), a lead for review.\n\n{says}.\nHow plain: {plain}. Searches: \
         {searches}, from {day}. Agency: {agency}."
    );
    if let Some(account) = &finding.account {
        let _ = write!(out, " Account: {account} (a token; the agency's key tells whose).");
    }
    out.push_str("\n\nRows:\n");
    for FoundRow { time, file, sha256, row, line, reason } in &finding.rows {
        let reason = reason.as_deref().unwrap_or("(not kept)");
        let _ = writeln!(out, "- {time} file {file} row {row} line {line}: “{reason}”\n  {sha256}");
    }
    if let Some(Said { action, outcome, grounds, missing, .. }) = &finding.law {
        let _ = writeln!(out, "\nThe law of that day: {action}: {outcome}");
        for SaidGround { id, cite, grade } in grounds {
            let _ = writeln!(out, "- {cite} [{id}; {grade}]");
        }
        for fact in missing {
            let _ = writeln!(out, "- it turns on: {fact}");
        }
    }
    out.push_str("\nWhat may explain it innocently:\n");
    for innocent in &finding.innocent {
        let _ = writeln!(out, "- {innocent}");
    }
    Ok(Answer::new(out, json!(finding)))
}

/// The entry of the audit whose data file this is, and who made it.
fn audit_entry(store: &Store, bytes: &[u8]) -> Result<(u64, Option<String>)> {
    use sha2::Digest as _;
    let digest = ::register::hex(&sha2::Sha256::digest(bytes));
    let index = store.effective().iter().find_map(|entry| match &entry.public {
        Public::Audit(audit) if audit.sha256 == digest => Some(entry.index),
        _ => None,
    });
    let index = index.ok_or_else(|| {
        Error::Input(
            "this audit is not in the register, or its audit.json was changed since".to_owned(),
        )
    })?;
    let private = store.private(index)?.unwrap_or_default();
    let by = private.get("by").and_then(Value::as_str).map(str::to_owned);
    Ok((index, by))
}

/// Who does it; nobody closes or hears what nobody put a name to.
fn named(data: &Data) -> Result<&str> {
    let by = data.by.as_deref().map(str::trim).filter(|by| !by.is_empty());
    by.ok_or_else(|| Error::Input("say who does this: `--by NAME`".to_owned()))
}

fn heard(asked: &Heard) -> Result<Answer> {
    let (bytes, _) = found(&asked.from, &asked.finding)?;
    let by = named(&asked.data)?;
    refuse_file_number(&asked.said)?;
    let mut store = open(&asked.data)?;
    let (refers, _) = audit_entry(&store, &bytes)?;
    let public = entry::Heard { refers, finding: asked.finding.clone() };
    let private = json!({ "by": by, "said": asked.said });
    let indices = store.append(vec![draft(Public::Heard(public), private)])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Recorded as entry {index}; what was said is in its private part.\n");
    Ok(Answer::new(text, json!({ "entry": index, "finding": asked.finding })))
}

pub(super) fn disposition(asked: &Disposition) -> Result<Answer> {
    let (bytes, _) = found(&asked.from, &asked.finding)?;
    let by = named(&asked.data)?;
    refuse_file_number(&asked.why)?;
    let mut store = open(&asked.data)?;
    let (refers, finder) = audit_entry(&store, &bytes)?;
    match finder {
        None => {
            return Err(Error::Input(
                "nobody put a name to this audit (`audit --by NAME`), so it cannot be seen that \
                 another person closes the finding; audit again"
                    .to_owned(),
            ));
        }
        Some(finder) if finder.trim().eq_ignore_ascii_case(by) => {
            return Err(Error::Input(format!(
                "`{by}` made this audit; whoever finds does not decide: another person has to"
            )));
        }
        Some(_) => {}
    }
    let hearing = store.effective().iter().any(|entry| {
        matches!(&entry.public, Public::Heard(heard)
            if heard.refers == refers && heard.finding == asked.finding)
    });
    if asked.result == Closed::Sustained && !hearing {
        return Err(Error::Input(
            "nobody was heard on this finding; record the officer's explanation first: \
             `bailiwick audit heard`"
                .to_owned(),
        ));
    }
    let finding = asked.finding.clone();
    let public = entry::Disposition { refers, finding, result: asked.result };
    let private = json!({ "by": by, "why": asked.why });
    let indices = store.append(vec![draft(Public::Disposition(public), private)])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Recorded as entry {index}; who closed it and why are private.\n");
    Ok(Answer::new(text, json!({ "entry": index, "finding": asked.finding })))
}
