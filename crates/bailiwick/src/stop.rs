//! Ending a long job early.
//!
//! In: a mark that somebody may set. Out: files whose bytes can be read and written until then, so
//! that whatever works on them comes to its end by itself.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A mark that ends a job.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the job, soon.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the job is to end.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// A file for a job.
    pub fn over<T>(&self, inner: T) -> Until<T> {
        Until { stop: self.clone(), inner }
    }
}

/// A file that fails once its job is to end.
#[derive(Debug)]
pub struct Until<T> {
    stop: Stop,
    inner: T,
}

impl<T> Until<T> {
    fn may(&self) -> io::Result<()> {
        match self.stop.is_set() {
            true => Err(io::Error::other("it was ended before it was done")),
            false => Ok(()),
        }
    }
}

impl<T: Read> Read for Until<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.may()?;
        self.inner.read(bytes)
    }
}

impl<T: Seek> Seek for Until<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.may()?;
        self.inner.seek(to)
    }
}

impl<T: FileExt> FileExt for Until<T> {
    fn read_at(&self, bytes: &mut [u8], place: u64) -> io::Result<usize> {
        self.may()?;
        self.inner.read_at(bytes, place)
    }

    fn write_at(&self, bytes: &[u8], place: u64) -> io::Result<usize> {
        self.may()?;
        self.inner.write_at(bytes, place)
    }
}
