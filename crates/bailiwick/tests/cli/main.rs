//! The program as people and scripts meet it: its real binary, real files, its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod analysis;
mod asked;
mod audit;
mod audited;
mod backup;
mod damaged;
mod decide;
mod desk;
mod docs;
mod import;
mod measured;
mod new_pack;
mod publish;
mod real;
mod reports;
mod run;
mod signed;
