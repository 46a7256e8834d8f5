//! `backup` and `restore`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::answer::Answer;
use crate::backup::{self, Held};
use crate::error::{Error, Result};
use crate::store::{self, Store};
use crate::web::{Database, control};

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder of the register; it may be in use by `serve`.
    #[arg(long = "data", value_name = "DIR", default_value = "bailiwick-data")]
    pub folder: PathBuf,
    /// The new folder to copy it to. It holds every secret of the register.
    #[arg(value_name = "TO")]
    pub to: PathBuf,
}

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "FROM")]
    pub from: PathBuf,
    /// The folder of the register; what is there is kept beside it.
    #[arg(long = "data", value_name = "DIR", default_value = "bailiwick-data")]
    pub folder: PathBuf,
    /// A checkpoint that was published, from wherever it was kept; several times. The backup must
    /// hold what each vouches for.
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub published: Vec<PathBuf>,
}

/// Backs a register up: by whoever has it open, else by ourselves.
pub(super) fn backup(asked: &Backup) -> Result<Answer> {
    let to = std::path::absolute(&asked.to).map_err(Error::file(&asked.to))?;
    let held = match Store::open(&asked.folder) {
        Ok(store) => {
            let desk = asked.folder.join("desk.db").exists();
            let desk = desk.then(|| Database::open(&asked.folder)).transpose()?;
            backup::backup(&store, desk.as_ref(), &asked.folder, &to)?
        }
        Err(store::Error::Busy(_)) => control::ask(&asked.folder, &to)?,
        Err(error) => return Err(error.into()),
    };
    let text = format!(
        "Backed up and checked: {} entries in `{}`.\nIt holds the register's keys: keep it where \
         only you can read it, and destroy it when a key has to be destroyed.\n",
        held.entries,
        held.folder.display()
    );
    Ok(Answer::new(text, as_json(&held)))
}

/// Puts a backup back.
pub(super) fn restore(asked: &Restore) -> Result<Answer> {
    let _to_ourselves = to_ourselves(&asked.folder)?;
    let held = backup::restore(&asked.from, &asked.folder, &asked.published)?;
    let text = format!(
        "Restored and checked: {} entries in `{}`. Everybody has to sign in anew.\n",
        held.entries,
        held.folder.display()
    );
    Ok(Answer::new(text, as_json(&held)))
}

/// A register that is open is not taken away from under whoever has it.
fn to_ourselves(folder: &Path) -> Result<Option<Store>> {
    match Store::open(folder) {
        Err(error @ store::Error::Busy(_)) => Err(error.into()),
        // Whatever else is wrong with it may be why it is restored.
        opened => Ok(opened.ok()),
    }
}

fn as_json(held: &Held) -> serde_json::Value {
    json!({ "folder": held.folder, "entries": held.entries })
}
