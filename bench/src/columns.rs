//! Rows decided by column, beside a plain sum of the same bytes.

use bailiwick::texts;
use law::columns::{Columns, RowOutcome, UNKNOWN, decide_rows};
use law::{Facts, Outcome, Pack, Source, Statement, decide};

use crate::Result;
use crate::chance::Chance;
use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Lane, figure, interleave, timed};

/// Rows of the table.
const ROWS: usize = 100_000_000;

/// Rows that are decided one by one too, to see that both agree.
const COMPARED: usize = 20_000;

/// What is asked, in Boston on a day of 2025.
const ACTION: &str = "hold";

/// Measures decisions by column.
///
/// # Errors
/// If a row is decided by column otherwise than alone.
pub fn measure(_: &Scratch) -> Result<Table> {
    let library = texts::library(None, Some("us-ma-boston-pd"))?;
    let pack = library.pack("us-ma-boston-pd", law::parse_day("2025-03-01")?)?;
    let names = ["basis", "eligible_for_release", "criminal_warrant", "criminal_charge"];
    let names: Vec<&str> = names.into_iter().chain(["enhanced_reentry", "purpose"]).collect();
    let full = table(&pack, &names, 0)?;
    let part = table(&pack, &names, 33)?;
    compare(&pack, &names, &full)?;
    compare(&pack, &names, &part)?;
    let mut out = vec![0_u8; ROWS];
    let mut other = vec![0_u8; ROWS];
    let all = interleave(
        "columns",
        1,
        7,
        &mut [
            Lane::new(|| timed(ROWS, || run(&pack, &names, &full, &mut out))),
            Lane::new(|| timed(ROWS, || run(&pack, &names, &part, &mut other))),
            Lane::new(|| timed(ROWS, || Ok(sum(&full)))),
        ],
    )?;
    let head = ["100,000,000 rows", "rows a second (p10–p90)", "GB/s", "÷ the sum"];
    let mut shown = Table::new("Rows by column", &head);
    let lanes =
        ["all facts known", "a third of the facts not known", "plain sum of the same bytes"];
    for (name, times) in lanes.iter().zip(&all) {
        let rate = times.rate();
        let bytes = names.len() as f64 / times.median() / 1e9;
        let times = all.last().map_or_else(String::new, |sum| sum.times(times));
        shown.row(&[(*name).to_owned(), rate, figure(bytes), times]);
    }
    shown.note(format!(
        "{} columns of a byte a row ({}), one thread, `{ACTION}` under the law of Boston in 2025, \
         from memory; every answer is exact where facts are not known. {COMPARED} rows of each \
         table were decided one by one first, and agreed.",
        names.len(),
        names.join(", ")
    ));
    Ok(shown)
}

/// A column of bytes for each fact, drawn from a fixed seed.
fn table(pack: &Pack, names: &[&str], unknown: usize) -> Result<Vec<Vec<u8>>> {
    let mut chance = Chance::new(287);
    names
        .iter()
        .map(|name| {
            let at = pack.vocabulary.fact(name).ok_or("a fact that is gone")?;
            let values = pack.vocabulary.facts.get(at).map_or(0, |fact| fact.values.len());
            // A stretch is drawn, and repeated: drawing everything would take longer than the rest.
            let stretch: Vec<u8> = (0..1_000_003)
                .map(|_| if chance.percent(unknown) { UNKNOWN } else { chance.below(values) as u8 })
                .collect();
            Ok(stretch.iter().copied().cycle().take(ROWS).collect())
        })
        .collect()
}

fn columns<'a>(pack: &Pack, names: &[&str], table: &'a [Vec<u8>]) -> Result<Columns<'a>> {
    let mut columns = Columns::new(pack, table.first().map_or(0, Vec::len));
    for (name, column) in names.iter().zip(table) {
        columns.give(pack, name, column)?;
    }
    Ok(columns)
}

fn run(pack: &Pack, names: &[&str], table: &[Vec<u8>], out: &mut [u8]) -> Result<u8> {
    decide_rows(pack, ACTION, &columns(pack, names, table)?, out)?;
    Ok(out.first().copied().unwrap_or(0))
}

fn sum(table: &[Vec<u8>]) -> u64 {
    // Wrapping, because a check for overflow at each step would keep it from being done to many
    // bytes at a time.
    let add = |sum: u64, byte: &u8| sum.wrapping_add(u64::from(*byte));
    table.iter().fold(0, |sum, column| column.iter().fold(sum, add))
}

fn compare(pack: &Pack, names: &[&str], table: &[Vec<u8>]) -> Result<()> {
    let few: Vec<Vec<u8>> =
        table.iter().map(|column| column.iter().take(COMPARED).copied().collect()).collect();
    let mut out = vec![0_u8; COMPARED];
    run(pack, names, &few, &mut out)?;
    for (row, code) in out.iter().enumerate() {
        let mut said = Vec::new();
        for (name, column) in names.iter().zip(&few) {
            let at = pack.vocabulary.fact(name).ok_or("a fact that is gone")?;
            let fact = pack.vocabulary.facts.get(at).ok_or("a fact that is gone")?;
            let byte = column.get(row).copied().unwrap_or(UNKNOWN);
            if let Some(value) = fact.value(usize::from(byte)) {
                said.push(Statement::new(&fact.name, &value.name, Source::Officer));
            }
        }
        let alone: Option<Outcome> = Facts::read(&pack.vocabulary, &said)
            .ok()
            .and_then(|facts| decide(pack, ACTION, &facts, None).ok())
            .map(|decision| decision.outcome);
        let alone = alone.map_or(RowOutcome::Contradiction, RowOutcome::Settled);
        if RowOutcome::from_code(*code) != Some(alone) {
            return Err(format!("row {row}: {code} by column, {alone:?} alone").into());
        }
    }
    Ok(())
}
