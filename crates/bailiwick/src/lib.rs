//! Bailiwick: the program around the rooms, and the one crate with a clock, a disk and keys.
//!
//! In: a command line. Out: an [`answer::Answer`] for people and for scripts. The rooms below do
//! the work: `law` decides, `register` proves, `audit` reads tables, `report` counts.

pub mod answer;
pub mod audit_documents;
pub mod audit_logs;
pub mod audit_review;
pub mod backup;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod demo;
pub mod desk;
pub mod error;
pub mod followup;
pub mod import;
pub mod interview;
pub mod missing;
pub mod new_pack;
pub mod progress;
pub mod publish;
pub mod replay;
pub mod signed;
pub mod stop;
pub mod store;
pub mod texts;
pub mod web;
pub mod year;
