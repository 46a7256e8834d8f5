#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]
//! The law room: dated texts to packs; a pack, an action, facts and a day to a cited decision.
//!
//! In: the files of `law/` as text ([`Library::read`]). Out: a [`Pack`] for an agency and a day,
//! and a [`Decision`] with its grounds ([`decide`]). Absent: the clock, the disk, the network, the
//! register. What a pack file looks like is in `docs/spec/law-pack.md`.

mod agency;
mod ask;
mod case;
pub mod check;
mod decide;
mod decision;
mod diagram;
mod diff;
mod duty;
mod edition;
mod engine;
mod facts;
mod grade;
mod pack;
mod problem;
mod prove;
pub mod report;
mod rule;
mod text;
mod vocabulary;
mod why;

pub use agency::Agency;
pub use ask::{Answer, Next, Question, ask};
pub use decide::decide;
pub use decision::{Change, Decision, Ground, Missing, Outcome, Owed, PackRef, Rest};
pub use diagram::TooLarge;
pub use diff::{Difference, diff};
pub use duty::{Calendar, Due, Duty, Holiday, LeftOut, MONTHS};
pub use edition::{Edition, Example, Instrument, Kind, parse_day};
pub use facts::{Facts, Source, Statement};
pub use grade::Grade;
pub use pack::{Library, NoPack, Pack};
pub use problem::{CannotAnalyse, Problem};
pub use prove::{Counterexample, Property, Survey, prove, survey};
pub use rule::{Cond, Modality, Rule, Truth};
pub use vocabulary::{Action, Definition, Fact, Value, Vocabulary};
pub use why::why;
