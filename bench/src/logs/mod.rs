//! Audits of access logs, beside programs for tables that are asked for the same counts.

pub mod generate;
mod lane;
mod ours;
mod texts;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Times, figure, interleave};
use crate::{Cli, Result};
use lane::{Peer, Way};

/// Rows of the log on which programs try which form of a question is quickest.
const FEW: usize = 1_000_000;

/// Rounds that are counted; a round is minutes with 10 million rows and the peers.
const ROUNDS: usize = 5;

/// What is counted, by name.
type Found = BTreeMap<String, u64>;

/// What is done with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Job {
    /// Read, and its SHA-256 taken.
    Read,
    /// Cut into cells.
    Cells,
    /// Every reason read; rows counted by agency and class.
    Reasons,
    /// The whole audit.
    Audit,
    /// As `Reasons`, of the log in Parquet.
    ParquetReasons,
    /// As `Audit`, of the log in Parquet.
    ParquetAudit,
}

impl Job {
    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Cells => "cells",
            Self::Reasons => "reasons",
            Self::Audit => "audit",
            Self::ParquetReasons => "parquet-reasons",
            Self::ParquetAudit => "parquet-audit",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Read => "the file read, and its SHA-256 (floor)",
            Self::Cells => "cut into cells, and its SHA-256",
            Self::Reasons => "reasons read, counted by agency and class",
            Self::Audit => "the whole audit",
            Self::ParquetReasons => "Parquet: reasons read, counted by agency and class",
            Self::ParquetAudit => "Parquet: the whole audit",
        }
    }
}

/// What a program for tables is asked for a job.
#[derive(Clone, Copy, Debug)]
struct Asked {
    word: &'static str,
    says: &'static str,
    /// Whether that is all that we find out in that job.
    whole: bool,
}

impl Job {
    /// All of it; and of an audit also only what it counts, without what makes that evidence.
    fn asked(self) -> Vec<Asked> {
        let counts = match self {
            Self::Audit => Some(("counts", "only what the audit counts")),
            Self::ParquetAudit => Some(("parquet-counts", "Parquet: only what the audit counts")),
            _ => None,
        };
        let whole = Asked { word: self.word(), says: self.says(), whole: true };
        let part = counts.map(|(word, says)| Asked { word, says, whole: false });
        std::iter::once(whole).chain(part).collect()
    }
}

/// What the law makes of a search, on some days.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Law {
    /// The first day, counted from the start of 1970, and the day after the last.
    from: i32,
    until: i32,
    class: String,
    searcher: String,
    outcome: String,
    /// Whether it does not plainly permit.
    open: bool,
}

/// What all lanes have to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Described {
    made: generate::Made,
    /// The agency whose log it is.
    own: String,
    law: Vec<Law>,
    /// From which second on its clock is how many seconds off UTC.
    offsets: Vec<(i64, i32)>,
}

impl Described {
    fn read(folder: &Path) -> Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder.join("audit.json"))?)?)
    }

    /// Writes the log and whatever else lanes need into a folder.
    fn write(folder: &Path, rows: usize) -> Result<Self> {
        let first = generate::START / 86_400;
        let days = (first as i32 - 1, first as i32 + 366);
        let described = Self {
            made: generate::write(&folder.join("log.csv"), rows)?,
            own: texts::OWN.to_owned(),
            law: ours::law(days.0, days.1)?,
            offsets: ours::offsets(i64::from(days.0) * 86_400, i64::from(days.1) * 86_400)?,
        };
        generate::write(&folder.join("few.csv"), rows.min(FEW))?;
        fs::write(folder.join("audit.json"), serde_json::to_vec_pretty(&described)?)?;
        fs::write(folder.join("reasons.toml"), RULES)?;
        lane::write(folder)?;
        Ok(described)
    }
}

/// The published rules, for programs that read them themselves.
pub const RULES: &str = include_str!("../../../crates/audit/rules/reasons.toml");

/// Does one job in this process, which another has started.
///
/// # Errors
/// As the job.
pub fn answer(cli: &Cli, job: Job) -> Result<()> {
    lane::answer(|ready| ours::run(job, cli.threads, &cli.data, ready))
}

/// Measures audits of a log.
///
/// # Errors
/// If anybody counts other rows than the others.
pub fn measure(cli: &Cli, scratch: &Scratch) -> Result<Table> {
    let rows = cli.rows.unwrap_or(10_000_000);
    let folder = scratch.join("logs");
    fs::create_dir_all(&folder)?;
    enough_room(&folder, rows)?;
    let described = Described::write(&folder, rows)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut ways = vec![Way::ours(Job::Read, 1)];
    let each = std::collections::BTreeSet::from([1, threads]);
    let python = crate::columns::peers::python();
    let mut jobs = vec![Job::Cells, Job::Reasons, Job::Audit];
    if let Some(python) = &python {
        lane::write_parquet(python, &folder)?;
        jobs.extend([Job::ParquetReasons, Job::ParquetAudit]);
    }
    for job in &jobs {
        ways.extend(each.iter().map(|threads| Way::ours(*job, *threads)));
    }
    match python {
        None => eprintln!("logs: without DuckDB and Polars; bench/peers.sh installs them"),
        Some(_) if too_large(rows) => {
            eprintln!("logs: without DuckDB and Polars, which want more memory than is free");
        }
        Some(python) => {
            for job in jobs.into_iter().filter(|job| *job != Job::Cells) {
                for (asked, engine) in
                    job.asked().into_iter().flat_map(|it| [(it, "duckdb"), (it, "polars")])
                {
                    let peer = Peer::choose(&python, &folder, engine, asked, threads)?;
                    ways.push(Way::peer(peer, job, threads));
                }
            }
        }
    }
    let seen = RefCell::new(vec![lane::Seen::default(); ways.len()]);
    let mut lanes = lane::lanes(&ways, &folder, rows, &seen);
    let all = interleave("logs", 1, ROUNDS, &mut lanes)?;
    drop(lanes);
    let seen = seen.into_inner();
    as_made(&described.made, &ways, &seen)?;
    Ok(shown(&described.made, threads, &ways, &seen, &all))
}

/// Rather an error than a full disk: the log, and as much again for rows that wait on the disk.
fn enough_room(folder: &Path, rows: usize) -> Result<()> {
    let wanted = rows as f64 * 450.0;
    match free(folder) {
        Some(free) if wanted > free => Err(format!(
            "logs: {rows} rows want {:.0} GB of disk, and {:.0} are free; give `--rows` fewer, or \
             another disk with `--data`",
            wanted / 1e9,
            free / 1e9
        )
        .into()),
        _ => Ok(()),
    }
}

/// Whether the peers want more memory than is free: they took up to 830 bytes a row.
fn too_large(rows: usize) -> bool {
    crate::scratch::free().is_some_and(|free| rows as f64 * 900.0 > free)
}

/// The bytes of disk that are free, where the system has the program that says so.
fn free(folder: &Path) -> Option<f64> {
    let told = Command::new("df").args(["--output=avail", "-B1"]).arg(folder).output().ok()?;
    String::from_utf8(told.stdout).ok()?.lines().last()?.trim().parse().ok()
}

/// What lanes have in common that had a turn: those of one job all, and what is counted of a log in
/// CSV is what is counted of it in Parquet.
fn agree(ways: &[Way], seen: &[lane::Seen]) -> Result<()> {
    let of = |job: Job| {
        ways.iter().zip(seen).filter(move |(way, it)| way.job == job && !it.found.is_empty())
    };
    for (job, as_csv) in [
        (Job::Cells, Job::Cells),
        (Job::Reasons, Job::Reasons),
        (Job::ParquetReasons, Job::Reasons),
        (Job::Audit, Job::Audit),
        (Job::ParquetAudit, Job::Audit),
    ] {
        let (Some(first), Some(csv)) = (of(job).next(), of(as_csv).next()) else { continue };
        for (way, other) in of(job) {
            let whole = way.peer.as_ref().is_none_or(|peer| peer.asked.whole);
            same(&first.1.found, way, &other.found, |name| whole || is_counted(name))?;
            same(&csv.1.found, way, &other.found, is_counted)?;
        }
    }
    Ok(())
}

/// What is known of the log from making it.
fn as_made(made: &generate::Made, ways: &[Way], seen: &[lane::Seen]) -> Result<()> {
    let first = |wanted: Job| ways.iter().zip(seen).find(|(way, _)| way.job == wanted);
    let count = |job: Job, name: &str| {
        first(job).and_then(|(_, seen)| seen.found.get(name)).copied().unwrap_or(0)
    };
    let rows = made.rows as u64;
    let grouped: u64 = first(Job::Reasons).map_or(0, |(_, seen)| seen.found.values().sum());
    for (what, known, counted) in [
        ("bytes", made.bytes, count(Job::Read, "bytes")),
        ("cells", 13 * (rows + 1), count(Job::Cells, "cells")),
        ("rows by agency and class", rows, grouped),
        ("rows of the audit", rows, count(Job::Audit, "rows")),
        ("copies", made.copies as u64, count(Job::Audit, "copies")),
    ] {
        if known != counted {
            return Err(format!("{what}: {known} were made and {counted} counted").into());
        }
    }
    Ok(())
}

/// Whether that is a count, and not what makes it evidence of a file.
fn is_counted(name: &str) -> bool {
    !name.starts_with("rows of leads: ") && !name.starts_with("SHA-256")
}

/// Whether somebody found the same as we, as far as that is asked.
fn same(ours: &Found, way: &Way, theirs: &Found, asked: impl Fn(&str) -> bool) -> Result<()> {
    let differs = |name: &&String| asked(name) && ours.get(*name) != theirs.get(*name);
    match ours.keys().chain(theirs.keys()).find(differs) {
        None => Ok(()),
        Some(name) => {
            let (ours, who, theirs) = (ours.get(name), &way.name, theirs.get(name));
            Err(format!("{name}: we find {ours:?}, {who} {theirs:?}").into())
        }
    }
}

fn shown(
    made: &generate::Made,
    threads: usize,
    ways: &[Way],
    seen: &[lane::Seen],
    all: &[Times],
) -> Table {
    let size = made.bytes as f64;
    let first = format!("{} rows, {} GB", figure(made.rows as f64), figure(size / 1e9));
    let head =
        [&first, "a pass (p10–p90)", "processor", "rows a second", "GB/s", "memory", "ours is"];
    let mut table = Table::new("Logs", &head);
    let rows = made.rows as f64;
    let lane = |wanted: &dyn Fn(&Way) -> bool| ways.iter().position(wanted);
    for ((way, seen), times) in ways.iter().zip(seen).zip(all) {
        let ours = lane(&|it| it.job == way.job && it.peer.is_none() && it.threads == threads);
        let ours = ours.filter(|_| way.peer.is_some()).and_then(|at| all.get(at));
        let faster = ours.map(|ours| format!("{} × as fast", times.times(ours)));
        let pass = times.scaled(rows);
        table.row(&[
            format!("{}, {}", way.name, way.says()),
            pass.each(),
            format!("{:.2} s", median(&seen.busy)),
            times.rate(),
            figure(size / pass.median() / 1e9),
            format!("{} MB", figure(seen.bytes as f64 / 1e6)),
            faster.unwrap_or_else(|| "–".to_owned()),
        ]);
    }
    let audited = lane(&|it| it.job == Job::Audit).and_then(|at| seen.get(at));
    if let Some(audited) = audited {
        let leads = audited.found.iter().filter(|(name, _)| name.starts_with("leads: "));
        let leads: u64 = leads.map(|(_, count)| count).sum();
        let (leads, copies) = (figure(leads as f64), figure(made.copies as f64));
        table.note(format!("{copies} rows are copies of others; the audit has {leads} leads."));
    }
    for (way, peer) in ways.iter().filter_map(|way| Some((way, way.peer.as_ref()?))) {
        table.note(format!("{}, {}: fastest with {}.", way.name, peer.asked.word, peer.form));
    }
    table.note(
        "Processor: seconds that a process took for its own code, all threads together, without \
         what the system did for it.",
    );
    table.note(match ways.iter().any(|way| way.peer.is_some()) {
        true => "All lanes of a job counted the same, of CSV and of Parquet.",
        false => {
            "Without DuckDB and Polars: not installed (`bench/peers.sh`), or not enough memory."
        }
    });
    table
}

/// The one in the middle.
fn median(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

/// Where the program is that is running.
fn program() -> Result<PathBuf> {
    Ok(std::env::current_exe()?)
}
