//! Tables of cases: for each row what is stated of it, by column, ready for the column kernels.
//!
//! - In: a CSV whose header names facts of the vocabulary; or rows that another reader made.
//! - Out: [`Cases`]: each column as a list of its distinct words, and for each row which of them.
//! - Absent: what a word means. That depends on the law and its day, and is asked once a word, not
//!   once a row ([`crate::replay`]).

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use law::{Statement, Vocabulary};

use crate::detainers::Detainer;
use crate::flat::Flat;
use crate::replay;
use crate::requests::RequestRow;
use crate::table::{self, Layout, Problems};

/// The column that says what is asked of a row: actions, with blanks between them.
const ACTIONS: &str = "actions";

/// The most distinct words of a column: more, and the column is of names or numbers.
const MOST_WORDS: usize = 1 << 16;

/// Rows of facts, by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cases {
    lines: Vec<u64>,
    facts: BTreeMap<String, Column>,
    actions: BTreeMap<String, Vec<bool>>,
}

/// One column: distinct words, and for each row one past the place of its word, or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) words: Vec<Word>,
    pub(crate) codes: Vec<u32>,
    places: HashMap<String, u32>,
}

/// A distinct word of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// The first line that has it.
    pub(crate) line: u64,
}

impl Column {
    /// Adds a word in a row; the rows between have none. False where there are too many.
    fn put(&mut self, row: usize, line: u64, text: &str) -> bool {
        self.codes.resize(row, 0);
        let code = match self.places.get(text) {
            Some(code) => *code,
            None if self.words.len() >= MOST_WORDS => return false,
            None => {
                self.words.push(Word { text: text.to_owned(), line });
                let code = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                self.places.insert(text.to_owned(), code);
                code
            }
        };
        self.codes.push(code);
        true
    }
}

impl Cases {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// What the table itself says is asked, in the order of the alphabet; nothing where it does
    /// not say it.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.lines.get(row).copied().unwrap_or_default()
    }

    /// Which rows ask for an action; nothing where every row does, since the table does not say.
    pub(crate) fn asking(&self, action: &str) -> Option<&[bool]> {
        self.actions.get(action).map(Vec::as_slice)
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.facts.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// Adds a row. The name of a fact with too many words is given back.
    fn push<'a>(
        &mut self,
        line: u64,
        stated: impl IntoIterator<Item = (&'a str, &'a str)>,
        actions: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), &'a str> {
        let row = self.lines.len();
        self.lines.push(line);
        for (fact, word) in stated {
            let column = self.facts.entry(fact.to_owned()).or_default();
            if !column.put(row, line, word) {
                return Err(fact);
            }
        }
        actions.into_iter().for_each(|action| self.ask(row, action));
        Ok(())
    }

    /// Notes that a row asks for an action; the rows between do not.
    fn ask(&mut self, row: usize, action: &str) {
        let asking = self.actions.entry(action.to_owned()).or_default();
        asking.resize(row, false);
        asking.push(true);
    }

    /// All columns as long as the table.
    fn done(mut self) -> Self {
        let rows = self.lines.len();
        self.facts.values_mut().for_each(|column| column.codes.resize(rows, 0));
        self.actions.values_mut().for_each(|asking| asking.resize(rows, false));
        self
    }

    /// The other side's detainers: a row states its form, or that it is a detainer.
    #[must_use]
    pub fn of_detainers(rows: &[Detainer]) -> Self {
        let mut cases = Self::default();
        for row in rows {
            let Statement { fact, value, .. } = replay::stated(row);
            let asked = replay::actions(row.form.as_deref());
            // Forms are a closed list, so that there are never too many words.
            let _ = cases.push(row.line, [(fact.as_str(), value.as_str())], asked.iter().copied());
        }
        cases.done()
    }

    /// Our own requests: what each row states.
    ///
    /// # Errors
    /// A column with too many distinct words.
    pub fn of_requests(rows: &[RequestRow]) -> Result<Self, Problems> {
        let mut cases = Self::default();
        let mut problems = Problems::default();
        for row in rows {
            let own = [("form", &row.form), ("basis", &row.basis), ("requester", &row.requester)];
            let own = own.into_iter().filter_map(|(fact, word)| Some((fact, word.as_deref()?)));
            let more = row.facts.iter().map(|(fact, word)| (fact.as_str(), word.as_str()));
            let asked = row.actions.iter().map(String::as_str);
            if let Err(fact) = cases.push(row.line, own.chain(more), asked) {
                problems.add(row.line, Some(fact), TOO_MANY);
            }
        }
        if problems.total() > 0 { Err(problems) } else { Ok(cases.done()) }
    }

    /// Reads a Parquet file whose columns are facts, and perhaps `actions`. A null is a fact that
    /// is not known; the line of a row is its number, counted from 1.
    ///
    /// # Errors
    /// As [`Cases::read`], and a file that is damaged or has other columns.
    pub fn read_parquet(vocabulary: &Vocabulary, bytes: Vec<u8>) -> Result<Self, Problems> {
        let one = |line: u64, column: Option<&str>, what: String| {
            let mut problems = Problems::default();
            problems.add(line, column, what);
            problems
        };
        let file = Flat::open(bytes).map_err(|why| one(1, None, why))?;
        let number = |row: usize| u64::try_from(row).unwrap_or(u64::MAX).saturating_add(1);
        let mut cases = Self::default();
        for (at, name) in file.names().iter().enumerate() {
            if name != ACTIONS && vocabulary.fact(name).is_none() {
                let what = "not a fact of the vocabulary; remove or rename it".to_owned();
                return Err(one(1, Some(name), what));
            }
            let mut column = Column::default();
            let mut too_many = None;
            let read = file.column(at, &mut |row, word| {
                if name == ACTIONS {
                    word.split_whitespace().for_each(|action| cases.ask(row, action));
                } else if !word.is_empty() && !column.put(row, number(row), word) {
                    too_many.get_or_insert(row);
                }
            });
            read.map_err(|why| one(1, Some(name), why))?;
            if let Some(row) = too_many {
                return Err(one(number(row), Some(name), TOO_MANY.to_owned()));
            }
            if name != ACTIONS {
                cases.facts.insert(name.clone(), column);
            }
        }
        // Only now is the number of rows more than a claim of the file.
        cases.lines = (0..file.rows()).map(number).collect();
        Ok(cases.done())
    }

    /// Reads a CSV whose header names facts, and perhaps `actions`. An empty cell is a fact that
    /// is not known.
    ///
    /// # Errors
    /// [`Problems`], by line and column, where a column is neither, or the table is none.
    pub fn read(vocabulary: &Vocabulary, input: impl Read) -> Result<Self, Problems> {
        let known: Vec<&str> = vocabulary.facts.iter().map(|fact| fact.name.as_str()).collect();
        let optional: Vec<&str> = [ACTIONS].into_iter().chain(known).collect();
        let layout = Layout {
            name: "a table of cases, whose columns are facts of the vocabulary",
            required: &[],
            optional: &optional,
            not_stated: None,
        };
        let mut cases = Self::default();
        table::read(input, &[&layout], |row, problems| {
            let cells = row.cells().filter_map(|(name, cell)| Some((name, cell.stated()?)));
            let (actions, facts): (Vec<_>, Vec<_>) = cells.partition(|(name, _)| *name == ACTIONS);
            let asked = actions.iter().flat_map(|(_, words)| words.split_whitespace());
            if let Err(fact) = cases.push(row.line(), facts, asked) {
                problems.add(row.line(), Some(fact), TOO_MANY);
            }
            Some(())
        })?;
        Ok(cases.done())
    }
}

const TOO_MANY: &str = "more than 65,536 different words; a fact has few values";
