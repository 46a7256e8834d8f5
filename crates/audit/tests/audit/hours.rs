//! Hours with more searches than are looked at together: what belongs to one hour stays together.

use super::common::library;
use super::year::{HEADER, clock};
use super::{Given, text};

/// The start of an hour.
const START: u64 = 1_748_736_000;

/// Searches of one hour that are a few too many to be looked at together.
const MANY: u64 = 33_500;

/// So long after the first comes the next hour whose rows wait in the same part.
const NEXT: u64 = 377 * 3_600;

/// Who makes a search of the first hour: one account every second one, another 120 of which the
/// last 20 come late, a third 119; each other one has an account of its own.
fn of_first_hour(n: u64) -> String {
    match n {
        _ if n.is_multiple_of(2) => "BUSY".to_owned(),
        _ if n < 200 || (MANY - 40..MANY).contains(&n) => "LATE".to_owned(),
        _ if n < 200 + 2 * 119 => "FEWER".to_owned(),
        _ => format!("USER{n}"),
    }
}

fn log() -> String {
    let mut rows = Vec::new();
    rows.extend((0..MANY).map(|n| (START + n * 3_599 / MANY, of_first_hour(n))));
    // The next hour is as long, and nobody has enough in it.
    let few = |n: u64| if n < 119 { "LATE".to_owned() } else { format!("USER{n}") };
    rows.extend((0..MANY).map(|n| (START + NEXT + n * 3_599 / MANY, few(n))));
    // All of a later hour are of one second.
    let late = |n: u64| if n % 250 == 1 { "LATE".to_owned() } else { format!("USER{n}") };
    rows.extend((0..MANY).map(|n| (START + NEXT + 3_607, late(n))));
    let lines = rows.iter().zip(0_u64..).map(|((time, account), n)| {
        let time = clock(*time);
        format!("{n:032x},{account},Town IL PD,1,0,,PLT1,theft,,,\"{time} UTC\",lookup,,\r\n")
    });
    format!("{HEADER}{}", lines.collect::<String>())
}

#[test]
fn a_long_hour_is_one() {
    let library = library();
    let given = Given::new(&library);
    let made = given.audit(vec![("log.csv", text(log()))]);
    let bulk = made.findings.iter().filter(|it| it.test == "bulk");
    let bulk: Vec<_> = bulk.map(|it| (it.rows[0].row, it.searches, it.rows.len())).collect();
    // The header is the first row. The third hour starts after those of the first two.
    let third = 2 + 2 * MANY as u32 + 1;
    assert_eq!(bulk, [(2, MANY / 2, 20), (3, 120, 20), (third, MANY / 250, 20)]);
}
