//! Publishing by two people: one proposes what was counted, another counts again and approves.

use std::collections::BTreeMap;

use report::{Cell, Report};
use sha2::{Digest as _, Sha256};

use super::report::{Chosen, chosen, counted, shown};
use crate::error::{Error, Result};
use crate::publish;
use crate::store::Store;
use crate::web::fields::Fields;
use crate::web::proposals::Proposal;
use crate::web::visit::{Given, Refusal, Reply, Visit};

/// Numbers that are told one by one when they have changed.
const TOLD: usize = 40;

/// What two people agree on: everything but the checkpoint, which any entry moves, also one that no
/// number counts.
fn digest(report: &Report) -> Result<String> {
    let mut report = report.clone();
    let checkpoint = &mut report.about.checkpoint;
    (checkpoint.size, checkpoint.root, checkpoint.text) = (0, String::new(), String::new());
    let data = report.json().map_err(|error| Error::Input(error.to_string()))?;
    Ok(register::hex(&Sha256::digest(&data)))
}

/// Proposes a report as it is counted now.
pub fn propose(visit: &Visit) -> Given {
    match proposed(visit) {
        Ok(query) => Ok(Reply::see(format!("/report?{query}&said=proposed"))),
        Err(Refusal::Error(Error::Input(why))) => {
            shown(visit, &visit.form, why.lines().map(str::to_owned).collect())
        }
        Err(refusal) => Err(refusal),
    }
}

fn proposed(visit: &Visit) -> std::result::Result<String, Refusal> {
    let Some(session) = &visit.session else { return Err(Refusal::NotTheirs) };
    let sent = |name| visit.form.given(name);
    if sent("report").is_none() || sent("period").is_none() {
        return Err(Refusal::input("Name the report and its period."));
    }
    let chosen = chosen(visit, &visit.form)?.ok_or(Refusal::NotFound)?;
    let report = counted(visit, &chosen)?.report;
    publish::allowed(&report, visit.app.today())?;
    if publish::not_owed(&report) && sent("nil").is_none() {
        return Err(Refusal::input(
            "There is nothing to count, and the law asks for no report then. If it is to be \
             published all the same, tick the box that says so.",
        ));
    }
    let period = chosen.period.to_string();
    visit.app.database.propose(
        (&chosen.ordered.name, &period),
        (&digest(&report)?, report.about.checkpoint.size),
        session.person.id,
        visit.now,
    )?;
    Ok(query(&chosen.ordered.name, &period).to_query())
}

fn query(report: &str, period: &str) -> Fields {
    let mut query = Fields::default();
    query.push("report", report);
    query.push("period", period);
    query
}

fn named(visit: &Visit) -> std::result::Result<Proposal, Refusal> {
    let id = visit.place("proposal").parse().map_err(|_| Refusal::NotFound)?;
    visit.app.database.proposal(id)?.ok_or(Refusal::NotFound)
}

/// Publishes what another person has proposed, if it is still what would be counted.
pub fn approve(visit: &Visit) -> Given {
    let Some(session) = &visit.session else { return Err(Refusal::NotTheirs) };
    let proposal = named(visit)?;
    let query = query(&proposal.report, &proposal.period);
    if proposal.person == session.person.id {
        let why = "Who has proposed a report does not approve it: another person has to.";
        return shown(visit, &query, vec![why.to_owned()]);
    }
    let chosen = chosen(visit, &query)?.ok_or(Refusal::NotFound)?;
    // Counted and published without anybody else's entry in between.
    let done = visit.app.recorder.alone(|store| {
        // Somebody else may have approved or withdrawn it meanwhile.
        if visit.app.database.proposal(proposal.id)?.is_none() {
            return Err(Error::Input("This proposal has ended meanwhile.".to_owned()));
        }
        let report = publish::count(store, &chosen.ordered, chosen.period)?;
        publish::allowed(&report, visit.app.today())?;
        if digest(&report)? != proposal.sha256 {
            return Ok(Err(changes(store, &chosen, &proposal, &report)?));
        }
        let by = format!("proposed by {}, approved by {}", proposal.login, session.person.login);
        // It ends first: what fails then has to be proposed anew, and is never published twice.
        visit.app.database.end_proposal(proposal.id)?;
        publish::publish(store, &report, Some(&by))?;
        Ok(Ok(()))
    });
    match done {
        Ok(Ok(())) => Ok(Reply::see(format!("/report?{}&said=published", query.to_query()))),
        Ok(Err(changes)) => shown(visit, &query, changes),
        Err(Error::Input(why)) => shown(visit, &query, vec![why]),
        Err(error) => Err(error.into()),
    }
}

/// What has changed since a proposal, in words.
fn changes(
    store: &Store,
    chosen: &Chosen,
    proposal: &Proposal,
    now: &Report,
) -> Result<Vec<String>> {
    let mut told = vec![
        "Nothing was published: what was proposed is not what is counted now. Look at the numbers \
         and propose them anew."
            .to_owned(),
    ];
    let all = store.entries()?;
    let size = usize::try_from(proposal.counted_at).unwrap_or(usize::MAX);
    let (old, new) = all.split_at_checked(size).unwrap_or((&all, &[]));
    if new.is_empty() {
        told.push(
            "No entry was recorded since: the texts of the law or the settings have changed."
                .to_owned(),
        );
        return Ok(told);
    }
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, public) in new {
        let count = kinds.entry(public.kind()).or_default();
        *count = count.saturating_add(1);
    }
    let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    told.push(format!("Recorded since: {}.", kinds.join(", ")));
    let mut about = publish::about(store, &chosen.ordered, chosen.period)?;
    about.checkpoint.size = proposal.counted_at;
    let before = report::count(&about, old).map_err(|error| Error::Input(error.to_string()))?;
    let numbers = numbers(&before, now);
    if numbers.is_empty() {
        told.push("No number is another; what stands beside them is.".to_owned());
    }
    let more = numbers.len().saturating_sub(TOLD);
    told.extend(numbers.into_iter().take(TOLD));
    if more > 0 {
        told.push(format!("And {more} other numbers."));
    }
    Ok(told)
}

/// The numbers that are others now.
fn numbers(before: &Report, now: &Report) -> Vec<String> {
    let mut told = Vec::new();
    for table in &now.tables {
        for row in table.rows.iter().chain(&table.total) {
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                let old = before.table(&table.id).and_then(|it| it.cell(&row.id, &column.id));
                let old = old.map_or_else(|| "nothing".to_owned(), |it| it.says(column.unit));
                let new = cell.says(column.unit);
                if old != new && !matches!(cell, Cell::Blank) {
                    let (title, row, column) = (&table.title, &row.label, &column.label);
                    told.push(format!("{title}, {row}, {column}: {old} then, {new} now."));
                }
            }
        }
    }
    told
}

/// Withdraws a proposal.
pub fn withdraw(visit: &Visit) -> Given {
    let proposal = named(visit)?;
    visit.app.database.end_proposal(proposal.id)?;
    let query = query(&proposal.report, &proposal.period).to_query();
    Ok(Reply::see(format!("/report?{query}&said=withdrawn")))
}
