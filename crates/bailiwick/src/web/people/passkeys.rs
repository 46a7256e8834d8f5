//! Passkeys: keys that somebody's telephone, computer or security key keeps, and uses only after it
//! has made sure who holds it (Web Authentication, Level 3, W3C).
//!
//! In: what a browser answers. Out: a key to be kept, or whose key it was. What is asked is
//! remembered here for five minutes and taken once, so that no answer counts twice.

use std::sync::{Arc, Mutex};

use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle64, Username,
};
use webauthn_rp::request::{
    AsciiDomain, FixedCapHashSet, InsertResult, PublicKeyCredentialDescriptor, RpId,
};
use webauthn_rp::response::register::{DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::{People, Person};
use crate::error::{Error, Result};
use crate::web::database::{Database, failed};
use crate::web::held;

/// As many as may be asked at once; each is some fifty bytes.
const AT_ONCE: usize = 4_096;

/// The most letters of what somebody calls a passkey.
const LABEL: usize = 40;

/// The passkeys of a desk that people reach at one address.
pub struct Passkeys {
    database: Arc<Database>,
    desk: RpId,
    origin: String,
    offered: Mutex<FixedCapHashSet<RegistrationServerState<64>>>,
    asked: Mutex<FixedCapHashSet<DiscoverableAuthenticationServerState>>,
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// What it is told apart by, in hexadecimal.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// When it was made, in seconds since 1970.
    pub since: i64,
    /// When it was last used.
    pub used: Option<i64>,
}

/// A passkey that was just made and is not kept yet.
pub struct Made {
    person: i64,
    id: Vec<u8>,
    fixed: Vec<u8>,
    moving: [u8; 7],
    ways: u8,
}

impl Made {
    /// Keeps it.
    pub(super) fn keep(
        &self,
        transaction: &Transaction<'_>,
        label: &str,
        now: i64,
    ) -> rusqlite::Result<()> {
        let label: String = label.trim().chars().take(LABEL).collect();
        let label = if label.is_empty() { "a passkey".to_owned() } else { label };
        let sql = "INSERT INTO passkey (id, person, label, fixed, moving, ways, since)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![self.id, self.person, label, self.fixed, self.moving, self.ways, now];
        transaction.execute(sql, values).map(|_| ())
    }

    /// Whose it is.
    pub(super) fn person(&self) -> i64 {
        self.person
    }
}

/// What somebody is told whose passkey was not taken. What was wrong with it is for the traces.
fn refused(why: &dyn std::fmt::Display) -> Error {
    tracing::info!(%why, "a passkey was not taken");
    Error::Input(
        "The passkey was not taken. Try once more; if it happens again, use password and code or \
         ask whoever keeps the accounts for another link."
            .to_owned(),
    )
}

/// Remembers what was asked, unless too much is asked already.
fn remembered(result: InsertResult) -> Result<()> {
    match result {
        InsertResult::Success => Ok(()),
        InsertResult::CapacityFull | InsertResult::Duplicate => {
            Err(Error::Input("Too many are signing in at once. Try again in a minute.".to_owned()))
        }
    }
}

fn json(options: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(options).map_err(|error| Error::File(format!("a passkey: {error}")))
}

/// The name of the host in an origin such as `https://desk.example.gov` or `http://localhost:8080`.
/// Browsers make passkeys over TLS, or on the machine itself, and for names only.
fn host(origin: &str) -> Result<String> {
    let wrong = || {
        Error::Input(format!(
            "`{origin}` is no address of a desk: write `https://` and a name, such as \
             `https://desk.example.gov`; a port may follow, and nothing else"
        ))
    };
    let uri: axum::http::Uri = origin.parse().map_err(|_| wrong())?;
    let (scheme, host) = (uri.scheme_str(), uri.host().unwrap_or_default());
    let bare = uri.path() == "/" && uri.query().is_none() && !origin.ends_with('/');
    let named = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
    let safe = scheme == Some("https") || scheme == Some("http") && host == "localhost";
    if bare && named && safe && !origin.contains('@') {
        return Ok(host.to_owned());
    }
    Err(wrong())
}

impl Passkeys {
    /// Those of a desk that people reach at `origin`: scheme, name and, unless it is the usual one,
    /// port.
    ///
    /// # Errors
    /// An origin for which browsers make no passkeys: one without TLS, or of a number.
    pub fn new(database: Arc<Database>, origin: &str) -> Result<Self> {
        let host = AsciiDomain::try_from(host(origin)?)
            .map_err(|error| Error::Input(format!("`{origin}`: {error}")))?;
        Ok(Self {
            database,
            desk: RpId::Domain(host),
            origin: origin.to_ascii_lowercase(),
            offered: Mutex::new(FixedCapHashSet::new(AT_ONCE)),
            asked: Mutex::new(FixedCapHashSet::new(AT_ONCE)),
        })
    }

    /// Where people reach the desk.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What a browser needs to make a passkey for somebody
    /// (`PublicKeyCredentialCreationOptionsJSON`).
    ///
    /// # Errors
    /// A database that cannot be read or written, and too many at once.
    pub fn offer(&self, person: &Person) -> Result<String> {
        let handle = self.handle(person.id)?;
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(person.login.as_str())
                .map_err(|error| Error::Input(format!("`{}`: {error}", person.login)))?,
            id: &handle,
            // A name that authenticators could not show is left out.
            display_name: Nickname::try_from(person.name.as_str()).ok(),
        };
        let known = self.known(person.id)?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.desk, user, known);
        // Many telephones and computers do not have this protection and would be shut out; we take
        // no key without its person recognised, whatever the authenticator guards by itself.
        options.extensions.cred_protect = CredProtect::None;
        let (ours, theirs) = options.start_ceremony().map_err(|error| refused(&error))?;
        remembered(held(&self.offered).insert_or_replace_all_expired(ours))?;
        json(&theirs)
    }

    /// The passkey that a browser made for somebody (`RegistrationResponseJSON`).
    ///
    /// # Errors
    /// An answer that fits no offer, or somebody else's; a database that cannot be read.
    pub fn made(&self, person: &Person, answer: &str) -> Result<Made> {
        let answer =
            Registration::from_json_relaxed(answer.as_bytes()).map_err(|error| refused(&error))?;
        let challenge = answer.challenge_relaxed().map_err(|error| refused(&error))?;
        let offer = held(&self.offered).take(&challenge);
        let offer = offer.ok_or_else(|| refused(&"nothing like it was offered"))?;
        let allowed = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &allowed,
            ..Default::default()
        };
        let made = offer.verify(&self.desk, &answer, &options).map_err(|error| refused(&error))?;
        if *made.user_id() != self.handle(person.id)? {
            return Err(refused(&"it was offered to somebody else"));
        }
        if self.kept(made.id().as_ref())?.is_some() {
            return Err(refused(&"there is a key of this number already"));
        }
        let Ok(fixed) = made.static_state().encode();
        let Ok(moving) = made.dynamic_state().encode();
        let Ok(ways) = made.transports().encode();
        Ok(Made { person: person.id, id: made.id().as_ref().to_vec(), fixed, moving, ways })
    }

    /// What a browser needs to show any passkey of this desk (`PublicKeyCredentialRequestOptions`
    /// in JSON).
    ///
    /// # Errors
    /// Too many at once.
    pub fn ask(&self) -> Result<String> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.desk);
        let (ours, theirs) = options.start_ceremony().map_err(|error| refused(&error))?;
        remembered(held(&self.asked).insert_or_replace_all_expired(ours))?;
        json(&theirs)
    }

    /// The number of whose passkey a browser showed (`AuthenticationResponseJSON`).
    ///
    /// # Errors
    /// An answer to nothing that was asked, or by a key that is not known; a database that cannot
    /// be read or written.
    pub fn whose(&self, answer: &str, now: i64) -> Result<i64> {
        let answer = DiscoverableAuthentication64::from_json_relaxed(answer.as_bytes())
            .map_err(|error| refused(&error))?;
        let challenge = answer.challenge_relaxed().map_err(|error| refused(&error))?;
        let asked = held(&self.asked).take(&challenge);
        let asked = asked.ok_or_else(|| refused(&"nothing like it was asked"))?;
        let id = answer.raw_id();
        let kept = self.kept(id.as_ref())?.ok_or_else(|| refused(&"the key is not known"))?;
        let handle = UserHandle64::decode(kept.handle).map_err(|error| refused(&error))?;
        let fixed = StaticState::decode(&kept.fixed).map_err(|error| refused(&error))?;
        let moving = DynamicState::decode(kept.moving).map_err(|error| refused(&error))?;
        let mut key = AuthenticatedCredential::new(id, &handle, fixed, moving)
            .map_err(|error| refused(&error))?;
        let allowed = [self.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &allowed,
            ..Default::default()
        };
        asked.verify(&self.desk, &answer, &mut key, &options).map_err(|error| refused(&error))?;
        let Ok(moving) = key.dynamic_state().encode();
        let sql = "UPDATE passkey SET moving = ?2, used = ?3 WHERE id = ?1";
        self.database.change(sql, params![id.as_ref(), moving, now])?;
        Ok(kept.person)
    }

    /// What authenticators know somebody by: random, so that it says nothing.
    fn handle(&self, person: i64) -> Result<UserHandle64> {
        let database = self.database.held();
        let read = |row: &Row<'_>| row.get::<_, Option<[u8; 64]>>(0);
        let sql = "SELECT handle FROM person WHERE id = ?1";
        if let Some(known) = database.query_row(sql, [person], read).map_err(failed)? {
            return UserHandle64::decode(known).map_err(|error| refused(&error));
        }
        let handle = UserHandle64::new();
        let Ok(bytes) = handle.encode();
        let sql = "UPDATE person SET handle = ?2 WHERE id = ?1";
        database.execute(sql, params![person, bytes]).map_err(failed)?;
        Ok(handle)
    }

    /// The passkeys somebody has, which an authenticator shall not make a second time.
    fn known(&self, person: i64) -> Result<Vec<PublicKeyCredentialDescriptor<Vec<u8>>>> {
        let database = self.database.held();
        let sql = "SELECT id, ways FROM passkey WHERE person = ?1";
        let mut statement = database.prepare(sql).map_err(failed)?;
        let read = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u8>(1)?));
        let rows = statement.query_map([person], read).map_err(failed)?;
        rows.map(|row| {
            let (id, ways) = row.map_err(failed)?;
            Ok(PublicKeyCredentialDescriptor {
                id: CredentialId::decode(id).map_err(|error| refused(&error))?,
                transports: AuthTransports::decode(ways).map_err(|error| refused(&error))?,
            })
        })
        .collect()
    }

    fn kept(&self, id: &[u8]) -> Result<Option<Kept>> {
        let sql = "SELECT person.id, handle, fixed, moving FROM passkey
                   JOIN person ON person.id = passkey.person WHERE passkey.id = ?1";
        let read = |row: &Row<'_>| {
            Ok(Kept {
                person: row.get(0)?,
                handle: row.get(1)?,
                fixed: row.get(2)?,
                moving: row.get(3)?,
            })
        };
        self.database.held().query_row(sql, [id], read).optional().map_err(failed)
    }
}

/// A passkey as the database has it.
struct Kept {
    person: i64,
    handle: [u8; 64],
    fixed: Vec<u8>,
    moving: [u8; 7],
}

impl People {
    /// Somebody's passkeys, the oldest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn passkeys(&self, person: i64) -> Result<Vec<Passkey>> {
        let database = self.database();
        let sql = "SELECT id, label, since, used FROM passkey WHERE person = ?1 ORDER BY since, id";
        let mut statement = database.prepare(sql).map_err(failed)?;
        let read = |row: &Row<'_>| {
            Ok(Passkey {
                id: register::hex(&row.get::<_, Vec<u8>>(0)?),
                label: row.get(1)?,
                since: row.get(2)?,
                used: row.get(3)?,
            })
        };
        let rows = statement.query_map([person], read).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Keeps a passkey that was just made.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn add_passkey(&self, made: &Made, label: &str, now: i64) -> Result<()> {
        let mut database = self.database();
        let transaction = database.transaction().map_err(failed)?;
        made.keep(&transaction, label, now).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// Takes one of somebody's passkeys away, unless nothing would be left to sign in with.
    ///
    /// # Errors
    /// The only way to sign in, and a database that cannot be written.
    pub fn remove_passkey(&self, person: &Person, id: &str) -> Result<()> {
        let others = self.passkeys(person.id)?.iter().any(|it| it.id != id);
        if !others && !person.password {
            return Err(Error::Input(
                "This is the only passkey of the account, and it has no password: add another one \
                 first."
                    .to_owned(),
            ));
        }
        let sql = "DELETE FROM passkey WHERE person = ?1 AND lower(hex(id)) = ?2";
        self.change(sql, params![person.id, id])
    }
}
