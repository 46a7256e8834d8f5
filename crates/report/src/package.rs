//! The description of a report's files, as a Frictionless Data Package of version 1
//! (<https://specs.frictionlessdata.io/data-package/>), so that tools others wrote can read them.
//!
//! No clock is known here, so that `created` is left out: the period and the checkpoint say of when
//! the numbers are. A package may not name files above its own folder, so that the checkpoint
//! stands in it and the register's tiles are told of in words.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Error, FORMAT, Report, words};

/// The package, as a text that ends with a line end.
pub(crate) fn package(report: &Report) -> Result<String, Error> {
    let about = &report.about;
    let at = &about.checkpoint;
    let (csv, json) = (report.csv(), report.json()?);
    let name = format!("{}-{}-{}", about.agency.id, about.definition.id, about.period);
    let package = json!({
        "profile": "data-package",
        "name": plain(&name),
        "title": words::title(about),
        "description": format!(
            "{}. Owed by {} to {} under {}. Counted from the first {} entries of the register {}; \
             its tiles and entries (C2SP tlog-tiles) lie in `tile/` of the public folder, two \
             folders above this file, and `bailiwick verify` counts every number again from them.",
            about.definition.title,
            about.definition.who,
            about.definition.to,
            about.definition.cite,
            at.size,
            at.origin,
        ),
        "contributors": [{ "title": about.agency.name, "role": "publisher" }],
        "period": {
            "name": about.period.to_string(),
            "first": about.period.first().to_string(),
            "last": about.period.last().to_string(),
        },
        "register": {
            "origin": at.origin, "entries": at.size, "root": at.root,
        },
        "resources": [
            numbers(&csv),
            file(
                ("data", "report.json", "json", "application/json"),
                &format!(
                    "The data file, format {FORMAT}: everything the report is about, and every \
                     number with its entries. Its SHA-256 is recorded in the register."
                ),
                &json,
            ),
            file(
                ("document", "report.html", "html", "text/html"),
                "The report for people, as one page that needs no other file.",
                &report.html()?,
            ),
            file(
                ("text", "report.md", "md", "text/markdown"),
                "The report for people, as Markdown.",
                &report.markdown(),
            ),
            {
                "profile": "data-resource",
                "name": "checkpoint",
                "title": "Checkpoint",
                "description": "The signed state of the register that was counted (C2SP \
                                tlog-checkpoint); the register's newest is `checkpoint` of the \
                                public folder.",
                "format": "txt",
                "mediatype": "text/plain",
                "data": at.text,
            },
        ],
    });
    let text = serde_json::to_string_pretty(&package);
    text.map(|text| text + "\n").map_err(|error| Error::Write(error.to_string()))
}

/// The one table among the files: every number on a line of its own.
fn numbers(csv: &str) -> Map<String, Value> {
    let mut resource = file(
        ("numbers", "report.csv", "csv", "text/csv"),
        "Every number and every cell of words of the report, one a line. A cell that a \
         spreadsheet would run as a formula has an apostrophe in front.",
        csv,
    );
    let of = |name: &str, constraints: Value, description: &str| {
        json!({
            "name": name, "type": "string", "description": description,
            "constraints": constraints,
        })
    };
    let required = || json!({ "required": true });
    let fields = [
        of("table", required(), "The table: an item the law orders, or one that readers need."),
        of("row", required(), "The row of the table; `total` is its sum."),
        of("column", required(), "The column of the table."),
        of(
            "n",
            json!({ "required": false }),
            "A number in digits, money in cents; or words, those that say it is withheld among \
             them.",
        ),
        of(
            "entries",
            json!({ "pattern": "[0-9]+( [0-9]+)*" }),
            "The entries of the register the number was counted from, by their indices, with \
             blanks between them; nothing for words, for a zero and for what is withheld.",
        ),
    ];
    let more = [
        ("profile", json!("tabular-data-resource")),
        (
            "dialect",
            json!({
                "csvddfVersion": 1.2,
                "delimiter": ",",
                "lineTerminator": "\n",
                "quoteChar": "\"",
                "doubleQuote": true,
                "skipInitialSpace": false,
                "header": true,
                "caseSensitiveHeader": true,
            }),
        ),
        (
            "schema",
            json!({
                "fields": fields,
                "primaryKey": ["table", "row", "column"],
                "missingValues": [""],
            }),
        ),
    ];
    resource.extend(more.map(|(name, value)| (name.to_owned(), value)));
    resource
}

fn file(
    (name, path, format, mediatype): (&str, &str, &str, &str),
    description: &str,
    text: &str,
) -> Map<String, Value> {
    [
        ("profile", json!("data-resource")),
        ("name", json!(name)),
        ("path", json!(path)),
        ("description", json!(description)),
        ("format", json!(format)),
        ("mediatype", json!(mediatype)),
        ("encoding", json!("utf-8")),
        ("bytes", json!(text.len())),
        ("hash", json!(format!("sha256:{}", register::hex(&Sha256::digest(text))))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A name with the letters that a package's may have.
fn plain(name: &str) -> String {
    let letter = |it: char| match it.to_ascii_lowercase() {
        it if it.is_ascii_lowercase() || it.is_ascii_digit() => it,
        it @ ('-' | '.' | '_') => it,
        _ => '-',
    };
    name.chars().map(letter).collect()
}
