//! Audits of access logs: files in, a folder of documents out, entries in the register.
//!
//! In: paths, the law, the register where there is one. Out: the documents and the drafts of
//! entries. Absent: what a finding is; that is the audit room's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use audit::checks::{Context, Recorded, Register, SharingOff, Thresholds};
use audit::decided::{Laws, Whose};
use audit::log::row::Common;
use audit::log::{Classes, How, Key, Layouts, Look, Names, classes};
use audit::reason::Rules;
use audit::run::{Audit, Opened, Sample, audit};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use law::Library;
use register::entry::Public;
use report::findings;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::cli::Reasons;
use crate::error::{Error, Result};
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

/// What is asked of an audit.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The agency whose system the logs are of.
    pub agency: String,
    /// The logs.
    pub files: Vec<PathBuf>,
    /// What the agency says of itself.
    pub own: Own,
    /// Layouts of its own.
    pub layouts: Option<PathBuf>,
    /// Its key.
    pub key: Key,
    /// How many rows are drawn, and by which seed.
    pub sample: Option<Sample>,
    /// Where the documents go: a folder that is new or empty.
    pub into: PathBuf,
}

/// What came of an audit.
#[derive(Debug)]
pub struct Made {
    /// All of it.
    pub audit: Audit,
    /// The SHA-256 of the data file.
    pub sha256: String,
    /// Seconds it took.
    pub seconds: f64,
    /// Bytes of memory at most, where the system says so.
    pub memory: Option<u64>,
}

impl Own {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong in it, by line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
        let input = |why: String| Error::Input(format!("`{}`: {why}", path.display()));
        let own: Self = toml::from_str(&text).map_err(|error| input(error.to_string()))?;
        for SharingOff { from, .. } in &own.thresholds.sharing_off {
            law::parse_day(from).map_err(|why| input(format!("sharing_off: {why}")))?;
        }
        Ok(own)
    }
}

/// The requests that a register knows, by the tokens of their references.
///
/// # Errors
/// If the register cannot be read.
pub fn recorded(store: &Store, key: &Key) -> Result<Register> {
    let mut permitted: BTreeSet<u64> = BTreeSet::new();
    for entry in store.effective().iter().filter(|entry| !entry.void) {
        if let Public::Decision(decision) = &entry.public
            && ["may", "must"].contains(&decision.outcome.as_str())
        {
            permitted.insert(decision.refers);
        }
    }
    let mut all = Vec::new();
    for entry in store.effective().iter().filter(|entry| !entry.void) {
        let Public::Request(request) = &entry.public else { continue };
        let private = store.private(entry.index)?.unwrap_or_default();
        let reference = private.get("reference").and_then(serde_json::Value::as_str);
        let Some(reference) = reference else { continue };
        let day = law::parse_day(&request.day).map_err(Error::Input)?;
        let start = jiff::civil::date(1970, 1, 1);
        all.push(Recorded {
            entry: entry.index,
            day: day.since(start).map_or(0, |span| span.get_days()),
            case: key.token(b'c', reference.as_bytes()),
            permitted: permitted.contains(&entry.index),
        });
    }
    Ok(Register::new(all))
}

/// Audits the files and writes the documents.
///
/// # Errors
/// What cannot be read, by file; nothing is then written.
pub fn run(library: &Library, asked: &Asked, register: &Register) -> Result<Made> {
    let start = std::time::Instant::now();
    let agency = library.agency(&asked.agency).map_err(|error| Error::Input(error.to_string()))?;
    let zone = TimeZone::get(&agency.timezone)
        .map_err(|error| Error::Input(format!("`{}`: {error}", agency.timezone)))?;
    let layouts = layouts(asked.layouts.as_deref())?;
    let names = Names::default();
    let own = if asked.own.names.is_empty() {
        vec![agency.name.clone()]
    } else {
        asked.own.names.clone()
    };
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
        key: &asked.key,
        rules: Rules::published(),
        names: &names,
        hasher: &hasher,
        zone: &zone,
        own: own.first().map_or("", String::as_str),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let how = How { layouts: &layouts, common, threads };
    new_folder(&asked.into)?;
    let scratch = tempfile::tempfile_in(&asked.into).map_err(Error::file(&asked.into))?;
    let (opened, bytes) = open(&asked.files)?;
    let bar = bar(bytes);
    let rows = AtomicU64::new(0);
    let progress = |_: usize, bytes: u64, made: u64| {
        let rows = rows.fetch_add(made, Ordering::Relaxed).saturating_add(made);
        bar.inc(bytes);
        bar.set_message(format!("{rows} rows"));
    };
    let audit = audit(opened, how, &context, asked.sample, scratch, &progress)
        .map_err(|error| Error::Input(error.to_string()))?;
    bar.finish_and_clear();
    let about = findings::About {
        agency: agency.name.clone(),
        id: asked.agency.clone(),
        files: asked.files.iter().map(|path| called(path)).collect(),
        rules: Rules::published().version(),
    };
    if !findings::balances(&audit) {
        return Err(Error::Input(
            "the rows do not add up, so nothing was written; please report this".to_owned(),
        ));
    }
    let sha256 = write(&asked.into, &audit, &about)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Made { audit, sha256, seconds, memory: memory() })
}

/// Looks at each of the files: its rows by agency and by what their reasons say.
///
/// # Errors
/// What cannot be read, by file.
pub fn reasons(asked: &Reasons) -> Result<Vec<Classes>> {
    let layouts = layouts(asked.layout.as_deref())?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (rules, own) = (Rules::published(), "(no agency named)");
    let look = Look { layouts: &layouts, rules, own, threads };
    let one = |path: &PathBuf| {
        let file = File::open(path).map_err(Error::file(path))?;
        classes(file, look).map_err(|error| Error::Input(format!("`{}`: {error}", path.display())))
    };
    asked.files.iter().map(one).collect()
}

fn layouts(own: Option<&Path>) -> Result<Layouts> {
    let published = Layouts::published().map_err(Error::Input)?;
    let Some(path) = own else { return Ok(published) };
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    let zone = |name: &str| TimeZone::get(name).map_err(|error| error.to_string());
    let read = Layouts::read(&text).and_then(|own| own.in_zones(zone));
    let own = read.map_err(|why| Error::Input(format!("`{}`: {why}", path.display())))?;
    Ok(published.with(own))
}

/// The state of an agency, as its id has it: `us-il-…`.
fn state_of(id: &str) -> String {
    id.split('-').nth(1).filter(|state| state.len() == 2).unwrap_or_default().to_uppercase()
}

fn called(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn open(paths: &[PathBuf]) -> Result<(Vec<Opened>, u64)> {
    let mut bytes = 0_u64;
    let mut opened = Vec::new();
    for path in paths {
        let file = File::open(path).map_err(Error::file(path))?;
        bytes = bytes.saturating_add(file.metadata().map_err(Error::file(path))?.len());
        opened.push(Opened { name: path.display().to_string(), input: Box::new(file) });
    }
    Ok((opened, bytes))
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = crate::progress::bar("");
    bar.set_length(bytes);
    let style = indicatif::ProgressStyle::with_template(
        "{bar:30} {bytes}/{total_bytes} {msg}, {bytes_per_sec}, {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn new_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(Error::file(path))?;
    let mut there = std::fs::read_dir(path).map_err(Error::file(path))?;
    match there.next() {
        None => Ok(()),
        Some(_) => Err(Error::Input(format!(
            "`{}` has something in it; name a new or an empty folder",
            path.display()
        ))),
    }
}

/// Writes the documents; the SHA-256 of the data file comes back.
fn write(into: &Path, audit: &Audit, about: &findings::About) -> Result<String> {
    let json = |value: &serde_json::Value| format!("{value:#}\n");
    let data = json(&findings::data(audit, about));
    let html = findings::html(audit, about).map_err(|error| Error::Input(error.to_string()))?;
    for (name, text) in [
        ("audit.json", &data),
        ("findings.csv", &findings::csv(&audit.findings)),
        ("review.html", &html),
        ("public.json", &json(&findings::public(audit, about))),
    ] {
        let path = into.join(name);
        std::fs::write(&path, text).map_err(Error::file(&path))?;
    }
    Ok(register::hex(&Sha256::digest(data.as_bytes())))
}

/// The most memory this process had.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}
