//! What spreadsheets do to tables.

use audit::sheet::{Cut, Found, Kind};

use crate::book::{Book, SMALL, book, rows, sound, text};

#[test]
fn each_cell_has_its_kind() {
    let mut book = book(&format!(
        r##"{}<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>0123</v></c>
        <c r="C2"><v>1.5</v></c>
        <c r="D2" s="1"><v>45812.2287731481</v></c><c r="E2"><f>A1&amp;"x"</f><v>7</v></c>
        <c r="F2" t="b"><v>1</v></c><c r="G2" t="e"><v>#REF!</v></c><c r="H2" s="1"/>
        <c r="I2" t="str"><f>B2</f><v>a_x000D_b</v></c><c r="J2" t="d"><v>2025-06-04</v></c>
        <c r="K2" s="2"><v>0.5</v></c><c r="L2" s="3"><v>45812</v></c></row>"##,
        header(12)
    ));
    book.shared = "<si><t>no</t></si><si><r><t>ri</t></r><r><t>ch</t></r>\
                   <rPh><t>said so</t></rPh></si>"
        .into();
    book.formats = r#"<numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm:ss"/>
        <numFmt numFmtId="165" formatCode="h:mm AM/PM"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="14"/>
        </cellXfs>"#
        .into();
    let (rows, told) = rows(&book.bytes());
    told.unwrap();
    let expected = [
        (0, Kind::Text, "rich"),
        (1, Kind::Integer, "0123"),
        (2, Kind::Number, "1.5"),
        (3, Kind::DateTime, "2025-06-04T05:29:26"),
        (4, Kind::Formula, "7"),
        (5, Kind::Bool, "TRUE"),
        (6, Kind::Error, "#REF!"),
        (8, Kind::Formula, "a\rb"),
        (9, Kind::DateTime, "2025-06-04"),
        (10, Kind::DateTime, "12:00:00"),
        (11, Kind::DateTime, "2025-06-04"),
    ];
    let expected = expected.map(|(at, kind, text)| (at, kind, text.to_owned()));
    assert_eq!(rows[1], (2, expected.to_vec()));
}

/// A header of so many names.
fn header(columns: usize) -> String {
    let place = |at: usize| format!("{}1", audit::sheet::column_name(at));
    let cells: String = (0..columns).map(|at| text(&place(at), &format!("c{at}"))).collect();
    format!(r#"<row r="1">{cells}</row>"#)
}

#[test]
fn days_can_be_counted_from_1904() {
    let mut book =
        book(&format!(r#"{}<row r="2"><c r="A2" s="0"><v>2225</v></c></row>"#, header(2)));
    book.formats = r#"<cellXfs><xf numFmtId="14"/></cellXfs>"#.into();
    book.properties = r#"date1904="1""#.into();
    assert_eq!(sound(&book.bytes()).0[1], "2|1910-02-03");
}

#[test]
fn text_is_kept_as_it_is() {
    let rows = format!(
        r#"{}<row r="2">{}<c r="B2" t="inlineStr"><is><t xml:space="preserve"> a
b&#10;&lt;&#x263A;</t></is></c>{}</row>"#,
        header(3),
        text("A2", "<![CDATA[<&]]>"),
        text("C2", "a<!-- said -->b"),
    );
    let (rows, _) = rows_of(&rows);
    let texts: Vec<&str> = rows[1].1.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(texts, ["<&", " a\nb\n<\u{263a}", "ab"]);
}

fn rows_of(xml: &str) -> (crate::book::Rows, audit::sheet::SheetNotes) {
    let (rows, told) = rows(&book(xml).bytes());
    (rows, told.unwrap())
}

/// As an auditor leaves it: every hundredth row is looked at, and the formula was drawn down
/// past the end, and up beside the header.
#[test]
fn a_formula_under_no_name_is_dropped_and_told() {
    let (lines, notes) = sound(
        &book(&format!(
            r#"<row r="1">{}{}<c r="D1"><f>MOD(ROW(),100)</f><v>1</v></c></row>
            <row r="2">{}
            <c r="D2"><f t="shared" ref="D2:D4" si="0">MOD(ROW(),100)</f><v>2</v></c></row>
            <row r="3">{}<c r="B3"><f>1+1</f><v>2</v></c>
            <c r="D3"><f t="shared" si="0"/><v>3</v></c></row>
            <row r="4"><c r="D4"><f t="shared" si="0"/><v>4</v></c></row><row r="5"/>"#,
            text("A1", "Name"),
            text("B1", "Reason"),
            text("A2", "one"),
            text("A3", "two"),
        ))
        .bytes(),
    );
    assert_eq!(lines, ["1|Name|Reason", "2|one", "3|two|2"]);
    let dropped = &notes.dropped[0];
    assert_eq!((notes.dropped.len(), dropped.letters.as_str(), dropped.cells), (1, "D", 3));
    assert_eq!((dropped.formula.as_deref(), dropped.first), (Some("MOD(ROW(),100)"), 2));
    assert_eq!((notes.rows, notes.empty_after, notes.unnamed.len()), (2, 2, 0));
}

#[test]
fn a_column_that_lost_its_name_is_kept_and_told() {
    let (lines, notes) = sound(
        &book(&format!(
            r#"<row r="1">{}{}{}</row><row r="2">{}{}<c r="E2"/></row>"#,
            text("A1", "Name"),
            text("B1", " "),
            text("C1", "Reason"),
            text("A2", "one"),
            text("B2", "kept"),
        ))
        .bytes(),
    );
    assert_eq!(lines, ["1|Name||Reason", "2|one|kept"]);
    let unnamed = &notes.unnamed[0];
    assert_eq!((unnamed.letters.as_str(), unnamed.cells, unnamed.first), ("B", 1, 2));
    assert_eq!((notes.unnamed.len(), notes.dropped.len()), (1, 0));
}

#[test]
fn empty_rows_are_counted_by_where_they_are() {
    let tail: String =
        (7..17).map(|row| format!(r#"<row r="{row}"><c r="A{row}" s="1"/></row>"#)).collect();
    let rows = format!(
        r#"<row r="2">{}{}</row><row r="3">{}</row><row r="4">{}</row><row r="6">{}</row>{tail}"#,
        text("A2", "Name"),
        text("B2", "Reason"),
        text("A3", "one"),
        text("A4", " "),
        text("B6", "two"),
    );
    let (lines, notes) = sound(&book(&rows).bytes());
    assert_eq!(lines, ["2|Name|Reason", "3|one", "6||two"]);
    assert_eq!((notes.header, notes.above, notes.rows), (2, 0, 2));
    assert_eq!((notes.empty_between, notes.empty_after), (2, 10));
}

#[test]
fn a_title_stands_above_the_header() {
    let rows = format!(
        r#"<row r="1">{}</row><row r="2">{}<c r="B2"><v>2025</v></c></row><row r="4">{}{}</row>"#,
        text("A1", "Searches"),
        text("A2", "Year"),
        text("A4", "Name"),
        text("B4", "Reason"),
    );
    let (lines, notes) = sound(&book(&rows).bytes());
    assert_eq!(lines, ["4|Name|Reason"]);
    assert_eq!((notes.header, notes.above, notes.rows), (4, 2, 0));
}

#[test]
fn the_first_shown_sheet_with_a_header_is_read_and_all_are_named() {
    let note = format!(r#"<row r="1">{}</row>"#, text("A1", "See the next sheet."));
    let book = Book::default()
        .sheet("old", r#"state="hidden""#, SMALL)
        .sheet("about &amp; more", "", &note)
        .sheet("log", "", SMALL)
        .sheet("sample", "", SMALL);
    let (lines, notes) = sound(&book.bytes());
    assert_eq!(lines, ["1|Name|Reason", "2|one|7", "3|two"]);
    assert_eq!(notes.read, "log");
    let found = |name: &str, hidden| Found { name: name.to_owned(), hidden, cells: true };
    let expected = [
        found("old", true),
        found("about & more", false),
        found("log", false),
        found("sample", false),
    ];
    assert_eq!(notes.sheets, expected);
}

#[test]
fn rows_and_cells_without_a_place_follow_each_other() {
    let cell = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let (name, reason) = (cell("Name"), cell("Reason"));
    let rows = format!("<row>{name}{reason}</row><row><c/>{}</row>", text("C2", "three"));
    let (lines, _) = sound(&book(&rows).bytes());
    assert_eq!(lines, ["1|Name|Reason", "2|||three"]);
}

/// A sheet of so many rows below its header, from which `last` is the number of the last.
fn long(rows: u32, last: u32) -> String {
    let mut xml = format!(r#"<row r="1">{}{}</row>"#, text("A1", "Name"), text("B1", "Reason"));
    for row in 2..=rows {
        xml += &format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#);
    }
    xml + &format!(r#"<row r="{last}"><c r="A{last}"><v>1</v></c></row>"#)
}

#[test]
fn a_sheet_that_may_be_cut_off_is_told() {
    for (rows, last, cut) in [
        (19_999, 20_000, None),
        (20_000, 20_001, Some(Cut::Round)),
        (20_001, 20_002, None),
        (55_000, 55_001, Some(Cut::Round)),
        (3, 1_048_575, None),
        (3, 1_048_576, Some(Cut::Full)),
    ] {
        let notes = sound(&book(&long(rows, last)).bytes()).1;
        assert_eq!((notes.rows, notes.cut), (u64::from(rows), cut));
    }
}

/// The longest sheet there can be, row by row: nothing but its one row is kept.
#[test]
fn the_longest_sheet_is_read() {
    let notes = sound(&book(&long(1_048_575, 1_048_576)).bytes()).1;
    assert_eq!((notes.rows, notes.empty_between), (1_048_575, 0));
    assert_eq!(notes.cut, Some(Cut::Full));
}
