//! `serve`: the desk in a browser.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;

use super::Init;
use crate::answer::Answer;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::texts;
use crate::web::{self, App};

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The folder of the register; where there is none, one is made.
    #[arg(long = "data", value_name = "DIR", default_value = "bailiwick-data")]
    pub folder: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where people reach the desk, such as `https://desk.example.gov`: what passkeys are bound to.
    /// On this machine alone it is `http://localhost` with the port.
    #[arg(long, value_name = "ADDRESS")]
    pub url: Option<String>,
    /// For a new register: the agency whose it is.
    #[arg(long, value_name = "ID", default_value = "us-ma-boston-pd")]
    pub agency: String,
    /// The chain of certificates for TLS, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_chain: Option<PathBuf>,
    /// The key for TLS, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_chain")]
    pub tls_key: Option<PathBuf>,
    /// How traces are written to standard error.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub traces: Traces,
}

/// How traces are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Traces {
    /// A line for people.
    Text,
    /// An object for machines.
    Json,
}

/// Serves until it is ended.
pub(super) fn serve(asked: &Serve, law: Option<&std::path::Path>) -> Result<Answer> {
    let traces = tracing_subscriber::fmt().with_writer(std::io::stderr);
    match asked.traces {
        Traces::Text => traces.init(),
        Traces::Json => traces.json().init(),
    }
    let store = open(asked, law)?;
    // Its own law, and none besides: the others would only take time and memory.
    let library = texts::library(law, Some(&store.settings().agency))?;
    let clock = || Timestamp::now().as_second();
    let mut app = App::new(store, &asked.folder, library, Box::new(clock))?;
    let tls = match (&asked.tls_chain, &asked.tls_key) {
        (Some(chain), Some(key)) => Some(web::tls(chain, key)?),
        _ => None,
    };
    app.secure = tls.is_some();
    let invitation = app.first_invitation()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::File(format!("no threads: {error}")))?;
    runtime.block_on(async {
        let failed = |error| Error::File(format!("`{}`: {error}", asked.listen));
        let listener = TcpListener::bind(asked.listen).await.map_err(failed)?;
        let local = listener.local_addr().map_err(failed)?;
        let scheme = if app.secure { "https" } else { "http" };
        let here =
            local.ip().is_loopback().then(|| format!("{scheme}://localhost:{}", local.port()));
        let address = asked.url.clone().or(here);
        app.passkeys = address
            .as_ref()
            .map(|address| web::Passkeys::new(Arc::clone(&app.database), address))
            .transpose()?;
        if let Some(token) = invitation {
            let address = address.unwrap_or_else(|| format!("{scheme}://{local}"));
            eprintln!("Set up: {address}/set-up/{}", token.text());
            eprintln!("  (the link works once, within a day, and makes the first account)");
        }
        let app = Arc::new(app);
        web::control::open(Arc::clone(&app))?;
        let ended = ended();
        eprintln!("Listening on {scheme}://{local}");
        web::serve(listener, web::router(app), tls, ended).await;
        Ok(Answer::new("Ended; everything recorded is safe.\n", json!({ "ended": true })))
    })
}

/// The register; a new one where there is none.
fn open(asked: &Serve, law: Option<&std::path::Path>) -> Result<Store> {
    let empty = match std::fs::read_dir(&asked.folder) {
        Ok(mut names) => names.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Error::file(&asked.folder)(error)),
    };
    if empty {
        let init = Init {
            folder: asked.folder.clone(),
            agency: asked.agency.clone(),
            origin: None,
            channels: Vec::new(),
            on: None,
        };
        let library = texts::library(law, Some(&asked.agency))?;
        eprintln!("{}", super::register::init(&library, &init)?.text);
    }
    Ok(Store::open(&asked.folder)?)
}

/// Comes when the program is to end: from the terminal, or from whoever keeps the machine. It is
/// listened for from the call on, so that whoever reads that the program is there may end it.
fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn came(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        tokio::select! {
            () = came(interrupt) => {}
            () = came(terminate) => {}
        }
    }
}
