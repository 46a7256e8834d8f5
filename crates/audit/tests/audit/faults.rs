//! A scratch file that fails, wherever it does, ends the audit with an error.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use audit::run::{CannotAudit, ScratchFile};

use super::common::library;
use super::year::{HEADER, clock};
use super::{Given, Made, text};

/// A file in which every call from some number on goes wrong in some way; several count together.
struct Faulty {
    inner: std::fs::File,
    calls: Arc<AtomicU64>,
    from: u64,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    /// The disk says so.
    Fails,
    /// Other bytes come back.
    Zeroes,
}

impl Faulty {
    fn is_next(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) >= self.from
    }
}

impl FileExt for Faulty {
    fn read_at(&self, bytes: &mut [u8], place: u64) -> io::Result<usize> {
        match (self.is_next(), self.how) {
            (false, _) => self.inner.read_at(bytes, place),
            (true, How::Fails) => Err(io::Error::other("a fault")),
            (true, How::Zeroes) => {
                bytes.fill(0);
                Ok(bytes.len())
            }
        }
    }

    fn write_at(&self, bytes: &[u8], place: u64) -> io::Result<usize> {
        match (self.is_next(), self.how) {
            (true, How::Fails) => Err(io::Error::other("a fault")),
            _ => self.inner.write_at(bytes, place),
        }
    }
}

/// Rows of one hour, so many that some wait on the disk; every third is a lead.
fn log() -> String {
    let row = |n: u64| {
        let reason = ["theft", "ICE WARRANT", "HSI"][n as usize % 3];
        let time = clock(1_748_736_000 + n);
        format!("{n:032x},USER{n},Town IL PD,1,0,,PLT1,{reason},,,\"{time} UTC\",lookup,,\r\n")
    };
    format!("{HEADER}{}", (0..900).map(row).collect::<String>())
}

fn run(from: u64, how: How) -> (Result<Made, CannotAudit>, u64) {
    let library = library();
    let given = Given { threads: 1, ..Given::new(&library) };
    let calls = Arc::new(AtomicU64::new(0));
    let scratch = || -> ScratchFile {
        let inner = tempfile::tempfile().unwrap();
        Box::new(Faulty { inner, calls: Arc::clone(&calls), from, how })
    };
    let made = given.audit_over(vec![("log.csv", text(log()))], [scratch(), scratch()]);
    (made, calls.load(Ordering::Relaxed))
}

#[test]
fn a_scratch_file_that_fails_is_told() {
    let (made, calls) = run(u64::MAX, How::Fails);
    let leads = made.unwrap().findings.len() as u64;
    assert!(leads >= 300 && calls > leads + 6, "rows and leads were put away");
    // Wherever rows are put away and come back, leads are put away, and the first of them is told.
    for from in (0..=calls - leads).chain([calls - 1]) {
        let (made, _) = run(from, How::Fails);
        assert!(matches!(made, Err(CannotAudit::Scratch(_))), "call {from} of {calls}");
    }
    // Rows that come back as others are not looked at, and such leads are not told.
    for from in 0..=calls - leads {
        let (made, _) = run(from, How::Zeroes);
        assert!(matches!(made, Err(CannotAudit::Scratch(_))), "call {from} of {calls}");
    }
}
