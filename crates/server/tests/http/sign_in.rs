//! Guessing passwords and names.

use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, NAME, PASSWORD, Reply};

async fn sign_in(bench: &Bench, name: &str, password: &str) -> Reply {
    let body = json!({ "name": name, "password": password });
    bench.send(bench.request("POST", "/api/v1/session").json(&body)).await
}

/// Everything that a guesser sees but the time.
fn seen(mut reply: Reply) -> (u16, Vec<(String, String)>, String) {
    reply.headers.remove("date");
    let headers = reply.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.status, headers.collect(), reply.text)
}

#[tokio::test]
async fn a_wrong_name_looks_like_a_wrong_password() {
    let bench = Bench::start().await;
    bench.set_up().await;
    let password = seen(sign_in(&bench, NAME, "another pass phrase").await);
    assert_eq!(password.0, 403);
    for (name, guess) in [
        ("nobody", PASSWORD),
        ("nobody", ""),
        (NAME, ""),
        (NAME, &*"x".repeat(9_999)),
        ("ANN", PASSWORD),
        ("ann\0", PASSWORD),
        (&*"x".repeat(9_999), PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ] {
        assert_eq!(seen(sign_in(&bench, name, guess).await), password, "{name}");
    }
    assert_eq!(sign_in(&bench, NAME, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_nobody_else() {
    let bench = Bench::start().await;
    bench.set_up().await;
    for name in [NAME, "nobody"] {
        for guess in 0..5 {
            assert_eq!(sign_in(&bench, name, "wrong").await.status, 403, "{name} {guess}");
        }
    }
    // Whether there is such a name is not told, and the right password does not help either.
    for (name, password) in [(NAME, "wrong"), (NAME, PASSWORD), ("nobody", "wrong")] {
        let reply = sign_in(&bench, name, password).await;
        assert_eq!((reply.status, reply.code().as_str()), (429, "AP0014"), "{name}");
        let wait_s: u64 = reply.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait_s), "{wait_s}");
    }
    assert_eq!(sign_in(&bench, "somebody else", "wrong").await.status, 403);
    let admin = bench.admin().await;
    assert_eq!(bench.get("/api/v1/kill-switch", &admin).await.status, 200);
    bench.engine.core.clock.advance(Duration::from_secs(61));
    assert_eq!(sign_in(&bench, NAME, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_way_around() {
    let bench = Bench::start().await;
    bench.set_up().await;
    let guesses = futures::future::join_all((0..20).map(|_| sign_in(&bench, NAME, "wrong"))).await;
    let looked_at = guesses.iter().filter(|reply| reply.status == 403).count();
    let refused = guesses.iter().filter(|reply| reply.status == 429).count();
    // Set-up signed in, which is no failure.
    assert_eq!((looked_at, refused), (5, 15));
    let admin = bench.admin().await;
    let audit = bench.get("/api/v1/audit?limit=500", &admin).await.json();
    let entries = audit["items"].as_array().unwrap();
    let told = entries.iter().filter(|entry| entry["verb"] == "session.refuse").count();
    assert_eq!(told, 5, "{audit}");
}

#[tokio::test]
async fn a_session_ends_after_half_a_day() {
    let bench = Bench::start().await;
    let cookie = bench.set_up().await;
    let show = || bench.request("GET", "/api/v1/session").header("cookie", &cookie);
    bench.engine.core.clock.advance(Duration::from_secs(12 * 3_600 - 600));
    assert_eq!(bench.send(show()).await.status, 200);
    bench.engine.core.clock.advance(Duration::from_secs(601));
    assert_eq!(bench.send(show()).await.status, 401);
}
