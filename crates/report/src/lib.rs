//! The report room: entries of a register to the report a law orders.
//!
//! - In: a report's definition from the law, what it is about, and the public part of every
//!   entry up to a checkpoint.
//! - Out: the numbers, each with the entries it was counted from, as Markdown, one HTML file,
//!   CSV and the data file (JSON); and [`recount`], with which a stranger checks the data file.
//! - Absent: clock, disk, network; private parts of entries; what the law says, beyond the
//!   definition. Same input, same bytes.
//!
//! Requests are counted by the day they were received, deeds by the day they were done.
//! Corrections are applied first and voided entries counted nowhere. How small counts are
//! withheld where a law orders it is told in the module `withhold`.
//!
//! ```
//! use register::entry::{Pack, Public, Request};
//! use report::{About, Cell, count, recount};
//!
//! // The law's part of a report, and what it is about, as the data file has it.
//! let about: About = serde_json::from_str(r#"{
//!     "agency": {"id": "town-pd", "name": "Police of a Town"},
//!     "period": "2025",
//!     "definition": {
//!         "id": "yearly", "title": "Yearly report", "cite": "Town Code 3", "grade": "text",
//!         "who": "the chief", "to": "the clerk", "period": "calendar_year",
//!         "due": {"yearly": {"month": 12, "day": 31}}, "nil": "owed",
//!         "item": [{"id": "lodged", "says": "Detainers", "count": "requests",
//!                   "of": [{"basis": ["detainer"]}]}]
//!     },
//!     "instruments": [],
//!     "checkpoint": {"origin": "town.example", "size": 2, "root": "", "text": ""},
//!     "channels": { "mailbox": "Central mailbox" },
//!     "labels": {}
//! }"#)?;
//! let pack = Pack { agency: "town-pd".into(), digest: "0".repeat(64), day: "2025-01-01".into() };
//! let request = Request {
//!     channel: "fax".into(),
//!     seq: 1,
//!     day: "2025-03-03".into(),
//!     actions: vec!["hold".into()],
//!     basis: "detainer".into(),
//!     form: None,
//!     reasons: vec![],
//!     station: None,
//!     requester: None,
//! };
//! let entries = [(0, Public::Pack(pack)), (1, Public::Request(request))];
//! let report = count(&about, &entries)?;
//! let total = report.table("lodged").and_then(|table| table.cell("total", "n"));
//! assert!(matches!(total, Some(Cell::Count(count)) if count.n == 1 && count.entries == [1]));
//! recount(report.json()?.as_bytes(), &entries)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod about;
mod context;
mod csv;
mod features;
pub mod findings;
mod html;
mod items;
mod markdown;
mod package;
mod period;
mod recount;
mod table;
mod withhold;
mod words;

use std::collections::BTreeSet;

use register::entry::Public;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use about::{About, Agency, Checkpoint, Instrument};
pub use recount::{Difference, Recount, recount};
pub use table::{Cell, Column, Count, Row, Sums, Table, Unit};

use period::Period;

/// The version of the data file, its field `format`.
pub const FORMAT: u32 = 2;

/// Why a report cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The checkpoint is of another state than the entries.
    #[error("`{given}` entries were given where the checkpoint has `{size}`; read them anew")]
    Size {
        /// How many entries were given.
        given: u64,
        /// How many the checkpoint has.
        size: u64,
    },
    /// The entries break a rule of the register.
    #[error("the register's entries do not fit together: {0}; verify the register")]
    Entries(String),
    /// Two items would make tables of the same name.
    #[error("the report has two tables called `{0}`; rename the item in the law's file")]
    Twice(String),
    /// A definition that cannot be followed.
    #[error("{0}")]
    Definition(String),
    /// A rule that withholds but hides nothing.
    #[error(
        "`withhold_below = {0}` hides nothing, since `withheld` could only mean 1; write 3 or more"
    )]
    Withhold(u64),
    /// A document could not be written.
    #[error("the report could not be written: {0}")]
    Write(String),
}

/// A report, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of the data file.
    pub format: u32,
    /// Everything in it that is not counted.
    pub about: About,
    /// The tables: those the law orders, in its order, then the others.
    pub tables: Vec<Table>,
}

/// Counts a report from every entry of a register up to the checkpoint, in order from index 0.
///
/// # Errors
///
/// [`enum@Error`], where the entries are not those of the checkpoint or the definition cannot be
/// followed.
pub fn count(about: &About, entries: &[(u64, Public)]) -> Result<Report, Error> {
    let below = about.definition.withhold_below.unwrap_or(0);
    if below == 1 || below == 2 {
        return Err(Error::Withhold(below));
    }
    about.definition.check().map_err(Error::Definition)?;
    if about.definition.period != about.period.period() {
        let kind = about.definition.period.says();
        return Err(Error::Definition(format!("`{}` is no {kind}", about.period)));
    }
    let period = Period::new(about, entries)?;
    let mut tables = Vec::new();
    for (number, item) in (1..).zip(&about.definition.items) {
        tables.push(items::item(&period, number, item));
    }
    tables.extend(context::tables(&period));
    let mut names = BTreeSet::new();
    if let Some(twice) = tables.iter().find(|table| !names.insert(table.id.clone())) {
        return Err(Error::Twice(twice.id.clone()));
    }
    if below > 0 {
        for table in &mut tables {
            withhold::withhold(table, below);
        }
    }
    Ok(Report { format: FORMAT, about: about.clone(), tables })
}

impl Report {
    /// A table by its short name: an item's, or `by_channel`, `by_station`, `by_month`,
    /// `by_basis`, `outcomes`, `answers`, `deeds`, `packs`, `grades`, `nils`, `corrections`.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Whether there is nothing to count: every item that is counted is zero.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        words::is_nil(self)
    }

    /// The document as Markdown, with one title.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// The document as one HTML file that needs no other, no script and no network.
    ///
    /// # Errors
    ///
    /// [`Error::Write`], where the page cannot be put together.
    pub fn html(&self) -> Result<String, Error> {
        html::html(self)
    }

    /// Every number and every cell of words on a line of its own: `table,row,column,n,entries`.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::csv(self)
    }

    /// The description of all these files as a Frictionless Data Package (`datapackage.json`). It
    /// is made from the report alone: nothing in it has to be believed or checked.
    ///
    /// # Errors
    ///
    /// [`Error::Write`], where one of the files cannot be put together.
    pub fn package(&self) -> Result<String, Error> {
        package::package(self)
    }

    /// The data file, which [`recount`] reads and whose digest the register records.
    ///
    /// # Errors
    ///
    /// [`Error::Write`], where it cannot be put together.
    pub fn json(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|error| Error::Write(error.to_string()))
    }
}
