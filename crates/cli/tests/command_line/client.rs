//! Client commands: exit codes, what is sent, pages.

use serde_json::{Value, json};
use stanch_model::{
    ApprovalId, IncidentId, RunId, TenantId, Time,
    guard::{Approval, ApprovalState, ApprovalTerms, BlastRadius, Vote},
    manifest::EffectClass,
    observable::{Observable, ObservableKind},
    plan::{Plan, PlannedAction, StepKey},
};

use crate::{run, stub::Stub};

const INCIDENT: &str = "inc_00000000000000000000000000000001";
const TOKEN: &str = "tok_00000000000000000000000000000006";
const APPROVAL: &str = "apr_00000000000000000000000000000003";

#[test]
fn every_kind_of_error_has_its_exit_code() {
    for (status, code) in [
        (400, 2),
        (401, 4),
        (403, 4),
        (404, 5),
        (409, 6),
        (412, 6),
        (422, 2),
        (429, 1),
        (500, 70),
        (503, 3),
    ] {
        let problem = json!({ "type": "about:blank", "title": "no", "status": status,
            "code": "some_code", "detail": "the reason" });
        let path = format!("/api/v1/incidents/{INCIDENT}");
        let stub = Stub::new(&[(&format!("GET {path}"), status, &problem.to_string())]);
        let ran = stub.run(&["incident", "show", INCIDENT]);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{status}: {}", ran.err);
        let said = format!("stanch: the reason [some_code] (HTTP {status})");
        assert!(ran.err.starts_with(&said), "{}", ran.err);
    }
}

#[test]
fn a_server_that_is_not_there_or_speaks_otherwise() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run(&["incident", "list", "--url", &format!("http://{gone}")]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("cannot reach http://127.0.0.1:"), "{}", ran.err);
    for body in ["<html>", "{}", r#"{"items":[{"id":1}],"next":null}"#] {
        let stub = Stub::new(&[("GET /api/v1/incidents", 200, body)]);
        assert_eq!(stub.run(&["incident", "list"]).code, 70, "{body}");
    }
    // A redirect could carry the token away.
    let stub = Stub::new(&[("GET /api/v1/incidents", 302, "")]);
    assert_eq!(stub.run(&["incident", "list"]).code, 70);
}

#[test]
fn what_cannot_be_sent_is_refused_here() {
    for args in [
        &["incident", "show", "run_1"][..],
        &["incident", "list", "--url", "ftp://h"],
        &["incident", "list", "--url", "http://user:pw@h"],
        &["incident", "list", "--token", "a b"],
        &["incident", "list", "--severity", "bad"],
        &["playbook", "mode", "..", "auto"],
        &["incident", "acknowledge", "run_1"],
        &["incident", "close", INCIDENT],
        &["incident", "close", INCIDENT, "--disposition", "boring"],
        &["incident", "comment", INCIDENT],
        &["token", "remove", "stn_secret"],
        &["approval", "deny", APPROVAL],
        &["kill-switch", "on"],
    ] {
        assert_eq!(run(args).code, 2, "{args:?}");
    }
}

#[test]
fn lists_are_read_page_by_page_up_to_the_limit() {
    let path = "GET /api/v1/dead-letters";
    let page = |ids: std::ops::Range<u32>, next: Value| {
        let items: Vec<Value> = ids.map(|id| json!({ "id": id, "reason": "r" })).collect();
        json!({ "items": items, "next": next }).to_string()
    };
    let stub = Stub::new(&[
        (&format!("{path}?limit=500"), 200, &page(0..500, "c1".into())),
        (&format!("{path}?limit=200&cursor=c1"), 200, &page(500..600, "c2".into())),
        (&format!("{path}?limit=100&cursor=c2"), 200, &page(600..700, "c3".into())),
    ]);
    let list = stub.run(&["dead-letter", "list", "--limit", "700", "--json"]).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 700);
    assert_eq!((&list["items"][699]["id"], &list["next"]), (&699.into(), &"c3".into()));
    let asked = stub.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|a| a.authorization.as_deref() == Some("Bearer stn_test")));
}

/// An approval of one act, with `plan_hash` as the server would give it.
fn approval() -> Approval {
    let action = PlannedAction {
        key: StepKey("block".to_owned()),
        name: "firewall.block_address".to_owned(),
        title: "Block an address".to_owned(),
        instance: "edge".to_owned(),
        connector: "lab".to_owned(),
        action: "block_address".to_owned(),
        practice: true,
        manifest_digest: "d".repeat(64),
        effect: EffectClass::Reversible,
        target: Observable::new(ObservableKind::Ip, "203.0.113.7"),
        input: json!({ "address": "203.0.113.7" }),
        undo: Some("Unblock the address".to_owned()),
        expires: Some(std::time::Duration::from_secs(3_600)),
    };
    let plan = Plan {
        tenant: TenantId::default(),
        playbook: "block".to_owned(),
        playbook_digest: "p".repeat(64),
        actions: vec![action],
        evidence: Vec::new(),
        stops_at: None,
    };
    Approval {
        id: APPROVAL.parse::<ApprovalId>().unwrap(),
        tenant: TenantId::default(),
        run: "run_00000000000000000000000000000002".parse::<RunId>().unwrap(),
        incident: Some(INCIDENT.parse::<IncidentId>().unwrap()),
        playbook: "block".to_owned(),
        plan_hash: plan.hash(),
        plan,
        requested_by: "rule \u{1b}[2J".to_owned(),
        terms: ApprovalTerms {
            count: 1,
            not_requester: true,
            within: std::time::Duration::from_secs(900),
        },
        reasons: std::collections::BTreeMap::new(),
        blast_radius: BlastRadius { reversible: 1, ..BlastRadius::default() },
        state: ApprovalState::Waiting,
        votes: Vec::new(),
        asked_at: Time::default(),
        expires_at: Time::default(),
    }
}

#[test]
fn a_yes_is_for_what_was_shown() {
    let waiting = approval();
    let vote =
        Vote { by: "cli".to_owned(), approve: true, reason: String::new(), at: Time::default() };
    let yes = Approval { state: ApprovalState::Approved, votes: vec![vote], ..waiting.clone() };
    let text = |approval: &Approval| serde_json::to_string(approval).unwrap();
    let stub = Stub::new(&[
        (&format!("GET /api/v1/approvals/{APPROVAL}"), 200, &text(&waiting)),
        (&format!("POST /api/v1/approvals/{APPROVAL}/approve"), 200, &text(&yes)),
    ]);
    let ran = stub.run(&["approval", "approve", APPROVAL]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, format!("{APPROVAL} is approved: 1 of 1 yes\n"));
    for shown in [
        "1. Block an address: ip:203.0.113.7 (practice target)",
        "undo: Unblock the address; lifted after 1h",
        "requested by rule \\u{1b}[2J,",
        &waiting.plan_hash,
    ] {
        assert!(ran.err.contains(shown), "{shown}: {}", ran.err);
    }
    assert_eq!(stub.asked()[1].body["plan_hash"], waiting.plan_hash.as_str());
    // With a hash nothing is fetched: the yes is for that and nothing else.
    let ran = stub.run(&["approval", "approve", APPROVAL, "--plan-hash", "h", "--json"]);
    assert_eq!(ran.json()["state"], "approved");
    let asked = stub.asked();
    assert_eq!((asked.len(), &asked[2].body["plan_hash"]), (3, &"h".into()));
}

#[test]
fn orders_are_sent_as_the_contract_says() {
    let run_id = "run_00000000000000000000000000000002";
    let containment = "ctn_00000000000000000000000000000004";
    let alert = "alr_00000000000000000000000000000005";
    for (args, line, body) in [
        (
            vec!["kill-switch", "on", "--reason", "r"],
            "PUT /api/v1/kill-switch".to_owned(),
            json!({ "engaged": true, "reason": "r" }),
        ),
        (
            vec!["kill-switch", "off", "--reason", "r"],
            "PUT /api/v1/kill-switch".to_owned(),
            json!({ "engaged": false, "reason": "r" }),
        ),
        (
            vec!["run", "cancel", run_id, "--reason", "r"],
            format!("POST /api/v1/runs/{run_id}/cancel"),
            json!({ "reason": "r" }),
        ),
        (
            vec!["approval", "deny", APPROVAL, "--reason", "r"],
            format!("POST /api/v1/approvals/{APPROVAL}/deny"),
            json!({ "reason": "r" }),
        ),
        (
            vec!["question", "answer", "run_1/who", "yes"],
            "POST /api/v1/questions/run_1%2Fwho/answer".to_owned(),
            json!({ "answer": "yes" }),
        ),
        (
            vec!["containment", "undo", containment, "--reason", "r"],
            format!("POST /api/v1/containments/{containment}/undo"),
            json!({ "reason": "r" }),
        ),
        (
            vec!["containment", "resolve", containment, "--happened", "no", "--reason", "r"],
            format!("POST /api/v1/containments/{containment}/resolve"),
            json!({ "happened": false, "reason": "r" }),
        ),
        (
            vec!["playbook", "run", "p", "--alert", alert],
            "POST /api/v1/playbooks/p/runs".to_owned(),
            json!({ "alert": alert }),
        ),
        (
            vec!["playbook", "mode", "p", "shadow"],
            "PUT /api/v1/playbooks/p/mode".to_owned(),
            json!({ "mode": "shadow" }),
        ),
        (
            vec!["incident", "acknowledge", INCIDENT],
            format!("POST /api/v1/incidents/{INCIDENT}/acknowledge"),
            json!({}),
        ),
        (
            vec!["incident", "close", INCIDENT, "--disposition", "benign_trigger"],
            format!("POST /api/v1/incidents/{INCIDENT}/close"),
            json!({ "disposition": "benign_trigger", "comment": "" }),
        ),
        (
            vec!["incident", "close", INCIDENT, "--disposition", "duplicate", "--comment", "c"],
            format!("POST /api/v1/incidents/{INCIDENT}/close"),
            json!({ "disposition": "duplicate", "comment": "c" }),
        ),
        (
            vec!["incident", "comment", INCIDENT, "two words"],
            format!("POST /api/v1/incidents/{INCIDENT}/comments"),
            json!({ "text": "two words" }),
        ),
        (vec!["token", "remove", TOKEN], format!("DELETE /api/v1/tokens/{TOKEN}"), Value::Null),
        (
            vec!["token", "create", "--name", "n", "--source", "edge", "--trust", "high"],
            "POST /api/v1/tokens".to_owned(),
            json!({ "name": "n", "scope": { "scope": "intake", "source": "edge", "trust": "high" } }),
        ),
    ] {
        let stub = Stub::new(&[(&line, 200, r#"{"said":true}"#)]);
        let ran = stub.run(&[&args[..], &["--json"]].concat());
        assert_eq!(ran.code, 0, "{args:?} {}", ran.err);
        assert_eq!(ran.json()["said"], true);
        let asked = &stub.asked()[0];
        assert_eq!((&asked.line, &asked.body), (&line, &body));
    }
}

#[test]
fn a_plan_is_asked_for_an_alert_in_a_file() {
    let planned = json!({ "plan": approval().plan, "plan_hash": "h", "blast_radius": BlastRadius::default(),
        "decisions": [{ "key": "block", "decision": { "verdict": "refuse", "reasons":
            [{ "rule": "protected", "text": "203.0.113.7 is ours" }] } }] });
    let stub = Stub::new(&[("POST /api/v1/playbooks/p/plan", 200, &planned.to_string())]);
    let folder = crate::folder(&[("a.json", r#"{"severity":4}"#), ("b.json", "[1]")]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let ran = stub.run(&["playbook", "plan", "p", "--alert", &path("a.json")]);
    assert_eq!(stub.asked()[0].body, json!({ "alert": { "severity": 4 } }));
    for shown in ["protected: 203.0.113.7 is ours", "guard: block would be refused", "plan hash: h"]
    {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    for alert in [path("b.json"), path("gone")] {
        assert_eq!(stub.run(&["playbook", "plan", "p", "--alert", &alert]).code, 2);
    }
}

#[test]
fn the_audit_of_a_server_decides_the_exit_code() {
    for (ok, code) in [(true, 0), (false, 1)] {
        let answer = json!({ "ok": ok, "entries": 3, "head": "h", "error": null });
        let stub = Stub::new(&[("GET /api/v1/audit/verify", 200, &answer.to_string())]);
        let ran = stub.run(&["audit", "verify"]);
        assert_eq!(ran.code, code, "{}", ran.out);
    }
    // An answer that does not say so proves nothing.
    let stub = Stub::new(&[("GET /api/v1/audit/verify", 200, "{}")]);
    assert_eq!(stub.run(&["audit", "verify"]).code, 1);
}

#[test]
fn what_became_of_an_incident_is_said_in_a_line() {
    let incident = |status: &str, disposition: Value| {
        json!({ "id": INCIDENT, "tenant": "default", "title": "t", "severity": "high",
            "status": status, "disposition": disposition, "techniques": [], "observables": [],
            "entities": [], "alert_count": 1, "alerts": [], "owner": "ann\u{1b}[2J",
            "occurred_at": "2026-01-01T00:00:00Z", "detected_at": "2026-01-01T00:00:00Z",
            "acknowledged_at": null, "contained_at": null, "closed_at": null,
            "updated_at": "2026-01-01T00:00:00Z" })
        .to_string()
    };
    let path = format!("POST /api/v1/incidents/{INCIDENT}");
    let stub = Stub::new(&[
        (&format!("{path}/acknowledge"), 200, &incident("acknowledged", Value::Null)),
        (&format!("{path}/close"), 200, &incident("closed", "false_positive".into())),
        (&format!("{path}/comments"), 204, ""),
    ]);
    let close = ["incident", "close", INCIDENT, "--disposition", "false_positive"];
    for (args, said) in [
        (&["incident", "acknowledge", INCIDENT][..], "is acknowledged; it is ann\\u{1b}[2J's"),
        (&close, "is closed as false positive"),
        (&["incident", "comment", INCIDENT, "text"], "has the comment"),
    ] {
        let ran = stub.run(args);
        assert_eq!((ran.code, ran.out), (0, format!("{INCIDENT} {said}\n")), "{}", ran.err);
    }
}

#[test]
fn tokens_are_listed_by_what_they_are_for_and_taken_away() {
    let token = |number: u32, name: &str, scope: Value| {
        json!({ "id": format!("tok_{number:032}"), "tenant": "default", "name": name,
            "scope": scope, "created_at": "2026-01-01T00:00:00Z" })
    };
    let tokens = json!({ "next": null, "items": [
        token(1, "cli\u{1b}[2J", json!({ "scope": "api", "role": "responder" })),
        token(2, "edge", json!({ "scope": "intake", "source": "suricata", "trust": "high" })),
        token(3, "firewall", json!({ "scope": "feed" })),
    ]});
    let gone = format!("DELETE /api/v1/tokens/{TOKEN}");
    let stub = Stub::new(&[("GET /api/v1/tokens", 200, &tokens.to_string()), (&gone, 204, "")]);
    let ran = stub.run(&["token", "list"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let cells = |line: &str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let table: Vec<Vec<String>> = ran.out.lines().map(cells).collect();
    let since = "2026-01-01T00:00:00Z";
    let id = |number: u32| format!("tok_{number:032}");
    assert_eq!(table[0], ["TOKEN", "FOR", "SINCE", "NAME"]);
    assert_eq!(table[1], [&*id(1), "API as responder", since, "cli\\u{1b}[2J"]);
    assert_eq!(table[2], [&*id(2), "deliveries of suricata, trust high", since, "edge"]);
    assert_eq!(table[3], [&*id(3), "block lists", since, "firewall"]);
    let ran = stub.run(&["token", "remove", TOKEN]);
    let said = format!("{TOKEN} opens nothing any more\n");
    assert_eq!((ran.code, ran.out), (0, said), "{}", ran.err);
    assert_eq!(stub.asked().last().unwrap().line, gone);
}
