//! Papers: taken in, looked at, recorded, or thrown away.

use askama::Template;

use super::form::{self, Wrong};
use super::{Found, Row, found, page, record_with, row, start};
use crate::desk::refuse_file_number;
use crate::error::Error;
use crate::followup::{self, Look};
use crate::web::fields::Fields;
use crate::web::once::Once;
use crate::web::papers::{Came, Waiting};
use crate::web::visit::{Given, Page, Refusal, Reply, UploadBytes, Visit};

/// Takes a paper in. What its sender calls the file is not kept: it may be a person's name.
pub fn take_in(visit: &Visit) -> Given {
    let app = &visit.app;
    let mut wrong = Wrong::new();
    let mut no = |name: &str, why: &str| wrong.push((name.to_owned(), why.to_owned()));
    let (channel, day, time) = form::came(app, &visit.form, &mut no);
    let file = visit.files.iter().find(|file| file.field == "paper");
    let bytes = match file.map(|file| &file.bytes) {
        Some(UploadBytes::Held(bytes)) if !bytes.is_empty() => bytes.as_slice(),
        _ => {
            no("paper", "Choose the file with the scan.");
            &[]
        }
    };
    let Some(day) = day.filter(|_| wrong.is_empty()) else {
        return Reply::again(&start(visit, &visit.form, wrong)?);
    };
    let came = Came {
        by: visit.login(),
        channel: &channel,
        day,
        time: time.map(|time| time.strftime("%H:%M").to_string()),
        now: visit.now,
        today: app.today(),
        tags: app.read(|store| Ok(store.token_key()))?,
    };
    match app.papers.take_in(bytes, &came) {
        Ok(id) => Ok(Reply::see(format!("/intake/papers/{id}?said=kept"))),
        Err(Error::Input(why)) => {
            Reply::again(&start(visit, &visit.form, vec![("paper".to_owned(), why)])?)
        }
        Err(error) => Err(error.into()),
    }
}

fn id(visit: &Visit) -> Result<i64, Refusal> {
    visit.place("id").parse().map_err(|_| Refusal::NotFound)
}

fn waits(visit: &Visit) -> Result<Waiting, Refusal> {
    match found(visit, id(visit)?)? {
        Found::Waits(paper) => Ok(*paper),
        Found::Entry(_) => Err(Refusal::NotFound),
    }
}

/// The form of a paper that waits.
pub fn show(visit: &Visit) -> Given {
    let paper = waits(visit)?;
    let mut sent = Fields::default();
    sent.push("channel", &paper.channel);
    sent.push("day", &paper.day);
    sent.push("at", paper.time.clone().unwrap_or_default());
    Reply::page(&page(visit, &sent, Some(&paper), Once::mark()?, Wrong::new()))
}

/// Records a paper.
pub fn record(visit: &Visit) -> Given {
    record_with(visit, Some(id(visit)?))
}

/// Hands out a paper that waits. That it was looked at is recorded first.
pub fn file(visit: &Visit) -> Given {
    let paper = waits(visit)?;
    let look = Look {
        entries: Vec::new(),
        papers: vec![paper.sealed.file.clone()],
        why: "taking the paper in".to_owned(),
        by: visit.login().to_owned(),
    };
    let day = visit.app.today();
    visit.app.recorder.record(move |desk, store| {
        let mut drafts = Vec::new();
        // A register starts with the law in force.
        if store.size() == 0 {
            desk.pack(day, &mut drafts)?;
        }
        drafts.push(followup::view(day, &look)?);
        Ok((drafts, ()))
    })?;
    let bytes = visit.app.papers.open(&paper.sealed)?;
    let kind = paper.sealed.kind;
    Ok(Reply::file(kind.media(), format!("paper-{}.{}", paper.id, kind.ending()), bytes))
}

#[derive(Template)]
#[template(path = "desk/discard.html")]
struct Discard {
    page: Page,
    paper: Row,
    why: String,
    wrong: Wrong,
}

impl Discard {
    fn error(&self) -> &str {
        self.wrong.first().map_or("", |it| it.1.as_str())
    }
}

fn ask(visit: &Visit, paper: &Waiting, wrong: Wrong) -> Discard {
    Discard {
        page: visit.page("Throw this paper away?", "intake"),
        paper: row(visit, paper),
        why: visit.form.get("why").unwrap_or_default().to_owned(),
        wrong,
    }
}

/// Asks whether a paper is to be thrown away.
pub fn ask_again(visit: &Visit) -> Given {
    Reply::page(&ask(visit, &waits(visit)?, Wrong::new()))
}

/// Throws a paper away that was taken in by mistake.
pub fn discard(visit: &Visit) -> Given {
    let _one = visit.app.papers.one_at_a_time();
    let paper = waits(visit)?;
    let why = visit.form.given("why").unwrap_or_default();
    let wrong = if why.chars().count() < 3 || why.len() > 200 {
        Some("Say in a few words why, such as `scanned twice`.".to_owned())
    } else {
        match refuse_file_number(why) {
            Err(Error::Input(wrong)) => Some(wrong),
            _ => None,
        }
    };
    if let Some(wrong) = wrong {
        return Reply::again(&ask(visit, &paper, vec![("why".to_owned(), wrong)]));
    }
    visit.app.papers.throw_away(&paper, visit.login(), why, visit.now)?;
    Ok(Reply::see("/intake?said=thrown"))
}
