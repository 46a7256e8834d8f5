//! Accounts whose reasons are blank or vague.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::Seen;
use crate::log::{Mark, State};
use crate::reason::{Class, Plain};

pub(super) struct Undocumented;

const ABOUT: About = About {
    id: "undocumented",
    looks_for: "accounts of which at least some share of searches has a blank or vague reason and \
                no case number",
    rule: "the agency's own rule that every search states a reason; a defect of documentation, and \
           no evidence of a purpose",
    innocent: &[
        "the category that was chosen is not exported",
        "the case number is kept in another system",
        "the unit uses one word for all its work",
    ],
    example: "investigation",
};

impl Test for Undocumented {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        // What was taken out or left out by whoever exported says nothing of who typed.
        let told = matches!(row.reason_state, State::Value | State::Empty | State::Placeholder);
        if !told || row.has(Mark::Event) {
            return None;
        }
        let vague = matches!(row.class, Class::Blank | Class::Vague);
        Some((By::Account, vague && !row.has(Mark::Case)))
    }

    fn lead(&self, group: &Group, context: &Context<'_>) -> Option<Lead> {
        let share = group.hits as f64 / group.of.max(1) as f64;
        let thresholds = context.thresholds;
        if group.of < thresholds.undocumented_searches || share < thresholds.undocumented_share {
            return None;
        }
        let percent = group.hits.saturating_mul(100) / group.of.max(1);
        let says = format!(
            "{} of {} searches ({percent} %) with a blank or vague reason and no case number",
            group.hits, group.of
        );
        Some(Lead { plain: Plain::Plain, says })
    }
}
