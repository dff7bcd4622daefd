//! What a change of the policy does: whether it lets the guard through more.

use serde_json::Value;
use stanch_guard::Policy;

/// Lists of a policy in which more entries are never looser.
const STRICTER_WITH_MORE: &[&str] = &["protected", "shared"];

/// Whether the new policy may let something through that the old one did not, and what is different. Nothing is
/// different if there is nothing in it.
///
/// What cannot be shown to be tighter counts as looser.
pub(super) fn classify_change(old: &Policy, new: &Policy) -> (bool, Vec<String>) {
    let (Ok(Value::Object(old)), Ok(Value::Object(new))) =
        (serde_json::to_value(old), serde_json::to_value(new))
    else {
        return (true, vec!["the policy cannot be compared".to_owned()]);
    };
    let (mut loosens, mut changes) = (false, Vec::new());
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    for key in new.keys().chain(gone) {
        let (was, is) = (old.get(key), new.get(key));
        if was == is {
            continue;
        }
        match (was.and_then(Value::as_array), is.and_then(Value::as_array)) {
            (Some(was), Some(is)) if STRICTER_WITH_MORE.contains(&key.as_str()) => {
                let gone = was.iter().filter(|entry| !is.contains(entry));
                let gone: Vec<String> =
                    gone.map(|entry| format!("{key}: no longer {entry}")).collect();
                loosens |= !gone.is_empty();
                changes.extend(gone);
                let more = is.iter().filter(|entry| !was.contains(entry));
                changes.extend(more.map(|entry| format!("{key}: also {entry}")));
            }
            _ => {
                loosens = true;
                let shown = |value: Option<&Value>| {
                    value.map_or_else(|| "as built in".to_owned(), Value::to_string)
                };
                changes.push(format!("{key}: {} is now {}", shown(was), shown(is)));
            }
        }
    }
    (loosens, changes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(old: Value, new: Value, expect: (bool, usize)) {
        let policy = |value| serde_json::from_value::<Policy>(value).unwrap();
        let (loosens, changes) = classify_change(&policy(old.clone()), &policy(new.clone()));
        assert_eq!((loosens, changes.len()), expect, "{old} {new} {changes:?}");
    }

    #[test]
    fn what_is_not_shown_to_be_tighter_is_looser() {
        let host = |name: &str| json!({ "kind": "host", "value": name });
        let guards = |hosts: &[&str]| json!({ "protected": hosts.iter().map(|h| host(h)).collect::<Vec<_>>() });
        check(json!({}), json!({}), (false, 0));
        check(guards(&["a"]), guards(&["a", "b"]), (false, 1));
        check(guards(&["a", "b"]), guards(&["b", "a"]), (false, 0));
        check(guards(&["a", "b"]), guards(&["a"]), (true, 1));
        check(guards(&["a"]), guards(&["b"]), (true, 2));
        check(json!({}), json!({ "shared": [{ "value": "198.51.100.0/24" }] }), (false, 1));
        check(json!({}), json!({ "approval": { "count": 2 } }), (true, 1));
        check(json!({ "approval": { "count": 2 } }), json!({}), (true, 1));
        check(json!({}), json!({ "fleet": { "percent": 1 } }), (true, 1));
    }
}
