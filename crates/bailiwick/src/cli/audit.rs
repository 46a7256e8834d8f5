//! Commands of an auditor and of whoever reviews what an audit found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::register::entry::Closed;
use audit::checks::{Register, TESTS};
use audit::finding::{Finding, FoundRow, Said, SaidGround};
use audit::log::Key;
use audit::run::Sample;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use law::Library;
use report::findings;
use serde_json::{Value, json};

use super::Data;
use super::reasons::{Reasons, reasons};
use super::register::open;
use crate::answer::{Answer, shown, table};
use crate::audit_documents::{self, Part, ToRecord, beside, changed, record};
use crate::audit_logs::{Asked, Log, Made, Own, layouts, recorded, run};
use crate::audit_review::{Closing, Hearing, audit_of, free_seed, new_seed, random, unhex};
use crate::clock;
use crate::error::{Error, Result};
use crate::stop::Stop;
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
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    pub by: Option<String>,
    /// How many rows are drawn for a person to read, by the last seed that was recorded; with
    /// `--data`.
    #[arg(long, value_name = "N")]
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
    let drawn = drawn(store.as_ref(), logs.sample)?;
    let asked = Asked {
        agency: logs.agency.clone(),
        logs: logs.files.iter().map(|path| Log::open(path)).collect::<Result<_>>()?,
        own: logs.own.as_deref().map_or_else(|| Ok(Own::default()), Own::read)?,
        layouts: layouts(logs.layout.as_deref())?,
        key,
        sample: drawn.map(|(_, sample)| sample),
        threads: None,
        stop: Stop::default(),
    };
    let (part, into) = beside(&logs.into)?;
    let mut part = Part::new(part)?;
    let made = watched(library, asked, &register, part.folder())?;
    let mut text = said(&made, &logs.into);
    let mut recorded = Value::Null;
    if let Some(store) = &mut store {
        let day = clock::day(library, &logs.agency, None)?.to_string();
        let seed = drawn.map(|(entry, _)| entry);
        let by = logs.by.as_deref();
        let index = record(store, &ToRecord { made: &made, seed, by, day }, &mut part)?;
        let _ = writeln!(text, "Recorded as entry {index}.");
        recorded = json!(index);
    }
    part.keep_as(&into)?;
    let data = json!({
        "into": logs.into, "sha256": made.sha256, "entry": recorded,
        "totals": findings::totals(&made.audit), "leads": made.audit.leads.values().sum::<u64>(),
        "seconds": made.seconds, "memory": made.memory,
    });
    Ok(Answer::new(text, data))
}

/// Audits, with a bar where a person looks at it.
fn watched(library: &Library, asked: Asked, known: &Register, folder: &Path) -> Result<Made> {
    let (all, rows) = (asked.bytes(), AtomicU64::new(0));
    let bar = bar(all);
    let progress = |_: usize, bytes: u64, made: u64| {
        let rows = rows.fetch_add(made, Ordering::Relaxed).saturating_add(made);
        bar.inc(bytes);
        match bar.position() < all {
            true => bar.set_message(format!("{rows} rows")),
            false => now_look(&bar, rows),
        }
    };
    let made = run(library, asked, known, folder, &progress);
    bar.finish_and_clear();
    made
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = crate::progress::bar("");
    bar.set_length(bytes);
    let style = ProgressStyle::with_template(
        "{bar:30} {bytes}/{total_bytes} {msg}, {bytes_per_sec}, {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// Says that all is read: how much there is left to do is then not known.
fn now_look(bar: &ProgressBar, rows: u64) {
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(format!("{rows} rows are read; now the searches, then the documents"));
    bar.enable_steady_tick(Duration::from_millis(250));
}

fn said(made: &Made, into: &Path) -> String {
    let audit = &made.audit;
    let rows: u64 = audit.files.iter().map(|file| file.rows).sum();
    let mut lines = vec![["file", "layout", "rows", "used", "rejected"].map(String::from).to_vec()];
    for (file, name) in audit.files.iter().zip(&made.files) {
        let numbers = [file.rows, file.made, file.rejected_rows].map(|number| number.to_string());
        let texts = [name, &file.layout].map(|text| shown(text).into_owned());
        lines.push([&texts[..], &numbers[..]].concat());
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
    for (file, name) in audit.files.iter().zip(&made.files) {
        for note in &file.notes {
            let _ = writeln!(text, "{}: {}.", shown(name), shown(note));
        }
        if let Some(first) = file.rejected.first() {
            let _ = writeln!(
                text,
                "First rejected: row {}, line {}: {}",
                first.row,
                first.line,
                shown(&first.why)
            );
        }
    }
    for note in &audit.notes {
        let _ = writeln!(text, "Note: {}.", shown(note));
    }
    text.push_str("\nLeads for review:\n");
    for test in TESTS {
        let about = test.about();
        let leads = audit.leads.get(about.id).copied().unwrap_or_default();
        let _ = writeln!(text, "{leads:>7}  {}: {}", about.id, about.looks_for);
    }
    let per_second = if made.seconds > 0.0 { rows as f64 / made.seconds } else { 0.0 };
    let memory =
        made.memory.map_or_else(String::new, |bytes| format!(", {} MB", bytes.div_ceil(1_000_000)));
    let _ = writeln!(
        text,
        "\nWritten to `{}`: review.html, findings.xlsx, findings.csv and audit.json (private), \
         public.json (for everyone). SHA-256 of audit.json: {}\n\
         {:.2} s, {per_second:.0} rows a second{memory}.",
        into.display(),
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

fn seed(data: &Data) -> Result<Answer> {
    let mut store = open(data)?;
    let (bits, draft) = new_seed(data.by.as_deref())?;
    let indices = store.append(vec![draft])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Seed {bits} recorded as entry {index}; the next sample is drawn by it.\n");
    Ok(Answer::new(text, json!({ "entry": index, "seed": bits })))
}

/// What a sample is drawn by, where one is asked for.
fn drawn(store: Option<&Store>, size: Option<usize>) -> Result<Option<(u64, Sample)>> {
    match (store, size) {
        (_, None) => Ok(None),
        (_, Some(0)) => Err(Error::Input(
            "`--sample 0` would use up the seed and draw nothing; write how many rows, or leave it \
             out"
                .to_owned(),
        )),
        (None, Some(_)) => Err(Error::Input(
            "a sample is drawn by a seed that a register has recorded; give the register \
             (`--data DIR`), or leave out `--sample`"
                .to_owned(),
        )),
        (Some(store), Some(size)) => last_seed(store, size).map(Some),
    }
}

/// The last seed that was recorded and by which nothing was drawn yet.
fn last_seed(store: &Store, size: usize) -> Result<(u64, Sample)> {
    free_seed(store, size).ok_or_else(|| {
        let how = "record one first, before anybody knows the rows: `bailiwick audit seed`";
        Error::Input(format!("there is no seed by which nothing was drawn yet; {how}"))
    })
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

fn explain(asked: &Explain) -> Result<Answer> {
    let (data, _) = audit_documents::Data::read(&asked.from)?;
    let finding = data.finding(&asked.finding)?;
    let Finding { id, test, plain, day, searches, .. } = finding;
    let (says, agency) = (shown(&finding.says), shown(&finding.agency));
    let mut out = format!(
        "Finding {id} ({test}), a lead for review.\n\n{says}.\nHow plain: {plain}. Searches: \
         {searches}, from {day}. Agency: {agency}."
    );
    if let Some(account) = &finding.account {
        let _ = write!(out, " Account: {account} (a token; the agency's key tells whose).");
    }
    out.push_str("\n\nRows:\n");
    for FoundRow { time, file, sha256, row, line, reason } in &finding.rows {
        let reason = shown(reason.as_deref().unwrap_or("(not kept)"));
        let _ = writeln!(out, "- {time} file {file} row {row} line {line}: “{reason}”\n  {sha256}");
    }
    for (whose, Said { agency, action, outcome, grounds, missing, .. }) in finding.laws() {
        let _ = writeln!(out, "\nBy {whose} ({agency}), {action}: {outcome}");
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

/// Who does it; nobody closes or hears what nobody put a name to.
fn named(data: &Data) -> Result<&str> {
    data.by.as_deref().ok_or_else(|| Error::Input("say who does this: `--by NAME`".to_owned()))
}

/// The register and the entry of the audit whose folder this is, if it has such a finding.
fn reviewed(data: &Data, from: &Path, finding: &str) -> Result<(Store, u64)> {
    let (read, sha256) = audit_documents::Data::read(from)?;
    read.finding(finding)?;
    let store = open(data)?;
    let index = audit_of(&store, &sha256)?.ok_or_else(changed)?;
    Ok((store, index))
}

fn heard(asked: &Heard) -> Result<Answer> {
    let by = named(&asked.data)?;
    let (mut store, audit) = reviewed(&asked.data, &asked.from, &asked.finding)?;
    let hearing = Hearing { audit, finding: &asked.finding, by, said: &asked.said, day: None };
    let indices = store.append(vec![hearing.draft()?])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Recorded as entry {index}; what was said is in its private part.\n");
    Ok(Answer::new(text, json!({ "entry": index, "finding": asked.finding })))
}

pub(super) fn disposition(asked: &Disposition) -> Result<Answer> {
    let by = named(&asked.data)?;
    let (mut store, audit) = reviewed(&asked.data, &asked.from, &asked.finding)?;
    let (finding, result, why) = (&asked.finding, asked.result, &asked.why);
    let closing = Closing { audit, finding, result, by, called: None, why };
    let draft = closing.draft(&store)?;
    let indices = store.append(vec![draft])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Recorded as entry {index}; who closed it and why are private.\n");
    Ok(Answer::new(text, json!({ "entry": index, "finding": asked.finding })))
}
