//! The seeds: real inputs of the project, from its specifications and its law, written anew on
//! every run so that none is kept here and none grows old.

use std::fs;
use std::io;
use std::path::Path;

use crate::records::{TOWN, Town};

const ENTRY: &str = include_str!("../../docs/spec/register-entry.md");
const RECEIPT: &str = include_str!("../../docs/spec/receipt.md");
const EDITION: &str = include_str!("../../law/us/ma/boston/trust-act/2019-12-19.md");
const FEDERAL: &str = include_str!("../../law/us/8-cfr-287.7/1997-04-01.md");
const VOCABULARY: &str = include_str!("../../law/vocabulary.toml");
const SAMPLE: &str = include_str!("../../crates/bailiwick/sample/2025.csv");

const SIX: &str = "date,lift_reason,det_facility,city,state,detainer_type\n\
                   2015-03-05 00:00:00,Lifted,A JAIL,A TOWN,MA,I247N - A Request\n\
                   2017-05-01 00:00:00,Detainer Declined by LEA,A JAIL,A TOWN,MA,I247A - A Form\n";

const RELEASE: &str = "detainer_prepare_date,detention_facility,facility_city,\
deportation_ordered_yes_no,order_show_cause_served_yes_no,biometric_match_yes_no,\
statements_made_yes_no,resume_custody_yes_no,detainer_lift_reason,detainer_type,\
unique_identifier,duplicate_likely\r\n\
2025-02-03,A JAIL,A TOWN,YES,NO,NA,YES,NO,NA,I247A - Immigration Detainer,ab12,FALSE\r\n";

/// Entries' public fields, each of a kind, in an order that a history takes.
const HISTORY: &str = r#"{"kind":"pack","agency":"t","digest":"abababababababababababababababababababababababababababababababab","day":"2025-01-01"}
{"kind":"request","channel":"c","seq":1,"day":"2025-01-02","actions":["hold"],"basis":"detainer","reasons":[]}
{"kind":"decision","refers":1,"action":"hold","outcome":"silent","grounds":[],"pack":"abababababababababababababababababababababababababababababababab","on":"2025-01-02"}
{"kind":"done","refers":1,"what":"declined","day":"2025-01-02"}
{"kind":"correction","refers":3,"set":{"day":"2025-01-03"}}
{"kind":"correction","refers":3,"void":true}
{"kind":"correction","refers":2,"void":true}
{"kind":"correction","refers":1,"void":true}
{"kind":"nil","channel":"c","day":"2025-01-02"}
{"kind":"correction","refers":8,"void":true}
{"kind":"correction","refers":1,"set":{"basis":"none"}}
{"kind":"report","period":"2025","sha256":"abababababababababababababababababababababababababababababababab","counted_at":3}
{"kind":"key_destroyed","quarter":"2025-Q1"}
{"kind":"seed","bits":"abababababababababababababababab"}
{"kind":"audit","sha256":"abababababababababababababababababababababababababababababababab","rows":9,"leads":1,"seed":13}
{"kind":"heard","refers":14,"finding":"0123456789ab"}
{"kind":"disposition","refers":14,"finding":"0123456789ab","result":"unfounded"}
{"kind":"view","day":"2025-01-04"}"#;

/// An export of a plate reader's vendor, invented: rows, a row that is none, the header again.
const LOG: &str = "ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, Case #, Search Time\n\
1,USER1,Own PD,12,\"6/1/2025, 01:00:00 AM UTC\n6/3/2025, 01:00:00 AM UTC\",P1,theft,25-1,\"6/3/2025, 01:15:00 PM UTC\"\n\
2,USER2,Town TX PD,0,,***,\"ICE \"\"WARRANT\"\"\",,\"6/3/2025, 02:15:00 PM UTC\"\n\
x,y\n\
ID, Name, Org Name, Total Networks Searched, Time Frame, License Plate, Reason, Case #, Search Time\n";

/// A page for the public, invented.
const PORTAL: &str = "id,userId,searchDate,networkCount,reason,caseNumber,offenseType\n\
3,***,2026-02-25T00:05:05.983Z,1,,26-047,Larceny/Theft Offenses\n";

/// Writes every target's seeds to `corpus/<target>/`, beside what was found before.
///
/// # Errors
/// If a file cannot be written.
pub fn write_seeds() -> io::Result<()> {
    let code = |text: &str, word: &str| -> Vec<String> {
        let fences = text.split("\n```").filter_map(|part| part.strip_prefix(word));
        fences.map(|fence| fence.trim_start().to_owned()).collect()
    };
    let Town { files, entries, verifier, .. } = &*TOWN;
    let mut all: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("law_edition", [sections(EDITION), sections(FEDERAL)].concat()),
        ("law_vocabulary", vec![VOCABULARY.into(), crate::rules::VOCABULARY.into()]),
        ("requests_csv", tables()),
        ("detainers_csv", vec![SIX.into(), RELEASE.into()]),
        ("history", vec![HISTORY.into()]),
        ("pdf_form", crate::papers::forms()),
        ("access_log", vec![LOG.into(), LOG.replace('\n', "\r\n").into(), PORTAL.into()]),
    ];
    let mut rules: Vec<Vec<u8>> =
        code(EDITION, "cedar\n").into_iter().map(String::into_bytes).collect();
    rules.extend(RULES.map(|rule| rule.as_bytes().to_vec()));
    all.push(("law_rule", rules));

    let mut spelled = entries.clone();
    spelled.extend(code(ENTRY, "json\n").into_iter().map(String::into_bytes));
    let salt = "ab".repeat(32);
    spelled.push(format!(r#"{{"private":{{"name":"A. Person"}},"salt":"{salt}"}}"#).into());
    all.push(("entry", spelled));

    let head = files.last().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    let note = |at: u8| [&[at, 1, 40, 0], head.as_slice()].concat();
    all.push(("note", vec![head.clone(), note(0), note(128), verifier.to_string().into()]));

    let receipts = crate::records::receipts().into_iter();
    let spec = code(RECEIPT, "text\n").into_iter().take(1);
    all.push(("receipt", receipts.chain(spec).map(String::into_bytes).collect()));

    let file =
        |(at, (_, bytes)): (usize, &(String, Vec<u8>))| [&[at as u8], bytes.as_slice()].concat();
    let mut tiles: Vec<_> = files.iter().enumerate().map(file).collect();
    tiles.extend(files.iter().map(|(_, bytes)| bytes.clone()));
    all.push(("tiles", tiles));

    for (target, seeds) in all {
        let folder = Path::new("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}

/// The sample year a row at a time, and its first rows as another system ends its lines.
fn tables() -> Vec<Vec<u8>> {
    let (header, rows) = SAMPLE.split_once('\n').unwrap_or((SAMPLE, ""));
    let one = |row: &str| format!("{header}\n{row}\n").into_bytes();
    let windows = SAMPLE.lines().take(3).collect::<Vec<_>>().join("\r\n");
    rows.lines().take(20).map(one).chain([windows.into()]).collect()
}

/// An edition whole, and each of its sections as an edition of its own under the same head: short
/// texts are altered in more telling ways.
fn sections(edition: &str) -> Vec<Vec<u8>> {
    let mut parts = edition.split("\n## ");
    let head = parts.next().unwrap_or_default();
    let alone = parts.map(|section| format!("{head}\n## {section}").into_bytes());
    alone.chain([edition.into()]).collect()
}

/// Rules in the small vocabulary of `law_rule`, one for each thing the profile has.
const RULES: [&str; 4] = [
    "@id(\"a\") @cite(\"c\") @grade(\"text\") @modality(\"must_not\")\nforbid (principal, action == \
     Action::\"hold\", resource)\nwhen { context.basis == Basis::\"detainer\" } unless { \
     context.judge };\n```\n\n## 2\nWords.\n```cedar\n@id(\"b\") @cite(\"c\") @grade(\"quoted\") \
     @modality(\"may\") @overrides(\"a\")\npermit (principal, action in [Action::\"hold\", \
     Action::\"tell\"], resource) when { !context.free };",
    "@id(\"a\") @cite(\"c\") @grade(\"secondary\") @modality(\"refer\")\nforbid (principal, action \
     == Action::\"tell\", resource)\nwhen { if context.free then context.judge else \
     [Basis::\"none\", Basis::\"warrant\"].contains(context.basis) };",
    "@id(\"a\") @cite(\"c\") @grade(\"unverified\") @modality(\"must\")\npermit (principal, action \
     == Action::\"hold\", resource)\nwhen { context.basis != Basis::\"none\" || context.free == \
     true };",
    "@id(\"a\") @cite(\"c\") @grade(\"text\") @modality(\"shields\")\npermit (principal, action in \
     Action::\"hold\", resource)\nwhen { true && !(context.free || false) };",
];
