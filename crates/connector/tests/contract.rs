//! The contract of every connector that we ship: it loads without a finding, its examples hold, and no
//! input can change the shape of what is sent.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::State, http::Uri, response::IntoResponse};
use serde_json::{Value, json};
use stanch_connector::{Outcome, Presence, manifest::load};
use stanch_model::manifest::{EffectClass, Manifest, Transport};

/// What an attacker writes where a name or an address is expected.
const HOSTILE: [&str; 12] = [
    "a/b",
    "a?b=c",
    "a&b=c",
    "../../admin",
    "x/../../y",
    "a?b=c&d#e",
    "%2e%2e%2f",
    "a b",
    "'; id; '",
    "1.2.3.4 }; flush ruleset; {",
    "${{ key }}",
    "ünïcode",
];

#[tokio::test]
async fn all_connectors_keep_the_contract() {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(common::content_folder()).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(folder.join("connector.yaml")).unwrap();
        assert_connector_contract(&name, &text).await;
        names.insert(name);
    }
    for name in ["nftables", "lab", "intel", "incident"] {
        assert!(names.contains(name), "{name} is missing");
    }
}

async fn assert_connector_contract(name: &str, text: &str) {
    let (manifest, diagnostics) = load(text);
    assert!(diagnostics.is_empty(), "{name}: {diagnostics:#?}");
    let manifest = manifest.unwrap();
    assert_eq!(manifest.connector, name, "the folder has the connector's name");
    let again: Manifest = serde_json::from_value(serde_json::to_value(&manifest).unwrap()).unwrap();
    assert_eq!(again.digest(), manifest.digest(), "{name}: the digest outlives a round trip");
    for (action_name, action) in &manifest.actions {
        assert!((1..=2).contains(&action.examples.len()), "{name}.{action_name}: 1 or 2 examples");
        let disclosed = action.discloses && manifest.transport == Transport::Builtin;
        assert!(!disclosed, "{name}.{action_name}: what the engine answers goes to nobody");
        assert_eq!(action.undo.is_some(), action.effect == EffectClass::Reversible);
        if manifest.transport == Transport::Http {
            for example in &action.examples {
                exchange(&manifest, action_name, &example.input).await;
            }
        }
    }
}

/// Every request of an action against a target that answers nothing of use: what counts is what
/// arrives. With hostile inputs the path must keep its segments, or nothing may arrive.
async fn exchange(manifest: &Manifest, name: &str, input: &Value) {
    let seen: Seen = Arc::default();
    let address = record(Arc::clone(&seen)).await;
    let instance = json!({ "base_url": format!("http://{address}"), "allow_private": true });
    let hands = common::hands(manifest, instance);

    ask_all(&hands, &common::planned(manifest, name, input.clone())).await;
    let honest = std::mem::take(&mut *seen.lock().unwrap());
    assert!(!honest.is_empty(), "{name}: the example reaches the target");

    for field in input.as_object().unwrap().keys() {
        for text in HOSTILE {
            let mut hostile = input.clone();
            hostile[field] = json!(text);
            let mut planned = common::planned(manifest, name, input.clone());
            planned.input = hostile;
            planned.target = match &manifest.actions[name].target {
                Some(spec) if spec.input == *field => {
                    stanch_model::Observable::new(spec.kind, text)
                }
                _ => planned.target,
            };
            ask_all(&hands, &planned).await;
            for uri in std::mem::take(&mut *seen.lock().unwrap()) {
                assert!(
                    honest.iter().any(|known| shape(known) == shape(&uri)),
                    "{name}: {text:?} in {field} changed the request to {uri}"
                );
            }
        }
    }
}

async fn ask_all(hands: &stanch_connector::Hands, planned: &stanch_model::plan::PlannedAction) {
    let outcome = hands.act(planned, "key-1").await;
    assert!(!matches!(outcome, Outcome::Accepted { .. }), "null is no answer: {outcome:?}");
    assert_ne!(hands.probe(planned, "key-1", &Value::Null).await, Ok(Presence::Present));
    // What they say does not matter here, only what reaches the target.
    drop(hands.verify(planned, "key-1", &json!({})).await);
    drop(hands.undo_verify(planned, "key-1", &json!({})).await);
    drop(hands.undo(planned, "key-1", &json!({})).await);
}

/// How many segments and which names in the query.
fn shape(uri: &Uri) -> (usize, Vec<String>) {
    let names = uri.query().unwrap_or_default().split('&');
    let names = names.map(|pair| pair.split('=').next().unwrap_or_default().to_owned()).collect();
    (uri.path().split('/').count(), names)
}

type Seen = Arc<Mutex<Vec<Uri>>>;

async fn record(seen: Seen) -> std::net::SocketAddr {
    async fn answer(State(seen): State<Seen>, uri: Uri) -> impl IntoResponse {
        seen.lock().unwrap().push(uri);
        axum::Json(Value::Null)
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer).with_state(seen);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
