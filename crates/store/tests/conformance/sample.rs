//! Values of the model that tests keep.

use serde_json::{Value, json};
use stanch_model::{
    Alert, Incident, RunId, TenantId, Time,
    containment::Containment,
    guard::Approval,
    people::{Token, User},
    plan::StepKey,
    run::RunHead,
};
use uuid::Uuid;

pub(crate) const NOW: Time = Time::from_micros(1_800_000_000_000_000);

/// So many seconds after [`NOW`].
pub(crate) fn at(seconds: u64) -> Time {
    NOW.plus(std::time::Duration::from_secs(seconds))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::default()
}

pub(crate) fn run(number: u128) -> RunId {
    RunId::new(Uuid::from_u128(number))
}

pub(crate) fn key(text: &str) -> StepKey {
    StepKey(text.to_owned())
}

fn id(prefix: &str, number: u128) -> String {
    format!("{prefix}_{}", Uuid::from_u128(number).simple())
}

fn build<T: serde::de::DeserializeOwned>(value: Value) -> T {
    let text = value.to_string();
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn alert(number: u128, fields: Value) -> Alert {
    let mut value = json!({
        "id": id("alr", number), "tenant": "default",
        "rule": { "id": "r", "title": "A rule", "kind": "sigma" },
        "severity": "high", "techniques": [], "observables": [], "common": {}, "fields": {},
        "source": "ocsf", "trust": "high", "events": [], "dedup_key": format!("k{number}"), "count": 1,
        "first_seen_at": NOW, "last_seen_at": NOW, "detected_at": NOW, "incident": null,
        "self_caused": false,
    });
    change(&mut value, fields);
    build(value)
}

pub(crate) fn incident(number: u128, fields: Value) -> Incident {
    let mut value = json!({
        "id": id("inc", number), "tenant": "default", "title": "An incident", "severity": "high",
        "status": "new", "disposition": null, "techniques": [], "observables": [], "entities": [],
        "alert_count": 1, "alerts": [], "owner": null, "occurred_at": NOW, "detected_at": NOW,
        "acknowledged_at": null, "contained_at": null, "closed_at": null, "updated_at": NOW,
    });
    change(&mut value, fields);
    build(value)
}

pub(crate) fn head(number: u128, fields: Value) -> RunHead {
    let mut value = json!({
        "id": id("run", number), "tenant": "default", "playbook": "p", "playbook_digest": "d",
        "mode": "assist", "incident": null, "alert": null, "requested_by": "rule r",
        "state": "running", "note": "", "started_at": NOW, "ended_at": null,
    });
    change(&mut value, fields);
    build(value)
}

pub(crate) fn containment(number: u128, address: &str, fields: Value) -> Containment {
    let target = json!({ "kind": "ip", "value": address });
    let mut value = json!({
        "id": id("ctn", number), "tenant": "default", "run": id("run", number), "incident": null,
        "action": {
            "key": "block", "name": "firewall.block_address", "title": "Block an address",
            "instance": "edge", "connector": "nftables", "action": "block_address", "practice": false,
            "manifest_digest": "d", "effect": "reversible", "target": target, "input": {},
            "undo": "unblock", "expires": null,
        },
        "target": target, "prior": false, "output": {}, "state": "verified", "note": "",
        "authorised_by": "ann", "intended_at": NOW, "verified_at": NOW, "expires_at": null,
        "undone_at": null, "undone_by": null,
    });
    change(&mut value, fields);
    build(value)
}

pub(crate) fn approval(number: u128, run: u128) -> Approval {
    build(json!({
        "id": id("apr", number), "tenant": "default", "run": id("run", run), "incident": null,
        "playbook": "p",
        "plan": {
            "tenant": "default", "playbook": "p", "playbook_digest": "d", "actions": [],
            "evidence": [], "stops_at": null,
        },
        "plan_hash": "h", "requested_by": "rule r",
        "terms": { "count": 1, "not_requester": true, "within": "15m" }, "reasons": {},
        "blast_radius": {
            "hosts": [], "users": [], "addresses": [], "reversible": 0, "irreversible": 0,
            "other_incidents": 0, "alerts_24h": 0,
        },
        "state": "waiting", "votes": [], "asked_at": NOW, "expires_at": at(900),
    }))
}

pub(crate) fn user(number: u128, name: &str) -> User {
    build(json!({
        "id": id("usr", number), "tenant": "default", "name": name, "role": "responder", "created_at": NOW,
    }))
}

pub(crate) fn token(number: u128, name: &str) -> Token {
    build(json!({
        "id": id("tok", number), "tenant": "default", "name": name, "scope": { "scope": "feed" },
        "created_at": NOW,
    }))
}

fn change(value: &mut Value, fields: Value) {
    let (Value::Object(value), Value::Object(fields)) = (value, fields) else { panic!("objects") };
    value.extend(fields);
}
