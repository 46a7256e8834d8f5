//! One visit to the desk: who came to which door with what, and what they get.

use std::sync::Arc;

use askama::Template;

use super::app::App;
use super::fields::Fields;
use super::people::{Session, Token};
use super::role::Role;
use crate::error::Error;
use crate::store;

/// Who came, and with what.
pub struct Visit {
    /// What all visits share.
    pub app: Arc<App>,
    /// Who is signed in, with a desk that is open; at a few doors, one that is locked.
    pub session: Option<Session>,
    /// The parts of the address that the door leaves open, by name.
    pub place: Vec<(String, String)>,
    /// What follows `?` in the address.
    pub query: Fields,
    /// The form that was sent.
    pub form: Fields,
    /// The files that were sent with it.
    pub files: Vec<Upload>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// A file that was sent.
pub struct Upload {
    /// The field of the form.
    pub field: String,
    /// What its sender calls it; to be shown, never to be used as a path.
    pub name: String,
    /// Its bytes.
    pub bytes: UploadBytes,
}

/// Where the bytes of a file are.
pub enum UploadBytes {
    /// In memory, where nothing of them reaches the disk unencrypted.
    Held(Vec<u8>),
    /// In a file that is removed with the visit.
    OnDisk(tempfile::NamedTempFile),
}

/// What somebody gets.
pub struct Reply {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) to: Option<String>,
    pub(super) cookie: Option<Option<Token>>,
    pub(super) download: Option<String>,
    /// For a file of the public folder: how long its bytes last, as a cache is told.
    pub(super) lasts: Option<&'static str>,
}

/// Why somebody gets nothing.
#[derive(Debug)]
pub enum Refusal {
    /// There is nothing here.
    NotFound,
    /// It is not theirs.
    NotTheirs,
    /// It cannot be done.
    Error(Error),
}

/// What a door gives.
pub type Given = Result<Reply, Refusal>;

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Refusal {
    /// That what was asked for cannot be taken, and what to do.
    pub fn input(why: impl Into<String>) -> Self {
        Self::Error(Error::Input(why.into()))
    }

    /// The status, and what is said to whoever came. What went wrong inside is for the keeper of
    /// the machine and stands in the traces; a register that cannot be written is for everyone.
    pub(super) fn said(&self) -> (u16, String) {
        match self {
            Self::NotFound => (404, "There is nothing at this address.".to_owned()),
            Self::NotTheirs => (403, "Your account does not have this page.".to_owned()),
            Self::Error(Error::Input(why) | Error::Register(store::Error::Refused(why))) => {
                (422, why.clone())
            }
            Self::Error(Error::Register(_)) => (
                503,
                "The register cannot be written at the moment. Nothing was recorded: keep the \
                 paper and tell whoever keeps the machine."
                    .to_owned(),
            ),
            Self::Error(_) => (
                500,
                "Something went wrong here, not with what you did. Nothing was recorded."
                    .to_owned(),
            ),
        }
    }
}

impl Visit {
    /// A part of the address.
    pub fn place(&self, name: &str) -> &str {
        let found = self.place.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// The number of an entry in the address.
    ///
    /// # Errors
    /// Where it is none.
    pub fn entry(&self) -> Result<u64, Refusal> {
        self.place("entry").parse().map_err(|_| Refusal::NotFound)
    }

    /// Whether who came has a role.
    pub fn is(&self, role: Role) -> bool {
        self.session.as_ref().is_some_and(|session| session.person.roles.has(role))
    }

    /// What who came signs in as.
    pub fn login(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.person.login.as_str())
    }

    /// What every page shows.
    pub fn page(&self, title: impl Into<String>, here: &'static str) -> Page {
        let roles = self.session.as_ref().filter(|it| !it.locked).map(|it| it.person.roles);
        Page {
            title: title.into(),
            agency: self.app.agency().to_owned(),
            here,
            nav: roles.map(super::doors::nav).unwrap_or_default(),
            person: self.session.as_ref().map(|session| session.person.name.clone()),
            csrf: self.session.as_ref().map_or_else(String::new, |session| session.mark.clone()),
            flash: self.query.get("said").and_then(super::pages::said).map(str::to_owned),
            entries: self.app.size(),
            script: false,
            version: self.app.assets.version().to_owned(),
        }
    }
}

/// What every page shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// Whose desk it is.
    pub agency: String,
    /// Which link of the navigation leads here.
    pub here: &'static str,
    /// The links.
    pub nav: Vec<NavItem>,
    /// Who is signed in.
    pub person: Option<String>,
    /// What forms carry.
    pub csrf: String,
    /// What was just done.
    pub flash: Option<String>,
    /// How many entries the register has.
    pub entries: u64,
    /// Whether the page changes in place where scripts run.
    pub script: bool,
    /// What the addresses of styles and scripts end with, so that a new program's are got anew.
    pub version: String,
}

/// A link of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Which it is.
    pub key: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
}

impl Reply {
    fn new(status: u16, kind: &'static str, body: Vec<u8>) -> Self {
        Self { status, kind, body, to: None, cookie: None, download: None, lasts: None }
    }

    /// A page.
    ///
    /// # Errors
    /// A template that cannot be filled.
    pub fn page(template: &impl Template) -> Given {
        Self::with(200, template)
    }

    /// A form once more, with what is wrong in it.
    ///
    /// # Errors
    /// A template that cannot be filled.
    pub fn again(template: &impl Template) -> Given {
        Self::with(422, template)
    }

    pub(super) fn with(status: u16, template: &impl Template) -> Given {
        let html = template.render().map_err(|error| Error::File(format!("a page: {error}")))?;
        Ok(Self::new(status, "text/html; charset=utf-8", html.into_bytes()))
    }

    /// Another page to go to, which is got anew.
    pub fn see(to: impl Into<String>) -> Self {
        Self { to: Some(to.into()), ..Self::new(303, "text/plain", Vec::new()) }
    }

    /// With somebody signed in.
    pub fn signed_in(self, token: Token) -> Self {
        Self { cookie: Some(Some(token)), ..self }
    }

    /// With nobody signed in.
    pub fn signed_out(self) -> Self {
        Self { cookie: Some(None), ..self }
    }

    /// What a script asked for, or what is wrong, in JSON.
    pub(super) fn json(status: u16, json: String) -> Self {
        Self::new(status, "application/json", json.into_bytes())
    }

    /// That not even the page could be made that says what is wrong.
    pub(super) fn broken() -> Self {
        let text = "Something went wrong here, not with what you did. Nothing was recorded.\n";
        Self::new(500, "text/plain; charset=utf-8", text.into())
    }

    /// That too much came at once.
    pub(super) fn busy() -> Self {
        let text = "Too many requests came from this place. Wait a minute and try again.\n";
        Self::new(429, "text/plain; charset=utf-8", text.into())
    }

    /// A file to be kept under a name.
    pub fn file(kind: &'static str, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { download: Some(name.into()), ..Self::new(200, kind, bytes.into()) }
    }

    /// A file of the public folder, and how long its bytes last.
    pub fn published(kind: &'static str, bytes: impl Into<Vec<u8>>, lasts: &'static str) -> Self {
        Self { lasts: Some(lasts), ..Self::new(200, kind, bytes.into()) }
    }

    /// Bytes to be shown.
    pub fn shown(kind: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(200, kind, bytes.into())
    }
}
