//! Many searches of one account within an hour.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::Seen;
use crate::log::Mark;
use crate::reason::Plain;

pub(super) struct Bulk;

const ABOUT: About = About {
    id: "bulk",
    looks_for: "accounts with more searches within a clock hour than a person is likely to type",
    rule: "the agency's own rule that a search is made for a case at hand",
    innocent: &[
        "a program searches under a person's account, as the agency arranged",
        "several people at one desk use one account",
        "an emergency, with many plates to look up",
    ],
    example: "300 searches of one account between two and three o'clock",
};

impl Test for Bulk {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let known = row.account != 0 && !row.has(Mark::Event);
        known.then_some((By::Account, true))
    }

    fn within_an_hour(&self, context: &Context<'_>) -> Option<u64> {
        Some(context.thresholds.bulk_an_hour)
    }

    fn lead(&self, group: &Group, context: &Context<'_>) -> Option<Lead> {
        let says = format!("{} searches of one account within an hour", group.hits);
        let many = group.hits >= context.thresholds.bulk_an_hour;
        many.then_some(Lead { plain: Plain::Likely, says })
    }
}
