//! The index finds what a plain search over all values finds.

use std::net::IpAddr;

use proptest::prelude::*;
use stanch_model::observable::address;

use crate::{
    Index, Kind, Value,
    index::{Builder, Seen, Via},
};

/// The narrowest of all entries that mean what was seen, by going through all of them.
fn plain(values: &[Value], seen: &Value) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (number, value) in values.iter().enumerate() {
        // Later doubles take the place of earlier ones, narrower entries that of wider ones.
        if let Some(rank) = rank(value, seen)
            && best.is_none_or(|(old, _)| rank >= old)
        {
            best = Some((rank, number));
        }
    }
    best.map(|(_, number)| number)
}

/// How narrowly an entry means what was seen.
fn rank(entry: &Value, seen: &Value) -> Option<usize> {
    const ITSELF: usize = 10_000;
    if entry == seen {
        return Some(ITSELF);
    }
    let text = seen.to_string();
    let host = match seen.kind() {
        Kind::Url => url::Url::parse(&text).ok()?.host_str()?.to_owned(),
        Kind::EmailAddress => text.rsplit_once('@')?.1.to_owned(),
        Kind::Ip | Kind::Domain => text,
        Kind::Cidr | Kind::Md5 | Kind::Sha1 | Kind::Sha256 => return None,
    };
    match entry.network() {
        Some(net) => {
            let ip = address(&host)?;
            net.contains(&ip).then(|| usize::from(net.prefix_len()))
        }
        None if entry.kind() == Kind::Domain => {
            let name = entry.to_string();
            (host == name || host.ends_with(&format!(".{name}"))).then_some(name.len())
        }
        None => None,
    }
}

fn found(index: &Index, value: &Value) -> Option<u32> {
    let text = value.to_string();
    let seen = match value.kind() {
        Kind::Ip => Seen::Address(address(&text).unwrap()),
        Kind::Domain => Seen::Domain(&text),
        Kind::Url => Seen::Url(&text),
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 => Seen::Hash(&text),
        Kind::EmailAddress => Seen::EmailAddress(&text),
        Kind::Cidr => return None,
    };
    index.find(seen).map(|found| found.entry)
}

/// Values that are close to one another.
fn values() -> impl Strategy<Value = Value> {
    let label = prop_oneof![Just("a"), Just("b"), Just("evil"), Just("xn--bcher-kva"), Just("1")];
    let name = proptest::collection::vec(label, 1..4)
        .prop_map(|labels| format!("{}.test", labels.join(".")));
    let v4 = (0_u8..4, 0_u8..4, 0_u8..4).prop_map(|(b, c, d)| format!("10.{b}.{c}.{d}"));
    let v6 = (0_u16..3, 0_u16..3).prop_map(|(a, b)| format!("2001:db8:{a}::{b}"));
    let host = prop_oneof![name.clone(), v4.clone(), v6.clone().prop_map(|ip| format!("[{ip}]"))];
    let net = |ip: &str, length: u8| {
        let net: ipnet::IpNet = format!("{ip}/{length}").parse().unwrap();
        net.trunc().to_string()
    };
    prop_oneof![
        name.clone(),
        v4.clone(),
        v6.clone(),
        (v4, 6_u8..=32).prop_map(move |(ip, length)| net(&ip, length)),
        (v6, 20_u8..=128).prop_map(move |(ip, length)| net(&ip, length)),
        (host, "[ab]{0,2}").prop_map(|(host, path)| format!("http://{host}/{path}")),
        ("[ab]{1,2}", name).prop_map(|(local, host)| format!("{local}@{host}")),
        "[ab]{32}",
        "[ab]{40}",
        "[ab]{64}",
        "0{29}[0-2]{3}",
    ]
    .prop_map(|text| Value::read(&text).unwrap())
}

proptest! {
    #[test]
    fn the_index_finds_what_a_plain_search_finds(
        entries in proptest::collection::vec(values(), 0..60),
        asked in proptest::collection::vec(values(), 1..40),
    ) {
        let index = Index::of(&entries);
        for value in entries.iter().chain(&asked).filter(|value| value.kind() != Kind::Cidr) {
            let expect = plain(&entries, value).map(|number| u32::try_from(number).unwrap());
            prop_assert_eq!(found(&index, value), expect, "{:?}", value);
        }
        let distinct: std::collections::BTreeSet<&Value> = entries.iter().collect();
        prop_assert_eq!(index.len(), distinct.len());
        let listed: std::collections::BTreeSet<Value> = index.values().map(|(value, _)| value).collect();
        prop_assert_eq!(listed.iter().collect::<Vec<_>>(), distinct.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn networks_overlap_as_sets_of_addresses_do(
        entries in proptest::collection::vec(values(), 0..20),
        asked in values(),
    ) {
        if let Some(net) = asked.network() {
            let expect = entries.iter().filter_map(Value::network).any(|other| {
                net.contains(&other) || other.contains(&net)
            });
            prop_assert_eq!(Index::of(&entries).overlaps(net), expect, "{}", net);
        }
    }
}

#[test]
fn many_values_use_the_directories() {
    let count = 20_000_u32;
    let value = |n: u32| match n % 4 {
        0 => Value::read(&std::net::Ipv4Addr::from_bits(n.wrapping_mul(2_654_435_761)).to_string()),
        1 => Value::read(&format!("host-{n}.evil-{}.test", n % 97)),
        2 => Value::read(&format!("{:064x}", u64::from(n) << 40)),
        _ => Value::read(&format!("2001:db8:{:x}::{:x}", n % 5_000, n)),
    };
    let values: Vec<Value> = (0..count).map(|n| value(n).unwrap()).collect();
    let index = Index::of(&values);
    assert_eq!(index.len(), 20_000);
    for (value, number) in values.iter().zip(0..) {
        assert_eq!(found(&index, value), Some(number), "{value}");
    }
    for n in count..count + 5_000 {
        assert_eq!(found(&index, &value(n).unwrap()), None);
    }
    // Keys, numbers, digests, ends, directory: far below what a map of texts takes.
    let each = index.bytes() / index.len();
    assert!(each < 80, "{each} bytes for each value");
    assert_eq!(Index::of(&values), index);
}

#[test]
fn other_spellings_are_found() {
    let values =
        ["xn--bcher-kva.example", "evil.test", "203.0.113.7", "http://evil.test/a", "a@b.test"];
    let values: Vec<Value> = values.iter().map(|text| Value::read(text).unwrap()).collect();
    let index = Index::of(&values);
    let find = |seen| index.find(seen).map(|found| found.entry);
    assert_eq!(find(Seen::Domain("WWW.Bücher.Example.")), Some(0));
    assert_eq!(find(Seen::Domain("203.0.113.7")), Some(2), "a host may be an address");
    assert_eq!(find(Seen::Address("::ffff:203.0.113.7".parse::<IpAddr>().unwrap())), Some(2));
    assert_eq!(find(Seen::Url("HTTP://EVIL.test:80/a#top")), Some(3));
    assert_eq!(find(Seen::Url("http://EVIL.test/b")), Some(1));
    assert_eq!(find(Seen::EmailAddress("A@B.TEST")), Some(4));
    assert_eq!(find(Seen::Domain("test")), None);
    assert_eq!(find(Seen::Hash("abc")), None);
    let found = index.find(Seen::Domain("x.y.evil.test")).unwrap();
    assert_eq!(found.via, Via::Domain("evil.test".into()));
}

#[test]
fn an_exact_domain_means_only_itself() {
    let mut builder = Builder::default();
    builder.push_exact(&Value::read("cdn.test").unwrap(), 7);
    builder.push_exact(&Value::read("203.0.113.7").unwrap(), 8);
    let index = builder.build();
    let find = |name| index.find(Seen::Domain(name)).map(|found| found.entry);
    assert_eq!(
        (find("cdn.test"), find("a.cdn.test"), find("203.0.113.7")),
        (Some(7), None, Some(8))
    );
    assert!(!index.is_empty() && Index::default().is_empty());
}
