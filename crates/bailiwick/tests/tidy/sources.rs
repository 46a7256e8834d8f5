//! The code: sizes, words, and what the law room must not have.

use std::process::Command;

use super::{ending, files, holds, root};

const MOST_LINES: usize = 500;
const MOST_LINES_OF_A_FUNCTION: usize = 70;
const MOST_COLUMNS: usize = 100;

#[test]
fn files_fit() {
    let check = |name: &str, text: &str| {
        let lines = text.lines().count();
        let long = lines > MOST_LINES;
        long.then(|| format!("{name} has {lines} lines")).into_iter().collect()
    };
    holds(&ending(".rs"), &"x\n".repeat(MOST_LINES + 1), check);
}

/// Formatted code ends a function with a brace under its first letter.
#[test]
fn functions_fit_a_screen() {
    let check = |name: &str, text: &str| {
        let lines: Vec<&str> = text.lines().collect();
        let mut problems = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let words: Vec<&str> = line.split_whitespace().take(4).collect();
            if !words.contains(&"fn") || line.trim_start().starts_with("//") {
                continue;
            }
            let close = format!("{indent}}}");
            let length = lines[at..].iter().position(|line| *line == close).unwrap_or(0) + 1;
            if length > MOST_LINES_OF_A_FUNCTION {
                problems.push(format!("{name}:{}: a function of {length} lines", at + 1));
            }
        }
        problems
    };
    let code: Vec<_> = ending(".rs").into_iter().filter(|it| !it.0.contains("/tests/")).collect();
    holds(&code, &format!("fn long() {{\n{}}}\n", "    x();\n".repeat(70)), check);
}

#[test]
fn lines_fit() {
    let check = |name: &str, text: &str| {
        let long = text.lines().zip(1..).filter(|(line, _)| line.chars().count() > MOST_COLUMNS);
        long.map(|(_, number)| format!("{name}:{number}: more than {MOST_COLUMNS} columns"))
            .collect()
    };
    // The seeds of the fuzz targets are lines of data.
    let code: Vec<_> = ending(".rs").into_iter().filter(|it| !it.0.starts_with("fuzz/")).collect();
    holds(&code, &"x".repeat(MOST_COLUMNS + 1), check);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let check = |name: &str, text: &str| {
        let found = words.iter().filter(|word| text.contains(**word));
        found.map(|word| format!("{name}: `{word}`")).collect()
    };
    holds(&files(), words[0], check);
}

#[test]
fn no_path_of_a_machine() {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let check = |name: &str, text: &str| {
        let found = places.iter().filter(|place| text.contains(**place));
        found.map(|place| format!("{name}: `{place}`")).collect()
    };
    holds(&files(), places[0], check);
}

/// Words that take a side or that say more than we know.
#[test]
fn words_are_neutral() {
    let words = ["violat", "illegal alien", "illegal immigrant", "sanctuary", "criminal alien"];
    let check = |name: &str, text: &str| {
        let text = text.to_lowercase();
        let found = words.iter().filter(|word| text.contains(**word));
        found.map(|word| format!("{name}: `{word}`")).collect()
    };
    let spoken: Vec<_> = files()
        .into_iter()
        .filter(|(name, _)| {
            name.starts_with("law/") || name.contains("/src/") || name.contains("/templates/")
        })
        .collect();
    holds(&spoken, "a Violation", check);
}

/// Invariant 1.
#[test]
fn the_law_room_has_no_door_to_the_world() {
    let doors = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::time",
        "std::thread",
        "std::io",
        "::now()",
        "Timestamp",
        "include_str!",
        "include_bytes!",
    ];
    let check = |name: &str, text: &str| {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: Vec<&str> = code.collect();
        let code = code.join("\n");
        let found = doors.iter().filter(|door| code.contains(**door));
        found.map(|door| format!("{name}: `{door}`")).collect()
    };
    let law: Vec<_> =
        ending(".rs").into_iter().filter(|it| it.0.starts_with("crates/law/src/")).collect();
    assert!(law.len() > 8);
    holds(&law, "let today = Zoned::now();", check);
}

#[test]
fn code_is_formatted() {
    let cargo = env!("CARGO");
    let status = Command::new(cargo).args(["fmt", "--all", "--check"]).current_dir(root()).output();
    let output = status.unwrap();
    assert!(
        output.status.success(),
        "run `cargo fmt --all`:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
