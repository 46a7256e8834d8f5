//! What a report is about: everything in it that is not counted.

use std::collections::BTreeMap;

use law::Grade;
use law::report::{Definition, Feature, Stretch};
use serde::{Deserialize, Serialize};

/// What is reported, by whom, for when, and as of which state of the register.
///
/// It is part of the data file, so that a stranger can count again with nothing else but the
/// entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The agency that reports.
    pub agency: Agency,
    /// The stretch of time: `2025`, `2025-Q1`.
    pub period: Stretch,
    /// What the law orders.
    pub definition: Definition,
    /// The instruments in force, from the one that orders the report on.
    pub instruments: Vec<Instrument>,
    /// The state of the register that was counted.
    pub checkpoint: Checkpoint,
    /// Every channel on which requests come in, by id, with its name for people. One that is silent
    /// all the time is in the tables too: nothing received is not the same as nothing recorded.
    pub channels: BTreeMap<String, String>,
    /// Plain words for the words in entries, such as a box; for what can be stated of a request,
    /// and for provisions, with the feature in front: `basis=none`, `ground=ordinance/12`.
    pub labels: BTreeMap<String, String>,
}

/// An agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its id: `us-ma-boston-pd`.
    pub id: String,
    /// Its name, for people.
    pub name: String,
}

/// An instrument, and how well its provisions were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its title.
    pub title: String,
    /// Its citation.
    pub citation: String,
    /// The first day of the edition applied, `YYYY-MM-DD`.
    pub edition: String,
    /// The lowest grade among its coded provisions.
    pub grade: Grade,
}

/// A signed state of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The register's name.
    pub origin: String,
    /// How many entries were counted: those with an index below it.
    pub size: u64,
    /// The root hash, as the checkpoint writes it.
    pub root: String,
    /// The checkpoint itself, signatures included.
    pub text: String,
}

impl About {
    /// Plain words for a word in an entry; the word itself, blanks for underscores, where there
    /// are none.
    pub(crate) fn label(&self, word: &str) -> String {
        self.labels.get(word).cloned().unwrap_or_else(|| word.replace('_', " "))
    }

    /// Plain words for the word of a feature; as [`About::label`] where there are none.
    pub(crate) fn value(&self, feature: Feature, word: &str) -> String {
        let key = format!("{}={word}", feature.word());
        self.labels.get(&key).cloned().unwrap_or_else(|| self.label(word))
    }

    /// A channel's name for people; its id where it has none.
    pub(crate) fn channel(&self, id: &str) -> String {
        self.channels.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Whether a day `YYYY-MM-DD` is in the period.
    pub(crate) fn covers(&self, day: &str) -> bool {
        law::parse_day(day).is_ok_and(|day| self.period.covers(day))
    }
}
