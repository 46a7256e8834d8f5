//! The laws of one agency, by day.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::civil::Date;
use law::{Library, NoPack, Pack};

use crate::locked;
use crate::log::date;

/// The laws of one agency, by day.
pub struct Laws<'a> {
    library: &'a Library,
    agency: String,
    /// The days on which they change.
    pub(super) changes: Vec<Date>,
    /// By how many changes there were.
    packs: Mutex<BTreeMap<usize, Asked>>,
}

/// A pack, nothing where there is no law, or why it cannot be asked.
type Asked = Result<Option<Arc<Pack>>, String>;

impl<'a> Laws<'a> {
    /// The laws of an agency of the library.
    pub fn new(library: &'a Library, agency: &str) -> Self {
        // An agency that is not known has no days; that it is not known is told with its pack.
        let changes = library.change_days(agency).unwrap_or_default();
        Self { library, agency: agency.to_owned(), changes, packs: Mutex::default() }
    }

    /// The pack in force on a day, counted from the start of 1970; nothing before the first. Days
    /// of the same editions share one, which is compiled once.
    ///
    /// # Errors
    /// An agency that the library does not know.
    pub fn on(&self, day: i32) -> Asked {
        let on = date(day);
        let changes = self.changes.partition_point(|change| *change <= on);
        let mut packs = locked(&self.packs);
        let pack = || match self.library.pack(&self.agency, on) {
            Ok(pack) => Ok(Some(Arc::new(pack))),
            Err(NoPack::Day { .. }) => Ok(None),
            Err(other) => Err(other.to_string()),
        };
        packs.entry(changes).or_insert_with(pack).clone()
    }
}
