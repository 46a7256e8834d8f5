//! The law: what binds the agency on a day, and when that changed.

mod compare;
mod replay;
mod text;

use std::sync::Arc;

use askama::Template;
use jiff::civil::Date;
use law::{Edition, Library, Pack};

pub use compare::compare;
pub use replay::{replay, replay_private};
pub use text::text;

use crate::desk;
use crate::error::{Error, Result};
use crate::web::app::App;
use crate::web::doors::Method;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// An instrument in force.
struct Row {
    title: String,
    address: String,
    citation: String,
    from: String,
    /// How well the first day is evidenced.
    day_grade: &'static str,
    maker: String,
    /// How many provisions are coded.
    coded: usize,
    /// The lowest grade among them.
    says: &'static str,
    /// Who checked how many of them against the official text.
    checked: Option<String>,
}

/// A day on which the law changed.
pub(super) struct Change {
    pub day: String,
    /// The day before, where the agency had a law then.
    pub before: Option<String>,
    pub editions: Vec<Began>,
}

/// An edition that began on such a day.
pub(super) struct Began {
    pub title: String,
    pub address: String,
}

#[derive(Template)]
#[template(path = "desk/law.html")]
struct Stack {
    page: Page,
    day: String,
    wrong: Option<String>,
    rows: Vec<Row>,
    /// Instruments that bind the agency and have no edition yet on the day.
    later: Vec<String>,
    changes: Vec<Change>,
    replays: bool,
}

/// The instruments that bind the agency on a day.
pub fn stack(visit: &Visit) -> Given {
    let written = visit.query.given("day").map(str::to_owned);
    let day = written.as_deref().map_or_else(|| Ok(visit.app.today()), law::parse_day);
    let pack = day.map_err(Error::Input).and_then(|day| pack(&visit.app, day));
    let library = visit.app.library();
    let mut page = Stack {
        page: visit.page("Law", "law"),
        day: written.unwrap_or_else(|| visit.app.today().to_string()),
        wrong: None,
        rows: Vec::new(),
        later: Vec::new(),
        changes: changes(&visit.app)?,
        replays: super::may(visit, Method::Get, "/law/replay"),
    };
    match pack {
        Ok(pack) => {
            page.rows = pack.editions.iter().map(|edition| row(&pack, edition)).collect();
            page.later = later(library, &pack);
            Reply::page(&page)
        }
        Err(Error::Input(why)) => {
            page.wrong = Some(why);
            Reply::again(&page)
        }
        Err(error) => Err(error.into()),
    }
}

/// The law of the agency on a day.
pub(super) fn pack(app: &App, day: Date) -> Result<Pack> {
    desk::pack(app.library(), &app.settings().agency, day)
}

/// Where the text of an edition is.
pub(super) fn address(edition: &Edition) -> String {
    format!("/law/text/{}/{}", edition.instrument.id, edition.from)
}

fn row(pack: &Pack, edition: &Arc<Edition>) -> Row {
    let checked: Vec<_> = edition.rules.iter().filter_map(|rule| pack.checked(&rule.id)).collect();
    Row {
        title: edition.title.clone(),
        address: address(edition),
        citation: edition.instrument.citation.clone(),
        from: edition.from.to_string(),
        day_grade: edition.instrument.day_grade.says(),
        maker: edition.instrument.maker.clone(),
        coded: edition.rules.len(),
        says: edition.grade().says(),
        checked: checked.last().map(|last| {
            let (some, all) = (checked.len(), edition.rules.len());
            format!("{some} of {all} provisions, signed by {} on {}", last.by, last.on)
        }),
    }
}

/// The instruments of the stack that have no edition in force yet.
fn later(library: &Library, pack: &Pack) -> Vec<String> {
    let in_force = |path: &String| pack.editions.iter().any(|edition| edition.path == *path);
    let later = pack.agency.stack.iter().filter(|path| !in_force(path));
    let first = |path: &String| library.editions().find(|edition| edition.path == *path);
    let later = later.filter_map(first);
    later.map(|edition| format!("{} (from {})", edition.title, edition.from)).collect()
}

/// The days on which the agency's law changed, the newest first.
pub(super) fn changes(app: &App) -> std::result::Result<Vec<Change>, Refusal> {
    let library = app.library();
    let agency = library.agency(&app.settings().agency);
    let agency = agency.map_err(|error| Error::Input(error.to_string()))?;
    let days = library.change_days(&agency.id).map_err(|error| Error::Input(error.to_string()))?;
    let began = |day: Date| {
        let of_ours = library.editions().filter(|edition| agency.stack.contains(&edition.path));
        let began = of_ours.filter(|edition| edition.from == day);
        began.map(|it| Began { title: it.title.clone(), address: address(it) }).collect::<Vec<_>>()
    };
    let mut changes: Vec<Change> = (0_usize..)
        .zip(&days)
        .map(|(at, day)| Change {
            day: day.to_string(),
            before: day.yesterday().ok().filter(|_| at > 0).map(|before| before.to_string()),
            editions: began(*day),
        })
        .collect();
    changes.reverse();
    Ok(changes)
}
