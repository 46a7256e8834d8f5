//! The other side's count against the register: who lodged how many detainers, and who recorded
//! how many.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use ::register::entry::Public;
use audit::detainers;
use audit::reconcile::{Lodged, Reconciled, Recorded, Requests, Rows, Terms, reconcile};
use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Data;
use super::register::open;
use crate::answer::{Answer, shown, table};
use crate::error::{Error, Result};
use crate::store::Store;

/// `reconcile`
#[derive(Debug, Args)]
pub struct Reconcile {
    /// The federal table of detainers, CSV.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The register.
    #[command(flatten)]
    pub data: Data,
    /// A facility of the agency, as the table spells it. Several times.
    #[arg(long = "ours", value_name = "FACILITY", required = true)]
    pub ours: Vec<String>,
    /// The first day on which the register recorded what came in; that of its first request or
    /// nil return if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub first: Option<Date>,
    /// The last such day; that of its last request or nil return if not given.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = law::parse_day)]
    pub last: Option<Date>,
    /// How many days before it was prepared a detainer may be recorded.
    #[arg(long, value_name = "DAYS", default_value_t = 1)]
    pub before: u16,
    /// How many days after.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub after: u16,
}

/// A request as the register has it.
struct Known {
    day: Date,
    entry: u64,
    basis: String,
    form: Option<String>,
}

pub(super) fn counts(asked: &Reconcile) -> Result<Answer> {
    let store = open(&asked.data)?;
    let (known, days) = known(&store)?;
    let period = |given: Option<Date>, own: Option<Date>| {
        given.or(own).ok_or_else(|| {
            let how = "say which days it covers: `--first` and `--last`";
            Error::Input(format!("the register has no request and no nil return; {how}"))
        })
    };
    let first = period(asked.first, days.iter().min().copied())?;
    let last = period(asked.last, days.iter().max().copied())?;
    let file = Error::open(&asked.file)?;
    let input = |why: String| Error::Input(format!("`{}`: {why}", asked.file.display()));
    let read = detainers::read(file).map_err(|mut problems| match problems.io.take() {
        Some(error) => Error::file(&asked.file)(error),
        None => input(problems.to_string()),
    })?;
    let lodged: Vec<Lodged<'_>> = read.rows.iter().map(Lodged::from).collect();
    let recorded: Vec<Recorded<'_>> = known
        .iter()
        .map(|it| Recorded {
            day: it.day,
            entry: it.entry,
            basis: &it.basis,
            form: it.form.as_deref(),
        })
        .collect();
    let ours: Vec<&str> = asked.ours.iter().map(String::as_str).collect();
    let terms = Terms { ours: &ours, first, last, before: asked.before, after: asked.after };
    known_there(asked, &lodged, &terms)?;
    let found = reconcile(&lodged, &recorded, &terms).map_err(|error| input(error.to_string()))?;
    Ok(answer(asked, &terms, &found))
}

/// The requests that count, and the days the register has something to say of.
fn known(store: &Store) -> Result<(Vec<Known>, Vec<Date>)> {
    let (mut known, mut days) = (Vec::new(), Vec::new());
    for entry in store.effective().iter().filter(|entry| !entry.void) {
        match &entry.public {
            Public::Request(request) => {
                let day = law::parse_day(&request.day).map_err(Error::Input)?;
                let (basis, form) = (request.basis.clone(), request.form.clone());
                known.push(Known { day, entry: entry.index, basis, form });
                days.push(day);
            }
            Public::Nil(nil) => days.push(law::parse_day(&nil.day).map_err(Error::Input)?),
            _ => {}
        }
    }
    Ok((known, days))
}

/// Refuses a facility that no row has: a name that is mistyped would read like a discrepancy.
fn known_there(asked: &Reconcile, lodged: &[Lodged<'_>], terms: &Terms<'_>) -> Result<()> {
    for &ours in terms.ours {
        let alone = Terms { ours: &[ours], ..*terms };
        let found = reconcile(lodged, &[], &alone).map_err(|it| Error::Input(it.to_string()))?;
        let is_ours =
            |((_, at), of): (&(_, Option<&str>), &Rows)| at.is_some() && of.not_ours < of.rows;
        if found.places.iter().any(is_ours) {
            continue;
        }
        let there: BTreeSet<&str> = lodged.iter().filter_map(|row| row.facility).collect();
        let like = like(ours, &there);
        let like = match like.is_empty() {
            true => format!("none of its {} facilities has a like name", there.len()),
            false => format!("like it are {}", like.join(", ")),
        };
        return Err(Error::Input(format!(
            "`{}`: no row is of the facility `{ours}`; {like}",
            asked.file.display()
        )));
    }
    Ok(())
}

/// The most names that are told in the place of one.
const LIKE: usize = 5;

/// Names that are nearly another, the nearest first: of the pairs of letters of both, at least two
/// in five are the same (the coefficient of Dice, 1945).
fn like(name: &str, names: &BTreeSet<&str>) -> Vec<String> {
    let pairs = |name: &str| -> BTreeSet<(char, char)> {
        let letters =
            || name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase);
        letters().zip(letters().skip(1)).collect()
    };
    let own = pairs(name);
    let mut near: Vec<(u64, &str)> = Vec::new();
    for other in names {
        let theirs = pairs(other);
        let same = own.intersection(&theirs).count().saturating_mul(2_000) as u64;
        let all = own.len().saturating_add(theirs.len()).max(1) as u64;
        near.push((same.checked_div(all).unwrap_or(0), other));
    }
    near.retain(|(share, _)| *share >= 400);
    near.sort_by_key(|(share, name)| (std::cmp::Reverse(*share), *name));
    near.into_iter().take(LIKE).map(|(_, name)| format!("`{}`", shown(name))).collect()
}

fn answer(asked: &Reconcile, terms: &Terms<'_>, found: &Reconciled<'_>) -> Answer {
    let mut text = format!(
        "{} against the register, {} to {}. A row is received if a detainer was recorded from {} \
         days before to {} days after it was prepared; each entry is used once.\n\n",
        asked.file.display(),
        terms.first,
        terms.last,
        terms.before,
        terms.after
    );
    let head = ["month, facility", "rows", "received", "not received", "cannot tell", "not ours"];
    let mut lines = vec![head.map(String::from).to_vec()];
    for ((month, facility), rows) in &found.places {
        if rows.not_ours == rows.rows {
            continue;
        }
        let month = month.map_or_else(|| "no day".to_owned(), |month| month.to_string());
        let name = format!("{month}, {}", shown(facility.unwrap_or("no facility")));
        lines.push([vec![name], cells(rows)].concat());
    }
    lines.push([vec!["all".to_owned()], cells(&found.lodged)].concat());
    text.push_str(&table(&lines));
    let Requests { requests, lodged, not_lodged, cannot_tell, not_compared } = found.recorded;
    let _ = writeln!(
        text,
        "\nThe register has {requests} such requests: {lodged} with a row in the table, \
         {not_lodged} without, {cannot_tell} of which it cannot be told; {not_compared} others \
         are of another kind or of other days.\nThe table has {} rows of these facilities, the \
         register {requests}. Neither number is taken for the right one.",
        found.lodged.rows.saturating_sub(found.lodged.not_ours),
    );
    let _ = writeln!(
        text,
        "Of the {} rows not received the table itself takes {} for likely repetitions.",
        found.lodged.not_received, found.lodged.repeated,
    );
    Answer::new(text, data(terms, found))
}

fn cells(rows: &Rows) -> Vec<String> {
    [rows.rows, rows.received, rows.not_received, rows.cannot_tell, rows.not_ours]
        .map(|number| number.to_string())
        .to_vec()
}

fn data(terms: &Terms<'_>, found: &Reconciled<'_>) -> Value {
    let rows = |rows: &Rows| {
        json!({
            "rows": rows.rows, "received": rows.received, "not_received": rows.not_received,
            "cannot_tell": rows.cannot_tell, "not_ours": rows.not_ours,
            "not_received_and_likely_repeated": rows.repeated,
        })
    };
    let places: Vec<Value> = found
        .places
        .iter()
        .map(|((month, facility), of)| {
            json!({
                "month": month.map(|month| month.to_string()), "facility": facility,
                "counts": rows(of),
            })
        })
        .collect();
    let recorded = found.recorded;
    json!({
        "first": terms.first.to_string(), "last": terms.last.to_string(),
        "lodged": rows(&found.lodged),
        "recorded": {
            "requests": recorded.requests, "lodged": recorded.lodged,
            "not_lodged": recorded.not_lodged, "cannot_tell": recorded.cannot_tell,
            "not_compared": recorded.not_compared,
        },
        "places": places,
    })
}
