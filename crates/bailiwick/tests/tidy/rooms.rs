//! The rooms and what they may use: the documents' tables against what cargo knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::root;

const OURS: [&str; 5] = ["law", "register", "audit", "report", "bailiwick"];

fn metadata() -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version=1", "--locked", "--filter-platform", &host()]);
    let output = command.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The platform this is built for; what only others need is not downloaded here.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// What each of our crates uses: normal dependencies, those for tests with `tests` beside them.
fn used(metadata: &Value) -> BTreeMap<String, BTreeSet<(String, bool)>> {
    let packages = metadata["packages"].as_array().unwrap().iter();
    let ours = packages.filter(|package| OURS.contains(&package["name"].as_str().unwrap()));
    ours.filter(|package| package["source"].is_null())
        .map(|package| {
            let uses = package["dependencies"].as_array().unwrap().iter();
            let uses =
                uses.map(|it| (it["name"].as_str().unwrap().to_owned(), it["kind"] == "dev"));
            (package["name"].as_str().unwrap().to_owned(), uses.collect())
        })
        .collect()
}

/// The rows of the table that follows a heading, as cells.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let section = text.split(&format!("\n## {heading}\n")).nth(1).expect(heading);
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn rooms_use_what_the_architecture_says() {
    let used = used(&metadata());
    let table = table("docs/ARCHITECTURE.md", "Rooms");
    assert_eq!(table.len(), OURS.len());
    for row in table {
        let room = words(&row[0]).pop_first().unwrap();
        let ours = used[&room].iter().filter(|(name, _)| OURS.contains(&name.as_str()));
        let ours: BTreeSet<String> =
            ours.filter(|(_, tests)| !tests).map(|(name, _)| name.clone()).collect();
        assert_eq!(words(&row[2]), ours, "what `{room}` may use of ours");
    }
}

/// What a lock file or a manifest of cargo says.
fn toml(path: &str) -> toml::Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

#[test]
fn every_dependency_has_its_reason() {
    let used = used(&metadata());
    let browser = toml("wasm/Cargo.toml");
    let browser = browser["dependencies"].as_table().unwrap().keys().cloned();
    let all = used.values().flatten().map(|(name, _)| name.clone()).chain(browser);
    let all: BTreeSet<String> = all.filter(|name| !OURS.contains(&name.as_str())).collect();
    let rows = table("docs/DESIGN.md", "Dependencies");
    let told: BTreeSet<String> = rows.iter().flat_map(|row| words(&row[0])).collect();
    assert_eq!(told, all, "left: the table of docs/DESIGN.md; right: what the crates use");
    for row in rows {
        assert!(row.iter().all(|cell| !cell.is_empty()), "an empty cell in {row:?}");
    }
}

/// A browser answers by the same crates as the program, whose licences are checked below; beside
/// them there is what leads into it.
#[test]
fn a_browser_gets_the_versions_of_the_root() {
    let packages = |path: &str| -> BTreeSet<(String, String, String)> {
        let lock = toml(path);
        let text = |package: &toml::Value, key: &str| {
            package.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
        };
        let packages = lock["package"].as_array().unwrap().iter();
        packages.map(|it| (text(it, "name"), text(it, "version"), text(it, "checksum"))).collect()
    };
    let (root, browser) = (packages("Cargo.lock"), packages("wasm/Cargo.lock"));
    assert!(browser.len() > 100);
    let door = ["bailiwick-wasm", "js-sys"];
    let stray: Vec<_> = browser
        .difference(&root)
        .filter(|(name, ..)| !name.starts_with("wasm-bindgen") && !door.contains(&name.as_str()))
        .collect();
    assert!(
        stray.is_empty(),
        "copy Cargo.lock to wasm/ and run `cargo metadata` there; not the root's: {stray:#?}"
    );
}

/// Whatever we build with may be used by anyone for anything: permissive, or MPL at most.
#[test]
fn licences_are_permissive() {
    let metadata = metadata();
    let free = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "0BSD",
        "Zlib",
        "Unlicense",
        "CC0-1.0",
        "MIT-0",
        "Unicode-3.0",
        "MPL-2.0",
        "BSL-1.0",
        "BlueOak-1.0.0",
    ];
    let may = |expression: &str| {
        expression.split(" AND ").all(|all| {
            let any = all.trim_matches(['(', ')']).replace('/', " OR ");
            any.split(" OR ").any(|one| free.contains(&one.trim_matches(['(', ')', ' '])))
        })
    };
    assert!(
        may("(MIT OR Apache-2.0) AND Unicode-3.0") && !may("GPL-3.0") && !may("MIT AND AGPL-3.0")
    );
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let stray = packages.iter().filter(|it| !it["license"].as_str().is_some_and(may));
    let stray: Vec<_> = stray.map(|it| format!("{} {}", it["name"], it["license"])).collect();
    assert!(stray.is_empty(), "{stray:#?}");
}
