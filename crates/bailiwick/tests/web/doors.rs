//! The table of doors, row by row, against every role and a stranger.

use std::collections::BTreeSet;

use bailiwick::web::doors::{DOORS, Method, Who};
use bailiwick::web::{Role, Roles};

use super::house::House;

/// Places for the parts that addresses leave open; none of them is there.
fn address(path: &str) -> String {
    path.replace("{entry}", "999999")
        .replace("{action}", "hold")
        .replace("{token}", &"0".repeat(64))
        .replace("{finding}", &"0".repeat(12))
        .replace("{file}", "audit.json")
        .replace("{id}", "999999")
        .replace("{instrument}", "nothing")
        .replace("{edition}", "2019-12-19")
        .replace("{file}", "nothing")
        .replace("{proposal}", "999999")
        .replace("{*path}", "nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_at_each_door() {
    let house = House::new();
    for door in DOORS {
        let path = address(door.path);
        for role in Role::ALL {
            let page = match door.method {
                Method::Get => house.look(role, &path).await,
                // Without the mark of the session: whoever may enter is told that, and nothing is
                // done.
                Method::Post => {
                    let request = axum::http::Request::post(&path)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("cookie", house.cookie(role))
                        .body(axum::body::Body::empty());
                    house.ask(request.unwrap()).await
                }
            };
            let may = match door.who {
                Who::Has(some) => some.has(role),
                _ => true,
            };
            let what = format!("{} {} {path}: {}", role.word(), door.action, page.text);
            assert_eq!(page.status == 403, !may, "{what}");
            if door.method == Method::Post && may {
                assert_eq!(page.status, 422, "{what}");
                assert!(page.text.contains("not of your session"), "{what}");
            }
        }
        // A stranger is sent to the sign, or told that they are one.
        if door.who != Who::Anyone {
            let page = match door.method {
                Method::Get => house.look(None, &path).await,
                Method::Post => house.send(None, &path, &[]).await,
            };
            match door.method {
                Method::Get => assert_eq!(page.to.as_deref(), Some("/sign-in"), "{path}"),
                Method::Post => assert!(page.text.contains("not signed in"), "{path}"),
            }
        }
    }
}

#[test]
fn a_door_is_there_once() {
    let all: BTreeSet<_> = DOORS.iter().map(|it| (it.path, it.method == Method::Get)).collect();
    assert_eq!(all.len(), DOORS.len());
}

/// What an administrator must not see: nothing that entries hold in private, and no way to record.
#[test]
fn an_administrator_keeps_accounts_and_records_nothing() {
    let administrator = Roles::of(&[Role::Administrator]);
    for door in DOORS.iter().filter(|it| it.method == Method::Post) {
        let own = matches!(door.who, Who::Anyone | Who::Locked | Who::SignedIn)
            || ["account", "accounts"].contains(&door.page);
        assert!(own || !door.who.admits(administrator), "{} {}", door.page, door.action);
    }
}
