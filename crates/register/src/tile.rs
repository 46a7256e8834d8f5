//! The files of a register as C2SP tlog-tiles lays them out.
//!
//! Comes in: a tree and the entries at its end. Goes out: paths and bytes.
//! Absent: the disk; and the checkpoint, which must be written after all of these.

use crate::tree::{Tree, leaf_hash};
use crate::{Error, Hash, Result};

/// How many hashes a full tile holds, and how many entries a full bundle.
pub const WIDTH: u64 = 256;

/// The longest entry that a bundle can hold, in bytes.
pub const MAX_ENTRY: usize = 65_535;

/// One file below `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The level of a hash tile, or nothing for a bundle of entries.
    pub level: Option<u32>,
    /// Its place within the level, from zero.
    pub index: u64,
    /// How much it holds: 1 to 256; fewer than 256 means partial.
    pub width: u64,
}

impl Tile {
    /// The path below the register's public folder.
    ///
    /// ```
    /// use register::tile::Tile;
    ///
    /// let tile = Tile { level: Some(0), index: 1_234_067, width: 256 };
    /// assert_eq!(tile.path(), "tile/0/x001/x234/067");
    /// let bundle = Tile { level: None, index: 0, width: 3 };
    /// assert_eq!(bundle.path(), "tile/entries/000.p/3");
    /// ```
    #[must_use]
    pub fn path(&self) -> String {
        let mut number = format!("{:03}", self.index % 1_000);
        let mut rest = self.index / 1_000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1_000);
            rest /= 1_000;
        }
        let level = self.level.map_or_else(|| "entries".to_owned(), |level| level.to_string());
        let partial = if self.width < WIDTH { format!(".p/{}", self.width) } else { String::new() };
        format!("tile/{level}/{number}{partial}")
    }

    /// The hashes of a hash tile as its bytes; nothing for a bundle or what the tree lacks.
    #[must_use]
    pub fn hashes(&self, tree: &Tree) -> Option<Vec<u8>> {
        let height = usize::try_from(self.level?.checked_mul(8)?).ok()?;
        Some(tree.row(height, self.index * WIDTH, self.width)?.concat())
    }
}

/// The tiles that a register of `size` entries has and one of `old` entries has not, in the order
/// in which they are to be written: bundles, then each level from the leaves up.
///
/// With `old` zero these are all files that the size calls for.
///
/// ```
/// // The example of the specification: 70,000 entries.
/// let tiles = register::tile::between(0, 70_000);
/// let level = |l| tiles.iter().filter(|t| t.level == l).map(|t| t.width).collect::<Vec<_>>();
/// assert_eq!((level(Some(0)).len(), level(Some(0)).last()), (274, Some(&112)));
/// assert_eq!(level(Some(1)), [256, 17]);
/// assert_eq!(level(Some(2)), [1]);
/// ```
#[must_use]
pub fn between(old: u64, size: u64) -> Vec<Tile> {
    let mut tiles = row(None, old, size);
    for level in 0..8 {
        let shift = 8 * level;
        tiles.extend(row(Some(level), old >> shift, size >> shift));
    }
    tiles
}

/// The tiles of one level that are new when it grows from `old` to `now` hashes.
fn row(level: Option<u32>, old: u64, now: u64) -> Vec<Tile> {
    if old == now {
        return Vec::new();
    }
    (old / WIDTH..now.div_ceil(WIDTH))
        .map(|index| Tile { level, index, width: WIDTH.min(now - index * WIDTH) })
        .collect()
}

/// The files to be written, in order, before a checkpoint of the whole `tree` may be.
///
/// `old` is the size of the published checkpoint, `tail` the bytes of all entries from the start of
/// the bundle in which entry `old` falls (`old - old % 256`) to the end of the tree.
///
/// # Errors
/// If `tail` is not those entries, or one is longer than 65,535 bytes.
pub fn plan<E: AsRef<[u8]>>(tree: &Tree, old: u64, tail: &[E]) -> Result<Vec<(String, Vec<u8>)>> {
    let from = old - old % WIDTH;
    let wrong = || Error::new(format!("the entries from {from} on are not those of the tree"));
    if old > tree.size() || tree.size() - from != tail.len() as u64 {
        return Err(wrong());
    }
    for (index, entry) in (from..).zip(tail) {
        if tree.row(0, index, 1) != Some(&[leaf_hash(entry.as_ref())]) {
            return Err(wrong());
        }
    }
    let mut bundles = tail.chunks(256);
    let mut files = Vec::new();
    for tile in between(old, tree.size()) {
        let bytes = match tile.level {
            None => bundle(bundles.next().ok_or_else(wrong)?)?,
            Some(_) => tile.hashes(tree).ok_or_else(wrong)?,
        };
        files.push((tile.path(), bytes));
    }
    Ok(files)
}

/// Entries as a bundle: each with its length in front, two bytes, big end first.
///
/// # Errors
/// If an entry is longer than 65,535 bytes.
pub fn bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries.iter().map(AsRef::as_ref) {
        let length = u16::try_from(entry.len()).map_err(|_| too_long(entry.len()))?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle.
///
/// # Errors
/// If the lengths do not add up to the bytes there are.
pub fn unbundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (entry, rest) = bytes
            .split_first_chunk::<2>()
            .and_then(|(length, rest)| rest.split_at_checked(u16::from_be_bytes(*length).into()))
            .ok_or_else(|| Error::new("the bundle ends in the middle of an entry"))?;
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

pub(crate) fn too_long(length: usize) -> Error {
    Error::new(format!(
        "the entry has {length} bytes and may have {MAX_ENTRY}: shorten its public fields"
    ))
}

/// The hashes of a hash tile's bytes; nothing if they are not whole hashes.
#[must_use]
pub fn split_hashes(bytes: &[u8]) -> Option<&[Hash]> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then_some(hashes)
}
