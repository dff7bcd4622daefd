//! Texts that attackers write into alerts, on their way to people.

use serde_json::{Value, json};

use crate::bench::Bench;

/// What a page or a terminal would obey.
const TEXTS: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><style>*{display:none}</style>",
    "{{constructor.constructor('alert(1)')()}}",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31mred",
    "\u{202e}txt.exe",
    "a\r\nX-Injected: 1\r\n\r\n<html>",
    "line\nbreak\u{2028}and\u{2029}more",
    "=cmd|'/c calc'!A1",
    "'; DROP TABLE alert; --",
    "nul\u{0}byte",
    "\u{feff}bom\u{200b}",
];

fn finding(number: usize, text: &str) -> Value {
    json!({
        "class_uid": 2004, "activity_id": 1, "severity_id": 4, "status_id": 1,
        "metadata": { "version": "1.3.0", "product": { "name": text } },
        "finding_info": { "uid": format!("f-{number}"), "title": text, "analytic": { "uid": text } },
        "device": { "hostname": format!("ws-{number}") },
        "actor": { "user": { "name": text } },
        "unmapped": { text: text },
    })
}

#[tokio::test]
async fn they_come_back_as_data_and_nothing_else() {
    let bench = Bench::start().await;
    let (admin, intake) = (bench.admin().await, bench.intake("ocsf").await);
    let lines: Vec<String> =
        TEXTS.iter().enumerate().map(|(n, text)| format!("{}\n", finding(n, text))).collect();
    let delivered =
        bench.send(bench.request("POST", "/ingest/ocsf").bearer_auth(&intake).body(lines.concat()));
    let delivered = delivered.await.json();
    assert_eq!(delivered["accepted"], TEXTS.len(), "{delivered}");
    let alerts = bench
        .eventually("all findings to be alerts", async || {
            let reply = bench.get("/api/v1/alerts?limit=500", &admin).await;
            let count = reply.json()["items"].as_array().unwrap().len();
            (count == TEXTS.len()).then_some(reply)
        })
        .await;
    let mut paths = vec!["/api/v1/alerts?limit=500".to_owned(), "/api/v1/incidents".to_owned()];
    for alert in alerts.json()["items"].as_array().unwrap() {
        paths.push(format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap()));
        if let Some(incident) = alert["incident"].as_str() {
            paths.push(format!("/api/v1/incidents/{incident}"));
        }
    }
    for path in &paths {
        let reply = bench.get(path, &admin).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/json"),
            "{path}"
        );
        assert!(!reply.headers.contains_key("x-injected"), "{path}");
        let raw = reply.text.chars().find(|c| c.is_ascii_control());
        assert_eq!(raw, None, "{path} holds a control character that is not escaped");
        reply.json();
    }
    let alerts = alerts.json();
    for text in TEXTS {
        let found = alerts["items"].as_array().unwrap().iter().any(|a| a["rule"]["title"] == *text);
        assert!(found, "{text:?} is told as it came: {alerts}");
    }
    for text in TEXTS.iter().filter(|text| !text.contains('\0')) {
        let comment = json!({ "text": text });
        let incident = alerts["items"][0]["incident"].as_str().unwrap();
        let path = format!("/api/v1/incidents/{incident}");
        assert_eq!(bench.post(&format!("{path}/comments"), &admin, &comment).await.status, 204);
        let timeline = bench.get(&path, &admin).await.json()["timeline"].clone();
        let told = timeline.as_array().unwrap().iter().any(|entry| entry["text"] == *text);
        assert!(told, "{text:?} {timeline}");
    }
}

#[tokio::test]
async fn what_cannot_be_found_is_named_as_data_too() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for path in [
        "/api/v1/playbooks/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/api/v1/incidents/%1b%5B2J%0d%0aX-Injected:%201",
        "/api/v1/alerts?cursor=%3Csvg%20onload=alert(1)%3E",
        "/assets/%3Cscript%3E",
    ] {
        let reply = bench.get(path, &admin).await;
        assert!(matches!(reply.status, 404 | 422), "{path} {reply:?}");
        assert!(!reply.headers.contains_key("x-injected"), "{path}");
        assert!(!reply.text.chars().any(|c| c.is_ascii_control()), "{path} {reply:?}");
    }
}
