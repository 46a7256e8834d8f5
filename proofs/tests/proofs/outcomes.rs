//! Each pack: where the compiled law comes to an outcome is where the specification puts it.

use proofs::meaning::OUTCOMES;
use proofs::told;

use crate::{Both, shipped};

#[test]
fn every_outcome_is_where_the_specification_puts_it() {
    let mut both = Both::new(&shipped());
    let mut proved = 0;
    for (agency, day) in both.packs() {
        proved += agree(&mut both, &agency, &day);
    }
    assert!(proved >= 47 * 11 * 5, "{proved}");
    both.done("outcomes");
}

/// Requires it of one pack, and gives how many outcomes of how many actions there were.
pub fn agree(both: &mut Both, agency: &str, day: &str) -> usize {
    let pack = both.pack(agency, day);
    let mut proved = 0;
    for action in both.texts.words.actions.clone() {
        let specified = both.outcomes(agency, day, &action);
        let told = told::outcomes(&both.nothing, &pack, &action, &both.texts.words).unwrap();
        for outcome in OUTCOMES {
            let (told, specified) = (&told[outcome], &specified[outcome]);
            let found = both.prover.same(&action, told, specified).unwrap();
            let place = format!("{agency} on {day}, {action}, {outcome}");
            assert_eq!(found, None, "{place}:\n{told}\n{specified}");
            proved += 1;
        }
    }
    proved
}
