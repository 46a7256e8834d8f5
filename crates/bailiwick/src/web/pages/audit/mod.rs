//! Audits: those that are recorded, the one that runs, and a new one.

mod lead;
mod logs;
mod progress;
mod queue;
mod settings;

use std::collections::BTreeMap;

use askama::Template;
use register::entry::Public;
use serde_json::Value;

pub use lead::{close, hear, lead};
pub use progress::{again, cancel, look};
pub use queue::{file, queue};

use crate::audit_documents;
use crate::audit_review::{Review, free_seed, new_seed};
use crate::store::Store;
use crate::web::jobs::BUSY;
use crate::web::pages::Wrong;
use crate::web::role::Role;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// An audit that is recorded.
struct Row {
    entry: u64,
    day: String,
    rows: String,
    leads: u64,
    seed: Option<u64>,
    open: u64,
    heard: u64,
    closed: u64,
    /// Whether its documents lie in the folder of the register.
    here: bool,
}

#[derive(Template)]
#[template(path = "desk/audits.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    job: Option<progress::Shown>,
    left: Vec<&'static str>,
    /// Whether who came may start one.
    audits: bool,
    form: settings::Form,
    lying: Vec<Lying>,
    seed: Option<u64>,
    wrong: Wrong,
}

impl List {
    /// What is wrong with a field; nothing where nothing is.
    fn error(&self, field: &str) -> &str {
        super::wrong_with(&self.wrong, field)
    }
}

/// A log that lies in the folder, and whether it is chosen.
struct Lying {
    name: String,
    size: String,
    chosen: bool,
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the private part of an audit says of its day.
fn day_of(store: &Store, entry: u64) -> Option<String> {
    let private = store.private(entry).ok()??;
    private.get("day").and_then(Value::as_str).map(str::to_owned)
}

fn rows(visit: &Visit, store: &Store) -> Vec<Row> {
    let audits = || {
        store.effective().iter().rev().filter_map(|entry| match &entry.public {
            Public::Audit(audit) => Some((entry.index, audit)),
            _ => None,
        })
    };
    let mut same: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (entry, audit) in audits() {
        same.entry(&audit.sha256).or_default().push(entry);
    }
    let row = |(entry, audit): (u64, &register::entry::Audit)| {
        let same = same.get(audit.sha256.as_str()).map_or(&[][..], Vec::as_slice);
        let (heard, closed) = Review::of(store, same).counts();
        Row {
            entry,
            day: day_of(store, entry).unwrap_or_else(|| "not known".to_owned()),
            rows: grouped(audit.rows),
            leads: audit.leads,
            seed: audit.seed,
            open: audit.leads.saturating_sub(heard).saturating_sub(closed),
            heard,
            closed,
            here: audit_documents::folder(&visit.app.folder, entry, &audit.sha256).is_dir(),
        }
    };
    audits().map(row).collect()
}

fn listing(visit: &Visit, wrong: Wrong) -> Result<List, Refusal> {
    let (rows, seed) = visit
        .app
        .read(|store| Ok((rows(visit, store), free_seed(store, 0).map(|(entry, _)| entry))))?;
    let mut page = visit.page("Audit", "audit");
    let job = progress::shown(visit);
    page.script = job.as_ref().is_some_and(|job| job.running);
    let chosen: Vec<&str> = visit.form.all("log").collect();
    let audits = visit.is(Role::Auditor);
    let lying = if audits { logs::lying(&visit.app.folder) } else { Vec::new() };
    let lying = lying.into_iter().map(|log| Lying {
        chosen: chosen.contains(&log.name.as_str()),
        size: progress::megabytes(log.bytes),
        name: log.name,
    });
    Ok(List {
        page,
        rows,
        job,
        left: visit.app.jobs.left().to_vec(),
        audits,
        form: settings::form(visit),
        lying: lying.collect(),
        seed,
        wrong,
    })
}

/// The audits, and the form for a new one.
pub fn list(visit: &Visit) -> Given {
    Reply::page(&listing(visit, Vec::new())?)
}

/// Records the seed of the next sample, before anybody sends in what it is drawn of.
pub fn seed(visit: &Visit) -> Given {
    let by = visit.login().to_owned();
    visit.app.recorder.record(move |_, _| Ok((vec![new_seed(Some(&by))?.1], ())))?;
    Ok(Reply::see("/audit?said=recorded"))
}

/// Starts an audit of what was sent in and chosen.
pub fn start(visit: &Visit) -> Given {
    if visit.app.jobs.running() {
        return Reply::again(&listing(visit, vec![("", BUSY.to_owned())])?);
    }
    let mut wrong = Vec::new();
    let work = match settings::work(visit, &mut wrong)? {
        Some(work) if wrong.is_empty() => work,
        _ => return Reply::again(&listing(visit, wrong)?),
    };
    match visit.app.jobs.start(&visit.app, work) {
        Ok(()) => Ok(Reply::see("/audit/progress")),
        Err(crate::error::Error::Input(why)) => Reply::again(&listing(visit, vec![("", why)])?),
        Err(error) => Err(error.into()),
    }
}
