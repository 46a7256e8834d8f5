//! Audits at the desk: from a log to a closed lead, and what must never come of one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use bailiwick::store::{Channel, ChannelKind, FORMAT, Settings, Store};
use bailiwick::web::Role;
use register::entry::{Closed, Public};

use super::house::{House, Page};

const HEADER: &str = "Name, Org Name, Total Networks Searched, Total Devices Searched, Time Frame, \
    License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, Moderation\r\n";

const SCRIPT: &str = "<script>alert(1)</script>";

fn row(agency: &str, reason: &str, case: &str, hour: u32) -> String {
    format!(
        "A. PERSON,{agency},12,40,\"02/24/2025, 01:00:00 AM UTC\n02/26/2025, 01:00:00 AM UTC\",\
         ABC123,{reason},{case},,\"02/26/2025, {hour:02}:15:00 PM UTC\",lookup,,\r\n"
    )
}

/// The log of a department in Illinois. Put into it: one reason that names immigration (row 3), one
/// that a permitted request explains, one search on the case of a declined request, one by an
/// agency of another state; a copy of a row, and a line that is no row.
fn log() -> String {
    let rows = [
        row("Example IL PD", "stolen vehicle", "", 1),
        row("Example IL PD", &format!("ICE WARRANT {SCRIPT}"), "", 2),
        row("Example IL PD", "Immigration (civil/administrative) - ", "25-100", 3),
        row("Example IL PD", "\"Obstructing the Police (Fleeing) - he said \"\"no\"\"\"", "", 4),
        row("Example IL PD", "theft", "25-200", 5),
        row("Far Town TX PD", "burglary", "", 6),
    ];
    format!("{HEADER}{}x,y\r\n{}", rows.concat(), rows[0])
}

fn empty() -> House {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("register");
    let settings = Settings {
        format: FORMAT,
        agency: "us-il-county-sheriff".to_owned(),
        origin: "register.example/test".to_owned(),
        channels: vec![Channel {
            id: "desk".to_owned(),
            kind: ChannelKind::Desk,
            label: "The desk".to_owned(),
        }],
        banner: None,
        contact: None,
    };
    House::on(Store::init(&data, settings).unwrap(), folder)
}

/// A desk with a permitted request on one case and a declined one on another.
async fn house() -> House {
    let house = empty();
    let permitted = [
        ("day", "2025-02-24"),
        ("f.purpose", "drug_trafficking"),
        ("f.requester", "hsi"),
        ("reference", "25-100"),
    ];
    let declined = [
        ("day", "2025-02-24"),
        ("f.basis", "detainer"),
        ("f.eligible_for_release", "true"),
        ("f.criminal_warrant", "false"),
        ("reference", "25-200"),
    ];
    for (path, fields) in [("/may-we/search", &permitted[..]), ("/may-we/hold", &declined[..])] {
        let page = house.send(Role::Officer, path, fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
    }
    house
}

fn data(house: &House) -> PathBuf {
    house.folder.path().join("register")
}

const NAMES: (&str, &str) = ("names", "Example IL PD");

async fn upload(house: &House, fields: &[(&str, &str)], name: &str, log: &[u8]) -> Page {
    let fields: Vec<_> = [NAMES].into_iter().chain(fields.iter().copied()).collect();
    house.send_files(Role::Auditor, "/audit", &fields, &[("logs", name, log)]).await
}

/// Waits until no audit runs, and shows how the last ended.
async fn ended(house: &House) -> Page {
    for _ in 0..600 {
        let page = house.look(Role::Counsel, "/audit/progress").await;
        assert_eq!(page.status, 200, "{}", page.text);
        if !page.text.contains("<progress") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the audit did not end");
}

/// Audits the log; the entry of it.
async fn audited(house: &House) -> u64 {
    let page = upload(house, &[], "log.csv", log().as_bytes()).await;
    assert_eq!(page.to.as_deref(), Some("/audit/progress"), "{}", page.text);
    let page = ended(house).await;
    let entry = page.text.split("To the leads for review of audit ").nth(1);
    entry.unwrap_or_else(|| panic!("{}", page.text)).split('<').next().unwrap().parse().unwrap()
}

/// The names of the leads that a queue shows.
fn leads(page: &Page, entry: u64) -> Vec<String> {
    let link = format!("href=\"/audit/{entry}/");
    let links = page.text.split(&link).skip(1);
    let names = links.map(|rest| rest.split('"').next().unwrap().to_owned());
    names.filter(|name| name.len() == 12).collect()
}

fn folders(house: &House) -> Vec<PathBuf> {
    let all = std::fs::read_dir(data(house).join("audits")).into_iter().flatten();
    all.map(|entry| entry.unwrap().path()).collect()
}

/// That nothing of an audit that came to nothing is anywhere.
fn nothing_left(house: &House) {
    assert!(!data(house).join("audit.part").exists());
    assert_eq!(std::fs::read_dir(data(house).join("uploads")).unwrap().count(), 0);
    assert_eq!(folders(house).len(), 0);
}

fn size(house: &House) -> u64 {
    house.app.read(|store| Ok(store.size())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_log_to_a_closed_lead() {
    let house = house().await;
    // No sample without a seed that is older than what is sent in.
    let early = upload(&house, &[("sample", "3")], "log.csv", log().as_bytes()).await;
    assert!(early.status == 422 && early.text.contains("Draw a seed first"), "{}", early.text);
    assert_eq!(house.send(Role::Auditor, "/audit/seed", &[]).await.status, 303);
    let seed = size(&house) - 1;
    let guess = seed.saturating_sub(1).to_string();
    let other = upload(&house, &[("sample", "3"), ("seed", &guess)], "a", log().as_bytes()).await;
    assert_eq!(other.status, 422);
    let fields = [("sample", "3"), ("seed", &seed.to_string())];
    let page = upload(&house, &fields, "../../log.csv", log().as_bytes()).await;
    assert_eq!(page.to.as_deref(), Some("/audit/progress"), "{}", page.text);
    let done = ended(&house).await;
    let entry = seed + 1;
    assert!(done.text.contains(&format!("href=\"/audit/{entry}\"")), "{}", done.text);
    assert_eq!(size(&house), entry + 1);
    let private = house.app.read(|store| Ok(store.private(entry)?)).unwrap().unwrap();
    assert_eq!((&private["by"], &private["day"]), (&"auditor".into(), &"2025-03-03".into()));

    let list = house.look(Role::Supervisor, "/audit").await;
    assert!(list.text.contains(&format!("Audit {entry}")) && list.text.contains("2025-03-03"));
    assert!(!list.text.contains("Audit the logs"), "only an auditor starts one");
    let queue = house.look(Role::Auditor, &format!("/audit/{entry}")).await;
    assert_eq!(leads(&queue, entry).len(), 3, "{}", queue.text);
    for part in [
        "<dt>Rows in the files</dt><dd>8</dd>",
        "<dt>Searches</dt><dd>6</dd>",
        "<dt>Copies of a row in the same file</dt><dd>1</dd>",
        "<dt>Rejected</dt><dd>1</dd>",
        "They add up",
        "1 searches are explained",
        "2 cells where the header has 13",
        "3 rows drawn for a person to read",
        "File 1: log.csv",
    ] {
        assert!(queue.text.contains(part), "`{part}` is not in {}", queue.text);
    }
    assert!(!queue.text.contains("PERSON") && !queue.text.contains("ABC123"));

    // Of each kind that was put in there is one, and the filter finds it.
    for (test, many) in [("purpose", 1), ("after_declined", 1), ("other_state", 1), ("bulk", 0)] {
        let page = house.look(Role::Counsel, &format!("/audit/{entry}?test={test}")).await;
        assert_eq!(leads(&page, entry).len(), many, "{test}");
    }
    let purpose = house.look(Role::Counsel, &format!("/audit/{entry}?test=purpose")).await;
    let lead = format!("/audit/{entry}/{}", leads(&purpose, entry)[0]);
    let page = house.look(Role::Counsel, &lead).await;
    for part in ["ICE WARRANT", "1: log.csv", "data-label=\"Row\">3<", "innocently", "By auditor"] {
        assert!(page.text.contains(part), "`{part}` is not in {}", page.text);
    }
    closes(&house, entry, &lead).await;
}

async fn closes(house: &House, entry: u64, lead: &str) {
    let (heard, close) = (format!("{lead}/heard"), format!("{lead}/disposition"));
    let sustained = [("result", "sustained"), ("why", "read it")];
    let page = house.send(Role::Supervisor, &close, &sustained).await;
    assert!(page.status == 422 && page.text.contains("nobody was heard"), "{}", page.text);
    for (path, fields, why) in [
        (&heard, &[("said", " "), ("on", "2025-03-01")], "Write what was said"),
        (&heard, &[("said", "so"), ("on", "2025-03-04")], "still to come"),
        (&heard, &[("said", "so"), ("on", "today")], "today"),
        (&heard, &[("said", "about A012345678"), ("on", "2025-03-01")], "A-number"),
        (&close, &[("result", "guilty"), ("why", "so")], "Choose how it is closed"),
        (&close, &[("result", "unfounded"), ("why", "")], "Write why"),
        (&close, &[("result", "unfounded"), ("why", "about A012345678")], "A-number"),
    ] {
        let before = size(house);
        let page = house.send(Role::Supervisor, path, fields).await;
        assert!(page.status == 422 && page.text.contains(why), "{why}: {}", page.text);
        assert_eq!(size(house), before, "{why}");
    }
    let said = [("said", "It was the wrong line."), ("on", "2025-03-01")];
    let page = house.send(Role::Supervisor, &heard, &said).await;
    assert_eq!(page.to.as_deref(), Some(format!("{lead}?said=recorded").as_str()), "{}", page.text);
    let state = |state: &'static str| async move {
        leads(&house.look(Role::Counsel, &format!("/audit/{entry}?state={state}")).await, entry)
            .len()
    };
    assert_eq!((state("open").await, state("heard").await, state("closed").await), (2, 1, 0));
    assert_eq!(house.send(Role::Counsel, &close, &sustained).await.status, 303);
    assert_eq!((state("open").await, state("heard").await, state("closed").await), (2, 0, 1));
    assert_eq!((state("sustained").await, state("exonerated").await), (1, 0));
    let page = house.look(Role::Counsel, lead).await;
    for part in ["It was the wrong line.", "2025-03-01", "Closed: sustained", "read it"] {
        assert!(page.text.contains(part), "`{part}` is not in {}", page.text);
    }
    let last = size(house) - 1;
    let (public, private) = house
        .app
        .read(|store| {
            let entry = store.entry(last).map(|entry| entry.public.clone());
            Ok((entry.unwrap(), store.private(last)?.unwrap()))
        })
        .unwrap();
    let Public::Disposition(closed) = public else { panic!("{public:?}") };
    assert_eq!((closed.refers, closed.result), (entry, Closed::Sustained));
    assert_eq!((&private["by"], &private["why"]), (&"counsel".into(), &"read it".into()));
    // What is public of it has no words of anybody.
    let page = house.look(Role::Officer, &format!("/register/{entry}")).await;
    assert!(!page.text.contains("wrong line") && !page.text.contains("read it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_kept_private_and_given_to_whoever_may() {
    let house = house().await;
    let entry = audited(&house).await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let [folder] = &folders(&house)[..] else { panic!("not one") };
    let public = house.app.read(|store| Ok(store.entry(entry).unwrap().public.clone())).unwrap();
    let Public::Audit(audit) = public else { panic!("{public:?}") };
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("{entry}-{}", &audit.sha256[..12]));
    assert_eq!((mode(folder), mode(folder.parent().unwrap())), (0o700, 0o700));
    for name in ["audit.json", "findings.csv", "review.html", "public.json"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(mode(&folder.join(name)), 0o600);
        let page = house.look(Role::Supervisor, &format!("/audit/{entry}/files/{name}")).await;
        assert_eq!((page.status, &page.bytes), (200, &bytes));
        let how = page.headers["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(how, format!("attachment; filename=\"audit-{entry}-{name}\""));
    }
    for name in ["register.db", "..%2F..%2Fsigning.key", "signing.key"] {
        let page = house.look(Role::Auditor, &format!("/audit/{entry}/files/{name}")).await;
        assert_eq!(page.status, 404, "{name}");
    }
    // Of another kind of entry there is no queue.
    assert_eq!(house.look(Role::Auditor, "/audit/1").await.status, 404);
    // Documents that are not those that were recorded are not shown.
    let path = folder.join("audit.json");
    let text = std::fs::read_to_string(&path).unwrap().replace("ICE WARRANT", "ICE BREAKER");
    std::fs::write(&path, text).unwrap();
    let page = house.look(Role::Auditor, &format!("/audit/{entry}")).await;
    assert!(page.status == 422 && page.text.contains("was changed since"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_the_folder_are_taken_by_their_plain_names() {
    let house = house().await;
    let sent = audited(&house).await;
    let logs = data(&house).join("logs");
    std::fs::create_dir_all(logs.join("below")).unwrap();
    std::fs::write(logs.join("log.csv"), log()).unwrap();
    std::fs::write(logs.join("below/log.csv"), log()).unwrap();
    std::fs::write(logs.join(".hidden.csv"), log()).unwrap();
    std::fs::write(house.folder.path().join("outside.csv"), log()).unwrap();
    std::os::unix::fs::symlink(house.folder.path().join("outside.csv"), logs.join("link.csv"))
        .unwrap();
    let page = house.look(Role::Auditor, "/audit").await;
    let offered: Vec<_> = page.text.split("name=\"log\" value=\"").skip(1).collect();
    assert!(offered.len() == 1 && offered[0].starts_with("log.csv\""), "{}", page.text);
    let before = size(&house);
    let outside = house.folder.path().join("outside.csv");
    for name in [
        "link.csv",
        "below",
        "below/log.csv",
        ".hidden.csv",
        "../logs/log.csv",
        "../signing.key",
        "./log.csv",
        "log.csv\0",
        outside.to_str().unwrap(),
    ] {
        let page = house.send(Role::Auditor, "/audit", &[NAMES, ("log", name)]).await;
        assert!(page.status == 422 && page.text.contains("There is no log"), "{name}");
    }
    assert_eq!(size(&house), before);
    let page = house.send(Role::Auditor, "/audit", &[NAMES, ("log", "log.csv")]).await;
    assert_eq!(page.to.as_deref(), Some("/audit/progress"), "{}", page.text);
    ended(&house).await;
    // The same log gives the same data, byte for byte, whichever way it came.
    let digests: Vec<String> = house
        .app
        .read(|store| {
            let of = |index| match &store.entry(index).unwrap().public {
                Public::Audit(audit) => audit.sha256.clone(),
                other => panic!("{other:?}"),
            };
            Ok(vec![of(sent), of(before)])
        })
        .unwrap();
    assert_eq!(digests[0], digests[1]);
    assert!(logs.join("log.csv").exists(), "what lies there is not ours to remove");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_log_leaves_nothing() {
    let house = house().await;
    let before = size(&house);
    let upload = upload(&house, &[], "holiday.csv", b"a,b\n1,2\n").await;
    assert_eq!(upload.status, 303, "{}", upload.text);
    let page = ended(&house).await;
    for part in ["came to nothing", "holiday.csv", "Nothing was recorded"] {
        assert!(page.text.contains(part), "`{part}` is not in {}", page.text);
    }
    assert_eq!(size(&house), before);
    nothing_left(&house);
    let none = house.send_files(Role::Auditor, "/audit", &[NAMES], &[("logs", "", b"")]).await;
    assert!(none.status == 422 && none.text.contains("Choose the logs"), "{}", none.text);
    for (field, value, why) in [
        ("undocumented_share", "1.5", "between 0 and 1"),
        ("near_days", "-1", "0 or more"),
        ("bulk_an_hour", "many", "no such number"),
        ("sharing_off", "federal since 2025", "federal 2025-01-31"),
        ("sample", "0", "how many rows"),
    ] {
        let fields = [NAMES, (field, value)];
        let files = [("logs", "log.csv", log().into_bytes())];
        let files = files.each_ref().map(|(field, name, log)| (*field, *name, log.as_slice()));
        let page = house.send_files(Role::Auditor, "/audit", &fields, &files).await;
        assert!(page.status == 422 && page.text.contains(why), "{field}: {}", page.text);
    }
    let log = log();
    let files = [("logs", "log.csv", log.as_bytes()), ("own", "own.toml", b"look_back = 3")];
    let own = house.send_files(Role::Auditor, "/audit", &[], &files).await;
    assert!(own.status == 422 && own.text.contains("look_back"), "{}", own.text);
    assert_eq!(size(&house), before);
    nothing_left(&house);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_refuses_leaves_no_documents() {
    // A register without any law yet takes nothing but a pack.
    let house = empty();
    assert_eq!(upload(&house, &[], "log.csv", log().as_bytes()).await.status, 303);
    let page = ended(&house).await;
    assert!(page.text.contains("a register starts with a"), "{}", page.text);
    assert_eq!(size(&house), 0);
    nothing_left(&house);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_audit_runs_at_a_time() {
    let house = house().await;
    std::fs::create_dir(data(&house).join("logs")).unwrap();
    std::fs::write(data(&house).join("logs/log.csv"), log()).unwrap();
    let asked = [NAMES, ("log", "log.csv")];
    let before = size(&house);
    let big = format!("{HEADER}{}", row("Example IL PD", "theft", "", 1).repeat(400_000));
    std::fs::write(data(&house).join("logs/big.csv"), big).unwrap();
    let page = house.send(Role::Auditor, "/audit", &[NAMES, ("log", "big.csv")]).await;
    assert_eq!(page.status, 303);
    let page = house.send(Role::Auditor, "/audit", &asked).await;
    assert!(page.status == 422 && page.text.contains("An audit is running"), "{}", page.text);
    let running = house.look(Role::Auditor, "/audit/progress").await;
    assert!(running.text.contains("hx-get=\"/audit/progress/part"), "{}", running.text);
    let part = house.look(Role::Auditor, "/audit/progress/part?tenth=0").await;
    assert!(part.text.contains("id=\"progress\"") && !part.text.contains("<html"));
    ended(&house).await;
    assert_eq!(size(&house), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_does_not_decide() {
    let house = house().await;
    let entry = audited(&house).await;
    let all = house.app.people.all().unwrap();
    let id = all.iter().find(|it| it.login == "auditor").unwrap().id;
    let both = [("role", "auditor"), ("role", "supervisor")];
    let page = house.send(Role::Administrator, &format!("/accounts/{id}/roles"), &both).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let queue = house.look(Role::Auditor, &format!("/audit/{entry}?test=other_state")).await;
    let lead = format!("/audit/{entry}/{}", leads(&queue, entry)[0]);
    let page = house.look(Role::Auditor, &lead).await;
    assert!(page.text.contains("You made this audit"), "{}", page.text);
    let before = size(&house);
    let close = [("result", "exonerated"), ("why", "mine")];
    let page = house.send(Role::Auditor, &format!("{lead}/disposition"), &close).await;
    assert!(page.status == 422 && page.text.contains("does not decide"), "{}", page.text);
    assert_eq!(size(&house), before);
    // A lead that is not there is not closed either.
    let other = format!("/audit/{entry}/000000000000/disposition");
    assert_eq!(house.send(Role::Counsel, &other, &close).await.status, 404);
    let page = house.send(Role::Counsel, &format!("{lead}/disposition"), &close).await;
    assert_eq!(page.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_field_puts_a_script_into_a_page() {
    let house = house().await;
    let plain = |page: &Page| assert!(!page.text.contains("<script>alert"), "{}", page.text);
    for field in [
        "names",
        "undocumented_share",
        "undocumented_searches",
        "look_back_days",
        "bulk_an_hour",
        "near_days",
        "sharing_off",
        "sample",
        "seed",
        "log",
    ] {
        plain(&upload(&house, &[(field, SCRIPT)], SCRIPT, b"").await);
        plain(&ended(&house).await);
    }
    let named = format!("{SCRIPT}.csv");
    assert_eq!(upload(&house, &[], &named, b"a,b\n1,2\n").await.status, 303);
    plain(&ended(&house).await);
    plain(&house.look(Role::Auditor, "/audit").await);
    let odd = log().replace("Far Town TX PD", &format!("Far {SCRIPT} TX PD"));
    assert_eq!(upload(&house, &[], &named, odd.as_bytes()).await.status, 303);
    plain(&ended(&house).await);
    let entry = size(&house) - 1;
    let queue = house.look(Role::Auditor, &format!("/audit/{entry}")).await;
    plain(&queue);
    assert!(queue.text.contains("script"), "what was typed is shown as it was typed");
    let odd = "test=%3Cscript%3Ealert(1)%3C/script%3E&state=%3Cscript%3Ealert(1)&page=%3Cscript%3E";
    plain(&house.look(Role::Auditor, &format!("/audit/{entry}?{odd}")).await);
    for lead in leads(&queue, entry) {
        let lead = format!("/audit/{entry}/{lead}");
        for (path, fields) in [
            ("heard", [("said", SCRIPT), ("on", SCRIPT)]),
            ("heard", [("said", SCRIPT), ("on", "2025-03-01")]),
            ("disposition", [("result", SCRIPT), ("why", SCRIPT)]),
            ("disposition", [("result", "unfounded"), ("why", SCRIPT)]),
        ] {
            plain(&house.send(Role::Supervisor, &format!("{lead}/{path}"), &fields).await);
        }
        plain(&house.look(Role::Supervisor, &lead).await);
    }
}

/// The same register, by a program that was started anew.
async fn again(house: House) -> House {
    let leave = |house: House| house.folder;
    let folder = leave(house);
    let data = folder.path().join("register");
    for name in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        drop(std::fs::remove_file(data.join(name)));
    }
    for _ in 0..100 {
        // The thread of an audit lets go of the register just after it has said that it ended.
        match Store::open(&data) {
            Ok(store) => return House::on(store, folder),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("the register is still in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_leaves_is_seen_to() {
    let house = house().await;
    let entry = audited(&house).await;
    // It was killed while a log was sent in, and while another was audited.
    std::fs::write(data(&house).join("uploads/half"), "half").unwrap();
    std::fs::create_dir(data(&house).join("audit.part")).unwrap();
    std::fs::write(data(&house).join("audit.part/audit.json"), "{").unwrap();
    let house = again(house).await;
    assert!(!data(&house).join("audit.part").exists());
    assert_eq!(std::fs::read_dir(data(&house).join("uploads")).unwrap().count(), 0);
    let page = house.look(Role::Auditor, "/audit").await;
    assert!(page.text.contains("Nothing of it was recorded"), "{}", page.text);
    assert!(page.text.contains("send them again"), "{}", page.text);
    assert_eq!(folders(&house).len(), 1);
    // It was killed after the entry and before the folder had its name.
    let [folder] = &folders(&house)[..] else { panic!("not one") };
    std::fs::rename(folder, data(&house).join("audit.part")).unwrap();
    let house = again(house).await;
    assert_eq!(house.look(Role::Auditor, &format!("/audit/{entry}")).await.status, 200);
    let page = house.look(Role::Auditor, "/audit").await;
    assert!(!page.text.contains("Nothing of it was recorded"), "{}", page.text);
}
