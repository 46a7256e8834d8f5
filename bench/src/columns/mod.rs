//! Rows decided by column, beside a plain sum of the same bytes and programs for tables.

pub mod peers;
mod sql;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick::texts;
use law::columns::{Columns, decide_rows};
use law::{Library, Pack};

use crate::scratch::{Scratch, free, large_pages};
use crate::syntax::{applying, spoken};
use crate::table::Table;
use crate::timing::{Lane, Times, figure, interleave, timed};
use crate::{Cli, Result};
use peers::Peer;
use table::Filled;

/// Rows that are decided one by one too, to see that both agree.
const COMPARED: usize = 20_000;

/// An invented ordinance that asks about as many facts as a table of requests has columns.
const ORDINANCE: [(&str, &str); 3] = [
    ("vocabulary.toml", include_str!("ordinance/vocabulary.toml")),
    ("agencies/nobody.md", include_str!("ordinance/agency.md")),
    ("ordinance-1/2025-01-01.md", include_str!("ordinance/2025-01-01.md")),
];

/// A day on which both laws are in force.
const DAY: &str = "2025-03-01";

/// The law of an action, and a table of what its rules speak about.
struct Asked {
    pack: Pack,
    action: &'static str,
    facts: Vec<usize>,
}

impl Asked {
    fn new(library: &Library, agency: &str, action: &'static str) -> Result<Self> {
        let pack = library.pack(agency, law::parse_day(DAY)?)?;
        let facts = spoken(&applying(&pack, action)?);
        Ok(Self { pack, action, facts })
    }

    fn table(&self, rows: usize, unknown: usize) -> Result<Filled> {
        let table = Filled::new(&self.pack, &self.facts, rows, unknown)?;
        table.compare(&self.pack, self.action, COMPARED)?;
        Ok(table)
    }

    /// Decides all parts, each on a thread of its own where there are several.
    fn decide(&self, parts: &[Columns<'_>], out: &mut [u8]) -> Result<u8> {
        let decide = |columns: &Columns<'_>, out: &mut [u8]| {
            decide_rows(&self.pack, self.action, columns, out).map_err(|error| error.to_string())
        };
        let size = parts.first().map_or(1, Columns::rows);
        match parts {
            [only] => decide(only, out)?,
            several => std::thread::scope(|scope| {
                let outs = out.chunks_mut(size);
                let started: Vec<_> = several
                    .iter()
                    .zip(outs)
                    .map(|(columns, out)| scope.spawn(move || decide(columns, out)))
                    .collect();
                started.into_iter().try_for_each(|thread| {
                    thread.join().unwrap_or_else(|_| Err("a thread ended".to_owned()))
                })
            })?,
        }
        Ok(out.first().copied().unwrap_or(0))
    }
}

/// The lanes, by their place.
const SUM: usize = 0;
const SUMS: usize = 1;
const FEWER: usize = 2;
const FULL: usize = 3;
const OPEN: usize = 4;
const GIVEN: usize = 5;
const PARTS: usize = 6;
const REAL: usize = 7;
const PEERS: usize = 8;

/// One line of the table, and the lanes it is beside.
struct Row {
    name: String,
    facts: usize,
    /// The sum of the same bytes on as many threads.
    sum: usize,
    /// Ours on as many threads, for the peers.
    ours: Option<usize>,
}

/// Measures decisions by column.
///
/// # Errors
/// If a row is decided by column otherwise than alone, or a peer counts other outcomes.
pub fn measure(cli: &Cli, scratch: &Scratch) -> Result<Table> {
    let rows = cli.rows.unwrap_or(100_000_000);
    enough_memory(rows)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let files = ORDINANCE.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let invented = Library::read(&BTreeMap::from(files)).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let invented = Asked::new(&invented, "nobody", "help")?;
    let real = texts::library(None, Some("us-ca-los-angeles-pd"))?;
    let real = Asked::new(&real, "us-ca-los-angeles-pd", "transfer")?;
    let (full, part) = (invented.table(rows, 0)?, invented.table(rows, 33)?);
    let second = real.table(rows, 0)?;

    let one = full.parts(&invented.pack, 1)?;
    let several = full.parts(&invented.pack, threads)?;
    let open = part.parts(&invented.pack, 1)?;
    let other = second.parts(&real.pack, 1)?;
    let mut out = vec![0_u8; rows];
    invented.decide(&one, &mut out)?;
    let mut peers = started(scratch, &invented, &full, &out, threads)?;
    let out = std::cell::RefCell::new(out);
    let run = |asked: &Asked, parts: &[Columns<'_>]| {
        timed(rows, || asked.decide(parts, &mut out.borrow_mut()))
    };
    let mut lanes = vec![
        Lane::new(|| timed(rows, || Ok(full.sum(1)))),
        Lane::new(|| timed(rows, || Ok(full.sum(threads)))),
        Lane::new(|| timed(rows, || Ok(second.sum(1)))),
        Lane::new(|| run(&invented, &one)),
        Lane::new(|| run(&invented, &open)),
        Lane::new(|| {
            timed(rows, || {
                let parts = full.parts(&invented.pack, 1)?;
                invented.decide(&parts, &mut out.borrow_mut())
            })
        }),
        Lane::new(|| run(&invented, &several)),
        Lane::new(|| run(&real, &other)),
    ];
    for peer in &mut peers {
        let peer = std::rc::Rc::new(std::cell::RefCell::new(peer));
        for rows in [true, false] {
            let peer = std::rc::Rc::clone(&peer);
            lanes.push(Lane::new(move || peer.borrow_mut().run(rows)));
        }
    }
    let all = interleave("columns", 1, 7, &mut lanes)?;
    drop(lanes);
    let mut table = shown(rows, threads, (&invented, &real), &peers, &all);
    if let Some(share) = large_pages() {
        table.note(format!("{:.0} % of our memory was in large pages.", share * 100.0));
    }
    Ok(table)
}

/// Rather an error than a machine that swaps.
fn enough_memory(rows: usize) -> Result<()> {
    let wanted = rows as f64 * if peers::python().is_some() { 140.0 } else { 60.0 };
    match free() {
        Some(free) if wanted > free => Err(format!(
            "columns: {rows} rows want {:.0} GB of memory, and {:.0} are free; give `--rows` fewer",
            wanted / 1e9,
            free / 1e9
        )
        .into()),
        _ => Ok(()),
    }
}

/// The programs for tables, each with the table in its memory, if they are installed.
fn started(
    scratch: &Scratch,
    asked: &Asked,
    table: &Filled,
    out: &[u8],
    threads: usize,
) -> Result<Vec<Peer>> {
    let Some(python) = peers::python() else {
        eprintln!("columns: without DuckDB and Polars; bench/peers.sh installs them");
        return Ok(Vec::new());
    };
    let mut counts = BTreeMap::<u8, u64>::new();
    out.iter().for_each(|code| *counts.entry(*code).or_default() += 1);
    let counts: Vec<(u8, u64)> = counts.into_iter().collect();
    let folder = scratch.join("table");
    peers::write(&folder, &asked.pack, asked.action, table)?;
    let start = |engine: &str, threads: usize| -> Result<Peer> {
        let peer = Peer::start(&python, Path::new(&folder), engine, threads)?;
        if peer.counts != counts {
            return Err(format!("{} counts {:?}, we {counts:?}", peer.name, peer.counts).into());
        }
        Ok(peer)
    };
    let mut all = Vec::new();
    for engine in ["duckdb", "polars"] {
        for threads in std::collections::BTreeSet::from([1, threads]) {
            all.push(start(engine, threads)?);
        }
    }
    Ok(all)
}

fn shown(
    rows: usize,
    threads: usize,
    (invented, real): (&Asked, &Asked),
    peers: &[Peer],
    all: &[Times],
) -> Table {
    let row = |name: &str, facts: usize, sum: usize, ours: Option<usize>| Row {
        name: name.to_owned(),
        facts,
        sum,
        ours,
    };
    let (facts, fewer) = (invented.facts.len(), real.facts.len());
    let mut lines = vec![
        (FULL, row("ours, all facts known", facts, SUM, None)),
        (OPEN, row("ours, a third of the facts not known", facts, SUM, None)),
        (GIVEN, row("ours, all facts known, every byte checked first", facts, SUM, None)),
        (PARTS, row(&format!("ours, all facts known, {threads} threads"), facts, SUMS, None)),
        (REAL, row("ours, `transfer` in Los Angeles", fewer, FEWER, None)),
    ];
    for (at, peer) in peers.iter().enumerate() {
        let (sum, ours) = if peer.threads == 1 { (SUM, FULL) } else { (SUMS, PARTS) };
        for (more, job) in ["a code for each row", "only counted"].into_iter().enumerate() {
            let name = format!("{}, {job}", peer.name);
            lines.push((PEERS + 2 * at + more, row(&name, facts, sum, Some(ours))));
        }
    }
    lines.push((SUM, row("plain sum of the same bytes", facts, SUM, None)));
    lines.push((SUMS, row(&format!("plain sum, {threads} threads"), facts, SUMS, None)));
    lines.push((FEWER, row("plain sum of the bytes for Los Angeles", fewer, FEWER, None)));
    let first = format!("{} rows", figure(rows as f64));
    let head = [first.as_str(), "facts", "rows a second (p10–p90)", "GB/s", "÷ the sum", "ours is"];
    let mut table = Table::new("Rows by column", &head);
    let none = || "–".to_owned();
    for (lane, row) in lines {
        let Some(times) = all.get(lane) else { continue };
        let ratio = |to: usize| all.get(to).map_or_else(none, |other| other.times(times));
        let faster = row.ours.and_then(|ours| all.get(ours)).map(|ours| times.times(ours));
        let bytes = row.facts as f64 / times.median() / 1e9;
        table.row(&[
            row.name,
            row.facts.to_string(),
            times.rate(),
            if row.ours.is_some() { none() } else { figure(bytes) },
            ratio(row.sum),
            faster.map_or_else(none, |times| format!("{times} × as fast")),
        ]);
    }
    table.note(format!(
        "From memory, a byte a fact. {facts} facts: an invented ordinance of {} rules. {} \
         rows of each table were decided one by one first, and agreed.",
        invented.pack.rules().count(),
        figure(COMPARED as f64),
    ));
    for peer in peers {
        let [rows, count] = &peer.forms;
        table.note(format!("{}: fastest with {rows}; counting, with {count}.", peer.name));
    }
    table.note(match peers {
        [] => "Without DuckDB and Polars, which `bench/peers.sh` installs.",
        _ => "They counted the same outcomes as we.",
    });
    table
}
