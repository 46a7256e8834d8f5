//! Searches after sharing was switched off.

use super::{About, By, Context, Group, Lead, SharingOff, Test};
use crate::decided::{Searcher, Seen};
use crate::log::date;
use crate::reason::Plain;

pub(super) struct SharedAfter;

const ABOUT: About = About {
    id: "sharing_off",
    looks_for: "searches by agencies with which sharing had ended, on or after that day",
    rule: "the agency's own decision to end sharing, by the days it states",
    innocent: &[
        "the switch took effect later than was said",
        "the search was one of the agency's own accounts under another name",
    ],
    example: "sharing with other states ends 2025-06-01; a search from another state 2025-06-09",
};

impl SharingOff {
    fn is_with(&self, seen: &Seen<'_>, name: &str) -> bool {
        match self.with.as_str() {
            "federal" => seen.searcher == Searcher::Federal,
            "other_state" => seen.searcher == Searcher::OutOfState,
            "all_outside" => seen.searcher != Searcher::Own,
            with => with == name,
        }
    }
}

impl Test for SharedAfter {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)> {
        let ended = &context.thresholds.sharing_off;
        if ended.is_empty() || seen.searcher == Searcher::Own {
            return None;
        }
        let row = &seen.search.row;
        let name = context.whose.names.text(row.agency).unwrap_or_default();
        let day = date(row.day).to_string();
        let hit = ended.iter().any(|off| off.from <= day && off.is_with(seen, &name));
        hit.then_some((By::Agency, true))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let word = group.told()?.searcher.word();
        let says = format!("{word} searched {} times after sharing with it had ended", group.hits);
        Some(Lead { plain: Plain::Plain, says })
    }
}
