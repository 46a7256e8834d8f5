//! What a law orders published: the definition of a report, as data beside the provision.
//!
//! The crate `report` counts and lays out; this module only says what is to be counted. Everything
//! named here is in the public part of entries, and nothing of it is about who a person is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

mod stretch;

pub use stretch::{Period, Stretch, long_day, month};

use crate::duty::{Calendar, Due};
use crate::{Grade, Outcome, Vocabulary};

/// The word for what an entry does not state: the paper, the form, who asks.
pub const NOT_STATED: &str = "not_stated";

/// A report an instrument orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Short name, unique in its edition: `yearly`.
    pub id: String,
    /// Title on the document.
    pub title: String,
    /// The provision that orders it.
    pub cite: String,
    /// How well that provision's reading is evidenced.
    pub grade: Grade,
    /// Who owes it.
    pub who: String,
    /// Who receives it.
    pub to: String,
    /// The stretch of time one report covers.
    pub period: Period,
    /// When it is due; nothing where the day was not found or not read.
    #[serde(default)]
    pub due: Option<Due>,
    /// What is owed when there is nothing to count; nothing where that was not found or not read.
    #[serde(default)]
    pub nil: Option<Nil>,
    /// Counts from one up to below this number are withheld where the law says so.
    #[serde(default)]
    pub withhold_below: Option<u64>,
    /// The numbers ordered, in the order of the law.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// What is owed for a period in which there is nothing to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nil {
    /// The report, with its zeros.
    Owed,
    /// The report, and a certificate for each item of which there was none.
    Certified,
    /// Nothing.
    NotOwed,
}

/// One number ordered, and what it is broken down by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Short name, unique in its report.
    pub id: String,
    /// The item in our words.
    pub says: String,
    /// How well it is known that the law orders this, where that is less well than the report.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// What is counted.
    pub count: Measure,
    /// Only requests that have, of each feature one of these names, one of the words; where there
    /// is none, all.
    #[serde(default)]
    pub of: Vec<Which>,
    /// And no request that has, of each feature one of these names, no other words.
    #[serde(default)]
    pub but: Vec<Which>,
    /// What the count is broken down by.
    #[serde(default)]
    pub by: Option<Feature>,
    /// What is told of each request, where it is broken down by case.
    #[serde(default)]
    pub show: Vec<Feature>,
    /// What the law orders beside it and the register does not know.
    #[serde(default)]
    pub fill: Vec<String>,
    /// What is certified where there is none, as in "the agency …".
    #[serde(default)]
    pub certify: Option<String>,
}

/// Features, and with each the words that a request is picked by.
pub type Which = BTreeMap<Feature, Vec<String>>;

/// What an item counts: requests by the day they were received, deeds by the day they were done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Requests received.
    Requests,
    /// People held past the moment they could go.
    Held,
    /// People let go.
    Released,
    /// People whose release date was told.
    Notified,
    /// People handed over.
    Transferred,
    /// Requests upon which information was given.
    Shared,
    /// Requests declined.
    Declined,
    /// Money paid back by the federal government, in cents.
    Reimbursed,
    /// Nothing: the register does not know it, and the agency fills it in.
    FilledIn,
}

/// Something that public entries say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// The request itself: one row for each.
    Case,
    /// The day it was received.
    Day,
    /// The month it was received in, or the deed was done in.
    Month,
    /// What is asked for.
    Action,
    /// The paper it rests on; for a deed the paper that supported it.
    Basis,
    /// The printed form.
    Form,
    /// The boxes ticked on the form, not its printed heading.
    Reason,
    /// The agency that asks.
    Requester,
    /// What the law makes of each action, by the last decision.
    Outcome,
    /// The provisions that determined it; for a deed those that permitted it.
    Ground,
    /// What became of it: one of [`Feature::ANSWERS`].
    Answer,
    /// What was done upon it, with the days.
    Done,
}

impl Feature {
    /// What can become of a request.
    pub const ANSWERS: [&str; 4] = ["declined", "honoured", "released", "open"];

    /// The word for an action on which there is no decision.
    pub const UNDECIDED: &str = "undecided";

    /// The word, as definitions write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Day => "day",
            Self::Month => "month",
            Self::Action => "action",
            Self::Basis => "basis",
            Self::Form => "form",
            Self::Reason => "reason",
            Self::Requester => "requester",
            Self::Outcome => "outcome",
            Self::Ground => "ground",
            Self::Answer => "answer",
            Self::Done => "done",
        }
    }
}

impl Definition {
    /// The day on which the report of a stretch is due: the first such day from the stretch's last
    /// day on, or so many days after it.
    #[must_use]
    pub fn due_on(&self, stretch: Stretch) -> Option<Date> {
        Some(self.due.as_ref()?.by(stretch.last(), None, &Calendar::default())?.date())
    }

    /// Whether it can be followed.
    ///
    /// # Errors
    /// What cannot, and how to write it.
    pub fn check(&self) -> Result<(), String> {
        let of = |what: String| format!("report `{}`: {what}", self.id);
        if self.items.is_empty() {
            return Err(of("it has no item; write what it counts".to_owned()));
        }
        if matches!(self.due, Some(Due::Hours { .. })) {
            return Err(of("it is due on a day; write `days` or `yearly`".to_owned()));
        }
        for (place, item) in self.items.iter().enumerate() {
            if self.items.iter().take(place).any(|before| before.id == item.id) {
                return Err(format!("item `{}` of report `{}` is there twice", item.id, self.id));
            }
            let of = |what: String| of(format!("item `{}`: {what}", item.id));
            item.check().map_err(of)?;
            let counted = item.count != Measure::FilledIn;
            if item.certify.is_some() != (counted && self.nil == Some(Nil::Certified)) {
                let goes = "`certify` goes with `nil = \"certified\"`, for each item that is \
                            counted and for no other";
                return Err(of(goes.to_owned()));
            }
            // Of whom a list has few rows, each row tells.
            let list = item.by == Some(Feature::Case) && item.count != Measure::Reimbursed;
            if self.withhold_below.is_some() && list {
                let hides = "a list of cases hides nothing; leave out `by` or `withhold_below`";
                return Err(of(hides.to_owned()));
            }
        }
        Ok(())
    }

    /// Whether the words it picks requests by are those of the vocabulary.
    pub(crate) fn known(&self, vocabulary: &Vocabulary) -> Result<(), String> {
        for item in &self.items {
            for (feature, words) in item.of.iter().chain(&item.but).flatten() {
                let is = |word: &String| match feature {
                    Feature::Action => vocabulary.action(word).is_some(),
                    Feature::Basis | Feature::Form | Feature::Requester => {
                        let fact = vocabulary.fact(feature.word());
                        let fact = fact.and_then(|at| vocabulary.facts.get(at));
                        word == NOT_STATED || fact.is_some_and(|fact| fact.position(word).is_some())
                    }
                    _ => true,
                };
                if let Some(stray) = words.iter().find(|word| !is(word)) {
                    return Err(format!(
                        "item `{}` of report `{}`: `{stray}` is no word of `{}`",
                        item.id,
                        self.id,
                        feature.word()
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Item {
    fn check(&self) -> Result<(), String> {
        let picks = [
            Feature::Action,
            Feature::Basis,
            Feature::Form,
            Feature::Reason,
            Feature::Requester,
            Feature::Outcome,
            Feature::Answer,
        ];
        for (feature, words) in self.of.iter().chain(&self.but).flatten() {
            if !picks.contains(feature) || words.is_empty() {
                return Err(format!(
                    "`of` and `but` name one word at least of action, basis, form, reason, \
                     requester, outcome or answer, and not of `{}`",
                    feature.word()
                ));
            }
            let known: Vec<&str> = match feature {
                Feature::Answer => Feature::ANSWERS.to_vec(),
                Feature::Outcome => {
                    let outcomes = Outcome::ALL.iter().map(|outcome| outcome.word());
                    outcomes.chain([Feature::UNDECIDED]).collect()
                }
                _ => continue,
            };
            if let Some(stray) = words.iter().find(|word| !known.contains(&word.as_str())) {
                let (name, known) = (feature.word(), known.join(", "));
                return Err(format!("`{stray}` is no word of `{name}`; write {known}"));
            }
        }
        if self.of.iter().chain(&self.but).any(BTreeMap::is_empty) {
            return Err("`of` and `but` are lists of tables that are not empty".to_owned());
        }
        if let Some(by @ (Feature::Day | Feature::Done)) = self.by {
            return Err(format!("`by` cannot be `{}`; `show` can", by.word()));
        }
        if self.show.iter().any(|it| matches!(it, Feature::Case | Feature::Month)) {
            return Err("`show` cannot be `case` or `month`".to_owned());
        }
        if !self.show.is_empty() && self.by != Some(Feature::Case) {
            return Err("`show` goes with `by = \"case\"`".to_owned());
        }
        let picked = !(self.of.is_empty() && self.but.is_empty());
        if self.count == Measure::FilledIn && (picked || self.by.is_some()) {
            return Err("what is filled in is not counted: leave out `of`, `but` and `by`".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn definition(due: &str) -> Definition {
        let text = format!(
            r#"id = "x"
            title = "X"
            cite = "X"
            grade = "text"
            who = "x"
            to = "y"
            period = "month"
            {due}
            item = [{{ id = "requests", says = "requests", count = "requests" }}]"#
        );
        toml::from_str(&text).unwrap()
    }

    /// Each row was counted by hand on a printed calendar.
    #[test]
    fn a_report_is_due_from_the_last_day_of_its_period_on() {
        let december = "due = { yearly = { month = 12, day = 31 } }";
        let march = "due = { yearly = { month = 3, day = 1 } }";
        let next = "due = { days = { days = 1, from = \"the last day\" } }";
        let thirty = "due = { days = { days = 30, from = \"the last day\" } }";
        for (due, stretch, expected) in [
            (december, "2025", Some(date(2025, 12, 31))),
            (december, "2024-10--2025-09", Some(date(2025, 12, 31))),
            (march, "2025", Some(date(2026, 3, 1))),
            (march, "2025-02", Some(date(2025, 3, 1))),
            (march, "2025-03", Some(date(2026, 3, 1))),
            (next, "2025-H1", Some(date(2025, 7, 1))),
            (next, "2025-H2", Some(date(2026, 1, 1))),
            (next, "2024-02", Some(date(2024, 3, 1))),
            (thirty, "2025-Q1", Some(date(2025, 4, 30))),
            (thirty, "2024-01", Some(date(2024, 3, 1))),
            (thirty, "2025-01", Some(date(2025, 3, 2))),
            ("", "2025-01", None),
        ] {
            let stretch = stretch.parse().unwrap();
            assert_eq!(definition(due).due_on(stretch), expected, "{due} {stretch}");
        }
    }

    #[test]
    fn features_are_written_as_they_are_read() {
        for feature in [
            Feature::Case,
            Feature::Day,
            Feature::Month,
            Feature::Action,
            Feature::Basis,
            Feature::Form,
            Feature::Reason,
            Feature::Requester,
            Feature::Outcome,
            Feature::Ground,
            Feature::Answer,
            Feature::Done,
        ] {
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.word());
        }
    }
}
