//! The file of rules: read, compiled, and every example in it tried.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::RegexBuilder;
use serde::Deserialize;

use super::letters::normal;
use super::patterns::{self, Found, MOST};
use super::{Class, Condition, LookAlike, Plain, Rule, Rules};

/// The kind of labels that say nothing of the purpose.
const VAGUE: &str = "vague";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    labels: BTreeMap<String, Vec<String>>,
    words: BTreeMap<String, Vec<String>>,
    case_number: CaseNumber,
    rule: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseNumber {
    patterns: Vec<String>,
    example: Vec<String>,
    not: Vec<Not>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    class: String,
    plain: String,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    and: Vec<Vec<String>>,
    #[serde(default)]
    unless: Vec<String>,
    says: String,
    #[serde(default)]
    example: Vec<String>,
    #[serde(default)]
    not: Vec<Not>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Not {
    text: String,
    why: String,
}

/// Reads rules and tries their examples; every problem that can be found is told at once.
pub(super) fn read(text: &str) -> Result<Rules, Vec<String>> {
    // A rule that is missing or does not compile would make the others' examples fail.
    let (rules, number) = compiled(text)?;
    let mut problems = Vec::new();
    examples(&rules, &number, &mut problems);
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// Reads rules; what has or has not the number of a case comes back with them.
pub(super) fn compiled(text: &str) -> Result<(Rules, CaseNumber), Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut problems = Vec::new();
    let vague = file.labels.get(VAGUE).cloned().unwrap_or_default();
    let labels: Vec<String> = file.labels.values().flatten().cloned().collect();
    let label_at: BTreeMap<String, usize> =
        labels.iter().enumerate().map(|(at, label)| (normal(label), at)).collect();
    if label_at.len() < labels.len() {
        problems.push("labels: one stands twice; keep it in one list".to_owned());
    }
    let vague = vague.iter().filter_map(|label| label_at.get(&normal(label)).copied()).collect();

    let mut patterns = Patterns { words: words(&file), all: Vec::new(), at: BTreeMap::new() };
    let numbers = &file.case_number.patterns;
    let case_number = patterns.take("case_number", numbers, &mut problems);
    let conditions = conditions(&file.rule, &mut patterns, &mut problems);
    shape(&file.rule, &mut problems);
    let set = patterns.set(&mut problems);
    let rules = file.rule.into_iter().filter_map(|rule| published(rule, &mut problems)).collect();
    let rules = Rules {
        version: file.version,
        rules,
        conditions,
        labels,
        label_at,
        vague,
        patterns: set,
        case_number: Found::of(case_number),
    };
    if problems.is_empty() { Ok((rules, file.case_number)) } else { Err(problems) }
}

/// What each `{name}` in a pattern stands for.
fn words(file: &File) -> BTreeMap<String, String> {
    let any = |words: &[String]| format!("(?:{})", words.join("|"));
    let escaped = |labels: &[String]| -> Vec<String> {
        labels.iter().map(|label| regex::escape(&normal(label))).collect()
    };
    // Longer labels first: some begin as a shorter one does.
    let longest = |mut labels: Vec<String>| {
        labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
        any(&labels)
    };
    let mut words: BTreeMap<String, String> =
        file.words.iter().map(|(name, words)| (name.clone(), any(words))).collect();
    for (kind, labels) in &file.labels {
        words.insert(format!("labels.{kind}"), longest(escaped(labels)));
    }
    let all: Vec<String> = file.labels.values().flatten().cloned().collect();
    words.insert("labels".to_owned(), longest(escaped(&all)));
    words
}

/// Every pattern once, with the words put in.
struct Patterns {
    words: BTreeMap<String, String>,
    all: Vec<(String, String)>,
    at: BTreeMap<String, usize>,
}

impl Patterns {
    /// The numbers of patterns, new ones added; `of` is whose they are.
    fn take(&mut self, of: &str, written: &[String], problems: &mut Vec<String>) -> Vec<usize> {
        let mut taken = Vec::new();
        for pattern in written {
            match self.spelled(pattern) {
                Ok(spelled) => taken.push(*self.at.entry(spelled.clone()).or_insert_with(|| {
                    self.all.push((of.to_owned(), spelled));
                    self.all.len() - 1
                })),
                Err(name) => problems.push(format!(
                    "{of}: `{{{name}}}` names no words; add them under `[words]` or `[labels]`"
                )),
            }
        }
        taken
    }

    /// A pattern with the words in place of their names; a counted repetition (`{2,4}`) stays.
    fn spelled(&self, pattern: &str) -> Result<String, String> {
        let mut spelled = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            spelled.push_str(before);
            match after.split_once('}') {
                Some((name, after)) if name.starts_with(|it: char| it.is_ascii_alphabetic()) => {
                    spelled.push_str(self.words.get(name).ok_or(name)?);
                    rest = after;
                }
                _ => {
                    spelled.push('{');
                    rest = after;
                }
            }
        }
        spelled.push_str(rest);
        Ok(spelled)
    }

    /// All of them as one; where that fails, each by itself, to tell which it is.
    fn set(&self, problems: &mut Vec<String>) -> patterns::Patterns {
        let written: Vec<&str> = self.all.iter().map(|(_, pattern)| pattern.as_str()).collect();
        if written.len() > MOST {
            problems.push(format!("there are more than {MOST} patterns; write fewer"));
        }
        let set = patterns::Patterns::new(&written);
        let Err(error) = set else { return set.unwrap_or_default() };
        let before = problems.len();
        for (of, pattern) in &self.all {
            if let Err(error) = RegexBuilder::new(pattern).unicode(false).build() {
                problems.push(format!("{of}: a pattern cannot be read; correct it: {error}"));
            }
        }
        if problems.len() == before {
            problems.push(format!("the patterns together: {error}; write fewer or shorter ones"));
        }
        patterns::Patterns::default()
    }
}

fn conditions(
    rules: &[Written],
    patterns: &mut Patterns,
    problems: &mut Vec<String>,
) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for rule in rules {
        let of = format!("rule `{}`", rule.id);
        let groups = std::iter::once(&rule.patterns).filter(|it| !it.is_empty()).chain(&rule.and);
        let groups = groups.map(|group| Found::of(patterns.take(&of, group, problems))).collect();
        let unless = Found::of(patterns.take(&of, &rule.unless, problems));
        conditions.push(Condition { groups, unless });
    }
    conditions
}

/// What every rule must have, and the order of them.
fn shape(rules: &[Written], problems: &mut Vec<String>) {
    let mut ids = BTreeSet::new();
    for (at, rule) in rules.iter().enumerate() {
        let mut wrong = |what: &str| problems.push(format!("rule `{}`: {what}", rule.id));
        if !ids.insert(&rule.id) {
            wrong("the id is another rule's too; give it one of its own");
        }
        if rule.says.trim().is_empty() {
            wrong("`says` is empty; say in a sentence what such a text speaks about");
        }
        if rule.example.is_empty() {
            wrong("no example; add a text that it decides");
        }
        if rule.not.is_empty() {
            wrong("no look-alike; add under `not` a text that it must not decide");
        }
        if rule.not.iter().any(|it| it.why.trim().is_empty()) {
            wrong("a look-alike without `why`; say why it is none");
        }
        let free = rule.patterns.is_empty() && rule.and.is_empty() && rule.unless.is_empty();
        let last = at + 1 == rules.len();
        if last && !free {
            wrong("the last rule has conditions; add one without, for what no rule speaks of");
        } else if !last && rule.patterns.is_empty() {
            wrong("no patterns; only the last rule is without");
        }
    }
    if rules.is_empty() {
        problems.push("no rule; add at least the last one, without patterns".to_owned());
    }
}

fn published(rule: Written, problems: &mut Vec<String>) -> Option<Rule> {
    let mut known = |what: &str, word: &str, all: Vec<&str>| {
        let all = all.join(", ");
        problems.push(format!("rule `{}`: `{word}` is no {what}; write one of: {all}", rule.id));
    };
    let class = Class::of_word(&rule.class);
    if class.is_none() {
        known("class", &rule.class, Class::ALL.iter().map(|it| it.word()).collect());
    }
    let plain = Plain::of_word(&rule.plain);
    if plain.is_none() {
        known("degree of plainness", &rule.plain, Plain::ALL.iter().map(|it| it.word()).collect());
    }
    let look_alikes =
        rule.not.into_iter().map(|it| LookAlike { text: it.text, why: it.why }).collect();
    Some(Rule {
        id: rule.id,
        class: class?,
        plain: plain?,
        patterns: rule.patterns,
        and: rule.and,
        unless: rule.unless,
        says: rule.says,
        examples: rule.example,
        look_alikes,
    })
}

/// Tries every example and every look-alike.
fn examples(rules: &Rules, number: &CaseNumber, problems: &mut Vec<String>) {
    for (at, rule) in rules.rules.iter().enumerate() {
        let id = &rule.id;
        for text in &rule.examples {
            let decided = rules.reading(text).rule;
            if decided != at {
                let by = rules.rules.get(decided).map_or("none", |it| it.id.as_str());
                problems.push(format!(
                    "rule `{id}`: its example `{text}` is decided by `{by}`; change a pattern, \
                     the order or the example"
                ));
            }
        }
        for it in rule.look_alikes.iter().filter(|it| rules.reading(&it.text).rule == at) {
            problems.push(format!(
                "rule `{id}`: it decides its look-alike `{}` ({}); narrow a pattern or add to \
                 `unless`",
                it.text, it.why
            ));
        }
    }
    for text in number.example.iter().filter(|text| !rules.has_case_number(text)) {
        problems.push(format!("case_number: not found in its example `{text}`; widen a pattern"));
    }
    for it in number.not.iter().filter(|it| rules.has_case_number(&it.text)) {
        problems.push(format!(
            "case_number: found in its look-alike `{}` ({}); narrow a pattern",
            it.text, it.why
        ));
    }
}
