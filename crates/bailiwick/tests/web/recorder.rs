//! Many hands, one register: what waits together is written together, and what is refused spoils
//! nothing for its neighbours.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bailiwick::desk::{Desk, Intake, draft};
use bailiwick::error::Error;
use bailiwick::store::{Draft, Store};
use jiff::civil::date;
use law::{Source, Statement};
use register::entry::{Nil, Public};

use super::house::House;

fn request(channel: &str) -> Intake {
    Intake {
        channel: channel.to_owned(),
        day: date(2025, 3, 3),
        actions: vec!["hold".to_owned()],
        statements: vec![Statement::new("basis", "detainer", Source::Document)],
        ..Intake::default()
    }
}

type Drafted = bailiwick::error::Result<(Vec<Draft>, u64)>;

fn taken(desk: &mut Desk<'_>, channel: &str) -> Drafted {
    let taken = desk.take(&request(channel))?;
    Ok((taken.drafts, taken.request))
}

/// Lets `jobs` wait until all are there, and then be written.
fn together<T: Send>(house: &House, jobs: Vec<Box<dyn FnOnce() -> T + Send + '_>>) -> Vec<T> {
    let app = Arc::clone(&house.app);
    thread::scope(|scope| {
        let holder = scope.spawn(move || {
            app.recorder.alone(|_| {
                thread::sleep(Duration::from_millis(600));
                Ok(())
            })
        });
        thread::sleep(Duration::from_millis(100));
        let all: Vec<_> = jobs.into_iter().map(|job| scope.spawn(job)).collect();
        holder.join().unwrap().unwrap();
        all.into_iter().map(|job| job.join().unwrap()).collect()
    })
}

#[test]
fn each_gets_its_own_entries() {
    let house = House::new();
    let recorder = &house.app.recorder;
    let one = || -> Box<dyn FnOnce() -> (Vec<u64>, u64) + Send> {
        Box::new(|| {
            let drafting = |desk: &mut Desk<'_>, _: &Store| taken(desk, "desk");
            let recorded = recorder.record(drafting).unwrap();
            (recorded.entries, recorded.value)
        })
    };
    let all = together(&house, (0..40).map(|_| one()).collect());
    let entries: BTreeSet<u64> = all.iter().flat_map(|(entries, _)| entries.clone()).collect();
    // The law of the day once, and of each request itself and its decision.
    assert_eq!(entries, (0..81).collect::<BTreeSet<u64>>());
    house
        .app
        .read(|store| {
            for (_, request) in &all {
                let entry = store.entry(*request).unwrap();
                assert!(matches!(entry.public, Public::Request(_)), "{request}");
                assert_eq!(store.history().pointing(*request), [request + 1]);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_refused_spoils_nothing() {
    let house = House::new();
    let recorder = &house.app.recorder;
    let jobs: Vec<Box<dyn FnOnce() -> Result<u64, Error> + Send>> = (0..12)
        .map(|number| -> Box<dyn FnOnce() -> Result<u64, Error> + Send> {
            Box::new(move || {
                let drafting = move |desk: &mut Desk<'_>, _: &Store| match number {
                    // The desk refuses it.
                    3 => Err(Error::Input("not at this desk".to_owned())),
                    // The desk takes it, and the register does not.
                    7 => taken(desk, "nowhere"),
                    8 => {
                        let nil = Nil { channel: "fax".into(), day: "no day".into() };
                        Ok((vec![draft(Public::Nil(nil), serde_json::json!({}))], 0))
                    }
                    _ => taken(desk, "fax"),
                };
                Ok(recorder.record(drafting)?.value)
            })
        })
        .collect();
    let all = together(&house, jobs);
    for (number, done) in all.iter().enumerate() {
        assert_eq!(done.is_err(), [3, 7, 8].contains(&number), "{number}: {done:?}");
    }
    let requests: BTreeSet<u64> = all.iter().flatten().copied().collect();
    assert_eq!(requests.len(), 9);
    house
        .app
        .read(|store| {
            let numbers: Vec<u64> = requests
                .iter()
                .map(|request| match &store.entry(*request).unwrap().public {
                    Public::Request(it) => it.seq,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(numbers, (1..=9).collect::<Vec<u64>>(), "without gap");
            Ok(())
        })
        .unwrap();
}

/// What goes wrong beside the register, such as a backup to a bad place, is no trouble of it.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_register_that_fails_is_in_trouble() {
    let house = House::new();
    let elsewhere = |_: &mut Store| Err::<(), _>(Error::File("no such folder".to_owned()));
    assert!(house.app.recorder.alone(elsewhere).is_err());
    assert!(house.app.recorder.trouble().is_none());
    assert_eq!(house.look(None, "/health").await.status, 200);

    let path = house.folder.path().join("register");
    let kept = path.with_extension("kept");
    house
        .app
        .recorder
        .alone(|store| {
            // Without its public folder the writing fails half-way.
            std::fs::rename(path.join("public"), &kept).unwrap();
            let drafts = Desk::of(house.app.library(), store).take(&request("desk"))?.drafts;
            Ok(store.append(drafts)?)
        })
        .unwrap_err();
    assert!(house.app.recorder.trouble().is_some());
    let page = house.look(None, "/health").await;
    assert_eq!(page.status, 503);
    assert!(!page.text.contains("register.db") && !page.text.contains('/'), "{}", page.text);

    std::fs::rename(&kept, path.join("public")).unwrap();
    let drafting = |desk: &mut Desk<'_>, _: &Store| taken(desk, "desk");
    house.app.recorder.record(drafting).unwrap();
    assert_eq!(house.look(None, "/health").await.status, 200);
}
