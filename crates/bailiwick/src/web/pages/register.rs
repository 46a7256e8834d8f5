//! The register: its matters, newest first; filtered, searched, exported.

use askama::Template;
use jiff::civil::Date;
use law::report::NOT_STATED;
use law::{Outcome, Vocabulary};
use register::entry::{Public, Request};

use crate::error::Result;
use crate::store::{Channel, Store};
use crate::web::app::App;
use crate::web::fields::Fields;
use crate::web::matter::{self, Matter, State};
use crate::web::pages::Choice;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words::{self, OUTCOMES};

/// Rows of a page.
const ROWS: usize = 50;

/// The most rows of an export.
const MOST_ROWS: usize = 100_000;

/// Entries that are looked at before others may use the register.
const STEP: u64 = 4_096;

/// What a list is about. Every field that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    from: Option<Date>,
    to: Option<Date>,
    channel: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    basis: Option<String>,
    requester: Option<String>,
    state: Option<String>,
    words: Vec<String>,
    /// Numbers among the words: of an entry, or of a channel.
    numbers: Vec<u64>,
}

/// The fields of a filter, as addresses have them.
const NAMES: [&str; 9] =
    ["from", "to", "channel", "action", "outcome", "basis", "requester", "state", "q"];

impl Filter {
    /// Reads the fields of an address.
    fn read(sent: &Fields) -> std::result::Result<Self, Vec<(String, String)>> {
        let text = |name: &str| sent.given(name).map(str::to_owned);
        let mut wrong = Vec::new();
        let mut day = |name: &str| match sent.given(name).map(law::parse_day) {
            Some(Ok(day)) => Some(day),
            Some(Err(why)) => {
                wrong.push((name.to_owned(), why));
                None
            }
            None => None,
        };
        let (mut words, mut numbers) = (Vec::new(), Vec::new());
        for word in sent.given("q").unwrap_or_default().split_whitespace() {
            match word.parse() {
                Ok(number) => numbers.push(number),
                Err(_) => words.push(word.to_lowercase()),
            }
        }
        let filter = Self {
            from: day("from"),
            to: day("to"),
            channel: text("channel"),
            action: text("action"),
            outcome: text("outcome"),
            basis: text("basis"),
            requester: text("requester"),
            state: text("state"),
            words,
            numbers,
        };
        if wrong.is_empty() { Ok(filter) } else { Err(wrong) }
    }

    /// Whether a request fits by its own fields, which is quick to say.
    fn fits(&self, store: &Store, at: u64, request: &Request) -> bool {
        let is = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|it| it == own);
        let stated = |own: &Option<String>| own.clone().unwrap_or_else(|| NOT_STATED.to_owned());
        let day = |wanted: Option<Date>| wanted.map(|day| day.to_string());
        is(&self.channel, &request.channel)
            && is(&self.basis, &request.basis)
            && is(&self.requester, &stated(&request.requester))
            && self.action.as_ref().is_none_or(|it| request.actions.contains(it))
            && day(self.from).is_none_or(|from| from <= request.day)
            && day(self.to).is_none_or(|to| request.day <= to)
            && self.numbers.iter().all(|number| {
                *number == at || *number == request.seq || matter::root(store, *number) == at
            })
    }

    /// Whether a matter fits.
    fn takes(&self, store: &Store, matter: &Matter<'_>, vocabulary: &Vocabulary) -> bool {
        let outcome = self.outcome.as_ref();
        let state = self.state.as_deref();
        outcome.is_none_or(|it| matter.decisions.iter().any(|(_, one)| one.outcome == *it))
            && state.is_none_or(|it| matter.state().word() == it)
            && self.finds(store, matter, vocabulary)
    }

    /// Whether the words that are searched for are in what is public of a matter.
    fn finds(&self, store: &Store, matter: &Matter<'_>, vocabulary: &Vocabulary) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let row = Row::of(store, matter, vocabulary);
        let request = matter.request;
        let text = [
            &row.channel,
            &request.channel,
            &row.day,
            &request.day,
            &row.actions,
            &row.basis,
            request.form.as_deref().unwrap_or_default(),
            request.station.as_deref().unwrap_or_default(),
            &row.requester,
            &row.done,
            row.state,
        ]
        .join(" ")
        .to_lowercase();
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}

/// A request, as a row shows it.
pub struct Row {
    pub entry: u64,
    pub day: String,
    pub channel: String,
    pub seq: u64,
    pub actions: String,
    pub basis: String,
    pub requester: String,
    /// The word of the outcome for each action.
    pub outcomes: Vec<(String, String)>,
    pub done: String,
    pub state: &'static str,
    pub void: bool,
}

impl Row {
    fn of(store: &Store, matter: &Matter<'_>, vocabulary: &Vocabulary) -> Self {
        let request = matter.request;
        let channels: &[Channel] = &store.settings().channels;
        let requester = request.requester.as_deref().unwrap_or(NOT_STATED);
        let decisions = matter.decisions.iter();
        let deeds: Vec<&str> = matter.deeds.iter().map(|it| words::deed(it.0)).collect();
        Self {
            entry: matter.index,
            day: words::day(&request.day),
            channel: words::channel(channels, &request.channel).to_owned(),
            seq: request.seq,
            actions: request.actions.join(", "),
            basis: words::value(vocabulary, "basis", &request.basis).to_owned(),
            requester: words::value(vocabulary, "requester", requester).to_owned(),
            outcomes: decisions.map(|it| (it.1.action.clone(), it.1.outcome.clone())).collect(),
            done: deeds.join("; "),
            state: matter.state().says(),
            void: matter.void,
        }
    }
}

/// Hands matters on that fit a filter, newest first, from before an entry, until `take` has enough.
fn each(
    app: &App,
    filter: &Filter,
    before: u64,
    mut take: impl FnMut(&Store, &Matter<'_>) -> bool,
) -> Result<()> {
    let vocabulary = app.library().vocabulary();
    walk(app, before, |store, at, request| {
        if !filter.fits(store, at, request) {
            return true;
        }
        let matter = Matter::of(store, at);
        let matter = matter.filter(|matter| filter.takes(store, matter, vocabulary));
        matter.is_none_or(|matter| take(store, &matter))
    })
}

/// Hands every request on, newest first, until `take` has enough.
pub fn each_request(app: &App, take: impl FnMut(&Store, u64, &Request) -> bool) -> Result<()> {
    walk(app, u64::MAX, take)
}

/// Requests, newest first. The register is let go of between, so that recording does not wait for
/// a long search.
fn walk(app: &App, before: u64, mut take: impl FnMut(&Store, u64, &Request) -> bool) -> Result<()> {
    let mut end = before;
    while end > 0 {
        let next = app.read(|store| {
            let last = end.min(store.size());
            let first = last.saturating_sub(STEP);
            for at in (first..last).rev() {
                let Some(entry) = store.entry(at) else { continue };
                let Public::Request(request) = &entry.public else { continue };
                if !take(store, at, request) {
                    return Ok(0);
                }
            }
            Ok(first)
        })?;
        end = next;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "desk/register.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    /// The address of the page of older ones.
    older: Option<String>,
    /// The address of the same list as a file.
    export: String,
    filtered: bool,
    from: String,
    to: String,
    q: String,
    channels: Vec<Choice>,
    actions: Vec<Choice>,
    outcomes: Vec<Choice>,
    bases: Vec<Choice>,
    requesters: Vec<Choice>,
    states: Vec<Choice>,
    wrong: Vec<(String, String)>,
}

impl List {
    fn error(&self, name: &str) -> &str {
        self.wrong.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str())
    }
}

/// The fields of the filter that are set, and no others.
fn kept(sent: &Fields) -> Fields {
    let mut kept = Fields::default();
    for name in NAMES {
        if let Some(value) = sent.given(name) {
            kept.push(name, value);
        }
    }
    kept
}

/// The matters, newest first.
pub fn list(visit: &Visit) -> Given {
    let before = visit.query.given("before").and_then(|it| it.parse().ok()).unwrap_or(u64::MAX);
    let vocabulary = visit.app.library().vocabulary();
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    match Filter::read(&visit.query) {
        Ok(filter) => each(&visit.app, &filter, before, |store, matter| {
            rows.push(Row::of(store, matter, vocabulary));
            rows.len() <= ROWS
        })?,
        Err(why) => wrong = why,
    }
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let kept = kept(&visit.query);
    let older = rows.last().filter(|_| more).map(|row| {
        let mut older = kept.clone();
        older.push("before", row.entry.to_string());
        format!("/register?{}", older.to_query())
    });
    let failed = !wrong.is_empty();
    let list = shown(visit, rows, older, &kept, wrong);
    if failed { Reply::again(&list) } else { Reply::page(&list) }
}

fn shown(
    visit: &Visit,
    rows: Vec<Row>,
    older: Option<String>,
    kept: &Fields,
    wrong: Vec<(String, String)>,
) -> List {
    let vocabulary = visit.app.library().vocabulary();
    let now = |name: &str| kept.get(name).unwrap_or_default().to_owned();
    let chosen = |name: &str, value: &str| kept.get(name) == Some(value);
    let of_fact = |fact: &str| -> Vec<Choice> {
        let found = vocabulary.fact(fact).and_then(|at| vocabulary.facts.get(at));
        let values = found.map(|fact| fact.values.as_slice()).unwrap_or_default();
        let values =
            values.iter().map(|it| Choice::new(&it.name, &it.says, chosen(fact, &it.name)));
        let none = Choice::new(NOT_STATED, "not stated", chosen(fact, NOT_STATED));
        values.chain([none]).collect()
    };
    let channels = visit.app.settings().channels.iter();
    let actions = vocabulary.actions.iter();
    let outcome = |(outcome, says): (Outcome, &str)| {
        Choice::new(outcome.word(), says, chosen("outcome", outcome.word()))
    };
    List {
        page: visit.page("Register", "register"),
        rows,
        older,
        export: format!("/register/export.csv?{}", kept.to_query()),
        filtered: kept.each().next().is_some(),
        from: now("from"),
        to: now("to"),
        q: now("q"),
        channels: channels
            .map(|it| Choice::new(&it.id, &it.label, chosen("channel", &it.id)))
            .collect(),
        actions: actions
            .map(|it| Choice::new(&it.name, &it.says, chosen("action", &it.name)))
            .collect(),
        outcomes: OUTCOMES.into_iter().map(outcome).collect(),
        bases: of_fact("basis"),
        requesters: of_fact("requester"),
        states: State::ALL
            .into_iter()
            .map(|(_, word, says)| Choice::new(word, says, chosen("state", word)))
            .collect(),
        wrong,
    }
}

/// The heads of the columns of an export.
const HEADS: &str = "entry,day,channel,number,actions,basis,form,boxes,station,requester,\
    decisions,done,state\r\n";

/// A cell, quoted as RFC 4180 says. A spreadsheet would run one that starts like a formula, and a
/// station is typed by hand: such a cell gets an apostrophe in front.
fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    match mark.is_empty() && !text.contains([',', '"', '\r', '\n']) {
        true => text.to_owned(),
        false => format!("\"{mark}{}\"", text.replace('"', "\"\"")),
    }
}

fn line(matter: &Matter<'_>) -> String {
    let request = matter.request;
    let decisions = matter.decisions.iter();
    let decisions: Vec<_> =
        decisions.map(|(_, it)| format!("{}={}", it.action, it.outcome)).collect();
    let deeds = matter.deeds.iter();
    let deeds: Vec<_> =
        deeds.map(|(what, day)| format!("{}={day}", words::deed_word(*what))).collect();
    let cells = [
        matter.index.to_string(),
        request.day.clone(),
        request.channel.clone(),
        request.seq.to_string(),
        request.actions.join(" "),
        request.basis.clone(),
        request.form.clone().unwrap_or_default(),
        request.reasons.join(" "),
        request.station.clone().unwrap_or_default(),
        request.requester.clone().unwrap_or_default(),
        decisions.join(" "),
        deeds.join(" "),
        matter.state().word().to_owned(),
    ];
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// The public fields of the list as a file for spreadsheets, in the words of entries.
pub fn export(visit: &Visit) -> Given {
    let filter = Filter::read(&visit.query).map_err(|wrong| {
        let wrong: Vec<_> = wrong.into_iter().map(|(_, why)| why).collect();
        Refusal::input(wrong.join("\n"))
    })?;
    let (mut text, mut rows) = (HEADS.to_owned(), 0_usize);
    each(&visit.app, &filter, u64::MAX, |_, matter| {
        rows = rows.saturating_add(1);
        text.push_str(&line(matter));
        rows <= MOST_ROWS
    })?;
    if rows > MOST_ROWS {
        return Err(Refusal::input(format!(
            "There are more than {MOST_ROWS} requests in this list. Choose fewer days."
        )));
    }
    Ok(Reply::file("text/csv; charset=utf-8", "register.csv", text))
}
