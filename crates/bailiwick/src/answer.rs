//! Answers: what a command says to people, and the same for scripts.

use std::borrow::Cow;
use std::fmt::Write as _;

use law::{Decision, Grade, Outcome, Pack};
use serde_json::{Value, json};

/// What a command has to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For scripts.
    pub json: Value,
}

impl Answer {
    /// An answer in words and as data.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json }
    }
}

/// What others have written, for a line of ours: whatever would steer a terminal, end the line or
/// turn its direction is written out.
///
/// ```
/// use bailiwick::answer::shown;
/// assert_eq!(shown("theft"), "theft");
/// assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    written_out(text, steers)
}

/// A text of many lines for a terminal. Ends of lines and tabs are our own, where [`shown`] saw to
/// what others have written.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    written_out(text, |sign| steers(sign) && sign != '\n' && sign != '\t')
}

fn written_out(text: &str, is_meant: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_meant) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match is_meant(sign) {
            true => out.extend(sign.escape_default()),
            false => out.push(sign),
        }
    }
    Cow::Owned(out)
}

/// Control characters, ends of lines, and signs that turn the direction of what follows.
fn steers(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The outcome in one plain sentence about the action asked, with its word in front.
fn outcome(decision: &Decision, pack: &Pack) -> String {
    let word = match decision.outcome {
        Outcome::NeedFacts => "FACTS ARE MISSING".to_owned(),
        other => other.word().replace('_', " ").to_uppercase(),
    };
    format!("{word}: {}", sentence(decision, says(pack, &decision.action)))
}

/// What an outcome means for whoever would act, without its word.
pub fn sentence(decision: &Decision, action: &str) -> String {
    match decision.outcome {
        Outcome::Must => format!("the law orders you to {action}."),
        Outcome::May => format!("the law permits you to {action}."),
        Outcome::MustNot => format!("the law forbids you to {action}."),
        Outcome::Silent => format!(
            "no provision in this pack speaks about whether to {action}. That is not a \
             permission: ask whether another law gives you the authority."
        ),
        Outcome::NeedFacts => format!(
            "whether you may {action} cannot be said yet. Until it can, there is no permission."
        ),
        Outcome::Refer => format!(
            "whether you may {action} has to be decided by a person ({}).",
            decision.why.as_deref().unwrap_or("no reason was given")
        ),
    }
}

fn says<'a>(pack: &'a Pack, action: &'a str) -> &'a str {
    let position = pack.vocabulary.action(action);
    position
        .and_then(|at| pack.vocabulary.actions.get(at))
        .map_or(action, |known| known.says.as_str())
}

/// Decisions for people, one after the other.
pub fn decisions(decisions: &[Decision], pack: &Pack) -> String {
    let texts: Vec<_> = decisions.iter().map(|made| decision(made, pack)).collect();
    texts.join("\n")
}

/// A decision for people: the outcome, its grounds, the facts, what is missing, what is owed, and
/// what would change it.
fn decision(decision: &Decision, pack: &Pack) -> String {
    let mut text = format!("{}\n", outcome(decision, pack));
    part(
        &mut text,
        "Because",
        decision.grounds.iter().map(|ground| {
            let standing = match &ground.checked {
                Some(it) => {
                    format!("checked against the official text on {}, signed by {}", it.on, it.by)
                }
                None => ground.grade.says().to_owned(),
            };
            format!("{}\n  {}\n  [{}; {standing}]", ground.citation, ground.says, ground.id)
        }),
    );
    part(
        &mut text,
        "Lifted, and so not in the way",
        decision.lifted.iter().map(|ground| format!("{} [{}]", ground.citation, ground.id)),
    );
    part(
        &mut text,
        "It rests on",
        decision
            .rests_on
            .iter()
            .map(|rest| format!("{}={} ({}): {}", rest.name, rest.value, rest.source, rest.says)),
    );
    part(
        &mut text,
        "To ask",
        decision.missing.iter().map(|missing| {
            format!("{} [{}: {}]", missing.question, missing.name, missing.values.join(" | "))
        }),
    );
    part(
        &mut text,
        "Owed",
        decision.duties.iter().map(|duty| {
            let due = duty.due.as_deref().map(|due| format!(", {due}")).unwrap_or_default();
            let by = duty.by.as_deref().map(|by| format!(" (next: {by})")).unwrap_or_default();
            format!(
                "{}: {}{due}{by}\n  [{}; {}]",
                duty.who,
                duty.says,
                duty.citation,
                duty.grade.says()
            )
        }),
    );
    part(
        &mut text,
        "What would change it",
        decision.changes.iter().map(|change| {
            let outcome = change.outcome.word().replace('_', " ").to_uppercase();
            format!("{outcome}, {} [{}={}]", change.says, change.fact, change.value)
        }),
    );
    let _ = writeln!(
        text,
        "\nLaw of {} in force on {}; pack {}.",
        pack.agency.name, decision.pack.day, decision.pack.digest
    );
    if decision.grade == Some(Grade::Unverified) {
        text.push_str("UNVERIFIED: at least one ground has not been read in the law itself.\n");
    }
    text.push_str("Information about the law, not legal advice.\n");
    text
}

fn part(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = write!(text, "\n{title}:\n");
        for line in lines {
            let _ = writeln!(text, "- {line}");
        }
    }
}

/// What was recorded, with what was decided: one decision's fields beside the others, several
/// under `decisions`.
pub fn recorded_json(decisions: &[Decision], recorded: Value) -> Value {
    let mut all = match decisions {
        [one] => json!(one),
        many => json!({ "decisions": many }),
    };
    if let (Some(all), Value::Object(recorded)) = (all.as_object_mut(), recorded) {
        all.extend(recorded);
    }
    all
}

/// A table with aligned columns; the first row is the head.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths.get(column).copied().unwrap_or(0);
            // The first column names the row; the others are numbers.
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
