//! The law room with its texts, for a browser.
//!
//! In: a question as JSON text, with the options of the command line by their names. Out: the JSON
//! that `bailiwick --json` prints, errors too; the fields are in `docs/spec/answers.md`. Absent: a
//! clock (the day is part of the question), a register, and any state an answer could depend on.

mod texts;

use jiff::civil::Time;
use law::{Pack, Statement, answers, parse_day};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

/// The longest question that is read, in bytes; the vocabulary's facts, all stated, are a tenth.
const LONGEST: usize = 65_536;

/// Why there is no answer, with the code of `docs/spec/answers.md`.
struct Refused {
    message: String,
    code: u8,
}

impl<T: ToString> From<T> for Refused {
    fn from(error: T) -> Self {
        Self { message: error.to_string(), code: 2 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decide {
    agency: String,
    on: String,
    at: Option<String>,
    action: Vec<String>,
    #[serde(default)]
    fact: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    agency: String,
    on: String,
    action: String,
    #[serde(default)]
    fact: Vec<String>,
    #[serde(default)]
    unknown: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    agency: String,
    on: String,
    action: Vec<String>,
    #[serde(default)]
    fact: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Law {
    agency: String,
    on: String,
}

/// What the law in force makes of a request: `agency`, `on`, `action` (a list), and perhaps `fact`
/// (a list of `name=value@source`) and `at`.
#[wasm_bindgen]
#[must_use]
pub fn decide(question: &str) -> String {
    answer(question, |asked: Decide| {
        let pack = pack(&asked.agency, &asked.on)?;
        let at = asked.at.as_deref().map(time).transpose()?;
        let (actions, facts) = (some(&asked.action)?, statements(&asked.fact)?);
        Ok(answers::as_data(&answers::decisions(&pack, actions, &facts, at)?))
    })
}

/// The next question worth asking: `agency`, `on`, `action` (one), and perhaps `fact` and `unknown`
/// (lists).
#[wasm_bindgen]
#[must_use]
pub fn ask(question: &str) -> String {
    answer(question, |asked: Ask| {
        let pack = pack(&asked.agency, &asked.on)?;
        let facts = statements(&asked.fact)?;
        Ok(json!(answers::next(&pack, &asked.action, &facts, &asked.unknown)?))
    })
}

/// The few facts that settle a case, whatever else is so: as [`decide()`], without `at`.
#[wasm_bindgen]
#[must_use]
pub fn why(question: &str) -> String {
    answer(question, |asked: Why| {
        let pack = pack(&asked.agency, &asked.on)?;
        let (actions, facts) = (some(&asked.action)?, statements(&asked.fact)?);
        Ok(json!(answers::explained(&pack, actions, &facts)?))
    })
}

/// The law in force for an agency on a day, and what can be asked of it: `agency` and `on`.
#[wasm_bindgen]
#[must_use]
pub fn law(question: &str) -> String {
    answer(question, |asked: Law| {
        let pack = pack(&asked.agency, &asked.on)?;
        let editions = pack.editions.iter().map(|edition| {
            let instrument = &edition.instrument;
            json!({
                "id": instrument.id, "citation": instrument.citation, "maker": instrument.maker,
                "from": edition.from.to_string(), "grade": instrument.day_grade,
            })
        });
        let actions = pack.vocabulary.actions.iter();
        Ok(json!({
            "pack": pack.name(),
            "name": pack.agency.name,
            "editions": editions.collect::<Vec<_>>(),
            "actions": actions
                .map(|action| json!({ "name": action.name, "says": action.says }))
                .collect::<Vec<_>>(),
        }))
    })
}

/// The agencies whose law is inside.
#[wasm_bindgen]
#[must_use]
pub fn agencies() -> String {
    said(texts::agencies().map(|agencies| {
        let agencies = agencies.iter().map(
            |agency| json!({ "id": agency.id, "name": agency.name, "timezone": agency.timezone }),
        );
        agencies.collect()
    }))
}

/// Reads a question and writes its answer.
fn answer<Q: DeserializeOwned>(
    question: &str,
    answer: impl FnOnce(Q) -> Result<Value, Refused>,
) -> String {
    said(read(question).and_then(answer))
}

fn read<Q: DeserializeOwned>(question: &str) -> Result<Q, Refused> {
    if question.len() > LONGEST {
        return Err(format!(
            "the question has {} bytes, and more than {LONGEST} are not read; state fewer facts",
            question.len()
        )
        .into());
    }
    serde_json::from_str(question).map_err(|error| {
        format!(
            "the question cannot be read: {error}; write JSON such as \
             {{\"agency\": \"us-ma-boston-pd\", \"on\": \"2025-03-01\", \"action\": [\"hold\"], \
             \"fact\": [\"basis=detainer@document\"]}} (for `ask`, `action` is one word)"
        )
        .into()
    })
}

/// The answer's text: what the program prints.
fn said(answer: Result<Value, Refused>) -> String {
    let value =
        answer.unwrap_or_else(|refused| json!({ "error": refused.message, "code": refused.code }));
    format!("{value:#}")
}

fn pack(agency: &str, on: &str) -> Result<Pack, Refused> {
    texts::pack(agency, parse_day(on)?)
}

fn time(text: &str) -> Result<Time, Refused> {
    let error = |_| format!("`{text}` is no time of day; write hours and minutes, as in 14:30");
    Ok(text.parse().map_err(error)?)
}

fn some(actions: &[String]) -> Result<&[String], Refused> {
    match actions {
        [] => Err("no action is asked; `action` lists what would be done: [\"hold\"]".into()),
        some => Ok(some),
    }
}

fn statements(facts: &[String]) -> Result<Vec<Statement>, Refused> {
    let mut read = Vec::new();
    for fact in facts {
        read.push(fact.parse::<Statement>()?);
    }
    Ok(read)
}
