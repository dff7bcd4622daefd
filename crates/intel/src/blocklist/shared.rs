//! What must not be blocked, because everybody shares it or it is ours.

use std::collections::BTreeMap;

use super::Because;
use crate::{Index, Intel, Kind, Value, Verdict, index::Seen};

/// What is known to be harmless, as far as it concerns some candidates.
pub(super) struct Shared<'a> {
    intel: &'a Intel,
    /// Candidates that a harmless domain is below, with one such domain and its list.
    covering: BTreeMap<&'a Value, String>,
}

impl<'a> Shared<'a> {
    /// Goes once through every harmless domain and looks for candidates above it.
    pub(super) fn new(intel: &'a Intel, candidates: impl Iterator<Item = &'a Value>) -> Self {
        let domains: Vec<&Value> =
            candidates.filter(|candidate| candidate.kind() == Kind::Domain).collect();
        let index = Index::of(domains.iter().copied());
        let mut covering = BTreeMap::new();
        for list in intel.benign().filter(|_| !domains.is_empty()) {
            for name in list.index().names() {
                index.above(name, |entry| {
                    let at = usize::try_from(entry).unwrap_or(usize::MAX);
                    let Some(candidate) = domains.get(at) else { return };
                    covering.entry(*candidate).or_insert_with(|| {
                        format!("{} on {}", String::from_utf8_lossy(name), list.name)
                    });
                });
            }
        }
        Self { intel, covering }
    }

    /// Why a value must not be blocked.
    pub(super) fn because(&self, value: &Value) -> Option<Because> {
        if let Some(observable) = value.observable() {
            let found = self.intel.lookup(&observable);
            if found.verdict == Verdict::Benign {
                return Some(Because::Benign(found.note));
            }
        }
        if let Some(covered) = self.covering.get(value) {
            return Some(Because::Covers(covered.clone()));
        }
        let net = value.network()?;
        let list = self.intel.benign().find(|list| list.index().overlaps(net))?;
        // A harmless network around it is the nearer reason.
        let is_within = list.find_seen(Seen::Address(net.addr())).is_some();
        let note = format!("addresses on {}", list.name);
        Some(if is_within { Because::Benign(note) } else { Because::Covers(note) })
    }
}
