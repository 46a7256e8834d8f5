//! A register small enough to count by hand, and every number of its report.

use crate::fixture::{Book, small};
use report::{Cell, Error, Report, count};

fn report() -> Report {
    let book = small();
    count(&book.about(), &book.entries).unwrap()
}

/// Every number of one table as `row column n [entries]`, zeros left out.
pub fn numbers(report: &Report, table: &str) -> Vec<String> {
    let table = report.table(table).unwrap();
    let mut lines = Vec::new();
    for row in table.rows.iter().chain(&table.total) {
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            if let Cell::Count(count) = cell
                && count.n > 0
            {
                let id: String = row.id.chars().take(24).collect();
                lines.push(format!("{id} {} {} {:?}", column.id, count.n, count.entries));
            }
        }
    }
    lines
}

/// The entries, so that the numbers below can be checked by eye:
///
/// | index | entry |
/// |---|---|
/// | 0 | pack a |
/// | 1 | request, fax-a 1, 5 January, hold and notify, detainer, statements; corrected by 17 |
/// | 2, 3, 4 | decided: hold (again by 20), notify; declined |
/// | 5 | request, fax-a 2, 20 January, hold, detainer, two boxes |
/// | 6, 7, 8 | decided; held, entered twice |
/// | 9, 10 | request, desk 1, of the year before; handed over in 2025 |
/// | 11 | request, desk 2, 3 March; voided by 16 |
/// | 12, 13, 14 | request, desk 3, 4 March, transfer, court order; $1,234.50 and $0.50 paid back |
/// | 15 | nil return, desk, 5 March |
/// | 16, 17 | corrections: 11 voided; 1 has the box for a final order and no other |
/// | 18 | request, fax-b 1, 31 December, hold, detainer, no box |
/// | 19, 20 | pack b; hold of 1 decided again under it |
const EXPECTED: [(&str, &[&str]); 15] = [
    (
        "lodged",
        &[
            "final_order n 1 [1]",
            "biometric_match n 1 [5]",
            "statements n 1 [5]",
            "none n 1 [18]",
            "total n 3 [1, 5, 18]",
        ],
    ),
    ("held", &["criminal_warrant n 1 [7, 8]", "total n 1 [7, 8]"]),
    ("transferred", &["total n 1 [10]"]),
    ("paid", &["entry-12 n 123500 [13, 14]", "total n 123500 [13, 14]"]),
    (
        "by_channel",
        &[
            "desk n 1 [12]",
            "desk first 2 [11]",
            "desk last 3 [12]",
            "desk void 1 [11]",
            "fax-a n 2 [1, 5]",
            "fax-a first 1 [1]",
            "fax-a last 2 [5]",
            "fax-b n 1 [18]",
            "fax-b first 1 [18]",
            "fax-b last 1 [18]",
            "total n 4 [1, 5, 12, 18]",
            "total void 1 [11]",
        ],
    ),
    ("by_station", &["S1 n 2 [1, 5]", "not_stated n 2 [12, 18]", "total n 4 [1, 5, 12, 18]"]),
    ("by_month", &["01 n 2 [1, 5]", "03 n 1 [12]", "12 n 1 [18]", "total n 4 [1, 5, 12, 18]"]),
    ("by_basis", &["court_order n 1 [12]", "detainer n 3 [1, 5, 18]", "total n 4 [1, 5, 12, 18]"]),
    (
        "outcomes",
        &[
            "hold must_not 2 [6, 20]",
            "hold undecided 1 [18]",
            "hold asked 3 [1, 5, 18]",
            "notify need_facts 1 [3]",
            "notify asked 1 [1]",
            "transfer undecided 1 [12]",
            "transfer asked 1 [12]",
        ],
    ),
    (
        "answers",
        &["declined n 1 [1]", "honoured n 1 [5]", "open n 2 [12, 18]", "total n 4 [1, 5, 12, 18]"],
    ),
    ("deeds", &["declined n 1 [4]", "held n 1 [7, 8]", "reimbursed n 1 [13, 14]"]),
    (
        "packs",
        &[
            "aaaaaaaaaaaaaaaaaaaaaaaa n 2 [3, 6]",
            "bbbbbbbbbbbbbbbbbbbbbbbb n 1 [20]",
            "bbbbbbbbbbbbbbbbbbbbbbbb entry 19 [19]",
            "total n 3 [3, 6, 20]",
        ],
    ),
    ("grades", &["text n 1 [20]", "quoted n 1 [6]", "none n 1 [3]", "total n 3 [3, 6, 20]"]),
    ("nils", &["desk n 1 [15]", "total n 1 [15]"]),
    (
        "corrections",
        &[
            "entry-16 n 1 [16]",
            "entry-16 entry 11 [11]",
            "entry-17 n 1 [17]",
            "entry-17 entry 1 [1]",
            "total n 2 [16, 17]",
        ],
    ),
];

#[test]
fn every_number_is_the_one_counted_by_hand() {
    let report = report();
    for (table, expected) in EXPECTED {
        assert_eq!(numbers(&report, table), expected, "{table}");
    }
    assert_eq!(report.tables.len(), EXPECTED.len(), "every table is checked");
}

#[test]
fn the_tables_the_law_orders_come_first_and_in_its_order() {
    let report = report();
    let ids: Vec<&str> = report.tables.iter().map(|table| table.id.as_str()).collect();
    assert_eq!(ids[..5], ["lodged", "held", "transferred", "paid", "by_channel"]);
    assert!(report.tables[..4].iter().all(|table| table.ordered));
    assert!(report.tables[4..].iter().all(|table| !table.ordered));
}

#[test]
fn an_empty_year_is_a_nil_return_where_the_law_wants_one() {
    let book = Book::new();
    let mut about = book.about();
    let says = "This is a nil return";
    let report = count(&about, &book.entries).unwrap();
    assert!(report.markdown().contains(says) && report.html().unwrap().contains(says));
    about.definition.nil = Some(law::report::Nil::NotOwed);
    let report = count(&about, &book.entries).unwrap();
    assert!(!report.markdown().contains(says) && !report.html().unwrap().contains(says));
    assert!(!self::report().markdown().contains(says));
}

#[test]
fn what_cannot_be_counted_is_told() {
    let book = small();
    let mut about = book.about();
    let short = count(&about, &book.entries[..20]).unwrap_err();
    assert_eq!(short, Error::Size { given: 20, size: 21 });
    let mut entries = book.entries.clone();
    entries.swap(3, 5);
    let told = count(&about, &entries).unwrap_err().to_string();
    assert!(told.contains("do not fit together"), "{told}");
    about.definition.items[0].id = "by_month".into();
    assert_eq!(count(&about, &book.entries), Err(Error::Twice("by_month".into())));
    about.definition.withhold_below = Some(2);
    assert_eq!(count(&about, &book.entries), Err(Error::Withhold(2)));
}

#[test]
fn long_form_has_each_number_once() {
    let csv = report().csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "table,row,column,n,entries");
    assert!(lines.contains(&"lodged,total,n,3,1 5 18"));
    assert!(lines.contains(&"paid,entry-12,n,123500,13 14"));
    assert!(lines.contains(&"by_month,02,n,0,"));
    assert!(lines.contains(&"by_channel,desk,last,3,12"));
}

#[test]
fn an_item_of_which_there_is_none_says_so() {
    let book = Book::new();
    let report = count(&book.about(), &book.entries).unwrap();
    let says = |table: &str| report.table(table).unwrap().notes.clone();
    assert_eq!(says("held"), ["None in the period."]);
    assert_eq!(says("lodged"), Vec::<String>::new(), "its boxes are rows, each with a zero");
}

#[test]
fn a_channel_that_was_silent_all_year_is_in_the_tables() {
    let book = Book::new();
    let mut about = book.about();
    about.channels.insert("attic".into(), "The attic's fax".into());
    let report = count(&about, &book.entries).unwrap();
    for table in ["by_channel", "nils"] {
        let row = report.table(table).unwrap().row("attic").unwrap();
        assert_eq!(row.label, "The attic's fax");
        assert_eq!(row.cells[0], Cell::Count(report::Count::default()), "nobody looked at it");
    }
}
