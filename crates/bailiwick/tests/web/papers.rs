//! Papers: what is taken in is not lost, is not readable by others, and is recorded once.

use axum::body::Body;
use axum::http::{Request, header};
use bailiwick::web::Role;

use super::house::{House, Page};

/// A picture, as far as its first bytes say.
pub fn picture(text: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), text.as_bytes()].concat()
}

/// How a paper came.
pub const CAME: [(&str, &str); 3] = [("channel", "fax"), ("day", "2025-03-03"), ("at", "11:30")];

pub async fn take_in(house: &House, name: &str, bytes: &[u8]) -> Page {
    house.send_files(Role::Clerk, "/intake/papers", &CAME, &[("paper", name, bytes)]).await
}

/// Records paper `id` with what a person says of it.
pub async fn record(house: &House, id: u64, more: &[(&str, &str)]) -> Page {
    let said = [("f.basis", "detainer"), ("action", "hold")];
    let fields: Vec<_> = CAME.iter().chain(&said).chain(more).copied().collect();
    house.send(Role::Clerk, &format!("/intake/papers/{id}"), &fields).await
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The key of the paper that waits, read past the desk.
fn key(house: &House) -> Vec<u8> {
    let database = rusqlite::Connection::open(house.data().join("desk.db")).unwrap();
    database.query_row("SELECT key FROM paper", [], |row| row.get(0)).unwrap()
}

fn files(house: &House) -> Vec<std::path::PathBuf> {
    match std::fs::read_dir(house.data().join("papers")) {
        Ok(names) => names.map(|name| name.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_survives_a_kill_sealed_and_is_recorded_once() {
    let house = House::new();
    let scan = picture("what stands on the paper, which nobody else may read");
    let page = take_in(&house, "scan.png", &scan).await;
    assert_eq!(page.to.as_deref(), Some("/intake/papers/1?said=kept"), "{}", page.text);
    // Killed between taking in and recording.
    let house = house.opened_again();
    let page = house.look(Role::Supervisor, "/intake").await;
    assert!(page.text.contains("/intake/papers/1\""), "{}", page.text);
    assert!(!holds(&std::fs::read(&files(&house)[0]).unwrap(), b"nobody else may read"));
    assert!(!holds(&house.bytes("desk.db"), b"nobody else may read"));
    let key = key(&house);
    assert_eq!(key.len(), 32);
    assert!(holds(&house.bytes("desk.db"), &key), "the key waits with the paper");

    let page = record(&house, 1, &[("once", "a"), ("has", "Sgt. of the desk")]).await;
    assert_eq!(page.to.as_deref(), Some("/register/1?said=recorded"), "{}", page.text);
    let page = house.look(Role::Clerk, "/intake").await;
    assert!(page.text.contains("No paper waits"), "{}", page.text);
    assert!(!holds(&house.bytes("desk.db"), &key), "the key is in the entry and nowhere else");
    assert!(!holds(&house.bytes("register.db"), &key), "there it is sealed");
    let private = house.private(1);
    assert_eq!(private["paper"]["kind"], "image/png");
    assert_eq!(private["paper"]["size"], scan.len());
    assert_eq!(private["has"], "Sgt. of the desk");
    assert_eq!(private["paper"]["key"].as_str().unwrap(), hex(&key));
    // Sent again, by the same form or another.
    assert_eq!(
        record(&house, 1, &[("once", "a")]).await.to.as_deref(),
        Some("/register/1?said=recorded")
    );
    assert_eq!(record(&house, 1, &[("once", "b")]).await.status, 404);

    let size = house.size();
    let page = house.send(Role::Counsel, "/register/1/paper", &[("why", "an appeal")]).await;
    assert_eq!((page.status, &page.bytes), (200, &scan), "{}", page.text);
    let named = page.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(named, "attachment; filename=\"paper-of-entry-1.png\"");
    assert_eq!(house.size(), size + 1);
    assert_eq!(house.public(size)["kind"], "view");
    let view = house.private(size);
    assert_eq!((&view["by"], &view["entries"][0]), (&"counsel".into(), &1.into()));
    assert_eq!(view["papers"][0], private["paper"]["file"]);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Destroying the key of the entry is destroying the key of the scan.
#[tokio::test(flavor = "multi_thread")]
async fn an_expunged_entry_takes_its_paper_with_it() {
    let house = House::new();
    take_in(&house, "scan.png", &picture("one")).await;
    record(&house, 1, &[]).await;
    let destroyed = house.app.recorder.alone(|store| {
        Ok(store.destroy_key(1, serde_json::json!({"order": "of a court"}), "2025-Q1")?)
    });
    destroyed.unwrap();
    let page = house.send(Role::Clerk, "/register/1/paper", &[("why", "to see it")]).await;
    assert_eq!(page.status, 404);
    let page = house.send(Role::Clerk, "/register/1/private", &[("why", "to see it")]).await;
    assert!(page.status == 200 && page.text.contains("destroyed by order"), "{}", page.text);
}

/// Killed after the entry was durable and before the row was gone: the mark says where to look.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_recording_does_not_record_twice() {
    let house = House::new();
    take_in(&house, "one.png", &picture("one")).await;
    take_in(&house, "two.png", &picture("two")).await;
    let saved: Vec<_> = ["desk.db", "desk.db-wal"]
        .map(|name| (house.data().join(name), std::fs::read(house.data().join(name)).unwrap()))
        .into();
    record(&house, 1, &[]).await;
    let data = house.data();
    let house = {
        // As if the program had been killed there: the desk's database as it was before.
        let marked = move || {
            for (path, bytes) in &saved {
                std::fs::write(path, bytes).unwrap();
            }
            drop(std::fs::remove_file(data.join("desk.db-shm")));
            let database = rusqlite::Connection::open(data.join("desk.db")).unwrap();
            database.execute("UPDATE paper SET mark = 0", []).unwrap();
        };
        house.opened_again_after(marked)
    };
    let page = house.look(Role::Clerk, "/intake").await;
    assert!(!page.text.contains("/intake/papers/1\""), "{}", page.text);
    assert!(page.text.contains("/intake/papers/2\""), "the other was not recorded: {}", page.text);
    assert_eq!(record(&house, 1, &[]).await.status, 404);
    assert_eq!(record(&house, 2, &[]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_paper_is_refused_and_the_form_kept() {
    let house = House::new();
    let large = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 26 << 20]].concat();
    let limit = [b"%PDF-1.7\n".as_slice(), &vec![b' '; (25 << 20) - 9]].concat();
    let table: [(&str, &[u8], &str); 6] = [
        ("form.pdf", b"#!/bin/sh\nexit", "no PDF and no PNG"),
        ("form.pdf", b"<html><script>alert(1)</script>", "no PDF and no PNG"),
        ("form.pdf", b"GIF89a", "no PDF and no PNG"),
        ("form.pdf", b"", "Choose the file"),
        ("form.pdf", b" %PDF-1.7", "no PDF and no PNG"),
        ("form.pdf", &large, "at most 25 MiB"),
    ];
    for (name, bytes, why) in table {
        let page = take_in(&house, name, bytes).await;
        assert_eq!(page.status, 422, "{why}");
        assert!(page.text.contains(why), "{why}: {}", page.text);
        assert!(files(&house).is_empty());
    }
    let file = [("paper", "a.png", picture("a"))];
    let file: Vec<_> = file.iter().map(|it| (it.0, it.1, it.2.as_slice())).collect();
    for (field, value, why) in [
        ("channel", "pigeon", "Choose how it came"),
        ("channel", "", "Choose how it came"),
        ("day", "2025-03-04", "still to come"),
        ("day", "soon", "Write the day"),
        ("at", "noon", "no time of day"),
    ] {
        let mut fields = CAME.to_vec();
        fields.retain(|it| it.0 != field);
        fields.push((field, value));
        let page = house.send_files(Role::Clerk, "/intake/papers", &fields, &file).await;
        assert_eq!(page.status, 422, "{field}={value}");
        assert!(page.text.contains(why) && page.text.contains("role=\"alert\""), "{}", page.text);
        assert!(page.text.contains("value=\"2025-03-03\"") || field == "day", "{}", page.text);
    }
    assert_eq!(take_in(&house, "whole.pdf", &limit).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_form_is_refused() {
    let house = House::new();
    let mark = house.mark(Role::Clerk);
    let part = |name: &str, value: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = format!("{}{}", part("channel", "fax"), part("day", "2025-03-03"));
    let file = "--edge\r\nContent-Disposition: form-data; name=\"paper\"; \
                filename=\"a.png\"\r\n\r\n\u{89}PNG";
    let whole = "\r\n--edge--\r\n";
    let table = [
        ("edge", format!("{}{fields}{file}", part("csrf", mark)), "in pieces"),
        ("other", format!("{}{fields}{file}{whole}", part("csrf", mark)), "in pieces"),
        ("edge", format!("{fields}{file}{whole}"), "not of your session"),
        ("edge", format!("{}{fields}{file}{whole}", part("csrf", "0000")), "not of your session"),
        ("edge", String::new(), "in pieces"),
        ("edge", "--edge\r\n\r\n\r\n--edge--\r\n".to_owned(), "in pieces"),
    ];
    for (boundary, body, why) in table {
        let request = Request::post("/intake/papers")
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, house.cookie(Role::Clerk));
        let page = house.ask(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(page.status, 422, "{body}: {}", page.text);
        assert!(page.text.contains(why), "{body}: {}", page.text);
    }
    assert!(files(&house).is_empty());
}

/// What a sender calls a file is no path, no script, and not kept: it may be a person's name.
#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_file_is_not_kept() {
    let house = House::new();
    for (number, name) in [
        "../../../tmp/evil.png",
        "/etc/passwd",
        "..\\\\..\\\\evil.png",
        "<script>alert(1)</script>.png",
        "Surname Forename.png",
        "register.db",
    ]
    .into_iter()
    .enumerate()
    {
        let page = take_in(&house, name, &picture(name)).await;
        assert_eq!(page.to, Some(format!("/intake/papers/{}?said=kept", number + 1)), "{name}");
    }
    let page = house.look(Role::Clerk, "/intake").await;
    for word in ["evil", "passwd", "<script>", "Surname"] {
        assert!(!page.text.contains(word), "{word}: {}", page.text);
        assert!(!holds(&house.bytes("desk.db"), word.as_bytes()), "{word}");
    }
    let hexed = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.len() == 64 && name.bytes().all(|it| it.is_ascii_hexdigit())
    };
    assert!(files(&house).len() == 6 && files(&house).iter().all(hexed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_taken_in_by_mistake_is_thrown_away_with_a_reason() {
    let house = House::new();
    take_in(&house, "one.png", &picture("one")).await;
    let key = key(&house);
    let path = "/intake/papers/1/discard";
    assert!(house.look(Role::Clerk, path).await.text.contains("Throw this paper away?"));
    for (why, wrong) in [("", "Say in a few words"), ("A123456789", "A-number")] {
        let page = house.send(Role::Clerk, path, &[("why", why)]).await;
        assert!(page.status == 422 && page.text.contains(wrong), "{why}: {}", page.text);
    }
    assert_eq!(files(&house).len(), 1);
    let page = house.send(Role::Supervisor, path, &[("why", "<b>scanned twice</b>")]).await;
    assert_eq!(page.to.as_deref(), Some("/intake?said=thrown"));
    assert!(files(&house).is_empty() && !holds(&house.bytes("desk.db"), &key));
    let page = house.look(Role::Clerk, "/intake").await;
    assert!(page.text.contains("&#60;b&#62;scanned twice"), "{}", page.text);
    assert!(page.text.contains("supervisor") && page.text.contains("No paper waits"));
    assert_eq!(house.send(Role::Clerk, path, &[("why", "again")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_is_told() {
    let house = House::new();
    let again = "The same file came in before";
    take_in(&house, "one.png", &picture("one")).await;
    take_in(&house, "two.png", &picture("one")).await;
    assert!(!house.look(Role::Clerk, "/intake/papers/1").await.text.contains(again));
    assert!(house.look(Role::Clerk, "/intake/papers/2").await.text.contains(again));
    record(&house, 1, &[]).await;
    take_in(&house, "three.png", &picture("one")).await;
    take_in(&house, "four.png", &picture("another")).await;
    assert!(house.look(Role::Clerk, "/intake/papers/3").await.text.contains(again));
    assert!(!house.look(Role::Clerk, "/intake/papers/4").await.text.contains(again));
    // It may be asked twice on two channels, so it can be recorded all the same.
    assert_eq!(record(&house, 2, &[]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_paper_is_looked_at_on_the_record() {
    let house = House::new();
    let scan = picture("one");
    take_in(&house, "one.png", &scan).await;
    let page = house.send(Role::Clerk, "/intake/papers/1/file", &[]).await;
    assert_eq!((page.status, &page.bytes), (200, &scan), "{}", page.text);
    // A register starts with the law in force, then somebody looked.
    assert_eq!((house.public(0)["kind"].as_str(), house.size()), (Some("pack"), 2));
    assert_eq!(house.public(1), serde_json::json!({"kind": "view", "day": "2025-03-03"}));
    assert_eq!(house.private(1)["by"], "clerk");
    // A damaged file is said to be one, and the paper still waits.
    std::fs::write(&files(&house)[0], b"altered").unwrap();
    assert_eq!(house.send(Role::Clerk, "/intake/papers/1/file", &[]).await.status, 500);
    assert!(house.look(Role::Clerk, "/intake").await.text.contains("/intake/papers/1\""));
}
