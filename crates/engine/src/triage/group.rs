//! Grouping: an alert joins the open incident that shares its strongest entity, or opens one.

use std::time::Duration;

use stanch_model::{
    Alert, Incident, IncidentId, Severity, Time,
    incident::{ALERTS_MAX, IncidentStatus},
};
use stanch_store::{Error, Tx};

use crate::{clock::Clock, core::audit};

/// How long after an entity was last seen its incident still takes alerts.
const WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// An entity that stands in more open incidents than this is shared by everybody and groups nothing.
const HUB_INCIDENTS: u32 = 10;

/// How many observables an incident keeps.
const OBSERVABLES_MAX: usize = 500;

/// Accounts that everybody has.
const COMMON_USERS: &[&str] = &[
    "root",
    "system",
    "administrator",
    "network service",
    "local service",
    "-",
    "anonymous logon",
];

/// Puts the alert into its incident and returns that.
pub(super) fn place(
    tx: &Tx<'_>,
    clock: &Clock,
    alert: &Alert,
    now: Time,
) -> Result<Incident, Error> {
    let entities = entities(alert);
    let mut incident = match find(tx, alert, &entities)? {
        Some(incident) => incident,
        None => open(tx, clock, alert, now)?,
    };
    join(&mut incident, alert, entities, now);
    tx.put_incident(&incident, alert.last_seen_at)?;
    Ok(incident)
}

/// What the alert is about, the strongest first.
fn entities(alert: &Alert) -> Vec<String> {
    let c = &alert.common;
    let host = c.host.as_ref().map(|host| format!("host:{}", host.to_lowercase()));
    let ip = |ip: std::net::IpAddr| {
        (!ip.is_loopback() && !ip.is_unspecified()).then(|| format!("ip:{ip}"))
    };
    let user = c.user.as_ref().map(|user| user.to_lowercase());
    let user = user.filter(|user| !COMMON_USERS.contains(&user.as_str()) && !user.ends_with('$'));
    [host, c.src_ip.and_then(ip), c.dst_ip.and_then(ip), user.map(|user| format!("user:{user}"))]
        .into_iter()
        .flatten()
        .collect()
}

fn find(tx: &Tx<'_>, alert: &Alert, entities: &[String]) -> Result<Option<Incident>, Error> {
    let since = alert.last_seen_at.minus(WINDOW);
    for entity in entities {
        if tx.open_incidents_with(&alert.tenant, entity, None)? > HUB_INCIDENTS {
            continue;
        }
        let found = tx.open_incident_with(&alert.tenant, entity, since)?;
        let max = u64::try_from(ALERTS_MAX).unwrap_or(u64::MAX);
        if let Some(incident) = found.filter(|incident| incident.alert_count < max) {
            return Ok(Some(incident));
        }
    }
    Ok(None)
}

fn open(tx: &Tx<'_>, clock: &Clock, alert: &Alert, now: Time) -> Result<Incident, Error> {
    let id = IncidentId::new(clock.uuid());
    let c = &alert.common;
    let place = c.host.clone().or_else(|| c.src_ip.map(|ip| ip.to_string()));
    let title = match place {
        Some(place) => format!("{} ({place})", alert.rule.title),
        None => alert.rule.title.clone(),
    };
    let detail = serde_json::json!({ "alert": alert.id, "rule": alert.rule });
    audit(tx, &alert.tenant, now, ("engine", "incident.open", &id.to_string()), detail)?;
    Ok(Incident {
        id,
        tenant: alert.tenant.clone(),
        title,
        severity: Severity::Info,
        status: IncidentStatus::New,
        disposition: None,
        techniques: Vec::new(),
        observables: Vec::new(),
        entities: Vec::new(),
        alert_count: 0,
        alerts: Vec::new(),
        owner: None,
        occurred_at: alert.first_seen_at,
        detected_at: now,
        acknowledged_at: None,
        contained_at: None,
        closed_at: None,
        updated_at: now,
    })
}

fn join(incident: &mut Incident, alert: &Alert, entities: Vec<String>, now: Time) {
    incident.severity = incident.severity.max(alert.severity);
    incident.occurred_at = incident.occurred_at.min(alert.first_seen_at);
    incident.updated_at = now;
    incident.alert_count += 1;
    incident.alerts.push(alert.id);
    merge(&mut incident.techniques, alert.techniques.clone());
    merge(&mut incident.entities, entities);
    merge(&mut incident.observables, alert.observables.clone());
    incident.observables.truncate(OBSERVABLES_MAX);
}

fn merge<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}
