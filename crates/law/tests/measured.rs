#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Days and numbers as the stretches that laws tell apart.

use jiff::civil::{Date, date};
use law::{Source, Statement, Vocabulary};
use proptest::prelude::*;

const WORDS: &str = r#"
action = [{ name = "hold", says = "keep someone" }]
[[fact]]
name = "felony"
question = "On which day?"
day = { cite = "Code 1", within = [{ years = 5 }, { years = 15 }], never = "never convicted" }
[[fact]]
name = "sentence"
question = "On which day?"
day = { cite = "Code 2", within = [{ months = 1 }, { days = 90 }], leaving_out = "in custody" }
[[fact]]
name = "incidents"
question = "How many?"
number = { cite = "Code 3", from = [1, 3], most = 40 }
"#;

fn words() -> Vocabulary {
    Vocabulary::read("vocabulary.toml", WORDS).unwrap()
}

fn measured(fact: &str, value: &str, on: Date) -> Result<String, String> {
    let said = Statement::new(fact, value, Source::Officer);
    let mut found = words().measured(&[said], on).map_err(|errors| errors.join("; "))?;
    Ok(found.remove(0).value)
}

#[test]
fn the_values_are_named_by_their_limits() {
    let words = words();
    let names = |fact: &str| -> Vec<String> {
        let fact = &words.facts[words.fact(fact).unwrap()];
        assert!(!fact.boolean);
        fact.values.iter().map(|value| value.name.clone()).collect()
    };
    let day = ["up_to_5_years", "over_5_years_up_to_15_years", "over_15_years", "never"];
    assert_eq!(names("felony"), day);
    let clock = ["up_to_1_month", "over_1_month_up_to_90_days", "over_90_days"];
    assert_eq!(names("sentence"), clock);
    assert_eq!(names("incidents"), ["0", "1_to_2", "3_or_more"]);
}

#[test]
fn the_first_day_of_a_stretch_is_within_it() {
    let on = date(2025, 3, 1);
    let leap = date(2024, 2, 29);
    for (fact, value, on, word) in [
        ("felony", "2025-03-01", on, "up_to_5_years"),
        ("felony", "2020-03-01", on, "up_to_5_years"),
        ("felony", "2020-02-29", on, "over_5_years_up_to_15_years"),
        ("felony", "2010-03-01", on, "over_5_years_up_to_15_years"),
        ("felony", "2010-02-28", on, "over_15_years"),
        // From 29 February back to 28 February, where there is no 29th.
        ("felony", "2019-02-28", leap, "up_to_5_years"),
        ("felony", "2019-02-27", leap, "over_5_years_up_to_15_years"),
        ("sentence", "2025-02-28", date(2025, 3, 31), "up_to_1_month"),
        ("sentence", "2025-02-27", date(2025, 3, 31), "over_1_month_up_to_90_days"),
        ("sentence", "2024-12-31", date(2025, 3, 31), "over_1_month_up_to_90_days"),
        ("sentence", "2024-12-30", date(2025, 3, 31), "over_90_days"),
        // A hundred days in custody since: as if it had been a hundred days later.
        ("sentence", "2024-12-30+100", date(2025, 4, 10), "up_to_1_month"),
        ("sentence", "2024-12-30+50", date(2025, 4, 10), "over_1_month_up_to_90_days"),
        ("incidents", "0", on, "0"),
        ("incidents", "2", on, "1_to_2"),
        ("incidents", "3", on, "3_or_more"),
        ("incidents", "40", on, "3_or_more"),
        // Words stay words.
        ("felony", "never", on, "never"),
        ("felony", "over_15_years", on, "over_15_years"),
        ("incidents", "1_to_2", on, "1_to_2"),
    ] {
        assert_eq!(measured(fact, value, on).as_deref(), Ok(word), "{fact}={value} on {on}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let on = date(2025, 3, 1);
    for (fact, value, says) in [
        ("felony", "2025-03-02", "`felony`: `2025-03-02` is after 2025-03-01"),
        ("felony", "2025-02-29", "`2025-02-29` is no day; write year-month-day"),
        ("felony", "3/4/2015", "`3/4/2015` is no day"),
        ("felony", "2015-03-04+400", "nothing stops this clock"),
        ("sentence", "2025-01-01+x", "`x` is no number of days in custody"),
        ("sentence", "2025-01-01+60", "would end after 2025-03-01"),
        ("incidents", "41", "`41` is more than 40"),
    ] {
        let error = measured(fact, value, on).unwrap_err();
        assert!(error.contains(says), "{fact}={value}: {error}");
    }
}

#[test]
fn a_measure_that_cannot_be_is_refused_where_it_stands() {
    let with = |table: &str| {
        let text =
            format!("action = []\n[[fact]]\nname = \"felony\"\nquestion = \"When?\"\n{table}\n");
        let problems = Vocabulary::read("vocabulary.toml", &text).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (table, says) in [
        (
            "day = { cite = 'C', within = [] }",
            "vocabulary.toml:2: fact `felony`: write one stretch",
        ),
        ("day = { cite = 'C', within = [{ years = 2 }, { months = 24 }] }", "the shortest first"),
        ("day = { cite = 'C', within = [{ years = 60000 }] }", "the shortest first"),
        ("day = { within = [{ years = 2 }] }", "missing field `cite`"),
        (
            "number = { cite = 'C', from = [0], most = 3 }",
            "write in `from` numbers from 1 to `most`",
        ),
        ("number = { cite = 'C', from = [3, 2], most = 3 }", "the smallest first"),
        ("number = { cite = 'C', from = [3], most = 2 }", "from 1 to `most`"),
        (
            "values = [['a', 'b'], ['c', 'd']]\nnumber = { cite = 'C', from = [3], most = 9 }",
            "one of `values`, `day` and `number`",
        ),
    ] {
        let problems = with(table);
        assert!(problems.contains(says), "{table}: {problems}");
    }
}

/// Counted by hand, without a calendar library: years are subtracted from the year alone, and the
/// day and the month are compared as they are written.
fn within_by_hand(day: Date, years: i16, on: Date) -> bool {
    let leap = on.month() == 2 && on.day() == 29;
    let year = on.year() - years;
    let has_29 = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let first = if leap && !has_29 { 28 } else { on.day() };
    (day.year(), day.month(), day.day()) >= (year, on.month(), first)
}

fn day() -> impl Strategy<Value = Date> {
    (1990_i16..2030, 1_i8..=12, 1_i8..=31)
        .prop_filter_map("a day of the calendar", |(y, m, d)| Date::new(y, m, d).ok())
}

proptest! {
    #[test]
    fn a_day_falls_where_it_is_counted_by_hand(on in day(), day in day()) {
        let found = measured("felony", &day.to_string(), on);
        if day > on {
            prop_assert!(found.is_err());
        } else {
            let word = match (within_by_hand(day, 5, on), within_by_hand(day, 15, on)) {
                (true, _) => "up_to_5_years",
                (_, true) => "over_5_years_up_to_15_years",
                _ => "over_15_years",
            };
            prop_assert_eq!(found.as_deref(), Ok(word));
        }
    }
}
