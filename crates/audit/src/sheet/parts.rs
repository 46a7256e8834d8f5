//! The parts of a workbook beside its sheets: which sheets there are, shared texts, formats.
//!
//! - In: an archive.
//! - Out: [`Workbook`]: the sheets by name with the part each is in, the texts that cells share,
//!   and for each style of a cell what its number format shows.
//! - Absent: everything else (themes, drawings, names, macros, links): never opened.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::archive::Archive;
use super::serial::{self, Format};
use super::xml::{Step, Xml};
use super::{Found, SheetError};

/// The most bytes of text that cells may share: it is kept in memory.
pub const SHARED_LIMIT: usize = 512 << 20;
/// The most texts that cells may share.
pub const SHARED_MOST: usize = 1 << 25;
/// The most sheets, and the most formats, of a workbook.
const NAMED_MOST: usize = 1 << 16;

/// Texts end to end, and where each ends.
#[derive(Debug, Default)]
pub(super) struct Shared {
    text: String,
    ends: Vec<usize>,
}

impl Shared {
    /// The text of that number, counted from 0.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.text.get(start..end)
    }
}

/// A sheet, with the part it is in where it is one of cells.
type Listed = (Found, Option<String>);

/// What the parts beside the sheets say.
#[derive(Debug)]
pub(super) struct Workbook {
    /// The sheets in their order.
    pub(super) sheets: Vec<Listed>,
    pub(super) from_1904: bool,
    pub(super) shared: Shared,
    /// For each style of a cell, what its format shows.
    pub(super) formats: Vec<Format>,
}

/// A part that another refers to.
struct Relation {
    id: String,
    kind: String,
    part: String,
}

impl Workbook {
    pub(super) fn read<R: Read + Seek>(archive: &mut Archive<R>) -> Result<Self, SheetError> {
        let main = main(archive)?;
        let relations = relations(archive, &main)?;
        let (sheets, from_1904) = sheets(archive, &main, &relations)?;
        let part = |kind: &str| relations.iter().find(|it| it.kind == kind).map(|it| &it.part);
        let shared = match part("sharedStrings") {
            Some(part) => shared(archive, part)?,
            None => Shared::default(),
        };
        let formats = match part("styles") {
            Some(part) => formats(archive, part)?,
            None => Vec::new(),
        };
        Ok(Self { sheets, from_1904, shared, formats })
    }
}

/// The part that is the workbook; what the file is instead, where there is none.
fn main<R: Read + Seek>(archive: &mut Archive<R>) -> Result<String, SheetError> {
    let other = |found, remedy| Err(SheetError::NotWorkbook { found, remedy });
    if !archive.has("_rels/.rels") {
        return if archive.has("content.xml") {
            other("an OpenDocument file", "save the sheet as XLSX or CSV")
        } else {
            other("an archive of other files", "unpack it and give its files one by one")
        };
    }
    let relations = relations(archive, "")?;
    let main = relations.into_iter().find(|it| it.kind == "officeDocument").map(|it| it.part);
    match main {
        Some(part) if part.ends_with(".bin") => {
            other("a binary workbook (XLSB)", "save it as XLSX or CSV")
        }
        Some(part) => Ok(part),
        None => other("a package without a workbook", "save the sheet as XLSX or CSV"),
    }
}

/// What a part refers to; the archive itself where its name is empty.
fn relations<R: Read + Seek>(
    archive: &mut Archive<R>,
    of: &str,
) -> Result<Vec<Relation>, SheetError> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    let name = join(folder, &format!("_rels/{file}.rels"));
    let mut xml = Xml::new(&name, archive.open(&name)?);
    let mut found = Vec::new();
    loop {
        match xml.step()? {
            Step::Open if xml.is("Relationship") => {
                let inside = xml.attribute("TargetMode")?.as_deref() != Some("External");
                let [id, kind, target] = ["Id", "Type", "Target"].map(|it| xml.attribute(it));
                if let (true, Some(id), Some(kind), Some(target)) = (inside, id?, kind?, target?) {
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    found.push(Relation { id, kind, part: join(folder, &target) });
                }
                few(&xml, found.len())?;
            }
            Step::End => return Ok(found),
            Step::Open | Step::Close => {}
        }
    }
}

/// The part that a target means, seen from a folder.
fn join(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let from = if target.starts_with('/') { "" } else { folder };
    let mut names: Vec<&str> = Vec::new();
    for name in from.split('/').chain(target.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

fn few<R: Read>(xml: &Xml<'_, R>, count: usize) -> Result<(), SheetError> {
    if count <= NAMED_MOST { Ok(()) } else { Err(xml.too_large("it names too many things")) }
}

/// The sheets in their order, and whether days are counted from 1904.
fn sheets<R: Read + Seek>(
    archive: &mut Archive<R>,
    main: &str,
    relations: &[Relation],
) -> Result<(Vec<Listed>, bool), SheetError> {
    let mut xml = Xml::new(main, archive.open(main)?);
    if xml.step()? != Step::Open || !xml.is("workbook") {
        let remedy = "save the sheet as XLSX or CSV";
        return Err(SheetError::NotWorkbook { found: "a document that is no workbook", remedy });
    }
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    loop {
        match xml.step()? {
            Step::Open if xml.is("workbookPr") => {
                let told = xml.attribute("date1904")?;
                from_1904 = matches!(told.as_deref(), Some("1" | "true" | "on"));
            }
            Step::Open if xml.is("sheet") => {
                let name = xml.attribute("name")?.unwrap_or_default();
                let hidden = xml.attribute("state")?.is_some_and(|it| it != "visible");
                let id = xml.attribute("id")?;
                let part = relations.iter().find(|it| Some(&it.id) == id.as_ref());
                let part = part.filter(|it| it.kind == "worksheet").map(|it| it.part.clone());
                sheets.push((Found { name, hidden, cells: part.is_some() }, part));
                few(&xml, sheets.len())?;
            }
            Step::End => return Ok((sheets, from_1904)),
            Step::Open | Step::Close => {}
        }
    }
}

/// The texts that cells share.
fn shared<R: Read + Seek>(archive: &mut Archive<R>, part: &str) -> Result<Shared, SheetError> {
    let mut xml = Xml::new(part, archive.open(part)?);
    let mut shared = Shared::default();
    let mut one = String::new();
    loop {
        match xml.step()? {
            Step::Open if xml.is("si") => {
                one.clear();
                item(&mut xml, &mut one)?;
                shared.text.push_str(&one);
                shared.ends.push(shared.text.len());
                if shared.text.len() > SHARED_LIMIT || shared.ends.len() > SHARED_MOST {
                    return Err(xml.too_large("the texts that cells share do not fit in memory"));
                }
            }
            Step::End => return Ok(shared),
            Step::Open | Step::Close => {}
        }
    }
}

/// One text, put together from its runs; how it is to be pronounced is left out.
pub(super) fn item<R: Read>(xml: &mut Xml<'_, R>, into: &mut String) -> Result<(), SheetError> {
    let mut depth = 1_usize;
    while depth > 0 {
        match xml.step()? {
            Step::Open if xml.is("t") => xml.text(into)?,
            Step::Open if xml.is("r") => depth += 1,
            Step::Open => xml.skip()?,
            Step::Close | Step::End => depth -= 1,
        }
    }
    unescape(into);
    Ok(())
}

/// Replaces `_x000D_` and its like by the letter meant: what XML cannot hold is written so.
pub(super) fn unescape(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut told = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("_x") {
        told.push_str(before);
        let code = after.get(..4).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
        let code = code.filter(|_| after.get(4..5) == Some("_"));
        let letter = code.and_then(|it| u32::from_str_radix(it, 16).ok()).and_then(char::from_u32);
        match letter.filter(|it| *it != '\0') {
            Some(letter) => {
                told.push(letter);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                told.push_str("_x");
                rest = after;
            }
        }
    }
    told.push_str(rest);
    *text = told;
}

/// For each style of a cell, what its number format shows.
fn formats<R: Read + Seek>(
    archive: &mut Archive<R>,
    part: &str,
) -> Result<Vec<Format>, SheetError> {
    let mut xml = Xml::new(part, archive.open(part)?);
    let (mut own, mut styles) = (BTreeMap::new(), Vec::new());
    let mut of_cells = false;
    loop {
        match xml.step()? {
            Step::Open if xml.is("cellXfs") => of_cells = true,
            Step::Open if xml.is("cellStyleXfs") || xml.is("dxfs") => {
                of_cells = false;
                xml.skip()?;
            }
            Step::Open if xml.is("numFmt") => {
                let id = xml.attribute("numFmtId")?.and_then(|it| it.parse::<u32>().ok());
                let code = xml.attribute("formatCode")?;
                if let (Some(id), Some(code)) = (id, code) {
                    own.insert(id, serial::format(&code));
                }
                few(&xml, own.len())?;
            }
            Step::Open if of_cells && xml.is("xf") => {
                let id = xml.attribute("numFmtId")?.and_then(|it| it.parse::<u32>().ok());
                styles.push(id.unwrap_or(0));
                few(&xml, styles.len())?;
            }
            Step::End => break,
            Step::Open | Step::Close => {}
        }
    }
    let format = |id: u32| own.get(&id).copied().unwrap_or_else(|| serial::built_in(id));
    Ok(styles.into_iter().map(format).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_their_folder() {
        for (folder, target, part) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "./a/../b.xml", "xl/b.xml"),
            ("xl", "..\\..\\..\\b.xml", "b.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
        ] {
            assert_eq!(join(folder, target), part);
        }
    }

    #[test]
    fn letters_that_xml_cannot_hold_are_read() {
        for (written, meant) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00e9_", "\u{e9}"),
            ("_x0000_ _x12_ _x", "_x0000_ _x12_ _x"),
            ("_x_x0041_", "_xA"),
        ] {
            let mut text = written.to_owned();
            unescape(&mut text);
            assert_eq!(text, meant, "{written}");
        }
    }
}
