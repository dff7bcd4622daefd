//! What a yes can do, and what it cannot.

use std::time::Duration;

use stanch_model::{
    ObservableKind::{Host, Ip, User},
    guard::{ApprovalTerms, Decision, Mode},
};

use super::{World, check, outline};

fn asks() -> World {
    World::quiet().with(|w| w.facts.mode = Mode::Assist)
}

#[test]
fn a_yes_turns_ask_into_allow_and_is_named() {
    check(&asks(), "ask 1 mode");
    let approved = asks().with(|w| w.facts.approved_by = 1);
    let Decision::Allow { reasons } = approved.decide() else { panic!("not allowed") };
    assert_eq!(
        (reasons[0].rule.as_str(), reasons[0].text.as_str()),
        ("approval", "a person approved this plan")
    );
    assert_eq!(reasons[1].rule, "mode", "why it was asked stays");
}

#[test]
fn a_yes_of_too_few_still_asks() {
    let two = || World::aimed_at(Host, "plc-7.ot.corp.test");
    check(&two().with(|w| w.facts.approved_by = 1), "ask 2 protected");
    check(&two().with(|w| w.facts.approved_by = 2), "allow");
    check(&World::aimed_at(User, "ceo").with(|w| w.facts.approved_by = 2), "ask 3 protected");
    check(&World::aimed_at(User, "ceo").with(|w| w.facts.approved_by = 3), "allow");
    let four_eyes = |w: &mut World| {
        w.policy.approval.count = 2;
        w.facts.approved_by = 1;
    };
    check(&asks().with(four_eyes), "ask 2 mode");
}

#[test]
fn no_yes_moves_a_refusal() {
    let refusals = [
        World::quiet().with(|w| w.facts.kill_switch = true),
        World::quiet().with(|w| w.facts.unreadable = vec!["x".into()]),
        World::quiet().with(|w| w.facts.self_caused = true),
        World::quiet().with(|w| w.facts.mode = Mode::Shadow),
        World::quiet().with(|w| w.count(50)),
        World::aimed_at(Ip, "8.8.8.8"),
        World::aimed_at(Ip, "0.0.0.0/0"),
        World::aimed_at(Ip, "10.9.8.1"),
        World::aimed_at(Host, "dc01.corp.test"),
    ];
    for world in refusals {
        let before = outline(&world.decide());
        assert!(before.starts_with("refuse "), "{before}");
        check(&world.with(|w| w.facts.approved_by = 99), &before);
    }
}

#[test]
fn the_terms_are_the_policys() {
    let world = asks().with(|w| {
        w.policy.approval.not_requester = false;
        w.policy.approval.within = Duration::from_secs(900);
        w.policy.approval.count = 0;
    });
    let Decision::Ask { terms, .. } = world.decide() else { panic!("not asked") };
    let within = Duration::from_secs(900);
    assert_eq!(terms, ApprovalTerms { count: 1, not_requester: false, within });
}
