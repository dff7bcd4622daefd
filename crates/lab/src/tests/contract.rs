//! Every path does what it says, and refuses what it must.

use std::time::Duration;

use serde_json::json;

use super::bench::{Bench, EFFECT};
use crate::Options;

#[tokio::test]
async fn isolation_is_accepted_then_effective_then_undone() {
    let bench = Bench::plain().await;
    let host = bench.host("ws-03").await;
    let isolation = format!("{host}/isolation");
    assert_eq!(bench.isolation(&host).await, "connected");

    let reply = bench.act("POST", &isolation, "k1").await;
    assert_eq!((reply.status, reply.text("/state")), (202, "isolating"));
    assert_eq!(bench.isolation(&host).await, "isolating");
    assert_eq!(bench.get(&host).await.text("/isolation/key"), "k1");
    bench.pass(EFFECT);
    assert_eq!(bench.isolation(&host).await, "isolated");

    let reply = bench.act("DELETE", &isolation, "k1-undo").await;
    assert_eq!((reply.status, reply.text("/state")), (202, "releasing"));
    bench.pass(EFFECT);
    assert_eq!(bench.isolation(&host).await, "connected");
    assert_eq!(bench.outcomes(), ["acted", "acted"]);
}

#[tokio::test]
async fn a_triage_package_is_collected_and_found_by_its_key() {
    let bench = Bench::plain().await;
    let host = bench.host("srv-web-01").await;
    let path = format!("{host}/triage-packages");
    assert_eq!(bench.get(&format!("{path}?key=k1")).await.body["items"], json!([]));
    let reply = bench.act("POST", &path, "k1").await;
    assert_eq!(reply.status, 201);
    let names: Vec<_> =
        reply.body["files"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert!(names.contains(&&json!("log/audit.log")), "{names:?}");
    let found = bench.get(&format!("{path}?key=k1")).await;
    assert_eq!(found.text("/items/0/package"), reply.text("/package"));
    assert_eq!(bench.get(&format!("{path}?key=k2")).await.body["items"], json!([]));
}

#[tokio::test]
async fn a_block_expires_by_itself_and_can_be_renewed_and_lifted() {
    let bench = Bench::plain().await;
    let path = "/firewall/v1/blocked-addresses/203.0.113.7";
    let ttl = json!({ "ttl_seconds": 60 });
    let absent = bench.get(path).await;
    assert_eq!((absent.status, &absent.body["blocked"]), (404, &json!(false)));

    let reply = bench.act_with("PUT", path, "k1", ttl.clone()).await;
    assert_eq!((reply.status, &reply.body["blocked"]), (200, &json!(true)));
    assert_eq!(reply.text("/expires_at"), "2026-01-01T00:01:00Z");
    bench.pass(Duration::from_secs(59));
    assert_eq!(bench.get(path).await.text("/key"), "k1");
    bench.act_with("PUT", path, "k2", ttl).await;
    bench.pass(Duration::from_secs(59));
    assert_eq!(bench.get(path).await.text("/key"), "k2");
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.get(path).await.status, 404);

    bench.act("PUT", path, "k3").await;
    bench.pass(Duration::from_secs(1 << 30));
    assert_eq!(bench.get(path).await.body["expires_at"], json!(null));
    let lifted = bench.act("DELETE", path, "k4").await;
    assert_eq!((lifted.status, &lifted.body["was_blocked"]), (200, &json!(true)));
    assert_eq!(bench.get(path).await.status, 404);
    let again = bench.act("DELETE", path, "k5").await;
    assert_eq!((again.status, &again.body["was_blocked"]), (200, &json!(false)));
}

#[tokio::test]
async fn an_address_has_one_spelling_and_a_network_is_one_path_segment() {
    let bench = Bench::plain().await;
    let at = |address: &str| format!("/firewall/v1/blocked-addresses/{address}");
    bench.act("PUT", &at("%3A%3Affff%3A203.0.113.9"), "k1").await;
    assert_eq!(bench.get(&at("203.0.113.9")).await.status, 200);
    bench.act("PUT", &at("0.0.0.0%2F0"), "k2").await;
    let listed = bench.get("/firewall/v1/blocked-addresses").await;
    let all: Vec<_> =
        listed.body["items"].as_array().unwrap().iter().map(|b| b["address"].clone()).collect();
    assert_eq!(all, ["0.0.0.0/0", "203.0.113.9"]);
}

#[tokio::test]
async fn accounts_and_messages_are_switched_off_and_on() {
    let bench = Bench::plain().await;
    let cases = [
        ("/directory/v1/accounts/SVC-Backup", "disable", "disabled", "enable", "enabled"),
        ("/mailbox/v1/messages/m-0001", "quarantine", "quarantined", "restore", "delivered"),
    ];
    for (path, off, is_off, on, is_on) in cases {
        assert_eq!(bench.get(path).await.text("/state"), is_on);
        let key = format!("{off}-1");
        let reply = bench.act("POST", &format!("{path}/{off}"), &key).await;
        assert_eq!((reply.status, reply.text("/state")), (200, is_off));
        let seen = bench.get(path).await;
        assert_eq!((seen.text("/state"), seen.text("/key")), (is_off, key.as_str()));
        bench.act("POST", &format!("{path}/{on}"), on).await;
        assert_eq!(bench.get(path).await.text("/state"), is_on);
    }
}

#[tokio::test]
async fn the_unknown_is_refused_unless_it_may_come_into_being() {
    let strict = Bench::plain().await;
    assert_eq!(strict.get("/edr/v1/hosts?name=laptop-7").await.body["items"], json!([]));
    assert_eq!(strict.get("/edr/v1/hosts/h-000000000000").await.status, 404);
    assert_eq!(strict.get("/directory/v1/accounts/nobody").await.status, 404);
    assert_eq!(strict.act("POST", "/mailbox/v1/messages/x/quarantine", "k").await.status, 404);

    let open = Bench::start(Options { auto_enrol: true, ..Options::default() }).await;
    let found = open.get("/edr/v1/hosts?name=Laptop-7.corp.example&address=192.0.2.44").await;
    assert_eq!(found.text("/items/0/name"), "laptop-7.corp.example");
    assert_eq!(found.text("/items/0/address"), "192.0.2.44");
    let by_address = open.get("/edr/v1/hosts?name=&address=192.0.2.44").await;
    assert_eq!(by_address.body, found.body);
    assert_eq!(open.act("POST", "/mailbox/v1/messages/x/quarantine", "k").await.status, 200);
    assert_eq!(open.get("/directory/v1/accounts/nobody").await.text("/state"), "enabled");
    assert_eq!(open.get("/edr/v1/hosts/h-000000000000").await.status, 404);
    assert_eq!(open.act("POST", "/edr/v1/hosts/h-000000000000/isolation", "n").await.status, 404);
}

#[tokio::test]
async fn a_host_may_be_named_in_the_path_instead_of_by_its_id() {
    let bench = Bench::start(Options { auto_enrol: true, ..Options::default() }).await;
    for name in ["WS-05", "new-laptop.corp.example"] {
        let path = format!("/edr/v1/hosts/{name}");
        let reply = bench.act("POST", &format!("{path}/isolation"), name).await;
        assert_eq!((reply.status, reply.text("/state")), (202, "isolating"), "{name}");
        bench.pass(EFFECT);
        assert_eq!(bench.isolation(&path).await, "isolated", "{name}");
        assert_eq!(bench.host(name).await, format!("/edr/v1/hosts/{}", reply.text("/host")));
    }
}

#[tokio::test]
async fn requests_that_cannot_be_read_are_refused_in_words() {
    let bench = Bench::plain().await;
    let block = "/firewall/v1/blocked-addresses/203.0.113.7";
    let cases = [
        (bench.request("PUT", block), 400, "send an Idempotency-Key"),
        (bench.request("PUT", block).header("Idempotency-Key", "a b"), 400, "visible ASCII"),
        (bench.request("PUT", block).header("Idempotency-Key", "k").body("{"), 422, "no JSON"),
        (
            bench.request("PUT", block).header("Idempotency-Key", "k").body("{\"ttl\":1}"),
            422,
            "unknown field",
        ),
        (
            bench
                .request("PUT", block)
                .header("Idempotency-Key", "k")
                .body("{\"ttl_seconds\":31536001}"),
            422,
            "at most 31536000",
        ),
        (
            bench.request("PUT", block).header("Idempotency-Key", "k").body("x".repeat(70_000)),
            413,
            "",
        ),
        (
            bench
                .request("PUT", "/firewall/v1/blocked-addresses/printer")
                .header("Idempotency-Key", "k"),
            422,
            "no IP address and no network",
        ),
        (bench.request("GET", "/edr/v1/hosts?nmae=x"), 400, "nmae"),
        (bench.request("GET", "/edr/v1/hosts?address=x"), 422, "no IP address"),
        (bench.request("GET", "/edr/v2/hosts"), 404, "there is no path"),
        (bench.request("PATCH", block), 405, "not done to"),
        (bench.request("GET", "/lab/acts?limit=0"), 400, "limit must be"),
    ];
    for (request, status, words) in cases {
        let reply = bench.send(request).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(reply.text("/error").contains(words), "{words}: {reply:?}");
        assert_eq!(reply.body["practice"], json!(true));
    }
    assert!(bench.acts().iter().all(|act| act.outcome.word() == "refused"));
    assert_eq!(bench.get(block).await.status, 404);
}

#[tokio::test]
async fn a_token_is_asked_for_everywhere_but_on_the_page() {
    let options = Options { token: Some("s3cret".to_owned()), ..Options::default() };
    let bench = Bench::start(options).await;
    assert_eq!(bench.get("/edr/v1/hosts").await.status, 200);
    let paths = ["/edr/v1/hosts", "/firewall/v1/blocked-addresses", "/lab/acts", "/lab/failures"];
    for path in paths {
        for wrong in ["Bearer s3cre", "Bearer s3cret2", "Basic s3cret", ""] {
            let bare = bench.request("GET", path).build().unwrap();
            let mut request = bare.try_clone().unwrap();
            request.headers_mut().insert("authorization", wrong.parse().unwrap());
            let reply = reqwest::RequestBuilder::from_parts(bench.client().clone(), request);
            assert_eq!(bench.send(reply).await.status, 401, "{path} {wrong}");
        }
    }
    for path in ["/", "/lab/health"] {
        let mut request = bench.request("GET", path).build().unwrap();
        request.headers_mut().remove("authorization");
        let request = reqwest::RequestBuilder::from_parts(bench.client().clone(), request);
        assert_eq!(bench.send(request).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_page_says_what_it_is_and_shows_what_came_from_outside_as_text() {
    let bench = Bench::start(Options { auto_enrol: true, ..Options::default() }).await;
    let host = bench.host("ws-01").await;
    bench.act("POST", &format!("{host}/isolation"), "<script>alert(1)</script>").await;
    bench.act("POST", "/directory/v1/accounts/%3Cimg%20src=x%3E/disable", "k\"'&").await;
    let page = bench.get("/").await;
    let html = page.body.as_str().unwrap();
    assert!(html.contains("PRACTICE TARGET – nothing here is real"));
    assert!(html.contains("<td class=\"on\">isolating</td>"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("&lt;img src=x&gt;") && html.contains("k&quot;&#39;&amp;"));
    assert!(!html.contains("<script") && !html.contains("<img"));
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"));
}
