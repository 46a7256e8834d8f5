//! Runs the program and hands out what it said.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// What one run came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Requires success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Requires an exit code and that every text is in the message; nothing was answered.
    #[track_caller]
    pub fn refused(self, code: i32, texts: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:#?}");
        for text in texts {
            assert!(self.err.contains(text), "`{text}` is not in:\n{}", self.err);
        }
    }

    /// Requires that nothing was taken, where the answer was asked for as JSON.
    #[track_caller]
    pub fn refused_in_json(self, text: &str) {
        assert_eq!(self.code, 2, "{self:#?}");
        assert!(self.err.contains(text), "`{text}` is not in:\n{}", self.err);
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }
}

/// Runs the program with words, those of `line` split at blanks first.
pub fn run(line: &str, more: &[&str]) -> Ran {
    let words = line.split_whitespace().chain(more.iter().copied());
    Ran::of(Command::new(PROGRAM).args(words).output().unwrap())
}

/// Runs a script of the shell, in which `$BAILIWICK` is the program.
pub fn shell(folder: &Path, script: &str) -> Ran {
    let mut command = Command::new("sh");
    command.current_dir(folder).env("BAILIWICK", PROGRAM).args(["-c", script]);
    Ran::of(command.output().unwrap())
}

/// A register of its own in a folder of its own.
pub struct Town {
    pub folder: TempDir,
}

impl Town {
    pub fn new() -> Self {
        Self::of("us-ma-boston-pd", "2025-01-02")
    }

    /// The register of an agency, made on a day.
    pub fn of(agency: &str, on: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = Self { folder };
        let channels = ["--channel", "fax-d4=fax:Fax of D-4", "--channel", "mailbox=mailbox:Mail"];
        run(&format!("init --agency {agency} --on {on} --data {}", town.data()), &channels).ok();
        town
    }

    /// The folder of the register, as a word.
    pub fn data(&self) -> String {
        self.path("town")
    }

    /// A path in the folder around the register.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file beside the register.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a command upon the register.
    pub fn run(&self, command: &str, more: &str) -> Ran {
        run(&format!("{command} --data {} {more}", self.data()), &[])
    }

    /// How many entries a stranger finds; every check holds.
    pub fn size(&self) -> u64 {
        let public = format!("{}/public", self.data());
        run(&format!("verify --json {public}"), &[]).ok().json()["size"].as_u64().unwrap()
    }
}
