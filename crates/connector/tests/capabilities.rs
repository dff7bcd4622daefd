//! One capability, one schema: whatever is bound to it, a step that names it reads and writes the same.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

/// What a step sees of an action: the shape of what goes in and comes out, and what it acts on.
fn shape(action: &stanch_model::manifest::ActionManifest) -> Value {
    json!({
        "input": bare(&action.input), "output": bare(&action.output), "target": action.target,
    })
}

/// Without descriptions, which each vendor words in its own way.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => map
            .iter()
            .filter(|(key, value)| *key != "description" || !value.is_string())
            .map(|(key, value)| (key.clone(), bare(value)))
            .collect(),
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_is_bound_to_a_capability_looks_the_same() {
    let mut seen: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
    for entry in fs::read_dir(common::content_folder()).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path().join("connector.yaml")).unwrap();
        let manifest = common::manifest(&text);
        for action in manifest.actions.values() {
            let Some(capability) = &action.capability else { continue };
            let offers = seen.entry(capability.clone()).or_default();
            offers.push((manifest.connector.clone(), shape(action)));
        }
    }
    let shared = seen.values().filter(|offers| offers.len() > 1).count();
    assert!(shared >= 2, "nothing was compared: {seen:#?}");
    for (capability, offers) in &seen {
        let (first, wanted) = &offers[0];
        for (other, found) in offers {
            assert_eq!(found, wanted, "{capability}: {first} and {other} differ");
        }
    }
}
