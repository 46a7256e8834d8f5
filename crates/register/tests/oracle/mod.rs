//! A second reader of a published register that believes nothing and shares no code with the
//! first: it reads the stored bytes, hashes by the recursive definition, and panics at any doubt.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// What the oracle saw.
pub struct Seen {
    /// The size that was signed.
    pub size: usize,
    /// The root that was signed.
    pub root: Vec<u8>,
    /// The bytes of every entry.
    pub entries: Vec<Vec<u8>>,
}

/// Reads a whole register through `read`; `vkey` is the only thing believed.
pub fn check(read: &dyn Fn(&str) -> Option<Vec<u8>>, vkey: &str) -> Seen {
    let file = |path: &str| read(path).unwrap_or_else(|| panic!("`{path}` is missing"));
    let note = String::from_utf8(file("checkpoint")).unwrap();
    let (size, root) = signed(&note, vkey);
    let mut entries = Vec::new();
    for (start, width, name) in tiles(size) {
        let mut bytes = file(&format!("tile/entries/{name}")).into_iter();
        for _ in 0..width {
            let length =
                256 * usize::from(bytes.next().unwrap()) + usize::from(bytes.next().unwrap());
            let entry: Vec<u8> = bytes.by_ref().take(length).collect();
            assert_eq!(entry.len(), length, "a bundle at {start} ends early");
            entries.push(entry);
        }
        assert_eq!(bytes.next(), None, "a bundle at {start} is longer than it should be");
    }
    assert_eq!(entries.len(), size);
    let mut hashes: Vec<Vec<u8>> = entries
        .iter()
        .map(|entry| Sha256::digest([&[0], entry.as_slice()].concat()).to_vec())
        .collect();
    assert_eq!(subtree(&hashes), root, "the entries do not add up to the signed root");
    for level in 0.. {
        for (start, width, name) in tiles(hashes.len()) {
            let expected = hashes[start..start + width].concat();
            assert_eq!(file(&format!("tile/{level}/{name}")), expected, "level {level}, {name}");
        }
        if hashes.len() < 256 {
            break;
        }
        hashes = hashes.chunks_exact(256).map(subtree).collect();
    }
    for (index, entry) in entries.iter().enumerate() {
        let value: serde_json::Value = serde_json::from_slice(entry).unwrap();
        // Among the values that entries use, the standard spelling with sorted keys is canonical.
        let sorted: std::collections::BTreeMap<String, serde_json::Value> =
            serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_vec(&sorted).unwrap(), *entry, "entry {index}");
        assert_eq!(value["v"], 1);
        assert_eq!(value["commit"].as_str().unwrap().len(), 64);
        assert!(index > 0 || value["kind"] == "pack", "the first entry is {value}");
        if value["kind"] == "view" {
            let said: Vec<_> = sorted.keys().map(String::as_str).collect();
            assert_eq!(said, ["commit", "day", "kind", "v"], "a view says too much: {value}");
        }
        assert!(value["refers"].as_u64().is_none_or(|refers| refers < index as u64));
    }
    numbers_without_gap(&entries);
    Seen { size, root, entries }
}

/// Size and root of a checkpoint whose signature holds.
fn signed(note: &str, vkey: &str) -> (usize, Vec<u8>) {
    let mut parts = vkey.splitn(3, '+');
    let (name, id, key) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let key = STANDARD.decode(key).unwrap();
    assert_eq!(key[0], 1);
    let id_of_key = Sha256::digest([name.as_bytes(), b"\n", &key].concat());
    assert_eq!(u32::from_str_radix(id, 16).unwrap().to_be_bytes(), id_of_key[..4]);
    let (text, signatures) = note.rsplit_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let ours =
        signatures.lines().find_map(|line| line.strip_prefix(&format!("— {name} "))).unwrap();
    let ours = STANDARD.decode(ours).unwrap();
    assert_eq!(ours[..4], id_of_key[..4]);
    VerifyingKey::from_bytes(key[1..].try_into().unwrap())
        .unwrap()
        .verify(text.as_bytes(), &Signature::from_slice(&ours[4..]).unwrap())
        .expect("the checkpoint's signature does not hold");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "a checkpoint of ours has no extension lines");
    assert_eq!(lines[0], name);
    (lines[1].parse().unwrap(), STANDARD.decode(lines[2]).unwrap())
}

/// Start, width and file name of each tile over `count` hashes.
fn tiles(count: usize) -> Vec<(usize, usize, String)> {
    let starts = (0..count).step_by(256);
    starts
        .map(|start| {
            let (number, width) = (start / 256, (count - start).min(256));
            assert!(number < 1_000_000, "the oracle reads up to a million tiles");
            let name = match number {
                0..1_000 => format!("{number:03}"),
                _ => format!("x{:03}/{:03}", number / 1_000, number % 1_000),
            };
            (start, width, if width < 256 { format!("{name}.p/{width}") } else { name })
        })
        .collect()
}

/// The hash of RFC 6962, as its text defines it.
fn subtree(hashes: &[Vec<u8>]) -> Vec<u8> {
    match hashes {
        [] => Sha256::digest(b"").to_vec(),
        [one] => one.clone(),
        many => {
            let mut middle = 1;
            while 2 * middle < many.len() {
                middle *= 2;
            }
            let (left, right) = many.split_at(middle);
            Sha256::digest([vec![1], subtree(left), subtree(right)].concat()).to_vec()
        }
    }
}

fn numbers_without_gap(entries: &[Vec<u8>]) {
    let mut numbers = std::collections::BTreeMap::<String, u64>::new();
    for entry in entries {
        let value: serde_json::Value = serde_json::from_slice(entry).unwrap();
        if value["kind"] == "request" {
            let last = numbers.entry(value["channel"].to_string()).or_default();
            *last += 1;
            assert_eq!(value["seq"], *last, "the numbers of a channel have a gap: {value}");
        }
    }
}
