//! Lanes: a process for each turn of each, so that the memory of one is not another's.
//!
//! A process says that it is ready, waits for a line, does its job once, and says how long that
//! took, how much memory it had at most, and what it counted. Its start is not in the time.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Asked, Found, Job, program};
use crate::Result;
use crate::scratch::{busy, memory};
use crate::timing::{Lane, Sample};

/// The program that answers for DuckDB and Polars, and its parts.
const PROGRAMS: [(&str, &str); 5] = [
    ("peers.py", include_str!("peers.py")),
    ("reasons.py", include_str!("reasons.py")),
    ("by_duckdb.py", include_str!("by_duckdb.py")),
    ("by_polars.py", include_str!("by_polars.py")),
    ("parquet.py", include_str!("parquet.py")),
];

/// What a process says when it is done.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    seconds: f64,
    /// Seconds of processor it took for its own code, all threads together.
    busy: f64,
    /// Bytes of memory it had at most.
    memory: u64,
    found: Found,
}

/// A program for tables, and how it asks.
pub struct Peer {
    python: PathBuf,
    engine: String,
    version: String,
    /// What it is asked.
    pub asked: Asked,
    /// The form of its question, and the way it is answered, that was quickest.
    pub form: String,
}

/// Who does what, with how many threads.
pub struct Way {
    /// Who, in words.
    pub name: String,
    /// What is done.
    pub job: Job,
    /// With how many threads.
    pub threads: usize,
    /// Who, if not we.
    pub peer: Option<Peer>,
}

/// What was seen of a lane in all rounds.
#[derive(Clone, Default)]
pub struct Seen {
    /// Bytes of memory that any of its processes had at most.
    pub bytes: u64,
    /// Seconds of processor that each of them took for its own code, all threads together.
    pub busy: Vec<f64>,
    /// What it counted, every time the same.
    pub found: Found,
}

/// Writes the programs of the peers down.
///
/// # Errors
/// If the disk fails.
pub fn write(folder: &Path) -> Result<()> {
    for (name, text) in PROGRAMS {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Writes the logs of a folder as Parquet too.
///
/// # Errors
/// If that cannot be done.
pub fn write_parquet(python: &Path, folder: &Path) -> Result<()> {
    let done = Command::new(python).arg(folder.join("parquet.py")).arg(folder).status()?;
    if done.success() { Ok(()) } else { Err("the log could not be written as Parquet".into()) }
}

impl Peer {
    /// Lets a program try which form of its question is quickest, on few rows.
    ///
    /// # Errors
    /// If it cannot do any of them.
    pub fn choose(
        python: &Path,
        folder: &Path,
        engine: &str,
        asked: Asked,
        threads: usize,
    ) -> Result<Self> {
        eprintln!("logs: {engine} tries how to ask for `{}`", asked.word);
        let (python, engine) = (python.to_owned(), engine.to_owned());
        let (version, form) = (String::new(), "choose".to_owned());
        let mut peer = Self { python, engine, version, asked, form };
        let output = peer.command(folder, threads).stderr(Stdio::inherit()).output()?;
        let chosen: (String, String) = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{} did not choose: {error}", peer.engine))?;
        (peer.version, peer.form) = chosen;
        Ok(peer)
    }

    fn command(&self, folder: &Path, threads: usize) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(folder.join("peers.py")).args([&self.engine, &threads.to_string()]);
        command.arg(folder).args([self.asked.word, &self.form]);
        command
    }
}

fn with_threads(threads: usize) -> String {
    if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") }
}

impl Way {
    /// We.
    pub fn ours(job: Job, threads: usize) -> Self {
        Self { name: format!("ours, {}", with_threads(threads)), job, threads, peer: None }
    }

    /// What is done, in words.
    pub fn says(&self) -> &'static str {
        self.peer.as_ref().map_or_else(|| self.job.says(), |peer| peer.asked.says)
    }

    /// Somebody else.
    pub fn peer(peer: Peer, job: Job, threads: usize) -> Self {
        let name = format!("`{}` {}, {}", peer.engine, peer.version, with_threads(threads));
        Self { name, job, threads, peer: Some(peer) }
    }

    fn command(&self, folder: &Path) -> Result<Command> {
        if let Some(peer) = &self.peer {
            return Ok(peer.command(folder, self.threads));
        }
        let mut command = Command::new(program()?);
        command.args(["logs", "--job", self.job.word(), "--threads", &self.threads.to_string()]);
        command.arg("--data").arg(folder);
        Ok(command)
    }

    /// One turn.
    fn run(&self, folder: &Path) -> Result<Answer> {
        let mut child =
            self.command(folder)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        if line.trim() == "ready" {
            let mut input = child.stdin.take().ok_or("no standard input")?;
            writeln!(input, "go")?;
            drop(input);
            line.clear();
            output.read_line(&mut line)?;
        }
        let status = child.wait()?;
        if !status.success() {
            let (who, what) = (&self.name, self.says());
            return Err(format!("{who}, {what}: {status}; what it said is above").into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

/// Puts the logs of a folder into the system's memory anew. In what pieces they lie there depends
/// on who read or wrote them last, and reading takes four times as long with the smallest pieces as
/// with the largest; now it is the same for all rounds.
fn read_back(folder: &Path) -> Result<()> {
    for name in ["log.csv", "log.parquet"] {
        let path = folder.join(name);
        // Without peers there is no Parquet.
        if !path.exists() {
            continue;
        }
        // Nothing of it is read: that only asks the system to forget it.
        let mut forget = Command::new("dd");
        forget.arg(format!("if={}", path.display()));
        let done = forget.args(["iflag=nocache", "count=0", "status=none"]).status()?;
        if !done.success() {
            return Err("`dd` of the GNU core utilities is needed to read a log back".into());
        }
        std::io::copy(&mut fs::File::open(&path)?, &mut std::io::sink())?;
    }
    Ok(())
}

/// A lane for each way, which writes what it saw into its place of `seen`.
pub fn lanes<'a>(
    ways: &'a [Way],
    folder: &'a Path,
    rows: usize,
    seen: &'a RefCell<Vec<Seen>>,
) -> Vec<Lane<'a>> {
    let lane = |(at, way): (usize, &'a Way)| {
        Lane::new(move || {
            // The first of a round.
            if at == 0 {
                read_back(folder)?;
            }
            let answer = way.run(folder)?;
            let mut all = seen.borrow_mut();
            let seen = all.get_mut(at).ok_or("a lane that is gone")?;
            if !seen.found.is_empty() && seen.found != answer.found {
                return Err(format!("{} counts otherwise than before", way.name).into());
            }
            seen.bytes = seen.bytes.max(answer.memory);
            seen.busy.push(answer.busy);
            seen.found = answer.found;
            // A disagreement is told at once, and not after all rounds.
            super::agree(ways, &all)?;
            let took = Duration::try_from_secs_f64(answer.seconds)?;
            Ok(Sample { took, units: rows as u64 })
        })
    };
    ways.iter().enumerate().map(lane).collect()
}

/// Does a job in this process: says that it is ready, waits for a line, and answers.
///
/// # Errors
/// As the job.
pub fn answer(
    job: impl FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<(f64, Found)>,
) -> Result<()> {
    let mut before = 0.0;
    let (seconds, found) = job(&mut || {
        let mut out = std::io::stdout().lock();
        writeln!(out, "ready")?;
        out.flush()?;
        match std::io::stdin().lock().read_line(&mut String::new())? {
            0 => Err("nobody waits for an answer".into()),
            _ => {
                before = busy().unwrap_or(0.0);
                Ok(())
            }
        }
    })?;
    let busy = busy().unwrap_or(0.0) - before;
    let answer = Answer { seconds, busy, memory: memory().unwrap_or(0), found };
    Ok(writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(&answer)?)?)
}
