//! The program itself, listening: many clients, slow ones, a kill, a full disk, two at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bailiwick::store::Store;

use super::house::{PASSWORD, digits_now};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// The program, serving.
pub struct Served {
    pub child: Child,
    address: SocketAddr,
    set_up: Option<String>,
}

impl Served {
    pub fn start(folder: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        Self::run(command)
    }

    /// With files of at most so many blocks of 512 bytes: what a full disk says, for every file.
    fn in_a_small_place(folder: &Path, blocks: u32) -> Self {
        let mut command = Command::new("sh");
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\""
        );
        command.args(["-c", &script, PROGRAM]).arg(folder);
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut address, mut set_up) = (None, None);
        while let Some(Ok(line)) = lines.next() {
            if let Some(it) = line.strip_prefix("Listening on http://") {
                address = Some(it.parse().unwrap());
            }
            if let Some(it) = line.strip_prefix("Set up: ") {
                set_up = Some(it[it.find("/set-up").unwrap()..].to_owned());
            }
            // The address is said last.
            if address.is_some() {
                break;
            }
        }
        // Whoever writes traces must not wait for a reader.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.unwrap(), set_up }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends a request and reads the whole answer.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        drop(stream.read_to_string(&mut answer));
        answer
    }

    pub fn get(&self, path: &str, cookie: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn post(&self, path: &str, cookie: &str, body: &str) -> String {
        self.ask(&post(path, cookie, body))
    }

    /// Makes the first account an officer too; its cookie and its forms' mark.
    fn officer(&self) -> (String, String) {
        self.somebody("officer")
    }

    /// Gives the first account another role; its cookie and its forms' mark.
    pub fn somebody(&self, role: &str) -> (String, String) {
        let link = self.set_up.clone().unwrap();
        let page = self.get(&link, "");
        let secret = between(&page, "name=\"secret\" value=\"", "\"");
        let password = PASSWORD.replace(' ', "+");
        let code = digits_now(&secret);
        let body = format!("password={password}&again={password}&secret={secret}&code={code}");
        let answer = self.post(&link, "", &body);
        let cookie = between(&answer.to_lowercase(), "set-cookie: ", ";");
        let mark = between(&self.get("/accounts", &cookie), "name=\"csrf\" value=\"", "\"");
        let body = format!("csrf={mark}&role=administrator&role={role}");
        assert!(self.post("/accounts/1/roles", &cookie, &body).starts_with("HTTP/1.1 303"));
        (cookie, mark)
    }

    fn end(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn post(path: &str, cookie: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn between(text: &str, start: &str, end: &str) -> String {
    let at = text.find(start).unwrap_or_else(|| panic!("no `{start}` in {text}")) + start.len();
    text[at..].split(end).next().unwrap().to_owned()
}

const CASE: &str = "channel=desk&f.criminal_warrant=false&f.basis=none&f.purpose=civil_immigration";

/// The entry that an answer acknowledges.
fn acknowledged(answer: &str) -> Option<u64> {
    let to = answer.to_lowercase();
    let to = to.split("location: /register/").nth(1)?.split('?').next()?.to_owned();
    to.parse().ok()
}

/// Many write at once, and then the program is killed in the middle of it: whatever was
/// acknowledged is there.
#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let served = Served::start(&data);
    let (cookie, mark) = served.officer();
    let seen = std::sync::Mutex::new(Vec::new());
    let body = format!("csrf={mark}&{CASE}");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let Ok(mut stream) = TcpStream::connect(served.address) else { break };
                    let mut answer = String::new();
                    let sent = stream.write_all(post("/may-we/hold", &cookie, &body).as_bytes());
                    if sent.and_then(|()| stream.read_to_string(&mut answer)).is_err() {
                        break;
                    }
                    seen.lock().unwrap().extend(acknowledged(&answer));
                }
            });
        }
        thread::sleep(Duration::from_millis(1_500));
        let id = served.child.id().to_string();
        Command::new("kill").args(["-KILL", &id]).status().unwrap();
        stop.store(true, Ordering::Relaxed);
    });
    drop(served);
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    let all = seen.len();
    seen.dedup();
    assert!(all > 20 && all == seen.len(), "{all} answers, {} entries", seen.len());
    let store = Store::open(&data).unwrap();
    for entry in seen {
        assert_eq!(store.entry(entry).map(|it| it.public.kind()), Some("request"), "{entry}");
    }
}

/// A disk that is full: nothing is acknowledged that is not there, it is said in plain words, and
/// once there is room again everything goes on.
#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    Served::start(&data).end();
    let served = Served::in_a_small_place(&data, 400);
    let (cookie, mark) = served.officer();
    let body = format!("csrf={mark}&{CASE}");
    let mut last = 0;
    let refused = loop {
        let answer = served.post("/may-we/hold", &cookie, &body);
        match acknowledged(&answer) {
            Some(entry) => last = entry,
            None => break answer,
        }
        assert!(last < 100_000, "the place was not small enough");
    };
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("Nothing was recorded") && !refused.contains("panicked"));
    assert!(served.get("/health", "").starts_with("HTTP/1.1 503"));
    drop(served);
    let served = Served::start(&data);
    let (size, next) = {
        let answer = served.get("/health", "");
        (between(&answer, "\"entries\":\"", "\"").parse::<u64>().unwrap(), last)
    };
    assert!(size > next, "{size} entries, the last acknowledged is {next}");
    served.end();
    assert_eq!(Store::open(&data).unwrap().size(), size);
}

#[test]
fn a_register_is_served_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let served = Served::start(&data);
    let second = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));
    served.end();
}

/// Whoever says nothing, or a letter at a time, keeps nobody else waiting and is shown out.
#[test]
fn slow_clients_are_shown_out() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("register"));
    let mut slow: Vec<TcpStream> = (0..200).map(|_| served.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    }
    let began = Instant::now();
    assert!(served.get("/sign-in", "").starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() < Duration::from_secs(5), "others wait for them");
    // They go on, a letter at a time, until they are cut off.
    let ends = Instant::now() + Duration::from_secs(25);
    let open = |stream: &mut TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        drop(stream.write_all(b"x"));
        let mut answer = [0; 64];
        match stream.read(&mut answer) {
            Ok(0) => false,
            Ok(_) => !answer.starts_with(b"HTTP/1.1 408"),
            Err(error) => matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        }
    };
    while !slow.is_empty() && Instant::now() < ends {
        slow.retain_mut(open);
        thread::sleep(Duration::from_millis(200));
    }
    assert!(slow.is_empty(), "{} are still there", slow.len());
}

/// A thousand at once, each from an address of its own.
#[test]
fn a_thousand_clients_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("register"));
    let right = AtomicUsize::new(0);
    let address = served.address;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..1_000_u16 {
            clients.spawn(async move {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let socket = tokio::net::TcpSocket::new_v4()?;
                let [high, low] = number.to_be_bytes();
                socket.bind(SocketAddr::from(([127, 1, high, low], 0)))?;
                let mut stream = socket.connect(address).await?;
                let text = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                stream.write_all(text).await?;
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer).await?;
                std::io::Result::Ok(
                    answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"</html>"),
                )
            });
        }
        while let Some(done) = clients.join_next().await {
            right.fetch_add(usize::from(done.unwrap().unwrap_or(false)), Ordering::Relaxed);
        }
    });
    assert_eq!(right.into_inner(), 1_000);
}
