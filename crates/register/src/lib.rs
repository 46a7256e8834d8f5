//! The register: an append-only tree of entries that strangers can verify.
//!
//! Comes in: bytes, keys and random bytes, all as arguments.
//! Goes out: entries, tiles, checkpoints, receipts, and the checks of each.
//! Absent: clock, disk, socket, entropy, key files, and the law: the words inside an entry
//! ("detainer", "must_not") are strings to this crate.
//!
//! The formats are those of C2SP (tlog-tiles, tlog-checkpoint, signed-note, tlog-proof), so that
//! programs written by others can verify a register; what stands in an entry is in
//! `docs/spec/register-entry.md`.
//!
//! ```
//! use register::{checkpoint::Checkpoint, note::Signer, tree::{self, Tree}};
//!
//! let signer = Signer::from_seed("register.example/town", [7; 32])?;
//! let mut tree = Tree::new();
//! tree.push(tree::leaf_hash(b"the first entry"));
//! let signed = Checkpoint { origin: signer.name().to_owned(), size: 1, root: tree.root() }
//!     .sign(&signer)?;
//! assert_eq!(Checkpoint::open(&signed, &signer.verifier())?.size, 1);
//! # Ok::<(), register::Error>(())
//! ```

pub mod canonical;
pub mod checkpoint;
pub mod entry;
pub mod history;
pub mod note;
pub mod receipt;
pub mod seal;
pub mod tile;
pub mod tree;
pub mod verify;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is wrong, in words for whoever must act on it.
///
/// It is opaque on purpose: every failure here means "do not rely on these bytes", and no caller
/// has a second way to go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same error with the place where it was found put in front.
    #[must_use]
    pub fn at(self, place: impl std::fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Lower-case hexadecimal digits of `bytes`.
///
/// ```
/// assert_eq!(register::hex(&[0, 171]), "00ab");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads the 64 lower-case hexadecimal digits of a digest.
///
/// # Errors
/// Anything else than exactly 64 of `0`–`9`, `a`–`f`.
pub fn unhex(text: &str) -> Result<Hash> {
    let wrong = || Error::new(format!("`{text}` is not a digest of 64 lower-case hex digits"));
    let digits = text.as_bytes();
    let mut hash = [0; 32];
    if digits.len() != 64 {
        return Err(wrong());
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let mut value = 0;
        for digit in pair {
            value = value << 4
                | match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(wrong()),
                };
        }
        *byte = value;
    }
    Ok(hash)
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|_| Error::new(format!("`{text}` is not standard base64")))
}

pub(crate) fn hash_from_base64(text: &str) -> Result<Hash> {
    Hash::try_from(from_base64(text)?)
        .map_err(|_| Error::new(format!("`{text}` is not a base64 digest of 32 bytes")))
}

/// Reads a decimal number as C2SP writes it: ASCII digits without leading zeroes, below 2^63.
pub(crate) fn decimal(text: &str) -> Result<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse::<u64>()
        .ok()
        .filter(|&n| plain && n < 1 << 63)
        .ok_or_else(|| Error::new(format!("`{text}` is not a plain decimal number")))
}
