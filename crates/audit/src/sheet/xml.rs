//! The XML of one part, event by event, within limits.
//!
//! - In: one part's bytes.
//! - Out: its elements and their text; every other fault as [`SheetError::Damaged`] with the
//!   part's name.
//! - Absent: document types, entities but the five of XML, encodings but UTF-8. A workbook has
//!   no use for them, and each has been a way to make a reader work without end.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::SheetError;
use super::archive::Part;
use crate::field::brief;
use crate::records::CELL_LIMIT;

/// The most bytes of one tag, or of one stretch of text.
const EVENT_LIMIT: usize = 2 * CELL_LIMIT;
/// The deepest that elements may stand in each other; those of a sheet stand six deep.
const DEPTH_LIMIT: usize = 64;

/// A reader that ends in an error after a number of bytes, unless it is told to go on.
struct Budget<B> {
    input: B,
    left: usize,
}

impl<B: BufRead> Read for Budget<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.fill_buf()?.read(buffer)?;
        self.consume(got);
        Ok(got)
    }
}

impl<B: BufRead> BufRead for Budget<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            let what = "a tag or a text in it is longer than any cell may be";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.input.consume(count);
    }
}

/// What comes next. A tag's name and attributes are asked of [`Xml`], until the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Open,
    Close,
    End,
}

/// One part as XML.
pub(super) struct Xml<'a, R: Read> {
    reader: Reader<Budget<BufReader<Part<'a, R>>>>,
    buffer: Vec<u8>,
    part: String,
    depth: usize,
    /// The tag that opened last, and how long its name is.
    tag: String,
    name: usize,
}

impl<'a, R: Read> Xml<'a, R> {
    pub(super) fn new(name: &str, part: Part<'a, R>) -> Self {
        let input = Budget { input: BufReader::with_capacity(1 << 16, part), left: EVENT_LIMIT };
        let mut reader = Reader::from_reader(input);
        reader.config_mut().expand_empty_elements = true;
        let part = name.to_owned();
        Self { reader, buffer: Vec::new(), part, depth: 0, tag: String::new(), name: 0 }
    }

    /// The error that says what is wrong with this part.
    pub(super) fn damaged(&self, what: impl Into<String>) -> SheetError {
        SheetError::Damaged { part: self.part.clone(), what: what.into() }
    }

    /// The error that says that this part is more than it may be.
    pub(super) fn too_large(&self, what: impl Into<String>) -> SheetError {
        SheetError::TooLarge { part: self.part.clone(), what: what.into() }
    }

    /// The next element that opens or closes; text before it goes into `text`.
    fn next(&mut self, mut text: Option<&mut String>) -> Result<Step, SheetError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().left = EVENT_LIMIT;
            let event = self.reader.read_event_into(&mut self.buffer);
            let event = event.map_err(|error| fault(&self.part, &error))?;
            match event {
                Event::Start(_) if self.depth >= DEPTH_LIMIT => {
                    return Err(self.damaged("its elements stand too deep"));
                }
                Event::Start(tag) => {
                    self.depth += 1;
                    self.tag.clear();
                    self.tag.push_str(&tag);
                    self.name = tag.name().0.len();
                    return Ok(Step::Open);
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::Close);
                }
                Event::Eof if self.depth > 0 => {
                    return Err(self.damaged("it ends before its last element closes"));
                }
                Event::Eof => return Ok(Step::End),
                Event::DocType(_) => {
                    return Err(self.damaged("it has a document type, and a workbook has none"));
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    let Some(text) = text.as_deref_mut() else {
                        continue;
                    };
                    if !append(&event, text) {
                        return Err(self.damaged("it has an entity that XML does not know"));
                    }
                    if text.len() > CELL_LIMIT {
                        let what = format!("a cell has more than {CELL_LIMIT} bytes");
                        return Err(self.too_large(what));
                    }
                }
                _ => {}
            }
        }
    }

    /// The next element that opens or closes; text and remarks are passed over.
    pub(super) fn step(&mut self) -> Result<Step, SheetError> {
        self.next(None)
    }

    /// Appends the text of the element that opened last, up to where it closes.
    pub(super) fn text(&mut self, into: &mut String) -> Result<(), SheetError> {
        match self.next(Some(into))? {
            Step::Close => Ok(()),
            _ => Err(self.damaged("an element stands where only text may")),
        }
    }

    /// Passes over what is left of the element that opened last.
    pub(super) fn skip(&mut self) -> Result<(), SheetError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.step()?;
        }
        Ok(())
    }

    /// Whether the tag that opened last has this name, in whatever namespace.
    pub(super) fn is(&self, name: &str) -> bool {
        let full = self.tag.get(..self.name).unwrap_or_default();
        full.rsplit(':').next() == Some(name)
    }

    /// Hands over the attributes of the tag that opened last, as they are written.
    pub(super) fn attributes(&self, mut each: impl FnMut(&str, &str)) -> Result<(), SheetError> {
        let tag = BytesStart::from_content(self.tag.as_str(), self.name);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.damaged(brief(&error.to_string())))?;
            each(attribute.key.0, &attribute.value);
        }
        Ok(())
    }

    /// An attribute of the tag that opened last, by its name in whatever namespace.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, SheetError> {
        let tag = BytesStart::from_content(self.tag.as_str(), self.name);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.damaged(brief(&error.to_string())))?;
            if attribute.key.local_name().as_ref() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return match value {
                    Ok(value) => Ok(Some(value.into_owned())),
                    Err(error) => Err(self.damaged(brief(&error.to_string()))),
                };
            }
        }
        Ok(None)
    }
}

/// Appends a stretch of text; false where it is an entity nobody declared.
fn append(event: &Event<'_>, into: &mut String) -> bool {
    match event {
        Event::Text(text) => into.push_str(&text.xml10_content()),
        Event::CData(text) => into.push_str(&text.xml10_content()),
        Event::GeneralRef(name) => {
            if let Ok(Some(letter)) = name.resolve_char_ref() {
                into.push(letter);
            } else if let Some(known) = resolve_predefined_entity(name) {
                into.push_str(known);
            } else {
                return false;
            }
        }
        _ => {}
    }
    true
}

/// A fault of the XML, or of the archive under it.
fn fault(part: &str, error: &quick_xml::Error) -> SheetError {
    let part = part.to_owned();
    let quick_xml::Error::Io(io) = error else {
        return SheetError::Damaged { part, what: brief(&error.to_string()) };
    };
    match io.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            SheetError::Damaged { part, what: io.to_string() }
        }
        io::ErrorKind::FileTooLarge => SheetError::TooLarge { part, what: io.to_string() },
        kind => SheetError::Io(io::Error::new(kind, io.to_string())),
    }
}
