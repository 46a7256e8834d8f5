//! Searches for a federal agency of homeland security, without a purpose and without a request.

use super::{About, By, Context, Group, Lead, Test, is_open, law_says};
use crate::decided::Seen;
use crate::reason::{Class, Plain};

pub(super) struct FederalAgency;

const ABOUT: About = About {
    id: "federal_agency",
    looks_for: "searches whose reason names a homeland-security agency and no purpose, and that no \
                recorded and permitted request on the same case explains",
    rule: "the provisions on searches for federal immigration authorities, which turn on the \
           purpose",
    innocent: &[
        "the agency named also investigates trafficking, drugs and weapons, and this was one",
        "a request was recorded without the case number, so that it could not be matched",
        "the letters stand for something else: a department of human services, a town",
    ],
    example: "Assist HSI",
};

impl Test for FederalAgency {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let open = is_open(seen.outcome) || is_open(seen.own_law);
        let hit = row.class == Class::FederalAgencyUnclear && open;
        (hit && context.explained(seen).is_none()).then_some((By::Search, true))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let told = group.told()?;
        let says = format!(
            "{} searched for a federal agency without saying what for, and no recorded request \
             explains it; {}",
            told.searcher.word(),
            law_says(&told)
        );
        // A name is no purpose: the case file or the register has to say.
        Some(Lead { plain: Plain::Unclear, says })
    }
}
