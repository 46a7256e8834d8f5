//! A year of searches, made row by row, with some rows that are put in by hand.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// The header of the layout with ids.
pub const HEADER: &str = "ID, Name, Org Name, Total Networks Searched, Total Devices Searched, \
    Time Frame, License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, \
    Moderation\r\n";

/// The first second of 2025, UTC, by `date -u -d 2025-01-01 +%s`.
const START: u64 = 1_735_689_600;

/// Seconds of 2025.
const SECONDS: u64 = 365 * 86_400;

/// A search put in by hand.
#[derive(Clone, Debug)]
pub struct Put {
    pub account: String,
    pub agency: String,
    pub reason: String,
    pub case: String,
    pub hours: u64,
}

impl Put {
    pub fn new(account: &str, reason: &str) -> Self {
        Self {
            account: account.to_owned(),
            agency: "Example IL PD".to_owned(),
            reason: reason.to_owned(),
            case: String::new(),
            hours: 48,
        }
    }

    pub fn of(mut self, agency: &str) -> Self {
        self.agency = agency.to_owned();
        self
    }

    pub fn on(mut self, case: &str) -> Self {
        self.case = case.to_owned();
        self
    }

    pub fn back(mut self, hours: u64) -> Self {
        self.hours = hours;
        self
    }
}

/// A year: so many rows, evenly through it.
#[derive(Clone)]
pub struct Year {
    pub rows: u64,
    /// By row, counted from 0.
    pub put: BTreeMap<u64, Put>,
    at: u64,
    buffer: Vec<u8>,
    taken: usize,
}

/// Reasons of every day; none speaks of immigration or of an agency.
const USUAL: [&str; 12] = [
    "stolen vehicle",
    "hit and run",
    "C25-41234",
    "theft",
    "Motor Vehicle Theft/Stolen - C25-1180",
    "Weapons Offense (Guns/Shots Fired) - ",
    "burglary suspect 25-0917",
    "robbery",
    "211pc",
    "fleeing and eluding",
    "domestic battery",
    "homicide",
];

impl Year {
    pub fn new(rows: u64) -> Self {
        Self { rows, put: BTreeMap::new(), at: 0, buffer: HEADER.into(), taken: 0 }
    }

    /// The second of a row.
    pub fn second(&self, row: u64) -> u64 {
        START + row * SECONDS / self.rows
    }

    /// The day of a row, counted from 1970.
    pub fn day(&self, row: u64) -> i32 {
        i32::try_from(self.second(row) / 86_400).unwrap()
    }

    /// The first row of an hour that is not before a row.
    pub fn hour_from(&self, row: u64) -> u64 {
        let hour = |row: u64| self.second(row) / 3_600;
        (row..).find(|at| hour(*at) != hour(at.saturating_sub(1))).unwrap()
    }

    fn write(&mut self, row: u64) {
        let usual;
        let put = match self.put.get(&row) {
            Some(put) => put,
            None => {
                // A small generator of its own for each row: which row is asked for does not
                // matter to the others (Steele, Lea and Flood, "SplitMix", 2014).
                let mut z = row.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z ^= z >> 27;
                let local = z % 10 < 7;
                let agency = match local {
                    true => "Example IL PD".to_owned(),
                    false => format!("Town {} IL PD", z % 200),
                };
                let reason = if z.is_multiple_of(11) {
                    "investigation"
                } else {
                    USUAL[(z >> 8) as usize % 12]
                };
                usual = Put {
                    account: format!("USER{:04}", (z >> 20) % 2_000),
                    agency,
                    reason: reason.to_owned(),
                    case: String::new(),
                    hours: (z >> 40) % 480,
                };
                &usual
            }
        };
        let second = self.second(row);
        let quoted = match put.reason.contains([',', '"']) {
            true => format!("\"{}\"", put.reason.replace('"', "\"\"")),
            false => put.reason.clone(),
        };
        let line = format!(
            "{:032x},{},{},{},{},\"{} UTC\n{} UTC\",PLT{:05},{quoted},{},,\"{} UTC\",lookup,,\r\n",
            row,
            put.account,
            put.agency,
            row % 900,
            row % 9_000,
            clock(second - put.hours * 3_600),
            clock(second),
            row % 99_999,
            put.case,
            clock(second),
        );
        self.buffer.extend_from_slice(line.as_bytes());
    }
}

/// A time as the vendor writes it.
pub fn clock(second: u64) -> String {
    let time = jiff::Timestamp::from_second(second as i64).unwrap();
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    let (half, hour) = match time.hour() {
        0 => ("AM", 12),
        hour @ 1..=11 => ("AM", hour),
        12 => ("PM", 12),
        hour => ("PM", hour - 12),
    };
    let (month, day, year) = (time.month(), time.day(), time.year());
    format!(
        "{month:02}/{day:02}/{year}, {hour:02}:{:02}:{:02} {half}",
        time.minute(),
        time.second()
    )
}

impl Read for Year {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.buffer.len() - self.taken < into.len() && self.at < self.rows {
            let row = self.at;
            self.at += 1;
            self.write(row);
        }
        let left = &self.buffer[self.taken..];
        let size = left.len().min(into.len());
        into[..size].copy_from_slice(&left[..size]);
        self.taken += size;
        if self.taken > 1 << 20 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        Ok(size)
    }
}

impl Seek for Year {
    /// Only back to the start, which is all that is asked of a log.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if to != SeekFrom::Start(0) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        (self.at, self.taken) = (0, 0);
        self.buffer = HEADER.into();
        Ok(0)
    }
}
