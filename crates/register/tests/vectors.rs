//! Values computed by others: the tree, proofs, keys and notes by Go's `sumdb/tlog` and
//! `sumdb/note` (Debian's golang-golang-x-mod-dev 0.7.0, Go 1.19), the roots also in the test data
//! of Certificate Transparency; salt and commitment by Python's `hmac` and `hashlib`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use register::note::{Signer, Verifier};
use register::tree::{Tree, check_consistency, check_inclusion, leaf_hash};
use register::{Hash, hex, seal, unhex};
use sha2::Sha256;

/// The eight leaves that Certificate Transparency tests with.
const LEAVES: [&[u8]; 8] = [
    b"",
    &[0x00],
    &[0x10],
    &[0x20, 0x21],
    &[0x30, 0x31],
    &[0x40, 0x41, 0x42, 0x43],
    &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    &[
        0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
        0x6f,
    ],
];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn tree() -> Tree {
    LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect()
}

fn digits(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

#[test]
fn roots() {
    let mut tree = Tree::new();
    assert_eq!(
        hex(&tree.root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        tree.push(leaf_hash(leaf));
        assert_eq!(hex(&tree.root()), root);
    }
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hex(&tree.root_at(size).unwrap()), root);
    }
    assert_eq!(tree.root_at(9), None);
}

#[test]
fn proofs() {
    assert_eq!(
        digits(&tree().inclusion(5, 7).unwrap()),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        digits(&tree().consistency(3, 7).unwrap()),
        [
            "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
            "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
        ]
    );
    assert_eq!(
        digits(&tree().consistency(6, 8).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn what_a_tree_cannot_prove() {
    assert_eq!(tree().inclusion(7, 7), None);
    assert_eq!(tree().inclusion(0, 9), None);
    assert_eq!(tree().consistency(8, 7), None);
    assert_eq!(tree().consistency(1, 9), None);
}

const SECRET: &str = "PRIVATE+KEY+register.example/town+544bae36+\
                      AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const VKEY: &str = "register.example/town+544bae36+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const SIGNATURE: &str = "VEuuNvLJly9SZUA2Run3j6Imc6kg1bfw+++wT1E6ZaPy5EEfXtk4/KL+\
                         GQfvB0S2SbB3OPIsvLbjOy8J+VOGrbJ3cwQ=";
const TEXT: &str = "the register of a town\nhas two lines\n\nand an empty one\n";

#[test]
fn keys() {
    let signer = Signer::from_seed("register.example/town", [7; 32]).unwrap();
    assert_eq!(signer.to_secret_text(), SECRET);
    assert_eq!(signer.verifier().to_string(), VKEY);
    assert_eq!(Signer::parse(SECRET).unwrap().verifier(), Verifier::parse(VKEY).unwrap());
    assert!(!format!("{signer:?}").contains("BwcH"), "a key must not be printed by accident");
}

#[test]
fn a_note_signed_by_go() {
    let note = format!("{TEXT}\n— register.example/town {SIGNATURE}\n");
    assert_eq!(Signer::parse(SECRET).unwrap().sign(TEXT).unwrap(), note);
    assert_eq!(Verifier::parse(VKEY).unwrap().open(&note).unwrap(), TEXT);
}

#[test]
fn salt_and_commitment() {
    let private = serde_json::json!({"name": "A. Person"});
    let sealed = seal::seal(&[9; 32], &private).unwrap();
    assert_eq!(
        hex(&sealed.commit),
        "0b51a09c75b72b047b67c59e1d341fdabac4f2457bed16af7a83e943a3f287b8"
    );
    let opening = seal::open(&[9; 32], &sealed.ciphertext, &sealed.commit).unwrap();
    assert_eq!(
        hex(&opening.salt),
        "6f04e1a02a5631008e73fac8fb9cb50c03b1eba3d95efd36d286e916c04b7cfe"
    );
    assert_eq!(unhex(&hex(&opening.salt)).unwrap(), opening.salt);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The tree of the crate `ct-merkle` has the same roots and the same proofs.
    #[test]
    fn as_another_tree(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 1..200),
        picks in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        // Equal siblings have equal proofs, so each leaf says where it stands.
        let numbered = leaves.into_iter().enumerate();
        let leaves: Vec<Vec<u8>> = numbered
            .map(|(index, mut leaf)| {
                leaf.extend(index.to_be_bytes());
                leaf
            })
            .collect();
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let tree: Tree = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        leaves.iter().for_each(|leaf| other.push(leaf.clone()));
        let size = tree.size();
        let their_root = other.root();
        prop_assert_eq!(their_root.as_bytes().as_slice(), tree.root());

        let index = picks.0.index(leaves.len());
        let proof = tree.inclusion(index as u64, size).unwrap();
        let theirs = other.prove_inclusion(index);
        prop_assert_eq!(theirs.as_bytes(), proof.concat());
        let leaf = leaf_hash(&leaves[index]);
        prop_assert!(check_inclusion(&leaf, index as u64, size, &proof, &tree.root()));
        for wrong in 0..size {
            let holds = check_inclusion(&leaf, wrong, size, &proof, &tree.root());
            prop_assert!(wrong == index as u64 || !holds, "holds at {wrong} as well");
        }

        let old = 1 + picks.1.index(leaves.len());
        let proof = tree.consistency(old as u64, size).unwrap();
        let theirs = other.prove_consistency(leaves.len() - old);
        prop_assert_eq!(theirs.as_bytes(), proof.concat());
        let (root, old) = (tree.root(), old as u64);
        let old_root = tree.root_at(old).unwrap();
        prop_assert!(check_consistency((old, &old_root), (size, &root), &proof));
        for wrong in (0..=size + 1).filter(|&n| n != old) {
            prop_assert!(!check_consistency((wrong, &old_root), (size, &root), &proof));
        }
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(!check_consistency((old, &old_root), (size, &root), &longer));
    }
}
