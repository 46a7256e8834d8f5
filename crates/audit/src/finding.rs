//! Findings: leads for review, in the words and with the rows that a reviewer needs.
//!
//! - In: groups of searches that a test calls leads.
//! - Out: [`Finding`]s in one order, each with a name made of what it is about, so that a second
//!   run over the same files finds the same.
//! - Absent: who did it. An account is a token, for which the agency alone has the name.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use foldhash::fast::RandomState;

use law::{Facts, Outcome, Pack, decide};
use serde::{Deserialize, Serialize};

use crate::checks::{About, Context, Group, GroupKey, Hit, Lead, Place, Told, is_open};
use crate::decided::{Action, Laws, Searcher, Seen, agreed};
use crate::log::{Key, Row, Search, date};
use crate::run::CannotAudit;

/// A lead for review.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    /// Its name: of the test and of the first row, by the hash of its file, under the agency's
    /// key. Names are public where a lead is closed, and hashes of files are; without a key one
    /// would find the row by trying.
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
    /// What the law in force that day says of the first of them, for the agency whose system it
    /// is; nothing where only the law of the agency that searched makes it a lead.
    pub law: Option<Arc<Said>>,
    /// What the law of the agency that searched says of it, where that does not plainly permit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_law: Option<Arc<Said>>,
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
    /// The id of the agency whose law it is.
    #[serde(default)]
    pub agency: String,
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

impl Finding {
    /// What the laws say that matter here, each with whose it is.
    pub fn laws(&self) -> impl Iterator<Item = (&'static str, &Said)> {
        let host = self.law.as_deref().map(|law| ("the law of that day", law));
        let own = self.own_law.as_deref().map(|law| ("the law of the agency that searched", law));
        host.into_iter().chain(own)
    }
}

/// The kind of tokens that name findings. What makes a row's tokens has others, so no cell of a log
/// can be written that has the name of a finding.
const NAMES: u8 = b'f';

/// Makes findings of one audit.
pub(crate) struct Findings<'a> {
    context: &'a Context<'a>,
    key: &'a Key,
    /// The SHA-256 of each file.
    files: &'a [Arc<str>],
    /// What the law said.
    said: HashMap<Case, Arc<Said>, RandomState>,
}

/// All that decides what the law says of a search: the address of the pack among it, and the facts
/// as they are stated. Searches of several classes may state the same.
type Case = (usize, Action, Vec<(&'static str, &'static str)>);

impl<'a> Findings<'a> {
    /// About files with these hashes, named under a key.
    pub(crate) fn new(context: &'a Context<'a>, key: &'a Key, files: &'a [Arc<str>]) -> Self {
        Self { context, key, files, said: HashMap::default() }
    }

    /// What a test found in a group, which has a hit.
    ///
    /// # Errors
    /// If the law could not be asked, or a reason does not come back.
    pub(crate) fn finding(
        &mut self,
        about: &About,
        key: &GroupKey,
        group: &Group,
        lead: Lead,
    ) -> Result<Finding, CannotAudit> {
        let Some(Hit { place: first, told }) = group.first.first() else {
            let why = format!("a lead of `{}` has no row; please report this", about.id);
            return Err(CannotAudit::Law(why));
        };
        let (agency, whose) = (self.context.whose.names.text(key.agency), self.context.whose);
        let own = told.own_law.filter(|own| is_open(Some(*own)));
        // A law that says nothing against it is not shown in the place of the one that does.
        let host = told.outcome.filter(|_| own.is_none() || is_open(told.outcome));
        let law = self
            .said(Some(whose.laws), (told.action, host), told.searcher, told)
            .map_err(CannotAudit::Law)?;
        let searching = agency.as_ref().and_then(|name| whose.searching.get(&**name));
        let own_law = self
            .said(searching, (Action::Search, own), Searcher::Own, told)
            .map_err(CannotAudit::Law)?;
        Ok(Finding {
            id: self.id(about, first),
            test: about.id.to_owned(),
            plain: lead.plain.word().to_owned(),
            says: lead.says,
            agency: agency.unwrap_or_else(|| "not kept".into()),
            account: (key.account != 0).then(|| format!("{:016x}", key.account)),
            day: date(told.day).to_string(),
            searches: group.hits,
            rows: group.first.iter().map(|hit| self.row(&hit.place)).collect::<io::Result<_>>()?,
            law,
            own_law,
            innocent: about.innocent.iter().map(|&it| it.into()).collect(),
        })
    }

    fn id(&self, about: &About, first: &Place) -> String {
        let file = self.files.get(usize::from(first.file)).map_or("", |file| file);
        // Row and hash are as long for every lead, so no two write the same text.
        let name = format!("{:010}{file}{}", first.row, about.id);
        let token = self.key.token(NAMES, name.as_bytes());
        crate::hex(token.to_be_bytes().get(..6).unwrap_or_default())
    }

    fn row(&self, place: &Place) -> io::Result<FoundRow> {
        let time = jiff::Timestamp::from_second(i64::from(place.time)).unwrap_or_default();
        let file = usize::from(place.file);
        Ok(FoundRow {
            time: time.to_string(),
            file: file.saturating_add(1),
            sha256: self.files.get(file).cloned().unwrap_or_default(),
            row: place.row,
            line: place.line,
            reason: Some(self.context.whose.names.reason(place.reason)?),
        })
    }

    /// What one of the laws says of an action, which has that outcome by column; nothing where it
    /// was not asked.
    fn said(
        &mut self,
        laws: Option<&Laws<'_>>,
        (action, outcome): (Action, Option<Outcome>),
        searcher: Searcher,
        told: &Told,
    ) -> Result<Option<Arc<Said>>, String> {
        let Some((laws, outcome)) = laws.zip(outcome) else { return Ok(None) };
        let Some(pack) = laws.on(told.day)? else { return Ok(None) };
        let row = Row { class: told.class, information: told.information, ..Row::default() };
        let search = Search::from(row);
        let seen = Seen { action, ..Seen::undecided(&search, searcher) };
        let facts = self.context.whose.facts(&seen);
        let case = (Arc::as_ptr(&pack).addr(), action, facts);
        let said = match self.said.get(&case) {
            Some(said) => Arc::clone(said),
            None => {
                let said = Arc::new(self.ask(&pack, &seen)?);
                self.said.insert(case, Arc::clone(&said));
                said
            }
        };
        let by_column = outcome.word();
        if said.outcome != by_column {
            // The two ways to one answer differ: nothing may be published upon either.
            return Err(format!(
                "a search is {by_column} by column and {} alone; please report this",
                said.outcome
            ));
        }
        Ok(Some(said))
    }

    /// Decides one search alone, for its grounds: those of every case that it may be.
    fn ask(&self, pack: &Pack, seen: &Seen<'_>) -> Result<Said, String> {
        let (mut outcomes, mut grounds) = (Vec::new(), Vec::new());
        let mut missing: Vec<String> = Vec::new();
        for statements in self.context.whose.statements(&pack.vocabulary, seen) {
            let facts =
                Facts::read(&pack.vocabulary, &statements).map_err(|errors| errors.join("; "))?;
            let decision = decide(pack, seen.action.word(), &facts, None)?;
            outcomes.push(decision.outcome);
            for ground in decision.grounds {
                let (id, cite) = (ground.id, ground.citation);
                let ground = SaidGround { id, cite, grade: ground.grade.word().to_owned() };
                if !grounds.contains(&ground) {
                    grounds.push(ground);
                }
            }
            let names = decision.missing.into_iter().map(|missing| missing.name);
            missing.extend(names);
        }
        let outcome = agreed(outcomes.iter().copied());
        if outcomes.iter().any(|one| *one != outcome) {
            // The agencies that it may be have different answers, so it is asked which it is.
            missing.insert(0, "requester".to_owned());
        }
        let mut seen_before = BTreeSet::new();
        missing.retain(|name| seen_before.insert(name.clone()));
        Ok(Said {
            agency: pack.agency.id.clone(),
            action: seen.action.word().to_owned(),
            outcome: outcome.word().to_owned(),
            grounds,
            missing,
            pack: pack.digest.clone(),
        })
    }
}
