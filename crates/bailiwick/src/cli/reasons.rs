//! The command for a first look at logs: rows by agency, and by what their reasons say.

use std::fmt::Write as _;
use std::path::PathBuf;

use audit::log::Classes;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, shown};
use crate::audit_logs;
use crate::error::Result;

/// `audit reasons`
#[derive(Debug, Args)]
pub struct Reasons {
    /// The logs: exports as CSV, XLSX or Parquet.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Layouts of logs of other systems.
    #[arg(long, value_name = "FILE")]
    pub layout: Option<PathBuf>,
}

pub(super) fn reasons(asked: &Reasons) -> Result<Answer> {
    let (mut text, mut data) = (String::new(), Vec::new());
    for (path, seen) in asked.files.iter().zip(audit_logs::reasons(asked)?) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        said(&mut text, &name, &seen);
        let totals = &seen.totals;
        let first = totals.rejected.first();
        let first = first.map(|it| json!({ "row": it.row, "line": it.line, "why": it.why }));
        data.push(json!({
            "file": name, "layout": totals.layout, "rows": totals.rows, "counted": totals.made,
            "rejected": totals.rejected_rows,
            "first_rejected": first, "agencies": agencies(&seen),
        }));
    }
    text.push_str(
        "Rows, not searches: a search that two rows show counts twice, and times were not read. \
         A class says how a text reads, not why anybody searched.\n",
    );
    Ok(Answer::new(text, data.into()))
}

fn said(text: &mut String, name: &str, seen: &Classes) {
    let totals = &seen.totals;
    let _ = writeln!(
        text,
        "{}: {}, {} rows, {} of them rejected.",
        shown(name),
        shown(&totals.layout),
        totals.rows,
        totals.rejected_rows
    );
    if let Some(first) = totals.rejected.first() {
        let _ = writeln!(
            text,
            "First rejected: row {}, line {}: {}",
            first.row,
            first.line,
            shown(&first.why)
        );
    }
    for note in &totals.notes {
        let _ = writeln!(text, "{}.", shown(note));
    }
    for (agency, counts) in &seen.counts {
        let _ = writeln!(text, "{}", shown(agency));
        for (class, count) in counts {
            let _ = writeln!(text, "{count:>9}  {}", class.word().replace('_', " "));
        }
    }
    text.push('\n');
}

fn agencies(seen: &Classes) -> Map<String, Value> {
    let counts = seen.counts.iter().map(|(agency, counts)| {
        let counts = counts.iter().map(|(class, count)| (class.word().to_owned(), json!(count)));
        (agency.clone(), Value::Object(counts.collect()))
    });
    counts.collect()
}
