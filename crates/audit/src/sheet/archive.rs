//! The ZIP archive around a workbook: its parts by name, inflated within limits.
//!
//! - In: bytes that can be sought.
//! - Out: [`Part`]s, each a stream of bytes that ends in an error unless it has the length and
//!   the checksum that the archive's directory states.
//! - Absent: trust in what is stated. A part may not overlap another, nor be larger than
//!   [`PART_LIMIT`], nor grow more than [`RATIO_LIMIT`] times; more than stated is never inflated.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::SheetError;

/// The most bytes of one part once inflated. A sheet of a million rows has about one tenth.
pub const PART_LIMIT: u64 = 4 << 30;
/// How many times its size a part may grow. Sheets grow 5 to 50 times; a bomb about 1,000 times.
pub const RATIO_LIMIT: u64 = 200;
/// Parts up to this size may grow more: a small part of one letter does no harm.
pub const RATIO_FREE: u64 = 1 << 20;

/// The most bytes of the archive's directory.
const DIRECTORY_LIMIT: u64 = 64 << 20;
/// The longest comment at the end of an archive, with the record before it.
const TAIL: u64 = 22 + 0xFFFF;

/// One part, as the directory states it.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    start: u64,
}

/// An archive whose directory was read and found sound.
#[derive(Debug)]
pub(super) struct Archive<R> {
    input: R,
    entries: Vec<Entry>,
}

/// Bytes read as numbers, lowest byte first.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, count: usize) -> Option<u64> {
        let bytes = self.take(count)?;
        Some(bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    fn short(&mut self) -> Option<u16> {
        self.number(2).and_then(|it| u16::try_from(it).ok())
    }

    fn word(&mut self) -> Option<u32> {
        self.number(4).and_then(|it| u32::try_from(it).ok())
    }
}

/// What is wrong with the archive itself.
fn damaged(what: &str) -> SheetError {
    SheetError::Damaged { part: "the archive".to_owned(), what: what.to_owned() }
}

const CUT: &str = "its directory is missing or cut short";

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory at the end of the bytes.
    pub(super) fn new(mut input: R) -> Result<Self, SheetError> {
        let length = input.seek(SeekFrom::End(0))?;
        let (start, size) = directory(&mut input, length)?;
        if size > DIRECTORY_LIMIT || start.checked_add(size).is_none_or(|end| end > length) {
            return Err(damaged(CUT));
        }
        let bytes = bytes_at(&mut input, start, size)?;
        let mut rest = Bytes(&bytes);
        let mut entries = Vec::new();
        while !rest.0.is_empty() {
            entries.push(entry(&mut rest).ok_or_else(|| damaged(CUT))?);
        }
        sound(&entries, start)?;
        Ok(Self { input, entries })
    }

    /// Whether there is a part of that name; names differ not by the size of their letters.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Opens a part, where it is within the limits.
    pub(super) fn open(&mut self, name: &str) -> Result<Part<'_, R>, SheetError> {
        let found = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
        let entry = found.cloned().ok_or_else(|| SheetError::Damaged {
            part: name.to_owned(),
            what: "it is named in the workbook and not there".to_owned(),
        })?;
        if entry.flags & 1 != 0 {
            return Err(SheetError::Encrypted);
        }
        let grown = entry.packed.saturating_mul(RATIO_LIMIT).max(RATIO_FREE);
        if entry.size > PART_LIMIT || entry.size > grown {
            let (packed, size) = (entry.packed, entry.size);
            let what = format!("{packed} bytes would become {size}");
            return Err(SheetError::TooLarge { part: entry.name, what });
        }
        let input = &mut self.input;
        let broken =
            |what: &str| SheetError::Damaged { part: entry.name.clone(), what: what.to_owned() };
        let head = bytes_at(input, entry.start, 30)?;
        let mut head = Bytes(&head);
        let signed = head.take(4) == Some(b"PK\x03\x04");
        let skipped = head.take(22).and_then(|_| Some((head.short()?, head.short()?)));
        let Some((name, extra)) = skipped.filter(|_| signed) else {
            return Err(broken("the archive has no such part where its directory says"));
        };
        input.seek_relative(i64::from(name) + i64::from(extra))?;
        let packed = BufReader::with_capacity(1 << 16, input.take(entry.packed));
        let body = match entry.method {
            0 => Body::Stored(packed),
            8 => Body::Deflated(Box::new(DeflateDecoder::new(packed))),
            _ => return Err(broken("it is packed in a way that spreadsheet programs do not use")),
        };
        Ok(Part { body, left: entry.size, expected: entry.crc, crc: Crc::new() })
    }
}

/// The bytes of a place in the file, all of them.
fn bytes_at(input: &mut (impl Read + Seek), start: u64, size: u64) -> Result<Vec<u8>, SheetError> {
    input.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    input.take(size).read_to_end(&mut bytes)?;
    let whole = u64::try_from(bytes.len()).is_ok_and(|got| got == size);
    if whole { Ok(bytes) } else { Err(damaged(CUT)) }
}

/// Where the directory starts, and its size in bytes.
fn directory(input: &mut (impl Read + Seek), length: u64) -> Result<(u64, u64), SheetError> {
    let from = length.saturating_sub(TAIL);
    let tail = bytes_at(input, from, length - from)?;
    let ends = |at: &usize| {
        let mut rest = Bytes(tail.get(*at..)?);
        let signed = rest.take(4)? == b"PK\x05\x06";
        let (size, start) = (rest.take(8).and_then(|_| rest.word())?, rest.word()?);
        let comment = usize::from(rest.short()?);
        (signed && comment == rest.0.len()).then_some((u64::from(start), u64::from(size)))
    };
    let found = (0..tail.len().saturating_sub(21)).rev().find_map(|at| Some((at, ends(&at)?)));
    let (at, small) = found.ok_or_else(|| damaged(CUT))?;
    // Where a number did not fit, all of them are in a larger record, whose place is told here.
    let large = at.checked_sub(20).and_then(|at| {
        let mut locator = Bytes(tail.get(at..)?);
        (locator.take(4)? == b"PK\x06\x07").then_some(())?;
        locator.take(4)?;
        locator.number(8)
    });
    let Some(large) = large else {
        return Ok(small);
    };
    let record = bytes_at(input, large, 56)?;
    let mut record = Bytes(&record);
    let signed = record.take(4) == Some(b"PK\x06\x06");
    let told = record.take(36).and_then(|_| Some((record.number(8)?, record.number(8)?)));
    told.filter(|_| signed).map(|(size, start)| (start, size)).ok_or_else(|| damaged(CUT))
}

/// One entry of the directory.
fn entry(rest: &mut Bytes<'_>) -> Option<Entry> {
    (rest.take(4)? == b"PK\x01\x02").then_some(())?;
    rest.take(4)?;
    let (flags, method) = (rest.short()?, rest.short()?);
    rest.take(4)?;
    let crc = rest.word()?;
    let (packed, size) = (rest.word()?, rest.word()?);
    let lengths = [rest.short()?, rest.short()?, rest.short()?].map(usize::from);
    rest.take(8)?;
    let start = rest.word()?;
    let [name, extra, comment] = lengths;
    let name = String::from_utf8_lossy(rest.take(name)?).replace('\\', "/");
    let mut wide = wide(rest.take(extra)?);
    rest.take(comment)?;
    // A number that does not fit is all ones, and follows in the wide field, in this order.
    let mut widen = |number: u32| match number {
        u32::MAX => wide.number(8),
        number => Some(u64::from(number)),
    };
    let (size, packed, start) = (widen(size)?, widen(packed)?, widen(start)?);
    Some(Entry { name, flags, method, crc, packed, size, start })
}

/// The field of wide numbers among an entry's extra fields; empty where there is none.
fn wide(extra: &[u8]) -> Bytes<'_> {
    let mut rest = Bytes(extra);
    while let (Some(kind), Some(length)) = (rest.short(), rest.short()) {
        match rest.take(usize::from(length)) {
            Some(field) if kind == 1 => return Bytes(field),
            Some(_) => {}
            None => break,
        }
    }
    Bytes(&[])
}

/// Refuses what two readers could read in two ways: parts that overlap, or of one name.
fn sound(entries: &[Entry], directory: u64) -> Result<(), SheetError> {
    let mut names: Vec<String> = entries.iter().map(|it| it.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next) {
        return Err(damaged("it has two parts of one name"));
    }
    let mut places: Vec<(u64, u64)> = entries.iter().map(|it| (it.start, it.packed)).collect();
    places.sort_unstable();
    let nexts = places.iter().skip(1).map(|(start, _)| *start).chain([directory]);
    for ((start, packed), next) in places.iter().zip(nexts) {
        let end = start.checked_add(30).and_then(|it| it.checked_add(*packed));
        if end.is_none_or(|end| end > next) {
            return Err(damaged("its parts overlap"));
        }
    }
    Ok(())
}

/// The bytes of a part as they are in the archive.
type Packed<'a, R> = BufReader<Take<&'a mut R>>;

enum Body<'a, R: Read> {
    Stored(Packed<'a, R>),
    Deflated(Box<DeflateDecoder<Packed<'a, R>>>),
}

/// One part's bytes, inflated as they are read.
pub(super) struct Part<'a, R: Read> {
    body: Body<'a, R>,
    left: u64,
    expected: u32,
    crc: Crc,
}

impl<R: Read> Read for Part<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let got = match &mut self.body {
            Body::Stored(body) => body.read(buffer),
            Body::Deflated(body) => body.read(buffer),
        }?;
        let invalid = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if got == 0 {
            return match (self.left, self.crc.sum() == self.expected) {
                (0, true) => Ok(0),
                (0, false) => invalid("its checksum is not the one stated"),
                _ => invalid("it is shorter than stated"),
            };
        }
        match self.left.checked_sub(u64::try_from(got).unwrap_or(u64::MAX)) {
            Some(left) => self.left = left,
            None => return invalid("it is longer than stated"),
        }
        self.crc.update(buffer.get(..got).unwrap_or_default());
        Ok(got)
    }
}
