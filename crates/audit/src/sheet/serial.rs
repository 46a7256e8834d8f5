//! Numbers of a spreadsheet: whole ones, others, and those that stand for a day or a time.
//!
//! - In: a number as the sheet writes it, and its format.
//! - Out: its text. A day is ISO 8601; any other number is left as it was written, but that a
//!   whole one loses its exponent.
//! - Absent: zones. A spreadsheet has none.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::Kind;

/// What a number's format shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A number; also an elapsed time, which is no time of day.
    Plain,
    Day,
    Time,
    DayAndTime,
}

/// The formats that every spreadsheet program knows by number (ECMA-376, part 1, 18.8.30).
pub(super) fn built_in(id: u32) -> Format {
    match id {
        14..=17 | 27..=31 | 34..=36 | 50..=58 => Format::Day,
        18..=21 | 32..=33 | 45 | 47 => Format::Time,
        22 => Format::DayAndTime,
        _ => Format::Plain,
    }
}

/// What a format's code shows, such as `yyyy-mm-dd` or `[$-409]h:mm AM/PM;@`.
pub(super) fn format(code: &str) -> Format {
    let mut letters = String::new();
    let mut rest = code.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ';' => break,
            '"' => {
                rest.by_ref().find(|it| *it == '"');
            }
            '\\' | '_' | '*' => {
                rest.next();
            }
            '[' => {
                let inside: String = rest.by_ref().take_while(|it| *it != ']').collect();
                let inside = inside.to_ascii_lowercase();
                let elapsed = |it: char| matches!(it, 'h' | 'm' | 's');
                if !inside.is_empty() && inside.chars().all(elapsed) {
                    return Format::Plain;
                }
            }
            letter => letters.push(letter.to_ascii_lowercase()),
        }
    }
    let letters = letters.replace("am/pm", "h").replace("a/p", "h");
    let time = letters.contains(['h', 's']);
    let day = letters.contains(['y', 'd']) || (letters.contains('m') && !time);
    match (day, time) {
        (true, true) => Format::DayAndTime,
        (true, false) => Format::Day,
        (false, true) => Format::Time,
        (false, false) => Format::Plain,
    }
}

/// A number's kind and text; none where it is no number.
///
/// `from_1904` says that the workbook counts its days from 1904 and not from 1900.
pub(super) fn number(raw: &str, format: Format, from_1904: bool) -> Option<(Kind, String)> {
    let raw = raw.trim();
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let plain = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    if plain && format == Format::Plain {
        return Some((Kind::Integer, raw.to_owned()));
    }
    let known = |it: u8| it.is_ascii_digit() || matches!(it, b'+' | b'-' | b'.' | b'e' | b'E');
    let value: f64 = raw.bytes().all(known).then(|| raw.parse().ok()).flatten()?;
    if let Some(text) = day_or_time(value, format, from_1904) {
        return Some((Kind::DateTime, text));
    }
    // Up to here a spreadsheet's numbers have no gaps between whole ones.
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    Some(match (plain, whole) {
        (true, _) => (Kind::Integer, raw.to_owned()),
        (false, true) => (Kind::Integer, format!("{value:.0}")),
        (false, false) => (Kind::Number, raw.to_owned()),
    })
}

const DAY: u64 = 86_400_000;

/// The day, the time or both that a number stands for, to the millisecond.
fn day_or_time(value: f64, format: Format, from_1904: bool) -> Option<String> {
    // The year 9999 ends with day 2,958,465.
    if format == Format::Plain || !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    let part = (value.fract() * 86_400_000.0).round() as u64;
    // Programs cut such counts to a few digits: within a hundredth of a second of a whole one,
    // the whole one was meant.
    let part = match part % 1000 {
        near @ ..10 => part - near,
        near @ 991.. => part + 1000 - near,
        _ => part,
    };
    let count = value.floor() as u64 * DAY + part;
    let (days, time) = (count / DAY, count % DAY);
    if format == Format::Time && days == 0 {
        return Some(clock(time));
    }
    let day = day(i32::try_from(days).ok()?, from_1904)?;
    if format == Format::Day && time == 0 {
        return Some(day.to_string());
    }
    Some(format!("{day}T{}", clock(time)))
}

/// The day of a count. From 1900 the count has a 29 February 1900, which never was.
fn day(days: i32, from_1904: bool) -> Option<Date> {
    let start = match days {
        _ if from_1904 => Date::constant(1904, 1, 1),
        0 | 60 => return None,
        1..60 => Date::constant(1899, 12, 31),
        _ => Date::constant(1899, 12, 30),
    };
    start.checked_add(days.days()).ok()
}

/// A time of day, with milliseconds only where there are any.
fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let [hour, minute, second] = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    let rest = if rest > 0 { format!(".{rest:03}") } else { String::new() };
    format!("{hour:02}:{minute:02}:{second:02}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected: the examples of ISO/IEC 29500 for both counts of days; for early 1900, that
    // Excel's day 60 is the 29 February 1900 that never was.
    #[test]
    fn counts_become_days_in_both_systems() {
        for (value, from_1904, day) in [
            ("1", false, "1900-01-01"),
            ("59", false, "1900-02-28"),
            ("61", false, "1900-03-01"),
            ("38749", false, "2006-02-01"),
            ("2958465", false, "9999-12-31"),
            ("0", true, "1904-01-01"),
            ("2225", true, "1910-02-03"),
        ] {
            let told = number(value, Format::Day, from_1904);
            assert_eq!(told, Some((Kind::DateTime, day.to_owned())), "{value}");
        }
        for never in ["0", "60", "2958466", "-1"] {
            let told = number(never, Format::Day, false);
            assert_eq!(told, Some((Kind::Integer, never.to_owned())));
        }
    }

    #[test]
    fn fractions_become_times() {
        for (value, format, text) in [
            ("0.5", Format::Time, "12:00:00"),
            ("0.0000115740740740741", Format::Time, "00:00:01"),
            ("1.5", Format::DayAndTime, "1900-01-01T12:00:00"),
            ("3687.4207639", Format::DayAndTime, "1910-02-03T10:05:54"),
            ("2958465.9999884", Format::DayAndTime, "9999-12-31T23:59:59"),
            ("45812.2287731481", Format::DayAndTime, "2025-06-04T05:29:26"),
            ("45812", Format::DayAndTime, "2025-06-04T00:00:00"),
            ("45812.5", Format::Day, "2025-06-04T12:00:00"),
            ("45812.00003228009", Format::DayAndTime, "2025-06-04T00:00:02.789"),
        ] {
            assert_eq!(number(value, format, false), Some((Kind::DateTime, text.to_owned())));
        }
    }

    #[test]
    fn formats_are_told_by_their_letters() {
        for (code, expected) in [
            ("General", Format::Plain),
            ("0.00E+00", Format::Plain),
            ("#,##0\\ \"days\";[Red]-#,##0", Format::Plain),
            ("_(* #,##0_);_(@_)", Format::Plain),
            ("[h]:mm:ss", Format::Plain),
            ("yyyy-mm-dd", Format::Day),
            ("[$-409]mmmm\\ d\\,\\ yyyy;@", Format::Day),
            ("mmm-yy", Format::Day),
            ("h:mm AM/PM", Format::Time),
            ("mm:ss", Format::Time),
            ("m/d/yy h:mm", Format::DayAndTime),
            ("MM/DD/YYYY HH:MM:SS", Format::DayAndTime),
        ] {
            assert_eq!(format(code), expected, "{code}");
        }
        assert_eq!(built_in(14), Format::Day);
        assert_eq!(built_in(22), Format::DayAndTime);
        assert_eq!((built_in(0), built_in(46)), (Format::Plain, Format::Plain));
    }

    #[test]
    fn other_numbers_stay_as_written() {
        for (raw, kind, text) in [
            ("1480", Kind::Integer, "1480"),
            ("-3", Kind::Integer, "-3"),
            ("1.5E3", Kind::Integer, "1500"),
            ("123456789012345678", Kind::Integer, "123456789012345678"),
            ("1E+20", Kind::Number, "1E+20"),
            ("0.1", Kind::Number, "0.1"),
        ] {
            assert_eq!(number(raw, Format::Plain, false), Some((kind, text.to_owned())));
        }
        for none in ["", "-", "inf", "NaN", "1,5", "0x10", "."] {
            assert_eq!(number(none, Format::Plain, false), None, "{none}");
        }
    }
}
