//! Measures what matters about Bailiwick: decisions, durable appends, the yearly report, the check
//! of what is public. What each figure means, and what it does not, is in `README.md` beside it.

mod append;
mod chance;
mod columns;
mod decision;
mod registers;
mod report;
mod scratch;
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
    /// One decision, beside `cedar-policy` and `regorus` on the same rules.
    Decision,
    /// Rows decided by column, beside a sum of the same bytes.
    Columns,
    /// Durable appends a second, beside what the disk can make durable.
    Append,
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

type Measure = fn(&Scratch) -> Result<Table>;

const MEASURES: [(What, Measure); 5] = [
    (What::Decision, |_| decision::measure()),
    (What::Columns, columns::measure),
    (What::Append, append::measure),
    (What::Report, report::measure),
    (What::Verify, verify::measure),
];

fn run(cli: &Cli) -> Result<()> {
    let scratch = Scratch::new(&cli.data)?;
    say(&scratch.machine())?;
    for (what, measure) in MEASURES {
        if [What::All, what].contains(&cli.what) {
            say(&measure(&scratch)?.to_string())?;
        }
    }
    say(&scratch::load("at the end"))
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
