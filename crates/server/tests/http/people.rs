//! People, groups and tokens by HTTP: what is one's own, and what was changed meanwhile.

use serde_json::{Value, json};
use stanch_model::people::Role;

use crate::{
    bench::{Bench, Reply},
    forge,
};

async fn put(bench: &Bench, path: &str, token: &str, tag: &str, body: &Value) -> Reply {
    let request = bench.request("PUT", path).bearer_auth(token).json(body);
    let request = if tag.is_empty() { request } else { request.header("if-match", tag) };
    bench.send(request).await
}

#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let bench = Bench::start().await;
    let root = bench.person("root", Role::Admin).await;
    bench.person("ann", Role::Responder).await;
    let path = "/api/v1/people/ann/contact";
    let first = bench.get("/api/v1/people/ann", &root).await.header("etag").to_owned();
    assert!(first.len() > 60 && first.starts_with('"'), "{first}");
    let berlin = json!({ "email": "ann@corp.example", "time_zone": "Europe/Berlin" });
    let changed = put(&bench, path, &root, &first, &berlin).await;
    assert_eq!((changed.status, &changed.json()["email"]), (200, &json!("ann@corp.example")));
    let second = changed.header("etag").to_owned();
    assert_ne!(first, second);
    let late = put(&bench, path, &root, &first, &json!({ "email": null, "time_zone": null })).await;
    assert_eq!((late.status, late.code().as_str()), (412, "AP0015"));
    let kept = bench.get("/api/v1/people/ann", &root).await;
    assert_eq!(
        (kept.header("etag"), &kept.json()["time_zone"]),
        (&*second, &json!("Europe/Berlin"))
    );
    for wrong in ["x", "\"a\", \"b\"", "W/\"a\"", "\""] {
        assert_eq!(put(&bench, path, &root, wrong, &berlin).await.status, 422, "{wrong}");
    }
    for any in ["*", ""] {
        assert_eq!(put(&bench, path, &root, any, &berlin).await.status, 200, "{any}");
    }

    let made = bench.post("/api/v1/groups", &root, &json!({ "name": "responders" })).await;
    let empty = made.header("etag").to_owned();
    let members = "/api/v1/groups/responders/members";
    let add = |tag: String| {
        let request = bench.request("POST", members).bearer_auth(&root).header("if-match", tag);
        bench.send(request.json(&json!({ "person": "ann" })))
    };
    let added = add(empty.clone()).await;
    assert_eq!((added.status, &added.json()["members"]), (200, &json!(["ann"])));
    assert_eq!(add(empty.clone()).await.status, 412);
    let take = bench.request("DELETE", "/api/v1/groups/responders/members/ann").bearer_auth(&root);
    assert_eq!(bench.send(take.header("if-match", &empty)).await.status, 412);
    let group = bench.get("/api/v1/groups/responders", &root).await;
    assert_eq!(
        (group.header("etag"), &group.json()["members"]),
        (added.header("etag"), &json!(["ann"]))
    );
}

#[tokio::test]
async fn what_will_not_do_is_refused() {
    let bench = Bench::start().await;
    let root = bench.person("root", Role::Admin).await;
    for (body, status) in [
        (json!({ "email": "a@b.example\r\nBcc: c@d.example", "time_zone": null }), 422),
        (json!({ "email": "nobody", "time_zone": null }), 422),
        (json!({ "email": null, "time_zone": "Mars/Olympus" }), 422),
        (json!({ "email": "a@b.example" }), 422),
        (json!({ "email": null, "time_zone": null, "phone": "1" }), 422),
    ] {
        let reply = put(&bench, "/api/v1/people/root/contact", &root, "", &body).await;
        assert_eq!(reply.status, status, "{body} {reply:?}");
    }
    for name in ["", "Responders", "1st", "a b", "../x", "r\u{e9}sponders", &"a".repeat(65)] {
        let reply = bench.post("/api/v1/groups", &root, &json!({ "name": name })).await;
        assert_eq!(reply.status, 422, "{name}");
    }
    let made = bench.post("/api/v1/groups", &root, &json!({ "name": "responders" })).await;
    assert_eq!(made.status, 201);
    let again = bench.post("/api/v1/groups", &root, &json!({ "name": "responders" })).await;
    assert_eq!(again.status, 409);
    let nobody = json!({ "person": "nobody" });
    let reply = bench.post("/api/v1/groups/responders/members", &root, &nobody).await;
    assert_eq!((reply.status, reply.json()["detail"].as_str()), (404, Some("no person `nobody`")));
}

#[tokio::test]
async fn one_sees_and_changes_oneself_and_an_admin_everybody() {
    let bench = Bench::start().await;
    let root = bench.person("root", Role::Admin).await;
    let ann = bench.person("ann", Role::Viewer).await;
    bench.person("ben", Role::Responder).await;
    let email = json!({ "email": "x@corp.example", "time_zone": null });
    for (who, whom, status) in [
        (&ann, "ann", 200),
        (&ann, "ben", 403),
        (&ann, "nobody", 403),
        (&root, "ben", 200),
        (&root, "nobody", 404),
    ] {
        let path = format!("/api/v1/people/{whom}");
        assert_eq!(bench.get(&path, who).await.status, status, "{whom}");
        let path = format!("{path}/contact");
        assert_eq!(put(&bench, &path, who, "", &email).await.status, status, "{whom}");
    }
}

#[tokio::test]
async fn one_makes_tokens_of_ones_own_and_no_better_ones() {
    let bench = Bench::start().await;
    let ann = bench.person("ann", Role::Responder).await;
    let root = bench.person("root", Role::Admin).await;
    let cli = bench.token(stanch_model::people::TokenScope::Api { role: Role::Responder }).await;
    let api = |role: &str| json!({ "scope": "api", "role": role });
    let intake = json!({ "scope": "intake", "source": "edge", "trust": "high" });
    for (number, (who, scope, status)) in [
        (&ann, api("viewer"), 201),
        (&ann, api("responder"), 201),
        (&ann, api("admin"), 403),
        (&ann, intake.clone(), 403),
        (&ann, json!({ "scope": "feed" }), 403),
        (&root, intake, 201),
        (&root, api("admin"), 201),
        // Nobody owns it, so it has nothing to give.
        (&cli, api("viewer"), 403),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "name": format!("made {number}"), "scope": scope });
        let reply = bench.post("/api/v1/tokens", who, &body).await;
        assert_eq!(reply.status, status, "{body} {reply:?}");
    }
    let taken = json!({ "name": "ann", "scope": { "scope": "feed" } });
    assert_eq!(bench.post("/api/v1/tokens", &root, &taken).await.status, 409);
    let person = json!({ "name": "made 0", "password": "a long pass phrase", "role": "viewer" });
    assert_eq!(bench.post("/api/v1/people", &root, &person).await.status, 409);
}

#[tokio::test]
async fn a_token_speaks_for_its_owner() {
    let bench = Bench::start().await;
    let [ann, ben] =
        [bench.person("ann", Role::Responder).await, bench.person("ben", Role::Responder).await];
    let approval = forge::waiting_approval(&bench).await;
    let wanted = approval.clone();
    let two = bench.engine.core.store.write(move |tx| {
        let mut approval = wanted;
        approval.terms.count = 2;
        tx.move_approval(&approval)
    });
    two.await.unwrap();
    let path = format!("/api/v1/approvals/{}/approve", approval.id);
    let body = json!({ "plan_hash": approval.plan_hash });
    let other = json!({ "name": "ann's phone", "scope": { "scope": "api", "role": "responder" } });
    let phone = bench.post("/api/v1/tokens", &ann, &other).await.json()["secret"].clone();
    let first = bench.post(&path, &ann, &body).await;
    assert_eq!((first.status, &first.json()["votes"][0]["by"]), (200, &json!("ann")));
    let again = bench.post(&path, phone.as_str().unwrap(), &body).await;
    assert_eq!((again.status, again.code().as_str()), (403, "AP0002"));
    let second = bench.post(&path, &ben, &body).await;
    assert_eq!((second.status, &second.json()["state"]), (200, &json!("approved")));
}

#[tokio::test]
async fn votes_are_given_and_taken_back() {
    let bench = Bench::start().await;
    let [ann, ben, root] = [
        bench.person("ann", Role::Responder).await,
        bench.person("ben", Role::Responder).await,
        bench.person("root", Role::Admin).await,
    ];
    let until = bench.engine.core.clock.now().plus(std::time::Duration::from_secs(3_600));
    let body = json!({ "to": "ben", "until": until, "reason": "on holiday" });
    let given = bench.post("/api/v1/delegations", &ann, &body).await;
    assert_eq!((given.status, &given.json()["from"]), (201, &json!("ann")), "{given:?}");
    let listed = bench.get("/api/v1/delegations", &ben).await.json();
    assert_eq!(listed["items"][0]["id"], given.json()["id"]);
    let path = format!("/api/v1/delegations/{}", given.json()["id"].as_str().unwrap());
    for (who, status) in [(&ben, 403), (&ann, 204), (&root, 409)] {
        let reply = bench.send(bench.request("DELETE", &path).bearer_auth(who)).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    let audit = bench.get("/api/v1/audit?limit=500", &root).await.json();
    let entries = audit["items"].as_array().unwrap();
    for verb in ["delegation.give", "delegation.end"] {
        assert!(entries.iter().any(|entry| entry["verb"] == verb), "{verb}");
    }
}
