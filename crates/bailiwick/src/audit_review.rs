//! What people do about an audit: draw a seed before it, hear whom a lead concerns, close the lead.
//!
//! In: who does what. Out: drafts of entries, or why not: who finds does not decide, and nobody's
//! lead is sustained unheard. Absent: what is found, and who may come to the desk.

use std::collections::{BTreeMap, BTreeSet};

use ::register::entry::{self, Closed, Public};
use audit::run::Sample;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::desk::{draft, refuse_file_number};
use crate::error::{Error, Result};
use crate::store::{Draft, Store};

/// Who does it, for the private part of an entry; nothing where nobody is named.
fn who(by: Option<&str>) -> Map<String, Value> {
    by.map(|by| ("by".to_owned(), by.into())).into_iter().collect()
}

/// A new seed as hex digits, and its draft.
///
/// # Errors
/// A system without randomness.
pub fn new_seed(by: Option<&str>) -> Result<(String, Draft)> {
    let bits = ::register::hex(&random()?);
    let public = Public::Seed(entry::Seed { bits: bits.clone() });
    Ok((bits, draft(public, who(by).into())))
}

/// 128 random bits.
///
/// # Errors
/// A system without randomness.
pub fn random() -> Result<[u8; 16]> {
    let mut bits = [0_u8; 16];
    getrandom::fill(&mut bits).map_err(|error| Error::File(error.to_string()))?;
    Ok(bits)
}

/// Reads 32 hex digits.
pub fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut bits = [0_u8; 16];
    if text.len() != 32 {
        return None;
    }
    for (at, byte) in bits.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bits)
}

/// The last seed that was recorded and by which nothing was drawn yet.
pub fn free_seed(store: &Store, size: usize) -> Option<(u64, Sample)> {
    let used: BTreeSet<u64> = store
        .effective()
        .iter()
        .filter_map(|entry| match &entry.public {
            Public::Audit(audit) => audit.seed,
            _ => None,
        })
        .collect();
    store.effective().iter().rev().find_map(|entry| match &entry.public {
        Public::Seed(seed) if !used.contains(&entry.index) => {
            Some((entry.index, Sample { size, seed: unhex(&seed.bits)? }))
        }
        _ => None,
    })
}

/// What became of the leads of an audit.
#[derive(Clone, Debug, Default)]
pub struct Review {
    heard: BTreeSet<String>,
    closed: BTreeMap<String, Closed>,
}

/// How far a lead is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody was heard on it and nobody has closed it.
    Open,
    /// Somebody was heard.
    Heard,
    /// It was closed.
    Closed(Closed),
}

impl Review {
    /// Of audits that found the same.
    pub fn of(store: &Store, audits: &[u64]) -> Self {
        let mut review = Self::default();
        for at in acts(store, audits) {
            match store.entry(at).map(|entry| &entry.public) {
                Some(Public::Heard(it)) => {
                    review.heard.insert(it.finding.clone());
                }
                // The last one counts: it cannot be corrected, so a new one is added.
                Some(Public::Disposition(it)) => {
                    review.closed.insert(it.finding.clone(), it.result);
                }
                _ => {}
            }
        }
        review
    }

    /// How far a lead is.
    pub fn state(&self, finding: &str) -> State {
        match self.closed.get(finding) {
            Some(result) => State::Closed(*result),
            None if self.heard.contains(finding) => State::Heard,
            None => State::Open,
        }
    }

    /// How many leads are heard and not closed, and how many are closed.
    pub fn counts(&self) -> (u64, u64) {
        let open = self.heard.iter().filter(|it| !self.closed.contains_key(*it)).count();
        (open as u64, self.closed.len() as u64)
    }
}

/// The entries of audits with a data file of this digest: the same was audited as often, and the
/// leads of all of them are the same.
fn alike<'a>(store: &'a Store, sha256: &'a str) -> impl Iterator<Item = u64> + 'a {
    store.effective().iter().filter_map(move |entry| match &entry.public {
        Public::Audit(audit) if audit.sha256 == sha256 => Some(entry.index),
        _ => None,
    })
}

/// The entries that point to any of some audits, in the order of the register.
pub fn acts(store: &Store, audits: &[u64]) -> Vec<u64> {
    let pointing = audits.iter().flat_map(|audit| store.history().pointing(*audit));
    let mut acts: Vec<u64> = pointing.copied().collect();
    acts.sort_unstable();
    acts
}

/// The entries of audits that found the same as one, itself among them. A lead of one is the lead
/// of all: whoever was heard on it was heard, and where it is closed it is closed.
pub fn same(store: &Store, audit: u64) -> Vec<u64> {
    match store.entry(audit).map(|entry| &entry.public) {
        Some(Public::Audit(it)) => alike(store, &it.sha256).collect(),
        _ => Vec::new(),
    }
}

/// The entry of the audit with a data file of this digest: the first that somebody put a name to,
/// because only its leads can be closed; else the first.
///
/// # Errors
/// A register that cannot be read.
pub fn audit_of(store: &Store, sha256: &str) -> Result<Option<u64>> {
    for audit in alike(store, sha256) {
        if finder(store, audit)?.is_some() {
            return Ok(Some(audit));
        }
    }
    Ok(alike(store, sha256).next())
}

/// Who made an audit, if that is said.
///
/// # Errors
/// A register that cannot be read.
pub fn finder(store: &Store, audit: u64) -> Result<Option<String>> {
    let private = store.private(audit)?.unwrap_or_default();
    let by = private.get("by").and_then(Value::as_str);
    Ok(by.filter(|by| is_written(by)).map(str::to_owned))
}

/// Everybody who found what an audit found: whoever audits the same again has found it too.
///
/// # Errors
/// A register that cannot be read.
pub fn finders(store: &Store, audit: u64) -> Result<Vec<String>> {
    let found = same(store, audit).into_iter().map(|it| finder(store, it));
    found.filter_map(Result::transpose).collect()
}

/// Whether a text says something, or names somebody: it has a letter or a digit.
pub fn is_written(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether one of those who made an audit is somebody. Names are compared as people read them: the
/// one they sign in with, and the one they are called; how many blanks there are and which letters
/// are capitals is nothing.
pub fn is_finder(finders: &[String], names: &[&str]) -> bool {
    // Capitals first: some letters have one capital and two small ones.
    let read = |name: &str| {
        let words: Vec<&str> = name.split_whitespace().collect();
        words.join(" ").to_uppercase().to_lowercase()
    };
    finders.iter().any(|finder| names.iter().any(|name| read(finder) == read(name)))
}

/// Refuses a text that says nothing.
fn written(text: &str, why: &str) -> Result<()> {
    match is_written(text) {
        true => Ok(()),
        false => Err(Error::Input(why.to_owned())),
    }
}

/// That somebody whom a lead concerns was heard.
#[derive(Clone, Debug)]
pub struct Hearing<'a> {
    /// The audit.
    pub audit: u64,
    /// The lead.
    pub finding: &'a str,
    /// Who records it.
    pub by: &'a str,
    /// What was said.
    pub said: &'a str,
    /// The day, where it is told.
    pub day: Option<Date>,
}

impl Hearing<'_> {
    /// Its draft.
    ///
    /// # Errors
    /// Nothing said, and a federal file number in it.
    pub fn draft(&self) -> Result<Draft> {
        written(self.said, "what was said is empty; write it down (`--said`)")?;
        refuse_file_number(self.said)?;
        let public = entry::Heard { refers: self.audit, finding: self.finding.to_owned() };
        let mut private = who(Some(self.by));
        private.insert("said".to_owned(), self.said.into());
        if let Some(day) = self.day {
            private.insert("day".to_owned(), day.to_string().into());
        }
        Ok(draft(Public::Heard(public), private.into()))
    }
}

/// How somebody closes a lead.
#[derive(Clone, Debug)]
pub struct Closing<'a> {
    /// The audit.
    pub audit: u64,
    /// The lead.
    pub finding: &'a str,
    /// How.
    pub result: Closed,
    /// Who.
    pub by: &'a str,
    /// What they are called, where it is not the same.
    pub called: Option<&'a str>,
    /// Why.
    pub why: &'a str,
}

impl Closing<'_> {
    /// Its draft.
    ///
    /// # Errors
    /// Whoever made the audit or another that found the same, a lead that would be sustained
    /// unheard, no reasons, and a federal file number in them.
    pub fn draft(&self, store: &Store) -> Result<Draft> {
        written(self.why, "why it is closed is empty; give the reasons (`--why`)")?;
        refuse_file_number(self.why)?;
        let (by, finders) = (self.by, finders(store, self.audit)?);
        if finders.is_empty() {
            return Err(Error::Input(
                "nobody put a name to this audit, so it cannot be seen that another person closes \
                 the finding; audit again, with a name (`audit --by NAME`)"
                    .to_owned(),
            ));
        }
        if is_finder(&finders, &[by, self.called.unwrap_or(by)]) {
            return Err(Error::Input(format!(
                "`{by}` made this audit; whoever finds does not decide: another person has to"
            )));
        }
        if self.result == Closed::Sustained && !self.heard(store) {
            return Err(Error::Input(
                "nobody was heard on this finding; record first what the officer concerned says \
                 (`bailiwick audit heard`, or the lead's page at the desk)"
                    .to_owned(),
            ));
        }
        let finding = self.finding.to_owned();
        let public = entry::Disposition { refers: self.audit, finding, result: self.result };
        let private = json!({ "by": by, "why": self.why });
        Ok(draft(Public::Disposition(public), private))
    }

    fn heard(&self, store: &Store) -> bool {
        Review::of(store, &same(store, self.audit)).heard.contains(self.finding)
    }
}
