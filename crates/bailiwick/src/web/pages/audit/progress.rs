//! How far an audit is.

use askama::Template;

use super::grouped;
use crate::web::jobs::State;
use crate::web::pages::Wrong;
use crate::web::visit::{Given, Page, Reply, Visit};

/// A job, as a page shows it.
pub struct Shown {
    pub running: bool,
    /// Whether it was cancelled, and has ended or is about to.
    pub cancelled: bool,
    /// What tells it from others, for whoever may cancel it.
    pub cancel: Option<String>,
    pub entry: Option<u64>,
    pub failed: Option<String>,
    pub file: String,
    pub at: usize,
    pub of: usize,
    pub rows: String,
    pub a_second: String,
    pub done: String,
    pub bytes: String,
    pub seconds: String,
    pub percent: u64,
    /// Whether all is read, and the searches are held against the law.
    pub read: bool,
    /// Which tenth was last said aloud; people who listen are told of each once.
    pub tenth: u64,
    /// What is to be said aloud, if it is new.
    pub say: Option<String>,
}

/// The last job.
pub fn shown(visit: &Visit) -> Option<Shown> {
    let job = visit.app.jobs.last()?;
    let now = job.progress();
    let percent = now.bytes.saturating_mul(100).checked_div(job.bytes).unwrap_or(100);
    let seconds = now.took.as_secs_f64();
    let a_second = if seconds > 0.0 { now.rows as f64 / seconds } else { 0.0 };
    let running = now.state.runs();
    let cancelled = matches!(now.state, State::Stopping | State::Cancelled);
    let own = now.state == State::Running && job.by == visit.login();
    let (entry, failed) = match now.state {
        State::Done(entry) => (Some(entry), None),
        State::Failed(why) => (None, Some(why)),
        State::Running | State::Stopping | State::Cancelled => (None, None),
    };
    let tenth = percent / 10;
    let told = visit.query.given("tenth").and_then(|it| it.parse().ok()).unwrap_or(0_u64);
    let say = match (running, entry) {
        (true, _) if tenth > told => Some(format!("{} of 100 read", tenth.saturating_mul(10))),
        (true, _) => None,
        (false, Some(entry)) => Some(format!("The audit is recorded as entry {entry}.")),
        (false, None) if cancelled => Some("The audit was cancelled.".to_owned()),
        (false, None) => Some("The audit came to nothing.".to_owned()),
    };
    Some(Shown {
        running,
        cancelled,
        cancel: own.then(|| job.mark.clone()),
        entry,
        failed,
        file: job.files.get(now.file.saturating_sub(1)).cloned().unwrap_or_default(),
        at: now.file,
        of: job.files.len(),
        rows: grouped(now.rows),
        a_second: grouped(a_second as u64),
        done: megabytes(now.bytes),
        bytes: megabytes(job.bytes),
        seconds: format!("{seconds:.0}"),
        percent,
        read: now.bytes >= job.bytes,
        tenth,
        say,
    })
}

/// Bytes as people read them.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[derive(Template)]
#[template(path = "desk/audit-progress.html")]
struct Whole {
    page: Page,
    job: Option<Shown>,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "desk/audit-part.html")]
struct Part {
    job: Option<Shown>,
}

fn whole(visit: &Visit, wrong: Wrong) -> Whole {
    let mut page = visit.page("Progress of the audit", "audit");
    page.script = true;
    Whole { page, job: shown(visit), wrong }
}

/// How far the last audit is.
pub fn look(visit: &Visit) -> Given {
    Reply::page(&whole(visit, Wrong::new()))
}

/// Cancels the audit that runs. One that has ended meanwhile stays as it is, and so does one that
/// was started since: the form says which it means.
pub fn cancel(visit: &Visit) -> Given {
    let job = visit.app.jobs.last();
    match job.filter(|job| visit.form.get("job") == Some(&job.mark)) {
        Some(job) if job.by != visit.login() => {
            let why = "Only the person who started an audit can cancel it.".to_owned();
            Reply::again(&whole(visit, vec![("", why)]))
        }
        Some(job) => {
            job.cancel();
            tracing::info!("an audit was cancelled");
            Ok(Reply::see("/audit/progress"))
        }
        None => Ok(Reply::see("/audit/progress")),
    }
}

/// The part of the page that changes, for a page that asks for it again and again.
pub fn again(visit: &Visit) -> Given {
    Reply::page(&Part { job: shown(visit) })
}
