//! What is owed because of an outcome, and by when.
//!
//! Times are civil times at the agency's place; there is no clock and no time zone here. A period
//! in hours that leaves out Sundays is not disturbed by daylight-saving changes, which fall on
//! Sundays in the United States; one that does not leave them out is counted in civil hours.

use std::collections::BTreeMap;

use jiff::Unit;
use jiff::civil::{Date, DateTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::Grade;
use crate::decision::Outcome;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// Every year on this day.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// A number of hours from a stated moment.
    Hours {
        /// How many.
        hours: u32,
        /// Days the clock stands still.
        #[serde(default)]
        leaving_out: Vec<LeftOut>,
        /// The moment it starts at, in words.
        from: String,
    },
    /// By the end of a day, so many days later.
    Days {
        /// How many; 0 is the day itself.
        days: i32,
        /// The day it is counted from, in words.
        from: String,
    },
}

/// A kind of day that a period in hours does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// Saturdays.
    Saturday,
    /// Sundays.
    Sunday,
    /// The holidays of the calendar in the pack.
    Holiday,
}

impl Due {
    /// In words.
    pub fn says(&self) -> String {
        match self {
            Self::Yearly { month, day } => {
                let month = MONTHS
                    .get(usize::try_from(*month).unwrap_or(0).wrapping_sub(1))
                    .copied()
                    .unwrap_or("?");
                format!("every year by {day} {month}")
            }
            Self::Hours { hours, leaving_out, from } if leaving_out.is_empty() => {
                format!("{hours} hours from {from}")
            }
            Self::Hours { hours, leaving_out, from } => {
                let days: Vec<_> = leaving_out
                    .iter()
                    .map(|day| match day {
                        LeftOut::Saturday => "Saturdays",
                        LeftOut::Sunday => "Sundays",
                        LeftOut::Holiday => "holidays",
                    })
                    .collect();
                format!("{hours} hours from {from}, not counting {}", days.join(", "))
            }
            Self::Days { days: 0, from } => format!("by the end of {from}"),
            Self::Days { days: 1, from } => format!("the day after {from}"),
            Self::Days { days, from } => format!("{days} days after {from}"),
        }
    }

    /// The moment it is due, where the start is known: a period in hours needs the time of day.
    ///
    /// ```
    /// use jiff::civil::{date, time};
    /// use law::{Calendar, Due, LeftOut};
    /// let due = Due::Hours {
    ///     hours: 48,
    ///     leaving_out: vec![LeftOut::Saturday, LeftOut::Sunday],
    ///     from: "the moment the person could go".into(),
    /// };
    /// // A Friday noon: 12 hours of Friday, all of Monday, 12 hours of Tuesday.
    /// let by = due.by(date(2025, 3, 7), Some(time(12, 0, 0, 0)), &Calendar::default());
    /// assert_eq!(by, Some(date(2025, 3, 11).at(12, 0, 0, 0)));
    /// ```
    pub fn by(
        &self,
        on: Date,
        at: Option<jiff::civil::Time>,
        calendar: &Calendar,
    ) -> Option<DateTime> {
        match self {
            Self::Yearly { month, day } => {
                let this = Date::new(on.year(), *month, *day).ok()?;
                let due =
                    if this < on { Date::new(on.year() + 1, *month, *day).ok()? } else { this };
                Some(due.at(23, 59, 0, 0))
            }
            Self::Days { days, .. } => {
                let day = on.checked_add(jiff::Span::new().try_days(*days).ok()?).ok()?;
                Some(day.at(23, 59, 0, 0))
            }
            Self::Hours { hours, leaving_out, .. } => {
                calendar.after(on.to_datetime(at?), *hours, leaving_out)
            }
        }
    }
}

/// The months in English, January first.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The holidays a period may leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The provision that names them.
    #[serde(default)]
    pub cite: String,
    /// How well that is evidenced; nothing stands for an empty calendar.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// The holidays.
    #[serde(default, rename = "holiday")]
    pub holidays: Vec<Holiday>,
}

/// A day of the year that is a holiday by rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// What it is called.
    pub name: String,
    /// 1 to 12.
    pub month: i8,
    /// For a fixed day: 1 to 31.
    #[serde(default)]
    pub day: Option<i8>,
    /// For the nth weekday: 1 (Monday) to 7 (Sunday).
    #[serde(default)]
    pub weekday: Option<i8>,
    /// For the nth weekday: 1 to 4, or -1 for the last.
    #[serde(default)]
    pub nth: Option<i8>,
    /// The first year it is one.
    #[serde(default)]
    pub since: Option<i16>,
}

impl Holiday {
    fn in_year(&self, year: i16) -> Option<Date> {
        if self.since.is_some_and(|since| year < since) {
            return None;
        }
        match (self.day, self.weekday, self.nth) {
            (Some(day), None, None) => Date::new(year, self.month, day).ok(),
            (None, Some(weekday), Some(nth)) => {
                let weekday = Weekday::from_monday_one_offset(weekday).ok()?;
                Date::new(year, self.month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
            _ => None,
        }
    }

    /// A holiday that falls on a Saturday is kept on the Friday before, on a Sunday the Monday
    /// after (5 USC 6103(b) and the executive order on federal employees).
    fn kept_in_year(&self, year: i16) -> Option<Date> {
        let day = self.in_year(year)?;
        match day.weekday() {
            Weekday::Saturday => day.yesterday().ok(),
            Weekday::Sunday => day.tomorrow().ok(),
            _ => Some(day),
        }
    }
}

impl Calendar {
    /// Whether every holiday is a day of the year.
    ///
    /// # Errors
    /// The holiday that is none, and how to write it.
    pub(crate) fn check(&self) -> Result<(), String> {
        // A leap year, so that 29 February is a day.
        let none = |holiday: &&Holiday| {
            holiday.nth.is_some_and(|nth| nth > 4)
                || Holiday { since: None, ..(*holiday).clone() }.in_year(2028).is_none()
        };
        match self.holidays.iter().find(none) {
            None => Ok(()),
            Some(holiday) => Err(format!(
                "holiday `{}` is no day of the year: write `month` and `day`, or `month`, \
                 `weekday` (1 to 7) and `nth` (1 to 4, or -1 for the last)",
                holiday.name
            )),
        }
    }

    /// Whether a day is a holiday, on its own day or on the one it is kept on.
    pub fn is_holiday(&self, day: Date) -> bool {
        self.holidays.iter().any(|holiday| {
            [day.year(), day.year().saturating_add(1)].into_iter().any(|year| {
                holiday.in_year(year) == Some(day) || holiday.kept_in_year(year) == Some(day)
            })
        })
    }

    /// The moment `hours` after `start`, the clock standing still on the days left out.
    fn after(&self, start: DateTime, hours: u32, leaving_out: &[LeftOut]) -> Option<DateTime> {
        let stands = |day: Date| {
            leaving_out.iter().any(|left| match left {
                LeftOut::Saturday => day.weekday() == Weekday::Saturday,
                LeftOut::Sunday => day.weekday() == Weekday::Sunday,
                LeftOut::Holiday => self.is_holiday(day),
            })
        };
        let mut minutes = i64::from(hours).checked_mul(60)?;
        let mut now = start;
        loop {
            let midnight = now.date().tomorrow().ok()?.at(0, 0, 0, 0);
            if !stands(now.date()) {
                let left = now.until((Unit::Minute, midnight)).ok()?.get_minutes();
                if minutes <= left {
                    return now.checked_add(jiff::Span::new().try_minutes(minutes).ok()?).ok();
                }
                minutes = minutes.checked_sub(left)?;
            }
            now = midnight;
        }
    }
}

/// A duty as an edition orders it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Short name, unique in its edition; with the instrument's name in front once read.
    pub id: String,
    /// The provision that orders it.
    pub cite: String,
    /// How well that is evidenced.
    pub grade: Grade,
    /// Who owes it.
    pub who: String,
    /// What is owed, in our words.
    pub says: String,
    /// Whether it is owed always and not because of an outcome: training, for one.
    #[serde(default)]
    pub standing: bool,
    /// The actions whose decision brings it about; empty for any.
    #[serde(default)]
    pub action: Vec<String>,
    /// The outcomes that bring it about; empty for any settled one.
    #[serde(default)]
    pub outcome: Vec<Outcome>,
    /// The facts that bring it about, each with the values that do.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// When it is due.
    #[serde(default)]
    pub due: Option<Due>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn federal() -> Calendar {
        let fixed = |name: &str, month, day| Holiday {
            name: name.into(),
            month,
            day: Some(day),
            weekday: None,
            nth: None,
            since: None,
        };
        Calendar {
            cite: String::new(),
            grade: None,
            holidays: vec![
                fixed("New Year's Day", 1, 1),
                fixed("Independence Day", 7, 4),
                Holiday {
                    name: "Thanksgiving".into(),
                    month: 11,
                    day: None,
                    weekday: Some(4),
                    nth: Some(4),
                    since: None,
                },
            ],
        }
    }

    /// Each row was counted by hand on a printed calendar.
    #[test]
    fn forty_eight_hours_without_weekends_and_holidays() {
        let out = [LeftOut::Saturday, LeftOut::Sunday, LeftOut::Holiday];
        let table = [
            // Monday noon to Wednesday noon.
            (date(2025, 3, 3), time(12, 0, 0, 0), date(2025, 3, 5).at(12, 0, 0, 0)),
            // Friday 17:00: 7 hours of Friday, Monday, 17 hours of Tuesday.
            (date(2025, 3, 7), time(17, 0, 0, 0), date(2025, 3, 11).at(17, 0, 0, 0)),
            // A Saturday morning starts at Monday 00:00 and ends with Tuesday.
            (date(2025, 3, 8), time(9, 30, 0, 0), date(2025, 3, 12).at(0, 0, 0, 0)),
            // Wednesday before Thanksgiving (27 Nov 2025): Thursday stands still.
            (date(2025, 11, 26), time(12, 0, 0, 0), date(2025, 12, 1).at(12, 0, 0, 0)),
            // 4 July 2026 is a Saturday, kept on Friday the 3rd.
            (date(2026, 7, 2), time(12, 0, 0, 0), date(2026, 7, 7).at(12, 0, 0, 0)),
            // 1 January 2028 is a Saturday, kept on Friday 31 December 2027.
            (date(2027, 12, 30), time(0, 0, 0, 0), date(2028, 1, 4).at(0, 0, 0, 0)),
        ];
        for (on, at, by) in table {
            assert_eq!(federal().after(on.to_datetime(at), 48, &out), Some(by), "{on} {at}");
        }
    }

    #[test]
    fn yearly_is_this_year_until_the_day_has_passed() {
        let due = Due::Yearly { month: 12, day: 31 };
        let by = |on| due.by(on, None, &Calendar::default()).map(|by| by.date());
        assert_eq!(by(date(2025, 12, 31)), Some(date(2025, 12, 31)));
        let due = Due::Yearly { month: 3, day: 1 };
        let by = |on| due.by(on, None, &Calendar::default()).map(|by| by.date());
        assert_eq!(by(date(2025, 3, 2)), Some(date(2026, 3, 1)));
    }
}
