//! Every system call of one batch, struck by an input/output error, a full disk and a kill.
//!
//! One run under `strace` lists the calls that touch the register's folder while three entries are
//! added across the border of a tile. Then the same is run again for each of these calls with that
//! call struck. Whatever happens: what is published verifies, what was acknowledged is there, and
//! the register opens again by itself. The method is that of Tessera's fault tests.
//!
//! `strace` cannot take back what was not synced; for that see `faults.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../../register/tests/oracle/mod.rs"]
mod oracle;
mod town;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bailiwick::store::{Error, Store};
use town::{files, pack, private, request, settings};

const CALLS: &str = "openat,read,pread64,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,\
                     mkdir,mkdirat,unlink,unlinkat,ftruncate,close,link,linkat,flock,fcntl";

/// How many entries stand before the batch: the last tile lacks two.
const BEFORE: u64 = 254;

/// In how many ways each call is struck.
const FAULTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "append", folder] => append(Path::new(folder)),
        [_, "race", folder] => race(Path::new(folder)),
        _ => {
            two_at_once();
            each_call();
        }
    }
}

/// The program under test: adds three entries and says which.
fn append(folder: &Path) {
    let result = Store::open(folder).and_then(|mut store| {
        store.append((BEFORE..BEFORE + 3).map(|n| request("desk", n)).collect())
    });
    match result {
        Ok(indices) => println!("acknowledged {indices:?}"),
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
}

/// Adds entries one by one, opening the register for each, as fast as the other process lets it.
fn race(folder: &Path) {
    let mut added = 0;
    while added < 20 {
        match Store::open(folder) {
            Ok(mut store) => {
                let index = store.append(vec![request("fax-d4", 1)]).unwrap()[0];
                println!("{index}");
                added += 1;
            }
            Err(Error::Busy(_)) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn me() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// Two processes write to one register; nothing is lost and no index is given twice.
fn two_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path().join("town");
    Store::init(&town, settings()).unwrap().append(vec![pack()]).unwrap();
    let start = || {
        let out = std::process::Stdio::piped();
        me().arg("race").arg(&town).stdout(out).spawn().unwrap()
    };
    let both = [start(), start()];
    let mut indices = Vec::new();
    for child in both {
        let Output { status, stdout, .. } = child.wait_with_output().unwrap();
        assert!(status.success());
        let lines = String::from_utf8(stdout).unwrap();
        indices.extend(lines.lines().map(|line| line.parse::<u64>().unwrap()));
    }
    indices.sort_unstable();
    assert_eq!(indices, (1..=40).collect::<Vec<_>>());
    assert_eq!(Store::open(&town).unwrap().size(), 41);
    println!("two at once: 40 entries, each acknowledged once");
}

/// A call of the listed run.
#[derive(Debug)]
struct Call {
    name: String,
    /// The how-manieth of that name it is.
    number: usize,
    /// As `strace` shows it.
    text: String,
}

fn each_call() {
    if Command::new("strace").arg("-V").output().is_err() {
        panic!("`strace` is missing: install the Debian package `strace`");
    }
    let started = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    let mut store = Store::init(&model, settings()).unwrap();
    store.append(vec![pack()]).unwrap();
    store.append((1..BEFORE).map(|n| request("desk", n)).collect()).unwrap();
    let vkey = store.vkey().to_string();
    drop(store);
    let model = files(&model);

    let calls = list(&folder.path().join("list"), &model);
    let syncs = calls.iter().filter(|call| call.name.ends_with("sync")).count();
    assert!(calls.len() > 60 && syncs > 10, "too few calls to be the whole batch: {calls:?}");
    let runs: Vec<(&Call, &str)> =
        calls.iter().flat_map(|call| FAULTS.map(|fault| (call, fault))).collect();
    let next = AtomicUsize::new(0);
    let counts: Vec<[usize; 4]> = std::thread::scope(|scope| {
        let work = |worker: usize| {
            let (runs, next, model, vkey) = (&runs, &next, &model, &vkey);
            let folder = folder.path().join(format!("worker-{worker}"));
            scope.spawn(move || {
                let mut count = [0; 4];
                while let Some((call, fault)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    count[strike(&folder, model, vkey, call, fault)] += 1;
                }
                count
            })
        };
        let workers = [0, 1, 2].map(work);
        workers.into_iter().map(|worker| worker.join().expect("a run failed")).collect()
    });
    let sum = |at: usize| counts.iter().map(|count| count[at]).sum::<usize>();
    let (before, after, acknowledged, ignored) = (sum(0), sum(1), sum(2), sum(3));
    assert_eq!(before + after + acknowledged + ignored, runs.len());
    assert!(ignored <= 2, "{ignored} failures to sync the folder were passed over");
    assert!(before > 0 && after > 0 && acknowledged > 0, "{before} {after} {acknowledged}");
    println!(
        "{} calls, {} runs in {:.1} s: {before} did not happen, {after} came back after a new \
         start, {acknowledged} were acknowledged",
        calls.len(),
        runs.len(),
        started.elapsed().as_secs_f64()
    );
}

/// Lists the calls of a run without faults, from the first that touches the register.
fn list(folder: &Path, model: &BTreeMap<String, Vec<u8>>) -> Vec<Call> {
    let (town, trace) = (folder.join("town"), folder.join("trace"));
    lay_out(&town, model);
    let Output { status, stdout, stderr } = Command::new("strace")
        .args(["-f", "-y", "-s", "0", "-e", &format!("trace={CALLS}"), "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .arg("append")
        .arg(&town)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{said}{}", String::from_utf8_lossy(&stderr));
    assert_eq!(said, "acknowledged [254, 255, 256]\n");
    let mut numbers = BTreeMap::<&str, usize>::new();
    let mut calls = Vec::new();
    let trace = fs::read_to_string(&trace).unwrap();
    for line in trace.lines() {
        // With -f each line starts with the process: `1234 openat(AT_FDCWD…, "…", …) = 3`.
        let Some((head, _)) = line.split_once('(') else {
            continue;
        };
        let name = head.split_whitespace().last().unwrap();
        let number = numbers.entry(name).or_default();
        *number += 1;
        if line.contains(town.to_str().unwrap()) {
            let text = line.replace(town.to_str().unwrap(), "");
            calls.push(Call { name: name.to_owned(), number: *number, text });
        }
    }
    calls
}

fn lay_out(town: &Path, model: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(town);
    for (name, bytes) in model {
        let path = town.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// One run with one call struck. Says 0 if the batch did not happen, 1 if it was committed but not
/// acknowledged, 2 if it was, 3 if it was although the folder could not be synced.
fn strike(
    folder: &Path,
    model: &BTreeMap<String, Vec<u8>>,
    vkey: &str,
    Call { name, number, text }: &Call,
    fault: &str,
) -> usize {
    let town = folder.join("town");
    lay_out(&town, model);
    let Output { stdout, stderr, .. } = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={name}")])
        .args(["-e", &format!("inject={name}:{fault}:when={number}")])
        .arg(std::env::current_exe().unwrap())
        .arg("append")
        .arg(&town)
        .output()
        .unwrap();
    let what = format!("`{text}` struck by {fault}");
    let said = String::from_utf8_lossy(&stdout).into_owned();
    let acknowledged = said.starts_with("acknowledged");
    // A failing call ends the program with a reason, by our own words or by the standard library's.
    let reason = said.len() + stderr.len() > 10;
    assert!(acknowledged || fault == "signal=KILL" || reason, "{what}: ended without a word");
    // Closing and looking may fail without harm; a write that failed is never acknowledged. SQLite
    // syncs the folder of its journal and goes on when that fails, so the store did it before.
    let looking = ["close", "openat", "read", "pread64", "fcntl", "flock"].contains(&&**name);
    let by_sqlite = text.contains("fsync(") && text.contains("<>)");
    assert!(!acknowledged || looking || by_sqlite, "{what}: acknowledged all the same");
    let read = |path: &str| fs::read(town.join("public").join(path)).ok();
    let least = if acknowledged { BEFORE + 3 } else { BEFORE };
    let seen = oracle::check(&read, vkey).size as u64;
    assert!(seen >= least, "{what}: {seen} entries are published");
    let store = Store::open(&town).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!([BEFORE, BEFORE + 3].contains(&store.size()) && store.size() >= least, "{what}");
    for index in 1..store.size() {
        assert_eq!(store.private(index).unwrap().unwrap(), private(index), "{what}: entry {index}");
    }
    assert_eq!(oracle::check(&read, vkey).size as u64, store.size(), "{what}");
    match (store.size() > BEFORE, acknowledged) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) if by_sqlite && fault != "signal=KILL" => 3,
        (true, true) => 2,
    }
}
