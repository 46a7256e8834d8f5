//! The description of a report's files, against the files, read by another program's reader of CSV
//! and by the words of the specification.

use std::collections::BTreeSet;

use csv::ReaderBuilder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::fixture::{Book, small};
use report::{Report, count};

fn reported(book: &Book) -> Report {
    count(&book.about(), &book.entries).unwrap()
}

fn package(report: &Report) -> Value {
    serde_json::from_str(&report.package().unwrap()).unwrap()
}

/// Everything the definition of a table asks of its file: header, types, patterns, keys.
fn holds(resource: &Value, text: &str) -> usize {
    assert_eq!(resource["profile"], "tabular-data-resource");
    let dialect = &resource["dialect"];
    let letter = |name: &str| dialect[name].as_str().unwrap().as_bytes()[0];
    assert_eq!(
        (dialect["header"].as_bool(), dialect["lineTerminator"].as_str()),
        (Some(true), Some("\n"))
    );
    assert_eq!(dialect["csvddfVersion"], 1.2);
    let mut reader = ReaderBuilder::new()
        .delimiter(letter("delimiter"))
        .quote(letter("quoteChar"))
        .double_quote(dialect["doubleQuote"].as_bool().unwrap())
        .flexible(false)
        .from_reader(text.as_bytes());
    let fields = resource["schema"]["fields"].as_array().unwrap();
    let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names);
    let key = resource["schema"]["primaryKey"].as_array().unwrap();
    let key: Vec<usize> =
        key.iter().map(|name| names.iter().position(|it| name == it).unwrap()).collect();
    let mut keys = BTreeSet::new();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        for (cell, field) in row.iter().zip(fields) {
            assert_eq!(field["type"], "string", "any text is one");
            assert!(!field["description"].as_str().unwrap().is_empty());
            let constraints = &field["constraints"];
            assert!(constraints["required"] != true || !cell.is_empty(), "{row:?}");
            if constraints["pattern"].is_string() && !cell.is_empty() {
                assert_eq!(constraints["pattern"], "[0-9]+( [0-9]+)*");
                let entries = cell.split(' ');
                for entry in entries {
                    assert!(!entry.is_empty() && entry.bytes().all(|it| it.is_ascii_digit()));
                }
            }
        }
        assert!(
            keys.insert(key.iter().map(|at| row[*at].to_owned()).collect::<Vec<_>>()),
            "{row:?}"
        );
        rows += 1;
    }
    rows
}

#[test]
fn the_table_is_what_its_schema_says() {
    let mut evil = Book::new();
    for text in ["a,\"b\";c", "=1+1", "<script>", "-", "'", "@x"] {
        let request = evil.ticked((text, "2025-02-01"), &[text], text, &[text], Some(text));
        evil.decision(request, text, text, Some(text));
        evil.nil(text, "2025-02-02");
    }
    let mut withheld = small().about();
    withheld.definition.withhold_below = Some(5);
    withheld.definition.items.retain(|item| item.id != "paid");
    let withheld = count(&withheld, &small().entries).unwrap();
    for report in [reported(&small()), reported(&evil), reported(&Book::new()), withheld] {
        let package = package(&report);
        let rows = holds(&package["resources"][0], &report.csv());
        assert!(rows > 40, "{rows}");
    }
}

/// <https://specs.frictionlessdata.io/data-package/> and `/data-resource/`, word for word where it
/// says "MUST".
#[test]
fn the_package_is_one_of_version_1() {
    let report = reported(&small());
    let package = package(&report);
    let name = |it: &Value| {
        let it = it.as_str().unwrap().to_owned();
        let letter = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._/".contains(&byte)
        };
        assert!(!it.is_empty() && it.bytes().all(letter), "{it}");
        it
    };
    assert_eq!(name(&package["name"]), "town-pd-yearly-2025");
    assert_eq!(package["title"], "Police of a Town: Yearly report, 2025");
    assert_eq!(package["profile"], "data-package");
    assert!(package.get("created").is_none(), "no clock is known");
    let resources = package["resources"].as_array().unwrap();
    let files = [
        ("report.csv", report.csv()),
        ("report.json", report.json().unwrap()),
        ("report.html", report.html().unwrap()),
        ("report.md", report.markdown()),
    ];
    let mut names = BTreeSet::new();
    let mut found = 0;
    for resource in resources {
        assert!(names.insert(name(&resource["name"])), "names are unique");
        // A resource has either a path or its data.
        assert_ne!(resource.get("path").is_some(), resource.get("data").is_some());
        let Some(path) = resource["path"].as_str() else { continue };
        assert!(!path.starts_with('/') && !path.contains(".."), "no path leads out: {path}");
        let (_, text) = files.iter().find(|(file, _)| *file == path).unwrap();
        let sum: String = Sha256::digest(text).iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!(resource["hash"], format!("sha256:{sum}"), "{path}");
        assert_eq!(
            (&resource["bytes"], &resource["encoding"]),
            (&text.len().into(), &"utf-8".into())
        );
        assert!(resource["mediatype"].as_str().unwrap().contains('/'));
        found += 1;
    }
    assert_eq!((found, resources.len()), (4, 5));
    assert_eq!(resources[4]["data"], report.about.checkpoint.text);
    assert_eq!(package["register"]["entries"], report.about.checkpoint.size);
    assert_eq!(
        (&package["period"]["first"], &package["period"]["last"]),
        (&"2025-01-01".into(), &"2025-12-31".into())
    );
}

#[test]
fn the_same_report_has_the_same_package() {
    let book = small();
    let [one, two] = [0, 1].map(|_| reported(&book).package().unwrap());
    assert_eq!(one, two);
    assert!(one.ends_with("}\n"));
    let mut odd = book.about();
    odd.agency.id = "Ünlich PD/../x".into();
    let odd = count(&odd, &book.entries).unwrap().package().unwrap();
    assert!(odd.contains("\"name\": \"-nlich-pd-..-x-yearly-2025\""), "{odd}");
}
