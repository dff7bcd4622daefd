//! The set-up link: whoever has it is the administrator, once.

use serde_json::json;

use crate::bench::{Bench, NAME, PASSWORD, Reply};

async fn set_up(bench: &Bench, token: &str, name: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "name": name, "password": password });
    bench.send(bench.request("POST", "/api/v1/setup").json(&body)).await
}

async fn needed(bench: &Bench) -> bool {
    let reply = bench.send(bench.request("GET", "/api/v1/setup")).await;
    reply.json()["needed"].as_bool().unwrap()
}

#[tokio::test]
async fn the_link_works_once() {
    let bench = Bench::start().await;
    assert!(needed(&bench).await);
    let old = bench.engine.people.setup_secret().await.unwrap().unwrap();
    let link = bench.engine.people.setup_secret().await.unwrap().unwrap();
    for wrong in ["", "setup_", &old, &format!("{link}0"), "' OR 1=1 --"] {
        let reply = set_up(&bench, wrong, NAME, PASSWORD).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "AP0002"), "{wrong}");
    }
    assert!(needed(&bench).await);
    // A name or password that will not do does not use the link up.
    for (name, password) in [
        (NAME, "eleven char"),
        (NAME, ""),
        (NAME, &*"x".repeat(1_025)),
        ("", PASSWORD),
        ("  ", PASSWORD),
        ("a\u{1b}[2J", PASSWORD),
        ("rule of thumb", PASSWORD),
        (&*"x".repeat(101), PASSWORD),
    ] {
        let reply = set_up(&bench, &link, name, password).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "AP0004"), "{name} {password}");
    }
    let reply = set_up(&bench, &link, &format!(" {NAME} "), PASSWORD).await;
    assert_eq!((reply.status, &reply.json()["name"]), (201, &json!(NAME)), "{reply:?}");
    assert!(!needed(&bench).await);
    for again in [&*link, "", "another"] {
        let reply = set_up(&bench, again, "mallory", PASSWORD).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "AP0002"), "{again}");
    }
    assert_eq!(bench.engine.people.setup_secret().await.unwrap(), None);
}

#[tokio::test]
async fn of_many_who_use_it_at_once_one_is_made() {
    let bench = Bench::start().await;
    let link = bench.engine.people.setup_secret().await.unwrap().unwrap();
    let names: Vec<String> = (0..8).map(|number| format!("name {number}")).collect();
    let tries = names.iter().map(|name| set_up(&bench, &link, name, PASSWORD));
    let replies = futures::future::join_all(tries).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403, 403, 403]);
    let admin = bench.admin().await;
    let people = bench.get("/api/v1/people", &admin).await.json();
    assert_eq!(people["items"].as_array().unwrap().len(), 1, "{people}");
}

#[tokio::test]
async fn no_answer_holds_a_password_or_its_hash() {
    let bench = Bench::start().await;
    bench.set_up().await;
    let admin = bench.admin().await;
    for path in ["/api/v1/people", "/api/v1/audit", "/api/v1/tokens"] {
        let reply = bench.get(path, &admin).await;
        assert!(reply.text.len() > 30, "{path} {reply:?}");
        for secret in [PASSWORD, "argon2", &*admin, "setup_", "ses_"] {
            assert!(!reply.text.contains(secret), "{path} shows {secret}: {reply:?}");
        }
    }
}
