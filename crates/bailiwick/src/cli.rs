//! The command line: what a person types, and which room answers.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::{Date, Time};
use law::Statement;
use law::report::Stretch;

use crate::audit_review::is_written;

mod analysis;
mod audit;
mod backup;
mod commands;
mod examples;
mod reasons;
mod reconcile;
mod register;
mod report;
mod serve;
mod sign;

pub use analysis::{Ask, Diff, Prove, Why};
pub use audit::{Audit, Disposition};
pub use backup::{Backup, Restore};
pub use commands::{Demo, Replay, run};
pub use reasons::Reasons;
pub use reconcile::Reconcile;
pub use serve::Serve;
pub use sign::{NewKey, Sign};

/// The exit codes, shown under `--help`.
const CODES: &str = "Exit codes:
  0  done, or answered (whatever the answer)
  2  what was given cannot be taken; nothing was recorded
  3  the register refuses to open, or could not be written
  4  what was published does not verify
  5  the texts of law have problems
  6  a file could not be read or written

The law inside this program is restated in our words, each provision with its citation and with
the grade of its evidence. It informs; it is not legal advice.";

/// Decides federal immigration requests by the law in force, records them in a register nobody
/// can quietly change, and reports what the law orders.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version, after_help = CODES)]
pub struct Cli {
    /// Answer as JSON on standard output, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
    /// A folder of law to use instead of the one inside the program.
    #[arg(long, global = true, value_name = "DIR")]
    pub law: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a register in an empty folder.
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Say what the law in force makes of a request, without recording anything.
    #[command(after_help = examples::DECIDE)]
    Decide(Decide),
    /// Ask, question by question, what has to be known, and then answer; nothing is recorded.
    #[command(after_help = examples::ASK)]
    Ask(Ask),
    /// Say which few facts settle a case, whatever else is so.
    #[command(after_help = examples::WHY)]
    Why(Why),
    /// Show every case that two laws settle differently: two days, or an amendment in preparation.
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Prove the properties written beside the law, and show what each action can come to.
    #[command(after_help = examples::PROVE)]
    Prove(Prove),
    /// Take a request in: decide, record, give a receipt.
    #[command(after_help = examples::REQUEST)]
    Request(Request),
    /// State more about a request that was recorded, and decide it again.
    #[command(after_help = examples::SETTLE)]
    Settle(Settle),
    /// Record what was done upon a request.
    #[command(after_help = examples::DONE)]
    Done(Done),
    /// Record that an entry was wrong; the entry itself stays.
    #[command(after_help = examples::CORRECT)]
    Correct(Correct),
    /// Record that a channel received nothing on a day.
    #[command(after_help = examples::NIL)]
    Nil(Nil),
    /// Destroy the key of one entry's private part, for ever, upon an order.
    #[command(after_help = examples::FORGET)]
    Forget(Forget),
    /// Record the requests of a table (our CSV, or the federal table of detainers).
    #[command(after_help = examples::IMPORT)]
    Import(Import),
    /// Count a report that the law orders, and publish it if asked.
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),
    /// Write the receipt of an entry, and its opening if asked.
    #[command(after_help = examples::RECEIPT)]
    Receipt(Receipt),
    /// Check a public folder, or one receipt, believing nothing but a key.
    #[command(after_help = examples::VERIFY)]
    Verify(Verify),
    /// Check texts of law: read them, run their examples, take out each rule in turn.
    #[command(after_help = examples::CHECK)]
    Check {
        /// The folder of law.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Write the first files of a new place: an agency and an edition to be filled in.
    #[command(after_help = examples::NEW_PACK)]
    NewPack(NewPack),
    /// Make the key under which an agency's counsel signs texts of law.
    #[command(after_help = examples::NEW_KEY)]
    NewKey(NewKey),
    /// Sign, as an agency's counsel, that rules of an edition were checked against the official
    /// text.
    #[command(after_help = examples::SIGN)]
    Sign(Sign),
    /// Decide every row of a table as if lodged with an agency, under the law of several days or
    /// of several agencies; nothing is recorded.
    #[command(after_help = examples::REPLAY)]
    Replay(Replay),
    /// Audit access logs: what do they show that the law of that day does not permit and the
    /// register does not know? Leads for review, with the rows they rest on.
    #[command(after_help = examples::AUDIT)]
    Audit(Audit),
    /// Close a finding of an audit; another person than the finder, after who it concerns was
    /// heard.
    #[command(after_help = examples::DISPOSITION)]
    Disposition(Disposition),
    /// Compare the federal count of detainers with the register's, by month and facility.
    #[command(after_help = examples::RECONCILE)]
    Reconcile(Reconcile),
    /// Open the desk in a browser; makes the register where there is none.
    #[command(after_help = examples::SERVE)]
    Serve(Serve),
    /// Copy a register, also one that is in use, and check the copy through.
    #[command(after_help = examples::BACKUP)]
    Backup(Backup),
    /// Put a backup back; never one that knows less than was published.
    #[command(after_help = examples::RESTORE)]
    Restore(Restore),
    /// Show the whole way on a sample year: register, requests, decisions, report, check.
    #[command(after_help = examples::DEMO)]
    Demo(Demo),
}

/// What is asked of the law.
#[derive(Debug, Args)]
pub struct Case {
    /// What would be done: hold, arrest, inquire, notify, transfer, interview, share, search,
    /// join, deputize, certify. May be given several times.
    #[arg(long = "action", value_name = "ACTION", required = true)]
    pub actions: Vec<String>,
    /// A fact, and who says so (officer if not given): basis=detainer@document. Several times.
    #[arg(long = "fact", value_name = "NAME=VALUE[@SOURCE]")]
    pub facts: Vec<Statement>,
}

/// `decide`
#[derive(Debug, Args)]
pub struct Decide {
    /// The agency that is asked.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The day whose law is applied; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// The time of day a period in hours starts at.
    #[arg(long, value_name = "HH:MM")]
    pub at: Option<Time>,
    /// The case.
    #[command(flatten)]
    pub case: Case,
}

/// Where a register is.
#[derive(Debug, Args)]
pub struct Data {
    /// The folder of the register.
    #[arg(long = "data", value_name = "DIR")]
    pub folder: PathBuf,
    /// The agency whose register it must be; any if not given.
    #[arg(long, value_name = "ID")]
    pub agency: Option<String>,
    /// Who does this; kept in the private part of the entry.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub by: Option<String>,
}

/// A name, without the blanks around it.
fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let how = || "a name has a letter or a digit".to_owned();
    is_written(name).then(|| name.to_owned()).ok_or_else(how)
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The folder to make it in; new or empty.
    #[arg(long = "data", value_name = "DIR")]
    pub folder: PathBuf,
    /// The agency whose register it is.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The register's name for ever, a web address without `https://`.
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// A channel on which requests come in: fax-d4=fax:Fax of station D-4. Several times; if none
    /// is given, for Boston those of the sample year, else fax, mailbox, desk and phone. They
    /// stand in `bailiwick.toml`, where more can be added.
    #[arg(long = "channel", value_name = "ID=KIND:LABEL")]
    pub channels: Vec<String>,
    /// The day whose law is named first; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
}

/// `request`
#[derive(Debug, Args)]
pub struct Request {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The case.
    #[command(flatten)]
    pub case: Case,
    /// The channel it came in on.
    #[arg(long, value_name = "ID", default_value = "desk")]
    pub channel: String,
    /// The day it came in; today at the agency's place if not given. Its law is applied.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// The time of day it came in.
    #[arg(long, value_name = "HH:MM")]
    pub at: Option<Time>,
    /// The station that received it.
    #[arg(long, value_name = "NAME")]
    pub station: Option<String>,
    /// A box ticked on the form: final_order, pending_proceedings, biometric_match, statements,
    /// resume_custody. Several times.
    #[arg(long = "reason", value_name = "BOX")]
    pub reasons: Vec<String>,
    /// A local reference; private, never a federal file number.
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// A remark; private.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Where to write the receipt (`.tlog-proof`).
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `settle`
#[derive(Debug, Args)]
pub struct Settle {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The entry of the request.
    #[arg(value_name = "ENTRY")]
    pub request: u64,
    /// A fact, and who says so, as for `request`; it takes the place of an earlier statement of
    /// the same fact.
    #[arg(long = "fact", value_name = "NAME=VALUE[@SOURCE]", required = true)]
    pub facts: Vec<Statement>,
}

/// `done`
#[derive(Debug, Args)]
pub struct Done {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The entry of the request.
    #[arg(value_name = "ENTRY")]
    pub request: u64,
    /// held, released, notified, transferred, shared, declined or reimbursed.
    #[arg(value_name = "WHAT", value_parser = what)]
    pub what: ::register::entry::What,
    /// The day it was done; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
    /// The paper relied on, a value of the fact `basis`.
    #[arg(long, value_name = "BASIS")]
    pub basis: Option<String>,
    /// Which of the request's actions this answers.
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// For reimbursed: how many cents.
    #[arg(long, value_name = "N")]
    pub cents: Option<u64>,
}

fn what(text: &str) -> Result<::register::entry::What, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "write held, released, notified, transferred, shared, declined or reimbursed".to_owned()
    })
}

/// `correct`
#[derive(Debug, Args)]
pub struct Correct {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The entry that was wrong.
    #[arg(value_name = "ENTRY")]
    pub entry: u64,
    /// A public field and its right value: station=B-3, reasons=final_order,statements.
    #[arg(long = "set", value_name = "FIELD=VALUE", conflicts_with = "void")]
    pub set: Vec<String>,
    /// The entry does not count at all.
    #[arg(long)]
    pub void: bool,
    /// Why; private.
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

/// `nil`
#[derive(Debug, Args)]
pub struct Nil {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The channel.
    #[arg(long, value_name = "ID")]
    pub channel: String,
    /// The day.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Date,
}

/// `forget`
#[derive(Debug, Args)]
pub struct Forget {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The entry whose private part is to be unreadable.
    #[arg(value_name = "ENTRY")]
    pub entry: u64,
    /// The order it is done upon; private, and without anything about the person.
    #[arg(long, value_name = "TEXT")]
    pub order: String,
    /// The day; today at the agency's place if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub on: Option<Date>,
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The table.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// For the federal table: the channel its requests are said to have come in on.
    #[arg(long, value_name = "ID")]
    pub channel: Option<String>,
}

/// `report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// Which report, where the law orders several: its name, as in il-trust-act/yearly.
    #[arg(long = "report", value_name = "NAME")]
    pub which: Option<String>,
    /// The period: 2025-03, 2025-Q1, 2025-H1, 2025 or 2024-10--2025-09, as the report has it; the
    /// present one at the agency's place if not given.
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<Stretch>,
    /// The calendar year, for a report that has one.
    #[arg(long, value_name = "YYYY", value_parser = year, conflicts_with = "period")]
    pub year: Option<Stretch>,
    /// Where to write the files.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Put it into the public folder and record that it was published.
    #[arg(long)]
    pub publish: bool,
    /// Publish it also where there is nothing to report and nothing is owed.
    #[arg(long, requires = "publish")]
    pub nil: bool,
}

fn year(text: &str) -> Result<Stretch, String> {
    let stretch: Option<Stretch> = text.parse().ok();
    let year = stretch.filter(|it| it.period() == law::report::Period::CalendarYear);
    year.ok_or_else(|| "write the year as 2025, and another period with `--period`".to_owned())
}

/// `receipt`
#[derive(Debug, Args)]
pub struct Receipt {
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// The entry.
    #[arg(value_name = "ENTRY")]
    pub entry: u64,
    /// Where to write the receipt; on standard output if not given.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where to write the opening: with it, whoever has the receipt can read the private part.
    #[arg(long, value_name = "FILE")]
    pub opening: Option<PathBuf>,
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The public folder.
    #[arg(value_name = "DIR", required_unless_present_any = ["receipt", "data"])]
    pub folder: Option<PathBuf>,
    /// The folder of a register, whose public folder is checked.
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    pub data: Option<PathBuf>,
    /// The register's key, as text or in a file; without it, the one in the folder is believed.
    #[arg(long, value_name = "VKEY")]
    pub key: Option<String>,
    /// A receipt to check.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// The opening of the receipt's entry.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    pub opening: Option<PathBuf>,
}

/// `new-pack`
#[derive(Debug, Args)]
pub struct NewPack {
    /// The folder of law.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The instrument's folder inside it: us/ny/albany/ordinance.
    #[arg(value_name = "INSTRUMENT")]
    pub instrument: String,
    /// The agency's id: us-ny-albany-pd.
    #[arg(long, value_name = "ID")]
    pub agency: String,
    /// The agency's name.
    #[arg(long, value_name = "TEXT")]
    pub name: String,
    /// The first day of the edition.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub from: Date,
    /// The citation of the instrument.
    #[arg(long, value_name = "TEXT")]
    pub citation: String,
    /// Who made it.
    #[arg(long, value_name = "TEXT")]
    pub maker: String,
    /// What kind of text it is.
    #[arg(long, value_parser = ["statute", "regulation", "ordinance", "court", "directive"],
          default_value = "ordinance")]
    pub kind: String,
    /// The agency's time zone.
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    pub timezone: String,
}
