//! The main job from end to end: a fresh register, a year of requests, the report, the check.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use law::Library;
use law::report::Stretch;
use serde_json::json;

use crate::answer::Answer;
use crate::channels;
use crate::cli::Demo;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::import::{self, Given, Imported};
use crate::progress;
use crate::publish;
use crate::store::{FORMAT, Settings, Store};

/// A synthetic year, shaped on the totals Boston published for 2025.
const SAMPLE: &str = include_str!("../sample/2025.csv");

/// The agency of the sample.
const AGENCY: &str = "us-ma-boston-pd";

/// The report that its law orders.
const REPORT: &str = "boston-trust-act/yearly";

/// Runs the whole way and says each step as it is done.
///
/// # Errors
/// As any step does.
pub fn run(library: &Library, asked: &Demo, quiet: bool) -> Result<Answer> {
    let say = |line: String| {
        if !quiet {
            eprintln!("{line}");
        }
    };
    let folder = match &asked.folder {
        Some(folder) => folder.clone(),
        None => fresh_folder()?,
    };
    let read = |file: &PathBuf| std::fs::read(file).map_err(Error::file(file));
    let (name, bytes) = match &asked.file {
        Some(file) => (file.display().to_string(), read(file)?),
        None => ("the sample year 2025 (synthetic)".to_owned(), SAMPLE.as_bytes().to_owned()),
    };
    // The federal table does not say where its requests came in; here, all in one place.
    let given = Given { name: &name, bytes: &bytes, channel: Some("mailbox") };
    say(format!("1. A fresh register in {}", folder.display()));
    let mut store = Store::init(&folder, settings())?;
    say(format!("   Its key: {}", store.vkey()));
    say(format!("2. Requests of {name}: decided by the law of their day and recorded"));
    let imported = fill(&mut store, library, &given)?;
    say(format!(
        "   {} requests of {}, {} entries",
        imported.recorded,
        imported.span(),
        imported.entries
    ));
    let again = import::import(&mut store, library, &given, |_, _| {})?;
    say(format!("   The same file once more adds {} entries", again.entries));
    let mut published = Vec::new();
    for year in imported.years.keys() {
        say(format!("3. The yearly report of {year}: counted, published, recorded"));
        let period = Stretch::year(*year)
            .ok_or_else(|| Error::Input(format!("`{year}` is no year of the calendar")))?;
        let ordered = publish::ordered(library, AGENCY, Some(REPORT), period.last())?;
        let report = publish::count(&store, &ordered, period)?;
        published.push(publish::publish(&mut store, &report, None)?.0);
    }
    let public = store.public_dir();
    let vkey = store.vkey();
    drop(store);
    say(format!("4. A stranger checks {} with the key alone", public.display()));
    let found = publish::check(&public, &vkey)?;
    Ok(said(&folder, &imported, again.entries, &published, &found, &vkey.to_string()))
}

fn said(
    folder: &Path,
    imported: &Imported,
    again: u64,
    published: &[PathBuf],
    found: &publish::Found,
    vkey: &str,
) -> Answer {
    let checkpoint = &found.verified.checkpoint;
    let mut text = format!(
        "{} requests decided and recorded; the register has {} entries.\n",
        imported.recorded, checkpoint.size
    );
    for ((action, outcome), n) in &imported.outcomes {
        let _ = writeln!(text, "- {action} {}: {n}", outcome.word());
    }
    let reports = found.reports.join(", ");
    let _ = writeln!(
        text,
        "Verified from the public files alone: signature, tiles, entries, and every number of the \
         report of {reports}, counted again."
    );
    for folder in published {
        let _ = writeln!(text, "Report: {}", folder.join("report.html").display());
    }
    let _ = writeln!(text, "Register: {}\nKey: {vkey}", folder.display());
    let outcomes: Vec<_> = imported
        .outcomes
        .iter()
        .map(
            |((action, outcome), n)| json!({ "action": action, "outcome": outcome, "requests": n }),
        )
        .collect();
    let json = json!({
        "data": folder, "requests": imported.recorded, "again": again, "size": checkpoint.size,
        "outcomes": outcomes, "reports": published, "verified": found.reports, "vkey": vkey,
    });
    Answer::new(text, json)
}

/// Fills a register that has nothing but its law with the sample year.
///
/// # Errors
/// A register that has requests already, or none of the channel they came in on.
pub fn sample(store: &mut Store, library: &Library) -> Result<u64> {
    if !takes_sample(store) {
        return Err(Error::Input("only a new register takes the sample year".to_owned()));
    }
    let name = "the sample year 2025 (synthetic)";
    let given = Given { name, bytes: SAMPLE.as_bytes(), channel: Some("mailbox") };
    Ok(import::import(store, library, &given, |_, _| {})?.recorded)
}

/// Whether a register is new, and of the agency that the sample is shaped on.
pub fn takes_sample(store: &Store) -> bool {
    let mailbox = store.settings().channels.iter().any(|channel| channel.id == "mailbox");
    let only_law = store.effective().iter().all(|it| it.public.kind() == "pack");
    store.settings().agency == AGENCY && mailbox && only_law
}

/// Records the law the first request is decided by, then the requests.
fn fill(store: &mut Store, library: &Library, given: &Given<'_>) -> Result<Imported> {
    let mut drafts = Vec::new();
    let first = library.change_days(AGENCY).map_err(|error| Error::Input(error.to_string()))?;
    let on = first.last().copied().unwrap_or(Date::MIN);
    Desk::of(library, store).pack(on, &mut drafts)?;
    store.append(drafts)?;
    let bar = progress::bar("decided");
    let imported = import::import(store, library, given, |at, of| progress::step(&bar, at, of));
    bar.finish_and_clear();
    imported
}

fn settings() -> Settings {
    Settings {
        format: FORMAT,
        agency: AGENCY.to_owned(),
        origin: format!("register.example/{AGENCY}"),
        channels: channels::of(AGENCY),
        banner: None,
        contact: None,
    }
}

/// A folder of its own under the system's folder for temporary files.
fn fresh_folder() -> Result<PathBuf> {
    let base = std::env::temp_dir();
    for number in 1..10_000_u32 {
        let folder = base.join(format!("bailiwick-demo-{number}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::file(&folder)(error)),
        }
    }
    Err(Error::File(format!("`{}` is full of old demo folders; remove them", base.display())))
}
