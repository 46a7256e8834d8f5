#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Proofs over every case, each a test that can fail. What they show is in `README.md`.

mod differences;
mod invented;
mod mutants;
mod outcomes;
mod properties;
mod rules;
mod survey;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use law::{Decision, Facts, Library, Pack, Source, Statement};
use proofs::meaning::Meaning;
use proofs::prover::Prover;
use proofs::texts::Texts;
use proofs::told;
use proofs::words::{Case, Condition};

/// Where each outcome is.
type Outcomes = BTreeMap<&'static str, Condition>;

/// The shipped law.
fn shipped() -> BTreeMap<String, String> {
    proofs::shipped().unwrap()
}

/// Both readings of the same files, and a running solver.
struct Both {
    law: Library,
    texts: Texts,
    prover: Prover,
    nothing: Pack,
    begun: Instant,
}

impl Both {
    fn new(files: &BTreeMap<String, String>) -> Self {
        let files = told::with_nobody(files);
        let law = Library::read(&files).unwrap_or_else(|problems| {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}", said.join("\n"))
        });
        let texts = Texts::read(&files).unwrap();
        let prover = Prover::new(&texts.words).unwrap_or_else(|error| panic!("{error}"));
        let nothing = told::pack(&law, told::NOBODY, "2000-01-01").unwrap();
        Self { law, texts, prover, nothing, begun: Instant::now() }
    }

    /// Every agency but nobody, with each day on which its law changes.
    fn packs(&self) -> Vec<(String, String)> {
        let agencies = self.texts.agencies.keys().filter(|it| *it != told::NOBODY);
        agencies
            .flat_map(|it| self.texts.days(it).unwrap().into_iter().map(|day| (it.clone(), day)))
            .collect()
    }

    fn pack(&self, agency: &str, day: &str) -> Pack {
        told::pack(&self.law, agency, day).unwrap()
    }

    /// Where the specification puts each outcome.
    fn outcomes(&self, agency: &str, day: &str, action: &str) -> Outcomes {
        Meaning::new(&self.texts.in_force(agency, day).unwrap(), action).outcomes()
    }

    /// What Cedar's evaluator makes of a case: the only outcome whose condition holds in it.
    fn evaluated(&self, action: &str, outcomes: &Outcomes, case: &Case) -> &'static str {
        let holds = |it: &&Condition| self.prover.holds(action, it, case).unwrap();
        let found: Vec<&str> =
            outcomes.iter().filter(|(_, it)| holds(it)).map(|(outcome, _)| *outcome).collect();
        assert_eq!(found.len(), 1, "{found:?} in {case:?}");
        found[0]
    }

    /// Says what was done; the harness does not catch it.
    fn done(&self, what: &str) {
        done(what, self.prover.counts(), self.begun);
    }
}

fn done(what: &str, (asked, solved): (usize, usize), begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    let mut out = std::io::stderr().lock();
    writeln!(out, "{what}: {asked} questions, {solved} to the solver, {seconds:.0} s").unwrap();
}

/// What `law` answers when these facts are stated.
fn decision(pack: &Pack, action: &str, case: &Case) -> Decision {
    let said: Vec<Statement> =
        case.iter().map(|(fact, value)| Statement::new(fact, value, Source::Officer)).collect();
    let facts = Facts::read(&pack.vocabulary, &said).unwrap();
    law::decide(pack, action, &facts, None).unwrap()
}
