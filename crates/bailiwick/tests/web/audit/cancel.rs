//! An audit that is cancelled by whoever started it: it ends soon and leaves nothing.

use bailiwick::web::{Role, Roles};

use super::*;

/// A log that takes long to read: a form names it again and again.
fn long(house: &House) {
    let logs = data(house).join("logs");
    std::fs::create_dir_all(&logs).unwrap();
    let mut text = HEADER.to_owned();
    for number in 0..10_000 {
        text.push_str(&row("Example IL PD", &format!("theft {number}"), "", 1 + number % 9));
    }
    std::fs::write(logs.join("long.csv"), text).unwrap();
}

/// Starts an audit of the log so many times; the mark of it.
async fn started(house: &House, times: usize) -> String {
    let logs = std::iter::repeat_n(("log", "long.csv"), times);
    let fields: Vec<_> = [NAMES].into_iter().chain(logs).collect();
    let page = house.send(Role::Auditor, "/audit", &fields).await;
    assert_eq!(page.to.as_deref(), Some("/audit/progress"), "{}", page.text);
    mark(&house.look(Role::Auditor, "/audit/progress").await).expect("it ended at once")
}

fn mark(page: &Page) -> Option<String> {
    let mark = page.text.split("name=\"job\" value=\"").nth(1)?;
    Some(mark.split('"').next().unwrap().to_owned())
}

async fn cancel(house: &House, who: Role, mark: &str) -> Page {
    house.send(who, "/audit/progress/cancel", &[("job", mark)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_started_it_cancels_it_and_nothing_is_left() {
    let house = house().await;
    long(&house);
    let size = size(&house);
    let job = started(&house, 400).await;
    // Another person sees it run and cannot cancel it, though they may audit.
    let people = house.app.people.all().unwrap();
    let other = people.iter().find(|it| it.login == "supervisor").unwrap();
    let roles = Roles::of(&[Role::Auditor, Role::Supervisor]);
    house.app.people.set_roles(other.id, roles).unwrap();
    let page = house.look(Role::Supervisor, "/audit/progress").await;
    assert!(page.text.contains("<progress") && mark(&page).is_none(), "{}", page.text);
    let page = cancel(&house, Role::Supervisor, &job).await;
    assert!(page.status == 422 && page.text.contains("Only the person who"), "{}", page.text);
    assert_eq!(cancel(&house, Role::Counsel, &job).await.status, 403);
    // A form of another audit does nothing to this one.
    assert_eq!(cancel(&house, Role::Auditor, &"0".repeat(32)).await.status, 303);
    assert_eq!(mark(&house.look(Role::Auditor, "/audit").await), Some(job.clone()));

    let page = cancel(&house, Role::Auditor, &job).await;
    assert_eq!(page.to.as_deref(), Some("/audit/progress"));
    let page = ended(&house).await;
    assert!(page.text.contains("The audit was cancelled"), "{}", page.text);
    assert!(!page.text.contains("came to nothing") && mark(&page).is_none());
    nothing_left(&house);
    assert_eq!(super::size(&house), size, "nothing was recorded");
    // To cancel it again changes nothing, and the next audit runs as ever.
    assert_eq!(cancel(&house, Role::Auditor, &job).await.status, 303);
    let entry = audited(&house).await;
    assert_eq!(folders(&house).len(), 1);
    // What is recorded stands, whatever an old page sends.
    assert_eq!(cancel(&house, Role::Auditor, &job).await.status, 303);
    assert_eq!(house.look(Role::Auditor, &format!("/audit/{entry}")).await.status, 200);
}

/// Cancelled when all is read and the register is busy: it is not recorded either.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_at_the_last_moment_it_is_not_recorded() {
    let house = house().await;
    long(&house);
    let size = size(&house);
    let job = started(&house, 20).await;
    // It has read the register, and reads the log.
    there(&data(&house).join("audit.part")).await;
    // Whoever has the register now keeps the audit waiting at its end.
    let (let_go, wait) = std::sync::mpsc::channel::<()>();
    let app = std::sync::Arc::clone(&house.app);
    let holder = std::thread::spawn(move || {
        let waits = app.read(|_| {
            wait.recv().unwrap();
            Ok(())
        });
        waits.unwrap();
    });
    // The documents are written before the entry.
    there(&data(&house).join("audit.part/audit.json")).await;
    assert_eq!(cancel(&house, Role::Auditor, &job).await.status, 303);
    let_go.send(()).unwrap();
    holder.join().unwrap();
    assert!(ended(&house).await.text.contains("The audit was cancelled"));
    nothing_left(&house);
    assert_eq!(super::size(&house), size);
}

/// Waits until something is there.
async fn there(path: &std::path::Path) {
    for _ in 0..60_000 {
        if path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("`{}` is not there after a minute", path.display());
}
