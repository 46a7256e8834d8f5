//! This register's year, decided by the law of another day.
//!
//! Only what public fields state is used. Whoever adds the facts that are private has to record
//! that they were looked at before they are: see [`cases`].

use askama::Template;
use jiff::civil::Date;
use law::Outcome;

use super::{Change, changes};
use crate::compare::word;
use crate::error::{Error, Result};
use crate::web::visit::{Given, Page, Reply, Visit};
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
    actions: Vec<Action>,
    chart: Option<Chart>,
}

/// Decides a year of the register by the law of another day.
pub fn replay(visit: &Visit) -> Given {
    let changes = changes(&visit.app)?;
    let field = |name| visit.query.given(name).map(str::to_owned);
    let today = visit.app.today();
    // What most want to know is what the year had been without the last change.
    let other = changes.iter().find_map(|change| change.before.clone());
    let mut page = Shown {
        page: visit.page("Replay a year", "law"),
        year: field("year").unwrap_or_else(|| today.year().to_string()),
        day: field("day").or(other).unwrap_or_else(|| today.to_string()),
        changes,
        wrong: None,
        replayed: None,
        actions: Vec::new(),
        chart: None,
    };
    match replayed(visit, &page.year, &page.day) {
        Ok(replayed) => {
            page.actions = replayed
                .actions
                .iter()
                .map(|(name, outcomes)| action(visit, name, outcomes))
                .collect();
            page.chart = chart(&page.actions);
            page.replayed = Some(replayed);
            Reply::page(&page)
        }
        Err(Error::Input(why)) => {
            page.wrong = Some(why);
            Reply::again(&page)
        }
        Err(error) => Err(error.into()),
    }
}

fn replayed(visit: &Visit, year: &str, day: &str) -> Result<Replayed> {
    let day: Date = law::parse_day(day).map_err(Error::Input)?;
    let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let year = year.parse().ok().filter(|_| digits).ok_or_else(|| {
        Error::Input(format!("`{year}` is no year; write it with four digits, as in 2025"))
    })?;
    let cases = cases(visit, year)?;
    year::replay(visit.app.library(), &visit.app.settings().agency, &cases, day)
}

/// The requests of a year. The register is held only while they are copied.
fn cases(visit: &Visit, year: i16) -> Result<Vec<Case>> {
    visit.app.read(|store| Ok(year::public(store.history(), year)))
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
