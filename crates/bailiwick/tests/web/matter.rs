//! A matter from its request to its last correction: what is recorded, and what anybody reads.

use bailiwick::web::Role;
use register::receipt::Receipt;
use sha2::{Digest as _, Sha256};

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_recorded_and_read() {
    let house = House::new();
    let entry = house.call(&[("f.basis", "detainer")]).await;
    let path = format!("/register/{entry}/done");
    let said = [("what", "declined"), ("day", "2025-03-03")];
    let with = |field: &'static str, value: &'static str| {
        let mut said = said.to_vec();
        said.retain(|it| it.0 != field);
        said.push((field, value));
        said
    };
    for (field, value, why) in [
        ("what", "", "Choose what was done"),
        ("what", "danced", "Choose what was done"),
        ("day", "", "Write the day"),
        ("day", "2025-03-04", "still to come"),
        ("action", "notify", "does not ask for `notify`"),
        ("basis", "warrant", "says too little"),
        ("dollars", "12.50", "goes with costs"),
        ("dollars", "twelve", "as 120.50"),
        ("what", "reimbursed", "how much"),
    ] {
        let page = house.send(Role::Officer, &path, &with(field, value)).await;
        assert_eq!(page.status, 422, "{field}={value}");
        assert!(page.text.contains(why), "{field}={value}: {}", page.text);
    }
    let size = house.size();
    for (role, fields, expected) in [
        (Role::Officer, said.to_vec(), serde_json::json!({"what": "declined"})),
        (
            Role::Clerk,
            with("basis", "i_200"),
            serde_json::json!({"what": "declined", "basis": "administrative_warrant"}),
        ),
        (
            Role::Supervisor,
            vec![("what", "reimbursed"), ("day", "2025-03-02"), ("dollars", "$1,120.50")],
            serde_json::json!({"what": "reimbursed", "day": "2025-03-02", "cents": 112_050}),
        ),
    ] {
        let at = house.size();
        let page = house.send(role, &path, &fields).await;
        assert_eq!(page.status, 303, "{fields:?}: {}", page.text);
        let mut public = serde_json::json!({"kind": "done", "refers": entry, "day": "2025-03-03"});
        public.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(house.public(at), public);
        assert_eq!(house.private(at)["by"], role.word());
    }
    assert_eq!(house.size(), size + 3);
    let page = house.look(Role::Auditor, &format!("/register/{entry}")).await;
    for words in ["Declined: nothing of it was done", "Costs were paid back", "112050"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("Put entry"), "an auditor corrects nothing");
    assert_eq!(house.send(Role::Officer, "/register/0/done", &said).await.status, 404);
}

/// Boston 2019: a criminal warrant for this person lifts the prohibition to hold.
#[tokio::test(flavor = "multi_thread")]
async fn facts_that_become_known_are_asked_about_again() {
    let house = House::new();
    let entry = house.call(&[("f.basis", "detainer"), ("f.form", "i_247a")]).await;
    let first = house.public(entry + 1)["outcome"].as_str().unwrap().to_owned();
    let path = format!("/register/{entry}/settle");
    let page = house.send(Role::Officer, &path, &[("f.basis", "")]).await;
    assert!(page.status == 422 && page.text.contains("Answer one of the questions"));
    let page = house.send(Role::Officer, &path, &[("f.requester", "nobody")]).await;
    assert!(page.status == 422 && page.text.contains("is no value"), "{}", page.text);
    let size = house.size();
    let facts = [
        ("f.criminal_warrant", "false"),
        ("f.criminal_charge", "false"),
        ("f.requester", "ero"),
        ("f.purpose", "civil_immigration"),
        ("f.eligible_for_release", "true"),
    ];
    assert_eq!(house.send(Role::Officer, &path, &facts).await.status, 303);
    // Who asks is known now, so the request is put right; and the law is asked again.
    assert_eq!(house.public(size)["set"], serde_json::json!({"requester": "ero"}));
    assert_eq!(house.public(entry)["requester"], "ero");
    assert_eq!(house.public(size + 1)["outcome"], "must_not");
    assert_ne!(first, "must_not");
    let page = house.look(Role::Officer, &format!("/register/{entry}")).await;
    for words in [
        "Who asks was: not stated.",
        &format!("Put right by entry {size}."),
        &format!("Entry {} counts instead, with more facts.", size + 1),
        "<s>What the law says</s>",
        "ICE Enforcement and Removal Operations",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_wrong_is_put_right_and_both_are_read() {
    let house = House::new();
    let entry = house.call(&[("station", "D-4"), ("box", "statements")]).await;
    let path = format!("/register/{entry}/correct");
    let base = [("set-day", "2025-03-03"), ("set-station", "D-4"), ("set-reasons", "statements")];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = base.to_vec();
        fields.retain(|it| more.iter().all(|more| more.0 != it.0));
        fields.extend_from_slice(more);
        fields
    };
    let reason = ("reason", "it was written wrong");
    for (more, why) in [
        (vec![], "what was wrong"),
        (vec![reason], "Nothing is different"),
        (vec![("reason", "A123456789"), ("set-station", "C-6")], "A-number"),
        (vec![reason, ("set-day", "2025-03-04")], "still to come"),
        (vec![reason, ("set-day", "soon")], "soon"),
        (vec![reason, ("set-station", "")], "cannot be emptied"),
        (vec![reason, ("set-station", "A123456789")], "A-number"),
        (vec![("void", "yes")], "what was wrong"),
    ] {
        let page = house.send(Role::Clerk, &path, &with(&more)).await;
        assert_eq!(page.status, 422, "{more:?}");
        assert!(page.text.contains(why), "{more:?}: {}", page.text);
    }
    let size = house.size();
    let more = [reason, ("set-station", "<i>C-6</i>"), ("set-reasons", "final_order")];
    assert_eq!(house.send(Role::Supervisor, &path, &with(&more)).await.status, 303);
    let set = serde_json::json!({"station": "<i>C-6</i>", "reasons": ["final_order"]});
    assert_eq!(house.public(size)["set"], set);
    let private = serde_json::json!({"by": "supervisor", "why": "it was written wrong"});
    assert_eq!(house.private(size), private);
    let page = house.look(Role::Counsel, &format!("/register/{entry}")).await;
    for words in [
        "Station was: D-4.",
        "Boxes ticked was: Statements to an immigration officer",
        "&#60;i&#62;C-6",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    // An officer says what was done, and corrects nothing.
    let page = house.send(Role::Officer, &path, &with(&more)).await;
    assert_eq!(page.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_matter_is_declared_void_at_once() {
    let house = House::new();
    let entry = house.call(&[("action", "hold"), ("action", "notify")]).await;
    let done = [("what", "declined"), ("day", "2025-03-03")];
    house.send(Role::Clerk, &format!("/register/{entry}/done"), &done).await;
    // One decision by itself first.
    let void = [("void", "yes"), ("reason", "recorded twice")];
    let path = format!("/register/{}/correct", entry + 1);
    assert_eq!(house.send(Role::Clerk, &path, &void).await.status, 303);
    let size = house.size();
    let page = house.send(Role::Clerk, &format!("/register/{entry}/correct"), &void).await;
    assert_eq!(page.status, 303, "{}", page.text);
    // The other decision, the deed, then the request.
    let voided: Vec<_> =
        (size..house.size()).map(|at| house.public(at)["refers"].clone()).collect();
    assert_eq!(voided, [entry + 2, entry + 3, entry]);
    let page = house.look(Role::Clerk, &format!("/register/{entry}")).await;
    assert!(page.text.contains("<s>Request</s>") && page.text.contains("It does not count."));
    assert!(!page.text.contains("Say what was done"), "nothing follows upon it: {}", page.text);
    let page = house.send(Role::Clerk, &format!("/register/{entry}/done"), &done).await;
    assert!(page.status == 422 && page.text.contains("is void"), "{}", page.text);
    let page = house.look(Role::Clerk, "/register").await;
    assert!(page.text.contains(">Void</td>"), "{}", page.text);
}

/// What the sender gets, worked out here from the receipt by RFC 6962.
#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_can_be_checked_and_tells_nothing_private() {
    let house = House::new();
    let entry = house
        .call(&[("channel", "fax"), ("reference", "C25-9"), ("has", "Sgt. X"), ("at", "11:07")])
        .await;
    let page = house.look(Role::Officer, &format!("/register/{entry}/acknowledgement")).await;
    assert_eq!(page.status, 200);
    let receipt = house.look(Role::Officer, &format!("/register/{entry}/receipt")).await;
    let receipt = Receipt::parse(&receipt.text).unwrap();
    let leaf = Sha256::digest([&[0], receipt.entry.as_slice()].concat());
    let leaf: String = leaf.iter().map(|byte| format!("{byte:02x}")).collect();
    let vkey = house.app.read(|store| Ok(store.vkey().to_string())).unwrap();
    for words in [
        leaf.as_str(),
        "register.example/test",
        "3 March 2025",
        "The fax, number 1 of this channel",
        "Boston Police Department",
        "data:image/svg+xml;base64,",
        &vkey,
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    for secret in ["C25-9", "Sgt. X", "11:07", "clerk"] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    let path = format!("/register/{}/acknowledgement", entry + 1);
    assert_eq!(house.look(Role::Officer, &path).await.status, 404, "only of requests");
    assert_eq!(house.look(Role::Officer, "/register/77/receipt").await.status, 404);
}

/// Every entry has a page, whatever its kind, and its receipt.
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_entry_has_a_page() {
    let house = House::new();
    let entry = house.call(&[]).await;
    let nil = [("channel", "fax"), ("day", "2025-03-02")];
    house.send(Role::Clerk, "/intake/quiet", &nil).await;
    house.send(Role::Clerk, &format!("/register/{entry}/private"), &[("why", "a test")]).await;
    for (at, title) in [
        (0, "Law in force"),
        (entry, "Request"),
        (entry + 1, "What the law says"),
        (entry + 2, "Nothing came in"),
        (entry + 3, "Private parts were looked at"),
    ] {
        let page = house.look(Role::Publisher, &format!("/register/{at}")).await;
        assert!(page.status == 200 && page.text.contains(title), "{at}: {}", page.text);
        let receipt = house.look(Role::Publisher, &format!("/register/{at}/receipt")).await;
        assert!(Receipt::parse(&receipt.text).is_ok(), "{at}");
    }
    let page = house.look(Role::Publisher, &format!("/register/{}", entry + 1)).await;
    assert!(page.text.contains(&format!("matter {entry}</a>")), "{}", page.text);
}
