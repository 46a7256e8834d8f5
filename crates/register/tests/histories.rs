//! Random histories, written as a store would write them and re-read by the oracle after each step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod oracle;

use std::collections::BTreeMap;

use proptest::prelude::*;
use register::checkpoint::Checkpoint;
use register::entry::{
    Audit, Closed, Correction, Decision, Disposition, Done, Entry, Heard, KeyDestroyed, Nil, Pack,
    Public, Report, Request, Seed, View, What,
};
use register::history::{History, effective};
use register::note::Signer;
use register::receipt::Receipt;
use register::tree::{Tree, leaf_hash};
use register::{tile, verify};

/// A published folder in memory.
struct Town {
    signer: Signer,
    files: BTreeMap<String, Vec<u8>>,
    tree: Tree,
    history: History,
    entries: Vec<(u64, Public)>,
    bytes: Vec<Vec<u8>>,
    signed: Vec<Checkpoint>,
}

impl Town {
    fn new() -> Self {
        Self {
            signer: Signer::from_seed("register.example/town", [3; 32]).unwrap(),
            files: BTreeMap::new(),
            tree: Tree::new(),
            history: History::new(),
            entries: Vec::new(),
            bytes: Vec::new(),
            signed: Vec::new(),
        }
    }

    /// Adds those of `batch` that the rules admit, and publishes.
    fn publish(&mut self, batch: Vec<Public>) {
        let old = self.tree.size();
        for public in batch {
            let Ok(index) = self.history.admit(&public) else {
                continue;
            };
            let commit = [u8::try_from(index % 251).unwrap(); 32];
            let bytes = Entry { commit, public: public.clone() }.to_bytes().unwrap();
            self.tree.push(leaf_hash(&bytes));
            self.entries.push((index, public));
            self.bytes.push(bytes);
        }
        let from = usize::try_from(old - old % 256).unwrap();
        self.files.extend(tile::plan(&self.tree, old, &self.bytes[from..]).unwrap());
        let checkpoint = Checkpoint {
            origin: self.signer.name().to_owned(),
            size: self.tree.size(),
            root: self.tree.root(),
        };
        let note = checkpoint.sign(&self.signer).unwrap();
        self.files.insert("checkpoint".to_owned(), note.into_bytes());
        self.signed.push(checkpoint);
    }

    /// Believes nothing: both readers, every older checkpoint, some receipts.
    fn check(&self, pick: usize) {
        let verifier = self.signer.verifier();
        let read = |path: &str| self.files.get(path).cloned();
        let seen = oracle::check(&read, &verifier.to_string());
        assert_eq!(seen.entries, self.bytes);
        assert_eq!(
            (seen.size as u64, seen.root.as_slice()),
            (self.tree.size(), &self.tree.root()[..])
        );
        let source = |path: &str| Ok(self.files.get(path).cloned());
        let verified = verify::register(&source, &verifier).unwrap();
        assert_eq!(verified.tree, self.tree);
        assert_eq!(verified.history.entries(), effective(&self.entries).unwrap());
        for older in &self.signed {
            verified.continues(older).unwrap();
            let mut rewritten = older.clone();
            rewritten.root[31] ^= 1;
            assert!(verified.continues(&rewritten).is_err());
        }
        if self.bytes.is_empty() {
            return;
        }
        let index = (pick % self.bytes.len()) as u64;
        let receipt = Receipt {
            entry: self.bytes[pick % self.bytes.len()].clone(),
            index,
            proof: self.tree.inclusion(index, self.tree.size()).unwrap(),
            checkpoint: String::from_utf8(self.files["checkpoint"].clone()).unwrap(),
        };
        assert_eq!(Receipt::parse(&receipt.to_text()).unwrap(), receipt);
        let proven = receipt.verify(&verifier).unwrap();
        assert_eq!(
            (proven.index, &proven.entry.public),
            (index, &self.entries[pick % self.bytes.len()].1)
        );
    }
}

fn a_day() -> impl Strategy<Value = String> {
    (1..4u32).prop_map(|day| format!("2025-03-0{day}"))
}

fn a_channel() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["fax-d4", "mailbox", "desk"]).prop_map(str::to_owned)
}

/// Any public fields, most of which fit a short history and some of which fit none.
pub fn any_public() -> impl Strategy<Value = Public> {
    let digest = || "[0-9a-f]{64}";
    let word = || "[a-z (),.§é\"\\\\-]{1,20}";
    let maybe = || prop::option::of(word());
    let request = (a_channel(), 1..4u64, a_day(), maybe(), maybe(), maybe(), word());
    prop_oneof![
        6 => request.prop_map(|(channel, seq, day, form, station, requester, basis)| {
            let actions = vec!["hold".to_owned()];
            let reasons = vec!["a".to_owned(), "b".to_owned()];
            Public::Request(Request {
                channel, seq, day, actions, basis, form, reasons, station, requester,
            })
        }),
        2 => (0..20u64, word(), digest(), a_day()).prop_map(|(refers, outcome, pack, on)| {
            let (grounds, grade) = (vec!["11-1.9".to_owned()], Some("text".to_owned()));
            let action = "hold".to_owned();
            Public::Decision(Decision { refers, action, outcome, grounds, grade, pack, on })
        }),
        2 => (0..20u64, a_day(), maybe()).prop_map(|(refers, day, basis)| {
            let what = What::Declined;
            Public::Done(Done { refers, what, day, basis, action: None, cents: None })
        }),
        1 => (0..20u64, a_day(), 0..1u64 << 53).prop_map(|(refers, day, cents)| {
            let (what, cents) = (What::Reimbursed, Some(cents));
            Public::Done(Done { refers, what, day, basis: None, action: None, cents })
        }),
        2 => (0..20u64, a_day()).prop_map(|(refers, day)| {
            let set = BTreeMap::from([("day".to_owned(), day.into())]);
            Public::Correction(Correction { refers, set, void: false })
        }),
        2 => (0..20u64).prop_map(|refers| {
            Public::Correction(Correction { refers, set: BTreeMap::new(), void: true })
        }),
        2 => (a_channel(), a_day()).prop_map(|(channel, day)| Public::Nil(Nil { channel, day })),
        3 => (word(), digest(), a_day())
            .prop_map(|(agency, digest, day)| Public::Pack(Pack { agency, digest, day })),
        1 => (word(), digest(), 0..20u64).prop_map(|(period, sha256, counted_at)| {
            Public::Report(Report { period, sha256, counted_at })
        }),
        1 => "[0-9]{4}-Q[1-4]"
            .prop_map(|quarter| Public::KeyDestroyed(KeyDestroyed { quarter })),
        1 => "[0-9a-f]{32}".prop_map(|bits| Public::Seed(Seed { bits })),
        2 => (digest(), prop::option::of(0..20u64)).prop_map(|(sha256, seed)| {
            Public::Audit(Audit { sha256, rows: 9, leads: 1, seed })
        }),
        1 => (0..20u64, "[0-9a-f]{12}")
            .prop_map(|(refers, finding)| Public::Heard(Heard { refers, finding })),
        1 => (0..20u64, "[0-9a-f]{12}").prop_map(|(refers, finding)| {
            Public::Disposition(Disposition { refers, finding, result: Closed::Unfounded })
        }),
        1 => a_day().prop_map(|day| Public::View(View { day })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn step_by_step(
        batches in prop::collection::vec(prop::collection::vec(any_public(), 0..12), 1..8),
        pick in any::<usize>(),
    ) {
        let mut town = Town::new();
        for batch in batches {
            town.publish(batch);
            town.check(pick);
        }
    }

    #[test]
    fn an_entry_reads_back(public in any_public(), commit in any::<[u8; 32]>()) {
        let entry = Entry { commit, public };
        let bytes = entry.to_bytes().unwrap();
        prop_assert_eq!(Entry::parse(&bytes).unwrap(), entry);
    }
}

#[test]
fn across_the_borders_of_tiles() {
    let mut town = Town::new();
    let pack = Pack { agency: "town".into(), digest: "0".repeat(64), day: "2025-03-01".into() };
    let steps = [1, 254, 1, 1, 255, 256, 3, 0, 700, 66_000 - 1_471, 1];
    for (step, count) in steps.into_iter().enumerate() {
        town.publish(vec![Public::Pack(pack.clone()); count]);
        town.check(town.bytes.len() - 1 - step);
    }
    let paths: Vec<_> = between_paths(66_000);
    assert!(paths.contains(&"tile/2/000.p/1".to_owned()), "{paths:?}");
    assert_eq!(town.tree.size(), 66_001);
}

fn between_paths(size: u64) -> Vec<String> {
    tile::between(0, size).iter().map(tile::Tile::path).collect()
}

#[test]
fn a_plan_needs_the_entries_of_the_tree() {
    let tree: Tree = [leaf_hash(b"a"), leaf_hash(b"b")].into_iter().collect();
    assert!(tile::plan(&tree, 0, &[b"a", b"b"]).is_ok());
    assert!(tile::plan(&tree, 0, &[b"a", b"c"]).is_err());
    assert!(tile::plan(&tree, 1, &[b"b"]).is_err());
    assert!(tile::plan(&tree, 3, &[b"a", b"b"]).is_err());
}
