//! Findings: leads for review, in the words and with the rows that a reviewer needs.
//!
//! - In: groups of searches that a test calls leads.
//! - Out: [`Finding`]s in one order, each with a name made of what it is about, so that a second
//!   run over the same files finds the same.
//! - Absent: who did it. An account is a token, for which the agency alone has the name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use law::{Facts, Outcome, Pack, decide};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checks::{About, Context, Group, GroupKey, Hit, Lead, Place, Told};
use crate::decided::{Action, Seen};
use crate::log::{Row, Search, date};

/// A lead for review.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    /// Its name: of the test and of the first row, by the hash of its file.
    pub id: String,
    /// The test.
    pub test: String,
    /// How plain it is.
    pub plain: String,
    /// What was found.
    pub says: String,
    /// The agency that searched, as the log names it.
    pub agency: Arc<str>,
    /// The token of the account, where there is one.
    pub account: Option<String>,
    /// The local day of the first row.
    pub day: String,
    /// How many searches it is about.
    pub searches: u64,
    /// The first of them.
    pub rows: Vec<FoundRow>,
    /// What the law in force that day says, for the agency whose system it is.
    pub law: Option<Arc<Said>>,
    /// What may explain it innocently.
    pub innocent: Vec<Cow<'static, str>>,
}

/// A row of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct FoundRow {
    /// When it was, UTC.
    pub time: String,
    /// The file, by its place among those given, counted from 1.
    pub file: usize,
    /// The SHA-256 of the file.
    pub sha256: Arc<str>,
    /// The row in it, as a spreadsheet counts.
    pub row: u32,
    /// The line in it.
    pub line: u32,
    /// The reason as it stands there; private.
    pub reason: Option<Arc<str>>,
}

/// What the law says of a search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Said {
    /// What was decided.
    pub action: String,
    /// To what.
    pub outcome: String,
    /// The provisions that determine it, with their grade.
    pub grounds: Vec<SaidGround>,
    /// The facts that the law asks for and the log does not say.
    pub missing: Vec<String>,
    /// The digest of the pack.
    pub pack: String,
}

/// A provision.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SaidGround {
    /// Its name in the pack.
    pub id: String,
    /// Its citation.
    pub cite: String,
    /// How well it is evidenced.
    pub grade: String,
}

/// Makes findings of one audit.
pub(crate) struct Findings<'a> {
    context: &'a Context<'a>,
    /// The SHA-256 of each file.
    files: &'a [Arc<str>],
    /// What the law said.
    said: HashMap<Case, Arc<Said>, RandomState>,
}

/// All that decides what the law says of a search: the address of the pack among it, and the facts
/// as they are stated. Searches of several classes may state the same.
type Case = (usize, Action, Vec<(&'static str, &'static str)>);

impl<'a> Findings<'a> {
    /// About files with these hashes.
    pub(crate) fn new(context: &'a Context<'a>, files: &'a [Arc<str>]) -> Self {
        Self { context, files, said: HashMap::default() }
    }

    /// What a test found in a group, which has a hit.
    ///
    /// # Errors
    /// If the law could not be asked.
    pub(crate) fn finding(
        &mut self,
        about: &About,
        key: &GroupKey,
        group: &Group,
        lead: Lead,
    ) -> Result<Finding, String> {
        let Some(Hit { place: first, told }) = group.first.first() else {
            return Err(format!("a lead of `{}` has no row; please report this", about.id));
        };
        let law = match told.outcome {
            Some(_) => self.said(told)?,
            None => None,
        };
        Ok(Finding {
            id: self.id(about, first),
            test: about.id.to_owned(),
            plain: lead.plain.word().to_owned(),
            says: lead.says,
            agency: self.context.whose.names.text(key.agency).unwrap_or_else(|| "not kept".into()),
            account: (key.account != 0).then(|| format!("{:016x}", key.account)),
            day: date(told.day).to_string(),
            searches: group.hits,
            rows: group.first.iter().map(|hit| self.row(&hit.place)).collect(),
            law,
            innocent: about.innocent.iter().map(|&it| it.into()).collect(),
        })
    }

    fn id(&self, about: &About, first: &Place) -> String {
        let file = self.files.get(usize::from(first.file)).map_or("", |file| file);
        let name = format!("{}\n{file}\n{}\n", about.id, first.row);
        let digest = Sha256::digest(name.as_bytes());
        crate::hex(digest.get(..6).unwrap_or_default())
    }

    fn row(&self, place: &Place) -> FoundRow {
        let time = jiff::Timestamp::from_second(i64::from(place.time)).unwrap_or_default();
        let file = usize::from(place.file);
        FoundRow {
            time: time.to_string(),
            file: file.saturating_add(1),
            sha256: self.files.get(file).cloned().unwrap_or_default(),
            row: place.row,
            line: place.line,
            reason: self.context.whose.names.text(place.reason),
        }
    }

    fn said(&mut self, told: &Told) -> Result<Option<Arc<Said>>, String> {
        let Some(pack) = self.context.whose.laws.on(told.day) else { return Ok(None) };
        let row = Row { class: told.class, information: told.information, ..Row::default() };
        let search = Search { row, copies: Vec::new() };
        let seen = Seen {
            search: &search,
            searcher: told.searcher,
            outcome: told.outcome,
            action: told.action,
            own_law: told.own_law,
        };
        let facts = self.context.whose.facts(&seen);
        let case = (Arc::as_ptr(&pack).addr(), told.action, facts);
        let said = match self.said.get(&case) {
            Some(said) => Arc::clone(said),
            None => {
                let said = Arc::new(self.ask(&pack, &seen)?);
                self.said.insert(case, Arc::clone(&said));
                said
            }
        };
        let by_column = told.outcome.unwrap_or(Outcome::Refer).word();
        if said.outcome != by_column {
            // The two ways to one answer differ: nothing may be published upon either.
            return Err(format!(
                "a search is {by_column} by column and {} alone; please report this",
                said.outcome
            ));
        }
        Ok(Some(said))
    }

    /// Decides one search alone, for its grounds.
    fn ask(&self, pack: &Pack, seen: &Seen<'_>) -> Result<Said, String> {
        let statements = self.context.whose.statements(seen);
        let facts =
            Facts::read(&pack.vocabulary, &statements).map_err(|errors| errors.join("; "))?;
        let decision = decide(pack, seen.action.word(), &facts, None)?;
        Ok(Said {
            action: seen.action.word().to_owned(),
            outcome: decision.outcome.word().to_owned(),
            grounds: decision
                .grounds
                .iter()
                .map(|ground| SaidGround {
                    id: ground.id.clone(),
                    cite: ground.citation.clone(),
                    grade: ground.grade.word().to_owned(),
                })
                .collect(),
            missing: decision.missing.iter().map(|missing| missing.name.clone()).collect(),
            pack: decision.pack.digest,
        })
    }
}
