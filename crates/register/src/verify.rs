//! Verifying a whole register from its published files, believing nothing but a vkey.
//!
//! Comes in: a way to read files by path, and the vkey. Goes out: the tree and its history, or the
//! first thing that is wrong, by file and entry. Absent: where the files are (folder or web), and
//! anything private.

use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Public};
use crate::history::History;
use crate::note::Verifier;
use crate::tile::{Tile, between, split_hashes, unbundle};
use crate::tree::{Tree, leaf_hash};
use crate::{Error, Hash, Result};

/// Published files by path, such as `checkpoint` or `tile/0/000.p/3`.
pub trait Source {
    /// The bytes of a file; nothing if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be read although it may exist.
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>>;
}

impl<F: Fn(&str) -> std::io::Result<Option<Vec<u8>>>> Source for F {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        self(path)
    }
}

/// A register in which everything was checked.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The published checkpoint.
    pub checkpoint: Checkpoint,
    /// The tree over all entries.
    pub tree: Tree,
    /// The public part of each entry as it was written, corrections not applied, by index.
    pub entries: Vec<Public>,
    /// The commitment of each entry, by index.
    pub commits: Vec<Hash>,
    /// The entries as they count.
    pub history: History,
}

/// Verifies a register: the checkpoint's signature and origin; each bundle and tile that its size
/// calls for; the root; each entry's form; the rules between entries.
///
/// # Errors
/// Names the first file or entry that is missing or wrong. A missing checkpoint is an error too,
/// and never an empty register.
///
/// ```
/// use register::{checkpoint::Checkpoint, note::Signer, tree, verify};
///
/// let signer = Signer::from_seed("register.example/town", [7; 32])?;
/// let origin = signer.name().to_owned();
/// let empty = Checkpoint { origin, size: 0, root: tree::empty_root() }.sign(&signer)?;
/// let files = |path: &str| Ok((path == "checkpoint").then(|| empty.clone().into_bytes()));
/// assert_eq!(verify::register(&files, &signer.verifier())?.tree.size(), 0);
/// # Ok::<(), register::Error>(())
/// ```
pub fn register(source: &impl Source, verifier: &Verifier) -> Result<Verified> {
    let checkpoint = checkpoint(source, verifier)?;
    let mut verified = Verified {
        tree: Tree::new(),
        entries: Vec::new(),
        commits: Vec::new(),
        history: History::new(),
        checkpoint,
    };
    let tiles = between(0, verified.checkpoint.size);
    for bundle in tiles.iter().filter(|tile| tile.level.is_none()) {
        verified.take(source, *bundle)?;
    }
    for tile in tiles.iter().filter(|tile| tile.level.is_some_and(|level| level > 0)) {
        if tile.hashes(&verified.tree) != Some(file(source, &tile.path())?) {
            return Err(Error::new(format!(
                "`{}` does not hold the hashes of the tiles below it: it was altered",
                tile.path()
            )));
        }
    }
    if verified.tree.root() != verified.checkpoint.root {
        return Err(Error::new(
            "the entries do not add up to the signed root: entries were changed after signing, \
             or the checkpoint is of another tree",
        ));
    }
    Ok(verified)
}

/// The published checkpoint, its signature and origin checked.
///
/// # Errors
/// If it is missing, not signed by this key, or of another register.
pub fn checkpoint(source: &impl Source, verifier: &Verifier) -> Result<Checkpoint> {
    let bytes = file(source, "checkpoint")?;
    let note = std::str::from_utf8(&bytes)
        .map_err(|_| Error::new("`checkpoint` is not text: it was altered"))?;
    Checkpoint::open(note, verifier).map_err(|error| error.at("`checkpoint`"))
}

impl Verified {
    /// Checks that this register continues an older checkpoint of the same register.
    ///
    /// # Errors
    /// If the older one is of another register, is larger, or had another root: then the register
    /// was rewritten between the two, and both checkpoints together are the proof of it.
    pub fn continues(&self, older: &Checkpoint) -> Result<()> {
        let Checkpoint { origin, size, root } = older;
        if *origin != self.checkpoint.origin {
            return Err(Error::new(format!(
                "the older checkpoint is of another register, `{origin}`"
            )));
        }
        match self.tree.root_at(*size) {
            None => Err(Error::new(format!(
                "the older checkpoint has `{size}` entries and the register only `{}`: \
                 entries were removed",
                self.tree.size()
            ))),
            Some(now) if now != *root => Err(Error::new(format!(
                "the register was rewritten: its first `{size}` entries are not those that were \
                 signed before; keep both checkpoints as proof"
            ))),
            Some(_) => Ok(()),
        }
    }

    /// Reads one bundle of entries and its tile of leaf hashes.
    fn take(&mut self, source: &impl Source, bundle: Tile) -> Result<()> {
        let path = bundle.path();
        let tile = Tile { level: Some(0), ..bundle }.path();
        let bytes = file(source, &path)?;
        let hashes = file(source, &tile)?;
        let entries = unbundle(&bytes).map_err(|error| error.at(format_args!("`{path}`")))?;
        let hashes = split_hashes(&hashes).unwrap_or_default();
        for (what, count) in [(&path, entries.len()), (&tile, hashes.len())] {
            if count as u64 != bundle.width {
                return Err(Error::new(format!(
                    "`{what}` holds `{count}` entries and should hold `{}`: it was altered or cut",
                    bundle.width
                )));
            }
        }
        for (bytes, hash) in entries.into_iter().zip(hashes) {
            let index = self.tree.size();
            if leaf_hash(bytes) != *hash {
                return Err(Error::new(format!(
                    "entry {index} in `{path}` has not the hash that `{tile}` gives it: \
                     one of the two was altered"
                )));
            }
            let place = |error: Error| error.at(format_args!("entry {index} in `{path}`"));
            let entry = Entry::parse(bytes).map_err(place)?;
            self.history.admit(&entry.public).map_err(place)?;
            self.commits.push(entry.commit);
            self.entries.push(entry.public);
            self.tree.push(*hash);
        }
        Ok(())
    }
}

fn file(source: &impl Source, path: &str) -> Result<Vec<u8>> {
    match source.read(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Error::new(format!("`{path}` is missing from the published files"))),
        Err(error) => Err(Error::new(format!("`{path}` cannot be read: {error}"))),
    }
}
