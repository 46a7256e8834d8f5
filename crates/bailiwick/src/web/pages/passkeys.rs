//! Passkeys: what the script of a page asks for, and what is done with a browser's answer.

use askama::Template;
use serde_json::json;

use super::Wrong;
use super::people::{invited, own, proven};
use crate::error::Error;
use crate::web::people::{Passkeys, Person, Token};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

fn of(visit: &Visit) -> Result<&Passkeys, Error> {
    visit.app.passkeys.as_ref().ok_or_else(|| {
        Error::Input("This desk has no address that passkeys could be bound to.".to_owned())
    })
}

/// The address that passkeys are bound to, if there is one.
pub(super) fn origin(visit: &Visit) -> Option<String> {
    visit.app.passkeys.as_ref().map(|it| it.origin().to_owned())
}

/// Whose passkey a browser showed, or what to tell them.
pub(super) fn shown(visit: &Visit, answer: &str) -> Result<Result<Person, String>, Refusal> {
    match of(visit).and_then(|it| it.whose(answer, visit.now)) {
        Ok(id) => {
            let person = visit.app.people.by_id(id)?.filter(|person| !person.off);
            Ok(person.ok_or_else(|| "The account of this passkey is switched off.".to_owned()))
        }
        Err(Error::Input(why)) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the passkey of somebody invited.
pub(super) fn accept(
    visit: &Visit,
    token: &Token,
    person: &Person,
    answer: &str,
) -> Result<Person, Error> {
    let made = of(visit)?.made(person, answer)?;
    visit.app.people.accept_passkey(token, &made, visit.now)
}

/// What a script gets: options for the browser, or what to tell the person.
fn options(options: Result<String, Error>) -> Given {
    match options {
        Ok(options) => Ok(Reply::json(200, options)),
        Err(Error::Input(why)) => Ok(Reply::json(422, json!({ "wrong": why }).to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Asks a browser for any passkey of this desk.
pub fn ask(visit: &Visit) -> Given {
    options(of(visit).and_then(Passkeys::ask))
}

/// Offers a passkey to somebody invited.
pub fn offer(visit: &Visit) -> Given {
    let (_, person) = invited(visit)?;
    options(of(visit).and_then(|it| it.offer(&person)))
}

/// Offers another passkey to whoever proves once more who they are: a desk left open for a moment
/// is not enough to make a key of one's own to it.
pub fn offer_more(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Err(Refusal::NotTheirs) };
    options(match proven(visit, visit.login())? {
        Ok(person) if person.id == session.person.id => {
            of(visit).and_then(|it| it.offer(&session.person))
        }
        Ok(_) => Err(Error::Input("This is somebody else's passkey.".to_owned())),
        Err(why) => Err(Error::Input(why)),
    })
}

#[derive(Template)]
#[template(path = "desk/passkey.html")]
struct Another {
    page: Page,
    origin: String,
    password: bool,
    wrong: Wrong,
}

fn another(visit: &Visit, person: &Person, wrong: Wrong) -> Result<Another, Refusal> {
    let page = visit.page("Add a passkey", "");
    let origin = of(visit)?.origin().to_owned();
    Ok(Another { page, origin, password: person.password, wrong })
}

/// The page to add a passkey on.
pub fn look(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    Reply::page(&another(visit, &session.person, Vec::new())?)
}

/// Adds the passkey that was offered.
pub fn add(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    let field = |name| visit.form.get(name).unwrap_or_default();
    let person = &session.person;
    let made = of(visit).and_then(|it| it.made(person, field("answer")));
    match made.and_then(|made| visit.app.people.add_passkey(&made, field("label"), visit.now)) {
        Ok(()) => Ok(Reply::see("/account?said=saved")),
        Err(Error::Input(why)) => Reply::again(&another(visit, person, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}

/// Takes one away.
pub fn remove(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    let person = &session.person;
    match visit.app.people.remove_passkey(person, visit.place("id")) {
        Ok(()) => Ok(Reply::see("/account?said=saved")),
        Err(Error::Input(why)) => Reply::again(&own(visit, person, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}
