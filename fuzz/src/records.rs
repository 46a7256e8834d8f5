//! The register's formats: one spelling each, and nothing believed that was not signed.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use register::checkpoint::Checkpoint;
use register::entry::{Entry, Public};
use register::history::History;
use register::note::{Signer, Verifier};
use register::receipt::Receipt;
use register::tile::{bundle, plan, split_hashes, unbundle};
use register::tree::{Tree, leaf_hash};
use register::{canonical, seal::Opening, verify};

/// A small register, published: its entries, its files by path, and its keys.
pub struct Town {
    signer: Signer,
    pub verifier: Verifier,
    pub entries: Vec<Vec<u8>>,
    /// The checkpoint is the last.
    pub files: Vec<(String, Vec<u8>)>,
}

pub static TOWN: LazyLock<Town> = LazyLock::new(|| {
    let signer = Signer::from_seed("register.example/town", [7; 32]).expect("a key");
    let commit = register::hex(&[5; 32]);
    let entries: Vec<Vec<u8>> = [
        format!(r#"{{"agency":"town","commit":"{commit}","day":"2025-03-01","digest":"{commit}","kind":"pack","v":1}}"#),
        format!(r#"{{"actions":["hold"],"basis":"detainer","channel":"fax","commit":"{commit}","day":"2025-03-01","kind":"request","reasons":[],"seq":1,"v":1}}"#),
        format!(r#"{{"channel":"desk","commit":"{commit}","day":"2025-03-02","kind":"nil","v":1}}"#),
    ]
    .map(String::into_bytes)
    .to_vec();
    let mut tree = Tree::new();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    let origin = signer.name().to_owned();
    let head = Checkpoint { origin, size: tree.size(), root: tree.root() };
    let mut files = plan(&tree, 0, &entries).expect("the files of a register");
    files.push(("checkpoint".to_owned(), head.sign(&signer).expect("signed").into_bytes()));
    Town { verifier: signer.verifier(), signer, entries, files }
});

/// Bytes read as an entry, or as an opening, are the bytes it is written as; and the entry as
/// generic JSON has that one canonical form too.
pub fn entry(data: &[u8]) {
    if let Ok(entry) = Entry::parse(data) {
        entry.public.check().expect("what is read is well formed");
        assert_eq!(entry.to_bytes().as_deref(), Ok(data), "an entry has two spellings");
        let object = canonical::parse_object(data).expect("an entry is canonical JSON");
        let mut fields = object.clone();
        fields.retain(|name, _| !matches!(name.as_str(), "kind" | "commit" | "v"));
        fields.retain(|name, _| !matches!(name.as_str(), "refers" | "channel" | "seq"));
        let same = entry.public.with(&fields.into_iter().collect());
        assert_eq!(same.as_ref(), Ok(&entry.public), "its own values changed an entry");
    }
    if let Ok(opening) = Opening::parse(data) {
        assert_eq!(opening.to_bytes().as_deref(), Ok(data), "an opening has two spellings");
        let commitment = opening.commitment().expect("what is read has a commitment");
        opening.check(&commitment).expect("an opening opens its own commitment");
    }
    if let Ok(object) = canonical::parse_object(data) {
        let bytes = canonical::to_bytes(&serde_json::Value::Object(object));
        assert_eq!(bytes.as_deref(), Ok(data), "canonical JSON has two spellings");
    }
}

/// Lines of public fields as a history: what is refused changes nothing, and what was taken keeps
/// the rules between entries.
pub fn history(data: &[u8]) {
    let mut history = History::new();
    let mut taken = Vec::new();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Ok(public) = serde_json::from_slice::<Public>(line) else { continue };
        let before = history.entries().to_vec();
        match history.admit(&public) {
            Ok(index) => {
                assert_eq!(index, before.len() as u64);
                taken.push(public);
            }
            Err(_) => {
                assert_eq!(history.entries(), before, "a refused entry changed the history");
                assert!(history.admit(&public).is_err(), "refused first, then taken");
            }
        }
        keeps_the_rules(&history);
    }
    let mut again = History::new();
    for public in &taken {
        again.admit(public).expect("what was taken once is taken again");
    }
    assert_eq!(again.entries(), history.entries(), "refused entries left something behind");
}

fn keeps_the_rules(history: &History) {
    let entries = history.entries();
    let mut numbers = BTreeSet::new();
    let mut days = [BTreeSet::new(), BTreeSet::new()];
    for (index, entry) in (0_u64..).zip(entries) {
        assert_eq!(entry.index, index);
        entry.public.check().expect("an entry as it counts is well formed");
        match &entry.public {
            Public::Request(it) => {
                assert!(numbers.insert((&it.channel, it.seq)), "a number given twice");
                let before = it.seq - 1;
                assert!(before == 0 || numbers.contains(&(&it.channel, before)), "a gap");
                if !entry.void {
                    days[0].insert((&it.channel, &it.day));
                }
            }
            Public::Nil(it) if !entry.void => drop(days[1].insert((&it.channel, &it.day))),
            Public::Report(it) => assert!(it.counted_at <= index, "a report counts the future"),
            _ => {}
        }
        if let Some(refers) = entry.public.refers() {
            let original = entries.get(refers as usize).expect("it points to an entry");
            assert!(refers < index, "it points ahead");
            let deed = matches!(entry.public, Public::Decision(_) | Public::Done(_));
            assert!(!deed || matches!(original.public, Public::Request(_)));
            assert!(!deed || entry.void || !original.void, "it refers to a void request");
        }
    }
    assert!(days[0].is_disjoint(&days[1]), "a nil return beside a request");
}

/// A note opens only to what its key signed: any text that can be signed comes back unchanged,
/// and with any stretch of the note replaced, the key vouches for that text or for nothing.
/// Keys and checkpoints have one spelling.
pub fn note(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(key) = Verifier::parse(&text) {
        assert_eq!(key.to_string(), text, "a vkey has two spellings");
    }
    if let Ok(key) = Signer::parse(&text) {
        assert_eq!(key.to_secret_text(), text, "a private key has two spellings");
    }
    if let Ok(head) = Checkpoint::parse(&text) {
        assert!(text.starts_with(&head.text()), "a checkpoint has two spellings");
    }
    let Town { signer, verifier, files, .. } = &*TOWN;
    let published = files.last().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
    if let Ok(opened) = verifier.open(&text) {
        let whole = std::str::from_utf8(published).expect("text");
        assert!(whole.starts_with(opened), "a text was opened that was never signed");
    }
    // The first four bytes say where the rest replaces how much of a note over a part of itself.
    let Some((&[at, cut, much, _], rest)) = text.as_bytes().split_first_chunk::<4>() else {
        return;
    };
    let Ok(rest) = std::str::from_utf8(rest) else { return };
    let part: String = rest.chars().take(usize::from(much)).collect();
    let signed = format!("{part}\n");
    let Ok(sealed) = signer.sign(&signed) else { return };
    assert_eq!(verifier.open(&sealed), Ok(signed.as_str()), "a signed text did not open");
    let start = sealed.floor_char_boundary(usize::from(at) * sealed.len() / 255);
    let end = sealed.floor_char_boundary((start + usize::from(cut)).min(sealed.len()));
    let mut altered = sealed.clone();
    altered.replace_range(start..end.max(start), rest);
    if let Ok(opened) = verifier.open(&altered) {
        assert_eq!(opened, signed, "an altered text was opened");
    }
}

/// A receipt of every entry, that verifies.
pub fn receipts() -> Vec<String> {
    let Town { entries, files, .. } = &*TOWN;
    let mut tree = Tree::new();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    let head = files.last().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    let receipt = |(index, entry): (u64, &Vec<u8>)| Receipt {
        entry: entry.clone(),
        index,
        proof: tree.inclusion(index, tree.size()).expect("a proof"),
        checkpoint: String::from_utf8(head.clone()).expect("text"),
    };
    (0..).zip(entries).map(receipt).map(|receipt| receipt.to_text()).collect()
}

/// A receipt has one spelling; and one that verifies proves an entry that is in the register, in
/// the place it says, whatever the receipt was made from.
pub fn receipt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Town { verifier, entries, files, .. } = &*TOWN;
    let Ok(mut receipt) = Receipt::parse(text) else { return };
    assert_eq!(receipt.to_text(), text, "a receipt has two spellings");
    let verify = |receipt: &Receipt| {
        if let Ok(proven) = receipt.verify(verifier) {
            let stands = entries.get(proven.index as usize).map(Vec::as_slice);
            let bytes = proven.entry.to_bytes().ok();
            assert_eq!(bytes.as_deref(), stands, "an entry was proven that is not there");
        }
    };
    verify(&receipt);
    // The signature cannot be guessed, so the signed checkpoint is put in for it.
    let head = files.last().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    receipt.checkpoint = String::from_utf8(head).expect("text");
    verify(&receipt);
}

/// A bundle and a tile of hashes have one spelling; files planned in two steps are those planned
/// in one; and a published register with any one file replaced is refused or is the same.
pub fn tiles(data: &[u8]) {
    if let Ok(entries) = unbundle(data) {
        assert_eq!(bundle(&entries).as_deref(), Ok(data), "a bundle has two spellings");
        two_steps(&entries, usize::from(data.first().copied().unwrap_or(0)));
    }
    if let Some(hashes) = split_hashes(data) {
        assert_eq!(hashes.concat(), data, "a tile has two spellings");
    }
    let Some((which, bytes)) = data.split_first() else { return };
    let Town { verifier, files, .. } = &*TOWN;
    let (altered, original) = &files[usize::from(*which) % files.len()];
    let source = |path: &str| {
        let file = files.iter().find(|(name, _)| name == path);
        let read =
            file.map(|(name, was)| if name == altered { bytes.to_vec() } else { was.clone() });
        Ok(read)
    };
    if let Ok(verified) = verify::register(&source, verifier) {
        // Signatures by others may stand under a checkpoint; nothing else may differ at all.
        assert!(altered == "checkpoint" || bytes == original, "`{altered}` was altered unseen");
        assert_eq!(verified.entries.len(), 3);
    }
}

/// Publishing `entries` in two steps ends in the files that one step writes.
fn two_steps(entries: &[&[u8]], choice: usize) {
    let first = choice % (entries.len() + 1);
    let mut tree = Tree::new();
    entries.iter().take(first).for_each(|entry| tree.push(leaf_hash(entry)));
    let mut files = plan(&tree, 0, &entries[..first]).expect("the first files");
    entries.iter().skip(first).for_each(|entry| tree.push(leaf_hash(entry)));
    let tail = &entries[first - first % 256..];
    files.extend(plan(&tree, first as u64, tail).expect("the later files"));
    for (path, bytes) in plan(&tree, 0, entries).expect("all files") {
        let written = files.iter().rev().find(|(name, _)| *name == path);
        assert_eq!(
            written.map(|(_, it)| it),
            Some(&bytes),
            "`{path}` depends on when it was written"
        );
    }
}
