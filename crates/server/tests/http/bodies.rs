//! Bodies of the wrong kind, shape and size.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::{
    access::{Row, rows},
    bench::Bench,
};

/// Kinds of body that no route of the API takes; the first four need no permission of ours to be sent
/// by a page of another origin.
const WRONG_KINDS: &[&str] = &[
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/x-ndjson",
    "application/vnd.api+json",
    "text/json",
    "application/json2",
    "",
    "*/*",
];

fn changing() -> impl Iterator<Item = Row> {
    rows().into_iter().filter(|row| !row.is_safe())
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused_everywhere() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for row in changing() {
        let request = || bench.request(row.method(), &row.path).bearer_auth(&admin);
        for kind in WRONG_KINDS {
            let wrong = request().header("content-type", *kind).body(row.body.to_string());
            let reply = bench.send(wrong).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (415, "AP0010"),
                "{} {kind}",
                row.route
            );
        }
        let reply = bench.send(request().body(row.body.to_string())).await;
        assert_eq!(reply.status, 415, "{} without a kind", row.route);
    }
    let intake = bench.intake("edge").await;
    for kind in ["multipart/form-data; boundary=x", "image/png", "application/gzip", "text/html"] {
        let wrong = bench.request("POST", "/ingest/edge").bearer_auth(&intake);
        let reply = bench.send(wrong.header("content-type", kind).body("{}\n")).await;
        assert_eq!((reply.status, reply.code().as_str()), (415, "AP0010"), "{kind}");
    }
}

#[tokio::test]
async fn json_may_say_its_character_set() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    let body = json!({ "engaged": true, "reason": "drill" }).to_string();
    for kind in
        ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
    {
        let request = bench.request("PUT", "/api/v1/kill-switch").bearer_auth(&admin);
        let reply = bench.send(request.header("content-type", kind).body(body.clone())).await;
        assert_eq!(reply.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused_everywhere() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for row in changing().filter(|row| row.body.is_object()) {
        let mut more = row.body.clone();
        more["surprise"] = json!(1);
        let text = row.body.to_string();
        let twice = text.replacen('{', &format!("{},", text.strip_suffix('}').unwrap()), 1);
        for body in [
            more.to_string(),
            twice,
            "[]".to_owned(),
            "null".to_owned(),
            "{".to_owned(),
            String::new(),
            format!("{text}{text}"),
            "[".repeat(100_000),
        ] {
            let request = bench.request(row.method(), &row.path).bearer_auth(&admin);
            let request = request.header("content-type", "application/json").body(body.clone());
            let reply = bench.send(request).await;
            let shown: String = body.chars().take(80).collect();
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (422, "AP0004"),
                "{} {shown}",
                row.route
            );
        }
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_read_is_answered_with_a_problem() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for (path, expect) in [
        ("/api/v1/incidents?limit=many", 422),
        ("/api/v1/incidents?limit=-1", 422),
        ("/api/v1/incidents?severity=bad", 422),
        ("/api/v1/incidents?cursor=none", 422),
        ("/api/v1/alerts?cursor=1'%20OR%201=1", 422),
        ("/api/v1/incidents/%ff", 422),
        ("/api/v1/incidents/inc_%00", 404),
        ("/api/v1/runs?incident=x", 404),
        ("/api/v1/measures?days=999999999999", 422),
        ("/api/v1/incidents?limit=0", 200),
        ("/api/v1/incidents?limit=4294967295", 200),
        ("/api/v1/incidents?q=%25'%3B%20DROP%20TABLE%20incident", 200),
    ] {
        let reply = bench.get(path, &admin).await;
        assert_eq!(reply.status, expect, "{path} {reply:?}");
    }
}

#[tokio::test]
async fn too_much_is_refused_before_it_is_read_to_its_end() {
    let bench = Bench::start().await;
    let (admin, intake) = (bench.admin().await, bench.intake("edge").await);
    let large = json!({ "reason": "x".repeat(1 << 20), "engaged": true });
    for path in ["/api/v1/kill-switch", "/api/v1/session", "/api/v1/setup"] {
        let method = if path.ends_with("switch") { "PUT" } else { "POST" };
        let reply = bench.send(bench.request(method, path).bearer_auth(&admin).json(&large)).await;
        assert_eq!((reply.status, reply.code().as_str()), (413, "AP0011"), "{path}");
    }
    let request = bench.request("POST", "/ingest/edge").bearer_auth(&intake);
    let reply = bench.send(request.body(vec![b'\n'; (32 << 20) + 1])).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "AP0011"));
    assert_eq!(*bench.engine.intake.acknowledged().borrow(), None);
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_gzip_that_is_a_bomb_broken_or_another_thing_is_not_acknowledged() {
    let bench = Bench::start().await;
    let intake = bench.intake("edge").await;
    let line = b"{\"seen\":1}\n";
    let whole = gzip(&line.repeat(1_000));
    // 65 members of 1 MiB each: every one is harmless.
    let bomb = gzip(&vec![b'\n'; 1 << 20]).repeat(65);
    let cut = whole.split_at(whole.len() / 2).0.to_vec();
    let without_sum = whole.split_at(whole.len() - 8).0.to_vec();
    let mut wrong_sum = whole.clone();
    wrong_sum[whole.len() - 6] ^= 1;
    let cut_second = [whole.clone(), cut.clone()].concat();
    let trailing = [whole.clone(), b"{\"seen\":2}\n".to_vec()].concat();
    let send = async |encoding: &str, body: Vec<u8>| {
        let request = bench.request("POST", "/ingest/edge").bearer_auth(&intake);
        bench.send(request.header("content-encoding", encoding).body(body)).await
    };
    for (what, encoding, body, status, code) in [
        ("bomb", "gzip", bomb, 413, "AP0011"),
        ("cut", "gzip", cut, 422, "AP0004"),
        ("without a checksum", "gzip", without_sum, 422, "AP0004"),
        ("with a wrong checksum", "gzip", wrong_sum, 422, "AP0004"),
        ("cut in the second member", "gzip", cut_second, 422, "AP0004"),
        ("with something behind", "gzip", trailing, 422, "AP0004"),
        ("no gzip", "gzip", line.to_vec(), 422, "AP0004"),
        ("nothing", "gzip", Vec::new(), 422, "AP0004"),
        ("another encoding", "br", whole.clone(), 415, "AP0012"),
        ("two encodings", "gzip, gzip", gzip(&whole), 415, "AP0012"),
    ] {
        let reply = send(encoding, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{what}");
        assert_eq!(*bench.engine.intake.acknowledged().borrow(), None, "{what}");
    }
    let reply = send("gzip", whole).await;
    assert_eq!((reply.status, &reply.json()["accepted"]), (200, &Value::from(1_000)));
    assert!(bench.engine.intake.acknowledged().borrow().is_some());
}
