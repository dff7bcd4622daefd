//! docs/reference/configuration.md: its examples load, and it names every key that there is.

use stanch_engine::config::Config;

use super::none;
use crate::root::read;

const PAGE: &str = "docs/reference/configuration.md";

/// The files whose public fields are keys of the configuration, and the types among them that are not.
const KEYS: &[&str] = &[
    "crates/engine/src/config.rs",
    "crates/guard/src/policy/mod.rs",
    "crates/guard/src/policy/budget.rs",
    "crates/guard/src/policy/breaker.rs",
    "crates/guard/src/policy/canary.rs",
    "crates/guard/src/policy/freeze.rs",
    "crates/guard/src/policy/trust.rs",
];

/// Keys of `connectors`; the type stands among others in crates/model/src/manifest/call.rs.
const INSTANCE: &[&str] = &[
    "name",
    "connector",
    "base_url",
    "allow_private",
    "credential",
    "user",
    "ca_file",
    "plaintext",
    "host_key",
    "config",
];

/// Keys of `policy.protected`, `policy.shared` and `policy.rights`, which are read through private types.
const ASSETS: &[&str] = &[
    "kind",
    "value",
    "tag",
    "group",
    "criticality",
    "note",
    "automatic",
    "approvals",
    "who",
    "what",
    "on",
];

/// Fields that are no keys.
const PARTS: &[&str] = &["last"];

#[test]
fn its_examples_load() {
    let page = read(PAGE).unwrap();
    let examples: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 3, "{PAGE} has examples");
    let refused = examples.iter().filter_map(|example| {
        let read: Result<Config, _> = marked_yaml::from_yaml(0, example);
        read.err().map(|error| format!("{error} in\n{example}"))
    });
    none("examples that are refused", &refused.collect::<Vec<_>>());
}

#[test]
fn every_key_is_described() {
    let page = read(PAGE).unwrap();
    let mut keys: Vec<String> =
        INSTANCE.iter().chain(ASSETS).map(|key| (*key).to_owned()).collect();
    for file in KEYS {
        let text = read(file).unwrap();
        let public = text.lines().filter_map(|line| line.strip_prefix("    pub "));
        let fields = public.filter(|line| !line.contains('('));
        let names = fields.filter_map(|field| field.split_once(": ")).map(|(name, _)| name);
        keys.extend(names.filter(|name| !PARTS.contains(name)).map(str::to_owned));
    }
    assert!(keys.len() > 30, "{keys:?}");
    let missing = keys.iter().filter(|key| !page.contains(&format!("| `{key}` |")));
    none("keys without a row", &missing.cloned().collect::<Vec<_>>());
}
