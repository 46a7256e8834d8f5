//! A gigabyte that is sent in, made on the way: refused where it is too much, taken where it is
//! not, and in both cases in little memory.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::served::{Served, between};

const GIB: u64 = 1 << 30;

/// What reading a paper may take at most: its 25 MiB, twice while they are moved, and some room.
const ROOM: u64 = 80 << 20;

/// The most memory that the program had so far, in bytes.
fn memory(served: &Served) -> u64 {
    let path = format!("/proc/{}/status", served.child.id());
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix("kB").unwrap().trim().parse::<u64>().unwrap() * 1_024
}

/// How many files are in a folder; none where there is no folder.
fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A form with a file, before its bytes and after.
fn form(mark: &str, field: &str, start: &str) -> (String, String) {
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{mark}\r\n\
         --edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{start}"
    );
    (head, "\r\n--edge--\r\n".to_owned())
}

/// Sends a gigabyte as a file of a form, and reads the answer, which may come before all is sent.
fn send(served: &Served, path: &str, cookie: &str, form: &(String, String), said: bool) -> String {
    let (head, tail) = form;
    let length = head.len() as u64 + GIB + tail.len() as u64;
    let how = match said {
        true => format!("Content-Length: {length}"),
        false => "Transfer-Encoding: chunked".to_owned(),
    };
    let mut stream = served.connect();
    stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\n{how}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = stream.try_clone().unwrap();
    let answer = thread::spawn(move || {
        let mut answer = Vec::new();
        // Whoever is refused may be cut off once the answer is there.
        drop(reader.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    });
    let block = [b"x".repeat(63).as_slice(), b"\n"].concat().repeat(4_096);
    let mut put = |bytes: &[u8]| match said {
        true => stream.write_all(bytes),
        false => {
            let size = format!("{:x}\r\n", bytes.len());
            stream.write_all(&[size.as_bytes(), bytes, b"\r\n"].concat())
        }
    };
    let mut sent = put(head.as_bytes());
    let mut left = GIB;
    while sent.is_ok() && left > 0 {
        sent = put(&block);
        left -= block.len() as u64;
    }
    if sent.and_then(|()| put(tail.as_bytes())).is_ok() && !said {
        drop(stream.write_all(b"0\r\n\r\n"));
    }
    let answer = answer.join().unwrap();
    drop(stream.shutdown(Shutdown::Both));
    answer
}

#[test]
fn a_gigabyte_is_no_paper() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let served = Served::start(&data);
    let (cookie, mark) = served.somebody("clerk");
    let before = memory(&served);
    let form = form(&mark, "paper", "%PDF-1.7\n");
    for said in [true, false] {
        let answer = send(&served, "/intake/papers", &cookie, &form, said);
        assert!(answer.starts_with("HTTP/1.1 422"), "said: {said}: {answer}");
        assert!(answer.contains("The file is too large: at most 25 MiB"), "{answer}");
        assert_eq!(files(&data.join("papers")) + files(&data.join("uploads")), 0);
    }
    // The desk goes on, and has not grown by what was sent.
    assert!(served.get("/intake", &cookie).contains("No paper waits"));
    let grown = memory(&served) - before;
    assert!(grown < ROOM, "{grown} bytes");
}

#[test]
fn a_gigabyte_may_be_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let served = Served::start(&data);
    let (cookie, mark) = served.somebody("auditor");
    let before = memory(&served);
    let answer = send(&served, "/audit", &cookie, &form(&mark, "logs", "no log\n"), true);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(between(&answer.to_lowercase(), "location: ", "\r\n"), "/audit/progress");
    // It was taken whole, and is none: nothing of it is kept.
    let mut page = String::new();
    for _ in 0..100 {
        page = served.get("/audit/progress", &cookie);
        if !page.contains("<progress") {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert!(page.contains("The audit came to nothing"), "{page}");
    assert_eq!(files(&data.join("uploads")) + files(&data.join("audits")), 0);
    assert!(!data.join("audit.part").exists());
    let grown = memory(&served) - before;
    assert!(grown < ROOM, "{grown} bytes");
}
