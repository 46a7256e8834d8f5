//! Altered bytes are refused: every single bit, and whatever else a stranger may send.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use register::checkpoint::Checkpoint;
use register::entry::{Entry, Nil, Pack, Public};
use register::note::{Signer, Verifier};
use register::receipt::Receipt;
use register::seal::{self, Opening};
use register::tree::{Tree, leaf_hash};
use register::{canonical, tile, verify};

type Files = BTreeMap<String, Vec<u8>>;

fn signer() -> Signer {
    Signer::from_seed("register.example/town", [3; 32]).unwrap()
}

fn entries(count: u64) -> Vec<Vec<u8>> {
    let day = || "2025-03-03".to_owned();
    let pack = Public::Pack(Pack { agency: "town".into(), digest: "0".repeat(64), day: day() });
    let nil = |n| Public::Nil(Nil { channel: format!("fax-{n}"), day: day() });
    (0..count)
        .map(|n| if n == 0 { pack.clone() } else { nil(n) })
        .map(|public| Entry { commit: [5; 32], public }.to_bytes().unwrap())
        .collect()
}

fn signed(tree: &Tree) -> String {
    let origin = signer().name().to_owned();
    Checkpoint { origin, size: tree.size(), root: tree.root() }.sign(&signer()).unwrap()
}

fn published(entries: &[Vec<u8>]) -> Files {
    let tree: Tree = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut files: Files = tile::plan(&tree, 0, entries).unwrap().into_iter().collect();
    files.insert("checkpoint".to_owned(), signed(&tree).into_bytes());
    files
}

fn verify(files: &Files) -> register::Result<verify::Verified> {
    verify::register(&|path: &str| Ok(files.get(path).cloned()), &signer().verifier())
}

fn receipt() -> String {
    let entries = entries(7);
    let tree: Tree = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let (entry, proof) = (entries[5].clone(), tree.inclusion(5, 7).unwrap());
    Receipt { entry, index: 5, proof, checkpoint: signed(&tree) }.to_text()
}

/// Every text or file that differs from `bytes` in one bit.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..8 * bytes.len()).map(|bit| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    })
}

#[test]
fn each_bit_of_a_receipt() {
    let read = |text: &str| Receipt::parse(text)?.verify(&signer().verifier());
    let text = receipt();
    assert_eq!(read(&text).unwrap().index, 5);
    for flipped in flips(text.as_bytes()) {
        if let Ok(flipped) = String::from_utf8(flipped) {
            assert!(read(&flipped).is_err(), "{flipped}");
        }
    }
}

#[test]
fn each_bit_of_a_note() {
    let note = signer().sign("one\ntwo\n").unwrap();
    for flipped in flips(note.as_bytes()) {
        if let Ok(flipped) = String::from_utf8(flipped) {
            assert!(signer().verifier().open(&flipped).is_err(), "{flipped}");
        }
    }
}

#[test]
fn each_bit_of_the_published_files() {
    let files = published(&entries(4));
    verify(&files).unwrap();
    for (path, bytes) in &files {
        for flipped in flips(bytes) {
            let mut files = files.clone();
            files.insert(path.clone(), flipped);
            let error = verify(&files).expect_err(path).to_string();
            assert!(error.contains('`') || error.contains("signed root"), "{path}: {error}");
        }
    }
}

#[test]
fn each_file_cut_or_missing() {
    let files = published(&entries(257));
    assert_eq!(files.len(), 6);
    for (path, bytes) in &files {
        let mut files = files.clone();
        files.insert(path.clone(), bytes[..bytes.len() - 1].to_vec());
        let cut = verify(&files).expect_err(path).to_string();
        assert!(cut.contains(path.as_str()), "{path}: {cut}");
        files.remove(path);
        let missing = verify(&files).expect_err(path).to_string();
        assert_eq!(missing, format!("`{path}` is missing from the published files"));
    }
}

#[test]
fn an_entry_rewritten_with_its_tile() {
    let honest = published(&entries(257));
    let mut changed = entries(257);
    changed[200] = entries(300).pop().unwrap();
    let rewritten = published(&changed);
    for (keep, words) in [
        (&["checkpoint", "tile/1/000.p/1"][..], "`tile/1/000.p/1` does not hold the hashes"),
        (&["checkpoint"][..], "do not add up to the signed root"),
        (&["tile/entries/000"][..], "entry 200 in `tile/entries/000` has not the hash"),
    ] {
        let mut files = rewritten.clone();
        for path in keep {
            files.insert((*path).to_owned(), honest[*path].clone());
        }
        let error = verify(&files).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let rewritten = verify(&rewritten).unwrap();
    let honest = verify(&honest).unwrap();
    let error = rewritten.continues(&honest.checkpoint).unwrap_err().to_string();
    assert!(error.starts_with("the register was rewritten"), "{error}");
    let shorter = verify(&published(&entries(256))).unwrap();
    let error = shorter.continues(&honest.checkpoint).unwrap_err().to_string();
    assert!(error.contains("entries were removed"), "{error}");
    honest.continues(&shorter.checkpoint).unwrap();
}

#[test]
fn rules_are_verified_too() {
    let mut without_pack = entries(3);
    without_pack.remove(0);
    let error = verify(&published(&without_pack)).unwrap_err().to_string();
    assert!(error.starts_with("entry 0 in `tile/entries/000.p/2`: a register starts"), "{error}");
    let mut files = published(&entries(1));
    files.remove("checkpoint");
    let error = verify(&files).unwrap_err().to_string();
    assert_eq!(error, "`checkpoint` is missing from the published files");
}

#[test]
fn signatures_by_others() {
    let note = signer().sign("text\n").unwrap();
    let other = Signer::from_seed("witness.example", [4; 32]).unwrap();
    let same_name = Signer::from_seed(signer().name(), [4; 32]).unwrap();
    let line = |signer: &Signer| signer.sign("text\n").unwrap().split_off("text\n\n".len());
    let ours = signer().verifier();
    let many: String = std::iter::repeat_with(|| line(&other)).take(40).collect();
    assert_eq!(ours.open(&(note.clone() + &many)).unwrap(), "text\n");
    assert_eq!(ours.open(&(note.clone() + &line(&same_name))).unwrap(), "text\n");
    assert!(ours.open(&other.sign("text\n").unwrap()).is_err());
    assert!(ours.open(&same_name.sign("text\n").unwrap()).is_err());
    // A signature by our own key that does not hold spoils the note, although another one does.
    let foreign = signer().sign("other text\n").unwrap().split_off("other text\n\n".len());
    let error = ours.open(&(note + &foreign)).unwrap_err().to_string();
    assert!(error.contains("does not hold"), "{error}");
}

#[test]
fn checkpoints_of_another_register() {
    let origin = "register.example/other".to_owned();
    let checkpoint = Checkpoint { origin, size: 0, root: [0; 32] };
    assert!(checkpoint.sign(&signer()).is_err());
    let note = signer().sign(&checkpoint.text()).unwrap();
    let error = Checkpoint::open(&note, &signer().verifier()).unwrap_err().to_string();
    assert!(error.contains("of the register `register.example/other`"), "{error}");
}

#[test]
fn texts_that_are_no_checkpoint() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let good = format!("town\n0\n{root}\n");
    assert_eq!(Checkpoint::parse(&good).unwrap().text(), good);
    assert_eq!(Checkpoint::parse(&format!("{good}more\n")).unwrap().text(), good);
    for text in [
        "",
        "town\n0\n",
        &format!("town\n0\n{root}"),
        &format!("\n0\n{root}\n"),
        &format!("town\n00\n{root}\n"),
        &format!("town\n+1\n{root}\n"),
        &format!("town\n-1\n{root}\n"),
        &format!("town\n9223372036854775808\n{root}\n"),
        &format!("town\n0\n{root}A\n"),
        "town\n0\nAAAA\n",
        &format!("town\n0\n{root}\n\n"),
    ] {
        assert!(Checkpoint::parse(text).is_err(), "{text}");
    }
}

#[test]
fn entries_in_another_spelling() {
    let bytes = entries(1).remove(0);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(Entry::parse(&bytes).is_ok());
    for (from, to) in [
        ("{", "{ "),
        ("\"agency\"", "\"\\u0061gency\""),
        ("{", "{\"also\":1,"),
        ("\"v\":1", "\"v\":1,\"v\":1"),
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\":1.0"),
        (",\"v\":1", ""),
        ("0505", "0A05"),
        ("pack", "packs"),
        ("}", "}\n"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text);
        assert!(Entry::parse(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn each_bit_of_a_sealed_part() {
    let private = serde_json::json!({"name": "A. Person", "a_number": "A012345678"});
    let sealed = seal::seal(&[9; 32], &private).unwrap();
    for flipped in flips(&sealed.ciphertext) {
        assert!(seal::open(&[9; 32], &flipped, &sealed.commit).is_err());
    }
    for flipped in flips(&sealed.commit) {
        let commit = flipped.try_into().unwrap();
        assert!(seal::open(&[9; 32], &sealed.ciphertext, &commit).is_err());
    }
    for flipped in flips(&[9; 32]) {
        let key = flipped.try_into().unwrap();
        assert!(seal::open(&key, &sealed.ciphertext, &sealed.commit).is_err());
    }
    let opening = seal::open(&[9; 32], &sealed.ciphertext, &sealed.commit).unwrap();
    let bytes = opening.to_bytes().unwrap();
    assert_eq!(Opening::parse(&bytes).unwrap(), opening);
    for flipped in flips(&bytes) {
        let opens = Opening::parse(&flipped).and_then(|opening| opening.check(&sealed.commit));
        assert!(opens.is_err());
    }
}

#[test]
fn private_parts_that_have_no_canonical_bytes() {
    for private in [
        serde_json::json!("text"),
        serde_json::json!({"a": 0.5}),
        serde_json::json!({"a": null}),
        serde_json::json!({"é": 1}),
    ] {
        assert!(seal::seal(&[9; 32], &private).is_err(), "{private}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Entry::parse(&bytes);
        let _ = Opening::parse(&bytes);
        let _ = tile::unbundle(&bytes);
        let _ = canonical::parse_object(&bytes);
        let _ = seal::open(&[0; 32], &bytes, &[0; 32]);
    }

    #[test]
    fn arbitrary_text_never_panics(
        text in "(— |\n|\n\n|c2sp.org/tlog-proof@v1|index |extra |\\PC){0,40}",
    ) {
        let _ = Receipt::parse(&text).map(|receipt| receipt.verify(&signer().verifier()));
        let _ = signer().verifier().open(&text);
        let _ = Checkpoint::parse(&text);
        let _ = Verifier::parse(&text);
        let _ = Signer::parse(&text);
    }

    #[test]
    fn bundles_read_back(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 0..9),
    ) {
        let bundle = tile::bundle(&entries).unwrap();
        prop_assert_eq!(tile::unbundle(&bundle).unwrap(), entries);
    }
}

#[test]
fn a_bundle_cannot_hold_a_longer_entry() {
    assert!(tile::bundle(&[vec![0; 65_535]]).is_ok());
    assert!(tile::bundle(&[vec![0; 65_536]]).is_err());
}
