//! `playbook backtest`: what is asked for, and the tables that are shown.

use serde_json::{Value, json};

use crate::{run, stub::Stub};

const ROUTE: &str = "POST /api/v1/playbooks/respond/backtest";

/// A row whose target an attacker named.
fn effect(target: &str, count: u64, share: (u64, u64, f64, f64)) -> Value {
    json!({ "action": "edr.isolate_host", "target": target, "effect": "reversible", "practice": true,
        "count": count, "refused": 1, "first_at": "2026-01-01T00:00:00Z",
        "last_at": "2026-01-02T03:04:05Z", "dispositions": { "open": 2, "true_positive": 1 },
        "precision": { "part": share.0, "whole": share.1, "low": share.2, "high": share.3 },
        "rests_on": { "example": 1, "recorded": 2 } })
}

fn version(number: Option<u32>, effects: &[Value]) -> Value {
    json!({ "number": number, "digest": "d".repeat(64), "matched": 7, "runs": 4,
        "not_started": { "it was started for the same within the hour before": 3 },
        "ended": { "not_known": 1, "succeeded": 3 },
        "not_known": [{ "name": "go", "why": "whether the signal would have come", "count": 1 }],
        "assumed": [{ "step": "sure", "answer": "yes", "count": 2 }],
        "effects": effects, "left_out": 5, "dispositions": { "open": 2, "true_positive": 8 },
        "precision": { "part": 8, "whole": 10, "low": 0.49, "high": 0.943 },
        "guard": [{ "rule": "budget", "asked": 0, "held": 0, "refused": 4 }] })
}

fn answer(against: bool) -> Value {
    let ours = version(
        Some(3),
        &[
            effect("host:ws-\u{1b}[2J\u{202e}", 3, (8, 10, 0.49, 0.943)),
            effect("host:ws-02", 1, (0, 0, 0.0, 1.0)),
        ],
    );
    let mut answer = json!({ "playbook": "respond", "since": "2026-01-01T00:00:00Z",
        "until": "2026-04-01T00:00:00Z", "alerts": 12_000, "looked_at": 10_000, "limit": 10_000,
        "assumptions": ["acts succeed"], "version": ours });
    if against {
        answer["against"] = version(Some(4), &[]);
        answer["difference"] = json!({ "both": 1,
            "only_version": [{ "action": "edr.isolate_host", "target": "host:ws-02" }],
            "only_against": [{ "action": "firewall.block_address", "target": "ip:203.0.113.7" }] });
    }
    answer
}

#[test]
fn the_effects_are_a_table_that_no_target_can_break() {
    let stub = Stub::new(&[(ROUTE, 200, &answer(false).to_string())]);
    let ran = stub.run(&["playbook", "backtest", "respond"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expect = json!({ "since": "90d", "against": null, "limit": 10_000 });
    assert_eq!(stub.asked()[0].body, expect);
    let expect = "\
respond from 2026-01-01T00:00:00Z to 2026-04-01T00:00:00Z: 10000 of 12000 alerts looked at
only the newest 10000: raise it with --limit
assumed: acts succeed

in force, version 3: 7 alerts match, 4 runs (not_known 1, succeeded 3)
not started: it was started for the same within the hour before: 3
not known: go: whether the signal would have come: 1 runs
assumed: sure answered yes: 2 runs
ACTION                       TARGET                        COUNT  REFUSED  FIRST                 LAST                  INCIDENTS                PRECISION               RESTS ON
edr.isolate_host (practice)  host:ws-\\u{1b}[2J\\u{202e}  3      1        2026-01-01T00:00:00Z  2026-01-02T03:04:05Z  open 2, true_positive 1  8 of 10, 49 % to 94 %  example 1, recorded 2
edr.isolate_host (practice)  host:ws-02                   1      1        2026-01-01T00:00:00Z  2026-01-02T03:04:05Z  open 2, true_positive 1  no data                example 1, recorded 2
5 more acts are on targets that are not listed
incidents: open 2, true_positive 8
precision: 8 of 10, 49 % to 94 %
GUARD RULE  ASKED  HELD  REFUSED
budget      0      0     4
";
    // Columns are as wide as their widest cell.
    let squeezed = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(squeezed(&ran.out), squeezed(expect));
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{}", ran.out);
}

#[test]
fn what_two_versions_differ_in_is_shown() {
    let stub = Stub::new(&[(ROUTE, 200, &answer(true).to_string())]);
    let ran = stub.run(&[
        "playbook",
        "backtest",
        "respond",
        "--since",
        "7d",
        "--against",
        "4",
        "--limit",
        "50",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(stub.asked()[0].body, json!({ "since": "7d", "against": 4, "limit": 50 }));
    let shown = ran.out.split("against, version 4:").nth(1).unwrap();
    assert!(shown.contains("no effects\n"), "{shown}");
    let expect = "\
1 effects in both
ONLY      ACTION                  TARGET
in force  edr.isolate_host        host:ws-02
against   firewall.block_address  ip:203.0.113.7
";
    assert!(shown.ends_with(expect), "{shown}");
    let ran = stub.run(&["playbook", "backtest", "respond", "--json"]);
    assert_eq!(ran.json(), answer(true));
}

#[test]
fn what_is_no_time_or_version_is_refused_here() {
    for args in [
        &["playbook", "backtest"][..],
        &["playbook", "backtest", "p", "--since", "90"],
        &["playbook", "backtest", "p", "--against", "one"],
        &["playbook", "backtest", "p", "--limit", "0"],
    ] {
        assert_eq!(run(args).code, 2, "{args:?}");
    }
}
