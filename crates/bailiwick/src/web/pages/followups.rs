//! What is recorded upon a matter later: what was done, what became known, what was wrong.

use std::collections::BTreeMap;

use law::Vocabulary;
use register::entry::{self, Public};
use serde_json::Value;

use super::entry::again;
use super::intake::form::{Asked, asked, facts, statements};
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::followup;
use crate::publish::REASONS;
use crate::store::{self, Draft, Store};
use crate::web::fields::Fields;
use crate::web::matter::Matter;
use crate::web::once::Once;
use crate::web::pages::Choice;
use crate::web::visit::{Given, Refusal, Reply, Visit};
use crate::web::words::{self, DEEDS};

/// The forms of an entry's page; what was sent with one of them is kept in it.
pub struct Forms {
    /// The form that could not be taken: `done`, `settle` or `correct`.
    pub which: &'static str,
    pub wrong: Vec<(String, String)>,
    pub once: String,
    /// For a matter that counts: what was done, and what is known now.
    pub done: Option<Done>,
    pub facts: Vec<Asked>,
    /// The fields that can be put right.
    pub fields: Vec<Field>,
    pub why: String,
    /// Whether the entry can be declared not to count.
    pub voids: bool,
    /// Whether that takes a whole matter with it.
    pub whole: bool,
}

/// The form of what was done.
pub struct Done {
    pub deeds: Vec<Choice>,
    pub day: String,
    pub actions: Vec<Choice>,
    pub bases: Vec<Choice>,
    pub dollars: String,
}

/// A field that can be put right.
pub struct Field {
    /// The field of the entry, and that of the form: a page has several forms.
    pub field: String,
    pub name: String,
    pub label: &'static str,
    /// What kind of field: `date`, `text`, `one` or `some`.
    pub kind: &'static str,
    pub value: String,
    pub choices: Vec<Choice>,
}

impl Forms {
    /// What is wrong with a field of a form; empty for nothing.
    pub fn error(&self, which: &str, name: &str) -> &str {
        let found = self.wrong.iter().find(|it| it.0 == name && self.which == which);
        found.map_or("", |it| it.1.as_str())
    }

    /// Whether a form was sent and could not be taken.
    pub fn open(&self, which: &str) -> bool {
        self.which == which
    }
}

/// The forms of an entry; nothing where it cannot be followed up.
pub fn forms(
    visit: &Visit,
    store: &Store,
    index: u64,
    sent: Option<(&'static str, Vec<(String, String)>)>,
) -> Option<Forms> {
    let entry = store.entry(index).filter(|entry| !entry.void)?;
    let vocabulary = visit.app.library().vocabulary();
    let (which, wrong) = sent.unwrap_or_default();
    let empty = Fields::default();
    let of = |form: &str| if which == form { &visit.form } else { &empty };
    let matter = Matter::of(store, index);
    let day = matter.as_ref().and_then(|it| law::parse_day(&it.request.day).ok());
    let asks = match day {
        Some(day) => {
            facts(&visit.app, day).iter().map(|it| asked(it, of("settle"), &wrong)).collect()
        }
        None => Vec::new(),
    };
    let fields = fields(vocabulary, &entry.public, of("correct"));
    let voids = matches!(
        entry.public,
        Public::Request(_) | Public::Decision(_) | Public::Done(_) | Public::Nil(_)
    );
    if matter.is_none() && !voids {
        return None;
    }
    Some(Forms {
        once: match of(which).get("once") {
            Some(once) => once.to_owned(),
            None => Once::mark().ok()?,
        },
        done: matter.as_ref().map(|it| done_form(visit, it, of("done"))),
        facts: asks,
        fields,
        why: of("correct").get("reason").unwrap_or_default().to_owned(),
        voids,
        whole: matter.is_some(),
        which,
        wrong,
    })
}

fn done_form(visit: &Visit, matter: &Matter<'_>, sent: &Fields) -> Done {
    let vocabulary = visit.app.library().vocabulary();
    let chosen = |name: &str, value: &str| sent.get(name) == Some(value);
    let basis = vocabulary.fact("basis").and_then(|at| vocabulary.facts.get(at));
    let bases = basis.map(|fact| fact.values.as_slice()).unwrap_or_default();
    let actions = matter.request.actions.iter();
    Done {
        deeds: DEEDS
            .iter()
            .map(|(_, word, says)| Choice::new(*word, *says, chosen("what", word)))
            .collect(),
        day: sent.get("day").map_or_else(|| visit.app.today().to_string(), str::to_owned),
        actions: actions
            .map(|it| Choice::new(it, words::action(vocabulary, it), chosen("action", it)))
            .collect(),
        bases: bases
            .iter()
            .map(|it| Choice::new(&it.name, &it.says, chosen("basis", &it.name)))
            .collect(),
        dollars: sent.get("dollars").unwrap_or_default().to_owned(),
    }
}

/// The name of a field in the form that puts it right.
fn set(name: &str) -> String {
    format!("set-{name}")
}

/// What can be put right by hand: the paper, the form and who asks are stated anew instead, so
/// that the law is asked again.
fn fields(vocabulary: &Vocabulary, public: &Public, sent: &Fields) -> Vec<Field> {
    let text = |name: &str, now: &str| sent.get(&set(name)).unwrap_or(now).to_owned();
    let field = |name: &str, label, kind, now: &str| Field {
        field: name.to_owned(),
        name: set(name),
        label,
        kind,
        value: text(name, now),
        choices: Vec::new(),
    };
    match public {
        Public::Request(it) => {
            let ticked = |word: &str| match sent.get("reason") {
                Some(_) => sent.all("set-reasons").any(|sent| sent == word),
                None => it.reasons.iter().any(|now| now == word),
            };
            let boxes = REASONS.iter().map(|(word, says)| Choice::new(*word, *says, ticked(word)));
            let mut boxes_field = field("reasons", "Boxes ticked on the form", "some", "");
            boxes_field.choices = boxes.collect();
            vec![
                field("day", "Day it came", "date", &it.day),
                field("station", "Station", "text", it.station.as_deref().unwrap_or_default()),
                boxes_field,
            ]
        }
        Public::Done(it) => {
            let now = text("what", words::deed_word(it.what));
            let mut what = field("what", "What was done", "one", "");
            let costs = entry::What::Reimbursed;
            let deeds = DEEDS.iter().filter(|deed| (deed.0 == costs) == (it.what == costs));
            what.choices =
                deeds.map(|(_, word, says)| Choice::new(*word, *says, now == *word)).collect();
            let mut basis = field("basis", "The paper relied on", "one", "");
            let paper = text("basis", it.basis.as_deref().unwrap_or_default());
            let known = vocabulary.fact("basis").and_then(|at| vocabulary.facts.get(at));
            let values = known.map(|fact| fact.values.as_slice()).unwrap_or_default();
            let values = values
                .iter()
                .map(|value| Choice::new(&value.name, &value.says, paper == value.name));
            basis.choices = values.collect();
            vec![field("day", "Day it was done", "date", &it.day), what, basis]
        }
        _ => Vec::new(),
    }
}

/// Records drafts from a form, once, and shows the matter; or the form again.
fn record(
    visit: &Visit,
    index: u64,
    which: &'static str,
    mut draft: impl FnMut(&mut Desk<'_>, &Store) -> Result<Vec<Draft>> + Send + 'static,
) -> Given {
    let app = &visit.app;
    let once = visit.form.get("once").unwrap_or_default();
    let _one = app.papers.one_at_a_time();
    if app.once.recorded(once).is_none() {
        match app.recorder.record(move |desk, store| Ok((draft(desk, store)?, ()))) {
            Ok(_) => app.once.note(once, index),
            Err(Error::Input(why) | Error::Register(store::Error::Refused(why))) => {
                let wrong = why.lines().map(|line| (String::new(), line.to_owned())).collect();
                return again(visit, index, which, wrong);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Reply::see(format!("/register/{index}?said=recorded")))
}

/// The request that a form is about.
fn request(visit: &Visit) -> std::result::Result<u64, Refusal> {
    let index = visit.entry()?;
    let is = visit.app.read(|store| Ok(Matter::of(store, index).is_some()))?;
    if is { Ok(index) } else { Err(Refusal::NotFound) }
}

/// Records what was done upon a request.
pub fn done(visit: &Visit) -> Given {
    let index = request(visit)?;
    let sent = &visit.form;
    let mut wrong = Vec::new();
    let mut no = |name: &str, why: &str| wrong.push((name.to_owned(), why.to_owned()));
    let what = sent.given("what").and_then(|word| DEEDS.iter().find(|it| it.1 == word));
    let day = sent.given("day").and_then(|day| law::parse_day(day).ok());
    let cents = sent.given("dollars").map(cents);
    if what.is_none() {
        no("what", "Choose what was done.");
    }
    match day {
        None => no("day", "Write the day it was done."),
        Some(day) if day > visit.app.today() => no("day", "This day is still to come."),
        Some(_) => {}
    }
    let costs = what.is_some_and(|it| it.0 == entry::What::Reimbursed);
    match cents {
        Some(None) => no("dollars", "Write the amount as 120.50."),
        Some(Some(_)) if !costs => no("dollars", "An amount goes with costs that were paid back."),
        None if costs => no("dollars", "Write how much was paid back."),
        _ => {}
    }
    let (Some(what), Some(day), true) = (what, day, wrong.is_empty()) else {
        return again(visit, index, "done", wrong);
    };
    let deed = entry::Done {
        refers: index,
        what: what.0,
        day: day.to_string(),
        basis: sent.given("basis").map(str::to_owned),
        action: sent.given("action").map(str::to_owned),
        cents: cents.flatten(),
    };
    let by = visit.login().to_owned();
    let vocabulary = visit.app.library().vocabulary().clone();
    record(visit, index, "done", move |_, store| {
        Ok(vec![followup::done(&vocabulary, store, deed.clone(), Some(&by))?])
    })
}

/// `120.50` as 12,050 cents.
fn cents(dollars: &str) -> Option<u64> {
    let plain = dollars.trim().trim_start_matches('$').replace(',', "");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 2 || whole.len() > 12 {
        return None;
    }
    let (whole, part): (u64, u64) = (whole.parse().ok()?, part.parse().ok()?);
    whole.checked_mul(100)?.checked_add(part)
}

/// Records facts that became known, and what the law says then.
pub fn settle(visit: &Visit) -> Given {
    let index = request(visit)?;
    let mut wrong = Vec::new();
    let stated = statements(&visit.app, &visit.form, &mut wrong);
    if stated.is_empty() && wrong.is_empty() {
        wrong.push((String::new(), "Answer one of the questions.".to_owned()));
    }
    if !wrong.is_empty() {
        return again(visit, index, "settle", wrong);
    }
    let by = visit.login().to_owned();
    record(visit, index, "settle", move |desk, store| {
        Ok(desk.again(store, index, &stated, Some(&by))?.drafts)
    })
}

/// Records that an entry was wrong, and what is right.
pub fn correct(visit: &Visit) -> Given {
    let index = visit.entry()?;
    let sent = &visit.form;
    let found = visit.app.read(|store| {
        let entry = store.entry(index).filter(|entry| !entry.void);
        Ok(entry.map(|entry| entry.public.clone()))
    })?;
    let Some(public) = found else { return Err(Refusal::NotFound) };
    let why = sent.given("reason").unwrap_or_default().to_owned();
    if why.chars().count() < 3 || why.len() > 500 {
        let wrong = "Say in a few words what was wrong.".to_owned();
        return again(visit, index, "correct", vec![("reason".to_owned(), wrong)]);
    }
    let by = visit.login().to_owned();
    if sent.get("void").is_some() {
        let whole = matches!(public, Public::Request(_));
        return record(visit, index, "correct", move |_, store| match whole {
            true => followup::void_matter(store, index, &why, Some(&by)),
            false => Ok(vec![followup::correction(index, &[], true, &why, Some(&by))?]),
        });
    }
    match changes(visit, &public) {
        Ok(set) if set.is_empty() => {
            let wrong = "Nothing is different from what was recorded.".to_owned();
            again(visit, index, "correct", vec![(String::new(), wrong)])
        }
        Ok(set) => record(visit, index, "correct", move |_, _| {
            Ok(vec![followup::correction(index, &set, false, &why, Some(&by))?])
        }),
        Err(wrong) => again(visit, index, "correct", wrong),
    }
}

/// The fields that were sent and differ from what is recorded.
type Changes = std::result::Result<Vec<(String, String)>, Vec<(String, String)>>;

fn changes(visit: &Visit, public: &Public) -> Changes {
    let vocabulary = visit.app.library().vocabulary();
    let now: BTreeMap<String, Value> = match serde_json::to_value(public) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    let (mut set, mut wrong) = (Vec::new(), Vec::new());
    for field in fields(vocabulary, public, &visit.form) {
        let known = |word: &str| field.choices.iter().any(|choice| choice.value == word);
        let value = match field.kind {
            "some" => {
                let mut some: Vec<_> =
                    visit.form.all(&field.name).filter(|word| known(word)).collect();
                some.sort_unstable();
                some.dedup();
                some.join(",")
            }
            _ => field.value.trim().to_owned(),
        };
        let before = match now.get(&field.field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(some)) => {
                some.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => String::new(),
        };
        if value == before {
            continue;
        }
        let why = match field.kind {
            "date" => match law::parse_day(&value) {
                Ok(day) if day > visit.app.today() => Some("This day is still to come.".to_owned()),
                Ok(_) => None,
                Err(why) => Some(why),
            },
            "one" if !known(&value) => Some("Choose one of these.".to_owned()),
            "text" if value.is_empty() => {
                Some("What was recorded cannot be emptied; write what is right.".to_owned())
            }
            _ => None,
        };
        match why {
            Some(why) => wrong.push((field.name, why)),
            None => set.push((field.field, value)),
        }
    }
    if wrong.is_empty() { Ok(set) } else { Err(wrong) }
}
