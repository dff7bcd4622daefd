//! One version takes another's place, in one change of the store.

use serde_json::json;
use stanch_model::{
    TenantId, Time,
    guard::Mode,
    version::{Version, VersionState},
};
use stanch_store::{Error, Tx, View};

use crate::{core::audit, runs::Loaded};

/// The version of that playbook that is in force; none if there is none.
pub(crate) fn published(
    view: &View<'_>,
    tenant: &TenantId,
    playbook: &str,
) -> Result<Option<Version>, Error> {
    let versions = view.versions(tenant, playbook)?;
    Ok(versions.into_iter().find(|version| version.state == VersionState::Published))
}

/// Puts `version` in force in the place of the one that is, and trusts it no further than that was, nor
/// further than `assist`. `was` is how far the playbook is trusted if nobody ever said.
pub(crate) fn publish(
    tx: &Tx<'_>,
    mut version: Version,
    loaded: &Loaded,
    (by, was): (&str, Option<Mode>),
    now: Time,
) -> Result<Version, Error> {
    let (tenant, name) = (version.tenant.clone(), version.playbook.clone());
    let before = published(tx, &tenant, &name)?;
    let trusted = tx.mode(&tenant, &name)?.or(was);
    let mode = trusted.unwrap_or(Mode::Assist).min(Mode::Assist).min(loaded.playbook().max_mode);
    if let Some(mut before) = before.clone() {
        before.state = VersionState::Replaced;
        before.mode = trusted;
        tx.put_version(&before)?;
    }
    version.state = VersionState::Published;
    version.published_at = Some(now);
    version.published_by = Some(by.to_owned());
    version.mode = None;
    tx.put_version(&version)?;
    tx.set_mode(&tenant, &name, mode)?;
    let detail = json!({
        "version": version.number, "digest": version.digest, "origin": version.origin,
        "author": version.author, "reviews": version.reviews, "commit": version.commit,
        "in_place_of": before.map(|before| before.number), "mode": mode,
    });
    audit(tx, &tenant, now, (by, "playbook.publish", &name), detail)?;
    Ok(version)
}
