//! Cedar's symbolic compiler against the law's engine: every case at once, for the whole shipped
//! law. What is proved, and why it convinces, is in `README.md`.

use std::collections::BTreeMap;
use std::path::Path;

pub mod evaluator;
pub mod meaning;
pub mod prover;
pub mod texts;
pub mod told;
pub mod words;

/// Every file of the shipped law, by its path inside the folder of law.
///
/// # Errors
/// What could not be read.
pub fn shipped() -> std::io::Result<BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../law");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            let inside = path.strip_prefix(&root).unwrap_or(&path);
            let names: Vec<_> = inside.iter().map(|it| it.to_string_lossy()).collect();
            files.insert(names.join("/"), text);
        }
    }
    Ok(files)
}
