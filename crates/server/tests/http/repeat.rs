//! `Idempotency-Key`: the same request twice is done once.

use std::time::Duration;

use serde_json::{Value, json};
use stanch_model::people::Role;

use crate::{
    bench::{Bench, Reply},
    forge,
};

async fn post(bench: &Bench, path: &str, who: &str, key: &str, body: &Value) -> Reply {
    let request = bench.request("POST", path).bearer_auth(who).json(body);
    bench.send(request.header("idempotency-key", key)).await
}

async fn groups(bench: &Bench, who: &str) -> usize {
    bench.get("/api/v1/groups", who).await.json()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer() {
    let bench = Bench::start().await;
    let [root, ann] =
        [bench.person("root", Role::Admin).await, bench.person("ann", Role::Admin).await];
    let body = json!({ "name": "responders" });
    let path = "/api/v1/groups";
    let first = post(&bench, path, &root, "k-1", &body).await;
    let again = post(&bench, path, &root, "k-1", &body).await;
    assert_eq!((first.status, again.status, &again.text), (201, 201, &first.text));
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        ("", "true")
    );
    // Without the key, and by somebody else with it, it is another request.
    assert_eq!(bench.post(path, &root, &body).await.status, 409);
    let other = post(&bench, path, &ann, "k-1", &body).await;
    assert_eq!((other.status, other.code().as_str()), (409, "AP0005"));
    // A refusal is an answer as well.
    let again = post(&bench, path, &ann, "k-1", &body).await;
    assert_eq!((again.status, again.code().as_str()), (409, "AP0005"));
    assert_eq!(again.header("content-type"), "application/problem+json");
    let another = post(&bench, path, &root, "k-1", &json!({ "name": "night" })).await;
    assert_eq!((another.status, another.code().as_str()), (422, "AP0018"));
    let elsewhere = post(&bench, "/api/v1/groups/responders/members", &root, "k-1", &body).await;
    assert_eq!(elsewhere.code(), "AP0018");
    assert_eq!(groups(&bench, &root).await, 1);
    // A day later the key is free again.
    bench.engine.core.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    assert_eq!(post(&bench, path, &root, "k-1", &json!({ "name": "night" })).await.status, 201);
}

#[tokio::test]
async fn many_at_once_do_it_once() {
    let bench = Bench::start().await;
    let ann = bench.person("ann", Role::Responder).await;
    let approval = forge::waiting_approval(&bench).await;
    let path = format!("/api/v1/approvals/{}/approve", approval.id);
    let body = json!({ "plan_hash": approval.plan_hash });
    let all = (0..10).map(|_| post(&bench, &path, &ann, "yes", &body));
    let replies = futures::future::join_all(all).await;
    let done = replies.iter().filter(|reply| reply.status == 200).count();
    let wait =
        replies.iter().filter(|reply| reply.status == 409 && reply.code() == "AP0017").count();
    assert!(done >= 1 && done + wait == 10, "{replies:?}");
    let shown = bench.get(&format!("/api/v1/approvals/{}", approval.id), &ann).await.json();
    assert_eq!(shown["votes"].as_array().unwrap().len(), 1);
    assert_eq!(post(&bench, &path, &ann, "yes", &body).await.status, 200);
}

#[tokio::test]
async fn a_secret_is_not_kept_and_a_key_is_a_key() {
    let bench = Bench::start().await;
    let root = bench.person("root", Role::Admin).await;
    let body = json!({ "name": "sensor", "scope": { "scope": "feed" } });
    let made = post(&bench, "/api/v1/tokens", &root, "t", &body).await;
    assert_eq!(made.status, 201);
    let again = post(&bench, "/api/v1/tokens", &root, "t", &body).await;
    assert_eq!((again.status, again.code().as_str()), (409, "AP0017"));
    assert!(!again.text.contains("stn_"), "{again:?}");
    for key in ["", &"k".repeat(256), "a\tb", "\u{fc}"] {
        let reply = post(&bench, "/api/v1/groups", &root, key, &json!({ "name": "g" })).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "AP0004"), "{key:?}");
    }
    // Who is nobody leaves nothing behind.
    let nobody = bench.request("POST", "/api/v1/groups").json(&json!({ "name": "g" }));
    assert_eq!(bench.send(nobody.header("idempotency-key", "n")).await.status, 401);
    assert_eq!(groups(&bench, &root).await, 0);
    // Read requests have no use for one.
    let read = bench.request("GET", "/api/v1/groups").bearer_auth(&root);
    assert_eq!(bench.send(read.header("idempotency-key", "")).await.status, 200);
}
