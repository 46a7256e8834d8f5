//! The desk: the one path from a request to a decision, its entries and its receipt.
//!
//! In: what came in, as one [`Intake`]. Out: what the law makes of it, and the drafts of entries
//! that say so; recording is the store's. Absent: the clock and the screen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use law::report::NOT_STATED;
use law::{Decision, Facts, Library, Pack, Statement, decide};
use register::entry::{self, Public, What};
use register::history::Effective;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::store::{Draft, Store};

/// A request as it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intake {
    /// The channel it came in on.
    pub channel: String,
    /// The day it came in.
    pub day: Date,
    /// The time of day it came in; private.
    pub time: Option<Time>,
    /// The station that received it.
    pub station: Option<String>,
    /// What is asked, one action or more.
    pub actions: Vec<String>,
    /// What is stated, and by whom.
    pub statements: Vec<Statement>,
    /// The boxes ticked.
    pub reasons: Vec<String>,
    /// A local reference; private.
    pub reference: Option<String>,
    /// A remark; private.
    pub note: Option<String>,
    /// Who took it in; private.
    pub by: Option<String>,
    /// Who has it now; private.
    pub has: Option<String>,
    /// The day that stands on it; private.
    pub dated: Option<Date>,
    /// The scan of it and the scan's key; private.
    pub paper: Option<Value>,
    /// What was done about it, where that is known at once.
    pub done: Option<(What, Date)>,
    /// The record it is imported from.
    pub import: Option<Record>,
}

/// A record of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What tells it from every other record, so that it is imported once; never stored as text.
    pub identifier: String,
    /// The SHA-256 of its file, in hex; private.
    pub file: String,
    /// Its line in the file; private.
    pub line: u64,
}

/// One request, decided; what is to be recorded of it.
#[derive(Clone, Debug)]
pub struct Taken {
    /// One decision an action.
    pub decisions: Vec<Decision>,
    /// The entries, to be appended as the register's next.
    pub drafts: Vec<Draft>,
    /// The index that the request has, once they are.
    pub request: u64,
    /// The law it was decided by.
    pub law: Pack,
}

/// Decides requests by the law and drafts their entries, for one register.
#[derive(Clone)]
pub struct Desk<'a> {
    library: &'a Library,
    agency: String,
    /// Digests of the packs the register already names.
    active: BTreeSet<String>,
    /// The index the next entry will have.
    next: u64,
}

impl<'a> Desk<'a> {
    /// The desk of a register.
    pub fn of(library: &'a Library, store: &Store) -> Self {
        let agency = store.settings().agency.clone();
        Self { library, agency, active: store.history().packs().clone(), next: store.size() }
    }

    /// Decides a request by the law of the day it came in and drafts its entries: the pack where
    /// the register does not name it yet, the request, each decision, and what was done.
    ///
    /// # Errors
    /// Everything wrong with what was stated, and a day the law does not cover.
    pub fn take(&mut self, intake: &Intake) -> Result<Taken> {
        let mut drafts = Vec::new();
        let pack = self.pack(intake.day, &mut drafts)?;
        let stated = measured(&pack, &intake.statements)?;
        let facts = Facts::read(&pack.vocabulary, &stated).map_err(|e| Error::inputs(&e))?;
        let refers = self.next.saturating_add(drafts.len() as u64);
        drafts.push(self.request(intake, &stated, &pack, &facts)?);
        let mut decisions = Vec::new();
        for action in &intake.actions {
            let decision = decide(&pack, action, &facts, intake.time).map_err(Error::Input)?;
            drafts.push(decision_draft(&decision, refers, &[], intake.by.as_deref()));
            decisions.push(decision);
        }
        if let Some((what, day)) = intake.done {
            let basis = known(&pack, &facts, "basis");
            drafts.push(done_draft(&decisions, refers, (what, day), basis, intake));
        }
        self.next = self.next.saturating_add(drafts.len() as u64);
        Ok(Taken { decisions, drafts, request: refers, law: pack })
    }

    /// Decides a recorded request again, with what is stated now beside what was stated before; a
    /// later statement of a fact takes the place of an earlier one. The law stays that of the day
    /// the request came in.
    ///
    /// # Errors
    /// An entry that is no request, and everything wrong with what is stated.
    pub fn again(
        &mut self,
        store: &Store,
        refers: u64,
        stated: &[Statement],
        by: Option<&str>,
    ) -> Result<Taken> {
        let request = match store.entry(refers) {
            Some(Effective { public: Public::Request(request), void: false, .. }) => request,
            _ => return Err(Error::Input(format!("entry {refers} is no request that counts"))),
        };
        let mut drafts = Vec::new();
        let day = law::parse_day(&request.day).map_err(Error::Input)?;
        let pack = self.pack(day, &mut drafts)?;
        let (mut statements, time) = stated_before(store, refers, u64::MAX)?;
        let stated = &measured(&pack, stated)?;
        replace(&mut statements, stated);
        let facts = Facts::read(&pack.vocabulary, &statements).map_err(|e| Error::inputs(&e))?;
        let set = now_known(request, &pack, &facts);
        if !set.is_empty() {
            let correction = entry::Correction { refers, set, void: false };
            drafts.push(draft(Public::Correction(correction), register::seal::nothing()));
        }
        let mut decisions = Vec::new();
        for action in &request.actions {
            let decision = decide(&pack, action, &facts, time).map_err(Error::Input)?;
            drafts.push(decision_draft(&decision, refers, stated, by));
            decisions.push(decision);
        }
        self.next = self.next.saturating_add(drafts.len() as u64);
        Ok(Taken { decisions, drafts, request: refers, law: pack })
    }

    /// Lets the next entry drafted have this index: others drafted entries without the desk.
    pub fn continues_at(&mut self, next: u64) {
        self.next = next;
    }

    /// The pack of a day; drafts its entry where the register does not name it yet.
    ///
    /// # Errors
    /// A day the law does not cover.
    pub fn pack(&mut self, day: Date, drafts: &mut Vec<Draft>) -> Result<Pack> {
        let pack = pack(self.library, &self.agency, day)?;
        if self.active.insert(pack.digest.clone()) {
            let public = entry::Pack {
                agency: self.agency.clone(),
                digest: pack.digest.clone(),
                day: day.to_string(),
            };
            let files: Vec<_> = pack.editions.iter().map(|edition| edition.file.clone()).collect();
            let checked: Vec<_> = pack
                .rules()
                .filter_map(|(_, rule)| Some((&rule.id, &pack.checked(&rule.id)?.by)))
                .collect();
            let private = match checked.as_slice() {
                [] => json!({ "files": files }),
                some => json!({ "files": files, "checked": some }),
            };
            drafts.push(draft(Public::Pack(public), private));
        }
        Ok(pack)
    }

    fn request(
        &self,
        intake: &Intake,
        stated: &[Statement],
        pack: &Pack,
        facts: &Facts,
    ) -> Result<Draft> {
        let known_boxes = audit::requests::REASONS;
        if let Some(stray) =
            intake.reasons.iter().find(|box_| !known_boxes.contains(&box_.as_str()))
        {
            let message = format!("`{stray}` is no box we know; write {}", known_boxes.join(", "));
            return Err(Error::Input(message));
        }
        let texts = [&intake.reference, &intake.note, &intake.has, &intake.station];
        for text in texts.into_iter().flatten() {
            refuse_file_number(text)?;
        }
        for (place, action) in intake.actions.iter().enumerate() {
            if intake.actions.iter().take(place).any(|before| before == action) {
                return Err(Error::Input(format!("the action `{action}` is given twice")));
            }
        }
        let mut reasons = intake.reasons.clone();
        reasons.sort();
        reasons.dedup();
        let public = entry::Request {
            channel: intake.channel.clone(),
            seq: 0,
            day: intake.day.to_string(),
            actions: intake.actions.clone(),
            basis: known(pack, facts, "basis").unwrap_or_else(|| NOT_STATED.to_owned()),
            form: known(pack, facts, "form"),
            reasons,
            station: intake.station.clone(),
            requester: known(pack, facts, "requester"),
        };
        let mut private = serde_json::Map::new();
        private.insert("facts".into(), json!(stated));
        for (name, text) in [
            ("time", intake.time.map(|time| time.strftime("%H:%M").to_string())),
            ("reference", intake.reference.clone()),
            ("note", intake.note.clone()),
            ("by", intake.by.clone()),
            ("has", intake.has.clone()),
            ("dated", intake.dated.map(|day| day.to_string())),
        ] {
            if let Some(text) = text {
                private.insert(name.into(), text.into());
            }
        }
        if let Some(paper) = &intake.paper {
            private.insert("paper".into(), paper.clone());
        }
        let import = intake.import.as_ref().map(|record| {
            let from = json!({ "file": record.file, "line": record.line });
            private.insert("import".into(), from);
            record.identifier.clone()
        });
        Ok(Draft { public: Public::Request(public), private: private.into(), import })
    }
}

/// The pack in force for an agency on a day.
///
/// # Errors
/// An agency we have no law for, or a day before its law.
pub fn pack(library: &Library, agency: &str, day: Date) -> Result<Pack> {
    library.pack(agency, day).map_err(|error| Error::Input(error.to_string()))
}

/// What is kept of what was stated: of a day or a number only the stretch that the law tells apart.
fn measured(pack: &Pack, stated: &[Statement]) -> Result<Vec<Statement>> {
    pack.vocabulary.measured(stated, pack.on).map_err(|errors| Error::inputs(&errors))
}

/// The value of a fact, where it is known.
fn known(pack: &Pack, facts: &Facts, name: &str) -> Option<String> {
    let at = pack.vocabulary.fact(name)?;
    let value = facts.value(at)?;
    Some(pack.vocabulary.facts.get(at)?.value(value)?.name.clone())
}

/// What was stated about a request by entries before one, and the time of day it came in. Nothing
/// where the key was destroyed: what nobody can read any more is not known.
///
/// # Errors
/// A register that cannot be read.
pub fn stated_before(
    store: &Store,
    request: u64,
    before: u64,
) -> Result<(Vec<Statement>, Option<Time>)> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut time = None;
    let pointing = store.history().pointing(request);
    for index in [request].iter().chain(pointing).filter(|index| **index < before) {
        let Some(entry) = store.entry(*index).filter(|entry| !entry.void) else { continue };
        if entry.index != request && !matches!(&entry.public, Public::Decision(_)) {
            continue;
        }
        let Some(private) = store.private(entry.index)? else { continue };
        if let Some(facts) = private.get("facts") {
            let said: Vec<Statement> = serde_json::from_value(facts.clone()).map_err(|error| {
                Error::Input(format!("the facts kept with entry {}: {error}", entry.index))
            })?;
            replace(&mut statements, &said);
        }
        if let Some(written) = private.get("time").and_then(Value::as_str) {
            time = written.parse().ok();
        }
    }
    Ok((statements, time))
}

/// Adds statements; one of a fact that was stated before takes the place of the earlier one.
pub fn replace(statements: &mut Vec<Statement>, with: &[Statement]) {
    statements.retain(|old| with.iter().all(|new| new.fact != old.fact));
    statements.extend_from_slice(with);
}

/// The correction of a request whose paper, form or requester is known now, or is another than
/// was thought.
fn now_known(request: &entry::Request, pack: &Pack, facts: &Facts) -> BTreeMap<String, Value> {
    [
        ("basis", Some(request.basis.clone())),
        ("form", request.form.clone()),
        ("requester", request.requester.clone()),
    ]
    .into_iter()
    .filter_map(|(name, before)| {
        let now = known(pack, facts, name)?;
        (Some(&now) != before.as_ref()).then(|| (name.to_owned(), now.into()))
    })
    .collect()
}

fn decision_draft(
    decision: &Decision,
    refers: u64,
    stated: &[Statement],
    by: Option<&str>,
) -> Draft {
    let public = entry::Decision {
        refers,
        action: decision.action.clone(),
        outcome: decision.outcome.word().to_owned(),
        grounds: decision.grounds.iter().map(|ground| ground.id.clone()).collect(),
        grade: decision.grade.map(|grade| grade.word().to_owned()),
        pack: decision.pack.digest.clone(),
        on: decision.pack.day.clone(),
    };
    let mut private = serde_json::Map::new();
    private.insert("rests_on".into(), json!(decision.rests_on));
    let missing: Vec<_> = decision.missing.iter().map(|missing| missing.name.clone()).collect();
    private.insert("missing".into(), json!(missing));
    if !stated.is_empty() {
        private.insert("facts".into(), json!(stated));
    }
    if let Some(by) = by {
        private.insert("by".into(), json!(by));
    }
    draft(Public::Decision(public), private.into())
}

fn done_draft(
    decisions: &[Decision],
    refers: u64,
    (what, day): (What, Date),
    basis: Option<String>,
    intake: &Intake,
) -> Draft {
    let action = match decisions {
        [one] => Some(one.action.clone()),
        _ => None,
    };
    // What supported a hold or a hand-over is the paper relied on; declining needs none.
    let basis = basis.filter(|_| matches!(what, What::Held | What::Transferred));
    let public = entry::Done { refers, what, day: day.to_string(), basis, action, cents: None };
    let by = intake.by.as_ref().map_or_else(register::seal::nothing, |by| json!({ "by": by }));
    draft(Public::Done(public), by)
}

/// An entry that is imported from nowhere.
pub fn draft(public: Public, private: Value) -> Draft {
    Draft { public, private, import: None }
}

/// Refuses what looks like a federal file number (A and 7 to 9 digits): the register does not
/// keep them, not even in its private part, and no message repeats them.
///
/// # Errors
/// What to write instead.
pub fn refuse_file_number(text: &str) -> Result<()> {
    if audit::has_file_number(text) {
        return Err(Error::Input(
            "a text looks like a federal file number (A-number), which this register does not \
             keep; write the local reference instead"
                .to_owned(),
        ));
    }
    Ok(())
}
