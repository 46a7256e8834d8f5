//! What is private of a matter, for those who need it. That somebody looked is recorded, durably,
//! before anything is shown; what cannot be recorded is not shown.

use askama::Template;
use law::{Statement, Vocabulary};
use serde_json::Value;

use super::entry;
use super::intake::size;
use crate::followup::Look;
use crate::store::Store;
use crate::web::matter;
use crate::web::papers::Sealed;
use crate::web::role::{Role, Roles};
use crate::web::views::record;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// The private part of an entry, in words.
struct Part {
    entry: u64,
    kind: &'static str,
    pairs: Vec<(String, String)>,
    /// What the scan is, where there is one.
    paper: Option<String>,
    /// Whether its key was destroyed.
    gone: bool,
}

#[derive(Template)]
#[template(path = "desk/private.html")]
struct Private {
    page: Page,
    root: u64,
    why: String,
    /// The entry that says somebody looked.
    view: u64,
    parts: Vec<Part>,
}

/// The matter that is asked for, by those who may look at it. Who may not is not told more.
fn matter(visit: &Visit) -> Result<(u64, Vec<u64>), Refusal> {
    let index = visit.entry()?;
    let roles = visit.session.as_ref().map(|it| it.person.roles).unwrap_or_default();
    let any = roles.meets(Roles::of(&[Role::Clerk, Role::Supervisor, Role::Counsel]));
    let login = visit.login();
    let found = visit.app.read(|store| {
        if store.entry(index).is_none() {
            return Ok(None);
        }
        let root = matter::root(store, index);
        let own = any || by(store, root)?.as_deref() == Some(login);
        Ok(Some((root, matter::entries(store, root), own)))
    })?;
    match found {
        None => Err(Refusal::NotFound),
        Some((.., false)) => Err(Refusal::NotTheirs),
        Some((root, entries, true)) => Ok((root, entries)),
    }
}

/// Who recorded a request.
fn by(store: &Store, root: u64) -> crate::error::Result<Option<String>> {
    let private = store.private(root)?;
    let by = private.as_ref().and_then(|it| it.get("by")).and_then(Value::as_str);
    Ok(by.map(str::to_owned))
}

/// Shows the private parts of a whole matter.
pub fn show(visit: &Visit) -> Given {
    let (root, entries) = matter(visit)?;
    let why = visit.form.given("why").unwrap_or_default().to_owned();
    let look = Look {
        entries: entries.clone(),
        papers: Vec::new(),
        why: why.clone(),
        by: visit.login().to_owned(),
    };
    let view = match record(visit, look)? {
        Ok(view) => view,
        Err(wrong) => return entry::again(visit, root, "look", vec![("why".to_owned(), wrong)]),
    };
    let vocabulary = visit.app.library().vocabulary();
    let parts = visit.app.read(|store| {
        let parts = entries.iter().map(|at| part(store, vocabulary, *at));
        parts.collect::<crate::error::Result<Vec<_>>>()
    })?;
    let parts = parts.into_iter().flatten().collect();
    let page = visit.page(format!("Private parts of matter {root}"), "register");
    Reply::page(&Private { page, root, why, view, parts })
}

/// Hands out the paper of a request; that too is recorded first.
pub fn paper(visit: &Visit) -> Given {
    let (root, _) = matter(visit)?;
    // Which file it is must be known to record that it is handed out; nothing of it is shown yet.
    let sealed = visit
        .app
        .read(|store| Ok(store.private(root)?.and_then(|private| Sealed::of(&private))))?;
    let Some(sealed) = sealed else { return Err(Refusal::NotFound) };
    let look = Look {
        entries: vec![root],
        papers: vec![sealed.file.clone()],
        why: visit.form.given("why").unwrap_or_default().to_owned(),
        by: visit.login().to_owned(),
    };
    if let Err(wrong) = record(visit, look)? {
        return entry::again(visit, root, "look", vec![("why".to_owned(), wrong)]);
    }
    let bytes = visit.app.papers.open(&sealed)?;
    let name = format!("paper-of-entry-{root}.{}", sealed.kind.ending());
    Ok(Reply::file(sealed.kind.media(), name, bytes))
}

fn part(store: &Store, vocabulary: &Vocabulary, at: u64) -> crate::error::Result<Option<Part>> {
    let Some(entry) = store.entry(at) else { return Ok(None) };
    let kind = words::kind(&entry.public);
    let Some(private) = store.private(at)? else {
        return Ok(Some(Part { entry: at, kind, pairs: Vec::new(), paper: None, gone: true }));
    };
    let paper = Sealed::of(&private);
    let paper = paper.map(|it| format!("{}, {}", it.kind.says(), size(it.size)));
    let pairs = match &private {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| said(vocabulary, name, value)).collect()
        }
        _ => Vec::new(),
    };
    let empty = paper.is_none() && Vec::is_empty(&pairs);
    Ok((!empty).then_some(Part { entry: at, kind, pairs, paper, gone: false }))
}

/// A private field in words. The key of a paper is never among them.
fn said(vocabulary: &Vocabulary, name: &str, value: &Value) -> Vec<(String, String)> {
    let label = match name {
        "paper" => return Vec::new(),
        "facts" => return stated(vocabulary, value),
        "rests_on" => return rests_on(value),
        "by" => "Recorded by",
        "time" => "Time it came",
        "reference" => "Local reference",
        "note" => "Note",
        "has" => "Who has the paper",
        "dated" => "Day on the paper",
        "why" => "Why",
        "missing" => "Facts that were missing",
        "import" => "Imported from",
        "files" => "Files of the law",
        "entries" => "Entries looked at",
        other => other,
    };
    let one = |value: &Value| match value {
        Value::String(text) if name == "missing" => words::question(vocabulary, text).to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = match value {
        Value::Array(some) if some.is_empty() => return Vec::new(),
        Value::Array(some) => some.iter().map(one).collect::<Vec<_>>().join("; "),
        other => one(other),
    };
    vec![(label.to_owned(), text)]
}

/// What was stated, and by whom.
fn stated(vocabulary: &Vocabulary, value: &Value) -> Vec<(String, String)> {
    let said: Vec<Statement> = serde_json::from_value(value.clone()).unwrap_or_default();
    let pair = |it: &Statement| {
        let says = words::value(vocabulary, &it.fact, &it.value);
        (words::question(vocabulary, &it.fact).to_owned(), format!("{says} ({})", it.source))
    };
    said.iter().map(pair).collect()
}

/// What a decision rests on, as it was said then.
fn rests_on(value: &Value) -> Vec<(String, String)> {
    let Value::Array(all) = value else { return Vec::new() };
    let text = |one: &Value, name: &str| {
        one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    all.iter().map(|one| (text(one, "question"), text(one, "says"))).collect()
}
