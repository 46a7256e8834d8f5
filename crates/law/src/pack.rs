//! All texts of law, and from them the pack in force for one agency on one day.
//!
//! In: files by name. Out: [`Library`], then [`Pack`]. A day is an argument; nothing here knows
//! what day it is, and no edition stands in for one that is missing.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::agency::Agency;
use crate::case::Case;
use crate::decision::{Checked, PackRef};
use crate::duty::Calendar;
use crate::edition::{Edition, Reader, parse_day};
use crate::engine::Engine;
use crate::signed::Signed;
use crate::{Facts, Problem, Rule, Statement, Vocabulary};

/// Every text that was read: the vocabulary, the agencies, the editions.
#[derive(Clone, Debug)]
pub struct Library {
    vocabulary: Arc<Vocabulary>,
    schema: cedar_policy::Schema,
    /// The line at which each fact begins.
    lines: Vec<usize>,
    agencies: BTreeMap<String, Agency>,
    /// By folder, then by first day.
    editions: BTreeMap<String, BTreeMap<Date, Arc<Edition>>>,
    /// SHA-256 of every file by its name.
    digests: BTreeMap<String, String>,
    /// The text of each edition by its file.
    texts: BTreeMap<String, Arc<str>>,
    /// What counsels have signed, by agency.
    signed: BTreeMap<String, Vec<Signed>>,
}

/// The editions in force for one agency on one day, highest maker first.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The agency.
    pub agency: Agency,
    /// The day.
    pub on: Date,
    /// SHA-256 over the names and digests of the files it was read from, in hexadecimal.
    pub digest: String,
    /// The words of facts and actions.
    pub vocabulary: Arc<Vocabulary>,
    /// The editions in the order of the stack.
    pub editions: Vec<Arc<Edition>>,
    /// The compiled law, by action, made when it is first asked; nothing where it is too large.
    engines: Arc<Vec<OnceLock<Option<Engine>>>>,
    /// The provisions that the agency's counsel has checked, by their ids.
    checked: BTreeMap<String, Checked>,
}

/// Why there is no pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPack {
    /// The agency is not known.
    #[error("there is no agency `{0}`; the agencies are: {1}")]
    Agency(String, String),
    /// No edition of the agency's principal instrument covers the day.
    #[error(
        "no edition of {citation} is in force on {on}; the first begins on {first}, and before it \
         this pack cannot answer"
    )]
    Day {
        /// The citation of the principal instrument.
        citation: String,
        /// The day asked for.
        on: Date,
        /// The first day any edition covers.
        first: Date,
    },
}

impl Library {
    /// Reads all files, named by their path inside the folder of law with `/` between parts:
    /// `vocabulary.toml`, `agencies/<agency>.md`, `<instrument>/<first day>.md`. A file named
    /// `README.md` is for people and is left alone.
    ///
    /// # Errors
    /// Every problem found, in the order of the files.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        Self::read_some(files, None)
    }

    /// As [`Library::read`], but of the instruments only those in one agency's stack, which is
    /// faster where only that agency is asked about. Problems in other texts are not found.
    ///
    /// # Errors
    /// Every problem found in those texts.
    pub fn read_for(files: &BTreeMap<String, String>, agency: &str) -> Result<Self, Vec<Problem>> {
        Self::read_some(files, Some(agency))
    }

    fn read_some(
        files: &BTreeMap<String, String>,
        only: Option<&str>,
    ) -> Result<Self, Vec<Problem>> {
        let name = "vocabulary.toml";
        let text = files.get(name).ok_or_else(|| {
            vec![Problem::new(
                name,
                0,
                "there is no `vocabulary.toml` here; is this a folder of law?",
            )]
        })?;
        let (vocabulary, lines) = Vocabulary::read_with_lines(name, text)?;
        let vocabulary = Arc::new(vocabulary);
        let reader = Reader::new(&vocabulary)?;
        let mut problems = Vec::new();
        let mut agencies = BTreeMap::new();
        let mut editions: BTreeMap<String, BTreeMap<Date, Arc<Edition>>> = BTreeMap::new();
        let (mut texts, mut kept) = (Vec::new(), BTreeMap::new());
        for (file, text) in files {
            match place(file) {
                Ok(Place::Other) => {}
                Ok(Place::Agency(id)) => match Agency::read(file, id, text) {
                    Ok(agency) => drop(agencies.insert(id.to_owned(), agency)),
                    Err(mut found) => problems.append(&mut found),
                },
                Ok(Place::Edition(path, from)) => texts.push((file, path, from, text)),
                Err(problem) => problems.push(problem),
            }
        }
        let stack = only.map(|id| agencies.get(id).map_or(&[][..], |agency| &agency.stack));
        for (file, path, from, text) in texts {
            if stack.is_some_and(|stack| !stack.iter().any(|wanted| wanted == path)) {
                continue;
            }
            match reader.edition(file, path, from, text) {
                Ok(edition) => {
                    let dated = editions.entry(path.to_owned()).or_default();
                    dated.insert(from, Arc::new(edition));
                    kept.insert(file.clone(), Arc::from(text.as_str()));
                }
                Err(mut found) => problems.append(&mut found),
            }
        }
        problems.extend(one_id_an_instrument(&editions));
        // A file that could not be read is not missing from a stack; one problem is said once.
        if problems.is_empty() {
            let asked = |id: &str| only.is_none_or(|only| only == id);
            problems.extend(stacks(agencies.values().filter(|it| asked(&it.id)), &editions));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let digests = files.iter().map(|(name, text)| (name.clone(), sha256(text))).collect();
        let schema = reader.schema().clone();
        let signed = BTreeMap::new();
        let texts = kept;
        Ok(Self { vocabulary, schema, lines, agencies, editions, digests, texts, signed })
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// The line of `vocabulary.toml` at which a fact begins.
    pub(crate) fn line_of_fact(&self, position: usize) -> usize {
        self.lines.get(position).copied().unwrap_or(0)
    }

    /// The Cedar schema every rule was validated against.
    pub fn schema(&self) -> &cedar_policy::Schema {
        &self.schema
    }

    /// The agencies, by id.
    pub fn agencies(&self) -> impl Iterator<Item = &Agency> {
        self.agencies.values()
    }

    /// The editions, by folder and day.
    pub fn editions(&self) -> impl Iterator<Item = &Arc<Edition>> {
        self.editions.values().flat_map(BTreeMap::values)
    }

    /// The edition of an instrument that begins on a day, by the instrument's short name.
    #[must_use]
    pub fn edition(&self, instrument: &str, from: Date) -> Option<&Arc<Edition>> {
        self.editions().find(|it| it.from == from && it.instrument.id == instrument)
    }

    /// The text an edition was read from.
    #[must_use]
    pub fn text(&self, edition: &Edition) -> Option<&str> {
        self.texts.get(&edition.file).map(AsRef::as_ref)
    }

    /// The pack in force for an agency on a day.
    ///
    /// # Errors
    /// An unknown agency, or a day that no edition of its principal instrument covers.
    pub fn pack(&self, agency: &str, on: Date) -> Result<Pack, NoPack> {
        let agency = self.agency(agency)?;
        if self.in_force(&agency.principal, on).is_none() {
            let first = self.editions.get(&agency.principal).and_then(|all| all.first_key_value());
            if let Some((first, edition)) = first {
                let citation = edition.instrument.citation.clone();
                return Err(NoPack::Day { citation, on, first: *first });
            }
        }
        let editions: Vec<_> =
            agency.stack.iter().filter_map(|path| self.in_force(path, on)).cloned().collect();
        let mut hash = Sha256::new();
        let files = editions.iter().map(|edition| edition.file.as_str());
        for file in ["vocabulary.toml", &agency.file].into_iter().chain(files) {
            hash.update(file);
            hash.update(b"\n");
            hash.update(self.digests.get(file).map_or("", String::as_str));
            hash.update(b"\n");
        }
        let in_force = |file: &String| editions.iter().any(|edition| edition.file == *file);
        let signed = self.signed.get(&agency.id).into_iter().flatten();
        let checked = signed.filter(|signed| in_force(&signed.edition)).flat_map(Signed::checked);
        Ok(Pack {
            checked: checked.collect(),
            agency: agency.clone(),
            on,
            digest: hex(&hash.finalize()),
            vocabulary: Arc::clone(&self.vocabulary),
            editions,
            engines: Arc::new(self.vocabulary.actions.iter().map(|_| OnceLock::new()).collect()),
        })
    }

    /// The days on which an agency's pack changes, from the first it has one.
    ///
    /// # Errors
    /// An unknown agency.
    pub fn change_days(&self, agency: &str) -> Result<Vec<Date>, NoPack> {
        let agency = self.agency(agency)?;
        let first = self.editions.get(&agency.principal).and_then(|all| all.keys().next().copied());
        let mut days: Vec<Date> = agency
            .stack
            .iter()
            .filter_map(|path| self.editions.get(path))
            .flat_map(BTreeMap::keys)
            .copied()
            .filter(|day| first.is_some_and(|first| *day >= first))
            .collect();
        days.sort();
        days.dedup();
        Ok(days)
    }

    /// An agency by its id.
    ///
    /// # Errors
    /// An unknown agency, with those that are known.
    pub fn agency(&self, id: &str) -> Result<&Agency, NoPack> {
        self.agencies.get(id).ok_or_else(|| {
            let known: Vec<_> = self.agencies.keys().map(String::as_str).collect();
            NoPack::Agency(id.to_owned(), known.join(", "))
        })
    }

    /// SHA-256 of a file that was read, in hexadecimal.
    #[must_use]
    pub fn digest(&self, file: &str) -> Option<&str> {
        self.digests.get(file).map(String::as_str)
    }

    /// Everything that counsels have signed, by agency.
    pub fn signatures(&self) -> impl Iterator<Item = &Signed> {
        self.signed.values().flatten()
    }

    /// Takes note of what an agency's counsel has signed. That the signature holds was found out
    /// before: no key is known here.
    ///
    /// # Errors
    /// An agency, an edition in its stack or a provision that is not there, and an edition that
    /// has changed since.
    pub fn signed(&mut self, signed: Signed) -> Result<(), String> {
        let agency = self.agency(&signed.agency).map_err(|error| error.to_string())?;
        let folder = signed.edition.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !agency.stack.iter().any(|path| path == folder) {
            return Err(format!("`{folder}` does not stand in the stack of `{}`", agency.id));
        }
        let mut editions = self.editions.get(folder).into_iter().flat_map(BTreeMap::values);
        let edition = editions.find(|edition| edition.file == signed.edition);
        let edition = edition.ok_or_else(|| format!("there is no edition `{}`", signed.edition))?;
        if self.digest(&signed.edition) != Some(&signed.sha256) {
            return Err(format!(
                "`{}` has changed since it was signed on {}: have it signed again, or delete this \
                 file",
                signed.edition, signed.on
            ));
        }
        let known = |id: &&String| edition.rules.iter().any(|rule| rule.id == **id);
        if let Some(stray) = signed.provisions.iter().find(|id| !known(id)) {
            return Err(format!("`{stray}` is no rule of `{}`", signed.edition));
        }
        self.signed.entry(signed.agency.clone()).or_default().push(signed);
        Ok(())
    }

    fn in_force(&self, path: &str, on: Date) -> Option<&Arc<Edition>> {
        self.editions.get(path)?.range(..=on).next_back().map(|(_, edition)| edition)
    }

    /// The same law without one rule, to see whether an example notices.
    pub(crate) fn without(&self, rule: &Rule) -> Self {
        let mut less = self.clone();
        for edition in less.editions.values_mut().flat_map(BTreeMap::values_mut) {
            if edition.file == rule.file {
                Arc::make_mut(edition).rules.retain(|kept| kept.id != rule.id);
            }
        }
        less
    }
}

impl Pack {
    /// The rules of all editions in the order of the stack, each with the position of its
    /// edition.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.editions
            .iter()
            .enumerate()
            .flat_map(|(at, edition)| edition.rules.iter().map(move |rule| (at, rule)))
    }

    /// That the agency's counsel has checked a provision, by its id.
    #[must_use]
    pub fn checked(&self, provision: &str) -> Option<&Checked> {
        self.checked.get(provision)
    }

    /// The compiled law of an action; nothing where it is too large to compile.
    pub(crate) fn engine(&self, case: &Case<'_>) -> Option<&Engine> {
        let slot = self.engines.get(case.position)?;
        slot.get_or_init(|| Engine::compile(case).ok()).as_ref()
    }

    /// Reads what is stated about a request of the pack's day: days and numbers become the values
    /// they come to ([`Vocabulary::measured`]), and what follows is drawn ([`Facts::read`]).
    ///
    /// # Errors
    /// As these two.
    pub fn facts(&self, statements: &[Statement]) -> Result<Facts, Vec<String>> {
        Facts::read(&self.vocabulary, &self.vocabulary.measured(statements, self.on)?)
    }

    /// The name of the pack, as answers carry it.
    pub fn name(&self) -> PackRef {
        PackRef {
            agency: self.agency.id.clone(),
            day: self.on.to_string(),
            digest: self.digest.clone(),
        }
    }

    /// The holidays the pack names; none where no instrument in it does.
    pub fn calendar(&self) -> Calendar {
        self.editions.iter().find_map(|edition| edition.calendar.clone()).unwrap_or_default()
    }

    /// The reports that the law of the agency orders, highest maker first, each with the edition
    /// that orders it.
    pub fn reports(&self) -> impl Iterator<Item = (&Edition, &crate::report::Definition)> {
        self.editions
            .iter()
            .flat_map(|edition| edition.reports.iter().map(move |it| (edition.as_ref(), it)))
    }
}

enum Place<'a> {
    Agency(&'a str),
    Edition(&'a str, Date),
    Other,
}

fn place(file: &str) -> Result<Place<'_>, Problem> {
    if file == "vocabulary.toml"
        || file.rsplit('/').next() == Some("README.md")
        || file.ends_with(".signed")
    {
        return Ok(Place::Other);
    }
    let Some((folder, name)) = file.strip_suffix(".md").and_then(|path| path.rsplit_once('/'))
    else {
        let message = "not a file of law; an edition is `<instrument>/<first day>.md`, an agency \
                       `agencies/<agency>.md`, a text for people `README.md`";
        return Err(Problem::new(file, 0, message));
    };
    if folder == "agencies" {
        return Ok(Place::Agency(name));
    }
    let day = parse_day(name).map_err(|error| {
        Problem::new(file, 0, format!("an edition is named by its first day: {error}"))
    })?;
    Ok(Place::Edition(folder, day))
}

/// The short name of an instrument stands for one folder, in all its editions.
fn one_id_an_instrument(editions: &BTreeMap<String, BTreeMap<Date, Arc<Edition>>>) -> Vec<Problem> {
    let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for dated in editions.values() {
        let first = dated.values().next().map(|edition| (&edition.file, &edition.instrument.id));
        for edition in dated.values() {
            let (path, id) = (&edition.path, &edition.instrument.id);
            let mut say = |message| {
                problems.push(Problem::new(&edition.file, edition.instrument.line, message));
            };
            let taken = *owner.entry(id).or_insert(path);
            if taken != path {
                say(format!("instrument id `{id}` is already that of `{taken}`; write another"));
            }
            if let Some((file, before)) = first
                && before != id
            {
                say(format!("instrument id `{id}` is `{before}` in `{file}`; keep that"));
            }
        }
    }
    problems
}

fn stacks<'a>(
    agencies: impl Iterator<Item = &'a Agency>,
    editions: &BTreeMap<String, BTreeMap<Date, Arc<Edition>>>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for agency in agencies {
        for path in &agency.stack {
            if !editions.contains_key(path) {
                let message = format!(
                    "`stack` names `{path}`, of which there is no edition; write \
                     `{path}/<first day>.md`, or take it out"
                );
                problems.push(Problem::new(&agency.file, agency.line, message));
            }
        }
    }
    problems
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
