//! Facts that are measured: a day or a number, cut into the few stretches that laws tell apart.
//!
//! In: a day or a number as a person writes it, and the day that is asked about. Out: the value
//! of the fact, one of a closed list. Absent: any comparison in a rule; which stretches there are
//! is declared once, with the provision that draws the line, so that no evaluation can err.
//!
//! # How time is counted
//!
//! From the day asked back: `years = 7` begins on the same day of the same month seven years
//! before, or on the last day of that month where it has no such day (from 29 February back to
//! 28 February). That first day is within. Seven years are not 2,557 days.

use jiff::Span;
use jiff::civil::Date;
use serde::Deserialize;

use crate::edition::parse_day;
use crate::vocabulary::Value;

/// How a fact is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The day on which something happened, as so long before the day asked.
    Day(Since),
    /// A number, from 0 on.
    Number(Count),
}

/// How long ago a day is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// The provision that draws the lines.
    pub cite: String,
    /// The stretches back from the day asked, the shortest first.
    pub within: Vec<Stretch>,
    /// That it never happened, in words, where that can be.
    pub never: Option<String>,
    /// What stops the clock, in words (`in custody`): days of it may be said behind the day,
    /// `2015-03-04+400`, and are left out of the count.
    pub leaving_out: Option<String>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Stretch {
    /// Calendar years.
    Years(u16),
    /// Calendar months.
    Months(u16),
    /// Days.
    Days(u16),
}

/// How many.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The provision that draws the lines.
    pub cite: String,
    /// The numbers at which another stretch begins, the smallest first.
    pub from: Vec<u32>,
    /// The largest number that can be meant; a larger one is a slip.
    pub most: u32,
}

impl Stretch {
    fn word(self) -> String {
        let (n, unit) = match self {
            Self::Years(n) => (n, "year"),
            Self::Months(n) => (n, "month"),
            Self::Days(n) => (n, "day"),
        };
        if n == 1 { format!("1_{unit}") } else { format!("{n}_{unit}s") }
    }

    /// The first day that is within, seen from `on`; none where it is before all calendars.
    fn start(self, on: Date) -> Option<Date> {
        let span = match self {
            Self::Years(n) => Span::new().try_years(n),
            Self::Months(n) => Span::new().try_months(n),
            Self::Days(n) => Span::new().try_days(n),
        };
        on.checked_sub(span.ok()?).ok()
    }
}

impl Measure {
    /// What a person writes: `day` or `number`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Number(_) => "number",
        }
    }

    /// The values that the fact can have.
    pub(crate) fn values(&self) -> Result<Vec<Value>, String> {
        let pairs = match self {
            Self::Day(since) => since.values()?,
            Self::Number(count) => count.values()?,
        };
        Ok(pairs.into_iter().map(|(name, says)| Value { name, says }).collect())
    }

    /// The word of the value that something written comes to, seen from `on`; nothing where it
    /// is no day and no number, but perhaps a word already.
    ///
    /// # Errors
    /// A day after the day asked, a number too large, days left out where no clock stops.
    pub fn word_of(&self, written: &str, on: Date) -> Result<Option<String>, String> {
        match self {
            Self::Day(since) => since.word_of(written, on),
            Self::Number(count) => count.word_of(written),
        }
    }
}

impl Since {
    fn values(&self) -> Result<Vec<(String, String)>, String> {
        let apart = Date::constant(2001, 1, 1);
        let starts: Vec<_> = self.within.iter().map(|stretch| stretch.start(apart)).collect();
        if starts.is_empty() || starts.contains(&None) || !starts.is_sorted_by(|a, b| a > b) {
            return Err("write one stretch or more in `within`, the shortest first".into());
        }
        let mut values = Vec::new();
        let mut before: Option<String> = None;
        for stretch in &self.within {
            let upper = stretch.word();
            let name = match &before {
                None => format!("up_to_{upper}"),
                Some(lower) => format!("over_{lower}_up_to_{upper}"),
            };
            values.push((name.clone(), format!("{} ago", name.replace('_', " "))));
            before = Some(upper);
        }
        let last = format!("over_{}", before.unwrap_or_default());
        values.push((last.clone(), format!("{} ago", last.replace('_', " "))));
        values.extend(self.never.iter().map(|says| ("never".to_owned(), says.clone())));
        Ok(values)
    }

    fn word_of(&self, written: &str, on: Date) -> Result<Option<String>, String> {
        let (day, stopped) = match written.split_once('+') {
            Some((day, days)) => (day, Some(days)),
            None => (written, None),
        };
        if !day.starts_with(|letter: char| letter.is_ascii_digit()) {
            return Ok(None);
        }
        let mut day = parse_day(day.trim())?;
        if day > on {
            return Err(format!("`{day}` is after {on}, the day asked about"));
        }
        if let Some(days) = stopped {
            let what =
                self.leaving_out.as_ref().ok_or("nothing stops this clock; give the day alone")?;
            let days: u16 = days.trim().parse().map_err(|_| {
                format!("`{days}` is no number of days {what}; write it as in `2015-03-04+400`")
            })?;
            let span = Span::new().try_days(days).ok();
            let moved = span.and_then(|span| day.checked_add(span).ok());
            day = moved.filter(|moved| *moved <= on).ok_or_else(|| {
                format!("{days} days {what} since {day} would end after {on}, the day asked about")
            })?;
        }
        let within = |stretch: &Stretch| stretch.start(on).is_none_or(|start| day >= start);
        let at = self.within.iter().position(within).unwrap_or(self.within.len());
        Ok(self.values()?.into_iter().nth(at).map(|(name, _)| name))
    }
}

impl Count {
    fn values(&self) -> Result<Vec<(String, String)>, String> {
        let sorted = self.from.is_sorted_by(|a, b| a < b);
        let ends = (self.from.first(), self.from.last());
        match ends {
            (Some(first), Some(last)) if sorted && *first > 0 && *last <= self.most => {}
            _ => return Err("write in `from` numbers from 1 to `most`, the smallest first".into()),
        }
        let starts = std::iter::once(0).chain(self.from.iter().copied());
        let ends = self.from.iter().map(|next| Some(next.saturating_sub(1))).chain([None]);
        let pairs = starts.zip(ends).map(|(start, end)| {
            let name = match end {
                Some(end) if end == start => start.to_string(),
                Some(end) => format!("{start}_to_{end}"),
                None => format!("{start}_or_more"),
            };
            (name.clone(), name.replace('_', " "))
        });
        Ok(pairs.collect())
    }

    fn word_of(&self, written: &str) -> Result<Option<String>, String> {
        let Ok(number) = written.parse::<u32>() else { return Ok(None) };
        if number > self.most {
            return Err(format!("`{number}` is more than {}, the most that can be", self.most));
        }
        let at = self.from.iter().filter(|start| number >= **start).count();
        Ok(self.values()?.into_iter().nth(at).map(|(name, _)| name))
    }
}
