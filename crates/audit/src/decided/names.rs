//! What the name of an agency tells of where it is: its state, or that it is a federal one.
//!
//! - In: a name as logs write it: "Champaign IL PD", "Example County SO TX", "US Border Patrol".
//! - Out: what is plain from it, and else nothing.
//! - Absent: where towns are. Two states in a name, or letters that are as often a word, tell
//!   nothing unless they stand where vendors write the state.

use super::Searcher;

/// The states and territories.
const STATES: [&str; 53] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA",
    "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM",
    "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA",
    "WV", "WI", "WY", "PR", "GU",
];

/// Those that are as well a word or an abbreviation: a county, a court, the Spanish for "of", a
/// port authority, a sheriff's department, Los Angeles, Veterans Affairs. They tell the state only
/// where it usually stands.
const WORDS: [&str; 14] =
    ["CO", "CT", "DE", "HI", "ID", "IN", "LA", "MA", "ME", "OK", "OR", "PA", "SD", "VA"];

/// What kind of agency it is, beside which the state stands. `CO` and `SD` are among them where
/// they are no state.
const KINDS: [&str; 22] = [
    "PD",
    "SO",
    "SD",
    "CSO",
    "SP",
    "HP",
    "DPS",
    "DA",
    "FD",
    "MPD",
    "UPD",
    "PDS",
    "POLICE",
    "SHERIFF",
    "SHERIFFS",
    "SHERIFF'S",
    "CONSTABLE",
    "PATROL",
    "DEPARTMENT",
    "DEPT",
    "OFFICE",
    "AGENCY",
];

/// Kinds of sheriffs' offices, before which `CO` is as often the county.
const OF_COUNTIES: [&str; 6] = ["SO", "SD", "CSO", "SHERIFF", "SHERIFFS", "SHERIFF'S"];

/// Names of federal agencies, and their abbreviations, each with a name that has it. Left out is
/// what others are called as well: a state's department of homeland security, and `DHS`, which is
/// a department of human services too.
const FEDERAL: [(&str, &str); 32] = [
    ("border patrol", "US Border Patrol - Chicago Sector"),
    ("customs and border protection", "Customs & Border Protection"),
    ("immigration and customs enforcement", "U.S. Immigration and Customs Enforcement"),
    ("homeland security investigations", "Homeland Security Investigations Houston"),
    ("enforcement and removal operations", "DHS Enforcement and Removal Operations"),
    ("citizenship and immigration services", "US Citizenship and Immigration Services"),
    ("us department of homeland security", "US Department of Homeland Security"),
    ("federal protective service", "Federal Protective Service"),
    ("secret service", "United States Secret Service"),
    ("coast guard investigative service", "Coast Guard Investigative Service"),
    ("us marshal", "US Marshal Northern District"),
    ("us marshals", "U.S. Marshals Service"),
    ("federal bureau of investigation", "Federal Bureau of Investigation"),
    ("federal bureau of prisons", "Federal Bureau of Prisons"),
    ("drug enforcement administration", "Drug Enforcement Administration Chicago"),
    ("bureau of alcohol tobacco", "Bureau of Alcohol, Tobacco, Firearms and Explosives"),
    ("postal inspection service", "US Postal Inspection Service"),
    ("us park police", "US Park Police"),
    ("national park service", "National Park Service"),
    ("us fish and wildlife", "US Fish & Wildlife Service"),
    ("us forest service", "US Forest Service"),
    ("us capitol police", "US Capitol Police"),
    ("naval criminal investigative service", "Naval Criminal Investigative Service"),
    ("veterans affairs police", "Veterans Affairs Police"),
    ("HSI", "HSI Chicago"),
    ("ICE", "ICE ERO Chicago"),
    ("CBP", "CBP Port of Detroit"),
    ("USBP", "USBP Laredo"),
    ("USMS", "USMS Fugitive Task Force"),
    ("FBI", "FBI Springfield IL"),
    ("DEA", "DEA"),
    ("ATF", "ATF Kansas City"),
];

/// What a name tells, for an agency of a state.
pub(super) fn told(name: &str, own_state: &str) -> Searcher {
    let parts = name.split(|it: char| it.is_whitespace() || matches!(it, '-' | '/'));
    let words: Vec<String> = parts.filter_map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let beside = beside_its_kind(&words);
    // A town's officers in a federal agency's task force are the town's.
    match federal(&words) {
        Some(0) => return Searcher::Federal,
        Some(_) if beside.is_none() => return Searcher::Federal,
        _ => {}
    }
    match beside.unwrap_or_else(|| anywhere(&words)) {
        Some(state) if state == own_state => Searcher::InState,
        Some(_) if !own_state.is_empty() => Searcher::OutOfState,
        _ => Searcher::Elsewhere,
    }
}

/// A word without the signs around it; `U.S.` and `&` as words. What vendors put into brackets is
/// no part of a name.
fn word(word: &str) -> Option<String> {
    match word {
        _ if word.starts_with('[') => None,
        "&" => Some("and".to_owned()),
        "U.S." => Some("US".to_owned()),
        _ => {
            let bare = word.trim_matches(|it: char| !it.is_alphanumeric());
            (!bare.is_empty()).then(|| bare.to_owned())
        }
    }
}

/// The place at which the name of a federal agency begins; 0 also after whose part it is.
fn federal(words: &[&str]) -> Option<usize> {
    let places = 0..words.len();
    let is_at = |at: usize| {
        let rest = words.get(at..).unwrap_or_default();
        FEDERAL.iter().any(|(phrase, _)| {
            let short = phrase.starts_with(|it: char| it.is_ascii_uppercase());
            let is = |(word, wanted): (&&str, &str)| match short {
                true => *word == wanted,
                false => word.eq_ignore_ascii_case(wanted),
            };
            let wanted = phrase.split(' ');
            rest.len() >= wanted.clone().count() && rest.iter().zip(wanted).all(is)
        })
    };
    let at = places.into_iter().find(|at| is_at(*at))?;
    let before = words.get(..at).unwrap_or_default();
    let is_part = |word: &&str| ["US", "United", "States", "DHS", "DOJ"].contains(word);
    Some(if before.iter().all(is_part) { 0 } else { at })
}

fn is_kind(word: &str) -> bool {
    KINDS.iter().any(|kind| word.eq_ignore_ascii_case(kind))
}

/// The state of a name that has one before or after the kind of agency: nothing where none has
/// that place, and none where several states have.
fn beside_its_kind<'a>(words: &[&'a str]) -> Option<Option<&'a str>> {
    let mut found: Option<Option<&str>> = None;
    for (at, word) in words.iter().enumerate().skip(1).filter(|(_, word)| STATES.contains(word)) {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let next = words.get(at.saturating_add(1)).copied();
        let is_state = match next {
            // "Example County SO TX"; of "Example County CO SD" neither is a state.
            None => is_kind(before) && !STATES.contains(&before),
            Some(next) => {
                let of_county = OF_COUNTIES.iter().any(|kind| next.eq_ignore_ascii_case(kind));
                let county = *word == "CO" && of_county && !before.eq_ignore_ascii_case("county");
                // "Harris County TX CO 4" is a constable's.
                (is_kind(next) || next == "CO") && !county
            }
        };
        if is_state {
            let same = found.is_none_or(|state| state == Some(*word));
            found = Some(same.then_some(*word));
        }
    }
    found
}

/// The only state that a name has, wherever it stands; words and abbreviations only as its end.
fn anywhere<'a>(words: &[&'a str]) -> Option<&'a str> {
    let last = words.len().checked_sub(1)?;
    let is_state = |(at, word): &(usize, &&str)| {
        let is_word = WORDS.contains(word);
        let at_end = *at == last && last > 0 && !["CO", "SD"].contains(word);
        STATES.contains(word) && (!is_word || at_end)
    };
    let mut states = words.iter().enumerate().filter(is_state).map(|(_, word)| *word);
    let first = states.next()?;
    states.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::{FEDERAL, STATES, Searcher, WORDS, told};
    use Searcher::{Elsewhere, Federal, InState, OutOfState};

    fn of(names: &[&str], state: &str, expected: Searcher) {
        for name in names {
            assert_eq!(told(name, state), expected, "{name}");
        }
    }

    /// The forms that logs have, of every state.
    #[test]
    fn states_are_told_where_vendors_write_them() {
        for state in STATES {
            for kind in ["PD", "Police Department", "SO", "CSO", "Constable", "DPS"] {
                let county = format!("Example County {state} {kind}");
                of(&[&county], state, InState);
                of(&[&county], "ZZ", OutOfState);
                of(&[&format!("Example County {kind} {state}")], state, InState);
            }
            of(&[&format!("Example Town {state} PD")], state, InState);
        }
        of(&["Champaign IL PD", "Champaign, IL Police", "Illinois State Police IL"], "IL", InState);
        of(&["Example County SO TX", "Harris County TX CO 4", "Alvin ISD TX PD"], "TX", InState);
        of(&["Riverside CA SO", "Los Angeles County CA SD", "LA County CA SD"], "CA", InState);
        of(
            &["Sioux Falls SD PD", "Pennington County SD SO", "Example County SO SD"],
            "SD",
            InState,
        );
        of(&["Denver CO PD", "Larimer County CO SO", "Weld County SO CO"], "CO", InState);
        of(&["Gary Police Department IN", "Gary IN PD", "CITY OF GARY IN"], "IN", InState);
        of(&["LA CROSSE WI PD", "OR WI PD"], "WI", InState);
        of(&["Kansas City KS PD [Inactive]"], "KS", InState);
        of(&["Example County SO IN [Inactive]"], "IN", InState);
        of(&["IL State Police", "Task Force IL District 5"], "IL", InState);
        let seen = [
            "Conway AR PD",
            "Riverside CA SO",
            "Kenner LA PD",
            "The Colony TX PD",
            "Alvin ISD TX",
            "St. Louis Park MN PD",
            "Okaloosa County FL SO",
            "Lakewood WA PD",
            "Kenner LA",
        ];
        of(&seen, "IL", OutOfState);
    }

    #[test]
    fn what_may_be_another_word_tells_no_state() {
        let names = [
            "Example County SD",
            "Example CO SO",
            "Example Co SO",
            "Cook CO",
            "Example CO SD",
            "LA County Sheriff",
            "LA SD",
            "VA Medical Center PD",
            "POLICE IN EXAMPLE",
            "PARK OR FOREST RANGERS",
            "Town KS PD MO",
            "KS MO Task Force",
            "Nowhere",
            "",
            "PD",
            "DE ANZA COLLEGE PD",
            "example-county-ca-so",
        ];
        for state in ["IL", "SD", "CO", "LA", "VA", "IN", "OR", "KS", "DE"] {
            of(&names, state, Elsewhere);
        }
        // Whatever it tells, nothing is in or out of no state.
        of(&["Champaign IL PD"], "", Elsewhere);
        assert!(WORDS.iter().all(|word| STATES.contains(word)));
    }

    #[test]
    fn federal_agencies_are_told_by_their_names() {
        for (_, example) in FEDERAL {
            of(&[example, &example.replace("US ", "U.S. ")], "IL", Federal);
        }
        for (phrase, _) in FEDERAL {
            let names = [phrase.to_owned(), format!("Chicago {phrase}"), format!("{phrase} IL PD")];
            of(&names.each_ref().map(String::as_str), "IL", Federal);
        }
        of(&["Border Patrol IL Sector", "US Border Patrol TX", "DHS HSI"], "IL", Federal);
        of(&["Chicago ICE", "ICE/ERO", "HSI-Chicago", "U.S. BORDER PATROL"], "IL", Federal);
        let not = [
            "Nice Town",
            "POLICE",
            "Ice Harbor",
            "Marshall",
            "Federal Way",
            "DHS",
            "Office of DHS",
            "Indiana Department of Homeland Security",
            "Secret Springs",
            "Hsia",
            "Park Police",
        ];
        of(&not, "IL", Elsewhere);
        of(&["Iceland TX PD", "Houston TX PD HSI Task Force", "Marshall TX PD"], "IL", OutOfState);
        of(&["Springfield IL PD - FBI Task Force", "Illinois DHS IL"], "IL", InState);
    }
}
