//! Policy files: findings at their places, codes with examples, and the files that we ship.

use crate::{
    Policy,
    file::{
        KEYS,
        codes::{CODES, Code},
        load,
    },
};

/// `LINE:COL CODE message | help` of every finding.
fn findings(text: &str) -> Vec<String> {
    let (_, findings) = load(text);
    findings.iter().map(|finding| format!("{finding} | {}", finding.help)).collect()
}

#[test]
fn every_code_has_an_example_that_has_it() {
    for Code { code, example, fix, .. } in CODES {
        let found = load(example).1;
        let codes: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, [code], "{example}\n{found:#?}");
        assert!(!found[0].help.is_empty() && fix.ends_with('.'), "{code}");
        let line = usize::try_from(found[0].span.line).unwrap();
        assert!(line >= 1 && line <= example.lines().count(), "{code}: {:?}", found[0].span);
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_at_its_place() {
    let text = "policy: p\nprotectd: []\nprotected:\n  - { kind: ip, value: 10.0.0.300 }\n  - { tag: dc }\n  - { tag: dc, group: x }\n\
                budgets:\n  - { class: edr.isolate-host, limit: five, window: 1h }\n  - class: edr.*\n    limit: 5\n    windw: 1h\n\
                freeze:\n  - { name: w, zone: Europe/Berln }\nfleet: { percent: 200 }\nbreakers: none\n\
                rights:\n  - permit: { who: { grup: x }, what: edr.* }\napproval: { not_requester: maybe }\n";
    insta::assert_snapshot!(findings(text).join("\n"), @r"
    2:1 GD0004 a policy has no key `protectd` | the keys here are policy, title, protected, shared, budgets, fleet, approval, freeze, breakers, canaries, rights, promotion, loosening
    4:24 GD0006 `10.0.0.300` names no ip | write an address or a network, as in 10.0.0.0/24
    6:7 GD0006 an entry names assets in one way | `kind` and `value`, or `tag`, or `group`, or `criticality`
    8:14 GD0006 `edr.isolate-host` is no class | write a capability as in edr.isolate_host, edr.* for all of a kind, or *
    11:5 GD0004 unknown key `windw` | the keys here are class, limit, window, scope
    13:22 GD0006 `Europe/Berln` is no time zone | write one of the database, as in Europe/Berlin or UTC
    14:10 GD0006 200 is no percentage | write 0 to 100
    15:11 GD0006 here stands a list | begin each entry on a line of its own, with `- `
    17:22 GD0006 `grup` is no word for this | write one of `anybody`, `person`, `token`, `group`, `role`, `playbook`, `connector`
    18:28 GD0006 the value is neither true nor false | write true or false
    ");
    assert!(load(text).0.is_none());
}

#[test]
fn what_yaml_hides_is_refused() {
    for (text, expect) in [
        ("policy: a\n---\nbudgets: []\n", "GD0001"),
        ("policy: a\0\nbudgets: []\n", "GD0001"),
        ("- policy: a\n", "GD0001"),
        ("policy: &a x\ntitle: *a\n", "GD0001"),
        ("policy: !!str x\n", "GD0001"),
    ] {
        let found = findings(text);
        assert!(found.len() == 1 && found[0].contains(expect), "{text:?} {found:?}");
    }
}

#[test]
fn a_file_that_says_nothing_is_the_strict_policy() {
    for text in ["", "# nothing yet\n", "policy: p\nbudgets:\n"] {
        let (policy, findings) = load(text);
        assert!(findings.is_empty(), "{findings:?}");
        assert!(
            crate::compare(&policy.unwrap(), &Policy::default())
                .iter()
                .all(|change| { change.direction == stanch_model::guard::Direction::Neutral })
        );
    }
}

#[test]
fn the_policy_of_a_configuration_is_read_as_well() {
    let text = "connectors: [{ name: x }]\npolicy:\n  fleet: { percent: 1 }\n";
    let (policy, findings) = load(text);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(policy.unwrap().fleet.percent, 1);
    let refused = load("connectors: []\npolicy:\n  flet: {}\n").1;
    assert_eq!((refused[0].code.as_str(), refused[0].span.line), ("GD0004", 3));
}

#[test]
fn what_is_written_is_read_back_with_every_key() {
    let policy = super::arbitrary::full();
    let text = serde_json::to_string(&policy).unwrap();
    let map: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut written: Vec<&str> = map.as_object().unwrap().keys().map(String::as_str).collect();
    written.sort_unstable();
    let mut known = KEYS;
    known.sort_unstable();
    assert_eq!(written, known, "the reader knows every field, and no other");
    let (read, findings) = load(&text);
    assert!(!findings.iter().any(stanch_model::Diagnostic::is_error), "{findings:?}");
    assert_eq!(read, Some(policy));
}

#[test]
fn shipped_policies_load_without_a_finding_and_loosen_nothing_that_is_built_in_silently() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/policies");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (policy, findings) = load(&text);
        assert!(findings.is_empty(), "{}: {findings:#?}", path.display());
        let Policy { policy: name, title, .. } = policy.unwrap();
        assert_eq!(path.file_stem().unwrap().to_str(), Some(name.as_str()));
        assert!(!title.is_empty(), "{}", path.display());
        names.push(name);
    }
    assert!(names.len() >= 3, "{names:?}");
}
