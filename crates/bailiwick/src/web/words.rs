//! Entries in plain words: the vocabulary's where it has them, and ours for the register's own.

use jiff::civil::Date;
use law::report::{NOT_STATED, long_day};
use law::{Grade, Outcome, Vocabulary};
use register::entry::{Public, What};

use crate::publish::REASONS;
use crate::store::Channel;

/// With a capital letter in front.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What can have been done, in the order of forms.
pub const DEEDS: [(What, &str, &str); 7] = [
    (What::Declined, "declined", "Declined: nothing of it was done"),
    (What::Held, "held", "The person was held past release"),
    (What::Released, "released", "The person was let go"),
    (What::Notified, "notified", "The requester was told a release date"),
    (What::Transferred, "transferred", "The person was handed over"),
    (What::Shared, "shared", "Information was given"),
    (What::Reimbursed, "reimbursed", "Costs were paid back"),
];

/// The words of an outcome.
pub const OUTCOMES: [(Outcome, &str); 6] = [
    (Outcome::Must, "Must"),
    (Outcome::May, "May"),
    (Outcome::MustNot, "Must not"),
    (Outcome::Silent, "No law speaks"),
    (Outcome::NeedFacts, "Facts are missing"),
    (Outcome::Refer, "A person decides"),
];

/// A deed.
pub fn deed(what: What) -> &'static str {
    DEEDS.iter().find(|it| it.0 == what).map_or("", |it| it.2)
}

/// The word of a deed, as entries write it.
pub fn deed_word(what: What) -> &'static str {
    DEEDS.iter().find(|it| it.0 == what).map_or("", |it| it.1)
}

/// An outcome, by its word in entries.
pub fn outcome(word: &str) -> &str {
    OUTCOMES.iter().find(|it| it.0.word() == word).map_or(word, |it| it.1)
}

/// A box of the form.
pub fn ticked(word: &str) -> &str {
    REASONS.iter().find(|it| it.0 == word).map_or(word, |it| it.1)
}

/// An action.
pub fn action<'a>(vocabulary: &'a Vocabulary, name: &'a str) -> &'a str {
    let found = vocabulary.actions.iter().find(|it| it.name == name);
    found.map_or(name, |it| it.says.as_str())
}

/// A value of a fact.
pub fn value<'a>(vocabulary: &'a Vocabulary, fact: &str, name: &'a str) -> &'a str {
    if name == NOT_STATED {
        return "not stated";
    }
    let found = vocabulary.fact(fact).and_then(|at| vocabulary.facts.get(at));
    let found = found.and_then(|fact| fact.values.iter().find(|it| it.name == name));
    found.map_or(name, |it| it.says.as_str())
}

/// The question of a fact.
pub fn question<'a>(vocabulary: &'a Vocabulary, fact: &'a str) -> &'a str {
    let found = vocabulary.fact(fact).and_then(|at| vocabulary.facts.get(at));
    found.map_or(fact, |it| it.question.as_str())
}

/// How well something is evidenced.
pub fn grade(word: &str) -> String {
    Grade::parse(word).map_or_else(|| word.to_owned(), |grade| grade.says().to_owned())
}

/// A channel.
pub fn channel<'a>(channels: &'a [Channel], id: &'a str) -> &'a str {
    channels.iter().find(|it| it.id == id).map_or(id, |it| it.label.as_str())
}

/// A day, such as `3 March 2025`.
pub fn day(text: &str) -> String {
    text.parse::<Date>().map_or_else(|_| text.to_owned(), long_day)
}

/// A kind of entry.
pub fn kind(public: &Public) -> &'static str {
    match public {
        Public::Request(_) => "Request",
        Public::Decision(_) => "What the law says",
        Public::Done(_) => "What was done",
        Public::Correction(_) => "Correction",
        Public::Nil(_) => "Nothing came in",
        Public::Pack(_) => "Law in force",
        Public::Report(_) => "Report",
        Public::KeyDestroyed(_) => "A private part was made unreadable",
        Public::Seed(_) => "Seed of a sample",
        Public::Audit(_) => "Audit of access logs",
        Public::Heard(_) => "Somebody was heard",
        Public::Disposition(_) => "A lead was closed",
        Public::View(_) => "Private parts were looked at",
    }
}

/// A public field, as pages call it.
pub fn field(name: &str) -> &str {
    match name {
        "channel" => "Channel",
        "seq" => "Number of the channel",
        "day" => "Day",
        "actions" | "action" => "Asked",
        "basis" => "Paper",
        "form" => "Form",
        "reasons" => "Boxes ticked",
        "station" => "Station",
        "requester" => "Who asks",
        "refers" => "About entry",
        "outcome" => "The law",
        "grounds" => "Because of",
        "grade" => "How well that is known",
        "pack" | "digest" => "Digest of the law",
        "on" => "Law of",
        "what" => "Done",
        "cents" => "Cents",
        "period" => "Period",
        "sha256" => "SHA-256 of the data file",
        "counted_at" => "Entries counted",
        "quarter" => "Quarter",
        "agency" => "Agency",
        "void" => "Does not count",
        other => other,
    }
}
