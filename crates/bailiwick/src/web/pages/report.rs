//! Reports: the period so far, what is missing, and the files to look at before anything is filed.

use askama::Template;
use jiff::civil::Date;
use law::report::{Nil, Period, Stretch, long_day};
use register::entry::Public;
use report::{Cell, Report, Table};

use crate::error::{Error, Result};
use crate::missing::{self, Missing, missing};
use crate::publish::{self, Ordered};
use crate::web::fields::Fields;
use crate::web::proposals::Proposal;
use crate::web::role::Role;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// Entries that are named one by one; the others are counted.
const NAMED: usize = 100;

/// A report and a period of it.
pub(super) struct Chosen {
    pub ordered: Ordered,
    pub period: Stretch,
}

/// A report, counted, and what else is known of it.
pub(super) struct Counted {
    pub report: Report,
    pub missing: Missing,
    /// Entries that published a report of the period, with the folder of its files.
    published: Vec<(u64, String)>,
}

/// A report that the law orders, for the choice.
struct Order {
    name: String,
    title: String,
    period: &'static str,
    example: &'static str,
}

/// A table, ready to be shown.
struct Shown {
    title: String,
    says: String,
    of: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
    notes: Vec<String>,
    /// The entries that a row was counted from.
    traces: Vec<(String, Named)>,
}

/// Entries, the first of them by name.
struct Named {
    entries: Vec<u64>,
    all: usize,
}

impl Named {
    fn of(entries: &[u64]) -> Self {
        Self { entries: entries.iter().take(NAMED).copied().collect(), all: entries.len() }
    }

    fn more(&self) -> usize {
        self.all.saturating_sub(self.entries.len())
    }
}

/// Something that is missing, with the entries that somebody has to see to.
struct Lack {
    says: &'static str,
    entries: Named,
}

/// What is shown of a report that was counted.
struct Standing {
    facts: Vec<(&'static str, String)>,
    over: bool,
    last: String,
    nil: Option<&'static str>,
    not_owed: bool,
    ordered: Vec<Shown>,
    beside: Vec<Shown>,
    lacks: Vec<Lack>,
    silent: Vec<(String, usize, Vec<String>)>,
    since: Option<String>,
    filled_in: Vec<String>,
    published: Vec<(u64, String)>,
    /// What the addresses of previews end with.
    query: String,
}

/// A proposal, as who looks may see and do.
struct Waiting {
    id: i64,
    report: String,
    period: String,
    over: bool,
    by: String,
    at: String,
    counted_at: u64,
    /// Where it is looked at.
    query: String,
    /// Whether who looks may approve it, and withdraw it.
    approves: bool,
    withdraws: bool,
}

#[derive(Template)]
#[template(path = "desk/report.html")]
struct Reporting {
    page: Page,
    orders: Vec<Order>,
    which: String,
    period: String,
    wrong: Vec<String>,
    standing: Option<Standing>,
    waiting: Vec<Waiting>,
    /// Whether a person has to name the period.
    unnamed: bool,
    proposes: bool,
    files: [&'static str; 5],
}

/// The reports of the agency, and the one chosen.
pub fn look(visit: &Visit) -> Given {
    shown(visit, &visit.query, Vec::new())
}

/// The page, with what was chosen and what is wrong.
pub(super) fn shown(visit: &Visit, sent: &Fields, mut wrong: Vec<String>) -> Given {
    let app = &visit.app;
    let orders = publish::all_ordered(app.library(), &app.settings().agency, app.today())?;
    let orders: Vec<Order> = orders.iter().map(order).collect();
    let (mut which, mut period) = asked(sent, &orders);
    let (mut standing, mut unnamed) = (None, false);
    match chosen(visit, sent) {
        Ok(Some(chosen)) => {
            which.clone_from(&chosen.ordered.name);
            period = chosen.period.to_string();
            let counted = counted(visit, &chosen)?;
            standing = Some(standing_of(&chosen, counted, app.today()));
        }
        Ok(None) => unnamed = !orders.is_empty(),
        Err(Error::Input(why)) => wrong.push(why),
        Err(error) => return Err(error.into()),
    }
    let again = !wrong.is_empty();
    let page = Reporting {
        page: visit.page("Report", "report"),
        orders,
        which,
        period,
        wrong,
        standing,
        waiting: waiting(visit)?,
        unnamed,
        proposes: visit.is(Role::Publisher),
        files: publish::FILES,
    };
    if again { Reply::again(&page) } else { Reply::page(&page) }
}

fn order(ordered: &Ordered) -> Order {
    let period = ordered.definition.period;
    Order {
        name: ordered.name.clone(),
        title: ordered.definition.title.clone(),
        period: period.says(),
        example: period.example(),
    }
}

/// What was asked for, for the form.
fn asked(sent: &Fields, orders: &[Order]) -> (String, String) {
    let which = sent.given("report").map(str::to_owned);
    let first = || orders.first().map_or_else(String::new, |order| order.name.clone());
    (which.unwrap_or_else(first), sent.given("period").unwrap_or_default().to_owned())
}

/// Which report, of which period: what is sent, else the first that the law of today orders and the
/// period that today is in. Nothing where there is none, or only a person can name the period.
pub(super) fn chosen(visit: &Visit, sent: &Fields) -> Result<Option<Chosen>> {
    let app = &visit.app;
    let (library, agency, today) = (app.library(), &app.settings().agency, app.today());
    let which = sent.given("report");
    let period = match sent.given("period") {
        Some(period) => Some(period.parse::<Stretch>().map_err(Error::Input)?),
        None => None,
    };
    let today_is = || -> Result<Option<Ordered>> {
        let all = publish::all_ordered(library, agency, today)?;
        let named = |it: &Ordered| which.is_none_or(|which| which == it.name);
        Ok(all.into_iter().find(named))
    };
    let period = match period {
        Some(period) => period,
        None => {
            let Some(ordered) = today_is()? else { return Ok(None) };
            let kind = ordered.definition.period;
            // Which twelve months the law means was not found, so that a person names them.
            let Some(period) = Stretch::around(kind, today) else {
                debug_assert_eq!(kind, Period::TwelveMonths);
                return Ok(None);
            };
            period
        }
    };
    if period.first() > today {
        return Err(Error::Input(format!(
            "{period} has not begun (today is {today}): there is nothing to count"
        )));
    }
    let which = match which {
        Some(which) => Some(which.to_owned()),
        None => today_is()?.map(|ordered| ordered.name),
    };
    let ordered = publish::ordered(library, agency, which.as_deref(), period.last())?;
    let kind = ordered.definition.period;
    if kind != period.period() {
        return Err(Error::Input(format!(
            "`{period}` is a {}, and this report is for each {}: write the period as in {}",
            period.period().says(),
            kind.says(),
            kind.example()
        )));
    }
    Ok(Some(Chosen { ordered, period }))
}

/// Counts. The register is held only while its entries are copied.
pub(super) fn counted(visit: &Visit, chosen: &Chosen) -> Result<Counted> {
    let (about, entries, now) = visit.app.read(|store| {
        let about = publish::about(store, &chosen.ordered, chosen.period)?;
        Ok((about, store.entries()?, store.effective().to_vec()))
    })?;
    let channels = visit.app.settings().channels.iter().map(|channel| channel.id.as_str());
    let today = visit.app.today();
    let missing = missing(&now, channels, &about.definition, chosen.period, today);
    let period = chosen.period.to_string();
    let published = now.iter().filter(|entry| !entry.void).filter_map(|entry| {
        let Public::Report(report) = &entry.public else { return None };
        let folder = publish::place(&report.period, &report.sha256);
        let folder = folder.to_string_lossy().into_owned();
        (report.period == period).then_some((entry.index, folder))
    });
    let published = published.collect();
    let report = report::count(&about, &entries);
    let report = report.map_err(|error| Error::Input(error.to_string()))?;
    Ok(Counted { report, missing, published })
}

fn standing_of(chosen: &Chosen, counted: Counted, today: Date) -> Standing {
    let Counted { report, missing, published } = counted;
    let definition = &report.about.definition;
    let due = match definition.due_on(chosen.period) {
        Some(day) if day < today => format!("{} (that day is past)", long_day(day)),
        Some(day) => long_day(day),
        None => "the day is not coded: it was not found or not read".to_owned(),
    };
    let facts = vec![
        ("Report", definition.title.clone()),
        ("Period", chosen.period.span()),
        ("Ordered by", format!("{} ({})", definition.cite, definition.grade.says())),
        ("Owed by", definition.who.clone()),
        ("Owed to", definition.to.clone()),
        ("Due", due),
        ("Counted from", format!("the first {} entries", report.about.checkpoint.size)),
    ];
    let nil = report.is_nil().then_some(match definition.nil {
        Some(Nil::Owed) => "There is nothing to count, and a report that says so is owed.",
        Some(Nil::Certified) => "There is nothing to count, and that has to be certified.",
        Some(Nil::NotOwed) => "There is nothing to count, and then the law asks for no report.",
        None => "There is nothing to count; whether a report is owed then is not coded.",
    });
    let tables = |ordered: bool| {
        report.tables.iter().filter(|it| it.ordered == ordered).map(table).collect::<Vec<_>>()
    };
    let mut query = Fields::default();
    query.push("report", chosen.ordered.name.clone());
    query.push("period", chosen.period.to_string());
    Standing {
        facts,
        over: publish::is_over(chosen.period, today),
        last: long_day(chosen.period.last()),
        nil,
        not_owed: publish::not_owed(&report),
        ordered: tables(true),
        beside: tables(false),
        lacks: lacks(&missing),
        silent: silent(&report, &missing),
        since: missing.since.map(long_day),
        filled_in: missing.filled_in,
        published,
        query: query.to_query(),
    }
}

fn lacks(missing: &Missing) -> Vec<Lack> {
    let all = [
        ("Requests for whose decision facts are missing", &missing.facts),
        ("Requests that ask for something on which no decision is recorded", &missing.undecided),
        ("Requests upon which nothing is recorded as done or declined", &missing.deeds),
    ];
    let some = all.into_iter().filter(|(_, entries)| !entries.is_empty());
    some.map(|(says, entries)| Lack { says, entries: Named::of(entries) }).collect()
}

fn silent(report: &Report, missing: &Missing) -> Vec<(String, usize, Vec<String>)> {
    let one = |(channel, stretches): &(String, Vec<(Date, Date)>)| {
        let label = report.about.channels.get(channel).unwrap_or(channel).clone();
        let days = stretches.iter().map(missing::length).sum();
        let says = |(first, last): &(Date, Date)| match first == last {
            true => long_day(*first),
            false => format!("{} to {}", long_day(*first), long_day(*last)),
        };
        (label, days, stretches.iter().map(says).collect())
    };
    missing.silent.iter().map(one).collect()
}

fn table(table: &Table) -> Shown {
    let cells = |row: &report::Row| -> Vec<String> {
        row.cells.iter().zip(&table.columns).map(|(cell, column)| cell.says(column.unit)).collect()
    };
    let rows = table.rows.iter().chain(&table.total);
    let traced = |row: &report::Row| match row.cells.first() {
        Some(Cell::Count(count)) if table.ordered && !count.entries.is_empty() => {
            Some((row.label.clone(), Named::of(&count.entries)))
        }
        _ => None,
    };
    Shown {
        title: table.title.clone(),
        says: table.says.clone(),
        of: table.of.clone(),
        columns: table.columns.iter().map(|column| column.label.clone()).collect(),
        rows: rows.map(|row| (row.label.clone(), cells(row))).collect(),
        notes: table.notes.clone(),
        traces: table.rows.iter().filter_map(traced).collect(),
    }
}

fn waiting(visit: &Visit) -> std::result::Result<Vec<Waiting>, Refusal> {
    let own = visit.session.as_ref().map(|session| session.person.id);
    let (publisher, supervisor) = (visit.is(Role::Publisher), visit.is(Role::Supervisor));
    let one = |it: Proposal| {
        let mut query = Fields::default();
        query.push("report", it.report.clone());
        query.push("period", it.period.clone());
        Waiting {
            id: it.id,
            approves: (publisher || supervisor) && own != Some(it.person),
            withdraws: publisher || supervisor,
            over: it.period.parse().is_ok_and(|it| publish::is_over(it, visit.app.today())),
            by: it.name,
            at: visit.app.at(it.at).strftime("%Y-%m-%d %H:%M").to_string(),
            counted_at: it.counted_at,
            query: query.to_query(),
            report: it.report,
            period: it.period,
        }
    };
    Ok(visit.app.database.proposals()?.into_iter().map(one).collect())
}

/// One of the files as it would be published now.
pub fn preview(visit: &Visit) -> Given {
    let file = visit.place("file");
    if !publish::FILES.contains(&file) {
        return Err(Refusal::NotFound);
    }
    let chosen = chosen(visit, &visit.query)?.ok_or(Refusal::NotFound)?;
    let report = counted(visit, &chosen)?.report;
    let files = publish::files(&report)?;
    let found = files.into_iter().find(|(name, _)| *name == file).ok_or(Refusal::NotFound)?;
    let kind = match file.rsplit_once('.') {
        Some((_, "json")) => "application/json",
        Some((_, "csv")) => "text/csv; charset=utf-8",
        Some((_, "md")) => "text/markdown; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
    Ok(Reply::file(kind, format!("preview-{}-{file}", chosen.period), found.1))
}
