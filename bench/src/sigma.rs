//! The reasons of searches, read by our rules and by an engine that matches events against Sigma
//! rules, with the same rules printed in that language.
//!
//! A Sigma engine says which rules hold of an event; the first of them in our order decides, as
//! ours does. Its events are made beforehand, of texts that are normal already: reading a file and
//! making texts normal is timed for ours alone.

use std::collections::BTreeMap;
use std::fs::File;

use audit::log::blocks::{Blocks, Cells, Next};
use audit::reason::{Class, Rules};
use rsigma_eval::{Engine, JsonEvent};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::logs::{RULES, generate};
use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Lane, figure, interleave, timed};

/// Rows of the log: what the engine does in about a second.
const ROWS: usize = 100_000;

/// The column of the reason, in the layout that the generator writes.
const REASON: usize = 6;

/// What the names in patterns stand for, in the file of the published rules.
#[derive(Deserialize)]
struct Published {
    labels: BTreeMap<String, Vec<String>>,
    words: BTreeMap<String, Vec<String>>,
}

/// The normal form of an ASCII text.
fn normal(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace('_', " ");
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

impl Published {
    /// Each name that stands for words in patterns, with one pattern for all of them.
    fn names(&self) -> BTreeMap<String, String> {
        let mut names = self.words.clone();
        for (kind, labels) in &self.labels {
            let mut labels: Vec<String> = labels.iter().map(|it| escaped(&normal(it))).collect();
            names.entry("labels".to_owned()).or_default().extend(labels.iter().cloned());
            // Longer labels first: some begin as a shorter one does.
            labels.sort_by_key(|it| std::cmp::Reverse(it.len()));
            names.insert(format!("labels.{kind}"), labels);
        }
        if let Some(all) = names.get_mut("labels") {
            all.sort_by_key(|it| std::cmp::Reverse(it.len()));
        }
        names.into_iter().map(|(name, it)| (name, format!("(?:{})", it.join("|")))).collect()
    }

    /// The rules as Sigma has them, a document each; the last, which always holds, is left out.
    fn sigma(&self) -> Result<String> {
        let names = self.names();
        let spelled = |patterns: &[String]| -> Vec<String> {
            let mut all = patterns.to_vec();
            for (name, words) in &names {
                all.iter_mut().for_each(|it| *it = it.replace(&format!("{{{name}}}"), words));
            }
            all
        };
        let mut documents = Vec::new();
        for rule in Rules::published().rules().iter().filter(|it| !it.patterns.is_empty()) {
            let groups = std::iter::once(&rule.patterns).chain(&rule.and).enumerate();
            let mut detection: BTreeMap<String, Value> = groups
                .map(|(at, group)| (format!("g{at}"), json!({ "text|re": spelled(group) })))
                .collect();
            let mut condition = detection.keys().cloned().collect::<Vec<_>>().join(" and ");
            if !rule.unless.is_empty() {
                condition.push_str(" and not unless");
                detection.insert("unless".to_owned(), json!({ "text|re": spelled(&rule.unless) }));
            }
            detection.insert("condition".to_owned(), condition.into());
            // JSON is YAML, and needs no quoting of its own.
            documents.push(serde_json::to_string(&json!({
                "title": rule.id, "logsource": { "category": "plate_search" },
                "detection": detection, "level": "medium",
            }))?);
        }
        Ok(documents.join("\n---\n"))
    }

    /// What a rule is asked about: the detail alone, where all labels say nothing of the purpose.
    fn asked(&self, text: &str) -> String {
        let text = normal(text);
        let vague: Vec<String> =
            self.labels.get("vague").into_iter().flatten().map(|it| normal(it)).collect();
        let Some((labels, detail)) = text.split_once(" - ") else { return text };
        let nothing = labels.split(',').all(|it| vague.iter().any(|label| label == it.trim()));
        if nothing && !detail.is_empty() { detail.to_owned() } else { text }
    }
}

fn escaped(text: &str) -> String {
    let special = |letter: char| ".+*?()|[]{}^$\\".contains(letter);
    text.chars().flat_map(|it| special(it).then_some('\\').into_iter().chain([it])).collect()
}

/// The reasons of a log, as they were typed.
fn reasons(file: File) -> Result<Vec<String>> {
    let mut blocks = Blocks::new(file)?;
    let (mut cells, mut all) = (Cells::default(), Vec::new());
    loop {
        match blocks.pull()? {
            Next::Block(block) => {
                cells.cut(&block);
                for record in cells.records() {
                    let cell = record.cell(&block.bytes, REASON).ok_or("a row without a reason")?;
                    let text = std::str::from_utf8(cell.inner(&block.bytes))?;
                    all.push(text.replace("\"\"", "\""));
                }
            }
            Next::Bad { line, why, .. } => return Err(format!("line {line}: {why}").into()),
            Next::End => break,
        }
    }
    // The headings.
    all.remove(0);
    Ok(all)
}

/// The engine with our rules, and which class each rule stands for.
struct Sigma {
    engine: Engine,
    /// By its title: its place among the rules, and its class.
    rules: BTreeMap<String, (usize, Class)>,
    last: Class,
}

impl Sigma {
    fn new(published: &Published) -> Result<Self> {
        let mut engine = Engine::new();
        let collection = rsigma_parser::parse_sigma_yaml(&published.sigma()?)?;
        engine.add_collection(&collection)?;
        let ours = Rules::published().rules();
        let rules: BTreeMap<_, _> =
            ours.iter().enumerate().map(|(at, it)| (it.id.clone(), (at, it.class))).collect();
        if engine.rule_count() + 1 != rules.len() {
            return Err(format!("{} rules became {}", rules.len(), engine.rule_count()).into());
        }
        let last = ours.last().ok_or("no rules")?.class;
        Ok(Self { engine, rules, last })
    }

    fn class(&self, event: &Value) -> Class {
        let held = self.engine.evaluate(&JsonEvent::borrow(event));
        let held = held.iter().filter_map(|it| self.rules.get(&it.header.rule_title));
        held.min_by_key(|(at, _)| *at).map_or(self.last, |(_, class)| *class)
    }
}

/// Measures reading reasons, one after the other on one thread.
///
/// # Errors
/// If the engine reads any of them otherwise than we do.
pub fn measure(scratch: &Scratch) -> Result<Table> {
    let path = scratch.join("sigma.csv");
    generate::write(&path, ROWS)?;
    let reasons = reasons(File::open(&path)?)?;
    let published: Published = toml::from_str(RULES)?;
    let (rules, sigma) = (Rules::published(), Sigma::new(&published)?);
    let events: Vec<Value> =
        reasons.iter().map(|it| json!({ "text": published.asked(it) })).collect();
    for (reason, event) in reasons.iter().zip(&events) {
        let (ours, theirs) = (rules.reading(reason).class, sigma.class(event));
        if ours != theirs {
            return Err(format!("`{reason}`: we read {ours:?}, Sigma {theirs:?}").into());
        }
    }
    let mut lanes = [
        Lane::new(|| {
            timed(ROWS, || Ok(reasons.iter().map(|it| rules.reading(it).class as u64).sum::<u64>()))
        }),
        Lane::new(|| {
            timed(ROWS, || Ok(events.iter().map(|it| sigma.class(it) as u64).sum::<u64>()))
        }),
    ];
    let [ours, theirs] = interleave("sigma", 1, 7, &mut lanes)?.try_into().map_err(|_| "lanes")?;
    let mut table = Table::new("Reasons beside Sigma", &["engine", "a reason (p10–p90)", "÷ ours"]);
    table.row(&["ours, each text anew (no memo)".to_owned(), ours.each(), "–".to_owned()]);
    let name = "`rsigma-eval` 0.15.0, the same rules, its events ready".to_owned();
    table.row(&[name, theirs.each(), theirs.times(&ours)]);
    table.note(format!(
        "{} reasons, {} rules; every reason was read alike by both.",
        figure(ROWS as f64),
        rules.rules().len(),
    ));
    Ok(table)
}
