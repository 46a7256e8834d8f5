//! Listening: connections in, as many as there is room for, none for ever.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower::ServiceExt as _;

use super::held;
use crate::error::{Error, Result};

/// Connections that are open at once, and those of one address among them.
const CONNECTIONS: usize = 2_048;
const OF_ONE: u32 = 256;

/// How long a connection may take until it has said what it wants, again and again.
const HEAD: Duration = Duration::from_secs(10);

/// How long visits that have begun may go on when the program is ended.
const LAST: Duration = Duration::from_secs(20);

/// What is needed for TLS, from a chain of certificates and a key in PEM.
///
/// # Errors
/// Files that are none.
pub fn tls(chain: &Path, key: &Path) -> Result<TlsAcceptor> {
    let wrong = |path: &Path| {
        let path = path.display().to_string();
        move |error: String| Error::File(format!("`{path}`: {error}"))
    };
    let read = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    let chain_of = read.map_err(|error| wrong(chain)(error.to_string()))?;
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key)(error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain_of, secret))
        .map_err(|error| wrong(chain)(error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves until `end` comes; visits that have begun are finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    end: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let each: Arc<Mutex<BTreeMap<IpAddr, u32>>> = Arc::default();
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        // What one connection does wrong is no reason to stop; neither is a lack of descriptors.
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(guest) = Guest::of(&each, from.ip()) else { continue };
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _held = (place, guest);
            let service = service_fn(move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(from));
                router.clone().oneshot(request)
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
            let served = match tls {
                None => {
                    watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await
                }
                Some(tls) => {
                    match tokio::time::timeout(HEAD, tls.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            let served = builder.serve_connection(TokioIo::new(stream), service);
                            watcher.watch(served).await
                        }
                        // Whoever speaks no TLS here has come to the wrong place.
                        _ => return,
                    }
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(LAST) => tracing::warn!("visits were cut short"),
    }
}

/// One of the connections of an address.
struct Guest {
    each: Arc<Mutex<BTreeMap<IpAddr, u32>>>,
    from: IpAddr,
}

impl Guest {
    /// Nothing where the address has as many as one may have.
    fn of(each: &Arc<Mutex<BTreeMap<IpAddr, u32>>>, from: IpAddr) -> Option<Self> {
        let mut all = held(each);
        let own = all.entry(from).or_default();
        if *own >= OF_ONE {
            return None;
        }
        *own = own.saturating_add(1);
        Some(Self { each: Arc::clone(each), from })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut all = held(&self.each);
        if let Some(own) = all.get_mut(&self.from) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                all.remove(&self.from);
            }
        }
    }
}
