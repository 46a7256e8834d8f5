//! The federal tables of detainers: what the other side says it lodged.
//!
//! - In: bytes of one of the two tables seen in the field, told apart by their header: the
//!   release of 64 columns (and one of row names), and the table of six columns.
//! - Out: [`Detainer`]s: the day, the place, the form, the boxes ticked, how it ended.
//! - Absent: everything else about the person. Names of places and forms are kept; nationality,
//!   birth, sex, charges, convictions and status are dropped here and never leave this module.

use std::io::Read;

use jiff::civil::Date;

use crate::field::{Fields, brief};
use crate::table::{self, Layout, Problems, Row, Table};

/// One detainer, as the federal agency counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detainer {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The day it was prepared.
    pub day: Date,
    /// The place it was sent to, as the table spells it.
    pub facility: Option<String>,
    /// That place's city, as the table spells it.
    pub city: Option<String>,
    /// The form: `i_247`, `i_247a`, `i_247d`, `i_247n`, `i_247x`; none where not stated.
    pub form: Option<String>,
    /// The boxes ticked, sorted: of `biometric_match`, `final_order`, `pending_proceedings`,
    /// `resume_custody`, `statements`. Empty where none is ticked or the table has no boxes.
    pub reasons: Vec<String>,
    /// Why it was lifted, as one of the words of [`LIFTED`]; none where not stated.
    pub lift_reason: Option<String>,
    /// The table's own pseudonym for the row's person: private, never to be published.
    pub id: Option<String>,
    /// Whether the table itself takes the row for a repetition.
    pub duplicate_likely: bool,
}

/// The words for why a detainer was lifted, each with the table's label in small letters.
///
/// Any other label becomes `other`. Two labels seen in the field tell a person's nationality or
/// status and become `other` for that reason.
pub const LIFTED: [(&str, &str); 10] = [
    ("booked into detention", "booked"),
    ("case closed", "case_closed"),
    ("detainer declined by lea", "declined"),
    ("died", "died"),
    ("early release", "early_release"),
    ("lifted", "lifted"),
    ("lifted - lack of funds", "lifted_no_funds"),
    ("lifted - lack of space", "lifted_no_space"),
    ("prosecutorial discretion", "discretion"),
    ("transferred", "transferred"),
];

/// The boxes, each with its column, sorted by word.
const BOXES: [(&str, &str); 5] = [
    ("biometric_match_yes_no", "biometric_match"),
    ("deportation_ordered_yes_no", "final_order"),
    ("order_show_cause_served_yes_no", "pending_proceedings"),
    ("resume_custody_yes_no", "resume_custody"),
    ("statements_made_yes_no", "statements"),
];

/// The release of 64 columns, with `NA` where nothing is stated.
static RELEASE: Layout<'_> = Layout {
    name: "the federal detainer release",
    required: &[
        "detainer_prepare_date",
        "detention_facility",
        "facility_city",
        "deportation_ordered_yes_no",
        "order_show_cause_served_yes_no",
        "biometric_match_yes_no",
        "statements_made_yes_no",
        "resume_custody_yes_no",
        "detainer_lift_reason",
        "detainer_type",
        "unique_identifier",
        "duplicate_likely",
    ],
    // Known so that a stranger's column stands out, and read by nobody.
    optional: &[
        "",
        "active_investigation_yes_no",
        "aggravated_felony_yes_no",
        "apprehension_date",
        "apprehension_method",
        "arrest_time_case_category",
        "arrest_time_current_program",
        "birth_country",
        "birth_year",
        "case_category",
        "case_status",
        "citizenship_country",
        "criminal_street_gang_yes_no",
        "departed_date",
        "departure_country",
        "detainer_lift_reason_code",
        "detainer_prep_threat_level",
        "detainer_prepared_criminality",
        "detention_facility_code",
        "entry_date",
        "entry_status",
        "facility_aor",
        "facility_state",
        "federal_interest_yes_no",
        "felon",
        "file_original",
        "final_order_date",
        "final_order_yes_no",
        "gender",
        "illegal_entry_yes_no",
        "illegal_reentry_yes_no",
        "immigration_fraud_yes_no",
        "most_serious_conviction_charge",
        "msc_charge_code",
        "msc_charge_date",
        "msc_conviction_date",
        "msc_sentence_days",
        "msc_sentence_months",
        "msc_sentence_years",
        "multiple_prior_misd_yes_no",
        "notify_release_request_yes_no",
        "other_removal_reason_yes_no",
        "port_of_departure",
        "prior_felony_yes_no",
        "processing_disposition",
        "row_original",
        "sheet_original",
        "significant_risk_yes_no",
        "tod_current_duty_site",
        "unlawful_attempt_yes_no",
        "unlawful_entry_yes_no",
        "violent_misdemeanor_yes_no",
        "visa_yes_no",
    ],
    not_stated: Some("NA"),
};

/// The table of six columns, with empty cells where nothing is stated.
static SIX: Layout<'_> = Layout {
    name: "the six-column detainer table",
    required: &["date", "lift_reason", "det_facility", "city", "state", "detainer_type"],
    optional: &[],
    not_stated: None,
};

/// Reads a federal table of detainers, in either layout.
///
/// # Errors
///
/// [`Problems`], naming line and column, where the bytes are neither table or any row is bad.
///
/// ```
/// let six = "date,lift_reason,det_facility,city,state,detainer_type\n\
///     2015-03-05 00:00:00,Lifted,A JAIL,A TOWN,A STATE,I247N - A Request\n";
/// let table = audit::detainers::read(six.as_bytes())?;
/// assert_eq!(table.rows[0].form.as_deref(), Some("i_247n"));
/// assert_eq!(table.rows[0].lift_reason.as_deref(), Some("lifted"));
/// # Ok::<(), audit::table::Problems>(())
/// ```
pub fn read(input: impl Read) -> Result<Table<Detainer>, Problems> {
    table::read(input, &[&RELEASE, &SIX], |row, problems| {
        let before = problems.total();
        let mut fields = Fields { row, problems };
        let detainer = detainer(&mut fields);
        detainer.filter(|_| fields.problems.total() == before)
    })
}

fn detainer(fields: &mut Fields<'_, '_>) -> Option<Detainer> {
    let released = has(fields.row, "detainer_prepare_date");
    let [day, facility, city, lifted] = if released {
        ["detainer_prepare_date", "detention_facility", "facility_city", "detainer_lift_reason"]
    } else {
        ["date", "det_facility", "city", "lift_reason"]
    };
    let mut reasons = Vec::new();
    for (column, word) in BOXES {
        if fields.either(column, "YES", "NO") == Some(true) {
            reasons.push(word.to_owned());
        }
    }
    Some(Detainer {
        line: fields.row.line(),
        facility: fields.clean_text(facility, 200),
        city: fields.clean_text(city, 200),
        form: form(fields),
        reasons,
        lift_reason: fields.text(lifted, 200).map(|label| lift_word(&label).to_owned()),
        id: fields.clean_text("unique_identifier", 128),
        duplicate_likely: fields.either("duplicate_likely", "TRUE", "FALSE").unwrap_or(false),
        day: fields.needed_day(day, !released)?,
    })
}

fn has(row: &Row<'_>, column: &str) -> bool {
    row.cell(column) != table::Cell::NoColumn
}

/// The word for why a detainer was lifted.
fn lift_word(label: &str) -> &'static str {
    let label = label.to_lowercase();
    LIFTED.iter().find(|(known, _)| *known == label).map_or("other", |(_, word)| word)
}

/// The form, from a label such as `I247A - Immigration Detainer - Notice of Action`.
fn form(fields: &mut Fields<'_, '_>) -> Option<String> {
    let label = fields.row.cell("detainer_type").stated()?;
    let name = label.split(" - ").next().unwrap_or_default().replace('-', "").to_lowercase();
    let letter = name.strip_prefix("i247");
    let Some(letter) = letter.filter(|it| matches!(*it, "" | "a" | "d" | "n" | "x")) else {
        let what = "is no form known here; it starts with `I247` or `I247A`, `D`, `N` or `X`";
        fields.wrong("detainer_type", format!("`{}` {what}", brief(label)));
        return None;
    };
    Some(format!("i_247{letter}"))
}
