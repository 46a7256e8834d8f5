#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]
//! The law room: dated texts to packs; a pack, an action, facts and a day to a cited decision.
//!
//! In: the files of `law/` as text ([`Library::read`]). Out: a [`Pack`] for an agency and a day,
//! and a [`Decision`] with its grounds ([`decide`]). Absent: the clock, the disk, the network, the
//! register. What a pack file looks like is in `docs/spec/law-pack.md`.
//!
//! What can be asked of a law that is compiled to every case it has:
//!
//! ```
//! use std::collections::BTreeMap;
//! use law::{Facts, Library, Next, Outcome, Statement, ask, diff, survey, why};
//!
//! let vocabulary = r#"
//!     action = [{ name = "hold", says = "keep someone who may go" }]
//!     [[fact]]
//!     name = "detainer"
//!     question = "Is there a detainer?"
//!     [[fact]]
//!     name = "judge"
//!     question = "Has a judge signed?"
//! "#;
//! let agency = "# Town\n~~~agency\nname = 'Town'\ntimezone = 'UTC'\nprincipal = 'town'\n\
//!               stack = ['town']\n~~~\n";
//! let edition = |unless: &str| format!(r##"# Ordinance 12
//! ~~~instrument
//! id = "ord-12"
//! citation = "Town Code 12"
//! kind = "ordinance"
//! maker = "Town"
//! day_grade = "text"
//! ~~~
//! ### 12-3
//! Nobody is held on a detainer.
//! ~~~cedar
//! @id("3") @cite("Town Code 12-3") @grade("text") @modality("must_not")
//! forbid (principal, action == Action::"hold", resource) when {{ context.detainer }} {unless};
//! ~~~
//! "##);
//! let files = BTreeMap::from([
//!     ("vocabulary.toml".to_owned(), vocabulary.to_owned()),
//!     ("agencies/town.md".to_owned(), agency.to_owned()),
//!     ("town/2024-01-01.md".to_owned(), edition("")),
//!     ("town/2025-01-01.md".to_owned(), edition("unless { context.judge }")),
//! ]);
//! let library = Library::read(&files).unwrap();
//! let [before, after] = ["2024-06-01", "2025-06-01"]
//!     .map(|day| library.pack("town", day.parse().unwrap()).unwrap());
//!
//! // The question that settles most comes first, with what each answer would settle.
//! let nothing = Facts::none(library.vocabulary());
//! let Next::Ask(question) = ask(&after, "hold", &nothing, &[]).unwrap() else { panic!() };
//! assert_eq!((question.fact.as_str(), question.answers.len()), ("detainer", 2));
//!
//! // Without a detainer it does not matter what a judge has done.
//! let said: Vec<Statement> = vec!["detainer=no".parse().unwrap(), "judge=no".parse().unwrap()];
//! let facts = Facts::read(library.vocabulary(), &said).unwrap();
//! assert_eq!(why(&after, "hold", &facts).unwrap(), ["detainer"]);
//!
//! // The amendment changed one thing.
//! let changed = diff(&before, &after, "hold").unwrap();
//! assert_eq!(changed.len(), 1);
//! assert_eq!((changed[0].before, changed[0].after), (Outcome::MustNot, Outcome::Silent));
//! assert_eq!(changed[0].share, 0.25);
//!
//! // What the law of an action can come to at all.
//! let found: Vec<Outcome> = survey(&after).unwrap()[0].outcomes.iter().map(|it| it.0).collect();
//! assert_eq!(found, [Outcome::MustNot, Outcome::Silent]);
//! ```

mod agency;
pub mod answers;
mod ask;
mod case;
pub mod check;
pub mod columns;
mod compiled;
mod decide;
mod decision;
mod diagram;
mod diff;
mod duty;
mod edition;
mod engine;
mod facts;
mod grade;
mod measure;
mod pack;
mod problem;
mod prove;
pub mod reading;
pub mod report;
mod rule;
mod signed;
mod text;
mod vocabulary;
mod why;

pub use agency::Agency;
pub use ask::{Answer, Next, Question, ask};
pub use compiled::{Compiled, Settlement};
pub use decide::{decide, owed};
pub use decision::{Change, Checked, Decision, Ground, Missing, Outcome, Owed, PackRef, Rest};
pub use diagram::TooLarge;
pub use diff::{Difference, diff};
pub use duty::{Calendar, Due, Duty, Holiday, LeftOut, MONTHS};
pub use edition::{Edition, Example, Instrument, Kind, parse_day};
pub use facts::{Facts, Source, Statement};
pub use grade::Grade;
pub use measure::{Count, Measure, Since, Stretch};
pub use pack::{Library, NoPack, Pack};
pub use problem::{CannotAnalyse, Problem};
pub use prove::{Counterexample, Property, Survey, prove, survey};
pub use rule::{Cond, Modality, Rule, Truth};
pub use signed::Signed;
pub use vocabulary::{Action, Definition, Fact, Value, Vocabulary};
pub use why::{flips, why};
