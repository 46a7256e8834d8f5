//! Programs for tables that are used from Python, timed in turn with ours through their standard
//! input and output.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use law::Pack;
use serde_json::json;

use super::sql;
use super::table::Filled;
use crate::Result;
use crate::timing::Sample;

/// The program that answers.
const PROGRAM: &str = include_str!("peers.py");

/// A program that waits for a line, with the table in its memory.
pub struct Peer {
    /// What it is, and with how many threads.
    pub name: String,
    /// With how many threads.
    pub threads: usize,
    /// The forms and the ways it was fastest with: for a code of each row, and to count them.
    pub forms: [String; 2],
    /// How many rows have each outcome.
    pub counts: Vec<(u8, u64)>,
    rows: u64,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// The Python with these programs, if `bench/peers.sh` has installed them.
pub fn python() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin/python");
    path.exists().then_some(path)
}

/// Writes down the table and the rules, for all programs.
///
/// # Errors
/// If the disk fails.
pub fn write(folder: &Path, pack: &Pack, action: &str, table: &Filled) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut columns = Vec::new();
    for (name, stretch) in table.names.iter().zip(&table.stretches) {
        let at = pack.vocabulary.fact(name).ok_or("a fact that is gone")?;
        let yes_no = pack.vocabulary.facts.get(at).is_some_and(|fact| fact.boolean);
        fs::write(folder.join(name), stretch)?;
        columns.push(json!({ "name": name, "yes_no": yes_no }));
    }
    let forms: Vec<_> = sql::forms(pack, action)?
        .into_iter()
        .map(|form| json!({ "name": form.name, "rows": form.rows, "query": form.query }))
        .collect();
    let described = json!({
        "rows": table.rows,
        "columns": columns,
        "forms": forms,
        "counts": sql::counts(pack, action)?,
    });
    fs::write(folder.join("table.json"), serde_json::to_vec_pretty(&described)?)?;
    Ok(fs::write(folder.join("peers.py"), PROGRAM)?)
}

impl Peer {
    /// Starts a program and waits until the table is in its memory.
    ///
    /// # Errors
    /// If it ends before that.
    pub fn start(python: &Path, folder: &Path, engine: &str, threads: usize) -> Result<Self> {
        eprintln!("columns: {engine} with {threads} threads loads the table");
        let mut child = Command::new(python)
            .arg(folder.join("peers.py"))
            .args([engine, &threads.to_string()])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let (name, forms, counts) = (engine.to_owned(), [const { String::new() }; 2], Vec::new());
        let mut peer = Self { name, threads, forms, counts, rows: 0, child, input, output };
        // Its first line says what it is, how it asks, and what it found.
        let ready: (String, [String; 2], Vec<(u8, u64)>) = serde_json::from_str(&peer.line()?)?;
        let (version, forms, counts) = ready;
        let threads =
            if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        peer.name = format!("`{engine}` {}, {threads}", version);
        peer.rows = counts.iter().map(|(_, rows)| rows).sum();
        (peer.forms, peer.counts) = (forms, counts);
        Ok(peer)
    }

    /// Evaluates the rules over the whole table, to a code for each row or only counting them; the
    /// time is the program's own.
    ///
    /// # Errors
    /// If it ended.
    pub fn run(&mut self, rows: bool) -> Result<Sample> {
        writeln!(self.input, "{}", if rows { "rows" } else { "count" })?;
        self.input.flush()?;
        let took = Duration::try_from_secs_f64(self.line()?.trim().parse()?)?;
        Ok(Sample { took, units: self.rows })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(format!("{} ended; what it said is above", self.name).into());
        }
        Ok(line)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself, which was reported then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
