//! One decision of ours beside one of `cedar-policy` and of `regorus`, on the same rules.
//!
//! All three get the whole pack of the Boston Police Department and cases that are complete and
//! ready: typed facts for us, a built request for Cedar, a built value for Rego. Before anything is
//! timed, all of them have to agree on every case.

mod peers;

use std::collections::BTreeSet;

use law::{Compiled, Facts, Library, Outcome, Pack, Source, Statement, decide};

use crate::chance::Chance;
use crate::table::Table;
use crate::timing::{Lane, Times, interleave, timed};
use crate::{Error, Result};
use peers::{Bytecode, Cedar, Interpreter};

/// The day whose law is used; the edition of 2019 is in force on it.
const DAY: &str = "2025-03-01";

/// The actions that are timed. For them the outcome follows from which rules fire alone; for the
/// others it also takes saving clauses and cases for a person, which the peers do not know.
const ACTIONS: [&str; 2] = ["hold", "transfer"];

/// Sets of facts that are drawn; each is a case for each action.
const DRAWN: usize = 256;

/// What a case comes to, in the words all three share: allowed or not, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    allow: bool,
    grounds: BTreeSet<String>,
}

/// One complete case.
pub struct Case {
    action: String,
    /// The position of each fact's value, in the order of the vocabulary.
    values: Vec<usize>,
    facts: Facts,
    /// The same with about half of the facts not stated.
    partly: Facts,
}

/// Measures decisions.
///
/// # Errors
/// If the three do not agree.
pub fn measure() -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let pack = library.pack("us-ma-boston-pd", DAY.parse()?)?;
    let mut chance = Chance::new(2019);
    let mut cases = Vec::new();
    for _ in 0..DRAWN {
        cases.extend(draw(&pack, &mut chance)?);
    }
    let cedar = Cedar::new(&library, &pack, &cases)?;
    let mut interpreter = Interpreter::new(&pack, &cases)?;
    let mut bytecode = Bytecode::new(&pack, &cases)?;
    let allowed = agree(&pack, &cases, &cedar, &mut interpreter, &mut bytecode)?;
    everywhere(&library, &pack)?;

    let ours = |part: fn(&Case) -> &Facts| {
        let (pack, cases) = (&pack, &cases);
        move || {
            timed(cases.len(), || {
                for case in cases {
                    std::hint::black_box(decide(pack, &case.action, part(case), None)?);
                }
                Ok(())
            })
        }
    };
    let count = cases.len();
    let compiled: Vec<Compiled<'_>> =
        ACTIONS.iter().map(|action| Ok(Compiled::new(&pack, action)?)).collect::<Result<_>>()?;
    // The cases come by turns, one for each action.
    let settle = || {
        timed(count, || {
            for (case, law) in cases.iter().zip(compiled.iter().cycle()) {
                let found = law.settle(&case.facts).ok_or("a complete case is settled")?;
                let grounds = found.grounds().fold(0, |sum, rule| sum + rule.id.len());
                std::hint::black_box((found.outcome(), grounds));
            }
            Ok(())
        })
    };
    let mut lanes = [
        Lane::new(settle),
        Lane::new(ours(|case| &case.facts)),
        Lane::new(|| {
            timed(count, || {
                cedar.all();
                Ok(())
            })
        }),
        Lane::new(|| timed(count, || interpreter.all())),
        Lane::new(|| timed(count, || bytecode.all())),
        Lane::new(ours(|case| &case.partly)),
    ];
    let all = interleave("decision", 3, 31, &mut lanes)?;
    drop(lanes);
    Ok(table(&pack, count, allowed, &all))
}

fn table(pack: &Pack, cases: usize, allowed: usize, all: &[Times]) -> Table {
    let head = ["one decision", "time (p10–p90)", "÷ ours", "what comes back"];
    let mut table = Table::new("One decision", &head);
    let full = "outcome, grounds with citation, grade and words, what it rests on, duties with \
                their deadline, single facts that would change it";
    let short = "allowed or not, ids of the rules";
    let names = [
        ("ours, `Compiled::settle`", "outcome, grounds with all that is written of them"),
        ("ours, `law::decide`", full),
        ("`cedar-policy` 4.14.1, `is_authorized`", short),
        ("`regorus` 0.14.1, interpreter", short),
        ("`regorus` 0.14.1, bytecode", short),
        ("ours, `law::decide`, about half of the facts not stated", "the same, or what to ask"),
    ];
    for (at, ((name, back), times)) in names.into_iter().zip(all).enumerate() {
        let ratio = all.first().filter(|_| at > 0).map(|ours| times.times(ours));
        let ratio = ratio.unwrap_or_else(|| "–".to_owned());
        table.row(&[name.to_owned(), times.each(), ratio, back.to_owned()]);
    }
    table.note(format!(
        "{cases} complete cases over {} rules and {} facts, {allowed} of them allowed; all agreed \
         on the answer and on the rules that determined it before anything was timed.",
        pack.rules().count(),
        pack.vocabulary.facts.len(),
    ));
    table
}

/// A set of facts as a case for each action. Values that would contradict those drawn before are
/// passed over for the next one that does not.
fn draw(pack: &Pack, chance: &mut Chance) -> Result<Vec<Case>> {
    let vocabulary = &pack.vocabulary;
    let (mut said, mut some, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for fact in &vocabulary.facts {
        let count = fact.values.len();
        let first = chance.below(count);
        let fits = (0..count).map(|more| (first + more) % count).find_map(|value| {
            let word = &fact.value(value)?.name;
            let mut tried = said.clone();
            tried.push(Statement::new(&fact.name, word, Source::Officer));
            Facts::read(vocabulary, &tried).is_ok().then_some((value, tried))
        });
        let (value, tried) = fits.ok_or("the definitions leave a fact no value")?;
        if chance.percent(50) {
            some.extend(tried.last().cloned());
        }
        said = tried;
        values.push(value);
    }
    let read = |said: &[Statement]| Facts::read(vocabulary, said).map_err(|all| all.join("; "));
    let (facts, partly) = (read(&said)?, read(&some)?);
    let case = |action: &&str| Case {
        action: (*action).to_owned(),
        values: values.clone(),
        facts: facts.clone(),
        partly: partly.clone(),
    };
    Ok(ACTIONS.iter().map(case).collect())
}

/// Our answer in the words all three share; nothing if it cannot be said in them.
fn ours(pack: &Pack, case: &Case) -> Result<Option<Answer>> {
    let decision = decide(pack, &case.action, &case.facts, None)?;
    let allow = match decision.outcome {
        Outcome::Must | Outcome::May => true,
        Outcome::MustNot | Outcome::Silent => false,
        Outcome::NeedFacts | Outcome::Refer => return Ok(None),
    };
    let grounds = decision.grounds.into_iter().map(|ground| ground.id).collect();
    Ok(Some(Answer { allow, grounds }))
}

/// Checks that every case has one answer, whoever gives it. Says how many are allowed.
fn agree(
    pack: &Pack,
    cases: &[Case],
    cedar: &Cedar,
    interpreter: &mut Interpreter,
    bytecode: &mut Bytecode,
) -> Result<usize> {
    let mut allowed = 0;
    for (at, case) in cases.iter().enumerate() {
        let ours = ours(pack, case)?;
        let answers = [cedar.answer(at)?, interpreter.answer(at)?, bytecode.answer(at)?];
        for theirs in answers {
            if ours.as_ref() != Some(&theirs) {
                return Err(differ(case, &ours, &theirs));
            }
            allowed += usize::from(theirs.allow);
        }
    }
    Ok(allowed / 3)
}

/// Checks for the actions that are not timed, too, that the same rules fire in Rego as in Cedar:
/// both evaluate the whole pack, so all of it has to be the same.
fn everywhere(library: &Library, pack: &Pack) -> Result<()> {
    let mut chance = Chance::new(1373);
    let mut cases = Vec::new();
    for _ in 0..DRAWN {
        let drawn = draw(pack, &mut chance)?.into_iter().next();
        for action in &pack.vocabulary.actions {
            let of = |case: &Case| Case {
                action: action.name.clone(),
                values: case.values.clone(),
                facts: case.facts.clone(),
                partly: case.partly.clone(),
            };
            cases.extend(drawn.as_ref().map(of));
        }
    }
    let cedar = Cedar::new(library, pack, &cases)?;
    let mut rego = Interpreter::new(pack, &cases)?;
    for (at, case) in cases.iter().enumerate() {
        let (one, two) = (cedar.answer(at)?, rego.answer(at)?);
        if one != two {
            return Err(differ(case, &one, &two));
        }
    }
    Ok(())
}

fn differ(case: &Case, one: &impl std::fmt::Debug, two: &impl std::fmt::Debug) -> Error {
    let Case { action, facts, .. } = case;
    format!("the answers to `{action}` differ: {one:?} and {two:?}, for {facts:?}").into()
}
