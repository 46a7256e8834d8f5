//! A made log, the same on every machine: rows of a year, in runs that are in the order of time.
//!
//! The three public exports of this kind as CSV, all of one agency, are not in the order of time as
//! a whole: their rows stand in runs, of 3, 17 and 18 on average, and a run may be of any day.
//! Public portals' logs, agency by agency, are in order. Here runs change places within a million
//! rows.
//!
//! Thirteen columns; every heading after the first starts with a blank; a line feed stands inside
//! the quoted time frame, and records end with both signs; quotes are doubled. Half a per cent of
//! the rows are there twice.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::texts::{Agency, Kind, agencies, case, plate, reasons};
use crate::Result;
use crate::chance::Chance;

/// The headings, as they are exported.
const HEADINGS: &str = "Name, Org Name, Total Networks Searched, Total Devices Searched, \
                        Time Frame, License Plate, Reason, Case #, Filters, Search Time, \
                        Search Type, Text Prompt, Moderation\r\n";

/// The start of 2025 in UTC, and its seconds.
pub const START: u64 = 1_735_689_600;
const YEAR: u64 = 365 * 86_400;

/// Requests that the register of the agency has.
const REQUESTS: usize = 400;

/// A federal request, as far as an audit asks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Its reference.
    pub case: String,
    /// The day it came in, counted from the start of 1970.
    pub day: i32,
    /// Whether the law permitted what it asked.
    pub permitted: bool,
}

/// What was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Rows, the header not counted.
    pub rows: usize,
    /// Rows that are copies of the row before.
    pub copies: usize,
    /// Bytes of the file.
    pub bytes: u64,
    /// The register.
    pub requests: Vec<Request>,
}

/// Requests over the year, by day.
fn requests(chance: &mut Chance) -> Vec<Request> {
    let one = |at: usize| Request {
        case: format!("F25-{:05}", 100 + at * 7),
        day: ((START / 86_400) as usize + at * 365 / REQUESTS) as i32,
        permitted: chance.percent(60),
    };
    (0..REQUESTS).map(one).collect()
}

/// Writes a log of so many rows.
///
/// # Errors
/// If the disk fails.
pub fn write(path: &Path, rows: usize) -> Result<Made> {
    let mut chance = Chance::new(1_373);
    let requests = requests(&mut chance);
    let (reasons, agencies) = (reasons(&mut chance), agencies(&mut chance));
    let mut made = Made { rows, copies: 0, bytes: HEADINGS.len() as u64, requests: Vec::new() };
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(HEADINGS.as_bytes())?;
    let (requests, agencies) = (requests.as_slice(), agencies.as_slice());
    let mut maker = Maker { chance, reasons, agencies, requests, time: START, run: None };
    let (mut row, mut runs) = (Vec::new(), Runs::new());
    for at in 0..rows {
        if at > 0 && maker.chance.below(200) == 0 {
            made.copies += 1;
        } else {
            row.clear();
            maker.row(&mut row, at, rows)?;
        }
        made.bytes += row.len() as u64;
        runs.add(&row);
        if at % SHUFFLED == SHUFFLED - 1 || at == rows - 1 {
            runs.write(&mut out)?;
        }
        if at.is_multiple_of(1_000_000) {
            eprint!("\rlogs: {at} of {rows} rows written");
        }
    }
    eprintln!();
    out.into_inner()?.sync_all()?;
    made.requests = requests.to_vec();
    Ok(made)
}

/// Rows whose runs change places: a month and more of ten million rows a year.
const SHUFFLED: usize = 1 << 20;

/// Rows of a run, on average.
const RUN: usize = 16;

/// Rows in runs that are to change places.
struct Runs {
    chance: Chance,
    rows: Vec<u8>,
    /// Where each run starts.
    starts: Vec<usize>,
}

impl Runs {
    fn new() -> Self {
        Self { chance: Chance::new(2_014), rows: Vec::new(), starts: Vec::new() }
    }

    fn add(&mut self, row: &[u8]) {
        if self.starts.is_empty() || self.chance.below(RUN) == 0 {
            self.starts.push(self.rows.len());
        }
        self.rows.extend_from_slice(row);
    }

    /// Writes them down, every order as likely as any other.
    fn write(&mut self, out: &mut impl std::io::Write) -> Result<()> {
        let ends = self.starts.iter().skip(1).copied().chain([self.rows.len()]);
        let mut runs: Vec<_> =
            self.starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
        for last in (1..runs.len()).rev() {
            runs.swap(last, self.chance.below(last + 1));
        }
        for run in runs {
            out.write_all(self.rows.get(run).unwrap_or_default())?;
        }
        self.rows.clear();
        self.starts.clear();
        Ok(())
    }
}

/// Makes rows.
struct Maker<'a> {
    chance: Chance,
    reasons: Vec<Kind>,
    agencies: &'a [(usize, Vec<Agency>)],
    requests: &'a [Request],
    time: u64,
    /// An account that looks up many plates in a row, and how many more.
    run: Option<(&'a Agency, usize, usize)>,
}

impl<'a> Maker<'a> {
    fn row(&mut self, row: &mut Vec<u8>, at: usize, rows: usize) -> Result<()> {
        self.go_on(at as u64, rows as u64);
        let (agency, account) = self.who();
        let masked = self.chance.percent(3);
        match masked {
            true => row.extend_from_slice(b"***"),
            false => write!(row, "USER{:05}", agency.first + account)?,
        }
        let networks = 1 + self.chance.below(3_000);
        write!(row, ",{},{networks},", agency.name)?;
        match self.chance.percent(3) {
            true => row.extend_from_slice("——".as_bytes()),
            false => write!(row, "{}", networks * 7)?,
        }
        let (from, to) = self.frame();
        write!(row, ",\"{}\n{}\",{},", Shown(from), Shown(to), plate(&mut self.chance))?;
        let (reason, federal) = self.reason(agency);
        quoted(row, reason);
        row.push(b',');
        let case = self.case(federal);
        row.extend_from_slice(case.as_bytes());
        let filters = ["", "", "", "", "illinois, indiana", "SUVChevroletblack", "white truck"];
        row.push(b',');
        quoted(row, self.chance.pick(&filters).copied().unwrap_or_default());
        write!(row, ",\"{}\",", Shown(self.time))?;
        self.ending(row);
        Ok(())
    }

    /// The time of the next row: even over the year, but quicker in a run of one account.
    fn go_on(&mut self, at: u64, rows: u64) {
        let within = self.chance.below((YEAR / rows.max(1)) as usize) as u64;
        let even = START + at * YEAR / rows + within;
        let soon = self.time + 1 + self.chance.below(8) as u64;
        let time = if self.run.is_some() { even.min(soon) } else { even };
        self.time = self.time.max(time);
    }

    fn who(&mut self) -> (&'a Agency, usize) {
        if let Some((agency, account, left)) = self.run.take() {
            self.run = (left > 0).then(|| (agency, account, left.saturating_sub(1)));
            return (agency, account);
        }
        let shares: Vec<usize> = self.agencies.iter().map(|(share, _)| *share).collect();
        let group = drawn(&mut self.chance, &shares);
        let several = self.agencies.get(group).map_or(&[][..], |(_, several)| several.as_slice());
        let agency = several.get(skewed(&mut self.chance, several.len()));
        let agency = agency.unwrap_or(&NOBODY);
        let account = skewed(&mut self.chance, agency.accounts);
        if self.chance.below(100_000) == 0 {
            self.run = Some((agency, account, 130 + self.chance.below(200)));
        }
        (agency, account)
    }

    /// The period asked for: mostly days before the search, seldom months.
    fn frame(&mut self) -> (u64, u64) {
        let hours = match self.chance.below(200) {
            0 => 721 + self.chance.below(10_000),
            1..30 => 720,
            30..120 => 168,
            120..150 => 24,
            _ => 6,
        };
        let to = self.time - self.chance.below(600) as u64;
        (to - hours as u64 * 3_600, to)
    }

    /// A reason, and whether it speaks of something federal. Some agencies mostly type nothing
    /// that says more than that they search.
    fn reason(&mut self, agency: &Agency) -> (&str, bool) {
        let shares: Vec<usize> = self.reasons.iter().map(|kind| kind.share).collect();
        let vague = agency.first.is_multiple_of(29) && self.chance.percent(85);
        let kind = if vague { Kind::VAGUE } else { drawn(&mut self.chance, &shares) };
        let federal = kind + 2 >= self.reasons.len();
        let texts = self.reasons.get(kind).map_or(&[][..], |kind| kind.texts.as_slice());
        let text = texts.get(skewed(&mut self.chance, texts.len()));
        (text.map_or("", String::as_str), federal)
    }

    /// The cell of the case number: that of a request near by now and then, and more often where
    /// something federal is the reason.
    fn case(&mut self, federal: bool) -> String {
        if self.chance.below(if federal { 3 } else { 3_000 }) == 0 {
            let today = (self.time - START) as usize * REQUESTS / YEAR as usize;
            let near = (today + self.chance.below(40)).saturating_sub(20);
            return self.requests.get(near).map(|it| it.case.clone()).unwrap_or_default();
        }
        if self.chance.percent(35) { case(&mut self.chance) } else { String::new() }
    }

    fn ending(&mut self, row: &mut Vec<u8>) {
        let kinds = [
            "lookup",
            "lookup",
            "lookup",
            "search",
            "search - Mobile",
            "lookup - Mobile",
            "convoy",
        ];
        let (kind, prompt, moderation) = match self.chance.below(200) {
            0 => ("freeform", "white truck with ladder", "allow"),
            1 => ("apiLookup", "", ""),
            _ => (self.chance.pick(&kinds).copied().unwrap_or_default(), "", ""),
        };
        for cell in [kind, ",", prompt, ",", moderation, "\r\n"] {
            row.extend_from_slice(cell.as_bytes());
        }
    }
}

/// Stands in for an agency that no list has.
static NOBODY: Agency = Agency { name: String::new(), accounts: 1, first: 0 };

/// A place by its share.
fn drawn(chance: &mut Chance, shares: &[usize]) -> usize {
    let mut left = chance.below(shares.iter().sum());
    let place = shares.iter().position(|share| match left.checked_sub(*share) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    place.unwrap_or(0)
}

/// A place below `count`, the first ones far more often.
fn skewed(chance: &mut Chance, count: usize) -> usize {
    const PARTS: usize = 1 << 15;
    let part = chance.below(PARTS);
    (count * part * part / (PARTS * PARTS)).min(count.saturating_sub(1))
}

/// A cell, in quotes where it needs them.
fn quoted(row: &mut Vec<u8>, text: &str) {
    if !text.contains(['"', ',', '\n', '\r']) {
        return row.extend_from_slice(text.as_bytes());
    }
    row.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            row.push(byte);
        }
        row.push(byte);
    }
    row.push(b'"');
}

/// A time, as the vendor writes it.
struct Shown(u64);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let instant = Timestamp::from_second(self.0 as i64).unwrap_or_default();
        let it = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let hour = match it.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let half = if it.hour() < 12 { "AM" } else { "PM" };
        write!(
            f,
            "{:02}/{:02}/{:04}, {hour:02}:{:02}:{:02} {half} UTC",
            it.month(),
            it.day(),
            it.year(),
            it.minute(),
            it.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_the_vendor_writes_them() {
        // From a calendar: 1,736,425,951 is 2025-01-09 12:32:31 UTC.
        assert_eq!(Shown(1_736_425_951).to_string(), "01/09/2025, 12:32:31 PM UTC");
        assert_eq!(Shown(START).to_string(), "01/01/2025, 12:00:00 AM UTC");
    }

    #[test]
    fn a_log_is_the_same_twice() {
        let folder = std::env::temp_dir().join(format!("bench-logs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap_or_default();
        let paths = ["one.csv", "two.csv"].map(|name| folder.join(name));
        let made = paths.each_ref().map(|path| write(path, 2_000).map(|made| made.copies).ok());
        let [one, two] = paths.map(|path| std::fs::read(path).unwrap_or_default());
        std::fs::remove_dir_all(&folder).unwrap_or_default();
        assert!(made == [made[0]; 2] && made[0] > Some(0));
        assert!(one == two);
        // Records end with both signs; each has a line feed in the cell of the time frame.
        let feeds = one.iter().filter(|byte| **byte == b'\n').count();
        let ends = one.windows(2).filter(|two| two == b"\r\n").count();
        assert_eq!((ends, feeds), (2_001, 4_001));
        assert!((300_000..400_000).contains(&one.len()), "{} bytes", one.len());
    }

    #[test]
    fn runs_change_places_and_nothing_else() {
        let (mut runs, mut out) = (Runs::new(), Vec::new());
        let rows: Vec<u16> = (0..4_000).collect();
        rows.iter().for_each(|row| runs.add(&row.to_be_bytes()));
        assert!(runs.write(&mut out).is_ok());
        let mut written: Vec<u16> =
            out.as_chunks::<2>().0.iter().map(|row| u16::from_be_bytes(*row)).collect();
        let follows = |two: &&[u16]| matches!(two, [a, b] if a.checked_add(1) == Some(*b));
        let breaks = written.windows(2).filter(|two| !follows(two)).count();
        // A run is of 16 rows on average: 4,000 are some 250 runs.
        assert!((200..300).contains(&breaks), "{breaks} breaks");
        written.sort_unstable();
        assert_eq!(written, rows);
    }

    #[test]
    fn cells_double_their_quotes() {
        let mut row = Vec::new();
        quoted(&mut row, "a, \"b\"");
        quoted(&mut row, "c");
        assert_eq!(row, b"\"a, \"\"b\"\"\"c");
    }
}
