//! What all visits to the desk share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use law::{Library, Pack};

use super::assets::Assets;
use super::database::Database;
use super::held;
use super::jobs::Jobs;
use super::once::Once;
use super::papers::Papers;
use super::people::{Passkeys, People, Token};
use super::recorder::Recorder;
use super::views::Looks;
use crate::desk;
use crate::error::{Error, Result};
use crate::store::{Channel, Settings, Store};

/// What tells the time, in seconds since 1970.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// A desk that is open for visits.
pub struct App {
    /// The register.
    pub recorder: Recorder,
    /// What the desk remembers that is no entry.
    pub database: Arc<Database>,
    /// The people.
    pub people: People,
    /// Papers that are not recorded yet.
    pub papers: Papers,
    /// Forms that were recorded lately.
    pub once: Once,
    /// Audits that run.
    pub jobs: Jobs,
    /// Who looks at private parts just now.
    pub looks: Looks,
    /// The files that pages are made with.
    pub assets: Assets,
    /// The register's folder.
    pub folder: PathBuf,
    /// Whether visits come over TLS.
    pub secure: bool,
    /// Passkeys, where the desk has an address they can be bound to.
    pub passkeys: Option<Passkeys>,
    settings: Settings,
    agency: String,
    zone: TimeZone,
    clock: Clock,
    /// The latest time there was: a clock that steps back does not open what was shut.
    latest: AtomicI64,
    /// The law of the days last asked about, compiled as far as it was asked.
    packs: Mutex<BTreeMap<Date, Arc<Pack>>>,
}

/// Days whose law is kept: today's and those of papers that came late.
const DAYS: usize = 32;

impl App {
    /// Opens the desk of a register.
    ///
    /// # Errors
    /// An agency without law, and a `desk.db` that cannot be opened.
    pub fn new(store: Store, folder: &Path, library: Library, clock: Clock) -> Result<Self> {
        let settings = store.settings().clone();
        let agency = library.agency(&settings.agency);
        let agency = agency.map_err(|error| Error::Input(error.to_string()))?;
        let zone = TimeZone::get(&agency.timezone)
            .map_err(|error| Error::Input(format!("time zone of the agency: {error}")))?;
        let database = Arc::new(Database::open(folder)?);
        let papers = Papers::new(Arc::clone(&database), folder);
        // What was recorded just before the program last ended does not wait any more.
        papers.settle(&store)?;
        Self::sweep(&papers, &store, clock());
        let jobs = Jobs::new(&store, folder)?;
        Ok(Self {
            agency: agency.name.clone(),
            zone,
            people: People::new(Arc::clone(&database)),
            database,
            papers,
            once: Once::default(),
            recorder: Recorder::new(store, folder, Arc::new(library)),
            jobs,
            looks: Looks::default(),
            assets: Assets::new(),
            folder: folder.to_owned(),
            secure: false,
            passkeys: None,
            settings,
            clock,
            latest: AtomicI64::new(0),
            packs: Mutex::default(),
        })
    }

    /// Lets go of scans that nothing refers to; where that fails, they only lie there longer.
    fn sweep(papers: &Papers, store: &Store, now: i64) {
        match papers.sweep(store, now) {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "scans were removed that nothing refers to"),
            Err(error) => tracing::warn!(%error, "scans that nothing refers to"),
        }
    }

    /// Sees to papers: those that were recorded just before something failed do not wait any more.
    ///
    /// # Errors
    /// A register, a database or a disk that cannot be read or written.
    pub fn tidy_papers(&self) -> Result<()> {
        let now = self.now();
        self.read(|store| {
            self.papers.settle(store)?;
            Self::sweep(&self.papers, store, now);
            Ok(())
        })
    }

    /// What the agency is called.
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The law.
    pub fn library(&self) -> &Library {
        self.recorder.library()
    }

    /// The law in force on a day.
    ///
    /// # Errors
    /// A day before the law.
    pub fn pack(&self, day: Date) -> Result<Arc<Pack>> {
        if let Some(pack) = held(&self.packs).get(&day) {
            return Ok(Arc::clone(pack));
        }
        let pack = Arc::new(desk::pack(self.library(), &self.settings.agency, day)?);
        let mut packs = held(&self.packs);
        if packs.len() >= DAYS {
            packs.clear();
        }
        packs.insert(day, Arc::clone(&pack));
        Ok(pack)
    }

    /// The register's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A channel by its id.
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.settings.channels.iter().find(|channel| channel.id == id)
    }

    /// The time, in seconds since 1970; never before one that was told already.
    pub fn now(&self) -> i64 {
        let now = (self.clock)();
        self.latest.fetch_max(now, Ordering::Relaxed).max(now)
    }

    /// By how many seconds the clock has stepped back.
    pub fn stepped_back(&self) -> i64 {
        self.now().saturating_sub((self.clock)())
    }

    /// The day it is at the agency's place.
    pub fn today(&self) -> Date {
        self.at(self.now()).date()
    }

    /// A time at the agency's place.
    pub fn at(&self, seconds: i64) -> jiff::Zoned {
        Timestamp::from_second(seconds).unwrap_or_default().to_zoned(self.zone.clone())
    }

    /// How many entries the register has.
    pub fn size(&self) -> u64 {
        self.recorder.size()
    }

    /// Reads the register.
    ///
    /// # Errors
    /// As [`Recorder::read`].
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        self.recorder.read(read)
    }

    /// Makes the first account where there is none yet, and a token to invite its person with.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn first_invitation(&self) -> Result<Option<Token>> {
        let people = self.people.all()?;
        let first = match people.as_slice() {
            [] => {
                let roles = super::role::Roles::of(&[super::role::Role::Administrator]);
                self.people.add("admin", "Administrator", roles)?
            }
            [only] if !only.ready => only.clone(),
            _ => return Ok(None),
        };
        self.people.invite(first.id, self.now()).map(Some)
    }
}
