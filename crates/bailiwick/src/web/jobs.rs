//! Audits that run while nobody waits for a page, one at a time.
//!
//! In: what is asked of an audit. Out: how far it is, and its entry or why there is none. Absent:
//! pages; what an audit is. Logs that were sent in have no name on the disk any more once a job has
//! them, so they go with it, however it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::app::App;
use super::held;
use super::once::Once;
use super::visit::Refusal;
use crate::audit_documents::{self as documents, ToRecord};
use crate::audit_logs::{Asked, processors, recorded, run};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{Access, Disk as _, RealDisk, Store};

/// What is said to whoever starts one while another runs.
pub const BUSY: &str = "An audit is running, and there is room for one at a time: wait until it \
                        has ended, then start this one again.";

/// The jobs of a desk.
pub struct Jobs {
    last: Mutex<Option<Arc<Job>>>,
    left: Vec<&'static str>,
}

/// What is to be done.
pub struct Work {
    /// What is asked.
    pub asked: Asked,
    /// The entry of the seed that the sample is drawn by.
    pub seed: Option<u64>,
    /// Who audits.
    pub by: String,
}

/// An audit, and how far it is.
pub struct Job {
    /// What tells it from others.
    pub mark: String,
    /// Who started it.
    pub by: String,
    /// What its files are called.
    pub files: Vec<String>,
    /// Their bytes.
    pub bytes: u64,
    read: AtomicU64,
    rows: AtomicU64,
    file: AtomicUsize,
    began: Instant,
    stop: Stop,
    ended: Mutex<Option<Ended>>,
}

/// How a job ended.
#[derive(Clone, Debug)]
struct Ended {
    took: Duration,
    state: State,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It reads, or it decides what it has read.
    Running,
    /// It was cancelled, and is about to end.
    Stopping,
    /// It is recorded as an entry.
    Done(u64),
    /// It was cancelled before it was recorded.
    Cancelled,
    /// It came to nothing, and why.
    Failed(String),
}

impl State {
    /// Whether it has not ended yet.
    pub fn runs(&self) -> bool {
        matches!(self, Self::Running | Self::Stopping)
    }
}

/// What a job has done by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Which file, counted from 1.
    pub file: usize,
    /// How long it took.
    pub took: Duration,
    /// How far it is.
    pub state: State,
}

impl Jobs {
    /// The jobs of a register's folder. What a program that was killed has left is seen to.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn new(store: &Store, folder: &Path) -> Result<Self> {
        let mut left = Vec::new();
        if documents::settle(store, folder)? {
            left.push(
                "An audit was under way when the program last ended. Nothing of it was recorded \
                 and nothing of it is left: start it again.",
            );
        }
        if no_uploads(&folder.join("uploads"))? {
            left.push(
                "Logs were being sent in when the program last ended. What had arrived of them \
                 was removed: send them again.",
            );
        }
        Ok(Self { last: Mutex::new(None), left })
    }

    /// What was left of the program before, and what became of it.
    pub fn left(&self) -> &[&'static str] {
        &self.left
    }

    /// The last job, whether it runs or has ended.
    pub fn last(&self) -> Option<Arc<Job>> {
        held(&self.last).clone()
    }

    /// Whether one runs.
    pub fn running(&self) -> bool {
        self.last().is_some_and(|job| job.progress().state.runs())
    }

    /// Starts one, if none runs.
    ///
    /// # Errors
    /// Another that runs.
    pub fn start(&self, app: &Arc<App>, work: Work) -> Result<()> {
        let mut last = held(&self.last);
        if last.as_ref().is_some_and(|job| job.progress().state.runs()) {
            return Err(Error::Input(BUSY.to_owned()));
        }
        let job = Arc::new(Job {
            mark: Once::mark()?,
            by: work.by.clone(),
            files: work.asked.logs.iter().map(|log| log.name.clone()).collect(),
            bytes: work.asked.bytes(),
            read: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            file: AtomicUsize::new(1),
            began: Instant::now(),
            stop: work.asked.stop.clone(),
            ended: Mutex::new(None),
        });
        let (app, own) = (Arc::clone(app), Arc::clone(&job));
        std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || own.work(&app, work))
            .map_err(|error| Error::File(format!("no thread for an audit: {error}")))?;
        *last = Some(job);
        Ok(())
    }
}

/// Says that a job broke, unless it has ended in some other way before.
struct OrBroke(Arc<Job>);

impl Drop for OrBroke {
    fn drop(&mut self) {
        self.0.ends(State::Failed("Something went wrong here, not with the logs.".to_owned()));
    }
}

impl Job {
    /// What it has done by now.
    pub fn progress(&self) -> Progress {
        let (took, state) = match &*held(&self.ended) {
            None if self.stop.is_set() => (self.began.elapsed(), State::Stopping),
            None => (self.began.elapsed(), State::Running),
            Some(Ended { took, state }) => (*took, state.clone()),
        };
        Progress {
            bytes: self.read.load(Ordering::Relaxed).min(self.bytes),
            rows: self.rows.load(Ordering::Relaxed),
            file: self.file.load(Ordering::Relaxed),
            took,
            state,
        }
    }

    /// Lets it end before it is recorded; where it is recorded already, that stands.
    pub fn cancel(&self) {
        self.stop.set();
    }

    fn ends(&self, state: State) {
        let took = self.began.elapsed();
        held(&self.ended).get_or_insert(Ended { took, state });
    }

    fn work(self: Arc<Self>, app: &App, work: Work) {
        let broke = OrBroke(Arc::clone(&self));
        self.ends(match self.audit(app, work) {
            Ok(Some(entry)) => State::Done(entry),
            Ok(None) => State::Cancelled,
            Err(error) => {
                tracing::error!(%error, "an audit came to nothing");
                State::Failed(Refusal::Error(error).said().1)
            }
        });
        drop(broke);
    }

    /// The entry of the audit; nothing where it was cancelled before there was one.
    fn audit(&self, app: &App, work: Work) -> Result<Option<u64>> {
        let folder = &app.folder;
        let register = app.read(|store| {
            // What the last job may have left, when the disk failed under it.
            documents::settle(store, folder)?;
            recorded(store, &work.asked.key)
        })?;
        let mut part = documents::part(folder)?;
        let progress = |at: usize, bytes: u64, rows: u64| {
            self.file.store(at.saturating_add(1), Ordering::Relaxed);
            self.read.fetch_add(bytes, Ordering::Relaxed);
            self.rows.fetch_add(rows, Ordering::Relaxed);
        };
        // One processor stays with those who come to the desk meanwhile.
        let threads = Some(processors().saturating_sub(1).max(1));
        let asked = Asked { threads, ..work.asked };
        let made = run(app.library(), asked, &register, part.folder(), &progress);
        // Whatever failed then, failed because it was told to.
        let made = if self.stop.is_set() { return Ok(None) } else { made? };
        let (seed, by, day) = (work.seed, Some(work.by.as_str()), app.today().to_string());
        let audit = ToRecord { made: &made, seed, by, day };
        // The folder gets its name while nobody else has the register: a backup that has the entry
        // has the documents.
        let recorded = app.recorder.alone(|store| {
            if self.stop.is_set() {
                return Ok(None);
            }
            let entry = documents::record(store, &audit, &mut part)?;
            Ok(Some((entry, documents::keep(folder, entry, &made.sha256, part))))
        })?;
        let Some((entry, kept)) = recorded else { return Ok(None) };
        if let Err(error) = kept {
            // It is recorded, so it has not come to nothing; the folder gets its name before the
            // next audit, or when the program starts again.
            tracing::error!(%error, entry, "the documents of an audit have no name yet");
        }
        app.read(|store| Ok(store.size()))?;
        Ok(Some(entry))
    }
}

/// The folder for logs that are sent in, empty and for the owner only. Says whether something was
/// in it.
fn no_uploads(folder: &PathBuf) -> Result<bool> {
    let failed = |error| Error::file(folder)(error);
    RealDisk.make_folder(folder, Access::Secret).map_err(failed)?;
    let mut some = false;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !path.is_dir() {
            fs::remove_file(path).map_err(failed)?;
            some = true;
        }
    }
    Ok(some)
}
