//! What can go wrong, sorted by who must act; each kind has its exit code.

use std::fs::File;
use std::path::Path;

use crate::store;

/// Why a command did not do what it was asked. Nothing is half-done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// What was given cannot be taken; whoever gave it must change it.
    #[error("{0}")]
    Input(String),
    /// The register refuses or could not be written.
    #[error(transparent)]
    Register(#[from] store::Error),
    /// What was published does not verify.
    #[error("{0}")]
    Unverified(String),
    /// The texts of law have problems, one a line.
    #[error("{0}")]
    Law(String),
    /// A file outside the register could not be read or written.
    #[error("{0}")]
    File(String),
}

/// The result of every command.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The exit code, as `bailiwick --help` lists them.
    pub fn code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Register(store::Error::Refused(_)) => 2,
            Self::Register(_) => 3,
            Self::Unverified(_) => 4,
            Self::Law(_) => 5,
            Self::File(_) => 6,
        }
    }

    /// For `map_err`: a file that could not be read or written.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::File(format!("`{}`: {error}", path.display()))
    }

    /// Opens a file to be read. A folder can be opened too, and fails only when it is read.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn open(path: &Path) -> Result<File> {
        let file = File::open(path).map_err(Self::file(path))?;
        match file.metadata().map_err(Self::file(path))?.is_dir() {
            true => Err(Self::File(format!("`{}` is a folder; name a file", path.display()))),
            false => Ok(file),
        }
    }

    /// Wrong input, several things at once, one a line.
    pub fn inputs(errors: &[String]) -> Self {
        Self::Input(errors.join("\n"))
    }
}
