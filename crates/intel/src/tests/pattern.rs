//! STIX patterns: what they name, and what of them cannot be matched.

use proptest::prelude::*;

use crate::stix::pattern::read;

#[track_caller]
fn check(pattern: &str, values: &[&str], refused: &[&str]) {
    let found = read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let named: Vec<String> = found.values.iter().map(ToString::to_string).collect();
    assert_eq!(
        (named.as_slice(), found.refused.as_slice()),
        (
            &values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>()[..],
            &refused.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>()[..]
        ),
        "{pattern}"
    );
}

#[test]
fn one_comparison_is_one_value() {
    check("[ipv4-addr:value = '203.0.113.7']", &["203.0.113.7"], &[]);
    check("[ipv4-addr:value='203.0.113.7/32']", &["203.0.113.7"], &[]);
    check("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", &["203.0.113.0/24"], &[]);
    check("[ipv6-addr:value == '2001:DB8::1']", &["2001:db8::1"], &[]);
    check("[domain-name:value = 'Evil.Test']", &["evil.test"], &[]);
    check(r"[url:value = 'http://evil.test/a\'b\\c']", &["http://evil.test/a'b/c"], &[]);
    check("[email-addr:value = 'A@evil.test']", &["a@evil.test"], &[]);
    let md5 = "ab".repeat(16);
    for name in ["MD5", "'MD5'", "md5"] {
        check(&format!("[file:hashes.{name} = '{md5}']"), &[&md5], &[]);
    }
    let sha256 = "ab".repeat(32);
    check(&format!("[ file:hashes.'SHA-256'  =  '{sha256}' ]"), &[&sha256], &[]);
}

#[test]
fn each_alternative_stands_by_itself() {
    check("[domain-name:value IN ('a.test', 'b.test')]", &["a.test", "b.test"], &[]);
    check(
        "[domain-name:value = 'a.test' OR (url:value = 'http://b.test/' OR domain-name:value LIKE '%.c.test')]",
        &["a.test", "http://b.test/"],
        &["`domain-name:value` is compared with LIKE"],
    );
    check(
        "([domain-name:value = 'a.test'] OR [domain-name:value = 'b.test']) OR [x:y = 1]",
        &["a.test", "b.test"],
        &["`x:y` is not matched here"],
    );
    check(
        "[domain-name:value = 'a.test' OR domain-name:value = 'b.test' AND x:y = 'c']",
        &["a.test"],
        &["it needs several properties together (AND)"],
    );
    check(
        "[domain-name:value = 'a.test'] OR [domain-name:value = 'b.test'] WITHIN 5 SECONDS",
        &["a.test"],
        &["it has the qualifier WITHIN"],
    );
}

#[test]
fn what_cannot_be_matched_says_why() {
    let check = |pattern: &str, why: &str| check(pattern, &[], &[why]);
    check(
        "[domain-name:value = 'a.test'] AND [domain-name:value = 'b.test']",
        "it needs several observations together (AND)",
    );
    check(
        "[domain-name:value = 'a.test'] FOLLOWEDBY [domain-name:value = 'b.test'] OR [a:b = 'c']",
        "it needs several observations in order (FOLLOWEDBY)",
    );
    check("[domain-name:value = 'a.test'] REPEATS 5 TIMES", "it has the qualifier REPEATS");
    check(
        "([domain-name:value = 'a.test']) START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
        "it has the qualifier START STOP",
    );
    check("[domain-name:value != 'a.test']", "`domain-name:value` is compared with !=");
    check("[domain-name:value NOT = 'a.test']", "`domain-name:value` is compared with NOT");
    check("[domain-name:value ISSUBSET 'a.test']", "`domain-name:value` is compared with ISSUBSET");
    check("[domain-name:value = 5]", "`domain-name:value` is compared with 5, which is no text");
    check(
        "[domain-name:value = '203.0.113.7']",
        "`domain-name:value` is compared with `203.0.113.7`, which is a ip",
    );
    check("[ipv4-addr:value = 'x']", "`x` is no address, domain, URL or hash");
    check("[EXISTS file:name]", "it asks whether a property exists (EXISTS)");
    check("[process:arguments[0] = 'x']", "`process:arguments[0]` is not matched here");
    check(
        "[network-traffic:extensions.'http-request-ext'.request_header[*] IN ('x')]",
        "`network-traffic:extensions.'http-request-ext'.request_header[*]` is not matched here",
    );
    check("[file:hashes.'SHA-512' = 'x']", "`file:hashes.'SHA-512'` is not matched here");
    check("[x:y = h'00ff']", "`x:y` is not matched here");
}

#[test]
fn what_is_no_pattern_says_where() {
    let check = |pattern: &str, expect: &str| {
        assert_eq!(read(pattern).unwrap_err().to_string(), expect, "{pattern}");
    };
    check("", "at character 1: `[` should stand here, not the end");
    check("[", "at character 2: an object path should stand here, not the end");
    check("[a:b = 'x'", "at character 11: `]` should stand here, not the end");
    check("[a:b = 'x]", "at character 8: the quote is not closed");
    check("[a:b 'x']", "at character 6: a comparison should stand here, not `'x'`");
    check("[a:b = ]", "at character 8: a constant should stand here, not `]`");
    check(
        "[a:b = 'x'] garbage",
        "at character 13: the end of the pattern should stand here, not `garbage`",
    );
    check("[a:b = 'x'] WITHIN 5 HOURS", "at character 22: SECONDS should stand here, not `HOURS`");
    check("[a:b = 'ü'; ]", "at character 11: `;` has no meaning here");
    let deep = format!("{}a:b = 'x'{}", "[".to_owned() + &"(".repeat(40), ")".repeat(40) + "]");
    assert!(read(&deep).unwrap_err().to_string().ends_with("parentheses nest deeper than 32"));
    assert!(read(&" ".repeat(2 << 20)).unwrap_err().to_string().contains("at most"));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[\\[\\]()'a:.=,\\\\ ANDORIN*0-9]{0,60}", other in "\\PC{0,40}") {
        for text in [text, other] {
            if let Ok(found) = read(&text) {
                prop_assert!(!found.values.is_empty() || !found.refused.is_empty(), "{}", text);
            }
        }
    }
}
