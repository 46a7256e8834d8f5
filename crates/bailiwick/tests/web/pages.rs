//! What every page keeps to, whatever it shows: well-formed, each name once, each input with its
//! label, each header of a table with its scope, and nothing that the policy would not run.

use std::collections::BTreeSet;

use bailiwick::web::Role;

use super::report::{book, with};

/// Elements without an end.
const VOID: [&str; 4] = ["meta", "link", "input", "br"];

/// What cannot stand in a paragraph.
const BLOCKS: [&str; 9] = ["p", "h1", "h2", "h3", "ul", "ol", "dl", "table", "div"];

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn holds(path: &str, html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (mut names, mut labels, mut inputs) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut headings = 0;
    let body = html.strip_prefix("<!DOCTYPE html>").expect("it starts with its type");
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("every tag is closed");
        assert!(!text.contains('>'), "{path}: `>` is escaped in text: {text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{path}: closed in order");
            continue;
        }
        let name = tag.split([' ', '\n']).next().unwrap();
        assert!(!["script", "style", "iframe"].contains(&name), "{path}: {tag}");
        // Names of attributes stand outside of quotes.
        let inline = |part: &str| part.contains(" style=") || part.contains(" on");
        assert!(!tag.split('"').step_by(2).any(inline), "{path}: {tag}");
        let inside = BLOCKS.contains(&name) && open.contains(&"p");
        assert!(!inside, "{path}: <{tag}> in a paragraph");
        if let Some(id) = attribute(tag, "id") {
            assert!(names.insert(id), "{path}: `{id}` is there twice");
        }
        labels.extend(attribute(tag, "for"));
        let shown = attribute(tag, "type") != Some("hidden");
        if ["input", "select", "textarea"].contains(&name) && shown {
            inputs.push(attribute(tag, "id").unwrap_or_else(|| panic!("{path}: {tag}")));
        }
        assert!(name != "th" || attribute(tag, "scope").is_some(), "{path}: {tag}");
        headings += usize::from(name == "h1");
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!((open, headings), (Vec::new(), 1), "{path}");
    for input in inputs {
        assert!(labels.contains(input), "{path}: `{input}` has no label");
    }
    for rest in html.split("href=\"#").skip(1) {
        let to = rest.split('"').next().unwrap();
        assert!(names.contains(to), "{path}: #{to} leads nowhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_law_and_reports_are_well_formed() {
    let house = with(book());
    let fields = [("report", "boston-trust-act/yearly"), ("period", "2024")];
    house.send(Role::Publisher, "/report/propose", &fields).await;
    for path in [
        "/law",
        "/law?day=soon",
        "/law?day=2017-01-01",
        "/law/text/boston-trust-act/2014-08-20",
        "/law/text/boston-trust-act/2019-12-19",
        "/law/text/8-usc-1373/1996-09-30",
        "/law/text/lunn/2017-07-24",
        "/law/compare",
        "/law/compare?action=dance",
        "/law/replay?day=2015-01-01",
        "/law/replay?year=2020",
        "/report",
        "/report?period=2023",
        "/report?period=soon",
        "/public",
    ] {
        for role in [Role::Supervisor, Role::Publisher] {
            let page = house.look(role, path).await;
            if page.status != 403 {
                holds(path, &page.text);
            }
        }
    }
    house.send(Role::Supervisor, "/report/1/approve", &[]).await;
    holds("/public", &house.look(None, "/public").await.text);
    let refused = house.send(Role::Supervisor, "/report/1/approve", &[]).await;
    holds("refused", &refused.text);
}
