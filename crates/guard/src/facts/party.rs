//! In whose name an act is done.

use serde::{Deserialize, Serialize};
use stanch_model::people::Role;

/// The people behind an act. Playbook and connector are parties as well; who they are stands in the
/// facts and on the action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parties {
    /// Who published the playbook version; none if nobody did: it came with the program, or from the folder
    /// of whoever runs it.
    pub author: Option<Party>,
    /// Who started the run; none if a trigger did.
    pub requester: Option<Party>,
    /// Who said yes to exactly this plan, each once.
    pub approvers: Vec<Party>,
}

/// A person or a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What it is.
    pub kind: PartyKind,
    /// Its name, unique among its kind.
    pub name: String,
    /// What it may do in general; none if it has lost its login since.
    pub role: Option<Role>,
    /// The groups it is in.
    pub groups: Vec<String>,
}

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// Somebody with a login.
    Person,
    /// A token for the API.
    Token,
    /// A playbook.
    Playbook,
    /// A connector instance, and so the account it acts with.
    Connector,
}

impl PartyKind {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Token => "token",
            Self::Playbook => "playbook",
            Self::Connector => "connector",
        }
    }
}
