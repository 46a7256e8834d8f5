//! The people at the desk: accounts, what they prove who they are by, and their sessions.
//!
//! In: names, passwords, codes, the time. Out: a [`Person`], or why not. They are kept in
//! `desk.db` beside the register, and are no part of it: an account says nothing about a request.
//! Absent: what a person may do, which the doors say.

mod passkeys;
mod secrets;
mod sessions;

use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

pub use passkeys::{Made, Passkeys};
pub use secrets::{Code, Password};
pub use sessions::{Session, Token};

use super::database::{Database, failed};
use super::role::Roles;
use crate::error::{Error, Result};
use crate::web::held;

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number of the account.
    pub id: i64,
    /// What they sign in as; entries name them by it.
    pub login: String,
    /// What people call them.
    pub name: String,
    /// What they are at the desk.
    pub roles: Roles,
    /// Whether they have set a password and a code, or a passkey.
    pub ready: bool,
    /// Whether it is a password and a code, beside passkeys or alone.
    pub password: bool,
    /// Whether the account was switched off.
    pub off: bool,
    /// Until when, in seconds since 1970, nobody can sign in as them: too many attempts failed.
    pub shut: i64,
}

/// Seconds for which an invitation can be used.
pub const INVITED: i64 = 24 * 3_600;

/// Attempts in a row that may fail before an account is shut for a while.
const ATTEMPTS: i64 = 5;

/// Seconds for which it is shut then.
const SHUT: i64 = 15 * 60;

/// Why somebody could not sign in. What is shown is the same for all, so that nobody learns from it
/// which accounts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// Name, password and code are not somebody's.
    Wrong,
    /// Too many attempts have failed.
    Shut,
}

/// The accounts.
pub struct People {
    database: Arc<Database>,
    /// One password at a time is hashed: it takes 19 MiB.
    hashing: Mutex<()>,
}

impl People {
    /// The accounts in the desk's database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, hashing: Mutex::new(()) }
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.held()
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn all(&self) -> Result<Vec<Person>> {
        let database = self.database();
        let mut statement =
            database.prepare(&format!("{PERSON} ORDER BY login")).map_err(failed)?;
        let people = statement.query_map([], person).map_err(failed)?;
        people.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Somebody by the number of the account.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn by_id(&self, id: i64) -> Result<Option<Person>> {
        let sql = format!("{PERSON} WHERE id = ?1");
        self.database().query_row(&sql, [id], person).optional().map_err(failed)
    }

    /// Makes an account without password; its person has to be invited.
    ///
    /// # Errors
    /// A name that is taken or is none.
    pub fn add(&self, login: &str, name: &str, roles: Roles) -> Result<Person> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.';
        if login.is_empty() || login.len() > 40 || !login.bytes().all(plain) {
            return Err(Error::Input(
                "a name to sign in with has 1 to 40 lower-case letters, digits and dots".to_owned(),
            ));
        }
        if name.trim().is_empty() || name.chars().count() > 80 {
            return Err(Error::Input("write the person's name, up to 80 letters".to_owned()));
        }
        let database = self.database();
        let sql = "INSERT OR IGNORE INTO person (login, name, roles) VALUES (?1, ?2, ?3)";
        let values = params![login, name.trim(), roles.to_string()];
        if database.execute(sql, values).map_err(failed)? == 0 {
            return Err(Error::Input(format!("there is an account `{login}` already")));
        }
        let id = database.last_insert_rowid();
        let sql = format!("{PERSON} WHERE id = ?1");
        database.query_row(&sql, [id], person).map_err(failed)
    }

    /// Gives somebody other roles.
    ///
    /// # Errors
    /// Taking the role from the last administrator, and a database that cannot be written.
    pub fn set_roles(&self, id: i64, roles: Roles) -> Result<()> {
        self.keeps_an_administrator(id, roles)?;
        self.change("UPDATE person SET roles = ?2 WHERE id = ?1", params![id, roles.to_string()])
    }

    /// Switches an account off or on. Who is off is signed out.
    ///
    /// # Errors
    /// As [`People::set_roles`].
    pub fn set_off(&self, id: i64, off: bool) -> Result<()> {
        if off {
            self.keeps_an_administrator(id, Roles::default())?;
            self.change("DELETE FROM session WHERE person = ?1", params![id])?;
        }
        self.change("UPDATE person SET off = ?2 WHERE id = ?1", params![id, off])
    }

    /// Without an administrator, nobody could make accounts any more.
    fn keeps_an_administrator(&self, id: i64, roles: Roles) -> Result<()> {
        let administrator = super::role::Role::Administrator;
        let others = self.all()?;
        let other = |it: &Person| it.id != id && !it.off && it.roles.has(administrator);
        if roles.has(administrator) || others.iter().any(other) {
            return Ok(());
        }
        Err(Error::Input("there must be an administrator: make another one first".to_owned()))
    }

    fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        self.database.change(sql, values)
    }

    /// Makes a link's token with which somebody sets what they sign in with; the one before is
    /// void.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn invite(&self, id: i64, now: i64) -> Result<Token> {
        let token = Token::new()?;
        let sql = "INSERT OR REPLACE INTO invitation VALUES (?1, ?2, ?3)";
        self.change(sql, params![token.digest(), id, now.saturating_add(INVITED)])?;
        Ok(token)
    }

    /// Whom an invitation is for.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn invited(&self, token: &Token, now: i64) -> Result<Option<Person>> {
        let sql = "SELECT person FROM invitation WHERE token = ?1 AND until > ?2";
        let id: Option<i64> = self
            .database()
            .query_row(sql, params![token.digest(), now], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        Ok(id.map(|id| self.by_id(id)).transpose()?.flatten().filter(|person| !person.off))
    }

    /// Sets password and code, once, by an invitation.
    ///
    /// # Errors
    /// An invitation that is none any more, a password that is too weak, a code that does not fit.
    pub fn accept(
        &self,
        token: &Token,
        password: &Password,
        code: &Code,
        typed: &str,
        now: i64,
    ) -> Result<Person> {
        let person = self.invited(token, now)?.ok_or_else(too_late)?;
        password.fits(&person.login)?;
        let step = code.step(typed, now, 0).ok_or_else(|| {
            Error::Input("the code does not fit: is the telephone's clock right?".to_owned())
        })?;
        let hash = {
            let _one = held(&self.hashing);
            password.hash()?
        };
        self.begin_anew(token, &person, |transaction| {
            let sql = "UPDATE person SET password = ?2, code = ?3, step = ?4 WHERE id = ?1";
            transaction.execute(sql, params![person.id, hash, code.secret(), step]).map(|_| ())
        })
    }

    /// Sets a passkey and nothing else, once, by an invitation.
    ///
    /// # Errors
    /// An invitation that is none any more, or is somebody else's.
    pub fn accept_passkey(&self, token: &Token, made: &Made, now: i64) -> Result<Person> {
        let person = self.invited(token, now)?.ok_or_else(too_late)?;
        if made.person() != person.id {
            return Err(too_late());
        }
        self.begin_anew(token, &person, |transaction| made.keep(transaction, "the first", now))
    }

    /// Uses an invitation up. Whatever its person signed in with before is void, and whoever is
    /// signed in as them is signed out.
    fn begin_anew(
        &self,
        token: &Token,
        person: &Person,
        keep: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<Person> {
        let mut database = self.database();
        let transaction = database.transaction().map_err(failed)?;
        let sql = "DELETE FROM invitation WHERE token = ?1";
        if transaction.execute(sql, [token.digest()]).map_err(failed)? != 1 {
            return Err(too_late());
        }
        for sql in [
            "UPDATE person SET password = NULL, code = NULL, step = 0, failed = 0, shut = 0
             WHERE id = ?1",
            "DELETE FROM passkey WHERE person = ?1",
            "DELETE FROM session WHERE person = ?1",
        ] {
            transaction.execute(sql, [person.id]).map_err(failed)?;
        }
        keep(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        let sql = format!("{PERSON} WHERE id = ?1");
        database.query_row(&sql, [person.id], self::person).map_err(failed)
    }

    /// Sets another password; everybody who is signed in as this person is signed out.
    ///
    /// # Errors
    /// A password that is too weak, and a database that cannot be written.
    pub fn set_password(&self, person: &Person, password: &Password) -> Result<()> {
        password.fits(&person.login)?;
        let hash = {
            let _one = held(&self.hashing);
            password.hash()?
        };
        self.change("UPDATE person SET password = ?2 WHERE id = ?1", params![person.id, hash])?;
        self.change("DELETE FROM session WHERE person = ?1", params![person.id])
    }

    /// Who signs in with a name, a password and a code.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn sign_in(
        &self,
        login: &str,
        password: &Password,
        typed: &str,
        now: i64,
    ) -> Result<std::result::Result<Person, NotIn>> {
        let found = self.secrets(login)?;
        // A name that nobody has takes as long as one that somebody has.
        let hash = found.as_ref().and_then(|it| it.hash.as_deref());
        let right = {
            let _one = held(&self.hashing);
            password.is(hash)
        };
        let Some(found) = found else { return Ok(Err(NotIn::Wrong)) };
        let id = found.person.id;
        if found.person.shut > now {
            return Ok(Err(NotIn::Shut));
        }
        let step = found.code.as_ref().and_then(|code| code.step(typed, now, found.step));
        match step.filter(|_| right && !found.person.off) {
            Some(step) => {
                let sql = "UPDATE person SET step = ?2, failed = 0, shut = 0
                           WHERE id = ?1 AND step < ?2";
                let used = self.database().execute(sql, params![id, step]).map_err(failed)?;
                // A code counts once, also where two came at the same moment.
                Ok(if used == 1 { Ok(found.person) } else { Err(NotIn::Wrong) })
            }
            None => {
                let sql = "UPDATE person SET failed = failed + 1,
                           shut = CASE WHEN failed + 1 >= ?2 THEN ?3 ELSE shut END WHERE id = ?1";
                self.change(sql, params![id, ATTEMPTS, now.saturating_add(SHUT)])?;
                Ok(Err(NotIn::Wrong))
            }
        }
    }

    fn secrets(&self, login: &str) -> Result<Option<Secrets>> {
        let sql = format!("{PERSON} WHERE login = ?1");
        let read = |row: &Row<'_>| {
            let code: Option<Vec<u8>> = row.get("code")?;
            let (hash, step) = (row.get("password")?, row.get("step")?);
            Ok(Secrets { person: person(row)?, hash, code: code.map(Code::of), step })
        };
        self.database().query_row(&sql, [login], read).optional().map_err(failed)
    }
}

/// What somebody proves who they are by.
struct Secrets {
    person: Person,
    hash: Option<String>,
    code: Option<Code>,
    step: i64,
}

const PERSON: &str =
    "SELECT *, EXISTS (SELECT 1 FROM passkey WHERE passkey.person = person.id) AS has_key
    FROM person";

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    let roles: String = row.get("roles")?;
    let (hash, code): (Option<String>, Option<Vec<u8>>) = (row.get("password")?, row.get("code")?);
    let password = hash.is_some() && code.is_some();
    Ok(Person {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        roles: Roles::parse(&roles).unwrap_or_default(),
        ready: password || row.get("has_key")?,
        password,
        off: row.get("off")?,
        shut: row.get("shut")?,
    })
}

fn too_late() -> Error {
    Error::Input("this link has been used or is too old: ask for another one".to_owned())
}
