//! The texts of law inside, and what was read of them last.
//!
//! Reading is most of the work of an answer, and a page asks about the same agency and day again
//! and again. What is kept is a copy of what would be read anew, so no answer depends on it.

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{Agency, Library, Pack, Problem};

use crate::Refused;

/// The texts shipped, by their path inside `law/`.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/law.rs"));

thread_local! {
    /// The agency asked last, the law that binds it, and the pack asked last.
    static LAST: Cell<Option<(String, Library, Pack)>> = const { Cell::new(None) };
}

/// The pack in force for an agency on a day.
pub fn pack(agency: &str, on: Date) -> Result<Pack, Refused> {
    let last = LAST.take().filter(|(last, ..)| last == agency);
    let (library, pack) = match last {
        Some((_, library, pack)) if pack.on == on => (library, pack),
        Some((_, library, _)) => made(library, agency, on)?,
        None => made(library(agency)?, agency, on)?,
    };
    LAST.set(Some((agency.to_owned(), library, pack.clone())));
    Ok(pack)
}

fn made(library: Library, agency: &str, on: Date) -> Result<(Library, Pack), Refused> {
    let pack = library.pack(agency, on)?;
    Ok((library, pack))
}

/// The agencies, by id.
pub fn agencies() -> Result<Vec<Agency>, Refused> {
    // No agency has this name, so no instrument is read.
    Ok(library("")?.agencies().cloned().collect())
}

/// The law of one agency.
fn library(agency: &str) -> Result<Library, Refused> {
    let files: BTreeMap<String, String> =
        SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Library::read_for(&files, agency).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
        Refused { message: lines.join("\n"), code: 5 }
    })
}
