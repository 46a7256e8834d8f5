//! What the audit keeps of a row.

/// Hashes rows and texts, differently in every run.
pub use foldhash::quality::RandomState as Hasher;
use jiff::tz::TimeZone;

use super::case::Cases;
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
    /// The row in the file, as a spreadsheet counts: the header is row 1. Rows of further sheets of
    /// a workbook count on from 1,048,576.
    pub row: u32,
    /// The line in the file, counted from 1; of a workbook the row in its sheet.
    pub line: u32,
    /// A hash of the vendor's id; 0 where there is none.
    pub id: u64,
    /// A hash of every cell.
    pub content: u64,
    /// The agency that searched, as a number of [`Names`].
    pub agency: u32,
    /// The account, a token; 0 where it was not exported or is masked.
    pub account: u64,
    /// The case number, a token: the first that the register knows, in its own column or in the
    /// reason; else what its own column has, or 0.
    pub case: u64,
    /// How many networks were searched.
    pub networks: Option<u32>,
    /// How many hours the search looked back; one that has begun counts whole.
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

/// The kind of a log, the agency, the number of networks, and else a hash of every cell.
pub(super) type Alike = ((u8, bool), u32, Option<u32>, u64);

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
    /// The register knows a request on its case.
    Known = 32,
    /// A number stands where the agency should; no row that is made has it.
    NoAgency = 64,
}

impl Row {
    /// Whether a row has a mark.
    pub fn has(&self, mark: Mark) -> bool {
        self.marks & mark as u8 != 0
    }

    /// Of what kind its log is: what is looked up in it, and whether it is of events.
    #[inline]
    pub(super) fn kind(&self) -> (u8, bool) {
        (self.information, self.has(Mark::Event))
    }

    /// What rows of different files have in common that show one search, where no id tells.
    #[inline]
    pub(super) fn alike(&self) -> Alike {
        let cells = if self.networks.is_none() { self.content } else { 0 };
        (self.kind(), self.agency, self.networks, cells)
    }
}

/// What is the same for all rows of an audit.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// The agency's key.
    pub key: &'a Key,
    /// The rules that read reasons.
    pub rules: &'a Rules,
    /// The cases of requests that the register knows.
    pub cases: &'a Cases,
    /// Where reasons and agencies are kept.
    pub names: &'a Names,
    /// Hashes rows, differently in every run: who writes a reason cannot choose its hash.
    pub hasher: &'a Hasher,
    /// The zone of the agency's local day.
    pub zone: &'a TimeZone,
    /// The name of the agency whose log it is, of rows that name none.
    pub own: &'a str,
}

/// Hours from the start of the period asked for to the search; one that has begun counts whole, so
/// that a second more than a rule allows is more than it allows.
pub(super) fn hours(start: u32, time: u32) -> u32 {
    time.saturating_sub(start).div_ceil(3_600)
}
