//! The check of a whole register from its public files, beside SHA-256 of the same bytes.

use std::cell::RefCell;
use std::io;

use bailiwick::store::Folder;
use register::verify::{self, Source};
use sha2::{Digest as _, Sha256};

use crate::Result;
use crate::registers;
use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Lane, figure, interleave, timed};

/// Entries in the register.
const ENTRIES: usize = 100_000;

/// Measures the check.
///
/// # Errors
/// If the register does not verify.
pub fn measure(scratch: &Scratch) -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let store = registers::with_entries(&library, &scratch.join("verify"), ENTRIES)?;
    let (folder, key) = (Folder::new(store.public_dir()), store.vkey());
    // Only the public files and the key are left, as for a stranger.
    drop(store);

    let files = RefCell::new(Vec::new());
    let noting = |path: &str| -> io::Result<Option<Vec<u8>>> {
        let bytes = folder.read(path)?;
        let length = bytes.as_ref().map_or(0, Vec::len);
        files.borrow_mut().push((path.to_owned(), length));
        Ok(bytes)
    };
    let verified = verify::register(&noting, &key)?;
    if verified.tree.size() != ENTRIES as u64 {
        return Err("the register has not the entries it was given".into());
    }
    drop(verified);
    let files = files.into_inner();
    let bytes: usize = files.iter().map(|(_, length)| length).sum();
    let read = || -> Result<Vec<Vec<u8>>> {
        files.iter().map(|(path, _)| Ok(folder.read(path)?.unwrap_or_default())).collect()
    };
    let held = read()?;

    let all = interleave(
        "verify",
        1,
        15,
        &mut [
            Lane::new(|| timed(1, || Ok(verify::register(&folder, &key)?))),
            Lane::new(|| timed(1, || Ok(sha256(&read()?)))),
            Lane::new(|| timed(1, || Ok(sha256(&held)))),
        ],
    )?;
    let names = ["verify", "read the same files, SHA-256", "SHA-256 of the same bytes in memory"];
    let head = ["100,000 entries", "time (p10–p90)", "entries a second", "MB/s", "verify ÷ this"];
    let mut table = Table::new("Verify", &head);
    for (at, (name, times)) in names.into_iter().zip(&all).enumerate() {
        let ratio = all.first().filter(|_| at > 0).map(|verify| verify.times(times));
        table.row(&[
            name.to_owned(),
            times.each(),
            figure(ENTRIES as f64 / times.median()),
            figure(bytes as f64 / 1e6 / times.median()),
            ratio.unwrap_or_else(|| "–".to_owned()),
        ]);
    }
    table.note(format!(
        "{} files, {} MB; in the page cache, as they were just written.",
        files.len(),
        figure(bytes as f64 / 1e6)
    ));
    Ok(table)
}

fn sha256(files: &[Vec<u8>]) -> impl Sized + use<> {
    let mut hash = Sha256::new();
    files.iter().for_each(|bytes| hash.update(bytes));
    hash.finalize()
}
