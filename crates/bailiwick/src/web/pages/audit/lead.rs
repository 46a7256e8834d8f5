//! One lead: what was found, who was heard on it, how it was closed.

use askama::Template;
use audit::checks::{About, TESTS};
use audit::finding::{Finding, Said};
use law::Grade;
use register::entry::{Closed, Public};
use serde_json::Value;

use super::queue::{CLOSED, Opened, opened, says};
use crate::audit_review::{Closing, Hearing, State, acts, finder, finders, is_finder};
use crate::error::Error;
use crate::store::Store;
use crate::web::pages::{Choice, Wrong, called, wrong_with};
use crate::web::people::Person;
use crate::web::role::Role;
use crate::web::views;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// Something that was done about a lead.
struct Step {
    entry: u64,
    title: String,
    by: String,
    day: Option<String>,
    text: String,
}

/// What one law says, as the page shows it.
struct Law {
    whose: &'static str,
    action: String,
    outcome: String,
    grounds: Vec<Ground>,
    missing: Vec<String>,
}

/// A provision, as the page shows it.
struct Ground {
    cite: String,
    id: String,
    grade: String,
}

#[derive(Template)]
#[template(path = "desk/lead.html")]
struct Lead<'a> {
    page: Page,
    entry: u64,
    finding: &'a Finding,
    files: Vec<&'a str>,
    about: Option<&'static About>,
    laws: Vec<Law>,
    state: &'static str,
    closed: bool,
    found: Option<String>,
    /// The other audits that found the same.
    others: Vec<u64>,
    steps: Vec<Step>,
    /// Whether who came hears and closes.
    reviews: bool,
    /// Whether they made the audit, so that another person has to close.
    own: bool,
    results: Vec<Choice>,
    sent: Sent,
    wrong: Wrong,
}

impl Lead<'_> {
    /// What is wrong with a field; nothing where nothing is.
    fn error(&self, field: &str) -> &str {
        wrong_with(&self.wrong, field)
    }
}

/// What was written into the forms.
struct Sent {
    said: String,
    on: String,
    why: String,
}

/// What was done about a lead, and whether who came made the audit.
fn steps(
    people: &[Person],
    store: &Store,
    opened: &Opened,
    id: &str,
) -> crate::error::Result<Vec<Step>> {
    let mut steps = Vec::new();
    for at in acts(store, &opened.same) {
        let (title, field) = match store.entry(at).map(|entry| &entry.public) {
            Some(Public::Heard(it)) if it.finding == id => ("Heard".to_owned(), "said"),
            Some(Public::Disposition(it)) if it.finding == id => {
                (format!("Closed: {}", says(State::Closed(it.result))), "why")
            }
            _ => continue,
        };
        let private = store.private(at)?;
        let text =
            |name: &str| private.as_ref()?.get(name).and_then(Value::as_str).map(str::to_owned);
        let gone = || "no longer kept".to_owned();
        steps.push(Step {
            entry: at,
            title,
            by: called(people, &text("by").unwrap_or_else(gone)),
            day: text("day"),
            text: text(field).unwrap_or_else(gone),
        });
    }
    Ok(steps)
}

fn laws(visit: &Visit, finding: &Finding) -> Vec<Law> {
    let shown = finding.laws().map(|(whose, law)| Law {
        whose,
        action: law.action.clone(),
        outcome: law.outcome.clone(),
        grounds: grounds(law),
        missing: missing(visit, law),
    });
    shown.collect()
}

fn grounds(law: &Said) -> Vec<Ground> {
    let shown = law.grounds.iter().map(|it| Ground {
        cite: it.cite.clone(),
        id: it.id.clone(),
        grade: Grade::parse(&it.grade).map_or(it.grade.as_str(), |grade| grade.says()).to_owned(),
    });
    shown.collect()
}

/// The questions of the facts that the law asks for and the log does not say.
fn missing(visit: &Visit, law: &Said) -> Vec<String> {
    let vocabulary = visit.app.library().vocabulary();
    let asked = law.missing.iter().map(|name| {
        let fact = vocabulary.facts.iter().find(|fact| fact.name == *name);
        fact.map_or_else(|| name.clone(), |fact| fact.question.clone())
    });
    asked.collect()
}

/// The name of the person at the desk.
fn name(visit: &Visit) -> &str {
    visit.session.as_ref().map_or("", |session| session.person.name.as_str())
}

fn found<'a>(visit: &Visit, opened: &'a Opened) -> Result<&'a Finding, Refusal> {
    let id = visit.place("finding");
    opened.data.findings.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)
}

fn page<'a>(visit: &Visit, opened: &'a Opened, wrong: Wrong) -> Result<Lead<'a>, Refusal> {
    let finding = found(visit, opened)?;
    let state = opened.review.state(&finding.id);
    let people = visit.app.people.all()?;
    let (steps, finder, finders) = visit.app.read(|store| {
        let steps = steps(&people, store, opened, &finding.id)?;
        Ok((steps, finder(store, opened.entry)?, finders(store, opened.entry)?))
    })?;
    let mut entries = vec![opened.entry];
    entries.extend(steps.iter().map(|step| step.entry));
    views::seen(visit, &entries, "a lead of an audit")?;
    let own = is_finder(&finders, &[visit.login(), name(visit)]);
    let sent = |name: &str| visit.form.get(name).unwrap_or_default().to_owned();
    let result = visit.form.get("result").unwrap_or_default();
    let choice = |(_, word, hint): &(Closed, &str, &str)| {
        Choice::new(*word, word.replace('_', " "), *word == result).with_hint(*hint)
    };
    let today = visit.app.today().to_string();
    Ok(Lead {
        page: visit.page(format!("Lead {}", finding.id), "audit"),
        entry: opened.entry,
        files: finding
            .rows
            .iter()
            .map(|row| {
                let file = opened.data.files.get(row.file.saturating_sub(1));
                file.map_or("", |file| file.name.as_str())
            })
            .collect(),
        about: TESTS.iter().map(|test| test.about()).find(|about| about.id == finding.test),
        laws: laws(visit, finding),
        state: says(state),
        closed: matches!(state, State::Closed(_)),
        others: opened.same.iter().copied().filter(|it| *it != opened.entry).collect(),
        found: finder.map(|by| called(&people, &by)),
        steps,
        reviews: visit.is(Role::Supervisor) || visit.is(Role::Counsel),
        own,
        results: CLOSED.iter().map(choice).collect(),
        sent: Sent {
            said: sent("said"),
            on: visit.form.given("on").unwrap_or(&today).to_owned(),
            why: sent("why"),
        },
        finding,
        wrong,
    })
}

/// A lead.
pub fn lead(visit: &Visit) -> Given {
    let opened = opened(visit)?;
    Reply::page(&page(visit, &opened, Vec::new())?)
}

/// Records a draft about a lead, or shows the page again with what is wrong.
fn record(
    visit: &Visit,
    opened: &Opened,
    wrong: Wrong,
    drafting: impl FnMut(&Store) -> crate::error::Result<crate::store::Draft> + Send + 'static,
) -> Given {
    if !wrong.is_empty() {
        return Reply::again(&page(visit, opened, wrong)?);
    }
    let mut drafting = drafting;
    let recorded = visit.app.recorder.record(move |_, store| Ok((vec![drafting(store)?], ())));
    match recorded {
        Ok(_) => {
            let finding = visit.place("finding");
            Ok(Reply::see(format!("/audit/{}/{finding}?said=recorded", opened.entry)))
        }
        Err(Error::Input(why)) => Reply::again(&page(visit, opened, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}

/// Records what the officer concerned said.
pub fn hear(visit: &Visit) -> Given {
    let opened = opened(visit)?;
    let finding = found(visit, &opened)?.id.clone();
    let mut wrong = Wrong::new();
    let said = visit.form.given("said").unwrap_or_default().to_owned();
    if said.is_empty() {
        wrong.push(("said", "Write what was said.".to_owned()));
    }
    let day = match visit.form.given("on").map(law::parse_day) {
        Some(Ok(day)) if day <= visit.app.today() => Some(day),
        Some(Ok(day)) => {
            wrong.push(("on", format!("{day} is still to come.")));
            None
        }
        Some(Err(why)) => {
            wrong.push(("on", why));
            None
        }
        None => {
            wrong.push(("on", "Write the day.".to_owned()));
            None
        }
    };
    let (audit, by) = (opened.entry, visit.login().to_owned());
    record(visit, &opened, wrong, move |_| {
        Hearing { audit, finding: &finding, by: &by, said: &said, day }.draft()
    })
}

/// Closes the lead.
pub fn close(visit: &Visit) -> Given {
    let opened = opened(visit)?;
    let finding = found(visit, &opened)?.id.clone();
    let mut wrong = Wrong::new();
    let sent = visit.form.get("result").unwrap_or_default();
    let result = CLOSED.iter().find(|(_, word, _)| *word == sent).map(|(result, _, _)| *result);
    if result.is_none() {
        wrong.push(("result", "Choose how it is closed.".to_owned()));
    }
    let why = visit.form.given("why").unwrap_or_default().to_owned();
    if why.is_empty() {
        wrong.push(("why", "Write why.".to_owned()));
    }
    let (audit, by, name) = (opened.entry, visit.login().to_owned(), name(visit).to_owned());
    let result = result.unwrap_or(Closed::NotSustained);
    record(visit, &opened, wrong, move |store| {
        let called = Some(name.as_str());
        let closing = Closing { audit, finding: &finding, result, by: &by, called, why: &why };
        closing.draft(store)
    })
}
