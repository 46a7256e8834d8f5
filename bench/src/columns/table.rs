//! Tables of facts, a byte each, and what has to be known of them.

use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Facts, Outcome, Pack, Source, Statement, decide};

use crate::Result;
use crate::chance::Chance;

/// Rows that are drawn; a table repeats them, because to draw all of them would take longer than
/// everything else.
const DRAWN: usize = 1_000_003;

/// Bytes that start where a line of the cache does, as the columns of the peers do: the format
/// that they share recommends it ("Arrow Columnar Format", Buffer Alignment and Padding).
pub struct Aligned {
    held: Vec<u8>,
    from: usize,
    len: usize,
}

impl Aligned {
    fn new(len: usize) -> Self {
        let held = vec![0; len + 64];
        let from = held.as_ptr().align_offset(64).min(64);
        Self { held, from, len }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.held.get(self.from..self.from + self.len).unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.held.get_mut(self.from..self.from + self.len).unwrap_or_default()
    }
}

/// A column of bytes for each of some facts, drawn from a fixed seed.
pub struct Filled {
    /// The facts.
    pub names: Vec<String>,
    /// How many rows there are.
    pub rows: usize,
    /// Of each column what it repeats.
    pub stretches: Vec<Vec<u8>>,
    /// The columns.
    pub columns: Vec<Aligned>,
}

impl Filled {
    /// Draws a table with a column for each of these facts; of so many per cent of the bytes
    /// nothing is known.
    ///
    /// # Errors
    /// A fact the vocabulary does not have.
    pub fn new(pack: &Pack, facts: &[usize], rows: usize, unknown: usize) -> Result<Self> {
        let mut chance = Chance::new(287);
        let (mut names, mut stretches) = (Vec::new(), Vec::new());
        for fact in facts {
            let fact = pack.vocabulary.facts.get(*fact).ok_or("a fact that is gone")?;
            let mut byte = || {
                if chance.percent(unknown) {
                    UNKNOWN
                } else {
                    chance.below(fact.values.len()) as u8
                }
            };
            stretches.push((0..DRAWN.min(rows)).map(|_| byte()).collect::<Vec<u8>>());
            names.push(fact.name.clone());
        }
        let whole = |stretch: &Vec<u8>| {
            let mut whole = Aligned::new(rows);
            for part in whole.bytes_mut().chunks_mut(stretch.len().max(1)) {
                part.iter_mut().zip(stretch).for_each(|(to, from)| *to = *from);
            }
            whole
        };
        let columns = stretches.iter().map(whole).collect();
        Ok(Self { names, rows, stretches, columns })
    }

    /// The columns, checked, in so many parts of about the same number of rows.
    ///
    /// # Errors
    /// A byte that is no value.
    pub fn parts<'a>(&'a self, pack: &Pack, parts: usize) -> Result<Vec<Columns<'a>>> {
        let size = self.part(parts);
        let mut all = Vec::new();
        for start in (0..self.rows).step_by(size) {
            let end = self.rows.min(start + size);
            let mut columns = Columns::new(pack, end - start);
            for (name, column) in self.names.iter().zip(&self.columns) {
                let part = column.bytes().get(start..end).ok_or("a column that is too short")?;
                columns.give(pack, name, part)?;
            }
            all.push(columns);
        }
        Ok(all)
    }

    /// Rows in a part: whole blocks, of whatever size they are.
    pub fn part(&self, parts: usize) -> usize {
        self.rows.div_ceil(parts).next_multiple_of(1 << 16)
    }

    /// Decides the first rows one by one too, and requires that they agree.
    ///
    /// # Errors
    /// A row that is decided by column otherwise than alone.
    pub fn compare(&self, pack: &Pack, action: &str, rows: usize) -> Result<()> {
        let few: Vec<Vec<u8>> =
            self.columns.iter().map(|it| it.bytes().iter().take(rows).copied().collect()).collect();
        let mut columns = Columns::new(pack, rows.min(self.rows));
        for (name, column) in self.names.iter().zip(&few) {
            columns.give(pack, name, column)?;
        }
        let mut out = vec![0_u8; columns.rows()];
        decide_rows(pack, action, &columns, &mut out)?;
        for (row, code) in out.iter().enumerate() {
            let mut said = Vec::new();
            for (name, column) in self.names.iter().zip(&few) {
                let at = pack.vocabulary.fact(name).ok_or("a fact that is gone")?;
                let fact = pack.vocabulary.facts.get(at).ok_or("a fact that is gone")?;
                let byte = column.get(row).copied().unwrap_or(UNKNOWN);
                if let Some(value) = fact.value(usize::from(byte)) {
                    said.push(Statement::new(&fact.name, &value.name, Source::Officer));
                }
            }
            let alone: Option<Outcome> = Facts::read(&pack.vocabulary, &said)
                .ok()
                .and_then(|facts| decide(pack, action, &facts, None).ok())
                .map(|decision| decision.outcome);
            let alone = alone.map_or(RowOutcome::Contradiction, RowOutcome::Settled);
            if RowOutcome::from_code(*code) != Some(alone) {
                return Err(format!("row {row}: {code} by column, {alone:?} alone").into());
            }
        }
        Ok(())
    }

    /// The sum of all bytes, taken eight at a time: what any pass over the table costs at the
    /// least, for it does nothing but read. Several sums are kept, so that none waits for another.
    pub fn sum(&self, parts: usize) -> u64 {
        let size = self.part(parts);
        let part = |start: usize| {
            let end = self.rows.min(start + size);
            let columns = self.columns.iter().filter_map(|column| column.bytes().get(start..end));
            columns.fold(0_u64, |sum, column| sum.wrapping_add(sum_of(column)))
        };
        let starts: Vec<usize> = (0..self.rows).step_by(size).collect();
        match starts.as_slice() {
            [only] => part(*only),
            several => std::thread::scope(|scope| {
                let started: Vec<_> =
                    several.iter().map(|start| scope.spawn(|| part(*start))).collect();
                let sums = started.into_iter().filter_map(|thread| thread.join().ok());
                sums.fold(0, u64::wrapping_add)
            }),
        }
    }
}

fn sum_of(column: &[u8]) -> u64 {
    let mut sums = [0_u64; 32];
    let (blocks, rest) = column.as_chunks::<256>();
    for block in blocks {
        for (sum, eight) in sums.iter_mut().zip(block.as_chunks::<8>().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*eight));
        }
    }
    let rest = rest.iter().map(|byte| u64::from(*byte));
    sums.into_iter().chain(rest).fold(0, u64::wrapping_add)
}
