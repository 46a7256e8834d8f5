//! Backing up and restoring: a copy that holds, also of a register in use, and never one that
//! knows less than was published.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{PROGRAM, Town, run};

/// Records a request and says its entry.
fn request(town: &Town) -> u64 {
    let line = format!(
        "--json request --data {} --channel mailbox --action notify --on 2025-03-03 \
         --fact basis=detainer",
        town.data()
    );
    run(&line, &[]).ok().json()["entry"].as_u64().unwrap()
}

fn size(folder: &Path) -> u64 {
    let line = format!("--json verify --data {}", folder.display());
    run(&line, &[]).ok().json()["size"].as_u64().unwrap()
}

/// Every file of a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_the_register_again() {
    let town = Town::new();
    let entry = request(&town);
    let to = town.folder.path().join("backup");
    let asked = format!("backup --data {} {}", town.data(), to.display());
    let said = run(&asked, &[]).ok().out;
    assert!(said.contains("Backed up and checked"), "{said}");
    assert_eq!(size(&to), size(Path::new(&town.data())));
    run(&asked, &[]).refused(2, &["is there already"]);

    let again = town.folder.path().join("again");
    run(&format!("restore {} --data {}", to.display(), again.display()), &[]).ok();
    let opening = town.folder.path().join("opening");
    let line = format!(
        "receipt --data {} {entry} --out {}.proof --opening {}",
        again.display(),
        opening.display(),
        opening.display()
    );
    run(&line, &[]).ok();
    assert!(fs::read_to_string(&opening).unwrap().contains("detainer"), "keys came with it");
    assert_eq!(
        files(town.folder.path()).iter().filter(|it| it.contains(".part")).count(),
        0,
        "nothing half-made is left"
    );
}

/// What is left of a backup that was cut short is not mixed with the next one.
#[test]
fn what_is_left_of_one_that_was_cut_short_is_not_used() {
    let town = Town::new();
    let to = town.folder.path().join("backup");
    let part = town.folder.path().join("backup.part");
    fs::create_dir(&part).unwrap();
    fs::write(part.join("register.db-wal"), "half").unwrap();
    let asked = format!("backup --data {} {}", town.data(), to.display());
    run(&asked, &[]).refused(2, &["backup.part", "cut short"]);
    assert!(part.join("register.db-wal").exists(), "it is for its keeper to remove");
    fs::remove_dir_all(&part).unwrap();
    run(&asked, &[]).ok();
}

#[test]
fn a_register_in_use_is_backed_up_by_whoever_has_it() {
    let town = Town::new();
    request(&town);
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data", &town.data()])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("Listening on")));
    let to = town.folder.path().join("backup");
    run(&format!("backup --data {} {}", town.data(), to.display()), &[]).ok();
    let again = format!("backup --data {} {}", town.data(), to.display());
    run(&again, &[]).refused(2, &["is there already"]);
    // What is in use is not taken away from under its user.
    let line = format!("restore {} --data {}", to.display(), town.data());
    run(&line, &[]).refused(3, &["in use"]);
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(size(&to), size(Path::new(&town.data())));
    assert!(files(&to).contains(&"desk.db".to_owned()), "{:?}", files(&to));
}

#[test]
fn a_backup_that_knows_less_than_was_published_is_refused() {
    let town = Town::new();
    request(&town);
    let data = town.data();
    let (old, new) = (town.folder.path().join("old"), town.folder.path().join("new"));
    run(&format!("backup --data {data} {}", old.display()), &[]).ok();
    request(&town);
    run(&format!("backup --data {data} {}", new.display()), &[]).ok();
    let before = size(Path::new(&data));
    let line = format!("restore {} --data {data}", old.display());
    run(&line, &[]).refused(2, &["entries that strangers hold receipts of would be lost"]);
    assert_eq!(size(Path::new(&data)), before, "nothing was changed");

    // The register is gone, but somebody has kept what was published.
    let kept = town.folder.path().join("kept-checkpoint");
    fs::copy(Path::new(&data).join("public/checkpoint"), &kept).unwrap();
    fs::remove_dir_all(&data).unwrap();
    let with = format!("{line} --checkpoint {}", kept.display());
    run(&with, &[]).refused(2, &["would be lost"]);
    assert!(!Path::new(&data).exists());
    let line = format!("restore {} --data {data}", new.display());
    run(&format!("{line} --checkpoint {}", kept.display()), &[]).ok();
    assert_eq!(size(Path::new(&data)), before);

    // What is there is kept beside what takes its place.
    run(&line, &[]).ok();
    assert_eq!(size(&town.folder.path().join("town.before-1")), before);

    // A checkpoint of another register says nothing about this one.
    let other = Town::new();
    let note = Path::new(&other.data()).join("public/checkpoint");
    let line = format!("{line} --checkpoint {}", note.display());
    run(&line, &[]).refused(2, &["checkpoint"]);
}

#[test]
fn a_damaged_backup_is_not_restored() {
    for name in ["register.db", "keys/wrapped-1", "keys/kek-1", "signing.key", "bailiwick.toml"] {
        let town = Town::new();
        request(&town);
        let to = town.folder.path().join("backup");
        run(&format!("backup --data {} {}", town.data(), to.display()), &[]).ok();
        let path = to.join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x41;
        fs::write(&path, bytes).unwrap();
        let again = town.folder.path().join("again");
        let ran = run(&format!("restore {} --data {}", to.display(), again.display()), &[]);
        assert!(ran.code != 0, "{name} was damaged, and it was restored: {ran:?}");
        assert!(!again.exists(), "{name}");
        assert!(files(town.folder.path()).iter().all(|it| !it.contains(".part")), "{name}");
    }
}
