//! The keys of the entries, each wrapped under one key-encryption key, in files of their own.
//!
//! They are not in the database, because a deleted row stays readable in its file and its journal.
//! A key is destroyed by wrapping all others under a new key-encryption key and wiping the old
//! one: what is left of the destroyed key, in any copy of the old file, can then not be unwrapped.
//!
//! `keys/kek-N` holds 32 bytes. `keys/wrapped-N` holds a record of 80 bytes a key: the index (8,
//! big end first), a nonce (24), the wrapped key (48). `N` counts up with each destruction; the
//! database says which `N` is in force. `keys/import` is the secret under which identifiers of
//! imported records are hashed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

use super::disk::{Access, Disk};
use super::error::{Error, Result};

/// The length of a record in bytes.
const RECORD: usize = 80;

/// The keys in force, unwrapped.
pub(super) struct Keys {
    folder: PathBuf,
    epoch: u64,
    kek: [u8; 32],
    keys: BTreeMap<u64, [u8; 32]>,
    import: [u8; 32],
}

impl Keys {
    /// Makes the folder and the first, empty files.
    pub fn create(disk: &dyn Disk, folder: &Path) -> Result<Self> {
        let keys = Self {
            folder: folder.to_owned(),
            epoch: 1,
            kek: random()?,
            keys: BTreeMap::new(),
            import: random()?,
        };
        disk.make_folder(folder, Access::Secret).map_err(Error::at(folder))?;
        let import = folder.join("import");
        disk.put(&import, &keys.import, Access::Secret).map_err(Error::at(&import))?;
        keys.write_all(disk)?;
        Ok(keys)
    }

    /// Reads the keys of the entries below `size`; later records are of a batch that was never
    /// acknowledged, and the next batch takes their place.
    pub fn open(disk: &dyn Disk, folder: &Path, epoch: u64, size: u64) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            disk.read(&path).map_err(Error::at(&path))?.ok_or_else(|| {
                Error::damaged(format!(
                    "`keys/{name}` is missing: restore the folder `keys` as it was when the \
                     register was last used"
                ))
            })
        };
        let secret = |name: &str| {
            <[u8; 32]>::try_from(read(name)?)
                .map_err(|_| Error::damaged(format!("`keys/{name}` has not 32 bytes")))
        };
        let mut keys = Self {
            folder: folder.to_owned(),
            epoch,
            kek: secret(&format!("kek-{epoch}"))?,
            keys: BTreeMap::new(),
            import: secret("import")?,
        };
        let wrapped = read(&format!("wrapped-{epoch}"))?;
        for record in wrapped.as_chunks::<RECORD>().0 {
            let Some(index) = index_of(record).filter(|index| *index < size) else {
                break;
            };
            let key = keys.unwrap(index, record).ok_or_else(|| {
                Error::damaged(format!("the key of entry {index} in `keys` was altered"))
            })?;
            if keys.keys.last_key_value().is_some_and(|(last, _)| *last >= index) {
                return Err(Error::damaged(format!("the key of entry {index} is out of order")));
            }
            keys.keys.insert(index, key);
        }
        Ok(keys)
    }

    /// The key of an entry; nothing if it was destroyed.
    pub fn get(&self, index: u64) -> Option<&[u8; 32]> {
        self.keys.get(&index)
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What stands for an imported record's identifier: a keyed hash (HMAC-SHA256).
    pub fn import_tag(&self, identifier: &str) -> [u8; 32] {
        Hkdf::<Sha256>::extract(Some(&self.import), identifier.as_bytes()).0.into()
    }

    /// The key under which an audit replaces names, plates and case numbers by tokens.
    pub fn token_key(&self) -> [u8; 16] {
        let hash: [u8; 32] =
            Hkdf::<Sha256>::extract(Some(&self.import), b"bailiwick/tokens/v1").0.into();
        let mut key = [0; 16];
        key.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        key
    }

    /// Adds keys durably.
    pub fn add(&mut self, disk: &dyn Disk, new: &[(u64, [u8; 32])]) -> Result<()> {
        let at = (self.keys.len() * RECORD) as u64;
        let mut records = Vec::new();
        for (index, key) in new {
            records.extend(self.wrap(*index, key)?);
        }
        let path = self.path("wrapped");
        disk.extend(&path, at, &records).map_err(Error::at(&path))?;
        self.keys.extend(new.iter().copied());
        Ok(())
    }

    /// Writes all keys but one, and the `new` ones, under a new key-encryption key. The old files
    /// stay until [`Keys::wipe`].
    pub fn rotate(&mut self, disk: &dyn Disk, without: u64, new: &[(u64, [u8; 32])]) -> Result<()> {
        self.epoch += 1;
        self.kek = random()?;
        self.keys.remove(&without);
        self.keys.extend(new.iter().copied());
        self.write_all(disk)
    }

    /// The files that other key-encryption keys have left, whether an older one or one that never
    /// came into force.
    pub fn others(&self, disk: &dyn Disk) -> Result<Vec<PathBuf>> {
        let mut names = disk.list(&self.folder).map_err(Error::at(&self.folder))?;
        names.sort_unstable();
        let ours = ["import".to_owned(), self.name("kek"), self.name("wrapped")];
        names.retain(|name| !ours.contains(name));
        Ok(names.iter().map(|name| self.folder.join(name)).collect())
    }

    /// Wipes files and makes that durable.
    pub fn wipe(&self, disk: &dyn Disk, paths: &[PathBuf]) -> Result<()> {
        for path in paths {
            disk.wipe(path).map_err(Error::at(path))?;
        }
        disk.sync_folder(&self.folder).map_err(Error::at(&self.folder))
    }

    fn name(&self, what: &str) -> String {
        format!("{what}-{}", self.epoch)
    }

    fn path(&self, what: &str) -> PathBuf {
        self.folder.join(self.name(what))
    }

    fn write_all(&self, disk: &dyn Disk) -> Result<()> {
        let mut records = Vec::new();
        for (index, key) in &self.keys {
            records.extend(self.wrap(*index, key)?);
        }
        for (what, bytes) in [("kek", self.kek.as_slice()), ("wrapped", &records)] {
            let path = self.path(what);
            disk.put(&path, bytes, Access::Secret).map_err(Error::at(&path))?;
        }
        disk.sync_folder(&self.folder).map_err(Error::at(&self.folder))
    }

    fn wrap(&self, index: u64, key: &[u8; 32]) -> Result<Vec<u8>> {
        let nonce: [u8; 24] = random()?;
        let aad = self.label(index);
        let payload = Payload { msg: key, aad: &aad };
        let wrapped = XChaCha20Poly1305::new(&Key::from(self.kek))
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::refused("a key cannot be wrapped"))?;
        Ok([index.to_be_bytes().as_slice(), &nonce, &wrapped].concat())
    }

    fn unwrap(&self, index: u64, record: &[u8; RECORD]) -> Option<[u8; 32]> {
        let (nonce, wrapped) = record.get(8..)?.split_first_chunk::<24>()?;
        let aad = self.label(index);
        let payload = Payload { msg: wrapped, aad: &aad };
        XChaCha20Poly1305::new(&Key::from(self.kek))
            .decrypt(&XNonce::from(*nonce), payload)
            .ok()?
            .try_into()
            .ok()
    }

    /// Binds a wrapped key to its entry and its key-encryption key.
    fn label(&self, index: u64) -> Vec<u8> {
        [b"bailiwick/key/v1\n", self.epoch.to_be_bytes().as_slice(), &index.to_be_bytes()].concat()
    }
}

fn index_of(record: &[u8; RECORD]) -> Option<u64> {
    record.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

/// Random bytes of this machine.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::at(Path::new("the system's random source")))?;
    Ok(bytes)
}
