//! Two counts of the same thing: tables by hand, and what must hold of any two.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use audit::detainers;
use audit::reconcile::{
    CannotReconcile, Lodged, Month, Outcome, Reconciled, Recorded, Requests, Rows, Side, Terms,
    Why, reconcile,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// A day of March 2025.
fn march(day: i8) -> Date {
    date(2025, 3, day)
}

fn row(line: u64, day: Date) -> Lodged<'static> {
    Lodged { line, day: Some(day), ..Lodged::at("A JAIL") }
}

fn request(entry: u64, day: Date) -> Recorded<'static> {
    Recorded { entry, day, basis: "detainer", form: Some("i_247a") }
}

/// March 2025; a detainer comes in on the day it was prepared or within two days.
fn terms() -> Terms<'static> {
    Terms { ours: &["A Jail", "B JAIL"], first: march(1), last: march(31), before: 0, after: 2 }
}

fn outcomes(told: &Reconciled<'_>) -> Vec<Outcome> {
    told.rows.iter().map(|it| it.outcome).collect()
}

fn sides(told: &Reconciled<'_>) -> Vec<Side> {
    told.requests.iter().map(|(_, side)| *side).collect()
}

const fn received(entry: u64) -> Outcome {
    Outcome::Received { entry }
}

#[test]
fn each_request_is_used_once_and_the_earliest_first() {
    let rows = [row(2, march(5)), row(3, march(5)), row(4, march(6)), row(5, march(10))];
    let requests = [request(11, march(7)), request(12, march(5)), request(13, march(9))];
    let told = reconcile(&rows, &requests, &terms()).unwrap();
    let expected = [received(12), received(11), Outcome::NotReceived, Outcome::NotReceived];
    assert_eq!(outcomes(&told), expected);
    // The table ends on the 10th and starts on the 5th: what came in on the 9th could have been
    // prepared from the 7th on, all of them days of the table.
    assert_eq!(sides(&told), [Side::Lodged { line: 3 }, Side::Lodged { line: 2 }, Side::NotLodged]);
    assert_eq!(told.table, Some((march(5), march(10))));
}

#[test]
fn the_window_is_counted_in_days_on_both_sides() {
    for (before, after, day, expected) in [
        (0, 0, 14, Outcome::NotReceived),
        (0, 0, 15, received(1)),
        (0, 0, 16, Outcome::NotReceived),
        (1, 0, 14, received(1)),
        (1, 3, 13, Outcome::NotReceived),
        (1, 3, 18, received(1)),
        (1, 3, 19, Outcome::NotReceived),
    ] {
        let terms = Terms { before, after, ..terms() };
        let told = reconcile(&[row(2, march(15))], &[request(1, march(day))], &terms).unwrap();
        assert_eq!(outcomes(&told), [expected], "{before} {after} {day}");
    }
}

#[test]
fn what_could_have_come_in_on_a_day_not_covered_cannot_be_told() {
    let outside = Outcome::CannotTell(Why::OutsidePeriod);
    let days = [date(2025, 2, 26), date(2025, 2, 27), march(1), march(29), march(30), march(31)];
    let rows: Vec<_> = (2..).zip(days).map(|(line, day)| row(line, day)).collect();
    let told = reconcile(&rows, &[], &terms()).unwrap();
    let no = Outcome::NotReceived;
    assert_eq!(outcomes(&told), [outside, outside, no, no, outside, outside]);
    // At the edge a row can be received all the same, and then its request is no one else's.
    let told = reconcile(&rows[1..3], &[request(1, march(1))], &terms()).unwrap();
    assert_eq!(outcomes(&told), [received(1), no]);
}

#[test]
fn facilities_are_ours_by_name_and_a_row_without_one_cannot_be_told() {
    let day = Some(march(5));
    let rows = [
        Lodged { line: 2, day, ..Lodged::at("a jail") },
        Lodged { line: 3, day, ..Lodged::at("A JAIL ANNEX") },
        Lodged { line: 4, day, facility: None, ..Lodged::at("") },
        Lodged { line: 5, ..Lodged::at("B jail") },
        Lodged { line: 6, ..Lodged::at("elsewhere") },
    ];
    let told = reconcile(&rows, &[], &terms()).unwrap();
    let expected = [
        Outcome::NotReceived,
        Outcome::NotOurs,
        Outcome::CannotTell(Why::NoFacility),
        Outcome::CannotTell(Why::NoDay),
        Outcome::NotOurs,
    ];
    assert_eq!(outcomes(&told), expected);
    let expected =
        Rows { rows: 5, received: 0, not_received: 1, cannot_tell: 2, not_ours: 2, repeated: 0 };
    assert_eq!(told.lodged, expected);
}

#[test]
fn only_detainers_and_their_family_of_the_period_are_compared() {
    let other = |entry, basis, form| Recorded { entry, day: march(5), basis, form };
    let requests = [
        other(1, "judicial_warrant", None),
        other(2, "none", Some("i_200")),
        other(3, "none", Some("i_247n")),
        other(4, "detainer", None),
        request(5, date(2025, 4, 1)),
    ];
    let rows = [row(2, march(1)), row(3, march(5)), row(4, march(9))];
    let told = reconcile(&rows, &requests, &terms()).unwrap();
    let expected = [
        Side::NotCompared,
        Side::NotCompared,
        Side::Lodged { line: 3 },
        Side::NotLodged,
        Side::NotCompared,
    ];
    assert_eq!(sides(&told), expected);
    let expected =
        Requests { requests: 2, lodged: 1, not_lodged: 1, cannot_tell: 0, not_compared: 3 };
    assert_eq!(told.recorded, expected);
}

#[test]
fn a_request_at_the_edge_of_the_table_cannot_be_told() {
    let rows = [row(2, march(5)), row(3, march(10))];
    let days = [6, 6, 7, 10, 10, 11].map(march);
    let requests: Vec<_> = (1..).zip(days).map(|(entry, day)| request(entry, day)).collect();
    let told = reconcile(&rows, &requests, &terms()).unwrap();
    let expected = [
        Side::Lodged { line: 2 },
        Side::OutsideTable,
        Side::NotLodged,
        Side::Lodged { line: 3 },
        Side::NotLodged,
        Side::OutsideTable,
    ];
    assert_eq!(sides(&told), expected);
    let told = reconcile(&[], &requests, &terms()).unwrap();
    assert_eq!((told.recorded.cannot_tell, told.table), (6, None));
}

#[test]
fn repetitions_of_the_table_come_last_and_are_told() {
    let again = Lodged { duplicate_likely: true, ..row(2, march(5)) };
    let told = reconcile(&[again, row(3, march(5))], &[request(1, march(5))], &terms()).unwrap();
    assert_eq!(outcomes(&told), [Outcome::NotReceived, received(1)]);
    assert_eq!((told.lodged.not_received, told.lodged.repeated), (1, 1));
}

/// A detainer of 3 March that is in the table twice, and one of the 8th: the requests are theirs,
/// though by its days the repetition could have that of the 9th as well.
#[test]
fn a_repetition_takes_no_request_that_another_row_needs() {
    let again = Lodged { duplicate_likely: true, ..row(3, march(3)) };
    let rows = [row(2, march(3)), again, row(4, march(8))];
    let requests = [request(1, march(4)), request(2, march(9))];
    let terms = Terms { before: 1, after: 7, ..terms() };
    let told = reconcile(&rows, &requests, &terms).unwrap();
    assert_eq!(outcomes(&told), [received(1), Outcome::NotReceived, received(2)]);
    assert_eq!((told.lodged.received, told.lodged.repeated), (2, 1));
    // What the others leave it may have: the row of the 8th makes do with the later one.
    let requests = [request(1, march(4)), request(2, march(9)), request(3, march(12))];
    let told = reconcile(&rows, &requests, &terms).unwrap();
    assert_eq!(outcomes(&told), [received(1), received(2), received(3)]);
    // And before them too: a row that could have the earlier one leaves it to the repetition.
    let again = Lodged { duplicate_likely: true, ..row(2, march(1)) };
    let rows = [again, row(3, march(3))];
    let requests = [request(1, march(4)), request(2, march(9))];
    let told = reconcile(&rows, &requests, &terms).unwrap();
    assert_eq!(outcomes(&told), [received(1), received(2)]);
}

#[test]
fn both_numbers_by_month_and_facility() {
    let at = |line, day, name| Lodged { line, day: Some(day), ..Lodged::at(name) };
    let rows = [
        at(2, march(31), "A Jail"),
        at(3, date(2025, 4, 2), "A JAIL"),
        at(4, date(2025, 4, 2), "C JAIL"),
        at(5, date(2025, 4, 3), "B JAIL"),
    ];
    let requests = [request(1, date(2025, 4, 1)), request(2, date(2025, 4, 3))];
    let terms = Terms { last: date(2025, 4, 30), ..terms() };
    let told = reconcile(&rows, &requests, &terms).unwrap();
    let [early, late] = [3, 4].map(|month| Some(Month { year: 2025, month }));
    let one = Rows { rows: 1, ..Rows::default() };
    let expected = [
        ((early, Some("A JAIL")), Rows { received: 1, ..one }),
        ((late, Some("A JAIL")), Rows { received: 1, ..one }),
        ((late, Some("B JAIL")), Rows { not_received: 1, ..one }),
        ((late, Some("C JAIL")), Rows { not_ours: 1, ..one }),
    ];
    assert_eq!(told.places, expected.into());
    let both = Requests { requests: 2, lodged: 2, ..Requests::default() };
    assert_eq!(told.months, [(Month { year: 2025, month: 4 }, both)].into());
    assert_eq!(Month::from(march(1)).to_string(), "2025-03");
}

#[test]
fn what_cannot_be_used_is_told() {
    let told = |requests: &[Recorded<'static>], terms: &Terms<'_>| {
        reconcile(&[], requests, terms).unwrap_err().to_string()
    };
    assert_eq!(
        told(&[], &Terms { ours: &[], ..terms() }),
        "no facility is named as ours; name them as the federal table spells them"
    );
    assert_eq!(
        told(&[], &Terms { first: march(2), last: march(1), ..terms() }),
        "the register's last day 2025-03-01 is before its first day 2025-03-02; exchange them"
    );
    let twice = [request(4, march(1)), request(4, march(2))];
    assert_eq!(told(&twice, &terms()), "entry 4 is given twice; give every request once");
    assert_eq!(reconcile(&[], &twice, &terms()).unwrap_err(), CannotReconcile::Twice { entry: 4 });
}

#[test]
fn a_federal_table_as_it_is_read_can_be_given() {
    let six = "date,lift_reason,det_facility,city,state,detainer_type\n\
        2025-03-05 00:00:00,Lifted,A JAIL,A TOWN,A STATE,I247A - A Notice\n\
        2025-03-06 00:00:00,Lifted,,A TOWN,A STATE,\n";
    let table = detainers::read(six.as_bytes()).unwrap();
    let rows: Vec<Lodged<'_>> = table.rows.iter().map(Lodged::from).collect();
    let told = reconcile(&rows, &[request(9, march(6))], &terms()).unwrap();
    assert_eq!(outcomes(&told), [received(9), Outcome::CannotTell(Why::NoFacility)]);
    assert_eq!(told.rows[1].row.line, 3);
}

fn lodged() -> impl Strategy<Value = Vec<Lodged<'static>>> {
    let names = [Some("A JAIL"), Some("a jail"), Some("B Jail"), Some("C JAIL"), None];
    let one = (prop::sample::select(names.to_vec()), -3_i64..15, 0..9_u8, any::<bool>());
    proptest::collection::vec(one, 0..12).prop_map(|rows| {
        let row = |(line, (facility, day, stated, duplicate_likely))| Lodged {
            line,
            facility,
            day: (stated > 0).then(|| march(1).saturating_add(i64::days(day))),
            duplicate_likely,
        };
        (2..).zip(rows).map(row).collect()
    })
}

fn recorded() -> impl Strategy<Value = Vec<Recorded<'static>>> {
    let forms = [("detainer", None), ("none", Some("i_247n")), ("judicial_warrant", None)];
    let one = (-3_i64..15, prop::sample::select(forms.to_vec()));
    proptest::collection::vec(one, 0..10).prop_map(|requests| {
        let request = |(entry, (day, (basis, form)))| Recorded {
            entry,
            day: march(1).saturating_add(i64::days(day)),
            basis,
            form,
        };
        (0..).zip(requests).map(request).collect()
    })
}

/// The most pairs there can be, by trying for each row to move what others have taken.
fn most_pairs(rows: &[Lodged<'_>], requests: &[Recorded<'_>], terms: &Terms<'_>) -> u64 {
    fn place(
        row: usize,
        fits: &[Vec<usize>],
        taken: &mut [Option<usize>],
        seen: &mut [bool],
    ) -> bool {
        for request in fits[row].iter().copied() {
            if std::mem::replace(&mut seen[request], true) {
                continue;
            }
            let free = match taken[request] {
                Some(other) => place(other, fits, taken, seen),
                None => true,
            };
            if free {
                taken[request] = Some(row);
                return true;
            }
        }
        false
    }
    let ours = ["A JAIL", "a jail", "B Jail"];
    let fits = |row: &Lodged<'_>| {
        let fit = |request: &Recorded<'_>| {
            let Some(day) = row.day else { return false };
            let days = i64::from((request.day - day).get_days());
            row.facility.is_some_and(|it| ours.contains(&it))
                && (-i64::from(terms.before)..=i64::from(terms.after)).contains(&days)
                && request.basis != "judicial_warrant"
                && request.day >= terms.first
                && request.day <= terms.last
        };
        (0..requests.len()).filter(|at| fit(&requests[*at])).collect::<Vec<_>>()
    };
    let fits: Vec<_> = rows.iter().map(fits).collect();
    let mut taken = vec![None; requests.len()];
    let placed = |row: &usize| place(*row, &fits, &mut taken, &mut vec![false; requests.len()]);
    (0..rows.len()).filter(placed).count() as u64
}

/// As it is, and in another order.
fn twice<T: Clone + std::fmt::Debug>(list: Vec<T>) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    (Just(list.clone()), Just(list).prop_shuffle())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn totals_balance_and_pairs_are_one_to_one_and_as_many_as_can_be(
        rows in lodged(),
        requests in recorded(),
        before in 0_u16..3,
        after in 0_u16..4,
    ) {
        let terms = Terms { last: march(10), before, after, ..terms() };
        let told = reconcile(&rows, &requests, &terms).unwrap();
        let sum = told.lodged;
        prop_assert_eq!(sum.rows, rows.len() as u64);
        prop_assert_eq!(
            sum.rows,
            sum.received + sum.not_received + sum.cannot_tell + sum.not_ours
        );
        prop_assert_eq!(told.places.values().map(|it| it.rows).sum::<u64>(), sum.rows);
        let side = told.recorded;
        prop_assert_eq!(side.requests, side.lodged + side.not_lodged + side.cannot_tell);
        prop_assert_eq!(side.requests + side.not_compared, requests.len() as u64);
        let by_month: u64 = told.months.values().map(|it| it.requests + it.not_compared).sum();
        prop_assert_eq!(by_month, requests.len() as u64);

        // The same pairs, seen from both sides, and no one twice.
        let mut from_rows = Vec::new();
        for it in &told.rows {
            if let Outcome::Received { entry } = it.outcome {
                from_rows.push((entry, it.row.line));
            }
        }
        from_rows.sort_unstable();
        let mut from_requests = Vec::new();
        for (request, side) in &told.requests {
            if let Side::Lodged { line } = side {
                from_requests.push((request.entry, *line));
            }
        }
        prop_assert_eq!(&from_rows, &from_requests);
        // Of the rows that are no repetitions as many are received as if there were no others.
        let genuine: Vec<_> = rows.iter().copied().filter(|row| !row.duplicate_likely).collect();
        let of_them = told.rows.iter().filter(|it| !it.row.duplicate_likely);
        let of_them = of_them.filter(|it| matches!(it.outcome, Outcome::Received { .. })).count();
        prop_assert_eq!(of_them as u64, most_pairs(&genuine, &requests, &terms));
        prop_assert_eq!(from_rows.len() as u64, most_pairs(&rows, &requests, &terms));
    }

    #[test]
    fn the_order_of_what_is_given_changes_nothing(
        (rows, shuffled) in lodged().prop_flat_map(twice),
        (requests, mixed) in recorded().prop_flat_map(twice),
    ) {
        let told = reconcile(&rows, &requests, &terms()).unwrap();
        prop_assert_eq!(told, reconcile(&shuffled, &mixed, &terms()).unwrap());
    }
}

/// The best that any matching does: genuine rows with a request, and repetitions beside as many of
/// these; every way is tried.
fn best(rows: &[Lodged<'_>], free: &mut Vec<Date>, terms: &Terms<'_>) -> (u64, u64) {
    let Some((row, others)) = rows.split_first() else { return (0, 0) };
    let mut most = best(others, free, terms);
    for at in 0..free.len() {
        let request = free[at];
        let days = i64::from((request - row.day.unwrap()).get_days());
        if (-i64::from(terms.before)..=i64::from(terms.after)).contains(&days) {
            free.remove(at);
            let (genuine, again) = best(others, free, terms);
            free.insert(at, request);
            let own = u64::from(row.duplicate_likely);
            most = most.max((genuine + 1 - own, again + own));
        }
    }
    most
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_matching_does_more_for_genuine_rows_and_then_for_repetitions(
        rows in proptest::collection::vec((1_i8..12, any::<bool>()), 0..6),
        requests in proptest::collection::vec(1_i8..16, 0..6),
        before in 0_u16..3,
        after in 0_u16..6,
    ) {
        let terms = Terms { before, after, ..terms() };
        let lodged = |(line, (day, duplicate_likely))| {
            Lodged { duplicate_likely, ..row(line, march(day)) }
        };
        let rows: Vec<_> = (2..).zip(rows).map(lodged).collect();
        let mut days: Vec<Date> = requests.iter().map(|day| march(*day)).collect();
        let asked: Vec<_> = (1..).zip(&days).map(|(entry, day)| request(entry, *day)).collect();
        let told = reconcile(&rows, &asked, &terms).unwrap();
        let received = |again: bool| {
            let rows = told.rows.iter().filter(|it| it.row.duplicate_likely == again);
            rows.filter(|it| matches!(it.outcome, Outcome::Received { .. })).count() as u64
        };
        prop_assert_eq!((received(false), received(true)), best(&rows, &mut days, &terms));
    }
}
