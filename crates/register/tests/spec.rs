//! The examples in the specifications: their commands are run, and our code agrees with them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::Command;

use register::entry::{Entry, Public};
use register::note::Verifier;
use register::receipt::Receipt;
use register::seal::Opening;
use register::tree::leaf_hash;
use register::{hex, unhex};

const ENTRY: &str = include_str!("../../../docs/spec/register-entry.md");
const RECEIPT: &str = include_str!("../../../docs/spec/receipt.md");

/// The fenced blocks of a document in one language, without the last newline.
fn fences<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let parts = document.split("\n```").collect::<Vec<_>>();
    let fence = |part: &&'a str| part.strip_prefix(language)?.strip_prefix('\n');
    parts.iter().filter_map(fence).collect()
}

/// Every command prints what the block after it says.
#[test]
fn commands() {
    for (document, count) in [(ENTRY, 2), (RECEIPT, 2)] {
        let commands = fences(document, "sh");
        assert_eq!(commands.len(), count);
        for command in commands {
            let after = document.split_once(command).unwrap().1;
            let output = Command::new("sh").args(["-c", command]).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(printed.trim_end(), fences(after, "text")[0], "{command}");
        }
    }
}

#[test]
fn the_entry() {
    let bytes = fences(ENTRY, "json")[0].as_bytes();
    let entry = Entry::parse(bytes).unwrap();
    let [commit, leaf] = fences(ENTRY, "text")[..] else { panic!("two results") };
    assert_eq!(format!("{}  -", hex(&leaf_hash(bytes))), leaf);
    assert_eq!(format!("{}  -", hex(&entry.commit)), commit);
    let salt = *b"an example salt of 32 characters";
    let opening = Opening { salt, private: serde_json::json!({"name": "A. Person"}) };
    opening.check(&unhex(&commit[..64]).unwrap()).unwrap();
    let Public::Request(request) = entry.public else { panic!("a request") };
    assert_eq!((request.channel.as_str(), request.seq), ("fax-d4", 1));
}

/// Every field in the table is one that some kind has, and every kind is there.
#[test]
fn the_table_of_kinds() {
    let rows = ENTRY.lines().filter(|line| line.starts_with("| `") || line.starts_with("| | `"));
    let mut kinds = Vec::<(String, Vec<String>)>::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if !cells[1].is_empty() {
            kinds.push((cells[1].to_owned(), Vec::new()));
        }
        kinds.last_mut().unwrap().1.push(cells[2].to_owned());
    }
    assert_eq!(kinds.len(), 13);
    for (kind, fields) in kinds {
        let mut object = serde_json::Map::from_iter([("kind".to_owned(), kind.clone().into())]);
        for field in &fields {
            object.insert(field.clone(), value(field));
        }
        if kind == "correction" {
            object.remove("void");
        }
        let public: Public = serde_json::from_value(object.clone().into())
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        public.check().unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(serde_json::to_value(&public).unwrap(), serde_json::Value::Object(object));
        assert_eq!(public.kind(), kind);
    }
}

/// A value that fits a field of this name.
fn value(field: &str) -> serde_json::Value {
    match field {
        "refers" | "counted_at" | "cents" | "rows" | "leads" | "seed" => 0.into(),
        "seq" => 1.into(),
        "day" | "on" => "2025-03-03".into(),
        "actions" | "reasons" | "grounds" => serde_json::json!(["a"]),
        "pack" | "digest" | "sha256" => "ab".repeat(32).into(),
        "what" => "reimbursed".into(),
        "set" => serde_json::json!({"day": "2025-03-04"}),
        "quarter" => "2025-Q1".into(),
        "bits" => "ab".repeat(16).into(),
        "finding" => "0123456789ab".into(),
        "result" => "unfounded".into(),
        _ => "word".into(),
    }
}

#[test]
fn the_receipt() {
    let text = format!("{}\n", fences(RECEIPT, "text")[0]);
    let receipt = Receipt::parse(&text).unwrap();
    assert_eq!(receipt.to_text(), text);
    assert_eq!(receipt.entry, fences(ENTRY, "json")[0].as_bytes());
    let vkey = RECEIPT.split('`').find(|part| part.contains("town+")).unwrap();
    let proven = receipt.verify(&Verifier::parse(vkey).unwrap()).unwrap();
    assert_eq!((proven.index, proven.checkpoint.size), (1, 2));
}
