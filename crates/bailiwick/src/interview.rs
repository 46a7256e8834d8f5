//! The interview: asks the question that is expected to settle most, until the case is settled.
//!
//! In: a pack, an action, what is known before, and whoever answers. Out: all that is stated then.
//! Absent: the decision, which is the desk's; any memory, which the law room's `ask` does not need.

use std::io::{BufRead, Write};

use law::{Next, Pack, Question, Source, Statement, answers};

use crate::error::{Error, Result};

/// How far an interview is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interviewed {
    /// Everything stated, before and during it.
    pub statements: Vec<Statement>,
    /// The facts nobody could tell.
    pub nobody: Vec<String>,
    /// How many questions were asked.
    pub questions: u32,
}

/// Asks until nothing more has to be asked, or nobody answers any more.
///
/// An answer is a number or a word of the list; `?` says that it is not known. Where a day is
/// asked, it may be the day; where a number is, a number is that number and no place in the list.
///
/// # Errors
/// Statements that cannot stand, a law too large to compile, or nowhere to write to.
pub fn interview(
    pack: &Pack,
    action: &str,
    known: Interviewed,
    answers: impl BufRead,
    mut out: impl Write,
) -> Result<Interviewed> {
    let mut now = known;
    let mut lines = answers.lines();
    let failed = |error: std::io::Error| Error::File(format!("the interview: {error}"));
    while let Next::Ask(question) = next(pack, action, &now)? {
        now.questions = now.questions.saturating_add(1);
        out.write_all(put(&question, now.questions).as_bytes()).map_err(failed)?;
        loop {
            out.write_all(b"> ").and_then(|()| out.flush()).map_err(failed)?;
            let Some(line) = lines.next() else { return Ok(now) };
            let line = line.map_err(failed)?;
            match understand(pack, &question, &line) {
                Ok(Some(value)) => {
                    let said = Statement::new(&question.fact, &value, Source::Officer);
                    now.statements.push(said);
                    break;
                }
                Ok(None) => {
                    now.nobody.push(question.fact.clone());
                    break;
                }
                Err(help) => writeln!(out, "{help}").map_err(failed)?,
            }
        }
    }
    Ok(now)
}

/// What to do next, with all that is stated so far.
///
/// # Errors
/// As [`interview`].
pub fn next(pack: &Pack, action: &str, now: &Interviewed) -> Result<Next> {
    answers::next(pack, action, &now.statements, &now.nobody)
        .map_err(|error| Error::Input(error.to_string()))
}

/// A question as a person is asked it: with its answers, and what each would settle.
pub fn put(question: &Question, number: u32) -> String {
    let mut text = format!("\n{number}. {}\n", question.question);
    for (at, answer) in (1..).zip(&question.answers) {
        let settles = match answer.settles {
            Some(outcome) => outcome.word().replace('_', " ").to_uppercase(),
            None => "more to ask".to_owned(),
        };
        let at = if question.takes == Some("number") { "-".to_owned() } else { at.to_string() };
        text.push_str(&format!("   {at}  {} ({}): {settles}\n", answer.says, answer.value));
    }
    match question.takes {
        Some("day") => text.push_str("   or the day, as in 2015-03-04\n"),
        Some(_) => text.push_str("   or the number itself\n"),
        None => {}
    }
    text.push_str("   ?  not known\n");
    text
}

/// The value an answer means; nothing where it is not known.
fn understand(
    pack: &Pack,
    question: &Question,
    line: &str,
) -> std::result::Result<Option<String>, String> {
    let said = line.trim();
    if ["?", "unknown", "not known"].contains(&said.to_lowercase().as_str()) {
        return Ok(None);
    }
    let how = || {
        format!(
            "`{said}` is no answer here: write a number from 1 to {}, a word in brackets, or `?`",
            question.answers.len()
        )
    };
    let fact = pack.vocabulary.fact(&question.fact).and_then(|at| pack.vocabulary.facts.get(at));
    let measure = fact.and_then(|fact| fact.measure.as_ref());
    let listed = said.parse::<usize>().ok().filter(|_| question.takes != Some("number"));
    if let Some(number) = listed {
        let answer = number.checked_sub(1).and_then(|at| question.answers.get(at));
        return answer.map(|answer| Some(answer.value.clone())).ok_or_else(how);
    }
    let word = measure.map(|measure| measure.word_of(said, pack.on)).transpose()?.flatten();
    let word = word.as_deref().unwrap_or(said);
    let value = match fact.map(|fact| fact.read(word).map(|value| fact.value(value))) {
        Some(Ok(Some(value))) => value.name.clone(),
        Some(Err(why)) if why.contains("says too little") => return Err(why),
        _ => return Err(how()),
    };
    let possible = question.answers.iter().any(|answer| answer.value == value);
    if possible {
        Ok(Some(value))
    } else {
        Err(format!("`{said}` cannot be together with what was stated before; {}", how()))
    }
}
