//! The desk in a browser's place: pages and recorded answers a second, over registers of two
//! sizes, from the program itself listening on a port.

mod client;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bailiwick::texts;
use bailiwick::web::{Code, Database, Password, People, Role, Roles};

use crate::append::Block;
use crate::chance::Chance;
use crate::registers::with_entries;
use crate::scratch::{Scratch, of_process};
use crate::table::Table;
use crate::timing::{Sample, figure};
use crate::{Cli, Result};
use client::{Asked, clients};

/// Entries of the registers.
const SIZES: [usize; 2] = [10_000, 1_000_000];

/// How long a lane takes.
const LANE: Duration = Duration::from_secs(5);

/// Clients that look at pages at once, and those that have answers recorded.
const LOOKING: usize = 16;
const RECORDING: [usize; 3] = [1, 8, 64];

/// An answer that Boston's ordinance gives to a detainer and nothing else.
const CASE: &str = "channel=desk&f.criminal_warrant=false&f.basis=detainer&\
                    f.eligible_for_release=true";

/// Measures the desk.
///
/// # Errors
/// If the program does not serve, or an answer is not what was asked for.
pub fn measure(cli: &Cli, scratch: &Scratch) -> Result<Table> {
    let head = ["entries", "what", "a second", "p50", "p99", "÷ limit"];
    let mut table = Table::new("The desk", &head);
    let sizes = cli.rows.map_or_else(|| SIZES.to_vec(), |rows| vec![rows]);
    for size in sizes {
        of_size(cli, scratch, size, &mut table)?;
    }
    let bytes = std::fs::metadata(&cli.program)?.len();
    table.note(format!(
        "The program has {} MB. Clients and program share the processors. ÷ limit: entries made \
         durable a second, in answers of two entries each, ÷ how often a block of 4 KiB is \
         written in place and made durable, measured before and after.",
        figure(bytes as f64 / 1e6)
    ));
    Ok(table)
}

fn of_size(cli: &Cli, scratch: &Scratch, size: usize, table: &mut Table) -> Result<()> {
    let folder = scratch.join(&format!("desk-{size}"));
    eprintln!("desk: a register of {size} entries");
    let library = texts::library(None, Some(crate::registers::AGENCY))?;
    drop(with_entries(&library, &folder, size)?);
    let (cookie, mark) = officer(&folder)?;
    let served = Served::start(&cli.program, &folder)?;
    let none = || "–".to_owned();
    let mut row = |what: String, asked: &Asked, share: String| {
        let times = [asked.a_second(), asked.millis(50), asked.millis(99)];
        let [rate, p50, p99] = times;
        table.row(&[size.to_string(), what, figure(rate), p99_of(p50), p99_of(p99), share]);
    };
    let pages: [(&str, Vec<String>); 4] = [
        ("the form to sign in", vec!["/sign-in".into()]),
        ("a question", vec!["/may-we/hold?f.criminal_warrant=false".into()]),
        ("the register, newest first", vec!["/register".into()]),
        ("one entry", some_entries(size)),
    ];
    for (what, paths) in &pages {
        eprintln!("desk: {what}");
        let requests: Vec<String> = paths.iter().map(|path| get(path, &cookie)).collect();
        let asked = clients(served.address, LOOKING, LANE, Arc::new(requests), b"HTTP/1.1 200")?;
        row((*what).to_owned(), &asked, none());
    }
    for number in RECORDING {
        let before = limit(scratch)?;
        let request = post("/may-we/hold", &cookie, &format!("csrf={mark}&{CASE}"));
        let asked =
            clients(served.address, number, LANE, Arc::new(vec![request]), b"HTTP/1.1 303")?;
        let limit = f64::midpoint(before, limit(scratch)?);
        let what = format!("an answer recorded durably, {number} at once");
        row(what, &asked, figure(asked.a_second() * 2.0 / limit));
    }
    table.note(format!(
        "{size} entries: the program listens after {} ms (it checks every entry first) and takes \
         {} MB at most.",
        served.started.as_millis(),
        figure(served.memory()? / 1e6)
    ));
    Ok(())
}

fn p99_of(millis: f64) -> String {
    format!("{} ms", figure(millis))
}

/// Requests spread over a register, from a fixed seed.
fn some_entries(size: usize) -> Vec<String> {
    let mut chance = Chance::new(5);
    (0..512).map(|_| format!("/register/{}", chance.below(size))).collect()
}

fn get(path: &str, cookie: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n")
}

fn post(path: &str, cookie: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// How often a second a block is made durable when nothing else is done.
fn limit(scratch: &Scratch) -> Result<f64> {
    let path = scratch.join("desk-block");
    drop(std::fs::remove_file(&path));
    let mut block = Block::new(&path)?;
    let began = Instant::now();
    let mut times = 0_usize;
    while began.elapsed() < Duration::from_secs(1) {
        let _: Sample = block.overwrite(20)?;
        times += 20;
    }
    Ok(times as f64 / began.elapsed().as_secs_f64())
}

/// An officer's cookie, and what their forms carry.
fn officer(folder: &Path) -> Result<(String, String)> {
    let people = People::new(Arc::new(Database::open(folder)?));
    let now = jiff::Timestamp::now().as_second();
    let person = people.add("officer", "Officer", Roles::of(&[Role::Officer]))?;
    let token = people.invite(person.id, now)?;
    let code = Code::new()?;
    let typed = code.digits(now).ok_or("no code")?;
    let password = Password::new("a sentence that is long");
    let person = people.accept(&token, &password, &code, &typed, now)?;
    let token = people.begin(&person, now)?;
    let session = people.session(&token, now)?.ok_or("no session")?;
    Ok((format!("bailiwick={}", token.text()), session.mark))
}

/// The program, serving.
struct Served {
    child: Child,
    address: SocketAddr,
    started: Duration,
}

impl Served {
    fn start(program: &PathBuf, folder: &Path) -> Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no errors")?).lines();
        let address = loop {
            let line = lines.next().ok_or("the program ended")??;
            if let Some(address) = line.strip_prefix("Listening on http://") {
                break address.parse()?;
            }
        };
        let started = began.elapsed();
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address, started })
    }

    /// The bytes of memory that it had at most.
    fn memory(&self) -> Result<f64> {
        Ok(of_process(self.child.id()).ok_or("no figure for its memory")? as f64)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
