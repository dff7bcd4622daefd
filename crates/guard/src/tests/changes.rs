//! `compare`: which way each change goes, in words.

use serde_json::{Value, json};
use stanch_model::guard::Direction::{self, Loosening, Neutral, Tightening};

use crate::{Policy, compare};

fn policy(json: Value) -> Policy {
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"))
}

/// What a change goes to, and what it goes to the other way round.
#[expect(clippy::needless_pass_by_value, reason = "literals are made where they are used")]
#[track_caller]
fn check(old: Value, new: Value, there: Direction, back: Direction) {
    let (a, b) = (policy(old.clone()), policy(new.clone()));
    for (from, to, expect) in [(&a, &b, there), (&b, &a, back)] {
        let changes = compare(from, to);
        let worst = changes.iter().map(|change| change.direction).max().unwrap_or(Neutral);
        assert_eq!(worst, expect, "{old} {new}: {changes:#?}");
    }
}

/// One entry in a list, and another one.
#[expect(clippy::needless_pass_by_value, reason = "literals are made where they are used")]
#[track_caller]
fn entry(list: &str, old: Value, new: Value, there: Direction, back: Direction) {
    check(json!({ list: [old] }), json!({ list: [new] }), there, back);
}

#[test]
fn nothing_changes_where_nothing_changes() {
    let same = policy(json!({ "budgets": [{ "class": "*", "limit": 200, "window": "1h" }] }));
    assert!(compare(&same, &same).is_empty());
    assert!(compare(&Policy::default(), &same).is_empty(), "what is built in, written out");
    check(json!({ "title": "a" }), json!({ "title": "b" }), Neutral, Neutral);
}

#[test]
fn single_values() {
    let field = |list: &str, key: &str, strict: Value, loose: Value| {
        check(
            json!({ list: { key: loose } }),
            json!({ list: { key: strict } }),
            Tightening,
            Loosening,
        );
    };
    field("fleet", "percent", json!(1), json!(3));
    field("fleet", "at_least", json!(1), json!(2));
    field("fleet", "window", json!("2h"), json!("1h"));
    field("approval", "count", json!(3), json!(2));
    field("approval", "not_requester", json!(true), json!(false));
    field("approval", "within", json!("5m"), json!("10m"));
    field("promotion", "plans", json!(9), json!(8));
    field("promotion", "reliability", json!(99), json!(98));
    field("promotion", "confidence", json!(99), json!(95));
    field("promotion", "precision", json!(95), json!(90));
    field("promotion", "undos", json!(1), json!(2));
    field("promotion", "window", json!("60d"), json!("30d"));
    field("loosening", "people", json!(3), json!(2));
    field("loosening", "delay", json!("2d"), json!("1d"));
    check(json!({ "approval": { "count": 0 } }), json!({ "title": "x" }), Neutral, Neutral);
}

#[test]
fn protected_and_shared() {
    let none = json!({ "protected": [] });
    check(none, json!({ "protected": [{ "tag": "dc" }] }), Tightening, Loosening);
    let e = |old: Value, new: Value, there, back| entry("protected", old, new, there, back);
    let tag = |more: Value| {
        let mut map = json!({ "tag": "dc" });
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        map
    };
    e(tag(json!({})), tag(json!({ "note": "why" })), Neutral, Neutral);
    e(tag(json!({ "approvals": 2 })), tag(json!({ "approvals": 3 })), Tightening, Loosening);
    e(tag(json!({ "approvals": 2 })), tag(json!({})), Tightening, Loosening);
    e(tag(json!({ "automatic": "ask" })), tag(json!({ "approvals": 1 })), Neutral, Neutral);
    e(tag(json!({})), json!({ "tag": "server" }), Loosening, Loosening);
    e(
        json!({ "criticality": "critical" }),
        json!({ "criticality": "high" }),
        Tightening,
        Loosening,
    );
    let ip = |value: &str| json!({ "kind": "ip", "value": value });
    e(ip("10.0.0.0/16"), ip("10.0.0.0/8"), Tightening, Loosening);
    e(ip("10.0.0.0/8"), ip("192.168.0.0/16"), Loosening, Loosening);
    let host = |value: &str| json!({ "kind": "host", "value": value });
    e(host("dc01.corp.test"), host("dc01"), Tightening, Loosening);
    e(host("*.a.corp.test"), host("*.corp.test"), Tightening, Loosening);
    // `dc01.corp.test` also means the short name, which `*.corp.test` does not.
    e(host("dc01.corp.test"), host("*.corp.test"), Loosening, Loosening);
    e(host("dc01.corp.test"), host("dc02.corp.test"), Loosening, Loosening);
    let shared = |value: &str| json!({ "value": value });
    entry("shared", shared("*.cdn.test"), shared("*.test"), Tightening, Loosening);
    entry("shared", shared("192.0.2.0/24"), shared("192.0.2.0/25"), Loosening, Tightening);
}

#[test]
fn budgets_with_those_that_are_built_in() {
    let b = |class: &str, limit: u32, window: &str| json!({ "class": class, "limit": limit, "window": window });
    let e = |old: Value, new: Value, there, back| entry("budgets", old, new, there, back);
    e(b("edr.isolate_host", 3, "1h"), b("edr.isolate_host", 2, "1h"), Tightening, Loosening);
    e(b("edr.isolate_host", 3, "1h"), b("edr.isolate_host", 3, "2h"), Tightening, Loosening);
    e(b("edr.isolate_host", 3, "1h"), b("edr.isolate_host", 2, "30m"), Loosening, Loosening);
    let none = || json!({ "budgets": [] });
    check(none(), json!({ "budgets": [b("edr.isolate_host", 4, "1h")] }), Tightening, Loosening);
    check(none(), json!({ "budgets": [b("edr.isolate_host", 6, "1h")] }), Loosening, Tightening);
    check(none(), json!({ "budgets": [b("mailbox.quarantine", 9, "1h")] }), Tightening, Loosening);
    let by = |scope: &str| json!({ "class": "edr.*", "limit": 3, "window": "1h", "scope": scope });
    e(by("tenant"), by("site"), Loosening, Loosening);
}

#[test]
fn freezes() {
    let f = |more: Value| {
        let mut map = json!({ "name": "w", "zone": "Europe/Berlin" });
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        map
    };
    let e = |old: Value, new: Value, there, back| entry("freeze", f(old), f(new), there, back);
    check(json!({}), json!({ "freeze": [f(json!({}))] }), Tightening, Loosening);
    e(json!({}), json!({ "name": "other", "note": "x" }), Neutral, Neutral);
    e(json!({ "days": ["mon"] }), json!({ "days": ["mon", "tue"] }), Tightening, Loosening);
    e(json!({ "days": ["mon"] }), json!({}), Tightening, Loosening);
    e(
        json!({ "dates": "2026-12-24..2026-12-26" }),
        json!({ "dates": "2026-12-20..2027-01-02" }),
        Tightening,
        Loosening,
    );
    e(
        json!({ "from": "22:00", "to": "06:00" }),
        json!({ "from": "21:00", "to": "07:00" }),
        Tightening,
        Loosening,
    );
    e(
        json!({ "from": "08:00", "to": "20:00" }),
        json!({ "from": "08:00", "to": "02:00" }),
        Tightening,
        Loosening,
    );
    e(
        json!({ "from": "08:00", "to": "20:00" }),
        json!({ "from": "09:00", "to": "21:00" }),
        Loosening,
        Loosening,
    );
    e(json!({ "zone": "UTC" }), json!({ "zone": "Europe/London" }), Loosening, Loosening);
    e(
        json!({ "classes": "edr.*" }),
        json!({ "classes": ["edr.*", "firewall.*"] }),
        Tightening,
        Loosening,
    );
    e(json!({ "then": "ask" }), json!({}), Tightening, Loosening);
    e(json!({ "then": "ask" }), json!({ "then": "ask", "approvals": 2 }), Tightening, Loosening);
}

#[test]
fn breakers() {
    let b = |more: Value| {
        let mut map = json!({ "class": "edr.*", "failures": 3 });
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        map
    };
    let e = |old: Value, new: Value, there, back| entry("breakers", b(old), b(new), there, back);
    e(json!({}), json!({ "failures": 2 }), Tightening, Loosening);
    e(json!({}), json!({ "undos": 2 }), Tightening, Loosening);
    e(json!({}), json!({ "percent": 50 }), Tightening, Loosening);
    e(json!({ "percent": 50 }), json!({ "percent": 40 }), Tightening, Loosening);
    e(json!({ "percent": 50 }), json!({ "percent": 50, "at_least": 5 }), Tightening, Loosening);
    e(json!({ "window": "1h" }), json!({ "window": "2h" }), Tightening, Loosening);
    e(
        json!({ "percent": 50, "window": "1h" }),
        json!({ "percent": 50, "window": "2h" }),
        Loosening,
        Loosening,
    );
    e(json!({ "undone_within": "1d" }), json!({ "undone_within": "2d" }), Tightening, Loosening);
    e(json!({ "cool_down": "30m" }), json!({ "cool_down": "1h" }), Tightening, Loosening);
    e(json!({ "class": "edr.*" }), json!({ "class": "*" }), Loosening, Loosening);
    check(json!({}), json!({ "breakers": [b(json!({}))] }), Tightening, Loosening);
    let built_in = json!({ "class": "*", "scope": "playbook", "failures": 9 });
    check(json!({}), json!({ "breakers": [built_in] }), Loosening, Tightening);
}

#[test]
fn canaries() {
    let c = |class: &str, first: u32, wait: &str, tolerate: u32| json!({ "class": class, "first": first, "wait": wait, "tolerate": tolerate });
    let e = |old: Value, new: Value, there, back| entry("canaries", old, new, there, back);
    e(c("edr.*", 3, "5m", 10), c("edr.*", 2, "5m", 10), Tightening, Loosening);
    e(c("edr.*", 3, "5m", 10), c("edr.*", 3, "9m", 10), Tightening, Loosening);
    e(c("edr.*", 3, "5m", 10), c("edr.*", 3, "5m", 0), Tightening, Loosening);
    e(c("edr.*", 3, "5m", 10), c("edr.*", 2, "4m", 10), Loosening, Loosening);
    // What is built in holds for all the others: five first, ten minutes, one of five.
    check(json!({}), json!({ "canaries": [c("edr.*", 2, "10m", 20)] }), Tightening, Loosening);
    check(json!({}), json!({ "canaries": [c("edr.*", 9, "10m", 20)] }), Loosening, Tightening);
    check(json!({}), json!({ "canaries": [c("*", 1, "10m", 20)] }), Tightening, Loosening);
    e(c("*", 1, "10m", 20), c("edr.*", 1, "10m", 20), Loosening, Tightening);
}

#[test]
fn rights() {
    let of = |rights: Value| json!({ "rights": rights });
    let permit = |who: Value, what: &str, on: Value| json!({ "permit": { "who": who, "what": what, "on": on } });
    let forbid = |who: Value, what: &str, on: Value| json!({ "forbid": { "who": who, "what": what, "on": on } });
    let people = || permit(json!({ "group": "responders" }), "edr.*", json!({}));
    let more = || permit(json!({ "group": "helpers" }), "edr.*", json!({}));
    check(of(json!([])), of(json!([people()])), Tightening, Loosening);
    check(of(json!([people()])), of(json!([people(), more()])), Loosening, Tightening);
    check(of(json!([people(), more()])), of(json!([more(), people()])), Neutral, Neutral);
    let narrow =
        || permit(json!({ "group": "responders" }), "edr.isolate_host", json!({ "tag": "ws" }));
    check(of(json!([people()])), of(json!([narrow()])), Tightening, Loosening);
    check(of(json!([people()])), of(json!([people(), narrow()])), Neutral, Neutral);
    let no = || forbid(json!("anybody"), "edr.*", json!({ "tag": "dc" }));
    check(of(json!([people()])), of(json!([people(), no()])), Tightening, Loosening);
    let wider = || forbid(json!("anybody"), "*", json!({ "tag": "dc" }));
    check(of(json!([no()])), of(json!([wider()])), Tightening, Loosening);
    let on = |on: Value| of(json!([permit(json!({ "group": "responders" }), "edr.*", on)]));
    let (any, host) = (json!({}), json!({ "kind": "host" }));
    let net = |value: &str| json!({ "kind": "ip", "value": value });
    check(on(any.clone()), on(host.clone()), Tightening, Loosening);
    check(on(host.clone()), on(json!({ "kind": "ip" })), Loosening, Loosening);
    check(on(any.clone()), on(net("10.0.0.0/8")), Tightening, Loosening);
    check(on(net("10.0.0.0/8")), on(net("10.1.0.0/16")), Tightening, Loosening);
    check(on(host), on(net("10.0.0.0/8")), Loosening, Loosening);
    check(on(any.clone()), on(json!({ "site": "berlin" })), Tightening, Loosening);
    check(on(any.clone()), on(json!({ "group": "nurses" })), Tightening, Loosening);
    check(on(any), on(json!({ "practice": true })), Tightening, Loosening);
    let role = |role: &str| permit(json!({ "role": role }), "*", json!({}));
    check(of(json!([role("responder")])), of(json!([role("admin")])), Tightening, Loosening);
    let level =
        |levels: Value| permit(json!({ "person": "*" }), "*", json!({ "criticality": levels }));
    check(
        of(json!([level(json!(["low", "medium"]))])),
        of(json!([level(json!("low"))])),
        Tightening,
        Loosening,
    );
    let named = json!({ "name": "n", "note": "why", "permit": { "who": { "group": "responders" }, "what": "edr.*" } });
    check(of(json!([people()])), of(json!([named])), Neutral, Neutral);
}

#[test]
fn changes_are_told_in_words() {
    let old = policy(json!({ "budgets": [{ "class": "edr.*", "limit": 3, "window": "1h" }] }));
    let new = policy(json!({
        "budgets": [{ "class": "edr.*", "limit": 2, "window": "1h" }],
        "protected": [{ "tag": "dc" }],
        "fleet": { "percent": 9 },
    }));
    let told: Vec<String> = compare(&old, &new)
        .into_iter()
        .map(|change| format!("{:?} {}: {}", change.direction, change.what, change.text))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    Tightening protected: new: tag dc refused
    Tightening budgets: edr.* 3 in 1h by tenant is now edr.* 2 in 1h by tenant
    Loosening fleet.percent: 2 is now 9
    ");
}
