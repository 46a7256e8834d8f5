//! A pack file as text: headings, our words, and fences, each with its line.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::problem::line_at;

/// A fence for the machine, and what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The word after the backticks.
    pub kind: String,
    /// What is inside.
    pub body: String,
    /// The line of the first line inside.
    pub line: usize,
    /// The heading it stands under; empty before the first.
    pub heading: String,
    /// Our words under that heading and above this fence.
    pub prose: String,
}

/// A pack file taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// The one title.
    pub title: String,
    /// How many titles there are.
    pub titles: usize,
    /// The fences in order.
    pub fences: Vec<Fence>,
    /// The lines at which indented code stands, which looks like a fence and is none, each with
    /// the heading it stands under.
    pub indented: Vec<(usize, String)>,
}

impl Text {
    pub(crate) fn read(markdown: &str) -> Self {
        let mut text = Self::default();
        let mut heading = String::new();
        let mut prose = String::new();
        let mut open: Option<(HeadingLevel, String)> = None;
        let mut fence: Option<Fence> = None;
        let mut in_paragraph = false;
        for (event, range) in Parser::new_ext(markdown, Options::empty()).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => open = Some((level, String::new())),
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, words)) = open.take() {
                        if level == HeadingLevel::H1 {
                            text.titles = text.titles.saturating_add(1);
                            text.title = words;
                            heading.clear();
                        } else {
                            heading = words;
                        }
                        prose.clear();
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                    fence = Some(Fence {
                        kind: kind.to_string(),
                        body: String::new(),
                        line: first_line(markdown, &range),
                        heading: heading.clone(),
                        prose: prose.trim().to_owned(),
                    });
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    text.indented.push((line_at(markdown, range.start), heading.clone()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    text.fences.extend(fence.take());
                    prose.clear();
                }
                Event::Start(Tag::Paragraph) => in_paragraph = true,
                Event::End(TagEnd::Paragraph) => {
                    in_paragraph = false;
                    prose.push(' ');
                }
                Event::Text(words) | Event::Code(words) => {
                    if let Some(fence) = fence.as_mut() {
                        fence.body.push_str(&words);
                    } else if let Some((_, title)) = open.as_mut() {
                        title.push_str(&words);
                    } else if in_paragraph {
                        prose.push_str(&words);
                    }
                }
                Event::SoftBreak | Event::HardBreak if in_paragraph => prose.push(' '),
                _ => {}
            }
        }
        text
    }
}

fn first_line(markdown: &str, range: &Range<usize>) -> usize {
    let last = markdown.lines().count();
    line_at(markdown, range.start).saturating_add(1).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_know_their_line_heading_and_prose() {
        let text =
            Text::read("# T\n\nIntro.\n\n## 2(a) Holding\nOne\ntwo.\n\n```cedar\nx\ny\n```\n");
        let fence = &text.fences[0];
        assert_eq!((fence.kind.as_str(), fence.body.as_str()), ("cedar", "x\ny\n"));
        assert_eq!((fence.line, fence.heading.as_str()), (10, "2(a) Holding"));
        assert_eq!((fence.prose.as_str(), text.title.as_str()), ("One two.", "T"));
    }
}
