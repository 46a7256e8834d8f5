//! Reasons and agencies of a made log: invented texts, with the shares that real ones have.

use audit::reason::Rules;

use crate::chance::Chance;

/// Reasons that belong together, and how many of a thousand rows have one of them.
pub struct Kind {
    /// Of a thousand.
    pub share: usize,
    /// The texts, the most frequent first.
    pub texts: Vec<String>,
}

impl Kind {
    /// The place of the vague ones among all.
    pub const VAGUE: usize = 3;
}

/// What is typed most.
const COMMON: [&str; 40] = [
    "stolen",
    "hit and run",
    "fleeing",
    "stolen vehicle",
    "theft",
    "shooting",
    "burglary",
    "robbery",
    "warrant",
    "retail theft",
    "homicide",
    "carjacking",
    "missing person",
    "welfare check",
    "shots fired",
    "domestic",
    "drugs",
    "narcotics",
    "fraud",
    "agg assault",
    "recovered stolen",
    "road rage",
    "wanted",
    "gun",
    "reckless driving",
    "dui",
    "suspicious person",
    "criminal damage",
    "kidnapping",
    "stalking",
    "trespass",
    "catalytic converter theft",
    "runaway juvenile",
    "arson",
    "sexual assault",
    "fugitive",
    "agency assist",
    "uuv",
    "forgery",
    "vehicle pursuit",
];

/// What says only that someone is looked for.
const VAGUE: [&str; 25] = [
    "investigation",
    "inv",
    "invest",
    "patrol investigation",
    "suspect vehicle",
    "criminal investigation",
    "susp",
    "locate",
    "bolo",
    "suspicious vehicle",
    "atl",
    "intel",
    "patrol",
    "Criminal Justice Purpose",
    "Daytime search for best result",
    "in progress investigation",
    "test",
    "unk",
    "follow up",
    "training",
    "Investigation, locate suspect",
    ".",
    "s",
    "info",
    "check",
];

/// Sections of codes.
const SECTIONS: [&str; 14] = [
    "245(a)(2)pc",
    "211pc",
    "459",
    "10851 VC",
    "487(a)",
    "20002 CVC",
    "PC 245 suspect vehicle",
    "625 ILCS 5/4-103",
    "720 ILCS 5/16-25",
    "11377 H&S",
    "poss 10851",
    "273.5 pc",
    "1700",
    "7400",
];

/// What only looks like a word of immigration, or of an agency.
const LOOK_ALIKES: [&str; 20] = [
    "police report",
    "assist other police dept",
    "service call",
    "heroin",
    "heroin sales",
    "notice to appear",
    "in service training",
    "justice center",
    "office burglary",
    "vehice",
    "ice cream truck robbery",
    "slid on black ice, hit and run",
    "meth/ice",
    "ice sales",
    "DHS child welfare",
    "immigration protest",
    "posing as ICE agent, robbery",
    "novice driver",
    "Federal Way PD assist",
    "device theft",
];

/// Immigration, alone or beside a crime.
const IMMIGRATION: [&str; 24] = [
    "Immigration (civil/administrative) - ",
    "Immigration (criminal) - ",
    "ICE",
    "immigration",
    "ICE WARRANT",
    "ICE detainer",
    "Immigration (civil/administrative) - HSI",
    "Immigration Enforcement",
    "IMMIGRATION INVESTIGATION",
    "Immigration Warrant",
    "ICE+ERO",
    "Deportation Warrant",
    "Immigration Status",
    "Drugs/immigration",
    "Immigration/Drugs",
    "ERO",
    "removal order",
    "human smuggling",
    "illegal re-entry",
    "ADMINISTRATIVE SPOUSE OF TARGET",
    "I-200",
    "administrative warrant",
    "ICE detainer / stolen vehicle",
    "Drugs/Narcotics, Immigration (criminal) - ",
];

/// Agencies of homeland security, and federal ones of criminal work.
const FEDERAL: [&str; 20] = [
    "HSI",
    "Assist HSI",
    "HSI Narcotics",
    "CBP Assist",
    "border patrol",
    "DHS",
    "HSI-Labor Trafficking",
    "Drugs/Narcotics - HSI",
    "ICE HSI TARGET",
    "homeland security",
    "USMS",
    "US Marshals fugitive",
    "fbi assist",
    "DEA",
    "ATF firearms",
    "federal assist",
    "CBP narcotics",
    "USBP",
    "HSI detainer",
    "fed case",
];

/// What is covered before release.
const MASKED: [&str; 5] = ["***", "REDACTED", " REDACTED", "[REDACTED]", "7923.600 GC"];

/// Details after a label.
const DETAILS: [&str; 12] = [
    "inv",
    "suspect vehicle",
    "invest",
    "locate",
    "vic veh",
    "2 suspects",
    "occurred overnight",
    "detective follow up",
    "seen leaving, \"silver\" sedan",
    "see report",
    "bolo",
    "evidence",
];

/// Every reason, by kind: about 47,000 of them different.
pub fn reasons(chance: &mut Chance) -> Vec<Kind> {
    let fixed = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    // Immigration has a share of its own.
    let labels = Rules::published().labels().iter().filter(|it| !it.starts_with("Immigration"));
    let labels: Vec<String> = labels.cloned().collect();
    let mut many = |count: usize, text: &mut dyn FnMut(&mut Chance) -> String| -> Vec<String> {
        (0..count).map(|_| text(chance)).collect()
    };
    let one = |chance: &mut Chance, from: &[&str]| {
        chance.pick(from).map(|&text| text.to_owned()).unwrap_or_default()
    };
    let chosen = |chance: &mut Chance| chance.pick(&labels).cloned().unwrap_or_default();
    vec![
        Kind { share: 290, texts: many(25_000, &mut case) },
        Kind { share: 200, texts: fixed(&COMMON) },
        Kind {
            share: 200,
            texts: many(20_000, &mut |chance| match chance.below(5) {
                0 => format!("{} - ", chosen(chance)),
                1 => format!("{}, {} - {}", chosen(chance), chosen(chance), one(chance, &DETAILS)),
                2 => format!("{} - {}", chosen(chance), one(chance, &DETAILS)),
                _ => format!("{} - {}", chosen(chance), case(chance)),
            }),
        },
        Kind { share: 120, texts: fixed(&VAGUE) },
        Kind { share: 50, texts: vec![String::new()] },
        Kind { share: 40, texts: fixed(&SECTIONS) },
        Kind {
            share: 50,
            texts: many(10_000, &mut |chance| format!("{} {}", case(chance), one(chance, &COMMON))),
        },
        Kind {
            share: 15,
            texts: many(3_000, &mut |chance| {
                format!(
                    "Other image search from alerts page associated with Alert: Stolen Vehicle {} \
                     - 2025-{:02}-{:02}T05:27:32.339Z",
                    plate(chance),
                    1 + chance.below(12),
                    1 + chance.below(28)
                )
            }),
        },
        Kind { share: 13, texts: fixed(&LOOK_ALIKES) },
        Kind { share: 20, texts: fixed(&MASKED) },
        Kind { share: 1, texts: fixed(&IMMIGRATION) },
        Kind { share: 1, texts: fixed(&FEDERAL) },
    ]
}

/// The number of a case, in one of the forms that agencies give them.
pub fn case(chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => format!("C25-{:05}", chance.below(100_000)),
        1 => format!("2025-{:08}", chance.below(1_000_000)),
        2 => format!("25-{:06}", chance.below(1_000_000)),
        _ => format!("25{:06}", chance.below(1_000_000)),
    }
}

/// A plate that nobody has.
pub fn plate(chance: &mut Chance) -> String {
    let mut letter = || char::from(b'A' + (chance.below(26) as u8));
    let letters: String = [letter(), letter(), letter()].into_iter().collect();
    format!("{letters}{:04}", chance.below(10_000))
}

/// The agency whose log it is.
pub const OWN: &str = "Example County IL SO";

/// States that others are of.
const STATES: [&str; 20] = [
    "TX", "CA", "FL", "GA", "IN", "MO", "WI", "IA", "KY", "TN", "OH", "MI", "VA", "NC", "AZ", "CO",
    "WA", "OK", "KS", "MN",
];

const BEGINNINGS: [&str; 24] = [
    "North", "Lake", "Fair", "Green", "Mill", "Stone", "Oak", "Elm", "River", "West", "East",
    "Cedar", "Maple", "Spring", "Clear", "High", "Pine", "Ash", "Glen", "Sand", "Red", "White",
    "Silver", "Long",
];

const ENDS: [&str; 10] =
    ["field", "ton", "brook", "port", "dale", "wood", "ridge", "view", "ford", "haven"];

/// An agency, and its accounts.
pub struct Agency {
    /// As the log names it.
    pub name: String,
    /// How many accounts it has.
    pub accounts: usize,
    /// The number of the first of them.
    pub first: usize,
}

/// Agencies by who they are to the one whose log it is, and how many of a thousand rows are of
/// each group: its own, those of its state, of other states, federal ones, and those whose name
/// does not tell.
pub fn agencies(chance: &mut Chance) -> Vec<(usize, Vec<Agency>)> {
    let mut accounts = 0;
    let mut town = 0;
    let mut agency = |name: String, most: usize| {
        let agency = Agency { name, accounts: 1 + chance.below(most), first: accounts };
        accounts += agency.accounts;
        agency
    };
    let mut place = || {
        let name = |at: usize| -> Option<String> {
            let end = ENDS.get(at % ENDS.len())?;
            Some(format!("{}{end}", BEGINNINGS.get(at / ENDS.len() % BEGINNINGS.len())?))
        };
        town += 1;
        name(town * 7).unwrap_or_default()
    };
    let state = |at: usize| STATES.get(at % STATES.len()).copied().unwrap_or_default();
    let same = (0..180).map(|_| agency(format!("{} IL PD", place()), 20)).collect();
    let others = (0..400).map(|at| agency(format!("{} {} PD", place(), state(at)), 20)).collect();
    let unknown = (0..20).map(|_| agency(format!("{} Regional Unit", place()), 10)).collect();
    let federal = (1..=12).map(|at| agency(format!("[Federal] Example Office {at:02}"), 6));
    let closed = "[Federal] Example Border Office [Inactive]".to_owned();
    let mut federal: Vec<Agency> = federal.collect();
    federal.push(agency(closed, 2));
    vec![
        (40, vec![agency(OWN.to_owned(), 90)]),
        (350, same),
        (570, others),
        (10, federal),
        (30, unknown),
    ]
}
