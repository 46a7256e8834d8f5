//! Registers of synthetic years, shaped on the sample year that ships with the program.

use std::collections::VecDeque;
use std::path::Path;

use bailiwick::desk::{Desk, Intake};
use bailiwick::store::{Channel, ChannelKind, Draft, FORMAT, Settings, Store};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time, date};
use law::{Library, Source, Statement};
use register::entry::What;

use crate::Result;
use crate::chance::Chance;

/// The agency whose law decides.
pub const AGENCY: &str = "us-ma-boston-pd";

/// The year all requests are of.
pub const YEAR: i16 = 2025;

const CHANNELS: [(&str, ChannelKind); 6] = [
    ("fax-dedicated", ChannelKind::Fax),
    ("fax-b2", ChannelKind::Fax),
    ("fax-c11", ChannelKind::Fax),
    ("fax-d4", ChannelKind::Fax),
    ("mailbox", ChannelKind::Mailbox),
    ("desk", ChannelKind::Desk),
];

/// The settings of a register to be measured.
pub fn settings() -> Settings {
    let channel = |(id, kind): &(&str, ChannelKind)| Channel {
        id: (*id).to_owned(),
        kind: *kind,
        label: (*id).to_owned(),
    };
    Settings {
        format: FORMAT,
        agency: AGENCY.to_owned(),
        origin: format!("register.example/{AGENCY}"),
        channels: CHANNELS.iter().map(channel).collect(),
        banner: None,
        contact: None,
    }
}

/// Requests of a year, decided at the desk, as an endless stream of drafts of entries.
pub struct Stream<'a> {
    desk: Desk<'a>,
    chance: Chance,
    requests: usize,
    /// In how many requests the year passes.
    year: usize,
    waiting: VecDeque<Draft>,
}

impl<'a> Stream<'a> {
    /// The drafts for a store that has no entries yet, the year spread over so many requests.
    pub fn new(library: &'a Library, store: &Store, year: usize) -> Self {
        let (desk, chance) = (Desk::of(library, store), Chance::new(287));
        Self { desk, chance, requests: 0, year, waiting: VecDeque::new() }
    }

    /// The drafts of all entries of the next request.
    ///
    /// # Errors
    /// As the desk.
    pub fn request(&mut self) -> Result<Vec<Draft>> {
        let day = self.requests * 365 / self.year.max(1) % 365;
        let day = date(YEAR, 1, 1).checked_add((day as i64).days())?;
        self.requests += 1;
        Ok(self.desk.take(&intake(&mut self.chance, day, self.requests)?)?.drafts)
    }

    /// The drafts of the next so many entries, wherever among requests they begin and end.
    ///
    /// # Errors
    /// As the desk.
    pub fn entries(&mut self, count: usize) -> Result<Vec<Draft>> {
        while self.waiting.len() < count {
            let next = self.request()?;
            self.waiting.extend(next);
        }
        Ok(self.waiting.drain(..count).collect())
    }
}

/// A detainer as most of the sample's: on the usual form, for a civil purpose, about somebody who
/// could go, declined; in some the warrant was not looked for.
fn intake(chance: &mut Chance, day: Date, number: usize) -> Result<Intake> {
    let mut statements = vec![
        Statement::new("form", "i_247a", Source::Document),
        Statement::new("basis", "detainer", Source::Document),
        Statement::new(
            "requester",
            if chance.percent(85) { "ero" } else { "cbp" },
            Source::Document,
        ),
        Statement::new("purpose", "civil_immigration", Source::Officer),
        Statement::new("eligible_for_release", "true", Source::Officer),
    ];
    if chance.percent(95) {
        statements.push(Statement::new("criminal_warrant", "false", Source::Officer));
    }
    let boxes = ["biometric_match", "final_order", "pending_proceedings", "statements"];
    let (channel, _) = chance.pick(&CHANNELS).ok_or("there is no channel")?;
    Ok(Intake {
        channel: (*channel).to_owned(),
        day,
        time: Some(Time::MIN.wrapping_add((chance.below(1440) as i64).minutes())),
        station: chance.percent(60).then(|| "C-11".to_owned()),
        actions: vec!["hold".to_owned(), "notify".to_owned()],
        statements,
        reasons: boxes.iter().filter(|_| chance.percent(40)).map(|&word| word.into()).collect(),
        reference: Some(format!("S{}-{number}", YEAR % 100)),
        done: Some((What::Declined, day)),
        ..Intake::default()
    })
}

/// Makes a register with so many requests, each with its decisions and its deed.
///
/// # Errors
/// As the store.
pub fn with_requests(library: &Library, folder: &Path, requests: usize) -> Result<Store> {
    let mut store = Store::init(folder, settings())?;
    let mut stream = Stream::new(library, &store, requests);
    let mut drafts = Vec::new();
    for at in 1..=requests {
        drafts.extend(stream.request()?);
        if at.is_multiple_of(1000) || at == requests {
            eprint!("\ra register: request {at} of {requests}");
            store.append(std::mem::take(&mut drafts))?;
        }
    }
    eprintln!();
    Ok(store)
}

/// Makes a register with exactly so many entries; the last request may be without its decisions.
///
/// # Errors
/// As the store.
pub fn with_entries(library: &Library, folder: &Path, entries: usize) -> Result<Store> {
    let mut store = Store::init(folder, settings())?;
    let mut stream = Stream::new(library, &store, entries / 4);
    while let left @ 1.. = entries - usize::try_from(store.size())? {
        store.append(stream.entries(left.min(4000))?)?;
        eprint!("\ra register: entry {} of {entries}", store.size());
    }
    eprintln!();
    Ok(store)
}
