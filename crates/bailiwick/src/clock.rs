//! The clock, and the only place that has one.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use law::Library;

use crate::error::{Error, Result};

/// The day a command is about: the one given, else today at the agency's place.
///
/// # Errors
/// An agency we have no law for.
pub fn day(library: &Library, agency: &str, given: Option<Date>) -> Result<Date> {
    let agency = library.agency(agency).map_err(|error| Error::Input(error.to_string()))?;
    given.map_or_else(|| today(&agency.timezone), Ok)
}

/// The day of something that has happened, as [`day`]: never one to come, which would be a slip.
///
/// # Errors
/// As [`day`], and a day after today.
pub fn past_day(library: &Library, agency: &str, given: Option<Date>) -> Result<Date> {
    let today = day(library, agency, None)?;
    match given {
        Some(given) if given > today => Err(Error::Input(format!(
            "{given} is still to come (today is {today}): only what has happened is recorded"
        ))),
        _ => Ok(given.unwrap_or(today)),
    }
}

/// The day it is at the agency's place.
///
/// # Errors
/// A time zone nobody knows.
pub fn today(zone: &str) -> Result<Date> {
    let zone = TimeZone::get(zone)
        .map_err(|error| Error::Input(format!("time zone `{zone}` of the agency: {error}")))?;
    Ok(Zoned::now().with_time_zone(zone).date())
}

/// The quarter of a day: `2025-Q1`.
pub fn quarter(day: Date) -> String {
    format!("{:04}-Q{}", day.year(), (day.month().saturating_sub(1) / 3).saturating_add(1))
}
