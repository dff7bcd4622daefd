//! Bundles: what becomes a claim, and what is named as left out.

use serde_json::{Value as Json, json};

use super::{left_out, now, origin, time, values};
use crate::{Confidence, Import, Meaning, Origin, Tlp, stix};

#[expect(clippy::needless_pass_by_value, reason = "is written as a literal")]
fn indicator(id: &str, more: Json) -> Json {
    let mut object = json!({
        "type": "indicator",
        "spec_version": "2.1",
        "id": format!("indicator--{id}"),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern_type": "stix",
        "pattern": "[domain-name:value = 'evil.test']",
        "valid_from": "2026-01-01T00:00:00Z",
    });
    let fields = object.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    object
}

fn read(objects: &[Json]) -> Import {
    let bundle = json!({"type": "bundle", "id": "bundle--1", "objects": objects});
    stix::read(&origin(), &bundle.to_string()).unwrap()
}

const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
const WHITE: &str = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";

#[test]
fn an_indicator_is_a_claim() {
    let import = read(&[indicator(
        "1",
        json!({
            "name": "beacon", "confidence": 80, "valid_until": "2026-06-01T00:00:00Z",
            "labels": ["apt"], "indicator_types": ["malicious-activity"],
            "object_marking_refs": [WHITE, AMBER],
        }),
    )]);
    let (value, claim) = &import.claims[0];
    assert_eq!(value.to_string(), "evil.test");
    assert_eq!(claim.id.as_deref(), Some("indicator--1"));
    assert_eq!((claim.confidence, claim.tlp), (Confidence::new(80), Some(Tlp::Amber)));
    assert_eq!(claim.valid_from, Some(time("2026-01-01T00:00:00Z")));
    assert_eq!(claim.valid_until, Some(time("2026-06-01T00:00:00Z")));
    assert_eq!(claim.tags.iter().collect::<Vec<_>>(), ["apt", "malicious-activity"]);
    assert_eq!(claim.comment.as_deref(), Some("beacon"));
    assert_eq!((claim.meaning, claim.received_at), (Meaning::Malicious, now()));
    assert_eq!(left_out(&import), [""; 0]);
}

#[test]
fn what_the_source_does_not_say_is_assumed() {
    let origin = Origin { confidence: Confidence::new(30), tlp: Some(Tlp::Green), ..origin() };
    let bundle = json!({"objects": [indicator("1", json!({"indicator_types": ["benign"]}))]});
    let import = stix::read(&origin, &bundle.to_string()).unwrap();
    let claim = &import.claims[0].1;
    assert_eq!((claim.confidence, claim.tlp), (Confidence::new(30), Some(Tlp::Green)));
    assert_eq!(claim.meaning, Meaning::Benign);
}

#[test]
fn what_cannot_be_matched_is_named() {
    let import = read(&[
        indicator("yara", json!({"pattern_type": "yara", "pattern": "rule x {}"})),
        indicator("and", json!({"pattern": "[file:name = 'a' AND file:size = 1]"})),
        indicator("half", json!({"pattern": "[domain-name:value = 'a.test' OR file:name = 'a']"})),
        indicator("broken", json!({"pattern": "[domain-name:value"})),
        indicator("never", json!({"valid_until": "2026-01-01T00:00:00Z"})),
        indicator("sure", json!({"confidence": 101})),
        indicator("when", json!({"valid_from": "yesterday"})),
        json!({"type": "indicator", "id": "indicator--bare"}),
        json!({"id": "x--1"}),
        json!(7),
    ]);
    assert_eq!(values(&import), ["a.test"]);
    assert_eq!(
        left_out(&import),
        [
            "indicator--sure: confidence goes from 0 to 100",
            "indicator--when: `yesterday` is no time of RFC 3339",
            "indicator--bare: missing field `pattern`",
            "x--1: it has no `type`",
            "an object without `id`: it has no `type`",
            "indicator--and: it needs several properties together (AND)",
            "indicator--broken: its pattern cannot be read: at character 19: a comparison should stand here, not the end",
            "indicator--half: `file:name` is not matched here",
            "indicator--never: `valid_until` is not after `valid_from`",
            "indicator--yara: its pattern is of type `yara`, which is not matched here",
        ]
    );
}

#[test]
fn the_latest_version_counts_and_may_revoke() {
    let newer = |more: Json| {
        let mut more = more;
        more["modified"] = json!("2026-02-01T00:00:00Z");
        more
    };
    let import = read(&[
        indicator("1", newer(json!({"pattern": "[domain-name:value = 'new.test']"}))),
        indicator("1", json!({})),
        indicator("2", json!({})),
        indicator("2", newer(json!({"revoked": true}))),
    ]);
    assert_eq!(values(&import), ["new.test"]);
    assert_eq!(import.withdrawn, ["indicator--2"]);
}

#[test]
fn a_marking_that_nobody_knows_counts_as_red() {
    let own = |id: &str, more: Json| {
        let mut object = json!({"type": "marking-definition", "id": id});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    };
    let marked = |id: &str, marking: &str| indicator(id, json!({"object_marking_refs": [marking]}));
    let second = json!({"extensions": {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":
        {"extension_type": "property-extension", "tlp_2_0": "amber+strict"}}});
    let import = read(&[
        marked("1", "m--first"),
        marked("2", "m--second"),
        marked("3", "m--statement"),
        marked("4", "m--gone"),
        indicator(
            "5",
            json!({"granular_markings": [{"marking_ref": AMBER, "selectors": ["name"]}]}),
        ),
        own("m--first", json!({"definition_type": "tlp", "definition": {"tlp": "green"}})),
        own("m--second", second),
        own(
            "m--statement",
            json!({"definition_type": "statement", "definition": {"statement": "©"}}),
        ),
    ]);
    let tlps: Vec<Option<Tlp>> = import.claims.iter().map(|(_, claim)| claim.tlp).collect();
    let expect = [Some(Tlp::Green), Some(Tlp::AmberStrict), None, Some(Tlp::Red), Some(Tlp::Amber)];
    assert_eq!(tlps, expect);
    assert_eq!(left_out(&import), ["indicator--4: m--gone is not known, so it counts as TLP:RED"]);
}

#[test]
fn sightings_are_reported_and_other_objects_counted() {
    let import = read(&[
        json!({"type": "sighting", "id": "sighting--1", "sighting_of_ref": "indicator--1", "count": 4,
            "first_seen": "2026-02-01T00:00:00Z", "last_seen": "2026-02-03T00:00:00Z"}),
        json!({"type": "sighting", "id": "sighting--2", "sighting_of_ref": "indicator--1", "last_seen": "2030-01-01T00:00:00Z"}),
        json!({"type": "sighting", "id": "sighting--3", "sighting_of_ref": "indicator--1", "revoked": true}),
        json!({"type": "malware", "id": "malware--1"}),
        json!({"type": "malware", "id": "malware--2"}),
    ]);
    let seen: Vec<_> = import.sightings.iter().map(|s| (s.count, s.first, s.last)).collect();
    let first = (4, time("2026-02-01T00:00:00Z"), time("2026-02-03T00:00:00Z"));
    assert_eq!(seen, [first, (1, now(), now())], "nothing was seen later than it was told");
    assert_eq!(import.others["malware"], 2);
}

#[test]
fn what_is_no_bundle_says_where_it_goes_wrong() {
    let check = |text: &str, expect: &str| {
        assert_eq!(stix::read(&origin(), text).unwrap_err().to_string(), expect, "{text}");
    };
    check("{", "not a STIX 2.1 bundle: line 1, column 1: EOF while parsing an object");
    check(
        "[1]",
        "not a STIX 2.1 bundle: line 1, column 2: invalid type: integer `1`, expected a string",
    );
    check(
        r#"{"type": "report"}"#,
        "not a STIX 2.1 bundle: its `type` is `report`; it should be `bundle`",
    );
    check(
        "{\"objects\":\n 7}",
        "not a STIX 2.1 bundle: line 2, column 2: invalid type: integer `7`, expected a sequence",
    );
    let empty = stix::read(&origin(), r#"{"type": "bundle"}"#).unwrap();
    assert_eq!(empty, Import::default());
    let deep = format!("{{\"objects\":[{}{}]}}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(stix::read(&origin(), &deep).unwrap_err().to_string().contains("recursion limit"));
}
