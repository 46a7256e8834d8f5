//! May we? One plain question at a time, then the answer in large words.
//!
//! Everything answered so far stands in the address, so that nothing has to be remembered here, the
//! browser's way back works, and no answer is lost when a telephone sleeps. No name of a person is
//! among the facts the law asks for.

use std::sync::Arc;

use askama::Template;
use jiff::civil::{Date, Time};
use law::{Action, Decision, Next, Pack, Question, Source, Statement, answers};

use crate::answer;
use crate::desk::{Desk, Intake};
use crate::error::Error;
use crate::store::{self, Store};
use crate::web::fields::Fields;
use crate::web::once::Once;
use crate::web::pages::{Choice, Wrong};
use crate::web::role::{Role, Roles};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// What a field of the address has in front of the name of a fact.
const FACT: &str = "f.";

/// The field that names a fact nobody can tell.
const NOT_KNOWN: &str = "n";

#[derive(Template)]
#[template(path = "desk/may-we.html")]
struct Choose {
    page: Page,
    actions: Vec<Action>,
    day: String,
}

/// What is asked for.
pub fn choose(visit: &Visit) -> Given {
    let actions = visit.app.library().vocabulary().actions.clone();
    let day = visit.app.today().to_string();
    Reply::page(&Choose { page: visit.page("May we?", "may-we"), actions, day })
}

/// A case as far as it is told.
struct Case {
    pack: Arc<Pack>,
    action: Action,
    day: Date,
    at: Option<Time>,
    said: Vec<Statement>,
    /// Facts nobody can tell.
    nobody: Vec<String>,
    /// The same as fields.
    fields: Fields,
}

fn case(visit: &Visit, sent: &Fields) -> Result<Case, Refusal> {
    let vocabulary = visit.app.library().vocabulary();
    let action = vocabulary.action(visit.place("action"));
    let action = action.and_then(|at| vocabulary.actions.get(at)).ok_or(Refusal::NotFound)?;
    let day = match sent.given("day") {
        Some(day) => law::parse_day(day).map_err(Refusal::input)?,
        None => visit.app.today(),
    };
    if day > visit.app.today() {
        return Err(Refusal::input(format!("{day} is still to come.")));
    }
    let at = match sent.given("at") {
        Some(at) => Some(at.parse::<Time>().map_err(|_| {
            Refusal::input(format!("`{at}` is no time of day: write it as 14:05."))
        })?),
        None => None,
    };
    let (mut said, mut nobody, mut fields) = (Vec::new(), Vec::new(), Fields::default());
    fields.push("day", day.to_string());
    if let Some(at) = sent.given("at") {
        fields.push("at", at);
    }
    for (name, value) in sent.each().filter(|(_, value)| !value.trim().is_empty()) {
        if let Some(fact) = name.strip_prefix(FACT) {
            said.push(Statement::new(fact, value.trim(), Source::Officer));
        } else if name == NOT_KNOWN {
            nobody.push(value.to_owned());
        } else {
            continue;
        }
        fields.push(name, value.trim());
    }
    let pack = visit.app.pack(day)?;
    Ok(Case { pack, action: action.clone(), day, at, said, nobody, fields })
}

/// Something that was answered.
struct Told {
    question: String,
    says: String,
    /// The address at which it is asked again.
    again: String,
}

impl Case {
    fn address(&self, fields: &Fields) -> String {
        format!("/may-we/{}?{}", self.action.name, fields.to_query())
    }

    /// What was answered so far, each with the way back to its question.
    fn told(&self) -> Vec<Told> {
        let facts = self.fields.each().enumerate().filter_map(|(at, (name, value))| {
            let fact = match name.strip_prefix(FACT) {
                Some(fact) => fact,
                None if name == NOT_KNOWN => value,
                None => return None,
            };
            let fact = self.pack.vocabulary.fact(fact)?;
            let fact = self.pack.vocabulary.facts.get(fact)?;
            let says = match name == NOT_KNOWN {
                true => "not known".to_owned(),
                false => fact
                    .read(value)
                    .ok()
                    .and_then(|value| fact.value(value))
                    .map_or_else(|| value.to_owned(), |value| value.says.clone()),
            };
            // What was answered after it may not be asked at all then.
            let mut before = Fields::default();
            self.fields.each().take(at).for_each(|(name, value)| before.push(name, value));
            Some(Told { question: fact.question.clone(), says, again: self.address(&before) })
        });
        facts.collect()
    }
}

#[derive(Template)]
#[template(path = "desk/question.html")]
struct Ask {
    page: Page,
    action: Action,
    question: Question,
    /// The field that its answer is sent in.
    asked: String,
    /// Which question it is, counted from 1.
    number: usize,
    /// What was answered, as fields of the form.
    fields: Vec<(String, String)>,
    told: Vec<Told>,
    day: String,
}

#[derive(Template)]
#[template(path = "desk/answer.html")]
struct Answered {
    page: Page,
    action: Action,
    decision: Decision,
    says: String,
    fields: Vec<(String, String)>,
    told: Vec<Told>,
    channels: Vec<Choice>,
    /// Whether who asks may have it recorded.
    records: bool,
    /// Whom to call.
    contact: Option<String>,
    once: String,
    wrong: Wrong,
}

fn as_pairs(fields: &Fields) -> Vec<(String, String)> {
    fields.each().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The next question, or the answer.
pub fn ask(visit: &Visit) -> Given {
    let case = case(visit, &visit.query)?;
    let next = answers::next(&case.pack, &case.action.name, &case.said, &case.nobody);
    match next.map_err(|error| Refusal::input(error.to_string()))? {
        Next::Ask(question) => Reply::page(&Ask {
            page: visit.page(format!("May we {}?", case.action.says), "may-we"),
            number: case.said.len().saturating_add(case.nobody.len()).saturating_add(1),
            asked: format!("{FACT}{}", question.fact),
            question,
            fields: as_pairs(&case.fields),
            told: case.told(),
            day: case.day.to_string(),
            action: case.action,
        }),
        Next::Settled(_) | Next::Open(_) => Reply::page(&answered(visit, case, Vec::new())?),
    }
}

fn answered(visit: &Visit, case: Case, wrong: Wrong) -> Result<Answered, Refusal> {
    let actions = [case.action.name.clone()];
    let decisions = answers::decisions(&case.pack, &actions, &case.said, case.at);
    let decision = decisions.map_err(Refusal::input)?.pop().ok_or(Refusal::NotFound)?;
    let word = words::outcome(decision.outcome.word());
    let says = words::capital(&answer::sentence(&decision, &case.action.says));
    let desk = Roles::of(&[Role::Officer, Role::Clerk, Role::Supervisor]);
    let roles = visit.session.as_ref().map(|session| session.person.roles);
    Ok(Answered {
        page: visit.page(format!("{word}: {}", case.action.says), "may-we"),
        decision,
        says,
        fields: as_pairs(&case.fields),
        told: case.told(),
        channels: channels(visit),
        records: roles.is_some_and(|roles| roles.meets(desk)),
        contact: visit.app.settings().contact.clone(),
        once: match visit.form.get("once") {
            Some(once) => once.to_owned(),
            None => Once::mark()?,
        },
        action: case.action,
        wrong,
    })
}

/// The channels to choose from; who asks at the desk has the request before them.
fn channels(visit: &Visit) -> Vec<Choice> {
    let sent = visit.form.get("channel").unwrap_or("desk");
    let channels = visit.app.settings().channels.iter();
    channels.map(|it| Choice::new(&it.id, &it.label, it.id == sent)).collect()
}

/// Records the request and its answer, once; then, and not before, the receipt is shown.
pub fn record(visit: &Visit) -> Given {
    let recorded = |entry| Ok(Reply::see(format!("/register/{entry}?said=recorded")));
    let once = visit.form.get("once").unwrap_or_default();
    let _held = visit.app.once.hold(once);
    if let Some(entry) = visit.app.once.recorded(once) {
        return recorded(entry);
    }
    let case = case(visit, &visit.form)?;
    let intake = Intake {
        channel: visit.form.given("channel").unwrap_or("desk").to_owned(),
        day: case.day,
        time: case.at,
        station: visit.form.given("station").map(str::to_owned),
        actions: vec![case.action.name.clone()],
        statements: case.said.clone(),
        reference: visit.form.given("reference").map(str::to_owned),
        note: visit.form.given("note").map(str::to_owned),
        by: Some(visit.login().to_owned()),
        ..Intake::default()
    };
    let drafting = move |desk: &mut Desk<'_>, _: &Store| {
        let taken = desk.take(&intake)?;
        Ok((taken.drafts, taken.request))
    };
    match visit.app.recorder.record(drafting) {
        Ok(done) => {
            visit.app.once.note(once, done.value);
            recorded(done.value)
        }
        Err(Error::Input(why) | Error::Register(store::Error::Refused(why))) => {
            Reply::again(&answered(visit, case, vec![("", why)])?)
        }
        Err(error) => Err(error.into()),
    }
}
