//! Access logs: what agencies and vendors export, as typed rows.
//!
//! - In: bytes of an export, the layouts there are, the agency's key, and the rules that read
//!   reasons.
//! - Out: [`Row`]s, handed on in batches in constant memory; what was rejected, line by line; and
//!   totals that balance.
//! - Absent: names, plates and case numbers, which are tokens from here on ([`Key`]); whether a
//!   search was permitted.
//!
//! | module | does |
//! |---|---|
//! | [`blocks`] | bytes to whole records to cells |
//! | [`layout`] | which column is what, told by the header |
//! | [`mod@cell`] | the state of a cell, apart from its value; tokens |
//! | `case` | case numbers, as tokens; those that the register knows, wherever they are written |
//! | [`time`] | times to seconds of UTC, and the local day |
//! | `maker` | cells to a [`row`] |
//! | [`read`] | a file (CSV, a workbook, Parquet), on every processor |
//! | [`totals`] | what became of its rows |
//! | `kinds` | files that are none of these, and what to do |
//! | [`mod@classes`] | a first look: rows by agency and class |
//! | [`joined`] | rows of all files to searches, each once |
//! | `parts` | rows that wait, some on disk, and come back by time |
//! | `pressed` | rows as they are written there, in the bytes in which they differ |
//! | `wordings` | what reasons say, by numbers; some wait on disk |
//! | `crowd` | searches of a second with many, by what a row has in common with them |

pub mod blocks;
mod case;
pub mod cell;
pub mod classes;
mod columns;
mod crowd;
mod cut;
mod digest;
pub mod joined;
mod kin;
mod kinds;
pub mod layout;
mod maker;
mod marks;
mod memo;
pub mod names;
mod packed;
mod parts;
mod pressed;
pub mod read;
pub mod row;
mod said;
pub mod time;
pub mod totals;
mod wordings;
mod workbook;

pub(crate) use case::in_common;
pub use case::{Cases, is_same_case};
pub use cell::{Key, State};
pub use classes::{Classes, Look, classes};
pub(crate) use joined::Joiner;
pub use joined::{Copies, Search, Sighting};
pub use layout::{Field, Header, Layout, Layouts};
pub use names::Names;
pub use read::{How, LogError, read_log};
pub use row::{Mark, Row};
pub use time::{Days, date, seconds};
pub use totals::{FileTotals, Rejected};
