//! Two laws of the agency, told by the cases in which they differ.

use askama::Template;
use law::{Action, Difference, Vocabulary};

use super::{Change, changes, pack};
use crate::compare::{self, word};
use crate::error::{Error, Result};
use crate::web::visit::{Given, Page, Reply, Visit};

/// A difference, to be read.
struct Scenario {
    action: String,
    /// In the words of the command.
    heading: String,
    before: String,
    after: String,
    share: String,
    /// Each fact as a question, with the values that make it so.
    facts: Vec<(String, String)>,
    /// The same in the words of the command.
    words: Vec<String>,
    example: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/law-compare.html")]
struct Compare {
    page: Page,
    before: String,
    after: String,
    action: String,
    actions: Vec<Action>,
    changes: Vec<Change>,
    wrong: Option<String>,
    scenarios: Vec<Scenario>,
    /// Whether a comparison was made at all.
    compared: bool,
}

/// Compares the law of two days.
pub fn compare(visit: &Visit) -> Given {
    let changes = changes(&visit.app)?;
    let field = |name| visit.query.given(name).map(str::to_owned);
    // The two days on which the law changed last: one is the last day of the old law's successor.
    let at = |place: usize| changes.get(place).map(|change| change.day.clone());
    let newest = at(0).unwrap_or_default();
    let before = field("before").or_else(|| at(1)).unwrap_or_else(|| newest.clone());
    let after = field("after").unwrap_or(newest);
    let action = field("action").unwrap_or_default();
    let mut page = Compare {
        page: visit.page("Compare two laws", "law"),
        actions: visit.app.library().vocabulary().actions.clone(),
        changes,
        wrong: None,
        scenarios: Vec::new(),
        compared: false,
        before,
        after,
        action,
    };
    match scenarios(visit, &page) {
        Ok(scenarios) => {
            page.scenarios = scenarios;
            page.compared = true;
            Reply::page(&page)
        }
        Err(Error::Input(why)) => {
            page.wrong = Some(why);
            Reply::again(&page)
        }
        Err(error) => Err(error.into()),
    }
}

fn scenarios(visit: &Visit, asked: &Compare) -> Result<Vec<Scenario>> {
    let day = |text: &str| law::parse_day(text).map_err(Error::Input);
    let before = pack(&visit.app, day(&asked.before)?)?;
    let after = pack(&visit.app, day(&asked.after)?)?;
    let action = Some(asked.action.as_str()).filter(|action| !action.is_empty());
    let found = compare::differences(&before, &after, action)?;
    let vocabulary = visit.app.library().vocabulary();
    Ok(found.iter().map(|found| scenario(vocabulary, found)).collect())
}

fn scenario(vocabulary: &Vocabulary, found: &Difference) -> Scenario {
    let action = vocabulary.action(&found.action).and_then(|at| vocabulary.actions.get(at));
    let question = |(name, values): (&String, &Vec<String>)| {
        let fact = vocabulary.fact(name).and_then(|at| vocabulary.facts.get(at))?;
        let says = |value: &String| {
            let known = fact.position(value).and_then(|at| fact.value(at));
            known.map_or_else(|| value.clone(), |known| known.says.clone())
        };
        let values: Vec<String> = values.iter().map(says).collect();
        Some((fact.question.clone(), values.join(", or ")))
    };
    Scenario {
        action: action.map_or_else(|| found.action.clone(), |action| action.says.clone()),
        heading: compare::heading(found),
        before: word(found.before),
        after: word(found.after),
        share: format!("{:.2} %", found.share * 100.0),
        facts: found.facts.iter().filter_map(question).collect(),
        words: compare::facts(found),
        example: compare::example(found),
    }
}
