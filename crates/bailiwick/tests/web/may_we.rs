//! May we? From the first question to the receipt.

use bailiwick::web::Role;

use super::house::House;

const FACTS: &str = "f.criminal_warrant=false&f.basis=detainer&f.purpose=civil_immigration&\
                     f.criminal_charge=false";

/// Boston's ordinance of 2019: nobody is kept for a civil detainer alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_detainer_alone_is_answered_and_recorded() {
    let house = House::new();
    let first = house.look(Role::Officer, "/may-we/hold").await;
    assert!(first.status == 200 && first.text.contains("Not known"), "{}", first.text);
    let answer = house.look(Role::Officer, &format!("/may-we/hold?{FACTS}")).await;
    assert!(answer.text.contains("Must not"), "{}", answer.text);
    assert!(answer.text.contains("the watch commander, 555-0100"));
    assert_eq!(house.app.size(), 0, "an answer alone records nothing");

    let fields = [
        ("channel", "desk"),
        ("f.criminal_warrant", "false"),
        ("f.basis", "detainer"),
        ("f.purpose", "civil_immigration"),
        ("f.criminal_charge", "false"),
        ("reference", "C25-001"),
    ];
    let recorded = house.send(Role::Officer, "/may-we/hold", &fields).await;
    assert_eq!(recorded.to.as_deref(), Some("/register/1?said=recorded"));
    let page = house.look(Role::Officer, "/register/1").await;
    assert!(page.text.contains("must_not"), "{}", page.text);
    assert!(!page.text.contains("C25-001"), "a reference is private");
    let private = house.app.read(|store| Ok(store.private(1)?)).unwrap().unwrap();
    assert_eq!((&private["by"], &private["reference"]), (&"officer".into(), &"C25-001".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_and_not_recorded() {
    let house = House::new();
    for (path, why) in [
        ("/may-we/hold?day=2025-03-04", "still to come"),
        ("/may-we/hold?day=1900-01-01", "before"),
        ("/may-we/hold?day=soon", "soon"),
        ("/may-we/hold?at=noon", "noon"),
        ("/may-we/hold?f.basis=warrant", "warrant"),
        ("/may-we/hold?f.nonsense=true", "nonsense"),
        ("/may-we/hold?n=nonsense", "nonsense"),
    ] {
        let page = house.look(Role::Officer, path).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(page.text.contains(why), "{path}: {}", page.text);
    }
    assert_eq!(house.look(Role::Officer, "/may-we/dance").await.status, 404);
    let fields = [("channel", "nowhere"), ("f.criminal_warrant", "true")];
    let page = house.send(Role::Officer, "/may-we/hold", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(house.app.read(|store| Ok(store.size())).unwrap(), 0);
}

/// A second tap while the first is being recorded, and the same form sent again later.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_sent_twice_is_recorded_once() {
    let house = House::new();
    let once = async || {
        let page = house.look(Role::Officer, &format!("/may-we/hold?{FACTS}")).await;
        let mark = page.text.split("name=\"once\" value=\"").nth(1).unwrap();
        mark.split('"').next().unwrap().to_owned()
    };
    let mark = once().await;
    assert_eq!(mark.len(), 32);
    let wrong = [("once", mark.as_str()), ("channel", "nowhere")];
    let page = house.send(Role::Officer, "/may-we/hold", &wrong).await;
    assert!(page.status == 422 && page.text.contains(&mark), "{}", page.text);

    let fields = [("once", mark.as_str()), ("channel", "desk"), ("f.basis", "detainer")];
    let send = || house.send(Role::Officer, "/may-we/hold", &fields);
    let (a, b, c) = tokio::join!(send(), send(), send());
    for page in [a, b, c, send().await] {
        assert_eq!(page.to.as_deref(), Some("/register/1?said=recorded"), "{}", page.text);
    }
    // The law of the day, the request and its one decision.
    assert_eq!(house.size(), 3);

    // The same answer on a new page is another request.
    let fields = [("once", &*once().await), ("channel", "desk"), ("f.basis", "detainer")];
    let page = house.send(Role::Officer, "/may-we/hold", &fields).await;
    assert_eq!(page.to.as_deref(), Some("/register/3?said=recorded"));
}
