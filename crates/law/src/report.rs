//! What a law orders published: the definition of a report, as data beside the provision.
//!
//! The crate `report` counts and lays out; this module only says what is to be counted.

use serde::{Deserialize, Serialize};

use crate::Grade;
use crate::duty::Due;

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
    /// When it is due.
    pub due: Due,
    /// Whether a report is owed when there is nothing to count.
    pub nil_return: bool,
    /// Counts from one up to below this number are withheld where the law says so.
    #[serde(default)]
    pub withhold_below: Option<u64>,
    /// The numbers ordered, in the order of the law.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

impl Definition {
    /// Whether its items can be told apart.
    ///
    /// # Errors
    /// The item that is there twice.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (place, item) in self.items.iter().enumerate() {
            if self.items.iter().take(place).any(|before| before.id == item.id) {
                return Err(format!("item `{}` of report `{}` is there twice", item.id, self.id));
            }
        }
        Ok(())
    }
}

/// The stretch of time one report covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// 1 January to 31 December.
    CalendarYear,
}

/// One number ordered, and what it is broken down by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Short name, unique in its report.
    pub id: String,
    /// The item in our words.
    pub says: String,
    /// What is counted.
    pub count: Measure,
    /// What the count is broken down by.
    #[serde(default)]
    pub by: Option<Breakdown>,
}

/// What an item counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Detainer requests lodged: requests whose basis is a detainer.
    DetainersLodged,
    /// People held past the moment they could go.
    Held,
    /// People handed over.
    Transferred,
    /// Money paid back by the federal government, in cents.
    Reimbursed,
}

/// What an item is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakdown {
    /// The reasons the request gives: the boxes ticked on the form, not its printed heading.
    Reason,
    /// The paper that supported what was done.
    Basis,
    /// One row for each request concerned.
    Case,
}
