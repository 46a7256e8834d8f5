//! The web desk, visited without a browser: who may open which door, what is recorded, and what
//! nobody gets. The pages themselves are tried in a browser (`tests/browser/`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod accounts;
mod attacks;
mod audit;
mod deadlines;
mod doors;
mod house;
mod intake;
mod law;
mod list;
mod looks;
mod matter;
mod may_we;
mod pages;
mod papers;
mod passkeys;
mod pdf;
mod private;
mod public;
mod recorder;
mod replay;
mod report;
mod served;
mod sweep;
mod tls;
mod upload;
