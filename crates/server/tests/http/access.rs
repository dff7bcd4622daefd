//! Who may do what: every route, for everybody.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bench::{Bench, CALLERS, NAME, PASSWORD};

/// One route, a request to it that is well formed, and the status that each of [`CALLERS`] gets.
pub(crate) struct Row {
    pub(crate) route: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) expect: [u16; 6],
}

impl Row {
    pub(crate) fn method(&self) -> &'static str {
        self.route.split_once(' ').unwrap().0
    }

    pub(crate) fn is_safe(&self) -> bool {
        self.method() == "GET"
    }

    /// Whether it takes a credential.
    pub(crate) fn is_guarded(&self) -> bool {
        self.expect[0] == 401
    }
}

/// Anybody, also without a credential.
const fn open(status: u16) -> [u16; 6] {
    [status; 6]
}

/// Whoever may read.
const fn viewer(status: u16) -> [u16; 6] {
    [401, status, status, status, 403, 403]
}

/// Whoever may decide.
const fn responder(status: u16) -> [u16; 6] {
    [401, 403, status, status, 403, 403]
}

/// Whoever may administrate.
const fn admin(status: u16) -> [u16; 6] {
    [401, 403, 403, status, 403, 403]
}

fn row(route: &'static str, body: Value, expect: [u16; 6]) -> Row {
    let (_, path) = route.split_once(' ').unwrap();
    let kinds = [
        ("incidents", "inc"),
        ("alerts", "alr"),
        ("runs", "run"),
        ("approvals", "apr"),
        ("containments", "ctn"),
        ("tokens", "tok"),
        ("delegations", "dlg"),
        ("proposals", "prp"),
        ("notices", "ntc"),
    ];
    let kind = kinds.iter().find(|(noun, _)| path.contains(&format!("/{noun}/{{id}}")));
    let id = format!("{}_{}", kind.map_or("x", |(_, prefix)| prefix), "0".repeat(32));
    let path = path.replace("{id}", &id).replace("{name}", "none").replace("{person}", "none");
    let path = path
        .replace("{source}", "edge")
        .replace("{key}", "none")
        .replace("{number}", "1")
        .replace("{other}", "2");
    Row { route, path, body, expect }
}

/// All routes. The things asked for are not there, so whoever is let through gets 404.
pub(crate) fn rows() -> Vec<Row> {
    let why = || json!({ "reason": "drill" });
    let none = Value::Null;
    let first = json!({ "token": "wrong", "name": "mallory", "password": PASSWORD });
    let sign_in = json!({ "name": NAME, "password": PASSWORD });
    let token = json!({ "name": "made", "scope": { "scope": "feed" } });
    let person = json!({ "name": "ben", "password": PASSWORD, "role": "viewer" });
    let yes = json!({ "plan_hash": "h", "reason": "" });
    let close = json!({ "disposition": "duplicate", "comment": "" });
    let found = json!({ "happened": true, "reason": "seen" });
    let switch = json!({ "engaged": true, "reason": "drill" });
    let mut rows = vec![
        row("GET /api/v1/health", none.clone(), open(200)),
        row("GET /api/v1/setup", none.clone(), open(200)),
        row("POST /api/v1/setup", first, open(403)),
        row("POST /api/v1/session", sign_in, open(200)),
        row("GET /api/v1/session", none.clone(), viewer(200)),
        row("DELETE /api/v1/session", none.clone(), viewer(204)),
        row("GET /api/v1/incidents", none.clone(), viewer(200)),
        row("GET /api/v1/incidents/{id}", none.clone(), viewer(404)),
        row("POST /api/v1/incidents/{id}/acknowledge", none.clone(), responder(404)),
        row("POST /api/v1/incidents/{id}/close", close, responder(404)),
        row("POST /api/v1/incidents/{id}/comments", json!({ "text": "t" }), responder(404)),
        row("GET /api/v1/alerts", none.clone(), viewer(200)),
        row("GET /api/v1/alerts/{id}", none.clone(), viewer(404)),
        row("GET /api/v1/runs", none.clone(), viewer(200)),
        row("GET /api/v1/runs/{id}", none.clone(), viewer(404)),
        row("POST /api/v1/runs/{id}/cancel", why(), responder(404)),
        row("POST /api/v1/runs/{id}/signals/{name}", json!({ "data": {} }), responder(404)),
        row("POST /api/v1/runs/{id}/steps/{key}/resolve", found.clone(), responder(404)),
        row("GET /api/v1/runs/{id}/explanations", none.clone(), viewer(404)),
        row("GET /api/v1/unknown-outcomes", none.clone(), viewer(200)),
        row("GET /api/v1/approvals", none.clone(), viewer(200)),
        row("GET /api/v1/approvals/{id}", none.clone(), viewer(404)),
        row("POST /api/v1/approvals/{id}/approve", yes, responder(404)),
        row("POST /api/v1/approvals/{id}/deny", why(), responder(404)),
        row("GET /api/v1/questions", none.clone(), viewer(200)),
        row("POST /api/v1/questions/{id}/answer", json!({ "answer": "yes" }), responder(404)),
        row("GET /api/v1/containments", none.clone(), viewer(200)),
        row("GET /api/v1/containments/{id}", none.clone(), viewer(404)),
        row("POST /api/v1/containments/{id}/undo", why(), responder(404)),
        row("POST /api/v1/containments/{id}/resolve", found, responder(404)),
        row("POST /api/v1/containments/{id}/accept", why(), responder(404)),
        row(
            "POST /api/v1/containments/reconcile",
            json!({ "accept_unreadable": false }),
            responder(200),
        ),
        row("GET /api/v1/backup", none.clone(), admin(200)),
        row("GET /api/v1/kill-switch", none.clone(), viewer(200)),
        row("PUT /api/v1/kill-switch", switch, responder(200)),
        row("GET /api/v1/audit", none.clone(), viewer(200)),
        row("GET /api/v1/audit/verify", none.clone(), viewer(200)),
        row("GET /api/v1/measures", none.clone(), viewer(200)),
        row("GET /api/v1/dead-letters", none.clone(), viewer(200)),
        row("GET /api/v1/playbooks", none.clone(), viewer(200)),
        row("GET /api/v1/playbooks/{name}", none.clone(), viewer(404)),
        row("POST /api/v1/playbooks/{name}/plan", json!({ "alert": {} }), viewer(404)),
        row(
            "POST /api/v1/playbooks/{name}/runs",
            json!({ "alert": format!("alr_{}", "0".repeat(32)) }),
            responder(404),
        ),
        row("POST /api/v1/playbooks/{name}/backtest", json!({ "since": "90d" }), responder(404)),
        row("PUT /api/v1/playbooks/{name}/mode", json!({ "mode": "shadow" }), admin(404)),
        row("GET /api/v1/sources", none.clone(), viewer(200)),
        row("GET /api/v1/tokens", none.clone(), admin(200)),
        row("POST /api/v1/tokens", token, admin(201)),
        row("DELETE /api/v1/tokens/{id}", none.clone(), admin(404)),
        row("GET /api/v1/people", none.clone(), admin(200)),
        row("POST /api/v1/people", person, admin(201)),
        row("GET /api/v1/connectors", none.clone(), viewer(200)),
        row("GET /api/v1/connectors/{name}", none.clone(), viewer(404)),
        row("GET /api/v1/secrets", none.clone(), admin(200)),
        row("PUT /api/v1/secrets/{name}", json!({ "value": "a long value" }), admin(200)),
        row("POST /api/v1/secrets/{name}/confirm", none.clone(), admin(409)),
        row("POST /api/v1/secrets/{name}/revert", none.clone(), admin(409)),
        row("DELETE /api/v1/secrets/{name}", none, admin(204)),
    ];
    rows.extend(team_rows());
    rows.extend(version_rows());
    rows.extend(proposal_rows());
    rows
}

/// The routes about groups and who answers for whom.
fn team_rows() -> Vec<Row> {
    let none = Value::Null;
    let away = json!({ "to": "nobody", "until": "2020-01-01T00:00:00Z", "reason": "r" });
    // What is one's own is looked at before whether it is there: who may not see learns nothing.
    let own = [401, 403, 403, 404, 403, 403];
    vec![
        row("GET /api/v1/people/{name}", none.clone(), own),
        row("PUT /api/v1/people/{name}/contact", json!({ "email": null, "time_zone": null }), own),
        row("GET /api/v1/groups", none.clone(), viewer(200)),
        row("POST /api/v1/groups", json!({ "name": "made" }), admin(201)),
        row("GET /api/v1/groups/{name}", none.clone(), viewer(404)),
        row("DELETE /api/v1/groups/{name}", none.clone(), admin(404)),
        row("POST /api/v1/groups/{name}/members", json!({ "person": "ann" }), admin(404)),
        row("DELETE /api/v1/groups/{name}/members/{person}", none.clone(), admin(404)),
        row("GET /api/v1/delegations", none.clone(), viewer(200)),
        row("POST /api/v1/delegations", away, responder(422)),
        row("DELETE /api/v1/delegations/{id}", none, responder(404)),
    ]
}

/// The routes about versions of playbooks.
fn version_rows() -> Vec<Row> {
    let none = Value::Null;
    // Whoever is let through gets 422: it is the text of another playbook.
    let text = "playbook: other\ntitle: t\nsteps:\n  - end: succeeded\n";
    vec![
        row("GET /api/v1/playbooks/{name}/versions", none.clone(), viewer(404)),
        row("POST /api/v1/playbooks/{name}/versions", json!({ "text": text }), responder(422)),
        row("GET /api/v1/playbooks/{name}/versions/{number}", none.clone(), viewer(404)),
        row(
            "POST /api/v1/playbooks/{name}/versions/{number}/review",
            json!({ "approve": true }),
            responder(404),
        ),
        row("POST /api/v1/playbooks/{name}/versions/{number}/publish", none.clone(), admin(404)),
        row("GET /api/v1/playbooks/{name}/versions/{number}/diff/{other}", none, viewer(404)),
    ]
}

/// The routes about changes that take two people, and what people are told.
fn proposal_rows() -> Vec<Row> {
    let none = Value::Null;
    let why = || json!({ "reason": "drill" });
    // Whoever is let through gets 422: it is no policy.
    let policy = json!({ "text": "protcted: []", "reason": "drill" });
    let role = json!({ "role": "viewer", "reason": "drill" });
    vec![
        row("GET /api/v1/policy", none.clone(), viewer(200)),
        row("POST /api/v1/policy/proposals", policy, admin(422)),
        row("GET /api/v1/proposals", none.clone(), viewer(200)),
        row("GET /api/v1/proposals/{id}", none, viewer(404)),
        row("POST /api/v1/proposals/{id}/approve", why(), responder(404)),
        row("POST /api/v1/proposals/{id}/deny", why(), responder(404)),
        row("POST /api/v1/proposals/{id}/cancel", why(), responder(404)),
        row("PUT /api/v1/people/{name}/role", role, admin(404)),
        row("GET /api/v1/notices", Value::Null, admin(200)),
        row("POST /api/v1/notices/{id}/retry", Value::Null, admin(404)),
    ]
}

/// What is not in the OpenAPI document; the live stream, which never ends, is asked in its own test.
fn rows_beside() -> Vec<Row> {
    vec![
        row("POST /ingest/{source}", json!({ "seen": 1 }), [401, 403, 403, 403, 200, 403]),
        row("GET /feeds/blocked-ips.txt", Value::Null, [401, 200, 200, 200, 403, 200]),
    ]
}

#[test]
fn the_table_has_every_route() {
    let document: Value = serde_json::from_str(&stanch_server::openapi_json()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys();
        let methods =
            methods.filter(|key| ["get", "put", "post", "delete", "patch"].contains(&key.as_str()));
        documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let table: BTreeSet<String> = rows().iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(table, documented);
}

#[test]
fn without_a_credential_one_can_only_set_up_sign_in_and_ask_for_health() {
    let open: Vec<_> = rows()
        .iter()
        .chain(&rows_beside())
        .filter(|row| !row.is_guarded())
        .map(|row| row.route)
        .collect();
    let expect =
        ["GET /api/v1/health", "GET /api/v1/setup", "POST /api/v1/setup", "POST /api/v1/session"];
    assert_eq!(open, expect);
}

#[tokio::test]
async fn everybody_can_do_what_the_table_says_and_nothing_else() {
    let bench = Bench::start().await;
    bench.set_up().await;
    let tokens = bench.tokens().await;
    for row in rows().iter().chain(&rows_beside()) {
        for ((caller, token), expect) in CALLERS.iter().zip(&tokens).zip(row.expect) {
            let mut request = bench.request(row.method(), &row.path);
            if !row.body.is_null() {
                request = request.json(&row.body);
            }
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let reply = bench.send(request).await;
            assert_eq!(reply.status, expect, "{} as {caller}: {reply:?}", row.route);
        }
    }
}

#[tokio::test]
async fn a_responder_engages_the_kill_switch_and_an_admin_releases_it() {
    let bench = Bench::start().await;
    let [_, _, responder, admin, ..] = bench.tokens().await.map(Option::unwrap_or_default);
    for (token, engaged, expect) in [
        (&responder, true, 200),
        (&responder, false, 403),
        (&admin, false, 200),
        (&responder, true, 200),
    ] {
        let body = json!({ "engaged": engaged, "reason": "drill" });
        let request = bench.request("PUT", "/api/v1/kill-switch").bearer_auth(token).json(&body);
        let reply = bench.send(request).await;
        assert_eq!(reply.status, expect, "{engaged} {reply:?}");
    }
    assert_eq!(bench.get("/api/v1/kill-switch", &responder).await.json()["engaged"], true);
}

#[tokio::test]
async fn a_credential_that_does_not_hold_is_none() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    let longer = format!("{admin}0");
    let shorter = admin.strip_suffix(|_: char| true).unwrap();
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        &format!("Bearer {longer}"),
        &format!("Bearer {shorter}"),
        &format!("Token {admin}"),
        &admin,
        "Bearer ' OR 1=1 --",
        "Bearer null",
    ] {
        let request = bench.request("GET", "/api/v1/incidents").header("authorization", wrong);
        assert_eq!(bench.send(request).await.status, 401, "{wrong}");
    }
    for right in [format!("Bearer {admin}"), format!("bearer {admin}"), format!("BEARER  {admin} ")]
    {
        let request = bench.request("GET", "/api/v1/incidents").header("authorization", &right);
        assert_eq!(bench.send(request).await.status, 200, "{right}");
    }
    // What a browser would send along by itself opens nothing that changes anything.
    let request = bench.request("GET", "/api/v1/incidents").basic_auth("x", Some(&admin));
    assert_eq!(bench.send(request).await.status, 401);
}

#[tokio::test]
async fn a_removed_token_opens_nothing() {
    let bench = Bench::start().await;
    let [_, viewer, _, admin, ..] = bench.tokens().await.map(Option::unwrap_or_default);
    let tokens = bench.get("/api/v1/tokens", &admin).await.json();
    let secrets = [&viewer, &admin];
    assert!(!secrets.iter().any(|secret| tokens.to_string().contains(*secret)), "{tokens}");
    let is_viewer = |token: &&Value| token["scope"]["role"] == "viewer";
    let id = tokens["items"].as_array().unwrap().iter().find(is_viewer).unwrap()["id"].clone();
    let path = format!("/api/v1/tokens/{}", id.as_str().unwrap());
    assert_eq!(bench.get("/api/v1/alerts", &viewer).await.status, 200);
    let reply = bench.send(bench.request("DELETE", &path).bearer_auth(&admin)).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(bench.get("/api/v1/alerts", &viewer).await.status, 401);
}
