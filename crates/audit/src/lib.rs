//! The audit room: tables that agencies and vendors export, read strictly, row by row.
//!
//! - In: bytes of a table (CSV, Parquet, XLSX), never a path.
//! - Out: typed rows that keep their line number, and the SHA-256 of the bytes; or every
//!   problem found, named by line and column, and no row at all.
//! - Absent: clock, disk and network; the register's layout; a person's name, nationality,
//!   birth, sex, charges and file numbers, which are dropped at the door.
//!
//! | module | reads |
//! |---|---|
//! | [`table`] | any CSV with a known header: the door the others share |
//! | [`requests`] | our own table of requests, for the desk's import |
//! | [`detainers`] | the federal tables of detainers: the other side's count |
//! | [`sheet`] | workbooks (XLSX): the rows of a sheet, and what a spreadsheet did to them |
//! | [`cases`] | tables of facts, by column; the other two become such a table |
//! | [`log`] | access logs (CSV, XLSX, Parquet): rows, and searches, each once |
//! | [`reason`] | the free text typed for a search: its class, by published rules |
//! | [`reconcile`] | nothing: it compares the other side's count with a register's |
//! | [`replay`] | nothing: it decides cases under a pack, as if lodged with an agency |
//!
//! ```
//! let table = b"date,lift_reason,det_facility,city,state,detainer_type\r\n\
//!     2014-03-05 00:00:00,Lifted,A JAIL,A TOWN,A STATE,\r\n";
//! let read = audit::detainers::read(table.as_slice())?;
//! assert_eq!(read.rows.len(), 1);
//! assert_eq!(read.rows[0].line, 2);
//! # Ok::<(), audit::table::Problems>(())
//! ```
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod cases;
pub mod checks;
pub mod decided;
pub mod detainers;
mod field;
pub mod finding;
mod flat;
mod groups;
pub mod leads;
pub mod log;
pub mod reason;
pub mod reconcile;
mod records;
pub mod replay;
pub mod requests;
pub mod run;
mod scratch;
pub mod sheet;
pub mod table;

use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

pub use field::has_file_number;

/// Bytes as lower-case hexadecimal, as digests are written.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a lock guards. A thread that broke while it had it ends the job by itself.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a lock guarded that nobody shares any more.
fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What threads come to that all do the same work, this one among them.
fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(&work)).collect();
        let own = std::iter::once(work());
        // What a thread panics with is the program's, and goes on.
        let others = others.into_iter();
        own.chain(others.map(|it| it.join().unwrap_or_else(|why| resume_unwind(why)))).collect()
    })
}
