//! One table per rule, each beside the case that acts.

use stanch_model::{
    ObservableKind::{self, Domain, EmailAddress, Host, Ip, Url, User},
    event::Trust,
    guard::{Decision, Mode},
    manifest::EffectClass,
};

use super::{World, check, ip};

#[test]
fn the_quiet_case_acts_and_says_why() {
    let Decision::Allow { reasons } = World::quiet().decide() else { panic!("not allowed") };
    let reasons: Vec<String> =
        reasons.into_iter().map(|reason| format!("{}: {}", reason.rule, reason.text)).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    mode: mode auto was earned
    budget: within budget: firewall.block_address 0 of 50 in 1h, * 0 of 200 in 1h
    ");
}

#[test]
fn standing() {
    let quiet = World::quiet;
    check(&quiet(), "allow");
    check(&quiet().with(|w| w.facts.unreadable = vec!["routes".into()]), "refuse facts");
    check(&quiet().with(|w| w.facts.kill_switch = true), "refuse kill_switch");
    check(&quiet().with(|w| w.facts.mode = Mode::Shadow), "refuse mode");
    check(&quiet().with(|w| w.facts.max_mode = Mode::Shadow), "refuse mode");
    check(&quiet().with(|w| w.facts.mode = Mode::Assist), "ask 1 mode");
    check(&quiet().with(|w| w.facts.max_mode = Mode::Assist), "ask 1 mode");
    check(&quiet().with(|w| w.facts.auto_earned = false), "ask 1 mode");
    check(&quiet().with(|w| w.facts.self_caused = true), "refuse self_caused");
    check(
        &quiet().with(|w| {
            w.facts.self_caused = true;
            w.facts.requested_by_person = true;
        }),
        "ask 1 self_caused",
    );
    check(&quiet().with(|w| w.facts.source_trust = Trust::Low), "ask 1 source_trust");
    check(&quiet().with(|w| w.facts.source_trust = Trust::Medium), "allow");
}

#[test]
fn a_practice_target_needs_no_earned_auto_and_nothing_else_is_loosened() {
    let practice = || {
        World::quiet().with(|w| {
            w.facts.auto_earned = false;
            w.action.practice = true;
            w.count(0);
        })
    };
    check(&practice(), "allow");
    check(&practice().with(|w| w.facts.mode = Mode::Assist), "ask 1 mode");
    check(&practice().with(|w| w.facts.kill_switch = true), "refuse kill_switch");
    check(&practice().with(|w| w.count(50)), "refuse budget");
    check(&practice().with(|w| w.facts.gateways = vec![ip("203.0.113.7")]), "refuse gateway");
}

#[test]
fn every_objection_is_kept_and_the_strictest_comes_first() {
    let world = World::quiet().with(|w| {
        w.facts.mode = Mode::Assist;
        w.facts.kill_switch = true;
        w.facts.source_trust = Trust::Low;
        w.count(50);
    });
    check(&world, "refuse kill_switch budget mode source_trust");
}

#[test]
fn reads_are_no_acts() {
    let read = || World::quiet().with(|w| w.action.effect = EffectClass::Read);
    check(&read().with(|w| w.facts.kill_switch = true), "allow");
    check(&read().with(|w| w.facts.mode = Mode::Shadow), "allow");
    check(&read().with(|w| w.action.target = None), "allow");
    check(&read().with(|w| w.facts.unreadable = vec!["x".into()]), "refuse facts");
}

#[track_caller]
fn refused(kind: ObservableKind, values: &[&str], rule: &str) {
    for value in values {
        check(&World::aimed_at(kind, value), &format!("refuse {rule}"));
    }
}

#[track_caller]
fn allowed(kind: ObservableKind, values: &[&str]) {
    for value in values {
        check(&World::aimed_at(kind, value), "allow");
    }
}

#[test]
fn targets() {
    allowed(Ip, &["203.0.113.7", "10.1.2.3", "100.64.0.1", "2001:db8::99", "2606:4700::1"]);
    refused(Ip, &["0.0.0.0/0", "::/0", "203.0.113.0/24", "203.0.113.7/32", ""], "target");
    refused(Ip, &["203.0.113.7 ", "203.0.113.07", "::ffff:203.0.113.7", "3405803783"], "target");
    refused(Ip, &["2001:DB8::99", "[2001:db8::99]", "2001:db8:0::99", "fe80::1%eth0"], "target");
    refused(Ip, &["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "169.254.169.254"], "target");
    refused(Ip, &["224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1"], "target");
    refused(Ip, &["::", "::1", "fe80::1", "ff02::1"], "target");
    refused(Ip, &["2002:cb00:7107::1", "2001:0:cb00:7107::1", "64:ff9b:1::cb00:7107"], "target");
    allowed(Host, &["ws-01", "ws-01.corp.test", "203.0.113.7"]);
    refused(Host, &["WS-01", "ws-01.", "ws 01", "*", "134744072", "0x8080808"], "target");
    refused(Host, &["localhost", "127.0.0.1", "10.1", "db.localhost"], "target");
    allowed(User, &["alice", "corp\\alice", "alice@corp.test"]);
    refused(User, &["Alice", "*", "a*", "alice,bob", "alice;bob", ""], "target");
    refused(User, &["ｃｅｏ", "c\u{200b}eo", "\u{1d41c}eo"], "target");
    allowed(User, &["müller", "ceo-büro"]);
    refused(Host, &["８.８.８.８", "bücher"], "target");
    allowed(Url, &["https://evil.test/x", "http://203.0.113.7/x"]);
    refused(Url, &["https://EVIL.test/x", "http://127.0.0.1/", "http://[::1]/x"], "target");
    allowed(Domain, &["evil.test"]);
    refused(Domain, &["evil.test.", "test", "*.test", "1.2.3.4"], "target");
    check(&World::quiet().with(|w| w.action.target = None), "refuse target");
}

#[test]
fn our_own_infrastructure() {
    refused(Ip, &["10.9.8.7", "2001:db8::7"], "own_host");
    refused(Host, &["10.9.8.7", "stanch.corp.test", "stanch"], "own_host");
    refused(User, &["svc-stanch", "corp\\svc-stanch", "svc-stanch@corp.test"], "own_host");
    refused(Url, &["http://10.9.8.7/x", "https://stanch.corp.test:8443/x"], "own_host");
    refused(Ip, &["10.9.8.1"], "gateway");
    refused(Ip, &["10.9.8.53"], "resolver");
    allowed(Ip, &["10.9.8.2", "2001:db8::8"]);
    allowed(Host, &["stanch-lab", "stanch.other.test"]);
    let mapped = World::aimed_at(Ip, "10.1.1.1").with(|w| {
        w.facts.gateways = vec!["::ffff:10.1.1.1".parse().unwrap()];
    });
    check(&mapped, "refuse gateway");
}

#[test]
fn shared_infrastructure() {
    refused(
        Ip,
        &["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112"],
        "shared_infrastructure",
    );
    refused(
        Ip,
        &["2001:4860:4860::8888", "2606:4700:4700::1111", "2620:fe::fe", "192.0.2.77"],
        "shared_infrastructure",
    );
    refused(Ip, &["198.41.0.4", "2001:503:ba3e::2:30", "193.0.14.129"], "shared_infrastructure");
    refused(Host, &["8.8.8.8", "a.cdn.test"], "shared_infrastructure");
    refused(Domain, &["a.b.cdn.test", "cdn.test"], "shared_infrastructure");
    refused(Url, &["https://8.8.8.8/dns-query", "https://x.cdn.test/"], "shared_infrastructure");
    allowed(Ip, &["8.8.8.9", "1.1.1.9"]);
    allowed(Domain, &["notcdn.test"]);
    let listed = World::quiet().with(|w| w.facts.shared_infrastructure = Some("top sites".into()));
    check(&listed, "refuse shared_infrastructure");
}

#[test]
fn protected_assets() {
    refused(Host, &["dc01.corp.test", "dc01"], "protected");
    allowed(Host, &["dc02.corp.test", "dc01.other.test", "xdc01.corp.test"]);
    check(&World::aimed_at(Host, "plc-7.ot.corp.test"), "ask 2 protected");
    check(&World::aimed_at(Host, "ot.corp.test"), "ask 2 protected");
    allowed(Host, &["robot.corp.test"]);
    refused(Ip, &["198.51.100.0", "198.51.100.15"], "protected");
    allowed(Ip, &["198.51.100.16"]);
    for ceo in ["ceo", "corp\\ceo", "ceo@corp.test"] {
        check(&World::aimed_at(User, ceo), "ask 3 protected");
    }
    allowed(User, &["ceo2"]);
    refused(EmailAddress, &["abuse@corp.test"], "protected");
    let alias = World::aimed_at(Host, "ws-01").with(|w| {
        let value = "198.51.100.3".to_owned();
        w.facts.aliases = vec![stanch_model::Observable { kind: Ip, value }];
    });
    check(&alias, "refuse protected");
}

#[test]
fn effects() {
    let irreversible = |w: &mut World| w.action.effect = EffectClass::Irreversible;
    check(&World::quiet().with(irreversible), "ask 1 irreversible");
    check(&World::quiet().with(|w| w.action.expires = None), "ask 1 expiry");
}
