//! Rules that keep us and everybody else connected.

use std::net::IpAddr;

use super::{Case, Finding};
use crate::{
    policy::Pattern,
    subject::{Subject, account},
};

pub(super) fn own_host(case: &Case<'_>) -> Option<Finding> {
    let named = |own: &String| {
        let own = own.trim_end_matches('.').to_lowercase();
        let name = Pattern::Name(own.clone());
        case.subjects.iter().any(|subject| match subject {
            Subject::Account(other) => account(other) == account(&own),
            Subject::Address(_) | Subject::Name(_) | Subject::Value(_) => subject.matches(&name),
        })
    };
    let by_name = || case.facts.own_names.iter().find(|own| named(own)).cloned();
    let hit = hit(case, &case.facts.own_addresses).or_else(by_name)?;
    act(case, format!("`{hit}` is Stanch itself"))
}

pub(super) fn gateway(case: &Case<'_>) -> Option<Finding> {
    let hit = hit(case, &case.facts.gateways)?;
    act(case, format!("`{hit}` is a gateway of this host"))
}

pub(super) fn resolver(case: &Case<'_>) -> Option<Finding> {
    let hit = hit(case, &case.facts.resolvers)?;
    act(case, format!("`{hit}` is a resolver of this host"))
}

pub(super) fn shared(case: &Case<'_>) -> Option<Finding> {
    let known = SHARED.iter().find_map(|(ip, whose)| {
        hit(case, &[*ip]).map(|hit| format!("`{hit}` is {whose}, which everybody uses"))
    });
    let by_policy = || {
        case.policy.shared.iter().find_map(|range| {
            let hit = case.subjects.iter().find(|subject| subject.matches(&range.pattern))?;
            let note = if range.note.is_empty() { "the policy" } else { range.note.as_str() };
            Some(format!("`{hit}` is shared by many: {note}"))
        })
    };
    let by_list = || {
        let list = case.facts.shared_infrastructure.as_ref()?;
        Some(format!("the target is on the warning list {list}"))
    };
    act(case, known.or_else(by_policy).or_else(by_list)?)
}

fn hit(case: &Case<'_>, addresses: &[IpAddr]) -> Option<String> {
    addresses
        .iter()
        .map(IpAddr::to_canonical)
        .find(|ip| case.subjects.contains(&Subject::Address(*ip)))
        .map(|ip| ip.to_string())
}

fn act(case: &Case<'_>, text: String) -> Option<Finding> {
    case.is_act().then(|| Finding::refuse(text))
}

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d))
}

const fn v6(s: [u16; 8]) -> IpAddr {
    let [a, b, c, d, e, f, g, h] = s;
    IpAddr::V6(std::net::Ipv6Addr::new(a, b, c, d, e, f, g, h))
}

const GOOGLE: &str = "a public resolver of Google";
const CLOUDFLARE: &str = "a public resolver of Cloudflare";
const QUAD9: &str = "a public resolver of Quad9";
const OPENDNS: &str = "a public resolver of OpenDNS";
const ROOT: &str = "a root name server";

/// Public resolvers, and the root servers of the IANA root hints.
const SHARED: &[(IpAddr, &str)] = &[
    (v4(8, 8, 8, 8), GOOGLE),
    (v4(8, 8, 4, 4), GOOGLE),
    (v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888]), GOOGLE),
    (v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844]), GOOGLE),
    (v4(1, 1, 1, 1), CLOUDFLARE),
    (v4(1, 0, 0, 1), CLOUDFLARE),
    (v4(1, 1, 1, 2), CLOUDFLARE),
    (v4(1, 0, 0, 2), CLOUDFLARE),
    (v4(1, 1, 1, 3), CLOUDFLARE),
    (v4(1, 0, 0, 3), CLOUDFLARE),
    (v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111]), CLOUDFLARE),
    (v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001]), CLOUDFLARE),
    (v4(9, 9, 9, 9), QUAD9),
    (v4(9, 9, 9, 10), QUAD9),
    (v4(9, 9, 9, 11), QUAD9),
    (v4(149, 112, 112, 112), QUAD9),
    (v6([0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe]), QUAD9),
    (v6([0x2620, 0xfe, 0, 0, 0, 0, 0, 9]), QUAD9),
    (v4(208, 67, 222, 222), OPENDNS),
    (v4(208, 67, 220, 220), OPENDNS),
    (v6([0x2620, 0x119, 0x35, 0, 0, 0, 0, 0x35]), OPENDNS),
    (v6([0x2620, 0x119, 0x53, 0, 0, 0, 0, 0x53]), OPENDNS),
    (v4(198, 41, 0, 4), ROOT),
    (v4(170, 247, 170, 2), ROOT),
    (v4(192, 33, 4, 12), ROOT),
    (v4(199, 7, 91, 13), ROOT),
    (v4(192, 203, 230, 10), ROOT),
    (v4(192, 5, 5, 241), ROOT),
    (v4(192, 112, 36, 4), ROOT),
    (v4(198, 97, 190, 53), ROOT),
    (v4(192, 36, 148, 17), ROOT),
    (v4(192, 58, 128, 30), ROOT),
    (v4(193, 0, 14, 129), ROOT),
    (v4(199, 7, 83, 42), ROOT),
    (v4(202, 12, 27, 33), ROOT),
    (v6([0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30]), ROOT),
    (v6([0x2801, 0x1b8, 0x10, 0, 0, 0, 0, 0xb]), ROOT),
    (v6([0x2001, 0x500, 2, 0, 0, 0, 0, 0xc]), ROOT),
    (v6([0x2001, 0x500, 0x2d, 0, 0, 0, 0, 0xd]), ROOT),
    (v6([0x2001, 0x500, 0xa8, 0, 0, 0, 0, 0xe]), ROOT),
    (v6([0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf]), ROOT),
    (v6([0x2001, 0x500, 0x12, 0, 0, 0, 0, 0xd0d]), ROOT),
    (v6([0x2001, 0x500, 1, 0, 0, 0, 0, 0x53]), ROOT),
    (v6([0x2001, 0x7fe, 0, 0, 0, 0, 0, 0x53]), ROOT),
    (v6([0x2001, 0x503, 0xc27, 0, 0, 0, 2, 0x30]), ROOT),
    (v6([0x2001, 0x7fd, 0, 0, 0, 0, 0, 1]), ROOT),
    (v6([0x2001, 0x500, 0x9f, 0, 0, 0, 0, 0x42]), ROOT),
    (v6([0x2001, 0xdc3, 0, 0, 0, 0, 0, 0x35]), ROOT),
];
