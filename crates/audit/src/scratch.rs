//! The scratch file: where what memory has no place for waits.
//!
//! - In: words, from any thread, each thread in pieces of the file that it asked for.
//! - Out: the same words.
//! - Absent: what they say; whoever wrote them reads them.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

/// A file for what memory has no place for. It is empty, and nobody else has it.
pub type ScratchFile = Box<dyn FileExt + Send + Sync>;

/// Bytes of a piece.
pub(crate) const PIECE: usize = 1 << 14;

/// A number as it is written.
pub(crate) type Word = [u8; 8];

/// A scratch file, which is empty at first.
pub(crate) struct Scratch {
    file: ScratchFile,
    /// How many pieces were asked for.
    pieces: AtomicU32,
}

impl Scratch {
    pub(crate) fn new(file: ScratchFile) -> Self {
        Self { file, pieces: AtomicU32::new(0) }
    }

    /// Gives the file back to the disk while others go on: of a hundred million rows that takes the
    /// system most of a second.
    pub(crate) fn give_back(self) -> GivenBack {
        // Where no thread can be had, it is done at once.
        GivenBack(thread::Builder::new().spawn(move || drop(self)).ok())
    }

    /// The number of a piece that nobody else has.
    pub(crate) fn piece(&self) -> u32 {
        self.pieces.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes words from the start of a piece on.
    pub(crate) fn write(&self, words: &[Word], piece: u32) -> io::Result<()> {
        self.file.write_all_at(words.as_flattened(), place(piece, 0))
    }

    /// Reads words from some byte of a piece on.
    pub(crate) fn read(&self, words: &mut [Word], piece: u32, from: usize) -> io::Result<()> {
        self.file.read_exact_at(words.as_flattened_mut(), place(piece, from))
    }
}

/// A scratch file on its way back to the disk, where it is when this ends.
pub(crate) struct GivenBack(Option<JoinHandle<()>>);

impl Drop for GivenBack {
    fn drop(&mut self) {
        // Closing a file tells of no error.
        self.0.take().map(JoinHandle::join);
    }
}

/// That what came back cannot be what was written.
pub(crate) fn changed() -> io::Error {
    io::Error::other("it does not give back what was written")
}

fn place(piece: u32, from: usize) -> u64 {
    u64::from(piece).saturating_mul(PIECE as u64).saturating_add(from as u64)
}
