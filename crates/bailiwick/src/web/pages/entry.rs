//! One entry: what is public of it, what came before and after, its receipt.

use askama::Template;
use register::entry::Public;
use serde_json::Value;

use crate::web::visit::{Given, Page, Refusal, Reply, Visit};

/// An entry of the timeline.
struct Step {
    entry: u64,
    kind: &'static str,
    /// Its public fields, by name.
    fields: Vec<(String, String)>,
    void: bool,
}

#[derive(Template)]
#[template(path = "desk/entry.html")]
struct Matter {
    page: Page,
    entry: u64,
    steps: Vec<Step>,
}

fn fields(public: &Public) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(public) else { return Vec::new() };
    let plain = |value: Value| match value {
        Value::String(text) => text,
        Value::Array(some) => {
            let some: Vec<_> = some.iter().map(|it| it.as_str().unwrap_or_default()).collect();
            some.join(", ")
        }
        other => other.to_string(),
    };
    let shown = fields.into_iter().filter(|(name, _)| name != "kind");
    shown.map(|(name, value)| (name, plain(value))).collect()
}

/// An entry, and those that point to it.
pub fn show(visit: &Visit) -> Given {
    let index = visit.entry()?;
    let steps = visit.app.read(|store| {
        let all = [index].into_iter().chain(store.history().pointing(index).iter().copied());
        let steps = all.filter_map(|at| {
            let entry = store.entry(at)?;
            Some(Step {
                entry: at,
                kind: entry.public.kind(),
                fields: fields(&entry.public),
                void: entry.void,
            })
        });
        Ok(steps.collect::<Vec<_>>())
    })?;
    if steps.is_empty() {
        return Err(Refusal::NotFound);
    }
    let page = visit.page(format!("Entry {index}"), "register");
    Reply::page(&Matter { page, entry: index, steps })
}

/// Its receipt, which anybody can check with the register's key.
pub fn receipt(visit: &Visit) -> Given {
    let index = visit.entry()?;
    let receipt = visit.app.read(|store| Ok(store.receipt(index)?))?;
    Ok(Reply::file("text/plain; charset=utf-8", format!("entry-{index}.tlog-proof"), receipt))
}
