//! What a restored instance waits for: its books are older than the world.
//!
//! From the restoring on every act is refused (the guard is told that its facts cannot be trusted), no
//! run goes on, nothing expires and no new event is looked at; events are still taken in, and people
//! can undo and stop. That ends when every containment has been compared with its target, or when an
//! administrator says that those which cannot be asked do not matter.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::json;
use stanch_model::{TenantId, Time};
use stanch_store::Tx;

use crate::{
    Error,
    core::{Core, audit},
};

/// The bookmark under which the books keep it.
pub(crate) const HOLDS: &str = "restored";

/// The file that a restored folder begins with.
pub(super) const MARKER: &str = "restored.json";

/// When the books were copied, and when they were put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Restored {
    /// When the backup was taken: the books know nothing later.
    pub taken_at: Time,
    /// When it was restored.
    pub restored_at: Time,
}

/// Takes the mark of a restored folder into the books, if it has one.
pub(crate) async fn hold(core: &Core, data: &Path) -> Result<(), Error> {
    let path = data.join(MARKER);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Error::Content(format!("could not read {}: {error}", path.display())));
        }
    };
    let restored: Restored = serde_json::from_str(&text)
        .map_err(|error| Error::Content(format!("{}: {error}", path.display())))?;
    let now = core.clock.now();
    let written = core.store.write(move |tx| {
        tx.set_bookmark(HOLDS, &serde_json::to_string(&restored)?)?;
        let demoted = tx.demote_auto()?;
        let detail = json!({
            "taken_at": restored.taken_at, "restored_at": restored.restored_at,
            "demoted_from_auto": demoted,
        });
        audit(tx, &TenantId::default(), now, ("engine", "instance.restore", "instance"), detail)
    });
    written.await?;
    let removed = fs::remove_file(&path).and_then(|()| fs::File::open(data)?.sync_all());
    removed.map_err(|error| Error::Content(format!("could not remove {}: {error}", path.display())))
}

/// Whether anything may be begun here.
///
/// # Errors
/// A conflict while a restored instance waits.
pub(crate) fn may_act(tx: &Tx<'_>) -> Result<(), stanch_store::Error> {
    match tx.bookmark(HOLDS)?.filter(|mark| !mark.is_empty()) {
        None => Ok(()),
        Some(_) => Err(stanch_store::Error::Conflict(
            "this instance was restored from a backup and acts on nothing until its containments \
             have been compared with their targets: see `stanch containment reconcile`"
                .to_owned(),
        )),
    }
}

/// Lets a restored instance act again.
pub(crate) fn release(
    tx: &Tx<'_>,
    (by, why): (&str, &str),
    now: Time,
) -> Result<(), stanch_store::Error> {
    tx.set_bookmark(HOLDS, "")?;
    tx.raise_epoch()?;
    let detail = json!({ "reason": why });
    audit(tx, &TenantId::default(), now, (by, "instance.reconcile", "instance"), detail)
}

impl Core {
    /// What a restored instance waits for; none once its containments were compared with their targets.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn restored(&self) -> Result<Option<Restored>, Error> {
        let mark = self.store.read(|view| view.bookmark(HOLDS)).await?;
        mark.filter(|mark| !mark.is_empty())
            .map(|mark| serde_json::from_str(&mark))
            .transpose()
            .map_err(|error| Error::Content(format!("the mark of a restored instance: {error}")))
    }
}
