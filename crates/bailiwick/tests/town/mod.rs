//! A small town whose register the store's tests keep. All names are invented.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick::store::{Channel, ChannelKind, Draft, Settings};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use register::entry::{Correction, Decision, Nil, Pack, Public, Request};
use register::seal;
use serde_json::{Value, json};

/// The day everything happens.
const DAY: &str = "2025-03-03";

/// Three channels.
pub fn settings() -> Settings {
    let channel = |id: &str, kind| Channel { id: id.into(), kind, label: format!("the {id}") };
    Settings {
        format: 1,
        agency: "town-police".into(),
        origin: "register.example/town".into(),
        channels: vec![
            channel("fax-d4", ChannelKind::Fax),
            channel("mailbox", ChannelKind::Mailbox),
            channel("desk", ChannelKind::Desk),
        ],
        banner: None,
        contact: None,
    }
}

/// The private part of the `n`-th request.
pub fn private(n: u64) -> Value {
    json!({"person": format!("person {n}"), "note": "x".repeat(40)})
}

fn draft(public: Public) -> Draft {
    Draft { public, private: seal::nothing(), import: None }
}

/// The entry with which every register starts.
pub fn pack() -> Draft {
    let digest = "ab".repeat(32);
    draft(Public::Pack(Pack { agency: "town-police".into(), digest, day: DAY.into() }))
}

/// A request about the `n`-th person.
pub fn request(channel: &str, n: u64) -> Draft {
    let public = Public::Request(Request {
        channel: channel.into(),
        seq: 0,
        day: DAY.into(),
        actions: vec!["hold".into()],
        basis: "detainer".into(),
        form: Some("i-247a".into()),
        reasons: vec![],
        station: None,
        requester: None,
    });
    Draft { public, private: private(n), import: None }
}

/// A decision upon a request.
pub fn decision(refers: u64) -> Draft {
    draft(Public::Decision(Decision {
        refers,
        action: "hold".into(),
        outcome: "must_not".into(),
        grounds: vec!["12-3(a)".into()],
        grade: Some("text".into()),
        pack: "ab".repeat(32),
        on: DAY.into(),
    }))
}

/// A nil return.
pub fn nil(channel: &str) -> Draft {
    draft(Public::Nil(Nil { channel: channel.into(), day: DAY.into() }))
}

/// A correction that voids an entry.
pub fn void(refers: u64) -> Draft {
    draft(Public::Correction(Correction { refers, set: BTreeMap::new(), void: true }))
}

/// Every file under a folder by its path, but an empty journal, which SQLite makes in reading.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                let bytes = std::fs::read(&path).unwrap();
                if !(name.ends_with("-wal") && bytes.is_empty()) {
                    found.insert(name, bytes);
                }
            }
        }
    }
    found
}

/// The names of files that are not the same in both.
pub fn changed(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// An entry's key out of its record, as the format of the key file says.
pub fn unwrap(kek: &[u8], epoch: u64, index: u64, record: &[u8]) -> [u8; 32] {
    assert_eq!(record[..8], index.to_be_bytes());
    let nonce: [u8; 24] = record[8..32].try_into().unwrap();
    let aad =
        [b"bailiwick/key/v1\n", epoch.to_be_bytes().as_slice(), &index.to_be_bytes()].concat();
    let kek: [u8; 32] = kek.try_into().unwrap();
    XChaCha20Poly1305::new(&Key::from(kek))
        .decrypt(&XNonce::from(nonce), Payload { msg: &record[32..], aad: &aad })
        .unwrap()
        .try_into()
        .unwrap()
}
