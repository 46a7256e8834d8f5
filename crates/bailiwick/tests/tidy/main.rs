//! What a reader of this repository may count on: sizes, names, links, rooms. Each alarm is rung
//! once on purpose, so that none of them is deaf.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod documents;
mod rooms;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file of the repository that is text, by its path from the root; build output left out.
fn files() -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !["target", ".git", "corpus", "artifacts", "node_modules"].contains(&name) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                found.push((name.to_owned(), text));
            }
        }
    }
    assert!(found.len() > 100, "the repository is where it should be");
    found.sort();
    found
}

/// Those files whose name ends so.
fn ending(end: &str) -> Vec<(String, String)> {
    files().into_iter().filter(|(name, _)| name.ends_with(end)).collect()
}

/// Requires that a check finds nothing in the repository, and does find something in `planted`.
fn holds(files: &[(String, String)], planted: &str, check: impl Fn(&str, &str) -> Vec<String>) {
    assert!(!check("planted", planted).is_empty(), "the alarm is deaf to:\n{planted}");
    let problems: Vec<String> = files.iter().flat_map(|(name, text)| check(name, text)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
