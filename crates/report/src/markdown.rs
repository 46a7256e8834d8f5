//! The report as Markdown.

use std::fmt::{self, Write as _};

use crate::table::{Table, Unit};
use crate::{Report, words};

/// The whole document.
pub(crate) fn markdown(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail; a failure would be a bug in `fmt` itself.
    match write(&mut out, report) {
        Ok(()) | Err(fmt::Error) => out,
    }
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "# {}\n", escape(&words::title(&report.about)))?;
    for (name, fact) in words::facts(&report.about) {
        writeln!(out, "- **{name}:** {}", escape(&fact))?;
    }
    if let Some(nil) = words::nil(report) {
        writeln!(out, "\n{}", escape(&nil))?;
    }
    certificates(out, report)?;
    writeln!(out, "\n## At a glance\n\n| | |\n|---|---:|")?;
    for (label, text) in words::glance(report) {
        writeln!(out, "| {} | {} |", escape(&label), escape(&text))?;
    }
    writeln!(out, "\n## What the law orders")?;
    for it in report.tables.iter().filter(|table| table.ordered) {
        table(out, it)?;
    }
    writeln!(out, "\n## What readers need beside it")?;
    for it in report.tables.iter().filter(|table| !table.ordered) {
        table(out, it)?;
    }
    writeln!(out, "\n## How it was counted\n")?;
    for sentence in words::METHOD {
        writeln!(out, "- {sentence}")?;
    }
    writeln!(out, "\n## The entries behind each number")?;
    for it in &report.tables {
        let traces = words::traces(it);
        if !traces.is_empty() {
            writeln!(out, "\n**{}**\n", escape(&it.title))?;
        }
        for (label, entries) in traces {
            writeln!(out, "- {}: {entries}", escape(&label))?;
        }
    }
    writeln!(out, "\n## The checkpoint it was counted at\n")?;
    for line in report.about.checkpoint.text.lines() {
        writeln!(out, "{}", format!("    {line}").trim_end())?;
    }
    Ok(())
}

/// Certificates, and the place for a signature under them.
fn certificates(out: &mut String, report: &Report) -> fmt::Result {
    let certificates = words::certificates(report);
    if certificates.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Certificate\n")?;
    for certificate in certificates {
        writeln!(out, "{}\n", escape(&certificate))?;
    }
    writeln!(out, "| To be signed | |\n|---|---|")?;
    for blank in words::SIGNED {
        writeln!(out, "| {blank} | |")?;
    }
    Ok(())
}

fn table(out: &mut String, table: &Table) -> fmt::Result {
    writeln!(out, "\n### {}\n\n{}\n", escape(&table.title), escape(&table.says))?;
    write!(out, "| {} |", escape(&table.of))?;
    for column in &table.columns {
        write!(out, " {} |", escape(&column.label))?;
    }
    write!(out, "\n|---|")?;
    for column in &table.columns {
        write!(out, "{}", if column.unit == Unit::Text { "---|" } else { "---:|" })?;
    }
    writeln!(out)?;
    for row in table.all_rows() {
        write!(out, "| {} |", escape(&row.label))?;
        for (cell, column) in row.cells.iter().zip(&table.columns) {
            write!(out, " {} |", escape(&words::cell(cell, column.unit)))?;
        }
        writeln!(out)?;
    }
    for note in &table.notes {
        writeln!(out, "\n{}", escape(note))?;
    }
    Ok(())
}

/// A text with everything that Markdown would read as its own taken back.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                out.push('\\');
                out.push(letter);
            }
            it if it.is_control() => out.push(' '),
            it => out.push(it),
        }
    }
    out
}
