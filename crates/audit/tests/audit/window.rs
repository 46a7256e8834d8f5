//! How far back searches look, at the edge of what a rule allows.

use super::common::library;
use super::year::{HEADER, clock};
use super::{Given, text};

/// A search of one of the agency's accounts that looks back so many seconds.
fn line(account: &str, back: u64) -> String {
    let (start, end) = (clock(1_748_736_000 - back), clock(1_748_736_000));
    let window = format!("\"{start} UTC\n{end} UTC\"");
    format!(",{account},Example IL PD,5,0,{window},PLT1,theft,,,\"{end} UTC\",lookup,,\r\n")
}

#[test]
fn a_second_more_than_the_rule_is_more() {
    const DAY: u64 = 86_400;
    let library = library();
    let mut given = Given::new(&library);
    given.thresholds.look_back_days = 30;
    let log = [
        HEADER.to_owned(),
        line("AT", 30 * DAY),
        line("OVER", 30 * DAY + 1),
        line("HOUR", 30 * DAY + 3_599),
        line("UNDER", 30 * DAY - 1),
    ];
    let made = given.audit(vec![("log.csv", text(log.concat()))]);
    let rows = made.findings.iter().filter(|it| it.test == "look_back");
    let rows: Vec<_> = rows.flat_map(|it| it.rows.iter().map(|row| row.row)).collect();
    assert_eq!(rows, [3, 4]);
}
