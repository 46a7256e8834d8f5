//! Accounts: who gets in, who does not, and for how long.

use bailiwick::web::Role;

use super::house::{House, NOON, PASSWORD};

async fn sign_in(house: &House, login: &str, password: &str, code: &str) -> super::house::Page {
    let fields = [("login", login), ("password", password), ("code", code)];
    house.send(None, "/sign-in", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_counts_once_and_a_wrong_one_never() {
    let house = House::new();
    // The code of this half minute was used when the account was set up.
    let used = house.code(Role::Clerk);
    assert_eq!(sign_in(&house, "clerk", PASSWORD, &used).await.status, 422);
    house.pass(30);
    let code = house.code(Role::Clerk);
    assert_eq!(sign_in(&house, "clerk", "another sentence", &code).await.status, 422);
    assert_eq!(sign_in(&house, "officer", PASSWORD, &code).await.status, 422);
    let page = sign_in(&house, "Clerk ", PASSWORD, &code).await;
    assert_eq!((page.status, page.to.as_deref()), (303, Some("/")));
    let cookie = page.cookie.unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(sign_in(&house, "clerk", PASSWORD, &code).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_shut_an_account_for_a_quarter_of_an_hour() {
    let house = House::new();
    for _ in 0..5 {
        house.pass(30);
        let code = house.code(Role::Clerk);
        assert_eq!(sign_in(&house, "clerk", "not the password", &code).await.status, 422);
    }
    house.pass(30);
    let page = sign_in(&house, "clerk", PASSWORD, &house.code(Role::Clerk)).await;
    assert!(page.status == 422 && page.text.contains("Too many"), "{}", page.text);
    // A clock that is set back does not open it, nor does it stay shut for ever.
    house.pass(-3_600);
    let page = sign_in(&house, "clerk", PASSWORD, &house.code(Role::Clerk)).await;
    assert_eq!(page.status, 422);
    house.pass(3_600 + 15 * 60);
    let page = sign_in(&house, "clerk", PASSWORD, &house.code(Role::Clerk)).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_left_alone_is_locked_and_a_shift_ends() {
    let house = House::new();
    assert_eq!(house.look(Role::Officer, "/may-we").await.status, 200);
    house.pass(15 * 60);
    let page = house.look(Role::Officer, "/may-we").await;
    assert_eq!(page.to.as_deref(), Some("/locked"));
    let page = house.look(Role::Officer, "/locked").await;
    assert!(page.status == 200 && page.text.contains("Open the desk"), "{}", page.text);
    assert!(!page.text.contains("/register"), "a locked desk shows nothing else");
    let wrong = [("password", "not the password"), ("code", &house.code(Role::Officer))];
    assert_eq!(house.send(Role::Officer, "/locked", &wrong).await.status, 422);
    house.pass(30);
    let right = [("password", PASSWORD), ("code", &house.code(Role::Officer))];
    assert_eq!(house.send(Role::Officer, "/locked", &right).await.to.as_deref(), Some("/"));
    assert_eq!(house.look(Role::Officer, "/may-we").await.status, 200);
    house.pass(12 * 3_600);
    let page = house.look(Role::Officer, "/may-we").await;
    assert_eq!(page.to.as_deref(), Some("/sign-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_and_for_a_day() {
    let house = House::new();
    let fields = [("name", "New Person"), ("login", "new.person"), ("role", "clerk")];
    let page = house.send(Role::Administrator, "/accounts", &fields).await;
    let link = page.text.split("/set-up/").nth(1).unwrap().get(..64).unwrap().to_owned();
    let path = format!("/set-up/{link}");
    let form = house.look(None, &path).await;
    let secret = form.text.split("name=\"secret\" value=\"").nth(1).unwrap();
    let secret = secret.split('"').next().unwrap().to_owned();
    let code = |digits: &str| digits.to_owned();
    let with = |password: &'static str, again: &'static str, digits: String| {
        let secret = secret.clone();
        let path = path.clone();
        let house = &house;
        async move {
            let fields = [
                ("password", password),
                ("again", again),
                ("secret", secret.as_str()),
                ("code", digits.as_str()),
            ];
            house.send(None, &path, &fields).await
        }
    };
    let right = house.digits(&secret);
    for (password, again, digits, why) in [
        ("short", "short", right.clone(), "at least 12"),
        ("a long sentence", "another sentence", right.clone(), "differ"),
        ("a long sentence", "a long sentence", code("000000x"), "code"),
        ("my new.person words", "my new.person words", right.clone(), "name"),
    ] {
        let page = with(password, again, digits).await;
        assert!(page.status == 422 && page.text.contains(why), "{why}: {}", page.text);
    }
    assert_eq!(with("a long sentence", "a long sentence", right.clone()).await.status, 303);
    let page = with("a long sentence", "a long sentence", right).await;
    assert!(page.status == 422 && page.text.contains("has been used"), "{}", page.text);

    let token = house.app.people.invite(1, NOON).unwrap();
    let path = format!("/set-up/{}", token.text());
    assert_eq!(house.look(None, &path).await.status, 200);
    house.pass(24 * 3_600);
    assert_eq!(house.look(None, &path).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_always_keeps_the_accounts() {
    let house = House::new();
    let all = house.app.people.all().unwrap();
    let id = |login: &str| all.iter().find(|it| it.login == login).unwrap().id;
    let path = format!("/accounts/{}/roles", id("administrator"));
    let page = house.send(Role::Administrator, &path, &[("role", "clerk")]).await;
    assert!(page.status == 422 && page.text.contains("must be an administrator"));
    let path = format!("/accounts/{}/off", id("administrator"));
    assert_eq!(house.send(Role::Administrator, &path, &[]).await.status, 422);
    // Whoever is switched off is out at once.
    let path = format!("/accounts/{}/off", id("clerk"));
    assert_eq!(house.send(Role::Administrator, &path, &[]).await.status, 303);
    assert_eq!(house.look(Role::Clerk, "/register").await.to.as_deref(), Some("/sign-in"));
    house.pass(30);
    let page = sign_in(&house, "clerk", PASSWORD, &house.code(Role::Clerk)).await;
    assert_eq!(page.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_needs_the_one_there_is() {
    let house = House::new();
    let new = "another sentence that is long";
    let set = |old: &'static str, new: &'static str, again: &'static str, code: String| {
        let house = &house;
        async move {
            let fields = [("password", old), ("new", new), ("again", again), ("code", &code)];
            house.send(Role::Clerk, "/account", &fields).await
        }
    };
    house.pass(30);
    let code = house.code(Role::Clerk);
    assert_eq!(set("not the password", new, new, code.clone()).await.status, 422);
    assert_eq!(set(PASSWORD, new, PASSWORD, code.clone()).await.status, 422);
    let page = set(PASSWORD, "short", "short", code).await;
    assert!(page.status == 422 && page.text.contains("at least 12"), "{}", page.text);
    house.pass(30);
    let page = set(PASSWORD, new, new, house.code(Role::Clerk)).await;
    assert_eq!(page.to.as_deref(), Some("/account?said=saved"), "{}", page.text);
    // Wherever else they were signed in, they are not any more.
    assert_eq!(house.look(Role::Clerk, "/account").await.to.as_deref(), Some("/sign-in"));
    house.pass(30);
    assert_eq!(sign_in(&house, "clerk", PASSWORD, &house.code(Role::Clerk)).await.status, 422);
    assert_eq!(sign_in(&house, "clerk", new, &house.code(Role::Clerk)).await.status, 303);
}
