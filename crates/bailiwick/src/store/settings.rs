//! The settings of a register, `bailiwick.toml`.

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// What a city decides about its register; it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The format of the folder: 1.
    pub format: u32,
    /// The agency whose register it is.
    pub agency: String,
    /// The register's name for ever: a web address without `https://`, such as
    /// `register.example.gov/police`.
    pub origin: String,
    /// Where requests arrive.
    pub channels: Vec<Channel>,
    /// What stands above the form to sign in at the web desk: the agency's own notice of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<String>,
    /// Whom an officer calls who is in doubt, as the web desk shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// One place where requests arrive, with its own running numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its id in entries: lower-case letters, digits and dashes.
    pub id: String,
    /// What it is.
    pub kind: ChannelKind,
    /// What people call it.
    pub label: String,
}

/// The kinds of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A fax machine.
    Fax,
    /// An electronic mailbox.
    Mailbox,
    /// A counter where papers are handed over.
    Desk,
    /// A telephone.
    Phone,
}

impl Settings {
    /// Reads the text of `bailiwick.toml`.
    ///
    /// # Errors
    /// If the format is newer than this program's, or a setting is missing, unknown or malformed.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: String| Error::damaged(format!("`bailiwick.toml`: {why}"));
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        // The format comes first: a newer one may have settings that this program does not know.
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if format == i64::from(FORMAT) => {}
            Some(format) => {
                return Err(wrong(format!(
                    "the register has format `{format}` and this program knows `{FORMAT}`: \
                     use the program that wrote it, or a later one"
                )));
            }
            None => return Err(wrong("`format` is missing: this is no register".to_owned())),
        }
        let settings: Self = table.try_into().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        settings.check().map_err(wrong)?;
        Ok(settings)
    }

    /// The text of `bailiwick.toml`.
    ///
    /// # Errors
    /// If a setting is malformed.
    pub fn to_text(&self) -> Result<String> {
        self.check().map_err(Error::Refused)?;
        toml::to_string(self).map_err(|error| Error::refused(error.to_string()))
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("`format` must be {FORMAT}"));
        }
        if self.agency.trim().is_empty() {
            return Err("`agency` is empty: name the agency".to_owned());
        }
        if self.channels.is_empty() {
            return Err("`channels` is empty: name where requests arrive".to_owned());
        }
        for (place, channel) in self.channels.iter().enumerate() {
            let id = &channel.id;
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if id.is_empty() || id.len() > 40 || !id.bytes().all(plain) {
                return Err(format!(
                    "channel `{id}`: an id has 1 to 40 lower-case letters, digits and dashes"
                ));
            }
            if self.channels.iter().take(place).any(|other| other.id == *id) {
                return Err(format!("channel `{id}` is there twice"));
            }
        }
        Ok(())
    }
}
