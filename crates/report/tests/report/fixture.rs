//! A small register, entry by entry, and what its reports are about.

use std::collections::BTreeMap;

use law::report::{Definition, Feature, Item, Measure, Period};
use law::{Due, Grade};
use register::entry::{Correction, Decision, Done, Nil, Pack, Public, Request, What};
use report::{About, Agency, Checkpoint, Instrument};

/// A register under construction.
#[derive(Default)]
pub struct Book {
    pub entries: Vec<(u64, Public)>,
    numbers: BTreeMap<String, u64>,
}

impl Book {
    pub fn new() -> Self {
        let mut book = Self::default();
        book.pack('a', "2025-01-01");
        book
    }

    pub fn add(&mut self, public: Public) -> u64 {
        let index = self.entries.len() as u64;
        self.entries.push((index, public));
        index
    }

    pub fn pack(&mut self, digit: char, day: &str) -> u64 {
        let digest = digit.to_string().repeat(64);
        self.add(Public::Pack(Pack { agency: "town-pd".into(), digest, day: day.into() }))
    }

    pub fn request(&mut self, at: (&str, &str), actions: &[&str], basis: &str) -> u64 {
        self.ticked(at, actions, basis, &[], None)
    }

    pub fn ticked(
        &mut self,
        (channel, day): (&str, &str),
        actions: &[&str],
        basis: &str,
        reasons: &[&str],
        station: Option<&str>,
    ) -> u64 {
        let seq = self.numbers.entry(channel.to_owned()).or_default();
        *seq += 1;
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let request = Request {
            channel: channel.into(),
            seq: *seq,
            day: day.into(),
            actions: owned(actions),
            basis: basis.into(),
            form: Some("i_247a".into()),
            reasons: owned(reasons),
            station: station.map(str::to_owned),
            requester: Some("ero".into()),
        };
        self.add(Public::Request(request))
    }

    /// A request of which all that matters to an item is said.
    pub fn asked(
        &mut self,
        day: &str,
        actions: &[&str],
        basis: &str,
        form: Option<&str>,
        requester: Option<&str>,
    ) -> u64 {
        let index = self.request(("fax-a", day), actions, basis);
        if let Some((_, Public::Request(request))) = self.entries.last_mut() {
            request.form = form.map(str::to_owned);
            request.requester = requester.map(str::to_owned);
        }
        index
    }

    /// A decision on provisions of the example's law.
    pub fn decided(&mut self, refers: u64, action: &str, outcome: &str, grounds: &[&str]) -> u64 {
        let index = self.decision(refers, action, outcome, Some("text"));
        if let Some((_, Public::Decision(decision))) = self.entries.last_mut() {
            decision.grounds = grounds.iter().map(|ground| (*ground).to_owned()).collect();
        }
        index
    }

    pub fn decision(
        &mut self,
        refers: u64,
        action: &str,
        outcome: &str,
        grade: Option<&str>,
    ) -> u64 {
        self.decision_under('a', refers, action, outcome, grade)
    }

    pub fn decision_under(
        &mut self,
        digit: char,
        refers: u64,
        action: &str,
        outcome: &str,
        grade: Option<&str>,
    ) -> u64 {
        self.add(Public::Decision(Decision {
            refers,
            action: action.into(),
            outcome: outcome.into(),
            grounds: grade.iter().map(|_| "1(a)".to_owned()).collect(),
            grade: grade.map(str::to_owned),
            pack: digit.to_string().repeat(64),
            on: "2025-01-01".into(),
        }))
    }

    pub fn done(&mut self, refers: u64, what: What, day: &str) -> u64 {
        self.done_for(refers, what, day, None, None)
    }

    pub fn done_for(
        &mut self,
        refers: u64,
        what: What,
        day: &str,
        basis: Option<&str>,
        cents: Option<u64>,
    ) -> u64 {
        self.add(Public::Done(Done {
            refers,
            what,
            day: day.into(),
            basis: basis.map(str::to_owned),
            action: None,
            cents,
        }))
    }

    pub fn nil(&mut self, channel: &str, day: &str) -> u64 {
        self.add(Public::Nil(Nil { channel: channel.into(), day: day.into() }))
    }

    pub fn void(&mut self, refers: u64) -> u64 {
        self.add(Public::Correction(Correction { refers, set: [].into(), void: true }))
    }

    pub fn correct(&mut self, refers: u64, field: &str, value: serde_json::Value) -> u64 {
        let set = [(field.to_owned(), value)].into();
        self.add(Public::Correction(Correction { refers, set, void: false }))
    }

    /// What a report for 2025 on all these entries is about.
    pub fn about(&self) -> About {
        About {
            agency: Agency { id: "town-pd".into(), name: "Police of a Town".into() },
            period: "2025".parse().unwrap(),
            definition: Definition {
                id: "yearly".into(),
                title: "Yearly report".into(),
                cite: "Town Code 3".into(),
                grade: Grade::Quoted,
                who: "the commissioner".into(),
                to: "the clerk".into(),
                period: Period::CalendarYear,
                due: Some(Due::Yearly { month: 12, day: 31 }),
                nil: Some(law::report::Nil::Owed),
                withhold_below: None,
                items: vec![
                    Item {
                        of: vec![[(Feature::Basis, vec!["detainer".to_owned()])].into()],
                        ..item("lodged", "Detainers", Measure::Requests, Some(Feature::Reason))
                    },
                    item("held", "People held", Measure::Held, Some(Feature::Basis)),
                    item("transferred", "People handed over", Measure::Transferred, None),
                    item("paid", "Paid back", Measure::Reimbursed, Some(Feature::Case)),
                ],
            },
            instruments: vec![Instrument {
                title: "Town Trust Ordinance".into(),
                citation: "Town Code 1-9".into(),
                edition: "2019-12-19".into(),
                grade: Grade::Secondary,
            }],
            checkpoint: Checkpoint {
                origin: "town.example/register".into(),
                size: self.entries.len() as u64,
                root: "cm9vdA==".into(),
                text: "town.example/register\n21\ncm9vdA==\n\n# not a title\n".into(),
            },
            channels: [].into(),
            labels: [("final_order".to_owned(), "a final order".to_owned())].into(),
        }
    }
}

/// An item that counts.
pub fn item(id: &str, says: &str, count: Measure, by: Option<Feature>) -> Item {
    Item {
        id: id.into(),
        says: says.into(),
        grade: None,
        count,
        of: Vec::new(),
        but: Vec::new(),
        by,
        show: Vec::new(),
        fill: Vec::new(),
        certify: None,
    }
}

/// The register whose numbers were worked out by hand in `small.rs`.
pub fn small() -> Book {
    let mut book = Book::new();
    let mine = Some("S1");
    let first = book.ticked(
        ("fax-a", "2025-01-05"),
        &["hold", "notify"],
        "detainer",
        &["statements"],
        mine,
    );
    book.decision(first, "hold", "must_not", Some("quoted"));
    book.decision(first, "notify", "need_facts", None);
    book.done(first, What::Declined, "2025-01-06");
    let boxes = ["biometric_match", "statements"];
    let second = book.ticked(("fax-a", "2025-01-20"), &["hold"], "detainer", &boxes, mine);
    book.decision(second, "hold", "must_not", Some("quoted"));
    book.done_for(second, What::Held, "2025-01-21", Some("criminal_warrant"), None);
    book.done_for(second, What::Held, "2025-01-22", Some("criminal_warrant"), None);
    let before = book.request(("desk", "2024-12-31"), &["hold"], "detainer");
    book.done(before, What::Transferred, "2025-01-02");
    let voided = book.request(("desk", "2025-03-03"), &["hold"], "detainer");
    let order = book.request(("desk", "2025-03-04"), &["transfer"], "court_order");
    book.done_for(order, What::Reimbursed, "2025-06-01", None, Some(123_450));
    book.done_for(order, What::Reimbursed, "2025-07-01", None, Some(50));
    book.nil("desk", "2025-03-05");
    book.void(voided);
    book.correct(first, "reasons", serde_json::json!(["final_order"]));
    book.request(("fax-b", "2025-12-31"), &["hold"], "detainer");
    book.pack('b', "2025-06-01");
    book.decision_under('b', first, "hold", "must_not", Some("text"));
    book
}
