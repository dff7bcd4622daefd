//! No input changes the shape of what is sent, whoever wrote it.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::Uri, response::IntoResponse};
use serde_json::{Value, json};
use stanch_connector::{Hands, Outcome, Presence};
use stanch_model::{
    manifest::{Manifest, Transport},
    plan::PlannedAction,
};

use crate::{common, subject};

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
async fn no_input_changes_the_shape_of_a_request() {
    for subject in subject::all() {
        if subject.manifest.transport != Transport::Http {
            continue;
        }
        for (name, action) in &subject.manifest.actions {
            for example in &action.examples {
                exchange(&subject.manifest, name, &example.input).await;
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

async fn ask_all(hands: &Hands, planned: &PlannedAction) {
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
