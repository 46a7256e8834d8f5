//! Tables into the register: all of a file or nothing of it, and nothing twice.

use super::run::{Town, run, shell};

const HEAD: &str = "id,received,channel,actions,basis,reasons,facts,done,done_on\n";

fn rows(n: usize) -> String {
    let row = |n| {
        format!("F-{n},2025-03-01,fax-d4,hold notify,detainer,statements,,declined,2025-03-02\n")
    };
    HEAD.chars().chain((1..=n).map(row).collect::<String>().chars()).collect()
}

#[test]
fn a_second_import_adds_nothing_and_a_longer_file_only_its_new_rows() {
    let town = Town::new();
    let two = town.file("two.csv", rows(2));
    let first = town.run("import --json", &two).ok().json();
    // A request, two decisions and a deed for each row.
    assert_eq!((first["recorded"].as_u64(), first["entries"].as_u64()), (Some(2), Some(8)));
    let again = town.run("import --json", &two).ok().json();
    assert_eq!((again["recorded"].as_u64(), again["before"].as_u64()), (Some(0), Some(2)));
    assert_eq!(town.size(), 9);
    // The same records in another order, with another line ending, in a longer file.
    let three = town.file("three.csv", rows(3).replace('\n', "\r\n"));
    let third = town.run("import --json", &three).ok().json();
    assert_eq!((third["recorded"].as_u64(), third["before"].as_u64()), (Some(1), Some(2)));
    assert_eq!(town.size(), 13);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    let town = Town::new();
    let file = town.file("windows.csv", format!("\u{feff}{}", rows(2).replace('\n', "\r\n")));
    let imported = town.run("import --json", &file).ok().json();
    assert_eq!(imported["recorded"], 2);
}

/// Every bad row is named by line and column, and nothing of the file is recorded.
#[test]
fn one_bad_row_and_nothing_is_recorded() {
    let town = Town::new();
    let good = rows(1);
    let bad = |row: &str| format!("{good}{row}\n{}", "F-9,2025-03-01,fax-d4,hold,,,,,\n");
    for (name, bytes, says) in [
        ("day", bad("F-2,01/03/2025,fax-d4,hold,,,,,"), vec!["line 3", "received", "YYYY-MM-DD"]),
        ("channel", bad("F-2,2025-03-01,attic,hold,,,,,"), vec!["line 3", "attic", "mailbox"]),
        ("action", bad("F-2,2025-03-01,fax-d4,detain,,,,,"), vec!["line 3", "detain", "hold"]),
        ("basis", bad("F-2,2025-03-01,fax-d4,hold,warrant,,,,"), vec!["line 3", "signature"]),
        ("early", bad("F-2,2013-03-01,fax-d4,hold,,,,,"), vec!["line 3", "2014-08-20"]),
        ("shifted", bad("F-2,2025-03-01,fax-d4,,hold,,,,,"), vec!["line 3", "10", "9"]),
        ("short", bad("F-2,2025-03-01,fax-d4,hold"), vec!["line 3", "4", "9"]),
        ("twice", bad("F-1,2025-03-01,fax-d4,hold,,,,,"), vec!["line 3", "F-1", "line 2"]),
        ("open", bad("F-2,\"2025-03-01,fax-d4,hold,,,,,"), vec!["line 3", "quote"]),
        ("column", rows(1).replace("basis", "bases"), vec!["line 1", "bases", "basis"]),
        ("other", "name,colour\nx,red\n".to_owned(), vec!["line 1"]),
        ("empty", String::new(), vec!["line 1"]),
    ] {
        let file = town.file(&format!("{name}.csv"), bytes);
        let ran = town.run("import --channel mailbox", &file);
        ran.refused(2, &[&[&*file, "nothing was recorded"], &*says].concat());
    }
    assert_eq!(town.size(), 1);
    town.run("import", &town.path("nowhere.csv")).refused(6, &["nowhere.csv"]);
}

#[test]
fn bytes_that_are_no_text_are_refused_by_line() {
    let town = Town::new();
    let mut bytes = rows(1).into_bytes();
    bytes.extend_from_slice(b"F-2,2025-03-01,fax-d4,hold,,,\xe9,,\n");
    let file = town.file("latin.csv", bytes);
    town.run("import", &file).refused(2, &["line 3", "UTF-8"]);
    let mut wide = rows(1);
    wide.push_str(&format!("F-2,2025-03-01,fax-d4,hold,,,{},,\n", "x".repeat(10 << 20)));
    let file = town.file("wide.csv", wide);
    let ran = town.run("import", &file);
    assert!(ran.err.len() < 2_000, "the message does not repeat the cell");
    ran.refused(2, &["line 3", "facts"]);
    assert_eq!(town.size(), 1);
}

#[test]
fn a_federal_table_needs_a_channel_and_gives_none_of_the_person() {
    let town = Town::new();
    let head = "detainer_prepare_date,detention_facility,facility_city,\
                deportation_ordered_yes_no,order_show_cause_served_yes_no,biometric_match_yes_no,\
                statements_made_yes_no,resume_custody_yes_no,detainer_lift_reason,detainer_type,\
                unique_identifier,duplicate_likely,citizenship_country";
    let row = "2025-05-01,A JAIL,A TOWN,YES,NO,NO,NO,NO,NA,I247A - Immigration Detainer,\
               5f5e1,FALSE,RURITANIA";
    let file = town.file("federal.csv", format!(",{head}\n1,{row}\n"));
    town.run("import", &file).refused(2, &["--channel"]);
    let imported = town.run("import --json", &format!("{file} --channel mailbox")).ok().json();
    assert_eq!(imported["recorded"], 1);
    let opening = town.path("opening");
    town.run("receipt", &format!("1 --opening {opening}")).ok();
    let opening = std::fs::read_to_string(opening).unwrap();
    assert!(opening.contains("\"line\":2"), "{opening}");
    let found = shell(town.folder.path(), "grep -raE 'RURITANIA|5f5e1' town opening || true").ok();
    assert_eq!(found.out, "", "the register keeps neither nationality nor federal identifier");
    assert_eq!(
        town.run("import --json", &format!("{file} --channel mailbox")).ok().json()["before"],
        1
    );
}

/// Two registers filled from one file have the same public entries but for the commitments.
#[test]
fn the_same_file_makes_the_same_public_entries() {
    let file = Town::new().file("unused.csv", "");
    assert!(!file.is_empty());
    let reports: Vec<String> = (0..2)
        .map(|_| {
            let town = Town::new();
            town.run("import", &town.file("rows.csv", rows(5))).ok();
            let out = town.path("report");
            run(&format!("report --data {} --year 2025 --out {out}", town.data()), &[]).ok();
            std::fs::read_to_string(format!("{out}/report.csv")).unwrap()
        })
        .collect();
    assert_eq!(reports[0], reports[1]);
}
