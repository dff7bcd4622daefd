//! Secrets as everybody may see them: name, version, who and when; the value is nowhere here.

use serde::{Deserialize, Serialize};

use crate::{TenantId, Time};

/// What a secret is for. One that opens a target is not given to a playbook, which could send it
/// to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The credential of an instance: `credential: secret:NAME`.
    #[default]
    Credential,
    /// An input of an action: `${{ secrets.NAME }}` in a playbook.
    Input,
}

/// One value of a secret, without the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// Whose.
    pub tenant: TenantId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Which of its values: the highest is in force.
    pub version: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether somebody said that it works; until then the one before it is kept.
    pub confirmed: bool,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Time,
}
