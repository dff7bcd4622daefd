//! One record of the intake log: what came, from whom, when.

use serde::{Deserialize, Serialize};
use stanch_ingest::{Receipt, parse};
use stanch_model::{Event, EventId, TenantId, Time, event::Trust};

use super::Source;

/// One record of the intake log, as JSON with short keys; version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    #[serde(rename = "v")]
    version: u8,
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "s")]
    source: String,
    #[serde(rename = "u")]
    trust: Trust,
    #[serde(rename = "f")]
    format: String,
    #[serde(rename = "l")]
    line: u32,
    #[serde(rename = "a")]
    received_at_micros: i64,
    #[serde(rename = "r")]
    raw: String,
}

impl Envelope {
    /// Wraps a record.
    #[must_use]
    pub fn new(source: &Source, format: &str, line: u32, now: Time, raw: String) -> Self {
        Self {
            version: 1,
            tenant: source.tenant.clone(),
            source: source.name.clone(),
            trust: source.trust,
            format: format.to_owned(),
            line,
            received_at_micros: now.micros(),
            raw,
        }
    }

    /// As written to the log.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("invariant: an envelope is JSON")
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// Bytes that are no envelope of version 1.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match envelope.version {
            1 => Ok(envelope),
            other => Err(format!("record version {other} is not known to this build")),
        }
    }

    /// The event in it.
    ///
    /// # Errors
    /// A record that its format does not read.
    #[tracing::instrument(level = "debug", name = "ingest.parse", skip_all)]
    pub fn event(&self, id: EventId) -> Result<Event, String> {
        let receipt = Receipt {
            id,
            tenant: self.tenant.clone(),
            source: self.source.clone(),
            trust: self.trust,
            received_at: Time::from_micros(self.received_at_micros),
        };
        parse(Some(&self.format), &self.raw, receipt).map_err(|error| error.to_string())
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Who delivered it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// On which line of the delivery it began.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The record as it came.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }
}
