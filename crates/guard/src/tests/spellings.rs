//! A hostile address in every spelling we could think of, as address, host and URL, with and
//! without canonicalisation before the guard: never allowed, whoever says yes.

use std::net::Ipv4Addr;

use proptest::prelude::*;
use stanch_model::{Observable, ObservableKind, guard::Decision};

use super::World;

/// Addresses that the world of [`World::quiet`] must never act on.
const FORBIDDEN: &[[u8; 4]] = &[
    [8, 8, 8, 8],
    [1, 1, 1, 1],
    [9, 9, 9, 9],
    [198, 41, 0, 4],
    [10, 9, 8, 7],
    [10, 9, 8, 1],
    [10, 9, 8, 53],
    [198, 51, 100, 5],
    [192, 0, 2, 9],
    [127, 0, 0, 1],
    [0, 0, 0, 0],
    [255, 255, 255, 255],
    [224, 0, 0, 251],
    [169, 254, 169, 254],
];

const WAYS: usize = 37;
const DECIMAL_WITH_ZEROS: usize = 15;

/// Spelling number `way` of an address; wraps around.
fn spell(ip: [u8; 4], way: usize) -> String {
    let [a, b, c, d] = ip;
    let v4 = Ipv4Addr::from(ip);
    let number = u32::from(v4);
    let hi = number >> 16;
    let lo = number & 0xffff;
    let ways: [&dyn Fn() -> String; WAYS] = [
        &|| v4.to_string(),
        &|| format!("::ffff:{v4}"),
        &|| format!("::FFFF:{v4}"),
        &|| format!("::ffff:{hi:x}:{lo:x}"),
        &|| format!("0:0:0:0:0:ffff:{hi:04x}:{lo:04x}"),
        &|| format!("0000:0000:0000:0000:0000:FFFF:{hi:04X}:{lo:04X}"),
        &|| format!("[::ffff:{v4}]"),
        &|| format!("::ffff:0:{v4}"),
        &|| format!("::{v4}"),
        &|| format!("64:ff9b::{v4}"),
        &|| format!("64:FF9B::{hi:X}:{lo:X}"),
        &|| format!("64:ff9b:1::{hi:x}:{lo:x}"),
        &|| format!("2002:{hi:x}:{lo:x}::1"),
        &|| format!("2001:0:{hi:x}:{lo:x}::"),
        &|| format!("::ffff:{v4}%eth0"),
        &|| format!("{a:03}.{b:03}.{c:03}.{d:03}"),
        &|| format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        &|| format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        &|| format!("{number}"),
        &|| format!("0x{number:x}"),
        &|| format!("0X{number:X}"),
        &|| format!("0{number:o}"),
        &|| format!("{a}.{}", number & 0x00ff_ffff),
        &|| format!("{a}.{b}.{lo}"),
        &|| format!("{v4}/32"),
        &|| format!("{v4}/0"),
        &|| format!("{v4}/24"),
        &|| format!("::ffff:{v4}/128"),
        &|| format!("{v4}."),
        &|| format!(" {v4}"),
        &|| format!("{v4}\t"),
        &|| format!("{v4}\n"),
        &|| format!("{v4}:53"),
        &|| format!("{v4},203.0.113.7"),
        &|| format!("203.0.113.7 {v4}"),
        &|| v4.to_string().replace('.', "\u{3002}"),
        &|| v4.to_string().chars().map(|c| if c == '8' { '８' } else { c }).collect(),
    ];
    ways[way % WAYS]()
}

fn check(kind: ObservableKind, value: &str, canonical: bool) -> Result<(), TestCaseError> {
    let value = match (canonical, Observable::new(kind, value)) {
        (true, Some(observable)) => observable.value,
        (true, None) => return Ok(()),
        (false, _) => value.to_owned(),
    };
    let world = World::aimed_at(kind, &value).with(|w| w.facts.approved_by = 99);
    let decision = world.decide();
    prop_assert!(matches!(decision, Decision::Refuse { .. }), "{kind} {value:?}: {decision:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_hostile_address_is_refused_in_every_spelling(
        ip in prop::sample::select(FORBIDDEN),
        way in 0_usize..1_000,
        canonical: bool,
    ) {
        let spelled = spell(ip, way);
        check(ObservableKind::Ip, &spelled, canonical)?;
        check(ObservableKind::Host, &spelled, canonical)?;
        // In a URL `041` is octal (WHATWG URL, "IPv4 number parser"): that names another address.
        if canonical && way % WAYS == DECIMAL_WITH_ZEROS {
            return Ok(());
        }
        let url = format!("http://{}/x", spelled.trim());
        check(ObservableKind::Url, &url, canonical)?;
        let url = format!("https://user:pw@{spelled}:8443/?q=@203.0.113.7");
        check(ObservableKind::Url, &url, canonical)?;
    }

    #[test]
    fn a_protected_host_is_refused_in_every_spelling(
        upper in prop::collection::vec(any::<bool>(), 14),
        dots in 0_usize..3,
        short: bool,
        canonical: bool,
    ) {
        let name = if short { "dc01" } else { "dc01.corp.test" };
        let cased: String = name.chars().zip(upper)
            .map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c }).collect();
        check(ObservableKind::Host, &format!("{cased}{}", ".".repeat(dots)), canonical)?;
    }

    #[test]
    fn an_ordinary_address_is_allowed(d in 1_u8..255, v6 in 0x100_u32..0xffff) {
        for value in [format!("203.0.113.{d}"), format!("2001:db8::{v6:x}")] {
            let decision = World::aimed_at(ObservableKind::Ip, &value).decide();
            prop_assert!(matches!(decision, Decision::Allow { .. }), "{value}: {decision:?}");
        }
    }

    #[test]
    fn no_text_at_all_makes_it_panic(kind in 0_usize..8, value: String) {
        use ObservableKind::{Domain, EmailAddress, FileHash, Host, Ip, Process, Url, User};
        let kind = [Domain, EmailAddress, FileHash, Host, Ip, Process, Url, User][kind];
        let decision = World::aimed_at(kind, &value).decide();
        if Observable::new(kind, &value).is_none() {
            prop_assert!(matches!(decision, Decision::Refuse { .. }), "{kind} {value:?}");
        }
    }
}
