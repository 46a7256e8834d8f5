//! What a law says of searches of every kind, decided by column: all classes and searchers at once.

use std::collections::BTreeMap;

use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Outcome, Pack, Source, Statement, Vocabulary};

use super::{Searcher, Seen, Whose};
use crate::log::{Row, Search};
use crate::reason::Class;
use crate::replay::byte;

/// The fact that says which agency asks, and its only value that is no federal agency.
const REQUESTER: (&str, &str) = ("requester", "state_local");

/// Facts and their values, as they are stated.
type Stated<'v> = Vec<(&'static str, &'v str)>;

/// The place of a kind among those of one law.
pub(super) fn kind(class: Class, searcher: Searcher) -> usize {
    (class as usize).saturating_mul(Searcher::ALL.len()).saturating_add(searcher as usize)
}

/// What the law says where it is not known which of several cases it is: what it says of all of
/// them, and else it asks.
pub fn agreed(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut outcomes = outcomes.into_iter();
    let first = outcomes.next().unwrap_or(Outcome::NeedFacts);
    if outcomes.all(|outcome| outcome == first) { first } else { Outcome::NeedFacts }
}

impl Whose<'_> {
    /// What a search states, case by case. A name tells that an agency is federal and not which of
    /// them it is to the law, so that is each that the vocabulary has in turn; of any other search
    /// there is one case.
    fn cases<'v>(&self, vocabulary: &'v Vocabulary, seen: &Seen<'_>) -> Vec<Stated<'v>> {
        let facts = self.facts(seen);
        let (fact, other) = REQUESTER;
        let known = vocabulary.fact(fact).and_then(|at| vocabulary.facts.get(at));
        let known = known.filter(|_| seen.searcher == Searcher::Federal);
        let values = known.into_iter().flat_map(|fact| &fact.values);
        let federal = values.filter(|value| value.name != other);
        let cases: Vec<Stated<'v>> = federal
            .map(|value| facts.iter().copied().chain([(fact, value.name.as_str())]).collect())
            .collect();
        if cases.is_empty() { vec![facts] } else { cases }
    }

    /// The same, as it is stated to the law room one by one; the law says of the search what
    /// [`agreed`] makes of what it says of these.
    pub fn statements(&self, vocabulary: &Vocabulary, seen: &Seen<'_>) -> Vec<Vec<Statement>> {
        let one = |(fact, value): &(&str, &str)| Statement::new(fact, value, Source::System);
        let cases = self.cases(vocabulary, seen);
        cases.iter().map(|facts| facts.iter().map(one).collect()).collect()
    }

    /// What a pack says of searches of every kind.
    pub(super) fn outcomes(
        &self,
        pack: &Pack,
        action: &str,
        information: u8,
    ) -> Vec<Result<Outcome, String>> {
        let (mut stated, mut cases_of) = (Vec::new(), Vec::new());
        for class in Class::ALL {
            for searcher in Searcher::ALL {
                let row = Row { class, information, ..Row::default() };
                let search = Search::from(row);
                let seen = Seen::undecided(&search, searcher);
                let cases = self.cases(&pack.vocabulary, &seen);
                cases_of.push(cases.len());
                for facts in cases {
                    let facts = facts.into_iter();
                    let facts = facts.map(|(fact, value)| Ok((fact, byte(pack, fact, value)?)));
                    stated.push(facts.collect::<Result<Vec<(&str, u8)>, String>>());
                }
            }
        }
        let outcomes = match by_column(pack, action, &stated) {
            Ok(outcomes) => outcomes,
            Err(why) => return cases_of.iter().map(|_| Err(why.clone())).collect(),
        };
        let mut both = stated.into_iter().zip(outcomes);
        let kind = |cases: usize| {
            let cases = both.by_ref().take(cases).map(|(stated, outcome)| stated.map(|_| outcome));
            cases.collect::<Result<Vec<Outcome>, String>>().map(agreed)
        };
        cases_of.into_iter().map(kind).collect()
    }
}

/// Decides searches by what each states.
fn by_column(
    pack: &Pack,
    action: &str,
    stated: &[Result<Vec<(&str, u8)>, String>],
) -> Result<Vec<Outcome>, String> {
    let mut bytes: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (place, facts) in stated.iter().enumerate() {
        for (fact, byte) in facts.iter().flatten() {
            let column = bytes.entry(fact).or_insert_with(|| vec![UNKNOWN; stated.len()]);
            if let Some(cell) = column.get_mut(place) {
                *cell = *byte;
            }
        }
    }
    let mut columns = Columns::new(pack, stated.len());
    for (fact, column) in &bytes {
        columns.give(pack, fact, column)?;
    }
    let mut codes = vec![0_u8; stated.len()];
    decide_rows(pack, action, &columns, &mut codes).map_err(|error| error.to_string())?;
    // Facts that contradict one another are for a person, as everywhere.
    let outcome = |code: u8| match RowOutcome::from_code(code) {
        Some(RowOutcome::Settled(outcome)) => outcome,
        _ => Outcome::Refer,
    };
    Ok(codes.into_iter().map(outcome).collect())
}
