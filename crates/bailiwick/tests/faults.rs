//! The table of faults, on a simulated disk: every step of writing, struck in every way, and the
//! register opened again. Nothing acknowledged may be lost, strangers must be able to verify what
//! is published at any moment, and the register must come back by itself.
//!
//! The database is on the real disk here and commits or does not; its own writes are struck in
//! `syscalls.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../register/tests/oracle/mod.rs"]
mod oracle;
mod sim;
mod town;

use std::fs;
use std::path::{Path, PathBuf};

use bailiwick::store::{Error, Result, Store};
use register::note::Verifier;
use register::{seal, verify};
use sim::{Fault, Left, SimDisk};
use town::{nil, pack, private, request, settings};

/// A register at rest: its folder with the database, and the disk with everything else.
struct Rest {
    folder: tempfile::TempDir,
    disk: SimDisk,
    vkey: Verifier,
}

/// Always the same path, so that a copy of the disk fits a copy of the folder.
fn town_of(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("town")
}

impl Rest {
    /// A register with `size` entries.
    fn new(size: u64) -> Self {
        let (folder, disk) = (tempfile::tempdir().unwrap(), SimDisk::default());
        let town = town_of(&folder);
        let mut store = Store::init_on(Box::new(disk.clone()), &town, settings()).unwrap();
        if size > 0 {
            let requests = (1..size).map(|n| request("fax-d4", n));
            store.append(std::iter::once(pack()).chain(requests).collect()).unwrap();
        }
        let vkey = store.vkey();
        drop(store);
        Self { folder, disk, vkey }
    }

    /// Puts the database back as it was.
    fn restore(&self, saved: &[(PathBuf, Vec<u8>)]) {
        for (path, bytes) in saved {
            fs::write(path, bytes).unwrap();
        }
    }

    fn save(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let town = town_of(&self.folder);
        let paths = ["register.db", "register.db-wal"].map(|name| town.join(name));
        paths.map(|path| (path.clone(), fs::read(&path).unwrap())).to_vec()
    }
}

/// What a stranger sees at this moment must verify, and hold at least `least` entries.
fn published(disk: &SimDisk, town: &Path, vkey: &Verifier, least: u64) -> u64 {
    let files = disk.files(&town.join("public"));
    let seen = oracle::check(&|path| files.get(path).cloned(), &vkey.to_string());
    assert!(seen.size as u64 >= least, "{} published entries were {least}", seen.size);
    let source = |path: &str| Ok(files.get(path).cloned());
    verify::register(&source, vkey).unwrap();
    seen.size as u64
}

/// Strikes every step of `act` in every way. `act` says how many entries it acknowledges;
/// `expect` looks at the register that came back, and whether the act was committed.
fn table(size: u64, act: impl Fn(&mut Store) -> Result<u64>, expect: impl Fn(&mut Store, bool)) {
    let rest = Rest::new(size);
    let town = town_of(&rest.folder);
    let saved = rest.save();
    let run = |fault| {
        rest.restore(&saved);
        let disk = rest.disk.copy();
        let mut store = Store::open_on(Box::new(disk.clone()), &town).unwrap();
        disk.lay(fault);
        let acknowledged = act(&mut store);
        if acknowledged.is_err() {
            let again = store.append(vec![nil("desk")]);
            assert!(matches!(again, Err(Error::Ended)), "it went on after a failed write");
            assert!(matches!(store.receipt(0), Err(Error::Ended)));
        }
        (disk, acknowledged)
    };
    let (disk, acknowledged) = run(None);
    let (steps, new) = (disk.steps(), acknowledged.unwrap());
    assert!(steps.len() > 15, "{steps:?}");
    let lefts =
        [Left::Lost, Left::Persisted, Left::Torn, Left::Reordered(7), Left::Reordered(1_000_003)];
    let committed = rest.save();
    for left in lefts {
        rest.restore(&committed);
        let disk = disk.after_crash(left);
        published(&disk, &town, &rest.vkey, size + new);
        let mut store = Store::open_on(Box::new(disk), &town).unwrap();
        assert_eq!(store.size(), size + new, "acknowledged, and lost in a crash: {left:?}");
        expect(&mut store, true);
    }
    let mut outcomes = [0, 0];
    for (number, step) in steps.iter().enumerate() {
        for fault in [Fault::Crash, Fault::NotDone, Fault::DoneAnyway, Fault::Half] {
            let (disk, acknowledged) = run(Some((number, fault)));
            let what = format!("step {number} ({step}), {fault:?}");
            assert!(acknowledged.is_err(), "{what}: acknowledged all the same");
            let committed = rest.save();
            let running = (fault != Fault::Crash).then(|| disk.copy());
            let crashed = lefts.iter().map(|left| disk.after_crash(*left));
            for (after, disk) in crashed.chain(running).enumerate() {
                rest.restore(&committed);
                published(&disk, &town, &rest.vkey, size);
                let mut store = Store::open_on(Box::new(disk.clone()), &town)
                    .unwrap_or_else(|error| panic!("{what}, {after}: {error}"));
                assert!([size, size + new].contains(&store.size()), "{what}: {}", store.size());
                let done = store.size() > size;
                outcomes[usize::from(done)] += 1;
                let keys = disk.files(&town.join("keys"));
                assert_eq!(keys.len(), 3, "{what}: keys out of force are left");
                expect(&mut store, done);
                assert_eq!(published(&disk, &town, &rest.vkey, size), store.size());
                let next = if store.size() == 0 { pack() } else { nil("desk") };
                store.append(vec![next]).unwrap();
                assert_eq!(published(&disk, &town, &rest.vkey, size), store.size());
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}

fn opens(store: &Store, indices: impl Iterator<Item = u64>) {
    for index in indices {
        let expected = if index == 0 { seal::nothing() } else { private(index) };
        assert_eq!(store.private(index).unwrap().unwrap(), expected, "entry {index}");
    }
}

#[test]
fn the_first_entry() {
    let act = |store: &mut Store| Ok(store.append(vec![pack()])?.len() as u64);
    table(0, act, |store, done| opens(store, 0..u64::from(done)));
}

#[test]
fn three_entries_across_the_border_of_a_tile() {
    let act = |store: &mut Store| {
        Ok(store.append((254..257).map(|n| request("mailbox", n)).collect())?.len() as u64)
    };
    table(254, act, |store, done| opens(store, 0..if done { 257 } else { 254 }));
}

#[test]
fn the_destruction_of_a_key() {
    let act = |store: &mut Store| store.destroy_key(2, seal::nothing(), "2025-Q1").map(|_| 1);
    table(4, act, |store, done| {
        opens(store, [0, 1, 3].into_iter());
        assert_eq!(store.private(2).unwrap().is_none(), done);
    });
}

#[test]
fn the_making_of_a_register() {
    let steps = {
        let (folder, disk) = (tempfile::tempdir().unwrap(), SimDisk::default());
        Store::init_on(Box::new(disk.clone()), &town_of(&folder), settings()).unwrap();
        disk.steps().len()
    };
    let mut opened = 0;
    for number in 0..steps {
        for fault in [Fault::Crash, Fault::NotDone, Fault::Half] {
            for left in [Left::Lost, Left::Persisted, Left::Torn, Left::Reordered(11)] {
                let folder = tempfile::tempdir().unwrap();
                let town = town_of(&folder);
                let disk = SimDisk::default();
                disk.lay(Some((number, fault)));
                let made = Store::init_on(Box::new(disk.clone()), &town, settings());
                assert!(made.is_err(), "step {number}, {fault:?}");
                drop(made);
                match Store::open_on(Box::new(disk.after_crash(left)), &town) {
                    Ok(store) => {
                        assert_eq!(store.size(), 0);
                        opened += 1;
                    }
                    Err(Error::Damaged(reason)) => assert!(reason.contains('`'), "{reason}"),
                    Err(error) => panic!("step {number}, {fault:?}, {left:?}: {error:?}"),
                }
            }
        }
    }
    assert!(opened > 0, "a register that was all there did not open");
}

#[test]
fn an_old_backup() {
    let rest = Rest::new(3);
    let (town, old) = (town_of(&rest.folder), rest.save());
    let mut store = Store::open_on(Box::new(rest.disk.clone()), &town).unwrap();
    let keys = rest.disk.files(&town.join("keys"));
    store.append(vec![request("fax-d4", 3)]).unwrap();
    drop(store);
    rest.restore(&old);
    let Err(error) = Store::open_on(Box::new(rest.disk.clone()), &town) else {
        panic!("an old database was taken for the register")
    };
    let words = "the database is older than what was published (3 entries, 4 are published)";
    assert!(error.to_string().starts_with(words), "{error}");
    assert_eq!(published(&rest.disk, &town, &rest.vkey, 4), 4);
    assert!(keys["wrapped-1"].len() < rest.disk.files(&town.join("keys"))["wrapped-1"].len());
}

#[test]
fn an_old_backup_from_before_a_destruction() {
    let rest = Rest::new(3);
    let (town, old) = (town_of(&rest.folder), rest.save());
    let mut store = Store::open_on(Box::new(rest.disk.clone()), &town).unwrap();
    store.destroy_key(2, seal::nothing(), "2025-Q1").unwrap();
    drop(store);
    let names: Vec<_> = rest.disk.files(&town.join("keys")).into_keys().collect();
    assert_eq!(names, ["import", "kek-2", "wrapped-2"]);
    rest.restore(&old);
    let Err(error) = Store::open_on(Box::new(rest.disk.clone()), &town) else { panic!("opened") };
    assert!(error.to_string().starts_with("`keys/kek-1` is missing"), "{error}");
    // What the newest key files hold was not touched by the refusal.
    let names: Vec<_> = rest.disk.files(&town.join("keys")).into_keys().collect();
    assert_eq!(names, ["import", "kek-2", "wrapped-2"]);
}

/// Every bit of every file but SQLite's: what is live is noticed at opening, by name.
#[test]
fn a_flipped_bit() {
    let rest = Rest::new(2);
    let town = town_of(&rest.folder);
    let files = rest.disk.files(&town);
    for (name, bytes) in &files {
        for bit in 0..8 * bytes.len() {
            let disk = rest.disk.copy();
            disk.flip(&town.join(name), bit);
            let opened = Store::open_on(Box::new(disk), &town);
            match (name.as_str(), opened) {
                // Settings are the city's to change; a label is as good as another.
                ("bailiwick.toml", _) => break,
                (_, Ok(_)) => panic!("`{name}` opened with bit {bit} flipped"),
                (_, Err(error)) => {
                    assert!(error.to_string().contains('`'), "`{name}`, bit {bit}: {error}");
                }
            }
        }
    }
}

/// Every byte in use of the database, journal folded in: refused, or nothing that counts is there
/// (counters in SQLite's header).
#[test]
fn a_flipped_bit_in_the_database() {
    let rest = Rest::new(3);
    let town = town_of(&rest.folder);
    let database = rusqlite::Connection::open(town.join("register.db")).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(database);
    let path = town.join("register.db");
    let bytes = fs::read(&path).unwrap();
    let before = {
        let store = Store::open_on(Box::new(rest.disk.clone()), &town).unwrap();
        (store.entries().unwrap(), store.checkpoint().to_owned())
    };
    let (mut refused, mut harmless) = (0, 0);
    for at in (0..bytes.len()).filter(|at| bytes[*at] != 0) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &bytes).unwrap();
        fs::write(town.join("register.db-wal"), b"").unwrap();
        match Store::open_on(Box::new(rest.disk.copy()), &town) {
            Err(error) => {
                assert!(error.to_string().contains('`'), "byte {at}: {error}");
                refused += 1;
            }
            Ok(store) => {
                let now = (store.entries().unwrap(), store.checkpoint().to_owned());
                assert_eq!(now, before, "byte {at} went unnoticed");
                opens(&store, 0..3);
                harmless += 1;
            }
        }
    }
    assert!(refused > 20 * harmless, "{refused} refused, {harmless} harmless");
}
