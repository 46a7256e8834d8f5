//! A scratch file that fails, wherever it does, ends the audit with an error.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use audit::run::{CannotAudit, ScratchFile};

use super::common::library;
use super::year::{HEADER, clock};
use super::{Given, Made, text};

/// A file in which calls from some number on go wrong in some way; several count together.
struct Faulty {
    inner: std::fs::File,
    calls: Arc<AtomicU64>,
    lied: Arc<AtomicBool>,
    from: u64,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// The disk says so, of every call.
    Fails,
    /// Other bytes come back, of one call if it reads.
    Zeroes,
    /// The bytes of another piece come back, of one call if it reads.
    Elsewhere,
}

/// Bytes of a piece.
const PIECE: u64 = 1 << 14;

impl Faulty {
    fn is_next(&self) -> bool {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.how {
            How::Fails => call >= self.from,
            How::Zeroes | How::Elsewhere => call == self.from,
        }
    }
}

impl FileExt for Faulty {
    fn read_at(&self, bytes: &mut [u8], place: u64) -> io::Result<usize> {
        match (self.is_next(), self.how) {
            (false, _) => self.inner.read_at(bytes, place),
            (true, How::Fails) => Err(io::Error::other("a fault")),
            (true, How::Zeroes) => {
                bytes.fill(0);
                self.lied.store(true, Ordering::Relaxed);
                Ok(bytes.len())
            }
            (true, How::Elsewhere) => {
                self.lied.store(true, Ordering::Relaxed);
                self.inner.read_at(bytes, place ^ PIECE)
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

/// A log whose reasons memory has no place for; one of the last is a lead.
fn of_long_reasons() -> String {
    let row = |n: u64| {
        let (time, long) = (clock(1_748_736_000 + n), "theft ".repeat(20_000));
        let reason = if n == 225 { "ICE detainer".to_owned() } else { format!("{n} {long}") };
        format!("{n:032x},USER{n},Town IL PD,1,0,,PLT1,{reason},,,\"{time} UTC\",lookup,,\r\n")
    };
    format!("{HEADER}{}", (0..240).map(row).collect::<String>())
}

/// Rows of one hour, so many that some wait on the disk; every second is a lead.
fn log() -> String {
    let row = |n: u64| {
        let reason = ["theft", "theft", "ICE WARRANT", "HSI"][n as usize % 4];
        let time = clock(1_748_736_000 + n);
        format!("{n:032x},USER{n},Town IL PD,1,0,,PLT1,{reason},,,\"{time} UTC\",lookup,,\r\n")
    };
    format!("{HEADER}{}", (0..1_200).map(row).collect::<String>())
}

/// What an audit comes to, after how many calls, and whether other bytes came back.
fn run(log: String, from: u64, how: How) -> (Result<Made, CannotAudit>, u64, bool) {
    let library = library();
    let given = Given { threads: 1, ..Given::new(&library) };
    let (calls, lied) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let scratch = || -> ScratchFile {
        let inner = tempfile::tempfile().unwrap();
        Box::new(Faulty { inner, calls: Arc::clone(&calls), lied: Arc::clone(&lied), from, how })
    };
    let made = given.audit_over(vec![("log.csv", text(log))], [scratch(), scratch(), scratch()]);
    (made, calls.load(Ordering::Relaxed), lied.load(Ordering::Relaxed))
}

#[test]
fn a_scratch_file_that_fails_is_told() {
    let (made, calls, _) = run(log(), u64::MAX, How::Fails);
    let leads = made.unwrap().findings.len() as u64;
    assert!(leads >= 600 && calls > leads + 6, "rows and leads were put away");
    // Wherever rows are put away and come back, leads are put away, and the first of them is told.
    for from in (0..=calls - leads).chain([calls - 1]) {
        let (made, ..) = run(log(), from, How::Fails);
        assert!(matches!(made, Err(CannotAudit::Scratch(_))), "call {from} of {calls}");
    }
    // Rows and leads that come back as others are not told.
    for how in [How::Zeroes, How::Elsewhere] {
        let mut lies = 0;
        for from in (0..=calls - leads).chain([calls - 1]) {
            let (made, _, lied) = run(log(), from, how);
            let is_told = matches!(made, Err(CannotAudit::Scratch(_)));
            assert_eq!(lied, is_told, "call {from} of {calls}");
            lies += u32::from(lied);
        }
        // Three pieces of rows, one of what leads are sorted by, and two leads.
        assert_eq!(lies, 6);
    }
}

/// However long reasons are and however many, those of leads come back, or it is said why not.
#[test]
fn reasons_wait_too() {
    let log = of_long_reasons();
    let (made, calls, _) = run(log.clone(), u64::MAX, How::Fails);
    let made = made.unwrap();
    let leads: Vec<_> = made.findings.iter().filter(|it| it.test == "purpose").collect();
    assert_eq!(leads.len(), 1);
    assert_eq!(leads[0].rows[0].reason.as_deref(), Some("ICE detainer"));
    // Texts that went to the file, a lead that did, and both on their way back.
    assert!(calls > 10, "{calls}");
    for how in [How::Fails, How::Zeroes] {
        for from in [0, 1, calls / 2, calls - 3, calls - 2, calls - 1] {
            let (other, _, lied) = run(log.clone(), from, how);
            match (how, lied) {
                (How::Fails, _) | (_, true) => {
                    let why = match other {
                        Err(CannotAudit::Scratch(_) | CannotAudit::File { .. }) => continue,
                        Err(why) => why.to_string(),
                        Ok(_) => "nothing".to_owned(),
                    };
                    panic!("{how:?} {from} of {calls}: {why}");
                }
                _ => assert_eq!(other.unwrap().findings, made.findings),
            }
        }
    }
}
