//! Sessions: who is here since when, and whether the desk was left alone.

use rusqlite::{OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{People, Person};
use crate::error::{Error, Result};
use crate::web::database::failed;

/// Seconds after which a desk that nobody uses is locked.
const IDLE: i64 = 15 * 60;

/// Seconds after which one signs in anew, whatever one did: a shift.
const LONGEST: i64 = 12 * 3_600;

/// 256 random bits that whoever has them may use; the database has only their digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn new() -> Result<Self> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)
            .map_err(|error| Error::File(format!("no random bits: {error}")))?;
        Ok(Self(bits))
    }

    /// As an address or a cookie has it.
    pub fn text(&self) -> String {
        register::hex(&self.0)
    }

    /// Reads what [`Token::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        register::unhex(text).ok().map(Self)
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// What the forms of a session carry, so that no other site's form is taken for one of ours.
    fn mark(&self) -> String {
        let mark = Sha256::new().chain_update(b"bailiwick/form/v1").chain_update(self.0);
        register::hex(mark.finalize().get(..16).unwrap_or_default())
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// Whether the desk is locked: then a password opens it, and nothing else is shown.
    pub locked: bool,
    /// What forms carry.
    pub mark: String,
    token: Token,
}

impl People {
    /// Lets somebody in.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn begin(&self, person: &Person, now: i64) -> Result<Token> {
        let token = Token::new()?;
        let old = now.saturating_sub(LONGEST);
        self.change("DELETE FROM session WHERE since < ?1", params![old])?;
        let sql = "INSERT INTO session (token, person, since, seen) VALUES (?1, ?2, ?3, ?3)";
        self.change(sql, params![token.digest(), person.id, now])?;
        Ok(token)
    }

    /// Whose a token is, now, which keeps their desk open.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn session(&self, token: &Token, now: i64) -> Result<Option<Session>> {
        self.known(token, now, true)
    }

    /// Whose a token is, for a page that asks by itself: nobody may be there.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn glance(&self, token: &Token, now: i64) -> Result<Option<Session>> {
        self.known(token, now, false)
    }

    fn known(&self, token: &Token, now: i64, there: bool) -> Result<Option<Session>> {
        let sql = "SELECT person, since, seen, locked FROM session WHERE token = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
        };
        let found = self.database().query_row(sql, [token.digest()], read).optional();
        let Some((person, since, seen, locked)) = found.map_err(failed)? else { return Ok(None) };
        if now >= since.saturating_add(LONGEST) {
            return Ok(None);
        }
        let Some(person) = self.by_id(person)?.filter(|person| !person.off) else {
            return Ok(None);
        };
        let locked: bool = locked || now >= seen.saturating_add(IDLE);
        // Once a minute is enough, and spares the disk.
        if there && !locked && now >= seen.saturating_add(60) {
            let sql = "UPDATE session SET seen = ?2 WHERE token = ?1";
            self.change(sql, params![token.digest(), now])?;
        }
        Ok(Some(Session { person, locked, mark: token.mark(), token: token.clone() }))
    }

    /// Locks the desk until its person is back.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn lock(&self, session: &Session) -> Result<()> {
        let sql = "UPDATE session SET locked = 1 WHERE token = ?1";
        self.change(sql, params![session.token.digest()])
    }

    /// Opens a locked desk, to whose person the caller has made sure to speak.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn unlock(&self, session: &Session, now: i64) -> Result<()> {
        let sql = "UPDATE session SET locked = 0, seen = ?2 WHERE token = ?1";
        self.change(sql, params![session.token.digest(), now])
    }

    /// Signs somebody out.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn end(&self, session: &Session) -> Result<()> {
        self.change("DELETE FROM session WHERE token = ?1", params![session.token.digest()])
    }
}
