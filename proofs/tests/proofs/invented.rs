//! Laws that nobody made: small ones drawn by the dozen, in which every modality meets every other,
//! above, below and in the same text. The shipped law has not all of that.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Both, differences, outcomes, survey};

const VOCABULARY: &str = r#"
action = [{ name = "hold", says = "keep someone" }]
[[fact]]
name = "paper"
question = "Which paper?"
values = [["detainer", "a detainer"], ["order", "an order"], ["none", "none"]]
[[fact]]
name = "judge"
question = "Has a judge signed?"
[[fact]]
name = "free"
question = "Could the person go?"
"#;

/// A definition: what an order is.
pub const ORDER: &str = r#"
[[definition]]
if = { paper = ["order"] }
then = { judge = ["true"] }
because = "a judge signs an order"
"#;

/// One rule: its modality, the rule of the same maker that it overrides, its condition.
pub type Line<'a> = [&'a str; 3];

/// A state's law and a city's of 2020.
pub fn town(definitions: &str, state: &[Line<'_>], city: &[Line<'_>]) -> Both {
    Both::new(&files(definitions, &[("state", "2020-01-01", state), ("city", "2020-01-01", city)]))
}

/// Editions by maker and first day.
fn files(definitions: &str, editions: &[(&str, &str, &[Line<'_>])]) -> BTreeMap<String, String> {
    let text = |id: &str, rules: &[[&str; 3]]| {
        let mut text = format!(
            "# {id}\n\n```instrument\nid = \"{id}\"\ncitation = \"{id}\"\nkind = \"statute\"\n\
             maker = \"{id}\"\nday_grade = \"text\"\n```\n"
        );
        for (at, [modality, overrides, condition]) in rules.iter().enumerate() {
            let effect = if ["must_not", "refer"].contains(modality) { "forbid" } else { "permit" };
            let overrides = match *overrides {
                "" => String::new(),
                id => format!("@overrides({id:?})"),
            };
            text.push_str(&format!(
                "\n## {at}\nIt says so.\n\n```cedar\n@id(\"{at}\") @cite(\"s. {at}\") \
                 @grade(\"text\") @modality({modality:?}) {overrides}\n{effect} (principal, \
                 action == Action::\"hold\", resource) when {{ {condition} }};\n```\n"
            ));
        }
        text
    };
    let agency = "# Town\n\n```agency\nname = \"Town\"\ntimezone = \"UTC\"\nprincipal = \"city\"\n\
                  stack = [\"state\", \"city\"]\n```\n";
    let mut files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), format!("{VOCABULARY}{definitions}")),
        ("agencies/town.md".to_owned(), agency.to_owned()),
    ]);
    for (maker, day, rules) in editions {
        files.insert(format!("{maker}/{day}.md"), text(maker, rules));
    }
    files
}

const MODALITIES: [&str; 5] = ["must", "must_not", "may", "shields", "refer"];
const CONDITIONS: [&str; 9] = [
    "true",
    "context.judge",
    "!context.free",
    "context.paper != Paper::\"none\"",
    "[Paper::\"order\", Paper::\"none\"].contains(context.paper) || context.free",
    "context.judge && context.free",
    "if context.free then context.judge else context.paper == Paper::\"detainer\"",
    "context.paper == Paper::\"order\"",
    "!(context.judge && context.paper == Paper::\"order\") && !context.free",
];
const RULES: [&str; 5] = ["0", "1", "2", "3", "4"];

/// Numbers that are the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn rules(&mut self) -> Vec<Line<'static>> {
        let count = self.below(RULES.len());
        (0..count)
            .map(|at| {
                let overrides =
                    if at > 0 && self.below(2) == 0 { RULES[self.below(at)] } else { "" };
                let (modality, condition) =
                    (self.below(MODALITIES.len()), self.below(CONDITIONS.len()));
                [MODALITIES[modality], overrides, CONDITIONS[condition]]
            })
            .collect()
    }
}

#[test]
fn drawn_laws_mean_what_the_specification_says() {
    let mut draw = Draw(20_141_219);
    let (mut asked, mut solved, mut reached, mut differ) = (0, 0, BTreeSet::new(), 0);
    let begun = std::time::Instant::now();
    for _ in 0..120 {
        let (state, before, after) = (draw.rules(), draw.rules(), draw.rules());
        let editions: [(&str, &str, &[Line<'_>]); 3] = [
            ("state", "2020-01-01", &state),
            ("city", "2020-01-01", &before),
            ("city", "2021-01-01", &after),
        ];
        let mut both = Both::new(&files(ORDER, &editions));
        let [one, two] =
            ["2020-01-01", "2021-01-01"].map(|day| ("town".to_owned(), day.to_owned()));
        for (agency, day) in [&one, &two] {
            assert_eq!(outcomes::agree(&mut both, agency, day), 5);
            let pack = both.pack(agency, day);
            reached.extend(survey::agree(&mut both, &pack).0);
        }
        differ += usize::from(differences::compare(&mut both, &one, &two, "hold") > 0);
        let counts = both.prover.counts();
        (asked, solved) = (asked + counts.0, solved + counts.1);
    }
    crate::done("invented laws", (asked, solved), begun);
    assert!(reached.len() == 5 && differ > 60, "{reached:?}, {differ} differ");
}
