//! The form of a new audit: what it asks for, and what is made of what was sent.

use audit::checks::{SharingOff, Thresholds};
use audit::log::Key;

use super::logs;
use crate::audit_logs::{Asked, Log, Own, layouts, more_layouts};
use crate::audit_review::free_seed;
use crate::error::Error;
use crate::stop::Stop;
use crate::web::jobs::Work;
use crate::web::pages::Wrong;
use crate::web::visit::{Refusal, Visit};

/// The most rows that are drawn for a person to read.
const MOST_DRAWN: usize = 10_000;

/// What the fields of the form show.
pub struct Form {
    pub names: String,
    pub undocumented_share: String,
    pub undocumented_searches: String,
    pub look_back_days: String,
    pub bulk_an_hour: String,
    pub near_days: String,
    pub sharing_off: String,
    pub sample: String,
}

/// What was sent, or what is set where nothing was.
pub fn form(visit: &Visit) -> Form {
    let usual = Thresholds::default();
    let field =
        |name: &str, otherwise: String| visit.form.get(name).map_or(otherwise, str::to_owned);
    Form {
        names: field("names", visit.app.agency().to_owned()),
        undocumented_share: field("undocumented_share", usual.undocumented_share.to_string()),
        undocumented_searches: field(
            "undocumented_searches",
            usual.undocumented_searches.to_string(),
        ),
        look_back_days: field("look_back_days", usual.look_back_days.to_string()),
        bulk_an_hour: field("bulk_an_hour", usual.bulk_an_hour.to_string()),
        near_days: field("near_days", usual.near_days.to_string()),
        sharing_off: field("sharing_off", String::new()),
        sample: field("sample", String::new()),
    }
}

/// What is to be done, from what was sent; what is wrong in it is said by field. Nothing comes back
/// where something is.
pub fn work(visit: &Visit, wrong: &mut Wrong) -> Result<Option<Work>, Refusal> {
    let files = files(visit, wrong)?;
    let own = own(visit, wrong)?;
    let mut all = layouts(None)?;
    if let Some(upload) = logs::sent(visit, "layout").next() {
        let read = logs::text(upload)
            .and_then(|text| more_layouts(all.clone(), &text, &logs::called(&upload.name)));
        match said(read, "layout", wrong)? {
            Some(more) => all = more,
            None => return Ok(None),
        }
    }
    let drawn = match sample(visit, wrong) {
        None => None,
        Some((entry, size)) => {
            // The page named the seed before the logs were sent, so it is older than they are.
            match visit.app.read(|store| Ok(free_seed(store, size)))? {
                Some((free, sample)) if Some(free) == entry => Some((free, sample)),
                _ => {
                    let how = "Draw a seed first; the page then says its entry.";
                    wrong.push(("sample", how.to_owned()));
                    None
                }
            }
        }
    };
    if !wrong.is_empty() {
        return Ok(None);
    }
    let key = Key::new(visit.app.read(|store| Ok(store.token_key()))?);
    Ok(Some(Work {
        asked: Asked {
            agency: visit.app.settings().agency.clone(),
            logs: files,
            own,
            layouts: all,
            key,
            sample: drawn.map(|(_, sample)| sample),
            threads: None,
            stop: Stop::default(),
        },
        seed: drawn.map(|(entry, _)| entry),
        by: visit.login().to_owned(),
    }))
}

/// What came of something, or the message beside its field.
fn said<T>(
    read: crate::error::Result<T>,
    field: &'static str,
    wrong: &mut Wrong,
) -> Result<Option<T>, Refusal> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Input(why)) => {
            wrong.push((field, why));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn files(visit: &Visit, wrong: &mut Wrong) -> Result<Vec<Log>, Refusal> {
    let mut files = Vec::new();
    for upload in logs::sent(visit, "logs") {
        files.push(logs::taken(upload)?);
    }
    for name in visit.form.all("log") {
        files.extend(said(logs::open(&visit.app.folder, name), "log", wrong)?);
    }
    if files.is_empty() && wrong.is_empty() {
        wrong.push(("logs", "Choose the logs: one file at least.".to_owned()));
    }
    Ok(files)
}

fn own(visit: &Visit, wrong: &mut Wrong) -> Result<Own, Refusal> {
    if let Some(upload) = logs::sent(visit, "own").next() {
        let read =
            logs::text(upload).and_then(|text| Own::parse(&text, &logs::called(&upload.name)));
        return Ok(said(read, "own", wrong)?.unwrap_or_default());
    }
    let usual = Thresholds::default();
    let share = number(visit, "undocumented_share", usual.undocumented_share, wrong);
    if !(0.0..=1.0).contains(&share) {
        wrong.push(("undocumented_share", "Write a share between 0 and 1.".to_owned()));
    }
    let near_days = number(visit, "near_days", usual.near_days, wrong);
    if near_days < 0 {
        wrong.push(("near_days", "Write how many days, 0 or more.".to_owned()));
    }
    let thresholds = Thresholds {
        undocumented_share: share,
        undocumented_searches: number(
            visit,
            "undocumented_searches",
            usual.undocumented_searches,
            wrong,
        ),
        look_back_days: number(visit, "look_back_days", usual.look_back_days, wrong),
        bulk_an_hour: number(visit, "bulk_an_hour", usual.bulk_an_hour, wrong),
        near_days,
        sharing_off: sharing_off(visit, wrong),
    };
    let names = lines(visit, "names").map(str::to_owned).collect();
    Ok(Own { names, thresholds, ..Own::default() })
}

fn lines<'a>(visit: &'a Visit, field: &str) -> impl Iterator<Item = &'a str> {
    let text = visit.form.get(field).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A number of the form, or the usual one where nothing was written.
fn number<T: std::str::FromStr + Copy>(
    visit: &Visit,
    field: &'static str,
    usual: T,
    wrong: &mut Wrong,
) -> T {
    let Some(text) = visit.form.given(field) else { return usual };
    text.parse().unwrap_or_else(|_| {
        wrong.push((field, format!("`{text}` is no such number.")));
        usual
    })
}

/// Lines of somebody and a day.
fn sharing_off(visit: &Visit, wrong: &mut Wrong) -> Vec<SharingOff> {
    let mut all = Vec::new();
    for line in lines(visit, "sharing_off") {
        let read = line.rsplit_once(char::is_whitespace);
        match read.filter(|(_, from)| law::parse_day(from).is_ok()) {
            Some((with, from)) => {
                all.push(SharingOff { with: with.trim().to_owned(), from: from.to_owned() });
            }
            None => wrong.push((
                "sharing_off",
                format!("`{line}`: write with whom and the day, as `federal 2025-01-31`."),
            )),
        }
    }
    all
}

/// The entry of the seed that the page showed, and how many rows are to be drawn.
fn sample(visit: &Visit, wrong: &mut Wrong) -> Option<(Option<u64>, usize)> {
    let text = visit.form.given("sample")?;
    let size = text.parse().ok().filter(|size| (1..=MOST_DRAWN).contains(size));
    if size.is_none() {
        wrong.push(("sample", format!("Write how many rows, 1 to {MOST_DRAWN}, or nothing.")));
    }
    Some((visit.form.given("seed").and_then(|seed| seed.parse().ok()), size?))
}
