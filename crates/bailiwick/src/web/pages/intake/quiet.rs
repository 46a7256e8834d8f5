//! Quiet channels: nothing received is not the same as nothing recorded, so it is said.

use askama::Template;
use jiff::ToSpan as _;
use jiff::civil::Date;
use register::entry::Public;

use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::followup;
use crate::store::{Draft, Store};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// How many days back are shown.
const DAYS: i32 = 14;

/// The word for every channel of a day.
const ALL: &str = "all";

/// A channel that says nothing about days that are over.
pub struct Overdue {
    pub channel: String,
    pub days: usize,
}

/// How a channel stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// So many requests came in.
    Requests(u64),
    /// It was said that nothing came in.
    Nil,
    /// The day is not over, or the register had not begun.
    Open,
    /// Nothing came in, and nobody has said so.
    Overdue,
}

struct Cell {
    channel: String,
    label: String,
    /// What is read there.
    says: String,
    overdue: bool,
}

struct Row {
    day: String,
    says: String,
    cells: Vec<Cell>,
    overdue: usize,
}

#[derive(Template)]
#[template(path = "desk/quiet.html")]
struct Quiet {
    page: Page,
    rows: Vec<Row>,
    wrong: Vec<(String, String)>,
}

/// The day the register began: that of its first law.
fn began(store: &Store) -> Option<Date> {
    match store.entry(0).map(|entry| &entry.public) {
        Some(Public::Pack(pack)) => pack.day.parse().ok(),
        _ => None,
    }
}

fn stands(store: &Store, channel: &str, day: Date, today: Date) -> Stands {
    let counted = store.history().day(channel, &day.to_string());
    let begun = began(store).is_some_and(|first| first <= day);
    match (counted.requests, counted.nils) {
        (0, 0) if begun && day < today => Stands::Overdue,
        (0, 0) => Stands::Open,
        (0, _) => Stands::Nil,
        (some, _) => Stands::Requests(some),
    }
}

fn days(today: Date) -> impl Iterator<Item = Date> {
    (0..DAYS).filter_map(move |back| today.checked_sub(back.days()).ok())
}

/// The channels that owe a word about a day that is over.
pub fn overdue(visit: &Visit) -> Result<Vec<Overdue>> {
    let today = visit.app.today();
    visit.app.read(|store| {
        let channels = store.settings().channels.iter();
        let owing = channels.map(|channel| {
            let owed = days(today)
                .filter(|day| stands(store, &channel.id, *day, today) == Stands::Overdue);
            Overdue { channel: channel.label.clone(), days: owed.count() }
        });
        Ok(owing.filter(|it| it.days > 0).collect())
    })
}

fn table(visit: &Visit, wrong: Vec<(String, String)>) -> std::result::Result<Quiet, Refusal> {
    let today = visit.app.today();
    let rows = visit.app.read(|store| {
        let cell = |day: Date, id: &str, label: &str| {
            let stands = stands(store, id, day, today);
            let says = match stands {
                Stands::Requests(1) => "1 request".to_owned(),
                Stands::Requests(some) => format!("{some} requests"),
                Stands::Nil => "Nothing came in".to_owned(),
                Stands::Open => "–".to_owned(),
                Stands::Overdue => "Overdue".to_owned(),
            };
            let overdue = stands == Stands::Overdue;
            Cell { channel: id.to_owned(), label: label.to_owned(), says, overdue }
        };
        let channels = &store.settings().channels;
        let row = |day: Date| {
            let cells: Vec<Cell> = channels.iter().map(|it| cell(day, &it.id, &it.label)).collect();
            let overdue = cells.iter().filter(|it| it.overdue).count();
            let day = day.to_string();
            Row { says: words::day(&day), day, cells, overdue }
        };
        Ok(days(today).map(row).collect())
    })?;
    Ok(Quiet { page: visit.page("Quiet channels", "intake"), rows, wrong })
}

/// The last days, channel by channel.
pub fn look(visit: &Visit) -> Given {
    Reply::page(&table(visit, Vec::new())?)
}

/// Records that a channel, or each that says nothing, received nothing on a day.
pub fn record(visit: &Visit) -> Given {
    let today = visit.app.today();
    let day = visit.form.given("day").and_then(|day| law::parse_day(day).ok());
    let channel = visit.form.given("channel").unwrap_or_default().to_owned();
    let again = |why: String| Reply::again(&table(visit, vec![(String::new(), why)])?);
    let Some(day) = day else { return again("Choose the day.".to_owned()) };
    if day >= today {
        return again(format!(
            "{} is not over yet: something may still come in. Say it tomorrow.",
            words::day(&day.to_string())
        ));
    }
    if channel != ALL && visit.app.channel(&channel).is_none() {
        return again("Choose the channel.".to_owned());
    }
    let by = visit.login().to_owned();
    let drafting = move |desk: &mut Desk<'_>, store: &Store| {
        Ok((drafts(desk, store, &channel, day, &by)?, ()))
    };
    match visit.app.recorder.record(drafting) {
        Ok(_) => Ok(Reply::see("/intake/quiet?said=recorded")),
        Err(Error::Input(why) | Error::Register(crate::store::Error::Refused(why))) => again(why),
        Err(error) => Err(error.into()),
    }
}

fn drafts(
    desk: &mut Desk<'_>,
    store: &Store,
    channel: &str,
    day: Date,
    by: &str,
) -> Result<Vec<Draft>> {
    let mut drafts = Vec::new();
    // A register starts with the law in force.
    if store.size() == 0 {
        desk.pack(day, &mut drafts)?;
    }
    let channels = store.settings().channels.iter().map(|it| it.id.as_str());
    let mut said = 0_usize;
    for id in channels.filter(|id| channel == ALL || channel == *id) {
        let counted = store.history().day(id, &day.to_string());
        if counted.requests == 0 && counted.nils == 0 {
            drafts.push(followup::nil(id, day, Some(by)));
            said = said.saturating_add(1);
        }
    }
    if said == 0 {
        return Err(Error::Input(
            "There is nothing left to say: each has a request or a nil return.".to_owned(),
        ));
    }
    Ok(drafts)
}
