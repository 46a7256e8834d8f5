//! One agency, read from its file: who it is and which instruments bind it.

use serde::Deserialize;

use crate::Problem;
use crate::edition::{indented, parse};
use crate::text::Text;

/// An agency and the stack of instruments that bind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// `us-ma-boston-pd`, from the file's name.
    pub id: String,
    /// The file.
    pub file: String,
    /// The line of its fence.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// The instrument without which there is no answer: a day none of its editions covers is an
    /// error.
    pub principal: String,
    /// The folders of the instruments, from the highest maker to the lowest.
    pub stack: Vec<String>,
    /// The public key under which its counsel signs what was checked, as text; how it is read and
    /// what it signs is not known here.
    pub counsel: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAgency {
    name: String,
    timezone: String,
    principal: String,
    stack: Vec<String>,
    counsel: Option<String>,
}

impl Agency {
    /// Reads `agencies/<id>.md`.
    pub(crate) fn read(file: &str, id: &str, markdown: &str) -> Result<Self, Vec<Problem>> {
        let text = Text::read(markdown);
        let problems = indented(file, &text);
        if !problems.is_empty() {
            return Err(problems);
        }
        let [fence] = text.fences.as_slice() else {
            let line = text.fences.get(1).map_or(1, |second| second.line);
            let message = format!("{} fences; write one, `agency`", text.fences.len());
            return Err(vec![Problem::new(file, line, message)]);
        };
        if fence.kind != "agency" {
            let message = format!("`{}` is no fence of an agency; write `agency`", fence.kind);
            return Err(vec![Problem::new(file, fence.line, message)]);
        }
        let raw: RawAgency = parse(file, fence).map_err(|problem| vec![problem])?;
        if !raw.stack.contains(&raw.principal) {
            let message =
                format!("`principal` is `{}`, which `stack` does not name; add it", raw.principal);
            return Err(vec![Problem::new(file, fence.line, message)]);
        }
        let twice =
            |(place, path): (usize, &String)| raw.stack.iter().take(place).any(|p| p == path);
        if let Some((_, path)) = raw.stack.iter().enumerate().find(|(at, path)| twice((*at, path)))
        {
            let message = format!("`stack` names `{path}` twice; keep one");
            return Err(vec![Problem::new(file, fence.line, message)]);
        }
        Ok(Self {
            id: id.to_owned(),
            file: file.to_owned(),
            line: fence.line,
            name: raw.name,
            timezone: raw.timezone,
            principal: raw.principal,
            stack: raw.stack,
            counsel: raw.counsel,
        })
    }
}
