//! The text of an edition, with each rule, how well it was read, and whether its examples hold.

use askama::Template;
use jiff::civil::Date;
use law::reading::{Part, Span, parts};
use law::{Duty, Edition, Example, Library, Modality, Pack, Property, Rule, check, prove};

use super::{address, pack};
use crate::compare;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// What stands under one heading.
#[derive(Default)]
struct Section {
    heading: Option<(u8, Vec<Span>)>,
    blocks: Vec<Block>,
}

enum Block {
    Words {
        says: Vec<Span>,
        not_coded: bool,
    },
    List(Vec<Vec<Span>>),
    Rule(ShownRule),
    Example(ShownExample),
    /// What is so in every case: the sentence, and what became of the proof.
    Property(String, std::result::Result<(), String>),
    Duty(ShownDuty),
    /// A report that is ordered: its title, citation and grade.
    Report(String, String, &'static str),
    Fence(String, String),
}

struct ShownRule {
    id: String,
    cite: String,
    does: &'static str,
    grade: &'static str,
    checked: Option<String>,
    lifts: Option<String>,
    text: String,
}

struct ShownExample {
    say: String,
    asks: String,
    expects: String,
    holds: Holds,
}

/// Whether an example holds.
enum Holds {
    Yes,
    No(String),
    /// It asks another agency, whose law is not here.
    Elsewhere(String),
}

struct ShownDuty {
    who: String,
    says: String,
    due: Option<String>,
    cite: String,
    grade: &'static str,
}

#[derive(Template)]
#[template(path = "desk/law-text.html")]
struct Text {
    page: Page,
    citation: String,
    maker: String,
    from: String,
    day_grade: &'static str,
    says: &'static str,
    /// How many examples hold, of those that were run.
    held: usize,
    run: usize,
    /// The other editions of the instrument: first day and address.
    others: Vec<(String, String)>,
    /// The day before, for a comparison.
    before: Option<String>,
    sections: Vec<Section>,
}

/// An edition, for reading.
pub fn text(visit: &Visit) -> Given {
    let library = visit.app.library();
    let from = law::parse_day(visit.place("edition")).map_err(|_| Refusal::NotFound)?;
    // Only what the library was read from can be reached: no path of a file is made of the address.
    let edition = library.edition(visit.place("instrument"), from).ok_or(Refusal::NotFound)?;
    let written = library.text(edition).ok_or(Refusal::NotFound)?;
    let showing = Showing::new(visit, edition);
    let mut sections = vec![Section::default()];
    for part in parts(edition, written) {
        if let Part::Heading { level, says } = part {
            sections.push(Section { heading: Some((level, says)), blocks: Vec::new() });
        } else if let (Some(section), Some(block)) = (sections.last_mut(), showing.block(part)) {
            section.blocks.push(block);
        }
    }
    let of = |which: fn(&Holds) -> bool| {
        let blocks = sections.iter().flat_map(|section| &section.blocks);
        blocks.filter(|it| matches!(it, Block::Example(it) if which(&it.holds))).count()
    };
    let (held, not) = (of(|it| matches!(it, Holds::Yes)), of(|it| matches!(it, Holds::No(_))));
    let others = library.editions().filter(|it| it.path == edition.path && it.from != from);
    Reply::page(&Text {
        page: visit.page(edition.title.clone(), "law"),
        citation: edition.instrument.citation.clone(),
        maker: edition.instrument.maker.clone(),
        from: from.to_string(),
        day_grade: edition.instrument.day_grade.says(),
        says: edition.grade().says(),
        held,
        run: held.saturating_add(not),
        others: others.map(|it| (it.from.to_string(), address(it))).collect(),
        before: before(visit, from),
        sections,
    })
}

/// The day before an edition, if the agency had a law then.
fn before(visit: &Visit, from: Date) -> Option<String> {
    let before = from.yesterday().ok()?;
    pack(&visit.app, before).ok().map(|_| before.to_string())
}

struct Showing<'a> {
    library: &'a Library,
    edition: &'a Edition,
    agency: &'a str,
    /// The law of the agency on the edition's first day that it has a law.
    pack: Option<Pack>,
}

impl<'a> Showing<'a> {
    fn new(visit: &'a Visit, edition: &'a Edition) -> Self {
        let library = visit.app.library();
        let agency = visit.app.settings().agency.as_str();
        let days = library.change_days(agency).unwrap_or_default();
        let day = days.first().map_or(edition.from, |first| edition.from.max(*first));
        Self { library, edition, agency, pack: pack(&visit.app, day).ok() }
    }

    fn block(&self, part: Part<'_>) -> Option<Block> {
        Some(match part {
            Part::Heading { .. } => return None,
            Part::Paragraph { says, not_coded } => Block::Words { says, not_coded },
            Part::List(items) => Block::List(items),
            Part::Rule(rule, text) => Block::Rule(self.rule(rule, text)),
            Part::Example(example) => Block::Example(self.example(example)),
            Part::Property(property) => {
                Block::Property(property.say.clone(), self.proved(property))
            }
            Part::Duty(duty) => Block::Duty(shown(duty)),
            Part::Report(it) => Block::Report(it.title.clone(), it.cite.clone(), it.grade.says()),
            Part::Fence(kind, text) => Block::Fence(kind, text),
        })
    }

    fn rule(&self, rule: &Rule, text: String) -> ShownRule {
        let signed = self.library.signatures().find(|it| {
            it.agency == self.agency
                && it.edition == self.edition.file
                && it.provisions.contains(&rule.id)
        });
        ShownRule {
            id: rule.id.clone(),
            cite: rule.cite.clone(),
            does: does(rule.modality),
            grade: rule.grade.says(),
            checked: signed.map(|it| {
                format!("checked against the official text on {}, signed by {}", it.on, it.by)
            }),
            lifts: rule.overrides.clone(),
            text,
        }
    }

    fn example(&self, example: &Example) -> ShownExample {
        let asked = check::asked(self.library, example);
        let (day, elsewhere) = match &asked {
            Ok((agency, day, _)) => {
                let other = Some(agency.clone()).filter(|agency| agency != self.agency);
                (day.to_string(), other)
            }
            Err(why) => (String::new(), Some(why.clone())),
        };
        let holds = match elsewhere {
            Some(agency) => Holds::Elsewhere(agency),
            None => match check::run(self.library, example) {
                Ok(()) => Holds::Yes,
                Err(why) => Holds::No(why),
            },
        };
        let facts = example.request.iter().chain(&example.facts);
        let facts: Vec<String> = facts.map(|(fact, value)| format!("{fact}={value}")).collect();
        let mut expects = example.expect.replace('_', " ");
        if let Some(outcome) = law::Outcome::ALL.into_iter().find(|it| it.word() == example.expect)
        {
            expects = compare::word(outcome);
        }
        for (word, list) in [(" because of ", &example.because), (", asks for ", &example.missing)]
        {
            if !list.is_empty() {
                expects.push_str(word);
                expects.push_str(&list.join(", "));
            }
        }
        let asks = format!("{day}: {} {}", example.action, facts.join(" "));
        ShownExample { say: example.say.clone(), asks, expects, holds }
    }

    /// Whether a property holds in every case of the edition's first pack.
    fn proved(&self, property: &Property) -> std::result::Result<(), String> {
        let in_force = |pack: &&Pack| pack.editions.iter().any(|it| it.file == self.edition.file);
        let Some(pack) = self.pack.as_ref().filter(in_force) else {
            return Err("not proved here: another edition is in force where there is law".into());
        };
        match prove(pack, property) {
            Ok(None) => Ok(()),
            Ok(Some(case)) => {
                let facts: Vec<String> =
                    case.facts.iter().map(|(fact, value)| format!("{fact}={value}")).collect();
                let outcome = compare::word(case.outcome);
                Err(format!("does not hold: it is {outcome} with {}", facts.join(" ")))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

fn shown(duty: &Duty) -> ShownDuty {
    ShownDuty {
        who: duty.who.clone(),
        says: duty.says.clone(),
        due: duty.due.as_ref().map(law::Due::says),
        cite: duty.cite.clone(),
        grade: duty.grade.says(),
    }
}

/// What a rule does, in a word for people.
fn does(modality: Modality) -> &'static str {
    match modality {
        Modality::Must => "Orders it",
        Modality::MustNot => "Forbids it",
        Modality::May => "Permits it",
        Modality::Shields => "Protects it from prohibitions of lower makers",
        Modality::Refer => "Leaves it to a person",
    }
}
