//! Agencies of other states, and federal ones, in the system.

use law::Outcome;

use super::{About, By, Context, Group, Lead, Test, does, is_open};
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
        // What is neither of these turns on facts.
        let open = group.hits.saturating_sub(group.must_not).saturating_sub(group.refer);
        let counts = [
            (group.must_not, Outcome::MustNot),
            (group.refer, Outcome::Refer),
            (open, Outcome::NeedFacts),
        ];
        let mut says = format!("{} searched {} times", told.searcher.word(), group.of);
        for (at, (count, outcome)) in counts.iter().filter(|it| it.0 > 0).enumerate() {
            let (and, law) = match at {
                0 => (", ", "of them where the law in force that day"),
                _ => (" and ", "where it"),
            };
            says.push_str(&format!("{and}{count} {law} {}", does(Some(*outcome))));
        }
        Some(Lead { plain: Plain::Likely, says })
    }
}
