//! Searches that look far back.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::Seen;
use crate::reason::Plain;

pub(super) struct Window;

const ABOUT: About = About {
    id: "look_back",
    looks_for: "accounts that asked for more days than the agency's rule lets a search look back",
    rule: "the agency's own rule on how far back a search may look, and how long records are kept",
    innocent: &[
        "an old case was reopened",
        "the period was the vendor's default",
        "a supervisor approved it, which the log does not show",
    ],
    example: "a period that starts 524 days before the search",
};

impl Test for Window {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let far = context.thresholds.look_back_days.saturating_mul(24);
        Some((By::Account, row.hours? > far))
    }

    fn lead(&self, group: &Group, context: &Context<'_>) -> Option<Lead> {
        let days = context.thresholds.look_back_days;
        let says =
            format!("{} of {} searches look back more than {days} days", group.hits, group.of);
        (group.hits > 0).then_some(Lead { plain: Plain::Plain, says })
    }
}
