//! The texts of law: those inside the program, or a folder of one's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use law::{Library, Problem};

use crate::error::{Error, Result};
use crate::signed;

/// The texts shipped, by their path inside `law/`.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/law.rs"));

/// Reads the law: from a folder where one is named, else the texts inside the program; where an
/// agency is named, of the instruments only those that bind it.
///
/// # Errors
/// A folder that cannot be read, or every problem in its files.
pub fn library(folder: Option<&Path>, agency: Option<&str>) -> Result<Library> {
    let files = match folder {
        Some(folder) => read(folder)?,
        None => SHIPPED.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
    };
    let library = match agency {
        Some(agency) => Library::read_for(&files, agency),
        None => Library::read(&files),
    };
    let mut library = library.map_err(|problems| of_law(&problems))?;
    let problems = signed::attach(&mut library, &files, agency);
    if problems.is_empty() { Ok(library) } else { Err(of_law(&problems)) }
}

/// Problems of the texts, one a line.
pub fn of_law(problems: &[Problem]) -> Error {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Error::Law(lines.join("\n"))
}

/// The texts in a folder, by their path inside it. An official text that a counsel has attached is
/// no text of ours, and is left alone.
///
/// # Errors
/// A file that cannot be read, or is no text.
pub fn read(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(".official")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
            let name = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), text);
        }
    }
    Ok(files)
}
