//! Stretches of time that reports cover: whole calendar months, a year of them at most.
//!
//! In: how a stretch is written (`2025`, `2025-H1`, `2025-Q1`, `2025-03`, `2024-10--2025-09`), or a
//! kind of period and a day. Out: its first and last day. Absent: what day it is.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::duty::MONTHS;

/// How long a report covers, and where that may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// One calendar month.
    Month,
    /// January to March, April to June, July to September, October to December.
    Quarter,
    /// January to June, July to December.
    HalfYear,
    /// 1 January to 31 December.
    CalendarYear,
    /// Twelve months from the first day of any month, where the law has other years than those of
    /// the calendar, or which year it means was not found.
    TwelveMonths,
}

impl Period {
    /// Each of them, the shortest first.
    pub const ALL: [Self; 5] =
        [Self::Month, Self::Quarter, Self::HalfYear, Self::CalendarYear, Self::TwelveMonths];

    /// How many months it has.
    #[must_use]
    pub fn months(self) -> i8 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::CalendarYear | Self::TwelveMonths => 12,
        }
    }

    /// For people, as in "a report for each …".
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half-year",
            Self::CalendarYear => "calendar year",
            Self::TwelveMonths => "twelve months",
        }
    }

    /// A stretch of this kind as it is written.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Month => "2025-03",
            Self::Quarter => "2025-Q1",
            Self::HalfYear => "2025-H1",
            Self::CalendarYear => "2025",
            Self::TwelveMonths => "2024-10--2025-09",
        }
    }
}

/// One stretch of time, from the first day of a month to the last day of a month.
///
/// ```
/// use jiff::civil::date;
/// use law::report::Stretch;
/// let quarter: Stretch = "2024-Q1".parse().unwrap();
/// assert_eq!((quarter.first(), quarter.last()), (date(2024, 1, 1), date(2024, 3, 31)));
/// assert!(quarter.covers(date(2024, 2, 29)) && !quarter.covers(date(2024, 4, 1)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stretch {
    period: Period,
    first: Date,
    last: Date,
}

impl Stretch {
    /// The stretch of a kind that begins with a month, 1 to 12.
    fn from_month(period: Period, year: i16, month: i8) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        let more = jiff::Span::new().months(i64::from(period.months().saturating_sub(1)));
        let last = first.checked_add(more).ok()?.last_of_month();
        // Every month but those from any of which twelve may be counted has its place in the year.
        let fits = period == Period::TwelveMonths
            || month.checked_sub(1).is_some_and(|before| before % period.months() == 0);
        ((1..=9999).contains(&year) && fits).then_some(Self { period, first, last })
    }

    /// A calendar year.
    #[must_use]
    pub fn year(year: i16) -> Option<Self> {
        Self::from_month(Period::CalendarYear, year, 1)
    }

    /// The stretch of a kind that a day is in; none for twelve months, which may begin anywhere.
    #[must_use]
    pub fn around(period: Period, day: Date) -> Option<Self> {
        if period == Period::TwelveMonths {
            return None;
        }
        let into = day.month().checked_sub(1)? % period.months();
        Self::from_month(period, day.year(), day.month().checked_sub(into)?)
    }

    /// Its kind.
    #[must_use]
    pub fn period(self) -> Period {
        self.period
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.last
    }

    /// Whether a day is in it, first and last day included.
    #[must_use]
    pub fn covers(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Its months in their order, each 1 to 12.
    pub fn months(self) -> impl Iterator<Item = i8> {
        let before = self.first.month().saturating_sub(1);
        (0..self.period.months()).map(move |at| (before.saturating_add(at) % 12).saturating_add(1))
    }

    /// First and last day for people: `1 January to 31 March 2025`.
    #[must_use]
    pub fn span(self) -> String {
        let first = match self.first.year() == self.last.year() {
            true => format!("{} {}", self.first.day(), month(self.first.month())),
            false => long_day(self.first),
        };
        format!("{first} to {}", long_day(self.last))
    }

    /// For people: `2025`, `first half of 2025`, `March 2025`.
    #[must_use]
    pub fn says(self) -> String {
        let year = self.first.year();
        match self.period {
            Period::CalendarYear => year.to_string(),
            Period::HalfYear if self.first.month() == 1 => format!("first half of {year}"),
            Period::HalfYear => format!("second half of {year}"),
            Period::Quarter => {
                let quarter = match self.first.month() {
                    1 => "first",
                    4 => "second",
                    7 => "third",
                    _ => "fourth",
                };
                format!("{quarter} quarter of {year}")
            }
            Period::Month => month_of(self.first),
            Period::TwelveMonths => format!("{} to {}", month_of(self.first), month_of(self.last)),
        }
    }
}

/// `1 March 2026`.
#[must_use]
pub fn long_day(day: Date) -> String {
    format!("{} {}", day.day(), month_of(day))
}

fn month_of(day: Date) -> String {
    format!("{} {}", month(day.month()), day.year())
}

/// A month's name, 1 being January.
#[must_use]
pub fn month(number: i8) -> &'static str {
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    at.and_then(|at| MONTHS.get(at)).copied().unwrap_or("?")
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        let place = (month.saturating_sub(1) / self.period.months()).saturating_add(1);
        match self.period {
            Period::Month => write!(f, "{year:04}-{month:02}"),
            Period::Quarter => write!(f, "{year:04}-Q{place}"),
            Period::HalfYear => write!(f, "{year:04}-H{place}"),
            Period::CalendarYear => write!(f, "{year:04}"),
            Period::TwelveMonths => {
                let (to, last) = (self.last.year(), self.last.month());
                write!(f, "{year:04}-{month:02}--{to:04}-{last:02}")
            }
        }
    }
}

impl FromStr for Stretch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| {
            let examples: Vec<_> =
                Period::ALL.iter().map(|it| format!("`{}`", it.example())).collect();
            format!("`{text}` is no period; write it as one of {}", examples.join(", "))
        })
    }
}

fn read(text: &str) -> Option<Stretch> {
    if let Some((first, last)) = text.split_once("--") {
        let month = |text: &str| {
            let stretch = read(text).filter(|it| it.period == Period::Month)?;
            Some((stretch.first.year(), stretch.first.month(), stretch.last))
        };
        let ((year, first, _), (_, _, last)) = (month(first)?, month(last)?);
        let stretch = Stretch::from_month(Period::TwelveMonths, year, first)?;
        return (stretch.last == last).then_some(stretch);
    }
    let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
    let digits = |text: &str, many: usize| {
        (text.len() == many && text.bytes().all(|it| it.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let year = digits(year, 4)?;
    let Some(part) = part else { return Stretch::year(year) };
    let nth = |number: &str, period: Period| {
        let before = i8::try_from(digits(number, 1)?).ok()?.checked_sub(1)?;
        let month = before.checked_mul(period.months())?.checked_add(1)?;
        Stretch::from_month(period, year, month)
    };
    if let Some(number) = part.strip_prefix('Q') {
        return nth(number, Period::Quarter);
    }
    if let Some(number) = part.strip_prefix('H') {
        return nth(number, Period::HalfYear);
    }
    let month = i8::try_from(digits(part, 2)?).ok()?;
    Stretch::from_month(Period::Month, year, month)
}

impl TryFrom<String> for Stretch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Stretch> for String {
    fn from(stretch: Stretch) -> Self {
        stretch.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// The edges of each kind, taken from a printed calendar.
    #[test]
    fn each_kind_has_its_first_and_last_day() {
        for (written, first, last, says) in [
            ("2025-02", date(2025, 2, 1), date(2025, 2, 28), "February 2025"),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
            ("2100-02", date(2100, 2, 1), date(2100, 2, 28), "February 2100"),
            ("2025-04", date(2025, 4, 1), date(2025, 4, 30), "April 2025"),
            ("2025-12", date(2025, 12, 1), date(2025, 12, 31), "December 2025"),
            ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31), "first quarter of 2025"),
            ("2025-Q2", date(2025, 4, 1), date(2025, 6, 30), "second quarter of 2025"),
            ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30), "third quarter of 2025"),
            ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31), "fourth quarter of 2025"),
            ("2025-H1", date(2025, 1, 1), date(2025, 6, 30), "first half of 2025"),
            ("2025-H2", date(2025, 7, 1), date(2025, 12, 31), "second half of 2025"),
            ("2025", date(2025, 1, 1), date(2025, 12, 31), "2025"),
            (
                "2023-03--2024-02",
                date(2023, 3, 1),
                date(2024, 2, 29),
                "March 2023 to February 2024",
            ),
            (
                "2025-01--2025-12",
                date(2025, 1, 1),
                date(2025, 12, 31),
                "January 2025 to December 2025",
            ),
            ("9999-12", date(9999, 12, 1), date(9999, 12, 31), "December 9999"),
        ] {
            let stretch: Stretch = written.parse().unwrap();
            assert_eq!((stretch.first(), stretch.last()), (first, last), "{written}");
            assert_eq!((stretch.to_string(), stretch.says()), (written.into(), says.into()));
            assert!(stretch.covers(first) && stretch.covers(last), "{written}");
            assert!(!stretch.covers(first.yesterday().unwrap()), "{written}");
            assert!(last == Date::MAX || !stretch.covers(last.tomorrow().unwrap()), "{written}");
            for day in [first, last] {
                let around = Stretch::around(stretch.period(), day);
                let twelve = stretch.period() == Period::TwelveMonths;
                assert_eq!(around, (!twelve).then_some(stretch), "{written}");
            }
        }
        let from_october: Stretch = "2024-10--2025-09".parse().unwrap();
        let months: Vec<i8> = from_october.months().collect();
        assert_eq!(months, [10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(from_october.span(), "1 October 2024 to 30 September 2025");
        let quarter: Stretch = "2025-Q4".parse().unwrap();
        assert_eq!(quarter.span(), "1 October to 31 December 2025");
        assert_eq!(quarter.months().collect::<Vec<_>>(), [10, 11, 12]);
    }

    #[test]
    fn what_is_no_period_is_told_with_how_to_write_one() {
        for text in [
            "",
            "25",
            "02025",
            "2025-",
            "2025-0",
            "2025-3",
            "2025-00",
            "2025-13",
            "2025-Q0",
            "2025-Q5",
            "2025-H0",
            "2025-H3",
            "2025-q1",
            "2025-03-01",
            "0000",
            "-2025",
            "2025-Q01",
            "2025--2026",
            "2025-01--2025-11",
            "2025-01--2026-01",
            "2025-01--",
            "2025-Q1--2025-Q4",
            "9999-02--10000-01",
            "２０２５",
        ] {
            let told = text.parse::<Stretch>().unwrap_err();
            assert!(told.starts_with(&format!("`{text}` is no period")), "{told}");
            assert!(told.contains("`2025-Q1`") && told.contains("`2024-10--2025-09`"), "{told}");
        }
    }
}
