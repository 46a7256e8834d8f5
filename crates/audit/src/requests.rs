//! Our own table of requests: what a desk received, one row each.
//!
//! - In: bytes of a CSV file as `docs/spec/requests-csv.md` describes it.
//! - Out: [`RequestRow`]s with their line numbers; words are checked for their form here and
//!   for their meaning by the desk, which knows the vocabulary.
//! - Absent: names, dates of birth, plates; and anything that looks like a federal file number,
//!   which is refused in every cell.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use jiff::civil::{Date, Time};

use crate::field::{Fields, brief, is_word};
use crate::table::{self, Layout, Problems, Table};

/// One request, as the table states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The reference that names the request, unique in its file.
    pub id: String,
    /// The day it was received.
    pub received: Date,
    /// The time it was received, local.
    pub time: Option<Time>,
    /// The channel it came in on.
    pub channel: String,
    /// The station that received it.
    pub station: Option<String>,
    /// The component that asks: `ero`, `hsi`, `cbp` …
    pub requester: Option<String>,
    /// What is asked for, in the order of the cell: `hold`, `notify` …; one at least.
    pub actions: Vec<String>,
    /// The form it came on: `i_247a` …
    pub form: Option<String>,
    /// The paper relied on: `detainer` …
    pub basis: Option<String>,
    /// The boxes ticked, sorted, of [`REASONS`].
    pub reasons: Vec<String>,
    /// Other facts stated, by name.
    pub facts: BTreeMap<String, String>,
    /// What was done, where it is known.
    pub done: Option<Done>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// A private remark.
    pub note: Option<String>,
}

/// What was done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Done {
    /// Nothing of what was asked.
    Declined,
    /// The person was kept.
    Held,
    /// The person was let go.
    Released,
    /// A release date was given.
    Notified,
    /// The person was handed over.
    Transferred,
    /// Information was given.
    Shared,
}

impl Done {
    /// All of them, in the order of the specification.
    pub const ALL: [Self; 6] = [
        Self::Declined,
        Self::Held,
        Self::Released,
        Self::Notified,
        Self::Transferred,
        Self::Shared,
    ];

    /// The word written in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Held => "held",
            Self::Released => "released",
            Self::Notified => "notified",
            Self::Transferred => "transferred",
            Self::Shared => "shared",
        }
    }
}

/// The boxes a form may tick, sorted.
pub const REASONS: [&str; 5] =
    ["biometric_match", "final_order", "pending_proceedings", "resume_custody", "statements"];

/// Facts that have a column of their own and are stated nowhere else.
const COLUMNS_OF_THEIR_OWN: [&str; 4] = ["basis", "channel", "form", "requester"];

static LAYOUT: Layout<'_> = Layout {
    name: "the requests table",
    required: &["id", "received", "channel", "actions", "basis", "reasons"],
    optional: &["time", "station", "requester", "form", "facts", "done", "done_on", "note"],
    not_stated: None,
};

/// Reads a table of requests.
///
/// # Errors
///
/// [`Problems`], naming line and column, where the bytes are no such table or any row is bad.
///
/// ```
/// let csv = "id,received,channel,actions,basis,reasons,facts\n\
///     F-7,2025-03-01,mailbox,hold notify,detainer,statements,purpose=civil_immigration\n";
/// let table = audit::requests::read(csv.as_bytes())?;
/// assert_eq!(table.rows[0].actions, ["hold", "notify"]);
/// assert_eq!(table.rows[0].facts["purpose"], "civil_immigration");
/// # Ok::<(), audit::table::Problems>(())
/// ```
pub fn read(input: impl Read) -> Result<Table<RequestRow>, Problems> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    table::read(input, &[&LAYOUT], |row, problems| {
        let before = problems.total();
        let mut fields = Fields { row, problems };
        // A row with a file number is looked at no further, so that no message repeats it.
        if !fields.all_clean() {
            return None;
        }
        let request = request(&mut fields);
        if let Some(id) = fields.row.cell("id").stated() {
            if let Some(first) = seen.get(id) {
                fields.wrong("id", format!("`{}` is on line {first} already", brief(id)));
            } else {
                seen.insert(id.to_owned(), row.line());
            }
        }
        request.filter(|_| fields.problems.total() == before)
    })
}

fn request(fields: &mut Fields<'_, '_>) -> Option<RequestRow> {
    let received = fields.needed_day("received", false);
    let done = done(fields);
    let done_on = fields.day("done_on");
    if done.is_none() && done_on.is_some() {
        fields.wrong("done_on", "a day without what was done; fill the column `done`");
    }
    if let (Some(received), Some(done_on)) = (received, done_on)
        && done_on < received
    {
        fields.wrong("done_on", format!("`{done_on}` is before it was received, `{received}`"));
    }
    let id = fields.needed("id").and_then(|_| fields.text("id", 128));
    let channel = fields.needed("channel").and_then(|_| fields.word("channel"));
    let request = RequestRow {
        line: fields.row.line(),
        received: received?,
        time: fields.time("time"),
        station: station(fields),
        requester: fields.word("requester"),
        actions: actions(fields),
        form: fields.word("form"),
        basis: fields.word("basis"),
        reasons: reasons(fields),
        facts: facts(fields),
        done,
        done_on,
        note: fields.text("note", 4000),
        id: id?,
        channel: channel?,
    };
    Some(request)
}

fn done(fields: &mut Fields<'_, '_>) -> Option<Done> {
    let text = fields.row.cell("done").stated()?;
    let done = Done::ALL.into_iter().find(|done| done.word() == text);
    if done.is_none() {
        let words = Done::ALL.map(Done::word).join("`, `");
        fields.wrong("done", format!("`{}` is none of `{words}`", brief(text)));
    }
    done
}

/// A station's name goes into public entries: short, and of few characters.
fn station(fields: &mut Fields<'_, '_>) -> Option<String> {
    let text = fields.text("station", 32)?;
    let plain = |it: char| it.is_alphanumeric() || matches!(it, ' ' | '-' | '.' | '/');
    if !text.chars().all(plain) {
        let what = "has more than letters, digits, blanks and `-`, `.`, `/`";
        fields.wrong("station", format!("`{}` {what}", brief(&text)));
        return None;
    }
    Some(text)
}

fn actions(fields: &mut Fields<'_, '_>) -> Vec<String> {
    let words = fields.words("actions");
    if words.is_empty() {
        fields.wrong("actions", "nothing is asked for; name one action at least");
    }
    for word in words.iter().filter(|word| !is_word(word)) {
        fields.wrong("actions", format!("`{}` is no word", brief(word)));
    }
    words.into_iter().map(str::to_owned).collect()
}

fn reasons(fields: &mut Fields<'_, '_>) -> Vec<String> {
    let mut words = fields.words("reasons");
    for word in words.iter().filter(|word| !REASONS.contains(word)) {
        let known = REASONS.join("`, `");
        fields.wrong("reasons", format!("`{}` is none of `{known}`", brief(word)));
    }
    words.sort_unstable();
    words.into_iter().map(str::to_owned).collect()
}

fn facts(fields: &mut Fields<'_, '_>) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for word in fields.words("facts") {
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_word(name)) else {
            fields.wrong("facts", format!("`{}` is no `name=value`", brief(word)));
            continue;
        };
        if COLUMNS_OF_THEIR_OWN.contains(&name) {
            fields.wrong("facts", format!("`{name}` has a column of its own; state it there"));
        }
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+');
        if value.is_empty() || value.len() > 64 || !value.bytes().all(plain) {
            let what = "is no value; use up to 64 letters, digits, `_`, `-`, `.` and `+`";
            fields.wrong("facts", format!("`{}` of `{name}` {what}", brief(value)));
        }
        if facts.insert(name.to_owned(), value.to_owned()).is_some() {
            fields.wrong("facts", format!("`{name}` is stated twice"));
        }
    }
    facts
}
