//! Entries: what the register says in public about one thing that happened.
//!
//! Comes in: public fields and a commitment to the private part. Goes out: canonical bytes.
//! Absent: names, plates, dates of birth and numbers of people, which belong in the private part
//! ([`crate::seal`]); what the words mean, which is the law's to say; whether one entry fits the
//! ones before it ([`crate::history`]).
//!
//! ```
//! use register::entry::{Entry, Nil, Public};
//!
//! let nil = Nil { channel: "fax-d4".into(), day: "2025-03-03".into() };
//! let entry = Entry { commit: [0; 32], public: Public::Nil(nil) };
//! let bytes = entry.to_bytes()?;
//! assert!(bytes.ends_with(br#""day":"2025-03-03","kind":"nil","v":1}"#));
//! assert_eq!(Entry::parse(&bytes)?, entry);
//! # Ok::<(), register::Error>(())
//! ```

mod audits;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::canonical;

use crate::tile::{MAX_ENTRY, too_long};
use crate::{Error, Hash, Result, hex, unhex};
use audits::finding;
pub use audits::{Audit, Closed, Disposition, Heard, Seed};

/// The version of the format, the field `v`.
pub const VERSION: u64 = 1;

/// One leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The commitment to the private part, to the plaintext and not to a ciphertext.
    pub commit: Hash,
    /// What anyone may read.
    pub public: Public,
}

/// The public fields, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Public {
    /// A request arrived.
    Request(Request),
    /// A request was answered, as far as the law goes.
    Decision(Decision),
    /// Something was done, or declined, upon a request.
    Done(Done),
    /// An earlier entry was wrong.
    Correction(Correction),
    /// A channel received nothing on a day.
    Nil(Nil),
    /// The law that the following decisions apply.
    Pack(Pack),
    /// A report was made from the entries.
    Report(Report),
    /// A private part was made unreadable for ever, by order.
    KeyDestroyed(KeyDestroyed),
    /// The seed of a random sample, before anybody knows what it will be drawn from.
    Seed(Seed),
    /// Access logs were audited.
    Audit(Audit),
    /// Somebody whom a finding concerns was heard.
    Heard(Heard),
    /// A person closed a finding.
    Disposition(Disposition),
    /// Private parts were looked at.
    View(View),
}

/// A request, by the channel on which it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The channel's id.
    pub channel: String,
    /// The running number of the channel: 1, 2, 3 and so on.
    pub seq: u64,
    /// The day it was received, `YYYY-MM-DD`.
    pub day: String,
    /// What is asked for; at least one action, none twice.
    pub actions: Vec<String>,
    /// The paper relied on.
    pub basis: String,
    /// The form used, such as the number printed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The boxes ticked on the form, sorted, none twice.
    pub reasons: Vec<String>,
    /// The station that received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
    /// The agency that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
}

/// What the law says about one action of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The index of the request.
    pub refers: u64,
    /// Which of its actions.
    pub action: String,
    /// The outcome.
    pub outcome: String,
    /// The ids of the provisions that determined it, none twice.
    pub grounds: Vec<String>,
    /// The lowest grade among the grounds; required when there is a ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// The digest of the pack applied, 64 hex digits.
    pub pack: String,
    /// The day for which the law was asked, `YYYY-MM-DD`.
    pub on: String,
}

/// What was done upon a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The index of the request.
    pub refers: u64,
    /// What.
    pub what: What,
    /// When, `YYYY-MM-DD`.
    pub day: String,
    /// The paper relied on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Which of the request's actions this answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// How many cents were reimbursed; with [`What::Reimbursed`] and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cents: Option<u64>,
}

/// The things that can have been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A person was held past release.
    Held,
    /// A person was let go.
    Released,
    /// The requester was told a release date.
    Notified,
    /// A person was handed over.
    Transferred,
    /// Information was given.
    Shared,
    /// Nothing was done, on purpose.
    Declined,
    /// Costs were paid back.
    Reimbursed,
}

/// That an earlier entry was wrong: new values for some of its fields, or that it is void.
///
/// A correction is not corrected itself: the original is corrected again, and the last one wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The index of the entry.
    pub refers: u64,
    /// The new values; never of `kind`, `refers`, `channel` or `seq`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// That the entry does not count. Either this, or `set`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub void: bool,
}

/// That a channel received no request on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nil {
    /// The channel's id.
    pub channel: String,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
}

/// Which law is applied from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Whose law.
    pub agency: String,
    /// The digest of the pack, 64 hex digits.
    pub digest: String,
    /// The day it was put together for, `YYYY-MM-DD`.
    pub day: String,
}

/// That a report was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The period, as the report names it.
    pub period: String,
    /// The digest of the report's data file, 64 hex digits.
    pub sha256: String,
    /// How many entries the register had when it was counted.
    pub counted_at: u64,
}

/// That private parts were looked at. It has no index on purpose: whose they were, who looked and
/// why is private itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// When, `YYYY-MM-DD`.
    pub day: String,
}

/// That one entry's key was destroyed. It has no index on purpose: whoever holds a receipt could
/// learn from it that this very record was expunged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDestroyed {
    /// The quarter, such as `2025-Q1`.
    pub quarter: String,
}

impl Entry {
    /// The canonical bytes, which the tree hashes.
    ///
    /// # Errors
    /// If a field is malformed or the entry would be longer than 65,535 bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.public.check()?;
        let mut object = self.public.fields()?;
        object.insert("commit".to_owned(), hex(&self.commit).into());
        object.insert("v".to_owned(), VERSION.into());
        let bytes = canonical::to_bytes(&Value::Object(object))?;
        if bytes.len() > MAX_ENTRY { Err(too_long(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads an entry and refuses any bytes that [`Entry::to_bytes`] would not have written.
    ///
    /// # Errors
    /// If it is not an entry of version 1, a field is malformed, missing or unknown, or the
    /// spelling is not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let not_entry = |why: &str| Error::new(format!("it is not an entry: {why}"));
        let mut object: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| not_entry(&format!("it is not a json object ({error})")))?;
        match object.remove("v") {
            Some(version) if version == VERSION => {}
            Some(version) => {
                return Err(not_entry(&format!(
                    "its format is `{version}` and this program reads `{VERSION}`"
                )));
            }
            None => return Err(not_entry("it has no `v`")),
        }
        let commit = match object.remove("commit") {
            Some(Value::String(digits)) => unhex(&digits)?,
            _ => return Err(not_entry("it has no `commit`")),
        };
        let public = serde_json::from_value(Value::Object(object))
            .map_err(|error| not_entry(&error.to_string()))?;
        let entry = Self { commit, public };
        if entry.to_bytes()? != bytes {
            return Err(not_entry("it has an unknown field or is not canonical json (rfc 8785)"));
        }
        Ok(entry)
    }
}

impl Public {
    /// The kind, as it is written.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Decision(_) => "decision",
            Self::Done(_) => "done",
            Self::Correction(_) => "correction",
            Self::Nil(_) => "nil",
            Self::Pack(_) => "pack",
            Self::Report(_) => "report",
            Self::KeyDestroyed(_) => "key_destroyed",
            Self::Seed(_) => "seed",
            Self::Audit(_) => "audit",
            Self::Heard(_) => "heard",
            Self::Disposition(_) => "disposition",
            Self::View(_) => "view",
        }
    }

    /// The entry this one points back to.
    #[must_use]
    pub fn refers(&self) -> Option<u64> {
        match self {
            Self::Decision(decision) => Some(decision.refers),
            Self::Done(done) => Some(done.refers),
            Self::Correction(correction) => Some(correction.refers),
            Self::Heard(heard) => Some(heard.refers),
            Self::Disposition(disposition) => Some(disposition.refers),
            _ => None,
        }
    }

    /// Checks each field by itself.
    ///
    /// # Errors
    /// Names the field and what is wrong with it.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Request(request) => request.check(),
            Self::Decision(decision) => decision.check(),
            Self::Done(done) => done.check(),
            Self::Correction(correction) => correction.check(),
            Self::Nil(nil) => word("channel", &nil.channel).and(day("day", &nil.day)),
            Self::Pack(pack) => word("agency", &pack.agency)
                .and(digest("digest", &pack.digest))
                .and(day("day", &pack.day)),
            Self::Report(report) => {
                word("period", &report.period).and(digest("sha256", &report.sha256))
            }
            Self::KeyDestroyed(destroyed) => quarter(&destroyed.quarter),
            Self::Seed(seed) => seed.check(),
            Self::Audit(audit) => digest("sha256", &audit.sha256),
            Self::Heard(heard) => finding(&heard.finding),
            Self::Disposition(disposition) => finding(&disposition.finding),
            Self::View(view) => day("day", &view.day),
        }
    }

    /// This entry with some fields replaced.
    ///
    /// # Errors
    /// If a field may not be changed, is none of this kind's, or gets a value it cannot have.
    pub fn with(&self, set: &BTreeMap<String, Value>) -> Result<Self> {
        let mut fields = self.fields()?;
        for (name, value) in set {
            if matches!(name.as_str(), "kind" | "refers" | "channel" | "seq") {
                return Err(Error::new(format!(
                    "`{name}` cannot be changed: void the entry and record it anew"
                )));
            }
            fields.insert(name.clone(), value.clone());
        }
        let corrected: Self = serde_json::from_value(Value::Object(fields.clone()))
            .map_err(|error| Error::new(format!("a corrected field does not fit: {error}")))?;
        if corrected.fields()? != fields {
            return Err(Error::new(format!("a `{}` has no such field", self.kind())));
        }
        corrected.check()?;
        Ok(corrected)
    }

    fn fields(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Error::new("the entry has no fields")),
            Err(error) => Err(Error::new(error.to_string())),
        }
    }
}

impl Request {
    fn check(&self) -> Result<()> {
        word("channel", &self.channel)?;
        if self.seq == 0 {
            return Err(Error::new("`seq` starts at 1"));
        }
        day("day", &self.day)?;
        words("actions", &self.actions)?;
        if self.actions.is_empty() {
            return Err(Error::new("`actions` is empty: name what is asked for"));
        }
        word("basis", &self.basis)?;
        words("reasons", &self.reasons)?;
        if !self.reasons.is_sorted() {
            return Err(Error::new("`reasons` must be sorted"));
        }
        optional("form", self.form.as_ref())?;
        optional("station", self.station.as_ref())?;
        optional("requester", self.requester.as_ref())
    }
}

impl Decision {
    fn check(&self) -> Result<()> {
        word("action", &self.action)?;
        word("outcome", &self.outcome)?;
        words("grounds", &self.grounds)?;
        optional("grade", self.grade.as_ref())?;
        if self.grade.is_none() && !self.grounds.is_empty() {
            return Err(Error::new("`grade` is missing: give the lowest among the grounds"));
        }
        digest("pack", &self.pack)?;
        day("on", &self.on)
    }
}

impl Done {
    fn check(&self) -> Result<()> {
        day("day", &self.day)?;
        optional("basis", self.basis.as_ref())?;
        optional("action", self.action.as_ref())?;
        if self.cents.is_some() == (self.what == What::Reimbursed) {
            Ok(())
        } else {
            Err(Error::new("`cents` goes with `reimbursed`, and only with it"))
        }
    }
}

impl Correction {
    fn check(&self) -> Result<()> {
        if self.void == self.set.is_empty() {
            Ok(())
        } else {
            Err(Error::new("a correction has either `set` with new values or `void`"))
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Public words are coarse: short and on one line, so that no free text slips into a tile.
fn word(field: &str, text: &str) -> Result<()> {
    if text.is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
        return Err(Error::new(format!("`{field}` must have 1 to 200 bytes on one line")));
    }
    Ok(())
}

fn optional(field: &str, text: Option<&String>) -> Result<()> {
    text.map_or(Ok(()), |text| word(field, text))
}

fn words(field: &str, list: &[String]) -> Result<()> {
    list.iter().try_for_each(|text| word(field, text))?;
    let mut sorted: Vec<_> = list.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == list.len() {
        return Ok(());
    }
    Err(Error::new(format!("`{field}` names something twice")))
}

fn digest(field: &str, text: &str) -> Result<()> {
    unhex(text).map(|_| ()).map_err(|error| error.at(format_args!("`{field}`")))
}

/// A day of the calendar that the law uses (proleptic Gregorian), written `YYYY-MM-DD`.
fn day(field: &str, text: &str) -> Result<()> {
    let number = |range: std::ops::Range<usize>| {
        text.get(range).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?.parse::<u32>().ok()
    };
    let valid = || {
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            1..=12 => 31,
            _ => return None,
        };
        let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        (text.len() == 10 && dashes && (1..=days).contains(&day)).then_some(())
    };
    valid().ok_or_else(|| Error::new(format!("`{field}`: `{text}` is not a day `YYYY-MM-DD`")))
}

fn quarter(text: &str) -> Result<()> {
    match text.split_once("-Q") {
        Some((year, "1" | "2" | "3" | "4"))
            if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) =>
        {
            Ok(())
        }
        _ => Err(Error::new(format!("`quarter`: `{text}` is not a quarter such as `2025-Q1`"))),
    }
}
