//! Commands that need no register, and the way to those that do.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use law::{Decision, Library, Pack, Problem, Statement, answers, check};
use serde_json::json;

use super::{
    Ask, Case, Cli, Command, Decide, Diff, Init, NewPack, Prove, Why, analysis, audit, backup,
    reconcile, register, serve, sign,
};
use crate::answer::{self, Answer};
use crate::error::{Error, Result};
use crate::new_pack::{self, Start};
use crate::replay::Column;
use crate::{clock, demo, desk, replay, signed, texts};

/// `replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// The table.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The agency it is decided for. Several times.
    #[arg(long = "agency", value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agencies: Vec<String>,
    /// A day whose law is applied; several times. If none is given: each day the agency's law
    /// changed.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Vec<Date>,
    /// What is asked of every row, where the table does not say it. Several times.
    #[arg(long = "action", value_name = "ACTION")]
    pub actions: Vec<String>,
    /// A fact assumed for every row, because the table does not have it. Several times.
    #[arg(long = "assume", value_name = "NAME=VALUE")]
    pub assumed: Vec<Statement>,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Another table than the sample year.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where to make the register; a new temporary folder if not given.
    #[arg(long = "data", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Does what was asked.
///
/// # Errors
/// As the rooms give them; see [`Error::code`].
pub fn run(cli: &Cli) -> Result<Answer> {
    // Read only by those that need it.
    let library = || texts::library(cli.law.as_deref(), agency(&cli.command));
    match &cli.command {
        Command::Check { folder } => check_law(folder),
        Command::NewPack(asked) => new_pack(asked),
        Command::NewKey(asked) => sign::new_key(asked),
        Command::Sign(asked) => sign::sign(asked, cli.law.as_deref()),
        Command::Decide(asked) => decide_only(&library()?, asked),
        Command::Ask(asked) => analysis::ask(&library()?, asked, cli.json),
        Command::Why(asked) => analysis::why_so(&library()?, asked),
        Command::Diff(asked) => analysis::difference(&library()?, asked),
        Command::Prove(asked) => analysis::proofs(&library()?, asked),
        Command::Replay(asked) => replay_table(&library()?, asked),
        Command::Audit(asked) => audit::audit(&library()?, asked),
        Command::Disposition(asked) => audit::disposition(asked),
        Command::Reconcile(asked) => reconcile::counts(asked),
        Command::Serve(asked) => serve::serve(asked, cli.law.as_deref()),
        Command::Backup(asked) => backup::backup(asked),
        Command::Restore(asked) => backup::restore(asked),
        Command::Demo(asked) => demo::run(&library()?, asked, cli.json),
        Command::Init(asked) => register::init(&library()?, asked),
        Command::Request(asked) => register::request(&library()?, asked),
        Command::Settle(asked) => register::settle(&library()?, asked),
        Command::Done(asked) => register::done(&library()?, asked),
        Command::Correct(asked) => register::correct(asked),
        Command::Nil(asked) => register::nil(&library()?, asked),
        Command::Forget(asked) => register::forget(&library()?, asked),
        Command::Import(asked) => register::import(&library()?, asked),
        Command::Report(asked) => super::report::report(&library()?, asked),
        Command::Receipt(asked) => register::receipt(asked),
        Command::Verify(asked) => register::verify(asked),
    }
}

/// Writes the first files of a new place, and checks the folder with them.
fn new_pack(asked: &NewPack) -> Result<Answer> {
    let start = Start {
        folder: asked.folder.clone(),
        instrument: asked.instrument.clone(),
        agency: asked.agency.clone(),
        name: asked.name.clone(),
        from: asked.from,
        citation: asked.citation.clone(),
        kind: asked.kind.clone(),
        maker: asked.maker.clone(),
        timezone: asked.timezone.clone(),
    };
    let written = new_pack::write(&start)?;
    let checked = check_law(&asked.folder)?;
    let [agency, edition] = &written;
    let text = format!(
        "Written: {} and {}.\nThey pass the check as they are; replace what they say by the law, \
         and check again: bailiwick check {}\n{}",
        agency.display(),
        edition.display(),
        asked.folder.display(),
        checked.text
    );
    Ok(Answer::new(text, json!({ "written": written, "check": checked.json })))
}

/// The agency that a command names, where it needs the law of no other.
fn agency(command: &Command) -> Option<&str> {
    match command {
        Command::Decide(Decide { agency, .. })
        | Command::Ask(Ask { agency, .. })
        | Command::Why(Why { agency, .. })
        | Command::Diff(Diff { agency, .. })
        | Command::Prove(Prove { agency, .. })
        | Command::Init(Init { agency, .. }) => Some(agency),
        _ => None,
    }
}

fn check_law(folder: &std::path::Path) -> Result<Answer> {
    let library = texts::library(Some(folder), None)?;
    let mut checked = check::check(&library);
    // The law room has no time zones; whether an agency's is one is told here.
    for agency in library.agencies() {
        if let Err(error) = clock::today(&agency.timezone) {
            checked.problems.push(Problem::new(&agency.file, 0, error.to_string()));
        }
    }
    checked.problems.extend(signed::attached(&library, folder)?);
    if !checked.problems.is_empty() {
        return Err(texts::of_law(&checked.problems));
    }
    let signed = library.signatures().count();
    let signed = match signed {
        0 => String::new(),
        some => format!("{some} editions are signed, each beside its official text.\n"),
    };
    let mut text = format!(
        "{} editions, {} rules, {} examples: all examples hold, each of {} rules is noticed when \
         it is taken out, and {} proofs hold.\n",
        checked.editions, checked.rules, checked.examples, checked.load_bearing, checked.proofs
    );
    text.push_str(&signed);
    Ok(Answer::new(text, json!(checked)))
}

fn decide_only(library: &Library, asked: &Decide) -> Result<Answer> {
    let on = clock::day(library, &asked.agency, asked.on)?;
    let pack = desk::pack(library, &asked.agency, on)?;
    let decisions = decisions(&pack, &asked.case, asked.at)?;
    Ok(Answer::new(answer::decisions(&decisions, &pack), answers::as_data(&decisions)))
}

pub(super) fn decisions(
    pack: &Pack,
    case: &Case,
    at: Option<jiff::civil::Time>,
) -> Result<Vec<Decision>> {
    answers::decisions(pack, &case.actions, &case.facts, at).map_err(Error::Input)
}

fn replay_table(library: &Library, asked: &Replay) -> Result<Answer> {
    let cases = replay::read(&asked.file, library.vocabulary())?;
    let mut columns = Vec::new();
    for agency in &asked.agencies {
        let days = match asked.on.as_slice() {
            [] => library.change_days(agency).map_err(|e| Error::Input(e.to_string()))?,
            some => some.to_vec(),
        };
        for on in days {
            let pack = desk::pack(library, agency, on)?;
            let replay = replay::under(&asked.file, &cases, &pack, &asked.actions, &asked.assumed)?;
            columns.push(Column { agency: agency.clone(), on, replay });
        }
    }
    Ok(replay::answer(cases.rows(), &columns, &asked.assumed))
}
