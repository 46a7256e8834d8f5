//! Reasons that one copy of a log has and another has not, or has a word for that says nothing.

use super::{About, By, Context, Group, Lead, Test, is_stated};
use crate::decided::Seen;
use crate::log::State;
use crate::reason::{Class, Plain};

pub(super) struct Overwritten;

const ABOUT: About = About {
    id: "overwritten",
    looks_for: "searches whose reason is stated in one export and masked, blank or a vague word in \
                another",
    rule: "what is withheld under a records law is withheld the same way in every copy, and the \
           law is named",
    innocent: &[
        "the two exports were made for different askers, under different rules",
        "the portal for the public never shows the category, so that its copy looks blank",
        "the vendor began to mask between the two exports",
        "two searches of one second were taken for one, as nothing else tells them apart",
    ],
    example: "one copy reads \"Immigration (criminal)\", the other ***",
};

impl Test for Overwritten {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let (row, first) = (&seen.search.row, seen.search.first);
        let (mut files, mut told) = ((row.file, row.file), Told::of(row.reason_state, first));
        for copy in seen.search.copies.iter().filter(|copy| copy.file != row.file) {
            let other = Told::of(copy.reason_state, copy.class);
            if other.stated != told.stated || other.hidden != told.hidden {
                files = (row.file, copy.file);
            }
            told =
                Told { stated: told.stated || other.stated, hidden: told.hidden || other.hidden };
        }
        let (a, b) = files;
        let pair = u64::from(a.min(b)) << 16 | u64::from(a.max(b));
        (a != b).then_some((By::Files(pair), told.stated && told.hidden))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        if group.hits == 0 {
            return None;
        }
        let says = format!(
            "{} searches have a reason in one of the files given, and none or a vague word in \
             another",
            group.hits
        );
        Some(Lead { plain: Plain::Plain, says })
    }
}

/// What copies of a search tell of its reason.
struct Told {
    /// One says what it was.
    stated: bool,
    /// One does not: it is covered or left out, or another word is there.
    hidden: bool,
}

impl Told {
    fn of(state: State, class: Class) -> Self {
        let says_nothing = is_stated(state) && class == Class::Vague;
        let covered = matches!(
            state,
            State::MaskedByVendor | State::MaskedByAgency | State::Exemption | State::Empty
        );
        Self { stated: is_stated(state) && !says_nothing, hidden: covered || says_nothing }
    }
}
