//! What became of the rows of a file.

/// Rejected rows of a file that are listed; the others are counted.
pub const LISTED: usize = 10_000;

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejected {
    /// The row in the file, as a spreadsheet counts.
    pub row: u64,
    /// The line in the file, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub why: String,
}

/// What became of the rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTotals {
    /// The layout its header has.
    pub layout: String,
    /// What the vocabulary calls what is looked up in it.
    pub information: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Headings that the layout does not know, whose cells were read past.
    pub unread: Vec<String>,
    /// What is to be known of the file as a whole.
    pub notes: Vec<String>,
    /// Rows that are there, the header not counted, blank lines neither.
    pub rows: u64,
    /// Rows that were made.
    pub made: u64,
    /// Rows that were not, and why; the first [`LISTED`] of them.
    pub rejected: Vec<Rejected>,
    /// How many rows were not made.
    pub rejected_rows: u64,
}

impl FileTotals {
    pub(super) fn add(&mut self, part: Self) {
        self.rows = self.rows.saturating_add(part.rows);
        self.made = self.made.saturating_add(part.made);
        self.rejected_rows = self.rejected_rows.saturating_add(part.rejected_rows);
        self.rejected.extend(part.rejected);
    }

    /// Notes a row that was not made.
    pub(super) fn reject(&mut self, row: u64, line: u64, why: String) {
        self.rejected_rows = self.rejected_rows.saturating_add(1);
        self.rejected.push(Rejected { row, line, why });
        // The first ones of the file are listed, whichever thread met them.
        if self.rejected.len() >= LISTED.saturating_mul(4) {
            self.listed();
        }
    }

    /// Keeps the first rejections.
    pub(super) fn listed(&mut self) {
        self.rejected.sort();
        self.rejected.truncate(LISTED);
    }
}
