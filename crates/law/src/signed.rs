//! What an agency's counsel signs: that provisions of an edition were checked against the official
//! text. Its form is `docs/spec/law-pack.md`, "Signed editions".
//!
//! In: the text of a note, its signature found to hold elsewhere. Out: [`Signed`]. Absent: keys.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use crate::decision::Checked;
use crate::edition::parse_day;

/// The first line, with the number of the format.
const FIRST: &str = "bailiwick law 1";

/// A counsel's word for an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whose counsel.
    pub agency: String,
    /// The file of the edition.
    pub edition: String,
    /// SHA-256 of that file, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the official text it was checked against, in hexadecimal.
    pub official: String,
    /// The day.
    pub on: Date,
    /// The rules that were checked, by their ids.
    pub provisions: BTreeSet<String>,
    /// The name of the key that signed; it stands in the signature and not in the text.
    pub by: String,
}

impl Signed {
    /// Reads the text of a note that a key of this name has signed.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str, by: &str) -> Result<Self, String> {
        let mut lines = (1..).zip(text.lines());
        let mut next = |key: &str| -> Result<String, String> {
            let (number, line) = lines.next().ok_or_else(|| format!("there is no `{key}` line"))?;
            let rest = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(' '));
            let wrong = || format!("line {number} is `{line}`; it begins with `{key}`");
            rest.map(str::to_owned).ok_or_else(wrong)
        };
        let (name, number) = FIRST.rsplit_once(' ').unwrap_or_default();
        if next(name)? != number {
            return Err(format!("the first line is not `{FIRST}`"));
        }
        let (agency, edition) = (next("agency")?, next("edition")?);
        let sha256 = digest(next("sha256")?)?;
        let official = digest(next("official")?)?;
        let on = parse_day(&next("day")?)?;
        let mut provisions = BTreeSet::new();
        for (number, line) in lines {
            let id = line.strip_prefix("checked ").filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| format!("line {number} is `{line}`; it names a rule"))?;
            if !provisions.insert(id.to_owned()) {
                return Err(format!("line {number}: `{id}` is named twice"));
            }
        }
        if provisions.is_empty() {
            return Err("no rule is named: write a line `checked` for each".to_owned());
        }
        Ok(Self { agency, edition, sha256, official, on, provisions, by: by.to_owned() })
    }

    /// The rules, each with who checked it and when.
    pub(crate) fn checked(&self) -> impl Iterator<Item = (String, Checked)> {
        let checked =
            |id: &String| (id.clone(), Checked { by: self.by.clone(), on: self.on.to_string() });
        self.provisions.iter().map(checked)
    }
}

/// The text that is signed.
impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}")?;
        writeln!(f, "agency {}\nedition {}\nsha256 {}", self.agency, self.edition, self.sha256)?;
        writeln!(f, "official {}\nday {}", self.official, self.on)?;
        self.provisions.iter().try_for_each(|id| writeln!(f, "checked {id}"))
    }
}

fn digest(text: String) -> Result<String, String> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(hex) {
        Ok(text)
    } else {
        Err(format!("`{text}` is no SHA-256 in small hexadecimal digits"))
    }
}
