//! PDFs with fields, written here by hand: what is read of them, and what never is.

use bailiwick::web::Role;

use super::house::House;
use super::papers::{CAME, take_in};

/// A PDF of numbered objects, the first of which is the catalog (ISO 32000-1, 7.5).
fn pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(text.len());
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = text.len();
    text.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1));
    for place in &places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    let size = places.len() + 1;
    text.push_str(&format!(
        "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    ));
    text.into_bytes()
}

/// A PDF with a form of these fields.
fn form(fields: &[&str]) -> Vec<u8> {
    let refs: Vec<_> = (4..4 + fields.len()).map(|it| format!("{it} 0 R")).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [] /Count 0 >>".to_owned(),
        format!("<< /Fields [{}] >>", refs.join(" ")),
    ];
    objects.extend(fields.iter().map(|it| (*it).to_owned()));
    pdf(&objects, "")
}

const FILLED: [&str; 12] = [
    "<< /FT /Btn /T (Final_Order_of_Removal) /V /Yes /AS /Yes >>",
    "<< /FT /Btn /T (PendencyOfProceedings) /V /Off /AS /Off >>",
    "<< /FT /Btn /T (c1) /TU (Biometric confirmation of the alien's identity) /AS /On >>",
    "<< /FT /Btn /T (form1.Statements[0]) /AS /Off >>",
    "<< /FT /Btn /T (ResumeCustody) /AS /Off >>",
    "<< /FT /Tx /T (Date) /V (02/27/2025) >>",
    "<< /FT /Tx /T (Name of Alien) /V (SURNAME, Forename) >>",
    "<< /FT /Tx /T (Date of Birth) /V (01/02/2025) >>",
    "<< /FT /Tx /T (File No) /V (A123456789) >>",
    "<< /FT /Tx /T (Citizenship) /V (Ruritania) >>",
    "<< /FT /Tx /T (Remarks) /V (Forename Surname of Ruritania) >>",
    "<< /FT /Btn /T (NotifyDHS_release) /V /1 >>",
];

/// What the page asks a person to confirm.
fn asked(text: &str) -> Vec<String> {
    let parts = text.split("<fieldset").filter(|part| part.contains("id=\"read."));
    let legend = |part: &str| {
        let legend = part.split("<legend").nth(1).unwrap().split('>').nth(1).unwrap();
        legend.split('<').next().unwrap().trim().to_owned()
    };
    parts.map(legend).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_is_confirmed_and_a_person_is_never_read() {
    let house = House::new();
    let page = take_in(&house, "form.pdf", &form(&FILLED)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = house.look(Role::Clerk, "/intake/papers/1").await;
    assert_eq!(
        asked(&page.text),
        [
            "Form I-247A (detainer, since 2017)",
            "Ticked: A final order of removal",
            "Ticked: Biometric identification and a federal database check",
            "The paper is of 27 February 2025",
            "Ticked: it asks to be told before a release",
        ],
        "{}",
        page.text
    );
    for word in ["SURNAME", "Forename", "A123456789", "Ruritania", "01/02/2025", "2 January"] {
        assert!(!page.text.contains(word), "{word}");
        let bytes = house.bytes("desk.db");
        assert!(!bytes.windows(word.len()).any(|it| it == word.as_bytes()), "{word} is kept");
    }
    // Nothing unconfirmed is recorded.
    let path = "/intake/papers/1";
    let mut fields = CAME.to_vec();
    fields.push(("action", "hold"));
    let page = house.send(Role::Clerk, path, &fields).await;
    assert!(page.status == 422 && page.text.contains("Compare this with the paper"));
    fields.extend([("read.0", "yes"), ("read.1", "yes"), ("read.2", "no"), ("read.3", "yes")]);
    let page = house.send(Role::Clerk, path, &fields).await;
    assert_eq!(page.status, 422, "one is left");
    assert_eq!(page.text.matches("Compare this with the paper").count(), 2, "{}", page.text);
    fields.push(("read.4", "yes"));
    fields.push(("f.form", "i_200"));
    let page = house.send(Role::Clerk, path, &fields).await;
    assert!(page.status == 422 && page.text.contains("You confirmed another value"));
    fields.pop();
    assert_eq!(house.size(), 0);
    let page = house.send(Role::Clerk, path, &fields).await;
    assert_eq!(page.to.as_deref(), Some("/register/1?said=recorded"), "{}", page.text);
    let public = house.public(1);
    // What was not so on the paper is not there; the vocabulary says what paper this form is.
    assert_eq!(public["reasons"], serde_json::json!(["final_order"]));
    assert_eq!(public["actions"], serde_json::json!(["hold", "notify"]));
    assert_eq!((&public["form"], &public["basis"]), (&"i_247a".into(), &"detainer".into()));
    let private = house.private(1);
    assert_eq!(private["dated"], "2025-02-27");
    let facts = serde_json::json!([{"fact": "form", "value": "i_247a", "source": "document"}]);
    assert_eq!(private["facts"], facts);
}

/// Spellings of names, what they inherit, and values that are no days of late.
#[tokio::test(flavor = "multi_thread")]
async fn fields_are_known_by_their_words() {
    let table: [(&[&str], &[&str]); 9] = [
        (&["<< /FT /Btn /T (final order) /V /On >>"], &["Ticked: A final order of removal"]),
        (
            &["<< /FT /Btn /T <FEFF00460049004E0041004C006F0072006400650072> /V /On >>"],
            &["Ticked: A final order of removal"],
        ),
        (
            &[
                "<< /FT /Btn /T (page1) /Kids [5 0 R 6 0 R] >>",
                "<< /T (Pending Removal Proceedings) /AS /1 >>",
                "<< /T (Statements) /AS /Off >>",
            ],
            &["Ticked: Ongoing removal proceedings"],
        ),
        (&["<< /FT /Tx /T (Date) /V (2025-03-01) >>"], &["The paper is of 1 March 2025"]),
        (&["<< /FT /Tx /T (Date) /V (03/04/2025) >>"], &[]),
        (&["<< /FT /Tx /T (Date) /V (03/04/1985) >>"], &[]),
        (&["<< /FT /Tx /T (Date) /V (soon) >>"], &[]),
        (&["<< /FT /Tx /T (final order) /V (On) >>"], &[]),
        // Two of ours at once are none.
        (&["<< /FT /Btn /T (FinalOrderOrStatements) /V /On >>"], &[]),
    ];
    let house = House::new();
    for (number, (fields, expected)) in (1..).zip(table) {
        take_in(&house, "form.pdf", &form(fields)).await;
        let page = house.look(Role::Clerk, &format!("/intake/papers/{number}")).await;
        assert_eq!(asked(&page.text), expected, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_that_cannot_be_read_is_kept_all_the_same() {
    let whole = form(&FILLED);
    let nested = format!("<< /X {}{} >>", "[".repeat(20_000), "]".repeat(20_000));
    let many = (0..3_000).map(|it| format!("<< /FT /Btn /T (statements{it}) /V /1 >>"));
    let many: Vec<String> = many.collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("nothing behind the first bytes", b"%PDF-1.7".to_vec()),
        ("cut off", whole[..70].to_vec()),
        ("no form", pdf(&["<< /Type /Catalog >>".to_owned()], "")),
        ("a catalog that is itself", pdf(&["1 0 R".to_owned()], "")),
        ("a field that is its own kid", form(&["<< /FT /Btn /T (a) /Kids [4 0 R] >>"])),
        (
            "fields in a circle",
            form(&["<< /T (a) /Kids [5 0 R 5 0 R] >>", "<< /T (b) /Kids [4 0 R 4 0 R] >>"]),
        ),
        ("twenty thousand lists", pdf(&[nested], "")),
        ("too many fields", form(&many)),
        (
            "encrypted",
            pdf(
                &[
                    "<< /Type /Catalog /AcroForm << /Fields [] >> >>".to_owned(),
                    "<< /Filter /Standard /V 1 /R 2 /O (x) /U (x) /P 0 >>".to_owned(),
                ],
                "/Encrypt 2 0 R /ID [<00> <00>]",
            ),
        ),
        ("a number too large", form(&["<< /FT /Btn /T (a) /V 99999999999999999999999999 >>"])),
        ("noise", [b"%PDF-1.7\n".as_slice(), &noise(200_000)].concat()),
    ];
    let house = House::new();
    for (number, (what, bytes)) in (1..).zip(table) {
        let page = take_in(&house, "form.pdf", &bytes).await;
        assert_eq!(page.status, 303, "{what}: {}", page.text);
        let page = house.look(Role::Clerk, &format!("/intake/papers/{number}")).await;
        assert!(page.text.contains("no fields that can be read"), "{what}: {}", page.text);
    }
}

/// Bytes without rhyme, the same every time (a linear congruence of Knuth's).
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..count).map(|_| next()).collect()
}
