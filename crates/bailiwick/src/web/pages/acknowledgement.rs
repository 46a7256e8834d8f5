//! An acknowledgement for whoever sent a request: what was received, and how to check that it was
//! recorded. Nothing private is on it.

use askama::Template;
use law::report::NOT_STATED;
use register::entry::Public;
use register::hex;
use register::receipt::Receipt;
use register::tree::leaf_hash;

use super::qr;
use crate::error::Error;
use crate::web::fields::Fields;
use crate::web::visit::{Given, Page, Refusal, Reply, Visit};
use crate::web::words;

#[derive(Template)]
#[template(path = "desk/acknowledgement.html")]
struct Acknowledgement {
    page: Page,
    entry: u64,
    pairs: Vec<(String, String)>,
    checked: Vec<(String, String)>,
    picture: String,
    vkey: String,
}

/// The acknowledgement of a request.
pub fn show(visit: &Visit) -> Given {
    let index = visit.entry()?;
    let vocabulary = visit.app.library().vocabulary();
    let found = visit.app.read(|store| {
        let Some(Public::Request(request)) = store.entry(index).map(|entry| &entry.public) else {
            return Ok(None);
        };
        let receipt = Receipt::parse(&store.receipt(index)?).map_err(wrong)?;
        let verifier = store.vkey();
        let proven = receipt.verify(&verifier).map_err(wrong)?;
        Ok(Some((request.clone(), receipt.entry, proven, verifier.to_string())))
    })?;
    let Some((request, bytes, proven, vkey)) = found else { return Err(Refusal::NotFound) };
    let channel = words::channel(&visit.app.settings().channels, &request.channel);
    let actions: Vec<_> = request.actions.iter().map(|it| words::action(vocabulary, it)).collect();
    let form = request.form.as_deref().unwrap_or(NOT_STATED);
    let pairs = [
        ("Received by", visit.app.agency().to_owned()),
        ("Received on", words::day(&request.day)),
        ("How it came", format!("{channel}, number {} of this channel", request.seq)),
        ("What is asked", actions.join("; ")),
        ("Paper", words::value(vocabulary, "basis", &request.basis).to_owned()),
        ("Form", words::value(vocabulary, "form", form).to_owned()),
    ];
    let leaf = hex(&leaf_hash(&bytes));
    let root = hex(&proven.checkpoint.root);
    let size = proven.checkpoint.size.to_string();
    let mut code = Fields::default();
    for (name, value) in [
        ("origin", proven.checkpoint.origin.as_str()),
        ("entry", &index.to_string()),
        ("leaf", &leaf),
        ("size", &size),
        ("root", &root),
    ] {
        code.push(name, value);
    }
    let checked = [
        ("Register", proven.checkpoint.origin.clone()),
        ("Entry", index.to_string()),
        ("Leaf hash of the entry", leaf),
        ("Entries in the register", size),
        ("Root hash", root),
    ];
    let owned = |(name, says): (&str, String)| (name.to_owned(), says);
    Reply::page(&Acknowledgement {
        page: visit.page(format!("Acknowledgement of entry {index}"), "register"),
        entry: index,
        pairs: pairs.into_iter().map(owned).collect(),
        checked: checked.into_iter().map(owned).collect(),
        picture: qr::picture(&format!("bailiwick:receipt?{}", code.to_query()))?,
        vkey,
    })
}

fn wrong(error: register::Error) -> Error {
    Error::Unverified(format!("a receipt of our own: {error}"))
}
