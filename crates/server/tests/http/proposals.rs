//! What takes two people, by HTTP.

use std::time::Duration;

use serde_json::{Value, json};
use stanch_model::people::Role;

use crate::bench::{Bench, Reply};

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn propose(bench: &Bench, who: &str, policy: &Value, tag: &str) -> Reply {
    let body = json!({ "text": policy.to_string(), "reason": "as discussed" });
    let request = bench.request("POST", "/api/v1/policy/proposals").bearer_auth(who).json(&body);
    let request = if tag.is_empty() { request } else { request.header("if-match", tag) };
    bench.send(request).await
}

fn guards(host: &str) -> Value {
    json!({ "protected": [{ "kind": "host", "value": host }] })
}

#[tokio::test]
async fn a_policy_is_tightened_at_once_and_loosened_by_two() {
    let bench = Bench::start().await;
    let [ann, root] =
        [bench.person("ann", Role::Responder).await, bench.person("root", Role::Admin).await];
    let first = bench.get("/api/v1/policy", &ann).await;
    let tag = first.header("etag").to_owned();
    assert_eq!(first.json()["from_file"], true);
    let tighter = propose(&bench, &root, &guards("dc-01"), &tag).await;
    assert_eq!((tighter.status, &tighter.json()["state"]), (200, &json!("applied")), "{tighter:?}");
    let late = propose(&bench, &root, &json!({}), &tag).await;
    assert_eq!((late.status, late.code().as_str()), (412, "AP0015"));
    let now = bench.get("/api/v1/policy", &ann).await;
    assert_eq!(now.json()["policy"]["protected"][0]["value"], "dc-01");
    let looser = propose(&bench, &root, &json!({}), now.header("etag")).await;
    assert_eq!((looser.status, &looser.json()["state"]), (202, &json!("waiting")));
    let path = format!("/api/v1/proposals/{}", looser.json()["id"].as_str().unwrap());
    let yes = json!({ "reason": "agreed" });
    assert_eq!(bench.post(&format!("{path}/approve"), &root, &yes).await.status, 403);
    let agreed = bench.post(&format!("{path}/approve"), &ann, &yes).await;
    assert_eq!((agreed.status, &agreed.json()["state"]), (200, &json!("agreed")));
    bench.engine.core.clock.advance(DAY);
    bench.engine.people.apply_proposals().await.unwrap();
    let now = bench.get("/api/v1/policy", &ann).await.json();
    assert_eq!((&now["policy"]["protected"], &now["by"]), (&json!([]), &json!("root")));
    let list = bench.get("/api/v1/proposals?state=applied&limit=1", &ann).await.json();
    assert_eq!(list["items"][0]["id"], looser.json()["id"]);
    let next = list["next"].as_str().unwrap();
    let rest = bench.get(&format!("/api/v1/proposals?state=applied&cursor={next}"), &ann).await;
    assert_eq!(rest.json()["items"][0]["id"], tighter.json()["id"]);
    for wrong in ["/api/v1/proposals?state=open", "/api/v1/proposals?cursor=x"] {
        assert_eq!(bench.get(wrong, &ann).await.status, 422, "{wrong}");
    }
    for (verb, status) in [("deny", 409), ("cancel", 409), ("approve", 409)] {
        let reply = bench.post(&format!("{path}/{verb}"), &ann, &yes).await;
        assert_eq!(reply.status, status, "{verb}");
    }
}

#[tokio::test]
async fn nobody_makes_an_administrator_alone() {
    let bench = Bench::start().await;
    let [ann, root] =
        [bench.person("ann", Role::Responder).await, bench.person("root", Role::Admin).await];
    let eve = json!({ "name": "eve", "password": "a long pass phrase", "role": "admin" });
    let direct = bench.post("/api/v1/people", &root, &eve).await;
    assert_eq!((direct.status, direct.code().as_str()), (409, "AP0005"));
    let role = |who: String, role: &str, status: u16| {
        let body = json!({ "role": role, "reason": "on call" });
        let request = bench.request("PUT", "/api/v1/people/ann/role").bearer_auth(who).json(&body);
        let sent = bench.send(request);
        async move {
            let reply = sent.await;
            assert_eq!(reply.status, status, "{reply:?}");
            reply.json()
        }
    };
    let proposal = role(root.clone(), "admin", 202).await;
    let path = format!("/api/v1/proposals/{}", proposal["id"].as_str().unwrap());
    assert_eq!(bench.get("/api/v1/people", &ann).await.status, 403);
    bench.post(&format!("{path}/approve"), &ann, &json!({ "reason": "" })).await;
    bench.engine.core.clock.advance(DAY);
    bench.engine.people.apply_proposals().await.unwrap();
    // Her token was made for a responder, and stays one.
    assert_eq!(bench.get("/api/v1/people", &ann).await.status, 403);
    let less = role(root.clone(), "viewer", 200).await;
    assert_eq!(less["role"], "viewer");
    // And a token never does more than its owner may.
    assert_eq!(
        bench.post(&format!("{path}/cancel"), &ann, &json!({ "reason": "r" })).await.status,
        403
    );
}
