//! What the crate `law` says, written as conditions in Cedar.
//!
//! In: `law`'s public answers. Out: text. Absent: any reading of the law's texts, which is done
//! in `texts` a second time.

use std::collections::BTreeMap;

use law::{Cond, Difference, Library, Pack, Rule, Vocabulary};

use crate::words::{Condition, Words, all, any, not};

/// Where `law`'s compiled condition of a rule holds.
///
/// # Errors
/// A fact or value that is not in the vocabulary.
pub fn condition(cond: &Cond, known: &Vocabulary, words: &Words) -> Result<Condition, String> {
    let each = |parts: &[Cond]| -> Result<Vec<Condition>, String> {
        parts.iter().map(|part| condition(part, known, words)).collect()
    };
    Ok(match cond {
        Cond::Const(value) => value.to_string(),
        Cond::Is(fact, set) => {
            let fact = known.facts.get(*fact).ok_or("a fact past the last")?;
            let holds = |at: usize| set.checked_shr(at as u32).unwrap_or(0) & 1 == 1;
            let values = fact.values.iter().enumerate().filter(|(at, _)| holds(*at));
            let values: Vec<String> = values.map(|(_, value)| value.name.clone()).collect();
            words.is(&fact.name, &values)?
        }
        Cond::Not(part) => not(&condition(part, known, words)?),
        Cond::All(parts) => all(each(parts)?),
        Cond::Any(parts) => any(each(parts)?),
    })
}

/// Where `law`'s rule applies to an action: its compiled condition, and none of its exceptions.
///
/// # Errors
/// As [`condition`].
pub fn applies(
    rules: &[Rule],
    rule: &Rule,
    action: &str,
    known: &Vocabulary,
    words: &Words,
) -> Result<Condition, String> {
    let names = |rule: &Rule| {
        rule.actions.iter().any(|at| known.actions.get(*at).is_some_and(|it| it.name == action))
    };
    if !names(rule) {
        return Ok("false".to_owned());
    }
    let mut parts = vec![condition(&rule.cond, known, words)?];
    for exception in rules.iter().filter(|it| it.overrides.as_ref() == Some(&rule.id)) {
        parts.push(not(&applies(rules, exception, action, known, words)?));
    }
    Ok(all(parts))
}

/// Where the scenarios are: any of their sets of cases.
///
/// # Errors
/// As [`Words::is`].
pub fn scenarios<'a>(
    found: impl Iterator<Item = &'a Difference>,
    words: &Words,
) -> Result<Condition, String> {
    let each: Result<Vec<Condition>, String> = found.map(|it| words.are(&it.facts)).collect();
    Ok(any(each?))
}

/// Where the compiled law of an action comes to each outcome, taken out of `law` by its difference
/// from a law that says nothing: what is no different is `silent`.
///
/// # Errors
/// A law too large to compile, or to tell.
pub fn outcomes(
    nothing: &Pack,
    pack: &Pack,
    action: &str,
    words: &Words,
) -> Result<BTreeMap<String, Condition>, String> {
    let found = law::diff(nothing, pack, action).map_err(|error| error.to_string())?;
    let mut outcomes = BTreeMap::new();
    for outcome in law::Outcome::ALL {
        let these = found.iter().filter(|it| it.after == outcome);
        outcomes.insert(outcome.word().to_owned(), scenarios(these, words)?);
    }
    outcomes.insert("silent".to_owned(), not(&scenarios(found.iter(), words)?));
    Ok(outcomes)
}

/// The agency of a law that says nothing, to compare with.
pub const NOBODY: &str = "nobody";

/// The same files, and an agency bound by nothing.
pub fn with_nobody(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut files = files.clone();
    files.insert(
        format!("agencies/{NOBODY}.md"),
        "# Nobody\n\n```agency\nname = \"Nobody\"\ntimezone = \"UTC\"\nprincipal = \"nobody\"\n\
         stack = [\"nobody\"]\n```\n"
            .to_owned(),
    );
    files.insert(
        "nobody/0001-01-01.md".to_owned(),
        "# Nothing\n\n```instrument\nid = \"nobody\"\ncitation = \"none\"\nkind = \"directive\"\n\
         maker = \"nobody\"\nday_grade = \"unverified\"\n```\n"
            .to_owned(),
    );
    files
}

/// The pack of an agency on a day.
///
/// # Errors
/// No such pack, or no such day.
pub fn pack(library: &Library, agency: &str, day: &str) -> Result<Pack, String> {
    let day = law::parse_day(day)?;
    library.pack(agency, day).map_err(|error| error.to_string())
}
