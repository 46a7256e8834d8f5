//! A stranger counts again.

use crate::fixture::small;
use register::entry::{Public, What};
use report::{Recount, count, recount};

fn json() -> String {
    let book = small();
    count(&book.about(), &book.entries).unwrap().json().unwrap()
}

#[test]
fn a_true_report_holds_and_later_entries_do_not_matter() {
    let mut book = small();
    recount(json().as_bytes(), &book.entries).unwrap();
    let late = book.request(("fax-a", "2025-12-31"), &["hold"], "detainer");
    book.done(late, What::Declined, "2026-01-02");
    recount(json().as_bytes(), &book.entries).unwrap();
}

#[test]
fn a_changed_number_is_named_with_both_values() {
    let json = json();
    let mut file: serde_json::Value = serde_json::from_str(&json).unwrap();
    let total = &mut file["tables"][0]["total"]["cells"][0]["count"];
    assert_eq!(total["n"], 3);
    total["n"] = 2.into();
    let told = recount(file.to_string().as_bytes(), &small().entries).unwrap_err();
    let Recount::Different(differences) = told else { panic!("{told}") };
    assert_eq!(
        differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["table `lodged`, row `total`, column `n`: the file says `2 from entries 1, 5, 18`, the \
          entries give `3 from entries 1, 5, 18`"]
    );
}

#[test]
fn a_changed_trace_a_dropped_row_and_a_changed_sentence_are_differences() {
    let json = json();
    let file: serde_json::Value = serde_json::from_str(&json).unwrap();
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut file = file.clone();
        change(&mut file);
        assert_ne!(
            file.to_string(),
            serde_json::from_str::<serde_json::Value>(&json).unwrap().to_string()
        );
        match recount(file.to_string().as_bytes(), &small().entries) {
            Err(Recount::Different(differences)) => differences.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        change(&|it| it["tables"][0]["total"]["cells"][0]["count"]["entries"][0] = 2.into()),
        1
    );
    assert_eq!(change(&|it| drop(it["tables"][0]["rows"].as_array_mut().unwrap().remove(0))), 1);
    assert_eq!(change(&|it| it["tables"][0]["says"] = "other words".into()), 1);
    assert_eq!(change(&|it| drop(it["tables"].as_array_mut().unwrap().remove(2))), 1);
    assert_eq!(change(&|it| it["tables"].as_array_mut().unwrap().swap(0, 1)), 1);
}

#[test]
fn other_entries_are_seen() {
    let mut book = small();
    let Public::Request(request) = &mut book.entries[18].1 else { panic!("a request") };
    request.day = "2025-11-30".into();
    let told = recount(json().as_bytes(), &book.entries).unwrap_err().to_string();
    assert!(told.contains("table `by_month`, row `11`") && told.contains("row `12`"), "{told}");
    let told = recount(json().as_bytes(), &small().entries[..20]).unwrap_err();
    assert!(matches!(told, Recount::Entries(_)), "{told}");
}

#[test]
fn what_is_no_data_file_is_told_so() {
    let entries = small().entries;
    for bytes in ["", "{}", "[1]", &json().replace("\"format\": 2", "\"format\": 1")] {
        let told = recount(bytes.as_bytes(), &entries).unwrap_err();
        assert!(matches!(told, Recount::Unreadable(_)), "{told}");
    }
    let extra = json().replacen('{', "{\"more\": 1,", 1);
    assert!(matches!(recount(extra.as_bytes(), &entries), Err(Recount::Unreadable(_))));
}
