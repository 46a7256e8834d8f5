//! One decision of ours beside one of each engine that can be embedded, on the same rules.
//!
//! All get the pack of the Boston Police Department and cases that are complete and ready, in the
//! form that each of them wants. Before anything is timed, all of them have to agree on every case.

mod expressions;
mod hand;
mod languages;
mod peers;

use std::collections::BTreeSet;

use law::{Compiled, Facts, Library, Outcome, Pack, Source, Statement, decide};

use crate::chance::Chance;
use crate::table::Table;
use crate::timing::{Lane, Times, interleave, timed};
use crate::{Error, Result};
use expressions::{Expressions, Wanted};
use hand::Hand;
use languages::{Cel, JsonLogic, Zen};
use peers::{Bytecode, Cedar, Interpreter};

/// The day whose law is used; the edition of 2019 is in force on it.
const DAY: &str = "2025-03-01";

/// The actions that are timed. For them the outcome follows from which rules fire alone; for the
/// others it also takes saving clauses and cases for a person, which the peers do not know.
const ACTIONS: [&str; 2] = ["hold", "transfer"];

/// Sets of facts that are drawn; each is a case for each action.
const DRAWN: usize = 256;

/// What a case comes to, in words all of them share: allowed or not, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    allow: bool,
    /// Nothing where the engine was not asked for them.
    grounds: Option<BTreeSet<String>>,
}

impl Answer {
    fn agrees(&self, other: &Self) -> bool {
        let both = self.grounds.as_ref().zip(other.grounds.as_ref());
        self.allow == other.allow && both.is_none_or(|(one, two)| one == two)
    }
}

/// An engine that has the rules, and every case in its own form.
pub trait Peer {
    /// The answer to one case.
    ///
    /// # Errors
    /// If there is no such case, or a rule fails.
    fn answer(&mut self, at: usize) -> Result<Answer>;

    /// Evaluates every case once.
    ///
    /// # Errors
    /// If a rule fails.
    fn all(&mut self) -> Result<()>;
}

/// A peer, and how it stands in the table.
struct Entrant {
    name: String,
    /// How often it evaluates all cases in a round: so often that it takes some milliseconds, and
    /// is disturbed as the others are.
    times: usize,
    peer: Box<dyn Peer>,
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
/// If two of them do not agree.
pub fn measure() -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let pack = library.pack("us-ma-boston-pd", DAY.parse()?)?;
    let mut chance = Chance::new(2019);
    let mut cases = Vec::new();
    for _ in 0..DRAWN {
        cases.extend(draw(&pack, &mut chance)?.for_actions(&ACTIONS));
    }
    let mut peers = entrants(&library, &pack, &cases)?;
    let allowed = agree(&pack, &cases, &mut peers)?;
    everywhere(&library, &pack)?;

    let compiled: Vec<Compiled<'_>> =
        ACTIONS.iter().map(|action| Ok(Compiled::new(&pack, action)?)).collect::<Result<_>>()?;
    let mut lanes = vec![
        Lane::new(|| timed(cases.len() * 512, || repeat(512, || settle(&compiled, &cases)))),
        Lane::new(|| timed(cases.len(), || decided(&pack, &cases, |case| &case.facts))),
    ];
    for entrant in &mut peers {
        let Entrant { times, peer, .. } = entrant;
        let units = cases.len() * *times;
        lanes.push(Lane::new(move || timed(units, || repeat(*times, || peer.all()))));
    }
    lanes.push(Lane::new(|| timed(cases.len(), || decided(&pack, &cases, |case| &case.partly))));
    let all = interleave("decision", 3, 31, &mut lanes)?;
    drop(lanes);
    Ok(table(&pack, cases.len(), allowed, &peers, &all))
}

fn repeat(times: usize, mut work: impl FnMut() -> Result<()>) -> Result<()> {
    (0..times).try_for_each(|_| work())
}

/// The outcome and its grounds. The cases come by turns, one for each action.
fn settle(compiled: &[Compiled<'_>], cases: &[Case]) -> Result<()> {
    for (case, law) in cases.iter().zip(compiled.iter().cycle()) {
        let found = law.settle(&case.facts).ok_or("a complete case is settled")?;
        let grounds = found.grounds().fold(0, |sum, rule| sum + rule.id.len());
        std::hint::black_box((found.outcome(), grounds));
    }
    Ok(())
}

fn decided(pack: &Pack, cases: &[Case], part: fn(&Case) -> &Facts) -> Result<()> {
    for case in cases {
        std::hint::black_box(decide(pack, &case.action, part(case), None)?);
    }
    Ok(())
}

/// All peers, in the order of the table.
fn entrants(library: &Library, pack: &Pack, cases: &[Case]) -> Result<Vec<Entrant>> {
    let mut all: Vec<Entrant> = Vec::new();
    let mut add =
        |name: &str, times, peer| all.push(Entrant { name: name.to_owned(), times, peer });
    let cedar = Cedar::new(library, pack, cases)?;
    add("`cedar-policy` 4.14.1, `is_authorized`", 1, Box::new(cedar));
    let interpreter = Interpreter::new(pack, cases)?;
    add("`regorus` 0.14.1, interpreter", 1, Box::new(interpreter));
    add("`regorus` 0.14.1, bytecode", 1, Box::new(Bytecode::new(pack, cases)?));
    for (wanted, back) in
        [(Wanted::Grounds, "outcome and grounds"), (Wanted::Allowed, "outcome only")]
    {
        let cel = Expressions::new(Cel, wanted, pack, cases)?;
        add(&format!("`cel` 0.15.0, {back}"), 16, Box::new(cel));
        let zen = Expressions::new(Zen::new(), wanted, pack, cases)?;
        add(&format!("`zen-expression` 2.1.6, {back}"), 32, Box::new(zen));
        let json = Expressions::new(JsonLogic::new(), wanted, pack, cases)?;
        add(&format!("`datalogic-rs` 5.4.0 (JSON Logic), {back}"), 128, Box::new(json));
    }
    add("hand-written Rust, outcome and grounds", 4096, Box::new(Hand::new(pack, cases)?));
    Ok(all)
}

fn table(pack: &Pack, cases: usize, allowed: usize, peers: &[Entrant], all: &[Times]) -> Table {
    let head = ["one decision", "time (p10–p90)", "÷ ours"];
    let mut table = Table::new("One decision", &head);
    let mut names = vec![
        "ours, `Compiled::settle`, outcome and grounds",
        "ours, `law::decide`, with words, duties and what would change it",
    ];
    names.extend(peers.iter().map(|entrant| entrant.name.as_str()));
    names.push("ours, `law::decide`, about half of the facts not stated");
    for (at, (name, times)) in names.into_iter().zip(all).enumerate() {
        let ratio = all.first().filter(|_| at > 0).map(|ours| times.times(ours));
        table.row(&[name.to_owned(), times.each(), ratio.unwrap_or_else(|| "–".to_owned())]);
    }
    table.note(format!(
        "{cases} complete cases over {} rules and {} facts, {allowed} of them allowed; all agreed \
         on the outcome, and all that were asked on its grounds, before anything was timed.",
        pack.rules().count(),
        pack.vocabulary.facts.len(),
    ));
    table
}

/// What is known of somebody, whatever is asked.
pub struct Drawn {
    /// The position of each fact's value, in the order of the vocabulary.
    pub values: Vec<usize>,
    /// All of it.
    pub facts: Facts,
    /// About half of it.
    pub partly: Facts,
}

impl Drawn {
    fn for_actions(&self, actions: &[impl AsRef<str>]) -> Vec<Case> {
        let case = |action: &str| Case {
            action: action.to_owned(),
            values: self.values.clone(),
            facts: self.facts.clone(),
            partly: self.partly.clone(),
        };
        actions.iter().map(|action| case(action.as_ref())).collect()
    }
}

/// A set of facts. Values that would contradict those drawn before are passed over for the next
/// one that does not.
///
/// # Errors
/// If the definitions leave a fact no value.
pub fn draw(pack: &Pack, chance: &mut Chance) -> Result<Drawn> {
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
    Ok(Drawn { values, facts: read(&said)?, partly: read(&some)? })
}

/// The facts of a case by name, yes/no facts as such and the others as words.
fn stated(
    pack: &Pack,
    case: &Case,
    wanted: &dyn Fn(usize) -> bool,
) -> serde_json::Map<String, serde_json::Value> {
    let mut members = serde_json::Map::new();
    let facts = pack.vocabulary.facts.iter().zip(&case.values).enumerate();
    for (_, (fact, value)) in facts.filter(|(at, _)| wanted(*at)) {
        let word = fact.value(*value).map_or("", |value| value.name.as_str());
        let stated = if fact.boolean { (*value == 1).into() } else { word.into() };
        members.insert(fact.name.clone(), stated);
    }
    members
}

/// Our answer in the words all share; nothing if it cannot be said in them.
fn ours(pack: &Pack, case: &Case) -> Result<Option<Answer>> {
    let decision = decide(pack, &case.action, &case.facts, None)?;
    let allow = match decision.outcome {
        Outcome::Must | Outcome::May => true,
        Outcome::MustNot | Outcome::Silent => false,
        Outcome::NeedFacts | Outcome::Refer => return Ok(None),
    };
    let grounds = decision.grounds.into_iter().map(|ground| ground.id).collect();
    Ok(Some(Answer { allow, grounds: Some(grounds) }))
}

/// Checks that every case has one answer, whoever gives it. Says how many are allowed.
fn agree(pack: &Pack, cases: &[Case], peers: &mut [Entrant]) -> Result<usize> {
    let mut allowed = 0;
    for (at, case) in cases.iter().enumerate() {
        let ours = ours(pack, case)?.ok_or("a case for a person is among those timed")?;
        for entrant in &mut *peers {
            let theirs = entrant.peer.answer(at)?;
            if !ours.agrees(&theirs) {
                return Err(differ(case, &entrant.name, &ours, &theirs));
            }
        }
        allowed += usize::from(ours.allow);
    }
    Ok(allowed)
}

/// Checks for the actions that are not timed, too, that the same rules fire everywhere as in
/// Cedar: some of the peers evaluate the whole pack, so all of it has to be the same.
fn everywhere(library: &Library, pack: &Pack) -> Result<()> {
    let mut chance = Chance::new(1373);
    let actions = &pack.vocabulary.actions;
    let actions: Vec<&str> = actions.iter().map(|action| action.name.as_str()).collect();
    let mut cases = Vec::new();
    for _ in 0..DRAWN {
        cases.extend(draw(pack, &mut chance)?.for_actions(&actions));
    }
    let mut cedar = Cedar::new(library, pack, &cases)?;
    let mut peers = entrants(library, pack, &cases)?;
    for (at, case) in cases.iter().enumerate() {
        let one = cedar.answer(at)?;
        for entrant in &mut peers {
            let two = entrant.peer.answer(at)?;
            if !one.agrees(&two) {
                return Err(differ(case, &entrant.name, &one, &two));
            }
        }
    }
    Ok(())
}

fn differ(case: &Case, who: &str, one: &Answer, two: &Answer) -> Error {
    let Case { action, facts, .. } = case;
    format!("the answers to `{action}` differ: {one:?}, and of {who} {two:?}, for {facts:?}").into()
}
