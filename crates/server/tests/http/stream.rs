//! The live stream.

use serde_json::json;

use crate::bench::{Bench, CALLERS, check_headers};

#[tokio::test]
async fn changes_are_told_to_who_may_read() {
    let bench = Bench::start().await;
    let tokens = bench.tokens().await;
    for ((caller, token), expect) in
        CALLERS.iter().zip(&tokens).zip([401_u16, 200, 200, 200, 403, 403])
    {
        let mut request = bench.request("GET", "/api/v1/stream");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), expect, "{caller}");
        check_headers(caller, response.headers());
    }
    let [_, viewer, responder, ..] = tokens.map(Option::unwrap_or_default);
    let mut stream =
        bench.request("GET", "/api/v1/stream").bearer_auth(&viewer).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let body = json!({ "engaged": true, "reason": "\n\nevent: change\ndata: forged\n\n" });
    let order = bench.request("PUT", "/api/v1/kill-switch").bearer_auth(&responder).json(&body);
    assert_eq!(bench.send(order).await.status, 200);
    let mut told = String::new();
    while !told.contains("\n\n") {
        let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let data = told.strip_prefix("event: change\ndata: ").unwrap_or_else(|| panic!("{told}"));
    let change: serde_json::Value = serde_json::from_str(data.trim_end()).unwrap();
    assert_eq!(change["kind"], "kill_switch", "{told}");
}
