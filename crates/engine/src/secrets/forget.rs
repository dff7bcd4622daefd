//! The way out when the key is lost: the secrets are forgotten, without opening one.

use std::path::Path;

use serde_json::json;
use stanch_archive::IntakeLog;
use stanch_model::TenantId;
use stanch_store::Store;

use crate::{Error, clock::Clock, core::audit};

/// Forgets one secret, or all, of a data folder on which no server runs; says which.
///
/// # Errors
/// A folder that is in use; no such secret; those of the store.
pub async fn forget(data: &Path, name: Option<&str>) -> Result<Vec<String>, Error> {
    // The log holds the folder's lock.
    let (_log, _) = IntakeLog::open(data.join("intake"), stanch_archive::Options::default())?;
    let store = Store::open(data)?;
    let clock = Clock::new(store.read(|view| view.high_water()).await?);
    let (name, now) = (name.map(str::to_owned), clock.now());
    let written = store.write(move |tx| {
        let tenant = TenantId::default();
        let mut names: Vec<String> = match &name {
            Some(name) => vec![name.clone()],
            None => tx.secrets()?.into_iter().map(|row| row.head.name).collect(),
        };
        names.dedup();
        for name in &names {
            tx.remove_secret(&tenant, name)?;
            let what = ("local administrator", "secret.remove", name.as_str());
            audit(tx, &tenant, now, what, json!({ "forgotten": true }))?;
        }
        Ok(names)
    });
    Ok(written.await?)
}
