//! Lists in, answers out.

use stanch_model::{Observable, ObservableKind};

use crate::{FINDINGS_MAX, IndicatorSet, Intel, Meaning, Verdict, observable};

const BAD: &str = "\u{feff}# practice list
203.0.113.66   # beacon of the exercise
198.51.100.0/24
2001:db8:bad::/48
evil.test
*.worse.test
hxxps://files[.]drop[.]test/a#frag # dropper
http://[2001:db8::9]:8080/x
AABBCCDDEEFF00112233445566778899
phish[@]mail(.)test
44d88612fea8a8f36de82e1278abb02f44d88612fea8a8f36de82e1278abb02f

";
const GOOD: &str = "198.51.100.77 # our scanner\ncdn.evil.test\n";

fn intel() -> Intel {
    let mut intel = Intel::default();
    for (meaning, name, text) in [(Meaning::Malicious, "c2", BAD), (Meaning::Benign, "ours", GOOD)]
    {
        let (set, findings) = IndicatorSet::load(name, text);
        assert_eq!(findings, [], "{name}");
        intel.add(meaning, set);
    }
    intel
}

#[track_caller]
fn check(text: &str, verdict: Verdict, note: &str) {
    let lookup = intel().lookup_text(text);
    assert_eq!((lookup.verdict, lookup.note.as_str()), (verdict, note), "{text}");
    assert_eq!(lookup.sources.is_empty(), verdict == Verdict::Unknown);
}

#[test]
fn values_are_found_in_every_spelling() {
    use Verdict::{Malicious, Unknown};
    for text in ["203.0.113.66", "::ffff:203.0.113.66", "203[.]0[.]113[.]66", " 203.0.113.66 "] {
        check(text, Malicious, "on c2 (beacon of the exercise)");
    }
    check("203.0.113.67", Unknown, "");
    check("198.51.100.3", Malicious, "on c2 as 198.51.100.0/24");
    check("198.51.101.3", Unknown, "");
    check("2001:db8:bad:1::1", Malicious, "on c2 as 2001:db8:bad::/48");
    check("EVIL.test.", Malicious, "on c2");
    check("a.b.evil.test", Malicious, "on c2 as evil.test");
    check("a.worse.test", Malicious, "on c2 as worse.test");
    check("notevil.test", Unknown, "");
    check("https://files.drop.test/a#frag", Malicious, "on c2 (dropper)");
    check("https://files.drop.test/other", Unknown, "");
    check("hxxp://user:pw@x.evil[.]test:8080/p?q#f", Malicious, "on c2 as evil.test");
    check("http://203.0.113.66/gate", Malicious, "on c2 as 203.0.113.66 (beacon of the exercise)");
    check("http://0xcb007142/gate", Malicious, "on c2 as 203.0.113.66 (beacon of the exercise)");
    check("http://[2001:db8::9]:8080/x", Malicious, "on c2");
    check("http://[2001:db8:bad::9]/", Malicious, "on c2 as 2001:db8:bad::/48");
    check("aabbccddeeff00112233445566778899", Malicious, "on c2");
    check("phish@mail.test", Malicious, "on c2");
    check("someone@sub.evil.test", Malicious, "on c2 as evil.test");
    check("hello", Unknown, "neither address, domain, URL, hash nor e-mail address");
    check("0.0.0.0/0", Unknown, "neither address, domain, URL, hash nor e-mail address");
}

#[test]
fn benign_wins_and_says_over_what() {
    let expect = "on ours (our scanner); overrides on c2 as 198.51.100.0/24";
    check("198.51.100.77", Verdict::Benign, expect);
    check(
        "x.cdn.evil.test",
        Verdict::Benign,
        "on ours as cdn.evil.test; overrides on c2 as evil.test",
    );
    assert_eq!(intel().lookup_text("198.51.100.77").sources, ["ours"]);
}

#[test]
fn a_host_is_looked_up_as_domain_or_address() {
    let host = |value: &str| Observable::new(ObservableKind::Host, value).unwrap();
    assert_eq!(intel().lookup(&host("a.evil.test")).verdict, Verdict::Malicious);
    assert_eq!(intel().lookup(&host("203.0.113.66")).verdict, Verdict::Malicious);
    assert_eq!(intel().lookup(&host("ws-01")).verdict, Verdict::Unknown);
    let user = Observable::new(ObservableKind::User, "evil.test").unwrap();
    assert_eq!(intel().lookup(&user).verdict, Verdict::Unknown, "a user is no domain");
}

#[test]
fn bad_lines_are_named_and_the_rest_stands() {
    let text = "evil.test\n0.0.0.0/0\n10.1.2.3/8\n10.1.2.3/99\nevil.test/path\nlocalhost\na b\n\
                abcdef0123456789abcdef0123456789ab\n1.2.3.999\nfoo*.test\nhttps://\n9.9.9.9, 8.8.8.8\n10.0.0.1";
    let (set, findings) = IndicatorSet::load("x", text);
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "line 2: `0.0.0.0/0` covers every address",
            "line 3: `10.1.2.3/8` has bits beyond its prefix; write the network's own address",
            "line 4: `10.1.2.3/99` is no network; write 192.0.2.0/24",
            "line 5: `evil.test/path` has a path but no scheme; write http:// or https:// before it",
            "line 6: `localhost` is no address, domain, URL or hash",
            "line 7: `a b` is no single value; write one address, domain, URL or hash per line",
            "line 8: `abcdef0123456789abcdef0123456789ab` is no MD5, SHA-1 or SHA-256",
            "line 9: `1.2.3.999` is neither address nor domain",
            "line 10: `foo*.test` is no single value; write one address, domain, URL or hash per line",
            "line 11: `https://` is no URL",
            "line 12: `9.9.9.9, 8.8.8.8` is no single value; write one address, domain, URL or hash per line",
        ]
    );
    assert_eq!(set.len(), 2);
}

#[test]
fn findings_are_bounded() {
    let (set, findings) = IndicatorSet::load("x", &"?\n".repeat(FINDINGS_MAX + 5));
    assert!(set.is_empty());
    assert_eq!(findings.len(), FINDINGS_MAX);
    let last = findings.last().unwrap().to_string();
    assert_eq!(
        last,
        "line 100: `?` is no address, domain, URL or hash; 5 more lines were left out"
    );
}

#[test]
fn warning_lists_of_misp_are_read() {
    let read = |kind: &str, entry: &str| {
        let text = format!(
            r#"{{"name":"top","version":1,"description":"d","type":"{kind}","list":["{entry}"]}}"#
        );
        IndicatorSet::load_warninglist(&text)
    };
    let found = |kind: &str, entry: &str, value: &str| {
        let (set, findings) = read(kind, entry).unwrap();
        assert_eq!(findings, []);
        set.find(&observable(value).unwrap()).is_some()
    };
    assert!(found("cidr", "192.0.2.0/24", "192.0.2.9"));
    assert!(found("cidr", "192.0.2.9", "192.0.2.9"));
    assert!(found("hostname", ".cdn.test", "a.cdn.test"));
    assert!(found("string", "cdn.test", "cdn.test"));
    assert!(!found("string", "cdn.test", "a.cdn.test"), "a string is only itself");
    let error = read("regex", "x").unwrap_err().to_string();
    assert_eq!(
        error,
        "warning list `top` is of type `regex`; cidr, string and hostname can be read"
    );
    assert!(IndicatorSet::load_warninglist("[]").is_err());
}

#[test]
fn a_list_replaces_its_former_self() {
    let mut intel = intel();
    intel.add(Meaning::Malicious, IndicatorSet::load("c2", "other.test").0);
    assert_eq!(intel.lookup_text("evil.test").verdict, Verdict::Unknown);
    assert_eq!(intel.lookup_text("other.test").verdict, Verdict::Malicious);
    assert_eq!(intel.lists().count(), 2);
}

#[test]
fn an_answer_is_json_that_playbooks_read() {
    let json = serde_json::to_value(intel().lookup_text("evil.test")).unwrap();
    let expect = serde_json::json!({"verdict": "malicious", "sources": ["c2"], "note": "on c2"});
    assert_eq!(json, expect);
}
