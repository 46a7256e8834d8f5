//! The same law written by hand, as a program would have it that knows no other: what a decision
//! costs at the least. Facts are the fields of a row, rules are branches and bits.

use std::collections::BTreeSet;

use law::Pack;

use super::{Answer, Case, Peer, stated};
use crate::Result;

/// The provisions, in the order of the bits.
const RULES: [&str; 23] = [
    "8-usc-1373/a",
    "8-usc-1644/a",
    "8-usc-1357/g-1",
    "lunn/civil-detainer",
    "lunn/criminal-authority",
    "boston-trust-act/hold",
    "boston-trust-act/hold-criminal-warrant",
    "boston-trust-act/transfer",
    "boston-trust-act/transfer-judicial-order",
    "boston-trust-act/resources",
    "boston-trust-act/arrest",
    "boston-trust-act/reentry",
    "boston-trust-act/inquire",
    "boston-trust-act/release-date",
    "boston-trust-act/purpose-unclear",
    "boston-trust-act/personal-information",
    "boston-trust-act/personal-information-purpose-unclear",
    "boston-trust-act/serious-violent-crime",
    "boston-trust-act/serious-violent-crime-civil",
    "boston-trust-act/criminal-history",
    "boston-trust-act/functions",
    "boston-trust-act/investigators",
    "boston-trust-act/certification",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Hold,
    Arrest,
    Inquire,
    Notify,
    Transfer,
    Share,
    Search,
    Join,
    Deputize,
    Certify,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    Detainer,
    AdministrativeWarrant,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    CivilImmigration,
    Trafficking,
    Unclear,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Information {
    Status,
    Personal,
    CriminalHistory,
    Other,
}

/// One case: the action and what the law of Boston asks about it.
struct Row {
    action: Action,
    basis: Basis,
    purpose: Purpose,
    information: Information,
    investigators: bool,
    eligible_for_release: bool,
    criminal_warrant: bool,
    judicial_order: bool,
    criminal_charge: bool,
    enhanced_reentry: bool,
    serious_violent_crime: bool,
    written_agreement: bool,
}

impl Row {
    fn new(pack: &Pack, case: &Case) -> Result<Self> {
        let facts = stated(pack, case, &|_| true);
        let word = |name: &str| {
            facts.get(name).and_then(|it| it.as_str()).ok_or_else(|| format!("no word `{name}`"))
        };
        let yes = |name: &str| {
            facts.get(name).and_then(|it| it.as_bool()).ok_or_else(|| format!("no fact `{name}`"))
        };
        Ok(Self {
            action: Action::named(&case.action),
            basis: match word("basis")? {
                "detainer" => Basis::Detainer,
                "administrative_warrant" => Basis::AdministrativeWarrant,
                _ => Basis::Other,
            },
            purpose: match word("purpose")? {
                "civil_immigration" => Purpose::CivilImmigration,
                "human_trafficking"
                | "child_exploitation"
                | "drug_trafficking"
                | "weapons_trafficking"
                | "cybercrime" => Purpose::Trafficking,
                "mixed" | "not_given" => Purpose::Unclear,
                _ => Purpose::Other,
            },
            information: match word("information")? {
                "immigration_status" => Information::Status,
                "personal" => Information::Personal,
                "criminal_history" => Information::CriminalHistory,
                _ => Information::Other,
            },
            investigators: word("requester")? == "hsi",
            eligible_for_release: yes("eligible_for_release")?,
            criminal_warrant: yes("criminal_warrant")?,
            judicial_order: yes("judicial_order")?,
            criminal_charge: yes("criminal_charge")?,
            enhanced_reentry: yes("enhanced_reentry")?,
            serious_violent_crime: yes("serious_violent_crime")?,
            written_agreement: yes("written_agreement")?,
        })
    }
}

impl Action {
    fn named(word: &str) -> Self {
        match word {
            "hold" => Self::Hold,
            "arrest" => Self::Arrest,
            "inquire" => Self::Inquire,
            "notify" => Self::Notify,
            "transfer" => Self::Transfer,
            "share" => Self::Share,
            "search" => Self::Search,
            "join" => Self::Join,
            "deputize" => Self::Deputize,
            "certify" => Self::Certify,
            _ => Self::Other,
        }
    }
}

/// Whether it is allowed, and the provisions that say so, a bit each.
fn decide(row: &Row) -> (bool, u32) {
    let at = |rule: u32, holds: bool| u32::from(holds) << rule;
    let civil = row.purpose == Purpose::CivilImmigration;
    let resources = at(9, civil && !row.criminal_charge);
    let investigators = at(21, row.investigators && row.purpose == Purpose::Trafficking);
    let (forbidden, permitted) = match row.action {
        Action::Hold => {
            let detainer = row.basis == Basis::Detainer;
            let civil_paper = detainer || row.basis == Basis::AdministrativeWarrant;
            let free = row.eligible_for_release && !row.criminal_warrant;
            let forbidden = at(3, free && detainer) | at(5, free && civil_paper);
            (forbidden | resources, at(4, row.criminal_warrant) | at(6, row.criminal_warrant))
        }
        Action::Transfer => (at(7, !row.judicial_order), at(8, row.judicial_order)),
        Action::Arrest => {
            let paper = row.basis == Basis::AdministrativeWarrant && !row.criminal_charge;
            (at(10, paper) | resources, at(11, row.enhanced_reentry))
        }
        Action::Inquire => (at(12, true), 0),
        Action::Notify => (at(13, civil) | at(14, row.purpose == Purpose::Unclear), investigators),
        Action::Share => {
            let personal = row.information == Information::Personal;
            let status = row.information == Information::Status;
            let history = row.information == Information::CriminalHistory;
            let violent = row.serious_violent_crime;
            let forbidden = at(15, personal && civil && !violent)
                | at(16, personal && row.purpose == Purpose::Unclear)
                | at(18, personal && civil && violent);
            let permitted = at(0, status) | at(1, status) | at(17, violent && !civil);
            (forbidden, permitted | at(19, history) | investigators)
        }
        Action::Search => {
            (0, at(19, row.information == Information::CriminalHistory) | investigators)
        }
        Action::Join => (resources, investigators),
        Action::Deputize => (at(20, true), at(2, row.written_agreement)),
        Action::Certify => (0, at(22, true)),
        Action::Other => (0, 0),
    };
    if forbidden == 0 { (permitted != 0, permitted) } else { (false, forbidden) }
}

/// The rows, ready.
pub struct Hand(Vec<Row>);

impl Hand {
    /// Reads the rows.
    ///
    /// # Errors
    /// If a fact is missing.
    pub fn new(pack: &Pack, cases: &[Case]) -> Result<Self> {
        Ok(Self(cases.iter().map(|case| Row::new(pack, case)).collect::<Result<_>>()?))
    }
}

impl Peer for Hand {
    fn answer(&mut self, at: usize) -> Result<Answer> {
        let (allow, bits) = decide(self.0.get(at).ok_or("no such case")?);
        let ids = RULES.iter().zip(0..).filter(|(_, at)| bits >> at & 1 == 1);
        let grounds: BTreeSet<String> = ids.map(|(id, _)| (*id).to_owned()).collect();
        Ok(Answer { allow, grounds: Some(grounds) })
    }

    fn all(&mut self) -> Result<()> {
        for row in &self.0 {
            std::hint::black_box(decide(std::hint::black_box(row)));
        }
        Ok(())
    }
}
