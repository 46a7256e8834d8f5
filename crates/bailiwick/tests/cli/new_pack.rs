//! The first files of a new place.

use std::fs;

use super::run::{run, shell};

const KNOWN: [&str; 6] =
    ["--name", "Albany Police", "--citation", "Albany Code 1-2", "--maker", "Common Council"];

#[test]
fn a_new_place_starts_with_files_that_pass_the_check_and_say_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../law");
    shell(folder.path(), &format!("cp -r {root} law")).ok();
    let law = folder.path().join("law").to_str().unwrap().to_owned();
    let line = |instrument: &str, agency: &str| {
        format!("new-pack {law} {instrument} --agency {agency} --from 2025-03-01")
    };
    let albany = line("us/ny/albany/ordinance", "us-ny-albany-pd");
    let said = run(&format!("{albany} --json"), &KNOWN).ok().json();
    assert_eq!(said["written"].as_array().unwrap().len(), 2);
    let hold = "decide --json --agency us-ny-albany-pd --action hold --fact basis=detainer";
    let hold = format!("{hold} --fact eligible_for_release=yes --fact criminal_warrant=no");
    let decision = run(&format!("{hold} --on 2025-03-01 --law {law}"), &[]).ok().json();
    assert_eq!(decision["grounds"][0]["id"], "albany-ordinance/1");
    assert_eq!(decision["grade"], "unverified", "nobody has read it yet");
    let hold = hold.replace("--json ", "");
    run(&format!("{hold} --on 2025-02-28 --law {law}"), &[]).refused(2, &["2025-03-01"]);
    // What is there is never written over.
    let written = fs::read_to_string(said["written"][1].as_str().unwrap()).unwrap();
    run(&albany, &KNOWN).refused(2, &["is there already", "nothing was written"]);
    assert_eq!(fs::read_to_string(said["written"][1].as_str().unwrap()).unwrap(), written);
    for (instrument, agency, says) in [
        ("Albany", "us-ny-albany-pd", "us/ny/albany/ordinance"),
        ("us/ny/../../../etc", "us-ny-albany-pd", "us/ny/albany/ordinance"),
        ("us/ny/troy", "Troy PD", "us-ny-albany-pd"),
    ] {
        let agency = agency.replace(' ', "_");
        run(&line(instrument, &agency), &KNOWN).refused(2, &[says]);
    }
    let zone = format!("{} --timezone Mars/Olympus", line("us/ny/troy", "us-ny-troy-pd"));
    run(&zone, &KNOWN).refused(2, &["Mars/Olympus"]);
    run(&albany.replace(&law, "/nowhere"), &KNOWN).refused(2, &["no folder of law"]);
}
