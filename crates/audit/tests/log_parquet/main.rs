//! Logs written as Parquet: the same rows as of the same table as CSV, whatever the writer chose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod refused;
mod same;
mod table;
mod types;
mod written;
