//! Audits: planted leads are found and look-alikes are not, rows add up, the same every time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agree;
mod asked;
mod copies;
mod events;
mod faults;
mod hours;
mod laws;
mod planted;
mod released;
mod window;
mod year;

#[path = "../common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::Cursor;

use audit::checks::{Context, Recorded, Register, Thresholds};
use audit::decided::{Laws, Whose};
use audit::finding::Finding;
use audit::log::row::{Common, Hasher};
use audit::log::{How, Key, Layouts, Names};
use audit::reason::{Plain, Rules};
use audit::run::{Audit, CannotAudit, Input, Opened, Sample, ScratchFile, audit};
use jiff::tz::TimeZone;
use law::Library;

/// An audit, and all of its leads.
pub(crate) struct Made {
    pub(crate) audit: Audit,
    pub(crate) findings: Vec<Finding>,
}

impl std::ops::Deref for Made {
    type Target = Audit;

    fn deref(&self) -> &Audit {
        &self.audit
    }
}

/// What an audit is made with; the rest is the same in every test.
pub(crate) struct Given<'a> {
    pub(crate) library: &'a Library,
    pub(crate) agency: &'a str,
    pub(crate) state: &'a str,
    pub(crate) own: Vec<String>,
    /// Agencies that search, by the names that logs give them: an id of the library.
    pub(crate) searching: Vec<(&'a str, &'a str)>,
    pub(crate) thresholds: Thresholds,
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) sample: Option<Sample>,
    pub(crate) threads: usize,
}

impl<'a> Given<'a> {
    pub(crate) fn new(library: &'a Library) -> Self {
        Self {
            library,
            agency: "us-il-county-sheriff",
            state: "IL",
            own: vec!["Example IL PD".to_owned()],
            searching: Vec::new(),
            thresholds: Thresholds::default(),
            recorded: Vec::new(),
            sample: None,
            threads: 2,
        }
    }

    pub(crate) fn audit(&self, files: Vec<(&str, Box<dyn Input>)>) -> Made {
        let scratch = || -> ScratchFile { Box::new(tempfile::tempfile().unwrap()) };
        self.audit_over(files, [scratch(), scratch(), scratch()]).unwrap()
    }

    /// The same with scratch files of which not everything may succeed.
    pub(crate) fn audit_over(
        &self,
        files: Vec<(&str, Box<dyn Input>)>,
        [rows, leads, reasons]: [ScratchFile; 3],
    ) -> Result<Made, CannotAudit> {
        let (layouts, names, hasher) =
            (Layouts::published().unwrap(), Names::over(reasons), Hasher::default());
        let laws = Laws::new(self.library, self.agency);
        let searching = self.searching.iter();
        let searching: BTreeMap<_, _> =
            searching.map(|(name, id)| ((*name).to_owned(), Laws::new(self.library, id))).collect();
        let whose = Whose {
            own: &self.own,
            state: self.state,
            laws: &laws,
            searching: &searching,
            names: &names,
        };
        let register = Register::new(self.recorded.clone());
        let context = Context { whose: &whose, thresholds: &self.thresholds, register: &register };
        let common = Common {
            cases: register.cases(),
            key: &key(),
            rules: Rules::published(),
            names: &names,
            hasher: &hasher,
            zone: &TimeZone::UTC,
            own: &self.own[0],
        };
        let how = How { layouts: &layouts, common, threads: self.threads };
        let opened = files
            .into_iter()
            .map(|(name, input)| Opened { name: name.to_owned(), input })
            .collect();
        let (made, leads) =
            audit(opened, how, &context, self.sample, [rows, leads], &|_, _, _| {})?;
        let rows: u64 = made.files.iter().map(|file| file.rows).sum();
        let rejected: u64 = made.files.iter().map(|file| file.rejected_rows).sum();
        let copies = made.copies.within + made.copies.across;
        assert_eq!(rows, made.searches + made.events + copies + rejected, "rows add up");
        let findings: Vec<Finding> = leads.iter().collect::<Result<_, _>>()?;
        for (test, count) in &made.leads {
            let told = findings.iter().filter(|finding| finding.test == *test).count() as u64;
            assert_eq!(*count, told, "leads of {test} are told");
        }
        let order: Vec<_> = findings
            .iter()
            .map(|it| (Plain::of_word(&it.plain), &it.test, &it.rows, &it.id))
            .collect();
        assert!(order.is_sorted(), "leads come in their order");
        Ok(Made { audit: made, findings })
    }
}

/// The key of the tests.
pub(crate) fn key() -> Key {
    Key::new([5; 16])
}

/// A file in memory.
pub(crate) fn text(text: impl Into<String>) -> Box<dyn Input> {
    Box::new(Cursor::new(text.into().into_bytes()))
}
