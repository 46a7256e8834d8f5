//! What is wrong with a text, said to whoever must mend it.

use std::fmt;

/// One thing that is wrong in a file of law, with the place and what to do.
///
/// ```
/// let problem = law::Problem::new("law/x.md", 7, "no `@grade`").under("2(a) Holding");
/// assert_eq!(problem.to_string(), "law/x.md:7: (2(a) Holding) no `@grade`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it was named when read.
    pub file: String,
    /// The line, counted from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// The legal heading the line stands under, where there is one.
    pub heading: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// A problem at a line of a file.
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, heading: None, message: message.into() }
    }

    /// The same problem, with the legal heading it stands under.
    pub fn under(mut self, heading: &str) -> Self {
        if !heading.is_empty() {
            self.heading = Some(heading.to_owned());
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": ")?;
        if let Some(heading) = &self.heading {
            write!(f, "({heading}) ")?;
        }
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Problem {}

/// The line of a byte offset in a text, counted from 1.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

/// Why a question about every case at once has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAnalyse {
    /// What was asked cannot be.
    #[error("{0}")]
    Input(String),
    /// The law is too large for it.
    #[error(transparent)]
    TooLarge(#[from] crate::TooLarge),
}

impl From<String> for CannotAnalyse {
    fn from(message: String) -> Self {
        Self::Input(message)
    }
}

impl CannotAnalyse {
    pub(crate) fn contradiction() -> Self {
        Self::Input(
            "contradictory facts: nobody's case can have all of them together; check the papers \
             and state one of them anew"
                .to_owned(),
        )
    }

    pub(crate) fn words() -> Self {
        Self::Input(
            "the two laws have different vocabularies; compare packs that were read with the same \
             `vocabulary.toml`"
                .to_owned(),
        )
    }
}
