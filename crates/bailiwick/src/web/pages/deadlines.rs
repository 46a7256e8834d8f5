//! What is due: the duties that follow from recorded answers, and the reports the law orders. Also
//! as a file for calendars, which has no names and no references.

use askama::Template;
use jiff::ToSpan as _;
use jiff::civil::Date;
use law::report::Stretch;
use register::entry::Public;

use super::register::each_request;
use crate::web::app::App;
use crate::web::matter::{Deadline, Matter, Packs, deadlines};
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

/// The most that are shown.
const MOST: usize = 1_000;

/// A request whose law's day is longer ago than this has nothing due any more, in days.
const LONGEST: i32 = 400;

struct Row {
    by: String,
    entry: Option<u64>,
    says: String,
    who: String,
    citation: String,
}

#[derive(Template)]
#[template(path = "desk/deadlines.html")]
struct Shown {
    page: Page,
    rows: Vec<Row>,
    more: bool,
}

/// What is due from today on, the next first.
fn due(app: &App) -> Result<Vec<Deadline>, Refusal> {
    let today = app.today();
    let mut packs = Packs::new(app.library(), &app.settings().agency);
    let mut all = reports(app, today)?;
    let oldest = today.checked_sub(LONGEST.days()).unwrap_or(today).to_string();
    each_request(app, |store, at, request| {
        if request.day < oldest {
            return true;
        }
        let matter = Matter::of(store, at).filter(|matter| !matter.void);
        all.extend(matter.iter().flat_map(|matter| deadlines(matter, &mut packs, today)));
        all.len() <= MOST
    })?;
    all.sort();
    Ok(all)
}

/// The reports of this stretch and the last one that are still to come, unless they were made.
fn reports(app: &App, today: Date) -> Result<Vec<Deadline>, Refusal> {
    let Ok(pack) = app.library().pack(&app.settings().agency, today) else {
        return Ok(Vec::new());
    };
    let made: Vec<String> = app.read(|store| {
        let all = store.effective().iter().filter(|entry| !entry.void);
        let made = all.filter_map(|entry| match &entry.public {
            Public::Report(report) => Some(report.period.clone()),
            _ => None,
        });
        Ok(made.collect())
    })?;
    let mut due = Vec::new();
    for (_, definition) in pack.reports() {
        let now = Stretch::around(definition.period, today);
        let before = now
            .and_then(|now| now.first().yesterday().ok())
            .and_then(|day| Stretch::around(definition.period, day));
        for stretch in [before, now].into_iter().flatten() {
            let Some(by) = definition.due_on(stretch).filter(|by| *by >= today) else { continue };
            if made.contains(&stretch.to_string()) {
                continue;
            }
            due.push(Deadline {
                by: by.to_string(),
                entry: None,
                id: format!("{}/{}", definition.id, stretch),
                says: format!("{}, {}", definition.title, stretch.says()),
                who: definition.who.clone(),
                citation: definition.cite.clone(),
                since: stretch.first().to_string(),
            });
        }
    }
    Ok(due)
}

/// What is due.
pub fn look(visit: &Visit) -> Given {
    let all = due(&visit.app)?;
    let more = all.len() > MOST;
    let rows = all.into_iter().take(MOST).map(|it| Row {
        by: words::day(&it.by),
        entry: it.entry,
        says: it.says,
        who: it.who,
        citation: it.citation,
    });
    let page = visit.page("Deadlines", "register");
    Reply::page(&Shown { page, rows: rows.collect(), more })
}

/// The same as a file for calendars (RFC 5545).
pub fn calendar(visit: &Visit) -> Given {
    let all = due(&visit.app)?;
    let origin = &visit.app.settings().origin;
    let mut text = String::new();
    let mut put = |line: &str| fold(&mut text, line);
    put("BEGIN:VCALENDAR");
    put("VERSION:2.0");
    put("PRODID:-//Bailiwick//Deadlines//EN");
    put("CALSCALE:GREGORIAN");
    for it in all.iter().take(MOST) {
        let Ok(by) = it.by.parse::<Date>() else { continue };
        let plain = |day: &str| day.replace('-', "");
        let (name, about) = match it.entry {
            Some(entry) => (format!("{}.{entry}", it.id), format!("Entry {entry}: {}", it.says)),
            None => (it.id.clone(), it.says.clone()),
        };
        put("BEGIN:VEVENT");
        put(&format!("UID:{}@{}", escaped(&name), escaped(origin)));
        // The day it follows from, and not now: the same register gives the same file.
        put(&format!("DTSTAMP:{}T000000Z", plain(&it.since)));
        put(&format!("DTSTART;VALUE=DATE:{}", plain(&it.by)));
        if let Ok(after) = by.tomorrow() {
            put(&format!("DTEND;VALUE=DATE:{}", plain(&after.to_string())));
        }
        put(&format!("SUMMARY:{}", escaped(&about)));
        put(&format!("DESCRIPTION:{}", escaped(&format!("{} ({})", it.citation, it.who))));
        put("TRANSP:TRANSPARENT");
        put("END:VEVENT");
    }
    put("END:VCALENDAR");
    Ok(Reply::file("text/calendar; charset=utf-8", "deadlines.ics", text))
}

/// A text as RFC 5545, 3.3.11 writes it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Adds a line, in pieces of at most 75 bytes, none of which cuts a letter (RFC 5545, 3.1).
fn fold(into: &mut String, line: &str) {
    let mut room = 75_usize;
    for letter in line.chars() {
        if letter.len_utf8() > room {
            into.push_str("\r\n ");
            room = 74;
        }
        room = room.saturating_sub(letter.len_utf8());
        into.push(letter);
    }
    into.push_str("\r\n");
}
