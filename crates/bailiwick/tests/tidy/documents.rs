//! The documents: titles, links, how many there are of a kind.

use std::collections::BTreeSet;
use std::fs;

use super::{ending, files, holds, root};

/// The lines of a document outside its fences.
fn prose(text: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    text.lines()
        .filter(|line| {
            let line = line.trim_start();
            let ticks = line.len() - line.trim_start_matches('`').len();
            match fence {
                None if ticks >= 3 => fence = Some(&line[..ticks]),
                Some(open) if line == open => fence = None,
                None => return true,
                Some(_) => {}
            }
            false
        })
        .collect()
}

#[test]
fn one_title_a_document() {
    let check = |name: &str, text: &str| {
        let titles = prose(text).iter().filter(|line| line.starts_with("# ")).count();
        if titles == 1 { vec![] } else { vec![format!("{name} has {titles} titles")] }
    };
    let documents: Vec<_> =
        ending(".md").into_iter().filter(|it| !it.0.contains("/tests/")).collect();
    holds(&documents, "# One\n\n# Two\n", check);
}

/// Links inside the repository lead somewhere, those to a heading to that heading.
#[test]
fn links_lead_somewhere() {
    let documents = ending(".md");
    let check = |name: &str, text: &str| {
        let mut problems = Vec::new();
        for line in prose(text) {
            for part in line.split("](").skip(1) {
                let target = part.split(')').next().unwrap();
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (path, heading) = target.split_once('#').unwrap_or((target, ""));
                let here = root().join(name);
                let file = if path.is_empty() { here } else { here.parent().unwrap().join(path) };
                let found = match fs::read_to_string(&file) {
                    Ok(text) => heading.is_empty() || headings(&text).contains(heading),
                    Err(_) => heading.is_empty() && file.is_dir(),
                };
                if !found {
                    problems.push(format!("{name}: `{target}` leads nowhere"));
                }
            }
        }
        problems
    };
    holds(&documents, "[here](no-such-file.md)", check);
}

/// The headings of a document as links name them.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = prose(text).into_iter().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let line = line.trim_start_matches('#').trim().to_lowercase();
            let kept = line.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn the_root_is_tidy() {
    let names: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["target", ".git"].contains(&name.as_str()))
        .collect();
    assert!(names.len() <= 20, "{} entries at the root: {names:?}", names.len());
}

/// What a test compares with is written by hand and stays little. The bad packs are one for every
/// message, and small.
#[test]
fn goldens_are_few() {
    let goldens: Vec<_> = files()
        .into_iter()
        .filter(|(name, _)| name.contains("/tests/") && !name.ends_with(".rs"))
        // These are tests too, in another language.
        .filter(|(name, _)| !name.contains("/tests/browser/"))
        .collect();
    let bytes: usize = goldens.iter().map(|(_, text)| text.len()).sum();
    let files = goldens.iter().filter(|(name, _)| !name.starts_with("crates/law/tests/bad/"));
    let files = files.count();
    assert!(files <= 40 && bytes <= 200_000, "{files} files, {bytes} bytes");
}

/// Each invariant of the architecture names the test that holds it, and the test is there.
#[test]
fn every_invariant_has_its_test() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let section = text.split("\n## Invariants\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let items: Vec<&str> =
        section.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert!(items.len() >= 10, "{items:?}");
    for item in items {
        let mut tests = 0;
        for code in item.split('`').skip(1).step_by(2) {
            let Some((path, name)) = code.split_once("::") else { continue };
            let file = fs::read_to_string(root().join("crates").join(path));
            let file = file.unwrap_or_else(|_| panic!("`{path}` in: {item}"));
            assert!(file.contains(&format!("fn {name}(")), "`{name}` is not in `{path}`");
            tests += 1;
        }
        assert!(tests > 0, "no test is named in: {item}");
    }
}
