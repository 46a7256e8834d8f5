//! Papers: of a PDF only what a closed list has is read, and nothing of a person.

use std::sync::LazyLock;

use fields::{Meaning, Reading};
use jiff::civil::{Date, date};
use toml::{Table, Value};

/// The reader of the desk, as a file of its own: the rest of the program is not needed here.
#[path = "../../crates/bailiwick/src/web/papers/fields.rs"]
#[expect(dead_code, reason = "the thread that the desk reads on is left out")]
mod fields;

const TODAY: Date = date(2025, 3, 3);

/// The list of the form's fields, read here a second time.
static LIST: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../crates/bailiwick/forms/i-247a.toml")).expect("a list")
});

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The values of one key of the listed fields.
fn listed(key: &'static str) -> impl Iterator<Item = &'static str> {
    let fields = LIST["field"].as_array().into_iter().flatten();
    fields.filter_map(move |field| field.get(key)?.as_str())
}

/// Any bytes as a PDF that came in.
pub fn pdf_form(data: &[u8]) {
    let readings = fields::read_here(data, TODAY);
    assert_eq!(readings, fields::read_here(data, TODAY), "read twice, it says two things");
    for (at, reading) in readings.iter().enumerate() {
        holds(reading);
        let again = readings[at + 1..].iter().any(|other| other.value == reading.value);
        assert!(!again, "said twice: {reading:?}");
    }
}

fn holds(reading: &Reading) {
    let Reading { field, says, value } = reading;
    match value {
        Meaning::Box(name) => assert!(listed("box").any(|it| it == name), "{reading:?}"),
        Meaning::Action(name) => assert!(listed("action").any(|it| it == name), "{reading:?}"),
        Meaning::Fact(fact, value) => {
            let own = [&LIST["fact"], &LIST["value"]].map(|it| it.as_str());
            assert_eq!(own, [Some(fact.as_str()), Some(value.as_str())]);
            return;
        }
        Meaning::Dated(day) => {
            let day: Date = day.parse().expect("a day is written as one");
            assert!(day <= TODAY && day >= date(2024, 1, 28), "no day of late: {day}");
        }
    }
    assert!(listed("says").any(|it| it == says), "{reading:?}");
    assert!(!field.chars().any(char::is_control), "{field:?}");
    let plain: String = field.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    // A number in brackets is no part of a name, so words are looked for where there is none.
    let never = texts(LIST.get("never")).find(|word| plain.contains(*word));
    assert!(field.contains('[') || field.contains(']') || never.is_none(), "{field} has {never:?}");
}

/// Forms as programs write them: plain, nested, with names in UTF-16, and one whose table of
/// places is wrong.
pub(crate) fn forms() -> Vec<Vec<u8>> {
    let flat = [
        "<< /FT /Btn /T (Final_Order_of_Removal) /V /Yes /AS /Yes >>",
        "<< /FT /Btn /T (PendencyOfProceedings) /V /Off /AS /Off >>",
        "<< /FT /Btn /T (c1) /TU (Biometric confirmation) /AS /On >>",
        "<< /FT /Btn /T (form1.Statements[0]) /AS /Off >>",
        "<< /FT /Tx /T (Date) /V (02/27/2025) >>",
        "<< /FT /Tx /T (Name of Alien) /V (SURNAME, Forename) >>",
        "<< /FT /Btn /T (NotifyDHS_release) /V /1 >>",
    ];
    let nested = [
        "<< /FT /Btn /T (page1) /Kids [5 0 R 6 0 R] >>",
        "<< /T (ResumeCustody) /Parent 4 0 R /AS /Yes >>",
        "<< /T <FEFF004D00610069006E007400610069006E002000630075007300740\
         06F00640079> /Parent 4 0 R /V /On >>",
        "<< /FT /Tx /T (DateIssued) /V <FEFF0032003000320035002D00300033002D00300031> >>",
    ];
    let mut wrong = pdf(&flat, "");
    wrong.iter_mut().filter(|byte| **byte == b'9').for_each(|byte| *byte = b'8');
    vec![pdf(&flat, ""), pdf(&nested, ""), pdf(&flat, "/Encrypt << /Filter /Standard >>"), wrong]
}

/// A PDF with a form of these fields (ISO 32000-1, 7.5).
fn pdf(fields: &[&str], trailer: &str) -> Vec<u8> {
    let refs: Vec<_> = (4..4 + fields.len()).map(|it| format!("{it} 0 R")).collect();
    let form = format!("<< /Fields [{}] >>", refs.join(" "));
    let head = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>",
        "<< /Type /Pages /Kids [] /Count 0 >>",
        &form,
    ];
    let mut text = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(head.iter().chain(fields)) {
        places.push(text.len());
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (start, size) = (text.len(), places.len() + 1);
    text.push_str(&format!("xref\n0 {size}\n0000000000 65535 f \n"));
    for place in &places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!(
        "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    ));
    text.into_bytes()
}
