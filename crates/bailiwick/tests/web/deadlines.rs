//! Deadlines, on a page and for calendars.

use bailiwick::web::Role;

use super::house::House;

/// The act of 2019 wants the yearly report by 31 December, and every hold, notice and hand-over in
/// it (s. 3).
#[tokio::test(flavor = "multi_thread")]
async fn what_the_act_wants_by_the_end_of_the_year() {
    let house = House::new();
    let page = house.look(Role::Counsel, "/register/deadlines").await;
    assert!(page.text.contains("31 December 2025"), "the report is owed anyway: {}", page.text);
    let told = [
        ("f.criminal_warrant", "false"),
        ("f.purpose", "civil_immigration"),
        ("f.criminal_charge", "false"),
        ("f.basis", "detainer"),
        ("reference", "C25-5"),
        ("has", "Sgt. X"),
        ("f.eligible_for_release", "true"),
    ];
    let entry = house.call(&told).await;
    let open = house.call(&[]).await;
    let void = house.call(&told).await;
    let fields = [("void", "yes"), ("reason", "recorded twice")];
    house.send(Role::Clerk, &format!("/register/{void}/correct"), &fields).await;
    let page = house.look(Role::Counsel, "/register/deadlines").await;
    assert!(page.text.contains(&format!("href=\"/register/{entry}\"")), "{}", page.text);
    assert!(!page.text.contains(&format!("href=\"/register/{void}\"")), "{}", page.text);
    assert!(!page.text.contains(&format!("href=\"/register/{open}\"")), "no answer, no duty");
    let matter = house.look(Role::Counsel, &format!("/register/{entry}")).await;
    assert!(matter.text.contains("by 31 December 2025"), "{}", matter.text);

    let calendar = house.look(Role::Counsel, "/register/deadlines.ics").await;
    let again = house.look(Role::Officer, "/register/deadlines.ics").await;
    assert_eq!(calendar.bytes, again.bytes, "the same register, the same file");
    assert_eq!(calendar.headers["content-type"], "text/calendar; charset=utf-8");
    let text = &calendar.text;
    // RFC 5545, 3.1: lines end with CRLF and have at most 75 octets.
    assert!(text.ends_with("END:VCALENDAR\r\n") && text.starts_with("BEGIN:VCALENDAR\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split("\r\n").collect();
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 2, "{unfolded}");
    for line in [
        format!("SUMMARY:Entry {entry}: count this in the yearly report to the City Clerk")
            .as_str(),
        "DTSTART;VALUE=DATE:20251231",
        "DTEND;VALUE=DATE:20260101",
        "DTSTAMP:20250303T000000Z",
        "DTSTAMP:20250101T000000Z",
        "DESCRIPTION:Boston Trust Act s. 3 (2019) (Police Commissioner)",
    ] {
        assert!(lines.contains(&line), "{line}: {unfolded}");
    }
    let mut uids: Vec<_> = lines.iter().filter(|line| line.starts_with("UID:")).collect();
    uids.dedup();
    assert_eq!(uids.len(), 2);
    for secret in ["C25-5", "Sgt. X", "clerk", "detainer"] {
        assert!(!text.contains(secret), "{secret}");
    }
    // A year later nothing of it is due any more.
    house.pass(400 * 24 * 3_600);
    let login = [("password", super::house::PASSWORD), ("code", &house.code(Role::Counsel))];
    let login: Vec<_> = login.iter().copied().chain([("login", "counsel")]).collect();
    let cookie = house.send(None, "/sign-in", &login).await.cookie.unwrap();
    let request = axum::http::Request::get("/register/deadlines")
        .header("cookie", cookie.split(';').next().unwrap());
    let page = house.ask(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(page.status == 200 && !page.text.contains("31 December 2025"), "{}", page.text);
}
