//! The documents: well-formed, escaped, readable by people and machines, the same every time.

use std::collections::BTreeSet;

use crate::fixture::{Book, small};
use report::{Report, count};

const EVIL: &str = "<script>alert(1)</script> \"'&|` # _x_";

/// A report in which every text that comes from outside is hostile.
fn evil() -> Report {
    let mut book = Book::new();
    for _ in 0..2 {
        let station = Some(EVIL);
        let request =
            book.ticked((EVIL, "2025-02-01"), &[EVIL], EVIL, &["\"><img src=x>"], station);
        book.decision(request, EVIL, EVIL, Some(EVIL));
    }
    book.nil(EVIL, "2025-02-02");
    let mut about = book.about();
    about.agency.name = format!("{EVIL}\n# second title");
    about.agency.id = EVIL.into();
    about.definition.title = EVIL.into();
    about.definition.cite = EVIL.into();
    about.definition.who = EVIL.into();
    about.definition.to = EVIL.into();
    for item in &mut about.definition.items {
        item.says = EVIL.into();
        item.id.push_str(EVIL);
    }
    about.instruments[0].title = EVIL.into();
    about.instruments[0].edition = EVIL.into();
    about.checkpoint.text = format!("{EVIL}\n# third title\n```\n");
    about.checkpoint.origin = EVIL.into();
    about.labels.insert("hold".into(), EVIL.into());
    count(&about, &book.entries).unwrap()
}

/// The names of the elements, in the order they are opened, where the page is well-formed.
fn elements(html: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let body = html.strip_prefix("<!DOCTYPE html>").expect("it starts with its type");
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("every tag is closed");
        assert!(!text.contains('>'), "`>` is escaped in text: {text}");
        let quotes = tag.matches('"').count();
        assert!(quotes.is_multiple_of(2), "attributes are quoted: {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            continue;
        }
        let name = tag.split([' ', '\n']).next().unwrap().to_owned();
        assert!(name.chars().all(|it| it.is_ascii_alphanumeric()), "{name}");
        if name != "meta" {
            open.push(name.clone());
        }
        all.push(name);
    }
    assert_eq!(open, Vec::<String>::new(), "all are closed");
    all
}

fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn pages_are_well_formed_and_run_nothing() {
    for report in [evil(), count(&small().about(), &small().entries).unwrap()] {
        let html = report.html().unwrap();
        let elements = elements(&html);
        assert_eq!(elements.iter().filter(|name| *name == "h1").count(), 1);
        assert_eq!(elements.iter().filter(|name| *name == "main").count(), 1);
        for never in ["script", "img", "link", "iframe", "object", "a_"] {
            assert!(!elements.iter().any(|name| name == never), "{never}");
        }
        assert!(html.contains("<html lang=\"en\">"));
        assert!(!html.contains("<script"));
        assert!(!html.contains("http://") && !html.contains("https://"), "no other file");
    }
}

#[test]
fn names_in_a_page_are_unique_and_every_reference_finds_one() {
    let html = evil().html().unwrap();
    let ids = attributes(&html, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    let links = attributes(&html, "href").into_iter().map(|it| it.trim_start_matches('#'));
    let labels = attributes(&html, "aria-labelledby");
    let mut found = 0;
    for name in links.chain(labels.into_iter().flat_map(|it| it.split(' '))) {
        assert!(unique.contains(name), "{name}");
        found += 1;
    }
    assert!(found > 20, "there are links and labels at all");
}

#[test]
fn each_drawing_has_a_title_a_description_and_its_table() {
    let report = count(&small().about(), &small().entries).unwrap();
    let html = report.html().unwrap();
    let drawings: Vec<&str> = html.split("<svg ").skip(1).collect();
    assert_eq!(drawings.len(), 2, "by channel and by month");
    for drawing in drawings {
        let (drawing, after) = drawing.split_once("</svg>").unwrap();
        assert!(drawing.contains("<title") && drawing.contains("<desc"));
        assert!(drawing.contains("role=\"img\""));
        assert!(after.find("<table").unwrap() < after.find("<h3").unwrap());
    }
    assert!(html.contains("January: 2; February: 0; March: 1;"));
    // The longest bar fills the room of 230; half its number is half as long.
    assert!(html.contains("width=\"230\"") && html.contains("width=\"115\""));
}

#[test]
fn markdown_has_one_title_and_no_table_is_broken() {
    for report in [evil(), count(&small().about(), &small().entries).unwrap()] {
        let markdown = report.markdown();
        let titles = markdown.lines().filter(|line| line.starts_with("# ")).count();
        assert_eq!(titles, 1);
        assert!(markdown.starts_with("# "));
        let prose = markdown.lines().filter(|line| !line.starts_with("    "));
        for line in prose {
            assert!(!line.replace("\\<", "").contains('<'), "{line}");
        }
        let bars = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        let mut width = 0;
        for line in markdown.lines() {
            let is_row = line.starts_with('|');
            assert!(!is_row || width == 0 || bars(line) == width, "{line}");
            width = if is_row { bars(line) } else { 0 };
        }
    }
}

#[test]
fn a_cell_that_starts_like_a_formula_is_made_harmless() {
    let mut book = Book::new();
    book.request(("=1+1", "2025-02-01"), &["hold"], "detainer");
    let csv = count(&book.about(), &book.entries).unwrap().csv();
    assert!(csv.contains("\nby_channel,\"'=1+1\",n,1,1\n"));
    assert!(!csv.contains(",=1+1"));
}

#[test]
fn every_document_is_the_same_twice_and_through_the_data_file() {
    let book = small();
    let [one, two] = [0, 1].map(|_| count(&book.about(), &book.entries).unwrap());
    let again: Report = serde_json::from_str(&one.json().unwrap()).unwrap();
    for other in [two, again] {
        assert_eq!(one.json(), other.json());
        assert_eq!(one.html(), other.html());
        assert_eq!(one.markdown(), other.markdown());
        assert_eq!(one.csv(), other.csv());
    }
}

#[test]
fn every_number_is_in_every_document() {
    let report = count(&small().about(), &small().entries).unwrap();
    for text in [report.markdown(), report.html().unwrap()] {
        for shown in ["$1,235.00", "town.example/register", "Town Trust Ordinance", "a final order"]
        {
            assert!(text.contains(shown), "{shown}");
        }
    }
}
