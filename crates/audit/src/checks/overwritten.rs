//! Reasons that one copy of a log has and another has not.

use super::{About, By, Context, Group, Lead, Test, is_stated};
use crate::decided::Seen;
use crate::log::State;
use crate::reason::Plain;

pub(super) struct Overwritten;

const ABOUT: About = About {
    id: "overwritten",
    looks_for: "searches whose reason is stated in one export and masked or blank in another",
    rule: "what is withheld under a records law is withheld the same way in every copy, and the \
           law is named",
    innocent: &[
        "the two exports were made for different askers, under different rules",
        "the portal for the public never shows the category, so that its copy looks blank",
        "the vendor began to mask between the two exports",
    ],
    example: "one copy reads \"Immigration (criminal)\", the other ***",
};

impl Test for Overwritten {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let all = seen.search.copies.iter().map(|copy| (copy.file, copy.reason_state));
        let mut files = (row.file, row.file);
        let (mut stated, mut hidden) = (is_stated(row.reason_state), is_hidden(row.reason_state));
        for (file, state) in all.filter(|(file, _)| *file != row.file) {
            if is_stated(state) != stated || is_hidden(state) != hidden {
                files = (row.file, file);
            }
            stated |= is_stated(state);
            hidden |= is_hidden(state);
        }
        let (a, b) = files;
        let pair = u64::from(a.min(b)) << 16 | u64::from(a.max(b));
        (a != b).then_some((By::Files(pair), stated && hidden))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        if group.hits == 0 {
            return None;
        }
        let says = format!(
            "{} searches have a reason in one of the files given and none in another",
            group.hits
        );
        Some(Lead { plain: Plain::Plain, says })
    }
}

fn is_hidden(state: State) -> bool {
    matches!(state, State::MaskedByVendor | State::MaskedByAgency | State::Exemption | State::Empty)
}
