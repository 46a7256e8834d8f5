//! The register: its matters, newest first.

use askama::Template;
use register::entry::Public;

use crate::store::Store;
use crate::web::visit::{Given, Page, Reply, Visit};

/// Rows of a page.
const ROWS: usize = 50;

/// A request, as a row shows it.
pub struct Row {
    pub entry: u64,
    pub day: String,
    pub channel: String,
    pub seq: u64,
    pub actions: String,
    pub basis: String,
    pub outcomes: String,
    pub done: String,
    pub void: bool,
}

#[derive(Template)]
#[template(path = "desk/register.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    older: Option<u64>,
}

/// The matters, newest first.
pub fn list(visit: &Visit) -> Given {
    let before = visit.query.given("before").and_then(|it| it.parse().ok()).unwrap_or(u64::MAX);
    let mut rows = visit.app.read(|store| {
        let all = store.effective().iter().rev().filter(|it| it.index < before);
        let requests = all.filter_map(|it| row(store, it.index));
        Ok(requests.take(ROWS.saturating_add(1)).collect::<Vec<Row>>())
    })?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| more).map(|row| row.entry);
    Reply::page(&List { page: visit.page("Register", "register"), rows, older })
}

/// The row of a request; nothing for any other entry.
pub fn row(store: &Store, index: u64) -> Option<Row> {
    let entry = store.entry(index)?;
    let Public::Request(request) = &entry.public else { return None };
    let (mut outcomes, mut done) = (Vec::new(), Vec::new());
    for action in &request.actions {
        // The last decision about an action counts.
        let last = store.history().pointing(index).iter().rev().find_map(|at| {
            match store.entry(*at).filter(|entry| !entry.void).map(|entry| &entry.public) {
                Some(Public::Decision(it)) if it.action == *action => Some(it.outcome.clone()),
                _ => None,
            }
        });
        outcomes.extend(last);
    }
    for at in store.history().pointing(index) {
        let entry = store.entry(*at).filter(|entry| !entry.void);
        if let Some(Public::Done(it)) = entry.map(|entry| &entry.public) {
            done.push(format!("{:?}", it.what).to_lowercase());
        }
    }
    Some(Row {
        entry: index,
        day: request.day.clone(),
        channel: request.channel.clone(),
        seq: request.seq,
        actions: request.actions.join(", "),
        basis: request.basis.replace('_', " "),
        outcomes: outcomes.join(", ").replace('_', " "),
        done: done.join(", "),
        void: entry.void,
    })
}
