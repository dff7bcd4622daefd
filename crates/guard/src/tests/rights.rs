//! Rights: who may, who may not, and that nobody lends another a right.

use serde_json::json;
use stanch_model::{
    Observable,
    ObservableKind::{self, Host, Ip},
    guard::{Criticality, Decision, Mode},
    people::Role,
};

use super::{World, check};
use crate::{
    facts::{AssetFacts, AssetRecord, Party, PartyKind},
    file,
    rights::may,
};

fn person(name: &str, role: Role, groups: &[&str]) -> Party {
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Party { kind: PartyKind::Person, name: name.to_owned(), role: Some(role), groups }
}

fn alice() -> Party {
    person("alice", Role::Responder, &["Responders"])
}

fn bob() -> Party {
    person("bob", Role::Viewer, &[])
}

/// Isolates `ws-01`, a workstation in Berlin, under these rights.
#[expect(clippy::needless_pass_by_value, reason = "literals are made where they are used")]
fn host(rights: serde_json::Value) -> World {
    World::aimed_at(Host, "ws-01").policy(json!({ "rights": rights })).with(|w| {
        w.facts.asset = AssetRecord::Known {
            asset: AssetFacts {
                tags: ["workstation".to_owned()].into(),
                groups: ["nurses".to_owned()].into(),
                site: Some("Berlin".to_owned()),
                criticality: Some(Criticality::Low),
                owner: None,
            },
        };
        w.count(0);
    })
}

/// Whether alice may isolate that host by this one right.
#[expect(clippy::needless_pass_by_value, reason = "literals are made where they are used")]
#[track_caller]
fn alice_may(right: serde_json::Value, expect: bool) {
    let World { policy, facts, action } = host(json!([right]));
    let may = may(&policy, &facts, &action, &alice());
    assert_eq!(may.is_ok(), expect, "{right} {may:?}");
}

#[test]
fn who() {
    let by = |who: serde_json::Value| json!({ "permit": { "who": who, "what": "*" } });
    alice_may(by(json!("anybody")), true);
    alice_may(by(json!({ "person": "alice" })), true);
    alice_may(by(json!({ "person": "*" })), true);
    alice_may(by(json!({ "person": "bob" })), false);
    alice_may(by(json!({ "token": "alice" })), false);
    alice_may(by(json!({ "group": "responders" })), true);
    alice_may(by(json!({ "group": "admins" })), false);
    alice_may(by(json!({ "role": "viewer" })), true);
    alice_may(by(json!({ "role": "responder" })), true);
    alice_may(by(json!({ "role": "admin" })), false);
    // Where a permit names playbooks only, people are not limited.
    alice_may(by(json!({ "playbook": "other" })), true);
}

#[test]
fn what() {
    let what =
        |what: serde_json::Value| json!({ "permit": { "who": { "person": "*" }, "what": what } });
    alice_may(what(json!("edr.isolate_host")), true);
    alice_may(what(json!("edr.*")), true);
    alice_may(what(json!(["firewall.*", "edr.isolate_host"])), true);
    alice_may(what(json!(["firewall.*", "edr.collect"])), false);
    alice_may(what(json!("ed.*")), false);
}

#[test]
fn on() {
    let on = |on: serde_json::Value| json!({ "permit": { "who": { "person": "*" }, "what": "*", "on": on } });
    alice_may(on(json!({})), true);
    alice_may(on(json!({ "kind": "host" })), true);
    alice_may(on(json!({ "kind": "ip" })), false);
    alice_may(on(json!({ "tag": "WorkStation" })), true);
    alice_may(on(json!({ "tag": "server" })), false);
    alice_may(on(json!({ "group": "nurses" })), true);
    alice_may(on(json!({ "site": "berlin" })), true);
    alice_may(on(json!({ "site": "paris" })), false);
    alice_may(on(json!({ "criticality": ["low", "medium"] })), true);
    alice_may(on(json!({ "criticality": "high" })), false);
    alice_may(on(json!({ "practice": false })), true);
    alice_may(on(json!({ "practice": true })), false);
    alice_may(on(json!({ "kind": "host", "value": "WS-01" })), true);
    alice_may(on(json!({ "kind": "host", "value": "*.corp.test" })), false);
    alice_may(on(json!({ "tag": "workstation", "site": "paris" })), false);
    alice_may(on(json!({ "tag": "workstation", "site": "berlin" })), true);
}

#[test]
fn a_forbid_wins_over_every_permit() {
    let rights = json!([
        { "permit": { "who": "anybody", "what": "*" } },
        { "forbid": { "who": { "group": "responders" }, "what": "*", "on": { "tag": "workstation" } } },
    ]);
    let World { policy, facts, action } = host(rights);
    assert!(may(&policy, &facts, &action, &alice()).is_err());
    assert_eq!(may(&policy, &facts, &action, &bob()), Ok(()));
}

#[test]
fn another_name_of_the_target_forbids_and_never_permits() {
    let value = |effect: &str| json!({ effect: { "who": "anybody", "what": "*", "on": { "kind": "ip", "value": "10.0.0.0/8" } } });
    let all = json!({ "permit": { "who": "anybody", "what": "*" } });
    let alias = |w: &mut World| {
        w.facts.aliases = vec![Observable { kind: Ip, value: "10.1.2.3".to_owned() }];
    };
    check(&host(json!([value("permit")])).with(alias), "refuse rights");
    check(&host(json!([all, value("forbid")])).with(alias), "refuse rights");
    check(&host(json!([all, value("forbid")])), "allow");
}

#[test]
fn everybody_in_whose_name_it_is_done_needs_the_right() {
    let all = |kind: &str| json!({ "permit": { "who": { kind: "*" }, "what": "*" } });
    let only =
        |kind: &str, name: &str| json!({ "permit": { "who": { kind: name }, "what": "edr.*" } });
    let of = |rights: serde_json::Value| {
        host(rights).with(|w| {
            w.facts.parties.author = Some(alice());
            w.facts.parties.requester = Some(bob());
        })
    };
    check(&of(json!([all("person"), all("playbook"), all("connector")])), "allow");
    check(&of(json!([only("person", "alice")])), "refuse rights");
    check(&of(json!([only("person", "alice"), only("person", "bob")])), "allow");
    check(&of(json!([only("playbook", "contain-c2-beacon"), only("connector", "edge")])), "allow");
    check(&of(json!([only("playbook", "other")])), "refuse rights");
    check(&of(json!([only("connector", "lab")])), "refuse rights");
    let text = of(json!([only("person", "alice")])).decide().reasons()[0].text.clone();
    assert_eq!(
        text,
        "no right permits person `bob` edr.isolate_host here; people are limited by the right of person alice"
    );
}

#[test]
fn only_the_yes_of_somebody_who_may_counts() {
    let rights = json!([{ "permit": { "who": { "group": "responders" }, "what": "edr.*" } }]);
    let world = |approvers: &[Party]| {
        let approvers = approvers.to_vec();
        host(rights.clone()).with(|w| {
            w.facts.mode = Mode::Assist;
            w.facts.approved_by = u32::try_from(approvers.len()).unwrap();
            w.facts.parties.approvers = approvers;
        })
    };
    check(&world(&[]), "ask 1 mode");
    check(&world(&[bob()]), "ask 1 mode rights");
    check(&world(&[alice()]), "allow");
    check(&world(&[bob(), alice()]), "allow");
    let two = |approvers: &[Party]| world(approvers).with(|w| w.policy.approval.count = 2);
    check(&two(&[alice(), alice()]), "ask 2 mode");
    check(&two(&[alice(), bob()]), "ask 2 mode rights");
    check(&two(&[alice(), person("carol", Role::Admin, &["responders"])]), "allow");
    // More votes than names: whose they are cannot be asked.
    check(&world(&[]).with(|w| w.facts.approved_by = 3), "ask 1 mode");
    let Decision::Ask { reasons, .. } = world(&[bob()]).decide() else { panic!("not asked") };
    let expect = "the yes of `bob` does not count: no right permits person `bob`";
    assert!(reasons[1].text.starts_with(expect), "{reasons:?}");
}

#[test]
fn a_refusal_names_the_right_and_its_line() {
    let (policy, findings) = file::load(
        "policy: p\nrights:\n  - permit: { who: anybody, what: \"*\" }\n  - name: hands off wards\n    \
         forbid:\n      who: { playbook: \"*\" }\n      what: edr.*\n      on: { group: nurses }\n",
    );
    assert!(findings.is_empty(), "{findings:?}");
    let world = host(json!([])).with(|w| w.policy = policy.unwrap());
    let text = world.decide().reasons()[0].text.clone();
    assert_eq!(
        text,
        "the right `hands off wards` (line 4) forbids playbook `contain-c2-beacon` edr.isolate_host here"
    );
}

#[test]
fn an_evaluation_that_fails_refuses_though_another_right_permits() {
    let mut world = host(json!([{ "permit": { "who": "anybody", "what": "*" } }]));
    check(&world, "allow");
    let list = world.policy.rights.list().to_vec();
    let failing = "forbid(principal, action, resource) when { context.nothing == 1 };";
    world.policy.rights = crate::rights::Rights::with_unvalidated(list, failing);
    check(&world, "refuse rights");
    let text = world.decide().reasons()[0].text.clone();
    assert!(text.contains("cannot be evaluated"), "{text}");
}

#[test]
fn names_are_data() {
    let hostile = "alice\" || true || principal == Person::\"";
    let rights = json!([
        { "permit": { "who": { "person": hostile }, "what": "*", "on": { "tag": hostile } } },
    ]);
    let World { policy, facts, action } = host(rights);
    assert!(may(&policy, &facts, &action, &alice()).is_err());
    let mut named = alice();
    named.name = hostile.to_owned();
    assert!(may(&policy, &facts, &action, &named).is_err(), "not tagged so");
    let tagged = AssetFacts { tags: [hostile.to_owned()].into(), ..AssetFacts::default() };
    let facts = crate::Facts { asset: AssetRecord::Known { asset: tagged }, ..facts };
    assert_eq!(may(&policy, &facts, &action, &named), Ok(()));
}

#[test]
fn odd_targets_and_parties_do_not_panic() {
    for (kind, value) in [(ObservableKind::Url, "http://[::1"), (Host, ""), (Ip, "\u{0}")] {
        let world = World::aimed_at(kind, value)
            .policy(json!({ "rights": [{ "permit": { "who": "anybody", "what": "*" } }] }));
        assert!(!world.decide().reasons().is_empty());
        let none = world.with(|w| w.action.target = None);
        check(&none, "refuse target");
    }
}

#[test]
fn what_says_nothing_is_refused() {
    for (right, expect) in [
        (json!({}), "either permits or forbids"),
        (
            json!({ "permit": { "who": "anybody", "what": "*" }, "forbid": { "who": "anybody", "what": "*" } }),
            "either permits or forbids",
        ),
        (json!({ "permit": { "who": "anybody", "what": [] } }), "names no act"),
        (json!({ "permit": { "who": { "person": " " }, "what": "*" } }), "an empty name"),
        (json!({ "permit": { "who": "nobody", "what": "*" } }), "unknown variant `nobody`"),
        (
            json!({ "permit": { "who": "anybody", "what": "*", "on": { "value": "x" } } }),
            "needs `kind`",
        ),
        (
            json!({ "permit": { "who": "anybody", "what": "*", "on": { "tags": "x" } } }),
            "unknown field `tags`",
        ),
        (
            json!({ "permit": { "who": "anybody", "what": "*", "on": { "kind": "ip", "value": "x" } } }),
            "names no ip",
        ),
        (json!({ "permit": { "who": "anybody", "what": "isolate" } }), "is no class"),
        (json!({ "cedar": "permit(principal, action, resource);" }), "unknown field `cedar`"),
    ] {
        let policy = json!({ "rights": [right] });
        let error = serde_json::from_value::<crate::Policy>(policy).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }
}
