//! Cells to values: days, times, yes and no, words; and what must never come in.
//!
//! - In: one cell.
//! - Out: its value, or a problem noted by line and column.
//! - Absent: numbers that name a person. What looks like a federal file number is refused in
//!   any cell that would be kept.

use jiff::civil::{Date, Time};

use crate::table::{Cell, Problems, Row};

/// The longest word, and the longest line of plain text, in bytes.
const WORD: usize = 64;

/// One row's cells as values; what is wrong goes into the problems.
pub(crate) struct Fields<'a, 'p> {
    pub(crate) row: &'a Row<'a>,
    pub(crate) problems: &'p mut Problems,
}

impl<'a> Fields<'a, '_> {
    /// Notes what is wrong with a column.
    pub(crate) fn wrong(&mut self, column: &str, what: impl Into<String>) {
        self.problems.add(self.row.line(), Some(column), what);
    }

    /// The cell's text; its absence is a problem.
    pub(crate) fn needed(&mut self, column: &str) -> Option<&'a str> {
        let text = self.row.cell(column).stated();
        if text.is_none() {
            self.wrong(column, "nothing is stated; it is needed");
        }
        text
    }

    /// A day that must be stated, `YYYY-MM-DD`, followed by nothing or, where `timed`, by a
    /// time that is read past.
    pub(crate) fn needed_day(&mut self, column: &str, timed: bool) -> Option<Date> {
        let text = self.needed(column)?;
        self.parsed_day(column, text, timed)
    }

    /// A day `YYYY-MM-DD` that may be left out.
    pub(crate) fn day(&mut self, column: &str) -> Option<Date> {
        let text = self.row.cell(column).stated()?;
        self.parsed_day(column, text, false)
    }

    fn parsed_day(&mut self, column: &str, text: &str, timed: bool) -> Option<Date> {
        let (day, rest) = match text.split_once(' ') {
            Some((day, rest)) if timed => (day, Some(rest)),
            _ => (text, None),
        };
        let rest_is_time = rest.is_none_or(|rest| clock(rest, 3).is_some());
        let date = day_of(day).filter(|_| rest_is_time);
        if date.is_none() {
            let time = if timed { ", with or without a time `HH:MM:SS`" } else { "" };
            self.wrong(column, format!("`{}` is no day `YYYY-MM-DD`{time}", brief(text)));
        }
        date
    }

    /// A time `HH:MM` that may be left out.
    pub(crate) fn time(&mut self, column: &str) -> Option<Time> {
        let text = self.row.cell(column).stated()?;
        let time = clock(text, 2);
        if time.is_none() {
            self.wrong(column, format!("`{}` is no time `HH:MM`", brief(text)));
        }
        time
    }

    /// One of two words that may be left out.
    pub(crate) fn either(&mut self, column: &str, yes: &str, no: &str) -> Option<bool> {
        let text = self.row.cell(column).stated()?;
        let value = if text == yes { Some(true) } else { (text == no).then_some(false) };
        if value.is_none() {
            self.wrong(column, format!("`{}` is neither `{yes}` nor `{no}`", brief(text)));
        }
        value
    }

    /// A word that may be left out.
    pub(crate) fn word(&mut self, column: &str) -> Option<String> {
        let text = self.row.cell(column).stated()?;
        if is_word(text) {
            return Some(text.to_owned());
        }
        let what = "is no word; use up to 64 of `a-z`, `0-9`, `_` and `-`, a letter first";
        self.wrong(column, format!("`{}` {what}", brief(text)));
        None
    }

    /// Words with blanks between them, none twice.
    pub(crate) fn words(&mut self, column: &str) -> Vec<&'a str> {
        let text = self.row.cell(column).stated().unwrap_or_default();
        let mut words = Vec::new();
        for word in text.split_ascii_whitespace() {
            if words.contains(&word) {
                self.wrong(column, format!("`{}` is there twice", brief(word)));
            } else {
                words.push(word);
            }
        }
        words
    }

    /// One line of plain text of at most `longest` bytes that may be left out.
    pub(crate) fn text(&mut self, column: &str, longest: usize) -> Option<String> {
        let text = self.row.cell(column).stated()?;
        if text.len() > longest {
            self.wrong(column, format!("{} bytes; at most {longest} fit", text.len()));
            return None;
        }
        if text.chars().any(char::is_control) {
            self.wrong(column, "has a line break or another control character; keep one line");
            return None;
        }
        Some(text.to_owned())
    }

    /// Such a text, refused where it looks like a federal file number.
    pub(crate) fn clean_text(&mut self, column: &str, longest: usize) -> Option<String> {
        let text = self.text(column, longest)?;
        self.clean(column, &text).then_some(text)
    }

    /// Whether a cell is free of what looks like a federal file number.
    fn clean(&mut self, column: &str, text: &str) -> bool {
        let found = has_file_number(text);
        if found {
            // The number itself is not repeated: a message may be kept or shown.
            let what = "looks like a person's federal file number (`A` and 7 to 9 digits); \
                        remove it, numbers that name a person are not kept";
            self.wrong(column, what);
        }
        !found
    }

    /// Refuses a file number in any cell of the row; true where there is none.
    pub(crate) fn all_clean(&mut self) -> bool {
        let row = self.row;
        let mut clean = true;
        for (column, cell) in row.cells() {
            if let Cell::Stated(text) = cell {
                clean &= self.clean(column, text);
            }
        }
        clean
    }
}

/// A word: a small letter, then small letters, digits, `_` and `-`, 64 bytes at most.
pub(crate) fn is_word(text: &str) -> bool {
    let rest = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    text.len() <= WORD
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && text.bytes().all(rest)
}

/// The start of a text, short enough for a message.
pub(crate) fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text.chars().take(SHOWN).filter(|it| !it.is_control()).collect();
    if text.chars().count() > SHOWN {
        short.push('…');
    }
    if has_file_number(&short) { "a number that names a person".to_owned() } else { short }
}

/// `YYYY-MM-DD` and nothing else.
fn day_of(text: &str) -> Option<Date> {
    let digits = |at: usize, byte: u8| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.bytes().enumerate().all(|(at, byte)| digits(at, byte)) {
        return None;
    }
    let year = text.get(0..4)?.parse().ok()?;
    let month = text.get(5..7)?.parse().ok()?;
    let day = text.get(8..10)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

/// `HH:MM` (two parts) or `HH:MM:SS` (three) and nothing else.
fn clock(text: &str, parts: usize) -> Option<Time> {
    let mut numbers = Vec::with_capacity(parts);
    for part in text.split(':') {
        let two = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        numbers.push(part.parse::<i8>().ok().filter(|_| two)?);
    }
    match (numbers.as_slice(), parts) {
        ([hour, minute], 2) => Time::new(*hour, *minute, 0, 0).ok(),
        ([hour, minute, second], 3) => Time::new(*hour, *minute, *second, 0).ok(),
        _ => None,
    }
}

/// Whether a text has an `A` that starts a word, then 7 to 9 digits that end one, with blanks
/// or dashes allowed between them. A date after the article "a" is not taken for one.
pub fn has_file_number(text: &str) -> bool {
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let starts = before.is_none_or(|it: char| !it.is_alphanumeric());
        before = Some(letter);
        if starts && matches!(letter, 'A' | 'a') {
            let rest = text.get(at + 1..).unwrap_or_default();
            if number_follows(rest) {
                return true;
            }
        }
    }
    false
}

/// Whether groups of digits follow of which the first few have 7 to 9 digits together.
fn number_follows(rest: &str) -> bool {
    let between = |it: char| matches!(it, ' ' | '-' | '\u{a0}' | '\u{2010}'..='\u{2015}');
    let mut rest = rest.trim_start_matches(|it| between(it) || matches!(it, '#' | ':' | '.'));
    let mut groups: Vec<usize> = Vec::new();
    let mut found = false;
    loop {
        let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        groups.push(end);
        rest = rest.get(end..).unwrap_or_default();
        if rest.starts_with(char::is_alphanumeric) {
            break;
        }
        found |= (7..=9).contains(&groups.iter().sum::<usize>());
        let mut after = rest.chars();
        if !after.next().is_some_and(between) {
            break;
        }
        rest = after.as_str();
    }
    found && !groups.starts_with(&[4, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_numbers_are_seen_in_every_spelling() {
        for text in [
            "A012345678",
            "a12345678",
            "A1234567",
            "A-012-345-678",
            "A 12 345 678",
            "A# 012 345 678",
            "see (A012-345-678).",
            "A012345678 2025",
            "File No:A\u{a0}012\u{2013}345\u{2013}678",
        ] {
            assert!(has_file_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "A-1",
            "a 2025-01-15 fax",
            "A 2025-01-15",
            "A123456",
            "A1234567890",
            "BA1234567",
            "FAX-2025-0031",
            "a1234567e0",
            "call a 617-343-4911",
            "Area",
        ] {
            assert!(!has_file_number(text), "{text}");
        }
    }

    #[test]
    fn days_and_times_are_read_in_one_spelling() {
        assert_eq!(day_of("2024-02-29"), Some(Date::constant(2024, 2, 29)));
        for text in ["2025-02-29", "2025-2-09", "02/09/2025", "20250209", "+025-02-09", ""] {
            assert_eq!(day_of(text), None, "{text}");
        }
        assert_eq!(clock("09:30", 2), Some(Time::constant(9, 30, 0, 0)));
        for text in ["9:30", "24:00", "09:30:00", "0930", "-1:30"] {
            assert_eq!(clock(text, 2), None, "{text}");
        }
    }
}
