//! What the searches of one thread come to: counts, groups, leads, and rows that were drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;

use law::Outcome;
use siphasher::sip::SipHasher24;

use super::{Audit, CannotAudit, Drawn, Ended, NoLaw, Sample};
use crate::checks::{Context, Group, GroupKey, TESTS, Test, Thresholds};
use crate::decided::{Decider, Searcher, Seen, speaks};
use crate::groups::{Accounts, Groups, Whole};
use crate::leads::Shelf;
use crate::log::{Copies, FileTotals, Mark, Row, Search, date};
use crate::reason::Class;
use crate::scratch::Scratch;

/// The same while it is counted: how many, and the first and the last day.
#[derive(Clone, Copy)]
struct Lawless(u64, i32, i32);

impl Lawless {
    fn and(self, other: Self) -> Self {
        let Self(searches, first, last) = self;
        Self(searches.saturating_add(other.0), first.min(other.1), last.max(other.2))
    }

    fn told(self) -> NoLaw {
        let [from, to] = [self.1, self.2].map(|day| date(day).to_string());
        NoLaw { searches: self.0, from, to }
    }
}

/// How rows are drawn: by the seed, the hash of their file and their row in it, so that the order
/// in which files are named changes nothing.
#[derive(Clone, Copy)]
pub(super) struct Draw<'a> {
    pub(super) sample: Sample,
    pub(super) files: &'a [String],
}

/// Searches that all tests look at, one after the other, while they are at hand in the processor's
/// own memory.
const TOGETHER: usize = 64;

/// What the searches of some parts come to.
#[derive(Default)]
pub(super) struct Part<'a> {
    /// Asks the law.
    decider: Option<Decider<'a>>,
    /// Why it came to nothing.
    pub(super) failed: Option<CannotAudit>,
    searches: u64,
    events: u64,
    days: Option<(i32, i32)>,
    classes: [u64; Class::ALL.len()],
    searchers: [u64; Searcher::ALL.len()],
    /// Files with a search, and those with one of the agency's own.
    searched: BTreeSet<u16>,
    own: BTreeSet<u16>,
    /// Agencies with which sharing had ended and that a row is by.
    pub(super) met: BTreeSet<u32>,
    outcomes: [u64; Outcome::ALL.len()],
    /// By file, searches that no law is here for.
    no_law: BTreeMap<u16, Lawless>,
    explained: u64,
    pub(super) accounts: Accounts,
    /// By test, while searches pass.
    pub(super) groups: Vec<Groups>,
    pub(super) shelf: Shelf,
    drawn: Vec<(u64, Drawn)>,
}

impl<'a> Part<'a> {
    /// Notes which of some agencies the searches are by.
    pub(super) fn meet(&mut self, searches: &[Search], ended: &[Ended<'_>]) {
        if ended.is_empty() {
            return;
        }
        let agencies = searches.iter().map(|search| search.row.agency);
        self.met.extend(agencies.filter(|agency| ended.iter().any(|it| it.number == *agency)));
    }

    /// Says of files what is to be known of them once all were read.
    pub(super) fn note(&self, context: &Context<'_>, files: &mut [FileTotals]) {
        for (file, of_file) in (0_u16..).zip(files) {
            // An event is nobody's search: a log of events alone says nothing of whose it is.
            if self.searched.contains(&file) && !self.own.contains(&file) {
                let own = context.whose.own.join(", ");
                let note = format!("no search of it is by {own}; is it the log of another agency?");
                of_file.notes.push(note);
            }
            if let Some(no_law) = self.no_law.get(&file) {
                let NoLaw { searches, from, to } = no_law.told();
                let note = format!(
                    "the law that is here does not reach back to the days of {searches} searches, \
                     {from} to {to}; it was not asked about them"
                );
                of_file.notes.push(note);
            }
        }
    }

    /// Adds searches of some hours, and whether more of the last hour follow.
    pub(super) fn add(
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
        self.searched.insert(row.file);
        self.searched.extend(seen.search.copies.iter().map(|copy| copy.file));
        if seen.searcher == Searcher::Own && !row.has(Mark::Elsewhere) {
            self.own.insert(row.file);
            self.own.extend(seen.search.copies.iter().map(|copy| copy.file));
        }
        one_more(&mut self.searchers, seen.searcher as usize);
        if let Some(outcome) = seen.outcome {
            one_more(&mut self.outcomes, outcome as usize);
        }
        if seen.no_law {
            self.lawless(row.file, Lawless(1, row.day, row.day));
        }
        if speaks(row.class) && context.explained(seen).is_some() {
            self.explained = self.explained.saturating_add(1);
        }
    }

    #[cold]
    fn lawless(&mut self, file: u16, some: Lawless) {
        self.no_law.entry(file).and_modify(|all| *all = all.and(some)).or_insert(some);
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

    pub(super) fn merge(&mut self, other: Self, sample: Option<Sample>) {
        self.searches = self.searches.saturating_add(other.searches);
        self.events = self.events.saturating_add(other.events);
        self.explained = self.explained.saturating_add(other.explained);
        self.searched.extend(other.searched);
        self.own.extend(other.own);
        other.no_law.iter().for_each(|(file, some)| self.lawless(*file, *some));
        self.met.extend(other.met);
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

    pub(super) fn done(
        self,
        (files, copies): (Vec<FileTotals>, Copies),
        (thresholds, notes): (Thresholds, Vec<String>),
        leads: [u64; TESTS.len()],
    ) -> Audit {
        let mut sample: Vec<Drawn> = self.drawn.into_iter().map(|(_, drawn)| drawn).collect();
        sample.sort();
        Audit {
            files,
            thresholds,
            notes,
            copies,
            searches: self.searches,
            events: self.events,
            days: self.days.map(|(a, b)| (date(a).to_string(), date(b).to_string())),
            classes: named(Class::ALL.map(Class::word), self.classes),
            searchers: named(Searcher::ALL.map(Searcher::word), self.searchers),
            outcomes: named(Outcome::ALL.map(Outcome::word), self.outcomes),
            no_law: self.no_law.values().copied().reduce(Lawless::and).map(Lawless::told),
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
