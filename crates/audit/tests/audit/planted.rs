//! A planted year: every test finds what was put in for it, and nothing that only looks like it.

use std::collections::{BTreeMap, BTreeSet};

use audit::checks::{Recorded, SharingOff};
use audit::finding::Finding;
use law::Outcome;

use super::common::library;
use super::year::{HEADER, Put, Year, clock};
use super::{Given, key, text};

/// What was put in: for each test the row, counted as a spreadsheet does, that a lead begins with.
#[derive(Default)]
struct Planted {
    leads: BTreeSet<(&'static str, u32)>,
    innocent: u64,
    recorded: Vec<Recorded>,
    masked: String,
}

const ROWS: u64 = 5_000_000;

/// Texts that read as immigration: classes by the taxonomy of the published formats.
const IMMIGRATION: [&str; 6] = [
    "Immigration (civil/administrative) - ",
    "Immigration (criminal) - ",
    "ICE WARRANT",
    "Deportation Warrant",
    "Drugs/immigration violations",
    "IMMIGRATION INVESTIGATION",
];

/// Texts that only look like it.
const LOOK_ALIKES: [&str; 8] = [
    "Obstructing the Police (Fleeing/Eluding) - ",
    "heroin sales",
    "ice cream truck robbery",
    "DHS AOD",
    "HSI Narcotics Investigation",
    "service vehicle, Niceville",
    "HSI-Labor Trafficking",
    "immigration protest",
];

impl Planted {
    /// Puts a search where nothing was put yet, near a share of the year.
    fn put(&self, year: &mut Year, near: u64, put: Put) -> u64 {
        let row = (near..).find(|row| !year.put.contains_key(row)).unwrap();
        year.put.insert(row, put);
        row
    }

    fn lead(&mut self, test: &'static str, row: u64) {
        self.leads.insert((test, u32::try_from(row).unwrap() + 2));
    }

    fn request(&mut self, case: &str, day: i32, permitted: bool) {
        let entry = self.recorded.len() as u64 + 1;
        let case = key().case(case.as_bytes());
        let outcome = Some(if permitted { Outcome::May } else { Outcome::MustNot });
        let (search, share, declined) = (outcome, outcome, !permitted);
        self.recorded.push(Recorded { entry, day, case, federal: true, search, share, declined });
    }

    fn reasons(&mut self, year: &mut Year) {
        for n in 0..60_u64 {
            let reason = IMMIGRATION[n as usize % 6];
            let agency =
                if n % 2 == 0 { "Example IL PD".into() } else { format!("Town {n} IL PD") };
            let put = Put::new(&format!("USER{n:04}"), reason).of(&agency);
            let row = self.put(year, 50_000 + n * 70_001, put);
            self.lead("purpose", row);
        }
        for n in 0..20_u64 {
            let reason = ["Assist HSI", "HSI", "CBP Assist", "ICE HSI TARGET"][n as usize % 4];
            let row =
                self.put(year, 60_000 + n * 210_007, Put::new(&format!("USER{n:04}"), reason));
            self.lead("federal_agency", row);
        }
        for n in 0..600_u64 {
            let put = Put::new(&format!("USER{n:04}"), LOOK_ALIKES[n as usize % 8]);
            self.put(year, 1_000 + n * 8_001, put);
            self.innocent += 1;
        }
        // A recorded and permitted request on the same case explains.
        for n in 0..500_u64 {
            let case = format!("C25-E{n:04}");
            let reason = if n % 2 == 0 { IMMIGRATION[n as usize % 6] } else { "Assist HSI" };
            let put = Put::new(&format!("USER{n:04}"), reason).on(&case);
            let row = self.put(year, 200_000 + n * 9_001, put);
            let day = year.day(row) + i32::try_from(n % 29).unwrap() - 14;
            self.request(&case, day, true);
            self.innocent += 1;
        }
    }

    fn declined(&mut self, year: &mut Year) {
        for n in 0..20_u64 {
            let case = format!("C25-D{n:04}");
            let put = Put::new(&format!("USER{n:04}"), "theft").on(&case.replace("C25-", "c25 "));
            let row = self.put(year, 300_000 + n * 200_003, put);
            self.request(&case, year.day(row) - i32::try_from(n % 15).unwrap(), false);
            self.lead("after_declined", row);
        }
        for n in 0..300_u64 {
            let case = format!("C25-F{n:04}");
            let put = Put::new(&format!("USER{n:04}"), "theft").on(&case);
            let row = self.put(year, 400_000 + n * 13_003, put);
            let day = year.day(row);
            if n % 2 == 0 {
                // Too far from it.
                self.request(&case, day - 15, false);
            } else {
                // What was asked again with a warrant was permitted.
                self.request(&case, day - 3, false);
                self.request(&case, day - 1, true);
            }
            self.innocent += 1;
        }
    }

    fn agencies(&mut self, year: &mut Year) {
        for n in 0..20_u64 {
            let agency = format!("Far Town {n} {} PD", ["TX", "FL", "OH", "MO"][n as usize % 4]);
            let mut first = u64::MAX;
            for m in 0..5_u64 {
                let put = Put::new("FAR", "stolen vehicle").of(&agency);
                first = first.min(self.put(year, 700_000 + n * 90_001 + m * 400_009, put));
            }
            self.lead("other_state", first);
        }
        for n in 0..10_u64 {
            let agency = format!("Near Town {n} IL PD");
            // Before the day nothing is found.
            self.put(year, 2_000_000 + n * 31, Put::new("NEAR", "theft").of(&agency));
            let row = self.put(year, 2_600_000 + n * 31, Put::new("NEAR", "theft").of(&agency));
            self.lead("sharing_off", row);
            self.innocent += 1;
        }
        for n in 0..10_u64 {
            let put = Put::new(&format!("OLD{n} [Inactive]"), "robbery");
            let row = self.put(year, 2_700_000 + n * 77, put);
            self.lead("inactive", row);
        }
    }

    fn accounts(&mut self, year: &mut Year) {
        for n in 0..28_u64 {
            // Twenty accounts with 15 of 25, eight with 12 of 25.
            let vague = if n < 20 { 15 } else { 12 };
            let mut first = None;
            for m in 0..25_u64 {
                let reason = if m < vague { ["inv", "", "."][m as usize % 3] } else { "robbery" };
                let put = Put::new(&format!("BLANK{n:02}"), reason);
                let row = self.put(year, 900_000 + n * 100_003 + m * 4_001, put);
                first = first.or(Some(row));
            }
            if n < 20 {
                self.lead("undocumented", first.unwrap());
            } else {
                self.innocent += 25;
            }
        }
        for n in 0..20_u64 {
            let put = Put::new(&format!("BACK{n:02}"), "cold case").back(721 + n * 500);
            let row = self.put(year, 1_300_000 + n * 150_001, put);
            self.lead("look_back", row);
        }
        for n in 0..200_u64 {
            let put = Put::new(&format!("BACKOK{n:03}"), "cold case").back(720);
            self.put(year, 1_310_000 + n * 15_001, put);
            self.innocent += 1;
        }
        for n in 0..12_u64 {
            // Ten with 120 in an hour; two with 119, and another in the hour after.
            let many = if n < 10 { 120 } else { 119 };
            let mut at = year.hour_from(1_700_000 + n * 250_007);
            let mut first = None;
            for _ in 0..many {
                let row = self.put(year, at, Put::new(&format!("MANY{n:02}"), "amber alert"));
                first = first.or(Some(row));
                at = row + 1;
            }
            if n < 10 {
                self.lead("bulk", first.unwrap());
            } else {
                let next = year.hour_from(at);
                self.put(year, next, Put::new(&format!("MANY{n:02}"), "amber alert"));
                self.innocent += 120;
            }
        }
    }

    /// A second file: searches of ten agencies, the reason masked there.
    fn copies(&mut self, year: &mut Year) {
        self.masked = HEADER.replace("ID, Name", " Name").replacen(' ', "", 1);
        for n in 0..20_u64 {
            let agency = format!("Copy Town {n} IL PD");
            let put = Put::new("COPIED", "burglary").of(&agency);
            let row = self.put(year, 3_000_000 + n * 50_021, put);
            let second = year.second(row);
            let reason = if n < 10 { "***" } else { "burglary" };
            self.masked.push_str(&format!(
                "***,{agency},{},0,\"{} UTC\n{} UTC\",***,{reason},,,\"{} UTC\",lookup,,\r\n",
                row % 900,
                clock(second - 48 * 3_600),
                clock(second),
                clock(second),
            ));
            if n < 10 {
                self.lead("overwritten", row);
            } else {
                self.innocent += 1;
            }
        }
    }
}

/// For each test: leads put in, found, and found where nothing was put in.
fn score(planted: &Planted, findings: &[Finding]) -> BTreeMap<String, (u64, u64, u64)> {
    let mut score: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
    let mut left = planted.leads.clone();
    for (test, _) in &planted.leads {
        score.entry((*test).to_owned()).or_default().0 += 1;
    }
    for finding in findings {
        let at = (finding.test.as_str(), finding.rows[0].row);
        let found = score.entry(finding.test.clone()).or_default();
        match left.iter().find(|lead| (lead.0, lead.1) == at).copied() {
            Some(lead) => {
                left.remove(&lead);
                found.1 += 1;
            }
            None => found.2 += 1,
        }
    }
    score
}

#[test]
fn a_planted_year() {
    let mut year = Year::new(ROWS);
    let mut planted = Planted::default();
    planted.reasons(&mut year);
    planted.declined(&mut year);
    planted.agencies(&mut year);
    planted.accounts(&mut year);
    planted.copies(&mut year);
    assert_eq!(planted.leads.len(), 200);
    assert!(planted.innocent >= 2_000, "{}", planted.innocent);

    let library = library();
    let mut given = Given::new(&library);
    given.recorded = planted.recorded.clone();
    let off =
        |n: u64| SharingOff { with: format!("Near Town {n} IL PD"), from: "2025-07-01".to_owned() };
    given.thresholds.sharing_off = (0..10).map(off).collect();
    let files = |planted: &Planted| {
        vec![("year.csv", Box::new(year.clone()) as _), ("copy.csv", text(&*planted.masked))]
    };
    let made = given.audit(files(&planted));
    assert_eq!(made.searches, ROWS);
    assert_eq!(made.copies.across, 20);
    assert_eq!(made.explained, 500);
    let found = score(&planted, &made.findings);
    eprintln!("{:15} put in  found  beside", "test");
    for (test, (put, found, beside)) in &found {
        eprintln!("{test:15} {put:6} {found:6} {beside:6}");
    }
    for (test, (put, found, beside)) in &found {
        assert_eq!((put, *beside), (found, 0), "{test}");
    }

    // Bugs put in on purpose are noticed: what the score says is not what it always says.
    let mut canary = Given { recorded: planted.recorded.clone(), ..Given::new(&library) };
    canary.thresholds.look_back_days = 31;
    canary.thresholds.bulk_an_hour = 119;
    for request in &mut canary.recorded {
        let no = Some(Outcome::MustNot);
        (request.search, request.share, request.declined) = (no, no, true);
    }
    let made = canary.audit(files(&planted));
    let found = score(&planted, &made.findings);
    let wrong = |test: &str| {
        let (put, found, beside) = found[test];
        put != found || beside > 0
    };
    for test in ["look_back", "bulk", "purpose", "federal_agency", "after_declined", "sharing_off"]
    {
        assert!(wrong(test), "the canary in {test} was not noticed");
    }
    for test in ["inactive", "undocumented", "other_state", "overwritten"] {
        assert!(!wrong(test), "{test} has no canary");
    }
}
