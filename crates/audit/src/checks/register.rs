//! What the register knows of requests, as far as an audit needs it.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use law::Outcome;

use crate::decided::Searcher;
use crate::log::{Cases, Mark, Row, in_common, is_same_case};

/// A request that the register knows. Of several decisions on an action the last counts, as in
/// reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Its entry.
    pub entry: u64,
    /// The day it came in, counted from the start of 1970.
    pub day: i32,
    /// The token of its reference, as of a case number.
    pub case: u64,
    /// Whether a federal agency asks, or nobody says who.
    pub federal: bool,
    /// What was decided of searching, if that was asked.
    pub search: Option<Outcome>,
    /// What was decided of sharing, if that was asked.
    pub share: Option<Outcome>,
    /// Whether the law does not permit something of what was asked, whichever action it is.
    pub declined: bool,
}

impl Recorded {
    /// Whether a search by somebody is what was asked for and permitted: that the agency searches
    /// where it did so itself, and that it shares where another did. What another finds was looked
    /// up as well, so a search that was asked for and not permitted is not explained by sharing.
    pub(super) fn explains(&self, searcher: Searcher) -> bool {
        let permits = |outcome| matches!(outcome, Outcome::May | Outcome::Must);
        match searcher {
            Searcher::Own => self.search.is_some_and(permits),
            _ => self.share.is_some_and(permits) && self.search.is_none_or(permits),
        }
    }
}

/// What the register knows, by case.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// By what tokens of one case have in common.
    by_case: HashMap<u64, Vec<Recorded>, RandomState>,
    cases: Cases,
}

impl Register {
    /// From recorded requests; those without a reference cannot be found by one.
    pub fn new(recorded: Vec<Recorded>) -> Self {
        let cases = Cases::new(recorded.iter().map(|request| request.case));
        let mut by_case: HashMap<u64, Vec<Recorded>, RandomState> = HashMap::default();
        for request in recorded.into_iter().filter(|request| request.case != 0) {
            by_case.entry(in_common(request.case)).or_default().push(request);
        }
        for requests in by_case.values_mut() {
            requests.sort_by_key(|request| (request.day, request.entry));
        }
        Self { by_case, cases }
    }

    /// The cases of its requests.
    pub fn cases(&self) -> &Cases {
        &self.cases
    }

    /// The requests on the case of a row, not further from it than so many days.
    pub fn near<'a>(&'a self, row: &Row, days: i32) -> impl Iterator<Item = &'a Recorded> {
        let (case, day) = (row.case, row.day);
        let requests = row.has(Mark::Known).then(|| self.by_case.get(&in_common(case))).flatten();
        let requests = requests.into_iter().flatten();
        let is_near = move |it: &&Recorded| it.day.abs_diff(day) <= days.unsigned_abs();
        requests.filter(move |it| is_same_case(it.case, case)).filter(is_near)
    }
}
