//! Commands that look at every case at once: the interview, the reasons, the difference, proofs.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use law::answers::{self, Explained};
use law::{Library, Outcome, Statement, Survey, prove, survey};
use serde_json::json;

use super::Case;
use super::commands::decisions;
use crate::answer::{self, Answer};
use crate::error::{Error, Result};
use crate::interview::{Interviewed, interview, next};
use crate::{clock, compare, desk, replay, texts};

/// `ask`
#[derive(Debug, Args)]
pub struct Ask {
    /// The agency that is asked.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The day whose law is applied; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// What would be done.
    #[arg(long, value_name = "ACTION")]
    pub action: String,
    /// What is known before: as for `decide`.
    #[arg(long = "fact", value_name = "NAME=VALUE[@SOURCE]")]
    pub facts: Vec<Statement>,
    /// A fact nobody can tell, which is not asked. Several times.
    #[arg(long, value_name = "NAME")]
    pub unknown: Vec<String>,
}

/// `why`
#[derive(Debug, Args)]
pub struct Why {
    /// The agency that is asked.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The day whose law is applied; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// The case.
    #[command(flatten)]
    pub case: Case,
}

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The agency.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The day of the first law; today if not given.
    #[arg(value_name = "FROM", value_parser = law::parse_day)]
    pub from: Option<Date>,
    /// The day of the second; today if not given.
    #[arg(value_name = "TO", value_parser = law::parse_day)]
    pub to: Option<Date>,
    /// The second law is in another folder: an amendment in preparation.
    #[arg(long, value_name = "DIR")]
    pub with: Option<PathBuf>,
    /// Only this action.
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// A table as for `replay`: how many of its rows come to another outcome.
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,
    /// A fact assumed for every row of the table. Several times.
    #[arg(long = "assume", value_name = "NAME=VALUE")]
    pub assumed: Vec<Statement>,
}

/// `prove`
#[derive(Debug, Args)]
pub struct Prove {
    /// The agency.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The day; today if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
}

/// Asks what has to be asked, and answers. As data, only the next question: a page or a telephone
/// asks it, and comes back with the answer.
pub(super) fn ask(library: &Library, asked: &Ask, as_data: bool) -> Result<Answer> {
    let on = clock::day(library, &asked.agency, asked.on)?;
    let pack = desk::pack(library, &asked.agency, on)?;
    let given = Interviewed {
        statements: asked.facts.clone(),
        nobody: asked.unknown.clone(),
        questions: 0,
    };
    if as_data {
        let next = next(&pack, &asked.action, &given)?;
        return Ok(Answer::new(String::new(), json!(next)));
    }
    let (answers, out) = (std::io::stdin().lock(), std::io::stderr());
    let done = interview(&pack, &asked.action, given, answers, out)?;
    let case = Case { actions: vec![asked.action.clone()], facts: done.statements };
    let decisions = decisions(&pack, &case, None)?;
    let mut text = format!("\nAfter {} questions:\n\n", done.questions);
    text.push_str(&answer::decisions(&decisions, &pack));
    Ok(Answer::new(text, answers::as_data(&decisions)))
}

/// The fewest facts that settle a case, and the provisions in words.
pub(super) fn why_so(library: &Library, asked: &Why) -> Result<Answer> {
    let on = clock::day(library, &asked.agency, asked.on)?;
    let pack = desk::pack(library, &asked.agency, on)?;
    let facts = pack.facts(&asked.case.facts).map_err(|e| Error::inputs(&e))?;
    let explained =
        answers::explained(&pack, &asked.case.actions, &asked.case.facts).map_err(input)?;
    let mut text = String::new();
    for Explained { decision, sufficient, flips } in &explained {
        if decision.outcome != Outcome::NeedFacts {
            let said: Vec<String> = sufficient
                .iter()
                .filter_map(|name| {
                    let at = pack.vocabulary.fact(name)?;
                    let fact = pack.vocabulary.facts.get(at)?;
                    Some(format!("{name}={}", fact.value(facts.value(at)?)?.name))
                })
                .collect();
            let said = if said.is_empty() { "nothing at all".to_owned() } else { said.join(", ") };
            let _ = writeln!(text, "Enough to know, whatever else is so: {said}.\n");
        }
        for flip in flips.iter().filter(|flip| flip.len() > 1) {
            let outcome = flip.first().map_or("", |change| change.outcome.word());
            let says: Vec<&str> = flip.iter().map(|change| change.says.as_str()).collect();
            let outcome = outcome.replace('_', " ").to_uppercase();
            let _ = writeln!(text, "{outcome}, {}.\n", says.join(", and "));
        }
    }
    let json = json!(explained);
    let decisions: Vec<_> = explained.into_iter().map(|it| it.decision).collect();
    text.push_str(&answer::decisions(&decisions, &pack));
    Ok(Answer::new(text, json))
}

/// Every difference between two laws, as scenarios.
pub(super) fn difference(library: &Library, asked: &Diff) -> Result<Answer> {
    let other_texts = asked
        .with
        .as_deref()
        .map(|folder| texts::library(Some(folder), Some(&asked.agency)))
        .transpose()?;
    let other = other_texts.as_ref().unwrap_or(library);
    let from = clock::day(library, &asked.agency, asked.from)?;
    let to = clock::day(other, &asked.agency, asked.to)?;
    let before = desk::pack(library, &asked.agency, from)?;
    let after = desk::pack(other, &asked.agency, to)?;
    let found = compare::differences(&before, &after, asked.action.as_deref())?;
    let mut text = format!("Law of {}: {from} against {to}.\n", before.agency.name);
    if found.is_empty() {
        text.push_str("\nNo case comes to another outcome.\n");
    }
    found.iter().for_each(|difference| compare::scenario(&mut text, difference));
    let mut json = json!({
        "before": before.name(), "after": after.name(), "differences": found,
    });
    if let Some(file) = &asked.table {
        let cases = replay::read(file, &before.vocabulary)?;
        let actions: Vec<String> = asked.action.iter().cloned().collect();
        let under = |pack| replay::under(file, &cases, pack, &actions, &asked.assumed);
        let (old, new) = (under(&before)?, under(&after)?);
        let _ = write!(
            text,
            "\nOf the {} rows of {}:\n{}",
            old.rows,
            file.display(),
            replay::changed(&old, &new)
        );
        if let Some(json) = json.as_object_mut() {
            json.insert("table".to_owned(), replay::changed_json(&old, &new));
        }
    }
    Ok(Answer::new(text, json))
}

/// The properties beside the law, proved or broken, and what each action can come to.
pub(super) fn proofs(library: &Library, asked: &Prove) -> Result<Answer> {
    let on = clock::day(library, &asked.agency, asked.on)?;
    let pack = desk::pack(library, &asked.agency, on)?;
    let mut text = format!("Law of {} on {on}.\n\nProperties:\n", pack.agency.name);
    let mut properties = Vec::new();
    for property in pack.editions.iter().flat_map(|edition| &edition.properties) {
        let broken = prove(&pack, property).map_err(input)?;
        let _ = match &broken {
            None => writeln!(text, "- PROVED: {}", property.say),
            Some(case) => writeln!(
                text,
                "- BROKEN: {}\n  {:?} is `{}` because of {:?}",
                property.say,
                case.facts,
                case.outcome.word(),
                case.grounds
            ),
        };
        properties.push(json!({ "say": property.say, "counterexample": broken }));
    }
    if properties.is_empty() {
        text.push_str("- none is written beside this law\n");
    }
    let surveys = survey(&pack).map_err(input)?;
    text.push_str("\nWhat each action can come to, in shares of all possible cases:\n");
    surveys.iter().for_each(|survey| surveyed(&mut text, survey));
    let json = json!({ "pack": pack.name(), "properties": properties, "actions": surveys });
    Ok(Answer::new(text, json))
}

fn surveyed(text: &mut String, survey: &Survey) {
    let _ = writeln!(text, "- {} ({} nodes)", survey.action, survey.nodes);
    for (outcome, share, case) in &survey.outcomes {
        let facts: Vec<String> = case.facts.iter().map(|(f, v)| format!("{f}={v}")).collect();
        let (outcome, facts) = (outcome.word(), facts.join(" "));
        let _ = writeln!(text, "  {outcome} {:.1} %, such as: {facts}", share * 100.0);
    }
    for rule in &survey.never {
        let _ = writeln!(text, "  `{rule}` never decides");
    }
}

fn input(error: law::CannotAnalyse) -> Error {
    Error::Input(error.to_string())
}
