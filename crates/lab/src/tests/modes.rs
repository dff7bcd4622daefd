//! Every failure mode: what the caller sees, and whether the lab acted.

use serde_json::{Value, json};

use super::bench::{Bench, EFFECT};

const BLOCK: &str = "/firewall/v1/blocked-addresses/203.0.113.7";

/// Blocks under one failure and once more without; expects what the first try shows, whether the
/// address was blocked after it, and what the log says of both.
async fn check(mode: &str, status: u16, blocked: bool, outcomes: &[&str]) {
    let bench = Bench::plain().await;
    let made = bench.fail(json!({ "match": "PUT /firewall", "mode": mode })).await;
    assert_eq!((made.status, &made.body["left"]), (201, &json!(1)), "{mode}");
    let first = bench.act("PUT", BLOCK, "k1").await;
    assert_eq!(first.status, status, "{mode}: {first:?}");
    assert_eq!(bench.get(BLOCK).await.status == 200, blocked, "{mode}");
    let second = bench.act("PUT", BLOCK, "k1").await;
    assert_eq!((second.status, &second.body["blocked"]), (200, &json!(true)), "{mode}");
    assert_eq!(bench.outcomes(), outcomes, "{mode}");
    assert_eq!(bench.acts().first().unwrap().failure.map(|m| json!(m)), Some(json!(mode)));
    assert_eq!(bench.acts().last().unwrap().failure, None);
}

#[tokio::test]
async fn error_after_success_acts_and_a_retry_repeats() {
    check("error_after_success", 500, true, &["acted", "repeated"]).await;
}

#[tokio::test]
async fn error_does_not_act_and_a_retry_does() {
    check("error", 500, false, &["failed", "acted"]).await;
}

#[tokio::test]
async fn rate_limit_does_not_act_and_a_retry_does() {
    check("rate_limit", 429, false, &["rate_limited", "acted"]).await;
}

#[tokio::test]
async fn a_block_that_never_finishes_is_accepted_and_not_there() {
    check("never_finish", 200, false, &["never_finishes", "repeated"]).await;
}

#[tokio::test]
async fn delay_acts() {
    check("delay", 200, true, &["acted", "repeated"]).await;
}

#[tokio::test]
async fn rate_limit_says_when_to_come_back() {
    let bench = Bench::plain().await;
    bench.fail(json!({ "match": "", "mode": "rate_limit", "times": 2 })).await;
    for reply in [bench.get(BLOCK).await, bench.act("PUT", BLOCK, "k").await] {
        assert_eq!(reply.status, 429);
        assert_eq!(reply.headers.get("retry-after").unwrap(), "1");
    }
    assert_eq!(bench.get(BLOCK).await.status, 404);
}

#[tokio::test]
async fn wrong_json_acts_and_answers_with_half_an_object() {
    let bench = Bench::plain().await;
    bench.fail(json!({ "match": "PUT", "mode": "wrong_json" })).await;
    let reply = bench.act("PUT", BLOCK, "k").await;
    assert_eq!(reply.headers.get("content-type").unwrap(), "application/json");
    let text = reply.body.as_str().expect("the body is no JSON");
    assert_eq!((reply.status, text.starts_with('{')), (200, true));
    assert_eq!(bench.get(BLOCK).await.status, 200);
}

#[tokio::test]
async fn reset_acts_and_ends_the_connection_without_an_answer() {
    let bench = Bench::plain().await;
    let host = bench.host("ws-02").await;
    let isolation = format!("{host}/isolation");
    bench.fail(json!({ "match": "isolation", "mode": "reset" })).await;
    let request = bench.request("POST", &isolation).header("Idempotency-Key", "k1");
    let error = request.send().await.expect_err("no answer");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    bench.pass(EFFECT);
    assert_eq!(bench.isolation(&host).await, "isolated");
    let again = bench.act("POST", &isolation, "k1").await;
    assert_eq!((again.status, again.text("/state")), (202, "isolating"));
    assert_eq!(bench.outcomes(), ["acted", "repeated"]);
}

#[tokio::test]
async fn slow_drip_acts_and_sends_single_bytes() {
    let bench = Bench::plain().await;
    bench.fail(json!({ "match": "PUT", "mode": "slow_drip" })).await;
    let request = bench.request("PUT", BLOCK).header("Idempotency-Key", "k1");
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.content_length(), None);
    for byte in [b"{", b"\""] {
        assert_eq!(&response.chunk().await.unwrap().unwrap()[..], byte);
    }
    drop(response);
    assert_eq!(bench.get(BLOCK).await.status, 200);
    assert_eq!(bench.outcomes(), ["acted"]);
}

#[tokio::test]
async fn isolation_that_never_finishes_stays_on_its_way() {
    let bench = Bench::plain().await;
    let host = bench.host("ws-02").await;
    bench.fail(json!({ "match": "isolation", "mode": "never_finish" })).await;
    let isolation = format!("{host}/isolation");
    let reply = bench.act("POST", &isolation, "k1").await;
    assert_eq!((reply.status, reply.text("/state")), (202, "isolating"));
    bench.pass(EFFECT * 1_000);
    assert_eq!(bench.isolation(&host).await, "isolating");
    assert_eq!(bench.act("DELETE", &isolation, "k2").await.text("/state"), "connected");
}

#[tokio::test]
async fn accounts_and_messages_that_never_finish_stay_as_they_are() {
    let bench = Bench::plain().await;
    bench.fail(json!({ "match": "POST", "mode": "never_finish", "times": null })).await;
    for (path, act, told, seen) in [
        ("/directory/v1/accounts/svc-web", "disable", "disabled", "enabled"),
        ("/mailbox/v1/messages/m-0003", "quarantine", "quarantined", "delivered"),
    ] {
        assert_eq!(bench.act("POST", &format!("{path}/{act}"), act).await.text("/state"), told);
        assert_eq!(bench.get(path).await.text("/state"), seen);
    }
}

#[tokio::test]
async fn reads_fail_too_and_a_refusal_is_not_made_a_success() {
    let bench = Bench::plain().await;
    for (mode, status) in [("error", 500), ("error_after_success", 500), ("never_finish", 200)] {
        bench.fail(json!({ "match": "GET /edr", "mode": mode })).await;
        assert_eq!(bench.get("/edr/v1/hosts").await.status, status, "{mode}");
        bench.send(bench.request("DELETE", "/lab/failures")).await;
    }
    bench.fail(json!({ "match": "PUT", "mode": "wrong_json" })).await;
    assert_eq!(bench.act("PUT", "/firewall/v1/blocked-addresses/x", "k").await.status, 422);
}

#[tokio::test]
async fn rules_are_used_in_order_so_many_times_and_can_be_deleted() {
    let bench = Bench::plain().await;
    bench.fail(json!({ "match": "PUT", "mode": "error", "times": 2 })).await;
    bench.fail(json!({ "match": "203.0.113.7", "mode": "rate_limit", "times": null })).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(bench.act("PUT", BLOCK, "k").await.status);
    }
    assert_eq!(seen, [500, 500, 429, 429, 429]);
    let left = |reply: &Value| -> Vec<Value> {
        reply["items"].as_array().unwrap().iter().map(|rule| rule["left"].clone()).collect()
    };
    assert_eq!(left(&bench.get("/lab/failures").await.body), [json!(0), json!(null)]);
    assert_eq!(bench.send(bench.request("DELETE", "/lab/failures")).await.status, 200);
    assert_eq!(bench.get("/lab/failures").await.body["items"], json!([]));
    assert_eq!(bench.act("PUT", BLOCK, "k").await.status, 200);

    for wrong in [
        json!({ "match": "x", "mode": "explode" }),
        json!({ "match": "x", "mode": "error", "delay_ms": 60_001 }),
        json!({ "match": "x", "mode": "error", "tmies": 1 }),
        json!({ "mode": "error" }),
    ] {
        assert_eq!(bench.fail(wrong.clone()).await.status, 422, "{wrong}");
    }
}
