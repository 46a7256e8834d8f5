//! Passwords and codes.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use totp_rs::{Builder, Totp};

use crate::error::{Error, Result};

/// The fewest characters of a password. NIST SP 800-63B-4 (3.1.1.2) wants 8 beside a second factor;
/// a few more cost nothing.
const FEWEST: usize = 12;

/// The most bytes of a password: enough for any sentence, and nothing that keeps us busy.
const MOST: usize = 256;

/// A hash that no password has, so that a name nobody has takes as long as any.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as it was typed.
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    /// A password as it was typed.
    pub fn new(typed: &str) -> Self {
        Self(typed.to_owned())
    }

    /// Whether it is good enough for somebody.
    pub(super) fn fits(&self, login: &str) -> Result<()> {
        let letters = self.0.chars().count();
        let why = if letters < FEWEST {
            format!("a password has at least {FEWEST} characters; a sentence is easy to remember")
        } else if self.0.len() > MOST {
            format!("a password has at most {MOST} bytes")
        } else if self.0.to_lowercase().contains(login) && login.len() > 3 {
            "a password does not contain the name one signs in with".to_owned()
        } else if self.0.chars().all(|letter| self.0.starts_with(letter)) {
            "a password is more than one letter over and over".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Input(why))
    }

    /// Argon2id with the parameters of RFC 9106's second choice scaled to 19 MiB (OWASP, 2024).
    pub(super) fn hash(&self) -> Result<String> {
        let hash = Argon2::default().hash_password(self.0.as_bytes());
        hash.map(|hash| hash.to_string())
            .map_err(|error| Error::Input(format!("the password could not be hashed: {error}")))
    }

    /// Whether it is the one of a hash.
    pub(super) fn is(&self, hash: Option<&str>) -> bool {
        if self.0.len() > MOST {
            return false;
        }
        let known = PasswordHash::new(hash.unwrap_or(NOBODYS));
        let right = known.is_ok_and(|known| {
            Argon2::default().verify_password(self.0.as_bytes(), &known).is_ok()
        });
        right && hash.is_some()
    }
}

/// What makes codes of six digits that change each half minute (RFC 6238).
#[derive(Clone)]
pub struct Code(Vec<u8>);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// A new one, of 160 random bits.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn new() -> Result<Self> {
        let mut bits = [0; 20];
        getrandom::fill(&mut bits)
            .map_err(|error| Error::File(format!("no random bits: {error}")))?;
        Ok(Self(bits.to_vec()))
    }

    pub(super) fn of(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    pub(super) fn secret(&self) -> &[u8] {
        &self.0
    }

    /// From the letters that a page carried (base 32).
    pub fn parse(letters: &str) -> Option<Self> {
        let secret = totp_rs::Secret::try_from_base32(letters).ok()?;
        let secret = secret.as_bytes().to_vec();
        (secret.len() == 20).then_some(Self(secret))
    }

    /// The letters to type into an authenticator, in base 32.
    pub fn letters(&self) -> String {
        totp_rs::Secret::from(self.0.clone()).to_base32()
    }

    /// The address that an authenticator reads from a QR code.
    pub fn address(&self, login: &str, issuer: &str) -> Option<String> {
        self.maker(login, issuer)?.to_url().ok()
    }

    /// The digits that an authenticator shows at a time.
    pub fn digits(&self, now: i64) -> Option<String> {
        let now = u64::try_from(now).ok()?;
        Some(self.maker("desk", "Bailiwick")?.generate(now).to_string())
    }

    fn maker(&self, login: &str, issuer: &str) -> Option<Totp> {
        let maker = Builder::new()
            .with_secret(self.0.clone())
            .with_skew(1)
            .with_account_name(login)
            .with_issuer(Some(issuer));
        maker.build().ok()
    }

    /// The half minute of which `typed` is the code, if it is near now and after the last one used.
    pub(super) fn step(&self, typed: &str, now: i64, last: i64) -> Option<i64> {
        let digits: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        let now = u64::try_from(now).ok()?;
        let maker = self.maker("desk", "Bailiwick")?;
        let step = i64::try_from(maker.check(&digits, now)?).ok()?;
        (step > last).then_some(step)
    }
}
