//! Reports that somebody has proposed and nobody has approved yet.
//!
//! In: what was counted and by whom it was proposed. Out: a [`Proposal`]. It is kept in `desk.db`
//! and ends when the report is published or the proposal withdrawn; what was published stands in
//! the register. Absent: counting and publishing.

use rusqlite::{OptionalExtension as _, Row, params};

use super::database::{Database, failed};
use crate::error::Result;

/// A report that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its number; none is given twice.
    pub id: i64,
    /// The report: `instrument/report`.
    pub report: String,
    /// The period, as the report names it.
    pub period: String,
    /// The digest of the data file as it was counted then.
    pub sha256: String,
    /// How many entries it was counted from.
    pub counted_at: u64,
    /// The account of who proposed it.
    pub person: i64,
    /// What they sign in as.
    pub login: String,
    /// What people call them.
    pub name: String,
    /// When, in seconds since 1970.
    pub at: i64,
}

const PROPOSAL: &str = "SELECT proposal.id, report, period, sha256, counted_at, person, login, \
                        name, at FROM proposal JOIN person ON person.id = person";

fn proposal(row: &Row<'_>) -> rusqlite::Result<Proposal> {
    Ok(Proposal {
        id: row.get(0)?,
        report: row.get(1)?,
        period: row.get(2)?,
        sha256: row.get(3)?,
        counted_at: row.get(4)?,
        person: row.get(5)?,
        login: row.get(6)?,
        name: row.get(7)?,
        at: row.get(8)?,
    })
}

impl Database {
    /// Proposes a report. One that was proposed before for the same period ends, and the new one
    /// has a number of its own, so that nobody approves what they have not seen.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn propose(
        &self,
        (report, period): (&str, &str),
        (sha256, counted_at): (&str, u64),
        person: i64,
        now: i64,
    ) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO proposal (report, period, sha256, counted_at, person, at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.change(sql, params![report, period, sha256, counted_at, person, now])
    }

    /// Everything that is proposed, the oldest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn proposals(&self) -> Result<Vec<Proposal>> {
        let database = self.held();
        let sql = format!("{PROPOSAL} ORDER BY proposal.id");
        let mut statement = database.prepare(&sql).map_err(failed)?;
        let all = statement.query_map([], proposal).map_err(failed)?;
        all.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// A proposal by its number.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn proposal(&self, id: i64) -> Result<Option<Proposal>> {
        let sql = format!("{PROPOSAL} WHERE proposal.id = ?1");
        self.held().query_row(&sql, [id], proposal).optional().map_err(failed)
    }

    /// Ends a proposal.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn end_proposal(&self, id: i64) -> Result<()> {
        self.change("DELETE FROM proposal WHERE id = ?1", [id])
    }
}
