//! What public entries say of a request, feature by feature, and in which words.
//!
//! In: a request with its decisions and deeds. Out: its words for a feature, each with the entries
//! that say so beside the request's own; and words for people. Absent: numbers.

use std::collections::BTreeMap;

use law::report::{Feature, NOT_STATED, Which, month};
use register::entry::{Decision, Done, What};

use crate::about::About;
use crate::period::Case;

/// The word where there is no box, no provision.
pub(crate) const NONE: &str = "none";

/// The word for an action on which there is no decision.
const UNDECIDED: &str = Feature::UNDECIDED;

/// In front of the outcome of a decision that did not permit a deed.
const OUTCOME: &str = "outcome=";

/// The boxes of the form in the order of the form; they are rows even where nobody ticked them.
pub(crate) const BOXES: [&str; 5] =
    ["final_order", "pending_proceedings", "biometric_match", "statements", "resume_custody"];

/// What can have been done, with its word and its words.
pub(crate) const DEEDS: [(What, &str, &str); 7] = [
    (What::Declined, "declined", "declined"),
    (What::Held, "held", "person held"),
    (What::Released, "released", "person let go"),
    (What::Notified, "notified", "release date told"),
    (What::Transferred, "transferred", "person handed over"),
    (What::Shared, "shared", "information given"),
    (What::Reimbursed, "reimbursed", "costs paid back"),
];

/// The words of a feature, each with the entries that say so.
pub(crate) type Words = BTreeMap<String, Vec<u64>>;

fn plain(words: impl IntoIterator<Item = String>) -> Words {
    words.into_iter().map(|word| (word, Vec::new())).collect()
}

/// The words of a request for a feature.
pub(crate) fn of_request(case: &Case, feature: Feature) -> Words {
    let request = &case.request;
    let stated = |word: &Option<String>| {
        let word = word.as_deref().unwrap_or(NOT_STATED);
        plain([word.to_owned()])
    };
    match feature {
        Feature::Case | Feature::Done => Words::new(),
        Feature::Day => plain([request.day.clone()]),
        Feature::Month => plain([month_of(&request.day)]),
        Feature::Action => plain(request.actions.iter().cloned()),
        Feature::Basis => plain([request.basis.clone()]),
        Feature::Form => stated(&request.form),
        Feature::Requester => stated(&request.requester),
        Feature::Reason if request.reasons.is_empty() => plain([NONE.to_owned()]),
        Feature::Reason => plain(request.reasons.iter().cloned()),
        Feature::Answer => plain([answer(case).to_owned()]),
        Feature::Outcome => {
            let mut words = Words::new();
            for action in &request.actions {
                note_outcome(&mut words, case.decisions.get(action));
            }
            words
        }
        Feature::Ground => {
            let mut words = Words::new();
            for decided in case.decisions.values() {
                note_grounds(&mut words, decided);
            }
            if words.is_empty() { plain([NONE.to_owned()]) } else { words }
        }
    }
}

/// The words of deeds of one kind upon a request: the paper that supported them and the month are
/// theirs, the decision is that on the action they answer; all else is the request's.
pub(crate) fn of_deeds(case: &Case, deeds: &[(u64, &Done)], feature: Feature) -> Words {
    match feature {
        Feature::Basis => {
            let stated = plain(deeds.iter().filter_map(|(_, done)| done.basis.clone()));
            if stated.is_empty() { plain([NOT_STATED.to_owned()]) } else { stated }
        }
        Feature::Month => plain(deeds.iter().map(|(_, done)| month_of(&done.day))),
        Feature::Outcome | Feature::Ground => {
            let mut words = Words::new();
            for (_, done) in deeds {
                let Some(action) = answered(done) else {
                    return of_request(case, feature);
                };
                let decided = case.decisions.get(action);
                match (feature, decided) {
                    (Feature::Ground, Some(decided)) => note_permission(&mut words, decided),
                    _ => note_outcome(&mut words, decided),
                }
            }
            words
        }
        _ => of_request(case, feature),
    }
}

/// The action a deed answers: the one it names, else the one of its kind.
fn answered(done: &Done) -> Option<&str> {
    done.action.as_deref().or(match done.what {
        What::Held => Some("hold"),
        What::Notified => Some("notify"),
        What::Transferred => Some("transfer"),
        What::Shared => Some("share"),
        What::Released | What::Declined | What::Reimbursed => None,
    })
}

fn note_outcome(words: &mut Words, decided: Option<&(u64, Decision)>) {
    let (word, entries) = match decided {
        Some((index, decision)) => (decision.outcome.as_str(), vec![*index]),
        None => (UNDECIDED, Vec::new()),
    };
    words.entry(word.to_owned()).or_default().extend(entries);
}

fn note_grounds(words: &mut Words, (index, decision): &(u64, Decision)) {
    for ground in &decision.grounds {
        words.entry(ground.clone()).or_default().push(*index);
    }
}

/// The provisions that permitted a deed; where the decision did not, what it came to.
fn note_permission(words: &mut Words, decided: &(u64, Decision)) {
    let (index, decision) = decided;
    if ["must", "may"].contains(&decision.outcome.as_str()) {
        note_grounds(words, decided);
    } else {
        words.entry(format!("{OUTCOME}{}", decision.outcome)).or_default().push(*index);
    }
}

/// `2025-03-04` is in `03`.
fn month_of(day: &str) -> String {
    day.get(5..7).unwrap_or_default().to_owned()
}

/// What became of a request: honoured where anything asked was done, and one of four in all.
pub(crate) fn answer(case: &Case) -> &'static str {
    let did = |whats: &[What]| case.deeds.iter().any(|(_, done)| whats.contains(&done.what));
    if did(&[What::Held, What::Notified, What::Transferred, What::Shared]) {
        "honoured"
    } else if did(&[What::Declined]) {
        "declined"
    } else if did(&[What::Released]) {
        "released"
    } else {
        "open"
    }
}

/// Whether a request is one of those an item counts.
pub(crate) fn fits(case: &Case, of: &[Which], but: &[Which]) -> bool {
    let has = |which: &Which| {
        which.iter().all(|(feature, words)| {
            let has = of_request(case, *feature);
            words.iter().any(|word| has.contains_key(word))
        })
    };
    let has_no_other = |which: &Which| {
        which.iter().all(|(feature, words)| {
            let has = of_request(case, *feature);
            !has.is_empty() && has.keys().all(|word| words.contains(word))
        })
    };
    (of.is_empty() || of.iter().any(has)) && !but.iter().any(has_no_other)
}

/// A word of a feature for people.
pub(crate) fn label(about: &About, feature: Feature, word: &str) -> String {
    let fixed = match (feature, word) {
        (Feature::Answer, "declined") => "declined",
        (Feature::Answer, "honoured") => "honoured, wholly or in part",
        (Feature::Answer, "released") => "person let go, nothing else recorded",
        (Feature::Answer, _) => "nothing recorded",
        (Feature::Month, _) => month(word.parse().unwrap_or_default()),
        (Feature::Reason, NONE) => "no box ticked, or not stated",
        (Feature::Ground, NONE) => "no provision",
        (Feature::Ground, UNDECIDED) => "no decision on it is recorded",
        (Feature::Outcome, UNDECIDED) => "not decided",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    match word.strip_prefix(OUTCOME) {
        Some(outcome) => format!("the last decision on it is “{}”", about.label(outcome)),
        None => about.value(feature, word),
    }
}

/// What a feature is called, over a column or before its words.
pub(crate) fn name(feature: Feature) -> &'static str {
    match feature {
        Feature::Case => "Case",
        Feature::Day => "Received",
        Feature::Month => "Month",
        Feature::Action => "Asked",
        Feature::Basis => "Paper relied on",
        Feature::Form => "Form",
        Feature::Reason => "Reason given",
        Feature::Requester => "Asked by",
        Feature::Outcome => "What the law says",
        Feature::Ground => "Provision",
        Feature::Answer => "What became of it",
        Feature::Done => "What was done",
    }
}

/// A feature of one request in words, and the entries they come from beside the request's own.
pub(crate) fn told(about: &About, case: &Case, feature: Feature) -> (String, Vec<u64>) {
    let list = |parts: Vec<String>| parts.join("; ");
    match feature {
        Feature::Done => {
            let said = |what: What| DEEDS.iter().find(|it| it.0 == what).map_or("", |it| it.2);
            let parts: Vec<String> = case
                .deeds
                .iter()
                .map(|(_, done)| format!("{}, {}", said(done.what), done.day))
                .collect();
            let none = parts.is_empty();
            let text = if none { "nothing recorded".to_owned() } else { list(parts) };
            (text, case.deeds.iter().map(|(index, _)| *index).collect())
        }
        Feature::Outcome => {
            let part = |action: &String| {
                let outcome = case.decisions.get(action);
                let outcome = outcome.map_or(UNDECIDED, |(_, decision)| &decision.outcome);
                format!("{}: {}", about.label(action), label(about, feature, outcome))
            };
            let entries = case.decisions.values().map(|(index, _)| *index).collect();
            (list(case.request.actions.iter().map(part).collect()), entries)
        }
        Feature::Answer => {
            let entries = case.deeds.iter().map(|(index, _)| *index).collect();
            (label(about, feature, answer(case)), entries)
        }
        Feature::Day => (case.request.day.clone(), Vec::new()),
        _ => {
            let words = of_request(case, feature);
            let parts = words.keys().map(|word| label(about, feature, word)).collect();
            (list(parts), words.into_values().flatten().collect())
        }
    }
}
