//! Editions that an agency's counsel has signed: the note, the official text beside it, the key.
//!
//! In: a folder of law. Out: what its notes say, each signature checked; a new note. The form of a
//! note is the law room's; whether a signature holds is found out here, because that room knows no
//! keys. Beside `2019-12-19.md` stand `2019-12-19.<agency>.signed` and
//! `2019-12-19.<agency>.official.<kind>`.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use law::{Library, Problem, Signed};
use register::note::{Signer, Verifier};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::{clock, texts};

/// The end of a note's name.
const SIGNED: &str = ".signed";

/// Reads every note among the texts, of one agency where one is named, into the library.
pub fn attach(
    library: &mut Library,
    files: &BTreeMap<String, String>,
    agency: Option<&str>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, note) in files {
        let Some(name) = file.strip_suffix(SIGNED) else { continue };
        let whose = name.rsplit_once('.').map(|(_, whose)| whose);
        if agency.is_some() && whose != agency {
            continue;
        }
        let read = opened(library, name, note).and_then(|signed| library.signed(signed));
        problems.extend(read.err().map(|why| Problem::new(file, 0, why)));
    }
    problems
}

/// What a note says, if the counsel of the agency in its name has signed it.
fn opened(library: &Library, name: &str, note: &str) -> std::result::Result<Signed, String> {
    let (edition, agency) = name
        .rsplit_once('.')
        .ok_or("a signature is named `<first day>.<agency>.signed`, beside the edition")?;
    let agency = library.agency(agency).map_err(|error| error.to_string())?;
    let signed = verifier(agency)?.open(note).map_err(|error| error.to_string())?;
    let by = verifier(agency)?.name().to_owned();
    let signed = Signed::parse(signed, &by)?;
    if signed.agency != agency.id || signed.edition != format!("{edition}.md") {
        return Err(format!("it is of `{}` for `{}`", signed.edition, signed.agency));
    }
    Ok(signed)
}

fn verifier(agency: &law::Agency) -> std::result::Result<Verifier, String> {
    let key = agency.counsel.as_ref().ok_or_else(|| {
        format!(
            "`{}` names no key of a counsel: make one with `new-key`, and write it there as \
             `counsel = \"…\"`",
            agency.file
        )
    })?;
    Verifier::parse(key).map_err(|error| format!("`{}`: counsel: {error}", agency.file))
}

/// Whether beside each note stands the official text it names.
///
/// # Errors
/// A folder or a file that cannot be read.
pub fn attached(library: &Library, folder: &Path) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for signed in library.signatures() {
        let name = format!("{}.{}", signed.edition.trim_end_matches(".md"), signed.agency);
        let wrong = match official(folder, &name)? {
            None => Some("the official text is not beside it: `….official.<kind>`"),
            Some(path) if sha256(&path)? != signed.official => {
                Some("the official text beside it is not the one that was signed")
            }
            Some(_) => None,
        };
        problems.extend(wrong.map(|why| Problem::new(&format!("{name}{SIGNED}"), 0, why)));
    }
    Ok(problems)
}

fn official(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let path = folder.join(format!("{name}.official"));
    let (Some(folder), Some(start)) = (path.parent(), path.file_name()) else { return Ok(None) };
    for entry in std::fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.file_stem() == Some(start) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn sha256(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    Ok(register::hex(&Sha256::digest(bytes)))
}

/// Makes a key and writes its secret half, for its owner alone to read. Gives the public half.
///
/// # Errors
/// A name that cannot name a key, or a file that is there already.
pub fn new_key(name: &str, out: &Path) -> Result<String> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| Error::File(format!("no randomness: {error}")))?;
    let signer = Signer::from_seed(name, seed).map_err(|error| Error::Input(error.to_string()))?;
    write_secret(out, &format!("{}\n", signer.to_secret_text()))?;
    Ok(signer.verifier().to_string())
}

/// Writes a secret to a new file, for its owner alone to read.
///
/// # Errors
/// A file that is there already.
pub fn write_secret(path: &Path, secret: &str) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(Error::file(path))
}

/// What is to be signed.
pub struct Order<'a> {
    /// The folder of law.
    pub folder: &'a Path,
    /// Whose counsel signs.
    pub agency: &'a str,
    /// The file of the secret half of the key.
    pub key: &'a Path,
    /// The official text.
    pub official: &'a Path,
    /// The day it was checked; today if not given.
    pub on: Option<Date>,
    /// The edition's path in the folder of law.
    pub edition: &'a str,
    /// The rules, by their `@id`.
    pub rules: &'a [String],
}

/// Signs, and writes the note and a copy of the official text beside the edition; an earlier note
/// of the same counsel is replaced. Gives the two paths.
///
/// # Errors
/// Anything that would make the note one that is refused when it is read.
pub fn sign(order: &Order<'_>) -> Result<[PathBuf; 2]> {
    let input = |why: String| Error::Input(why);
    let mut files = texts::read(order.folder)?;
    // Read without signatures: one that is out of date is what a new one is made for.
    files.retain(|name, _| !name.ends_with(SIGNED));
    let mut library = Library::read(&files).map_err(|problems| texts::of_law(&problems))?;
    let known = library.editions().find(|edition| edition.file == order.edition);
    let instrument = known.map(|edition| edition.instrument.id.clone()).ok_or_else(|| {
        input(format!("there is no edition `{}`; name it by its path in the folder", order.edition))
    })?;
    let text = std::fs::read(order.official).map_err(Error::file(order.official))?;
    let secret = std::fs::read_to_string(order.key).map_err(Error::file(order.key))?;
    let signer = Signer::parse(secret.trim_end()).map_err(|error| input(error.to_string()))?;
    let signed = Signed {
        agency: order.agency.to_owned(),
        edition: order.edition.to_owned(),
        sha256: library.digest(order.edition).unwrap_or_default().to_owned(),
        official: register::hex(&Sha256::digest(&text)),
        on: clock::past_day(&library, order.agency, order.on)?,
        provisions: order.rules.iter().map(|rule| format!("{instrument}/{rule}")).collect(),
        by: signer.name().to_owned(),
    };
    let note = signer.sign(&signed.to_string()).map_err(|error| input(error.to_string()))?;
    let name = format!("{}.{}", order.edition.trim_end_matches(".md"), order.agency);
    opened(&library, &name, &note).and_then(|signed| library.signed(signed)).map_err(input)?;
    let kind = order.official.extension().map_or("txt".into(), |kind| kind.to_string_lossy());
    let copy = order.folder.join(format!("{name}.official.{kind}"));
    if let Some(before) = official(order.folder, &name)? {
        std::fs::remove_file(&before).map_err(Error::file(&before))?;
    }
    std::fs::write(&copy, text).map_err(Error::file(&copy))?;
    let path = order.folder.join(format!("{name}{SIGNED}"));
    std::fs::write(&path, note).map_err(Error::file(&path))?;
    Ok([path, copy])
}
