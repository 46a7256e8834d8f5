#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Packs that are wrong, each in one way, with the exact message whoever wrote them gets.
//!
//! The cases are files for people, in `bad/`; its `README.md` says how one is written. Here they
//! are read and tried, and beside them what does not fit into such a file.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use law::{Facts, Library, check, parse_day};

type Files = BTreeMap<String, String>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// The law that is right to begin with: a small town's.
fn right() -> Files {
    common::files(&folder().join("right"))
}

/// Every case by the name of its file, and nothing else is there.
fn cases() -> BTreeMap<String, String> {
    let mut cases = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".txt") {
            cases.insert(name, std::fs::read_to_string(&path).unwrap());
        } else {
            assert!(["README.md", "right"].contains(&name.as_str()), "`bad/{name}` is not read");
        }
    }
    cases
}

/// What is wrong with a folder of law, all of it, a line each.
fn said(files: &Files) -> String {
    let problems = match Library::read(files) {
        Ok(library) => check::check(&library).problems,
        Err(problems) => problems,
    };
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

/// Makes the changes of a case; returns the messages that are to come.
fn apply(case: &str, files: &mut Files) -> Result<String, String> {
    let (before, expected) = case.split_once("\n== says\n").ok_or("there is no `== says`")?;
    let mut sections = before.split("\n== ");
    let title = sections.next().unwrap_or_default();
    if title.trim().is_empty() || title.starts_with("== ") {
        return Err("begin with a sentence that says what is wrong".into());
    }
    if expected.contains("\n== ") {
        return Err("nothing may follow `== says`".into());
    }
    let mut changes = 0;
    for section in sections {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let words: Vec<_> = heading.split(' ').collect();
        match (words.as_slice(), body.trim().is_empty()) {
            (["change", file], false) => {
                let text = files.get_mut(*file).ok_or(format!("there is no `{file}`"))?;
                for hunk in body.split("\n\n").filter(|hunk| !hunk.trim().is_empty()) {
                    *text = patched(text, hunk)?;
                }
            }
            (["add", file], false) => {
                let hunk = hunk(body.trim_end_matches('\n'))?;
                if !hunk.old.is_empty() {
                    return Err(format!("a whole file, `{file}`, has `+` before every line"));
                }
                new(files, file, joined(&hunk.new))?;
            }
            (["copy", from, "to", to], true) => {
                let text = files.get(*from).cloned().ok_or(format!("there is no `{from}`"))?;
                new(files, to, text)?;
            }
            (["remove", file], true) => {
                files.remove(*file).ok_or(format!("there is no `{file}`"))?;
            }
            _ => return Err(format!("`== {heading}` is no change we know")),
        }
        changes += 1;
    }
    if changes == 0 { Err("nothing is changed".into()) } else { Ok(expected.to_owned()) }
}

fn new(files: &mut Files, file: &str, text: String) -> Result<(), String> {
    match files.insert(file.to_owned(), text) {
        None => Ok(()),
        Some(_) => Err(format!("`{file}` is there already")),
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Lines as they stand one after the other, and what stands there afterwards.
struct Hunk<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

fn hunk(text: &str) -> Result<Hunk<'_>, String> {
    let mut hunk = Hunk { old: Vec::new(), new: Vec::new() };
    for line in text.lines() {
        let rest = line.get(2..).unwrap_or_default();
        match line.as_bytes() {
            [b'-'] | [b'-', b' ', ..] => hunk.old.push(rest),
            [b'+'] | [b'+', b' ', ..] => hunk.new.push(rest),
            [b' ', b' ', _, ..] => {
                hunk.old.push(rest);
                hunk.new.push(rest);
            }
            _ => return Err(format!("`{line}` begins with no `- `, `+ ` or two blanks")),
        }
    }
    if hunk.old == hunk.new { Err(format!("nothing is changed by\n{text}")) } else { Ok(hunk) }
}

fn patched(text: &str, change: &str) -> Result<String, String> {
    let Hunk { old, new } = hunk(change)?;
    let lines: Vec<_> = text.lines().collect();
    if old.is_empty() {
        return Err(format!("say after which line to put\n{change}"));
    }
    let mut places = lines.windows(old.len()).enumerate().filter(|(_, found)| *found == old);
    let (Some((at, _)), None) = (places.next(), places.next()) else {
        return Err(format!("these lines do not stand there exactly once:\n{change}"));
    };
    Ok(joined(&[&lines[..at], &new, &lines[at + old.len()..]].concat()))
}

/// What comes is shown as it would stand in the file, to be read and then pasted.
#[test]
fn each_case_says_exactly_this() {
    assert_eq!(said(&right()), "", "the right pack is quiet");
    let cases = cases();
    let mut wrong = String::new();
    for (name, case) in &cases {
        let mut files = right();
        match apply(case, &mut files).map(|expected| (expected, said(&files))) {
            Ok((expected, came)) if expected == came && !came.is_empty() => {}
            Ok((_, came)) => wrong += &format!("bad/{name} should end\n== says\n{came}\n"),
            Err(why) => wrong += &format!("bad/{name}: {why}\n\n"),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The reader of cases takes none that would try something else than it shows.
#[test]
fn a_case_that_cannot_be_tried_is_refused() {
    let file = "vocabulary.toml";
    let line = "- name = \"judge\"\n+ name = \"j\"";
    let right_one = format!("A name.\n\n== change {file}\n{line}\n\n== says\nx\n");
    assert_eq!(apply(&right_one, &mut right()), Ok("x\n".to_owned()));
    for (from, to, expected) in [
        ("== says", "== say", "there is no `== says`"),
        ("A name.\n\n", "", "begin with a sentence"),
        ("x\n", "x\n\n== remove vocabulary.toml\n", "nothing may follow"),
        ("== change", "== alter", "is no change we know"),
        ("change vocabulary.toml", "change words.toml", "there is no `words.toml`"),
        ("- name = \"judge\"", "- name = \"jud\"", "exactly once"),
        ("- name = \"judge\"", "- [[fact]]", "exactly once"),
        ("- name", "-name", "begins with no"),
        ("+ name = \"j\"", "+ name = \"judge\"", "nothing is changed by"),
        ("- name = \"judge\"\n", "", "say after which line"),
        (line, "", "is no change we know"),
        (&format!("== change {file}\n{line}\n"), "", "nothing is changed"),
        ("change vocabulary.toml", "add vocabulary.toml", "before every line"),
        (&format!("change {file}\n{line}"), &format!("add {file}\n+ x"), "is there already"),
        (&format!("change {file}\n{line}"), "copy a.md to b.md", "there is no `a.md`"),
        (&format!("change {file}\n{line}"), "remove a.md", "there is no `a.md`"),
    ] {
        assert_eq!(right_one.matches(from).count(), 1, "{from}");
        let said = apply(&right_one.replace(from, to), &mut right()).unwrap_err();
        assert!(said.contains(expected), "`{to}` says {said}");
    }
}

/// The text of every string in a source, its tests and comments left out.
fn strings(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    let code = code.replace("'\"'", "").replace("\\\\", "");
    let mut strings = Vec::new();
    let mut rest = code.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let end = after.match_indices('"').find(|(at, _)| !after[..*at].ends_with('\\')).unwrap().0;
        let mut lines = after[..end].split("\\\n");
        let first = lines.next().unwrap().to_owned();
        let text = lines.fold(first, |text, line| text + line.trim_start());
        strings.push(text.replace("\\\"", "\"").replace("\\n", "\n"));
        rest = &after[end + 1..];
    }
    strings
}

/// Whether a line says what a format string says, whatever is put in.
fn says(line: &str, format: &str) -> bool {
    let mut rest = line;
    format.split('{').enumerate().all(|(at, part)| {
        let fixed = if at == 0 { part } else { part.split_once('}').map_or(part, |it| it.1) };
        match rest.split_once(fixed) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        }
    })
}

/// What is in the sources and in no case, and why.
const IN_NO_CASE: [(&str, &str); 21] = [
    ("Cedar does not take these words: {}", "names and values are looked at before"),
    ("outside the legal profile: {error}", "what Cedar has read it can also take apart"),
    ("a rule with slots", "refused before, by the reader of editions"),
    ("a listed fact used as yes/no", "Cedar's validator refuses it before"),
    ("this fact", "a fact that was found is there"),
    ("no such fact", "a fact that was found is there"),
    ("\"{}\" on {day}: {error}", "in `a_law_too_large_to_prove_is_said`"),
    ("for policy `{}`", "Cedar's words, taken away"),
    ("entity {name};\n", "the schema"),
    ("entity {entity} enum [{}];\n", "the schema"),
    (
        "action {} appliesTo {{ principal: [Agency], resource: [Person], context: {{ {} }} }};\n",
        "the schema",
    ),
    ("every year by {day} {month}", "when a duty is due"),
    ("{hours} hours from {from}", "when a duty is due"),
    ("{hours} hours from {from}, not counting {}", "when a duty is due"),
    ("by the end of {from}", "when a duty is due"),
    ("{days} days after {from}", "when a duty is due"),
    ("the day after {from}", "when a duty is due"),
    ("`{folder}` does not stand in the stack of `{}`", "a signature, told by the program"),
    ("there is no edition `{}`", "a signature, told by the program"),
    (
        "`{}` has changed since it was signed on {}: have it signed again, or delete this file",
        "a signature, told by the program",
    ),
    ("`{stray}` is no rule of `{}`", "a signature, told by the program"),
];

/// A message for which nobody has written a bad pack is a message nobody has read.
#[test]
fn every_message_has_a_case() {
    let cases = cases();
    let lines: Vec<&str> =
        cases.values().flat_map(|case| case.split_once("\n== says\n").unwrap().1.lines()).collect();
    let mut found = Vec::new();
    for room in [
        "agency",
        "check",
        "duty",
        "edition",
        "measure",
        "pack",
        "prove",
        "report",
        "rule",
        "text",
        "vocabulary",
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{room}.rs"));
        found.extend(strings(&std::fs::read_to_string(file).unwrap()));
    }
    let in_none = |text: &str| IN_NO_CASE.iter().any(|(known, _)| *known == text);
    let letters = |word: &&str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphabetic());
    let sentences = found.iter().filter(|text| text.split(' ').filter(letters).count() > 1);
    let unread: Vec<_> = sentences
        .clone()
        .filter(|text| !in_none(text) && !lines.iter().any(|line| says(line, text)))
        .collect();
    assert!(unread.is_empty(), "write a case in tests/bad for {unread:#?}");
    assert!(sentences.count() > 80 && !says("a b", "b {} a"), "the alarm is deaf");
    for (text, why) in IN_NO_CASE {
        assert!(found.iter().any(|it| it == text), "`{text}` ({why}) is in no source");
        assert!(!lines.iter().any(|line| says(line, text)), "`{text}` ({why}) has a case");
    }
}

/// The right pack with one line of a file replaced by others.
fn with(file: &str, line: &str, others: &str) -> Files {
    let mut files = right();
    let text = patched(&files[file], &format!("- {line}\n+ {others}")).unwrap();
    files.insert(file.to_owned(), text);
    files
}

const EDITION: &str = "town/2025-01-01.md";

/// A parser that walks a rule, or an evaluator, runs out of stack where a rule is deep enough; an
/// end of the program is no answer.
#[test]
fn a_rule_too_deep_or_too_long_is_refused_before_anything_walks_it() {
    for condition in [
        format!("{}true{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{}true{}", "!(".repeat(20_000), ")".repeat(20_000)),
        format!("true{}", " && true".repeat(20_000)),
        format!("{}true", "if true then true else ".repeat(20_000)),
        format!("true {}", "} when { true ".repeat(20_000)),
        format!("{}true{}", "(".repeat(40), ")".repeat(40)),
    ] {
        let rule = format!("unless {{ {condition} }};");
        let said = said(&with(EDITION, "unless { context.judge };", &rule));
        assert_eq!(said.lines().count(), 1);
        assert!(said.contains("brackets inside each other"), "{said}");
    }
}

/// Pairs of facts, the partner of each far away: its diagram doubles with every pair.
#[test]
fn a_law_too_large_to_prove_is_said() {
    let pairs = 0..18;
    let fact = |name: String| format!("[[fact]]\nname = \"{name}\"\nquestion = \"?\"\n");
    let first: String = pairs.clone().map(|at| fact(format!("a{at}"))).collect();
    let second: String = pairs.clone().map(|at| fact(format!("b{at}"))).collect();
    let terms: Vec<_> = pairs.map(|at| format!("context.a{at} && context.b{at}")).collect();
    let rule = format!("unless {{ {} }};", terms.join(" || "));
    let mut files = with(EDITION, "unless { context.judge };", &rule);
    files.get_mut("vocabulary.toml").unwrap().push_str(&(first + &second));
    let property = "\n```property\nsay = \"P\"\naction = \"hold\"\nnever = [\"must\"]\n```\n";
    files.get_mut(EDITION).unwrap().push_str(property);
    let said = said(&files);
    let last = said.lines().last().unwrap();
    let place = "town/2025-01-01.md:37: (12-3 Holding) \"P\" on 2025-01-01: too large to analyse";
    assert!(last.starts_with(place), "{said}");
}

#[test]
fn statements_that_cannot_stand_are_refused_with_what_to_do() {
    let library = common::shipped();
    let table = [
        ("basis=warrant", "`basis=warrant` says too little: an immigration officer signs"),
        ("basis=warant", "`warant` is no value of fact `basis`; write one of: none, detainer,"),
        ("bases=none", "there is no fact `bases`; the facts are: basis, form,"),
        ("form=I-200 basis=judicial_warrant", "contradictory facts: `form=i_200` and"),
        ("signer=immigration_officer basis=court_order", "if an immigration officer signed"),
        ("basis=detainer basis=none", "stated both as `detainer` and as `none`; keep one"),
        ("basis=criminal_warrant criminal_warrant=no", "contradictory facts"),
        ("serious_violent_crime=yes@system", "is a judgment: a person must state it"),
        ("judicial_order=maybe", "`maybe` is no value of fact `judicial_order`"),
    ];
    for (text, expected) in table {
        let statements: Vec<_> = text.split(' ').map(|s| s.parse().unwrap()).collect();
        let errors = Facts::read(library.vocabulary(), &statements).unwrap_err();
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}: {errors:?}");
    }
    for (text, expected) in [
        ("basis", "write it as `name=value`"),
        ("basis=detainer@fax", "`fax` is nobody who can state a fact"),
    ] {
        let error = text.parse::<law::Statement>().unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    for text in ["2025-3-1", "01.03.2025", "2025-02-30", "2025-03-01T10:00", "", "２０２５-03-01"]
    {
        assert!(parse_day(text).is_err(), "{text}");
    }
}

#[test]
fn an_unknown_agency_or_a_day_before_all_editions_is_an_error() {
    let library = common::shipped();
    let day = |text| parse_day(text).unwrap();
    let error = library.pack("us-ma-springfield-pd", day("2025-03-01")).unwrap_err();
    assert!(error.to_string().contains("the agencies are: us-"));
    let error = library.pack("us-ma-boston-pd", day("2013-03-01")).unwrap_err();
    assert!(
        error.to_string().contains("is in force on 2013-03-01; the first begins on 2014-08-20")
    );
}
