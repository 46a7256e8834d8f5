//! The web desk: pages for officers, clerks, counsel, auditors and whoever publishes.
//!
//! In: visits from browsers. Out: pages, and entries in the register. [`doors::DOORS`] is the map:
//! every address, what happens there, and who may. Absent: deciding, recording, counting; the
//! rooms below do that.

use std::sync::{Mutex, MutexGuard, PoisonError};

mod app;
mod assets;
mod body;
pub mod control;
mod database;
pub mod doors;
mod fields;
mod http;
mod jobs;
mod listen;
mod matter;
mod once;
mod pages;
mod papers;
mod people;
mod proposals;
mod recorder;
mod role;
mod views;
mod visit;
mod words;

pub use app::{App, Clock};
pub use database::Database;
pub use fields::Fields;
pub use http::router;
pub use listen::{serve, tls};
pub use people::{Code, NotIn, Passkeys, Password, People, Person, Session, Token};
pub use proposals::Proposal;
pub use recorder::{Recorded, Recorder};
pub use role::{Role, Roles};
pub use visit::{Given, NavItem, Page, Refusal, Reply, Upload, UploadBytes, Visit};

/// What a lock guards. A visit that broke while it had it does not keep others out.
fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
