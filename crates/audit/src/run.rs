//! One audit: files in, totals and findings out.
//!
//! - In: opened files, how they are read, whose they are, what the register knows.
//! - Out: an [`Audit`]: what became of every row, counts by class and test; and [`Leads`].
//! - Absent: the disk's layout; scratch files are given.
//!
//! Each file is read once. Rows are joined to searches ([`crate::log::joined`]), and these go
//! through the law to the tests; nothing of this holds more in memory than blocks, groups, and some
//! bytes of each lead.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek};
use std::sync::Mutex;

use law::Outcome;
use serde::Serialize;
use siphasher::sip::SipHasher24;
use std::hash::Hasher as _;
use thiserror::Error;

use crate::checks::{Context, Group, GroupKey, TESTS, Test};
use crate::decided::{Decider, Searcher, Seen, speaks};
use crate::groups::{Accounts, ByKey, Groups, Whole};
use crate::leads::{Leads, Shelf};
use crate::log::{
    Copies, Days, FileTotals, How, Joiner, LogError, Mark, Row, Search, date, read_log,
};
use crate::reason::Class;
use crate::scratch::Scratch;
pub use crate::scratch::ScratchFile;
use crate::{locked, on_threads};

/// An audit of some files.
#[derive(Clone, Debug)]
pub struct Audit {
    /// What became of each file, in the order given.
    pub files: Vec<FileTotals>,
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
    /// Searches that a recorded and permitted request explains.
    pub explained: u64,
    /// Leads by test, those of every test.
    pub leads: BTreeMap<&'static str, u64>,
    /// Rows drawn for a person to read, by the seed.
    pub sample: Vec<Drawn>,
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

/// How rows are drawn: by the seed, the hash of their file and their row in it, so that the order
/// in which files are named changes nothing.
#[derive(Clone, Copy)]
struct Draw<'a> {
    sample: Sample,
    files: &'a [String],
}

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
    let joiner = Joiner::new(&scratch);
    let mut totals = Vec::new();
    for (at, file) in files.into_iter().enumerate() {
        let sink = |rows: &[Row], bytes: u64| {
            joiner.add(rows);
            progress(at, bytes, rows.len() as u64);
        };
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        let read = read_log(number, file.input, how, &sink);
        totals.push(read.map_err(|error| CannotAudit::File { name: file.name, error })?);
    }
    let days = Days::of(how.common.zone.clone());
    let hashes: Vec<String> = totals.iter().map(|file| file.sha256.clone()).collect();
    let draw = sample.map(|sample| Draw { sample, files: &hashes });
    let each = |part: &mut Part<'c>, searches: &[Search], more: bool| {
        part.add((searches, more), context, draw, &of_leads);
    };
    let (parts, copies) = joiner.finish(&days, how.threads, &each)?;
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
    for (file, of_file) in (0_u16..).zip(&mut totals) {
        if of_file.made > 0 && !whole.own.contains(&file) {
            let own = context.whose.own.join(", ");
            let note = format!("no search of it is by {own}; is it the log of another agency?");
            of_file.notes.push(note);
        }
    }
    shelves.extend(found(groups, context, &of_leads, how.threads)?);
    let leads = Leads::new(context, &hashes, (of_leads, given_back), shelves)?;
    Ok((whole.done(totals, copies, leads.counts()), leads))
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

/// Searches that all tests look at, one after the other, while they are at hand in the processor's
/// own memory.
const TOGETHER: usize = 64;

/// What the searches of some parts come to.
#[derive(Default)]
struct Part<'a> {
    /// Asks the law.
    decider: Option<Decider<'a>>,
    /// Why it came to nothing.
    failed: Option<CannotAudit>,
    searches: u64,
    events: u64,
    days: Option<(i32, i32)>,
    classes: [u64; Class::ALL.len()],
    searchers: [u64; Searcher::ALL.len()],
    /// Files with a search of the agency's own.
    own: BTreeSet<u16>,
    outcomes: [u64; Outcome::ALL.len()],
    explained: u64,
    accounts: Accounts,
    /// By test, while searches pass.
    groups: Vec<Groups>,
    shelf: Shelf,
    drawn: Vec<(u64, Drawn)>,
}

impl<'a> Part<'a> {
    /// Adds searches of some hours, and whether more of the last hour follow.
    fn add(
        &mut self,
        (searches, more): (&[Search], bool),
        context: &'a Context<'a>,
        draw: Option<Draw<'_>>,
        scratch: &Scratch,
    ) {
        let mut numbered: Vec<(Seen<'_>, u32)> = Vec::with_capacity(searches.len());
        for some in searches.chunks(TOGETHER) {
            let before = numbered.len();
            let mut accounts = self.accounts.numbers(some).into_iter();
            let decider = self.decider.get_or_insert_with(|| Decider::new(context.whose));
            let decided =
                decider.decide(some, |one| numbered.push((one, accounts.next().unwrap_or(0))));
            if let Err(why) = decided {
                self.failed = Some(CannotAudit::Law(why));
                return;
            }
            let some = numbered.get(before..).unwrap_or_default();
            for (one, _) in some {
                self.count(one, context);
                if let Some(draw) = draw {
                    self.draw(&one.search.row, draw);
                }
            }
            self.test(context, scratch, |groups, test, whole| {
                groups.take(test, context, some, whole);
            });
        }
        self.test(context, scratch, |groups, test, whole| {
            groups.take_hours(test, context, (&numbered, more), whole);
        });
    }

    /// Has every test look at searches, and puts away the groups among them that are whole and
    /// leads.
    fn test(
        &mut self,
        context: &Context<'_>,
        scratch: &Scratch,
        look: impl Fn(&mut Groups, &dyn Test, Whole<'_>),
    ) {
        self.groups.resize_with(TESTS.len(), Groups::default);
        for (number, (test, groups)) in TESTS.iter().zip(&mut self.groups).enumerate() {
            look(groups, *test, &mut |key: GroupKey, group: &Group| {
                if let Some(lead) = test.lead(group, context) {
                    let put = self.shelf.put(scratch, (number, lead.plain), &key, group);
                    self.failed = put.err().map(CannotAudit::from).or(self.failed.take());
                }
            });
        }
    }

    fn count(&mut self, seen: &Seen<'_>, context: &Context<'_>) {
        let row = &seen.search.row;
        let (first, last) = self.days.unwrap_or((row.day, row.day));
        self.days = Some((first.min(row.day), last.max(row.day)));
        if row.has(Mark::Event) {
            self.events = self.events.saturating_add(1);
            return;
        }
        self.searches = self.searches.saturating_add(1);
        one_more(&mut self.classes, row.class as usize);
        if seen.searcher == Searcher::Own && !row.has(Mark::Elsewhere) {
            self.own.insert(row.file);
            self.own.extend(seen.search.copies.iter().map(|copy| copy.file));
        }
        one_more(&mut self.searchers, seen.searcher as usize);
        if let Some(outcome) = seen.outcome {
            one_more(&mut self.outcomes, outcome as usize);
        }
        if speaks(row.class) && context.explained(row).is_some() {
            self.explained = self.explained.saturating_add(1);
        }
    }

    fn draw(&mut self, row: &Row, Draw { sample, files }: Draw<'_>) {
        let mut hasher = SipHasher24::new_with_key(&sample.seed);
        hasher.write(files.get(usize::from(row.file)).map_or(&[], |file| file.as_bytes()));
        hasher.write_u32(row.row);
        let drawn = Drawn { file: usize::from(row.file) + 1, row: row.row, line: row.line };
        self.drawn.push((hasher.finish(), drawn));
        if self.drawn.len() > sample.size.saturating_mul(4).max(1_024) {
            self.fewer(sample);
        }
    }

    /// The rows with the smallest numbers remain: every row was as likely to be one of them.
    fn fewer(&mut self, sample: Sample) {
        self.drawn.sort();
        self.drawn.truncate(sample.size);
    }

    fn merge(&mut self, other: Self, sample: Option<Sample>) {
        self.searches = self.searches.saturating_add(other.searches);
        self.events = self.events.saturating_add(other.events);
        self.explained = self.explained.saturating_add(other.explained);
        self.own.extend(other.own);
        self.days = match (self.days, other.days) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (days, None) | (None, days) => days,
        };
        add(&mut self.classes, &other.classes);
        add(&mut self.searchers, &other.searchers);
        add(&mut self.outcomes, &other.outcomes);
        self.drawn.extend(other.drawn);
        if let Some(sample) = sample {
            self.fewer(sample);
        }
    }

    fn done(self, files: Vec<FileTotals>, copies: Copies, leads: [u64; TESTS.len()]) -> Audit {
        let mut sample: Vec<Drawn> = self.drawn.into_iter().map(|(_, drawn)| drawn).collect();
        sample.sort();
        Audit {
            files,
            copies,
            searches: self.searches,
            events: self.events,
            days: self.days.map(|(a, b)| (date(a).to_string(), date(b).to_string())),
            classes: named(Class::ALL.map(Class::word), self.classes),
            searchers: named(Searcher::ALL.map(Searcher::word), self.searchers),
            outcomes: named(Outcome::ALL.map(Outcome::word), self.outcomes),
            explained: self.explained,
            leads: TESTS.map(|test| test.about().id).into_iter().zip(leads).collect(),
            sample,
        }
    }
}

fn one_more(counts: &mut [u64], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count = count.saturating_add(1);
    }
}

fn add(sums: &mut [u64], counts: &[u64]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum = sum.saturating_add(*count);
    }
}

/// Counts by name, without those that are none.
fn named<const N: usize>(
    names: [&'static str; N],
    counts: [u64; N],
) -> BTreeMap<&'static str, u64> {
    names.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
}
