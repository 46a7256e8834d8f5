//! Agencies of other states, and federal ones, in the system.

use super::{About, By, Context, Group, Lead, Test, is_open, law_says};
use crate::decided::{Searcher, Seen};
use crate::reason::Plain;

pub(super) struct OtherState;

const ABOUT: About = About {
    id: "other_state",
    looks_for: "agencies of other states, federal ones, and those whose name does not tell, that \
                searched where the law of that day does not plainly permit it",
    rule: "the provision on giving such information to agencies elsewhere",
    innocent: &[
        "an agreement or a declaration that the law asks for is on file",
        "the name of the agency was read as another state's and is not",
        "the vendor searched more networks than it was told to",
    ],
    example: "[Federal] US Border Patrol [Inactive]",
};

impl Test for OtherState {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn look(&self, seen: &Seen<'_>, _: &Context<'_>) -> Option<(By, bool)> {
        let outside = !matches!(seen.searcher, Searcher::Own | Searcher::InState);
        outside.then_some((By::Agency, is_open(seen.outcome)))
    }

    fn lead(&self, group: &Group, _: &Context<'_>) -> Option<Lead> {
        let told = group.told().filter(|_| group.hits > 0)?;
        let says = format!(
            "{} searched {} times, {} of them where {}",
            told.searcher.word(),
            group.of,
            group.hits,
            law_says(&told)
        );
        Some(Lead { plain: Plain::Likely, says })
    }
}
