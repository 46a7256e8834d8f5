//! A lead as it waits in the scratch file: two cards of its group, then one of each of its rows.

use law::Outcome;

use crate::checks::{Group, GroupKey, Hit, Place, Told};
use crate::decided::{Action, Searcher};
use crate::reason::{Class, Plain};
use crate::scratch::Word;

/// A part of a lead: its group, or one of its rows.
pub(super) type Card = [Word; 4];

/// Cards of a group before those of its rows.
pub(super) const HEADS: usize = 2;

/// The cards of a group.
pub(super) fn heads(key: &GroupKey, group: &Group) -> [Card; HEADS] {
    let Group { of, hits, must_not, refer, .. } = *group;
    let heads = [[of, hits, key.account, key.agency.into()], [must_not, refer, 0, 0]];
    heads.map(|words| words.map(u64::to_le_bytes))
}

/// The card of one of its rows.
pub(super) fn card_of(hit: &Hit) -> Card {
    let Hit { place, told } = hit;
    let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let outcome = |outcome: Option<Outcome>| outcome.map_or(0, |it| (it as u8).saturating_add(1));
    let read = [told.class as u8, told.plain as u8, told.searcher as u8, told.information];
    let law = [told.action as u8, outcome(told.outcome), outcome(told.own_law), 0];
    let [a, b] = place.file.to_le_bytes();
    let words = [
        two(place.time, place.row),
        two(place.line, place.reason),
        two(told.day.cast_unsigned(), u32::from_le_bytes([a, b, 0, 0])),
        two(u32::from_le_bytes(read), u32::from_le_bytes(law)),
    ];
    words.map(u64::to_le_bytes)
}

fn words(card: &Card) -> [u64; 4] {
    card.map(u64::from_le_bytes)
}

/// What [`heads`] and [`card_of`] wrote.
pub(super) fn group(cards: &[Card]) -> (GroupKey, Group) {
    let [of, hits, account, agency] = cards.first().map(words).unwrap_or_default();
    let [must_not, refer, ..] = cards.get(1).map(words).unwrap_or_default();
    let first = cards.iter().skip(HEADS).map(hit_of).collect();
    let group = Group { of, hits, must_not, refer, first };
    (GroupKey { agency: agency as u32, account, other: 0 }, group)
}

fn hit_of(card: &Card) -> Hit {
    let high = |word: u64| (word >> 32) as u32;
    let [when, line, day, told] = words(card);
    let place = Place {
        time: when as u32,
        file: high(day) as u16,
        row: high(when),
        line: line as u32,
        reason: high(line),
    };
    let [class, plain, searcher, information, action, outcome, own_law, _] = told.to_le_bytes();
    let place_of = |byte: u8| usize::from(byte);
    let law = |byte: u8| Outcome::ALL.get(usize::from(byte.checked_sub(1)?)).copied();
    let told = Told {
        class: Class::ALL.get(place_of(class)).copied().unwrap_or_default(),
        plain: Plain::ALL.get(place_of(plain)).copied().unwrap_or_default(),
        searcher: Searcher::ALL.get(place_of(searcher)).copied().unwrap_or(Searcher::Elsewhere),
        day: (day as u32).cast_signed(),
        information,
        action: Action::ALL.get(place_of(action)).copied().unwrap_or_default(),
        outcome: law(outcome),
        own_law: law(own_law),
    };
    Hit { place, told }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::checks::SHOWN;

    fn hit() -> impl Strategy<Value = Hit> {
        let place = any::<(u32, u16, u32, u32, u32)>()
            .prop_map(|(time, file, row, line, reason)| Place { time, file, row, line, reason });
        let law = || prop::option::of(select(Outcome::ALL.to_vec()));
        let read = (select(Class::ALL.to_vec()), select(Plain::ALL.to_vec()), any::<u8>());
        let who = (select(Searcher::ALL.to_vec()), select(Action::ALL.to_vec()), any::<i32>());
        (place, read, who, law(), law()).prop_map(|(place, read, who, outcome, own_law)| {
            let ((class, plain, information), (searcher, action, day)) = (read, who);
            let told = Told { class, plain, searcher, day, information, action, outcome, own_law };
            Hit { place, told }
        })
    }

    proptest! {
        /// What is written comes back as it was.
        #[test]
        fn groups_come_back(
            (of, hits, must_not, refer) in any::<(u64, u64, u64, u64)>(),
            (account, agency) in any::<(u64, u32)>(),
            first in prop::collection::vec(hit(), 1..=SHOWN),
        ) {
            let key = GroupKey { agency, account, other: 0 };
            let whole = Group { of, hits, must_not, refer, first };
            let rows = whole.first.iter().map(card_of);
            let cards: Vec<Card> = heads(&key, &whole).into_iter().chain(rows).collect();
            prop_assert_eq!(group(&cards), (key, whole));
        }
    }
}
