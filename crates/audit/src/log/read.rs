//! A file of a log, read on every processor.

use std::io::{self, Read, Seek};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use jiff::tz::TimeZone;
use thiserror::Error;

use super::blocks::{Block, Blocks, Cells, Cut, Next};
use super::classes::Counts;
use super::columns::read_columns;
use super::digest::Digest;
use super::kinds::{SEARCHED, no_header, refuse, sought};
use super::layout::{Header, Layouts};
use super::maker::Maker;
use super::row::{Common, Row};
use super::totals::FileTotals;
use super::workbook::read_workbook;
use crate::sheet::SheetError;
use crate::{locked, unlocked};

/// Headings that are looked for; a table of more columns is none of a log.
pub(super) const MOST_COLUMNS: usize = 64;

/// Why a file could not be read at all.
#[derive(Debug, Error)]
pub enum LogError {
    /// The bytes could not be had.
    #[error("it could not be read: {0}")]
    Io(#[from] io::Error),
    /// It is no log we know.
    #[error("{0}")]
    NotALog(String),
    /// It is a workbook that cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

/// How a log is read.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// The layouts there are.
    pub layouts: &'a Layouts,
    /// What is the same for all rows.
    pub common: Common<'a>,
    /// How many threads read.
    pub threads: usize,
}

/// Takes the rows of a batch, the bytes that were read, on any thread.
pub type Sink<'a> = &'a (dyn Fn(&[Row], u64) + Sync);

/// What is made of the rows of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All there is to know of them.
    Rows,
    /// Who searched, and what the reason says: no other cell is looked at.
    Reasons,
}

/// A file that is read.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) file: u16,
    pub(super) how: How<'a>,
    pub(super) wanted: Wanted,
    pub(super) sink: Sink<'a>,
    /// Where rows are counted that nobody wants to have made: there, the sink gets none.
    pub(super) counts: Option<&'a Mutex<Counts>>,
    /// Where columns may be left unread: that of a row it then cannot be told whether it is the
    /// header again, so that all of them must be read after all.
    pub(super) doubt: Option<&'a AtomicBool>,
}

/// Reads a file of a log (CSV, a workbook, Parquet), and hands on its rows in batches, in no order.
///
/// # Errors
/// [`LogError`]; what was handed on is then to be thrown away.
pub fn read_log<R: Read + Seek + Send>(
    file: u16,
    input: R,
    how: How<'_>,
    sink: Sink<'_>,
) -> Result<FileTotals, LogError> {
    Task { file, how, wanted: Wanted::Rows, sink, counts: None, doubt: None }.read(input)
}

impl Task<'_> {
    pub(super) fn read<R: Read + Seek + Send>(self, mut input: R) -> Result<FileTotals, LogError> {
        let mut head = Vec::new();
        input.by_ref().take(4).read_to_end(&mut head)?;
        input.rewind().map_err(sought)?;
        let read = match head.as_slice() {
            // Workbooks, and those of the old kind or with a password.
            [b'P', b'K', 3, 4] | [0xD0, 0xCF, 0x11, 0xE0] => read_workbook(input, self),
            b"PAR1" => read_columns(input, self),
            _ => read_text(input, self),
        }?;
        let names = self.how.common.names;
        names.check()?;
        match names.too_many() {
            None => Ok(read),
            Some(count) => Err(LogError::NotALog(format!(
                "with it there are more than {count} different agencies; is that the column of \
                 the agency that searched?"
            ))),
        }
    }
}

/// Reads a CSV file.
fn read_text<R: Read + Send>(input: R, task: Task<'_>) -> Result<FileTotals, LogError> {
    let mut blocks = match task.wanted {
        Wanted::Rows => Blocks::new(input)?,
        Wanted::Reasons => Blocks::unhashed(input)?,
    };
    refuse(blocks.head())?;
    let (header, first) = header(&mut blocks, task.how.layouts)?;
    let text = Text {
        zone: header.zone().map_err(LogError::NotALog)?,
        totals: Mutex::new(FileTotals {
            layout: header.layout.name.clone(),
            information: header.layout.information.clone(),
            unread: header.unread.clone(),
            ..FileTotals::default()
        }),
        task,
        header,
        digest: blocks.digest(),
        blocks: Mutex::new(blocks),
        failed: Mutex::default(),
        wrong: Mutex::default(),
        handed: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        for _ in 1..task.how.threads.max(1) {
            scope.spawn(|| text.work(None));
        }
        text.work(Some(first));
    });
    text.done()
}

/// A CSV file that all threads read.
struct Text<'a, R> {
    task: Task<'a>,
    header: Header,
    zone: Option<TimeZone>,
    digest: Arc<Digest>,
    blocks: Mutex<Blocks<R>>,
    totals: Mutex<FileTotals>,
    failed: Mutex<Option<io::Error>>,
    /// Rows from which on nothing can be read, and those of a first look that seem shifted.
    wrong: Mutex<[Vec<Wrong>; 2]>,
    /// Bytes of blocks that were handed on.
    handed: AtomicU64,
}

impl<R: Read> Text<'_, R> {
    /// What each thread does, one of them with a block that is read.
    fn work(&self, mut given: Option<Block>) {
        let mut part = Part::new(self.task, &self.header, self.zone.clone());
        loop {
            let next = match given.take() {
                Some(block) => Ok(Next::Block(block)),
                None => soon(&self.blocks).pull(),
            };
            match next {
                Ok(Next::Block(block)) => {
                    self.digest.help();
                    part.block(&block);
                    self.handed.fetch_add(block.bytes.len() as u64, Ordering::Relaxed);
                    self.digest.give_back(block.bytes);
                }
                Ok(Next::Bad { line, row, why }) => {
                    part.totals.rows = part.totals.rows.saturating_add(1);
                    part.totals.reject(row, line, why.to_owned());
                }
                Ok(Next::End) => break,
                Err(error) => {
                    *locked(&self.failed) = Some(error);
                    break;
                }
            }
        }
        locked(&self.totals).add(part.totals);
        let [ends, shifted] = &mut *locked(&self.wrong);
        ends.extend(part.ends);
        shifted.extend(part.shifted);
        if let Some(counts) = self.task.counts {
            locked(counts).add(&part.counts);
        }
    }

    fn done(self) -> Result<FileTotals, LogError> {
        if let Some(error) = unlocked(self.failed) {
            return Err(error.into());
        }
        let [ends, shifted] = unlocked(self.wrong);
        let told = |(row, line, why): Wrong| format!("row {row}, line {line}: {why}");
        if let Some(end) = ends.into_iter().min() {
            return Err(LogError::NotALog(told(end)));
        }
        let (mut totals, blocks) = (unlocked(self.totals), unlocked(self.blocks));
        totals.listed();
        totals.notes.extend(shifted.into_iter().min().map(told));
        totals.bytes = blocks.bytes();
        totals.sha256 = blocks.sha256();
        // A byte-order mark and lines that are no records are in no block.
        (self.task.sink)(&[], totals.bytes.saturating_sub(self.handed.into_inner()));
        Ok(totals)
    }
}

/// How often a lock is tried before a thread goes to sleep over it: for as long as another thread
/// takes to read a block. To be woken takes longer than that.
const TRIES: usize = 2_000;

/// Takes a lock that nobody holds for long.
fn soon<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    for _ in 0..TRIES {
        match mutex.try_lock() {
            Ok(held) => return held,
            Err(TryLockError::Poisoned(held)) => return held.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    locked(mutex)
}

/// Reads the header; comes back with the block it is in.
fn header<R: Read>(blocks: &mut Blocks<R>, layouts: &Layouts) -> Result<(Header, Block), LogError> {
    let mut block = match blocks.pull()? {
        Next::Block(block) => block,
        Next::Bad { line, why, .. } => {
            return Err(LogError::NotALog(format!("line {line}: {why}")));
        }
        Next::End => return Err(LogError::NotALog("it has no header and no rows".to_owned())),
    };
    let mut cells = Cells::default();
    cells.cut(&block);
    let Some((at, cut)) = cells.records().enumerate().find(|(_, cut)| !cut.is_blank(&block.bytes))
    else {
        return Err(LogError::NotALog("it has blank lines and nothing else".to_owned()));
    };
    if cut.count() > MOST_COLUMNS {
        let what = format!("the first line has {} cells; a log has fewer columns", cut.count());
        return Err(LogError::NotALog(what));
    }
    let headings = headings_of(&block, cut).ok_or_else(|| {
        LogError::NotALog("the header is not UTF-8; save the file as UTF-8".to_owned())
    })?;
    let header = layouts.header(&headings).map_err(|why| {
        let below = cells.records().skip(at.saturating_add(1)).take(SEARCHED);
        let line = |cut: Cut<'_>| block.line.saturating_add(cut.lines.into());
        let below = below.filter_map(|cut| Some((line(cut), headings_of(&block, cut)?)));
        no_header(why, layouts, below)
    })?;
    block.before = at.saturating_add(1);
    Ok((header, block))
}

/// The cells of a record as text; none where one is not UTF-8.
fn headings_of(block: &Block, cut: Cut<'_>) -> Option<Vec<String>> {
    let cell = |place: usize| cut.cell(&block.bytes, place).map(|cell| cell.inner(&block.bytes));
    let text = |place: usize| std::str::from_utf8(cell(place).unwrap_or_default());
    (0..cut.count()).map(|place| text(place).map(str::to_owned).ok()).collect()
}

/// Records that are looked up together.
const TOGETHER: usize = 64;

/// What one thread does.
struct Part<'a> {
    task: Task<'a>,
    header: &'a Header,
    maker: Maker<'a>,
    cells: Cells,
    rows: Vec<Row>,
    counts: Counts,
    totals: FileTotals,
    /// Bytes that the header, or a blank line, may start with when they come again.
    first: [bool; 256],
    /// The first row from which on nothing can be read.
    ends: Option<Wrong>,
    /// Of a first look, the first row whose cells seem shifted.
    shifted: Option<Wrong>,
}

/// A row, its line, and what is wrong with it.
type Wrong = (u64, u64, String);

/// Keeps what is wrong with the first of some rows.
fn first_of(first: &mut Option<Wrong>, (row, line): (u64, u64), why: &str) {
    let here = (row, line, why.to_owned());
    if first.as_ref().is_none_or(|first| here < *first) {
        *first = Some(here);
    }
}

/// Why nothing below a header can be read.
pub(super) const OTHER_HEADER: &str = "another header, of other columns: two exports were \
                                       joined; make a file of what stands from here on";

impl<'a> Part<'a> {
    fn new(task: Task<'a>, header: &'a Header, zone: Option<TimeZone>) -> Self {
        let maker = Maker::new(task.how.common, header, zone, task.wanted);
        let name = header.headings.first().and_then(|name| name.bytes().next());
        let mut first = [false; 256];
        for byte in name.into_iter().chain(*b" \t\n\x0c\r\",") {
            first.get_mut(usize::from(byte)).into_iter().for_each(|it| *it = true);
        }
        Self {
            task,
            header,
            maker,
            cells: Cells::default(),
            rows: Vec::new(),
            counts: Counts::default(),
            totals: FileTotals::default(),
            first,
            ends: None,
            shifted: None,
        }
    }

    fn block(&mut self, block: &Block) {
        let mut cells = std::mem::take(&mut self.cells);
        cells.cut(block);
        self.rows.clear();
        self.records(block, &cells);
        (self.task.sink)(&self.rows, block.bytes.len() as u64);
        self.cells = cells;
    }

    fn records(&mut self, block: &Block, cells: &Cells) {
        let bytes = block.bytes.as_slice();
        let utf8 = block.is_utf8();
        let mut records = cells.records().skip(block.before);
        let (mut at, mut some) = (block.before, Vec::with_capacity(TOGETHER));
        let mut made = 0_u64;
        loop {
            some.clear();
            some.extend(records.by_ref().take(TOGETHER));
            if some.is_empty() {
                break;
            }
            self.maker.look_up(bytes, &some);
            for (looked, cut) in some.iter().enumerate() {
                let place = || {
                    let line = block.line.saturating_add(u64::from(cut.lines));
                    (block.row.saturating_add(at as u64), line)
                };
                match self.record(bytes, utf8, *cut, looked, place) {
                    Ok(()) => made = made.wrapping_add(1),
                    Err(_) if cut.is_blank(bytes) => {}
                    Err(why) => {
                        let (row, line) = place();
                        if self.is_other_header(bytes, *cut) {
                            first_of(&mut self.ends, (row, line), OTHER_HEADER);
                        }
                        self.totals.rows = self.totals.rows.saturating_add(1);
                        self.totals.reject(row, line, why);
                    }
                }
                at = at.wrapping_add(1);
            }
        }
        self.totals.rows = self.totals.rows.saturating_add(made);
        self.totals.made = self.totals.made.saturating_add(made);
    }

    #[inline]
    fn record(
        &mut self,
        bytes: &[u8],
        utf8: bool,
        cut: Cut<'_>,
        looked: usize,
        place: impl Fn() -> (u64, u64),
    ) -> Result<(), String> {
        if !(utf8 && self.is_ordinary(bytes, cut))
            && let Some(why) = self.wrong(bytes, cut, utf8)
        {
            return Err(why);
        }
        if self.task.counts.is_some() {
            // Where cells are shifted they are so in many rows: of 64 one is looked at.
            if looked == 0
                && let Err(why) = self.maker.check(cells_of(bytes, cut))
            {
                first_of(&mut self.shifted, place(), &why);
            }
            self.counts.add_row(self.maker.glance(cells_of(bytes, cut), looked));
            return Ok(());
        }
        self.row(bytes, cut, looked, place())
    }

    /// Whether a record is the header of another table.
    #[cold]
    fn is_other_header(&self, bytes: &[u8], cut: Cut<'_>) -> bool {
        let cell = cells_of(bytes, cut);
        let text = |at| String::from_utf8_lossy(cell(at).unwrap_or_default()).into_owned();
        let cells: Vec<String> = (0..cut.count()).map(text).collect();
        self.header.is_other(&cells, self.task.how.layouts)
    }

    /// Whether a record has the cells that it should have, and is plainly not the header again.
    #[inline]
    fn is_ordinary(&self, bytes: &[u8], cut: Cut<'_>) -> bool {
        // Nearly every row starts with another letter than the header.
        let first = bytes.get(cut.start()).and_then(|byte| self.first.get(usize::from(*byte)));
        cut.count() == self.header.headings.len() && first == Some(&false)
    }

    /// Why a record is no row of this log, whatever its cells say; a blank line is none either.
    #[cold]
    fn wrong(&self, bytes: &[u8], cut: Cut<'_>, utf8: bool) -> Option<String> {
        let expected = self.header.headings.len();
        if cut.count() != expected || expected == 1 && cut.is_blank(bytes) {
            return Some(too_many_or_few(cut.count(), expected));
        }
        let cell = cells_of(bytes, cut);
        let name = self.header.headings.first();
        let first = cell(0).unwrap_or_default();
        let is_header = name.is_some_and(|name| first.trim_ascii() == name.as_bytes());
        let all = || (0..cut.count()).map(|at| cell(at).unwrap_or_default());
        if is_header && self.header.is_again(all()) {
            return Some("the header again; were two exports joined?".to_owned());
        }
        let whole = || bytes.get(cut.start()..cut.end()).unwrap_or_default();
        if !utf8 && std::str::from_utf8(whole()).is_err() {
            let why = "the row is not UTF-8; was the file saved in another encoding?";
            return Some(why.to_owned());
        }
        None
    }

    #[inline]
    fn row(
        &mut self,
        bytes: &[u8],
        cut: Cut<'_>,
        looked: usize,
        (row, line): (u64, u64),
    ) -> Result<(), String> {
        let whole = bytes.get(cut.start()..cut.end()).unwrap_or_default();
        let (row, line) = (u32::try_from(row), u32::try_from(line));
        self.rows.push(Row {
            file: self.task.file,
            row: row.unwrap_or(u32::MAX),
            line: line.unwrap_or(u32::MAX),
            ..Row::default()
        });
        let Some(made) = self.rows.last_mut() else { return Ok(()) };
        let done = self.maker.make(cells_of(bytes, cut), whole, Some(looked), made);
        if done.is_err() {
            self.rows.pop();
        }
        done
    }
}

/// The cells of a record, by their column.
fn cells_of<'b>(bytes: &'b [u8], cut: Cut<'b>) -> impl Fn(usize) -> Option<&'b [u8]> {
    move |at| cut.cell(bytes, at).map(|cell| cell.inner(bytes))
}

#[cold]
fn too_many_or_few(count: usize, expected: usize) -> String {
    let what = match count.cmp(&expected) {
        std::cmp::Ordering::Less => "were cells lost, or does another table start here?",
        _ => "is a cell with a comma in it not quoted?",
    };
    format!("{count} cells where the header has {expected}; {what}")
}
