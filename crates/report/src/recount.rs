//! Counting again: what a stranger does with a data file and the register's public entries.

use std::fmt;

use register::entry::Public;
use thiserror::Error;

use crate::table::{Cell, Row, Table, Unit};
use crate::{FORMAT, Report, count, words};

/// One number or text that is not what the entries give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table's short name.
    pub table: String,
    /// The row's and the column's, where one cell differs.
    pub cell: Option<(String, String)>,
    /// What the file says.
    pub stated: String,
    /// What was counted.
    pub counted: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table `{}`", self.table)?;
        if let Some((row, column)) = &self.cell {
            write!(f, ", row `{row}`, column `{column}`")?;
        }
        write!(f, ": the file says `{}`, the entries give `{}`", self.stated, self.counted)
    }
}

/// Why a data file does not hold.
#[derive(Debug, Error)]
pub enum Recount {
    /// It cannot be read.
    #[error("the data file cannot be read: {0}; take it from the agency again")]
    Unreadable(String),
    /// The entries are not those it was counted from.
    #[error("the data file was counted from other entries: {0}")]
    Entries(#[from] crate::Error),
    /// Some numbers differ.
    #[error("{} of its numbers or texts differ from the entries: {}", .0.len(), list(.0))]
    Different(Vec<Difference>),
}

fn list(differences: &[Difference]) -> String {
    differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
}

/// Counts every number of a data file again from the public entries, given from index 0 on; gives
/// the report that the file holds.
///
/// Entries after the checkpoint the file was counted at are passed over. What is to be counted,
/// and the labels, are taken from the file: whether they are the law's is for a reader to see.
/// That the entries are the register's is for `register` to prove.
///
/// # Errors
///
/// [`Recount`]: every difference, or why counting was impossible.
pub fn recount(json: &[u8], entries: &[(u64, Public)]) -> Result<Report, Recount> {
    let stated: Report =
        serde_json::from_slice(json).map_err(|error| Recount::Unreadable(error.to_string()))?;
    if stated.format != FORMAT {
        let what = format!("its format is `{}`, this program reads `{FORMAT}`", stated.format);
        return Err(Recount::Unreadable(what));
    }
    let size = usize::try_from(stated.about.checkpoint.size).unwrap_or(usize::MAX);
    let counted = count(&stated.about, entries.get(..size).unwrap_or(entries))?;
    let mut differences = Vec::new();
    for table in &counted.tables {
        match stated.table(&table.id) {
            Some(stated) if stated == table => {}
            Some(stated) => compare(stated, table, &mut differences),
            None => differences.push(whole(&table.id, "no such table", "a table")),
        }
    }
    for table in stated.tables.iter().filter(|it| counted.table(&it.id).is_none()) {
        differences.push(whole(&table.id, "a table", "no such table"));
    }
    if differences.is_empty() && stated != counted {
        differences.push(whole("", "tables in another order", "the order of the law"));
    }
    if differences.is_empty() { Ok(stated) } else { Err(Recount::Different(differences)) }
}

fn whole(table: &str, stated: &str, counted: &str) -> Difference {
    Difference {
        table: table.to_owned(),
        cell: None,
        stated: stated.to_owned(),
        counted: counted.to_owned(),
    }
}

fn compare(stated: &Table, counted: &Table, differences: &mut Vec<Difference>) {
    let before = differences.len();
    let ids = |table: &Table| table.all_rows().map(|row| row.id.clone()).collect::<Vec<_>>();
    let mut rows = ids(counted);
    rows.extend(ids(stated).into_iter().filter(|id| counted.row(id).is_none()));
    for row in rows {
        for column in &counted.columns {
            let [said, found] = [stated, counted].map(|it| it.cell(&row, &column.id));
            if said != found {
                differences.push(Difference {
                    table: counted.id.clone(),
                    cell: Some((row.clone(), column.id.clone())),
                    stated: shown(said, column.unit),
                    counted: shown(found, column.unit),
                });
            }
        }
    }
    if differences.len() == before {
        let texts = |table: &Table| {
            let row = |row: &Row| format!("{}={}", row.id, row.label);
            let rows: Vec<String> = table.all_rows().map(row).collect();
            format!("{}: {} [{}]", table.title, table.says, rows.join(", "))
        };
        differences.push(whole(&counted.id, &texts(stated), &texts(counted)));
    }
}

/// A cell with its entries, since a right number from wrong entries is a difference as well.
fn shown(cell: Option<&Cell>, unit: Unit) -> String {
    match cell {
        None => "nothing".to_owned(),
        Some(Cell::Count(count)) => {
            format!("{} from entries {}", count.n, words::ranges(&count.entries))
        }
        Some(cell) => words::cell(cell, unit),
    }
}
