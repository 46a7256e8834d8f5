//! Roles, and what each may do.
//!
//! In: a role. Out: a word for it. Which door a role may open stands at the door itself
//! ([`super::doors::DOORS`]), in one table and nowhere else.

/// What a person is at the desk. Somebody may be several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Asks what the law permits, and has the answer recorded.
    Officer,
    /// Takes papers in.
    Clerk,
    /// Answers for what officers and clerks record.
    Supervisor,
    /// Reads the law for the agency.
    Counsel,
    /// Audits access logs.
    Auditor,
    /// Prepares what is published.
    Publisher,
    /// Keeps the accounts; sees no private part.
    Administrator,
}

impl Role {
    /// Every role, in the order pages show them.
    pub const ALL: [Self; 7] = [
        Self::Officer,
        Self::Clerk,
        Self::Supervisor,
        Self::Counsel,
        Self::Auditor,
        Self::Publisher,
        Self::Administrator,
    ];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Counsel => "counsel",
            Self::Auditor => "auditor",
            Self::Publisher => "publisher",
            Self::Administrator => "administrator",
        }
    }

    /// What it is for, in a few words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Officer => "asks what the law permits and has the answer recorded",
            Self::Clerk => "takes papers in, and says what was done",
            Self::Supervisor => "corrects entries, hears officers, approves reports",
            Self::Counsel => "compares laws and replays the year, closes leads for review",
            Self::Auditor => "audits access logs",
            Self::Publisher => "prepares reports for publishing",
            Self::Administrator => "keeps the accounts; sees no private part",
        }
    }

    /// The role of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Some roles.
///
/// ```
/// use bailiwick::web::{Role, Roles};
///
/// let both = Roles::of(&[Role::Clerk, Role::Auditor]);
/// assert!(both.has(Role::Clerk) && !both.has(Role::Officer));
/// assert_eq!(Roles::parse("clerk auditor"), Some(both));
/// assert_eq!(both.to_string(), "clerk auditor");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// These roles.
    pub const fn of(roles: &[Role]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while let Some((first, _)) = roles.split_at(at).1.split_first() {
            bits |= 1 << *first as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Whether a role is among them.
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// Whether two have a role in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The roles, in order.
    pub fn each(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    /// Reads words with blanks between them; nothing if one is no role.
    pub fn parse(words: &str) -> Option<Self> {
        let roles: Option<Vec<Role>> = words.split_whitespace().map(Role::of).collect();
        roles.map(|roles| Self::of(&roles))
    }
}

impl std::fmt::Display for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.each().map(Role::word).collect();
        f.write_str(&words.join(" "))
    }
}
