//! The pages: what each says, from what the rooms below know.

pub mod acknowledgement;
pub mod audit;
pub mod deadlines;
pub mod entry;
pub mod followups;
pub mod intake;
pub mod law;
pub mod looks;
pub mod may_we;
pub mod passkeys;
pub mod people;
pub mod private;
pub mod proposals;
pub mod public;
mod qr;
pub mod register;
pub mod report;

use std::sync::Arc;

use askama::Template;

use super::app::App;
use super::doors;
use super::fields::Fields;
use super::people::Person;
use super::visit::{Page, Refusal, Reply, Visit};

/// What was just done, for the page that follows. Only these can be said, so that no address can
/// put words into our mouth.
pub fn said(key: &str) -> Option<&'static str> {
    Some(match key {
        "recorded" => "Recorded.",
        "kept" => "The paper is kept. Record what it says.",
        "saved" => "Saved.",
        "thrown" => "The paper was thrown away.",
        "proposed" => "Proposed. Another person has to approve it.",
        "withdrawn" => "The proposal is withdrawn.",
        "published" => "Published, and recorded in the register.",
        "out" => "You are signed out.",
        "open" => "The desk is open again.",
        _ => return None,
    })
}

/// What is wrong with a form: the field, or nothing for the whole form, and what to do.
pub type Wrong = Vec<(&'static str, String)>;

/// What is wrong with one field; nothing where nothing is.
pub fn wrong_with<'a>(wrong: &'a Wrong, field: &str) -> &'a str {
    wrong.iter().find(|(own, _)| *own == field).map_or("", |(_, why)| why.as_str())
}

/// A choice among several.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
    pub chosen: bool,
}

impl Choice {
    /// A choice, made or not.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), chosen }
    }

    /// With more words about it.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// Whether whoever came may open a door, so that links and forms lead nowhere in vain.
fn may(visit: &Visit, method: doors::Method, path: &str) -> bool {
    let door = doors::DOORS.iter().find(|it| it.method == method && it.path == path);
    let roles = visit.session.as_ref().map(|session| session.person.roles);
    door.is_some_and(|door| roles.is_some_and(|roles| door.who.admits(roles)))
}

/// What people call whoever signs in by a name, with that name.
fn called(people: &[Person], login: &str) -> String {
    match people.iter().find(|person| person.login == login && person.name != login) {
        Some(person) => format!("{} ({login})", person.name),
        None => login.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "desk/refused.html")]
struct Refused {
    page: Page,
    why: Vec<String>,
}

/// The page for somebody who got nothing.
pub fn refused(app: &Arc<App>, refusal: &Refusal) -> Reply {
    let (status, why) = refusal.said();
    let title = match status {
        404 => "Nothing here",
        403 => "Not for your account",
        422 => "This could not be taken",
        503 => "Not recorded",
        _ => "Something went wrong",
    };
    let visit = Visit {
        app: Arc::clone(app),
        session: None,
        place: Vec::new(),
        query: Fields::default(),
        form: Fields::default(),
        files: Vec::new(),
        now: app.now(),
    };
    let why = why.lines().map(str::to_owned).collect();
    let page = Refused { page: visit.page(title, ""), why };
    Reply::with(status, &page).unwrap_or_else(|_| Reply::broken())
}
