//! The public folder over HTTP: what is in it, byte for byte, and nothing else of the disk.

use std::fs;
use std::path::{Path, PathBuf};

use bailiwick::publish;
use bailiwick::web::Role;

use super::house::House;
use super::report::{book, with};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// A house whose report of 2024 two people have published.
async fn published() -> House {
    let house = with(book());
    let asked = [("report", "boston-trust-act/yearly"), ("period", "2024")];
    let page = house.send(Role::Publisher, "/report/propose", &asked).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = house.send(Role::Supervisor, "/report/1/approve", &[]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_every_file_and_checks_them() {
    let house = published().await;
    let public = house.folder.path().join("register/public");
    let copy = tempfile::tempdir().unwrap();
    let list = house.look(None, "/public/files").await;
    assert_eq!(
        (list.status, list.headers["content-type"].as_bytes()),
        (200, &b"text/plain; charset=utf-8"[..])
    );
    for path in list.text.lines() {
        let got = house.look(None, &format!("/public/{path}")).await;
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.bytes, fs::read(public.join(path)).unwrap(), "{path}");
        let to = copy.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, got.bytes).unwrap();
    }
    let (key, trusted) =
        publish::key(None, Some(&house.app.read(|it| Ok(it.vkey().to_string())).unwrap())).unwrap();
    assert!(trusted);
    let found = publish::check(copy.path(), &key).unwrap();
    let size = house.app.read(|store| Ok(store.size())).unwrap();
    assert_eq!((found.verified.checkpoint.size, found.reports), (size, vec!["2024".to_owned()]));
    // Whatever the folder has is got with the same bytes, older tiles too.
    for path in files(&public) {
        let name = path.strip_prefix(&public).unwrap().to_str().unwrap();
        let got = house.look(None, &format!("/public/{name}")).await;
        assert_eq!((got.status, got.bytes), (200, fs::read(&path).unwrap()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_has_its_kind_and_runs_nothing() {
    let house = published().await;
    let list = house.look(None, "/public/files").await.text;
    let report = list.lines().find(|it| it.ends_with("report.html")).unwrap();
    let folder = report.strip_suffix("report.html").unwrap();
    for (path, kind, lasts) in [
        ("checkpoint".to_owned(), "text/plain; charset=utf-8", false),
        ("vkey".to_owned(), "text/plain; charset=utf-8", false),
        (format!("tile/entries/000.p/{}", house.app.size()), "application/octet-stream", true),
        (format!("{folder}report.html"), "text/html; charset=utf-8", true),
        (format!("{folder}report.md"), "text/markdown; charset=utf-8", true),
        (format!("{folder}report.csv"), "text/csv; charset=utf-8", true),
        (format!("{folder}report.json"), "application/json", true),
        (format!("{folder}datapackage.json"), "application/json", true),
    ] {
        let got = house.look(None, &format!("/public/{path}")).await;
        let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
        assert_eq!((got.status, header("content-type").as_str()), (200, kind), "{path}");
        assert_eq!(header("cache-control").contains("immutable"), lasts, "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe-eval"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(!got.headers.contains_key("content-disposition"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_the_disk_is_given() {
    let house = published().await;
    let register = house.folder.path().join("register");
    let public = register.join("public");
    fs::write(public.join("checkpoint.new"), "half").unwrap();
    fs::write(public.join(".hidden"), "hidden").unwrap();
    fs::create_dir_all(public.join("reports/x")).unwrap();
    fs::write(public.join("reports/x/report.csv.part"), "half").unwrap();
    std::os::unix::fs::symlink(register.join("signing.key"), public.join("reports/x/report.csv"))
        .unwrap();
    std::os::unix::fs::symlink(&register, public.join("reports/y")).unwrap();
    std::os::unix::fs::symlink(register.join("keys"), public.join("tile/7")).unwrap();
    fs::write(register.join("report.md"), "outside").unwrap();
    for path in [
        "checkpoint.new",
        ".hidden",
        "reports",
        "reports/",
        "reports/x/report.csv.part",
        "reports/x/report.csv",
        "reports/y/report.md",
        "tile/7/0",
        "tile",
        "tile/0",
        "tile/entries/000.p",
        "..",
        "../signing.key",
        "%2e%2e/signing.key",
        "..%2fsigning.key",
        "%2e%2e%2fsigning.key",
        "reports/%2e%2e/%2e%2e/signing.key",
        "tile/../../signing.key",
        "tile/0/%2e%2e/%2e%2e/%2e%2e/register.db",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "//etc/passwd",
        "..%5csigning.key",
        "checkpoint%00",
        "checkpoint/",
        "./checkpoint",
        "signing.key",
        "register.db",
        "desk.db",
        "bailiwick.toml",
        "reports/2024-000000000000/report.html",
    ] {
        let got = house.look(None, &format!("/public/{path}")).await;
        assert_eq!(got.status, 404, "{path}: {}", got.text);
    }
    let list = house.look(None, "/public/files").await.text;
    for never in ["hidden", ".new", ".part"] {
        assert!(!list.contains(never), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_what_there_is_and_how_to_check_it() {
    let empty = House::new();
    let page = empty.look(None, "/public").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("None was published yet"));
    assert!(page.text.contains(&empty.app.read(|it| Ok(it.vkey().to_string())).unwrap()));
    let house = published().await;
    let page = house.look(None, "/public").await.text;
    for text in [
        "Boston Police Department: Yearly report under the Boston Trust Act, 2024",
        "register.example/test",
        "bailiwick verify copy --key",
        "href=\"/public/files\"",
        "/report.html\"",
        "/datapackage.json\"",
        "the first 21 entries",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("csrf"), "a stranger has no forms");
}
