//! People and tokens, and what each role may do.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{TenantId, Time, TokenId, UserId, event::Trust};

/// What somebody may do. Each role includes the ones before it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May read.
    Viewer,
    /// May work on incidents, approve, undo, and engage the kill switch.
    Responder,
    /// May also manage people, tokens and sources, and release the kill switch.
    Admin,
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "viewer" => Ok(Self::Viewer),
            "responder" => Ok(Self::Responder),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownRole(text.to_owned())),
        }
    }
}

/// A word that is no role.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no role: use viewer, responder or admin")]
pub struct UnknownRole(String);

/// A person with a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Whose.
    pub tenant: TenantId,
    /// Login name, unique in the tenant.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Time,
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum TokenScope {
    /// The API, with a role.
    Api {
        /// What it may do.
        role: Role,
    },
    /// Delivery of events for one source, and nothing else.
    Intake {
        /// The source.
        source: String,
        /// How far it is believed.
        trust: Trust,
    },
    /// Reading block lists, and nothing else.
    Feed,
}

/// A token; the secret itself is kept only as a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub tenant: TenantId,
    /// Its name, unique in the tenant; the actor in the audit.
    pub name: String,
    /// What it is for.
    pub scope: TokenScope,
    /// Since when.
    pub created_at: Time,
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Whose data they see.
    pub tenant: TenantId,
    /// Their name, as in the audit.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The user behind it; none for tokens.
    pub user: Option<UserId>,
}
