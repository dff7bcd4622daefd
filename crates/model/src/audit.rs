//! The audit: a hash chain over every decision of people and machine.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{TenantId, Time, canonical};

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Number, from 1, without gaps.
    pub sequence: u64,
    /// Whose.
    pub tenant: TenantId,
    /// When.
    pub at: Time,
    /// Who: a person, a token, `guard`, `engine`, `playbook NAME`.
    pub actor: String,
    /// What: `approval.approve`, `guard.decide`, `containment.undo`, `kill_switch.engage`, …
    pub verb: String,
    /// Id of the thing it is about.
    pub subject: String,
    /// The evidence.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Hash of the entry before; 64 zeros for the first.
    pub previous: String,
    /// SHA-256 over the canonical JSON of all of the above.
    pub hash: String,
}

/// `previous` of the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What an entry says, before it has a place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Whose.
    pub tenant: TenantId,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// What.
    pub verb: &'static str,
    /// Id of the thing it is about.
    pub subject: String,
    /// The evidence.
    pub detail: Value,
}

impl AuditEntry {
    /// Links `record` after the entry `previous`, giving it `sequence`.
    #[must_use]
    pub fn link(record: AuditRecord, sequence: u64, previous: &str) -> Self {
        let mut entry = Self {
            sequence,
            tenant: record.tenant,
            at: record.at,
            actor: record.actor,
            verb: record.verb.to_owned(),
            subject: record.subject,
            detail: record.detail,
            previous: previous.to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// The hash that this entry should carry.
    ///
    /// # Panics
    /// Never: an entry has a JSON form.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let bound = (
            self.sequence,
            &self.tenant,
            self.at,
            &self.actor,
            &self.verb,
            &self.subject,
            &self.detail,
            &self.previous,
        );
        canonical::sha256(&bound).expect("invariant: an audit entry is JSON")
    }
}

/// A chain that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// An entry is missing, or stands in the wrong place.
    #[error("entry {expected} is missing: {found} stands in its place")]
    Gap {
        /// The number that should be there.
        expected: u64,
        /// The number that is.
        found: u64,
    },
    /// An entry was changed after it was written.
    #[error("entry {0} was changed: its content does not give its hash")]
    Changed(u64),
    /// An entry does not follow from the one before.
    #[error("entry {0} does not follow from the entry before it")]
    Broken(u64),
}

/// Proves a chain whole, from the first entry on.
#[derive(Debug)]
pub struct Verifier {
    next: u64,
    previous: String,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { next: 1, previous: GENESIS.to_owned() }
    }
}

impl Verifier {
    /// Takes the next entry.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn push(&mut self, entry: &AuditEntry) -> Result<(), ChainError> {
        if entry.sequence != self.next {
            return Err(ChainError::Gap { expected: self.next, found: entry.sequence });
        }
        if entry.previous != self.previous {
            return Err(ChainError::Broken(entry.sequence));
        }
        if entry.computed_hash() != entry.hash {
            return Err(ChainError::Changed(entry.sequence));
        }
        self.next += 1;
        self.previous.clone_from(&entry.hash);
        Ok(())
    }

    /// How many entries held, and the hash of the last: the head to anchor outside.
    #[must_use]
    pub fn head(&self) -> (u64, &str) {
        (self.next - 1, &self.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: u64) -> Vec<AuditEntry> {
        let mut entries: Vec<AuditEntry> = Vec::new();
        for n in 1..=length {
            let previous = entries.last().map_or(GENESIS, |e| e.hash.as_str()).to_owned();
            let record = AuditRecord {
                tenant: TenantId::default(),
                at: Time::from_micros(i64::try_from(n).unwrap()),
                actor: "a".to_owned(),
                verb: "approval.approve",
                subject: "s".to_owned(),
                detail: serde_json::json!({ "n": n }),
            };
            entries.push(AuditEntry::link(record, n, &previous));
        }
        entries
    }

    fn verify(entries: &[AuditEntry]) -> Result<u64, ChainError> {
        let mut verifier = Verifier::default();
        entries.iter().try_for_each(|entry| verifier.push(entry))?;
        Ok(verifier.head().0)
    }

    #[test]
    fn a_whole_chain_holds_and_every_change_shows() {
        assert_eq!(verify(&chain(5)), Ok(5));
        let mut changed = chain(5);
        changed[2].detail = serde_json::json!({ "n": 7 });
        assert_eq!(verify(&changed), Err(ChainError::Changed(3)));
        let mut cut = chain(5);
        cut.remove(1);
        assert_eq!(verify(&cut), Err(ChainError::Gap { expected: 2, found: 3 }));
        let mut relinked = chain(5);
        relinked[3].actor = "b".to_owned();
        relinked[3].hash = relinked[3].computed_hash();
        assert_eq!(verify(&relinked), Err(ChainError::Broken(5)));
    }
}
