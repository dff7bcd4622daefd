//! Protected by what the inventory says; and what happens where it says nothing.

use serde_json::json;
use stanch_model::{
    ObservableKind::Host,
    guard::{Criticality, Decision},
};

use super::{World, check};
use crate::facts::{AssetFacts, AssetRecord};

fn world() -> World {
    World::aimed_at(Host, "ws-01").policy(json!({ "protected": [
        { "tag": "Domain-Controller" },
        { "group": "executives", "automatic": "ask", "approvals": 2, "note": "call them first" },
        { "criticality": "high", "approvals": 3 },
    ] }))
}

fn known(change: impl FnOnce(&mut AssetFacts)) -> World {
    let mut asset = AssetFacts::default();
    change(&mut asset);
    world().with(|w| w.facts.asset = AssetRecord::Known { asset })
}

#[test]
fn tags_groups_and_criticality_protect() {
    check(&known(|_| ()), "allow");
    check(&known(|a| a.tags.extend(["workstation".to_owned()])), "allow");
    check(&known(|a| a.tags.extend(["domain-controller".to_owned()])), "refuse protected");
    check(&known(|a| a.tags.extend([" DOMAIN-CONTROLLER".to_owned()])), "refuse protected");
    check(&known(|a| a.groups.extend(["Executives".to_owned()])), "ask 2 protected");
    check(&known(|a| a.criticality = Some(Criticality::Medium)), "allow");
    check(&known(|a| a.criticality = Some(Criticality::High)), "ask 3 protected");
    check(&known(|a| a.criticality = Some(Criticality::Critical)), "ask 3 protected");
    let strictest = known(|a| {
        a.groups.extend(["executives".to_owned()]);
        a.tags.extend(["domain-controller".to_owned()]);
    });
    check(&strictest, "refuse protected");
}

#[test]
fn the_owner_is_named_to_whoever_is_asked() {
    let world = known(|a| {
        a.groups.extend(["executives".to_owned()]);
        a.owner = Some("it-service".to_owned());
    });
    let text = world.decide().reasons()[0].text.clone();
    assert_eq!(
        text,
        "`ws-01` is protected by its group executives, whose owner is it-service (call them first)"
    );
}

#[test]
fn an_inventory_that_cannot_be_asked_refuses_and_one_that_does_not_list_is_said() {
    let unreadable = AssetRecord::Unreadable { why: "503".to_owned() };
    check(&world().with(|w| w.facts.asset = unreadable.clone()), "refuse asset");
    // Even where the policy asks nothing of it: an attacker may have been waiting for that.
    check(&World::quiet().with(|w| w.facts.asset = unreadable), "refuse asset");
    let unlisted = world().with(|w| w.facts.asset = AssetRecord::NotListed);
    let Decision::Allow { reasons } = unlisted.decide() else { panic!("not allowed") };
    let said = reasons.iter().find(|reason| reason.rule == "asset").unwrap();
    assert!(said.text.starts_with("`ws-01` is in no inventory"), "{}", said.text);
    let unasked = World::quiet().with(|w| w.facts.asset = AssetRecord::NotListed);
    assert!(!unasked.decide().reasons().iter().any(|reason| reason.rule == "asset"));
}

#[test]
fn sites_and_groups_have_budgets_of_their_own() {
    let at = |site: Option<&str>, groups: &[&str]| {
        let site = site.map(str::to_owned);
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        World::aimed_at(Host, "ws-01").with(|w| {
            w.facts.asset =
                AssetRecord::Known { asset: AssetFacts { site, groups, ..AssetFacts::default() } };
        })
    };
    let policy = json!({ "budgets": [
        { "class": "edr.*", "limit": 3, "window": "1d", "scope": "site" },
        { "class": "*", "limit": 4, "window": "1d", "scope": "group" },
        { "class": "*", "limit": 5, "window": "1d", "scope": "instance" },
    ] });
    let list = |world: World| -> Vec<String> {
        let World { policy, facts, action } = world.policy(policy.clone());
        let limits = crate::budget::limits(&policy, &facts, &action);
        limits.into_iter().take_while(|l| l.window.as_secs() > 3_600).map(|l| l.class).collect()
    };
    assert_eq!(
        list(at(Some("Berlin"), &["Nurses", "ward 3"])),
        ["edr.*@site:berlin", "*@group:nurses", "*@group:ward 3", "*@instance:edge"]
    );
    assert_eq!(list(at(None, &[])), ["edr.*@no-site", "*@no-group", "*@instance:edge"]);
}
