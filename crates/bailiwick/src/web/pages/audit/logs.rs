//! Logs of an audit: sent in, or lying in a folder beside the register.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::audit_logs::Log;
use crate::error::{Error, Result};
use crate::web::visit::{Upload, UploadBytes, Visit};

/// The folder in that of the register where whoever keeps the machine puts logs.
const FOLDER: &str = "logs";

/// The most bytes of a file of settings.
const MOST_OF_SETTINGS: u64 = 256 << 10;

/// A log that lies in the folder.
pub struct Lying {
    pub name: String,
    pub bytes: u64,
}

fn folder(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// The logs that lie in the folder, by name. What is no plain file there, or is hidden, is no log;
/// a link is none either, because it could lead anywhere.
pub fn lying(data: &Path) -> Vec<Lying> {
    let entries = fs::read_dir(folder(data)).into_iter().flatten().flatten();
    let mut all: Vec<Lying> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let about = fs::symlink_metadata(entry.path()).ok()?;
            (about.is_file() && !name.starts_with('.'))
                .then_some(Lying { name, bytes: about.len() })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Opens a log that lies in the folder. The name must be one of those that [`lying`] lists, so
/// there is no path in it; and what is opened must be what was looked at, not what a link was put
/// in its place for.
pub fn open(data: &Path, name: &str) -> Result<Log> {
    let none = || Error::Input(format!("There is no log `{name}` in the folder `{FOLDER}`."));
    lying(data).into_iter().find(|log| log.name == name).ok_or_else(none)?;
    let path = folder(data).join(name);
    let seen = fs::symlink_metadata(&path).map_err(Error::file(&path))?;
    if !seen.is_file() {
        return Err(none());
    }
    let file = File::open(&path).map_err(Error::file(&path))?;
    let opened = file.metadata().map_err(Error::file(&path))?;
    if (opened.dev(), opened.ino()) != (seen.dev(), seen.ino()) {
        return Err(none());
    }
    Ok(Log { name: name.to_owned(), file })
}

/// The files that were sent in a field. A browser sends a field without a file as a file without a
/// name.
pub fn sent<'a>(visit: &'a Visit, field: &'a str) -> impl Iterator<Item = &'a Upload> {
    visit.files.iter().filter(move |file| file.field == field && !file.name.is_empty())
}

/// A log that was sent in. It can be read to its end though its name on the disk goes with the
/// visit.
pub fn taken(upload: &Upload) -> Result<Log> {
    let lost = |error| Error::File(format!("what was sent in: {error}"));
    let file = match &upload.bytes {
        UploadBytes::OnDisk(file) => file.reopen().map_err(lost)?,
        UploadBytes::Held(_) => return Err(lost(std::io::Error::other("held in memory"))),
    };
    Ok(Log { name: called(&upload.name), file })
}

/// What a file that was sent in is called, without folders of whoever sent it.
pub fn called(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
}

/// The text of a file of settings that was sent in.
pub fn text(upload: &Upload) -> Result<String> {
    let name = called(&upload.name);
    let file = taken(upload)?.file;
    let mut text = String::new();
    let read = file.take(MOST_OF_SETTINGS.saturating_add(1)).read_to_string(&mut text);
    match read {
        Ok(length) if length as u64 <= MOST_OF_SETTINGS => Ok(text),
        Ok(_) => Err(Error::Input(format!("`{name}` is too large for a file of settings."))),
        Err(_) => Err(Error::Input(format!("`{name}` is no text: a file of settings is TOML."))),
    }
}
