//! The private part of an entry: committed to in public, encrypted under a key of its own.
//!
//! Comes in: an entry's key (32 random bytes, used for this entry and nothing else) and a JSON
//! object. Goes out: a commitment and a sealed box; or, back, the opening. Absent: where keys are
//! kept and how they are destroyed.
//!
//! The commitment is to the plaintext: SHA-256 over [`LABEL`], a salt of 32 bytes and the
//! canonical bytes. An authenticated ciphertext would not do, because one can be made that opens
//! in two ways. Whoever has the opening can check it without any key; without the salt, nobody can
//! guess it. Salt and encryption key both come from the entry's key, so that destroying that one
//! key makes the private part unreadable and unguessable, while every proof still holds.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{Error, Hash, Result, canonical, hex, unhex};

/// What stands before the salt in the bytes that a commitment hashes.
pub const LABEL: &[u8] = b"bailiwick/commit/v1\n";

/// What opens a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The salt of this entry.
    pub salt: [u8; 32],
    /// The private part, a JSON object.
    pub private: Value,
}

impl Opening {
    /// The commitment that this opens.
    ///
    /// # Errors
    /// If the private part is not an object that has canonical bytes.
    pub fn commitment(&self) -> Result<Hash> {
        let bytes = private_bytes(&self.private)?;
        Ok(commitment(&self.salt, &bytes))
    }

    /// Checks that this opens `commit`.
    ///
    /// # Errors
    /// If it does not: salt or private part are of another entry, or altered.
    pub fn check(&self, commit: &Hash) -> Result<()> {
        if self.commitment()? == *commit {
            return Ok(());
        }
        Err(Error::new("the opening is not of this entry: its commitment is another"))
    }

    /// The opening as canonical JSON, to be handed over: `{"private":{…},"salt":"…"}`.
    ///
    /// # Errors
    /// If the private part is not an object that has canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        private_bytes(&self.private)?;
        let salt = Value::String(hex(&self.salt));
        let both = [("private".to_owned(), self.private.clone()), ("salt".to_owned(), salt)];
        canonical::to_bytes(&Value::Object(both.into_iter().collect()))
    }

    /// Reads what [`Opening::to_bytes`] wrote.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut object = canonical::parse_object(bytes)?;
        match (object.remove("private"), object.remove("salt")) {
            (Some(private @ Value::Object(_)), Some(Value::String(salt))) if object.is_empty() => {
                Ok(Self { salt: unhex(&salt)?, private })
            }
            _ => Err(Error::new("an opening has `private`, an object, and `salt`")),
        }
    }
}

/// A private part sealed: what goes into the entry, and what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The commitment, for the entry.
    pub commit: Hash,
    /// The ciphertext, readable with the entry's key only.
    pub ciphertext: Vec<u8>,
}

/// Seals a private part under an entry's own key.
///
/// The key must be 32 random bytes that seal nothing else: the nonce is fixed, so a key used twice
/// would give both plaintexts away.
///
/// # Errors
/// If the private part is not an object that has canonical bytes.
///
/// ```
/// let private = serde_json::json!({"name": "A. Person"});
/// let sealed = register::seal::seal(&[9; 32], &private)?;
/// let opening = register::seal::open(&[9; 32], &sealed.ciphertext, &sealed.commit)?;
/// assert_eq!(opening.private, private);
/// opening.check(&sealed.commit)?;
/// # Ok::<(), register::Error>(())
/// ```
pub fn seal(key: &[u8; 32], private: &Value) -> Result<Sealed> {
    let bytes = private_bytes(private)?;
    let (salt, cipher) = derive(key)?;
    let ciphertext = cipher
        .encrypt(&XNonce::default(), bytes.as_slice())
        .map_err(|_| Error::new("the private part is too long to be sealed"))?;
    Ok(Sealed { commit: commitment(&salt, &bytes), ciphertext })
}

/// Opens a sealed private part and checks it against the entry's commitment.
///
/// # Errors
/// If the key is not this entry's, or ciphertext or commitment were altered.
pub fn open(key: &[u8; 32], ciphertext: &[u8], commit: &Hash) -> Result<Opening> {
    let (salt, cipher) = derive(key)?;
    let bytes = cipher.decrypt(&XNonce::default(), ciphertext).map_err(|_| {
        Error::new("the private part does not open with its key: one of the two was altered")
    })?;
    if commitment(&salt, &bytes) != *commit {
        return Err(Error::new("the private part is not the one committed to"));
    }
    Ok(Opening { salt, private: Value::Object(canonical::parse_object(&bytes)?) })
}

fn commitment(salt: &[u8; 32], private: &[u8]) -> Hash {
    Sha256::new().chain_update(LABEL).chain_update(salt).chain_update(private).finalize().into()
}

fn private_bytes(private: &Value) -> Result<Vec<u8>> {
    if private.is_object() {
        return canonical::to_bytes(private).map_err(|error| error.at("the private part"));
    }
    Err(Error::new("the private part must be a json object"))
}

/// Salt and cipher of an entry, by HKDF-SHA256 under two labels.
fn derive(key: &[u8; 32]) -> Result<([u8; 32], XChaCha20Poly1305)> {
    let hkdf = Hkdf::<Sha256>::new(None, key);
    let expand = |label: &[u8]| {
        let mut bytes = [0; 32];
        hkdf.expand(label, &mut bytes)
            .map(|()| bytes)
            .map_err(|_| Error::new("the key cannot be expanded"))
    };
    let salt = expand(b"bailiwick/salt/v1")?;
    let cipher = XChaCha20Poly1305::new(&Key::from(expand(b"bailiwick/seal/v1")?));
    Ok((salt, cipher))
}

/// An object without fields, for entries that have nothing private to say.
#[must_use]
pub fn nothing() -> Value {
    Value::Object(Map::new())
}
