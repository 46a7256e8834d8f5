#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! The text that a counsel signs.

use law::Signed;

fn text() -> String {
    let (sha, official) = ("a".repeat(64), "0".repeat(64));
    format!(
        "bailiwick law 1\nagency town\nedition town/2025-01-01.md\nsha256 {sha}\n\
         official {official}\nday 2025-02-03\nchecked ord/3\nchecked ord/4\n"
    )
}

#[test]
fn what_is_written_is_what_is_read() {
    let signed = Signed::parse(&text(), "counsel.town.example").unwrap();
    assert_eq!(signed.to_string(), text());
    assert_eq!((signed.agency.as_str(), signed.by.as_str()), ("town", "counsel.town.example"));
    assert_eq!(signed.on.to_string(), "2025-02-03");
    assert_eq!(signed.provisions.into_iter().collect::<Vec<_>>(), ["ord/3", "ord/4"]);
}

#[test]
fn each_wrong_line_is_named() {
    for (from, to, says) in [
        ("law 1", "law 2", "the first line is not `bailiwick law 1`"),
        ("bailiwick law 1\n", "", "line 1 is `agency town`; it begins with `bailiwick law`"),
        ("agency town\n", "", "line 2 is `edition town/2025-01-01.md`; it begins with `agency`"),
        ("sha256 aa", "sha256 Aa", "is no SHA-256 in small hexadecimal digits"),
        ("official 00", "official 0", "is no SHA-256"),
        ("2025-02-03", "2025-02-30", "`2025-02-30` is no day"),
        ("checked ord/4", "checked ord/3", "line 8: `ord/3` is named twice"),
        ("checked ord/4", "verified ord/4", "line 8 is `verified ord/4`; it names a rule"),
        ("checked ord/3\nchecked ord/4\n", "", "no rule is named"),
    ] {
        let wrong = text().replacen(from, to, 1);
        let error = Signed::parse(&wrong, "counsel").unwrap_err();
        assert!(error.contains(says), "{from}: {error}");
    }
    assert!(Signed::parse("", "counsel").unwrap_err().contains("no `bailiwick law` line"));
}
