//! Who looked at private parts: which entries say so, and, for those who ask for it, who looked at
//! what and why. That is private itself, so it is the answer to a form and on the record first.

use std::collections::BTreeSet;

use askama::Template;
use register::entry::Public;
use serde_json::Value;

use super::{called, may};
use crate::error::Result;
use crate::followup::Look;
use crate::store::Store;
use crate::web::doors::Method;
use crate::web::fields::Fields;
use crate::web::matter;
use crate::web::people::Person;
use crate::web::role::Role;
use crate::web::views;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// Rows of a page.
const ROWS: usize = 50;

/// Entries that are gone through before others may use the register.
const STEP: u64 = 4_096;

/// Matters, audits and entries that are named in a row; the others are counted.
const NAMED: usize = 8;

/// A matter, an audit or another entry that was looked at.
struct Seen {
    label: String,
    href: String,
}

/// A look.
struct Row {
    entry: u64,
    day: String,
    who: String,
    seen: Vec<Seen>,
    more: usize,
    papers: usize,
    why: String,
    /// Whether nobody can read any more who looked: the key was destroyed.
    gone: bool,
}

#[derive(Template)]
#[template(path = "desk/looks.html")]
struct Looks {
    page: Page,
    /// How many entries say that somebody looked, and the last day; that much is public.
    all: u64,
    last: Option<String>,
    matter: String,
    why: String,
    wrong: Vec<(String, String)>,
    /// What is shown, once it is on the record.
    shown: Option<Shown>,
}

struct Shown {
    rows: Vec<Row>,
    /// The matter they are about, if they are of one.
    of: Option<Seen>,
    /// The entry that says that somebody looked at this.
    view: u64,
    /// The entry before which older ones stand, if there are.
    older: Option<u64>,
}

impl Looks {
    fn error(&self, name: &str) -> &str {
        self.wrong.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str())
    }
}

fn page(visit: &Visit, sent: &Fields) -> std::result::Result<Looks, Refusal> {
    let (all, last) = visit.app.read(|store| {
        let mut views = store.effective().iter().filter_map(|entry| match &entry.public {
            Public::View(view) => Some(view.day.as_str()),
            _ => None,
        });
        let last = views.next_back().map(words::day);
        Ok((views.count().saturating_add(usize::from(last.is_some())), last))
    })?;
    let text = |name: &str| sent.given(name).unwrap_or_default().to_owned();
    Ok(Looks {
        page: visit.page("Who looked", "looks"),
        all: all as u64,
        last,
        matter: text("matter"),
        why: text("why"),
        wrong: Vec::new(),
        shown: None,
    })
}

/// How many looks there are, and the form that shows them.
pub fn look(visit: &Visit) -> Given {
    Reply::page(&page(visit, &visit.query)?)
}

/// Shows who looked; that this was looked at is recorded first.
pub fn show(visit: &Visit) -> Given {
    let mut page = page(visit, &visit.form)?;
    let of = match about(visit, &page.matter)? {
        Ok(of) => of,
        Err(why) => {
            page.wrong.push(("matter".to_owned(), why));
            return Reply::again(&page);
        }
    };
    let before = visit.form.given("before").and_then(|it| it.parse().ok()).unwrap_or(u64::MAX);
    let mut found = found(visit, of.as_ref().map(|of| &of.entries), before)?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let entries = found.iter().map(|(entry, _)| *entry).collect();
    let (why, by) = (page.why.clone(), visit.login().to_owned());
    let view = match views::record(visit, Look { entries, papers: Vec::new(), why, by })? {
        Ok(view) => view,
        Err(wrong) => {
            page.wrong.push(("why".to_owned(), wrong));
            return Reply::again(&page);
        }
    };
    if let Some(of) = of.as_ref().filter(|_| before == u64::MAX) {
        let times = match (more, found.len()) {
            (true, some) => format!("more than {some} times"),
            (false, 1) => "once".to_owned(),
            (false, some) => format!("{some} times"),
        };
        visit.app.looks.told(visit, of.root, times);
    }
    let people = visit.app.people.all()?;
    let older = found.last().filter(|_| more).map(|(entry, _)| *entry);
    let rows = visit.app.read(|store| {
        Ok(found
            .iter()
            .map(|(entry, private)| row(visit, store, &people, *entry, private))
            .collect())
    })?;
    page.shown = Some(Shown { rows, of: of.map(|of| of.seen), view, older });
    Reply::page(&page)
}

/// What looks are asked about.
struct About {
    root: u64,
    entries: BTreeSet<u64>,
    seen: Seen,
}

/// The matter or the audit of the number that was written; nothing where none was.
fn about(
    visit: &Visit,
    written: &str,
) -> std::result::Result<std::result::Result<Option<About>, String>, Refusal> {
    if written.is_empty() {
        return Ok(Ok(None));
    }
    let none = format!("`{written}` is no entry: write the number of a matter or an audit.");
    let Ok(number) = written.parse::<u64>() else { return Ok(Err(none)) };
    let of = visit.app.read(|store| {
        let Some(seen) = seen(visit, store, number) else { return Ok(None) };
        let root = matter::root(store, number);
        let entries = matter::entries(store, root).into_iter().collect();
        Ok(Some(About { root, entries, seen }))
    })?;
    Ok(of.map_or(Err(none), |of| Ok(Some(of))))
}

/// Looks before an entry, newest first, with their private parts: those at some entries, or all.
/// One more than a page has, if there are.
fn found(
    visit: &Visit,
    of: Option<&BTreeSet<u64>>,
    before: u64,
) -> Result<Vec<(u64, Option<Value>)>> {
    let mut found = Vec::new();
    let mut end = before;
    while end > 0 && found.len() <= ROWS {
        end = visit.app.read(|store| {
            let last = end.min(store.size());
            let first = last.saturating_sub(STEP);
            for at in (first..last).rev() {
                if found.len() > ROWS {
                    break;
                }
                if let Some(private) = at_these(store, at, of)? {
                    found.push((at, private));
                }
            }
            Ok(first)
        })?;
    }
    Ok(found)
}

/// The private part of a look, if the entry is one at some of these entries.
fn at_these(store: &Store, at: u64, of: Option<&BTreeSet<u64>>) -> Result<Option<Option<Value>>> {
    let view = store.entry(at).is_some_and(|it| matches!(it.public, Public::View(_)));
    if !view {
        return Ok(None);
    }
    let private = store.private(at)?;
    let fits = of.is_none_or(|of| {
        private.as_ref().is_some_and(|private| entries(private).any(|entry| of.contains(&entry)))
    });
    Ok(fits.then_some(private))
}

fn entries(private: &Value) -> impl Iterator<Item = u64> {
    let all = private.get("entries").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_u64)
}

/// The link to the looks at a matter, for whoever may see them. It says how often somebody looked
/// where that was told a short while ago: how often is private too.
pub fn link(visit: &Visit, root: u64) -> Option<(String, String)> {
    let label = match visit.app.looks.times(visit, root) {
        Some(times) => format!("Looked at {times}"),
        None => format!("Who looked at matter {root}"),
    };
    may(visit, Method::Post, "/looks").then(|| (label, format!("/looks?matter={root}")))
}

fn row(
    visit: &Visit,
    store: &Store,
    people: &[Person],
    entry: u64,
    private: &Option<Value>,
) -> Row {
    let day = match store.entry(entry).map(|it| &it.public) {
        Some(Public::View(view)) => words::day(&view.day),
        _ => String::new(),
    };
    let text = |name: &str| private.as_ref()?.get(name)?.as_str();
    let roots: BTreeSet<u64> =
        private.iter().flat_map(entries).map(|at| matter::root(store, at)).collect();
    let papers = private.as_ref().and_then(|it| it.get("papers")?.as_array());
    Row {
        entry,
        day,
        who: text("by").map(|by| who(people, by)).unwrap_or_default(),
        more: roots.len().saturating_sub(NAMED),
        seen: roots.iter().take(NAMED).filter_map(|at| seen(visit, store, *at)).collect(),
        papers: papers.map_or(0, Vec::len),
        why: text("why").unwrap_or_default().to_owned(),
        gone: private.is_none(),
    }
}

/// Who signs in by a name, and what they are at the desk now.
fn who(people: &[Person], login: &str) -> String {
    let roles = people.iter().find(|person| person.login == login).map(|person| person.roles);
    let roles: Vec<_> = roles.iter().flat_map(|roles| roles.each()).map(Role::word).collect();
    let called = called(people, login);
    if roles.is_empty() { called } else { format!("{called}: {}", roles.join(", ")) }
}

/// What an entry belongs to, and where that is shown to whoever came.
fn seen(visit: &Visit, store: &Store, at: u64) -> Option<Seen> {
    let root = matter::root(store, at);
    let (label, page) = match &store.entry(root)?.public {
        Public::Request(_) => ("Matter", "register"),
        Public::Audit(_) if may(visit, Method::Get, "/audit") => ("Audit", "audit"),
        Public::Audit(_) => ("Audit", "register"),
        Public::View(_) => ("Look", "register"),
        _ => ("Entry", "register"),
    };
    Some(Seen { label: format!("{label} {root}"), href: format!("/{page}/{root}") })
}
