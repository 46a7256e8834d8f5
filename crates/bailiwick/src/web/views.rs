//! Looking at private parts: that somebody looked is recorded, durably, before anything is shown;
//! what cannot be recorded is not shown.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::held;
use super::visit::{Refusal, Visit};
use crate::error::Error;
use crate::followup::{self, Look};
use crate::store;

/// Seconds for which somebody who goes from page to page of the same entries looks once: as long as
/// a desk stays open that nobody uses.
const ONE_LOOK: i64 = 15 * 60;

/// Who looks at what just now.
#[derive(Default)]
pub struct Looks {
    /// Who looks at which entries, and since when.
    seen: Mutex<BTreeMap<(String, Vec<u64>), i64>>,
    /// Who was told how often somebody looked at a matter, and when.
    told: Mutex<BTreeMap<(String, u64), (i64, String)>>,
}

/// Whether a look that began then is still the same.
fn lasts(since: i64, now: i64) -> bool {
    now < since.saturating_add(ONE_LOOK)
}

impl Looks {
    /// Notes that whoever came was told, on the record, how often somebody looked at a matter.
    pub fn told(&self, visit: &Visit, matter: u64, times: String) {
        let mut told = held(&self.told);
        told.retain(|_, (since, _)| lasts(*since, visit.now));
        told.insert((visit.login().to_owned(), matter), (visit.now, times));
    }

    /// How often somebody looked at a matter, if whoever came was told that a short while ago.
    pub fn times(&self, visit: &Visit, matter: u64) -> Option<String> {
        let told = held(&self.told);
        let (since, times) = told.get(&(visit.login().to_owned(), matter))?;
        lasts(*since, visit.now).then(|| times.clone())
    }
}

/// Records that somebody looks; the entry that says so. What is wrong with the reason goes back to
/// the page.
///
/// # Errors
/// A register that cannot be written.
pub fn record(visit: &Visit, look: Look) -> Result<Result<u64, String>, Refusal> {
    let day = visit.app.today();
    let recorded =
        visit.app.recorder.record(move |_, _| Ok((vec![followup::view(day, &look)?], ())));
    match recorded {
        Ok(recorded) => match recorded.entries.first() {
            Some(entry) => Ok(Ok(*entry)),
            None => Err(Error::from(store::Error::Ended).into()),
        },
        Err(Error::Input(why)) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

/// Says that whoever came is shown private parts: of which entries, and why. Whoever goes on
/// looking at the same ones within a quarter of an hour looks once.
///
/// # Errors
/// As [`record`].
pub fn seen(visit: &Visit, entries: &[u64], why: &str) -> Result<(), Refusal> {
    let who = (visit.login().to_owned(), entries.to_vec());
    let seen = || held(&visit.app.looks.seen);
    let since = seen().get(&who).copied();
    if since.is_some_and(|since| lasts(since, visit.now)) {
        return Ok(());
    }
    let look = Look {
        entries: entries.to_vec(),
        papers: Vec::new(),
        why: why.to_owned(),
        by: visit.login().to_owned(),
    };
    record(visit, look)?.map_err(Refusal::input)?;
    let mut seen = seen();
    seen.retain(|_, since| lasts(*since, visit.now));
    seen.insert(who, visit.now);
    Ok(())
}
