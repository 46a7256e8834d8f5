//! Papers that came in: kept sealed from the first moment, and waiting until they are recorded.
//!
//! In: the bytes of a scan. Out: what its entry keeps of it, and the scan again. The order is: the
//! sealed file, durable; then a row in `desk.db` with its key; then the entry, whose private part
//! has the key from there on; then the row is gone. Killed between any two, the program still has
//! the paper, and once it is recorded it is recorded once.

mod fields;
mod kind;
mod sealed;
mod sweep;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, MutexGuard};

use hkdf::Hkdf;
use jiff::civil::Date;
use register::entry::Public;
use rusqlite::{OptionalExtension as _, Row, params};
use sha2::Sha256;

pub use fields::{Meaning, Reading};
pub use kind::Kind;
pub use sealed::Sealed;

use super::database::{Database, failed};
use super::held;
use crate::error::{Error, Result};
use crate::store::Store;

/// The most bytes of a paper.
pub const MOST: usize = 25 << 20;

/// Papers that are not recorded yet.
pub struct Papers {
    database: Arc<Database>,
    data: PathBuf,
    /// One intake at a time, so that a form sent twice is recorded once.
    one: Mutex<()>,
    /// When scans that nothing refers to were last looked for, in seconds since 1970.
    swept: AtomicI64,
}

/// A paper that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// What opens it.
    pub sealed: Sealed,
    /// When it was taken in, in seconds since 1970.
    pub at: i64,
    /// Who took it in.
    pub by: String,
    /// How it came.
    pub channel: String,
    /// The day it came, as whoever took it in said.
    pub day: String,
    /// The time it came, likewise.
    pub time: Option<String>,
    /// What its fields say, if it is a PDF that has some.
    pub read: Vec<Reading>,
    /// Whether the same bytes came in before.
    pub again: bool,
    /// How many entries there were when it was about to be recorded.
    mark: Option<u64>,
}

/// A paper that was thrown away before it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// When, in seconds since 1970.
    pub at: i64,
    /// By whom.
    pub by: String,
    /// How it had come.
    pub channel: String,
    /// The day it had come.
    pub day: String,
    /// Why.
    pub why: String,
}

/// What is said of a paper that is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came<'a> {
    /// Who takes it in.
    pub by: &'a str,
    /// How it came.
    pub channel: &'a str,
    /// The day it came.
    pub day: Date,
    /// The time it came.
    pub time: Option<String>,
    /// The time it is, in seconds since 1970.
    pub now: i64,
    /// The day it is.
    pub today: Date,
    /// The register's key for tags.
    pub tags: [u8; 16],
}

const COLUMNS: &str = "SELECT id, file, key, sha256, kind, size, at, by, channel, day, time, read,
    mark, EXISTS (SELECT 1 FROM paper_seen WHERE paper_seen.tag = paper.tag)
    OR EXISTS (SELECT 1 FROM paper AS o WHERE o.tag = paper.tag AND o.id < paper.id) FROM paper";

impl Papers {
    /// The papers of a register's folder.
    pub fn new(database: Arc<Database>, data: &Path) -> Self {
        let (data, swept) = (data.to_owned(), AtomicI64::new(i64::MIN));
        Self { database, data, one: Mutex::new(()), swept }
    }

    /// Held while something is recorded from a form.
    pub fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        held(&self.one)
    }

    /// Takes a paper in. On return it cannot be lost any more.
    ///
    /// # Errors
    /// What is no paper, and a disk that fails.
    pub fn take_in(&self, bytes: &[u8], came: &Came<'_>) -> Result<i64> {
        let kind = Kind::of(bytes).ok_or_else(|| {
            Error::Input(
                "This file is no PDF and no PNG, JPEG or TIFF picture, whatever its name says. \
                 Scan the paper again, or save it as a PDF."
                    .to_owned(),
            )
        })?;
        if bytes.len() > MOST {
            let most = MOST >> 20;
            return Err(Error::Input(format!("The file is too large: at most {most} MiB.")));
        }
        let read = match kind {
            Kind::Pdf => fields::read(bytes, came.today),
            _ => Vec::new(),
        };
        let read = serde_json::to_string(&read)
            .map_err(|error| Error::File(format!("what a paper says: {error}")))?;
        let sealed = Sealed::write(&self.data, kind, bytes)?;
        let tag = tag(&came.tags, &sealed.sha256);
        let database = self.database.held();
        let sql = "INSERT INTO paper (file, key, sha256, tag, kind, size, at, by, channel, day,
            time, read) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let values = params![
            sealed.file,
            sealed.key,
            sealed.sha256,
            tag,
            kind.media(),
            sealed.size,
            came.now,
            came.by,
            came.channel,
            came.day.to_string(),
            came.time,
            read
        ];
        database.execute(sql, values).map_err(failed)?;
        Ok(database.last_insert_rowid())
    }

    /// Those that wait, oldest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn waiting(&self) -> Result<Vec<Waiting>> {
        let database = self.database.held();
        let mut statement = database.prepare(&format!("{COLUMNS} ORDER BY id")).map_err(failed)?;
        let rows = statement.query_map([], waiting).map_err(failed)?;
        rows.filter_map(rusqlite::Result::transpose)
            .collect::<rusqlite::Result<_>>()
            .map_err(failed)
    }

    /// One that waits.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn get(&self, id: i64) -> Result<Option<Waiting>> {
        let sql = format!("{COLUMNS} WHERE id = ?1");
        let found = self.database.held().query_row(&sql, [id], waiting).optional();
        found.map(Option::flatten).map_err(failed)
    }

    /// The scan of a paper.
    ///
    /// # Errors
    /// As [`Sealed::open`].
    pub fn open(&self, sealed: &Sealed) -> Result<Vec<u8>> {
        sealed.open(&self.data)
    }

    /// Notes that a paper is about to be recorded, by a register of so many entries: should the
    /// program end before [`Papers::recorded`], [`Papers::settle`] knows where to look.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn about_to_record(&self, id: i64, entries: u64) -> Result<()> {
        let sql = "UPDATE paper SET mark = ?2 WHERE id = ?1";
        self.database.change(sql, params![id, entries])
    }

    /// Lets go of a paper whose entry is durable: its key is in the entry and nowhere else.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn recorded(&self, id: i64) -> Result<()> {
        self.database.forget(|changes| {
            let sql = "INSERT OR IGNORE INTO paper_seen SELECT tag FROM paper WHERE id = ?1";
            changes.execute(sql, [id])?;
            changes.execute("DELETE FROM paper WHERE id = ?1", [id]).map(|_| ())
        })
    }

    /// Lets go of papers that were recorded just before the program ended or a write failed.
    /// Returns the entry of each.
    ///
    /// # Errors
    /// A register or a database that cannot be read or written.
    pub fn settle(&self, store: &Store) -> Result<Vec<(i64, u64)>> {
        let mut settled = Vec::new();
        for paper in self.waiting()? {
            let Some(mark) = paper.mark else { continue };
            for entry in mark..store.size() {
                let request = store.entry(entry).map(|entry| &entry.public);
                if !matches!(request, Some(Public::Request(_))) {
                    continue;
                }
                let sealed = store.private(entry)?.and_then(|private| Sealed::of(&private));
                if sealed.is_some_and(|sealed| sealed.file == paper.sealed.file) {
                    self.recorded(paper.id)?;
                    settled.push((paper.id, entry));
                    break;
                }
            }
        }
        Ok(settled)
    }

    /// Throws a paper away that was taken in by mistake. That it was, and why, is kept.
    ///
    /// # Errors
    /// A database or a disk that cannot be written.
    pub fn throw_away(&self, paper: &Waiting, by: &str, why: &str, now: i64) -> Result<()> {
        self.database.forget(|changes| {
            let sql = "INSERT INTO paper_thrown VALUES (?1, ?2, ?3, ?4, ?5)";
            changes.execute(sql, params![now, by, paper.channel, paper.day, why])?;
            changes.execute("DELETE FROM paper WHERE id = ?1", [paper.id]).map(|_| ())
        })?;
        sealed::wipe(&self.data, &paper.sealed.file)
    }

    /// Those thrown away since a time, newest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn thrown(&self, since: i64) -> Result<Vec<Thrown>> {
        let database = self.database.held();
        let sql = "SELECT at, by, channel, day, why FROM paper_thrown WHERE at >= ?1
            ORDER BY at DESC, rowid DESC LIMIT 50";
        let mut statement = database.prepare(sql).map_err(failed)?;
        let rows = statement.query_map([since], |row| {
            Ok(Thrown {
                at: row.get(0)?,
                by: row.get(1)?,
                channel: row.get(2)?,
                day: row.get(3)?,
                why: row.get(4)?,
            })
        });
        rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}

/// What stands for a scan's digest: whoever has `desk.db` alone cannot tell of a paper they hold
/// whether it came in.
fn tag(key: &[u8; 16], sha256: &[u8; 32]) -> [u8; 32] {
    let text = [b"bailiwick/paper/seen/v1\n".as_slice(), sha256].concat();
    Hkdf::<Sha256>::extract(Some(key), &text).0.into()
}

/// Nothing for a row that this program cannot have written.
fn waiting(row: &Row<'_>) -> rusqlite::Result<Option<Waiting>> {
    let kind: String = row.get(4)?;
    let Some(kind) = Kind::parse(&kind) else { return Ok(None) };
    let (read, sealed): (String, _) = (
        row.get(11)?,
        Sealed {
            file: row.get(1)?,
            key: row.get(2)?,
            sha256: row.get(3)?,
            size: row.get(5)?,
            kind,
        },
    );
    Ok(Some(Waiting {
        id: row.get(0)?,
        sealed,
        at: row.get(6)?,
        by: row.get(7)?,
        channel: row.get(8)?,
        day: row.get(9)?,
        time: row.get(10)?,
        read: serde_json::from_str(&read).unwrap_or_default(),
        mark: row.get(12)?,
        again: row.get(13)?,
    }))
}
