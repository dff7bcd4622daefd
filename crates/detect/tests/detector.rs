//! The detector: rules and events in, detections out. Each case is text that an analyst can read.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use stanch_detect::{Detection, Detector, RuleSet, load, product_detection};
use stanch_model::{
    Event, EventId, Severity, Time,
    alert::RuleKind,
    event::{Common, LogSource, ProductAlert, Trust},
};

fn rules(text: &str) -> Arc<RuleSet> {
    let (rules, findings) = load(&[("test.yaml".to_owned(), text.to_owned())]);
    assert_eq!(findings, [], "the rules load");
    Arc::new(rules)
}

fn source(product: &str, service: &str, categories: &[&str]) -> LogSource {
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    LogSource {
        product: word(product),
        service: word(service),
        categories: categories.iter().map(|c| (*c).to_owned()).collect(),
    }
}

fn event(number: u64, at: &str, log_source: LogSource, fields: &Value) -> Event {
    Event {
        id: EventId { segment: 1, sequence: number },
        tenant: Default::default(),
        source: "test".to_owned(),
        trust: Trust::Medium,
        occurred_at: at.parse().unwrap(),
        received_at: Time::default(),
        log_source,
        fields: fields.as_object().unwrap().clone(),
        common: Common::default(),
        product_alert: None,
        raw: String::new(),
    }
}

/// `title×count group` of each detection.
fn titles(found: &[Detection]) -> Vec<String> {
    let one = |d: &Detection| {
        let group: Vec<_> = d.group.iter().map(|(_, value)| value.as_str()).collect();
        format!("{}×{} {}", d.rule.title, d.count, group.join(" ")).trim_end().to_owned()
    };
    found.iter().map(one).collect()
}

const ROUTED: &str = r"
title: set
id: 00000000-0000-4000-8000-000000000001
logsource: { product: windows, category: registry_set }
detection: { selection: { a: x }, condition: selection }
---
title: event
id: 00000000-0000-4000-8000-000000000002
logsource: { product: windows, category: registry_event }
detection: { selection: { a: x }, condition: selection }
---
title: sysmon
id: 00000000-0000-4000-8000-000000000003
logsource: { product: windows, service: sysmon }
detection: { selection: { a: x }, condition: selection }
---
title: security
id: 00000000-0000-4000-8000-000000000004
logsource: { product: windows, service: security }
detection: { selection: { a: x }, condition: selection }
---
title: any product
id: 00000000-0000-4000-8000-000000000005
logsource: { category: Registry_Set }
detection: { selection: { a: x }, condition: selection }
---
title: linux
id: 00000000-0000-4000-8000-000000000006
logsource: { product: linux }
detection: { selection: { a: x }, condition: selection }
---
title: all three
id: 00000000-0000-4000-8000-000000000007
logsource: { product: windows, service: sysmon, category: registry_set }
detection: { selection: { a: x }, condition: selection }
";

#[test]
fn a_rule_is_asked_where_product_and_service_are_equal_and_its_category_is_in_the_set() {
    let set = rules(ROUTED);
    let check = |log_source: LogSource, expect: &[&str]| {
        let event = event(1, "2026-11-24T10:00:00Z", log_source.clone(), &json!({ "a": "x" }));
        let found = Detector::new(Arc::clone(&set)).process(&event);
        let found_titles: Vec<_> = found.iter().map(|d| d.rule.title.as_str()).collect();
        assert_eq!(found_titles, expect, "{log_source:?}");
        let ids: Vec<_> = found.into_iter().map(|d| d.rule.id).collect();
        assert_eq!(ids, set.evaluate_plain(&event), "routed is plain: {log_source:?}");
    };
    check(
        source("windows", "sysmon", &["registry_set", "registry_event"]),
        &["set", "event", "sysmon", "any product", "all three"],
    );
    check(
        source("windows", "sysmon", &["registry_event", "registry_set", "registry_set"]),
        &["set", "event", "sysmon", "any product", "all three"],
    );
    check(source("windows", "security", &[]), &["security"]);
    check(source("Windows", "", &["REGISTRY_SET"]), &["set", "any product"]);
    check(source("linux", "sysmon", &["registry_set"]), &["any product", "linux"]);
    check(source("", "", &["registry_set"]), &["any product"]);
    check(source("macos", "unknown", &["file_event"]), &[]);
}

#[test]
fn a_match_carries_severity_techniques_fields_and_event() {
    let set = rules(
        r"
title: Shadow copies deleted
id: 00000000-0000-4000-8000-000000000001
tags: [ attack.impact, attack.t1490, attack.t1059.001 ]
logsource: { product: windows, category: process_creation }
detection:
    selection: { CommandLine|contains|all: [ delete, shadows ], Image|endswith: '\vssadmin.exe' }
    filter: { User: SYSTEM }
    condition: selection and not filter
level: critical
",
    );
    let fields =
        json!({ "CommandLine": "vssadmin Delete Shadows /all", "Image": r"C:\x\vssadmin.exe" });
    let event =
        event(7, "2026-11-24T10:00:00Z", source("windows", "", &["process_creation"]), &fields);
    let found = Detector::new(set).process(&event);
    let [one] = found.as_slice() else { panic!("one detection: {found:?}") };
    assert_eq!((one.rule.kind, one.severity, one.count), (RuleKind::Sigma, Severity::Critical, 1));
    assert_eq!(one.techniques, ["T1059.001", "T1490"]);
    assert_eq!(one.events, [event.id]);
    let names: Vec<_> = one.matched_fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["CommandLine", "Image"]);
    assert_eq!(one.matched_fields[1].1, json!(r"C:\x\vssadmin.exe"));
}

#[test]
fn fields_are_found_by_exact_name_then_by_path_and_keywords_in_text() {
    let set = rules(
        r"
title: exact
id: 00000000-0000-4000-8000-000000000001
logsource: { product: x }
detection: { selection: { dns.query: a }, condition: selection }
---
title: list
id: 00000000-0000-4000-8000-000000000002
logsource: { product: x }
detection: { selection: { answers.rdata: '192.0.2.1' }, condition: selection }
---
title: keyword
id: 00000000-0000-4000-8000-000000000003
logsource: { product: x }
detection: { keywords: [ 'segfault' ], condition: keywords }
---
title: number
id: 00000000-0000-4000-8000-000000000004
logsource: { product: x }
detection: { selection: { port|gte: 1024 }, condition: selection }
---
title: absent
id: 00000000-0000-4000-8000-000000000005
logsource: { product: x }
detection: { selection: { host: null, port: 80 }, condition: selection }
",
    );
    let check = |fields: Value, raw: &str, expect: &[&str]| {
        let mut event = event(1, "2026-11-24T10:00:00Z", source("x", "", &[]), &fields);
        raw.clone_into(&mut event.raw);
        let found = Detector::new(Arc::clone(&set)).process(&event);
        let titles: Vec<_> = found.iter().map(|d| d.rule.title.as_str()).collect();
        assert_eq!(titles, expect, "{fields}");
    };
    check(json!({ "dns.query": "a" }), "", &["exact"]);
    check(json!({ "dns": { "query": "A" } }), "", &["exact"]);
    check(json!({ "answers": [{ "rdata": "x" }, { "rdata": "192.0.2.1" }] }), "", &["list"]);
    check(json!({ "note": ["a SEGFAULT at 0"] }), "", &["keyword"]);
    check(json!({}), "kernel: segfault at 0", &["keyword"]);
    check(json!({}), r#"{"segfault":1}"#, &[]);
    check(json!({ "port": 8080, "host": "a" }), "", &["number"]);
    check(json!({ "port": "8080", "host": "a" }), "", &["number"]);
    check(json!({ "port": 80 }), "", &["absent"]);
}

const BRUTE_FORCE: &str = r"
title: failure
id: 00000000-0000-4000-8000-000000000001
name: failure
logsource: { product: linux, service: sshd }
detection: { selection: { event: failed }, condition: selection }
level: informational
---
title: success
id: 00000000-0000-4000-8000-000000000002
name: success
logsource: { product: linux, service: sshd }
detection: { selection: { event: accepted }, condition: selection }
level: informational
---
title: many
id: 00000000-0000-4000-8000-000000000003
name: many
correlation:
    type: event_count
    rules: [ failure ]
    group-by: [ src_ip ]
    timespan: 1m
    condition: { gte: 3 }
level: high
---
title: quiet
id: 00000000-0000-4000-8000-000000000007
name: quiet
correlation:
    type: event_count
    rules: [ failure ]
    group-by: [ src_ip ]
    timespan: 1m
    condition: { gte: 3 }
level: high
---
title: users
id: 00000000-0000-4000-8000-000000000004
correlation:
    type: value_count
    rules: [ 00000000-0000-4000-8000-000000000001 ]
    group-by: [ src_ip ]
    timespan: 1m
    condition: { field: user, gte: 4 }
level: high
---
title: then in
id: 00000000-0000-4000-8000-000000000005
correlation:
    type: temporal_ordered
    rules: [ quiet, success ]
    group-by: [ src_ip ]
    timespan: 2m
level: critical
---
title: both
id: 00000000-0000-4000-8000-000000000006
correlation:
    type: temporal
    rules: [ failure, success ]
    group-by: [ user ]
    timespan: 10s
level: low
";

/// `SECONDS EVENT ADDRESS USER` a line, after ten o'clock; what each line finds.
fn story(detector: &mut Detector, lines: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let [seconds, what, address, user] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("four words: {line}")
        };
        let event = told(u64::try_from(number).unwrap(), seconds, what, address, user);
        let one = titles(&detector.process(&event));
        found.extend(one.into_iter().map(|title| format!("{seconds}: {title}")));
    }
    found
}

fn told(number: u64, seconds: &str, what: &str, address: &str, user: &str) -> Event {
    let start: Time = "2026-11-24T10:00:00Z".parse().unwrap();
    let fields = json!({ "event": what, "src_ip": address, "user": user });
    let mut event = event(number, "2026-11-24T10:00:00Z", source("linux", "sshd", &[]), &fields);
    let millis = (seconds.parse::<f64>().unwrap() * 1000.0).round();
    event.occurred_at = if millis < 0.0 {
        start.minus(Duration::from_secs_f64(-millis / 1000.0))
    } else {
        start.plus(Duration::from_secs_f64(millis / 1000.0))
    };
    event
}

#[test]
fn correlations_count_by_group_within_their_window() {
    let check = |lines: &str, expect: &[&str]| {
        let found = story(&mut Detector::new(rules(BRUTE_FORCE)), lines);
        assert_eq!(found, expect, "{lines}");
    };
    // Base rules raise nothing by themselves; the third failure fires; counting begins again.
    check(
        "0 failed a r\n 1 failed a r\n 2 failed a r\n 3 failed a r\n 4 failed a r\n 5 failed a r",
        &["2: many×3 a", "5: many×3 a"],
    );
    // Groups do not mix; a window ends.
    check("0 failed a r\n 1 failed b r\n 2 failed a r\n 3 failed b r", &[]);
    check("0 failed a r\n 1 failed a r\n 60 failed a r", &["60: many×3 a"]);
    check("0 failed a r\n 1 failed a r\n 60.001 failed a r\n 61.002 failed a r", &[]);
    // Distinct values are counted, not events.
    check(
        "0 failed a r\n 1 failed a r\n 2 failed a s\n 3 failed a t\n 4 failed a u",
        &["2: many×3 a", "4: users×4 a"],
    );
    // A chain over a correlation, in order; the other order is nothing.
    check(
        "0 failed a r\n 1 failed a r\n 2 failed a r\n 30 accepted a r",
        &["2: many×3 a", "30: then in×2 a"],
    );
    check("0 accepted a r\n 40 failed a r\n 41 failed a r\n 42 failed a r", &["42: many×3 a"]);
    // Order holds within one second.
    check(
        "0.1 failed a r\n 0.2 failed a r\n 0.3 failed a r\n 0.9 accepted a x",
        &["0.3: many×3 a", "0.9: then in×2 a"],
    );
    check(
        "0.1 accepted a x\n 0.2 failed a r\n 0.3 failed a r\n 0.4 failed a r",
        &["0.4: many×3 a"],
    );
    // `temporal` wants all of its rules, in any order.
    check("0 accepted a r\n 5 failed b r", &["5: both×2 r"]);
    check("0 accepted a r\n 11 failed b r", &[]);
}

#[test]
fn late_and_forged_times_neither_panic_nor_empty_a_window() {
    let mut detector = Detector::new(rules(BRUTE_FORCE));
    let found = story(
        &mut detector,
        "100 failed a r\n -100000 failed b r\n 99 failed a r\n 101 failed a r",
    );
    assert_eq!(found, ["101: many×3 a"]);
    for (address, micros) in [("c", i64::MIN), ("c", i64::MAX), ("d", -1), ("d", 0)] {
        let mut event = told(9, "0", "failed", address, "r");
        event.occurred_at = Time::from_micros(micros);
        assert_eq!(titles(&detector.process(&event)), [] as [String; 0]);
    }
    // Received at ten, claims to come from a year ahead: it counts as received now.
    let mut detector = Detector::new(rules(BRUTE_FORCE));
    let received_at = told(0, "0", "failed", "a", "r").occurred_at;
    let mut seen = Vec::new();
    for (number, ahead) in [(0, 0), (1, 31_536_000), (2, 1)] {
        let mut event = told(number, &ahead.to_string(), "failed", "a", "r");
        event.received_at = received_at;
        seen.extend(titles(&detector.process(&event)));
    }
    assert_eq!(seen, [] as [String; 0], "five minutes ahead are outside a window of one");
}

#[test]
fn warming_up_rebuilds_windows_and_says_nothing() {
    let before = "0 failed a r\n 1 failed a r\n 2 failed a r\n 3 failed a r\n 4 failed a r";
    let after = "5 failed a r";
    let mut whole = Detector::new(rules(BRUTE_FORCE));
    story(&mut whole, before);
    let expect = story(&mut whole, after);
    assert_eq!(expect, ["5: many×3 a"]);

    let mut restarted = Detector::new(rules(BRUTE_FORCE));
    for (number, line) in before.lines().enumerate() {
        let words: Vec<_> = line.trim().split(' ').collect();
        let number = u64::try_from(number).unwrap();
        restarted.warm(&told(number, words[0], words[1], words[2], words[3]));
    }
    assert_eq!(story(&mut restarted, after), expect);
    assert_eq!(story(&mut Detector::new(rules(BRUTE_FORCE)), after), [] as [String; 0]);
}

#[test]
fn a_correlation_names_the_events_it_counted() {
    let mut detector = Detector::new(rules(BRUTE_FORCE));
    let mut last = Vec::new();
    for (number, second) in [(4, "0"), (5, "1"), (9, "2")] {
        last = detector.process(&told(number, second, "failed", "a", "r"));
    }
    let [one] = last.as_slice() else { panic!("one: {last:?}") };
    let events: Vec<_> = one.events.iter().map(|id| id.sequence).collect();
    assert_eq!(events, [4, 5, 9]);
    assert_eq!(one.group, [("src_ip".to_owned(), "a".to_owned())]);
    assert_eq!((one.rule.kind, one.severity), (RuleKind::Correlation, Severity::High));
    assert_eq!(one.matched_fields, [("event".to_owned(), json!("failed"))]);
}

#[test]
fn windows_reach_as_far_back_as_chains_do() {
    assert_eq!(rules(BRUTE_FORCE).max_window(), Duration::from_secs(180));
    assert_eq!(rules(ROUTED).max_window(), Duration::ZERO);
}

#[test]
fn generate_lets_a_base_rule_speak_for_itself() {
    let generating = BRUTE_FORCE.replacen("title: many\n", "title: many\ngenerate: true\n", 1);
    let found = story(&mut Detector::new(rules(&generating)), "0 failed a r\n 1 accepted a r");
    assert_eq!(found, ["0: failure×1", "1: both×2 r"]);
}

#[test]
fn aliases_and_extended_conditions_refer_by_name() {
    let text = r"
title: dns
id: 00000000-0000-4000-8000-000000000001
name: dns
logsource: { product: x }
detection: { selection: { kind: dns }, condition: selection }
---
title: http
id: 00000000-0000-4000-8000-000000000002
name: http
logsource: { product: x }
detection: { selection: { kind: http }, condition: selection }
---
title: tls
id: 00000000-0000-4000-8000-000000000003
name: tls
logsource: { product: x }
detection: { selection: { kind: tls }, condition: selection }
---
title: talks
id: 00000000-0000-4000-8000-000000000004
correlation:
    type: temporal
    rules: [ dns, http, tls ]
    aliases: { who: { dns: client, http: src, tls: src } }
    group-by: [ who ]
    timespan: 1m
    condition: dns and (http or tls)
level: high
";
    let mut detector = Detector::new(rules(text));
    let mut seen = Vec::new();
    let kinds = [
        json!({ "kind": "http", "src": "a" }),
        json!({ "kind": "dns", "client": "b" }),
        json!({ "kind": "tls", "src": "b" }),
    ];
    for (number, fields) in (0..).zip(&kinds) {
        let event = event(number, "2026-11-24T10:00:00Z", source("x", "", &[]), fields);
        seen.extend(titles(&detector.process(&event)));
    }
    assert_eq!(seen, ["talks×2 b"]);
}

#[test]
fn filters_narrow_the_rules_they_name() {
    let text = r"
title: filtered
id: 00000000-0000-4000-8000-000000000001
name: by_name
logsource: { product: x }
detection: { selection: { a: x }, condition: selection }
---
title: untouched
id: 00000000-0000-4000-8000-000000000002
logsource: { product: x }
detection: { selection: { a: x }, condition: selection }
---
title: Accounts of administrators
logsource: { product: x }
filter:
    rules: [ by_name ]
    selection: { user|startswith: adm_ }
    condition: not selection
";
    let set = rules(text);
    let check = |user: &str, expect: &[&str]| {
        let fields = json!({ "a": "x", "user": user });
        let event = event(1, "2026-11-24T10:00:00Z", source("x", "", &[]), &fields);
        let found = Detector::new(Arc::clone(&set)).process(&event);
        let titles: Vec<_> = found.iter().map(|d| d.rule.title.as_str()).collect();
        assert_eq!(titles, expect, "{user}");
    };
    check("bob", &["filtered", "untouched"]);
    check("adm_bob", &["untouched"]);
}

#[test]
fn references_reach_across_files_and_a_refused_file_takes_its_readers_with_it() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let base = r"
title: base
id: base-rule
logsource: { product: x }
detection: { selection: { a: x }, condition: selection }
";
    let counting = r"
title: counting
id: counting
correlation: { type: event_count, rules: [ base-rule ], timespan: 1m, condition: { gte: 2 } }
";
    let chain = r"
title: chain
id: chain
correlation: { type: event_count, rules: [ counting ], timespan: 1m, condition: { gte: 2 } }
";
    let loaded = |files: &[(String, String)]| {
        let (set, findings) = load(files);
        let rules: Vec<_> = set.rules().iter().map(|rule| rule.id.clone()).collect();
        let codes: Vec<_> =
            findings.iter().map(|f| format!("{} {}", f.path, f.diagnostic.code)).collect();
        (rules.join(" "), codes.join(", "))
    };
    let files = [file("3", chain), file("2", counting), file("1", base)];
    assert_eq!(loaded(&files), ("chain counting base-rule".to_owned(), String::new()));
    let files = [file("3", chain), file("2", counting)];
    assert_eq!(loaded(&files), (String::new(), "3 SG0043, 2 SG0043".to_owned()));
    let broken = base.replace("condition: selection", "condition: nothing");
    let files = [file("3", chain), file("2", counting), file("1", &broken)];
    let (rules, codes) = loaded(&files);
    assert_eq!(rules, "");
    assert!(codes.contains("1 SG0022") && codes.contains("2 SG0043"), "{codes}");
    let files = [file("rule.test.yaml", "not: a rule"), file("1", base)];
    assert_eq!(loaded(&files), ("base-rule".to_owned(), String::new()));
}

#[test]
fn alerts_of_products_pass_through() {
    let mut event = event(3, "2026-11-24T10:00:00Z", source("suricata", "", &[]), &json!({}));
    assert_eq!(product_detection(&event), None);
    event.product_alert = Some(ProductAlert {
        rule_id: "suricata:9000001".to_owned(),
        title: "C2 beacon".to_owned(),
        severity: Severity::High,
        techniques: vec!["T1071.001".to_owned()],
    });
    let found = product_detection(&event).unwrap();
    assert_eq!((found.rule.id.as_str(), found.rule.kind), ("suricata:9000001", RuleKind::Product));
    assert_eq!((found.severity, found.count, found.events), (Severity::High, 1, vec![event.id]));
    assert_eq!(found.techniques, ["T1071.001"]);
}
