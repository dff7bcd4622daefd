//! Every spelling of a value comes out as one.

use proptest::prelude::*;

use crate::{Kind, Value};

#[track_caller]
fn check(text: &str, kind: Kind, expect: &str) {
    let value = Value::read(text).unwrap();
    assert_eq!((value.kind(), value.to_string().as_str()), (kind, expect), "{text}");
}

#[test]
fn spellings_come_out_as_one() {
    check("203.0.113.7", Kind::Ip, "203.0.113.7");
    check("203.0.113.7/32", Kind::Ip, "203.0.113.7");
    check("::ffff:203.0.113.7", Kind::Ip, "203.0.113.7");
    check("::ffff:203.0.113.0/120", Kind::Cidr, "203.0.113.0/24");
    check("2001:DB8:0::/48", Kind::Cidr, "2001:db8::/48");
    check("BÜCHER.example.", Kind::Domain, "xn--bcher-kva.example");
    check("evil[DOT]test", Kind::Domain, "evil.test");
    check("evil[[.]]test", Kind::Domain, "evil.test");
    check("hXXps[:]//Evil[.]test:443/A#b", Kind::Url, "https://evil.test/A");
    check("http://bücher.example/", Kind::Url, "http://xn--bcher-kva.example/");
    check("Someone[@]Evil(.)test", Kind::EmailAddress, "someone@evil.test");
    check(&"AB".repeat(16), Kind::Md5, &"ab".repeat(16));
    check(&"AB".repeat(20), Kind::Sha1, &"ab".repeat(20));
    check(&"AB".repeat(32), Kind::Sha256, &"ab".repeat(32));
}

#[test]
fn what_is_no_value_says_why() {
    let check = |text: &str, why: &str| {
        assert_eq!(Value::read(text).unwrap_err().to_string(), why, "{text}");
    };
    check("::ffff:0.0.0.0/96", "covers every address");
    check("64:ff9b::/96", "covers every address");
    check("a..b.test", "is neither address nor domain");
    check(&format!("{}.test", "a".repeat(64)), "is neither address nor domain");
    check("a b@evil.test", "is no e-mail address");
    check("@evil.test", "is no e-mail address");
    check(&format!("https://evil.test/{}", "ü".repeat(900)), "is too long to be kept");
}

#[test]
fn a_value_is_its_text_in_json() {
    let value = Value::read("hxxp://evil[.]test").unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), "\"http://evil.test/\"");
    let back: Value = serde_json::from_str("\"http://evil.test/\"").unwrap();
    assert_eq!(back, value);
    let error = serde_json::from_str::<Value>("\"nothing\"").unwrap_err().to_string();
    assert_eq!(error, "`nothing` is no address, domain, URL or hash");
}

/// Texts that come near to values.
fn texts() -> impl Strategy<Value = String> {
    let fang = prop_oneof![Just("."), Just("[.]"), Just("(dot)"), Just("[[.].]"), Just("..")];
    let name =
        ("[a-zA-Z0-9üßД_*%-]{1,8}", fang, "[a-zA-Z]{1,6}").prop_map(|(a, dot, b)| a + dot + &b);
    prop_oneof![
        name.clone(),
        ("(hxxp|HTTPS|fxp|foo|data)", "(://|\\[://\\]|\\[:\\]//)", name.clone(), "[ -~ü]{0,12}")
            .prop_map(|(scheme, colon, host, rest)| format!("{scheme}{colon}{host}/{rest}")),
        ("[ -~ü]{1,8}", "(@|\\[at\\])", name).prop_map(|(local, at, host)| local + &at + &host),
        "[0-9a-fA-F:.]{3,24}(/[0-9]{1,3})?",
        "[0-9a-fA-F]{30,66}",
        "\\PC{0,40}",
        any::<(std::net::Ipv6Addr, u8)>().prop_map(|(ip, length)| format!("{ip}/{length}")),
        any::<(std::net::Ipv4Addr, u8)>()
            .prop_map(|(ip, length)| format!("::ffff:{ip}/{}", length % 130)),
    ]
}

proptest! {
    #[test]
    fn reading_what_was_read_changes_nothing(text in texts()) {
        if let Ok(value) = Value::read(&text) {
            let again = Value::read(&value.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&value), "{}", text);
            if let Some(observable) = value.observable() {
                let observed = Value::read(&observable.value);
                prop_assert_eq!(observed.as_ref(), Ok(&value), "{}", text);
            }
        }
    }
}
