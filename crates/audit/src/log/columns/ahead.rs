//! A file that several threads read at many places, a little ahead.
//!
//! - In: any reader that can be sought.
//! - Out: the bytes of pages, to the library that unpacks them.
//! - Absent: trust. What all pages of a thread together may take is a [`Room`]; a page that says it
//!   needs more is refused before it is unpacked.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::locked;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result as Parquet};
use parquet::file::reader::{ChunkReader, Length};

/// Bytes read at a time; pages that are longer are read at once.
const STEP: usize = 1 << 19;

/// The longest head of a page: it may have the smallest and the largest value in it.
const HEAD: usize = 1 << 16;

/// Bytes that the pages of all columns may take in one thread.
const ROOM: usize = 256 << 20;

/// A file that several threads read.
pub(super) struct Shared<'a, R> {
    input: &'a Mutex<R>,
    length: u64,
}

impl<R> Clone for Shared<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Shared<'_, R> {}

impl<'a, R: Read + Seek> Shared<'a, R> {
    /// A file of so many bytes.
    pub(super) fn new(input: &'a Mutex<R>, length: u64) -> Self {
        Self { input, length }
    }

    /// Reads from a place on as many bytes as are there, at most `most`.
    fn read(&self, start: u64, most: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.length.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(most.min(left));
        self.read_into(start, most, &mut bytes)?;
        Ok(bytes)
    }

    /// The same, behind what is there already.
    ///
    /// # Errors
    /// If the reader fails.
    pub(super) fn read_into(&self, start: u64, most: usize, to: &mut Vec<u8>) -> io::Result<()> {
        let mut input = locked(self.input);
        input.seek(SeekFrom::Start(start))?;
        input.by_ref().take(most as u64).read_to_end(to)?;
        Ok(())
    }
}

impl<R> Length for Shared<'_, R> {
    fn len(&self) -> u64 {
        self.length
    }
}

impl<R: Read + Seek + Send> ChunkReader for Shared<'_, R> {
    type T = Cursor<Vec<u8>>;

    fn get_read(&self, start: u64) -> Parquet<Self::T> {
        Ok(Cursor::new(self.read(start, HEAD)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let bytes = self.read(start, length)?;
        if bytes.len() == length { Ok(bytes.into()) } else { Err(short()) }
    }
}

fn short() -> ParquetError {
    ParquetError::EOF("it ends before it should; was it cut off?".to_owned())
}

/// What the pages of one thread may still take.
pub(super) struct Room(AtomicUsize);

impl Room {
    /// All of it.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(ROOM)))
    }

    fn has(&self, bytes: usize) -> bool {
        bytes <= self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// If there is not so much.
    pub(super) fn take(&self, bytes: usize) -> Result<(), String> {
        if !self.has(bytes) {
            return Err(full());
        }
        self.0.fetch_sub(bytes, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn give(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

fn full() -> String {
    format!(
        "pages of the Parquet file take more than {} MiB at once; write it with shorter pages",
        ROOM >> 20
    )
}

/// The bytes of one column, some of them read ahead.
pub(super) struct Ahead<'a, R> {
    file: Shared<'a, R>,
    /// Where the column ends.
    end: u64,
    room: Arc<Room>,
    held: Mutex<(u64, Bytes)>,
}

impl<'a, R: Read + Seek> Ahead<'a, R> {
    /// Of a column that ends at `end`.
    pub(super) fn new(file: Shared<'a, R>, end: u64, room: &Arc<Room>) -> Self {
        Self { file, end, room: room.clone(), held: Mutex::new((0, Bytes::new())) }
    }

    /// At least so many bytes from a place on.
    fn get(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let mut held = locked(&self.held);
        let within = |(at, bytes): &(u64, Bytes)| {
            let skip = usize::try_from(start.checked_sub(*at)?).ok()?;
            let fits = skip.checked_add(length)? <= bytes.len();
            fits.then(|| bytes.slice(skip..))
        };
        if let Some(found) = within(&held) {
            return Ok(found);
        }
        let left = usize::try_from(self.end.saturating_sub(start)).unwrap_or(usize::MAX);
        let bytes = Bytes::from(self.file.read(start, length.max(STEP).min(left))?);
        if bytes.len() < length {
            return Err(short());
        }
        // A long page is not kept beside itself.
        *held = if length > STEP { (0, Bytes::new()) } else { (start, bytes.clone()) };
        Ok(bytes)
    }
}

impl<R> Length for Ahead<'_, R> {
    fn len(&self) -> u64 {
        self.file.length
    }
}

impl<R: Read + Seek + Send> ChunkReader for Ahead<'_, R> {
    type T = Cursor<Bytes>;

    /// Only the heads of pages are read in this way.
    fn get_read(&self, start: u64) -> Parquet<Self::T> {
        let left = usize::try_from(self.end.saturating_sub(start)).unwrap_or(usize::MAX);
        let bytes = self.get(start, HEAD.min(left))?;
        let sizes = sizes(&bytes)
            .ok_or_else(|| ParquetError::General("a page does not start as pages do".to_owned()))?;
        if !sizes.into_iter().all(|size| self.room.has(size)) {
            return Err(ParquetError::General(full()));
        }
        Ok(Cursor::new(bytes))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let mut bytes = self.get(start, length)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// How many bytes a page takes when it is unpacked, and packed: the second and third number of its
/// head (Thrift's compact protocol). The library believes the first and would make room for it.
fn sizes(head: &[u8]) -> Option<[usize; 2]> {
    let (_, rest) = number(head)?;
    let (unpacked, rest) = number(rest)?;
    let (packed, _) = number(rest)?;
    Some([unpacked, packed])
}

/// A field one after the last, of 32 bits and not negative; and what follows.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let bytes = bytes.strip_prefix(&[0x15])?;
    let length = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?.checked_add(1)?;
    let (digits, rest) = bytes.split_at_checked(length)?;
    let zigzag = digits.iter().rev().fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 0x7F));
    (zigzag & 1 == 0).then_some((usize::try_from(zigzag >> 1).ok()?, rest))
}
