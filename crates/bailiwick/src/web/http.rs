//! Between HTTP and the doors: what comes in is measured and checked before a door opens.
//!
//! In: requests. Out: responses, each with the headers that keep a page to itself. Absent: what
//! pages say, and who may see them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, RawPathParams, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::app::App;
use super::body;
use super::doors::{self, DOORS, Door, Who};
use super::fields::Fields;
use super::pages;
use super::people::{Session, Token};
use super::visit::{Given, Refusal, Reply, Visit};

/// What a page may load: its own files and nothing else, and nothing that is written into it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// The same for files of the public folder. A report is one page with its own style; it is shown as
/// if it came from elsewhere, so that nothing in it could do anything at the desk.
const POLICY_OF_FILES: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox";

/// Headers of everything that is sent.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// The cookie of a session. Over TLS its name binds it to this very host.
const COOKIE: &str = "bailiwick";
const COOKIE_TLS: &str = "__Host-bailiwick";

/// What may come from one address: so many at once, and so many a second after that.
const BURST: u32 = 200;
const A_SECOND: u32 = 50;

/// Attempts to sign in from one address, a minute.
const ATTEMPTS: u32 = 20;

/// What the adapter keeps beside the desk.
struct Front {
    app: Arc<App>,
    visits: DefaultKeyedRateLimiter<std::net::IpAddr>,
    attempts: DefaultKeyedRateLimiter<std::net::IpAddr>,
    /// Visits since those were forgotten who have not come lately.
    since: AtomicUsize,
}

/// After so many visits, places that have not come lately are forgotten.
const FORGET: usize = 10_000;

impl Front {
    /// Keeps the memory of who came from growing.
    fn forget_some(&self) {
        if self.since.fetch_add(1, Ordering::Relaxed) >= FORGET {
            self.since.store(0, Ordering::Relaxed);
            self.visits.retain_recent();
            self.attempts.retain_recent();
        }
    }
}

/// Everything that can be reached.
pub fn router(app: Arc<App>) -> Router {
    let some = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    let front = Arc::new(Front {
        app,
        visits: governor::RateLimiter::keyed(
            Quota::per_second(some(A_SECOND)).allow_burst(some(BURST)),
        ),
        attempts: governor::RateLimiter::keyed(Quota::per_minute(some(ATTEMPTS))),
        since: AtomicUsize::new(0),
    });
    let mut router = Router::new();
    for door in DOORS {
        let filter = match door.method {
            doors::Method::Get => MethodFilter::GET,
            doors::Method::Post => MethodFilter::POST,
        };
        let visited = move |State(front): State<Arc<Front>>, place, request| {
            visit(front, door, place, request)
        };
        router = router.route(door.path, MethodRouter::new().on(filter, visited));
    }
    router
        .route("/static/{*file}", axum::routing::get(file))
        .route("/health", axum::routing::get(health))
        .fallback(nothing)
        // Each door measures what it takes.
        .layer(DefaultBodyLimit::disable())
        .with_state(front)
}

/// One visit, from the request to the response.
async fn visit(
    front: Arc<Front>,
    door: &'static Door,
    place: RawPathParams,
    request: Request,
) -> Response {
    let began = Instant::now();
    let place: Vec<(String, String)> =
        place.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let get = request.method() == Method::GET;
    let given = answer(&front, door, place, request).await;
    let response = respond(&front, given).await;
    let status = response.status().as_u16();
    let took = began.elapsed().as_micros();
    tracing::info!(page = door.page, action = door.action, get, status, took, "visit");
    response
}

async fn answer(
    front: &Arc<Front>,
    door: &'static Door,
    place: Vec<(String, String)>,
    request: Request,
) -> Given {
    let (parts, sent) = request.into_parts();
    let from = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
    if let Some(from) = from {
        front.forget_some();
        let trying = door.method == doors::Method::Post && door.who == Who::Anyone;
        if front.visits.check_key(&from).is_err()
            || trying && front.attempts.check_key(&from).is_err()
        {
            return Ok(Reply::busy());
        }
    }
    if door.method == doors::Method::Post && !of_our_own(&parts.headers) {
        return Err(Refusal::input("This form was sent from another site. Open the page here."));
    }
    let token = cookie(&parts.headers, front.app.secure);
    let app = Arc::clone(&front.app);
    // Who may not enter is told so before anything they send is read.
    let known = blocking(move || known(&app, token, door)).await?;
    let session = match known {
        Known::Enter(session) => session.map(|it| *it),
        Known::Elsewhere(to) if parts.method == Method::GET => return Ok(Reply::see(to)),
        Known::Elsewhere(_) => {
            return Err(Refusal::input(
                "You are not signed in any more, and nothing was recorded. Sign in, go back and \
                 send the form again.",
            ));
        }
    };
    let sent = body::read(door.takes, door.method, &parts.headers, sent, &front.app.folder).await?;
    if door.method == doors::Method::Post
        && let Some(session) = &session
        && sent.form.get("csrf") != Some(session.mark.as_str())
    {
        return Err(Refusal::input("This form is not of your session. Open the page again."));
    }
    let query = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let app = Arc::clone(&front.app);
    let now = app.now();
    blocking(move || {
        let body::Sent { form, files } = sent;
        (door.open)(&Visit { app, session, place, query, form, files, now })
    })
    .await
}

/// Whether somebody may enter.
enum Known {
    Enter(Option<Box<Session>>),
    Elsewhere(String),
}

fn known(app: &App, token: Option<Token>, door: &Door) -> Result<Known, Refusal> {
    let session = match token {
        Some(token) if door.by_itself() => app.people.glance(&token, app.now())?,
        Some(token) => app.people.session(&token, app.now())?,
        None => None,
    };
    match (door.who, session) {
        (Who::Anyone, session) => Ok(Known::Enter(session.map(Box::new))),
        (_, None) => Ok(Known::Elsewhere("/sign-in".to_owned())),
        (Who::Locked, Some(session)) => Ok(Known::Enter(Some(Box::new(session)))),
        (_, Some(session)) if session.locked => Ok(Known::Elsewhere("/locked".to_owned())),
        (who, Some(session)) if who.admits(session.person.roles) => {
            Ok(Known::Enter(Some(Box::new(session))))
        }
        _ => Err(Refusal::NotTheirs),
    }
}

/// Doors wait for the disk, so they have threads of their own. What one does wrong ends its visit
/// and no other.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Refusal::Error(crate::error::Error::File("a door broke".to_owned()))),
    }
}

/// Whether a form comes from one of our own pages: browsers say so in `Sec-Fetch-Site`, older ones
/// in `Origin`. Whoever sends neither is no browser, and has no cookie of somebody else.
fn of_our_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
        }
        (None, _) => true,
        _ => false,
    }
}

fn cookie(headers: &HeaderMap, secure: bool) -> Option<Token> {
    let name = if secure { COOKIE_TLS } else { COOKIE };
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|all| all.split(';')).filter_map(|one| one.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).and_then(|(_, value)| Token::parse(value))
}

async fn respond(front: &Arc<Front>, given: Given) -> Response {
    let reply = match given {
        Ok(reply) => reply,
        Err(refusal) => {
            if let Refusal::Error(error) = &refusal
                && refusal.said().0 >= 500
            {
                tracing::error!(%error, "a visit failed");
            }
            let app = Arc::clone(&front.app);
            let page = tokio::task::spawn_blocking(move || pages::refused(&app, &refusal)).await;
            page.unwrap_or_else(|_| Reply::broken())
        }
    };
    let secure = front.app.secure;
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, reply.kind);
    put(header::CACHE_CONTROL, reply.lasts.unwrap_or("no-store"));
    if let Some(to) = &reply.to {
        put(header::LOCATION, to);
    }
    if let Some(name) = &reply.download {
        put(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
    }
    if let Some(cookie) = &reply.cookie {
        put(header::SET_COOKIE, &set_cookie(cookie.as_ref(), secure));
    }
    keep_to_itself(&mut response, secure);
    if reply.lasts.is_some() {
        let policy = HeaderValue::from_static(POLICY_OF_FILES);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn set_cookie(token: Option<&Token>, secure: bool) -> String {
    let (name, only) = if secure { (COOKIE_TLS, "; Secure") } else { (COOKIE, "") };
    match token {
        Some(token) => {
            format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{only}", token.text())
        }
        None => format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{only}"),
    }
}

fn keep_to_itself(response: &mut Response, secure: bool) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// One of the files that pages are made with.
async fn file(State(front): State<Arc<Front>>, place: RawPathParams, request: Request) -> Response {
    let name = place.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
    let Some(asset) = front.app.assets.get(&name) else { return nothing(State(front)).await };
    let zipped = request.headers().get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    let zipped = asset.zipped.filter(|_| zipped.is_some_and(|it| it.contains("gzip")));
    let is_zipped = zipped.is_some();
    let mut response = Response::new(Body::from(zipped.unwrap_or(asset.bytes)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    // Addresses with a version change with what is in the file; a style names fonts without.
    let long = match request.uri().query() {
        Some(_) => "public, max-age=31536000, immutable",
        None => "public, max-age=86400",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(long));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_zipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    keep_to_itself(&mut response, front.app.secure);
    response
}

/// Whether the desk works, for whoever watches the machine.
async fn health(State(front): State<Arc<Front>>) -> Response {
    let app = Arc::clone(&front.app);
    let found = tokio::task::spawn_blocking(move || {
        let size = match app.recorder.trouble() {
            Some(error) => Err(error),
            None => app.read(|store| Ok(store.size())),
        };
        (size, app.stepped_back())
    });
    let (ok, json) = match found.await {
        Ok((Ok(size), back)) => {
            let well = back < 60;
            let clock = if well { "right" } else { "stepped back" };
            (well, BTreeMap::from([("clock", clock.into()), ("entries", size.to_string())]))
        }
        // Anybody may ask; what the disk said, with its paths, is for the keeper's traces.
        Ok((Err(error), _)) => {
            tracing::error!(%error, "the register cannot be used");
            (false, BTreeMap::from([("register", "cannot be used".to_owned())]))
        }
        Err(_) => (false, BTreeMap::new()),
    };
    let json = serde_json::json!({ "well": ok, "found": json });
    let mut response = Response::new(Body::from(json.to_string()));
    if !ok {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    keep_to_itself(&mut response, front.app.secure);
    response
}

async fn nothing(State(front): State<Arc<Front>>) -> Response {
    respond(&front, Err(Refusal::NotFound)).await
}

/// How long somebody has to send a form.
pub(super) const A_FORM: Duration = Duration::from_secs(30);
