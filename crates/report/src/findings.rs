//! An audit as documents: for the reviewer, and for the public.
//!
//! - In: an [`Audit`], the names of its files, and what read them.
//! - Out: data with everything (private), a table of leads, a workbook, a page to read, and counts
//!   for everyone in which small ones are withheld.
//! - Absent: names of people. An account is a token; only the agency's key tells whose it is.

mod workbook;

use std::collections::BTreeMap;
use std::io::Write;

use askama::Template;
use audit::checks::{TESTS, Thresholds};
use audit::finding::{Finding, FoundRow, Said};
use audit::leads::Leads;
use audit::log::FileTotals;
use audit::reason::Class;
use audit::run::{Audit, Drawn, NoLaw};
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::Error;
use crate::csv::quote;
use crate::withhold::{Shown, of_sum};

pub use workbook::workbook;

/// Counts below it are not published, because they may tell of one person; nor are those by which
/// they could be got from a sum.
pub const WITHHELD_BELOW: u64 = 5;

/// What an audit is called, and what was given to it.
#[derive(Clone, Debug)]
pub struct About {
    /// The agency whose log it is.
    pub agency: String,
    /// Its id.
    pub id: String,
    /// The files, as they are called.
    pub files: Vec<String>,
    /// The version of the rules that read reasons.
    pub rules: u32,
}

/// Everything, as it stands in the data file.
#[derive(Serialize)]
struct Everything<'a> {
    agency: &'a str,
    rules: u32,
    files: Vec<Value>,
    totals: Value,
    days: Option<Value>,
    thresholds: &'a Thresholds,
    notes: &'a [String],
    classes: &'a BTreeMap<&'static str, u64>,
    searchers: &'a BTreeMap<&'static str, u64>,
    outcomes: &'a BTreeMap<&'static str, u64>,
    no_law: &'a Option<NoLaw>,
    explained: u64,
    #[serde(serialize_with = "each")]
    findings: &'a Leads<'a>,
    sample: &'a [Drawn],
}

/// Leads one after the other, so that never all of them are in memory.
fn each<S: Serializer>(leads: &Leads<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut all = serializer.serialize_seq(None)?;
    for lead in leads.iter() {
        all.serialize_element(&lead.map_err(S::Error::custom)?)?;
    }
    all.end()
}

/// Everything, for the reviewer; private, because it has reasons as they were typed.
///
/// # Errors
/// Leads that cannot be told, a disk that fails.
pub fn data(
    audit: &Audit,
    leads: &Leads<'_>,
    about: &About,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let files: Vec<Value> = audit
        .files
        .iter()
        .zip(&about.files)
        .map(|(file, name)| {
            let rejected: Vec<Value> = file
                .rejected
                .iter()
                .map(|it| json!({ "row": it.row, "line": it.line, "why": it.why }))
                .collect();
            json!({
                "name": name, "sha256": file.sha256, "bytes": file.bytes, "layout": file.layout,
                "rows": file.rows, "used": file.made, "rejected_rows": file.rejected_rows,
                "rejected": rejected, "rejected_not_listed": not_listed(file, usize::MAX),
                "columns_not_read": file.unread, "notes": file.notes,
            })
        })
        .collect();
    let everything = Everything {
        agency: &about.id,
        rules: about.rules,
        files,
        totals: totals(audit),
        days: days(audit),
        thresholds: &audit.thresholds,
        notes: &audit.notes,
        classes: &audit.classes,
        searchers: &audit.searchers,
        outcomes: &audit.outcomes,
        no_law: &audit.no_law,
        explained: audit.explained,
        findings: leads,
        sample: &audit.sample,
    };
    serde_json::to_writer_pretty(&mut *out, &everything).map_err(failed)?;
    out.write_all(b"\n").map_err(failed)
}

/// How many rejected rows are not among the first so many that are listed.
fn not_listed(file: &FileTotals, first: usize) -> u64 {
    file.rejected_rows.saturating_sub(file.rejected.len().min(first) as u64)
}

fn failed(error: impl ToString) -> Error {
    Error::Write(error.to_string())
}

fn days(audit: &Audit) -> Option<Value> {
    audit.days.as_ref().map(|(from, to)| json!({ "from": from, "to": to }))
}

/// Rows in, and what became of them; the first is the sum of the others but the last two.
#[must_use]
pub fn totals(audit: &Audit) -> Value {
    let sum = |of: fn(&FileTotals) -> u64| audit.files.iter().map(of).sum::<u64>();
    json!({
        "rows": sum(|file| file.rows),
        "rejected": sum(|file| file.rejected_rows),
        "copies_within": audit.copies.within,
        "copies_across": audit.copies.across,
        "used": audit.searches.saturating_add(audit.events),
        "searches": audit.searches,
        "events": audit.events,
    })
}

/// Whether every row is accounted for: used, rejected, or a copy of one that is.
#[must_use]
pub fn balances(audit: &Audit) -> bool {
    let sum = |of: fn(&FileTotals) -> u64| audit.files.iter().map(of).sum::<u64>();
    let used = audit.searches.saturating_add(audit.events);
    let copies = audit.copies.within.saturating_add(audit.copies.across);
    sum(|file| file.rows) == used.saturating_add(copies).saturating_add(sum(|f| f.rejected_rows))
}

/// Rows, searches by what their reason says and leads by test, small counts withheld; for everyone.
///
/// # Errors
/// A disk that fails.
pub fn public(audit: &Audit, about: &About, out: &mut dyn Write) -> Result<(), Error> {
    let of = |counts: &BTreeMap<&str, u64>, id: &str| counts.get(id).copied().unwrap_or_default();
    // All leads together are public in the register, and all searches stand here.
    let leads = TESTS.map(|test| of(&audit.leads, test.about().id));
    let tests: Vec<Value> = TESTS
        .iter()
        .zip(of_sum(&leads, WITHHELD_BELOW))
        .map(|(test, leads)| {
            let about = test.about();
            json!({
                "test": about.id, "looks_for": about.looks_for, "rule": about.rule,
                "leads_for_review": leads.json(),
            })
        })
        .collect();
    let searches = Class::ALL.map(|class| of(&audit.classes, class.word()));
    let classes: serde_json::Map<String, Value> = Class::ALL
        .iter()
        .zip(of_sum(&searches, WITHHELD_BELOW))
        .filter(|(_, searches)| *searches != Shown::Number(0))
        .map(|(class, searches)| (class.word().to_owned(), searches.json()))
        .collect();
    let files: Vec<Value> = audit
        .files
        .iter()
        .map(|file| json!({ "sha256": file.sha256, "rows": file.rows, "layout": file.layout }))
        .collect();
    let counts = json!({
        "agency": about.id, "rules": about.rules, "files": files, "totals": totals(audit),
        "days": days(audit), "thresholds": audit.thresholds, "classes": classes, "tests": tests,
        "withheld": format!(
            "Counts from 1 to {} are withheld, and others where the sum would tell them.",
            WITHHELD_BELOW.saturating_sub(1)
        ),
        "note": "A lead is for a person to review; it says nothing about anybody's conduct.",
    });
    writeln!(out, "{counts:#}").map_err(failed)
}

/// The columns of the table of leads; the last three are for whoever reviews them.
const COLUMNS: [&str; 18] = [
    "finding",
    "test",
    "plain",
    "agency",
    "account",
    "day",
    "searches",
    "file",
    "row",
    "line",
    "reason",
    "action",
    "outcome",
    "grounds",
    "says",
    "disposition",
    "by",
    "why",
];

/// What a lead can be closed as (`register::entry::Closed`).
const DISPOSITIONS: [&str; 4] = ["sustained", "not_sustained", "unfounded", "exonerated"];

/// A cell of that table.
#[derive(Clone, Debug)]
enum Cell {
    Text(String),
    Number(u64),
}

/// A lead as a row of that table; where and what are those of its first search.
fn cells(finding: &Finding) -> [Cell; COLUMNS.len()] {
    let first = finding.rows.first();
    let number = |of: fn(&FoundRow) -> u64| {
        first.map_or(Cell::Text(String::new()), |row| Cell::Number(of(row)))
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let laws = |of: fn(&Said) -> Vec<&str>| {
        let all: Vec<&str> = finding.laws().flat_map(|(_, law)| of(law)).collect();
        Cell::Text(all.join("; "))
    };
    [
        text(&finding.id),
        text(&finding.test),
        text(&finding.plain),
        text(&finding.agency),
        text(finding.account.as_deref().unwrap_or_default()),
        text(&finding.day),
        Cell::Number(finding.searches),
        number(|row| row.file as u64),
        number(|row| row.row.into()),
        number(|row| row.line.into()),
        text(first.and_then(|row| row.reason.as_deref()).unwrap_or_default()),
        laws(|law| vec![&law.action]),
        laws(|law| vec![&law.outcome]),
        laws(|law| law.grounds.iter().map(|ground| ground.cite.as_str()).collect()),
        text(&finding.says),
        text(""),
        text(""),
        text(""),
    ]
}

/// The leads as a table (RFC 4180), a row each.
///
/// # Errors
/// Leads that cannot be told, a disk that fails.
pub fn csv(leads: &Leads<'_>, out: &mut dyn Write) -> Result<(), Error> {
    write!(out, "{}\r\n", COLUMNS.join(",")).map_err(failed)?;
    for lead in leads.iter() {
        let cells = cells(&lead.map_err(failed)?).map(|cell| match cell {
            Cell::Text(text) => quote(&text).into_owned(),
            Cell::Number(number) => number.to_string(),
        });
        write!(out, "{}\r\n", cells.join(",")).map_err(failed)?;
    }
    Ok(())
}

/// Rows in, and what became of them, for people.
fn counted(audit: &Audit) -> [(&'static str, u64); 7] {
    let sum = |of: fn(&FileTotals) -> u64| audit.files.iter().map(of).sum::<u64>();
    [
        ("rows in the files", sum(|file| file.rows)),
        ("rejected", sum(|file| file.rejected_rows)),
        ("copies of a row in the same file", audit.copies.within),
        ("copies of a row in another file", audit.copies.across),
        ("searches", audit.searches),
        ("events", audit.events),
        ("explained by a recorded and permitted request", audit.explained),
    ]
}

#[derive(Template)]
#[template(path = "findings.html")]
struct Page<'a> {
    about: &'a About,
    days: String,
    totals: Vec<(&'static str, u64)>,
    balances: bool,
    notes: &'a [String],
    thresholds: Vec<(&'static str, String)>,
    files: Vec<FileShown<'a>>,
    classes: Vec<(String, u64)>,
    outcomes: Vec<(String, u64)>,
    tests: Vec<TestShown>,
}

struct FileShown<'a> {
    name: &'a str,
    sha256: &'a str,
    layout: &'a str,
    rows: u64,
    rejected: u64,
    listed: Vec<String>,
    /// Rejected rows that are not listed here, and those of them that are nowhere.
    more: u64,
    nowhere: u64,
    notes: Vec<String>,
}

struct TestShown {
    about: &'static audit::checks::About,
    findings: Vec<Finding>,
    more: u64,
}

/// Rejected rows of a file that the page lists; the data file has more.
const REJECTED: usize = 50;

/// Leads of one test that the page shows; the table has all.
const SHOWN: usize = 200;

/// The page for the reviewer; private.
///
/// # Errors
/// Leads that cannot be told, a disk that fails.
pub fn html(
    audit: &Audit,
    leads: &Leads<'_>,
    about: &About,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let spaced = |word: &str| word.replace('_', " ");
    let page = Page {
        about,
        days: audit
            .days
            .as_ref()
            .map_or_else(|| "no rows".to_owned(), |(from, to)| format!("{from} to {to}")),
        totals: counted(audit).to_vec(),
        balances: balances(audit),
        notes: &audit.notes,
        thresholds: in_force(&audit.thresholds),
        files: audit.files.iter().zip(&about.files).map(|(file, name)| shown(file, name)).collect(),
        classes: audit.classes.iter().map(|(class, n)| (spaced(class), *n)).collect(),
        outcomes: audit.outcomes.iter().map(|(word, n)| (spaced(word), *n)).collect(),
        tests: tests(leads)?,
    };
    page.write_into(out).map_err(failed)
}

/// The thresholds, for people.
fn in_force(thresholds: &Thresholds) -> Vec<(&'static str, String)> {
    let Thresholds { undocumented_share, undocumented_searches, look_back_days, .. } = thresholds;
    let mut all = vec![
        ("share of blank or vague reasons that is shown", undocumented_share.to_string()),
        ("searches an account has before its share counts", undocumented_searches.to_string()),
        ("days that a search may look back", look_back_days.to_string()),
        (
            "searches of an account within an hour that are shown",
            thresholds.bulk_an_hour.to_string(),
        ),
        ("days near a federal request on the same case", thresholds.near_days.to_string()),
    ];
    let ended = thresholds.sharing_off.iter().map(|off| format!("{} from {}", off.with, off.from));
    match thresholds.sharing_off.is_empty() {
        true => all.push(("sharing had ended", "with nobody".to_owned())),
        false => all.extend(ended.map(|ended| ("sharing had ended with", ended))),
    }
    all
}

fn tests(leads: &Leads<'_>) -> Result<Vec<TestShown>, Error> {
    let none = |about| TestShown { about, findings: Vec::new(), more: 0 };
    let mut tests: Vec<TestShown> = TESTS.iter().map(|test| none(test.about())).collect();
    for lead in leads.iter() {
        let lead = lead.map_err(failed)?;
        let Some(test) = tests.iter_mut().find(|test| test.about.id == lead.test) else { continue };
        match test.findings.len() < SHOWN {
            true => test.findings.push(lead),
            false => test.more = test.more.saturating_add(1),
        }
    }
    Ok(tests)
}

fn shown<'a>(file: &'a FileTotals, name: &'a str) -> FileShown<'a> {
    let mut notes = file.notes.clone();
    if !file.unread.is_empty() {
        notes.push(format!("columns not read: {}", file.unread.join(", ")));
    }
    let first = file.rejected.iter().take(REJECTED);
    let listed = first.map(|it| format!("row {}, line {}: {}", it.row, it.line, it.why));
    FileShown {
        name,
        sha256: &file.sha256,
        layout: &file.layout,
        rows: file.rows,
        rejected: file.rejected_rows,
        listed: listed.collect(),
        more: not_listed(file, REJECTED),
        nowhere: not_listed(file, usize::MAX),
        notes,
    }
}
