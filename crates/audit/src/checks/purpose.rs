//! Searches whose reason names immigration as their purpose.

use super::{About, By, Context, Group, Lead, Test, is_open, law_says};
use crate::decided::{Seen, speaks};
use crate::reason::Class;

pub(super) struct Purpose;

const ABOUT: About = About {
    id: "purpose",
    looks_for: "searches whose reason itself names immigration, alone or beside a crime, where the \
                law in force that day does not plainly permit it",
    rule: "the provision that decides whether the system may be searched for that purpose",
    innocent: &[
        "a request was recorded under another case number, or on paper only",
        "a judge's warrant or a federal criminal warrant was at hand, which the log does not show",
        "the words name an agency, a place or a victim's application, and not the purpose",
        "the category was chosen by mistake in a list",
    ],
    example: "Immigration (civil/administrative) - ",
};

impl Test for Purpose {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, context: &Context<'_>) -> Option<(By, bool)> {
        let row = &seen.search.row;
        let names = speaks(row.class) && row.class != Class::FederalAgencyUnclear;
        let open = is_open(seen.outcome) || is_open(seen.own_law);
        (names && open && context.explained(seen).is_none()).then_some((By::Search, true))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let told = group.told()?;
        let says = format!(
            "{} searched with a reason that reads as {}; {}",
            told.searcher.word(),
            told.class.word().replace('_', " "),
            law_says(&told)
        );
        Some(Lead { plain: told.plain, says })
    }
}
