//! Commands that open a register, or check what one has published.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ::register::entry::{self, Public};
use ::register::receipt::Receipt as Proof;
use ::register::seal::Opening;
use jiff::civil::Date;
use law::Library;
use serde_json::{Map, Value, json};

use super::{Correct, Data, Done, Forget, Import, Init, Nil, Receipt, Request, Settle, Verify};
use crate::answer::{self, Answer};
use crate::desk::{Desk, Intake, pack, refuse_file_number};
use crate::error::{Error, Result};
use crate::import::{self, Given};
use crate::store::{Channel, ChannelKind, Draft, FORMAT, Settings, Store};
use crate::{channels, clock, followup, progress, publish};

/// Makes a register and records the law it starts with.
pub(super) fn init(library: &Library, asked: &Init) -> Result<Answer> {
    let on = clock::day(library, &asked.agency, asked.on)?;
    pack(library, &asked.agency, on)?;
    let channels = match asked.channels.as_slice() {
        [] => channels::of(&asked.agency),
        some => some.iter().map(|text| channel(text)).collect::<Result<_>>()?,
    };
    let origin =
        asked.origin.clone().unwrap_or_else(|| format!("register.example/{}", asked.agency));
    let agency = asked.agency.clone();
    let settings =
        Settings { format: FORMAT, agency, origin, channels, banner: None, contact: None };
    let mut store = Store::init(&asked.folder, settings)?;
    let mut drafts = Vec::new();
    let pack = Desk::of(library, &store).pack(on, &mut drafts)?;
    store.append(drafts)?;
    let vkey = store.vkey().to_string();
    let text = format!(
        "Register of {} made in `{}`.\n\
         Its name: {}\n\
         Its key, which every verifier needs (give it to the council, the press, the archive):\n  \
         {vkey}\n\
         Back up the whole folder; `keys` and `signing.key` are secret, `public` is for \
         everyone.\n",
        pack.agency.name,
        asked.folder.display(),
        store.settings().origin,
    );
    let json = json!({
        "data": asked.folder, "agency": pack.agency.id, "origin": store.settings().origin,
        "vkey": vkey, "pack": pack.name(),
    });
    Ok(Answer::new(text, json))
}

/// Reads `id=kind:label`.
fn channel(text: &str) -> Result<Channel> {
    let wrong = || {
        let how = "write it as `id=kind:label`, kind being fax, mailbox, desk or phone";
        Error::Input(format!("channel `{text}`: {how}"))
    };
    let (id, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (kind, label) = rest.split_once(':').unwrap_or((rest, id));
    let kind: ChannelKind = serde_json::from_value(kind.into()).map_err(|_| wrong())?;
    Ok(Channel { id: id.to_owned(), kind, label: label.to_owned() })
}

/// Opens a register; where an agency is named, only that agency's.
pub(super) fn open(data: &Data) -> Result<Store> {
    let store = Store::open(&data.folder)?;
    let whose = &store.settings().agency;
    match &data.agency {
        Some(agency) if agency != whose => Err(Error::Input(format!(
            "the register in `{}` is that of `{whose}`, and not of `{agency}`",
            data.folder.display()
        ))),
        _ => Ok(store),
    }
}

/// The desk: decide, record, receipt. The answer is given only when its entries are durable.
pub(super) fn request(library: &Library, asked: &Request) -> Result<Answer> {
    let mut store = open(&asked.data)?;
    let agency = store.settings().agency.clone();
    let on = clock::past_day(library, &agency, asked.on)?;
    let taken = Desk::of(library, &store).take(&intake(asked, on))?;
    let mut text = answer::decisions(&taken.decisions, &taken.law);
    let index = taken.request;
    store.append(taken.drafts)?;
    let receipt = store.receipt(index)?;
    let seq = running_number(&store, index);
    let _ = writeln!(
        text,
        "\nRecorded as entry {index}: number {seq} of channel `{}`; the register has {} entries.",
        asked.channel,
        store.size()
    );
    match &asked.receipt {
        Some(path) => {
            std::fs::write(path, &receipt).map_err(Error::file(path))?;
            let _ = writeln!(text, "Receipt: {}", path.display());
        }
        None => {
            let data = asked.data.folder.display();
            let _ = writeln!(text, "Receipt: bailiwick receipt --data {data} {index}");
        }
    }
    let recorded = json!({
        "entry": index, "channel": asked.channel, "seq": seq, "size": store.size(),
        "receipt": receipt,
    });
    Ok(Answer::new(text, answer::recorded_json(&taken.decisions, recorded)))
}

/// Decides a recorded request again, with more facts.
pub(super) fn settle(library: &Library, asked: &Settle) -> Result<Answer> {
    let mut store = open(&asked.data)?;
    let by = asked.data.by.as_deref();
    let taken = Desk::of(library, &store).again(&store, asked.request, &asked.facts, by)?;
    let mut text = answer::decisions(&taken.decisions, &taken.law);
    let indices = store.append(taken.drafts)?;
    let entries: Vec<String> = indices.iter().map(u64::to_string).collect();
    let _ = writeln!(
        text,
        "\nRecorded upon request {} as entries {}. What was decided before stays in the register; \
         the last decision counts.",
        asked.request,
        entries.join(", ")
    );
    let recorded = json!({ "request": asked.request, "entries": indices, "size": store.size() });
    Ok(Answer::new(text, answer::recorded_json(&taken.decisions, recorded)))
}

fn intake(asked: &Request, on: Date) -> Intake {
    Intake {
        channel: asked.channel.clone(),
        day: on,
        time: asked.at,
        station: asked.station.clone(),
        actions: asked.case.actions.clone(),
        statements: asked.case.facts.clone(),
        reasons: asked.reasons.clone(),
        reference: asked.reference.clone(),
        note: asked.note.clone(),
        by: asked.data.by.clone(),
        ..Intake::default()
    }
}

/// The number that a request got on its channel.
fn running_number(store: &Store, index: u64) -> u64 {
    match store.entry(index).map(|entry| &entry.public) {
        Some(Public::Request(request)) => request.seq,
        _ => 0,
    }
}

/// Appends one entry and says its index.
fn record(mut store: Store, draft: Draft) -> Result<Answer> {
    let kind = draft.public.kind();
    let indices = store.append(vec![draft])?;
    let index = indices.first().copied().unwrap_or_default();
    let text = format!("Recorded as entry {index} ({kind}).\n");
    Ok(Answer::new(text, json!({ "entry": index, "kind": kind, "size": store.size() })))
}

/// Records what was done upon a request.
pub(super) fn done(library: &Library, asked: &Done) -> Result<Answer> {
    let store = open(&asked.data)?;
    let on = clock::past_day(library, &store.settings().agency, asked.on)?;
    let deed = entry::Done {
        refers: asked.request,
        what: asked.what,
        day: on.to_string(),
        basis: asked.basis.clone(),
        action: asked.action.clone(),
        cents: asked.cents,
    };
    let by = asked.data.by.as_deref();
    let draft = followup::done(library.vocabulary(), &store, deed, by)?;
    record(store, draft)
}

/// Records that an entry was wrong.
pub(super) fn correct(asked: &Correct) -> Result<Answer> {
    if asked.set.is_empty() && !asked.void {
        return Err(Error::Input("say what is right with `--set`, or `--void`".to_owned()));
    }
    let mut set = Vec::new();
    for text in &asked.set {
        let (field, value) = text
            .split_once('=')
            .ok_or_else(|| Error::Input(format!("`{text}`: write it as `field=value`")))?;
        set.push((field.to_owned(), value.to_owned()));
    }
    let by = asked.data.by.as_deref();
    let draft = followup::correction(asked.entry, &set, asked.void, &asked.why, by)?;
    record(open(&asked.data)?, draft)
}

/// Records that a channel received nothing on a day.
pub(super) fn nil(library: &Library, asked: &Nil) -> Result<Answer> {
    let store = open(&asked.data)?;
    let on = clock::past_day(library, &store.settings().agency, Some(asked.on))?;
    record(store, followup::nil(&asked.channel, on, asked.data.by.as_deref()))
}

/// Destroys the key of an entry's private part.
pub(super) fn forget(library: &Library, asked: &Forget) -> Result<Answer> {
    refuse_file_number(&asked.order)?;
    let mut store = open(&asked.data)?;
    let on = clock::past_day(library, &store.settings().agency, asked.on)?;
    let mut private = Map::new();
    private.insert("order".into(), asked.order.clone().into());
    if let Some(by) = &asked.data.by {
        private.insert("by".into(), by.clone().into());
    }
    let index = store.destroy_key(asked.entry, private.into(), &clock::quarter(on))?;
    let text = format!(
        "The private part of entry {} can no longer be read by anyone. Recorded as entry {index}, \
         which does not say whose it was. Backups made before still have it: destroy those too.\n",
        asked.entry
    );
    Ok(Answer::new(text, json!({ "entry": index, "kind": "key_destroyed" })))
}

/// Records the requests of a table.
pub(super) fn import(library: &Library, asked: &Import) -> Result<Answer> {
    let mut store = open(&asked.data)?;
    let bar = progress::bar("decided");
    let bytes = std::fs::read(&asked.file).map_err(Error::file(&asked.file))?;
    let name = asked.file.display().to_string();
    let given = Given { name: &name, bytes: &bytes, channel: asked.channel.as_deref() };
    let imported =
        import::import(&mut store, library, &given, |at, of| progress::step(&bar, at, of))?;
    bar.finish_and_clear();
    let mut text = format!(
        "{}: {} rows of {}; {} requests recorded ({} entries), {} were imported before.\n",
        imported.layout,
        imported.rows,
        imported.span(),
        imported.recorded,
        imported.entries,
        imported.before
    );
    let outcomes: BTreeMap<String, u64> = imported
        .outcomes
        .iter()
        .map(|((action, outcome), n)| (format!("{action} {}", outcome.word()), *n))
        .collect();
    for (outcome, n) in &outcomes {
        let _ = writeln!(text, "- {outcome}: {n}");
    }
    let json = json!({
        "layout": imported.layout, "rows": imported.rows, "recorded": imported.recorded,
        "before": imported.before, "entries": imported.entries, "outcomes": outcomes,
        "size": store.size(),
    });
    Ok(Answer::new(text, json))
}

/// Writes the receipt of an entry, and its opening if asked.
pub(super) fn receipt(asked: &Receipt) -> Result<Answer> {
    let store = open(&asked.data)?;
    let receipt = store.receipt(asked.entry)?;
    if let Some(path) = &asked.opening {
        let opening = store.opening(asked.entry)?.ok_or_else(|| {
            let entry = asked.entry;
            Error::Input(format!("the key of entry {entry} was destroyed: it cannot be opened"))
        })?;
        let bytes = opening.to_bytes().map_err(|error| Error::Input(error.to_string()))?;
        std::fs::write(path, bytes).map_err(Error::file(path))?;
    }
    let text = match &asked.out {
        Some(path) => {
            std::fs::write(path, &receipt).map_err(Error::file(path))?;
            format!("Receipt of entry {}: {}\n", asked.entry, path.display())
        }
        None => receipt.clone(),
    };
    Ok(Answer::new(text, json!({ "entry": asked.entry, "receipt": receipt })))
}

/// Checks a public folder or a receipt.
pub(super) fn verify(asked: &Verify) -> Result<Answer> {
    let public = asked.data.as_ref().map(|data| data.join("public"));
    let folder = asked.folder.as_ref().or(public.as_ref());
    let (verifier, given) = publish::key(folder.map(PathBuf::as_path), asked.key.as_deref())?;
    let mut text = String::new();
    let mut json = Map::new();
    if !given {
        text.push_str(
            "No key was given: the one in the folder is believed. Compare it with one \
                       you got elsewhere.\n",
        );
    }
    if let Some(folder) = folder {
        let found = publish::check(folder, &verifier)?;
        let checkpoint = &found.verified.checkpoint;
        let _ = writeln!(
            text,
            "VERIFIED: {} with {} entries; signature, every tile, every entry and the rules \
             between entries hold.",
            checkpoint.origin, checkpoint.size
        );
        for period in &found.reports {
            let _ =
                writeln!(text, "VERIFIED: every number of the report of {period}, counted again.");
        }
        json.insert("origin".into(), checkpoint.origin.clone().into());
        json.insert("size".into(), checkpoint.size.into());
        json.insert("root".into(), ::register::hex(&checkpoint.root).into());
        json.insert("reports".into(), json!(found.reports));
    }
    if let Some(path) = &asked.receipt {
        let proven = proven(path, &verifier)?;
        let public = serde_json::to_value(&proven.entry.public);
        let public = public.map_err(|error| Error::Unverified(error.to_string()))?;
        let _ = writeln!(
            text,
            "VERIFIED: entry {} is in {}, as signed with {} entries:\n{public:#}",
            proven.index, proven.checkpoint.origin, proven.checkpoint.size
        );
        let mut entry = json!({ "index": proven.index, "public": public });
        if let Some(path) = &asked.opening {
            let private = opened(path, &proven.entry.commit)?;
            let _ = writeln!(text, "VERIFIED: its private part is\n{private:#}");
            if let Some(entry) = entry.as_object_mut() {
                entry.insert("private".into(), private);
            }
        }
        json.insert("entry".into(), entry);
    }
    Ok(Answer::new(text, json.into()))
}

fn proven(
    path: &Path,
    verifier: &::register::note::Verifier,
) -> Result<::register::receipt::Proven> {
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    let wrong = |error| Error::Unverified(format!("`{}`: {error}", path.display()));
    Proof::parse(&text).and_then(|receipt| receipt.verify(verifier)).map_err(wrong)
}

fn opened(path: &Path, commit: &::register::Hash) -> Result<Value> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    let wrong = |error| Error::Unverified(format!("`{}`: {error}", path.display()));
    let opening = Opening::parse(&bytes).map_err(wrong)?;
    opening.check(commit).map_err(wrong)?;
    Ok(opening.private)
}
