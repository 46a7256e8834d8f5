//! The desk's own database, `desk.db`, beside the register: what the desk remembers that is no
//! entry. Losing it loses accounts and what was not recorded yet, and nothing of the register.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use super::held;
use crate::error::{Error, Result};
use crate::store::database::copy;
use crate::store::{Access, Disk as _, RealDisk};

/// What brings the database from one format to the next; the first makes it.
const STEPS: [&str; 2] = [FIRST, PASSKEYS];

const FIRST: &str = "
    CREATE TABLE person (
        id       INTEGER PRIMARY KEY,
        login    TEXT NOT NULL UNIQUE,
        name     TEXT NOT NULL,
        roles    TEXT NOT NULL,
        password TEXT,
        code     BLOB,
        step     INTEGER NOT NULL DEFAULT 0,
        failed   INTEGER NOT NULL DEFAULT 0,
        shut     INTEGER NOT NULL DEFAULT 0,
        off      INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE invitation (
        token  BLOB PRIMARY KEY,
        person INTEGER NOT NULL UNIQUE REFERENCES person,
        until  INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE session (
        token  BLOB PRIMARY KEY,
        person INTEGER NOT NULL REFERENCES person,
        since  INTEGER NOT NULL,
        seen   INTEGER NOT NULL,
        locked INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE paper (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        file    TEXT NOT NULL UNIQUE,
        key     BLOB NOT NULL,
        sha256  BLOB NOT NULL,
        tag     BLOB NOT NULL,
        kind    TEXT NOT NULL,
        size    INTEGER NOT NULL,
        at      INTEGER NOT NULL,
        by      TEXT NOT NULL,
        channel TEXT NOT NULL,
        day     TEXT NOT NULL,
        time    TEXT,
        read    TEXT NOT NULL,
        mark    INTEGER
    ) STRICT;
    CREATE TABLE paper_seen (
        tag BLOB PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE paper_thrown (
        at      INTEGER NOT NULL,
        by      TEXT NOT NULL,
        channel TEXT NOT NULL,
        day     TEXT NOT NULL,
        why     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE proposal (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        report     TEXT NOT NULL,
        period     TEXT NOT NULL,
        sha256     TEXT NOT NULL,
        counted_at INTEGER NOT NULL,
        person     INTEGER NOT NULL REFERENCES person,
        at         INTEGER NOT NULL,
        UNIQUE (report, period)
    ) STRICT;
";

const PASSKEYS: &str = "
    ALTER TABLE person ADD COLUMN handle BLOB;
    CREATE TABLE passkey (
        id     BLOB PRIMARY KEY,
        person INTEGER NOT NULL REFERENCES person,
        label  TEXT NOT NULL,
        fixed  BLOB NOT NULL,
        moving BLOB NOT NULL,
        ways   INTEGER NOT NULL,
        since  INTEGER NOT NULL,
        used   INTEGER
    ) STRICT;
";

/// The database.
pub struct Database(Mutex<Connection>);

impl Database {
    /// Opens the database of a register's folder, or makes it.
    ///
    /// # Errors
    /// A database that cannot be opened or is another's.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("desk.db");
        let wrong = |error: rusqlite::Error| Error::File(format!("`{}`: {error}", path.display()));
        if !path.exists() {
            RealDisk.put(&path, b"", Access::Secret).map_err(Error::file(&path))?;
        }
        let connection = Connection::open(&path).map_err(wrong)?;
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
            .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
            .and_then(|()| connection.pragma_update(None, "secure_delete", "ON"))
            .and_then(|()| connection.busy_timeout(Duration::from_secs(5)))
            .map_err(wrong)?;
        let version = |connection: &Connection| {
            connection.query_row("PRAGMA user_version", [], |row| row.get::<_, usize>(0))
        };
        let now = version(&connection).map_err(wrong)?;
        let newest = STEPS.len();
        if now > newest {
            return Err(Error::File(format!(
                "`{}` has format {now} and this program knows {newest}: use the program that wrote \
                 it",
                path.display()
            )));
        }
        // A step whole or not at all: a program that was killed here goes on from where it was.
        for (step, sql) in STEPS.iter().enumerate().skip(now) {
            let made = step.saturating_add(1);
            connection
                .execute_batch(&format!("BEGIN;{sql}PRAGMA user_version = {made};COMMIT;"))
                .map_err(wrong)?;
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// The connection, for one at a time.
    pub(super) fn held(&self) -> MutexGuard<'_, Connection> {
        held(&self.0)
    }

    /// Copies the database to a new file, as it is now.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn copy(&self, to: &Path) -> Result<()> {
        copy(&self.held(), to).map_err(failed)?;
        RealDisk.sync(to).map_err(Error::file(to))
    }

    /// Signs everybody out.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn sign_all_out(&self) -> Result<()> {
        self.change("DELETE FROM session", [])
    }

    /// Several changes, all or none, after which nothing that was deleted stands in the files: rows
    /// are overwritten where they were, and the journal is emptied.
    pub(super) fn forget(
        &self,
        changes: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut database = self.held();
        let transaction = database.transaction().map_err(failed)?;
        changes(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        database
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .map(|_| ())
            .map_err(failed)
    }

    /// One change.
    pub(super) fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        self.held().execute(sql, values).map(|_| ()).map_err(failed)
    }
}

pub(super) fn failed(error: rusqlite::Error) -> Error {
    Error::File(format!("`desk.db`: {error}"))
}
