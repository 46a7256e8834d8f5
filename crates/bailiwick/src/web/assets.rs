//! The files that pages are made with: styles, fonts, pictures, scripts. They are in the program.

use std::collections::BTreeMap;
use std::io::Write as _;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// The files, by their path in `static/`.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/static.rs"));

/// The files, ready to be sent.
pub struct Assets {
    files: BTreeMap<&'static str, Asset>,
    version: String,
}

/// One of them.
#[derive(Clone)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Bytes,
    /// The same, zipped, where that is worth it.
    pub zipped: Option<Bytes>,
    /// Its media type.
    pub kind: &'static str,
}

impl Assets {
    pub(super) fn new() -> Self {
        let mut all = Sha256::new();
        for (name, bytes) in FILES {
            all.update(name);
            all.update(bytes);
        }
        let version = register::hex(all.finalize().get(..6).unwrap_or_default());
        let files = FILES.iter().filter_map(|(name, bytes)| Some((*name, Asset::of(name, bytes)?)));
        Self { files: files.collect(), version }
    }

    pub(super) fn get(&self, name: &str) -> Option<Asset> {
        self.files.get(name).cloned()
    }

    /// What changes with any of the files, for their addresses.
    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

impl Asset {
    /// Nothing for a file that no page uses, such as a licence.
    fn of(name: &str, bytes: &'static [u8]) -> Option<Self> {
        let (kind, text) = match name.rsplit_once('.').map(|(_, end)| end) {
            Some("css") => ("text/css; charset=utf-8", true),
            Some("js") => ("text/javascript; charset=utf-8", true),
            Some("svg") => ("image/svg+xml", true),
            Some("woff2") => ("font/woff2", false),
            Some("png") => ("image/png", false),
            _ => return None,
        };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let zipped = encoder.write_all(bytes).and_then(|()| encoder.finish()).ok();
        let zipped = zipped.filter(|_| text).map(Bytes::from);
        Some(Self { bytes: Bytes::from_static(bytes), zipped, kind })
    }
}
