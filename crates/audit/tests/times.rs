//! Times as other systems write them: each form, in summer and in winter, to seconds of UTC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Mutex;

use audit::log::row::{Common, Hasher};
use audit::log::time::NoTime;
use audit::log::{Cases, FileTotals, How, Key, Layouts, Names, Row, read_log, seconds};
use audit::reason::Rules;
use jiff::tz::TimeZone;

/// The start of 9 March 2025, UTC, by `date -u -d 2025-03-09 +%s`. On that day clocks of Chicago
/// went from 2 to 3: before, they were six hours behind UTC, and after that five.
const MARCH_9: u32 = 1_741_478_400;
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// A form, and the seconds after the start of 9 March 2025, UTC.
const FORMS: [(&str, u32); 30] = [
    // A day alone is its start on the clock there.
    ("2025-03-09", 6 * HOUR),
    ("3/9/2025", 6 * HOUR),
    ("03/10/2025", DAY + 5 * HOUR),
    // The first second, and the seconds before and after the clock changed.
    ("2025-03-09 00:00", 6 * HOUR),
    ("2025-03-09 01:59:59", 8 * HOUR - 1),
    ("2025-03-09T03:00:00", 8 * HOUR),
    ("2025-03-09 10:30", 15 * HOUR + 1_800),
    ("2025-03-09 10:30:15.250", 15 * HOUR + 1_815),
    ("2025-03-09 10:30:15 PM", DAY + 3 * HOUR + 1_815),
    ("3/9/2025 10:30:15 PM", DAY + 3 * HOUR + 1_815),
    ("3/9/2025, 10:30:15 pm", DAY + 3 * HOUR + 1_815),
    ("3/9/2025, 10:30:15\u{202f}PM", DAY + 3 * HOUR + 1_815),
    ("3/9/2025, 10:30 PM", DAY + 3 * HOUR + 1_800),
    ("03/09/2025 12:05 AM", 6 * HOUR + 300),
    ("03/09/2025 12:05 PM", 17 * HOUR + 300),
    ("3/9/2025 22:30", DAY + 3 * HOUR + 1_800),
    ("3/9/2025 9:05", 14 * HOUR + 300),
    (" 3/9/2025 9:05 ", 14 * HOUR + 300),
    // What names its own clock is of no zone.
    ("2025-03-09T10:30:00-06:00", 16 * HOUR + 1_800),
    ("2025-03-09T10:30-0600", 16 * HOUR + 1_800),
    ("2025-03-09T10:30:00.5+05:45", 4 * HOUR + 2_700),
    ("2025-03-09 10:30 +00", 10 * HOUR + 1_800),
    ("2025-03-10T01:30:00+14:00", 11 * HOUR + 1_800),
    ("3/9/2025 10:30 AM -05:00", 15 * HOUR + 1_800),
    ("2025-03-09T10:30:00Z", 10 * HOUR + 1_800),
    ("2025-03-09 10:30 UTC", 10 * HOUR + 1_800),
    ("3/9/2025 10:30 GMT", 10 * HOUR + 1_800),
    ("3/9/2025, 10:30:00 AM UTC", 10 * HOUR + 1_800),
    ("03/09/2025, 10:30:00 PM UTC", 22 * HOUR + 1_800),
    // 2:30 came with the clock of UTC, though no clock of Chicago showed it.
    ("2025-03-09T02:30:00Z", 2 * HOUR + 1_800),
];

fn chicago() -> TimeZone {
    TimeZone::get("America/Chicago").unwrap()
}

#[test]
fn each_form_in_a_zone() {
    for (text, after) in FORMS {
        assert_eq!(seconds(text.as_bytes(), Some(&chicago())), Ok(MARCH_9 + after), "{text}");
    }
    // In winter it is six hours, by the tz database; the instant is that of `date -u -d`.
    let winter = seconds(b"1/9/2025 6:32:31 AM", Some(&chicago()));
    assert_eq!(winter, Ok(1_736_425_951));
    // In Havana that day had no midnight: at 0 the clock, five hours behind, went to 1.
    let havana = TimeZone::get("America/Havana").unwrap();
    assert_eq!(seconds(b"2025-03-09", Some(&havana)), Ok(MARCH_9 + 5 * HOUR));
}

#[test]
fn without_a_zone_only_what_names_a_clock_is_a_time() {
    for (text, after) in FORMS {
        let names = ["UTC", "Z", "GMT", "+", "-06", "-05"].iter().any(|name| text.contains(name));
        let expected = if names { Ok(MARCH_9 + after) } else { Err(NoTime::Zone) };
        assert_eq!(seconds(text.as_bytes(), None), expected, "{text}");
    }
}

#[test]
fn what_could_be_another_time_is_none() {
    for (text, expected) in [
        ("31/12/2025", NoTime::DayFirst),
        ("13/1/2025 10:30", NoTime::DayFirst),
        ("31/12/2025, 10:30:00 PM UTC", NoTime::DayFirst),
        ("31/31/2025", NoTime::Range),
        ("32/1/2025", NoTime::Range),
        ("2/29/2025", NoTime::Range),
        ("0/9/2025", NoTime::Range),
        ("2025-13-01", NoTime::Range),
        ("1969-12-31", NoTime::Range),
        // The first second that is not read, by `date -u -d @4291747200`.
        ("2106-01-01T00:00:00Z", NoTime::Range),
        ("2105-12-31T23:59:59-06:00", NoTime::Range),
        ("2105-12-31 23:59:59", NoTime::Range),
        ("1970-01-01T00:00:00+06:00", NoTime::Range),
        ("3/9/25", NoTime::Form),
        ("25-03-09", NoTime::Form),
        ("9.3.2025", NoTime::Form),
        ("20250309", NoTime::Form),
        ("3/9/2025,", NoTime::Form),
        ("3/9/2025 10", NoTime::Form),
        ("3/9/2025 10:3", NoTime::Form),
        ("3/9/2025 10:30:1", NoTime::Form),
        ("3/9/2025 24:00", NoTime::Form),
        ("3/9/2025 13:00 PM", NoTime::Form),
        ("3/9/2025 0:30 AM", NoTime::Form),
        ("3/9/2025 10:60", NoTime::Form),
        ("3/9/2025 10:30:60", NoTime::Form),
        ("3/9/2025 10:30 CST", NoTime::Form),
        ("3/9/2025 10:30 -15:00", NoTime::Form),
        ("3/9/2025 10:30 -06:0", NoTime::Form),
        ("3/9/2025 10:30 -06:60", NoTime::Form),
        ("2025-03-09Z", NoTime::Form),
        ("10:30", NoTime::Form),
        ("", NoTime::Form),
    ] {
        assert_eq!(seconds(text.as_bytes(), Some(&chicago())), Err(expected), "{text}");
    }
}

/// On 9 March 2025 no clock of Chicago showed 2:00 to 2:59, and on 2 November each showed 1:00 to
/// 1:59 twice: five hours behind UTC, and then six.
#[test]
fn an_hour_left_out_and_an_hour_shown_twice() {
    for text in ["2025-03-09 02:00:00", "2025-03-09 02:30", "3/9/2025 2:59:59 AM"] {
        let read = seconds(text.as_bytes(), Some(&chicago()));
        assert_eq!(read, Err(NoTime::LeftOut), "{text}");
    }
    // The start of 2 November 2025, by `date -u -d 2025-11-02 +%s`.
    let november = 1_762_041_600;
    for (text, after) in [
        ("2025-11-02 00:59:59", 6 * HOUR - 1),
        ("2025-11-02 01:00:00", 6 * HOUR),
        ("2025-11-02 01:30", 6 * HOUR + 1_800),
        ("2025-11-02 02:00:00", 8 * HOUR),
        ("2025-11-02", 5 * HOUR),
        ("2025-11-03", DAY + 6 * HOUR),
        // What says which it is, is that one.
        ("2025-11-02 01:30 -06:00", 7 * HOUR + 1_800),
    ] {
        let read = seconds(text.as_bytes(), Some(&chicago()));
        assert_eq!(read, Ok(november + after), "{text}");
    }
}

/// Reads a log of another system, of these times; its rows come in their order.
fn log(header: &str, times: &[&str]) -> (FileTotals, Vec<Row>) {
    let zone = |name: &str| TimeZone::get(name).map_err(|error| error.to_string());
    let own = Layouts::read(
        "version = 1\n[[layout]]\nname = \"own\"\nsays = \"own\"\n\
         information = \"criminal_history\"\nzone = \"America/Chicago\"\nneeds = [\"When\"]\n\
         columns = [[\"Day\", \"date\"], [\"When\", \"time\"], [\"Why\", \"reason\"]]\n",
    );
    let layouts = Layouts::published().unwrap().with(own.unwrap().in_zones(zone).unwrap());
    let (key, names, hasher) = (Key::new([3; 16]), Names::default(), Hasher::default());
    let common = Common {
        cases: &Cases::default(),
        key: &key,
        rules: Rules::published(),
        names: &names,
        hasher: &hasher,
        zone: &TimeZone::UTC,
        own: "Example PD",
    };
    let text = format!("{header}\n{}\n", times.join("\n"));
    let all = Mutex::new(Vec::new());
    let sink = |batch: &[Row], _: u64| all.lock().unwrap().extend_from_slice(batch);
    let how = How { layouts: &layouts, common, threads: 1 };
    let totals = read_log(0, std::io::Cursor::new(text), how, &sink).unwrap();
    assert_eq!(totals.rows, totals.made + totals.rejected_rows, "rows balance");
    (totals, all.into_inner().unwrap())
}

#[test]
fn another_system_needs_a_layout_and_no_code() {
    let quoted = FORMS.map(|(text, _)| format!("\"{text}\",why"));
    let (totals, rows) = log("When,Why", &quoted.each_ref().map(String::as_str));
    assert_eq!(totals.rejected, []);
    let times: Vec<u32> = rows.iter().map(|row| row.time).collect();
    assert_eq!(times, FORMS.map(|(_, after)| MARCH_9 + after));
}

/// A day and a time in columns of their own, as text and as spreadsheets write days.
#[test]
fn a_day_and_a_time_in_two_columns() {
    let times = [
        ("2025-03-09", "10:30", Some(15 * HOUR + 1_800)),
        ("3/9/2025", "10:30:15 PM", Some(DAY + 3 * HOUR + 1_815)),
        ("2025-03-09", "01:02:05 PM UTC", Some(13 * HOUR + 125)),
        ("2025-03-09", "13:02:06Z", Some(13 * HOUR + 126)),
        ("2025-03-09T00:00:00", "01:02:05 PM UTC", Some(13 * HOUR + 125)),
        ("2025-03-09 00:00", "10:30", Some(15 * HOUR + 1_800)),
        ("3/9/2025 12:00:00 AM", "10:30", Some(15 * HOUR + 1_800)),
        // The second column has both.
        ("2025-03-09T00:00:00", "2025-03-09T13:02:06Z", Some(13 * HOUR + 126)),
        ("2025-03-09 10:30", "2025-03-09 13:02:06Z", Some(13 * HOUR + 126)),
        // Which hour it was is said nowhere, or which day.
        ("2025-03-09", "", None),
        ("2025-03-09", "***", None),
        ("2025-03-09 10:30", "10:30", None),
        ("10:30", "2025-03-09", None),
        ("", "10:30", None),
        ("***", "10:30", None),
    ];
    let lines = times.map(|(day, time, _)| format!("{day},{time},why"));
    let (totals, rows) = log("Day,When,Why", &lines.each_ref().map(String::as_str));
    let read: Vec<u32> = rows.iter().map(|row| row.time - MARCH_9).collect();
    let expected: Vec<u32> = times.into_iter().filter_map(|(_, _, after)| after).collect();
    assert_eq!((read, totals.rejected_rows), (expected, 6), "{:?}", totals.rejected);
    for rejected in &totals.rejected {
        let form =
            "the time in the columns `Day` and `When` is no time `M/D/YYYY, hh:mm:ss AM UTC`";
        assert!(rejected.why.starts_with(form), "{}", rejected.why);
    }
}

/// Where cells were moved, a person's name may stand in the column of times: messages go where
/// it must not.
#[test]
fn no_message_has_a_cell_in_it() {
    let (totals, _) = log("When,Why", &["Jane Roe,theft", "12/31/1999,theft", "AB-123,theft"]);
    assert_eq!(totals.rejected_rows, 2);
    for rejected in &totals.rejected {
        let form = "the time in the column `When` is no time `M/D/YYYY, hh:mm:ss AM UTC`";
        assert!(rejected.why.starts_with(form), "{}", rejected.why);
        assert!(!["Jane", "AB-123"].iter().any(|cell| rejected.why.contains(cell)));
    }
}
