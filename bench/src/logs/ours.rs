//! Our share: the three jobs, each in a process of its own, and the law for those who have none.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use audit::checks::{Context, Recorded, Register, Thresholds};
use audit::decided::{Laws, Whose};
use audit::leads::Leads;
use audit::log::blocks::{Block, Blocks, Cells, Next};
use audit::log::row::{Common, Hasher};
use audit::log::{How, Key, Layouts, Look, Mark, Names, Row, Search, classes};
use audit::reason::{Class, Rules};
use audit::run::{Audit, Opened, ScratchFile, audit};
use bailiwick::texts;
use jiff::tz::TimeZone;
use law::Outcome;
use sha2::{Digest as _, Sha256};

use super::texts::OWN;
use super::{Described, Found, Job, Law};
use crate::Result;

/// The law under which the log is audited, and the two letters of its state.
const AGENCY: &str = "us-il-county-sheriff";
const STATE: &str = "IL";

/// Does a job once, as soon as `ready` comes back; what it found, and how long it took.
///
/// # Errors
/// If the log cannot be read, or not all of it.
pub fn run(
    job: Job,
    threads: usize,
    folder: &Path,
    ready: impl FnOnce() -> Result<()>,
) -> Result<(f64, Found)> {
    let described = Described::read(folder)?;
    let library = texts::library(None, Some(AGENCY))?;
    let zone = TimeZone::get(&library.agency(AGENCY)?.timezone)?;
    let names = Names::over(Box::new(tempfile::tempfile()?));
    let (layouts, key, hasher) = (Layouts::published()?, Key::new([7; 16]), Hasher::default());
    let (own, laws) = ([OWN.to_owned()], Laws::new(&library, AGENCY));
    let nobody = BTreeMap::new();
    let whose = Whose { own: &own, state: STATE, laws: &laws, searching: &nobody, names: &names };
    let register = Register::new(recorded(&described, &key));
    let thresholds = Thresholds::default();
    let context = Context { whose: &whose, thresholds: &thresholds, register: &register };
    let rules = Rules::published();
    let (cases, names) = (register.cases(), &names);
    let common =
        Common { key: &key, rules, cases, names, hasher: &hasher, zone: &zone, own: OWN };
    let how = How { layouts: &layouts, common, threads };
    let name = match job {
        Job::ParquetReasons | Job::ParquetAudit => "log.parquet",
        _ => "log.csv",
    };
    let file = File::open(folder.join(name))?;
    ready()?;
    let start = std::time::Instant::now();
    let found = match job {
        Job::Read => digest(file)?,
        Job::Cells => cut(file, threads)?,
        Job::Reasons | Job::ParquetReasons => {
            classified(file, Look { layouts: &layouts, rules, own: OWN, threads })?
        }
        Job::Audit | Job::ParquetAudit => {
            let opened = vec![Opened { name: name.to_owned(), input: Box::new(file) }];
            let scratch =
                || -> Result<ScratchFile> { Ok(Box::new(tempfile::tempfile_in(folder)?)) };
            let scratch = [scratch()?, scratch()?];
            let (audit, leads) = audit(opened, how, &context, None, scratch, &|_, _, _| ())?;
            counted(&audit, &leads)?
        }
    };
    Ok((start.elapsed().as_secs_f64(), found))
}

fn recorded(described: &Described, key: &Key) -> Vec<Recorded> {
    let requests = described.made.requests.iter().enumerate();
    let one = |(at, request): (usize, &super::generate::Request)| {
        let outcome = if request.permitted { Outcome::May } else { Outcome::MustNot };
        Recorded {
            entry: at as u64,
            day: request.day,
            case: key.case(request.case.as_bytes()),
            federal: true,
            search: Some(outcome),
            share: Some(outcome),
            declined: !request.permitted,
        }
    };
    requests.map(one).collect()
}

/// The floor: the file from front to back, and its SHA-256, which an audit has to state.
fn digest(mut file: File) -> Result<Found> {
    let (mut hash, mut piece, mut bytes) = (Sha256::new(), vec![0; 1 << 20], 0_u64);
    loop {
        let got = file.read(&mut piece)?;
        if got == 0 {
            break;
        }
        hash.update(piece.get(..got).unwrap_or_default());
        bytes += got as u64;
    }
    std::hint::black_box(hash.finalize());
    Ok(Found::from([("bytes".to_owned(), bytes)]))
}

/// Only cut into cells: how many there are, and how long they are together.
fn cut(file: File, threads: usize) -> Result<Found> {
    let blocks = Blocks::new(file)?;
    let digest = blocks.digest();
    let blocks = Mutex::new(blocks);
    let next = || blocks.lock().unwrap_or_else(PoisonError::into_inner).pull();
    let worker = || -> std::io::Result<[u64; 2]> {
        let (mut cells, mut sums) = (Cells::default(), [0_u64; 2]);
        loop {
            match next()? {
                Next::Block(block) => {
                    digest.help();
                    add(&mut sums, &mut cells, &block);
                    digest.give_back(block.bytes);
                }
                Next::Bad { line, why, .. } => {
                    return Err(std::io::Error::other(format!("line {line}: {why}")));
                }
                Next::End => return Ok(sums),
            }
        }
    };
    let sums = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let joined = started.into_iter().map(|it| it.join().map_err(|_| "a thread ended"));
        joined.collect::<std::result::Result<Vec<_>, _>>()
    })?;
    let mut found = Found::new();
    for sums in sums {
        for (name, sum) in ["cells", "bytes in cells"].into_iter().zip(sums?) {
            *found.entry(name.to_owned()).or_default() += sum;
        }
    }
    Ok(found)
}

fn add([count, length]: &mut [u64; 2], cells: &mut Cells, block: &Block) {
    cells.cut(block);
    for record in cells.records() {
        for at in 0..record.count() {
            let Some(cell) = record.cell(&block.bytes, at) else { continue };
            *count += 1;
            *length += cell.inner(&block.bytes).len() as u64;
        }
    }
}

/// Every reason read; rows counted by agency and class.
fn classified(file: File, look: Look<'_>) -> Result<Found> {
    let seen = classes(file, look)?;
    if let Some(rejected) = seen.totals.rejected.first() {
        return Err(format!("{rejected:?}").into());
    }
    let mut found = Found::new();
    for (agency, counts) in seen.counts {
        for (class, count) in counts {
            found.insert(format!("{agency}, {}", class.word()), count);
        }
    }
    Ok(found)
}

/// What an audit found, as numbers that can be compared.
fn counted(audit: &Audit, leads: &Leads<'_>) -> Result<Found> {
    let mut found = Found::new();
    for (name, count) in [
        ("rows", audit.files.iter().map(|file| file.made).sum()),
        ("copies", audit.copies.within),
        ("searches", audit.searches),
        ("explained", audit.explained),
    ] {
        found.insert(name.to_owned(), count);
    }
    let kinds = [("class", &audit.classes), ("by", &audit.searchers), ("law", &audit.outcomes)];
    for (kind, counts) in kinds {
        for (word, count) in counts {
            found.insert(format!("{kind}: {word}"), *count);
        }
    }
    for finding in leads.iter() {
        let finding = finding?;
        *found.entry(format!("leads: {}", finding.test)).or_default() += 1;
        *found.entry(format!("searches in leads: {}", finding.test)).or_default() +=
            finding.searches;
        let rows: u64 = finding.rows.iter().map(|row| u64::from(row.row)).sum();
        *found.entry(format!("rows of leads: {}", finding.test)).or_default() += rows;
    }
    // As much of it as is a number.
    for file in &audit.files {
        let first = file.sha256.get(..16).unwrap_or_default();
        found.insert("SHA-256 of the file".to_owned(), u64::from_str_radix(first, 16)?);
    }
    // The peers leave out what they do not find.
    found.retain(|_, count| *count > 0);
    Ok(found)
}

/// What the law makes of a search, by what its reason says and who searched: for programs that
/// have no law.
///
/// # Errors
/// If the law cannot be asked.
pub fn law(from: i32, until: i32) -> Result<Vec<Law>> {
    let library = texts::library(None, Some(AGENCY))?;
    let (names, laws, own) = (Names::default(), Laws::new(&library, AGENCY), [OWN.to_owned()]);
    let nobody = BTreeMap::new();
    let whose = Whose { own: &own, state: STATE, laws: &laws, searching: &nobody, names: &names };
    let searchers = [OWN, "A Town IL PD", "A Town TX PD", "[Federal] Office", "A Unit"];
    let mut all: Vec<Law> = Vec::new();
    for day in from..until {
        let mut searches = Vec::new();
        for class in Class::ALL {
            for name in searchers {
                let federal = name.starts_with("[Federal]");
                let marks = if federal { Mark::Federal as u8 } else { 0 };
                let row = Row { day, agency: names.number(name), class, marks, ..Row::default() };
                searches.push(Search::from(row));
            }
        }
        for seen in whose.decide(&searches)? {
            let Some(outcome) = seen.outcome else { continue };
            let open = matches!(outcome, Outcome::MustNot | Outcome::Refer | Outcome::NeedFacts);
            let class = seen.search.row.class.word().to_owned();
            let searcher = seen.searcher.word().to_owned();
            let outcome = outcome.word().to_owned();
            let same = |law: &&mut Law| {
                law.until == day
                    && (&law.class, &law.searcher, &law.outcome) == (&class, &searcher, &outcome)
            };
            match all.iter_mut().find(same) {
                Some(law) => law.until = day + 1,
                None => {
                    all.push(Law { from: day, until: day + 1, class, searcher, outcome, open });
                }
            }
        }
    }
    Ok(all)
}

/// The seconds that the clock of the agency is off UTC, and from when on.
///
/// # Errors
/// If the zone is not known.
pub fn offsets(from: i64, until: i64) -> Result<Vec<(i64, i32)>> {
    let library = texts::library(None, Some(AGENCY))?;
    let zone = TimeZone::get(&library.agency(AGENCY)?.timezone)?;
    let mut all: Vec<(i64, i32)> = Vec::new();
    for seconds in (from..until).step_by(900) {
        let offset = zone.to_offset(jiff::Timestamp::from_second(seconds)?).seconds();
        if all.last().is_none_or(|(_, before)| *before != offset) {
            all.push((seconds, offset));
        }
    }
    Ok(all)
}
