//! Deliveries: one token for one source, each record once, bad lines by number.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

async fn deliver(bench: &Bench, source: &str, token: &str, body: &str) -> Reply {
    let request = bench.request("POST", &format!("/ingest/{source}")).bearer_auth(token);
    bench.send(request.body(body.to_owned())).await
}

#[tokio::test]
async fn a_token_is_for_its_source() {
    let bench = Bench::start().await;
    let (edge, core) = (bench.intake("edge").await, bench.intake("core").await);
    let line = "{\"seen\":1}\n";
    for (source, token, expect) in [
        ("edge", &edge, 200),
        ("core", &core, 200),
        ("core", &edge, 403),
        ("edge", &core, 403),
        ("Edge", &edge, 403),
        ("edge%20", &edge, 403),
        ("edge%2fcore", &edge, 403),
        ("%65dge", &edge, 200),
        ("%ff", &edge, 422),
    ] {
        let reply = deliver(&bench, source, token, line).await;
        assert_eq!(reply.status, expect, "{source}: {reply:?}");
    }
    // Only a delivery is taken.
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let reply = bench.send(bench.request(method, "/ingest/edge").bearer_auth(&edge)).await;
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[tokio::test]
async fn who_may_not_deliver_is_told_before_the_body_is_read() {
    let bench = Bench::start().await;
    // The body never comes: whoever waits for it never answers.
    let head = "POST /ingest/edge HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n";
    let answer = bench.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test]
async fn the_same_delivery_twice_is_taken_once() {
    let bench = Bench::start().await;
    let (edge, core) = (bench.intake("edge").await, bench.intake("core").await);
    let send = async |source: &str, token: &str, key: &str, body: &str| {
        let request = bench.request("POST", &format!("/ingest/{source}")).bearer_auth(token);
        let request = if key.is_empty() { request } else { request.header("idempotency-key", key) };
        let reply = bench.send(request.body(body.to_owned())).await.json();
        (reply["accepted"].as_u64().unwrap(), reply["duplicates"].as_u64().unwrap())
    };
    let (one, two) = ("{\"n\":1}\n{\"n\":2}\n", "{\"n\":3}\n");
    for (source, token, key, body, expect) in [
        ("edge", &edge, "k1", one, (2, 0)),
        ("edge", &edge, "k1", one, (0, 2)),
        // A key that is used again is a retry, whatever it carries.
        ("edge", &edge, "k1", two, (0, 1)),
        ("edge", &edge, "k2", two, (1, 0)),
        // Keys of one source are not those of another.
        ("core", &core, "k1", one, (2, 0)),
        // Without a key the content decides.
        ("edge", &edge, "", two, (1, 0)),
        ("edge", &edge, "", two, (0, 1)),
    ] {
        assert_eq!(send(source, token, key, body).await, expect, "{source} {key} {body}");
    }
}

#[tokio::test]
async fn bad_lines_are_named_and_stop_nothing() {
    let bench = Bench::start().await;
    let (admin, intake) = (bench.admin().await, bench.intake("edge").await);
    let lines =
        ["{\"n\":1}", "no format", "", "{\"n\":2}", "{\"n\":", "\u{1b}[2J<script>", "{\"n\":3}"];
    let reply = deliver(&bench, "edge", &intake, &lines.join("\n")).await;
    let delivered = reply.json();
    assert_eq!((reply.status, &delivered["accepted"]), (200, &json!(3)), "{delivered}");
    let dead = delivered["dead_letters"].as_array().unwrap();
    let numbers: Vec<&Value> = dead.iter().map(|letter| &letter["line"]).collect();
    assert_eq!(numbers, [2, 5, 6], "{delivered}");
    assert!(
        dead.iter().all(|letter| !letter["reason"].as_str().unwrap().is_empty()),
        "{delivered}"
    );
    let kept = bench.get("/api/v1/dead-letters", &admin).await;
    assert!(!kept.text.contains('\u{1b}'), "{}", kept.text);
    let kept = kept.json();
    let kept: Vec<_> =
        kept["items"].as_array().unwrap().iter().rev().map(|l| (&l["line"], &l["raw"])).collect();
    let expect =
        [(2, lines[1]), (5, lines[4]), (6, lines[5])].map(|(n, raw)| (json!(n), json!(raw)));
    assert_eq!(kept, expect.iter().map(|(line, raw)| (line, raw)).collect::<Vec<_>>());
    let nothing = deliver(&bench, "edge", &intake, "").await;
    assert_eq!((nothing.status, &nothing.json()["accepted"]), (200, &json!(0)));
}
