//! Bailiwick: the one crate with a clock, a socket, a disk and keys.

pub mod store;
