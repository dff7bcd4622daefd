//! Triage: detections become alerts, alerts become incidents, incidents start runs.
//!
//! Everything happens in the one store change that also moves the intake offset, so a crash
//! neither loses nor doubles an alert.

mod dedup;
mod group;
mod trigger;

use std::{net::IpAddr, sync::Arc};

use stanch_detect::Detection;
use stanch_model::{Alert, AlertId, Event, Severity, Time, alert::EVENTS_MAX};
use stanch_store::Tx;

use crate::{clock::Clock, core::tell, live::Change, runs::Playbooks};

pub use self::trigger::NewRun;
pub(crate) use self::trigger::{ONCE_PER, RUNS_PER_HOUR_MAX, once_per, wants, write_begin};

/// What triage works with.
#[derive(Clone, Debug)]
pub struct Triage {
    /// For ids.
    pub clock: Clock,
    /// What alerts may start.
    pub playbooks: Arc<Playbooks>,
    /// Addresses of this host: what they cause is our own doing.
    pub own_addresses: Arc<Vec<IpAddr>>,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The runs to wake.
    pub runs: Vec<NewRun>,
    /// What changed, for onlookers.
    pub changes: Vec<Change>,
}

impl Triage {
    /// Takes one detection.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(name = "engine.triage.take", skip_all)]
    pub fn take(
        &self,
        tx: &Tx<'_>,
        event: &Event,
        detection: &Detection,
        now: Time,
        outcome: &mut Outcome,
    ) -> Result<(), stanch_store::Error> {
        let key = dedup::key(event, detection);
        let since = event.occurred_at.minus(dedup::WINDOW);
        if let Some(mut alert) = tx.alert_by_dedup_key(&event.tenant, &key, since)? {
            dedup::seen_again(&mut alert, event, detection);
            tx.put_alert(&alert)?;
            outcome.changes.push(Change { kind: "alert", id: alert.id.to_string() });
            return Ok(());
        }
        let mut alert = self.raise(event, detection, key, now);
        if alert.severity > Severity::Info {
            let incident = group::place(tx, &self.clock, &alert, now)?;
            alert.incident = Some(incident.id);
            let what = ("alert", alert.rule.title.as_str(), &*alert.id.to_string());
            let text = format!("{}: {}", alert.severity, alert.rule.title);
            tell(tx, &alert.tenant, alert.incident, alert.first_seen_at, what, text)?;
            outcome.changes.push(Change { kind: "incident", id: incident.id.to_string() });
            tx.put_alert(&alert)?;
            let runs = trigger::fire(tx, self, &alert, &incident, now)?;
            outcome.runs.extend(runs);
        } else {
            tx.put_alert(&alert)?;
        }
        outcome.changes.push(Change { kind: "alert", id: alert.id.to_string() });
        Ok(())
    }

    fn raise(&self, event: &Event, detection: &Detection, key: String, now: Time) -> Alert {
        let mut events = vec![event.id];
        events.truncate(EVENTS_MAX);
        let mut common = event.common.clone();
        dedup::carry_group(&mut common, detection);
        let mut seen = event.clone();
        seen.common = common.clone();
        Alert {
            id: AlertId::new(self.clock.uuid()),
            tenant: event.tenant.clone(),
            rule: detection.rule.clone(),
            severity: detection.severity,
            techniques: detection.techniques.clone(),
            observables: seen.observables(),
            common,
            fields: event.fields.clone(),
            source: event.source.clone(),
            trust: event.trust,
            events,
            dedup_key: key,
            count: detection.count.max(1),
            first_seen_at: event.occurred_at,
            last_seen_at: event.occurred_at,
            detected_at: now,
            incident: None,
            self_caused: self.is_ours(event),
        }
    }

    fn is_ours(&self, event: &Event) -> bool {
        let ours = |ip: IpAddr| !ip.is_loopback() && self.own_addresses.contains(&ip);
        event.common.src_ip.is_some_and(ours)
    }
}
