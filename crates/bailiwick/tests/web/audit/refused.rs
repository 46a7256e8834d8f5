//! What must never come of an audit: something half-done, something nobody may do.

use super::*;

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
    let page = upload(&house, &[], "big.csv", big.as_bytes()).await;
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

/// A page that asks by itself keeps nobody's desk open.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_left_alone_does_not_keep_the_desk_open() {
    let house = house().await;
    let part = "/audit/progress/part?tenth=0";
    for _ in 0..7 {
        assert_eq!(house.look(Role::Auditor, part).await.status, 200);
        house.pass(120);
    }
    // Who is there is seen to be there.
    assert_eq!(house.look(Role::Auditor, "/audit/progress").await.status, 200);
    for _ in 0..8 {
        house.pass(120);
        house.look(Role::Auditor, part).await;
    }
    assert_eq!(house.look(Role::Auditor, part).await.to.as_deref(), Some("/locked"));
    assert_eq!(house.look(Role::Auditor, "/audit").await.to.as_deref(), Some("/locked"));
}

/// Whoever has audited the same, here or by the command, has found it as well.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_found_the_same_closes_nothing() {
    let house = house().await;
    let entry = audited(&house).await;
    let queue = house.look(Role::Counsel, &format!("/audit/{entry}?test=purpose")).await;
    let lead = format!("/audit/{entry}/{}", leads(&queue, entry)[0]);
    let again = move |store: &Store| {
        let public = store.entry(entry).unwrap().public.clone();
        let private = serde_json::json!({ "by": " SuperVisor", "day": "2025-03-03" });
        bailiwick::store::Draft { public, private, import: None }
    };
    house.app.recorder.record(move |_, store| Ok((vec![again(store)], ()))).unwrap();
    let before = size(&house);
    let (close, fields) = (format!("{lead}/disposition"), [("result", "unfounded"), ("why", "so")]);
    let page = house.send(Role::Supervisor, &close, &fields).await;
    assert!(page.status == 422 && page.text.contains("whoever finds"), "{}", page.text);
    let page = house.look(Role::Supervisor, &lead).await;
    assert!(page.text.contains("You made this audit"), "{}", page.text);
    // What has no letter says nothing.
    let dash = [("result", "unfounded"), ("why", "-")];
    let page = house.send(Role::Counsel, &close, &dash).await;
    assert!(page.status == 422 && page.text.contains("empty"), "{}", page.text);
    let said = [("said", "\u{2014}"), ("on", "2025-03-01")];
    let page = house.send(Role::Counsel, &format!("{lead}/heard"), &said).await;
    assert!(page.status == 422 && page.text.contains("empty"), "{}", page.text);
    assert_eq!(house.send(Role::Counsel, &close, &fields).await.status, 303);
    assert!(size(&house) > before);
}

/// Audits with the same documents have the same leads: nobody is heard on one, or closes it, in one
/// audit alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_about_a_lead_is_done_wherever_it_is_found_again() {
    let house = house().await;
    let (first, second) = (audited(&house).await, audited(&house).await);
    let queue = house.look(Role::Counsel, &format!("/audit/{first}?test=purpose")).await;
    let lead = leads(&queue, first)[0].clone();
    let at = |audit: u64, path: &str| format!("/audit/{audit}/{lead}{path}");
    let close = |result: &'static str| [("result", result), ("why", "I read it.")];
    let close_at = |audit: u64| at(audit, "/disposition");
    let page = house.send(Role::Counsel, &close_at(second), &close("sustained")).await;
    assert!(page.status == 422 && page.text.contains("nobody was heard"), "{}", page.text);
    let said = [("said", "The wrong line."), ("on", "2025-03-01")];
    assert_eq!(house.send(Role::Counsel, &at(first, "/heard"), &said).await.status, 303);
    let page = house.send(Role::Counsel, &close_at(second), &close("sustained")).await;
    assert_eq!(page.status, 303, "{}", page.text);
    for (audit, other) in [(first, second), (second, first)] {
        let page = house.look(Role::Counsel, &at(audit, "")).await;
        let also = format!("href=\"/audit/{other}\">audit {other}</a>");
        for part in ["The wrong line.", "Closed: sustained", "I read it.", &also] {
            assert!(page.text.contains(part), "`{part}` is not in {}", page.text);
        }
        let queue = house.look(Role::Counsel, &format!("/audit/{audit}?state=sustained")).await;
        assert_eq!(leads(&queue, audit), [lead.as_str()]);
    }
    // The last one counts, whichever audit it names.
    let page = house.send(Role::Supervisor, &close_at(first), &close("exonerated")).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = house.look(Role::Counsel, &format!("/audit/{second}?state=exonerated")).await;
    assert_eq!(leads(&page, second), [lead.as_str()]);
    let page = house.look(Role::Counsel, "/audit").await;
    assert_eq!(page.text.matches("data-label=\"Closed\">1<").count(), 2, "{}", page.text);
}
