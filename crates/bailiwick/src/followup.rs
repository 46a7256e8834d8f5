//! What is recorded after a request came: what was done upon it, what was wrong, that somebody
//! looked at its private parts; and that a channel received nothing.
//!
//! In: what a person says, by a command or on a page. Out: drafts of entries, checked by what the
//! law's words and the request say. Absent: recording them, and the clock.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::Vocabulary;
use register::entry::{self, Public};
use serde_json::{Map, Value, json};

use crate::desk::{draft, refuse_file_number};
use crate::error::{Error, Result};
use crate::store::{Draft, Store};

/// A draft with who says so in its private part.
fn by(public: Public, mut private: Map<String, Value>, by: Option<&str>) -> Draft {
    if let Some(by) = by {
        private.insert("by".into(), by.into());
    }
    draft(public, private.into())
}

/// What was done upon a request; the paper is written as people write it.
///
/// # Errors
/// A paper nobody knows, and an action that the request does not ask for.
pub fn done(
    vocabulary: &Vocabulary,
    store: &Store,
    mut deed: entry::Done,
    said_by: Option<&str>,
) -> Result<Draft> {
    if let Some(action) = &deed.action {
        asked_for(store, deed.refers, action)?;
    }
    deed.basis = deed.basis.map(|it| paper(vocabulary, &it)).transpose()?;
    Ok(by(Public::Done(deed), Map::new(), said_by))
}

/// Refuses an action that the request did not ask for.
fn asked_for(store: &Store, request: u64, action: &str) -> Result<()> {
    match store.entry(request).map(|entry| &entry.public) {
        Some(Public::Request(found)) if !found.actions.iter().any(|it| it == action) => {
            Err(Error::Input(format!(
                "request {request} does not ask for `{action}`; it asks for: {}",
                found.actions.join(", ")
            )))
        }
        // Whether it is a request at all is the register's to say.
        _ => Ok(()),
    }
}

/// The vocabulary's word for a paper, as the desk's statements are read: `i_200` is an
/// administrative warrant, and a bare `warrant` is refused.
fn paper(vocabulary: &Vocabulary, written: &str) -> Result<String> {
    let fact = vocabulary.fact("basis").and_then(|at| vocabulary.facts.get(at));
    let fact = fact.ok_or_else(|| Error::Law("the vocabulary has no fact `basis`".to_owned()))?;
    let value = fact.read(written).map_err(Error::Input)?;
    Ok(fact.value(value).map_or_else(|| written.to_owned(), |value| value.name.clone()))
}

/// That an entry was wrong: new values as `(field, value)`, or that it is void.
///
/// # Errors
/// Neither or both, and a reason that looks like a federal file number.
pub fn correction(
    refers: u64,
    set: &[(String, String)],
    void: bool,
    why: &str,
    said_by: Option<&str>,
) -> Result<Draft> {
    refuse_file_number(why)?;
    let mut values = BTreeMap::new();
    for (field, value) in set {
        refuse_file_number(value)?;
        values.insert(field.clone(), field_value(field, value));
    }
    let public = entry::Correction { refers, set: values, void };
    let private = Map::from_iter([("why".to_owned(), why.into())]);
    Ok(by(Public::Correction(public), private, said_by))
}

/// Lists are written with commas and amounts as numbers; every other public field is a word.
fn field_value(field: &str, value: &str) -> Value {
    match field {
        "actions" | "reasons" | "grounds" => {
            value.split(',').filter(|word| !word.is_empty()).map(Value::from).collect()
        }
        "cents" => value.parse::<u64>().map_or_else(|_| value.into(), Value::from),
        _ => value.into(),
    }
}

/// That a whole request is void: what refers to it first, as the register wants it.
///
/// # Errors
/// As [`correction`].
pub fn void_matter(
    store: &Store,
    request: u64,
    why: &str,
    said_by: Option<&str>,
) -> Result<Vec<Draft>> {
    let pointing = store.history().pointing(request).iter().copied();
    let dependants = pointing.filter(|at| {
        store.entry(*at).is_some_and(|entry| {
            !entry.void && matches!(entry.public, Public::Decision(_) | Public::Done(_))
        })
    });
    dependants.chain([request]).map(|at| correction(at, &[], true, why, said_by)).collect()
}

/// That a channel received nothing on a day.
pub fn nil(channel: &str, day: Date, said_by: Option<&str>) -> Draft {
    let public = entry::Nil { channel: channel.to_owned(), day: day.to_string() };
    by(Public::Nil(public), Map::new(), said_by)
}

/// What somebody looks at, and why; all of it private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The entries whose private parts are shown.
    pub entries: Vec<u64>,
    /// The papers that are handed out, by the names of their files.
    pub papers: Vec<String>,
    /// What for.
    pub why: String,
    /// Who looks.
    pub by: String,
}

/// That somebody looks at private parts; recorded before they are shown.
///
/// # Errors
/// A reason that is none or looks like a federal file number.
pub fn view(day: Date, look: &Look) -> Result<Draft> {
    refuse_file_number(&look.why)?;
    if look.why.trim().chars().count() < 3 || look.why.len() > 200 {
        return Err(Error::Input(
            "say in a few words why you look at it, such as `preparing the answer`".to_owned(),
        ));
    }
    let mut private = json!({ "by": look.by, "entries": look.entries, "why": look.why.trim() });
    if let Some(object) = private.as_object_mut()
        && !look.papers.is_empty()
    {
        object.insert("papers".to_owned(), json!(look.papers));
    }
    Ok(draft(Public::View(entry::View { day: day.to_string() }), private))
}
