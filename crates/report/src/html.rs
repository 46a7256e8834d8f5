//! The report as one HTML file: no script, no other file, no network.
//!
//! The page is a struct, the struct a template (`templates/report.html`), which escapes every
//! value. Bars are drawn as SVG with a title and a description, and stand over the table that
//! has the same numbers.

use askama::Template;

use crate::table::{Cell, Table, Unit};
use crate::{Error, Report, words};

/// The drawing's width and its parts, in its own units; a phone shows it nearly at this size.
const WIDTH: u64 = 400;
const LABELS: u64 = 130;
const NUMBERS: u64 = 40;
const BAR: u64 = 24;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    facts: Vec<(&'static str, String)>,
    nil: Option<String>,
    certificates: Vec<String>,
    signed: &'static [&'static str],
    glance: Vec<(String, String)>,
    parts: [Part; 2],
    method: &'static [&'static str],
    traces: Vec<Traces>,
    checkpoint: &'a str,
}

/// One half of the tables.
struct Part {
    id: &'static str,
    title: &'static str,
    tables: Vec<Shown>,
}

/// A table, ready to be written.
struct Shown {
    id: String,
    title: String,
    says: String,
    of: String,
    columns: Vec<Head>,
    rows: Vec<Line>,
    total: Option<Line>,
    notes: Vec<String>,
    bars: Option<Bars>,
}

struct Head {
    label: String,
    number: bool,
}

struct Line {
    label: String,
    cells: Vec<(String, bool)>,
}

/// A bar chart of a table's first column.
struct Bars {
    width: u64,
    height: u64,
    says: String,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    text: String,
    /// Where the label ends, the bar and the number start.
    label_x: u64,
    bar_x: u64,
    text_x: u64,
    y: u64,
    middle: u64,
    width: u64,
    height: u64,
}

/// What a table's numbers were counted from.
struct Traces {
    title: String,
    lines: Vec<(String, String)>,
}

/// The whole page.
pub(crate) fn html(report: &Report) -> Result<String, Error> {
    let part = |id, title, ordered| Part {
        id,
        title,
        tables: (0_usize..)
            .zip(&report.tables)
            .filter(|(_, table)| table.ordered == ordered)
            .map(|(at, table)| shown(at, table))
            .collect(),
    };
    let page = Page {
        title: words::title(&report.about),
        facts: words::facts(&report.about),
        nil: words::nil(report),
        certificates: words::certificates(report),
        signed: &words::SIGNED,
        glance: words::glance(report),
        parts: [
            part("ordered", "What the law orders", true),
            part("beside", "What readers need beside it", false),
        ],
        method: &words::METHOD,
        traces: report
            .tables
            .iter()
            .map(|table| Traces { title: table.title.clone(), lines: words::traces(table) })
            .filter(|traces| !traces.lines.is_empty())
            .collect(),
        checkpoint: &report.about.checkpoint.text,
    };
    page.render().map_err(|error| Error::Write(error.to_string()))
}

fn shown(at: usize, table: &Table) -> Shown {
    let line = |row: &crate::Row| Line {
        label: row.label.clone(),
        cells: row
            .cells
            .iter()
            .zip(&table.columns)
            .map(|(cell, column)| (words::cell(cell, column.unit), column.unit != Unit::Text))
            .collect(),
    };
    let head = |column: &crate::Column| Head {
        label: column.label.clone(),
        number: column.unit != Unit::Text,
    };
    Shown {
        // Names in a law's file may be anything; a table's place is always a good anchor.
        id: format!("table-{at}"),
        title: table.title.clone(),
        says: table.says.clone(),
        of: table.of.clone(),
        columns: table.columns.iter().map(head).collect(),
        rows: table.rows.iter().map(line).collect(),
        total: table.total.as_ref().map(line),
        notes: table.notes.clone(),
        bars: (table.drawn && !table.rows.is_empty()).then(|| bars(table)),
    }
}

fn bars(table: &Table) -> Bars {
    let number = |cell: Option<&Cell>| match cell {
        Some(Cell::Count(count)) => count.n,
        _ => 0,
    };
    let most = table.rows.iter().map(|row| number(row.cells.first())).max().unwrap_or(0).max(1);
    let unit = table.columns.first().map_or(Unit::Text, |column| column.unit);
    let mut y = 0;
    let mut said = Vec::new();
    let mut bars = Vec::new();
    for row in &table.rows {
        let cell = row.cells.first();
        let text = cell.map_or_else(String::new, |cell| words::cell(cell, unit));
        // Longest bar first, then the room for its number; a wide product cannot wrap.
        let room = u128::from(WIDTH - LABELS - NUMBERS);
        let width = room * u128::from(number(cell)) / u128::from(most);
        let width = u64::try_from(width).unwrap_or(WIDTH);
        said.push(format!("{}: {text}", row.label));
        bars.push(Bar {
            label: short(&row.label),
            text,
            label_x: LABELS - 6,
            bar_x: LABELS,
            text_x: LABELS + width + 5,
            y: y + 3,
            middle: y + BAR / 2,
            width,
            height: BAR - 6,
        });
        y += BAR;
    }
    Bars { width: WIDTH, height: y, says: said.join("; "), bars }
}

/// A label that fits beside its bar; the table under it has it whole.
fn short(label: &str) -> String {
    const FITS: usize = 20;
    if label.chars().count() <= FITS {
        return label.to_owned();
    }
    let start: String = label.chars().take(FITS - 1).collect();
    start + "…"
}
