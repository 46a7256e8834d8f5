//! Audits of access logs: files in, what came of them out.
//!
//! In: logs, the law, what the register knows. Out: the audit and its documents. Absent: what a
//! finding is, which is the audit room's; where the documents go, which [`crate::audit_documents`]
//! sees to.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use audit::checks::{Context, Recorded, Register, Thresholds};
use audit::decided::{Laws, Whose};
use audit::log::row::Common;
use audit::log::{Classes, How, Key, Layouts, LogError, Look, Names, classes};
use audit::reason::Rules;
use audit::run::{Audit, CannotAudit, Opened, Progress, Sample, ScratchFile, audit};
use audit::sheet::SheetError;
use jiff::tz::TimeZone;
use law::{Library, Outcome};
use register::entry::Public;
use report::findings;
use serde::Deserialize;

use crate::audit_documents;
use crate::cli::Reasons;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::Store;

/// What an agency says of itself and of its rules, in a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Own {
    /// Its names, as logs write them; the first is that of rows that name none.
    pub names: Vec<String>,
    /// Laws of agencies that search, by their names in logs: an id of ours.
    pub searching: BTreeMap<String, String>,
    /// Thresholds of its own rule.
    pub thresholds: Thresholds,
}

/// A log that is opened.
#[derive(Debug)]
pub struct Log {
    /// What messages call it; documents have the last part of that.
    pub name: String,
    /// Its bytes.
    pub file: File,
}

/// What is asked of an audit.
#[derive(Debug)]
pub struct Asked {
    /// The agency whose system the logs are of.
    pub agency: String,
    /// The logs.
    pub logs: Vec<Log>,
    /// What the agency says of itself.
    pub own: Own,
    /// The layouts of logs.
    pub layouts: Layouts,
    /// Its key.
    pub key: Key,
    /// How many rows are drawn, and by which seed.
    pub sample: Option<Sample>,
    /// On how many processors; on all of them where it is not said.
    pub threads: Option<usize>,
    /// What ends it before it is done.
    pub stop: Stop,
}

/// What came of an audit.
#[derive(Debug)]
pub struct Made {
    /// All of it.
    pub audit: Audit,
    /// The SHA-256 of the document that has everything.
    pub sha256: String,
    /// What the files are called.
    pub files: Vec<String>,
    /// Seconds it took.
    pub seconds: f64,
    /// Bytes of memory at most, where the system says so.
    pub memory: Option<u64>,
}

impl Log {
    /// Opens a file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let file = Error::open(path)?;
        Ok(Self { name: path.display().to_string(), file })
    }
}

impl Asked {
    /// How many bytes the logs have.
    pub fn bytes(&self) -> u64 {
        let lengths = self.logs.iter().filter_map(|log| log.file.metadata().ok());
        lengths.map(|about| about.len()).fold(0, u64::saturating_add)
    }
}

impl Own {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong in it, by line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of the file, which has a name.
    ///
    /// # Errors
    /// As [`Own::read`].
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let input = |why: String| Error::Input(format!("`{name}`: {why}"));
        let own: Self = toml::from_str(text).map_err(|error| input(error.to_string()))?;
        own.thresholds.check().map_err(input)?;
        Ok(own)
    }
}

/// The requests that a register knows, by the tokens of their references, with what was decided
/// last of each of their actions.
///
/// # Errors
/// If the register cannot be read.
pub fn recorded(store: &Store, key: &Key) -> Result<Register> {
    let mut decided: BTreeMap<u64, BTreeMap<&str, Outcome>> = BTreeMap::new();
    for entry in store.effective().iter().filter(|entry| !entry.void) {
        if let Public::Decision(decision) = &entry.public {
            let word = decision.outcome.as_str();
            let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == word);
            let outcome = outcome.ok_or_else(|| {
                let which = format!("entry {} has an outcome that is none", entry.index);
                Error::Input(format!("{which}: `{word}`; correct that decision"))
            })?;
            decided.entry(decision.refers).or_default().insert(&decision.action, outcome);
        }
    }
    let (mut all, none) = (Vec::new(), BTreeMap::new());
    for entry in store.effective().iter().filter(|entry| !entry.void) {
        let Public::Request(request) = &entry.public else { continue };
        let private = store.private(entry.index)?.unwrap_or_default();
        let reference = private.get("reference").and_then(serde_json::Value::as_str);
        let Some(reference) = reference else { continue };
        let day = law::parse_day(&request.day).map_err(Error::Input)?;
        let start = jiff::civil::date(1970, 1, 1);
        let outcomes = decided.get(&entry.index).unwrap_or(&none);
        all.push(Recorded {
            entry: entry.index,
            day: day.since(start).map_or(0, |span| span.get_days()),
            case: key.case(reference.as_bytes()),
            // A register of federal requests need not say of each that it is one.
            federal: request.requester.as_deref() != Some("state_local"),
            search: outcomes.get("search").copied(),
            share: outcomes.get("share").copied(),
            declined: outcomes.values().any(|outcome| *outcome == Outcome::MustNot),
        });
    }
    Ok(Register::new(all))
}

/// Audits the files, and writes the documents into the folder, which is empty; scratch files there
/// take what does not fit in memory.
///
/// # Errors
/// What cannot be read, by file; a disk that fails.
pub fn run(
    library: &Library,
    asked: Asked,
    register: &Register,
    folder: &Path,
    progress: Progress<'_>,
) -> Result<Made> {
    let start = std::time::Instant::now();
    let agency = library.agency(&asked.agency).map_err(|error| Error::Input(error.to_string()))?;
    let zone = TimeZone::get(&agency.timezone)
        .map_err(|error| Error::Input(format!("`{}`: {error}", agency.timezone)))?;
    let own = if asked.own.names.is_empty() {
        vec![agency.name.clone()]
    } else {
        asked.own.names.clone()
    };
    let stop = &asked.stop;
    let scratch = || -> Result<ScratchFile> {
        Ok(Box::new(stop.over(tempfile::tempfile_in(folder).map_err(Error::file(folder))?)))
    };
    let names = Names::over(scratch()?);
    let laws = Laws::new(library, &asked.agency);
    let searching = asked
        .own
        .searching
        .iter()
        .map(|(name, id)| match library.agency(id) {
            Ok(_) => Ok((name.clone(), Laws::new(library, id))),
            Err(error) => Err(Error::Input(format!("`{name}`: {error}"))),
        })
        .collect::<Result<BTreeMap<_, _>>>()?;
    let state = state_of(&asked.agency);
    let whose =
        Whose { own: &own, state: &state, laws: &laws, searching: &searching, names: &names };
    let context = Context { whose: &whose, thresholds: &asked.own.thresholds, register };
    let hasher = audit::log::row::Hasher::default();
    let common = Common {
        cases: register.cases(),
        key: &asked.key,
        rules: Rules::published(),
        names: &names,
        hasher: &hasher,
        zone: &zone,
        own: own.first().map_or("", String::as_str),
    };
    let threads = asked.threads.unwrap_or_else(processors);
    let how = How { layouts: &asked.layouts, common, threads };
    let scratch = [scratch()?, scratch()?];
    let files: Vec<String> = asked.logs.iter().map(|log| called(&log.name)).collect();
    let opened = |log: Log| Opened { name: log.name, input: Box::new(stop.over(log.file)) };
    let opened = asked.logs.into_iter().map(opened).collect();
    let (audit, leads) = audit(opened, how, &context, asked.sample, scratch, progress)
        .map_err(|error| why_not(&error, folder))?;
    let about = findings::About {
        agency: agency.name.clone(),
        id: asked.agency.clone(),
        files,
        rules: Rules::published().version(),
    };
    if !findings::balances(&audit) {
        return Err(Error::Input(
            "the rows do not add up, so nothing was written; please report this".to_owned(),
        ));
    }
    let sha256 = audit_documents::write(folder, &audit, &leads, &about)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Made { audit, sha256, files: about.files, seconds, memory: memory() })
}

/// Why an audit came to nothing, by who must act; scratch files are in the folder.
fn why_not(error: &CannotAudit, folder: &Path) -> Error {
    match error {
        CannotAudit::File { name, error } => of_log(name, error),
        CannotAudit::Scratch(_) => Error::File(format!("`{}`: {error}", folder.display())),
        CannotAudit::Law(_) | CannotAudit::TooMany(_) => Error::Input(error.to_string()),
    }
}

/// Why a log could not be read: it is none, or its bytes could not be had.
fn of_log(name: &str, error: &LogError) -> Error {
    let why = format!("`{name}`: {error}");
    match error {
        LogError::Io(_) | LogError::Sheet(SheetError::Io(_)) => Error::File(why),
        LogError::NotALog(_) | LogError::Sheet(_) => Error::Input(why),
    }
}

/// How many processors there are.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Looks at each of the files: its rows by agency and by what their reasons say.
///
/// # Errors
/// What cannot be read, by file.
pub fn reasons(asked: &Reasons) -> Result<Vec<Classes>> {
    let layouts = layouts(asked.layout.as_deref())?;
    let (rules, own) = (Rules::published(), "(no agency named)");
    let look = Look { layouts: &layouts, rules, own, threads: processors() };
    let one = |path: &PathBuf| {
        let name = path.display().to_string();
        classes(Error::open(path)?, look).map_err(|error| of_log(&name, &error))
    };
    asked.files.iter().map(one).collect()
}

/// The layouts that are published, with those of a file where one is named.
///
/// # Errors
/// What is wrong in the file.
pub fn layouts(own: Option<&Path>) -> Result<Layouts> {
    let published = Layouts::published().map_err(Error::Input)?;
    let Some(path) = own else { return Ok(published) };
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    more_layouts(published, &text, &path.display().to_string())
}

/// Layouts, with those of a text that has a name.
///
/// # Errors
/// What is wrong in the text.
pub fn more_layouts(layouts: Layouts, text: &str, name: &str) -> Result<Layouts> {
    let zone = |name: &str| TimeZone::get(name).map_err(|error| error.to_string());
    let own = Layouts::read(text).and_then(|own| own.in_zones(zone));
    let own = own.map_err(|why| Error::Input(format!("`{name}`: {why}")))?;
    Ok(layouts.with(own))
}

/// The state of an agency, as its id has it: `us-il-…`.
fn state_of(id: &str) -> String {
    id.split('-').nth(1).filter(|state| state.len() == 2).unwrap_or_default().to_uppercase()
}

/// The last part of a path, as any system writes one.
fn called(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
}

/// The most memory this process had.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}
