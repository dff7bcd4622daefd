//! Requests that another origin makes a browser send, and what the cookie is.

use std::collections::BTreeSet;

use stanch_server::Options;

use crate::{access::rows, bench::Bench};

#[tokio::test]
async fn with_the_cookie_alone_nothing_is_changed() {
    let bench = Bench::start().await;
    let cookie = bench.set_up().await;
    for row in rows().iter().filter(|row| !row.is_safe() && row.is_guarded()) {
        let request = || {
            let request = bench.request(row.method(), &row.path).header("cookie", &cookie);
            if row.body.is_null() { request } else { request.json(&row.body) }
        };
        let declared = || request().header("x-stanch-csrf", "1");
        for refused in [
            request(),
            request().header("sec-fetch-site", "same-origin"),
            request().header("x-stanch-csrf", ""),
            request().header("x-stanch-csrf", "0"),
            declared().header("sec-fetch-site", "cross-site"),
            declared().header("sec-fetch-site", "same-site"),
        ] {
            let reply = bench.send(refused).await;
            assert_eq!(reply.status, 403, "{}: {reply:?}", row.route);
            assert!(reply.text.contains("X-Stanch-CSRF"), "{}: {reply:?}", row.route);
        }
        if row.route != "DELETE /api/v1/session" {
            let reply = bench.send(declared().header("sec-fetch-site", "same-origin")).await;
            assert_eq!(reply.status, row.expect[3], "{}: {reply:?}", row.route);
        }
    }
}

#[tokio::test]
async fn reading_needs_no_declaration_and_a_token_none_ever() {
    let bench = Bench::start().await;
    let cookie = bench.set_up().await;
    let admin = bench.admin().await;
    let read = bench.request("GET", "/api/v1/session").header("cookie", &cookie);
    assert_eq!(bench.send(read).await.json()["role"], "admin");
    let remove = bench.request("DELETE", "/api/v1/session").bearer_auth(&admin);
    let remove = remove.header("sec-fetch-site", "cross-site");
    assert_eq!(bench.send(remove).await.status, 204);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let bench = Bench::start().await;
    let cookie = bench.set_up().await;
    let show = || bench.request("GET", "/api/v1/session").header("cookie", &cookie);
    assert_eq!(bench.send(show()).await.status, 200);
    let out = bench.request("DELETE", "/api/v1/session").header("cookie", &cookie);
    let reply = bench.send(out.header("x-stanch-csrf", "1")).await;
    assert_eq!(reply.status, 204);
    assert!(reply.header("set-cookie").contains("Max-Age=0"), "{reply:?}");
    assert_eq!(bench.send(show()).await.status, 401);
}

#[tokio::test]
async fn no_other_origin_is_let_in() {
    let bench = Bench::start().await;
    let asked = bench
        .request("OPTIONS", "/api/v1/kill-switch")
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "x-stanch-csrf,content-type");
    let read = bench.request("GET", "/api/v1/health").header("origin", "https://evil.example");
    let (asked, read) = (bench.send(asked).await, bench.send(read).await);
    assert_eq!((asked.status, read.status), (405, 200));
    for reply in [asked, read] {
        let allows = |name: &&str| name.starts_with("access-control-");
        let allowed = reply.headers.keys().map(|name| name.as_str()).find(allows);
        assert_eq!(allowed, None);
    }
}

#[tokio::test]
async fn the_cookie_is_for_this_origin_and_no_script() {
    for behind_proxy in [false, true] {
        let bench = Bench::with(Options { behind_proxy, lab: None }).await;
        bench.set_up().await;
        let body =
            serde_json::json!({ "name": crate::bench::NAME, "password": crate::bench::PASSWORD });
        let reply = bench.send(bench.request("POST", "/api/v1/session").json(&body)).await;
        let cookie = reply.header("set-cookie");
        let mut parts: BTreeSet<&str> = cookie.split("; ").skip(1).collect();
        assert_eq!(parts.remove("Secure"), behind_proxy, "{cookie}");
        let expect = ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"];
        assert_eq!(parts, BTreeSet::from(expect), "{cookie}");
        let secret = cookie.strip_prefix("stanch_session=ses_").unwrap().split(';').next().unwrap();
        assert_eq!(secret.len(), 64, "256 bits in hexadecimal");
    }
}
