//! What changed, for whoever looks on: the UI's live views.

use serde::Serialize;
use tokio::sync::broadcast;

/// How many changes a slow onlooker may lag behind before it has to read anew.
const LAG_MAX: usize = 1_024;

/// One change; the onlooker reads the thing itself through the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `alert`, `incident`, `run`, `approval`, `question`, `containment`, `kill_switch`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

/// The channel of changes.
#[derive(Clone, Debug)]
pub struct Live {
    sender: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::channel(LAG_MAX).0 }
    }
}

impl Live {
    /// Tells that a thing changed. Nobody may be looking.
    #[expect(clippy::needless_pass_by_value, reason = "ids are small, and most are made for it")]
    pub fn tell(&self, kind: &'static str, id: impl ToString) {
        drop(self.sender.send(Change { kind, id: id.to_string() }));
    }

    /// Looks on from now.
    #[must_use]
    pub fn look(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
