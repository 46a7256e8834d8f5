//! Reasons: the free text that an officer typed for a search of an access log.
//!
//! - In: one text, as exported.
//! - Out: a [`Reading`]: its [`Class`], how [`Plain`] it is, and the rule that decided.
//! - Absent: any statement about a person. A reading says what a text speaks about, never why
//!   someone searched; a vague text is a gap in the record and nothing more.
//!
//! The rules are data, in `rules/reasons.toml` beside this crate, where the order of trial and
//! the form of a rule are told. Reasons repeat by the thousand: read each distinct one once.
//!
//! ```
//! use audit::reason::{Class, Plain, Rules};
//!
//! let rules = Rules::published();
//! let reading = rules.reading("ICE WARRANT");
//! assert_eq!((reading.class, reading.plain), (Class::ImmigrationCivil, Plain::Likely));
//! assert_eq!(rules.rules()[reading.rule].id, "ice-warrant");
//!
//! let reading = rules.reading("Robbery - C25-04411, police report");
//! assert_eq!(reading.class, Class::CriminalNonImmigration);
//! assert!(reading.has_case_number);
//! ```

mod class;
mod file;
mod letters;
mod patterns;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use patterns::{Found, Patterns};

pub use class::{Class, Plain};

/// What one text was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it speaks about.
    pub class: Class,
    /// How plainly it is of that class.
    pub plain: Plain,
    /// The rule that decided: an index into [`Rules::rules`].
    pub rule: usize,
    /// The labels of the drop-down that stand before ` - `, or make up the whole text: indices
    /// into [`Rules::labels`], in the order of the text and at least one.
    pub category: Option<Vec<usize>>,
    /// Whether the number of a case stands in it.
    pub has_case_number: bool,
}

/// A text that looks like a rule's and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The text.
    pub text: String,
    /// Why the rule must not decide it.
    pub why: String,
}

/// One rule, as published. It holds if any of `patterns` is found (or there are none), and one
/// of each list in `and`, and none of `unless`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, unique in the file.
    pub id: String,
    /// The class of the texts that it decides.
    pub class: Class,
    /// How plainly they are of that class.
    pub plain: Plain,
    /// What must be found, any one of them.
    pub patterns: Vec<String>,
    /// What else must be found, one of each list.
    pub and: Vec<Vec<String>>,
    /// What must not be found.
    pub unless: Vec<String>,
    /// One sentence, for people.
    pub says: String,
    /// Texts that it decides.
    pub examples: Vec<String>,
    /// Texts that it does not.
    pub look_alikes: Vec<LookAlike>,
}

/// A rule's conditions: of each group one pattern must be found, and of `unless` none.
#[derive(Clone, Debug, Default)]
struct Condition {
    groups: Vec<Found>,
    unless: Found,
}

impl Condition {
    fn holds(&self, found: &Found) -> bool {
        self.groups.iter().all(|group| found.has_any(group)) && !found.has_any(&self.unless)
    }
}

/// The rules, ready to read with.
#[derive(Clone, Debug)]
pub struct Rules {
    version: u32,
    rules: Vec<Rule>,
    conditions: Vec<Condition>,
    labels: Vec<String>,
    /// Where each label stands in `labels`, by its normal form.
    label_at: BTreeMap<String, usize>,
    /// Labels that say nothing of the purpose: the rest is read alone.
    vague: Vec<usize>,
    /// Every pattern once, and those among them that find the number of a case.
    patterns: Patterns,
    case_number: Found,
}

impl Rules {
    /// The rules that come with the program.
    pub fn published() -> &'static Rules {
        static RULES: OnceLock<Rules> = OnceLock::new();
        let text = include_str!("../rules/reasons.toml");
        // The text is part of the program; a test reads it, and tries every example in it.
        RULES.get_or_init(|| match file::compiled(text) {
            Ok((rules, _)) => rules,
            Err(problems) => unreachable!("the published rules: {}", problems.join("; ")),
        })
    }

    /// Reads rules of one's own, and tries every example and look-alike in them.
    ///
    /// # Errors
    /// Everything that is wrong, each with the rule's name and what to do.
    pub fn read(text: &str) -> Result<Rules, Vec<String>> {
        file::read(text)
    }

    /// The version, raised with every change of what a text is read as.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The rules, in the order in which they are tried.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The labels of the vendor's drop-down.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Reads one text. It takes time in proportion to the length of the text, and gives the
    /// same whatever blanks surround it and in whichever case its ASCII letters are.
    pub fn reading(&self, reason: &str) -> Reading {
        let text = letters::normal(reason);
        let (category, detail) = self.category(&text);
        let found = self.patterns.find(text.as_bytes());
        let has_case_number = found.has_any(&self.case_number);
        let says_nothing = |labels: &Vec<usize>| labels.iter().all(|at| self.vague.contains(at));
        let rule = if !detail.is_empty() && category.as_ref().is_some_and(says_nothing) {
            self.decides(&self.patterns.find(detail.as_bytes()))
        } else {
            self.decides(&found)
        };
        // The last rule has no condition, so that one always decides.
        let (class, plain) =
            self.rules.get(rule).map_or((Class::Other, Plain::Unclear), |it| (it.class, it.plain));
        Reading { class, plain, rule, category, has_case_number }
    }

    /// Whether the number of a case stands in a text: a reason, or the cell for it.
    pub fn has_case_number(&self, text: &str) -> bool {
        self.patterns.find(letters::normal(text).as_bytes()).has_any(&self.case_number)
    }

    fn decides(&self, found: &Found) -> usize {
        let last = self.rules.len().saturating_sub(1);
        self.conditions.iter().position(|condition| condition.holds(found)).unwrap_or(last)
    }

    /// The labels with which a text begins, and what follows ` - `. Where one of the pieces is
    /// no label, the text is an ordinary one that only looks so.
    fn category<'t>(&self, text: &'t str) -> (Option<Vec<usize>>, &'t str) {
        let without_detail = (text.strip_suffix(" -").unwrap_or(text), "");
        let (labels, detail) = text.split_once(" - ").unwrap_or(without_detail);
        let labels = labels.split(',').map(|it| self.label_at.get(it.trim()).copied());
        match labels.collect::<Option<Vec<usize>>>() {
            Some(labels) => (Some(labels), detail),
            None => (None, text),
        }
    }
}

/// Whether the number of a case stands in a text, by the published rules: a reason, or the cell
/// of its own that later exports have. Agencies move it between the two, so read both.
///
/// ```
/// use audit::reason::has_case_number;
///
/// assert!(has_case_number("C25-04411 stolen"));
/// assert!(!has_case_number("theft of $25"));
/// ```
pub fn has_case_number(text: &str) -> bool {
    Rules::published().has_case_number(text)
}
