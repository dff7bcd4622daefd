//! Who may do what to which target: the policy's `rights`, evaluated by Cedar.
//!
//! The policy file stays what an analyst reads; each of its rights is one Cedar policy, built as data (so that no name in a
//! right can become syntax) and validated against a schema of ours. Text in the Cedar language is not taken anywhere.
//!
//! Everybody in whose name an act is done needs the right to it: author, requester and every approver who counts,
//! the playbook, and the connector. What one of them may not do, none of the others can lend.
//! Cedar's own semantics do the rest: nothing is permitted unless a right permits it, and what one forbids
//! no other can permit. Kinds of parties that no permit names are not limited.

mod ask;
mod schema;
mod translate;

use std::sync::Arc;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use serde::{Deserialize, Serialize};
use stanch_model::plan::PlannedAction;

pub(crate) use ask::{Answer, Asked};

use crate::{
    Facts, Policy,
    facts::{Party, PartyKind},
    policy::{Effect, Right, RightError, Who},
    rules::Case,
};

/// The rights of a policy, ready to be asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Right>", into = "Vec<Right>")]
pub struct Rights {
    list: Vec<Right>,
    compiled: Option<Arc<Compiled>>,
}

/// What Cedar is given.
#[derive(Debug)]
struct Compiled {
    policies: PolicySet,
    schema: Schema,
}

/// Parties that are limited together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Persons and tokens.
    People,
    /// Playbooks.
    Playbooks,
    /// Connector instances.
    Connectors,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::People, Self::Playbooks, Self::Connectors];

    pub(crate) const fn of(party: PartyKind) -> Self {
        match party {
            PartyKind::Person | PartyKind::Token => Self::People,
            PartyKind::Playbook => Self::Playbooks,
            PartyKind::Connector => Self::Connectors,
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Playbooks => "playbooks",
            Self::Connectors => "connectors",
        }
    }

    /// Whether `who` may mean one of these.
    pub(crate) const fn has(self, who: &Who) -> bool {
        match who {
            Who::Anybody => true,
            Who::Person(_) | Who::Token(_) | Who::Group(_) | Who::Role(_) => {
                matches!(self, Self::People)
            }
            Who::Playbook(_) => matches!(self, Self::Playbooks),
            Who::Connector(_) => matches!(self, Self::Connectors),
        }
    }
}

impl Rights {
    /// Makes rights of lines, in the order in which they stand.
    ///
    /// # Errors
    /// A line that the schema does not admit, with its place in the list.
    pub fn new(list: Vec<Right>) -> Result<Self, (usize, RightError)> {
        if list.is_empty() {
            return Ok(Self::default());
        }
        let whole = |error: String| (0, RightError::Unfit(error));
        let schema = schema::schema().map_err(whole)?;
        let mut policies = PolicySet::new();
        for (index, right) in list.iter().enumerate() {
            let unfit = |error: String| (index, RightError::Unfit(error));
            let policy = translate::policy(index, right).map_err(unfit)?;
            policies.add(policy).map_err(|error| unfit(error.to_string()))?;
        }
        for kind in Kind::ALL.into_iter().filter(|kind| !limited(&list, *kind)) {
            for policy in translate::unlimited(kind).map_err(whole)? {
                policies.add(policy).map_err(|error| whole(error.to_string()))?;
            }
        }
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if let Some(error) = checked.validation_errors().next() {
            let index = translate::index(error.policy_id()).unwrap_or(0);
            return Err((index, RightError::Unfit(error.to_string())));
        }
        Ok(Self { list, compiled: Some(Arc::new(Compiled { policies, schema })) })
    }

    /// Rights with a Cedar policy among them that nothing has validated, to see what an error does.
    #[cfg(test)]
    pub(crate) fn with_unvalidated(list: Vec<Right>, cedar: &str) -> Self {
        let mut rights = Self::new(list).unwrap();
        let Compiled { policies, schema } = rights.compiled.as_deref().unwrap();
        let mut policies = policies.clone();
        let id = Some(cedar_policy::PolicyId::new("unvalidated"));
        policies.add(cedar_policy::Policy::parse(id, cedar).unwrap()).unwrap();
        rights.compiled = Some(Arc::new(Compiled { policies, schema: schema.clone() }));
        rights
    }

    /// The lines.
    #[must_use]
    pub fn list(&self) -> &[Right] {
        &self.list
    }

    /// Whether nobody is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The kinds of parties that need a permit: `people`, `playbooks`, `connectors`.
    #[must_use]
    pub fn limited(&self) -> Vec<&'static str> {
        Kind::ALL.into_iter().filter(|kind| self.limits(*kind)).map(Kind::words).collect()
    }

    /// Whether parties of that kind need a permit.
    pub(crate) fn limits(&self, kind: Kind) -> bool {
        limited(&self.list, kind)
    }
}

fn limited(list: &[Right], kind: Kind) -> bool {
    list.iter().any(|right| right.effect == Effect::Permit && kind.has(&right.who))
}

impl PartialEq for Rights {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}
impl Eq for Rights {}

impl TryFrom<Vec<Right>> for Rights {
    type Error = RightError;
    fn try_from(list: Vec<Right>) -> Result<Self, RightError> {
        Self::new(list).map_err(|(_, error)| error)
    }
}

impl From<Rights> for Vec<Right> {
    fn from(rights: Rights) -> Self {
        rights.list
    }
}

/// Whether a person or token has the right to this act: for an inbox that offers no button which would not
/// count, and for a check before a playbook is published. The guard asks again at the act.
///
/// # Errors
/// Why not, in plain words.
pub fn may(
    policy: &Policy,
    facts: &Facts,
    action: &PlannedAction,
    party: &Party,
) -> Result<(), String> {
    let case = Case::new(policy, facts, action);
    Asked::new(&case)?.person(party).objection(&case).map_or(Ok(()), Err)
}
