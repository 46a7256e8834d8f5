//! The entries of an audit of access logs.

use serde::{Deserialize, Serialize};

use super::digest;
use crate::{Error, Result};

/// The seed of a random sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// 128 random bits, 32 hex digits.
    pub bits: String,
}

/// That access logs were audited. What was found is in the data file whose digest this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The digest of the data file, 64 hex digits.
    pub sha256: String,
    /// How many rows were read.
    pub rows: u64,
    /// How many leads for review there are.
    pub leads: u64,
    /// The entry of the seed that its sample was drawn by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// That somebody whom a finding concerns was heard; what was said is private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The index of the audit.
    pub refers: u64,
    /// The finding, by its name in the data file.
    pub finding: String,
}

/// How a person closed a finding; who and why are private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// The index of the audit.
    pub refers: u64,
    /// The finding, by its name in the data file.
    pub finding: String,
    /// How.
    pub result: Closed,
}

/// The ways in which a finding can be closed, as internal affairs use the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// It happened, and was not permitted.
    Sustained,
    /// Whether it happened, or was permitted, could not be shown.
    NotSustained,
    /// It did not happen.
    Unfounded,
    /// It happened, and was permitted.
    Exonerated,
}

impl Seed {
    pub(super) fn check(&self) -> Result<()> {
        match self.bits.len() {
            32 => digest("bits", &self.bits.repeat(2)),
            _ => Err(Error::new("`bits` must be 32 hex digits")),
        }
    }
}

/// The name of a finding: 12 hex digits.
pub(super) fn finding(text: &str) -> Result<()> {
    let hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() == 12 && hex {
        return Ok(());
    }
    Err(Error::new(format!("`finding`: `{text}` is not a finding's name, 12 hex digits")))
}
