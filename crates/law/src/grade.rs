//! How well the reading of a provision is evidenced.

use serde::{Deserialize, Serialize};

/// How well a provision's reading is evidenced, from the weakest to the strongest.
///
/// The order is the point: an answer is only as good as the weakest of its grounds, so the
/// grade shown with an answer is the minimum over them.
///
/// ```
/// use law::Grade;
/// assert_eq!([Grade::Text, Grade::Secondary].iter().min(), Some(&Grade::Secondary));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// From general knowledge or by inference; nobody here has read it.
    Unverified,
    /// Others report it in their own words.
    Secondary,
    /// Others quote its operative words.
    Quoted,
    /// The law's own text was read.
    Text,
}

impl Grade {
    /// The word written in a pack file and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Secondary => "secondary",
            Self::Quoted => "quoted",
            Self::Text => "text",
        }
    }

    /// What the grade tells a reader, in plain words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Unverified => {
                "UNVERIFIED: nobody has read this provision; check it before relying on it"
            }
            Self::Secondary => "reported by others, the text itself not read",
            Self::Quoted => "its operative words are quoted by others",
            Self::Text => "the law's own text was read",
        }
    }

    /// Reads the word written in a pack file.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unverified, Self::Secondary, Self::Quoted, Self::Text]
            .into_iter()
            .find(|grade| grade.word() == word)
    }
}
