//! Changes of settings in event logs.

use super::{About, By, Context, Group, Lead, Test};
use crate::decided::{Seen, speaks};
use crate::reason::{Class, Plain};

pub(super) struct Settings;

const ABOUT: About = About {
    id: "settings",
    looks_for: "events that set up a list, an alert or sharing and name immigration or a \
                homeland-security agency",
    rule: "the provisions on sharing information; a subscription never shows among searches",
    innocent: &[
        "the vendor offers the list, and somebody switched it off",
        "the alert is for a crime that a federal agency investigates",
    ],
    example: "Hot list added: immigration warrants",
};

impl Test for Settings {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let event = row.has(crate::log::Mark::Event);
        let names = speaks(row.class) || row.class == Class::FederalAgencyCriminal;
        (event && names).then_some((By::Search, true))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let class = group.told()?.class.word().replace('_', " ");
        let says = format!("a setting was changed in words that read as {class}");
        Some(Lead { plain: Plain::Likely, says })
    }
}
