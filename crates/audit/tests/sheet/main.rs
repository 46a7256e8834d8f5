//! Workbooks: the traps seen in the field, what is refused, damage, and the real ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod book;
mod damage;
mod limits;
mod logs;
mod real;
mod refused;
mod traps;
