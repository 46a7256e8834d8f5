//! The fields of a form, as a browser sends them.

/// Names and values, in the order sent.
///
/// ```
/// use bailiwick::web::Fields;
///
/// let fields = Fields::parse(b"action=hold&action=notify&day=");
/// assert_eq!(fields.get("action"), Some("hold"));
/// assert_eq!(fields.all("action").collect::<Vec<_>>(), ["hold", "notify"]);
/// assert_eq!(fields.given("day"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`, of a body or of an address.
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.each().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The first value of a name, if it is more than blanks; without those around it.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.each().filter(move |(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Every name and value.
    pub fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds a value.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// As an address has them.
    pub fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.each()).finish()
    }
}
