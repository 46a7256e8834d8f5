//! The same rules as SQL: a code of the outcome for each row, as `law::columns` writes it.

use law::columns::RowOutcome;
use law::{Cond, Fact, Modality, Outcome, Pack};

use crate::Result;
use crate::syntax::{Applying, Infix, applying, write};

/// The rows of each outcome but the last, counted without a code for each row.
const SUMS: &str = "SUM(must_not AND must) AS both, SUM(must_not AND NOT must) AS forbidden, \
    SUM(NOT must_not AND refer) AS referred, \
    SUM(NOT must_not AND NOT refer AND must) AS ordered, \
    SUM(NOT must_not AND NOT refer AND NOT must AND may) AS permitted";

/// A way to write the rules. All ways of one kind come to the same; which of them a program is
/// fastest with is found out by trying.
pub struct Form {
    /// What it is called.
    pub name: String,
    /// Whether a code comes out for each row, and not only how many rows have which.
    pub rows: bool,
    /// The query; `{table}` stands for the name of the table.
    pub query: String,
}

/// The ways to write the rules of an action.
///
/// # Errors
/// An action the vocabulary does not have.
pub fn forms(pack: &Pack, action: &str) -> Result<Vec<Form>> {
    let groups = groups(&applying(pack, action)?);
    let mut forms = Vec::new();
    for (list, is) in [("IN", by_in as fn(&Fact, &[usize]) -> String), ("OR", by_or)] {
        let parts = written(pack, &groups, is)?;
        let [must_not, must, refer, may] = &parts;
        let inner = format!(
            "(SELECT {must_not} AS must_not, {must} AS must, {refer} AS refer, {may} AS may \
             FROM {{table}}) AS parts"
        );
        let named = case(&["must_not", "must", "refer", "may"].map(str::to_owned));
        let one = case(&parts);
        for (name, rows, query) in [
            ("one CASE", true, format!("SELECT {one} AS outcome FROM {{table}}")),
            (
                "a CASE over four conditions",
                true,
                format!("SELECT {named} AS outcome FROM {inner}"),
            ),
            ("the sum of one CASE", false, format!("SELECT SUM({one}) FROM {{table}}")),
            (
                "the sum of a CASE over four conditions",
                false,
                format!("SELECT SUM({named}) FROM {inner}"),
            ),
            ("sums of four conditions", false, format!("SELECT {SUMS} FROM {inner}")),
        ] {
            forms.push(Form { name: format!("{name}, lists by {list}"), rows, query });
        }
    }
    Ok(forms)
}

/// How many rows have each outcome.
///
/// # Errors
/// An action the vocabulary does not have.
pub fn counts(pack: &Pack, action: &str) -> Result<String> {
    let groups = groups(&applying(pack, action)?);
    Ok(format!(
        "SELECT outcome, COUNT(*) AS rows FROM (SELECT {} AS outcome FROM {{table}}) AS found \
         GROUP BY outcome ORDER BY outcome",
        case(&written(pack, &groups, by_in)?)
    ))
}

fn written(
    pack: &Pack,
    groups: &[Cond; 4],
    is: fn(&Fact, &[usize]) -> String,
) -> Result<[String; 4]> {
    let infix = Infix { and: " AND ", or: " OR ", not: "NOT ", is };
    let parts = groups.iter().map(|it| write(it, &pack.vocabulary, &infix));
    Ok(parts.collect::<Result<Vec<_>>>()?.try_into().map_err(|_| "there are four groups")?)
}

/// Where it is forbidden, ordered, left to a person and permitted, before these are combined.
fn groups(rules: &[Applying<'_>]) -> [Cond; 4] {
    let any = |wanted: &dyn Fn(&Applying<'_>) -> Option<Cond>| {
        let found: Vec<Cond> = rules.iter().filter_map(wanted).collect();
        if found.is_empty() { Cond::Const(false) } else { Cond::Any(found) }
    };
    let of =
        |modality: Modality| any(&|it| (it.rule.modality == modality).then(|| it.cond.clone()));
    // A saving clause protects from the prohibitions of instruments below its own.
    let unshielded = |it: &Applying<'_>| -> Cond {
        let above = rules
            .iter()
            .filter(|other| other.rule.modality == Modality::Shields && other.layer < it.layer)
            .map(|other| Cond::Not(Box::new(other.cond.clone())));
        let mut all: Vec<Cond> = std::iter::once(it.cond.clone()).chain(above).collect();
        if all.len() == 1 { all.swap_remove(0) } else { Cond::All(all) }
    };
    [
        any(&|it| (it.rule.modality == Modality::MustNot).then(|| unshielded(it))),
        of(Modality::Must),
        of(Modality::Refer),
        any(&|it| {
            let permits = matches!(it.rule.modality, Modality::May | Modality::Shields);
            permits.then(|| it.cond.clone())
        }),
    ]
}

fn case([must_not, must, refer, may]: &[String; 4]) -> String {
    let code = |outcome| format!("CAST({} AS UTINYINT)", RowOutcome::Settled(outcome).code());
    format!(
        "CASE WHEN {must_not} THEN CASE WHEN {must} THEN {} ELSE {} END \
         WHEN {refer} THEN {} WHEN {must} THEN {} WHEN {may} THEN {} ELSE {} END",
        code(Outcome::Refer),
        code(Outcome::MustNot),
        code(Outcome::Refer),
        code(Outcome::Must),
        code(Outcome::May),
        code(Outcome::Silent),
    )
}

fn by_in(fact: &Fact, values: &[usize]) -> String {
    match values {
        [one] => format!("{} = {one}", fact.name),
        some => {
            let some: Vec<String> = some.iter().map(ToString::to_string).collect();
            format!("{} IN ({})", fact.name, some.join(", "))
        }
    }
}

fn by_or(fact: &Fact, values: &[usize]) -> String {
    let each: Vec<String> = values.iter().map(|value| format!("{} = {value}", fact.name)).collect();
    each.join(" OR ")
}
