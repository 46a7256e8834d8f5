//! A disk that forgets, tears, reorders and fails, as disks do.
//!
//! It keeps what a program sees and what would survive a crash apart. Writing changes only the
//! first; syncing a file carries its bytes over, syncing a folder its names. A fault strikes at one
//! numbered step; a crash then decides what of the rest had reached the disk anyway.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bailiwick::store::{Access, Disk};

/// What happens at the step that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine stops before the step.
    Crash,
    /// The step fails and did nothing.
    NotDone,
    /// The step fails, but was done.
    DoneAnyway,
    /// The disk is full half-way: the first half was written.
    Half,
}

/// What of the unsynced writes a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Lost,
    /// Everything.
    Persisted,
    /// All names, and of each unsynced file what was synced before and half of the rest.
    Torn,
    /// Of each write and each name, by chance, all or nothing.
    Reordered(u64),
}

#[derive(Clone, Debug, Default)]
struct Content {
    live: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct State {
    contents: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    synced_folders: BTreeSet<PathBuf>,
    /// Steps so far, in words.
    steps: Vec<String>,
    fault: Option<(usize, Fault)>,
    crashed: bool,
}

/// The disk; clones share it.
#[derive(Clone, Debug, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

/// What a faulty step still does.
enum Effect {
    All,
    Half,
    Nothing,
}

impl State {
    /// Counts a step; says what of it is to be done, and whether it is to fail afterwards.
    fn step(&mut self, what: &str, path: &Path) -> (Effect, Result<()>) {
        if self.crashed {
            return (Effect::Nothing, Err(Error::other("the machine is off")));
        }
        let number = self.steps.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.steps.push(format!("{what} {name}"));
        match self.fault {
            Some((at, fault)) if at == number => match fault {
                Fault::Crash => {
                    self.crashed = true;
                    (Effect::Nothing, Err(Error::other("the machine stopped")))
                }
                Fault::NotDone => (Effect::Nothing, Err(Error::other("i/o error"))),
                Fault::DoneAnyway => (Effect::All, Err(Error::other("i/o error"))),
                Fault::Half => (Effect::Half, Err(ErrorKind::StorageFull.into())),
            },
            _ => (Effect::All, Ok(())),
        }
    }

    /// A write of `bytes` after what `keep` leaves of the file.
    fn write(&mut self, path: &Path, keep: usize, bytes: &[u8]) -> Result<()> {
        let (effect, result) = self.step("write", path);
        let bytes = match effect {
            Effect::All => bytes,
            Effect::Half => &bytes[..bytes.len() / 2],
            Effect::Nothing => return result,
        };
        if !self.names.contains_key(path) {
            self.names.insert(path.to_owned(), self.contents.len());
            self.contents.push(Content::default());
        }
        let content = &mut self.contents[self.names[path]].live;
        content.truncate(keep);
        content.extend(bytes);
        result
    }

    fn sync(&mut self, path: &Path) -> Result<()> {
        let (effect, result) = self.step("sync", path);
        if !matches!(effect, Effect::Nothing) {
            let content = &mut self.contents[self.names[path]];
            content.synced = content.live.clone();
        }
        result
    }
}

impl SimDisk {
    /// A copy of the disk as it is now, without any fault.
    pub fn copy(&self) -> Self {
        let copy = Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())));
        copy.lay(None);
        copy
    }

    /// Lays a fault at a step counted from now on.
    pub fn lay(&self, fault: Option<(usize, Fault)>) {
        let mut state = self.0.lock().unwrap();
        state.steps.clear();
        state.fault = fault;
    }

    /// The steps since the last fault was laid.
    pub fn steps(&self) -> Vec<String> {
        self.0.lock().unwrap().steps.clone()
    }

    /// The disk after a crash and a new start.
    pub fn after_crash(&self, left: Left) -> Self {
        let state = self.0.lock().unwrap();
        let mut chance = if let Left::Reordered(seed) = left { seed | 1 } else { 1 };
        let mut keep = || match left {
            Left::Lost => false,
            Left::Persisted | Left::Torn => true,
            Left::Reordered(_) => {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                chance & 1 == 1
            }
        };
        let mut after = State::default();
        for Content { live, synced } in &state.contents {
            let bytes = match left {
                _ if live == synced => live.clone(),
                Left::Torn => torn(live, synced),
                _ if keep() => live.clone(),
                _ => synced.clone(),
            };
            after.contents.push(Content { live: bytes.clone(), synced: bytes });
        }
        let paths: BTreeSet<_> = state.names.keys().chain(state.synced_names.keys()).collect();
        for path in paths {
            let names = if keep() { &state.names } else { &state.synced_names };
            if let Some(content) = names.get(path) {
                after.names.insert(path.clone(), *content);
            }
        }
        for folder in state.folders.union(&state.synced_folders) {
            let folders = if keep() { &state.folders } else { &state.synced_folders };
            if folders.contains(folder) {
                after.folders.insert(folder.clone());
            }
        }
        // A file is only reached through its folders.
        let reached = |path: &Path| {
            path.ancestors()
                .skip(1)
                .all(|above| after.folders.contains(above) || !state.folders.contains(above))
        };
        after.names.retain(|path, _| reached(path));
        after.synced_names.clone_from(&after.names);
        after.synced_folders.clone_from(&after.folders);
        Self(Arc::new(Mutex::new(after)))
    }

    /// Every file by its path below `folder`.
    pub fn files(&self, folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let state = self.0.lock().unwrap();
        let below = |path: &Path| Some(path.strip_prefix(folder).ok()?.to_str()?.to_owned());
        let named = state.names.iter();
        named
            .filter_map(|(path, at)| Some((below(path)?, state.contents[*at].live.clone())))
            .collect()
    }

    /// Flips one bit of a file, under everyone's feet.
    pub fn flip(&self, path: &Path, bit: usize) {
        let mut state = self.0.lock().unwrap();
        let at = state.names[path];
        let Content { live, synced } = &mut state.contents[at];
        live[bit / 8] ^= 1 << (bit % 8);
        synced[bit / 8] ^= 1 << (bit % 8);
    }
}

/// Bytes that were on the disk before and are still meant to be there do not tear.
fn torn(live: &[u8], synced: &[u8]) -> Vec<u8> {
    let same = live.iter().zip(synced).take_while(|(a, b)| a == b).count();
    live[..same + (live.len() - same) / 2].to_vec()
}

impl Disk for SimDisk {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let state = self.0.lock().unwrap();
        Ok(state.names.get(path).map(|at| state.contents[*at].live.clone()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        let inside = state.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect())
    }

    fn make_folder(&self, path: &Path, _: Access) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.folders.contains(path) {
            return Ok(());
        }
        let (effect, result) = state.step("make", path);
        if !matches!(effect, Effect::Nothing) {
            state.folders.insert(path.to_owned());
        }
        result
    }

    fn put(&self, path: &Path, bytes: &[u8], _: Access) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        state.write(path, 0, bytes)?;
        state.sync(path)
    }

    fn extend(&self, path: &Path, at: u64, bytes: &[u8]) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        state.write(path, usize::try_from(at).unwrap(), bytes)?;
        state.sync(path)
    }

    fn wipe(&self, path: &Path) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let Some(at) = state.names.get(path).copied() else {
            return Ok(());
        };
        let zeroes = vec![0; state.contents[at].live.len()];
        state.write(path, 0, &zeroes)?;
        state.sync(path)?;
        let (effect, result) = state.step("remove", path);
        if !matches!(effect, Effect::Nothing) {
            state.names.remove(path);
        }
        result
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let (effect, result) = state.step("rename to", to);
        if !matches!(effect, Effect::Nothing) {
            let at = state.names.remove(from).ok_or(ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), at);
        }
        result
    }

    fn sync_folder(&self, folder: &Path) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let (effect, result) = state.step("sync folder", folder);
        if matches!(effect, Effect::Nothing) {
            return result;
        }
        let state = &mut *state;
        let inside = |path: &PathBuf| path.parent() == Some(folder);
        state.synced_names.retain(|path, _| !inside(path));
        let names = state.names.iter().filter(|(path, _)| inside(path));
        state.synced_names.extend(names.map(|(path, at)| (path.clone(), *at)));
        state.synced_folders.extend(state.folders.iter().filter(|path| inside(path)).cloned());
        result
    }
}
