#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Packs that are wrong, each in one way, with the exact message whoever wrote them gets.
//!
//! A small town's law is right to begin with; a row of the table changes one line of it.

mod common;

use std::collections::BTreeMap;

use law::{Facts, Library, check, parse_day};

const VOCABULARY: &str = r#"action = [{ name = "hold", says = "keep someone" }]
[[fact]]
name = "basis"
question = "Which paper?"
values = [["none", "none"], ["detainer", "a detainer"]]
[[fact]]
name = "judge"
question = "Has a judge signed?"
"#;

const AGENCY: &str = "# Town

```agency
name = \"Town Police\"
timezone = \"America/New_York\"
principal = \"town\"
stack = [\"town\"]
```
";

const EDITION: &str = r#"# Ordinance 12

```instrument
id = "ord"
citation = "Town Code 12"
kind = "ordinance"
maker = "Town"
day_grade = "text"
```

## 12-3 Holding
Nobody is held on a detainer unless a judge signed.

```cedar
@id("3") @cite("Town Code 12-3") @grade("text") @modality("must_not")
forbid (principal, action == Action::"hold", resource)
when   { context.basis == Basis::"detainer" }
unless { context.judge };
```

```example
say = "A detainer alone"
request = { action = "hold", basis = "detainer" }
facts = { judge = false }
expect = "must_not"
because = ["3"]
```

```example
say = "The day before there is nothing"
on = "2024-12-31"
request = { action = "hold" }
expect = "no_edition"
```
"#;

const REPORT: &str = r#"
```report
id = "yearly"
title = "Yearly"
cite = "Town Code 12-9"
grade = "text"
who = "the chief"
to = "the clerk"
period = "calendar_year"
due = { yearly = { month = 12, day = 31 } }
nil = "owed"
item = [{ id = "held", says = "held", count = "held" }]
```
"#;

const DUTY: &str = r#"
```duty
id = "tell"
cite = "Town Code 12-8"
grade = "text"
who = "the officer"
says = "tell the person"
```
"#;

/// What is wrong, all of it, after `change` was made to the right files.
fn said(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Vec<String> {
    let mut files = BTreeMap::from([
        ("vocabulary.toml".to_owned(), VOCABULARY.to_owned()),
        ("agencies/town.md".to_owned(), AGENCY.to_owned()),
        ("town/2025-01-01.md".to_owned(), EDITION.to_owned()),
    ]);
    change(&mut files);
    let problems = match Library::read(&files) {
        Ok(library) => check::check(&library).problems,
        Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

/// Replaces, in the edition, something that must be there.
fn edit(from: &str, to: &str) -> Vec<String> {
    assert!(EDITION.contains(from), "{from}");
    said(|files| {
        files.insert("town/2025-01-01.md".into(), EDITION.replace(from, to));
    })
}

#[test]
fn the_right_pack_is_quiet() {
    assert_eq!(said(|_| {}), Vec::<String>::new());
}

#[test]
fn each_wrong_line_is_named() {
    let profile = "is outside the legal profile; use yes/no facts, listed facts compared with \
                   their own values, `[…].contains(context.fact)`, `&&`, `||`, `!` and `if`, which \
                   cannot err";
    let table = [
        // A typo in a value, and a fact the vocabulary does not have.
        ("Basis::\"detainer\"", "Basis::\"detaner\"", "entity `Basis::\"detaner\"` is of an"),
        ("context.judge ", "context.juge ", "attribute `juge` in context for"),
        // A rule that could overflow, and so err, is refused before it can.
        (
            "{ context.judge }",
            "{ 9223372036854775807 + 1 > 0 }",
            &format!("(12-3 Holding) this operator {profile}"),
        ),
        ("{ context.judge }", "{ context.basis == principal }", "this expression is outside"),
        ("(principal, action", "(principal is Agency, action", "use facts instead"),
        ("action == Action::\"hold\"", "action", "name the actions the rule speaks about"),
        ("@grade(\"text\") ", "", "(12-3 Holding) the rule has no `@grade(\"…\")`"),
        ("@cite(\"Town Code 12-3\") ", "", "(12-3 Holding) the rule has no `@cite(\"…\")`"),
        ("@grade(\"text\") ", "@grade(\"good\") ", "`good` is no grade; write text, quoted,"),
        ("\"must_not\")", "\"may\")", "(12-3 Holding) this `@modality` is written as `permit`"),
        ("@id(\"3\") ", "@id(\"3\") @since(\"2025\") ", "`@since` is no annotation"),
        ("@id(\"3\") ", "@id(\"3\") @overrides(\"4\") ", "`@overrides` names `ord/4`, which is no"),
        ("@id(\"3\") ", "@id(\"3\") @overrides(\"3\") ", "`@overrides` runs in a circle"),
        ("Nobody is held on a detainer unless a judge signed.", "", "say what the provision means"),
        ("```cedar", "```ceder", "(12-3 Holding) `ceder` is no fence we read; write instrument,"),
        ("unless {", "unles {", "(12-3 Holding) not Cedar: "),
        ("kind = \"ordinance\"", "kind = \"law\"", "instrument: unknown variant `law`"),
        ("expect = \"must_not\"", "expect = \"may\"", "expected `may`, came `must_not` because of"),
        ("because = [\"3\"]", "because = []", "`because` expected {}, came {\"ord/3\"}"),
        ("on = \"2024-12-31\"", "on = \"31.12.2024\"", "`31.12.2024` is no day; write year-month"),
        ("action = \"hold\", basis", "action = \"held\", basis", "there is no action `held`"),
        (
            "{ judge = false }",
            "{ judge = 1.5 }",
            "`judge = 1.5`: a fact is a word, a number or true/false",
        ),
    ];
    let mut wrong = Vec::new();
    for (from, to, expected) in table {
        let said = edit(from, to);
        let place = "town/2025-01-01.md:";
        if said.is_empty() || !said[0].starts_with(place) || !said[0].contains(expected) {
            wrong.push(format!("`{to}` should say `{expected}`, says {said:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Replaces something in the vocabulary.
fn respell(from: &str, to: &str) -> Vec<String> {
    assert!(VOCABULARY.contains(from), "{from}");
    said(|files| drop(files.insert("vocabulary.toml".into(), VOCABULARY.replace(from, to))))
}

/// Adds something at the end of the edition.
fn add(text: &str) -> Vec<String> {
    said(|files| drop(files.insert("town/2025-01-01.md".into(), format!("{EDITION}{text}"))))
}

/// A parser that walks a rule, or an evaluator, runs out of stack where a rule is deep enough; an
/// end of the program is no answer.
#[test]
fn a_rule_too_deep_or_too_long_is_refused_before_anything_walks_it() {
    let judge = "{ context.judge }";
    for condition in [
        format!("{}true{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{}true{}", "!(".repeat(20_000), ")".repeat(20_000)),
        format!("true{}", " && true".repeat(20_000)),
        format!("{}true", "if true then true else ".repeat(20_000)),
        format!("true {}", "} when { true ".repeat(20_000)),
        format!("{}true{}", "(".repeat(40), ")".repeat(40)),
    ] {
        let said = edit(judge, &format!("{{ {condition} }}"));
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("brackets inside each other"), "{}", said[0]);
    }
}

#[test]
fn what_would_silently_not_be_there_is_refused() {
    let rule = "    ```cedar\n    @id(\"4\")\n    ```\n";
    let said_of = |text: &str| add(text).join("\n");
    assert!(said_of(&format!("\n{rule}")).contains("so no fence"));
    assert!(said_of("\n```instrument\nid = \"b\"\n```\n").contains("write one `instrument`"));
    assert!(said_of(&REPORT.repeat(2)).contains("report `yearly` is ordered twice"));
    assert!(said_of(&DUTY.repeat(2)).contains("duty `ord/tell` is ordered twice"));
    let item = "item = [{ id = \"held\", says = \"held\", count = \"held\" },";
    let twice = REPORT.replace("item = [", item);
    assert!(said_of(&twice).contains("item `held` of report `yearly` is there twice"));
    assert!(said_of(&format!("{REPORT}{DUTY}")).is_empty(), "right ones are quiet");
    for holiday in [
        "month = 13, day = 1",
        "month = 2, day = 30",
        "month = 1",
        "month = 1, day = 1, weekday = 1",
        "month = 1, weekday = 8, nth = 1",
        "month = 1, weekday = 1, nth = 5",
    ] {
        let fence = format!(
            "\n```calendar\ncite = \"x\"\nholiday = [{{ name = \"Day\", {holiday} }}]\n```\n"
        );
        let said = said_of(&fence);
        assert!(said.contains("holiday `Day` is no day of the year"), "{holiday}: {said}");
    }
    let agency = |from: &str, to: &str| {
        said(|files| drop(files.insert("agencies/town.md".into(), AGENCY.replace(from, to))))
    };
    assert!(agency("[\"town\"]", "[\"town\", \"town\"]")[0].contains("names `town` twice"));
    assert!(agency("```agency", "```agencies")[0].contains("`agencies` is no fence of an agency"));
    let id = edit("id = \"ord\"", "id = \"ord/2\"");
    assert!(id[0].contains("instrument id `ord/2`"), "{id:?}");
    let stray = said(|files| drop(files.insert("town/xREADME.md".into(), String::new())));
    assert!(stray[0].contains("`xREADME` is no day"), "{stray:?}");
    // An example that names no agency there is does not pass as "no edition".
    let nobody = edit("on = \"2024-12-31\"", "agency = \"twon\"\non = \"2024-12-31\"");
    assert!(nobody[0].contains("there is no agency `twon`"), "{nobody:?}");
}

/// A definition that could not be counted as it says, or whose words mean nothing.
#[test]
fn a_report_that_cannot_be_followed_is_refused() {
    let item = "{ id = \"held\", says = \"held\", count = \"held\" }";
    assert!(REPORT.contains(item));
    let with = |keys: &str| add(&REPORT.replace(" }]", &format!(", {keys} }}]"))).join("\n");
    let due = "due = { yearly = { month = 12, day = 31 } }";
    let other = |from: &str, to: &str| {
        assert!(REPORT.contains(from));
        add(&REPORT.replace(from, to)).join("\n")
    };
    for (said, expected) in [
        (other(&format!("[{item}]"), "[]"), "it has no item"),
        (other(due, "due = { hours = { hours = 1, from = \"noon\" } }"), "`days` or `yearly`"),
        (other("calendar_year", "year"), "unknown variant `year`"),
        (other("\"owed\"", "\"maybe\""), "unknown variant `maybe`"),
        (other("\"owed\"", "\"certified\""), "`certify` goes with"),
        (with("certify = \"it held nobody\""), "`certify` goes with"),
        (with("of = [{}]"), "tables that are not empty"),
        (with("of = [{ basis = [] }]"), "name one word at least"),
        (with("of = [{ basis = [\"detaner\"] }]"), "`detaner` is no word of `basis`"),
        (with("but = [{ requester = [\"ero\"] }]"), "`ero` is no word of `requester`"),
        (with("of = [{ action = [\"jump\"] }]"), "`jump` is no word of `action`"),
        (with("of = [{ outcome = [\"yes\"] }]"), "`yes` is no word of `outcome`"),
        (with("but = [{ answer = [\"refused\"] }]"), "`refused` is no word of `answer`"),
        (with("of = [{ name = [\"A. Person\"] }]"), "unknown variant `name`"),
        (with("by = \"name\""), "unknown variant `name`"),
        (with("show = [\"day\"]"), "`show` goes with"),
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let filled = other("count = \"held\"", "count = \"filled_in\", by = \"case\"");
    assert!(filled.contains("what is filled in is not counted"), "{filled}");
    let list =
        other("count = \"held\" }]", "count = \"held\", by = \"case\" }]\nwithhold_below = 3");
    assert!(list.contains("a list of cases hides nothing"), "{list}");
    for right in ["by = \"month\"", "of = [{ basis = [\"not_stated\"] }]", "fill = [\"why\"]"] {
        assert_eq!(with(right), "", "{right}");
    }
    assert_eq!(other(due, ""), "", "a day that was not found is left out");
    assert_eq!(other("nil = \"owed\"", ""), "");
}

/// A planted property that does not hold is shown with a case that breaks it.
#[test]
fn a_property_that_does_not_hold_is_shown_with_a_case() {
    let property = |rest: &str| {
        add(&format!("\n```property\nsay = \"Nobody is held\"\naction = \"hold\"\n{rest}\n```\n"))
    };
    assert_eq!(property("when = { judge = [\"true\"] }\nnever = [\"must_not\"]"), [""; 0]);
    let said = property("when = { judge = [\"false\"] }\nnever = [\"must_not\"]");
    // A blank line and the line of the fence stand between the edition and what is inside.
    let line = EDITION.lines().count() + 3;
    let expected = format!(
        "town/2025-01-01.md:{line}: \"Nobody is held\" does not hold for `town` on 2025-01-01: \
         {{\"basis\": \"detainer\", \"judge\": \"false\"}} is `must_not` because of [\"ord/3\"]"
    );
    assert_eq!(said, [expected]);
    assert!(property("always = [\"must_not\"]")[0].contains("is `silent`"));
    assert!(
        property("when = { juge = [\"true\"] }\nnever = [\"may\"]")[0].contains("no fact `juge`")
    );
    assert!(property("")[0].contains("say which outcomes it has"));
    assert!(property("never = [\"perhaps\"]")[0].contains("unknown variant `perhaps`"));
}

#[test]
fn words_that_nobody_could_write_are_refused() {
    for (from, to, expected) in [
        ("\"detainer\", \"a", "\"I-247\", \"a", "has the word `I-247`"),
        (
            "question = \"Which paper?\"",
            "question = \"W?\"\naliases = { None = \"none\" }",
            "`None`",
        ),
        (
            "question = \"Which paper?\"",
            "question = \"Which paper?\"\naliases = { none = \"detainer\" }",
            "`none` both as a value and as another spelling",
        ),
        (
            "question = \"Which paper?\"",
            "question = \"Which paper?\"\nrefused = { none = \"say more\" }",
            "`none` both as a value and as another spelling",
        ),
    ] {
        let said = respell(from, to);
        assert!(said[0].contains(expected), "{to}: {said:?}");
    }
    let definition = "[[definition]]\nif = { basis = [] }\nthen = { judge = [\"true\"] }\n\
                      because = \"x\"\n";
    let text = format!("{VOCABULARY}{definition}");
    let said = said(|files| drop(files.insert("vocabulary.toml".into(), text)));
    assert!(said[0].contains("fact `basis` is given no value"), "{said:?}");
}

#[test]
fn the_line_is_the_line_in_the_file() {
    let said = edit("unless { context.judge };", "unless { context.judge }");
    let line = EDITION.lines().position(|line| line.starts_with("unless")).unwrap() + 1;
    let ok =
        (line..=line + 1).any(|line| said[0].starts_with(&format!("town/2025-01-01.md:{line}:")));
    assert!(ok, "line {line}: {said:?}");
}

#[test]
fn a_rule_no_example_notices_is_a_problem() {
    let twin = "## 12-4 Twin\nThe same again.\n\n```cedar\n@id(\"4\") @cite(\"Town Code 12-4\") \
                @grade(\"text\") @modality(\"may\")\npermit (principal, \
                action == Action::\"hold\", resource) when { context.judge };\n```\n";
    let said = said(|files| {
        files.insert("town/2025-01-01.md".into(), format!("{EDITION}\n{twin}"));
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("no example notices when `ord/4` is taken out; write one that does"));
}

#[test]
fn two_editions_of_one_day_or_of_no_day_cannot_be_written() {
    let said_of = |name: &str| said(|files| drop(files.insert(name.into(), EDITION.into())));
    let day = said_of("town/2025-1-1.md");
    assert!(
        day[0].contains("an edition is named by its first day: `2025-1-1` is no day"),
        "{day:?}"
    );
    let text = said_of("town/2025.txt");
    assert!(text[0].contains("not a file of law"), "{text:?}");
    // A second folder cannot take the same name, so that two makers never share an id.
    let id = said_of("village/2025-01-01.md");
    assert!(id[0].contains("instrument id `ord` is already that of `town`"), "{id:?}");
}

#[test]
fn a_new_edition_wants_an_example_on_its_day_and_the_day_before() {
    let said = said(|files| {
        let later = EDITION.replace("on = \"2024-12-31\"", "on = \"2024-12-30\"");
        files.insert("town/2026-01-01.md".into(), later);
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("changes on 2026-01-01, but no example asks on 2025-12-31"));
}

#[test]
fn a_fact_without_question_or_use_is_a_problem() {
    let quiet = said(|files| {
        let text = VOCABULARY.replace("question = \"Has a judge signed?\"\n", "");
        files.insert("vocabulary.toml".into(), text);
    });
    assert!(quiet[0].contains("vocabulary.toml:6: fact `judge` has no question"), "{quiet:?}");
    let unused = said(|files| {
        let text = format!("{VOCABULARY}[[fact]]\nname = \"x\"\nquestion = \"X?\"\n");
        files.insert("vocabulary.toml".into(), text);
    });
    assert!(unused[0].contains("uses fact `x`; delete it"), "{unused:?}");
}

#[test]
fn statements_that_cannot_stand_are_refused_with_what_to_do() {
    let library = common::shipped();
    let table = [
        ("basis=warrant", "`basis=warrant` says too little: an immigration officer signs"),
        ("basis=warant", "`warant` is no value of fact `basis`; write one of: none, detainer,"),
        ("bases=none", "there is no fact `bases`; the facts are: basis, form,"),
        ("form=I-200 basis=judicial_warrant", "contradictory facts: `form=i_200` and"),
        ("signer=immigration_officer basis=court_order", "if an immigration officer signed"),
        ("basis=detainer basis=none", "stated both as `detainer` and as `none`; keep one"),
        ("basis=criminal_warrant criminal_warrant=no", "contradictory facts"),
        ("serious_violent_crime=yes@system", "is a judgment: a person must state it"),
        ("judicial_order=maybe", "`maybe` is no value of fact `judicial_order`"),
    ];
    for (text, expected) in table {
        let statements: Vec<_> = text.split(' ').map(|s| s.parse().unwrap()).collect();
        let errors = Facts::read(library.vocabulary(), &statements).unwrap_err();
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}: {errors:?}");
    }
    for (text, expected) in [
        ("basis", "write it as `name=value`"),
        ("basis=detainer@fax", "`fax` is nobody who can state a fact"),
    ] {
        let error = text.parse::<law::Statement>().unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    for text in ["2025-3-1", "01.03.2025", "2025-02-30", "2025-03-01T10:00", "", "２０２５-03-01"]
    {
        assert!(parse_day(text).is_err(), "{text}");
    }
}

#[test]
fn an_unknown_agency_or_a_day_before_all_editions_is_an_error() {
    let library = common::shipped();
    let day = |text| parse_day(text).unwrap();
    let error = library.pack("us-ma-springfield-pd", day("2025-03-01")).unwrap_err();
    assert!(error.to_string().contains("the agencies are: us-"));
    let error = library.pack("us-ma-boston-pd", day("2013-03-01")).unwrap_err();
    assert!(
        error.to_string().contains("is in force on 2013-03-01; the first begins on 2014-08-20")
    );
}
