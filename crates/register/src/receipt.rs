//! Receipts (C2SP tlog-proof): an entry, the proof that it is in the tree, the signed checkpoint.
//!
//! Comes in: the text of a `.tlog-proof` file and the register's vkey, nothing else, not even a
//! network. Goes out: the entry. Absent: the private part, which an opening adds.
//!
//! The file's `extra` line holds the entry's bytes. The format does not vouch for that line; it is
//! believed here only because its leaf hash must lead to the signed root.

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::note::Verifier;
use crate::tree::{check_inclusion, leaf_hash};
use crate::{Error, Hash, Result, decimal, from_base64, hash_from_base64, to_base64};

/// The first line of the file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A receipt as it was read; nothing in it is believed before [`Receipt::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// Its index.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling up.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, as published.
    pub checkpoint: String,
}

/// What a receipt proves: when `checkpoint` was signed, `entry` stood at `index`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The entry.
    pub entry: Entry,
    /// Its index.
    pub index: u64,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
}

impl Receipt {
    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\nextra {}\n", to_base64(&self.entry));
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.proof {
            text.push_str(&to_base64(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// If it is not such a file, or carries no entry.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::new(format!("it is not a receipt: {why}"));
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or_else(|| wrong("the checkpoint is missing"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(wrong(&format!("its first line is not `{HEADER}`")));
        }
        let mut field = |name: &str| {
            lines
                .next()
                .and_then(|line| line.strip_prefix(name)?.strip_prefix(' '))
                .ok_or_else(|| wrong(&format!("the line `{name}` is missing")))
        };
        let entry = from_base64(field("extra")?)?;
        let index = decimal(field("index")?)?;
        let proof = lines.map(hash_from_base64).collect::<Result<Vec<_>>>()?;
        if proof.len() > 63 {
            return Err(wrong("the proof is longer than any tree is high"));
        }
        Ok(Self { entry, index, proof, checkpoint: checkpoint.to_owned() })
    }

    /// Checks everything and says what is proven.
    ///
    /// # Errors
    /// If the checkpoint is not signed by this register, the proof does not lead from the entry
    /// to its root, or the entry is malformed.
    pub fn verify(&self, verifier: &Verifier) -> Result<Proven> {
        let checkpoint = Checkpoint::open(&self.checkpoint, verifier)
            .map_err(|error| error.at("the receipt's checkpoint"))?;
        let leaf = leaf_hash(&self.entry);
        let Checkpoint { size, root, .. } = &checkpoint;
        if !check_inclusion(&leaf, self.index, *size, &self.proof, root) {
            return Err(Error::new(format!(
                "the receipt does not hold: this entry is not number `{}` of the register",
                self.index
            )));
        }
        let entry = Entry::parse(&self.entry).map_err(|error| error.at("the receipt's entry"))?;
        Ok(Proven { entry, index: self.index, checkpoint })
    }
}
