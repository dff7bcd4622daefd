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
const PROPOSAL: &str = "prp_00000000000000000000000000000007";
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
        &["token", "create", "--name", "n", "--role", "viewer", "--as", "ann", "--data", "."],
        &["proposal", "deny", PROPOSAL],
        &["proposal", "approve", "prp_1"],
        &["person", "role", "ann", "king", "--reason", "r"],
        &["person", "role", "ann", "admin"],
        &["policy", "propose", "gone.yaml"],
        &["playbook", "review", "p", "1"],
        &["playbook", "review", "p", "1", "--approve", "--deny", "--reason", "r"],
        &["playbook", "review", "p", "1", "--deny"],
        &["playbook", "review", "p", "one", "--approve"],
        &["playbook", "diff", "p", "1"],
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
        part: None,
        undo: Some("Unblock the address".to_owned()),
        expires: Some(std::time::Duration::from_secs(3_600)),
    };
    let plan = Plan {
        tenant: TenantId::default(),
        playbook: "block".to_owned(),
        playbook_digest: "p".repeat(64),
        called: std::collections::BTreeMap::new(),
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
            ..ApprovalTerms::default()
        },
        reasons: std::collections::BTreeMap::new(),
        blast_radius: BlastRadius { reversible: 1, ..BlastRadius::default() },
        state: ApprovalState::Waiting,
        votes: Vec::new(),
        asked_at: Time::default(),
        expires_at: Time::default(),
        escalated_at: None,
        escalated_to: Vec::new(),
        alone_until: None,
    }
}

#[test]
fn a_yes_is_for_what_was_shown() {
    let waiting = approval();
    let vote = Vote::new("cli", true, "", Time::default());
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
            json!({ "alert": alert, "inputs": {} }),
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
        (
            vec!["playbook", "mode", "p", "auto", "--reason", "r"],
            "PUT /api/v1/playbooks/p/mode".to_owned(),
            json!({ "mode": "auto", "reason": "r" }),
        ),
        (
            vec!["person", "role", "ann", "admin", "--reason", "on call"],
            "PUT /api/v1/people/ann/role".to_owned(),
            json!({ "role": "admin", "reason": "on call" }),
        ),
        (
            vec!["proposal", "approve", PROPOSAL],
            format!("POST /api/v1/proposals/{PROPOSAL}/approve"),
            json!({ "reason": "" }),
        ),
        (
            vec!["proposal", "deny", PROPOSAL, "--reason", "r"],
            format!("POST /api/v1/proposals/{PROPOSAL}/deny"),
            json!({ "reason": "r" }),
        ),
        (
            vec!["proposal", "cancel", PROPOSAL, "--reason", "r"],
            format!("POST /api/v1/proposals/{PROPOSAL}/cancel"),
            json!({ "reason": "r" }),
        ),
        (
            vec!["playbook", "review", "p", "3", "--approve"],
            "POST /api/v1/playbooks/p/versions/3/review".to_owned(),
            json!({ "approve": true, "reason": "" }),
        ),
        (
            vec!["playbook", "review", "p", "3", "--deny", "--reason", "r"],
            "POST /api/v1/playbooks/p/versions/3/review".to_owned(),
            json!({ "approve": false, "reason": "r" }),
        ),
        (
            vec!["playbook", "publish", "p", "3"],
            "POST /api/v1/playbooks/p/versions/3/publish".to_owned(),
            json!({}),
        ),
        (
            vec!["group", "create", "responders"],
            "POST /api/v1/groups".to_owned(),
            json!({ "name": "responders" }),
        ),
        (
            vec!["group", "add", "responders", "ann lee"],
            "POST /api/v1/groups/responders/members".to_owned(),
            json!({ "person": "ann lee" }),
        ),
        (
            vec!["group", "remove", "responders", "ann lee"],
            "DELETE /api/v1/groups/responders/members/ann%20lee".to_owned(),
            Value::Null,
        ),
        (
            vec![
                "delegation",
                "create",
                "--to",
                "ben",
                "--until",
                "2026-09-01T00:00:00Z",
                "--reason",
                "r",
            ],
            "POST /api/v1/delegations".to_owned(),
            json!({ "to": "ben", "since": null, "until": "2026-09-01T00:00:00Z", "reason": "r" }),
        ),
        (
            vec!["person", "contact", "ann", "--email", "ann@corp.example"],
            "PUT /api/v1/people/ann/contact".to_owned(),
            json!({ "email": "ann@corp.example", "time_zone": null }),
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
    assert_eq!(stub.asked()[0].body, json!({ "alert": { "severity": 4 }, "inputs": {} }));
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
fn a_draft_is_sent_and_what_is_found_is_said_with_its_place() {
    let finding = json!({ "code": "PB0004", "level": "error", "message": "no key `titel`",
        "span": { "line": 2, "column": 1, "end_line": 2, "end_column": 6 }, "help": "write `title`" });
    let kept = json!({ "number": 4, "findings": [finding] });
    let refused = json!({ "status": 422, "code": "AP0016", "detail": "it is refused", "findings": [finding] });
    let folder = crate::folder(&[("p.yaml", "playbook: p\ntitel: t\n")]);
    let file = folder.path().join("p.yaml");
    let file = file.to_str().unwrap();
    for (status, answer, code) in [(201, kept, 0), (422, refused, 2)] {
        let stub = Stub::new(&[("POST /api/v1/playbooks/p/versions", status, &answer.to_string())]);
        let ran = stub.run(&["playbook", "draft", "p", file, "--note", "why"]);
        assert_eq!(ran.code, code, "{}", ran.err);
        let body = json!({ "text": "playbook: p\ntitel: t\n", "note": "why" });
        assert_eq!(stub.asked()[0].body, body);
        let said = format!("{file}:2:1 PB0004 no key `titel`\n    help: write `title`\n");
        assert!(ran.err.starts_with(&said), "{}", ran.err);
    }
}

#[test]
fn a_history_and_a_difference_are_shown() {
    let version = json!({ "tenant": "default", "playbook": "p", "number": 2, "digest": "d".repeat(64),
        "origin": "draft", "author": "ann", "note": "too \u{1b}[2Jshort", "path": null, "commit": null,
        "state": "published", "alone_until": null, "created_at": "2026-01-01T00:00:00Z",
        "reviews": [{ "by": "ben", "approve": true, "reason": "", "at": "2026-01-01T00:00:00Z" }],
        "published_at": "2026-01-02T00:00:00Z", "published_by": "root", "mode": null });
    let list = json!({ "items": [version], "next": null });
    let change =
        json!({ "what": "do", "at": "act", "before": "a; expires: 1h", "after": "a; expires: 2h" });
    let diff = json!({ "from": 1, "to": 2, "text": "--- p 1\n+++ p 2\n", "changes": [change] });
    let same = json!({ "from": 1, "to": 1, "text": "", "changes": [] });
    let stub = Stub::new(&[
        ("GET /api/v1/playbooks/p/versions", 200, &list.to_string()),
        ("GET /api/v1/playbooks/p/versions/1/diff/2", 200, &diff.to_string()),
        ("GET /api/v1/playbooks/p/versions/1/diff/1", 200, &same.to_string()),
    ]);
    let ran = stub.run(&["playbook", "history", "p"]);
    for shown in ["2", "published", "ann", "ben: yes", "draft dddddddddddd", "too \\u{1b}[2Jshort"]
    {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    let ran = stub.run(&["playbook", "diff", "p", "1", "2"]);
    let expect = "--- p 1\n+++ p 2\nchanged: do act\n    before: a; expires: 1h\n    after:  a; expires: 2h\n";
    assert_eq!((ran.code, ran.out.as_str()), (1, expect));
    assert_eq!(stub.run(&["playbook", "diff", "p", "1", "1"]).code, 0);
}

#[test]
fn what_a_proposal_takes_is_said() {
    let vote =
        |by: &str| json!({ "by": by, "approve": true, "reason": "", "at": "2026-01-01T00:00:00Z" });
    let proposal = |state: &str, votes: Value, alone: bool| {
        json!({ "id": PROPOSAL, "tenant": "default", "what": { "kind": "policy", "policy": {}, "base": "b" },
            "changes": ["protected: no longer \u{1b}[2J"], "proposed_by": "root", "reason": "why",
            "proposed_at": "2026-01-01T00:00:00Z", "votes": votes, "people": 2, "delay": "24h",
            "alone": alone, "state": state, "due_at": "2026-01-08T00:00:00Z", "ended_at": null, "note": "" })
    };
    let path = format!("GET /api/v1/proposals/{PROPOSAL}");
    for (answer, said) in [
        (
            proposal("waiting", json!([vote("root")]), false),
            "1 of 2 want it; it takes 1d from then on, and lapses 2026-01-08T00:00:00Z",
        ),
        (
            proposal("agreed", json!([vote("root"), vote("ann")]), false),
            "in force 2026-01-08T00:00:00Z, unless somebody says no",
        ),
        (proposal("agreed", json!([vote("root")]), true), "nobody else can agree"),
    ] {
        let stub = Stub::new(&[(&path, 200, &answer.to_string())]);
        let ran = stub.run(&["proposal", "show", PROPOSAL]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(said) && ran.out.contains("\\u{1b}[2J"), "{}", ran.out);
    }
    let list = json!({ "items": [proposal("waiting", json!([]), false)], "next": null });
    let stub =
        Stub::new(&[("GET /api/v1/proposals?state=waiting&limit=100", 200, &list.to_string())]);
    let ran = stub.run(&["proposal", "list", "--state", "waiting"]);
    assert!(ran.out.contains(PROPOSAL) && ran.out.contains("root"), "{} {}", ran.out, ran.err);
    let folder = crate::folder(&[("policy.yaml", "protected: []\n")]);
    let file = folder.path().join("policy.yaml");
    let made = proposal("waiting", json!([vote("root")]), false);
    let stub = Stub::new(&[("POST /api/v1/policy/proposals", 202, &made.to_string())]);
    let ran = stub.run(&["policy", "propose", file.to_str().unwrap(), "--reason", "why"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(stub.asked()[0].body, json!({ "text": "protected: []\n", "reason": "why" }));
    let policy = json!({ "version": 2, "digest": "d", "policy": { "protected": [] }, "from_file": true,
        "by": "configuration", "proposal": null, "since": "2026-01-01T00:00:00Z" });
    let stub = Stub::new(&[("GET /api/v1/policy", 200, &policy.to_string())]);
    let ran = stub.run(&["policy", "show"]);
    assert!(ran.out.starts_with("version 2, in force since 2026-01-01"), "{}", ran.out);
}

#[test]
fn what_did_not_go_out_is_listed_and_tried_again() {
    let id = "ntc_00000000000000000000000000000009";
    let notice = json!({ "id": id, "tenant": "default", "event": "asked", "subject": APPROVAL,
        "channel": { "by": "mail", "person": "ann", "to": "ann@corp.example" }, "title": "t\u{1b}[2J",
        "text": "x", "link": "https://stanch.example/approvals/x", "state": "dead", "tries": 16,
        "created_at": "2026-01-01T00:00:00Z", "due_at": "2026-01-01T00:00:00Z", "sent_at": null,
        "error": "no connection" });
    let list = json!({ "items": [notice], "next": null });
    let retry = format!("POST /api/v1/notices/{id}/retry");
    let stub = Stub::new(&[
        ("GET /api/v1/notices?state=dead&limit=100", 200, &list.to_string()),
        (&retry, 200, &notice.to_string()),
    ]);
    let ran = stub.run(&["notice", "list", "--state", "dead"]);
    for shown in [id, "ann <ann@corp.example>", "no connection", "t\\u{1b}[2J"] {
        assert!(ran.out.contains(shown), "{shown}: {} {}", ran.out, ran.err);
    }
    let ran = stub.run(&["notice", "retry", id]);
    assert_eq!((ran.code, ran.out), (0, format!("{id} is tried again\n")));
}

#[test]
fn groups_and_delegations_are_listed() {
    let groups = json!({ "next": null, "items": [
        { "tenant": "default", "name": "responders", "members": ["ann", "ben"], "created_at": "2026-01-01T00:00:00Z" },
        { "tenant": "default", "name": "night", "members": [], "created_at": "2026-01-01T00:00:00Z" },
    ]});
    let away = json!({ "next": null, "items": [{
        "id": "dlg_00000000000000000000000000000001", "tenant": "default", "from": "ann",
        "to": "ben\u{1b}[2J", "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z",
        "reason": "on holiday", "created_at": "2026-01-01T00:00:00Z" }]});
    let stub = Stub::new(&[
        ("GET /api/v1/groups", 200, &groups.to_string()),
        ("GET /api/v1/delegations", 200, &away.to_string()),
    ]);
    let listed = stub.run(&["group", "list"]);
    assert!(listed.out.contains("ann, ben") && listed.out.contains("night"), "{}", listed.out);
    let listed = stub.run(&["delegation", "list"]);
    assert!(
        listed.out.contains("ben\\u{1b}[2J") && listed.out.contains("on holiday"),
        "{}",
        listed.out
    );
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
