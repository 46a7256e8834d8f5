//! Publishing: the reports the law orders, from the register, and the check of all that is public.
//!
//! In: a store, or a public folder and nothing else. Out: report files beside the tiles, with an
//! entry that carries the digest of their data; or what a stranger finds when checking them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use law::report::{Definition, Feature, Nil, Stretch};
use law::{Edition, Library, Pack};
use register::checkpoint::Checkpoint;
use register::entry::{self, Public};
use register::note::Verifier;
use register::verify::{self, Verified};
use report::{About, Agency, Instrument, Report};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::desk::{self, draft};
use crate::error::{Error, Result};
use crate::store::{Folder, Store};

/// The name of the report's data file; its SHA-256 is what the register records.
const DATA: &str = "report.json";

/// A report that the law in force on a day orders.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// Its name: `instrument/report`.
    pub name: String,
    /// What is ordered.
    pub definition: Definition,
    /// The folder of the instrument that orders it.
    path: String,
    pack: Pack,
}

/// Every report that the law of an agency orders on a day, highest maker first.
///
/// # Errors
/// A day the law does not cover.
pub fn all_ordered(library: &Library, agency: &str, day: Date) -> Result<Vec<Ordered>> {
    let pack = desk::pack(library, agency, day)?;
    let one = |(edition, definition): (&Edition, &Definition)| Ordered {
        name: name(edition, definition),
        definition: definition.clone(),
        path: edition.path.clone(),
        pack: pack.clone(),
    };
    Ok(pack.reports().map(one).collect())
}

/// The report that the law of an agency orders on a day, by its name, with the instrument's in
/// front or without; it need not be named where there is one only.
///
/// # Errors
/// A law that orders none, or several where none or another is named; they are told.
pub fn ordered(library: &Library, agency: &str, which: Option<&str>, day: Date) -> Result<Ordered> {
    let all = all_ordered(library, agency, day)?;
    let whose = || -> Result<String> {
        let agency = library.agency(agency).map_err(|error| Error::Input(error.to_string()))?;
        Ok(format!("the law of {} in force on {day}", agency.name))
    };
    let known = || {
        let one = |it: &Ordered| {
            let period = it.definition.period;
            format!("`{}` (each {}, as {})", it.name, period.says(), period.example())
        };
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let asked =
        |it: &&Ordered| which.is_none_or(|which| which == it.name || which == it.definition.id);
    let found: Vec<_> = all.iter().filter(asked).collect();
    match (found.as_slice(), which) {
        ([one], _) => Ok((*one).clone()),
        _ if all.is_empty() => Err(Error::Input(format!(
            "{} has no coded report; what it orders in words stands in its text",
            whose()?
        ))),
        ([], Some(which)) => {
            Err(Error::Input(format!("{} has no report `{which}`; it has {}", whose()?, known())))
        }
        _ => Err(Error::Input(format!(
            "{} orders several reports; name one with `--report`: {}",
            whose()?,
            known()
        ))),
    }
}

fn name(edition: &Edition, definition: &Definition) -> String {
    format!("{}/{}", edition.instrument.id, definition.id)
}

/// Counts a report of a register, up to its last entry. The law is that of the period's last day.
///
/// # Errors
/// A period of another kind than the report's, or entries that do not fit together.
pub fn count(store: &Store, ordered: &Ordered, period: Stretch) -> Result<Report> {
    let about = about(store, ordered, period)?;
    report::count(&about, &store.entries()?).map_err(|error| Error::Input(error.to_string()))
}

/// What a report of a register is about, as of its last entry.
///
/// # Errors
/// A period of another kind than the report's.
pub fn about(store: &Store, ordered: &Ordered, period: Stretch) -> Result<About> {
    let Ordered { name, definition, path, pack } = ordered;
    if definition.period != period.period() {
        return Err(Error::Input(format!(
            "`{period}` is a {}, and the report `{name}` is for each {}: write `--period` as in {}",
            period.period().says(),
            definition.period.says(),
            definition.period.example()
        )));
    }
    let checkpoint = Checkpoint::open(store.checkpoint(), &store.vkey())
        .map_err(|error| Error::Unverified(error.to_string()))?;
    Ok(About {
        agency: Agency { id: pack.agency.id.clone(), name: pack.agency.name.clone() },
        period,
        definition: definition.clone(),
        instruments: instruments(pack, path),
        channels: channels(store),
        labels: labels(pack, definition),
        checkpoint: report::Checkpoint {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            root: checkpoint.text().lines().nth(2).unwrap_or_default().to_owned(),
            text: store.checkpoint().to_owned(),
        },
    })
}

/// Whether a report may be published on a day: that there was nothing can only be certified when
/// the period is over. Nothing else has to wait, since a report says up to when it was counted.
///
/// # Errors
/// The day after which it can.
pub fn allowed(report: &Report, today: Date) -> Result<()> {
    let period = report.about.period;
    let certified = report.is_nil() && report.about.definition.nil == Some(Nil::Certified);
    if certified && !is_over(period, today) {
        return Err(Error::Input(format!(
            "{period} is not over (today is {today}): that there was nothing can be certified \
             after {}",
            period.last()
        )));
    }
    Ok(())
}

/// Whether a period is over.
pub fn is_over(period: Stretch, today: Date) -> bool {
    period.last() < today
}

/// Whether a report is one of nothing that the law does not ask for.
pub fn not_owed(report: &Report) -> bool {
    report.is_nil() && report.about.definition.nil == Some(Nil::NotOwed)
}

/// The instruments in force, the one that orders the report first.
fn instruments(pack: &Pack, first: &str) -> Vec<Instrument> {
    let mut editions: Vec<_> = pack.editions.iter().collect();
    editions.sort_by_key(|edition| edition.path != first);
    editions
        .into_iter()
        .map(|edition| Instrument {
            title: edition.title.clone(),
            citation: edition.instrument.citation.clone(),
            edition: edition.from.to_string(),
            grade: edition.grade(),
        })
        .collect()
}

/// Plain words for the words in entries. Provisions are cited where the report tells of them.
fn labels(pack: &Pack, definition: &Definition) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> =
        REASONS.iter().map(|(word, says)| ((*word).to_owned(), (*says).to_owned())).collect();
    for name in ["basis", "form", "requester"] {
        let fact = pack.vocabulary.fact(name).and_then(|at| pack.vocabulary.facts.get(at));
        for value in fact.map(|fact| fact.values.as_slice()).unwrap_or_default() {
            labels.insert(format!("{name}={}", value.name), value.says.clone());
        }
    }
    let told = |item: &law::report::Item| {
        item.by == Some(Feature::Ground) || item.show.contains(&Feature::Ground)
    };
    if definition.items.iter().any(told) {
        let cited = |rule: &law::Rule| (format!("ground={}", rule.id), rule.cite.clone());
        labels.extend(pack.rules().map(|(_, rule)| cited(rule)));
    }
    labels
}

fn channels(store: &Store) -> BTreeMap<String, String> {
    let channels = &store.settings().channels;
    channels.iter().map(|channel| (channel.id.clone(), channel.label.clone())).collect()
}

/// The boxes of Form I-247A that give a reason, in plain words: four under its heading, and
/// custody that is resumed.
pub const REASONS: [(&str, &str); 5] = [
    ("final_order", "A final order of removal"),
    ("pending_proceedings", "Ongoing removal proceedings"),
    ("biometric_match", "Biometric identification and a federal database check"),
    ("statements", "Statements to an immigration officer or other reliable evidence"),
    ("resume_custody", "Transferred by the federal agency, which means to resume custody"),
];

/// The files of a report, by name: the data file, three made from it for people and for tables, and
/// the description of all four.
///
/// # Errors
/// If a template cannot be filled.
pub fn files(report: &Report) -> Result<Vec<(&'static str, String)>> {
    let wrong = |error: report::Error| Error::Input(error.to_string());
    Ok(vec![
        (DATA, report.json().map_err(wrong)?),
        ("report.csv", report.csv()),
        ("report.md", report.markdown()),
        ("report.html", report.html().map_err(wrong)?),
        ("datapackage.json", report.package().map_err(wrong)?),
    ])
}

/// Writes the files of a report, durably, into a folder that is made if need be.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn write(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    for (name, text) in files(report)? {
        let path = folder.join(name);
        // A reader never sees half a file: it is written beside and then moved into place.
        let part = folder.join(format!("{name}.part"));
        durably(&part, text.as_bytes()).map_err(Error::file(&part))?;
        std::fs::rename(&part, &path).map_err(Error::file(&path))?;
    }
    for made in folder.ancestors().take(3) {
        File::open(made).and_then(|made| made.sync_all()).map_err(Error::file(made))?;
    }
    Ok(())
}

fn durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Publishes a report beside the tiles and records that it was.
///
/// The files come first: an entry that names a report always finds it.
///
/// # Errors
/// As [`write()`], or as the store's.
pub fn publish(store: &mut Store, report: &Report, by: Option<&str>) -> Result<(PathBuf, u64)> {
    let data = report.json().map_err(|error| Error::Input(error.to_string()))?;
    let sha256 = register::hex(&Sha256::digest(&data));
    let folder = store.public_dir().join(place(report.about.period, &sha256));
    write(report, &folder)?;
    let public = entry::Report {
        period: report.about.period.to_string(),
        sha256,
        counted_at: report.about.checkpoint.size,
    };
    let private = by.map_or_else(register::seal::nothing, |by| json!({ "by": by }));
    let indices = store.append(vec![draft(Public::Report(public), private)])?;
    Ok((folder, indices.first().copied().unwrap_or_default()))
}

/// The names of a report's files.
pub const FILES: [&str; 5] = ["report.html", "report.md", "report.csv", DATA, "datapackage.json"];

/// Where a report lies in the public folder. A restated report has another digest and does not
/// take the place of the one before.
pub fn place(period: impl std::fmt::Display, sha256: &str) -> PathBuf {
    PathBuf::from(format!("reports/{period}-{}", sha256.get(..12).unwrap_or(sha256)))
}

/// What a stranger found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The register, every entry and hash checked.
    pub verified: Verified,
    /// The periods of the reports that were counted again, in the order they were published.
    pub reports: Vec<String>,
}

/// Checks a public folder, believing nothing in it but the key given: signature, tree, entries,
/// the rules between them, and every number of every report that was published. The other files of
/// a report are derived from its data file and so are not checked: anyone can make them again.
///
/// # Errors
/// The first thing that does not hold.
pub fn check(folder: &Path, verifier: &Verifier) -> Result<Found> {
    let wrong = |error: register::Error| Error::Unverified(error.to_string());
    let verified = verify::register(&Folder::new(folder), verifier).map_err(wrong)?;
    let entries: Vec<(u64, Public)> = (0_u64..).zip(verified.entries.iter().cloned()).collect();
    let mut reports = Vec::new();
    for (index, public) in &entries {
        let Public::Report(entry) = public else { continue };
        let path = folder.join(place(&entry.period, &entry.sha256)).join(DATA);
        let unverified = |what: String| {
            let period = &entry.period;
            Error::Unverified(format!(
                "report of {period} (entry {index}), `{}`: {what}",
                path.display()
            ))
        };
        let data = std::fs::read(&path).map_err(|error| unverified(error.to_string()))?;
        if register::hex(&Sha256::digest(&data)) != entry.sha256 {
            return Err(unverified("it is not the file the register recorded".to_owned()));
        }
        let counted = usize::try_from(entry.counted_at).unwrap_or(usize::MAX);
        let counted = entries.get(..counted).unwrap_or(&entries);
        let report =
            report::recount(&data, counted).map_err(|error| unverified(error.to_string()))?;
        let about = (report.about.period.to_string(), report.about.checkpoint.size);
        if about != (entry.period.clone(), entry.counted_at) {
            return Err(unverified(format!(
                "it is that of {}, counted from {} entries, and the register recorded another",
                about.0, about.1
            )));
        }
        reports.push(entry.period.clone());
    }
    Ok(Found { verified, reports })
}

/// The key to check with: the one given as text or as a file, else the one in the folder.
///
/// # Errors
/// A key that cannot be read.
pub fn key(folder: Option<&Path>, given: Option<&str>) -> Result<(Verifier, bool)> {
    let (text, trusted) = match (given, folder) {
        (Some(given), _) if given.contains('+') => (given.to_owned(), true),
        (Some(file), _) => (read(Path::new(file))?, true),
        (None, Some(folder)) => (read(&folder.join("vkey"))?, false),
        (None, None) => {
            let message = "name the key to check with: `--key` and the text or file of the vkey";
            return Err(Error::Input(message.to_owned()));
        }
    };
    let verifier = Verifier::parse(text.trim()).map_err(|error| Error::Input(error.to_string()))?;
    Ok((verifier, trusted))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::file(path))
}
