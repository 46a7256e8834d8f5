//! A first look at a log: how many rows of each agency are of which class.
//!
//! - In: a file of a log, as for an audit.
//! - Out: counts, and what became of the rows.
//! - Absent: everything else that an audit finds out. Times are not read, so a row whose time is
//!   none is counted here and rejected there; a row that stands there twice counts twice.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;

use super::case::Cases;
use super::cell::Key;
use super::layout::Layouts;
use super::names::Names;
use super::read::{How, LogError, Task, Wanted};
use super::row::{Common, Hasher, Row};
use super::totals::FileTotals;
use crate::reason::{Class, Rules};
use crate::{locked, unlocked};

/// What a first look needs.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The layouts there are.
    pub layouts: &'a Layouts,
    /// The rules that read reasons.
    pub rules: &'a Rules,
    /// The name of the agency whose log it is, of rows that name none.
    pub own: &'a str,
    /// How many threads read.
    pub threads: usize,
}

/// What a first look saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// What became of the rows; without a SHA-256, which nobody took.
    pub totals: FileTotals,
    /// Rows by the agency that searched and the class of the reason.
    pub counts: BTreeMap<String, BTreeMap<Class, u64>>,
}

/// Counts by the number of the agency plus one, and by class: an agency whose name could not be
/// kept has the largest number, and so the first place.
#[derive(Debug, Default)]
pub(super) struct Counts(Vec<[u64; Class::ALL.len()]>);

impl Counts {
    /// One row more.
    #[inline]
    pub(super) fn add_row(&mut self, (agency, class): (u32, Class)) {
        let place = agency.wrapping_add(1) as usize;
        if place >= self.0.len() {
            self.0.resize(place.saturating_add(1), [0; Class::ALL.len()]);
        }
        if let Some(count) = self.0.get_mut(place).and_then(|it| it.get_mut(class as usize)) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), [0; Class::ALL.len()]);
        for (sum, count) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *sum = sum.saturating_add(*count);
        }
    }
}

/// Looks at a file of a log (CSV, a workbook, Parquet), once and in constant memory.
///
/// # Errors
/// [`LogError`]
///
/// ```
/// use audit::log::{Layouts, Look, classes};
/// use audit::reason::{Class, Rules};
///
/// let log = "Org Name,Reason,Search Time,License Plate\r\n\
///            A Town PD,ICE WARRANT,\"01/09/2025, 12:32:31 PM UTC\",***\r\n";
/// let (layouts, rules) = (Layouts::published()?, Rules::published());
/// let look = Look { layouts: &layouts, rules, own: "A County", threads: 1 };
/// let seen = classes(std::io::Cursor::new(log), look).map_err(|error| error.to_string())?;
/// assert_eq!(seen.counts["A Town PD"][&Class::ImmigrationCivil], 1);
/// # Ok::<(), String>(())
/// ```
pub fn classes<R: Read + Seek + Send>(mut input: R, look: Look<'_>) -> Result<Classes, LogError> {
    let doubt = AtomicBool::new(false);
    let seen = looked(&mut input, look, Some(&doubt))?;
    if !doubt.into_inner() {
        return Ok(seen);
    }
    input.rewind()?;
    looked(&mut input, look, None)
}

fn looked<R: Read + Seek + Send>(
    input: &mut R,
    look: Look<'_>,
    doubt: Option<&AtomicBool>,
) -> Result<Classes, LogError> {
    let Look { layouts, rules, own, threads } = look;
    // No token is made, and no time is read.
    let (key, zone) = (Key::new([0; 16]), TimeZone::UTC);
    let (names, hasher) = (Names::default(), Hasher::default());
    let (names_of, cases) = (&names, &Cases::default());
    let common =
        Common { key: &key, rules, cases, names: names_of, hasher: &hasher, zone: &zone, own };
    let how = How { layouts, common, threads };
    let counts: Mutex<Counts> = Mutex::default();
    // Rows that were made, as of a workbook or of Parquet.
    let sink = |rows: &[Row], _: u64| {
        let mut own = locked(&counts);
        rows.iter().for_each(|row| own.add_row((row.agency, row.class)));
    };
    let of_task = Some(&counts);
    let task = Task { file: 0, how, wanted: Wanted::Reasons, sink: &sink, counts: of_task, doubt };
    let mut seen = Classes { totals: task.read(input)?, counts: BTreeMap::new() };
    seen.totals.sha256.clear();
    let counts = unlocked(counts);
    for (place, counts) in counts.0.into_iter().enumerate() {
        if counts.iter().all(|count| *count == 0) {
            continue;
        }
        let number = place.checked_sub(1).and_then(|number| u32::try_from(number).ok());
        let agency = number.and_then(|number| names.text(number));
        let agency = agency.map_or_else(|| "not kept".to_owned(), |name| name.to_string());
        let sums = seen.counts.entry(agency).or_default();
        for (class, count) in Class::ALL.into_iter().zip(counts).filter(|it| it.1 > 0) {
            let sum = sums.entry(class).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    Ok(seen)
}
