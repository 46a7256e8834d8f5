//! Checks of the law as data: its examples run as tests, and the lints.
//!
//! In: a [`Library`]. Out: problems, each with its place. A rule that no example notices when it
//! is taken out is a problem like a failing example.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::edition::Example;
use crate::pack::NoPack;
use crate::{Decision, Library, Outcome, Problem, Rule, Source, Statement, decide, prove};

/// What was checked and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Editions read.
    pub editions: usize,
    /// Rules read.
    pub rules: usize,
    /// Examples run.
    pub examples: usize,
    /// Properties proved, once for every pack that has them in force.
    pub proofs: usize,
    /// Rules whose absence at least one example notices.
    pub load_bearing: usize,
    /// What is wrong, sorted by file and line.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// Runs every example and every lint.
pub fn check(library: &Library) -> Checked {
    let mut checked = Checked { editions: library.editions().count(), ..Checked::default() };
    for edition in library.editions() {
        checked.rules = checked.rules.saturating_add(edition.rules.len());
        checked.examples = checked.examples.saturating_add(edition.examples.len());
        for example in &edition.examples {
            if let Err(message) = run(library, example) {
                let problem = Problem::new(&example.file, example.line, message);
                checked.problems.push(problem.under(&example.heading));
            }
        }
    }
    let (proofs, broken) = properties(library);
    checked.proofs = proofs;
    checked.problems.extend(broken);
    if checked.problems.is_empty() {
        for edition in library.editions() {
            for rule in &edition.rules {
                if is_load_bearing(library, rule) {
                    checked.load_bearing = checked.load_bearing.saturating_add(1);
                } else {
                    let message = format!(
                        "no example notices when `{}` is taken out; write one that does",
                        rule.id
                    );
                    let problem = Problem::new(&rule.file, rule.line, message);
                    checked.problems.push(problem.under(&rule.heading));
                }
            }
        }
        checked.problems.extend(unused_facts(library));
        checked.problems.extend(change_days(library));
    }
    checked.problems.sort();
    checked
}

/// Proves every property in every pack that has it in force: how many proofs, and what is broken.
fn properties(library: &Library) -> (usize, Vec<Problem>) {
    let mut proofs = 0_usize;
    let mut broken: BTreeMap<(String, usize), Problem> = BTreeMap::new();
    for agency in library.agencies() {
        for day in library.change_days(&agency.id).unwrap_or_default() {
            let Ok(pack) = library.pack(&agency.id, day) else { continue };
            for property in pack.editions.iter().flat_map(|edition| &edition.properties) {
                let message = match prove(&pack, property) {
                    Ok(None) => {
                        proofs = proofs.saturating_add(1);
                        continue;
                    }
                    Ok(Some(case)) => format!(
                        "\"{}\" does not hold for `{}` on {day}: {} it is {}",
                        property.say,
                        agency.id,
                        with(&case.facts),
                        because(case.outcome, &case.grounds)
                    ),
                    Err(error) => format!("\"{}\" on {day}: {error}", property.say),
                };
                let problem = Problem::new(&property.file, property.line, message);
                let problem = problem.under(&property.heading);
                broken.entry((property.file.clone(), property.line)).or_insert(problem);
            }
        }
    }
    (proofs, broken.into_values().collect())
}

/// Takes a rule out and asks whether any example notices.
pub fn is_load_bearing(library: &Library, rule: &Rule) -> bool {
    let less = library.without(rule);
    let binds = |example: &&Example| {
        let folder = rule.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let agency = agency(library, example).ok().and_then(|id| library.agency(&id).ok());
        agency.is_some_and(|agency| agency.stack.iter().any(|path| path == folder))
            && library
                .vocabulary()
                .action(&example.action)
                .is_some_and(|at| rule.actions.contains(&at))
    };
    library
        .editions()
        .flat_map(|edition| &edition.examples)
        .filter(binds)
        .any(|example| run(&less, example).is_err())
}

/// Runs one example.
///
/// # Errors
/// What was expected and what came, in words.
pub fn run(library: &Library, example: &Example) -> Result<(), String> {
    let (agency, on, statements) = asked(library, example)?;
    let pack = match library.pack(&agency, on) {
        Err(NoPack::Day { .. }) if example.expect == "no_edition" => return Ok(()),
        Err(error) => return Err(error.to_string()),
        Ok(pack) => pack,
    };
    let facts = match pack.facts(&statements) {
        Err(errors) if example.expect == "contradiction" => {
            let contradicts = errors.iter().all(|error| error.starts_with("contradictory facts"));
            return if contradicts { Ok(()) } else { Err(errors.join("; ")) };
        }
        Err(errors) => return Err(errors.join("; ")),
        Ok(facts) => facts,
    };
    let decision = decide(&pack, &example.action, &facts, None)?;
    compare(example, &decision)
}

/// What an example asks: the agency, the day, and what is stated.
///
/// # Errors
/// An agency or a day that cannot be told.
pub fn asked(
    library: &Library,
    example: &Example,
) -> Result<(String, Date, Vec<Statement>), String> {
    let on = example.on.map_or_else(|| first_day(&example.file), Ok)?;
    let document = example.request.iter().map(|(f, v)| Statement::new(f, v, Source::Document));
    let officer = example.facts.iter().map(|(f, v)| Statement::new(f, v, Source::Officer));
    Ok((agency(library, example)?, on, document.chain(officer).collect()))
}

fn compare(example: &Example, decision: &Decision) -> Result<(), String> {
    let say = &example.say;
    let grounds: Vec<String> = decision.grounds.iter().map(|ground| ground.id.clone()).collect();
    if decision.outcome.word() != example.expect {
        let came = because(decision.outcome, &grounds);
        return Err(format!("\"{say}\": expected `{}`, came {came}", example.expect));
    }
    let missing: Vec<_> = decision.missing.iter().map(|missing| missing.name.clone()).collect();
    let sets = [("because", &example.because, grounds), ("missing", &example.missing, missing)];
    for (name, expected, came) in sets {
        if expected.iter().collect::<BTreeSet<_>>() != came.iter().collect() {
            return Err(format!("\"{say}\": `{name}` expected {expected:?}, came {came:?}"));
        }
    }
    if let Some(expected) = &example.duties {
        let came: Vec<_> = decision.duties.iter().map(|duty| duty.id.clone()).collect();
        if *expected != came {
            return Err(format!("\"{say}\": `duties` expected {expected:?}, came {came:?}"));
        }
    }
    Ok(())
}

/// The facts of a case as they are stated.
fn with(facts: &BTreeMap<String, String>) -> String {
    let stated: Vec<_> = facts.iter().map(|(fact, value)| format!("{fact}={value}")).collect();
    if stated.is_empty() {
        "in any case".to_owned()
    } else {
        format!("with `{}`", stated.join(" "))
    }
}

/// An outcome with its grounds, where it has any.
fn because(outcome: Outcome, grounds: &[String]) -> String {
    match grounds {
        [] => format!("`{}`", outcome.word()),
        _ => format!("`{}` because of {grounds:?}", outcome.word()),
    }
}

/// The agency an example asks: the one it names, else the one whose principal instrument it
/// stands in.
fn agency(library: &Library, example: &Example) -> Result<String, String> {
    if let Some(agency) = &example.agency {
        return Ok(agency.clone());
    }
    let folder = example.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    library
        .agencies()
        .find(|agency| agency.principal == folder)
        .map(|agency| agency.id.clone())
        .ok_or_else(|| {
            "this is no agency's principal instrument; say which agency is asked: `agency = \"…\"`"
                .to_owned()
        })
}

fn first_day(file: &str) -> Result<Date, String> {
    let name = file.rsplit('/').next().unwrap_or(file);
    crate::parse_day(name.trim_end_matches(".md"))
}

/// A fact that no rule, duty or definition speaks about asks people for nothing.
fn unused_facts(library: &Library) -> Vec<Problem> {
    let vocabulary = library.vocabulary();
    let mut used = Vec::new();
    for edition in library.editions() {
        edition.rules.iter().for_each(|rule| rule.cond.facts(&mut used));
        let named = edition.duties.iter().flat_map(|duty| duty.when.keys());
        used.extend(named.filter_map(|name| vocabulary.fact(name)));
    }
    for definition in &vocabulary.definitions {
        used.extend(definition.when.iter().chain(&definition.then).map(|(fact, _)| *fact));
    }
    vocabulary
        .facts
        .iter()
        .enumerate()
        .filter(|(at, _)| !used.contains(at))
        .map(|(at, fact)| {
            let message =
                format!("no rule, duty or definition uses fact `{}`; delete it", fact.name);
            Problem::new("vocabulary.toml", library.line_of_fact(at), message)
        })
        .collect()
}

/// For every agency and every day its law changes: an example on the day and on the day before.
fn change_days(library: &Library) -> Vec<Problem> {
    let mut asked = BTreeSet::new();
    for example in library.editions().flat_map(|edition| &edition.examples) {
        let day = example.on.map_or_else(|| first_day(&example.file), Ok);
        if let (Ok(agency), Ok(day)) = (agency(library, example), day) {
            asked.insert((agency, day));
        }
    }
    let mut problems = Vec::new();
    for agency in library.agencies() {
        for day in library.change_days(&agency.id).unwrap_or_default() {
            let before = day.yesterday().unwrap_or(day);
            for wanted in [before, day] {
                if !asked.contains(&(agency.id.clone(), wanted)) {
                    let message = format!(
                        "the law of `{}` changes on {day}, but no example asks on {wanted}; write \
                         one with `on = \"{wanted}\"`",
                        agency.id
                    );
                    problems.push(Problem::new(&agency.file, 0, message));
                }
            }
        }
    }
    problems
}
