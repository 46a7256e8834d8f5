//! The store on a real disk: what it keeps, hands out, refuses and forgets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../register/tests/oracle/mod.rs"]
mod oracle;
mod town;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bailiwick::store::{Draft, Error, FORMAT, Folder, Store};
use register::entry::Public;
use register::receipt::Receipt;
use register::{seal, verify};
use town::{changed, decision, files, nil, pack, private, request, settings, void};

fn new() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::init(&folder.path().join("town"), settings()).unwrap();
    (folder, store)
}

/// Believes nothing: both readers of the published folder agree with the store.
fn check(store: &Store) {
    let folder = store.public_dir();
    let seen = oracle::check(&|path| fs::read(folder.join(path)).ok(), &store.vkey().to_string());
    assert_eq!(seen.size as u64, store.size());
    let verified = verify::register(&Folder::new(&folder), &store.vkey()).unwrap();
    assert_eq!(verified.history.entries(), store.effective());
    assert_eq!(verified.checkpoint.sign(&signer_of(&folder)).unwrap(), store.checkpoint());
    let entries = store.entries().unwrap();
    assert_eq!(register::history::effective(&entries).unwrap(), store.effective());
    for (index, public) in entries {
        let receipt = Receipt::parse(&store.receipt(index).unwrap()).unwrap();
        let proven = receipt.verify(&store.vkey()).unwrap();
        assert_eq!((proven.index, &proven.entry.public), (index, &public));
        if let Some(opening) = store.opening(index).unwrap() {
            opening.check(&proven.entry.commit).unwrap();
        }
    }
}

fn signer_of(public: &Path) -> register::note::Signer {
    let secret = fs::read_to_string(public.parent().unwrap().join("signing.key")).unwrap();
    register::note::Signer::parse(secret.trim()).unwrap()
}

fn refusal<T>(result: bailiwick::store::Result<T>) -> String {
    match result {
        Err(Error::Refused(text)) => text,
        Err(error) => panic!("not a refusal: {error:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn a_day_at_the_desk() {
    let (folder, mut store) = new();
    assert_eq!((store.size(), store.settings()), (0, &settings()));
    check(&store);
    assert_eq!(store.append(vec![pack()]).unwrap(), [0]);
    check(&store);
    let batch = vec![request("fax-d4", 1), decision(1), nil("desk"), request("fax-d4", 2)];
    assert_eq!(store.append(batch).unwrap(), [1, 2, 3, 4]);
    check(&store);
    let numbers: Vec<_> = store
        .effective()
        .iter()
        .filter_map(|entry| match &entry.public {
            Public::Request(request) => Some((request.channel.as_str(), request.seq)),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [("fax-d4", 1), ("fax-d4", 2)]);
    assert_eq!(store.private(1).unwrap().unwrap(), private(1));
    assert_eq!(store.append(vec![]).unwrap(), [0; 0]);
    let before = files(&folder.path().join("town/public"));
    let (vkey, checkpoint) = (store.vkey(), store.checkpoint().to_owned());
    drop(store);
    let mut store = Store::open(&folder.path().join("town")).unwrap();
    assert_eq!((store.vkey(), store.checkpoint()), (vkey, checkpoint.as_str()));
    assert_eq!(changed(&before, &files(&folder.path().join("town/public"))), [""; 0]);
    check(&store);
    store.append(vec![void(2), void(1)]).unwrap();
    assert!(store.effective()[1].void);
    check(&store);
}

#[test]
fn across_the_borders_of_tiles() {
    let (folder, mut store) = new();
    store.append(vec![pack()]).unwrap();
    for step in [254, 1, 1, 255, 3] {
        store.append((0..step).map(|n| request("desk", n)).collect()).unwrap();
        let seen = oracle::check(
            &|path| fs::read(store.public_dir().join(path)).ok(),
            &store.vkey().to_string(),
        );
        assert_eq!(seen.size as u64, store.size());
    }
    drop(store);
    check(&Store::open(&folder.path().join("town")).unwrap());
}

#[test]
fn a_refused_batch_leaves_nothing() {
    let (_folder, mut store) = new();
    store.append(vec![pack()]).unwrap();
    let error = refusal(store.append(vec![request("fax-d4", 1), request("fax-d9", 2)]));
    assert_eq!(
        error,
        "there is no channel `fax-d9`: choose among `fax-d4`, `mailbox`, `desk`, or add it to \
         `bailiwick.toml`"
    );
    let error = refusal(store.append(vec![request("fax-d4", 1), decision(0)]));
    assert_eq!(error, "draft 2: a `decision` refers to a request, and entry `0` is a `pack`");
    let open = Draft { private: "text".into(), ..request("fax-d4", 1) };
    assert_eq!(
        refusal(store.append(vec![open])),
        "draft 1: the private part must be a json object"
    );
    assert_eq!((store.size(), store.effective().len()), (1, 1));
    assert_eq!(store.append(vec![request("fax-d4", 1)]).unwrap(), [1]);
    check(&store);
    assert_eq!(refusal(store.receipt(2)), "there is no entry 2");
    assert_eq!(refusal(store.opening(u64::MAX)), format!("there is no entry {}", u64::MAX));
}

#[test]
fn a_record_is_imported_once() {
    let (folder, mut store) = new();
    let import = |id: &str| Draft { import: Some(id.to_owned()), ..request("mailbox", 1) };
    store.append(vec![pack(), import("SYN-17")]).unwrap();
    assert!(store.imported("SYN-17").unwrap() && !store.imported("SYN-18").unwrap());
    assert_eq!(
        refusal(store.append(vec![import("SYN-17")])),
        "record `SYN-17` was imported before"
    );
    let twice = store.append(vec![import("SYN-18"), import("SYN-18")]);
    assert_eq!(refusal(twice), "record `SYN-18` was imported before");
    drop(store);
    let store = Store::open(&folder.path().join("town")).unwrap();
    assert!(store.imported("SYN-17").unwrap() && !store.imported("SYN-18").unwrap());
    for (path, bytes) in files(folder.path()) {
        assert!(!bytes.windows(6).any(|part| part == b"SYN-17"), "{path} names the record");
    }
}

#[test]
fn secrets_belong_to_the_owner() {
    let (folder, mut store) = new();
    store.append(vec![pack()]).unwrap();
    for name in [
        "signing.key",
        "register.db",
        "register.db-wal",
        "keys",
        "keys/kek-1",
        "keys/wrapped-1",
        "keys/import",
    ] {
        let mode =
            fs::metadata(folder.path().join("town").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may read `{name}`");
    }
}

#[test]
fn an_order_to_expunge_leaves_no_residue() {
    let (folder, mut store) = new();
    let town = folder.path().join("town");
    let drafts = (1..40).map(|n| request("fax-d4", n)).collect();
    store.append(vec![pack()]).unwrap();
    store.append(drafts).unwrap();
    // The entry's key and the key-encryption key as they were, read from the files themselves.
    let kek = fs::read(town.join("keys/kek-1")).unwrap();
    let wrapped = fs::read(town.join("keys/wrapped-1")).unwrap();
    let key = town::unwrap(&kek, 1, 7, &wrapped[7 * 80..8 * 80]);
    let opening = store.opening(7).unwrap().unwrap();
    let sealed = seal::seal(&key, &private(7)).unwrap();
    assert_eq!(sealed.commit, opening.commitment().unwrap(), "the key is that of entry 7");

    let index = store.destroy_key(7, seal::nothing(), "2025-Q1").unwrap();
    assert_eq!(index, 40);
    assert_eq!(store.opening(7).unwrap(), None);
    let again = store.destroy_key(7, seal::nothing(), "2025-Q1");
    assert_eq!(refusal(again), "the key of entry 7 is destroyed already");
    assert_eq!(refusal(store.destroy_key(99, seal::nothing(), "2025-Q1")), "there is no entry 99");
    check(&store);
    for reopened in [false, true] {
        if reopened {
            drop(store);
            store = Store::open(&town).unwrap();
        }
        let plain = b"\"person\":\"person 7\"".as_slice();
        let secrets = [&key[..], &kek, plain, &opening.salt, &sealed.ciphertext];
        for (path, bytes) in files(&town) {
            for secret in secrets {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret), "`{path}`");
            }
        }
        for index in (0..=40).filter(|&index| index != 7) {
            assert!(store.opening(index).unwrap().is_some(), "entry {index} does not open");
        }
        check(&store);
    }
    store.append(vec![request("fax-d4", 40)]).unwrap();
    assert_eq!(store.private(41).unwrap().unwrap(), private(40));
    let public = store.entries().unwrap().remove(40).1;
    let text = serde_json::to_string(&public).unwrap();
    assert_eq!(text, r#"{"kind":"key_destroyed","quarter":"2025-Q1"}"#);
}

/// Makes a register, lets `spoil` loose on its folder and says why opening refuses; nothing but
/// SQLite's own recovery may have changed.
fn refuses(spoil: impl Fn(&Path), words: &str) {
    let (folder, mut store) = new();
    let town = folder.path().join("town");
    let import = Draft { import: Some("SYN-1".to_owned()), ..request("desk", 3) };
    store.append(vec![pack(), request("fax-d4", 1), nil("mailbox"), import]).unwrap();
    drop(store);
    spoil(&town);
    let before = files(&town);
    let Err(error) = Store::open(&town) else { panic!("opened, although {words}") };
    assert!(error.to_string().contains(words), "`{error}` does not say `{words}`");
    assert_eq!(changed(&before, &files(&town)), [""; 0], "a refusal changed something");
}

fn edit(path: &str, change: impl Fn(String) -> String) -> impl Fn(&Path) {
    move |town: &Path| {
        let text = fs::read_to_string(town.join(path)).unwrap();
        fs::write(town.join(path), change(text)).unwrap();
    }
}

fn remove(path: &str) -> impl Fn(&Path) {
    move |town: &Path| fs::remove_file(town.join(path)).unwrap()
}

fn sql(statement: &str) -> impl Fn(&Path) {
    move |town: &Path| {
        let database = rusqlite::Connection::open(town.join("register.db")).unwrap();
        database.execute_batch(statement).unwrap();
    }
}

#[test]
fn what_is_no_register() {
    let folder = tempfile::tempdir().unwrap();
    let Err(error) = Store::open(folder.path()) else { panic!("opened nothing") };
    assert!(error.to_string().ends_with("is no register: it has no `lock`"), "{error}");
    fs::write(folder.path().join("letter.txt"), "").unwrap();
    let error = refusal(Store::init(folder.path(), settings()));
    assert!(error.contains("is not empty: choose another folder"), "{error}");
    refuses(remove("lock"), "is no register");
    refuses(remove("bailiwick.toml"), "`bailiwick.toml` is missing");
}

#[test]
fn another_format_or_city() {
    assert_eq!(FORMAT, 1);
    let format = |text: String| text.replace("format = 1", "format = 2\nnews = true");
    refuses(edit("bailiwick.toml", format), "has format `2` and this program knows `1`");
    let origin = |text: String| text.replace("register.example/town", "register.example/city");
    refuses(edit("bailiwick.toml", origin), "files of two registers were mixed");
    let city = register::note::Signer::from_seed("register.example/city", [1; 32]).unwrap();
    let key = move |_| city.to_secret_text();
    refuses(edit("signing.key", key), "`signing.key` is of the register `register.example/city`");
    let same = register::note::Signer::from_seed("register.example/town", [1; 32]).unwrap();
    let key = move |_| same.to_secret_text();
    refuses(edit("signing.key", key), "`public/checkpoint`: it is not signed by");
    refuses(edit("signing.key", |text| text.replace("+A", "+B")), "the signing key is damaged");
    let other = sql("UPDATE state SET origin = 'register.example/city'");
    refuses(other, "`register.db` is of the register `register.example/city`");
}

#[test]
fn in_use_elsewhere() {
    let (folder, store) = new();
    let town = folder.path().join("town");
    assert!(matches!(Store::open(&town), Err(Error::Busy(_))));
    // Even somebody who removes the lock meets the database's own.
    fs::remove_file(town.join("lock")).unwrap();
    fs::write(town.join("lock"), "").unwrap();
    let Err(error) = Store::open(&town) else { panic!("opened twice") };
    assert!(error.to_string().contains("is in use by another process"), "{error}");
    drop(store);
    Store::open(&town).unwrap();
}

#[test]
fn an_altered_checkpoint() {
    let missing = "`public/checkpoint` is missing: restore it from a copy";
    refuses(remove("public/checkpoint"), missing);
    refuses(edit("public/checkpoint", |text| text.replace("\n4\n", "\n5\n")), "does not hold");
    refuses(edit("public/checkpoint", |_| String::new()), "it is not a signed note");
    let ahead = |town: &Path| {
        let signer = signer_of(&town.join("public"));
        let origin = signer.name().to_owned();
        let note = register::checkpoint::Checkpoint { origin, size: 5, root: [0; 32] };
        fs::write(town.join("public/checkpoint"), note.sign(&signer).unwrap()).unwrap();
    };
    refuses(ahead, "the database is older than what was published (4 entries, 5 are published)");
    let fork = |town: &Path| {
        let signer = signer_of(&town.join("public"));
        let origin = signer.name().to_owned();
        let note = register::checkpoint::Checkpoint { origin, size: 3, root: [0; 32] };
        fs::write(town.join("public/checkpoint"), note.sign(&signer).unwrap()).unwrap();
    };
    refuses(fork, "contradict each other about the first 3 entries");
}

#[test]
fn an_altered_database() {
    let committed = "are not those that were committed to";
    let digit = "UPDATE entry SET bytes = CAST(replace(bytes, '2025-03-03', '2025-03-04') AS BLOB)
                 WHERE idx = ";
    refuses(sql(&format!("{digit} 2")), committed);
    refuses(sql("DELETE FROM entry WHERE idx = 3"), committed);
    refuses(sql("DELETE FROM entry WHERE idx = 1"), "entry 1 is missing");
    refuses(sql("UPDATE entry SET bytes = x'00' WHERE idx = 1"), "entry 1 in `register.db` was");
    refuses(sql("UPDATE state SET size = 3"), committed);
    refuses(sql("UPDATE state SET epoch = 2"), "`keys/kek-2` is missing");
    refuses(sql("UPDATE entry SET sealed = NULL WHERE idx = 1"), "private part of entry 1 is miss");
    refuses(sql("UPDATE entry SET sealed = x'00' WHERE idx = 1"), "does not open with its key");
    refuses(sql("UPDATE entry SET import = NULL"), "the marks of imported records in");
    refuses(sql("DROP TABLE state"), "is not the database of a register");
    // As long as the journal has all pages, SQLite needs nothing else: so it is folded in first.
    let folded = |town: &Path| {
        sql("PRAGMA wal_checkpoint(TRUNCATE)")(town);
        fs::read(town.join("register.db")).unwrap()
    };
    let cut = |town: &Path| {
        let bytes = folded(town);
        fs::write(town.join("register.db"), &bytes[..bytes.len() / 2]).unwrap();
    };
    refuses(cut, "`register.db` is damaged");
    let overwrite = |town: &Path| {
        let bytes = folded(town);
        fs::write(town.join("register.db"), "x".repeat(bytes.len())).unwrap();
    };
    refuses(overwrite, "`register.db` is damaged");
    refuses(remove("register.db"), "`register.db` is missing or empty");
}

#[test]
fn altered_keys() {
    refuses(remove("keys/kek-1"), "`keys/kek-1` is missing: restore the folder `keys`");
    refuses(remove("keys/import"), "`keys/import` is missing");
    let cut = |town: &Path| {
        let bytes = fs::read(town.join("keys/wrapped-1")).unwrap();
        fs::write(town.join("keys/wrapped-1"), &bytes[..bytes.len() - 1]).unwrap();
    };
    refuses(cut, "the key of entry 3 is missing");
    let flip = |town: &Path| {
        let mut bytes = fs::read(town.join("keys/wrapped-1")).unwrap();
        bytes[100] ^= 1;
        fs::write(town.join("keys/wrapped-1"), bytes).unwrap();
    };
    refuses(flip, "the key of entry 1 in `keys` was altered");
}

#[test]
fn altered_tiles() {
    refuses(remove("public/tile/0/000.p/4"), "`public/tile/0/000.p/4` is missing");
    for path in ["public/tile/0/000.p/4", "public/tile/entries/000.p/4"] {
        let flip = |town: &Path| {
            let mut bytes = fs::read(town.join(path)).unwrap();
            bytes[33] ^= 1;
            fs::write(town.join(path), bytes).unwrap();
        };
        refuses(flip, &format!("`{path}` was altered"));
    }
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lock")).unwrap();
    let Err(error) = Store::open(folder.path()) else { panic!("opened") };
    assert!(error.to_string().ends_with("the register must be writable to be opened"), "{error}");
}

#[test]
fn settings_that_cannot_be() {
    for (change, words) in [
        ((|s| s.agency.clear()) as fn(&mut bailiwick::store::Settings), "`agency` is empty"),
        (|s| s.channels.clear(), "`channels` is empty"),
        (|s| s.channels[0].id = "Fax D4".into(), "lower-case letters, digits and dashes"),
        (|s| s.channels[0].id = "desk".into(), "channel `desk` is there twice"),
        (|s| s.origin = "https://a b".into(), "cannot name a key"),
        (|s| s.format = 2, "`format` must be 1"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings();
        change(&mut settings);
        let error = refusal(Store::init(folder.path(), settings));
        assert!(error.contains(words), "`{error}` does not say `{words}`");
        assert!(files(folder.path()).is_empty());
    }
}
