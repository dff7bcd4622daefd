//! Versions of a playbook: each text that was ever written, with who wrote and reviewed it, and when.

use serde::{Deserialize, Serialize};

use crate::{
    TenantId, Time,
    guard::{Mode, Vote},
};

/// One text of a playbook. The text itself is kept under its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Version {
    /// Whose.
    pub tenant: TenantId,
    /// The playbook's name.
    pub playbook: String,
    /// Its number, from 1.
    pub number: u32,
    /// SHA-256 of the text.
    pub digest: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Who wrote it: a login name, or `content` for what came with the program or its folders.
    pub author: String,
    /// Why, in plain words.
    pub note: String,
    /// The file, below the folder that is followed.
    pub path: Option<String>,
    /// The commit that was checked out when it was read.
    pub commit: Option<String>,
    /// Where it stands.
    pub state: VersionState,
    /// What reviewers said.
    pub reviews: Vec<Vote>,
    /// Its author is the only one who can review it: from then on the delay takes the other's place.
    pub alone_until: Option<Time>,
    /// When it was written, or first read.
    pub created_at: Time,
    /// When it came in force, the last time.
    pub published_at: Option<Time>,
    /// Who put it in force.
    pub published_by: Option<String>,
    /// How far it was trusted when another took its place.
    pub mode: Option<Mode>,
}

/// Where a version comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The program, or a folder that was read at the start.
    Content,
    /// A person, by API or command line.
    Draft,
    /// The folder that is followed.
    Follow,
}

impl Origin {
    /// Whether a person handed it in, who answers for it by name.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Draft)
    }
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// Nobody has reviewed it.
    Draft,
    /// Somebody other than its author found it good.
    Reviewed,
    /// Somebody found it wanting.
    Denied,
    /// In force.
    Published,
    /// It was in force, and another is now.
    Replaced,
    /// It was in force, and its file is gone.
    Retired,
}

/// What is different between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionDiff {
    /// The number of the one.
    pub from: u32,
    /// The number of the other.
    pub to: u32,
    /// Line by line, as a unified diff.
    pub text: String,
    /// What it comes to: triggers, modes, actions.
    pub changes: Vec<Difference>,
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// What kind of thing: `on`, `max_mode`, `do`, `ask`, `if`, …
    pub what: String,
    /// Which one: the step's id, or what it does.
    pub at: String,
    /// Before; none if it was not there.
    pub before: Option<String>,
    /// After; none if it is not there any more.
    pub after: Option<String>,
}
