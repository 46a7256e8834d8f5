//! The form of a request that came in: what it asks, as choices with the vocabulary's words, and
//! what was answered.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use law::{Fact, Pack, Source, Statement};

use crate::desk::{self, Intake};
use crate::publish::REASONS;
use crate::web::app::App;
use crate::web::fields::Fields;
use crate::web::pages::Choice;
use crate::web::papers::{Meaning, Reading, Waiting};
use crate::web::visit::Visit;
use crate::web::words;

/// What is in front of the name of a fact, and of one that is typed.
const FACT: &str = "f.";
const TYPED: &str = "t.";

/// In front of the number of a reading, with `yes` or `no`.
const CONFIRMED: &str = "read.";

/// The facts that are asked first, and in every case.
const FIRST: [&str; 3] = ["form", "basis", "requester"];

/// Fields' names, each with what is wrong.
pub type Wrong = Vec<(String, String)>;

/// A fact that is asked.
pub struct Asked {
    pub name: String,
    pub question: String,
    pub choices: Vec<Choice>,
    pub error: String,
    /// For a day or a number: the field to type it in, its kind, and what was typed.
    pub typed: Option<(String, &'static str, String)>,
}

/// A reading, to be confirmed.
pub struct Confirm {
    pub name: String,
    pub field: String,
    pub says: String,
    pub choices: Vec<Choice>,
    pub error: String,
}

/// The form, filled in as far as it was.
pub struct Form {
    pub channels: Vec<Choice>,
    pub day: String,
    pub at: String,
    pub station: String,
    pub confirm: Vec<Confirm>,
    pub actions: Vec<Choice>,
    pub boxes: Vec<Choice>,
    pub facts: Vec<Asked>,
    pub reference: String,
    pub note: String,
    pub has: String,
    pub once: String,
    pub wrong: Wrong,
}

impl Form {
    /// What is wrong with a field; empty for nothing.
    pub fn error(&self, name: &str) -> &str {
        error(&self.wrong, name)
    }

    /// The form with what was answered.
    pub fn new(app: &App, sent: &Fields, read: &[Reading], once: String, wrong: Wrong) -> Self {
        let vocabulary = app.library().vocabulary();
        let text = |name: &str| sent.get(name).unwrap_or_default().to_owned();
        let chosen = |name: &str, value: &str| sent.all(name).any(|it| it == value);
        let channels = app.settings().channels.iter();
        let actions = vocabulary.actions.iter();
        let day = sent.given("day").and_then(|day| law::parse_day(day).ok());
        let facts = facts(app, day.unwrap_or_else(|| app.today()));
        Self {
            channels: channels
                .map(|it| Choice::new(&it.id, &it.label, chosen("channel", &it.id)))
                .collect(),
            day: text("day"),
            at: text("at"),
            station: text("station"),
            confirm: (0..).zip(read).map(|(at, it)| confirm(app, at, it, sent, &wrong)).collect(),
            actions: actions
                .map(|it| {
                    Choice::new(&it.name, words::capital(&it.says), chosen("action", &it.name))
                })
                .collect(),
            boxes: REASONS
                .iter()
                .map(|(name, says)| Choice::new(*name, *says, chosen("box", name)))
                .collect(),
            facts: facts.iter().map(|fact| asked(fact, sent, &wrong)).collect(),
            reference: text("reference"),
            note: text("note"),
            has: text("has"),
            once,
            wrong,
        }
    }
}

fn error<'a>(wrong: &'a Wrong, name: &str) -> &'a str {
    wrong.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str())
}

/// The facts that the law of a day asks for at all, in the vocabulary's order; the paper first.
pub fn facts(app: &App, day: Date) -> Vec<Fact> {
    let vocabulary = app.library().vocabulary();
    let pack = desk::pack(app.library(), &app.settings().agency, day);
    let used: BTreeSet<usize> = pack.iter().flat_map(used).collect();
    let first = FIRST.iter().filter_map(|name| vocabulary.fact(name));
    let rest = used.into_iter().filter(|at| {
        let name = vocabulary.facts.get(*at).map(|fact| fact.name.as_str());
        !name.is_some_and(|name| FIRST.contains(&name))
    });
    first.chain(rest).filter_map(|at| vocabulary.facts.get(at)).cloned().collect()
}

fn used(pack: &Pack) -> Vec<usize> {
    let mut facts = Vec::new();
    for (_, rule) in pack.rules() {
        rule.cond.facts(&mut facts);
    }
    facts
}

/// A fact as a question with its answers.
pub fn asked(fact: &Fact, sent: &Fields, wrong: &Wrong) -> Asked {
    let name = format!("{FACT}{}", fact.name);
    let typed = format!("{TYPED}{}", fact.name);
    let now = sent.get(&name).unwrap_or_default();
    let values = fact.values.iter();
    let kind = match fact.measure {
        None => None,
        Some(law::Measure::Day(_)) => Some("date"),
        Some(law::Measure::Number(_)) => Some("text"),
    };
    Asked {
        question: fact.question.clone(),
        choices: values
            .map(|it| Choice::new(&it.name, words::capital(&it.says), it.name == now))
            .collect(),
        error: error(wrong, &name).to_owned(),
        typed: kind.map(|kind| {
            let said = sent.get(&typed).unwrap_or_default().to_owned();
            (typed.clone(), kind, said)
        }),
        name,
    }
}

fn confirm(app: &App, at: usize, reading: &Reading, sent: &Fields, wrong: &Wrong) -> Confirm {
    let name = format!("{CONFIRMED}{at}");
    let now = sent.get(&name);
    let (vocabulary, what) = (app.library().vocabulary(), &reading.says);
    let says = match &reading.value {
        Meaning::Box(word) => format!("Ticked: {}", words::ticked(word)),
        Meaning::Action(_) => format!("Ticked: it asks {what}"),
        Meaning::Fact(fact, value) => words::value(vocabulary, fact, value).to_owned(),
        Meaning::Dated(day) => format!("The paper is of {}", words::day(day)),
    };
    let field = match reading.field.as_str() {
        "" => what.clone(),
        field => field.to_owned(),
    };
    let choices = vec![
        Choice::new("yes", "As on the paper", now == Some("yes")),
        Choice::new("no", "Not so on the paper", now == Some("no")),
    ];
    Confirm { error: error(wrong, &name).to_owned(), name, field, says, choices }
}

/// Facts that were answered in a form. What is typed goes before what is chosen.
pub fn statements(app: &App, sent: &Fields, wrong: &mut Wrong) -> Vec<Statement> {
    let vocabulary = app.library().vocabulary();
    let mut said = Vec::new();
    for fact in &vocabulary.facts {
        let chosen = format!("{FACT}{}", fact.name);
        let typed = sent.given(&format!("{TYPED}{}", fact.name));
        let typed = typed.filter(|_| fact.measure.is_some());
        let Some(value) = typed.or_else(|| sent.given(&chosen)) else { continue };
        if fact.measure.is_none()
            && let Err(why) = fact.read(value)
        {
            wrong.push((chosen, why));
            continue;
        }
        said.push(Statement::new(&fact.name, value, Source::Officer));
    }
    said
}

/// What came in, as the form says; or what is wrong with it.
pub fn read(visit: &Visit, paper: Option<&Waiting>) -> Result<Intake, Wrong> {
    let (app, sent) = (&visit.app, &visit.form);
    let mut wrong = Wrong::new();
    let mut no = |name: &str, why: &str| wrong.push((name.to_owned(), why.to_owned()));
    let text = |name: &str| sent.given(name).map(str::to_owned);
    let (channel, day, time) = came(app, sent, &mut no);
    let vocabulary = app.library().vocabulary();
    let known = |name: &&str| vocabulary.action(name).is_some();
    let mut actions: Vec<String> = sent.all("action").filter(known).map(str::to_owned).collect();
    let mut reasons: Vec<String> = sent.all("box").map(str::to_owned).collect();
    let mut stated = statements(app, sent, &mut wrong);
    let read = paper.map_or(&[][..], |paper| paper.read.as_slice());
    let mut dated = None;
    for (at, reading) in read.iter().enumerate() {
        let name = format!("{CONFIRMED}{at}");
        match sent.get(&name) {
            Some("yes") => {}
            Some("no") => continue,
            _ => {
                let why = "Compare this with the paper and say whether it is so there.";
                wrong.push((name, why.to_owned()));
                continue;
            }
        }
        match &reading.value {
            Meaning::Box(word) => reasons.push(word.clone()),
            Meaning::Action(word) => actions.push(word.clone()),
            Meaning::Dated(day) => dated = day.parse().ok(),
            Meaning::Fact(fact, value) => {
                let other = stated.iter().find(|it| it.fact == *fact && it.value != *value);
                if other.is_some() {
                    let why = "You confirmed another value, read from the paper's fields.";
                    wrong.push((format!("{FACT}{fact}"), why.to_owned()));
                }
                stated.retain(|it| it.fact != *fact);
                stated.push(Statement::new(fact, value, Source::Document));
            }
        }
    }
    let mut once = BTreeSet::new();
    actions.retain(|action| once.insert(action.clone()));
    if actions.is_empty() {
        wrong.push(("action".to_owned(), "Choose what is asked, one thing or more.".to_owned()));
    }
    let (Some(day), true) = (day, wrong.is_empty()) else { return Err(wrong) };
    Ok(Intake {
        channel,
        day,
        time,
        station: text("station"),
        actions,
        statements: stated,
        reasons,
        reference: text("reference"),
        note: text("note"),
        by: Some(visit.login().to_owned()),
        has: text("has"),
        dated,
        paper: paper.map(|paper| paper.sealed.private()),
        ..Intake::default()
    })
}

/// How and when something came.
pub fn came(
    app: &App,
    sent: &Fields,
    no: &mut impl FnMut(&str, &str),
) -> (String, Option<Date>, Option<Time>) {
    let channel = sent.given("channel").unwrap_or_default();
    if app.channel(channel).is_none() {
        no("channel", "Choose how it came.");
    }
    let day = sent.given("day").and_then(|day| law::parse_day(day).ok());
    match day {
        None => no("day", "Write the day it came."),
        Some(day) if day > app.today() => no("day", "This day is still to come."),
        Some(_) => {}
    }
    let time = sent.given("at").map(str::parse::<Time>);
    if let Some(Err(_)) = time {
        no("at", "This is no time of day: write it as 14:05.");
    }
    (channel.to_owned(), day, time.and_then(Result::ok))
}
