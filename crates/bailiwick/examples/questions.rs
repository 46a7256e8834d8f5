//! Writes every example of the law inside the program as a question, one JSON object a line: what
//! `wasm/` answers, and what the text beside it expects.
//!
//!     cargo run --release --example questions

use std::io::Write;

use law::check;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = bailiwick::texts::library(None, None)?;
    let mut out = std::io::stdout().lock();
    for example in library.editions().flat_map(|edition| &edition.examples) {
        let (agency, on, statements) = check::asked(&library, example)?;
        let facts: Vec<String> = statements
            .iter()
            .map(|said| format!("{}={}@{}", said.fact, said.value, said.source))
            .collect();
        let line = json!({
            "place": format!("{}:{}", example.file, example.line),
            "question": {
                "agency": agency, "on": on.to_string(), "action": [example.action], "fact": facts,
            },
            "expect": example.expect,
            "because": example.because,
            "missing": example.missing,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
