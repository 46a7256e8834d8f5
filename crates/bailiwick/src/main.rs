//! The program `bailiwick`.

use std::io::Write;
use std::process::ExitCode;

use bailiwick::answer::for_terminal;
use bailiwick::cli::{Cli, run};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let answered = run(&cli);
    let mut out = std::io::stdout().lock();
    let written = match &answered {
        Ok(answer) if cli.json => writeln!(out, "{:#}", answer.json),
        Ok(answer) => out.write_all(for_terminal(&answer.text).as_bytes()),
        Err(error) => {
            // An error is for whoever must act; a script gets it as data too.
            if cli.json {
                let line = serde_json::json!({ "error": error.to_string(), "code": error.code() });
                drop(writeln!(out, "{line:#}"));
            }
            writeln!(std::io::stderr(), "bailiwick: {}", for_terminal(&error.to_string()))
        }
    };
    match (answered, written.and_then(|()| out.flush())) {
        (Err(error), _) => ExitCode::from(error.code()),
        (Ok(_), Ok(())) => ExitCode::SUCCESS,
        // Nobody reads any more; what was asked is done all the same.
        (Ok(_), Err(_)) => ExitCode::from(6),
    }
}
