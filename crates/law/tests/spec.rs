#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The specification of packs: its example is a whole folder of law, its digest is recomputed by
//! its own words and by its own command, and its tables and lists are what the reader does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use law::report::{Period, Stretch};
use law::{Library, Modality, Outcome, check, parse_day};
use sha2::{Digest as _, Sha256};

const SPEC: &str = include_str!("../../../docs/spec/law-pack.md");

const EDITION: &str = "town/code-12/2025-01-01.md";

/// What stands between two lines of as many backticks, by the word after the first. A fence inside
/// a longer one is its text.
fn fences(ticks: usize) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str, String)> = None;
    for line in SPEC.lines() {
        let word = line.trim_start_matches('`');
        let run = line.len() - word.len();
        match open.as_mut() {
            Some((wide, _, _)) if *wide == run && word.is_empty() => {
                let (wide, word, body) = open.take().unwrap();
                if wide == ticks {
                    found.push((word, body));
                }
            }
            Some((_, _, body)) => writeln!(body, "{line}").unwrap(),
            None if run >= 3 => open = Some((run, word, String::new())),
            None => {}
        }
    }
    assert!(open.is_none());
    found
}

/// The last fence of that word outside the example.
fn fence(word: &str) -> String {
    fences(3).into_iter().rfind(|(found, _)| *found == word).expect(word).1
}

/// The three files of the example.
fn files() -> BTreeMap<String, String> {
    fences(4).into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn said(files: &BTreeMap<String, String>) -> Vec<String> {
    let problems = match Library::read(files) {
        Ok(library) => check::check(&library).problems,
        Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_is_a_whole_folder_of_law() {
    let files = files();
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["agencies/town-pd.md", EDITION, "vocabulary.toml"]);
    assert_eq!(said(&files), Vec::<String>::new());
    let library = Library::read(&files).unwrap();
    let checked = check::check(&library);
    assert_eq!((checked.rules, checked.load_bearing), (2, 2));
    let edition = library.editions().next().unwrap();
    assert_eq!((edition.duties.len(), edition.reports.len()), (1, 1));
    assert_eq!(edition.calendar.as_ref().unwrap().holidays.len(), 1);
    let ids: Vec<_> = edition.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["code-12/3.a", "code-12/3.b"]);
}

/// The digest by the words of the specification, by its command, and as a pack has it.
#[test]
fn the_digest_can_be_recomputed() {
    let files = files();
    let hex = |text: &str| {
        Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    };
    let mut lines = String::new();
    for name in ["vocabulary.toml", "agencies/town-pd.md", EDITION] {
        writeln!(lines, "{name}\n{}", hex(&files[name])).unwrap();
    }
    let digest = hex(&lines);
    let library = Library::read(&files).unwrap();
    for day in ["2025-01-01", "2031-07-04"] {
        assert_eq!(library.pack("town-pd", parse_day(day).unwrap()).unwrap().digest, digest);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spec");
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let command = ["-c".to_owned(), fence("sh")];
    let output = Command::new("sh").args(command).current_dir(&folder).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.trim_end(), format!("{digest}  -"));
    assert_eq!(fence("text"), printed);
}

/// The example with the condition of its first rule replaced.
fn with_condition(condition: &str) -> Vec<String> {
    let mut files = files();
    let first = "when   { context.basis == Basis::\"detainer\" }";
    let edition = files.get_mut(EDITION).unwrap();
    assert!(edition.contains(first));
    *edition = edition.replacen(first, &format!("when {{ {condition} }}"), 1);
    Library::read(&files)
        .map_or_else(|problems| problems.iter().map(|p| p.to_string()).collect(), |_| Vec::new())
}

#[test]
fn the_profile_accepts_and_refuses_what_is_listed() {
    for condition in fence("accepted").lines() {
        assert_eq!(with_condition(condition), Vec::<String>::new(), "{condition}");
    }
    for condition in fence("refused").lines() {
        let said = with_condition(condition);
        assert!(!said.is_empty(), "`{condition}` is accepted");
        assert!(said[0].contains("(12-3(a) Holding)"), "`{condition}`: {said:?}");
    }
}

/// The rows of the tables of keys: the section's last word in backticks, the key, and whether it
/// is needed.
fn keys() -> Vec<(String, String, bool)> {
    let mut section = String::new();
    let mut rows = Vec::new();
    for line in SPEC.lines() {
        if let Some(heading) = line.strip_prefix("## ").or(line.strip_prefix("### ")) {
            section = heading.split('`').nth(1).unwrap_or(heading).to_owned();
        }
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if let [_, key, _, needed @ ("yes" | "no"), _, _] = cells[..] {
            for key in key.split(", ") {
                rows.push((section.clone(), key.trim_matches('`').to_owned(), needed == "yes"));
            }
        }
    }
    rows
}

/// Takes the line of a key out of the fence of that kind which stands first in the example.
fn without(kind: &str, key: &str) -> Option<BTreeMap<String, String>> {
    let mut files = files();
    let kind = if kind == "The agency" { "agency" } else { kind };
    for text in files.values_mut() {
        let start = if kind == "item" { "[[item]]\n" } else { &format!("```{kind}\n") };
        let Some(at) = text.find(start) else { continue };
        let end = at + text[at..].find("\n```\n").unwrap();
        let mut from = at;
        for line in text[at..end].split_inclusive('\n') {
            // A table goes with all that is in it.
            if line.trim_end() == format!("[[{key}]]") {
                text.replace_range(from..=end, "");
                return Some(files);
            }
            let is_key = line.split(['=', ' ']).next() == Some(key);
            if is_key {
                text.replace_range(from..from + line.len(), "");
                return Some(files);
            }
            from += line.len();
        }
    }
    None
}

/// A key marked as needed cannot be left out; one marked as not needed can; and there is no other.
#[test]
fn the_tables_of_keys_are_what_the_reader_asks_for() {
    let rows = keys();
    let mut tried = 0;
    for (section, key, needed) in &rows {
        match without(section, key) {
            Some(files) => {
                tried += 1;
                assert_eq!(Library::read(&files).is_err(), *needed, "{section} {key}");
            }
            None => assert!(!needed, "the example does not have the needed {section} {key}"),
        }
    }
    assert!(tried > 30, "{tried} keys tried");
    for kind in ["agency", "instrument", "duty", "calendar", "report", "example", "property"] {
        let mut files = files();
        for text in files.values_mut() {
            *text = text.replacen(&format!("```{kind}\n"), &format!("```{kind}\nother = 1\n"), 1);
        }
        let said = said(&files);
        assert!(said[0].contains("unknown field `other`"), "{kind}: {said:?}");
    }
    let mut files = files();
    let text = files.get_mut(EDITION).unwrap();
    *text = text.replacen("[[item]]\n", "[[item]]\nother = 1\n", 1);
    assert!(said(&files)[0].contains("unknown field `other`"));
}

/// Every outcome and modality is in the specification, and the writing of each modality is so.
#[test]
fn the_words_are_all_there() {
    for outcome in Outcome::ALL {
        assert!(SPEC.contains(&format!("`{}`", outcome.word())), "{}", outcome.word());
    }
    let mut modalities = 0;
    for line in SPEC.lines() {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, modality, effect @ ("permit" | "forbid"), _, _] = cells[..] else { continue };
        modalities += 1;
        let other = if effect == "permit" { "forbid" } else { "permit" };
        for (written, right) in [(effect, true), (other, false)] {
            let mut files = files();
            let text = files.get_mut(EDITION).unwrap();
            *text = text.replacen("must_not", modality, 1).replacen(
                "forbid (",
                &format!("{written} ("),
                1,
            );
            assert_eq!(Library::read(&files).is_ok(), right, "{written} {modality}");
        }
    }
    let all =
        [Modality::Must, Modality::MustNot, Modality::May, Modality::Shields, Modality::Refer];
    assert_eq!(modalities, all.len());
}

/// The rows of the table under a heading of the section on reports, cell by cell without
/// backticks; the heading names the first cell.
fn rows_of(first: &str) -> Vec<Vec<String>> {
    let start = SPEC.find(&format!("\n| {first} |")).expect(first);
    let lines = SPEC[start..].trim_start().lines().take_while(|line| line.starts_with('|'));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    lines.skip(2).map(|line| line.trim_matches('|').split('|').map(cell).collect()).collect()
}

/// The kinds of period are all there, and are written and read as the table says.
#[test]
fn the_periods_are_those_of_the_table() {
    let rows = rows_of("`period` | covers");
    assert_eq!(rows.len(), Period::ALL.len());
    for (row, period) in rows.iter().zip(Period::ALL) {
        assert_eq!(serde_json::to_value(period).unwrap(), row[0].as_str());
        let written: Stretch = row[2].parse().unwrap();
        assert_eq!((written.period(), period.example()), (period, row[2].as_str()));
    }
}

/// A feature goes where the table has a cross, and nowhere else.
#[test]
fn features_go_where_the_table_says() {
    let rows = rows_of("feature");
    assert_eq!(rows.len(), 12);
    let item = |keys: &str| {
        let mut files = files();
        let text = files.get_mut(EDITION).unwrap();
        let before = "of    = [{ basis = [\"detainer\"] }]\nby    = \"ground\"\n";
        assert!(text.contains(before));
        *text = text.replacen(before, keys, 1);
        said(&files).is_empty()
    };
    for row in rows {
        let word = match row[0].as_str() {
            "action" => "hold",
            "basis" => "detainer",
            "outcome" => "may",
            "answer" => "open",
            _ => "not_stated",
        };
        let feature = &row[0];
        for (place, keys) in [
            (2, format!("of = [{{ {feature} = [\"{word}\"] }}]\n")),
            (2, format!("but = [{{ {feature} = [\"{word}\"] }}]\n")),
            (3, format!("by = \"{feature}\"\n")),
            (4, format!("by = \"case\"\nshow = [\"{feature}\"]\n")),
        ] {
            assert_eq!(item(&keys), row[place] == "x", "{keys}");
        }
    }
}
