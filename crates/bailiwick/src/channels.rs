//! The channels a register starts with, where its keeper names none.

use crate::store::{Channel, ChannelKind};

/// A channel's id, kind and label.
type Known = (&'static str, ChannelKind, &'static str);

/// Boston's are those of the sample year; a city knows its own better, and names them when it makes
/// its register.
const BOSTON: &[Known] = &[
    ("fax-dedicated", ChannelKind::Fax, "Dedicated fax line"),
    ("fax-a1", ChannelKind::Fax, "Fax of station A-1"),
    ("fax-b2", ChannelKind::Fax, "Fax of station B-2"),
    ("fax-b3", ChannelKind::Fax, "Fax of station B-3"),
    ("fax-c11", ChannelKind::Fax, "Fax of station C-11"),
    ("fax-d4", ChannelKind::Fax, "Fax of station D-4"),
    ("fax-e13", ChannelKind::Fax, "Fax of station E-13"),
    ("mailbox", ChannelKind::Mailbox, "Central mailbox"),
    ("desk", ChannelKind::Desk, "Front desk"),
    ("phone", ChannelKind::Phone, "Telephone"),
];

/// One of each kind, for an agency that is not known.
const EACH_KIND: &[Known] = &[
    ("fax", ChannelKind::Fax, "Fax"),
    ("mailbox", ChannelKind::Mailbox, "Mailbox"),
    ("desk", ChannelKind::Desk, "Front desk"),
    ("phone", ChannelKind::Phone, "Telephone"),
];

/// The channels that an agency's register starts with.
pub fn of(agency: &str) -> Vec<Channel> {
    let known = if agency == "us-ma-boston-pd" { BOSTON } else { EACH_KIND };
    known
        .iter()
        .map(|(id, kind, label)| Channel {
            id: (*id).to_owned(),
            kind: *kind,
            label: (*label).to_owned(),
        })
        .collect()
}
