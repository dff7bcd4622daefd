//! The act log: everything asked for, in order, and no key acts twice.

use serde_json::json;

use super::bench::Bench;

#[tokio::test]
async fn a_known_key_gets_the_first_answer_and_does_nothing() {
    let bench = Bench::plain().await;
    let path = "/firewall/v1/blocked-addresses/203.0.113.7";
    let body = json!({ "ttl_seconds": 60 });
    let first = bench.act_with("PUT", path, "k1", body.clone()).await;
    bench.pass(std::time::Duration::from_secs(30));
    let second = bench.act_with("PUT", path, "k1", body).await;
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    assert_eq!(bench.get(path).await.text("/expires_at"), "2026-01-01T00:01:00Z");
    // Lifted by somebody else meanwhile: still no second act.
    bench.act("DELETE", path, "k2").await;
    bench.act_with("PUT", path, "k1", json!({ "ttl_seconds": 60 })).await;
    assert_eq!(bench.get(path).await.status, 404);
    assert_eq!(bench.outcomes(), ["acted", "repeated", "acted", "repeated"]);
    assert!(bench.acts().iter().all(|act| act.repeat == (act.outcome.word() == "repeated")));
}

#[tokio::test]
async fn one_key_is_for_one_request() {
    let bench = Bench::plain().await;
    let path = "/firewall/v1/blocked-addresses/203.0.113.7";
    bench.act_with("PUT", path, "k1", json!({ "ttl_seconds": 60 })).await;
    let other_body = bench.act_with("PUT", path, "k1", json!({ "ttl_seconds": 61 })).await;
    let other_method = bench.act("DELETE", path, "k1").await;
    let other_path = bench.act("PUT", "/firewall/v1/blocked-addresses/203.0.113.8", "k1").await;
    for reply in [other_body, other_method, other_path] {
        assert_eq!(reply.status, 409);
        assert!(reply.text("/error").contains(&format!("used for PUT {path} before")));
    }
    assert_eq!(bench.outcomes(), ["acted", "refused", "refused", "refused"]);
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let bench = Bench::plain().await;
    assert_eq!(bench.act("PUT", "/firewall/v1/blocked-addresses/x", "k1").await.status, 422);
    assert_eq!(
        bench.act("PUT", "/firewall/v1/blocked-addresses/192.0.2.1", "k1").await.status,
        200
    );
}

#[tokio::test]
async fn the_log_tells_everything_and_can_be_read_in_pages() {
    let bench = Bench::plain().await;
    for n in 1..=5 {
        let path = format!("/firewall/v1/blocked-addresses/203.0.113.{n}");
        bench.act_with("PUT", &path, &format!("k{n}"), json!({ "ttl_seconds": n })).await;
    }
    let page = bench.get("/lab/acts?limit=2").await;
    let act = &page.body["items"][0];
    assert_eq!(
        *act,
        json!({
            "seq": 1, "at": "2026-01-01T00:00:00Z", "key": "k1", "method": "PUT",
            "path": "/firewall/v1/blocked-addresses/203.0.113.1", "body": { "ttl_seconds": 1 },
            "order": { "do": "block_address", "address": "203.0.113.1", "ttl_seconds": 1 },
            "outcome": "acted", "repeat": false, "failure": null, "status": 200,
            "answer": {
                "practice": true, "address": "203.0.113.1", "blocked": true, "key": "k1",
                "since": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:01Z",
            },
            "effective_at": "2026-01-01T00:00:00Z",
        })
    );
    assert_eq!(page.body["next"], json!(2));
    let rest = bench.get("/lab/acts?after=2").await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 3);
    assert_eq!(rest.body["next"], json!(null));
    let mine = bench.get("/lab/acts?key=k4").await;
    assert_eq!(mine.body["items"][0]["seq"], json!(4));
    assert_eq!(mine.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(bench.get("/lab/health").await.body["acts"], json!(5));
}
