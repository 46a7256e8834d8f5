//! One entry, and the matter it belongs to: what came, what the law says, what was done, what was
//! put right; all in plain words, and public.

use askama::Template;
use law::Vocabulary;
use law::report::NOT_STATED;
use register::entry::{Decision, Public, Request};
use serde_json::Value;

use super::followups::{self, Forms};
use crate::store::Store;
use crate::web::matter::{self, Matter, Packs, State};
use crate::web::role::{Role, Roles};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// Why the law says so: the citation, and the provision in our words.
pub struct Ground {
    pub citation: String,
    pub says: String,
}

/// What follows from an answer.
pub struct Owes {
    pub who: String,
    pub says: String,
    pub by: String,
    pub citation: String,
}

/// What the law says about an action.
pub struct Law {
    pub outcome: String,
    pub action: String,
    pub grounds: Vec<Ground>,
    pub grade: String,
    pub on: String,
    pub owed: Vec<Owes>,
}

/// An entry of the timeline.
pub struct Step {
    pub entry: u64,
    pub title: String,
    /// The day for machines, and for people; empty where the entry has none.
    pub day: String,
    pub when: String,
    pub pairs: Vec<(String, String)>,
    pub law: Option<Law>,
    /// What later entries did to it.
    pub notes: Vec<String>,
    /// Whether it does not count any more, or another counts instead.
    pub past: bool,
}

/// Who may do what on the page.
#[derive(Clone, Copy)]
struct May {
    record: bool,
    correct: bool,
    look: bool,
}

#[derive(Template)]
#[template(path = "desk/entry.html")]
struct Shown {
    page: Page,
    entry: u64,
    root: u64,
    request: bool,
    state: Option<&'static str>,
    steps: Vec<Step>,
    may: May,
    /// The link to those who looked at it, for whoever may see that.
    looked: Option<(String, String)>,
    forms: Option<Forms>,
    /// What is wrong with the form that was sent.
    wrong: Vec<(String, String)>,
    /// The form of private parts, if it was sent, and why somebody looks.
    looks: bool,
    why: String,
}

impl Shown {
    fn why_not(&self) -> &str {
        self.wrong.first().filter(|_| self.looks).map_or("", |it| it.1.as_str())
    }
}

/// Who may see private parts; an officer only their own.
pub const MAY_LOOK: Roles =
    Roles::of(&[Role::Officer, Role::Clerk, Role::Supervisor, Role::Counsel]);

fn may(visit: &Visit) -> May {
    let roles = visit.session.as_ref().map(|it| it.person.roles).unwrap_or_default();
    May {
        record: roles.meets(Roles::of(&[Role::Officer, Role::Clerk, Role::Supervisor])),
        correct: roles.meets(Roles::of(&[Role::Clerk, Role::Supervisor])),
        look: roles.meets(MAY_LOOK),
    }
}

/// An entry, and those that point to it.
pub fn show(visit: &Visit) -> Given {
    Reply::page(&shown(visit, visit.entry()?, None)?)
}

/// The page once more, with a form that could not be taken.
pub fn again(
    visit: &Visit,
    index: u64,
    which: &'static str,
    wrong: Vec<(String, String)>,
) -> Given {
    Reply::again(&shown(visit, index, Some((which, wrong)))?)
}

fn shown(
    visit: &Visit,
    index: u64,
    sent: Option<(&'static str, Vec<(String, String)>)>,
) -> Result<Shown, Refusal> {
    let app = &visit.app;
    let mut packs = Packs::new(app.library(), &app.settings().agency);
    let may = may(visit);
    let found = app.read(|store| {
        let Some(entry) = store.entry(index) else { return Ok(None) };
        let root = matter::root(store, index);
        let whole = root == index && matches!(entry.public, Public::Request(_));
        let all = match whole {
            true => matter::entries(store, root),
            false => {
                let pointing = store.history().pointing(index).iter().copied();
                [index].into_iter().chain(pointing).collect()
            }
        };
        let mut steps = Vec::new();
        for at in all {
            steps.extend(step(store, app.library().vocabulary(), &mut packs, root, at)?);
        }
        let state = Matter::of(store, index).filter(|_| whole).map(|matter| matter.state());
        let forms = followups::forms(visit, store, index, sent.clone());
        Ok(Some((root, whole, state, steps, forms)))
    })?;
    let Some((root, request, state, steps, forms)) = found else { return Err(Refusal::NotFound) };
    let title = if request { format!("Matter {index}") } else { format!("Entry {index}") };
    let page = visit.page(title, "register");
    let state = state.map(State::says);
    let looks = sent.as_ref().is_some_and(|it| it.0 == "look");
    let why = visit.form.get("why").unwrap_or_default().to_owned();
    let wrong = sent.map(|it| it.1).unwrap_or_default();
    Ok(Shown {
        page,
        entry: index,
        root,
        request,
        state,
        steps,
        may,
        looked: super::looks::link(visit, root).filter(|_| request),
        forms,
        wrong,
        looks,
        why,
    })
}

fn step(
    store: &Store,
    vocabulary: &Vocabulary,
    packs: &mut Packs<'_>,
    root: u64,
    at: u64,
) -> crate::error::Result<Option<Step>> {
    let Some(entry) = store.entry(at) else { return Ok(None) };
    let mut notes = Vec::new();
    // What it said before it was put right: corrections are for everyone to see.
    if !entry.corrections.is_empty() {
        let before = store.recorded(at)?;
        let by: Vec<_> = entry.corrections.iter().map(u64::to_string).collect();
        let was = changed(store, vocabulary, &before, &entry.public);
        let was = if was.is_empty() { String::new() } else { format!(" {was}") };
        notes.push(format!("Put right by entry {}.{was}", by.join(", ")));
    }
    let mut past = entry.void;
    if entry.void {
        notes.push("It does not count.".to_owned());
    }
    if let Public::Decision(decision) = &entry.public
        && !entry.void
        && let Some(later) = replaced(store, root, at, &decision.action)
    {
        past = true;
        notes.push(format!("Entry {later} counts instead, with more facts."));
    }
    let (pairs, law) = match &entry.public {
        Public::Decision(decision) => {
            let request = store.entry(root).map(|entry| &entry.public);
            (Vec::new(), Some(law_of(vocabulary, packs, request, decision)))
        }
        public => (pairs(store, vocabulary, public), None),
    };
    let day = match &entry.public {
        Public::Request(it) => it.day.clone(),
        Public::Done(it) => it.day.clone(),
        Public::Nil(it) => it.day.clone(),
        Public::Pack(it) => it.day.clone(),
        Public::View(it) => it.day.clone(),
        _ => String::new(),
    };
    Ok(Some(Step {
        entry: at,
        title: title(&entry.public),
        when: words::day(&day),
        day,
        pairs,
        law,
        notes,
        past,
    }))
}

fn title(public: &Public) -> String {
    match public {
        Public::Correction(it) if it.void => format!("Entry {} does not count", it.refers),
        Public::Correction(it) => format!("Entry {} was put right", it.refers),
        Public::Done(it) => words::deed(it.what).to_owned(),
        public => words::kind(public).to_owned(),
    }
}

/// The decision on the same action that counts instead of one.
fn replaced(store: &Store, root: u64, at: u64, action: &str) -> Option<u64> {
    let later = store.history().pointing(root).iter().rev().copied().filter(|later| *later > at);
    later.into_iter().find(|later| {
        store.entry(*later).is_some_and(|entry| {
            let same = matches!(&entry.public, Public::Decision(it) if it.action == action);
            same && !entry.void
        })
    })
}

fn law_of(
    vocabulary: &Vocabulary,
    packs: &mut Packs<'_>,
    request: Option<&Public>,
    decision: &Decision,
) -> Law {
    let owed = match request {
        Some(Public::Request(request)) => packs.owed(request, decision),
        _ => Vec::new(),
    };
    let owed = owed.into_iter().map(|it| Owes {
        by: match (it.by.as_deref().and_then(|by| by.get(..10)), it.due) {
            (Some(by), _) => format!("by {}", words::day(by)),
            (None, Some(due)) => due,
            (None, None) => String::new(),
        },
        who: it.who,
        says: it.says,
        citation: it.citation,
    });
    let owed = owed.collect();
    let pack = packs.of(decision);
    let grounds = decision.grounds.iter().map(|id| {
        let rule = pack.and_then(|pack| pack.rules().find(|(_, rule)| rule.id == *id));
        match rule {
            Some((_, rule)) => Ground { citation: rule.cite.clone(), says: rule.says.clone() },
            None => Ground { citation: id.clone(), says: String::new() },
        }
    });
    Law {
        outcome: decision.outcome.clone(),
        action: words::action(vocabulary, &decision.action).to_owned(),
        grounds: grounds.collect(),
        grade: decision.grade.as_deref().map(words::grade).unwrap_or_default(),
        on: words::day(&decision.on),
        owed,
    }
}

/// The public fields of an entry, in words.
fn pairs(store: &Store, vocabulary: &Vocabulary, public: &Public) -> Vec<(String, String)> {
    match public {
        Public::Request(request) => request_pairs(store, vocabulary, request),
        Public::Correction(it) => it
            .set
            .iter()
            .map(|(name, value)| {
                let says = spoken(store, vocabulary, name, value);
                (format!("{} is", words::field(name)), says)
            })
            .collect(),
        public => match serde_json::to_value(public) {
            Ok(Value::Object(fields)) => fields
                .iter()
                .filter(|(name, _)| !["kind", "refers", "day", "what"].contains(&name.as_str()))
                .map(|(name, value)| {
                    (words::field(name).to_owned(), spoken(store, vocabulary, name, value))
                })
                .collect(),
            _ => Vec::new(),
        },
    }
}

fn request_pairs(
    store: &Store,
    vocabulary: &Vocabulary,
    request: &Request,
) -> Vec<(String, String)> {
    let value = |fact: &str, name: &Option<String>| {
        words::value(vocabulary, fact, name.as_deref().unwrap_or(NOT_STATED)).to_owned()
    };
    let channel = words::channel(&store.settings().channels, &request.channel);
    let actions = request.actions.iter().map(|it| words::action(vocabulary, it));
    let boxes: Vec<_> = request.reasons.iter().map(|it| words::ticked(it)).collect();
    let mut pairs = vec![
        ("How it came", format!("{channel}, number {}", request.seq)),
        ("Asked", actions.collect::<Vec<_>>().join("; ")),
        ("Paper", words::value(vocabulary, "basis", &request.basis).to_owned()),
        ("Form", value("form", &request.form)),
        ("Who asks", value("requester", &request.requester)),
    ];
    if !boxes.is_empty() {
        pairs.push(("Boxes ticked", boxes.join("; ")));
    }
    if let Some(station) = &request.station {
        pairs.push(("Station", station.clone()));
    }
    pairs.into_iter().map(|(name, says)| (name.to_owned(), says)).collect()
}

/// A value of a public field, in words.
fn spoken(store: &Store, vocabulary: &Vocabulary, name: &str, value: &Value) -> String {
    let one = |text: &str| match name {
        "basis" | "form" | "requester" => words::value(vocabulary, name, text).to_owned(),
        "actions" | "action" => words::action(vocabulary, text).to_owned(),
        "reasons" => words::ticked(text).to_owned(),
        "channel" => words::channel(&store.settings().channels, text).to_owned(),
        "outcome" => words::outcome(text).to_owned(),
        "grade" => words::grade(text),
        "day" | "on" => words::day(text),
        "what" => {
            let deed = words::DEEDS.iter().find(|it| it.1 == text);
            deed.map_or(text, |it| it.2).to_owned()
        }
        _ => text.to_owned(),
    };
    match value {
        Value::String(text) => one(text),
        Value::Array(some) => {
            let some: Vec<_> = some.iter().filter_map(Value::as_str).map(one).collect();
            if some.is_empty() { "none".to_owned() } else { some.join("; ") }
        }
        other => other.to_string(),
    }
}

/// What the fields of an entry were before they were put right.
fn changed(store: &Store, vocabulary: &Vocabulary, before: &Public, now: &Public) -> String {
    let (Ok(Value::Object(before)), Ok(Value::Object(now))) =
        (serde_json::to_value(before), serde_json::to_value(now))
    else {
        return String::new();
    };
    let names: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let other = names.into_iter().filter(|name| before.get(*name) != now.get(*name));
    let said: Vec<_> = other
        .map(|name| {
            let was = match before.get(name) {
                Some(value) => spoken(store, vocabulary, name, value),
                None => "not stated".to_owned(),
            };
            format!("{} was: {was}.", words::field(name))
        })
        .collect();
    said.join(" ")
}

/// Its receipt, which anybody can check with the register's key.
pub fn receipt(visit: &Visit) -> Given {
    let index = visit.entry()?;
    let receipt = visit
        .app
        .read(|store| Ok(if index < store.size() { Some(store.receipt(index)?) } else { None }))?;
    let receipt = receipt.ok_or(Refusal::NotFound)?;
    Ok(Reply::file("text/plain; charset=utf-8", format!("entry-{index}.tlog-proof"), receipt))
}
