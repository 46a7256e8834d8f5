//! The report as CSV in the long form: one number, or one cell of words, a line.

use std::borrow::Cow;

use crate::table::Cell;
use crate::{Report, words};

/// `table,row,column,n,entries`: `n` in the column's unit (cents for money), or words, those that
/// say it is withheld among them; the entries with blanks between them.
pub(crate) fn csv(report: &Report) -> String {
    let mut out = String::from("table,row,column,n,entries\n");
    for table in &report.tables {
        for row in table.all_rows() {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                let (n, entries) = match cell {
                    Cell::Count(count) => {
                        let entries: Vec<String> =
                            count.entries.iter().map(u64::to_string).collect();
                        (count.n.to_string(), entries.join(" "))
                    }
                    Cell::Withheld(_) | Cell::Text(_) => {
                        (words::cell(cell, column.unit), String::new())
                    }
                    Cell::Blank => continue,
                };
                let cells = [&table.id, &row.id, &column.id, &n, &entries].map(|it| quote(it));
                out.push_str(&cells.join(","));
                out.push('\n');
            }
        }
    }
    out
}

/// A cell, quoted where it must be. A spreadsheet would run a cell that starts like a formula,
/// and a channel's name comes from outside: such a cell gets an apostrophe in front.
pub(crate) fn quote(cell: &str) -> Cow<'_, str> {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = cell.contains([',', '"', '\n', '\r']);
    if !formula && !quoted {
        return Cow::Borrowed(cell);
    }
    let mark = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{mark}{}\"", cell.replace('"', "\"\"")))
}
