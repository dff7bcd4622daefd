//! From a right to the Cedar policy that says the same.

use cedar_policy::{Policy, PolicyId};
use serde_json::{Value, json};

use super::Kind;
use crate::policy::{ClassPattern, Effect, On, Right, Who};

/// The policy of the right that stands `index`th in the list.
pub(super) fn policy(index: usize, right: &Right) -> Result<Policy, String> {
    let Right { effect, who, what, on, name: _, note: _, line: _ } = right;
    let effect = match effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
    };
    let conditions: Vec<Value> = classes(what).into_iter().chain(targets(index, on)).collect();
    build(&index.to_string(), effect, &principal(who), &conditions)
}

/// What stands for a kind of parties that no right limits.
pub(super) fn unlimited(kind: Kind) -> Result<Vec<Policy>, String> {
    let types: &[&str] = match kind {
        Kind::People => &["Person", "Token"],
        Kind::Playbooks => &["Playbook"],
        Kind::Connectors => &["Connector"],
    };
    let open = |of: &&str| build(&format!("all-{of}"), "permit", &is(of), &[]);
    types.iter().map(open).collect()
}

/// The place in the list of the right behind a policy; none for what stands for no right.
pub(super) fn index(id: &PolicyId) -> Option<usize> {
    id.to_string().parse().ok()
}

fn build(
    id: &str,
    effect: &str,
    principal: &Value,
    conditions: &[Value],
) -> Result<Policy, String> {
    let when: Vec<Value> =
        conditions.iter().map(|body| json!({ "kind": "when", "body": body })).collect();
    let policy = json!({
        "effect": effect,
        "principal": principal,
        "action": { "op": "==", "entity": entity("Action", "act") },
        "resource": { "op": "All" },
        "conditions": when,
    });
    Policy::from_json(Some(PolicyId::new(id)), policy).map_err(|error| error.to_string())
}

fn principal(who: &Who) -> Value {
    let named = |of: &str, name: &str| match name {
        "*" => is(of),
        name => json!({ "op": "==", "entity": entity(of, name) }),
    };
    match who {
        Who::Anybody => json!({ "op": "All" }),
        Who::Person(name) => named("Person", name),
        Who::Token(name) => named("Token", name),
        Who::Playbook(name) => named("Playbook", name),
        Who::Connector(name) => named("Connector", name),
        Who::Group(name) => json!({ "op": "in", "entity": entity("Group", name) }),
        Who::Role(role) => json!({ "op": "in", "entity": entity("Role", super::ask::role(*role)) }),
    }
}

fn is(of: &str) -> Value {
    json!({ "op": "is", "entity_type": of })
}

fn entity(of: &str, id: &str) -> Value {
    json!({ "type": of, "id": id })
}

/// None if every class is meant.
fn classes(what: &[ClassPattern]) -> Option<Value> {
    let class = || json!({ ".": { "left": { "Var": "context" }, "attr": "class" } });
    let one = |pattern: &ClassPattern| match pattern.as_str().strip_suffix('*') {
        Some(prefix) => {
            let pattern = json!([{ "Literal": prefix }, "Wildcard"]);
            json!({ "like": { "left": class(), "pattern": pattern } })
        }
        None => json!({ "==": { "left": class(), "right": { "Value": pattern.as_str() } } }),
    };
    if what.iter().any(|pattern| *pattern == ClassPattern::all()) {
        return None;
    }
    what.iter().map(one).reduce(|left, right| json!({ "||": { "left": left, "right": right } }))
}

/// All that has to hold of the target.
fn targets(index: usize, on: &On) -> Vec<Value> {
    let On { kind, pattern, tag, group, site, criticality, practice } = on;
    let own =
        |attribute: &str| json!({ ".": { "left": { "Var": "resource" }, "attr": attribute } });
    let inside = |of: &str, id: &str| {
        let right = json!({ "Value": { "__entity": entity(of, id) } });
        json!({ "in": { "left": { "Var": "resource" }, "right": right } })
    };
    let is = |attribute: &str, value: Value| json!({ "==": { "left": own(attribute), "right": { "Value": value } } });
    let levels: Vec<Value> =
        criticality.iter().map(|level| json!({ "Value": level.word() })).collect();
    let level = (!levels.is_empty())
        .then(|| json!({ "contains": { "left": { "Set": levels }, "right": own("criticality") } }));
    let named = match (pattern, kind) {
        // With a value, the kind says how that is read, not what is acted on: a host has addresses.
        (Some(_), _) => Some(inside("Selector", &index.to_string())),
        (None, Some(kind)) => Some(is("kind", json!(kind.word()))),
        (None, None) => None,
    };
    let tag = tag.as_ref().map(|tag| inside("Tag", tag));
    let group = group.as_ref().map(|group| inside("AssetGroup", group));
    let site = site.as_ref().map(|site| inside("Site", site));
    let practice = practice.map(|practice| is("practice", json!(practice)));
    [named, tag, group, site, level, practice].into_iter().flatten().collect()
}
