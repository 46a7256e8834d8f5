//! What the report room promises, test by test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod documents;
mod fixture;
mod orders;
mod package;
mod properties;
mod recount;
mod small;
mod withheld;
