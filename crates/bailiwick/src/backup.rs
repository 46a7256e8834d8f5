//! Backing up a register, and putting a backup back.
//!
//! In: an open register, or a backup. Out: a copy that was opened and checked through before it is
//! called one; or the register as it was then. A backup holds every secret the register has.
//! Absent: a restored register that knows less than was published: what strangers have seen, the
//! register must go on vouching for.

use std::fs;
use std::path::{Path, PathBuf};

use register::checkpoint::Checkpoint;

use crate::error::{Error, Result};
use crate::publish;
use crate::store::{Access, Disk as _, RealDisk, Store};
use crate::web::Database;

/// Files and folders that are copied as they are. Whatever else lies in the folder is not the
/// register's.
const AS_IT_IS: [(&str, Access); 6] = [
    ("bailiwick.toml", Access::Public),
    ("signing.key", Access::Secret),
    ("keys", Access::Secret),
    ("papers", Access::Secret),
    ("audits", Access::Secret),
    ("public", Access::Public),
];

/// What a backup or a restored register holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where it is.
    pub folder: PathBuf,
    /// How many entries.
    pub entries: u64,
}

/// Copies an open register to a new folder, and checks the copy as if it were restored.
///
/// # Errors
/// A folder that is there already, a disk that fails, a copy that does not hold.
pub fn backup(store: &Store, desk: Option<&Database>, folder: &Path, to: &Path) -> Result<Held> {
    if to.exists() {
        return Err(Error::Input(format!(
            "`{}` is there already: name a new folder for the backup",
            to.display()
        )));
    }
    made_whole(to, |part| {
        copy_all(folder, part, false)?;
        let database = part.join("register.db");
        store.copy_database(&database)?;
        secret(&database)?;
        if let Some(desk) = desk {
            let database = part.join("desk.db");
            desk.copy(&database)?;
            secret(&database)?;
            // A paper is in its folder before it is in the database: what came in meanwhile is.
            let papers = "papers";
            copy(&folder.join(papers), &part.join(papers), Access::Secret)?;
        }
        let entries = check(part)?;
        if entries != store.size() {
            return Err(Error::File("the copy has not as many entries as the register".into()));
        }
        Ok(entries)
    })
}

/// Puts a backup back as the register of a folder. What was there is kept beside it.
///
/// # Errors
/// A backup that does not hold, or one that knows less than was published; nothing is changed then.
pub fn restore(from: &Path, to: &Path, published: &[PathBuf]) -> Result<Held> {
    made_whole(to, |part| {
        copy_all(from, part, true)?;
        for name in ["register.db", "register.db-wal", "desk.db", "desk.db-wal"] {
            copy_file(&from.join(name), &part.join(name), Access::Secret)?;
        }
        let store = Store::open(part)?;
        let own = to.join("public/checkpoint");
        let own = own.exists().then_some(own);
        for note in own.iter().chain(published) {
            not_behind(&store, note)?;
        }
        drop(store);
        let entries = check(part)?;
        Database::open(part)?.sign_all_out()?;
        Ok(entries)
    })
}

/// Lets a folder be made beside its place, and puts it there when it is whole; what stands there is
/// kept beside it. Of what comes to nothing, nothing is left that could be taken for a register.
fn made_whole(to: &Path, make: impl FnOnce(&Path) -> Result<u64>) -> Result<Held> {
    let part = named(to, ".part")?;
    if part.exists() {
        return Err(Error::Input(format!(
            "`{}` is left of one that was cut short: remove it first",
            part.display()
        )));
    }
    let done = make(&part).and_then(|entries| {
        if to.exists() {
            let before = aside(to)?;
            fs::rename(to, &before).map_err(Error::file(&before))?;
        }
        fs::rename(&part, to).map_err(Error::file(to))?;
        sync_above(to)?;
        Ok(Held { folder: to.to_owned(), entries })
    });
    if done.is_err() {
        drop(fs::remove_dir_all(&part));
    }
    done
}

/// Refuses a register that lacks entries somebody was shown.
fn not_behind(store: &Store, note: &Path) -> Result<()> {
    let text = fs::read_to_string(note).map_err(Error::file(note))?;
    let seen = Checkpoint::open(&text, &store.vkey())
        .map_err(|error| Error::Input(format!("`{}`: {error}", note.display())))?;
    if store.holds(&seen) {
        return Ok(());
    }
    let what = if seen.size > store.size() {
        format!(
            "the backup has {} entries, and {} were published: entries that strangers hold \
             receipts of would be lost. Restore a newer backup",
            store.size(),
            seen.size
        )
    } else {
        "the backup contradicts what was published: it is of another register, or one of the two \
         was altered"
            .to_owned()
    };
    Err(Error::Input(format!("`{}`: {what}", note.display())))
}

/// Opens a copy, which checks every entry and key, and checks what is public as a stranger would.
fn check(folder: &Path) -> Result<u64> {
    let store = Store::open(folder)?;
    publish::check(&store.public_dir(), &store.vkey())?;
    Ok(store.size())
}

fn copy_all(from: &Path, to: &Path, papers: bool) -> Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(Error::file(to))?;
    RealDisk.make_folder(to, Access::Secret).map_err(Error::file(to))?;
    RealDisk.put(&to.join("lock"), b"", Access::Public).map_err(Error::file(to))?;
    for (name, access) in AS_IT_IS {
        if name != "papers" || papers {
            copy(&from.join(name), &to.join(name), access)?;
        }
    }
    Ok(())
}

/// Copies a file or a folder with all in it, durably; nothing where there is none.
fn copy(from: &Path, to: &Path, access: Access) -> Result<()> {
    if !from.is_dir() {
        return copy_file(from, to, access);
    }
    RealDisk.make_folder(to, access).map_err(Error::file(to))?;
    for name in RealDisk.list(from).map_err(Error::file(from))? {
        copy(&from.join(&name), &to.join(&name), access)?;
    }
    RealDisk.sync_folder(to).map_err(Error::file(to))
}

fn copy_file(from: &Path, to: &Path, access: Access) -> Result<()> {
    match RealDisk.read(from).map_err(Error::file(from))? {
        Some(bytes) => RealDisk.put(to, &bytes, access).map_err(Error::file(to)),
        None => Ok(()),
    }
}

fn secret(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, mode).map_err(Error::file(path))
}

fn sync_above(path: &Path) -> Result<()> {
    let above = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    RealDisk.sync_folder(above).map_err(Error::file(above))
}

/// A name beside another that nothing has yet.
fn aside(path: &Path) -> Result<PathBuf> {
    (1_u32..10_000)
        .map(|number| named(path, &format!(".before-{number}")))
        .find(|name| name.as_ref().is_ok_and(|name| !name.exists()))
        .unwrap_or_else(|| Err(Error::File(format!("`{}`: too many before it", path.display()))))
}

fn named(path: &Path, end: &str) -> Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| Error::Input(format!("`{}` is no name of a folder", path.display())))?;
    let mut name = name.to_owned();
    name.push(end);
    Ok(path.with_file_name(name))
}
