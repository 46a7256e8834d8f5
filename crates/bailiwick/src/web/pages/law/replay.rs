//! This register's year, decided by the law of another day.
//!
//! An address shows what comes of public fields alone. Whoever may read private parts may have the
//! facts in them used too: by a form, and that they looked is recorded before it is done.

use askama::Template;
use jiff::civil::Date;
use law::Outcome;

use super::{Change, changes};
use crate::compare::word;
use crate::desk;
use crate::error::{Error, Result};
use crate::followup::Look;
use crate::web::doors::Method;
use crate::web::fields::Fields;
use crate::web::pages::may;
use crate::web::views;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::year::{self, Case, Outcomes, Replayed};

/// One action: a row for each outcome that came out.
struct Action {
    name: String,
    says: String,
    all: u64,
    changed: u64,
    rows: Vec<Row>,
    /// From one outcome to another: how many, and the first of their entries.
    moves: Vec<Move>,
}

struct Row {
    outcome: String,
    recorded: u64,
    before: u64,
    after: u64,
}

struct Move {
    from: String,
    to: String,
    requests: usize,
    entries: Vec<u64>,
    more: usize,
}

/// Entries that are named one by one; the others are counted.
const NAMED: usize = 20;

/// The picture: a pair of bars for each action and outcome.
struct Chart {
    height: usize,
    says: String,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    before: u64,
    after: u64,
    /// Where things stand, in the picture's own units.
    text: usize,
    upper: usize,
    lower: usize,
    upper_text: usize,
    lower_text: usize,
    before_width: u64,
    after_width: u64,
    before_end: u64,
    after_end: u64,
}

/// Room for labels and bars; 60 more for the numbers behind them.
const LABELS: u64 = 200;
const BARS: u64 = 380;
const HEIGHT: usize = 40;

#[derive(Template)]
#[template(path = "desk/law-replay.html")]
struct Shown {
    page: Page,
    year: String,
    day: String,
    changes: Vec<Change>,
    wrong: Option<String>,
    replayed: Option<Replayed>,
    /// Answers of all actions, and how many could not be settled for want of facts by the law of
    /// the request's own day and by the other.
    answers: u64,
    open: (u64, u64),
    /// Whether who came may have private facts used, why they want to, and what is wrong with that.
    looks: bool,
    why: String,
    why_wrong: String,
    /// What was recorded of it, if they were.
    looked: Option<Looked>,
    actions: Vec<Action>,
    chart: Option<Chart>,
}

/// That private facts were used.
struct Looked {
    /// The entry that says so; nothing where there was nothing to look at.
    view: Option<u64>,
    /// How many private parts were read.
    parts: usize,
    /// How many requests have a private part that nobody can read any more.
    gone: usize,
}

/// What is asked: a year, and a day whose law decides.
struct Asked {
    year: i16,
    day: Date,
}

/// Decides a year of the register by the law of another day, from public fields alone.
pub fn replay(visit: &Visit) -> Given {
    let mut page = page(visit, &visit.query)?;
    let done = asked(visit, &page).and_then(|asked| {
        let cases = visit.app.read(|store| Ok(year::public(store.history(), asked.year)))?;
        page.shows(visit, &cases, asked.day)
    });
    answer(page, done)
}

/// The same with the facts of private parts; that somebody looked is recorded first.
pub fn replay_private(visit: &Visit) -> Given {
    let mut page = page(visit, &visit.form)?;
    let asked = match asked(visit, &page) {
        Ok(asked) => asked,
        Err(error) => return answer(page, Err(error)),
    };
    // From this entry on nothing is looked at: it was not there when it was said what would be.
    let (size, entries) =
        visit.app.read(|store| Ok((store.size(), year::sources(store.history(), asked.year))))?;
    let mut looked = Looked { view: None, parts: entries.len(), gone: 0 };
    if !entries.is_empty() {
        let (why, by) = (page.why.clone(), visit.login().to_owned());
        match views::record(visit, Look { entries, papers: Vec::new(), why, by })? {
            Ok(view) => looked.view = Some(view),
            Err(wrong) => {
                page.why_wrong = wrong;
                return Reply::again(&page);
            }
        }
    }
    let cases = private(visit, asked.year, size, &mut looked.gone)?;
    page.looked = Some(looked);
    let done = page.shows(visit, &cases, asked.day);
    answer(page, done)
}

/// The requests of a year before an entry, with what private parts state.
fn private(visit: &Visit, year: i16, before: u64, gone: &mut usize) -> Result<Vec<Case>> {
    visit.app.read(|store| {
        let mut cases = year::public(store.history(), year);
        cases.retain(|case| case.entry < before);
        let with = |case: Case| {
            if store.private(case.entry)?.is_none() {
                *gone = gone.saturating_add(1);
            }
            let (stated, _) = desk::stated_before(store, case.entry, before)?;
            Ok(case.with(stated))
        };
        cases.into_iter().map(with).collect()
    })
}

fn page(visit: &Visit, sent: &Fields) -> std::result::Result<Shown, Refusal> {
    let changes = changes(&visit.app)?;
    let field = |name| sent.given(name).map(str::to_owned);
    let today = visit.app.today();
    // What most want to know is what the year had been without the last change.
    let other = changes.iter().find_map(|change| change.before.clone());
    Ok(Shown {
        page: visit.page("Replay a year", "law"),
        year: field("year").unwrap_or_else(|| today.year().to_string()),
        day: field("day").or(other).unwrap_or_else(|| today.to_string()),
        changes,
        wrong: None,
        replayed: None,
        answers: 0,
        open: (0, 0),
        looks: may(visit, Method::Post, "/law/replay"),
        why: field("why").unwrap_or_default(),
        why_wrong: String::new(),
        looked: None,
        actions: Vec::new(),
        chart: None,
    })
}

fn asked(visit: &Visit, page: &Shown) -> Result<Asked> {
    let day = law::parse_day(&page.day).map_err(Error::Input)?;
    // Before anything is looked at it is sure that there is a law to decide by.
    visit.app.pack(day)?;
    let digits = page.year.len() == 4 && page.year.bytes().all(|byte| byte.is_ascii_digit());
    let year = page.year.parse().ok().filter(|_| digits).ok_or_else(|| {
        let year = &page.year;
        Error::Input(format!("`{year}` is no year; write it with four digits, as in 2025"))
    })?;
    Ok(Asked { year, day })
}

impl Shown {
    /// Decides requests, and shows what they come to.
    fn shows(&mut self, visit: &Visit, cases: &[Case], day: Date) -> Result<()> {
        let agency = &visit.app.settings().agency;
        let replayed = year::replay(visit.app.library(), agency, cases, day)?;
        let all = || replayed.actions.iter();
        self.actions = all().map(|(name, outcomes)| action(visit, name, outcomes)).collect();
        self.answers = all().map(|(_, outcomes)| outcomes.all()).sum();
        self.open = all()
            .map(|(_, outcomes)| outcomes.open())
            .fold((0, 0), |sum, it| (sum.0.saturating_add(it.0), sum.1.saturating_add(it.1)));
        self.chart = chart(&self.actions);
        self.replayed = Some(replayed);
        Ok(())
    }
}

fn answer(mut page: Shown, done: Result<()>) -> Given {
    match done {
        Ok(()) => Reply::page(&page),
        Err(Error::Input(why)) => {
            page.wrong = Some(why);
            Reply::again(&page)
        }
        Err(error) => Err(error.into()),
    }
}

fn action(visit: &Visit, name: &str, outcomes: &Outcomes) -> Action {
    let vocabulary = visit.app.library().vocabulary();
    let known = vocabulary.action(name).and_then(|at| vocabulary.actions.get(at));
    let row = |outcome: Outcome| Row {
        outcome: word(outcome),
        recorded: outcomes.recorded.get(&outcome).copied().unwrap_or(0),
        before: outcomes.before(outcome),
        after: outcomes.after(outcome),
    };
    let moved = outcomes.pairs.iter().filter(|((before, after), _)| before != after);
    Action {
        name: name.to_owned(),
        says: known.map_or_else(|| name.to_owned(), |action| action.says.clone()),
        all: outcomes.all(),
        changed: outcomes.changed(),
        rows: Outcome::ALL
            .into_iter()
            .map(row)
            .filter(|row| [row.recorded, row.before, row.after] != [0; 3])
            .collect(),
        moves: moved
            .map(|((from, to), entries)| Move {
                from: word(*from),
                to: word(*to),
                requests: entries.len(),
                entries: entries.iter().take(NAMED).copied().collect(),
                more: entries.len().saturating_sub(NAMED),
            })
            .collect(),
    }
}

fn chart(actions: &[Action]) -> Option<Chart> {
    // What was only recorded, and came out under neither law, has no bars.
    let rows = || {
        let all = actions.iter().flat_map(|it| it.rows.iter().map(move |row| (it, row)));
        all.filter(|(_, row)| row.before > 0 || row.after > 0)
    };
    let most = rows().map(|(_, row)| row.before.max(row.after)).max().filter(|most| *most > 0)?;
    let width = |count: u64| BARS.saturating_mul(count).checked_div(most).unwrap_or(0);
    let (mut bars, mut said) = (Vec::new(), Vec::new());
    for (at, (action, row)) in rows().enumerate() {
        let top = at.saturating_mul(HEIGHT);
        let end = |width: u64| LABELS.saturating_add(width).saturating_add(6);
        let (before_width, after_width) = (width(row.before), width(row.after));
        let label = format!("{}: {}", action.name, row.outcome);
        said.push(format!("{label}: {} before, {} after", row.before, row.after));
        bars.push(Bar {
            label,
            before: row.before,
            after: row.after,
            text: top.saturating_add(21),
            upper: top.saturating_add(5),
            lower: top.saturating_add(19),
            upper_text: top.saturating_add(15),
            lower_text: top.saturating_add(29),
            before_width,
            after_width,
            before_end: end(before_width),
            after_end: end(after_width),
        });
    }
    let height = bars.len().saturating_mul(HEIGHT);
    Some(Chart { height, says: said.join("; "), bars })
}
