//! Tables: all rows or none, the same however the bytes arrive, and no number of a person kept.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::LazyLock;

use audit::cases::Cases;
use audit::detainers::{self, Detainer, LIFTED};
use audit::replay::{actions, replay};
use audit::requests::{self, REASONS, RequestRow};
use audit::table::{LISTED, Problems, Table};
use law::{Library, Pack};
use sha2::{Digest as _, Sha256};

/// Hands out the bytes in pieces of one size, so that every boundary falls inside something.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(into.len()).min(self.0.len());
        let (piece, rest) = self.0.split_at(size);
        into[..size].copy_from_slice(piece);
        self.0 = rest;
        Ok(size)
    }
}

/// Reads once whole and once in pieces; both must agree, in what is read or in what is wrong.
fn twice<T: PartialEq + std::fmt::Debug>(
    data: &[u8],
    whole: Result<Table<T>, Problems>,
    pieces: Result<Table<T>, Problems>,
) -> Option<Vec<T>> {
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert_eq!(whole, pieces, "pieces of a file read as another table");
            let digest: [u8; 32] = Sha256::digest(data).into();
            assert_eq!(whole.sha256, register::hex(&digest), "the digest is of other bytes");
            Some(whole.rows)
        }
        (Err(whole), Err(pieces)) => {
            assert!(whole.total() > 0, "refused without a problem");
            // Why reading stopped is listed even where the list is full.
            assert!(whole.listed.len() <= LISTED + 1);
            assert_eq!(whole.to_string(), pieces.to_string());
            let lines = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
            let placed = |line| (1..=lines + 1).contains(&line);
            assert!(whole.listed.iter().all(|it| placed(it.line)), "no such line: {whole}");
            None
        }
        (whole, pieces) => panic!("whole {whole:?}, in pieces {pieces:?}"),
    }
}

fn piece(data: &[u8]) -> usize {
    1 + data.len() % 7
}

/// Any bytes as our table of requests.
pub fn requests_csv(data: &[u8]) {
    let pieces = Pieces(data, piece(data));
    let Some(rows) = twice(data, requests::read(data), requests::read(pieces)) else { return };
    let mut ids = BTreeSet::new();
    for row in &rows {
        assert!(ids.insert(&row.id), "`{}` is there twice", row.id);
        assert!(!row.actions.is_empty(), "nothing is asked");
        assert!(row.reasons.is_sorted() && row.reasons.iter().all(|it| REASONS.contains(&&**it)));
        assert!(row.done_on.is_none_or(|day| day >= row.received && row.done.is_some()));
        assert!(!said(row).iter().any(|text| audit::has_file_number(text)));
    }
    let again = written(&rows);
    let read = requests::read(again.as_bytes()).expect("rows that were read can be written").rows;
    let unplaced = |rows: &[RequestRow]| -> Vec<RequestRow> {
        rows.iter().map(|row| RequestRow { line: 0, ..row.clone() }).collect()
    };
    assert_eq!(unplaced(&read), unplaced(&rows), "rows changed when written and read again");
}

/// Every text that a row keeps.
fn said(row: &RequestRow) -> Vec<&str> {
    let optional = [&row.station, &row.requester, &row.form, &row.basis, &row.note];
    let mut texts = vec![row.id.as_str(), row.channel.as_str()];
    texts.extend(optional.into_iter().flatten().map(String::as_str));
    texts.extend(row.actions.iter().chain(row.facts.values()).map(String::as_str));
    texts
}

/// The rows as a table, every cell quoted.
fn written(rows: &[RequestRow]) -> String {
    let mut text = "id,received,time,channel,station,requester,actions,form,basis,reasons,facts,\
                    done,done_on,note\n"
        .to_owned();
    for row in rows {
        let facts: Vec<_> =
            row.facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            row.id.clone(),
            row.received.to_string(),
            row.time.map(|time| time.strftime("%H:%M").to_string()).unwrap_or_default(),
            row.channel.clone(),
            or_empty(&row.station),
            or_empty(&row.requester),
            row.actions.join(" "),
            or_empty(&row.form),
            or_empty(&row.basis),
            row.reasons.join(" "),
            facts.join(" "),
            row.done.map(|done| done.word().to_owned()).unwrap_or_default(),
            row.done_on.map(|day| day.to_string()).unwrap_or_default(),
            or_empty(&row.note),
        ];
        let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text.push_str(&quoted.join(","));
        text.push('\n');
    }
    text
}

/// The shipped law of Boston, for what a table of detainers would have come to.
static BOSTON: LazyLock<Pack> = LazyLock::new(|| {
    let files = [
        ("vocabulary.toml", include_str!("../../law/vocabulary.toml")),
        ("agencies/b.md", AGENCY),
        ("act/2019-12-19.md", include_str!("../../law/us/ma/boston/trust-act/2019-12-19.md")),
        ("lunn/2017-07-24.md", include_str!("../../law/us/ma/lunn/2017-07-24.md")),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let library = Library::read(&files).expect("the shipped law reads");
    library.pack("b", law::parse_day("2025-01-01").expect("a day")).expect("in force")
});

const AGENCY: &str = "# B\n```agency\nname = \"B\"\ntimezone = \"America/New_York\"\n\
                      principal = \"act\"\nstack = [\"lunn\", \"act\"]\n```\n";

/// Any bytes as a federal table of detainers; what is read is decided as if lodged here.
pub fn detainers_csv(data: &[u8]) {
    let pieces = Pieces(data, piece(data));
    let Some(rows) = twice(data, detainers::read(data), detainers::read(pieces)) else { return };
    for row in &rows {
        clean(row);
    }
    let rows = rows.get(..rows.len().min(16)).unwrap_or_default();
    let replayed = replay(&BOSTON, &Cases::of_detainers(rows), &[], &[])
        .expect("a form and nothing else never contradicts");
    let asked: usize = rows.iter().map(|row| actions(row.form.as_deref()).len()).sum();
    let decided: u64 = replayed.outcomes().values().sum();
    assert_eq!((replayed.rows, decided), (rows.len() as u64, asked as u64), "a row was lost");
}

fn clean(row: &Detainer) {
    let known = |word: &String| LIFTED.iter().any(|(_, it)| it == word) || word == "other";
    assert!(row.lift_reason.iter().all(known), "{:?}", row.lift_reason);
    assert!(row.reasons.is_sorted() && row.reasons.iter().all(|it| REASONS.contains(&&**it)));
    let forms = ["i_247", "i_247a", "i_247d", "i_247n", "i_247x"];
    assert!(row.form.iter().all(|form| forms.contains(&form.as_str())));
    let texts = [&row.facility, &row.city, &row.id];
    assert!(!texts.into_iter().flatten().any(|text| audit::has_file_number(text)));
}
