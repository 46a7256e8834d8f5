//! The command that counts a report the law orders.

use std::fmt::Write as _;

use ::report::Report;
use jiff::civil::Date;
use law::Library;
use law::report::{Nil, Stretch, long_day};
use serde_json::{Map, Value, json};

use super::ReportArgs;
use super::register::open;
use crate::answer::Answer;
use crate::error::{Error, Result};
use crate::publish::{self, Ordered};
use crate::{clock, store};

/// Counts a report, and writes and publishes it if asked.
pub(super) fn report(library: &Library, asked: &ReportArgs) -> Result<Answer> {
    let mut store = open(&asked.data)?;
    let today = clock::day(library, &store.settings().agency, None)?;
    let (ordered, period) = chosen(library, &store, asked, today)?;
    let report = publish::count(&store, &ordered, period)?;
    let over = publish::is_over(period, today);
    let nil = report.is_nil().then_some(report.about.definition.nil);
    let kept = asked.publish || asked.out.is_some();
    if kept {
        publish::allowed(&report, today)?;
    }
    let mut text = String::new();
    let mut json = Map::new();
    json.insert("order".into(), ordered.name.clone().into());
    json.insert("period".into(), period.to_string().into());
    let due = report.about.definition.due_on(period);
    json.insert("due".into(), due.map_or(Value::Null, |day| day.to_string().into()));
    json.insert("nil".into(), nil.map_or(Value::Null, |nil| word(nil).into()));
    if let Some(out) = &asked.out {
        publish::write(&report, out)?;
        let _ = writeln!(text, "Written to {}.", out.display());
        json.insert("out".into(), json!(out));
    }
    if asked.publish && publish::not_owed(&report) && !asked.nil {
        let _ = writeln!(text, "{}", not_published(&report));
    } else if asked.publish {
        let (folder, index) = publish::publish(&mut store, &report, asked.data.by.as_deref())?;
        let _ = writeln!(text, "Published as entry {index} in {}.", folder.display());
        json.insert("published".into(), json!({ "entry": index, "folder": folder }));
    }
    if kept && !over {
        let _ = writeln!(
            text,
            "{period} is not over (today is {today}): what comes in until {} is not in it.",
            long_day(period.last())
        );
    }
    if text.is_empty() {
        text = report.markdown();
    }
    let data = report.json().map_err(|error| Error::Input(error.to_string()))?;
    let data: Value = serde_json::from_str(&data).map_err(|e| Error::Input(e.to_string()))?;
    json.insert("report".into(), data);
    Ok(Answer::new(text, json.into()))
}

/// Which report, of which period. The law is that of the period's last day.
fn chosen(
    library: &Library,
    store: &store::Store,
    asked: &ReportArgs,
    today: Date,
) -> Result<(Ordered, Stretch)> {
    let agency = &store.settings().agency;
    let order = |day| publish::ordered(library, agency, asked.which.as_deref(), day);
    if let Some(period) = asked.period.or(asked.year) {
        if period.first() > today {
            return Err(Error::Input(format!(
                "{period} has not begun (today is {today}): there is nothing to count"
            )));
        }
        return Ok((order(period.last())?, period));
    }
    let kind = order(today)?.definition.period;
    let period = Stretch::around(kind, today).ok_or_else(|| {
        Error::Input(format!(
            "the report is for each {}: write `--period` as in {}",
            kind.says(),
            kind.example()
        ))
    })?;
    Ok((order(period.last())?, period))
}

/// The word of a nil report in answers.
fn word(nil: Option<Nil>) -> &'static str {
    match nil {
        Some(Nil::Owed) => "owed",
        Some(Nil::Certified) => "certified",
        Some(Nil::NotOwed) => "not_owed",
        None => "not_known",
    }
}

fn not_published(report: &Report) -> String {
    let about = &report.about;
    format!(
        "Nothing is owed for {}: there is nothing to count, and the law asks for no report then \
         ({}). Nothing was published; with `--nil` the empty report is.",
        about.period.says(),
        about.definition.cite
    )
}
