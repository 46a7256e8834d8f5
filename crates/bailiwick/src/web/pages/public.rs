//! What is public: the folder that strangers check, and a page that tells them how.

use std::path::{Path, PathBuf};

use askama::Template;
use register::entry::Public;
use register::tile;

use crate::error::Error;
use crate::publish::{FILES, place};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// Tiles and reports never change; all else does.
const LASTS: &str = "public, max-age=31536000, immutable";
const CHANGES: &str = "no-cache";

/// A report that was published.
struct Report {
    title: String,
    period: String,
    entry: u64,
    counted_at: u64,
    folder: String,
    /// The files that are there.
    files: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "desk/public.html")]
struct Shown {
    page: Page,
    origin: String,
    size: u64,
    key: String,
    reports: Vec<Report>,
}

/// What is published, and how to check it.
pub fn look(visit: &Visit) -> Given {
    let folder = visit.app.folder.join("public");
    let (size, key, published) = visit.app.read(|store| {
        let all = store.effective().iter().rev().filter(|entry| !entry.void);
        let reports = all.filter_map(|entry| match &entry.public {
            Public::Report(report) => Some((entry.index, report.clone())),
            _ => None,
        });
        Ok((store.size(), store.vkey().to_string(), reports.collect::<Vec<_>>()))
    })?;
    let reports = published.into_iter().filter_map(|(entry, report)| {
        let lies = place(&report.period, &report.sha256);
        // A period that was corrected may be any words.
        known(&lies.join("report.json").to_string_lossy())?;
        let there = |file: &&str| folder.join(&lies).join(file).is_file();
        Some(Report {
            title: title(&folder.join(&lies)).unwrap_or_else(|| "Report".to_owned()),
            period: report.period,
            entry,
            counted_at: report.counted_at,
            files: FILES.into_iter().filter(there).collect(),
            folder: lies.to_string_lossy().into_owned(),
        })
    });
    Reply::page(&Shown {
        reports: reports.collect(),
        page: visit.page("What is public", "public"),
        origin: visit.app.settings().origin.clone(),
        size,
        key,
    })
}

/// What a report is called, from the description of its files.
fn title(folder: &Path) -> Option<String> {
    let text = std::fs::read(folder.join("datapackage.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&text).ok()?;
    package.get("title")?.as_str().map(str::to_owned)
}

/// The files of the newest checkpoint, a line for each, so that a program can get them all.
pub fn files(visit: &Visit) -> Given {
    let folder = visit.app.folder.join("public");
    let size = visit.app.read(|store| Ok(store.size()))?;
    let mut all = vec!["checkpoint".to_owned(), "vkey".to_owned()];
    all.extend(tile::between(0, size).iter().map(tile::Tile::path));
    all.extend(reports(&folder).map_err(Error::file(&folder))?);
    let text = all.join("\n") + "\n";
    Ok(Reply::published("text/plain; charset=utf-8", text, CHANGES))
}

/// The files of reports, in the order of their names.
fn reports(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut all = Vec::new();
    let folder = folder.join("reports");
    if !folder.is_dir() {
        return Ok(all);
    }
    for entry in std::fs::read_dir(&folder)? {
        let report = entry?.file_name().to_string_lossy().into_owned();
        let there = FILES.into_iter().filter(|file| folder.join(&report).join(file).is_file());
        let paths = there.map(|file| format!("reports/{report}/{file}"));
        all.extend(paths.filter(|path| known(path).is_some()));
    }
    all.sort();
    Ok(all)
}

/// One of the files, byte for byte.
pub fn file(visit: &Visit) -> Given {
    let path = visit.place("path");
    let (kind, lasts) = known(path).ok_or(Refusal::NotFound)?;
    let file = inside(&visit.app.folder.join("public"), path).ok_or(Refusal::NotFound)?;
    let bytes = std::fs::read(&file).map_err(Error::file(&file))?;
    Ok(Reply::published(kind, bytes, lasts))
}

/// The media type of a path that a register publishes, and how long its bytes last. Whatever else
/// lies in the folder, such as a file half written, is not given to anyone.
fn known(path: &str) -> Option<(&'static str, &'static str)> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["checkpoint" | "vkey"] => Some(("text/plain; charset=utf-8", CHANGES)),
        ["tile", level, rest @ ..] => {
            let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
            let place = |it: &&str| {
                let it = it.strip_prefix('x').unwrap_or(it);
                digits(it.strip_suffix(".p").unwrap_or(it))
            };
            let fits = (digits(level) || *level == "entries") && rest.iter().all(place);
            (fits && !rest.is_empty()).then_some(("application/octet-stream", LASTS))
        }
        ["reports", report, file] => {
            let letter = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
            let fits = !report.is_empty() && report.bytes().all(letter) && FILES.contains(file);
            let kind = match file.rsplit_once('.') {
                Some((_, "json")) => "application/json",
                Some((_, "csv")) => "text/csv; charset=utf-8",
                Some((_, "md")) => "text/markdown; charset=utf-8",
                _ => "text/html; charset=utf-8",
            };
            fits.then_some((kind, LASTS))
        }
        _ => None,
    }
}

/// The file at a path in a folder, if nothing on the way leads out of it.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut at = folder.to_owned();
    for part in path.split('/') {
        if part.is_empty() || part.starts_with('.') || part.contains(['\\', '\0', ':']) {
            return None;
        }
        at.push(part);
        if at.symlink_metadata().ok()?.is_symlink() {
            return None;
        }
    }
    at.is_file().then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths are the examples of the C2SP specification, and ours for reports.
    #[test]
    fn only_what_a_register_publishes_is_known() {
        for path in [
            "checkpoint",
            "vkey",
            "tile/0/x001/x234/067",
            "tile/entries/000.p/3",
            "tile/3/273.p/112",
            "reports/2025-0123456789ab/report.html",
            "reports/2024-07--2025-06-0123456789ab/datapackage.json",
        ] {
            assert!(known(path).is_some(), "{path}");
        }
        for path in [
            "",
            "checkpoint.new",
            "checkpoint/",
            "/checkpoint",
            "tile",
            "tile/",
            "tile/0",
            "tile/entries",
            "tile/0/../../../signing.key",
            "tile/0/.p",
            "tile/0/x",
            "tile//0",
            "reports/2025-0123456789ab",
            "reports/2025-0123456789ab/report.csv.part",
            "reports/../signing.key",
            "reports/.hidden/report.csv",
            "../signing.key",
            "signing.key",
            "register.db",
        ] {
            assert_eq!(known(path), None, "{path}");
        }
    }
}
