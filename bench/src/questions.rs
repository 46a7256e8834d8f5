//! How many questions it takes until a case is settled, beside the order of a form.

use law::{Facts, Next, Pack, Source, Statement, ask};

use crate::Result;
use crate::chance::Chance;
use crate::decision::{Drawn, draw};
use crate::syntax::{applying, spoken};
use crate::table::Table;
use crate::timing::figure;

/// The agency that has a row of its own.
const AGENCY: &str = "us-ma-boston-pd";

/// Complete cases of each agency.
const CASES: usize = 64;

/// Questions it took, one way and another.
#[derive(Clone, Copy, Default)]
struct Questions {
    cases: usize,
    /// Each time the one that is expected to settle most.
    best: usize,
    /// Of the facts that the rules of the action speak about, in the order of the vocabulary.
    form: usize,
    /// Of all facts, in the order of the vocabulary.
    all: usize,
}

impl Questions {
    fn add(&mut self, more: Self) {
        self.cases += more.cases;
        self.best += more.best;
        self.form += more.form;
        self.all += more.all;
    }

    fn cells(&self, name: &str) -> [String; 6] {
        let each = |sum: usize| figure(sum as f64 / self.cases as f64);
        let [best, form, all] = [self.best, self.form, self.all].map(each);
        let share = figure(self.best as f64 / self.all as f64);
        let of_form = figure(self.best as f64 / self.form as f64);
        [name.to_owned(), best, all, share, form, of_form]
    }
}

/// Counts questions.
///
/// # Errors
/// If a law is too large to compile.
pub fn measure() -> Result<Table> {
    let library = bailiwick::texts::library(None, None)?;
    let head = [
        "questions until settled, on average",
        "`ask`",
        "all facts in order",
        "÷ this",
        "only facts the rules speak about, in order",
        "÷ this",
    ];
    let mut table = Table::new("Questions", &head);
    let mut total = Questions::default();
    let laws = library.agencies().count();
    for (at, agency) in library.agencies().enumerate() {
        eprint!("\rquestions: agency {} of {laws}", at + 1);
        let day = library.change_days(&agency.id)?.pop().ok_or("an agency without law")?;
        let pack = library.pack(&agency.id, day)?;
        let mut chance = Chance::new(54);
        let mut here = Questions::default();
        for _ in 0..CASES {
            let drawn = draw(&pack, &mut chance)?;
            for action in &pack.vocabulary.actions {
                here.add(asked(&pack, &action.name, &drawn)?);
            }
        }
        if agency.id == AGENCY {
            table.row(&here.cells("Boston, every action"));
        }
        total.add(here);
    }
    eprintln!();
    table.row(&total.cells("every agency, every action"));
    table.note(format!(
        "{} complete cases, drawn with every value alike as long as no definition of the \
         vocabulary is broken: {CASES} for each action of each of {laws} agencies, under its \
         newest law. A fact that follows from what was said is not asked. A form stops, too, as \
         soon as the outcome is settled.",
        figure(total.cases as f64),
    ));
    Ok(table)
}

/// The questions of one case under one law.
fn asked(pack: &Pack, action: &str, drawn: &Drawn) -> Result<Questions> {
    let vocabulary = &pack.vocabulary;
    let all: Vec<usize> = (0..vocabulary.facts.len()).collect();
    let relevant = spoken(&applying(pack, action)?);
    let mut best = Talk::new(pack, action, drawn);
    while let Next::Ask(question) = best.next()? {
        best.tell(vocabulary.fact(&question.fact).ok_or("a fact that is gone")?)?;
    }
    let in_order = |facts: &[usize]| -> Result<usize> {
        let mut talk = Talk::new(pack, action, drawn);
        for fact in facts {
            if matches!(talk.next()?, Next::Settled(_)) {
                return Ok(talk.said.len());
            }
            if talk.facts.value(*fact).is_none() {
                talk.tell(*fact)?;
            }
        }
        Ok(talk.said.len())
    };
    Ok(Questions {
        cases: 1,
        best: best.said.len(),
        form: in_order(&relevant)?,
        all: in_order(&all)?,
    })
}

/// Somebody who has a case and answers what is asked.
struct Talk<'a> {
    pack: &'a Pack,
    action: &'a str,
    drawn: &'a Drawn,
    said: Vec<Statement>,
    facts: Facts,
}

impl<'a> Talk<'a> {
    fn new(pack: &'a Pack, action: &'a str, drawn: &'a Drawn) -> Self {
        Self { pack, action, drawn, said: Vec::new(), facts: Facts::none(&pack.vocabulary) }
    }

    fn next(&self) -> Result<Next> {
        Ok(ask(self.pack, self.action, &self.facts, &[])?)
    }

    fn tell(&mut self, at: usize) -> Result<()> {
        let fact = self.pack.vocabulary.facts.get(at).ok_or("a fact that is gone")?;
        let value = self.drawn.values.get(at).and_then(|value| fact.value(*value));
        let value = value.ok_or("a case without a value")?;
        self.said.push(Statement::new(&fact.name, &value.name, Source::Officer));
        self.facts =
            Facts::read(&self.pack.vocabulary, &self.said).map_err(|all| all.join("; "))?;
        Ok(())
    }
}
