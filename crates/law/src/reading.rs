//! An edition for reading: our words, and each fence as what it was read to be.
//!
//! In: an [`Edition`] and its text. Out: [`Part`]s in the order of the text, as words and not as
//! HTML, so that whoever shows them escapes them like any other words. Absent: whether the examples
//! hold, which [`crate::check`] finds out.

use std::mem::take;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::edition::{Edition, Example};
use crate::report::Definition;
use crate::{Duty, Property, Rule};

/// What plain text about something that is not coded begins with.
const NOT_CODED: &str = "Not coded";

/// Words in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// How they stand out.
    pub style: Style,
}

/// How words stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    Plain,
    /// As a word used in a special sense.
    Emphasis,
    /// As important.
    Strong,
    /// As a word of the machine's.
    Code,
}

/// One part of an edition, in the order of its text.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// A heading under the title; `level` is 2 to 6.
    Heading {
        /// How deep it stands.
        level: u8,
        /// What it says.
        says: Vec<Span>,
    },
    /// A paragraph of our words.
    Paragraph {
        /// What it says.
        says: Vec<Span>,
        /// Whether it names what is not coded, and why.
        not_coded: bool,
    },
    /// A list; each of its items.
    List(Vec<Vec<Span>>),
    /// A provision as a rule, and its Cedar text.
    Rule(&'a Rule, String),
    /// A test.
    Example(&'a Example),
    /// What must be so in every case.
    Property(&'a Property),
    /// A duty.
    Duty(&'a Duty),
    /// A report that is ordered.
    Report(&'a Definition),
    /// Another fence: its kind and what is in it.
    Fence(String, String),
}

/// The parts of an edition, from the text it was read from.
///
/// The title and the head of the instrument are left out: they are fields of the edition.
#[must_use]
pub fn parts<'a>(edition: &'a Edition, text: &str) -> Vec<Part<'a>> {
    let mut reading = Reading::of(edition);
    for event in Parser::new_ext(text, Options::empty()) {
        reading.take(event);
    }
    reading.parts
}

struct Reading<'a> {
    edition: &'a Edition,
    parts: Vec<Part<'a>>,
    spans: Vec<Span>,
    items: Vec<Vec<Span>>,
    /// How many lists stand around what is read.
    depth: usize,
    /// Styles that have begun.
    styles: Vec<Style>,
    /// Where a link leads; said in words, so that a text cannot send a reader elsewhere unseen.
    links: Vec<String>,
    fence: Option<(String, String)>,
    /// How many fences of each kind were read: rules, examples, properties, duties, reports.
    counts: [usize; 5],
}

impl<'a> Reading<'a> {
    fn of(edition: &'a Edition) -> Self {
        Self {
            edition,
            parts: Vec::new(),
            spans: Vec::new(),
            items: Vec::new(),
            depth: 0,
            styles: Vec::new(),
            links: Vec::new(),
            fence: None,
            counts: [0; 5],
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match self.fence.as_mut() {
                Some((_, body)) => body.push_str(&words),
                None => {
                    let style = self.styles.last().copied().unwrap_or(Style::Plain);
                    self.say(&words, style);
                }
            },
            Event::Code(words) => self.say(&words, Style::Code),
            // What looks like HTML is words like any other.
            Event::Html(words) | Event::InlineHtml(words) => self.say(&words, Style::Plain),
            Event::SoftBreak | Event::HardBreak => self.say(" ", Style::Plain),
            _ => {}
        }
    }

    fn say(&mut self, words: &str, style: Style) {
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(words),
            _ => self.spans.push(Span { text: words.to_owned(), style }),
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => {
                let kind = match kind {
                    CodeBlockKind::Fenced(kind) => kind.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.fence = Some((kind, String::new()));
            }
            Tag::Emphasis => self.styles.push(Style::Emphasis),
            Tag::Strong => self.styles.push(Style::Strong),
            Tag::Link { dest_url, .. } => self.links.push(dest_url.to_string()),
            Tag::List(_) => self.depth = self.depth.saturating_add(1),
            // The items of a list in a list are told after the words of the item they belong to.
            Tag::Item if self.depth > 1 => self.say("; ", Style::Plain),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                if let Some((kind, body)) = self.fence.take() {
                    self.fence(kind, body);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong => drop(self.styles.pop()),
            TagEnd::Link => {
                if let Some(to) = self.links.pop() {
                    self.say(&format!(" ({to})"), Style::Plain);
                }
            }
            TagEnd::Heading(HeadingLevel::H1) => self.spans.clear(),
            TagEnd::Heading(level) => {
                let says = take(&mut self.spans);
                self.parts.push(Part::Heading { level: level as u8, says });
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock if self.depth == 0 => {
                let says = take(&mut self.spans);
                let not_coded = says.first().is_some_and(|it| it.text.starts_with(NOT_CODED));
                self.parts.push(Part::Paragraph { says, not_coded });
            }
            TagEnd::Item if self.depth == 1 => self.items.push(take(&mut self.spans)),
            TagEnd::List(_) => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.parts.push(Part::List(take(&mut self.items)));
                }
            }
            _ => {}
        }
    }

    /// A fence as what the edition has of it: those of a kind stand there in the order of the text.
    fn fence(&mut self, kind: String, body: String) {
        let edition = self.edition;
        let place = ["cedar", "example", "property", "duty", "report"];
        let place = place.iter().position(|it| *it == kind);
        let at = place.and_then(|place| self.counts.get_mut(place)).map(|count| {
            let at = *count;
            *count = count.saturating_add(1);
            at
        });
        let part = match (kind.as_str(), at) {
            ("instrument", _) => return,
            ("cedar", Some(at)) => {
                edition.rules.get(at).map(|rule| Part::Rule(rule, body.trim_end().to_owned()))
            }
            ("example", Some(at)) => edition.examples.get(at).map(Part::Example),
            ("property", Some(at)) => edition.properties.get(at).map(Part::Property),
            ("duty", Some(at)) => edition.duties.get(at).map(Part::Duty),
            ("report", Some(at)) => edition.reports.get(at).map(Part::Report),
            _ => None,
        };
        self.parts.push(part.unwrap_or(Part::Fence(kind, body)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Library;

    const VOCABULARY: &str = "action = [{ name = 'hold', says = 'keep someone' }]\n\
        [[fact]]\nname = 'judge'\nquestion = 'Has a judge signed?'\n";
    const AGENCY: &str = "# T\n~~~agency\nname = 'T'\ntimezone = 'UTC'\nprincipal = 't'\n\
        stack = ['t']\n~~~\n";
    const TEXT: &str = r#"# The title
~~~instrument
id = "t"
citation = "T 1"
kind = "ordinance"
maker = "T"
day_grade = "text"
~~~

First *one* **two** `three` [four](https://example.org/five).
<b onclick="x()">raw</b>

- a
- b
  - c

<script>alert(1)</script>

## 1 Holding
Nobody is held.

~~~cedar
@id("1") @cite("T 1") @grade("text") @modality("must_not")
forbid (principal, action == Action::"hold", resource) when { context.judge };
~~~

~~~example
say = "It holds"
request = { action = "hold" }
facts = { judge = true }
expect = "must_not"
because = ["1"]
~~~

Not coded: courtesy.
"#;

    fn words(spans: &[Span]) -> String {
        spans.iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn a_text_is_taken_apart_in_its_order() {
        let files = [("vocabulary.toml", VOCABULARY), ("agencies/t.md", AGENCY)];
        let mut files: BTreeMap<String, String> =
            files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        files.insert("t/2025-01-01.md".to_owned(), TEXT.to_owned());
        let library = Library::read(&files).unwrap();
        let day = crate::parse_day("2025-01-01").unwrap();
        let edition = library.edition("t", day).unwrap();
        assert!(library.edition("t", day.yesterday().unwrap()).is_none());
        assert_eq!((library.text(edition), edition.grade()), (Some(TEXT), crate::Grade::Text));
        let parts = parts(edition, library.text(edition).unwrap());
        let said: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::Heading { level, says } => format!("{level} {}", words(says)),
                Part::Paragraph { says, not_coded: true } => format!("! {}", words(says)),
                Part::Paragraph { says, .. } => words(says).trim().to_owned(),
                Part::List(items) => {
                    items.iter().map(|it| words(it)).collect::<Vec<_>>().join(" / ")
                }
                Part::Rule(rule, text) => format!("{} {}", rule.id, text.lines().count()),
                Part::Example(example) => example.say.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        let first = "First one two three four (https://example.org/five). \
                     <b onclick=\"x()\">raw</b>";
        assert_eq!(
            said,
            [
                first,
                "a / b; c",
                "<script>alert(1)</script>",
                "2 1 Holding",
                "Nobody is held.",
                "t/1 2",
                "It holds",
                "! Not coded: courtesy.",
            ]
        );
        let Part::Paragraph { says, .. } = &parts[0] else { panic!() };
        let styles: Vec<Style> = says.iter().map(|span| span.style).collect();
        use Style::{Code, Emphasis, Plain, Strong};
        assert_eq!(styles, [Plain, Emphasis, Plain, Strong, Plain, Code, Plain]);
    }
}
