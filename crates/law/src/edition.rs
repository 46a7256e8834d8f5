//! One edition of one instrument, read from its file.
//!
//! In: the path (which carries the edition's first day) and the Markdown. Out: [`Edition`], or
//! every problem with its line and legal heading. Absent: other editions.

use std::collections::BTreeMap;

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationMode, Validator};
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::duty::{Calendar, Duty};
use crate::problem::line_at;
use crate::rule::{Place, Rule};
use crate::text::{Fence, Text};
use crate::vocabulary::value_sets;
use crate::{Grade, Outcome, Problem, Property, Vocabulary, report};

/// The whole instrument as it stood from a day until its next edition.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The folder of the instrument: `us/ma/boston/trust-act`.
    pub path: String,
    /// The day this edition begins, from the file's name.
    pub from: Date,
    /// The file.
    pub file: String,
    /// The title.
    pub title: String,
    /// What the instrument is.
    pub instrument: Instrument,
    /// The rules in the order of the text.
    pub rules: Vec<Rule>,
    /// The duties.
    pub duties: Vec<Duty>,
    /// The reports ordered.
    pub reports: Vec<report::Definition>,
    /// The holidays, where this instrument names them.
    pub calendar: Option<Calendar>,
    /// The tests written beside the law.
    pub examples: Vec<Example>,
    /// What must be so in every case.
    pub properties: Vec<Property>,
}

impl Edition {
    /// The lowest grade among what it codes; that of its first day where it codes nothing.
    #[must_use]
    pub fn grade(&self) -> Grade {
        let rules = self.rules.iter().map(|rule| rule.grade);
        let duties = self.duties.iter().map(|duty| duty.grade);
        rules.chain(duties).min().unwrap_or(self.instrument.day_grade)
    }
}

/// The head of an edition: the `instrument` fence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Short name, the first half of every ground's id.
    pub id: String,
    /// The citation of the instrument.
    pub citation: String,
    /// What kind of text it is.
    pub kind: Kind,
    /// Who made it.
    pub maker: String,
    /// How well the edition's first day is evidenced.
    pub day_grade: Grade,
    /// The line of its fence.
    #[serde(skip)]
    pub line: usize,
}

/// The kinds of legal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An act of a legislature.
    Statute,
    /// A rule of an executive agency.
    Regulation,
    /// A law of a city or town.
    Ordinance,
    /// A decision or decree of a court.
    Court,
    /// An order within the executive.
    Directive,
}

/// A test written beside the law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub file: String,
    /// The line of its fence.
    pub line: usize,
    /// The legal heading it stands under.
    pub heading: String,
    /// What it shows, in words.
    pub say: String,
    /// The agency asked; nothing for the one whose principal instrument this is.
    pub agency: Option<String>,
    /// The day; nothing for the edition's first.
    pub on: Option<Date>,
    /// The action asked.
    pub action: String,
    /// The facts of the request itself, said by the document.
    pub request: BTreeMap<String, String>,
    /// The facts an officer states.
    pub facts: BTreeMap<String, String>,
    /// The outcome expected, `no_edition`, or `contradiction`.
    pub expect: String,
    /// The grounds expected, all of them.
    pub because: Vec<String>,
    /// The facts expected to be asked, all of them.
    pub missing: Vec<String>,
    /// The duties expected, where the example is about them.
    pub duties: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExample {
    say: String,
    agency: Option<String>,
    on: Option<String>,
    request: BTreeMap<String, toml::Value>,
    #[serde(default)]
    facts: BTreeMap<String, toml::Value>,
    expect: String,
    #[serde(default)]
    because: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    duties: Option<Vec<String>>,
}

/// Indented code would be read by nobody: a rule in it would silently not be there.
pub(crate) fn indented(file: &str, text: &Text) -> Vec<Problem> {
    let message = "indented by four blanks or more, so no fence; begin it at the start of the line";
    let at = |(line, heading): &(usize, String)| Problem::new(file, *line, message).under(heading);
    text.indented.iter().map(at).collect()
}

/// Reads the inside of a fence as TOML; the error names the line in the file.
pub(crate) fn parse<T: DeserializeOwned>(file: &str, fence: &Fence) -> Result<T, Problem> {
    toml::from_str(&fence.body).map_err(|error| {
        let inside = error.span().map_or(1, |span| line_at(&fence.body, span.start));
        let line = fence.line.saturating_add(inside).saturating_sub(1);
        Problem::new(file, line, format!("{}: {}", fence.kind, error.message()))
            .under(&fence.heading)
    })
}

/// A rule is a provision, and a provision is short. The bounds keep every rule far from the depth
/// at which a parser or an evaluator that walks it would run out of stack.
const MOST_BYTES_OF_A_RULE: usize = 2048;
const MOST_BRACKETS: usize = 32;

fn small(rule: &str) -> Result<(), String> {
    let (mut open, mut deepest) = (0_usize, 0);
    for letter in rule.chars() {
        match letter {
            '(' | '[' | '{' => open = open.saturating_add(1),
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    if rule.len() > MOST_BYTES_OF_A_RULE || deepest > MOST_BRACKETS {
        return Err(format!(
            "the rule has {} bytes and {deepest} brackets inside each other, and may have \
             {MOST_BYTES_OF_A_RULE} and {MOST_BRACKETS}; write several provisions",
            rule.len()
        ));
    }
    Ok(())
}

/// What editions are read with: the vocabulary, and Cedar's validator for it.
pub(crate) struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    validator: Validator,
    schema: Schema,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(vocabulary: &'a Vocabulary) -> Result<Self, Vec<Problem>> {
        let text = vocabulary.cedar_schema();
        let (schema, _) = Schema::from_cedarschema_str(&text).map_err(|error| {
            let message = format!("Cedar does not take these words: {}", said(&error));
            vec![Problem::new("vocabulary.toml", 0, message)]
        })?;
        Ok(Self { vocabulary, validator: Validator::new(schema.clone()), schema })
    }

    /// The schema rules are validated against.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Reads an edition from `<path>/<day>.md`.
    pub(crate) fn edition(
        &self,
        file: &str,
        path: &str,
        from: Date,
        markdown: &str,
    ) -> Result<Edition, Vec<Problem>> {
        let text = Text::read(markdown);
        if text.titles != 1 {
            let message = format!("{} titles; write one `# Title`", text.titles);
            return Err(vec![Problem::new(file, 1, message)]);
        }
        let mut heads = text.fences.iter().filter(|fence| fence.kind == "instrument");
        let (Some(head), None) = (heads.next(), heads.next()) else {
            let second = text.fences.iter().filter(|fence| fence.kind == "instrument").nth(1);
            let message = "write one `instrument` fence, under the title";
            return Err(vec![Problem::new(file, second.map_or(1, |it| it.line), message)]);
        };
        let mut instrument: Instrument = parse(file, head).map_err(|problem| vec![problem])?;
        instrument.line = head.line;
        if instrument.id.is_empty() || instrument.id.contains('/') {
            let message = format!("instrument id `{}`; write a word without `/`", instrument.id);
            return Err(vec![Problem::new(file, head.line, message)]);
        }
        let mut edition = Edition {
            path: path.to_owned(),
            from,
            file: file.to_owned(),
            title: text.title.clone(),
            instrument,
            rules: Vec::new(),
            duties: Vec::new(),
            reports: Vec::new(),
            calendar: None,
            examples: Vec::new(),
            properties: Vec::new(),
        };
        let mut problems = indented(file, &text);
        for fence in &text.fences {
            if let Err(problem) = self.fence(&mut edition, fence) {
                problems.push(problem);
            }
        }
        problems.extend(distinct(&edition));
        problems.extend(overrides(&edition));
        if problems.is_empty() { Ok(edition) } else { Err(problems) }
    }

    fn fence(&self, edition: &mut Edition, fence: &Fence) -> Result<(), Problem> {
        let file = edition.file.clone();
        let at = |message: String| Problem::new(&file, fence.line, message).under(&fence.heading);
        match fence.kind.as_str() {
            "instrument" => {}
            "cedar" => edition.rules.push(self.rule(edition, fence)?),
            "duty" => {
                let mut duty: Duty = parse(&file, fence)?;
                self.known(&duty).map_err(at)?;
                duty.id = format!("{}/{}", edition.instrument.id, duty.id);
                if edition.duties.iter().any(|before| before.id == duty.id) {
                    return Err(at(format!("duty `{}` is ordered twice", duty.id)));
                }
                edition.duties.push(duty);
            }
            "report" => {
                let report: report::Definition = parse(&file, fence)?;
                report.check().and_then(|()| report.known(self.vocabulary)).map_err(at)?;
                if edition.reports.iter().any(|before| before.id == report.id) {
                    return Err(at(format!("report `{}` is ordered twice", report.id)));
                }
                edition.reports.push(report);
            }
            "calendar" => {
                let calendar: Calendar = parse(&file, fence)?;
                calendar.check().map_err(at)?;
                if edition.calendar.replace(calendar).is_some() {
                    return Err(at("write one `calendar` fence an edition".to_owned()));
                }
            }
            "example" => edition.examples.push(self.example(edition, fence)?),
            "property" => edition.properties.push(self.property(&file, fence)?),
            other => {
                return Err(at(format!(
                    "`{other}` is no fence we read; write instrument, cedar, duty, report, \
                     calendar, example or property"
                )));
            }
        }
        Ok(())
    }

    /// Checks that a duty names actions and facts of the vocabulary.
    fn known(&self, duty: &Duty) -> Result<(), String> {
        for action in &duty.action {
            self.vocabulary.known_action(action)?;
        }
        value_sets(&duty.when, self.vocabulary).map(|_| ())
    }

    fn rule(&self, edition: &Edition, fence: &Fence) -> Result<Rule, Problem> {
        let file = &edition.file;
        let at =
            |line: usize, message: String| Problem::new(file, line, message).under(&fence.heading);
        small(&fence.body).map_err(|message| at(fence.line, message))?;
        let set: PolicySet = fence.body.parse().map_err(|errors: cedar_policy::ParseErrors| {
            let line = errors.iter().next().and_then(|error| line_of(fence, error));
            at(line.unwrap_or(fence.line), format!("not Cedar: {}", said(&errors)))
        })?;
        if set.templates().next().is_some() {
            let message = "a template is outside the legal profile; write a rule without slots";
            return Err(at(fence.line, message.into()));
        }
        let mut policies = set.policies();
        let (Some(policy), None) = (policies.next(), policies.next()) else {
            return Err(at(fence.line, "write one rule a fence, one fence a provision".into()));
        };
        let result = self.validator.validate(&set, ValidationMode::Strict);
        let mut findings = result
            .validation_errors()
            .map(|error| (line_of(fence, error), said(error)))
            .chain(result.validation_warnings().map(|w| (line_of(fence, w), said(w))));
        if let Some((line, message)) = findings.next() {
            // Cedar names the policy by its place in the fence, which says nothing to a reader.
            let prefix = format!("for policy `{}`", policy.id());
            let message = message.strip_prefix(&prefix).unwrap_or(&message);
            let message = message.trim_start_matches([':', ',', ' ']);
            return Err(at(
                line.unwrap_or(fence.line),
                format!("against the vocabulary: {message}"),
            ));
        }
        let id = policy.annotation("id").unwrap_or_default();
        let name = PolicyId::new(format!("{}/{id}", edition.instrument.id));
        let place = Place {
            instrument: &edition.instrument.id,
            file,
            line: fence.line,
            heading: &fence.heading,
            says: &fence.prose,
        };
        Rule::read(policy.new_id(name), self.vocabulary, &place)
            .map_err(|message| at(fence.line, message))
    }

    fn property(&self, file: &str, fence: &Fence) -> Result<Property, Problem> {
        let at = |message: String| Problem::new(file, fence.line, message).under(&fence.heading);
        let mut property: Property = parse(file, fence)?;
        (property.file, property.line) = (file.to_owned(), fence.line);
        property.heading.clone_from(&fence.heading);
        self.vocabulary.known_action(&property.action).map_err(at)?;
        if property.always.is_empty() && property.never.is_empty() {
            return Err(at("say which outcomes it has: `always = […]` or `never = […]`".into()));
        }
        value_sets(&property.when, self.vocabulary).map_err(at)?;
        Ok(property)
    }

    fn example(&self, edition: &Edition, fence: &Fence) -> Result<Example, Problem> {
        let at = |message: String| {
            Problem::new(&edition.file, fence.line, message).under(&fence.heading)
        };
        let mut raw: RawExample = parse(&edition.file, fence)?;
        let action = match raw.request.remove("action") {
            Some(toml::Value::String(action)) => action,
            _ => return Err(at("`request` needs an `action = \"…\"`".into())),
        };
        self.vocabulary.known_action(&action).map_err(at)?;
        if !expected().any(|word| word == raw.expect) {
            let words: Vec<_> = expected().collect();
            let message = format!("`{}` is no outcome; write {}", raw.expect, words.join(", "));
            return Err(at(message));
        }
        let on = raw.on.map(|day| parse_day(&day)).transpose().map_err(at)?;
        let qualify = |ids: Vec<String>| -> Vec<String> {
            ids.into_iter()
                .map(|id| match id.contains('/') {
                    true => id,
                    false => format!("{}/{id}", edition.instrument.id),
                })
                .collect()
        };
        Ok(Example {
            file: edition.file.clone(),
            line: fence.line,
            heading: fence.heading.clone(),
            say: raw.say,
            agency: raw.agency,
            on,
            action,
            request: words(raw.request).map_err(at)?,
            facts: words(raw.facts).map_err(at)?,
            expect: raw.expect,
            because: qualify(raw.because),
            missing: raw.missing,
            duties: raw.duties.map(qualify),
        })
    }
}

/// The line in the file that Cedar points at.
fn line_of(fence: &Fence, error: &dyn miette::Diagnostic) -> Option<usize> {
    let offset = error.labels()?.next()?.offset();
    Some(fence.line.saturating_add(line_at(&fence.body, offset)).saturating_sub(1))
}

/// What Cedar says, and what it would have one do.
fn said(error: &dyn miette::Diagnostic) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

/// What an example can expect.
fn expected() -> impl Iterator<Item = &'static str> {
    Outcome::ALL.into_iter().map(Outcome::word).chain(["no_edition", "contradiction"])
}

fn words(raw: BTreeMap<String, toml::Value>) -> Result<BTreeMap<String, String>, String> {
    raw.into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(word) => Ok((name, word)),
            toml::Value::Boolean(yes) => Ok((name, yes.to_string())),
            toml::Value::Integer(number) => Ok((name, number.to_string())),
            other => Err(format!("`{name} = {other}`: a fact is a word, a number or true/false")),
        })
        .collect()
}

/// Reads `2025-03-01` and nothing else.
///
/// # Errors
/// What is wrong with the day, and how to write it.
pub fn parse_day(text: &str) -> Result<Date, String> {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let shape = text.len() == 10
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.get(4..5) == Some("-")
        && text.get(7..8) == Some("-");
    shape.then(|| text.parse().ok()).flatten().ok_or_else(|| {
        format!("`{text}` is no day; write year-month-day with digits, as in 2025-03-01")
    })
}

fn distinct(edition: &Edition) -> Vec<Problem> {
    let mut seen = BTreeMap::new();
    let mut problems = Vec::new();
    for rule in &edition.rules {
        if let Some(first) = seen.insert(rule.id.as_str(), rule.line) {
            let message =
                format!("`@id` of `{}` is already used in line {first}; write another", rule.id);
            problems.push(Problem::new(&rule.file, rule.line, message).under(&rule.heading));
        }
    }
    problems
}

/// An exception must name a rule of the same edition, and the chain must end.
fn overrides(edition: &Edition) -> Vec<Problem> {
    let find = |id: &str| edition.rules.iter().find(|rule| rule.id == id);
    let mut problems = Vec::new();
    for rule in &edition.rules {
        let mut say = |message: String| {
            problems.push(Problem::new(&rule.file, rule.line, message).under(&rule.heading));
        };
        let mut way = vec![rule.id.as_str()];
        let mut next = rule.overrides.as_deref();
        while let Some(id) = next {
            let turns = way.contains(&id);
            way.push(id);
            if turns {
                let way = way.join(" to ");
                say(format!("`@overrides` runs in a circle, from {way}; take one out"));
                break;
            }
            let Some(target) = find(id) else {
                say(format!(
                    "`@overrides` names `{id}`, which is no rule of this edition; write the \
                     `@id` of one"
                ));
                break;
            };
            next = target.overrides.as_deref();
        }
    }
    problems
}
