//! What the tests of the law share: reading a folder of law from disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every file under a folder of law, by its path inside.
pub fn files(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The folder of the shipped law.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")
}

/// The shipped law.
pub fn shipped() -> law::Library {
    law::Library::read(&files(&root())).unwrap_or_else(|problems| {
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", said.join("\n"))
    })
}
