//! The documents of an audit as a folder: whole and recorded, or not there.
//!
//! In: an audit, the register. Out: a folder with its documents, and the entry with their digest;
//! or what such a folder says, if it still is what was recorded. Absent: what is found; that is the
//! audit room's.
//!
//! The order is: the documents, durable, in a folder beside the one they are meant for; the entry;
//! the folder's own name. A register that refuses leaves no document that looks like an audit, and
//! a program that is killed after the entry leaves them whole, to be given their name by
//! [`settle`].

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ::register::entry::{self, Public};
use audit::finding::Finding;
use audit::leads::Leads;
use audit::run::Audit;
use report::findings;
use serde::Deserialize;
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};

use crate::audit_logs::Made;
use crate::desk::draft;
use crate::error::{Error, Result};
use crate::store::{self, Access, Disk as _, RealDisk, Store};

/// The documents, by name: everything; the leads as a table and as a workbook; a page to read; what
/// may be published.
pub const NAMES: [&str; 5] = [DATA, "findings.csv", "findings.xlsx", "review.html", PUBLIC];

/// The document that has everything, whose digest is recorded.
const DATA: &str = "audit.json";

/// The one that everybody may read.
pub const PUBLIC: &str = "public.json";

/// Writes the documents of an audit into a folder, durably, each on its way to the disk while it is
/// made; gives the SHA-256 of the one that has everything.
///
/// # Errors
/// Leads that cannot be told, a page that cannot be made, a disk that fails.
pub fn write(
    folder: &Path,
    audit: &Audit,
    leads: &Leads<'_>,
    about: &findings::About,
) -> Result<String> {
    let [all, table, sheets, page, public] = NAMES;
    put(folder, all, |out| findings::data(audit, leads, about, out))?;
    put(folder, table, |out| findings::csv(leads, out))?;
    put(folder, sheets, |out| findings::workbook(audit, leads, about, folder, out))?;
    put(folder, page, |out| findings::html(audit, leads, about, out))?;
    put(folder, public, |out| findings::public(audit, about, out))?;
    RealDisk.sync_folder(folder).map_err(Error::file(folder))?;
    let data = folder.join(DATA);
    digest(&data).map_err(Error::file(&data))
}

/// Writes a document that only its owner can read.
fn put(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> std::result::Result<(), report::Error>,
) -> Result<()> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    let mut out = BufWriter::new(file.map_err(Error::file(&path))?);
    let failed = |error| Error::File(format!("`{}`: {error}", path.display()));
    write(&mut out).map_err(failed)?;
    // On the handle that wrote: another one might not be told of a failed write.
    let written = out.into_inner().map_err(std::io::IntoInnerError::into_error);
    written.and_then(|file| file.sync_all()).map_err(Error::file(&path))
}

/// A folder that is being written and that nobody may take for an audit yet.
#[derive(Debug)]
pub struct Part {
    folder: PathBuf,
    remains: bool,
}

impl Part {
    /// Makes the folder, for the owner only.
    ///
    /// # Errors
    /// One that is there already.
    pub fn new(folder: PathBuf) -> Result<Self> {
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => Ok(Self { folder, remains: false }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Error::Input(format!(
                    "`{}` is left of an audit that was cut short: if the register has an entry of \
                     it, give the folder its name, and else remove it",
                    folder.display()
                )))
            }
            Err(error) => Err(Error::file(&folder)(error)),
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the folder the name it is meant to have.
    ///
    /// # Errors
    /// A disk that fails; the folder then stays where it is.
    pub fn keep_as(mut self, to: &Path) -> Result<()> {
        self.remains = true;
        rename(&self.folder, to)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.remains {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| {
        let (from, to) = (from.display(), to.display());
        Error::File(format!("`{to}`: {error}; the documents are whole in `{from}`, rename that"))
    })?;
    let above = to.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    RealDisk.sync_folder(above).map_err(Error::file(above))
}

/// The folder that is written first, beside the one the documents are meant for. That one is new,
/// or it is empty.
///
/// # Errors
/// A folder with something in it.
pub fn beside(into: &Path) -> Result<(PathBuf, PathBuf)> {
    let into = match fs::canonicalize(into) {
        Ok(there) => {
            let mut names = fs::read_dir(&there).map_err(Error::file(&there))?;
            if names.next().is_some() {
                return Err(Error::Input(format!(
                    "`{}` has something in it; name a new or an empty folder",
                    into.display()
                )));
            }
            there
        }
        Err(_) => into.to_owned(),
    };
    let above = into.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(Error::file(above))?;
    let name = into
        .file_name()
        .ok_or_else(|| Error::Input(format!("`{}` is no name of a folder", into.display())))?;
    let mut part = name.to_owned();
    part.push(".part");
    Ok((above.join(part), into))
}

/// An audit to be recorded.
#[derive(Debug)]
pub struct ToRecord<'a> {
    /// What came of it.
    pub made: &'a Made,
    /// The entry of the seed that its sample was drawn by.
    pub seed: Option<u64>,
    /// Who audits.
    pub by: Option<&'a str>,
    /// The day.
    pub day: String,
}

/// Records an audit whose documents are written. Where the register refuses, they are removed;
/// where it failed, nobody knows whether the entry is there, so they remain.
///
/// # Errors
/// What the register says.
pub fn record(store: &mut Store, audit: &ToRecord<'_>, part: &mut Part) -> Result<u64> {
    let files = &audit.made.audit.files;
    let public = entry::Audit {
        sha256: audit.made.sha256.clone(),
        rows: files.iter().map(|file| file.rows).sum(),
        leads: audit.made.audit.leads.values().sum(),
        seed: audit.seed,
    };
    let hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    let mut private =
        Map::from_iter([("files".to_owned(), json!(hashes)), ("day".to_owned(), json!(audit.day))]);
    if let Some(by) = audit.by {
        private.insert("by".to_owned(), by.into());
    }
    let written = store.append(vec![draft(Public::Audit(public), private.into())]);
    part.remains = !matches!(&written, Err(store::Error::Refused(_)));
    Ok(written?.first().copied().unwrap_or_default())
}

/// What the folder of a register's audits is called, and what is written first.
fn places(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("audits"), data.join("audit.part"))
}

/// The folder that the documents of an audit of the desk are written to first. It is not among
/// those that a backup copies.
pub fn part(data: &Path) -> Result<Part> {
    Part::new(places(data).1)
}

/// The folder of an audit that is recorded, in that of its register.
pub fn folder(data: &Path, index: u64, sha256: &str) -> PathBuf {
    places(data).0.join(format!("{index}-{}", sha256.get(..12).unwrap_or(sha256)))
}

/// Gives a recorded audit its folder among those of the register.
///
/// # Errors
/// A disk that fails.
pub fn keep(data: &Path, index: u64, sha256: &str, part: Part) -> Result<()> {
    let all = places(data).0;
    RealDisk.make_folder(&all, Access::Secret).map_err(Error::file(&all))?;
    part.keep_as(&folder(data, index, sha256))
}

/// Sees to what a program that was killed has left: documents whose entry is in the register get
/// their name, others are removed. Says whether some were removed.
///
/// # Errors
/// A disk that fails.
pub fn settle(store: &Store, data: &Path) -> Result<bool> {
    let (all, part) = places(data);
    if !part.exists() {
        return Ok(false);
    }
    let digest = digest(&part.join(DATA)).unwrap_or_default();
    let lacks = store.effective().iter().rev().find(|it| match &it.public {
        Public::Audit(audit) => {
            audit.sha256 == digest && !folder(data, it.index, &audit.sha256).exists()
        }
        _ => false,
    });
    match lacks {
        Some(entry) => {
            RealDisk.make_folder(&all, Access::Secret).map_err(Error::file(&all))?;
            rename(&part, &folder(data, entry.index, &digest)).map(|()| false)
        }
        None => fs::remove_dir_all(&part).map(|()| true).map_err(Error::file(&part)),
    }
}

/// What stands in the data file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Data {
    /// What became of each file.
    pub files: Vec<OfFile>,
    /// What became of all rows.
    pub totals: Totals,
    /// The first and the last day.
    pub days: Option<Days>,
    /// What is to be known of it as a whole.
    pub notes: Vec<String>,
    /// Searches that a recorded and permitted request explains.
    pub explained: u64,
    /// The leads.
    pub findings: Vec<Finding>,
    /// Rows drawn for a person to read.
    pub sample: Vec<Place>,
}

/// What became of a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OfFile {
    /// What it is called.
    pub name: String,
    /// Its digest.
    pub sha256: String,
    /// The layout its header has.
    pub layout: String,
    /// Rows in it.
    pub rows: u64,
    /// How many were rejected.
    pub rejected_rows: u64,
    /// The first of them.
    pub rejected: Vec<Rejected>,
    /// What is to be known of it as a whole.
    pub notes: Vec<String>,
}

/// A row that could not be read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rejected {
    /// The row.
    pub row: u64,
    /// The line.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// Rows in, and what became of them.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Rows in the files.
    pub rows: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Copies of a row in the same file.
    pub copies_within: u64,
    /// Copies of a row in another file.
    pub copies_across: u64,
    /// Searches.
    pub searches: u64,
    /// Events.
    pub events: u64,
}

/// A first and a last day.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Days {
    /// The first.
    pub from: String,
    /// The last.
    pub to: String,
}

/// A row in a file, both counted from 1.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The file.
    pub file: u64,
    /// The row.
    pub row: u64,
    /// The line.
    pub line: u64,
}

impl Data {
    /// What a folder holds, and its digest.
    ///
    /// # Errors
    /// A file that is not there or is no data file.
    pub fn read(folder: &Path) -> Result<(Self, String)> {
        let path = folder.join(DATA);
        let bytes = fs::read(&path).map_err(Error::file(&path))?;
        let data = serde_json::from_slice(&bytes)
            .map_err(|error| Error::Input(format!("`{}`: {error}", path.display())))?;
        Ok((data, ::register::hex(&Sha256::digest(&bytes))))
    }

    /// A finding by its name.
    ///
    /// # Errors
    /// A name that no finding has.
    pub fn finding(&self, name: &str) -> Result<&Finding> {
        let found = self.findings.iter().find(|finding| finding.id == name);
        found.ok_or_else(|| {
            Error::Input(format!("the audit has no finding `{name}`; see findings.csv"))
        })
    }
}

/// That documents are not those that were recorded.
pub fn changed() -> Error {
    Error::Input(
        "this audit is not in the register, or its audit.json was changed since".to_owned(),
    )
}

/// The SHA-256 of a file.
fn digest(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), [0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(::register::hex(&hash.finalize())),
            read => hash.update(piece.get(..read).unwrap_or_default()),
        }
    }
}
