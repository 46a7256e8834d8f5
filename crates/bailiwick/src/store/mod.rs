//! The register on disk: the only place that holds its keys, its database and its published files.
//!
//! Comes in: drafts of entries. Goes out: their indices, once nothing can lose them any more;
//! receipts, openings, the entries as they count. Absent: what the entries mean, the clock, the
//! screen.
//!
//! A folder holds `bailiwick.toml` (settings), `signing.key`, `keys/` (the entries' keys),
//! `register.db` (entries and sealed private parts), `public/` (what strangers read) and `lock`.
//!
//! A batch is written in this order, each step durable before the next: the keys of its entries;
//! one transaction with entries, sealed parts, size and root; the tiles and their folders; the
//! checkpoint. The transaction decides: before it, the batch never was; after it, opening the
//! register again publishes the rest. Only then are the indices handed out. After any failure from
//! the first write on, the store refuses to go on, because what the disk holds is then not known.

pub(crate) mod database;
mod disk;
mod error;
mod keys;
mod open;
mod public;
mod settings;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use register::checkpoint::Checkpoint;
use register::entry::{Entry, KeyDestroyed, Public};
use register::history::{Effective, History};
use register::note::{Signer, Verifier};
use register::receipt::Receipt;
use register::seal::{self, Opening};
use register::tree::{Tree, leaf_hash};
use register::{Hash, tile};
use serde_json::Value;

use database::{Database, Row, State, Stored};
pub use disk::{Access, Disk, RealDisk};
pub use error::{Error, Result};
use keys::{Keys, random};
use open::read_entries;
pub use public::Folder;
pub use settings::{Channel, ChannelKind, FORMAT, Settings};

/// An entry to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The public fields. A request's `seq` is 0: the store gives it the channel's next number.
    pub public: Public,
    /// The private part, a JSON object; [`register::seal::nothing`] if there is none.
    pub private: Value,
    /// The identifier of the record this was imported from, which can be imported only once.
    pub import: Option<String>,
}

/// A register that this process has to itself until it is dropped.
pub struct Store {
    folder: PathBuf,
    _lock: File,
    disk: Box<dyn Disk>,
    settings: Settings,
    signer: Signer,
    database: Database,
    keys: Keys,
    state: State,
    tree: Tree,
    history: History,
    checkpoint: String,
    /// INVARIANT: true from the first write of a batch until all of it is durable, and while memory
    /// may differ from the database.
    ended: bool,
}

/// A batch ready to be written.
struct Batch {
    rows: Vec<Row>,
    keys: Vec<(u64, [u8; 32])>,
    leaves: Vec<Hash>,
    imports: Hash,
}

impl Store {
    /// Records a batch: all of it or nothing. On return it cannot be lost any more.
    ///
    /// # Errors
    /// If a draft is malformed or breaks a rule of the register, nothing is written and the store
    /// can go on. If writing fails, nothing is acknowledged and every later call refuses.
    pub fn append(&mut self, drafts: Vec<Draft>) -> Result<Vec<u64>> {
        self.write(drafts, None)
    }

    /// Makes the private part of an entry unreadable for ever and records that a key was
    /// destroyed, without saying whose. Returns the index of that new entry.
    ///
    /// # Errors
    /// If the entry is not there or its key is destroyed already, or as [`Store::append`].
    pub fn destroy_key(&mut self, index: u64, private: Value, quarter: &str) -> Result<u64> {
        if self.keys.get(index).is_none() {
            return Err(Error::refused(if index < self.size() {
                format!("the key of entry {index} is destroyed already")
            } else {
                no_such_entry(index)
            }));
        }
        let public = Public::KeyDestroyed(KeyDestroyed { quarter: quarter.to_owned() });
        let draft = Draft { public, private, import: None };
        let written = self.write(vec![draft], Some(index))?;
        written.first().copied().ok_or(Error::Ended)
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The public key of the register; its text is what strangers verify with.
    #[must_use]
    pub fn vkey(&self) -> Verifier {
        self.signer.verifier()
    }

    /// The key under which an audit replaces names, plates and case numbers by tokens; whoever has
    /// it can tell whose a token is.
    #[must_use]
    pub fn token_key(&self) -> [u8; 16] {
        self.keys.token_key()
    }

    /// The newest signed checkpoint, as published.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The folder that may be served to anyone.
    #[must_use]
    pub fn public_dir(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// Every entry as it counts, corrections applied, by index.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        self.history.entries()
    }

    /// Copies the entries to a new database, durably, as they are now.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn copy_database(&self, to: &Path) -> Result<()> {
        self.alive()?;
        self.database.copy(to)
    }

    /// Whether the entries are what a checkpoint vouches for, and perhaps more.
    #[must_use]
    pub fn holds(&self, checkpoint: &Checkpoint) -> bool {
        let root = self.tree.root_at(checkpoint.size);
        checkpoint.origin == self.settings.origin && root == Some(checkpoint.root)
    }

    /// One entry as it counts.
    #[must_use]
    pub fn entry(&self, index: u64) -> Option<&Effective> {
        usize::try_from(index).ok().and_then(|at| self.effective().get(at))
    }

    /// Every entry as it counts, and which point to which.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Every entry as it was recorded, by index.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entries(&self) -> Result<Vec<(u64, Public)>> {
        self.alive()?;
        let mut entries = Vec::new();
        self.database.rows(0, |row| {
            entries.push((row.index, parse(&row)?.public));
            Ok(())
        })?;
        Ok(entries)
    }

    /// One entry as it was recorded, whatever corrected it later.
    ///
    /// # Errors
    /// If there is no such entry or the database cannot be read.
    pub fn recorded(&self, index: u64) -> Result<Public> {
        let (bytes, _) = self.row(index)?;
        Entry::parse(&bytes).map(|entry| entry.public).map_err(|error| damaged_entry(index, &error))
    }

    /// What opens the commitment of an entry; nothing if its key was destroyed.
    ///
    /// # Errors
    /// If there is no such entry or the database cannot be read.
    pub fn opening(&self, index: u64) -> Result<Option<Opening>> {
        let (bytes, sealed) = self.row(index)?;
        let (Some(key), Some(sealed)) = (self.keys.get(index), sealed) else {
            return Ok(None);
        };
        Entry::parse(&bytes)
            .and_then(|entry| seal::open(key, &sealed, &entry.commit))
            .map(Some)
            .map_err(|error| damaged_entry(index, &error))
    }

    /// The private part of an entry; nothing if its key was destroyed.
    ///
    /// # Errors
    /// As [`Store::opening`].
    pub fn private(&self, index: u64) -> Result<Option<Value>> {
        Ok(self.opening(index)?.map(|opening| opening.private))
    }

    /// The receipt of an entry, the text of a `.tlog-proof` file.
    ///
    /// # Errors
    /// If there is no such entry or the database cannot be read.
    pub fn receipt(&self, index: u64) -> Result<String> {
        let (entry, _) = self.row(index)?;
        let proof = self.tree.inclusion(index, self.size());
        let proof = proof.ok_or_else(|| Error::refused(no_such_entry(index)))?;
        Ok(Receipt { entry, index, proof, checkpoint: self.checkpoint.clone() }.to_text())
    }

    /// Whether a record with this identifier was imported before.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn imported(&self, identifier: &str) -> Result<bool> {
        self.alive()?;
        self.database.imported(&self.keys.import_tag(identifier))
    }

    /// Whether a write has failed, after which only opening it anew helps.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn alive(&self) -> Result<()> {
        if self.ended { Err(Error::Ended) } else { Ok(()) }
    }

    fn row(&self, index: u64) -> Result<Stored> {
        self.alive()?;
        let stored = if index < self.size() { self.database.row(index)? } else { None };
        stored.ok_or_else(|| Error::refused(no_such_entry(index)))
    }

    fn write(&mut self, drafts: Vec<Draft>, destroy: Option<u64>) -> Result<Vec<u64>> {
        self.alive()?;
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let batch = match self.prepare(drafts) {
            Ok(batch) => batch,
            Err(error) => {
                // Some of the batch may have been admitted before the one that was not. Should this
                // reading fail, the store must not go on with half a history.
                self.ended = true;
                self.history = read_entries(&self.database, &self.state, &self.keys)?.1;
                self.ended = false;
                return Err(error);
            }
        };
        self.ended = true;
        let indices = batch.rows.iter().map(|row| row.index).collect();
        let published = self.size();
        self.commit(&batch, destroy)?;
        self.finish(published)?;
        self.ended = false;
        Ok(indices)
    }

    /// Everything that can be refused is refused here, before anything is written.
    fn prepare(&mut self, drafts: Vec<Draft>) -> Result<Batch> {
        let mut batch = Batch {
            rows: Vec::new(),
            keys: Vec::new(),
            leaves: Vec::new(),
            imports: self.state.imports,
        };
        let mut tags = BTreeSet::new();
        for (place, Draft { mut public, private, import }) in (1..).zip(drafts) {
            let refused = |error: register::Error| {
                Error::refused(error.at(format_args!("draft {place}")).to_string())
            };
            self.check_settings(&public)?;
            if let Public::Request(request) = &mut public
                && request.seq == 0
            {
                request.seq = self.history.next_seq(&request.channel);
            }
            let index = self.history.admit(&public).map_err(refused)?;
            let tag = import.as_ref().map(|identifier| self.keys.import_tag(identifier));
            if let Some(tag) = tag
                && (!tags.insert(tag) || self.database.imported(&tag)?)
            {
                return Err(Error::refused(format!(
                    "record `{}` was imported before",
                    import.unwrap_or_default()
                )));
            }
            let key = random()?;
            let sealed = seal::seal(&key, &private).map_err(refused)?;
            let bytes = Entry { commit: sealed.commit, public }.to_bytes().map_err(refused)?;
            batch.leaves.push(leaf_hash(&bytes));
            batch.keys.push((index, key));
            let (sealed, import) = (Some(sealed.ciphertext), tag.map(|tag| tag.to_vec()));
            let row = Row { index, bytes, sealed, import };
            batch.imports = State::chain(&batch.imports, &row);
            batch.rows.push(row);
        }
        Ok(batch)
    }

    /// What only the settings can tell: that the channel is one of ours, and the law our agency's.
    fn check_settings(&self, public: &Public) -> Result<()> {
        let named = match public {
            Public::Request(request) => &request.channel,
            Public::Nil(nil) => &nil.channel,
            Public::Pack(pack) if pack.agency != self.settings.agency => {
                return Err(Error::refused(format!(
                    "the law is of `{}` and the register of `{}`",
                    pack.agency, self.settings.agency
                )));
            }
            _ => return Ok(()),
        };
        let known: Vec<_> = self.settings.channels.iter().map(|channel| &channel.id).collect();
        if known.contains(&named) {
            return Ok(());
        }
        let known: Vec<_> = known.iter().map(|id| format!("`{id}`")).collect();
        Err(Error::refused(format!(
            "there is no channel `{named}`: choose among {}, or add it to `bailiwick.toml`",
            known.join(", ")
        )))
    }

    fn commit(&mut self, batch: &Batch, destroy: Option<u64>) -> Result<()> {
        match destroy {
            None => self.keys.add(&*self.disk, &batch.keys)?,
            Some(index) => self.keys.rotate(&*self.disk, index, &batch.keys)?,
        }
        batch.leaves.iter().for_each(|leaf| self.tree.push(*leaf));
        let new = State {
            origin: self.state.origin.clone(),
            size: self.tree.size(),
            root: self.tree.root(),
            epoch: self.keys.epoch(),
            imports: batch.imports,
        };
        self.database.append(&self.state, &new, &batch.rows, destroy)?;
        self.state = new;
        Ok(())
    }

    /// What follows a transaction: after a write as after a crash. Wipes keys that are no longer
    /// in force, and publishes what is not published yet.
    fn finish(&mut self, published: u64) -> Result<()> {
        let others = self.keys.others(&*self.disk)?;
        if !others.is_empty() {
            // The journal first: as long as the files are there, a crash leads back here.
            self.database.empty_journal()?;
            self.keys.wipe(&*self.disk, &others)?;
        }
        if published < self.size() {
            let mut tail = Vec::new();
            self.database.rows(published - published % tile::WIDTH, |row| {
                tail.push(row.bytes);
                Ok(())
            })?;
            let folder = self.public_dir();
            self.checkpoint =
                public::publish(&*self.disk, &folder, &self.tree, &tail, &self.signer)?;
        }
        Ok(())
    }
}

fn parse(row: &Row) -> Result<Entry> {
    Entry::parse(&row.bytes).map_err(|error| damaged_entry(row.index, &error))
}

fn damaged_entry(index: u64, error: &register::Error) -> Error {
    Error::damaged(format!("entry {index} in `register.db` was altered: {error}"))
}

fn no_such_entry(index: u64) -> String {
    format!("there is no entry {index}")
}
