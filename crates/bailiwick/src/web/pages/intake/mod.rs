//! Intake: papers and calls come in, and are recorded by whoever takes them in.

pub mod form;
pub mod papers;
pub mod quiet;

use askama::Template;
use register::entry::Public;

use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::store::{self, Store};
use crate::web::fields::Fields;
use crate::web::once::Once;
use crate::web::pages::Choice;
use crate::web::papers::{Thrown, Waiting};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;
use form::{Form, Wrong};

/// For how long it is shown that a paper was thrown away, in seconds.
const THROWN: i64 = 30 * 24 * 3_600;

/// A paper that waits, as a row shows it.
struct Row {
    id: i64,
    came: String,
    channel: String,
    what: String,
    by: String,
    again: bool,
}

/// One that was thrown away.
struct Gone {
    when: String,
    paper: String,
    by: String,
    why: String,
}

#[derive(Template)]
#[template(path = "desk/intake.html")]
struct Start {
    page: Page,
    overdue: Vec<quiet::Overdue>,
    waiting: Vec<Row>,
    gone: Vec<Gone>,
    channels: Vec<Choice>,
    day: String,
    at: String,
    most: usize,
    wrong: Wrong,
}

impl Start {
    fn error(&self, name: &str) -> &str {
        self.wrong.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str())
    }
}

/// How large a file is, in words.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes / 1_024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

fn row(visit: &Visit, paper: &Waiting) -> Row {
    let channel = words::channel(&visit.app.settings().channels, &paper.channel);
    let time = paper.time.as_deref().map_or_else(String::new, |time| format!(", {time}"));
    Row {
        id: paper.id,
        came: format!("{}{time}", words::day(&paper.day)),
        channel: channel.to_owned(),
        what: format!("{}, {}", paper.sealed.kind.says(), size(paper.sealed.size)),
        by: paper.by.clone(),
        again: paper.again,
    }
}

fn gone(visit: &Visit, thrown: Thrown) -> Gone {
    let channel = words::channel(&visit.app.settings().channels, &thrown.channel);
    Gone {
        when: visit.app.at(thrown.at).strftime("%-d %B %Y, %H:%M").to_string(),
        paper: format!("{channel}, {}", words::day(&thrown.day)),
        by: thrown.by,
        why: thrown.why,
    }
}

fn start(visit: &Visit, sent: &Fields, wrong: Wrong) -> std::result::Result<Start, Refusal> {
    let app = &visit.app;
    app.tidy_papers()?;
    let text = |name: &str| sent.get(name).unwrap_or_default().to_owned();
    let now = app.at(visit.now);
    let channels = app.settings().channels.iter();
    let chosen = sent.get("channel");
    Ok(Start {
        page: visit.page("Intake", "intake"),
        overdue: quiet::overdue(visit)?,
        waiting: app.papers.waiting()?.iter().map(|paper| row(visit, paper)).collect(),
        gone: app
            .papers
            .thrown(visit.now.saturating_sub(THROWN))?
            .into_iter()
            .map(|it| gone(visit, it))
            .collect(),
        channels: channels
            .map(|it| Choice::new(&it.id, &it.label, chosen == Some(it.id.as_str())))
            .collect(),
        day: sent.get("day").map_or_else(|| app.today().to_string(), str::to_owned),
        at: if sent.get("day").is_some() { text("at") } else { now.strftime("%H:%M").to_string() },
        most: crate::web::papers::MOST >> 20,
        wrong,
    })
}

/// What waits, what is overdue, and where a paper is taken in.
pub fn look(visit: &Visit) -> Given {
    Reply::page(&start(visit, &Fields::default(), Wrong::new())?)
}

#[derive(Template)]
#[template(path = "desk/intake-form.html")]
struct Record {
    page: Page,
    /// Where the form goes.
    to: String,
    form: Form,
    paper: Option<Row>,
    /// Whether there was nothing to read in the paper.
    unread: bool,
}

/// The form of something that came without a paper.
pub fn new(visit: &Visit) -> Given {
    let mut sent = Fields::default();
    sent.push("day", visit.app.today().to_string());
    sent.push("at", visit.app.at(visit.now).strftime("%H:%M").to_string());
    Reply::page(&page(visit, &sent, None, Once::mark()?, Wrong::new()))
}

fn page(
    visit: &Visit,
    sent: &Fields,
    paper: Option<&Waiting>,
    once: String,
    wrong: Wrong,
) -> Record {
    let read = paper.map_or(&[][..], |paper| paper.read.as_slice());
    let (to, title) = match paper {
        Some(paper) => (format!("/intake/papers/{}", paper.id), "Record this paper"),
        None => ("/intake/new".to_owned(), "Record a request without paper"),
    };
    Record {
        page: visit.page(title, "intake"),
        to,
        form: Form::new(&visit.app, sent, read, once, wrong),
        unread: paper.is_some() && read.is_empty(),
        paper: paper.map(|paper| row(visit, paper)),
    }
}

/// Records something that came without a paper.
pub fn record(visit: &Visit) -> Given {
    record_with(visit, None)
}

/// Records what a form says, once; then, and not before, its answer is shown.
fn record_with(visit: &Visit, id: Option<i64>) -> Given {
    let app = &visit.app;
    let once = visit.form.get("once").unwrap_or_default();
    let _one = app.papers.one_at_a_time();
    if let Some(entry) = app.once.recorded(once) {
        return Ok(Reply::see(format!("/register/{entry}?said=recorded")));
    }
    let paper = match id {
        Some(id) => match found(visit, id)? {
            Found::Waits(paper) => Some(*paper),
            Found::Entry(entry) => return Ok(Reply::see(format!("/register/{entry}"))),
        },
        None => None,
    };
    let again =
        |wrong| Reply::again(&page(visit, &visit.form, paper.as_ref(), once.to_owned(), wrong));
    let intake = match form::read(visit, paper.as_ref()) {
        Ok(intake) => intake,
        Err(wrong) => return again(wrong),
    };
    let quiet =
        app.read(|store| Ok(said_nothing(store, &intake.channel, &intake.day.to_string())))?;
    if let Some(nil) = quiet {
        let why = format!(
            "Entry {nil} says that nothing came by this channel on this day. Open entry {nil}, \
             say that it does not count, and record this again."
        );
        return again(vec![("channel".to_owned(), why)]);
    }
    if let Some(paper) = &paper {
        let entries = app.read(|store| Ok(store.size()))?;
        app.papers.about_to_record(paper.id, entries)?;
    }
    let drafting = move |desk: &mut Desk<'_>, _: &Store| {
        let taken = desk.take(&intake)?;
        Ok((taken.drafts, taken.request))
    };
    match app.recorder.record(drafting) {
        Ok(recorded) => {
            app.once.note(once, recorded.value);
            // The entry is durable, so this is no failure: it is done when papers are looked at.
            if let Some(paper) = &paper
                && let Err(error) = app.papers.recorded(paper.id)
            {
                tracing::error!(%error, "a recorded paper still waits");
            }
            Ok(Reply::see(format!("/register/{}?said=recorded", recorded.value)))
        }
        Err(Error::Input(why) | Error::Register(store::Error::Refused(why))) => {
            again(why.lines().map(|line| (String::new(), line.to_owned())).collect())
        }
        Err(error) => Err(error.into()),
    }
}

/// A paper that was asked for.
enum Found {
    Waits(Box<Waiting>),
    Entry(u64),
}

/// A paper that waits, or the entry that it became just before a write failed.
fn found(visit: &Visit, id: i64) -> std::result::Result<Found, Refusal> {
    let app = &visit.app;
    let settled: Result<Vec<(i64, u64)>> = app.read(|store| app.papers.settle(store));
    if let Some((_, entry)) = settled?.into_iter().find(|it| it.0 == id) {
        return Ok(Found::Entry(entry));
    }
    match app.papers.get(id)? {
        Some(paper) => Ok(Found::Waits(Box::new(paper))),
        None => Err(Refusal::NotFound),
    }
}

/// The nil return of a channel and day, if there is one that counts.
fn said_nothing(store: &Store, channel: &str, day: &str) -> Option<u64> {
    if store.history().day(channel, day).nils == 0 {
        return None;
    }
    let found = store.effective().iter().rev().find(|entry| {
        let Public::Nil(nil) = &entry.public else { return false };
        !entry.void && nil.channel == channel && nil.day == day
    });
    found.map(|entry| entry.index)
}
