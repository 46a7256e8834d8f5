//! A cell: its state, apart from its value, and the token that stands for it.

use std::borrow::Cow;

use siphasher::sip::SipHasher24;

use super::row::Mark;

/// What is in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// The log has no such column, or the export left it out.
    #[default]
    NotExported,
    /// There is nothing in it.
    Empty,
    /// The vendor put asterisks in its place.
    MaskedByVendor,
    /// The agency put a word or signs in its place.
    MaskedByAgency,
    /// The agency wrote the law over it by which it withholds it.
    Exemption,
    /// A sign that stands for nothing.
    Placeholder,
    /// A value.
    Value,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 7] = [
        Self::NotExported,
        Self::Empty,
        Self::MaskedByVendor,
        Self::MaskedByAgency,
        Self::Exemption,
        Self::Placeholder,
        Self::Value,
    ];

    /// As a report writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotExported => "not exported",
            Self::Empty => "empty",
            Self::MaskedByVendor => "masked by the vendor",
            Self::MaskedByAgency => "masked by the agency",
            Self::Exemption => "withheld under a law",
            Self::Placeholder => "a placeholder",
            Self::Value => "a value",
        }
    }

    /// The state of a cell that is there.
    ///
    /// ```
    /// use audit::log::State;
    /// assert_eq!(State::of(b" REDACTED"), State::MaskedByAgency);
    /// assert_eq!(State::of(b"***"), State::MaskedByVendor);
    /// assert_eq!(State::of(b"* 123"), State::Value);
    /// ```
    pub fn of(cell: &[u8]) -> Self {
        let cell = cell.trim_ascii();
        let Some(first) = cell.first() else { return Self::Empty };
        // Nearly every cell starts with a letter or a digit that few other states start with.
        match first {
            b'0'..=b'9' if is_exemption(cell) => return Self::Exemption,
            b'*' | b'#' | b'[' | b'R' | b'r' | b'-' | 0xE2 => {}
            _ => return Self::Value,
        }
        let only = |signs: &[u8]| cell.iter().all(|byte| signs.contains(byte));
        let bare = cell.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]")).unwrap_or(cell);
        match cell {
            b"***" => Self::MaskedByVendor,
            _ if cell.len() >= 3 && (only(b"* ") || only(b"#")) => Self::MaskedByAgency,
            _ if bare.eq_ignore_ascii_case(b"redacted") => Self::MaskedByAgency,
            _ if only("—".as_bytes()) || only(b"-") => Self::Placeholder,
            _ => Self::Value,
        }
    }
}

/// A section of a records law written over a cell, such as `7923.600 GC`.
fn is_exemption(cell: &[u8]) -> bool {
    if !matches!(cell.last(), Some(b'C' | b'c' | b'V' | b'v' | b'A' | b'a')) {
        return false;
    }
    let Some(space) = cell.iter().position(|byte| *byte == b' ') else { return false };
    let (section, code) = cell.split_at(space);
    let digits = section.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = section.iter().all(|byte| byte.is_ascii_digit() || b".()".contains(byte));
    let laws: [&[u8]; 4] = [b"GC", b"GOV", b"CPRA", b"FOIA"];
    digits >= 4 && signs && laws.iter().any(|law| code.trim_ascii().eq_ignore_ascii_case(law))
}

/// The agency's key, which never leaves it. What is replaced by a token can be told apart and
/// found again by whoever has the key, and by nobody else.
///
/// Tokens are SipHash-2-4 (Aumasson and Bernstein, 2012): a pseudo-random function of short texts,
/// quick enough for every cell of a log.
#[derive(Clone)]
pub struct Key([u8; 16]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of 128 random bits.
    pub fn new(bits: [u8; 16]) -> Self {
        Self(bits)
    }

    /// The token of a text of some kind: its letters, as capitals, and its digits count, and no
    /// signs and blanks, which people type or leave out. 0 stands for none of them.
    ///
    /// ```
    /// use audit::log::Key;
    /// let key = Key::new([7; 16]);
    /// assert_eq!(key.token(b'a', b"O. Doe"), key.token(b'a', b"o doe"));
    /// assert_ne!(key.token(b'a', b"O. Doe"), key.token(b'b', b"O. Doe"));
    /// ```
    pub fn token(&self, kind: u8, text: &[u8]) -> u64 {
        let mut letters = [0_u8; SHORT];
        if text.len() >= SHORT {
            return self.token_of_long(kind, text);
        }
        if let Some(first) = letters.first_mut() {
            *first = kind;
        }
        let mut length = 1_usize;
        for byte in text {
            let letter = counted(*byte);
            if let Some(slot) = letters.get_mut(length) {
                *slot = letter;
            }
            length = length.wrapping_add(usize::from(letter != 0));
        }
        if length == 1 {
            return 0;
        }
        let hasher = SipHasher24::new_with_key(&self.0);
        hasher.hash(letters.get(..length).unwrap_or_default()).max(1)
    }

    fn token_of_long(&self, kind: u8, text: &[u8]) -> u64 {
        let letters = text.iter().map(|byte| counted(*byte)).filter(|letter| *letter != 0);
        let letters: Vec<u8> = std::iter::once(kind).chain(letters).collect();
        if letters.len() == 1 {
            return 0;
        }
        SipHasher24::new_with_key(&self.0).hash(&letters).max(1)
    }
}

/// Bytes of a text whose letters fit where tokens are made.
const SHORT: usize = 64;

/// What of each byte counts: letters as capitals, digits, and what is not ASCII; 0 for anything
/// else.
const COUNTED: [u8; 256] = {
    let mut counted = [0; 256];
    let (mut rest, mut number) = (counted.as_mut_slice(), 0_u8);
    while let Some((first, others)) = rest.split_first_mut() {
        if number.is_ascii_alphanumeric() || number >= 0x80 {
            *first = number.to_ascii_uppercase();
        }
        (rest, number) = (others, number.wrapping_add(1));
    }
    counted
};

#[inline]
fn counted(byte: u8) -> u8 {
    COUNTED.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The mark of an account or an agency that is said to be inactive.
pub(super) fn inactive(name: &[u8]) -> u8 {
    // Hardly a name has a bracket at all.
    let said = name.contains(&b'[')
        && name.windows(10).any(|part| part.eq_ignore_ascii_case(b"[inactive]"));
    if said { Mark::Inactive as u8 } else { 0 }
}

/// A cell's text with its doubled quotes single.
pub(super) fn unquoted(cell: &[u8]) -> Cow<'_, [u8]> {
    if !cell.windows(2).any(|two| two == b"\"\"") {
        return Cow::Borrowed(cell);
    }
    let mut text = Vec::with_capacity(cell.len());
    let mut bytes = cell.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        text.push(byte);
        if byte == b'"' {
            bytes.next_if_eq(&b'"');
        }
    }
    Cow::Owned(text)
}

/// A number without a sign, of at most nine digits.
pub(super) fn whole_number(cell: Option<&[u8]>) -> Option<u32> {
    let cell = cell?.trim_ascii();
    if cell.is_empty() || cell.len() > 9 {
        return None;
    }
    let (number, are_digits) = cell.iter().fold((0_u32, true), |(sum, are_digits), digit| {
        let digit = u32::from(digit.wrapping_sub(b'0'));
        (sum.wrapping_mul(10).wrapping_add(digit), are_digits & (digit < 10))
    });
    are_digits.then_some(number)
}

/// The number of networks; none where the cell says nothing.
#[inline]
pub(super) fn networks(cell: Option<&[u8]>) -> Result<Option<u32>, String> {
    match (whole_number(cell), cell) {
        (None, Some(cell)) => formatted(cell),
        (networks, _) => Ok(networks),
    }
}

/// A number as a spreadsheet may write it, `1,234` or `3.0`.
#[cold]
fn formatted(cell: &[u8]) -> Result<Option<u32>, String> {
    let cell = cell.trim_ascii();
    if State::of(cell) != State::Value {
        return Ok(None);
    }
    let whole = cell.strip_suffix(b".0").unwrap_or(cell);
    let groups: Vec<&[u8]> = whole.split(|byte| *byte == b',').collect();
    let is_grouped = groups.iter().skip(1).all(|group| group.len() == 3)
        && groups.first().is_some_and(|group| (1..=3).contains(&group.len()) || groups.len() == 1);
    let number = whole_number(Some(&groups.concat())).filter(|_| is_grouped);
    number.map(Some).ok_or_else(|| {
        "the number of networks is no number; are cells shifted, or does another export start here?"
            .to_owned()
    })
}
