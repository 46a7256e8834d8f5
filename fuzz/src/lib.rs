//! What must hold of every reader, whatever bytes it is given.
//!
//! In: bytes. Out: nothing, or a panic that names the property that was broken. Each function is
//! the body of the fuzz target of its name; what is random beyond the bytes themselves is drawn
//! from them, so that a file reproduces what it found.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod law_texts;
mod logs;
mod papers;
mod random;
mod records;
mod rules;
mod seeds;
mod tables;

pub use law_texts::{law_edition, law_vocabulary};
pub use logs::access_log;
pub use papers::pdf_form;
pub use records::{entry, history, note, receipt, tiles};
pub use rules::law_rule;
pub use seeds::write_seeds;
pub use tables::{detainers_csv, requests_csv};
