//! Events of MISP, in the forms that its UI, API and feeds write.

use serde_json::{Value as Json, json};

use super::{left_out, origin, time, values};
use crate::{Confidence, Import, Tlp, misp};

fn attribute(uuid: &str, kind: &str, value: &str) -> Json {
    json!({"uuid": uuid, "type": kind, "category": "Network activity", "value": value, "to_ids": true,
        "timestamp": "1767225600", "comment": ""})
}

fn event(attributes: &[Json]) -> Json {
    json!({"Event": {"uuid": "e", "info": "Campaign", "Attribute": attributes}})
}

fn read(document: &Json) -> Import {
    misp::read(&origin(), &document.to_string()).unwrap()
}

#[test]
fn attributes_for_detection_are_claims() {
    let (md5, sha1) = ("ab".repeat(16), "ab".repeat(20));
    let sample = format!("a.exe|{md5}");
    let rows = [
        ("1", "ip-dst", "203.0.113.7"),
        ("2", "ip-src|port", "203.0.113.8|443"),
        ("3", "domain|ip", "evil.test|203.0.113.9"),
        ("4", "hostname", "C2.evil.test"),
        ("5", "url", "hxxp://evil[.]test/x"),
        ("6", "filename|md5", &sample),
        ("7", "sha1", &sha1),
        ("8", "email-src", "a@evil.test"),
    ];
    let rows: Vec<Json> =
        rows.iter().map(|(uuid, kind, value)| attribute(uuid, kind, value)).collect();
    let import = read(&event(&rows));
    let expect = [
        "203.0.113.7",
        "203.0.113.8",
        "evil.test",
        "203.0.113.9",
        "c2.evil.test",
        "http://evil.test/x",
        &md5,
        &sha1,
        "a@evil.test",
    ];
    assert_eq!(values(&import), expect);
    assert_eq!(left_out(&import), [""; 0]);
    let claim = &import.claims[0].1;
    assert_eq!(claim.comment.as_deref(), Some("Campaign"));
    assert_eq!(claim.last_seen, Some(time("2026-01-01T00:00:00Z")));
}

#[test]
fn what_is_not_for_detection_or_cannot_be_matched_is_named() {
    let mut seen = attribute("seen", "ip-dst", "203.0.113.7");
    seen["to_ids"] = json!(false);
    let import = read(&event(&[
        seen,
        attribute("odd", "ip-dst", "evil.test"),
        attribute("text", "text", "some words"),
        attribute("pair", "domain|ip", "evil.test"),
        attribute("bad", "url", "evil.test/x"),
        json!({"uuid": "bare", "type": "ip-dst"}),
        json!({"uuid": "flag", "type": "ip-dst", "value": "203.0.113.7", "to_ids": "perhaps"}),
    ]));
    assert_eq!(values(&import), [""; 0]);
    assert_eq!(
        left_out(&import),
        [
            "seen: `ip-dst` without `to_ids`: not meant for detection",
            "odd: `evil.test` is a domain, and not what `ip-dst` says",
            "text: attributes of type `text` are not matched here",
            "pair: `evil.test` lacks the `|` of a `domain|ip`",
            "bad: `evil.test/x` has a path but no scheme; write http:// or https:// before it",
            "bare: missing field `value`",
            "flag: `perhaps` is neither true nor false",
        ]
    );
}

#[test]
fn tags_say_how_far_it_may_go_and_how_sure_it_is() {
    let tagged = |uuid: &str, tags: &[&str]| {
        let mut attribute = attribute(uuid, "domain", "evil.test");
        attribute["Tag"] = tags.iter().map(|name| json!({"name": name})).collect();
        attribute
    };
    let sure = "misp:confidence-level=\"usually-confident\"";
    let mut document = event(&[
        tagged("1", &[]),
        tagged("2", &["tlp:white", sure]),
        tagged("3", &["TLP:AMBER+STRICT"]),
        tagged("4", &["tlp:ex:chr"]),
    ]);
    document["Event"]["Tag"] = json!([{"name": "tlp:green"}, {"name": "osint"}]);
    let import = read(&document);
    let found: Vec<_> = import.claims.iter().map(|(_, c)| (c.tlp.unwrap(), c.confidence)).collect();
    let expect = [
        (Tlp::Green, None),
        (Tlp::Green, Confidence::new(75)),
        (Tlp::AmberStrict, None),
        (Tlp::Red, None),
    ];
    assert_eq!(found, expect);
    assert!(import.claims[0].1.tags.contains("osint"));
    let why = "4: `tlp:ex:chr` is no TLP; there are clear, green, amber, amber+strict and red; it counts as TLP:RED";
    assert_eq!(left_out(&import), [why]);
}

#[test]
fn objects_are_read_and_what_was_deleted_is_withdrawn() {
    let mut gone = attribute("gone", "domain", "evil.test");
    gone["deleted"] = json!("1");
    let document = json!({"Event": {"info": "", "Attribute": [gone], "Object": [
        {"name": "file", "Attribute": [attribute("in", "md5", &"ab".repeat(16))]},
        {"name": "file", "deleted": true, "Attribute": [attribute("out", "md5", &"cd".repeat(16))]},
    ]}});
    let import = read(&document);
    assert_eq!(values(&import), ["ab".repeat(16)]);
    assert_eq!(import.withdrawn, ["gone", "out"]);
}

#[test]
fn every_form_of_export_is_read() {
    let one = event(&[attribute("1", "domain", "evil.test")]);
    let bare = json!({"response": {"Attribute": [attribute("1", "domain", "evil.test")]}});
    for document in [one.clone(), json!([one]), json!({"response": [one]}), bare] {
        assert_eq!(values(&read(&document)), ["evil.test"], "{document}");
    }
    let error = misp::read(&origin(), "{}").unwrap_err().to_string();
    assert_eq!(error, "not a MISP export: it has neither `Event` nor `response`");
    let error = misp::read(&origin(), "{\"Event\":\n[]").unwrap_err().to_string();
    assert!(error.starts_with("not a MISP export: line 2, column "), "{error}");
}

#[test]
fn a_manifest_names_the_events_of_a_feed() {
    let uuid = "5f0a1b2c-0000-4000-8000-00000000000a";
    let text =
        json!({uuid: {"timestamp": "1767225600", "info": "x", "Orgc": {"name": "o"}}}).to_string();
    let events = misp::manifest(&text).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].uuid.as_str(), events[0].changed_at),
        (uuid, time("2026-01-01T00:00:00Z"))
    );
    let error =
        misp::manifest(r#"{"../../etc/passwd": {"timestamp": 1}}"#).unwrap_err().to_string();
    assert_eq!(error, "not the manifest of a MISP feed: `../../etc/passwd` is no UUID");
}
