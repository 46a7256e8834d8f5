//! The first files of a new place: an agency and one edition, which pass the check as they are and
//! say what to write where.
//!
//! In: what is known at the start. Out: two files. Absent: law; the one provision in them is there
//! to be replaced.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::clock;
use crate::error::{Error, Result};

/// What is known at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The folder of law.
    pub folder: PathBuf,
    /// The instrument's folder inside it: `us/ny/albany/ordinance`.
    pub instrument: String,
    /// The agency's id.
    pub agency: String,
    /// The agency's name.
    pub name: String,
    /// The first day of the edition.
    pub from: Date,
    /// The citation of the instrument.
    pub citation: String,
    /// What kind of text it is: statute, regulation, ordinance, court or directive.
    pub kind: String,
    /// Who made it.
    pub maker: String,
    /// The agency's IANA time zone.
    pub timezone: String,
}

/// The instruments of federal law that bind everyone, where the folder has them.
const FEDERAL: [&str; 4] = ["us/8-usc-1373", "us/8-usc-1644", "us/8-usc-1357", "us/8-cfr-287.7"];

/// Writes the two files; none that is there is touched.
///
/// # Errors
/// A name that cannot be one, a file that is there already, a folder that is none of law.
pub fn write(start: &Start) -> Result<[PathBuf; 2]> {
    let plain = |text: &str, also: &str| {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c);
        !text.is_empty() && text.chars().all(letter)
    };
    let parts = || start.instrument.split('/');
    if !parts().all(|part| plain(part, "-.") && !part.starts_with('.')) || parts().count() < 2 {
        let message = format!(
            "`{}`: write the instrument's folder as us/ny/albany/ordinance, \
                               small letters, digits and dashes",
            start.instrument
        );
        return Err(Error::Input(message));
    }
    if !plain(&start.agency, "-") {
        let message = format!("`{}`: write the agency's id as us-ny-albany-pd", start.agency);
        return Err(Error::Input(message));
    }
    if !start.folder.join("vocabulary.toml").is_file() {
        let folder = start.folder.display();
        return Err(Error::Input(format!("`{folder}` is no folder of law: no `vocabulary.toml`")));
    }
    clock::today(&start.timezone)?;
    let agency = start.folder.join("agencies").join(format!("{}.md", start.agency));
    let edition = start.folder.join(&start.instrument).join(format!("{}.md", start.from));
    for path in [&agency, &edition] {
        if path.exists() {
            let path = path.display();
            return Err(Error::Input(format!("`{path}` is there already; nothing was written")));
        }
    }
    put(&agency, &agency_text(start))?;
    put(&edition, &edition_text(start))?;
    Ok([agency, edition])
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::file(path))
}

fn agency_text(start: &Start) -> String {
    let federal = FEDERAL.iter().filter(|path| start.folder.join(path).is_dir());
    let stack: Vec<String> = federal
        .copied()
        .chain([start.instrument.as_str()])
        .map(|it| format!("  {it:?},\n"))
        .collect();
    format!(
        "# {}\n\nThe instruments that bind it, from the highest maker to the lowest.\n\n\
         ```agency\nname = {:?}\ntimezone = {:?}\nprincipal = {:?}\nstack = [\n{}]\n```\n\n\
         Not in the stack: say which instruments were left out, and why; the law of the state is \
         the first to look for.\n",
        start.name,
        start.name,
        start.timezone,
        start.instrument,
        stack.concat()
    )
}

fn edition_text(start: &Start) -> String {
    let id = start.instrument.rsplit('/').take(2).collect::<Vec<_>>();
    let id = id.into_iter().rev().collect::<Vec<_>>().join("-");
    let before = start.from.yesterday().unwrap_or(start.from);
    format!(
        r#"# {citation}, edition of {year}

```instrument
id = {id:?}
citation = {citation:?}
kind = {kind:?}
maker = {maker:?}
day_grade = "unverified"
```

Say here how the first day is known, and what of the text was read and what was not.

## s. 1 The heading of the provision, with its place in the law
Replace this: the provision in your own words, what it wants and what it leaves out.
Do not copy the official text.

```cedar
@id("1") @cite("{citation}, s. 1") @grade("unverified") @modality("must_not")
forbid (principal, action == Action::"hold", resource)
when   {{ context.eligible_for_release && context.basis == Basis::"detainer" }}
unless {{ context.criminal_warrant }};
```

```example
say     = "The case the provision is about"
request = {{ action = "hold", basis = "detainer" }}
facts   = {{ eligible_for_release = true, criminal_warrant = false }}
expect  = "must_not"
because = ["1"]
```

```example
say     = "Just outside it"
request = {{ action = "hold", basis = "detainer" }}
facts   = {{ eligible_for_release = true, criminal_warrant = true }}
expect  = "silent"
```

```example
say     = "What decides is asked for, and not taken for granted"
request = {{ action = "hold", basis = "detainer" }}
facts   = {{ eligible_for_release = true }}
expect  = "need_facts"
missing = ["criminal_warrant"]
```

```example
say     = "The day before there is no law to apply"
on      = "{before}"
request = {{ action = "hold" }}
expect  = "no_edition"
```

Not coded: name every part that is not, and say why.
"#,
        citation = start.citation,
        year = start.from.year(),
        kind = start.kind,
        maker = start.maker,
    )
}
