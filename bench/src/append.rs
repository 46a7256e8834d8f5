//! Durable appends a second, beside what the same disk makes durable when nothing else is done.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bailiwick::store::{Access, Disk, RealDisk, Store};
use law::Library;

use crate::Result;
use crate::registers::{Stream, settings};
use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Lane, Sample, Times, figure, interleave, timed};

/// What the limit is measured with: a block of the usual size of a page.
const BLOCK: [u8; 4096] = [0x5a; 4096];

/// Entries in a batch, and batches in a round.
const BATCHES: [(usize, usize); 3] = [(1, 10), (57, 5), (1000, 1)];

/// Measures appends.
///
/// # Errors
/// If the disk fails.
pub fn measure(scratch: &Scratch) -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let mut stores = Vec::new();
    for (batch, _) in BATCHES {
        stores.push(Measured::new(&library, &scratch.join(&format!("append-{batch}")))?);
    }
    let mut block = Block::new(&scratch.join("block"))?;
    let folder = scratch.join("files");
    std::fs::create_dir(&folder)?;
    let mut files = 0_u64;

    let mut lanes =
        vec![Lane::new(|| block.overwrite(60)), Lane::new(|| new_files(&folder, &mut files, 10))];
    for (store, (batch, times)) in stores.iter_mut().zip(BATCHES) {
        lanes.push(Lane::new(move || store.append(batch, times)));
    }
    let all = interleave("append", 2, 31, &mut lanes)?;
    drop(lanes);
    let syncs: Vec<f64> = stores.iter().map(Measured::syncs).collect();
    Ok(table(&all, &syncs))
}

fn table(all: &[Times], syncs: &[f64]) -> Table {
    let head = [
        "what is made durable",
        "a second (p10–p90)",
        "entries a second",
        "syncs each",
        "÷ limit",
        "÷ new files",
    ];
    let mut table = Table::new("Durable appends", &head);
    let limits = [
        ("4 KiB in place, `fdatasync` (limit)", "1"),
        ("a new file of 4 KiB, `fsync`, `fsync` of its folder (new files)", "2"),
    ];
    let none = || "–".to_owned();
    for ((name, syncs), times) in limits.into_iter().zip(all) {
        table.row(&[name.to_owned(), times.rate(), none(), syncs.to_owned(), none(), none()]);
    }
    let appends = all.iter().skip(limits.len());
    for ((times, syncs), (batch, _)) in appends.zip(syncs).zip(BATCHES) {
        let name = if batch == 1 { "an entry alone".into() } else { format!("a batch of {batch}") };
        let entries = figure(batch as f64 / times.median());
        // A limit's unit of work has one sync, a new file's two.
        let mut shares =
            all.iter().zip([*syncs, *syncs / 2.0]).map(|(l, n)| l.scaled(n).times(times));
        let mut share = || shares.next().unwrap_or_else(none);
        table.row(&[name, times.rate(), entries, figure(*syncs), share(), share()]);
    }
    table.note(
        "÷ limit: syncs a second in appends ÷ syncs a second in the first row, round by round; 1 \
         would be a store that does nothing but wait for the disk. ÷ new files: the same with the \
         second row. Syncs are counted at the store's disk, plus one for the database's journal.",
    );
    table
}

/// A register whose syncs are counted.
struct Measured<'a> {
    store: Store,
    stream: Stream<'a>,
    count: Arc<AtomicU64>,
    before: u64,
    appends: u64,
}

impl<'a> Measured<'a> {
    fn new(library: &'a Library, folder: &Path) -> Result<Self> {
        let count = Arc::new(AtomicU64::new(0));
        let disk = Counting(Arc::clone(&count));
        let mut store = Store::init_on(Box::new(disk), folder, settings())?;
        let mut stream = Stream::new(library, &store, 10_000);
        // The first entry, the pack's, makes folders that later ones find.
        store.append(stream.entries(1)?)?;
        let before = count.load(Ordering::Relaxed);
        Ok(Self { store, stream, count, before, appends: 0 })
    }

    /// Appends so many batches; deciding and drafting are not timed.
    fn append(&mut self, batch: usize, times: usize) -> Result<Sample> {
        let drafts: Result<Vec<_>> = (0..times).map(|_| self.stream.entries(batch)).collect();
        let drafts = drafts?;
        self.appends += times as u64;
        timed(times, || {
            for batch in drafts {
                self.store.append(batch)?;
            }
            Ok(())
        })
    }

    /// How often an append waits for the disk: what the store asks for, and the one sync with
    /// which SQLite makes a transaction's journal durable. Moving the journal into the database,
    /// two or three syncs once in about a thousand pages, is left out.
    fn syncs(&self) -> f64 {
        let counted = self.count.load(Ordering::Relaxed) - self.before;
        counted as f64 / self.appends.max(1) as f64 + 1.0
    }
}

/// The real disk, with what waits for it counted.
struct Counting(Arc<AtomicU64>);

impl Counting {
    fn one(&self) -> RealDisk {
        self.0.fetch_add(1, Ordering::Relaxed);
        RealDisk
    }
}

impl Disk for Counting {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        RealDisk.read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(folder)
    }

    fn make_folder(&self, path: &Path, access: Access) -> io::Result<()> {
        RealDisk.make_folder(path, access)
    }

    fn put(&self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        self.one().put(path, bytes, access)
    }

    fn extend(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.one().extend(path, at, bytes)
    }

    fn wipe(&self, path: &Path) -> io::Result<()> {
        self.one().wipe(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.one().sync_folder(folder)
    }
}

/// A file of one block that is written over and over.
pub struct Block(File);

impl Block {
    /// Makes the file.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn new(path: &PathBuf) -> Result<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(&BLOCK)?;
        file.sync_all()?;
        Ok(Self(file))
    }

    /// Writes it so many times, durably.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn overwrite(&mut self, times: usize) -> Result<Sample> {
        timed(times, || {
            for _ in 0..times {
                self.0.seek(SeekFrom::Start(0))?;
                self.0.write_all(&BLOCK)?;
                self.0.sync_data()?;
            }
            Ok(())
        })
    }
}

/// What a store cannot avoid for a file that strangers read: the bytes, then the name.
fn new_files(folder: &Path, number: &mut u64, times: usize) -> Result<Sample> {
    timed(times, || {
        for _ in 0..times {
            *number += 1;
            RealDisk.put(&folder.join(number.to_string()), &BLOCK, Access::Public)?;
            RealDisk.sync_folder(folder)?;
        }
        Ok(())
    })
}
