//! Puts the texts of `law/` into what is built, so that it decides without any file beside it, and
//! the files that pages are made with.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var(name).map(PathBuf::from).map_err(io::Error::other);
    // Above the package: this script also builds `wasm/`, which lies less deep.
    let package = variable("CARGO_MANIFEST_DIR")?;
    let mut above = package.ancestors().map(|folder| folder.join("law"));
    let root = above.find(|law| law.join("vocabulary.toml").is_file()).ok_or_else(|| {
        io::Error::other("no folder above this package has `law/vocabulary.toml`")
    })?;
    let out = variable("OUT_DIR")?;
    put(&root, "include_str", &out.join("law.rs"))?;
    let files = package.join("static");
    if files.is_dir() {
        put(&files, "include_bytes", &out.join("static.rs"))?;
    }
    Ok(())
}

/// Writes the files of a folder as a list of names and contents.
fn put(root: &Path, how: &str, into: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    list(root, &mut paths)?;
    paths.sort();
    let mut code = String::from("&[\n");
    for path in paths {
        let name = path.strip_prefix(root).map_err(io::Error::other)?;
        code.push_str(&format!("({name:?}, {how}!({path:?})),\n"));
    }
    code.push_str("]\n");
    fs::write(into, code)
}

fn list(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}
