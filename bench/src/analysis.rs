//! What is known of every case at once: compiling, differences, proofs, the next question, why.

use law::{Compiled, Facts, Library, Pack, Property, ask, diff, parse_day, prove, why};

use crate::Result;
use crate::chance::Chance;
use crate::decision::draw;
use crate::table::Table;
use crate::timing::{Lane, interleave, timed};

/// The agency whose editions are compared, and the first day of its newer one.
const AGENCY: &str = "us-ma-boston-pd";
const BEFORE: &str = "2019-12-18";
const AFTER: &str = "2019-12-19";

/// What a row of the table is timed by.
struct Row<'a> {
    name: String,
    wanted: &'static str,
    lane: Lane<'a>,
}

/// Measures analysis.
///
/// # Errors
/// If a law is too large to compile, or a property does not hold.
pub fn measure() -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let (agency, day) = slowest(&library)?;
    let [before, after] = [BEFORE, AFTER].map(|day| pack(&library, AGENCY, day));
    let (before, after) = (before?, after?);
    let largest = pack(&library, &agency, &day)?;
    let case = draw(&after, &mut Chance::new(1))?.facts;
    let nothing = Facts::none(&after.vocabulary);

    let mut rows = compiling(&library, &agency, &day);
    rows.extend(differences(&before, &after));
    rows.extend(proofs(&library, &after)?);
    let laws =
        [("Boston, `hold`", &after, "hold"), ("the largest pack, `notify`", &largest, "notify")];
    for (name, pack, action) in laws {
        let (nothing, case) = (&nothing, &case);
        rows.push(row(format!("`ask`, nothing known yet, {name}"), "< 1 ms", 16, move || {
            Ok(ask(pack, action, nothing, &[])?)
        }));
        rows.push(row(format!("`why`, a complete case, {name}"), "< 1 ms", 4, move || {
            Ok(why(pack, action, case)?)
        }));
    }
    let (names, mut lanes): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|row| ((row.name, row.wanted), row.lane)).unzip();
    let all = interleave("analysis", 2, 31, &mut lanes)?;
    drop(lanes);
    let mut table = Table::new("Every case at once", &["what", "time (p10–p90)", "wanted"]);
    for ((name, wanted), times) in names.into_iter().zip(&all) {
        table.row(&[name, times.each(), wanted.to_owned()]);
    }
    table.note(format!(
        "The largest pack, by the time to compile it, of every agency and of every day on which \
         its law changed: that of `{agency}` from {day} on ({} rules). All ask \
         laws that are compiled, but where it says otherwise.",
        largest.rules().count()
    ));
    Ok(table)
}

fn pack(library: &Library, agency: &str, day: &str) -> Result<Pack> {
    Ok(library.pack(agency, parse_day(day)?)?)
}

/// A pack keeps what is compiled, so each round has one of its own.
fn compiling<'a>(library: &'a Library, agency: &'a str, day: &'a str) -> Vec<Row<'a>> {
    let one = |name: &str, agency: &'a str, day: &'a str| {
        let lane = Lane::new(move || {
            let pack = pack(library, agency, day)?;
            timed(1, || compile(&pack))
        });
        Row { name: name.to_owned(), wanted: "< 50 ms", lane }
    };
    vec![
        one("compiling every action of the largest pack", agency, day),
        one("compiling every action of Boston's pack", AGENCY, AFTER),
    ]
}

fn differences<'a>(before: &'a Pack, after: &'a Pack) -> Vec<Row<'a>> {
    let actions = &after.vocabulary.actions;
    let every = move || {
        actions.iter().try_fold(0, |sum, action| Ok(sum + diff(before, after, &action.name)?.len()))
    };
    let mut rows =
        vec![row("`diff` of Boston's two editions, every action".to_owned(), "< 1 ms", 1, every)];
    rows.extend(actions.iter().map(|action| {
        row(format!("`diff`, only `{}`", action.name), "< 1 ms", 8, || {
            Ok(diff(before, after, &action.name)?)
        })
    }));
    rows
}

/// Each property of the pack, and the first of them under a law that is not compiled yet.
fn proofs<'a>(library: &'a Library, after: &'a Pack) -> Result<Vec<Row<'a>>> {
    let properties: Vec<&Property> =
        after.editions.iter().flat_map(|edition| &edition.properties).collect();
    let mut rows = Vec::new();
    for property in &properties {
        if let Some(broken) = prove(after, property)? {
            return Err(format!("`{}` does not hold: {broken:?}", property.say).into());
        }
        let property = *property;
        rows.push(row(format!("`prove`: {}", property.say), "< 1 ms", 64, move || {
            Ok(prove(after, property)?)
        }));
    }
    rows.extend(properties.first().map(|property| {
        let property = *property;
        let lane = Lane::new(move || {
            let pack = pack(library, AGENCY, AFTER)?;
            timed(1, || Ok(prove(&pack, property)?))
        });
        let name = "the first of these, with the compiling of its law".to_owned();
        Row { name, wanted: "< 1 ms", lane }
    }));
    Ok(rows)
}

/// A row of so many calls a round.
fn row<'a, T>(
    name: String,
    wanted: &'static str,
    times: usize,
    mut work: impl FnMut() -> Result<T> + 'a,
) -> Row<'a> {
    let mut all = move || {
        for _ in 0..times {
            drop(std::hint::black_box(work()?));
        }
        Ok(())
    };
    let lane = Lane::new(move || timed(times, &mut all));
    Row { name, wanted, lane }
}

fn compile(pack: &Pack) -> Result<()> {
    for action in &pack.vocabulary.actions {
        std::hint::black_box(Compiled::new(pack, &action.name)?);
    }
    Ok(())
}

/// The agency, and the first day of the pack of it, that take longest to compile: the least of
/// three times each, so that what disturbs one of them does not choose it.
fn slowest(library: &Library) -> Result<(String, String)> {
    let mut found = None;
    for agency in library.agencies() {
        for day in library.change_days(&agency.id)? {
            let mut took = f64::MAX;
            for _ in 0..3 {
                let pack = library.pack(&agency.id, day)?;
                took = took.min(timed(1, || compile(&pack))?.took.as_secs_f64());
            }
            if found.as_ref().is_none_or(|(longest, _, _)| took > *longest) {
                found = Some((took, agency.id.clone(), day.to_string()));
            }
        }
    }
    let (_, agency, day) = found.ok_or("there is no agency")?;
    Ok((agency, day))
}
