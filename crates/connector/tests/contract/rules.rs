//! What can be held against a manifest without a target.

use std::time::Duration;

use serde_json::Value;
use stanch_connector::{contract, manifest::load};
use stanch_model::manifest::{
    ActionManifest, AuthScheme, EffectClass, Idempotency, Manifest, Transport,
};

use crate::subject;

/// Longest that anybody waits to see an effect.
const WITHIN_MAX: Duration = Duration::from_secs(3_600);

#[test]
fn every_manifest_loads_without_a_finding_and_outlives_a_round_trip() {
    for subject in subject::all() {
        let (manifest, diagnostics) = load(&subject.text);
        assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", subject.name);
        let manifest = manifest.unwrap();
        assert_eq!(manifest.connector, subject.name, "the folder has the connector's name");
        assert!(!subject.text.contains("draft: true"), "{}: a draft is not shipped", subject.name);
        let json = serde_json::to_value(&manifest).unwrap();
        let again: Manifest = serde_json::from_value(json).unwrap();
        assert_eq!(again.digest(), manifest.digest(), "{}: the digest changes", subject.name);
    }
}

#[test]
fn every_act_keeps_the_promises_of_its_effect() {
    for subject in subject::all() {
        for (name, action) in &subject.manifest.actions {
            let what = format!("{}.{name}", subject.name);
            promises(&what, subject.manifest.transport, action);
        }
        let auth = &subject.manifest.auth;
        let is_hidden = auth.scheme != AuthScheme::Query || subject.manifest.practice;
        assert!(is_hidden, "{}: a credential in the address stands in logs", subject.name);
    }
}

fn promises(what: &str, transport: Transport, action: &ActionManifest) {
    let is_act = action.effect != EffectClass::Read;
    let is_built_in = transport == Transport::Builtin;
    assert!(!action.examples.is_empty(), "{what}: has no example");
    assert!(!(action.discloses && is_built_in), "{what}: what the engine answers goes to nobody");
    assert!(!(action.discloses && is_act), "{what}: only reads are held back by it");
    assert_eq!(action.undo.is_some(), action.effect == EffectClass::Reversible, "{what}");
    let is_seen = action.verify.is_some() || action.handed_over;
    assert_eq!(is_seen, is_act, "{what}: done means seen, or handed over");
    if is_act && !is_built_in {
        let is_safe = action.idempotency != Idempotency::None;
        let is_settled = action.probe.is_some() || is_safe || action.handed_over;
        assert!(is_settled, "{what}: an unknown outcome stays unknown");
        assert!(
            action.effect != EffectClass::Reversible || action.probe.is_some(),
            "{what}: without the state before it nobody knows what is ours to undo"
        );
    }
    let undo = action.undo.as_ref().map(|undo| &undo.verify);
    for verify in action.verify.iter().chain(undo) {
        assert!(verify.within <= WITHIN_MAX && verify.every <= verify.within, "{what}");
    }
    let closed = action.input.get("additionalProperties");
    assert_eq!(closed, Some(&Value::Bool(false)), "{what}: a misspelt input is taken");
    let properties = action.input.get("properties").and_then(Value::as_object);
    for (input, schema) in properties.into_iter().flatten() {
        assert!(schema.get("description").is_some(), "{what}: input {input} is not explained");
    }
}

#[test]
fn every_connector_with_a_target_is_recorded_and_holds() {
    for subject in subject::all() {
        let name = &subject.name;
        let is_recorded = !subject.recordings.is_empty();
        let must = matches!(subject.manifest.transport, Transport::Http | Transport::Ssh);
        assert!(is_recorded || !must, "{name}: no example was recorded");
        for recording in &subject.recordings {
            let found = contract::replay(&subject.manifest, recording);
            assert!(found.is_empty(), "{name}, {}: {found:#?}", recording.example);
        }
        if is_recorded {
            let open = contract::coverage(&subject.text, &subject.manifest, &subject.recordings);
            assert!(open.is_empty(), "{name}: {open:#?}");
        }
    }
}
