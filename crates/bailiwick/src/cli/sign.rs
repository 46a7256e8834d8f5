//! Commands of an agency's counsel: a key, and a signature for what was checked.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use crate::answer::Answer;
use crate::error::{Error, Result};
use crate::signed::{self, Order};

/// `new-key`
#[derive(Debug, Args)]
pub struct NewKey {
    /// The name it signs under: a web address of the counsel's, without `https://`.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where to write the secret half; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `sign`
#[derive(Debug, Args)]
pub struct Sign {
    /// Whose counsel signs.
    #[arg(long, value_name = "ID")]
    pub agency: String,
    /// The secret half of the counsel's key, as `new-key` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The official text it was checked against; a copy is put beside the edition.
    #[arg(long, value_name = "FILE")]
    pub official: PathBuf,
    /// The day it was checked; today if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// The edition, by its path in the folder of law.
    #[arg(value_name = "EDITION")]
    pub edition: String,
    /// The rules that were checked, by their `@id`.
    #[arg(value_name = "RULE", required = true)]
    pub rules: Vec<String>,
}

pub(super) fn new_key(asked: &NewKey) -> Result<Answer> {
    let vkey = signed::new_key(&asked.name, &asked.out)?;
    let text = format!(
        "Written: {}. Whoever has it signs as the counsel; keep it and its backup locked away.\n\
         In the agency's file stands: counsel = \"{vkey}\"\n",
        asked.out.display()
    );
    Ok(Answer::new(text, json!({ "key": asked.out, "vkey": vkey })))
}

pub(super) fn sign(asked: &Sign, folder: Option<&Path>) -> Result<Answer> {
    let folder = folder.ok_or_else(|| {
        let how = "the law inside the program cannot be signed; name your own with `--law DIR`";
        Error::Input(how.to_owned())
    })?;
    let written = signed::sign(&Order {
        folder,
        agency: &asked.agency,
        key: &asked.key,
        official: &asked.official,
        on: asked.on,
        edition: &asked.edition,
        rules: &asked.rules,
    })?;
    let [note, official] = written.map(|path| path.display().to_string());
    let text = format!(
        "Signed: {} rules of {}.\nWritten: {note} and {official}.\n",
        asked.rules.len(),
        asked.edition
    );
    Ok(Answer::new(text, json!({ "note": note, "official": official })))
}
