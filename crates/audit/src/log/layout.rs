//! How an exported log is laid out: which column is what.
//!
//! - In: layouts as data, and a file's header.
//! - Out: for each field the column it is in.
//! - Absent: file names, which lie; the order of columns, which changes.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::decided::INFORMATION;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Field {
    Id,
    Account,
    Agency,
    Host,
    Networks,
    Devices,
    Window,
    Plate,
    Reason,
    Case,
    Filters,
    Time,
    Date,
    Kind,
    Prompt,
    Moderation,
    Category,
    Event,
    Entity,
    Details,
    None,
}

impl Field {
    /// How many fields there are, `None` among them.
    pub const COUNT: usize = Self::None as usize + 1;

    /// Every field, in the order of their numbers.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Id,
        Self::Account,
        Self::Agency,
        Self::Host,
        Self::Networks,
        Self::Devices,
        Self::Window,
        Self::Plate,
        Self::Reason,
        Self::Case,
        Self::Filters,
        Self::Time,
        Self::Date,
        Self::Kind,
        Self::Prompt,
        Self::Moderation,
        Self::Category,
        Self::Event,
        Self::Entity,
        Self::Details,
        Self::None,
    ];
}

/// The columns of the logs of one system.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Its name, in reports.
    pub name: String,
    /// What such logs are.
    pub says: String,
    /// The value of the vocabulary's fact `information` that is looked up there.
    pub information: String,
    /// The zone of times that name none.
    #[serde(default)]
    pub zone: Option<String>,
    /// The same, looked up: by whoever reads the layouts, for zones are kept by the system.
    #[serde(skip)]
    pub clock: Option<TimeZone>,
    /// Columns that tell it.
    pub needs: Vec<String>,
    /// Columns it may have, by their heading, and what they hold.
    pub columns: Vec<(String, Field)>,
}

/// Layouts, published or of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layouts {
    /// The version of what is published.
    pub version: u32,
    #[serde(rename = "layout")]
    layouts: Vec<Layout>,
}

/// A header whose layout is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The layout.
    pub layout: Layout,
    /// The headings, without the blanks around them.
    pub headings: Vec<String>,
    /// For each field the column it is in, counted from 0.
    places: [Option<usize>; Field::COUNT],
    /// Headings that the layout does not know; their cells are read past.
    pub unread: Vec<String>,
}

/// The version of files of layouts.
const VERSION: u32 = 1;

/// The published layouts.
const PUBLISHED: &str = include_str!("../../rules/layouts.toml");

impl Layouts {
    /// Those that are published with the program.
    ///
    /// # Errors
    /// Never, which a test sees to.
    pub fn published() -> Result<Self, String> {
        Self::read(PUBLISHED)
    }

    /// Reads layouts.
    ///
    /// # Errors
    /// What is wrong, by line or by layout, and what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut layouts: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if layouts.version != VERSION {
            return Err(format!(
                "`version = {}` is not known here; this program reads version {VERSION}",
                layouts.version
            ));
        }
        for layout in &mut layouts.layouts {
            if layout.zone.as_deref() == Some("UTC") {
                layout.clock = Some(TimeZone::UTC);
            }
            layout.check().map_err(|why| format!("the layout `{}`: {why}", layout.name))?;
        }
        Ok(layouts)
    }

    /// Looks up the zones that layouts name; of UTC everybody knows what it is.
    ///
    /// # Errors
    /// Which zone of which layout is not known, and why.
    pub fn in_zones(
        mut self,
        zone: impl Fn(&str) -> Result<TimeZone, String>,
    ) -> Result<Self, String> {
        for layout in self.layouts.iter_mut().filter(|layout| layout.clock.is_none()) {
            let Some(name) = &layout.zone else { continue };
            let clock = zone(name).map_err(|why| {
                format!("the zone `{name}` of the layout `{}`: {why}", layout.name)
            })?;
            layout.clock = Some(clock);
        }
        Ok(self)
    }

    /// Adds layouts of one's own, which are tried first.
    #[must_use]
    pub fn with(mut self, own: Self) -> Self {
        self.layouts.splice(0..0, own.layouts);
        self
    }

    /// The layout of a header: the one that knows the most of its headings.
    ///
    /// # Errors
    /// What was expected, where none fits.
    ///
    /// ```
    /// use audit::log::{Field, Layouts};
    /// let layouts = Layouts::published()?;
    /// let header = layouts.header(&["Name", " Reason", " Search Time"].map(String::from))?;
    /// assert_eq!(header.layout.name, "plate reader audit");
    /// assert_eq!(header.place(Field::Reason), Some(1));
    /// # Ok::<(), String>(())
    /// ```
    pub fn header(&self, headings: &[String]) -> Result<Header, String> {
        let headings: Vec<String> = headings.iter().map(|it| it.trim().to_owned()).collect();
        let fits = |layout: &&Layout| layout.needs.iter().all(|name| headings.contains(name));
        let known = |layout: &Layout| headings.iter().filter(|it| layout.of(it).is_some()).count();
        let mut best: Option<&Layout> = None;
        for layout in self.layouts.iter().filter(fits) {
            if best.is_none_or(|best| known(layout) > known(best)) {
                best = Some(layout);
            }
        }
        let Some(layout) = best else { return Err(self.lost(&headings)) };
        let mut places = [None; Field::COUNT];
        let mut unread = Vec::new();
        for (at, heading) in headings.iter().enumerate() {
            match layout.of(heading) {
                Some(Field::None) => {}
                Some(field) => {
                    if let Some(place) = places.get_mut(field as usize)
                        && place.replace(at).is_some()
                    {
                        return Err(format!("the heading `{heading}` is there twice; keep one"));
                    }
                }
                None => unread.push(heading.clone()),
            }
        }
        Ok(Header { layout: layout.clone(), headings, places, unread })
    }

    fn lost(&self, headings: &[String]) -> String {
        let expected: Vec<String> = self
            .layouts
            .iter()
            .map(|layout| format!("{} (`{}`)", layout.name, layout.needs.join("`, `")))
            .collect();
        // Where a header is missing these are cells, with whatever is in them.
        let is_known = |it: &&String| self.layouts.iter().any(|layout| layout.of(it).is_some());
        let known: Vec<&str> = headings.iter().filter(is_known).map(String::as_str).collect();
        let found = match known.as_slice() {
            [] => "none is a heading that is known".to_owned(),
            known => format!("headings that are known are `{}`", known.join("`, `")),
        };
        format!(
            "the header is of no layout known here; among its cells ({}) {found}; a layout is told \
             by its columns: {}; describe it in a file for `--layout`",
            headings.len(),
            expected.join(", ")
        )
    }
}

impl Layout {
    fn of(&self, heading: &str) -> Option<Field> {
        self.columns.iter().find(|(name, _)| name == heading).map(|(_, field)| *field)
    }

    /// What is looked up, by its place in [`INFORMATION`].
    pub(crate) fn information_number(&self) -> u8 {
        let place = INFORMATION.iter().position(|it| *it == self.information);
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
    }

    fn check(&self) -> Result<(), String> {
        if !INFORMATION.contains(&self.information.as_str()) {
            let known = INFORMATION.join(", ");
            return Err(format!("`information = {:?}` is none of {known}", self.information));
        }
        let mut fields = BTreeSet::new();
        let mut names = BTreeSet::new();
        for (name, field) in &self.columns {
            if *field != Field::None && !fields.insert(field) {
                return Err(format!("two columns are the same field; one is `{name}`"));
            }
            if !names.insert(name) {
                return Err(format!("the column `{name}` is there twice"));
            }
        }
        if !fields.contains(&Field::Time) {
            let why = "no column is the `time`; an audit needs to know when, if only the day";
            return Err(why.to_owned());
        }
        if self.needs.is_empty() {
            return Err("`needs` is empty; name the columns that tell this layout".to_owned());
        }
        match self.needs.iter().find(|name| !names.contains(name)) {
            Some(stray) => Err(format!("`{stray}` is needed and not among the columns")),
            None => Ok(()),
        }
    }
}

impl Header {
    /// The zone of times that name none.
    ///
    /// # Errors
    /// That nobody looked it up.
    pub(crate) fn zone(&self) -> Result<Option<TimeZone>, String> {
        let Layout { name, zone, clock, .. } = &self.layout;
        match zone {
            Some(zone) if clock.is_none() => {
                Err(format!("the zone `{zone}` of the layout `{name}` was not looked up"))
            }
            _ => Ok(clock.clone()),
        }
    }

    /// The column a field is in, counted from 0.
    pub fn place(&self, field: Field) -> Option<usize> {
        self.places.get(field as usize).copied().flatten()
    }

    /// What the time of a row is called: by its columns.
    pub(crate) fn when(&self) -> String {
        let name = |field: Field| self.place(field).and_then(|at| self.headings.get(at));
        match (name(Field::Date), name(Field::Time)) {
            (Some(date), Some(time)) => format!("the time in the columns `{date}` and `{time}`"),
            (Some(name), None) | (None, Some(name)) => format!("the time in the column `{name}`"),
            (None, None) => "the time".to_owned(),
        }
    }

    /// Whether these cells are the header of another table that has as many columns: then nothing
    /// tells the rows below it from those above.
    pub(super) fn is_other(&self, cells: &[String], layouts: &Layouts) -> bool {
        cells.len() == self.headings.len()
            && !cells.iter().map(|cell| cell.trim()).eq(&self.headings)
            && layouts.header(cells).is_ok_and(|header| header.unread.is_empty())
    }

    /// Whether these cells are the header again.
    pub fn is_again<'a>(&self, mut cells: impl ExactSizeIterator<Item = &'a [u8]>) -> bool {
        cells.len() == self.headings.len()
            && self.headings.iter().all(|heading| {
                cells.next().is_some_and(|cell| cell.trim_ascii() == heading.as_bytes())
            })
    }
}
