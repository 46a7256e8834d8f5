//! Times as logs write them, to seconds of UTC.
//!
//! - In: the text of a cell.
//! - Out: seconds since the start of 1970.
//! - Absent: guesses. A time without a zone needs a layout that names one.

mod form;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use form::{Civil, Form};

/// Why a time could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// It is no time in a form known here.
    Form,
    /// Its day stands before its month.
    DayFirst,
    /// It names no zone, and neither does the layout.
    Zone,
    /// No clock of its zone ever showed it: summer time left out its hour.
    LeftOut,
    /// No calendar has it, or it is before 1970 or after 2105.
    Range,
}

impl NoTime {
    /// What to do.
    pub fn says(self) -> &'static str {
        match self {
            Self::Form => "is no time `M/D/YYYY, hh:mm:ss AM UTC` or `YYYY-MM-DDThh:mm:ssZ`",
            Self::DayFirst => {
                "has its day before its month; the month is read first, so that other rows of this \
                 log may be misread: have days written as `YYYY-MM-DD`"
            }
            Self::Zone => "names no zone; say in a layout which it is (`zone = …`)",
            Self::LeftOut => {
                "is of an hour that no clock of its zone showed, for summer time left it out; is \
                 the layout's `zone` the log's?"
            }
            Self::Range => "is no time of a clock between 1970 and 2105",
        }
    }
}

/// Reads a time: `1/9/2025, 12:32:31 PM UTC`, padded or not, or `2025-06-18T00:02:04.789Z`, with a
/// blank for the `T`.
///
/// The comma may be missing, and so may seconds and parts of one; the clock may count to 12 or to
/// 24. The month stands first, or the year. For `UTC` there may stand `Z`, `GMT` or what the clock
/// is ahead of UTC (`-06:00`); where nothing stands there it is of `zone`, and a day alone is the
/// start of that day there. A time that clocks showed twice, when summer time ended, is the earlier
/// one.
///
/// # Errors
/// [`NoTime`].
///
/// ```
/// use audit::log::seconds;
/// assert_eq!(seconds(b"1/9/2025, 12:32:31 PM UTC", None), Ok(1_736_425_951));
/// assert_eq!(seconds(b"2025-01-09T12:32:31.250Z", None), Ok(1_736_425_951));
/// assert_eq!(seconds(b"1/9/2025 6:32:31 -06:00", None), Ok(1_736_425_951));
/// assert!(seconds(b"2025-01-09 12:32:31", None).is_err());
/// ```
pub fn seconds(text: &[u8], zone: Option<&TimeZone>) -> Result<u32, NoTime> {
    Dated::default().seconds(text, zone)
}

/// Reads times of which many are of few days.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    /// By month and day the last date that was read, as it was written, and the second on which it
    /// started.
    dates: Box<[([u8; DATE], u32); DATES]>,
}

/// Months and days, as far as two digits each tell them apart.
const DATES: usize = 16 * 32;

impl Default for Dated {
    fn default() -> Self {
        // Whatever stands there is found, so it has to be true from the start.
        Self { dates: Box::new([(*b"01/01/1970", 0); DATES]) }
    }
}

impl Dated {
    /// As [`seconds`].
    #[inline]
    pub(super) fn seconds(&mut self, text: &[u8], zone: Option<&TimeZone>) -> Result<u32, NoTime> {
        // Nearly all of a log are written in this one form, padded.
        let date: Option<&[u8; DATE]> = text.first_chunk().filter(|_| text.len() == PADDED);
        let (Some(date), Some(of_day)) = (date, text.last_chunk().and_then(padded)) else {
            return written(text, zone);
        };
        let [a, b, _, c, d, ..] = *date;
        let two = |tens: u8, ones: u8| usize::from(tens.wrapping_mul(10).wrapping_add(ones));
        let day = two(a, b).wrapping_mul(32).wrapping_add(two(c, d)) % DATES;
        match self.dates.get(day) {
            Some((known, start)) if known == date => Ok(start.wrapping_add(of_day)),
            _ => self.new_date(day, date, text, zone),
        }
    }

    #[cold]
    fn new_date(
        &mut self,
        day: usize,
        date: &[u8; DATE],
        text: &[u8],
        zone: Option<&TimeZone>,
    ) -> Result<u32, NoTime> {
        let time = written(text, zone)?;
        // Its clock is of UTC, as was seen before.
        let start = time - time % 86_400;
        self.dates.get_mut(day).into_iter().for_each(|known| *known = (*date, start));
        Ok(time)
    }
}

/// A time in any form.
fn written(text: &[u8], zone: Option<&TimeZone>) -> Result<u32, NoTime> {
    let Form { civil, is_day, ahead } = form::read(text.trim_ascii())?;
    match (ahead, zone) {
        (Some(0), _) => utc(civil),
        (Some(ahead), _) => of_utc(i64::from(utc(civil)?).saturating_sub(ahead.into())),
        (None, None) => Err(NoTime::Zone),
        (None, Some(zone)) => in_zone(civil, is_day, zone),
    }
}

/// A number of seconds that is of the years that are read.
fn of_utc(seconds: i64) -> Result<u32, NoTime> {
    let seconds = Some(seconds).filter(|it| (0..END).contains(it)).ok_or(NoTime::Range)?;
    u32::try_from(seconds).map_err(|_| NoTime::Range)
}

/// A day of its own column with a time of another. The cell of the day may have its midnight with
/// it, as spreadsheets write days; or the other cell has both.
///
/// # Errors
/// [`NoTime`].
pub fn joined(date: &[u8], time: &[u8], zone: Option<&TimeZone>) -> Result<u32, NoTime> {
    let (date, time) = (date.trim_ascii(), time.trim_ascii());
    if time.is_empty() || form::read(time).is_ok_and(|time| time.is_day) {
        // Which hour it was is said nowhere.
        return Err(NoTime::Form);
    }
    let on = |day: &[u8]| written(&[day, b" ", time].concat(), zone);
    match form::read(date) {
        Ok(Form { civil: (_, _, _, 0, 0, 0), is_day: false, ahead: None }) => {
            let day = date.split(|byte| b" T,".contains(byte)).next();
            written(time, zone).or_else(|_| on(day.unwrap_or_default()))
        }
        _ if date.contains(&b':') => written(time, zone),
        _ => on(date),
    }
}

/// The first second after 2105.
const END: i64 = 4_291_747_200;

/// A time that is a number: seconds since the start of 1970 of UTC, or of a clock in a zone.
///
/// # Errors
/// [`NoTime`].
pub(super) fn instant(seconds: i64, clock: Option<&TimeZone>) -> Result<u32, NoTime> {
    let of_utc = of_utc(seconds)?;
    let Some(zone) = clock.filter(|zone| **zone != TimeZone::UTC) else { return Ok(of_utc) };
    let civil = jiff::Timestamp::from_second(seconds).map_err(|_| NoTime::Range)?;
    of_clock(civil.to_zoned(TimeZone::UTC).datetime(), zone)
}

/// The length of `06/03/2025, 01:15:00 PM UTC`, and of its date.
const PADDED: usize = 27;
const DATE: usize = 10;

/// Seconds of the day, of what follows the date in such a time. Eight letters are compared at once:
/// where they are as they should be, a digit leaves its value, and anything else nothing.
#[inline]
fn padded(clock: &[u8; PADDED - DATE]) -> Option<u32> {
    let ([one, two], [end]) = clock.as_chunks::<8>() else { return None };
    let left = |letters: [u8; 8], form: [u8; 8]| {
        // Added to what a letter may leave, this does not reach the highest bit of its byte.
        let most = form.map(|letter| if letter == b'0' { 0x76 } else { 0x7F });
        let left = u64::from_le_bytes(letters) ^ u64::from_le_bytes(form);
        (left, (left.wrapping_add(u64::from_le_bytes(most)) | left) & 0x8080_8080_8080_8080)
    };
    let [s1, s2, blank, half, m, other, u, t] = *two;
    let (one, a) = left(*one, *b", 00:00:");
    let (two, b) = left([s1, s2, blank, b'A', m, other, u, t], *b"00 AM UT");
    let is_second_half = half == b'P';
    if a | b != 0 || !(is_second_half || half == b'A') || *end != b'C' {
        return None;
    }
    // Of two digits the number, in the byte of the first.
    let number = |left: u64, at: u32| {
        let tens = left.wrapping_mul(10).wrapping_add(left >> 8);
        u32::from((tens >> (8 * at)) as u8)
    };
    let (hour, minute, second) = (number(one, 2), number(one, 5), number(two, 0));
    let fits = (1..=12).contains(&hour) && minute < 60 && second < 60;
    let hour = hour % 12 + if is_second_half { 12 } else { 0 };
    fits.then_some(hour * 3_600 + minute * 60 + second)
}

/// Days from the start of a year to that of each month, and days of the month.
const MONTHS: [(u32, u8); 12] = [
    (0, 31),
    (31, 28),
    (59, 31),
    (90, 30),
    (120, 31),
    (151, 30),
    (181, 31),
    (212, 31),
    (243, 30),
    (273, 31),
    (304, 30),
    (334, 31),
];

/// Seconds of UTC, by counting the days: a log has millions of them.
fn utc((year, month, day, hour, minute, second): Civil) -> Result<u32, NoTime> {
    let Some((months, last)) = MONTHS.get(usize::from(month.wrapping_sub(1))) else {
        return Err(NoTime::Range);
    };
    // In these years every fourth has a day more, but for 2100.
    let leap = year.is_multiple_of(4) && year != 2100;
    let last = if leap && month == 2 { 29 } else { *last };
    if !(1970..=2105).contains(&year) || day == 0 || day > last {
        return Err(NoTime::Range);
    }
    let years = u32::from(year) - 1970;
    let leaps = (years + 1) / 4 - u32::from(year > 2100);
    let of_year = months + u32::from(leap && month > 2) + u32::from(day) - 1;
    let days = years * 365 + leaps + of_year;
    Ok(days * 86_400 + u32::from(hour) * 3_600 + u32::from(minute) * 60 + u32::from(second))
}

fn in_zone(
    (year, month, day, hour, minute, second): Civil,
    is_day: bool,
    zone: &TimeZone,
) -> Result<u32, NoTime> {
    let small = |number: u8| i8::try_from(number).unwrap_or(-1);
    let date = Date::new(i16::try_from(year).unwrap_or(-1), small(month), small(day));
    let time = Time::new(small(hour), small(minute), small(second), 0);
    let (Ok(date), Ok(time)) = (date, time) else { return Err(NoTime::Range) };
    if is_day {
        // Not every day has a midnight: some start when summer time does.
        let start = date.to_zoned(zone.clone()).and_then(|of_day| of_day.start_of_day());
        return of_utc(start.map_err(|_| NoTime::Range)?.timestamp().as_second());
    }
    of_clock(DateTime::from_parts(date, time), zone)
}

fn of_clock(civil: DateTime, zone: &TimeZone) -> Result<u32, NoTime> {
    let instant = zone.to_ambiguous_timestamp(civil);
    if let AmbiguousOffset::Gap { .. } = instant.offset() {
        return Err(NoTime::LeftOut);
    }
    // Of a time shown twice it is the earlier one.
    of_utc(instant.earlier().map_err(|_| NoTime::Range)?.as_second())
}

/// The day it was somewhere, remembered by the quarter hour, because zones change at no other time.
#[derive(Clone, Debug)]
pub struct Days {
    zone: TimeZone,
    /// The seconds of a quarter that are of one day, the last not among them, and that day.
    from: u32,
    until: u32,
    day: i32,
}

/// Seconds of a quarter of an hour.
const QUARTER: u32 = 900;

impl Days {
    /// The days of a zone.
    pub fn of(zone: TimeZone) -> Self {
        Self { zone, from: 0, until: 0, day: 0 }
    }

    /// The day, counted from the start of 1970.
    #[inline]
    pub fn day(&mut self, seconds: u32) -> i32 {
        if !(self.from..self.until).contains(&seconds) {
            self.turn(seconds);
        }
        self.day
    }

    /// Turns to the quarter of a second, or to as much of it as is of one day.
    #[cold]
    fn turn(&mut self, seconds: u32) {
        let instant = jiff::Timestamp::from_second(i64::from(seconds)).unwrap_or_default();
        let local = i64::from(seconds) + i64::from(self.zone.to_offset(instant).seconds());
        let (day, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400) as u32);
        let start = seconds - seconds % QUARTER;
        self.from = start.max(seconds.saturating_sub(of_day));
        self.until = start.saturating_add(QUARTER).min(seconds.saturating_add(86_400 - of_day));
        self.day = i32::try_from(day).unwrap_or(0);
    }
}

/// The date of a day counted from the start of 1970.
pub fn date(day: i32) -> Date {
    let instant = jiff::Timestamp::from_second(i64::from(day) * 86_400).unwrap_or_default();
    instant.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};
    use proptest::prelude::*;

    use super::{Dated, Days, NoTime, date, seconds, written};

    proptest! {
        /// What is remembered of dates changes no time, of padded ones and of what is nearly so.
        #[test]
        fn times_are_those_of_the_plain_reader(
            texts in prop::collection::vec(
                (1_u8..14, 0_u8..33, 1969_u16..2107, 0_u8..14, 0_u8..61, "[APQ]"), 1..60),
            wrong in prop::collection::vec((0_usize..60, 0_usize..27, any::<u8>()), 0..20),
        ) {
            let mut texts: Vec<Vec<u8>> = texts
                .into_iter()
                .map(|(month, day, year, hour, minute, half)| {
                    let date = format!("{month:02}/{day:02}/{year}");
                    format!("{date}, {hour:02}:{minute:02}:{minute:02} {half}M UTC").into_bytes()
                })
                .collect();
            for (text, at, byte) in wrong {
                let length = texts.len();
                texts[text % length][at] = byte;
            }
            let mut dated = Dated::default();
            // Each twice, so that its date is remembered the second time.
            for text in texts.iter().flat_map(|text| [text, text]) {
                prop_assert_eq!(dated.seconds(text, None), written(text, None));
            }
        }

        /// A day is that of the calendar, whatever was asked before, on both sides of a midnight
        /// and of a change of the clock.
        #[test]
        fn days_are_those_of_the_calendar(
            zone in 0_usize..4,
            near in prop::collection::vec((0_i64..400, -5_000_i64..5_000), 1..60),
        ) {
            let posix = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
            let ahead = TimeZone::fixed(offset(14));
            let nepal = TimeZone::posix("<+0545>-5:45").unwrap();
            let zone = [posix, ahead, nepal, TimeZone::UTC][zone].clone();
            let mut days = Days::of(zone.clone());
            for (day, second) in near {
                // Around the midnights of New York, of UTC, and of those ahead of it.
                for midnight in [0, 5, 10, 18] {
                    let seconds = 1_735_689_600 + day * 86_400 + midnight * 3_600 + second;
                    let instant = jiff::Timestamp::from_second(seconds).unwrap();
                    let expected = instant.to_zoned(zone.clone()).date();
                    prop_assert_eq!(date(days.day(u32::try_from(seconds).unwrap())), expected);
                }
            }
        }
    }

    #[test]
    fn what_was_read_before_changes_no_time() {
        let mut dated = Dated::default();
        let first = 1_736_380_800; // 9 January 2025
        for (text, expected) in [
            ("01/09/2025, 12:32:31 PM UTC", Ok(first + 45_151)),
            ("01/09/2025, 12:00:00 AM UTC", Ok(first)),
            ("02/30/2025, 01:00:00 AM UTC", Err(NoTime::Range)),
            ("02/30/2025, 01:00:00 AM UTC", Err(NoTime::Range)),
            ("01/09/2025, 11:59:59 PM UTC", Ok(first + 86_399)),
            ("01/10/2025, 12:00:00 AM UTC", Ok(first + 86_400)),
            // The same day of other months, and what is none.
            ("02/09/2025, 12:00:00 AM UTC", Ok(first + 31 * 86_400)),
            ("13/09/2025, 12:00:00 AM UTC", Err(NoTime::DayFirst)),
            (" 1/09/2025, 12:00:01 AM UTC", Ok(first + 1)),
            ("\0\0\0\0\0\0\0\0\0\0, 12:00:00 AM UTC", Err(NoTime::Form)),
            ("01/01/1970, 12:00:00 AM UTC", Ok(0)),
            ("01/09/2025, 00:00:00 AM UTC", Err(NoTime::Form)),
            ("01/09/2025, 12:60:00 PM UTC", Err(NoTime::Form)),
            ("01/09/2025, 12:00:00 QM UTC", Err(NoTime::Form)),
            ("01/09/2025, 12:00:00 PM UTD", Err(NoTime::Form)),
            ("01/09/2025, 1::00:00 PM UTC", Err(NoTime::Form)),
            ("1/9/2025, 12:32:31 PM UTC", Ok(first + 45_151)),
            ("01/10/2025, 01:00:00 AM UTC", Ok(first + 90_000)),
            ("01/09/2025, 13:00:00 PM UTC", Err(NoTime::Form)),
        ] {
            assert_eq!(dated.seconds(text.as_bytes(), None), expected, "{text}");
            assert_eq!(seconds(text.as_bytes(), None), expected, "{text}, alone");
        }
    }
}
