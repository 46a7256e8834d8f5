//! Who looked: shown to an auditor and to counsel, by a form, and on the record first.

use bailiwick::web::Role;
use serde_json::json;

use super::house::{House, Page};
use super::papers::{picture, record, take_in};

const SECRET: &str = "C25-777";
const WHY: (&str, &str) = ("why", "a review of looks");

async fn looked(house: &House, role: Role, entry: u64, why: &str) {
    let path = format!("/register/{entry}/private");
    let page = house.send(role, &path, &[("why", why)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
}

/// The rows of the table: what stands in each cell, without markup.
fn rows(page: &Page) -> Vec<Vec<String>> {
    let Some(table) = page.text.split("<tbody role=\"rowgroup\">").nth(1) else {
        return Vec::new();
    };
    let table = table.split("</tbody>").next().unwrap();
    let plain = |cell: &str| {
        let text = cell.split_once('>').unwrap().1;
        let text = text.split("</td>").next().unwrap().split("</th>").next().unwrap();
        text.split('<').map(|part| part.split_once('>').map_or(part, |it| it.1)).collect()
    };
    let row = |row: &str| row.split("data-label=").skip(1).map(plain).collect();
    table.split("<tr role=\"row\">").skip(1).map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_is_shown_once_that_is_on_the_record() {
    let house = House::new();
    let page = house.look(Role::Auditor, "/looks").await;
    assert!(page.text.contains("Nobody has looked at a private part yet"), "{}", page.text);
    let fields = [("reference", SECRET), ("f.basis", "detainer")];
    let (one, two) = (house.call(&fields).await, house.call(&fields).await);
    take_in(&house, "a.png", &picture("a")).await;
    house.send(Role::Clerk, "/intake/papers/1/file", &[]).await;
    record(&house, 1, &[]).await;
    let three = house.size() - 2;
    looked(&house, Role::Clerk, one, "to write a reply").await;
    looked(&house, Role::Counsel, two, "a question of the court").await;
    looked(&house, Role::Supervisor, one + 1, "a <b>review</b>").await;
    let path = format!("/register/{three}/paper");
    assert_eq!(house.send(Role::Clerk, &path, &[("why", "an appeal")]).await.status, 200);

    // How many there are is public; nothing else is shown before it is on the record.
    let size = house.size();
    let page = house.look(Role::Auditor, "/looks").await;
    assert!(page.text.contains("5 entries say that somebody looked"), "{}", page.text);
    for word in ["clerk", "write a reply", "question", "Matter 1"] {
        assert!(!page.text.contains(word), "{word}");
    }
    for (why, wrong) in [("", "say in a few words"), ("about A123456789", "A-number")] {
        let page = house.send(Role::Auditor, "/looks", &[("why", why)]).await;
        assert!(page.status == 422 && page.text.contains(wrong), "{}", page.text);
        assert!(rows(&page).is_empty() && !page.text.contains("to write a reply"));
    }
    assert_eq!(house.size(), size);

    let page = house.send(Role::Auditor, "/looks", &[WHY]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let matter = |entry: u64| format!("Matter {entry}");
    let expected = [
        ("3 March 2025", "clerk: clerk", format!("{}, with the paper", matter(three)), "an appeal"),
        ("3 March 2025", "supervisor: supervisor", matter(one), "a &#60;b&#62;review&#60;/b&#62;"),
        ("3 March 2025", "counsel: counsel", matter(two), "a question of the court"),
        ("3 March 2025", "clerk: clerk", matter(one), "to write a reply"),
        ("3 March 2025", "clerk: clerk", "A paper that waited".to_owned(), "taking the paper in"),
    ];
    let found: Vec<_> = rows(&page).iter().map(|row| row[1..].to_vec()).collect();
    let expected: Vec<Vec<String>> = expected
        .map(|(day, who, at, why)| vec![day.to_owned(), who.to_owned(), at, why.to_owned()])
        .into();
    assert_eq!(found, expected);
    assert!(!page.text.contains(SECRET), "what they saw is not shown");
    // In public the day, in private who looked at which looks and why.
    assert_eq!(house.size(), size + 1);
    assert_eq!(house.public(size), json!({"kind": "view", "day": "2025-03-03"}));
    let entries: Vec<u64> = rows(&page).iter().map(|row| row[0].parse().unwrap()).collect();
    let private = json!({"by": "auditor", "entries": entries, "why": WHY.1});
    assert_eq!(house.private(size), private);

    // Looking at looks is a look, and no look at the matter.
    let page = house.send(Role::Counsel, "/looks", &[WHY]).await;
    assert_eq!(rows(&page)[0][2..4], ["auditor: auditor".to_owned(), looks(&entries)]);
    let one = one.to_string();
    let page = house.send(Role::Counsel, "/looks", &[WHY, ("matter", &one)]).await;
    let whys: Vec<_> = rows(&page).iter().map(|row| row[4].clone()).collect();
    assert_eq!(whys, ["a &#60;b&#62;review&#60;/b&#62;", "to write a reply"]);
}

/// How a row names looks that were looked at, oldest first.
fn looks(entries: &[u64]) -> String {
    let names: Vec<_> = entries.iter().rev().map(|entry| format!("Look {entry}")).collect();
    names.join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_matter_there_are_its_own_and_the_matter_leads_to_them() {
    let house = House::new();
    let (one, two) = (house.call(&[]).await, house.call(&[]).await);
    looked(&house, Role::Clerk, one, "the first").await;
    looked(&house, Role::Clerk, one, "the second").await;
    let (of, link) = (one.to_string(), format!("href=\"/looks?matter={one}\">"));
    let at = format!("/register/{one}");
    // How often is private too: it stands there once it was asked for.
    for role in Role::ALL {
        let page = house.look(role, &at).await;
        let sees = [Role::Auditor, Role::Counsel].contains(&role);
        assert_eq!(page.text.contains(&format!("{link}Who looked at matter {one}<")), sees);
        assert!(!page.text.contains("Looked at "), "{role:?}");
    }
    let page = house.look(Role::Auditor, &format!("/looks?matter={one}")).await;
    assert!(page.text.contains(&format!("value=\"{one}\"")) && rows(&page).is_empty());
    let page = house.send(Role::Auditor, "/looks", &[WHY, ("matter", &of)]).await;
    assert_eq!(rows(&page).len(), 2, "{}", page.text);
    let text = house.look(Role::Auditor, &at).await.text;
    assert!(text.contains(&format!("{link}Looked at 2 times<")), "{text}");
    assert!(!house.look(Role::Counsel, &at).await.text.contains("Looked at "));
    house.pass(15 * 60 - 1);
    assert!(!house.look(Role::Counsel, &at).await.text.contains("Looked at "));
    assert!(house.look(Role::Auditor, &at).await.text.contains("Looked at 2 times"));
    house.pass(1);
    assert!(!house.look(Role::Auditor, &at).await.text.contains("Looked at "));

    // An entry of the matter stands for the matter; one that nobody looked at has none.
    let part = (one + 1).to_string();
    let page = house.send(Role::Counsel, "/looks", &[WHY, ("matter", &part)]).await;
    assert_eq!(rows(&page).len(), 2, "{}", page.text);
    let page = house.send(Role::Counsel, "/looks", &[WHY, ("matter", &two.to_string())]).await;
    assert!(page.text.contains("There is no look at it"), "{}", page.text);
    let size = house.size();
    for odd in ["999999", "-1", "one", "<script>alert(1)</script>"] {
        let page = house.send(Role::Counsel, "/looks", &[WHY, ("matter", odd)]).await;
        assert!(page.status == 422 && page.text.contains("is no entry"), "{odd}: {}", page.text);
        assert!(super::law::escaped(&page.text));
    }
    assert_eq!(house.size(), size);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_fifty_and_older_ones_are_another_look() {
    let house = House::new();
    let one = house.call(&[]).await;
    for number in 0..53 {
        looked(&house, Role::Clerk, one, &format!("look {number}")).await;
    }
    let page = house.send(Role::Auditor, "/looks", &[WHY]).await;
    let found = rows(&page);
    assert_eq!((found.len(), found[0][4].as_str()), (50, "look 52"));
    let before = page.text.split("name=\"before\" value=\"").nth(1).unwrap();
    let before = before.split('"').next().unwrap().to_owned();
    let size = house.size();
    let page = house.send(Role::Auditor, "/looks", &[WHY, ("before", &before)]).await;
    let found: Vec<_> = rows(&page).into_iter().map(|row| row[4].clone()).collect();
    assert_eq!(found, ["look 2", "look 1", "look 0"]);
    assert_eq!(house.private(size)["entries"].as_array().unwrap().len(), 3);
    // The key of a look can be destroyed too.
    let order = json!({"order": "of a court"});
    let gone: u64 = rows(&page)[0][0].parse().unwrap();
    house.app.recorder.alone(|store| Ok(store.destroy_key(gone, order, "2025-Q1")?)).unwrap();
    let page = house.send(Role::Auditor, "/looks", &[WHY, ("before", &before)]).await;
    assert!(rows(&page)[0][2].contains("destroyed by order"), "{}", page.text);
    assert!(!page.text.contains("look 2<"));
}
