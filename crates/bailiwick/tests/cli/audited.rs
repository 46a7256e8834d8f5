//! What an audit tells, and to whom: what everybody may read, whose name a lead has, who closes it.

use sha2::{Digest as _, Sha256};

use super::run::{Ran, Town, run, shell};

const HEADER: &str = "Name,Org Name,Total Networks Searched,Reason,Case #,Search Time\r\n";

/// A log of the department, whose rows are minutes apart, by their reasons.
fn log<'a>(reasons: impl IntoIterator<Item = &'a str>) -> String {
    let row = |(at, reason): (usize, &str)| {
        let (hour, minute) = (at / 60 % 12 + 1, at % 60);
        format!(
            "A. PERSON,Example IL PD,3,{reason},,\
             \"03/06/2025, {hour:02}:{minute:02}:00 PM UTC\"\r\n"
        )
    };
    HEADER.to_owned() + &reasons.into_iter().enumerate().map(row).collect::<String>()
}

/// A folder with a log, what the agency says of itself, and a key.
struct Logs {
    town: Town,
    log: String,
    own: String,
}

impl Logs {
    fn of<'a>(reasons: impl IntoIterator<Item = &'a str>) -> Self {
        let town = Town::of("us-il-county-sheriff", "2025-01-02");
        let log = town.file("log.csv", log(reasons));
        let own = town.file("own.toml", "names = ['Example IL PD']\n");
        Self { town, log, own }
    }

    /// The words of an audit into a folder beside it.
    fn line(&self, into: &str) -> String {
        let (log, own, into) = (&self.log, &self.own, self.town.path(into));
        format!("{log} --agency us-il-county-sheriff --own {own} --into {into}")
    }

    /// A document of an audit.
    fn read(&self, into: &str, name: &str) -> String {
        std::fs::read_to_string(self.town.path(into) + "/" + name).unwrap()
    }

    fn json(&self, into: &str, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(into, name)).unwrap()
    }
}

#[test]
fn no_small_count_is_got_by_subtracting_from_what_is_published() {
    // 498 and 2 are 500, which stands there: neither number may.
    let logs = Logs::of(["theft"; 498].into_iter().chain(["ICE WARRANT"; 2]));
    logs.town.run("audit", &logs.line("audit")).ok();
    let data = logs.json("audit", "audit.json");
    let counts = serde_json::json!({ "criminal_non_immigration": 498, "immigration_civil": 2 });
    assert_eq!(data["classes"], counts);
    let public = logs.json("audit", "public.json");
    assert_eq!(public["totals"]["searches"], 500);
    for class in ["criminal_non_immigration", "immigration_civil"] {
        assert_eq!(public["classes"][class], "withheld");
    }
    // How many leads there are in all stands in the register; of which test, nobody can tell.
    let tests = public["tests"].as_array().unwrap();
    assert!(tests.iter().all(|test| test["leads_for_review"] == "withheld"), "{tests:?}");
    assert!(data["findings"].as_array().unwrap().len() < 5);
}

/// What a lead is called is public where it is closed, and so is the hash of the file.
#[test]
fn a_lead_has_its_name_from_the_key() {
    let logs = Logs::of(["theft", "ICE WARRANT"]);
    let [one, other] = ["one", "other"].map(|name| logs.town.path(name));
    for (key, into) in [(&one, "a"), (&one, "b"), (&other, "c")] {
        run(&format!("audit {} --key {key}", logs.line(into)), &[]).ok();
    }
    let name = |into: &str| {
        let data = logs.json(into, "audit.json");
        data["findings"][0]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("a"), name("b"));
    assert_eq!(logs.read("a", "audit.json"), logs.read("b", "audit.json"));
    assert_ne!(name("a"), name("c"));
    assert!(name("a").len() == 12 && name("a").bytes().all(|digit| digit.is_ascii_hexdigit()));
    // Nor is it the hash of test, file and row, which anybody can try.
    let data = logs.json("a", "audit.json");
    let (file, test) = (&data["files"][0]["sha256"], &data["findings"][0]["test"]);
    let tried = format!("{}\n{}\n3\n", test.as_str().unwrap(), file.as_str().unwrap());
    assert_eq!((test, &data["findings"][0]["rows"][0]["row"]), (&"purpose".into(), &3.into()));
    assert_ne!(name("a"), register::hex(&Sha256::digest(tried))[..12]);
}

/// An audit that somebody or nobody put a name to, and its one lead.
fn found(logs: &Logs, into: &str, by: &[&str]) -> String {
    let line = format!("audit --data {} {}", logs.town.data(), logs.line(into));
    run(&line, by).ok();
    logs.json(into, "audit.json")["findings"][0]["id"].as_str().unwrap().to_owned()
}

/// Closes a lead of an audit, as somebody.
fn close(logs: &Logs, (lead, from): (&str, &str), how: &[&str]) -> Ran {
    let (data, from) = (logs.town.data(), logs.town.path(from));
    run(&format!("disposition {lead} --from {from} --data {data}"), how)
}

#[test]
fn whoever_finds_the_same_again_does_not_decide_either() {
    let logs = Logs::of(["ICE WARRANT"]);
    // Nobody's first: alone it cannot be closed, and with a named one beside it it can.
    let lead = found(&logs, "nobody", &[]);
    let reviewed = ["unfounded", "--why", "read it", "--by"];
    let as_who = |who: &'static str| [&reviewed[..], &[who]].concat();
    close(&logs, (&lead, "nobody"), &as_who("C")).refused(2, &["nobody put a name to this"]);
    for (into, by) in [("a", "Ann  B. \u{df}trong"), ("b", "Bea")] {
        assert_eq!(found(&logs, into, &["--by", by]), lead);
    }
    let before = logs.town.size();
    for from in ["nobody", "a", "b"] {
        for who in ["Bea", "bea ", " BEA", "ann b. SStrong", "Ann B.  \u{df}trong"] {
            let refused = close(&logs, (&lead, from), &as_who(who));
            refused.refused(2, &["whoever finds does not decide"]);
        }
    }
    assert_eq!(logs.town.size(), before);
    close(&logs, (&lead, "nobody"), &as_who("C")).ok();
    assert_eq!(logs.town.size(), before + 1);
}

#[test]
fn nobody_is_no_name_and_nothing_is_no_reason() {
    let logs = Logs::of(["ICE WARRANT"]);
    let lead = found(&logs, "a", &["--by", " Ann "]);
    let before = logs.town.size();
    for nobody in ["", " ", "\u{a0}", "-", "\u{200b}"] {
        let line = format!("audit --data {} {}", logs.town.data(), logs.line("other"));
        run(&line, &["--by", nobody]).refused(2, &["a name has a letter or a digit"]);
        let closing = ["unfounded", "--why", "read it", "--by", nobody];
        close(&logs, (&lead, "a"), &closing).refused(2, &["a name has a letter or a digit"]);
        let closing = ["unfounded", "--by", "Bea", "--why", nobody];
        close(&logs, (&lead, "a"), &closing).refused(2, &["why it is closed is empty"]);
        let (data, from) = (logs.town.data(), logs.town.path("a"));
        let heard = format!("audit heard {lead} --from {from} --data {data} --by");
        run(&heard, &["Bea", "--said", nobody]).refused(2, &["what was said is empty"]);
        run(&heard, &[nobody, "--said", "so"]).refused(2, &["a name has a letter or a digit"]);
    }
    assert_eq!(logs.town.size(), before);
}

#[test]
fn thresholds_are_checked_and_written_down() {
    let logs = Logs::of(["theft", "ICE WARRANT"]);
    let with = |thresholds: &str, into: &str| {
        let own = format!("names = ['Example IL PD']\n[thresholds]\n{thresholds}\n");
        std::fs::write(&logs.own, own).unwrap();
        run(&format!("audit --key {} {}", logs.town.path("key"), logs.line(into)), &[])
    };
    for (wrong, why) in [
        ("undocumented_share = 1.5", "undocumented_share: `1.5` is no share; write 0 to 1"),
        ("undocumented_share = -0.5", "undocumented_share: `-0.5`"),
        ("undocumented_share = nan", "undocumented_share: `NaN`"),
        ("undocumented_share = inf", "undocumented_share: `inf`"),
        ("near_days = -1", "near_days: `-1` is negative"),
        ("look_back_days = -1", "own.toml"),
        ("sharing_off = [{ with = '', from = '2025-01-01' }]", "federal, other_state, all_outside"),
        ("sharing_off = [{ with = 'federal ', from = '2025-01-01' }]", "`federal `"),
        ("sharing_off = [{ with = 'federal', from = '2025-13-01' }]", "sharing_off"),
    ] {
        with(wrong, "wrong").refused(2, &[why, "own.toml"]);
    }
    with("", "usual").ok();
    let out = with("bulk_an_hour = 7\nundocumented_share = 1", "other").ok().out;
    assert!(!out.contains("no row in the logs"), "{out}");
    // The numbers of docs/spec/audit.md, and those that were set.
    for (into, share, bulk) in [("usual", 0.5, 120), ("other", 1.0, 7)] {
        let expected = serde_json::json!({
            "undocumented_share": share, "undocumented_searches": 20, "look_back_days": 30,
            "bulk_an_hour": bulk, "near_days": 14, "sharing_off": [],
        });
        for name in ["audit.json", "public.json"] {
            assert_eq!(logs.json(into, name)["thresholds"], expected, "{into}/{name}");
        }
        let page = logs.read(into, "review.html");
        assert!(
            page.contains(&format!("within an hour that are shown</th><td class=\"n\">{bulk}<"))
        );
    }
    assert_ne!(logs.read("usual", "audit.json"), logs.read("other", "audit.json"));
}

#[test]
fn who_is_in_no_log_cannot_have_had_sharing_ended() {
    let logs = Logs::of(["theft"]);
    let text = std::fs::read_to_string(&logs.log).unwrap();
    let other = text.lines().nth(1).unwrap().replace("Example IL PD", "Far Town TX PD");
    std::fs::write(&logs.log, format!("{text}{other}\r\n")).unwrap();
    let off = |with: &str| format!("{{ with = '{with}', from = '2025-01-01' }}");
    let off = ["Far Town TX PD", "Far Town TX P.D.", "federal", "Federal"].map(off).join(", ");
    let own = format!("names = ['Example IL PD']\n[thresholds]\nsharing_off = [{off}]\n");
    std::fs::write(&logs.own, own).unwrap();
    let out = logs.town.run("audit", &logs.line("audit")).ok().out;
    let notes = &logs.json("audit", "audit.json")["notes"];
    let notes: Vec<&str> =
        notes.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    for (note, with) in notes.iter().zip(["`Far Town TX P.D.`", "`Federal`"]) {
        assert!(note.contains(with) && note.contains("no row in the logs is by"), "{note}");
        assert!(out.contains(note), "{out}");
        assert!(logs.read("audit", "review.html").contains(with.trim_matches('`')));
    }
}

/// A log whose every second row is cut short.
fn cut_short(rejected: usize) -> String {
    let row = "A,Example IL PD,3,theft,,\"03/06/2025, 01:00:00 PM UTC\"\r\nx,y\r\n";
    HEADER.to_owned() + &row.repeat(rejected)
}

#[test]
fn every_rejected_row_is_listed_or_it_is_said_how_many_are_not() {
    let logs = Logs::of([]);
    let audited = |rejected: usize, into: &str| {
        std::fs::write(&logs.log, cut_short(rejected)).unwrap();
        run(&format!("audit --key {} {}", logs.town.path("key"), logs.line(into)), &[]).ok();
        logs.json(into, "audit.json")["files"][0].clone()
    };
    let file = audited(60, "sixty");
    let rows: Vec<u64> = file["rejected"].as_array().unwrap().iter().map(row_of).collect();
    // The header is row 1, rows that are made have even numbers.
    assert_eq!(rows, (1..=60).map(|n| 2 * n + 1).collect::<Vec<u64>>());
    assert_eq!((&file["rejected_rows"], &file["rejected_not_listed"]), (&60.into(), &0.into()));
    let page = logs.read("sixty", "review.html");
    assert!(page.contains("And 10 more, in audit.json.") && page.contains("row 101, line 101"));
    assert!(!page.contains("row 103, line 103"));

    let file = audited(10_003, "many");
    let listed = file["rejected"].as_array().unwrap();
    assert_eq!((listed.len(), row_of(&listed[9_999])), (10_000, 20_001));
    assert_eq!((&file["rejected_rows"], &file["rejected_not_listed"]), (&10_003.into(), &3.into()));
    let page = logs.read("many", "review.html");
    assert!(page.contains("And 9953 more, in audit.json, but for the last 3, which are counted"));

    // Of many files there are 100,000 at most, and 50 of each file whatever the others have.
    let line = logs.line("files").replacen(&logs.log, &[logs.log.as_str(); 12].join(" "), 1);
    run(&format!("audit --key {} {line}", logs.town.path("key")), &[]).ok();
    let data = logs.json("files", "audit.json");
    for (at, file) in data["files"].as_array().unwrap().iter().enumerate() {
        let listed = if at < 10 { 10_000 } else { 50 };
        assert_eq!(file["rejected"].as_array().unwrap().len(), listed, "{at}");
        assert_eq!(file["rejected_not_listed"], 10_003 - listed);
    }
}

fn row_of(rejected: &serde_json::Value) -> u64 {
    rejected["row"].as_u64().unwrap()
}

#[test]
fn what_cannot_be_read_or_written_is_told_apart_from_what_is_wrong() {
    let logs = Logs::of(["ICE WARRANT"]);
    let (key, folder) = (logs.town.path("key"), logs.town.folder.path().to_str().unwrap());
    let line = logs.line("audit").replace(&logs.log, folder);
    run(&format!("audit --key {key} {line}"), &[]).refused(6, &[folder, "is a folder"]);
    run(&format!("audit reasons {folder}"), &[]).refused(6, &[folder, "is a folder"]);
    let line = format!("{folder} --ours A");
    logs.town
        .run("request", "--channel mailbox --on 2025-03-03 --action hold --fact basis=detainer")
        .ok();
    logs.town.run("reconcile", &line).refused(6, &[folder, "is a folder"]);
    // No file may have a byte: the first that is written is the scratch file.
    run(&format!("audit --key {key} {}", logs.line("before")), &[]).ok();
    let script =
        format!("trap '' XFSZ; ulimit -f 0; $BAILIWICK audit --key {key} {}", logs.line("audit"));
    shell(logs.town.folder.path(), &script).refused(6, &["audit.part`: the scratch file"]);
    let (log, gone) = (&logs.log, logs.town.path("gone.csv"));
    let line = logs.line("audit").replace(log, &gone);
    run(&format!("audit --key {key} {line}"), &[]).refused(6, &[&gone]);
    std::fs::write(log, "a,b\n1,2\n").unwrap();
    run(&format!("audit --key {key} {}", logs.line("audit")), &[]).refused(2, &["log.csv"]);
}

#[test]
fn a_sample_is_drawn_or_refused() {
    let logs = Logs::of(["theft"; 5]);
    let key = logs.town.path("key");
    for more in [format!("--key {key}"), String::new()] {
        let line = format!("audit {} --sample 3 {more}", logs.line("audit"));
        assert_eq!(run(&line, &[]).code, 2);
    }
    let line = format!("audit {} --sample 3 --key {key}", logs.line("audit"));
    run(&line, &[]).refused(2, &["`--data DIR`", "--sample"]);
    logs.town.run("audit seed", "").ok();
    let before = logs.town.size();
    let none = format!("{} --sample 0", logs.line("audit"));
    logs.town.run("audit", &none).refused(2, &["draw nothing"]);
    assert_eq!(logs.town.size(), before);
    // The seed is still there.
    logs.town.run("audit", &format!("{} --sample 3", logs.line("audit"))).ok();
    assert_eq!(logs.json("audit", "audit.json")["sample"].as_array().unwrap().len(), 3);
}

#[test]
fn a_facility_that_no_row_has_gives_no_count() {
    let town = Town::of("us-il-county-sheriff", "2025-01-02");
    let request = "--channel mailbox --on 2025-03-03 --action hold --fact basis=detainer";
    town.run("request", request).ok();
    let row = |name: &str| format!("2025-03-03,Lifted,{name},A TOWN,A STATE,I247A\n");
    let rows = ["EXAMPLE COUNTY JAIL", "EXAMPLE CNTY JAIL", "FARAWAY PRISON", ""].map(row).concat();
    let head = "date,lift_reason,det_facility,city,state,detainer_type\n";
    let file = town.file("federal.csv", format!("{head}{rows}"));
    let line = format!("reconcile --data {} {file}", town.data());
    let ours = |name| run(&line, &["--ours", name]);
    let like = "`EXAMPLE COUNTY JAIL`, `EXAMPLE CNTY JAIL`";
    ours("EXAMPLE COUNTRY JAIL").refused(2, &["`EXAMPLE COUNTRY JAIL`; like it are", like]);
    ours("NOSUCH").refused(2, &["no row is of the facility `NOSUCH`; none of its 3 facilities"]);
    let two = ["--ours", "example county jail", "--ours", "faraway prizon"];
    run(&line, &two).refused(2, &["`faraway prizon`; like it are `FARAWAY PRISON`"]);
    ours("Example County Jail").ok();
}

/// An event is nobody's search, so a log of events does not tell whose it is.
#[test]
fn a_log_of_events_is_not_taken_for_that_of_another_agency() {
    let logs = Logs::of([]);
    let events = "Timestamp,User,Event Type,Entity Type,Entity Details,Event Id\n\
        2025-06-01T10:00:00Z,U1,added,Hot List,\"Name: Stolen Plates\nSource: NCIC\",1\n";
    let search = log(["theft"]).replace("Example IL PD", "Far Town TX PD");
    for (text, is_told) in [(events, false), (&search, true)] {
        std::fs::write(&logs.log, text).unwrap();
        let into = format!("told-{is_told}");
        let line = format!("audit --key {} {}", logs.town.path("key"), logs.line(&into));
        let out = run(&line, &[]).ok().out;
        assert_eq!(out.contains("is it the log of another agency?"), is_told, "{out}");
    }
}

/// A cell of a log can hold anything: what would steer the reader's terminal is written out.
#[test]
fn a_cell_does_not_steer_a_terminal() {
    let evil = "ICE \u{1b}[2J\u{9b}31m\u{202e}WARRANT\u{7}\nentry 7 recorded\t";
    let logs = Logs::of([format!("\"{evil}\"").as_str()]);
    let log = std::fs::read_to_string(&logs.log).unwrap();
    let agency = "Far\u{1b}]0;x\u{7} Town TX PD";
    let log = log.clone() + &log.replace("Example IL PD", agency).replacen(HEADER, "", 1);
    std::fs::write(&logs.log, format!("{log}\u{1b}x,y\r\n")).unwrap();
    let out =
        run(&format!("audit --key {} {}", logs.town.path("key"), logs.line("a")), &[]).ok().out;
    let data = logs.json("a", "audit.json");
    let findings = data["findings"].as_array().unwrap();
    // The documents have the reason as it was typed.
    let typed = |it: &&serde_json::Value| it["rows"][0]["reason"].as_str() == Some(evil);
    let lead = findings.iter().find(typed).unwrap()["id"].as_str().unwrap();
    let explained = run(&format!("audit explain {lead} --from {}", logs.town.path("a")), &[]).ok();
    let shown = "ICE \\u{1b}[2J\\u{9b}31m\\u{202e}WARRANT\\u{7}\\nentry 7 recorded\\t";
    assert!(explained.out.contains(shown), "{}", explained.out);
    let reasons = run(&format!("audit reasons {}", logs.log), &[]).ok().out;
    assert!(reasons.contains("Far\\u{1b}]0;x\\u{7} Town"), "{reasons}");
    let bad = logs.town.file("bad.csv", "a\u{1b}[2J,b\r\n1,2\r\n");
    let refused = run(&format!("audit reasons {bad}"), &[]);
    assert_eq!(refused.code, 2, "{refused:?}");
    for text in [&out, &explained.out, &reasons, &refused.err] {
        let steers = |sign: char| sign.is_control() && sign != '\n' || sign == '\u{202e}';
        assert!(!text.contains(steers), "{text:?}");
    }
}
