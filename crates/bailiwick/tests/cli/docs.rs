//! What the documents show is what the program says: every `console` block is run, command by
//! command, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::run::{PROGRAM, Ran};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/spec"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.retain(|path| path.extension().is_some_and(|ext| ext == "md"));
    found.sort();
    found
}

/// The blocks of a document that show a session.
fn sessions(text: &str) -> Vec<String> {
    text.split("\n```console\n")
        .skip(1)
        .map(|it| it.split("\n```").next().unwrap().into())
        .collect()
}

/// Whether `said` has the lines shown; a line `…` stands for any lines, and one that ends so for
/// any line that starts like it.
fn shows(shown: &[&str], said: &[&str]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((&"…", rest)) => (0..=said.len()).any(|skip| shows(rest, &said[skip..])),
        Some((line, rest)) => said.split_first().is_some_and(|(first, more)| {
            let same = match line.strip_suffix('…') {
                Some(start) => first.starts_with(start),
                None => line.trim_end() == first.trim_end(),
            };
            same && shows(rest, more)
        }),
    }
}

#[test]
fn documents_show_what_the_program_says() {
    let mut commands = 0;
    for path in documents() {
        for session in sessions(&fs::read_to_string(&path).unwrap()) {
            let folder = tempfile::tempdir().unwrap();
            for step in format!("\n{session}").split("\n$ ").skip(1) {
                let (command, shown) = step.split_once('\n').unwrap_or((step, ""));
                let Some(words) = command.strip_prefix("bailiwick ") else { continue };
                let script = format!("\"{PROGRAM}\" {words}");
                let mut shell = std::process::Command::new("sh");
                let output = shell.current_dir(&folder).args(["-c", &script]).output().unwrap();
                let ran = Ran::of(output);
                let said = format!("{}{}", ran.out, ran.err);
                let shown: Vec<&str> = shown.trim_end().lines().collect();
                let said: Vec<&str> = said.trim_end().lines().collect();
                let at = path.display();
                assert!(shows(&shown, &said), "{at}: `{command}` says\n{}", said.join("\n"));
                commands += 1;
            }
        }
    }
    assert!(commands >= 3, "the documents show commands: {commands}");
}
