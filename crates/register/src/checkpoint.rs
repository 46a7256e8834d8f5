//! Checkpoints (C2SP tlog-checkpoint): whose register, how many entries, which root.
//!
//! Comes in: a signed note. Goes out: the three values it vouches for, or a signed note of them.
//! Absent: extension lines, which are passed over in reading and never written, and cosignatures.

use crate::note::{Signer, Verifier};
use crate::{Error, Hash, Result, decimal, hash_from_base64, to_base64};

/// What a register's operator signs: at this size, the tree had this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which register: the name of its key.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root))
    }

    /// Reads the text of a checkpoint, which is worth nothing without a signature.
    ///
    /// # Errors
    /// If origin, size and root do not stand on the first three lines.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::new(format!("it is not a checkpoint: {why}"));
        let text = text.strip_suffix('\n').ok_or_else(|| wrong("the last line is cut off"))?;
        let mut lines = text.split('\n');
        let mut line = |what| lines.next().filter(|l| !l.is_empty()).ok_or_else(|| wrong(what));
        let origin = line("the origin is missing")?.to_owned();
        let size = decimal(line("the size is missing")?)?;
        let root = hash_from_base64(line("the root is missing")?)?;
        if lines.any(str::is_empty) {
            return Err(wrong("an extension line is empty"));
        }
        Ok(Self { origin, size, root })
    }

    /// The checkpoint as a note signed by the register's key.
    ///
    /// # Errors
    /// If the key signs under another name than the checkpoint's origin.
    pub fn sign(&self, signer: &Signer) -> Result<String> {
        self.of(signer.name())?;
        signer.sign(&self.text())
    }

    /// The checkpoint in a note, if the key signed it and it is of that key's register.
    ///
    /// # Errors
    /// If the signature does not hold, the origin is another, or the text is no checkpoint.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self> {
        let checkpoint = Self::parse(verifier.open(note)?)?;
        checkpoint.of(verifier.name())?;
        Ok(checkpoint)
    }

    fn of(&self, name: &str) -> Result<()> {
        if self.origin == name {
            return Ok(());
        }
        let origin = &self.origin;
        Err(Error::new(format!("it is of the register `{origin}`, and the key is of `{name}`")))
    }
}
