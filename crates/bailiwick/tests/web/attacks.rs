//! What is sent to do harm, and what must come of it: nothing.

use axum::body::Body;
use axum::http::{Request, header};
use bailiwick::web::Role;

use super::house::{House, Page};

const FORM: &str = "application/x-www-form-urlencoded";

/// What a browser would run if it came back as it was sent.
const SCRIPTS: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "</textarea><svg onload=alert(1)>",
];

fn is_clean(page: &Page, what: &str) {
    for script in ["<script>alert", "<img src=x", "<svg onload", "'-alert(1)-'"] {
        assert!(!page.text.contains(script), "{what}: {}", page.text);
    }
    assert!(!page.text.contains("panicked") && !page.text.contains(".rs:"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_to_itself() {
    let house = House::new();
    let pages = ["/sign-in", "/may-we", "/register", "/nowhere", "/static/desk.css", "/health"];
    for path in pages {
        let page = house.look(Role::Officer, path).await;
        let header = |name: &str| page.headers.get(name).map(|it| it.to_str().unwrap());
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        if !path.starts_with("/static") && path != "/health" {
            assert_eq!(header("cache-control"), Some("no-store"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_does_nothing() {
    let house = House::new();
    let sent = |headers: &[(&'static str, &'static str)]| {
        let mut request = Request::post("/may-we/hold")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::COOKIE, house.cookie(Role::Officer))
            .header(header::HOST, "desk.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = format!("csrf={}&channel=desk&f.basis=none", house.mark(Role::Officer));
        house.ask(request.body(Body::from(body)).unwrap())
    };
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://elsewhere.example")],
        [("origin", "null")],
    ] {
        let page = sent(&headers).await;
        assert!(page.status == 422 && page.text.contains("another site"), "{headers:?}");
    }
    assert_eq!(sent(&[("origin", "https://desk.example")]).await.status, 303);
    // The mark of another person's session is none.
    let fields = [("csrf", house.mark(Role::Clerk)), ("channel", "desk"), ("f.basis", "none")];
    let mut body = bailiwick::web::Fields::default();
    fields.iter().for_each(|(name, value)| body.push(*name, *value));
    let request = Request::post("/may-we/hold")
        .header(header::CONTENT_TYPE, FORM)
        .header(header::COOKIE, house.cookie(Role::Officer));
    let page = house.ask(request.body(Body::from(body.to_query())).unwrap()).await;
    assert!(page.status == 422 && page.text.contains("not of your session"));
}

#[tokio::test(flavor = "multi_thread")]
async fn script_in_every_field_is_only_text() {
    let house = House::new();
    for script in SCRIPTS {
        let typed = encoded(script);
        for path in [
            format!("/may-we/hold?day={typed}"),
            format!("/may-we/hold?at={typed}"),
            format!("/may-we/hold?f.basis={typed}"),
            format!("/may-we/hold?f.{typed}=true"),
            format!("/may-we/hold?n={typed}"),
            format!("/may-we/{typed}"),
            format!("/register?before={typed}"),
            format!("/register/{typed}"),
            format!("/sign-in?said={typed}"),
            format!("/set-up/{typed}"),
        ] {
            is_clean(&house.look(Role::Officer, &path).await, &path);
        }
        let all = ["channel", "station", "reference", "note", "day", "at", "f.basis", "n"];
        for field in all {
            let fields = [("f.criminal_warrant", "true"), (field, script)];
            let page = house.send(Role::Officer, "/may-we/hold", &fields).await;
            is_clean(&page, field);
            if let Some(to) = page.to {
                is_clean(&house.look(Role::Officer, &to).await, field);
            }
        }
        for field in ["login", "password", "code"] {
            let fields = [(field, script)];
            is_clean(&house.send(None, "/sign-in", &fields).await, field);
        }
        let login = "someone";
        let fields = [("login", login), ("name", script), ("role", "clerk")];
        is_clean(&house.send(Role::Administrator, "/accounts", &fields).await, "accounts");
        is_clean(&house.look(Role::Administrator, "/accounts").await, "accounts");
        let fields = [("login", script), ("name", "x"), ("role", script)];
        is_clean(&house.send(Role::Administrator, "/accounts", &fields).await, "accounts");
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_leads_out_of_the_desk() {
    let house = House::new();
    for path in [
        "/static/../../register/signing.key",
        "/static/..%2f..%2fregister%2fsigning.key",
        "/static/%2e%2e/%2e%2e/register/desk.db",
        "/static//etc/passwd",
        "/static/fonts/../../desk.db",
        "/register/1%00",
        "/register/-1",
        "/register/99999999999999999999",
        "/set-up/../accounts",
    ] {
        let page = house.look(Role::Officer, path).await;
        assert!(matches!(page.status, 404 | 422), "{path}: {}", page.status);
        is_clean(&page, path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_refused() {
    let house = House::new();
    let mark = house.mark(Role::Officer);
    let too_large = format!("csrf={mark}&note={}", "x".repeat(300 << 10));
    let part = |end: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{mark}{end}")
    };
    for (kind, body, why) in [
        (FORM, too_large, "too large"),
        ("application/json", "{}".to_owned(), "no form of ours"),
        ("text/plain", "csrf=1".to_owned(), "no form of ours"),
        ("", String::new(), "no form of ours"),
        // Where no file is taken, no form with files is read.
        ("multipart/form-data; boundary=edge", part("\r\n--edge--\r\n"), "no form of ours"),
    ] {
        let request = Request::post("/may-we/hold")
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, house.cookie(Role::Officer));
        let page = house.ask(request.body(Body::from(body)).unwrap()).await;
        assert!(page.status == 422 && page.text.contains(why), "{kind}: {}", page.text);
    }
    for cookie in ["bailiwick=", "bailiwick=zz", "bailiwick=00", "x=y; bailiwick", "; ;"] {
        let request = Request::get("/register").header(header::COOKIE, cookie.as_bytes());
        let page = house.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(page.to.as_deref(), Some("/sign-in"), "{cookie:?}");
    }
    assert_eq!(house.app.read(|store| Ok(store.size())).unwrap(), 0);
}

/// How often one place may come is counted by address, and only where it is known.
#[tokio::test(flavor = "multi_thread")]
async fn one_place_that_comes_too_often_is_told_to_wait() {
    let house = House::new();
    let from = |last: u8| {
        let from: std::net::SocketAddr = format!("127.0.0.{last}:4000").parse().unwrap();
        let request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, FORM)
            .extension(axum::extract::ConnectInfo(from));
        house.ask(request.body(Body::from("login=x&password=y&code=z")).unwrap())
    };
    let mut told = 0;
    for _ in 0..30 {
        told += usize::from(from(1).await.status == 429);
    }
    assert!((5..=10).contains(&told), "20 a minute, and {told} of 30 were told to wait");
    assert_eq!(from(2).await.status, 422, "another place is not kept waiting");
}
