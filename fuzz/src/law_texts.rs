//! Texts of law: whatever is written, it is read or refused with its problems named, and what is
//! read decides.

use std::collections::BTreeMap;

use law::{Facts, Library, Outcome, Pack, Problem, Source, Statement, Vocabulary, check, decide};

use crate::random::Choices;

/// The real vocabulary, compiled in so that a run needs no folder.
const VOCABULARY: &str = include_str!("../../law/vocabulary.toml");

const AGENCY: &str = "# Town\n\n```agency\nname = \"Town\"\ntimezone = \"America/New_York\"\n\
                      principal = \"town\"\nstack = [\"town\"]\n```\n";

const FILE: &str = "town/2025-01-01.md";

/// Any text as an edition beside the real vocabulary: read or refused, every problem in a place
/// that exists; and what is read answers every action, exactly as far as the facts reach.
pub fn law_edition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), VOCABULARY.to_owned()),
        ("agencies/town.md".to_owned(), AGENCY.to_owned()),
        (FILE.to_owned(), text.to_owned()),
    ]);
    let library = match Library::read(&files) {
        Ok(library) => library,
        Err(problems) => return placed(&problems, &files),
    };
    let day = law::parse_day("2025-01-01").expect("a day");
    let pack = library.pack("town", day).expect("the edition is in force");
    let before = day.yesterday().expect("a day before");
    assert!(library.pack("town", before).is_err(), "no edition covers the day before");
    let mut choices = Choices::of(data);
    for action in pack.vocabulary.actions.iter().map(|action| action.name.as_str()) {
        settled_stays_settled(&pack, action, &mut choices);
    }
    let size: usize = library.editions().map(|it| it.rules.len() * it.examples.len()).sum();
    if size < 50 {
        placed(&check::check(&library).problems, &files);
    }
}

/// Every problem names a file that was read and a line that it has, and says something.
fn placed(problems: &[Problem], files: &BTreeMap<String, String>) {
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
    for problem in problems {
        let text = files.get(&problem.file).expect("a problem is in a file that was read");
        // What is inside a fence that opens on the last line starts on the line after it.
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 2;
        assert!(problem.line <= lines, "{problem} in a file of {lines} lines");
    }
}

/// What is settled on some facts is not changed by more of them.
fn settled_stays_settled(pack: &Pack, action: &str, choices: &mut Choices) {
    let mut statements = Vec::new();
    for fact in &pack.vocabulary.facts {
        let value = fact.values.get(choices.below(fact.values.len())).expect("a value");
        if choices.below(3) > 0 {
            statements.push(Statement::new(&fact.name, &value.name, Source::Officer));
        }
    }
    let some = statements.get(..choices.below(statements.len() + 1)).expect("a part");
    let (Ok(less), Ok(more)) =
        (Facts::read(&pack.vocabulary, some), Facts::read(&pack.vocabulary, &statements))
    else {
        return;
    };
    let noon = Some(jiff::civil::time(12, 0, 0, 0));
    let first = decide(pack, action, &less, noon).expect("the action is known");
    let second = decide(pack, action, &more, noon).expect("the action is known");
    if first.outcome == Outcome::NeedFacts {
        assert!(!first.missing.is_empty(), "facts are needed and none is named");
        assert!(first.grounds.is_empty(), "an open answer has no ground");
    } else {
        assert_eq!(first.outcome, second.outcome, "more facts changed a settled answer");
    }
    assert_eq!(first.grade, first.grounds.iter().map(|ground| ground.grade).min());
    serde_json::to_string(&first).expect("a decision is written as JSON");
}

/// Any text as a vocabulary: read or refused; and facts stated in its words mean the same in
/// whatever order they are stated.
pub fn law_vocabulary(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = "vocabulary.toml";
    let files = BTreeMap::from([(file.to_owned(), text.to_owned())]);
    let vocabulary = match Vocabulary::read(file, text) {
        Ok(vocabulary) => vocabulary,
        Err(problems) => return placed(&problems, &files),
    };
    if let Err(problems) = Library::read(&files) {
        placed(&problems, &files);
    }
    let mut choices = Choices::of(data);
    let mut statements = Vec::new();
    for fact in &vocabulary.facts {
        let value = fact.values.get(choices.below(fact.values.len())).expect("a value");
        if choices.below(2) == 0 {
            statements.push(Statement::new(&fact.name, &value.name, Source::Officer));
        }
    }
    let facts = Facts::read(&vocabulary, &statements);
    statements.reverse();
    assert_eq!(facts, Facts::read(&vocabulary, &statements), "the order of facts mattered");
}
