//! A desk to visit: a register of its own, somebody of each role, and a clock that the test holds.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use bailiwick::store::{Channel, ChannelKind, FORMAT, Settings, Store};
use bailiwick::texts;
use bailiwick::web::{App, Clock, Code, Fields, Passkeys, Password, Role, Roles, router};
use law::Library;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Noon of a Monday in Boston, 3 March 2025, in seconds since 1970.
pub const NOON: i64 = 1_741_021_200;

pub const PASSWORD: &str = "a sentence that is long";

/// Where people reach it.
pub const ORIGIN: &str = "https://desk.example.gov";

/// A desk.
pub struct House {
    pub app: Arc<App>,
    pub clock: Arc<AtomicI64>,
    pub folder: TempDir,
    router: axum::Router,
    /// By role: the cookie, and what forms carry.
    keys: BTreeMap<Role, (String, String)>,
    codes: BTreeMap<Role, Code>,
}

fn open(store: Store, data: &Path, library: Library, clock: Clock) -> Arc<App> {
    let mut app = App::new(store, data, library, clock).unwrap();
    app.passkeys = Some(Passkeys::new(Arc::clone(&app.database), ORIGIN).unwrap());
    Arc::new(app)
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub to: Option<String>,
    pub cookie: Option<String>,
    pub text: String,
    pub bytes: Vec<u8>,
    pub headers: axum::http::HeaderMap,
}

impl House {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("register");
        Self::on(Store::init(&data, Self::settings()).unwrap(), folder)
    }

    pub fn settings() -> Settings {
        Settings {
            format: FORMAT,
            agency: "us-ma-boston-pd".to_owned(),
            origin: "register.example/test".to_owned(),
            channels: [("desk", ChannelKind::Desk), ("fax", ChannelKind::Fax)]
                .map(|(id, kind)| Channel { id: id.to_owned(), kind, label: format!("The {id}") })
                .to_vec(),
            banner: None,
            contact: Some("the watch commander, 555-0100".to_owned()),
        }
    }

    /// With a store in the folder `register` of another.
    pub fn on(store: Store, folder: TempDir) -> Self {
        let library = texts::library(None, Some(&store.settings().agency)).unwrap();
        Self::under(store, folder, library)
    }

    /// With a law of its own.
    pub fn under(store: Store, folder: TempDir, library: Library) -> Self {
        let data = folder.path().join("register");
        let clock = Arc::new(AtomicI64::new(NOON));
        let told = Arc::clone(&clock);
        let clocked = Box::new(move || told.load(Ordering::Relaxed));
        let app = open(store, &data, library, clocked);
        let router = router_of(&app);
        let (mut keys, mut codes) = (BTreeMap::new(), BTreeMap::new());
        for role in Role::ALL {
            let person = app.people.add(role.word(), role.word(), Roles::of(&[role])).unwrap();
            let token = app.people.invite(person.id, NOON).unwrap();
            let code = Code::new().unwrap();
            let typed = six(&code, NOON);
            let password = Password::new(PASSWORD);
            let person = app.people.accept(&token, &password, &code, &typed, NOON).unwrap();
            let session = app.people.begin(&person, NOON).unwrap();
            let mark = app.people.session(&session, NOON).unwrap().unwrap().mark;
            keys.insert(role, (format!("bailiwick={}", session.text()), mark));
            codes.insert(role, code);
        }
        Self { app, clock, folder, router, keys, codes }
    }

    /// The same desk after the program was killed and started again; everybody is still signed in.
    pub fn opened_again(self) -> Self {
        self.opened_again_after(|| ())
    }

    /// The same, with something done to the files while it was down.
    pub fn opened_again_after(self, down: impl FnOnce()) -> Self {
        let Self { app, clock, folder, router, keys, codes } = self;
        drop(router);
        drop(Arc::into_inner(app).expect("nobody else has the desk"));
        down();
        let data = folder.path().join("register");
        let store = Store::open(&data).unwrap();
        let told = Arc::clone(&clock);
        let library = texts::library(None, Some(&store.settings().agency)).unwrap();
        let clocked = Box::new(move || told.load(Ordering::Relaxed));
        let app = open(store, &data, library, clocked);
        let router = router_of(&app);
        Self { app, clock, folder, router, keys, codes }
    }

    /// The register's folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("register")
    }

    /// Every byte of the files in a folder whose names begin so.
    pub fn bytes(&self, begins: &str) -> Vec<u8> {
        let mut names: Vec<_> = std::fs::read_dir(self.data()).unwrap().flatten().collect();
        names.sort_by_key(std::fs::DirEntry::file_name);
        let named = |name: &std::fs::DirEntry| {
            name.file_name().to_string_lossy().starts_with(begins) && name.path().is_file()
        };
        names
            .iter()
            .filter(|it| named(it))
            .flat_map(|it| std::fs::read(it.path()).unwrap())
            .collect()
    }

    /// The private part of an entry, past the desk.
    pub fn private(&self, entry: u64) -> serde_json::Value {
        self.app.read(|store| Ok(store.private(entry)?)).unwrap().unwrap()
    }

    /// The public fields of an entry as it counts.
    pub fn public(&self, entry: u64) -> serde_json::Value {
        let read = |store: &Store| Ok(store.entry(entry).map(|it| it.public.clone()));
        serde_json::to_value(self.app.read(read).unwrap().unwrap()).unwrap()
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.app.read(|store| Ok(store.size())).unwrap()
    }

    /// Records a request by a call as the clerk; its entry.
    pub async fn call(&self, fields: &[(&str, &str)]) -> u64 {
        let mut all = vec![("channel", "desk"), ("day", "2025-03-03"), ("action", "hold")];
        for (name, _) in fields {
            all.retain(|it| it.0 != *name);
        }
        all.extend_from_slice(fields);
        let page = self.send(Role::Clerk, "/intake/new", &all).await;
        let to = page.to.unwrap_or_else(|| panic!("{fields:?}: {}", page.text));
        to.trim_start_matches("/register/").split('?').next().unwrap().parse().unwrap()
    }

    /// Lets time pass, or steps the clock back.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The code that somebody's authenticator shows now.
    pub fn code(&self, role: Role) -> String {
        six(&self.codes[&role], self.clock.load(Ordering::Relaxed))
    }

    /// The code of letters that a page showed.
    pub fn digits(&self, letters: &str) -> String {
        six(&Code::parse(letters).unwrap(), self.clock.load(Ordering::Relaxed))
    }

    /// The cookie of somebody.
    pub fn cookie(&self, role: Role) -> &str {
        &self.keys[&role].0
    }

    /// What forms of somebody carry.
    pub fn mark(&self, role: Role) -> &str {
        &self.keys[&role].1
    }

    /// Looks at a page, as somebody or as a stranger.
    pub async fn look(&self, who: impl Into<Option<Role>>, path: &str) -> Page {
        let mut request = Request::get(path);
        if let Some(role) = who.into() {
            request = request.header(header::COOKIE, &self.keys[&role].0);
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form with what forms of this person carry.
    pub async fn send(
        &self,
        who: impl Into<Option<Role>>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let who = who.into();
        let mut all = Fields::default();
        if let Some(role) = who {
            all.push("csrf", self.mark(role));
        }
        fields.iter().for_each(|(name, value)| all.push(*name, *value));
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        if let Some(role) = who {
            request = request.header(header::COOKIE, &self.keys[&role].0);
        }
        self.ask(request.body(Body::from(all.to_query())).unwrap()).await
    }

    /// Sends a form with files: field, name, bytes.
    pub async fn send_files(
        &self,
        who: Role,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let mut body = Vec::new();
        let fields = [("csrf", self.mark(who))].into_iter().chain(fields.iter().copied());
        for (name, value) in fields {
            let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        for (field, name, bytes) in files {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; \
                 filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.keys[&who].0);
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    /// Any request at all.
    pub async fn ask(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let text = |name| parts.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
        Page {
            status: parts.status.as_u16(),
            to: text(header::LOCATION),
            cookie: text(header::SET_COOKIE),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            headers: parts.headers,
        }
    }
}

fn router_of(app: &Arc<App>) -> axum::Router {
    router(Arc::clone(app))
}

/// The code of letters that a page showed, by the clock of this machine.
pub fn digits_now(letters: &str) -> String {
    six(&Code::parse(letters).unwrap(), jiff::Timestamp::now().as_second())
}

/// The six digits of an authenticator, worked out here by RFC 6238 and not by the desk.
fn six(code: &Code, now: i64) -> String {
    use hmac::{KeyInit as _, Mac as _};
    let secret = base32(&code.letters());
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(now / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// RFC 4648, 6.
fn base32(letters: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in letters.chars().filter(|letter| *letter != '=') {
        bits = bits << 5 | alphabet.find(letter).unwrap() as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// The vectors of RFC 6238 (appendix B, SHA-1), of which the last six digits are shown here.
#[test]
fn codes_are_those_of_the_standard() {
    let code = Code::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    for (time, digits) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
        assert_eq!(six(&code, time), digits);
    }
}
