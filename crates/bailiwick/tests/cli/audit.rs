//! Audits from the command line: logs in, leads out, and how people close them.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::run::{Town, run};

const HEADER: &str = "Name, Org Name, Total Networks Searched, Total Devices Searched, Time Frame, \
    License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, Moderation\r\n";

fn row(agency: &str, reason: &str, case: &str, hour: u32) -> String {
    format!(
        "A. PERSON,{agency},12,40,\"06/01/2025, 01:00:00 AM UTC\n06/03/2025, 01:00:00 AM UTC\",\
         ABC123,{reason},{case},,\"06/03/2025, {hour:02}:15:00 PM UTC\",lookup,,\r\n"
    )
}

/// The log of a department in Illinois, whose dispatchers write names and plates into it.
fn log() -> String {
    let rows = [
        row("Example IL PD", "stolen vehicle", "", 1),
        row("Example IL PD", "ICE WARRANT", "", 2),
        row("Example IL PD", "Immigration (civil/administrative) - ", "25-100", 3),
        row(
            "Example IL PD",
            "\"Obstructing the Police (Fleeing/Eluding) - he said \"\"no\"\"\"",
            "",
            4,
        ),
        row("Example IL PD", "theft", "25-200", 5),
        row("Far Town TX PD", "burglary", "", 6),
    ];
    format!("{HEADER}{}x,y\r\n{}", rows.concat(), rows[0])
}

struct Audited {
    town: Town,
    into: String,
    out: String,
}

fn audited() -> Audited {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let permitted = "--channel mailbox --on 2025-06-02 --action search \
                     --fact purpose=drug_trafficking --fact requester=hsi --reference 25-100";
    town.run("request", permitted).ok();
    let declined = "--channel mailbox --on 2025-06-02 --action hold --fact basis=detainer \
                    --fact eligible_for_release=true --fact criminal_warrant=false \
                    --fact judicial_order=false --fact criminal_charge=false --reference 25-200";
    town.run("request", declined).ok();
    town.run("audit seed", "").ok();
    let (file, own, into) = (town.path("log.csv"), town.path("own.toml"), town.path("audit"));
    std::fs::write(&file, log()).unwrap();
    std::fs::write(&own, "names = [\"Example IL PD\"]\n").unwrap();
    let line = format!(
        "{file} --agency us-il-county-sheriff --own {own} --into {into} --sample 3 --by finder"
    );
    let out = town.run("audit", &line).ok().out;
    Audited { town, into, out }
}

fn data(into: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(format!("{into}/audit.json")).unwrap()).unwrap()
}

/// The findings of a test: their names.
fn names(into: &str, test: &str) -> Vec<String> {
    let data = data(into);
    let all = data["findings"].as_array().unwrap().iter();
    let of = all.filter(|finding| finding["test"] == test);
    of.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_audit_accounts_for_every_row_and_shows_leads() {
    let Audited { town, into, out } = audited();
    assert!(
        out.contains("8 rows = 6 searches + 0 events + 1 copies in the same file + 0 copies"),
        "{out}"
    );
    assert!(out.contains("2 cells where the header has 13"), "{out}");
    // The search of the case with a permitted request is explained; the other is not.
    assert_eq!(names(&into, "purpose").len(), 1);
    assert_eq!(names(&into, "after_declined").len(), 1);
    let data = data(&into);
    assert_eq!(data["explained"], 1);
    assert_eq!(data["sample"].as_array().unwrap().len(), 3);
    // Neither a name nor a plate is in anything that was written.
    for file in ["audit.json", "findings.csv", "review.html", "public.json"] {
        let text = std::fs::read_to_string(format!("{into}/{file}")).unwrap();
        assert!(!text.contains("PERSON") && !text.contains("ABC123"), "{file}");
    }
    // What is for everyone has no reasons, no rows and no small counts.
    let public = std::fs::read_to_string(format!("{into}/public.json")).unwrap();
    assert!(!public.contains("ICE") && public.contains("fewer than 5"), "{public}");
    let mode = std::fs::metadata(&into).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700, "documents are for the owner");
    // A second run over the same files writes the same bytes, into a folder that is there already.
    let again = town.path("again");
    std::fs::create_dir(&again).unwrap();
    let (file, own) = (town.path("log.csv"), town.path("own.toml"));
    let line = format!("{file} --agency us-il-county-sheriff --own {own} --into {again}");
    town.run("audit", &line).ok();
    for file in ["findings.csv", "findings.xlsx"] {
        let read = |folder: &str| std::fs::read(format!("{folder}/{file}")).unwrap();
        assert_eq!(read(&into), read(&again), "{file}");
    }
    town.run("audit", &line).refused(2, &["has something in it"]);
}

/// What an audit has in memory hardly grows with a log, however short the time that it is of: half
/// a million rows of one hour, then three hours with 250,000 at one second, as all of a day are in
/// a log that knows no hours. It would be 200 MB and more if an hour or a second had to be joined
/// as a whole.
#[test]
fn a_long_hour_takes_no_more_memory() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let mut log = HEADER.to_owned();
    for n in 0..1_250_000 {
        let (hour, minute, second) = match n {
            0..500_000 => (2, n / 60 % 60, n % 60),
            _ => (1 + n / 250_000, 30, 30),
        };
        let _ = write!(
            log,
            "USER{},Example IL PD,12,40,,PLATE{n},theft,,,\"06/03/2025, \
             {hour:02}:{minute:02}:{second:02} PM UTC\",lookup,,\r\n",
            n % 977
        );
    }
    let (file, into) = (town.path("long.csv"), town.path("of-long"));
    std::fs::write(&file, log).unwrap();
    let line = format!("{file} --agency us-il-county-sheriff --into {into}");
    let told = town.run("audit --json", &line).ok().json();
    assert_eq!(told["totals"]["searches"], 1_250_000, "{told}");
    let Some(memory) = told["memory"].as_u64() else {
        eprintln!("skipped: this system does not say what memory a program had");
        return;
    };
    // What we promise with two processors; each further one has blocks of its own.
    let processors = std::thread::available_parallelism().map_or(1, |it| it.get() as u64).max(2);
    assert!(memory < 128_000_000 + (processors - 2) * 16_000_000, "{memory} bytes");
}

/// The workbook has the cells of the table, as the audit room's own reader of workbooks sees them,
/// which has nothing in common with what wrote it.
#[test]
fn the_workbook_of_leads_is_the_table_of_leads() {
    let Audited { town: _town, into, .. } = audited();
    let path = format!("{into}/findings.csv");
    let table = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    let table: Vec<Vec<String>> = table
        .into_records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert!(table.len() > 2, "{table:?}");
    let mut sheet: Vec<Vec<String>> = Vec::new();
    let file = std::fs::File::open(format!("{into}/findings.xlsx")).unwrap();
    let notes = audit::sheet::read(file, &mut |row| {
        sheet.push((0..table[0].len()).map(|at| row.cell(at).text.to_owned()).collect());
    })
    .unwrap();
    assert_eq!(sheet, table);
    let sheets: Vec<_> = notes.sheets.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(sheets, ["Leads", "Rows", "Files", "Totals"]);
}

#[test]
fn a_first_look_counts_rows_by_agency_and_reason() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let (one, two) = (town.path("one.csv"), town.path("two.csv"));
    std::fs::write(&one, log()).unwrap();
    std::fs::write(&two, "Name,Reason,License Plate,Search Time\nA,inv,P,no~time\n").unwrap();
    let found = run(&format!("audit reasons --json {one} {two}"), &[]).ok().json();
    // By hand from the rows above: the stolen vehicle stands there twice, the line `x,y` is none.
    let expected = serde_json::json!({
        "Example IL PD": {
            "immigration_civil": 2,
            "criminal_non_immigration": 4,
        },
        "Far Town TX PD": { "criminal_non_immigration": 1 },
    });
    assert_eq!(found[0]["agencies"], expected);
    let [rows, counted, rejected] = ["rows", "counted", "rejected"].map(|it| &found[0][it]);
    assert_eq!((rows, counted, rejected), (&8.into(), &7.into(), &1.into()));
    // A row that names no agency, and whose time nobody could read, is counted all the same.
    assert_eq!(found[1]["agencies"], serde_json::json!({ "(no agency named)": { "vague": 1 } }));
    let text = run(&format!("audit reasons {one}"), &[]).ok().out;
    for part in ["8 rows, 1 of them rejected", "2  immigration civil", "2 cells where the header"] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    std::fs::write(&two, "a,b\n1,2\n").unwrap();
    run(&format!("audit reasons {two}"), &[]).refused(2, &["two.csv", "of no layout known here"]);
}

#[test]
fn a_finding_is_explained_with_its_rows_and_its_law() {
    let Audited { town: _town, into, .. } = audited();
    let [name] = &names(&into, "purpose")[..] else { panic!("not one") };
    let text = run(&format!("audit explain {name} --from {into}"), &[]).ok().out;
    let hash = data(&into)["files"][0]["sha256"].as_str().unwrap().to_owned();
    let law = "By the law of that day (us-il-county-sheriff), search";
    for part in ["ICE WARRANT", "row 3 line 4", &hash, law, "innocently"] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    run(&format!("audit explain 000000000000 --from {into}"), &[])
        .refused(2, &["no finding `000000000000`"]);
    let tests = run("audit tests --json", &[]).ok().json();
    assert_eq!(tests.as_array().unwrap().len(), 11);
}

#[test]
fn whoever_finds_does_not_decide_and_who_is_concerned_is_heard() {
    let Audited { town, into, .. } = audited();
    let [name] = &names(&into, "purpose")[..] else { panic!("not one") };
    let close = |result: &str, by: &str| {
        town.run("disposition", &format!("{name} {result} --from {into} --why reviewed --by {by}"))
    };
    close("exonerated", "Finder").refused(2, &["whoever finds does not decide"]);
    close("sustained", "reviewer").refused(2, &["nobody was heard"]);
    close("guilty", "reviewer").refused(2, &["sustained, not_sustained, unfounded or exonerated"]);
    let said = format!("{name} --from {into} --said wrong-line --by reviewer");
    town.run("audit heard", &said).ok();
    let before = town.size();
    close("not_sustained", "reviewer").ok();
    assert_eq!(town.size(), before + 1);
    // What was written of the audit cannot be changed behind the register's back.
    let path = format!("{into}/audit.json");
    let text = std::fs::read_to_string(&path).unwrap().replace("ICE WARRANT", "ICE BREAKER");
    std::fs::write(&path, text).unwrap();
    close("unfounded", "reviewer").refused(2, &["was changed since"]);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let (file, into) = (town.path("log.csv"), town.path("audit"));
    std::fs::write(&file, log()).unwrap();
    let line = format!("{file} --agency us-il-county-sheriff --into {into}");
    run(&format!("audit {line}"), &[]).refused(2, &["tokens need the agency's key"]);
    town.run("audit", &format!("{line} --sample 5")).refused(2, &["no seed"]);
    let own = town.path("own.toml");
    std::fs::write(&own, "[thresholds]\nlook_back = 3\n").unwrap();
    town.run("audit", &format!("{line} --own {own}")).refused(2, &["look_back", "own.toml"]);
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    town.run("audit", &line).refused(2, &["log.csv", "describe it in a file for `--layout`"]);
    assert!(!std::path::Path::new(&into).exists());
    // What an audit leaves that was killed is neither taken for one nor written over.
    let part = format!("{into}.part");
    assert!(!std::path::Path::new(&part).exists());
    std::fs::create_dir(&part).unwrap();
    town.run("audit", &line).refused(2, &["audit.part", "cut short"]);
    assert!(std::path::Path::new(&part).exists());
    std::fs::remove_dir(&part).unwrap();
    let layout = town.path("layout.toml");
    std::fs::write(
        &layout,
        "version = 1\n[[layout]]\nname = 'look-ups'\nsays = 'x'\ninformation = 'criminal_history'\n\
         zone = 'America/New_York'\nneeds = ['a']\ncolumns = [['a', 'time'], ['b', 'reason']]\n",
    )
    .unwrap();
    std::fs::write(&file, "a,b\n2025-06-01 08:00:00,ICE WARRANT\n").unwrap();
    let into = town.path("other");
    let line = format!("{file} --agency us-il-county-sheriff --into {into} --layout {layout}");
    let out = town.run("audit", &line).ok().out;
    assert!(out.contains("look-ups"), "{out}");
    let finding = &data(&into)["findings"][0];
    assert_eq!(finding["rows"][0]["time"], "2025-06-01T12:00:00Z");
}

#[test]
fn the_federal_count_is_held_against_the_register() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    for day in ["2025-03-03", "2025-03-10", "2025-04-01"] {
        let line = format!("--channel mailbox --on {day} --action hold --fact basis=detainer");
        town.run("request", &line).ok();
    }
    let file = town.path("federal.csv");
    let rows = [
        ("2025-03-02", "OUR JAIL"),
        ("2025-03-04", "OUR JAIL"),
        ("2025-03-09", "OUR JAIL"),
        ("2025-03-20", "THEIR JAIL"),
        ("2025-06-01", "OUR JAIL"),
    ];
    let mut text = "date,lift_reason,det_facility,city,state,detainer_type\n".to_owned();
    for (day, facility) in rows {
        text.push_str(&format!("{day},Lifted,{facility},A TOWN,A STATE,I247A\n"));
    }
    std::fs::write(&file, text).unwrap();
    let line = format!("{file} --ours OUR-JAIL --first 2025-01-01 --last 2025-12-31");
    let line = line.replace("OUR-JAIL", "our~jail");
    let words: Vec<String> = line.split(' ').map(|word| word.replace('~', " ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let data = format!("reconcile --json --data {}", town.data());
    let found = run(&data, &words).ok().json();
    // By hand: 2 March with 3 March, 9 March with 10 March; 4 March finds neither, the one of
    // June none at all; the request of April is in no row.
    let lodged = &found["lodged"];
    assert_eq!(
        [&lodged["rows"], &lodged["received"], &lodged["not_received"], &lodged["not_ours"]],
        [5, 2, 2, 1]
    );
    assert_eq!(found["recorded"]["requests"], 3);
    assert_eq!(found["recorded"]["not_lodged"], 1);
    let text = run(&format!("reconcile --data {}", town.data()), &words).ok().out;
    let repeated = "Of the 2 rows not received the table itself takes 0 for likely repetitions.";
    assert!(text.contains(repeated), "{text}");
}
