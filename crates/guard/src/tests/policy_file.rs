//! The policy file: defaults, what is refused, and that it reads back as it was written.

use serde_json::json;

use super::World;
use crate::Policy;

#[track_caller]
fn refused(policy: serde_json::Value, expect: &str) {
    let error = serde_json::from_value::<Policy>(policy).unwrap_err().to_string();
    assert!(error.contains(expect), "{error}");
}

#[test]
fn an_empty_policy_is_the_strict_one() {
    let policy: Policy = serde_json::from_value(json!({})).unwrap();
    assert_eq!(policy, Policy::default());
    assert!(policy.approval.not_requester);
    assert_eq!(policy.budgets().len(), 4);
    let none: Policy = serde_json::from_value(json!({ "budgets": [] })).unwrap();
    assert_eq!(none.budgets().len(), 4, "an empty list switches no limit off");
}

#[test]
fn what_would_protect_nothing_is_refused() {
    refused(json!({ "protectd": [] }), "unknown field `protectd`");
    refused(
        json!({ "protected": [{ "kind": "ip", "value": "1.1.1.1", "auto": "ask" }] }),
        "unknown field `auto`",
    );
    refused(
        json!({ "protected": [{ "kind": "ip", "value": "10.0.0.300" }] }),
        "`10.0.0.300` names no ip: write an address or a network, as in 10.0.0.0/24",
    );
    refused(
        json!({ "protected": [{ "kind": "host", "value": "dc*.corp.test" }] }),
        "names no host",
    );
    refused(
        json!({ "protected": [{ "kind": "file_hash", "value": "abc" }] }),
        "names no file_hash",
    );
    refused(json!({ "shared": [{ "value": "?" }] }), "names no domain");
    refused(json!({ "budgets": [{ "class": "*", "limit": 1, "window": "1" }] }), "is no duration");
    refused(json!({ "budgets": [{ "class": "*", "limit": -1, "window": "1h" }] }), "invalid value");
    refused(json!({ "approval": { "counts": 2 } }), "unknown field `counts`");
}

#[test]
fn it_reads_back_as_it_was_written() {
    let policy = World::quiet().policy;
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
    let facts = World::quiet().facts;
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<crate::Facts>(&text).unwrap(), facts);
}

#[test]
fn values_are_canonical_whatever_people_write() {
    let policy: Policy = serde_json::from_value(json!({ "protected": [
        { "kind": "host", "value": "DC01.Corp.Test." },
        { "kind": "ip", "value": "10.1.2.3/8" },
        { "kind": "ip", "value": "::ffff:10.1.2.3" },
        { "kind": "domain", "value": "*.Bücher.example" },
        { "kind": "user", "value": "CEO" },
    ] }))
    .unwrap();
    let values: Vec<String> = policy.protected.iter().map(|a| a.pattern.to_string()).collect();
    assert_eq!(
        values,
        ["dc01.corp.test", "10.0.0.0/8", "10.1.2.3", "*.xn--bcher-kva.example", "ceo"]
    );
}
