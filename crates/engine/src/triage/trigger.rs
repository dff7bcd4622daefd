//! Triggers: which playbooks an alert starts. Once per playbook version, incident and what the alert
//! is about; capped per hour.

use std::time::Duration;

use stanch_expression::Scope;
use stanch_model::{
    Alert, Incident, IncidentId, RunId, TenantId, Time, canonical,
    event::Trust,
    guard::Mode,
    run::{RunHead, RunState},
};
use stanch_playbook::{RunEvent, ast::TriggerKind};
use stanch_store::{Error, Tx};

use super::Triage;
use crate::{
    core::{audit, tell},
    runs::{Loaded, incident_context},
};

/// How many runs one playbook version starts by itself in an hour; what is over it is told, not started.
pub(crate) const RUNS_PER_HOUR_MAX: u32 = 200;

/// How long a playbook that was started for something is not started for the same again.
pub(crate) const ONCE_PER: Duration = Duration::from_secs(3_600);

/// A run that was written and has to be woken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: RunId,
}

/// Writes the runs that the alert starts.
pub(super) fn fire(
    tx: &Tx<'_>,
    triage: &Triage,
    alert: &Alert,
    incident: &Incident,
    now: Time,
) -> Result<Vec<NewRun>, Error> {
    let mut started = Vec::new();
    let scope = Scope::new().with("alert", alert.context());
    let key = once_per(alert, incident.id);
    for loaded in triage.playbooks.all() {
        let loaded = &*loaded;
        if !wants(loaded, &scope) {
            continue;
        }
        let Some(refusal) = refusal(tx, loaded, alert, now)? else {
            if tx.fire(&alert.tenant, &counted_as(loaded, alert), &key, now, ONCE_PER)? {
                started.push(start(tx, triage, loaded, alert, incident, now)?);
            }
            continue;
        };
        let name = loaded.name();
        let what = ("run", "engine", name);
        tell(
            tx,
            &alert.tenant,
            alert.incident,
            now,
            what,
            format!("playbook {name} not started: {refusal}"),
        )?;
        let detail = serde_json::json!({ "alert": alert.id, "why": refusal });
        audit(tx, &alert.tenant, now, ("engine", "run.not_started", name), detail)?;
    }
    Ok(started)
}

/// A playbook is started once an hour for what an alert is about within an incident: ten alerts about one
/// host need one plan and one answer, not ten.
pub(crate) fn once_per(alert: &Alert, incident: IncidentId) -> String {
    let c = &alert.common;
    let about = (incident, &c.host, c.src_ip, c.dst_ip, c.host.is_none().then_some(&c.user));
    canonical::sha256(&about).expect("invariant: ids, names and addresses are JSON")
}

/// Under what a start is counted. What anybody can write to counts apart: it must neither hold back
/// nor use up what a trusted source starts later.
fn counted_as(loaded: &Loaded, alert: &Alert) -> String {
    let digest = loaded.digest();
    if alert.trust == Trust::Low { format!("{digest} low") } else { digest.to_owned() }
}

/// Whether the trigger holds; `scope` has the alert.
pub(crate) fn wants(loaded: &Loaded, scope: &Scope) -> bool {
    let on = loaded.playbook().on.as_ref().map(|on| &on.kind);
    let Some(TriggerKind::Alert(condition)) = on else { return false };
    match condition.value.evaluate(scope) {
        Ok(value) => value == serde_json::Value::Bool(true),
        Err(error) => {
            tracing::warn!(playbook = loaded.name(), %error, "trigger could not be evaluated");
            false
        }
    }
}

/// Why a playbook that wants the alert is not started.
fn refusal(
    tx: &Tx<'_>,
    loaded: &Loaded,
    alert: &Alert,
    now: Time,
) -> Result<Option<String>, Error> {
    if alert.self_caused {
        return Ok(Some("the alert was caused by an act of our own".to_owned()));
    }
    if let Err(error) = loaded.graph() {
        return Ok(Some(error.to_string()));
    }
    let since = now.minus(Duration::from_secs(3_600));
    let fired = tx.fired_since(&alert.tenant, &counted_as(loaded, alert), since)?;
    if fired >= RUNS_PER_HOUR_MAX {
        return Ok(Some(format!("it was started {fired} times in the last hour")));
    }
    Ok(None)
}

fn start(
    tx: &Tx<'_>,
    triage: &Triage,
    loaded: &Loaded,
    alert: &Alert,
    incident: &Incident,
    now: Time,
) -> Result<NewRun, Error> {
    let mode = tx.mode(&alert.tenant, loaded.name())?.unwrap_or_else(|| loaded.initial_mode());
    let head = RunHead {
        id: RunId::new(triage.clock.uuid()),
        tenant: alert.tenant.clone(),
        playbook: loaded.name().to_owned(),
        playbook_digest: loaded.digest().to_owned(),
        mode: mode.min(loaded.playbook().max_mode),
        incident: Some(incident.id),
        alert: Some(alert.id),
        requested_by: format!("rule {}", alert.rule.title),
        state: RunState::Running,
        note: String::new(),
        started_at: now,
        ended_at: None,
    };
    write_start(tx, &head, alert, Some(incident), now)?;
    Ok(NewRun { tenant: head.tenant, id: head.id })
}

/// Writes the head and the first journal record of a run.
fn write_start(
    tx: &Tx<'_>,
    head: &RunHead,
    alert: &Alert,
    incident: Option<&Incident>,
    now: Time,
) -> Result<(), Error> {
    write_begin(tx, head, &RunEvent::started(alert.context(), incident_context(incident)), now)
}

/// The same for a run that begins with anything else.
pub(crate) fn write_begin(
    tx: &Tx<'_>,
    head: &RunHead,
    started: &RunEvent,
    now: Time,
) -> Result<(), Error> {
    tx.put_run(head)?;
    tx.append_journal(head.id, 0, now, &serde_json::to_value(started)?)?;
    let id = head.id.to_string();
    let mode = match head.mode {
        Mode::Shadow => "shadow: it plans and does not act",
        Mode::Assist => "assist: every act asks",
        Mode::Auto => "auto: the guard decides",
    };
    let text = format!("playbook {} started in mode {mode}", head.playbook);
    tell(tx, &head.tenant, head.incident, now, ("run", &head.requested_by, &id), text)?;
    let detail = serde_json::json!({
        "playbook": head.playbook, "digest": head.playbook_digest, "mode": head.mode,
        "alert": head.alert, "incident": head.incident,
    });
    audit(tx, &head.tenant, now, (&head.requested_by, "run.start", &id), detail)
}
