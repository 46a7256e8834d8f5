//! The forms in which times are written.
//!
//! - In: text without blanks around it.
//! - Out: a time of a calendar and a clock, and how far that is ahead of UTC, if it says so.
//! - Absent: whether the calendar has that day; zones. A day that stands before its month is
//!   refused, not turned around: of `3/4/2025` nobody could say which it is.

use super::NoTime;

/// Year, month, day, hour, minute, second.
pub(super) type Civil = (u16, u8, u8, u8, u8, u8);

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) civil: Civil,
    /// Whether it is a day alone.
    pub(super) is_day: bool,
    /// By how many seconds its clock is ahead of UTC, where it says so.
    pub(super) ahead: Option<i32>,
}

/// Reads a time in any form.
///
/// # Errors
/// That it is in none, or has its day before its month.
pub(super) fn read(text: &[u8]) -> Result<Form, NoTime> {
    let ((year, month, day), rest) = american(text).or_else(|| iso(text)).ok_or(NoTime::Form)?;
    let form = match rest {
        [] => Form { civil: (year, month, day, 0, 0, 0), is_day: true, ahead: None },
        _ => {
            let ((hour, minute, second), rest) = clock(rest).ok_or(NoTime::Form)?;
            let ahead = ahead(rest.trim_ascii()).ok_or(NoTime::Form)?;
            Form { civil: (year, month, day, hour, minute, second), is_day: false, ahead }
        }
    };
    // Whoever writes the 31st of December so writes the 3rd of April so as well.
    let is_day_first = text.get(..3).is_some_and(|start| start.contains(&b'/'));
    match (month, day) {
        (13..=31, 1..=12) if is_day_first => Err(NoTime::DayFirst),
        _ => Ok(form),
    }
}

/// Year, month, day.
type Day = (u16, u8, u8);

/// Hour, minute, second.
type Clock = (u8, u8, u8);

/// A number of at most so many digits, and what follows.
fn number(text: &[u8], most: usize) -> Option<(u16, &[u8])> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(digits)?;
    let value = number.iter().fold(0_u16, |sum, digit| {
        sum.wrapping_mul(10).wrapping_add(u16::from(digit.wrapping_sub(b'0')))
    });
    (digits > 0).then_some((value, rest))
}

fn small(text: &[u8]) -> Option<(u8, &[u8])> {
    let (value, rest) = number(text, 2)?;
    Some((u8::try_from(value).ok()?, rest))
}

/// A year has all its digits: of `3/4/25` nobody could say what is what.
fn year(text: &[u8]) -> Option<(u16, &[u8])> {
    number(text, 4).filter(|(_, rest)| rest.len().saturating_add(4) == text.len())
}

/// `M/D/YYYY`, and what follows it and a comma or a blank.
fn american(text: &[u8]) -> Option<(Day, &[u8])> {
    let (month, text) = small(text)?;
    let (day, text) = small(text.strip_prefix(b"/")?)?;
    let (year, text) = year(text.strip_prefix(b"/")?)?;
    let rest = match text {
        [] => text,
        _ => text.strip_prefix(b", ").or_else(|| text.strip_prefix(b" "))?,
    };
    Some(((year, month, day), rest))
}

/// `YYYY-MM-DD`, and what follows it and a `T` or a blank.
fn iso(text: &[u8]) -> Option<(Day, &[u8])> {
    let (year, text) = year(text)?;
    let (month, text) = small(text.strip_prefix(b"-")?)?;
    let (day, text) = small(text.strip_prefix(b"-")?)?;
    let rest = match text {
        [] => text,
        _ => text.strip_prefix(b"T").or_else(|| text.strip_prefix(b" "))?,
    };
    Some(((year, month, day), rest))
}

/// `h:mm`, with or without seconds, parts of one, and the half of the day.
fn clock(text: &[u8]) -> Option<(Clock, &[u8])> {
    let (hour, text) = small(text)?;
    let (minute, text) = two(text.strip_prefix(b":")?)?;
    let (second, text) = match text.strip_prefix(b":") {
        Some(text) => seconds(text)?,
        None => (0, text),
    };
    if hour >= 24 || minute >= 60 || second >= 60 {
        return None;
    }
    match half(text) {
        Some((half, rest)) => Some(((hour_of_day(half, hour)?, minute, second), rest)),
        None => Some(((hour, minute, second), text)),
    }
}

/// A number of two digits.
fn two(text: &[u8]) -> Option<(u8, &[u8])> {
    small(text).filter(|(_, rest)| rest.len().saturating_add(2) == text.len())
}

/// Seconds; parts of one are read past.
fn seconds(text: &[u8]) -> Option<(u8, &[u8])> {
    let (second, rest) = two(text)?;
    let Some(parts) = rest.strip_prefix(b".") else { return Some((second, rest)) };
    let digits = parts.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some((second, parts.get(digits..)?))
}

/// The half of the day, and what follows. Browsers put a narrow blank before it since 2023.
fn half(text: &[u8]) -> Option<(u8, &[u8])> {
    let text = text.strip_prefix(b" ").or_else(|| text.strip_prefix("\u{202f}".as_bytes()))?;
    match text.split_at_checked(2)? {
        ([half @ (b'A' | b'P' | b'a' | b'p'), b'M' | b'm'], rest) => {
            Some((half.to_ascii_uppercase(), rest))
        }
        _ => None,
    }
}

/// The hour of the day, of an hour of its first or second half.
fn hour_of_day(half: u8, hour: u8) -> Option<u8> {
    match (half, hour) {
        (b'A', 12) => Some(0),
        (b'A', 1..12) | (b'P', 12) => Some(hour),
        (b'P', 1..12) => Some(hour.wrapping_add(12)),
        _ => None,
    }
}

/// By how many seconds a clock is ahead of UTC; nothing where it does not say so, and none where
/// it says something else. Letters of a zone (`CST`) are not read: they mean several.
fn ahead(text: &[u8]) -> Option<Option<i32>> {
    let (sign, text) = match text {
        [] => return Some(None),
        b"UTC" | b"Z" | b"GMT" => return Some(Some(0)),
        [b'+', text @ ..] => (1, text),
        [b'-', text @ ..] => (-1, text),
        _ => return None,
    };
    let (hours, rest) = two(text)?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        _ => two(rest.strip_prefix(b":").unwrap_or(rest))?,
    };
    // No place is further from UTC.
    let fits = rest.is_empty() && hours <= 14 && minutes < 60;
    let seconds = i32::from(hours).saturating_mul(3_600) + i32::from(minutes).saturating_mul(60);
    fits.then_some(Some(seconds.saturating_mul(sign)))
}
