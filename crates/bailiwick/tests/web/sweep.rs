//! Scans that nothing refers to go when they are old; all others stay.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use bailiwick::web::Role;

use super::house::{House, NOON};
use super::papers::{picture, record, take_in};

const DAY: i64 = 24 * 3_600;

/// The names of the scans, sorted.
fn scans(house: &House) -> Vec<String> {
    let names = std::fs::read_dir(house.data().join("papers")).unwrap();
    let mut names: Vec<_> =
        names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn path(house: &House, file: &str) -> PathBuf {
    house.data().join("papers").join(file)
}

/// As if a file had been written so many seconds before noon.
fn written(path: &std::path::Path, ago: i64) {
    let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(NOON - ago).unwrap());
    std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// Takes a scan in; the name of its file.
async fn taken(house: &House, text: &str) -> String {
    let before = if house.data().join("papers").is_dir() { scans(house) } else { Vec::new() };
    assert_eq!(take_in(house, "a.png", &picture(text)).await.status, 303);
    scans(house).into_iter().find(|it| !before.contains(it)).unwrap()
}

fn database(house: &House) -> rusqlite::Connection {
    rusqlite::Connection::open(house.data().join("desk.db")).unwrap()
}

/// What the program may have left behind when it was killed at any step, and what it must not take
/// for that.
#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_refers_to_goes_when_it_is_a_week_old() {
    let house = House::new();
    // Killed after the entry was durable and before the row was gone.
    let between = taken(&house, "recorded, and the row is there").await;
    database(&house).execute_batch("CREATE TABLE kept AS SELECT * FROM paper").unwrap();
    record(&house, 1, &[]).await;
    let back = "INSERT INTO paper SELECT * FROM kept; UPDATE paper SET mark = 0; DROP TABLE kept";
    database(&house).execute_batch(back).unwrap();
    let recorded = taken(&house, "recorded").await;
    record(&house, 2, &[]).await;
    let void = taken(&house, "of a matter that does not count").await;
    let entry = record(&house, 3, &[]).await.to.unwrap();
    let fields = [("void", "yes"), ("reason", "recorded by mistake")];
    let correct = format!("{}/correct", entry.split('?').next().unwrap());
    assert_eq!(house.send(Role::Supervisor, &correct, &fields).await.status, 303);
    let waits = taken(&house, "waits").await;
    // Killed before the row was durable: the file is there, and nothing else.
    let (lost, young) = (taken(&house, "lost").await, taken(&house, "lost of late").await);
    let gone = "DELETE FROM paper WHERE file IN (?1, ?2)";
    assert_eq!(database(&house).execute(gone, [&lost, &young]).unwrap(), 2);
    // What is not named as a scan is somebody else's to remove.
    for name in ["notes.txt", &lost[1..], &format!("{lost}0"), "A".repeat(64).as_str()] {
        std::fs::write(path(&house, name), b"of somebody else").unwrap();
    }
    let all = scans(&house);
    assert_eq!(all.len(), 10);
    for name in &all {
        written(&path(&house, name), 7 * DAY);
    }
    written(&path(&house, &young), 7 * DAY - 1);

    let house = house.opened_again();
    let left: Vec<_> = all.iter().filter(|it| **it != lost).cloned().collect();
    assert_eq!(scans(&house), left);
    assert!([&between, &recorded, &void, &waits, &young].iter().all(|it| left.contains(it)));
    house.pass(1);
    let house = house.opened_again();
    assert!(!scans(&house).contains(&young));
    assert_eq!(scans(&house).len(), left.len() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_desk_sweeps_once_a_day() {
    let house = House::new();
    let lost = taken(&house, "lost").await;
    database(&house).execute("DELETE FROM paper", []).unwrap();
    written(&path(&house, &lost), 7 * DAY);
    for (seconds, left) in [(0, 1), (DAY - 1, 1), (1, 0)] {
        house.pass(seconds);
        // The page does it too, but whoever is away for a day has to sign in first.
        house.app.tidy_papers().unwrap();
        assert_eq!(scans(&house).len(), left, "{seconds}");
    }
}

/// The key of the scan went with that of its entry.
#[tokio::test(flavor = "multi_thread")]
async fn the_scan_of_an_expunged_entry_goes_too() {
    let house = House::new();
    let (one, two) = (taken(&house, "one").await, taken(&house, "two").await);
    record(&house, 1, &[]).await;
    let second = record(&house, 2, &[]).await.to.unwrap();
    let order = serde_json::json!({"order": "of a court"});
    house.app.recorder.alone(|store| Ok(store.destroy_key(1, order, "2025-Q1")?)).unwrap();
    for file in [&one, &two] {
        written(&path(&house, file), 30 * DAY);
    }
    let house = house.opened_again();
    assert_eq!(scans(&house), [two]);
    let second = second.split('?').next().unwrap();
    let page = house.send(Role::Clerk, &format!("{second}/paper"), &[("why", "to see it")]).await;
    assert_eq!(page.bytes, picture("two"));
}

/// Papers that cannot be looked at are no reason not to open the desk.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_read_keeps_nobody_out() {
    let house = House::new();
    let papers = house.data().join("papers");
    let house = house.opened_again_after(|| std::fs::write(&papers, b"no folder").unwrap());
    assert_eq!(house.look(Role::Clerk, "/intake").await.status, 200);
    assert_eq!(std::fs::read(&papers).unwrap(), b"no folder");
}

/// Whoever lost the database with the papers that wait may put its copy back.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_does_not_make_all_that_waits_nobodys() {
    let house = House::new();
    let waits = taken(&house, "waits").await;
    written(&path(&house, &waits), 30 * DAY);
    let (desk, away) = (house.data().join("desk.db"), house.folder.path().join("away"));
    let house = house.opened_again_after(|| std::fs::rename(&desk, &away).unwrap());
    assert_eq!(scans(&house), std::slice::from_ref(&waits));
    let house = house.opened_again_after(|| std::fs::rename(&away, &desk).unwrap());
    assert_eq!(scans(&house), [waits]);
    assert_eq!(record(&house, 1, &[]).await.status, 303);
}
