//! The published folder: what strangers read, always derived from the tree.
//!
//! Files are written before the checkpoint that calls for them, and the checkpoint is replaced in
//! one step, never by a smaller one. A crash in between leaves the older checkpoint, under which
//! everything is still there; the next opening publishes the rest the same way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use register::checkpoint::Checkpoint;
use register::note::{Signer, Verifier};
use register::tile;
use register::tree::Tree;
use register::verify::Source;

use super::disk::{Access, Disk};
use super::error::{Error, Result};

/// A folder of published files, for [`register::verify::register`].
///
/// ```
/// use register::verify::Source as _;
///
/// let folder = bailiwick::store::Folder::new("no/such/folder");
/// assert!(folder.read("checkpoint")?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at a path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Source for Folder {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        super::disk::RealDisk.read(&self.0.join(path))
    }
}

/// Makes the folder with the vkey and the checkpoint of the empty tree.
pub(super) fn create(disk: &dyn Disk, folder: &Path, signer: &Signer) -> Result<()> {
    disk.make_folder(folder, Access::Public).map_err(Error::at(folder))?;
    let vkey = folder.join("vkey");
    let text = format!("{}\n", signer.verifier());
    disk.put(&vkey, text.as_bytes(), Access::Public).map_err(Error::at(&vkey))?;
    replace_checkpoint(disk, folder, &sign(signer, &Tree::new())?)
}

/// The signed checkpoint of a tree. The same tree gives the same text.
pub(super) fn sign(signer: &Signer, tree: &Tree) -> Result<String> {
    Checkpoint { origin: signer.name().to_owned(), size: tree.size(), root: tree.root() }
        .sign(signer)
        .map_err(|error| Error::refused(error.to_string()))
}

/// The published checkpoint, signed by us.
pub(super) fn checkpoint(
    disk: &dyn Disk,
    folder: &Path,
    verifier: &Verifier,
) -> Result<Checkpoint> {
    let path = folder.join("checkpoint");
    let bytes = disk.read(&path).map_err(Error::at(&path))?.ok_or_else(|| {
        Error::damaged(
            "`public/checkpoint` is missing: restore it from a copy of what was published, for it \
             says what this register has vouched for; if `init` was cut short, remove the folder \
             and start again",
        )
    })?;
    std::str::from_utf8(&bytes)
        .map_err(|_| Error::damaged("`public/checkpoint` is not text: it was altered"))
        .and_then(|note| {
            Checkpoint::open(note, verifier)
                .map_err(|error| Error::damaged(error.at("`public/checkpoint`").to_string()))
        })
}

/// Checks that the published files are those of the tree, as far as the checkpoint reaches.
pub(super) fn check(
    disk: &dyn Disk,
    folder: &Path,
    tree: &Tree,
    published: &Checkpoint,
    entries: &[Vec<u8>],
) -> Result<()> {
    let Checkpoint { size, root, .. } = published;
    let Some(ours) = tree.root_at(*size) else {
        return Err(Error::damaged(format!(
            "the database is older than what was published ({} entries, {size} are published): \
             an old backup was restored; restore the newest one, or the published entries that \
             it lacks are lost",
            tree.size()
        )));
    };
    if ours != *root {
        return Err(Error::damaged(format!(
            "the database and the published checkpoint contradict each other about the first \
             {size} entries: one of the two was altered; restore both as they last were"
        )));
    }
    let mut bundles = entries.chunks(256);
    for tile in tile::between(0, *size) {
        let path = tile.path();
        let expected = match (tile.level, bundles.next()) {
            (Some(_), _) => tile.hashes(tree),
            (None, bundle) => bundle
                .and_then(|bundle| bundle.get(..usize::try_from(tile.width).ok()?))
                .and_then(|bundle| tile::bundle(bundle).ok()),
        };
        let full = folder.join(&path);
        let found = disk.read(&full).map_err(Error::at(&full))?;
        if found.is_none() || found != expected {
            let what = if found.is_none() { "is missing" } else { "was altered" };
            return Err(Error::damaged(format!(
                "`public/{path}` {what}: restore it from a copy of what was published, and find \
                 out who can write there"
            )));
        }
    }
    Ok(())
}

/// Publishes `tree`: the files that the published size `old` lacks, their folders, the checkpoint.
/// `tail` is as [`tile::plan`] wants it. Durable on return.
pub(super) fn publish(
    disk: &dyn Disk,
    folder: &Path,
    tree: &Tree,
    tail: &[Vec<u8>],
    signer: &Signer,
) -> Result<String> {
    // Read again and not remembered: nobody else may have published meanwhile.
    let published = checkpoint(disk, folder, &signer.verifier())?;
    if published.size > tree.size() {
        return Err(Error::damaged("a larger checkpoint was published by another process"));
    }
    let files = tile::plan(tree, published.size, tail)
        .map_err(|error| Error::damaged(error.to_string()))?;
    let mut folders = BTreeSet::new();
    for (path, bytes) in &files {
        let path = folder.join(path);
        let above = path.ancestors().skip(1).take_while(|above| above.starts_with(folder));
        let mut above: Vec<_> = above.map(Path::to_owned).collect();
        above.reverse();
        for made in above {
            if folders.insert(made.clone()) && made != folder {
                disk.make_folder(&made, Access::Public).map_err(Error::at(&made))?;
            }
        }
        disk.put(&path, bytes, Access::Public).map_err(Error::at(&path))?;
    }
    for changed in folders.iter().rev() {
        disk.sync_folder(changed).map_err(Error::at(changed))?;
    }
    let note = sign(signer, tree)?;
    replace_checkpoint(disk, folder, &note)?;
    Ok(note)
}

fn replace_checkpoint(disk: &dyn Disk, folder: &Path, note: &str) -> Result<()> {
    let (new, path) = (folder.join("checkpoint.new"), folder.join("checkpoint"));
    disk.put(&new, note.as_bytes(), Access::Public).map_err(Error::at(&new))?;
    disk.rename(&new, &path).map_err(Error::at(&path))?;
    disk.sync_folder(folder).map_err(Error::at(folder))
}
