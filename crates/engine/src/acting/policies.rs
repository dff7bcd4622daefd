//! The policy in force: who decides looks at one, and none is decided by the old one once another is written.

use std::sync::{Arc, PoisonError};

use stanch_guard::Policy;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The policy in force. Cheap to clone; clones are of the same.
///
/// Whoever decides holds the door open from the look at the policy to the look at the guard's epoch. Whoever
/// writes another policy closes it, writes, which raises the epoch, and puts the policy here. So a decision
/// by the old one carries the old epoch, and becomes no intent.
#[derive(Clone, Debug)]
pub struct Policies {
    in_force: Arc<std::sync::RwLock<Arc<Policy>>>,
    door: Arc<RwLock<()>>,
}

impl Policies {
    /// Begins with that policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { in_force: Arc::new(std::sync::RwLock::new(Arc::new(policy))), door: Arc::default() }
    }

    /// The policy in force now.
    #[must_use]
    pub fn now(&self) -> Arc<Policy> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps another policy from being written until the answer is dropped.
    pub(crate) async fn open(&self) -> RwLockReadGuard<'_, ()> {
        self.door.read().await
    }

    /// Waits until nobody decides, and keeps everybody from it until the answer is dropped.
    pub(crate) async fn close(&self) -> RwLockWriteGuard<'_, ()> {
        self.door.write().await
    }

    /// Puts a policy in force that was written; the door is closed.
    pub(crate) fn put(&self, policy: Policy, _closed: &RwLockWriteGuard<'_, ()>) {
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }
}
