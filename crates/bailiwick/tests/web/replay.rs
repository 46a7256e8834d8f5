//! A year under another law with private facts: what they settle, who may have them used, and that
//! it is on the record. What is expected is read from the texts under `law/us/ma`.

use bailiwick::web::Role;
use serde_json::json;

use super::house::House;
use super::law::{rows, with_requests};

const ASKED: [(&str, &str); 3] =
    [("year", "2025"), ("day", "2015-01-01"), ("why", "a report to the council")];

const USED: &str = "Public and private facts are used";

/// The entries of 2025 that state something in private: requests, and decisions upon them.
fn sources(house: &House) -> Vec<u64> {
    let of = |at: u64| {
        let entry = house.public(at);
        let day = entry["day"].as_str().or(entry["on"].as_str()).unwrap_or_default().to_owned();
        let kind = entry["kind"].as_str().unwrap().to_owned();
        ["request", "decision"].contains(&kind.as_str()) && day.starts_with("2025")
    };
    (0..house.size()).filter(|at| of(*at)).collect()
}

fn replayed(page: &str, action: &str, outcome: &str) -> Option<[u64; 3]> {
    rows(page).get(&(action.to_owned(), outcome.to_owned())).copied()
}

#[tokio::test(flavor = "multi_thread")]
async fn private_facts_settle_more_and_are_looked_at_on_the_record() {
    let house = with_requests();
    let (size, looked_at) = (house.size(), sources(&house));
    // Six requests, seven answers.
    assert_eq!(looked_at.len(), 13);
    let public = house.look(Role::Counsel, "/law/replay?year=2025&day=2015-01-01").await.text;
    assert!(!public.contains(USED) && public.contains("Facts that are not public are treated"));
    // By public facts: three holds, one notification, one hand-over; in 2015 three holds and one
    // that would perform functions.
    let open = "Of 7 answers, 5 could not be settled for want of facts by the law of the request's \
                own day, and 4 by the law of 2015-01-01.";
    assert!(public.replace("&#39;", "'").contains(open), "{public}");
    assert_eq!(house.size(), size);

    let page = house.send(Role::Counsel, "/law/replay", &ASKED).await;
    assert!(page.status == 200 && page.text.contains(USED), "{}", page.text);
    let open = "Of 7 answers, 3 could not be settled for want of facts by the law of the request's \
                own day, and 3 by the law of 2015-01-01.";
    assert!(page.text.replace("&#39;", "'").contains(open), "{}", page.text);
    for (action, outcome, numbers) in [
        // Someone who could go, a detainer, no criminal warrant: s. 2 of both editions.
        ("hold", "MUST NOT", [1, 1, 1]),
        ("hold", "NEED FACTS", [2, 2, 2]),
        ("notify", "NEED FACTS", [1, 1, 0]),
        ("notify", "SILENT", [0, 0, 1]),
        // No judge's order; the edition of 2014 does not speak of hand-overs.
        ("transfer", "MUST NOT", [1, 1, 0]),
        ("transfer", "SILENT", [0, 0, 1]),
        ("deputize", "MUST NOT", [1, 1, 0]),
        ("deputize", "NEED FACTS", [0, 0, 1]),
        ("certify", "MAY", [1, 1, 0]),
        ("certify", "SILENT", [0, 0, 1]),
    ] {
        assert_eq!(replayed(&page.text, action, outcome), Some(numbers), "{action} {outcome}");
    }
    assert_eq!(rows(&page.text).len(), 10);
    // On the record: in private who, why and which; in public the day.
    assert_eq!(house.size(), size + 1);
    assert_eq!(house.public(size), json!({"kind": "view", "day": "2025-03-03"}));
    let private = json!({"by": "counsel", "entries": looked_at, "why": "a report to the council"});
    assert_eq!(house.private(size), private);
    let said = format!(
        "looked at 13 private parts is recorded as <a class=\"usa-link\" \
                        href=\"/register/{size}\">"
    );
    assert!(page.text.contains(&said), "{}", page.text);
}

/// What became known later counts; what nobody can read any more does not.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_settled_counts_and_what_was_destroyed_does_not() {
    let house = House::new();
    let paper = [("f.form", "i_200"), ("day", "2025-02-03"), ("at", "10:00")];
    let one = house.call(&paper).await;
    let two = house.call(&paper).await;
    let facts = [("f.eligible_for_release", "true"), ("f.criminal_warrant", "false")];
    for entry in [one, two] {
        let page = house.send(Role::Officer, &format!("/register/{entry}/settle"), &facts).await;
        assert_eq!(page.status, 303, "{}", page.text);
    }
    // A warrant of the agency's own officer: the edition of 2019 forbids it, that of 2014 is
    // silent on it.
    let page = house.send(Role::Supervisor, "/law/replay", &ASKED).await;
    assert_eq!(replayed(&page.text, "hold", "MUST NOT"), Some([2, 2, 0]), "{}", page.text);
    assert_eq!(replayed(&page.text, "hold", "SILENT"), Some([0, 0, 2]));
    assert!(!page.text.contains("cannot be read any more"));

    let order = json!({"order": "of a court"});
    let matter = [two]
        .into_iter()
        .chain(house.app.read(|store| Ok(store.history().pointing(two).to_vec())).unwrap());
    for at in matter {
        let order = order.clone();
        house.app.recorder.alone(|store| Ok(store.destroy_key(at, order, "2025-Q1")?)).unwrap();
    }
    let page = house.send(Role::Supervisor, "/law/replay", &ASKED).await;
    assert_eq!(replayed(&page.text, "hold", "MUST NOT"), Some([2, 1, 0]), "{}", page.text);
    assert_eq!(replayed(&page.text, "hold", "NEED FACTS"), Some([0, 1, 1]));
    assert_eq!(replayed(&page.text, "hold", "SILENT"), Some([0, 0, 1]));
    assert!(page.text.contains("The private part of 1 request cannot be read any more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn private_facts_are_for_those_who_may_read_them() {
    let house = with_requests();
    let size = house.size();
    for role in Role::ALL {
        let may = [Role::Supervisor, Role::Counsel].contains(&role);
        let page = house.look(role, "/law/replay?year=2025&day=2015-01-01").await;
        let offered = page.text.contains("Replay with private facts");
        assert_eq!(offered, may, "{role:?}");
        if !may {
            let page = house.send(role, "/law/replay", &ASKED).await;
            assert!(page.status == 403 && !page.text.contains(USED), "{role:?}: {}", page.text);
        }
    }
    assert!(house.look(Role::Auditor, "/law/replay?year=2025").await.status == 200);
    // Nothing is used, and nothing recorded, where something is wrong.
    for (at, value, why) in [
        (2, "", "say in a few words"),
        (2, "about A123456789", "A-number"),
        (0, "25", "four digits"),
        (1, "soon", "soon"),
        (1, "1900-01-01", "1900"),
    ] {
        let mut fields = ASKED;
        fields[at].1 = value;
        let page = house.send(Role::Counsel, "/law/replay", &fields).await;
        assert!(page.status == 422 && page.text.contains(why), "{value}: {}", page.text);
        assert_eq!(rows(&page.text).len(), 0, "{value}");
    }
    assert_eq!(house.size(), size);
    // Where there is nothing to look at, nobody looked.
    let mut fields = ASKED;
    fields[0].1 = "2020";
    let page = house.send(Role::Counsel, "/law/replay", &fields).await;
    assert!(page.text.contains("The register has no request of 2020"), "{}", page.text);
    assert_eq!(house.size(), size);
}
