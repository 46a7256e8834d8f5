//! Event logs, portals and odd exports: what is no search of a reader is not taken for one.

use super::common::library;
use super::{Given, Made, text};

fn tests(made: &Made) -> Vec<(&str, u32)> {
    made.findings.iter().map(|it| (it.test.as_str(), it.rows[0].row)).collect()
}

#[test]
fn a_setting_is_no_search() {
    let library = library();
    let log = "Timestamp,User,Event Type,Entity Type,Entity Details,Event Id\n\
        2025-06-01T10:00:00Z,U1,added,Hot List,\"Name: Immigration Warrants\nSource: NCIC\",1\n\
        2025-06-01T11:00:00Z,U1,added,Hot List,\"Name: Stolen Plates\nSource: NCIC\",2\n\
        2025-06-01T12:00:00Z,U2,removed,Network,\"Name: Town PD\",3\n";
    let made = Given::new(&library).audit(vec![("events.csv", text(log))]);
    assert_eq!((made.searches, made.events), (0, 3));
    assert_eq!(tests(&made), [("settings", 2)]);
    assert!(made.outcomes.is_empty(), "an event is decided by no law");
}

/// Of a column of agencies that is covered or blank nobody knows who searched; of a log without
/// one it is the agency whose log it is.
#[test]
fn who_is_not_told_is_not_this_agency() {
    let library = library();
    let cells = ["REDACTED", "***", "", "7923.600 GC", "Example IL PD"];
    let time = "\"06/01/2025, 12:00:00 AM UTC\"";
    let rows = cells.map(|cell| format!("USER,{cell},3,ICE detainer,{time}\n")).concat();
    let log = format!("Name,Org Name,Total Networks Searched,Reason,Search Time\n{rows}");
    let made = Given::new(&library).audit(vec![("log.csv", text(log))]);
    assert_eq!(made.searchers["this agency"], 1);
    assert_eq!(made.searchers["an agency that is not known here"], 4);
    let rows = cells.map(|_| format!("USER,3,ICE detainer,{time}\n")).concat();
    let log = format!("Name,Total Networks Searched,Reason,Search Time\n{rows}");
    let made = Given::new(&library).audit(vec![("log.csv", text(log))]);
    assert_eq!((made.searchers["this agency"], made.copies.within), (1, 4));
}

/// The portal gives the category in a column of its own, or drops it: a blank reason beside a
/// category is a reason.
#[test]
fn a_category_in_its_own_column_is_a_reason() {
    let library = library();
    let mut log = "id,userId,searchDate,networkCount,reason,caseNumber,offenseType\n".to_owned();
    for n in 0..30 {
        log.push_str(&format!("{n},***,2026-02-25T00:05:{n:02}.983Z,1,,,Robbery\n"));
    }
    log.push_str("31,***,2026-02-25T00:06:00Z,1,,26-1,Immigration (civil/administrative)\n");
    let made = Given::new(&library).audit(vec![("portal.csv", text(&*log))]);
    assert_eq!(tests(&made), [("purpose", 32)]);
    // Without the column the same rows are blank, and that is a lead of its own.
    let blank = log.replace(",offenseType", ",offenseType2");
    let made = Given::new(&library).audit(vec![("portal.csv", text(blank))]);
    assert_eq!(made.files[0].unread, ["offenseType2"]);
    assert_eq!(tests(&made), [("undocumented", 2)]);
}

/// A file of many agencies: what others did in their own systems is not held against this one.
#[test]
fn another_agency_s_own_system_is_not_ours() {
    let library = library();
    let log = "agency_slug,id,searchDate_utc,networkCount,reason,caseNumber,offenseType\n\
        example-il-pd,1,2026-02-25T00:05:05Z,1,ICE WARRANT,,\n\
        far-town-ca-pd,2,2026-02-25T00:05:06Z,1,ICE WARRANT,,\n";
    let mut given = Given::new(&library);
    given.own = vec!["example-il-pd".to_owned()];
    let made = given.audit(vec![("portals.csv", text(log))]);
    assert_eq!(tests(&made), [("purpose", 2)]);
    assert_eq!(made.searches, 2);
}

/// Exports that were stacked, one layout upon another: what does not fit is listed, row by row.
#[test]
fn two_exports_in_one_file() {
    let library = library();
    let time = "\"06/03/2025, 01:15:00 PM UTC\"";
    let eight = "Name,Total Networks Searched,Time Frame,License Plate,Case #,Filters,Reason,\
                 Search Time\r\n";
    let one = format!("U1,1,,P1,,,theft,{time}\r\n");
    let nine = format!("U1,1,,P1,theft,25-1,,{time},lookup\r\n");
    let log = format!("{eight}{one}{nine}{nine}{eight}{one}");
    let made = Given::new(&library).audit(vec![("stacked.csv", text(log))]);
    let file = &made.files[0];
    assert_eq!((file.rows, file.made, file.rejected_rows), (5, 2, 3));
    let rejected: Vec<_> = file.rejected.iter().map(|it| (it.row, it.why.as_str())).collect();
    assert_eq!(rejected[0].0, 3);
    assert!(rejected[0].1.contains("9 cells where the header has 8"));
    assert!(rejected[2].1.contains("the header again"));
    // The same row again is a copy, and counted.
    assert_eq!((made.searches, made.copies.within), (1, 1));
}
