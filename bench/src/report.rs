//! A year's report: counted from a register, and written out in its four formats.

use bailiwick::publish;
use law::report::Stretch;

use crate::Result;
use crate::registers::{self, YEAR};
use crate::scratch::Scratch;
use crate::table::Table;
use crate::timing::{Lane, interleave, timed};

/// Requests in the registers (what Boston published for 2025, and what a state could have), and
/// reports in a round.
const REQUESTS: [(usize, usize); 3] = [(57, 20), (1_000, 5), (20_000, 1)];

/// Measures the report.
///
/// # Errors
/// As the store.
pub fn measure(scratch: &Scratch) -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let year = Stretch::year(YEAR).ok_or("the year of the registers")?;
    let ordered = publish::ordered(&library, registers::AGENCY, None, year.last())?;
    let mut stores = Vec::new();
    for (requests, _) in REQUESTS {
        let folder = scratch.join(&format!("report-{requests}"));
        stores.push(registers::with_requests(&library, &folder, requests)?);
    }
    let mut lanes = Vec::new();
    for (store, (_, times)) in stores.iter().zip(REQUESTS) {
        let count = || publish::count(store, &ordered, year);
        let whole = move || Ok(publish::files(&count()?)?);
        lanes.push(Lane::new(move || timed(times, || repeat(times, whole))));
        lanes.push(Lane::new(move || timed(times, || repeat(times, || Ok(count()?)))));
    }
    let all = interleave("report", 1, 7, &mut lanes)?;
    drop(lanes);

    let head = ["requests", "entries", "report (p10–p90)", "of which counting", "four formats"];
    let mut table = Table::new("A year's report", &head);
    for (((requests, _), store), times) in REQUESTS.iter().zip(&stores).zip(all.chunks(2)) {
        let [whole, count] = times else { continue };
        let files = publish::files(&publish::count(store, &ordered, year)?)?;
        let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
        table.row(&[
            requests.to_string(),
            store.size().to_string(),
            whole.each(),
            count.each(),
            format!("{} KB", bytes.div_ceil(1000)),
        ]);
    }
    table.note("From the open register to the four texts in memory; writing them is not timed.");
    Ok(table)
}

fn repeat<T>(times: usize, work: impl Fn() -> Result<T>) -> Result<()> {
    for _ in 0..times {
        drop(std::hint::black_box(work()?));
    }
    Ok(())
}
