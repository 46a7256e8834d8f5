//! Signed notes (C2SP signed-note) with Ed25519 keys, the only type we sign and know.
//!
//! Comes in: text and a key's text. Goes out: a note, or the text of one whose signature holds.
//! Absent: what the text means; other signature types, which are passed over as unknown.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result, from_base64, to_base64};

/// The byte by which a note names Ed25519.
const ED25519: u8 = 1;

/// More signatures than this are not looked at; the specification asks for sixteen at least.
const MAX_SIGNATURES: usize = 128;

/// A public key with the name it signs under.
///
/// Its text, the "vkey", is `name+id+key`: the id eight hex digits, the key in base64.
///
/// ```
/// use register::note::{Signer, Verifier};
///
/// let signer = Signer::from_seed("register.example/town", [1; 32])?;
/// let text = signer.verifier().to_string();
/// assert_eq!(Verifier::parse(&text)?, signer.verifier());
/// assert_eq!(signer.verifier().open(&signer.sign("all is well\n")?)?, "all is well\n");
/// # Ok::<(), register::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// Reads a vkey.
    ///
    /// # Errors
    /// If it is not an Ed25519 vkey or its id does not belong to its name and key.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why| Error::new(format!("`{text}` is not an ed25519 vkey: {why}"));
        let (name, id, key) = key_parts(text).ok_or_else(|| wrong("it is not name+id+key"))?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong("the key is no point"))?;
        let verifier = Self { name: name.to_owned(), key };
        if id != verifier.id_text() {
            return Err(wrong("the id does not belong to the key"));
        }
        Ok(verifier)
    }

    /// The name under which the key signs; for a register, its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of `note` if this key signed it.
    ///
    /// # Errors
    /// If the note is malformed, carries no signature by this key, or one that does not hold.
    /// Signatures by other keys are passed over.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str> {
        let (text, signatures) = parts(note)?;
        let mut signed = false;
        for (name, bytes) in signatures {
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else {
                return Err(Error::new(format!("the signature by `{name}` is too short")));
            };
            if name != self.name || *id != self.id() {
                continue;
            }
            Signature::from_slice(signature)
                .and_then(|signature| self.key.verify_strict(text.as_bytes(), &signature))
                .map_err(|_| {
                    Error::new(format!(
                        "the signature by `{name}` does not hold: the text was altered"
                    ))
                })?;
            signed = true;
        }
        if signed {
            Ok(text)
        } else {
            Err(Error::new(format!("it is not signed by `{self}`: check that this is its key")))
        }
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        let [a, b, c, d, ..]: crate::Hash = hash.into();
        [a, b, c, d]
    }

    fn id_text(&self) -> String {
        crate::hex(&self.id())
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id_text(), to_base64(&key))
    }
}

/// A private key with the name it signs under. It is never printed by accident: only
/// [`Signer::to_secret_text`] shows it.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// The key made from 32 random bytes, which nobody else may know.
    ///
    /// # Errors
    /// If the name is empty or has a space or a plus sign.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self> {
        if !is_name(name) {
            return Err(Error::new(format!(
                "`{name}` cannot name a key: use a web address without `https://`, spaces or `+`"
            )));
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(&seed) })
    }

    /// Reads a private key as [`Signer::to_secret_text`] writes it.
    ///
    /// # Errors
    /// If it is not such a key. The text is not repeated in the error.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::new("the signing key is damaged: restore it from its own backup");
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or_else(wrong)?;
        let (name, id, seed) = key_parts(rest).ok_or_else(wrong)?;
        let signer = Self::from_seed(name, seed)?;
        if id == signer.verifier().id_text() { Ok(signer) } else { Err(wrong()) }
    }

    /// The secret as text: `PRIVATE+KEY+name+id+seed`.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let seed = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let id = self.verifier().id_text();
        format!("PRIVATE+KEY+{}+{id}+{}", self.name, to_base64(&seed))
    }

    /// The name under which the key signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// The note with `text` and this key's signature. The same text gives the same note.
    ///
    /// # Errors
    /// If the text does not end in a newline or has other control characters.
    pub fn sign(&self, text: &str) -> Result<String> {
        if !text.ends_with('\n') || text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(Error::new(
                "a note's text must end in a newline and have no other control characters",
            ));
        }
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let bytes = [self.verifier().id().as_slice(), &signature].concat();
        Ok(format!("{text}\n— {} {}\n", self.name, to_base64(&bytes)))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// `name+id+base64(type, 32 bytes)`, if the type is Ed25519.
fn key_parts(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = from_base64(key).ok()?;
    let (kind, key) = key.split_first()?;
    (is_name(name) && *kind == ED25519).then_some(())?;
    Some((name, id, key.try_into().ok()?))
}

type Signatures<'a> = Vec<(&'a str, Vec<u8>)>;

/// The text of a note and its signatures, none of them checked.
fn parts(note: &str) -> Result<(&str, Signatures<'_>)> {
    let wrong = |why: &str| Error::new(format!("it is not a signed note: {why}"));
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(wrong("it has control characters"));
    }
    let (text, lines) = note
        .rfind("\n\n")
        .and_then(|at| note.split_at_checked(at + 1))
        .ok_or_else(|| wrong("no empty line stands before the signatures"))?;
    let lines = lines
        .strip_prefix('\n')
        .and_then(|lines| lines.strip_suffix('\n'))
        .ok_or_else(|| wrong("it does not end in a signature line"))?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        let (name, bytes) = line
            .strip_prefix("— ")
            .and_then(|line| line.split_once(' '))
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| wrong(&format!("`{line}` is no signature line")))?;
        signatures.push((name, from_base64(bytes)?));
        if signatures.len() > MAX_SIGNATURES {
            return Err(wrong("it has more than 128 signatures"));
        }
    }
    Ok((text, signatures))
}
