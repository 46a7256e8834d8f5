//! Private parts: who may look, and that looking is on the record before anything is shown.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bailiwick::store::{Access, Disk, RealDisk, Store};
use bailiwick::web::Role;

use super::house::House;
use super::papers::{picture, record, take_in};

const SECRET: &str = "C25-777";

async fn matter(house: &House) -> u64 {
    house.call(&[("reference", SECRET), ("f.basis", "detainer"), ("has", "Sgt. X")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_and_why_is_recorded_first() {
    let house = House::new();
    let entry = matter(&house).await;
    let path = format!("/register/{entry}/private");
    let size = house.size();
    for (why, wrong) in [
        ("", "say in a few words"),
        ("  ", "say in a few words"),
        ("x", "say"),
        ("about A123456789", "A-number"),
    ] {
        let page = house.send(Role::Clerk, &path, &[("why", why)]).await;
        assert!(page.status == 422 && page.text.contains(wrong), "{why}: {}", page.text);
        assert!(!page.text.contains(SECRET), "{why}");
    }
    assert_eq!(house.size(), size, "nothing was shown, so nothing is recorded");
    let page = house.send(Role::Counsel, &path, &[("why", "a question of the court")]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for text in [SECRET, "Sgt. X", "an immigration detainer", "Which paper", "clerk"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!(house.size(), size + 1);
    // In public there is only the day.
    assert_eq!(house.public(size), serde_json::json!({"kind": "view", "day": "2025-03-03"}));
    let private = serde_json::json!({
        "by": "counsel", "entries": [entry, entry + 1], "why": "a question of the court",
    });
    assert_eq!(house.private(size), private);
    // That of a decision shows the same matter.
    let path = format!("/register/{}/private", entry + 1);
    let page = house.send(Role::Counsel, &path, &[("why", "the same")]).await;
    assert!(page.text.contains(SECRET));
    assert_eq!(house.private(size + 1)["entries"], serde_json::json!([entry, entry + 1]));
    // Who looked may be looked at, which is on the record too.
    let path = format!("/register/{size}/private");
    let page = house.send(Role::Supervisor, &path, &[("why", "a review of views")]).await;
    assert!(page.text.contains("a question of the court"), "{}", page.text);
    assert_eq!(house.private(size + 2)["entries"], serde_json::json!([size]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_sees_only_their_own() {
    let house = House::new();
    let entry = matter(&house).await;
    let why = [("why", "my own")];
    let size = house.size();
    for path in ["private", "paper"] {
        let path = format!("/register/{entry}/{path}");
        let page = house.send(Role::Officer, &path, &why).await;
        assert!(page.status == 403 && !page.text.contains(SECRET), "{}", page.text);
    }
    assert_eq!(house.size(), size);
    let fields = [("channel", "desk"), ("f.basis", "detainer"), ("reference", "C25-778")];
    let own = house.send(Role::Officer, "/may-we/hold", &fields).await.to.unwrap();
    let own = own.split('?').next().unwrap();
    let page = house.send(Role::Officer, &format!("{own}/private"), &why).await;
    assert!(page.status == 200 && page.text.contains("C25-778"), "{}", page.text);
    assert_eq!(house.send(Role::Officer, &format!("{own}/paper"), &why).await.status, 404);
    for role in [Role::Administrator, Role::Auditor, Role::Publisher] {
        let page = house.send(role, &format!("{own}/private"), &why).await;
        assert!(page.status == 403 && !page.text.contains("C25-778"), "{role:?}");
        let page = house.look(role, own).await;
        assert!(!page.text.contains("Show what is private"), "{role:?}");
    }
    for role in Role::ALL {
        let page = house.look(role, &format!("{own}/private")).await;
        assert!(page.status == 405 || page.status == 404, "private parts are not got: {role:?}");
    }
}

/// The key of a paper opens it for ever, so no page shows it.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_paper_is_on_no_page() {
    let house = House::new();
    take_in(&house, "one.png", &picture("one")).await;
    record(&house, 1, &[]).await;
    let key = house.private(1)["paper"]["key"].as_str().unwrap().to_owned();
    let page = house.send(Role::Clerk, "/register/1/private", &[("why", "to see it")]).await;
    assert!(page.text.contains("PNG picture") && !page.text.contains(&key), "{}", page.text);
    assert_eq!(page.headers["cache-control"], "no-store");
}

/// A disk that refuses to write when it is told to.
#[derive(Clone, Default)]
struct Failing(Arc<AtomicBool>);

impl Failing {
    fn may(&self) -> io::Result<()> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(io::Error::other("the disk is full")),
            false => Ok(()),
        }
    }
}

impl Disk for Failing {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        RealDisk.read(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(folder)
    }
    fn make_folder(&self, path: &Path, access: Access) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.make_folder(path, access))
    }
    fn put(&self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.put(path, bytes, access))
    }
    fn extend(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.extend(path, at, bytes))
    }
    fn wipe(&self, path: &Path) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.wipe(path))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.rename(from, to))
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.may().and_then(|()| RealDisk.sync_folder(folder))
    }
}

/// A desk on a disk that fails from now on, with a matter, a recorded paper and one that waits;
/// the entries of the two. The desk opens the register again on a disk that does not.
async fn failing(scan: &[u8]) -> (House, u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Failing::default();
    let data = folder.path().join("register");
    let store = Store::init_on(Box::new(disk.clone()), &data, House::settings()).unwrap();
    let house = House::on(store, folder);
    let entry = matter(&house).await;
    take_in(&house, "one.png", scan).await;
    record(&house, 1, &[]).await;
    take_in(&house, "two.png", scan).await;
    disk.0.store(true, Ordering::SeqCst);
    (house, entry, entry + 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_is_not_shown() {
    let scan = picture("what stands on it");
    for (which, secret) in
        [("private", SECRET), ("paper", "what stands on it"), ("file", "what stands on it")]
    {
        let (house, entry, paper) = failing(&scan).await;
        let path = match which {
            "private" => format!("/register/{entry}/private"),
            "paper" => format!("/register/{paper}/paper"),
            _ => "/intake/papers/2/file".to_owned(),
        };
        let page = house.send(Role::Clerk, &path, &[("why", "to see it")]).await;
        assert_eq!(page.status, 503, "{which}: {}", page.text);
        assert!(!page.text.contains(secret), "{which}");
        let page = house.send(Role::Clerk, &path, &[("why", "to see it")]).await;
        assert!(page.status == 200 && page.text.contains(secret), "{which}: {}", page.text);
    }
}

/// A paper whose recording failed still waits, and is recorded once.
#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_not_lost_when_recording_fails() {
    let (house, _, paper) = failing(&picture("two")).await;
    assert_eq!(record(&house, 2, &[]).await.status, 503);
    let page = house.look(Role::Clerk, "/intake").await;
    assert!(page.text.contains("/intake/papers/2\""), "{}", page.text);
    let page = record(&house, 2, &[]).await;
    let entry = page.to.unwrap().trim_start_matches("/register/").replace("?said=recorded", "");
    let seq = |entry: u64| house.public(entry)["seq"].as_u64().unwrap();
    assert_eq!(seq(entry.parse().unwrap()), seq(paper) + 1);
}
