//! What can go wrong with a register on disk, sorted by what its keeper must do.

use std::path::{Path, PathBuf};

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be; nothing was changed and the register can go on.
    #[error("{0}")]
    Refused(String),
    /// The folder is not as this program left it; nothing was changed.
    #[error("{0}")]
    Damaged(String),
    /// Another process has the register open.
    #[error("the register in `{}` is in use by another process: end that one first", .0.display())]
    Busy(PathBuf),
    /// Reading or writing failed. Whatever was being recorded is not acknowledged.
    #[error("`{path}`: {reason}")]
    Failed {
        /// The file or folder.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A write failed before: what is on disk is not known until the register is opened again.
    #[error(
        "an earlier write to the register failed: end the program, see to the disk and start again"
    )]
    Ended,
}

/// The result of the store's functions.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }

    pub(super) fn damaged(text: impl Into<String>) -> Self {
        Self::Damaged(text.into())
    }

    /// For `map_err`: a failure at a path.
    pub(super) fn at<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self {
        move |reason| Self::Failed { path: path.display().to_string(), reason: reason.to_string() }
    }
}
