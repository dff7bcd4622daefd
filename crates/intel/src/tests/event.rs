//! What of an event is looked up.

use serde_json::json;
use stanch_model::{
    Event, EventId, TenantId,
    event::{Common, LogSource, Trust},
};

use super::now;
use crate::{Index, Value};

fn event(common: Common, fields: &serde_json::Value) -> Event {
    Event {
        id: EventId::default(),
        tenant: TenantId::default(),
        source: "test".to_owned(),
        trust: Trust::Medium,
        occurred_at: now(),
        received_at: now(),
        log_source: LogSource::default(),
        fields: fields.as_object().unwrap().clone(),
        common,
        product_alert: None,
        raw: String::new(),
    }
}

/// `FIELD NUMBER` of what was found.
fn matches(entries: &[&str], event: &Event) -> Vec<String> {
    let values: Vec<Value> = entries.iter().map(|text| Value::read(text).unwrap()).collect();
    let found = Index::of(&values).matches(event);
    found.iter().map(|found| format!("{} {}", found.field, found.found.entry)).collect()
}

#[test]
fn mapped_fields_are_looked_up() {
    let common = Common {
        host: Some("WS-01.evil.test".to_owned()),
        src_ip: Some("203.0.113.7".parse().unwrap()),
        dst_ip: Some("::ffff:203.0.114.7".parse().unwrap()),
        domain: Some("a.bücher.example".to_owned()),
        url: Some("http://198.51.100.1/x".to_owned()),
        file_sha256: Some("AB".repeat(32)),
        user: Some("evil.test".to_owned()),
        process: Some("evil.test".to_owned()),
        ..Common::default()
    };
    let hash = "ab".repeat(32);
    let entries = ["evil.test", "203.0.112.0/22", "bücher.example", "198.51.100.1", hash.as_str()];
    let found = matches(&entries, &event(common, &json!({})));
    let expect = ["host 0", "domain 2", "url 3", "file_sha256 4", "src_ip 1", "dst_ip 1"];
    assert_eq!(found, expect, "users and processes are no domains");
}

#[test]
fn hashes_and_mail_addresses_are_found_by_the_names_of_their_fields() {
    let (md5, sha1, imp) = ("ab".repeat(16), "cd".repeat(20), "ef".repeat(16));
    let fields = json!({
        "Hashes": format!("SHA1={sha1},MD5={},IMPHASH={imp}", md5.to_uppercase()),
        "fileinfo.sha1": sha1,
        "email.from": "Some One <Bad@Evil.test>",
        "email.to": ["x@corp.test, y@evil.test", 7],
        "comment": "bad@evil.test",
        "md5": 7,
    });
    let entries = [md5.as_str(), sha1.as_str(), imp.as_str(), "bad@evil.test", "y@evil.test"];
    let found = matches(&entries, &event(Common::default(), &fields));
    let expect = ["Hashes 1", "Hashes 0", "fileinfo.sha1 1", "email.from 3", "email.to 4"];
    assert_eq!(found, expect, "an import hash is no MD5 of a file");
}
