//! A text as a picture that a telephone reads.

use base64::Engine as _;
use qrcode::QrCode;
use qrcode::render::svg;

use crate::error::{Error, Result};

/// The picture as an address, which a page may show and which holds no script.
///
/// # Errors
/// A text that is too long for one.
pub fn picture(text: &str) -> Result<String> {
    let svg = QrCode::new(text.as_bytes())
        .map_err(|error| Error::File(format!("a QR code: {error}")))?
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    let bytes = base64::engine::general_purpose::STANDARD.encode(svg);
    Ok(format!("data:image/svg+xml;base64,{bytes}"))
}
