//! Scans that nothing refers to: the program ended after the file was durable and before its row
//! was, or after a row was thrown away and before its file was, or the key of the entry was
//! destroyed. Nobody can open them any more.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

use register::entry::Public;

use super::{Papers, Sealed, sealed};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::web::database::failed;

/// How old a file must be, in seconds: much older than anything that is under way.
const AGE: i64 = 7 * 24 * 3_600;

/// How often is looked, in seconds.
const EVERY: i64 = 24 * 3_600;

impl Papers {
    /// Wipes old scans that no entry and no row refers to, once a day at most. Returns how many.
    ///
    /// # Errors
    /// A register, a database or a disk that cannot be read or written; what could not be looked
    /// at refers to everything.
    pub fn sweep(&self, store: &Store, now: i64) -> Result<usize> {
        let last = self.swept.load(Ordering::Relaxed);
        if (last..last.saturating_add(EVERY)).contains(&now) {
            return Ok(0);
        }
        // A paper goes from the folder to a row to an entry. Looked for in this order, it is seen
        // in one of the three wherever it is on its way.
        let mut lost = self.old(now)?;
        self.without_rows(&mut lost)?;
        without_entries(store, &mut lost)?;
        for file in &lost {
            sealed::wipe(&self.data, file)?;
        }
        self.swept.store(now, Ordering::Relaxed);
        Ok(lost.len())
    }

    /// The scans of a week ago and before. What is not named as one is not ours.
    fn old(&self, now: i64) -> Result<BTreeSet<String>> {
        let folder = sealed::folder(&self.data);
        let wrong = |error| Error::file(&folder)(error);
        let names = match std::fs::read_dir(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(wrong(error)),
        };
        let mut old = BTreeSet::new();
        for name in names {
            let name = name.map_err(wrong)?;
            let about = name.metadata().map_err(wrong)?;
            let written = about.modified().map_err(wrong)?.duration_since(UNIX_EPOCH);
            let written = written.ok().and_then(|since| i64::try_from(since.as_secs()).ok());
            let name = name.file_name().to_string_lossy().into_owned();
            let is_ours = about.is_file() && register::unhex(&name).is_ok();
            if is_ours && written.is_some_and(|it| it.saturating_add(AGE) <= now) {
                old.insert(name);
            }
        }
        Ok(old)
    }

    fn without_rows(&self, files: &mut BTreeSet<String>) -> Result<()> {
        let database = self.database.held();
        let anybody = "SELECT EXISTS (SELECT 1 FROM person)";
        if !database.query_row(anybody, [], |row| row.get::<_, bool>(0)).map_err(failed)? {
            // A database without accounts is new. The one that knows these scans may have been
            // lost, and come back from a backup.
            files.clear();
        }
        let mut statement = database.prepare("SELECT file FROM paper").map_err(failed)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        for row in rows {
            files.remove(&row.map_err(failed)?);
        }
        Ok(())
    }
}

fn without_entries(store: &Store, files: &mut BTreeSet<String>) -> Result<()> {
    for index in 0..store.size() {
        if files.is_empty() {
            break;
        }
        let public = store.entry(index).map(|entry| &entry.public);
        if matches!(public, Some(Public::Request(_)))
            && let Some(private) = store.private(index)?
        {
            if let Some(sealed) = Sealed::of(&private) {
                files.remove(&sealed.file);
            } else if private.get("paper").is_some() {
                // A paper in a form that this program does not know may be any of them.
                files.clear();
            }
        }
    }
    Ok(())
}
