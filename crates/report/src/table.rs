//! Tables of counts, each number with the entries it was counted from.

use serde::{Deserialize, Serialize};

use crate::words;

/// A number, and the entries it was counted from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The number, in the unit of its column.
    pub n: u64,
    /// The indices of the entries, sorted, none twice.
    pub entries: Vec<u64>,
}

impl Count {
    /// Adds `n` counted from `entries`.
    pub(crate) fn add(&mut self, n: u64, entries: &[u64]) {
        self.n = self.n.saturating_add(n);
        // They mostly come in order, so that a place is found at the end.
        for entry in entries {
            if let Err(place) = self.entries.binary_search(entry) {
                self.entries.insert(place, *entry);
            }
        }
    }

    /// One for each entry.
    pub(crate) fn of(entries: impl IntoIterator<Item = u64>) -> Self {
        let mut count = Self::default();
        for entry in entries {
            count.add(1, &[entry]);
        }
        count
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// A number.
    Count(Count),
    /// Words.
    Text(String),
    /// There is nothing to say.
    Blank,
    /// A number that is not shown; up to which it may go, where that is said.
    Withheld(Option<u64>),
}

impl Cell {
    /// As people read it, in a column of this unit.
    #[must_use]
    pub fn says(&self, unit: Unit) -> String {
        words::cell(self, unit)
    }
}

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Requests.
    Requests,
    /// People.
    People,
    /// Decisions.
    Decisions,
    /// Days.
    Days,
    /// Entries of the register.
    Entries,
    /// US cents.
    Cents,
    /// A number that counts nothing: a running number, an index.
    Ordinal,
    /// Words.
    Text,
}

impl Unit {
    /// Whether a small number in such a column stands for few people.
    pub(crate) fn is_counted(self) -> bool {
        matches!(self, Self::Requests | Self::People | Self::Decisions)
    }

    /// Whether the column has numbers that count something.
    pub(crate) fn is_number(self) -> bool {
        !matches!(self, Self::Ordinal | Self::Text)
    }
}

/// One column of numbers or words; the rows' labels are no column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Short name, unique in its table.
    pub id: String,
    /// For people.
    pub label: String,
    /// What its numbers count.
    pub unit: Unit,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Short name, unique in its table.
    pub id: String,
    /// For people.
    pub label: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// Which numbers add up to which: what could be got by subtracting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sums {
    /// The first column's rows add up to its total, or to more where one request is in several.
    Down,
    /// Each row's cells add up to its last cell.
    Across,
    /// None do.
    Nothing,
}

/// One table of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Short name, unique in the report.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it counts and how, in a sentence or two.
    pub says: String,
    /// Whether the law orders it, or readers need it.
    pub ordered: bool,
    /// What the rows are.
    pub of: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, in their stated order.
    pub rows: Vec<Row>,
    /// The total, where there is one.
    pub total: Option<Row>,
    /// Which numbers add up.
    pub sums: Sums,
    /// Whether the first column is drawn as bars.
    pub drawn: bool,
    /// What a reader must know about what is not shown.
    pub notes: Vec<String>,
}

impl Table {
    /// The cell of a row and a column by their short names; the total's row is `total`.
    #[must_use]
    pub fn cell(&self, row: &str, column: &str) -> Option<&Cell> {
        let at = self.columns.iter().position(|it| it.id == column)?;
        self.row(row)?.cells.get(at)
    }

    /// A row by its short name.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.total.iter().filter(|it| it.id == id).chain(&self.rows).find(|it| it.id == id)
    }

    /// The rows, and the total after them.
    pub(crate) fn all_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain(&self.total)
    }
}

/// A column that counts.
pub(crate) fn column(id: &str, label: &str, unit: Unit) -> Column {
    Column { id: id.to_owned(), label: label.to_owned(), unit }
}

/// A row of counts.
pub(crate) fn row(id: impl Into<String>, label: impl Into<String>, cells: Vec<Cell>) -> Row {
    Row { id: id.into(), label: label.into(), cells }
}

/// A total of counts.
pub(crate) fn total(cells: Vec<Cell>) -> Option<Row> {
    Some(row("total", "Total", cells))
}
