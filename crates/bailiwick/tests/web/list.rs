//! The list of the register: filtered, searched, page by page, and as a file.

use bailiwick::web::Role;

use super::house::House;

/// The entries a page lists, in its order.
fn entries(text: &str) -> Vec<u64> {
    let rows = text.split("data-label=\"Entry\"><a class=\"usa-link\" href=\"/register/").skip(1);
    rows.map(|row| row.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Four matters: a call that is declined, a fax that waits for facts, one that is void, one more.
async fn four(house: &House) -> [u64; 4] {
    let facts = [
        ("f.criminal_warrant", "false"),
        ("f.purpose", "civil_immigration"),
        ("f.criminal_charge", "false"),
        ("f.eligible_for_release", "true"),
    ];
    let told = [("f.basis", "detainer"), ("f.requester", "ero"), ("station", "D-4")];
    let first: Vec<_> = facts.iter().chain(&told).copied().collect();
    let first = house.call(&first).await;
    let done = [("what", "declined"), ("day", "2025-03-03")];
    house.send(Role::Clerk, &format!("/register/{first}/done"), &done).await;
    let second =
        house.call(&[("channel", "fax"), ("day", "2025-02-20"), ("action", "notify")]).await;
    let third = house.call(&[("channel", "fax"), ("day", "2025-03-01")]).await;
    let void = [("void", "yes"), ("reason", "scanned twice")];
    house.send(Role::Clerk, &format!("/register/{third}/correct"), &void).await;
    let fourth = house
        .call(&[("day", "2025-03-02"), ("f.basis", "judicial_warrant"), ("station", "=A1+\"x\",y")])
        .await;
    [first, second, third, fourth]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_own() {
    let house = House::new();
    let [first, second, third, fourth] = four(&house).await;
    let number = format!("q={second}");
    // What was done upon the first.
    let deed = format!("q={}", first + 2);
    let table: Vec<(&str, Vec<u64>)> = vec![
        ("", vec![fourth, third, second, first]),
        ("channel=fax", vec![third, second]),
        ("action=notify", vec![second]),
        ("basis=detainer", vec![first]),
        ("basis=not_stated", vec![third, second]),
        ("requester=ero", vec![first]),
        ("requester=not_stated", vec![fourth, third, second]),
        ("outcome=must_not", vec![first]),
        ("state=void", vec![third]),
        ("state=done", vec![first]),
        ("state=open", vec![fourth, second]),
        ("from=2025-03-02", vec![fourth, first]),
        ("to=2025-03-01", vec![third, second]),
        ("from=2025-03-01&to=2025-03-02", vec![fourth, third]),
        ("channel=fax&state=open", vec![second]),
        ("channel=pigeon", vec![]),
        ("q=d-4", vec![first]),
        ("q=DECLINED", vec![first]),
        ("q=the+fax", vec![third, second]),
        ("q=the+fax+nonsense", vec![]),
        (&number, vec![second]),
        (&deed, vec![first]),
        ("q=signed+by+a+judge", vec![fourth]),
    ];
    for (query, expected) in table {
        let page = house.look(Role::Auditor, &format!("/register?{query}")).await;
        assert_eq!((page.status, entries(&page.text)), (200, expected), "{query}");
    }
    for query in ["from=soon", "to=2025-13-01"] {
        let page = house.look(Role::Auditor, &format!("/register?{query}")).await;
        assert!(page.status == 422 && page.text.contains("role=\"alert\""), "{query}");
        let page = house.look(Role::Auditor, &format!("/register/export.csv?{query}")).await;
        assert_eq!(page.status, 422, "{query}");
    }
    let text = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for name in ["q", "from", "to", "state", "channel", "before"] {
        let page = house.look(Role::Auditor, &format!("/register?{name}={text}")).await;
        assert!(!page.text.contains("<script>alert"), "{name}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_leave_out_nothing_and_repeat_nothing() {
    let house = House::new();
    let mut all = Vec::new();
    for number in 0..120 {
        let channel = if number % 3 == 0 { "fax" } else { "desk" };
        all.push((house.call(&[("channel", channel)]).await, channel));
    }
    for (query, wanted) in [("", None), ("channel=fax", Some("fax"))] {
        let expected = all.iter().rev().filter(|it| wanted.is_none_or(|wanted| wanted == it.1));
        let expected: Vec<u64> = expected.map(|it| it.0).collect();
        let (mut seen, mut path) = (Vec::new(), format!("/register?{query}"));
        let mut pages = 0;
        loop {
            let page = house.look(Role::Officer, &path).await;
            let rows = entries(&page.text);
            assert!(rows.len() <= 50);
            seen.extend(rows);
            pages += 1;
            let Some(older) = page
                .text
                .split("\" rel=\"next\"")
                .next()
                .filter(|_| page.text.contains("rel=\"next\""))
            else {
                break;
            };
            path =
                older.rsplit("href=\"").next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        }
        assert_eq!((seen, pages), (expected.clone(), expected.len().div_ceil(50)), "{query}");
    }
}

/// RFC 4180, and no cell that a spreadsheet would run.
#[tokio::test(flavor = "multi_thread")]
async fn the_export_is_a_table_of_public_fields() {
    let house = House::new();
    let [first, second, third, fourth] = four(&house).await;
    house.call(&[("station", "+1"), ("reference", "C25-1"), ("note", "a note")]).await;
    let page = house.look(Role::Publisher, "/register/export.csv").await;
    assert_eq!(page.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = page.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "entry,day,channel,number,actions,basis,form,boxes,station,requester,decisions,done,state"
    );
    assert_eq!(lines.len(), 7, "{}", page.text);
    assert!(lines[1].contains(",\"'+1\","), "{}", lines[1]);
    let row = format!("{fourth},2025-03-02,desk,2,hold,judicial_warrant,,,\"'=A1+\"\"x\"\",y\",,");
    assert!(lines[2].starts_with(&row), "{}", lines[2]);
    let row = format!("{third},2025-03-01,fax,2,hold,not_stated,,,,,,,void");
    assert_eq!(lines[3], row);
    assert!(lines[4].starts_with(&format!("{second},2025-02-20,fax,1,notify,not_stated,,,,,")));
    let row = format!(
        "{first},2025-03-03,desk,1,hold,detainer,,,D-4,ero,hold=must_not,declined=2025-03-03,done"
    );
    assert_eq!((lines[5], lines[6]), (row.as_str(), ""));
    for secret in ["C25-1", "a note", "clerk"] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    let page = house.look(Role::Publisher, "/register/export.csv?state=void").await;
    assert_eq!(page.text.lines().count(), 2);
}
