//! An agency's counsel signs what was checked, and every answer says so.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::run::{Ran, run};

const EDITION: &str = "us/ma/boston/trust-act/2019-12-19.md";
const AGENCY: &str = "us-ma-boston-pd";

/// A copy of the law, with a key for Boston's counsel.
struct Counsel {
    folder: tempfile::TempDir,
}

impl Counsel {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
        copy(&shipped, &folder.path().join("law"));
        let counsel = Self { folder };
        let key = counsel.path("counsel.key");
        let made = run("new-key --json counsel.boston.example --out", &[&key]).ok().json();
        let agency = format!("law/agencies/{AGENCY}.md");
        let named = format!("```agency\ncounsel = {}", made["vkey"]);
        counsel.edit(&agency, "```agency", &named);
        fs::write(counsel.path("ordinance.pdf"), b"%PDF-1.7 the official text").unwrap();
        counsel
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    fn sign(&self, rules: &[&str]) -> Ran {
        let [law, key, official] =
            ["law", "counsel.key", "ordinance.pdf"].map(|name| self.path(name));
        let line = format!(
            "sign --on 2026-02-03 --law {law} --agency {AGENCY} --key {key} --official {official} \
             {EDITION}"
        );
        run(&line, rules)
    }

    fn run(&self, line: &str) -> Ran {
        run(&format!("--law {} {line}", self.path("law")), &[])
    }

    fn note(&self) -> String {
        format!("law/{}.{AGENCY}.signed", EDITION.trim_end_matches(".md"))
    }
}

fn copy(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

const NOTICE: &str = "decide --json --on 2025-03-01 --action notify --fact \
                      purpose=civil_immigration --fact requester=ero --fact form=i_247n";

#[test]
fn what_counsel_has_checked_counts_as_read_in_the_text() {
    let counsel = Counsel::new();
    let before = counsel.run(NOTICE).ok().json();
    assert_eq!(before["grounds"][0]["id"], "boston-trust-act/release-date");
    assert_ne!(before["grade"], "text", "nothing to lift");
    counsel.sign(&["release-date", "hold"]).ok();
    let after = counsel.run(NOTICE).ok().json();
    assert_eq!(after["grade"], "text");
    let checked = json!({ "by": "counsel.boston.example", "on": "2026-02-03" });
    assert_eq!(after["grounds"][0]["checked"], checked);
    assert_eq!(after["grounds"][0]["grade"], before["grounds"][0]["grade"], "as it was read here");
    let shown = counsel.run(&NOTICE.replace("--json ", "")).ok().out;
    let said = "checked against the official text on 2026-02-03, signed by counsel.boston.example";
    assert!(shown.contains(said), "{shown}");
    // Another agency's answers are not this counsel's affair, nor is a rule not named.
    let transfer = "decide --json --on 2025-03-01 --action transfer --fact judicial_order=false";
    let other = counsel.run(transfer).ok().json();
    assert_eq!(other["grounds"][0].get("checked"), None);
    let all = counsel.run(&format!("check {}", counsel.path("law"))).ok().out;
    assert!(all.contains("1 editions are signed, each beside its official text."), "{all}");
}

/// The register says, when a pack is taken into use, what counsel had checked of it.
#[test]
fn the_entry_of_a_pack_names_what_was_signed() {
    let counsel = Counsel::new();
    counsel.sign(&["hold"]).ok();
    let data = counsel.path("register");
    counsel.run(&format!("init --on 2025-01-02 --data {data}")).ok();
    let [receipt, opening] = ["pack.receipt", "pack.opening"].map(|name| counsel.path(name));
    counsel.run(&format!("receipt --data {data} 0 --out {receipt} --opening {opening}")).ok();
    let line = format!("verify --json --key {data}/public/vkey --receipt {receipt}");
    let found = run(&line, &["--opening", &opening]).ok().json();
    let checked = json!([["boston-trust-act/hold", "counsel.boston.example"]]);
    assert_eq!(found["entry"]["private"]["checked"], checked);
}

#[test]
fn a_signature_that_does_not_hold_is_a_problem_of_the_law() {
    let counsel = Counsel::new();
    counsel.sign(&["hold"]).ok();
    let note = fs::read_to_string(counsel.path(&counsel.note())).unwrap();
    let refused = |says: &str| {
        let named = "2019-12-19.us-ma-boston-pd.signed";
        counsel.run(&NOTICE.replace("--json ", "")).refused(5, &[named, says]);
    };
    let put = |text: &str| fs::write(counsel.path(&counsel.note()), text).unwrap();
    put(&note.replace("/hold", "/transfer"));
    refused("the text was altered");
    put(note.split_once("\n\n").unwrap().0);
    refused("it is not a signed note");
    // A key of somebody else, under the same name.
    let key = counsel.path("other.key");
    run("new-key counsel.boston.example --out", &[&key]).ok();
    put(&note);
    let own = fs::read_to_string(counsel.path("counsel.key")).unwrap();
    fs::copy(&key, counsel.path("counsel.key")).unwrap();
    counsel.sign(&["hold"]).refused(2, &["it is not signed by `counsel.boston.example+"]);
    fs::write(counsel.path("counsel.key"), own).unwrap();
    // The text was changed after it was signed; signing again mends it.
    counsel.edit(&format!("law/{EDITION}"), "# ", "# The ");
    refused("has changed since it was signed on 2026-02-03: have it signed again, or delete");
    counsel.sign(&["hold", "transfer"]).ok();
    counsel.run(NOTICE).ok();
    let agency = format!("law/agencies/{AGENCY}.md");
    counsel.edit(&agency, "counsel = ", "# counsel = ");
    refused("names no key of a counsel: make one with `new-key`");
}

#[test]
fn the_official_text_is_beside_what_was_signed() {
    let counsel = Counsel::new();
    counsel.sign(&["hold"]).ok();
    let official = counsel.note().replace(".signed", ".official.pdf");
    let check = format!("check {}", counsel.path("law"));
    fs::write(counsel.path(&official), "another text").unwrap();
    run(&check, &[]).refused(5, &["the official text beside it is not the one that was signed"]);
    fs::remove_file(counsel.path(&official)).unwrap();
    run(&check, &[]).refused(5, &["the official text is not beside it"]);
}

#[test]
fn what_cannot_be_signed_is_refused_and_nothing_is_written() {
    let counsel = Counsel::new();
    counsel
        .sign(&["hold", "hold-nobody"])
        .refused(2, &["`boston-trust-act/hold-nobody` is no rule"]);
    let [key, law] = ["counsel.key", "law"].map(|name| counsel.path(name));
    let line = format!("sign --key {key} --official {key} --law {law} --agency");
    let words = |words: &str| run(&format!("{line} {words}"), &[]);
    words("us-wa-seattle-pd us/8-usc-1373/1996-09-30.md a").refused(2, &["names no key"]);
    words("us-ma-boston-pd us/8-usc-1373/1990-01-01.md a").refused(2, &["there is no edition"]);
    words("us-ma-boston-pd us/wa/rcw-10.93.160/2019-05-21.md a").refused(2, &["there is no"]);
    words(&format!("us-ma-boston-pd --on 2999-01-01 {EDITION} hold")).refused(2, &["to come"]);
    run(&format!("sign --key {key} --official {key} --agency {AGENCY} {EDITION} hold"), &[])
        .refused(2, &["the law inside the program cannot be signed"]);
    run("new-key counsel.boston.example --out", &[&key]).refused(6, &["counsel.key"]);
    run(&format!("new-key two+words --out {key}2"), &[]).refused(2, &["cannot name a key"]);
    assert!(!Path::new(&counsel.path(&counsel.note())).exists());
}
