//! The few things the store does with files, so that tests can put a failing disk in their place.
//!
//! Each call is durable when it returns, but for names: a new, renamed or removed name is durable
//! once its folder was synced. SQLite writes its own file and is not part of this.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Who may read a new file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; a web server may serve it.
    Public,
    /// The owner only.
    Secret,
}

/// A disk, real or failing.
pub trait Disk: Send {
    /// The bytes of a file; nothing if there is none.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// The names in a folder, in any order.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Makes a folder unless it is there; the one above must be.
    ///
    /// # Errors
    /// What the system says.
    fn make_folder(&self, path: &Path, access: Access) -> io::Result<()>;

    /// Makes or replaces a file; its bytes are durable on return.
    ///
    /// # Errors
    /// What the system says.
    fn put(&self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()>;

    /// Cuts a file to `at` bytes and adds `bytes`, durably.
    ///
    /// # Errors
    /// What the system says.
    fn extend(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Overwrites a file with zeroes, durably, and removes it; nothing happens if there is none.
    ///
    /// # Errors
    /// What the system says.
    fn wipe(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of what had it.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl RealDisk {
    /// Makes the bytes of a file durable that something else has written.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }
}

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn make_folder(&self, path: &Path, access: Access) -> io::Result<()> {
        let mode = if access == Access::Secret { 0o700 } else { 0o755 };
        match fs::DirBuilder::new().mode(mode).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    fn put(&self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        let mode = if access == Access::Secret { 0o600 } else { 0o644 };
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        // On the handle that wrote: another one might not be told of a failed write.
        file.sync_all()
    }

    fn extend(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn wipe(&self, path: &Path) -> io::Result<()> {
        let mut file = match OpenOptions::new().write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}
