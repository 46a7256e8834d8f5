//! Searches on the case of a federal request that the law does not permit.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::Seen;
use crate::reason::Plain;

pub(super) struct AfterDeclined;

const ABOUT: About = About {
    id: "after_declined",
    looks_for: "searches with the case number of a recorded federal request that the law did not \
                permit, whatever it asked for, within some days of it, and with no request on that \
                case by which the law permits the search",
    rule: "the last decision on that request, and the provisions it rests on",
    innocent: &[
        "the case is also a local criminal case, and the search was for that",
        "the search was made to answer or to refuse the request",
        "the case number was typed wrongly",
    ],
    example: "2025-06-02 a detainer with reference C25-100 is declined; 2025-06-03 a search with \
              case number C25-100",
};

impl Test for AfterDeclined {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)> {
        let mut near = context.register.near(&seen.search.row, context.thresholds.near_days);
        near.find(|request| request.federal && request.declined)?;
        context.explained(seen).is_none().then_some((By::Search, true))
    }

    fn lead(&self, group: &Group, context: &Context<'_>) -> Option<Lead> {
        let days = context.thresholds.near_days;
        let says = format!(
            "{} searched on the case of a federal request that the law did not permit, within \
             {days} days of it",
            group.told()?.searcher.word()
        );
        Some(Lead { plain: Plain::Likely, says })
    }
}
