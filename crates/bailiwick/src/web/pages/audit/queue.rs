//! The leads of an audit, and its documents.

use askama::Template;
use audit::checks::TESTS;
use audit::reason::Plain;
use register::entry::{self, Closed, Public};

use super::{day_of, grouped};
use crate::audit_documents::{self, Data, NAMES, OfFile, PUBLIC, Place, Rejected};
use crate::audit_review::{Review, State, same};
use crate::web::fields::Fields;
use crate::web::pages::Choice;
use crate::web::views;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// Rows of a page.
const ROWS: usize = 50;

/// Rejected rows of a file that a page lists; the data file has more.
const REJECTED: usize = 200;

/// An audit with what its documents say, which is what was recorded.
pub struct Opened {
    pub entry: u64,
    pub public: entry::Audit,
    pub day: Option<String>,
    /// Every audit that found the same, this one among them.
    pub same: Vec<u64>,
    pub review: Review,
    pub data: Data,
}

/// The audit of the address.
pub fn opened(visit: &Visit) -> Result<Opened, Refusal> {
    let index = visit.entry()?;
    let found = visit.app.read(|store| {
        let audit = match store.entry(index).map(|entry| &entry.public) {
            Some(Public::Audit(audit)) => audit.clone(),
            _ => return Ok(None),
        };
        let same = same(store, index);
        let review = Review::of(store, &same);
        Ok(Some((audit, day_of(store, index), same, review)))
    })?;
    let (public, day, same, review) = found.ok_or(Refusal::NotFound)?;
    let folder = audit_documents::folder(&visit.app.folder, index, &public.sha256);
    if !folder.is_dir() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(Refusal::input(format!(
            "The documents of this audit are not with the register: it was made elsewhere, by the \
             command. Whoever keeps the machine can put their folder here as `audits/{name}`."
        )));
    }
    let (data, sha256) = Data::read(&folder)?;
    if sha256 != public.sha256 {
        return Err(audit_documents::changed().into());
    }
    Ok(Opened { entry: index, public, day, same, review, data })
}

/// How far a lead is, in words.
pub fn says(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Heard => "heard",
        State::Closed(Closed::Sustained) => "sustained",
        State::Closed(Closed::NotSustained) => "not sustained",
        State::Closed(Closed::Unfounded) => "unfounded",
        State::Closed(Closed::Exonerated) => "exonerated",
    }
}

/// The ways to close a lead, each with its word and what it says.
pub const CLOSED: [(Closed, &str, &str); 4] = [
    (Closed::Sustained, "sustained", "It happened, and was not permitted."),
    (
        Closed::NotSustained,
        "not_sustained",
        "Whether it happened, or was permitted, could not be shown.",
    ),
    (Closed::Unfounded, "unfounded", "It did not happen."),
    (Closed::Exonerated, "exonerated", "It happened, and was permitted."),
];

struct Lead<'a> {
    finding: &'a audit::finding::Finding,
    state: &'static str,
}

/// Leads of one test.
struct OfTest {
    test: &'static str,
    looks_for: &'static str,
    leads: u64,
    open: u64,
    heard: u64,
    closed: u64,
}

struct Listed<'a> {
    file: &'a OfFile,
    /// The first rows that were rejected.
    rejected: &'a [Rejected],
    more: u64,
}

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct Queue<'a> {
    page: Page,
    entry: u64,
    day: Option<String>,
    days: Option<String>,
    tests: Vec<OfTest>,
    totals: Vec<(&'static str, String)>,
    balances: bool,
    explained: String,
    notes: &'a [String],
    files: Vec<Listed<'a>>,
    sample: &'a [Place],
    seed: Option<u64>,
    leads: Vec<Lead<'a>>,
    found: usize,
    all: usize,
    by_test: Vec<Choice>,
    by_plain: Vec<Choice>,
    by_state: Vec<Choice>,
    at: u64,
    of: u64,
    href: String,
    documents: Vec<(&'static str, &'static str)>,
    public: &'static str,
}

/// What a reader chose to see.
struct Filter<'a> {
    test: Option<&'a str>,
    plain: Option<&'a str>,
    state: Option<&'a str>,
}

impl<'a> Filter<'a> {
    fn of(sent: &'a Fields) -> Self {
        Self { test: sent.given("test"), plain: sent.given("plain"), state: sent.given("state") }
    }

    fn takes(&self, finding: &audit::finding::Finding, state: State) -> bool {
        let closed = matches!(state, State::Closed(_));
        self.test.is_none_or(|test| test == finding.test)
            && self.plain.is_none_or(|plain| plain == finding.plain)
            && self.state.is_none_or(|word| {
                word == says(state).replace(' ', "_") || word == "closed" && closed
            })
    }

    /// The address of the same choice, but for the page.
    fn href(&self, entry: u64) -> String {
        let mut fields = Fields::default();
        for (name, value) in [("test", self.test), ("plain", self.plain), ("state", self.state)] {
            if let Some(value) = value {
                fields.push(name, value);
            }
        }
        fields.push("page", "");
        format!("/audit/{entry}?{}", fields.to_query())
    }
}

fn tests(opened: &Opened) -> Vec<OfTest> {
    let of = |about: &'static audit::checks::About| {
        let mut one = OfTest {
            test: about.id,
            looks_for: about.looks_for,
            leads: 0,
            open: 0,
            heard: 0,
            closed: 0,
        };
        for finding in opened.data.findings.iter().filter(|it| it.test == about.id) {
            one.leads = one.leads.saturating_add(1);
            let count = match opened.review.state(&finding.id) {
                State::Open => &mut one.open,
                State::Heard => &mut one.heard,
                State::Closed(_) => &mut one.closed,
            };
            *count = count.saturating_add(1);
        }
        one
    };
    TESTS.iter().map(|test| of(test.about())).filter(|it| it.leads > 0).collect()
}

fn totals(data: &Data) -> (Vec<(&'static str, String)>, bool) {
    let it = data.totals;
    let parts = [
        ("Searches", it.searches),
        ("Events", it.events),
        ("Copies of a row in the same file", it.copies_within),
        ("Copies of a row in another file", it.copies_across),
        ("Rejected", it.rejected),
    ];
    let sum = parts.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    let mut shown = vec![("Rows in the files", grouped(it.rows))];
    shown.extend(parts.map(|(name, count)| (name, grouped(count))));
    (shown, sum == it.rows)
}

fn choices<'a>(
    words: impl IntoIterator<Item = (&'a str, &'a str)>,
    chosen: Option<&str>,
) -> Vec<Choice> {
    let choice = |(value, label): (&str, &str)| Choice::new(value, label, chosen == Some(value));
    words.into_iter().map(choice).collect()
}

/// The states that can be chosen.
const STATES: [(&str, &str); 7] = [
    ("open", "open"),
    ("heard", "heard"),
    ("closed", "closed in any way"),
    ("sustained", "closed: sustained"),
    ("not_sustained", "closed: not sustained"),
    ("unfounded", "closed: unfounded"),
    ("exonerated", "closed: exonerated"),
];

/// The leads of an audit.
pub fn queue(visit: &Visit) -> Given {
    let opened = opened(visit)?;
    views::seen(visit, &[opened.entry], "the leads of an audit")?;
    let filter = Filter::of(&visit.query);
    let leads: Vec<Lead<'_>> = opened
        .data
        .findings
        .iter()
        .map(|finding| (finding, opened.review.state(&finding.id)))
        .filter(|(finding, state)| filter.takes(finding, *state))
        .map(|(finding, state)| Lead { finding, state: says(state) })
        .collect();
    let found = leads.len();
    let of = found.div_ceil(ROWS).max(1);
    let at = visit.query.given("page").and_then(|it| it.parse().ok()).unwrap_or(1_usize);
    let at = at.clamp(1, of);
    let skipped = at.saturating_sub(1).saturating_mul(ROWS);
    let tests = tests(&opened);
    let (totals, balances) = totals(&opened.data);
    Reply::page(&Queue {
        page: visit.page(format!("Audit {}", opened.entry), "audit"),
        entry: opened.entry,
        day: opened.day.clone(),
        days: opened.data.days.as_ref().map(|it| format!("{} to {}", it.from, it.to)),
        by_test: choices(tests.iter().map(|it| (it.test, it.test)), filter.test),
        by_plain: choices(Plain::ALL.map(|it| (it.word(), it.word())), filter.plain),
        by_state: choices(STATES, filter.state),
        tests,
        totals,
        balances,
        explained: grouped(opened.data.explained),
        notes: &opened.data.notes,
        files: opened.data.files.iter().map(listed).collect(),
        sample: &opened.data.sample,
        seed: opened.public.seed,
        leads: leads.into_iter().skip(skipped).take(ROWS).collect(),
        found,
        all: opened.data.findings.len(),
        at: at as u64,
        of: of as u64,
        href: filter.href(opened.entry),
        documents: PRIVATE.to_vec(),
        public: PUBLIC,
    })
}

fn listed(file: &OfFile) -> Listed<'_> {
    let rejected = file.rejected.get(..REJECTED).unwrap_or(&file.rejected);
    Listed { file, rejected, more: file.rejected_rows.saturating_sub(rejected.len() as u64) }
}

/// The documents that are not for everybody, and what they are.
const PRIVATE: [(&str, &str); 4] = [
    ("review.html", "a page to read and to sign"),
    ("findings.xlsx", "the leads as a workbook, to sort and to note in"),
    ("findings.csv", "the leads as a table"),
    ("audit.json", "everything, as data"),
];

/// A document of an audit.
pub fn file(visit: &Visit) -> Given {
    let opened = opened(visit)?;
    let name = NAMES.into_iter().find(|name| *name == visit.place("file"));
    let name = name.ok_or(Refusal::NotFound)?;
    if name != PUBLIC {
        views::seen(visit, &[opened.entry], "a document of an audit")?;
    }
    let folder = audit_documents::folder(&visit.app.folder, opened.entry, &opened.public.sha256);
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(crate::error::Error::file(&path))?;
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/json",
    };
    Ok(Reply::file(kind, format!("audit-{}-{name}", opened.entry), bytes))
}
