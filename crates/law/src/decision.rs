//! What a decision says: the outcome, its grounds, what is missing and what is owed.

use serde::{Deserialize, Serialize};

use crate::Grade;
use crate::facts::Source;
use crate::rule::Modality;

/// What the law makes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A provision orders it.
    Must,
    /// A provision permits or protects it, and none forbids it.
    May,
    /// A provision forbids it.
    MustNot,
    /// No provision of the pack speaks.
    Silent,
    /// Facts are missing that could change the answer.
    NeedFacts,
    /// A person has to decide, and why is said.
    Refer,
}

impl Outcome {
    /// Every outcome, in the order tables show them.
    pub const ALL: [Self; 6] =
        [Self::Must, Self::May, Self::MustNot, Self::Silent, Self::NeedFacts, Self::Refer];

    /// The word in JSON, in entries and in examples.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::May => "may",
            Self::MustNot => "must_not",
            Self::Silent => "silent",
            Self::NeedFacts => "need_facts",
            Self::Refer => "refer",
        }
    }
}

/// A provision that determined the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// `instrument/provision`.
    pub id: String,
    /// The citation.
    pub citation: String,
    /// How well its reading is evidenced.
    pub grade: Grade,
    /// Who checked the reading against the official text, where the agency's counsel signed so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// What the provision does here.
    pub modality: Modality,
    /// The provision in our words.
    pub says: String,
}

impl Ground {
    /// How well its reading is evidenced, with what counsel has checked.
    pub(crate) fn standing(&self) -> Grade {
        if self.checked.is_some() { Grade::Text } else { self.grade }
    }
}

/// That the agency's counsel checked a provision against the official text, and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The name of the key that signed.
    pub by: String,
    /// The day.
    pub on: String,
}

/// A fact that is not known and matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The fact.
    pub name: String,
    /// The question that asks it.
    pub question: String,
    /// The values it may still have.
    pub values: Vec<String>,
}

/// A fact the outcome rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// The fact.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Who says so.
    pub source: Source,
    /// The question, for a reader.
    pub question: String,
    /// The value in plain words.
    pub says: String,
}

/// Something owed because of the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// `instrument/duty`.
    pub id: String,
    /// Who owes it.
    pub who: String,
    /// What is owed.
    pub says: String,
    /// When, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// When, as a civil date and time at the agency's place, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The provision.
    pub citation: String,
    /// How well it is evidenced.
    pub grade: Grade,
}

/// One fact that would change the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The fact.
    pub fact: String,
    /// The value it would have.
    pub value: String,
    /// How that is said: "if …".
    pub says: String,
    /// The outcome then.
    pub outcome: Outcome,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was asked.
    pub action: String,
    /// What the law makes of it.
    pub outcome: Outcome,
    /// For `refer`: why a person has to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The provisions that determined it, highest maker first.
    pub grounds: Vec<Ground>,
    /// The lowest grade among the grounds; what counsel has checked counts as read in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// Prohibitions that would have spoken, but are lifted by an exception or a saving clause.
    pub lifted: Vec<Ground>,
    /// The facts it rests on.
    pub rests_on: Vec<Rest>,
    /// The facts to ask for.
    pub missing: Vec<Missing>,
    /// What is owed because of it.
    pub duties: Vec<Owed>,
    /// Single facts that would change it.
    pub changes: Vec<Change>,
    /// The law it was decided by.
    pub pack: PackRef,
}

/// A pack named in an answer: enough to find the same law again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackRef {
    /// The agency.
    pub agency: String,
    /// The day.
    pub day: String,
    /// The digest of the pack.
    pub digest: String,
}
