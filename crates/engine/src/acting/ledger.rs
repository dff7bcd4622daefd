//! The ledger's rows: written in the same store change as the journal record they mirror.

use serde_json::Value;
use stanch_connector::{Look, Presence};
use stanch_model::{
    ContainmentId, Time,
    containment::{Containment, ContainmentState},
    incident::IncidentStatus,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
    run::RunHead,
};
use stanch_playbook::RunEvent;
use stanch_store::{Error, Tx};

use crate::core::{audit, tell};

/// The property of a row's output that holds what the undo goes back to.
const BEFORE: &str = "before";

/// Opens a row, if the act is reversible: its id, what was there before, who let it happen.
pub(crate) fn open_row(
    tx: &Tx<'_>,
    head: &RunHead,
    action: &PlannedAction,
    (id, look, authorised_by): (ContainmentId, Look, String),
    now: Time,
) -> Result<(), Error> {
    let (EffectClass::Reversible, Some(target)) = (action.effect, action.target.clone()) else {
        return Ok(());
    };
    let containment = Containment {
        id,
        tenant: head.tenant.clone(),
        run: head.id,
        incident: head.incident,
        action: action.clone(),
        target,
        prior: look.presence == Presence::Present,
        output: on_record(Value::Null, look.before),
        state: ContainmentState::Intended,
        note: String::new(),
        authorised_by,
        intended_at: now,
        verified_at: None,
        expires_at: action.expires.map(|expires| now.plus(expires)),
        undone_at: None,
        undone_by: None,
        came_back: 0,
        checked_at: None,
        drift: None,
    };
    // What another live containment of ours holds, one being taken back included, was there before us
    // only if it was there before that one.
    let others = tx.other_live(&containment)?;
    let prior = containment.prior && (others.is_empty() || others.iter().any(|row| row.prior));
    // And the undo of the last of them goes back to what the first one found.
    let first = others.first().and_then(|row| row.output.get(BEFORE)).cloned();
    let output = first.map_or(containment.output, |before| on_record(Value::Null, before));
    tx.put_containment(&Containment { prior, output, ..containment })
}

/// What the ledger holds of an act: what the target returned, and what was there before.
fn on_record(output: Value, before: Value) -> Value {
    if before.as_object().is_none_or(serde_json::Map::is_empty) {
        return output;
    }
    let mut record = output.as_object().cloned().unwrap_or_default();
    record.insert(BEFORE.to_owned(), before);
    Value::Object(record)
}

/// Mirrors a run's event in ledger, incident, timeline and audit; true if the ledger changed.
pub(crate) fn follow(
    tx: &Tx<'_>,
    head: &RunHead,
    action: Option<&PlannedAction>,
    event: &RunEvent,
    now: Time,
) -> Result<bool, Error> {
    use ContainmentState as C;
    let (key, state, note, verb, word) = match event {
        RunEvent::Accepted { key, .. } => (key, C::Accepted, "", "action.accept", "accepted"),
        RunEvent::Verified { key } => (key, C::Verified, "", "action.verify", "verified"),
        RunEvent::Unverified { key, why } => {
            (key, C::Unverified, why.as_str(), "action.unverified", "accepted, but not seen")
        }
        RunEvent::Failed { key, why } => (key, C::Failed, why.as_str(), "action.fail", "failed"),
        RunEvent::Unresolved { key, why } => {
            (key, C::Unknown, why.as_str(), "action.unknown", "outcome unknown")
        }
        RunEvent::Resolved { key, happened: true, by } => {
            (key, C::Verified, by.as_str(), "action.resolve", "found to have happened, by")
        }
        RunEvent::Resolved { key, happened: false, by } => {
            (key, C::Failed, by.as_str(), "action.resolve", "found not to have happened, by")
        }
        _ => return Ok(false),
    };
    let Some(action) = action.filter(|action| action.effect != EffectClass::Read) else {
        return Ok(false);
    };
    let changed = move_row(tx, head, key, event, (state, note), now)?;
    if matches!(state, C::Failed | C::Unverified | C::Unknown) {
        // A breaker may have tripped: what was decided before is decided again.
        tx.raise_epoch()?;
    }
    if state == C::Verified {
        contained(tx, head, now)?;
    }
    let actor = format!("playbook {}", head.playbook);
    let target = action.target.as_ref().map(ToString::to_string).unwrap_or_default();
    let practice = if action.practice { " (practice target)" } else { "" };
    let more = if note.is_empty() { String::new() } else { format!(": {note}") };
    let text = format!("{} {target}: {word}{more}{practice}", action.title);
    tell(tx, &head.tenant, head.incident, now, ("action", &actor, &head.id.to_string()), text)?;
    let detail = serde_json::json!({
        "run": head.id, "step": key, "action": action.name, "instance": action.instance,
        "target": action.target, "note": note, "practice": action.practice,
    });
    audit(tx, &head.tenant, now, (&actor, verb, &super::idempotency_key(head.id, key)), detail)?;
    Ok(changed)
}

fn move_row(
    tx: &Tx<'_>,
    head: &RunHead,
    key: &StepKey,
    event: &RunEvent,
    (state, note): (ContainmentState, &str),
    now: Time,
) -> Result<bool, Error> {
    let Some(mut row) = tx.containment_of(head.id, key)? else { return Ok(false) };
    // A row that is being taken back, or is, follows the undo and no longer the run.
    if matches!(
        row.state,
        ContainmentState::Undoing | ContainmentState::Undone | ContainmentState::UndoFailed
    ) {
        return Ok(false);
    }
    row.state = state;
    note.clone_into(&mut row.note);
    if let RunEvent::Accepted { output, .. } = event {
        let before = row.output.get(BEFORE).cloned().unwrap_or_default();
        row.output = on_record(output.clone(), before);
    }
    if state == ContainmentState::Verified {
        row.verified_at = Some(now);
    }
    tx.put_containment(&row)?;
    Ok(true)
}

/// The first verified containment makes the incident a contained one.
fn contained(tx: &Tx<'_>, head: &RunHead, now: Time) -> Result<(), Error> {
    let Some(incident) = head.incident else { return Ok(()) };
    let mut incident = tx.incident(&head.tenant, incident)?;
    if incident.contained_at.is_none() {
        incident.contained_at = Some(now);
        if incident.status != IncidentStatus::Closed {
            incident.status = IncidentStatus::Contained;
        }
        incident.updated_at = now;
        tx.put_incident(&incident, incident.updated_at)?;
    }
    Ok(())
}
