//! The list of blocked addresses that firewalls poll.

use std::time::Duration;

use stanch_model::{containment::ContainmentState as State, people::TokenScope};

use crate::{bench::Bench, forge};

const LIST: &str = "/feeds/blocked-ips.txt";

#[tokio::test]
async fn the_list_holds_what_is_blocked_for_real() {
    let bench = Bench::start().await;
    let feed = bench.token(TokenScope::Feed).await;
    for (address, practice, state) in [
        ("203.0.113.9", false, State::Verified),
        ("203.0.113.10", false, State::Accepted),
        ("203.0.113.10", false, State::Verified),
        ("2001:db8::1", false, State::Unknown),
        ("203.0.113.11", false, State::Intended),
        ("203.0.113.12", false, State::Failed),
        ("203.0.113.13", false, State::Undoing),
        ("203.0.113.14", false, State::Undone),
        ("198.51.100.1", true, State::Verified),
    ] {
        forge::ledger_row(&bench, (address, practice), state).await;
    }
    let lines = async |path: &str| -> Vec<String> {
        let reply = bench.get(path, &feed).await;
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        reply.text.lines().map(str::to_owned).collect()
    };
    let real = ["2001:db8::1", "203.0.113.10", "203.0.113.9"];
    assert_eq!(lines(LIST).await, [&["# blocked addresses: 3"], &real[..]].concat());
    let practice = format!("{LIST}?practice=true");
    let all = ["# blocked addresses: 4", "198.51.100.1"];
    assert_eq!(lines(&practice).await, [&all[..], &real].concat());
    let basic = bench.request("GET", LIST).basic_auth("firewall", Some(&feed));
    assert_eq!(bench.send(basic).await.status, 200);
    let wrong = bench.request("GET", LIST).basic_auth(&feed, Some("wrong"));
    assert_eq!(bench.send(wrong).await.status, 401);
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again() {
    let bench = Bench::start().await;
    let feed = bench.token(TokenScope::Feed).await;
    let row = forge::ledger_row(&bench, ("203.0.113.9", false), State::Verified).await;
    let tag = bench.get(LIST, &feed).await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 40, "{tag}");
    let ask = async |known: &str| {
        let request = bench.request("GET", LIST).bearer_auth(&feed);
        let reply = bench.send(request.header("if-none-match", known)).await;
        assert_eq!(reply.text.is_empty(), reply.status == 304, "{known} {reply:?}");
        assert!(!reply.header("etag").is_empty(), "{known}");
        reply.status
    };
    let (weak, among) = (format!("W/{tag}"), format!("\"other\", {tag}"));
    for (known, expect) in
        [(&*tag, 304), (&weak, 304), (&among, 304), ("*", 304), ("\"other\"", 200), ("", 200)]
    {
        assert_eq!(ask(known).await, expect, "{known}");
    }
    forge::put(&bench, stanch_model::containment::Containment { state: State::Undone, ..row })
        .await;
    assert_eq!(ask(&tag).await, 200);
}

/// Being fetched is what makes an address a blocked one, so only a firewall's fetch counts.
#[tokio::test]
async fn only_a_firewall_that_gets_the_list_has_it() {
    let bench = Bench::start().await;
    let (feed, admin) = (bench.token(TokenScope::Feed).await, bench.admin().await);
    let before = bench.engine.core.clock.now();
    bench.engine.core.clock.advance(Duration::from_secs(1));
    let fetched = || bench.engine.core.feeds.fetched_since(before);
    for (what, method, path, token) in [
        ("a person", "GET", LIST, &admin),
        ("a head", "HEAD", LIST, &feed),
        ("a drill", "GET", "/feeds/blocked-ips.txt?practice=true", &feed),
    ] {
        let reply = bench.send(bench.request(method, path).bearer_auth(token)).await;
        assert_eq!((reply.status, fetched()), (200, false), "{what}");
    }
    let reply = bench.send(bench.request("GET", LIST).bearer_auth("stn_wrong")).await;
    assert_eq!((reply.status, fetched()), (401, false));
    assert_eq!(bench.get(LIST, &feed).await.status, 200);
    assert!(fetched());
}
