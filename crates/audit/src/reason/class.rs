//! What a text can be read as.

/// What a text speaks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Civil immigration: status, a detainer, a removal, a warrant of the agency's own.
    ImmigrationCivil,
    /// A crime of immigration law, or immigration that is called criminal.
    ImmigrationCriminal,
    /// Immigration is named; civil or criminal is not stated.
    ImmigrationUnclear,
    /// A crime and immigration in one text.
    MixedCriminalAndImmigration,
    /// A federal agency that also does immigration is named, and no purpose.
    FederalAgencyUnclear,
    /// A federal agency of criminal work is named.
    FederalAgencyCriminal,
    /// A crime, or a word of criminal work, and nothing of immigration; a federal agency may be
    /// named.
    CriminalNonImmigration,
    /// Immigration is what the event was about (a protest), not what the search was for.
    ImmigrationMentionOther,
    /// A word looks like one of immigration and is none.
    FalsePositive,
    /// Nothing but that someone is looked for.
    Vague,
    /// A label of the drop-down and nothing else.
    CategoryOnly,
    /// A purpose that is no crime.
    NotCriminal,
    /// A section of a penal, vehicle or health code.
    PenalCode,
    /// Only a number.
    CaseNumberOnly,
    /// Written by the vendor's system.
    SystemGenerated,
    /// Covered before release.
    Masked,
    /// Covered before release, by the provision that allows it.
    ExemptionCitation,
    /// Nothing.
    Blank,
    /// An ordinary reason of which no rule speaks.
    #[default]
    Other,
}

impl Class {
    /// Every class, in the order above.
    pub const ALL: [Class; 19] = [
        Class::ImmigrationCivil,
        Class::ImmigrationCriminal,
        Class::ImmigrationUnclear,
        Class::MixedCriminalAndImmigration,
        Class::FederalAgencyUnclear,
        Class::FederalAgencyCriminal,
        Class::CriminalNonImmigration,
        Class::ImmigrationMentionOther,
        Class::FalsePositive,
        Class::Vague,
        Class::CategoryOnly,
        Class::NotCriminal,
        Class::PenalCode,
        Class::CaseNumberOnly,
        Class::SystemGenerated,
        Class::Masked,
        Class::ExemptionCitation,
        Class::Blank,
        Class::Other,
    ];

    /// The word for it in data.
    pub fn word(self) -> &'static str {
        match self {
            Class::ImmigrationCivil => "immigration_civil",
            Class::ImmigrationCriminal => "immigration_criminal",
            Class::ImmigrationUnclear => "immigration_unclear",
            Class::MixedCriminalAndImmigration => "mixed_criminal_and_immigration",
            Class::FederalAgencyUnclear => "federal_agency_unclear",
            Class::FederalAgencyCriminal => "federal_agency_criminal",
            Class::CriminalNonImmigration => "criminal_non_immigration",
            Class::ImmigrationMentionOther => "immigration_mention_other",
            Class::FalsePositive => "false_positive",
            Class::Vague => "vague",
            Class::CategoryOnly => "category_only",
            Class::NotCriminal => "not_criminal",
            Class::PenalCode => "penal_code",
            Class::CaseNumberOnly => "case_number_only",
            Class::SystemGenerated => "system_generated",
            Class::Masked => "masked",
            Class::ExemptionCitation => "exemption_citation",
            Class::Blank => "blank",
            Class::Other => "other",
        }
    }

    /// The class of a word.
    ///
    /// ```
    /// use audit::reason::Class;
    ///
    /// assert_eq!(Class::of_word("vague"), Some(Class::Vague));
    /// assert_eq!(Class::of_word("suspect"), None);
    /// ```
    pub fn of_word(word: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.word() == word)
    }

    /// How much a text says that is of this class, the most first: of several that stand for one
    /// search the first is what is to be reviewed.
    pub fn says(self) -> u8 {
        match self {
            Class::ImmigrationCivil
            | Class::ImmigrationCriminal
            | Class::ImmigrationUnclear
            | Class::MixedCriminalAndImmigration
            | Class::FederalAgencyUnclear
            | Class::FederalAgencyCriminal => self as u8,
            Class::CriminalNonImmigration
            | Class::ImmigrationMentionOther
            | Class::FalsePositive
            | Class::NotCriminal
            | Class::PenalCode
            | Class::Other => Class::CriminalNonImmigration as u8,
            Class::Vague | Class::CategoryOnly | Class::CaseNumberOnly | Class::SystemGenerated => {
                Class::Vague as u8
            }
            Class::Masked | Class::ExemptionCitation | Class::Blank => Class::Masked as u8,
        }
    }

    /// Whether the text alone speaks of immigration: the only classes that can support a lead
    /// for review without anything else.
    pub fn is_of_immigration(self) -> bool {
        matches!(
            self,
            Class::ImmigrationCivil
                | Class::ImmigrationCriminal
                | Class::ImmigrationUnclear
                | Class::MixedCriminalAndImmigration
        )
    }
}

/// How plainly a text is of its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plain {
    /// It says so.
    Plain,
    /// Its words mostly mean that.
    Likely,
    /// They may mean that, and something else as well.
    #[default]
    Unclear,
}

impl Plain {
    /// Every one, the plainest first.
    pub const ALL: [Plain; 3] = [Plain::Plain, Plain::Likely, Plain::Unclear];

    /// The word for it in data.
    pub fn word(self) -> &'static str {
        match self {
            Plain::Plain => "plain",
            Plain::Likely => "likely",
            Plain::Unclear => "unclear",
        }
    }

    /// How plain a word says.
    pub fn of_word(word: &str) -> Option<Plain> {
        Plain::ALL.into_iter().find(|plain| plain.word() == word)
    }
}
