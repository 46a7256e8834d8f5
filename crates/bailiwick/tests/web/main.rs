//! The web desk, visited without a browser: who may open which door, what is recorded, and what
//! nobody gets. The pages themselves are tried in a browser (`tests/browser/`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod accounts;
mod attacks;
mod audit;
mod doors;
mod house;
mod may_we;
mod recorder;
mod served;
mod tls;
