//! The texts of the law, read a second time: which editions are in force, and what their rules,
//! properties and the vocabulary say. Written from `docs/spec/law-pack.md`; nothing of the crate
//! `law` is used.
//!
//! In: files by name. Out: [`Texts`]. Absent: what is for people, and every check of form, which
//! `law` makes.

use std::collections::BTreeMap;

use cedar_policy::{ActionConstraint, PolicySet};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::words::{Condition, Definition, Values, Words, all, not};

/// All files of the law.
#[derive(Clone, Debug)]
pub struct Texts {
    /// The vocabulary.
    pub words: Words,
    /// The agencies by id.
    pub agencies: BTreeMap<String, Agency>,
    /// The editions by folder, then by first day (`YYYY-MM-DD`, which sorts as days do).
    pub editions: BTreeMap<String, BTreeMap<String, Edition>>,
}

/// Who is bound, and by what.
#[derive(Clone, Debug, Deserialize)]
pub struct Agency {
    /// The folder of the instrument without which there is no answer.
    pub principal: String,
    /// The folders of the instruments that bind it, the highest maker first.
    pub stack: Vec<String>,
}

/// One edition of an instrument.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The file.
    pub file: String,
    /// Its rules in their order.
    pub rules: Vec<Rule>,
    /// Its properties in their order.
    pub properties: Vec<Property>,
}

/// One provision.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `instrument/provision`.
    pub id: String,
    /// The word after `@modality`.
    pub modality: String,
    /// The rule it takes away from, as `instrument/provision`.
    pub overrides: Option<String>,
    /// The actions it names.
    pub actions: Vec<String>,
    /// Its `when` and `unless` clauses as they are written.
    pub clauses: Vec<(Clause, String)>,
    /// The whole fence.
    pub cedar: String,
}

/// Which of Cedar's two clauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// It has to hold.
    When,
    /// It must not hold.
    Unless,
}

/// What must be so in every case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// In words.
    pub say: String,
    /// What is asked.
    pub action: String,
    /// The cases it is about.
    #[serde(default)]
    pub when: Values,
    /// The outcomes it is one of; none named means any.
    #[serde(default)]
    pub always: Vec<String>,
    /// The outcomes it is none of.
    #[serde(default)]
    pub never: Vec<String>,
}

#[derive(Deserialize)]
struct RawWords {
    action: Vec<RawAction>,
    fact: Vec<RawFact>,
    #[serde(default)]
    definition: Vec<Definition>,
}

#[derive(Deserialize)]
struct RawAction {
    name: String,
}

#[derive(Deserialize)]
struct RawFact {
    name: String,
    values: Option<Vec<(String, String)>>,
    day: Option<RawDay>,
    number: Option<RawNumber>,
}

/// A fact that is a day: stretches back from the day asked about, one unit each.
#[derive(Deserialize)]
struct RawDay {
    within: Vec<BTreeMap<String, u32>>,
    never: Option<String>,
}

/// A fact that is a number: where another stretch begins.
#[derive(Deserialize)]
struct RawNumber {
    from: Vec<u32>,
}

impl RawFact {
    /// The values it can have, by the names that the specification gives to stretches; none for a
    /// yes/no fact.
    fn values(&self) -> Option<Vec<String>> {
        if let Some(day) = &self.day {
            let limits: Vec<String> = day.within.iter().map(limit).collect();
            let before = std::iter::once(None).chain(limits.iter().map(Some));
            let named = before.zip(&limits).map(|(before, limit)| match before {
                None => format!("up_to_{limit}"),
                Some(before) => format!("over_{before}_up_to_{limit}"),
            });
            let past = limits.last().map(|last| format!("over_{last}"));
            let never = day.never.as_ref().map(|_| "never".to_owned());
            return Some(named.chain(past).chain(never).collect());
        }
        if let Some(number) = &self.number {
            let starts = std::iter::once(&0).chain(&number.from);
            let ends = number.from.iter().map(Some).chain([None]);
            let named = starts.zip(ends).map(|(start, end)| match end {
                None => format!("{start}_or_more"),
                Some(end) if *end == start + 1 => start.to_string(),
                Some(end) => format!("{start}_to_{}", end - 1),
            });
            return Some(named.collect());
        }
        let listed = self.values.as_ref()?;
        Some(listed.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// `5_years` of `{ years = 5 }`, `1_year` of `{ years = 1 }`.
fn limit(stretch: &BTreeMap<String, u32>) -> String {
    let one = |(unit, n): (&String, &u32)| match n {
        1 => format!("1_{}", unit.trim_end_matches('s')),
        n => format!("{n}_{unit}"),
    };
    stretch.iter().map(one).collect()
}

#[derive(Deserialize)]
struct Instrument {
    id: String,
}

impl Texts {
    /// Reads files by their path inside the folder of law.
    ///
    /// # Errors
    /// What could not be read, with its file.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, String> {
        let text = files.get("vocabulary.toml").ok_or("there is no `vocabulary.toml`")?;
        let words = read_words(text).map_err(|error| format!("vocabulary.toml: {error}"))?;
        let mut texts = Self { words, agencies: BTreeMap::new(), editions: BTreeMap::new() };
        for (file, text) in files {
            let Some((folder, name)) =
                file.strip_suffix(".md").and_then(|path| path.rsplit_once('/'))
            else {
                continue;
            };
            let at = |error: String| format!("{file}: {error}");
            if folder == "agencies" {
                let agency = one(text, "agency").map_err(at)?;
                texts.agencies.insert(name.to_owned(), agency);
            } else if name != "README" {
                let edition = read_edition(file, text).map_err(at)?;
                let dated = texts.editions.entry(folder.to_owned()).or_default();
                dated.insert(name.to_owned(), edition);
            }
        }
        Ok(texts)
    }

    /// The editions in force for an agency on a day, the highest maker's first.
    ///
    /// # Errors
    /// An unknown agency.
    pub fn in_force(&self, agency: &str, day: &str) -> Result<Vec<&Edition>, String> {
        let agency = self.agency(agency)?;
        let latest = |folder: &String| {
            let dated = self.editions.get(folder)?;
            dated.range(..=day.to_owned()).next_back().map(|(_, edition)| edition)
        };
        Ok(agency.stack.iter().filter_map(latest).collect())
    }

    /// The days on which an agency's law changes, from the first of its principal instrument on.
    ///
    /// # Errors
    /// An unknown agency.
    pub fn days(&self, agency: &str) -> Result<Vec<String>, String> {
        let agency = self.agency(agency)?;
        let first = self.editions.get(&agency.principal).and_then(|all| all.keys().next());
        let folders = agency.stack.iter().filter_map(|folder| self.editions.get(folder));
        let mut days: Vec<String> = folders
            .flat_map(BTreeMap::keys)
            .filter(|day| first.is_some_and(|first| *day >= first))
            .cloned()
            .collect();
        days.sort();
        days.dedup();
        Ok(days)
    }

    fn agency(&self, id: &str) -> Result<&Agency, String> {
        self.agencies.get(id).ok_or_else(|| format!("there is no agency `{id}`"))
    }
}

impl Rule {
    /// Where its own words apply, exceptions left aside: its action and its clauses.
    pub fn own(&self) -> Condition {
        let actions: Vec<String> =
            self.actions.iter().map(|it| format!("Action::{it:?}")).collect();
        let action = format!("[{}].contains(action)", actions.join(", "));
        let clauses = self.clauses.iter().map(|(kind, text)| match kind {
            Clause::When => format!("({text})"),
            Clause::Unless => not(text),
        });
        all(std::iter::once(action).chain(clauses))
    }
}

fn read_words(text: &str) -> Result<Words, String> {
    let raw: RawWords = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(Words {
        actions: raw.action.into_iter().map(|it| it.name).collect(),
        facts: raw.fact.into_iter().map(|it| (it.name.clone(), it.values())).collect(),
        definitions: raw.definition,
    })
}

fn read_edition(file: &str, text: &str) -> Result<Edition, String> {
    let instrument: Instrument = one(text, "instrument")?;
    let rules: Result<Vec<Rule>, String> =
        fences(text, "cedar").iter().map(|fence| read_rule(&instrument.id, fence)).collect();
    let properties: Result<Vec<Property>, String> =
        fences(text, "property").iter().map(|fence| read_toml(fence)).collect();
    Ok(Edition { file: file.to_owned(), rules: rules?, properties: properties? })
}

fn read_rule(instrument: &str, fence: &str) -> Result<Rule, String> {
    let set: PolicySet = fence.parse().map_err(|error| format!("{error}"))?;
    let policy = set.policies().next().ok_or("a fence without a rule")?;
    let note = |key: &str| policy.annotation(key).map(str::to_owned);
    let need = |key: &str| note(key).ok_or_else(|| format!("a rule without `@{key}`"));
    let uids = match policy.action_constraint() {
        ActionConstraint::Eq(uid) => vec![uid],
        ActionConstraint::In(uids) => uids,
        ActionConstraint::Any => return Err("a rule that names no action".to_owned()),
    };
    let full = |id: String| format!("{instrument}/{id}");
    Ok(Rule {
        id: full(need("id")?),
        modality: need("modality")?,
        overrides: note("overrides").map(full),
        actions: uids.iter().map(|uid| uid.id().unescaped().to_owned()).collect(),
        clauses: clauses(fence)?,
        cedar: fence.to_owned(),
    })
}

/// The `when` and `unless` clauses of a policy, cut out of its text. Comments are taken out first.
///
/// # Errors
/// Braces that do not close.
pub fn clauses(cedar: &str) -> Result<Vec<(Clause, String)>, String> {
    let mut clauses = Vec::new();
    let (mut head, mut body, mut depth) = (String::new(), String::new(), 0_usize);
    let mut letters = cedar.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        if quoted {
            body.push(letter);
            if letter == '\\' {
                body.extend(letters.next());
            }
            quoted = letter != '"';
            continue;
        }
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                while letters.next_if(|it| *it != '\n').is_some() {}
            }
            '{' => {
                depth = depth.saturating_add(1);
                if depth > 1 {
                    return Err("a record inside a clause".to_owned());
                }
                body.clear();
            }
            '}' => {
                depth = depth.checked_sub(1).ok_or("a brace that closes nothing")?;
                let kind = match head.split_whitespace().next_back() {
                    Some(word) if word.ends_with("when") => Clause::When,
                    Some(word) if word.ends_with("unless") => Clause::Unless,
                    other => return Err(format!("a clause that begins with {other:?}")),
                };
                clauses.push((kind, body.trim().to_owned()));
                head.clear();
            }
            _ => {
                quoted = letter == '"';
                if depth > 0 { body.push(letter) } else { head.push(letter) }
            }
        }
    }
    if depth > 0 { Err("a brace that is not closed".to_owned()) } else { Ok(clauses) }
}

fn one<T: DeserializeOwned>(text: &str, kind: &str) -> Result<T, String> {
    match fences(text, kind).as_slice() {
        [fence] => read_toml(fence),
        found => Err(format!("{} fences `{kind}`", found.len())),
    }
}

fn read_toml<T: DeserializeOwned>(fence: &str) -> Result<T, String> {
    toml::from_str(fence).map_err(|error| error.to_string())
}

/// The bodies of the fences of a kind.
fn fences(text: &str, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        open = match (open, line.trim_end().strip_prefix("```")) {
            (None, None) => None,
            (None, Some(word)) => Some((word.trim() == kind, String::new())),
            (Some((wanted, body)), Some("")) => {
                if wanted {
                    found.push(body);
                }
                None
            }
            (Some((wanted, mut body)), _) => {
                body.push_str(line);
                body.push('\n');
                Some((wanted, body))
            }
        };
    }
    found
}
