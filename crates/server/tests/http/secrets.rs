//! Secrets over HTTP: values go in, and come out nowhere.

use serde_json::{Value, json};

use crate::bench::Bench;

const VALUE: &str = "k3yN0tT0beSeen/+==";

async fn put(bench: &Bench, token: &str, name: &str, body: &Value) -> crate::bench::Reply {
    let path = format!("/api/v1/secrets/{name}");
    bench.send(bench.request("PUT", &path).bearer_auth(token).json(body)).await
}

#[tokio::test]
async fn a_value_is_set_listed_without_itself_confirmed_and_removed() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    let set = put(&bench, &admin, "edr", &json!({ "value": VALUE })).await;
    assert_eq!(set.status, 200, "{set:?}");
    let view = set.json();
    assert_eq!(
        (&view["name"], &view["version"], &view["previous"]),
        (&json!("edr"), &json!(1), &Value::Null)
    );
    assert_eq!(view["purpose"], "credential");
    let set = put(&bench, &admin, "edr", &json!({ "value": "another value" })).await;
    assert_eq!(set.json()["previous"], 1);
    let confirm = bench.post("/api/v1/secrets/edr/confirm", &admin, &Value::Null).await;
    assert_eq!((confirm.status, &confirm.json()["previous"]), (200, &Value::Null));
    let list = bench.get("/api/v1/secrets", &admin).await;
    assert_eq!(list.json()["items"][0]["version"], 2);
    let audit = bench.get("/api/v1/audit", &admin).await;
    for reply in [&set, &confirm, &list, &audit] {
        assert!(!reply.text.contains(VALUE) && !reply.text.contains("another value"), "{reply:?}");
    }
    assert!(audit.text.contains("secret.confirm"), "{audit:?}");
    let remove = || bench.request("DELETE", "/api/v1/secrets/edr").bearer_auth(&admin);
    assert_eq!(bench.send(remove()).await.status, 204);
    assert_eq!(bench.send(remove()).await.status, 404);
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_without_being_repeated() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for body in [
        json!(VALUE),
        json!([VALUE]),
        json!({ "valeu": VALUE }),
        json!({ "value": [VALUE] }),
        json!({ "value": VALUE, "purpose": VALUE }),
        json!({ "value": VALUE, "purpose": "input", VALUE: 1 }),
        json!({ "value": "short" }),
        json!({}),
    ] {
        let reply = put(&bench, &admin, "edr", &body).await;
        assert_eq!(reply.status, 422, "{body}: {reply:?}");
        assert!(!reply.text.contains(VALUE), "{reply:?}");
    }
    for name in ["a-b", "1a", "%2e%2e", "a%20b"] {
        let reply = put(&bench, &admin, name, &json!({ "value": VALUE })).await;
        assert!(matches!(reply.status, 404 | 422), "{name}: {reply:?}");
    }
    assert_eq!(bench.get("/api/v1/secrets", &admin).await.json()["items"], json!([]));
}
