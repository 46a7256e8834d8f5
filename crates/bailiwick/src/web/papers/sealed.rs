//! A scan under a key of its own: what is on the disk, and what opens it.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use register::{hex, unhex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Kind;
use crate::error::{Error, Result};
use crate::store::{Access, Disk as _, RealDisk};

/// Says what is sealed, so that no other bytes under the same key can stand in its place.
const LABEL: &[u8] = b"bailiwick/paper/v1\n";

/// What opens a scan. It has the key, so it is kept in the private part of an entry and nowhere
/// else; until there is one, it waits in `desk.db`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of its file: the SHA-256 of the sealed bytes, in hex.
    pub file: String,
    /// The key, used once.
    pub(super) key: [u8; 32],
    /// The SHA-256 of the scan.
    pub sha256: [u8; 32],
    /// How many bytes the scan has.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({})", self.file)
    }
}

/// The folder of the scans in a register's folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("papers")
}

/// Wipes the file of a scan.
///
/// # Errors
/// A disk that fails.
pub(super) fn wipe(data: &Path, file: &str) -> Result<()> {
    let folder = folder(data);
    let path = folder.join(file);
    RealDisk.wipe(&path).map_err(Error::file(&path))?;
    RealDisk.sync_folder(&folder).map_err(Error::file(&folder))
}

fn payload(bytes: &[u8]) -> Payload<'_, '_> {
    Payload { msg: bytes, aad: LABEL }
}

impl Sealed {
    /// Seals a scan and writes it, durably.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn write(data: &Path, kind: Kind, bytes: &[u8]) -> Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)
            .map_err(|error| Error::File(format!("no random bits: {error}")))?;
        // The key is used once, so the nonce need not differ.
        let sealed = XChaCha20Poly1305::new(&Key::from(key))
            .encrypt(&XNonce::from([0; 24]), payload(bytes))
            .map_err(|_| Error::File("a paper cannot be sealed".to_owned()))?;
        let file = hex(&<[u8; 32]>::from(Sha256::digest(&sealed)));
        let folder = folder(data);
        let path = folder.join(&file);
        RealDisk.make_folder(&folder, Access::Secret).map_err(Error::file(&folder))?;
        RealDisk.put(&path, &sealed, Access::Secret).map_err(Error::file(&path))?;
        RealDisk.sync_folder(&folder).map_err(Error::file(&folder))?;
        RealDisk.sync_folder(data).map_err(Error::file(data))?;
        let sha256 = Sha256::digest(bytes).into();
        Ok(Self { file, key, sha256, size: bytes.len() as u64, kind })
    }

    /// The scan.
    ///
    /// # Errors
    /// A file that is missing or was altered.
    pub fn open(&self, data: &Path) -> Result<Vec<u8>> {
        let path = self.path(data);
        let altered = || {
            Error::File(format!(
                "`{}` was altered or is damaged: restore it from a backup",
                path.display()
            ))
        };
        let sealed = std::fs::read(&path).map_err(Error::file(&path))?;
        let bytes = XChaCha20Poly1305::new(&Key::from(self.key))
            .decrypt(&XNonce::from([0; 24]), payload(&sealed))
            .map_err(|_| altered())?;
        let same = <[u8; 32]>::from(Sha256::digest(&bytes)) == self.sha256;
        if same { Ok(bytes) } else { Err(altered()) }
    }

    fn path(&self, data: &Path) -> PathBuf {
        folder(data).join(&self.file)
    }

    /// As the private part of an entry keeps it.
    pub fn private(&self) -> Value {
        json!({
            "file": self.file, "key": hex(&self.key), "kind": self.kind.media(),
            "sha256": hex(&self.sha256), "size": self.size,
        })
    }

    /// As the private part of an entry has it; nothing where it is none.
    pub fn of(private: &Value) -> Option<Self> {
        let paper = private.get("paper")?;
        let text = |name: &str| paper.get(name)?.as_str();
        let file = hex(&unhex(text("file")?).ok()?);
        let (key, sha256) = (unhex(text("key")?).ok()?, unhex(text("sha256")?).ok()?);
        let (kind, size) = (Kind::parse(text("kind")?)?, paper.get("size")?.as_u64()?);
        Some(Self { file, key, sha256, size, kind })
    }
}
