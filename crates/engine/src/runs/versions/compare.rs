//! What is different between two texts of a playbook: line by line, and in what it comes to.
//!
//! The second is read off the YAML and not the language's own tree: both texts were checked when they were
//! written, and a version that an older build took must be comparable with one of today's.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};
use similar::TextDiff;
use stanch_model::version::{Difference, Version, VersionDiff};

/// How long lines may be compared; what is left then is shown as removed and added.
const PATIENCE: Duration = Duration::from_millis(500);

/// Unchanged lines that are shown around a change.
const CONTEXT_LINES: usize = 3;

/// Longest value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 400;

/// Keys that make a mapping a step, and its kind.
const KINDS: &[&str] = &[
    "do", "script", "call", "ask", "if", "switch", "while", "for_each", "wait", "set", "parallel",
    "try", "end",
];

/// Keys under which steps stand.
const NESTED: &[&str] = &["then", "else", "parallel", "steps", "cases", "try", "on_error"];

/// What is different between two versions with their texts.
pub(crate) fn differences(
    (from, before): (&Version, &str),
    (to, after): (&Version, &str),
) -> VersionDiff {
    let lines = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    let name = |version: &Version| format!("{} {}", version.playbook, version.number);
    let mut unified = lines.unified_diff();
    let text = unified.context_radius(CONTEXT_LINES).header(&name(from), &name(to)).to_string();
    VersionDiff { from: from.number, to: to.number, text, changes: changes(before, after) }
}

fn changes(before: &str, after: &str) -> Vec<Difference> {
    let (before, after) = (parts(before), parts(after));
    let names: Vec<&(String, String)> = {
        let new = after.order.iter().filter(|name| !before.parts.contains_key(*name));
        before.order.iter().chain(new).collect()
    };
    let mut found = Vec::new();
    for name in names {
        let (was, is) = (before.parts.get(name), after.parts.get(name));
        if was != is {
            let (what, at) = name.clone();
            found.push(Difference { what, at, before: was.cloned(), after: is.cloned() });
        }
    }
    found
}

/// The parts of a playbook, each with what it says.
#[derive(Default)]
struct Parts {
    order: Vec<(String, String)>,
    parts: BTreeMap<(String, String), String>,
}

impl Parts {
    fn put(&mut self, what: &str, at: &str, says: String) {
        let mut name = (what.to_owned(), at.to_owned());
        for number in 2.. {
            if !self.parts.contains_key(&name) {
                break;
            }
            name.1 = format!("{at} ({number})");
        }
        self.order.push(name.clone());
        self.parts.insert(name, says);
    }

    fn steps(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.steps(item)),
            Value::Object(map) => {
                if let Some(kind) = KINDS.iter().find(|kind| map.contains_key(**kind)) {
                    self.step(kind, map);
                }
                let nested = NESTED.iter().filter_map(|key| map.get(*key));
                nested.for_each(|value| self.steps(value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn step(&mut self, kind: &str, map: &Map<String, Value>) {
        let headline = map.get(kind).filter(|value| !holds_steps(value)).map(shown);
        let headline = headline.unwrap_or_default();
        let at = map.get("id").and_then(Value::as_str).unwrap_or(&headline);
        let own = map.iter().filter(|(key, value)| {
            *key != kind && *key != "id" && !(NESTED.contains(&key.as_str()) && holds_steps(value))
        });
        let own = own.map(|(key, value)| format!("{key}: {}", shown(value)));
        let says: Vec<String> =
            std::iter::once(headline.clone()).chain(own).filter(|part| !part.is_empty()).collect();
        self.put(kind, at, says.join("; "));
    }
}

fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    let Ok(Value::Object(map)) = marked_yaml::from_yaml::<Value>(0, text) else { return parts };
    for (key, value) in &map {
        match key.as_str() {
            "steps" => parts.steps(value),
            "playbook" => {}
            key => parts.put(key, "", shown(value)),
        }
    }
    parts
}

/// Whether steps stand in it.
fn holds_steps(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(Value::is_object),
        Value::Object(map) => map.values().any(holds_steps),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = r#"
playbook: p
title: Stop a beacon
max_mode: assist
on: { alert: "alert.severity >= SEVERITY.high" }
steps:
  - id: find
    do: edr.find_host
    with: { address: "${{ alert.src.ip }}" }
  - if: "steps.find.found"
    then:
      - id: isolate
        do: edr.isolate_host
        with: { host: "${{ steps.find.name }}" }
        expires: 8h
      - do: incident.comment
        with: { text: one }
    else:
      - { end: failed, note: nobody }
"#;

    #[track_caller]
    fn check(edit: (&str, &str), expect: &[(&str, &str, Option<&str>, Option<&str>)]) {
        assert!(BEFORE.contains(edit.0), "{edit:?}");
        let after = BEFORE.replace(edit.0, edit.1);
        let found = changes(BEFORE, &after);
        let found: Vec<_> = found
            .iter()
            .map(|d| (&*d.what, &*d.at, d.before.as_deref(), d.after.as_deref()))
            .collect();
        assert_eq!(found, expect, "{edit:?}");
    }

    #[test]
    fn each_change_is_named_by_what_it_is_about() {
        assert_eq!(changes(BEFORE, BEFORE), []);
        let trigger = r#"{"alert":"alert.severity >= SEVERITY.high"}"#;
        let lower = r#"{"alert":"alert.severity >= SEVERITY.low"}"#;
        check(("SEVERITY.high", "SEVERITY.low"), &[("on", "", Some(trigger), Some(lower))]);
        check(
            ("max_mode: assist", "max_mode: auto"),
            &[("max_mode", "", Some("assist"), Some("auto"))],
        );
        let isolate = |expires: &str| {
            format!(
                "edr.isolate_host; with: {{\"host\":\"${{{{ steps.find.name }}}}\"}}; expires: {expires}"
            )
        };
        check(
            ("expires: 8h", "expires: 24h"),
            &[("do", "isolate", Some(&isolate("8h")), Some(&isolate("24h")))],
        );
        check(
            ("    else:\n      - { end: failed, note: nobody }\n", ""),
            &[("end", "failed", Some("failed; note: nobody"), None)],
        );
        check(
            ("with: { text: one }", "with: { text: one }\n      - do: incident.comment"),
            &[("do", "incident.comment (2)", None, Some("incident.comment"))],
        );
        check(
            ("if: \"steps.find.found\"", "if: \"true\""),
            &[
                ("if", "steps.find.found", Some("steps.find.found"), None),
                ("if", "true", None, Some("true")),
            ],
        );
    }
}
