//! Signing in and out, the locked desk, invitations, and the accounts.

use askama::Template;

use super::{passkeys, qr};
use crate::demo;
use crate::error::Error;
use crate::web::pages::{Choice, Wrong};
use crate::web::people::{Code, NotIn, Password, Person, Token};
use crate::web::role::{Role, Roles};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// The first page of whoever comes.
pub fn start(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    if session.locked {
        return Ok(Reply::see("/locked"));
    }
    let keeps = session.person.roles == Roles::of(&[Role::Administrator]);
    Ok(Reply::see(if keeps { "/accounts" } else { "/may-we" }))
}

#[derive(Template)]
#[template(path = "desk/sign-in.html")]
struct SignIn {
    page: Page,
    /// Where the form goes.
    to: &'static str,
    login: String,
    locked: bool,
    banner: String,
    /// Where passkeys are taken, if they are.
    passkeys: Option<String>,
    wrong: Wrong,
}

/// What stands above the form unless the register's settings say otherwise.
const BANNER: &str = "For the agency's people only. What is done here is recorded.";

/// What somebody is told who could not sign in.
fn why(not: NotIn) -> &'static str {
    match not {
        NotIn::Wrong => {
            "Name, password and code do not fit together. A code can be used once: wait for the \
             next one. After five attempts the account is shut for a quarter of an hour."
        }
        NotIn::Shut => {
            "Too many attempts have failed. The account opens again after a quarter of an hour."
        }
    }
}

/// Who has just proved who they are, by a passkey or as `login` with password and code; or what to
/// tell them.
pub(super) fn proven(visit: &Visit, login: &str) -> Result<Result<Person, String>, Refusal> {
    let people = &visit.app.people;
    if let Some(answer) = visit.form.given("answer") {
        return passkeys::shown(visit, answer);
    }
    let password = Password::new(visit.form.get("password").unwrap_or_default());
    let code = visit.form.get("code").unwrap_or_default();
    let found = people.sign_in(login, &password, code, visit.now)?;
    Ok(found.map_err(|not| why(not).to_owned()))
}

fn form(visit: &Visit, login: &str, locked: bool, wrong: Option<String>) -> SignIn {
    SignIn {
        page: visit.page(if locked { "The desk is locked" } else { "Sign in" }, ""),
        to: if locked { "/locked" } else { "/sign-in" },
        login: login.to_owned(),
        locked,
        banner: visit.app.settings().banner.clone().unwrap_or_else(|| BANNER.to_owned()),
        passkeys: passkeys::origin(visit),
        wrong: wrong.map(|why| ("", why)).into_iter().collect(),
    }
}

/// The form to sign in.
pub fn sign_in_form(visit: &Visit) -> Given {
    Reply::page(&form(visit, "", false, None))
}

/// Signs somebody in.
pub fn sign_in(visit: &Visit) -> Given {
    let login = visit.form.given("login").unwrap_or_default().to_lowercase();
    match proven(visit, &login)? {
        Ok(person) => {
            // Whoever was signed in here before is not any more.
            if let Some(session) = &visit.session {
                visit.app.people.end(session)?;
            }
            Ok(Reply::see("/").signed_in(visit.app.people.begin(&person, visit.now)?))
        }
        Err(why) => Reply::again(&form(visit, &login, false, Some(why))),
    }
}

/// The page of a locked desk.
pub fn locked(visit: &Visit) -> Given {
    match &visit.session {
        Some(session) if !session.locked => Ok(Reply::see("/")),
        _ => Reply::page(&form(visit, visit.login(), true, None)),
    }
}

/// Locks the desk.
pub fn lock(visit: &Visit) -> Given {
    if let Some(session) = &visit.session {
        visit.app.people.lock(session)?;
    }
    Ok(Reply::see("/locked"))
}

/// Opens a locked desk.
pub fn unlock(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    let wrong = match proven(visit, visit.login())? {
        Ok(person) if person.id == session.person.id => {
            visit.app.people.unlock(session, visit.now)?;
            return Ok(Reply::see("/"));
        }
        Ok(_) => "This is somebody else's passkey; sign out to sign in as another.".to_owned(),
        Err(why) => why,
    };
    Reply::again(&form(visit, visit.login(), true, Some(wrong)))
}

/// Signs somebody out.
pub fn sign_out(visit: &Visit) -> Given {
    if let Some(session) = &visit.session {
        visit.app.people.end(session)?;
    }
    Ok(Reply::see("/sign-in?said=out").signed_out())
}

#[derive(Template)]
#[template(path = "desk/invitation.html")]
struct Invitation {
    page: Page,
    token: String,
    person: Person,
    letters: String,
    /// The address as a picture: paths of an SVG.
    picture: String,
    /// Whether the sample year can be had: for the first account of a new register.
    sample: bool,
    choices: Vec<Choice>,
    passkeys: Option<String>,
    wrong: Wrong,
}

pub(super) fn invited(visit: &Visit) -> Result<(Token, Person), Refusal> {
    let token = Token::parse(visit.place("token")).ok_or(Refusal::NotFound)?;
    let person = visit.app.people.invited(&token, visit.now)?.ok_or_else(|| {
        Refusal::input(
            "This link has been used or is older than a day. Ask the administrator for another \
             one; for the first account, start the program again.",
        )
    })?;
    Ok((token, person))
}

fn welcome(
    visit: &Visit,
    token: &Token,
    person: Person,
    code: &Code,
    wrong: Wrong,
) -> Result<Invitation, Refusal> {
    let address = code.address(&person.login, visit.app.agency()).unwrap_or_default();
    Ok(Invitation {
        page: visit.page("Set up your account", ""),
        token: token.text(),
        letters: code.letters(),
        picture: qr::picture(&address)?,
        sample: offers_sample(visit)?,
        choices:
            vec![Choice::new("yes", "Fill this register with the sample year", false).with_hint(
            "57 invented requests of 2025, decided and recorded; you get every role. It cannot be \
             taken out again: for real use, start with another folder.",
        )],
        passkeys: passkeys::origin(visit),
        person,
        wrong,
    })
}

/// The sample year is offered to the first person of a register that has no request yet.
fn offers_sample(visit: &Visit) -> Result<bool, Refusal> {
    let alone = visit.app.people.all()?.len() == 1;
    Ok(alone && visit.app.read(|store| Ok(demo::takes_sample(store)))?)
}

/// The page on which somebody invited sets a passkey, or a password and a code.
pub fn invitation(visit: &Visit) -> Given {
    let (token, person) = invited(visit)?;
    Reply::page(&welcome(visit, &token, person, &Code::new()?, Vec::new())?)
}

/// Sets it or them, and signs the person in.
pub fn accept(visit: &Visit) -> Given {
    let (token, person) = invited(visit)?;
    let field = |name| visit.form.get(name).unwrap_or_default();
    let code = match Code::parse(field("secret")) {
        Some(code) => code,
        None => return Err(Refusal::input("The form was altered. Open the link again.")),
    };
    let sample = visit.form.get("sample").is_some() && offers_sample(visit)?;
    let again = |field, wrong: String| {
        let wrong = vec![(field, wrong)];
        Reply::again(&welcome(visit, &token, person.clone(), &code, wrong)?)
    };
    let set = match visit.form.given("answer") {
        Some(answer) => passkeys::accept(visit, &token, &person, answer),
        None if field("password") != field("again") => {
            return again("again", "The two passwords differ.".to_owned());
        }
        None => {
            let password = Password::new(field("password"));
            visit.app.people.accept(&token, &password, &code, field("code"), visit.now)
        }
    };
    match set {
        Ok(person) => arrived(visit, &person, sample),
        Err(Error::Input(why)) => again("", why),
        Err(error) => Err(error.into()),
    }
}

/// Signs in who has just set up an account; with the sample year, if it was asked for.
fn arrived(visit: &Visit, person: &Person, sample: bool) -> Given {
    if sample {
        let library = visit.app.library();
        visit.app.recorder.alone(|store| demo::sample(store, library))?;
        // Whoever looks around alone is everybody.
        visit.app.people.set_roles(person.id, Roles::of(&Role::ALL))?;
    }
    let to = if sample { "/register" } else { "/" };
    Ok(Reply::see(to).signed_in(visit.app.people.begin(person, visit.now)?))
}

#[derive(Template)]
#[template(path = "desk/account.html")]
struct Account {
    page: Page,
    login: String,
    roles: Vec<Role>,
    /// Whether there is a password, which a passkey can do without.
    password: bool,
    /// Name, since when, used when, and what it is told apart by.
    keys: Vec<[String; 4]>,
    /// Whether more can be made.
    passkeys: bool,
    wrong: Wrong,
}

pub(super) fn own(visit: &Visit, person: &Person, wrong: Wrong) -> Result<impl Template, Refusal> {
    let keys = visit.app.people.passkeys(person.id)?.into_iter().map(|key| {
        let day = |at| visit.app.at(at).date().to_string();
        let used = key.used.map_or_else(|| "not yet".to_owned(), day);
        [key.label, day(key.since), used, key.id]
    });
    Ok(Account {
        page: visit.page("Your account", ""),
        login: person.login.clone(),
        roles: person.roles.each().collect(),
        password: person.password,
        keys: keys.collect(),
        passkeys: visit.app.passkeys.is_some(),
        wrong,
    })
}

/// One's own account.
pub fn account(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    Reply::page(&own(visit, &session.person, Vec::new())?)
}

/// Sets another password, by whoever knows the old one and has the code.
pub fn set_password(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Ok(Reply::see("/sign-in")) };
    let field = |name| visit.form.get(name).unwrap_or_default();
    let again =
        |field, wrong: String| Reply::again(&own(visit, &session.person, vec![(field, wrong)])?);
    if field("new") != field("again") {
        return again("again", "The two passwords differ.".to_owned());
    }
    let (old, login) = (Password::new(field("password")), visit.login());
    if let Err(not) = visit.app.people.sign_in(login, &old, field("code"), visit.now)? {
        return again("password", why(not).to_owned());
    }
    match visit.app.people.set_password(&session.person, &Password::new(field("new"))) {
        Ok(()) => {
            let token = visit.app.people.begin(&session.person, visit.now)?;
            Ok(Reply::see("/account?said=saved").signed_in(token))
        }
        Err(Error::Input(why)) => again("new", why),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "desk/accounts.html")]
struct Accounts {
    page: Page,
    people: Vec<Person>,
    roles: [Role; Role::ALL.len()],
    now: i64,
    /// A link to hand over, with the name of whom it is for.
    link: Option<(String, String)>,
    choices: Vec<Choice>,
    wrong: Wrong,
}

fn all(visit: &Visit, link: Option<(String, String)>, wrong: Wrong) -> Result<Accounts, Refusal> {
    Ok(Accounts {
        page: visit.page("Accounts", "accounts"),
        people: visit.app.people.all()?,
        roles: Role::ALL,
        now: visit.now,
        link,
        choices: Role::ALL
            .map(|it| Choice::new(it.word(), it.word(), false).with_hint(it.says()))
            .into(),
        wrong,
    })
}

/// Everybody.
pub fn accounts(visit: &Visit) -> Given {
    Reply::page(&all(visit, None, Vec::new())?)
}

fn roles(visit: &Visit) -> Roles {
    let roles: Vec<Role> = visit.form.all("role").filter_map(Role::of).collect();
    Roles::of(&roles)
}

fn about(visit: &Visit) -> Result<Person, Refusal> {
    let id = visit.place("id").parse().map_err(|_| Refusal::NotFound)?;
    visit.app.people.by_id(id)?.ok_or(Refusal::NotFound)
}

/// The page once more, with a link that invites somebody.
fn with_link(visit: &Visit, person: Person) -> Given {
    let token = visit.app.people.invite(person.id, visit.now)?;
    let link = format!("/set-up/{}", token.text());
    Reply::page(&all(visit, Some((person.name, link)), Vec::new())?)
}

/// Makes an account and a link for its person.
pub fn add(visit: &Visit) -> Given {
    let field = |name| visit.form.given(name).unwrap_or_default();
    match visit.app.people.add(field("login"), field("name"), roles(visit)) {
        Ok(person) => with_link(visit, person),
        Err(Error::Input(why)) => Reply::again(&all(visit, None, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}

/// Makes another link for somebody who lost password or telephone.
pub fn invite(visit: &Visit) -> Given {
    with_link(visit, about(visit)?)
}

/// Gives somebody other roles.
pub fn set_roles(visit: &Visit) -> Given {
    changed(visit, visit.app.people.set_roles(about(visit)?.id, roles(visit)))
}

/// Switches an account off or on.
pub fn set_off(visit: &Visit) -> Given {
    let person = about(visit)?;
    changed(visit, visit.app.people.set_off(person.id, !person.off))
}

fn changed(visit: &Visit, done: crate::error::Result<()>) -> Given {
    match done {
        Ok(()) => Ok(Reply::see("/accounts?said=saved")),
        Err(Error::Input(why)) => Reply::again(&all(visit, None, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}
