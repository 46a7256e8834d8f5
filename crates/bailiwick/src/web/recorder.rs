//! The recorder: many hands, one register.
//!
//! In: what is to be drafted, from any thread. Out: the indices of its entries, once they are
//! durable. Those who come while a batch is being written are written together as the next one, so
//! that many answers share the waiting for the disk. Absent: pages, people, what entries mean.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use law::Library;

use super::held;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::store::{self, Draft, Store};

/// A register that many threads use.
pub struct Recorder {
    library: Arc<Library>,
    folder: PathBuf,
    /// Nothing after a write has failed: then it is opened again, which checks all of it.
    store: Mutex<Option<Store>>,
    waiting: Mutex<Vec<Job>>,
    /// How many entries there were when somebody last had the register.
    size: AtomicU64,
    /// Why the last writing failed; nothing once one has succeeded again.
    trouble: Mutex<Option<Error>>,
}

/// What was recorded for one who asked.
#[derive(Debug)]
pub struct Recorded<T> {
    /// The entries, in the order drafted.
    pub entries: Vec<u64>,
    /// What came out beside them.
    pub value: T,
}

/// Drafts entries. It may be called again, when others of its batch were refused.
type Drafting = Box<dyn FnMut(&mut Desk<'_>, &Store) -> Result<Vec<Draft>> + Send>;

struct Job {
    draft: Drafting,
    done: Arc<Mutex<Option<Result<Vec<u64>>>>>,
}

/// Batches that are written together at most; a batch of a thousand takes a tenth of a second.
const MOST_TOGETHER: usize = 256;

impl Recorder {
    /// The recorder of an open register.
    pub fn new(store: Store, folder: &Path, library: Arc<Library>) -> Self {
        let (folder, size) = (folder.to_owned(), AtomicU64::new(store.size()));
        Self {
            library,
            folder,
            store: Mutex::new(Some(store)),
            waiting: Mutex::default(),
            size,
            trouble: Mutex::default(),
        }
    }

    /// The law requests are decided by.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// How many entries the register has.
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    /// Why the last writing failed, if it did.
    pub fn trouble(&self) -> Option<Error> {
        held(&self.trouble).clone()
    }

    /// Reads.
    ///
    /// # Errors
    /// A register that cannot be opened again after a failure, and what `read` says.
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        read(self.open(&mut held(&self.store))?)
    }

    /// Does something with the whole register, alone.
    ///
    /// # Errors
    /// As [`Recorder::read`].
    pub fn alone<T>(&self, work: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        let mut slot = held(&self.store);
        let done = self.open(&mut slot).and_then(work);
        self.let_go(&mut slot, done.as_ref().err());
        done
    }

    /// Records what is drafted: on return it cannot be lost any more.
    ///
    /// # Errors
    /// What the drafting or the register refuses; then nothing of it was recorded.
    pub fn record<T: Send + 'static>(
        &self,
        mut draft: impl FnMut(&mut Desk<'_>, &Store) -> Result<(Vec<Draft>, T)> + Send + 'static,
    ) -> Result<Recorded<T>> {
        let made: Arc<Mutex<Option<T>>> = Arc::default();
        let done: Arc<Mutex<Option<Result<Vec<u64>>>>> = Arc::default();
        let beside = Arc::clone(&made);
        let draft: Drafting = Box::new(move |desk, store| {
            let (drafts, value) = draft(desk, store)?;
            *held(&beside) = Some(value);
            Ok(drafts)
        });
        held(&self.waiting).push(Job { draft, done: Arc::clone(&done) });
        let entries = loop {
            // Whoever gets the register writes for all who wait; it may be that somebody did so
            // for us while we waited for it.
            let mut slot = held(&self.store);
            if let Some(done) = held(&done).take() {
                break done?;
            }
            let mut jobs: Vec<Job> = {
                let mut waiting = held(&self.waiting);
                let together = waiting.len().min(MOST_TOGETHER);
                waiting.drain(..together).collect()
            };
            self.write(&mut slot, &mut jobs);
        };
        let value = held(&made).take().ok_or(store::Error::Ended)?;
        Ok(Recorded { entries, value })
    }

    /// Writes jobs, and tells each what became of it.
    fn write(&self, slot: &mut Option<Store>, jobs: &mut [Job]) {
        let written = self.open(slot).and_then(|store| self.together(store, jobs));
        let mut failed = None;
        match (written, slot.as_mut()) {
            (Ok(()), _) => {}
            // One of them cannot be; each is tried alone, so that the others do not suffer.
            (Err(Error::Register(store::Error::Refused(_))), Some(store)) if jobs.len() > 1 => {
                for job in jobs {
                    *held(&job.done) = None;
                    if let Err(error) = self.together(store, std::slice::from_mut(job)) {
                        *held(&job.done) = Some(Err(error.clone()));
                        failed = Some(error);
                    }
                }
            }
            (Err(error), _) => {
                for job in jobs {
                    held(&job.done).get_or_insert_with(|| Err(error.clone()));
                }
                failed = Some(error);
            }
        }
        self.let_go(slot, failed.as_ref());
    }

    /// Drafts and writes jobs as one batch. A job whose drafting fails is told so and left out.
    fn together(&self, store: &mut Store, jobs: &mut [Job]) -> Result<()> {
        let (mut all, mut counts) = (Vec::new(), Vec::new());
        let mut desk = Desk::of(&self.library, store);
        for job in jobs.iter_mut() {
            let before = desk.clone();
            match (job.draft)(&mut desk, store) {
                Ok(drafts) => {
                    counts.push(Some(drafts.len()));
                    all.extend(drafts);
                    desk.continues_at(store.size().saturating_add(all.len() as u64));
                }
                Err(error) => {
                    desk = before;
                    counts.push(None);
                    *held(&job.done) = Some(Err(error));
                }
            }
        }
        let mut entries = store.append(all)?.into_iter();
        for (job, count) in jobs.iter().zip(counts) {
            if let Some(count) = count {
                *held(&job.done) = Some(Ok(entries.by_ref().take(count).collect()));
            }
        }
        Ok(())
    }

    /// Notes how many entries there are. A register whose last write failed is closed, so that it
    /// can be opened again; that, and nothing else that went wrong meanwhile, is trouble, until
    /// something was written.
    fn let_go(&self, slot: &mut Option<Store>, failed: Option<&Error>) {
        match slot {
            Some(store) if !store.ended() => {
                if self.size.swap(store.size(), Ordering::Relaxed) < store.size() {
                    *held(&self.trouble) = None;
                }
            }
            _ => {
                *slot = None;
                *held(&self.trouble) = failed.cloned();
            }
        }
    }

    /// The register; after a failure it is opened again, which checks all of it.
    fn open<'s>(&self, slot: &'s mut Option<Store>) -> Result<&'s mut Store> {
        match slot {
            Some(store) => Ok(store),
            none => Ok(none.insert(Store::open(&self.folder)?)),
        }
    }
}
