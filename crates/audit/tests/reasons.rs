//! The reading of reasons: the published rules on the texts that analysts wrote down, on real
//! logs, on any text at all, and what is said of rules that do not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use audit::reason::{Class, Plain, Rules, has_case_number};
use proptest::prelude::*;

use Class::*;

const PUBLISHED: &str = include_str!("../rules/reasons.toml");

fn class(text: &str) -> Class {
    Rules::published().reading(text).class
}

/// Requires a class of each text, and names all that have another.
fn all_are(expected: Class, texts: &[&str]) {
    let rules = Rules::published();
    let strays = texts.iter().map(|text| (text, rules.reading(text)));
    let strays: Vec<_> = strays
        .filter(|(_, reading)| reading.class != expected)
        .map(|(text, it)| format!("`{text}`: {} by {}", it.class.word(), rules.rules()[it.rule].id))
        .collect();
    assert!(strays.is_empty(), "not {}: {strays:#?}", expected.word());
}

#[test]
fn the_published_rules_hold_every_example_of_theirs() {
    let rules = Rules::read(PUBLISHED).unwrap_or_else(|told| panic!("\n{}", told.join("\n")));
    assert_eq!(rules.version(), 1);
    for (at, rule) in rules.rules().iter().enumerate() {
        assert!(rule.says.ends_with('.'), "{}: {}", rule.id, rule.says);
        for text in &rule.examples {
            let reading = rules.reading(text);
            let expected = (at, rule.class, rule.plain);
            assert_eq!((reading.rule, reading.class, reading.plain), expected, "{text}");
        }
        for it in &rule.look_alikes {
            assert_ne!(rules.reading(&it.text).rule, at, "{}: {}", rule.id, it.why);
        }
    }
}

/// A class that no text can have would be a word without a meaning.
#[test]
fn every_class_has_a_rule_and_a_word_of_its_own() {
    let rules = Rules::published();
    for class in Class::ALL {
        assert_eq!(Class::of_word(class.word()), Some(class));
        assert!(rules.rules().iter().any(|rule| rule.class == class), "{}", class.word());
    }
    let of_immigration: Vec<&str> =
        Class::ALL.iter().filter(|it| it.is_of_immigration()).map(|it| it.word()).collect();
    let expected = [
        "immigration_civil",
        "immigration_criminal",
        "immigration_unclear",
        "mixed_criminal_and_immigration",
    ];
    assert_eq!(of_immigration, expected);
}

// The classes of the texts below follow from the words of the taxonomy, not from the rules: the
// texts are those that newspapers, analysts and agencies printed.

#[test]
fn reasons_of_immigration_as_they_were_typed() {
    let civil = [
        "Immigration (civil/administrative) - ",
        "Immigration (civil/administrative) - HSI",
        "ICE WARRANT",
        "ICE detainer",
        "ICE+ERO",
        "Deportation Warrant",
        "Immigration Warrant",
        "Immigration violation",
        "Immigration Status",
        "Immigration Enforcement",
        "ADMINISTRATIVE SPOUSE OF TARGET",
    ];
    all_are(ImmigrationCivil, &civil);
    all_are(ImmigrationCriminal, &["Immigration (criminal) - "]);
    all_are(ImmigrationUnclear, &["IMMIGRATION INVESTIGATION", "USBP Immigration Investigation"]);
    let mixed = ["Drugs/immigration violations", "Immigration/Drugs"];
    all_are(MixedCriminalAndImmigration, &mixed);
    all_are(FederalAgencyUnclear, &["ICE HSI TARGET", "HSI", "CBP Assist", "DHS"]);
    all_are(CriminalNonImmigration, &["HSI-Labor Trafficking", "Drugs/Narcotics - HSI"]);
    all_are(ImmigrationMentionOther, &["immigration protest"]);
    // What is said of a title in an alert holds for whoever wrote it into the alert.
    all_are(ImmigrationCivil, &["Other search associated with Alert: Immigration Violator - AA00"]);
}

#[test]
fn vague_reasons_as_they_were_typed() {
    let vague = [
        "investigation",
        "inv",
        "invest",
        "patrol investigation",
        "criminal investigation",
        "in progress investigation",
        "criminal justice",
        "suspect vehicle",
        "susp",
        "atl",
        "intel",
        "locate",
        "patrol",
        "bolo",
        "test",
        "training",
        "unk",
        ".",
        "s",
        "Daytime search for best result",
        "administrative test",
        "suspicious vehicle",
    ];
    all_are(Vague, &vague);
}

#[test]
fn words_that_only_look_like_immigration() {
    all_are(FalsePositive, &["heroin sales", "ice cream truck robbery", "ice sales", "DHS AOD"]);
    all_are(FalsePositive, &["Niceville", "DHS - Department of Human Services", "meth/ice"]);
    let ordinary = [
        "police",
        "Police assist",
        "service",
        "Niceville stolen vehicle",
        "vehice",
        "justice",
        "Obstructing the Police (Fleeing/Eluding) - fled from stop",
        "Obstructing the Police (Fleeing/Eluding)",
        "method unknown",
        "burgundy sedan",
        "border town theft",
        "fire marshal",
        "Federal Way PD",
        "crash on I-205",
        "287(g) PC",
        "probation detainer",
        "unlawful detainer",
        "illegal entry",
        "alien plush toy",
        "visa card",
    ];
    for text in ordinary {
        let class = class(text);
        let federal = matches!(class, FederalAgencyUnclear | FederalAgencyCriminal);
        assert!(!class.is_of_immigration() && !federal, "`{text}`: {}", class.word());
    }
}

#[test]
fn cells_that_are_no_reason_of_a_person() {
    all_are(Blank, &["", " ", "\t", "\u{a0}", "\u{feff}"]);
    all_are(Masked, &["***", "REDACTED", "[REDACTED]", " REDACTED", "###", "* * *", "\u{2588}"]);
    all_are(ExemptionCitation, &["7923.600 GC", "GC 7923.600", "Gov Code \u{a7} 7923.600(a)"]);
    all_are(CaseNumberOnly, &["C25-04411", "c25-04411", "26004170", "2025-04411", "7400"]);
    all_are(PenalCode, &["211pc", "245(a)(2)pc", "10851(a)CVC", "459 PC", "PC 372/664", "20002"]);
    let alert = "associated with Alert: AA00000 - 2025-05-21T05:27:32.339Z";
    let system = [
        &format!("Other image search from alerts page {alert}"),
        &format!("Dispatch quick search {alert}"),
        "0f8fad5b-d9cb-469f-a165-70867728950e",
    ];
    all_are(SystemGenerated, &system);
    all_are(NotCriminal, &["welfare check", "city planning", "Missing adult"]);
    all_are(FederalAgencyCriminal, &["usms case", "fbi assist: bank theft"]);
    all_are(CriminalNonImmigration, &["stolen", "hit and run", "fleeing", "theft", "shooting"]);
    all_are(Other, &["warrant", "agency assist", "\u{65e5}\u{672c}"]);
}

/// A crime and immigration together are a class of their own, whichever is said first.
#[test]
fn a_crime_beside_immigration_wins_over_both() {
    let immigration = ["immigration", "Immigration violation", "ICE detainer", "deportation"];
    let crimes = ["stolen vehicle", "Drugs", "homicide", "DUI", "Robbery"];
    for (immigration, crime) in immigration.iter().flat_map(|it| crimes.map(|crime| (it, crime))) {
        let texts = [
            format!("{immigration}/{crime}"),
            format!("{crime} - {immigration}"),
            format!("{crime}, {immigration} - C25-04411"),
        ];
        all_are(MixedCriminalAndImmigration, &texts.each_ref().map(String::as_str));
    }
    for label in ["Immigration (civil/administrative)", "Immigration (criminal)"] {
        let texts = [format!("Robbery, {label} - x"), format!("{label} - robbery")];
        all_are(MixedCriminalAndImmigration, &texts.each_ref().map(String::as_str));
    }
}

/// Every label of a crime is one for this. The three left out are of what follows on a crime, and
/// immigration beside them is all that is named.
#[test]
fn every_label_of_a_crime_beside_immigration_is_both() {
    let left_out = ["Wanted Person", "Material Witness", "Protective"];
    let labels = Rules::published().labels().iter();
    let labels: Vec<_> = labels.filter(|it| class(it) == CategoryOnly).collect();
    assert_eq!(labels.len(), 41);
    for label in labels {
        let expected = match left_out.iter().any(|it| label.starts_with(it)) {
            true => ImmigrationUnclear,
            false => MixedCriminalAndImmigration,
        };
        all_are(expected, &[&format!("{label} - immigration")]);
    }
}

#[test]
fn labels_and_details_are_both_read() {
    let rules = Rules::published();
    let label = |at: &usize| rules.labels()[*at].as_str();
    let labels = |text: &str| -> Option<Vec<&str>> {
        rules.reading(text).category.as_ref().map(|it| it.iter().map(label).collect())
    };
    assert_eq!(labels("robbery,ARSON - x - y"), Some(vec!["Robbery", "Arson"]));
    assert_eq!(labels("Hit and Run/Car Accident - "), Some(vec!["Hit and Run/Car Accident"]));
    assert_eq!(labels("Robbery"), Some(vec!["Robbery"]));
    // One piece that is no label, and the text is no choice from the list.
    assert_eq!(labels("Robbery, downtown - x"), None);
    assert_eq!(labels("Robbery-x"), None);
    assert_eq!(labels(""), None);
    assert_eq!(class("Robbery - "), CategoryOnly);
    assert_eq!(class("Robbery, Arson"), CategoryOnly);
    assert_eq!(class("Welfare Check - C25-04411"), NotCriminal);
    assert_eq!(class("Welfare Check, Robbery - C25-04411"), CriminalNonImmigration);
    assert_eq!(class("Welfare Check - ICE"), FederalAgencyUnclear);
    assert_eq!(class("Traffic Infraction - hit and run"), CriminalNonImmigration);
    // The label's warrant is none that an officer typed.
    assert_eq!(class("Wanted Person (Arrest Warrant/Fugitive) - ICE"), FederalAgencyUnclear);
    assert_eq!(class("Wanted Person (Arrest Warrant/Fugitive) - ICE warrant"), ImmigrationCivil);
    assert_eq!(class("Traffic Infraction - immigration"), ImmigrationUnclear);
    // A label that says nothing of the purpose leaves the detail to say it.
    assert_eq!(class("Criminal Justice Purpose"), Vague);
    assert_eq!(class("Criminal Justice Purpose - 10851 VC"), PenalCode);
    assert_eq!(class("Criminal Justice Purpose - inv"), Vague);
    assert_eq!(class("Criminal Justice Purpose - HSI"), FederalAgencyUnclear);
    assert!(rules.reading("Robbery - C25-04411").has_case_number);
}

#[test]
fn what_is_plain_and_what_is_not() {
    let plain = |text: &str| Rules::published().reading(text).plain;
    assert_eq!(plain("Immigration (civil/administrative) - HSI"), Plain::Plain);
    assert_eq!(plain("Immigration (criminal) -"), Plain::Plain);
    // No judge is named, and none is excluded.
    assert_eq!(plain("ICE WARRANT"), Plain::Likely);
    assert_eq!(plain("DHS"), Plain::Unclear);
    assert_eq!(plain("agency assist"), Plain::Unclear);
}

#[test]
fn numbers_of_cases_are_found_in_either_cell() {
    let with =
        ["C25-04411", "c25-048 wanted", "ATL c25-04411/68", "26-1204", "(C25-04411)", "CFS 604"];
    for text in with {
        assert!(has_case_number(text), "{text}");
    }
    // The first is the slip of a rule that took any `25` for a year.
    let without = ["$25", "$25-300", "12-25-2024", "217-555-0100", "459", "stolen", "", "25 mph"];
    for text in without {
        assert!(!has_case_number(text), "{text}");
    }
}

// --- any text ----------------------------------------------------------------------------------

/// Texts that come near to rules: their own words, cut and put together with others.
fn near() -> impl Strategy<Value = String> {
    let rules = Rules::published().rules().iter();
    let words = rules.flat_map(|rule| rule.examples.iter().flat_map(|it| it.split(' ')));
    let words: Vec<String> = words.map(str::to_owned).collect();
    let separator = proptest::sample::select(vec![" ", "/", " - ", ", ", "_", "-", "\u{a0}", ""]);
    let piece = prop_oneof![4 => proptest::sample::select(words), 1 => "\\PC{0,4}"];
    proptest::collection::vec((piece, separator), 0..8)
        .prop_map(|it| it.into_iter().map(|(piece, separator)| piece + separator).collect())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn blanks_around_and_the_case_of_letters_change_nothing(
        text in prop_oneof![near(), any::<String>()],
        before in "[ \t\r\n\u{a0}\u{3000}\u{feff}]{0,3}",
        after in "[ \t\r\n\u{a0}\u{3000}\u{feff}]{0,3}",
    ) {
        let rules = Rules::published();
        let reading = rules.reading(&text);
        prop_assert_eq!(reading.class, rules.rules()[reading.rule].class);
        prop_assert_eq!(reading.has_case_number, has_case_number(&text));
        prop_assert!(reading.category.as_ref().is_none_or(|it| !it.is_empty()));
        for other in [
            text.to_ascii_uppercase(),
            text.to_ascii_lowercase(),
            format!("{before}{text}{after}"),
        ] {
            prop_assert_eq!(rules.reading(&other), reading.clone(), "{:?}", other);
        }
    }

    /// An agency's letters inside a longer word are nothing, whatever the word's script.
    #[test]
    fn inside_a_longer_word_an_agency_is_not_found(
        before in "[a-z\u{e0}-\u{f6}\u{400}-\u{44f}]{0,5}",
        letters in "(?i)ice|ero|hsi|cbp|dhs|immigration|deportation",
        after in "[a-z\u{e0}-\u{f6}\u{400}-\u{44f}]{1,5}",
        around in "(stolen |case |)",
    ) {
        // A word may go on as `immigrations` does; one that begins before it may not.
        let long = letters.len() > 3;
        let before = if long && before.is_empty() { "x".to_owned() } else { before };
        let text = format!("{around}{before}{letters}{after}");
        let class = class(&text);
        let federal = class == FederalAgencyUnclear;
        prop_assert!(!class.is_of_immigration() && !federal, "{}: {}", text, class.word());
    }
}

#[test]
fn a_long_text_is_read_as_a_short_one_is() {
    let text = "police service, ".repeat(100_000);
    assert!(!class(&text).is_of_immigration());
    assert_eq!(class(&(text + "ICE detainer")), ImmigrationCivil);
}

// --- rules that do not hold --------------------------------------------------------------------

const EXAMPLE: &str = r#"example = ["", "  "]"#;
const NOT: &str = r#"not = [{ text = ".", why = "something was typed, though it says nothing" }]"#;
const WHY: &str = r#"why = "something was typed, though it says nothing""#;
const SAYS: &str = r#"says = "Nothing was typed, or nothing was exported.""#;

/// What is said of the published file after a change.
fn told(from: &str, to: &str) -> Vec<String> {
    assert!(PUBLISHED.contains(from), "{from}");
    Rules::read(&PUBLISHED.replacen(from, to, 1)).map(|_| ()).expect_err(to)
}

#[test]
fn what_is_wrong_with_rules_is_said_by_name() {
    let cases = [
        (r#"class = "blank""#, r#"class = "nought""#, "`nought` is no class; write one of: "),
        (r#"plain = "plain""#, r#"plain = "sure""#, "`sure` is no degree of plainness; write one"),
        (r#"id = "masked""#, r#"id = "blank""#, "the id is another rule's too; give it one"),
        ("['^$']", "['^($']", "a pattern cannot be read; correct it: "),
        ("['^$']", "['^{nothing}$']", "`{nothing}` names no words; add them under `[words]`"),
        ("['^$']", "[]", "no patterns; only the last rule is without"),
        (EXAMPLE, "example = []", "no example; add a text that it decides"),
        (EXAMPLE, r#"example = ["inv"]"#, "its example `inv` is decided by `vague-list`; change "),
        (NOT, "", "no look-alike; add under `not` a text that it must not decide"),
        (r#"text = ".""#, r#"text = """#, "it decides its look-alike `` (something was typed, "),
        (WHY, r#"why = """#, "a look-alike without `why`; say why it is none"),
        (SAYS, r#"says = """#, "`says` is empty; say in a sentence what such a text speaks about"),
    ];
    for (from, to, expected) in cases {
        let told = told(from, to);
        let expected = format!("rule `blank`: {expected}");
        assert!(told.iter().any(|it| it.starts_with(&expected)), "{to}: {told:#?}");
    }
    let cases = [
        (r#""$25""#, r#""C25-04411""#, "case_number: found in its look-alike `C25-04411` (an "),
        (r#"["C25-04411", "#, r#"["none", "#, "case_number: not found in its example `none`; "),
        (r#"["Criminal J"#, r#"["ARSON", "Criminal J"#, "labels: one stands twice; keep it in one"),
        (
            "unclear\"\nsays",
            "unclear\"\npatterns = ['x']\nsays",
            "rule `other`: the last rule has ",
        ),
    ];
    for (from, to, expected) in cases {
        let told = told(from, to);
        assert!(told.iter().any(|it| it.starts_with(expected)), "{to}: {told:#?}");
    }
    assert!(told("version = 1", "version = 1\nextra = 2")[0].contains("unknown field `extra`"));
    let none = "version = 1\nrule = []\n[labels]\n[words]\n\
        [case_number]\npatterns = []\nexample = []\nnot = []\n";
    let told = Rules::read(none).map(|_| ()).unwrap_err();
    assert_eq!(told, ["no rule; add at least the last one, without patterns"]);
}

// --- real logs ---------------------------------------------------------------------------------

/// One file of the data folder as rows by column, the names of columns trimmed.
fn real(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BAILIWICK_SHARED").map_or_else(beside, PathBuf::from);
    let Ok(bytes) = std::fs::read(folder.join("access-logs").join(name)) else {
        // Not by a macro: those are captured where a test passes, and this is to be seen.
        let line =
            format!("skipped: `{name}` is not in the data folder; set BAILIWICK_SHARED to it\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let columns: Vec<String> =
        reader.headers().unwrap().iter().map(|it| it.trim().to_owned()).collect();
    let row = |record: csv::StringRecord| {
        columns.iter().cloned().zip(record.iter().map(str::to_owned)).collect()
    };
    Some(reader.records().map(|record| row(record.unwrap())).collect())
}

/// Every labelled text is read as its label says.
#[test]
fn the_labelled_reasons_are_read_as_labelled() {
    let Some(rows) = real("reasons_labelled.csv") else { return };
    assert_eq!(rows.len(), 34);
    let mut confusion: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut strays = Vec::new();
    for row in &rows {
        let read = class(&row["text"]).word();
        *confusion.entry((row["suggested_class"].clone(), read)).or_default() += 1;
        if read != row["suggested_class"] {
            strays.push(format!("`{}` is read as {read}, {}", row["text"], row["why"]));
        }
    }
    eprintln!("{:<32} {:<32} texts", "labelled", "read as");
    for ((labelled, read), texts) in confusion {
        eprintln!("{labelled:<32} {read:<32} {texts}");
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn every_label_seen_is_known() {
    let Some(rows) = real("offense_dropdown_observed.csv") else { return };
    let rules = Rules::published();
    assert_eq!((rows.len(), rules.labels().len()), (48, 48));
    for row in rows {
        let label = row["category"].as_str();
        let expected = match label {
            "Immigration (civil/administrative)" => ImmigrationCivil,
            "Immigration (criminal)" => ImmigrationCriminal,
            "Criminal Justice Purpose" => Vague,
            "Welfare Check" | "Traffic Infraction" => NotCriminal,
            "Missing/Endangered Person/Runaway" | "City Planning/Traffic Analysis" => NotCriminal,
            _ => CategoryOnly,
        };
        for text in [label.to_owned(), format!("{label} - "), format!("{label} -")] {
            let reading = rules.reading(&text);
            assert_eq!(reading.class, expected, "{text}");
            let at = reading.category.as_deref().map(|it| it.to_vec()).unwrap();
            assert_eq!(
                at.iter().map(|at| rules.labels()[*at].as_str()).collect::<Vec<_>>(),
                [label]
            );
        }
    }
}

/// In 40,169 rows of this agency the whole word `ice` was counted 0 times, and its four rows of
/// HSI are of days (2025-03-06, 2025-09-18) that none of these files has.
#[test]
fn an_agency_without_immigration_has_none() {
    for month in ["2025-01-01_2025-02-01", "2025-05-01_2025-06-01", "2025-08-01_2025-08-31"] {
        let name = format!("Champaign IL PD_Organization_Audit_{month}.csv");
        let Some(rows) = real(&name) else { return };
        for row in &rows {
            let class = class(&row["Reason"]);
            let federal = class == FederalAgencyUnclear;
            assert!(!class.is_of_immigration() && !federal, "{}", row["Reason"]);
        }
        // Published of January 2025: no case number in its own cell, 74 % in the reason.
        if month.starts_with("2025-01") {
            let reasons = rows.iter().filter(|row| has_case_number(&row["Reason"])).count();
            let cells = rows.iter().filter(|row| has_case_number(&row["Case #"])).count();
            assert_eq!((reasons * 100 / rows.len(), cells), (74, 0));
        }
    }
}

/// In the 54,977 rows of which these are a half, a list of twelve whole words found one: the
/// neighbouring department `DHS AOD`.
#[test]
fn the_portals_have_none_either() {
    let Some(rows) = real("portal_search_audit_2026_half.csv") else { return };
    assert_eq!(rows.len(), 26_700);
    for row in &rows {
        for cell in ["reason", "offenseType"] {
            let class = class(&row[cell]);
            let federal = class == FederalAgencyUnclear;
            assert!(!class.is_of_immigration() && !federal, "{}", row[cell]);
        }
    }
}
