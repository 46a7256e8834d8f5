//! What the audit keeps of a row.

/// Hashes rows and texts, differently in every run.
pub use foldhash::quality::RandomState as Hasher;
use jiff::tz::TimeZone;

use super::cell::{Key, State};
use super::names::Names;
use crate::reason::{Class, Plain, Rules};

/// One search, or one event, as the audit keeps it: numbers and tokens, no text of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Seconds since the start of 1970, UTC.
    pub time: u32,
    /// The agency's local day, counted from the start of 1970.
    pub day: i32,
    /// The file, by its place among those given.
    pub file: u16,
    /// The row in the file, as a spreadsheet counts: the header is row 1.
    pub row: u32,
    /// The line in the file, counted from 1; of a workbook the same as the row.
    pub line: u32,
    /// A hash of the vendor's id; 0 where there is none.
    pub id: u64,
    /// A hash of every cell.
    pub content: u64,
    /// The agency that searched, as a number of [`Names`].
    pub agency: u32,
    /// The account, a token; 0 where it was not exported or is masked.
    pub account: u64,
    /// The case number in its own column, a token; 0 where there is none.
    pub case: u64,
    /// How many networks were searched.
    pub networks: Option<u32>,
    /// How many hours the search looked back.
    pub hours: Option<u32>,
    /// The reason, as a number of [`Names`].
    pub reason: u32,
    /// What the reason says.
    pub class: Class,
    /// How plainly.
    pub plain: Plain,
    /// The state of the reason's cell.
    pub reason_state: State,
    /// What else is to be known of it.
    pub marks: u8,
    /// What was looked up, by its place in [`crate::decided::INFORMATION`].
    pub information: u8,
}

/// A mark of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// A case number stands in its column or in the reason.
    Case = 1,
    /// The account or its agency is said to be inactive.
    Inactive = 2,
    /// The vendor's own words say that the agency is federal.
    Federal = 4,
    /// It is an event, and no search.
    Event = 8,
    /// An agency searched in its own system, and that is another than the one audited.
    Elsewhere = 16,
}

impl Row {
    /// Whether a row has a mark.
    pub fn has(&self, mark: Mark) -> bool {
        self.marks & mark as u8 != 0
    }
}

/// What is the same for all rows of an audit.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// The agency's key.
    pub key: &'a Key,
    /// The rules that read reasons.
    pub rules: &'a Rules,
    /// Where reasons and agencies are kept.
    pub names: &'a Names,
    /// Hashes rows, differently in every run: who writes a reason cannot choose its hash.
    pub hasher: &'a Hasher,
    /// The zone of the agency's local day.
    pub zone: &'a TimeZone,
    /// The name of the agency whose log it is, of rows that name none.
    pub own: &'a str,
}

/// Hours from the start of the period asked for to the search.
pub(super) fn hours(start: u32, time: u32) -> u32 {
    time.saturating_sub(start) / 3_600
}
