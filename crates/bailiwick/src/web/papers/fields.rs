//! What a filled-in Form I-247A says, where its PDF has fields: which boxes are ticked, and the day
//! of the form. Names, numbers, birth dates and nationality are not looked at.
//!
//! In: the bytes of a PDF that anybody may have sent. Out: readings for a person to confirm, or
//! nothing. A PDF that is damaged, huge, encrypted or made to do harm has no fields that can be
//! read: reading it has an end in memory and in time, and a thread of its own to break in.

use std::sync::{Condvar, LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use jiff::civil::Date;
use lopdf::{Dictionary, Document, LoadOptions, Object};
use serde::{Deserialize, Serialize};

/// The most bytes of a PDF whose fields are read, and what one stream of it may grow to.
const MOST_BYTES: usize = 10 << 20;
const MOST_OF_A_STREAM: usize = 4 << 20;

/// The most fields that are looked at, and how deep they may lie in each other.
const MOST_FIELDS: usize = 2_000;
const DEEPEST: usize = 12;

/// How long reading may take, and how many may be read at once.
const LONGEST: Duration = Duration::from_secs(5);
const AT_ONCE: usize = 2;

/// The stack of the thread that reads.
const STACK: usize = 16 << 20;

/// Something that a field says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The field's name in the PDF.
    pub field: String,
    /// What it is about, in our words.
    pub says: String,
    /// What it says.
    pub value: Meaning,
}

/// What a field can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A box that gives a reason is ticked.
    Box(String),
    /// Something is asked for.
    Action(String),
    /// A fact has a value.
    Fact(String, String),
    /// The day that stands on the paper, `YYYY-MM-DD`.
    Dated(String),
}

/// What is known of the form's fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    fact: String,
    value: String,
    boxes: usize,
    never: Vec<String>,
    field: Vec<KnownField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownField {
    says: String,
    #[serde(default)]
    any: Vec<Vec<String>>,
    #[serde(default)]
    exact: Vec<String>,
    #[serde(rename = "box")]
    box_: Option<String>,
    action: Option<String>,
    #[serde(default)]
    date: bool,
}

static KNOWN: LazyLock<Option<Known>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../forms/i-247a.toml")).ok());

/// How many are being read, and that there may be room for another.
static READING: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// What the fields of a PDF say that came in on a day; nothing where none can be read.
pub fn read(bytes: &[u8], today: Date) -> Vec<Reading> {
    if bytes.len() > MOST_BYTES || KNOWN.is_none() {
        return Vec::new();
    }
    let Some(place) = Place::wait() else { return Vec::new() };
    let (bytes, (say, heard)) = (bytes.to_vec(), mpsc::channel());
    let begun =
        std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK).spawn(move || {
            let readings = read_here(&bytes, today);
            // Before it is said: whoever hears it may send the next one at once.
            drop(place);
            // Whoever asked may have stopped waiting.
            drop(say.send(readings));
        });
    begun.ok().and_then(|_| heard.recv_timeout(LONGEST).ok()).unwrap_or_default()
}

/// A place among those that are read at once; it is free again also where reading breaks.
struct Place;

impl Place {
    /// Waits for a place, as long as reading may take.
    fn wait() -> Option<Self> {
        let reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |reading: &mut usize| *reading >= AT_ONCE;
        let waited = FREED.wait_timeout_while(reading, LONGEST, full);
        let (mut reading, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *reading = reading.saturating_add(1);
        Some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
        *reading = reading.saturating_sub(1);
        drop(reading);
        FREED.notify_one();
    }
}

/// What the fields of a PDF say, read on this thread, where that may break or take long.
pub(super) fn read_here(bytes: &[u8], today: Date) -> Vec<Reading> {
    meanings(&fields(bytes).unwrap_or_default(), today)
}

/// A field of the form, with what it inherits.
#[derive(Clone, Default)]
struct Field<'a> {
    name: String,
    tip: String,
    kind: Option<&'a [u8]>,
    value: Option<&'a Object>,
    state: Option<&'a [u8]>,
}

/// A field that may be looked into.
struct Found {
    name: String,
    tip: String,
    ticked: bool,
    /// What is written in it, where it may be a day.
    text: Option<String>,
}

fn fields(bytes: &[u8]) -> Option<Vec<Found>> {
    let options =
        LoadOptions { max_decompressed_size: Some(MOST_OF_A_STREAM), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).ok()?;
    if document.is_encrypted() || document.was_encrypted() {
        return None;
    }
    let form = document.catalog().ok()?.get_deref(b"AcroForm", &document).ok()?.as_dict().ok()?;
    let roots = form.get_deref(b"Fields", &document).ok()?.as_array().ok()?;
    let mut waiting: Vec<(&Object, Field<'_>, usize)> =
        roots.iter().rev().map(|root| (root, Field::default(), 0)).collect();
    let (mut found, mut seen) = (Vec::new(), 0_usize);
    while let Some((object, above, depth)) = waiting.pop() {
        seen = seen.saturating_add(1);
        if seen > MOST_FIELDS || depth > DEEPEST {
            return None;
        }
        let Ok((_, object)) = document.dereference(object) else { continue };
        let Ok(own) = object.as_dict() else { continue };
        let field = above.with(own, &document);
        match own.get_deref(b"Kids", &document).and_then(Object::as_array) {
            Ok(kids) if !kids.is_empty() => {
                let deeper = depth.saturating_add(1);
                waiting.extend(kids.iter().rev().map(|kid| (kid, field.clone(), deeper)));
            }
            _ => found.extend(field.found()),
        }
    }
    Some(found)
}

impl<'a> Field<'a> {
    fn with(mut self, own: &'a Dictionary, document: &'a Document) -> Self {
        let get = |key: &[u8]| own.get_deref(key, document).ok();
        let text = |object: &Object| lopdf::decode_text_string(object).ok();
        if let Some(name) = get(b"T").and_then(text) {
            if !self.name.is_empty() {
                self.name.push('.');
            }
            self.name.extend(name.chars().filter(|letter| !letter.is_control()).take(80));
        }
        if let Some(tip) = get(b"TU").and_then(text) {
            self.tip = tip.chars().take(300).collect();
        }
        self.kind = get(b"FT").and_then(|kind| kind.as_name().ok()).or(self.kind);
        self.value = get(b"V").or(self.value);
        self.state = get(b"AS").and_then(|state| state.as_name().ok()).or(self.state);
        self
    }

    /// A button's state, or a text if the field's name is one of a day; nothing of any other field.
    fn found(self) -> Option<Found> {
        let known = KNOWN.as_ref()?;
        let plain = plain(&self.name);
        if known.never.iter().any(|word| plain.contains(word.as_str())) {
            return None;
        }
        let (mut ticked, mut text) = (false, None);
        match self.kind? {
            b"Btn" => {
                // Where the two differ, the box shows its own state.
                let said = self.state.or_else(|| self.value.and_then(|it| it.as_name().ok()));
                ticked = said.is_some_and(|said| said != b"Off");
            }
            b"Tx" if known.field.iter().any(|it| it.date && it.is(&self.name, "")) => {
                text = self.value.and_then(|value| lopdf::decode_text_string(value).ok());
            }
            _ => return None,
        }
        Some(Found { name: self.name, tip: self.tip, ticked, text })
    }
}

impl KnownField {
    fn is(&self, name: &str, tip: &str) -> bool {
        let last = plain(name.rsplit('.').next().unwrap_or_default());
        if self.exact.contains(&last) {
            return true;
        }
        let (name, tip) = (plain(name), plain(tip));
        let holds = |words: &Vec<String>, text: &str| {
            !words.is_empty() && words.iter().all(|word| text.contains(word.as_str()))
        };
        self.any.iter().any(|words| holds(words, &name) || holds(words, &tip))
    }
}

/// Small letters and digits; `Final Order[0]` and `final_order` are the same. A number in
/// brackets tells copies apart and is no part of the name.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for letter in name.chars() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            _ if letter.is_ascii_alphanumeric() => plain.push(letter.to_ascii_lowercase()),
            _ => {}
        }
    }
    plain
}

/// What fields say. A field that two of ours could be is none: a wrong reading is worse than none.
fn meanings(fields: &[Found], today: Date) -> Vec<Reading> {
    let Some(known) = KNOWN.as_ref() else { return Vec::new() };
    let (mut readings, mut boxes) = (Vec::new(), 0_usize);
    for field in fields {
        let mut fitting = known.field.iter().filter(|it| it.is(&field.name, &field.tip));
        let (Some(it), None) = (fitting.next(), fitting.next()) else { continue };
        boxes = boxes.saturating_add(usize::from(it.box_.is_some() && field.text.is_none()));
        let value = match (&it.box_, &it.action, &field.text) {
            (Some(name), _, None) if field.ticked => Meaning::Box(name.clone()),
            (_, Some(name), None) if field.ticked => Meaning::Action(name.clone()),
            (None, None, Some(text)) => match day(text).filter(|day| of_late(*day, today)) {
                Some(day) => Meaning::Dated(day.to_string()),
                None => continue,
            },
            _ => continue,
        };
        let reading = Reading { field: field.name.clone(), says: it.says.clone(), value };
        if readings.iter().all(|before: &Reading| before.value != reading.value) {
            readings.push(reading);
        }
    }
    if boxes >= known.boxes {
        let value = Meaning::Fact(known.fact.clone(), known.value.clone());
        let says = "the form, known by its boxes".to_owned();
        readings.insert(0, Reading { field: String::new(), says, value });
    }
    readings
}

/// A day as forms write it: `03/01/2025`, `3-1-2025`, `2025-03-01`.
fn day(text: &str) -> Option<Date> {
    if let Ok(day) = law::parse_day(text.trim()) {
        return Some(day);
    }
    let mut parts = text.trim().split(['/', '-', '.']).map(str::parse::<i16>);
    let mut next = || parts.next()?.ok();
    let (month, day, year) = (next()?, next()?, next()?);
    let whole = parts.next().is_none();
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok().filter(|_| whole)
}

/// A form is of the last year or so. A day further back is another's, such as a birth date.
fn of_late(day: Date, today: Date) -> bool {
    let days = day.until((jiff::Unit::Day, today)).map(|span| span.get_days());
    days.is_ok_and(|days| (0..=400).contains(&days))
}
