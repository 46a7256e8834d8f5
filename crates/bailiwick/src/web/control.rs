//! The desk's back door, `control` in the register's folder: whoever may open that file may ask
//! the running program for a backup. It is a socket of the machine and not of the network.
//!
//! A request is one line, `backup PATH`; the answer is one object of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::app::App;
use crate::backup::{self, Held};
use crate::error::{Error, Result};

/// The name of the socket.
const NAME: &str = "control";

/// How long a line may take.
const SOON: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Done { folder: PathBuf, entries: u64 },
    Failed(String),
}

/// Opens the door, and answers until the program ends.
///
/// # Errors
/// A socket that cannot be made.
pub fn open(app: Arc<App>) -> Result<()> {
    let path = app.folder.join(NAME);
    // What is left of a program that was killed; we have the register's lock, so nobody uses it.
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(&path).map_err(Error::file(&path))?;
    let only_us = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, only_us).map_err(Error::file(&path))?;
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answered = stream.and_then(|stream| answer(&app, stream));
            if let Err(error) = answered {
                tracing::warn!(%error, "the back door");
            }
        }
    });
    Ok(())
}

fn answer(app: &App, mut stream: UnixStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(SOON))?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let said = match line.trim_end().strip_prefix("backup ") {
        Some(to) => match backup(app, Path::new(to)) {
            Ok(Held { folder, entries }) => Said::Done { folder, entries },
            Err(error) => Said::Failed(error.to_string()),
        },
        None => Said::Failed("there is only `backup PATH`".to_owned()),
    };
    stream.write_all(&serde_json::to_vec(&said)?)
}

/// Nothing is recorded while the copy is made, so that it is of one moment.
fn backup(app: &App, to: &Path) -> Result<Held> {
    let held =
        app.recorder.alone(|store| backup::backup(store, Some(&app.database), &app.folder, to))?;
    tracing::info!(entries = held.entries, "backed up");
    Ok(held)
}

/// Asks the program that has a register open for a backup.
///
/// # Errors
/// A register that something else than the desk has open, and what the desk says.
pub fn ask(folder: &Path, to: &Path) -> Result<Held> {
    let path = folder.join(NAME);
    let mut stream = UnixStream::connect(&path).map_err(|error| {
        Error::Input(format!(
            "the register is in use by a program that is not `serve` ({}: {error}): end that one \
             first",
            path.display()
        ))
    })?;
    let failed = Error::file(&path);
    let said = writeln!(stream, "backup {}", to.display())
        .and_then(|()| serde_json::from_reader(&stream).map_err(std::io::Error::other))
        .map_err(failed)?;
    match said {
        Said::Done { folder, entries } => Ok(Held { folder, entries }),
        Said::Failed(why) => Err(Error::Input(why)),
    }
}
