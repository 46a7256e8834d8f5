//! The rules between entries, and what the entries say once corrections are applied.
//!
//! Comes in: public fields in the order of the tree. Goes out: each entry as it counts now, or
//! the first rule that is broken. Absent: bytes, hashes, what the words mean.
//!
//! The rules: the first entry is a `pack`. An entry points only back. A decision and a deed refer
//! to a request that counts. A channel's requests are numbered 1, 2, 3 without gap or repeat.
//! No nil return stands beside a request of the same channel and day. A correction leaves an entry
//! that keeps all these rules, and a request is voided only after what refers to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Audit, Correction, Public};
use crate::{Error, Result};

/// An entry as it counts, with its corrections applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Where the entry stands in the tree.
    pub index: u64,
    /// Its fields, the corrected ones replaced.
    pub public: Public,
    /// Where its corrections stand, oldest first.
    pub corrections: Vec<u64>,
    /// That its last correction voided it: it does not count.
    pub void: bool,
}

/// All entries so far, and what the next one must fit.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: Vec<Effective>,
    /// The last number given in each channel.
    numbers: BTreeMap<String, u64>,
    /// By channel and day, how many entries count.
    days: BTreeMap<(String, String), Day>,
    /// By request, how many decisions and deeds that count refer to it.
    dependants: BTreeMap<u64, u64>,
    /// By entry, those that point to it.
    pointing: BTreeMap<u64, Vec<u64>>,
    /// The digests of the packs that are named.
    packs: BTreeSet<String>,
}

/// How many entries of a channel and day count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Requests received.
    pub requests: u64,
    /// Nil returns.
    pub nils: u64,
}

impl History {
    /// The history without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every entry as it counts, by index.
    #[must_use]
    pub fn entries(&self) -> &[Effective] {
        &self.entries
    }

    /// The entries that point to one, oldest first: decisions and deeds upon a request, what was
    /// said and settled upon an audit, corrections; those too that do not count any more.
    #[must_use]
    pub fn pointing(&self, index: u64) -> &[u64] {
        self.pointing.get(&index).map_or(&[], Vec::as_slice)
    }

    /// The digests of the packs that are named.
    #[must_use]
    pub fn packs(&self) -> &BTreeSet<String> {
        &self.packs
    }

    /// What counts of a channel and a day, `YYYY-MM-DD`.
    #[must_use]
    pub fn day(&self, channel: &str, day: &str) -> Day {
        let key = (channel.to_owned(), day.to_owned());
        self.days.get(&key).copied().unwrap_or_default()
    }

    /// The number that the next request of a channel gets.
    #[must_use]
    pub fn next_seq(&self, channel: &str) -> u64 {
        self.numbers.get(channel).map_or(1, |last| last + 1)
    }

    /// Takes the next entry and says its index.
    ///
    /// # Errors
    /// Names the rule that the entry breaks and what to do; the history is then unchanged.
    pub fn admit(&mut self, public: &Public) -> Result<u64> {
        let index = self.entries.len() as u64;
        public.check()?;
        if index == 0 && !matches!(public, Public::Pack(_)) {
            return Err(Error::new(format!(
                "a register starts with a `pack`, not with a `{}`",
                public.kind()
            )));
        }
        match public {
            Public::Correction(correction) => {
                self.correct(index, correction)?;
            }
            Public::Request(request) => {
                let next = self.next_seq(&request.channel);
                if request.seq != next {
                    return Err(Error::new(format!(
                        "request `{}` of channel `{}` stands where number `{next}` belongs",
                        request.seq, request.channel
                    )));
                }
                self.count(public)?;
                self.numbers.insert(request.channel.clone(), next);
            }
            Public::Report(report) if report.counted_at > index => {
                return Err(Error::new(format!(
                    "the report counts `{}` entries where there are `{index}`",
                    report.counted_at
                )));
            }
            _ => self.count(public)?,
        }
        if let Some(refers) = public.refers() {
            self.pointing.entry(refers).or_default().push(index);
        }
        if let Public::Pack(pack) = public {
            self.packs.insert(pack.digest.clone());
        }
        let public = public.clone();
        self.entries.push(Effective { index, public, corrections: Vec::new(), void: false });
        Ok(index)
    }

    fn at(&self, index: u64) -> Result<&Effective> {
        usize::try_from(index).ok().and_then(|index| self.entries.get(index)).ok_or_else(|| {
            Error::new(format!("it refers to entry `{index}`, which does not come before it"))
        })
    }

    /// Applies a correction to its original, or leaves everything as it was.
    fn correct(&mut self, index: u64, correction: &Correction) -> Result<()> {
        let refers = correction.refers;
        let original = self.at(refers)?.clone();
        match &original.public {
            Public::Correction(first) => {
                return Err(Error::new(format!(
                    "entry `{refers}` is itself a correction: correct entry `{}` again",
                    first.refers
                )));
            }
            public @ (Public::Pack(_)
            | Public::KeyDestroyed(_)
            | Public::Seed(_)
            | Public::Audit(_)
            | Public::Heard(_)
            | Public::Disposition(_)
            | Public::View(_)) => {
                return Err(Error::new(format!(
                    "a `{}` cannot be corrected: add a new entry",
                    public.kind()
                )));
            }
            _ => {}
        }
        let corrected = original.public.with(&correction.set)?;
        if matches!(&corrected, Public::Report(report) if report.counted_at > refers) {
            return Err(Error::new("the report would count entries that came after it"));
        }
        if correction.void && self.dependants.get(&refers).is_some_and(|&count| count > 0) {
            return Err(Error::new(format!(
                "decisions or deeds refer to request `{refers}`: void them first"
            )));
        }
        if !original.void {
            self.uncount(&original.public);
        }
        if !correction.void
            && let Err(error) = self.count(&corrected)
        {
            if !original.void {
                self.count(&original.public)?;
            }
            return Err(error);
        }
        let place = usize::try_from(refers).ok().and_then(|at| self.entries.get_mut(at));
        if let Some(entry) = place {
            entry.public = corrected;
            entry.void = correction.void;
            entry.corrections.push(index);
        }
        Ok(())
    }

    /// Lets an entry count, if it fits those that count already.
    fn count(&mut self, public: &Public) -> Result<()> {
        match public {
            Public::Request(request) => {
                let key = (request.channel.clone(), request.day.clone());
                let day = self.days.entry(key).or_default();
                if day.nils > 0 {
                    return Err(beside_nil(&request.channel, &request.day));
                }
                day.requests += 1;
            }
            Public::Nil(nil) => {
                let key = (nil.channel.clone(), nil.day.clone());
                let day = self.days.entry(key).or_default();
                if day.requests > 0 {
                    return Err(beside_nil(&nil.channel, &nil.day));
                }
                day.nils += 1;
            }
            Public::Decision(_) | Public::Done(_) => {
                let refers = public.refers().unwrap_or_default();
                match self.at(refers)? {
                    Effective { public: Public::Request(_), void: false, .. } => {}
                    Effective { public: Public::Request(_), .. } => {
                        return Err(Error::new(format!("request `{refers}` is void")));
                    }
                    other => {
                        return Err(Error::new(format!(
                            "a `{}` refers to a request, and entry `{refers}` is a `{}`",
                            public.kind(),
                            other.public.kind()
                        )));
                    }
                }
                *self.dependants.entry(refers).or_default() += 1;
            }
            Public::Heard(_) | Public::Disposition(_) => {
                let refers = public.refers().unwrap_or_default();
                self.refers_to(public, refers, "audit")?;
            }
            Public::Audit(Audit { seed: Some(seed), .. }) => {
                self.refers_to(public, *seed, "seed")?;
            }
            _ => {}
        }
        Ok(())
    }

    fn refers_to(&self, public: &Public, refers: u64, kind: &str) -> Result<()> {
        let found = self.at(refers)?.public.kind();
        if found == kind {
            return Ok(());
        }
        let own = public.kind();
        Err(Error::new(format!(
            "a `{own}` refers to a `{kind}`, and entry `{refers}` is a `{found}`"
        )))
    }

    /// Takes back what [`History::count`] did for an entry that counted.
    fn uncount(&mut self, public: &Public) {
        match public {
            Public::Request(request) => {
                let key = (request.channel.clone(), request.day.clone());
                if let Some(day) = self.days.get_mut(&key) {
                    day.requests = day.requests.saturating_sub(1);
                }
            }
            Public::Nil(nil) => {
                let key = (nil.channel.clone(), nil.day.clone());
                if let Some(day) = self.days.get_mut(&key) {
                    day.nils = day.nils.saturating_sub(1);
                }
            }
            Public::Decision(_) | Public::Done(_) => {
                let count = public.refers().and_then(|refers| self.dependants.get_mut(&refers));
                if let Some(count) = count {
                    *count = count.saturating_sub(1);
                }
            }
            _ => {}
        }
    }
}

/// Every entry as it counts, from all entries of a register in order.
///
/// # Errors
/// Names the entry that breaks a rule, or is out of order.
///
/// ```
/// use register::{entry::{Correction, Nil, Pack, Public}, history::effective};
///
/// let pack = Pack { agency: "town".into(), digest: "0".repeat(64), day: "2025-03-03".into() };
/// let nil = Nil { channel: "fax".into(), day: "2025-03-03".into() };
/// let void = Correction { refers: 1, set: [].into(), void: true };
/// let all = [Public::Pack(pack), Public::Nil(nil), Public::Correction(void)];
/// let all: Vec<_> = (0..).zip(all).collect();
/// let now = effective(&all)?;
/// assert_eq!(now.iter().filter(|entry| entry.void).map(|e| e.index).collect::<Vec<_>>(), [1]);
/// # Ok::<(), register::Error>(())
/// ```
pub fn effective(entries: &[(u64, Public)]) -> Result<Vec<Effective>> {
    let mut history = History::new();
    for (index, public) in entries {
        let at = format_args!("entry {index}").to_string();
        if history.admit(public).map_err(|error| error.at(&at))? != *index {
            return Err(Error::new("the entries are not complete and in order").at(at));
        }
    }
    Ok(history.entries)
}

fn beside_nil(channel: &str, day: &str) -> Error {
    Error::new(format!(
        "channel `{channel}` has both a nil return and a request on `{day}`: void the wrong one \
         first, by a correction"
    ))
}
