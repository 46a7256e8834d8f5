//! Making and opening a register: everything is checked before anything is changed.
//!
//! Comes in: a folder. Goes out: an open store, or what is wrong with the folder. Absent: writing
//! entries.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use register::entry::Public;
use register::history::History;
use register::note::Signer;
use register::seal;
use register::tree::{Tree, empty_root, leaf_hash};

use super::database::{Database, State};
use super::keys::{Keys, random};
use super::{Access, Disk, Error, RealDisk, Result, Settings, Store, damaged_entry, parse, public};

impl Store {
    /// Makes a new register with new keys in a folder that is empty or not there yet, and
    /// publishes the checkpoint of the empty tree.
    ///
    /// # Errors
    /// If the folder is not empty, a setting is malformed, or the disk fails.
    pub fn init(folder: &Path, settings: Settings) -> Result<Self> {
        Self::init_on(Box::new(RealDisk), folder, settings)
    }

    /// Opens a register, checks all of it, and finishes publishing if that was cut short.
    ///
    /// # Errors
    /// If the folder is no register, is open elsewhere, or anything in it is not as it was left.
    /// Then nothing was changed.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_on(Box::new(RealDisk), folder)
    }

    /// [`Store::init`] on another disk; lock and database stay on the real one.
    ///
    /// # Errors
    /// As [`Store::init`].
    pub fn init_on(disk: Box<dyn Disk>, folder: &Path, settings: Settings) -> Result<Self> {
        let text = settings.to_text()?;
        let signer = Signer::from_seed(&settings.origin, random()?)
            .map_err(|error| Error::refused(error.to_string()))?;
        std::fs::create_dir_all(folder).map_err(Error::at(folder))?;
        let mut names = std::fs::read_dir(folder).map_err(Error::at(folder))?;
        if names.next().is_some() {
            return Err(Error::refused(format!(
                "`{}` is not empty: choose another folder for the new register",
                folder.display()
            )));
        }
        let path = folder.join("lock");
        File::create_new(&path).map_err(Error::at(&path))?;
        let lock = lock(folder)?;
        let secret = format!("{}\n", signer.to_secret_text());
        for (name, bytes, access) in [
            ("signing.key", secret.as_bytes(), Access::Secret),
            ("bailiwick.toml", text.as_bytes(), Access::Public),
        ] {
            let path = folder.join(name);
            disk.put(&path, bytes, access).map_err(Error::at(&path))?;
        }
        let keys = Keys::create(&*disk, &folder.join("keys"))?;
        let state = State {
            origin: settings.origin,
            size: 0,
            root: empty_root(),
            epoch: keys.epoch(),
            imports: keys.import_tag(""),
        };
        let path = folder.join("register.db");
        RealDisk.put(&path, b"", Access::Secret).map_err(Error::at(&path))?;
        drop(Database::create(&path, &state)?);
        sync_names(&*disk, folder)?;
        public::create(&*disk, &folder.join("public"), &signer)?;
        disk.sync_folder(folder).map_err(Error::at(folder))?;
        Self::load(disk, folder, lock)
    }

    /// [`Store::open`] on another disk; lock and database stay on the real one.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(disk: Box<dyn Disk>, folder: &Path) -> Result<Self> {
        let lock = lock(folder)?;
        Self::load(disk, folder, lock)
    }

    fn load(disk: Box<dyn Disk>, folder: &Path, lock: File) -> Result<Self> {
        let settings = Settings::parse(&text(&*disk, folder, "bailiwick.toml")?)?;
        let signer = Signer::parse(line(&text(&*disk, folder, "signing.key")?))
            .map_err(|error| Error::damaged(format!("`signing.key`: {error}")))?;
        let database = Database::open(&folder.join("register.db"))?;
        let state = database.state()?;
        for (file, name) in [("signing.key", signer.name()), ("register.db", &state.origin)] {
            if name != settings.origin {
                return Err(Error::damaged(format!(
                    "`{file}` is of the register `{name}` and `bailiwick.toml` of `{}`: files of \
                     two registers were mixed",
                    settings.origin
                )));
            }
        }
        let public = folder.join("public");
        let published = public::checkpoint(&*disk, &public, &signer.verifier())?;
        if line(&text(&*disk, &public, "vkey")?) != signer.verifier().to_string() {
            return Err(Error::damaged(
                "`public/vkey` is not the public half of `signing.key`: one of the two was altered",
            ));
        }
        let keys = Keys::open(&*disk, &folder.join("keys"), state.epoch, state.size)?;
        let (tree, history, entries) = read_entries(&database, &state, &keys)?;
        same_agency(&settings, &history)?;
        public::check(&*disk, &public, &tree, &published, &entries)?;
        let checkpoint = public::sign(&signer, &tree)?;
        let mut store = Self {
            folder: folder.to_owned(),
            _lock: lock,
            disk,
            settings,
            signer,
            database,
            keys,
            state,
            tree,
            history,
            checkpoint,
            ended: false,
        };
        // From here on everything was found in order, and what a crash cut short is finished.
        sync_names(&*store.disk, folder)?;
        store.finish(published.size)?;
        Ok(store)
    }
}

/// The agency is a setting, and each pack that was recorded names it too.
fn same_agency(settings: &Settings, history: &History) -> Result<()> {
    let packs = history.entries().iter().filter_map(|entry| match &entry.public {
        Public::Pack(pack) => Some(pack),
        _ => None,
    });
    match packs.map(|pack| &pack.agency).find(|agency| **agency != settings.agency) {
        None => Ok(()),
        Some(agency) => Err(Error::damaged(format!(
            "`bailiwick.toml` names the agency `{}`, and the entries are of `{agency}`: this is \
             the register of another agency, or the setting was altered",
            settings.agency
        ))),
    }
}

/// Takes the folder for this process; the lock ends with the process, however that ends.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).open(&path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Error::damaged(format!("`{}` is no register: it has no `lock`", folder.display()))
        } else {
            Error::at(&path)(format!("{error}: the register must be writable to be opened"))
        }
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::at(&path)(error)),
    }
}

fn text(disk: &dyn Disk, folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name);
    let bytes = disk
        .read(&path)
        .map_err(Error::at(&path))?
        .ok_or_else(|| Error::damaged(format!("`{name}` is missing in `{}`", folder.display())))?;
    String::from_utf8(bytes).map_err(|_| Error::damaged(format!("`{name}` is not text")))
}

/// The only line of a text.
fn line(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

/// Makes the names in the register's folder durable: SQLite does it for its own files, but goes on
/// when it fails.
fn sync_names(disk: &dyn Disk, folder: &Path) -> Result<()> {
    RealDisk.sync_folder(folder).map_err(Error::at(folder))?;
    disk.sync_folder(folder).map_err(Error::at(folder))
}

/// Reads every entry, believing nothing: the tree must have the root that was committed to, the
/// rules must hold, and each private part must open its commitment or be gone with its key.
pub(super) fn read_entries(
    database: &Database,
    state: &State,
    keys: &Keys,
) -> Result<(Tree, History, Vec<Vec<u8>>)> {
    let (mut tree, mut history) = (Tree::new(), History::new());
    let (mut entries, mut imports) = (Vec::new(), keys.import_tag(""));
    let altered = || {
        Error::damaged(
            "the entries in `register.db` are not those that were committed to: the file was \
             altered; restore it, and `keys`, as they last were",
        )
    };
    database.rows(0, |row| {
        let index = row.index;
        if index >= state.size {
            return Err(altered());
        }
        let entry = parse(&row)?;
        let admitted =
            history.admit(&entry.public).map_err(|error| damaged_entry(index, &error))?;
        if admitted != index {
            return Err(Error::damaged(format!("entry {admitted} is missing in `register.db`")));
        }
        match (&row.sealed, keys.get(index)) {
            (None, None) => {}
            (Some(sealed), Some(key)) => {
                seal::open(key, sealed, &entry.commit)
                    .map_err(|error| damaged_entry(index, &error))?;
            }
            (Some(_), None) => {
                return Err(Error::damaged(format!(
                    "the key of entry {index} is missing: restore the folder `keys` as it was \
                     when the register was last used"
                )));
            }
            (None, Some(_)) => {
                return Err(Error::damaged(format!(
                    "the private part of entry {index} is missing in `register.db`"
                )));
            }
        }
        imports = State::chain(&imports, &row);
        tree.push(leaf_hash(&row.bytes));
        entries.push(row.bytes);
        Ok(())
    })?;
    if (tree.size(), tree.root()) != (state.size, state.root) {
        return Err(altered());
    }
    if imports != state.imports {
        return Err(Error::damaged(
            "the marks of imported records in `register.db` do not fit `keys/import`: one of the \
             two was altered; restore both as they last were",
        ));
    }
    Ok((tree, history, entries))
}
