//! Measures what matters about Bailiwick: decisions, audits of logs, durable appends, the yearly
//! report, the check of what is public. What each figure means, and what it does not, is in
//! `README.md` beside it.

mod analysis;
mod append;
mod chance;
mod columns;
mod decision;
mod desk;
mod logs;
mod questions;
mod registers;
mod report;
mod scratch;
mod sigma;
mod start;
mod syntax;
mod table;
mod timing;
mod verify;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use scratch::Scratch;
use table::Table;

/// Whatever went wrong ends the run; there is nobody here who could go on in another way.
type Error = Box<dyn std::error::Error>;
type Result<T> = std::result::Result<T, Error>;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// All of it, one after the other.
    All,
    /// One decision, beside other engines on the same rules.
    Decision,
    /// Every case at once: compiling, differences, proofs, questions. And the program's start.
    Analysis,
    /// Rows decided by column, beside a sum of the same bytes, DuckDB and Polars.
    Columns,
    /// Audits of access logs, beside DuckDB and Polars on the same file.
    Logs,
    /// Reasons of searches, beside an engine for Sigma rules.
    Sigma,
    /// Durable appends a second, beside what the disk can make durable.
    Append,
    /// The desk: pages and recorded answers a second, from the program itself.
    Desk,
    /// A year's report, on registers of three sizes.
    Report,
    /// The check of 100,000 entries from the public files, beside SHA-256 of the same bytes.
    Verify,
}

/// Measures Bailiwick and prints tables in Markdown.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    /// What to measure.
    what: What,
    /// A folder on the disk to measure; registers are made in it, and removed again.
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target"))]
    data: PathBuf,
    /// Rows of the table that is decided by column, a byte for each of 20 facts (100 million if
    /// not given), or of the log that is audited (10 million), or entries of the register that the
    /// desk shows (10,000, then 1 million).
    #[arg(long, value_name = "NUMBER")]
    rows: Option<usize>,
    /// The program whose start is timed.
    #[arg(
        long,
        value_name = "FILE",
        default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/bailiwick")
    )]
    program: PathBuf,
    /// One turn of a lane of `logs`, in the folder that `--data` names.
    #[arg(long, hide = true)]
    job: Option<logs::Job>,
    /// With how many threads.
    #[arg(long, hide = true, default_value = "1")]
    threads: usize,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

type Measure = fn(&Cli, &Scratch) -> Result<Table>;

const MEASURES: [(What, Measure); 11] = [
    (What::Decision, |_, _| decision::measure()),
    (What::Analysis, |_, _| analysis::measure()),
    (What::Analysis, |_, _| questions::measure()),
    (What::Analysis, |cli, _| start::measure(cli)),
    (What::Columns, columns::measure),
    (What::Logs, logs::measure),
    (What::Sigma, |_, scratch| sigma::measure(scratch)),
    (What::Append, |_, scratch| append::measure(scratch)),
    (What::Desk, desk::measure),
    (What::Report, |_, scratch| report::measure(scratch)),
    (What::Verify, |_, scratch| verify::measure(scratch)),
];

fn run(cli: &Cli) -> Result<()> {
    if let Some(job) = cli.job {
        return logs::answer(cli, job);
    }
    let scratch = Scratch::new(&cli.data)?;
    say(&scratch.machine())?;
    for (what, measure) in MEASURES {
        if [What::All, what].contains(&cli.what) {
            say(&measure(cli, &scratch)?.to_string())?;
        }
    }
    say(&scratch::load("at the end"))
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
