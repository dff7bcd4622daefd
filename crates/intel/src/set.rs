//! A list in memory: its values in an index, and the comments of those that have one.

use stanch_model::{Observable, ObservableKind, Time, observable::address};

use crate::{
    Claim, Meaning, Value,
    index::{Builder, Index, Seen, Via},
};

/// The values of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndicatorSet {
    /// What the list is called where it is named as a source.
    pub name: String,
    /// The number of an entry is 0, or one more than the place of its comment.
    index: Index,
    comments: Vec<Box<str>>,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit<'a> {
    /// The entry as the list has it, if it is not the value itself.
    pub(crate) entry: Option<String>,
    pub(crate) comment: Option<&'a str>,
}

/// A list that is being read.
#[derive(Debug)]
pub(crate) struct SetBuilder {
    name: String,
    index: Builder,
    comments: Vec<Box<str>>,
    count: usize,
    is_exact: bool,
}

impl SetBuilder {
    /// In a list that is exact a domain means only itself.
    pub(crate) fn new(name: &str, is_exact: bool) -> Self {
        let (index, comments) = (Builder::default(), Vec::new());
        Self { name: name.to_owned(), index, comments, count: 0, is_exact }
    }

    /// How many values were added, doubles among them.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn push(&mut self, value: &Value, comment: Option<&str>) {
        let mut entry = 0;
        if let Some(comment) = comment {
            self.comments.push(comment.into());
            entry = u32::try_from(self.comments.len()).unwrap_or(0);
        }
        self.count = self.count.saturating_add(1);
        match self.is_exact {
            true => self.index.push_exact(value, entry),
            false => self.index.push(value, entry),
        }
    }

    pub(crate) fn build(self) -> IndicatorSet {
        IndicatorSet { name: self.name, index: self.index.build(), comments: self.comments }
    }
}

impl IndicatorSet {
    /// An empty list.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A list of the values of which claims say `meaning`, as far as these hold at `now`.
    pub fn of_claims<'a>(
        name: &str,
        meaning: Meaning,
        claims: impl IntoIterator<Item = (&'a Value, &'a Claim)>,
        now: Time,
    ) -> Self {
        let mut set = SetBuilder::new(name, false);
        for (value, claim) in claims {
            if claim.meaning == meaning && claim.is_in_force(now) {
                set.push(value, claim.comment.as_deref());
            }
        }
        set.build()
    }

    /// How many values it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Its index; the numbers in it are the list's own.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// Finds a value, or what contains it: the network of an address, a domain above, the host of a URL, the
    /// domain of an e-mail address.
    pub(crate) fn find(&self, observable: &Observable) -> Option<Hit<'_>> {
        let value = observable.value.as_str();
        let seen = match observable.kind {
            ObservableKind::Ip => Seen::Address(address(value)?),
            ObservableKind::Domain | ObservableKind::Host => Seen::Domain(value),
            ObservableKind::Url => Seen::Url(value),
            ObservableKind::EmailAddress => Seen::EmailAddress(value),
            ObservableKind::FileHash => Seen::Hash(value),
            ObservableKind::User | ObservableKind::Process | ObservableKind::Ticket => return None,
        };
        self.find_seen(seen)
    }

    pub(crate) fn find_seen(&self, seen: Seen<'_>) -> Option<Hit<'_>> {
        let found = self.index.find(seen)?;
        let entry = match found.via {
            Via::Itself => None,
            Via::Address(ip) => Some(ip.to_string()),
            Via::Network(net) => Some(net.to_string()),
            Via::Domain(name) => Some(name.into_owned()),
        };
        let at = usize::try_from(found.entry).ok().and_then(|entry| entry.checked_sub(1));
        let comment = at.and_then(|at| self.comments.get(at)).map(AsRef::as_ref);
        Some(Hit { entry, comment })
    }
}
