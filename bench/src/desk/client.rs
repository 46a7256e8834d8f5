//! Clients that ask one thing after the other over connections that are kept, each connection from
//! an address of its own, as visitors have.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::Result;

/// Requests over one connection: fewer than one address may send at once.
const OVER_ONE: usize = 150;

/// What came of asking.
pub struct Asked {
    took: Duration,
    /// The time of each answer, sorted.
    times: Vec<Duration>,
}

impl Asked {
    /// Answers a second.
    pub fn a_second(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    /// The time within which so many of a hundred were answered, in milliseconds.
    pub fn millis(&self, percent: usize) -> f64 {
        let at = self.times.len().saturating_sub(1) * percent / 100;
        self.times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

/// Lets clients ask for a while; every answer must begin as expected.
///
/// # Errors
/// Another answer, or none.
pub fn clients(
    to: SocketAddr,
    number: usize,
    during: Duration,
    requests: Arc<Vec<String>>,
    expected: &'static [u8],
) -> Result<Asked> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let times = runtime.block_on(async {
        let mut all = tokio::task::JoinSet::new();
        for client in 0..number {
            let requests = Arc::clone(&requests);
            all.spawn(one(to, began + during, requests, expected, client));
        }
        let mut times = Vec::new();
        while let Some(done) = all.join_next().await {
            times.extend(done??);
        }
        Ok::<_, crate::Error>(times)
    });
    let took = began.elapsed();
    let mut times = times?;
    times.sort_unstable();
    Ok(Asked { took, times })
}

async fn one(
    to: SocketAddr,
    until: Instant,
    requests: Arc<Vec<String>>,
    expected: &'static [u8],
    client: usize,
) -> io::Result<Vec<Duration>> {
    let (mut times, mut answer) = (Vec::new(), Vec::new());
    let mut all = requests.iter().cycle().skip(client);
    while Instant::now() < until {
        let mut stream = connect(to).await?;
        for request in all.by_ref().take(OVER_ONE) {
            let began = Instant::now();
            if began >= until {
                break;
            }
            stream.write_all(request.as_bytes()).await?;
            read(&mut stream, &mut answer).await?;
            times.push(began.elapsed());
            if !answer.starts_with(expected) {
                let text = String::from_utf8_lossy(&answer).into_owned();
                return Err(io::Error::other(format!("another answer: {text}")));
            }
        }
    }
    Ok(times)
}

/// A connection from an address of this machine that no other has.
async fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let [_, a, b, c] = (NEXT.fetch_add(1, Ordering::Relaxed) + (1 << 16)).to_be_bytes();
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, a, b, c), 0)))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one answer, whose length its head says.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<()> {
    answer.clear();
    loop {
        if let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(answer.get(..head).unwrap_or_default());
            let text = text.to_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|it| it.lines().next());
            let length: usize = length.and_then(|it| it.trim().parse().ok()).unwrap_or(0);
            if answer.len() >= head + 4 + length {
                return Ok(());
            }
        }
        if stream.read_buf(answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
