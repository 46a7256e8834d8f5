//! The doors of the desk: role × page × action, in one table.
//!
//! What is not in it cannot be reached, and whoever may open a door stands beside it.

use super::pages::{
    acknowledgement, audit, deadlines, entry, followups, intake, law, looks, may_we, passkeys,
    people, private, proposals, public, register, report,
};
use super::papers;
use super::role::{Role, Roles};
use super::visit::{Given, NavItem, Visit};

/// How a door is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// To look.
    Get,
    /// To do something.
    Post,
}

/// Who may open a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anyone.
    Anyone,
    /// Whoever is signed in, though their desk may be locked.
    Locked,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has one of these roles.
    Has(Roles),
}

/// What may be sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A form.
    Form,
    /// A form with a paper of at most so many bytes, which is held in memory.
    Paper(usize),
    /// A form with a log of at most so many bytes, which goes to the disk.
    Log(u64),
}

/// A door.
pub struct Door {
    /// The page it belongs to.
    pub page: &'static str,
    /// What is done there.
    pub action: &'static str,
    /// How.
    pub method: Method,
    /// Its address.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
    /// What may be sent in.
    pub takes: Takes,
    /// What happens.
    pub open: fn(&Visit) -> Given,
}

const fn get(
    page: &'static str,
    action: &'static str,
    path: &'static str,
    who: Who,
    open: fn(&Visit) -> Given,
) -> Door {
    Door { page, action, method: Method::Get, path, who, takes: Takes::Form, open }
}

const fn post(
    page: &'static str,
    action: &'static str,
    path: &'static str,
    who: Who,
    open: fn(&Visit) -> Given,
) -> Door {
    Door { page, action, method: Method::Post, path, who, takes: Takes::Form, open }
}

/// Who takes papers in, says that a channel was quiet, and puts entries right.
const CLERKS: Who = Who::Has(Roles::of(&[Role::Clerk, Role::Supervisor]));

/// Who may look at private parts; an officer only at those of their own requests.
const LOOKERS: Who = Who::Has(entry::MAY_LOOK);

/// Who records requests.
const DESK: Who = Who::Has(Roles::of(&[Role::Officer, Role::Clerk, Role::Supervisor]));

/// Who sees audits and their leads.
const AUDITS: Who = Who::Has(Roles::of(&[Role::Auditor, Role::Supervisor, Role::Counsel]));

/// Who sees who looked at private parts: nobody who takes papers in or answers for what is done,
/// for it is their looks too.
const OVERSEERS: Who = Who::Has(Roles::of(&[Role::Auditor, Role::Counsel]));

/// Who audits.
const AUDITORS: Who = Who::Has(Roles::of(&[Role::Auditor]));

/// Who hears officers and closes leads.
const REVIEWERS: Who = Who::Has(Roles::of(&[Role::Supervisor, Role::Counsel]));

/// The most bytes of a log that is sent in.
const MOST_OF_A_LOG: u64 = 8 << 30;

/// What is done at a door that a page asks again and again by itself. It keeps no desk open: who
/// has left is locked out all the same.
const BY_ITSELF: &str = "look again by itself";

/// Who keeps the accounts.
const KEEPERS: Who = Who::Has(Roles::of(&[Role::Administrator]));

/// Who sees what the year comes to under another law.
const REPLAYERS: Who = Who::Has(Roles::of(&[Role::Supervisor, Role::Counsel, Role::Auditor]));

/// Who may have private facts used for that: those of them who may read every private part.
const PRIVATE_REPLAYERS: Who = Who::Has(Roles::of(&[Role::Supervisor, Role::Counsel]));

/// Who looks at the numbers of a report, and at what is missing.
const REPORTERS: Who = Who::Has(Roles::of(&[
    Role::Clerk,
    Role::Supervisor,
    Role::Counsel,
    Role::Auditor,
    Role::Publisher,
]));

/// Who proposes a report.
const PROPOSERS: Who = Who::Has(Roles::of(&[Role::Publisher]));

/// Who approves one that another person has proposed, or withdraws it.
const APPROVERS: Who = Who::Has(Roles::of(&[Role::Supervisor, Role::Publisher]));

/// Every door.
pub const DOORS: &[Door] = &[
    get("start", "go to one's first page", "/", Who::Anyone, people::start),
    get("sign in", "look", "/sign-in", Who::Anyone, people::sign_in_form),
    post("sign in", "sign in", "/sign-in", Who::Anyone, people::sign_in),
    post("sign in", "ask for a passkey", "/sign-in/passkey", Who::Anyone, passkeys::ask),
    get("set up", "look", "/set-up/{token}", Who::Anyone, people::invitation),
    post("set up", "set passkey or password", "/set-up/{token}", Who::Anyone, people::accept),
    post("set up", "offer a passkey", "/set-up/{token}/passkey", Who::Anyone, passkeys::offer),
    get("lock", "look", "/locked", Who::Locked, people::locked),
    post("lock", "lock", "/lock", Who::Locked, people::lock),
    post("lock", "unlock", "/locked", Who::Locked, people::unlock),
    post("lock", "sign out", "/sign-out", Who::Locked, people::sign_out),
    get("may we", "choose", "/may-we", Who::SignedIn, may_we::choose),
    get("may we", "ask", "/may-we/{action}", Who::SignedIn, may_we::ask),
    post("may we", "record", "/may-we/{action}", DESK, may_we::record),
    get("intake", "look", "/intake", CLERKS, intake::look),
    get("intake", "ask", "/intake/new", CLERKS, intake::new),
    post("intake", "record", "/intake/new", CLERKS, intake::record),
    Door {
        takes: Takes::Paper(papers::MOST),
        ..post("intake", "take a paper in", "/intake/papers", CLERKS, intake::papers::take_in)
    },
    get("intake", "look at a paper", "/intake/papers/{id}", CLERKS, intake::papers::show),
    post("intake", "record a paper", "/intake/papers/{id}", CLERKS, intake::papers::record),
    post("intake", "get a paper", "/intake/papers/{id}/file", CLERKS, intake::papers::file),
    get("intake", "ask again", "/intake/papers/{id}/discard", CLERKS, intake::papers::ask_again),
    post("intake", "throw away", "/intake/papers/{id}/discard", CLERKS, intake::papers::discard),
    get("intake", "quiet channels", "/intake/quiet", CLERKS, intake::quiet::look),
    post("intake", "say nothing came", "/intake/quiet", CLERKS, intake::quiet::record),
    get("register", "list", "/register", Who::SignedIn, register::list),
    get("register", "export", "/register/export.csv", Who::SignedIn, register::export),
    get("register", "deadlines", "/register/deadlines", Who::SignedIn, deadlines::look),
    get("register", "calendar", "/register/deadlines.ics", Who::SignedIn, deadlines::calendar),
    get("register", "look", "/register/{entry}", Who::SignedIn, entry::show),
    get("register", "receipt", "/register/{entry}/receipt", Who::SignedIn, entry::receipt),
    get(
        "register",
        "acknowledge",
        "/register/{entry}/acknowledgement",
        DESK,
        acknowledgement::show,
    ),
    post("register", "look at private", "/register/{entry}/private", LOOKERS, private::show),
    post("register", "get a paper", "/register/{entry}/paper", LOOKERS, private::paper),
    post("register", "say what was done", "/register/{entry}/done", DESK, followups::done),
    post("register", "state more facts", "/register/{entry}/settle", DESK, followups::settle),
    post("register", "correct", "/register/{entry}/correct", CLERKS, followups::correct),
    get("audit", "list", "/audit", AUDITS, audit::list),
    Door {
        takes: Takes::Log(MOST_OF_A_LOG),
        ..post("audit", "start", "/audit", AUDITORS, audit::start)
    },
    post("audit", "draw a seed", "/audit/seed", AUDITORS, audit::seed),
    get("audit", "progress", "/audit/progress", AUDITS, audit::look),
    get("audit", BY_ITSELF, "/audit/progress/part", AUDITS, audit::again),
    post("audit", "cancel", "/audit/progress/cancel", AUDITORS, audit::cancel),
    get("audit", "queue", "/audit/{entry}", AUDITS, audit::queue),
    get("audit", "document", "/audit/{entry}/files/{file}", AUDITS, audit::file),
    get("audit", "lead", "/audit/{entry}/{finding}", AUDITS, audit::lead),
    post("audit", "hear", "/audit/{entry}/{finding}/heard", REVIEWERS, audit::hear),
    post("audit", "close", "/audit/{entry}/{finding}/disposition", REVIEWERS, audit::close),
    get("looks", "count", "/looks", OVERSEERS, looks::look),
    post("looks", "show who looked", "/looks", OVERSEERS, looks::show),
    get("law", "in force", "/law", Who::SignedIn, law::stack),
    get("law", "text", "/law/text/{instrument}/{edition}", Who::SignedIn, law::text),
    get("law", "compare", "/law/compare", Who::SignedIn, law::compare),
    get("law", "replay", "/law/replay", REPLAYERS, law::replay),
    post("law", "replay with private facts", "/law/replay", PRIVATE_REPLAYERS, law::replay_private),
    get("report", "look", "/report", REPORTERS, report::look),
    get("report", "preview", "/report/preview/{file}", REPORTERS, report::preview),
    post("report", "propose", "/report/propose", PROPOSERS, proposals::propose),
    post("report", "approve", "/report/{proposal}/approve", APPROVERS, proposals::approve),
    post("report", "withdraw", "/report/{proposal}/withdraw", APPROVERS, proposals::withdraw),
    get("public", "look", "/public", Who::Anyone, public::look),
    get("public", "list of files", "/public/files", Who::Anyone, public::files),
    get("public", "file", "/public/{*path}", Who::Anyone, public::file),
    get("account", "look", "/account", Who::SignedIn, people::account),
    post("account", "set another password", "/account", Who::SignedIn, people::set_password),
    post("account", "offer a passkey", "/account/passkey", Who::SignedIn, passkeys::offer_more),
    get("account", "look at adding a passkey", "/account/passkeys", Who::SignedIn, passkeys::look),
    post("account", "add a passkey", "/account/passkeys", Who::SignedIn, passkeys::add),
    post("account", "remove a passkey", "/account/passkeys/{id}", Who::SignedIn, passkeys::remove),
    get("accounts", "list", "/accounts", KEEPERS, people::accounts),
    post("accounts", "add", "/accounts", KEEPERS, people::add),
    post("accounts", "invite anew", "/accounts/{id}/invite", KEEPERS, people::invite),
    post("accounts", "change roles", "/accounts/{id}/roles", KEEPERS, people::set_roles),
    post("accounts", "switch off or on", "/accounts/{id}/off", KEEPERS, people::set_off),
];

/// The links of the navigation; each is shown to whoever may open its door.
const LINKS: &[NavItem] = &[
    NavItem { key: "may-we", href: "/may-we", label: "May we?" },
    NavItem { key: "intake", href: "/intake", label: "Intake" },
    NavItem { key: "register", href: "/register", label: "Register" },
    NavItem { key: "law", href: "/law", label: "Law" },
    NavItem { key: "audit", href: "/audit", label: "Audit" },
    NavItem { key: "looks", href: "/looks", label: "Who looked" },
    NavItem { key: "report", href: "/report", label: "Report" },
    NavItem { key: "accounts", href: "/accounts", label: "Accounts" },
];

/// The links that somebody with these roles sees.
pub fn nav(roles: Roles) -> Vec<NavItem> {
    let opens = |link: &&NavItem| {
        let door = DOORS.iter().find(|it| it.method == Method::Get && it.path == link.href);
        door.is_some_and(|door| door.who.admits(roles))
    };
    LINKS.iter().filter(opens).copied().collect()
}

impl Door {
    /// Whether a page asks there by itself, so that nobody needs to be there.
    pub fn by_itself(&self) -> bool {
        self.action == BY_ITSELF
    }
}

impl Who {
    /// Whether somebody with these roles, signed in at an open desk, may.
    pub fn admits(self, roles: Roles) -> bool {
        match self {
            Self::Anyone | Self::Locked | Self::SignedIn => true,
            Self::Has(some) => some.meets(roles),
        }
    }
}
