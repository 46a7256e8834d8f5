//! Audits at the desk: from a log to a closed lead, and what must never come of one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use bailiwick::store::{Channel, ChannelKind, FORMAT, Settings, Store};
use bailiwick::web::Role;
use register::entry::{Closed, Public};

use super::house::{House, Page};

mod cancel;
mod refused;

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
        ("f.judicial_order", "false"),
        ("f.criminal_charge", "false"),
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
        "request explains: 1.",
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
    let (closed, private) = house
        .app
        .read(|store| {
            let mut all = store.effective().iter().rev();
            let closed = all.find_map(|it| match &it.public {
                Public::Disposition(closed) => Some((closed.clone(), it.index)),
                _ => None,
            });
            let (closed, index) = closed.unwrap();
            Ok((closed, store.private(index)?.unwrap()))
        })
        .unwrap();
    assert_eq!((closed.refers, closed.result), (entry, Closed::Sustained));
    assert_eq!((&private["by"], &private["why"]), (&"counsel".into(), &"read it".into()));
    // Who looked at a lead has looked at the audit, at what was said and at how it was closed; to
    // look again at once is the same look, and later it is another.
    let views = || {
        let all = house.app.read(|store| {
            let views = store.effective().iter().filter(|it| it.public.kind() == "view");
            views.map(|it| Ok(store.private(it.index)?.unwrap())).collect::<Result<Vec<_>, _>>()
        });
        all.unwrap()
    };
    let before = views();
    let last = before.last().unwrap();
    assert_eq!((&last["by"], last["entries"].as_array().unwrap().len()), (&"counsel".into(), 3));
    assert_eq!(last["entries"][0], entry);
    house.look(Role::Counsel, lead).await;
    assert_eq!(views(), before);
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
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("{entry}-{}", &digest(&house, entry)[..12]));
    assert_eq!((mode(folder), mode(folder.parent().unwrap())), (0o700, 0o700));
    for name in ["audit.json", "findings.csv", "findings.xlsx", "review.html", "public.json"] {
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
    assert_eq!(digest(&house, sent), digest(&house, before));
    assert!(logs.join("log.csv").exists(), "what lies there is not ours to remove");
}

/// What an entry of an audit says its data file is.
fn digest(house: &House, entry: u64) -> String {
    let public = house.app.read(|store| Ok(store.entry(entry).unwrap().public.clone())).unwrap();
    let Public::Audit(audit) = public else { panic!("{public:?}") };
    audit.sha256
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_file_are_those_of_the_form() {
    let house = house().await;
    let usual = audited(&house).await;
    let log = log();
    let off = "federal 2025-01-31\r\nNo Such PD 2025-01-31\r\n";
    let by_form = [("bulk_an_hour", "1"), ("sharing_off", off)];
    assert_eq!(upload(&house, &by_form, "log.csv", log.as_bytes()).await.status, 303);
    ended(&house).await;
    let own = "names = ['Example IL PD']\n[thresholds]\nbulk_an_hour = 1\n\
               sharing_off = [{ with = 'federal', from = '2025-01-31' },\n\
               { with = 'No Such PD', from = '2025-01-31' }]\n";
    let files = [("logs", "log.csv", log.as_bytes()), ("own", "own.toml", own.as_bytes())];
    let page = house.send_files(Role::Auditor, "/audit", &[], &files).await;
    assert_eq!(page.status, 303, "{}", page.text);
    ended(&house).await;
    assert_eq!(digest(&house, usual + 1), digest(&house, usual + 2));
    assert_ne!(digest(&house, usual), digest(&house, usual + 1));

    // The log of a system that nobody has described before.
    let layout = "version = 1\n[[layout]]\nname = 'look-ups'\nsays = 'x'\n\
                  information = 'criminal_history'\nzone = 'America/New_York'\nneeds = ['a']\n\
                  columns = [['a', 'time'], ['b', 'reason']]\n";
    let rows = b"a,b\n2025-02-24 08:00:00,ICE WARRANT\n";
    let files = [("logs", "other.csv", &rows[..]), ("layout", "own.toml", layout.as_bytes())];
    let page = house.send_files(Role::Auditor, "/audit", &[NAMES], &files).await;
    assert_eq!(page.status, 303, "{}", page.text);
    ended(&house).await;
    let page = house.look(Role::Auditor, &format!("/audit/{}", usual + 3)).await;
    assert!(page.text.contains("look-ups; 1 rows, 0 rejected"), "{}", page.text);
    let page = house.look(Role::Auditor, &format!("/audit/{}", usual + 1)).await;
    assert!(page.text.contains("No Such PD") && page.text.contains("no row in the logs is by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_the_documents() {
    let house = house().await;
    audited(&house).await;
    let [folder] = &folders(&house)[..] else { panic!("not one") };
    let to = house.folder.path().join("backup");
    let data = data(&house);
    let made = house
        .app
        .recorder
        .alone(|store| bailiwick::backup::backup(store, Some(&house.app.database), &data, &to));
    made.unwrap();
    let copy = to.join("audits").join(folder.file_name().unwrap());
    for name in ["audit.json", "findings.csv", "findings.xlsx", "review.html", "public.json"] {
        let read = |folder: &PathBuf| std::fs::read(folder.join(name)).unwrap();
        assert_eq!(read(&copy), read(folder));
    }
    assert!(!to.join("uploads").exists() && !to.join("audit.part").exists());
}
