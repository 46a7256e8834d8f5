//! The program from the start of its process to its end, beside one that does nothing.

use std::process::{Command, Stdio};

use crate::table::Table;
use crate::timing::{Lane, Sample, interleave, timed};
use crate::{Cli, Result};

/// Measures the start of the program.
///
/// # Errors
/// If it cannot be started, or answers otherwise than it has to.
pub fn measure(cli: &Cli) -> Result<Table> {
    let mut table = Table::new("From the shell", &["a command", "time (p10–p90)", "wanted"]);
    if !cli.program.exists() {
        table.note(format!(
            "Not measured: `{}` is not there; `cargo build --release` at the root makes it.",
            cli.program.display()
        ));
        return Ok(table);
    }
    let decide = |agency: &str, action: &str| {
        let mut command = Command::new(&cli.program);
        command.args(["decide", "--agency", agency, "--on", "2025-03-01", "--action", action]);
        command.args(["--fact", "basis=detainer", "--fact", "eligible_for_release=true"]);
        command.args(["--fact", "criminal_warrant=false"]);
        command
    };
    let answer = String::from_utf8(decide("us-ma-boston-pd", "hold").output()?.stdout)?;
    if !answer.starts_with("MUST NOT") {
        return Err(format!("the program answers otherwise: {answer}").into());
    }
    let names = [
        ("`bailiwick decide`, Boston, `hold`", "< 50 ms"),
        ("`bailiwick decide`, Los Angeles, `transfer`", "< 50 ms"),
        ("`bailiwick --version`", "–"),
        ("`true`, which does nothing", "–"),
    ];
    let mut lanes = [
        Lane::new(|| ended(decide("us-ma-boston-pd", "hold"))),
        Lane::new(|| ended(decide("us-ca-los-angeles-pd", "transfer"))),
        Lane::new(|| {
            let mut command = Command::new(&cli.program);
            command.arg("--version");
            ended(command)
        }),
        Lane::new(|| ended(Command::new("true"))),
    ];
    let all = interleave("start", 2, 41, &mut lanes)?;
    for ((name, wanted), times) in names.into_iter().zip(&all) {
        table.row(&[name.to_owned(), times.each(), wanted.to_owned()]);
    }
    table.note("From the start of the process to its end; the file is in the page cache.");
    Ok(table)
}

fn ended(mut command: Command) -> Result<Sample> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    timed(1, || Ok(command.status()?))
}
