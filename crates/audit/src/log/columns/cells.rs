//! The cells of a column, and what each comes to.
//!
//! - In: the values of a dictionary and cells, as pages have them.
//! - Out: by row the place of an entry, which was worked out once.
//! - Absent: rows.

use std::io::{Read, Seek};

use super::pages::{Chunk, Take};
use super::schema::{Column, Role};
use super::shape::Shape;
use crate::log::layout::Field;
use crate::log::maker::Maker;
use crate::log::row::Row;
use crate::log::said::{Known, Said};
use crate::reason::Class;

/// Marks of an entry, which a row has if any of its cells has it.
pub(super) const NOT_HEADING: u8 = 1;
pub(super) const NOT_UTF8: u8 = 2;
pub(super) const WRONG: u8 = 4;

/// Values of one dictionary of which it is kept what is wrong with them.
const MOST_WRONG: usize = 1 << 14;

/// A value, and what it comes to.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    said: Said,
    marks: u8,
}

/// Cells of a column.
pub(super) struct Cells<'a> {
    at: usize,
    pub(super) column: &'a Column,
    /// Nothing; then the values of the dictionary; then those of the rows at hand.
    entries: Vec<Entry>,
    /// Where texts are kept, those of the entries, and where each ends.
    texts: Vec<u8>,
    ends: Vec<usize>,
    /// What is wrong with entries, by their place.
    wrong: Vec<(usize, String)>,
    /// How much of the three stays for the next rows.
    stays: (usize, usize, usize),
    /// By row the place of its entry.
    places: Vec<u32>,
    written: String,
    later: Later,
}

/// Reasons that are looked up together: each look-up waits for memory, and all of them wait no
/// longer than a few alone.
#[derive(Default)]
struct Later {
    /// Their entries.
    of: Vec<usize>,
    /// Their texts end to end, and where each ends.
    texts: Vec<u8>,
    ends: Vec<usize>,
}

impl Later {
    fn clear(&mut self) {
        self.of.clear();
        self.texts.clear();
        self.ends.clear();
    }
}

/// Reasons that wait.
const WAITING: usize = 256;

impl<'a> Cells<'a> {
    pub(super) fn new(at: usize, column: &'a Column) -> Self {
        Self {
            at,
            column,
            entries: Vec::new(),
            texts: Vec::new(),
            ends: Vec::new(),
            wrong: Vec::new(),
            stays: (0, 0, 0),
            places: Vec::new(),
            written: String::new(),
            later: Later::default(),
        }
    }

    /// Starts with a part of the column, which has a dictionary of its own.
    pub(super) fn start(&mut self, maker: &mut Maker<'_>) {
        self.stays = (0, 0, 0);
        self.forget();
        self.push(None, maker);
        self.look_up(maker);
        self.stay();
    }

    fn forget(&mut self) {
        let (entries, texts, wrong) = self.stays;
        self.entries.truncate(entries);
        self.texts.truncate(texts);
        self.ends.truncate(entries);
        self.wrong.truncate(wrong);
        self.places.clear();
        self.later.clear();
    }

    fn stay(&mut self) {
        self.stays = (self.entries.len(), self.texts.len(), self.wrong.len());
    }

    /// Works out what a value says.
    fn push(&mut self, value: Option<&[u8]>, maker: &mut Maker<'_>) {
        let Column { name, shape, role } = self.column;
        let instant = match role {
            Role::Says(Field::Time) => value.and_then(|value| shape.seconds(value)),
            _ => None,
        };
        let is_text = *shape == Shape::Text;
        let text = match value {
            Some(value) if is_text || *role != Role::Past && instant.is_none() => {
                shape.text(value, &mut self.written)
            }
            _ => &[],
        };
        let mut marks = 0;
        if !is_text || text.trim_ascii() != name.as_bytes() {
            marks |= NOT_HEADING;
        }
        // Most texts are ASCII, which is told sooner.
        if is_text && !text.is_ascii() && std::str::from_utf8(text).is_err() {
            marks |= NOT_UTF8;
        }
        let said = match (role, instant) {
            (_, Some(seconds)) => {
                maker.say_instant(seconds, matches!(shape, Shape::Instant { local: true, .. }))
            }
            (Role::Says(Field::Reason), None) => {
                self.later.of.push(self.entries.len());
                self.later.texts.extend_from_slice(text);
                self.later.ends.push(self.later.texts.len());
                Ok(Said::reason(Known::default()))
            }
            (Role::Says(field), None) => maker.say(*field, text),
            (Role::Kept(_), None) => {
                self.texts.extend_from_slice(text);
                self.ends.push(self.texts.len());
                Ok(Said::default())
            }
            (Role::Past | Role::Unread, None) => Ok(Said::default()),
        };
        let said = said.unwrap_or_else(|why| {
            marks |= WRONG;
            if self.wrong.len() < MOST_WRONG {
                self.wrong.push((self.entries.len(), why));
            }
            Said::default()
        });
        let hash = maker.hash_at(self.at, value.unwrap_or_default());
        self.entries.push(Entry { hash, said, marks });
        if self.later.of.len() >= WAITING {
            self.look_up(maker);
        }
    }

    /// Looks up the reasons that wait.
    fn look_up(&mut self, maker: &mut Maker<'_>) {
        let Self { later: Later { of, texts, ends }, entries, .. } = self;
        maker.readings(texts, ends, |at, known| {
            let entry = of.get(at).and_then(|entry| entries.get_mut(*entry));
            entry.into_iter().for_each(|entry| entry.said = Said::reason(known));
        });
        self.later.clear();
    }

    /// Fills it with so many cells, in the place of those it has.
    ///
    /// # Errors
    /// A damaged file.
    pub(super) fn fill<R: Read + Seek + Send>(
        &mut self,
        chunk: &mut Chunk<'_, R>,
        maker: &mut Maker<'_>,
        count: usize,
    ) -> Result<(), String> {
        self.forget();
        while self.places.len() < count {
            let left = count.saturating_sub(self.places.len());
            if chunk.read(left, &mut Filled { cells: self, maker })? == 0 {
                return Err("it has fewer cells than rows".to_owned());
            }
        }
        self.look_up(maker);
        Ok(())
    }

    /// Makes sure that there are no more cells than rows.
    ///
    /// # Errors
    /// A damaged file.
    pub(super) fn end<R: Read + Seek + Send>(
        &mut self,
        chunk: &mut Chunk<'_, R>,
        maker: &mut Maker<'_>,
    ) -> Result<(), String> {
        match chunk.read(1, &mut Filled { cells: self, maker })? {
            0 => Ok(()),
            _ => Err("it has more cells than rows".to_owned()),
        }
    }

    /// Writes what the cells say into their rows.
    pub(super) fn put(&self, rows: &mut [Row], marks: &mut [u8]) {
        let Role::Says(field) = self.column.role else {
            return self.each(rows, marks, |row, entry| {
                row.content = row.content.wrapping_add(entry.hash);
            });
        };
        self.each(rows, marks, |row, entry| {
            row.content = row.content.wrapping_add(entry.hash);
            entry.said.put(field, row);
        });
    }

    /// The same, of what a first look counts: the agency and the class.
    pub(super) fn glance(&self, rows: &mut [(u32, Class)], marks: &mut [u8]) {
        match self.column.role {
            Role::Says(Field::Host | Field::Agency) => {
                self.each(rows, marks, |row, entry| row.0 = entry.said.agency());
            }
            Role::Says(Field::Reason) => {
                self.each(rows, marks, |row, entry| row.1 = entry.said.class());
            }
            _ => self.each(rows, marks, |_, _| ()),
        }
    }

    /// For each row the entry of its cell, whose marks are added to its own.
    #[inline(always)]
    fn each<T>(&self, rows: &mut [T], marks: &mut [u8], put: impl Fn(&mut T, &Entry)) {
        for ((row, marks), place) in rows.iter_mut().zip(marks).zip(&self.places) {
            match self.entries.get(*place as usize) {
                Some(entry) => {
                    *marks |= entry.marks;
                    put(row, entry);
                }
                None => *marks |= NOT_HEADING | WRONG,
            }
        }
    }

    /// The text of a row's cell.
    pub(super) fn text(&self, row: usize) -> &[u8] {
        let Some(place) = self.places.get(row).map(|place| *place as usize) else { return &[] };
        let end = |place: usize| self.ends.get(place).copied().unwrap_or_default();
        let start = place.checked_sub(1).map_or(0, end);
        self.texts.get(start..end(place)).unwrap_or_default()
    }

    /// What is wrong with a row's cell.
    pub(super) fn wrong(&self, row: usize) -> Option<&str> {
        let place = *self.places.get(row)? as usize;
        let at = self.wrong.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        self.wrong.get(at).map(|(_, why)| why.as_str())
    }
}

/// Cells on their way into a column.
struct Filled<'c, 'a, 'm> {
    cells: &'c mut Cells<'a>,
    maker: &'c mut Maker<'m>,
}

impl Take for Filled<'_, '_, '_> {
    fn dictionary(&mut self, value: &[u8]) {
        self.cells.push(Some(value), self.maker);
        self.cells.stay();
    }

    fn codes(&mut self, codes: &[i32]) {
        self.cells.places.extend(codes.iter().map(|code| code.cast_unsigned()));
    }

    fn value(&mut self, value: &[u8]) {
        self.cells.places.push(u32::try_from(self.cells.entries.len()).unwrap_or(0));
        self.cells.push(Some(value), self.maker);
    }

    fn null(&mut self) {
        self.cells.places.push(0);
    }
}
