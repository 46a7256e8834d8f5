//! A table in Markdown.

use std::fmt;

/// Rows under a head, to be shown as Markdown.
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// A table with a title and the names of its columns.
    pub fn new(title: &str, head: &[&str]) -> Self {
        let title = title.to_owned();
        let mut table = Self { title, rows: Vec::new(), notes: Vec::new() };
        table.row(head);
        table.rows.push(vec!["---".to_owned(); head.len()]);
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[impl ToString]) {
        self.rows.push(cells.iter().map(ToString::to_string).collect());
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}
