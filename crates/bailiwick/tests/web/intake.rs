//! Intake without a paper, and channels that are quiet.

use bailiwick::web::Role;

use super::house::House;
use super::papers::{picture, take_in};

const SAID: [(&str, &str); 9] = [
    ("channel", "desk"),
    ("day", "2025-03-03"),
    ("at", "11:05"),
    ("station", "D-4"),
    ("action", "hold"),
    ("f.basis", "detainer"),
    ("f.form", "i_247a"),
    ("f.requester", "ero"),
    ("box", "statements"),
];

/// The fields of [`SAID`] with others in their place.
fn with<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = SAID.to_vec();
    fields.retain(|it| other.iter().all(|other| other.0 != it.0));
    fields.extend_from_slice(other);
    fields
}

/// Boston's ordinance of 2019 forbids to keep somebody for a detainer alone, if they could go.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_recorded_with_the_answer_of_the_law() {
    let house = House::new();
    let form = house.look(Role::Clerk, "/intake/new").await;
    // The questions are the vocabulary's.
    for words in ["Which paper does the request rest on?", "Not known", "A final order of removal"]
    {
        assert!(form.text.contains(words), "{words}: {}", form.text);
    }
    assert!(!form.text.contains("Cal. Gov. Code"), "what only other laws ask is not asked");
    let fields = with(&[
        ("action", "hold"),
        ("f.criminal_warrant", "false"),
        ("f.purpose", "civil_immigration"),
        ("f.criminal_charge", "false"),
        ("has", "Lt. at the desk"),
        ("reference", "C25-001"),
        ("note", "called twice"),
    ]);
    let page = house.send(Role::Supervisor, "/intake/new", &fields).await;
    assert_eq!(page.to.as_deref(), Some("/register/1?said=recorded"), "{}", page.text);
    let public = house.public(1);
    assert_eq!(public["channel"], "desk");
    assert_eq!(public["seq"], 1);
    assert_eq!(public["reasons"], serde_json::json!(["statements"]));
    assert_eq!((&public["station"], &public["requester"]), (&"D-4".into(), &"ero".into()));
    assert_eq!(house.public(2)["outcome"], "must_not");
    let private = house.private(1);
    for (name, value) in [
        ("by", "supervisor"),
        ("has", "Lt. at the desk"),
        ("reference", "C25-001"),
        ("note", "called twice"),
        ("time", "11:05"),
    ] {
        assert_eq!(private[name], value, "{name}");
    }
    let page = house.look(Role::Auditor, "/register/1").await;
    assert!(page.text.contains("Must not"), "{}", page.text);
    assert!(page.text.contains("Boston Trust Act"), "the provision is cited: {}", page.text);
    for secret in ["Lt. at the desk", "C25-001", "called twice", "11:05"] {
        assert!(!page.text.contains(secret), "{secret} is private");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_beside_its_field_and_the_rest_is_kept() {
    let house = House::new();
    let number = "looks like a federal file number";
    for (field, value, why) in [
        ("channel", "pigeon", "Choose how it came"),
        ("day", "2025-03-04", "still to come"),
        ("day", "3 March", "Write the day it came"),
        ("day", "1900-01-01", "before"),
        ("at", "25:00", "no time of day"),
        ("action", "", "Choose what is asked"),
        ("action", "dance", "Choose what is asked"),
        ("box", "every", "is no box we know"),
        ("f.basis", "warrant", "says too little"),
        ("f.basis", "consent", "Forms I-247, I-247A and I-247D are detainers"),
        ("f.requester", "nobody", "is no value of fact"),
        ("reference", "A123 456 789", number),
        ("note", "see A123456789", number),
        ("has", "A-123456789", number),
        ("station", "A123456789", number),
    ] {
        let page = house.send(Role::Clerk, "/intake/new", &with(&[(field, value)])).await;
        assert_eq!(page.status, 422, "{field}={value}");
        assert!(page.text.contains(why), "{field}={value}: {}", page.text);
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
        if field != "station" {
            assert!(page.text.contains("value=\"D-4\""), "what was entered is kept: {field}");
        }
    }
    assert_eq!(house.size(), 0);
}

/// Whatever is typed stays text, in each field that is shown again and in each that is recorded.
#[tokio::test(flavor = "multi_thread")]
async fn no_field_becomes_part_of_the_page() {
    let house = House::new();
    let names = ["channel", "day", "at", "station", "reference", "note", "has", "once", "f.basis"];
    for text in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onclick='x"] {
        for name in names {
            let wrong = [(name, text), ("action", "")];
            let page = house.send(Role::Clerk, "/intake/new", &with(&wrong)).await;
            assert_eq!(page.status, 422, "{name}");
            assert!(!page.text.contains(text), "{name}: {}", page.text);
        }
        let typed = [("station", text), ("reference", text), ("note", text), ("has", text)];
        let entry = house.call(&with(&typed)).await;
        let why = [("why", text)];
        for page in [
            house.look(Role::Clerk, &format!("/register/{entry}")).await,
            house.look(Role::Clerk, "/register").await,
            house.look(Role::Clerk, &format!("/register/{entry}/acknowledgement")).await,
            house.send(Role::Clerk, &format!("/register/{entry}/private"), &why).await,
        ] {
            assert!(page.status == 200 && !page.text.contains(text), "{}", page.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_twice_is_recorded_once() {
    let house = House::new();
    let form = house.look(Role::Clerk, "/intake/new").await;
    let once = form.text.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(once.len(), 32);
    let fields = with(&[("once", once)]);
    for _ in 0..2 {
        let page = house.send(Role::Clerk, "/intake/new", &fields).await;
        assert_eq!(page.to.as_deref(), Some("/register/1?said=recorded"));
    }
    let size = house.size();
    assert_eq!(house.send(Role::Clerk, "/intake/new", &with(&[])).await.status, 303);
    assert!(house.size() > size, "another form is another request");
}

/// Days of the fortnight before 3 March 2025 that the quiet page shows: 18 February to 3 March.
#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_channel_is_said_to_be() {
    let house = House::new();
    // Before there is a register there is nothing to be said.
    assert!(!house.look(Role::Clerk, "/intake").await.text.contains("owe a word"));
    house.call(&[("channel", "desk"), ("day", "2025-02-27")]).await;
    let page = house.look(Role::Clerk, "/intake").await;
    // The law of 27 February opens it: for the desk 28 February to 2 March, for the fax all four.
    assert!(page.text.contains("The desk: 3 days"), "{}", page.text);
    assert!(page.text.contains("The fax: 4 days"), "{}", page.text);
    let page = house.look(Role::Clerk, "/intake/quiet").await;
    assert!(page.text.contains("18 February 2025") && !page.text.contains("17 February 2025"));
    assert_eq!(page.text.matches("<strong>Overdue</strong>").count(), 7, "{}", page.text);
    for (channel, day, why) in [
        ("fax", "2025-03-03", "not over yet"),
        ("fax", "2025-03-04", "not over yet"),
        ("pigeon", "2025-02-28", "Choose the channel"),
        ("fax", "soon", "Choose the day"),
        ("desk", "2025-02-27", "nothing left to say"),
    ] {
        let fields = [("channel", channel), ("day", day)];
        let page = house.send(Role::Clerk, "/intake/quiet", &fields).await;
        assert_eq!(page.status, 422, "{channel} {day}");
        assert!(page.text.contains(why), "{channel} {day}: {}", page.text);
    }
    let size = house.size();
    let fields = [("channel", "fax"), ("day", "2025-02-28")];
    assert_eq!(house.send(Role::Clerk, "/intake/quiet", &fields).await.status, 303);
    assert_eq!(house.public(size)["kind"], "nil");
    assert_eq!(house.private(size)["by"], "clerk");
    // Each that says nothing, and no other.
    let fields = [("channel", "all"), ("day", "2025-02-28")];
    assert_eq!(house.send(Role::Clerk, "/intake/quiet", &fields).await.status, 303);
    assert_eq!((house.size(), &house.public(size + 1)["channel"]), (size + 2, &"desk".into()));
    assert_eq!(house.send(Role::Clerk, "/intake/quiet", &fields).await.status, 422);
    let page = house.look(Role::Clerk, "/intake/quiet").await;
    assert_eq!(page.text.matches("<strong>Overdue</strong>").count(), 5, "{}", page.text);
    // A request that came all the same wants the nil return to go first.
    let late = with(&[("channel", "fax"), ("day", "2025-02-28")]);
    let page = house.send(Role::Clerk, "/intake/new", &late).await;
    assert!(page.status == 422, "{}", page.text);
    assert!(page.text.contains(&format!("Entry {size} says that nothing came")), "{}", page.text);
    let void = [("void", "yes"), ("reason", "one came late")];
    let page = house.send(Role::Clerk, &format!("/register/{size}/correct"), &void).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(house.send(Role::Clerk, "/intake/new", &late).await.status, 303);
}

/// A nil return may be the first thing that is ever recorded.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_can_begin_with_a_quiet_day() {
    let house = House::new();
    let fields = [("channel", "fax"), ("day", "2025-03-01")];
    let page = house.send(Role::Clerk, "/intake/quiet", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(
        (&house.public(0)["kind"], &house.public(1)["kind"]),
        (&"pack".into(), &"nil".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_refused_by_the_law_as_a_call_is() {
    let house = House::new();
    take_in(&house, "a.png", &picture("a")).await;
    let fields = with(&[("channel", "fax"), ("f.basis", "warrant")]);
    let page = house.send(Role::Clerk, "/intake/papers/1", &fields).await;
    assert!(page.status == 422 && page.text.contains("says too little"), "{}", page.text);
    assert!(house.look(Role::Clerk, "/intake").await.text.contains("/intake/papers/1\""));
}
