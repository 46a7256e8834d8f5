//! The database `register.db`: the entries' bytes, the sealed private parts, the size and root
//! last committed to.
//!
//! SQLite in WAL mode with `synchronous = FULL`: a transaction is durable when it returns. The
//! journal is kept between runs, because SQLite does not report a failure to make its name durable;
//! the store syncs the folder itself.

use std::path::{Path, PathBuf};

use register::Hash;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::disk::RealDisk;
use super::error::{Error, Result};

const SCHEMA: &str = "
    CREATE TABLE entry (
        idx    INTEGER PRIMARY KEY,
        bytes  BLOB NOT NULL,
        sealed BLOB,
        import BLOB UNIQUE
    ) STRICT;
    CREATE TABLE state (
        one     INTEGER PRIMARY KEY CHECK (one = 1),
        origin  TEXT NOT NULL,
        size    INTEGER NOT NULL,
        root    BLOB NOT NULL,
        epoch   INTEGER NOT NULL,
        imports BLOB NOT NULL
    ) STRICT;
";

/// What was last committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
    /// Which of the key files is in force.
    pub epoch: u64,
    /// A chain over the tags of imported records, so that none can be dropped unnoticed. It starts
    /// from the tag of the empty identifier, which binds it to the secret behind the tags.
    pub imports: Hash,
}

/// One entry as it is stored.
pub(super) struct Row {
    pub index: u64,
    pub bytes: Vec<u8>,
    /// The sealed private part; nothing once its key was destroyed.
    pub sealed: Option<Vec<u8>>,
    pub import: Option<Vec<u8>>,
}

/// The bytes of an entry and its sealed private part, which is gone once its key was destroyed.
pub(super) type Stored = (Vec<u8>, Option<Vec<u8>>);

pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
}

impl State {
    /// The chain over imports with one more entry's tag.
    pub fn chain(imports: &Hash, row: &Row) -> Hash {
        row.import.as_ref().map_or(*imports, |tag| {
            let chained = Sha256::new().chain_update(imports).chain_update(row.index.to_be_bytes());
            chained.chain_update(tag).finalize().into()
        })
    }
}

impl Database {
    /// Makes the database in an empty file, which the store has made with its access rights.
    pub fn create(path: &Path, state: &State) -> Result<Self> {
        let database = Self::connect(path)?;
        let made = database
            .connection
            .pragma_update(None, "journal_mode", "WAL")
            .and_then(|()| database.connection.pragma_update(None, "user_version", 1))
            .and_then(|()| database.connection.execute_batch(SCHEMA))
            .and_then(|()| {
                database.connection.execute(
                    "INSERT INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5)",
                    params![state.origin, state.size, state.root, state.epoch, state.imports],
                )
            });
        made.map_err(|error| database.error(&error))?;
        Ok(database)
    }

    /// Opens a database and lets SQLite check it through.
    pub fn open(path: &Path) -> Result<Self> {
        let length = std::fs::metadata(path).map(|data| data.len()).unwrap_or_default();
        if length == 0 {
            return Err(Error::damaged(
                "`register.db` is missing or empty: restore it, and `keys`, as they last were",
            ));
        }
        let database = Self::connect(path)?;
        let verdict: String = database
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| database.error(&error))?;
        if verdict != "ok" {
            return Err(Error::damaged(format!(
                "`register.db` is damaged ({verdict}): restore it, and `keys`, as they last were"
            )));
        }
        Ok(database)
    }

    fn connect(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| describe(path, &error))?;
        let database = Self { connection, path: path.to_owned() };
        let connection = &database.connection;
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .and_then(|_| connection.busy_timeout(std::time::Duration::ZERO))
            .and_then(|()| connection.pragma_update(None, "locking_mode", "EXCLUSIVE"))
            .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
            .and_then(|()| connection.pragma_update(None, "secure_delete", "ON"))
            .map_err(|error| database.error(&error))?;
        Ok(database)
    }

    /// What was last committed to.
    pub fn state(&self) -> Result<State> {
        self.connection
            .query_row("SELECT origin, size, root, epoch, imports FROM state", [], |row| {
                Ok(State {
                    origin: row.get(0)?,
                    size: row.get(1)?,
                    root: row.get(2)?,
                    epoch: row.get(3)?,
                    imports: row.get(4)?,
                })
            })
            .map_err(|error| self.error(&error))
    }

    /// Hands the entries from `start` on to `take`, in order.
    pub fn rows(&self, start: u64, mut take: impl FnMut(Row) -> Result<()>) -> Result<()> {
        let sql = "SELECT idx, bytes, sealed, import FROM entry WHERE idx >= ?1 ORDER BY idx";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.error(&error))?;
        let mut rows = statement.query([start]).map_err(|error| self.error(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.error(&error))? {
            let read = || {
                Ok(Row {
                    index: row.get(0)?,
                    bytes: row.get(1)?,
                    sealed: row.get(2)?,
                    import: row.get(3)?,
                })
            };
            take(read().map_err(|error| self.error(&error))?)?;
        }
        Ok(())
    }

    /// The bytes of one entry and its sealed private part.
    pub fn row(&self, index: u64) -> Result<Option<Stored>> {
        let sql = "SELECT bytes, sealed FROM entry WHERE idx = ?1";
        self.connection
            .query_row(sql, [index], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| self.error(&error))
    }

    /// Whether a record with this tag was imported.
    pub fn imported(&self, tag: &[u8; 32]) -> Result<bool> {
        self.connection
            .query_row("SELECT 1 FROM entry WHERE import = ?1", [tag.as_slice()], |_| Ok(()))
            .optional()
            .map(|found| found.is_some())
            .map_err(|error| self.error(&error))
    }

    /// One transaction: from the state `old` to `new` with these entries added, and the sealed
    /// part of entry `purge` gone. Durable on return.
    pub fn append(
        &mut self,
        old: &State,
        new: &State,
        rows: &[Row],
        purge: Option<u64>,
    ) -> Result<()> {
        let path = self.path.clone();
        let transaction = self.connection.transaction().map_err(|error| describe(&path, &error))?;
        let moved =
            write(&transaction, old, new, rows, purge).map_err(|error| describe(&path, &error))?;
        if !moved {
            return Err(Error::damaged(
                "another process has written to `register.db`: end it; this one wrote nothing",
            ));
        }
        transaction.commit().map_err(|error| describe(&path, &error))
    }

    /// Copies the database to a new file, durably, as it is now.
    pub fn copy(&self, to: &Path) -> Result<()> {
        copy(&self.connection, to)
            .map_err(|error| Error::at(to)(error))
            .and_then(|()| RealDisk.sync(to).map_err(Error::at(to)))
    }

    /// Empties the journal, in which old pages may still stand.
    pub fn empty_journal(&self) -> Result<()> {
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|error| self.error(&error))?;
        if busy == 0 { Ok(()) } else { Err(Error::at(&self.path)("the journal is in use")) }
    }

    fn error(&self, error: &rusqlite::Error) -> Error {
        describe(&self.path, error)
    }
}

/// Says whether the state was still `old`; if not, the transaction must not be committed.
fn write(
    transaction: &Transaction<'_>,
    old: &State,
    new: &State,
    rows: &[Row],
    purge: Option<u64>,
) -> rusqlite::Result<bool> {
    let moved = transaction.execute(
        "UPDATE state SET size = ?1, root = ?2, epoch = ?3, imports = ?4
         WHERE size = ?5 AND root = ?6 AND epoch = ?7",
        params![new.size, new.root, new.epoch, new.imports, old.size, old.root, old.epoch],
    )?;
    let mut insert = transaction.prepare("INSERT INTO entry VALUES (?1, ?2, ?3, ?4)")?;
    for row in rows {
        insert.execute(params![row.index, row.bytes, row.sealed, row.import])?;
    }
    if let Some(index) = purge {
        transaction.execute("UPDATE entry SET sealed = NULL WHERE idx = ?1", [index])?;
    }
    Ok(moved == 1)
}

/// Copies all pages of a database at once, so that the copy is of one moment.
pub fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    from.backup(rusqlite::MAIN_DB, to, None::<fn(rusqlite::backup::Progress)>)
}

fn describe(path: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Busy(path.parent().unwrap_or(path).to_owned())
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Error::damaged(format!(
            "`register.db` is damaged ({error}): restore it, and `keys`, as they last were"
        )),
        None | Some(ErrorCode::Unknown) => Error::damaged(format!(
            "`register.db` is not the database of a register of this format ({error})"
        )),
        Some(_) => Error::at(path)(error),
    }
}
