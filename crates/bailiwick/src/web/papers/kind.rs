//! What a file is, by its first bytes; what its sender calls it says nothing.

/// A kind of paper that is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A PDF.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A TIFF picture, as faxes send them.
    Tiff,
}

/// Each with its first bytes, its media type, the end of a file's name, and what people call it.
type Known = (Kind, &'static [&'static [u8]], &'static str, &'static str, &'static str);

const KNOWN: [Known; 4] = [
    (Kind::Pdf, &[b"%PDF-"], "application/pdf", "pdf", "PDF"),
    (Kind::Png, &[b"\x89PNG\r\n\x1a\n"], "image/png", "png", "PNG picture"),
    (Kind::Jpeg, &[b"\xff\xd8\xff"], "image/jpeg", "jpg", "JPEG picture"),
    (Kind::Tiff, &[b"II*\0", b"MM\0*"], "image/tiff", "tif", "TIFF picture"),
];

impl Kind {
    /// The kind of a file.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let starts = |known: &&Known| known.1.iter().any(|first| bytes.starts_with(first));
        KNOWN.iter().find(starts).map(|known| known.0)
    }

    /// The kind of a media type.
    pub fn parse(media: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.2 == media).map(|known| known.0)
    }

    fn known(self) -> Known {
        let [first, ..] = KNOWN;
        KNOWN.into_iter().find(|known| known.0 == self).unwrap_or(first)
    }

    /// The media type.
    pub fn media(self) -> &'static str {
        self.known().2
    }

    /// How a file's name ends.
    pub fn ending(self) -> &'static str {
        self.known().3
    }

    /// What people call it.
    pub fn says(self) -> &'static str {
        self.known().4
    }
}
