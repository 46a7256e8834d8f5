//! One column of a Parquet file, page by page.
//!
//! - In: the bytes of a file, and what it says of a part of a column.
//! - Out: cells as the bytes that a page has of them; of a dictionary, its values once and then
//!   their numbers.
//! - Absent: whole columns in memory. A page at a time is there, and its dictionary.
//!
//! What is read was written by strangers. The library takes a page at its word in some places, and
//! would stop the program; so what a page says of itself is checked before it is handed on.

use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::{CompressionCodec, Encoding, Repetition, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    AsBytes as _, BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type,
};
use parquet::errors::{ParquetError, Result as Parquet};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{Length as _, SerializedPageReader};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, Type as Described};

use super::ahead::{Ahead, Room, Shared};
use crate::locked;

/// Bytes that are kept of each value of a dictionary beside its text.
const KEPT: usize = 64;

/// Takes the cells of a column in their order.
pub(super) trait Take {
    /// The next value of the dictionary; they come before all cells.
    fn dictionary(&mut self, value: &[u8]);
    /// Cells that are values of the dictionary, counted from 1.
    fn codes(&mut self, codes: &[i32]);
    /// A cell with a value.
    fn value(&mut self, value: &[u8]);
    /// A cell with nothing in it.
    fn null(&mut self);
}

/// Pages on their way to the library's decoder.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<VecDeque<Page>>>);

impl Queue {
    fn push(&self, page: Page) {
        locked(&self.0).push_back(page);
    }
}

impl Iterator for Queue {
    type Item = Parquet<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        locked(&self.0).pop_front().map(Ok)
    }
}

impl PageReader for Queue {
    fn get_next_page(&mut self) -> Parquet<Option<Page>> {
        self.next().transpose()
    }

    fn peek_next_page(&mut self) -> Parquet<Option<PageMetadata>> {
        Ok(None)
    }

    fn skip_next_page(&mut self) -> Parquet<()> {
        Ok(())
    }
}

/// A part of a column.
pub(super) struct Chunk<'a, R: Read + Seek + Send> {
    pages: SerializedPageReader<Ahead<'a, R>>,
    room: Arc<Room>,
    queue: Queue,
    decoder: Decoder,
    /// Bytes of a value; none of texts, which say how long they are.
    width: Option<usize>,
    /// The level of a cell that has a value.
    there: i16,
    has_dictionary: bool,
    has_cells: bool,
    /// Cells of the page that are still to come, and the bytes it takes.
    left: usize,
    bytes: usize,
    /// A page that has its values one after the other, and where the next is.
    plain: Option<(Bytes, usize)>,
}

/// What makes numbers and values of pages.
enum Decoder {
    /// A dictionary, or values one after the other, whatever they are. The library is told that
    /// they are whole numbers of 32 bits, and in place of a dictionary it is shown 1, 2, 3 and so
    /// on: what it then makes of a page are places in the dictionary. Of a page of values it makes
    /// numbers that mean nothing, one for each (none takes less than 32 bits), and the values are
    /// taken from the page itself.
    Codes(Box<Typed<Int32Type>>),
    /// Any other encoding, without numbers.
    Values(Box<dyn Values + Send>),
}

/// A decoder of some type, and what it last made.
struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    levels: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Typed<T> {
    fn new(about: ColumnDescPtr, queue: Queue) -> Self {
        let reader = ColumnReaderImpl::new(about, Box::new(queue));
        Self { reader, levels: Vec::new(), values: Vec::new() }
    }

    fn decode(&mut self, count: usize) -> Result<(), String> {
        self.levels.clear();
        self.values.clear();
        let Self { reader, levels, values } = self;
        let (read, _, _) = caught(|| reader.read_records(count, Some(levels), None, values))?;
        if read == count { Ok(()) } else { Err("a page has fewer cells than it says".to_owned()) }
    }

    /// For each cell its value, where it has one.
    fn cells(&self, count: usize, there: i16) -> impl Iterator<Item = Option<&T::T>> {
        let mut values = self.values.iter();
        (0..count).map(move |at| {
            let has = there == 0 || self.levels.get(at) == Some(&there);
            if has { values.next() } else { None }
        })
    }
}

/// Gives the bytes of each cell.
type Each<'e> = &'e mut dyn FnMut(Option<&[u8]>);

trait Values {
    fn values(&mut self, count: usize, there: i16, each: Each<'_>) -> Result<(), String>;
}

impl<T: DataType> Values for Typed<T> {
    fn values(&mut self, count: usize, there: i16, each: Each<'_>) -> Result<(), String> {
        self.decode(count)?;
        self.cells(count, there).for_each(|value| each(value.map(|it| it.as_bytes())));
        Ok(())
    }
}

/// The encodings whose pages we take apart ourselves, and those of levels.
fn is_simple(encoding: Encoding) -> bool {
    use Encoding::{PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY};
    #[allow(deprecated)]
    let packed = Encoding::BIT_PACKED;
    [PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY, RLE, packed].contains(&encoding)
}

fn decoder(chunk: &ColumnChunkMetaData, queue: &Queue) -> Result<Decoder, String> {
    let (about, queue) = (chunk.column_descr_ptr(), queue.clone());
    let kind = about.physical_type();
    if kind != Type::BOOLEAN && chunk.encodings().all(is_simple) {
        let code = Described::primitive_type_builder("code", Type::INT32)
            .with_repetition(Repetition::OPTIONAL)
            .build()
            .map_err(said)?;
        let about =
            ColumnDescriptor::new(Arc::new(code), about.max_def_level(), 0, about.path().clone());
        return Ok(Decoder::Codes(Box::new(Typed::new(Arc::new(about), queue))));
    }
    Ok(Decoder::Values(match kind {
        Type::BOOLEAN => Box::new(Typed::<BoolType>::new(about, queue)),
        Type::INT32 => Box::new(Typed::<Int32Type>::new(about, queue)),
        Type::INT64 => Box::new(Typed::<Int64Type>::new(about, queue)),
        Type::FLOAT => Box::new(Typed::<FloatType>::new(about, queue)),
        Type::DOUBLE => Box::new(Typed::<DoubleType>::new(about, queue)),
        Type::FIXED_LEN_BYTE_ARRAY => Box::new(Typed::<FixedLenByteArrayType>::new(about, queue)),
        Type::BYTE_ARRAY => Box::new(Typed::<ByteArrayType>::new(about, queue)),
        Type::INT96 => return Err("a column is of the old type INT96".to_owned()),
    }))
}

impl<'a, R: Read + Seek + Send> Chunk<'a, R> {
    /// # Errors
    /// What is wrong with what the file says of it.
    pub(super) fn open(
        file: Shared<'a, R>,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        room: &Arc<Room>,
    ) -> Result<Self, String> {
        let about = chunk.column_descr();
        let of = |place: i64| u64::try_from(place).ok();
        let start = of(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()));
        let end = start.zip(of(chunk.compressed_size())).and_then(|(at, it)| at.checked_add(it));
        let Some(end) = end.filter(|end| *end <= file.len()) else {
            return Err("its parts are said to be where it has no bytes; was it cut off?".into());
        };
        if usize::try_from(chunk.num_values()) != Ok(rows) {
            return Err(format!("it says that it has {} cells in {rows} rows", chunk.num_values()));
        }
        let packed = chunk.compression_codec();
        let known =
            [CompressionCodec::UNCOMPRESSED, CompressionCodec::SNAPPY, CompressionCodec::ZSTD];
        if !known.contains(&packed) {
            return Err(format!(
                "it is compressed with {packed}; write it with Snappy or Zstandard, or without"
            ));
        }
        let (room, queue) = (room.clone(), Queue::default());
        let ahead = Arc::new(Ahead::new(file, end, &room));
        let pages = SerializedPageReader::new(ahead, chunk, rows, None).map_err(said)?;
        let decoder = decoder(chunk, &queue)?;
        let width = match about.physical_type() {
            Type::BYTE_ARRAY => None,
            Type::INT32 | Type::FLOAT => Some(4),
            Type::INT64 | Type::DOUBLE => Some(8),
            _ => Some(usize::try_from(about.type_length()).unwrap_or(0)),
        };
        let there = about.max_def_level();
        let (has_dictionary, has_cells, left, bytes, plain) = (false, false, 0, 0, None);
        Ok(Self {
            pages,
            room,
            queue,
            decoder,
            width,
            there,
            has_dictionary,
            has_cells,
            left,
            bytes,
            plain,
        })
    }

    /// Hands on cells, at most so many; how many they were is 0 at the end only.
    ///
    /// # Errors
    /// A damaged file.
    pub(super) fn read(&mut self, most: usize, take: &mut impl Take) -> Result<usize, String> {
        while self.left == 0 {
            if !self.turn(take)? {
                return Ok(0);
            }
        }
        let count = most.min(self.left);
        self.left = self.left.saturating_sub(count);
        match &mut self.decoder {
            Decoder::Values(values) => {
                values.values(count, self.there, &mut |cell| match cell {
                    Some(value) => take.value(value),
                    None => take.null(),
                })?
            }
            Decoder::Codes(typed) => {
                typed.decode(count)?;
                match &mut self.plain {
                    None if typed.values.len() == count => take.codes(&typed.values),
                    None => typed.cells(count, self.there).for_each(|code| match code {
                        Some(code) => take.codes(&[*code]),
                        None => take.null(),
                    }),
                    Some((page, at)) => {
                        for has in typed.cells(count, self.there).map(|code| code.is_some()) {
                            if has {
                                take.value(next(page, at, self.width).ok_or_else(too_few)?);
                            } else {
                                take.null();
                            }
                        }
                    }
                }
            }
        }
        Ok(count)
    }

    /// Turns to the next page; no, if there is none.
    fn turn(&mut self, take: &mut impl Take) -> Result<bool, String> {
        self.room.give(std::mem::take(&mut self.bytes));
        let Some(page) = caught(|| self.pages.get_next_page())? else { return Ok(false) };
        let bytes = page.buffer().len();
        self.room.take(bytes)?;
        let page = match page {
            Page::DictionaryPage { buf, num_values, encoding, is_sorted } => {
                // What is made of it stays until the column ends, and the page with it.
                self.room.take((num_values as usize).saturating_mul(KEPT))?;
                if std::mem::replace(&mut self.has_dictionary, true) || self.has_cells {
                    return Err("a dictionary does not stand before all cells".to_owned());
                }
                if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
                    return Err(format!("a dictionary is written as {encoding}"));
                }
                let buf = match self.decoder {
                    Decoder::Values(_) => buf,
                    Decoder::Codes(_) => self.places(&buf, num_values, take)?,
                };
                Page::DictionaryPage { buf, num_values, encoding, is_sorted }
            }
            page => {
                self.has_cells = true;
                self.bytes = bytes;
                self.left = page.num_values() as usize;
                self.check(&page)?;
                if self.left == 0 {
                    return Ok(true);
                }
                page
            }
        };
        self.queue.push(page);
        Ok(true)
    }

    /// Hands on the values of a dictionary; comes back with a page of their places in it.
    fn places(&self, page: &[u8], values: u32, take: &mut impl Take) -> Result<Bytes, String> {
        let mut places = Vec::with_capacity((values as usize).saturating_mul(4));
        let mut at = 0;
        for place in 1..=values {
            take.dictionary(next(page, &mut at, self.width).ok_or_else(too_few)?);
            places.extend_from_slice(&place.to_le_bytes());
        }
        Ok(places.into())
    }

    /// Checks what the library would take for granted, and finds the values of a plain page.
    fn check(&mut self, page: &Page) -> Result<(), String> {
        let buf = page.buffer();
        let (encoding, levels) = match page {
            Page::DataPage { encoding, .. } if self.there == 0 => (encoding, Some(0)),
            Page::DataPage { encoding, def_level_encoding: Encoding::RLE, .. } => {
                let length = buf.first_chunk::<4>().map(|it| u32::from_le_bytes(*it) as usize);
                (encoding, length.and_then(|length| length.checked_add(4)))
            }
            Page::DataPageV2 { encoding, def_levels_byte_len, rep_levels_byte_len: 0, .. } => {
                (encoding, Some(*def_levels_byte_len as usize))
            }
            _ => return Err("a page has levels as no flat column has them".to_owned()),
        };
        let Some(levels) = levels.filter(|levels| *levels <= buf.len()) else {
            return Err("a page is shorter than its levels".to_owned());
        };
        let is_coded = matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
        if is_coded && !std::mem::replace(&mut self.has_dictionary, true) {
            // Of a column that is null throughout a writer may leave it out.
            let (buf, encoding) = (Bytes::new(), Encoding::PLAIN);
            self.queue.push(Page::DictionaryPage {
                buf,
                num_values: 0,
                encoding,
                is_sorted: false,
            });
        }
        self.plain = None;
        if matches!(self.decoder, Decoder::Codes(_)) && !is_coded {
            if *encoding != Encoding::PLAIN {
                return Err(format!("a page is written as {encoding}, unlike what the file says"));
            }
            self.plain = Some((buf.clone(), levels));
        }
        Ok(())
    }
}

/// Does what the library does for us. Some of its decoders stop where a damaged page makes no
/// sense, and that must not stop an audit; nothing of them is used again after it.
pub(super) fn caught<T>(work: impl FnOnce() -> Parquet<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(said),
        Err(_) => Err("it is damaged".to_owned()),
    }
}

fn said(error: ParquetError) -> String {
    match error {
        ParquetError::General(why) | ParquetError::EOF(why) | ParquetError::NYI(why) => why,
        error => error.to_string(),
    }
}

fn too_few() -> String {
    "a page has fewer values than it says".to_owned()
}

/// Takes the next of values that stand one after the other.
#[inline]
fn next<'p>(page: &'p [u8], at: &mut usize, width: Option<usize>) -> Option<&'p [u8]> {
    let rest = page.get(*at..)?;
    let (skip, width) = match width {
        Some(width) => (0, width),
        None => (4, u32::from_le_bytes(*rest.first_chunk::<4>()?) as usize),
    };
    let value = rest.get(skip..)?.get(..width)?;
    *at = at.wrapping_add(skip).wrapping_add(width);
    Some(value)
}
