//! One audit: files in, totals and findings out.
//!
//! - In: opened files, how they are read, whose they are, what the register knows.
//! - Out: an [`Audit`]: what became of every row, counts by class and test; and [`Leads`].
//! - Absent: the disk's layout; scratch files are given.
//!
//! Each file is read once. Rows are joined to searches ([`crate::log::joined`]), and these go
//! through the law to the tests; nothing of this holds more in memory than blocks, groups, and some
//! bytes of each lead.

mod part;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek};
use std::sync::Mutex;

use serde::Serialize;
use thiserror::Error;

use self::part::{Draw, Part};
use crate::checks::{Context, SharingOff, TESTS, Test, Thresholds};
use crate::groups::{Accounts, ByKey, Groups};
use crate::leads::{Leads, Shelf};
use crate::log::{Copies, Days, FileTotals, How, Joiner, LogError, Row, Search, read_log};
use crate::scratch::Scratch;
pub use crate::scratch::ScratchFile;
use crate::{locked, on_threads};

/// An audit of some files.
#[derive(Clone, Debug)]
pub struct Audit {
    /// What became of each file, in the order given.
    pub files: Vec<FileTotals>,
    /// What the tests went by.
    pub thresholds: Thresholds,
    /// What is to be known of the audit as a whole.
    pub notes: Vec<String>,
    /// How many rows were copies of others.
    pub copies: Copies,
    /// How many searches there are, each once.
    pub searches: u64,
    /// How many events there are.
    pub events: u64,
    /// The first and the last local day.
    pub days: Option<(String, String)>,
    /// Searches by what their reason says.
    pub classes: BTreeMap<&'static str, u64>,
    /// Searches by who searched.
    pub searchers: BTreeMap<&'static str, u64>,
    /// Searches that were decided, by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Searches that a law is for that does not reach back to their day.
    pub no_law: Option<NoLaw>,
    /// Searches that a recorded and permitted request explains.
    pub explained: u64,
    /// Leads by test, those of every test.
    pub leads: BTreeMap<&'static str, u64>,
    /// Rows drawn for a person to read, by the seed.
    pub sample: Vec<Drawn>,
}

/// Searches of days to which the law that is here does not reach back: it was not asked about
/// them, so that there is no lead says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoLaw {
    /// How many.
    pub searches: u64,
    /// The first local day of one.
    pub from: String,
    /// The last.
    pub to: String,
}

/// A row that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Drawn {
    /// The file, counted from 1.
    pub file: usize,
    /// The row in it.
    pub row: u32,
    /// The line in it.
    pub line: u32,
}

/// A sample to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many rows.
    pub size: usize,
    /// The seed, which was recorded before anybody knew the rows.
    pub seed: [u8; 16],
}

/// Bytes that can be read from any place on.
pub trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// A log that is opened.
pub struct Opened {
    /// What messages call it.
    pub name: String,
    /// Its bytes.
    pub input: Box<dyn Input>,
}

/// Why an audit came to nothing.
#[derive(Debug, Error)]
pub enum CannotAudit {
    /// A file could not be read.
    #[error("`{name}`: {error}")]
    File {
        /// Which.
        name: String,
        /// Why.
        #[source]
        error: LogError,
    },
    /// The scratch file failed.
    #[error("the scratch file: {0}")]
    Scratch(#[from] io::Error),
    /// The law could not be asked.
    #[error("{0}")]
    Law(String),
    /// More files than are told apart.
    #[error("{0} files are too many; give at most 65,535")]
    TooMany(usize),
}

/// What is told while files are read: the file, and the bytes and rows since it was last told.
pub type Progress<'a> = &'a (dyn Fn(usize, u64, u64) + Sync);

/// Audits files, with one scratch file for rows and another for leads. That of rows is given back
/// as soon as they were looked at, while leads are told.
///
/// # Errors
/// [`CannotAudit`]; then nothing was found out that may be used.
pub fn audit<'c>(
    files: Vec<Opened>,
    how: How<'_>,
    context: &'c Context<'c>,
    sample: Option<Sample>,
    [rows, leads]: [ScratchFile; 2],
    progress: Progress<'_>,
) -> Result<(Audit, Leads<'c>), CannotAudit> {
    if files.len() > usize::from(u16::MAX) {
        return Err(CannotAudit::TooMany(files.len()));
    }
    let (scratch, of_leads) = (Scratch::new(rows), Scratch::new(leads));
    let names = how.common.names;
    let joiner = Joiner::new(&scratch, names);
    let mut totals = Vec::new();
    for (at, file) in files.into_iter().enumerate() {
        let sink = |rows: &[Row], bytes: u64| {
            joiner.add(rows);
            progress(at, bytes, rows.len() as u64);
        };
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        let read = read_log(number, file.input, how, &sink);
        totals.push(read.map_err(|error| CannotAudit::File { name: file.name, error })?);
        list_fewer(&mut totals);
    }
    let days = Days::of(how.common.zone.clone());
    let hashes: Vec<String> = totals.iter().map(|file| file.sha256.clone()).collect();
    let draw = sample.map(|sample| Draw { sample, files: &hashes });
    let ended = ended(context);
    let each = |part: &mut Part<'c>, searches: &[Search], more: bool| {
        part.meet(searches, &ended);
        part.add((searches, more), context, draw, &of_leads);
    };
    let (parts, copies) = joiner.finish(&days, how.threads, &each)?;
    names.check()?;
    let given_back = scratch.give_back();
    let (mut whole, mut groups, mut shelves) = (Part::default(), Vec::new(), Vec::new());
    for mut part in parts {
        if let Some(why) = part.failed {
            return Err(why);
        }
        groups.push((std::mem::take(&mut part.groups), std::mem::take(&mut part.accounts)));
        shelves.push(std::mem::take(&mut part.shelf));
        whole.merge(part, sample);
    }
    whole.note(context, &mut totals);
    let notes = ended.iter().filter(|it| !whole.met.contains(&it.number)).map(Ended::note);
    let notes = notes.collect();
    shelves.extend(found(groups, context, &of_leads, how.threads)?);
    let named = (context, how.common.key);
    let leads = Leads::new(named, &hashes, (of_leads, given_back), shelves)?;
    let thresholds = context.thresholds.clone();
    Ok((whole.done((totals, copies), (thresholds, notes), leads.counts()), leads))
}

/// Rejected rows that are listed of all files, those that are listed of each however many others
/// are: so that a great number of files takes no more memory for them.
const LISTED_OF_ALL: usize = 100_000;
const LISTED_OF_EACH: usize = 50;

/// Has fewer of the last file's rejected rows listed, where those of others are many.
fn list_fewer(files: &mut [FileTotals]) {
    let Some((last, before)) = files.split_last_mut() else { return };
    let listed = before.iter().fold(0_usize, |sum, file| sum.saturating_add(file.rejected.len()));
    let room = LISTED_OF_ALL.saturating_sub(listed).max(LISTED_OF_EACH);
    last.rejected.truncate(room);
    last.rejected.shrink_to_fit();
}

/// An agency with which sharing had ended, by its name.
struct Ended<'a> {
    with: &'a str,
    /// The number that rows have of it.
    number: u32,
}

impl Ended<'_> {
    /// What is said where no row is of it: the name may be mistyped.
    fn note(&self) -> String {
        let words = SharingOff::WORDS.join(", ");
        format!(
            "sharing had ended with `{}`, which no row in the logs is by, and which is none of the \
             words {words}: see that it is written as the logs write it",
            self.with
        )
    }
}

/// The agencies that are named among those with which sharing had ended; all rows are read.
fn ended<'a>(context: &'a Context<'_>) -> Vec<Ended<'a>> {
    let named = context.thresholds.sharing_off.iter().filter_map(SharingOff::agency);
    let names: BTreeSet<&str> = named.collect();
    let ended = names.into_iter();
    ended.map(|with| Ended { with, number: context.whose.names.number(with) }).collect()
}

/// The leads among the groups of all threads: test by test, on several threads.
fn found(
    parts: Vec<(Vec<Groups>, Accounts)>,
    context: &Context<'_>,
    scratch: &Scratch,
    threads: usize,
) -> io::Result<Vec<Shelf>> {
    let mut tests: Vec<(&dyn Test, Vec<_>)> =
        TESTS.iter().map(|test| (*test, Vec::new())).collect();
    let (groups, accounts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    for (groups, accounts) in groups.into_iter().zip(&accounts) {
        for ((_, of_test), groups) in tests.iter_mut().zip(groups) {
            of_test.push((groups, accounts));
        }
    }
    let tests = Mutex::new(tests.into_iter().enumerate());
    let next = || locked(&tests).next();
    let worker = || -> io::Result<Shelf> {
        let mut shelf = Shelf::default();
        while let Some((number, (test, groups))) = next() {
            let mut all = ByKey::default();
            for (groups, accounts) in groups {
                groups.into(accounts, &mut all);
            }
            for (key, group) in &all {
                if let Some(lead) = test.lead(group, context) {
                    shelf.put(scratch, (number, lead.plain), key, group)?;
                }
            }
        }
        Ok(shelf)
    };
    on_threads(threads, worker).into_iter().collect()
}
