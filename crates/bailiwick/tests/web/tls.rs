//! The desk over TLS: its own certificate, cookies bound to the host, and nothing in the clear.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// The program, which is killed when the test ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A certificate of `localhost` and its key, made by another program than ours.
fn certificate(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (chain, key) = (path("chain.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &chain])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (chain, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_over_tls_and_no_other_way() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = certificate(folder.path());
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--tls-chain", &chain, "--tls-key", &key])
        .arg("--data")
        .arg(folder.path().join("register"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let _served = Served(child);
    let address = lines
        .find_map(|line| line.unwrap().strip_prefix("Listening on https://").map(str::to_owned))
        .unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&chain).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(&address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    let request = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");

    // In the clear there is nothing.
    let mut plain = TcpStream::connect(&address).await.unwrap();
    plain.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer).await);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn what_is_no_certificate_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = certificate(folder.path());
    let nothing = folder.path().join("nothing.pem");
    std::fs::write(&nothing, "nothing").unwrap();
    let nothing = nothing.to_str().unwrap();
    let data = folder.path().join("register");
    for (chain, key) in [(nothing, key.as_str()), (chain.as_str(), nothing), (&chain, "no/such")] {
        let ran = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-chain", chain, "--tls-key", key])
            .arg("--data")
            .arg(&data)
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(6), "{ran:?}");
        assert!(String::from_utf8_lossy(&ran.stderr).contains(".pem") || key == "no/such");
    }
}
