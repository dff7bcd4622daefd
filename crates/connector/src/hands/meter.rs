//! Quotas: what a target lets one account ask is counted before it is asked.

use futures::future::BoxFuture;
use stanch_model::manifest::{Call, Quota};

use super::{Found, Hands};

/// Counts requests against quotas.
pub trait Meter: Send + Sync {
    /// Counts `requests` more of `instance`. They are refused, in plain words, where `may_wait` and
    /// a quota is used up; what may not wait is counted all the same.
    fn count<'a>(
        &'a self,
        instance: &'a str,
        quota: &'a [Quota],
        requests: u32,
        may_wait: bool,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// What a request is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Errand<'a> {
    /// An act or a read, with its key.
    Act(&'a str),
    /// A probe or a verify.
    Question,
    /// An undo, with its key.
    Undo(&'a str),
}

impl<'a> Errand<'a> {
    pub(super) const fn key(self) -> Option<&'a str> {
        match self {
            Self::Act(key) | Self::Undo(key) => Some(key),
            Self::Question => None,
        }
    }
}

impl Hands {
    /// Counts a call, if its target has a quota. What was done has to be looked up and taken back
    /// whatever was asked before, so only acts and reads are held back.
    pub(super) async fn metered(
        &self,
        found: &Found<'_>,
        call: &Call,
        errand: Errand<'_>,
    ) -> Result<(), String> {
        let (quota, Some(meter)) = (&found.manifest.quota, &self.meter) else { return Ok(()) };
        if quota.is_empty() {
            return Ok(());
        }
        let first = if let Call::Http(call) = call { call.first.len() } else { 0 };
        let requests = u32::try_from(first).unwrap_or(u32::MAX).saturating_add(1);
        let may_wait = matches!(errand, Errand::Act(_));
        meter.count(&found.instance.name, quota, requests, may_wait).await
    }
}
