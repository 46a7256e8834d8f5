//! Accounts that are said to be inactive.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::Seen;
use crate::log::Mark;
use crate::reason::Plain;

pub(super) struct Inactive;

const ABOUT: About = About {
    id: "inactive",
    looks_for: "searches by accounts or agencies that the log itself calls inactive",
    rule: "accounts that were closed do not search; the agency's own rule on access",
    innocent: &["the account was closed after the search, and the log shows it as it is now"],
    example: "[Federal] US Border Patrol [Inactive]",
};

impl Test for Inactive {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        row.has(Mark::Inactive).then_some((By::Account, true))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let says = format!("{} searches by an account that is called inactive", group.hits);
        Some(Lead { plain: Plain::Likely, says })
    }
}
