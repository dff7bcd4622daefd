//! The alerts of the past, page by page, with what earlier runs for them have on record.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use serde_json::Value;
use stanch_expression::Scope;
use stanch_model::{
    Alert, AlertId, Incident, IncidentId, RunId, TenantId, Time, incident::IncidentStatus,
    run::JournalEntry,
};
use stanch_playbook::{RunEvent, backtest::Recorded};
use stanch_store::{AlertPlace, Error, View};

use super::tally::Past;
use crate::{
    runs::{Loaded, incident_context},
    triage::wants,
};

/// How many alerts are looked at together.
const PAGE: u32 = 100;

/// How many runs of one incident are looked at, the newest first.
const RUNS_MAX: u32 = 1_000;

/// A stretch of time, and the versions that alerts are shown to.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) tenant: TenantId,
    pub(super) until: Time,
    pub(super) versions: Vec<Arc<Loaded>>,
}

/// Some alerts.
#[derive(Debug)]
pub(super) struct Page {
    /// How many were looked at.
    pub(super) looked_at: u64,
    /// Those that a trigger holds for, and for which of the versions.
    pub(super) found: Vec<(Past, Vec<bool>)>,
    /// Where the next page begins; none if this is the last.
    pub(super) next: Option<AlertPlace>,
}

impl History {
    /// How many alerts there are since then, and where the newest of them begin.
    pub(super) fn begin(
        &self,
        view: &View<'_>,
        since: Time,
        limit: u32,
    ) -> Result<(u64, AlertPlace), Error> {
        let alerts = view.alerts_within(&self.tenant, (since, self.until))?;
        let newest = view.place_before_newest(&self.tenant, self.until, limit)?;
        let first = AlertPlace::before(since);
        Ok((alerts, newest.map_or(first, |place| place.max(first))))
    }

    pub(super) fn page(&self, view: &View<'_>, place: AlertPlace) -> Result<Page, Error> {
        let (alerts, last) = view.alerts_after(&self.tenant, (place, self.until), PAGE)?;
        let full = alerts.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        let looked_at = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
        let mut runs = BTreeMap::new();
        let mut found = Vec::new();
        for alert in alerts {
            let scope = Scope::new().with("alert", alert.context());
            let wanted: Vec<bool> =
                self.versions.iter().map(|version| wants(version, &scope)).collect();
            if wanted.contains(&true) {
                found.push((self.past(view, alert, &mut runs)?, wanted));
            }
        }
        Ok(Page { looked_at, found, next: last.filter(|_| full) })
    }

    fn past(
        &self,
        view: &View<'_>,
        alert: Alert,
        runs: &mut BTreeMap<IncidentId, BTreeMap<AlertId, Vec<RunId>>>,
    ) -> Result<Past, Error> {
        let Some(incident) = alert.incident else {
            return Ok(Past { alert, incident: None, recorded: Recorded::default(), saw: None });
        };
        let by_alert = match runs.entry(incident) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.runs_of(view, incident)?),
        };
        let own = by_alert.get(&alert.id);
        let (mut recorded, mut saw) = (Recorded::default(), None);
        for run in own.into_iter().flatten() {
            let journal = read(&view.journal(*run)?)?;
            if let Some(RunEvent::Started { incident, .. }) = journal.first() {
                saw.get_or_insert_with(|| incident.clone());
            }
            recorded.add(&journal);
        }
        let incident = view.incident(&self.tenant, incident)?;
        let saw = saw.unwrap_or_else(|| before_anybody(&incident));
        Ok(Past { alert, incident: Some(incident), recorded, saw: Some(saw) })
    }

    /// The runs of an incident by the alert that they are for, the oldest first.
    fn runs_of(
        &self,
        view: &View<'_>,
        incident: IncidentId,
    ) -> Result<BTreeMap<AlertId, Vec<RunId>>, Error> {
        let (heads, _) = view.runs(&self.tenant, Some(incident), None, RUNS_MAX)?;
        let mut by_alert: BTreeMap<AlertId, Vec<RunId>> = BTreeMap::new();
        for head in heads.into_iter().rev() {
            if let Some(alert) = head.alert {
                by_alert.entry(alert).or_default().push(head.id);
            }
        }
        Ok(by_alert)
    }
}

/// A record that is no event of this build's ends the backtest: what it says would be missing.
fn read(journal: &[JournalEntry]) -> Result<Vec<RunEvent>, Error> {
    let events = journal.iter().map(|entry| serde_json::from_value(entry.payload.clone()));
    Ok(events.collect::<Result<_, _>>()?)
}

/// What a run would have seen of the incident, where none did: nobody had worked on it yet.
fn before_anybody(incident: &Incident) -> Value {
    let untouched = Incident { status: IncidentStatus::New, owner: None, ..incident.clone() };
    incident_context(Some(&untouched))
}
